/* document.c: invoices as HTML, and the templates that say how. */
#include "document.h"

#include "account.h"
#include "bundle_template.h"
#include "credit.h"
#include "invoice.h"
#include "payment.h"
#include "templates.gen.h"
#include "value/template.h"

/* ------------------------------------------------------------------------------------------------ templates */

struct document_kind {
	const char *file;            /* of a bundle */
	const char *shipped;         /* below policies/ */
	const struct record *record; /* it is written with */
};

static const struct document_kind kinds[] = {
	{ "templates/invoice.html", "template/invoice.html", &invoice_document_record },
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

bool document_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < KIND_COUNT; i++) {
		struct text name = text_of(kinds[i].file);
		const struct bundle_file *file = bundle_archive_file(archive, name);
		if (file && !template_read(file->content, kinds[i].file, kinds[i].record,
		                           bundle_archive_pointer(arena, name), arena, problems))
			good = false;
	}
	return good;
}

bool document_templates_keep(struct command *command, const struct bundle_archive *archive)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		const struct bundle_file *file = bundle_archive_file(archive, text_of(kinds[i].file));
		if (file && !bundle_template_keep(command, archive->digest_text, file))
			return false;
	}
	return true;
}

static struct text shipped_source(const char *path)
{
	for (size_t i = 0; i < shipped_template_count; i++)
		if (text_is(text_of(shipped_templates[i].path), path))
			return (struct text){ shipped_templates[i].source, shipped_templates[i].length };
	BUG("no template %s is shipped", path);
}

/* By the template of the active bundle, or the shipped one. */
static bool document_write(struct command *command, const struct document_kind *kind, const void *value, struct text *html)
{
	struct bundle_template *own = NULL;
	if (text_present(command->tenant->bundle) &&
	    !bundle_template_find(command, command->tenant->bundle, text_of(kind->file), &own))
		return false;
	struct text source = own ? own->content : shipped_source(kind->shipped);
	const struct template *template =
	        template_read(source, kind->file, kind->record, "", command->arena, command->problems);
	return template && template_write(template, value, TEMPLATE_ESCAPE_HTML, command->arena, command->problems, html);
}

/* ------------------------------------------------------------------------------------------------ invoices */

/* "30.00", not "30": with at least the places of its currency. */
static void show_prices(const struct invoice *invoice)
{
	int places = invoice->currency->exponent;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct decimal *price = &invoice->lines.items[i].unit_price;
		if (price->scale < places)
			decimal_round(*price, places, ROUNDING_DOWN, price);
	}
}

static bool document_load(struct command *command, struct invoice *invoice, struct invoice_document *document)
{
	document->seller = command->tenant->name;
	document->invoice = invoice;
	show_prices(invoice);
	document->account = account_need(command, invoice->account_id, "");
	document->last_day = date_add_days(invoice->billing_end, -1);
	return document->account &&
	       store_all(command->store, STATEMENT_INVOICE_PAYMENT_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &invoice_payment_record,
	                 LIST(&document->payments)) &&
	       store_all(command->store, STATEMENT_CREDIT_USE_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_use_record,
	                 LIST(&document->credits)) &&
	       store_all(command->store, STATEMENT_CREDIT_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_record, LIST(&document->gained));
}

bool document_invoice(struct command *command, int64_t invoice_id, struct text *html)
{
	struct invoice_document document = { 0 };
	struct invoice *invoice = NULL;
	*html = TEXT_NONE;
	if (!invoice_find(command, invoice_id, &invoice))
		return false;
	return !invoice || (document_load(command, invoice, &document) && document_write(command, &kinds[0], &document, html));
}
