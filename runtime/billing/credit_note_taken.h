/* credit_note_taken.h: what repairs, adjustments, changes of orders and earlier notes have taken back of an invoice.
 *
 * A repair is a line of a later invoice, and so are the taxes that it gave back; a change of an order gives a credit, whose
 * decision tells the lines. Both are told here as lines that take from those of the invoice, so that nothing is given back
 * twice.
 */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_TAKEN_H
#define MOONBILL_BILLING_CREDIT_NOTE_TAKEN_H

#include "event/command.h"
#include "credit_note_draft.h"
#include "value/calendar.h"
#include "value/timezone.h"

struct note_taken {
	struct invoice_line_list lines; /* that take from the invoice's, with their linked positions */
	struct { struct credit_note_line *items; size_t count, capacity; } unused; /* of notes of unused time that hold, and of changes of orders */
	struct note_sums before;        /* what all notes that hold took */
	struct money refunds;           /* of all notes that hold: to be paid back of what was paid for the invoice */
};

bool note_taken_read(struct command *command, const struct invoice *invoice, struct note_taken *taken);
/* What was given back of the line's days from `unused.start` on: by repairs of these days, and of whatever days by changes
 * of its order and notes of unused time, which take all that come after some day. `zone`: seconds are counted, by it; NULL: days
 * are. False on overflow. */
bool note_taken_of_days(struct arena *arena, const struct note_taken *taken, const struct invoice_line *line, struct period unused,
                        const struct timezone_rules *zone, struct exact_money *given);

/* What is left of the line: between nothing and its amount, which is below zero of a discount. False on overflow. */
bool note_taken_left(const struct note_taken *taken, const struct invoice_line *line, struct money *left);

#endif
