/* test_payment.c: payments: approved, declined, partial, too much; their events; and card numbers nowhere. */
#include "shop.h"

#define TARGET "'targets':[{'invoice_id':2396}]"

TEST(paying_60_50_by_card_settles_the_seeds_invoice)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'approved','transaction_id':'2162704713','approval_code':'0S33CM','avs_code':'Y','cvv_code':'X'}");
	desk.event_count = 0;
	shop_pay(&desk, "60.50", TARGET ",'auto_pay':1,'effective_date':'2011-09-06'");
	CHECK_EQ_TEXT(desk_events(&desk), "pre payment.create, post payment.create, post payment.succeed, "
	                                  "post invoice_payment.succeed, post invoice.settle");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &payment_record, "id", "type", "status", "amount", "effective_date", "method", "by_billing_run"),
	              "213 payment succeeded 60.50 2011-09-06 credit_card false");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &payment_record, "method_text"), "Visa: 1111");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00");
	desk_close(&desk);
}

static bool payment_is_the_seeds(struct command *command, void *context)
{
	struct payment *payment;
	(void)context;
	CHECK(payment_find(command, 213, &payment) && payment);
	CHECK_EQ_INT(payment->attempts.count, 1);
	const struct payment_attempt *attempt = &payment->attempts.items[0];
	CHECK_EQ_INT(attempt->id, 192);
	CHECK_EQ_INT(attempt->status, PAYMENT_ATTEMPT_STATUS_APPROVED);
	CHECK_EQ_TEXT(attempt->transaction_id, "2162704713");
	CHECK_EQ_TEXT(attempt->approval_code, "0S33CM");
	CHECK_EQ_TEXT(attempt->avs_code, "Y");
	CHECK_EQ_TEXT(attempt->cvv_code, "X");
	CHECK_EQ_INT(payment->allocations.count, 1);
	CHECK_EQ_INT(payment->allocations.items[0].id, 171);
	CHECK_EQ_INT(payment->allocations.items[0].invoice_id, 2396);
	CHECK_EQ_INT(payment->allocations.items[0].amount.minor, 6050);
	CHECK_EQ_INT(payment->allocations.items[0].balance.minor, 0);
	struct payment_method_list methods = { 0 };
	CHECK(payment_methods_of_account(command, 1, &methods) && methods.count == 1);
	CHECK_EQ_TEXT(methods.items[0].last_four, "1111");
	CHECK_EQ_INT(payment->payment_method_id, methods.items[0].id);
	return true;
}

TEST(a_payment_is_read_with_its_attempt_and_allocation)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'approved','transaction_id':'2162704713','approval_code':'0S33CM','avs_code':'Y','cvv_code':'X'}");
	shop_pay(&desk, "60.50", TARGET ",'auto_pay':1");
	desk_read(&desk, payment_is_the_seeds, NULL);
	desk_close(&desk);
}

TEST(a_partial_payment_of_9_99_leaves_50_51)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	shop_pay(&desk, "9.99", TARGET);
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.succeed, post invoice_payment.succeed");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 50.51");
	desk_close(&desk);
}

TEST(an_overpayment_is_a_credit_that_pays_the_next_invoice)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "100.00", TARGET);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00");
	CHECK_EQ_TEXT(shop_credits(&desk), "overpayment 39.50 39.50");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 100.00 39.50 false");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 open 165.00 125.50");
	CHECK_EQ_TEXT(shop_credits(&desk), "overpayment 39.50 0.00");
	desk_close(&desk);
}

TEST(credits_are_used_oldest_first_and_automatic_payment_takes_the_rest)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "80.50", TARGET ",'auto_pay':1");
	shop_pay(&desk, "200.00", "");
	CHECK_EQ_TEXT(shop_credits(&desk), "overpayment 20.00 20.00; overpayment 200.00 200.00");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_credits(&desk), "overpayment 20.00 0.00; overpayment 200.00 0.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 settled 165.00 0.00; 1021 settled 165.00 0.00");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 80.50 20.00 false; 214 succeeded 200.00 200.00 false; "
	                                    "215 succeeded 110.00 0.00 true");
	desk_close(&desk);
}

TEST(a_payment_without_targets_goes_to_the_oldest_invoices_and_one_with_targets_in_their_order)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "70.50", "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 open 60.50 50.50; 1021 open 60.50 60.50");
	shop_pay(&desk, "100", "'targets':[{'invoice_id':2398},{'invoice_id':2397}]");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 open 60.50 11.00; 1021 settled 60.50 0.00");
	desk_close(&desk);
}

TEST(a_payment_that_does_not_hold_is_refused_before_the_gateway)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "customer.create", "{'name':'Jane','external_key':'JANE'}");
#define PAY(amount, currency, more) "{'account_id':1,'amount':'" amount "','currency':'" currency "'," more "}"
	CHECK_REFUSED(&desk, "payment.create", PAY("60.50", "EUR", CARD), PROBLEM_CURRENCY_MISMATCH, "/currency");
	CHECK_REFUSED(&desk, "payment.create", PAY("60.505", "USD", CARD), PROBLEM_TOO_MANY_DECIMALS, "/amount");
	CHECK_REFUSED(&desk, "payment.create", PAY("0", "USD", CARD), PROBLEM_OUT_OF_RANGE, "/amount");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", CARD ",'targets':[{'invoice_id':9}]"), PROBLEM_NOT_FOUND,
	              "/targets/0/invoice_id");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", CARD "," "'targets':[{'invoice_id':2396},{'invoice_id':2396}]"),
	              PROBLEM_INVALID_VALUE, "/targets/1/invoice_id");
	CHECK_REFUSED(&desk, "payment.create", "{'account_id':2,'amount':'1','currency':'USD'," CARD "," TARGET "}", PROBLEM_NOT_FOUND,
	              "/targets/0/invoice_id");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", TARGET), PROBLEM_MISSING_FIELD, "/card");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", "'payment_method_id':7"), PROBLEM_NOT_FOUND, "/payment_method_id");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", CARD ",'payment_method_id':7"), PROBLEM_INVALID_COMBINATION,
	              "/payment_method_id");
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", "'card':{'number':'4111111111111112','expiry':'2014-01-31'}"),
	              PROBLEM_INVALID_VALUE, "/card/number");
	CHECK(!strstr(desk.problems.first->message, "4111") && !text_present(desk.problems.first->value));
	CHECK_REFUSED(&desk, "payment.create", PAY("1", "USD", "'card':{'number':'4111111111111111','expiry':'2011-09-05'}"),
	              PROBLEM_INVALID_VALUE, "/card/expiry");
	CHECK_EQ_TEXT(shop_payments(&desk), "");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 0);
	CHECK_EQ_INT(shop_pay(&desk, "60.50", TARGET)->id, 213);
	desk_close(&desk);
}

TEST(an_invoice_that_is_paid_cannot_be_paid_again)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", TARGET);
	CHECK_REFUSED(&desk, "payment.create", PAY("60.50", "USD", CARD "," TARGET), PROBLEM_WRONG_STATE, "/targets/0/invoice_id");
	CHECK_EQ_TEXT(desk.problems.first->value, "1019");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 60.50 0.00 false");
	desk_close(&desk);
}

TEST(a_declined_payment_fails_and_the_invoice_stays_open)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'declined'}");
	desk.event_count = 0;
	shop_pay(&desk, "60.50", TARGET ",'auto_pay':1");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.fail, post invoice_payment.fail");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 failed 60.50 0.00 false");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "balance", "failed_attempts"), "open 60.50 1");
	desk_close(&desk);
}

TEST(the_third_decline_cancels_the_invoice_and_suspends_the_order)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'three' { policy = 'retry', run = function (failure, ctx)\n"
	                   "  if failure.attempts < 3 then return {} end\n"
	                   "  return { give_up = true, cancel_invoice = true, suspend_orders = true }\nend }");
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'declined'}");
	shop_pay(&desk, "60.50", TARGET);
	shop_pay(&desk, "60.50", "");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	desk.event_count = 0;
	shop_pay(&desk, "60.50", TARGET);
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.fail, post invoice_payment.fail, pre invoice.cancel, "
	              "pre subscription.status_change, post subscription.status_change, post invoice.cancel");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 cancelled 60.50 0.00");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	desk_close(&desk);
}

TEST(declines_of_a_partly_paid_invoice_suspend_without_cancelling)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'one' { policy = 'retry', run = function (failure, ctx)\n"
	                   "  return { give_up = true, cancel_invoice = true, suspend_orders = true }\nend }");
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "10.00", TARGET);
	shop_gateway(&desk, "{'respond':'declined'}");
	shop_pay(&desk, "50.50", TARGET);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 50.50");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	desk_close(&desk);
}

TEST(what_a_rule_refuses_after_a_decline_is_tried_again_and_the_answer_is_kept)
{
	struct desk desk;
	shop_open(&desk);
	const char *ends = "rule 'one' { policy = 'retry', run = function (failure, ctx)\n"
	                   "  return { give_up = true, cancel_invoice = true, suspend_orders = true }\nend }\n";
	shop_deploy(&desk, text_format(&desk.arena, "%srule 'keep' { pre = 'invoice.cancel', run = function (invoice, ctx)\n"
	                                            "  ctx:reject('keep', 'Invoices stay.')\nend }", ends).data);
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'declined'}");
	desk.event_count = 0;
	shop_pay(&desk, "60.50", TARGET);
	CHECK_EQ_TEXT(shop_payments(&desk), "213 failed 60.50 0.00 false");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "balance", "failed_attempts"), "open 60.50 1");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(desk_events(&desk), "pre payment.create, post payment.create, post payment.fail, post invoice_payment.fail, "
	                                  "pre invoice.cancel");
	shop_deploy(&desk, ends);
	shop_advance(&desk, "2011-09-06T15:10:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 cancelled 60.50 0.00");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	desk_close(&desk);
}

static bool payment_is_reloaded(struct command *command, void *context)
{
	void *output = NULL;
	CHECK(engine_command(context, TEXT("payment.create"))->reload(command, 213, &output));
	CHECK_EQ_INT(((const struct payment *)output)->attempts.count, 1);
	return true;
}

TEST(a_lost_reply_is_made_again_with_the_attempt)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", TARGET);
	desk_read(&desk, payment_is_reloaded, desk.engine);
	desk_close(&desk);
}

TEST(a_rule_cannot_say_what_a_gateway_answered)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'free' { post = 'payment.create', run = function (payment, ctx)\n"
	                   "  ctx:command('payment.complete', { attempt_id = 192, status = 'approved' })\nend }");
	shop_gateway(&desk, "{'respond':'declined'}");
	shop_pay(&desk, "60.50", TARGET);
	shop_advance(&desk, "2011-09-06T20:00:00Z");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 failed 60.50 0.00 false");
	CHECK_EQ_C(engine_command(desk.engine, TEXT("payment.complete"))->scope, "admin");
	desk_close(&desk);
}

TEST(an_answer_that_never_came_is_unknown_until_it_comes)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_gateway(&desk, "{'respond':'failed'}");
	shop_pay(&desk, "60.50", TARGET);
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "status", "failed_attempts"), "open 0");
	CHECK_REFUSED(&desk, "payment.complete", "{'attempt_id':192,'status':'approved'}", PROBLEM_WRONG_STATE, "/attempt_id");
	CHECK_REFUSED(&desk, "payment.complete", "{'attempt_id':9,'status':'approved'}", PROBLEM_NOT_FOUND, "/attempt_id");
	desk_close(&desk);
}

TEST(a_rule_may_lower_a_payment_and_not_raise_it)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'cap' { pre = 'payment.create', run = function (payment, ctx)\n"
	                   "  payment.amount = money(payment.custom and payment.custom.to or '20.00', 'USD')\nend }");
	shop_pay(&desk, "60.50", TARGET);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 40.50");
	CHECK_REFUSED(&desk, "payment.create", PAY("10.00", "USD", CARD), PROBLEM_OUT_OF_RANGE, "/amount");
	desk_close(&desk);
}

TEST(a_rule_that_rejects_a_payment_leaves_no_row_and_asks_no_gateway)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'no' { pre = 'PaymentPreCreated', run = function (payment, ctx) ctx:reject('no', 'No.') end }");
	CHECK_EQ_INT(desk_refused(&desk, "payment.create", PAY("60.50", "USD", CARD))->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(shop_payments(&desk), "");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 0);
	desk_close(&desk);
}

static bool methods_are(struct command *command, void *context)
{
	struct payment_method_list methods = { 0 };
	struct account *account;
	const int64_t *expected = context; /* auto_pay by method, then the account's method */
	CHECK(payment_methods_of_account(command, 1, &methods) && account_find(command, 1, &account));
	CHECK_EQ_INT(methods.count, 2);
	CHECK_EQ_INT(methods.items[0].has_auto_pay ? methods.items[0].auto_pay : 0, expected[0]);
	CHECK_EQ_INT(methods.items[1].has_auto_pay ? methods.items[1].auto_pay : 0, expected[1]);
	CHECK_EQ_INT(account->payment_method_id, expected[2]);
	return true;
}

TEST(the_lowest_preference_is_charged_and_a_card_is_kept_once)
{
	struct desk desk;
	shop_open(&desk);
	shop_pay(&desk, "1.00", "'auto_pay':2");
	desk_do(&desk, "payment.create", "{'account_id':1,'amount':'1.00','currency':'USD','auto_pay':1,"
	                                 "'card':{'number':'5555555555554444','expiry':'2014-01-31'}}");
	desk_read(&desk, methods_are, &(int64_t[]){ 2, 1, 2 });
	shop_pay(&desk, "1.00", "'auto_pay':1");
	desk_read(&desk, methods_are, &(int64_t[]){ 1, 0, 1 });
	const struct payment *payment = desk_do(&desk, "payment.create", PAY("1.00", "USD", "'payment_method_id':2"));
	CHECK_EQ_TEXT(payment->method_text, "MasterCard: 4444");
	desk_close(&desk);
}

TEST(a_card_that_the_gateway_keeps_already_is_charged_by_its_token)
{
	struct desk desk;
	shop_open(&desk);
	const struct payment_method *method = desk_do(
	        &desk, "payment_method.create", "{'account_id':1,'token':'tok_9','brand':'Visa','last_four':'4242'}");
	CHECK_EQ_INT(method->auto_pay, 1);
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 165.00 0.00 true");
	CHECK_REFUSED(&desk, "payment_method.create", "{'account_id':9,'token':'tok_9'}", PROBLEM_NOT_FOUND, "/account_id");
	CHECK_REFUSED(&desk, "payment_method.create", "{'account_id':1,'token':'4111 1111-1111 1111'}", PROBLEM_INVALID_VALUE, "/token");
	desk_close(&desk);
}

static bool credit_went_to_the_second_invoice(struct command *command, void *context)
{
	struct credit *credit;
	(void)context;
	CHECK(credit_find(command, 1, &credit) && credit);
	CHECK_EQ_INT(credit->uses.count, 1);
	CHECK_EQ_INT(credit->uses.items[0].invoice_id, 2397);
	CHECK_EQ_INT(credit->uses.items[0].amount.minor, 2000);
	return true;
}

TEST(a_credit_tells_where_it_went)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "80.50", TARGET);
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	desk_read(&desk, credit_went_to_the_second_invoice, NULL);
	desk_close(&desk);
}

TEST(an_allocation_goes_to_invoices_in_order_and_the_rest_comes_back)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice a = { .status = INVOICE_STATUS_OPEN, .currency = usd, .balance = money_of(500, usd) };
	struct invoice b = { .status = INVOICE_STATUS_CANCELLED, .currency = usd, .balance = money_of(500, usd) };
	struct invoice c = { .status = INVOICE_STATUS_OPEN, .currency = usd, .balance = money_of(300, usd) };
	struct invoice *const invoices[] = { &a, &b, &c };
	struct money amounts[3];
	CHECK_EQ_INT(payment_allocate(money_of(600, usd), invoices, 3, amounts).minor, 0);
	CHECK_EQ_INT(amounts[0].minor, 500);
	CHECK_EQ_INT(amounts[1].minor, 0);
	CHECK_EQ_INT(amounts[2].minor, 100);
	CHECK_EQ_INT(payment_allocate(money_of(1000, usd), invoices, 3, amounts).minor, 200);
}

/* ---- card numbers ---- */

/* The bytes of a file, or of one beside it. */
static struct text file_bytes(struct arena *arena, const char *path, const char *suffix)
{
	FILE *file = fopen(text_format(arena, "%s%s", path, suffix).data, "rb");
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (int byte; file && (byte = fgetc(file)) != EOF;)
		builder_byte(&out, (char)byte);
	if (file)
		fclose(file);
	return builder_text(&out);
}

static void pay_and_be_refused(struct desk *desk)
{
	shop_furnish(desk);
	shop_deploy(desk, "rule 'note' { post = 'payment.create', run = function (payment, ctx)\n"
	                  "  ctx:note(tostring(payment.method_text))\nend }\n"
	                  "rule 'no' { pre = 'payment.create', run = function (payment, ctx)\n"
	                  "  if payment.amount == money('6.66', 'USD') then ctx:reject('no', 'No.') end\nend }");
	shop_order(desk, "'create_invoice':true");
	shop_pay(desk, "10.50", TARGET ",'auto_pay':1,'custom':{'seen':true}");
	shop_gateway(desk, "{'respond':'declined'}");
	shop_pay(desk, "50.00", TARGET);
	desk_refused(desk, "payment.create", PAY("6.66", "USD", CARD));
	desk_refused(desk, "payment.create", PAY("1.00", "EUR", CARD));
}

TEST(a_card_number_is_nowhere_in_the_store)
{
	struct desk desk;
	struct arena arena;
	char path[] = "/tmp/moonbill-cards-XXXXXX";
	int file = mkstemp(path);
	CHECK(file >= 0 && close(file) == 0 && arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(remove(path) == 0);
	shop_open_at(&desk, path, "", false);
	pay_and_be_refused(&desk);
	static const char *const suffixes[] = { "", "-wal" };
	bool found_text = false;
	for (size_t i = 0; i < 2; i++) {
		struct text bytes = file_bytes(&arena, path, suffixes[i]);
		CHECK(!memmem(bytes.data, bytes.length, "4111111111111111", 16));
		found_text |= memmem(bytes.data, bytes.length, "Visa: 1111", 10) != NULL;
	}
	CHECK(found_text);
	desk_close(&desk);
	for (size_t i = 0; i < 2; i++)
		remove(text_format(&arena, "%s%s", path, suffixes[i]).data);
	remove(text_format(&arena, "%s-shm", path).data);
	remove(text_format(&arena, "%s.lock", path).data);
	arena_finish(&arena);
}

/* ---- with threads ---- */

TEST(with_threads_a_payment_is_answered_when_the_gateway_has_answered)
{
	struct desk desk;
	shop_open_empty(&desk, "", true);
	shop_furnish(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", TARGET);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 1);
	desk_close(&desk);
}

CHECK_MAIN
