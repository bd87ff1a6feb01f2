/* test_bill_cycle_day.c: the day of the month on which is billed. */
#include "value/bill_cycle_day.h"

#include "check.h"

static struct arena arena;

static struct date date_of(const char *text)
{
	struct date date = DATE_NONE;
	if (!arena.reserve)
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	if (text && !date_parse(text_of(text), &date))
		CHECK_FAIL("not a date: %s", text);
	return date;
}

#define CHECK_EQ_DATE(actual, expected) CHECK_EQ_TEXT(date_text(&arena, actual), expected)

TEST(the_day_is_that_of_the_first_paid_charge_on_the_local_calendar)
{
	static const struct {
		const char *at, *zone;
		int day;
	} rows[] = {
		{ "2012-07-16T21:00:00Z", "UTC", 16 },
		{ "2012-07-16T21:17:03Z", "Europe/Paris", 16 },
		{ "2012-07-16T21:17:03Z", "+03:00", 17 },
		{ "2012-07-16T21:17:03Z", "Asia/Tokyo", 17 },
		{ "2012-08-01T03:00:00Z", "America/Los_Angeles", 31 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct instant at;
		CHECK(instant_parse(text_of(rows[i].at), &at));
		check_note("%s in %s", rows[i].at, rows[i].zone);
		CHECK_EQ_INT(bill_cycle_day_from_first_paid_charge(at, timezone_find(text_of(rows[i].zone))), rows[i].day);
	}
}

TEST(alignment_in_the_same_month_goes_both_ways_and_clamps)
{
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-07-19"), 23, BILLING_PERIOD_MONTHLY), "2022-07-23");
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-07-19"), 3, BILLING_PERIOD_MONTHLY), "2022-07-03");
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-02-19"), 31, BILLING_PERIOD_ANNUAL), "2022-02-28");
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-02-28"), 31, BILLING_PERIOD_MONTHLY), "2022-02-28");
}

TEST(periods_not_made_of_months_have_no_bill_cycle_day)
{
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-07-19"), 23, BILLING_PERIOD_WEEKLY), "2022-07-19");
	CHECK_EQ_DATE(bill_cycle_day_align_same_month(date_of("2022-07-19"), 23, BILLING_PERIOD_NONE), "2022-07-19");
}

TEST(the_next_cycle_date_is_the_first_on_or_after)
{
	static const struct {
		const char *current;
		int day;
		const char *next;
	} rows[] = {
		{ "2022-07-19", 23, "2022-07-23" }, { "2022-07-23", 23, "2022-07-23" }, { "2022-07-24", 23, "2022-08-23" },
		{ "2022-12-24", 23, "2023-01-23" }, { "2022-01-31", 30, "2022-02-28" }, { "2022-02-28", 31, "2022-02-28" },
		{ "2022-02-19", 31, "2022-02-28" }, { "2022-04-30", 31, "2022-04-30" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_note("%s, day %d", rows[i].current, rows[i].day);
		CHECK_EQ_DATE(bill_cycle_day_align_next(DATE_NONE, date_of(rows[i].current), rows[i].day,
		                                        BILLING_PERIOD_MONTHLY), rows[i].next);
		CHECK_EQ_DATE(bill_cycle_day_align_next(date_of("2020-01-01"), date_of(rows[i].current), rows[i].day,
		                                        BILLING_PERIOD_ANNUAL), rows[i].next);
	}
}

TEST(a_series_of_weeks_goes_on_from_the_previous_date)
{
	static const char *const rows[][3] = {
		{ "2022-02-02", "2022-02-19", "2022-02-23" }, { "2022-02-02", "2022-02-16", "2022-02-16" },
		{ "2022-02-02", "2022-02-02", "2022-02-09" }, { "2022-02-02", "2022-01-01", "2022-02-09" },
		{ NULL, "2022-02-19", "2022-02-19" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK_EQ_DATE(bill_cycle_day_align_next(date_of(rows[i][0]), date_of(rows[i][1]), 31, BILLING_PERIOD_WEEKLY),
		              rows[i][2]);
	CHECK_EQ_DATE(bill_cycle_day_align_next(date_of("2022-02-02"), date_of("2022-02-19"), 5, BILLING_PERIOD_NONE),
	              "2022-02-19");
	CHECK_EQ_DATE(bill_cycle_day_align_next(date_of("2022-02-02"), date_of("2022-02-19"), 5, BILLING_PERIOD_THIRTY_DAYS),
	              "2022-03-04");
}

TEST(a_new_day_takes_effect_at_its_next_date)
{
	static const struct {
		int day;
		const char *requested, *effective;
		bool immediately;
	} rows[] = {
		{ 3, NULL, "2012-06-03", false },          { 7, NULL, "2012-05-07", true },
		{ 9, NULL, "2012-05-09", false },          { 31, NULL, "2012-05-31", false },
		{ 31, "2012-06-03", "2012-06-30", false }, { 3, "2012-06-03", "2012-06-03", false },
		{ 2, "2012-06-03", "2012-07-02", false },  { 7, "2012-05-07", "2012-05-07", false },
		{ 5, "2012-02-10", "2012-03-05", false },  { 31, "2012-02-10", "2012-02-29", false },
		{ 12, "2009-01-01", "2010-05-07", false }, /* not before the subscription starts */
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		bool immediately = !rows[i].immediately;
		check_note("day %d from %s", rows[i].day, rows[i].requested ? rows[i].requested : "now");
		CHECK_EQ_DATE(bill_cycle_day_effective_date(date_of("2012-05-07"), date_of("2010-05-07"), rows[i].day,
		                                            date_of(rows[i].requested), &immediately), rows[i].effective);
		CHECK_EQ_INT(immediately, rows[i].immediately);
	}
}

TEST(a_new_day_of_a_subscription_that_starts_later_waits_for_its_start)
{
	bool immediately = true;
	CHECK_EQ_DATE(bill_cycle_day_effective_date(date_of("2012-05-07"), date_of("2012-06-01"), 7, DATE_NONE,
	                                            &immediately), "2012-06-01");
	CHECK(!immediately);
}

enum { CASES = 100000 };

TEST(the_next_cycle_date_is_never_before_and_less_than_a_month_and_a_day_after)
{
	uint64_t state = check_seed();
	for (int i = 0; i < CASES; i++) {
		struct date current = { (int32_t)check_between(&state, 500000, 900000) };
		int day = (int)check_between(&state, 1, 31);
		struct date next = bill_cycle_day_align_next(DATE_NONE, current, day, BILLING_PERIOD_MONTHLY);
		int last = date_last_day_of_month(next);
		check_note("case %d", i);
		CHECK_EQ_INT(date_day_of_month(next), day < last ? day : last);
		CHECK(date_days_between(current, next) >= 0 && date_days_between(current, next) <= 31);
	}
}

CHECK_MAIN
