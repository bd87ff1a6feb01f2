/* test_workflow.c: orders of new customers, provisioning, renewals, subscriptions one by one, accounts that end, sending: their
 * events in order, what rules may change, what a rejection leaves. */
#include "shop.h"

#include "billing/termination_request.h"

/* A plan of 100.00 a month that is provisioned and renewed once it is paid; the account has an address. */
static void workflow_open(struct desk *desk)
{
	shop_open_with(desk, "'billing':{'anniversary':true}");
	desk_do(desk, "plan.create",
	        "{'code':'HOST','charges':[{'price_code':'FEE','kind':'recurring','amount':'100.00','prorated':true}],"
	        "'provisioning':'after_payment','renewing':'after_payment'}");
	desk_do(desk, "account.update", "{'id':1,'email':'john@example.test'}");
	desk->event_count = 0;
}

/* An order of HOST from today; `more` as "'end_date':...". */
static const struct order *host(struct desk *desk, const char *more)
{
	return desk_do(desk, "order.place",
	               text_format(&desk->arena,
	                           "{'account_id':1,'status':'active','create_invoice':true,"
	                           "'lines':[{'plan':'HOST','quantity':'1'}]%s%s}",
	                           more[0] ? "," : "", more).data);
}

static struct text provisioning(struct desk *desk)
{
	return SHOP_SHOW(desk, &subscription_record, "id", "status", "provisioning_status", "end_date");
}

/* ---- provisioning ---- */

TEST(what_is_provisioned_after_payment_waits_for_the_whole_of_it)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active prepared -");
	desk.event_count = 0;
	shop_pay(&desk, "40.00", "");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active prepared -");
	CHECK_EQ_TEXT(desk_events(&desk), "pre payment.create, post payment.create, post payment.succeed, post invoice_payment.succeed");
	shop_pay(&desk, "60.00", "");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active initiated -");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.succeed, post invoice_payment.succeed, post invoice.settle, "
	              "post subscription.provision_on_payment, post subscription.provisioning_status_change");
	desk_close(&desk);
}

TEST(what_is_told_of_provisioning_follows_the_machine)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	CHECK_REFUSED(&desk, "subscription.provisioning", "{'id':1,'status':'provisioned'}", PROBLEM_WRONG_STATE, "/status");
	desk_do(&desk, "subscription.provisioning", "{'id':1,'status':'initiated'}");
	desk.event_count = 0;
	desk_do(&desk, "subscription.provisioning", "{'id':1,'status':'provisioned','message':'up'}");
	desk_do(&desk, "subscription.provisioning", "{'id':1,'status':'provisioned'}");
	CHECK_EQ_TEXT(desk_events(&desk), "post subscription.provisioning_status_change");
	CHECK_REFUSED(&desk, "subscription.provisioning", "{'id':9,'status':'failed'}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(a_subscription_that_ends_is_not_provisioned_by_a_late_payment)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk_do(&desk, "subscription.terminate", "{'id':1,'reason':'changed his mind'}");
	CHECK_EQ_TEXT(provisioning(&desk), "1 canceled cancelled 2011-09-06");
	desk.event_count = 0;
	shop_pay(&desk, "100.00", "");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.succeed, post invoice_payment.succeed, post invoice.settle");
	desk_close(&desk);
}

/* ---- renewals ---- */

TEST(a_renewal_waits_for_its_payment_and_moves_the_end)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06'");
	shop_pay(&desk, "100.00", "");
	desk.event_count = 0;
	desk_do(&desk, "subscription.renew", "{'id':1}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre subscription.renew, pre invoice.create, post invoice.create, pre subscription.status_change, "
	              "post subscription.status_change");
	CHECK_EQ_TEXT(provisioning(&desk), "1 renewing initiated 2011-10-06");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_pay(&desk, "100.00", "");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre payment.create, post payment.create, post payment.succeed, post invoice_payment.succeed, post invoice.settle, "
	              "post subscription.provision_on_payment, pre subscription.status_change, post subscription.status_change, "
	              "post subscription.renew");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active initiated 2011-11-06");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "status", "end_date"), "active 2011-11-06");
	shop_advance(&desk, "2011-11-06T12:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 complete initiated 2011-11-06");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "status", "end_date"), "complete 2011-11-06");
	desk_close(&desk);
}

TEST(an_end_that_comes_before_the_payment_stands_and_nothing_is_owed)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06'");
	shop_pay(&desk, "100.00", "");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_advance(&desk, "2011-10-07T00:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 complete initiated 2011-10-06");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 100.00 0.00; 1020 cancelled 100.00 0.00");
	desk_close(&desk);
}

TEST(cancelling_the_invoice_of_a_renewal_lets_it_be_asked_for_again)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06'");
	shop_pay(&desk, "100.00", "");
	const struct subscription *renewing = desk_do(&desk, "subscription.renew", "{'id':1}");
	desk_do(&desk, "invoice.cancel", text_format(&desk.arena, "{'id':%lld}", (long long)renewing->renewal_invoice_id).data);
	CHECK_EQ_TEXT(provisioning(&desk), "1 active initiated 2011-10-06");
	desk_do(&desk, "subscription.renew", "{'id':1,'period':'P2M'}");
	CHECK_EQ_TEXT(shop_invoices(&desk),
	              "1019 settled 100.00 0.00; 1020 cancelled 100.00 0.00; 1021 open 200.00 200.00");
	desk_close(&desk);
}

TEST(the_system_renews_ahead_of_the_end_and_one_period_at_a_time)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06','auto_renew':true");
	shop_pay(&desk, "100.00", "");
	shop_advance(&desk, "2011-09-07T00:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 renewing initiated 2011-10-06");
	shop_pay(&desk, "100.00", "");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active initiated 2011-11-06");
	shop_advance(&desk, "2011-10-05T00:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active initiated 2011-11-06");
	shop_advance(&desk, "2011-10-08T00:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 renewing initiated 2011-11-06");
	desk_close(&desk);
}

TEST(a_rule_that_rejects_what_a_payment_opens_leaves_the_payment)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06'");
	shop_pay(&desk, "100.00", "");
	desk_do(&desk, "subscription.renew", "{'id':1}");
	shop_deploy(&desk, "rule 'no' { pre = 'SubscriptionPreChangedStatus', run = function (s, ctx) ctx:reject('no', 'not now') end }");
	shop_pay(&desk, "100.00", "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 100.00 0.00; 1020 settled 100.00 0.00");
	CHECK_EQ_TEXT(provisioning(&desk), "1 renewing initiated 2011-10-06");
	desk_close(&desk);
}

TEST(a_rule_chooses_another_length_of_a_renewal)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'end_date':'2011-10-06'");
	shop_deploy(&desk, "rule 'long' { pre = 'subscription.renew', run = function (s, ctx) ctx.event.new_period = duration 'P1Y' end }");
	desk_do(&desk, "subscription.renew", "{'id':1,'create_invoice':false}");
	CHECK_EQ_TEXT(provisioning(&desk), "1 active prepared 2012-10-06");
	CHECK_REFUSED(&desk, "subscription.renew", "{'id':2}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

/* ---- subscriptions one by one ---- */

TEST(the_last_subscription_to_end_ends_its_order)
{
	struct desk desk;
	workflow_open(&desk);
	desk_do(&desk, "order.place",
	        "{'account_id':1,'status':'active','lines':[{'plan':'HOST','quantity':'1'},{'plan':'HOST','quantity':'2'}]}");
	desk.event_count = 0;
	desk_do(&desk, "subscription.terminate", "{'id':1}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre subscription.terminate, pre subscription.status_change, post subscription.status_change, "
	              "post subscription.provisioning_status_change, post subscription.terminate");
	desk_do(&desk, "subscription.status", "{'id':2,'status':'suspended','reason':'unpaid'}");
	desk_do(&desk, "subscription.status", "{'id':2,'status':'active'}");
	desk_do(&desk, "subscription.terminate", "{'id':2}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 canceled");
	CHECK_REFUSED(&desk, "subscription.terminate", "{'id':2}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "subscription.status", "{'id':2,'status':'active'}", PROBLEM_WRONG_STATE, "/status");
	desk_close(&desk);
}

TEST(subscriptions_of_one_order_end_each_on_its_day)
{
	struct desk desk;
	workflow_open(&desk);
	desk_do(&desk, "order.place",
	        "{'account_id':1,'status':'active','lines':[{'plan':'HOST','quantity':'1'},{'plan':'HOST','quantity':'2'}]}");
	desk_do(&desk, "subscription.update", "{'id':1,'end_date':'2011-09-20','custom':{'note':'x'}}");
	shop_advance(&desk, "2011-09-21T00:00:00Z");
	CHECK_EQ_TEXT(provisioning(&desk), "1 complete cancelled 2011-09-20; 2 active prepared -");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	desk_do(&desk, "subscription.update", "{'id':2,'end_date':'2011-09-25'}");
	shop_advance(&desk, "2011-09-26T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 complete");
	CHECK_REFUSED(&desk, "subscription.update", "{'id':2,'auto_renew':true}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

/* ---- orders of new customers ---- */

TEST(the_first_order_of_a_new_customer_makes_customer_and_account)
{
	struct desk desk;
	workflow_open(&desk);
	const struct order *order = desk_do(&desk, "order.place",
	                                    "{'status':'draft','new_customer':{'name':'Ann','billing_contact':{'email':'ann@example.test'}},"
	                                    "'lines':[{'plan':'HOST','quantity':'2'}]}");
	CHECK_EQ_INT(order->account_id, 2);
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, order->total), "200.00");
	CHECK_REFUSED(&desk, "account.update", "{'id':2,'name':'x'}", PROBLEM_NOT_FOUND, "/id");
	desk.event_count = 0;
	desk_do(&desk, "order.process", "{'id':381,'create_invoice':true}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.process, pre order.process_validate, pre account.create, post account.create, pre customer.create, post customer.create, "
	              "pre subscription.create, post subscription.create, pre order.invoice_subscription, pre invoice.create, "
	              "post invoice.create, post order.process");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &order_record, "status", "account_id", "customer_id", "total"), "active 2 367 200.00");
	CHECK_REFUSED(&desk, "order.place",
	              "{'account_id':1,'new_customer':{'name':'Ann'},'lines':[{'plan':'HOST','quantity':'2'}]}",
	              PROBLEM_INVALID_COMBINATION, "/new_customer");
	desk_close(&desk);
}

TEST(a_rejected_account_leaves_the_draft_of_a_new_customer)
{
	struct desk desk;
	workflow_open(&desk);
	shop_deploy(&desk, "rule 'no' { pre = 'AccountPreCreated', run = function (a, ctx) ctx:reject('no', 'not today') end }");
	desk_do(&desk, "order.place", "{'status':'draft','new_customer':{'name':'Ann'},'lines':[{'plan':'HOST','quantity':'1'}]}");
	CHECK_EQ_INT(desk_refused(&desk, "order.process", "{'id':381}")->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 draft");
	CHECK_EQ_TEXT(shop_subscriptions(&desk), "");
	desk_do(&desk, "order.update", "{'id':381,'status':'canceled'}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 canceled");
	desk_close(&desk);
}

/* ---- accounts that end ---- */

TEST(an_account_ends_with_all_that_it_is_served)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk.event_count = 0;
	const struct account *ended = desk_do(&desk, "account.terminate", "{'id':1,'reason':'fraud'}");
	CHECK_EQ_INT(ended->status, ACCOUNT_STATUS_TERMINATED);
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre account.terminate, pre subscription.terminate, pre subscription.status_change, post subscription.status_change, "
	              "post subscription.provisioning_status_change, post subscription.terminate, pre customer.status_change, "
	              "post customer.status_change, post account.terminate");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 canceled");
	CHECK_REFUSED(&desk, "account.terminate", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "account.reactivate", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "termination_request.create", "{'account_id':1}", PROBLEM_WRONG_STATE, "/account_id");
	desk_close(&desk);
}

static bool pending_body(struct command *command, void *context)
{
	struct termination_request **request = context;
	return termination_request_pending(command, 1, request);
}

TEST(a_termination_request_is_carried_out_on_its_day_and_the_account_can_be_had_back)
{
	struct desk desk;
	struct termination_request *pending = NULL;
	workflow_open(&desk);
	host(&desk, "");
	desk.event_count = 0;
	desk_do(&desk, "termination_request.create", "{'account_id':1,'termination_date':'2011-09-20','reactivation_period':'P10D'}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre termination_request.create, post termination_request.create");
	CHECK_REFUSED(&desk, "termination_request.create", "{'account_id':1}", PROBLEM_DUPLICATE, "/account_id");
	CHECK_REFUSED(&desk, "termination_request.create", "{'account_id':2}", PROBLEM_NOT_FOUND, "/account_id");
	shop_advance(&desk, "2011-09-19T23:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	shop_advance(&desk, "2011-09-20T01:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 canceled");
	desk_read(&desk, pending_body, &pending);
	CHECK(pending == NULL);
	desk_do(&desk, "account.reactivate", "{'id':1}");
	desk_do(&desk, "account.terminate", "{'id':1}");
	shop_advance(&desk, "2011-10-01T00:00:00Z");
	CHECK_REFUSED(&desk, "account.reactivate", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	desk_close(&desk);
}

TEST(an_account_that_ends_with_its_subscriptions_is_served_what_is_charged)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "'auto_renew':true");
	desk_do(&desk, "termination_request.create", "{'account_id':1,'termination_date':'2011-09-20','option':'end_of_subscription'}");
	shop_advance(&desk, "2011-10-05T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "status", "end_date", "charged_through", "auto_renew"),
	              "active 2011-10-06 2011-10-06 false");
	shop_advance(&desk, "2011-10-06T01:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 100.00 100.00");
	CHECK(text_is(SHOP_SHOW(&desk, &subscription_record, "status"), "complete") ||
	      text_is(SHOP_SHOW(&desk, &subscription_record, "status"), "canceled"));
	const struct account *account = desk_do(&desk, "account.update", "{'id':1}");
	CHECK_EQ_INT(account->status, ACCOUNT_STATUS_TERMINATED);
	desk_close(&desk);
}

TEST(a_withdrawn_request_ends_nothing)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk_do(&desk, "termination_request.create", "{'account_id':1,'termination_date':'2011-09-20'}");
	desk_do(&desk, "termination_request.withdraw", "{'id':1}");
	CHECK_REFUSED(&desk, "termination_request.withdraw", "{'id':1}", PROBLEM_WRONG_STATE, "/id");
	shop_advance(&desk, "2011-09-21T00:00:00Z");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	desk_close(&desk);
}

TEST(a_rule_moves_the_day_of_a_termination_request)
{
	struct desk desk;
	workflow_open(&desk);
	shop_deploy(&desk, "rule 'later' { pre = 'AccountTerminationRequestPreCreate', run = function (request, ctx)\n"
	                   "  request.termination_date = request.termination_date + 30\n"
	                   "  request.option = 'end_of_subscription'\n"
	                   "end }");
	const struct termination_request *request =
	        desk_do(&desk, "termination_request.create", "{'account_id':1,'termination_date':'2011-09-20'}");
	CHECK_EQ_TEXT(date_text(&desk.arena, request->termination_date), "2011-10-20");
	CHECK_EQ_INT(request->option, TERMINATION_REQUEST_OPTION_END_OF_SUBSCRIPTION);
	desk_close(&desk);
}

/* ---- addresses ---- */

TEST(each_kind_of_address_moves_by_itself)
{
	struct desk desk;
	workflow_open(&desk);
	desk_do(&desk, "account.address_update", "{'id':1,'kind':'main','address':{'street1':'Main 1'}}");
	const struct account *account =
	        desk_do(&desk, "account.address_update", "{'id':1,'kind':'shipping','address':{'street1':'Dock 2'}}");
	CHECK_EQ_TEXT(account->main_address->street1, "Main 1");
	CHECK_EQ_TEXT(account->shipping_address->street1, "Dock 2");
	CHECK(account->address == NULL);
	desk_close(&desk);
}

/* ---- sending ---- */

struct bodies {
	struct text_builder out;
};

static bool bodies_body(struct command *command, void *context)
{
	struct bodies *bodies = context;
	struct delivery *row = NULL;
	for (int64_t id = 1; id <= 20; id++) { /* there are gaps: what a gateway answered is gone */
		CHECK(store_find(command->store, &delivery_record, id, (void **)&row));
		if (row && text_is(row->channel, "mail"))
			builder_format(&bodies->out, "%.*s\n", TEXT_ARG(row->body));
	}
	return true;
}

/* The mails, a line each. */
static struct text deliveries(struct desk *desk)
{
	struct bodies bodies;
	builder_init(&bodies.out, &desk->arena, 0);
	desk_read(desk, bodies_body, &bodies);
	return builder_text(&bodies.out);
}

static struct text sent(struct desk *desk, const struct sent_batch *batch)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	builder_format(&out, "%lld %lld", (long long)batch->sent, (long long)batch->held_back);
	for (size_t i = 0; i < batch->items.count; i++)
		builder_format(&out, "; %.*s %s", TEXT_ARG(batch->items.items[i].number),
		               batch->items.items[i].sent ? "sent" : text_c(&desk->arena, batch->items.items[i].code));
	return builder_text(&out);
}

TEST(an_invoice_that_a_rule_holds_back_is_held_back_alone)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	host(&desk, "");
	shop_deploy(&desk, "rule 'one' { pre = 'InvoicePreSent', when = { number = '1020' }, run = function (i, ctx)\n"
	                   "  ctx:reject('policy.test', 'not today') end }");
	const struct sent_batch *batch = desk_do(&desk, "invoice.send", "{'invoices':[{'number':'1019'},{'number':'1020'},{'id':2396}]}");
	CHECK_EQ_TEXT(sent(&desk, batch), "1 1; 1019 sent; 1020 policy.test");
	CHECK_EQ_TEXT(desk_events(&desk), "pre invoice.send_batch, pre invoice.send, post invoice.send, pre invoice.send");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "number", "sent_at"), "1019 2011-09-06T15:00:00Z; 1020 -");
	desk_close(&desk);
}

TEST(a_rule_chooses_what_a_batch_sends_and_says)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	host(&desk, "");
	shop_deploy(&desk, "rule 'batch' { pre = 'InvoiceSending', run = function (batch, ctx)\n"
	                   "  ctx.event.invoice_ids = { 2397 }\n"
	                   "  ctx.event.subject = 'Please pay'\n"
	                   "end }");
	const struct sent_batch *batch = desk_do(&desk, "invoice.send", "{'id':2396}");
	CHECK_EQ_TEXT(sent(&desk, batch), "1 0; 1020 sent");
	desk_close(&desk);
}

TEST(what_cannot_be_sent_says_why)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk_do(&desk, "customer.create", "{'name':'No mail'}");
	desk_do(&desk, "order.place",
	        "{'account_id':2,'status':'active','create_invoice':true,'lines':[{'plan':'HOST','quantity':'1'}]}");
	desk_do(&desk, "invoice.cancel", "{'id':2396}");
	const struct sent_batch *batch = desk_do(&desk, "invoice.send", "{'invoices':[{'id':2396},{'id':2397}]}");
	CHECK_EQ_TEXT(sent(&desk, batch), "0 2; 1019 wrong_state; 1020 missing_field");
	CHECK_REFUSED(&desk, "invoice.send", "{'id':9}", PROBLEM_NOT_FOUND, "/id");
	CHECK_REFUSED(&desk, "invoice.send", "{}", PROBLEM_MISSING_FIELD, "/id");
	CHECK_REFUSED(&desk, "invoice.send", "{'invoices':[{'id':2397},{'number':'77'}]}", PROBLEM_NOT_FOUND, "/invoices/1");
	CHECK_REFUSED(&desk, "credit_note.send", "{'credit_notes':[{}]}", PROBLEM_MISSING_FIELD, "/credit_notes/0");
	desk_close(&desk);
}

TEST(an_invoice_is_written_by_the_bundles_template_and_what_a_rule_tells_it)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk_do(&desk, "bundle.deploy",
	        "{'archive':{'files':{'bundle.json':'{\\'name\\':\\'t\\'}',"
	        "'templates/mail/invoice.txt':'Subject: {{invoice.number}}\\n\\n{{account.name}}: {{greeting}}',"
	        "'rules/t.lua':'rule [[g]] { pre = [[InvoicePreSent]], run = function (i, ctx) ctx.event.template_data = { greeting = [[hello]] } end }'}}}");
	desk_do(&desk, "invoice.send", "{'id':2396}");
	CHECK(strstr(deliveries(&desk).data, "\"subject\":\"1019\",\"body\":\"John Doe: hello"));
	desk_close(&desk);
}

TEST(credit_notes_are_sent_each_by_itself)
{
	struct desk desk;
	workflow_open(&desk);
	host(&desk, "");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'reason':'other','items':[{'position':1}]}");
	desk.event_count = 0;
	CHECK_EQ_TEXT(sent(&desk, desk_do(&desk, "credit_note.send", "{'id':1}")), "1 0; CN-1 sent");
	CHECK_EQ_TEXT(desk_events(&desk), "pre credit_invoice.send, post credit_invoice.send");
	desk_close(&desk);
}

/* ---- what rules may change ---- */

TEST(a_rule_puts_an_invoice_on_one_that_was_not_sent)
{
	struct desk desk;
	workflow_open(&desk);
	shop_deploy(&desk, "rule 'one' { pre = 'InvoicePreCreated', run = function (i, ctx) ctx.event.append_to_unsent = true end }");
	host(&desk, "");
	desk.event_count = 0;
	host(&desk, "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 200.00 200.00");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre order.create, pre order.calculate, pre order.validate, post order.calculate, post order.create, pre order.process, pre order.process_validate, pre subscription.create, "
	              "post subscription.create, pre order.invoice_subscription, pre invoice.create, pre invoice.update, post invoice.update, "
	              "post invoice.create, post order.process");
	desk_do(&desk, "invoice.send", "{'id':2396}");
	host(&desk, "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 200.00 200.00; 1020 open 100.00 100.00");
	shop_pay(&desk, "300.00", "");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "id", "provisioning_status"), "1 initiated; 2 initiated; 3 initiated");
	desk_close(&desk);
}

/* Each field that the catalogue lists, by one rule each; what came of it is below. */
static const char changing_rules[] =
        "local function on(event, change) rule(event) { pre = event, run = change } end\n"
        "on('AccountPreCreated', function (a) a.notes = 'seen' end)\n"
        "on('AccountPreUpdated', function (a) a.notes = 'updated' end)\n"
        "on('AccountPreTerminated', function (a, ctx) ctx.event.reason = 'by rule' end)\n"
        "on('OrderPreCreated', function (o) o.description = 'seen' end)\n"
        "on('OrderPreCalculate', function (o) o.discounts:add { percent = decimal '10', text = 'off' } end)\n"
        "on('OrderPreProcessed', function (o) o.lines[1].quantity = decimal '2' end)\n"
        "on('SubscriptionPreCreated', function (s) s.custom = { note = 'made' } end)\n"
        "on('SubscriptionPreUpdated', function (s) s.custom = { note = 'rule' } end)\n"
        "on('SubscriptionPreChangedStatus', function (s, ctx)\n"
        "  if ctx.event.new_status == 'suspended' then ctx.event.reason = 'by rule' end end)\n"
        "on('SubscriptionPreTerminated', function (s, ctx) ctx.event.reason = 'by rule' end)\n"
        "on('InvoicePreCreated', function (i) i.due_date = date '2011-12-24' i.notes = 'seen' end)\n"
        "on('PaymentPreCreated', function (p) p.amount = money '50.00 USD' end)\n"
        "on('InvoicePreSent', function (i, ctx) ctx.event.recipient = 'rule@example.test' ctx.event.subject = 'S' ctx.event.body = 'B' end)\n"
        "on('CreditInvoicePreSent', function (n, ctx) ctx.event.subject = 'C' end)\n";

TEST(what_rules_change_before_an_event_is_what_happens)
{
	struct desk desk;
	workflow_open(&desk);
	shop_deploy(&desk, changing_rules);
	const struct customer *ann = desk_do(&desk, "customer.create", "{'name':'Ann'}");
	const struct account *account = desk_do(&desk, "account.update", "{'id':2,'name':'Anne','email':'ann@example.test'}");
	CHECK_EQ_INT(ann->account_id, 2);
	CHECK_EQ_TEXT(account->notes, "updated");
	const struct order *order = desk_do(&desk, "order.place",
	                                    "{'account_id':2,'create_invoice':true,'lines':[{'plan':'HOST','quantity':'1'}]}");
	CHECK_EQ_TEXT(order->description, "seen");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, order->total), "180.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total", "due_date", "notes"), "180.00 2011-12-24 seen");
	desk_do(&desk, "subscription.update", "{'id':1,'custom':{'note':'asked'}}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "custom"), "{\"note\":\"rule\"}");
	desk_do(&desk, "payment.create", "{'account_id':2,'amount':'60.00','currency':'USD'," CARD "}");
	CHECK_EQ_TEXT(shop_payments(&desk), "213 succeeded 50.00 0.00 false");
	desk_do(&desk, "invoice.send", "{'id':2396,'subject':'asked'}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'reason':'other','items':[{'position':1,'amount':'1.00'}]}");
	const struct sent_batch *batch = desk_do(&desk, "credit_note.send", "{'id':1}");
	CHECK_EQ_TEXT(sent(&desk, batch), "1 0; CN-1 sent");
	CHECK_EQ_TEXT(deliveries(&desk),
	              "{\"to\":[{\"address\":\"rule@example.test\"}],\"subject\":\"S\",\"body\":\"B\","
	              "\"attachments\":[{\"invoice_id\":2396,\"format\":\"html\"}]}\n"
	              "{\"to\":[{\"address\":\"ann@example.test\"}],\"subject\":\"C\","
	              "\"body\":\"Credit note CN-1 gives back 0.90 USD.\",\"attachments\":[{\"credit_note_id\":1,\"format\":\"html\"}]}\n");
	desk_close(&desk);
}

/* ---- all of them ---- */

static bool happened(const struct desk *desk, const char *name, const char *side)
{
	for (size_t i = 0; i < desk->event_count; i++)
		if (text_is(text_of(desk->events[i]), text_format((struct arena *)(uintptr_t)&desk->arena, "%s %s", side, name).data))
			return true;
	return false;
}

static bool is_of_atomia(const struct event_side *side)
{
	for (size_t i = 0; i < side->alias_count; i++)
		if (side->aliases[i].system == EVENT_SYSTEM_ATOMIA)
			return true;
	return false;
}

/* The 36 that something before or after is done with; the heartbeat is a signal (test_task.c). */
TEST(the_life_of_a_customer_raises_every_workflow_event_of_atomia)
{
	struct desk desk;
	int count = 0;
	workflow_open(&desk);
	desk_do(&desk, "order.place",
	        "{'status':'draft','end_date':'2011-10-06','new_customer':{'name':'Ann','billing_contact':{'email':'a@example.test'}},"
	        "'lines':[{'plan':'HOST','quantity':'1'}]}");
	desk_do(&desk, "order.process", "{'id':381,'create_invoice':true}");
	desk_do(&desk, "account.update", "{'id':2,'name':'Anne'}");
	desk_do(&desk, "account.address_update", "{'id':2,'kind':'main','address':{'city':'Bath'}}");
	desk_do(&desk, "invoice.send", "{'id':2396}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'reason':'other','items':[{'position':1,'amount':'1.00'}]}");
	desk_do(&desk, "credit_note.send", "{'id':1}");
	desk_do(&desk, "payment.create", "{'account_id':2,'amount':'99.00','currency':'USD'," CARD "}");
	desk_do(&desk, "subscription.renew", "{'id':1,'create_invoice':false}");
	desk_do(&desk, "subscription.update", "{'id':1,'custom':{'a':1}}");
	desk_do(&desk, "order.change", "{'old_order_id':381,'order':{'lines':[{'plan':'HOST','quantity':'2'}]}}");
	desk_do(&desk, "termination_request.create", "{'account_id':2,'termination_date':'2012-01-01'}");
	desk_do(&desk, "account.terminate", "{'id':2}");
	CHECK(desk.event_count < DESK_EVENTS_MAX);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		for (enum event_side_kind kind = EVENT_SIDE_PRE; kind <= EVENT_SIDE_POST; kind++) {
			const struct event_side *side = event_side((enum event)event, kind);
			if (!side->exists || !is_of_atomia(side))
				continue;
			count++;
			check_note("%s %s", event_side_name(kind), event_info((enum event)event)->name);
			CHECK(happened(&desk, event_info((enum event)event)->name, event_side_name(kind)));
		}
	}
	CHECK_EQ_INT(count, 36);
	desk_close(&desk);
}

/* ---- the veto's row ---- */

static bool last_audit_body(struct command *command, void *context)
{
	struct audit **last = context, *row = NULL;
	for (int64_t id = 1; id == 1 || row; id++) {
		CHECK(store_find(command->store, &audit_record, id, (void **)&row));
		*last = row ? row : *last;
	}
	return true;
}

TEST(the_row_of_a_rejection_names_event_and_rule)
{
	struct desk desk;
	struct audit *last = NULL;
	workflow_open(&desk);
	shop_deploy(&desk, "rule 'deny' { pre = 'OrderPreCreated', run = function (o, ctx) ctx:reject('policy.test', 'no') end }");
	CHECK_EQ_INT(desk_refused(&desk, "order.place", "{'account_id':1,'lines':[{'plan':'HOST','quantity':'1'}]}")->code,
	             PROBLEM_REJECTED);
	desk_read(&desk, last_audit_body, &last);
	CHECK_EQ_TEXT(last->event, "order.create");
	CHECK_EQ_TEXT(last->rule, "deny");
	CHECK_EQ_TEXT(last->code, "policy.test");
	CHECK_EQ_TEXT(last->message, "no");
	desk_close(&desk);
}

CHECK_MAIN
