/* seal.h: secrets that must be read again, sealed for where they are kept: XChaCha20-Poly1305 by libsodium. Thread-safe.
 *
 *     struct seal_keys keys;
 *     if (!seal_keys_read(source, "/etc/moonbill/secrets.key", &keys, problems)) ...
 *     struct text kept = seal(&keys, plain, "webhook_secret 1 17", arena);           "sealed:1f2e3d4c5b6a7988:base64"
 *     if (unseal(&keys, kept, "webhook_secret 1 17", arena, problems, &plain)) ...
 *
 * Keys lie in a file beside the store's, a line of 32 bytes in base64 each; the first seals, all open. What is sealed tells
 * the id of its key (a hash, which tells nothing of it), and opens only at the place it was sealed for. Without keys a text
 * is kept as it is, and what is kept as it is opens with any keys: sealing can be begun at any time.
 */
#ifndef MOONBILL_BASE_SEAL_H
#define MOONBILL_BASE_SEAL_H

#include "arena.h"
#include "problem.h"
#include "text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	SEAL_KEY_BYTES = 32,
	SEAL_KEYS_MAX = 16,
	SEAL_ID_DIGITS = 16,
	SEAL_FILE_BYTES_MAX = 4096,
};

struct seal_key {
	unsigned char bytes[SEAL_KEY_BYTES];
	char id[SEAL_ID_DIGITS + 1];
};

struct seal_keys {
	struct seal_key items[SEAL_KEYS_MAX];
	size_t count;
};

/* At least one key; `#` begins a comment. A problem names path and line, and nothing of a key. */
bool seal_keys_read(struct text source, const char *path, struct seal_keys *keys, struct problems *problems);
void seal_keys_wipe(struct seal_keys *keys);
/* A new key as a line of the file, without its end. */
struct text seal_key_new(struct arena *arena);

/* `keys` may be NULL: then `plain` itself. */
struct text seal(const struct seal_keys *keys, struct text plain, const char *place, struct arena *arena);
/* PROBLEM_SECRET_SEALED when its key is not among them (NULL: there are none), or when it was changed or moved. */
bool unseal(const struct seal_keys *keys, struct text kept, const char *place, struct arena *arena, struct problems *problems,
            struct text *plain);
/* The id of the key that it was sealed with; TEXT_NONE of what is not sealed. */
struct text seal_key_id(struct text kept);
/* May be NULL. */
bool seal_has_key(const struct seal_keys *keys, struct text id);

#endif
