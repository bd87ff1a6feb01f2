/* subscription.h: what an account is served and charged for.
 *
 *     pending --start date--> active <--> suspended
 *     active <--> renewing                                                    (renewal.h; served like active)
 *     active, renewing, suspended, pending --> canceled | superseded | complete        (final)
 *
 * Made by processing an order, one per plan of its lines; its status follows the order's. `charged_through` is the
 * first day not yet on an invoice and the only thing a billing run needs to know of the past.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_H
#define MOONBILL_BILLING_SUBSCRIPTION_H

#include "billing_cycle.h"
#include "object_filter.h"

/* Of subscriptions that were subscribed to directly:
 * subscription.subscribe               subscription_subscribe             -> subscription
 * subscription_bundle.create           subscription_bundle_create         -> subscription_bundle
 * subscription.change_plan             subscription_change_plan           -> subscription
 * subscription.undo_change             subscription_undo_change           -> subscription
 * subscription.cancel                  subscription_cancel                -> subscription
 * subscription.uncancel                subscription_uncancel              -> subscription
 * subscription.change_quantity         subscription_change_quantity       -> subscription
 * subscription.change_bill_cycle_day   subscription_change_bill_cycle_day -> subscription
 * account.change_bill_cycle_day        account_change_bill_cycle_day      -> account
 * subscription.migrate                 subscription_migrate               -> subscription
 * subscription_bundle.transfer         subscription_bundle_transfer       -> subscription_bundle */
extern const struct command_type subscription_commands[];

/* ---- reading: *subscription = NULL when there is none ---- */
struct subscription_list {
	struct subscription *items;
	size_t count, capacity;
};
bool subscription_find(struct command *command, int64_t id, struct subscription **subscription);
/* The subscription, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct subscription *subscription_need(struct command *command, int64_t id, const char *pointer);
/* The same of one that an order made; for another PROBLEM_WRONG_STATE with the remedy. */
struct subscription *subscription_need_ordered(struct command *command, int64_t id, const char *remedy);
bool subscription_page(struct command *command, const struct object_filter *filter,
                       struct subscription_list *subscriptions);
bool subscriptions_of_order(struct command *command, int64_t account_id, int64_t order_id,
                            struct subscription_list *subscriptions);
/* Of the account, with days before `until` (included) that are served and not yet on an invoice. */
bool subscriptions_due(struct command *command, int64_t account_id, struct date until,
                       struct subscription_list *subscriptions);

/* Of the account, those that a later run will bill: pending ones too. */
bool subscriptions_billable(struct command *command, int64_t account_id, struct subscription_list *subscriptions);
/* What their bill dates follow from, neighbours of the same terms once: an account with a thousand subscriptions has few
 * kinds of them, and this is asked after each change. */
struct billing_terms {
	int64_t plan_id;
	struct date start, charged_through;
	int64_t id; /* of one with service terms; 0: without */
};
struct billing_terms_list { struct billing_terms *items; size_t count, capacity; };
bool subscriptions_billable_terms(struct command *command, int64_t account_id, struct billing_terms_list *terms);
const char *subscription_status_word(enum subscription_status status); /* "active" */
/* Is it superseded, canceled or complete? */
/* Is it kept off invoices, by itself or with its bundle? */
bool subscription_is_uninvoiced(const struct subscription *subscription);
bool subscription_is_final(enum subscription_status status);

/* ---- for other performs ---- */
/* Writes the row with updated_at = now; no event. */
bool subscription_save(struct command *command, struct subscription *subscription);
/* As subscription_save, when nothing but charged_through, next_bill_date and derive_from has changed. */
bool subscription_save_charged(struct command *command, struct subscription *subscription);
/* The same of components, assessed_from, assessed_until and assess_at, of one that has components. */
bool subscription_save_assessed(struct command *command, struct subscription *subscription);
/* The grid of a plan for this account and start, by settings billing.day and billing.anniversary: without service terms
 * (billing_span.h). */
struct billing_grid subscription_grid(const struct command *command, const struct account *account,
                                      const struct plan *plan, struct date start);
/* subscription.status_change pre, row, post. A rule may choose another new status; subscription->status tells. No
 * change, no events. The end of a suspension, by resuming or for good, skips its days (charged_through = today at
 * least). With a final status what was not provisioned yet is cancelled, and so is a renewal that waits to be paid. */
bool subscription_change_status(struct command *command, const struct account *account,
                                struct subscription *subscription, enum subscription_status status, struct text reason);
/* subscription.terminate around the change to canceled; it ends today. */
bool subscription_terminate(struct command *command, const struct account *account, struct subscription *subscription,
                            struct text reason);
/* The charges in force for a plan, in its order: those named by `lines`, one a line with its quantity (a percentage
 * once, however often it is named), and the mandatory ones. Lines of other plans are passed over. `whole`: every charge
 * but usage, at `quantity` (NULL: the standard one). */
struct subscription_charges { struct subscription_charge *items; size_t count, capacity; };
void subscription_charges_of_lines(struct arena *arena, const struct plan *plan, const struct order_line *lines,
                                   size_t line_count, struct subscription_charges *charges);
void subscription_charges_whole(struct arena *arena, const struct plan *plan, const struct decimal *quantity,
                                struct subscription_charges *charges);

#endif
