/* token_set.h: which uniqueness tokens of events were used, and until when: 96-bit hashes in open-addressing tables.
 *
 * A unique index over tokens that clients choose at random costs a page write each; this costs 16 bytes of memory, some 30
 * with the room that is free. Until when is a minute since 1970, by the clock of the token's tenant, which is part of its
 * hash. Many small tables: one is made larger in a millisecond or two, however many tokens there are. One thread at a time (the
 * writer).
 */
#ifndef MOONBILL_STORE_TOKEN_SET_H
#define MOONBILL_STORE_TOKEN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOKEN_HASH_BYTES = 12, TOKEN_TABLES = 256 };

struct token_slot {
	uint64_t high; /* of a digest: evenly spread */
	uint32_t low;
	uint32_t until; /* 0: empty */
};

struct token_table {
	struct token_slot *slots;
	size_t capacity, count; /* capacity: a power of two, or 0 */
};

struct token_set {
	struct token_table tables[TOKEN_TABLES];
};

/* Of the bytes of a hash; its `until` is 0. */
struct token_slot token_slot_of(const uint8_t hash[TOKEN_HASH_BYTES]);
void token_set_finish(struct token_set *set);
size_t token_set_count(const struct token_set *set);
/* Until when this hash is used, 0 when it is not there. */
uint32_t token_set_find(const struct token_set *set, struct token_slot hash);
/* Makes room for so many in all ahead of time. False when memory runs out: what is there stays. */
bool token_set_reserve(struct token_set *set, size_t count);
/* Asks for the memory of this hash ahead of time. */
void token_set_prefetch(const struct token_set *set, struct token_slot hash);
/* Sets until when the hash is used; 0 takes it out. False when memory runs out. */
bool token_set_put(struct token_set *set, struct token_slot hash);

#endif
