/* credit_note_draft.h: what a credit note takes back of which lines. Pure: it works on an invoice's lines, what was taken
 * of them before, and what is asked for. */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_DRAFT_H
#define MOONBILL_BILLING_CREDIT_NOTE_DRAFT_H

#include "invoice_calculate.h"

/* A line of the invoice while a note is made. */
struct note_line {
	const struct invoice_line *line;
	struct money left;    /* what adjustments and repairs have left of it; 0 of what charges nothing */
	struct exact_money exact; /* what this note takes of it; set by the caller, of taxes by note_draft_finish */
	struct money credited;    /* the same in cents */
	bool tax;             /* it lies on another line, and follows it */
	bool asked;
};
struct note_draft {
	struct note_line *items; /* as the invoice's lines */
	size_t count;
	struct money sub_total, tax, total;
};

/* `taken`: lines that take from the invoice's, with their linked positions. False on overflow, as all here. */
bool note_draft_begin(struct arena *arena, const struct invoice *invoice, const struct invoice_line *taken,
                      size_t taken_count, struct note_draft *draft);
/* NULL when the invoice has no line of that position. */
struct note_line *note_draft_line(struct note_draft *draft, int64_t position);
/* After `exact` of lines is set: cents, taxes and sums, by the formulas of credit_note_amount.h. Lines are rounded together,
 * and so are their taxes, never above what is left of each; when nothing is left of any line that is no tax, taxes are
 * all that is left of them. */
bool note_draft_finish(struct arena *arena, enum rounding mode, struct note_draft *draft);

#endif
