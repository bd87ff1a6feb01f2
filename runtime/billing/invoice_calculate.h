/* invoice_calculate.h: the lines of an invoice from charges, quantities and parts of cycles.
 *
 * The one calculation behind orders, billing runs and quotes. It asks policies (proration, discount, tax, rounding) and
 * reads what it is given, so the same basis gives the same lines. Per basis:
 *
 *     one-time and recurring lines -> usage lines -> discounts of the former -> [coupons, of all bases together]
 *     -> percentage charges of their targets less discounts
 *
 * Amounts become cents in one place, by the rounding policy asked once an invoice:
 *   line      each line by itself; discounts and percentages are taken of rounded amounts
 *   rate      as `line`, but percentage charges of one rate are rounded as one sum
 *   invoice   everything stays exact; the sum is rounded and the lines are made to add up to it (largest remainder).
 *             Coupons are taken of cents: then what they may discount is rounded as one sum, percentages as another
 * Either way the total is the sum of the lines.
 */
#ifndef MOONBILL_BILLING_INVOICE_CALCULATE_H
#define MOONBILL_BILLING_INVOICE_CALCULATE_H

#include "billing_cycle.h"
#include "event/command.h"

/* What was used of one charge and is to be billed: the sum of usage records. */
struct invoice_usage {
	const struct charge *charge;
	struct decimal quantity;
	int64_t record_count, first_id, last_id;
	struct instant before; /* all of it occurred before */
	struct period period;
};

/* What one subscription (or one plan of a quote) puts on an invoice. */
struct invoice_basis {
	const struct plan *plan;
	int64_t subscription_id, order_id; /* 0 in a quote */
	const struct subscription_charge *charges;
	size_t charge_count;
	const struct order_discount *discounts; /* of a first invoice */
	size_t discount_count;
	enum charge_tier_mode tier_mode;        /* instead of the charges' own; none: theirs */
	const struct billing_part *parts;
	size_t part_count;
	const struct invoice_usage *usages;
	size_t usage_count;
	struct period usage_cycle;              /* that holds the day of the run */
};

struct invoice_line_list {
	struct invoice_line *items;
	size_t count, capacity;
};
struct invoice_calculation {
	struct invoice_line_list lines;
	struct text rounding; /* "half_up per line" */
	struct money total;
};

struct coupon_uses;
/* Account fields used: id, currency, address. `coupons`: what the account redeemed (coupon_use.h), whose used periods
 * follow; NULL: nothing. Problems of policies and overflow fail the command. */
bool invoice_calculate(struct command *command, const struct account *account, const struct invoice_basis *bases,
                       size_t basis_count, struct coupon_uses *coupons, struct invoice_calculation *calculation);

/* The decision of a line that somebody made. */
#define INVOICE_LINE_BY_HAND "{\"by\":\"hand\"}"
/* Pure: does the line charge what can be taken back of it? Not what others took back or gave back again: adjustments, repairs,
 * credits, discounts. */
bool invoice_line_charges(const struct invoice_line *line);
/* Pure: its kind; of usage that is invoiced within its period that of usage, as which it is taxed and prepaid. */
enum invoice_line_kind invoice_line_sold_as(const struct invoice_line *line);
/* Pure: does a run take back with it what another line charged: a repair, usage that has become less, what was
 * invoiced within a period? */
bool invoice_line_returns(const struct invoice_line *line);

/* ---- rounding (pure; the pieces of the above, in invoice_round.c) ---- */
/* Makes cents of `count` exact amounts so that they add up to their rounded sum: each gets its floor, the units left go
 * to the largest remainders, ties to the earlier. One line: plain rounding. False on overflow. */
bool invoice_round_together(struct arena *arena, struct invoice_line *const *lines, size_t count, enum rounding mode);
/* The same of amounts that come after others, whose sum became cents before: those of both add up to the rounded sum of both, as
 * far as each new amount is still its floor or the unit above. */
struct rounded_sum {
	struct exact_money exact;
	struct money amount;
};
bool invoice_round_after(struct arena *arena, const struct rounded_sum *before, struct invoice_line *const *lines, size_t count,
                         enum rounding mode);
/* Where lines of the kind become cents: taxes in the decision's tax_place, if it has one. */
enum rounding_decision_place invoice_rounding_place(const struct rounding_decision *decision, enum invoice_line_kind kind);
enum rounding invoice_rounding_mode(const struct rounding_decision *decision);
/* "half_up per line"; "half_up to 0.05 per line, taxes per invoice" where a step is taken, and taxes have a place of their
 * own. */
struct text invoice_rounding_text(struct arena *arena, const struct rounding_decision *decision);
/* Of lines that were rounded as the first says beside such as the second says; either may be none. */
struct text invoice_rounding_both(struct text first, struct text second);
/* Cents of one amount, or multiples of the decision's step. A step that is no multiple of the currency's smallest unit
 * is passed over. False on overflow. */
bool invoice_round_exact(const struct rounding_decision *decision, struct exact_money exact, struct money *amount);

#endif
