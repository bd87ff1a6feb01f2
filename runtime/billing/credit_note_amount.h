/* credit_note_amount.h: what a credit note comes to, and how it is settled.
 *
 * Pure. A note takes back a part of invoice lines: each credited line gives back its share of the discounts it bore, and
 * the taxes of what is left. Sub-total and tax are rounded apart, once a note, and the total is their sum, so that the
 * parts shown always add up (20000 x 29/30 at 25 %: 19333 + 4833 = 24166, though 24166.67 by itself would be 24167).
 *
 * The note that takes back all that is left of an invoice is the rest, whatever it would come to by itself: notes then
 * add up to the invoice exactly.
 */
#ifndef MOONBILL_BILLING_CREDIT_NOTE_AMOUNT_H
#define MOONBILL_BILLING_CREDIT_NOTE_AMOUNT_H

#include "value/money.h"

#include <stdbool.h>
#include <stddef.h>

/* One line of a note. */
struct credit_note_item {
	struct exact_money credited; /* of the line, before its discounts; 0 to `amount` */
	struct exact_money amount;   /* of the whole line */
	struct exact_money discount; /* what the whole line bore of discounts, positive */
	struct fraction tax;         /* taxes of the line over its net amount: 1/5 of 20 % */
};

struct credit_note_amounts {
	struct exact_money exact_discount, exact_net, exact_tax;
	struct money discount;  /* shown only: sub_total has it taken off */
	struct money sub_total, tax, total;
};

/* False on overflow, as all here. */
bool credit_note_amounts_of(const struct credit_note_item *items, size_t count, const struct currency *currency,
                            enum rounding mode, struct credit_note_amounts *amounts);
/* Whether `note` takes back all that earlier `notes` have left of the invoice. */
bool credit_note_is_last(const struct credit_note_amounts *invoice, const struct credit_note_amounts *notes,
                         const struct credit_note_amounts *note);
/* The note that takes back everything left: the invoice's own sums less those of its notes so far. */
bool credit_note_close(const struct credit_note_amounts *invoice, const struct credit_note_amounts *notes,
                       struct credit_note_amounts *amounts);
/* Adds the sums of one note to those of notes before it. */
bool credit_note_add(struct credit_note_amounts *sum, const struct credit_note_amounts *note);

/* Of a line that is given back because its service ends: what was paid for it and not used.
 *   refundable = paid x the line's share of the invoice - what was used, both with tax and each rounded; 0 to `total` */
struct credit_note_paid {
	struct money paid;           /* on the invoice */
	struct exact_money line;     /* the line with its taxes, less its discounts */
	struct exact_money invoice;  /* all lines so */
	struct exact_money used;     /* what was used of the line, so */
};
bool credit_note_refundable(const struct credit_note_paid *paid, struct money total, enum rounding mode,
                            struct money *refundable);
/* What was used of a line, with tax: its value for `used` of `whole` days, less its share of discounts. */
bool credit_note_with_tax(struct exact_money amount, struct exact_money discount, struct fraction tax,
                          struct fraction share, struct exact_money *value);

#endif
