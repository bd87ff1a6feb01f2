/* propose.c: what should have been billed of a subscription up to a target date. */
#include "propose.h"

#include "value/record.h"

struct proposing {
	struct arena *arena;
	const struct proposal_terms *terms;
	const struct billing_hooks *hooks;
	struct billing_item_list *items;
	enum proposal_fault fault;
};

static bool fails(struct proposing *proposing, enum proposal_fault fault)
{
	proposing->fault = fault;
	return false;
}

/* ------------------------------------------------------------------------------------------------ items */

/* Of the item that stands for it nothing is charged. */
static bool leave_out(struct billing_item *item, const struct currency *currency)
{
	item->too_large = true;
	item->amount = money_zero(currency);
	return exact_money_from_money(item->amount, &item->exact);
}

static struct billing_item *add_item(struct proposing *proposing, enum invoice_line_kind kind,
                                     const struct billing_event *event, struct decimal price, struct period service)
{
	struct billing_item *item = list_add(proposing->arena, proposing->items, struct billing_item);
	*item = (struct billing_item){
		.kind = kind,
		.subscription_id = event->subscription_id,
		.catalog_plan_id = event->catalog_plan_id,
		.plan = event->plan,
		.phase = event->phase,
		.start = service.start,
		.end = service.end,
		.quantity = event->quantity,
		.has_unit_price = true,
		.unit_price = price,
		.whole = service,
	};
	item->too_large = !decimal_multiply(price, event->quantity, &item->rate);
	return item;
}

/* A whole period, and what is charged once, costs its rate; a part is decided by the hook. */
static bool decide_amount(struct proposing *proposing, const struct billing_event *event, struct billing_item *item)
{
	bool is_whole = date_compare(item->start, item->whole.start) == 0 &&
	                date_compare(item->end, item->whole.end) == 0;
	const struct billing_hooks *hooks = proposing->hooks;
	const struct currency *currency = proposing->terms->currency;
	if (is_whole && !exact_money_from_decimal(item->rate, currency, &item->exact))
		item->too_large = true;
	if (!is_whole && !item->too_large && !hooks->prorate(hooks->context, event, item))
		return fails(proposing, PROPOSAL_REFUSED);
	if (!item->too_large && !hooks->round(hooks->context, item))
		return fails(proposing, PROPOSAL_REFUSED);
	return !item->too_large || leave_out(item, currency);
}

/* ------------------------------------------------------------------------------------------------ fixed */

static bool begins_or_stops(const struct billing_event *event)
{
	switch (event->transition) {
	case BILLING_TRANSITION_CREATE:
	case BILLING_TRANSITION_PHASE:
	case BILLING_TRANSITION_CHANGE:
	case BILLING_TRANSITION_CANCEL:
	case BILLING_TRANSITION_BLOCK: return true;
	case BILLING_TRANSITION_MIGRATE:
	case BILLING_TRANSITION_BILL_CYCLE_DAY:
	case BILLING_TRANSITION_QUANTITY:
	case BILLING_TRANSITION_UNBLOCK: break;
	}
	return false;
}

static bool is_last_of_its_day(const struct proposal_terms *terms, size_t i)
{
	for (size_t j = i + 1; j < terms->event_count; j++) {
		if (date_compare(terms->events[j].date, terms->events[i].date) != 0)
			return true;
		if (begins_or_stops(&terms->events[j]))
			return false;
	}
	return true;
}

/* A phase that is nothing but a fixed price is paid for until it ends. */
static struct date fixed_end(const struct proposal_terms *terms, size_t i)
{
	const struct billing_event *event = &terms->events[i];
	if (event->has_recurring || event->phase_kind == PHASE_KIND_EVERGREEN)
		return DATE_NONE;
	if (i + 1 < terms->event_count && terms->events[i + 1].transition == BILLING_TRANSITION_PHASE)
		return terms->events[i + 1].date;
	return duration_present(event->phase_length) ? date_add_duration(event->date, event->phase_length) : DATE_NONE;
}

static bool propose_fixed(struct proposing *proposing, size_t i)
{
	const struct proposal_terms *terms = proposing->terms;
	const struct billing_event *event = &terms->events[i];
	if (!event->has_fixed || event->transition == BILLING_TRANSITION_CANCEL || !begins_or_stops(event) ||
	    !is_last_of_its_day(terms, i) ||
	    (date_present(terms->from) && date_compare(event->date, terms->from) < 0))
		return true;
	struct billing_item *item = add_item(proposing, INVOICE_LINE_KIND_FIXED, event, event->fixed,
	                                     (struct period){ event->date, fixed_end(terms, i) });
	return decide_amount(proposing, event, item);
}

/* ------------------------------------------------------------------------------------------------ recurring */

/* The next event, or earlier the end of a fixed term. */
static struct date stretch_end(const struct proposal_terms *terms, size_t i)
{
	const struct billing_event *event = &terms->events[i];
	struct date end = i + 1 < terms->event_count ? terms->events[i + 1].date : DATE_NONE;
	if (event->phase_kind == PHASE_KIND_FIXED_TERM && duration_present(event->phase_length))
		end = date_min(end, date_add_duration(event->date, event->phase_length));
	return end;
}

static bool make_stretch(const struct proposal_terms *terms, size_t i, struct interval *interval)
{
	const struct billing_event *event = &terms->events[i];
	struct interval_terms stretch = {
		.period = event->period,
		.cycles = billing_event_cycles(event),
		.mode = !event->in_arrear ? INTERVAL_IN_ADVANCE
		        : terms->greedy   ? INTERVAL_IN_ARREAR_GREEDY
		                          : INTERVAL_IN_ARREAR,
		.start = event->date,
		.end = stretch_end(terms, i),
		.target = terms->target,
	};
	/* What has ended stays due on every later day: else the stub before a first cycle date would come and go. */
	if (event->in_arrear)
		stretch.target = date_min(stretch.target, stretch.end);
	return interval_make(&stretch, interval);
}

static struct date next_of(const struct billing_event *event, const struct interval *interval)
{
	if (event->in_arrear)
		return interval->next_cycle;
	if (!interval_has_something(interval))
		return DATE_NONE;
	return date_min(interval->effective_end, interval->terms.end);
}

static bool propose_recurring(struct proposing *proposing, size_t i, struct date *next)
{
	const struct proposal_terms *terms = proposing->terms;
	const struct billing_event *event = &terms->events[i];
	struct interval_parts parts = { 0 };
	struct interval interval;
	*next = DATE_NONE;
	if (!event->has_recurring || event->period == BILLING_PERIOD_NONE)
		return true;
	if (!make_stretch(terms, i, &interval))
		return fails(proposing, PROPOSAL_DATES);
	*next = next_of(event, &interval);
	interval_parts(proposing->arena, &interval, terms->from, &parts);
	for (size_t p = 0; p < parts.count; p++) {
		struct billing_item *item = add_item(proposing, INVOICE_LINE_KIND_RECURRING, event, event->recurring,
		                                     parts.items[p].service);
		item->whole = parts.items[p].whole;
		if (!decide_amount(proposing, event, item))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ all */

/* Nothing of it is asked for, and another is in force on the target day. */
static bool is_over(const struct proposal_terms *terms, size_t i)
{
	if (!date_present(terms->from) || i + 1 == terms->event_count)
		return false;
	struct date end = terms->events[i + 1].date;
	return date_compare(end, terms->from) < 0 && date_compare(end, terms->target) <= 0;
}

enum proposal_fault propose_items(struct arena *arena, const struct proposal_terms *terms,
                                  const struct billing_hooks *hooks, struct billing_item_list *items,
                                  struct date *next)
{
	struct proposing proposing = { .arena = arena, .terms = terms, .hooks = hooks, .items = items };
	*next = DATE_NONE;
	for (size_t i = 1; i < terms->event_count; i++)
		if (date_compare(terms->events[i].date, terms->events[i - 1].date) < 0)
			return PROPOSAL_DATES;
	for (size_t i = 0; i < terms->event_count; i++) {
		if (date_compare(terms->events[i].date, terms->target) > 0)
			break;
		if (is_over(terms, i))
			continue;
		if (!propose_fixed(&proposing, i) || !propose_recurring(&proposing, i, next))
			return proposing.fault;
	}
	return PROPOSAL_SOUND;
}

struct date propose_event_next(const struct proposal_terms *terms, size_t i)
{
	const struct billing_event *event = &terms->events[i];
	struct interval interval;
	if (!event->has_recurring || event->period == BILLING_PERIOD_NONE ||
	    date_compare(event->date, terms->target) > 0 || !make_stretch(terms, i, &interval))
		return DATE_NONE;
	return next_of(event, &interval);
}

struct date propose_next_date(const struct billing_event *in_force, struct date previous, struct date next)
{
	if (in_force->transition == BILLING_TRANSITION_CANCEL || in_force->transition == BILLING_TRANSITION_BLOCK)
		return DATE_NONE;
	return date_max(previous, next);
}

/* ------------------------------------------------------------------------------------------------ bounds */

bool proposal_target_in_bounds(struct date today, struct date target)
{
	return date_compare(target, date_add_months(today, PROPOSAL_MONTHS_AHEAD_MAX)) <= 0;
}

static bool same_dates(const struct billing_item *a, const struct billing_item *b, bool ends_too)
{
	return date_compare(a->start, b->start) == 0 && (!ends_too || date_compare(a->end, b->end) == 0);
}

enum proposal_excess proposal_check(const struct billing_item *items, size_t count, size_t most)
{
	const struct billing_item *fixed = NULL, *recurring = NULL;
	size_t in_a_row = 0;
	for (size_t i = 0; i < count; i++) {
		const struct billing_item *item = &items[i];
		if (i == 0 || items[i - 1].subscription_id != item->subscription_id) {
			fixed = recurring = NULL;
			in_a_row = 0;
		}
		if (most > 0 && ++in_a_row > most)
			return PROPOSAL_TOO_MANY;
		if (item->kind == INVOICE_LINE_KIND_FIXED) {
			if (fixed && same_dates(fixed, item, false))
				return PROPOSAL_TWO_FIXED;
			fixed = item;
		} else if (item->kind == INVOICE_LINE_KIND_RECURRING) {
			if (recurring && same_dates(recurring, item, true))
				return PROPOSAL_TWO_RECURRING;
			recurring = item;
		}
	}
	return PROPOSAL_WITHIN_BOUNDS;
}
