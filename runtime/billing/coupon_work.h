/* coupon_work.h: the discount lines of one run in the making. Private to the files coupon_*.c. */
#ifndef MOONBILL_BILLING_COUPON_WORK_H
#define MOONBILL_BILLING_COUPON_WORK_H

#include "coupon_lines.h"
#include "coupon_use.h"
#include "discount_spread.h"
#include "invoice_work.h"

struct coupon_work {
	struct command *command;
	const struct account *account;
	struct item_amount *amount;      /* of what is subscribed to directly; NULL: of what orders sell */
	struct invoice_work *orders;     /* that */
	struct invoice_calculation *calculation;
	size_t first, count; /* the run's lines before there are discounts: number first up to count */
	struct coupon_uses *uses;
	const struct coupon_use *use;      /* the one at hand; NULL: none */
	struct rounding_decision rounding; /* of the line that was rounded last */
	struct text rounding_decision;     /* JSON */
};

/* A line that is discounted. */
struct coupon_charge {
	size_t line;         /* its number in the calculation */
	struct date due;
	struct period days;
	struct period whole; /* the billing period that its price is for */
	struct exact_money left; /* what discounts of the order itself have left of it */
	const struct plan *plan; /* that an order sells; NULL: subscribed to directly */
	size_t period;       /* of the redemption at hand; SIZE_MAX: it is not discounted by it */
};
/* What a redemption takes off charges that are due on one day, in one billing period. */
struct coupon_discount {
	struct coupon_work *work;
	struct coupon_use *use;
	struct coupon_period *period;
	struct date due;
	const struct coupon_charge *charges;  /* of that day */
	struct discount_share *shares; /* of the same number; those of the period are eligible */
	size_t count;
	struct exact_money of;         /* what is left of the eligible ones */
	struct money off;              /* what is left of the fixed amount */
	struct text said;              /* JSON: who decided */
};

/* coupon_lines.c: discounts of the charges, by day due; they are put in that order. */
bool coupon_discount_charges(struct coupon_work *work, struct coupon_charge *charges, size_t count);
/* coupon_take.c: discount lines for the eligible shares, none when that comes to nothing; shares and period are moved on. */
bool coupon_take(struct coupon_discount *discount);
/* coupon_return.c: what lines that take back give back of discounts. */
bool coupon_return_lines(struct coupon_work *work);
/* coupon_component.c: what is given back of components bears the percentage that it was charged with. */
bool coupon_return_components(struct coupon_work *work);

/* ---- coupon_terms.c: by the policies that the charge is counted by ---- */
/* Asks the discount policy; *said is JSON: who decided. */
bool coupon_decide(struct coupon_work *work, const struct coupon_charge *charge, const struct discount_request *request,
                   struct exact_money *taken, struct text *said);
/* Sets its amount from its exact amount, and work->rounding. */
bool coupon_round(struct coupon_work *work, struct invoice_line *line);

/* A further discount line on line number `on` of the calculation; amount and decision are the caller's to set. */
struct invoice_line *coupon_add_line(struct coupon_work *work, size_t on, int64_t redemption_id, struct period days);
bool coupon_overflow(struct coupon_work *work);

#endif
