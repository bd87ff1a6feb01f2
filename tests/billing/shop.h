/* shop.h: the desk with everything a shop needs: customer JOHNDOE001, the plans of the walk, the numbers of the seed.
 *
 *     struct desk desk;
 *     shop_open(&desk);
 *     struct order *order = shop_order(&desk, "'create_invoice':true");     // 60.50 on invoice 2396, number 1019
 *     shop_pay(&desk, "60.50", "'auto_pay':1");
 *     shop_advance(&desk, "2011-10-01T06:00:00Z");
 *     CHECK_EQ_TEXT(shop_invoices(&desk), "2396 1019 settled 60.50 0.00; ...");
 */
#ifndef MOONBILL_TESTS_BILLING_SHOP_H
#define MOONBILL_TESTS_BILLING_SHOP_H

#include "desk.h"

#include "billing/billing.h"
#include "billing/billing_run.h"
#include "billing/credit.h"
#include "billing/invoice.h"
#include "billing/order.h"
#include "billing/payment.h"
#include "billing/payment_method.h"
#include "billing/subscription.h"
#include "event/dispatch.h"

#define CARD "'card':{'number':'4111111111111111','expiry':'2014-01-31','brand':'Visa'}"

static void shop_open_at(struct desk *desk, const char *url, const char *settings, bool threads)
{
	*desk = (struct desk){ 0 };
	CHECK(arena_init(&desk->arena, DESK_ARENA_BYTES));
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = {
		.lock = true, .threads = threads, .commands = billing_commands, .jobs = billing_jobs,
		.trace = desk_trace, .trace_context = desk,
	};
	desk->engine = engine_open(text_of(url), &options, &desk->problems);
	CHECK(desk->engine != NULL);
	const struct tenant_created *tenant = desk_do(
	        desk, "tenant.create",
	        text_format(&desk->arena, "{'name':'acme','test':true,'at':'2011-09-06T15:00:00Z','settings':{%s}}", settings).data);
	desk->tenant_id = tenant->id;
}

__attribute__((unused)) static void shop_open_empty(struct desk *desk, const char *settings, bool threads)
{
	shop_open_at(desk, ":memory:", settings, threads);
}

/* The five plans of the walk and the tiers, as H1 ... H6 and SEATS. */
static void shop_plans(struct desk *desk)
{
	static const char *const plans[] = {
		"'code':'H1','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'165.00','prorated':true},"
		"{'price_code':'BANDWIDTH','kind':'usage','amount':'0.10','unit':'GB'}]",
		"'code':'H2','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'150.00','prorated':true},"
		"{'price_code':'TAX','kind':'percent','percent':'10','targets':[{'price_code':'MNTHLY'}]}]",
		"'code':'H3','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'45.00','prorated':true},"
		"{'price_code':'SETUP','kind':'one_time','amount':'44.00'}]",
		"'code':'H4','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'100.00','prorated':true},"
		"{'price_code':'SUPPORT','kind':'recurring','amount':'65.00','prorated':true}]",
		"'code':'H5','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'90.00','prorated':true},"
		"{'price_code':'SETUP','kind':'one_time','amount':'30.50'}],"
		"'policies':[{'policy':'proration','rule':'proration/exclusive_start_days'}]",
		"'code':'H6','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'150.00','prorated':true},"
		"{'price_code':'TAX','kind':'percent','percent':'10','targets':[{'price_code':'MNTHLY'}],'mandatory':true,'tax':true}]",
		"'code':'SEATS','charges':[{'price_code':'YR-RECUR','kind':'recurring','unit':'Seats','tiers':["
		"{'units_from':'1.00','units_to':'10.00','price':'150.95'},{'units_from':'11.00','units_to':'50.00','price':'120.95'},"
		"{'units_from':'51.00','units_to':'99999.00','price':'90.95'}]}]",
	};
	for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
		desk_do(desk, "plan.create", text_format(&desk->arena, "{%s}", plans[i]).data);
}

/* The customer, whose account is number 1, and the numbers that the seed shows. */
static void shop_furnish(struct desk *desk)
{
	desk_do(desk, "fixture.set",
	        "{'sequences':[{'name':'customer_id','next':366},{'name':'order_id','next':381},{'name':'order_number','next':1036},"
	        "{'name':'invoice_id','next':2396},{'name':'invoice_number','next':1019},{'name':'payment_id','next':213},"
	        "{'name':'invoice_payment_id','next':171},{'name':'payment_attempt_id','next':192}]}");
	desk_do(desk, "customer.create", "{'name':'John Doe','external_key':'JOHNDOE001'}");
	shop_plans(desk);
	desk->event_count = 0;
}

__attribute__((unused)) static void shop_open_with(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	shop_furnish(desk);
}

__attribute__((unused)) static void shop_open(struct desk *desk)
{
	shop_open_with(desk, "");
}

/* A bundle of one file of rules. */
__attribute__((unused)) static void shop_deploy(struct desk *desk, const char *rules)
{
	struct text_builder out, archive;
	struct json_writer writer;
	builder_init(&out, &desk->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "files");
	json_begin_object(&writer);
	json_name(&writer, "bundle.json");
	json_c(&writer, "{\"name\":\"test\"}");
	json_name(&writer, "rules/test.lua");
	json_c(&writer, rules);
	json_end_object(&writer);
	json_end_object(&writer);
	struct text files = builder_text(&out);
	builder_init(&archive, &desk->arena, 0);
	json_writer_init(&writer, &archive);
	json_begin_object(&writer);
	json_name(&writer, "archive");
	json_raw(&writer, files);
	json_end_object(&writer);
	void *output;
	if (!desk_try_text(desk, "bundle.deploy", builder_text(&archive), &output)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
	desk->event_count = 0;
}

/* One MNTHLY of H1 from 2011-09-20, unless `more` says otherwise. */
__attribute__((unused)) static struct text shop_order_text(struct desk *desk, const char *plan, const char *more)
{
	return desk_json(desk, text_format(&desk->arena,
	                                   "{'customer_key':'JOHNDOE001','plan':'%s','status':'active','start_date':'2011-09-20',"
	                                   "'lines':[{'price_code':'MNTHLY','quantity':'1.0'}]%s%s}",
	                                   plan, more[0] ? "," : "", more).data);
}

__attribute__((unused)) static struct order *shop_order_plan(struct desk *desk, const char *plan, const char *more)
{
	void *order;
	if (!desk_try_text(desk, "order.place", shop_order_text(desk, plan, more), &order)) {
		desk_show(desk);
		CHECK_FAIL("order.place was refused");
	}
	return order;
}

__attribute__((unused)) static struct order *shop_order(struct desk *desk, const char *more)
{
	return shop_order_plan(desk, "H1", more);
}

/* By card, for the account; `more` as '\"targets\":...'. */
__attribute__((unused)) static struct payment *shop_pay(struct desk *desk, const char *amount, const char *more)
{
	return desk_do(desk, "payment.create",
	               text_format(&desk->arena, "{'customer_key':'JOHNDOE001','amount':'%s','currency':'USD'," CARD "%s%s}", amount,
	                           more[0] ? "," : "", more).data);
}

__attribute__((unused)) static void shop_gateway(struct desk *desk, const char *answers)
{
	desk_do(desk, "fixture.set", text_format(&desk->arena, "{'gateway':[%s]}", answers).data);
}

__attribute__((unused)) static void shop_advance(struct desk *desk, const char *until)
{
	struct instant instant;
	CHECK(instant_parse(text_of(until), &instant));
	problems_init(&desk->problems, &desk->arena);
	if (!engine_advance_clock(desk->engine, desk->tenant_id, instant, &desk->problems)) {
		desk_show(desk);
		CHECK_FAIL("the clock did not move to %s", until);
	}
}

/* ---- what there is, as text ---- */

struct shop_list {
	struct desk *desk;
	const struct record *record;
	const char *const *fields; /* NULL-terminated */
	struct text_builder out;
};

static bool shop_rows(struct command *command, const struct record *record, struct record_list *rows)
{
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	if (record == &order_record)
		return order_page(command, &all, (void *)rows);
	if (record == &subscription_record)
		return subscription_page(command, &all, (void *)rows);
	if (record == &invoice_record)
		return invoice_page(command, &all, (void *)rows);
	if (record == &payment_record)
		return payment_page(command, &all, (void *)rows);
	if (record == &renewal_order_record)
		return store_all(command->store, STATEMENT_RENEWAL_ORDER_PAGE,
		                 BINDS(bind_id(0), bind_null(), bind_id(0), bind_integer(OBJECT_PAGE_MAX)), record, rows);
	if (record == &job_record)
		return store_all(command->store, STATEMENT_JOB_PAGE,
		                 BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(OBJECT_PAGE_MAX)), record, rows);
	CHECK(record == &credit_record);
	return credit_page(command, &all, (void *)rows);
}

static bool shop_list_body(struct command *command, void *context)
{
	struct shop_list *list = context;
	struct record_list rows = { 0 };
	CHECK(shop_rows(command, list->record, &rows));
	for (size_t i = rows.count; i-- > 0;) {
		builder_c(&list->out, i + 1 < rows.count ? "; " : "");
		for (size_t j = 0; list->fields[j]; j++) {
			const char *row = (const char *)rows.items + i * list->record->size;
			int field = record_field_find(list->record, text_of(list->fields[j]));
			CHECK(field >= 0);
			struct text text = record_field_text(list->record, row, field, &list->desk->arena);
			builder_c(&list->out, j ? " " : "");
			builder_add(&list->out, text_present(text) ? text : TEXT("-"));
		}
	}
	return true;
}

/* Every row, oldest first: fields by blanks, rows by "; ". */
static struct text shop_show(struct desk *desk, const struct record *record, const char *const *fields)
{
	struct shop_list list = { .desk = desk, .record = record, .fields = fields };
	builder_init(&list.out, &desk->arena, 0);
	desk_read(desk, shop_list_body, &list);
	return builder_text(&list.out);
}

#define SHOP_SHOW(desk, record, ...) shop_show((desk), (record), (const char *const[]){ __VA_ARGS__, NULL })

__attribute__((unused)) static struct text shop_orders(struct desk *desk)
{
	return SHOP_SHOW(desk, &order_record, "id", "number", "status");
}

__attribute__((unused)) static struct text shop_subscriptions(struct desk *desk)
{
	return SHOP_SHOW(desk, &subscription_record, "id", "plan", "status", "start_date", "end_date", "charged_through");
}

__attribute__((unused)) static struct text shop_invoices(struct desk *desk)
{
	return SHOP_SHOW(desk, &invoice_record, "number", "status", "total", "balance");
}

__attribute__((unused)) static struct text shop_payments(struct desk *desk)
{
	return SHOP_SHOW(desk, &payment_record, "id", "status", "amount", "unallocated", "by_billing_run");
}

__attribute__((unused)) static struct text shop_credits(struct desk *desk)
{
	return SHOP_SHOW(desk, &credit_record, "reason", "amount", "remaining");
}

struct shop_one {
	int64_t id;
	void *found;
};

static bool shop_invoice_body(struct command *command, void *context)
{
	struct shop_one *one = context;
	return invoice_find(command, one->id, (struct invoice **)&one->found);
}

__attribute__((unused)) static struct invoice *shop_invoice(struct desk *desk, int64_t id)
{
	struct shop_one one = { .id = id };
	desk_read(desk, shop_invoice_body, &one);
	CHECK(one.found != NULL);
	return one.found;
}

/* "MNTHLY 60.50; TAX 5.50" */
__attribute__((unused)) static struct text shop_lines(struct desk *desk, int64_t invoice_id)
{
	const struct invoice *invoice = shop_invoice(desk, invoice_id);
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	int64_t sum = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		struct text name = text_present(line->price_code) ? line->price_code : line->description;
		struct text amount = money_amount_text(&desk->arena, line->amount);
		builder_format(&out, "%s%.*s %.*s", i ? "; " : "", TEXT_ARG(name), TEXT_ARG(amount));
		sum += line->amount.minor;
	}
	CHECK_EQ_INT(sum, invoice->total.minor);
	return builder_text(&out);
}

/* The total of a quote; input without braces. */
__attribute__((unused)) static struct text shop_quote(struct desk *desk, const char *input)
{
	const struct quote *quote = desk_do(desk, "order.quote", text_format(&desk->arena, "{%s}", input).data);
	int64_t sum = 0;
	for (size_t i = 0; i < quote->lines.count; i++)
		sum += quote->lines.items[i].amount.minor;
	CHECK_EQ_INT(sum, quote->total.minor);
	return money_amount_text(&desk->arena, quote->total);
}

#endif
