/* courier_settle.c: what became of messages, written back: the outcomes of a tenant that gathered, in one command. */
#include "courier_state.h"

#include "base/log.h"
#include "base/metric.h"

#include <assert.h>
#include <string.h>

enum {
	AGAIN_S = 60,              /* until a message is sent once more that was taken note of */
	RETRY_AFTER_S_MAX = 86400, /* more patience than that is not had */
};

/* ---- the command ---- */

struct settling {
	const struct run_queue *runs;
	const struct delivery_channel *channel; /* whose delays these are */
	int64_t delays_s[DELIVERY_RETRIES_MAX];
	size_t delay_count;
};

static void delays_load(struct command *command, struct settling *settling, const struct delivery_channel *channel)
{
	assert(channel);
	if (settling->channel == channel)
		return;
	struct text set = command_setting(command, text_format(command->arena, "deliveries.%s_retries", channel->name).data);
	settling->channel = channel;
	if (text_present(set) && delays_parse(set, settling->delays_s, &settling->delay_count))
		return;
	if (!delays_parse(text_of(channel->retries), settling->delays_s, &settling->delay_count))
		BUG("channel %s has no list of delays", channel->name);
}

/* The same message gets the same part of its jitter each time: nothing here is random. */
static int64_t jitter_us(const struct delivery_channel *channel, const struct delivery *delivery, int64_t delay_us)
{
	uint64_t mixed = ((uint64_t)delivery->id * 64 + (uint64_t)delivery->attempts + 1) * UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ mixed >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
	int64_t width = delay_us / 100 * channel->jitter_percent; /* either way */
	return width ? (int64_t)((mixed ^ mixed >> 27) % (uint64_t)(2 * width + 1)) - width : 0;
}

static struct instant failed_until(const struct command *command, const struct settling *settling,
                                   const struct delivery *delivery, const struct delivery_outcome *outcome)
{
	int64_t delay_us = settling->delays_s[delivery->attempts - 1] * US_PER_S;
	int64_t asked_s = outcome->retry_after_s < RETRY_AFTER_S_MAX ? outcome->retry_after_s : RETRY_AFTER_S_MAX;
	if (command->tenant->mode == TENANT_MODE_LIVE)
		delay_us += jitter_us(settling->channel, delivery, delay_us);
	if (asked_s * US_PER_S > delay_us)
		delay_us = asked_s * US_PER_S;
	return (struct instant){ command->now.us + delay_us };
}

static bool attempt_keep(struct command *command, const struct delivery *delivery, const struct delivery_outcome *outcome)
{
	const struct delivery_attempt attempt = {
		.delivery_id = delivery->id,
		.attempt = delivery->attempts,
		.at = command->now,
		.took_ms = outcome->took_ms,
		.answer_status = outcome->status,
		.has_answer_status = outcome->status != 0,
		.answer = text_front(outcome->answer, (size_t)delivery_attempt_record.fields[DELIVERY_ATTEMPT_FIELD_ANSWER].max),
		.error = delivery->last_error,
	};
	return store_insert(command->store, &delivery_attempt_record, &attempt);
}

static void delivery_die(struct command *command, struct delivery *delivery)
{
	delivery->status = DELIVERY_STATUS_DEAD;
	delivery->ended_at = command->now;
	log_write(LOG_ERROR, "delivery.dead", "tenant=%lld delivery=%lld channel=%.*s endpoint=%lld: %.*s",
	          (long long)command->tenant->id, (long long)delivery->id, TEXT_ARG(delivery->channel),
	          (long long)delivery->endpoint_id, TEXT_ARG(delivery->last_error));
}

static bool delivery_put_off(struct command *command, const struct settling *settling, struct delivery *delivery,
                             const struct delivery_outcome *outcome)
{
	delivery->answer_status = outcome->status;
	delivery->has_answer_status = outcome->status != 0;
	delivery->last_error = text_front(redact_cards(command->arena, outcome->error),
	                                      (size_t)delivery_record.fields[DELIVERY_FIELD_LAST_ERROR].max);
	if (outcome->verdict == DELIVERY_AGAIN) {
		delivery->due_at = (struct instant){ command->now.us + AGAIN_S * US_PER_S };
		return store_update(command->store, &delivery_record, delivery);
	}
	delivery->attempts++;
	if (outcome->verdict == DELIVERY_DEAD || (size_t)delivery->attempts > settling->delay_count)
		delivery_die(command, delivery);
	else
		delivery->due_at = failed_until(command, settling, delivery, outcome);
	return attempt_keep(command, delivery, outcome) && store_update(command->store, &delivery_record, delivery);
}

/* It answered 410: nothing is recorded for it until somebody makes it active again. */
static bool endpoint_disable(struct command *command, int64_t endpoint_id, struct text reason)
{
	struct webhook_endpoint *endpoint;
	if (!store_find(command->store, &webhook_endpoint_record, endpoint_id, (void **)&endpoint))
		return false;
	if (!endpoint || endpoint->status == WEBHOOK_ENDPOINT_STATUS_DISABLED)
		return true;
	endpoint->status = WEBHOOK_ENDPOINT_STATUS_DISABLED;
	endpoint->status_reason = reason;
	endpoint->updated_at = command->now;
	return store_update(command->store, &webhook_endpoint_record, endpoint);
}

/* What was begun anew by hand, or ended, while the message was under way is not what this outcome speaks of. */
static bool settle_one(struct command *command, struct settling *settling, const struct run *run)
{
	const struct delivery_outcome *outcome = &run->transfer.outcome;
	const int64_t id = run->transfer.delivery->id;
	struct delivery *delivery;
	if (outcome->verdict == DELIVERY_DONE)
		return store_execute(command->store, STATEMENT_DELIVERY_DONE,
		                     BINDS(bind_id(id), outcome->status ? bind_integer(outcome->status) : bind_null(),
		                           bind_instant(command->now)),
		                     NULL) &&
		       delivery_order_goes_on(command, run->transfer.delivery);
	if (!store_find(command->store, &delivery_record, id, (void **)&delivery))
		return false;
	if (!delivery || delivery->status != DELIVERY_STATUS_PENDING || delivery->attempts + 1 != run->transfer.attempt)
		return true;
	delays_load(command, settling, run->lane->channel);
	return delivery_put_off(command, settling, delivery, outcome) &&
	       (delivery->status == DELIVERY_STATUS_PENDING || delivery_order_goes_on(command, delivery)) &&
	       (!outcome->endpoint_gone || endpoint_disable(command, delivery->endpoint_id, delivery->last_error));
}

static bool settle_perform(struct command *command, const void *input, void **output)
{
	struct settling settling = { .runs = input };
	(void)output;
	for (const struct run *run = settling.runs->first; run; run = run->next)
		if (!settle_one(command, &settling, run))
			return false;
	return true;
}

static const struct command_type settle_type = {
	.name = "delivery.settle", .scope = "admin", .without_rules = true, .perform = settle_perform,
	.doc = "Writes back what became of messages.",
};

/* ---- from the courier ---- */

/* Writer's thread. */
static void settle_done(struct command_request *request)
{
	struct settle *settle = request->context;
	struct courier *courier = settle->courier;
	pthread_mutex_lock(&courier->lock);
	settle->next_finished = courier->finished;
	courier->finished = settle;
	pthread_mutex_unlock(&courier->lock);
	curl_multi_wakeup(courier->multi);
}

static bool has_room(const struct settle *settle)
{
	return settle->runs.count < SETTLE_OUTCOMES_MAX && settle->body_bytes <= SETTLE_BYTES_MAX;
}

static struct settle *settle_of(struct courier *courier, int64_t tenant_id)
{
	struct settle *settle = courier->settles;
	while (settle && (settle->tenant_id != tenant_id || settle->under_way || !has_room(settle)))
		settle = settle->next;
	return settle;
}

static struct settle *settle_new(struct courier *courier, int64_t tenant_id)
{
	struct settle *settle = memory_alloc(sizeof *settle);
	if (!settle)
		return NULL;
	*settle = (struct settle){ .courier = courier, .tenant_id = tenant_id, .next = courier->settles };
	if (!arena_init(&settle->arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		memory_free(settle);
		return NULL;
	}
	return courier->settles = settle;
}

static void outcome_count(const struct delivery_outcome *outcome)
{
	bool done = outcome->verdict == DELIVERY_DONE;
	metric_add_at(METRIC_DELIVERY_ATTEMPTS_TOTAL, done ? METRIC_SENT_DONE : METRIC_SENT_FAILED, 0, 1);
	metric_observe(METRIC_DELIVERY_DURATION_SECONDS, outcome->took_ms * US_PER_MS);
}

/* Without memory for it the message is sent once more: at least once. */
void settle_add(struct courier *courier, struct run *run)
{
	struct settle *settle = settle_of(courier, run->lane->tenant_id);
	outcome_count(&run->transfer.outcome);
	courier->ended++;
	if (!settle && !(settle = settle_new(courier, run->lane->tenant_id))) {
		run->lane->wakes = true;
		courier->store_failed = true;
		run_free(run);
		return;
	}
	run_queue_add(&settle->runs, run);
	if (run->transfer.outcome.verdict != DELIVERY_DONE)
		settle->body_bytes += run->transfer.delivery->body.length;
}

static void settle_free(struct settle *settle)
{
	for (struct run *run = settle->runs.first, *next; run; run = next) {
		next = run->next;
		run_free(run);
	}
	arena_finish(&settle->arena);
	memory_free(settle);
}

/* Each lane reads again: the next of an account may go, and what failed has an instant. */
static void settle_take_back(struct courier *courier, struct settle *settle)
{
	bool good = settle->request.succeeded;
	if (!good) {
		courier->store_failed = true;
		log_write(LOG_ERROR, "delivery.settle", "tenant=%lld: %s; %zu messages will be sent again", (long long)settle->tenant_id,
		          settle->problems.first ? settle->problems.first->message : "failed", settle->runs.count);
	}
	for (struct run *run = settle->runs.first; run; run = run->next) {
		run->lane->wakes = true;
		if (!good)
			run->lane->not_before_us = clock_monotonic_us() + US_PER_S;
	}
	settle_free(settle);
}

static void settle_unlink(struct courier *courier, const struct settle *settle)
{
	struct settle **link = &courier->settles;
	while (*link != settle)
		link = &(*link)->next;
	*link = settle->next;
}

static bool tenant_settles(const struct courier *courier, int64_t tenant_id)
{
	for (const struct settle *settle = courier->settles; settle; settle = settle->next)
		if (settle->under_way && settle->tenant_id == tenant_id)
			return true;
	return false;
}

static void settle_submit(struct courier *courier, struct settle *settle)
{
	static const struct command_launch launch = { .lane = STORE_LANE_AT_ONCE }; /* what happened was held before */
	problems_init(&settle->problems, &settle->arena);
	settle->request = (struct command_request){
		.tenant_id = settle->tenant_id,
		.type = &settle_type,
		.input = &settle->runs,
		.origin = { .actor = TEXT("courier") },
		.arena = &settle->arena,
		.problems = &settle->problems,
		.done = settle_done,
		.context = settle,
	};
	settle->under_way = true;
	if (!courier->only_tenant_id) {
		command_launch(courier->engine, &settle->request, &launch);
		return;
	}
	command_launch_wait(courier->engine, &settle->request, &launch);
	settle_unlink(courier, settle);
	settle_take_back(courier, settle);
}

void settles_submit(struct courier *courier)
{
	for (struct settle *settle = courier->settles, *next; settle; settle = next) {
		next = settle->next;
		if (!settle->under_way && settle->runs.count && !tenant_settles(courier, settle->tenant_id))
			settle_submit(courier, settle);
	}
}

void settles_take_back(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	struct settle *finished = courier->finished;
	courier->finished = NULL;
	pthread_mutex_unlock(&courier->lock);
	for (struct settle *settle = finished, *next; settle; settle = next) {
		next = settle->next_finished;
		settle_unlink(courier, settle);
		settle_take_back(courier, settle);
	}
}

bool settles_any(const struct courier *courier)
{
	return courier->settles != NULL;
}

void settles_free(struct courier *courier)
{
	for (struct settle *settle = courier->settles, *next; settle; settle = next) {
		next = settle->next;
		settle_free(settle);
	}
	courier->settles = NULL;
}
