/* invoice.h: what an account owes for a billing cycle.
 *
 *     draft --invoice.commit, after its days of grace--> open
 *     open --payments, credits--> settled
 *     open --invoice.write_off--> written_off
 *     draft, open, settled --invoice.cancel--> cancelled
 *     settled --credit_note.void--> open, when the note had settled it
 *
 * Money rows are append-only: a line never changes after it was written; adjustments are lines of their own, and a draft
 * may get more lines. Balance goes down by invoice_payment, credit_use and wallet_use rows. An invoice that comes to less than nothing
 * gives the account a credit of as much. At every moment total = sum of lines, and of what is neither draft, cancelled nor
 * written off: balance = total - paid - credit used - prepaid used + credit gained, never below zero.
 */
#ifndef MOONBILL_BILLING_INVOICE_H
#define MOONBILL_BILLING_INVOICE_H

#include "event/job.h"
#include "invoice_calculate.h"
#include "object_filter.h"

/* invoice.cancel, .adjust, .charge, .commit, .write_off; credit.create, .withdraw */
extern const struct command_type invoice_commands[];
extern const struct command_type invoice_change_commands[];
/* invoice.commit: a draft's days of grace are over */
extern const struct job_kind invoice_jobs[];

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
/* Drafts that the account's own runs made, newest first; without lines. What gathers for children is none of these. */
bool invoice_run_drafts(struct command *command, int64_t account_id, struct invoice_list *drafts);
/* The newest of them. */
bool invoice_run_draft(struct command *command, int64_t account_id, struct invoice **draft);
/* The invoice, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct invoice *invoice_need(struct command *command, int64_t id, const char *pointer);

/* ---- for other performs ---- */
/* Writes the row with updated_at = now; no event. Asserts 0 <= balance. */
bool invoice_save(struct command *command, struct invoice *invoice);
/* The same with invoice.update before it, where rules may assign due_date and notes, and after it. `before`: as it was. */
bool invoice_update(struct command *command, struct invoice *invoice, const struct invoice *before);
struct invoice_origin {
	const struct account *account;
	int64_t order_id;   /* 0: a billing run's */
	bool by_billing_run;
	struct period billing; /* header period: the cycles it charges for */
	struct date target;    /* of a run for direct subscriptions: what it was made for; none: it may not give back */
	bool by_hand;          /* a charge or credit by hand: never a draft */
	int64_t wallet_transaction_id; /* of a purchase of prepaid units; 0: none */
	bool waits;            /* a draft whatever the account says */
	const struct invoice_basis *bases; /* whose usage becomes billed */
	size_t basis_count;
	struct invoice_forecast *forecast; /* invoice_forecast.h; NULL: none */
};
/* invoice.create pre, number, rows, post; then, unless it is a draft, invoice_open. *invoice is the draft that the lines
 * were added to where the account reuses it. */
bool invoice_create(struct command *command, const struct invoice_origin *origin,
                    const struct invoice_calculation *calculation, struct invoice **invoice);
/* Takes `amount` off the balance; at zero the invoice is settled. Writes the row and raises nothing: invoice_announce_reduced
 * is next. The caller has checked 0 < amount <= balance. */
bool invoice_reduce(struct command *command, struct invoice *invoice, struct money amount);
/* Once, right after invoice_reduce: a parent's invoice that gathers it follows; invoice.settle when the balance is zero. */
bool invoice_announce_reduced(struct command *command, struct invoice *invoice, struct payment *payment);
/* invoice.balance_change: an invoice that was there owes another sum than `before`, and nobody paid. `reason` is one of the
 * words of schema/events.lua. */
bool invoice_announce_balance(struct command *command, struct invoice *invoice, struct money before, const char *reason);
/* What an invoice that has just become open owes, less what it gives back that nobody paid (written_off.h): below zero it
 * becomes a credit of the account, which pays its other open invoices by date; above zero the account's credits are used for
 * it, then its wallets. */
bool invoice_owe(struct command *command, const struct account *account, struct invoice *invoice);
/* A line took `amount` off its total: off the balance as far as it goes; of the rest goes back to wallets what they
 * paid (wallet.h), what is left of it is a credit of the account.
 * `credit_note_id`: the note that did it; 0: none. */
bool invoice_give_back(struct command *command, const struct account *account, struct invoice *invoice,
                       struct money amount, int64_t credit_note_id);
/* A line added to the total what an earlier one had taken off: `amount` of it (may be nothing) is owed again, by an
 * invoice that may have been settled, and the account's credits are used for it. `before`: without that line. */
bool invoice_owe_again(struct command *command, const struct account *account, struct invoice *invoice,
                       const struct invoice *before, struct money amount);
/* The line is one of that invoice; so is the line that a coupon's discount lies on, when none was named. */
void invoice_line_place(struct invoice_line *line, int64_t invoice_id);
/* Writes further lines at its end and adds them to the total; the caller sees to the balance. What is rounded as a sum is
 * rounded with what is there (line_rounding.h): amounts of lines may change. */
bool invoice_append(struct command *command, struct invoice *invoice, struct invoice_line *lines, size_t count);
/* Appends adjustments below zero, with one invoice.adjust, and gives back what they take. Their lines are chosen and checked. */
bool invoice_take_back(struct command *command, const struct account *account, struct invoice *invoice,
                       struct invoice_line *adjustments, size_t count);
/* The act of invoice.write_off, of an open invoice. */
bool invoice_give_up(struct command *command, struct invoice *invoice);
/* The act of invoice.cancel: refuses (wrong_state) an invoice that was paid of, that another one repairs, or whose credit
 * was used. */
bool invoice_cancel_open(struct command *command, struct invoice *invoice, bool suspend_orders, struct text reason);
/* Suspends the active orders that the invoice bills; *suspended = how many. */
bool invoice_suspend_orders(struct command *command, const struct invoice *invoice, struct text reason,
                            int64_t *suspended);

#endif
