/* key_set.c: 128-bit hashes to rows, by linear probing with at most three fifths of the slots in use. */
#include "store/key_set.h"

#include "base/arena.h"

#include <assert.h>
#include <string.h>

enum { KEY_SET_FIRST_CAPACITY = 1024 };

static bool hash_equal(struct key_hash a, struct key_hash b)
{
	return a.high == b.high && a.low == b.low;
}

static size_t slot_home(const struct key_set *set, struct key_hash hash)
{
	return (size_t)hash.low & (set->capacity - 1);
}

/* Where the hash is, or the empty slot where it would go. */
static size_t slot_of(const struct key_set *set, struct key_hash hash)
{
	size_t i = slot_home(set, hash);
	while (set->slots[i].row != 0 && !hash_equal(set->slots[i].hash, hash))
		i = (i + 1) & (set->capacity - 1);
	return i;
}

static bool key_set_grow(struct key_set *set)
{
	size_t capacity = set->capacity ? set->capacity * 2 : KEY_SET_FIRST_CAPACITY;
	struct key_set larger = { .capacity = capacity, .count = set->count };
	if (larger.capacity > SIZE_MAX / sizeof *larger.slots)
		return false;
	larger.slots = memory_alloc(larger.capacity * sizeof *larger.slots);
	if (!larger.slots)
		return false;
	memset(larger.slots, 0, larger.capacity * sizeof *larger.slots);
	for (size_t i = 0; i < set->capacity; i++)
		if (set->slots[i].row != 0)
			larger.slots[slot_of(&larger, set->slots[i].hash)] = set->slots[i];
	memory_free(set->slots);
	*set = larger;
	return true;
}

void key_set_finish(struct key_set *set)
{
	memory_free(set->slots);
	*set = (struct key_set){ 0 };
}

int64_t key_set_find(const struct key_set *set, struct key_hash hash)
{
	return set->capacity ? set->slots[slot_of(set, hash)].row : 0;
}

bool key_set_add(struct key_set *set, struct key_hash hash, int64_t row)
{
	assert(row != 0);
	if (set->count >= set->capacity / 5 * 3 && !key_set_grow(set))
		return false;
	size_t i = slot_of(set, hash);
	assert(set->slots[i].row == 0);
	set->slots[i] = (struct key_slot){ hash, row };
	set->count++;
	return true;
}

void key_set_remove(struct key_set *set, struct key_hash hash)
{
	size_t mask = set->capacity - 1;
	size_t hole = set->capacity ? slot_of(set, hash) : 0;
	if (!set->capacity || set->slots[hole].row == 0)
		return;
	/* Move back what was pushed past the hole, so that no search ends at it too early. */
	for (size_t i = (hole + 1) & mask; set->slots[i].row != 0; i = (i + 1) & mask) {
		size_t home = slot_home(set, set->slots[i].hash);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		set->slots[hole] = set->slots[i];
		hole = i;
	}
	set->slots[hole] = (struct key_slot){ 0 };
	set->count--;
}
