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
	bool asked_rounding;
	struct rounding_decision rounding;
	struct text rounding_decision;  /* JSON */
	int64_t catalog_plan_id;        /* whose choices these are; 0: none yet */
	const struct catalog_plan *plan;
	struct policy_choices choices;
	bool tells_seconds;             /* their convention counts seconds */
};

struct item_amount item_amount_of(struct command *command, const struct account *account);
struct billing_hooks item_amount_hooks(struct item_amount *amount);
/* Sets item->amount from item->exact; the policy is asked once. */
bool item_amount_round(struct item_amount *amount, struct billing_item *item);
/* The plan of an item; NULL when there is none. Kept: neighbours are of one plan. */
bool item_amount_plan(struct item_amount *amount, int64_t catalog_plan_id, const struct catalog_plan **plan);
/* "half_up per line" */
struct text item_amount_rounding(struct item_amount *amount);

#endif
