/* api_key_cache.c: whose key is this: the store asked at most every 5 seconds a key. */
#include "api_key.h"

#include <pthread.h>
#include <stdio.h>

enum { USE_EVERY_S = 3600, CACHE_SLOTS = 1024, LOOKUP_BYTES_MAX = 4 * 1024 * 1024 };

struct cache_slot {
	struct digest_short digest; /* of the key's whole text */
	int64_t read_at_us;   /* monotonic; 0: empty */
	uint64_t access_version; /* of the engine, from before it was read */
	struct api_key_identity identity;
};

struct api_key_cache {
	struct engine *engine;
	struct digest_key digest_key;
	bool notes_use;
	pthread_mutex_t mutex;
	struct cache_slot slots[CACHE_SLOTS];
};

struct api_key_cache *api_key_cache_new(struct engine *engine)
{
	struct api_key_cache *cache = memory_alloc(sizeof *cache);
	if (!cache)
		return NULL;
	memset(cache, 0, sizeof *cache);
	cache->engine = engine;
	random_bytes(&cache->digest_key, sizeof cache->digest_key);
	pthread_mutex_init(&cache->mutex, NULL);
	return cache;
}

void api_key_cache_free(struct api_key_cache *cache)
{
	if (!cache)
		return;
	pthread_mutex_destroy(&cache->mutex);
	bytes_wipe(cache, sizeof *cache);
	memory_free(cache);
}

/* Only keys that were found are kept, so the slot of a digest is chosen by one who knows a key. */
static struct cache_slot *slot_of(struct api_key_cache *cache, const struct digest_short *digest)
{
	return &cache->slots[(digest->bytes[0] | digest->bytes[1] << 8) % CACHE_SLOTS];
}

static bool cache_find(struct api_key_cache *cache, const struct digest_short *digest, struct api_key_identity *identity)
{
	int64_t now = clock_monotonic_us();
	pthread_mutex_lock(&cache->mutex);
	const struct cache_slot *slot = slot_of(cache, digest);
	int64_t expires_at_us = slot->identity.expires_at_us;
	bool found = slot->read_at_us && now - slot->read_at_us < API_KEY_CACHE_US &&
	             slot->access_version == engine_access_version(cache->engine) &&
	             (!expires_at_us || clock_wall().us < expires_at_us) &&
	             bytes_equal_constant_time(slot->digest.bytes, digest->bytes, sizeof digest->bytes);
	if (found)
		*identity = slot->identity;
	pthread_mutex_unlock(&cache->mutex);
	return found;
}

static void cache_keep(struct api_key_cache *cache, const struct cache_slot *slot)
{
	pthread_mutex_lock(&cache->mutex);
	*slot_of(cache, &slot->digest) = *slot;
	pthread_mutex_unlock(&cache->mutex);
}

/* ---- the store ---- */

struct lookup {
	struct api_key_text key;
	struct text secret_hex; /* of the digest of the secret that was sent */
	struct arena *arena;
	struct problems *problems;
	struct api_key_identity *identity;
	int64_t last_used_at_us;
	bool found;
};

static bool lookup_row(void *context, const struct store_row *row)
{
	struct lookup *lookup = context;
	struct text secret = store_row_text(row, 3);
	if (secret.length != lookup->secret_hex.length ||
	    !bytes_equal_constant_time(secret.data, lookup->secret_hex.data, secret.length))
		return true;
	struct api_key_identity *who = lookup->identity;
	int64_t expires_at_us = store_row_integer(row, 6);
	if (expires_at_us && clock_wall().us >= expires_at_us)
		return true;
	memset(who, 0, sizeof *who);
	who->expires_at_us = expires_at_us;
	lookup->last_used_at_us = store_row_integer(row, 7);
	who->tenant_id = store_row_integer(row, 0);
	who->key_id = store_row_integer(row, 1);
	snprintf(who->name, sizeof who->name, "%.*s", TEXT_ARG(store_row_text(row, 2)));
	snprintf(who->actor, sizeof who->actor, "key:%.*s", TEXT_ARG(store_row_text(row, 2)));
	lookup->found = api_scopes_parse(store_row_text(row, 4), "", lookup->problems, &who->scopes);
	if (who->scopes & API_SCOPE_ADMIN)
		who->scopes = API_SCOPE_ALL;
	snprintf(who->tenant, sizeof who->tenant, "%.*s", TEXT_ARG(store_row_text(row, 8)));
	who->test = text_is(store_row_text(row, 5), "test");
	return false;
}

static bool lookup_body(struct store_transaction *transaction, void *context)
{
	struct lookup *lookup = context;
	return store_each(transaction, STATEMENT_API_KEY_BY_PUBLIC_PART, BINDS(bind_text(lookup->key.id)), lookup_row, lookup);
}

/* ---- last use ---- */

/* A write of its own that nobody waits for: when it fails the next look-up tries again. */
struct use {
	struct store_job job;
	struct arena arena;
	struct problems problems;
	int64_t key_id;
};

static bool use_body(struct store_transaction *transaction, void *context)
{
	const struct use *use = context;
	return store_execute(transaction, STATEMENT_API_KEY_USED, BINDS(bind_id(use->key_id), bind_instant(clock_wall())), NULL);
}

static void use_done(void *context, enum store_outcome outcome)
{
	struct use *use = context;
	(void)outcome;
	arena_finish(&use->arena);
	memory_free(use);
}

static void use_note(struct api_key_cache *cache, const struct api_key_identity *identity, int64_t last_used_at_us)
{
	if (!cache->notes_use || clock_wall().us - last_used_at_us < (int64_t)USE_EVERY_S * US_PER_S)
		return;
	struct use *use = memory_alloc(sizeof *use);
	if (!use)
		return;
	memset(use, 0, sizeof *use);
	if (!arena_init(&use->arena, LOOKUP_BYTES_MAX)) {
		memory_free(use);
		return;
	}
	problems_init(&use->problems, &use->arena);
	use->key_id = identity->key_id;
	use->job = (struct store_job){ .tenant_id = identity->tenant_id, .body = use_body, .done = use_done, .context = use,
	                               .arena = &use->arena, .problems = &use->problems };
	store_submit(engine_store(cache->engine), &use->job);
}

void api_key_cache_note_use(struct api_key_cache *cache)
{
	cache->notes_use = true;
}

static bool store_lookup(struct api_key_cache *cache, struct text text, struct api_key_identity *identity)
{
	struct arena arena;
	identity->unknown = true;
	if (!arena_init(&arena, LOOKUP_BYTES_MAX))
		return false;
	struct problems problems;
	problems_init(&problems, &arena);
	struct lookup lookup = { .arena = &arena, .problems = &problems, .identity = identity };
	bool read = true;
	if (api_key_read(text, &lookup.key)) {
		lookup.secret_hex = text_hex(&arena, lookup.key.secret_digest.bytes, sizeof lookup.key.secret_digest.bytes);
		read = store_read(engine_store(cache->engine), 0, &arena, &problems, lookup_body, &lookup);
	}
	identity->unknown = !read;
	arena_finish(&arena);
	if (read && lookup.found)
		use_note(cache, identity, lookup.last_used_at_us);
	return read && lookup.found;
}

bool api_key_verify(struct api_key_cache *cache, struct text key, struct api_key_identity *identity)
{
	struct digest_short digest = digest_keyed(&cache->digest_key, key);
	if (cache_find(cache, &digest, identity))
		return true;
	struct cache_slot slot = { .digest = digest, .read_at_us = clock_monotonic_us(),
		                   .access_version = engine_access_version(cache->engine) };
	if (!store_lookup(cache, key, identity))
		return false;
	slot.identity = *identity;
	cache_keep(cache, &slot);
	return true;
}
