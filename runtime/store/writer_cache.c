/* writer_cache.c: next ids and numbers, idempotency keys and tokens, with an undo log. */
#include "store/writer_cache.h"

#include "base/arena.h"
#include "base/problem.h"

#include <assert.h>
#include <string.h>

enum { CACHE_FIRST_BUCKETS = 256, CACHE_FIRST_LOG = 256 };

void cache_finish(struct writer_cache *cache)
{
	for (size_t i = 0; i < cache->bucket_count; i++) {
		struct counter *counter = cache->buckets[i];
		while (counter) {
			struct counter *chain = counter->chain;
			memory_free(counter);
			counter = chain;
		}
	}
	memory_free(cache->buckets);
	memory_free(cache->log);
	key_set_finish(&cache->keys);
	token_set_finish(&cache->tokens);
	*cache = (struct writer_cache){ 0 };
}

/* ---- counters ---- */

static size_t counter_hash(enum counter_use use, int64_t tenant_id, struct text name)
{
	uint64_t mixed = text_hash(name) ^ ((uint64_t)tenant_id * 2 + (use == COUNTER_OF_IDS)) * 0x9e3779b97f4a7c15u;
	return (size_t)(mixed ^ mixed >> 32);
}

struct counter *cache_counter(const struct writer_cache *cache, enum counter_use use, int64_t tenant_id,
                              struct text name)
{
	if (!cache->bucket_count)
		return NULL;
	struct counter *counter = cache->buckets[counter_hash(use, tenant_id, name) & (cache->bucket_count - 1)];
	while (counter && !(counter->tenant_id == tenant_id && counter->use == use &&
	                    text_equals((struct text){ counter->name, counter->name_length }, name)))
		counter = counter->chain;
	return counter;
}

static void bucket_insert(struct counter **buckets, size_t bucket_count, struct counter *counter)
{
	struct text name = { counter->name, counter->name_length };
	struct counter **bucket = &buckets[counter_hash(counter->use, counter->tenant_id, name) & (bucket_count - 1)];
	counter->chain = *bucket;
	*bucket = counter;
}

static bool cache_grow(struct writer_cache *cache)
{
	size_t count = cache->bucket_count ? cache->bucket_count * 2 : CACHE_FIRST_BUCKETS;
	struct counter **buckets = count <= SIZE_MAX / sizeof *buckets ? memory_alloc(count * sizeof *buckets) : NULL;
	if (!buckets)
		return false;
	for (size_t i = 0; i < count; i++)
		buckets[i] = NULL;
	for (size_t i = 0; i < cache->bucket_count; i++) {
		struct counter *counter = cache->buckets[i];
		while (counter) {
			struct counter *chain = counter->chain;
			bucket_insert(buckets, count, counter);
			counter = chain;
		}
	}
	memory_free(cache->buckets);
	cache->buckets = buckets;
	cache->bucket_count = count;
	return true;
}

struct counter *cache_counter_add(struct writer_cache *cache, enum counter_use use, int64_t tenant_id, struct text name,
                                  int64_t stored)
{
	assert(!cache_counter(cache, use, tenant_id, name));
	if (cache->counter_count >= cache->bucket_count && !cache_grow(cache))
		return NULL;
	struct counter *counter = memory_alloc(sizeof *counter + name.length + 1);
	if (!counter)
		return NULL;
	*counter = (struct counter){ .use = use, .tenant_id = tenant_id, .next = stored, .stored = stored,
	                             .name_length = name.length };
	memcpy(counter->name, name.data, name.length);
	counter->name[name.length] = '\0';
	bucket_insert(cache->buckets, cache->bucket_count, counter);
	cache->counter_count++;
	return counter;
}

/* ---- changes that can be undone ---- */

static bool log_add(struct writer_cache *cache, struct undo entry)
{
	if (cache->log_count == cache->log_capacity) {
		size_t capacity = cache->log_capacity ? cache->log_capacity * 2 : CACHE_FIRST_LOG;
		struct undo *log = memory_realloc(cache->log, capacity * sizeof *log);
		if (!log)
			return false;
		cache->log = log;
		cache->log_capacity = capacity;
	}
	cache->log[cache->log_count++] = entry;
	return true;
}

bool cache_counter_set(struct writer_cache *cache, struct counter *counter, int64_t next)
{
	if (!log_add(cache, (struct undo){ .counter = counter, .next = counter->next }))
		return false;
	counter->next = next;
	return true;
}

bool cache_key_add(struct writer_cache *cache, struct key_hash key, int64_t row)
{
	if (!log_add(cache, (struct undo){ .key = key }))
		return false;
	if (!key_set_add(&cache->keys, key, row)) {
		cache->log_count--;
		return false;
	}
	return true;
}

bool cache_token_put(struct writer_cache *cache, struct token_slot token)
{
	struct token_slot before = token;
	before.until = token_set_find(&cache->tokens, token);
	if (!log_add(cache, (struct undo){ .of_token = true, .token = before }))
		return false;
	if (!token_set_put(&cache->tokens, token)) {
		cache->log_count--;
		return false;
	}
	return true;
}

size_t cache_mark(const struct writer_cache *cache)
{
	return cache->log_count;
}

/* One that was taken out comes back: there is room for it, for its table never becomes smaller. */
static void token_undo(struct writer_cache *cache, struct token_slot token)
{
	if (!token_set_put(&cache->tokens, token))
		BUG("a token has no room where it was before");
}

void cache_undo(struct writer_cache *cache, size_t mark)
{
	assert(mark <= cache->log_count);
	while (cache->log_count > mark) {
		struct undo entry = cache->log[--cache->log_count];
		if (entry.counter)
			entry.counter->next = entry.next;
		else if (entry.of_token)
			token_undo(cache, entry.token);
		else
			key_set_remove(&cache->keys, entry.key);
	}
}

void cache_undo_batch(struct writer_cache *cache)
{
	size_t count = cache->log_count;
	cache_undo(cache, 0);
	for (size_t i = 0; i < count; i++)
		if (cache->log[i].counter)
			cache->log[i].counter->stored = cache->log[i].counter->next;
}

void cache_keep(struct writer_cache *cache)
{
	cache->log_count = 0;
}
