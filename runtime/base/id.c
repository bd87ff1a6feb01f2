/* id.c: UUIDs, random bytes, digests and API keys. */
#include "base/id.h"

#include "base/clock.h"
#include "base/problem.h"

/* SHA-256 by its own functions: those that are to be used instead take memory for each digest. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/random.h>

void random_bytes(void *bytes, size_t length)
{
	char *at = bytes;
	while (length) {
		ssize_t got = getrandom(at, length, 0);
		if (got < 0 && errno != EINTR)
			BUG("getrandom: %s", strerror(errno));
		if (got > 0) {
			at += got;
			length -= (size_t)got;
		}
	}
}

/* ---- UUIDv7: 48 bits of milliseconds, then 74 bits (12 + 62) that are random at first and then rise ---- */

enum { RANDOM_PAIRS = 64 };

/* The last one made. Process-wide and under a lock: that is what makes ids ascend over all threads. Every request takes one, so the
 * lock is held for some fifty instructions and whoever finds it held tries again before it sleeps. */
static struct {
	pthread_mutex_t lock;
	uint64_t unix_ms, high, low;
} last_uuid = { .lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP };

/* Each thread has its own, from before the lock. The system is asked for that of many at once; a process that forks after its
 * first id would have its ids twice, so none does. */
static _Thread_local struct {
	uint64_t pairs[RANDOM_PAIRS][2];
	size_t left;
} uuid_random;

static const uint64_t *uuid_random_take(void)
{
	if (uuid_random.left == 0) {
		random_bytes(uuid_random.pairs, sizeof uuid_random.pairs);
		uuid_random.left = RANDOM_PAIRS;
	}
	return uuid_random.pairs[--uuid_random.left];
}

static const uint64_t HIGH_LIMIT = UINT64_C(1) << 12, LOW_LIMIT = UINT64_C(1) << 62;

static void last_uuid_restart(uint64_t unix_ms, const uint64_t random[2])
{
	last_uuid.unix_ms = unix_ms;
	last_uuid.high = random[0] % (HIGH_LIMIT / 2); /* half the room is left for rising */
	last_uuid.low = random[1] % LOW_LIMIT;
}

/* By a random step, so that a neighbour cannot be guessed. */
static void last_uuid_raise(const uint64_t random[2])
{
	last_uuid.low += 1 + (random[0] >> 32);
	if (last_uuid.low < LOW_LIMIT)
		return;
	last_uuid.low -= LOW_LIMIT;
	if (++last_uuid.high == HIGH_LIMIT)
		last_uuid_restart(last_uuid.unix_ms + 1, random);
}

static void bytes_put(uint8_t *to, uint64_t value, int count)
{
	for (int i = 0; i < count; i++)
		to[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
}

struct uuid uuid_time_ordered(void)
{
	int64_t wall_us = clock_wall().us;
	uint64_t ms = wall_us > 0 ? (uint64_t)wall_us / US_PER_MS : 0;
	const uint64_t *random = uuid_random_take();
	struct uuid uuid;
	pthread_mutex_lock(&last_uuid.lock);
	if (ms > last_uuid.unix_ms)
		last_uuid_restart(ms, random);
	else
		last_uuid_raise(random);
	uint64_t unix_ms = last_uuid.unix_ms, high = last_uuid.high, low = last_uuid.low;
	pthread_mutex_unlock(&last_uuid.lock);
	bytes_put(uuid.bytes, unix_ms, 6);
	bytes_put(uuid.bytes + 6, 0x7000 | high, 2);
	bytes_put(uuid.bytes + 8, UINT64_C(1) << 63 | low, 8);
	return uuid;
}

bool uuid_present(struct uuid uuid)
{
	static const struct uuid none;
	return memcmp(&uuid, &none, sizeof uuid) != 0;
}

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

bool uuid_parse(struct text text, struct uuid *uuid)
{
	struct uuid read = { 0 };
	size_t digit = 0;
	if (text.length != 36)
		return false;
	for (size_t i = 0; i < text.length; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text.data[i] != '-')
				return false;
			continue;
		}
		int value = hex_value(text.data[i]);
		if (value < 0)
			return false;
		read.bytes[digit / 2] = (uint8_t)(read.bytes[digit / 2] << 4 | value);
		digit++;
	}
	if (!uuid_present(read))
		return false;
	*uuid = read;
	return true;
}

char *uuid_put(char *to, struct uuid uuid)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < sizeof uuid.bytes; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		*to++ = digits[uuid.bytes[i] >> 4];
		*to++ = digits[uuid.bytes[i] & 15];
	}
	return to;
}

struct text uuid_text(struct arena *arena, struct uuid uuid)
{
	char text[UUID_TEXT_BYTES];
	return text_copy(arena, (struct text){ text, (size_t)(uuid_put(text, uuid) - text) });
}

/* ---- digests ---- */

struct digest digest_sha256(struct text text)
{
	struct digest digest;
	SHA256_CTX state;
	SHA256_Init(&state);
	SHA256_Update(&state, text.data, text.length);
	SHA256_Final(digest.bytes, &state);
	return digest;
}

struct digest digest_sha256_two(struct text a, struct text b)
{
	struct digest digest;
	SHA256_CTX state;
	SHA256_Init(&state);
	SHA256_Update(&state, a.data, a.length);
	SHA256_Update(&state, "", 1);
	SHA256_Update(&state, b.data, b.length);
	SHA256_Final(digest.bytes, &state);
	return digest;
}

struct digest_short digest_short_two(struct text a, struct text b)
{
	struct digest_short digest;
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, sizeof digest.bytes);
	crypto_generichash_update(&state, (const unsigned char *)a.data, a.length);
	crypto_generichash_update(&state, (const unsigned char *)"", 1);
	crypto_generichash_update(&state, (const unsigned char *)b.data, b.length);
	crypto_generichash_final(&state, digest.bytes, sizeof digest.bytes);
	return digest;
}

struct digest_short digest_keyed(const struct digest_key *key, struct text text)
{
	struct digest_short digest;
	_Static_assert(sizeof digest.bytes == crypto_shorthash_siphashx24_BYTES, "the digest is one of siphashx24");
	_Static_assert(sizeof key->bytes == crypto_shorthash_siphashx24_KEYBYTES, "the key is one of siphashx24");
	crypto_shorthash_siphashx24(digest.bytes, (const unsigned char *)text.data, text.length, key->bytes);
	return digest;
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t length)
{
	return sodium_memcmp(a, b, length) == 0;
}

void bytes_wipe(void *bytes, size_t length)
{
	sodium_memzero(bytes, length);
}

void text_wipe(struct text text)
{
	if (text_present(text) && text.length > 0)
		bytes_wipe((void *)(uintptr_t)text.data, text.length);
}

/* ---- API keys ---- */

enum { KEY_PREFIX = 8, KEY_ID = 8, KEY_SECRET = 43, KEY_CHECKSUM = 6 };
enum { KEY_SECRET_AT = KEY_PREFIX + KEY_ID + 1, KEY_CHECKSUM_AT = KEY_SECRET_AT + KEY_SECRET,
       KEY_LENGTH = KEY_CHECKSUM_AT + KEY_CHECKSUM };

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Writes the big-endian number in `bytes`, which it uses up, as `count` digits. */
static void base62_put(char *to, size_t count, uint8_t *bytes, size_t length)
{
	for (size_t i = count; i-- > 0;) {
		unsigned rest = 0;
		for (size_t j = 0; j < length; j++) {
			unsigned value = rest << 8 | bytes[j];
			bytes[j] = (uint8_t)(value / 62);
			rest = value % 62;
		}
		to[i] = base62[rest];
	}
}

static void checksum_put(char *to, struct text of)
{
	struct digest digest = digest_sha256(of);
	base62_put(to, KEY_CHECKSUM, digest.bytes, 8);
}

static struct api_key_text api_key_of(struct text whole)
{
	return (struct api_key_text){
		.whole = whole,
		.id = text_slice(whole, KEY_PREFIX, KEY_PREFIX + KEY_ID),
		.secret_digest = digest_sha256(text_slice(whole, KEY_SECRET_AT, KEY_CHECKSUM_AT)),
	};
}

struct api_key_text api_key_make(struct arena *arena, bool test_tenant)
{
	char key[KEY_LENGTH];
	uint8_t random[32];
	memcpy(key, test_tenant ? "mb_test_" : "mb_live_", KEY_PREFIX);
	random_bytes(random, sizeof random);
	base62_put(key + KEY_PREFIX, KEY_ID, random, 16);
	key[KEY_SECRET_AT - 1] = '_';
	random_bytes(random, sizeof random);
	base62_put(key + KEY_SECRET_AT, KEY_SECRET, random, sizeof random);
	checksum_put(key + KEY_CHECKSUM_AT, (struct text){ key, KEY_CHECKSUM_AT });
	struct api_key_text made = api_key_of(text_copy(arena, (struct text){ key, KEY_LENGTH }));
	bytes_wipe(key, sizeof key);
	return made;
}

static bool all_base62(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] == '\0' || !strchr(base62, text.data[i]))
			return false;
	return true;
}

bool api_key_read(struct text text, struct api_key_text *key)
{
	char checksum[KEY_CHECKSUM];
	if (text.length != KEY_LENGTH || (!text_starts(text, "mb_live_") && !text_starts(text, "mb_test_")) ||
	    text.data[KEY_SECRET_AT - 1] != '_' || !all_base62(text_slice(text, KEY_PREFIX, KEY_SECRET_AT - 1)) ||
	    !all_base62(text_slice(text, KEY_SECRET_AT, KEY_LENGTH)))
		return false;
	checksum_put(checksum, text_slice(text, 0, KEY_CHECKSUM_AT));
	if (!bytes_equal_constant_time(checksum, text.data + KEY_CHECKSUM_AT, KEY_CHECKSUM))
		return false;
	*key = api_key_of(text);
	return true;
}
