/* credit_note.h: notes that take back a part of an invoice.
 *
 * A note appends item adjustments to its invoice: one for each line it takes from, one for each tax on such a line. What
 * the invoice still owes goes down first (offset); the rest becomes a credit of the account, of which the credit_note
 * policy says how much is to be paid back. The note that takes back the last of all lines takes what is left of their
 * discounts and taxes, so that the notes of an invoice add up to it.
 *
 *     issued --credit_note.void--> void: each line that it took back is charged again by a line that reverses the adjustment,
 *                                  the invoice owes what the note had offset, the credit that it gave is withdrawn
 *
 * A void note keeps its number, lines and amounts. An estimate is the same command as a dry run.
 */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_H
#define MOONBILL_BILLING_CREDIT_NOTE_H

#include "event/command.h"
#include "object_filter.h"

/* credit_note.create, .void */
extern const struct command_type credit_note_commands[];

struct credit_note_list {
	struct credit_note *items;
	size_t count, capacity;
};
/* With its lines. */
bool credit_note_find(struct command *command, int64_t id, struct credit_note **note);
bool credit_note_by_number(struct command *command, struct text number, struct credit_note **note);
/* Newest first, without lines. Of the filter account_id, before_id and max count. */
bool credit_note_page(struct command *command, const struct object_filter *filter, struct credit_note_list *notes);
/* Oldest first, without lines. */
bool credit_notes_of_invoice(struct command *command, int64_t account_id, int64_t invoice_id,
                             struct credit_note_list *notes);

/* ---- for its own commands ---- */
/* The line of the note's invoice that adds `minor` to `of`: below zero where it takes back of a charge. */
bool credit_note_adjustment(struct command *command, const struct credit_note *note, const struct invoice_line *of,
                            int64_t minor, struct invoice_line *adjustment);
bool credit_note_void_perform(struct command *command, const void *data, void **output);

#endif
