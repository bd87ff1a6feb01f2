/* subscription_bundle.c: subscriptions that belong together. */
#include "subscription_bundle.h"

#include "catalog_plan.h"

bool subscription_bundle_find(struct command *command, int64_t id, struct subscription_bundle **bundle)
{
	return store_find(command->store, &subscription_bundle_record, id, (void **)bundle);
}

static bool basis_row(void *context, const struct store_row *row)
{
	struct bundle_basis *basis = context;
	basis->start.us = store_row_integer(row, 0);
	basis->may_be_blocked = store_row_integer(row, 1) == 1;
	return false;
}

bool subscription_bundle_basis(struct command *command, const struct subscription *subscription, struct bundle_basis *basis)
{
	*basis = (struct bundle_basis){ .start = subscription->aligned_from, .may_be_blocked = true };
	return store_each(command->store, STATEMENT_SUBSCRIPTION_BUNDLE_BASIS,
	                  BINDS(bind_id(subscription->account_id), bind_id(subscription->bundle_id)), basis_row, basis);
}

struct subscription_bundle *subscription_bundle_need(struct command *command, int64_t id, const char *pointer)
{
	struct subscription_bundle *bundle = NULL;
	if (subscription_bundle_find(command, id, &bundle) && !bundle)
		record_missing(&subscription_bundle_record, id, command->problems, pointer);
	return bundle;
}

bool subscription_bundle_members(struct command *command, const struct subscription_bundle *bundle,
                                 struct subscription_list *members)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_OF_BUNDLE,
	                 BINDS(bind_id(bundle->account_id), bind_id(bundle->id)), &subscription_record, LIST(members));
}

bool subscription_bundle_beside(struct command *command, const struct subscription_bundle *bundle, struct text plan,
                                struct subscription_list *members)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_BESIDE,
	                 BINDS(bind_id(bundle->account_id), bind_id(bundle->id), bind_text(plan)), &subscription_record, LIST(members));
}

bool subscription_bundle_by_key(struct command *command, int64_t account_id, struct text external_key,
                                struct subscription_bundle **bundle)
{
	struct subscription_bundle *newest = NULL;
	struct subscription_list members = { 0 };
	*bundle = NULL;
	if (!store_one(command->store, STATEMENT_SUBSCRIPTION_BUNDLE_BY_KEY,
	               BINDS(bind_id(account_id), bind_text(external_key)), &subscription_bundle_record, (void **)&newest))
		return false;
	if (!newest)
		return true;
	if (!subscription_bundle_members(command, newest, &members))
		return false;
	for (size_t i = 0; i < members.count && !*bundle; i++)
		if (!subscription_is_final(members.items[i].status))
			*bundle = newest;
	return true;
}

bool subscription_bundle_page(struct command *command, const struct object_filter *filter,
                              struct subscription_bundle_list *bundles)
{
	return object_page(command, STATEMENT_SUBSCRIPTION_BUNDLE_PAGE, STATEMENT_SUBSCRIPTION_BUNDLE_PAGE_OF_ACCOUNT,
	                   filter, &subscription_bundle_record, LIST(bundles));
}

bool subscription_base_of(struct command *command, const struct subscription *add_on, struct subscription **base)
{
	const struct subscription_bundle bundle = { .id = add_on->bundle_id, .account_id = add_on->account_id };
	struct subscription_list members = { 0 };
	*base = NULL;
	if (!subscription_bundle_beside(command, &bundle, TEXT_NONE, &members))
		return false;
	for (size_t i = 0; i < members.count; i++)
		if (members.items[i].category == SUBSCRIPTION_CATEGORY_BASE)
			*base = &members.items[i];
	return true;
}

static bool names(const struct product_name *items, size_t count, struct text name)
{
	for (size_t i = 0; i < count; i++)
		if (text_equals(items[i].name, name))
			return true;
	return false;
}

bool catalog_add_on_is_available(struct command *command, const struct catalog_plan *base, struct text add_on,
                                 bool *available)
{
	struct catalog_version *version;
	*available = false;
	if (!catalog_version_find(command, base->version_id, &version))
		return false;
	const struct product *product = version ? catalog_version_product(version, base->product) : NULL;
	*available = product && names(product->available.items, product->available.count, add_on) &&
	             !names(product->included.items, product->included.count, add_on);
	return true;
}

struct subscription_bundle *subscription_bundle_make(struct command *command, const struct account *account, struct uuid uuid,
                                                     struct text external_key, struct instant start)
{
	struct subscription_bundle *bundle = arena_new(command->arena, struct subscription_bundle);
	bundle->id = store_new_id(command->store, "subscription_bundle");
	bundle->uuid = uuid_present(uuid) ? uuid : uuid_time_ordered();
	bundle->account_id = account->id;
	bundle->external_key = external_key;
	bundle->original_start = start;
	bundle->created_at = bundle->updated_at = command->now;
	if (!bundle->id || !store_insert(command->store, &subscription_bundle_record, bundle))
		return NULL;
	return bundle;
}
