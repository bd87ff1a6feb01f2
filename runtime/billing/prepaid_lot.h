/* prepaid_lot.h: what is bought ahead of a prepaid component: lots, which its usage consumes.
 *
 *     allocation.create, or an assessment --> open <--> used_up
 *     open --expires_at--> expired    open --assessment, no rollover--> lapsed    open --allocation.delete--> deleted
 *
 * Usage takes of the open lots in the order in which they were bought, or of those first that expire first (setting
 * components.prepaid_order); what none of them holds is overage. What is taken back goes off the overage first, then to the lots
 * that were used last, as far as the period that runs used them. What a lot was taken for, or loses, is not paid again.
 *
 *     quantity of the subscription_component = left of open lots + used of lots in the period
 *
 * Terms: maxio.md 4.9, 4.10, 7.8; docs/components.md.
 */
#ifndef MOONBILL_BILLING_PREPAID_LOT_H
#define MOONBILL_BILLING_PREPAID_LOT_H

#include "event/job.h"
#include "subscription_component.h"

/* allocation.change_expiration  allocation_change_expiration -> allocation
 * allocation.delete             allocation_delete            -> allocation_deleted */
extern const struct command_type prepaid_lot_commands[];
/* allocation.expire: at expires_at */
extern const struct job_kind prepaid_lot_jobs[];

/* Lots of one subscription_component that something can still change of, oldest first, and those that were changed. */
struct prepaid_lots {
	struct subscription_component *had; /* its quantity follows; saved with the lots */
	struct allocation_list list;
	bool *changed;
};
/* Reads them; what has expired by `at` is expired. */
bool prepaid_lots_read(struct command *command, struct subscription_component *had, struct instant at,
                       struct prepaid_lots *lots);
/* Takes up to `quantity` of them and tells in `usage` what they held of it; what none of them held is answered. */
struct lot_usages { struct lot_usage *items; size_t count, capacity; };
struct decimal prepaid_lots_take(struct command *command, struct prepaid_lots *lots, struct decimal quantity,
                                 struct lot_usages *usage);
/* Gives back `quantity`, which they were used for in the period; told below zero in `usage`. */
void prepaid_lots_return(struct command *command, struct prepaid_lots *lots, struct decimal quantity,
                         struct lot_usages *usage);
/* Writes the changed ones; the caller saves had. */
bool prepaid_lots_save(struct command *command, struct prepaid_lots *lots);

/* Makes a lot of an allocation in the making: until when it can be used, by its price point, and what it is used; the
 * subscription has so much more. The job that ends it is planned; the caller stores allocation and had. */
bool prepaid_lot_open(struct command *command, const struct account *account, struct subscription_component *had,
                      const struct price_point *point, struct allocation *lot);
/* Which lots an assessment of [from, until) buys anew: their price points renew, they were bought in it and not deleted. */
bool prepaid_lots_renewed(struct command *command, const struct prepaid_lots *lots, struct instant from, struct instant until,
                          struct allocation_list *renewed);
/* The period [from, until) is assessed: what does not roll over lapses, or, when billing ends, all does. `used_on`: usage of after
 * it is counted already; else the use of a period begins anew. Nothing lapses at a first assessment (from: none). */
struct lots_assessed {
	struct instant from, until;
	bool ends, used_on;
};
bool prepaid_lots_assess(struct command *command, struct prepaid_lots *lots, struct lots_assessed assessed);
/* What is left of open lots is had by `to` in their place, whose quantity is set from them; of other kinds nothing. */
bool prepaid_lots_go_on(struct command *command, struct subscription_component *from, struct subscription_component *to);

/* Pure: what is left of it. */
struct decimal prepaid_lot_left(const struct allocation *lot);

#endif
