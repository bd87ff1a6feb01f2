/* repair.h: the merge of what was billed with what should have been billed. Pure; amounts are decided by hooks.
 *
 *     billed items - repairs of them  = what remains billed (pieces)
 *     proposed items                  against the pieces of the same kind: same subscription, plan, phase and rate
 *        covered by a piece           nothing to do
 *        not covered                  a new charge
 *     pieces that no proposal covers  a repair, which takes back that part of the original item
 *
 * A proposal is split where a piece begins or ends within it; the last part is the remainder, so that the parts add up. An
 * item within the proposal that was charged as a part of a period of another length covers nothing of it: each of its days
 * cost something else.
 * A repair is at most what is left of its item: amount less adjustments and earlier repairs; the last repair of an item
 * takes cents that rounding left. Fixed, usage and zero items are never repaired; a fixed or zero item that is there
 * already is not proposed again. Source: killbill.md b.4; cases killbill/repair_merge, invoice_generation.
 *
 * Where seconds are counted pieces and proposals know the moments that their dates stand for. Where both begin, or both
 * end, on one day but at moments of their own, the seconds of that day are given back and charged anew.
 *
 * The merge is total: it answers for any input. What does not make sense is told as a fault, where Kill Bill stops billing the
 * account: days that two items charge are given back of the longer or earlier one, the rest is passed over.
 */
#ifndef MOONBILL_BILLING_REPAIR_H
#define MOONBILL_BILLING_REPAIR_H

#include "billing_event.h"
#include "propose.h"

enum repair_fault {
	REPAIR_SOUND,
	REPAIR_REFUSED,          /* by a hook, or an amount is too large: nothing was merged */
	REPAIR_DOUBLE_BILLING,   /* two items for the same days; the later one counts */
	REPAIR_OUTSIDE_ITEM,     /* a repair of days that its item does not have */
	REPAIR_DOUBLE_REPAIR,    /* two repairs of one day of an item */
	REPAIR_TOO_MUCH,         /* more was taken back than was charged */
	REPAIR_OF_NOTHING,       /* a repair of an item that is not there */
	REPAIR_ADJUSTS_NOTHING,  /* an adjustment of an item that is not there */
};

/* What a run must add. `billed` in any order: recurring, fixed, repair and item_adjustment items (others are passed
 * over); `proposed`: fixed and recurring ones. Repairs name their item as linked_id. The first fault found. */
enum repair_fault repair_merge(struct arena *arena, const struct billing_item_list *billed,
                               const struct billing_item_list *proposed, const struct billing_hooks *hooks,
                               struct billing_item_list *added);
/* What remains billed, by start: each piece with its share of the item's amount. */
enum repair_fault repair_remaining(struct arena *arena, const struct billing_item_list *billed,
                                   const struct billing_hooks *hooks, struct billing_item_list *remaining);

#endif
