/* test_blocking.c: what services hold back, and the stretches in which nothing is charged. */
#include "pure.h"

#include "billing/blocking.h"

static struct blocking_state state(const char *service, const char *at, bool blocks)
{
	return (struct blocking_state){ .level = BLOCKING_STATE_LEVEL_ACCOUNT, .object_id = 1, .service = text_of(service),
		                        .state = TEXT("s"), .block_change = blocks, .block_billing = blocks,
		                        .effective_at = pure_instant(at) };
}

/* "2012-01-05..2012-01-09; ..." by their days. */
static struct text stretches_of(const struct blocking_state *states, size_t count)
{
	struct blocked_stretches stretches = { 0 };
	struct text_builder out;
	const struct timezone_rules *utc = timezone_find(TEXT("UTC"));
	blocked_stretches_of(&pure_arena, states, count, &stretches);
	builder_init(&out, &pure_arena, 0);
	for (size_t i = 0; i < stretches.count; i++) {
		struct text start = pure_day(timezone_date(utc, stretches.items[i].start)),
		            end = stretches.items[i].end.us ? pure_day(timezone_date(utc, stretches.items[i].end)) : TEXT("-");
		builder_format(&out, "%s%.*s..%.*s", i ? "; " : "", TEXT_ARG(start), TEXT_ARG(end));
	}
	return builder_text(&out);
}

TEST(stretches_of_two_services_that_touch_are_one)
{
	pure_begin();
	struct blocking_state states[] = { state("a", "2012-01-05T00:00:00Z", true), state("a", "2012-01-09T00:00:00Z", false),
		                           state("b", "2012-01-09T00:00:00Z", true), state("b", "2012-01-20T00:00:00Z", false) };
	CHECK_EQ_TEXT(stretches_of(states, 4), "2012-01-05..2012-01-20");
	CHECK_EQ_TEXT(stretches_of(states, 3), "2012-01-05..-");
	pure_end();
}

TEST(less_than_a_day_stops_nothing)
{
	pure_begin();
	struct blocking_state states[] = { state("a", "2012-01-05T00:00:00Z", true), state("a", "2012-01-05T23:59:59Z", false) };
	CHECK_EQ_TEXT(stretches_of(states, 2), "");
	states[1] = state("a", "2012-01-06T00:00:00Z", false);
	CHECK_EQ_TEXT(stretches_of(states, 2), "2012-01-05..2012-01-06");
	pure_end();
}

TEST(the_newest_state_of_each_service_counts)
{
	struct blocking_state states[] = { state("a", "2012-01-05T00:00:00Z", true), state("b", "2012-01-06T00:00:00Z", true),
		                           state("a", "2012-01-07T00:00:00Z", false) };
	CHECK(!blocked_kinds_at(states, 3, pure_instant("2012-01-04T00:00:00Z")).change);
	CHECK(blocked_kinds_at(states, 3, pure_instant("2012-01-08T00:00:00Z")).change);
	states[1].block_change = false;
	CHECK(!blocked_kinds_at(states, 3, pure_instant("2012-01-08T00:00:00Z")).change);
	CHECK(blocked_kinds_at(states, 3, pure_instant("2012-01-08T00:00:00Z")).billing);
}

TEST(events_within_a_stretch_give_way_to_a_stop_and_a_restart)
{
	struct billing_event_list events = { 0 };
	struct blocked_stretches stretches = { 0 };
	pure_begin();
	*list_add(&pure_arena, &events, struct billing_event) = pure_event(BILLING_TRANSITION_CREATE, "2012-01-01");
	*list_add(&pure_arena, &events, struct billing_event) = pure_event(BILLING_TRANSITION_QUANTITY, "2012-01-06");
	events.items[1].quantity = decimal_from_int64(5);
	*list_add(&pure_arena, &stretches, struct blocked_stretch) =
	        (struct blocked_stretch){ pure_instant("2012-01-05T00:00:00Z"), pure_instant("2012-01-09T00:00:00Z") };
	CHECK(blocked_event_is_removed(&stretches, &events.items[1]));
	blocked_events_apply(&pure_arena, timezone_find(TEXT("UTC")), &stretches, &events);
	CHECK_EQ_INT(events.count, 3);
	CHECK_EQ_INT(events.items[1].transition, BILLING_TRANSITION_BLOCK);
	CHECK_EQ_TEXT(pure_day(events.items[1].date), "2012-01-05");
	CHECK_EQ_INT(events.items[2].transition, BILLING_TRANSITION_UNBLOCK);
	CHECK_EQ_TEXT(pure_day(events.items[2].date), "2012-01-09");
	CHECK(decimal_compare(events.items[2].quantity, decimal_from_int64(5)) == 0); /* as the plan then is */
	pure_end();
}

CHECK_MAIN
