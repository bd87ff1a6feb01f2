/* wallet.c: wallets are made, changed and terminated. */
#include "wallet_work.h"

#include "component.h"
#include "event_stream.h"
#include "subscription_component.h"

#include "account.h"
#include "event/dispatch.h"
#include "wallet_burn.h"

/* ------------------------------------------------------------------------------------------------ reading */

struct wallet *wallet_need(struct command *command, int64_t id, const char *pointer)
{
	void *wallet;
	if (!store_find(command->store, &wallet_record, id, &wallet))
		return NULL;
	if (!wallet)
		record_missing(&wallet_record, id, command->problems, pointer);
	return wallet;
}

bool wallet_page(struct command *command, const struct object_filter *filter, struct wallet_list *wallets)
{
	const char *status = wallet_record.fields[WALLET_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_WALLET_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &wallet_record, LIST(wallets));
}

bool wallets_active(struct command *command, int64_t account_id, struct wallet_list *wallets)
{
	return store_all(command->store, STATEMENT_WALLET_OF_ACCOUNT, BINDS(bind_id(account_id), bind_c("active")), &wallet_record,
	                 LIST(wallets));
}

bool wallet_save(struct command *command, struct wallet *wallet)
{
	wallet->updated_at = command->now;
	return store_update(command->store, &wallet_record, wallet);
}

bool wallet_is_over(const struct wallet *wallet)
{
	return wallet->status == WALLET_STATUS_TERMINATED;
}

/* ------------------------------------------------------------------------------------------------ checks */

static bool check_ahead(struct command *command, struct instant at)
{
	return at.us == 0 || at.us > command->now.us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/expires_at", instant_text(command->arena, at),
	                     "Name a moment that is still to come.", "the expiry has passed already");
}

static bool check_active(struct command *command, const struct wallet *wallet)
{
	return !wallet_is_over(wallet) ||
	       problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", wallet->name, NULL, "wallet %lld is terminated",
	                     (long long)wallet->id);
}

static bool check_rate(struct command *command, struct decimal rate)
{
	return decimal_sign(rate) > 0 || problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/rate",
	                                               decimal_text(command->arena, rate), "Say what one unit is worth.",
	                                               "a unit of no money pays nothing");
}

static bool check_custom(struct command *command, struct text custom, const char *pointer)
{
	return !text_present(custom) || text_starts(text_trim(custom), "{") ||
	       problem(command->problems, PROBLEM_WRONG_TYPE, pointer, "custom must be an object");
}

/* What it is limited to is there. */
static bool check_limits(struct command *command, const struct wallet_component *components, size_t component_count,
                         const struct wallet_metric *metrics, size_t metric_count)
{
	bool good = true;
	for (size_t i = 0; i < component_count && !store_failed(command->store); i++)
		good &= component_named(command, 0, components[i].component, text_format(command->arena, "/components/%zu", i).data) != NULL;
	for (size_t i = 0; i < metric_count; i++) {
		struct billing_metric *metric;
		if (!billing_metric_by_handle(command, metrics[i].metric, &metric))
			return false;
		if (!metric)
			good = problem_value(command->problems, PROBLEM_NOT_FOUND, text_format(command->arena, "/metrics/%zu/metric", i).data,
			                     metrics[i].metric, "GET /v1/metrics tells those that there are.", "there is no metric '%.*s'",
			                     TEXT_ARG(metrics[i].metric));
	}
	return good && !store_failed(command->store);
}

static bool check_currency(struct command *command, const struct account *account, const struct currency *currency)
{
	return !currency || currency == account->currency ||
	       problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "/currency", "the account is in %s, not in %s",
	               account->currency->code, currency->code);
}

/* ------------------------------------------------------------------------------------------------ wallet.create */

static struct occurrence occurrence_on(enum event event, struct wallet *wallet)
{
	return occurrence_of(event, &wallet_record, wallet, wallet->id, wallet->account_id);
}

static bool plan_end(struct command *command, const struct wallet *wallet)
{
	return wallet->expires_at.us == 0 || job_move(command, WALLET_END, wallet->account_id, wallet->id, wallet->expires_at);
}

static struct wallet *wallet_of(struct command *command, const struct account *account, const struct wallet_create *input)
{
	struct wallet *wallet = arena_new(command->arena, struct wallet);
	*wallet = (struct wallet){
		.id = store_new_id(command->store, "wallet"),
		.uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered(),
		.account_id = account->id,
		.name = text_present(input->name) ? input->name : TEXT("Prepaid"),
		.currency = account->currency,
		.rate = input->has_rate ? decimal_canonical(input->rate) : decimal_from_int64(1),
		.priority = input->has_priority ? input->priority : WALLET_PRIORITY_DEFAULT,
		.status = WALLET_STATUS_ACTIVE,
		.top_up = input->top_up,
		.balance = money_zero(account->currency),
		.custom = input->custom,
		.expires_at = input->expires_at,
		.created_at = command->now,
		.updated_at = command->now,
	};
	wallet->line_kinds.items = input->line_kinds.items;
	wallet->line_kinds.count = wallet->line_kinds.capacity = input->line_kinds.count;
	wallet->plans.items = input->plans.items;
	wallet->plans.count = wallet->plans.capacity = input->plans.count;
	wallet->components.items = input->components.items;
	wallet->components.count = wallet->components.capacity = input->components.count;
	wallet->metrics.items = input->metrics.items;
	wallet->metrics.count = wallet->metrics.capacity = input->metrics.count;
	return wallet;
}

static bool fill(struct command *command, struct wallet *wallet, bool asked, struct decimal credits,
                 enum wallet_transaction_kind kind, const char *pointer)
{
	struct wallet_transaction *transaction;
	const struct wallet_grant grant = { .kind = kind, .credits = credits, .pointer = pointer };
	return !asked || wallet_transaction_grant(command, wallet, &grant, &transaction);
}

static bool wallet_create_perform(struct command *command, const void *data, void **output)
{
	const struct wallet_create *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	if (!account || !check_currency(command, account, input->currency) || !check_ahead(command, input->expires_at) ||
	    (input->has_rate && !check_rate(command, input->rate)) || !check_custom(command, input->custom, "/custom") ||
	    !check_limits(command, input->components.items, input->components.count, input->metrics.items, input->metrics.count) ||
	    (input->top_up && !wallet_rule_check(command, input->top_up, account->currency, "/top_up")))
		return false;
	struct wallet *wallet = wallet_of(command, account, input);
	struct occurrence created = occurrence_on(EVENT_WALLET_CREATE, wallet);
	if (wallet->id == 0 || !event_pre(command, &created) || !check_ahead(command, wallet->expires_at))
		return false;
	command_object(command, "wallet", wallet->id, account->id);
	*output = wallet;
	return store_insert(command->store, &wallet_record, wallet) && account_mark_prepaying(command, account) &&
	       event_post(command, &created) && plan_end(command, wallet) &&
	       fill(command, wallet, input->has_granted, input->granted, WALLET_TRANSACTION_KIND_GRANTED, "/granted") &&
	       fill(command, wallet, input->has_purchased, input->purchased, WALLET_TRANSACTION_KIND_PURCHASED, "/purchased") &&
	       wallet_rule_begin(command, account, wallet);
}

/* ------------------------------------------------------------------------------------------------ wallet.update */

static void change(struct wallet *wallet, const struct wallet_update *input)
{
	if (text_present(input->name))
		wallet->name = input->name;
	if (input->has_priority)
		wallet->priority = input->priority;
	if (input->line_kinds.count > 0) {
		wallet->line_kinds.items = input->line_kinds.items;
		wallet->line_kinds.count = input->line_kinds.count;
	}
	if (input->plans.count > 0) {
		wallet->plans.items = input->plans.items;
		wallet->plans.count = input->plans.count;
	}
	if (input->components.count > 0) {
		wallet->components.items = input->components.items;
		wallet->components.count = input->components.count;
	}
	if (input->metrics.count > 0) {
		wallet->metrics.items = input->metrics.items;
		wallet->metrics.count = input->metrics.count;
	}
	if (text_present(input->custom))
		wallet->custom = input->custom;
	if (input->expires_at.us)
		wallet->expires_at = input->expires_at;
	if (input->top_up || (input->has_by_hand && input->by_hand))
		wallet->top_up = input->top_up;
}

static bool check_change(struct command *command, const struct wallet *wallet, const struct wallet_update *input)
{
	if (input->top_up && input->has_by_hand && input->by_hand)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/by_hand",
		               "a wallet is topped up by hand or by the rule of top_up, not both");
	return check_active(command, wallet) && check_ahead(command, input->expires_at) &&
	       check_custom(command, input->custom, "/custom") &&
	       check_limits(command, input->components.items, input->components.count, input->metrics.items, input->metrics.count) &&
	       (!input->top_up || wallet_rule_check(command, input->top_up, wallet->currency, "/top_up"));
}

static bool wallet_update_perform(struct command *command, const void *data, void **output)
{
	const struct wallet_update *input = data;
	struct wallet *wallet = wallet_need(command, input->id, "/id");
	struct account *account = wallet ? account_need(command, wallet->account_id, "/id") : NULL;
	if (!account || !check_change(command, wallet, input))
		return false;
	command_object(command, "wallet", wallet->id, wallet->account_id);
	const struct wallet before = *wallet;
	struct occurrence updated = occurrence_on(EVENT_WALLET_UPDATE, wallet);
	change(wallet, input);
	if (!event_pre(command, &updated) || !check_ahead(command, wallet->expires_at))
		return false;
	updated.details.changed = record_changed(&wallet_record, &before, wallet, command->arena);
	*output = wallet;
	return wallet_save(command, wallet) && event_post(command, &updated) && plan_end(command, wallet) &&
	       (!input->top_up || wallet_rule_begin(command, account, wallet));
}

/* ------------------------------------------------------------------------------------------------ wallet.terminate */

static bool terminate(struct command *command, struct wallet *wallet, enum wallet_transaction_kind kind, const char *reason)
{
	struct occurrence terminated = occurrence_on(EVENT_WALLET_TERMINATE, wallet);
	terminated.details.reason = text_of(reason);
	if (!event_pre(command, &terminated) || !wallet_transaction_empty(command, wallet, kind, TEXT("Wallet terminated")))
		return false;
	wallet->status = WALLET_STATUS_TERMINATED;
	wallet->terminated_at = command->now;
	wallet->next_top_up_on = DATE_NONE;
	return wallet_save(command, wallet) && job_remove(command, WALLET_END, wallet->id) &&
	       job_remove(command, WALLET_TOP_UP, wallet->id) && event_post(command, &terminated);
}

static bool wallet_terminate_perform(struct command *command, const void *data, void **output)
{
	const struct wallet_terminate *input = data;
	struct wallet *wallet = wallet_need(command, input->id, "/id");
	if (!wallet || !check_active(command, wallet))
		return false;
	command_object(command, "wallet", wallet->id, wallet->account_id);
	*output = wallet;
	return terminate(command, wallet, WALLET_TRANSACTION_KIND_VOIDED, "requested");
}

static bool wallet_end_job(struct command *command, const struct job *job)
{
	struct wallet *wallet = wallet_need(command, job->object_id, "");
	if (!wallet)
		return false;
	command_object(command, "wallet", wallet->id, wallet->account_id);
	if (wallet_is_over(wallet) || wallet->expires_at.us == 0 || wallet->expires_at.us > command->now.us)
		return wallet_is_over(wallet) || plan_end(command, wallet);
	return terminate(command, wallet, WALLET_TRANSACTION_KIND_EXPIRED, "expired");
}

/* ------------------------------------------------------------------------------------------------ .top_up, .void */

static bool wallet_top_up_perform(struct command *command, const void *data, void **output)
{
	const struct wallet_top_up *input = data;
	struct wallet *wallet = wallet_need(command, input->id, "/id");
	struct wallet_transaction *transaction;
	if (!wallet || !check_active(command, wallet) || !check_ahead(command, input->expires_at) ||
	    !check_custom(command, input->custom, "/custom"))
		return false;
	const struct wallet_grant grant = {
		.kind = input->source == WALLET_TOP_UP_SOURCE_PURCHASED ? WALLET_TRANSACTION_KIND_PURCHASED
		                                                        : WALLET_TRANSACTION_KIND_GRANTED,
		.credits = input->credits, .priority = input->priority, .expires_at = input->expires_at, .name = input->name,
		.custom = input->custom, .pointer = "/credits",
	};
	if (!wallet_transaction_grant(command, wallet, &grant, &transaction))
		return false;
	command_object(command, "wallet_transaction", transaction->id, wallet->account_id);
	*output = transaction;
	return true;
}

static bool too_few(struct command *command, const struct wallet *wallet)
{
	return problem_value(command->problems, PROBLEM_INSUFFICIENT_BALANCE, "/credits",
	                     decimal_canonical_text(command->arena, wallet->credits), NULL, "wallet %lld holds %s units",
	                     (long long)wallet->id, text_c(command->arena, decimal_canonical_text(command->arena, wallet->credits)));
}

/* Units are cut, their money is rounded; what takes all units takes all money. */
static bool void_of(struct command *command, const struct wallet *wallet, const struct wallet_void *input,
                    struct wallet_debit *debit)
{
	*debit = (struct wallet_debit){ .kind = WALLET_TRANSACTION_KIND_VOIDED, .name = input->name,
	                                .custom = input->custom };
	if (!wallet_units(input->credits, WALLET_UNIT_SCALE, &debit->credits) ||
	    !wallet_money(debit->credits, wallet->rate, wallet->currency, &debit->amount))
		return problem(command->problems, PROBLEM_OVERFLOW, "/credits", "so many units are too much money");
	if (decimal_compare(debit->credits, wallet->credits) > 0)
		return too_few(command, wallet);
	if (decimal_compare(debit->credits, wallet->credits) == 0 || money_compare(debit->amount, wallet->balance) > 0)
		debit->amount = wallet->balance;
	return debit->amount.minor > 0 ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/credits", decimal_text(command->arena, input->credits), NULL,
	                     "so few units are no money");
}

static bool wallet_void_perform(struct command *command, const void *data, void **output)
{
	const struct wallet_void *input = data;
	struct wallet *wallet = wallet_need(command, input->id, "/id");
	struct wallet_transaction *transaction;
	struct wallet_debit debit;
	if (!wallet || !check_active(command, wallet) || !check_custom(command, input->custom, "/custom") || !void_of(command, wallet, input, &debit) ||
	    !wallet_transaction_debit(command, wallet, &debit, &transaction))
		return false;
	command_object(command, "wallet_transaction", transaction->id, wallet->account_id);
	*output = transaction;
	return wallet_look(command, wallet);
}

/* ------------------------------------------------------------------------------------------------ the commands */

const struct command_type wallet_commands[] = {
	{ .name = "wallet.create", .scope = "write", .input = &wallet_create_record, .output = &wallet_record,
	  .perform = wallet_create_perform, .doc = "Makes a wallet of prepaid units that pays an account's invoices." },
	{ .name = "wallet.update", .scope = "write", .input = &wallet_update_record, .output = &wallet_record,
	  .perform = wallet_update_perform, .doc = "Changes when a wallet is used, what for, when it expires, and how it is topped up." },
	{ .name = "wallet.terminate", .scope = "write", .input = &wallet_terminate_record, .output = &wallet_record,
	  .perform = wallet_terminate_perform, .doc = "Ends a wallet: what it holds is gone." },
	{ .name = "wallet.top_up", .scope = "write", .input = &wallet_top_up_record, .output = &wallet_transaction_record,
	  .perform = wallet_top_up_perform, .doc = "Gives a wallet units, or sells them by an invoice that is paid first." },
	{ .name = "wallet.void", .scope = "write", .input = &wallet_void_record, .output = &wallet_transaction_record,
	  .perform = wallet_void_perform, .doc = "Takes units out of a wallet." },
	{ .name = NULL },
};

const struct job_kind wallet_jobs[] = {
	{ WALLET_END, wallet_end_job, "A wallet expires." },
	{ WALLET_EXPIRE, wallet_expire_job, "What is left of a grant of prepaid units is lost." },
	{ WALLET_TOP_UP, wallet_top_up_job, "A wallet that is topped up by itself is looked at." },
	{ 0 },
};
