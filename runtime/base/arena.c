/* arena.c: memory with one lifetime, and malloc under a fault counter. */
#include "base/arena.h"

#include "base/problem.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define POISON(at, size) ASAN_POISON_MEMORY_REGION((at), (size))
#define UNPOISON(at, size) ASAN_UNPOISON_MEMORY_REGION((at), (size))
#else
#define POISON(at, size) ((void)(at), (void)(size))
#define UNPOISON(at, size) ((void)(at), (void)(size))
#endif

enum { ARENA_ALIGN = 16, ARENA_BLOCK_FIRST_BYTES = 8 * 1024, ARENA_BLOCK_MOST_BYTES = 1024 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t size; /* of the bytes after this header */
};

static_assert(sizeof(struct arena_block) % ARENA_ALIGN == 0, "block contents start aligned");

/* ---- malloc under a counter: process-wide because the nth allocation of the process is what a test fails ---- */

static atomic_long allocations;
static atomic_long fail_at; /* the value of `allocations` that fails; 0 = never */
static atomic_bool fail_sticky;

void memory_fail_after(long nth, bool sticky)
{
	atomic_store(&fail_sticky, sticky);
	atomic_store(&fail_at, nth > 0 ? atomic_load(&allocations) + nth : 0);
}

long memory_allocations(void)
{
	return atomic_load(&allocations);
}

/* Of this thread, because the work that is judged by it runs on one. */
static _Thread_local long failures;

long memory_failures(void)
{
	return failures;
}

static void *memory_noted(void *found)
{
	failures += found == NULL;
	return found;
}

static bool memory_must_fail(void)
{
	long number = atomic_fetch_add(&allocations, 1) + 1;
	long at = atomic_load(&fail_at);
	return at != 0 && (number == at || (number > at && atomic_load(&fail_sticky)));
}

void *memory_alloc(size_t size)
{
	return memory_noted(memory_must_fail() ? NULL : malloc(size ? size : 1));
}

void *memory_realloc(void *old, size_t size)
{
	return memory_noted(memory_must_fail() ? NULL : realloc(old, size ? size : 1));
}

void memory_free(void *block)
{
	free(block);
}

/* ---- the arena ---- */

static char *block_data(struct arena_block *block)
{
	return (char *)(block + 1);
}

/* 0 when the size cannot be had at all. */
static size_t rounded_up(size_t size)
{
	if (size > SIZE_MAX / 2)
		return 0;
	return size ? (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN : ARENA_ALIGN;
}

bool arena_init(struct arena *arena, size_t limit_bytes)
{
	*arena = (struct arena){ .limit_bytes = limit_bytes };
	arena->reserve = memory_alloc(ARENA_RESERVE_BYTES);
	if (!arena->reserve)
		return false;
	POISON(arena->reserve, ARENA_RESERVE_BYTES);
	return true;
}

static void block_free(struct arena_block *block)
{
	UNPOISON(block_data(block), block->size);
	memory_free(block);
}

void arena_settle(struct arena *arena)
{
	if (arena->reserve)
		UNPOISON(arena->reserve, ARENA_RESERVE_BYTES);
	memory_free(arena->reserve);
	arena->reserve = NULL;
}

void arena_finish(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *older = arena->blocks->older;
		block_free(arena->blocks);
		arena->blocks = older;
	}
	arena_settle(arena);
	*arena = (struct arena){ 0 };
}

size_t arena_held_bytes(const struct arena *arena)
{
	size_t held = arena->reserve ? ARENA_RESERVE_BYTES : 0;
	for (const struct arena_block *block = arena->blocks; block; block = block->older)
		held += sizeof *block + block->size;
	return held;
}

void arena_reset(struct arena *arena)
{
	while (arena->blocks && arena->blocks->older) {
		struct arena_block *older = arena->blocks->older;
		block_free(arena->blocks);
		arena->blocks = older;
	}
	if (arena->blocks) {
		arena->next = block_data(arena->blocks);
		arena->end = arena->next + arena->blocks->size;
		POISON(arena->next, arena->blocks->size);
	}
	if (arena->reserve)
		POISON(arena->reserve, ARENA_RESERVE_BYTES);
	arena->used_bytes = arena->reserve_used_bytes = 0;
	arena->exhausted = false;
}

static bool block_add(struct arena *arena, size_t needed)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : ARENA_BLOCK_FIRST_BYTES;
	if (size > ARENA_BLOCK_MOST_BYTES)
		size = ARENA_BLOCK_MOST_BYTES;
	if (size < needed)
		size = needed;
	struct arena_block *block = memory_alloc(sizeof *block + size);
	if (!block)
		return false;
	*block = (struct arena_block){ .older = arena->blocks, .size = size };
	arena->blocks = block;
	arena->next = block_data(block);
	arena->end = arena->next + size;
	POISON(arena->next, size);
	return true;
}

void *arena_try(struct arena *arena, size_t size)
{
	assert(arena->reserve);
	size_t taken = rounded_up(size);
	if (taken == 0 || arena->exhausted || taken > arena->limit_bytes - arena->used_bytes)
		return NULL;
	if (taken > (size_t)(arena->end - arena->next) && !block_add(arena, taken))
		return NULL;
	char *found = arena->next;
	arena->next += taken;
	arena->used_bytes += taken;
	UNPOISON(found, size);
	return found;
}

/* From the reserve, then from malloc beyond the limit; the work is doomed but its memory stays sound. Only a
 * caller that never asks arena_exhausted while malloc keeps failing gets to the end of this. */
static void *reserve_take(struct arena *arena, size_t size)
{
	size_t taken = rounded_up(size);
	arena->exhausted = true;
	if (taken != 0 && taken <= ARENA_RESERVE_BYTES - arena->reserve_used_bytes) {
		char *found = arena->reserve + arena->reserve_used_bytes;
		arena->reserve_used_bytes += taken;
		UNPOISON(found, size);
		return found;
	}
	if (taken == 0 || (taken > (size_t)(arena->end - arena->next) && !block_add(arena, taken)))
		BUG("out of memory: %zu bytes after the reserve was used up", size);
	char *found = arena->next;
	arena->next += taken;
	UNPOISON(found, size);
	return found;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	void *found = arena_try(arena, size);
	if (!found)
		found = reserve_take(arena, size);
	return memset(found, 0, size);
}

void *arena_alloc_many(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(count, size, &bytes))
		BUG("arena_alloc_many of %zu x %zu bytes", count, size);
	return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *old, size_t old_size, size_t new_size)
{
	if (old && new_size <= old_size)
		return old;
	size_t old_taken = rounded_up(old_size), new_taken = rounded_up(new_size);
	bool is_last = old && old_taken && new_taken && (char *)old + old_taken == arena->next;
	if (is_last && !arena->exhausted && new_taken <= (size_t)(arena->end - (char *)old) &&
	    new_taken - old_taken <= arena->limit_bytes - arena->used_bytes) {
		arena->next += new_taken - old_taken;
		arena->used_bytes += new_taken - old_taken;
		UNPOISON(old, new_size);
		return old;
	}
	void *grown = arena_try(arena, new_size);
	if (grown && old)
		memcpy(grown, old, old_size);
	return grown;
}

bool arena_exhausted(const struct arena *arena)
{
	return arena->exhausted;
}

void arena_extend(struct arena *arena, size_t bytes)
{
	size_t needed = arena->used_bytes + bytes;
	if (arena->limit_bytes < needed)
		arena->limit_bytes = needed;
	arena->exhausted = false;
}

/* explicit_bzero is not removed by the compiler although the memory is freed next. */
void arena_wipe(struct arena *arena)
{
	for (struct arena_block *block = arena->blocks; block; block = block->older) {
		UNPOISON(block_data(block), block->size);
		explicit_bzero(block_data(block), block->size);
	}
	if (arena->reserve) {
		UNPOISON(arena->reserve, ARENA_RESERVE_BYTES);
		explicit_bzero(arena->reserve, arena->reserve_used_bytes);
	}
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){ arena->blocks, arena->next, arena->used_bytes };
}

void arena_rewind(struct arena *arena, struct arena_mark mark)
{
	while (arena->blocks != mark.block) {
		assert(arena->blocks);
		struct arena_block *older = arena->blocks->older;
		block_free(arena->blocks);
		arena->blocks = older;
	}
	arena->next = mark.next;
	arena->end = arena->blocks ? block_data(arena->blocks) + arena->blocks->size : NULL;
	if (arena->next)
		POISON(arena->next, (size_t)(arena->end - arena->next));
	arena->used_bytes = mark.used_bytes;
}
