/* tax_charged.h: the taxes that were charged with lines of earlier invoices, and what of them went back since. */
#ifndef MOONBILL_BILLING_TAX_CHARGED_H
#define MOONBILL_BILLING_TAX_CHARGED_H

#include "event/command.h"
#include "tax_back.h"

/* One tax of a charged line. */
struct charged_tax {
	const struct invoice_line *line;
	const struct json *decision; /* of the line: an object */
	struct tax_back back;        /* what went back until now */
};
struct charged_line {
	const struct invoice *invoice;
	const struct invoice_line *line;
	struct money left;           /* of its amount; the caller takes off it what goes back */
	bool leaves_taxes;           /* some of it was adjusted by hand, without its taxes: nobody takes the rest of these */
	struct { struct charged_tax *items; size_t count, capacity; } taxes; /* in their order */
};
/* Each invoice is read once, however many of its lines are asked for. */
struct charged_lines {
	struct { struct charged_invoice **items; size_t count, capacity; } invoices;
};

/* The line that `returning` (invoice_line_returns) takes from; NULL when it is not there. Two statements for the first of an invoice with taxes. */
bool charged_line_find(struct command *command, struct charged_lines *read, const struct invoice_line *returning,
                       struct charged_line **line);
/* What goes back of a tax when `amount`, below zero, goes back of its line; with the last of it when nothing is left of the line
 * by then. What goes back next comes after it. */
struct tax_given {
	struct tax_back back;
	struct exact_money exact;
	struct money amount;
};
bool charged_tax_give(struct command *command, const struct charged_line *line, struct charged_tax *tax,
                      struct money amount, const struct rounding_decision *rounding, struct tax_given *given);
/* The tax of the charged line of `invoice` at `position` of which `tax`, the tax of a line that takes back of it, is a part; NULL:
 * of none. */
const struct invoice_line *charged_tax_of(struct arena *arena, const struct invoice *invoice, int64_t position,
                                          const struct invoice_line *tax);

#endif
