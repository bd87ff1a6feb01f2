/* coupon_redemption.c: coupons are redeemed for accounts and subscriptions, and taken away again. */
#include "coupon.h"

#include "account.h"
#include "code_list.h"
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
	const struct subscription *subscription; /* NULL: all of the account */
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

static bool check_plan(const struct redeeming *redeeming)
{
	const struct subscription *subscription = redeeming->subscription;
	bool covers = true;
	if (subscription &&
	    !coupon_covers_plan(redeeming->command, redeeming->coupon, subscription->catalog_plan_id, &covers))
		return false;
	return covers || problem_value(redeeming->command->problems, PROBLEM_INVALID_COMBINATION, redeeming->pointer,
	                               redeeming->coupon->code, "Redeem it for a plan that the coupon names.",
	                               "coupon '%.*s' is not for plan '%.*s'", TEXT_ARG(redeeming->coupon->code),
	                               TEXT_ARG(subscription->plan));
}

/* Discounts the same charges, or some of them. */
static bool meets(const struct redeeming *redeeming, const struct coupon_redemption *other)
{
	return other->status == COUPON_REDEMPTION_STATUS_ACTIVE &&
	       (!redeeming->subscription || !other->subscription_id ||
	        other->subscription_id == redeeming->subscription->id);
}

static bool check_beside(const struct redeeming *redeeming)
{
	for (size_t i = 0; i < redeeming->earlier.count; i++) {
		const struct coupon_redemption *other = &redeeming->earlier.items[i];
		int64_t subscription_id = redeeming->subscription ? redeeming->subscription->id : 0;
		if (!meets(redeeming, other))
			continue;
		if (other->coupon_id == redeeming->coupon->id && other->subscription_id == subscription_id)
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
	*redemption = (struct coupon_redemption){
		.id = store_new_id(command->store, "coupon_redemption"),
		.uuid = uuid_time_ordered(),
		.account_id = redeeming->account->id,
		.subscription_id = redeeming->subscription ? redeeming->subscription->id : 0,
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

static bool store_rows(const struct redeeming *redeeming, const struct coupon_redemption *redemption)
{
	struct command *command = redeeming->command;
	struct account *account = redeeming->account;
	redeeming->coupon->redemptions++;
	redeeming->coupon->updated_at = command->now;
	if (!redemption->id || !store_insert(command->store, &coupon_redemption_record, redemption) ||
	    !store_update(command->store, &coupon_record, redeeming->coupon))
		return false;
	if (account->has_discounted && account->discounted)
		return true;
	account->has_discounted = account->discounted = true;
	return account_save(command, account);
}

bool coupon_redeem_for(struct command *command, struct account *account, const struct subscription *subscription,
                       struct text code, struct date starts_on, const char *pointer,
                       struct coupon_redemption **redemption)
{
	struct redeeming redeeming = {
		.command = command, .account = account, .subscription = subscription, .pointer = pointer,
	};
	if (!coupon_by_code(command, code, &redeeming.coupon) ||
	    !coupon_redemptions_of_account(command, account->id, &redeeming.earlier))
		return false;
	if (!redeeming.coupon)
		return unknown(&redeeming, code);
	if (!check_valid(&redeeming) || !check_number(&redeeming) || !check_currency(&redeeming) ||
	    !check_plan(&redeeming) || !check_beside(&redeeming))
		return false;
	*redemption = redemption_of(&redeeming, starts_on);
	return store_rows(&redeeming, *redemption);
}

/* ------------------------------------------------------------------------------------------------ coupon.redeem */

static bool find_subscription(struct command *command, int64_t id, struct subscription **subscription)
{
	if (!subscription_find(command, id, subscription))
		return false;
	if (!*subscription)
		return problem(command->problems, PROBLEM_NOT_FOUND, "/subscription_id", "subscription %lld does not exist",
		               (long long)id);
	if (!(*subscription)->catalog_plan_id)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id",
		               "subscription %lld is of an order: its discounts are the order's", (long long)id);
	return !subscription_is_final((*subscription)->status) ||
	       problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", "subscription %lld has ended",
	               (long long)id);
}

static bool coupon_redeem_perform(struct command *command, const void *data, void **output)
{
	const struct coupon_redeem *input = data;
	struct subscription *subscription = NULL;
	struct coupon_redemption *redemption = NULL;
	if ((input->account_id == 0) == (input->subscription_id == 0))
		return problem(command->problems, input->account_id ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD,
		               "/account_id", "either account_id or subscription_id tells what is discounted");
	if (input->subscription_id && !find_subscription(command, input->subscription_id, &subscription))
		return false;
	struct account *account =
	        account_need(command, subscription ? subscription->account_id : input->account_id, "/account_id");
	if (!account || !coupon_redeem_for(command, account, subscription, input->coupon, command_today(command, account),
	                                   "/coupon", &redemption))
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
		return problem(command->problems, PROBLEM_NOT_FOUND, "/id", "redemption %lld does not exist",
		               (long long)input->id);
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
	  .perform = coupon_redeem_perform, .doc = "Redeems a coupon for an account, or for one of its subscriptions." },
	{ .name = "coupon.remove", .scope = "write", .input = &coupon_remove_record, .output = &coupon_redemption_record,
	  .perform = coupon_remove_perform, .doc = "Takes a redeemed coupon away: what begins today or later is not discounted." },
	{ .name = NULL },
};
