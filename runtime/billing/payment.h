/* payment.h: money an account pays, by two commands (design 14.3).
 *
 *     payment.create    checks, payment (pending) and attempt (sent) rows, then the gateway is called after the commit
 *     payment.complete  the gateway's answer: pending -> succeeded | failed | unknown
 *
 * A payment of a caller and one of the billing run differ in `by_billing_run` alone: only the latter is repeated by
 * itself. Card numbers and CVV stay in the request's memory; rows, events and problems never hold them.
 */
#ifndef MOONBILL_BILLING_PAYMENT_H
#define MOONBILL_BILLING_PAYMENT_H

#include "event/job.h"
#include "object_filter.h"

/* payment.create    payment_create  -> payment
 * payment.complete  gateway_outcome -> payment   (the engine submits it) */
extern const struct command_type payment_commands[];
/* payment.collect: charges the account's automatic method for what an invoice (its object) owes; first time or again,
 * and a day later while another payment of it is under way payment.follow: what follows for an invoice (its object)
 * from a declined attempt, where it could not be done at once */
extern const struct job_kind payment_jobs[];

/* ---- reading: *payment = NULL when there is none ---- */
struct payment_list {
	struct payment *items;
	size_t count, capacity;
};
/* With allocations and attempts. */
bool payment_find(struct command *command, int64_t id, struct payment **payment);
/* Newest first, without them; payment_load adds them. */
bool payment_page(struct command *command, const struct object_filter *filter, struct payment_list *payments);
bool payment_load(struct command *command, struct payment *payment);
struct invoice_payment_list {
	struct invoice_payment *items;
	size_t count, capacity;
};
/* Allocations to one invoice, oldest first. */
bool invoice_payments_of(struct command *command, int64_t account_id, int64_t invoice_id,
                         struct invoice_payment_list *allocations);

/* ---- for other performs ---- */
/* Writes the row with updated_at = now; no event. */
bool payment_save(struct command *command, struct payment *payment);
bool payment_create(struct command *command, const struct payment_create *input, bool by_billing_run,
                    struct payment **payment);
/* Charges the account's automatic method for the invoice at this instant, by job. */
bool payment_collect_at(struct command *command, const struct account *account, int64_t invoice_id, struct instant at);
/* Gives an amount to invoices in order: the plan of allocations, pure. Writes min(amount, balance) of each to `amounts`
 * (zero for an invoice that is not open) and returns what is left over. */
struct money payment_allocate(struct money amount, struct invoice *const *invoices, size_t count,
                              struct money *amounts);
/* Writes the allocations of a payment that succeeded, with their events; its `unallocated` rest becomes a credit. */
bool payment_apply(struct command *command, struct payment *payment, int64_t attempt_id,
                   struct invoice *const *invoices, const struct money *amounts, size_t count);
/* What follows for an invoice from a payment that was declined (by the retry policy) or that the gateway did not answer
 * (an automatic one is tried again the next day). */
bool payment_after_failure(struct command *command, const struct account *account, const struct payment *payment,
                           const struct payment_attempt *attempt, struct invoice *invoice);
/* Our key to the gateway for an attempt: the same whenever it is asked. */
struct text payment_attempt_key(const struct command *command, int64_t attempt_id);

#endif
