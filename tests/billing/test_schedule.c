/* test_schedule.c: slots of a fixed grid, days of rest. */
#include "check.h"

#include "billing/schedule.h"

#include <stdlib.h>

static struct arena arena;

static struct instant at(const char *text)
{
	struct instant instant;
	if (!instant_parse(text_of(text), &instant))
		CHECK_FAIL("'%s' is no instant", text);
	return instant;
}

static struct date on(const char *text)
{
	struct date date;
	if (!date_parse(text_of(text), &date))
		CHECK_FAIL("'%s' is no date", text);
	return date;
}

static struct duration length(const char *text)
{
	struct duration duration;
	if (!duration_parse(text_of(text), &duration))
		CHECK_FAIL("'%s' is no duration", text);
	return duration;
}

static struct schedule schedule_of(const char *anchor, const char *period, const char *zone)
{
	static bool ready;
	ready = ready || arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	CHECK(ready);
	return (struct schedule){ .anchor = at(anchor), .period = length(period), .zone = timezone_find(text_of(zone)) };
}

#define NEXT(schedule, after) instant_text(&arena, schedule_next_slot(&(schedule), at(after)))
#define RUN(schedule, slot) instant_text(&arena, schedule_run_at(&(schedule), at(slot)))

TEST(slots_are_the_anchor_plus_whole_periods_whenever_one_asks)
{
	struct schedule hourly = schedule_of("2010-05-25T22:06:07Z", "PT1H", "UTC");
	CHECK_EQ_TEXT(NEXT(hourly, "2010-05-25T22:06:07Z"), "2010-05-25T23:06:07Z");
	CHECK_EQ_TEXT(NEXT(hourly, "2010-05-25T22:06:10Z"), "2010-05-25T23:06:07Z");
	CHECK_EQ_TEXT(NEXT(hourly, "2010-05-26T05:30:00Z"), "2010-05-26T06:06:07Z");
	CHECK_EQ_TEXT(NEXT(hourly, "2010-05-25T20:00:00Z"), "2010-05-25T22:06:07Z");
}

TEST(months_clamp_and_come_back)
{
	struct schedule monthly = schedule_of("2023-01-31T09:00:00Z", "P1M", "UTC");
	CHECK_EQ_TEXT(NEXT(monthly, "2023-01-31T09:00:00Z"), "2023-02-28T09:00:00Z");
	CHECK_EQ_TEXT(NEXT(monthly, "2023-02-28T09:00:00Z"), "2023-03-31T09:00:00Z");
	CHECK_EQ_TEXT(NEXT(monthly, "2120-02-01T00:00:00Z"), "2120-02-29T09:00:00Z");
}

TEST(days_keep_the_time_of_day_where_clocks_change_and_hours_do_not)
{
	struct schedule daily = schedule_of("2024-03-30T09:00:00+01:00", "P1D", "Europe/Paris");
	struct schedule of_24_hours = schedule_of("2024-03-30T09:00:00+01:00", "PT24H", "Europe/Paris");
	CHECK_EQ_TEXT(NEXT(daily, "2024-03-30T08:00:00Z"), "2024-03-31T07:00:00Z");
	CHECK_EQ_TEXT(NEXT(of_24_hours, "2024-03-30T08:00:00Z"), "2024-03-31T08:00:00Z");
}

TEST(what_runs_once_has_one_slot)
{
	struct schedule once = schedule_of("2024-01-01T00:00:00Z", "PT0S", "UTC");
	CHECK_EQ_TEXT(NEXT(once, "2023-12-31T00:00:00Z"), "2024-01-01T00:00:00Z");
	CHECK_EQ_INT(schedule_next_slot(&once, at("2024-01-01T00:00:00Z")).us, 0);
}

TEST(no_slot_is_left_out_or_told_twice_over_a_hundred_years)
{
	static const char *const periods[] = { "P1M", "P1Y", "P1D", "P1W", "P2M10D", "P1DT6H", "PT36H" };
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
		struct schedule schedule = schedule_of("2000-01-31T23:30:00Z", periods[i], "America/New_York");
		struct instant slot = schedule.anchor;
		for (int n = 0; n < 1000; n++) {
			struct instant next = schedule_next_slot(&schedule, slot);
			/* The same when one asks between the two. */
			struct instant between = { slot.us + (next.us - slot.us) / 2 };
			CHECK(next.us > slot.us);
			CHECK_EQ_INT(schedule_next_slot(&schedule, between).us, next.us);
			slot = next;
		}
	}
}

TEST(the_grid_goes_through_the_first_instant_of_1970_and_ends_with_the_calendar)
{
	struct schedule daily = schedule_of("1000-01-01T00:00:00Z", "P1D", "UTC"), hourly = schedule_of("1969-12-31T00:00:00Z", "PT1H", "UTC");
	struct schedule yearly = schedule_of("9999-01-01T00:00:00Z", "P1Y", "UTC");
	CHECK_EQ_TEXT(NEXT(daily, "1969-12-31T00:00:00Z"), "1970-01-02T00:00:00Z");
	CHECK_EQ_TEXT(NEXT(daily, "2026-11-22T16:00:00Z"), "2026-11-23T00:00:00Z");
	CHECK_EQ_TEXT(NEXT(hourly, "1969-12-31T23:30:00Z"), "1970-01-01T01:00:00Z");
	CHECK_EQ_INT(schedule_next_slot(&yearly, yearly.anchor).us, 0);
}

TEST(a_period_beyond_the_calendar_has_no_second_slot)
{
	static const char *const periods[] = { "P3600000MT8979658473709.551616S", "P2147483647M", "P2147483647D",
		                               "PT9000000000000S", "PT9223372036854S", "P2147483647M2147483647DT9223372036854S" };
	for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
		struct schedule schedule = schedule_of("2026-11-22T00:00:00Z", periods[i], "Europe/Paris");
		CHECK_EQ_INT(schedule_next_slot(&schedule, schedule.anchor).us, 0);
		CHECK_EQ_INT(schedule_next_slot(&schedule, at("9999-12-31T23:59:59Z")).us, 0);
	}
}

TEST(where_the_local_calendar_ends_before_the_instants_do_nothing_rests)
{
	struct schedule west = schedule_of("0001-01-01T00:00:00Z", "P1D", "America/New_York");
	struct schedule east = schedule_of("9999-12-31T23:59:59Z", "P1D", "Asia/Tokyo");
	struct instant until;
	west.skip_weekend = east.skip_weekend = true;
	CHECK_EQ_TEXT(RUN(west, "0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
	CHECK_EQ_TEXT(RUN(east, "9999-12-31T23:59:59Z"), "9999-12-31T23:59:59Z");
	CHECK(!schedule_rests(&east, at("9999-12-31T23:59:59Z"), &until));
}

/* ---- rest ---- */

TEST(a_slot_on_a_weekend_is_run_on_monday_and_the_grid_stays)
{
	struct schedule weekly = schedule_of("2010-05-29T09:00:00Z", "P1W", "UTC"); /* a Saturday */
	CHECK_EQ_TEXT(RUN(weekly, "2010-05-29T09:00:00Z"), "2010-05-29T09:00:00Z");
	weekly.skip_weekend = true;
	CHECK_EQ_TEXT(RUN(weekly, "2010-05-29T09:00:00Z"), "2010-05-31T09:00:00Z");
	CHECK_EQ_TEXT(NEXT(weekly, "2010-05-31T09:00:00Z"), "2010-06-05T09:00:00Z");
}

TEST(the_weekend_is_that_of_the_zone)
{
	struct schedule daily = schedule_of("2010-05-28T03:00:00Z", "PT24H", "America/Chicago");
	daily.skip_weekend = true;
	CHECK_EQ_TEXT(RUN(daily, "2010-05-29T03:00:00Z"), "2010-05-29T03:00:00Z"); /* Friday 22:00 there */
	CHECK_EQ_TEXT(RUN(daily, "2010-05-30T03:00:00Z"), "2010-06-01T03:00:00Z");
}

TEST(a_holiday_after_a_weekend_is_passed_over_too)
{
	const struct holiday memorial_day = { .start_date = on("2010-05-31"), .end_date = on("2010-05-31") };
	struct holiday_calendar calendar;
	struct schedule daily = schedule_of("2010-05-28T09:00:00Z", "P1D", "UTC");
	daily.skip_weekend = daily.skip_holidays = true;
	holiday_calendar_build(&arena, &memorial_day, 1, &calendar);
	daily.holidays = &calendar;
	CHECK_EQ_TEXT(RUN(daily, "2010-05-29T09:00:00Z"), "2010-06-01T09:00:00Z");
	daily.skip_holidays = false;
	CHECK_EQ_TEXT(RUN(daily, "2010-05-29T09:00:00Z"), "2010-05-31T09:00:00Z");
	struct instant until;
	CHECK(schedule_rests(&daily, at("2010-05-30T12:00:00Z"), &until));
	CHECK_EQ_TEXT(instant_text(&arena, until), "2010-05-31T00:00:00Z");
}

TEST(a_recurring_holiday_is_there_every_year_also_over_new_year)
{
	const struct holiday turn = { .start_date = on("2010-12-30"), .end_date = on("2011-01-02"), .recurring = true };
	CHECK(holiday_has(&turn, on("2024-12-31")));
	CHECK(holiday_has(&turn, on("2025-01-02")));
	CHECK(!holiday_has(&turn, on("2025-01-03")));
	const struct holiday leap = { .start_date = on("2024-02-29"), .end_date = on("2024-02-29"), .recurring = true };
	CHECK(holiday_has(&leap, on("2023-02-28")));
	CHECK(holiday_has(&leap, on("2028-02-29")));
}

TEST(holidays_meet_where_a_day_is_in_both)
{
	const struct holiday may = { .start_date = on("2010-05-01"), .end_date = on("2010-05-03") };
	const struct holiday first = { .start_date = on("2012-05-01"), .end_date = on("2012-05-01"), .recurring = true };
	const struct holiday later = { .start_date = on("2010-05-04"), .end_date = on("2010-05-10") };
	CHECK(holidays_meet(&may, &first));
	CHECK(holidays_meet(&first, &may));
	CHECK(!holidays_meet(&may, &later));
	const struct holiday leap = { .start_date = on("2024-02-29"), .end_date = on("2024-02-29"), .recurring = true };
	const struct holiday before = { .start_date = on("2028-02-28"), .end_date = on("2028-02-28"), .recurring = true };
	const struct holiday after = { .start_date = on("2028-03-01"), .end_date = on("2028-03-02"), .recurring = true };
	CHECK(holidays_meet(&leap, &before));
	CHECK(holidays_meet(&before, &leap));
	CHECK(!holidays_meet(&leap, &after));
}

TEST(a_calendar_of_holidays_has_the_days_that_they_have)
{
	const struct holiday holidays[] = {
		{ .start_date = on("2024-07-01"), .end_date = on("2024-07-03") },
		{ .start_date = on("2024-02-29"), .end_date = on("2024-02-29"), .recurring = true },
		{ .start_date = on("2010-12-30"), .end_date = on("2011-01-02"), .recurring = true },
		{ .start_date = on("2023-06-15"), .end_date = on("2023-06-15") },
		{ .start_date = on("2023-03-01"), .end_date = on("2023-03-04"), .recurring = true },
	};
	const size_t count = sizeof holidays / sizeof *holidays;
	struct holiday_calendar calendar;
	(void)schedule_of("2000-01-01T00:00:00Z", "P1D", "UTC");
	holiday_calendar_build(&arena, holidays, count, &calendar);
	for (struct date date = on("2021-01-01"); date_compare(date, on("2030-01-01")) < 0; date = date_add_days(date, 1)) {
		bool has = false;
		for (size_t i = 0; i < count; i++)
			has = has || holiday_has(&holidays[i], date);
		check_note("%s", date_text(&arena, date).data);
		CHECK_EQ_INT(holiday_calendar_has(&calendar, date), has);
	}
}

/* ---- runs in their order ---- */

static int by_run(const void *a, const void *b)
{
	const struct schedule_run *x = a, *y = b;
	if (x->at.us != y->at.us)
		return x->at.us < y->at.us ? -1 : 1;
	return (x->slot.us > y->slot.us) - (x->slot.us < y->slot.us);
}

enum { RUNS = 600 };

/* All of the first RUNS slots, sorted. */
static void runs_sorted(const struct schedule *schedule, struct schedule_run *runs)
{
	struct instant slot = schedule->anchor;
	for (size_t i = 0; i < RUNS; i++, slot = schedule_next_slot(schedule, slot))
		runs[i] = (struct schedule_run){ slot, schedule_run_at(schedule, slot) };
	qsort(runs, RUNS, sizeof *runs, by_run);
}

TEST(runs_come_in_the_order_of_their_instants_and_what_is_late_is_caught_up_at_one_leap)
{
	static const char *const periods[] = { "PT10H", "PT90M", "P1D", "PT24H", "PT25H", "P1DT6H", "P2D", "PT7H", "PT20M" };
	static const struct { const char *zone, *anchor; } places[] = {
		{ "UTC", "2026-03-06T23:00:00Z" },           { "Europe/Berlin", "2026-03-27T01:30:00Z" },
		{ "America/Santiago", "2026-09-03T04:15:00Z" }, { "Australia/Lord_Howe", "2026-04-03T15:10:00Z" },
		{ "America/Havana", "2026-10-30T04:20:00Z" }, { "UTC", "1969-12-26T00:00:00Z" },
	};
	const struct holiday days[] = { { .start_date = on("2026-03-30"), .end_date = on("2026-04-01") },
		                        { .start_date = on("1970-01-01"), .end_date = on("1970-01-01"), .recurring = true },
		                        { .start_date = on("2026-09-09"), .end_date = on("2026-09-09") } };
	static struct schedule_run runs[RUNS];
	struct holiday_calendar calendar;
	for (size_t n = 0; n < 9 * 6 * 4; n++) {
		struct schedule schedule = schedule_of(places[n / 4 % 6].anchor, periods[n / 24], places[n / 4 % 6].zone);
		holiday_calendar_build(&arena, days, 3, &calendar);
		schedule.holidays = &calendar;
		schedule.skip_weekend = n & 1;
		schedule.skip_holidays = n & 2;
		check_note("%s %s %zu", periods[n / 24], places[n / 4 % 6].zone, n % 4);
		runs_sorted(&schedule, runs);
		struct schedule_run run = schedule_first_run(&schedule, (struct instant){ schedule.anchor.us - 1 });
		for (size_t i = 0; i < RUNS / 2; i++, run = schedule_run_after(&schedule, run)) {
			CHECK_EQ_INT(run.at.us, runs[i].at.us);
			CHECK_EQ_INT(run.slot.us, runs[i].slot.us);
			struct instant until;
			int64_t missed;
			size_t last = i;
			while (last + 1 < RUNS && runs[last + 1].at.us <= runs[i].at.us)
				last++;
			if (i % 10 == 0 && !schedule_rests(&schedule, runs[i].at, &until)) {
				struct schedule_run caught = schedule_catch_up(&schedule, runs[0], runs[i].at, &missed);
				CHECK_EQ_INT(caught.slot.us, runs[last].slot.us);
				CHECK_EQ_INT(schedule_last_run(&schedule, runs[i].at, runs[0]).slot.us, runs[last].slot.us);
			}
		}
	}
}

TEST(two_thousand_years_are_caught_up_at_one_leap)
{
	struct schedule daily = schedule_of("0001-01-02T00:00:00Z", "P1D", "Europe/Berlin");
	struct schedule often = schedule_of("0001-01-02T00:00:00Z", "PT1S", "Europe/Berlin");
	struct schedule plain = schedule_of("0001-01-02T00:00:00Z", "P1M", "Europe/Berlin");
	daily.skip_weekend = often.skip_weekend = true;
	const struct instant now = at("2026-11-23T10:00:00Z"); /* a Monday */
	const struct schedule_run first = { daily.anchor, daily.anchor };
	int64_t missed;
	CHECK_EQ_TEXT(instant_text(&arena, schedule_catch_up(&daily, first, now, &missed).slot), "2026-11-22T23:53:28Z");
	CHECK_EQ_INT(missed, date_days_between(on("0001-01-02"), on("2026-11-23")));
	CHECK_EQ_TEXT(instant_text(&arena, schedule_catch_up(&often, first, now, &missed).slot), "2026-11-23T10:00:00Z");
	CHECK_EQ_TEXT(instant_text(&arena, schedule_catch_up(&plain, first, now, &missed).slot), "2026-11-01T23:53:28Z");
	CHECK_EQ_INT(missed, 2025 * 12 + 10);
}

TEST(rest_without_end_ends_after_400_days)
{
	const struct holiday always = { .start_date = on("2010-01-01"), .end_date = on("2010-12-31"), .recurring = true };
	struct holiday_calendar calendar;
	struct schedule daily = schedule_of("2010-05-28T09:00:00Z", "P1D", "UTC");
	daily.skip_holidays = true;
	holiday_calendar_build(&arena, &always, 1, &calendar);
	daily.holidays = &calendar;
	CHECK_EQ_INT(date_days_between(on("2010-05-28"), schedule_working_day(&daily, on("2010-05-28"), 1)), 400);
}

CHECK_MAIN
