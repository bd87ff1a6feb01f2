/* test_timeline.c: how a subscription is charged over time, from what was set for it. */
#include "pure.h"

#include "billing/timeline.h"

/* Ten days of trial, then 31.00 a month; and a plan without trial. */
static struct price price = { .amount = { 31, 0 } };
static struct phase phases[] = {
	{ .kind = PHASE_KIND_TRIAL, .duration_unit = PHASE_DURATION_UNIT_DAYS, .duration = 10, .has_duration = true },
	{ .kind = PHASE_KIND_EVERGREEN, .duration_unit = PHASE_DURATION_UNIT_UNLIMITED,
	  .billing_period = PHASE_BILLING_PERIOD_MONTHLY, .recurring = { &price, 1, 1 } },
};
static const struct catalog_plan plans[] = {
	{ .id = 1, .code = { "trial", 5 }, .phases = { phases, 2, 2 } },
	{ .id = 2, .code = { "plain", 5 }, .phases = { &phases[1], 1, 1 } },
};
static const struct timeline_plan plan_list[] = { { .plan = &plans[0] }, { .plan = &plans[1] } };

static struct subscription_event row(int64_t id, enum subscription_event_kind kind, const char *at)
{
	return (struct subscription_event){ .id = id, .kind = kind, .at = pure_instant(at), .catalog_plan_id = 1,
		                            .alignment = SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION,
		                            .billing_alignment = SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_ACCOUNT };
}

static struct timeline_source source_of(const struct subscription_event *rows, size_t count)
{
	static struct subscription subscription = { .id = 1 };
	subscription.aligned_from = subscription.started_at = rows[0].at;
	price.currency = pure_usd();
	return (struct timeline_source){
		.zone = timezone_find(TEXT("UTC")), .currency = pure_usd(), .subscription = &subscription, .bundle_start = rows[0].at,
		.events = rows, .event_count = count, .plans = plan_list, .plan_count = 2,
	};
}

/* "create 2012-01-01 trial; phase 2012-01-11 trial" with the day of each. */
static struct text laid(const struct timeline_source *source, struct timeline *timeline)
{
	static const char *const words[] = {
		[BILLING_TRANSITION_CREATE] = "create", [BILLING_TRANSITION_PHASE] = "phase", [BILLING_TRANSITION_CHANGE] = "change",
		[BILLING_TRANSITION_MIGRATE] = "migrate", [BILLING_TRANSITION_BILL_CYCLE_DAY] = "day",
		[BILLING_TRANSITION_QUANTITY] = "quantity", [BILLING_TRANSITION_CANCEL] = "cancel",
		[BILLING_TRANSITION_BLOCK] = "block", [BILLING_TRANSITION_UNBLOCK] = "unblock",
	};
	struct text_builder out;
	timeline_lay(&pure_arena, source, timeline);
	builder_init(&out, &pure_arena, 0);
	for (size_t i = 0; i < timeline->laid.count; i++) {
		const struct billing_event *event = &timeline->laid.items[i];
		struct text day = pure_day(event->date);
		builder_format(&out, "%s%s %.*s %.*s/%d", i ? "; " : "", words[event->transition], TEXT_ARG(day),
		               TEXT_ARG(event->plan), event->bill_cycle_day);
	}
	return builder_text(&out);
}

TEST(phases_follow_from_the_plan_and_the_first_paid_one_gives_the_day)
{
	struct timeline timeline;
	pure_begin();
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z") };
	struct timeline_source source = source_of(rows, 1);
	CHECK_EQ_TEXT(laid(&source, &timeline), "create 2012-01-01 trial/11; phase 2012-01-11 trial/11");
	CHECK(timeline.follows_account);
	source.account_day = 5;
	CHECK_EQ_TEXT(laid(&source, &timeline), "create 2012-01-01 trial/5; phase 2012-01-11 trial/5");
	CHECK_EQ_INT(timeline.own_day, 11);
	pure_end();
}

TEST(a_change_takes_the_place_of_the_phases_that_lay_ahead)
{
	struct timeline timeline;
	pure_begin();
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z"),
		                             row(2, SUBSCRIPTION_EVENT_KIND_CHANGE, "2012-01-05T00:00:00Z") };
	rows[1].catalog_plan_id = 2;
	struct timeline_source source = source_of(rows, 2);
	CHECK_EQ_TEXT(laid(&source, &timeline), "create 2012-01-01 trial/5; change 2012-01-05 plain/5");
	pure_end();
}

TEST(nothing_comes_after_the_end_and_service_may_end_apart)
{
	struct timeline timeline;
	pure_begin();
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z"),
		                             row(2, SUBSCRIPTION_EVENT_KIND_CANCEL, "2012-01-07T00:00:00Z") };
	rows[1].service_at = pure_instant("2012-01-06T00:00:00Z");
	struct timeline_source source = source_of(rows, 2);
	CHECK_EQ_TEXT(laid(&source, &timeline), "create 2012-01-01 trial/1; cancel 2012-01-07 trial/1");
	CHECK(timeline.cancelled && !timeline.expires);
	CHECK_EQ_INT(timeline.ends_at.us, rows[1].at.us);
	CHECK_EQ_INT(timeline.service_ends_at.us, rows[1].service_at.us);
	pure_end();
}

TEST(an_add_on_ends_with_what_it_stands_beside)
{
	struct timeline timeline;
	pure_begin();
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z") };
	struct timeline_source source = source_of(rows, 1);
	source.base_ends_at = pure_instant("2012-01-20T00:00:00Z");
	source.base_expires = true;
	laid(&source, &timeline);
	CHECK_EQ_INT(timeline.ends_at.us, source.base_ends_at.us);
	CHECK(timeline.expires && !timeline.cancelled);
	pure_end();
}

TEST(a_later_version_takes_over_on_its_day)
{
	struct timeline timeline;
	const struct catalog_plan *const later[] = { &plans[1] };
	pure_begin();
	const struct instant from[] = { pure_instant("2012-03-01T00:00:00Z") };
	struct timeline_plan followed = { .plan = &plans[1], .later = later, .from = from, .later_count = 1 };
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z") };
	rows[0].catalog_plan_id = 2;
	struct timeline_source source = source_of(rows, 1);
	source.plans = &followed;
	source.plan_count = 1;
	CHECK_EQ_TEXT(laid(&source, &timeline), "create 2012-01-01 plain/1; migrate 2012-03-01 plain/1");
	pure_end();
}

TEST(events_are_found_by_their_moment)
{
	struct timeline timeline;
	pure_begin();
	struct subscription_event rows[] = { row(1, SUBSCRIPTION_EVENT_KIND_CREATE, "2012-01-01T00:00:00Z") };
	struct timeline_source source = source_of(rows, 1);
	laid(&source, &timeline);
	CHECK(billing_event_at(&timeline.laid, pure_instant("2011-12-31T00:00:00Z")) == NULL);
	CHECK_EQ_INT(billing_event_at(&timeline.laid, pure_instant("2012-01-11T00:00:00Z"))->transition, BILLING_TRANSITION_PHASE);
	CHECK(billing_event_after(&timeline.laid, pure_instant("2012-01-11T00:00:00Z")) == NULL);
	CHECK_EQ_TEXT(pure_day(timeline_next_date(&timeline.laid, 1, pure_date("2012-01-01"))), "2012-01-11");
	CHECK(!date_present(timeline_next_date(&timeline.laid, 2, pure_date("2012-01-01"))));
	pure_end();
}

CHECK_MAIN
