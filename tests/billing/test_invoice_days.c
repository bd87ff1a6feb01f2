/* test_invoice_days.c: every day of a direct subscription is charged once, for what its timeline says: random lives with changes
 * ahead and behind that are taken back, withdrawn invoices, invoicing switched off and clocks that stood still. */
#include "shop.h"

#include "billing/convention.h"
#include "billing/timeline.h"

#define MONTHLY(amount) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, mode, phases) "{'code':'" code "','product':'car','billing_mode':'" mode "','phases':[" phases "]}"
#define ONCE(kind, unit, duration, amount) \
	"{'kind':'" kind "','duration_unit':'" unit "','duration':" duration ",'fixed':[{'currency':'USD','amount':'" amount "'}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}],'plans':[" \
	PLAN("gold", "in_advance", MONTHLY("77.77")) "," PLAN("silver", "in_advance", MONTHLY("31")) "," \
	PLAN("late", "in_arrear", MONTHLY("45.45")) "," PLAN("tried", "in_advance", ONCE("trial", "days", "14", "0") "," MONTHLY("60")) "," \
	PLAN("term", "in_advance", ONCE("fixed_term", "months", "6", "50")) "]}]}"
static const char *const PLANS[] = { "gold", "silver", "late", "tried", "term" };
enum { PLAN_COUNT = sizeof PLANS / sizeof PLANS[0], LIVES = 16, STEPS = 12 };

/* ---- the oracle: what each day was charged, against the timeline ---- */

struct ledger {
	struct invoice_line_list lines; /* of invoices that hold */
	struct billing_event_list events;
	struct date today;
	bool off; /* the subscription is not invoiced for now */
};
enum day_fault { DAY_SOUND, DAY_CHARGED_TWICE, DAY_TAKEN_BACK_TWICE, DAY_NEVER_CHARGED, DAY_NOT_DUE, DAY_OF_ANOTHER_PRICE };
static const char *const FAULTS[] = { "sound", "charged twice", "taken back twice", "never charged", "not due", "of another price" };

static bool holds_day(const struct invoice_line *line, struct date day)
{
	return date_compare(line->period_start, day) <= 0 && date_compare(day, line->period_end) < 0;
}

static int times_taken_back(const struct ledger *ledger, const struct invoice_line *charge, struct date day)
{
	int times = 0;
	for (size_t i = 0; i < ledger->lines.count; i++) {
		const struct invoice_line *line = &ledger->lines.items[i];
		times += line->kind == INVOICE_LINE_KIND_REPAIR && line->linked_invoice_id == charge->invoice_id &&
		         line->linked_position == charge->position && holds_day(line, day);
	}
	return times;
}

/* In arrears a stretch is charged when its period, or itself, has ended. */
static bool is_due_later(const struct ledger *ledger, const struct billing_event *event)
{
	bool last = event + 1 == ledger->events.items + ledger->events.count;
	return event->in_arrear && (last || date_compare(event[1].date, ledger->today) > 0);
}

/* What is charged ahead is for what is in force today. */
static enum day_fault fault_of_day(const struct ledger *ledger, struct date day)
{
	const struct invoice_line *charge = NULL;
	for (size_t i = 0; i < ledger->lines.count; i++) {
		const struct invoice_line *line = &ledger->lines.items[i];
		if (line->kind != INVOICE_LINE_KIND_RECURRING || line->amount.minor == 0 || !holds_day(line, day))
			continue;
		int taken = times_taken_back(ledger, line, day);
		if (taken > 1 || (taken == 0 && charge))
			return taken > 1 ? DAY_TAKEN_BACK_TWICE : DAY_CHARGED_TWICE;
		if (taken == 0)
			charge = line;
	}
	const struct billing_event *event = billing_event_on(&ledger->events, date_min(day, ledger->today));
	struct decimal rate = { 0 };
	bool due = event && event->has_recurring && decimal_multiply(event->recurring, event->quantity, &rate) && decimal_sign(rate) > 0;
	if (!charge)
		return due && date_compare(day, ledger->today) <= 0 && !is_due_later(ledger, event) ? DAY_NEVER_CHARGED : DAY_SOUND;
	if (!due)
		return DAY_NOT_DUE;
	return text_equals(charge->plan, event->plan) && decimal_compare(charge->rate, rate) == 0 ? DAY_SOUND : DAY_OF_ANOTHER_PRICE;
}

static enum day_fault first_fault(const struct ledger *ledger, struct date *day)
{
	struct date last = ledger->today;
	for (size_t i = 0; i < ledger->lines.count; i++)
		last = date_max(last, ledger->lines.items[i].period_end);
	if (ledger->events.count == 0)
		return DAY_SOUND;
	for (*day = ledger->events.items[0].date; date_compare(*day, last) < 0; *day = date_add_days(*day, 1)) {
		enum day_fault fault = fault_of_day(ledger, *day);
		if (fault)
			return fault;
	}
	return DAY_SOUND;
}

static bool read_ledger(struct command *command, void *context)
{
	struct ledger *ledger = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct account *account = account_need(command, 1, "");
	struct subscription *subscription;
	CHECK(account && subscription_find(command, 1, &subscription) && invoice_page(command, &filter, &invoices));
	CHECK(timeline_billing_events(command, account, subscription, DATE_NONE, &ledger->events));
	ledger->today = command_today(command, account);
	ledger->off = subscription_is_uninvoiced(subscription);
	for (size_t i = invoices.count; i-- > 0;) {
		if (invoices.items[i].status == INVOICE_STATUS_CANCELLED)
			continue;
		CHECK(invoice_load_lines(command, &invoices.items[i]));
		for (size_t j = 0; j < invoices.items[i].lines.count; j++)
			*list_add(command->arena, &ledger->lines, struct invoice_line) = invoices.items[i].lines.items[j];
	}
	return true;
}

static struct ledger ledger_of(struct desk *desk)
{
	struct ledger ledger = { .off = false };
	desk_read(desk, read_ledger, &ledger);
	return ledger;
}

static struct text told(struct desk *desk, const struct ledger *ledger)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < ledger->lines.count; i++) {
		const struct invoice_line *line = &ledger->lines.items[i];
		struct text start = date_text(&desk->arena, line->period_start), amount = money_amount_text(&desk->arena, line->amount);
		struct text end = date_present(line->period_end) ? date_text(&desk->arena, line->period_end) : TEXT("-");
		builder_format(&out, "%lld %.*s %.*s %.*s; ", (long long)line->invoice_id, TEXT_ARG(start), TEXT_ARG(end), TEXT_ARG(amount));
	}
	return builder_text(&out);
}

static void check_days(struct desk *desk, const char *step)
{
	struct ledger ledger = ledger_of(desk);
	struct date day;
	enum day_fault fault = ledger.off ? DAY_SOUND : first_fault(&ledger, &day);
	if (fault) {
		struct text at = date_text(&desk->arena, day), today = date_text(&desk->arena, ledger.today), lines = told(desk, &ledger);
		CHECK_FAIL("on %.*s, after %s: %.*s is %s: %.*s", TEXT_ARG(today), step, TEXT_ARG(at), FAULTS[fault], TEXT_ARG(lines));
	}
}

/* ---- random lives ---- */

static struct text date_after(struct desk *desk, int32_t days)
{
	struct date start;
	CHECK(date_make(2012, 1, 1, &start));
	return date_text(&desk->arena, date_add_days(start, days));
}

static void move(struct desk *desk, int32_t *day, int32_t until, bool daily)
{
	while (*day < until) {
		*day = daily ? *day + 1 : until;
		shop_advance(desk, text_format(&desk->arena, "%.*sT00:00:00Z", TEXT_ARG(date_after(desk, *day))).data);
	}
}

static void stand_still(struct desk *desk, int32_t *day, int32_t until)
{
	struct clock_target target = { .jump = true };
	struct text at = text_format(&desk->arena, "%.*sT00:00:00Z", TEXT_ARG(date_after(desk, until)));
	CHECK(instant_parse(at, &target.until));
	problems_init(&desk->problems, &desk->arena);
	CHECK(engine_advance_clock_to(desk->engine, desk->tenant_id, &target, &desk->problems));
	*day = until;
}

struct step {
	const char *command, *input; /* @ a date, ^ a plan, # a number, ~ a day of the month, ? true or false */
};
#define DATE_INPUT "{'id':1,'effective_date':'@'}"
static const struct step STEPS_OF_A_LIFE[] = {
	{ "subscription.change_plan", "{'id':1,'plan':'^','effective_date':'@'}" },
	{ "subscription.change_plan", "{'id':1,'plan':'^','effective_date':'@','billing_alignment':'account'}" },
	{ "subscription.change_plan", "{'id':1,'plan':'^','policy':'end_of_term'}" },
	{ "subscription.undo_change", "{'id':1}" },
	{ "subscription.cancel", DATE_INPUT },
	{ "subscription.uncancel", "{'id':1}" },
	{ "subscription.uncancel", "{'id':1}" },
	{ "subscription.change_quantity", "{'id':1,'quantity':#,'effective_date':'@'}" },
	{ "subscription.change_quantity", "{'id':1,'quantity':#}" },
	{ "subscription_bundle.pause", DATE_INPUT },
	{ "subscription_bundle.resume", DATE_INPUT },
	{ "subscription_bundle.resume", "{'id':1}" },
	{ "subscription.change_bill_cycle_day", "{'id':1,'bill_cycle_day':~}" },
	{ "blocking_state.set", "{'account_id':1,'service':'fraud','state':'x','block_billing':?,'effective_date':'@'}" },
	{ "invoice.cancel", "{'id':#}" },
	{ "subscription.set_invoicing", "{'id':1,'invoicing_off':?}" },
	{ "subscription.migrate", "{'id':1}" },
};

static struct text filled(struct desk *desk, const char *input, uint64_t *state, int32_t day)
{
	const struct text date = date_after(desk, day + (int32_t)check_between(state, -10, 25));
	const char *plan = PLANS[check_between(state, 0, PLAN_COUNT - 1)], *word = check_between(state, 0, 1) ? "true" : "false";
	int number = (int)check_between(state, 1, 3), month_day = (int)check_between(state, 1, 28);
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (const char *at = input; *at; at++)
		switch (*at) {
		case '@': builder_format(&out, "%.*s", TEXT_ARG(date)); break;
		case '^': builder_format(&out, "%s", plan); break;
		case '#': builder_format(&out, "%d", number); break;
		case '~': builder_format(&out, "%d", month_day); break;
		case '?': builder_format(&out, "%s", word); break;
		default: builder_format(&out, "%c", *at); break;
		}
	return builder_text(&out);
}

/* Refusals are part of life. */
static void do_step(struct desk *desk, const struct step *step, uint64_t *state, int32_t day)
{
	struct text input = filled(desk, step->input, state, day);
	void *output;
	desk_try_text(desk, step->command, desk_json(desk, input.data), &output);
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	check_days(desk, text_format(&desk->arena, "%s %.*s", step->command, TEXT_ARG(input)).data);
}

/* What is left of arrears is charged at the end. */
static void end_life(struct desk *desk)
{
	void *output;
	desk_try_text(desk, "subscription.set_invoicing", desk_json(desk, "{'id':1,'invoicing_off':false}"), &output);
	desk_try_text(desk, "subscription.cancel", desk_json(desk, "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}"), &output);
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	check_days(desk, "its end");
	struct ledger once = ledger_of(desk);
	desk_try_text(desk, "invoice.run", desk_json(desk, "{'account_id':1}"), &output);
	struct ledger twice = ledger_of(desk);
	CHECK_EQ_TEXT(told(desk, &twice), told(desk, &once).data); /* a second run adds nothing */
}

static char *live(uint64_t state, const char *convention, bool daily)
{
	struct desk desk;
	int32_t day = 0;
	shop_open_empty(&desk, "", false);
	desk_deploy_catalog(&desk, CATALOG);
	move(&desk, &day, (int32_t)check_between(&state, 1, 60), false);
	desk_do(&desk, "account.create", text_format(&desk.arena, "{'name':'Ann','bill_cycle_day':%d,'convention':'%s'}",
	                                             (int)check_between(&state, 1, 31), convention).data);
	desk_do(&desk, "subscription.subscribe", text_format(&desk.arena, "{'account_id':1,'plan':'%s'}",
	                                                     PLANS[check_between(&state, 0, PLAN_COUNT - 1)]).data);
	for (int i = 0; i < STEPS; i++) {
		int32_t until = day + (int32_t)(check_between(&state, 0, 2) ? check_between(&state, 0, 12) : check_between(&state, 0, 50));
		if (check_between(&state, 0, 4) == 0)
			stand_still(&desk, &day, until);
		else
			move(&desk, &day, until, daily);
		size_t step = (size_t)check_between(&state, 0, (int64_t)(sizeof STEPS_OF_A_LIFE / sizeof STEPS_OF_A_LIFE[0]) - 1);
		do_step(&desk, &STEPS_OF_A_LIFE[step], &state, day);
	}
	end_life(&desk);
	struct ledger ledger = ledger_of(&desk);
	char *kept = strdup(told(&desk, &ledger).data);
	CHECK(kept != NULL);
	desk_close(&desk);
	return kept;
}

TEST(every_day_is_charged_once_at_the_timelines_price_whatever_is_taken_back_and_a_jump_is_the_days_one_by_one)
{
	uint64_t state = check_seed();
	for (int life = 0; life < LIVES / CHECK_SLOWNESS + 1; life++) {
		uint64_t seed = state + (uint64_t)life * 7919;
		const char *convention = life % 2 ? convention_names[(size_t)(life / 2) % convention_count] : "killbill";
		check_note("life %d, %s", life, convention);
		char *daily = live(seed, convention, true), *jump = live(seed, convention, false);
		CHECK_EQ_C(jump, daily);
		free(daily);
		free(jump);
	}
}

/* ---- the control ---- */

static struct date fault_at(const struct ledger *ledger, enum day_fault expected)
{
	struct date day = DATE_NONE;
	CHECK_EQ_C(FAULTS[first_fault(ledger, &day)], FAULTS[expected]);
	return day;
}

TEST(the_oracle_tells_a_day_that_is_charged_twice_never_or_at_another_price)
{
	struct desk desk;
	int32_t day = 0;
	shop_open_empty(&desk, "", false);
	desk_deploy_catalog(&desk, CATALOG);
	move(&desk, &day, 10, false);
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':11}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold'}");
	move(&desk, &day, 60, false);
	struct ledger ledger = ledger_of(&desk);
	fault_at(&ledger, DAY_SOUND);
	CHECK_EQ_INT(ledger.lines.count, 2);
	struct invoice_line second = ledger.lines.items[1];
	ledger.lines.items[1].period_start = date_add_days(second.period_start, -1);
	CHECK_EQ_INT(fault_at(&ledger, DAY_CHARGED_TWICE).day, second.period_start.day - 1);
	ledger.lines.items[1].period_start = date_add_days(second.period_start, 1);
	CHECK_EQ_INT(fault_at(&ledger, DAY_NEVER_CHARGED).day, second.period_start.day);
	ledger.lines.items[1] = second;
	ledger.lines.items[1].rate = decimal_from_int64(1);
	CHECK_EQ_INT(fault_at(&ledger, DAY_OF_ANOTHER_PRICE).day, second.period_start.day);
	desk_close(&desk);
}

CHECK_MAIN
