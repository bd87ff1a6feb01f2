/* api_key.c: keys that open the API of one tenant: made, revoked, listed. */
#include "api_key.h"

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

bool api_key_add(struct command *command, struct text name, unsigned set, bool test_tenant, struct api_key **made,
                 struct text *whole)
{
	struct api_key_text text = api_key_make(command->arena, test_tenant);
	struct api_key *key = arena_new(command->arena, struct api_key);
	key->id = store_new_id(command->store, "api_key");
	key->name = name;
	key->key_id = text.id;
	key->secret_digest = text_hex(command->arena, text.secret_digest.bytes, sizeof text.secret_digest.bytes);
	key->scopes = api_scopes_text(command->arena, set);
	key->created_at = command->now;
	*made = key;
	*whole = text.whole;
	return store_insert(command->store, &api_key_record, key);
}

static bool key_create_perform(struct command *command, const void *data, void **output)
{
	const struct key_create *input = data;
	struct text words = text_present(input->scopes) ? input->scopes : TEXT("read write payments deploy");
	unsigned set;
	struct api_key *key;
	struct text whole;
	if (!api_scopes_parse(words, "/scopes", command->problems, &set) ||
	    !api_key_add(command, input->name, set, command->tenant->mode == TENANT_MODE_TEST, &key, &whole))
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

static bool key_by_words(struct command *command, const struct key_revoke *input, struct api_key **key)
{
	struct api_key_list keys = { 0 };
	const char *pointer = text_present(input->name) ? "/name" : "/key_id";
	if (!store_all(command->store, STATEMENT_API_KEY_IN_FORCE,
	               BINDS(bind_text(input->name), bind_text(input->key_id)), &api_key_record, LIST(&keys)))
		return false;
	if (keys.count == 0)
		return problem(command->problems, PROBLEM_NOT_FOUND, pointer, "there is no such key in force");
	if (keys.count > 1)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, pointer,
		               "%zu keys in force have this name: name the key by its id", keys.count);
	*key = keys.items;
	return true;
}

static bool key_revoke_perform(struct command *command, const void *data, void **output)
{
	const struct key_revoke *input = data;
	int names = (input->id != 0) + text_present(input->key_id) + text_present(input->name);
	struct api_key *key = NULL;
	if (names != 1)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "",
		               "name the key by one of id, key_id and name");
	if (input->id == 0 && !key_by_words(command, input, &key))
		return false;
	if (input->id != 0 && !store_find(command->store, &api_key_record, input->id, (void **)&key))
		return false;
	if (!key)
		return problem(command->problems, PROBLEM_NOT_FOUND, "/id", "key %lld does not exist",
		               (long long)input->id);
	if (key->revoked_at.us)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "key %lld is revoked already",
		               (long long)key->id);
	key->revoked_at = command->now;
	command_object(command, "api_key", key->id, 0);
	*output = key;
	return store_update(command->store, &api_key_record, key);
}

const struct command_type api_key_commands[] = {
	{ .name = "key.create", .scope = "admin", .input = &key_create_record, .output = &key_created_record,
	  .without_rules = true,
	  .perform = key_create_perform, .doc = "Makes an API key; its text is shown this once." },
	{ .name = "key.revoke", .scope = "admin", .input = &key_revoke_record, .output = &api_key_record,
	  .without_rules = true,
	  .perform = key_revoke_perform, .doc = "From then on the key opens nothing (caches hold it for 5 seconds)." },
	{ .name = NULL },
};
