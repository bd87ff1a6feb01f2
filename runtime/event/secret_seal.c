/* secret_seal.c: secrets that the store keeps, sealed by the keys of the process (base/seal.h). */
#include "secret_seal.h"

#include "base/log.h"
#include "base/signature.h"
#include "engine_state.h"

enum { SECRET_BYTES = 32 };

/* ---- one ---- */

static const char *place_of(struct arena *arena, int64_t tenant_id, const struct webhook_secret *secret)
{
	return text_format(arena, "webhook_secret %lld %lld %lld", (long long)tenant_id, (long long)secret->endpoint_id,
	                   (long long)secret->id).data;
}

void webhook_secret_seal(struct command *command, struct webhook_secret *secret)
{
	secret->secret = seal(command->engine->options.secrets, secret->secret,
	                      place_of(command->arena, command->tenant->id, secret), command->arena);
}

static bool secret_open(const struct seal_keys *keys, int64_t tenant_id, const struct webhook_secret *secret, struct arena *arena,
                        struct problems *problems, struct text *plain)
{
	return unseal(keys, secret->secret, place_of(arena, tenant_id, secret), arena, problems, plain);
}

/* What is not sealed is the row's own text, which others of its messages are signed with. */
static void secret_close(const struct webhook_secret *secret, struct text plain)
{
	if (plain.data != secret->secret.data)
		text_wipe(plain);
}

/* The bytes of "whsec_" and base64. */
static struct text secret_key(struct arena *arena, struct text plain)
{
	struct text key = TEXT_NONE;
	base64_read(arena, text_slice(plain, sizeof "whsec_" - 1, plain.length), &key);
	return key;
}

bool webhook_secret_sign(const struct seal_keys *keys, int64_t tenant_id, const struct webhook_secret *secret,
                         const struct text *parts, size_t part_count, struct arena *arena, struct problems *problems,
                         struct digest *signature)
{
	struct text plain;
	if (!secret_open(keys, tenant_id, secret, arena, problems, &plain))
		return false;
	struct text key = secret_key(arena, plain);
	*signature = hmac_sha256_parts(key, parts, part_count);
	text_wipe(key);
	secret_close(secret, plain);
	return true;
}

struct text webhook_secret_new(struct arena *arena)
{
	unsigned char bytes[SECRET_BYTES];
	random_bytes(bytes, sizeof bytes);
	struct text plain = text_format(arena, "whsec_%.*s", TEXT_ARG(base64_text(arena, bytes, sizeof bytes)));
	bytes_wipe(bytes, sizeof bytes);
	return plain;
}

/* ---- all ---- */

struct secret_list {
	struct webhook_secret *items;
	size_t count, capacity;
};

static bool is_current(const struct seal_keys *keys, struct text kept)
{
	struct text id = seal_key_id(kept);
	return text_present(id) && text_is(id, keys->items[0].id);
}

static bool secret_renew(struct command *command, struct webhook_secret *secret)
{
	struct text plain;
	if (!secret_open(command->engine->options.secrets, command->tenant->id, secret, command->arena, command->problems, &plain))
		return false;
	secret->secret = plain;
	webhook_secret_seal(command, secret);
	text_wipe(plain);
	return store_update(command->store, &webhook_secret_record, secret);
}

static bool secret_move(struct command *command, int64_t from_tenant_id, bool renew, struct webhook_secret *secret)
{
	struct text plain;
	if (renew)
		plain = webhook_secret_new(command->arena);
	else if (!secret_open(command->engine->options.secrets, from_tenant_id, secret, command->arena, command->problems, &plain))
		return false;
	secret->secret = plain;
	webhook_secret_seal(command, secret);
	bool good = store_update(command->store, &webhook_secret_record, secret);
	text_wipe(plain);
	return good;
}

bool webhook_secrets_move(struct command *command, int64_t from_tenant_id, bool renew)
{
	struct secret_list secrets = { NULL, 0, 0 };
	bool good = store_all(command->store, STATEMENT_WEBHOOK_SECRETS_ALL, NO_BINDS, &webhook_secret_record, LIST(&secrets));
	for (size_t i = 0; good && i < secrets.count; i++)
		good = secret_move(command, from_tenant_id, renew, &secrets.items[i]);
	return good;
}

static bool seal_perform(struct command *command, const void *data, void **output)
{
	const struct secrets_seal *input = data;
	const struct seal_keys *keys = command->engine->options.secrets;
	struct secret_list secrets = { NULL, 0, 0 };
	struct secrets_sealed *sealed = arena_new(command->arena, struct secrets_sealed);
	if (!keys || !text_is(input->key_id, keys->items[0].id))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/key_id", input->key_id,
		                     "Start the server again with secrets_key_file set to the file.",
		                     "the server seals with %s%s, not with the first key of the file, %.*s", keys ? "the key " : "no key",
		                     keys ? keys->items[0].id : "", TEXT_ARG(input->key_id));
	if (!store_all(command->store, STATEMENT_WEBHOOK_SECRETS_ALL, NO_BINDS, &webhook_secret_record, LIST(&secrets)))
		return false;
	*sealed = (struct secrets_sealed){ .key_id = input->key_id, .secrets = (int64_t)secrets.count };
	for (size_t i = 0; i < secrets.count; i++) {
		bool renewed = !is_current(keys, secrets.items[i].secret);
		if (renewed && !secret_renew(command, &secrets.items[i]))
			return false;
		sealed->sealed += renewed;
	}
	if (sealed->sealed)
		store_cut_log(command->store);
	*output = sealed;
	return true;
}

const struct command_type secret_commands[] = {
	{ .name = "secrets.seal", .scope = "admin", .without_rules = true, .input = &secrets_seal_record,
	  .output = &secrets_sealed_record, .perform = seal_perform,
	  .doc = "Seals a tenant's secrets with the first key of the process, where they are not yet." },
	{ .name = NULL },
};

/* ---- at the start ---- */

struct missing {
	const struct seal_keys *keys;
	struct problems *problems;
	bool any;
};

/* The column: the front of what is sealed, which is the same for each key. */
static bool front_row(void *context, const struct store_row *row)
{
	struct missing *missing = context;
	struct text id = seal_key_id(store_row_text(row, 0));
	if (seal_has_key(missing->keys, id))
		return true;
	missing->any = true;
	problem(missing->problems, PROBLEM_SECRET_SEALED, "",
	        "the store has secrets that are sealed with the key %.*s, which secrets_key_file does not have", TEXT_ARG(id));
	return true;
}

static bool fronts_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_WEBHOOK_SECRET_SEALS, NO_BINDS, front_row, context);
}

bool secrets_check(struct engine *engine, struct problems *problems)
{
	struct missing missing = { engine->options.secrets, problems, false };
	return store_read(engine->store, 0, problems->arena, problems, fronts_read, &missing) && !missing.any;
}
