/* arena.h: memory with one lifetime.
 *
 * An arena belongs to one command, request or call and to one thread at a time. Nothing in it is freed
 * singly: arena_reset or arena_finish ends all of it at once. Freed memory is poisoned under ASan.
 *
 *     struct arena arena;
 *     arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
 *     struct invoice *invoice = arena_new(&arena, struct invoice);
 *     arena_finish(&arena);
 *
 * Running out. Sizes that follow from input go through arena_try, which may return NULL. Everything
 * else is small and bounded and uses arena_alloc, which never does: when malloc fails or the limit is
 * reached the arena becomes `exhausted` and serves from a reserve set aside by arena_init. Whoever owns
 * the arena (the store before each statement, the dispatcher, the HTTP handler) tests arena_exhausted
 * and ends the work with PROBLEM_OUT_OF_MEMORY, so a thousand call sites need no check of their own.
 * A reserve used up as well is followed by malloc beyond the limit, and by an abort when that fails too.
 */
#ifndef MOONBILL_BASE_ARENA_H
#define MOONBILL_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

enum {
	ARENA_RESERVE_BYTES = 64 * 1024,
	ARENA_LIMIT_DEFAULT_BYTES = 64 * 1024 * 1024,
	ARENA_LIMIT_JOB_BYTES = 256 * 1024 * 1024, /* of due work, of which a writer does one at a time */
};

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *next, *end;           /* free part of the newest block */
	size_t used_bytes, limit_bytes;
	char *reserve;
	size_t reserve_used_bytes;
	bool exhausted;
};

/* A place to return to with arena_rewind: frees what was allocated since. */
struct arena_mark {
	struct arena_block *block;
	char *next;
	size_t used_bytes;
};

/* Returns false when not even the reserve can be had; the arena is then unusable. */
bool arena_init(struct arena *arena, size_t limit_bytes);
void arena_finish(struct arena *arena);
/* Frees everything but one block and clears `exhausted`. */
void arena_reset(struct arena *arena);

/* Zeroed memory, aligned to 16 bytes; never NULL (see above). */
void *arena_alloc(struct arena *arena, size_t size);
/* The same for `count` things of `size`; the product is checked. */
void *arena_alloc_many(struct arena *arena, size_t count, size_t size);
/* May return NULL: for sizes that follow from input. Not zeroed. */
void *arena_try(struct arena *arena, size_t size);
/* `old` of old_size bytes grown to new_size, contents kept; NULL when it cannot be had. */
void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size);
bool arena_exhausted(const struct arena *arena);
/* Gives the reserve back, of an arena that is kept for what lies in it: nothing more may be allocated there. */
void arena_settle(struct arena *arena);
/* What it holds of the machine's memory, its free end included. */
size_t arena_held_bytes(const struct arena *arena);
/* Room for `bytes` more, also in an arena that is exhausted: for what must be written of work that failed. */
void arena_extend(struct arena *arena, size_t bytes);
/* Overwrites every byte it has given out and not yet freed, before arena_finish: for arenas that held secrets. What was
 * made in it must not be read any more. */
void arena_wipe(struct arena *arena);

struct arena_mark arena_mark(const struct arena *arena);
void arena_rewind(struct arena *arena, struct arena_mark mark);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_new_many(arena, type, count) ((type *)arena_alloc_many((arena), (count), sizeof(type)))

/* Fault injection for tests: the nth allocation from now (1 = the next) of this process fails, once or
 * for good. 0 switches it off. Counts arena blocks and memory_alloc alike. */
void memory_fail_after(long nth, bool sticky);
long memory_allocations(void);
/* How many allocations of this thread found no memory, those of arenas included: whoever sees the number grow while its
 * work failed knows why, wherever the failure was taken for something else. */
long memory_failures(void);
/* malloc / realloc / free under the same counter, for what lives longer than an arena. */
void *memory_alloc(size_t size);
void *memory_realloc(void *old, size_t size);
void memory_free(void *block);

#endif
