/* bind_invoice.c: intervals, proposals and the merge for cases: plain Lua tables in, plain Lua tables out. Amounts are
 * decided by the shipped policies, asked as the core does. */
#include "bind.h"

#include "billing/interval.h"
#include "billing/item_change.h"
#include "billing/propose.h"
#include "billing/repair.h"
#include "rule/rule.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------- reading tables */

static struct date field_date(lua_State *L, int table, const char *name)
{
	struct text text = case_field_text(L, table, name);
	struct date date = DATE_NONE;
	if (text_present(text) && !date_parse(text, &date))
		luaL_error(L, "%s: '%s' is no date", name, text.data);
	return date;
}

static bool field_decimal(lua_State *L, int table, const char *name, struct decimal *decimal)
{
	struct text text = case_field_text(L, table, name);
	*decimal = decimal_from_int64(0);
	if (text_present(text) && !decimal_parse(text, decimal))
		luaL_error(L, "%s: '%s' is no decimal", name, text.data);
	return text_present(text);
}

static enum billing_period field_period(lua_State *L, int table)
{
	enum billing_period period = BILLING_PERIOD_NONE;
	struct text text = case_field_text(L, table, "period");
	if (text_present(text) && !billing_period_parse(text, &period))
		luaL_error(L, "'%s' is no billing period", text.data);
	return period;
}

/* The position of a word in a NULL-terminated list; -1: not there. */
static int word_index(struct text word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (text_is(word, words[i]))
			return i;
	return -1;
}

static int field_word(lua_State *L, int table, const char *name, const char *const *words)
{
	int found = word_index(case_field_text(L, table, name), words);
	if (found < 0)
		return luaL_error(L, "%s: unknown word", name);
	return found;
}

/* ------------------------------------------------------------------------------------------------- hooks */

struct deciding {
	lua_State *L;
	struct arena *arena;
	const struct currency *currency;
	enum rounding mode;
	int fixed_days;
};

static struct exact_money portion(struct deciding *deciding, struct proration_change *change)
{
	struct rule_result result = { .rule = NULL };
	case_decide(deciding->L, deciding->arena, POLICY_PRORATION, TEXT("proration/killbill"), change, &result);
	return result.exact;
}

static bool prorate(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct deciding *deciding = context;
	struct proration_change change;
	(void)event;
	if (!item_change_of_part(item, deciding->fixed_days, deciding->currency, &change))
		return false;
	item->exact = portion(deciding, &change);
	return true;
}

static bool repair(void *context, const struct billing_item *original, struct billing_item *item)
{
	struct deciding *deciding = context;
	struct proration_change change;
	if (!item_change_of_repair(original, item, deciding->fixed_days, &change))
		return false;
	item->exact = portion(deciding, &change);
	item->exact.amount.numerator = -item->exact.amount.numerator;
	return true;
}

static bool round_item(void *context, struct billing_item *item)
{
	struct deciding *deciding = context;
	return exact_money_round(item->exact, deciding->mode, &item->amount);
}

/* The options at `table`: currency, fixed_days. */
static struct billing_hooks hooks_of(lua_State *L, int table, struct deciding *deciding)
{
	struct rounding_request request = { 0 };
	struct rule_result result = { .rule = NULL };
	struct text currency = case_field_text(L, table, "currency");
	deciding->currency = currency_find(text_present(currency) ? currency : TEXT("USD"));
	if (!deciding->currency)
		luaL_error(L, "'%s' is no currency", currency.data);
	deciding->fixed_days = (int)case_field_integer(L, table, "fixed_days", 0);
	request.currency = deciding->currency;
	case_decide(L, deciding->arena, POLICY_ROUNDING, TEXT("rounding/half_up"), &request, &result);
	deciding->mode = (enum rounding)((const struct rounding_decision *)result.record)->mode;
	return (struct billing_hooks){ deciding, prorate, repair, round_item };
}

/* ------------------------------------------------------------------------------------------------- items */

static const char *const item_kinds[] = { "fixed", "recurring", "repair", "item_adjustment", NULL };
static const enum invoice_line_kind item_kind_values[] = { INVOICE_LINE_KIND_FIXED, INVOICE_LINE_KIND_RECURRING,
	                                                   INVOICE_LINE_KIND_REPAIR, INVOICE_LINE_KIND_ITEM_ADJUSTMENT };

static void read_item(lua_State *L, int table, const struct currency *currency, struct billing_item *item)
{
	struct decimal amount;
	item->kind = item_kind_values[field_word(L, table, "kind", item_kinds)];
	item->id = case_field_integer(L, table, "id", 0);
	item->linked_id = case_field_integer(L, table, "linked_id", 0);
	item->subscription_id = case_field_integer(L, table, "subscription", 0);
	item->plan = case_field_text(L, table, "plan");
	item->phase = case_field_text(L, table, "phase");
	item->start = field_date(L, table, "start");
	item->end = field_date(L, table, "end");
	item->quantity = decimal_from_int64(1);
	field_decimal(L, table, "rate", &item->rate);
	field_decimal(L, table, "amount", &amount);
	item->whole = (struct period){ item->start, item->end };
	if (!money_from_decimal(amount, currency, "", NULL, &item->amount) ||
	    !exact_money_from_money(item->amount, &item->exact))
		luaL_error(L, "an amount does not fit the currency");
}

/* The list in field `name` of the table at `table`. */
static void read_items(lua_State *L, int table, const char *name, struct deciding *deciding,
                       struct billing_item_list *items)
{
	lua_getfield(L, table, name);
	for (lua_Integer i = 1; lua_istable(L, -1) && i <= (lua_Integer)lua_rawlen(L, -1); i++) {
		lua_rawgeti(L, -1, i);
		read_item(L, lua_gettop(L), deciding->currency, list_add(deciding->arena, items, struct billing_item));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void set_text(lua_State *L, const char *name, struct text text)
{
	case_push_text(L, text);
	lua_setfield(L, -2, name);
}

static void set_date(lua_State *L, struct arena *arena, const char *name, struct date date)
{
	case_push_date(L, arena, date);
	lua_setfield(L, -2, name);
}

static void push_item(lua_State *L, struct arena *arena, const struct billing_item *item)
{
	lua_createtable(L, 0, 10);
	for (int i = 0; item_kinds[i]; i++)
		if (item_kind_values[i] == item->kind)
			set_text(L, "kind", text_of(item_kinds[i]));
	set_date(L, arena, "start", item->start);
	set_date(L, arena, "end", item->end);
	set_text(L, "plan", item->plan);
	set_text(L, "phase", item->phase);
	set_text(L, "rate", decimal_text(arena, item->rate));
	set_text(L, "amount", money_amount_text(arena, item->amount));
	lua_pushinteger(L, (lua_Integer)item->linked_id);
	lua_setfield(L, -2, "linked_id");
	lua_pushinteger(L, (lua_Integer)item->subscription_id);
	lua_setfield(L, -2, "subscription");
}

static void push_items(lua_State *L, struct arena *arena, const struct billing_item_list *items)
{
	lua_createtable(L, (int)items->count, 0);
	for (size_t i = 0; i < items->count; i++) {
		push_item(L, arena, &items->items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* ------------------------------------------------------------------------------------------------- intervals */

static int push_ratio(lua_State *L, struct arena *arena, const struct interval_part *part, int fixed_days)
{
	int32_t days, whole;
	struct fraction share;
	struct decimal ratio;
	if (!interval_days(part, fixed_days, &days, &whole) || !fraction_make(days, whole, &share) ||
	    !fraction_round(share, 9, ROUNDING_HALF_UP, &ratio))
		return luaL_error(L, "a part has no share");
	case_push_text(L, decimal_text(arena, ratio));
	return 1;
}

static void push_parts(lua_State *L, struct arena *arena, const struct interval *interval, struct date from, int fixed_days)
{
	struct interval_parts parts = { 0 };
	interval_parts(arena, interval, from, &parts);
	lua_createtable(L, (int)parts.count, 0);
	for (size_t i = 0; i < parts.count; i++) {
		lua_createtable(L, 0, 3);
		set_date(L, arena, "start", parts.items[i].service.start);
		set_date(L, arena, "end", parts.items[i].service.end);
		push_ratio(L, arena, &parts.items[i], fixed_days);
		lua_setfield(L, -2, "ratio");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* interval{start, end, target, bcd, period, mode, from, fixed_days}
 *     -> {first_cycle, effective_end, last_cycle, next_cycle, something, parts} | nil, sentence */
static int invoicing_interval(lua_State *L)
{
	static const char *const modes[] = { "in_advance", "in_arrear", "in_arrear_greedy", NULL };
	struct arena *arena = case_arena(L);
	struct interval_terms terms = {
		.period = field_period(L, 1),
		.cycles.bill_cycle_day = (int)case_field_integer(L, 1, "bcd", 0),
		.mode = (enum interval_mode)field_word(L, 1, "mode", modes),
		.start = field_date(L, 1, "start"),
		.end = field_date(L, 1, "end"),
		.target = field_date(L, 1, "target"),
	};
	struct interval interval;
	if (!interval_make(&terms, &interval))
		return case_refuse(L, "INVALID_DATE_SEQUENCE");
	lua_createtable(L, 0, 6);
	set_date(L, arena, "first_cycle", interval.first_cycle);
	set_date(L, arena, "effective_end", interval.effective_end);
	set_date(L, arena, "last_cycle", interval.last_cycle);
	set_date(L, arena, "next_cycle", interval.next_cycle);
	lua_pushboolean(L, interval_has_something(&interval));
	lua_setfield(L, -2, "something");
	push_parts(L, arena, &interval, field_date(L, 1, "from"), (int)case_field_integer(L, 1, "fixed_days", 0));
	lua_setfield(L, -2, "parts");
	return 1;
}

/* ------------------------------------------------------------------------------------------------- proposals */

static void read_event(lua_State *L, int table, struct billing_event *event)
{
	static const char *const transitions[] = { "create",   "phase",  "change", "migrate", "bill_cycle_day",
		                                   "quantity", "cancel", "block",  "unblock", NULL };
	static const char *const kinds[] = { "", "trial", "discount", "fixed_term", "evergreen", NULL };
	struct text length = case_field_text(L, table, "phase_length");
	event->subscription_id = case_field_integer(L, table, "subscription", 0);
	event->transition = (enum billing_transition)field_word(L, table, "transition", transitions);
	event->date = field_date(L, table, "date");
	event->plan = case_field_text(L, table, "plan");
	event->phase = case_field_text(L, table, "phase");
	event->phase_kind = (enum phase_kind)field_word(L, table, "phase_kind", kinds);
	if (text_present(length) && !duration_parse(length, &event->phase_length))
		luaL_error(L, "'%s' is no duration", length.data);
	event->has_fixed = field_decimal(L, table, "fixed", &event->fixed);
	event->has_recurring = field_decimal(L, table, "recurring", &event->recurring);
	if (!field_decimal(L, table, "quantity", &event->quantity))
		event->quantity = decimal_from_int64(1);
	event->period = field_period(L, table);
	event->in_arrear = case_field_boolean(L, table, "in_arrear");
	event->bill_cycle_day = (int)case_field_integer(L, table, "bcd", 0);
}

static struct billing_event_list read_events(lua_State *L, int table, struct arena *arena)
{
	struct billing_event_list events = { 0 };
	lua_getfield(L, table, "events");
	for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -1); i++) {
		lua_rawgeti(L, -1, i);
		read_event(L, lua_gettop(L), list_add(arena, &events, struct billing_event));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return events;
}

static const char *fault_word(enum proposal_fault fault)
{
	switch (fault) {
	case PROPOSAL_DATES: return "INVALID_DATE_SEQUENCE";
	case PROPOSAL_REFUSED: return "REFUSED";
	case PROPOSAL_SOUND: break;
	}
	return NULL;
}

/* propose{events, target, from, greedy, event, currency, fixed_days}: the events of one subscription
 *     -> items, next date (of the event of that position alone, when it is given) | nil, sentence */
static int invoicing_propose(lua_State *L)
{
	struct deciding deciding = { .L = L, .arena = case_arena(L) };
	struct billing_hooks hooks = hooks_of(L, 1, &deciding);
	struct billing_event_list events = read_events(L, 1, deciding.arena);
	struct proposal_terms terms = {
		.events = events.items,
		.event_count = events.count,
		.target = field_date(L, 1, "target"),
		.from = field_date(L, 1, "from"),
		.currency = deciding.currency,
		.greedy = case_field_boolean(L, 1, "greedy"),
	};
	struct billing_item_list items = { 0 };
	struct date next;
	enum proposal_fault fault = propose_items(deciding.arena, &terms, &hooks, &items, &next);
	if (fault != PROPOSAL_SOUND)
		return case_refuse(L, "%s", fault_word(fault));
	size_t event = (size_t)case_field_integer(L, 1, "event", 0);
	push_items(L, deciding.arena, &items);
	case_push_date(L, deciding.arena, event > 0 && event <= events.count ? propose_event_next(&terms, event - 1) : next);
	return 2;
}

/* next_date{events = {the one in force}}, previous or nil, next or nil -> date */
static int invoicing_next_date(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct billing_event_list events = read_events(L, 1, arena);
	if (events.count != 1)
		return luaL_error(L, "one event is in force");
	case_push_date(L, arena, propose_next_date(events.items, case_date_or_none(L, 2), case_date_or_none(L, 3)));
	return 1;
}

/* check{proposed, most} -> word or nil */
static int invoicing_check(lua_State *L)
{
	static const char *const words[] = { NULL, "TWO_FIXED", "TWO_RECURRING", "TOO_MANY_ITEMS" };
	struct deciding deciding = { .L = L, .arena = case_arena(L) };
	struct billing_item_list items = { 0 };
	hooks_of(L, 1, &deciding);
	read_items(L, 1, "proposed", &deciding, &items);
	lua_pushstring(L, words[proposal_check(items.items, items.count,
	                                       (size_t)case_field_integer(L, 1, "most", PROPOSAL_ITEMS_A_DAY_MAX))]);
	return 1;
}

/* target_in_bounds(today, target) */
static int invoicing_target_in_bounds(lua_State *L)
{
	lua_pushboolean(L, proposal_target_in_bounds(case_date(L, 1), case_date(L, 2)));
	return 1;
}

/* ------------------------------------------------------------------------------------------------- the merge */

static const char *repair_word(enum repair_fault fault)
{
	static const char *const words[] = {
		[REPAIR_SOUND] = NULL,
		[REPAIR_REFUSED] = "REFUSED",
		[REPAIR_DOUBLE_BILLING] = "INCONSISTENT_ITEMS",
		[REPAIR_OUTSIDE_ITEM] = "REPAIR_OUTSIDE_ITEM",
		[REPAIR_DOUBLE_REPAIR] = "INCONSISTENT_REPAIRS",
		[REPAIR_TOO_MUCH] = "TOO_MANY_REPAIRS",
		[REPAIR_OF_NOTHING] = "DANGLING_REPAIR",
		[REPAIR_ADJUSTS_NOTHING] = "DANGLING_ADJUSTMENT",
	};
	return words[fault];
}

/* merge{billed, proposed, currency, fixed_days} -> new items, fault or nil */
static int invoicing_merge(lua_State *L)
{
	struct deciding deciding = { .L = L, .arena = case_arena(L) };
	struct billing_hooks hooks = hooks_of(L, 1, &deciding);
	struct billing_item_list billed = { 0 }, proposed = { 0 }, added = { 0 };
	read_items(L, 1, "billed", &deciding, &billed);
	read_items(L, 1, "proposed", &deciding, &proposed);
	enum repair_fault fault = repair_merge(deciding.arena, &billed, &proposed, &hooks, &added);
	push_items(L, deciding.arena, &added);
	lua_pushstring(L, repair_word(fault));
	return 2;
}

/* remaining{billed, currency, fixed_days} -> pieces, fault or nil */
static int invoicing_remaining(lua_State *L)
{
	struct deciding deciding = { .L = L, .arena = case_arena(L) };
	struct billing_hooks hooks = hooks_of(L, 1, &deciding);
	struct billing_item_list billed = { 0 }, pieces = { 0 };
	read_items(L, 1, "billed", &deciding, &billed);
	enum repair_fault fault = repair_remaining(deciding.arena, &billed, &hooks, &pieces);
	push_items(L, deciding.arena, &pieces);
	lua_pushstring(L, repair_word(fault));
	return 2;
}

int bind_invoice_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "interval", invoicing_interval },
		{ "propose", invoicing_propose },
		{ "next_date", invoicing_next_date },
		{ "check", invoicing_check },
		{ "target_in_bounds", invoicing_target_in_bounds },
		{ "merge", invoicing_merge },
		{ "remaining", invoicing_remaining },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
