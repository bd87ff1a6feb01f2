/* item_amount.h: the amounts of proposed items and repairs by the policies in force: the hooks of propose.h. */
#ifndef MOONBILL_BILLING_ITEM_AMOUNT_H
#define MOONBILL_BILLING_ITEM_AMOUNT_H

#include "event/command.h"
#include "event/dispatch.h"
#include "propose.h"

struct item_amount {
	struct command *command;
	const struct account *account;
	int fixed_days;                 /* setting billing.fixed_days_in_month */
	const struct billing_event_list *events; /* of the subscription whose items are asked for; NULL: none */
	/* Whom to ask: of this plan, counted by this. Kept: neighbours are of one plan. */
	int64_t catalog_plan_id;
	const struct catalog_plan *plan;
	struct convention_choice counts; /* convention NULL: nobody was asked yet */
	struct policy_choices choices;
	/* The last answer, and whom it was asked of. */
	bool asked_rounding;
	struct rounding_decision rounding;
	struct text rounding_decision;  /* JSON */
	struct policy_choices asked;
	struct text rounding_text;      /* of all answers: "half_up per line", or that they differ */
};

struct item_amount item_amount_of(struct command *command, const struct account *account);
struct billing_hooks item_amount_hooks(struct item_amount *amount);
/* How an item is counted: as it was when it was billed, else as the event that bills it. */
struct convention_choice item_amount_counts(const struct item_amount *amount, const struct billing_item *item);
/* Where the items' conventions count seconds: the moments that the dates of recurring ones stand for. What days are counted after
 * ends at midnight: of its last cycle that is decided anew as a part. */
bool item_amount_find_moments(struct item_amount *amount, struct billing_item_list *items);
/* Sets item->amount from item->exact, or that it is too large. Those that the same people decide for are told the same without asking again. */
bool item_amount_round(struct item_amount *amount, struct billing_item *item);
/* What of `change->price` is due for the part of a period that the item is: sets item->exact and item->decision. For what a
 * subscription has beside its plan; the item has its plan, dates and moments. */
bool item_amount_portion(struct item_amount *amount, struct proration_change *change, struct billing_item *item);
/* The plan of an item; NULL when there is none. Kept: neighbours are of one plan. */
bool item_amount_plan(struct item_amount *amount, const struct billing_item *item, const struct catalog_plan **plan);
/* "half_up per line", or "as each line says"; none before something was rounded. */
struct text item_amount_rounding(struct item_amount *amount);

#endif
