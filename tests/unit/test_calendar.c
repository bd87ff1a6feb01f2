/* test_calendar.c: dates, periods, durations, billing periods and stubs. */
#include "value/calendar.h"

#include "check.h"

static struct arena arena;

static void start(void)
{
	if (!arena.reserve)
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
}

static struct date date_of(const char *text)
{
	struct date date;
	start();
	if (!date_parse(text_of(text), &date))
		CHECK_FAIL("not a date: %s", text);
	return date;
}

#define CHECK_EQ_DATE(actual, expected) CHECK_EQ_TEXT(date_text(&arena, actual), expected)

/* ---- dates ---- */

TEST(a_date_is_read_and_written_the_same)
{
	static const char *const same[] = { "0001-01-01", "1900-02-28", "2000-02-29", "2011-09-06", "9999-12-31" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		CHECK_EQ_DATE(date_of(same[i]), same[i]);
	CHECK_EQ_INT(date_of("0001-01-01").day, 1);
	CHECK_EQ_INT(date_of("9999-12-31").day, DATE_DAY_MAX);
	CHECK_EQ_TEXT(date_text(&arena, DATE_NONE), NULL);
}

TEST(dates_that_do_not_exist_are_refused)
{
	static const char *const refused[] = { "", "2011-02-29", "1900-02-29", "2011-04-31", "2011-13-01", "2011-00-01",
		                               "2011-01-00", "2011-01-32", "0000-01-01", "2011-1-01", "2011/01/01",
		                               "2011-01-01 ", "11-01-01", "+011-01-01", "2011-01-01T00:00:00Z" };
	struct date date;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!date_parse(text_of(refused[i]), &date));
	}
	CHECK(!date_parse(TEXT_NONE, &date));
}

TEST(weekdays_are_right)
{
	CHECK_EQ_INT(date_weekday(date_of("0001-01-01")), 1);
	CHECK_EQ_INT(date_weekday(date_of("1970-01-01")), 4);
	CHECK_EQ_INT(date_weekday(date_of("2011-09-06")), 2);
	CHECK_EQ_INT(date_weekday(date_of("2024-02-25")), 7);
}

TEST(adding_months_clamps_to_the_month_end)
{
	CHECK_EQ_DATE(date_add_months(date_of("2011-01-31"), 1), "2011-02-28");
	CHECK_EQ_DATE(date_add_months(date_of("2012-01-31"), 1), "2012-02-29");
	CHECK_EQ_DATE(date_add_months(date_of("2011-01-31"), 2), "2011-03-31");
	CHECK_EQ_DATE(date_add_months(date_of("2012-02-29"), 12), "2013-02-28");
	CHECK_EQ_DATE(date_add_months(date_of("2012-02-29"), 48), "2016-02-29");
	CHECK_EQ_DATE(date_add_months(date_of("2011-03-31"), -1), "2011-02-28");
	CHECK_EQ_DATE(date_add_months(date_of("2011-01-15"), -13), "2009-12-15");
	CHECK_EQ_DATE(date_add_months(date_of("2011-12-15"), 1), "2012-01-15");
}

TEST(an_anchor_day_comes_back_after_a_short_month)
{
	struct date date = date_of("2011-01-31");
	static const char *const expected[] = { "2011-02-28", "2011-03-31", "2011-04-30", "2011-05-31" };
	for (int i = 0; i < 4; i++) {
		date = date_add_months_anchored(date, 1, 31);
		CHECK_EQ_DATE(date, expected[i]);
	}
	CHECK_EQ_DATE(date_with_day(date_of("2011-02-10"), 31), "2011-02-28");
	CHECK_EQ_DATE(date_with_day(date_of("2011-02-10"), 3), "2011-02-03");
}

TEST(beyond_the_calendar_there_is_no_date)
{
	CHECK(!date_present(date_add_days(date_of("9999-12-31"), 1)));
	CHECK(!date_present(date_add_days(date_of("0001-01-01"), -1)));
	CHECK(!date_present(date_add_days(date_of("2011-01-01"), INT32_MAX)));
	CHECK(!date_present(date_add_months(date_of("9999-12-31"), 1)));
	CHECK(!date_present(date_add_months(date_of("0001-01-31"), -1)));
	CHECK(!date_present(date_add_months(date_of("2011-01-31"), INT32_MAX)));
	CHECK(!date_present(date_add_months(date_of("2011-01-31"), INT32_MIN)));
	CHECK(!date_present(date_add_days(DATE_NONE, 1)));
	CHECK(!date_present(date_add_months(DATE_NONE, 1)));
	CHECK_EQ_DATE(date_add_months(date_of("9999-11-30"), 1), "9999-12-30");
}

TEST(calendar_days_do_not_know_of_daylight_saving)
{
	static const struct {
		const char *from, *to;
		int days;
	} rows[] = {
		{ "2024-05-01", "2024-05-05", 4 }, { "2024-07-30", "2024-08-02", 3 }, { "2024-12-30", "2025-01-02", 3 },
		{ "2024-03-30", "2024-04-01", 2 }, { "2024-10-26", "2024-10-28", 2 }, { "2024-02-28", "2024-03-01", 2 },
		{ "2024-05-05", "2024-05-01", -4 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_EQ_INT(date_days_between(date_of(rows[i].from), date_of(rows[i].to)), rows[i].days);
	CHECK_ABORTS(date_days_between(DATE_NONE, date_of("2011-01-01")));
}

TEST(an_open_end_is_later_than_every_date)
{
	struct date date = date_of("2011-01-01"), later = date_of("2011-01-02");
	CHECK_EQ_DATE(date_min(date, DATE_NONE), "2011-01-01");
	CHECK_EQ_DATE(date_min(DATE_NONE, date), "2011-01-01");
	CHECK_EQ_DATE(date_min(later, date), "2011-01-01");
	CHECK_EQ_DATE(date_max(later, date), "2011-01-02");
	CHECK_EQ_INT(date_compare(date, later), -1);
}

/* ---- periods ---- */

static struct period period_of(const char *begin, const char *end)
{
	return (struct period){ date_of(begin), end ? date_of(end) : DATE_NONE };
}

TEST(a_period_holds_its_start_and_not_its_end)
{
	struct period january = period_of("2011-01-01", "2011-02-01");
	CHECK_EQ_INT(period_days(january), 31);
	CHECK(period_contains(january, date_of("2011-01-01")));
	CHECK(period_contains(january, date_of("2011-01-31")));
	CHECK(!period_contains(january, date_of("2011-02-01")));
	CHECK(!period_contains(january, date_of("2010-12-31")));
	CHECK(period_contains(period_of("2011-01-01", NULL), date_of("9999-12-31")));
}

TEST(what_two_periods_share_is_a_period)
{
	struct period january = period_of("2011-01-01", "2011-02-01");
	struct period both = period_intersect(january, period_of("2011-01-20", NULL));
	CHECK_EQ_DATE(both.start, "2011-01-20");
	CHECK_EQ_DATE(both.end, "2011-02-01");
	CHECK_EQ_INT(period_days(period_intersect(january, period_of("2011-02-01", "2011-03-01"))), 0);
	CHECK_EQ_INT(period_days(period_intersect(january, period_of("2012-02-01", NULL))), 0);
	both = period_intersect(period_of("2011-01-01", NULL), period_of("2011-01-05", NULL));
	CHECK(!date_present(both.end));
}

/* ---- durations ---- */

TEST(durations_are_read)
{
	static const struct {
		const char *text;
		int32_t months, days;
		int64_t us;
	} rows[] = {
		{ "P1M", 1, 0, 0 },
		{ "P2W", 0, 14, 0 },
		{ "PT15M", 0, 0, 900000000 },
		{ "P1DT12H", 0, 1, 43200000000 },
		{ "P1Y2M3DT4H5M6.5S", 14, 3, 14706500000 },
		{ "PT0.000001S", 0, 0, 1 },
		{ "-P1Y1D", -12, -1, 0 },
		{ "+P3D", 0, 3, 0 },
		{ "P0D", 0, 0, 0 },
		{ "P1W2D", 0, 9, 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct duration duration;
		check_note("%s", rows[i].text);
		CHECK(duration_parse(text_of(rows[i].text), &duration));
		CHECK_EQ_INT(duration.months, rows[i].months);
		CHECK_EQ_INT(duration.days, rows[i].days);
		CHECK_EQ_INT(duration.us, rows[i].us);
	}
}

TEST(what_is_not_a_duration_is_refused)
{
	static const char *const refused[] = {
		"", "P", "PT", "P1", "1D", "P1DT", "P1H", "PT1D", "P1M1Y", "P1D1D", "P1.5D", "PT1.5M", "P-1D", "--P1D",
		"PT1.1234567S", "PT1.S", "P1Dx", "P 1D", "P1M T1H", "P3000000000M", "P300000000Y",
		"P99999999999999999999D", "PT9999999999999999H", "p1m",
	};
	struct duration duration;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		check_note("%s", refused[i]);
		CHECK(!duration_parse(text_of(refused[i]), &duration));
	}
	CHECK(!duration_parse(TEXT_NONE, &duration));
}

TEST(a_length_that_a_person_may_give_has_a_bound)
{
	static const struct {
		const char *text;
		bool fits;
	} rows[] = {
		{ "P1000Y", true },        { "P12001M", false },      { "-P1000Y", true },
		{ "-P12001M", false },     { "P365242D", true },      { "P365243D", false },
		{ "PT8765808H", true },    { "PT8765808H1S", false }, { "P1000Y365242DT8765808H", true },
		{ "P2147483647M", false }, { "PT9000000000000S", false },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct duration duration;
		check_note("%s", rows[i].text);
		CHECK(duration_parse(text_of(rows[i].text), &duration));
		CHECK_EQ_INT(duration_fits(duration), rows[i].fits);
	}
}

TEST(durations_are_written_so_that_they_read_the_same)
{
	static const struct {
		struct duration duration;
		const char *text;
	} rows[] = {
		{ { 1, 0, 0 }, "P1M" },          { { 12, 0, 0 }, "P1Y" },        { { 18, 0, 0 }, "P18M" },
		{ { 0, 14, 0 }, "P14D" },        { { 0, 0, 900000000 }, "PT15M" }, { { 1, 1, 1500000 }, "P1M1DT1.500000S" },
		{ { 0, -1, -1 }, "-P1DT0.000001S" }, { { 0, 0, 0 }, "PT0S" },     { { 0, 0, 90061000000 }, "PT25H1M1S" },
		{ { -2147483647, 0, 0 }, "-P2147483647M" },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct duration back, duration = rows[i].duration;
		struct text text = duration_text(&arena, duration);
		CHECK_EQ_TEXT(text, rows[i].text);
		CHECK(duration_parse(text, &back));
		CHECK(back.months == duration.months && back.days == duration.days && back.us == duration.us);
	}
}

TEST(a_duration_moves_a_date_by_months_then_days)
{
	CHECK_EQ_DATE(date_add_duration(date_of("2011-01-31"), (struct duration){ 1, 1, 0 }), "2011-03-01");
	CHECK_EQ_DATE(date_add_duration(date_of("2011-03-01"), (struct duration){ -1, -1, 0 }), "2011-01-31");
	CHECK_ABORTS(date_add_duration(date_of("2011-01-31"), (struct duration){ 0, 0, 1 }));
}

/* ---- billing periods ---- */

TEST(billing_periods_are_read_by_name_in_any_case)
{
	for (enum billing_period period = BILLING_PERIOD_NONE; period <= BILLING_PERIOD_TRIENNIAL; period++) {
		enum billing_period read;
		CHECK(billing_period_parse(text_of(billing_period_name(period)), &read));
		CHECK_EQ_INT(read, period);
	}
	enum billing_period period;
	CHECK(billing_period_parse(TEXT("MONTHLY"), &period) && period == BILLING_PERIOD_MONTHLY);
	CHECK(billing_period_parse(TEXT("Thirty_Days"), &period) && period == BILLING_PERIOD_THIRTY_DAYS);
	CHECK(billing_period_parse(TEXT("NO_BILLING_PERIOD"), &period) && period == BILLING_PERIOD_NONE);
	CHECK(!billing_period_parse(TEXT("MONTH"), &period));
	CHECK(!billing_period_parse(TEXT(""), &period));
}

static enum billing_period period_named(const char *name)
{
	enum billing_period period = BILLING_PERIOD_NONE;
	if (!billing_period_parse(text_of(name), &period))
		CHECK_FAIL("no billing period: %s", name);
	return period;
}

TEST(dates_advance_and_recede_by_whole_periods)
{
	static const struct {
		const char *period, *from;
		int n;
		const char *to;
	} rows[] = {
		{ "DAILY", "2012-02-28", 2, "2012-03-01" },     { "WEEKLY", "2016-04-08", 3, "2016-04-29" },
		{ "BIWEEKLY", "2016-04-08", 1, "2016-04-22" },  { "THIRTY_DAYS", "2016-04-08", 2, "2016-06-07" },
		{ "THIRTY_ONE_DAYS", "2016-04-08", 1, "2016-05-09" }, { "SIXTY_DAYS", "2016-04-08", 1, "2016-06-07" },
		{ "NINETY_DAYS", "2016-04-08", 1, "2016-07-07" }, { "MONTHLY", "2016-04-08", 7, "2016-11-08" },
		{ "BIMESTRIAL", "2016-12-31", 1, "2017-02-28" }, { "QUARTERLY", "2016-11-30", 1, "2017-02-28" },
		{ "TRIANNUAL", "2016-10-31", 1, "2017-02-28" }, { "BIANNUAL", "2016-08-31", 1, "2017-02-28" },
		{ "ANNUAL", "2016-02-29", 1, "2017-02-28" },    { "SESQUIENNIAL", "2016-02-29", 1, "2017-08-29" },
		{ "BIENNIAL", "2016-02-29", 2, "2020-02-29" },  { "TRIENNIAL", "2016-02-29", 1, "2019-02-28" },
		{ "MONTHLY", "2016-11-08", -7, "2016-04-08" },  { "WEEKLY", "2016-05-27", -7, "2016-04-08" },
		{ "MONTHLY", "2016-01-31", 2, "2016-03-31" },   { "MONTHLY", "2016-01-31", 0, "2016-01-31" },
		{ "NO_BILLING_PERIOD", "2016-01-31", 3, "2016-01-31" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s from %s by %d", rows[i].period, rows[i].from, rows[i].n);
		CHECK_EQ_DATE(billing_period_advance(period_named(rows[i].period), date_of(rows[i].from), rows[i].n, 0),
		              rows[i].to);
	}
	CHECK(!date_present(billing_period_advance(BILLING_PERIOD_TRIENNIAL, date_of("2016-01-31"), INT32_MAX, 0)));
}

TEST(a_date_lies_in_one_period_of_its_grid)
{
	static const struct {
		const char *period, *anchor;
		int day;
		const char *on, *from, *to;
	} rows[] = {
		{ "MONTHLY", "2024-01-01", 1, "2024-01-01", "2024-01-01", "2024-02-01" },
		{ "MONTHLY", "2024-01-01", 10, "2024-01-20", "2024-01-10", "2024-02-10" },
		{ "MONTHLY", "2024-01-01", 10, "2024-02-10", "2024-02-10", "2024-03-10" },
		{ "MONTHLY", "2024-01-01", 10, "2024-01-05", "2023-12-10", "2024-01-10" },
		{ "QUARTERLY", "2024-01-01", 1, "2024-02-15", "2024-01-01", "2024-04-01" },
		{ "ANNUAL", "2021-01-01", 1, "2021-06-15", "2021-01-01", "2022-01-01" },
		{ "ANNUAL", "2021-01-01", 1, "2022-01-01", "2022-01-01", "2023-01-01" },
		{ "MONTHLY", "2024-01-31", 0, "2024-02-28", "2024-01-31", "2024-02-29" },
		{ "MONTHLY", "2024-01-31", 0, "2024-02-29", "2024-02-29", "2024-03-31" },
		{ "MONTHLY", "2024-01-31", 0, "2024-03-30", "2024-02-29", "2024-03-31" },
		{ "MONTHLY", "2024-01-31", 0, "2023-03-01", "2023-02-28", "2023-03-31" },
		{ "ANNUAL", "2024-02-29", 0, "2025-02-28", "2025-02-28", "2026-02-28" },
		{ "ANNUAL", "2024-02-29", 0, "2028-02-28", "2027-02-28", "2028-02-29" },
		{ "WEEKLY", "2024-01-03", 0, "2024-01-10", "2024-01-10", "2024-01-17" },
		{ "WEEKLY", "2024-01-03", 0, "2024-01-02", "2023-12-27", "2024-01-03" },
		{ "DAILY", "2024-01-03", 0, "2023-01-02", "2023-01-02", "2023-01-03" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s, %s", rows[i].period, rows[i].on);
		struct period found = billing_period_containing(period_named(rows[i].period), date_of(rows[i].anchor),
		                                                rows[i].day, date_of(rows[i].on));
		CHECK_EQ_DATE(found.start, rows[i].from);
		CHECK_EQ_DATE(found.end, rows[i].to);
	}
	struct period open = billing_period_containing(BILLING_PERIOD_NONE, date_of("2024-01-03"), 0, date_of("2025-01-01"));
	CHECK_EQ_DATE(open.start, "2024-01-03");
	CHECK(!date_present(open.end));
}

TEST(the_grid_through_the_first_day_is_the_calendar)
{
	static const char *const rows[][3] = {
		{ "DAILY", "2024-03-10", "2024-03-11" },   { "WEEKLY", "2024-03-10", "2024-03-11" },
		{ "WEEKLY", "2024-03-11", "2024-03-18" },  { "MONTHLY", "2024-01-15", "2024-02-01" },
		{ "MONTHLY", "2025-05-01", "2025-06-01" }, { "QUARTERLY", "2024-02-15", "2024-04-01" },
		{ "QUARTERLY", "2024-12-31", "2025-01-01" }, { "BIANNUAL", "2024-06-30", "2024-07-01" },
		{ "ANNUAL", "2024-02-15", "2025-01-01" },
	};
	struct date first = { 1 };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s, %s", rows[i][0], rows[i][1]);
		CHECK_EQ_DATE(billing_period_containing(period_named(rows[i][0]), first, 0, date_of(rows[i][1])).end,
		              rows[i][2]);
	}
}

TEST(whole_periods_between_two_dates_are_counted)
{
	static const struct {
		const char *period, *from, *to;
		int n;
	} rows[] = {
		{ "MONTHLY", "2012-07-16", "2012-09-15", 1 },     { "MONTHLY", "2012-07-16", "2012-09-16", 2 },
		{ "MONTHLY", "2012-07-16", "2012-07-16", 0 },     { "THIRTY_DAYS", "2012-07-16", "2012-09-13", 1 },
		{ "THIRTY_DAYS", "2012-07-16", "2012-09-14", 2 }, { "WEEKLY", "2012-07-16", "2012-07-29", 1 },
		{ "WEEKLY", "2012-07-16", "2012-07-30", 2 },      { "BIWEEKLY", "2012-07-16", "2012-08-12", 1 },
		{ "DAILY", "2012-02-28", "2012-03-01", 2 },       { "QUARTERLY", "2012-01-31", "2012-07-30", 1 },
		{ "QUARTERLY", "2012-01-31", "2012-07-31", 2 },   { "MONTHLY", "2012-01-31", "2012-02-29", 1 },
		{ "MONTHLY", "2012-01-31", "2012-02-28", 0 },     { "ANNUAL", "2012-02-29", "2013-02-28", 1 },
		{ "ANNUAL", "2012-02-29", "2013-02-27", 0 },      { "BIENNIAL", "2012-03-01", "2016-02-29", 1 },
		{ "MONTHLY", "2012-09-15", "2012-07-16", -1 },    { "NO_BILLING_PERIOD", "2012-01-01", "2013-01-01", 0 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s from %s to %s", rows[i].period, rows[i].from, rows[i].to);
		CHECK_EQ_INT(billing_period_whole_between(period_named(rows[i].period), date_of(rows[i].from),
		                                          date_of(rows[i].to)), rows[i].n);
	}
}

/* ---- stubs ---- */

TEST(a_month_can_count_thirty_days)
{
	static const struct {
		const char *from, *to;
		int fixed, days;
	} rows[] = {
		{ "2023-05-15", "2023-05-23", 30, 8 },  { "2023-02-15", "2023-02-23", 30, 8 },
		{ "2023-05-23", "2023-06-15", 30, 22 }, { "2023-06-23", "2023-07-15", 30, 22 },
		{ "2023-02-23", "2023-03-15", 30, 22 }, { "2024-02-23", "2024-03-15", 30, 22 },
		{ "2023-02-01", "2023-03-01", 30, 30 }, { "2023-05-01", "2023-06-01", 30, 30 },
		{ "2023-05-23", "2023-06-15", 0, 23 },  { "2023-05-23", "2023-06-15", 31, 23 },
		{ "2023-05-23", "2024-05-23", 30, 366 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s to %s, %d", rows[i].from, rows[i].to, rows[i].fixed);
		CHECK_EQ_INT(days_between_fixed_month(date_of(rows[i].from), date_of(rows[i].to), rows[i].fixed), rows[i].days);
	}
}

TEST(the_stub_before_the_first_cycle_is_a_share_of_the_period_that_ends_there)
{
	static const struct {
		const char *period, *from, *first;
		int fixed;
		const char *share;
	} rows[] = {
		{ "MONTHLY", "2012-01-10", "2012-01-15", 0, "5/31" },
		{ "MONTHLY", "2012-02-10", "2012-03-31", 0, "50/31" }, /* a month before 31 March is 29 February */
		{ "QUARTERLY", "2012-01-15", "2012-04-01", 0, "11/13" },
		{ "ANNUAL", "2012-07-01", "2013-01-01", 0, "92/183" },
		{ "WEEKLY", "2012-01-10", "2012-01-15", 0, "5/7" },
		{ "MONTHLY", "2012-01-15", "2012-01-15", 0, "0" },
		{ "MONTHLY", "2023-05-23", "2023-06-15", 30, "11/15" },
		{ "ANNUAL", "2023-05-23", "2023-06-15", 30, "11/15" },
		{ "NO_BILLING_PERIOD", "2012-01-10", "2012-01-15", 0, "0" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fraction share;
		check_note("%s, %s to %s", rows[i].period, rows[i].from, rows[i].first);
		CHECK(stub_before_first_cycle(period_named(rows[i].period), date_of(rows[i].from), date_of(rows[i].first),
		                              rows[i].fixed, &share));
		CHECK_EQ_TEXT(fraction_text(&arena, share), rows[i].share);
	}
}

TEST(the_stub_after_the_last_cycle_may_exceed_a_period)
{
	struct fraction share;
	struct decimal ratio;
	CHECK(stub_after_last_cycle(BILLING_PERIOD_MONTHLY, date_of("2012-03-02"), date_of("2012-06-02"), 0, &share));
	CHECK_EQ_TEXT(fraction_text(&arena, share), "92/31");
	CHECK(fraction_round(share, 9, ROUNDING_HALF_UP, &ratio));
	CHECK_EQ_TEXT(decimal_text(&arena, ratio), "2.967741935");
	CHECK(stub_after_last_cycle(BILLING_PERIOD_MONTHLY, date_of("2012-02-15"), date_of("2012-02-20"), 0, &share));
	CHECK_EQ_TEXT(fraction_text(&arena, share), "5/29");
	CHECK(stub_after_last_cycle(BILLING_PERIOD_WEEKLY, date_of("2012-02-15"), date_of("2012-02-20"), 0, &share));
	CHECK_EQ_TEXT(fraction_text(&arena, share), "5/7");
	CHECK(stub_after_last_cycle(BILLING_PERIOD_MONTHLY, date_of("2023-05-01"), date_of("2023-06-01"), 30, &share));
	CHECK_EQ_TEXT(fraction_text(&arena, share), "1");
	CHECK(!stub_after_last_cycle(BILLING_PERIOD_MONTHLY, date_of("9999-12-15"), date_of("9999-12-20"), 0, &share));
}

/* ---- properties ---- */

enum { CASES = 100000 };

static struct date random_date(uint64_t *state)
{
	return (struct date){ (int32_t)check_between(state, 500000, 900000) };
}

static enum billing_period random_period(uint64_t *state)
{
	return (enum billing_period)check_between(state, BILLING_PERIOD_DAILY, BILLING_PERIOD_TRIENNIAL);
}

TEST(every_date_lies_in_the_period_found_for_it)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct date anchor = random_date(&state), date = random_date(&state);
		enum billing_period period = random_period(&state);
		int day = (int)check_between(&state, 0, 31);
		struct period found = billing_period_containing(period, anchor, day, date);
		check_note("case %d", i);
		CHECK(period_contains(found, date));
		struct period next = billing_period_containing(period, anchor, day, found.end);
		CHECK(next.start.day == found.end.day && next.end.day > next.start.day);
		struct period before = billing_period_containing(period, anchor, day, date_add_days(found.start, -1));
		CHECK(before.end.day == found.start.day);
	}
}

TEST(whole_periods_fit_and_one_more_does_not)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct date a = random_date(&state), b = random_date(&state);
		struct date from = date_min(a, b), to = date_max(a, b);
		enum billing_period period = random_period(&state);
		int32_t whole = billing_period_whole_between(period, from, to);
		check_note("case %d", i);
		CHECK(date_compare(billing_period_advance(period, from, whole, 0), to) <= 0);
		CHECK(date_compare(billing_period_advance(period, from, whole + 1, 0), to) > 0);
	}
}

TEST(anchored_months_keep_to_the_anchor_or_the_month_end)
{
	uint64_t state = check_seed();
	start();
	for (int i = 0; i < CASES; i++) {
		struct date from = random_date(&state);
		int anchor = (int)check_between(&state, 1, 31), months = (int)check_between(&state, -500, 500);
		struct date to = date_add_months_anchored(from, months, anchor);
		int last = date_last_day_of_month(to);
		check_note("case %d", i);
		CHECK_EQ_INT(date_day_of_month(to), anchor < last ? anchor : last);
		CHECK_EQ_DATE(date_add_months_anchored(to, -months, date_day_of_month(from)),
		              date_text(&arena, from).data);
		arena_reset(&arena);
	}
}

TEST(stubs_of_one_cut_period_add_up_to_one)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		/* days below 29, where plain month arithmetic goes both ways */
		struct date begin = date_with_day(random_date(&state), (int)check_between(&state, 1, 28));
		enum billing_period period = random_period(&state);
		struct date end = billing_period_advance(period, begin, 1, 0);
		struct date cut = date_add_days(begin, (int32_t)check_between(&state, 0, end.day - begin.day));
		struct fraction left, right, sum;
		check_note("case %d", i);
		CHECK(stub_after_last_cycle(period, begin, cut, 0, &left));
		CHECK(stub_before_first_cycle(period, cut, end, 0, &right));
		CHECK(fraction_add(left, right, &sum));
		CHECK(sum.numerator == 1 && sum.denominator == 1);
	}
}

CHECK_MAIN
