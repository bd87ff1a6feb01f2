/* document.h: invoices as people read them: HTML by a template of the tenant's bundle, or by the shipped one.
 *
 * A bundle's templates/invoice.html takes the place of policies/template/invoice.html. It is checked against the record
 * that it is written with (invoice_document) when the bundle is; its notation is told in value/template.h.
 */
#ifndef MOONBILL_BILLING_DOCUMENT_H
#define MOONBILL_BILLING_DOCUMENT_H

#include "bundle_archive.h"
#include "event/command.h"

/* What an invoice's document is written with: all of it is in the arena of the read. */
struct document;

/* NULL when there is no such invoice. */
bool document_read(struct command *command, int64_t invoice_id, const struct document **document);
/* As HTML. Any thread; takes as long as its template says, up to TEMPLATE_STEPS_MAX. */
bool document_write(const struct document *document, struct arena *arena, struct problems *problems, struct text *html);
/* Both; TEXT_NONE when there is no such invoice. */
bool document_invoice(struct command *command, int64_t invoice_id, struct text *html);

/* ---- templates of a bundle ---- */
/* Those of the archive that documents are written with; every problem found, at its file. */
bool document_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems);
/* Keeps them under the digest, unless they are kept already. */
bool document_templates_keep(struct command *command, const struct bundle_archive *archive);

#endif
