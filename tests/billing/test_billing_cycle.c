/* test_billing_cycle.c: the grid of cycles and the parts that are due. */
#include "check.h"

#include "billing/billing_cycle.h"

static struct arena arena;

static struct date date(const char *text)
{
	struct date value;
	CHECK(date_parse(text_of(text), &value));
	return value;
}

static struct text period_text(struct period period)
{
	struct text start = date_text(&arena, period.start), end = date_text(&arena, period.end);
	return text_format(&arena, "%.*s..%.*s", TEXT_ARG(start), TEXT_ARG(end));
}

/* "2011-09-01..2011-10-01 of 2011-09-20..2011-10-01; ..." */
static struct text parts_text(const struct billing_grid *grid, const char *through, const char *until, const char *end)
{
	struct billing_part parts[BILLING_PARTS_MAX];
	size_t count = billing_parts_due(grid, date(through), date(until), end ? date(end) : DATE_NONE, parts, BILLING_PARTS_MAX);
	struct text_builder out;
	builder_init(&out, &arena, 0);
	for (size_t i = 0; i < count; i++) {
		struct text served = period_text(parts[i].service), cycle = period_text(parts[i].cycle);
		builder_format(&out, "%s%.*s", i ? "; " : "", TEXT_ARG(served));
		if (!billing_part_is_whole(&parts[i]))
			builder_format(&out, " of %.*s", TEXT_ARG(cycle));
	}
	return builder_text(&out);
}

static struct billing_grid monthly(int day, const char *start)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	return billing_grid_make(PLAN_BILLING_PERIOD_MONTHLY, day, false, date(start));
}

TEST(the_cycle_of_a_monthly_plan_begins_on_the_bill_cycle_day)
{
	struct billing_grid grid = monthly(1, "2011-09-20");
	CHECK_EQ_TEXT(period_text(billing_cycle_containing(&grid, date("2011-09-20"))), "2011-09-01..2011-10-01");
	CHECK_EQ_TEXT(period_text(billing_cycle_containing(&grid, date("2011-10-01"))), "2011-10-01..2011-11-01");
	CHECK_EQ_TEXT(date_text(&arena, billing_cycle_next_start(&grid, date("2011-09-20"))), "2011-10-01");
	CHECK_EQ_TEXT(date_text(&arena, billing_cycle_next_start(&grid, date("2011-10-01"))), "2011-10-01");
}

TEST(a_day_that_a_month_lacks_is_its_last_one_and_comes_back)
{
	struct billing_grid grid = monthly(31, "2012-01-10");
	CHECK_EQ_TEXT(parts_text(&grid, "2012-01-31", "2012-04-15", NULL),
	              "2012-01-31..2012-02-29; 2012-02-29..2012-03-31; 2012-03-31..2012-04-30");
}

TEST(a_first_part_begins_at_the_start_and_a_last_one_ends_with_the_service)
{
	struct billing_grid grid = monthly(1, "2011-09-20");
	CHECK_EQ_TEXT(parts_text(&grid, "2011-09-20", "2011-09-20", NULL), "2011-09-20..2011-10-01 of 2011-09-01..2011-10-01");
	CHECK_EQ_TEXT(parts_text(&grid, "2011-09-20", "2011-11-01", "2011-11-16"),
	              "2011-09-20..2011-10-01 of 2011-09-01..2011-10-01; 2011-10-01..2011-11-01; "
	              "2011-11-01..2011-11-16 of 2011-11-01..2011-12-01");
	CHECK_EQ_TEXT(parts_text(&grid, "2011-11-16", "2012-01-01", "2011-11-16"), "");
	CHECK_EQ_TEXT(parts_text(&grid, "2011-10-01", "2011-09-30", NULL), "");
}

TEST(a_part_tells_which_of_its_days_are_missing)
{
	struct period cycle = { date("2011-09-01"), date("2011-10-01") };
	struct billing_part first = { cycle, { date("2011-09-20"), cycle.end } }, last = { cycle, { cycle.start, date("2011-09-20") } };
	CHECK_EQ_INT(billing_part_reason(&first), PRORATION_CHANGE_REASON_START);
	CHECK_EQ_INT(billing_part_reason(&last), PRORATION_CHANGE_REASON_END);
}

TEST(longer_periods_count_in_steps_from_the_cycle_day_before_the_start)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_grid quarter = billing_grid_make(PLAN_BILLING_PERIOD_QUARTERLY, 1, false, date("2011-09-20"));
	struct billing_grid year = billing_grid_make(PLAN_BILLING_PERIOD_ANNUAL, 25, false, date("2011-09-20"));
	CHECK_EQ_TEXT(period_text(billing_cycle_containing(&quarter, date("2011-09-20"))), "2011-09-01..2011-12-01");
	CHECK_EQ_TEXT(period_text(billing_cycle_containing(&quarter, date("2012-03-05"))), "2012-03-01..2012-06-01");
	CHECK_EQ_TEXT(period_text(billing_cycle_containing(&year, date("2011-09-20"))), "2011-08-25..2012-08-25");
}

TEST(weeks_and_anniversaries_count_from_the_start)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_grid week = billing_grid_make(PLAN_BILLING_PERIOD_WEEKLY, 1, false, date("2011-09-20"));
	struct billing_grid own = billing_grid_make(PLAN_BILLING_PERIOD_MONTHLY, 1, true, date("2011-08-31"));
	CHECK_EQ_TEXT(parts_text(&week, "2011-09-20", "2011-10-03", NULL), "2011-09-20..2011-09-27; 2011-09-27..2011-10-04");
	CHECK_EQ_TEXT(parts_text(&own, "2011-08-31", "2011-10-31", NULL),
	              "2011-08-31..2011-09-30; 2011-09-30..2011-10-31; 2011-10-31..2011-11-30");
}

TEST(one_call_gives_a_bounded_number_of_parts)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_part parts[BILLING_PARTS_MAX];
	struct billing_grid day = billing_grid_make(PLAN_BILLING_PERIOD_DAILY, 1, false, date("1990-01-01"));
	CHECK_EQ_INT(billing_parts_due(&day, date("1990-01-01"), date("2011-01-01"), DATE_NONE, parts, BILLING_PARTS_MAX),
	             BILLING_PARTS_MAX);
}

TEST(parts_of_any_grid_follow_each_other_without_gap_or_overlap)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	uint64_t state = check_seed();
	for (int round = 0; round < 5000; round++) {
		struct billing_part parts[BILLING_PARTS_MAX];
		struct date start = { (int32_t)check_between(&state, date("1999-01-01").day, date("2030-01-01").day) };
		enum plan_billing_period period =
		        (enum plan_billing_period)check_between(&state, PLAN_BILLING_PERIOD_DAILY, PLAN_BILLING_PERIOD_COUNT - 1);
		struct billing_grid grid = billing_grid_make(period, (int)check_between(&state, 1, 31), check_random(&state) & 1, start);
		struct date until = date_add_days(start, (int32_t)check_between(&state, 0, 700));
		struct date end = check_random(&state) & 1 ? date_add_days(start, (int32_t)check_between(&state, 1, 700)) : DATE_NONE;
		size_t count = billing_parts_due(&grid, start, until, end, parts, BILLING_PARTS_MAX);
		struct date next = start;
		check_note("round %d, period %d", round, (int)period);
		CHECK(count > 0);
		for (size_t i = 0; i < count; i++) {
			CHECK_EQ_INT(parts[i].service.start.day, next.day);
			CHECK(parts[i].service.end.day > next.day);
			CHECK(parts[i].service.start.day >= parts[i].cycle.start.day && parts[i].service.end.day <= parts[i].cycle.end.day);
			next = parts[i].service.end;
		}
		CHECK(count == BILLING_PARTS_MAX || next.day > until.day || next.day == end.day);
	}
}

CHECK_MAIN
