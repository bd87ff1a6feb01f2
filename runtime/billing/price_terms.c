/* price_terms.c: checks what a price says, and names the policy that prices by it. */
#include "price_terms.h"

#include "rule/rule.h"
#include "value/record.h"

#define FIELD(name) ((field_mask)1 << PRICE_TERMS_FIELD_##name)
/* Of every scheme. */
#define COMMON (FIELD(SCHEME) | FIELD(MINIMUM) | FIELD(MAXIMUM))
#define UNITS (FIELD(BILLING_UNITS) | FIELD(UNIT_ROUNDING))
#define FREE_EVENTS (FIELD(EVENT_FEE) | FIELD(FREE_EVENTS) | FIELD(FREE_TOTAL))

/* What a scheme must say, and what else it may; what it asks of the events of a component. */
static const struct scheme {
	field_mask required, allowed;
	enum price_events events;
} schemes[PRICE_TERMS_SCHEME_COUNT] = {
	[PRICE_TERMS_SCHEME_PER_UNIT] = { FIELD(UNIT_PRICE), UNITS | FIELD(FREE_QUANTITY), PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_TIERED] = { FIELD(TIERS), UNITS | FIELD(TIER_LOOKUP) | FIELD(FLAT_AT_ZERO) | FIELD(FREE_QUANTITY),
		                        PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_VOLUME] = { FIELD(TIERS), UNITS | FIELD(TIER_LOOKUP) | FIELD(FREE_QUANTITY), PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_STAIRSTEP] = { FIELD(TIERS), UNITS | FIELD(TIER_LOOKUP) | FIELD(FREE_QUANTITY), PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_PACKAGE] = { FIELD(UNIT_PRICE) | FIELD(PACKAGE_SIZE), UNITS | FIELD(FREE_QUANTITY), PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_TIERED_PERCENTAGE] = { FIELD(TIERS), FIELD(TIER_LOOKUP) | FIELD(FLAT_AT_ZERO) | FIELD(FREE_QUANTITY),
		                                   PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_CAPPED] = { FIELD(UNIT_PRICE) | FIELD(MAXIMUM), UNITS | FIELD(FREE_QUANTITY) | FIELD(DISCOUNT_PERCENT),
		                        PRICE_EVENTS_NONE },
	[PRICE_TERMS_SCHEME_PERCENTAGE] = { FIELD(PERCENT), FREE_EVENTS, PRICE_EVENTS_ONE_BY_ONE },
	[PRICE_TERMS_SCHEME_PERCENTAGE_PER_EVENT] = { FIELD(PERCENT), FREE_EVENTS | FIELD(EVENT_MINIMUM) | FIELD(EVENT_MAXIMUM),
		                                      PRICE_EVENTS_ONE_BY_ONE },
	[PRICE_TERMS_SCHEME_TIERED_BY_TIME] = { FIELD(TIERS), 0, PRICE_EVENTS_ONE_BY_ONE },
	[PRICE_TERMS_SCHEME_DYNAMIC] = { 0, 0, PRICE_EVENTS_ONE_BY_ONE },
	[PRICE_TERMS_SCHEME_MATRIX] = { FIELD(CELLS), UNITS | FIELD(UNIT_PRICE), PRICE_EVENTS_VALUES },
	[PRICE_TERMS_SCHEME_POLICY] = { FIELD(POLICY), ~(field_mask)0, PRICE_EVENTS_NONE },
};

/* One price under check. */
struct checking {
	struct command *command;
	const struct price_terms *terms;
	const char *pointer;
	bool good;
};

#define WRONG(checking, code, place, ...)                                                                                \
	((checking)->good = problem((checking)->command->problems, code,                                                 \
	                            text_format((checking)->command->arena, "%s%s", (checking)->pointer, place).data, __VA_ARGS__))

static const char *scheme_name(const struct checking *checking)
{
	return price_terms_record.fields[PRICE_TERMS_FIELD_SCHEME].words[checking->terms->scheme];
}

static const char *field_place(struct checking *checking, size_t field)
{
	return text_format(checking->command->arena, "/%s", price_terms_record.fields[field].name).data;
}

static void check_fields(struct checking *checking)
{
	const struct scheme *scheme = &schemes[checking->terms->scheme];
	for (size_t i = 0; i < price_terms_record.field_count; i++) {
		field_mask bit = (field_mask)1 << i;
		const struct record_field *field = &price_terms_record.fields[i];
		bool given = field->kind == KIND_LIST
		                     ? ((const struct record_list *)record_field_const_at(field, checking->terms))->count > 0
		                     : record_field_has(field, checking->terms);
		if (given && !(bit & (scheme->required | scheme->allowed | COMMON)))
			WRONG(checking, PROBLEM_INVALID_COMBINATION, field_place(checking, i), "a price of scheme '%s' has no %s",
			      scheme_name(checking), field->name);
		if (!given && (bit & scheme->required))
			WRONG(checking, PROBLEM_MISSING_FIELD, field_place(checking, i), "a price of scheme '%s' needs %s",
			      scheme_name(checking), field->name);
	}
}

static void check_above_zero(struct checking *checking, bool given, struct decimal value, const char *place)
{
	if (given && decimal_sign(value) <= 0)
		WRONG(checking, PROBLEM_OUT_OF_RANGE, place, "it must be above zero");
}

static void check_order(struct checking *checking, bool both, struct decimal least, struct decimal most, const char *place)
{
	if (both && decimal_compare(least, most) > 0)
		WRONG(checking, PROBLEM_OUT_OF_RANGE, place, "the least is more than the most");
}

static void check_numbers(struct checking *checking)
{
	const struct price_terms *terms = checking->terms;
	check_above_zero(checking, terms->has_package_size, terms->package_size, "/package_size");
	check_above_zero(checking, terms->has_billing_units, terms->billing_units, "/billing_units");
	check_order(checking, terms->has_event_minimum && terms->has_event_maximum, terms->event_minimum,
	            terms->event_maximum, "/event_minimum");
	check_order(checking, terms->has_minimum && terms->has_maximum, terms->minimum, terms->maximum, "/minimum");
	if (terms->unit_rounding && !terms->has_billing_units)
		WRONG(checking, PROBLEM_MISSING_FIELD, "/billing_units", "units are rounded only where they are billed by so many");
}

/* ------------------------------------------------------------------------------------------------ tiers */

static const char *tier_place(struct checking *checking, size_t i, const char *field)
{
	return text_format(checking->command->arena, "/tiers/%zu/%s", i, field).data;
}

/* It goes on where the tier before it ended: with that quantity, or the next whole one. */
static bool goes_on(struct decimal ends_at, struct decimal starts_at)
{
	struct decimal next;
	return decimal_compare(ends_at, starts_at) == 0 ||
	       (decimal_add(ends_at, decimal_from_int64(1), &next) && decimal_compare(next, starts_at) == 0);
}

static void check_bounds(struct checking *checking, size_t i)
{
	const struct price_tier *tiers = checking->terms->tiers.items;
	bool last = i + 1 == checking->terms->tiers.count;
	if (last && tiers[i].has_ends_at)
		WRONG(checking, PROBLEM_BAD_PERIOD, tier_place(checking, i, "ends_at"), "the last tier has no end");
	if (!last && !tiers[i].has_ends_at)
		WRONG(checking, PROBLEM_MISSING_FIELD, tier_place(checking, i, "ends_at"), "only the last tier has no end");
	if (tiers[i].has_starts_at && tiers[i].has_ends_at && decimal_compare(tiers[i].starts_at, tiers[i].ends_at) > 0)
		WRONG(checking, PROBLEM_BAD_PERIOD, tier_place(checking, i, "ends_at"), "the tier ends before it starts");
	if (i == 0 || !tiers[i - 1].has_ends_at)
		return;
	if (tiers[i].has_ends_at && decimal_compare(tiers[i].ends_at, tiers[i - 1].ends_at) <= 0)
		WRONG(checking, PROBLEM_BAD_PERIOD, tier_place(checking, i, "ends_at"), "tiers go from the lowest to the highest");
	if (tiers[i].has_starts_at && !goes_on(tiers[i - 1].ends_at, tiers[i].starts_at))
		WRONG(checking, PROBLEM_BAD_PERIOD, tier_place(checking, i, "starts_at"),
		      "a tier starts where the one before it ends, or one above that");
}

static void check_tier(struct checking *checking, size_t i)
{
	const struct price_tier *tier = &checking->terms->tiers.items[i];
	bool by_time = checking->terms->scheme == PRICE_TERMS_SCHEME_TIERED_BY_TIME;
	bool by_percent = checking->terms->scheme == PRICE_TERMS_SCHEME_TIERED_PERCENTAGE;
	if (by_percent && !tier->has_percent)
		WRONG(checking, PROBLEM_MISSING_FIELD, tier_place(checking, i, "percent"), "the tier has no percentage");
	else if (tier->has_unit_price && tier->has_percent)
		WRONG(checking, PROBLEM_INVALID_COMBINATION, tier_place(checking, i, "percent"), "a tier has a unit price or a percentage");
	else if (!tier->has_unit_price && (by_time || (!tier->has_percent && !tier->has_flat_price)))
		WRONG(checking, PROBLEM_MISSING_FIELD, tier_place(checking, i, "unit_price"), "the tier has no price");
	check_bounds(checking, i);
}

/* ------------------------------------------------------------------------------------------------ all */

static void check_policy(struct checking *checking)
{
	const struct rule_bundle *owner;
	struct text rule = checking->terms->policy;
	if (checking->terms->scheme != PRICE_TERMS_SCHEME_POLICY || !text_present(rule) ||
	    rule_policy_by_choice(checking->command->bundle, POLICY_PRICE, rule, &owner))
		return;
	checking->good = problem_value(checking->command->problems, PROBLEM_UNKNOWN_POLICY,
	                               text_format(checking->command->arena, "%s/policy", checking->pointer).data, rule,
	                               "Deploy a bundle with a price rule of this name first.", "there is no price rule '%.*s'",
	                               TEXT_ARG(rule));
}

bool price_terms_check(struct command *command, const struct price_terms *terms, const char *pointer)
{
	struct checking checking = { command, terms, pointer, true };
	check_fields(&checking);
	check_numbers(&checking);
	for (size_t i = 0; i < terms->tiers.count; i++)
		check_tier(&checking, i);
	check_policy(&checking);
	return checking.good;
}

enum price_events price_scheme_events(enum price_terms_scheme scheme)
{
	return schemes[scheme].events;
}

bool price_terms_need_events(const struct price_terms *terms)
{
	if (terms->scheme == PRICE_TERMS_SCHEME_PERCENTAGE)
		return terms->has_free_events || terms->has_free_total;
	return terms->scheme == PRICE_TERMS_SCHEME_PERCENTAGE_PER_EVENT || terms->scheme == PRICE_TERMS_SCHEME_TIERED_BY_TIME;
}

struct text price_terms_policy(const struct price_terms *terms, struct arena *arena)
{
	if (terms->scheme == PRICE_TERMS_SCHEME_POLICY)
		return terms->policy;
	return text_format(arena, "price/%s", price_terms_record.fields[PRICE_TERMS_FIELD_SCHEME].words[terms->scheme]);
}
