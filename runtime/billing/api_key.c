/* api_key.c: keys that open the API of one tenant: made, revoked, listed. */
#include "api_key.h"

#include "name.h"

static const struct {
	const char *word;
	unsigned scope;
} scopes[] = {
	{ "read", API_SCOPE_READ },     { "write", API_SCOPE_WRITE }, { "payments", API_SCOPE_PAYMENTS },
	{ "deploy", API_SCOPE_DEPLOY }, { "admin", API_SCOPE_ADMIN },
};
enum { SCOPE_WORDS = sizeof scopes / sizeof scopes[0] };

static const char *scope_candidate(const void *context, size_t i)
{
	(void)context;
	return i < SCOPE_WORDS ? scopes[i].word : NULL;
}

static unsigned scope_of(struct text word)
{
	for (size_t i = 0; i < SCOPE_WORDS; i++)
		if (text_is(word, scopes[i].word))
			return scopes[i].scope;
	return 0;
}

unsigned api_scope_of(const char *word)
{
	return scope_of(text_of(word));
}

bool api_scopes_parse(struct text words, const char *pointer, struct problems *problems, unsigned *parsed)
{
	*parsed = 0;
	struct text word, rest = words;
	while (text_present(rest)) {
		bool more = text_split(rest, ' ', &word, &rest);
		unsigned scope = scope_of(word);
		if (!scope && word.length > 0)
			return problem_value(problems, PROBLEM_UNKNOWN_CHOICE, pointer, word,
			                     "Use read, write, payments, deploy, admin, with blanks between.",
			                     "scope '%.*s' is unknown%s", TEXT_ARG(word),
			                     text_did_you_mean(problems->arena, word, scope_candidate, NULL));
		*parsed |= scope;
		if (!more)
			break;
	}
	return *parsed || problem(problems, PROBLEM_MISSING_FIELD, pointer, "a key needs at least one scope");
}

struct text api_scopes_text(struct arena *arena, unsigned set)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < SCOPE_WORDS; i++) {
		if (!(set & scopes[i].scope))
			continue;
		if (out.length > 0)
			builder_byte(&out, ' ');
		builder_c(&out, scopes[i].word);
	}
	return builder_text(&out);
}

bool api_key_page(struct command *command, struct page_query page, struct api_key_list *keys)
{
	return store_all(command->store, STATEMENT_API_KEY_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &api_key_record,
	                 LIST(keys));
}

/* Makes the row; expires_at none: never. */
static bool key_add(struct command *command, struct text name, unsigned set, bool test_tenant, struct instant expires_at,
                    struct api_key **made, struct text *whole)
{
	struct api_key_text text = api_key_make(command->arena, test_tenant);
	struct api_key *key = arena_new(command->arena, struct api_key);
	key->id = store_new_id(command->store, "api_key");
	key->name = name;
	key->key_id = text.id;
	key->secret_digest = text_hex(command->arena, text.secret_digest.bytes, sizeof text.secret_digest.bytes);
	key->scopes = api_scopes_text(command->arena, set);
	key->created_at = command->now;
	key->expires_at = expires_at;
	*made = key;
	*whole = text.whole;
	return store_insert(command->store, &api_key_record, key);
}

bool api_key_add(struct command *command, struct text name, unsigned set, bool test_tenant, struct api_key **made,
                 struct text *whole)
{
	return key_add(command, name, set, test_tenant, INSTANT_NONE, made, whole);
}

/* A key made to be dead is a mistake in a year or a zone. */
static bool expiry_check(struct command *command, struct instant expires_at)
{
	return !expires_at.us || expires_at.us > clock_wall().us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/expires_at", instant_text(command->arena, expires_at),
	                     "Give an instant that is to come, or leave it out.", "the key would have expired already");
}

static bool key_create_perform(struct command *command, const void *data, void **output)
{
	const struct key_create *input = data;
	struct text words = text_present(input->scopes) ? input->scopes : TEXT("read write payments deploy");
	unsigned set;
	struct api_key *key;
	struct text whole;
	if (!name_is_one_line(input->name, command->problems) ||
	    !api_scopes_parse(words, "/scopes", command->problems, &set) || !expiry_check(command, input->expires_at) ||
	    !key_add(command, input->name, set, command->tenant->mode == TENANT_MODE_TEST, input->expires_at, &key, &whole))
		return false;
	struct key_created *created = arena_new(command->arena, struct key_created);
	created->id = key->id;
	created->name = key->name;
	created->key_id = key->key_id;
	created->scopes = key->scopes;
	created->api_key = whole;
	created->created_at = key->created_at;
	command_object(command, "api_key", key->id, 0);
	*output = created;
	return true;
}

/* ---- one key, by its names ---- */

/* What key.revoke and key.rotate are given. */
struct key_names {
	int64_t id;
	struct text key_id, name;
	bool unreplaced; /* of several keys of a name the one without an expiry is meant */
};

/* During the grace of a rotation two keys have its name. */
static void drop_expiring(struct api_key_list *keys)
{
	size_t kept = 0;
	for (size_t i = 0; i < keys->count; i++)
		if (!keys->items[i].expires_at.us)
			keys->items[kept++] = keys->items[i];
	if (kept)
		keys->count = kept;
}

static bool key_by_words(struct command *command, const struct key_names *names, struct api_key **key)
{
	struct api_key_list keys = { 0 };
	const char *pointer = text_present(names->name) ? "/name" : "/key_id";
	struct text given = text_present(names->name) ? names->name : names->key_id;
	if (!store_all(command->store, STATEMENT_API_KEY_IN_FORCE,
	               BINDS(bind_text(names->name), bind_text(names->key_id), bind_instant(clock_wall())), &api_key_record,
	               LIST(&keys)))
		return false;
	if (keys.count > 1 && names->unreplaced)
		drop_expiring(&keys);
	if (keys.count == 0)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, pointer, given,
		                     "List the keys (GET /v1/keys, moonbill key list); revoked and expired ones are not in force.",
		                     "there is no key '%.*s' in force", TEXT_ARG(given));
	if (keys.count > 1)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, pointer, given,
		                     "Name the key by its id, which the list of keys tells (GET /v1/keys, moonbill key list).",
		                     "%zu keys in force have this name", keys.count);
	*key = keys.items;
	return true;
}

static bool key_find(struct command *command, const struct key_names *names, struct api_key **key)
{
	if ((names->id != 0) + text_present(names->key_id) + text_present(names->name) != 1)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "",
		               "name the key by one of id, key_id and name");
	if (names->id == 0)
		return key_by_words(command, names, key);
	return store_find(command->store, &api_key_record, names->id, (void **)key);
}

/* The key, which is not revoked; NULL with a problem. */
static struct api_key *key_need(struct command *command, const struct key_names *names)
{
	struct api_key *key = NULL;
	if (!key_find(command, names, &key))
		return NULL;
	if (!key) {
		record_missing(&api_key_record, names->id, command->problems, "/id");
		return NULL;
	}
	if (key->revoked_at.us) {
		problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE, "It opens nothing any more; make a new key.",
		              "key %lld is revoked already", (long long)key->id);
		return NULL;
	}
	command_object(command, "api_key", key->id, 0);
	return key;
}

static bool key_revoke_perform(struct command *command, const void *data, void **output)
{
	const struct key_revoke *input = data;
	const struct key_names names = { .id = input->id, .key_id = input->key_id, .name = input->name };
	struct api_key *key = key_need(command, &names);
	if (!key)
		return false;
	key->revoked_at = command->now;
	command_ends_access(command);
	*output = key;
	return store_update(command->store, &api_key_record, key);
}

/* ---- rotation ---- */

enum { GRACE_DEFAULT_S = 24 * 60 * 60 };

static struct key_rotated *rotated_of(struct command *command, const struct api_key *old, const struct api_key *key,
                                      struct text whole)
{
	struct key_rotated *rotated = arena_new(command->arena, struct key_rotated);
	rotated->id = key->id;
	rotated->name = key->name;
	rotated->key_id = key->key_id;
	rotated->scopes = key->scopes;
	rotated->api_key = whole;
	rotated->created_at = key->created_at;
	rotated->old_id = old->id;
	rotated->old_expires_at = old->expires_at;
	return rotated;
}

/* By the wall clock: who holds a stolen key must not gain by a test tenant's clock that stands still. A key that ends
 * sooner is not prolonged. */
static void expire_after(struct api_key *key, int64_t grace_s)
{
	struct instant end = clock_wall();
	end.us += grace_s * US_PER_S;
	if (!key->expires_at.us || end.us < key->expires_at.us)
		key->expires_at = end;
}

static bool key_rotate_perform(struct command *command, const void *data, void **output)
{
	const struct key_rotate *input = data;
	const struct key_names names = { .id = input->id, .key_id = input->key_id, .name = input->name, .unreplaced = true };
	struct api_key *old = key_need(command, &names), *key;
	struct text whole;
	unsigned set;
	if (!old || !api_scopes_parse(old->scopes, "", command->problems, &set))
		return false;
	if (old->expires_at.us && old->expires_at.us <= clock_wall().us)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "key %lld has expired", (long long)old->id);
	command_ends_access(command);
	expire_after(old, input->has_grace_seconds ? input->grace_seconds : GRACE_DEFAULT_S);
	if (!store_update(command->store, &api_key_record, old) ||
	    !key_add(command, old->name, set, command->tenant->mode == TENANT_MODE_TEST, INSTANT_NONE, &key, &whole))
		return false;
	*output = rotated_of(command, old, key, whole);
	return true;
}

const struct command_type api_key_commands[] = {
	{ .name = "key.create", .scope = "admin", .input = &key_create_record, .output = &key_created_record,
	  .without_rules = true,
	  .perform = key_create_perform, .doc = "Makes an API key; its text is shown this once." },
	{ .name = "key.revoke", .scope = "admin", .input = &key_revoke_record, .output = &api_key_record,
	  .without_rules = true,
	  .perform = key_revoke_perform, .doc = "From then on the key opens nothing." },
	{ .name = "key.rotate", .scope = "admin", .input = &key_rotate_record, .output = &key_rotated_record,
	  .without_rules = true,
	  .perform = key_rotate_perform,
	  .doc = "Makes a key of the same name and scopes; the old one opens for a time of grace, a day unless said." },
	{ .name = NULL },
};
