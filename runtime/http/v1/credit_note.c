/* credit_note.c: credit notes under /v1. An estimate is a POST with Dry-Run: true. */
#include "v1.h"

#include "billing/account.h"
#include "billing/credit_note.h"
#include "billing/explain.h"
#include "billing/invoice.h"

V1_GET(credit_note)
V1_NEWEST(credit_note)

static bool credit_note_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                             struct record_list *rows)
{
	return (!exchange->id || account_need(command, exchange->id, "")) && credit_note_newest(command, page, rows);
}

/* All of them: an invoice has few. */
static bool invoice_note_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                              struct record_list *rows)
{
	struct credit_note_list notes = { 0 };
	struct invoice *invoice = invoice_need(command, exchange->id, "");
	if (!invoice || !credit_notes_of_invoice(command, invoice->account_id, invoice->id, &notes))
		return false;
	size_t first = 0;
	while (first < notes.count && notes.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ notes.items + first, notes.count - first, notes.count - first };
	return true;
}

static bool reply_explained(struct http_exchange *exchange, const struct record *of, const struct credit_explanation *explanation)
{
	if (!explanation)
		return record_missing(of, exchange->id, &exchange->problems, "");
	http_reply_record(exchange, 200, &credit_explanation_record, explanation);
	return true;
}

static bool note_explain(struct command *command, struct http_exchange *exchange)
{
	struct credit_explanation *explanation;
	return explain_credit_note(command, exchange->id, &explanation) &&
	       reply_explained(exchange, &credit_note_record, explanation);
}

static bool credit_explain(struct command *command, struct http_exchange *exchange)
{
	struct credit_explanation *explanation;
	return explain_credit(command, exchange->id, &explanation) && reply_explained(exchange, &credit_record, explanation);
}

static const struct http_list notes = { &credit_note_record, "id", 0, credit_note_rows };
static const struct http_list notes_of_invoice = { &credit_note_record, "id", 0, invoice_note_rows };

const struct http_route v1_credit_note_routes[] = {
	{ .method = "GET", .path = "/v1/credit_notes", .scope = "read", .parameters = "limit cursor account_id",
	  .handle = http_read, .read = http_list_read, .list = &notes, .doc = "Credit notes without their lines, newest first." },
	{ .method = "GET", .path = "/v1/credit_notes/{id}", .scope = "read", .handle = http_read, .read = credit_note_get,
	  .output = &credit_note_record, .doc = "A credit note with its lines and how it was settled." },
	{ .method = "GET", .path = "/v1/credit_notes/{id}/explain", .scope = "read", .handle = http_read,
	  .read = note_explain, .output = &credit_explanation_record, .cost = 5,
	  .doc = "How a credit note came about, worked out again from its invoice to see that it comes to the same." },
	{ .method = "GET", .path = "/v1/credits/{id}/explain", .scope = "read", .handle = http_read,
	  .read = credit_explain, .output = &credit_explanation_record, .cost = 5,
	  .doc = "How a credit came about: of a changed order, each line that was not served, worked out again." },
	{ .method = "GET", .path = "/v1/accounts/{id}/credit_notes", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &notes, .doc = "Credit notes of an account, newest first." },
	{ .method = "GET", .path = "/v1/invoices/{id}/credit_notes", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &notes_of_invoice,
	  .doc = "Credit notes that take back of an invoice, oldest first." },
	{ .method = "POST", .path = "/v1/invoices/{id}/credit_notes", .command = "credit_note.create", .id_field = "invoice_id",
	  .handle = http_write, .status = 201, .location = "/v1/credit_notes/",
	  .doc = "Takes back lines of an invoice, or what is not used of them; discounts and taxes follow. With Dry-Run it is an estimate." },
	{ .method = "POST", .path = "/v1/credit_notes/{id}/void", .command = "credit_note.void", .id_field = "id",
	  .handle = http_write, .doc = "Withdraws a note: what it took back is charged again, unless its credit was used." },
	{ .path = NULL },
};
