/* order.h: what a customer asked for.
 *
 *     draft --> provisioning --start date--> active <--> suspended
 *     any of them --> canceled | complete | superseded           (final; superseded once the order of order.change is processed)
 *
 * Placing an order that is not a draft processes it in the same command: subscriptions are made and, when asked, the
 * first invoice. An order that replaces another (order.change) ends that one when it is processed itself. The events of each
 * step are in spec order (Atomia A.3):
 *
 *     order.create pre, order.calculate pre, order.validate pre, [row], order.calculate post, order.create post,
 *     [replaces another: order.upgrade post],
 *     order.process pre, order.process_validate pre, [the replaced one's subscriptions: subscription.status_change pre, [row], post each],
 *     (subscription.create pre, [row], post) each, order.invoice_subscription pre each,
 *     invoice.create pre, [rows], post, order.process post
 */
#ifndef MOONBILL_BILLING_ORDER_H
#define MOONBILL_BILLING_ORDER_H

#include "event/job.h"
#include "object_filter.h"

/* order.place   order_place   -> order
 * order.process order_process -> order
 * order.quote   order_quote   -> quote
 * order.update  order_update  -> order
 * order.change  order_change  -> order  (the new one)
 * order.delete  order_delete  -> nothing */
extern const struct command_type order_commands[];
/* order.activate, order.complete */
extern const struct job_kind order_jobs[];

/* ---- reading: *order = NULL when there is none ---- */
bool order_find(struct command *command, int64_t id, struct order **order);
bool order_by_number(struct command *command, struct text number, struct order **order);
/* The order, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct order *order_need(struct command *command, int64_t id, const char *pointer);
/* Its account; of a draft of a new customer the one that there will be, of which nothing is stored. */
struct account *order_account(struct command *command, const struct order *order);
struct order_list {
	struct order *items;
	size_t count, capacity;
};
/* Newest first. */
bool order_page(struct command *command, const struct object_filter *filter, struct order_list *orders);
/* When a billing run looks at the order's subscriptions next; none when it never does. */
bool order_next_bill_date(struct command *command, const struct order *order, struct date *date);

/* ---- for other performs ---- */
/* An order placed as part of another command. */
struct order_placing {
	const struct order_place *input;
	const struct order *supersedes; /* NULL: a new one */
	struct date change_date;        /* with it */
};
bool order_place(struct command *command, const struct order_placing *placing, struct order **order);
/* What a draft that is replaced was to replace itself, which goes with it; NULL: nothing. */
bool order_replaced_below(struct command *command, const struct order *replaced, struct order **below);
/* A placed order that becomes subscriptions. */
struct order_processing {
	struct account *account;
	struct order *order;
	bool create_invoice;
	struct invoice_forecast *forecast; /* its total was found in this command, so; NULL: it was not */
};
/* Ends the order that it replaces, if any, makes its subscriptions and, when asked, its first invoice. */
bool order_process(struct command *command, const struct order_processing *processing);
/* Writes the row with updated_at = now; no event. */
bool order_save(struct command *command, struct order *order);
const char *order_status_word(enum order_status status); /* "active" */
/* Is it complete, superseded or canceled? */
bool order_is_final(const struct order *order);
/* Status of the order and its subscriptions, with their events and jobs. `status` must be reachable (wrong_state). */
bool order_change_status(struct command *command, struct order *order, enum order_status status, struct text reason);
/* A subscription of it has ended: with the last one it is canceled. */
bool order_close_when_ended(struct command *command, const struct account *account, int64_t id);
/* A subscription of it has another end: its own end and what is planned for the first of them follow. */
bool order_follow_end(struct command *command, const struct account *account, int64_t id);
/* Turns the account's provisioning orders that start until `date` active. */
bool orders_activate_due(struct command *command, int64_t account_id, struct date date);

#endif
