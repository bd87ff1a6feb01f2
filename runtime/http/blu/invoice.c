/* invoice.c: BluBilling's invoices: shown, cancelled. */
#include "blu.h"

#include "billing/invoice.h"
#include "billing/payment.h"

/* ---- out ---- */

void blu_invoice_head(struct blu_writer *writer, const struct invoice *invoice)
{
	blu_id(writer, invoice->id);
	blu_text(writer, "invoiceNumber", invoice->number);
	blu_date(writer, "invoiceDate", invoice->invoice_date);
	blu_date(writer, "dueDate", invoice->due_date);
	blu_c(writer, "status", word_of(WORD_SYSTEM_BLUBILLING, WORD_INVOICE_STATUS, (int)invoice->status));
	blu_money(writer, "totalAmount", invoice->total);
	blu_money(writer, "outstandingBalance", invoice->balance);
	blu_date(writer, "billingStartDate", invoice->billing_start);
	blu_last_day(writer, "billingEndDate", invoice->billing_end);
}

static void line_write(struct blu_writer *writer, const struct invoice_line *line)
{
	blu_open(writer, "invoiceLineItem");
	blu_integer(writer, "position", line->position);
	blu_c(writer, "chargeType", word_of(WORD_SYSTEM_BLUBILLING, WORD_INVOICE_LINE_KIND, (int)line->kind));
	blu_text(writer, "contractCode", line->plan);
	blu_text(writer, "priceCode", line->price_code);
	blu_text(writer, "description", line->description);
	blu_decimal(writer, "quantity", line->quantity, 1);
	if (line->has_unit_price)
		blu_decimal(writer, "unitPrice", line->unit_price, 2);
	blu_date(writer, "startDate", line->period_start);
	blu_last_day(writer, "endDate", line->period_end);
	blu_money(writer, "amount", line->amount);
	blu_reference(writer, "subscriptionOrder", line->order_id);
	blu_close(writer);
}

static bool payments_write(struct command *command, struct blu_writer *writer, const struct invoice *invoice)
{
	struct invoice_payment_list payments = { 0 };
	if (!invoice_payments_of(command, invoice->account_id, invoice->id, &payments))
		return false;
	if (payments.count == 0)
		return true;
	blu_open_list(writer, "invoicePayments");
	for (size_t i = 0; i < payments.count; i++) {
		const struct invoice_payment *payment = &payments.items[i];
		blu_open(writer, "invoicePayment");
		blu_id(writer, payment->id);
		blu_money(writer, "amountApplied", payment->amount);
		blu_money(writer, "balance", payment->balance);
		blu_reference(writer, "payment", payment->payment_id);
		blu_close(writer);
	}
	blu_close(writer);
	return true;
}

/* `whole`: with lines and payments. */
static bool invoice_write(struct command *command, struct blu_writer *writer, const struct invoice *invoice, bool whole)
{
	int64_t customer_id;
	if (!blu_customer_id(command, invoice->account_id, &customer_id))
		return false;
	blu_open(writer, "invoice");
	blu_invoice_head(writer, invoice);
	blu_reference(writer, "customer", customer_id);
	blu_currency(writer, invoice->currency);
	bool good = true;
	if (whole) {
		blu_open_list(writer, "invoiceLineItems");
		for (size_t i = 0; i < invoice->lines.count; i++)
			line_write(writer, &invoice->lines.items[i]);
		blu_close(writer);
		good = payments_write(command, writer, invoice);
	}
	blu_close(writer);
	return good;
}

/* ---- calls ---- */

static bool invoice_addressed(struct command *command, struct http_exchange *exchange, struct invoice **invoice)
{
	struct text number = http_parameter(&exchange->target, "invoiceNumber");
	*invoice = NULL;
	if (exchange->id ? !invoice_find(command, exchange->id, invoice)
	                 : text_present(number) && !invoice_by_number(command, number, invoice))
		return false;
	if (!*invoice)
		blu_missing(exchange, "invoice", "invoiceNumber");
	return *invoice != NULL;
}

bool blu_invoice_read(struct command *command, struct http_exchange *exchange)
{
	struct invoice *invoice;
	struct blu_writer writer;
	if (!invoice_addressed(command, exchange, &invoice))
		return false;
	blu_answer(exchange, &writer);
	if (!invoice_write(command, &writer, invoice, true))
		return false;
	blu_answered(exchange, &writer, 200);
	return true;
}

bool blu_invoices_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { 0 };
	struct invoice_list invoices = { 0 };
	struct blu_writer writer;
	if (!blu_filter(command, exchange, WORD_INVOICE_STATUS, &filter) || !invoice_page(command, &filter, &invoices))
		return false;
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "list");
	for (size_t i = 0; i < invoices.count; i++)
		if (!invoice_write(command, &writer, &invoices.items[i], false))
			return false;
	blu_close(&writer);
	blu_answered(exchange, &writer, 200);
	return true;
}

static bool invoice_id_read(struct command *command, struct http_exchange *exchange)
{
	struct invoice *invoice;
	if (!invoice_addressed(command, exchange, &invoice))
		return false;
	blu_work(exchange)->id = invoice->id;
	return true;
}

static void invoice_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct blu_writer writer;
	struct invoice *invoice = output;
	if (invoice->lines.count == 0 && !invoice_load_lines(command, invoice))
		return;
	blu_answer(exchange, &writer);
	invoice_write(command, &writer, invoice, true);
	blu_answered(exchange, &writer, exchange->reply.status);
}

bool blu_invoice_cancel(struct http_exchange *exchange)
{
	struct invoice_cancel *input = arena_new(exchange->arena, struct invoice_cancel);
	input->has_suspend_orders = true;
	if (!blu_begin(exchange) || !http_parameter_boolean(exchange, "suspendOrders", false, &input->suspend_orders) ||
	    !http_read_body(exchange, invoice_id_read))
		return false;
	input->id = blu_work(exchange)->id;
	return http_submit(exchange, exchange->entry->command, input, invoice_encode);
}
