/* catalog_version.c: versions of the catalog as rows: what a bundle brings, what the API adds. */
#include "catalog_version.h"

#include "catalog_plan.h"
#include "name_index.h"

#include <assert.h>

/* A typed list of one struct is that of another of the same items. */
#define LIST_SHARE(to, from) (*LIST(to) = *(const struct record_list *)(const void *)(from))

/* ---- where plans stand in price lists ---- */

static void place_add(struct arena *arena, struct catalog_plan *plan, struct text list, size_t position)
{
	*list_add(arena, &plan->price_lists, struct price_list_place) =
	        (struct price_list_place){ .name = list, .position = (int64_t)position + 1 };
}

/* Without price lists every plan is in DEFAULT. */
static void plans_place(struct arena *arena, const struct catalog_version_input *input, struct catalog_plan *plans)
{
	struct name_index codes;
	name_index_begin(&codes, input->plans.count, arena);
	for (size_t i = 0; i < input->plans.count; i++) {
		name_index_add(&codes, input->plans.items[i].code);
		if (input->price_lists.count == 0)
			place_add(arena, &plans[i], TEXT("DEFAULT"), i);
	}
	name_index_end(&codes);
	for (size_t i = 0; i < input->price_lists.count; i++) {
		const struct price_list *list = &input->price_lists.items[i];
		for (size_t k = 0; k < list->plans.count; k++) {
			size_t at;
			bool known = name_index_find(&codes, list->plans.items[k].code, &at);
			assert(known);
			if (known)
				place_add(arena, &plans[at], list->name, k);
		}
	}
}

/* ---- rows ---- */

static void plan_fill(struct catalog_plan *plan, const struct catalog_plan_input *input)
{
	plan->code = input->code;
	plan->name = input->name;
	plan->product = input->product;
	plan->billing_mode = input->billing_mode ? (enum catalog_plan_billing_mode)input->billing_mode
	                                         : CATALOG_PLAN_BILLING_MODE_IN_ADVANCE;
	LIST_SHARE(&plan->phases, &input->phases);
	plan->max_in_bundle = input->max_in_bundle;
	plan->has_max_in_bundle = input->has_max_in_bundle;
	LIST_SHARE(&plan->minimum_commitment, &input->minimum_commitment);
	LIST_SHARE(&plan->usage_thresholds, &input->usage_thresholds);
	plan->existing_from = input->existing_from;
	plan->convention = input->convention;
	LIST_SHARE(&plan->policies, &input->policies);
}

void catalog_plan_as_input(const struct catalog_plan *plan, struct catalog_plan_input *input)
{
	input->code = plan->code;
	input->name = plan->name;
	input->product = plan->product;
	input->billing_mode = (enum catalog_plan_input_billing_mode)plan->billing_mode;
	LIST_SHARE(&input->phases, &plan->phases);
	input->max_in_bundle = plan->max_in_bundle;
	input->has_max_in_bundle = plan->has_max_in_bundle;
	LIST_SHARE(&input->minimum_commitment, &plan->minimum_commitment);
	LIST_SHARE(&input->usage_thresholds, &plan->usage_thresholds);
	input->existing_from = plan->existing_from;
	input->convention = plan->convention;
	LIST_SHARE(&input->policies, &plan->policies);
}

static bool plans_insert(struct command *command, const struct catalog_version *version,
                         const struct catalog_version_input *input)
{
	struct catalog_plan *plans = arena_new_many(command->arena, struct catalog_plan, input->plans.count);
	plans_place(command->arena, input, plans);
	struct name_index products;
	name_index_begin(&products, version->products.count, command->arena);
	for (size_t i = 0; i < version->products.count; i++)
		name_index_add(&products, version->products.items[i].name);
	name_index_end(&products);
	for (size_t i = 0; i < input->plans.count; i++) {
		struct catalog_plan *plan = &plans[i];
		size_t product = 0;
		bool known = name_index_find(&products, input->plans.items[i].product, &product);
		assert(known);
		plan_fill(plan, &input->plans.items[i]);
		plan->category = (enum catalog_plan_category)version->products.items[known ? product : 0].category;
		plan->id = store_new_id(command->store, "catalog_plan");
		plan->version_id = version->id;
		plan->created_at = command->now;
		if (!store_insert(command->store, &catalog_plan_record, plan))
			return false;
	}
	return true;
}

static bool version_insert(struct command *command, const struct catalog_version_input *input, struct text digest,
                           struct text bundle)
{
	struct catalog_version version = {
		.id = store_new_id(command->store, "catalog_version"),
		.name = input->name,
		.effective_at = input->effective_at,
		.digest = digest,
		.bundle = bundle,
		.active = true,
		.rules = input->rules,
		.created_at = command->now,
	};
	LIST_SHARE(&version.products, &input->products);
	LIST_SHARE(&version.price_lists, &input->price_lists);
	return store_insert(command->store, &catalog_version_record, &version) && plans_insert(command, &version, input);
}

static struct text version_digest(struct arena *arena, const struct catalog_version_input *input)
{
	struct digest digest = digest_sha256(json_record_text(arena, &catalog_version_input_record, input));
	return text_hex(arena, digest.bytes, sizeof digest.bytes);
}

static bool version_put(struct command *command, const struct catalog_version_input *input, struct text bundle)
{
	struct catalog_version *present;
	struct text digest = version_digest(command->arena, input);
	if (!store_one(command->store, STATEMENT_CATALOG_VERSION_BY_DIGEST, BINDS(bind_text(digest)), &catalog_version_record,
	               (void **)&present))
		return false;
	if (!present)
		return version_insert(command, input, digest, bundle);
	return store_execute(command->store, STATEMENT_CATALOG_VERSION_ACTIVATE,
	                     BINDS(bind_integer(present->id), bind_text(bundle)), NULL);
}

bool catalog_versions_put(struct command *command, const struct catalog_version_input *versions, size_t count,
                          struct text bundle)
{
	if (count > 0 && !store_execute(command->store, STATEMENT_CATALOG_VERSION_RETIRE, NO_BINDS, NULL))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!version_put(command, &versions[i], bundle))
			return false;
	return true;
}

bool catalog_version_add(struct command *command, const struct catalog_version_input *version)
{
	return store_execute(command->store, STATEMENT_CATALOG_VERSION_RETIRE_AT, BINDS(bind_instant(version->effective_at)),
	                     NULL) &&
	       version_put(command, version, TEXT_NONE);
}

/* ---- listed ---- */

bool catalog_plans_of_version(struct command *command, int64_t version_id, struct catalog_plan_list *plans)
{
	return store_all(command->store, STATEMENT_CATALOG_PLAN_PAGE,
	                 BINDS(bind_integer(version_id), bind_integer(0), bind_integer(INT64_MAX)), &catalog_plan_record,
	                 LIST(plans));
}

bool catalog_version_page(struct command *command, struct page_query page, struct catalog_version_list *versions)
{
	return store_all(command->store, STATEMENT_CATALOG_VERSION_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &catalog_version_record,
	                 LIST(versions));
}

bool catalog_plan_page(struct command *command, int64_t version_id, struct text product, struct page_query page,
                       struct catalog_plan_list *plans)
{
	struct store_bind version = bind_integer(version_id), after = bind_integer(page.after_id),
	                  limit = bind_integer(page_limit(page));
	if (text_present(product))
		return store_all(command->store, STATEMENT_CATALOG_PLAN_PAGE_OF_PRODUCT,
		                 BINDS(version, bind_text(product), after, limit), &catalog_plan_record, LIST(plans));
	return store_all(command->store, STATEMENT_CATALOG_PLAN_PAGE, BINDS(version, after, limit), &catalog_plan_record,
	                 LIST(plans));
}
