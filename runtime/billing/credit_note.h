/* credit_note.h: notes that take back a part of an invoice.
 *
 * A note appends item adjustments to its invoice: one for each line it takes from, one for each tax on such a line. What
 * the invoice still owes goes down first (offset); the rest becomes a credit of the account, of which the credit_note
 * policy says how much is to be paid back. The note that takes back the last of all lines takes what is left of their
 * taxes, so that the notes of an invoice add up to it.
 *
 * An estimate is the same command as a dry run.
 */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_H
#define MOONBILL_BILLING_CREDIT_NOTE_H

#include "event/command.h"
#include "object_filter.h"

/* credit_note.create */
extern const struct command_type credit_note_commands[];

struct credit_note_list {
	struct credit_note *items;
	size_t count, capacity;
};
/* With its lines. */
bool credit_note_find(struct command *command, int64_t id, struct credit_note **note);
/* Newest first, without lines. Of the filter account_id, before_id and max count. */
bool credit_note_page(struct command *command, const struct object_filter *filter, struct credit_note_list *notes);
/* Oldest first, without lines. */
bool credit_notes_of_invoice(struct command *command, int64_t account_id, int64_t invoice_id,
                             struct credit_note_list *notes);

#endif
