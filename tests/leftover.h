/* leftover.h: looks for bytes that an arena has given out and that should be gone.
 *
 *     const char *begin = leftover_begin(&arena);
 *     ... what opens a secret in the arena, and is to wipe it
 *     CHECK(!leftover(&arena, begin, secret.data, secret.length));
 */
#ifndef MOONBILL_TESTS_LEFTOVER_H
#define MOONBILL_TESTS_LEFTOVER_H

#include "check.h"

#include "base/arena.h"

enum { LEFTOVER_ROOM = 4096 }; /* what is looked through lies in one block */

static const char *leftover_begin(struct arena *arena)
{
	arena_alloc(arena, 1);
	CHECK(arena->end - arena->next >= LEFTOVER_ROOM);
	return arena->next;
}

/* By hand: between what it has given out an arena lets a sanitizer watch. */
__attribute__((no_sanitize("address"))) static bool leftover(const struct arena *arena, const char *begin, const void *bytes, size_t length)
{
	const volatile char *wanted = bytes;
	CHECK(arena->next >= begin && arena->next <= begin + LEFTOVER_ROOM);
	for (const volatile char *at = begin; at + length <= arena->next; at++) {
		size_t same = 0;
		while (same < length && at[same] == wanted[same])
			same++;
		if (same == length)
			return true;
	}
	return false;
}

#endif
