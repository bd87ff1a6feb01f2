/* document.c: invoices as people read them, under /v1. */
#include "v1.h"

#include "billing/document.h"
#include "billing/pdf.h"

static bool invoice_html(struct command *command, struct http_exchange *exchange)
{
	struct text html;
	if (!document_invoice(command, exchange->id, &html))
		return false;
	if (!text_present(html))
		return record_missing(&invoice_record, exchange->id, &exchange->problems, "");
	exchange->reply.status = 200;
	exchange->reply.content_type = TEXT("text/html; charset=utf-8");
	exchange->reply.body = html;
	return true;
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
	{ .path = NULL },
};
