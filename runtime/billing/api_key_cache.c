/* api_key_cache.c: whose key is this: the store asked at most every 5 seconds a key. */
#include "api_key.h"

#include <pthread.h>
#include <stdio.h>

enum { CACHE_SLOTS = 1024, LOOKUP_BYTES_MAX = 4 * 1024 * 1024 };

struct cache_slot {
	struct digest_short digest; /* of the key's whole text */
	int64_t read_at_us;   /* monotonic; 0: empty */
	struct api_key_identity identity;
};

struct api_key_cache {
	struct engine *engine;
	struct digest_key digest_key;
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
	bool found = slot->read_at_us && now - slot->read_at_us < API_KEY_CACHE_US &&
	             bytes_equal_constant_time(slot->digest.bytes, digest->bytes, sizeof digest->bytes);
	if (found)
		*identity = slot->identity;
	pthread_mutex_unlock(&cache->mutex);
	return found;
}

static void cache_keep(struct api_key_cache *cache, const struct digest_short *digest, int64_t read_at_us,
                       const struct api_key_identity *identity)
{
	pthread_mutex_lock(&cache->mutex);
	*slot_of(cache, digest) = (struct cache_slot){ *digest, read_at_us, *identity };
	pthread_mutex_unlock(&cache->mutex);
}

/* ---- the store ---- */

struct lookup {
	struct api_key_text key;
	struct text secret_hex; /* of the digest of the secret that was sent */
	struct arena *arena;
	struct problems *problems;
	struct api_key_identity *identity;
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
	memset(who, 0, sizeof *who);
	who->tenant_id = store_row_integer(row, 0);
	who->key_id = store_row_integer(row, 1);
	snprintf(who->name, sizeof who->name, "%.*s", TEXT_ARG(store_row_text(row, 2)));
	snprintf(who->actor, sizeof who->actor, "key:%.*s", TEXT_ARG(store_row_text(row, 2)));
	lookup->found = api_scopes_parse(store_row_text(row, 4), "", lookup->problems, &who->scopes);
	if (who->scopes & API_SCOPE_ADMIN)
		who->scopes = API_SCOPE_ALL;
	who->test = text_is(store_row_text(row, 5), "test");
	return false;
}

static bool lookup_body(struct store_transaction *transaction, void *context)
{
	struct lookup *lookup = context;
	return store_each(transaction, STATEMENT_API_KEY_BY_PUBLIC_PART, BINDS(bind_text(lookup->key.id)), lookup_row, lookup);
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
	return read && lookup.found;
}

bool api_key_verify(struct api_key_cache *cache, struct text key, struct api_key_identity *identity)
{
	struct digest_short digest = digest_keyed(&cache->digest_key, key);
	if (cache_find(cache, &digest, identity))
		return true;
	int64_t read_at_us = clock_monotonic_us();
	if (!store_lookup(cache, key, identity))
		return false;
	cache_keep(cache, &digest, read_at_us, identity);
	return true;
}
