/* allocation.h: changes of what a subscription has of components, and what they cost.
 *
 *     allocation.create: each item found and checked -> allocation.create pre -> priced before and after -> direction -> scheme
 *       -> the part for the time that is left -> cents -> rows -> charges wait, or are invoiced at once -> allocation.create post
 *
 * A change costs more (an upgrade) or less (a downgrade) by the total cost, not by the quantity. Of several changes their net decides
 * for all, unless their schemes differ: then each decides for itself. The scheme of a change is what its item says, else its
 * component, else the request, else the tenant. Before a subscription is assessed first nothing is charged. Terms and arithmetic:
 * maxio.md 7.4 to 7.7.
 */
#ifndef MOONBILL_BILLING_ALLOCATION_H
#define MOONBILL_BILLING_ALLOCATION_H

#include "invoice.h"
#include "subscription_component.h"

/* allocation.create  allocation_create  -> allocations_made
 * allocation.preview allocation_preview -> allocations_previewed */
extern const struct command_type allocation_commands[];

/* The automatic payment of an invoice of allocations failed: unless one of them was to start dunning the invoice is cancelled, what
 * credits and wallets paid of it goes back to them, and what it charged waits for the next assessment. *waits tells whether it does. */
bool allocation_payment_failed(struct command *command, struct invoice *invoice, bool *waits);
/* What a cancelled invoice charged and gave back of components waits for the next assessment. */
bool components_return(struct command *command, const struct invoice *invoice);

/* What becomes of changes where neither item nor component nor request says: the settings below "components". */
struct allocation_defaults {
	enum allocation_upgrade_charge upgrade_charge;
	enum allocation_downgrade_credit downgrade_credit;
	bool accrue_charge;
};
struct allocation_defaults allocation_defaults(const struct command *command);

#endif
