/* item_amount.c: the amounts of proposed items and repairs by the policies in force. */
#include "item_amount.h"

#include "billable.h"
#include "catalog_plan.h"
#include "convention_choice.h"
#include "invoice_calculate.h"
#include "item_change.h"
#include "proration.h"

#include "value/catalogue.h"

struct item_amount item_amount_of(struct command *command, const struct account *account)
{
	return (struct item_amount){
		.command = command,
		.account = account,
		.fixed_days = (int)command_setting_integer(command, "billing.fixed_days_in_month", 0),
	};
}

/* ------------------------------------------------------------------------------------------------ whom to ask */

/* The last event of its plan on or before its first day: the one that bills it. */
static const struct billing_event *event_of(const struct item_amount *amount, const struct billing_item *item)
{
	const struct billing_event *found = NULL;
	for (size_t i = 0; amount->events && i < amount->events->count; i++) {
		const struct billing_event *event = &amount->events->items[i];
		if (event->catalog_plan_id == item->catalog_plan_id && date_compare(event->date, item->start) <= 0)
			found = event;
	}
	return found;
}

struct convention_choice item_amount_counts(const struct item_amount *amount, const struct billing_item *item)
{
	const struct billing_event *event = event_of(amount, item);
	if (item->counts.convention)
		return item->counts;
	return event && event->counts.convention
	               ? event->counts
	               : (struct convention_choice){ convention_default(), CONVENTION_BY_DEFAULT };
}

static bool choices_of(struct item_amount *amount, const struct billing_item *item)
{
	struct catalog_plan *plan = NULL;
	struct convention_choice counts = item_amount_counts(amount, item);
	if (amount->counts.convention == counts.convention && amount->counts.by == counts.by &&
	    amount->catalog_plan_id == item->catalog_plan_id)
		return true;
	if (item->catalog_plan_id && !catalog_plan_find(amount->command, item->catalog_plan_id, &plan))
		return false;
	amount->catalog_plan_id = item->catalog_plan_id;
	amount->plan = plan;
	amount->counts = counts;
	convention_policies(amount->command, plan ? plan->policies.items : NULL, plan ? plan->policies.count : 0, counts,
	                    &amount->choices);
	return true;
}

bool item_amount_plan(struct item_amount *amount, const struct billing_item *item, const struct catalog_plan **plan)
{
	bool found = choices_of(amount, item);
	*plan = found ? amount->plan : NULL;
	return found;
}

static bool ask(struct item_amount *amount, enum policy policy, const struct billing_item *item, const void *input,
                struct rule_result *result)
{
	return choices_of(amount, item) &&
	       policy_decide_among(amount->command, policy, input, &amount->choices, true, result);
}

/* ------------------------------------------------------------------------------------------------ proration */

/* Sets what is not known yet: by `event`, or midnight. */
static void find(struct instant *moment, const struct billing_event_list *events, const struct billing_event *event,
                 const struct timezone_rules *zone, struct date date)
{
	if (moment->us != 0)
		return;
	if (!event)
		*moment = timezone_start_of_date(zone, date);
	else if (!events)
		*moment = billing_cycle_moment(event, zone, date);
	else
		*moment = billing_event_moment(events, event, zone, date);
}

/* By the cycles of the event that bills `of`; where a cycle begins or ends, an item does at its moment. */
static void find_moments(const struct item_amount *amount, const struct billing_item *of, struct billing_item *item)
{
	const struct timezone_rules *zone = command_zone(amount->command, amount->account);
	const struct billing_event *event = event_of(amount, of);
	struct billing_moments *moments = &item->moments;
	find(&moments->whole_start, NULL, event, zone, item->whole.start);
	find(&moments->whole_end, NULL, event, zone, item->whole.end);
	if (moments->start.us == 0 && date_compare(item->start, item->whole.start) == 0)
		moments->start = moments->whole_start;
	bool cut = amount->events && billing_days_begin(amount->events, item->end);
	if (moments->end.us == 0 && date_compare(item->end, item->whole.end) == 0 && !cut)
		moments->end = moments->whole_end;
	find(&moments->start, amount->events, event, zone, item->start);
	find(&moments->end, amount->events, event, zone, item->end);
}

static bool counts_seconds(struct convention_choice counts)
{
	return counts.convention->unit == CONVENTION_UNIT_SECOND;
}

/* `of`: what it is a part of; a repair's original. */
static bool portion(struct item_amount *amount, const struct billing_item *of, struct proration_change *change,
                    struct billing_item *item)
{
	struct rule_result result;
	if (!choices_of(amount, of))
		return false;
	if (counts_seconds(amount->counts)) {
		const struct billing_moments *moments = &item->moments;
		find_moments(amount, of, item);
		proration_change_time(change, moments->whole_start, moments->whole_end, moments->start, moments->end);
	}
	if (!ask(amount, POLICY_PRORATION, of, change, &result))
		return false;
	if (result.exact.currency != amount->account->currency)
		return problem(amount->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy %s must answer in %s",
		               policy_info(POLICY_PRORATION)->name, amount->account->currency->code);
	item->exact = result.exact;
	item->decision = policy_decision_text(amount->command, &result);
	return true;
}

static bool leave_out(struct item_amount *amount, struct billing_item *item)
{
	item->too_large = true;
	item->amount = money_zero(amount->account->currency);
	return exact_money_from_money(item->amount, &item->exact);
}

bool item_amount_portion(struct item_amount *amount, struct proration_change *change, struct billing_item *item)
{
	return portion(amount, item, change, item);
}

static bool prorate(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct item_amount *amount = context;
	struct proration_change change;
	(void)event;
	if (!item_change_of_part(item, amount->fixed_days, amount->account->currency, &change))
		return leave_out(amount, item);
	return portion(amount, item, &change, item);
}

static bool repair(void *context, const struct billing_item *original, struct billing_item *item)
{
	struct item_amount *amount = context;
	struct proration_change change;
	if (!item_change_of_repair(original, item, amount->fixed_days, &change))
		return leave_out(amount, item);
	if (!portion(amount, original, &change, item))
		return false;
	item->exact.amount.numerator = -item->exact.amount.numerator;
	return true;
}

/* Its dates are those of its period, and so it was taken for whole. */
static bool decide_anew(struct item_amount *amount, struct billing_item *item)
{
	return billing_item_is_whole(item) || item->too_large || (prorate(amount, NULL, item) && item_amount_round(amount, item));
}

bool item_amount_find_moments(struct item_amount *amount, struct billing_item_list *items)
{
	for (size_t i = 0; i < items->count; i++) {
		struct billing_item *item = &items->items[i];
		if (item->kind != INVOICE_LINE_KIND_RECURRING || !counts_seconds(item_amount_counts(amount, item)))
			continue;
		find_moments(amount, item, item);
		bool dates = date_compare(item->start, item->whole.start) == 0 && date_compare(item->end, item->whole.end) == 0;
		if (dates && !decide_anew(amount, item))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ rounding */

static bool same_choices(const struct policy_choice *a, size_t a_count, const struct policy_choice *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!text_equals(a[i].policy, b[i].policy) || !text_equals(a[i].rule, b[i].rule))
			return false;
	return true;
}

static bool asked_the_same(const struct item_amount *amount)
{
	const struct policy_choices *a = &amount->asked, *b = &amount->choices;
	return amount->asked_rounding && same_choices(a->first, a->first_count, b->first, b->first_count) &&
	       same_choices(a->last, a->last_count, b->last, b->last_count);
}

static void tell_rounding(struct item_amount *amount)
{
	struct text one = invoice_rounding_text(amount->command->arena, &amount->rounding);
	bool differs = text_present(amount->rounding_text) && !text_equals(amount->rounding_text, one);
	amount->rounding_text = differs ? TEXT("as each line says") : one;
}

static bool decide_rounding(struct item_amount *amount, const struct billing_item *item)
{
	struct rounding_request request = { .currency = amount->account->currency, .account_id = amount->account->id };
	struct rule_result result;
	if (!choices_of(amount, item))
		return false;
	if (asked_the_same(amount))
		return true;
	if (!ask(amount, POLICY_ROUNDING, item, &request, &result))
		return false;
	amount->rounding = *(const struct rounding_decision *)result.record;
	amount->rounding_decision = policy_decision_text(amount->command, &result);
	amount->asked_rounding = true;
	amount->asked = amount->choices;
	tell_rounding(amount);
	return true;
}

bool item_amount_round(struct item_amount *amount, struct billing_item *item)
{
	if (!decide_rounding(amount, item))
		return false;
	bool fits = !item->too_large && invoice_round_exact(&amount->rounding, item->exact, &item->amount) &&
	            billable_money(item->amount);
	return fits || leave_out(amount, item);
}

static bool round_item(void *context, struct billing_item *item)
{
	return item_amount_round(context, item);
}

struct billing_hooks item_amount_hooks(struct item_amount *amount)
{
	return (struct billing_hooks){ amount, prorate, repair, round_item };
}

struct text item_amount_rounding(struct item_amount *amount)
{
	return amount->rounding_text;
}
