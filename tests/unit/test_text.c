/* test_text.c: slices, copies, suggestions and the builder. */
#include "base/text.h"

#include "check.h"

static struct arena *arena_for_test(void)
{
	static struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	return &arena;
}

TEST(an_absent_text_differs_from_an_empty_one)
{
	CHECK(!text_present(TEXT_NONE));
	CHECK(!text_present(text_of(NULL)));
	CHECK(text_present(TEXT("")));
}

TEST(comparison_is_by_bytes_and_length)
{
	CHECK(text_equals(TEXT("abc"), TEXT("abc")));
	CHECK(!text_equals(TEXT("abc"), TEXT("abd")));
	CHECK(!text_equals(TEXT("abc"), TEXT("ab")));
	CHECK(text_is(TEXT("USD"), "USD"));
	CHECK(!text_is(TEXT("USD"), "US"));
	CHECK(text_compare(TEXT("a"), TEXT("b")) < 0);
	CHECK(text_compare(TEXT("ab"), TEXT("a")) > 0);
	CHECK(text_compare(TEXT("\xc3"), TEXT("a")) > 0);
	CHECK_EQ_INT(text_compare(TEXT("x"), TEXT("x")), 0);
	CHECK(text_starts(TEXT("invoice.send"), "invoice."));
	CHECK(!text_starts(TEXT("in"), "invoice."));
}

TEST(the_hash_is_fnv_1a)
{
	CHECK(text_hash(TEXT("")) == 0xcbf29ce484222325u);
	CHECK(text_hash(TEXT("a")) == 0xaf63dc4c8601ec8cu);
	CHECK(text_hash(TEXT("foobar")) == 0x85944171f73967e8u);
}

TEST(a_split_is_at_the_first_separator)
{
	struct text head, rest;
	CHECK(text_split(TEXT("a.b.c"), '.', &head, &rest));
	CHECK_EQ_TEXT(head, "a");
	CHECK_EQ_TEXT(rest, "b.c");
	CHECK(text_split(TEXT("a."), '.', &head, &rest));
	CHECK_EQ_TEXT(rest, "");
	CHECK(!text_split(TEXT("abc"), '.', &head, &rest));
	CHECK_EQ_TEXT(head, "abc");
	CHECK_EQ_TEXT(rest, NULL);
}

TEST(a_slice_never_leaves_its_text)
{
	CHECK_EQ_TEXT(text_slice(TEXT("hello"), 1, 3), "el");
	CHECK_EQ_TEXT(text_slice(TEXT("hello"), 3, 100), "lo");
	CHECK_EQ_TEXT(text_slice(TEXT("hello"), 9, 3), "");
	CHECK_EQ_TEXT(text_trim(TEXT(" \t a b \n")), "a b");
	CHECK_EQ_TEXT(text_trim(TEXT("  ")), "");
}

TEST(utf8_without_overlong_forms_and_surrogates_is_valid)
{
	CHECK(text_utf8_valid(TEXT("")));
	CHECK(text_utf8_valid(TEXT("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
	CHECK(text_utf8_valid(TEXT("\xf4\x8f\xbf\xbf")));
	CHECK(!text_utf8_valid(TEXT("\x80")));
	CHECK(!text_utf8_valid(TEXT("\xc0\x80")));
	CHECK(!text_utf8_valid(TEXT("\xc3")));
	CHECK(!text_utf8_valid(TEXT("\xe2\x82")));
	CHECK(!text_utf8_valid(TEXT("\xe0\x80\x80")));
	CHECK(!text_utf8_valid(TEXT("\xed\xa0\x80")));
	CHECK(!text_utf8_valid(TEXT("\xf4\x90\x80\x80")));
	CHECK(!text_utf8_valid(TEXT("\xff")));
}

TEST(a_front_is_cut_between_two_characters)
{
	CHECK_EQ_TEXT(text_front(TEXT("abc"), 3), "abc");
	CHECK_EQ_TEXT(text_front(TEXT("abc"), 2), "ab");
	CHECK_EQ_TEXT(text_front(TEXT("a\u20acb"), 4), "a\u20ac");
	CHECK_EQ_TEXT(text_front(TEXT("a\u20acb"), 3), "a");
	CHECK_EQ_TEXT(text_front(TEXT("a\u20acb"), 2), "a");
	CHECK_EQ_TEXT(text_front(TEXT("\U0001f4a1"), 3), "");
	CHECK_EQ_INT(text_front(TEXT("\x80\x80\x80\x80\x80\x80"), 5).length, 2); /* no UTF-8 */
	CHECK(!text_present(text_front(TEXT_NONE, 5)));
	CHECK_EQ_INT(text_utf8_length(TEXT("\u20acb")), 3);
	CHECK_EQ_INT(text_utf8_length(TEXT("\xe2\x82")), 0);
	CHECK_EQ_INT(text_utf8_length(TEXT_NONE), 0);
}

TEST(an_int64_is_read_whole_or_not_at_all)
{
	int64_t value = 5;
	CHECK(text_to_int64(TEXT("0"), &value) && value == 0);
	CHECK(text_to_int64(TEXT("-9223372036854775808"), &value) && value == INT64_MIN);
	CHECK(text_to_int64(TEXT("9223372036854775807"), &value) && value == INT64_MAX);
	const char *refused[] = { "", "-", "+1", " 1", "1 ", "1.0", "0x1", "9223372036854775808",
		                  "-9223372036854775809", "99999999999999999999999" };
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!text_to_int64(text_of(refused[i]), &value));
	}
}

TEST(a_copy_is_terminated_and_its_own)
{
	struct arena *arena = arena_for_test();
	char bytes[] = "abcdef";
	struct text copy = text_copy(arena, (struct text){ bytes, 3 });
	bytes[0] = 'X';
	CHECK_EQ_C(copy.data, "abc");
	CHECK_EQ_TEXT(text_copy(arena, TEXT_NONE), NULL);
	CHECK_EQ_C(text_c(arena, TEXT("x")), "x");
	arena_finish(arena);
}

TEST(a_long_copy_that_does_not_fit_is_empty_and_exhausts_the_arena)
{
	struct arena arena;
	static char large[100000];
	CHECK(arena_init(&arena, 20000));
	memset(large, 'a', sizeof large);
	CHECK_EQ_TEXT(text_copy(&arena, (struct text){ large, sizeof large }), "");
	CHECK(arena_exhausted(&arena));
	arena_finish(&arena);
}

TEST(formatted_text_of_any_length_comes_whole)
{
	struct arena *arena = arena_for_test();
	CHECK_EQ_TEXT(TEXT_JOIN(arena, TEXT("job:"), TEXT(""), TEXT_NONE, TEXT("tick")), "job:tick");
	CHECK_EQ_TEXT(TEXT_JOIN(arena, TEXT("")), "");
	CHECK_EQ_TEXT(text_format(arena, "%s=%d", "a", 1), "a=1");
	for (int width = 250; width < 260; width++) {
		struct text text = text_format(arena, "%*d", width, 7);
		CHECK_EQ_INT(text.length, width);
		CHECK_EQ_INT(text.data[width - 1], '7');
		CHECK_EQ_INT(text.data[width], 0);
	}
	CHECK_EQ_TEXT(text_from_int64(arena, INT64_MIN), "-9223372036854775808");
	CHECK_EQ_TEXT(text_hex(arena, "\x00\xff\x1a", 3), "00ff1a");
	arena_finish(arena);
}

static const char *word_at(const void *context, size_t i)
{
	const char *const *words = context;
	return words[i];
}

static const char *const fields[] = { "amount", "account_id", "currency", "due_date", "id", "item", NULL };

TEST(the_nearest_word_is_suggested)
{
	CHECK_EQ_C(text_nearest(TEXT("amuont"), word_at, fields), "amount");
	CHECK_EQ_C(text_nearest(TEXT("acount_id"), word_at, fields), "account_id");
	CHECK_EQ_C(text_nearest(TEXT("dueDate"), word_at, fields), "due_date");
	CHECK_EQ_C(text_nearest(TEXT("items"), word_at, fields), "item");
	CHECK_EQ_C(text_nearest(TEXT("AMOUNT"), word_at, fields), "amount");
	CHECK_EQ_C(text_nearest(TEXT("Id"), word_at, fields), "id");
}

TEST(a_word_far_from_all_is_not_given_a_suggestion)
{
	CHECK_EQ_C(text_nearest(TEXT("zebra"), word_at, fields), NULL);
	CHECK_EQ_C(text_nearest(TEXT("x"), word_at, fields), NULL);
	CHECK_EQ_C(text_nearest(TEXT("no"), word_at, fields), NULL);
	CHECK_EQ_C(text_nearest(TEXT(""), word_at, fields), NULL);
}

TEST(a_suggestion_reads_as_the_end_of_a_sentence)
{
	struct arena *arena = arena_for_test();
	CHECK_EQ_C(text_did_you_mean(arena, TEXT("curency"), word_at, fields), " (did you mean 'currency'?)");
	CHECK_EQ_C(text_did_you_mean(arena, TEXT("qqqqqqqq"), word_at, fields), "");
	arena_finish(arena);
}

TEST(a_builder_joins_pieces_and_is_terminated)
{
	struct arena *arena = arena_for_test();
	struct text_builder builder;
	builder_init(&builder, arena, 0);
	CHECK_EQ_TEXT(builder_text(&builder), "");
	builder_c(&builder, "a");
	builder_byte(&builder, '=');
	builder_int64(&builder, -12);
	builder_add(&builder, TEXT_NONE);
	builder_format(&builder, "%300s", "x");
	struct text text = builder_text(&builder);
	CHECK_EQ_INT(text.length, 305);
	CHECK_EQ_TEXT(text_slice(text, 0, 5), "a=-12");
	CHECK_EQ_INT(strlen(text.data), 305);
	CHECK(!builder.failed);
	arena_finish(arena);
}

TEST(a_builder_grows_over_other_allocations)
{
	struct arena *arena = arena_for_test();
	struct text_builder builder;
	builder_init(&builder, arena, 0);
	for (int i = 0; i < 20000; i++) {
		builder_byte(&builder, (char)('a' + i % 26));
		if (i % 97 == 0)
			arena_alloc(arena, 3);
	}
	struct text text = builder_text(&builder);
	CHECK_EQ_INT(text.length, 20000);
	for (int i = 0; i < 20000; i++)
		CHECK_EQ_INT(text.data[i], 'a' + i % 26);
	arena_finish(arena);
}

TEST(a_builder_stops_at_its_limit)
{
	struct arena *arena = arena_for_test();
	struct text_builder builder;
	builder_init(&builder, arena, 5);
	builder_c(&builder, "12345");
	CHECK(!builder.failed);
	builder_c(&builder, "6");
	CHECK(builder.failed);
	CHECK_EQ_TEXT(builder_text(&builder), "12345");
	arena_finish(arena);
}

/* Room is asked for the longest that an item may be; what counts is what it was. */
TEST(a_builder_takes_all_that_fits_its_limit)
{
	struct arena *arena = arena_for_test();
	struct text_builder builder;
	builder_init(&builder, arena, 5);
	builder_c(&builder, "1234");
	builder_int64(&builder, 5);
	CHECK(!builder.failed);
	CHECK_EQ_TEXT(builder_text(&builder), "12345");
	builder_int64(&builder, 6);
	CHECK(builder.failed);
	CHECK_EQ_TEXT(builder_text(&builder), "12345");
	builder_init(&builder, arena, 200);
	builder_format(&builder, "%200d", 7);
	CHECK(!builder.failed && builder_text(&builder).length == 200);
	builder_format(&builder, "%200d", 7);
	CHECK(builder.failed && builder_text(&builder).length == 200);
	arena_finish(arena);
}

TEST(a_builder_out_of_memory_fails_and_keeps_what_it_has)
{
	struct arena arena;
	struct text_builder builder;
	CHECK(arena_init(&arena, 2000));
	builder_init(&builder, &arena, 0);
	for (int i = 0; i < 5000; i++)
		builder_byte(&builder, 'x');
	CHECK(builder.failed);
	CHECK(arena_exhausted(&arena));
	CHECK(builder_text(&builder).length < 2000);
	arena_finish(&arena);
}

CHECK_MAIN
