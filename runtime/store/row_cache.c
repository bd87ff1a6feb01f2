/* row_cache.c: decoded rows in slots by hash; one arena for all, emptied when it is full or a row changes. */
#include "store/row_cache.h"

static size_t slot_of(enum statement statement, int64_t tenant_id, const struct store_bind *key)
{
	uint64_t mixed = text_hash(key->bytes) ^ (uint64_t)key->integer;
	mixed = (mixed ^ ((uint64_t)tenant_id * STATEMENT_COUNT + statement)) * 0x9e3779b97f4a7c15u;
	return (size_t)(mixed >> 32) % ROW_CACHE_SLOTS;
}

static bool key_equals(const struct store_bind *a, const struct store_bind *b)
{
	return a->type == b->type && a->integer == b->integer && text_equals(a->bytes, b->bytes);
}

bool row_cache_find(const struct row_cache *cache, enum statement statement, int64_t tenant_id,
                    const struct store_bind *key, const void **value)
{
	const struct cached_row *row = &cache->slots[slot_of(statement, tenant_id, key)];
	bool found = !cache->suspended && row->statement == statement && row->tenant_id == tenant_id &&
	             key_equals(&row->key, key);
	*value = found ? row->value : NULL;
	return found;
}

static void row_cache_empty(struct row_cache *cache)
{
	for (size_t i = 0; i < ROW_CACHE_SLOTS; i++)
		cache->slots[i] = (struct cached_row){ .statement = STATEMENT_NONE };
	if (cache->has_arena)
		arena_reset(&cache->arena);
}

static bool arena_ready(struct row_cache *cache)
{
	if (!cache->has_arena)
		cache->has_arena = arena_init(&cache->arena, ARENA_LIMIT_DEFAULT_BYTES);
	if (cache->has_arena && cache->arena.used_bytes > ROW_CACHE_MOST_BYTES)
		row_cache_empty(cache);
	return cache->has_arena;
}

void row_cache_keep(struct row_cache *cache, enum statement statement, int64_t tenant_id, const struct store_bind *key,
                    const struct record *record, const void *value, size_t bytes)
{
	if (cache->suspended || bytes > ROW_CACHE_ROW_MOST_BYTES || !arena_ready(cache))
		return;
	struct cached_row row = { .statement = statement, .tenant_id = tenant_id, .key = *key };
	row.key.bytes = text_copy(&cache->arena, key->bytes);
	row.value = value ? record_copy(record, value, &cache->arena) : NULL;
	if (arena_exhausted(&cache->arena))
		row_cache_empty(cache);
	else
		cache->slots[slot_of(statement, tenant_id, key)] = row;
}

void row_cache_suspend(struct row_cache *cache)
{
	if (!cache->suspended)
		row_cache_empty(cache);
	cache->suspended = true;
}

void row_cache_resume(struct row_cache *cache)
{
	cache->suspended = false;
}

void row_cache_finish(struct row_cache *cache)
{
	if (cache->has_arena)
		arena_finish(&cache->arena);
	*cache = (struct row_cache){ .has_arena = false };
}
