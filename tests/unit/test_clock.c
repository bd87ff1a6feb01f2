/* test_clock.c: reading time, and instants as text. */
#include "base/civil.h"
#include "base/clock.h"

#include "check.h"

static struct arena arena;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

TEST(the_clocks_move_forward)
{
	int64_t monotonic = clock_monotonic_us();
	struct instant wall = clock_wall();
	clock_sleep_us(3000);
	CHECK(clock_monotonic_us() - monotonic >= 3000);
	CHECK(clock_wall().us - wall.us >= 2000);
	CHECK(wall.us > 1600000000000000);
}

TEST(an_instant_is_read_and_written_the_same)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{ "2011-09-06T15:00:00Z", 1315321200000000 },
		{ "1970-01-01T00:00:00.000001Z", 1 },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2000-02-29T23:59:59.250Z", 951868799250000 },
		{ "2000-02-29T23:59:59.250001Z", 951868799250001 },
		{ "0001-01-01T00:00:00Z", -62135596800000000 },
		{ "9999-12-31T23:59:59.999999Z", 253402300799999999 },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct instant instant;
		check_note("%s", rows[i].text);
		CHECK(instant_parse(text_of(rows[i].text), &instant));
		CHECK_EQ_INT(instant.us, rows[i].us);
		CHECK_EQ_TEXT(instant_text(&arena, instant), rows[i].text);
	}
	arena_finish(&arena);
}

TEST(an_offset_is_taken_off)
{
	struct instant plain, moved;
	CHECK(instant_parse(TEXT("2011-09-06T15:00:00Z"), &plain));
	CHECK(instant_parse(TEXT("2011-09-06T17:00:00+02:00"), &moved) && moved.us == plain.us);
	CHECK(instant_parse(TEXT("2011-09-06T05:30:00-09:30"), &moved) && moved.us == plain.us);
	CHECK(instant_parse(TEXT("2011-09-06t15:00:00.0z"), &moved) && moved.us == plain.us);
	CHECK(instant_parse(TEXT("2011-09-06T15:00:00-00:00"), &moved) && moved.us == plain.us);
}

TEST(what_is_not_an_instant_is_refused)
{
	static const char *const refused[] = {
		"", "2011-09-06", "2011-09-06T15:00Z", "2011-09-06T15:00:00", "2011-09-06 15:00:00Z",
		"2011-9-06T15:00:00Z", "2011-02-29T00:00:00Z", "2011-13-01T00:00:00Z", "2011-00-01T00:00:00Z",
		"2011-01-00T00:00:00Z", "2011-09-06T24:00:00Z", "2011-09-06T23:60:00Z", "2016-12-31T23:59:60Z",
		"2011-09-06T15:00:00.Z", "2011-09-06T15:00:00.1234567Z", "2011-09-06T15:00:00+0200",
		"2011-09-06T15:00:00+24:00", "2011-09-06T15:00:00+02:60", "2011-09-06T15:00:00Zx",
		"0000-12-31T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01", "-2011-09-06T15:00:00Z", "1970-01-01T00:00:00Z",
	};
	struct instant instant;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!instant_parse(text_of(refused[i]), &instant));
	}
}

TEST(what_is_refused_as_an_instant_is_told_why)
{
	CHECK_EQ_C(instant_refusal(TEXT("2011-09-06")), "is not an instant");
	CHECK_EQ_C(instant_refusal(TEXT("9999-12-31T23:59:59-00:01")), "is not in the years 0001 to 9999 of UTC");
	CHECK_EQ_C(instant_refusal(TEXT("1970-01-01T01:00:00+01:00")),
	           "is the one instant that stands for none here: give one a microsecond before or after it");
}

TEST(no_instant_has_no_text)
{
	start();
	CHECK_EQ_TEXT(instant_text(&arena, INSTANT_NONE), NULL);
	arena_finish(&arena);
}

TEST(day_numbers_count_every_day_of_ten_thousand_years)
{
	int64_t number = civil_day(1, 1, 1);
	CHECK_EQ_INT(number, 1);
	CHECK_EQ_INT(civil_day(1970, 1, 1), CIVIL_DAY_UNIX_EPOCH);
	for (int year = 1; year <= 9999; year++)
		for (int month = 1; month <= 12; month++)
			for (int day = 1; day <= civil_days_in_month(year, month); day++, number++) {
				int y, m, d;
				if (civil_day(year, month, day) != number)
					CHECK_FAIL("%d-%d-%d is not day %lld", year, month, day, (long long)number);
				civil_parts(number, &y, &m, &d);
				if (y != year || m != month || d != day)
					CHECK_FAIL("day %lld is not %d-%d-%d", (long long)number, y, m, d);
			}
	CHECK_EQ_INT(number - 1, 3652059);
}

CHECK_MAIN
