/* writer_cache.h: what the writer knows without reading: next ids and numbers, idempotency keys, tokens of events.
 *
 * Everything that changes here belongs to the current batch until it is committed, so each change leaves an
 * entry in an undo log: a job or a savepoint that is rolled back undoes the entries since its mark, and the next
 * id is again exactly what it would have been. Counters are written to their rows once a batch, before COMMIT.
 * The writer's thread only.
 */
#ifndef MOONBILL_STORE_WRITER_CACHE_H
#define MOONBILL_STORE_WRITER_CACHE_H

#include "base/text.h"
#include "store/key_set.h"
#include "store/token_set.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COUNTER_NOTE_BYTES = 64 };
enum counter_use { COUNTER_OF_IDS, COUNTER_OF_NUMBERS };

/* No row in the file is the same as next = 1. */
struct counter {
	struct counter *chain;
	enum counter_use use;
	int64_t tenant_id;
	int64_t next;   /* given next */
	int64_t stored; /* what the row says; equal to next at the start of a batch */
	int64_t noted;  /* the number that the note is of; 0: none */
	size_t note_length;
	char note[COUNTER_NOTE_BYTES]; /* not undone: a number that is taken again is noted again */
	size_t name_length;
	char name[];    /* kind or series; terminated as well */
};

struct undo {
	struct counter *counter; /* NULL: a key was added, or a token changed */
	bool of_token;
	union {
		int64_t next;            /* the counter's before the change */
		struct key_hash key;
		struct token_slot token; /* as it was before */
	};
};

struct writer_cache {
	struct counter **buckets;
	size_t bucket_count, counter_count;
	struct key_set keys;
	struct token_set tokens;
	int64_t last_key_row; /* greatest row number of a key ever used */
	struct undo *log;
	size_t log_count, log_capacity;
};

void cache_finish(struct writer_cache *cache);

/* NULL when it is not cached. */
struct counter *cache_counter(const struct writer_cache *cache, enum counter_use use, int64_t tenant_id,
                              struct text name);
/* A counter that is not yet cached, as its row has it. NULL when memory runs out. */
struct counter *cache_counter_add(struct writer_cache *cache, enum counter_use use, int64_t tenant_id, struct text name,
                                  int64_t stored);
/* These three can be undone; false (and no change) when memory runs out. */
bool cache_counter_set(struct writer_cache *cache, struct counter *counter, int64_t next);
bool cache_key_add(struct writer_cache *cache, struct key_hash key, int64_t row);
/* token_set_put */
bool cache_token_put(struct writer_cache *cache, struct token_slot token);

size_t cache_mark(const struct writer_cache *cache);
/* Undoes what was done since the mark; not after counters were written to their rows. */
void cache_undo(struct writer_cache *cache, size_t mark);
/* The batch was rolled back: undoes all of it, written or not. */
void cache_undo_batch(struct writer_cache *cache);
/* The batch is committed. */
void cache_keep(struct writer_cache *cache);

#endif
