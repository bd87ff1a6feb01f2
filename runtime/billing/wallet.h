/* wallet.h: money that accounts pay or are given ahead, in credit units, used up by their invoices.
 *
 *     wallet               active --wallet.terminate, its expiry--> terminated
 *     wallet_transaction   grants:  granted: settled;  purchased: pending --its invoice is paid--> settled
 *                                                                         --cancelled, written off--> failed
 *                          debits:  invoiced, voided, expired: settled;  returned: takes a part of an invoiced one back
 *
 * A wallet's balance is the sum of its settled transactions, and of what is left of its grants. Each debit tells by wallet_use
 * rows which grants it took from, and of an invoice which line it paid (wallet_burn.h has the order); what is given back of an
 * invoice is rows below zero, and goes back to those grants.
 *
 * An invoice takes, once it is open: coupons (its lines), the account's credits, then wallets in their order, then payments.
 */
#ifndef MOONBILL_BILLING_WALLET_H
#define MOONBILL_BILLING_WALLET_H

#include "event/job.h"
#include "invoice.h"
#include "object_filter.h"

/* wallet.create, .update, .terminate, .top_up, .void */
extern const struct command_type wallet_commands[];
/* wallet.end, wallet.expire, wallet.top_up */
extern const struct job_kind wallet_jobs[];

/* ---- reading ---- */
struct wallet_list {
	struct wallet *items;
	size_t count, capacity;
};
struct wallet_transaction_list {
	struct wallet_transaction *items;
	size_t count, capacity;
};
struct wallet_use_list {
	struct wallet_use *items;
	size_t count, capacity;
};
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct wallet *wallet_need(struct command *command, int64_t id, const char *pointer);
/* Newest first. Of the filter status, before_id and max count. */
bool wallet_page(struct command *command, const struct object_filter *filter, struct wallet_list *wallets);
/* The active ones, in the order in which they are used. */
bool wallets_active(struct command *command, int64_t account_id, struct wallet_list *wallets);
/* With its uses; *transaction = NULL when there is none. */
bool wallet_transaction_find(struct command *command, int64_t id, struct wallet_transaction **transaction);
/* Newest first, without their uses. Of the filter before_id and max count. */
bool wallet_transactions_of_wallet(struct command *command, const struct wallet *wallet, const struct object_filter *filter,
                                   struct wallet_transaction_list *transactions);
/* What wallets paid of an invoice, and what it gave back. */
bool wallet_transactions_of_invoice(struct command *command, const struct invoice *invoice,
                                    struct wallet_transaction_list *transactions);
bool wallet_uses_of_invoice(struct command *command, const struct invoice *invoice, struct wallet_use_list *uses);
/* What wallets have paid of an invoice, less what it gave back. */
bool wallet_paid(struct command *command, const struct invoice *invoice, struct money *paid);
/* What the account has used that is on no invoice, and what of it falls to which wallet (wallet_burn.h). */
bool wallet_ongoing(struct command *command, const struct account *account, struct account_wallets *ongoing);

/* ---- for other performs ---- */
/* Wallets pay of an open invoice what they hold and may pay. Nothing to do unless the account prepays. */
bool wallet_apply(struct command *command, const struct account *account, struct invoice *invoice);
/* Gives back to the grants what they paid of the invoice, the last first, `amount` at most; *returned is what that came to.
 * What went back to a grant that has expired, or a wallet that was terminated, is lost at once, as it would have been. */
bool wallet_return(struct command *command, const struct invoice *invoice, struct money amount, struct money *returned);
/* An invoice that is withdrawn: all of it goes back. */
bool wallet_undo(struct command *command, const struct invoice *invoice);
/* Refuses, at `pointer`, what takes something back of an invoice that sells units. */
bool wallet_check_no_purchase(struct command *command, const struct invoice *invoice, const char *pointer);
/* The invoice of a purchase was paid: its units are there. */
bool wallet_purchase_paid(struct command *command, const struct invoice *invoice);
/* It will not be paid; `reason` is a word of the event. */
bool wallet_purchase_failed(struct command *command, const struct invoice *invoice, const char *reason);
/* The account has used something: its wallets that are topped up when they run low are looked at. */
bool wallet_watch(struct command *command, const struct account *account);

#endif
