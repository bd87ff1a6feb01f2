/* catalog_plan.c: plans of catalog versions, as subscriptions ask for them. */
#include "catalog_plan.h"

#include "catalog_rule.h"
#include "code_list.h"

#include <string.h>

/* ---- versions ---- */

bool catalog_version_find(struct command *command, int64_t id, struct catalog_version **version)
{
	return store_find(command->store, &catalog_version_record, id, (void **)version);
}

/* 0: the tenant has no catalog. */
static bool version_id_at(struct command *command, struct instant at, int64_t *id)
{
	bool found = false;
	*id = 0;
	if (!store_integer(command->store, STATEMENT_CATALOG_VERSION_IN_FORCE, BINDS(bind_instant(at)), id, &found))
		return false;
	return found || store_integer(command->store, STATEMENT_CATALOG_VERSION_FIRST, NO_BINDS, id, &found);
}

bool catalog_version_at(struct command *command, struct instant at, struct catalog_version **version)
{
	int64_t id;
	*version = NULL;
	return version_id_at(command, at, &id) && (!id || catalog_version_find(command, id, version));
}

const struct product *catalog_version_product(const struct catalog_version *version, struct text name)
{
	for (size_t i = 0; i < version->products.count; i++)
		if (text_equals(version->products.items[i].name, name))
			return &version->products.items[i];
	return NULL;
}

/* ---- plans by code ---- */

bool catalog_plan_find(struct command *command, int64_t id, struct catalog_plan **plan)
{
	return store_find(command->store, &catalog_plan_record, id, (void **)plan);
}

bool catalog_plan_in_version(struct command *command, struct text code, int64_t version_id, struct catalog_plan **plan)
{
	*plan = NULL;
	return !version_id || store_one(command->store, STATEMENT_CATALOG_PLAN_BY_CODE,
	                                BINDS(bind_text(code), bind_integer(version_id)), &catalog_plan_record,
	                                (void **)plan);
}

bool catalog_plan_by_code(struct command *command, struct text code, struct instant at, struct catalog_plan **plan)
{
	int64_t version_id;
	return version_id_at(command, at, &version_id) && catalog_plan_in_version(command, code, version_id, plan);
}

bool catalog_plan_versions(struct command *command, struct text code, struct catalog_plan_list *plans)
{
	return store_all(command->store, STATEMENT_CATALOG_PLAN_VERSIONS, BINDS(bind_text(code)), &catalog_plan_record,
	                 LIST(plans));
}

/* Mostly there is none, which the writer keeps in mind. */
bool catalog_plan_followed(struct command *command, struct text code, struct catalog_plan_list *plans)
{
	struct catalog_plan *first;
	if (!store_one(command->store, STATEMENT_CATALOG_PLAN_FIRST_FOLLOWED, BINDS(bind_text(code)), &catalog_plan_record,
	               (void **)&first))
		return false;
	return !first || store_all(command->store, STATEMENT_CATALOG_PLAN_FOLLOWED, BINDS(bind_text(code)), &catalog_plan_record,
	                 LIST(plans));
}

struct catalog_plan *catalog_plan_need(struct command *command, struct text code, struct instant at, const char *pointer)
{
	struct catalog_plan *plan = NULL;
	int64_t version_id;
	if (!version_id_at(command, at, &version_id) || !catalog_plan_in_version(command, code, version_id, &plan) || plan)
		return store_failed(command->store) ? NULL : plan;
	struct code_list list = { .arena = command->arena };
	if (version_id && !store_each(command->store, STATEMENT_CATALOG_PLAN_CODES, BINDS(bind_integer(version_id)), code_list_row,
	                              &list))
		return NULL;
	problem_value(command->problems, PROBLEM_UNKNOWN_PLAN, pointer, code,
	              version_id ? NULL : "Deploy a bundle with a catalog first.", "the catalog has no plan '%.*s' %s%s",
	              TEXT_ARG(code), version_id ? "then" : "yet: it is empty",
	              code_list_nearest(&list, code));
	return NULL;
}

/* ---- plans by what they sell ---- */

/* 0: the list does not sell it. */
static int64_t position_in(const struct catalog_plan *plan, struct text price_list)
{
	for (size_t i = 0; i < plan->price_lists.count; i++)
		if (text_equals(plan->price_lists.items[i].name, price_list))
			return plan->price_lists.items[i].position;
	return 0;
}

static struct catalog_plan *first_in(const struct catalog_plan_list *plans, enum billing_period period,
                                     struct text price_list)
{
	struct catalog_plan *first = NULL;
	int64_t first_position = INT64_MAX;
	for (size_t i = 0; i < plans->count; i++) {
		struct catalog_plan *plan = &plans->items[i];
		int64_t position = position_in(plan, price_list);
		if (position == 0 || position >= first_position || catalog_plan_period(plan) != period)
			continue;
		first = plan;
		first_position = position;
	}
	return first;
}

bool catalog_plan_of_product(struct command *command, struct text product, enum billing_period period,
                             struct text price_list, struct instant at, struct catalog_plan **plan)
{
	int64_t version_id;
	struct catalog_plan_list plans = { 0 };
	*plan = NULL;
	if (!version_id_at(command, at, &version_id) ||
	    !store_all(command->store, STATEMENT_CATALOG_PLAN_OF_PRODUCT, BINDS(bind_integer(version_id), bind_text(product)),
	               &catalog_plan_record, LIST(&plans)))
		return false;
	if (text_present(price_list))
		*plan = first_in(&plans, period, price_list);
	if (!*plan)
		*plan = first_in(&plans, period, text_of(CATALOG_DEFAULT_PRICE_LIST));
	return true;
}

struct text catalog_plan_price_list(const struct catalog_plan *plan)
{
	if (plan->price_lists.count == 0)
		return TEXT_NONE;
	return position_in(plan, text_of(CATALOG_DEFAULT_PRICE_LIST)) ? text_of(CATALOG_DEFAULT_PRICE_LIST) : plan->price_lists.items[0].name;
}

/* ---- inside a plan ---- */

const struct phase *catalog_plan_phase(const struct catalog_plan *plan, enum phase_kind kind)
{
	for (size_t i = 0; i < plan->phases.count; i++)
		if (plan->phases.items[i].kind == kind)
			return &plan->phases.items[i];
	return NULL;
}

enum billing_period catalog_plan_period(const struct catalog_plan *plan)
{
	return (enum billing_period)plan->phases.items[plan->phases.count - 1].billing_period;
}

/* As the stored word of the kind, without underscore: names of phases are those of Kill Bill. */
static const char *const endings[] = {
	[PHASE_KIND_TRIAL] = "trial", [PHASE_KIND_DISCOUNT] = "discount", [PHASE_KIND_FIXED_TERM] = "fixedterm",
	[PHASE_KIND_EVERGREEN] = "evergreen",
};

struct text catalog_phase_name(struct arena *arena, const struct catalog_plan *plan, const struct phase *phase)
{
	return TEXT_JOIN(arena, plan->code, TEXT("-"), text_of(endings[phase->kind]));
}

const struct phase *catalog_plan_phase_named(const struct catalog_plan *plan, struct text name)
{
	size_t length = plan->code.length;
	if (name.length <= length || name.data[length] != '-' || memcmp(name.data, plan->code.data, length) != 0)
		return NULL;
	struct text ending = { name.data + length + 1, name.length - length - 1 };
	for (size_t i = 0; i < plan->phases.count; i++)
		if (text_is(ending, endings[plan->phases.items[i].kind]))
			return &plan->phases.items[i];
	return NULL;
}

bool catalog_price_in(const struct price *prices, size_t count, const struct currency *currency, struct decimal *amount)
{
	for (size_t i = 0; i < count; i++) {
		if (prices[i].currency != currency)
			continue;
		*amount = prices[i].amount;
		return true;
	}
	return false;
}

struct duration catalog_phase_length(const struct phase *phase)
{
	int32_t length = (int32_t)phase->duration;
	switch (phase->duration_unit) {
	case PHASE_DURATION_UNIT_DAYS:
		return (struct duration){ .days = length };
	case PHASE_DURATION_UNIT_WEEKS:
		return (struct duration){ .days = 7 * length };
	case PHASE_DURATION_UNIT_MONTHS:
		return (struct duration){ .months = length };
	case PHASE_DURATION_UNIT_YEARS:
		return (struct duration){ .months = 12 * length };
	default:
		return (struct duration){ 0 };
	}
}
