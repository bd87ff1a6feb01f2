/* test_log.c: what a line looks like and what never gets into it. */
#include "base/log.h"
#include "base/metric.h"

#include "check.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

/* ---- fields ---- */

TEST(a_field_is_text_or_a_number_or_left_out)
{
	char line[1000];
	LOGGED(line, sizeof line,
	       log_fields(LOG_INFO, "http.request",
	                  LOG_FIELDS({ .name = "method", .text = TEXT("GET") }, LOG_INTEGER("status", 200), { .name = "code" })));
	CHECK_EQ_C(strstr(line, "\"event\""), "\"event\":\"http.request\",\"method\":\"GET\",\"status\":200}\n");
}

TEST(a_field_has_no_card_number_and_a_bounded_length)
{
	char line[4000], value[1000];
	memset(value, 'x', sizeof value);
	LOGGED(line, sizeof line,
	       log_fields(LOG_INFO, "x", LOG_FIELDS({ .name = "a", .text = TEXT("4111 1111 1111 1111") },
	                                            { .name = "b", .text = { value, sizeof value } })));
	CHECK(strstr(line, "\"a\":\"[card]\"") != NULL);
	CHECK(strstr(line, "1111") == NULL);
	CHECK(strlen(line) < 500);
}

/* ---- injection ---- */

/* Every byte, alone and beside a quote, in both formats: a line stays one line, and holds nothing that a terminal obeys. */
TEST(no_byte_of_a_value_leaves_its_line_or_its_quotes)
{
	char line[8000];
	static const enum log_format formats[] = { LOG_JSON, LOG_TEXT };
	for (size_t format = 0; format < 2; format++) {
		log_set_format(formats[format]);
		for (int byte = 1; byte < 256; byte++) {
			char value[] = { 'a', (char)byte, '"', (char)byte, '\n', 'z', '\0' };
			check_note("format %zu, byte %d", format, byte);
			LOGGED(line, sizeof line, log_fields(LOG_INFO, "x", LOG_FIELDS({ .name = "v", .text = text_of(value) })));
			size_t length = strlen(line), quotes = 0;
			CHECK(length > 0 && strchr(line, '\n') == line + length - 1);
			for (size_t i = 0; i + 1 < length; i++) {
				CHECK((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
				quotes += line[i] == '"' && line[i - 1] != '\\';
			}
			CHECK_EQ_INT(quotes % 2, 0);
			CHECK(text_utf8_valid(text_of(line)));
		}
	}
}

TEST(control_characters_of_eight_bits_are_written_out)
{
	char line[1000];
	LOGGED(line, sizeof line, log_write(LOG_INFO, "x", "a\xc2\x9b" "31mb")); /* CSI, as UTF-8 */
	CHECK(strstr(line, "a\\u009b31mb") != NULL);
}

/* ---- text ---- */

TEST(a_line_for_people_has_time_level_event_and_fields)
{
	char line[1000];
	log_set_format(LOG_TEXT);
	LOGGED(line, sizeof line,
	       log_fields(LOG_WARNING, "http.request",
	                  LOG_FIELDS({ .name = "method", .text = TEXT("GET") }, LOG_INTEGER("status", 200))));
	CHECK(strstr(line, "Z warning http.request method=\"GET\" status=200\n") != NULL);
	CHECK(text_starts(text_of(line), "20"));
}

/* ---- whose request ---- */

TEST(lines_of_a_thread_name_its_request_until_it_is_cleared)
{
	char line[1000];
	log_context_set(TEXT("req-1"), TEXT_NONE);
	LOGGED(line, sizeof line, log_write(LOG_INFO, "x", "y"));
	CHECK(strstr(line, "\"event\":\"x\",\"request_id\":\"req-1\",\"message\":\"y\"}") != NULL);
	log_context_set(TEXT("req-2"), TEXT("cor-2"));
	LOGGED(line, sizeof line, log_write(LOG_INFO, "x", "y"));
	CHECK(strstr(line, "\"request_id\":\"req-2\",\"correlation_id\":\"cor-2\"") != NULL);
	log_context_clear();
	LOGGED(line, sizeof line, log_write(LOG_INFO, "x", "y"));
	CHECK(strstr(line, "_id") == NULL);
}

/* ---- files ---- */

TEST(a_log_file_is_opened_anew_after_it_was_moved)
{
	char folder[] = "/tmp/moonbill-log-XXXXXX", path[64], moved[64], line[200];
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/log", folder);
	snprintf(moved, sizeof moved, "%s/log.1", folder);
	CHECK(log_open(path));
	log_write(LOG_INFO, "first", "y");
	CHECK(rename(path, moved) == 0);
	log_write(LOG_INFO, "second", "y");
	CHECK(log_open(path));
	log_write(LOG_INFO, "third", "y");
	FILE *file = fopen(path, "r");
	CHECK(file && fgets(line, sizeof line, file) && strstr(line, "third") && !fgets(line, sizeof line, file));
	fclose(file);
	file = fopen(moved, "r");
	CHECK(file && fgets(line, sizeof line, file) && strstr(line, "first"));
	CHECK(fgets(line, sizeof line, file) && strstr(line, "second") && !fgets(line, sizeof line, file));
	fclose(file);
	CHECK(!log_open("/nowhere/log"));
	CHECK(unlink(path) == 0 && unlink(moved) == 0 && rmdir(folder) == 0);
}

TEST(a_fifo_that_nobody_reads_is_refused_and_not_waited_for)
{
	char folder[] = "/tmp/moonbill-log-XXXXXX", path[64];
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/fifo", folder);
	CHECK(mkfifo(path, 0600) == 0);
	alarm(20);
	CHECK(!log_open(path));
	alarm(0);
	CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

static void file_bytes_limit(rlim_t most)
{
	struct rlimit limit;
	CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

/* A limit on the size of files stands for a disk that is full in the middle of a line. */
TEST(a_line_that_a_full_disk_cuts_spoils_no_other_and_is_counted)
{
	char folder[] = "/tmp/moonbill-log-XXXXXX", path[64], line[200];
	int64_t before = metric_value_at(METRIC_LOG_LINES_LOST_TOTAL, 0, 0);
	signal(SIGXFSZ, SIG_IGN);
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/log", folder);
	CHECK(log_open(path));
	file_bytes_limit(10);
	log_write(LOG_INFO, "cut", "y");
	log_write(LOG_INFO, "lost", "y");
	file_bytes_limit(RLIM_INFINITY);
	log_write(LOG_INFO, "whole", "y");
	log_write(LOG_INFO, "next", "y");
	CHECK_EQ_INT(metric_value_at(METRIC_LOG_LINES_LOST_TOTAL, 0, 0) - before, 2);
	FILE *file = fopen(path, "r");
	CHECK(file && fgets(line, sizeof line, file) && strlen(line) == 11);
	CHECK(fgets(line, sizeof line, file) && line[0] == '{' && strstr(line, "whole"));
	CHECK(fgets(line, sizeof line, file) && line[0] == '{' && strstr(line, "next") && !fgets(line, sizeof line, file));
	fclose(file);
	CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

CHECK_MAIN
