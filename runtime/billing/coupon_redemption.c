/* coupon_redemption.c: coupons are redeemed for accounts, subscriptions and orders, and taken away again. */
#include "coupon.h"

#include "account.h"
#include "code_list.h"
#include "order.h"
#include "subscription.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ reading */

bool coupon_redemption_page(struct command *command, const struct object_filter *filter,
                            struct coupon_redemption_list *redemptions)
{
	const char *status = coupon_redemption_record.fields[COUPON_REDEMPTION_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_COUPON_REDEMPTION_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &coupon_redemption_record, LIST(redemptions));
}

bool coupon_redemptions_of_coupon(struct command *command, int64_t coupon_id, const struct object_filter *filter,
                                  struct coupon_redemption_list *redemptions)
{
	return store_all(command->store, STATEMENT_COUPON_REDEMPTION_OF_COUPON,
	                 BINDS(bind_id(coupon_id), bind_id(filter->before_id), bind_integer(object_page_rows(filter))),
	                 &coupon_redemption_record, LIST(redemptions));
}

bool coupon_redemptions_of_account(struct command *command, int64_t account_id,
                                   struct coupon_redemption_list *redemptions)
{
	return store_all(command->store, STATEMENT_COUPON_REDEMPTION_OF_ACCOUNT, BINDS(bind_id(account_id)),
	                 &coupon_redemption_record, LIST(redemptions));
}

/* ------------------------------------------------------------------------------------------------ may it be redeemed? */

struct redeeming {
	struct command *command;
	struct account *account;
	struct coupon_target target;
	struct coupon *coupon;
	struct coupon_redemption_list earlier;   /* of the account */
	const char *pointer;
};

static bool unknown(const struct redeeming *redeeming, struct text code)
{
	struct command *command = redeeming->command;
	struct code_list list = { .arena = command->arena };
	return store_each(command->store, STATEMENT_COUPON_CODES, NO_BINDS, code_list_row, &list) &&
	       problem_value(command->problems, PROBLEM_UNKNOWN_COUPON, redeeming->pointer, code, NULL,
	                     "there is no coupon '%.*s'%s", TEXT_ARG(code), code_list_nearest(&list, code));
}

static bool refuse(const struct redeeming *redeeming, const char *remedy, const char *why)
{
	struct text code = redeeming->coupon->code;
	return problem_value(redeeming->command->problems, PROBLEM_WRONG_STATE, redeeming->pointer, code, remedy,
	                     "coupon '%.*s' %s", TEXT_ARG(code), why);
}

static bool check_valid(const struct redeeming *redeeming)
{
	const struct coupon *coupon = redeeming->coupon;
	int64_t now = redeeming->command->now.us;
	if (coupon->status == COUPON_STATUS_ARCHIVED)
		return refuse(redeeming, NULL, "is archived");
	if (coupon->valid_from.us && now < coupon->valid_from.us)
		return refuse(redeeming, "Redeem it from its valid_from on.", "is not valid yet");
	if (coupon->valid_until.us && now >= coupon->valid_until.us)
		return refuse(redeeming, NULL, "is not valid any more");
	return true;
}

static bool check_number(const struct redeeming *redeeming)
{
	const struct coupon *coupon = redeeming->coupon;
	int64_t of_account = 0;
	for (size_t i = 0; i < redeeming->earlier.count; i++)
		of_account += redeeming->earlier.items[i].coupon_id == coupon->id;
	if (coupon->has_max_redemptions && coupon->redemptions >= coupon->max_redemptions)
		return refuse(redeeming, "Raise its max_redemptions.", "was redeemed as often as it may be");
	if (coupon->has_max_per_account && of_account >= coupon->max_per_account)
		return refuse(redeeming, "Raise its max_per_account.", "was redeemed by this account as often as it may be");
	return true;
}

static bool check_currency(const struct redeeming *redeeming)
{
	const struct coupon *coupon = redeeming->coupon;
	struct decimal amount;
	if (coupon->has_percent || coupon_amount_in(coupon, redeeming->account->currency, &amount))
		return true;
	return problem_value(redeeming->command->problems, PROBLEM_CURRENCY_MISMATCH, redeeming->pointer, coupon->code,
	                     "Redeem a coupon with an amount in the account's currency.", "coupon '%.*s' has no amount in %s",
	                     TEXT_ARG(coupon->code), redeeming->account->currency->code);
}

/* One of the plans that an order sells is enough. */
static bool covers_order(const struct redeeming *redeeming, const struct order *order, bool *covers)
{
	if (!coupon_covers_plan(redeeming->command, redeeming->coupon, 0, order->plan, covers))
		return false;
	for (size_t i = 0; i < order->lines.count && !*covers; i++)
		if (text_present(order->lines.items[i].plan) &&
		    !coupon_covers_plan(redeeming->command, redeeming->coupon, 0, order->lines.items[i].plan, covers))
			return false;
	return true;
}

static bool check_plan(const struct redeeming *redeeming)
{
	const struct subscription *subscription = redeeming->target.subscription;
	const struct order *order = redeeming->target.order;
	bool covers = true;
	if (subscription && !coupon_covers_plan(redeeming->command, redeeming->coupon, subscription->catalog_plan_id,
	                                        subscription->plan, &covers))
		return false;
	if (order && !covers_order(redeeming, order, &covers))
		return false;
	return covers || problem_value(redeeming->command->problems, PROBLEM_INVALID_COMBINATION, redeeming->pointer,
	                               redeeming->coupon->code, "Redeem it for a plan that the coupon names.",
	                               "coupon '%.*s' is not for plan '%.*s'", TEXT_ARG(redeeming->coupon->code),
	                               TEXT_ARG(subscription ? subscription->plan : order->plan));
}

static struct coupon_redemption target_of(const struct redeeming *redeeming)
{
	const struct coupon_target *target = &redeeming->target;
	return (struct coupon_redemption){ .subscription_id = target->subscription ? target->subscription->id : 0,
		                           .order_id = target->order ? target->order->id : 0 };
}

static bool asks_for_all(const struct redeeming *redeeming)
{
	return !redeeming->target.subscription && !redeeming->target.order;
}

static bool is_of_all(const struct coupon_redemption *redemption)
{
	return !redemption->subscription_id && !redemption->order_id;
}

static bool is_of_same(const struct coupon_redemption *a, const struct coupon_redemption *b)
{
	return a->subscription_id == b->subscription_id && a->order_id == b->order_id;
}

/* Discounts the same charges, or some of them. */
static bool meets(const struct redeeming *redeeming, const struct coupon_redemption *other)
{
	const struct coupon_redemption asked = target_of(redeeming);
	return other->status == COUPON_REDEMPTION_STATUS_ACTIVE &&
	       (asks_for_all(redeeming) || is_of_all(other) || is_of_same(&asked, other));
}

static bool check_beside(const struct redeeming *redeeming)
{
	const struct coupon_redemption asked = target_of(redeeming);
	for (size_t i = 0; i < redeeming->earlier.count; i++) {
		const struct coupon_redemption *other = &redeeming->earlier.items[i];
		if (!meets(redeeming, other))
			continue;
		if (other->coupon_id == redeeming->coupon->id && is_of_same(&asked, other))
			return problem_value(redeeming->command->problems, PROBLEM_DUPLICATE, redeeming->pointer, other->code, NULL,
			                     "coupon '%.*s' is redeemed already", TEXT_ARG(other->code));
		struct coupon *coupon = coupon_need(redeeming->command, other->coupon_id, redeeming->pointer);
		if (!coupon)
			return false;
		if (!coupon->stackable || !redeeming->coupon->stackable)
			return refuse(redeeming, "Remove the other redemption first.",
			              text_format(redeeming->command->arena, "cannot be beside coupon '%.*s'",
			                          TEXT_ARG(coupon->code)).data);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ rows */

static struct coupon_redemption *redemption_of(const struct redeeming *redeeming, struct date starts_on)
{
	struct command *command = redeeming->command;
	const struct coupon *coupon = redeeming->coupon;
	struct coupon_redemption *redemption = arena_new(command->arena, struct coupon_redemption);
	const struct coupon_redemption target = target_of(redeeming);
	*redemption = (struct coupon_redemption){
		.uuid = uuid_time_ordered(),
		.account_id = redeeming->account->id,
		.subscription_id = target.subscription_id,
		.order_id = target.order_id,
		.coupon_id = coupon->id,
		.code = coupon->code,
		.status = COUPON_REDEMPTION_STATUS_ACTIVE,
		.starts_on = starts_on,
		.has_periods_left = coupon_periods(coupon) > 0,
		.periods_left = coupon_periods(coupon),
		.redeemed_at = command->now,
	};
	return redemption;
}

static bool store_rows(const struct redeeming *redeeming, struct coupon_redemption *redemption)
{
	struct command *command = redeeming->command;
	struct account *account = redeeming->account;
	redemption->id = store_new_id(command->store, "coupon_redemption");
	redeeming->coupon->redemptions++;
	redeeming->coupon->updated_at = command->now;
	if (!redemption->id || !store_insert(command->store, &coupon_redemption_record, redemption) ||
	    !store_update(command->store, &coupon_record, redeeming->coupon))
		return false;
	return account_mark_discounted(command, account);
}

/* Looks for the coupon and everything that could forbid it. */
static bool check(struct redeeming *redeeming, struct text code)
{
	struct command *command = redeeming->command;
	if (!coupon_by_code(command, code, &redeeming->coupon) ||
	    !coupon_redemptions_of_account(command, redeeming->account->id, &redeeming->earlier))
		return false;
	if (!redeeming->coupon)
		return unknown(redeeming, code);
	return check_valid(redeeming) && check_number(redeeming) && check_currency(redeeming) && check_plan(redeeming) &&
	       check_beside(redeeming);
}

bool coupon_redeem_for(struct command *command, struct account *account, struct coupon_target target, struct text code,
                       struct date starts_on, const char *pointer, struct coupon_redemption **redemption)
{
	struct redeeming redeeming = { .command = command, .account = account, .target = target, .pointer = pointer };
	if (!check(&redeeming, code))
		return false;
	*redemption = redemption_of(&redeeming, starts_on);
	return store_rows(&redeeming, *redemption);
}

bool coupon_redemption_ahead(struct command *command, struct account *account, struct coupon_target target,
                             struct text code, struct date starts_on, const char *pointer,
                             struct coupon_redemption **redemption)
{
	struct redeeming redeeming = { .command = command, .account = account, .target = target, .pointer = pointer };
	if (!check(&redeeming, code))
		return false;
	*redemption = redemption_of(&redeeming, starts_on);
	return true;
}

/* ------------------------------------------------------------------------------------------------ coupon.redeem */

static struct subscription *find_subscription(struct command *command, int64_t id)
{
	struct subscription *subscription = NULL;
	if (!subscription_find(command, id, &subscription))
		return NULL;
	if (!subscription)
		record_missing(&subscription_record, id, command->problems, "/subscription_id");
	else if (!subscription->catalog_plan_id)
		problem_value(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", text_from_int64(command->arena, id),
		              "Redeem it for the order, by order_id.", "subscription %lld is of order %lld", (long long)id,
		              (long long)subscription->order_id);
	else if (subscription_is_final(subscription->status))
		problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", "subscription %lld has ended",
		        (long long)id);
	else
		return subscription;
	return NULL;
}

static struct order *find_order(struct command *command, int64_t id)
{
	struct order *order = order_need(command, id, "/order_id");
	if (!order || !order_is_final(order))
		return order;
	problem_value(command->problems, PROBLEM_WRONG_STATE, "/order_id", order->number, NULL, "order %.*s is %s",
	              TEXT_ARG(order->number), order_status_word(order->status));
	return NULL;
}

/* What is discounted, of which account and from when on; false when it is not there, or nothing. */
static bool find_target(struct command *command, const struct coupon_redeem *input, struct coupon_target *target,
                        struct account **account, struct date *starts_on)
{
	int64_t account_id = input->account_id;
	struct order *order = input->order_id ? find_order(command, input->order_id) : NULL;
	struct subscription *subscription = input->subscription_id ? find_subscription(command, input->subscription_id) : NULL;
	if ((input->order_id && !order) || (input->subscription_id && !subscription))
		return false;
	*target = (struct coupon_target){ subscription, order };
	if (order)
		account_id = order->account_id;
	if (subscription)
		account_id = subscription->account_id;
	*account = account_need(command, account_id, "/account_id");
	if (!*account)
		return false;
	*starts_on = command_today(command, *account);
	return true;
}

static bool coupon_redeem_perform(struct command *command, const void *data, void **output)
{
	const struct coupon_redeem *input = data;
	struct coupon_redemption *redemption = NULL;
	struct coupon_target target;
	struct account *account = NULL;
	struct date starts_on;
	int named = (input->account_id != 0) + (input->subscription_id != 0) + (input->order_id != 0);
	if (named != 1)
		return problem(command->problems, named ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, "/account_id",
		               "one of account_id, subscription_id and order_id tells what is discounted");
	if (!find_target(command, input, &target, &account, &starts_on) ||
	    !coupon_redeem_for(command, account, target, input->coupon, starts_on, "/coupon", &redemption))
		return false;
	command_object(command, "coupon_redemption", redemption->id, account->id);
	*output = redemption;
	return true;
}

/* ------------------------------------------------------------------------------------------------ coupon.remove */

static bool coupon_remove_perform(struct command *command, const void *data, void **output)
{
	const struct coupon_remove *input = data;
	void *found;
	if (!store_find(command->store, &coupon_redemption_record, input->id, &found))
		return false;
	if (!found)
		return record_missing(&coupon_redemption_record, input->id, command->problems, "/id");
	struct coupon_redemption *redemption = found;
	struct account *account = account_need(command, redemption->account_id, "/id");
	if (!account)
		return false;
	command_object(command, "coupon_redemption", redemption->id, redemption->account_id);
	if (redemption->status == COUPON_REDEMPTION_STATUS_REMOVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", redemption->code, NULL,
		                     "coupon '%.*s' was removed already", TEXT_ARG(redemption->code));
	redemption->status = COUPON_REDEMPTION_STATUS_REMOVED;
	redemption->ends_on = command_today(command, account);
	redemption->ended_at = command->now;
	*output = redemption;
	return store_update(command->store, &coupon_redemption_record, redemption);
}

const struct command_type coupon_redemption_commands[] = {
	{ .name = "coupon.redeem", .scope = "write", .input = &coupon_redeem_record, .output = &coupon_redemption_record,
	  .perform = coupon_redeem_perform, .doc = "Redeems a coupon for an account, one of its subscriptions or one of its orders." },
	{ .name = "coupon.remove", .scope = "write", .input = &coupon_remove_record, .output = &coupon_redemption_record,
	  .perform = coupon_remove_perform, .doc = "Takes a redeemed coupon away: what begins today or later is not discounted." },
	{ .name = NULL },
};
