/* document.c: invoices and credit notes as HTML, and the templates that say how. */
#include "document.h"

#include "account.h"
#include "bundle_template.h"
#include "credit.h"
#include "credit_note.h"
#include "invoice.h"
#include "payment.h"
#include "templates.gen.h"
#include "wallet.h"
#include "value/template.h"

/* ------------------------------------------------------------------------------------------------ templates */

struct document_kind {
	const char *file;            /* of a bundle */
	const char *shipped;         /* below policies/ */
	const struct record *record; /* it is written with */
	const char *name;            /* a file of it begins with this */
};

static const struct document_kind kinds[] = {
	[DOCUMENT_OF_INVOICE] = { "templates/invoice.html", "template/invoice.html", &invoice_document_record, "invoice-" },
	[DOCUMENT_OF_CREDIT_NOTE] = { "templates/credit_note.html", "template/credit_note.html", &credit_note_document_record,
	                              "credit-note-" },
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static const char *file_candidate(const void *context, size_t i)
{
	(void)context;
	return i < KIND_COUNT ? kinds[i].file : NULL;
}

static bool is_document(struct text name)
{
	for (size_t i = 0; i < KIND_COUNT; i++)
		if (text_is(name, kinds[i].file))
			return true;
	return false;
}

/* What is nearly the name of a template was meant to be it, and would be passed over. */
static bool name_check(struct text name, struct arena *arena, struct problems *problems)
{
	if (is_document(name))
		return true;
	const char *nearest = text_did_you_mean(arena, name, file_candidate, NULL);
	return !nearest[0] ||
	       problem_value(problems, PROBLEM_UNKNOWN_CHOICE, bundle_archive_pointer(arena, name), name,
	                     "Documents are written by templates/invoice.html and templates/credit_note.html; name it as one of them, or otherwise.",
	                     "no document is written by the template '%.*s'%s", TEXT_ARG(name), nearest);
}

bool document_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems)
{
	bool good = true;
	for (size_t i = 0; i < archive->count; i++)
		good &= name_check(archive->files[i].name, arena, problems);
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
	struct text number;
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

static bool read_prepaid(struct command *command, const struct invoice *invoice, struct invoice_document *document)
{
	struct money paid;
	document->currency = invoice->currency;
	if (!wallet_paid(command, invoice, &paid))
		return false;
	if (paid.minor > 0)
		document->prepaid = paid;
	return true;
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
	       read_prepaid(command, invoice, document) &&
	       store_all(command->store, STATEMENT_CREDIT_USE_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_use_record,
	                 LIST(&document->credits)) &&
	       store_all(command->store, STATEMENT_CREDIT_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_record, LIST(&document->gained));
}

static bool invoice_read(struct command *command, int64_t id, struct document *read)
{
	struct invoice_document *value = arena_new(command->arena, struct invoice_document);
	struct invoice *invoice = NULL;
	if (!invoice_find(command, id, &invoice) || !invoice)
		return !store_failed(command->store);
	read->value = value;
	read->number = text_present(invoice->number) ? invoice->number : text_from_int64(command->arena, id);
	return invoice_load(command, invoice, value);
}

/* ------------------------------------------------------------------------------------------------ credit notes */

static bool credit_note_read(struct command *command, int64_t id, struct document *read)
{
	struct credit_note_document *value = arena_new(command->arena, struct credit_note_document);
	struct credit_note *note = NULL;
	if (!credit_note_find(command, id, &note) || !note)
		return !store_failed(command->store);
	read->value = value;
	read->number = note->number;
	value->seller = command->tenant->name;
	value->credit_note = note;
	value->account = account_need(command, note->account_id, "");
	return value->account && store_find(command->store, &invoice_record, note->invoice_id, (void **)&value->invoice) &&
	       (value->invoice || problem(command->problems, PROBLEM_STORE_FAILED, "", "invoice %lld of credit note %lld is gone",
	                                  (long long)note->invoice_id, (long long)id));
}

/* ------------------------------------------------------------------------------------------------ either */

bool document_read(struct command *command, enum document_of of, int64_t id, const struct document **document)
{
	struct document *read = arena_new(command->arena, struct document);
	read->kind = &kinds[of];
	*document = NULL;
	if (!(of == DOCUMENT_OF_INVOICE ? invoice_read(command, id, read) : credit_note_read(command, id, read)))
		return false;
	if (!read->value)
		return true;
	*document = read;
	return source_read(command, read->kind, &read->source);
}

struct text document_name(const struct document *document, struct arena *arena)
{
	struct text_builder name;
	builder_init(&name, arena, 0);
	builder_c(&name, document->kind->name);
	for (size_t i = 0; i < document->number.length; i++) {
		char byte = document->number.data[i];
		bool safe = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
		builder_byte(&name, safe ? byte : '-');
	}
	return builder_text(&name);
}

bool document_html(struct command *command, enum document_of of, int64_t id, struct text *html)
{
	const struct document *document;
	*html = TEXT_NONE;
	return document_read(command, of, id, &document) &&
	       (!document || document_write(document, command->arena, command->problems, html));
}
