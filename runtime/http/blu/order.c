/* order.c: BluBilling's subscription orders: placed, changed, shown. */
#include "blu.h"

#include "billing/account.h"
#include "billing/catalog.h"
#include "billing/customer.h"
#include "billing/invoice.h"
#include "billing/order.h"

/* ---- in ---- */

static const struct blu_element line_elements[] = {
	{ .name = "position", .kind = BLU_FIELD, .field = ORDER_LINE_FIELD_POSITION },
	{ .name = "quantity", .kind = BLU_FIELD, .field = ORDER_LINE_FIELD_QUANTITY },
	{ .name = "priceCode", .kind = BLU_FIELD, .field = ORDER_LINE_FIELD_PRICE_CODE },
	{ .name = "contractCode", .kind = BLU_FIELD, .field = ORDER_LINE_FIELD_PLAN },
	{ .name = "description", .kind = BLU_FIELD, .field = ORDER_LINE_FIELD_DESCRIPTION },
	{ .name = NULL },
};

static const struct blu_element order_elements[] = {
	{ .name = "orderStatus", .kind = BLU_WORD, .field = ORDER_PLACE_FIELD_STATUS, .words = WORD_ORDER_STATUS,
	  .states = &order_record, .states_field = ORDER_FIELD_STATUS },
	{ .name = "startDate", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_START_DATE },
	{ .name = "endDate", .kind = BLU_LAST_DAY, .field = ORDER_PLACE_FIELD_END_DATE },
	{ .name = "isAutoRenew", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_AUTO_RENEW },
	{ .name = "contractCode", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_PLAN },
	{ .name = "extOrderRef", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_EXTERNAL_KEY },
	{ .name = "customer", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_CUSTOMER_ID, .attribute = "id" },
	{ .name = "extCustomerRef", .kind = BLU_FIELD, .field = ORDER_PLACE_FIELD_CUSTOMER_KEY },
	{ .name = "orderLineItems", .kind = BLU_LIST, .field = ORDER_PLACE_FIELD_LINES, .item = "orderLineItem",
	  .elements = line_elements },
	{ .name = NULL },
};

const struct blu_form blu_order_form = {
	.root = "subscriptionOrder", .record = &order_place_record, .elements = order_elements,
};

static const struct blu_element change_elements[] = {
	{ .name = "oldOrder", .kind = BLU_FIELD, .field = ORDER_CHANGE_FIELD_OLD_ORDER_ID, .attribute = "id" },
	{ .name = "changeDate", .kind = BLU_FIELD, .field = ORDER_CHANGE_FIELD_CHANGE_DATE },
	{ .name = "subscriptionOrder", .kind = BLU_RECORD, .field = ORDER_CHANGE_FIELD_ORDER,
	  .elements = order_elements },
	{ .name = NULL },
};

const struct blu_form blu_change_form = {
	.root = "changeOrder", .record = &order_change_record, .elements = change_elements,
};

/* A whole order may be sent back; what cannot be changed here must be as it is (update_same). */
static const struct blu_element update_elements[] = {
	{ .name = "orderStatus", .kind = BLU_WORD, .field = ORDER_UPDATE_FIELD_STATUS, .words = WORD_ORDER_STATUS,
	  .states = &order_record, .states_field = ORDER_FIELD_STATUS },
	{ .name = "endDate", .kind = BLU_LAST_DAY, .field = ORDER_UPDATE_FIELD_END_DATE },
	{ .name = "isAutoRenew", .kind = BLU_FIELD, .field = ORDER_UPDATE_FIELD_AUTO_RENEW },
	{ .name = "orderNumber", .kind = BLU_DROPPED },
	{ .name = "startDate", .kind = BLU_DROPPED },
	{ .name = "contractCode", .kind = BLU_DROPPED },
	{ .name = "extOrderRef", .kind = BLU_DROPPED },
	{ .name = "orderLineItems", .kind = BLU_DROPPED },
	{ .name = "customer", .kind = BLU_DROPPED },
	{ .name = "currency", .kind = BLU_DROPPED },
	{ .name = "totalLifetimeValue", .kind = BLU_DROPPED },
	{ .name = "nextBillableDate", .kind = BLU_DROPPED },
	{ .name = "billingPeriod", .kind = BLU_DROPPED },
	{ .name = "dueDateValue", .kind = BLU_DROPPED },
	{ .name = "dueDateUnits", .kind = BLU_DROPPED },
	{ .name = "isAutoPay", .kind = BLU_DROPPED },
	{ .name = "supersedesOrder", .kind = BLU_DROPPED },
	{ .name = "supersededByOrder", .kind = BLU_DROPPED },
	{ .name = "invoices", .kind = BLU_DROPPED },
	{ .name = NULL },
};

/* Until the order is known: the record demands an id. */
enum { ID_LATER = 1 };

const struct blu_form blu_update_form = {
	.root = "subscriptionOrder", .record = &order_update_record, .elements = update_elements,
};

/* ---- out ---- */

struct text blu_camel(struct arena *arena, const char *word)
{
	struct text_builder out;
	bool upper = true;
	builder_init(&out, arena, 0);
	for (; *word; word++) {
		if (*word != '_')
			builder_byte(&out, upper && *word >= 'a' && *word <= 'z' ? (char)(*word - 'a' + 'A') : *word);
		upper = *word == '_';
	}
	return builder_text(&out);
}

static void lines_write(struct blu_writer *writer, const struct order *order)
{
	blu_open_list(writer, "orderLineItems");
	for (size_t i = 0; i < order->lines.count; i++) {
		const struct order_line *line = &order->lines.items[i];
		blu_open(writer, "orderLineItem");
		if (line->has_position)
			blu_integer(writer, "position", line->position);
		blu_decimal(writer, "quantity", line->quantity, 1);
		blu_text(writer, "priceCode", line->price_code);
		blu_text(writer, "contractCode", line->plan);
		blu_text(writer, "description", line->description);
		blu_close(writer);
	}
	blu_close(writer);
}

/* What was invoiced for it and not cancelled. */
static bool lifetime_value_write(struct command *command, struct blu_writer *writer, const struct order *order)
{
	int64_t minor;
	if (!store_integer(command->store, STATEMENT_ORDER_INVOICED,
	                   BINDS(bind_id(order->account_id), bind_id(order->id)), &minor, NULL))
		return false;
	blu_money(writer, "totalLifetimeValue", money_of(minor, order->currency));
	return true;
}

static bool billing_write(struct command *command, struct blu_writer *writer, const struct order *order)
{
	struct account *account = order_account(command, order);
	struct plan *plan = NULL;
	struct date next;
	if (!account || !lifetime_value_write(command, writer, order) || !order_next_bill_date(command, order, &next) ||
	    (text_present(order->plan) && !plan_by_code(command, order->plan, &plan)))
		return false;
	blu_date(writer, "nextBillableDate", next);
	if (plan)
		blu_text(writer, "billingPeriod",
		         blu_camel(command->arena,
		                   plan_record.fields[PLAN_FIELD_BILLING_PERIOD].words[plan->billing_period]));
	blu_integer(writer, "dueDateValue", command_setting_integer(command, "billing.due_days", 0));
	blu_c(writer, "dueDateUnits", "Days");
	blu_boolean(writer, "isAutoPay", account->payment_method_id != 0);
	return true;
}

static bool invoices_write(struct command *command, struct blu_writer *writer, const struct order *order)
{
	struct invoice_list invoices = { 0 };
	if (!invoices_of_order(command, order->account_id, order->id, &invoices))
		return false;
	if (invoices.count == 0)
		return true;
	blu_open_list(writer, "invoices");
	for (size_t i = 0; i < invoices.count; i++) {
		blu_open(writer, "invoice");
		blu_invoice_head(writer, &invoices.items[i]);
		blu_close(writer);
	}
	blu_close(writer);
	return true;
}

static bool order_write(struct command *command, struct blu_writer *writer, const struct order *order)
{
	int64_t customer_id = order->customer_id;
	if (!customer_id && !blu_customer_id(command, order->account_id, &customer_id))
		return false;
	blu_open(writer, "subscriptionOrder");
	blu_id(writer, order->id);
	blu_text(writer, "orderNumber", order->number);
	blu_c(writer, "orderStatus", word_of(WORD_SYSTEM_BLUBILLING, WORD_ORDER_STATUS, (int)order->status));
	blu_date(writer, "startDate", order->start_date);
	blu_last_day(writer, "endDate", order->end_date);
	blu_boolean(writer, "isAutoRenew", order->auto_renew);
	blu_text(writer, "contractCode", order->plan);
	blu_text(writer, "extOrderRef", order->external_key);
	blu_reference(writer, "customer", customer_id);
	blu_currency(writer, order->currency);
	bool good = billing_write(command, writer, order);
	blu_reference(writer, "supersedesOrder", order->supersedes_id);
	blu_reference(writer, "supersededByOrder", order->superseded_by_id);
	lines_write(writer, order);
	good = good && invoices_write(command, writer, order);
	blu_close(writer);
	return good;
}

static void order_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct blu_writer writer;
	blu_answer(exchange, &writer);
	order_write(command, &writer, output);
	blu_answered(exchange, &writer, exchange->reply.status);
}

/* ---- which one ---- */

static bool order_addressed(struct command *command, struct http_exchange *exchange, struct order **order)
{
	struct text number = http_parameter(&exchange->target, "orderNumber");
	*order = NULL;
	if (exchange->id ? !order_find(command, exchange->id, order)
	                 : text_present(number) && !order_by_number(command, number, order))
		return false;
	if (!*order)
		blu_missing(exchange, "order", "orderNumber");
	return *order != NULL;
}

static bool order_id_read(struct command *command, struct http_exchange *exchange)
{
	struct order *order;
	if (!order_addressed(command, exchange, &order))
		return false;
	blu_work(exchange)->id = order->id;
	return true;
}

/* ---- reads ---- */

bool blu_order_read(struct command *command, struct http_exchange *exchange)
{
	struct order *order;
	struct blu_writer writer;
	if (!order_addressed(command, exchange, &order))
		return false;
	blu_answer(exchange, &writer);
	if (!order_write(command, &writer, order))
		return false;
	blu_answered(exchange, &writer, 200);
	return true;
}

bool blu_orders_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { 0 };
	struct order_list orders = { 0 };
	struct blu_writer writer;
	if (!blu_filter(command, exchange, WORD_ORDER_STATUS, &filter) || !order_page(command, &filter, &orders))
		return false;
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "list");
	for (size_t i = 0; i < orders.count; i++)
		if (!order_write(command, &writer, &orders.items[i]))
			return false;
	blu_close(&writer);
	blu_answered(exchange, &writer, 200);
	return true;
}

/* ---- placing ---- */

/* The query's customer beside the body's: the command finds out when they differ. */
static bool customer_fill(struct http_exchange *exchange, struct order_place *input)
{
	int64_t id;
	struct text key;
	if (!blu_customer_named(exchange, &id, &key))
		return false;
	if ((id && input->customer_id && id != input->customer_id) ||
	    (text_present(key) && text_present(input->customer_key) && !text_equals(key, input->customer_key)))
		return problem(&exchange->problems, PROBLEM_INVALID_COMBINATION, id ? "/customerId" : "/extCustomerRef",
		               "address and body name different customers");
	if (id)
		input->customer_id = id;
	if (text_present(key))
		input->customer_key = key;
	return true;
}

static bool invoice_fill(struct http_exchange *exchange, struct order_place *input)
{
	input->has_create_invoice = true;
	return http_parameter_boolean(exchange, "generateInvoice", false, &input->create_invoice);
}

bool blu_order_create(struct http_exchange *exchange)
{
	struct order_place *input = arena_new(exchange->arena, struct order_place);
	struct text action = http_parameter(&exchange->target, "action");
	if (!blu_begin(exchange))
		return false;
	if (text_present(action) && !text_is(action, "create"))
		return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, "/action", text_slice(action, 0, 60),
		                     "Use action=create here, or POST /rest/order/{id}?action= for one that exists.",
		                     "there is no action '%.*s' on orders", TEXT_ARG(text_slice(action, 0, 60)));
	return blu_form_read(exchange, exchange->entry->route->form, input) && customer_fill(exchange, input) &&
	       invoice_fill(exchange, input) && http_submit(exchange, exchange->entry->command, input, order_encode);
}

/* ---- changing ---- */

static bool same(struct http_exchange *exchange, const struct xml *root, const char *name, struct text present)
{
	struct text given = xml_child_text(root, name);
	if (!text_present(given) || given.length == 0 || text_equals(given, text_present(present) ? present : TEXT("")))
		return true;
	return problem_value(&exchange->problems, PROBLEM_READ_ONLY_FIELD,
	                     text_format(exchange->arena, "/%s", name).data,
	                     text_slice(given, 0, 100), "Leave it as it is, or replace the order by POST changeOrder.",
	                     "%s of an order cannot be changed", name);
}

static bool line_same(const struct order_line *line, const struct xml *item)
{
	struct decimal quantity;
	return text_equals(xml_child_text(item, "priceCode"), line->price_code) &&
	       decimal_parse(xml_child_text(item, "quantity"), &quantity) &&
	       decimal_compare(quantity, line->quantity) == 0;
}

static bool lines_same(struct http_exchange *exchange, const struct xml *root, const struct order *order)
{
	const struct xml *list = xml_child(root, "orderLineItems");
	size_t i = 0;
	bool good = true;
	if (!list)
		return true;
	for (const struct xml *item = list->first; item; item = item->next, i++)
		good = good && i < order->lines.count && line_same(&order->lines.items[i], item);
	if (good && i == order->lines.count)
		return true;
	return problem_value(&exchange->problems, PROBLEM_READ_ONLY_FIELD, "/orderLineItems", TEXT_NONE,
	                     "Leave them as they are, or replace the order by POST changeOrder.",
	                     "orderLineItems of an order cannot be changed");
}

static bool update_same(struct command *command, struct http_exchange *exchange)
{
	struct order *order;
	if (!order_addressed(command, exchange, &order))
		return false;
	struct blu_work *work = blu_work(exchange);
	const struct xml *root = work->body;
	work->id = order->id;
	bool good = same(exchange, root, "orderNumber", order->number);
	good &= same(exchange, root, "startDate", date_text(exchange->arena, order->start_date));
	good &= same(exchange, root, "contractCode", order->plan);
	good &= same(exchange, root, "extOrderRef", order->external_key);
	return lines_same(exchange, root, order) && good;
}

bool blu_order_update(struct http_exchange *exchange)
{
	struct order_update *input = arena_new(exchange->arena, struct order_update);
	input->id = ID_LATER;
	if (!blu_begin(exchange))
		return false;
	const struct blu_form *form = exchange->entry->route->form;
	const struct xml *root = blu_work(exchange)->body = blu_body(exchange, form->root);
	if (!root || !blu_form_decode(exchange, form, root, input) || !http_read_body(exchange, update_same))
		return false;
	input->id = blu_work(exchange)->id;
	return http_submit(exchange, exchange->entry->command, input, order_encode);
}

bool blu_order_act(struct http_exchange *exchange)
{
	static const struct {
		const char *action;
		enum order_update_status status;
	} actions[] = {
		{ "activate", ORDER_UPDATE_STATUS_ACTIVE },
		{ "suspend", ORDER_UPDATE_STATUS_SUSPENDED },
		{ "complete", ORDER_UPDATE_STATUS_COMPLETE },
		{ "cancel", ORDER_UPDATE_STATUS_CANCELED },
	};
	struct order_update *input = arena_new(exchange->arena, struct order_update);
	struct text action = http_parameter(&exchange->target, "action");
	if (!blu_begin(exchange))
		return false;
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (text_is(action, actions[i].action))
			input->status = actions[i].status;
	if (!input->status)
		return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, "/action", text_slice(action, 0, 60),
		                     "Use action=activate, suspend, complete or cancel.",
		                     "the action is missing or unknown");
	if (!http_read_body(exchange, order_id_read))
		return false;
	input->id = blu_work(exchange)->id;
	return http_submit(exchange, exchange->entry->command, input, order_encode);
}

bool blu_order_change(struct http_exchange *exchange)
{
	struct order_change *input = arena_new(exchange->arena, struct order_change);
	return blu_begin(exchange) && blu_form_read(exchange, exchange->entry->route->form, input) &&
	       customer_fill(exchange, input->order) && invoice_fill(exchange, input->order) &&
	       http_submit(exchange, exchange->entry->command, input, order_encode);
}

/* ---- deleting ---- */

static void deleted_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct blu_writer writer;
	(void)command, (void)output;
	blu_answer(exchange, &writer);
	blu_reference(&writer, "subscriptionOrder", blu_work(exchange)->id);
	blu_answered(exchange, &writer, exchange->reply.status);
}

bool blu_order_delete(struct http_exchange *exchange)
{
	struct order_delete *input = arena_new(exchange->arena, struct order_delete);
	if (!blu_begin(exchange) || !http_read_body(exchange, order_id_read))
		return false;
	input->id = blu_work(exchange)->id;
	return http_submit(exchange, exchange->entry->command, input, deleted_encode);
}
