/* test_repair.c: intervals, proposals and the merge: their edges, and random timelines: a second merge adds nothing, a jump
 * is the days one by one, and what remains billed is what was proposed. */
#include "check.h"

#include "billing/item_change.h"
#include "billing/propose.h"
#include "billing/repair.h"
#include "value/record.h"

static struct arena arena;

/* ---- hooks: days over days, half up ---- */

static const struct currency *usd(void)
{
	return currency_find(TEXT("USD"));
}

static bool portion(const struct proration_change *change, bool back, struct billing_item *item)
{
	struct fraction share;
	if (!fraction_make(change->days_left, change->days_in_period, &share) ||
	    !exact_money_multiply(change->price, share, &item->exact))
		return false;
	if (back)
		item->exact.amount.numerator = -item->exact.amount.numerator;
	return true;
}

static bool prorate(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct proration_change change;
	(void)context, (void)event;
	return item_change_of_part(item, 0, usd(), &change) && portion(&change, false, item);
}

static bool repair(void *context, const struct billing_item *original, struct billing_item *item)
{
	struct proration_change change;
	(void)context;
	return item_change_of_repair(original, item, 0, &change) && portion(&change, true, item);
}

static bool round_item(void *context, struct billing_item *item)
{
	(void)context;
	return exact_money_round(item->exact, ROUNDING_HALF_UP, &item->amount);
}

static const struct billing_hooks hooks = { NULL, prorate, repair, round_item };

/* ---- shorthand ---- */

static struct date date(const char *text)
{
	struct date value;
	CHECK(date_parse(text_of(text), &value));
	return value;
}

static struct billing_item billed(int64_t id, const char *start, const char *end, int64_t minor)
{
	struct billing_item item = { .kind = INVOICE_LINE_KIND_RECURRING, .id = id, .subscription_id = 1, .plan = TEXT("gold"),
		                     .phase = TEXT("gold-evergreen"), .start = date(start), .end = date(end),
		                     .quantity = decimal_from_int64(1), .rate = decimal_from_int64(10) };
	item.whole = (struct period){ item.start, item.end };
	item.amount = money_of(minor, usd());
	CHECK(exact_money_from_money(item.amount, &item.exact));
	return item;
}

static struct billing_item taken(enum invoice_line_kind kind, int64_t id, int64_t of, const char *start, const char *end,
                                 int64_t minor)
{
	struct billing_item item = billed(id, start, end, minor);
	item.kind = kind;
	item.linked_id = of;
	return item;
}

#define LIST_OF(...) \
	((struct billing_item_list){ (struct billing_item[]){ __VA_ARGS__ }, \
	                             sizeof((struct billing_item[]){ __VA_ARGS__ }) / sizeof(struct billing_item), 0 })

/* "2014-01-11..2014-02-01 -6.77" of each item that was added, and the fault. */
static struct text merged(const struct billing_item_list *existing, const struct billing_item_list *proposed,
                          enum repair_fault *fault)
{
	struct billing_item_list added = { 0 };
	struct text_builder out;
	*fault = repair_merge(&arena, existing, proposed, &hooks, &added);
	builder_init(&out, &arena, 0);
	for (size_t i = 0; i < added.count; i++) {
		struct text start = date_text(&arena, added.items[i].start), end = date_text(&arena, added.items[i].end),
		            amount = money_amount_text(&arena, added.items[i].amount);
		builder_format(&out, "%s%.*s..%.*s %.*s", i ? "; " : "", TEXT_ARG(start), TEXT_ARG(end), TEXT_ARG(amount));
	}
	return builder_text(&out);
}

static const struct billing_item_list nothing = { NULL, 0, 0 };

/* ---- edges ---- */

TEST(a_repair_is_at_most_what_adjustments_have_left)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 1000),
	                                            taken(INVOICE_LINE_KIND_ITEM_ADJUSTMENT, 2, 1, "2014-01-05", "2014-01-05", -500));
	struct billing_item_list proposed = LIST_OF(billed(0, "2014-01-01", "2014-01-11", 323));
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-11..2014-02-01 -5.00");
	CHECK_EQ_INT(fault, REPAIR_SOUND);
	existing.items[1].amount.minor = -1000; /* nothing left: the days are repaired all the same */
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-11..2014-02-01 0.00");
}

/* 31 days for 10.00; of the 21 from the 11th on 16 were given back for 5.16. */
TEST(days_that_an_adjustment_gave_back_are_not_given_back_again)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 1000),
	                                            taken(INVOICE_LINE_KIND_ITEM_ADJUSTMENT, 2, 1, "2014-01-16", "2014-02-01", -516),
	                                            taken(INVOICE_LINE_KIND_ITEM_ADJUSTMENT, 3, 1, "2014-01-16", "2014-02-01", 516));
	struct billing_item_list proposed = LIST_OF(billed(0, "2014-01-01", "2014-01-11", 323));
	existing.count = 2;
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-11..2014-02-01 -1.61");
	CHECK_EQ_INT(fault, REPAIR_SOUND);
	existing.count = 3; /* withdrawn */
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-11..2014-02-01 -6.77");
	existing.count = 2;
	proposed.items[0].end = date("2014-01-21"); /* a part of those days: the rest of them stays given back */
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-21..2014-02-01 0.00");
}

static struct instant hour(const char *day, int64_t hours)
{
	return (struct instant){ (date(day).day * 24 + hours) * 3600 * (int64_t)US_PER_S };
}

/* 31 days for 10.00, billed up to 09:00 of the 11th; up to 15:00 is due, so the day before is counted anew. */
TEST(where_a_day_stands_for_another_moment_than_was_billed_it_is_given_back_and_charged_anew)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2014-01-01", "2014-01-11", 323));
	struct billing_item_list proposed = LIST_OF(billed(0, "2014-01-01", "2014-01-11", 323));
	existing.items[0].moments = (struct billing_moments){ .start = hour("2014-01-01", 0), .end = hour("2014-01-11", 9) };
	proposed.items[0].moments = (struct billing_moments){ .start = hour("2014-01-01", 0), .end = hour("2014-01-11", 15) };
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-10..2014-01-11 0.32; 2014-01-10..2014-01-11 -0.32");
	CHECK_EQ_INT(fault, REPAIR_SOUND);
	proposed.items[0].moments.end = existing.items[0].moments.end;
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "");
	proposed.items[0].moments.start = hour("2014-01-01", 6);
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2014-01-01..2014-01-02 0.32; 2014-01-01..2014-01-02 -0.32");
	existing.items[0].moments = (struct billing_moments){ .start = INSTANT_NONE }; /* not kept */
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "");
}

TEST(the_last_repair_takes_the_cents_that_rounding_left)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2014-01-01", "2014-01-04", 1000),
	                                            taken(INVOICE_LINE_KIND_REPAIR, 2, 1, "2014-01-01", "2014-01-02", -333),
	                                            taken(INVOICE_LINE_KIND_REPAIR, 3, 1, "2014-01-02", "2014-01-03", -333));
	CHECK_EQ_TEXT(merged(&existing, &nothing, &fault), "2014-01-03..2014-01-04 -3.34");
	CHECK_EQ_INT(fault, REPAIR_SOUND);
}

TEST(days_that_two_items_charge_are_given_back_once)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list twice = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 3100),
	                                         billed(2, "2014-01-28", "2014-02-28", 3100));
	struct billing_item_list proposed = LIST_OF(billed(0, "2014-01-01", "2014-01-28", 2700),
	                                            billed(0, "2014-01-28", "2014-02-28", 3100));
	CHECK_EQ_TEXT(merged(&twice, &proposed, &fault), "2014-01-28..2014-02-01 -4.00");
	CHECK_EQ_INT(fault, REPAIR_DOUBLE_BILLING);
	struct billing_item_list whole = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 1000),
	                                         billed(2, "2014-01-01", "2014-02-01", 1000));
	proposed.count = 1;
	proposed.items[0] = billed(0, "2014-01-01", "2014-02-01", 1000);
	CHECK_EQ_TEXT(merged(&whole, &proposed, &fault), "2014-01-01..2014-02-01 -10.00");
	CHECK_EQ_INT(fault, REPAIR_DOUBLE_BILLING);
}

/* Five days that were charged by the 31 of a period that ended with them, in one of 29. */
TEST(what_was_charged_by_a_period_of_another_length_is_no_part_of_a_longer_charge)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2028-02-11", "2028-02-16", 500)),
	                         proposed = LIST_OF(billed(0, "2028-02-11", "2028-03-10", 2800));
	proposed.items[0].whole.start = date("2028-02-10");
	existing.items[0].whole.start = date("2028-01-16");
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2028-02-11..2028-03-10 28.00; 2028-02-11..2028-02-16 -5.00");
	existing.items[0].whole.start = date("2028-01-18");
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2028-02-16..2028-03-10 26.28");
	proposed.items[0] = existing.items[0]; /* it is within */
	proposed.items[0].end = date("2028-02-14");
	existing.items[0].whole.start = date("2028-01-16");
	CHECK_EQ_TEXT(merged(&existing, &proposed, &fault), "2028-02-14..2028-02-16 -0.65");
}

TEST(what_makes_no_sense_is_told_and_passed_over)
{
	enum repair_fault fault;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list proposed = LIST_OF(billed(0, "2014-01-01", "2014-02-01", 1000));
	struct billing_item_list outside = LIST_OF(billed(1, "2014-01-01", "2014-01-30", 1000),
	                                           taken(INVOICE_LINE_KIND_REPAIR, 2, 1, "2014-01-01", "2014-01-31", -100));
	merged(&outside, &proposed, &fault);
	CHECK_EQ_INT(fault, REPAIR_OUTSIDE_ITEM);
	struct billing_item_list dangling = LIST_OF(taken(INVOICE_LINE_KIND_ITEM_ADJUSTMENT, 1, 9, "2014-01-01", "2014-01-01", -1));
	merged(&dangling, &nothing, &fault);
	CHECK_EQ_INT(fault, REPAIR_ADJUSTS_NOTHING);
	dangling.items[0].kind = INVOICE_LINE_KIND_REPAIR;
	merged(&dangling, &nothing, &fault);
	CHECK_EQ_INT(fault, REPAIR_OF_NOTHING);
	struct billing_item_list too_much = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 1000),
	                                            taken(INVOICE_LINE_KIND_REPAIR, 2, 1, "2014-01-11", "2014-02-01", -677),
	                                            taken(INVOICE_LINE_KIND_ITEM_ADJUSTMENT, 3, 1, "2014-01-01", "2014-01-01", -324));
	merged(&too_much, &nothing, &fault);
	CHECK_EQ_INT(fault, REPAIR_TOO_MUCH);
	struct billing_item_list twice_repaired = LIST_OF(billed(1, "2014-01-01", "2014-02-01", 1000),
	                                                  taken(INVOICE_LINE_KIND_REPAIR, 2, 1, "2014-01-11", "2014-02-01", -10),
	                                                  taken(INVOICE_LINE_KIND_REPAIR, 3, 1, "2014-01-20", "2014-02-01", -10));
	merged(&twice_repaired, &nothing, &fault);
	CHECK_EQ_INT(fault, REPAIR_DOUBLE_REPAIR);
}

TEST(a_stub_before_the_first_cycle_date_stays_billed_after_an_end_in_arrears)
{
	struct billing_event events[2] = { { .subscription_id = 1, .transition = BILLING_TRANSITION_CREATE, .plan = TEXT("p"),
		                             .phase = TEXT("p-evergreen"), .phase_kind = PHASE_KIND_EVERGREEN, .has_recurring = true,
		                             .period = BILLING_PERIOD_MONTHLY, .in_arrear = true, .bill_cycle_day = 25 } };
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	events[0].date = date("2012-01-16");
	events[0].recurring = decimal_from_int64(31);
	events[0].quantity = decimal_from_int64(1);
	events[1] = events[0];
	events[1].transition = BILLING_TRANSITION_CANCEL;
	events[1].date = date("2012-01-19");
	events[1].has_recurring = false;
	for (int32_t day = 0; day < 3; day++) {
		struct billing_item_list items = { 0 };
		struct date next;
		struct proposal_terms terms = { .events = events, .event_count = 2, .currency = usd(),
			                        .target = date_add_days(events[1].date, day) };
		CHECK_EQ_INT(propose_items(&arena, &terms, &hooks, &items, &next), PROPOSAL_SOUND);
		CHECK_EQ_INT(items.count, 1);
		CHECK_EQ_INT(items.items[0].amount.minor, 300);
		CHECK(!date_present(next));
	}
}

TEST(targets_and_items_have_bounds)
{
	struct billing_item items[20] = { { .kind = INVOICE_LINE_KIND_NONE } };
	CHECK(proposal_target_in_bounds(date("2012-01-31"), date("2015-01-31")));
	CHECK(!proposal_target_in_bounds(date("2012-01-31"), date("2015-02-01")));
	for (int32_t i = 0; i < 20; i++)
		items[i] = billed(0, "2014-01-01", "2014-01-02", 1);
	CHECK_EQ_INT(proposal_check(items, 2, 15), PROPOSAL_TWO_RECURRING);
	for (int32_t i = 0; i < 20; i++)
		items[i].start = date_add_days(items[i].start, -i);
	CHECK_EQ_INT(proposal_check(items, 15, 15), PROPOSAL_WITHIN_BOUNDS);
	CHECK_EQ_INT(proposal_check(items, 16, 15), PROPOSAL_TOO_MANY);
	CHECK_EQ_INT(proposal_check(items, 16, 0), PROPOSAL_WITHIN_BOUNDS);
	items[0].kind = items[1].kind = INVOICE_LINE_KIND_FIXED;
	items[1].start = items[0].start;
	CHECK_EQ_INT(proposal_check(items, 2, 15), PROPOSAL_TWO_FIXED);
}

/* ---- a rule of its own: months of thirty days, written once, without a word of what is given back ---- */

static bool thirtieths(const struct proration_change *change, bool back, struct billing_item *item)
{
	struct fraction share;
	int64_t days = change->days_left < 30 ? change->days_left : 30;
	return fraction_make(back ? -days : days, 30, &share) && exact_money_multiply(change->price, share, &item->exact);
}

static bool prorate_thirtieths(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct proration_change change;
	(void)context, (void)event;
	return item_change_of_part(item, 0, usd(), &change) && thirtieths(&change, false, item);
}

static bool repair_thirtieths(void *context, const struct billing_item *original, struct billing_item *item)
{
	struct proration_change change;
	(void)context;
	return item_change_of_repair(original, item, 0, &change) && thirtieths(&change, true, item);
}

/* 30.00 a month, so that a day is 1.00. */
TEST(a_rule_with_a_denominator_of_its_own_gives_back_what_it_charged)
{
	const struct billing_hooks own = { NULL, prorate_thirtieths, repair_thirtieths, round_item };
	struct billing_item_list added = { 0 };
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct billing_item_list existing = LIST_OF(billed(1, "2014-01-15", "2014-02-01", 1700)), proposed = { 0 };
	existing.items[0].rate = decimal_from_int64(30);
	existing.items[0].whole.start = date("2014-01-01");
	struct billing_item rest = existing.items[0];
	rest.id = 0;
	rest.end = date("2014-01-20");
	proposed = LIST_OF(rest);
	CHECK_EQ_INT(repair_merge(&arena, &existing, &proposed, &own, &added), REPAIR_SOUND);
	CHECK_EQ_INT(added.count, 1);
	CHECK_EQ_INT(added.items[0].amount.minor, -1200);
	/* And a part beside it: 10 to 14 January. */
	rest.start = date("2014-01-10");
	rest.end = date("2014-02-01");
	rest.amount.minor = 2200;
	proposed = LIST_OF(rest);
	added.count = 0;
	CHECK_EQ_INT(repair_merge(&arena, &existing, &proposed, &own, &added), REPAIR_SOUND);
	CHECK_EQ_INT(added.count, 1);
	CHECK_EQ_INT(added.items[0].amount.minor, 500);
}

static int64_t charged_for(const struct billing_item *part)
{
	struct billing_item item = *part;
	CHECK(prorate(NULL, NULL, &item) && round_item(NULL, &item));
	return item.amount.minor;
}

/* Each of the three amounts is rounded once. */
TEST(all_days_less_the_rest_are_the_days_served_within_rounding)
{
	uint64_t state = check_seed();
	for (int round = 0; round < 2000; round++) {
		struct billing_item all = billed(1, "2014-01-01", "2014-01-01", 0), rest, served;
		int32_t length = (int32_t)check_between(&state, 2, 366), from = (int32_t)check_between(&state, 0, length - 2),
		        until = (int32_t)check_between(&state, from + 2, length), cut = (int32_t)check_between(&state, from + 1, until - 1);
		check_note("round %d: days %d to %d of %d, cut at %d", round, (int)from, (int)until, (int)length, (int)cut);
		all.rate = (struct decimal){ check_between(&state, 1, 1000000), 2 };
		all.whole.end = date_add_days(all.whole.start, length);
		all.start = date_add_days(all.whole.start, from);
		all.end = date_add_days(all.whole.start, until);
		served = rest = all;
		served.end = rest.start = date_add_days(all.whole.start, cut);
		all.amount = money_of(charged_for(&all), usd());
		CHECK(repair(NULL, &all, &rest) && round_item(NULL, &rest));
		int64_t difference = all.amount.minor + rest.amount.minor - charged_for(&served);
		CHECK(difference >= -1 && difference <= 1);
	}
}

/* ---- random timelines ---- */

enum { EVENTS_MAX = 6, DAYS = 400, ROUNDS = 300 };

struct story {
	struct billing_event events[EVENTS_MAX];
	size_t count;
};

static void random_event(uint64_t *state, int32_t day, struct billing_event *event)
{
	static const enum billing_period periods[] = { BILLING_PERIOD_MONTHLY, BILLING_PERIOD_QUARTERLY, BILLING_PERIOD_WEEKLY,
		                                       BILLING_PERIOD_ANNUAL, BILLING_PERIOD_THIRTY_DAYS };
	static const char *const plans[] = { "a", "b" };
	bool stops = check_between(state, 0, 5) == 0;
	*event = (struct billing_event){ .subscription_id = 1, .phase_kind = PHASE_KIND_EVERGREEN };
	event->transition = stops ? BILLING_TRANSITION_BLOCK : BILLING_TRANSITION_CHANGE;
	event->date = date_add_days(date("2015-01-01"), day);
	event->plan = event->phase = text_of(plans[check_between(state, 0, 1)]);
	event->quantity = decimal_from_int64(check_between(state, 1, 2));
	event->has_recurring = !stops;
	event->recurring = decimal_from_int64(check_between(state, 1, 50));
	event->period = periods[check_between(state, 0, 4)];
	event->bill_cycle_day = (int)check_between(state, 1, 31);
}

static struct story random_story(uint64_t *state, bool in_arrear)
{
	struct story story = { .count = (size_t)check_between(state, 1, EVENTS_MAX) };
	int32_t day = 0;
	for (size_t i = 0; i < story.count; i++) {
		random_event(state, day, &story.events[i]);
		story.events[i].in_arrear = in_arrear;
		day += (int32_t)check_between(state, 1, 120);
	}
	return story;
}

static struct billing_item_list proposed_by(const struct story *story, struct date target)
{
	struct billing_item_list items = { 0 };
	struct date next;
	struct proposal_terms terms = { .events = story->events, .event_count = story->count, .target = target, .currency = usd() };
	CHECK_EQ_INT(propose_items(&arena, &terms, &hooks, &items, &next), PROPOSAL_SOUND);
	return items;
}

/* Adds what a run to `target` makes to what was billed; returns how many items. */
static size_t run_once(const struct story *story, struct date target, struct billing_item_list *books)
{
	struct billing_item_list items = proposed_by(story, target), added = { 0 };
	CHECK_EQ_INT(repair_merge(&arena, books, &items, &hooks, &added), REPAIR_SOUND);
	for (size_t i = 0; i < added.count; i++) {
		struct billing_item *kept = list_add(&arena, books, struct billing_item);
		*kept = added.items[i];
		kept->id = (int64_t)books->count;
	}
	return added.count;
}

static int64_t total(const struct billing_item_list *items)
{
	int64_t sum = 0;
	for (size_t i = 0; i < items->count; i++)
		sum += items->items[i].amount.minor;
	return sum;
}

TEST(a_second_merge_adds_nothing_whatever_was_changed_in_between)
{
	uint64_t state = check_seed();
	for (int round = 0; round < ROUNDS; round++) {
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
		struct billing_item_list books = { 0 };
		for (int change = 0; change < 4; change++) {
			struct story story = random_story(&state, false);
			struct date target = date_add_days(date("2015-01-01"), (int32_t)check_between(&state, 0, DAYS));
			check_note("round %d, change %d", round, change);
			run_once(&story, target, &books);
			CHECK_EQ_INT(run_once(&story, target, &books), 0);
		}
		arena_finish(&arena);
	}
}

TEST(what_remains_billed_covers_the_days_that_were_proposed)
{
	uint64_t state = check_seed();
	for (int round = 0; round < ROUNDS; round++) {
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
		struct billing_item_list books = { 0 }, remaining = { 0 };
		int32_t days_proposed = 0, days_billed = 0;
		struct story first = random_story(&state, false), second = random_story(&state, true);
		struct date target = date_add_days(date("2015-01-01"), (int32_t)check_between(&state, 0, DAYS));
		check_note("round %d", round);
		run_once(&first, target, &books);
		run_once(&second, target, &books);
		struct billing_item_list items = proposed_by(&second, target);
		CHECK_EQ_INT(repair_remaining(&arena, &books, &hooks, &remaining), REPAIR_SOUND);
		for (size_t i = 0; i < items.count; i++)
			days_proposed += money_is_zero(items.items[i].amount) ? 0 : date_days_between(items.items[i].start, items.items[i].end);
		for (size_t i = 0; i < remaining.count; i++)
			days_billed += date_days_between(remaining.items[i].start, remaining.items[i].end);
		CHECK_EQ_INT(days_billed, days_proposed);
		arena_finish(&arena);
	}
}

TEST(one_jump_of_the_clock_is_the_days_one_by_one)
{
	uint64_t state = check_seed();
	for (int round = 0; round < 40; round++) {
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
		struct story story = random_story(&state, check_between(&state, 0, 1) == 1);
		struct billing_item_list daily = { 0 }, jump = { 0 };
		int32_t days = (int32_t)check_between(&state, 0, DAYS);
		check_note("round %d, %d days", round, (int)days);
		for (int32_t day = 0; day <= days; day++)
			run_once(&story, date_add_days(date("2015-01-01"), day), &daily);
		run_once(&story, date_add_days(date("2015-01-01"), days), &jump);
		CHECK_EQ_INT(daily.count, jump.count);
		CHECK_EQ_INT(total(&daily), total(&jump));
		arena_finish(&arena);
	}
}

TEST(items_from_a_day_on_are_those_of_all_items_that_end_after_it)
{
	uint64_t state = check_seed();
	for (int round = 0; round < ROUNDS; round++) {
		CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
		struct story story = random_story(&state, check_between(&state, 0, 1) == 1);
		struct billing_item_list late = { 0 };
		struct date next, next_of_all;
		struct proposal_terms terms = { .events = story.events, .event_count = story.count, .currency = usd() };
		terms.target = date_add_days(date("2015-01-01"), (int32_t)check_between(&state, 0, DAYS));
		struct billing_item_list all = { 0 };
		CHECK_EQ_INT(propose_items(&arena, &terms, &hooks, &all, &next_of_all), PROPOSAL_SOUND);
		terms.from = date_add_days(date("2015-01-01"), (int32_t)check_between(&state, 0, DAYS));
		CHECK_EQ_INT(propose_items(&arena, &terms, &hooks, &late, &next), PROPOSAL_SOUND);
		size_t at = 0;
		check_note("round %d", round);
		for (size_t i = 0; i < all.count; i++) {
			if (date_compare(all.items[i].end, terms.from) <= 0)
				continue;
			CHECK(at < late.count);
			CHECK(date_compare(all.items[i].start, late.items[at].start) == 0);
			CHECK_EQ_INT(all.items[i].amount.minor, late.items[at].amount.minor);
			at++;
		}
		CHECK_EQ_INT(late.count, at);
		CHECK(date_compare(next, next_of_all) == 0);
		arena_finish(&arena);
	}
}

/* What is asked of a repair from `from` of `billed`, a part of its period: "days/days billed". */
static struct text days_given_back(const char *start, const char *end, const char *from, int fixed_days)
{
	static char text[40];
	struct billing_item billed = { .start = date(start), .end = date(end), .whole = { date("2026-01-27"), date("2026-02-27") },
		                       .rate = decimal_from_int64(30), .amount = money_of(1800, usd()) };
	struct billing_item back = { .start = date(from), .end = billed.end };
	struct proration_change change;
	CHECK(item_change_of_repair(&billed, &back, fixed_days, &change));
	snprintf(text, sizeof text, "%d/%d", (int)change.days_left, (int)change.days_billed);
	return text_of(text);
}

TEST(a_part_of_a_part_is_given_back_by_the_days_that_were_billed)
{
	CHECK_EQ_TEXT(days_given_back("2026-02-09", "2026-02-27", "2026-02-10", 0), "17/18");
	CHECK_EQ_TEXT(days_given_back("2026-02-09", "2026-02-27", "2026-02-10", 30), "17/18");
	CHECK_EQ_TEXT(days_given_back("2026-01-27", "2026-02-27", "2026-02-10", 30), "17/30");
	CHECK_EQ_TEXT(days_given_back("2026-01-30", "2026-02-27", "2026-02-10", 30), "17/27");
}

TEST(days_that_a_fixed_month_does_not_have_are_counted_by_the_calendar)
{
	CHECK_EQ_TEXT(days_given_back("2026-01-31", "2026-02-02", "2026-02-01", 28), "1/2");
}

CHECK_MAIN
