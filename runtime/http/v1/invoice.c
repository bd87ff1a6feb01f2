/* invoice.c: invoices, payments and credits under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/credit.h"
#include "billing/explain.h"
#include "billing/invoice.h"
#include "billing/payment.h"

V1_GET(invoice)
V1_GET(payment)
V1_GET(credit)
V1_NEWEST(invoice)
V1_NEWEST(payment)
V1_NEWEST(credit)

static bool account_exists(struct command *command, const struct http_exchange *exchange)
{
	return !exchange->id || account_need(command, exchange->id, "");
}

static bool invoice_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	struct text number = http_parameter(&exchange->target, "number");
	struct invoice *invoice;
	if (!account_exists(command, exchange))
		return false;
	if (!text_present(number))
		return invoice_newest(command, page, rows);
	return invoice_by_number(command, number, &invoice) && v1_one(rows, invoice);
}

static bool payment_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	return account_exists(command, exchange) && payment_newest(command, page, rows);
}

static bool credit_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	return account_exists(command, exchange) && credit_newest(command, page, rows);
}

static bool explain_at(struct command *command, struct http_exchange *exchange, int64_t position)
{
	struct explanation *explanation;
	if (!explain_invoice(command, exchange->id, position, &explanation))
		return false;
	if (!explanation)
		return record_missing(&invoice_record, exchange->id, &exchange->problems, "");
	http_reply_record(exchange, 200, exchange->entry->route->output, explanation);
	return true;
}

static bool invoice_explain(struct command *command, struct http_exchange *exchange)
{
	return explain_at(command, exchange, EXPLAIN_ALL);
}

enum { LINE_SEGMENT = 4 }; /* of /v1/invoices/{id}/lines/{line}/explain */

static bool line_explain(struct command *command, struct http_exchange *exchange)
{
	int64_t position;
	if (!text_to_int64(exchange->target.segments[LINE_SEGMENT], &position))
		position = INT64_MAX; /* beyond what any invoice has */
	return explain_at(command, exchange, position);
}

static const struct http_list invoices = { &invoice_record, "id", INVOICE_FIELD_STATUS, invoice_rows };
static const struct http_list payments = { &payment_record, "id", PAYMENT_FIELD_STATUS, payment_rows };
static const struct http_list credits = { &credit_record, "id", 0, credit_rows };

const struct http_route v1_invoice_routes[] = {
	{ .method = "GET", .path = "/v1/invoices", .scope = "read",
	  .parameters = "limit cursor account_id status number",
	  .handle = http_read, .read = http_list_read, .list = &invoices,
	  .doc = "Invoices without their lines, newest first, or the one of a number." },
	{ .method = "GET", .path = "/v1/invoices/{id}", .scope = "read", .handle = http_read, .read = invoice_get,
	  .output = &invoice_record, .doc = "An invoice with its lines and how each was made." },
	{ .method = "GET", .path = "/v1/invoices/{id}/explain", .scope = "read", .handle = http_read,
	  .read = invoice_explain, .output = &explanation_record, .cost = 20,
	  .doc = "How all of an invoice came about: its lines, each step and rule, done again to see that it comes to the same." },
	{ .method = "GET", .path = "/v1/invoices/{id}/lines/{line}/explain", .scope = "read", .handle = http_read,
	  .read = line_explain, .output = &explanation_record, .cost = 5,
	  .doc = "How a line came about: each step and rule, done again to see that it comes to the same." },
	{ .method = "POST", .path = "/v1/invoices/{id}/cancel", .command = "invoice.cancel", .id_field = "id",
	  .handle = http_write, .doc = "Cancels an unpaid invoice." },
	{ .method = "GET", .path = "/v1/accounts/{id}/invoices", .scope = "read", .parameters = "limit cursor status",
	  .handle = http_read, .read = http_list_read, .list = &invoices,
	  .doc = "Invoices of an account, newest first." },
	{ .method = "GET", .path = "/v1/payments", .scope = "read", .parameters = "limit cursor account_id status",
	  .handle = http_read, .read = http_list_read, .list = &payments, .doc = "Payments, newest first." },
	{ .method = "POST", .path = "/v1/payments", .command = "payment.create", .handle = http_write, .status = 201,
	  .location = "/v1/payments/", .doc = "Charges a card or a stored method; answers when the gateway has." },
	{ .method = "GET", .path = "/v1/payments/{id}", .scope = "read", .handle = http_read, .read = payment_get,
	  .output = &payment_record, .doc = "A payment with its attempts and the invoices it went to." },
	{ .method = "GET", .path = "/v1/accounts/{id}/payments", .scope = "read", .parameters = "limit cursor status",
	  .handle = http_read, .read = http_list_read, .list = &payments,
	  .doc = "Payments of an account, newest first." },
	{ .method = "GET", .path = "/v1/credits", .scope = "read", .parameters = "limit cursor account_id",
	  .handle = http_read, .read = http_list_read, .list = &credits, .doc = "Credits, newest first." },
	{ .method = "GET", .path = "/v1/credits/{id}", .scope = "read", .handle = http_read, .read = credit_get,
	  .output = &credit_record, .doc = "A credit, what is left of it and where the rest went." },
	{ .method = "GET", .path = "/v1/accounts/{id}/credits", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &credits,
	  .doc = "Credits of an account, newest first." },
	{ .path = NULL },
};
