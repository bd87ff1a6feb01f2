/* test_alignment.c: the phases of a plan laid end to end in time. */
#include "pure.h"

#include "billing/alignment.h"

/* Thirty days of trial, three months of discount, then for ever. */
static struct phase phases[] = {
	{ .kind = PHASE_KIND_TRIAL, .duration_unit = PHASE_DURATION_UNIT_DAYS, .duration = 30, .has_duration = true },
	{ .kind = PHASE_KIND_DISCOUNT, .duration_unit = PHASE_DURATION_UNIT_MONTHS, .duration = 3, .has_duration = true },
	{ .kind = PHASE_KIND_EVERGREEN, .duration_unit = PHASE_DURATION_UNIT_UNLIMITED },
};
static const struct catalog_plan plan = { .phases = { .items = phases, .count = 3, .capacity = 3 } };

static struct alignment alignment_at(enum subscription_event_alignment from, const char *at)
{
	return (struct alignment){
		.from = from, .at = pure_instant(at),
		.bundle_start = pure_instant("2012-01-01T10:00:00Z"), .subscription_start = pure_instant("2012-02-01T10:00:00Z"),
	};
}

static const struct timezone_rules *utc(void)
{
	return timezone_find(TEXT("UTC"));
}

static enum phase_kind kind_at(struct alignment alignment)
{
	struct laid_phases laid;
	CHECK(alignment_lay(utc(), &plan, &alignment, &laid));
	const struct laid_phase *current = alignment_current(&laid, alignment.at);
	return current ? current->phase->kind : PHASE_KIND_NONE;
}

TEST(phases_are_laid_from_the_bundle_the_subscription_or_the_change)
{
	CHECK_EQ_INT(kind_at(alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_BUNDLE, "2012-02-10T10:00:00Z")), PHASE_KIND_DISCOUNT);
	CHECK_EQ_INT(kind_at(alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION, "2012-02-10T10:00:00Z")), PHASE_KIND_TRIAL);
	CHECK_EQ_INT(kind_at(alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_CHANGE_OF_PLAN, "2012-08-10T10:00:00Z")), PHASE_KIND_TRIAL);
	CHECK_EQ_INT(kind_at(alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_BUNDLE, "2012-08-10T10:00:00Z")), PHASE_KIND_EVERGREEN);
}

TEST(a_phase_that_is_asked_for_comes_first_and_one_that_is_not_there_is_refused)
{
	struct laid_phases laid;
	struct alignment asked = alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION, "2012-02-01T10:00:00Z");
	asked.asked = PHASE_KIND_DISCOUNT;
	CHECK_EQ_INT(kind_at(asked), PHASE_KIND_DISCOUNT);
	asked.asked = PHASE_KIND_FIXED_TERM;
	CHECK(!alignment_lay(utc(), &plan, &asked, &laid));
}

TEST(days_and_months_keep_the_local_time_of_day_across_a_clock_change)
{
	const struct timezone_rules *vienna = timezone_find(TEXT("Europe/Vienna"));
	struct instant start = pure_instant("2012-03-20T09:00:00Z"); /* 10:00 there, an hour earlier in UTC from 25 March on */
	CHECK_EQ_INT(alignment_add(vienna, start, (struct duration){ .days = 30 }).us, pure_instant("2012-04-19T08:00:00Z").us);
	CHECK_EQ_INT(alignment_add(vienna, start, (struct duration){ .months = 1 }).us, pure_instant("2012-04-20T08:00:00Z").us);
}

TEST(each_phase_begins_where_the_one_before_it_ends_and_the_last_never_does)
{
	struct laid_phases laid;
	struct alignment alignment = alignment_at(SUBSCRIPTION_EVENT_ALIGNMENT_START_OF_SUBSCRIPTION, "2012-02-01T10:00:00Z");
	CHECK(alignment_lay(utc(), &plan, &alignment, &laid));
	CHECK_EQ_INT(laid.count, 3);
	CHECK_EQ_INT(laid.items[0].end.us, laid.items[1].start.us);
	CHECK_EQ_INT(laid.items[1].end.us, pure_instant("2012-06-02T10:00:00Z").us);
	CHECK_EQ_INT(laid.items[2].end.us, 0);
	CHECK_EQ_INT(alignment_next(&laid, alignment.at)->phase->kind, PHASE_KIND_DISCOUNT);
	CHECK(alignment_next(&laid, pure_instant("2013-01-01T00:00:00Z")) == NULL);
	CHECK(alignment_current(&laid, pure_instant("2012-01-31T00:00:00Z")) == NULL);
}

CHECK_MAIN
