/* wallet_top_up.c: wallets that are topped up by themselves; purchases that are paid, and those that are not. */
#include "wallet_work.h"

#include "account.h"
#include "billing_run.h"
#include "credit.h"
#include "event/dispatch.h"

/* ------------------------------------------------------------------------------------------------ rules */

static const char *below(struct command *command, const char *pointer, const char *field)
{
	return text_format(command->arena, "%s/%s", pointer, field).data;
}

bool wallet_rule_check(struct command *command, const struct wallet_top_up_rule *rule, const struct currency *currency,
                       const char *pointer)
{
	bool by_threshold = rule->trigger == WALLET_TOP_UP_RULE_TRIGGER_THRESHOLD;
	struct money threshold;
	if (text_present(rule->custom) && !text_starts(text_trim(rule->custom), "{"))
		return problem(command->problems, PROBLEM_WRONG_TYPE, below(command, pointer, "custom"), "custom must be an object");
	if (decimal_sign(rule->credits) <= 0)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, below(command, pointer, "credits"),
		               "a top-up gives some units");
	if (by_threshold != rule->has_threshold)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, below(command, pointer, "threshold"),
		               by_threshold ? "the amount is missing below which it is topped up"
		                            : "what is topped up each interval has no threshold");
	if (by_threshold == (rule->interval != 0))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, below(command, pointer, "interval"),
		               by_threshold ? "what is topped up at a threshold has no interval"
		                            : "the interval is missing after which it is topped up");
	return !by_threshold || money_from_decimal(rule->threshold, currency, below(command, pointer, "threshold"),
	                                           command->problems, &threshold);
}

static bool is_by(const struct wallet *wallet, enum wallet_top_up_rule_trigger trigger)
{
	return !wallet_is_over(wallet) && wallet->top_up && wallet->top_up->trigger == trigger;
}

static bool plan_next(struct command *command, const struct account *account, struct wallet *wallet, struct date from)
{
	enum billing_period interval;
	const char *word = wallet_top_up_rule_record.fields[WALLET_TOP_UP_RULE_FIELD_INTERVAL].words[wallet->top_up->interval];
	if (!billing_period_parse(text_of(word), &interval))
		BUG("an interval of the schema is none of the calendar");
	wallet->next_top_up_on = billing_period_advance(interval, from, 1, date_day_of_month(from));
	return wallet_save(command, wallet) &&
	       (!date_present(wallet->next_top_up_on) ||
	        job_move(command, WALLET_TOP_UP, wallet->account_id, wallet->id,
	                 billing_run_instant(command, account, wallet->next_top_up_on)));
}

bool wallet_rule_begin(struct command *command, const struct account *account, struct wallet *wallet)
{
	if (is_by(wallet, WALLET_TOP_UP_RULE_TRIGGER_INTERVAL))
		return plan_next(command, account, wallet, command_today(command, account));
	return wallet_look(command, wallet);
}

bool wallet_look(struct command *command, const struct wallet *wallet)
{
	return !is_by(wallet, WALLET_TOP_UP_RULE_TRIGGER_THRESHOLD) ||
	       job_move(command, WALLET_TOP_UP, wallet->account_id, wallet->id, command->now);
}

bool wallet_watch(struct command *command, const struct account *account)
{
	struct wallet_list wallets = { 0 };
	if (!account->has_prepays || !account->prepays)
		return true;
	if (!wallets_active(command, account->id, &wallets))
		return false;
	for (size_t i = 0; i < wallets.count; i++)
		if (!wallet_look(command, &wallets.items[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ topping up */

static bool top_up(struct command *command, struct wallet *wallet)
{
	const struct wallet_top_up_rule *rule = wallet->top_up;
	const struct wallet_grant grant = {
		.kind = rule->source == WALLET_TOP_UP_RULE_SOURCE_PURCHASED ? WALLET_TRANSACTION_KIND_PURCHASED
		                                                            : WALLET_TRANSACTION_KIND_GRANTED,
		.credits = rule->credits, .expires_in_days = rule->has_expires_in_days ? rule->expires_in_days : 0, .by_rule = true,
		.custom = rule->custom,
	};
	struct wallet_transaction *transaction;
	return wallet_transaction_grant(command, wallet, &grant, &transaction);
}

/* What was bought and is not paid would fill it. */
static bool waits_for_payment(struct command *command, const struct wallet *wallet, bool *waits)
{
	struct wallet_transaction_list pending = { 0 };
	if (!store_all(command->store, STATEMENT_WALLET_PURCHASES, BINDS(bind_id(wallet->account_id), bind_id(wallet->id)),
	               &wallet_transaction_record, LIST(&pending)))
		return false;
	*waits = pending.count > 0;
	return true;
}

static bool is_low(struct command *command, const struct account *account, const struct wallet *wallet, bool *low)
{
	struct account_wallets ongoing;
	struct money threshold;
	if (!wallet_ongoing(command, account, &ongoing) ||
	    !money_from_decimal(wallet->top_up->threshold, wallet->currency, "", command->problems, &threshold))
		return false;
	*low = false;
	for (size_t i = 0; i < ongoing.wallets.count; i++)
		if (ongoing.wallets.items[i].wallet_id == wallet->id)
			*low = money_compare(ongoing.wallets.items[i].ongoing_balance, threshold) < 0;
	return true;
}

static bool top_up_low(struct command *command, const struct account *account, struct wallet *wallet)
{
	bool waits, low;
	return waits_for_payment(command, wallet, &waits) && (waits || (is_low(command, account, wallet, &low) &&
	                                                               (!low || top_up(command, wallet))));
}

bool wallet_top_up_job(struct command *command, const struct job *job)
{
	struct wallet *wallet = wallet_need(command, job->object_id, "");
	struct account *account = wallet ? account_need(command, wallet->account_id, "") : NULL;
	if (!account)
		return false;
	command_object(command, "wallet", wallet->id, wallet->account_id);
	if (is_by(wallet, WALLET_TOP_UP_RULE_TRIGGER_THRESHOLD))
		return top_up_low(command, account, wallet);
	if (!is_by(wallet, WALLET_TOP_UP_RULE_TRIGGER_INTERVAL))
		return true;
	struct date due = wallet->next_top_up_on;
	if (date_compare(due, command_today(command, account)) > 0)
		return job_move(command, WALLET_TOP_UP, wallet->account_id, wallet->id, billing_run_instant(command, account, due));
	return top_up(command, wallet) && plan_next(command, account, wallet, due);
}

/* ------------------------------------------------------------------------------------------------ purchases */

static bool find_purchase(struct command *command, const struct invoice *invoice, struct wallet_transaction **purchase)
{
	void *found;
	if (!store_find(command->store, &wallet_transaction_record, invoice->wallet_transaction_id, &found))
		return false;
	*purchase = found;
	if (*purchase && (*purchase)->status == WALLET_TRANSACTION_STATUS_PENDING)
		(*purchase)->invoice_id = invoice->id;
	else
		*purchase = NULL;
	return true;
}

static bool fail(struct command *command, struct wallet_transaction *purchase, const char *reason)
{
	struct occurrence failed = occurrence_of(EVENT_WALLET_TRANSACTION_FAIL, &wallet_transaction_record, purchase, purchase->id,
	                                         purchase->account_id);
	purchase->status = WALLET_TRANSACTION_STATUS_FAILED;
	failed.details.invoice_id = purchase->invoice_id;
	failed.details.reason = text_of(reason);
	return store_update(command->store, &wallet_transaction_record, purchase) && event_post(command, &failed);
}

/* The wallet is gone, the money is not: it is the account's. */
static bool credit_instead(struct command *command, struct wallet_transaction *purchase)
{
	const struct credit template = {
		.account_id = purchase->account_id, .currency = purchase->currency, .amount = purchase->amount,
		.reason = CREDIT_REASON_OVERPAYMENT,
	};
	struct credit *credit;
	return fail(command, purchase, "wallet_terminated") && credit_create(command, &template, &credit);
}

bool wallet_purchase_paid(struct command *command, const struct invoice *invoice)
{
	struct wallet_transaction *purchase;
	if (!find_purchase(command, invoice, &purchase) || !purchase)
		return !store_failed(command->store);
	struct wallet *wallet = wallet_need(command, purchase->wallet_id, "");
	if (!wallet)
		return false;
	return wallet_is_over(wallet) ? credit_instead(command, purchase) : wallet_transaction_settle(command, wallet, purchase);
}

bool wallet_purchase_failed(struct command *command, const struct invoice *invoice, const char *reason)
{
	struct wallet_transaction *purchase;
	if (!invoice->wallet_transaction_id)
		return true;
	if (!find_purchase(command, invoice, &purchase))
		return false;
	return !purchase || fail(command, purchase, reason);
}

bool wallet_check_no_purchase(struct command *command, const struct invoice *invoice, const char *pointer)
{
	return !invoice->wallet_transaction_id ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, invoice->number,
	                     "Void the units in the wallet, and give the account a credit.",
	                     "invoice %.*s sells prepaid units: nothing of it is taken back", TEXT_ARG(invoice->number));
}
