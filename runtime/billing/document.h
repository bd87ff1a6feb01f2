/* document.h: invoices and credit notes as people read them: HTML by a template of the tenant's bundle, or by the shipped one.
 *
 * A bundle's templates/invoice.html takes the place of policies/template/invoice.html, templates/credit_note.html that of
 * policies/template/credit_note.html. Each is checked against the record that it is written with (invoice_document,
 * credit_note_document) when the bundle is; the notation is told in value/template.h.
 */
#ifndef MOONBILL_BILLING_DOCUMENT_H
#define MOONBILL_BILLING_DOCUMENT_H

#include "bundle_archive.h"
#include "event/command.h"

enum document_of { DOCUMENT_OF_INVOICE, DOCUMENT_OF_CREDIT_NOTE };
/* What a document is written with: all of it is in the arena of the read. */
struct document;

/* NULL when there is no such invoice or note. */
bool document_read(struct command *command, enum document_of of, int64_t id, const struct document **document);
/* "invoice-2026-0001": named by the number, in characters that every system takes. */
struct text document_name(const struct document *document, struct arena *arena);
/* As HTML. Any thread; takes as long as its template says, up to TEMPLATE_STEPS_MAX. */
bool document_write(const struct document *document, struct arena *arena, struct problems *problems, struct text *html);
/* Read and written; TEXT_NONE when there is no such invoice or note. */
bool document_html(struct command *command, enum document_of of, int64_t id, struct text *html);

/* ---- templates of a bundle ---- */
/* Those of the archive that documents are written with, and files whose names are nearly one of theirs; every problem found,
 * at its file. */
bool document_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems);
/* Keeps them under the digest, unless they are kept already. */
bool document_templates_keep(struct command *command, const struct bundle_archive *archive);

#endif
