/* progressive_billing.c: thresholds of usage are set, changed and taken away; who uses something is looked at. */
#include "progressive_work.h"

#include "account.h"
#include "catalog_plan.h"
#include "event/dispatch.h"
#include "subscription.h"
#include "subscription_advance.h"

bool progressive_billing_page(struct command *command, const struct object_filter *filter, struct progressive_billing_list *rows)
{
	const char *status = progressive_billing_record.fields[PROGRESSIVE_BILLING_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_PROGRESSIVE_BILLING_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &progressive_billing_record, LIST(rows));
}

struct progressive_billing *progressive_billing_need(struct command *command, int64_t id, const char *pointer)
{
	void *found;
	if (!store_find(command->store, &progressive_billing_record, id, &found))
		return NULL;
	if (!found)
		record_missing(&progressive_billing_record, id, command->problems, pointer);
	return found;
}

bool progressive_billing_save(struct command *command, struct progressive_billing *billing)
{
	billing->updated_at = command->now;
	return store_update(command->store, &progressive_billing_record, billing);
}

static struct occurrence occurrence_on(enum event event, struct progressive_billing *billing)
{
	return occurrence_of(event, &progressive_billing_record, billing, billing->id, billing->account_id);
}

static bool wake(struct command *command, int64_t account_id, int64_t id)
{
	return job_move(command, PROGRESSIVE_LOOK, account_id, id, command->now);
}

bool progressive_watch(struct command *command, const struct subscription *subscription)
{
	return !subscription->progressive_billing_id ||
	       wake(command, subscription->account_id, subscription->progressive_billing_id);
}

/* ------------------------------------------------------------------------------------------------ thresholds */

struct threshold_checking {
	struct command *command;
	const struct currency *currency;
	const struct usage_threshold *items;
	size_t count;
};

static bool refuse(const struct threshold_checking *checking, size_t i, const char *why)
{
	struct command *command = checking->command;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, text_format(command->arena, "/thresholds/%zu", i).data,
	                     decimal_text(command->arena, checking->items[i].amount), NULL, "%s", why);
}

static bool is_step(const struct usage_threshold *threshold)
{
	return threshold->has_recurring && threshold->recurring;
}

static bool check_one(const struct threshold_checking *checking, size_t i)
{
	struct command *command = checking->command;
	const struct usage_threshold *threshold = &checking->items[i];
	struct money amount;
	if (!money_from_decimal(threshold->amount, checking->currency, text_format(command->arena, "/thresholds/%zu/amount", i).data,
	                        command->problems, &amount))
		return false;
	if (amount.minor <= 0)
		return refuse(checking, i, "a threshold is above zero");
	for (size_t j = 0; j < i; j++) {
		if (is_step(threshold) && is_step(&checking->items[j]))
			return refuse(checking, i, "another threshold is recurring already");
		if (is_step(threshold) == is_step(&checking->items[j]) &&
		    decimal_compare(threshold->amount, checking->items[j].amount) == 0)
			return refuse(checking, i, "another threshold has this amount");
	}
	return true;
}

static bool check_thresholds(struct command *command, const struct currency *currency, const struct usage_threshold *items,
                             size_t count)
{
	const struct threshold_checking checking = { command, currency, items, count };
	bool good = true;
	for (size_t i = 0; i < count; i++)
		good &= check_one(&checking, i);
	return good;
}

/* Minor units of a threshold; 0: it is in another currency. */
static int64_t minor_of(struct command *command, struct decimal amount, const struct currency *currency)
{
	struct problems ignored;
	struct money money;
	problems_init(&ignored, command->arena);
	return money_from_decimal(amount, currency, "", &ignored, &money) ? money.minor : 0;
}

static void take(struct usage_thresholds *thresholds, int64_t *fixed, int64_t minor, bool step)
{
	if (step)
		thresholds->step_minor = minor;
	else if (minor > 0)
		fixed[thresholds->fixed_count++] = minor;
}

static bool of_plan(struct command *command, const struct progressive_billing *billing, const struct subscription *subscription,
                    struct usage_thresholds *thresholds)
{
	struct catalog_plan *plan = NULL;
	if (!catalog_plan_find(command, subscription->catalog_plan_id, &plan))
		return false;
	size_t count = plan ? plan->usage_thresholds.count : 0;
	int64_t *fixed = arena_new_many(command->arena, int64_t, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct plan_threshold *threshold = &plan->usage_thresholds.items[i];
		struct decimal amount;
		if (catalog_price_in(threshold->prices.items, threshold->prices.count, billing->currency, &amount))
			take(thresholds, fixed, minor_of(command, amount, billing->currency),
			     threshold->has_recurring && threshold->recurring);
	}
	thresholds->fixed_minor = fixed;
	return true;
}

bool progressive_thresholds(struct command *command, const struct progressive_billing *billing,
                            const struct subscription *subscription, struct usage_thresholds *thresholds)
{
	*thresholds = (struct usage_thresholds){ 0 };
	if (billing->by_plan)
		return of_plan(command, billing, subscription, thresholds);
	int64_t *fixed = arena_new_many(command->arena, int64_t, billing->thresholds.count + 1);
	for (size_t i = 0; i < billing->thresholds.count; i++) {
		const struct usage_threshold *threshold = &billing->thresholds.items[i];
		take(thresholds, fixed, minor_of(command, threshold->amount, billing->currency), is_step(threshold));
	}
	thresholds->fixed_minor = fixed;
	return true;
}

/* ------------------------------------------------------------------------------------------------ progressive_billing.create */

static struct progressive_billing *new_billing(struct command *command, const struct account *account,
                                               const struct subscription *subscription)
{
	struct progressive_billing *billing = arena_new(command->arena, struct progressive_billing);
	*billing = (struct progressive_billing){
		.id = store_new_id(command->store, "progressive_billing"),
		.account_id = account->id,
		.subscription_id = subscription->id,
		.name = TEXT("Usage so far"),
		.currency = account->currency,
		.status = PROGRESSIVE_BILLING_STATUS_ACTIVE,
		.billed_usage = money_zero(account->currency),
		.passed = money_zero(account->currency),
		.created_at = command->now,
		.updated_at = command->now,
	};
	return billing->id != 0 && store_integer(command->store, STATEMENT_INVOICE_NEWEST, BINDS(bind_id(account->id)),
	                                         &billing->from_invoice_id, NULL)
	               ? billing : NULL;
}

/* What one before it has invoiced within running periods is still to be credited. */
static bool take_over(struct command *command, const struct subscription *subscription, struct progressive_billing *billing)
{
	struct progressive_billing *before = NULL;
	if (!subscription->progressive_billing_id)
		return true;
	if (!store_find(command->store, &progressive_billing_record, subscription->progressive_billing_id, (void **)&before))
		return false;
	if (!before)
		return true;
	billing->open_from = before->open_from;
	before->open_from = DATE_NONE;
	return progressive_billing_save(command, before);
}

static bool store(struct command *command, struct subscription *subscription, struct progressive_billing *billing)
{
	struct occurrence created = occurrence_on(EVENT_PROGRESSIVE_BILLING_CREATE, billing);
	if (!event_pre(command, &created) || !take_over(command, subscription, billing) ||
	    !store_insert(command->store, &progressive_billing_record, billing))
		return false;
	subscription->progressive_billing_id = billing->id;
	return subscription_save(command, subscription) && event_post(command, &created) &&
	       wake(command, billing->account_id, billing->id);
}

static bool check_alone(struct command *command, const struct subscription *subscription, struct progressive_billing **before)
{
	*before = NULL;
	if (!subscription->progressive_billing_id)
		return true;
	if (!store_find(command->store, &progressive_billing_record, subscription->progressive_billing_id, (void **)before))
		return false;
	bool another = *before && (*before)->status == PROGRESSIVE_BILLING_STATUS_ACTIVE && !(*before)->by_plan;
	return !another || problem_value(command->problems, PROBLEM_DUPLICATE, "/subscription_id", TEXT_NONE,
	                                 "Change its thresholds, or end it first.",
	                                 "subscription %lld has progressive billing %lld already", (long long)subscription->id,
	                                 (long long)(*before)->id);
}

static bool finish(struct command *command, struct progressive_billing *billing)
{
	struct occurrence ended = occurrence_on(EVENT_PROGRESSIVE_BILLING_END, billing);
	billing->status = PROGRESSIVE_BILLING_STATUS_ENDED;
	return progressive_billing_save(command, billing) && job_remove(command, PROGRESSIVE_LOOK, billing->id) &&
	       event_post(command, &ended);
}

/* Its own go on from where those of the plan are. */
static bool replace(struct command *command, struct progressive_billing *before, struct progressive_billing *billing)
{
	if (!before || before->status == PROGRESSIVE_BILLING_STATUS_ENDED)
		return true;
	billing->billed_usage = before->billed_usage;
	billing->passed = before->passed;
	billing->passed_at = before->passed_at;
	billing->from_invoice_id = before->from_invoice_id;
	billing->counted_invoice_id = before->counted_invoice_id;
	billing->counted = before->counted;
	return finish(command, before);
}

static bool progressive_billing_create_perform(struct command *command, const void *data, void **output)
{
	const struct progressive_billing_create *input = data;
	struct subscription *subscription;
	struct account *account;
	struct progressive_billing *before, *billing;
	if (!subscription_need_direct_at(command, input->subscription_id, "/subscription_id", &subscription, &account) ||
	    !check_alone(command, subscription, &before) ||
	    !check_thresholds(command, account->currency, input->thresholds.items, input->thresholds.count))
		return false;
	if (subscription_is_final(subscription->status))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", "subscription %lld is %s",
		               (long long)subscription->id, subscription_status_word(subscription->status));
	billing = new_billing(command, account, subscription);
	if (!billing)
		return false;
	billing->uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered();
	if (text_present(input->name))
		billing->name = input->name;
	*LIST(&billing->thresholds) = *(const struct record_list *)(const void *)&input->thresholds;
	command_object(command, "progressive_billing", billing->id, billing->account_id);
	*output = billing;
	return replace(command, before, billing) && store(command, subscription, billing);
}

bool progressive_billing_of_plan(struct command *command, const struct account *account, struct subscription *subscription)
{
	struct progressive_billing *billing = new_billing(command, account, subscription);
	if (!billing)
		return false;
	billing->uuid = uuid_time_ordered();
	billing->by_plan = true;
	return store(command, subscription, billing);
}

/* ------------------------------------------------------------------------------------------------ .update, .end */

static struct progressive_billing *active_need(struct command *command, int64_t id)
{
	struct progressive_billing *billing = progressive_billing_need(command, id, "/id");
	if (!billing)
		return NULL;
	command_object(command, "progressive_billing", billing->id, billing->account_id);
	if (billing->status == PROGRESSIVE_BILLING_STATUS_ACTIVE)
		return billing;
	problem(command->problems, PROBLEM_WRONG_STATE, "/id", "progressive billing %lld has ended", (long long)billing->id);
	return NULL;
}

static bool progressive_billing_update_perform(struct command *command, const void *data, void **output)
{
	const struct progressive_billing_update *input = data;
	struct progressive_billing *billing = active_need(command, input->id);
	if (!billing || !check_thresholds(command, billing->currency, input->thresholds.items, input->thresholds.count))
		return false;
	struct occurrence updated = occurrence_on(EVENT_PROGRESSIVE_BILLING_UPDATE, billing);
	if (text_present(input->name))
		billing->name = input->name;
	if (input->thresholds.count > 0) {
		billing->by_plan = false;
		*LIST(&billing->thresholds) = *(const struct record_list *)(const void *)&input->thresholds;
	}
	*output = billing;
	return event_pre(command, &updated) && progressive_billing_save(command, billing) && event_post(command, &updated) &&
	       wake(command, billing->account_id, billing->id);
}

static bool progressive_billing_end_perform(struct command *command, const void *data, void **output)
{
	const struct progressive_billing_end *input = data;
	struct progressive_billing *billing = active_need(command, input->id);
	*output = billing;
	return billing && finish(command, billing);
}

const struct command_type progressive_billing_commands[] = {
	{ .name = "progressive_billing.create", .scope = "write", .input = &progressive_billing_create_record,
	  .output = &progressive_billing_record, .perform = progressive_billing_create_perform,
	  .doc = "Sets at which sums of usage a subscription is invoiced within its periods." },
	{ .name = "progressive_billing.update", .scope = "write", .input = &progressive_billing_update_record,
	  .output = &progressive_billing_record, .perform = progressive_billing_update_perform,
	  .doc = "Changes the thresholds; what was reached stays reached." },
	{ .name = "progressive_billing.end", .scope = "write", .input = &progressive_billing_end_record,
	  .output = &progressive_billing_record, .perform = progressive_billing_end_perform,
	  .doc = "Ends invoices within periods; what they charged is still credited at the end of the period." },
	{ .name = NULL },
};

const struct job_kind progressive_billing_jobs[] = {
	{ PROGRESSIVE_LOOK, progressive_look_job, "Usage of a subscription with thresholds was recorded." },
	{ 0 },
};
