/* line_rounding.h: how lines of an invoice became cents, as they keep it, and which of them did so together. Pure.
 *
 * Lines of one invoice that were rounded as one sum have one key. An invoice that gets further lines later (a draft that is
 * used again, one that a rule adds to) rounds these with the lines of their key that it has: what is there stays, and the new
 * cents are the rounded sum of all less those that are there, as if all had come at once. Such a line keeps how many lines
 * were there before it ("after").
 */
#ifndef MOONBILL_BILLING_LINE_ROUNDING_H
#define MOONBILL_BILLING_LINE_ROUNDING_H

#include "invoice_calculate.h"
#include "value/json.h"

struct line_rounding {
	bool known;               /* the line keeps how it was rounded */
	struct rounding_decision decision;
	enum rounding_decision_place place;
	struct text key;          /* none: by itself */
	bool is_coupon;           /* of lines that one discount lies on: what comes later is another discount */
	int64_t after;            /* how many lines were there before; 0: it came with the first */
	struct exact_money exact; /* what became cents; of a tax within its price that tax */
	struct money amount;
};
struct line_roundings {
	struct line_rounding *items; /* of an invoice's lines, in their order */
	size_t count, capacity;
};

/* Appends that of the line; `kept`: its decision, NULL: it keeps nothing. */
void line_roundings_add(struct arena *arena, struct line_roundings *roundings, const struct invoice_line *line,
                        const struct json *kept);
/* Makes cents of the lines that came with line `first` and have its key, which it must have; those before them stay. False on
 * overflow. */
bool line_roundings_round(struct arena *arena, struct line_roundings *roundings, size_t first);
/* Of all that have a key, as they came. */
bool line_roundings_again(struct arena *arena, struct line_roundings *roundings);

/* The lines are about to come after those that are there: sets the amounts of those that are rounded with lines that are
 * there, and what they keep. False on overflow. */
bool lines_round_after(struct arena *arena, const struct invoice_line *there, size_t there_count, struct invoice_line *lines,
                       size_t count);

#endif
