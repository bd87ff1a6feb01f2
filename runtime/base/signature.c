/* signature.c: HMAC-SHA256 and base64, by libsodium. */
#include "signature.h"

#include <sodium.h>

struct digest hmac_sha256(struct text key, struct text message)
{
	return hmac_sha256_parts(key, &message, 1);
}

struct digest hmac_sha256_parts(struct text key, const struct text *parts, size_t count)
{
	struct digest digest;
	crypto_auth_hmacsha256_state state;
	_Static_assert(sizeof digest.bytes == crypto_auth_hmacsha256_BYTES, "a digest holds an HMAC-SHA256");
	crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.data, key.length);
	for (size_t i = 0; i < count; i++)
		crypto_auth_hmacsha256_update(&state, (const unsigned char *)parts[i].data, parts[i].length);
	crypto_auth_hmacsha256_final(&state, digest.bytes);
	sodium_memzero(&state, sizeof state);
	return digest;
}

struct text base64_text(struct arena *arena, const void *bytes, size_t length)
{
	size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(arena, room);
	sodium_bin2base64(text, room, bytes, length, sodium_base64_VARIANT_ORIGINAL);
	return (struct text){ text, room - 1 };
}

bool base64_read(struct arena *arena, struct text encoded, struct text *bytes)
{
	char *room = arena_alloc(arena, encoded.length + 1);
	size_t length = 0;
	const char *end;
	if (sodium_base642bin((unsigned char *)room, encoded.length, encoded.data, encoded.length, NULL, &length, &end,
	                      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    end != encoded.data + encoded.length)
		return false;
	*bytes = (struct text){ room, length };
	return true;
}
