/* test_convention_run.c: what a run bills under each convention is what its grid and policies say, for random lives: cycles and
 * parts of them, days and seconds, changes of plan now, ahead and behind; and who chooses the convention. */
#include "shop.h"

#include "billing/convention.h"
#include "billing/explain.h"
#include "billing/invoice_calculate.h"
#include "billing/proration.h"
#include "billing/timeline.h"

#define PHASE(amount, period) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, mode, amount, period) \
	"{'code':'" code "','product':'car','billing_mode':'" mode "','phases':[" PHASE(amount, period) "]}"
#define PLANS_OF(period) PLAN(period "-small", "in_advance", "10", period) "," PLAN(period "-large", "in_advance", "33.33", period) "," \
	PLAN(period "-late", "in_arrear", "31", period)
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLANS_OF("weekly") "," PLANS_OF("monthly") "," PLANS_OF("quarterly") "," PLANS_OF("annual") "," \
	"{'code':'named','product':'car','convention':'stripe','phases':[" PHASE("10", "monthly") "]}]}]}"

/* ---- one life: a start, perhaps a change, an end of looking ---- */

struct life {
	const struct convention *convention;
	const char *zone, *period, *plan, *next_plan;
	enum billing_period billing_period;
	int day; /* the account's bill cycle day */
	struct instant start, change, until; /* change none: none */
	bool cancels;      /* the change is the end, told when it comes */
	int32_t told_days; /* the change is told so many days after it takes effect; below 0: before */
};

static const struct timezone_rules *zone_of(const struct life *life)
{
	return timezone_find(text_of(life->zone));
}

static struct date date_of(const struct life *life, struct instant at)
{
	return timezone_date(zone_of(life), at);
}

static struct text at_text(struct desk *desk, struct instant at)
{
	return instant_text(&desk->arena, at);
}

static void open_tenant(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
}

static void advance(struct desk *desk, struct instant until)
{
	problems_init(&desk->problems, &desk->arena);
	if (!engine_advance_clock(desk->engine, desk->tenant_id, until, &desk->problems)) {
		desk_show(desk);
		CHECK_FAIL("the clock did not move");
	}
}

/* To the moment, day by day or at once; `*now` is where the clock stands. */
static void move(struct desk *desk, struct instant *now, struct instant until, bool daily)
{
	const int64_t day_us = 86400 * (int64_t)US_PER_S;
	while (daily && now->us + day_us < until.us) {
		now->us += day_us;
		advance(desk, *now);
	}
	if (until.us > now->us) {
		*now = until;
		advance(desk, until);
	}
}

static void change_plan(struct desk *desk, const struct life *life)
{
	const char *at = text_c(&desk->arena, at_text(desk, life->change));
	if (life->cancels)
		desk_do(desk, "subscription.cancel", text_format(&desk->arena, "{'id':1,'effective_at':'%s'}", at).data);
	else
		desk_do(desk, "subscription.change_plan",
		        text_format(&desk->arena, "{'id':1,'plan':'%s','effective_at':'%s'}", life->next_plan, at).data);
}

static struct instant told_at(const struct life *life)
{
	struct instant told = { life->change.us + life->told_days * 86400 * (int64_t)US_PER_S };
	if (told.us < life->start.us)
		told = life->start;
	return told.us > life->until.us ? life->until : told;
}

/* Subscribed with a convention of its own. */
static void live(struct desk *desk, const struct life *life, bool daily)
{
	struct instant now = life->start;
	open_tenant(desk, "");
	advance(desk, now);
	desk_do(desk, "account.create",
	        text_format(&desk->arena, "{'name':'Ann','bill_cycle_day':%d,'time_zone':'%s'}", life->day, life->zone).data);
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','convention':'%s'}", life->plan, life->convention->name).data);
	if (life->change.us) {
		move(desk, &now, told_at(life), daily);
		change_plan(desk, life);
	}
	move(desk, &now, life->until, daily);
}

/* ---- what was billed ---- */

struct told {
	struct desk *desk;
	struct text_builder lines;
	int64_t minor;
	struct date charged_through, next_bill_date;
	const char *convention; /* of each line */
	const char *by;
	size_t count;
};

static void tell_line(struct told *told, const struct invoice_line *line)
{
	struct arena *arena = &told->desk->arena;
	struct text from = date_text(arena, line->period_start), to = date_text(arena, line->period_end),
	            amount = money_amount_text(arena, line->amount);
	builder_format(&told->lines, "%s%.*s %.*s %.*s", told->lines.length ? "; " : "", TEXT_ARG(from), TEXT_ARG(to),
	               TEXT_ARG(amount));
	told->minor += line->amount.minor;
	told->count++;
	told->convention = text_c(arena, line->convention);
	told->by = invoice_line_record.fields[INVOICE_LINE_FIELD_CONVENTION_BY].words[line->convention_by];
}

/* Each line's amount comes about again, and says by which convention. */
static void check_explained(struct command *command, const struct invoice *invoice)
{
	struct explanation *explanation;
	CHECK(explain_invoice(command, invoice->id, EXPLAIN_ALL, &explanation) && explanation);
	for (size_t i = 0; i < explanation->explained.count; i++) {
		const struct explanation_line *line = &explanation->explained.items[i];
		for (size_t j = 0; j < line->steps.count; j++)
			if (!line->steps.items[j].same)
				CHECK_FAIL("%.*s: %.*s", TEXT_ARG(line->steps.items[j].text), TEXT_ARG(line->steps.items[j].note));
		CHECK(line->same && (text_is(line->kind, "tax") || (convention_find(line->convention) && text_present(line->counted))));
	}
}

static bool tell_billed(struct command *command, void *context)
{
	struct told *told = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct subscription *subscription;
	CHECK(invoice_page(command, &filter, &invoices) && subscription_find(command, 1, &subscription) && subscription);
	for (size_t i = invoices.count; i-- > 0;) {
		CHECK(invoice_load_lines(command, &invoices.items[i]));
		for (size_t j = 0; j < invoices.items[i].lines.count; j++)
			tell_line(told, &invoices.items[i].lines.items[j]);
		check_explained(command, &invoices.items[i]);
	}
	told->charged_through = subscription->charged_through;
	told->next_bill_date = subscription->next_bill_date;
	return true;
}

static struct told billed(struct desk *desk)
{
	struct told told = { .desk = desk };
	builder_init(&told.lines, &desk->arena, 0);
	desk_read(desk, tell_billed, &told);
	return told;
}

/* Neither a second run adds anything nor one that forgets its marks and looks at everything again. */
static void check_settled(struct desk *desk, struct told *before)
{
	void *output;
	struct text lines = builder_text(&before->lines);
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	struct told again = billed(desk);
	CHECK_EQ_TEXT(builder_text(&again.lines), text_c(&desk->arena, lines));
	desk_do(desk, "fixture.set", "{'states':[{'object':'subscription','id':1,'values':{'derive_from':'2000-01-01'}}]}");
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	again = billed(desk);
	CHECK_EQ_TEXT(builder_text(&again.lines), text_c(&desk->arena, lines));
}

/* ---- what the convention says, of nothing but the dates ---- */

static struct exact_money usd(const char *amount)
{
	struct exact_money exact = { .currency = currency_find(TEXT("USD")) };
	CHECK(fraction_parse(text_of(amount), &exact.amount));
	return exact;
}

static struct rule_result decide(struct desk *desk, const struct convention *convention, enum policy policy, void *input)
{
	struct rule_result result = { .rule = NULL };
	struct rule_call call = {
		.bundle = rule_bundle_shipped(), .arena = &desk->arena, .problems = &desk->problems,
		.record = policy_info(policy)->input, .subject = input,
	};
	for (size_t i = 0; i < convention->choice_count; i++)
		if (text_is(convention->choices[i].policy, policy_info(policy)->name))
			CHECK(rule_decide(&call, policy, &convention->choices[i].rule, 1, &result));
	CHECK(result.rule);
	return result;
}

static int64_t rounded(struct desk *desk, const struct convention *convention, struct exact_money exact)
{
	struct rounding_request request = { .currency = exact.currency };
	struct rule_result rounding = decide(desk, convention, POLICY_ROUNDING, &request);
	struct money money;
	CHECK(invoice_round_exact(rounding.record, exact, &money));
	return money.minor;
}

/* A stretch of one price: cycles are counted from `counted`. */
struct stretch {
	const struct life *life;
	const char *price;
	struct instant start, end, counted; /* end none: open */
};

static struct billing_grid grid_of(const struct stretch *stretch)
{
	const struct convention *convention = stretch->life->convention;
	struct convention_cycles cycles = {
		.anchor = convention->anchor,
		.bill_cycle_day = convention_takes_day(convention) ? stretch->life->day : 0,
		.from = date_of(stretch->life, stretch->counted),
	};
	return convention_grid(&cycles, stretch->life->billing_period);
}

/* Where seconds are counted a cycle begins at the time of day at which they are counted from. */
static struct instant cycle_moment(const struct stretch *stretch, struct date date)
{
	const struct timezone_rules *zone = zone_of(stretch->life);
	return timezone_instant(zone, date, timezone_time_of_day_us(zone, stretch->counted));
}

struct share {
	struct period part, whole;
	struct instant from, to, start, end;
};

static int64_t share_minor(struct desk *desk, const struct stretch *stretch, struct exact_money price,
                           enum proration_change_reason reason, const struct share *share)
{
	const struct convention *convention = stretch->life->convention;
	struct proration_change change = proration_change_of(price, reason, share->whole, share->part);
	if (convention->unit == CONVENTION_UNIT_SECOND)
		proration_change_time(&change, share->start, share->end, share->from, share->to);
	struct rule_result result = decide(desk, convention, POLICY_PRORATION, &change);
	return rounded(desk, convention, result.exact);
}

/* One cycle, as far as the stretch lies in it. */
static int64_t cycle_minor(struct desk *desk, const struct stretch *stretch, struct period whole)
{
	struct date start = date_of(stretch->life, stretch->start);
	struct period part = whole;
	struct share share = { .start = cycle_moment(stretch, whole.start), .end = cycle_moment(stretch, whole.end) };
	share.from = share.start;
	share.to = share.end;
	if (date_compare(start, whole.start) > 0) {
		part.start = start;
		share.from = stretch->start;
	}
	if (stretch->end.us && date_compare(date_of(stretch->life, stretch->end), whole.end) < 0) {
		part.end = date_of(stretch->life, stretch->end);
		share.to = stretch->end;
	}
	if (date_compare(part.start, part.end) >= 0)
		return 0;
	share.part = part;
	share.whole = whole;
	if (period_days(part) == period_days(whole))
		return rounded(desk, stretch->life->convention, usd(stretch->price));
	return share_minor(desk, stretch, usd(stretch->price), PRORATION_CHANGE_REASON_CHANGE, &share);
}

/* Everything of a stretch whose cycle has begun. */
static int64_t stretch_minor(struct desk *desk, const struct stretch *stretch)
{
	struct billing_grid grid = grid_of(stretch);
	struct date until = date_of(stretch->life, stretch->life->until);
	int64_t minor = 0;
	struct period cycle = billing_cycle_containing(&grid, date_of(stretch->life, stretch->start));
	for (; date_compare(cycle.start, until) <= 0; cycle = billing_cycle_containing(&grid, cycle.end))
		if (!stretch->end.us || date_compare(cycle.start, date_of(stretch->life, stretch->end)) < 0)
			minor += cycle_minor(desk, stretch, cycle);
	return minor;
}

/* ---- random lives ---- */

static const char *const ZONES[] = { "UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata" };
static const char *const PERIODS[] = { "weekly", "monthly", "quarterly", "annual" };
static const char *const PRICES[] = { "10", "33.33" };

static struct instant random_moment(uint64_t *state, const struct life *life, int32_t first_day, int32_t days, bool midnight)
{
	struct date first;
	CHECK(date_make(2023, 1, 1, &first));
	struct date date = date_add_days(first, first_day + (int32_t)check_between(state, 0, days));
	int64_t time_us = midnight ? 0 : check_between(state, 6, 20) * 3600 * (int64_t)US_PER_S;
	return timezone_instant(zone_of(life), date, time_us);
}

/* Conventions that count anew with each change are killbill's own matter: its cases have them. */
static void random_life(struct desk *desk, uint64_t *state, struct life *life)
{
	int period = (int)check_between(state, 0, 3);
	*life = (struct life){
		.convention = &conventions[check_between(state, 1, (int64_t)convention_count - 1)],
		.zone = ZONES[check_between(state, 0, 3)],
		.period = PERIODS[period],
		.day = (int)check_between(state, 1, 31),
	};
	CHECK(billing_period_parse(text_of(life->period), &life->billing_period));
	life->plan = text_format(&desk->arena, "%s-small", life->period).data;
	life->next_plan = text_format(&desk->arena, "%s-large", life->period).data;
	life->start = random_moment(state, life, 0, 800, check_between(state, 0, 1));
}

static void note(const struct life *life, struct desk *desk)
{
	struct text start = at_text(desk, life->start), change = at_text(desk, life->change), until = at_text(desk, life->until);
	check_note("%s, %s, day %d, %s, from %.*s, change %.*s told %d, until %.*s", life->convention->name, life->period,
	           life->day, life->zone, TEXT_ARG(start), TEXT_ARG(change), (int)life->told_days, TEXT_ARG(until));
}

enum { LIVES = 40 };

/* In advance: the cycle that has begun is charged, and the next run is due where it ends. */
static void check_marks(const struct life *life, const struct told *told)
{
	struct stretch whole = { life, NULL, life->start, { 0 }, life->start };
	struct billing_grid grid = grid_of(&whole);
	struct date end = billing_cycle_containing(&grid, date_of(life, life->until)).end;
	if (life->cancels) {
		CHECK(!date_present(told->next_bill_date));
		return;
	}
	CHECK_EQ_INT(told->charged_through.day, end.day);
	CHECK_EQ_INT(told->next_bill_date.day, end.day);
}

static void check_life(struct desk *notes, const struct life *life)
{
	struct desk jump, daily;
	struct instant none = { 0 };
	note(life, notes);
	live(&jump, life, false);
	live(&daily, life, true);
	struct told at_once = billed(&jump), by_day = billed(&daily);
	CHECK_EQ_TEXT(builder_text(&at_once.lines), text_c(&daily.arena, builder_text(&by_day.lines)));
	check_settled(&jump, &at_once);
	struct stretch old = { life, PRICES[0], life->start, life->change, life->start },
	               new = { life, PRICES[1], life->change, none, life->start };
	bool changes = life->change.us && !life->cancels;
	int64_t expected = stretch_minor(&jump, &old) + (changes ? stretch_minor(&jump, &new) : 0);
	check_marks(life, &at_once);
	CHECK_EQ_C(at_once.convention, life->convention->name);
	CHECK_EQ_C(at_once.by, "subscription");
	/* What is given back is rounded apart from what was charged: a cent more or less for each change. */
	int64_t off = at_once.minor - expected;
	if (off < -1 || off > 1 || (off && !life->change.us))
		CHECK_FAIL("%.*s: %lld, not %lld", TEXT_ARG(builder_text(&at_once.lines)), (long long)at_once.minor,
		           (long long)expected);
	desk_close(&jump);
	desk_close(&daily);
}

TEST(a_run_bills_the_cycles_and_parts_that_the_convention_says)
{
	uint64_t state = check_seed();
	struct desk notes = { 0 };
	CHECK(arena_init(&notes.arena, DESK_ARENA_BYTES));
	for (int i = 0; i < LIVES; i++) {
		struct life life;
		random_life(&notes, &state, &life);
		life.until = (struct instant){ life.start.us + check_between(&state, 0, 200) * 86400 * (int64_t)US_PER_S };
		check_life(&notes, &life);
	}
	arena_finish(&notes.arena);
}

TEST(a_change_of_plan_keeps_the_cycles_however_late_it_is_told)
{
	uint64_t state = check_seed() + 1;
	struct desk notes = { 0 };
	CHECK(arena_init(&notes.arena, DESK_ARENA_BYTES));
	for (int i = 0; i < LIVES; i++) {
		struct life life;
		random_life(&notes, &state, &life);
		const int64_t day_us = 86400 * (int64_t)US_PER_S;
		life.change = (struct instant){ life.start.us + check_between(&state, 1, 90) * day_us +
			                        check_between(&state, 0, 5) * 3600 * (int64_t)US_PER_S };
		life.told_days = (int32_t)check_between(&state, -40, 40);
		life.cancels = check_between(&state, 0, 3) == 0;
		life.until = (struct instant){ life.change.us + check_between(&state, 40, 120) * day_us };
		check_life(&notes, &life);
	}
	arena_finish(&notes.arena);
}

TEST(cycles_of_another_convention_would_be_found_out)
{
	struct desk desk;
	const struct convention *billed_by = convention_find(TEXT("maxio"));
	struct life life = { .convention = billed_by, .zone = "UTC", .period = "monthly", .plan = "monthly-small", .day = 31,
		             .billing_period = BILLING_PERIOD_MONTHLY };
	CHECK(instant_parse(TEXT("2023-10-31T00:00:00Z"), &life.start) && instant_parse(TEXT("2024-03-30T00:00:00Z"), &life.until));
	live(&desk, &life, false);
	struct told told = billed(&desk);
	for (size_t i = 1; i < convention_count; i++) {
		life.convention = &conventions[i];
		struct stretch all = { &life, PRICES[0], life.start, { 0 }, life.start };
		CHECK((stretch_minor(&desk, &all) == told.minor) == (&conventions[i] == billed_by));
	}
	desk_close(&desk);
}

/* ---- examples ---- */

static void open_at(struct desk *desk, const char *settings, const char *now)
{
	open_tenant(desk, settings);
	shop_advance(desk, now);
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

static struct text lines_of(struct desk *desk)
{
	struct told told = billed(desk);
	return builder_text(&told.lines);
}

TEST(maxio_bills_from_a_months_end_that_was_met)
{
	struct desk desk;
	open_at(&desk, "'billing':{'convention':'maxio'}", "2023-10-31T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-03-28T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2023-10-31 2023-11-30 10.00; 2023-11-30 2023-12-30 10.00; 2023-12-30 2024-01-30 10.00; "
	                               "2024-01-30 2024-02-29 10.00; 2024-02-29 2024-03-29 10.00");
	desk_close(&desk);
}

TEST(stripe_gives_back_the_seconds_from_the_moment_of_a_cancellation)
{
	struct desk desk; /* 15.5 of 31 days are unused */
	open_at(&desk, "", "2024-01-31T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named'}");
	shop_advance(&desk, "2024-03-15T12:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-31 2024-02-29 10.00; 2024-02-29 2024-03-31 10.00; 2024-03-15 2024-03-31 -5.00");
	desk_close(&desk);
}

TEST(stripe_counts_from_the_moment_of_the_start)
{
	struct desk desk; /* begun at noon, left at noon of the 15th day of 31 */
	open_at(&desk, "", "2024-03-01T12:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named'}");
	shop_advance(&desk, "2024-03-17T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-03-01 2024-04-01 10.00; 2024-03-17 2024-04-01 -5.00");
	desk_close(&desk);
}

TEST(lago_bills_the_calendars_quarters_and_weeks)
{
	struct desk desk; /* 47 of 91 days; 3 of 7 */
	open_at(&desk, "'billing':{'convention':'lago'}", "2024-02-14T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'quarterly-small'}");
	shop_advance(&desk, "2024-02-16T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'weekly-small'}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-02-14 2024-04-01 5.16; 2024-02-16 2024-02-19 4.29");
	desk_close(&desk);
}

TEST(cycles_are_counted_from_the_end_of_a_trial)
{
	struct desk desk;
	open_at(&desk, "", "2024-01-17T00:00:00Z");
	desk_do(&desk, "catalog.add_plan",
	        "{'code':'tried','product':'car','amount':'10','billing_period':'monthly','trial_unit':'days','trial_duration':14,"
	        "'convention':'stripe'}");
	CHECK_EQ_C(desk_refused(&desk, "catalog.add_plan",
	                        "{'code':'x','product':'car','amount':'10','billing_period':'monthly','convention':'strip'}")
	                   ->pointer,
	           "/convention");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'tried'}");
	shop_advance(&desk, "2024-03-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-17 2024-01-31 0.00; 2024-01-31 2024-02-29 10.00; 2024-02-29 2024-03-31 10.00");
	desk_close(&desk);
}

TEST(a_pause_keeps_the_cycles_and_gives_back_its_time)
{
	struct desk desk; /* 21 of 31 days; then 14 of 29 */
	open_at(&desk, "'billing':{'convention':'stripe'}", "2024-01-10T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-01-20T00:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	shop_advance(&desk, "2024-02-25T00:00:00Z");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1}");
	shop_advance(&desk, "2024-03-10T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-10 2024-02-10 10.00; 2024-01-20 2024-02-10 -6.77; 2024-02-25 2024-03-10 4.83; "
	                               "2024-03-10 2024-04-10 10.00");
	desk_close(&desk);
}

TEST(a_bill_cycle_day_that_is_asked_for_takes_the_place_of_the_conventions)
{
	struct desk desk; /* 5 of 31 days before the 15th */
	open_at(&desk, "'billing':{'convention':'stripe'}", "2024-01-10T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small','bill_cycle_day':15}");
	shop_advance(&desk, "2024-01-16T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-10 2024-01-15 1.61; 2024-01-15 2024-02-15 10.00");
	desk_do(&desk, "subscription.subscribe",
	        "{'account_id':1,'plan':'monthly-large','convention':'lago','bill_cycle_day':20}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-10 2024-01-15 1.61; 2024-01-15 2024-02-15 10.00; 2024-01-16 2024-01-20 4.30");
	desk_do(&desk, "account.change_bill_cycle_day", "{'id':1,'bill_cycle_day':7}");
	desk_do(&desk, "subscription.change_bill_cycle_day", "{'id':1,'bill_cycle_day':1}");
	shop_advance(&desk, "2024-02-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-10 2024-01-15 1.61; 2024-01-15 2024-02-15 10.00; 2024-01-16 2024-01-20 4.30; "
	                               "2024-01-20 2024-02-20 33.33; 2024-02-15 2024-03-01 5.17");
	desk_close(&desk);
}

TEST(a_plan_of_another_period_is_counted_from_its_change)
{
	struct desk desk; /* 21 of 31 days given back */
	open_at(&desk, "'billing':{'convention':'stripe'}", "2024-01-31T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-03-10T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'quarterly-small','policy':'immediate'}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-31 2024-02-29 10.00; 2024-02-29 2024-03-31 10.00; 2024-03-10 2024-06-10 10.00; "
	                               "2024-03-10 2024-03-31 -6.77");
	desk_close(&desk);
}

TEST(what_is_billed_in_arrears_follows_the_convention)
{
	struct desk desk; /* the end of January is 17 of 31 days */
	open_at(&desk, "'billing':{'convention':'lago'}", "2024-01-15T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-late'}");
	shop_advance(&desk, "2024-03-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-15 2024-02-01 17.00; 2024-02-01 2024-03-01 31.00");
	desk_close(&desk);
}

TEST(a_change_from_the_start_of_its_term_begins_with_the_cycle)
{
	struct desk desk;
	open_at(&desk, "'billing':{'convention':'maxio'}", "2024-01-31T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-04-10T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-large','policy':'start_of_term'}");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-01-31 2024-02-29 10.00; 2024-02-29 2024-03-29 10.00; 2024-03-29 2024-04-29 10.00; "
	                               "2024-03-29 2024-04-29 33.33; 2024-03-29 2024-04-29 -10.00");
	desk_close(&desk);
}

TEST(each_line_is_rounded_and_taxed_as_its_own_convention_says)
{
	struct desk desk; /* each 8.77 with a tax of 0.877; two of lago's are 1.754 in all */
	open_at(&desk, "'tax':{'percent':'10'}", "2024-02-01T00:00:00Z");
	desk_do(&desk, "catalog.add_plan", "{'code':'p','product':'car','amount':'8.77','billing_period':'monthly','convention':'lago'}");
	desk_do(&desk, "catalog.add_plan", "{'code':'q','product':'car','amount':'8.77','billing_period':'monthly'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'p'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'q'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'p'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total", "rounding"), "28.94 as each line says");
	CHECK_EQ_TEXT(lines_of(&desk), "2024-02-01 2024-03-01 8.77; 2024-02-01 2024-03-01 8.77; 2024-02-01 2024-03-01 8.77; "
	                               "2024-02-01 2024-03-01 0.88; 2024-02-01 2024-03-01 0.88; 2024-02-01 2024-03-01 0.87");
	desk_close(&desk);
}

/* ---- who chooses ---- */

struct chosen {
	struct desk *desk;
	int64_t id;
	struct text_builder out;
};

static bool tell_timeline(struct command *command, void *context)
{
	struct chosen *chosen = context;
	struct subscription *subscription;
	struct subscription_timeline *shown;
	CHECK(subscription_find(command, chosen->id, &subscription) && timeline_show(command, subscription, &shown));
	for (size_t i = 0; i < shown->items.count; i++)
		builder_format(&chosen->out, "%s%.*s by %s", i ? ", " : "", TEXT_ARG(shown->items.items[i].convention),
		               timeline_entry_record.fields[TIMELINE_ENTRY_FIELD_CONVENTION_BY]
		                       .words[shown->items.items[i].convention_by]);
	return true;
}

/* "stripe by plan", for each stretch. */
static struct text chosen_of(struct desk *desk, int64_t id)
{
	struct chosen chosen = { .desk = desk, .id = id };
	builder_init(&chosen.out, &desk->arena, 0);
	desk_read(desk, tell_timeline, &chosen);
	return builder_text(&chosen.out);
}

TEST(subscription_plan_account_and_tenant_choose_in_this_order)
{
	struct desk desk;
	open_at(&desk, "", "2024-01-15T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 1), "killbill by default");
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'convention':'lago'}}}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 2), "lago by tenant");
	desk_do(&desk, "account.update", "{'id':1,'convention':'meteroid'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 3), "meteroid by account");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 4), "stripe by plan");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named','convention':'blubilling'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 5), "blubilling by subscription");
	/* What was chosen stays until a plan is changed; what was asked for stays then as well. */
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-large','effective_date':'2024-02-01'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 1), "killbill by default, meteroid by account");
	desk_do(&desk, "subscription.change_plan", "{'id':5,'plan':'monthly-large','effective_date':'2024-02-01'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 5), "blubilling by subscription, blubilling by subscription");
	desk_do(&desk, "subscription.change_plan", "{'id':5,'plan':'monthly-small','convention':null,'effective_date':'2024-03-01'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 5), "blubilling by subscription, meteroid by account");
	desk_do(&desk, "subscription.change_plan", "{'id':4,'plan':'monthly-large','convention':'maxio','policy':'immediate'}");
	desk_close(&desk);
}

TEST(null_takes_an_accounts_convention_away_and_an_absent_one_leaves_it)
{
	struct desk desk;
	open_at(&desk, "'billing':{'convention':'lago'}", "2024-01-15T00:00:00Z");
	desk_do(&desk, "account.update", "{'id':1,'convention':'stripe'}");
	desk_do(&desk, "account.update", "{'id':1,'notes':'later'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 1), "stripe by account");
	const struct account *account = desk_do(&desk, "account.update", "{'id':1,'convention':null}");
	CHECK(!text_present(account->convention));
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 2), "lago by tenant");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-large','effective_date':'2024-02-01'}");
	CHECK_EQ_TEXT(chosen_of(&desk, 1), "stripe by account, lago by tenant");
	desk_close(&desk);
}

TEST(a_convention_that_there_is_not_is_refused_where_it_is_named)
{
	struct desk desk;
	open_at(&desk, "", "2024-01-15T00:00:00Z");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named','convention':'maximo'}",
	              PROBLEM_UNKNOWN_CONVENTION, "/convention");
	CHECK_REFUSED(&desk, "account.update", "{'id':1,'convention':'kilbill'}", PROBLEM_UNKNOWN_CONVENTION, "/convention");
	CHECK_REFUSED(&desk, "account.create", "{'name':'Bob','convention':'x'}", PROBLEM_UNKNOWN_CONVENTION, "/convention");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'named'}");
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-small','convention':'lego'}",
	              PROBLEM_UNKNOWN_CONVENTION, "/convention");
	desk_close(&desk);
}

TEST(what_account_or_tenant_say_later_touches_nothing_that_was_billed)
{
	struct desk desk;
	open_at(&desk, "'billing':{'convention':'lago'}", "2024-01-15T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-02-10T00:00:00Z");
	struct told before = billed(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'convention':'stripe'}}}");
	desk_do(&desk, "account.update", "{'id':1,'convention':'maxio'}");
	check_settled(&desk, &before);
	CHECK_EQ_C(billed(&desk).convention, "lago");
	CHECK_EQ_C(billed(&desk).by, "tenant");
	desk_close(&desk);
}

static bool check_conventions(struct command *command, void *context)
{
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	const char *name = context;
	CHECK(invoice_page(command, &filter, &invoices));
	for (size_t i = 0; i < invoices.count; i++) {
		CHECK(invoice_load_lines(command, &invoices.items[i]));
		for (size_t j = 0; j < invoices.items[i].lines.count; j++)
			CHECK_EQ_TEXT(invoices.items[i].lines.items[j].convention, name);
		check_explained(command, &invoices.items[i]);
	}
	return true;
}

/* The days from the 11th to the 21st are given back as they were charged, when no event of that plan is left. */
TEST(a_repair_counts_as_the_line_did_that_it_takes_from)
{
	struct desk desk;
	open_at(&desk, "", "2024-01-01T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small','convention':'stripe'}");
	shop_advance(&desk, "2024-01-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-large','effective_at':'2024-01-11T00:00:00Z'}");
	shop_advance(&desk, "2024-01-21T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'monthly-small','effective_at':'2024-01-21T00:00:00Z'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'effective_at':'2024-01-01T00:00:00Z'}");
	desk_read(&desk, check_conventions, (void *)(uintptr_t)"stripe");
	CHECK_EQ_INT(billed(&desk).minor, 0);
	desk_close(&desk);
}

TEST(a_convention_goes_with_its_bundle_to_another_account_unless_an_account_chose_it)
{
	struct desk desk;
	open_at(&desk, "", "2024-01-15T00:00:00Z");
	desk_do(&desk, "account.create", "{'name':'Bob','convention':'lago'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small','convention':'stripe'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'monthly-small'}");
	shop_advance(&desk, "2024-01-20T00:00:00Z");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2}");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':2,'account_id':2}");
	CHECK_EQ_TEXT(chosen_of(&desk, 3), "stripe by subscription");
	CHECK_EQ_TEXT(chosen_of(&desk, 4), "lago by account");
	desk_close(&desk);
}

CHECK_MAIN
