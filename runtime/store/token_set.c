/* token_set.c: 96-bit hashes to minutes, by linear probing with at most three quarters of the slots in use. */
#include "store/token_set.h"

#include "base/arena.h"

#include <string.h>

enum { TOKEN_FIRST_CAPACITY = 64 };

struct token_slot token_slot_of(const uint8_t hash[TOKEN_HASH_BYTES])
{
	struct token_slot slot = { .until = 0 };
	memcpy(&slot.high, hash, sizeof slot.high);
	memcpy(&slot.low, hash + sizeof slot.high, sizeof slot.low);
	return slot;
}

static bool hash_equal(struct token_slot a, struct token_slot b)
{
	return a.high == b.high && a.low == b.low;
}

/* The bits that choose the table are not those that choose the slot in it. */
static struct token_table *table_of(const struct token_set *set, struct token_slot hash)
{
	return (struct token_table *)(uintptr_t)&set->tables[hash.low % TOKEN_TABLES];
}

static size_t slot_home(const struct token_table *table, struct token_slot hash)
{
	return (size_t)hash.high & (table->capacity - 1);
}

/* Where the hash is, or the empty slot where it would go. */
static size_t slot_of(const struct token_table *table, struct token_slot hash)
{
	size_t i = slot_home(table, hash);
	while (table->slots[i].until != 0 && !hash_equal(table->slots[i], hash))
		i = (i + 1) & (table->capacity - 1);
	return i;
}

static bool table_resize(struct token_table *table, size_t capacity)
{
	struct token_table larger = { .capacity = capacity, .count = table->count };
	if (larger.capacity > SIZE_MAX / sizeof *larger.slots)
		return false;
	larger.slots = memory_alloc(larger.capacity * sizeof *larger.slots);
	if (!larger.slots)
		return false;
	memset(larger.slots, 0, larger.capacity * sizeof *larger.slots);
	for (size_t i = 0; i < table->capacity; i++)
		if (table->slots[i].until != 0)
			larger.slots[slot_of(&larger, table->slots[i])] = table->slots[i];
	memory_free(table->slots);
	*table = larger;
	return true;
}

static bool table_grow(struct token_table *table)
{
	return table_resize(table, table->capacity ? table->capacity * 2 : TOKEN_FIRST_CAPACITY);
}

/* Tables are filled alike but for chance: a tenth more than the mean. */
bool token_set_reserve(struct token_set *set, size_t count)
{
	size_t each = count / TOKEN_TABLES * 11 / 10 + TOKEN_FIRST_CAPACITY / 4, capacity = TOKEN_FIRST_CAPACITY;
	while (each >= capacity / 4 * 3)
		capacity *= 2;
	for (size_t i = 0; i < TOKEN_TABLES; i++)
		if (set->tables[i].capacity < capacity && !table_resize(&set->tables[i], capacity))
			return false;
	return true;
}

void token_set_finish(struct token_set *set)
{
	for (size_t i = 0; i < TOKEN_TABLES; i++)
		memory_free(set->tables[i].slots);
	*set = (struct token_set){ 0 };
}

size_t token_set_count(const struct token_set *set)
{
	size_t count = 0;
	for (size_t i = 0; i < TOKEN_TABLES; i++)
		count += set->tables[i].count;
	return count;
}

uint32_t token_set_find(const struct token_set *set, struct token_slot hash)
{
	const struct token_table *table = table_of(set, hash);
	return table->capacity ? table->slots[slot_of(table, hash)].until : 0;
}

void token_set_prefetch(const struct token_set *set, struct token_slot hash)
{
	const struct token_table *table = table_of(set, hash);
	if (table->capacity)
		__builtin_prefetch(&table->slots[slot_home(table, hash)]);
}

static void table_remove(struct token_table *table, struct token_slot hash)
{
	size_t mask = table->capacity - 1;
	size_t hole = table->capacity ? slot_of(table, hash) : 0;
	if (!table->capacity || table->slots[hole].until == 0)
		return;
	/* Move back what was pushed past the hole, so that no search ends at it too early. */
	for (size_t i = (hole + 1) & mask; table->slots[i].until != 0; i = (i + 1) & mask) {
		size_t home = slot_home(table, table->slots[i]);
		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		table->slots[hole] = table->slots[i];
		hole = i;
	}
	table->slots[hole] = (struct token_slot){ 0 };
	table->count--;
}

bool token_set_put(struct token_set *set, struct token_slot hash)
{
	struct token_table *table = table_of(set, hash);
	if (hash.until == 0) {
		table_remove(table, hash);
		return true;
	}
	size_t i = table->capacity ? slot_of(table, hash) : 0;
	bool known = table->capacity && table->slots[i].until != 0;
	if (!known && table->count >= table->capacity / 4 * 3) {
		if (!table_grow(table))
			return false;
		i = slot_of(table, hash);
	}
	table->slots[i] = hash;
	table->count += !known;
	return true;
}
