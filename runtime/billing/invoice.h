/* invoice.h: what an account owes for a billing cycle.
 *
 *     open --payments, credits--> settled
 *     open --invoice.cancel-----> cancelled
 *
 * Money rows are append-only: an invoice's lines never change after invoice.create; balance goes down by
 * invoice_payment and credit_use rows. At every moment total = sum of lines and 0 <= balance <= total.
 */
#ifndef MOONBILL_BILLING_INVOICE_H
#define MOONBILL_BILLING_INVOICE_H

#include "invoice_calculate.h"
#include "object_filter.h"

/* invoice.cancel (invoice_cancel -> invoice) */
extern const struct command_type invoice_commands[];

/* ---- reading: *invoice = NULL when there is none; with lines unless said otherwise ---- */
struct invoice_list {
	struct invoice *items;
	size_t count, capacity;
};
bool invoice_find(struct command *command, int64_t id, struct invoice **invoice);
bool invoice_by_number(struct command *command, struct text number, struct invoice **invoice);
/* Newest first; without lines (invoice_load_lines adds them). */
bool invoice_page(struct command *command, const struct object_filter *filter, struct invoice_list *invoices);
/* Of the account that owe something, oldest first; without lines. */
bool invoices_open(struct command *command, int64_t account_id, struct invoice_list *invoices);
/* Made for the order or with a line of it, oldest first; without lines. */
bool invoices_of_order(struct command *command, int64_t account_id, int64_t order_id, struct invoice_list *invoices);
bool invoice_load_lines(struct command *command, struct invoice *invoice);
/* The invoice, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct invoice *invoice_need(struct command *command, int64_t id, const char *pointer);

/* ---- for other performs ---- */
/* Writes the row with updated_at = now; no event. Asserts 0 <= balance <= total. */
bool invoice_save(struct command *command, struct invoice *invoice);
struct invoice_origin {
	const struct account *account;
	int64_t order_id;   /* 0: a billing run's */
	bool by_billing_run;
	struct period billing; /* header period: the cycles it charges for */
	const struct invoice_basis *bases; /* whose usage becomes billed */
	size_t basis_count;
};
/* invoice.create pre, number, rows, post; then credits are used and a zero balance settles. */
bool invoice_create(struct command *command, const struct invoice_origin *origin,
                    const struct invoice_calculation *calculation, struct invoice **invoice);
/* Takes `amount` off the balance; at zero the invoice is settled. Writes the row and raises nothing. The caller has
 * checked 0 < amount <= balance. */
bool invoice_reduce(struct command *command, struct invoice *invoice, struct money amount);
/* Raises invoice.settle when the balance is zero; once, right after the invoice_reduce that made it so. */
bool invoice_announce_settled(struct command *command, struct invoice *invoice, struct payment *payment);
/* The act of invoice.cancel: refuses (wrong_state) an invoice that is not open or partly paid. */
bool invoice_cancel_open(struct command *command, struct invoice *invoice, bool suspend_orders, struct text reason);
/* Suspends the active orders that the invoice bills; *suspended = how many. */
bool invoice_suspend_orders(struct command *command, const struct invoice *invoice, struct text reason,
                            int64_t *suspended);

#endif
