/* event.c: what happened on the site, out of the journal. Maxio's keys are a closed list: what it has no key for is not among them. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/customer.h"
#include "billing/invoice.h"
#include "billing/product.h"
#include "billing/subscription.h"

enum { EVENTS_AT_ONCE = 200 };

/* One row of the journal as it is read. */
struct happened {
	struct command *command;
	const struct journal *row;
	const struct json *payload;
	struct subscription *subscription; /* NULL: of none */
	struct maxio_event *shown;
	bool left_out; /* it means nothing at Maxio */
};

/* ---- what a payload tells ---- */

static const struct json *within(const struct json *json, const char *name)
{
	return json && json->type == JSON_OBJECT ? json_member(json, name) : NULL;
}

static int64_t id_in(const struct json *json, const char *name)
{
	const struct json *member = within(json, name);
	int64_t id = 0;
	return member && text_to_int64(json_text(member), &id) ? id : 0;
}

static struct text text_in(const struct json *json, const char *name)
{
	const struct json *member = within(json, name);
	return member ? json_text(member) : TEXT_NONE;
}

static bool subscription_set(struct happened *happened, int64_t id)
{
	return !id || subscription_find(happened->command, id, &happened->subscription);
}

/* The first that one of its lines is of. */
static int64_t subscription_of_lines(const struct json *invoice)
{
	const struct json *lines = within(invoice, "lines");
	for (const struct json *line = lines ? lines->first : NULL; line; line = line->next)
		if (id_in(line, "subscription_id"))
			return id_in(line, "subscription_id");
	return 0;
}

/* ---- details ---- */

struct details {
	struct text_builder out;
	struct json_writer json;
};

static void details_begin(struct happened *happened, struct details *details)
{
	builder_init(&details->out, happened->command->arena, 0);
	json_writer_init(&details->json, &details->out);
	json_begin_object(&details->json);
}

static void details_end(struct happened *happened, struct details *details)
{
	json_end_object(&details->json);
	happened->shown->event_specific_data = builder_text(&details->out);
}

/* A decimal as a number. */
static void number_write(struct details *details, const char *name, const struct json *json, const char *member)
{
	struct text text = text_in(json, member);
	json_name(&details->json, name);
	json_raw(&details->json, text_present(text) && text.length ? text : TEXT("0"));
}

static void text_write(struct details *details, const char *name, struct text text)
{
	json_name(&details->json, name);
	json_string(&details->json, text_present(text) ? text : TEXT(""));
}

static void component_write(struct details *details, const struct component *component, const struct json *subject)
{
	json_name(&details->json, "component_id");
	json_integer(&details->json, component->id);
	text_write(details, "component_handle", component->handle);
	text_write(details, "memo", text_in(subject, "memo"));
}

static bool allocated(struct happened *happened)
{
	const struct json *allocation = within(happened->payload, "allocation");
	const struct component *component = component_need(happened->command, id_in(allocation, "component_id"), "");
	struct details details;
	if (!component || !subscription_set(happened, id_in(allocation, "subscription_id")))
		return false;
	details_begin(happened, &details);
	number_write(&details, "previous_allocation", allocation, "previous_quantity");
	number_write(&details, "new_allocation", allocation, "quantity");
	component_write(&details, component, allocation);
	number_write(&details, "allocation_id", allocation, "id");
	number_write(&details, "allocated_quantity", allocation, "quantity");
	details_end(happened, &details);
	happened->shown->message = text_format(happened->command->arena, "%.*s changed from %.*s to %.*s", TEXT_ARG(component->name),
	                                       TEXT_ARG(text_in(allocation, "previous_quantity")), TEXT_ARG(text_in(allocation, "quantity")));
	return true;
}

static void metered_write(struct happened *happened, const struct component *component, const struct json *usage)
{
	struct details details;
	details_begin(happened, &details);
	text_write(&details, "previous_unit_balance", text_in(usage, "balance_before"));
	number_write(&details, "new_unit_balance", usage, "balance");
	number_write(&details, "usage_quantity", usage, "quantity");
	component_write(&details, component, usage);
	details_end(happened, &details);
}

/* Of prepaid usage no details: SDKs take them for those of metered usage as well, and throw the whole answer away. */
static bool used(struct happened *happened)
{
	const struct json *usage = within(happened->payload, "component_usage");
	const struct component *component = component_need(happened->command, id_in(usage, "component_id"), "");
	if (!component || !subscription_set(happened, id_in(usage, "subscription_id")))
		return false;
	if (component->kind != COMPONENT_KIND_PREPAID)
		metered_write(happened, component, usage);
	happened->shown->key = component->kind == COMPONENT_KIND_PREPAID ? TEXT("prepaid_usage") : TEXT("metered_usage");
	happened->shown->message = text_format(happened->command->arena, "%.*s of %.*s were used", TEXT_ARG(text_in(usage, "quantity")),
	                                       TEXT_ARG(component->name));
	return true;
}

/* Of a payment that is about an invoice: product and payment. */
static bool paid(struct happened *happened)
{
	const struct json *payment = within(happened->payload, "payment"), *targets = within(payment, "targets");
	int64_t invoice_id = targets && targets->first ? id_in(targets->first, "invoice_id") : 0;
	struct invoice *invoice = NULL;
	struct listed_product *product = NULL;
	struct details details;
	if ((invoice_id && !invoice_find(happened->command, invoice_id, &invoice)) ||
	    !subscription_set(happened, invoice ? maxio_invoice_subscription(invoice) : 0) ||
	    (happened->subscription && !listed_product_by_plan(happened->command, happened->subscription->plan, &product)))
		return false;
	details_begin(happened, &details);
	json_name(&details.json, "product_id");
	json_integer(&details.json, product ? product->id : 0);
	json_name(&details.json, "account_transaction_id");
	json_integer(&details.json, id_in(payment, "id"));
	details_end(happened, &details);
	happened->shown->message = text_format(happened->command->arena, "Payment of %.*s %.*s", TEXT_ARG(text_in(payment, "amount")),
	                                       TEXT_ARG(text_in(payment, "currency")));
	return true;
}

static bool invoiced(struct happened *happened)
{
	const struct json *invoice = within(happened->payload, "invoice");
	happened->shown->message = text_format(happened->command->arena, "Invoice %.*s over %.*s", TEXT_ARG(text_in(invoice, "number")),
	                                       TEXT_ARG(text_in(invoice, "total")));
	return subscription_set(happened, subscription_of_lines(invoice));
}

/* An invoice of the next period that is paid. */
static bool renewed(struct happened *happened)
{
	const struct json *shown = within(happened->payload, "invoice");
	struct invoice *invoice = NULL;
	struct maxio_invoice as_shown;
	if (!invoice_find(happened->command, id_in(shown, "id"), &invoice) || !invoice ||
	    !maxio_invoice_show(happened->command, invoice, &as_shown))
		return false;
	happened->left_out = !text_is(as_shown.role, "renewal");
	happened->shown->message = TEXT("Renewed");
	return subscription_set(happened, subscription_of_lines(shown));
}

/* A status of ours, as Maxio calls it. */
static struct text state_of(struct text status)
{
	const char *const *words = subscription_record.fields[SUBSCRIPTION_FIELD_STATUS].words;
	for (int i = 1; words[i]; i++)
		if (text_is(status, words[i]))
			return maxio_word(WORD_SUBSCRIPTION_STATUS, i);
	return TEXT_NONE;
}

static bool state_changed(struct happened *happened)
{
	struct text before = state_of(text_in(happened->payload, "old_status")), after = state_of(text_in(happened->payload, "new_status"));
	struct details details;
	happened->left_out = !text_present(before) || !text_present(after) || text_equals(before, after);
	details_begin(happened, &details);
	text_write(&details, "previous_subscription_state", before);
	text_write(&details, "new_subscription_state", after);
	details_end(happened, &details);
	happened->shown->message = text_format(happened->command->arena, "State changed from %.*s to %.*s", TEXT_ARG(before), TEXT_ARG(after));
	return subscription_set(happened, happened->row->object_id);
}

static bool of_subscription(struct happened *happened)
{
	happened->shown->message = text_of(text_is(happened->shown->key, "signup_success") ? "Signed up" : "Changed the product");
	return subscription_set(happened, happened->row->object_id);
}

static bool of_customer(struct happened *happened)
{
	happened->shown->message = TEXT("Customer created");
	return true;
}

static const struct known {
	const char *event, *key;
	bool (*show)(struct happened *happened);
} known[] = {
	{ "allocation.create", "component_allocation_change", allocated },
	{ "component_usage.create", "metered_usage", used },
	{ "payment.succeed", "payment_success", paid },
	{ "payment.fail", "payment_failure", paid },
	{ "invoice.create", "invoice_issued", invoiced },
	{ "invoice.settle", "renewal_success", renewed },
	{ "subscription.create", "signup_success", of_subscription },
	{ "subscription.change_plan", "subscription_product_change", of_subscription },
	{ "subscription.status_change", "subscription_state_change", state_changed },
	{ "customer.create", "customer_create", of_customer },
};

static const struct known *known_of(struct text event)
{
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_is(event, known[i].event))
			return &known[i];
	return NULL;
}

/* *fits: it has a key there. */
static bool event_show(struct command *command, const struct journal *row, struct maxio_event *shown, bool *fits)
{
	const struct known *of = known_of(row->event);
	struct customer *customer = NULL;
	struct problems ignored;
	problems_init(&ignored, command->arena);
	*fits = of != NULL;
	if (!of)
		return true;
	*shown = (struct maxio_event){ .id = row->serial, .has_id = true, .key = text_of(of->key),
		                       .created_at = maxio_time(command->arena, command->zone, row->occurred_at) };
	struct happened happened = { command, row, json_parse(row->payload, command->arena, &ignored), NULL, shown, false };
	if (!of->show(&happened) || (row->account_id && !customer_by_account(command, row->account_id, &customer)))
		return false;
	*fits = !happened.left_out;
	shown->subscription_id = happened.subscription ? happened.subscription->id : 0;
	shown->has_subscription_id = happened.subscription != NULL;
	shown->customer_id = customer ? customer->id : 0;
	shown->has_customer_id = customer != NULL;
	return true;
}

/* ---- the lists ---- */

struct wanted {
	struct maxio_page page;
	struct maxio_span span;
	struct text keys;
	int64_t since_id, max_id, subscription_id, account_id;
	bool ascending;
};

static bool serial_asked(struct http_exchange *exchange, const char *name, int64_t *serial)
{
	struct text text = http_parameter(&exchange->target, name);
	return !text_present(text) || text.length == 0 || (text_to_int64(text, serial) && *serial >= 0) ||
	       problem_value(&exchange->problems, PROBLEM_INVALID_VALUE, text_format(exchange->arena, "/%s", name).data,
	                     text_slice(text, 0, 40), NULL, "is not an id");
}

static bool wanted_read(struct command *command, struct http_exchange *exchange, struct wanted *wanted)
{
	static const char *const dates[] = { "created_at", NULL };
	struct text field;
	wanted->keys = maxio_values(exchange, "filter");
	wanted->max_id = INT64_MAX - 1;
	return maxio_page(exchange, 20, &wanted->page) && maxio_direction(exchange, &wanted->ascending) &&
	       maxio_word_of(exchange, "date_field", dates, &field) && maxio_span(command, exchange, "", "", &wanted->span) &&
	       serial_asked(exchange, "since_id", &wanted->since_id) && serial_asked(exchange, "max_id", &wanted->max_id);
}

struct journal_list {
	struct journal *items;
	size_t count, capacity;
};

/* The next ones behind `at`. */
static bool rows_read(struct command *command, const struct wanted *wanted, int64_t at, struct journal_list *rows)
{
	*rows = (struct journal_list){ 0 };
	if (wanted->ascending)
		return store_all(command->store, STATEMENT_JOURNAL_PAGE,
		                 BINDS(bind_integer(at), bind_text(TEXT_NONE), bind_id(wanted->account_id), bind_integer(EVENTS_AT_ONCE)),
		                 &journal_record, LIST(rows));
	return store_all(command->store, STATEMENT_JOURNAL_BEFORE,
	                 BINDS(bind_integer(at), bind_integer(wanted->since_id), bind_id(wanted->account_id), bind_integer(EVENTS_AT_ONCE)),
	                 &journal_record, LIST(rows));
}

static bool event_fits(struct command *command, const struct wanted *wanted, const struct journal *row, struct maxio_event *shown,
                       bool *fits)
{
	*fits = row->serial >= wanted->since_id && row->serial <= wanted->max_id && maxio_within(row->occurred_at, &wanted->span);
	if (*fits && !event_show(command, row, shown, fits))
		return false;
	*fits = *fits && (wanted->keys.length == 0 || maxio_holds_word(wanted->keys, shown->key)) &&
	        (!wanted->subscription_id || shown->subscription_id == wanted->subscription_id);
	return true;
}

static bool events_show(struct command *command, const struct wanted *wanted, struct maxio_list *list)
{
	struct journal_list rows;
	int64_t place = 0, end = wanted->page.page * wanted->page.per_page;
	int64_t at = !wanted->ascending ? wanted->max_id + 1 : wanted->since_id > 0 ? wanted->since_id - 1 : 0;
	do {
		if (!rows_read(command, wanted, at, &rows))
			return false;
		for (size_t i = 0; i < rows.count && place < end; i++) {
			struct maxio_event shown;
			bool fits;
			at = rows.items[i].serial;
			if (!event_fits(command, wanted, &rows.items[i], &shown, &fits))
				return false;
			if (fits && maxio_on_page(&wanted->page, place++))
				maxio_list_add(list, &maxio_event_record, &shown);
		}
	} while (rows.count == EVENTS_AT_ONCE && place < end);
	return true;
}

static bool events_reply(struct command *command, struct http_exchange *exchange, const struct wanted *wanted)
{
	struct maxio_list list;
	maxio_list_begin(exchange, &list, NULL, "event");
	if (!events_show(command, wanted, &list))
		return false;
	maxio_list_end(exchange, &list, 200);
	return true;
}

static bool events_read(struct command *command, struct http_exchange *exchange)
{
	struct wanted *wanted = arena_new(exchange->arena, struct wanted);
	return wanted_read(command, exchange, wanted) && events_reply(command, exchange, wanted);
}

static bool subscription_events_read(struct command *command, struct http_exchange *exchange)
{
	struct wanted *wanted = arena_new(exchange->arena, struct wanted);
	struct subscription *subscription;
	if (!wanted_read(command, exchange, wanted) || !maxio_subscription_addressed(command, exchange, &subscription))
		return false;
	wanted->subscription_id = subscription->id;
	wanted->account_id = subscription->account_id;
	return events_reply(command, exchange, wanted);
}

#define EVENT_PARAMETERS "page per_page since_id max_id direction filter date_field start_date end_date start_datetime end_datetime"

const struct http_route maxio_event_routes[] = {
	{ .method = "GET", .path = "/events.json", .scope = "read", .parameters = EVENT_PARAMETERS, .vendors = true, .answer = "event", .handle = http_read,
	  .read = events_read, .cost = 10, .output = &maxio_event_record, .bare_list = true, .doc = "What happened, newest first." },
	{ .method = "GET", .path = "/subscriptions/{id}/events.json", .scope = "read", .parameters = EVENT_PARAMETERS, .vendors = true, .answer = "event",
	  .handle = http_read, .read = subscription_events_read, .cost = 10, .output = &maxio_event_record, .bare_list = true,
	  .doc = "What happened to a subscription, newest first." },
	{ .path = NULL },
};
