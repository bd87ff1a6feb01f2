/* test_convention_second.c: where seconds are counted each second is billed once, however late and often changes are told:
 * what was charged less what was given back is what the timeline comes to, hour by hour. */
#include "shop.h"

#include "billing/credit_note.h"
#include "billing/explain.h"
#include "billing/timeline.h"

/* A week has 168 hours: of these plans an hour costs 1.00, 2.00 and 3.00, so that nothing is rounded. */
#define PLAN(code, amount) \
	"{'code':'" code "','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'weekly','recurring':[{'currency':'USD','amount':'" amount "'}]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("one", "168") "," PLAN("two", "336") "," PLAN("three", "504") "]}]}"

enum { CENTS_AN_HOUR = 100, WEEK_DAYS = 7, PLAN_COUNT = 3 };
static const int64_t HOUR_US = 3600 * (int64_t)US_PER_S, DAY_US = 86400 * (int64_t)US_PER_S;
static const char *const PLANS[PLAN_COUNT] = { "one", "two", "three" };

static struct instant moment(const char *text)
{
	struct instant instant;
	CHECK(instant_parse(text_of(text), &instant));
	return instant;
}

static void advance(struct desk *desk, struct instant until)
{
	shop_advance(desk, text_c(&desk->arena, instant_text(&desk->arena, until)));
}

/* `convention` NULL: the account alone. */
static void open_at(struct desk *desk, const char *convention, const char *zone, struct instant start)
{
	shop_open_empty(desk, "", false);
	desk_deploy_catalog(desk, CATALOG);
	advance(desk, start);
	desk_do(desk, "account.create", text_format(&desk->arena, "{'name':'Ann','bill_cycle_day':1,'time_zone':'%s'}", zone).data);
	if (convention)
		desk_do(desk, "subscription.subscribe",
		        text_format(&desk->arena, "{'account_id':1,'plan':'one','convention':'%s'}", convention).data);
}

static void open_on_monday(struct desk *desk)
{
	open_at(desk, "stripe", "UTC", moment("2024-01-01T00:00:00Z"));
}

static void change_plan(struct desk *desk, const char *plan, const char *at)
{
	desk_do(desk, "subscription.change_plan",
	        text_format(&desk->arena, "{'id':1,'plan':'%s','effective_at':'%s'}", plan, at).data);
}

static void cancel(struct desk *desk, const char *at)
{
	desk_do(desk, "subscription.cancel", text_format(&desk->arena, "{'id':1,'effective_at':'%s'}", at).data);
}

/* What happens while it is off is billed later, at once. */
static void set_invoicing(struct desk *desk, bool on)
{
	desk_do(desk, "account.update", on ? "{'id':1,'invoicing':'on'}" : "{'id':1,'invoicing':'off'}");
}

/* ---- what was billed ---- */

struct told {
	struct desk *desk;
	struct text_builder lines;
	int64_t minor;
};

static void tell_line(struct told *told, const struct invoice_line *line)
{
	struct arena *arena = &told->desk->arena;
	struct text from = date_text(arena, line->period_start), to = date_text(arena, line->period_end),
	            amount = money_amount_text(arena, line->amount);
	builder_format(&told->lines, "%s%.*s %.*s %.*s", told->lines.length ? "; " : "", TEXT_ARG(from), TEXT_ARG(to),
	               TEXT_ARG(amount));
	told->minor += line->amount.minor;
}

static void check_explained(struct command *command, int64_t invoice_id)
{
	struct explanation *explanation;
	CHECK(explain_invoice(command, invoice_id, EXPLAIN_ALL, &explanation) && explanation);
	for (size_t i = 0; i < explanation->explained.count; i++)
		CHECK(explanation->explained.items[i].same);
}

static bool tell_billed(struct command *command, void *context)
{
	struct told *told = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	CHECK(invoice_page(command, &filter, &invoices));
	for (size_t i = invoices.count; i-- > 0;) {
		CHECK(invoice_load_lines(command, &invoices.items[i]));
		for (size_t j = 0; j < invoices.items[i].lines.count; j++)
			tell_line(told, &invoices.items[i].lines.items[j]);
		check_explained(command, invoices.items[i].id);
	}
	return true;
}

static struct told billed(struct desk *desk)
{
	struct told told = { .desk = desk };
	builder_init(&told.lines, &desk->arena, 0);
	desk_read(desk, tell_billed, &told);
	return told;
}

static struct text lines_of(struct desk *desk)
{
	struct told told = billed(desk);
	return builder_text(&told.lines);
}

/* ---- changes on one day, and behind others ---- */

TEST(an_end_told_behind_a_change_gives_back_the_hours_of_its_day)
{
	struct desk desk; /* one day is left */
	open_on_monday(&desk);
	shop_advance(&desk, "2024-01-03T12:00:00Z");
	change_plan(&desk, "two", "2024-01-03T12:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-01 2024-01-08 168.00; 2024-01-03 2024-01-08 216.00; 2024-01-03 2024-01-08 -108.00");
	shop_advance(&desk, "2024-01-04T00:00:00Z");
	cancel(&desk, "2024-01-02T00:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, 24 * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(a_plan_between_two_changes_is_given_back_from_its_own_hour)
{
	struct desk desk; /* 60 hours of one, of the 54 of two the first 12 */
	open_on_monday(&desk);
	shop_advance(&desk, "2024-01-03T12:00:00Z");
	change_plan(&desk, "two", "2024-01-03T12:00:00Z");
	shop_advance(&desk, "2024-01-05T18:00:00Z");
	change_plan(&desk, "three", "2024-01-05T18:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (60 + 2 * 54 + 3 * 54) * CENTS_AN_HOUR);
	cancel(&desk, "2024-01-04T00:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (60 + 2 * 12) * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(of_two_changes_on_one_day_the_hours_up_to_the_last_are_billed)
{
	struct desk desk; /* 63 hours of one, 105 of three */
	open_on_monday(&desk);
	shop_advance(&desk, "2024-01-03T09:00:00Z");
	change_plan(&desk, "two", "2024-01-03T09:00:00Z");
	shop_advance(&desk, "2024-01-03T15:00:00Z");
	change_plan(&desk, "three", "2024-01-03T15:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-01 2024-01-08 168.00; 2024-01-03 2024-01-08 222.00; 2024-01-03 2024-01-08 -111.00; "
	                               "2024-01-02 2024-01-03 30.00; 2024-01-03 2024-01-08 315.00; 2024-01-02 2024-01-03 -24.00; "
	                               "2024-01-03 2024-01-08 -222.00");
	CHECK_EQ_INT(billed(&desk).minor, (63 + 3 * 105) * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(a_line_that_ends_on_the_day_of_a_change_is_looked_at_again)
{
	struct desk desk; /* a week of one; of the next, which is billed late, 63 hours, then 105 of three */
	open_on_monday(&desk);
	set_invoicing(&desk, false);
	shop_advance(&desk, "2024-01-10T09:00:00Z");
	change_plan(&desk, "two", "2024-01-10T09:00:00Z");
	set_invoicing(&desk, true);
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-01 2024-01-08 168.00; 2024-01-08 2024-01-10 57.00; 2024-01-10 2024-01-15 222.00");
	shop_advance(&desk, "2024-01-10T15:00:00Z");
	change_plan(&desk, "three", "2024-01-10T15:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (168 + 63 + 3 * 105) * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(what_a_credit_note_gave_back_stays_given_back)
{
	struct desk desk; /* the same, 5.00 less */
	open_on_monday(&desk);
	shop_advance(&desk, "2024-01-03T09:00:00Z");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'5.00'}]}");
	change_plan(&desk, "two", "2024-01-03T09:00:00Z");
	shop_advance(&desk, "2024-01-03T15:00:00Z");
	change_plan(&desk, "three", "2024-01-03T15:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (63 + 3 * 105 - 5) * CENTS_AN_HOUR);
	desk_close(&desk);
}

static int64_t credit_unused(struct desk *desk, const char *from)
{
	const struct credit_note *note =
	        desk_do(desk, "credit_note.create", text_format(&desk->arena, "{'invoice_id':1,'unused_from':'%s'}", from).data);
	return note->total.minor;
}

/* The hours of the line, not those of its dates: of a week from noon to noon 108 are unused from the fourth day on. */
TEST(a_note_of_unused_time_counts_the_moments_of_its_line)
{
	struct desk desk;
	open_at(&desk, "stripe", "UTC", moment("2024-01-01T12:00:00Z"));
	CHECK_EQ_INT(credit_unused(&desk, "2024-01-04"), 108 * CENTS_AN_HOUR);
	CHECK_EQ_INT(credit_unused(&desk, "2024-01-03"), 24 * CENTS_AN_HOUR); /* the day before it */
	shop_advance(&desk, "2024-01-02T06:00:00Z");
	cancel(&desk, "2024-01-02T06:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, 18 * CENTS_AN_HOUR);
	desk_close(&desk);
	open_at(&desk, "stripe", "UTC", moment("2024-01-01T12:00:00Z"));
	CHECK_EQ_INT(credit_unused(&desk, "2024-01-01"), 168 * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(a_note_leaves_out_the_hours_that_a_repair_gave_back)
{
	struct desk desk; /* 72 hours went back, of which 60 are unused from the 6th on */
	open_at(&desk, "stripe", "UTC", moment("2024-01-01T12:00:00Z"));
	shop_advance(&desk, "2024-01-05T12:00:00Z");
	cancel(&desk, "2024-01-05T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, 96 * CENTS_AN_HOUR);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2024-01-06'}")->code, PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_INT(credit_unused(&desk, "2024-01-05"), 12 * CENTS_AN_HOUR);
	desk_close(&desk);
}

/* A cycle begins at its own hour, whatever else happens that day. */
TEST(a_change_on_the_day_of_a_cycle_leaves_no_hour_out)
{
	struct desk desk; /* cycles at noon; what is billed late: a week of one, then 2 days of two */
	open_at(&desk, "stripe", "UTC", moment("2024-01-01T12:00:00Z"));
	set_invoicing(&desk, false);
	shop_advance(&desk, "2024-01-18T00:00:00Z");
	change_plan(&desk, "two", "2024-01-08T15:00:00Z");
	cancel(&desk, "2024-01-10T12:00:00Z");
	set_invoicing(&desk, true);
	CHECK_EQ_INT(billed(&desk).minor, (168 + 2 * 48) * CENTS_AN_HOUR);
	desk_close(&desk);
}

/* ---- conventions and cycles that change ---- */

static void change_by(struct desk *desk, const char *convention, const char *plan, const char *at)
{
	shop_advance(desk, at);
	desk_do(desk, "account.update", text_format(&desk->arena, "{'id':1,'convention':'%s'}", convention).data);
	change_plan(desk, plan, at);
}

static void open_by_account(struct desk *desk, const char *convention, const char *start)
{
	shop_open_empty(desk, "", false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, start);
	desk_do(desk, "account.create",
	        text_format(&desk->arena, "{'name':'Ann','bill_cycle_day':1,'convention':'%s'}", convention).data);
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'one'}");
}

TEST(seconds_that_are_counted_after_days_begin_where_the_days_end)
{
	struct desk desk; /* two days of one, a week of two from the third on */
	open_by_account(&desk, "killbill", "2024-01-01T00:00:00Z");
	change_by(&desk, "stripe", "two", "2024-01-03T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (48 + 2 * 168) * CENTS_AN_HOUR);
	shop_advance(&desk, "2024-01-05T12:00:00Z");
	cancel(&desk, "2024-01-05T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (48 + 2 * 60) * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(seconds_that_are_counted_before_days_end_where_the_days_begin)
{
	struct desk desk; /* the same the other way */
	open_by_account(&desk, "stripe", "2024-01-01T00:00:00Z");
	change_by(&desk, "killbill", "two", "2024-01-03T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (48 + 2 * 168) * CENTS_AN_HOUR);
	shop_advance(&desk, "2024-01-05T00:00:00Z");
	cancel(&desk, "2024-01-05T00:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (48 + 2 * 48) * CENTS_AN_HOUR);
	desk_close(&desk);
}

/* Cycles at noon, days from midnight on: the hours of that day are the days' alone. */
TEST(a_cycle_of_seconds_that_ends_on_the_day_from_which_days_are_counted_ends_at_midnight)
{
	struct desk desk; /* a week less 12 hours of one, a week of two */
	open_by_account(&desk, "stripe", "2024-01-01T12:00:00Z");
	change_by(&desk, "killbill", "two", "2024-01-08T15:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (156 + 2 * 168) * CENTS_AN_HOUR);
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_INT(billed(&desk).minor, (156 + 2 * 168) * CENTS_AN_HOUR);
	cancel(&desk, "2024-01-07T12:00:00Z"); /* told behind it: six days of one */
	CHECK_EQ_INT(billed(&desk).minor, 144 * CENTS_AN_HOUR);
	desk_close(&desk);
	open_at(&desk, NULL, "UTC", moment("2024-01-01T12:00:00Z")); /* billed late: not more is charged to begin with */
	desk_do(&desk, "account.update", "{'id':1,'convention':'stripe'}");
	set_invoicing(&desk, false);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'one'}");
	change_by(&desk, "killbill", "two", "2024-01-08T15:00:00Z");
	set_invoicing(&desk, true);
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-01 2024-01-08 156.00; 2024-01-08 2024-01-15 336.00");
	shop_advance(&desk, "2024-01-09T00:00:00Z");
	cancel(&desk, "2024-01-07T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, 144 * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(cycles_that_are_counted_anew_on_the_day_of_a_cycle_begin_with_it)
{
	struct desk desk; /* cycles at noon: a week of one, then two */
	open_by_account(&desk, "stripe", "2024-01-01T12:00:00Z");
	change_by(&desk, "maxio", "two", "2024-01-08T15:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (168 + 2 * 168) * CENTS_AN_HOUR);
	shop_advance(&desk, "2024-01-10T12:00:00Z");
	cancel(&desk, "2024-01-10T12:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (168 + 2 * 48) * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(of_two_changes_that_count_anew_on_one_day_the_last_begins_the_cycle)
{
	struct desk desk; /* 63 hours of one, a week of three */
	open_by_account(&desk, "stripe", "2024-01-01T00:00:00Z");
	change_by(&desk, "maxio", "two", "2024-01-03T09:00:00Z");
	change_by(&desk, "maxio", "three", "2024-01-03T15:00:00Z");
	CHECK_EQ_INT(billed(&desk).minor, (63 + 3 * 168) * CENTS_AN_HOUR);
	desk_close(&desk);
}

/* ---- random lives ---- */

struct timeline_sum {
	struct instant begun, until;
	bool by_moment; /* the last cycle is that which has begun at its moment, not on its day */
	int64_t minor;
};

/* How many cycles have ended. */
static int64_t cycles_of(const struct timeline_sum *sum, const struct timezone_rules *zone)
{
	int32_t days = date_days_between(timezone_date(zone, sum->begun), timezone_date(zone, sum->until));
	return sum->by_moment ? (sum->until.us - sum->begun.us) / (WEEK_DAYS * DAY_US) : days / WEEK_DAYS;
}

/* The moment for which the date of an event stands: that of a cycle, if one begins that day. */
static struct instant moment_of(const struct timezone_rules *zone, struct instant begun, const struct billing_event *event)
{
	if (date_days_between(timezone_date(zone, begun), event->date) % WEEK_DAYS == 0)
		return timezone_instant(zone, event->date, timezone_time_of_day_us(zone, begun));
	return event->at;
}

static bool is_last_of_its_day(const struct billing_event_list *events, size_t i)
{
	return i + 1 == events->count || date_compare(events->items[i].date, events->items[i + 1].date) != 0;
}

static int64_t minor_of(const struct billing_event *event, struct instant from, struct instant to)
{
	int64_t hours = (to.us - from.us) / HOUR_US;
	for (int64_t i = 0; event->has_recurring && i < PLAN_COUNT; i++)
		if (text_is(event->plan, PLANS[i]))
			return hours * (i + 1) * CENTS_AN_HOUR;
	return 0;
}

/* Until the end of the cycle that has begun. */
static bool sum_timeline(struct command *command, void *context)
{
	struct timeline_sum *sum = context;
	struct account *account;
	struct subscription *subscription;
	struct billing_event_list events = { 0 };
	CHECK(account_find(command, 1, &account) && subscription_find(command, 1, &subscription));
	CHECK(timeline_billing_events(command, account, subscription, DATE_NONE, &events));
	const struct timezone_rules *zone = command_zone(command, account);
	struct instant start = sum->begun, end = { start.us + (cycles_of(sum, zone) + 1) * WEEK_DAYS * DAY_US };
	const struct billing_event *in_force = NULL;
	for (size_t i = 0; i < events.count; i++) {
		if (!is_last_of_its_day(&events, i))
			continue;
		struct instant at = moment_of(zone, sum->begun, &events.items[i]);
		sum->minor += in_force ? minor_of(in_force, start, at) : 0;
		start = at;
		in_force = &events.items[i];
	}
	sum->minor += in_force ? minor_of(in_force, start, end) : 0;
	return true;
}

/* Something that was so already some hours ago; what is refused was not said. */
static void say_something(struct desk *desk, uint64_t *state, struct instant start, struct instant now)
{
	void *output;
	int64_t hours = (now.us - start.us) / HOUR_US, back = check_between(state, 0, 2) ? check_between(state, 0, 100) : 0;
	struct instant at = { now.us - (back < hours ? back : hours) * HOUR_US };
	const char *when = text_c(&desk->arena, instant_text(&desk->arena, at));
	switch (check_between(state, 0, 7)) {
	case 0:
		desk_try_text(desk, "subscription.cancel",
		              desk_json(desk, text_format(&desk->arena, "{'id':1,'effective_at':'%s'}", when).data), &output);
		return;
	case 1:
		desk_try_text(desk, "subscription_bundle.pause",
		              desk_json(desk, text_format(&desk->arena, "{'id':1,'effective_at':'%s'}", when).data), &output);
		return;
	case 2:
		desk_try_text(desk, "subscription_bundle.resume",
		              desk_json(desk, text_format(&desk->arena, "{'id':1,'effective_at':'%s'}", when).data), &output);
		return;
	default:
		desk_try_text(desk, "subscription.change_plan",
		              desk_json(desk, text_format(&desk->arena, "{'id':1,'plan':'%s','effective_at':'%s'}",
		                                          PLANS[check_between(state, 0, PLAN_COUNT - 1)], when).data),
		              &output);
	}
}

/* Neither a second run adds anything nor one that looks at everything again. */
static void check_settled(struct desk *desk)
{
	void *output;
	struct text before = lines_of(desk);
	desk_do(desk, "fixture.set", "{'states':[{'object':'subscription','id':1,'values':{'derive_from':'2000-01-01'}}]}");
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	CHECK_EQ_TEXT(lines_of(desk), text_c(&desk->arena, before));
}

/* A cycle is billed at its moment; a change that is told on its day before that bills it with the change. */
static void check_sum(struct desk *desk, struct instant begun, struct instant now)
{
	struct timeline_sum sum = { .begun = begun, .until = now }, later = { .begun = begun, .until = now, .by_moment = true };
	desk_read(desk, sum_timeline, &sum);
	desk_read(desk, sum_timeline, &later);
	struct told told = billed(desk);
	if (told.minor != sum.minor && told.minor != later.minor)
		CHECK_FAIL("%.*s: %lld, not %lld", TEXT_ARG(builder_text(&told.lines)), (long long)told.minor, (long long)sum.minor);
}

/* The moment at which a cycle begins today; now where there is none. */
static struct instant after_begin(struct instant begun, struct instant now)
{
	int64_t week_us = WEEK_DAYS * DAY_US, left_us = week_us - (now.us - begun.us) % week_us;
	return left_us < DAY_US ? (struct instant){ now.us + left_us } : now;
}

static void check_life(uint64_t *state)
{
	static const char *const counting[] = { "stripe", "maxio" }, *const zones[] = { "UTC", "Asia/Kolkata" };
	struct desk desk;
	struct instant start = moment("2024-01-01T00:00:00Z"), now;
	start.us += check_between(state, 0, 48) * HOUR_US;
	open_at(&desk, counting[check_between(state, 0, 1)], zones[check_between(state, 0, 1)], start);
	bool bills = true;
	now = start;
	for (int64_t said = check_between(state, 1, 8); said > 0; said--) {
		now.us += check_between(state, 0, 3) ? check_between(state, 1, 60) * HOUR_US : check_between(state, 0, 6) * HOUR_US;
		advance(&desk, now);
		say_something(&desk, state, start, now);
		if (check_between(state, 0, 3) == 0)
			set_invoicing(&desk, bills = !bills);
		if (bills)
			check_sum(&desk, start, now);
	}
	set_invoicing(&desk, true);
	now = after_begin(start, now);
	advance(&desk, now);
	check_sum(&desk, start, now);
	check_settled(&desk);
	desk_close(&desk);
}

TEST(a_cycle_of_seconds_is_billed_at_its_moment_and_not_on_its_day_before)
{
	struct desk desk;
	open_at(&desk, "maxio", "UTC", moment("2024-01-01T12:00:07Z"));
	shop_advance(&desk, "2024-01-08T12:00:06Z");
	CHECK_EQ_INT(billed(&desk).minor, 168 * CENTS_AN_HOUR);
	shop_advance(&desk, "2024-01-08T12:00:07Z");
	CHECK_EQ_INT(billed(&desk).minor, 2 * 168 * CENTS_AN_HOUR);
	desk_close(&desk);
}

TEST(an_hour_that_nobody_paid_would_be_found_out)
{
	struct desk desk;
	open_on_monday(&desk);
	shop_advance(&desk, "2024-01-03T12:00:00Z");
	change_plan(&desk, "two", "2024-01-03T12:00:00Z");
	struct timeline_sum all = { .begun = moment("2024-01-01T00:00:00Z"), .until = moment("2024-01-03T12:00:00Z") },
	                    less = { .begun = moment("2024-01-01T01:00:00Z"), .until = all.until };
	desk_read(&desk, sum_timeline, &all);
	desk_read(&desk, sum_timeline, &less);
	CHECK_EQ_INT(billed(&desk).minor, all.minor);
	CHECK(less.minor != all.minor);
	desk_close(&desk);
}

TEST(each_second_is_billed_once_however_changes_are_told)
{
	uint64_t state = check_seed();
	for (int i = 0; i < 60; i++) {
		check_note("life %d", i);
		check_life(&state);
	}
}

CHECK_MAIN
