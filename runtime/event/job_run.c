/* job_run.c: runs one job as a command; its row leaves with its effect, or is put off when it fails. */
#include "engine_state.h"

#include "base/log.h"
#include "aps_state.h"
#include "webhook_state.h"

enum { DUE_WORK_MAX = 100000 }; /* at one instant; more is work that makes itself again */

/* ---- the engine's own kinds ---- */

static bool command_job_perform(struct command *command, const struct job *job)
{
	const struct command_type *type;
	void *input;
	return command_job_read(command, job, &type, &input) && type->perform(command, input, &(void *){ NULL });
}

static bool rule_post_missing(struct command *command, struct text name)
{
	return problem_value(command->problems, PROBLEM_NOT_FOUND, "", name, NULL,
	                     "the bundle in force has no post rule '%.*s' to repeat", TEXT_ARG(name));
}

/* By the rule of this name in the bundle in force: a corrected rule is what its repeat is meant to run. */
static bool rule_post_perform(struct command *command, const struct job *job)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	if (!payload)
		return false;
	int64_t serial = 0;
	struct text name = json_text(json_member(payload, "rule"));
	text_to_int64(json_text(json_member(payload, "serial")), &serial);
	const struct rule *rule = command->bundle ? rule_bundle_find(command->bundle, name) : NULL;
	if (!rule || rule->moment != RULE_POST)
		return rule_post_missing(command, name);

	struct journal *row;
	struct occurrence occurrence;
	struct rule_trace *trace = NULL;
	struct text notes;
	if (!store_find(command->store, &journal_record, serial, (void **)&row))
		return false;
	if (!row)
		return problem(command->problems, PROBLEM_NOT_FOUND, "", "serial %lld is not in the journal",
		               (long long)serial);
	if (!occurrence_from_journal(command, row, &occurrence))
		return false;
	bool good = post_rule_run(command, rule, &occurrence, serial, command->problems, &trace, &notes);
	trace_rule(command, rule->name, occurrence.object_id, good ? NULL : "rule_failed");
	return good && rule_run_keep(command, event_info(occurrence.event)->name, trace, notes);
}

const struct job_kind engine_job_kinds[] = {
	{ "command", command_job_perform, "A command that a rule queued." },
	{ "rule.post", rule_post_perform, "A post rule that failed, to repeat." },
	{ "webhook.replay", webhook_replay_perform, "Events that go to an endpoint once more." },
	{ "webhook.order", webhook_order_perform, "Messages that wait for an endpoint whose order was changed." },
	{ "aps.hear", aps_hear_perform, "An event on its way to many resources of applications." },
	{ "aps.declare", aps_type_follow_perform, "Resources that follow a type's new declaration." },
	{ "aps.adopt", aps_adopt_perform, "Resources that waited for their application." },
	{ NULL, NULL, NULL },
};

/* ---- inside the transaction ---- */

/* What the audit row calls it: the command that was queued, or the kind. */
static const struct command_type *job_type(const struct command_request_state *state, const struct job *job)
{
	const struct engine *engine = state->engine;
	const struct job_kind *kind = engine_job_kind(engine, job->kind);
	if (!kind)
		return NULL;
	if (kind == &engine_job_kinds[0]) {
		struct problems ignored;
		problems_init(&ignored, state->request->arena);
		const struct json *payload = json_parse(job->payload, state->request->arena, &ignored);
		const struct command_type *type =
		        payload ? engine_command(engine, json_text(json_member(payload, "command"))) : NULL;
		if (type)
			return type;
	}
	return engine_job_type(engine, kind);
}

static void job_origin(struct command *command, const struct job *job)
{
	bool of_rule = text_is(job->kind, "command") || text_is(job->kind, "rule.post");
	command->origin = (struct origin){
		.actor = of_rule && text_present(job->actor) ? job->actor
		         : TEXT_JOIN(command->arena, TEXT("job:"), job->kind),
	};
	command->depth = (int)job->depth;
	command->cause_id = job->cause_id;
	command->chain = job->chain;
	/* What a rule began is one story; what a plan or a date began is a new one. */
	if (of_rule && uuid_present(job->correlation_id)) {
		command->correlation_id = job->correlation_id;
		command->causation_id = job->causation_id;
		log_context_set(TEXT_NONE, uuid_text(command->arena, command->correlation_id));
	}
}

bool job_perform(struct command_request_state *state)
{
	struct command *command = &state->command;
	struct job *job;
	if (!store_find(command->store, &job_record, state->launch.job_id, (void **)&job))
		return false;
	if (!job || job->status != JOB_STATUS_DUE || job->due_at.us > command->now.us)
		return state->nothing_done = true;
	const struct job_kind *kind = engine_job_kind(state->engine, job->kind);
	command->type = job_type(state, job);
	if (!kind)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "", job->kind, NULL,
		                     "there is no kind of job '%.*s'", TEXT_ARG(job->kind));
	job_origin(command, job);
	command->state->job = job;
	return kind->perform(command, job) && job_leave(command);
}

/* Other rules may let it pass. */
static bool is_rule_fault(const struct problem *problem)
{
	switch (problem->code) {
	case PROBLEM_REJECTED:
	case PROBLEM_RULE_FAILED:
	case PROBLEM_RULE_FUEL:
	case PROBLEM_RULE_MEMORY:
	case PROBLEM_RULE_DEPTH:
	case PROBLEM_RULE_AMOUNT:
	case PROBLEM_CAUSE_ENDED:
	case PROBLEM_RULE_OVERTAKES:
	case PROBLEM_NO_HANDLER:
		return true;
	default:
		return false;
	}
}

bool job_failed(struct command_request_state *state)
{
	static const struct command_type unknown_type = { .name = "job" };
	struct command *command = &state->command;
	struct job *job;
	if (!store_find(command->store, &job_record, state->launch.job_id, (void **)&job))
		return false;
	if (!job)
		return command->type != NULL;
	if (!command->type)
		command->type = job_type(state, job);
	if (!command->type)
		command->type = &unknown_type;
	const struct problem *problem = command->problems->first;
	struct text message = problem->cause ? text_format(command->arena, "%s (%s)", problem->message, problem->cause)
	                                     : text_of(problem->message);
	job->last_error = text_front(redact_cards(command->arena, message),
	                                 (size_t)job_record.fields[JOB_FIELD_LAST_ERROR].max);
	job->has_rule_fault = job->rule_fault = is_rule_fault(problem);
	bool waits = command_lacks_bundle(command);
	if (!waits)
		job->attempts++;
	struct instant repeat_at = waits ? command_bundle_wait(command->now)
	                           : job_is_given_up(problem) ? INSTANT_NONE
	                                                  : job_repeat_at(command->now, job->attempts);
	if (repeat_at.us) {
		job->due_at = repeat_at;
		work_due(command, repeat_at);
	} else {
		job->status = JOB_STATUS_DEAD;
		log_write(LOG_ERROR, "job.dead", "tenant=%lld job=%lld kind=%.*s: %.*s",
		          (long long)state->request->tenant_id, (long long)job->id, TEXT_ARG(job->kind),
		          TEXT_ARG(job->last_error));
	}
	return store_update(command->store, &job_record, job);
}

/* ---- from outside ---- */

void job_request(struct engine *engine, struct command_request *request, int64_t tenant_id, struct text job_kind,
                 struct arena *arena, struct problems *problems)
{
	const struct job_kind *kind = engine_job_kind(engine, job_kind);
	*request = (struct command_request){
		.tenant_id = tenant_id,
		.type = NULL,
		.arena = arena,
		.problems = problems,
	};
	request->origin.actor = kind ? TEXT_JOIN(arena, TEXT("job:"), text_of(kind->name)) : TEXT("job");
}

struct due_read {
	struct instant until;
	size_t limit;
	struct job_list *jobs;
};

static bool due_read(struct store_transaction *transaction, void *context)
{
	const struct due_read *read = context;
	return store_all(transaction, STATEMENT_JOB_DUE,
	                 BINDS(bind_instant(read->until), bind_integer((int64_t)read->limit)), &job_record,
	                 LIST(read->jobs));
}

bool jobs_due(struct engine *engine, int64_t tenant_id, struct instant until, size_t limit, struct arena *arena,
              struct problems *problems, struct job_list *jobs)
{
	struct due_read read = { .until = until, .limit = limit, .jobs = jobs };
	*jobs = (struct job_list){ NULL, 0, 0 };
	return store_read(engine->store, tenant_id, arena, problems, due_read, &read);
}

/* A job's own failure is its row's business; only that nothing was written is ours. */
/* *why: what a job that is still due after this has suffered. */
static bool job_run_one(struct engine *engine, int64_t tenant_id, const struct job *job, struct arena *arena,
                        struct problems *problems, enum problem_code *why)
{
	struct problems own;
	struct command_request request;
	const struct command_launch launch = { .job_id = job->id };
	problems_init(&own, arena);
	job_request(engine, &request, tenant_id, job->kind, arena, &own);
	command_launch_wait(engine, &request, &launch);
	*why = request.outcome == STORE_ROLLED_BACK && own.first ? own.first->code : PROBLEM_INTERNAL;
	if (request.outcome == STORE_COMMITTED || request.outcome == STORE_ROLLED_BACK)
		return true;
	problems_copy(problems, &own);
	return false;
}

struct due_work {
	struct engine *engine;
	int64_t tenant_id;
	struct message_walk *messages;
	struct instant until;
	int64_t last_id, last_attempts; /* of the job run before */
	enum problem_code last_why;
};

/* A job that fails is put off. One that is due all the same could not be, as its own failure says: the machine lacks
 * memory or disk. Without such a failure the fault is ours. */
static bool stays_due(const struct due_work *work, const struct job *job, struct problems *problems)
{
	enum problem_code code = problem_info(work->last_why)->status > 500 ? work->last_why : PROBLEM_INTERNAL;
	return problem(problems, code, "", "job %lld (%.*s) stays due after its run", (long long)job->id, TEXT_ARG(job->kind));
}

static bool due_work_step(struct due_work *work, struct arena *arena, struct problems *problems, bool *any)
{
	struct job_list jobs;
	*any = false;
	if (!jobs_due(work->engine, work->tenant_id, work->until, 1, arena, problems, &jobs))
		return false;
	if (jobs.count == 0)
		return true;
	const struct job *job = &jobs.items[0];
	if (job->id == work->last_id && job->attempts == work->last_attempts)
		return stays_due(work, job, problems);
	work->last_id = job->id;
	work->last_attempts = job->attempts;
	*any = true;
	return job_run_one(work->engine, work->tenant_id, job, arena, problems, &work->last_why);
}

/* Whatever comes next; *any = false when nothing is due any more. */
static bool due_work_next(struct due_work *work, struct arena *arena, struct problems *problems, bool *any)
{
	struct engine *engine = work->engine;
	while (!worker_pool_has_threads(engine->workers) && worker_pool_run(engine->workers))
		;
	if (!due_work_step(work, arena, problems, any))
		return false;
	if (*any)
		return true;
	return gateway_inquire_due(engine, work->tenant_id, work->until, problems, any) &&
	       (*any || message_walk_due(work->messages, work->until, problems, any));
}

bool due_work_run(struct message_walk *messages, struct instant until, struct problems *problems)
{
	struct due_work work = {
		.engine = messages->engine, .tenant_id = messages->tenant_id, .messages = messages, .until = until,
	};
	struct arena arena;
	if (!arena_init(&arena, ARENA_LIMIT_JOB_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before due work");
	bool good = true, any = true;
	for (int steps = 0; good && any && steps < DUE_WORK_MAX; steps++) {
		struct problems own;
		arena_reset(&arena);
		problems_init(&own, &arena);
		good = clock_goes_on(work.engine, &own) && due_work_next(&work, &arena, &own, &any);
		if (!good)
			problems_copy(problems, &own);
	}
	arena_finish(&arena);
	if (good && any)
		return problem(problems, PROBLEM_RULE_DEPTH, "", "more than %d jobs were due at one instant",
		               DUE_WORK_MAX);
	return good;
}
