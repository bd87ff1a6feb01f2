/* test_event_order.c: each workflow over HTTP with its events, in order and each once: what a dry run tells before, what the
 * journal has after. The sequences are those of docs/workflows.md (Atomia A.3). */
#include "counter.h"

#include "billing/bundle_archive.h"

#define CARD "'card':{'number':'4111111111111111','cvv':'737','expiry':'2014-01-31'}"
#define SUBSCRIPTION "-subscription.create +subscription.create "
#define STATUS "-subscription.status_change +subscription.status_change "
/* Of one that still waits for its payment: then it is not provisioned any more. */
#define TERMINATE "-subscription.terminate " STATUS "+subscription.provisioning_status_change +subscription.terminate "
#define PAID "-payment.create +payment.create +payment.succeed +invoice_payment.succeed"

/* The life of one customer, who is account 1: '-' before, '+' after. */
static const struct row {
	const char *method, *target, *body, *events;
	bool charges; /* the gateway is asked, or time passes: a dry run ends before, or tells no signals */
} rows[] = {
	{ "PUT", "/v1/clock", "{'now':'2011-09-06T15:00:01Z'}", "+clock.heartbeat", true },
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
	  "-credit_invoice.create +credit_invoice.create +invoice.balance_change", false },
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
		if (text_is(kind, "pre") || text_is(kind, "post") || text_is(kind, "signal"))
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

/* ---- by Atomia's names ---- */

static void deploy(struct counter *counter, const char *rules)
{
	struct bundle_file files[] = { { TEXT("bundle.json"), TEXT("{\"name\":\"names\"}") },
		                       { TEXT("rules/names.lua"), text_of(rules) } };
	counter_send_text(counter, "PUT", "/v1/bundle", bundle_archive_text(&counter->arena, files, 2));
	if (counter->reply.status != 200)
		CHECK_FAIL("%d %.*s", counter->reply.status, TEXT_ARG(counter->reply.body));
}

/* What Atomia calls "-order.create"; NULL: it has no name for it. */
static const char *name_of(struct text event)
{
	enum event_side_kind any;
	const struct event_info *info = event_info(event_find(text_slice(event, 1, event.length), &any));
	const struct event_side *side = event.data[0] == '-' ? &info->pre : info->signal.exists ? &info->signal : &info->post;
	for (size_t i = 0; i < side->alias_count; i++)
		if (side->aliases[i].system == EVENT_SYSTEM_ATOMIA)
			return side->aliases[i].name;
	return NULL;
}

static struct text names_of(struct arena *arena, const char *events)
{
	struct text_builder out;
	struct text event, rest = text_of(events);
	builder_init(&out, arena, 0);
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &event, &rest);
		const char *name = event.length ? name_of(event) : NULL;
		if (name)
			builder_format(&out, "%s%s", out.length ? " " : "", name);
	}
	return builder_text(&out);
}

struct atomia {
	struct text_builder rules; /* one of its name for each name */
	struct text_builder names; /* with blanks between them */
	size_t count;
};

static void add_names(struct atomia *atomia, const struct event_side *side, const char *moment)
{
	for (size_t i = 0; i < side->alias_count; i++) {
		const char *name = side->aliases[i].name;
		if (side->aliases[i].system != EVENT_SYSTEM_ATOMIA)
			continue;
		builder_format(&atomia->rules, "rule '%s' { %s = '%s', run = function () end }\n", name, moment, name);
		builder_format(&atomia->names, "%s%s", atomia->count++ ? " " : "", name);
	}
}

static struct atomia atomia_read(struct arena *arena)
{
	struct atomia atomia = { 0 };
	builder_init(&atomia.rules, arena, 0);
	builder_init(&atomia.names, arena, 0);
	for (int event = EVENT_NONE + 1; event < EVENT_COUNT; event++) {
		add_names(&atomia, event_side((enum event)event, EVENT_SIDE_PRE), "pre");
		add_names(&atomia, event_side((enum event)event, EVENT_SIDE_POST), "post");
		add_names(&atomia, event_side((enum event)event, EVENT_SIDE_SIGNAL), "post");
	}
	return atomia;
}

/* Rules before and after events that were run, from this run on. */
static struct text heard_since(struct counter *counter, int64_t after, int64_t *last)
{
	struct text_builder out;
	builder_init(&out, &counter->arena, 0);
	counter_expect(counter, "GET", text_format(&counter->arena, "/v1/rule_runs?limit=200&after=%lld", (long long)after).data, NULL, 200);
	int64_t count = counter_json_count(counter, "items");
	CHECK(count < 200);
	*last = after;
	for (int64_t i = 0; i < count; i++) {
		const char *place = text_format(&counter->arena, "items.%lld.", (long long)i).data;
		struct text moment = counter_json(counter, text_format(&counter->arena, "%smoment", place).data);
		struct text rule = counter_json(counter, text_format(&counter->arena, "%srule", place).data);
		text_to_int64(counter_json(counter, text_format(&counter->arena, "%sid", place).data), last);
		if (text_is(moment, "pre") || text_is(moment, "post"))
			builder_format(&out, "%s%.*s", out.length ? " " : "", TEXT_ARG(rule));
	}
	return builder_text(&out);
}

/* How many there are of all that can be listed. */
static struct text counts(struct counter *counter)
{
	static const char *const lists[] = { "accounts", "customers", "orders", "subscriptions", "invoices", "payments", "credits",
		                             "credit_notes", "events", "jobs", "deliveries", "termination_requests", "usage" };
	struct text_builder out;
	builder_init(&out, &counter->arena, 0);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		counter_expect(counter, "GET", text_format(&counter->arena, "/v1/%s?limit=200", lists[i]).data, NULL, 200);
		builder_format(&out, "%s %lld; ", lists[i], (long long)counter_json_count(counter, "items"));
	}
	return builder_text(&out);
}

/* Held back alone: of a batch the others are sent, so that the request is answered as ever. */
static bool is_held_back(const char *name)
{
	return strcmp(name, "InvoicePreSent") == 0 || strcmp(name, "CreditInvoicePreSent") == 0;
}

static void check_rejected(struct counter *counter, const struct row *row, const char *name)
{
	deploy(counter, text_format(&counter->arena, "rule 'no' { pre = '%s', run = function (s, ctx) ctx:reject('no', 'not today') end }",
	                            name).data);
	struct text before = counts(counter);
	counter_send(counter, row->method, row->target, row->body);
	check_note("%s rejects %s %s: %.*s", name, row->method, row->target, TEXT_ARG(counter->reply.body));
	CHECK_EQ_INT(counter->reply.status, is_held_back(name) ? 200 : 422);
	CHECK_EQ_TEXT(counts(counter), text_c(&counter->arena, before));
}

/* Each of Atomia's names before what the row does, once. What a gateway has answered is kept, whatever is rejected then. */
static void check_rejections(struct counter *counter, const struct row *row)
{
	struct text event, rest = text_of(row->events), done = TEXT("");
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &event, &rest);
		const char *name = event.length && event.data[0] == '-' ? name_of(event) : NULL;
		bool answered = row->charges && name && strcmp(name, "PaymentPreCreated") != 0;
		if (!name || answered || strstr(done.data, name))
			continue;
		check_rejected(counter, row, name);
		done = text_format(&counter->arena, "%.*s %s", TEXT_ARG(done), name);
	}
}

/* Does the row, with a handler for each name; the names that were heard. */
static struct text row_heard(struct counter *counter, const struct row *row, const char *rules, int64_t *run)
{
	deploy(counter, rules);
	heard_since(counter, *run, run);
	counter_send(counter, row->method, row->target, row->body);
	check_note("%s %s %s: %d", row->method, row->target, row->body, counter->reply.status);
	CHECK_EQ_INT(counter->reply.status / 100, 2);
	return heard_since(counter, *run, run);
}

TEST(handlers_by_atomias_names_run_in_order_and_each_once_and_what_one_rejects_leaves_nothing)
{
	struct counter counter;
	int64_t run = 0;
	counter_open(&counter);
	struct atomia atomia = atomia_read(&counter.arena);
	const char *rules = builder_text(&atomia.rules).data;
	struct text none = counts(&counter), heard = TEXT(" "), name, rest = builder_text(&atomia.names);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		check_rejections(&counter, &rows[i]);
		struct text names = row_heard(&counter, &rows[i], rules, &run);
		CHECK_EQ_TEXT(names, text_c(&counter.arena, names_of(&counter.arena, rows[i].events)));
		heard = text_format(&counter.arena, "%.*s%.*s ", TEXT_ARG(heard), TEXT_ARG(names));
	}
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &name, &rest);
		check_note("%.*s is heard in %.*s", TEXT_ARG(name), TEXT_ARG(heard));
		CHECK(strstr(heard.data, text_format(&counter.arena, " %.*s ", TEXT_ARG(name)).data) != NULL);
	}
	CHECK_EQ_INT(atomia.count, 37);
	CHECK(!text_equals(counts(&counter), none)); /* what is not rejected is seen */
	counter_close(&counter);
}

CHECK_MAIN
