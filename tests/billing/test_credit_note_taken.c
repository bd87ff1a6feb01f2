/* test_credit_note_taken.c: credit notes after repairs, coupons and earlier notes: nothing is given back twice. */
#include "shop.h"

#include "billing/credit_note.h"
#include "billing/credit_note_taken.h"
#include "billing/explain.h"
#include "billing/timeline.h"

#define PLAN(code, amount, period) \
	"{'code':'" code "','product':'car','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("gold", "31", "monthly") "," PLAN("year", "366", "annual") "]}]}"

/* An account with id 1 that subscribes to the plan on 1 January 2012: invoice 1. */
static void open(struct desk *desk, const char *settings, const char *plan, const char *members)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	if (members[0])
		desk_do(desk, "coupon.create", "{'code':'FIFTH','percent':'20','duration':'forever'}");
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s'%s}", plan, members).data);
}

static bool read_explanation(struct command *command, void *context)
{
	struct credit_explanation **explanation = context;
	return explain_credit_note(command, 1, explanation);
}

/* Makes the note, which must be explained by what it keeps; the first of the desk. */
static struct credit_note *credit(struct desk *desk, const char *members)
{
	struct credit_note *note =
	        desk_do(desk, "credit_note.create", text_format(&desk->arena, "{'invoice_id':1,%s}", members).data);
	struct credit_explanation *explanation = NULL;
	desk_read(desk, read_explanation, &explanation);
	CHECK(explanation && explanation->same);
	return note;
}

static void cancel_at_once(struct desk *desk)
{
	shop_advance(desk, "2012-01-11T00:00:00Z");
	desk_do(desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate'}");
}

TEST(unused_days_that_a_repair_gave_back_are_not_given_back_again)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	cancel_at_once(&desk); /* 21 of 31 days are given back */
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	struct credit_note *note = credit(&desk, "'unused_from':'2012-01-06'");
	CHECK_EQ_INT(note->total.minor, 500); /* the five days before */
	desk_close(&desk);
}

static struct text totals_after(const char *first, const char *second)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'10'}", "gold", "");
	shop_advance(&desk, "2012-01-06T00:00:00Z");
	if (first)
		desk_do(&desk, strstr(first, "position") ? "invoice.adjust" : "credit_note.create", first);
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, strstr(second, "plan") ? "subscription.change_plan" : "subscription.cancel", second);
	static char kept[400]; /* the desk's memory goes */
	struct text invoices = SHOP_SHOW(&desk, &invoice_record, "total");
	snprintf(kept, sizeof kept, "%.*s", TEXT_ARG(invoices));
	desk_close(&desk);
	return text_of(kept);
}

/* 31.00 and 3.10 tax for 31 days, of which 10 are served. */
TEST(unused_days_of_a_note_or_adjustment_and_a_cancellation_are_given_back_once)
{
#define CANCEL "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}"
	CHECK_EQ_TEXT(totals_after(NULL, CANCEL), "34.10; -23.10");
	CHECK_EQ_TEXT(totals_after("{'invoice_id':1,'unused_from':'2012-01-11'}", CANCEL), "11.00; 0.00");
	CHECK_EQ_TEXT(totals_after("{'invoice_id':1,'unused_from':'2012-01-21','reason':'other'}", CANCEL), "22.00; -11.00");
	CHECK_EQ_TEXT(totals_after("{'invoice_id':1,'unused_from':'2012-01-06'}", CANCEL), "5.50; 0.00");
	CHECK_EQ_TEXT(totals_after("{'id':1,'position':1,'amount':'21','unused_from':'2012-01-11'}", CANCEL), "11.00; 0.00");
	/* 15.00 for the line as a whole are none of its days': what is left of the line is the bound. */
	CHECK_EQ_TEXT(totals_after("{'id':1,'position':1,'amount':'15'}", CANCEL), "19.10; -17.60");
#undef CANCEL
}

/* The repair of 0.00 is what says that the days are not charged for any more. */
TEST(a_note_is_not_voided_once_its_days_are_not_charged_for_any_more)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "10.00; 0.00");
	desk_close(&desk);
}

TEST(days_that_a_note_gave_back_are_charged_when_they_are_served_after_a_pause)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	shop_advance(&desk, "2012-01-21T00:00:00Z");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "10.00; 0.00; 11.00");
	desk_close(&desk);
}

TEST(unused_days_of_a_note_and_a_change_of_plan_are_given_back_once)
{
#define CHANGE "{'id':1,'plan':'year','policy':'immediate'}"
	CHECK_EQ_TEXT(totals_after(NULL, CHANGE), "34.10; 368.50");
	CHECK_EQ_TEXT(totals_after("{'invoice_id':1,'unused_from':'2012-01-11'}", CHANGE), "11.00; 391.60");
#undef CHANGE
}

TEST(days_adjusted_by_hand_are_not_given_back_by_a_note)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'21','unused_from':'2012-01-11'}");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}")->code, PROBLEM_OUT_OF_RANGE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-06'}");
	CHECK_EQ_INT(note->total.minor, 500);
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'1','unused_from':'2012-02-01'}", PROBLEM_OUT_OF_RANGE, "/unused_from");
	desk_close(&desk);
}

/* 31.00 at 8.875 %: a tax of 2.75. */
TEST(adjustments_of_days_take_their_taxes_along_and_add_up_to_them)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'8.875'}", "gold", "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 33.75 33.75");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'11','unused_from':'2012-01-21'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 21.77 21.77"); /* 11.00 and 0.98 */
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'10','unused_from':'2012-01-11'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 10.88 10.88"); /* 10.00 and 0.89 */
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'unused_from':'2012-01-01'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 0.00 0.00");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}")->code, PROBLEM_OUT_OF_RANGE);
	desk_close(&desk);
}

TEST(an_adjustment_of_days_takes_the_tax_of_what_a_discount_left_of_them)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'10'}", "gold", ",'coupon':'FIFTH'");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 27.28 27.28"); /* 31.00 less 6.20, and the tax of that */
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'12.40','unused_from':'2012-01-11'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 13.64 13.64"); /* half of it */
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'unused_from':'2012-01-01'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 0.00 0.00");
	desk_close(&desk);
}

/* H6 bears a tax that is a line of its order. */
TEST(an_adjustment_of_days_of_an_order_takes_its_tax_along)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; TAX 5.50");
	desk_do(&desk, "invoice.adjust", "{'id':2396,'position':1,'amount':'25','unused_from':'2011-09-26'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 33.00 33.00");
	desk_close(&desk);
}

TEST(a_note_of_unused_days_that_is_withdrawn_leaves_them_to_the_cancellation)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	cancel_at_once(&desk);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 31.00 10.00; 2 settled -21.00 0.00");
	desk_close(&desk);
}

TEST(notes_of_unused_days_are_withdrawn_the_last_first)
{
	struct desk desk;
	open(&desk, "", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-21'}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-11'}");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	desk_do(&desk, "credit_note.void", "{'id':2}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 31.00 31.00");
	desk_close(&desk);
}

TEST(a_tax_that_went_with_a_repair_cannot_be_adjusted_again)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'10'}", "gold", "");
	cancel_at_once(&desk); /* 2.10 of 3.10 went */
	const struct problem *refused = desk_refused(&desk, "invoice.adjust", "{'id':1,'position':2,'amount':'3.10'}");
	CHECK_EQ_C(refused->message, "only 1.00 USD is left of line 2");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':2}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 33.10 10.00; 2 settled -23.10 0.00");
	desk_close(&desk);
}

/* The cancellation was looked at before its day, its withdrawal was not when the next run came. */
TEST(a_year_whose_end_was_told_ahead_and_withdrawn_is_charged_once)
{
	struct desk desk;
	open(&desk, "", "year", "");
	shop_advance(&desk, "2012-02-22T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_date':'2012-03-27','billing_date':'2012-03-27'}");
	shop_advance(&desk, "2012-02-29T00:00:00Z");
	desk_do(&desk, "blocking_state.set", "{'bundle_id':1,'service':'fraud','state':'clear','effective_date':'2012-02-19'}");
	shop_advance(&desk, "2012-03-11T00:00:00Z");
	desk_do(&desk, "subscription.uncancel", "{'id':1}");
	shop_advance(&desk, "2012-03-29T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "366.00; -280.00; 280.00");
	desk_close(&desk);
}

/* ---- random lives: a year of 366 days for 366.00 ---- */

enum { LIFE_DAYS = 3 * 366 };

/* What became of each day, from the first one on; of the life, and of one line of it. */
struct life_days {
	struct date first, today;
	int covered[LIFE_DAYS]; /* lines less repairs */
	size_t takings;
};
struct line_days {
	int64_t given_minor;
	int repaired[LIFE_DAYS], noted[LIFE_DAYS]; /* notes less those that were withdrawn */
};

static void add_days(const struct life_days *life, const struct invoice_line *line, int number, int *days)
{
	for (struct date day = line->period_start; date_compare(day, line->period_end) < 0; day = date_add_days(day, 1))
		days[date_days_between(life->first, day)] += number;
}

static int days_given(const struct line_days *days)
{
	int given = 0;
	for (size_t d = 0; d < LIFE_DAYS; d++)
		given += days->repaired[d] > 0 || days->noted[d] > 0;
	return given;
}

/* Of each line its days that are given back were given back once, no less and no more: to the cent where a day costs cents. */
static void check_line(struct life_days *life, const struct invoice_line *line, const struct note_taken *taken)
{
	struct line_days days = { 0 };
	int64_t takings = 0, length = period_days((struct period){ line->period_start, line->period_end });
	for (size_t i = 0; i < taken->lines.count; i++) {
		const struct invoice_line *taking = &taken->lines.items[i];
		if (taking->linked_position != line->position)
			continue;
		bool repair = taking->kind == INVOICE_LINE_KIND_REPAIR;
		add_days(life, taking, repair || taking->amount.minor < 0 ? 1 : -1, repair ? days.repaired : days.noted);
		days.given_minor -= taking->amount.minor;
		takings++;
	}
	add_days(life, line, 1, life->covered);
	for (size_t d = 0; d < LIFE_DAYS; d++)
		life->covered[d] -= days.repaired[d];
	life->takings += (size_t)takings;
	int64_t given = days_given(&days), expected = given * line->amount.minor / length;
	int64_t cents = line->amount.minor % length == 0 ? 0 : takings + 1;
	check_note("line %lld of invoice %lld, %lld days for %lld: %lld of %lld days", (long long)line->position,
	           (long long)line->invoice_id, (long long)length, (long long)line->amount.minor, (long long)days.given_minor,
	           (long long)given);
	CHECK(days.given_minor >= expected - cents && days.given_minor <= expected + cents);
}

/* What has passed is charged for where it was served, and nowhere else. */
static void check_served(struct command *command, const struct life_days *life)
{
	struct account *account;
	struct subscription *subscription;
	struct billing_event_list events = { 0 };
	CHECK(account_find(command, 1, &account) && subscription_find(command, 1, &subscription));
	CHECK(timeline_billing_events(command, account, subscription, DATE_NONE, &events));
	for (struct date day = life->first; date_compare(day, life->today) < 0; day = date_add_days(day, 1)) {
		const struct billing_event *event = billing_event_on(&events, day);
		int served = event && event->has_recurring, covered = life->covered[date_days_between(life->first, day)];
		if (covered != served)
			CHECK_FAIL("%s is charged for %d times, not %d", date_text(command->arena, day).data, covered, served);
	}
}

static bool check_lines(struct command *command, void *context)
{
	struct invoice_list page = { 0 };
	struct object_filter filter = { .account_id = 1, .max = 100 };
	struct life_days *life = context;
	CHECK(invoice_page(command, &filter, &page));
	for (size_t i = 0; i < page.count; i++) {
		struct note_taken taken;
		CHECK(invoice_load_lines(command, &page.items[i]) && note_taken_read(command, &page.items[i], &taken));
		for (size_t k = 0; k < page.items[i].lines.count; k++)
			if (page.items[i].lines.items[k].kind == INVOICE_LINE_KIND_RECURRING)
				check_line(life, &page.items[i].lines.items[k], &taken);
	}
	check_served(command, life);
	return true;
}

static void dare(struct desk *desk, const char *command, struct text input)
{
	void *output;
	desk_try_text(desk, command, desk_json(desk, input.data), &output);
}

static void live(struct desk *desk, uint64_t *state, struct date today)
{
	struct arena *arena = &desk->arena;
	struct text day = date_text(arena, date_add_days(today, (int32_t)check_between(state, -20, 60)));
	switch (check_between(state, 0, 7)) {
	case 0:
	case 1:
		dare(desk, "credit_note.create", text_format(arena, "{'invoice_id':%d,'unused_from':'%s'}", (int)check_between(state, 1, 4), day.data));
		break;
	case 2:
		dare(desk, "credit_note.void", text_format(arena, "{'id':%d}", (int)check_between(state, 1, 4)));
		break;
	case 3:
		dare(desk, "subscription.change_quantity", text_format(arena, "{'id':1,'quantity':1,'effective_date':'%s'}", day.data));
		break;
	case 4:
		dare(desk, "subscription.cancel", text_format(arena, "{'id':1,'entitlement_date':'%s','billing_date':'%s'}", day.data, day.data));
		break;
	case 5:
		dare(desk, "subscription.uncancel", TEXT("{'id':1}"));
		break;
	default:
		dare(desk, check_random(state) & 1 ? "subscription_bundle.pause" : "subscription_bundle.resume",
		     text_format(arena, "{'id':1,'effective_date':'%s'}", day.data));
	}
}

TEST(each_day_is_paid_or_given_back_once_whatever_notes_and_cancellations_follow_one_another)
{
	uint64_t state = check_seed();
	size_t takings = 0;
	for (int life = 0; life < 60; life++) {
		struct desk desk;
		struct life_days days = { 0 };
		open(&desk, "", "year", "");
		CHECK(date_parse(TEXT("2012-01-01"), &days.first));
		days.today = days.first;
		for (int step = 0; step < 6; step++) {
			days.today = date_add_days(days.today, (int32_t)check_between(&state, 0, 25));
			shop_advance(&desk, text_format(&desk.arena, "%sT00:00:00Z", date_text(&desk.arena, days.today).data).data);
			live(&desk, &state, days.today);
		}
		desk_read(&desk, check_lines, &days);
		takings += days.takings;
		desk_close(&desk);
	}
	CHECK(takings > 20);
}

/* Pure: 10 of 31 days were given back, from the 3rd on; of them those from the 8th on are asked for. */
TEST(of_a_repair_that_days_overlap_their_part_counts)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice_line line = { .position = 1, .currency = usd };
	struct invoice_line repair = { .kind = INVOICE_LINE_KIND_REPAIR, .linked_position = 1, .currency = usd,
		                       .amount = money_of(-1000, usd) };
	struct note_taken taken = { .lines = { &repair, 1, 1 } };
	struct period unused;
	struct exact_money given;
	CHECK(date_parse(TEXT("2012-01-03"), &repair.period_start) && date_parse(TEXT("2012-01-13"), &repair.period_end));
	CHECK(date_parse(TEXT("2012-01-08"), &unused.start) && date_parse(TEXT("2012-02-01"), &unused.end));
	CHECK(note_taken_of_days(NULL, &taken, &line, unused, NULL, &given));
	CHECK_EQ_INT(given.amount.numerator, 5 * given.amount.denominator);
	unused.start = repair.period_end;
	CHECK(note_taken_of_days(NULL, &taken, &line, unused, NULL, &given));
	CHECK_EQ_INT(given.amount.numerator, 0);
}

TEST(days_that_several_notes_call_unused_are_given_back_once)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "year", "");
	struct credit_note *note = credit(&desk, "'unused_from':'2012-12-01'"); /* 31 days */
	CHECK_EQ_INT(note->sub_total.minor, 3100);
	CHECK_EQ_INT(note->tax.minor, 620);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-11-01'}");
	CHECK_EQ_INT(note->sub_total.minor, 3000);
	CHECK_EQ_INT(note->tax.minor, 600);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-12-15'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	desk_do(&desk, "credit_note.void", "{'id':2}");
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-10-01'}");
	CHECK_EQ_INT(note->sub_total.minor, 6100); /* what was withdrawn was not given back */
	desk_close(&desk);
}

/* Taxes and discounts follow what is taken, not what would have been, had more been left. */
TEST(unused_time_takes_no_more_tax_than_its_line)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "gold", "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'20'}]}");
	struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-01-02'}");
	CHECK_EQ_INT(note->sub_total.minor, 1100); /* all that is left, of 30 days */
	CHECK_EQ_INT(note->tax.minor, 220);
	desk_close(&desk);
}

TEST(a_note_of_all_that_a_repair_left_takes_the_tax_that_it_left)
{
	struct desk desk;
	open(&desk, "'tax':{'percent':'20'}", "gold", "");
	cancel_at_once(&desk);
	struct credit_note *note = credit(&desk, "'items':[{'position':1}]");
	CHECK_EQ_INT(note->sub_total.minor, 1000);
	CHECK_EQ_INT(note->tax.minor, 200); /* 4.20 of 6.20 went with the repair */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 25.20 0.00; 2 settled -25.20 0.00");
	desk_close(&desk);
}

TEST(what_a_repair_gave_back_of_a_discount_is_no_charge)
{
	struct desk desk;
	open(&desk, "", "gold", ",'coupon':'FIFTH'");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'year','policy':'immediate'}");
	/* 356 days, less the repair, 4.20 given back, 20 % off */
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 24.80 24.80; 2 open 268.00 268.00");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':3}]}")->code,
	             PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_INT(desk_refused(&desk, "invoice.adjust", "{'id':2,'position':3}")->code, PROBLEM_WRONG_STATE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 28480);
	desk_close(&desk);
}

TEST(what_a_change_of_its_order_credited_is_not_credited_again)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true"); /* 11 days: 55.00, and 5.50 */
	desk_do(&desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-26','order':{'plan':'H3','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	CHECK_EQ_TEXT(shop_credits(&desk), "plan_change 27.50 27.50"); /* 5 days */
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-26'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-25'}");
	CHECK_EQ_INT(note->total.minor, 550);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->lines.items[0].amount.minor, 2500);
	CHECK_EQ_INT(note->lines.items[1].amount.minor, 250);
	desk_close(&desk);
}

static bool check_credit_explained(struct command *command, void *context)
{
	struct credit_explanation *explanation = NULL;
	(void)context;
	CHECK(explain_credit(command, 1, &explanation) && explanation && explanation->same);
	return true;
}

/* H6: 11 days for 55.00, and a tax of 5.50; changed when 5 of them are not served. */
TEST(what_notes_took_back_of_an_order_its_change_does_not_credit_again)
{
	static const struct { const char *note, *credits; } rows[] = {
		{ "'items':[{'position':1}]", "" },
		{ "'items':[{'position':1,'amount':'40'}]", "plan_change 16.50 16.50" },
		{ "'unused_from':'2011-09-29'", "plan_change 16.50 16.50" }, /* 15.00 of three days, and their tax */
		{ "'unused_from':'2011-09-21'", "" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct desk desk;
		shop_open(&desk);
		check_note("%s", rows[i].note);
		shop_order_plan(&desk, "H6", "'create_invoice':true");
		desk_do(&desk, "credit_note.create", text_format(&desk.arena, "{'invoice_id':2396,%s}", rows[i].note).data);
		desk_do(&desk, "order.change",
		        "{'old_order_id':381,'change_date':'2011-09-26','order':{'plan':'H3','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
		CHECK_EQ_TEXT(shop_credits(&desk), rows[i].credits);
		if (rows[i].credits[0])
			desk_read(&desk, check_credit_explained, NULL);
		desk_close(&desk);
	}
}

/* H2 has a percentage of 10 that is no tax: 55.00 and 5.50. */
TEST(percentages_follow_the_lines_that_a_note_takes_back)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'H2','status':'active','start_date':'2011-09-20','create_invoice':true,"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'},{'price_code':'TAX','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; TAX 5.50");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':2}]}")->code, PROBLEM_WRONG_STATE);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1,'amount':'20'}]}");
	CHECK_EQ_INT(note->sub_total.minor, 2200);
	CHECK_EQ_INT(note->tax.minor, 0);
	struct credit_explanation *explanation = NULL;
	desk_read(&desk, read_explanation, &explanation);
	CHECK(explanation && explanation->same);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-26'}"); /* 5 days of 11 */
	CHECK_EQ_INT(note->total.minor, 2750);
	note = desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 1100);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 0.00 0.00");
	desk_close(&desk);
}

/* Two years of days with 18 charges each: what was decided of them does not fit into the credit's row. */
TEST(a_changed_order_with_thousands_of_lines_is_not_credited_again)
{
	struct desk desk;
	struct text_builder charges, lines;
	shop_open(&desk);
	builder_init(&charges, &desk.arena, 0);
	builder_init(&lines, &desk.arena, 0);
	for (int i = 0; i < 18; i++) {
		builder_format(&charges, "%s{'price_code':'C%d','kind':'recurring','amount':'1'}", i ? "," : "", i);
		builder_format(&lines, "%s{'price_code':'C%d','quantity':'1'}", i ? "," : "", i);
	}
	desk_do(&desk, "plan.create", text_format(&desk.arena, "{'code':'DAY','billing_period':'daily','charges':[%s]}", builder_text(&charges).data).data);
	desk_do(&desk, "order.place", text_format(&desk.arena, "{'account_id':1,'plan':'DAY','start_date':'2009-09-07','lines':[%s]}",
	                                          builder_text(&lines).data).data);
	shop_advance(&desk, "2011-09-09T00:00:00Z");
	desk_do(&desk, "order.change", "{'old_order_id':381,'change_date':'2009-09-08','order':{'plan':'H3','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
	struct text kept = SHOP_SHOW(&desk, &credit_record, "decision");
	CHECK(strstr(kept.data, "too_long") != NULL);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2397,'items':[{'position':1}]}")->code, PROBLEM_OUT_OF_RANGE);
	desk_close(&desk);
}

static bool explain_one(struct command *command, void *context)
{
	struct shop_one *one = context;
	return explain_credit_note(command, one->id, (struct credit_explanation **)&one->found);
}

/* 31.00 at 7 %: six notes of 0.07 take 0.0049 each, none of which is a cent by itself. */
TEST(small_notes_take_the_tax_that_one_of_their_sum_would)
{
	struct desk desk;
	int64_t tax = 0;
	open(&desk, "'tax':{'percent':'7'}", "gold", "");
	for (int64_t i = 1; i <= 7; i++) {
		const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'0.07'}]}");
		tax += note->tax.minor;
		struct shop_one one = { .id = i };
		desk_read(&desk, explain_one, &one);
		CHECK(one.found && ((const struct credit_explanation *)one.found)->same);
		if (i == 4) { /* withdrawn, it counts no more */
			desk_do(&desk, "credit_note.void", "{'id':4}");
			tax -= note->tax.minor;
		}
	}
	CHECK_EQ_INT(tax, 3); /* of 0.42 0.0294 */
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 0.00 0.00");
	desk_close(&desk);
}

/* Nine of 31 days of seven lines: a note of them is explained, another one finds nothing. */
static void credit_seven(const char *price, int64_t expected_minor)
{
	struct desk desk;
	struct credit_explanation *explanation = NULL;
	shop_open_empty(&desk, "", false);
	desk_deploy_catalog(&desk, CATALOG);
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	for (int i = 0; i < 7; i++)
		desk_do(&desk, "subscription.subscribe",
		        text_format(&desk.arena, "{'account_id':1,'plan':'gold','start_date':'2012-03-01','price_overrides':["
		                                 "{'phase':'evergreen','recurring':'%s'}]}", price).data);
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-03-23'}");
	CHECK_EQ_INT(note->total.minor, expected_minor);
	desk_read(&desk, read_explanation, &explanation);
	CHECK(explanation && explanation->same);
	CHECK_REFUSED(&desk, "credit_note.create", "{'invoice_id':1,'unused_from':'2012-03-23'}", PROBLEM_OUT_OF_RANGE, "");
	desk_close(&desk);
}

TEST(unused_days_of_several_lines_are_credited_once_though_none_is_a_number_of_cents)
{
	credit_seven("10.00", 2032); /* seven times 2.9032 */
	credit_seven("0.01", 2);     /* seven times 0.0029: five lines give no cent */
}

/* Each of other days, which no few numbers divide: what they gave back of the last of them is a sum all the same. */
TEST(a_year_of_which_days_were_adjusted_many_times_is_repaired_and_credited)
{
	struct date end;
	static const int days[] = { 353, 347, 337, 331, 317, 313, 311, 307, 293, 283, 281, 277, 271, 269, 263, 257, 251, 241, 239, 233 };
	struct desk desk;
	CHECK(date_parse(TEXT("2013-01-01"), &end));
	open(&desk, "", "year", "");
	for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
		struct text from = date_text(&desk.arena, date_add_days(end, -days[i]));
		desk_do(&desk, "invoice.adjust",
		        text_format(&desk.arena, "{'id':1,'position':1,'amount':'0.77','unused_from':'%.*s'}", TEXT_ARG(from)).data);
	}
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_date':'2012-12-02'}"); /* thirty days, less what was given back of them */
	shop_advance(&desk, "2012-12-02T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 350.60 322.23; 2 settled -28.37 0.00");
	CHECK_EQ_INT(credit(&desk, "'unused_from':'2012-11-22'")->total.minor, 946);
	desk_close(&desk);
}

/* Two of 31.00 less 20 %, with 10 %: what a person took of the first was all of it, and its tax. */
TEST(a_note_beside_a_tax_that_went_back_is_explained)
{
	struct desk desk;
	struct credit_explanation *explanation = NULL;
	shop_open_empty(&desk, "'tax':{'percent':'10'}", false);
	desk_deploy_catalog(&desk, CATALOG);
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	desk_do(&desk, "coupon.create", "{'code':'FIFTH','percent':'20','duration':'forever'}");
	for (int i = 0; i < 2; i++)
		desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','coupon':'FIFTH','start_date':'2012-02-01'}");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'unused_from':'2012-02-01'}");
	desk_do(&desk, "credit_note.create",
	        "{'invoice_id':1,'items':[{'position':1,'amount':'2.22'},{'position':2,'amount':'5.55'}]}");
	desk_read(&desk, read_explanation, &explanation);
	CHECK(explanation && explanation->same);
	desk_close(&desk);
}

TEST(notes_pay_back_what_was_paid_once)
{
	struct desk desk;
	open(&desk, "'policies':{'credit_note':'credit_note/refund'}", "gold", "");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'11'}");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'20','currency':'USD'," CARD ",'auto_pay':1}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 31.00 0.00; 2 settled -11.00 0.00");
	CHECK_EQ_INT(credit(&desk, "'items':[{'position':1,'amount':'15'}]")->refund.minor, 1500);
	const struct credit_note *note = desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}");
	CHECK_EQ_INT(note->total.minor, 1600);
	CHECK_EQ_INT(note->refund.minor, 500);
	CHECK_EQ_INT(note->credit.minor, 1100);
	desk_close(&desk);
}

CHECK_MAIN
