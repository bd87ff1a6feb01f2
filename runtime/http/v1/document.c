/* document.c: invoices and credit notes as people read them, under /v1. */
#include "v1.h"

#include "billing/document.h"
#include "billing/pdf.h"

static bool document_reply(struct command *command, struct http_exchange *exchange, enum document_of of, const struct record *record)
{
	struct text html;
	if (!document_html(command, of, exchange->id, &html))
		return false;
	if (!text_present(html))
		return record_missing(record, exchange->id, &exchange->problems, "");
	exchange->reply.status = 200;
	exchange->reply.content_type = TEXT("text/html; charset=utf-8");
	exchange->reply.body = html;
	return true;
}

static bool invoice_html(struct command *command, struct http_exchange *exchange)
{
	return document_reply(command, exchange, DOCUMENT_OF_INVOICE, &invoice_record);
}

static bool credit_note_html(struct command *command, struct http_exchange *exchange)
{
	return document_reply(command, exchange, DOCUMENT_OF_CREDIT_NOTE, &credit_note_record);
}

static bool html_to_pdf(struct http_exchange *exchange)
{
	exchange->reply.content_type = TEXT("application/pdf");
	return pdf_make(PDF_PYTHON, exchange->reply.body, engine_clocks_stopped(exchange->application->engine), exchange->arena,
	                &exchange->problems, &exchange->reply.body);
}

const struct http_route v1_document_routes[] = {
	{ .method = "GET", .path = "/v1/invoices/{id}/document", .scope = "read", .handle = http_read, .read = invoice_html,
	  .media = "text/html", .cost = 1, .doc = "An invoice as HTML, by templates/invoice.html of the bundle." },
	{ .method = "GET", .path = "/v1/invoices/{id}/document.pdf", .scope = "read", .handle = http_read,
	  .read = invoice_html, .convert = html_to_pdf, .media = "application/pdf", .cost = 20,
	  .doc = "The same as PDF; 501 where WeasyPrint is not installed." },
	{ .method = "GET", .path = "/v1/credit_notes/{id}/document", .scope = "read", .handle = http_read, .read = credit_note_html,
	  .media = "text/html", .cost = 1, .doc = "A credit note as HTML, by templates/credit_note.html of the bundle." },
	{ .method = "GET", .path = "/v1/credit_notes/{id}/document.pdf", .scope = "read", .handle = http_read,
	  .read = credit_note_html, .convert = html_to_pdf, .media = "application/pdf", .cost = 20,
	  .doc = "The same as PDF; 501 where WeasyPrint is not installed." },
	{ .path = NULL },
};
