/* subscription_commands.h: the performs of subscription_commands[] and what they share. Private to billing/. */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_COMMANDS_H
#define MOONBILL_BILLING_SUBSCRIPTION_COMMANDS_H

#include "subscription_advance.h"
#include "subscription_bundle.h"
#include "subscription_event.h"

bool subscription_subscribe_perform(struct command *command, const void *input, void **output);
bool subscription_bundle_create_perform(struct command *command, const void *input, void **output);
bool subscription_change_plan_perform(struct command *command, const void *input, void **output);
bool subscription_undo_change_perform(struct command *command, const void *input, void **output);
bool subscription_cancel_perform(struct command *command, const void *input, void **output);
bool subscription_uncancel_perform(struct command *command, const void *input, void **output);
bool subscription_change_quantity_perform(struct command *command, const void *input, void **output);
bool subscription_change_bill_cycle_day_perform(struct command *command, const void *input, void **output);
bool subscription_migrate_perform(struct command *command, const void *input, void **output);
bool subscription_bundle_transfer_perform(struct command *command, const void *input, void **output);

/* A subscription that is made. */
struct subscribing {
	struct account *account;
	struct subscription_bundle *bundle; /* NULL: a new one, of this key */
	struct text bundle_key;
	struct uuid bundle_uuid;            /* none: any */
	struct instant aligned_from;        /* none: where it starts */
	const char *date_at;                /* subscription_touch's */
	bool invoice;                       /* out: a rule may have it wait for the next run */
};
/* Row, events and signals; nothing is invoiced yet. */
bool subscription_make(struct command *command, struct subscribing *subscribing,
                       const struct subscription_subscribe *input, struct subscription **made);
/* The same with a plan and a row of its timeline that are known. */
bool subscription_make_as(struct command *command, struct subscribing *subscribing, const struct catalog_plan *plan,
                          const struct subscription_event *creation, struct subscription **made);
/* Ends service and billing, each at its moment, in place of an end that lay ahead; announces what is asked and, when it
 * is not ahead, what has happened. Nothing is invoiced yet. */
bool subscription_end(struct command *command, struct account *account, struct subscription *subscription,
                      struct instant service, struct instant billing, struct text reason);

/* Has it not ended, and is nothing holding changes back? Else false with a problem at "/id". */
bool subscription_is_changeable(struct command *command, const struct subscription *subscription);
/* The moment a row is to be set for: as asked, now when nothing was, not before the subscription's start. */
bool subscription_moment(struct command *command, const struct account *account,
                         const struct subscription *subscription, struct date date, struct instant at,
                         struct instant *moment);

#endif
