/* test_log.c: what a line looks like and what never gets into it. */
#include "base/log.h"

#include "check.h"

static struct arena arena;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

TEST(card_numbers_are_found_with_and_without_separators)
{
	static const char *const rows[][2] = {
		{ "4111111111111111", "[card]" },
		{ "4111 1111 1111 1111", "[card]" },
		{ "4111-1111-1111-1111", "[card]" },
		{ "card=4111111111111111;", "card=[card];" },
		{ "378282246310005", "[card]" },
		{ "3782 822463 10005", "[card]" },
		{ "5555555555554444", "[card]" },
		{ "2223003122003222", "[card]" },
		{ "6011111111111117", "[card]" },
		{ "3530111333300000", "[card]" },
		{ "30569309025904", "[card]" },
		{ "4222222222222", "[card]" },
		{ "6304000000000000", "[card]" },
		{ "4111 1111 1111 1111 12/29", "[card] 12/29" },
		{ "12 4111 1111 1111 1111", "12 [card]" },
		{ "4111111111111111 5555555555554444", "[card] [card]" },
		{ "x4111111111111111y", "x[card]y" },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s", rows[i][0]);
		CHECK(text_has_card_number(text_of(rows[i][0])));
		CHECK_EQ_TEXT(redact_cards(&arena, text_of(rows[i][0])), rows[i][1]);
	}
	arena_finish(&arena);
}

TEST(other_numbers_stay)
{
	static const char *const rows[] = {
		"4111111111111112",          /* fails Luhn */
		"411111111111",              /* too short */
		"41111111111111111111",      /* too long */
		"1234567890123452",          /* no card begins so */
		"4111  1111 1111 1111",      /* two blanks */
		"1315321200000000",          /* an instant */
		"2011-09-06T15:00:00Z",
		"550e8400-e29b-41d4-a716-446655440000",
		"",
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text text = text_of(rows[i]);
		check_note("%s", rows[i]);
		CHECK(!text_has_card_number(text));
		CHECK(redact_cards(&arena, text).data == text.data);
	}
	arena_finish(&arena);
}

/* What log_write writes, as the standard error of this process. */
#define LOGGED(out, size, statement)                                                                 \
	do {                                                                                         \
		int ends[2];                                                                         \
		CHECK(pipe(ends) == 0);                                                              \
		int saved = dup(STDERR_FILENO);                                                      \
		dup2(ends[1], STDERR_FILENO);                                                        \
		statement;                                                                           \
		dup2(saved, STDERR_FILENO);                                                          \
		close(ends[1]);                                                                      \
		ssize_t got = read(ends[0], out, (size) - 1);                                        \
		(out)[got > 0 ? got : 0] = '\0';                                                     \
		close(ends[0]);                                                                      \
		close(saved);                                                                        \
	} while (0)

TEST(a_line_is_one_object_of_json)
{
	char line[1000];
	LOGGED(line, sizeof line, log_write(LOG_INFO, "server.start", "address=%s", "a\"b\n\xc3\xa9"));
	CHECK(text_starts(text_of(line), "{\"at\":\"20"));
	const char *rest = strstr(line, "Z\",");
	CHECK(rest != NULL);
	CHECK_EQ_C(rest, "Z\",\"level\":\"info\",\"event\":\"server.start\","
	                 "\"message\":\"address=a\\\"b\\u000a\xc3\xa9\"}\n");
}

TEST(bytes_that_are_not_utf8_do_not_reach_the_log)
{
	char line[1000];
	LOGGED(line, sizeof line, log_write(LOG_ERROR, "x", "\xff\x01"));
	CHECK(strstr(line, "\"message\":\"?\\u0001\"") != NULL);
}

TEST(a_card_number_does_not_reach_the_log)
{
	char line[1000];
	LOGGED(line, sizeof line, log_write(LOG_WARNING, "x", "number %s", "4111111111111111"));
	CHECK(strstr(line, "\"number [card]\"") != NULL);
}

TEST(a_card_number_cut_in_two_by_the_length_limit_does_not_reach_the_log)
{
	char line[8000];
	for (int blanks = 3980; blanks < 4001; blanks++) {
		check_note("%d", blanks);
		LOGGED(line, sizeof line, log_write(LOG_WARNING, "x", "%*s4111111111111111 and more", blanks, ":"));
		CHECK(strstr(line, "4111") == NULL);
	}
}

TEST(a_long_message_loses_half_a_character_at_most)
{
	char line[8000], euros[4097] = "";
	for (int offset = 0; offset < 3; offset++) {
		memset(euros, '.', (size_t)offset);
		for (size_t i = (size_t)offset; i + 3 < sizeof euros; i += 3)
			memcpy(euros + i, "\u20ac", 4);
		LOGGED(line, sizeof line, log_write(LOG_WARNING, "x", "%s", euros));
		CHECK(text_utf8_valid(text_of(line)));
		CHECK(strlen(line) > 3998);
	}
}

TEST(lines_below_the_level_are_not_written)
{
	char line[1000];
	LOGGED(line, sizeof line, log_write(LOG_DEBUG, "x", "y"));
	CHECK_EQ_C(line, "");
	log_set_level(LOG_DEBUG);
	LOGGED(line, sizeof line, log_write(LOG_DEBUG, "x", "y"));
	CHECK(strstr(line, "debug") != NULL);
	log_set_level(LOG_OFF);
	LOGGED(line, sizeof line, log_write(LOG_ERROR, "x", "y"));
	CHECK_EQ_C(line, "");
}

CHECK_MAIN
