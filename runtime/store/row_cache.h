/* row_cache.h: rows that nearly every command reads and hardly one changes (plans, tenants), decoded; also that there is none.
 *
 * Holds what is committed and nothing else: from the first statement that may change such a table until its batch ends,
 * committed or not, nothing is answered from here nor kept. So a rollback, of a savepoint or of all, has nothing to undo.
 * A row is kept under the statement, the tenant and the one value that it was found by. The writer's thread only.
 */
#ifndef MOONBILL_STORE_ROW_CACHE_H
#define MOONBILL_STORE_ROW_CACHE_H

#include "store/store.h"

enum {
	ROW_CACHE_SLOTS = 256,
	ROW_CACHE_MOST_BYTES = 1024 * 1024,
	/* Larger rows are read each time: a copy must fit into the reserve of the arena when memory runs out. */
	ROW_CACHE_ROW_MOST_BYTES = ARENA_RESERVE_BYTES / 4,
};

struct cached_row {
	enum statement statement; /* STATEMENT_NONE: an empty slot */
	int64_t tenant_id;
	struct store_bind key;
	const void *value; /* NULL: there is no such row */
};

struct row_cache {
	struct arena arena; /* of what the slots point to; made with the first row */
	bool has_arena;
	bool suspended;
	struct cached_row slots[ROW_CACHE_SLOTS];
};

/* False when it is not known here. The record belongs to the cache: to be copied; NULL: there is none. */
bool row_cache_find(const struct row_cache *cache, enum statement statement, int64_t tenant_id,
                    const struct store_bind *key, const void **value);
/* Keeps a copy, or with NULL that there is none, if there is room and memory; `bytes` is at least what a copy takes. */
void row_cache_keep(struct row_cache *cache, enum statement statement, int64_t tenant_id, const struct store_bind *key,
                    const struct record *record, const void *value, size_t bytes);
/* A statement that may change a row of a kind that is kept is about to run. */
void row_cache_suspend(struct row_cache *cache);
/* The batch has ended. */
void row_cache_resume(struct row_cache *cache);
void row_cache_finish(struct row_cache *cache);

#endif
