/* seal.c: secrets that must be read again, sealed for where they are kept. */
#include "seal.h"

#include "id.h"
#include "signature.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SEAL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "a key is one of XChaCha20-Poly1305");

static const char mark[] = "sealed:";

enum { MARK_BYTES = sizeof mark - 1, NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
       TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES };

/* ---- keys ---- */

static bool key_read(struct text line, struct seal_key *key, struct arena *arena)
{
	struct text bytes;
	unsigned char hash[SEAL_ID_DIGITS / 2 < 16 ? 16 : SEAL_ID_DIGITS / 2];
	if (!base64_read(arena, line, &bytes) || bytes.length != SEAL_KEY_BYTES)
		return false;
	memcpy(key->bytes, bytes.data, SEAL_KEY_BYTES);
	sodium_memzero((void *)(uintptr_t)bytes.data, bytes.length);
	crypto_generichash(hash, sizeof hash, key->bytes, SEAL_KEY_BYTES, NULL, 0);
	sodium_bin2hex(key->id, sizeof key->id, hash, SEAL_ID_DIGITS / 2);
	return true;
}

static bool line_read(struct text line, const char *path, int number, struct seal_keys *keys, struct problems *problems)
{
	if (line.length == 0 || line.data[0] == '#')
		return true;
	if (keys->count == SEAL_KEYS_MAX)
		return problem(problems, PROBLEM_CONFIG_INVALID, "", "%s:%d: there are more than %d keys", path, number, SEAL_KEYS_MAX);
	if (!key_read(line, &keys->items[keys->count], problems->arena))
		return problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE, "Make one with: moonbill secrets key FILE.",
		                     "%s:%d: is no key: 32 bytes in base64 are", path, number);
	keys->count++;
	return true;
}

bool seal_keys_read(struct text source, const char *path, struct seal_keys *keys, struct problems *problems)
{
	struct text line, rest = source;
	bool more = true;
	*keys = (struct seal_keys){ .count = 0 };
	for (int number = 1; more; number++) {
		more = text_split(rest, '\n', &line, &rest);
		if (!line_read(text_trim(line), path, number, keys, problems))
			return false;
	}
	return keys->count > 0 || problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE,
	                                        "Make one with: moonbill secrets key FILE.", "%s: there is no key in it", path);
}

void seal_keys_wipe(struct seal_keys *keys)
{
	sodium_memzero(keys, sizeof *keys);
}

struct text seal_key_new(struct arena *arena)
{
	unsigned char bytes[SEAL_KEY_BYTES];
	random_bytes(bytes, sizeof bytes);
	struct text line = base64_text(arena, bytes, sizeof bytes);
	sodium_memzero(bytes, sizeof bytes);
	return line;
}

static const struct seal_key *key_find(const struct seal_keys *keys, struct text id)
{
	for (size_t i = 0; keys && i < keys->count; i++)
		if (text_is(id, keys->items[i].id))
			return &keys->items[i];
	return NULL;
}

bool seal_has_key(const struct seal_keys *keys, struct text id)
{
	return key_find(keys, id) != NULL;
}

/* ---- texts ---- */

struct text seal(const struct seal_keys *keys, struct text plain, const char *place, struct arena *arena)
{
	if (!keys || keys->count == 0)
		return plain;
	const struct seal_key *key = &keys->items[0];
	size_t length = NONCE_BYTES + plain.length + TAG_BYTES;
	unsigned char *bytes = arena_alloc(arena, length);
	random_bytes(bytes, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + NONCE_BYTES, NULL, (const unsigned char *)plain.data, plain.length,
	                                           (const unsigned char *)place, strlen(place), NULL, bytes, key->bytes);
	return text_format(arena, "%s%s:%.*s", mark, key->id, TEXT_ARG(base64_text(arena, bytes, length)));
}

struct text seal_key_id(struct text kept)
{
	bool sealed = text_starts(kept, mark) && kept.length > MARK_BYTES + SEAL_ID_DIGITS &&
	              kept.data[MARK_BYTES + SEAL_ID_DIGITS] == ':';
	return sealed ? text_slice(kept, MARK_BYTES, MARK_BYTES + SEAL_ID_DIGITS) : TEXT_NONE;
}

static bool box_open(const struct seal_key *key, struct text box, const char *place, struct arena *arena, struct text *plain)
{
	const unsigned char *bytes = (const unsigned char *)box.data;
	if (box.length < NONCE_BYTES + TAG_BYTES)
		return false;
	size_t length = box.length - NONCE_BYTES - TAG_BYTES;
	unsigned char *room = arena_alloc(arena, length + 1);
	room[length] = '\0';
	*plain = (struct text){ (const char *)room, length };
	return crypto_aead_xchacha20poly1305_ietf_decrypt(room, NULL, NULL, bytes + NONCE_BYTES, box.length - NONCE_BYTES,
	                                                  (const unsigned char *)place, strlen(place), bytes, key->bytes) == 0;
}

bool unseal(const struct seal_keys *keys, struct text kept, const char *place, struct arena *arena, struct problems *problems,
            struct text *plain)
{
	struct text box, id = seal_key_id(kept);
	*plain = kept;
	if (!text_present(id))
		return true;
	const struct seal_key *key = key_find(keys, id);
	if (!key)
		return problem(problems, PROBLEM_SECRET_SEALED, "", "a secret is sealed with the key %.*s, which secrets_key_file does not have",
		               TEXT_ARG(id));
	return (base64_read(arena, text_slice(kept, MARK_BYTES + SEAL_ID_DIGITS + 1, kept.length), &box) &&
	        box_open(key, box, place, arena, plain)) ||
	       problem_value(problems, PROBLEM_SECRET_SEALED, "", TEXT_NONE, "Restore the row from a backup, or make a new secret.",
	                     "a secret that was sealed with the key %.*s has been changed since, or moved", TEXT_ARG(id));
}
