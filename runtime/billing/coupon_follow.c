/* coupon_follow.c: redemptions go with what they were redeemed for: to the order that replaces an order, to the account that
 * takes a bundle. */
#include "account.h"
#include "coupon.h"

/* ------------------------------------------------------------------------------------------------ orders */

static bool save_of_order(struct command *command, const struct coupon_redemption_list *all, int64_t order_id,
                          const struct coupon_redemption *changes)
{
	for (size_t i = 0; i < all->count; i++) {
		struct coupon_redemption redemption = all->items[i];
		if (redemption.order_id != order_id || redemption.status == COUPON_REDEMPTION_STATUS_REMOVED)
			continue;
		redemption.order_id = changes->order_id;
		if (changes->status) {
			redemption.status = changes->status;
			redemption.ends_on = changes->ends_on;
			redemption.ended_at = command->now;
		}
		if (!store_update(command->store, &coupon_redemption_record, &redemption))
			return false;
	}
	return true;
}

bool coupon_redemptions_follow(struct command *command, const struct order *from, const struct order *to)
{
	struct coupon_redemption_list all = { 0 };
	const struct coupon_redemption changes = { .order_id = to->id };
	return coupon_redemptions_of_account(command, from->account_id, &all) &&
	       save_of_order(command, &all, from->id, &changes);
}

bool coupon_redemptions_end(struct command *command, const struct order *order, struct date on)
{
	struct coupon_redemption_list all = { 0 };
	const struct coupon_redemption changes = { .order_id = order->id, .ends_on = on,
		                                   .status = COUPON_REDEMPTION_STATUS_REMOVED };
	return coupon_redemptions_of_account(command, order->account_id, &all) &&
	       save_of_order(command, &all, order->id, &changes);
}

/* ------------------------------------------------------------------------------------------------ transfers */

static struct coupon_redemption taken_over(struct command *command, const struct coupon_redemption *from,
                                           const struct subscription *to)
{
	struct coupon_redemption taken = *from;
	taken.id = store_new_id(command->store, "coupon_redemption");
	taken.uuid = uuid_time_ordered();
	taken.account_id = to->account_id;
	taken.subscription_id = to->id;
	taken.starts_on = to->start_date;
	taken.redeemed_at = command->now;
	taken.transferred_from_id = from->id;
	return taken;
}

static bool take_over(struct command *command, const struct coupon_redemption *from, const struct subscription *to)
{
	struct coupon_redemption left = *from, taken = taken_over(command, from, to);
	left.status = COUPON_REDEMPTION_STATUS_REMOVED;
	left.ends_on = to->start_date;
	left.ended_at = command->now;
	left.transferred_to_id = taken.id;
	return taken.id && store_update(command->store, &coupon_redemption_record, &left) &&
	       store_insert(command->store, &coupon_redemption_record, &taken);
}

bool coupon_redemptions_transfer(struct command *command, const struct subscription *from, const struct subscription *to,
                                 struct account *taker)
{
	struct coupon_redemption_list all = { 0 };
	bool taken = false;
	if (!coupon_redemptions_of_account(command, from->account_id, &all))
		return false;
	for (size_t i = 0; i < all.count; i++) {
		const struct coupon_redemption *redemption = &all.items[i];
		if (redemption->subscription_id != from->id || redemption->status == COUPON_REDEMPTION_STATUS_REMOVED)
			continue;
		if (!take_over(command, redemption, to))
			return false;
		taken = true;
	}
	return !taken || account_mark_discounted(command, taker);
}
