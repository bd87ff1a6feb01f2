/* test_invoice_run.c: invoices of direct subscriptions: what is merged, credited, adjusted, drafted and previewed; and random
 * lives of an account, in which nothing is billed twice and the way the clock goes makes no difference. */
#include "shop.h"

#include "billing/convention.h"
#include "billing/invoice_run.h"
#include "store/sqlite.h"

#define PHASE(amount, period) \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'" period "'," \
	"'recurring':[{'currency':'USD','amount':'" amount "'}]}"
#define PLAN(code, product, mode, amount, period) \
	"{'code':'" code "','product':'" product "','billing_mode':'" mode "','phases':[" PHASE(amount, period) "]}"
#define SHOTS \
	"{'code':'shots','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'10'}],'usages':[{'name':'shots','kind':'consumable'," \
	"'billing_period':'monthly','tiers':[{'blocks':[{'unit':'shot','size':'1','prices':[{'currency':'USD','amount':'1'}]}]}]}]}]}"
#define TERM \
	"{'code':'term','product':'car','phases':[{'kind':'fixed_term','duration_unit':'months','duration':6," \
	"'fixed':[{'currency':'USD','amount':'50'}]}]}"
#define CATALOG \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[" PLAN("gold", "car", "in_advance", "10", "monthly") "," PLAN("free", "car", "in_advance", "0", "monthly") "," PLAN("dear", "car", "in_advance", "1000000000", "monthly") "," SHOTS "," PLAN("silver", "car", "in_advance", "20", "monthly") "," \
	TERM "," PLAN("year", "car", "in_advance", "100", "annual") "," PLAN("late", "car", "in_arrear", "31", "monthly") "]}]}"

/* An account with id 1 on 1 January 2012, bill cycle day 1. */
static void run_open(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, "2012-01-01T00:00:00Z");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
}

static void subscribe(struct desk *desk, const char *plan)
{
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'%s','billing_alignment':'account'}", plan).data);
}

struct story_text {
	struct desk *desk;
	struct text text;
};

static bool tell_invoices(struct command *command, void *context)
{
	struct story_text *story = context;
	struct object_filter filter = { .account_id = 1, .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct text_builder out;
	CHECK(invoice_page(command, &filter, &invoices));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice = &invoices.items[i];
		CHECK(invoice_load_lines(command, invoice));
		builder_format(&out, "%s%s", out.length ? "; " : "",
		               invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
		for (size_t j = 0; j < invoice->lines.count; j++) {
			const struct invoice_line *line = &invoice->lines.items[j];
			struct text start = date_text(command->arena, line->period_start),
			            amount = money_amount_text(command->arena, line->amount);
			builder_format(&out, " %.*s:%.*s", 5, start.data + 5, TEXT_ARG(amount));
		}
	}
	story->text = builder_text(&out);
	return true;
}

/* "settled 01-01:10.00; open 01-11:13.55 01-11:-6.77": status, and first day and amount of each line. */
static struct text invoices_of(struct desk *desk)
{
	struct story_text story = { desk, TEXT_NONE };
	CHECK(command_read(desk->engine, desk->tenant_id, &desk->arena, &desk->problems, tell_invoices, &story));
	return story.text;
}

static bool tell_credit(struct command *command, void *context)
{
	struct story_text *story = context;
	struct account *account = account_need(command, 1, "");
	struct money balance;
	CHECK(account && credit_balance(command, account, &balance));
	story->text = money_amount_text(&story->desk->arena, balance);
	return true;
}

static struct text credit_of(struct desk *desk)
{
	struct story_text story = { desk, TEXT_NONE };
	CHECK(command_read(desk->engine, desk->tenant_id, &desk->arena, &desk->problems, tell_credit, &story));
	return story.text;
}

TEST(a_change_within_a_paid_period_repairs_what_is_left_of_it)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'silver','policy':'immediate','billing_alignment':'account'}");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 01-11:13.55 01-11:-6.77");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 01-11:13.55 01-11:-6.77; open 02-01:20.00");
	desk_close(&desk);
}

/* What was paid for half a year was withdrawn, and is charged again when a monthly plan has taken over. */
TEST(a_fixed_price_that_is_charged_late_keeps_no_month_of_the_plan_that_took_over)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "term");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	shop_advance(&desk, "2012-01-20T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'gold','policy':'immediate','billing_alignment':'account'}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "cancelled 01-01:50.00; open 01-01:50.00 01-20:3.87; open 02-01:10.00; open 03-01:10.00");
	desk_close(&desk);
}

/* A quantity of 2 from the 5th on, charged until what lies ahead of it on the 16th, which then is taken back. */
static void check_taken_back(const char *ahead, const char *ahead_input, const char *back, const char *back_input)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-01-05T00:00:00Z");
	desk_do(&desk, ahead, ahead_input);
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':2}");
	shop_advance(&desk, "2012-01-10T00:00:00Z");
	desk_do(&desk, back, back_input);
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; settled 01-05:7.10 01-05:-8.71; open 01-16:10.32");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; settled 01-05:7.10 01-05:-8.71; open 01-16:10.32; open 02-01:20.00");
	desk_close(&desk);
}

TEST(no_day_is_charged_twice_when_what_lay_ahead_is_taken_back)
{
	check_taken_back("subscription.change_plan", "{'id':1,'plan':'silver','effective_date':'2012-01-16'}",
	                 "subscription.undo_change", "{'id':1}");
	check_taken_back("subscription.cancel", "{'id':1,'effective_date':'2012-01-16'}", "subscription.uncancel", "{'id':1}");
	check_taken_back("subscription_bundle.pause", "{'id':1,'effective_date':'2012-01-16'}", "subscription_bundle.resume",
	                 "{'id':1,'effective_date':'2012-01-16'}");
}

TEST(in_arrears_what_was_charged_up_to_an_end_that_was_taken_back_is_not_charged_again)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "late");
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	desk_do(&desk, "invoice.run", "{'account_id':1}");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1}");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 01-11:21.00");
	desk_close(&desk);
}

/* Service has ended in January, billing goes on until April. */
TEST(what_holds_back_an_account_holds_back_the_billing_that_goes_on_after_service)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-01-20T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_date':'2012-01-20','billing_date':'2012-04-20'}");
	shop_advance(&desk, "2012-02-16T00:00:00Z");
	desk_do(&desk, "blocking_state.set", "{'account_id':1,'service':'fraud','state':'held','block_billing':true}");
	shop_advance(&desk, "2012-05-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 02-01:10.00; settled 02-16:-4.83");
	desk_close(&desk);
}

TEST(what_gives_back_more_than_it_charges_is_a_credit_that_open_invoices_use)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "year");
	shop_advance(&desk, "2012-01-31T00:00:00Z");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'90'}");
	CHECK_EQ_TEXT(credit_of(&desk), "0.00");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'15'}");
	CHECK_EQ_TEXT(credit_of(&desk), "5.00");
	CHECK_EQ_TEXT(invoices_of(&desk), "settled 01-01:100.00 01-31:-90.00; settled 01-31:-15.00");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(credit_of(&desk), "15.00"); /* of the year 10.00 were left */
	CHECK_EQ_INT(desk_refused(&desk, "invoice.adjust", "{'id':1,'position':1}")->code, PROBLEM_OUT_OF_RANGE);
	desk_close(&desk);
}

static bool read_audit(struct command *command, void *context)
{
	struct story_text *story = context;
	struct { struct audit *items; size_t count, capacity; } rows = { 0 };
	struct text_builder out;
	CHECK(store_all(command->store, STATEMENT_AUDIT_PAGE, BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(100)), &audit_record, LIST(&rows)));
	builder_init(&out, &story->desk->arena, 0);
	for (size_t i = 0; i < rows.count; i++)
		if (text_present(rows.items[i].code))
			builder_format(&out, "%.*s %.*s; ", TEXT_ARG(rows.items[i].command), TEXT_ARG(rows.items[i].code));
	story->text = builder_text(&out);
	return true;
}

/* More pictures than any line can bill, beside a plan that is billed as ever. */
TEST(usage_that_is_too_large_is_left_out_and_told_until_some_of_it_is_removed)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "shots");
	for (int i = 0; i < 20; i++)
		desk_do(&desk, "usage.record_units",
		        text_format(&desk.arena, "{'subscription_id':1,'tracking_id':'t%d','records':[{'unit':'shot','quantity':'1000000000000'}]}", i).data);
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 02-01:10.00");
	struct story_text story = { &desk, TEXT_NONE };
	CHECK(command_read(desk.engine, desk.tenant_id, &desk.arena, &desk.problems, read_audit, &story));
	CHECK_EQ_TEXT(story.text, "account.bill overflow; ");
	for (int i = 1; i < 20; i++)
		desk_do(&desk, "usage.remove", text_format(&desk.arena, "{'subscription_id':1,'tracking_id':'t%d'}", i).data);
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK(strstr(invoices_of(&desk).data, " 01-01:1000000000000.00") != NULL);
	desk_close(&desk);
}

#define FOLLOWED(at, existing, amount) \
	"{'effective_at':'" at "','name':'" amount "','products':[{'name':'car','category':'standalone'}],'plans':[" \
	PLAN("gold", "car", "in_advance", "10", "monthly") ",{'code':'big','product':'car'" existing ",'phases':[" PHASE(amount, "monthly") "]}]}"

static void deploy_versions(struct desk *desk, const char *later)
{
	desk_deploy_catalog(desk, text_format(&desk->arena, "{'versions':[" FOLLOWED("2000-01-01T00:00:00Z", "", "1") "%s]}", later).data);
}

/* 1000 times 10,000,000,000,000 by a version that comes after the subscription. */
TEST(a_price_that_became_too_large_is_left_out_and_the_rest_of_the_account_is_billed)
{
	struct desk desk;
	run_open(&desk, "");
	deploy_versions(&desk, "");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'big','quantity':1000}");
	subscribe(&desk, "gold");
	deploy_versions(&desk, "," FOLLOWED("2012-01-10T00:00:00Z", ",'existing_from':'2012-02-01T00:00:00Z'", "10000000000000"));
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:1000.00; open 01-01:10.00; open 02-01:10.00; open 03-01:10.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "derive_from"), "big 2012-02-01; gold -");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':1,'effective_date':'2012-02-01'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan", "derive_from"), "big -; gold -");
	CHECK(strstr(invoices_of(&desk).data, "03-01:10000000000000.00") != NULL);
	desk_close(&desk);
}

TEST(a_quantity_that_no_line_can_bill_is_refused)
{
	struct desk desk;
	run_open(&desk, "");
	CHECK_REFUSED(&desk, "subscription.subscribe", "{'account_id':1,'plan':'dear','quantity':1000000}", PROBLEM_OUT_OF_RANGE, "/quantity");
	subscribe(&desk, "dear");
	CHECK_REFUSED(&desk, "subscription.change_quantity", "{'id':1,'quantity':1000000}", PROBLEM_OUT_OF_RANGE, "/quantity");
	subscribe(&desk, "gold");
	desk_do(&desk, "subscription.change_quantity", "{'id':2,'quantity':1000000}");
	CHECK_REFUSED(&desk, "subscription.change_plan", "{'id':2,'plan':'dear','policy':'immediate'}", PROBLEM_OUT_OF_RANGE, "/plan");
	CHECK_REFUSED(&desk, "catalog.add_plan", "{'code':'x','product':'x','amount':'10000000000001','billing_period':'monthly'}",
	              PROBLEM_OUT_OF_RANGE, "/amount");
	desk_close(&desk);
}

/* Everything from the first day on is compared with the timeline again. */
static void derive_all_again(struct desk *desk)
{
	desk_do(desk, "subscription.change_quantity", "{'id':1,'quantity':1,'effective_date':'2012-01-01'}");
}

static void check_new_days_by(const char *command, const char *plan, const char *expected)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, plan);
	shop_advance(&desk, "2012-01-11T00:00:00Z");
	desk_do(&desk, command, "{'id':1,'bill_cycle_day':15}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	desk_do(&desk, command, "{'id':1,'bill_cycle_day':20}");
	shop_advance(&desk, "2012-04-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), expected);
	derive_all_again(&desk);
	CHECK_EQ_TEXT(invoices_of(&desk), expected);
	desk_close(&desk);
}

static void check_new_days(const char *plan, const char *expected)
{
	check_new_days_by("account.change_bill_cycle_day", plan, expected);
	check_new_days_by("account.update", plan, expected);
}

TEST(a_new_day_of_the_account_holds_for_what_is_to_come_whoever_sets_it_and_how_often)
{
	check_new_days("gold", "open 01-01:10.00; open 02-01:4.52; open 02-15:10.00; open 03-15:1.61; open 03-20:10.00");
}

/* Ten days of February were charged as part of it; that five of January were not served is told in March. */
TEST(a_subscription_that_has_ended_keeps_the_day_of_the_account_that_it_was_billed_by)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "late");
	shop_advance(&desk, "2012-02-11T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	shop_advance(&desk, "2012-03-05T00:00:00Z");
	desk_do(&desk, "account.change_bill_cycle_day", "{'id':1,'bill_cycle_day':20}");
	desk_do(&desk, "account.update", "{'id':1,'bill_cycle_day':25,'invoicing':'off'}");
	desk_do(&desk, "blocking_state.set",
	        "{'subscription_id':1,'service':'test','state':'off','block_billing':true,'effective_date':'2012-01-10'}");
	desk_do(&desk, "blocking_state.set", "{'subscription_id':1,'service':'test','state':'on','effective_date':'2012-01-15'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:31.00; open 02-01:10.69; settled 01-10:-5.00");
	desk_close(&desk);
}

TEST(what_costs_nothing_is_not_there_twice_after_a_new_day)
{
	check_new_days("free", "settled 01-01:0.00; settled 01-01:0.00 01-15:0.00; settled 02-15:0.00; settled 03-15:0.00; settled 03-20:0.00");
}

TEST(a_draft_owes_nothing_until_it_is_committed_and_is_not_made_twice)
{
	struct desk desk;
	run_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	subscribe(&desk, "gold");
	CHECK_EQ_TEXT(invoices_of(&desk), "draft 01-01:10.00");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "draft 01-01:10.00 02-01:10.00");
	desk_do(&desk, "invoice.commit", "{'id':1}");
	CHECK_EQ_INT(desk_refused(&desk, "invoice.commit", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	shop_advance(&desk, "2012-03-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00 02-01:10.00; open 03-01:10.00");
	desk_close(&desk);
}

TEST(rules_before_an_invoice_is_updated_may_move_its_due_date_and_reject)
{
	struct desk desk;
	run_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	subscribe(&desk, "gold");
	shop_deploy(&desk, "rule 'no' { pre = 'InvoicePreUpdated', run = function (invoice, ctx)\n"
	                   "  ctx:reject('held', ctx.event.old_invoice.status .. ' to ' .. invoice.status) end }");
	CHECK_EQ_C(desk_refused(&desk, "invoice.commit", "{'id':1}")->message, "draft to open");
	CHECK_EQ_TEXT(invoices_of(&desk), "draft 01-01:10.00");
	shop_deploy(&desk, "rule 'later' { pre = 'invoice.update', run = function (invoice, ctx)\n"
	                   "  invoice.due_date = invoice.invoice_date + 14\n  invoice.notes = 'thank you' end }\n"
	                   "rule 'told' { post = 'InvoiceUpdated', run = function (invoice, ctx)\n"
	                   "  ctx:command('account.update', { id = 1, notes = ctx.event.changed }) end }");
	const struct invoice *invoice = desk_do(&desk, "invoice.commit", "{'id':1}");
	CHECK_EQ_TEXT(date_text(&desk.arena, invoice->due_date), "2012-01-15");
	CHECK_EQ_TEXT(invoice->notes, "thank you");
	shop_advance(&desk, "2012-01-01T00:00:01Z");
	const struct account *account = desk_do(&desk, "account.update", "{'id':1,'name':'Eva'}");
	CHECK_EQ_TEXT(account->notes, "status,due_date,balance,notes");
	desk_close(&desk);
}

TEST(drafts_are_committed_after_their_days_of_grace)
{
	struct desk desk;
	run_open(&desk, "'billing':{'draft_days':3}");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-01-03T23:59:59Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "draft 01-01:10.00");
	shop_advance(&desk, "2012-01-04T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00");
	desk_close(&desk);
}

TEST(a_withdrawn_invoice_is_due_again_unless_another_one_repairs_it)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "cancelled 01-01:10.00; open 01-01:10.00 02-01:10.00");
	shop_advance(&desk, "2012-02-11T00:00:00Z");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'silver','policy':'immediate','billing_alignment':'account'}");
	CHECK_EQ_INT(desk_refused(&desk, "invoice.cancel", "{'id':2}")->code, PROBLEM_WRONG_STATE);
	desk_close(&desk);
}

TEST(nothing_of_a_preview_stays)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	struct invoice *next = desk_do(&desk, "invoice.preview", "{'account_id':1,'upcoming':true}");
	CHECK_EQ_INT(next->total.minor, 1000);
	struct invoice *after = desk_do(&desk, "invoice.preview",
	                                "{'account_id':1,'command':'subscription.change_plan','input':{'id':1,'plan':'silver',"
	                                "'policy':'immediate','billing_alignment':'account'}}");
	CHECK_EQ_INT(after->total.minor, 1000);
	CHECK_EQ_INT(desk_refused(&desk, "invoice.preview", "{'account_id':1,'target_date':'2015-01-02'}")->code,
	             PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00");
	desk_close(&desk);
}

/* The draft of January is owed before February's invoice, on its very day, or after it. */
static void preview_is_what_comes(int draft_days)
{
	struct desk desk;
	char settings[60];
	snprintf(settings, sizeof settings, "'billing':{'draft_days':%d}", draft_days);
	run_open(&desk, settings);
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	subscribe(&desk, "gold");
	const struct invoice *next = desk_do(&desk, "invoice.preview", "{'account_id':1,'upcoming':true}");
	shop_advance(&desk, "2012-02-01T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), draft_days <= 31 ? "open 01-01:10.00; draft 02-01:10.00" : "draft 01-01:10.00 02-01:10.00");
	CHECK_EQ_INT(next->total.minor, draft_days <= 31 ? 1000 : 2000);
	desk_close(&desk);
}

TEST(a_preview_knows_which_drafts_are_owed_by_then)
{
	preview_is_what_comes(3);
	preview_is_what_comes(31);
	preview_is_what_comes(32);
}

TEST(a_preview_shows_the_draft_that_a_command_would_add_to)
{
	struct desk desk;
	run_open(&desk, "");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	subscribe(&desk, "gold");
	struct invoice *draft = desk_do(&desk, "invoice.preview",
	                                "{'account_id':1,'command':'subscription.subscribe','input':{'account_id':1,'plan':'silver'}}");
	CHECK(draft && draft->id == 1);
	CHECK_EQ_INT(draft->lines.count, 2);
	CHECK(!desk_do(&desk, "invoice.preview", "{'account_id':1,'command':'account.update','input':{'id':1,'name':'Eve'}}"));
	CHECK_REFUSED(&desk, "invoice.preview", "{'account_id':1,'command':'acount.update','input':{}}", PROBLEM_UNKNOWN_COMMAND, "/command");
	CHECK_EQ_C(desk.problems.first->message, "there is no command 'acount.update' (did you mean 'account.update'?)");
	CHECK_EQ_TEXT(invoices_of(&desk), "draft 01-01:10.00");
	desk_close(&desk);
}

/* ---- what a run asks of the store ---- */

/* How often each statement has run, and the steps of SQLite's machine in it: one at least for each row and column that it
 * looks at. Both are counted, so that they are the same on every machine. */
struct store_work {
	int64_t runs[STATEMENT_COUNT], steps[STATEMENT_COUNT];
};

static void work_so_far(struct desk *desk, struct store_work *work)
{
	const struct connection *writer = &engine_store(desk->engine)->writer;
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		sqlite3_stmt *statement = writer->statements[i];
		work->runs[i] = statement ? sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 0) : 0;
		work->steps[i] = statement ? sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0) : 0;
	}
}

/* What one month's run costs: the clock goes from the day before it to its day. */
static void work_of_month(struct desk *desk, int year, int month, struct store_work *work)
{
	struct store_work before;
	int end_month = month == 1 ? 12 : month - 1, end_year = month == 1 ? year - 1 : year;
	shop_advance(desk, text_format(&desk->arena, "%04d-%02d-28T00:00:00Z", end_year, end_month).data);
	work_so_far(desk, &before);
	shop_advance(desk, text_format(&desk->arena, "%04d-%02d-01T00:00:00Z", year, month).data);
	work_so_far(desk, work);
	for (int i = 0; i < STATEMENT_COUNT; i++) {
		work->runs[i] -= before.runs[i];
		work->steps[i] -= before.steps[i];
	}
}

static int64_t runs_of(const struct store_work *work)
{
	int64_t runs = 0;
	for (int i = 0; i < STATEMENT_COUNT; i++)
		runs += work->runs[i];
	return runs;
}

static void check_same_work(const struct store_work *early, const struct store_work *late)
{
	for (int i = STATEMENT_NONE + 1; i < STATEMENT_COUNT; i++) {
		check_note("%s", statement_infos[i].name);
		CHECK_EQ_INT(late->runs[i], early->runs[i]);
		CHECK_EQ_INT(late->steps[i], early->steps[i]);
	}
	check_note("%s", "");
}

TEST(a_run_after_sixty_periods_asks_for_the_very_rows_of_a_run_after_one)
{
	static const char *const plans[] = { "gold", "late" };
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
		struct desk desk;
		struct store_work early, late;
		run_open(&desk, "");
		subscribe(&desk, plans[i]);
		work_of_month(&desk, 2012, 3, &early);
		work_of_month(&desk, 2017, 3, &late);
		CHECK(runs_of(&early) > 10);
		check_same_work(&early, &late);
		desk_close(&desk);
	}
}

TEST(a_run_asks_only_for_what_the_account_has)
{
	static const enum statement of_others[] = {
		STATEMENT_ORDER_STARTING,     STATEMENT_SUBSCRIPTION_DUE,   STATEMENT_SUBSCRIPTION_WITH_USAGE,
		STATEMENT_UNIT_USAGE_WAITING, STATEMENT_BLOCKING_STATE_OF_OBJECT, STATEMENT_CATALOG_PLAN_FOLLOWED,
		STATEMENT_INVOICE_LINE_BILLED, STATEMENT_SUBSCRIPTION_NEXT_BILL, STATEMENT_INVOICE_DRAFT,
	};
	struct desk desk;
	struct store_work work;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	work_of_month(&desk, 2012, 3, &work);
	for (size_t i = 0; i < sizeof of_others / sizeof of_others[0]; i++) {
		check_note("%s", statement_infos[of_others[i]].name);
		CHECK_EQ_INT(work.runs[of_others[i]], 0);
	}
	check_note("%s", "");
	CHECK_EQ_INT(work.runs[STATEMENT_ACCOUNT_FIND], 1);
	CHECK_EQ_INT(work.runs[STATEMENT_SUBSCRIPTION_TO_INVOICE], 1);
	desk_do(&desk, "blocking_state.set", "{'account_id':1,'service':'s','state':'seen'}");
	work_of_month(&desk, 2012, 4, &work);
	CHECK_EQ_INT(work.runs[STATEMENT_BLOCKING_STATE_OF_OBJECT], 1);
	desk_close(&desk);
}

/* The control: what reads the lines of the past is seen to do so. */
TEST(a_change_far_back_reads_more_the_longer_ago_it_lies)
{
	struct desk desk;
	struct store_work before, early, late;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	shop_advance(&desk, "2012-03-15T00:00:00Z");
	work_so_far(&desk, &before);
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'silver','effective_date':'2012-02-01'}");
	work_so_far(&desk, &early);
	early.steps[STATEMENT_INVOICE_LINE_BILLED] -= before.steps[STATEMENT_INVOICE_LINE_BILLED];
	shop_advance(&desk, "2017-03-15T00:00:00Z");
	work_so_far(&desk, &before);
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'gold','effective_date':'2012-03-01'}");
	work_so_far(&desk, &late);
	late.steps[STATEMENT_INVOICE_LINE_BILLED] -= before.steps[STATEMENT_INVOICE_LINE_BILLED];
	CHECK(early.steps[STATEMENT_INVOICE_LINE_BILLED] > 0);
	CHECK(late.steps[STATEMENT_INVOICE_LINE_BILLED] > 10 * early.steps[STATEMENT_INVOICE_LINE_BILLED]);
	desk_close(&desk);
}

TEST(what_was_left_out_while_invoicing_was_off_is_invoiced_when_it_is_on_again)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':true}");
	shop_advance(&desk, "2012-03-15T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00");
	desk_do(&desk, "subscription.set_invoicing", "{'id':1,'invoicing_off':false}");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 02-01:10.00 03-01:10.00");
	desk_close(&desk);
}

TEST(a_bundle_is_kept_off_invoices_with_what_joins_it_and_is_invoiced_when_its_tag_goes)
{
	struct desk desk;
	run_open(&desk, "");
	subscribe(&desk, "gold");
	desk_do(&desk, "tag.create", "{'name':'AUTO_INVOICING_OFF','object_type':'bundle','object_id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "id", "invoicing_off", "bundle_invoicing_off"), "1 - true");
	shop_advance(&desk, "2012-02-15T00:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'bundle_id':1,'plan':'gold'}");
	shop_advance(&desk, "2012-03-15T00:00:00Z");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "id", "bundle_invoicing_off"), "1 true; 2 true");
	desk_do(&desk, "tag.delete", "{'name':'AUTO_INVOICING_OFF','object_type':'bundle','object_id':1}");
	CHECK_EQ_TEXT(invoices_of(&desk), "open 01-01:10.00; open 02-01:10.00 03-01:10.00 02-15:5.17 03-01:10.00");
	desk_do(&desk, "subscription_bundle.set_invoicing", "{'id':1,'invoicing_off':true}");
	desk_do(&desk, "tag.delete", "{'name':'AUTO_INVOICING_OFF','object_type':'bundle','object_id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "id", "bundle_invoicing_off"), "1 false; 2 false");
	CHECK_REFUSED(&desk, "tag.create", "{'name':'AUTO_PAY_OFF','object_type':'bundle','object_id':1}", PROBLEM_INVALID_COMBINATION,
	              "/object_type");
	desk_close(&desk);
}

/* ---- what was given up ---- */

/* January of the gold plan, of which `paid` was paid before the rest was written off; then it is 11 January. */
static void write_off_january(struct desk *desk, const char *paid)
{
	run_open(desk, "");
	subscribe(desk, "gold");
	if (paid)
		desk_do(desk, "payment.create",
		        text_format(&desk->arena, "{'account_id':1,'amount':'%s','currency':'USD'," CARD "}", paid).data);
	desk_do(desk, "invoice.write_off", "{'id':1}");
	shop_advance(desk, "2012-01-11T00:00:00Z");
}

TEST(a_repair_of_what_was_given_up_is_no_credit_that_nobody_paid)
{
	struct desk desk;
	write_off_january(&desk, NULL);
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 written_off 10.00 0.00; 2 settled -6.77 0.00");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 6.77 0.00");
	desk_close(&desk);
}

TEST(of_a_repair_of_what_was_given_up_in_part_only_what_was_paid_too_much_is_a_credit)
{
	struct desk desk; /* ten days, 3.23, were served; 4.00 were paid */
	write_off_january(&desk, "4.00");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 6.00 0.00; repair 0.77 0.77");
	desk_close(&desk);
}

TEST(what_a_repair_gives_back_of_what_was_given_up_pays_for_nothing_new)
{
	struct desk desk;
	write_off_january(&desk, NULL);
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'silver','policy':'immediate'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 written_off 10.00 0.00; 2 open 6.78 13.55");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 6.77 0.00");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 6.77 0.00; repair 13.55 0.00");
	desk_close(&desk);
}

/* ---- random lives ---- */

enum { LIVES = 12, STEPS = 8 };

static const char *day_text(struct desk *desk, int32_t day)
{
	struct date start;
	CHECK(date_make(2012, 1, 1, &start));
	struct text text = date_text(&desk->arena, date_add_days(start, day));
	return text_format(&desk->arena, "%.*sT00:00:00Z", TEXT_ARG(text)).data;
}

/* One thing that a customer may do; refusals are part of life. */
static void random_step(struct desk *desk, uint64_t *state)
{
	static const char *const plans[] = { "gold", "silver", "year", "late" };
	static const char *const policies[] = { "immediate", "end_of_term" };
	const char *plan = plans[check_between(state, 0, 3)], *policy = policies[check_between(state, 0, 1)];
	int64_t what = check_between(state, 0, 4), number = check_between(state, 1, 28);
	const char *alignment = check_between(state, 0, 1) ? ",'billing_alignment':'account'" : "";
	struct text input = text_format(&desk->arena, "{'id':1,'plan':'%s','policy':'%s'%s}", plan, policy, alignment);
	const char *command = "subscription.change_plan";
	if (what == 1) {
		command = "subscription.change_quantity";
		input = text_format(&desk->arena, "{'id':1,'quantity':%lld}", (long long)(number % 3 + 1));
	} else if (what == 2) {
		command = "subscription_bundle.pause";
		input = TEXT("{'id':1}");
	} else if (what == 3) {
		command = "subscription_bundle.resume";
		input = TEXT("{'id':1}");
	}
	void *output;
	problems_init(&desk->problems, &desk->arena);
	desk_try_text(desk, command, desk_json(desk, input.data), &output);
}

/* The same life, the clock moved day by day or at once between the steps. */
static char *live(uint64_t seed, const char *convention, bool daily)
{
	struct desk desk;
	uint64_t state = seed;
	int32_t day = 0;
	char settings[60];
	snprintf(settings, sizeof settings, "'billing':{'convention':'%s'}", convention);
	run_open(&desk, settings);
	desk_do(&desk, "subscription.subscribe", seed % 2 ? "{'account_id':1,'plan':'gold','billing_alignment':'account'}"
	                                                  : "{'account_id':1,'plan':'gold'}");
	for (int step = 0; step < STEPS; step++) {
		int32_t until = day + (int32_t)check_between(&state, 1, 45);
		while (daily && day + 1 < until)
			shop_advance(&desk, day_text(&desk, ++day));
		day = until;
		shop_advance(&desk, day_text(&desk, day));
		random_step(&desk, &state);
	}
	struct text told = invoices_of(&desk);
	void *output;
	desk_try_text(&desk, "invoice.run", desk_json(&desk, "{'account_id':1}"), &output);
	CHECK_EQ_TEXT(invoices_of(&desk), told.data); /* a second run adds nothing */
	/* nor does one that forgets its marks and looks at everything again */
	desk_do(&desk, "fixture.set", "{'states':[{'object':'subscription','id':1,'values':{'derive_from':'2012-01-01'}}]}");
	desk_try_text(&desk, "invoice.run", desk_json(&desk, "{'account_id':1}"), &output);
	CHECK_EQ_TEXT(invoices_of(&desk), told.data);
	char *kept = strdup(told.data);
	CHECK(kept != NULL);
	desk_close(&desk);
	return kept;
}

TEST(a_jump_of_the_clock_is_the_days_one_by_one_and_neither_a_second_run_nor_a_full_one_adds_anything)
{
	uint64_t state = check_seed();
	for (int life = 0; life < LIVES; life++) {
		uint64_t seed = state + (uint64_t)life * 7919;
		const char *convention = convention_names[(size_t)life % convention_count];
		check_note("life %d, %s", life, convention);
		char *daily = live(seed, convention, true), *jump = live(seed, convention, false);
		CHECK_EQ_C(jump, daily);
		free(daily);
		free(jump);
	}
}

CHECK_MAIN
