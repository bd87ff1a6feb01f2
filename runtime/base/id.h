/* id.h: names for things: UUIDs, random bytes, digests, API keys.
 *
 * Ids of rows are integers from the store (store.h); what is here are second names and secrets.
 * Thread-safe.
 */
#ifndef MOONBILL_BASE_ID_H
#define MOONBILL_BASE_ID_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uuid {
	uint8_t bytes[16]; /* all zero: none */
};

/* UUIDv7 (RFC 9562) of the wall clock, whatever clock a tenant has: strictly ascending in one process, where one
 * tenant's year would else become everyone's. The last one is kept under a lock. */
struct uuid uuid_time_ordered(void);
bool uuid_present(struct uuid uuid);
/* The 36-character form, either case; not the one that means none. */
bool uuid_parse(struct text text, struct uuid *uuid);
struct text uuid_text(struct arena *arena, struct uuid uuid);
enum { UUID_TEXT_BYTES = 36 };
/* The same into UUID_TEXT_BYTES bytes; where it ends. */
char *uuid_put(char *to, struct uuid uuid);

void random_bytes(void *bytes, size_t length);

struct digest {
	uint8_t bytes[32];
};
struct digest digest_sha256(struct text text);
struct digest digest_sha256_two(struct text a, struct text b); /* of a, a zero byte, b */
/* For what changes often and is compared for equality only: a quarter of SHA-256's cost. */
struct digest_short {
	uint8_t bytes[16];
};
struct digest_short digest_short_two(struct text a, struct text b); /* of a, a zero byte, b */
/* The cheapest: of equal texts under one secret key. Whoever does not know the key cannot find two with the same. */
struct digest_key {
	uint8_t bytes[16];
};
struct digest_short digest_keyed(const struct digest_key *key, struct text text);
bool bytes_equal_constant_time(const void *a, const void *b, size_t length);
void bytes_wipe(void *bytes, size_t length);
/* Its bytes must be the caller's own buffer, const only on their way; none is fine. */
void text_wipe(struct text text);

/* An API key is shown once: "mb_live_" + 8 id characters + "_" + 43 of secret (256 bits, base62) + 6 of
 * checksum. The store keeps `id` and `secret_digest`. */
struct api_key_text {
	struct text whole, id;
	struct digest secret_digest;
};
struct api_key_text api_key_make(struct arena *arena, bool test_tenant);
/* False for anything that was not made by api_key_make (prefix, length, alphabet, checksum). */
bool api_key_read(struct text text, struct api_key_text *key);

#endif
