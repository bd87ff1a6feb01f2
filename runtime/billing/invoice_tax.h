/* invoice_tax.h: the taxes of an invoice's lines: bases, places of rounding, what they come to.
 *
 * Pure. The tax policy decides what a rate is of a base; here bases are made, amounts are rounded in their place and
 * summed:
 *
 *   line      each tax of each line by itself
 *   rate      the taxes of each rate as one sum
 *   invoice   all taxes as one sum
 *
 * In the last two each line's part is its floor, and the cents left go to the largest remainders, so that lines always
 * add up. Two taxes are of one rate when name, percentage and kind (inclusive, compound) are the same.
 */
#ifndef MOONBILL_BILLING_INVOICE_TAX_H
#define MOONBILL_BILLING_INVOICE_TAX_H

#include "base/arena.h"
#include "records.gen.h"
#include "value/money.h"

#include <stdbool.h>
#include <stddef.h>

/* One tax of one line. */
struct invoice_tax {
	size_t line;              /* the caller's number of the line, ascending */
	const struct tax_rate *rate;
	struct exact_money base;  /* the line less its discounts; with inclusive taxes in it */
	struct exact_money exact; /* the policy's answer */
	struct money amount;      /* set by invoice_taxes_round */
};

/* What the policy is asked of the taxes [first, count) of one line, the ones before it answered: rates on one base in
 * order. False on overflow, as all here. */
bool invoice_tax_ask(const struct invoice_tax *taxes, size_t first, size_t at, size_t count, struct tax_request *request);
/* "VAT 20 %, 20.00 USD included" */
struct text invoice_tax_included_text(struct arena *arena, struct text name, struct decimal percent, struct money amount);
/* In the decision's tax_place, or in its place when it has none. */
bool invoice_taxes_round(struct arena *arena, struct invoice_tax *taxes, size_t count,
                         const struct rounding_decision *decision);
bool invoice_tax_same_rate(const struct tax_rate *a, const struct tax_rate *b);
/* Exact sum of all taxes. */
bool invoice_taxes_sum(const struct invoice_tax *taxes, size_t count, const struct currency *currency,
                       struct exact_money *sum);

/* A line as the effective rate sees it. */
struct invoice_taxed_line {
	struct exact_money net;
	struct fraction percent; /* sum of its rates */
};
/* The percentage that all lines bear together: weighted by what they are; by their number when they come to nothing. */
bool invoice_tax_effective_percent(const struct invoice_taxed_line *lines, size_t count, struct fraction *percent);

#endif
