/* test_timezone.c: local dates and instants, at the places where they are not one to one. */
#include "value/timezone.h"

#include "check.h"

#include <pthread.h>

static struct arena arena;

static const struct timezone_rules *zone_of(const char *name)
{
	const struct timezone_rules *zone = timezone_find(text_of(name));
	if (!arena.reserve)
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	if (!zone)
		CHECK_FAIL("no zone %s", name);
	return zone;
}

static struct instant instant_of(const char *text)
{
	struct instant instant = INSTANT_NONE;
	if (!instant_parse(text_of(text), &instant))
		CHECK_FAIL("not an instant: %s", text);
	return instant;
}

static struct date date_of(const char *text)
{
	struct date date = DATE_NONE;
	if (!date_parse(text_of(text), &date))
		CHECK_FAIL("not a date: %s", text);
	return date;
}

TEST(zones_are_found_once)
{
	CHECK(zone_of("Europe/Paris") == zone_of("Europe/Paris"));
	CHECK(zone_of("Europe/Paris") != zone_of("Europe/London"));
	CHECK(timezone_utc() == zone_of("UTC"));
	CHECK(zone_of("America/Argentina/Buenos_Aires") != NULL);
	CHECK(zone_of("Etc/GMT+5") != NULL);
	CHECK(zone_of("America/Port-au-Prince") != NULL);
	CHECK(zone_of("EST5EDT") != NULL);
	CHECK(zone_of("+03:00") != NULL);
	CHECK(zone_of("-09:30") != NULL);
}

TEST(unknown_zones_and_paths_are_refused)
{
	static const char *const refused[] = {
		"Europe//Paris", "Europe/",
		"", "Mars/Olympus", "Europe", "europe/paris", "../../etc/passwd", "/etc/localtime", "Europe/../UTC",
		"localtime", "posixrules", "leapseconds", "tzdata.zi", "zone.tab", "right/UTC", "+3", "03:00", "+03",
		"+25:00", "+03:0a", "UTC+3", " UTC", "UTC ", "CET-1CEST", "Europe/Paris\n",
		"Europe/Parisxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(timezone_find(text_of(refused[i])) == NULL);
	}
	CHECK(timezone_find(TEXT_NONE) == NULL);
	CHECK(timezone_find(TEXT("UTC\0x")) == NULL);
}

TEST(an_instant_has_a_local_date)
{
	static const struct {
		const char *zone, *instant, *date;
	} rows[] = {
		{ "UTC", "2012-07-16T21:17:03Z", "2012-07-16" },
		{ "Europe/Paris", "2012-07-16T21:17:03Z", "2012-07-16" },
		{ "Europe/Paris", "2012-07-16T22:00:00Z", "2012-07-17" },
		{ "Europe/Paris", "2012-01-16T22:59:59.999999Z", "2012-01-16" },
		{ "Europe/Paris", "2012-01-16T23:00:00Z", "2012-01-17" },
		{ "+03:00", "2012-07-16T21:17:03Z", "2012-07-17" },
		{ "Asia/Tokyo", "2012-07-16T21:17:03Z", "2012-07-17" },
		{ "Asia/Kolkata", "2023-02-28T19:00:00Z", "2023-03-01" },
		{ "America/Bogota", "2023-03-01T00:00:00Z", "2023-02-28" },
		{ "Pacific/Kiritimati", "2023-03-01T10:00:00Z", "2023-03-02" },
		{ "Europe/Paris", "2050-07-16T22:00:00Z", "2050-07-17" }, /* beyond the table: by the rule at its end */
		{ "Europe/Paris", "2050-01-16T22:00:00Z", "2050-01-16" },
		{ "UTC", "1969-12-31T23:59:59Z", "1969-12-31" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct timezone_rules *zone = zone_of(rows[i].zone);
		check_note("%s %s", rows[i].zone, rows[i].instant);
		CHECK_EQ_TEXT(date_text(&arena, timezone_date(zone, instant_of(rows[i].instant))), rows[i].date);
	}
	CHECK(!date_present(timezone_date(timezone_utc(), INSTANT_NONE)));
	CHECK(!date_present(timezone_date(zone_of("-09:30"), instant_of("0001-01-01T00:00:00Z"))));
}

TEST(an_instant_has_a_local_time_of_day)
{
	CHECK_EQ_INT(timezone_time_of_day_us(zone_of("Europe/Paris"), instant_of("2012-07-16T21:17:03.5Z")),
	             ((int64_t)23 * 3600 + 17 * 60 + 3) * US_PER_S + 500000);
	CHECK_EQ_INT(timezone_time_of_day_us(timezone_utc(), instant_of("1969-12-31T23:59:59.999999Z")),
	             (int64_t)86400 * US_PER_S - 1);
	CHECK_EQ_INT(timezone_time_of_day_us(timezone_utc(), instant_of("2012-07-16T00:00:00Z")), 0);
}

static void check_starts(const char *zone, const char *date, const char *expected)
{
	check_note("%s %s", zone, date);
	CHECK_EQ_TEXT(instant_text(&arena, timezone_start_of_date(zone_of(zone), date_of(date))), expected);
}

TEST(a_date_starts_at_local_midnight)
{
	check_starts("UTC", "2012-07-16", "2012-07-16T00:00:00Z");
	check_starts("Europe/Paris", "2012-07-16", "2012-07-15T22:00:00Z");
	check_starts("Europe/Paris", "2012-03-25", "2012-03-24T23:00:00Z");
	check_starts("Europe/Paris", "2012-03-26", "2012-03-25T22:00:00Z");
	check_starts("Europe/Paris", "2012-10-28", "2012-10-27T22:00:00Z");
	check_starts("Europe/Paris", "2012-10-29", "2012-10-28T23:00:00Z");
	check_starts("+05:45", "2012-07-16", "2012-07-15T18:15:00Z");
}

TEST(a_date_whose_midnight_is_skipped_starts_after_the_jump)
{
	check_starts("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
	check_starts("Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00Z");
}

TEST(a_date_whose_midnight_comes_twice_starts_at_the_first)
{
	/* clocks went from 24:00 back to 23:00 of 17 February, and from 01:00 to 00:00 of 6 November */
	check_starts("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z");
	check_starts("America/Havana", "2022-11-06", "2022-11-06T04:00:00Z");
}

TEST(a_date_that_a_zone_left_out_starts_with_the_next)
{
	check_starts("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z");
	check_starts("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z");
	check_starts("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z");
}

static void check_at(const char *date, int hour, int minute, const char *expected)
{
	int64_t time_us = ((int64_t)hour * 3600 + minute * 60) * US_PER_S;
	check_note("%s %02d:%02d", date, hour, minute);
	CHECK_EQ_TEXT(instant_text(&arena, timezone_instant(zone_of("Europe/Paris"), date_of(date), time_us)), expected);
}

TEST(a_local_time_in_a_gap_is_the_instant_after_it)
{
	check_at("2012-03-25", 1, 59, "2012-03-25T00:59:00Z");
	check_at("2012-03-25", 2, 0, "2012-03-25T01:00:00Z");
	check_at("2012-03-25", 2, 30, "2012-03-25T01:00:00Z");
	check_at("2012-03-25", 3, 0, "2012-03-25T01:00:00Z");
	check_at("2012-03-25", 3, 1, "2012-03-25T01:01:00Z");
}

TEST(a_local_time_that_happens_twice_is_the_first)
{
	check_at("2012-10-28", 1, 59, "2012-10-27T23:59:00Z");
	check_at("2012-10-28", 2, 0, "2012-10-28T00:00:00Z");
	check_at("2012-10-28", 2, 30, "2012-10-28T00:30:00Z");
	check_at("2012-10-28", 3, 0, "2012-10-28T02:00:00Z");
}

TEST(fractions_of_a_second_are_kept)
{
	struct instant instant = timezone_instant(zone_of("Europe/Paris"), date_of("2012-01-01"), 1500001);
	CHECK_EQ_TEXT(instant_text(&arena, instant), "2011-12-31T23:00:01.500001Z");
}

TEST(no_date_has_no_start)
{
	CHECK_EQ_INT(timezone_start_of_date(timezone_utc(), DATE_NONE).us, 0);
}

enum { CASES = 100000 };

TEST(the_start_of_a_date_is_its_first_instant_in_every_zone)
{
	static const char *const names[] = { "UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Asia/Tehran",
		                             "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "America/Havana",
		                             "Africa/Casablanca", "Pacific/Chatham", "-03:30" };
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		size_t name = (size_t)check_between(&state, 0, sizeof names / sizeof *names - 1);
		const struct timezone_rules *zone = zone_of(names[name]);
		struct date date = { (int32_t)check_between(&state, date_of("1980-01-01").day, date_of("2036-12-31").day) };
		struct instant at = timezone_start_of_date(zone, date), before = { at.us - 1 };
		check_note("case %d: %s, day %d", i, names[name], date.day);
		CHECK_EQ_INT(timezone_date(zone, at).day, date.day);
		CHECK(timezone_date(zone, before).day < date.day || timezone_time_of_day_us(zone, at) == 0);
	}
}

TEST(an_instant_is_found_again_by_its_local_date_and_time)
{
	uint64_t state = check_seed();
	const struct timezone_rules *zone = zone_of("Europe/Paris");
	for (int i = 0; i < CASES; i++) {
		struct instant at = { check_between(&state, 1, (int64_t)2000000000 * US_PER_S) };
		struct instant back = timezone_instant(zone, timezone_date(zone, at), timezone_time_of_day_us(zone, at));
		check_note("case %d: %lld", i, (long long)at.us);
		/* the second pass through a repeated hour is found as the first */
		CHECK(back.us == at.us || back.us == at.us - (int64_t)3600 * US_PER_S);
	}
}

static void *find_zones(void *found)
{
	const struct timezone_rules **zones = found;
	zones[0] = timezone_find(TEXT("Asia/Tokyo"));
	zones[1] = timezone_find(TEXT("Europe/Berlin"));
	return NULL;
}

TEST(threads_find_the_same_zones)
{
	const struct timezone_rules *found[8][2];
	pthread_t threads[8];
	for (int i = 0; i < 8; i++)
		CHECK(pthread_create(&threads[i], NULL, find_zones, found[i]) == 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 8; i++)
		CHECK(found[i][0] == zone_of("Asia/Tokyo") && found[i][1] == zone_of("Europe/Berlin"));
}

/* 1 September 01:10 to 1 October 00:59:59 in Paris: 29 days and 23:49:59 that touch 31 dates. */
TEST(days_between_instants_are_counted_as_begun_or_as_dates)
{
	const struct timezone_rules *paris = zone_of("Europe/Paris");
	struct instant from = instant_of("2023-08-31T23:10:00Z"), to = instant_of("2023-09-30T22:59:59Z");
	CHECK_EQ_INT(timezone_days_begun(paris, from, to), 30);
	CHECK_EQ_INT(timezone_dates_touched(paris, from, to), 31);
	/* a change of clocks adds no day; a midnight that is reached begins its own */
	CHECK_EQ_INT(timezone_days_begun(paris, instant_of("2023-10-28T22:00:00Z"), instant_of("2023-10-29T22:59:59Z")), 1);
	CHECK_EQ_INT(timezone_days_begun(paris, instant_of("2023-10-28T22:00:00Z"), instant_of("2023-10-29T23:00:00Z")), 2);
	CHECK_EQ_INT(timezone_days_begun(paris, to, from), 0);
}

CHECK_MAIN
