/* event_row.c: rows of events, meters, days and totals, read and written. */
#include "event_write.h"

/* ------------------------------------------------------------------------------------------------ days */

static int64_t floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

int64_t event_day_of(const struct event_meter *meter, int64_t at_us)
{
	return floor_divide(at_us - meter->phase_us, EVENT_DAY_US);
}

int64_t event_day_begin_us(const struct event_meter *meter, int64_t day)
{
	return day * EVENT_DAY_US + meter->phase_us;
}

bool event_counts(enum stream_event_verdict verdict, int64_t at_us, int64_t closed_to)
{
	return verdict == STREAM_EVENT_VERDICT_COUNTED || verdict == STREAM_EVENT_VERDICT_FUTURE ||
	       (verdict == STREAM_EVENT_VERDICT_LATE && at_us >= closed_to);
}

/* ------------------------------------------------------------------------------------------------ events */

struct event_row event_row_of(struct arena *arena, const struct store_row *row)
{
	return (struct event_row){
		.id = store_row_integer(row, 0),
		.subscription_id = store_row_integer(row, 1),
		.occurred_at = { store_row_integer(row, 2) },
		.created_at = { store_row_integer(row, 3) },
		.previous_id = store_row_integer(row, 4),
		.verdict = (enum stream_event_verdict)store_row_integer(row, 5),
		.token = store_row_null(row, 6) ? TEXT_NONE : text_copy(arena, store_row_text(row, 6)),
		.properties = store_row_null(row, 7) ? TEXT_NONE : text_copy(arena, store_row_text(row, 7)),
	};
}

struct event_found {
	struct arena *arena;
	struct event_row *row;
	bool found;
};

static bool event_found_take(void *context, const struct store_row *row)
{
	struct event_found *found = context;
	*found->row = event_row_of(found->arena, row);
	found->found = true;
	return false;
}

bool event_row_read(struct command *command, int64_t stream_id, int64_t id, struct event_row *row, bool *found)
{
	struct event_found look = { command->arena, row, false };
	bool good = store_each(command->store, STATEMENT_STREAM_EVENT_READ, BINDS(bind_integer(stream_id), bind_integer(id)),
	                       event_found_take, &look);
	*found = look.found;
	return good;
}

/* ------------------------------------------------------------------------------------------------ meters */

static bool meter_take(void *context, const struct store_row *row)
{
	struct event_meter *meter = context;
	meter->phase_us = store_row_integer(row, 0);
	meter->first_day = store_row_integer(row, 1);
	meter->closed_to = store_row_integer(row, 2);
	meter->known = true;
	return false;
}

bool event_meter_read(struct command *command, int64_t stream_id, int64_t subscription_id, struct event_meter *meter)
{
	*meter = (struct event_meter){ .stream_id = stream_id, .subscription_id = subscription_id };
	return store_each(command->store, STATEMENT_EVENT_METER_READ, BINDS(bind_integer(stream_id), bind_integer(subscription_id)),
	                  meter_take, meter);
}

bool event_meter_write(struct command *command, const struct event_meter *meter)
{
	return store_execute(command->store, STATEMENT_EVENT_METER_WRITE,
	                     BINDS(bind_integer(meter->stream_id), bind_integer(meter->subscription_id),
	                           bind_integer(meter->phase_us), bind_integer(meter->first_day), bind_integer(meter->closed_to)),
	                     NULL);
}

struct phase_look {
	int64_t phase_us;
	bool found;
};

/* Of a subscription that was ordered its billing begins with a date. */
static bool phase_take(void *context, const struct store_row *row)
{
	struct phase_look *look = context;
	int64_t started_us = store_row_null(row, 0) ? 0 : store_row_integer(row, 0);
	look->phase_us = started_us - floor_divide(started_us, EVENT_DAY_US) * EVENT_DAY_US;
	look->found = true;
	return false;
}

bool event_meter_phase(struct command *command, int64_t subscription_id, int64_t *phase_us, bool *found)
{
	struct phase_look look = { 0 };
	bool good = store_each(command->store, STATEMENT_EVENT_METER_SUBSCRIPTION_READ, BINDS(bind_integer(subscription_id)),
	                       phase_take, &look);
	*phase_us = look.phase_us;
	*found = look.found;
	return good;
}

bool event_subscription_by_reference(struct command *command, struct text reference, int64_t *subscription_id)
{
	return store_integer(command->store, STATEMENT_EVENT_SUBSCRIPTION_BY_REFERENCE, BINDS(bind_text(reference)),
	                     subscription_id, NULL);
}

/* ------------------------------------------------------------------------------------------------ days and totals */

struct day_found {
	struct event_day *day;
	bool found;
};

static bool day_take(void *context, const struct store_row *row)
{
	struct day_found *look = context;
	*look->day = (struct event_day){
		store_row_integer(row, 0), store_row_integer(row, 1), store_row_integer(row, 2),
		store_row_integer(row, 3), store_row_integer(row, 4),
	};
	look->found = true;
	return false;
}

bool event_day_read(struct command *command, const struct event_meter *meter, int64_t day, struct event_day *row, bool *found)
{
	struct day_found look = { row, false };
	*row = (struct event_day){ 0 };
	bool good = store_each(command->store, STATEMENT_EVENT_DAY_READ,
	                       BINDS(bind_integer(meter->stream_id), bind_integer(day), bind_integer(meter->subscription_id)),
	                       day_take, &look);
	*found = look.found;
	return good;
}

static struct decimal decimal_of(const struct store_row *row, int column)
{
	struct decimal decimal = { 0, 0 };
	if (!store_row_null(row, column))
		decimal_parse(store_row_text(row, column), &decimal);
	return decimal;
}

/* Columns of metric_total_read and metric_total_of_day. */
struct metric_sum metric_sum_of_row(const struct store_row *row)
{
	return (struct metric_sum){
		.event_count = store_row_integer(row, 1),
		.total = decimal_of(row, 2),
		.weighted = decimal_of(row, 3),
		.extreme = decimal_of(row, 4),
		.extreme_at = store_row_null(row, 5) ? 0 : store_row_integer(row, 5),
		.extreme_id = store_row_null(row, 6) ? 0 : store_row_integer(row, 6),
		.priced = decimal_of(row, 7),
	};
}

/* ------------------------------------------------------------------------------------------------ how far it is billed */

struct progress_look {
	int64_t closed_to;
	struct decimal carried;
};

static bool progress_take(void *context, const struct store_row *row)
{
	struct progress_look *look = context;
	look->closed_to = store_row_integer(row, 0);
	look->carried = decimal_of(row, 1);
	return false;
}

bool metric_progress_read(struct command *command, int64_t metric_id, int64_t subscription_id, int64_t *closed_to,
                          struct decimal *carried)
{
	struct progress_look look = { 0 };
	bool good = store_each(command->store, STATEMENT_METRIC_PROGRESS_READ,
	                       BINDS(bind_integer(subscription_id), bind_integer(metric_id)), progress_take, &look);
	*closed_to = look.closed_to;
	*carried = look.carried;
	return good;
}
