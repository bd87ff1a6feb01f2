/* test_usage_window.c: when usage is billed. */
#include "pure.h"

#include "billing/usage_window.h"

static struct usage_section calls = { .name = { "calls", 5 }, .kind = USAGE_SECTION_KIND_CONSUMABLE,
	                              .billing_period = USAGE_SECTION_BILLING_PERIOD_MONTHLY };

static struct billing_event with_calls(enum billing_transition transition, const char *date)
{
	struct billing_event event = pure_event(transition, date);
	event.usages = &calls;
	event.usage_count = 1;
	return event;
}

/* "2012-01-16..2012-02-01; ..." of the windows of each stretch. */
static struct text windows_of(struct billing_event *events, size_t count, const char *target, const char *through)
{
	struct billing_event_list list = { events, count, count };
	struct usage_stretch_list stretches = { 0 };
	struct text_builder out;
	builder_init(&out, &pure_arena, 0);
	usage_stretches(&pure_arena, &list, 1, pure_date(target), &stretches);
	for (size_t i = 0; i < stretches.count; i++) {
		struct usage_window_list windows = { 0 };
		usage_windows(&pure_arena, &stretches.items[i], pure_date(target), through ? pure_date(through) : DATE_NONE,
		              timezone_find(TEXT("UTC")), &windows);
		for (size_t w = 0; w < windows.count; w++) {
			struct text start = pure_day(windows.items[w].period.start), end = pure_day(windows.items[w].period.end);
			builder_format(&out, "%s%.*s..%.*s", out.length ? "; " : "", TEXT_ARG(start), TEXT_ARG(end));
		}
	}
	return builder_text(&out);
}

TEST(windows_end_on_cycle_dates_and_only_completed_ones_count)
{
	pure_begin();
	struct billing_event events[] = { with_calls(BILLING_TRANSITION_CREATE, "2012-01-16") };
	CHECK_EQ_TEXT(windows_of(events, 1, "2012-03-31", NULL), "2012-01-16..2012-02-01; 2012-02-01..2012-03-01");
	CHECK_EQ_TEXT(windows_of(events, 1, "2012-03-31", "2012-02-01"), "2012-02-01..2012-03-01");
	pure_end();
}

TEST(a_change_that_keeps_the_section_goes_on_in_its_window)
{
	pure_begin();
	struct billing_event events[] = { with_calls(BILLING_TRANSITION_CREATE, "2012-01-01"), with_calls(BILLING_TRANSITION_CHANGE, "2012-01-10") };
	CHECK_EQ_TEXT(windows_of(events, 2, "2012-02-01", NULL), "2012-01-01..2012-02-01");
	pure_end();
}

TEST(the_end_of_a_section_closes_its_last_window_at_once)
{
	pure_begin();
	struct billing_event events[] = { with_calls(BILLING_TRANSITION_CREATE, "2012-01-01"), pure_event(BILLING_TRANSITION_CANCEL, "2012-01-10") };
	CHECK_EQ_TEXT(windows_of(events, 2, "2012-01-10", NULL), "2012-01-01..2012-01-10");
	pure_end();
}

TEST(a_new_cycle_day_begins_a_grid_of_its_own)
{
	pure_begin();
	struct billing_event events[] = { with_calls(BILLING_TRANSITION_CREATE, "2012-01-01"),
		                          with_calls(BILLING_TRANSITION_BILL_CYCLE_DAY, "2012-01-15") };
	events[1].bill_cycle_day = 15;
	CHECK_EQ_TEXT(windows_of(events, 2, "2012-02-15", NULL), "2012-01-01..2012-01-15; 2012-01-15..2012-02-15");
	struct billing_event_list list = { events, 2, 2 };
	CHECK_EQ_TEXT(pure_day(usage_next_date(&pure_arena, &list, 1, pure_date("2012-02-15"))), "2012-03-15");
	pure_end();
}

TEST(a_window_holds_its_first_moment_and_not_the_one_after_it)
{
	const struct usage_window window = { .from = pure_instant("2012-01-01T00:00:00Z"), .until = pure_instant("2012-02-01T00:00:00Z") };
	CHECK(usage_window_holds(&window, window.from));
	CHECK(!usage_window_holds(&window, window.until));
}

TEST(a_consumable_section_adds_up_and_a_capacity_looks_at_the_peak)
{
	struct usage_quantity_list sums = { 0 }, peaks = { 0 };
	struct usage_section seats = { .kind = USAGE_SECTION_KIND_CAPACITY };
	pure_begin();
	for (int i = 0; i < 2; i++) {
		CHECK(usage_quantity_count(&pure_arena, &calls, TEXT("call"), pure_decimal(i ? "2" : "5"), &sums));
		CHECK(usage_quantity_count(&pure_arena, &seats, TEXT("seat"), pure_decimal(i ? "2" : "5"), &peaks));
	}
	CHECK_EQ_TEXT(decimal_text(&pure_arena, sums.items[0].quantity), "7");
	CHECK_EQ_TEXT(decimal_text(&pure_arena, peaks.items[0].quantity), "5");
	pure_end();
}

CHECK_MAIN
