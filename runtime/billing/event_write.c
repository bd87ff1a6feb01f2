/* event_write.c: a group of events: each is judged and kept; days and totals are added up in memory and written once. */
#include "event_write.h"

#include "account.h"
#include "progressive_billing.h"
#include "subscription.h"
#include "wallet.h"

#include "base/log.h"

#include <string.h>

/* What the group has touched. A meter has few days in a group, a day few totals. */
struct group_total {
	const struct billing_metric *metric;
	struct text segment;
	struct metric_sum sum;
	struct group_total *next;
};

struct group_day {
	int64_t number;
	bool fresh; /* no totals of it are written */
	bool stale; /* its totals are made anew, of its events, when the group is written */
	struct event_day row;
	struct group_total *totals;
	struct group_day *next;
};

struct group_meter {
	struct event_meter meter;
	bool exists;  /* there is such a subscription */
	bool changed;
	int64_t *closed; /* of each metric of the stream, read when something is closed; NULL: not yet */
	struct group_day *days;
};

struct group_stream {
	struct event_stream *stream;
	struct billing_metric_list metrics;
	struct group_stream *next;
};

struct event_group {
	struct command *command;
	struct group_stream *streams;
	struct group_meter **meters; /* by stream and subscription, open addressing */
	size_t capacity, count;
	bool asked, watched;      /* does somebody of the tenant wait for usage? */
	struct command *planning; /* by which jobs are planned; NULL: none was */
};

enum { METERS_FIRST_CAPACITY = 256 };

/* One event on its way. */
struct event_work {
	struct event_group *group;
	struct group_stream *stream;
	struct event_input *event;
	struct events_taken *taken;
	struct event_row row;
	struct arena *scratch; /* of what is read of one event; NULL: the group's */
};

struct event_group *event_group_new(struct command *command)
{
	struct event_group *group = arena_new(command->arena, struct event_group);
	group->command = command;
	return group;
}

/* ------------------------------------------------------------------------------------------------ streams */

static struct group_stream *stream_of(struct event_group *group, struct text handle, struct problems *problems)
{
	struct command *command = group->command;
	for (struct group_stream *known = group->streams; known; known = known->next)
		if (text_equals(known->stream->handle, handle))
			return known;
	struct group_stream *made = arena_new(command->arena, struct group_stream);
	if (!event_stream_by_handle(command, handle, &made->stream))
		return NULL;
	if (!made->stream) {
		problem_value(problems, PROBLEM_NOT_FOUND, "", text_front(handle, 100), "Make it by POST /v1/streams.",
		              "there is no stream '%.*s'", TEXT_ARG(text_front(handle, 100)));
		return NULL;
	}
	if (!billing_metrics_of_stream(command, made->stream->id, &made->metrics))
		return NULL;
	made->next = group->streams;
	return group->streams = made;
}

/* ------------------------------------------------------------------------------------------------ meters */

static size_t meter_slot(struct group_meter **meters, size_t capacity, int64_t stream_id, int64_t subscription_id)
{
	uint64_t mixed = ((uint64_t)subscription_id * 31 + (uint64_t)stream_id) * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(mixed >> 32) & (capacity - 1);
	while (meters[i] && (meters[i]->meter.subscription_id != subscription_id || meters[i]->meter.stream_id != stream_id))
		i = (i + 1) & (capacity - 1);
	return i;
}

static void meters_grow(struct event_group *group)
{
	size_t capacity = group->capacity ? group->capacity * 2 : METERS_FIRST_CAPACITY;
	struct group_meter **larger = arena_new_many(group->command->arena, struct group_meter *, capacity);
	for (size_t i = 0; i < group->capacity; i++)
		if (group->meters[i])
			larger[meter_slot(larger, capacity, group->meters[i]->meter.stream_id, group->meters[i]->meter.subscription_id)] =
			        group->meters[i];
	group->meters = larger;
	group->capacity = capacity;
}

static bool meter_load(struct command *command, struct group_meter *meter, int64_t stream_id, int64_t subscription_id)
{
	if (!event_meter_read(command, stream_id, subscription_id, &meter->meter))
		return false;
	meter->exists = meter->meter.known;
	return meter->exists || event_meter_phase(command, subscription_id, &meter->meter.phase_us, &meter->exists);
}

/* NULL only when the store fails. */
static struct group_meter *meter_of(struct event_group *group, int64_t stream_id, int64_t subscription_id)
{
	if (group->count * 2 >= group->capacity)
		meters_grow(group);
	size_t slot = meter_slot(group->meters, group->capacity, stream_id, subscription_id);
	if (group->meters[slot])
		return group->meters[slot];
	struct group_meter *meter = arena_new(group->command->arena, struct group_meter);
	if (!meter_load(group->command, meter, stream_id, subscription_id))
		return NULL;
	group->count++;
	return group->meters[slot] = meter;
}

static bool closed_load(struct event_work *work, struct group_meter *meter)
{
	const struct billing_metric_list *metrics = &work->stream->metrics;
	struct decimal carried;
	if (meter->closed)
		return true;
	meter->closed = arena_new_many(work->group->command->arena, int64_t, metrics->count + 1);
	for (size_t i = 0; i < metrics->count; i++)
		if (meter->meter.closed_to && !metric_progress_read(work->group->command, metrics->items[i].id,
		                                                    meter->meter.subscription_id, &meter->closed[i], &carried))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ days and totals in memory */

static struct group_day *day_of(struct event_work *work, struct group_meter *meter, int64_t number)
{
	bool found;
	for (struct group_day *day = meter->days; day; day = day->next)
		if (day->number == number)
			return day;
	struct group_day *day = arena_new(work->group->command->arena, struct group_day);
	if (!event_day_read(work->group->command, &meter->meter, number, &day->row, &found))
		return NULL;
	day->number = number;
	day->fresh = !found;
	day->next = meter->days;
	return meter->days = day;
}

static bool sum_take(void *context, const struct store_row *row)
{
	*(struct metric_sum *)context = metric_sum_of_row(row);
	return false;
}

static struct group_total *total_of(struct command *command, struct group_meter *meter, struct group_day *day,
                                    const struct billing_metric *metric, struct text segment)
{
	for (struct group_total *total = day->totals; total; total = total->next)
		if (total->metric == metric && text_equals(total->segment, segment))
			return total;
	struct group_total *total = arena_new(command->arena, struct group_total);
	*total = (struct group_total){ .metric = metric, .segment = text_copy(command->arena, segment), .next = day->totals };
	if (!day->fresh && !store_each(command->store, STATEMENT_METRIC_TOTAL_READ,
	                           BINDS(bind_integer(metric->id), bind_integer(day->number),
	                                 bind_integer(meter->meter.subscription_id), bind_text(segment)),
	                           sum_take, &total->sum))
		return NULL;
	return day->totals = total;
}

static bool total_add(struct event_work *work, struct group_meter *meter, struct group_day *day, const struct billing_metric *metric,
                      const struct json *properties, const struct event_row *row)
{
	struct command *command = work->group->command;
	struct metric_reading reading = metric_read(metric, properties, work->scratch ? work->scratch : command->arena);
	if (reading.reason)
		return true;
	struct group_total *total = total_of(command, meter, day, metric, reading.segment);
	if (!total)
		return false;
	return metric_sum_add(&total->sum, metric, &reading, row->occurred_at.us, event_day_begin_us(&meter->meter, day->number), row->id) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "the total of a day is too large to compute with");
}

static bool totals_add(struct event_work *work, struct group_meter *meter, struct group_day *day, const struct json *properties,
                       const struct event_row *row)
{
	const struct billing_metric_list *metrics = &work->stream->metrics;
	if (meter->meter.closed_to && !closed_load(work, meter))
		return false;
	for (size_t i = 0; i < metrics->count; i++) {
		bool counts = event_counts(row->verdict, row->occurred_at.us, meter->closed ? meter->closed[i] : 0);
		if (counts && !metric_lists_values(&metrics->items[i]) &&
		    !total_add(work, meter, day, &metrics->items[i], properties, row))
			return false;
	}
	return true;
}

static void day_add(struct group_day *day, struct event_row *row)
{
	struct event_day *known = &day->row;
	int64_t at_us = row->occurred_at.us;
	bool first = known->event_count == 0;
	row->previous_id = known->last_id;
	known->first_id = first ? row->id : known->first_id;
	known->first_at = first || at_us < known->first_at ? at_us : known->first_at;
	known->last_at = first || at_us > known->last_at ? at_us : known->last_at;
	known->last_id = row->id;
	known->event_count++;
}

/* ------------------------------------------------------------------------------------------------ written */

static struct store_bind bind_sum(struct arena *arena, bool wanted, struct decimal decimal)
{
	return wanted ? bind_text(decimal_canonical_text(arena, decimal)) : bind_null();
}

static bool total_write(struct command *command, const struct group_meter *meter, int64_t day, const struct group_total *total)
{
	const struct metric_sum *sum = &total->sum;
	struct arena *arena = command->arena;
	enum billing_metric_analysis analysis = total->metric->analysis;
	bool weighted = analysis == BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM;
	if (sum->event_count == 0)
		return store_execute(command->store, STATEMENT_METRIC_TOTAL_REMOVE,
		                     BINDS(bind_integer(total->metric->id), bind_integer(day), bind_integer(meter->meter.subscription_id),
		                           bind_text(total->segment)),
		                     NULL);
	bool adds = weighted || analysis == BILLING_METRIC_ANALYSIS_SUM || analysis == BILLING_METRIC_ANALYSIS_AVERAGE;
	bool extreme = sum->extreme_id != 0;
	return store_execute(command->store, STATEMENT_METRIC_TOTAL_WRITE,
	                     BINDS(bind_integer(total->metric->id), bind_integer(day), bind_integer(meter->meter.subscription_id),
	                           bind_text(total->segment), bind_integer(sum->event_count), bind_sum(arena, adds, sum->total),
	                           bind_sum(arena, weighted, sum->weighted), bind_sum(arena, extreme, sum->extreme),
	                           extreme ? bind_integer(sum->extreme_at) : bind_null(),
	                           extreme ? bind_integer(sum->extreme_id) : bind_null(),
	                           bind_sum(arena, text_present(total->metric->price_property), sum->priced)),
	                     NULL);
}

static bool day_write(struct command *command, const struct group_meter *meter, const struct group_day *day)
{
	const struct event_day *row = &day->row;
	if (!store_execute(command->store, STATEMENT_EVENT_DAY_WRITE,
	                   BINDS(bind_integer(meter->meter.stream_id), bind_integer(day->number),
	                         bind_integer(meter->meter.subscription_id), bind_integer(row->event_count),
	                         bind_integer(row->first_id), bind_integer(row->last_id), bind_integer(row->first_at),
	                         bind_integer(row->last_at)),
	                   NULL))
		return false;
	for (const struct group_total *total = day->totals; total; total = total->next)
		if (!total_write(command, meter, day->number, total))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ days made anew */

static bool event_add_up(struct event_work *work, struct group_meter *meter, struct group_day *day, int64_t id, int64_t *previous_id)
{
	struct command view = *work->group->command;
	struct event_row row;
	bool found;
	view.arena = work->scratch;
	if (!event_row_read(&view, meter->meter.stream_id, id, &row, &found))
		return false;
	if (!found)
		return problem(view.problems, PROBLEM_STORE_FAILED, "", "the events of a day are damaged");
	*previous_id = row.previous_id;
	if (!text_present(row.properties))
		return true;
	const struct json *properties = json_parse(row.properties, work->scratch, view.problems);
	return properties && totals_add(work, meter, day, properties, &row);
}

/* The events of a day again, one after the other, into totals of their own. */
static bool day_add_up(struct event_work *work, struct group_meter *meter, struct group_day *day)
{
	struct arena scratch;
	bool good = arena_init(&scratch, ARENA_LIMIT_DEFAULT_BYTES);
	int64_t previous_id = 0;
	if (!good)
		return problem_out_of_memory(work->group->command->problems, "the events of a day were added up");
	work->scratch = &scratch;
	for (int64_t id = day->row.last_id; id && good; id = previous_id) {
		good = event_add_up(work, meter, day, id, &previous_id);
		arena_reset(&scratch);
	}
	work->scratch = NULL;
	arena_finish(&scratch);
	return good;
}

static bool day_make_anew(struct event_group *group, struct group_meter *meter, struct group_day *day)
{
	struct event_work work = { .group = group, .stream = group->streams };
	while (work.stream->stream->id != meter->meter.stream_id)
		work.stream = work.stream->next;
	for (size_t i = 0; i < work.stream->metrics.count; i++)
		if (!store_execute(group->command->store, STATEMENT_METRIC_TOTAL_FORGET,
		                   BINDS(bind_integer(work.stream->metrics.items[i].id), bind_integer(day->number),
		                         bind_integer(meter->meter.subscription_id)),
		                   NULL))
			return false;
	day->totals = NULL;
	day->fresh = true;
	return day_add_up(&work, meter, day);
}

/* ------------------------------------------------------------------------------------------------ who waits for usage */

static bool is_watched(struct event_group *group, bool *watched)
{
	int64_t some = 0;
	if (!group->asked && !store_integer(group->command->store, STATEMENT_USAGE_WATCHED, NO_BINDS, &some, NULL))
		return false;
	group->watched = group->asked ? group->watched : some != 0;
	group->asked = true;
	*watched = group->watched;
	return true;
}

static bool watch(struct event_group *group, int64_t subscription_id)
{
	struct subscription *subscription = NULL;
	if (!subscription_find(group->command, subscription_id, &subscription) || !subscription)
		return !store_failed(group->command->store);
	if (!group->planning)
		group->planning = job_context(group->command);
	struct account *account = account_need(group->command, subscription->account_id, "");
	return account && progressive_watch(group->planning, subscription) && wallet_watch(group->planning, account);
}

bool event_group_wakes(const struct event_group *group)
{
	return group->planning != NULL;
}

/* ------------------------------------------------------------------------------------------------ all of it */

static bool meter_write(struct event_group *group, struct group_meter *meter)
{
	if (meter->changed && !event_meter_write(group->command, &meter->meter))
		return false;
	for (struct group_day *day = meter->days; day; day = day->next)
		if ((day->stale && !day_make_anew(group, meter, day)) || !day_write(group->command, meter, day))
			return false;
	return true;
}

bool event_group_finish(struct event_group *group)
{
	bool watched = false;
	if (group->count > 0 && !is_watched(group, &watched))
		return false;
	for (size_t i = 0; i < group->capacity; i++) {
		struct group_meter *meter = group->meters[i];
		if (meter && (!meter_write(group, meter) || (watched && meter->days && !watch(group, meter->meter.subscription_id))))
			return false;
	}
	group->meters = NULL;
	group->capacity = group->count = 0;
	return !store_failed(group->command->store);
}

/* ------------------------------------------------------------------------------------------------ corrections */

/* Is it billed by some metric already? */
static bool is_closed(const struct group_meter *meter, int64_t at_us)
{
	return at_us < meter->meter.closed_to;
}

static bool target_find(struct event_work *work, struct event_row *target, bool *found)
{
	struct command *command = work->group->command;
	struct command view = *command;
	int64_t id = work->event->corrects_id;
	view.arena = work->scratch;
	*found = false;
	if (!id && !store_token_find(command->store, command->now, work->event->corrects_hash, &id))
		return false;
	return !id || event_row_read(&view, work->stream->stream->id, id, target, found);
}

/* What it added to the totals of its day is taken off. Which value takes the place of the least, greatest or latest one they do not
 * tell: then the events of the day are added up again, once for the whole group. */
static bool totals_take(struct event_work *work, struct group_meter *meter, struct group_day *day, const struct event_row *target)
{
	struct command *command = work->group->command;
	const int64_t at_us = target->occurred_at.us, day_us = event_day_begin_us(&meter->meter, day->number);
	const struct json *properties = json_parse(target->properties, work->scratch, command->problems);
	for (size_t i = 0; properties && i < work->stream->metrics.count; i++) {
		const struct billing_metric *metric = &work->stream->metrics.items[i];
		if (metric_lists_values(metric) || target->id < metric->first_event_id)
			continue;
		const struct metric_reading reading = metric_read(metric, properties, work->scratch);
		struct group_total *total = reading.reason ? NULL : total_of(command, meter, day, metric, reading.segment);
		if (!total && !reading.reason)
			return false;
		if (total && !metric_sum_take(&total->sum, metric, &reading, at_us, day_us, target->id))
			day->stale = true;
	}
	return properties != NULL;
}

/* *done, false before: it counts no more. */
static bool target_judge(struct event_work *work, bool *done)
{
	struct command *command = work->group->command;
	struct event_row target;
	bool found;
	if (!target_find(work, &target, &found))
		return false;
	if (!found || !event_counts(target.verdict, target.occurred_at.us, 0))
		return true;
	struct group_meter *meter = meter_of(work->group, work->stream->stream->id, target.subscription_id);
	if (!meter || is_closed(meter, target.occurred_at.us))
		return meter != NULL;
	*done = true;
	struct group_day *day = day_of(work, meter, event_day_of(&meter->meter, target.occurred_at.us));
	return day && store_execute(command->store, STATEMENT_STREAM_EVENT_JUDGE,
	                            BINDS(bind_integer(work->stream->stream->id), bind_integer(target.id),
	                                  bind_integer(STREAM_EVENT_VERDICT_TAKEN_BACK)),
	                            NULL) &&
	       totals_take(work, meter, day, &target);
}

static bool target_take_back(struct event_work *work, bool *done)
{
	struct arena scratch;
	if (!arena_init(&scratch, ARENA_LIMIT_DEFAULT_BYTES))
		return problem_out_of_memory(work->group->command->problems, "an event was corrected");
	work->scratch = &scratch;
	bool good = target_judge(work, done);
	work->scratch = NULL;
	arena_finish(&scratch);
	return good;
}

/* ------------------------------------------------------------------------------------------------ an event */

static bool corrects(const struct event_input *event)
{
	return event->corrects_id || text_present(event->corrects_token);
}

/* By what the stream says, then by what the reserved member says besides. */
static bool find_subscription(struct event_work *work, int64_t *subscription_id)
{
	const struct event_stream *stream = work->stream->stream;
	const struct event_input *event = work->event;
	struct text reference = event->subscription_reference;
	int64_t id = event->subscription_id;
	if (stream->subscription_by == EVENT_STREAM_SUBSCRIPTION_BY_PROPERTY) {
		const struct json *named = event_property(event->properties, stream->subscription_property);
		id = named && named->type == JSON_NUMBER && text_to_int64(named->text, &id) ? id : 0;
		reference = named && named->type == JSON_STRING ? named->text : TEXT_NONE;
	} else if (stream->subscription_by == EVENT_STREAM_SUBSCRIPTION_BY_SUBSCRIPTION_REFERENCE && text_present(reference)) {
		id = 0;
	}
	*subscription_id = id;
	return id || !text_present(reference) ||
	       event_subscription_by_reference(work->group->command, reference, subscription_id);
}

static enum stream_event_verdict verdict_of(struct event_work *work, const struct group_meter *meter)
{
	int64_t at_us = work->row.occurred_at.us;
	if (is_closed(meter, at_us))
		return STREAM_EVENT_VERDICT_LATE;
	return at_us > work->group->command->now.us ? STREAM_EVENT_VERDICT_FUTURE : STREAM_EVENT_VERDICT_COUNTED;
}

static bool event_gather(struct event_work *work, struct group_meter *meter)
{
	struct event_row *row = &work->row;
	int64_t number = event_day_of(&meter->meter, row->occurred_at.us);
	struct group_day *day = day_of(work, meter, number);
	row->verdict = verdict_of(work, meter);
	if (!day || !totals_add(work, meter, day, work->event->properties, row))
		return false;
	if (!meter->meter.known || number < meter->meter.first_day) {
		meter->meter.first_day = meter->meter.known && meter->meter.first_day < number ? meter->meter.first_day : number;
		meter->meter.known = meter->changed = true;
	}
	day_add(day, row);
	return true;
}

static bool event_judge(struct event_work *work)
{
	struct event_row *row = &work->row;
	bool done = false;
	if (corrects(work->event)) {
		if (!target_take_back(work, &done))
			return false;
		row->verdict = done ? STREAM_EVENT_VERDICT_CORRECTION : STREAM_EVENT_VERDICT_NO_TARGET;
		if (!done || work->event->takes_back)
			return true;
	}
	if (!find_subscription(work, &row->subscription_id))
		return false;
	row->verdict = STREAM_EVENT_VERDICT_NO_SUBSCRIPTION;
	if (!row->subscription_id)
		return true;
	struct group_meter *meter = meter_of(work->group, work->stream->stream->id, row->subscription_id);
	if (!meter)
		return false;
	if (meter->exists)
		return event_gather(work, meter);
	row->subscription_id = 0;
	return true;
}

static void taken_count(struct events_taken *taken, enum stream_event_verdict verdict)
{
	taken->duplicates += verdict == STREAM_EVENT_VERDICT_DUPLICATE;
	taken->kept += verdict != STREAM_EVENT_VERDICT_DUPLICATE;
	taken->late += verdict == STREAM_EVENT_VERDICT_LATE;
	taken->future += verdict == STREAM_EVENT_VERDICT_FUTURE;
	taken->no_subscription += verdict == STREAM_EVENT_VERDICT_NO_SUBSCRIPTION;
}

static bool event_insert(struct event_work *work)
{
	const struct event_row *row = &work->row;
	bool bare = row->verdict == STREAM_EVENT_VERDICT_DUPLICATE;
	return store_execute(work->group->command->store, STATEMENT_STREAM_EVENT_INSERT,
	                     BINDS(bind_integer(work->stream->stream->id), bind_integer(row->id), bind_id(row->subscription_id),
	                           bind_integer(row->occurred_at.us), bind_integer(row->created_at.us),
	                           bind_integer(row->previous_id), bind_integer(row->verdict), bind_text(work->event->token),
	                           bare ? bind_null() : bind_text(work->event->source)),
	                     NULL);
}

static bool event_take(struct event_work *work, int64_t id, bool duplicate)
{
	struct instant now = work->group->command->now;
	work->row = (struct event_row){
		.id = id, .created_at = now, .occurred_at = work->event->occurred_at.us ? work->event->occurred_at : now,
		.verdict = STREAM_EVENT_VERDICT_DUPLICATE,
	};
	if ((!duplicate && !event_judge(work)) || !event_insert(work))
		return false;
	taken_count(work->taken, work->row.verdict);
	if (!duplicate && !work->taken->first_id)
		work->taken->first_id = id;
	return true;
}

/* ------------------------------------------------------------------------------------------------ a request */

static struct store_token *tokens_of(struct arena *arena, const struct event_inputs *events, size_t *count)
{
	struct store_token *tokens = arena_new_many(arena, struct store_token, events->count + 1);
	*count = 0;
	for (size_t i = 0; i < events->count; i++) {
		if (!text_present(events->items[i].token))
			continue;
		struct store_token *token = &tokens[(*count)++];
		token->offset = (uint32_t)i;
		memcpy(token->hash, events->items[i].token_hash, sizeof token->hash);
	}
	return tokens;
}

bool event_group_take(struct event_group *group, struct text handle, struct event_inputs *events, struct problems *problems,
                      struct events_taken *taken)
{
	struct command *command = group->command;
	size_t count, next = 0;
	struct group_stream *stream = stream_of(group, handle, problems);
	*taken = (struct events_taken){ .received = (int64_t)events->count };
	if (!stream)
		return false;
	if (stream->stream->status != EVENT_STREAM_STATUS_ACTIVE)
		return problem_value(problems, PROBLEM_WRONG_STATE, "", handle, NULL, "stream '%.*s' is archived", TEXT_ARG(handle));
	if (events->count == 0)
		return true;
	int64_t first_id = store_new_ids(command->store, "stream_event", (int64_t)events->count);
	struct store_token *tokens = tokens_of(command->arena, events, &count);
	if (!first_id ||
	    !store_tokens_take(command->store, command->now, EVENT_TOKEN_WINDOW_US, first_id, tokens, count))
		return false;
	for (size_t i = 0; i < events->count; i++) {
		struct event_work work = { .group = group, .stream = stream, .event = &events->items[i], .taken = taken };
		bool tokened = next < count && tokens[next].offset == i;
		if (!event_take(&work, first_id + (int64_t)i, tokened && tokens[next].taken))
			return false;
		next += tokened;
	}
	return true;
}
