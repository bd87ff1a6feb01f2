/* test_propose.c: what should have been billed of a subscription. */
#include "pure.h"

#include "billing/item_change.h"
#include "billing/propose.h"

static bool prorate(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct proration_change change;
	struct fraction share;
	(void)context, (void)event;
	return item_change_of_part(item, 0, pure_usd(), &change) &&
	       fraction_make(change.days_left, change.days_in_period, &share) &&
	       exact_money_multiply(change.price, share, &item->exact);
}

static bool round_item(void *context, struct billing_item *item)
{
	(void)context;
	return exact_money_round(item->exact, ROUNDING_HALF_UP, &item->amount);
}

static bool refuse(void *context, struct billing_item *item)
{
	(void)context, (void)item;
	return false;
}

static struct billing_hooks hooks = { .prorate = prorate, .round = round_item };

/* "fixed 2012-01-16..- 5.00; recurring ..." and the next day. */
static struct text proposed(const struct billing_event *events, size_t count, const char *target, struct date *next)
{
	struct billing_item_list items = { 0 };
	struct proposal_terms terms = { .events = events, .event_count = count, .target = pure_date(target), .currency = pure_usd() };
	struct text_builder out;
	CHECK_EQ_INT(propose_items(&pure_arena, &terms, &hooks, &items, next), PROPOSAL_SOUND);
	builder_init(&out, &pure_arena, 0);
	for (size_t i = 0; i < items.count; i++) {
		const struct billing_item *item = &items.items[i];
		struct text start = pure_day(item->start), end = pure_day(item->end), amount = money_amount_text(&pure_arena, item->amount);
		builder_format(&out, "%s%s %.*s..%.*s %.*s", i ? "; " : "",
		               item->kind == INVOICE_LINE_KIND_FIXED ? "fixed" : "recurring", TEXT_ARG(start), TEXT_ARG(end), TEXT_ARG(amount));
	}
	return builder_text(&out);
}

TEST(a_part_is_prorated_and_a_whole_period_costs_its_rate)
{
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-16") };
	events[0].quantity = decimal_from_int64(2);
	CHECK_EQ_TEXT(proposed(events, 1, "2012-02-01", &next),
	              "recurring 2012-01-16..2012-02-01 32.00; recurring 2012-02-01..2012-03-01 62.00");
	CHECK_EQ_TEXT(pure_day(next), "2012-03-01");
	pure_end();
}

TEST(a_fixed_price_is_due_once_where_its_phase_begins)
{
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-01"), pure_event(BILLING_TRANSITION_QUANTITY, "2012-01-05") };
	events[0].has_fixed = events[1].has_fixed = true;
	events[0].fixed = events[1].fixed = decimal_from_int64(5);
	events[0].has_recurring = events[1].has_recurring = false;
	CHECK_EQ_TEXT(proposed(events, 2, "2012-01-31", &next), "fixed 2012-01-01..- 5.00");
	CHECK(!date_present(next));
	pure_end();
}

TEST(of_several_events_on_one_day_the_last_counts)
{
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-01"), pure_event(BILLING_TRANSITION_CHANGE, "2012-01-01") };
	events[0].has_fixed = events[1].has_fixed = true;
	events[0].fixed = decimal_from_int64(5);
	events[1].fixed = decimal_from_int64(7);
	CHECK_EQ_TEXT(proposed(events, 2, "2012-01-01", &next), "fixed 2012-01-01..- 7.00; recurring 2012-01-01..2012-02-01 31.00");
	pure_end();
}

TEST(nothing_is_proposed_of_a_stop_and_after_it)
{
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-01"), pure_event(BILLING_TRANSITION_CANCEL, "2012-01-11") };
	CHECK_EQ_TEXT(proposed(events, 2, "2012-03-01", &next), "recurring 2012-01-01..2012-01-11 10.00");
	CHECK(!date_present(propose_next_date(&events[1], pure_date("2012-02-01"), DATE_NONE)));
	CHECK_EQ_TEXT(pure_day(propose_next_date(&events[0], DATE_NONE, pure_date("2012-02-01"))), "2012-02-01");
	pure_end();
}

TEST(events_out_of_order_and_hooks_that_refuse_are_told)
{
	struct billing_item_list items = { 0 };
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-02"), pure_event(BILLING_TRANSITION_CHANGE, "2012-01-01") };
	struct proposal_terms terms = { .events = events, .event_count = 2, .target = pure_date("2012-01-02"), .currency = pure_usd() };
	struct billing_hooks refusing = { .prorate = prorate, .round = refuse };
	CHECK_EQ_INT(propose_items(&pure_arena, &terms, &hooks, &items, &next), PROPOSAL_DATES);
	terms.event_count = 1;
	CHECK_EQ_INT(propose_items(&pure_arena, &terms, &refusing, &items, &next), PROPOSAL_REFUSED);
	pure_end();
}

TEST(what_is_too_large_stands_for_itself_and_holds_up_nothing)
{
	struct billing_item_list items = { 0 };
	struct date next;
	pure_begin();
	struct billing_event events[] = { pure_event(BILLING_TRANSITION_CREATE, "2012-01-01"), pure_event(BILLING_TRANSITION_QUANTITY, "2012-02-01") };
	events[0].recurring.coefficient = ((int128)1 << 126);
	events[0].quantity = decimal_from_int64(1000);
	struct proposal_terms terms = { .events = events, .event_count = 2, .target = pure_date("2012-02-01"), .currency = pure_usd() };
	CHECK_EQ_INT(propose_items(&pure_arena, &terms, &hooks, &items, &next), PROPOSAL_SOUND);
	CHECK_EQ_INT(items.count, 2);
	CHECK(items.items[0].too_large && items.items[0].amount.minor == 0);
	CHECK(!items.items[1].too_large && items.items[1].amount.minor == 3100);
	pure_end();
}

CHECK_MAIN
