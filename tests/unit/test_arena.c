/* test_arena.c: memory with one lifetime, its limits and its failures. */
#include "base/arena.h"

#include "check.h"

static void arena_start(struct arena *arena, size_t limit)
{
	CHECK(arena_init(arena, limit));
}

TEST(allocated_memory_is_zero_and_aligned)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	for (size_t size = 0; size < 3000; size += 7) {
		unsigned char *bytes = arena_alloc(&arena, size);
		CHECK_EQ_INT((uintptr_t)bytes % 16, 0);
		for (size_t i = 0; i < size; i++)
			CHECK_EQ_INT(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	CHECK(!arena_exhausted(&arena));
	arena_finish(&arena);
}

TEST(reused_memory_is_zero_again_after_a_reset)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	memset(arena_alloc(&arena, 1000), 0xff, 1000);
	arena_reset(&arena);
	unsigned char *bytes = arena_alloc(&arena, 1000);
	for (size_t i = 0; i < 1000; i++)
		CHECK_EQ_INT(bytes[i], 0);
	arena_finish(&arena);
}

TEST(what_lies_in_a_settled_arena_stays_and_its_reserve_is_given_back)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	char *text = arena_alloc(&arena, 1000);
	memset(text, 'x', 1000);
	size_t held = arena_held_bytes(&arena);
	arena_settle(&arena);
	CHECK_EQ_INT((int64_t)arena_held_bytes(&arena), (int64_t)(held - ARENA_RESERVE_BYTES));
	CHECK(arena_held_bytes(&arena) >= 1000);
	CHECK_EQ_INT(text[999], 'x');
	arena_finish(&arena);
	CHECK_EQ_INT((int64_t)arena_held_bytes(&arena), 0);
}

TEST(two_allocations_do_not_overlap)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	int *numbers[500];
	for (int i = 0; i < 500; i++) {
		numbers[i] = arena_new_many(&arena, int, (size_t)i + 1);
		for (int j = 0; j <= i; j++)
			numbers[i][j] = i;
	}
	for (int i = 0; i < 500; i++)
		for (int j = 0; j <= i; j++)
			CHECK_EQ_INT(numbers[i][j], i);
	arena_finish(&arena);
}

TEST(beyond_its_limit_try_answers_null_and_leaves_the_arena_usable)
{
	struct arena arena;
	arena_start(&arena, 10000);
	CHECK(arena_try(&arena, 20000) == NULL);
	CHECK(arena_try(&arena, SIZE_MAX) == NULL);
	CHECK(arena_try(&arena, SIZE_MAX - 5) == NULL);
	CHECK(!arena_exhausted(&arena));
	CHECK(arena_try(&arena, 5000) != NULL);
	arena_finish(&arena);
}

TEST(beyond_its_limit_alloc_serves_from_the_reserve_and_says_so)
{
	struct arena arena;
	arena_start(&arena, 1000);
	unsigned char *bytes = arena_alloc(&arena, 2000);
	CHECK(bytes != NULL);
	CHECK_EQ_INT(bytes[1999], 0);
	CHECK(arena_exhausted(&arena));
	CHECK(arena_try(&arena, 8) == NULL);
	arena_reset(&arena);
	CHECK(!arena_exhausted(&arena));
	CHECK(arena_try(&arena, 8) != NULL);
	arena_finish(&arena);
}

TEST(memory_stays_sound_when_the_reserve_is_used_up_too)
{
	struct arena arena;
	arena_start(&arena, 16);
	unsigned char *pieces[40];
	for (int i = 0; i < 40; i++) {
		pieces[i] = arena_alloc(&arena, 5000);
		memset(pieces[i], i, 5000);
	}
	for (int i = 0; i < 40; i++)
		CHECK(pieces[i][0] == i && pieces[i][4999] == i);
	arena_finish(&arena);
}

TEST(a_failing_malloc_exhausts_the_arena_but_not_its_user)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	memory_fail_after(1, true);
	int *number = arena_new(&arena, int);
	*number = 7;
	CHECK(arena_exhausted(&arena));
	memory_fail_after(0, false);
	arena_finish(&arena);
}

TEST(an_arena_without_reserve_cannot_be_had)
{
	struct arena arena;
	memory_fail_after(1, false);
	CHECK(!arena_init(&arena, 1000));
	arena_finish(&arena);
}

TEST(an_overflowing_count_aborts)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	CHECK_ABORTS(arena_alloc_many(&arena, SIZE_MAX / 2, 3));
	arena_finish(&arena);
}

TEST(a_grown_block_keeps_its_contents)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	unsigned char *bytes = NULL;
	size_t size = 0;
	for (size_t wanted = 1; wanted < 300000; wanted = wanted * 3 + 1) {
		bytes = arena_grow(&arena, bytes, size, wanted);
		CHECK(bytes != NULL);
		for (size_t i = 0; i < size; i++)
			CHECK_EQ_INT(bytes[i], i % 251);
		for (size_t i = size; i < wanted; i++)
			bytes[i] = (unsigned char)(i % 251);
		size = wanted;
		if (wanted % 2)
			arena_alloc(&arena, 1); /* the next growth has to move */
	}
	arena_finish(&arena);
}

TEST(growing_the_newest_block_does_not_move_it)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	char *bytes = arena_try(&arena, 10);
	CHECK(arena_grow(&arena, bytes, 10, 100) == bytes);
	CHECK((char *)arena_alloc(&arena, 1) >= bytes + 100);
	CHECK(arena_grow(&arena, bytes, 100, 200) != bytes);
	arena_finish(&arena);
}

TEST(growing_beyond_the_limit_answers_null)
{
	struct arena arena;
	arena_start(&arena, 1000);
	char *bytes = arena_try(&arena, 500);
	CHECK(arena_grow(&arena, bytes, 500, 2000) == NULL);
	CHECK(!arena_exhausted(&arena));
	arena_finish(&arena);
}

TEST(rewinding_gives_the_same_memory_again)
{
	struct arena arena;
	arena_start(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	int *kept = arena_new(&arena, int);
	*kept = 42;
	struct arena_mark mark = arena_mark(&arena);
	void *first = arena_alloc(&arena, 64);
	for (int i = 0; i < 100; i++)
		arena_alloc(&arena, 10000);
	arena_rewind(&arena, mark);
	CHECK(arena_alloc(&arena, 64) == first);
	CHECK_EQ_INT(*kept, 42);
	CHECK_EQ_INT(arena.used_bytes, 16 + 64);
	arena_finish(&arena);
}

TEST(rewinding_to_an_empty_arena_frees_everything)
{
	struct arena arena;
	arena_start(&arena, 100000);
	struct arena_mark mark = arena_mark(&arena);
	arena_alloc(&arena, 60000);
	arena_rewind(&arena, mark);
	CHECK(arena_try(&arena, 90000) != NULL);
	arena_finish(&arena);
}

TEST(the_nth_allocation_fails_once_or_for_good)
{
	memory_fail_after(2, false);
	void *first = memory_alloc(1), *second = memory_alloc(1), *third = memory_alloc(1);
	CHECK(first != NULL && second == NULL && third != NULL);
	memory_fail_after(1, true);
	CHECK(memory_alloc(1) == NULL);
	CHECK(memory_realloc(first, 10) == NULL);
	memory_fail_after(0, true);
	first = memory_realloc(first, 10);
	CHECK(first != NULL);
	memory_free(first);
	memory_free(third);
}

TEST(allocations_are_counted)
{
	long before = memory_allocations();
	memory_free(memory_alloc(1));
	struct arena arena;
	arena_start(&arena, 1000);
	CHECK_EQ_INT(memory_allocations() - before, 2);
	arena_finish(&arena);
}

CHECK_MAIN
