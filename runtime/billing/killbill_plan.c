/* killbill_plan.c: plans of a Kill Bill catalog: phases, prices, usage sections. */
#include "killbill_read.h"
#include "records.gen.h"
#include "value/decimal.h"

#include "base/clock.h"

/* ---- prices ---- */

static void price_write(struct killbill_reading *reading, const struct xml *place, struct text currency, struct text amount)
{
	killbill_begin(reading, place);
	killbill_text(reading, "currency", place, currency);
	killbill_text(reading, "amount", place, amount);
	killbill_end(reading);
}

static void price_read(struct killbill_reading *reading, const struct xml *price)
{
	const struct xml *currency = killbill_child(reading, price, "currency"), *value = killbill_child(reading, price, "value");
	struct decimal amount;
	killbill_children(reading, price, "currency value");
	if (!currency || !value)
		return;
	if (!decimal_parse(value->text, &amount))
		killbill_problem(reading, value, "is '%.*s', which is no number", TEXT_ARG(value->text));
	else
		price_write(reading, price, currency->text, value->text);
}

/* An empty one is 0 in every currency of the catalog. */
static void prices_write(struct killbill_reading *reading, const char *member, const struct xml *prices)
{
	json_name(reading->out, member);
	json_begin_array(reading->out);
	killbill_children(reading, prices, "price");
	for (const struct xml *price = prices->first; price; price = price->next)
		price_read(reading, price);
	const struct xml *currency = prices->first || !reading->currencies ? NULL : reading->currencies->first;
	for (; currency; currency = currency->next)
		price_write(reading, prices, currency->text, TEXT("0"));
	json_end_array(reading->out);
}

/* ---- usage sections ---- */

/* -1 and nothing: no limit. */
static void limit_write(struct killbill_reading *reading, const char *member, const struct xml *element)
{
	struct decimal most;
	if (!element || !element->text.length)
		return;
	if (!decimal_parse(element->text, &most))
		killbill_problem(reading, element, "is '%.*s', which is no number", TEXT_ARG(element->text));
	else if (decimal_sign(most) >= 0)
		killbill_text(reading, member, element, element->text);
}

static void block_write(struct killbill_reading *reading, const struct xml *block)
{
	const struct xml *unit = killbill_child(reading, block, "unit"), *size = killbill_child(reading, block, "size");
	const struct xml *prices = killbill_child(reading, block, "prices");
	killbill_children(reading, block, "unit size prices max");
	if (text_is(xml_attribute(block, "type"), "TOP_UP"))
		killbill_problem(reading, block, "tops up in advance, which has no equal in Moonbill");
	killbill_begin(reading, block);
	killbill_text(reading, "unit", unit, unit ? unit->text : TEXT_NONE);
	limit_write(reading, "size", size);
	limit_write(reading, "max_blocks", xml_child(block, "max"));
	if (prices)
		prices_write(reading, "prices", prices);
	killbill_end(reading);
}

static void tier_limit_write(struct killbill_reading *reading, const struct xml *limit)
{
	const struct xml *unit = killbill_child(reading, limit, "unit"), *least = xml_child(limit, "min");
	killbill_children(reading, limit, "unit max min");
	if (least && least->text.length && !text_is(least->text, "-1"))
		killbill_problem(reading, least, "of a tier has no equal in Moonbill: tiers have a max");
	killbill_begin(reading, limit);
	killbill_text(reading, "unit", unit, unit ? unit->text : TEXT_NONE);
	limit_write(reading, "max", xml_child(limit, "max"));
	killbill_end(reading);
}

static void tier_write(struct killbill_reading *reading, const struct xml *tier, bool consumable)
{
	const struct xml *of = xml_child(tier, consumable ? "blocks" : "limits"), *prices = xml_child(tier, "recurringPrice");
	killbill_children(reading, tier, consumable ? "blocks" : "limits recurringPrice");
	killbill_begin(reading, tier);
	if (of && of->first) {
		killbill_children(reading, of, consumable ? "tieredBlock" : "limit");
		json_name(reading->out, consumable ? "blocks" : "limits");
		json_begin_array(reading->out);
		for (const struct xml *one = of->first; one; one = one->next)
			(consumable ? block_write : tier_limit_write)(reading, one);
		json_end_array(reading->out);
	}
	if (!consumable && prices)
		prices_write(reading, "prices", prices);
	killbill_end(reading);
}

static void usage_words(struct killbill_reading *reading, const struct xml *usage)
{
	struct text tier_rule = xml_attribute(usage, "tierBlockPolicy");
	const struct xml *period = killbill_child(reading, usage, "billingPeriod");
	const struct record_field *fields = usage_section_record.fields;
	killbill_name(reading, "name", usage);
	killbill_word(reading, "kind", usage, xml_attribute(usage, "usageType"), fields[USAGE_SECTION_FIELD_KIND].words);
	if (period)
		killbill_word(reading, "billing_period", period, period->text, fields[USAGE_SECTION_FIELD_BILLING_PERIOD].words);
	if (text_present(tier_rule) && text_is(xml_attribute(usage, "usageType"), "CONSUMABLE"))
		killbill_word(reading, "tier_rule", usage, tier_rule, fields[USAGE_SECTION_FIELD_TIER_RULE].words);
}

static void usage_write(struct killbill_reading *reading, const struct xml *usage)
{
	const struct xml *tiers = xml_child(usage, "tiers");
	bool consumable = text_is(xml_attribute(usage, "usageType"), "CONSUMABLE");
	if (!text_is(xml_attribute(usage, "billingMode"), "IN_ARREAR")) {
		killbill_problem(reading, usage, "is not IN_ARREAR; what is paid for in advance is a recurring price");
		return;
	}
	killbill_children(reading, usage, "billingPeriod tiers");
	killbill_begin(reading, usage);
	usage_words(reading, usage);
	json_name(reading->out, "tiers");
	json_begin_array(reading->out);
	if (tiers)
		killbill_children(reading, tiers, "tier");
	for (const struct xml *tier = tiers ? tiers->first : NULL; tier; tier = tier->next)
		tier_write(reading, tier, consumable);
	json_end_array(reading->out);
	killbill_end(reading);
}

/* ---- phases ---- */

static void duration_write(struct killbill_reading *reading, const struct xml *duration)
{
	const struct xml *unit = killbill_child(reading, duration, "unit"), *number = xml_child(duration, "number");
	int64_t count;
	killbill_children(reading, duration, "unit number");
	if (!unit)
		return;
	killbill_word(reading, "duration_unit", unit, unit->text, phase_record.fields[PHASE_FIELD_DURATION_UNIT].words);
	if (text_is(unit->text, "UNLIMITED") || !number)
		return;
	if (!text_to_int64(number->text, &count)) {
		killbill_problem(reading, number, "is '%.*s', which is no whole number", TEXT_ARG(number->text));
		return;
	}
	size_t from = reading->out->out->length;
	json_name(reading->out, "duration");
	json_integer(reading->out, count);
	killbill_wrote(reading, number, from);
}

static void recurring_write(struct killbill_reading *reading, const struct xml *recurring)
{
	const struct xml *period = killbill_child(reading, recurring, "billingPeriod");
	const struct xml *prices = killbill_child(reading, recurring, "recurringPrice");
	killbill_children(reading, recurring, "billingPeriod recurringPrice");
	if (!period || !prices)
		return;
	if (text_is(period->text, "NO_BILLING_PERIOD")) {
		if (prices->first)
			killbill_problem(reading, recurring, "has prices and NO_BILLING_PERIOD; charge them once, as <fixed>");
		return;
	}
	killbill_word(reading, "billing_period", period, period->text, phase_record.fields[PHASE_FIELD_BILLING_PERIOD].words);
	prices_write(reading, "recurring", prices);
}

static void usages_write(struct killbill_reading *reading, const struct xml *usages)
{
	killbill_children(reading, usages, "usage");
	json_name(reading->out, "usages");
	json_begin_array(reading->out);
	for (const struct xml *usage = usages->first; usage; usage = usage->next)
		usage_write(reading, usage);
	json_end_array(reading->out);
}

static void phase_write(struct killbill_reading *reading, const struct xml *phase)
{
	const struct xml *duration = killbill_child(reading, phase, "duration"), *fixed = xml_child(phase, "fixed");
	const struct xml *recurring = xml_child(phase, "recurring"), *usages = xml_child(phase, "usages");
	killbill_children(reading, phase, "duration fixed recurring usages");
	killbill_begin(reading, phase);
	killbill_word(reading, "kind", phase, xml_attribute(phase, "type"), phase_record.fields[PHASE_FIELD_KIND].words);
	if (duration)
		duration_write(reading, duration);
	if (fixed) {
		const struct xml *prices = killbill_child(reading, fixed, "fixedPrice");
		killbill_children(reading, fixed, "fixedPrice");
		if (prices)
			prices_write(reading, "fixed", prices);
	}
	if (recurring)
		recurring_write(reading, recurring);
	if (usages && usages->first)
		usages_write(reading, usages);
	killbill_end(reading);
}

/* ---- plans ---- */

static void phases_write(struct killbill_reading *reading, const struct xml *plan)
{
	const struct xml *initial = xml_child(plan, "initialPhases"), *final = killbill_child(reading, plan, "finalPhase");
	json_name(reading->out, "phases");
	json_begin_array(reading->out);
	if (initial)
		killbill_children(reading, initial, "phase");
	for (const struct xml *phase = initial ? initial->first : NULL; phase; phase = phase->next)
		phase_write(reading, phase);
	if (final)
		phase_write(reading, final);
	json_end_array(reading->out);
}

static void existing_write(struct killbill_reading *reading, const struct xml *plan)
{
	const struct xml *existing = xml_child(plan, "effectiveDateForExistingSubscriptions");
	struct instant at;
	if (!existing)
		return;
	if (!instant_parse(existing->text, &at))
		killbill_problem(reading, existing, "is '%.*s', which %s; write it as in 2013-02-08T00:00:00+00:00",
		                 TEXT_ARG(existing->text), instant_refusal(existing->text));
	else
		killbill_text(reading, "existing_from", existing, instant_text(reading->arena, at));
}

static void allowed_write(struct killbill_reading *reading, const struct xml *plan)
{
	const struct xml *allowed = xml_child(plan, "plansAllowedInBundle");
	int64_t count;
	if (!allowed || !allowed->text.length || text_is(allowed->text, "-1"))
		return;
	if (!text_to_int64(allowed->text, &count)) {
		killbill_problem(reading, allowed, "is '%.*s', which is no whole number", TEXT_ARG(allowed->text));
		return;
	}
	json_name(reading->out, "max_in_bundle");
	json_integer(reading->out, count);
}

static void plan_write(struct killbill_reading *reading, const struct xml *plan)
{
	const struct xml *product = killbill_child(reading, plan, "product"), *mode = xml_child(plan, "recurringBillingMode");
	struct text billing_mode = mode ? mode->text : reading->billing_mode;
	killbill_children(reading, plan, "effectiveDateForExistingSubscriptions product recurringBillingMode initialPhases "
	                                 "finalPhase plansAllowedInBundle");
	killbill_begin(reading, plan);
	killbill_name(reading, "code", plan);
	if (text_trim(xml_attribute(plan, "prettyName")).length > 0)
		killbill_text(reading, "name", plan, xml_attribute(plan, "prettyName"));
	killbill_text(reading, "product", product, product ? product->text : TEXT_NONE);
	if (text_present(billing_mode))
		killbill_word(reading, "billing_mode", mode ? mode : plan, billing_mode,
		              catalog_plan_record.fields[CATALOG_PLAN_FIELD_BILLING_MODE].words);
	existing_write(reading, plan);
	allowed_write(reading, plan);
	phases_write(reading, plan);
	killbill_end(reading);
	reading->plans++;
}

void killbill_plans(struct killbill_reading *reading, const struct xml *plans)
{
	killbill_children(reading, plans, "plan");
	json_name(reading->out, "plans");
	json_begin_array(reading->out);
	for (const struct xml *plan = plans->first; plan; plan = plan->next)
		plan_write(reading, plan);
	json_end_array(reading->out);
}
