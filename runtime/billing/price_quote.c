/* price_quote.c: what a quantity costs at a price point, as a bill would have it, with nothing kept. */
#include "component.h"

#include "invoice_calculate.h"
#include "price_bound.h"
#include "price_terms.h"

#include "event/dispatch.h"
#include "value/record.h"

/* One quote in the making. */
struct quoting {
	struct command *command;
	const struct price_point_quote *input;
	const struct component *component;
	const struct price_point *point;
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
	if (quoting->point->price->scheme != PRICE_TERMS_SCHEME_TIERED_BY_TIME)
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
	bool by_events = quoting->point->price->scheme != PRICE_TERMS_SCHEME_POLICY &&
	                 price_scheme_counts_events(quoting->point->price->scheme);
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

static bool billed_units(struct quoting *quoting, struct decimal quantity, struct decimal *units)
{
	const struct price_terms *terms = quoting->point->price;
	*units = quantity;
	return !terms->has_billing_units ||
	       price_units(quantity, terms->billing_units, terms->unit_rounding ? (enum rounding)terms->unit_rounding : ROUNDING_CEILING,
	                   units) || overflow(quoting);
}

/* ------------------------------------------------------------------------------------------------ the policy */

static bool ask(struct quoting *quoting, struct decimal units, const struct price_decision **decision)
{
	const struct price_point *point = quoting->point;
	const struct price_point_quote *input = quoting->input;
	struct rule_result result;
	struct price_request request = {
		.currency = point->currency, .component = quoting->component->handle, .price_point = point->handle,
		.price = point->price, .quantity = units,
		.has_whole_quantity = input->has_whole_quantity, .whole_quantity = input->whole_quantity,
	};
	struct policy_choice choice = { TEXT("price"), price_terms_policy(point->price, quoting->command->arena) };
	*LIST(&request.events) = *(const struct record_list *)(const void *)&input->events;
	if (!policy_decide(quoting->command, POLICY_PRICE, &request, &choice, 1, true, &result))
		return false;
	quoting->quote->rule = text_of(result.rule->name);
	*decision = result.record;
	return (*decision)->currency == point->currency ||
	       problem(quoting->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy price must answer in %s",
	               point->currency->code);
}

/* A line of units after others of the period costs what all cost less what those did: flat prices and packages that
 * were begun are paid for once. */
static bool price(struct quoting *quoting, struct decimal units, struct decimal before)
{
	const struct price_decision *all, *earlier;
	struct price_quote *quote = quoting->quote;
	struct decimal together;
	if (!decimal_add(before, units, &together))
		return overflow(quoting);
	if (!ask(quoting, together, &all))
		return false;
	quote->exact = all->amount;
	if (decimal_sign(before) == 0) {
		*LIST(&quote->parts) = *(const struct record_list *)(const void *)&all->parts;
		return true;
	}
	return ask(quoting, before, &earlier) &&
	       (fraction_subtract(all->amount.amount, earlier->amount.amount, &quote->exact.amount) || overflow(quoting));
}

/* ------------------------------------------------------------------------------------------------ bounds, cents */

static bool bounds(struct quoting *quoting, struct exact_money *sum)
{
	const struct price_terms *terms = quoting->point->price;
	const struct currency *currency = quoting->point->currency;
	struct price_quote *quote = quoting->quote;
	struct exact_money before, bound;
	struct decimal billed = quoting->input->has_billed_before ? quoting->input->billed_before : decimal_from_int64(0);
	*sum = quote->exact;
	if (!exact_money_from_decimal(billed, currency, &before))
		return false;
	if (terms->has_maximum &&
	    (!exact_money_from_decimal(terms->maximum, currency, &bound) ||
	     !price_over_maximum(bound, before, *sum, &quote->over_maximum) ||
	     !fraction_subtract(sum->amount, quote->over_maximum.amount, &sum->amount)))
		return false;
	return !terms->has_minimum || (exact_money_from_decimal(terms->minimum, currency, &bound) &&
	                               price_top_up(bound, before, *sum, &quote->top_up) &&
	                               exact_money_add(*sum, quote->top_up, sum));
}

static bool make_cents(struct quoting *quoting, struct exact_money sum)
{
	struct rounding_request request = { .currency = quoting->point->currency };
	struct rule_result result;
	return policy_decide(quoting->command, POLICY_ROUNDING, &request, NULL, 0, true, &result) &&
	       (invoice_round_exact(result.record, sum, &quoting->quote->amount) || overflow(quoting));
}

bool price_point_quote_perform(struct command *command, const void *data, void **output)
{
	struct quoting quoting = { .command = command, .input = data, .quote = arena_new(command->arena, struct price_quote) };
	struct decimal quantity, units, before;
	struct exact_money sum;
	*quoting.quote = (struct price_quote){ .price_point_id = quoting.input->id };
	quoting.point = price_point_need(command, quoting.input->id, "/id");
	quoting.component = quoting.point ? component_need(command, quoting.point->component_id, "/id") : NULL;
	if (!quoting.component)
		return false;
	before = quoting.input->has_quantity_before ? quoting.input->quantity_before : decimal_from_int64(0);
	quoting.quote->currency = quoting.point->currency;
	if (!quantity_asked(&quoting, &quantity) || !check_quantity(&quoting, quantity) ||
	    !billed_units(&quoting, quantity, &units) || !billed_units(&quoting, before, &before) ||
	    !price(&quoting, units, before))
		return false;
	quoting.quote->quantity = quantity;
	quoting.quote->units = units;
	if (!bounds(&quoting, &sum))
		return overflow(&quoting);
	*output = quoting.quote;
	return make_cents(&quoting, sum);
}
