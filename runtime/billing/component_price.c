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

static bool ask(struct command *command, const struct component_pricing *pricing, struct decimal units,
                struct component_priced *priced, const struct price_decision **decision)
{
	struct rule_result result;
	struct price_request request = {
		.currency = pricing->currency, .component = pricing->component->handle, .price_point = pricing->point->handle,
		.price = pricing->terms, .quantity = units,
		.has_whole_quantity = pricing->has_whole_quantity, .whole_quantity = pricing->whole_quantity,
	};
	struct policy_choice choice = { TEXT("price"), price_terms_policy(pricing->terms, command->arena) };
	request.events.items = pricing->events;
	request.events.count = request.events.capacity = pricing->event_count;
	if (!policy_decide(command, POLICY_PRICE, &request, &choice, 1, true, &result))
		return false;
	priced->rule = text_of(result.rule->name);
	priced->decision = policy_decision_text(command, &result);
	*decision = result.record;
	return (*decision)->currency == pricing->currency ||
	       problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy price must answer in %s", pricing->currency->code);
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
	if (!ask(command, pricing, together, priced, &all))
		return false;
	priced->line = all->amount;
	if (decimal_sign(before) == 0) {
		*LIST(&priced->parts) = *(const struct record_list *)(const void *)&all->parts;
		return true;
	}
	return ask(command, pricing, before, priced, &earlier) &&
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

bool component_price(struct command *command, const struct component_pricing *pricing, struct component_priced *priced)
{
	struct decimal before;
	*priced = (struct component_priced){ .rule = TEXT_NONE };
	return billed_units(command, pricing->terms, pricing->quantity, &priced->units) &&
	       billed_units(command, pricing->terms, pricing->before, &before) && price(command, pricing, before, priced) &&
	       (bounds(pricing, priced) || overflow(command));
}
