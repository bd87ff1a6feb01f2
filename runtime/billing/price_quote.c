/* price_quote.c: what a quantity costs at a price point, as a bill would have it, with nothing kept. */
#include "component.h"

#include "component_price.h"
#include "invoice_calculate.h"
#include "price_segment.h"
#include "price_terms.h"

#include "event/dispatch.h"
#include "value/record.h"

/* One quote in the making. */
struct quoting {
	struct command *command;
	const struct price_point_quote *input;
	const struct component *component;
	const struct price_point *point;
	struct segment_values values;
	struct price_terms *terms;  /* of the segment that fits, or the price point's */
	struct price_quote *quote;
};

static bool overflow(struct quoting *quoting)
{
	return problem(quoting->command->problems, PROBLEM_OVERFLOW, "/quantity", "the price is too large to compute");
}

/* ------------------------------------------------------------------------------------------------ what is asked */

/* *quantity: what was given, or the sum of the events. */
static bool quantity_asked(struct quoting *quoting, struct decimal *quantity)
{
	const struct price_point_quote *input = quoting->input;
	*quantity = input->quantity;
	if (input->has_quantity)
		return true;
	if (input->events.count == 0)
		return problem(quoting->command->problems, PROBLEM_MISSING_FIELD, "/quantity", "quantity or events is required");
	*quantity = decimal_from_int64(0);
	for (size_t i = 0; i < input->events.count; i++)
		if (!decimal_add(*quantity, input->events.items[i].quantity, quantity))
			return overflow(quoting);
	return true;
}

static bool check_events(struct quoting *quoting)
{
	if (quoting->terms->scheme != PRICE_TERMS_SCHEME_TIERED_BY_TIME)
		return true;
	for (size_t i = 0; i < quoting->input->events.count; i++)
		if (!quoting->input->events.items[i].has_prorated)
			return problem(quoting->command->problems, PROBLEM_MISSING_FIELD,
			               text_format(quoting->command->arena, "/events/%zu/prorated", i).data,
			               "units are paid for by the time that they are there");
	return true;
}

static bool check_quantity(struct quoting *quoting, struct decimal quantity)
{
	struct problems *problems = quoting->command->problems;
	const struct component *component = quoting->component;
	bool by_events = price_scheme_events(quoting->terms->scheme) == PRICE_EVENTS_ONE_BY_ONE;
	struct text given = decimal_text(quoting->command->arena, quantity);
	if (!component->fractional && component->kind != COMPONENT_KIND_EVENT && !decimal_is_whole(quantity))
		return problem_value(problems, PROBLEM_BAD_INTEGER, "/quantity", given, NULL,
		                     "component '%.*s' has no fractions", TEXT_ARG(component->handle));
	if (component->kind == COMPONENT_KIND_ON_OFF && decimal_compare(quantity, decimal_from_int64(0)) != 0 &&
	    decimal_compare(quantity, decimal_from_int64(1)) != 0)
		return problem_value(problems, PROBLEM_OUT_OF_RANGE, "/quantity", given, "Send 1 for on, 0 for off.",
		                     "component '%.*s' is on or off", TEXT_ARG(component->handle));
	if (by_events && quoting->input->has_quantity && quoting->input->events.count == 0)
		return problem(problems, PROBLEM_MISSING_FIELD, "/events", "this price counts events one by one");
	return check_events(quoting);
}

/* ------------------------------------------------------------------------------------------------ the answer */

static struct decimal or_nothing(bool given, struct decimal decimal)
{
	return given ? decimal : decimal_from_int64(0);
}

static bool price(struct quoting *quoting, struct decimal quantity, struct exact_money *sum)
{
	const struct price_point_quote *input = quoting->input;
	const struct component_pricing pricing = {
		.component = quoting->component, .point = quoting->point, .terms = quoting->terms, .values = quoting->values,
		.currency = quoting->point->currency, .quantity = quantity,
		.before = or_nothing(input->has_quantity_before, input->quantity_before),
		.billed_before = or_nothing(input->has_billed_before, input->billed_before),
		.has_whole_quantity = input->has_whole_quantity, .whole_quantity = input->whole_quantity,
		.events = input->events.items, .event_count = input->events.count, .all_events = (int64_t)input->events.count,
	};
	struct component_priced priced;
	struct price_quote *quote = quoting->quote;
	if (!component_price(quoting->command, &pricing, &priced))
		return false;
	quote->quantity = quantity;
	quote->units = priced.units;
	quote->exact = priced.line;
	quote->top_up = priced.top_up;
	quote->over_maximum = priced.over_maximum;
	quote->rule = priced.rule;
	*LIST(&quote->parts) = *(const struct record_list *)(const void *)&priced.parts;
	*sum = priced.exact;
	return true;
}

static bool make_cents(struct quoting *quoting, struct exact_money sum)
{
	struct rounding_request request = { .currency = quoting->point->currency };
	struct rule_result result;
	return policy_decide(quoting->command, POLICY_ROUNDING, &request, NULL, 0, true, &result) &&
	       (invoice_round_exact(result.record, sum, &quoting->quote->amount) || overflow(quoting));
}

static bool find_terms(struct quoting *quoting)
{
	struct price_segment_list segments;
	quoting->values = SEGMENT_VALUES_OF(quoting->input);
	quoting->terms = quoting->point->price;
	if (!price_segments_active(quoting->command, quoting->point, &segments))
		return false;
	const struct price_segment *segment = price_segment_fitting(&segments, &quoting->values);
	if (!segment)
		return true;
	quoting->terms = segment->price;
	quoting->quote->price_segment_id = segment->id;
	return true;
}

bool price_point_quote_perform(struct command *command, const void *data, void **output)
{
	struct quoting quoting = { .command = command, .input = data, .quote = arena_new(command->arena, struct price_quote) };
	struct decimal quantity;
	struct exact_money sum;
	*quoting.quote = (struct price_quote){ .price_point_id = quoting.input->id };
	quoting.point = price_point_need(command, quoting.input->id, "/id");
	quoting.component = quoting.point ? component_need(command, quoting.point->component_id, "/id") : NULL;
	if (!quoting.component)
		return false;
	quoting.quote->currency = quoting.point->currency;
	*output = quoting.quote;
	return find_terms(&quoting) && quantity_asked(&quoting, &quantity) && check_quantity(&quoting, quantity) && price(&quoting, quantity, &sum) &&
	       make_cents(&quoting, sum);
}
