/* component_sum.c: amounts of components for periods of their subscription, and parts of them. */
#include "component_sum.h"

#include "account.h"
#include "convention_choice.h"
#include "interval.h"
#include "timeline.h"

/* ------------------------------------------------------------------------------------------------ when */

bool component_event_stops(const struct billing_event *event)
{
	return event->transition == BILLING_TRANSITION_CANCEL || event->transition == BILLING_TRANSITION_BLOCK;
}

static struct instant moment(const struct component_billing *billing, const struct billing_event *event, struct date date)
{
	const struct convention *convention = event->counts.convention;
	const struct timezone_rules *zone = command_zone(billing->command, billing->account);
	bool seconds = convention && convention->unit == CONVENTION_UNIT_SECOND;
	return seconds ? billing_cycle_moment(event, zone, date) : timezone_start_of_date(zone, date);
}

bool component_time_at(const struct component_billing *billing, struct instant at, struct component_time *time)
{
	const struct timezone_rules *zone = command_zone(billing->command, billing->account);
	const struct billing_event *event = billing_event_at(billing->events, at);
	if (!event || component_event_stops(event) || !event->has_recurring || event->period == BILLING_PERIOD_NONE)
		return false;
	const struct convention_cycles cycles = billing_event_cycles(event);
	const struct billing_grid grid = convention_grid(&cycles, event->period);
	struct period cycle = billing_cycle_containing(&grid, timezone_date(zone, at));
	if (moment(billing, event, cycle.start).us > at.us)
		cycle = billing_cycle_containing(&grid, date_add_days(cycle.start, -1));
	*time = (struct component_time){
		.event = event, .cycle = cycle, .cycle_start = moment(billing, event, cycle.start),
		.cycle_end = moment(billing, event, cycle.end), .start = at, .end = moment(billing, event, cycle.end),
	};
	return date_present(cycle.start) && date_present(cycle.end);
}

/* ------------------------------------------------------------------------------------------------ how much */

bool component_cost(const struct component_billing *billing, const struct component *component,
                    const struct price_point *point, struct decimal quantity, struct component_cost *cost)
{
	const struct currency *currency = billing->account->currency;
	*cost = (struct component_cost){ .component = component, .point = point, .quantity = quantity };
	if (decimal_sign(quantity) == 0)
		return exact_money_from_money(money_zero(currency), &cost->priced.exact);
	const struct component_pricing pricing = {
		.component = component, .point = point, .terms = price_point_terms(point, currency, false),
		.currency = currency, .quantity = quantity, .before = decimal_from_int64(0), .billed_before = decimal_from_int64(0),
	};
	if (!pricing.terms)
		return problem(billing->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "price point '%.*s' has no price in %s",
		               TEXT_ARG(point->handle), currency->code);
	return component_price(billing->command, &pricing, &cost->priced);
}

static void write_exact(struct json_writer *writer, struct arena *arena, const char *name, struct exact_money exact)
{
	if (!exact.currency)
		return;
	json_name(writer, name);
	json_string(writer, fraction_text(arena, exact.amount));
}

static void write_decimal(struct json_writer *writer, struct arena *arena, const char *name, struct decimal decimal)
{
	json_name(writer, name);
	json_string(writer, decimal_canonical_text(arena, decimal));
}

static void write_flag(struct json_writer *writer, const char *name, bool set)
{
	if (!set)
		return;
	json_name(writer, name);
	json_boolean(writer, true);
}

static void write_part(struct json_writer *writer, struct arena *arena, const struct price_part *part)
{
	json_begin_object(writer);
	if (part->has_tier) {
		json_name(writer, "tier");
		json_integer(writer, part->tier);
	}
	write_decimal(writer, arena, "quantity", part->quantity);
	if (part->has_unit_price)
		write_decimal(writer, arena, "unit_price", part->unit_price);
	if (part->has_flat_price)
		write_decimal(writer, arena, "flat_price", part->flat_price);
	write_exact(writer, arena, "amount", part->amount);
	json_end_object(writer);
}

/* What is needed to price it again. */
static void write_events(struct json_writer *writer, struct arena *arena, const struct component_pricing *pricing)
{
	if (pricing->all_events) {
		json_name(writer, "event_count");
		json_integer(writer, pricing->all_events);
	}
	if (pricing->has_events_price)
		write_decimal(writer, arena, "events_price", pricing->events_price);
	if (segment_values_none(&pricing->values))
		return;
	json_name(writer, "values");
	json_begin_array(writer);
	for (size_t i = 0; i < SEGMENT_VALUES_MAX; i++)
		json_string(writer, pricing->values.at[i]);
	json_end_array(writer);
}

void component_cost_write(struct json_writer *writer, struct arena *arena, const char *name, const struct component_cost *cost)
{
	const struct component_priced *priced = &cost->priced;
	int64_t version = cost->segment || !priced->exact.currency ? -1 : price_point_version(cost->point, priced->exact.currency);
	json_name(writer, name);
	json_begin_object(writer);
	json_name(writer, "component");
	json_string(writer, cost->component->handle);
	json_name(writer, "price_point");
	json_string(writer, cost->point->handle);
	json_name(writer, "price_point_id");
	json_integer(writer, cost->point->id);
	write_decimal(writer, arena, "quantity", cost->quantity);
	if (version >= 0) {
		json_name(writer, "price_version");
		json_integer(writer, version);
	}
	write_flag(writer, "overage", cost->overage);
	write_flag(writer, "told_once", cost->told_once);
	if (cost->segment) {
		json_name(writer, "price_segment_id");
		json_integer(writer, cost->segment->id);
	}
	if (cost->pricing)
		write_events(writer, arena, cost->pricing);
	write_exact(writer, arena, "exact", priced->exact);
	if (text_present(priced->decision)) {
		write_decimal(writer, arena, "units", priced->units);
		write_exact(writer, arena, "line", priced->line);
		write_exact(writer, arena, "over_maximum", priced->over_maximum);
		write_exact(writer, arena, "top_up", priced->top_up);
		json_name(writer, "price");
		json_raw(writer, priced->decision);
		json_name(writer, "parts");
		json_begin_array(writer);
		for (size_t i = 0; i < priced->parts.count; i++)
			write_part(writer, arena, &priced->parts.items[i]);
		json_end_array(writer);
	}
	json_end_object(writer);
}

/* ------------------------------------------------------------------------------------------------ parts and cents */

static bool is_whole(const struct component_time *time)
{
	return time->start.us <= time->cycle_start.us && time->end.us >= time->cycle_end.us;
}

static struct billing_item item_of(const struct component_billing *billing, const struct component_time *time)
{
	const struct timezone_rules *zone = command_zone(billing->command, billing->account);
	return (struct billing_item){
		.kind = INVOICE_LINE_KIND_COMPONENT,
		.subscription_id = billing->subscription->id,
		.catalog_plan_id = time->event->catalog_plan_id,
		.plan = time->event->plan,
		.phase = time->event->phase,
		.counts = time->event->counts,
		.start = timezone_date(zone, time->start),
		.end = timezone_date(zone, time->end),
		.whole = time->cycle,
		.moments = { time->start, time->end, time->cycle_start, time->cycle_end },
	};
}

static enum proration_change_reason reason_of(const struct component_time *time)
{
	if (time->end.us < time->cycle_end.us)
		return time->start.us <= time->cycle_start.us ? PRORATION_CHANGE_REASON_END : PRORATION_CHANGE_REASON_CHANGE;
	return PRORATION_CHANGE_REASON_CHANGE;
}

/* The policy is asked of an amount above zero: what is given back is rounded as what is charged. */
static bool prorate(const struct component_billing *billing, const struct component_time *time, struct component_sum *sum,
                    struct billing_item *item)
{
	bool back = fraction_sign(sum->rate.amount) < 0;
	const struct interval_part part = { { item->start, item->end }, item->whole };
	int32_t days, days_of_whole;
	struct proration_change change = {
		.currency = sum->rate.currency,
		.price = sum->rate,
		.plan = item->plan,
		.price_code = item->phase,
		.reason = reason_of(time),
		.period_start = item->whole.start,
		.period_end = item->whole.end,
		.service_start = item->start,
		.service_end = item->end,
	};
	if (!interval_days(&part, billing->amount->fixed_days, &days, &days_of_whole))
		return problem(billing->command->problems, PROBLEM_OVERFLOW, "", "the period of subscription %lld has no days",
		               (long long)billing->subscription->id);
	change.days_left = days;
	change.days_in_period = days_of_whole;
	if (back)
		change.price.amount.numerator = -change.price.amount.numerator;
	if (!item_amount_portion(billing->amount, &change, item))
		return false;
	if (back)
		item->exact.amount.numerator = -item->exact.amount.numerator;
	sum->proration = item->decision;
	return true;
}

bool component_sum(const struct component_billing *billing, const struct component_time *time, bool prorated,
                   struct component_sum *sum)
{
	struct billing_item item = item_of(billing, time);
	item.exact = sum->rate;
	sum->proration = sum->rounding = TEXT_NONE;
	if (prorated && !is_whole(time) && !prorate(billing, time, sum, &item))
		return false;
	if (!item_amount_round(billing->amount, &item))
		return false;
	sum->exact = item.exact;
	sum->amount = item.amount;
	sum->rounding = billing->amount->rounding_decision;
	return !item.too_large || problem(billing->command->problems, PROBLEM_OVERFLOW, "",
	                                  "what a component of subscription %lld costs is more than a line can bill",
	                                  (long long)billing->subscription->id);
}

static void write_pair(struct json_writer *writer, const char *name, struct text first, struct text second)
{
	json_name(writer, name);
	json_begin_array(writer);
	json_string(writer, first);
	json_string(writer, second);
	json_end_array(writer);
}

void component_sum_write(struct json_writer *writer, struct arena *arena, const struct component_time *time,
                         const struct component_sum *sum)
{
	write_pair(writer, "period", date_text(arena, time->cycle.start), date_text(arena, time->cycle.end));
	write_pair(writer, "period_moments", instant_text(arena, time->cycle_start), instant_text(arena, time->cycle_end));
	write_pair(writer, "moments", instant_text(arena, time->start), instant_text(arena, time->end));
	write_exact(writer, arena, "rate", sum->rate);
	if (text_present(sum->proration)) {
		json_name(writer, "proration");
		json_raw(writer, sum->proration);
	}
	if (text_present(sum->rounding)) {
		json_name(writer, "rounding");
		json_raw(writer, sum->rounding);
	}
}
