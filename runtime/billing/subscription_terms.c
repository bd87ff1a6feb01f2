/* subscription_terms.c: the plan that a creation or change asks for. */
#include "subscription_terms.h"

struct catalog_terms plan_terms(const struct catalog_plan *plan)
{
	return (struct catalog_terms){
		.product = plan->product,
		.category = (enum product_category)plan->category,
		.period = catalog_plan_period(plan),
		.price_list = catalog_plan_price_list(plan),
	};
}

struct lists_of { struct arena *arena; const struct catalog_version *version; };

static const char *list_name(const void *context, size_t i)
{
	const struct lists_of *lists = context;
	return i < lists->version->price_lists.count ? text_c(lists->arena, lists->version->price_lists.items[i].name) : NULL;
}

static bool has_list(const struct catalog_version *version, struct text name)
{
	for (size_t i = 0; i < version->price_lists.count; i++)
		if (text_equals(version->price_lists.items[i].name, name))
			return true;
	return text_is(name, CATALOG_DEFAULT_PRICE_LIST);
}

/* One that lacks the plan falls back to DEFAULT: one that does not exist must not. Rules may name a list of another version. */
static bool check_list(struct command *command, const struct plan_wish *wish, struct instant at)
{
	struct catalog_version *version = NULL;
	if (!text_present(wish->price_list) || wish->list_by_rule)
		return true;
	if (!catalog_version_at(command, at, &version))
		return false;
	const struct lists_of lists = { command->arena, version };
	return !version || has_list(version, wish->price_list) ||
	       problem_value(command->problems, PROBLEM_UNKNOWN_CHOICE, "/price_list", wish->price_list,
	                     "Name a price list of the catalog, or none.", "the catalog has no price list '%.*s' then%s",
	                     TEXT_ARG(wish->price_list), text_did_you_mean(command->arena, wish->price_list, list_name, &lists));
}

static bool find_by_product(struct command *command, const struct plan_wish *wish, struct instant at,
                            struct catalog_plan **plan)
{
	if (!catalog_plan_of_product(command, wish->product, wish->period, wish->price_list, at, plan))
		return false;
	return *plan || problem_value(command->problems, PROBLEM_UNKNOWN_PRODUCT, "/product", wish->product,
	                              "Name a product, billing period and price list that the catalog sells, or a plan.",
	                              "no plan then sells '%.*s' %s in price list '%.*s'", TEXT_ARG(wish->product),
	                              billing_period_name(wish->period),
	                              TEXT_ARG(text_present(wish->price_list) ? wish->price_list
	                                                                      : text_of(CATALOG_DEFAULT_PRICE_LIST)));
}

static bool find_parent(struct command *command, const struct plan_wish *wish, struct instant at,
                        struct catalog_plan **plan)
{
	if (text_present(wish->plan) && text_present(wish->product))
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/product", wish->product,
		                     "Give the plan or the product.", "the plan is named twice");
	if (!check_list(command, wish, at))
		return false;
	if (text_present(wish->product))
		return find_by_product(command, wish, at, plan);
	if (!text_present(wish->plan))
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/plan", "a plan or a product must be named");
	*plan = catalog_plan_need(command, wish->plan, at, "/plan");
	return *plan != NULL;
}

/* Of a list of prices that is there. */
static bool check_price(struct command *command, const struct account *account, const struct catalog_plan *plan,
                        const struct price *prices, size_t count, const char *pointer)
{
	struct decimal amount;
	return count == 0 || catalog_price_in(prices, count, account->currency, &amount) ||
	       problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, pointer, plan->code,
	                     "Sell it in the account's currency, or override its prices.", "plan '%.*s' has no price in %s",
	                     TEXT_ARG(plan->code), account->currency->code);
}

bool plan_has_prices(struct command *command, const struct account *account, const struct catalog_plan *plan,
                     enum phase_kind from, const char *pointer)
{
	bool served = !catalog_plan_phase(plan, from);
	for (size_t i = 0; i < plan->phases.count; i++) {
		const struct phase *phase = &plan->phases.items[i];
		served |= phase->kind == from;
		if (served && (!check_price(command, account, plan, phase->fixed.items, phase->fixed.count, pointer) ||
		               !check_price(command, account, plan, phase->recurring.items, phase->recurring.count, pointer)))
			return false;
	}
	return true;
}

static bool check_phase(struct command *command, const struct plan_wish *wish, const struct catalog_plan *plan)
{
	return wish->phase == PHASE_KIND_NONE || catalog_plan_phase(plan, wish->phase) ||
	       problem_value(command->problems, PROBLEM_INVALID_VALUE, "/phase",
	                     text_of(phase_record.fields[PHASE_FIELD_KIND].words[wish->phase]),
	                     "Name a phase that the plan has, or none.", "plan '%.*s' has no such phase",
	                     TEXT_ARG(plan->code));
}

static bool find_rules(struct command *command, const struct catalog_plan *plan, const struct catalog_rules **rules)
{
	struct catalog_version *version = NULL;
	if (!catalog_version_find(command, plan->version_id, &version))
		return false;
	*rules = version ? version->rules : NULL;
	return true;
}

bool plan_wish_find(struct command *command, const struct account *account, const struct plan_wish *wish,
                    struct instant at, struct plan_found *found)
{
	return find_parent(command, wish, at, &found->parent) && check_phase(command, wish, found->parent) &&
	       find_rules(command, found->parent, &found->rules) &&
	       catalog_plan_override(command, found->parent, wish->overrides, wish->override_count, account->currency,
	                             "/price_overrides", &found->plan) &&
	       plan_has_prices(command, account, found->plan, wish->phase, "/plan");
}
