/* test_wallet.c: prepaid units: what pays which line of an invoice, what goes back, expires, is voided and bought. */
#include "shop.h"

#include "billing/wallet.h"

/* ---- an account, its wallets and what they tell ---- */

static void open_desk(struct desk *desk)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk->event_count = 0;
}

static const struct invoice *charge(struct desk *desk, const char *amount)
{
	return desk_do(desk, "invoice.charge",
	               text_format(&desk->arena, "{'account_id':1,'amount':'%s','description':'Work'}", amount).data);
}

static const struct wallet *wallet(struct desk *desk, const char *more)
{
	return desk_do(desk, "wallet.create", text_format(&desk->arena, "{'account_id':1%s%s}", more[0] ? "," : "", more).data);
}

static const struct wallet_transaction *top_up(struct desk *desk, int id, const char *credits, const char *more)
{
	return desk_do(desk, "wallet.top_up", text_format(&desk->arena, "{'id':%d,'credits':'%s'%s%s}", id, credits,
	                                                  more[0] ? "," : "", more).data);
}

struct shown {
	struct text_builder out;
	int64_t id;
};

static void show_rows(struct command *command, struct text_builder *out, const struct record *record,
                      const struct record_list *rows, const char *const *fields)
{
	for (size_t i = 0; i < rows->count; i++) {
		builder_c(out, i ? "; " : "");
		for (size_t j = 0; fields[j]; j++) {
			struct text text = record_field_text(record, (const char *)rows->items + i * record->size,
			                                     record_field_find(record, text_of(fields[j])), command->arena);
			builder_c(out, j ? " " : "");
			builder_add(out, text_present(text) ? text : TEXT("-"));
		}
	}
}

static bool wallets_body(struct command *command, void *context)
{
	struct wallet_list list = { 0 };
	CHECK(store_all(command->store, STATEMENT_WALLET_OF_ACCOUNT, BINDS(bind_id(1), bind_null()), &wallet_record, LIST(&list)));
	show_rows(command, context, &wallet_record, (void *)&list, (const char *const[]){ "id", "status", "balance", "credits", NULL });
	return true;
}

/* "1 active 10.00 10; ..." in their order */
static struct text wallets(struct desk *desk)
{
	return desk_told(desk, wallets_body);
}

static bool transactions_body(struct command *command, void *context)
{
	struct shown *shown = context;
	const struct object_filter all = { .max = OBJECT_PAGE_MAX };
	struct wallet_transaction_list list = { 0 };
	CHECK(wallet_transactions_of_wallet(command, wallet_need(command, shown->id, ""), &all, &list));
	show_rows(command, &shown->out, &wallet_transaction_record, (void *)&list,
	          (const char *const[]){ "id", "kind", "status", "amount", "remaining", NULL });
	return true;
}

/* Newest first: "2 invoiced settled 3.00 -; 1 granted settled 10.00 7.00" */
static struct text transactions(struct desk *desk, int64_t wallet_id)
{
	struct shown shown = { .id = wallet_id };
	builder_init(&shown.out, &desk->arena, 0);
	desk_read(desk, transactions_body, &shown);
	return builder_text(&shown.out);
}

static bool uses_body(struct command *command, void *context)
{
	struct shown *shown = context;
	struct invoice *invoice;
	struct wallet_use_list list = { 0 };
	CHECK(invoice_find(command, shown->id, &invoice) && wallet_uses_of_invoice(command, invoice, &list));
	show_rows(command, &shown->out, &wallet_use_record, (void *)&list,
	          (const char *const[]){ "grant_id", "line_position", "amount", NULL });
	return true;
}

/* grant, line, amount */
static struct text uses(struct desk *desk, int64_t invoice_id)
{
	struct shown shown = { .id = invoice_id };
	builder_init(&shown.out, &desk->arena, 0);
	desk_read(desk, uses_body, &shown);
	return builder_text(&shown.out);
}

static bool ongoing_body(struct command *command, void *context)
{
	struct account *account;
	struct account_wallets ongoing;
	CHECK(account_find(command, 1, &account) && wallet_ongoing(command, account, &ongoing));
	show_rows(command, context, &wallet_share_record, (void *)&ongoing.wallets,
	          (const char *const[]){ "wallet_id", "balance", "usage", "ongoing_balance", NULL });
	return true;
}

static struct text ongoing(struct desk *desk)
{
	return desk_told(desk, ongoing_body);
}

/* ------------------------------------------------------------------------------------------------ paying invoices */

TEST(invoices_take_credits_first_then_wallets_by_priority_and_leave_the_rest_to_be_paid)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'name':'Late','granted':'30'");
	wallet(&desk, "'name':'Early','priority':1,'granted':'20'");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'5.00'}");
	charge(&desk, "40.00");
	CHECK_EQ_TEXT(wallets(&desk), "2 active 0.00 0; 1 active 15.00 15");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled -5.00 0.00; 2 settled 40.00 0.00");
	charge(&desk, "40.00");
	CHECK_EQ_TEXT(wallets(&desk), "2 active 0.00 0; 1 active 0.00 0");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled -5.00 0.00; 2 settled 40.00 0.00; 3 open 40.00 25.00");
	desk_close(&desk);
}

TEST(each_debit_tells_which_grant_paid_which_part_of_which_line)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'rate':'0.5'");
	top_up(&desk, 1, "20", "'priority':2");                       /* 10.00 */
	top_up(&desk, 1, "10", "'priority':1");                       /* 5.00 */
	top_up(&desk, 1, "8", "'priority':2,'expires_at':'2012-01-01T00:00:00Z'"); /* 4.00 */
	CHECK_EQ_TEXT(wallets(&desk), "1 active 19.00 38");
	const struct invoice *invoice = charge(&desk, "12.00");
	CHECK_EQ_TEXT(uses(&desk, invoice->id), "2 1 5.00; 3 1 4.00; 1 1 3.00");
	CHECK_EQ_TEXT(transactions(&desk, 1), "4 invoiced settled 12.00 -; 3 granted settled 4.00 0.00; "
	                                      "2 granted settled 5.00 0.00; 1 granted settled 10.00 7.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 7.00 14");
	desk_close(&desk);
}

TEST(a_wallet_pays_only_the_kinds_of_lines_that_it_is_for)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'50','line_kinds':[{'kind':'usage'}]");
	wallet(&desk, "'granted':'8','line_kinds':[{'kind':'usage'},{'kind':'external_charge'}]");
	charge(&desk, "10.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 50.00 50; 2 active 0.00 0");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 10.00 2.00");
	desk_close(&desk);
}

TEST(taxes_are_paid_with_their_lines_and_a_draft_takes_nothing_before_it_is_committed)
{
	struct desk desk;
	shop_open_empty(&desk, "'billing':{'draft_days':3},'tax':{'percent':'10'}", false);
	desk_do(&desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk_do(&desk, "catalog.add_plan", "{'code':'van','product':'van','amount':'60','billing_period':'monthly'}");
	wallet(&desk, "'granted':'500','plans':[{'code':'van'}]");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'van'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 draft 55.00 0.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 500.00 500");
	shop_advance(&desk, "2011-09-10T12:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 55.00 0.00");
	CHECK_EQ_TEXT(uses(&desk, 1), "1 1 50.00; 1 2 5.00");
	charge(&desk, "7.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 445.00 445");
	desk_close(&desk);
}

TEST(an_account_without_wallets_is_not_looked_at_and_a_rule_may_reject_a_debit)
{
	struct desk desk;
	open_desk(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'wallet_transaction.create', when = { kind = 'invoiced' }, run = function (transaction, ctx)\n"
	                   "  if transaction.amount > money('10.00', 'USD') then ctx:reject('too_much', 'At most 10.') end end }\n"
	                   "rule 'name' { pre = 'wallet_transaction.create', when = { kind = 'granted' }, run = function (transaction)\n"
	                   "  transaction.name = 'welcome' end }\n");
	charge(&desk, "30.00");
	const struct wallet *made = wallet(&desk, "'granted':'50'");
	CHECK_EQ_INT(made->balance.minor, 5000);
	charge(&desk, "10.00");
	CHECK_REFUSED(&desk, "invoice.charge", "{'account_id':1,'amount':'11.00','description':'x'}", PROBLEM_REJECTED, "");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 40.00 40");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 30.00 30.00; 2 settled 10.00 0.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ giving back */

TEST(a_credit_note_goes_back_to_the_grants_that_paid_last_and_voiding_it_takes_them_again)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'6'");
	top_up(&desk, 1, "10", "");
	const struct invoice *invoice = charge(&desk, "12.00");
	const int64_t id = invoice->id;
	CHECK_EQ_TEXT(uses(&desk, id), "1 1 6.00; 2 1 6.00");
	desk_do(&desk, "credit_note.create", text_format(&desk.arena, "{'invoice_id':%d,'items':[{'position':1,'amount':'8.00'}]}", (int)id).data);
	CHECK_EQ_TEXT(uses(&desk, id), "1 1 6.00; 2 1 6.00; 2 1 -6.00; 1 1 -2.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 12.00 12");
	CHECK_EQ_TEXT(shop_credits(&desk), "");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 12.00 0.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 4.00 4");
	desk_close(&desk);
}

TEST(what_was_paid_otherwise_comes_back_as_a_credit_after_what_wallets_paid)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'6'");
	const struct invoice *invoice = charge(&desk, "10.00");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'4.00','currency':'USD'," CARD "}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 10.00 0.00");
	desk_do(&desk, "invoice.adjust", text_format(&desk.arena, "{'id':%d,'position':1,'amount':'9.00'}", (int)invoice->id).data);
	CHECK_EQ_TEXT(wallets(&desk), "1 active 6.00 6");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 3.00 3.00");
	desk_close(&desk);
}

TEST(a_cancelled_invoice_gives_all_back_and_what_has_expired_meanwhile_is_lost)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'6'");
	top_up(&desk, 1, "10", "'expires_at':'2011-09-08T00:00:00Z','priority':1");
	const struct invoice *invoice = charge(&desk, "12.00");
	shop_advance(&desk, "2011-09-09T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 4.00 4");
	desk_do(&desk, "invoice.cancel", text_format(&desk.arena, "{'id':%d}", (int)invoice->id).data);
	CHECK_EQ_TEXT(wallets(&desk), "1 active 6.00 6");
	CHECK_EQ_TEXT(transactions(&desk, 1), "5 expired settled 10.00 -; 4 returned settled 12.00 -; 3 invoiced settled 12.00 -; "
	                                      "2 granted settled 10.00 0.00; 1 granted settled 6.00 6.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ expiry, voiding, ending */

TEST(what_is_left_of_a_grant_is_lost_at_its_instant_and_a_wallet_at_its_own)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'5','expires_at':'2011-10-01T00:00:00Z'");
	top_up(&desk, 1, "10", "'expires_at':'2011-09-20T12:00:00Z'");
	charge(&desk, "3.00");
	shop_advance(&desk, "2011-09-20T11:59:59Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 12.00 12");
	shop_advance(&desk, "2011-09-20T12:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 5.00 5");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 terminated 0.00 0");
	CHECK_REFUSED(&desk, "wallet.top_up", "{'id':1,'credits':'1'}", PROBLEM_WRONG_STATE, "/id");
	charge(&desk, "1.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 3.00 0.00; 2 open 1.00 1.00");
	desk_close(&desk);
}

TEST(voided_units_are_cut_after_five_places_and_their_money_is_rounded)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'100'");
	const struct wallet_transaction *voided = desk_do(&desk, "wallet.void", "{'id':1,'credits':'14.28444999'}");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, voided->credits), "14.28444");
	CHECK_EQ_INT(voided->amount.minor, 1428);
	CHECK_EQ_TEXT(wallets(&desk), "1 active 85.72 85.71556");
	CHECK_REFUSED(&desk, "wallet.void", "{'id':1,'credits':'85.71557'}", PROBLEM_INSUFFICIENT_BALANCE, "/credits");
	CHECK_REFUSED(&desk, "wallet.void", "{'id':1,'credits':'0.001'}", PROBLEM_OUT_OF_RANGE, "/credits");
	desk_do(&desk, "wallet.void", "{'id':1,'credits':'85.71556'}");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 0.00 0");
	desk_close(&desk);
}

TEST(what_floats_leave_behind_of_a_top_up_is_rounded_away)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'0.1'");
	top_up(&desk, 1, "17.9699999999999988631316", "'source':'granted'");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 18.07 18.07");
	top_up(&desk, 1, "17.9699999999999988631316", "'source':'purchased'");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 17.97 17.97");
	desk_close(&desk);
}

TEST(a_terminated_wallet_holds_nothing)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'7'");
	desk_do(&desk, "wallet.terminate", "{'id':1}");
	CHECK_EQ_TEXT(wallets(&desk), "1 terminated 0.00 0");
	CHECK_EQ_TEXT(transactions(&desk, 1), "2 voided settled 7.00 -; 1 granted settled 7.00 0.00");
	CHECK_REFUSED(&desk, "wallet.terminate", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ buying */

TEST(bought_units_are_there_when_their_invoice_is_paid_and_no_wallet_pays_it)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'3','purchased':'20','rate':'0.5'");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 1.50 3");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 10.00 10.00");
	CHECK_REFUSED(&desk, "invoice.adjust", "{'id':1,'position':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1}]}", PROBLEM_WRONG_STATE, "/invoice_id");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'10.00','currency':'USD'," CARD "}");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 11.50 23");
	CHECK_EQ_TEXT(transactions(&desk, 1), "2 purchased settled 10.00 10.00; 1 granted settled 1.50 1.50");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(a_purchase_that_credits_of_the_account_pay_is_there_at_once)
{
	struct desk desk;
	open_desk(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'50.00'}");
	const struct wallet *made =
	        wallet(&desk, "'purchased':'20','top_up':{'trigger':'interval','interval':'monthly','credits':'5','source':'purchased'}");
	CHECK_EQ_INT(made->balance.minor, 2000);
	CHECK_EQ_TEXT(wallets(&desk), "1 active 20.00 20");
	shop_advance(&desk, "2011-11-07T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 30.00 30");
	desk_close(&desk);
}

TEST(a_purchase_that_is_cancelled_or_given_up_brings_nothing)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'purchased':'20'");
	top_up(&desk, 1, "5", "'source':'purchased'");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	desk_do(&desk, "invoice.write_off", "{'id':2}");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 0.00 0");
	CHECK_EQ_TEXT(transactions(&desk, 1), "2 purchased failed 5.00 0.00; 1 purchased failed 20.00 0.00");
	desk_close(&desk);
}

TEST(what_is_paid_for_a_wallet_that_is_gone_is_a_credit_of_the_account)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'purchased':'20'");
	desk_do(&desk, "wallet.terminate", "{'id':1}");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'20.00','currency':'USD'," CARD "}");
	CHECK_EQ_TEXT(wallets(&desk), "1 terminated 0.00 0");
	CHECK_EQ_TEXT(shop_credits(&desk), "overpayment 20.00 20.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ topping up */

#define LOW(source) "'top_up':{'trigger':'threshold','threshold':'10','credits':'25','source':'" source "','expires_in_days':30}"

TEST(a_wallet_that_runs_low_is_topped_up_at_once_and_not_before)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'30'," LOW("granted"));
	shop_advance(&desk, "2011-09-07T00:00:00Z");
	charge(&desk, "20.00");
	shop_advance(&desk, "2011-09-07T01:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 10.00 10");
	charge(&desk, "0.01");
	shop_advance(&desk, "2011-09-07T02:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 34.99 34.99");
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 34.99 34.99"); /* 25 expired, and were given again */
	desk_close(&desk);
}

TEST(a_top_up_that_is_bought_waits_for_its_payment_and_is_not_bought_twice)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'granted':'12'," LOW("purchased"));
	charge(&desk, "4.00");
	shop_advance(&desk, "2011-09-07T00:00:00Z");
	charge(&desk, "1.00");
	shop_advance(&desk, "2011-09-08T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 4.00 0.00; 2 open 25.00 25.00; 3 settled 1.00 0.00");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 7.00 7");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'25.00','currency':'USD'," CARD "}");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 32.00 32");
	desk_close(&desk);
}

TEST(a_top_up_whose_payment_is_declined_grants_nothing)
{
	struct desk desk;
	shop_open_empty(&desk, "", true);
	desk_do(&desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC'}");
	charge(&desk, "1.00");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'1.00','currency':'USD','auto_pay':1," CARD "}");
	shop_gateway(&desk, "{'respond':'declined'}");
	wallet(&desk, "'granted':'12'," LOW("purchased"));
	charge(&desk, "4.00");
	shop_advance(&desk, "2011-09-06T15:01:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 8.00 8");
	CHECK_EQ_TEXT(transactions(&desk, 1), "3 purchased pending 25.00 0.00; 2 invoiced settled 4.00 -; 1 granted settled 12.00 8.00");
	desk_close(&desk);
}

TEST(a_wallet_is_topped_up_each_interval_from_the_day_of_its_rule)
{
	struct desk desk;
	open_desk(&desk);
	wallet(&desk, "'top_up':{'trigger':'interval','interval':'monthly','credits':'5','source':'granted'}");
	shop_advance(&desk, "2011-10-05T23:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 0.00 0");
	shop_advance(&desk, "2011-12-07T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 15.00 15");
	desk_do(&desk, "wallet.update", "{'id':1,'by_hand':true}");
	shop_advance(&desk, "2012-03-07T00:00:00Z");
	CHECK_EQ_TEXT(wallets(&desk), "1 active 15.00 15");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ usage that is not billed */

#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'phone','category':'standalone'}]," \
	"'plans':[{'code':'calls','product':'phone','phases':[{'kind':'evergreen','duration_unit':'unlimited','usages':["       \
	"{'name':'calls','kind':'consumable','billing_period':'monthly','tiers':[{'blocks':[{'unit':'call','size':'1',"        \
	"'prices':[{'currency':'USD','amount':'2.00'}]}]}]}]}]}]}]}"

static void use(struct desk *desk, int calls)
{
	desk_do(desk, "usage.record_units",
	        text_format(&desk->arena, "{'subscription_id':1,'records':[{'unit':'call','quantity':'%d'}]}", calls).data);
}

TEST(usage_that_is_not_billed_is_shared_out_over_wallets_and_tops_up_the_one_that_runs_low)
{
	struct desk desk;
	open_desk(&desk);
	desk_deploy_catalog(&desk, CATALOG);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'calls'}");
	wallet(&desk, "'granted':'5','priority':1");
	wallet(&desk, "'granted':'30'," LOW("granted"));
	wallet(&desk, "'granted':'100','priority':99");
	use(&desk, 12);
	shop_advance(&desk, "2011-09-06T16:00:00Z");
	CHECK_EQ_TEXT(ongoing(&desk), "1 5.00 5.00 0.00; 2 30.00 19.00 11.00; 3 100.00 0.00 100.00");
	use(&desk, 1);
	shop_advance(&desk, "2011-09-06T17:00:00Z");
	CHECK_EQ_TEXT(ongoing(&desk), "1 5.00 5.00 0.00; 2 55.00 21.00 34.00; 3 100.00 0.00 100.00");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(ongoing(&desk), "1 0.00 0.00 0.00; 2 34.00 0.00 34.00; 3 100.00 0.00 100.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 settled 26.00 0.00");
	desk_close(&desk);
}

TEST(a_wallet_for_components_pays_nothing_else_and_is_topped_up_by_their_usage)
{
	struct desk desk;
	open_desk(&desk);
	desk_deploy_catalog(&desk, CATALOG);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'calls'}");
	desk_do(&desk, "component.create",
	        "{'handle':'gb','name':'Traffic','kind':'metered','price':{'scheme':'per_unit','unit_price':'1'}}");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'components':[{'component':'tb'}]}", PROBLEM_UNKNOWN_COMPONENT,
	              "/components/0/component");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'metrics':[{'metric':'m'}]}", PROBLEM_NOT_FOUND, "/metrics/0/metric");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'custom':[1]}", PROBLEM_WRONG_TYPE, "/custom");
	wallet(&desk, "'granted':'50','custom':{'contract':7},'components':[{'component':'gb'}]," LOW("granted"));
	wallet(&desk, "'granted':'100'");
	use(&desk, 6);
	shop_advance(&desk, "2011-09-06T16:00:00Z");
	CHECK_EQ_TEXT(ongoing(&desk), "1 50.00 0.00 50.00; 2 100.00 12.00 88.00");
	desk_do(&desk, "component_usage.create", "{'subscription_id':1,'component':'gb','quantity':'45'}");
	shop_advance(&desk, "2011-09-06T17:00:00Z");
	CHECK_EQ_TEXT(ongoing(&desk), "1 75.00 45.00 30.00; 2 100.00 12.00 88.00");
	top_up(&desk, 1, "1", "'custom':{'order':'A-17'}");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ refusals */

TEST(what_a_wallet_cannot_be_is_refused_at_its_field)
{
	struct desk desk;
	open_desk(&desk);
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':9}", PROBLEM_NOT_FOUND, "/account_id");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'currency':'EUR'}", PROBLEM_CURRENCY_MISMATCH, "/currency");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'rate':'0'}", PROBLEM_OUT_OF_RANGE, "/rate");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'expires_at':'2011-09-06T15:00:00Z'}", PROBLEM_OUT_OF_RANGE, "/expires_at");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'granted':'0.001'}", PROBLEM_OUT_OF_RANGE, "/granted");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'top_up':{'trigger':'threshold','credits':'1','source':'granted'}}",
	              PROBLEM_INVALID_COMBINATION, "/top_up/threshold");
	CHECK_REFUSED(&desk, "wallet.create", "{'account_id':1,'top_up':{'trigger':'interval','credits':'1','source':'granted'}}",
	              PROBLEM_INVALID_COMBINATION, "/top_up/interval");
	CHECK_REFUSED(&desk, "wallet.create",
	              "{'account_id':1,'top_up':{'trigger':'threshold','threshold':'1.001','credits':'1','source':'granted'}}",
	              PROBLEM_TOO_MANY_DECIMALS, "/top_up/threshold");
	CHECK_REFUSED(&desk, "wallet.top_up", "{'id':1,'credits':'1'}", PROBLEM_NOT_FOUND, "/id");
	CHECK_EQ_TEXT(wallets(&desk), "");
	desk_close(&desk);
}

CHECK_MAIN
