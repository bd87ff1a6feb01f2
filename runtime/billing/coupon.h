/* coupon.h: discounts that accounts redeem by a code, for one subscription, one order, or all they have.
 *
 *     coupon             active --coupon.archive--> archived          (cannot be redeemed any more)
 *     coupon_redemption  active <--> used_up                          (its billing periods are used; given back)
 *                        active, used_up --coupon.remove--> removed   (discounts nothing that begins from then on)
 *                        active, used_up --transfer of its bundle--> removed; another one goes on at the other account
 *
 * What a coupon takes off, where and for how long never changes once it is made. What it comes to on an invoice:
 * coupon_lines.h.
 */
#ifndef MOONBILL_BILLING_COUPON_H
#define MOONBILL_BILLING_COUPON_H

#include "event/command.h"
#include "object_filter.h"

/* coupon.create, .update, .archive */
extern const struct command_type coupon_commands[];
/* coupon.redeem, .remove */
extern const struct command_type coupon_redemption_commands[];

/* What a redemption discounts; both NULL: all that the account is charged for. */
struct coupon_target {
	const struct subscription *subscription; /* subscribed to directly */
	const struct order *order;
};

struct coupon_list {
	struct coupon *items;
	size_t count, capacity;
};
struct coupon_redemption_list {
	struct coupon_redemption *items;
	size_t count, capacity;
};
/* Newest first. Of the filter status, before_id and max count. */
bool coupon_page(struct command *command, const struct object_filter *filter, struct coupon_list *coupons);
bool coupon_redemption_page(struct command *command, const struct object_filter *filter,
                            struct coupon_redemption_list *redemptions);
/* Newest first. Of the filter before_id and max count. */
bool coupon_redemptions_of_coupon(struct command *command, int64_t coupon_id, const struct object_filter *filter,
                                  struct coupon_redemption_list *redemptions);
/* All of them, oldest first. */
bool coupon_redemptions_of_account(struct command *command, int64_t account_id,
                                   struct coupon_redemption_list *redemptions);
/* *coupon = NULL when there is none. */
bool coupon_by_code(struct command *command, struct text code, struct coupon **coupon);
/* NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct coupon *coupon_need(struct command *command, int64_t id, const char *pointer);

/* Pure: what it takes off each billing period in this currency; false for a percentage, or when it names no such amount. */
bool coupon_amount_in(const struct coupon *coupon, const struct currency *currency, struct decimal *amount);
/* Pure: how many billing periods it is for; 0: forever. */
int64_t coupon_periods(const struct coupon *coupon);
/* Is what is charged for this plan discounted? A plan with overridden prices counts as the one it was made of.
 * `catalog_plan_id` 0: a plan that orders sell, of the code `plan`; it is of no product. */
bool coupon_covers_plan(struct command *command, const struct coupon *coupon, int64_t catalog_plan_id, struct text plan,
                        bool *covers);

/* Is a line of a component discounted: by the components that it names, or of any where it names nothing? Fixed amounts discount
 * only what was used, and nothing discounts lots that are bought: those are given back by themselves, whole. */
bool coupon_covers_component(struct command *command, const struct coupon *coupon, const struct invoice_line *line, bool *covers);
/* Pure: does it discount charges of plans at all? */
bool coupon_names_plans(const struct coupon *coupon);

/* Redeems the coupon of this code for what the account is charged there, from `starts_on` on.
 * Refuses, with problems at `pointer`: unknown code, not valid now, all redemptions used, another currency or plan, and
 * another coupon beside one that allows none. */
bool coupon_redeem_for(struct command *command, struct account *account, struct coupon_target target, struct text code,
                       struct date starts_on, const char *pointer, struct coupon_redemption **redemption);
/* The redemption that this would be, without id and with nothing stored; refuses the same. */
bool coupon_redemption_ahead(struct command *command, struct account *account, struct coupon_target target,
                             struct text code, struct date starts_on, const char *pointer,
                             struct coupon_redemption **redemption);
/* What was redeemed for a subscription goes on for the one that takes its place at `taker`, from its start on, with the billing
 * periods that were used. */
bool coupon_redemptions_transfer(struct command *command, const struct subscription *from, const struct subscription *to,
                                 struct account *taker);
/* What was redeemed for an order goes on for the one that replaces it. */
bool coupon_redemptions_follow(struct command *command, const struct order *from, const struct order *to);
/* What was redeemed for an order that is deleted discounts nothing any more. */
bool coupon_redemptions_end(struct command *command, const struct order *order, struct date on);
/* The change of an order gives back `share`, above zero and at most all of it, of this discount line; `credit` NULL: it
 * came to nothing. What is left of the redemption follows. */
bool coupon_give_back(struct command *command, const struct credit *credit, const struct invoice_line *discount,
                      struct exact_money share);
/* After an invoice has got its lines or was cancelled: what is left of the redemptions that its lines name. */
bool coupon_redemptions_settle(struct command *command, const struct invoice *invoice);

#endif
