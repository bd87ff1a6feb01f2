/* bind_amount.c: taxes, discounts and credit notes for cases. Amounts travel as text of major units, sums that have
 * become cents as integers of the smallest unit. */
#include "bind.h"

#include "billing/charge_amount.h"
#include "billing/credit_note_amount.h"
#include "billing/discount_spread.h"
#include "billing/invoice_tax.h"
#include "rule/rule.h"

/* ------------------------------------------------------------------------------------------------ tables */

static int64_t refuse_overflow(lua_State *L)
{
	return luaL_error(L, "the amount does not fit");
}

static void check(lua_State *L, bool fits)
{
	if (!fits)
		refuse_overflow(L);
}

static struct exact_money check_exact(lua_State *L, int argument, const struct currency *currency)
{
	return (struct exact_money){ case_fraction(L, argument), currency };
}

/* A member of the table on the top; 0 when it is absent. */
static struct fraction member_fraction(lua_State *L, const char *name)
{
	struct fraction fraction = { 0, 1 };
	lua_getfield(L, -1, name);
	if (!lua_isnil(L, -1))
		fraction = case_fraction(L, -1);
	lua_pop(L, 1);
	return fraction;
}

static struct exact_money member_exact(lua_State *L, const char *name, const struct currency *currency)
{
	return (struct exact_money){ member_fraction(L, name), currency };
}

static bool member_boolean(lua_State *L, const char *name)
{
	lua_getfield(L, -1, name);
	bool value = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return value;
}

/* The text stays in the table. */
static struct text member_text(lua_State *L, const char *name)
{
	lua_getfield(L, -1, name);
	struct text text = lua_isnil(L, -1) ? TEXT_NONE : case_text(L, -1);
	lua_pop(L, 1);
	return text;
}

static void set_minor(lua_State *L, const char *name, struct money money)
{
	lua_pushinteger(L, money.minor);
	lua_setfield(L, -2, name);
}

static void set_fraction(lua_State *L, struct arena *arena, const char *name, struct fraction fraction)
{
	case_push_text(L, fraction_text(arena, fraction));
	lua_setfield(L, -2, name);
}

static enum rounding check_mode(lua_State *L, int argument)
{
	enum rounding mode;
	if (!rounding_parse(case_text(L, argument), &mode))
		luaL_error(L, "'%s' is not a rounding mode", lua_tostring(L, argument));
	return mode;
}

/* ------------------------------------------------------------------------------------------------ charges, discounts */

/* charge(unit amount, quantity, currency) -> fraction */
static int amount_charge(lua_State *L)
{
	struct charge charge = { .kind = CHARGE_KIND_RECURRING, .has_amount = true };
	struct decimal quantity;
	struct exact_money amount;
	if (!decimal_parse(case_text(L, 1), &charge.amount) || !decimal_parse(case_text(L, 2), &quantity))
		return luaL_error(L, "a price or quantity is no number");
	check(L, charge_amount(&charge, quantity, CHARGE_TIER_MODE_NONE, case_currency(L, 3), &amount));
	struct arena *arena = case_arena(L);
	case_push_text(L, fraction_text(arena, amount.amount));
	return 1;
}

/* discount(choice, currency, amount, percent or nil, fixed amount or nil) -> fraction */
static int amount_discount(lua_State *L)
{
	const struct currency *currency = case_currency(L, 2);
	struct discount_request request = { .currency = currency, .amount = check_exact(L, 3, currency) };
	request.has_percent = !lua_isnoneornil(L, 4);
	if (request.has_percent && !decimal_parse(case_text(L, 4), &request.percent))
		return luaL_error(L, "a percentage is no number");
	if (!lua_isnoneornil(L, 5))
		request.off = check_exact(L, 5, currency);
	struct arena *arena = case_arena(L);
	struct rule_result result = { .rule = NULL };
	case_decide(L, arena, POLICY_DISCOUNT, case_text(L, 1), &request, &result);
	case_push_text(L, fraction_text(arena, result.exact.amount));
	return 1;
}

/* spread(currency, { left ... }, { whether eligible ... } or nil, discount, whether in cents) -> { taken ... } */
static int amount_spread(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	struct exact_money discount = check_exact(L, 4, currency), zero;
	size_t count = (size_t)luaL_len(L, 2);
	struct arena *arena = case_arena(L);
	struct discount_share *shares = arena_new_many(arena, struct discount_share, count + 1);
	check(L, exact_money_from_money(money_zero(currency), &zero));
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i + 1);
		shares[i] = (struct discount_share){ check_exact(L, -1, currency), zero, true };
		lua_pop(L, 1);
		if (lua_isnoneornil(L, 3))
			continue;
		lua_rawgeti(L, 3, (lua_Integer)i + 1);
		shares[i].eligible = lua_toboolean(L, -1);
		lua_pop(L, 1);
	}
	struct money cents;
	if (lua_toboolean(L, 5))
		check(L, exact_money_round(discount, ROUNDING_HALF_UP, &cents) &&
		                 discount_spread_cents(arena, shares, count, cents));
	else
		check(L, discount_spread_exact(shares, count, discount));
	lua_createtable(L, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		case_push_text(L, fraction_text(arena, shares[i].taken.amount));
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* ------------------------------------------------------------------------------------------------ taxes */

struct taxing {
	struct arena *arena;
	struct invoice_tax *items;
	size_t count;
};

/* The line's table is on the top. */
static void read_line(lua_State *L, struct taxing *work, size_t line, const struct currency *currency)
{
	struct exact_money base = member_exact(L, "base", currency);
	lua_getfield(L, -1, "rates");
	lua_Integer rates = luaL_len(L, -1);
	for (lua_Integer i = 1; i <= rates; i++) {
		struct tax_rate *rate = arena_new(work->arena, struct tax_rate);
		lua_rawgeti(L, -1, i);
		rate->name = member_text(L, "name");
		if (!decimal_parse(member_text(L, "percent"), &rate->percent))
			luaL_error(L, "a rate is no number");
		rate->has_inclusive = rate->inclusive = member_boolean(L, "inclusive");
		rate->has_compound = rate->compound = member_boolean(L, "compound");
		lua_pop(L, 1);
		work->items[work->count++] = (struct invoice_tax){ .line = line, .rate = rate, .base = base };
	}
	lua_pop(L, 1);
}

static void ask_line(lua_State *L, struct taxing *work, size_t first, struct text choice)
{
	for (size_t i = first; i < work->count; i++) {
		struct tax_request request;
		struct rule_result result = { .rule = NULL };
		check(L, invoice_tax_ask(work->items, first, i, work->count, &request));
		case_decide(L, work->arena, POLICY_TAX, choice, &request, &result);
		work->items[i].exact = result.exact;
	}
}

static void read_lines(lua_State *L, struct taxing *work, struct text choice, const struct currency *currency)
{
	enum { TAXES_MAX = 1000 };
	size_t lines = (size_t)luaL_len(L, 3);
	work->items = arena_new_many(work->arena, struct invoice_tax, TAXES_MAX);
	for (size_t line = 0; line < lines; line++) {
		size_t first = work->count;
		lua_rawgeti(L, 3, (lua_Integer)line + 1);
		read_line(L, work, line, currency);
		lua_pop(L, 1);
		ask_line(L, work, first, choice);
	}
}

/* taxes(choice, currency, { { base, rates = { { name, percent, inclusive, compound } } } ... }, mode, place)
 *     -> { { line, exact, minor } ... }, exact sum of all */
static int amount_taxes(lua_State *L)
{
	const struct currency *currency = case_currency(L, 2);
	struct rounding_decision decision = { .mode = (enum rounding_decision_mode)check_mode(L, 4) };
	struct text place = case_text(L, 5);
	decision.place = text_is(place, "rate") ? ROUNDING_DECISION_PLACE_RATE
	                 : text_is(place, "invoice") ? ROUNDING_DECISION_PLACE_INVOICE : ROUNDING_DECISION_PLACE_LINE;
	struct taxing work = { .arena = case_arena(L) };
	struct exact_money sum;
	read_lines(L, &work, case_text(L, 1), currency);
	check(L, invoice_taxes_round(work.arena, work.items, work.count, &decision) &&
	                 invoice_taxes_sum(work.items, work.count, currency, &sum));
	lua_createtable(L, (int)work.count, 0);
	for (size_t i = 0; i < work.count; i++) {
		lua_createtable(L, 0, 3);
		lua_pushinteger(L, (lua_Integer)work.items[i].line + 1);
		lua_setfield(L, -2, "line");
		set_fraction(L, work.arena, "exact", work.items[i].exact.amount);
		set_minor(L, "minor", work.items[i].amount);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	case_push_text(L, fraction_text(work.arena, sum.amount));
	return 2;
}

/* effective_percent(currency, { { net, percent } ... }) -> fraction */
static int amount_effective_percent(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	size_t count = (size_t)luaL_len(L, 2);
	struct arena *arena = case_arena(L);
	struct invoice_taxed_line *lines = arena_new_many(arena, struct invoice_taxed_line, count + 1);
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i + 1);
		lines[i] = (struct invoice_taxed_line){ member_exact(L, "net", currency), member_fraction(L, "percent") };
		lua_pop(L, 1);
	}
	struct fraction percent;
	check(L, invoice_tax_effective_percent(lines, count, &percent));
	case_push_text(L, fraction_text(arena, percent));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ credit notes */

/* The list of items is on the top: { { credited, amount, discount, tax } ... }. */
static struct credit_note_amounts read_note(lua_State *L, struct arena *arena, const struct currency *currency,
                                            enum rounding mode)
{
	size_t count = (size_t)luaL_len(L, -1);
	struct credit_note_item *items = arena_new_many(arena, struct credit_note_item, count + 1);
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, -1, (lua_Integer)i + 1);
		items[i] = (struct credit_note_item){
			.credited = member_exact(L, "credited", currency),
			.amount = member_exact(L, "amount", currency),
			.discount = member_exact(L, "discount", currency),
			.tax = member_fraction(L, "tax"),
		};
		lua_pop(L, 1);
	}
	struct credit_note_amounts amounts;
	check(L, credit_note_amounts_of(items, count, currency, mode, &amounts));
	return amounts;
}

static void push_note(lua_State *L, struct arena *arena, const struct credit_note_amounts *amounts)
{
	lua_createtable(L, 0, 7);
	set_minor(L, "discount", amounts->discount);
	set_minor(L, "sub_total", amounts->sub_total);
	set_minor(L, "tax", amounts->tax);
	set_minor(L, "total", amounts->total);
	set_fraction(L, arena, "exact_net", amounts->exact_net.amount);
	set_fraction(L, arena, "exact_tax", amounts->exact_tax.amount);
}

/* note(currency, items, mode) -> { discount, sub_total, tax, total, exact_net, exact_tax } */
static int amount_note(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	enum rounding mode = check_mode(L, 3);
	struct arena *arena = case_arena(L);
	lua_pushvalue(L, 2);
	struct credit_note_amounts amounts = read_note(L, arena, currency, mode);
	push_note(L, arena, &amounts);
	return 1;
}

/* notes(currency, items of the whole invoice, { items of a note ... }, mode) -> { note ... }
 * The one that takes back all that is left is the rest. */
static int amount_notes(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	enum rounding mode = check_mode(L, 4);
	struct arena *arena = case_arena(L);
	lua_pushvalue(L, 2);
	struct credit_note_amounts invoice = read_note(L, arena, currency, mode), sum;
	lua_pop(L, 1);
	check(L, credit_note_amounts_of(NULL, 0, currency, mode, &sum));
	lua_newtable(L);
	for (lua_Integer i = 1; i <= luaL_len(L, 3); i++) {
		lua_rawgeti(L, 3, i);
		struct credit_note_amounts note = read_note(L, arena, currency, mode);
		lua_pop(L, 1);
		check(L, (!credit_note_is_last(&invoice, &sum, &note) || credit_note_close(&invoice, &sum, &note)) &&
		                 credit_note_add(&sum, &note));
		push_note(L, arena, &note);
		lua_rawseti(L, -2, i);
	}
	return 1;
}

/* with_tax(currency, amount, discount, tax, share) -> fraction */
static int amount_with_tax(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	struct exact_money value;
	check(L, credit_note_with_tax(check_exact(L, 2, currency), check_exact(L, 3, currency), case_fraction(L, 4),
	                              case_fraction(L, 5), &value));
	struct arena *arena = case_arena(L);
	case_push_text(L, fraction_text(arena, value.amount));
	return 1;
}

/* refundable(currency, { paid (minor), line, invoice, used }, total (minor), mode) -> minor */
static int amount_refundable(lua_State *L)
{
	const struct currency *currency = case_currency(L, 1);
	int64_t total = luaL_checkinteger(L, 3);
	enum rounding mode = check_mode(L, 4);
	lua_pushvalue(L, 2);
	lua_getfield(L, -1, "paid");
	int64_t minor = luaL_checkinteger(L, -1);
	lua_pop(L, 1);
	struct credit_note_paid paid = {
		.paid = money_of(minor, currency),
		.line = member_exact(L, "line", currency),
		.invoice = member_exact(L, "invoice", currency),
		.used = member_exact(L, "used", currency),
	};
	struct money refundable;
	check(L, credit_note_refundable(&paid, money_of(total, currency), mode, &refundable));
	lua_pushinteger(L, refundable.minor);
	return 1;
}

/* settle(choice, currency, total, owed, refundable; all minor) -> { refund, credit, offset } */
static int amount_settle(lua_State *L)
{
	const struct currency *currency = case_currency(L, 2);
	struct credit_note_request request = {
		.currency = currency,
		.total = money_of(luaL_checkinteger(L, 3), currency),
		.owed = money_of(luaL_checkinteger(L, 4), currency),
		.refundable = money_of(luaL_checkinteger(L, 5), currency),
	};
	struct arena *arena = case_arena(L);
	struct rule_result result = { .rule = NULL };
	case_decide(L, arena, POLICY_CREDIT_NOTE, case_text(L, 1), &request, &result);
	const struct credit_note_decision *decision = result.record;
	lua_createtable(L, 0, 3);
	set_minor(L, "refund", decision->refund);
	set_minor(L, "credit", decision->credit);
	set_minor(L, "offset", decision->offset);
	return 1;
}

int bind_amount_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "charge", amount_charge },
		{ "discount", amount_discount },
		{ "spread", amount_spread },
		{ "taxes", amount_taxes },
		{ "effective_percent", amount_effective_percent },
		{ "note", amount_note },
		{ "notes", amount_notes },
		{ "with_tax", amount_with_tax },
		{ "refundable", amount_refundable },
		{ "settle", amount_settle },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
