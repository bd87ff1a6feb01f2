/* credit_note_taken.h: what repairs, adjustments and earlier notes have taken back of an invoice before a note is made.
 *
 * A repair is a line of a later invoice, and so are the taxes that it gave back: these are told here as if they took from the
 * tax lines of the invoice, so that no tax is given back twice. What is paid back is told once, whatever note said so.
 */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_TAKEN_H
#define MOONBILL_BILLING_CREDIT_NOTE_TAKEN_H

#include "event/command.h"
#include "invoice_calculate.h"
#include "value/calendar.h"

struct note_taken {
	struct invoice_line_list lines; /* that take from the invoice's, with their linked positions */
	struct { struct credit_note_line *items; size_t count, capacity; } unused; /* of notes of unused time that hold */
	struct money refunds;           /* of all notes that hold: to be paid back of what was paid for the invoice */
};

bool note_taken_read(struct command *command, const struct invoice *invoice, struct note_taken *taken);
/* What was given back of the line's days from `unused.start` on: by repairs of these days, and by notes of unused time. False on
 * overflow. */
bool note_taken_of_days(const struct note_taken *taken, const struct invoice_line *line, struct period unused,
                        struct exact_money *given);

#endif
