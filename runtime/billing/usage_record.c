/* usage_record.c: usage is taken in: one or a thousand at once, each found its subscription, or none of them. */
#include "usage.h"

#include "billing_run.h"
#include "event/dispatch.h"
#include "usage_meter.h"

/* Clocks of those who report may be ahead. */
enum { USAGE_AHEAD_HOURS = 24 };

/* One item on its way. */
struct recording {
	const struct usage_record *input;
	struct usage_site site;
	struct usage *usage; /* what becomes of it */
	bool known;          /* was there already */
};

/* ------------------------------------------------------------------------------------------------ repeats */

static bool same_text(struct text a, struct text b)
{
	return text_present(a) == text_present(b) && (!text_present(a) || text_equals(a, b));
}

/* Is this what was sent for the usage that is there? What the repeat leaves out does not count, but for the memo. */
static bool is_repeat(const struct recording *recording, const struct usage *usage)
{
	const struct usage_record *input = recording->input;
	const struct usage_site *site = &recording->site;
	struct decimal quantity = usage->has_quantity_sent ? usage->quantity_sent : usage->quantity;
	struct text memo = usage->has_quantity_sent ? usage->memo_sent : usage->memo;
	return site->account->id == usage->account_id && (!site->order || site->order->id == usage->order_id) &&
	       (!input->subscription_id || input->subscription_id == usage->subscription_id) &&
	       text_equals(input->price_code, usage->price_code) && decimal_compare(input->quantity, quantity) == 0 &&
	       (input->occurred_at.us == 0 || input->occurred_at.us == usage->occurred_at.us) &&
	       same_text(input->memo, memo);
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

static struct usage *new_usage(const struct command *command, const struct usage_record *input,
                               const struct subscription *subscription, struct instant occurred_at)
{
	struct usage *usage = arena_new(command->arena, struct usage);
	usage->account_id = subscription->account_id;
	usage->subscription_id = subscription->id;
	usage->order_id = subscription->order_id;
	usage->price_code = input->price_code;
	usage->quantity = input->quantity;
	usage->external_key = input->external_key;
	usage->occurred_at = occurred_at;
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

static bool check_moment(struct command *command, struct instant occurred_at)
{
	int64_t limit_us = command->now.us + (int64_t)USAGE_AHEAD_HOURS * 3600 * US_PER_S;
	return occurred_at.us <= limit_us || problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/occurred_at",
	                                                   instant_text(command->arena, occurred_at), NULL,
	                                                   "usage is not more than %d hours ahead", USAGE_AHEAD_HOURS);
}

/* Everything that can be wrong with the i-th, beside what rules say. */
static bool check_item(struct command *command, struct recording *recordings, size_t i)
{
	struct recording *recording = &recordings[i];
	const struct usage_record *input = recording->input;
	struct instant at = input->occurred_at.us ? input->occurred_at : command->now;
	bool good = check_quantity(command, input->quantity);
	good &= check_moment(command, at);
	if (!usage_site_find(command, input, i ? &recordings[i - 1].site : NULL, &recording->site) ||
	    !find_known(command, recordings, i))
		return false;
	if (recording->known || !good)
		return good;
	const struct subscription *subscription = usage_site_choose(command, &recording->site, at);
	if (subscription)
		recording->usage = new_usage(command, input, subscription, at);
	return subscription != NULL;
}

static bool insert_item(struct command *command, struct recording *recording)
{
	const struct usage_record *input = recording->input;
	struct usage *usage = recording->usage;
	if (recording->known)
		return true;
	usage->id = store_new_id(command->store, "usage");
	struct occurrence recorded =
	        occurrence_of(EVENT_USAGE_RECORD, &usage_record, usage, usage->id, usage->account_id);
	if (usage->id == 0 || !event_pre(command, &recorded) || !check_quantity(command, usage->quantity) ||
	    !record_check(&usage_record, usage, "", command->problems))
		return false;
	usage->has_quantity_sent =
	        decimal_compare(usage->quantity, input->quantity) != 0 || !same_text(usage->memo, input->memo);
	if (usage->has_quantity_sent) {
		usage->quantity_sent = input->quantity;
		usage->memo_sent = input->memo;
	}
	return store_insert(command->store, &usage_record, usage) && event_post(command, &recorded);
}

/* ------------------------------------------------------------------------------------------------ many */

static bool has_account(const struct recording *recordings, size_t count, int64_t account_id)
{
	for (size_t i = 0; i < count; i++)
		if (!recordings[i].known && recordings[i].usage->account_id == account_id)
			return true;
	return false;
}

/* Once an account: usage of what has ended needs a run. */
static bool schedule_runs(struct command *command, const struct recording *recordings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t account_id = recordings[i].usage->account_id;
		if (!recordings[i].known && !has_account(recordings, i, account_id) &&
		    !billing_run_schedule(command, account_id))
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
