/* invoice_work.h: one invoice in calculation; for invoice_calculate.c and the files that make its lines. */
#ifndef MOONBILL_BILLING_INVOICE_WORK_H
#define MOONBILL_BILLING_INVOICE_WORK_H

#include "event/dispatch.h"
#include "invoice_calculate.h"

/* The lines of one basis, but for its percentages. */
struct basis_lines {
	const struct invoice_basis *basis;
	size_t first_line, end_line;
	struct exact_money discountable; /* sum of its one-time and recurring lines */
	struct exact_money discounts;    /* sum of its discounts, as a positive amount */
};
struct invoice_work {
	struct command *command;
	const struct account *account;
	struct invoice_calculation *out;
	struct rounding_decision rounding;
	struct text rounding_decision; /* JSON */
	struct basis_lines *bases;
	size_t basis_count;
	struct basis_lines *at;        /* of the basis at hand */
	size_t first_coupon, end_coupon; /* lines that coupons made */
};

/* ---- invoice_work.c ---- */
/* False, with PROBLEM_OVERFLOW. */
bool work_overflow(struct invoice_work *work);
bool work_zero(const struct currency *currency, struct exact_money *zero);
/* Asks a policy that answers with an exact amount of the invoice's currency. */
bool work_decide(struct invoice_work *work, enum policy policy, const void *input, struct rule_result *result);
struct invoice_line *work_add_line(struct invoice_work *work, enum invoice_line_kind kind, struct text price_code,
                                   struct text description);
/* Makes cents of it, unless such lines are rounded as a whole. */
bool work_round_line(struct invoice_work *work, struct invoice_line *line);
/* What discounts and percentages are taken of: cents, unless there are none yet because such lines are rounded as a whole. */
bool work_line_value(const struct invoice_line *line, struct exact_money *value);
bool work_add_value(struct invoice_work *work, const struct invoice_line *line, struct exact_money *sum);
bool line_is_discountable(const struct invoice_line *line);

/* A line's decision: an object whose last member is "rounding". */
struct json_writer *decision_begin(struct invoice_work *work, struct text_builder *out, struct json_writer *writer);
struct text decision_end(struct invoice_work *work, struct json_writer *writer);
void decision_fraction(struct invoice_work *work, struct json_writer *writer, const char *name,
                       struct fraction fraction);
void decision_decimal(struct invoice_work *work, struct json_writer *writer, const char *name, struct decimal decimal);
void decision_period(struct invoice_work *work, struct json_writer *writer, const char *name, struct period period);
/* Quantity, unit price or the tiers and their mode, and the price of it all. */
void decision_price(struct invoice_work *work, struct json_writer *writer, const struct charge *charge,
                    struct decimal quantity, struct exact_money whole);
void decision_policy(struct invoice_work *work, struct json_writer *writer, const char *name,
                     const struct rule_result *result);

/* ---- the lines of the basis at hand ---- */
bool work_add_charges(struct invoice_work *work);     /* invoice_charge.c: one-time and recurring */
bool work_add_usages(struct invoice_work *work);      /* invoice_usage.c */
bool work_add_discounts(struct invoice_work *work);   /* invoice_discount.c */
bool work_add_percentages(struct invoice_work *work); /* invoice_percentage.c */

#endif
