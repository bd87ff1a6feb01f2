/* event_intake.c: open groups by tenant, and the job of a group. */
#include "event_intake.h"

#include "event_write.h"

#include <pthread.h>

enum { OPEN_BUCKETS = 64 };

/* A job of the store. Open: requests may still join it; it is in the list of its bucket then. */
struct intake_group {
	struct event_intake *intake;
	struct store_job job;
	struct arena arena;
	struct problems problems;
	struct event_request *first, *last;
	size_t events, bytes;
	bool open;
	bool wakes; /* its events have planned jobs */
	struct intake_group *next_open;
};

struct event_intake {
	struct engine *engine;
	pthread_mutex_t lock;
	/* under lock */
	struct intake_group *open[OPEN_BUCKETS];
	size_t events, bytes; /* that wait, or are being written */
};

struct event_intake *event_intake_new(struct engine *engine)
{
	struct event_intake *intake = memory_alloc(sizeof *intake);
	if (!intake)
		return NULL;
	*intake = (struct event_intake){ .engine = engine };
	pthread_mutex_init(&intake->lock, NULL);
	return intake;
}

void event_intake_free(struct event_intake *intake)
{
	if (!intake)
		return;
	pthread_mutex_destroy(&intake->lock);
	memory_free(intake);
}

/* ------------------------------------------------------------------------------------------------ a request in its transaction */

static void encode(struct event_request *request)
{
	if (request->problems->count)
		request->reply_status = problem_info(request->problems->first->code)->status;
	if (request->encode)
		request->encode(request);
}

static bool key_begin(struct command *command, struct event_request *request, struct idempotency *key, bool *answered)
{
	*key = (struct idempotency){ .key = request->idempotency_key, .fingerprint = request->fingerprint };
	*answered = true;
	if (!store_idempotency_begin(command->store, key))
		return false;
	switch (key->state) {
	case IDEMPOTENCY_NEW:
		*answered = false;
		return true;
	case IDEMPOTENCY_FINISHED:
		request->replayed = request->succeeded = true;
		request->reply_status = key->status;
		request->reply_content_type = text_copy(request->arena, key->content_type);
		request->reply_body = text_copy(request->arena, key->body);
		return true;
	default:
		problem(request->problems, PROBLEM_IDEMPOTENCY_MISMATCH, "", "the idempotency key was used with another request");
		encode(request);
		return true;
	}
}

static bool key_finish(struct command *command, const struct event_request *request, struct idempotency *key)
{
	key->status = request->reply_status;
	key->content_type = request->reply_content_type;
	key->body = request->reply_body;
	return store_idempotency_finish(command->store, key);
}

static bool request_take(struct command *command, struct event_group *events, struct event_request *request)
{
	struct idempotency key;
	bool keyed = text_present(request->idempotency_key) && !request->dry_run, answered = false;
	if (keyed && !key_begin(command, request, &key, &answered))
		return false;
	if (answered)
		return true;
	request->succeeded = event_group_take(events, request->stream, request->events, request->problems, &request->taken);
	if (store_failed(command->store) || (!request->succeeded && request->problems->count == 0))
		return false;
	request->reply_status = 200;
	encode(request);
	return !keyed || key_finish(command, request, &key);
}

/* ------------------------------------------------------------------------------------------------ a group */

static void group_close(struct intake_group *group)
{
	struct event_intake *intake = group->intake;
	pthread_mutex_lock(&intake->lock);
	struct intake_group **link = &intake->open[(size_t)group->job.tenant_id % OPEN_BUCKETS];
	while (*link && *link != group)
		link = &(*link)->next_open;
	if (*link)
		*link = group->next_open;
	group->open = false;
	pthread_mutex_unlock(&intake->lock);
}

static bool group_write(struct store_transaction *transaction, void *context)
{
	struct intake_group *group = context;
	struct command command;
	long failures_before = memory_failures();
	group_close(group);
	if (!command_of_transaction(group->intake->engine, transaction, &command))
		return false;
	struct event_group *events = event_group_new(&command);
	for (struct event_request *request = group->first; request; request = request->next)
		if (!request_take(&command, events, request))
			return false;
	if (!event_group_finish(events))
		return false;
	group->wakes = event_group_wakes(events);
	return memory_failures() == failures_before || problem_out_of_memory(&group->problems, "events were written");
}

/* What befell the group befell each of its requests. */
static void request_fail(const struct intake_group *group, struct event_request *request)
{
	request->succeeded = request->replayed = false;
	problems_init(request->problems, request->arena);
	problems_copy(request->problems, &group->problems);
	if (request->problems->count == 0)
		problem(request->problems, PROBLEM_STORE_FAILED, "", "the events could not be written");
	encode(request);
}

static bool is_good(const struct store_job *job, enum store_outcome outcome)
{
	return outcome == STORE_COMMITTED || (job->dry_run && outcome == STORE_ROLLED_BACK && job->problems->count == 0);
}

static void group_free(struct intake_group *group)
{
	arena_finish(&group->arena);
	memory_free(group);
}

static void group_done(void *context, enum store_outcome outcome)
{
	struct intake_group *group = context;
	struct event_intake *intake = group->intake;
	struct event_request *next;
	bool good = is_good(&group->job, outcome);
	group_close(group); /* its body may not have run */
	pthread_mutex_lock(&intake->lock);
	intake->events -= group->events;
	intake->bytes -= group->bytes;
	pthread_mutex_unlock(&intake->lock);
	if (group->wakes && outcome == STORE_COMMITTED)
		engine_wake(intake->engine);
	for (struct event_request *request = group->first; request; request = next) {
		next = request->next;
		if (!good)
			request_fail(group, request);
		request->done(request); /* it may be gone after this */
	}
	group_free(group);
}

static struct intake_group *group_new(struct event_intake *intake, const struct event_request *request)
{
	struct intake_group *group = memory_alloc(sizeof *group);
	if (!group)
		return NULL;
	*group = (struct intake_group){ .intake = intake };
	if (!arena_init(&group->arena, ARENA_LIMIT_JOB_BYTES)) {
		memory_free(group);
		return NULL;
	}
	problems_init(&group->problems, &group->arena);
	group->job = (struct store_job){
		.tenant_id = request->tenant_id, .dry_run = request->dry_run, .body = group_write, .done = group_done,
		.context = group, .arena = &group->arena, .problems = &group->problems,
	};
	return group;
}

static void group_add(struct intake_group *group, struct event_request *request)
{
	request->next = NULL;
	if (group->last)
		group->last->next = request;
	else
		group->first = request;
	group->last = request;
	group->events += request->events->count;
	group->bytes += request->bytes;
}

/* ------------------------------------------------------------------------------------------------ queueing */

static bool too_much_waits(struct event_request *request)
{
	return problem_value(request->problems, PROBLEM_TOO_MANY_REQUESTS, "", TEXT_NONE, "Wait 1 s, then send them again.",
	                     "too many events wait to be written; none of these was kept");
}

/* Under the lock. A dry run has a job of its own, which is undone. */
static struct intake_group *open_group(struct event_intake *intake, const struct event_request *request)
{
	struct intake_group *group = intake->open[(size_t)request->tenant_id % OPEN_BUCKETS];
	while (group && (group->job.tenant_id != request->tenant_id || group->events + request->events->count > EVENT_GROUP_MOST))
		group = group->next_open;
	return request->dry_run ? NULL : group;
}

static void group_open(struct event_intake *intake, struct intake_group *group)
{
	struct intake_group **bucket = &intake->open[(size_t)group->job.tenant_id % OPEN_BUCKETS];
	group->open = true;
	group->next_open = *bucket;
	*bucket = group;
}

bool event_intake_submit(struct event_intake *intake, struct event_request *request)
{
	pthread_mutex_lock(&intake->lock);
	bool fits = intake->events + request->events->count <= EVENTS_QUEUED_MOST &&
	            intake->bytes + request->bytes <= EVENT_BYTES_QUEUED_MOST;
	struct intake_group *group = fits ? open_group(intake, request) : NULL, *made = NULL;
	if (fits && !group)
		group = made = group_new(intake, request);
	if (group) {
		group_add(group, request);
		intake->events += request->events->count;
		intake->bytes += request->bytes;
	}
	if (made && !request->dry_run)
		group_open(intake, made);
	pthread_mutex_unlock(&intake->lock);
	if (!fits)
		return too_much_waits(request);
	if (!group)
		return problem_out_of_memory(request->problems, "events were taken");
	if (made)
		store_submit(engine_store(intake->engine), &made->job);
	return true;
}

void event_intake_run(struct event_intake *intake, struct event_request *request)
{
	struct intake_group *group = group_new(intake, request);
	if (!group) {
		problem_out_of_memory(request->problems, "events were taken");
		encode(request);
		return;
	}
	group_add(group, request);
	enum store_outcome outcome = store_run(engine_store(intake->engine), &group->job);
	if (!is_good(&group->job, outcome))
		request_fail(group, request);
	if (group->wakes && outcome == STORE_COMMITTED)
		engine_wake(intake->engine);
	group_free(group);
}
