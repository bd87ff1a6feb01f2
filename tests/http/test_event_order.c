/* test_event_order.c: each workflow over HTTP with its events, in order and each once: what a dry run tells before, what the
 * journal has after. The sequences are those of docs/workflows.md (Atomia A.3). */
#include "counter.h"

#define CARD "'card':{'number':'4111111111111111','cvv':'737','expiry':'2014-01-31'}"
#define SUBSCRIPTION "-subscription.create +subscription.create "
#define STATUS "-subscription.status_change +subscription.status_change "
/* Of one that still waits for its payment: then it is not provisioned any more. */
#define TERMINATE "-subscription.terminate " STATUS "+subscription.provisioning_status_change +subscription.terminate "
#define PAID "-payment.create +payment.create +payment.succeed +invoice_payment.succeed"

/* The life of one customer, who is account 1: '-' before, '+' after. */
static const struct row {
	const char *method, *target, *body, *events;
	bool charges; /* the gateway is asked: a dry run ends before */
} rows[] = {
	{ "POST", "/v1/plans", "{'code':'HOST','provisioning':'after_payment','renewing':'after_payment',"
	                       "'charges':[{'price_code':'FEE','kind':'recurring','amount':'100.00','prorated':true}]}", "", false },
	{ "POST", "/v1/orders", "{'status':'draft','end_date':'2011-10-06','new_customer':{'name':'Ann',"
	                        "'billing_contact':{'email':'ann@example.test'}},"
	                        "'lines':[{'plan':'HOST','quantity':'1'},{'plan':'HOST','quantity':'2'}]}",
	  "-order.create -order.calculate -order.validate +order.calculate +order.create", false },
	{ "POST", "/v1/orders/quote", "{'plan':'HOST'}", "-order.calculate", false },
	{ "POST", "/v1/orders/381/process", "{'create_invoice':true}",
	  "-order.process -order.process_validate -account.create +account.create -customer.create +customer.create " SUBSCRIPTION SUBSCRIPTION
	  "-order.invoice_subscription -order.invoice_subscription -invoice.create +invoice.create +order.process", false },
	{ "PATCH", "/v1/accounts/1", "{'name':'Anne'}", "-account.update +account.update", false },
	{ "PUT", "/v1/accounts/1/address", "{'kind':'billing','address':{'city':'Bath'}}",
	  "-account.address_update +account.address_update", false },
	{ "POST", "/v1/invoices/send", "{'invoices':[{'id':2396}]}", "-invoice.send_batch -invoice.send +invoice.send", false },
	{ "POST", "/v1/payments", "{'account_id':1,'amount':'100.00','currency':'USD'," CARD "}", PAID, true },
	{ "POST", "/v1/payments", "{'account_id':1,'amount':'200.00','currency':'USD'," CARD "}",
	  PAID " +invoice.settle +subscription.provision_on_payment +subscription.provisioning_status_change "
	  "+subscription.provision_on_payment +subscription.provisioning_status_change", true },
	{ "POST", "/v1/subscriptions/1/provisioning", "{'status':'provisioned'}", "+subscription.provisioning_status_change", false },
	{ "PATCH", "/v1/subscriptions/1", "{'custom':{'a':1}}", "-subscription.update +subscription.update", false },
	{ "POST", "/v1/subscriptions/1/status", "{'status':'suspended'}", STATUS, false },
	{ "POST", "/v1/subscriptions/1/status", "{'status':'active'}", STATUS, false },
	{ "POST", "/v1/subscriptions/1/renew", "{}", "-subscription.renew -invoice.create +invoice.create " STATUS, false },
	{ "POST", "/v1/payments", "{'account_id':1,'amount':'100.00','currency':'USD'," CARD "}",
	  PAID " +invoice.settle +subscription.provision_on_payment " STATUS "+subscription.renew", true },
	{ "POST", "/v1/invoices/2396/credit_notes", "{'reason':'other','items':[{'position':1,'amount':'1.00'}]}",
	  "-credit_invoice.create +credit_invoice.create", false },
	{ "POST", "/v1/credit_notes/1/send", "{}", "-credit_invoice.send +credit_invoice.send", false },
	{ "POST", "/v1/orders/381/change", "{'order':{'status':'draft','lines':[{'plan':'HOST','quantity':'3'}]}}",
	  "-order.create -order.calculate -order.validate +order.calculate +order.create +order.upgrade", false },
	{ "POST", "/v1/orders/382/process", "{}",
	  "-order.process -order.process_validate " STATUS STATUS SUBSCRIPTION "-order.invoice_subscription +order.process", false },
	{ "POST", "/v1/orders", "{'account_id':1,'lines':[{'plan':'HOST','quantity':'1'}]}",
	  "-order.create -order.calculate -order.validate +order.calculate +order.create -order.process -order.process_validate " SUBSCRIPTION "-order.invoice_subscription +order.process",
	  false },
	{ "POST", "/v1/subscriptions/4/terminate", "{'reason':'enough'}", TERMINATE, false },
	{ "POST", "/v1/accounts/1/termination_requests", "{'termination_date':'2012-01-01','option':'immediate'}",
	  "-termination_request.create +termination_request.create", false },
	{ "POST", "/v1/accounts/1/terminate", "{}",
	  "-account.terminate " TERMINATE "-customer.status_change +customer.status_change +account.terminate", false },
};

/* As rows have them, without their blanks' number. */
static struct text squeezed(struct arena *arena, const char *events, char only)
{
	struct text_builder out;
	struct text word, rest = text_of(events);
	builder_init(&out, arena, 0);
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &word, &rest);
		if (word.length && (!only || word.data[0] == only))
			builder_format(&out, "%s%.*s", out.length ? " " : "", TEXT_ARG(word));
	}
	return builder_text(&out);
}

static struct text dry_events(struct counter *counter, const struct row *row)
{
	struct text_builder out;
	counter_header(counter, "Dry-Run", "true");
	counter_expect(counter, row->method, row->target, row->body, 200);
	builder_init(&out, &counter->arena, 0);
	for (int64_t i = 0; i < counter_json_count(counter, "events"); i++) {
		const char *place = text_format(&counter->arena, "events.%lld.", (long long)i).data;
		struct text kind = counter_json(counter, text_format(&counter->arena, "%skind", place).data);
		struct text name = counter_json(counter, text_format(&counter->arena, "%sname", place).data);
		if (text_is(kind, "pre") || text_is(kind, "post"))
			builder_format(&out, "%s%c%.*s", out.length ? " " : "", text_is(kind, "pre") ? '-' : '+', TEXT_ARG(name));
	}
	return builder_text(&out);
}

/* Of the journal, from this serial on. */
static struct text told_since(struct counter *counter, int64_t serial, int64_t *last)
{
	struct text_builder out;
	counter_expect(counter, "GET", "/v1/events?limit=200", NULL, 200);
	builder_init(&out, &counter->arena, 0);
	int64_t count = counter_json_count(counter, "items");
	CHECK(count < 200);
	for (int64_t i = serial; i < count; i++) {
		const char *place = text_format(&counter->arena, "items.%lld.event", (long long)i).data;
		builder_format(&out, "%s+%.*s", out.length ? " " : "", TEXT_ARG(counter_json(counter, place)));
	}
	*last = count;
	return builder_text(&out);
}

TEST(each_workflow_over_http_raises_its_events_in_order_and_each_once)
{
	struct counter counter;
	int64_t serial = 0;
	counter_open(&counter);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct row *row = &rows[i];
		check_note("%s %s %s", row->method, row->target, row->body);
		if (!row->charges)
			CHECK_EQ_TEXT(dry_events(&counter, row), squeezed(&counter.arena, row->events, 0).data);
		counter_send(&counter, row->method, row->target, row->body);
		if (counter.reply.status / 100 != 2)
			CHECK_FAIL("%d %.*s", counter.reply.status, TEXT_ARG(counter.reply.body));
		CHECK_EQ_TEXT(told_since(&counter, serial, &serial), squeezed(&counter.arena, row->events, '+').data);
	}
	counter_close(&counter);
}

CHECK_MAIN
