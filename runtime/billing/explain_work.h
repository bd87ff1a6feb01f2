/* explain_work.h: one line being explained; for the files that make its steps. */
#ifndef MOONBILL_BILLING_EXPLAIN_WORK_H
#define MOONBILL_BILLING_EXPLAIN_WORK_H

#include "credit.h"
#include "credit_note.h"
#include "event/policy_replay.h"
#include "explain.h"
#include "invoice.h"
#include "line_rounding.h"
#include "value/json.h"

/* What the lines of the invoice come to that are rounded together; worked out when the first of them is explained. */
struct explain_together {
	struct line_roundings roundings; /* of the invoice's lines, made again; none: not yet */
	bool fits;                       /* else an amount is too large, which each line then tells */
	bool hides_exact;                /* a line's exact amount is not known any more */
};

struct explain_work {
	struct command *command;
	const struct invoice *invoice;
	struct explain_together *together;
	const struct invoice_line *line;
	const struct json *decision; /* an object; empty when the line has none */
	struct explanation_line *out;
	struct exact_money exact;    /* what the steps so far come to */
	struct money amount;         /* what rounding it comes to; present once it was rounded */
};

/* ---- explain_step.c ---- */
/* A further step that is the same, with work->exact as its value. */
struct explanation_step *explain_step(struct explain_work *work, const char *name, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* It is not the same, for that reason. */
void explain_differs(struct explain_work *work, struct explanation_step *step, const char *note);
/* Is the kept text this exact amount? */
bool explain_exact_is(struct text kept, struct exact_money exact);
struct text explain_exact_text(struct explain_work *work, struct exact_money exact);
struct text explain_money_text(struct explain_work *work, struct money amount);
const struct json *explain_member(const struct explain_work *work, const char *name); /* NULL when absent */
/* A whole number that a rule read ("subject.days_left"); false when it did not. */
bool explain_read_integer(const struct json *decision, const char *read, int64_t *number);
/* A step for a policy's decision, which is made again: *replay is what it came to. False when the store fails. */
bool explain_policy(struct explain_work *work, const char *name, enum policy policy, const struct json *decision,
                    struct text text, struct policy_replay *replay);
/* The step that was made last. */
struct explanation_step *explain_last(struct explain_work *work);

/* ---- what an amount was before it was rounded; each sets work->exact ---- */
bool explain_price(struct explain_work *work);      /* explain_price.c: quantity and price, tiers, part of a period */
bool explain_rate(struct explain_work *work);       /* explain_price.c: of a catalog plan */
bool explain_percentage(struct explain_work *work); /* explain_share.c: discounts, taxes, percentages */
bool explain_tax_back(struct explain_work *work);   /* explain_tax_back.c: of a tax with a part of its line */
/* Sets work->amount: cents of all of the tax that went back by then, less what went back before. */
bool explain_tax_back_round(struct explain_work *work, const struct rounding_decision *rounding);
bool explain_usage(struct explain_work *work);      /* explain_usage.c: of a catalog plan */
bool explain_component(struct explain_work *work);  /* explain_component.c */
bool explain_repair(struct explain_work *work);     /* explain_repair.c */
bool explain_commitment(struct explain_work *work); /* explain_commitment.c: what a period is short of */
bool explain_progressive(struct explain_work *work); /* explain_progressive.c: what is invoiced within a period */
/* Usage that goes back of several lines of its window: less what went back of those before. */
bool explain_usage_return(struct explain_work *work);
/* Of what goes back of a line, before it is rounded: never more than was left of the line. */
bool explain_repair_limit(struct explain_work *work);
/* ---- explain_round.c ---- */
/* Sets work->amount, of lines that keep how they were rounded. */
bool explain_round(struct explain_work *work);
/* What the line keeps of it; false when it keeps nothing. */
bool explain_rounding_kept(const struct explain_work *work, struct rounding_decision *decision);
/* ---- explain_line.c ---- */
bool explain_line(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                  struct explain_together *together, struct explanation_line *out);
/* What the line keeps of how it was made; an object without members when that is nothing. */
const struct json *explain_decision(struct command *command, const struct invoice_line *line);

/* ---- explain_note.c, explain_credit.c; NULL is explained by NULL ---- */
bool explain_note(struct command *command, struct credit_note *note, struct credit_explanation **explanation);
bool explain_account_credit(struct command *command, struct credit *credit, struct credit_explanation **explanation);

#endif
