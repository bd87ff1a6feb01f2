/* activity.c: what was used, as BluBilling's activities: taken in by the batch, shown with the invoice they are on. */
#include "blu.h"

#include "billing/customer.h"
#include "billing/order.h"
#include "billing/usage.h"

/* ---- in ---- */

static const struct blu_element activity_elements[] = {
	{ .name = "extRefId", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_EXTERNAL_KEY },
	{ .name = "extCustomerRef", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_CUSTOMER_KEY },
	{ .name = "customer", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_CUSTOMER_ID, .attribute = "id" },
	{ .name = "orderNumber", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_ORDER_NUMBER },
	{ .name = "priceCode", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_PRICE_CODE },
	{ .name = "quantity", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_QUANTITY },
	{ .name = "activityTime", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_OCCURRED_AT },
	{ .name = "description", .kind = BLU_FIELD, .field = USAGE_RECORD_FIELD_MEMO },
	{ .name = NULL },
};

/* The list is the whole document. */
static const struct blu_element batch_elements[] = {
	{ .name = "list", .kind = BLU_LIST, .field = USAGE_BATCH_FIELD_ITEMS, .item = "activity",
	  .elements = activity_elements },
	{ .name = NULL },
};

const struct blu_form blu_activities_form = {
	.root = "list", .record = &usage_batch_record, .elements = batch_elements, .whole = true,
};

/* ---- out ---- */

/* What the last activity shown belongs to: those of one customer mostly stand together. */
struct activity_writer {
	struct command *command;
	struct blu_writer out;
	int64_t account_id, order_id, invoice_id; /* of the three below */
	struct customer *customer;                /* NULL: the account has none */
	struct order *order;
	struct invoice *invoice;
};

static bool owners_find(struct activity_writer *writer, const struct usage *usage)
{
	struct command *command = writer->command;
	if (usage->account_id != writer->account_id &&
	    !customer_by_account(command, usage->account_id, &writer->customer))
		return false;
	if (usage->order_id != writer->order_id && !order_find(command, usage->order_id, &writer->order))
		return false;
	if (usage->invoice_id && usage->invoice_id != writer->invoice_id &&
	    !store_find(command->store, &invoice_record, usage->invoice_id, (void **)&writer->invoice))
		return false;
	writer->account_id = usage->account_id;
	writer->order_id = usage->order_id;
	if (usage->invoice_id)
		writer->invoice_id = usage->invoice_id;
	return true;
}

static bool activity_write(struct activity_writer *writer, const struct usage *usage)
{
	struct blu_writer *out = &writer->out;
	if (!owners_find(writer, usage))
		return false;
	blu_open(out, "activity");
	blu_id(out, usage->id);
	blu_text(out, "extRefId", usage->external_key);
	if (writer->customer) {
		blu_text(out, "extCustomerRef", writer->customer->external_key);
		blu_reference(out, "customer", writer->customer->id);
	}
	blu_text(out, "orderNumber", writer->order->number);
	blu_text(out, "priceCode", usage->price_code);
	blu_decimal(out, "quantity", usage->quantity, 1);
	blu_text(out, "activityTime", instant_text(out->out.arena, usage->occurred_at));
	blu_text(out, "description", usage->memo);
	blu_c(out, "status", word_of(WORD_SYSTEM_BLUBILLING, WORD_USAGE_STATUS, (int)usage->status));
	if (usage->invoice_id) {
		blu_text(out, "invoiceNumber", writer->invoice->number);
		blu_reference(out, "invoice", usage->invoice_id);
	}
	blu_close(out);
	return true;
}

static bool activities_write(struct command *command, struct http_exchange *exchange, const struct usage *usages,
                             size_t count, int status)
{
	struct activity_writer writer = { .command = command };
	blu_answer(exchange, &writer.out);
	blu_open_list(&writer.out, "list");
	for (size_t i = 0; i < count; i++)
		if (!activity_write(&writer, &usages[i]))
			return false;
	blu_close(&writer.out);
	blu_answered(exchange, &writer.out, status);
	return true;
}

/* ---- calls ---- */

static bool order_filter(struct command *command, struct http_exchange *exchange, struct usage_filter *filter)
{
	struct text number = http_parameter(&exchange->target, "orderNumber");
	struct order *order;
	if (!text_present(number))
		return true;
	if (!order_by_number(command, number, &order))
		return false;
	if (!order)
		return problem_value(&exchange->problems, PROBLEM_NOT_FOUND, "/orderNumber", text_slice(number, 0, 100),
		                     NULL, "order '%.*s' does not exist", TEXT_ARG(text_slice(number, 0, 100)));
	filter->order_id = order->id;
	return true;
}

bool blu_activities_read(struct command *command, struct http_exchange *exchange)
{
	struct usage_list usages = { 0 };
	struct usage_filter filter = {
		.price_code = http_parameter(&exchange->target, "priceCode"),
		.external_key = http_parameter(&exchange->target, "extRefId"),
	};
	return blu_filter(command, exchange, WORD_USAGE_STATUS, &filter.object) &&
	       order_filter(command, exchange, &filter) && usage_page(command, &filter, &usages) &&
	       activities_write(command, exchange, usages.items, usages.count, 200);
}

static void activities_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct usage_recorded *recorded = output;
	activities_write(command, exchange, recorded->items.items, recorded->items.count, exchange->reply.status);
}

bool blu_activities_create(struct http_exchange *exchange)
{
	struct usage_batch *input = arena_new(exchange->arena, struct usage_batch);
	if (!blu_begin(exchange))
		return false;
	const struct blu_form *form = exchange->entry->route->form;
	const struct xml *list = blu_body(exchange, form->root);
	if (!list)
		return false;
	struct xml document = { .name = TEXT("document"), .text = TEXT(""), .first = list };
	return blu_form_decode(exchange, form, &document, input) &&
	       http_submit(exchange, exchange->entry->command, input, activities_encode);
}
