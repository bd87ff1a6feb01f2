/* usage_record.c: usage is taken in: one or a thousand at once, each found its subscription, or none of them. */
#include "usage.h"

#include "account.h"
#include "billing_run.h"
#include "catalog.h"
#include "customer.h"
#include "event/dispatch.h"
#include "order.h"

/* Clocks of those who report may be ahead. */
enum { USAGE_AHEAD_HOURS = 24 };

/* One item on its way. */
struct recording {
	const struct usage_record *input;
	struct account *account;
	struct order *order;          /* NULL: not named */
	struct subscription *subscription;
	struct instant occurred_at;
	struct usage *usage;          /* what becomes of it */
	bool known;                   /* was there already */
};

/* ------------------------------------------------------------------------------------------------ account and order */

static bool find_order(struct command *command, struct recording *recording)
{
	const struct usage_record *input = recording->input;
	struct order *by_number = NULL;
	if (input->order_id) {
		recording->order = order_need(command, input->order_id, "/order_id");
		if (!recording->order)
			return false;
	}
	if (!text_present(input->order_number))
		return true;
	if (!order_by_number(command, input->order_number, &by_number))
		return false;
	if (!by_number)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/order_number", input->order_number, NULL,
		                     "order %.*s does not exist", TEXT_ARG(input->order_number));
	if (recording->order && recording->order->id != by_number->id)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/order_number", input->order_number, NULL,
		                     "order_id and order_number mean different orders");
	recording->order = by_number;
	return true;
}

/* What is named belongs to one account. */
static bool find_account(struct command *command, struct recording *recording)
{
	const struct usage_record *input = recording->input;
	const struct order *order = recording->order;
	bool named = input->account_id || input->customer_id || text_present(input->customer_key);
	if (!named && recording->subscription)
		recording->account = account_need(command, recording->subscription->account_id, "/subscription_id");
	else if (!named && order)
		recording->account = account_need(command, order->account_id, "/order_id");
	else if (!customer_account(command, input->account_id, input->customer_id, input->customer_key, &recording->account, NULL))
		return false;
	if (!recording->account)
		return false;
	if (order && order->account_id != recording->account->id)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION,
		                     text_present(input->order_number) ? "/order_number" : "/order_id", order->number, NULL,
		                     "order %.*s is of another account", TEXT_ARG(order->number));
	return true;
}

static bool find_subscription(struct command *command, struct recording *recording)
{
	int64_t id = recording->input->subscription_id;
	if (!id)
		return true;
	if (!subscription_find(command, id, &recording->subscription))
		return false;
	return recording->subscription || problem_value(command->problems, PROBLEM_NOT_FOUND, "/subscription_id",
	                                                text_from_int64(command->arena, id), NULL,
	                                                "subscription %lld does not exist", (long long)id);
}

static bool check_subscription(struct command *command, const struct recording *recording)
{
	const struct subscription *subscription = recording->subscription;
	if (!subscription || (subscription->account_id == recording->account->id &&
	                      (!recording->order || subscription->order_id == recording->order->id)))
		return true;
	return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/subscription_id",
	               "subscription %lld is of another account or order", (long long)subscription->id);
}

/* ------------------------------------------------------------------------------------------------ what was served then */

static bool serves(const struct command *command, const struct account *account, const struct subscription *subscription,
                   struct instant at)
{
	const struct timezone_rules *zone = command_zone(command, account);
	if (at.us < timezone_start_of_date(zone, subscription->start_date).us)
		return false;
	if (subscription->served_until.us)
		return at.us < subscription->served_until.us;
	return !date_present(subscription->end_date) || at.us < timezone_start_of_date(zone, subscription->end_date).us;
}

/* The subscriptions that may be meant. */
static bool find_candidates(struct command *command, const struct recording *recording, struct subscription_list *candidates)
{
	if (recording->subscription) {
		*list_add(command->arena, candidates, struct subscription) = *recording->subscription;
		return true;
	}
	if (recording->order)
		return subscriptions_of_order(command, recording->account->id, recording->order->id, candidates);
	struct object_filter filter = { .account_id = recording->account->id, .max = OBJECT_PAGE_MAX };
	return subscription_page(command, &filter, candidates);
}

/* How the candidates take to the price code. */
struct match {
	const struct subscription *serving, *second; /* have it as a charge of usage and were served then */
	const struct subscription *not_serving;      /* has it, but was not served */
	bool other_kind;                             /* has it as another kind of charge */
};

static bool match_candidates(struct command *command, const struct recording *recording,
                             const struct subscription_list *candidates, struct match *match)
{
	*match = (struct match){ 0 };
	for (size_t i = 0; i < candidates->count; i++) {
		const struct subscription *subscription = &candidates->items[i];
		struct plan *plan = NULL;
		if (!plan_find(command, subscription->plan_id, &plan))
			return false;
		const struct charge *charge = plan ? plan_charge(plan, recording->input->price_code) : NULL;
		if (!charge)
			continue;
		if (charge->kind != CHARGE_KIND_USAGE)
			match->other_kind = true;
		else if (!serves(command, recording->account, subscription, recording->occurred_at))
			match->not_serving = subscription;
		else if (match->serving)
			match->second = subscription;
		else
			match->serving = subscription;
	}
	return true;
}

static bool refuse_unserved(struct command *command, const struct recording *recording, const struct subscription *subscription)
{
	return problem_value(command->problems, PROBLEM_WRONG_STATE, "/occurred_at",
	                     instant_text(command->arena, recording->occurred_at),
	                     "Record what was used while the subscription was served.",
	                     "subscription %lld is %s and was not served then", (long long)subscription->id,
	                     subscription_status_word(subscription->status));
}

static bool choose_subscription(struct command *command, struct recording *recording)
{
	struct subscription_list candidates = { 0 };
	struct match match;
	struct text code = recording->input->price_code;
	if (!find_candidates(command, recording, &candidates) || !match_candidates(command, recording, &candidates, &match))
		return false;
	if (match.second)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION,
		                     recording->order ? "/subscription_id" : "/order_id", code,
		                     recording->order ? "Name the subscription." : "Name the order.",
		                     "subscriptions %lld and %lld both have price code %.*s", (long long)match.second->id,
		                     (long long)match.serving->id, TEXT_ARG(code));
	if (!match.serving && match.not_serving)
		return refuse_unserved(command, recording, match.not_serving);
	if (!match.serving && match.other_kind)
		return problem_value(command->problems, PROBLEM_INVALID_VALUE, "/price_code", code, NULL,
		                     "price code %.*s is not billed by usage", TEXT_ARG(code));
	if (!match.serving)
		return problem_value(command->problems, PROBLEM_UNKNOWN_CHARGE, "/price_code", code, "Use a usage charge of an order's plan.",
		                     "no subscription of %s has price code %.*s", recording->order ? "the order" : "the account",
		                     TEXT_ARG(code));
	recording->subscription = arena_new(command->arena, struct subscription);
	*recording->subscription = *match.serving;
	return true;
}

/* ------------------------------------------------------------------------------------------------ repeats */

static bool same_text(struct text a, struct text b)
{
	return text_present(a) == text_present(b) && (!text_present(a) || text_equals(a, b));
}

/* Is this what was sent for the usage that is there? What the repeat leaves out does not count, but for the memo. */
static bool is_repeat(const struct recording *recording, const struct usage *usage)
{
	const struct usage_record *input = recording->input;
	struct decimal quantity = usage->has_quantity_sent ? usage->quantity_sent : usage->quantity;
	struct text memo = usage->has_quantity_sent ? usage->memo_sent : usage->memo;
	return recording->account->id == usage->account_id && (!recording->order || recording->order->id == usage->order_id) &&
	       (!input->subscription_id || input->subscription_id == usage->subscription_id) &&
	       text_equals(input->price_code, usage->price_code) && decimal_compare(input->quantity, quantity) == 0 &&
	       (input->occurred_at.us == 0 || input->occurred_at.us == usage->occurred_at.us) && same_text(input->memo, memo);
}

/* Of another item of the batch, or of an earlier command. */
static bool find_known(struct command *command, struct recording *recordings, size_t i)
{
	struct text key = recordings[i].input->external_key;
	if (!text_present(key))
		return true;
	for (size_t j = 0; j < i; j++)
		if (recordings[j].usage && text_equals(recordings[j].input->external_key, key))
			recordings[i].usage = recordings[j].usage;
	if (!recordings[i].usage && !usage_by_key(command, key, &recordings[i].usage))
		return false;
	recordings[i].known = recordings[i].usage != NULL;
	return !recordings[i].known || is_repeat(&recordings[i], recordings[i].usage) ||
	       problem_value(command->problems, PROBLEM_DUPLICATE, "/external_key", key,
	                     "Use another key, or send exactly what was sent under this one.",
	                     "the external key '%.*s' is that of other usage", TEXT_ARG(key));
}

/* ------------------------------------------------------------------------------------------------ one item */

static struct usage *new_usage(const struct command *command, const struct recording *recording)
{
	const struct usage_record *input = recording->input;
	struct usage *usage = arena_new(command->arena, struct usage);
	usage->account_id = recording->account->id;
	usage->subscription_id = recording->subscription->id;
	usage->order_id = recording->subscription->order_id;
	usage->price_code = input->price_code;
	usage->quantity = input->quantity;
	usage->external_key = input->external_key;
	usage->occurred_at = recording->occurred_at;
	usage->status = USAGE_STATUS_UNBILLED;
	usage->memo = input->memo;
	usage->created_at = usage->updated_at = command->now;
	return usage;
}

static bool check_quantity(struct command *command, struct decimal quantity)
{
	return decimal_sign(quantity) > 0 || problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/quantity",
	                                                   decimal_text(command->arena, quantity), NULL,
	                                                   "quantity must be above zero");
}

static bool check_item(struct command *command, struct recording *recordings, size_t i)
{
	struct recording *recording = &recordings[i];
	const struct usage_record *input = recording->input;
	struct instant limit = { command->now.us + (int64_t)USAGE_AHEAD_HOURS * 3600 * US_PER_S };
	bool good = check_quantity(command, input->quantity);
	recording->occurred_at = input->occurred_at.us ? input->occurred_at : command->now;
	if (recording->occurred_at.us > limit.us)
		good = problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/occurred_at",
		                     instant_text(command->arena, recording->occurred_at), NULL,
		                     "usage is not more than %d hours ahead", USAGE_AHEAD_HOURS);
	if (!find_subscription(command, recording) || !find_order(command, recording) || !find_account(command, recording) ||
	    !check_subscription(command, recording) || !find_known(command, recordings, i))
		return false;
	if (recording->known || !good)
		return good;
	if (!choose_subscription(command, recording))
		return false;
	recording->usage = new_usage(command, recording);
	return true;
}

static bool insert_item(struct command *command, struct recording *recording)
{
	const struct usage_record *input = recording->input;
	struct usage *usage = recording->usage;
	if (recording->known)
		return true;
	usage->id = store_new_id(command->store, "usage");
	struct occurrence recorded = occurrence_of(EVENT_USAGE_RECORD, &usage_record, usage, usage->id, usage->account_id);
	if (usage->id == 0 || !event_pre(command, &recorded) || !check_quantity(command, usage->quantity) ||
	    !record_check(&usage_record, usage, "", command->problems))
		return false;
	usage->has_quantity_sent = decimal_compare(usage->quantity, input->quantity) != 0 || !same_text(usage->memo, input->memo);
	if (usage->has_quantity_sent) {
		usage->quantity_sent = input->quantity;
		usage->memo_sent = input->memo;
	}
	return store_insert(command->store, &usage_record, usage) && event_post(command, &recorded);
}

/* ------------------------------------------------------------------------------------------------ many */

/* Once an account: usage of what has ended needs a run. */
static bool schedule_runs(struct command *command, const struct recording *recordings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool scheduled = recordings[i].known;
		for (size_t j = 0; j < i && !scheduled; j++)
			scheduled = !recordings[j].known && recordings[j].account->id == recordings[i].account->id;
		if (!scheduled && !billing_run_schedule(command, recordings[i].account->id))
			return false;
	}
	return true;
}

/* Problems of an item point into it: "/quantity" becomes "/items/3/quantity". */
static void keep_problems(struct command *command, const struct problems *own, size_t i)
{
	for (const struct problem *next = own->first; next; next = next->next) {
		struct problem moved = *next;
		moved.pointer = text_format(command->arena, "/items/%zu%s", i, next->pointer).data;
		moved.next = NULL;
		problems_copy(command->problems, &(struct problems){ own->arena, &moved, &moved, 1 });
	}
}

static bool with_pointers(struct command *command, struct recording *recordings, size_t i,
                          bool (*act)(struct command *command, struct recording *recordings, size_t i))
{
	struct problems own, *outer = command->problems;
	problems_init(&own, command->arena);
	command->problems = &own;
	bool good = act(command, recordings, i);
	command->problems = outer;
	keep_problems(command, &own, i);
	return good;
}

static bool insert_nth(struct command *command, struct recording *recordings, size_t i)
{
	return insert_item(command, &recordings[i]);
}

static bool usage_record_batch_perform(struct command *command, const void *input, void **output)
{
	const struct usage_batch *batch = input;
	size_t count = batch->items.count;
	struct recording *recordings = arena_new_many(command->arena, struct recording, count);
	struct usage_recorded *recorded = arena_new(command->arena, struct usage_recorded);
	bool good = true;
	command_object(command, "usage", 0, 0);
	for (size_t i = 0; i < count; i++) {
		recordings[i].input = &batch->items.items[i];
		good &= with_pointers(command, recordings, i, check_item);
		if (store_failed(command->store))
			return false;
	}
	for (size_t i = 0; i < count && good; i++) {
		good = with_pointers(command, recordings, i, insert_nth);
		*list_add(command->arena, &recorded->items, struct usage) = *recordings[i].usage;
	}
	*output = recorded;
	return good && schedule_runs(command, recordings, count);
}

static bool usage_record_perform(struct command *command, const void *input, void **output)
{
	struct recording recording = { .input = input };
	if (!check_item(command, &recording, 0) || !insert_item(command, &recording))
		return false;
	command_object(command, "usage", recording.usage->id, recording.usage->account_id);
	*output = recording.usage;
	return schedule_runs(command, &recording, 1);
}

const struct command_type usage_commands[] = {
	{
		.name = "usage.record",
		.scope = "write",
		.input = &usage_record_record,
		.output = &usage_record,
		.perform = usage_record_perform,
		.doc = "Records what was used of a usage charge; billed by the run after its cycle has ended.",
	},
	{
		.name = "usage.record_batch",
		.scope = "write",
		.input = &usage_batch_record,
		.output = &usage_recorded_record,
		.perform = usage_record_batch_perform,
		.doc = "Records up to 1,000 of them, all or none.",
	},
	{ 0 },
};
