/* component_price.c: what a quantity of a component costs, by the price policy and the bounds of its price. */
#include "component_price.h"

#include "price_bound.h"
#include "price_terms.h"

#include "event/dispatch.h"
#include "value/record.h"

static bool overflow(struct command *command)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "/quantity", "the price is too large to compute");
}

static bool billed_units(struct command *command, const struct price_terms *terms, struct decimal quantity,
                         struct decimal *units)
{
	*units = quantity;
	return !terms->has_billing_units ||
	       price_units(quantity, terms->billing_units,
	                   terms->unit_rounding ? (enum rounding)terms->unit_rounding : ROUNDING_CEILING, units) ||
	       overflow(command);
}

/* ------------------------------------------------------------------------------------------------ the policy */

/* What the policy is asked besides the price: a quantity, and events `first` to `last`. */
struct asking {
	struct decimal units;
	size_t first, last;
	int64_t event_count, events_before;
	struct decimal total_before, most_before;
	bool of_several; /* stretches */
};

static struct asking asking_all(const struct component_pricing *pricing, struct decimal units)
{
	return (struct asking){ .units = units, .last = pricing->event_count, .event_count = pricing->all_events };
}

static bool events_price_of(const struct component_pricing *pricing, struct price_request *request)
{
	request->has_events_price = pricing->has_events_price || pricing->terms->scheme == PRICE_TERMS_SCHEME_DYNAMIC;
	request->events_price = pricing->events_price;
	if (pricing->has_events_price || !request->has_events_price)
		return true;
	request->events_price = decimal_from_int64(0);
	for (size_t i = 0; i < pricing->event_count; i++)
		if (pricing->events[i].has_price &&
		    !decimal_add(request->events_price, pricing->events[i].price, &request->events_price))
			return false;
	return true;
}

static void values_of(const struct component_pricing *pricing, struct price_request *request)
{
	size_t cell = price_cell_fitting(pricing->terms, &pricing->values);
	request->value_1 = pricing->values.at[0];
	request->value_2 = pricing->values.at[1];
	request->value_3 = pricing->values.at[2];
	request->value_4 = pricing->values.at[3];
	request->has_cell = cell != 0;
	request->cell = (int64_t)cell;
}

/* What events were told one by one is not kept again with the decision. */
static struct text decision_of(struct command *command, const struct component_pricing *pricing, const struct rule_result *result)
{
	return pricing->event_count ? policy_decision_by(command, result) : policy_decision_text(command, result);
}

static bool ask(struct command *command, const struct component_pricing *pricing, const struct asking *asking,
                struct component_priced *priced, const struct price_decision **decision)
{
	struct rule_result result;
	struct price_request request = {
		.currency = pricing->currency, .component = pricing->component->handle, .price_point = pricing->point->handle,
		.price = pricing->terms, .quantity = asking->units,
		.has_whole_quantity = pricing->has_whole_quantity, .whole_quantity = pricing->whole_quantity,
		.has_event_count = pricing->all_events > 0, .event_count = asking->event_count,
		.has_events_before = asking->of_several, .events_before = asking->events_before,
		.has_total_before = asking->events_before > 0, .total_before = asking->total_before,
		.has_most_before = asking->events_before > 0, .most_before = asking->most_before,
	};
	struct policy_choice choice = { TEXT("price"), price_terms_policy(pricing->terms, command->arena) };
	request.events.items = pricing->events + asking->first;
	request.events.count = request.events.capacity = asking->last - asking->first;
	values_of(pricing, &request);
	if (!events_price_of(pricing, &request))
		return overflow(command);
	/* A rule of the bundle has what every rule has. */
	size_t told = pricing->terms->scheme == PRICE_TERMS_SCHEME_POLICY ? 0 : request.events.count;
	if (!policy_decide_many(command, POLICY_PRICE, &request, &choice, told, &result))
		return false;
	priced->rule = text_of(result.rule->name);
	priced->decision = decision_of(command, pricing, &result);
	*decision = result.record;
	return (*decision)->currency == pricing->currency ||
	       problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy price must answer in %s", pricing->currency->code);
}

/* ------------------------------------------------------------------------------------------------ many events */

static void add_to_part(struct price_part *whole, const struct price_decision *decision, struct decimal turnover)
{
	struct decimal quantity = decision->parts.count == 1 ? decision->parts.items[0].quantity : turnover;
	decimal_add(whole->quantity, quantity, &whole->quantity);
}

/* What the events of the stretch come to, and how many units there were at most while they came. */
static bool stretch_units(const struct component_pricing *pricing, struct asking *asking, struct decimal *most)
{
	asking->units = decimal_from_int64(0);
	for (size_t i = asking->first; i < asking->last; i++) {
		struct decimal there;
		if (!decimal_add(asking->units, pricing->events[i].quantity, &asking->units) ||
		    !decimal_add(asking->total_before, asking->units, &there))
			return false;
		if (decimal_compare(there, *most) > 0)
			*most = there;
	}
	return true;
}

static bool price_stretch(struct command *command, const struct component_pricing *pricing, struct asking *asking,
                          struct component_priced *priced, struct price_part *whole)
{
	const struct price_decision *decision;
	struct decimal most = asking->most_before;
	asking->last = asking->first + PRICE_STRETCH < pricing->event_count ? asking->first + PRICE_STRETCH : pricing->event_count;
	asking->event_count = (int64_t)(asking->last - asking->first);
	asking->events_before = (int64_t)asking->first;
	if (!stretch_units(pricing, asking, &most))
		return overflow(command);
	if (!ask(command, pricing, asking, priced, &decision))
		return false;
	add_to_part(whole, decision, asking->units);
	asking->most_before = most;
	return (exact_money_add(priced->line, decision->amount, &priced->line) &&
	        decimal_add(asking->total_before, asking->units, &asking->total_before)) ||
	       overflow(command);
}

/* Each event costs what it costs whatever comes after it, so that stretches add up; but units that end below none cost nothing. */
static bool price_stretches(struct command *command, const struct component_pricing *pricing, struct component_priced *priced)
{
	bool by_time = pricing->terms->scheme == PRICE_TERMS_SCHEME_TIERED_BY_TIME;
	struct exact_money nothing;
	struct asking asking = { .of_several = true };
	struct price_part whole = { .currency = pricing->currency, .quantity = decimal_from_int64(0) };
	if (!exact_money_from_money(money_zero(pricing->currency), &nothing))
		return false;
	priced->line = nothing;
	asking.total_before = asking.most_before = decimal_from_int64(0);
	for (; asking.first < pricing->event_count; asking.first = asking.last)
		if (!price_stretch(command, pricing, &asking, priced, &whole))
			return false;
	if (by_time && decimal_sign(asking.total_before) < 0)
		priced->line = nothing;
	whole.amount = priced->line;
	if (!by_time)
		*list_add(command->arena, &priced->parts, struct price_part) = whole;
	return true;
}

static bool too_many(struct command *command, const struct component_pricing *pricing)
{
	return problem_value(command->problems, PROBLEM_TOO_MANY, "", pricing->point->handle,
	                     "Bill it more often, or by a price that does not ask for each event.",
	                     "more events may be free than the %d that the price can be told", PRICE_EVENTS_MAX);
}

/* Of a percentage only the first events may be free, and only they are told. */
static bool only_free_events(struct command *command, const struct component_pricing *pricing, struct component_pricing *fewer)
{
	const struct price_terms *terms = pricing->terms;
	struct decimal total = decimal_from_int64(0);
	bool some = terms->has_free_events || terms->has_free_total;
	size_t count = 0;
	*fewer = *pricing;
	while (some && count < pricing->event_count && count < PRICE_EVENTS_MAX && (!terms->has_free_events || (int64_t)count < terms->free_events) &&
	       (!terms->has_free_total || decimal_compare(total, terms->free_total) <= 0)) {
		if (!decimal_add(total, pricing->events[count++].quantity, &total))
			return overflow(command);
	}
	fewer->event_count = count;
	return count < PRICE_EVENTS_MAX || count == pricing->event_count || too_many(command, pricing);
}

/* A line of units after others of the period costs what all cost less what those did: flat prices and packages that
 * were begun are paid for once. */
static bool price(struct command *command, const struct component_pricing *pricing, struct decimal before,
                  struct component_priced *priced)
{
	const struct price_decision *all, *earlier;
	struct decimal together;
	if (!decimal_add(before, priced->units, &together))
		return overflow(command);
	const struct asking whole = asking_all(pricing, together), less = asking_all(pricing, before);
	if (!ask(command, pricing, &whole, priced, &all))
		return false;
	priced->line = all->amount;
	if (decimal_sign(before) == 0 || pricing->terms->scheme == PRICE_TERMS_SCHEME_DYNAMIC) {
		*LIST(&priced->parts) = *(const struct record_list *)(const void *)&all->parts;
		return true;
	}
	return ask(command, pricing, &less, priced, &earlier) &&
	       (fraction_subtract(all->amount.amount, earlier->amount.amount, &priced->line.amount) || overflow(command));
}

/* ------------------------------------------------------------------------------------------------ bounds */

static bool bounds(const struct component_pricing *pricing, struct component_priced *priced)
{
	const struct price_terms *terms = pricing->terms;
	struct exact_money before, bound;
	priced->exact = priced->line;
	if (!exact_money_from_decimal(pricing->billed_before, pricing->currency, &before))
		return false;
	if (terms->has_maximum &&
	    (!exact_money_from_decimal(terms->maximum, pricing->currency, &bound) ||
	     !price_over_maximum(bound, before, priced->exact, &priced->over_maximum) ||
	     !fraction_subtract(priced->exact.amount, priced->over_maximum.amount, &priced->exact.amount)))
		return false;
	return !terms->has_minimum || (exact_money_from_decimal(terms->minimum, pricing->currency, &bound) &&
	                               price_top_up(bound, before, priced->exact, &priced->top_up) &&
	                               exact_money_add(priced->exact, priced->top_up, &priced->exact));
}

static bool price_events(struct command *command, const struct component_pricing *pricing, struct decimal before,
                         struct component_priced *priced)
{
	struct component_pricing fewer;
	if (pricing->terms->scheme == PRICE_TERMS_SCHEME_PERCENTAGE)
		return only_free_events(command, pricing, &fewer) && price(command, &fewer, before, priced);
	return pricing->event_count > PRICE_STRETCH && price_terms_need_events(pricing->terms)
	               ? price_stretches(command, pricing, priced)
	               : price(command, pricing, before, priced);
}

bool component_price(struct command *command, const struct component_pricing *pricing, struct component_priced *priced)
{
	struct decimal before;
	*priced = (struct component_priced){ .rule = TEXT_NONE };
	return billed_units(command, pricing->terms, pricing->quantity, &priced->units) &&
	       billed_units(command, pricing->terms, pricing->before, &before) && price_events(command, pricing, before, priced) &&
	       (bounds(pricing, priced) || overflow(command));
}
