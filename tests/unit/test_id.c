/* test_id.c: UUIDs, digests and API keys. */
#include "base/clock.h"
#include "base/id.h"

#include "check.h"

#include <pthread.h>

static struct arena arena;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

TEST(a_uuid_carries_its_time_version_and_variant)
{
	int64_t before_ms = clock_wall().us / US_PER_MS, unix_ms = 0;
	struct uuid uuid = uuid_time_ordered();
	for (int i = 0; i < 6; i++)
		unix_ms = unix_ms << 8 | uuid.bytes[i];
	CHECK(unix_ms >= before_ms && unix_ms <= clock_wall().us / US_PER_MS);
	CHECK_EQ_INT(uuid.bytes[6] >> 4, 7);
	CHECK_EQ_INT(uuid.bytes[8] >> 6, 2);
}

TEST(uuids_of_the_same_millisecond_ascend)
{
	struct uuid last = uuid_time_ordered();
	for (int i = 0; i < 100000; i++) {
		struct uuid next = uuid_time_ordered();
		if (memcmp(last.bytes, next.bytes, 16) >= 0)
			CHECK_FAIL("number %d does not ascend", i);
		CHECK_EQ_INT(next.bytes[6] >> 4, 7);
		CHECK_EQ_INT(next.bytes[8] >> 6, 2);
		last = next;
	}
}

enum { UUIDS_A_THREAD = 20000 };

static void *make_uuids(void *uuids)
{
	for (struct uuid *at = uuids, *end = at + UUIDS_A_THREAD; at < end; at++)
		*at = uuid_time_ordered();
	return NULL;
}

static int compare_uuids(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct uuid));
}

TEST(threads_never_make_the_same_uuid)
{
	static struct uuid uuids[4][UUIDS_A_THREAD];
	pthread_t threads[4];
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, make_uuids, uuids[i]) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 4; i++)
		for (int j = 1; j < UUIDS_A_THREAD; j++)
			CHECK(compare_uuids(&uuids[i][j - 1], &uuids[i][j]) < 0);
	struct uuid *all = uuids[0];
	qsort(all, 4 * UUIDS_A_THREAD, sizeof *all, compare_uuids);
	for (int i = 1; i < 4 * UUIDS_A_THREAD; i++)
		CHECK(compare_uuids(&all[i - 1], &all[i]) != 0);
}

TEST(a_uuid_is_read_and_written_in_36_characters)
{
	struct uuid uuid;
	start();
	CHECK(uuid_parse(TEXT("550E8400-e29b-41d4-a716-446655440000"), &uuid));
	CHECK_EQ_TEXT(uuid_text(&arena, uuid), "550e8400-e29b-41d4-a716-446655440000");
	CHECK(uuid_present(uuid));
	CHECK(uuid_parse(TEXT("00000000-0000-0000-0000-000000000001"), &uuid));
	CHECK(uuid_present(uuid));
	CHECK(!uuid_parse(TEXT("00000000-0000-0000-0000-000000000000"), &uuid));
	CHECK(!uuid_parse(TEXT("550e8400e29b41d4a716446655440000"), &uuid));
	CHECK(!uuid_parse(TEXT("550e8400-e29b-41d4-a716-44665544000g"), &uuid));
	CHECK(!uuid_parse(TEXT("550e8400-e29b-41d4-a716+446655440000"), &uuid));
	CHECK(!uuid_parse(TEXT("{50e8400-e29b-41d4-a716-446655440000}"), &uuid));
	CHECK(!uuid_parse(TEXT_NONE, &uuid));
	arena_finish(&arena);
}

TEST(sha256_gives_the_published_digests)
{
	start();
	struct digest abc = digest_sha256(TEXT("abc")), empty = digest_sha256(TEXT_NONE);
	CHECK_EQ_TEXT(text_hex(&arena, abc.bytes, 32), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_EQ_TEXT(text_hex(&arena, empty.bytes, 32), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	struct digest two = digest_sha256_two(TEXT("ab"), TEXT("c")), joined = digest_sha256(TEXT("ab\0c"));
	CHECK(bytes_equal_constant_time(&two, &joined, sizeof two));
	two = digest_sha256_two(TEXT("a"), TEXT("bc"));
	CHECK(!bytes_equal_constant_time(&two, &joined, sizeof two));
	arena_finish(&arena);
}

TEST(wiped_bytes_are_zero)
{
	char secret[16] = "secret", zero[16] = { 0 };
	bytes_wipe(secret, sizeof secret);
	CHECK(memcmp(secret, zero, sizeof secret) == 0);
}

TEST(random_bytes_differ)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };
	random_bytes(a, sizeof a);
	random_bytes(b, sizeof b);
	CHECK(memcmp(a, b, sizeof a) != 0);
}

TEST(an_api_key_is_read_back)
{
	start();
	for (int i = 0; i < 200; i++) {
		struct api_key_text key = api_key_make(&arena, i % 2), read;
		check_note("%s", key.whole.data);
		CHECK_EQ_INT(key.whole.length, 66);
		CHECK(text_starts(key.whole, i % 2 ? "mb_test_" : "mb_live_"));
		CHECK(api_key_read(key.whole, &read));
		CHECK(text_equals(key.id, read.id));
		CHECK_EQ_INT(read.id.length, 8);
		CHECK(bytes_equal_constant_time(&key.secret_digest, &read.secret_digest, sizeof read.secret_digest));
	}
	arena_finish(&arena);
}

TEST(two_api_keys_share_neither_id_nor_secret)
{
	start();
	struct api_key_text a = api_key_make(&arena, false), b = api_key_make(&arena, false);
	CHECK(!text_equals(a.id, b.id));
	CHECK(!bytes_equal_constant_time(&a.secret_digest, &b.secret_digest, sizeof a.secret_digest));
	arena_finish(&arena);
}

TEST(an_api_key_with_any_character_changed_is_refused)
{
	start();
	struct api_key_text key = api_key_make(&arena, false), read;
	for (size_t i = 0; i < key.whole.length; i++) {
		char changed[66];
		memcpy(changed, key.whole.data, sizeof changed);
		changed[i] = changed[i] == 'a' ? 'b' : 'a';
		check_note("position %zu", i);
		CHECK(!api_key_read((struct text){ changed, sizeof changed }, &read));
	}
	CHECK(!api_key_read(text_slice(key.whole, 0, 65), &read));
	CHECK(!api_key_read(TEXT_NONE, &read));
	arena_finish(&arena);
}

CHECK_MAIN
