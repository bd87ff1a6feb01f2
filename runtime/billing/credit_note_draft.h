/* credit_note_draft.h: what a credit note takes back of which lines. Pure: it works on an invoice's lines, what was taken
 * of them before, and what is asked for.
 *
 * Discounts, taxes and percentages follow the lines that they lie on. A discount that names its line lies on it alone; any other lies on
 * the one-time and recurring lines of its subscription, in proportion to what earlier discounts have left of them, as
 * cents that add up to it (largest remainder). A tax lies on the line it names; that of an order, and any other percentage, on all lines of its
 * subscription whose charges its decision names, in proportion to what discounts have left of them. What is taken of a line takes as large a part of its share of each discount
 * and of its taxes.
 *
 * Exact amounts are kept to twelve decimals, so that sums of many lines and notes stay exact: what a share is divided by, the cents
 * left of a line, is another one each time. They become cents after those of the earlier notes of the invoice, so that several notes
 * come to what one of all their lines would. */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_DRAFT_H
#define MOONBILL_BILLING_CREDIT_NOTE_DRAFT_H

#include "invoice_calculate.h"

#include "value/json.h"

/* A line of the invoice while a note is made. */
struct note_line {
	const struct invoice_line *line;
	struct money left;        /* what adjustments and repairs have left of it; 0 of what neither charges nor discounts */
	struct exact_money exact; /* what this note takes of it; set by the caller, of what follows by note_draft_finish */
	struct money credited;    /* the same in cents */
	const struct json *targets; /* of an order's tax or percentage: price codes of the lines that it lies on; NULL: the one it names */
	bool tax, percentage, discount; /* it lies on other lines, and follows them; credited is below zero of a discount */
	struct money discounts;   /* its share of all discounts, positive */
	bool asked;
	struct text decision;     /* of the proration policy, where it decided `exact` */
	struct exact_money given_back; /* of the days that it decided for; present with a decision */
};
/* What notes took, exactly and in cents: of lines with their discounts, and of taxes. */
struct note_sums {
	struct rounded_sum lines, taxes;
};
struct note_draft {
	struct note_line *items; /* as the invoice's lines */
	size_t count;
	struct note_sums before; /* by earlier notes; set by the caller after note_draft_begin, nothing until then */
	struct note_sums took;   /* by this one; by note_draft_finish */
	bool rest;               /* nothing is left of any line: discounts and taxes are what is left of them */
	struct money discount;   /* positive; sub_total has it taken off */
	struct money sub_total, tax, total;
};

/* `taken`: lines that take from the invoice's, with their linked positions. False on overflow, as all here. */
bool note_draft_begin(struct arena *arena, const struct invoice *invoice, const struct invoice_line *taken,
                      size_t taken_count, struct note_draft *draft);
struct note_sums note_sums_none(const struct currency *currency);
/* A note of the invoice, by what it keeps; of one that keeps nothing, nothing is added. */
bool note_sums_add_kept(struct note_sums *sums, const struct json *took);
/* As the member `name` of a note's decision. */
void note_sums_write(struct json_writer *writer, struct arena *arena, const char *name, const struct note_sums *sums);
/* As the member "left" of a note's decision, with the exact amounts that are no cent: what was left of discounts, taxes and percentages
 * that it took no cent of, where that was not all, and of lines of which less than a cent was asked for. Lines of the note tell theirs. */
void note_left_write(struct json_writer *writer, struct arena *arena, const struct note_draft *draft);
/* The same back, into a draft that begins. */
void note_left_read(struct note_draft *draft, const struct json *kept);
/* Does it lie on other lines, whatever it is? */
bool note_line_follows(const struct note_line *item);
/* NULL when the invoice has no line of that position. */
struct note_line *note_draft_line(struct note_draft *draft, int64_t position);
/* Sets `exact` to what of `unused` was not given back: 0 to what is left. */
bool note_line_take_unused(struct note_line *item, struct exact_money unused);
/* After `exact` of lines is set: discounts, taxes, cents and sums, by the formulas of credit_note_amount.h. Lines are rounded
 * together with their discounts, and so are their taxes, each after what earlier notes took, never above what is left of each. */
bool note_draft_finish(struct arena *arena, enum rounding mode, struct note_draft *draft);

#endif
