/* wallet_ongoing.c: what an account has used that is on no invoice, and which wallets it falls to. */
#include "wallet_work.h"

#include "progressive_billing.h"
#include "subscription.h"
#include "unit_usage.h"
#include "wallet_burn.h"

/* Windows that are over and not billed, each rounded by itself. */
static bool add_windows(struct command *command, const struct subscription *subscription, const struct unit_usage_windows *windows,
                        struct date today, struct invoice_line_list *lines)
{
	for (size_t i = 0; i < windows->items.count; i++) {
		const struct unit_usage_window *window = &windows->items.items[i];
		if (window->billed || date_compare(window->period_end, today) > 0)
			continue;
		struct invoice_line *line = list_add(command->arena, lines, struct invoice_line);
		*line = (struct invoice_line){
			.kind = INVOICE_LINE_KIND_USAGE, .subscription_id = subscription->id, .plan = subscription->plan,
			.usage_section = window->section, .currency = window->currency,
		};
		if (!exact_money_round(window->amount, ROUNDING_HALF_UP, &line->amount))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what was used is too large");
	}
	return true;
}

static bool read_used(struct command *command, const struct account *account, struct invoice_line_list *lines)
{
	struct subscription_list subscriptions = { 0 };
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_DIRECT_OF_ACCOUNT, BINDS(bind_id(account->id)), &subscription_record,
	               LIST(&subscriptions)))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct unit_usage_windows windows;
		const struct subscription *subscription = &subscriptions.items[i];
		if (!unit_usage_windows_read(command, account, subscription, &windows) ||
		    !add_windows(command, subscription, &windows, command_today(command, account), lines) ||
		    !progressive_unbilled(command, account, subscription, lines))
			return false;
	}
	return true;
}

static bool absorbs(const struct wallet *wallet)
{
	return wallet->top_up && wallet->top_up->trigger == WALLET_TOP_UP_RULE_TRIGGER_THRESHOLD;
}

/* What each line comes to falls to those that may pay it. */
static bool take_lines(struct command *command, const struct wallet_list *wallets, const struct invoice_line_list *lines,
                       struct cascade_wallet *shares, struct account_wallets *ongoing)
{
	bool *eligible = arena_new_many(command->arena, bool, wallets->count + 1);
	for (size_t i = 0; i < lines->count; i++) {
		for (size_t j = 0; j < wallets->count; j++)
			eligible[j] = wallet_pays(command, &wallets->items[j], &lines->items[i]);
		cascade_take(shares, wallets->count, eligible, lines->items[i].amount.minor);
		if (!money_add(ongoing->usage, lines->items[i].amount, &ongoing->usage))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what was used is too large");
	}
	return !store_failed(command->store);
}

static bool share_out(struct command *command, const struct wallet_list *wallets, const struct invoice_line_list *lines,
                      struct account_wallets *ongoing)
{
	struct cascade_wallet *shares = arena_new_many(command->arena, struct cascade_wallet, wallets->count + 1);
	for (size_t i = 0; i < wallets->count; i++)
		shares[i] = (struct cascade_wallet){ wallets->items[i].balance.minor, absorbs(&wallets->items[i]), 0 };
	if (!take_lines(command, wallets, lines, shares, ongoing))
		return false;
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
	struct invoice_line_list lines = { 0 };
	*ongoing = (struct account_wallets){
		.account_id = account->id, .currency = account->currency, .balance = money_zero(account->currency),
		.usage = money_zero(account->currency),
	};
	return wallets_active(command, account->id, &wallets) && read_used(command, account, &lines) &&
	       share_out(command, &wallets, &lines, ongoing);
}
