/* bundle_history.c: which bundle was in force when, and the way back. */
#include "bundle_history.h"

enum { DIGEST_LENGTH = 64, DIGEST_BEGINNING_MIN = 6 };

bool bundle_activation_page(struct command *command, struct page_query page, struct bundle_activation_list *activations)
{
	return store_all(command->store, STATEMENT_BUNDLE_ACTIVATION_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &bundle_activation_record,
	                 LIST(activations));
}

bool bundle_activation_note(struct command *command, const struct bundle *bundle, struct text previous,
                            enum bundle_activation_kind kind)
{
	if (text_present(previous) && text_equals(previous, bundle->digest))
		return true;
	struct bundle_activation *activation = arena_new(command->arena, struct bundle_activation);
	activation->id = store_new_id(command->store, "bundle_activation");
	activation->digest = bundle->digest;
	activation->name = bundle->name;
	activation->previous = previous;
	activation->kind = kind;
	activation->actor = command->origin.actor;
	activation->activated_at = command->now;
	return store_insert(command->store, &bundle_activation_record, activation);
}

/* ---- where a rollback comes to ---- */

static struct bundle *none_of(struct command *command, struct text digest)
{
	problem_value(command->problems, PROBLEM_NOT_FOUND, "/to", digest, "List them with: moonbill bundle history",
	              "no bundle of this tenant has a digest that begins with '%.*s'", TEXT_ARG(digest));
	return NULL;
}

static bool is_hex(struct text digest)
{
	for (size_t i = 0; i < digest.length; i++)
		if (!((digest.data[i] >= '0' && digest.data[i] <= '9') || (digest.data[i] >= 'a' && digest.data[i] <= 'f')))
			return false;
	return true;
}

/* All digests that begin so lie between it and it with a letter behind f. */
static struct bundle *bundle_by_beginning(struct command *command, struct text digest)
{
	struct bundle_list found = { 0 };
	struct text end = TEXT_JOIN(command->arena, digest, TEXT("g"));
	if (!is_hex(digest))
		return none_of(command, digest);
	if (digest.length < DIGEST_BEGINNING_MIN || digest.length > DIGEST_LENGTH) {
		problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/to", digest, "Give more of it: moonbill bundle history tells it.",
		              "%d to %d digits of a digest name a bundle", DIGEST_BEGINNING_MIN, DIGEST_LENGTH);
		return NULL;
	}
	if (!store_all(command->store, STATEMENT_BUNDLE_BY_DIGEST_BEGINNING, BINDS(bind_text(digest), bind_text(end)), &bundle_record,
	               LIST(&found)))
		return NULL;
	if (found.count == 0)
		return none_of(command, digest);
	if (found.count == 1)
		return &found.items[0];
	problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/to", digest, "Give more of it: moonbill bundle history tells it.",
	              "several bundles begin with '%.*s'", TEXT_ARG(digest));
	return NULL;
}

static struct bundle *bundle_replaced(struct command *command)
{
	struct bundle_activation *deployed = NULL;
	struct bundle *bundle = NULL;
	struct text current = command->tenant->bundle;
	if (text_present(current) &&
	    !store_one(command->store, STATEMENT_BUNDLE_ACTIVATION_DEPLOYED, BINDS(bind_text(current)), &bundle_activation_record,
	               (void **)&deployed))
		return NULL;
	if (!deployed || !text_present(deployed->previous)) {
		problem_value(command->problems, PROBLEM_NOT_FOUND, "", TEXT_NONE, "Name one of moonbill bundle history by --to.",
		              "there is no bundle to go back to: the one in force replaced none");
		return NULL;
	}
	return bundle_by_digest(command, deployed->previous, &bundle) ? bundle : NULL;
}

struct bundle *bundle_rollback_target(struct command *command, struct text digest)
{
	return text_present(digest) ? bundle_by_beginning(command, digest) : bundle_replaced(command);
}
