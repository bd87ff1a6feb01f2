/* key_set.h: which idempotency keys exist, and in which row: 128-bit hashes in an open-addressing table.
 *
 * A unique index over keys that clients choose at random costs a page write each; this costs 24 bytes of
 * memory. One thread at a time (the writer).
 */
#ifndef MOONBILL_STORE_KEY_SET_H
#define MOONBILL_STORE_KEY_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_hash {
	uint64_t high, low; /* of a digest: evenly spread */
};

struct key_slot {
	struct key_hash hash;
	int64_t row; /* 0: empty */
};

struct key_set {
	struct key_slot *slots;
	size_t capacity, count; /* capacity: a power of two, or 0 */
};

void key_set_finish(struct key_set *set);
/* The row of this hash, 0 when it is not there. */
int64_t key_set_find(const struct key_set *set, struct key_hash hash);
/* The hash must not be there and row must not be 0. False when memory runs out. */
bool key_set_add(struct key_set *set, struct key_hash hash, int64_t row);
/* Nothing happens when it is not there. */
void key_set_remove(struct key_set *set, struct key_hash hash);

#endif
