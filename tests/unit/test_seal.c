/* test_seal.c: secrets sealed for their place, keys in a file, what does not open. */
#include "base/seal.h"

#include "leftover.h"

#define SECRET TEXT("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")

static struct arena arena;
static struct problems problems;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
}

/* A file with so many new keys, the last made first. */
static struct text file_of(int count)
{
	struct text file = TEXT("# keys\n");
	for (int i = 0; i < count; i++)
		file = text_format(&arena, "%.*s\n%.*s", TEXT_ARG(seal_key_new(&arena)), TEXT_ARG(file));
	return file;
}

static const struct problem *refused(void)
{
	CHECK(problems.first != NULL);
	const struct problem *first = problems.first;
	problems_init(&problems, &arena);
	return first;
}

TEST(what_is_sealed_opens_at_its_place_and_hides_what_it_is)
{
	struct seal_keys keys;
	struct text plain;
	start();
	CHECK(seal_keys_read(file_of(1), "k", &keys, &problems));
	struct text kept = seal(&keys, SECRET, "a 1", &arena), again = seal(&keys, SECRET, "a 1", &arena);
	CHECK(!strstr(kept.data, "whsec") && !text_equals(kept, again));
	CHECK_EQ_TEXT(seal_key_id(kept), keys.items[0].id);
	CHECK(unseal(&keys, kept, "a 1", &arena, &problems, &plain));
	CHECK(text_equals(plain, SECRET));
}

TEST(keys_that_were_read_are_in_their_place_alone_and_gone_when_they_are_wiped)
{
	struct seal_keys keys, none;
	static char file[128], bytes[SEAL_KEY_BYTES]; /* in no arena */
	start();
	snprintf(file, sizeof file, "%s", file_of(1).data);
	const char *begin = leftover_begin(&arena);
	CHECK(seal_keys_read(text_of(file), "k", &keys, &problems));
	memcpy(bytes, keys.items[0].bytes, sizeof bytes);
	CHECK(!leftover(&arena, begin, bytes, sizeof bytes));
	memset(&none, 0, sizeof none);
	seal_keys_wipe(&keys);
	CHECK(memcmp(&keys, &none, sizeof keys) == 0);
}

TEST(moved_or_changed_it_does_not_open)
{
	struct seal_keys keys;
	struct text plain;
	start();
	CHECK(seal_keys_read(file_of(1), "k", &keys, &problems));
	struct text kept = seal(&keys, SECRET, "a 1", &arena);
	CHECK(!unseal(&keys, kept, "a 2", &arena, &problems, &plain));
	CHECK_EQ_INT(refused()->code, PROBLEM_SECRET_SEALED);
	for (size_t i = 8 + SEAL_ID_DIGITS; i < kept.length; i += 7) {
		char *changed = arena_alloc(&arena, kept.length + 1);
		memcpy(changed, kept.data, kept.length + 1);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		CHECK(!unseal(&keys, (struct text){ changed, kept.length }, "a 1", &arena, &problems, &plain));
		CHECK_EQ_INT(refused()->code, PROBLEM_SECRET_SEALED);
	}
	for (size_t length = 8 + SEAL_ID_DIGITS; length < kept.length; length++) {
		CHECK(!unseal(&keys, text_slice(kept, 0, length), "a 1", &arena, &problems, &plain));
		refused();
	}
}

TEST(a_new_key_seals_and_the_old_ones_still_open)
{
	struct seal_keys old, both;
	struct text plain;
	start();
	struct text file = file_of(1);
	CHECK(seal_keys_read(file, "k", &old, &problems));
	struct text kept = seal(&old, SECRET, "a 1", &arena);
	file = text_format(&arena, "%.*s\n%.*s", TEXT_ARG(seal_key_new(&arena)), TEXT_ARG(file));
	CHECK(seal_keys_read(file, "k", &both, &problems));
	CHECK_EQ_INT(both.count, 2);
	CHECK(unseal(&both, kept, "a 1", &arena, &problems, &plain) && text_equals(plain, SECRET));
	struct text newly = seal(&both, SECRET, "a 1", &arena);
	CHECK(!unseal(&old, newly, "a 1", &arena, &problems, &plain));
	const struct problem *why = refused();
	CHECK_EQ_INT(why->code, PROBLEM_SECRET_SEALED);
	CHECK(strstr(why->message, both.items[0].id) != NULL);
	CHECK(!unseal(NULL, newly, "a 1", &arena, &problems, &plain));
}

TEST(without_keys_a_text_is_kept_as_it_is_and_opens_with_any)
{
	struct seal_keys keys;
	struct text plain;
	start();
	CHECK(text_equals(seal(NULL, SECRET, "a 1", &arena), SECRET));
	CHECK(seal_keys_read(file_of(1), "k", &keys, &problems));
	CHECK(unseal(&keys, SECRET, "a 1", &arena, &problems, &plain) && text_equals(plain, SECRET));
	CHECK(unseal(NULL, SECRET, "a 1", &arena, &problems, &plain) && text_equals(plain, SECRET));
}

TEST(a_file_without_keys_or_with_wrong_ones_is_told_by_its_line_and_shows_none)
{
	struct seal_keys keys;
	start();
	CHECK(!seal_keys_read(TEXT("# none\n\n"), "k", &keys, &problems));
	CHECK(strstr(refused()->message, "k: there is no key") != NULL);
	struct text good = seal_key_new(&arena);
	struct text wrong = text_slice(good, 0, 20);
	struct text file = text_format(&arena, "%.*s\n%.*s\n", TEXT_ARG(good), TEXT_ARG(wrong));
	CHECK(!seal_keys_read(file, "k", &keys, &problems));
	const struct problem *why = refused();
	CHECK(strstr(why->message, "k:2: ") && !strstr(why->message, text_c(&arena, wrong)));
	CHECK(!seal_keys_read(file_of(SEAL_KEYS_MAX + 1), "k", &keys, &problems));
	refused();
	CHECK(seal_keys_read(file_of(SEAL_KEYS_MAX), "k", &keys, &problems));
}

CHECK_MAIN
