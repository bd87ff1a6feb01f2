/* test_interval.c: which pieces of a recurring price a run bills. */
#include "pure.h"

#include "billing/interval.h"

/* "2012-01-16..2012-02-01 of 2012-01-01..2012-02-01; ..." of a monthly price until a target; dates NULL: none. */
static struct text parts_of(struct interval_terms terms, const char *start, const char *end, const char *target, const char *from)
{
	struct interval interval;
	struct interval_parts parts = { 0 };
	struct text_builder out;
	terms.start = pure_date(start);
	terms.end = end ? pure_date(end) : DATE_NONE;
	terms.target = pure_date(target);
	CHECK(interval_make(&terms, &interval));
	interval_parts(&pure_arena, &interval, from ? pure_date(from) : DATE_NONE, &parts);
	builder_init(&out, &pure_arena, 0);
	for (size_t i = 0; i < parts.count; i++) {
		const struct interval_part *part = &parts.items[i];
		struct text a = pure_day(part->service.start), b = pure_day(part->service.end), c = pure_day(part->whole.start);
		builder_format(&out, "%s%.*s..%.*s of %.*s", i ? "; " : "", TEXT_ARG(a), TEXT_ARG(b), TEXT_ARG(c));
	}
	return builder_text(&out);
}

static const struct interval_terms monthly = { .period = BILLING_PERIOD_MONTHLY, .cycles = { .bill_cycle_day = 1 }, .mode = INTERVAL_IN_ADVANCE };

TEST(in_advance_the_period_that_holds_the_target_is_billed)
{
	pure_begin();
	CHECK_EQ_TEXT(parts_of(monthly, "2012-01-16", NULL, "2012-02-01", NULL),
	              "2012-01-16..2012-02-01 of 2012-01-01; 2012-02-01..2012-03-01 of 2012-02-01");
	pure_end();
}

TEST(in_arrears_only_what_has_ended_is)
{
	struct interval_terms terms = monthly;
	terms.mode = INTERVAL_IN_ARREAR;
	pure_begin();
	CHECK_EQ_TEXT(parts_of(terms, "2012-01-16", NULL, "2012-02-29", NULL), "2012-01-16..2012-02-01 of 2012-01-01");
	terms.mode = INTERVAL_IN_ARREAR_GREEDY;
	CHECK_EQ_TEXT(parts_of(terms, "2012-01-16", NULL, "2012-02-29", NULL),
	              "2012-01-16..2012-02-01 of 2012-01-01; 2012-02-01..2012-03-01 of 2012-02-01");
	pure_end();
}

TEST(an_end_within_a_period_leaves_a_part_of_it)
{
	pure_begin();
	CHECK_EQ_TEXT(parts_of(monthly, "2012-01-01", "2012-02-11", "2012-02-20", NULL),
	              "2012-01-01..2012-02-01 of 2012-01-01; 2012-02-01..2012-02-11 of 2012-02-01");
	pure_end();
}

TEST(a_day_that_a_month_lacks_is_its_last_and_comes_back)
{
	struct interval_terms terms = monthly;
	terms.cycles.bill_cycle_day = 31;
	pure_begin();
	CHECK_EQ_TEXT(parts_of(terms, "2012-01-31", NULL, "2012-03-31", "2012-02-29"),
	              "2012-02-29..2012-03-31 of 2012-02-29; 2012-03-31..2012-04-30 of 2012-03-31");
	pure_end();
}

TEST(what_ends_before_the_asked_day_is_left_out)
{
	pure_begin();
	CHECK_EQ_TEXT(parts_of(monthly, "2001-01-01", NULL, "2012-02-10", "2012-02-01"), "2012-02-01..2012-03-01 of 2012-02-01");
	pure_end();
}

TEST(an_end_before_the_start_is_no_interval)
{
	struct interval_terms terms = monthly;
	struct interval interval;
	terms.start = pure_date("2012-01-02");
	terms.end = terms.target = pure_date("2012-01-01");
	CHECK(!interval_make(&terms, &interval));
}

TEST(fixed_days_are_the_denominator_of_parts_alone)
{
	struct interval_part part = { { pure_date("2012-01-16"), pure_date("2012-02-01") },
		                      { pure_date("2012-01-01"), pure_date("2012-02-01") } };
	int32_t days, of;
	CHECK(interval_days(&part, 30, &days, &of));
	CHECK_EQ_INT(days, 15);
	CHECK_EQ_INT(of, 30);
	part.service = part.whole;
	CHECK(interval_days(&part, 30, &days, &of));
	CHECK_EQ_INT(days, of);
}

CHECK_MAIN
