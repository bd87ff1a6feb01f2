/* wallet_ongoing.c: what an account has used that is on no invoice, and which wallets it falls to. */
#include "wallet_work.h"

#include "subscription.h"
#include "unit_usage.h"
#include "wallet_burn.h"

/* The amount of each window that is not billed, rounded by itself. */
static bool add_windows(struct command *command, const struct unit_usage_windows *windows, struct money *used)
{
	for (size_t i = 0; i < windows->items.count; i++) {
		struct money amount;
		if (windows->items.items[i].billed)
			continue;
		if (!exact_money_round(windows->items.items[i].amount, ROUNDING_HALF_UP, &amount) || !money_add(*used, amount, used))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what was used is too large");
	}
	return true;
}

static bool read_used(struct command *command, const struct account *account, struct money *used)
{
	struct subscription_list subscriptions = { 0 };
	*used = money_zero(account->currency);
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_DIRECT_OF_ACCOUNT, BINDS(bind_id(account->id)), &subscription_record,
	               LIST(&subscriptions)))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct unit_usage_windows windows;
		if (!unit_usage_windows_read(command, account, &subscriptions.items[i], &windows) ||
		    !add_windows(command, &windows, used))
			return false;
	}
	return true;
}

static bool absorbs(const struct wallet *wallet)
{
	return wallet->top_up && wallet->top_up->trigger == WALLET_TOP_UP_RULE_TRIGGER_THRESHOLD;
}

static bool pays_usage(const struct wallet *wallet)
{
	for (size_t i = 0; i < wallet->line_kinds.count; i++)
		if (wallet->line_kinds.items[i].kind == WALLET_LINE_KIND_KIND_USAGE)
			return true;
	return wallet->line_kinds.count == 0;
}

static bool share_out(struct command *command, const struct wallet_list *wallets, struct account_wallets *ongoing)
{
	struct cascade_wallet *shares = arena_new_many(command->arena, struct cascade_wallet, wallets->count + 1);
	bool *eligible = arena_new_many(command->arena, bool, wallets->count + 1);
	for (size_t i = 0; i < wallets->count; i++) {
		shares[i] = (struct cascade_wallet){ wallets->items[i].balance.minor, absorbs(&wallets->items[i]), 0 };
		eligible[i] = pays_usage(&wallets->items[i]);
	}
	cascade_take(shares, wallets->count, eligible, ongoing->usage.minor);
	for (size_t i = 0; i < wallets->count; i++) {
		const struct wallet *wallet = &wallets->items[i];
		struct money taken = money_of(shares[i].taken_minor, ongoing->currency), left;
		if (!money_subtract(wallet->balance, taken, &left) || !money_add(ongoing->balance, wallet->balance, &ongoing->balance))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what wallets hold is too large");
		*list_add(command->arena, &ongoing->wallets, struct wallet_share) = (struct wallet_share){
			.wallet_id = wallet->id, .name = wallet->name, .currency = wallet->currency, .balance = wallet->balance,
			.usage = taken, .ongoing_balance = left,
		};
	}
	return money_subtract(ongoing->balance, ongoing->usage, &ongoing->ongoing_balance);
}

bool wallet_ongoing(struct command *command, const struct account *account, struct account_wallets *ongoing)
{
	struct wallet_list wallets = { 0 };
	*ongoing = (struct account_wallets){
		.account_id = account->id, .currency = account->currency, .balance = money_zero(account->currency),
	};
	return wallets_active(command, account->id, &wallets) && read_used(command, account, &ongoing->usage) &&
	       share_out(command, &wallets, ongoing);
}
