/* explain_component.c: what a quantity of a component costs, priced again at the price point that its line keeps, and which part of it
 * is due. */
#include "explain_work.h"

#include "component_price.h"
#include "component_usage.h"
#include "subscription_component.h"

/* ------------------------------------------------------------------------------------------------ what is kept */

static struct text kept_text(const struct json *cost, const char *name)
{
	return json_text(json_member(cost, name));
}

static bool kept_exact(const struct explain_work *work, const struct json *cost, const char *name, struct exact_money *exact)
{
	exact->currency = work->line->currency;
	return fraction_parse(kept_text(cost, name), &exact->amount);
}

/* "10 x 2 + 1 x 1", where it is told. */
static struct text parts_text(struct explain_work *work, const struct json *cost)
{
	struct text_builder out;
	const struct json *parts = json_member(cost, "parts");
	builder_init(&out, work->command->arena, 0);
	for (const struct json *part = parts ? parts->first : NULL; part; part = part->next) {
		struct text quantity = kept_text(part, "quantity"), unit = kept_text(part, "unit_price"), flat = kept_text(part, "flat_price");
		builder_format(&out, "%s%.*s x %.*s", out.length ? " + " : ": ", TEXT_ARG(quantity), TEXT_ARG(unit));
		if (text_present(flat) && !text_is(flat, "0"))
			builder_format(&out, " + %.*s", TEXT_ARG(flat));
	}
	return out.length ? builder_text(&out) : TEXT("");
}

/* ------------------------------------------------------------------------------------------------ priced again */

static struct segment_values values_of(const struct json *cost)
{
	struct segment_values values = { { TEXT_NONE, TEXT_NONE, TEXT_NONE, TEXT_NONE } };
	const struct json *kept = json_member(cost, "values");
	for (size_t i = 0; kept && i < SEGMENT_VALUES_MAX; i++)
		values.at[i] = json_text(json_item(kept, i));
	return values;
}

/* What its segment said, or its price point, when the line was made. */
static bool find_terms(struct explain_work *work, const struct json *cost, const struct price_point *point, struct price_terms **terms)
{
	int64_t id = 0, version = -1;
	void *segment = NULL;
	text_to_int64(kept_text(cost, "price_version"), &version);
	bool of_segment = text_to_int64(kept_text(cost, "price_segment_id"), &id);
	if (of_segment && !store_find(work->command->store, &price_segment_record, id, &segment))
		return false;
	*terms = !of_segment ? price_point_terms_of(point, work->line->currency, json_member(cost, "overage") != NULL, version)
	         : segment   ? price_segment_terms(segment, work->line->currency)
	                     : NULL;
	return true;
}

/* Events that were priced one by one are read again. *found false: they were not kept. */
static bool read_events(struct explain_work *work, const struct json *cost, struct component_pricing *pricing, bool *found)
{
	const struct subscription subscription = { .id = work->line->subscription_id };
	const struct component_span span = { .subscription = &subscription };
	struct component_used used;
	*found = true;
	if (!json_member(cost, "told_once") || !pricing->terms)
		return true;
	if (!event_usage_replay(work->command, &span, explain_member(work, "used"), pricing->terms, &used, found))
		return false;
	pricing->quantity = used.quantity;
	pricing->all_events = used.all_events;
	pricing->events = used.events;
	pricing->event_count = used.event_count;
	return true;
}

static bool price_again(struct explain_work *work, const struct json *cost, struct component_priced *priced, bool *made)
{
	bool found;
	int64_t id = 0;
	struct decimal quantity;
	void *point = NULL, *component = NULL;
	*made = false;
	if (!text_to_int64(kept_text(cost, "price_point_id"), &id) || !decimal_parse(kept_text(cost, "quantity"), &quantity))
		return true;
	if (!store_find(work->command->store, &price_point_record, id, &point) ||
	    (point && !store_find(work->command->store, &component_record, ((struct price_point *)point)->component_id, &component)))
		return false;
	if (!component)
		return true;
	struct component_pricing pricing = {
		.component = component, .point = point, .values = values_of(cost),
		.currency = work->line->currency, .quantity = quantity, .before = decimal_from_int64(0),
		.billed_before = decimal_from_int64(0),
	};
	if (!find_terms(work, cost, point, &pricing.terms))
		return false;
	text_to_int64(kept_text(cost, "event_count"), &pricing.all_events);
	pricing.has_events_price = decimal_parse(kept_text(cost, "events_price"), &pricing.events_price);
	if (!read_events(work, cost, &pricing, &found))
		return false;
	*made = pricing.terms && found && component_price(work->command, &pricing, priced);
	work->command->problems->count = *made ? work->command->problems->count : 0;
	return true;
}

/* Sets work->exact. */
static bool tell_cost(struct explain_work *work, const char *name, const struct json *cost)
{
	struct component_priced priced;
	bool made = false, known = kept_exact(work, cost, "exact", &work->exact);
	if (json_member(cost, "price") && !price_again(work, cost, &priced, &made))
		return false;
	struct explanation_step *step = explain_step(
	        work, name, "%.*s of %.*s at %.*s%.*s", TEXT_ARG(kept_text(cost, "quantity")),
	        TEXT_ARG(kept_text(cost, "component")), TEXT_ARG(kept_text(cost, "price_point")), TEXT_ARG(parts_text(work, cost)));
	if (!known)
		explain_differs(work, step, "what it came to was not kept");
	else if (made && !explain_exact_is(kept_text(cost, "exact"), priced.exact))
		explain_differs(work, step, text_format(work->command->arena, "priced again it is %.*s",
		                                        TEXT_ARG(explain_exact_text(work, priced.exact))).data);
	else if (json_member(cost, "price") && !made)
		explain_differs(work, step, "it cannot be priced again");
	return true;
}

static bool tell_difference(struct explain_work *work, const struct json *before, const struct json *after)
{
	struct exact_money was;
	if (!tell_cost(work, "before", before))
		return false;
	was = work->exact;
	if (!tell_cost(work, "after", after))
		return false;
	bool fits = fraction_subtract(work->exact.amount, was.amount, &work->exact.amount);
	struct explanation_step *step = explain_step(work, "difference", "What it costs more, or less; charged: %.*s",
	                                             TEXT_ARG(json_text(explain_member(work, "scheme"))));
	if (!fits)
		explain_differs(work, step, "it is too large");
	return true;
}

/* ------------------------------------------------------------------------------------------------ the part of a period */

/* The policy was asked of an amount above zero. */
static bool prorate(struct explain_work *work, const struct json *proration, bool back)
{
	struct policy_replay replay;
	struct text moments = json_text(json_item(explain_member(work, "moments"), 0)),
	            end = json_text(json_item(explain_member(work, "moments"), 1));
	if (!explain_policy(work, "proration", POLICY_PRORATION, proration,
	                    text_format(work->command->arena, "The part from %.*s to %.*s", TEXT_ARG(moments), TEXT_ARG(end)),
	                    &replay))
		return false;
	work->exact = replay.made ? replay.exact : work->line->exact;
	if (replay.made && back)
		work->exact.amount.numerator = -work->exact.amount.numerator;
	explain_last(work)->value = work->exact;
	return true;
}

bool explain_component(struct explain_work *work)
{
	const struct json *proration = explain_member(work, "proration"), *component = explain_member(work, "component");
	struct exact_money rate;
	if (!(component ? tell_cost(work, "price", component)
	                : tell_difference(work, explain_member(work, "before"), explain_member(work, "after"))))
		return false;
	if (!kept_exact(work, work->decision, "rate", &rate)) {
		explain_differs(work, explain_last(work), "its rate was not kept");
		return true;
	}
	bool back = fraction_sign(rate.amount) < 0;
	if (component && back) {
		work->exact = rate;
		explain_step(work, "given_back", "What was charged of the rest of the period is given back.");
	} else if (!explain_exact_is(json_text(explain_member(work, "rate")), work->exact)) {
		explain_differs(work, explain_last(work), "another amount was charged");
	}
	return !proration || prorate(work, proration, back);
}
