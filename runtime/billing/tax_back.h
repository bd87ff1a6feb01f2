/* tax_back.h: what goes back of a charged tax with each part of its line that goes back. Pure.
 *
 *     goes back now = cents of all that went back so far and now, exactly, less the cents that went back so far
 *
 * so that the sum is right after each part, however many there are and however small. It is never more than was charged, and with
 * the last of the line all that is left of its tax goes back, but where some of it was adjusted by hand, without its tax. Amounts are those of taxes within their prices, too.
 */
#ifndef MOONBILL_BILLING_TAX_BACK_H
#define MOONBILL_BILLING_TAX_BACK_H

#include "invoice_calculate.h"
#include "value/json.h"

struct tax_back {
	int64_t invoice_id;       /* that charged it; 0: not kept, it is the one that the line takes from */
	int64_t position;         /* of the tax on that invoice */
	struct exact_money tax;   /* what was charged, before it became cents */
	struct money charged;
	struct fraction part;     /* that goes back now; below zero, as all that follows, where the tax was above */
	struct exact_money before; /* what of the tax went back before, exactly */
	struct money given;       /* the same in cents */
	bool rest;                /* the last of the line goes back, and all of its tax */
};

/* *exact: of the part. False on overflow. */
bool tax_back_amount(const struct tax_back *back, const struct rounding_decision *rounding, struct exact_money *exact,
                     struct money *amount);
/* As the member "back" of a tax line's decision. */
void tax_back_write(struct json_writer *writer, struct arena *arena, const struct tax_back *back);
/* False when the decision has none, or none that can be read. */
bool tax_back_read(const struct json *decision, const struct currency *currency, struct tax_back *back);

#endif
