/* metric_quantity.c: totals of days, and events where a day is no whole, into quantities by segment. */
#include "metric_quantity.h"

#include <assert.h>
#include <stdlib.h>

/* So many values are kept in memory of a period, and so many events priced one by one, which a rule does: what a command may take of
 * both is more, so that the other subscriptions of the account are billed. */
enum { VALUES_MOST = 1000 * 1000, ONE_BY_ONE_MOST = 100 * 1000 };

struct quantity_work {
	struct command *command;
	const struct billing_metric *metric;
	struct arena scratch; /* of what is read of one event */
	struct event_meter meter;
	int64_t from_us, to_us;
	int64_t closed_to;
	bool one_by_one; /* each event is kept */
	struct instant billed_at; /* late events that came then or after do not count; none: all are as they are */
	struct decimal carried;
	struct metric_result *results;
	struct metric_result **slots; /* by segment, open addressing */
	size_t result_count, capacity;
	size_t kept; /* values, or events one by one */
};

static bool too_large(struct quantity_work *work)
{
	return problem(work->command->problems, PROBLEM_OVERFLOW, "", "what the events of metric '%.*s' come to is too large to compute with",
	               TEXT_ARG(work->metric->handle));
}

/* Where the result of the segment is, or where it would go. */
static size_t slot_of(struct metric_result *const *slots, size_t capacity, struct text segment)
{
	uint64_t mixed = 0xcbf29ce484222325u;
	for (size_t i = 0; i < segment.length; i++)
		mixed = (mixed ^ (unsigned char)segment.data[i]) * 0x100000001b3u;
	size_t slot = (size_t)(mixed ^ mixed >> 32) & (capacity - 1);
	while (slots[slot] && !text_equals(slots[slot]->segment, segment))
		slot = (slot + 1) & (capacity - 1);
	return slot;
}

static void slots_grow(struct quantity_work *work)
{
	enum { FIRST_CAPACITY = 16 };
	size_t capacity = work->capacity ? work->capacity * 2 : FIRST_CAPACITY;
	work->slots = arena_new_many(work->command->arena, struct metric_result *, capacity);
	for (struct metric_result *result = work->results; result; result = result->next)
		work->slots[slot_of(work->slots, capacity, result->segment)] = result;
	work->capacity = capacity;
}

static struct metric_result *result_of(struct quantity_work *work, struct text segment)
{
	if (work->result_count * 2 >= work->capacity)
		slots_grow(work);
	size_t slot = slot_of(work->slots, work->capacity, segment);
	if (work->slots[slot])
		return work->slots[slot];
	struct metric_result *result = arena_new(work->command->arena, struct metric_result);
	result->segment = text_copy(work->command->arena, segment);
	result->next = work->results;
	work->result_count++;
	return work->results = work->slots[slot] = result;
}

/* ------------------------------------------------------------------------------------------------ by totals */

struct totals_read {
	struct quantity_work *work;
	int64_t day;
	bool failed;
};

static bool total_take(void *context, const struct store_row *row)
{
	struct totals_read *read = context;
	struct quantity_work *work = read->work;
	struct metric_sum sum = metric_sum_of_row(row);
	struct metric_result *result = result_of(work, store_row_text(row, 0));
	read->failed = !metric_result_add(result, work->metric, &sum, event_day_begin_us(&work->meter, read->day), work->to_us);
	return !read->failed;
}

static bool day_by_totals(struct quantity_work *work, int64_t day)
{
	struct totals_read read = { work, day, false };
	if (!store_each(work->command->store, STATEMENT_METRIC_TOTAL_OF_DAY,
	                BINDS(bind_integer(work->metric->id), bind_integer(day), bind_integer(work->meter.subscription_id)), total_take,
	                &read))
		return false;
	return !read.failed || too_large(work);
}

/* ------------------------------------------------------------------------------------------------ by events */

static bool check_room(struct quantity_work *work)
{
	size_t most = work->one_by_one ? ONE_BY_ONE_MOST : VALUES_MOST;
	return (!work->one_by_one && !metric_lists_values(work->metric)) || work->kept++ < most ||
	       problem(work->command->problems, PROBLEM_OVERFLOW, "", "metric '%.*s' has more than %zu events in the period that are looked at one by one",
	               TEXT_ARG(work->metric->handle), most);
}

static bool value_keep(struct quantity_work *work, const struct metric_reading *reading, const struct event_row *row)
{
	if (!check_room(work))
		return false;
	struct metric_result *result = result_of(work, reading->segment);
	struct metric_sum sum = { 0 };
	int64_t at_us = row->occurred_at.us;
	if (work->one_by_one)
		*list_add(work->command->arena, &result->events, struct metric_event) =
		        (struct metric_event){ reading->number, reading->price, at_us, row->id };
	if (metric_lists_values(work->metric)) {
		struct metric_reading kept = *reading;
		if (text_present(kept.text))
			kept.text = text_copy(work->command->arena, kept.text);
		return metric_result_list(result, &kept, work->command->arena) || too_large(work);
	}
	return (metric_sum_add(&sum, work->metric, reading, at_us, at_us, row->id) &&
	        metric_result_add(result, work->metric, &sum, at_us, work->to_us)) ||
	       too_large(work);
}

static bool event_keep(struct quantity_work *work, const struct event_row *row)
{
	int64_t at_us = row->occurred_at.us;
	bool came_after = work->billed_at.us && row->verdict == STREAM_EVENT_VERDICT_LATE && row->created_at.us >= work->billed_at.us;
	if (at_us < work->from_us || at_us >= work->to_us || came_after || !event_counts(row->verdict, at_us, work->closed_to))
		return true;
	const struct json *properties = json_parse(row->properties, &work->scratch, work->command->problems);
	if (!properties)
		return false;
	struct metric_reading reading = metric_read(work->metric, properties, &work->scratch);
	return reading.reason || value_keep(work, &reading, row);
}

static bool event_take(struct quantity_work *work, int64_t id, int64_t *previous_id)
{
	struct command view = *work->command;
	struct event_row row;
	bool found;
	view.arena = &work->scratch;
	if (!event_row_read(&view, work->meter.stream_id, id, &row, &found))
		return false;
	if (!found)
		return problem(view.problems, PROBLEM_STORE_FAILED, "", "the events of a day are damaged");
	*previous_id = row.previous_id;
	return event_keep(work, &row);
}

static bool day_by_events(struct quantity_work *work, const struct event_day *day)
{
	struct command *command = work->command;
	bool good = arena_init(&work->scratch, ARENA_LIMIT_DEFAULT_BYTES);
	int64_t previous_id = 0;
	if (!good)
		return problem_out_of_memory(command->problems, "events were added up");
	for (int64_t id = day->last_id; id && good; id = previous_id) {
		good = event_take(work, id, &previous_id);
		arena_reset(&work->scratch);
	}
	arena_finish(&work->scratch);
	return good && (!arena_exhausted(command->arena) || problem_out_of_memory(command->problems, "events were added up"));
}

/* ------------------------------------------------------------------------------------------------ days */

static bool is_whole(const struct quantity_work *work, const struct event_day *day)
{
	return day->first_at >= work->from_us && day->last_at < work->to_us;
}

static bool day_take(struct quantity_work *work, int64_t number)
{
	struct event_day day;
	bool found;
	if (!event_day_read(work->command, &work->meter, number, &day, &found) || !found)
		return !store_failed(work->command->store);
	if (day.last_at < work->from_us || day.first_at >= work->to_us)
		return true;
	bool totalled = !work->one_by_one && !metric_lists_values(work->metric) && day.first_id >= work->metric->first_event_id;
	return totalled && is_whole(work, &day) ? day_by_totals(work, number) : day_by_events(work, &day);
}

static bool days_take(struct quantity_work *work)
{
	if (!work->meter.known)
		return true;
	int64_t first = event_day_of(&work->meter, work->from_us), last = event_day_of(&work->meter, work->to_us - 1);
	for (int64_t day = first > work->meter.first_day ? first : work->meter.first_day; day <= last; day++)
		if (!day_take(work, day))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ what it comes to */

static int by_values(const void *a, const void *b)
{
	return text_compare(((const struct metric_segment *)a)->values, ((const struct metric_segment *)b)->values);
}

static int by_moment(const void *a, const void *b)
{
	const struct metric_event *left = a, *right = b;
	if (left->at_us != right->at_us)
		return left->at_us < right->at_us ? -1 : 1;
	return (left->id > right->id) - (left->id < right->id);
}

static bool segments_make(struct quantity_work *work, struct metric_quantity *quantity)
{
	const struct billing_metric *metric = work->metric;
	struct arena *arena = work->command->arena;
	if (metric->group_by.count == 0)
		result_of(work, TEXT(""));
	for (struct metric_result *result = work->results; result; result = result->next) {
		struct metric_segment *segment = list_add(arena, quantity, struct metric_segment);
		*segment = (struct metric_segment){ .values = result->segment, .event_count = result->sum.event_count,
			                            .priced = result->sum.priced, .carried = work->carried, .events = result->events };
		if (segment->events.count)
			qsort(segment->events.items, segment->events.count, sizeof *segment->events.items, by_moment);
		if (!metric_result_quantity(result, metric, work->to_us - work->from_us, work->carried, arena, &segment->quantity) ||
		    !decimal_add(quantity->quantity, segment->quantity, &quantity->quantity))
			return too_large(work);
		quantity->event_count += segment->event_count;
	}
	if (quantity->count)
		qsort(quantity->items, quantity->count, sizeof *quantity->items, by_values);
	quantity->quantity = decimal_canonical(quantity->quantity);
	return true;
}

static bool work_begin(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct quantity_work *work)
{
	*work = (struct quantity_work){ .command = command, .metric = metric };
	return event_meter_read(command, metric->stream_id, subscription_id, &work->meter) &&
	       metric_progress_read(command, metric->id, subscription_id, &work->closed_to, &work->carried);
}

/* The sum of all values of a time before: what a period after it begins with. */
static bool carried_add(struct quantity_work *work, int64_t from_us, int64_t to_us, struct decimal *carried)
{
	struct quantity_work before = *work;
	before.results = NULL;
	before.slots = NULL;
	before.result_count = before.capacity = 0;
	before.from_us = from_us;
	before.to_us = to_us;
	if (from_us < to_us && !days_take(&before))
		return false;
	for (const struct metric_result *result = before.results; result; result = result->next)
		if (!decimal_add(*carried, result->sum.total, carried))
			return too_large(work);
	return true;
}

static int64_t first_moment(const struct quantity_work *work)
{
	return work->meter.known ? event_day_begin_us(&work->meter, work->meter.first_day) : INT64_MAX;
}

/* The progress knows it up to where it is billed; for a period after that what lies between is added, for one before it the
 * sum begins anew. */
static bool carried_find(struct quantity_work *work, int64_t from_us)
{
	if (!work->metric->carries_over) {
		work->carried = (struct decimal){ 0, 0 };
		return true;
	}
	bool after = work->closed_to && from_us >= work->closed_to;
	if (!after)
		work->carried = (struct decimal){ 0, 0 };
	return carried_add(work, after ? work->closed_to : first_moment(work), from_us, &work->carried);
}

static bool quantity_of(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant from,
                        struct instant to, bool one_by_one, struct metric_quantity *quantity)
{
	struct quantity_work work;
	assert(from.us < to.us);
	*quantity = (struct metric_quantity){ 0 };
	if (!work_begin(command, metric, subscription_id, &work))
		return false;
	work.from_us = from.us;
	work.to_us = to.us;
	if (!carried_find(&work, from.us))
		return false;
	work.one_by_one = one_by_one;
	return days_take(&work) && segments_make(&work, quantity);
}

bool metric_quantity_replay(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant from,
                            struct instant to, struct instant billed_at, struct metric_quantity *quantity)
{
	struct quantity_work work;
	*quantity = (struct metric_quantity){ 0 };
	if (from.us >= to.us || !work_begin(command, metric, subscription_id, &work))
		return from.us >= to.us;
	work.from_us = from.us;
	work.to_us = to.us;
	work.closed_to = 0; /* what a period begins with is of all before it */
	if (!carried_find(&work, from.us))
		return false;
	work.closed_to = from.us;
	work.one_by_one = true;
	work.billed_at = billed_at;
	return days_take(&work) && segments_make(&work, quantity);
}

bool metric_quantity(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant from,
                     struct instant to, struct metric_quantity *quantity)
{
	return quantity_of(command, metric, subscription_id, from, to, false, quantity);
}

bool metric_quantity_by_events(struct command *command, const struct billing_metric *metric, int64_t subscription_id,
                               struct instant from, struct instant to, struct metric_quantity *quantity)
{
	return quantity_of(command, metric, subscription_id, from, to, true, quantity);
}

/* ------------------------------------------------------------------------------------------------ closing */

/* One that has sent nothing has a meter from now on, so that it is known what is late. */
static bool meter_close(struct command *command, struct event_meter *meter, int64_t to_us)
{
	bool found = true;
	if (meter->closed_to >= to_us)
		return true;
	if (!meter->known && !event_meter_phase(command, meter->subscription_id, &meter->phase_us, &found))
		return false;
	if (!meter->known)
		meter->first_day = event_day_of(meter, to_us);
	meter->closed_to = to_us;
	return !found || event_meter_write(command, meter);
}

bool metric_close(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant to)
{
	struct quantity_work work;
	if (!work_begin(command, metric, subscription_id, &work))
		return false;
	if (work.closed_to >= to.us)
		return true;
	if (metric->carries_over &&
	    !carried_add(&work, work.closed_to ? work.closed_to : first_moment(&work), to.us, &work.carried))
		return false;
	return store_execute(command->store, STATEMENT_METRIC_PROGRESS_WRITE,
	                     BINDS(bind_integer(subscription_id), bind_integer(metric->id), bind_integer(to.us),
	                           bind_text(decimal_canonical_text(command->arena, work.carried))),
	                     NULL) &&
	       meter_close(command, &work.meter, to.us);
}

bool metric_open_since(struct command *command, const struct billing_metric *metric, int64_t subscription_id, struct instant *from)
{
	struct quantity_work work;
	if (!work_begin(command, metric, subscription_id, &work))
		return false;
	from->us = work.closed_to ? work.closed_to : work.meter.known ? first_moment(&work) : command->now.us;
	return true;
}
