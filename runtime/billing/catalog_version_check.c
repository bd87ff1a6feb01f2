/* catalog_version_check.c: what must hold inside a version of a catalog: its names, and what they name. */
#include "catalog_version_check.h"

#include "catalog_check.h"
#include "convention.h"

#include <stdarg.h>

/* ---- problems ---- */

/* What a decoder has found wrong with a value need not be told again by what follows from it. */
static bool told_already(const struct problems *problems, const char *pointer)
{
	for (const struct problem *problem = problems->first; problem; problem = problem->next)
		if (strcmp(problem->pointer, pointer) == 0)
			return true;
	return false;
}

static const char *pointer_of(const struct catalog_check *check, const struct place *place, const char *member)
{
	struct place inner = member ? place_member(place, text_of(member)) : *place;
	return place_pointer(&inner, check->arena);
}

bool catalog_problem(const struct catalog_check *check, const struct place *place, const char *member, struct text value,
                     const char *format, ...)
{
	const char *pointer = pointer_of(check, place, member);
	if (told_already(check->problems, pointer))
		return false;
	va_list arguments;
	va_start(arguments, format);
	struct text message = text_vformat(check->arena, format, arguments);
	va_end(arguments);
	return problem_value(check->problems, PROBLEM_CATALOG_INVALID, pointer, value, NULL, "%.*s", TEXT_ARG(message));
}

/* ---- names ---- */

/* Another one before it may have the name. */
static bool unique_check(const struct catalog_check *check, const struct name_index *names, struct text name, size_t i,
                         const char *kind, const struct place *place, const char *member)
{
	size_t first;
	if (!text_present(name) || !name_index_find(names, name, &first) || first == i)
		return true;
	return problem_value(check->problems, PROBLEM_DUPLICATE, pointer_of(check, place, member), name, NULL,
	                     "%s '%.*s' is there already, as number %zu of its list", kind, TEXT_ARG(name), first + 1);
}

bool catalog_named_check(const struct catalog_check *check, const struct name_index *names, struct text name,
                         const char *kind, const struct place *place, const char *member)
{
	size_t position;
	return !text_present(name) || name_index_find(names, name, &position) ||
	       catalog_problem(check, place, member, name, "the version has no %s '%.*s'%s", kind, TEXT_ARG(name),
	                       name_index_nearest(names, name, check->arena));
}

/* ---- products ---- */

static bool add_on_check(const struct catalog_check *check, struct text name, const struct place *place)
{
	size_t position;
	if (!name_index_find(&check->products, name, &position))
		return catalog_named_check(check, &check->products, name, "product", place, "name");
	return check->version->products.items[position].category == PRODUCT_CATEGORY_ADD_ON ||
	       catalog_problem(check, place, "name", name, "product '%.*s' is no add-on", TEXT_ARG(name));
}

static bool add_ons_check(const struct catalog_check *check, const struct product_name *names, size_t count,
                          const struct place *product, const char *member)
{
	bool good = true;
	struct place list = place_member(product, text_of(member));
	for (size_t i = 0; i < count; i++) {
		struct place place = place_item(&list, i);
		good &= add_on_check(check, names[i].name, &place);
		for (size_t k = 0; k < i; k++)
			if (text_equals(names[k].name, names[i].name))
				good = catalog_problem(check, &place, "name", names[i].name, "add-on '%.*s' is named twice",
				                       TEXT_ARG(names[i].name));
	}
	return good;
}

static bool products_check(const struct catalog_check *check, const struct place *version)
{
	bool good = true;
	struct place list = place_member(version, TEXT("products"));
	for (size_t i = 0; i < check->version->products.count; i++) {
		const struct product *product = &check->version->products.items[i];
		struct place place = place_item(&list, i);
		good &= unique_check(check, &check->products, product->name, i, "product", &place, "name");
		good &= add_ons_check(check, product->included.items, product->included.count, &place, "included");
		good &= add_ons_check(check, product->available.items, product->available.count, &place, "available");
	}
	return good;
}

/* ---- plans ---- */

static bool existing_check(const struct catalog_check *check, const struct catalog_plan_input *plan,
                           const struct place *place)
{
	struct instant effective_at = check->version->effective_at;
	return !plan->existing_from.us || plan->existing_from.us >= effective_at.us ||
	       catalog_problem(check, place, "existing_from", instant_text(check->arena, plan->existing_from),
	                       "existing subscriptions cannot follow a version before it is in force, at %.*s",
	                       TEXT_ARG(instant_text(check->arena, effective_at)));
}

static bool above_zero(const struct catalog_check *check, const struct price *prices, size_t count, const struct place *above,
                       const char *member, const char *what)
{
	bool good = catalog_prices_check(check, prices, count, above, member);
	struct place list = place_member(above, text_of(member));
	for (size_t i = 0; i < count; i++) {
		struct place place = place_item(&list, i);
		if (decimal_sign(prices[i].amount) == 0)
			good = catalog_problem(check, &place, "amount", TEXT("0"), "%s is above zero", what);
	}
	return good;
}

static bool is_step(const struct plan_threshold *threshold)
{
	return threshold->has_recurring && threshold->recurring;
}

static bool thresholds_check(const struct catalog_check *check, const struct catalog_plan_input *plan, const struct place *above)
{
	bool good = true, recurring = false;
	struct place list = place_member(above, TEXT("usage_thresholds"));
	for (size_t i = 0; i < plan->usage_thresholds.count; i++) {
		const struct plan_threshold *threshold = &plan->usage_thresholds.items[i];
		struct place place = place_item(&list, i);
		good &= above_zero(check, threshold->prices.items, threshold->prices.count, &place, "prices", "a threshold");
		if (is_step(threshold) && recurring)
			good = catalog_problem(check, &place, "recurring", TEXT("true"), "another threshold is recurring already");
		recurring = recurring || is_step(threshold);
	}
	return good;
}

static bool plan_check(const struct catalog_check *check, const struct catalog_plan_input *plan, const struct place *place)
{
	struct place phases = place_member(place, TEXT("phases"));
	bool good = catalog_named_check(check, &check->products, plan->product, "product", place, "product");
	good &= existing_check(check, plan, place);
	good &= convention_check(check->arena, check->problems, plan->convention,
	                         pointer_of(check, place, "convention"));
	if (plan->policies.count > 0)
		good &= policy_choices_check(plan->policies.items, plan->policies.count, pointer_of(check, place, "policies"),
		                             check->arena, check->problems);
	good &= above_zero(check, plan->minimum_commitment.items, plan->minimum_commitment.count, place, "minimum_commitment",
	                   "a commitment");
	good &= thresholds_check(check, plan, place);
	return catalog_phases_check(check, plan->phases.items, plan->phases.count, &phases) && good;
}

static bool plans_check(const struct catalog_check *check, const struct place *version)
{
	bool good = true;
	struct place list = place_member(version, TEXT("plans"));
	for (size_t i = 0; i < check->version->plans.count; i++) {
		const struct catalog_plan_input *plan = &check->version->plans.items[i];
		struct place place = place_item(&list, i);
		good &= unique_check(check, &check->plans, plan->code, i, "plan", &place, "code");
		good &= plan_check(check, plan, &place);
	}
	return good;
}

/* ---- price lists ---- */

static bool listed_plans_check(const struct catalog_check *check, const struct price_list *price_list,
                               const struct place *above)
{
	bool good = true;
	struct place list = place_member(above, TEXT("plans"));
	struct name_index listed;
	name_index_begin(&listed, price_list->plans.count, check->arena);
	for (size_t i = 0; i < price_list->plans.count; i++)
		name_index_add(&listed, price_list->plans.items[i].code);
	name_index_end(&listed);
	for (size_t i = 0; i < price_list->plans.count; i++) {
		struct text code = price_list->plans.items[i].code;
		struct place place = place_item(&list, i);
		good &= catalog_named_check(check, &check->plans, code, "plan", &place, "code");
		good &= unique_check(check, &listed, code, i, "plan", &place, "code");
	}
	return good;
}

static bool price_lists_check(const struct catalog_check *check, const struct place *version)
{
	bool good = true;
	size_t position;
	struct place list = place_member(version, TEXT("price_lists"));
	for (size_t i = 0; i < check->version->price_lists.count; i++) {
		const struct price_list *price_list = &check->version->price_lists.items[i];
		struct place place = place_item(&list, i);
		good &= unique_check(check, &check->price_lists, price_list->name, i, "price list", &place, "name");
		good &= listed_plans_check(check, price_list, &place);
	}
	if (check->version->price_lists.count > 0 && !name_index_find(&check->price_lists, TEXT("DEFAULT"), &position))
		good = catalog_problem(check, &list, NULL, TEXT_NONE,
		                       "no price list is called DEFAULT; without price lists all plans are in it");
	return good;
}

/* ---- the version ---- */

static void index_names(struct catalog_check *check)
{
	const struct catalog_version_input *version = check->version;
	name_index_begin(&check->products, version->products.count, check->arena);
	for (size_t i = 0; i < version->products.count; i++)
		name_index_add(&check->products, version->products.items[i].name);
	name_index_end(&check->products);
	name_index_begin(&check->plans, version->plans.count, check->arena);
	for (size_t i = 0; i < version->plans.count; i++)
		name_index_add(&check->plans, version->plans.items[i].code);
	name_index_end(&check->plans);
	name_index_begin(&check->price_lists, version->price_lists.count + 1, check->arena);
	for (size_t i = 0; i < version->price_lists.count; i++)
		name_index_add(&check->price_lists, version->price_lists.items[i].name);
	if (version->price_lists.count == 0)
		name_index_add(&check->price_lists, TEXT("DEFAULT"));
	name_index_end(&check->price_lists);
}

bool catalog_version_check(const struct catalog_version_input *version, const char *pointer, struct arena *arena,
                           struct problems *problems)
{
	struct catalog_check check = { .version = version, .arena = arena, .problems = problems };
	struct place place = place_top(pointer), rules = place_member(&place, TEXT("rules"));
	index_names(&check);
	bool good = products_check(&check, &place);
	good &= plans_check(&check, &place);
	good &= price_lists_check(&check, &place);
	return (!version->rules || catalog_rules_check(&check, version->rules, &rules)) && good;
}
