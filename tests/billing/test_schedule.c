/* test_schedule.c: slots of a fixed grid, days of rest. */
#include "check.h"

#include "billing/schedule.h"

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
	struct schedule daily = schedule_of("2010-05-28T09:00:00Z", "P1D", "UTC");
	daily.skip_weekend = daily.skip_holidays = true;
	daily.holidays = &memorial_day;
	daily.holiday_count = 1;
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
}

TEST(rest_without_end_ends_after_400_days)
{
	const struct holiday always = { .start_date = on("2010-01-01"), .end_date = on("2010-12-31"), .recurring = true };
	struct schedule daily = schedule_of("2010-05-28T09:00:00Z", "P1D", "UTC");
	daily.skip_holidays = true;
	daily.holidays = &always;
	daily.holiday_count = 1;
	CHECK_EQ_INT(date_days_between(on("2010-05-28"), schedule_working_day(&daily, on("2010-05-28"), 1)), 400);
}

CHECK_MAIN
