/* explain.h: how the amounts of an invoice came about, and whether they come about again.
 *
 *     total = sum of lines; balance = total - paid - credits used + credits gained
 *       line: price --proration, discount, tax, usage, repair--> exact --rounding--> amount
 *
 * Each line keeps the decision that made it: prices, periods, and of every policy that was asked the rule, what it read
 * and what it answered. Here the prices are worked out again from what was kept, each rule is run again on what it read
 * (event/policy_replay.h), and the amount is rounded again; a step that does not come to what was kept says so.
 *
 * Reads only; the same rows give the same explanation.
 */
#ifndef MOONBILL_BILLING_EXPLAIN_H
#define MOONBILL_BILLING_EXPLAIN_H

#include "event/command.h"

enum { EXPLAIN_ALL = 0 };

/* The line at `position`, or all of them (EXPLAIN_ALL). *explanation NULL: there is no such invoice; no such line is
 * PROBLEM_NOT_FOUND, naming those there are. */
bool explain_invoice(struct command *command, int64_t invoice_id, int64_t position, struct explanation **explanation);
/* The same by the invoice's number, or else by its id as text. */
bool explain_invoice_called(struct command *command, struct text name, int64_t position,
                            struct explanation **explanation);

/* A credit note: what it takes of each line, with discounts and taxes, and how it was settled. *explanation NULL: there is
 * none of that id. */
bool explain_credit_note(struct command *command, int64_t id, struct credit_explanation **explanation);
bool explain_credit_note_called(struct command *command, struct text number, struct credit_explanation **explanation);
/* A credit of an account: of a changed order, what was charged and not served; else where it came from. */
bool explain_credit(struct command *command, int64_t id, struct credit_explanation **explanation);

#endif
