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

struct document {
	const struct document_kind *kind;
	struct text source; /* of the template */
	const void *value;
};

/* The template of the active bundle, or the shipped one. */
static bool source_read(struct command *command, const struct document_kind *kind, struct text *source)
{
	struct bundle_template *own = NULL;
	if (text_present(command->tenant->bundle) &&
	    !bundle_template_find(command, command->tenant->bundle, text_of(kind->file), &own))
		return false;
	*source = own ? own->content : shipped_source(kind->shipped);
	return true;
}

bool document_write(const struct document *document, struct arena *arena, struct problems *problems, struct text *html)
{
	const struct document_kind *kind = document->kind;
	const struct template *template = template_read(document->source, kind->file, kind->record, "", arena, problems);
	return template && template_write(template, document->value, TEMPLATE_ESCAPE_HTML, arena, problems, html);
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

static bool invoice_load(struct command *command, struct invoice *invoice, struct invoice_document *document)
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

bool document_read(struct command *command, int64_t invoice_id, const struct document **document)
{
	struct invoice_document *value = arena_new(command->arena, struct invoice_document);
	struct document *read = arena_new(command->arena, struct document);
	struct invoice *invoice = NULL;
	*value = (struct invoice_document){ 0 };
	*read = (struct document){ .kind = &kinds[0], .value = value };
	*document = NULL;
	if (!invoice_find(command, invoice_id, &invoice))
		return false;
	if (!invoice)
		return true;
	*document = read;
	return invoice_load(command, invoice, value) && source_read(command, read->kind, &read->source);
}

bool document_invoice(struct command *command, int64_t invoice_id, struct text *html)
{
	const struct document *document;
	*html = TEXT_NONE;
	return document_read(command, invoice_id, &document) &&
	       (!document || document_write(document, command->arena, command->problems, html));
}
