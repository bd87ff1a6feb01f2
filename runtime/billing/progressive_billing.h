/* progressive_billing.h: subscriptions that are invoiced within their periods, when what they use reaches a threshold.
 *
 *     active --progressive_billing.end--> ended
 *
 * Usage is looked at (progressive_billing.look, a job) once something was recorded and after each run of the account:
 *
 *     lifetime = usage that periods' invoices billed since it began + what the running periods come to now
 *     a threshold is reached (progressive.h) -> an invoice of what running periods have used and was not invoiced, at once
 *
 * Of each usage section and each component it is a line of kind progressive, taxed and discounted as the usage itself. The run that
 * ends the period bills all of its usage, and takes each such line off again by a line of the same kind below zero, which is
 * linked to it, with its discounts and taxes: as a repair does. So a period costs what its usage costs, however often it was
 * invoiced; a progressive invoice that is cancelled is credited by nobody, and one that was credited cannot be cancelled.
 *
 * Steady state does not depend on history: lines are read from open_from on, and only while something is not credited.
 * Source: peers.md d.2; cases peers/wallets_commitments_progressive, rules progressive_billing, invoice_less_progressive_credit.
 */
#ifndef MOONBILL_BILLING_PROGRESSIVE_BILLING_H
#define MOONBILL_BILLING_PROGRESSIVE_BILLING_H

#include "event/job.h"
#include "invoice.h"
#include "object_filter.h"
#include "usage_arrear.h"

/* progressive_billing.create, .update, .end */
extern const struct command_type progressive_billing_commands[];
/* progressive_billing.look */
extern const struct job_kind progressive_billing_jobs[];

/* ---- reading ---- */
struct progressive_billing_list {
	struct progressive_billing *items;
	size_t count, capacity;
};
/* Newest first. Of the filter status, before_id and max count. */
bool progressive_billing_page(struct command *command, const struct object_filter *filter, struct progressive_billing_list *rows);
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct progressive_billing *progressive_billing_need(struct command *command, int64_t id, const char *pointer);
/* What the subscription has used in running periods, and how far that is from the next threshold. */
bool progressive_usage_read(struct command *command, const struct progressive_billing *billing, struct progressive_usage *usage);
/* Of an account's subscription: appends what it has used in running periods, less what was invoiced within them, as lines. */
bool progressive_unbilled(struct command *command, const struct account *account, const struct subscription *subscription,
                          struct invoice_line_list *lines);

/* ---- for other performs ---- */
/* A subscription gets thresholds that are its plan's; it has none. */
bool progressive_billing_of_plan(struct command *command, const struct account *account, struct subscription *subscription);
/* The subscription has used something. */
bool progressive_watch(struct command *command, const struct subscription *subscription);

/* What a run of the account closes of a subscription. */
struct progressive_closing {
	const struct subscription *subscription;
	struct date target;
	const struct usage_closed_list *windows; /* of usage sections */
	bool components;                         /* their usage was assessed */
	bool stops;                              /* billing has stopped by the target */
};
struct progressive_run {
	struct progressive_billing *billing; /* NULL: the subscription has none */
	struct date open_from;               /* once the run is done */
};
/* Appends what is taken off for invoices within what is closed. Writes nothing, and may be asked again. */
bool progressive_credit_lines(struct command *command, const struct progressive_closing *closing,
                              struct invoice_line_list *lines, struct progressive_run *run);
/* After the run has written its invoice (NULL: nothing was due). */
bool progressive_settle(struct command *command, const struct progressive_run *run, const struct invoice *invoice);
/* An invoice is cancelled: what it billed is unbilled, what it took off is not credited. */
bool progressive_return(struct command *command, const struct invoice *invoice);

/* Pure: the number of the line whose usage the credit takes back, on the same invoice; that of the credit when there is none. */
size_t progressive_line_of(const struct invoice_line_list *lines, size_t credit);

#endif
