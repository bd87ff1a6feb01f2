/* task_run.c: one run of a task: its rule in a savepoint, and the row that says what became of it. */
#include "task.h"

#include "base/log.h"
#include "event/dispatch.h"

enum { RUNS_KEPT = 1000 }; /* of a task, unless the tenant's settings say otherwise */

bool task_run_find(struct command *command, int64_t id, struct task_run **run)
{
	return store_find(command->store, &task_run_record, id, (void **)run);
}

bool task_run_page(struct command *command, int64_t task_id, int64_t before_id, size_t limit, struct task_run_list *runs)
{
	struct page_query page = { .limit = limit };
	const int64_t rows = page_limit(page);
	if (task_id)
		return store_all(command->store, STATEMENT_TASK_RUN_PAGE_OF_TASK,
		                 BINDS(bind_id(task_id), bind_id(before_id), bind_integer(rows)), &task_run_record, LIST(runs));
	return store_all(command->store, STATEMENT_TASK_RUN_PAGE, BINDS(bind_id(before_id), bind_integer(rows)),
	                 &task_run_record, LIST(runs));
}

/* ---- the row ---- */

static struct task_run *run_new(struct command *command, const struct scheduled_task *task, struct instant slot)
{
	struct task_run *run = arena_new(command->arena, struct task_run);
	*run = (struct task_run){
		.id = store_new_id(command->store, "task_run"),
		.task_id = task->id,
		.task = task->name,
		.handler = task->handler,
		.slot_at = slot,
		.outcome = TASK_RUN_OUTCOME_DONE,
		.started_at = command->now,
		.ended_at = command->now,
	};
	return run;
}

static bool run_keep(struct command *command, const struct task_run *run)
{
	int64_t kept = command_setting_integer(command, "tasks.runs_kept", RUNS_KEPT);
	return run->id && store_insert(command->store, &task_run_record, run) &&
	       store_execute(command->store, STATEMENT_TASK_RUN_PRUNE, BINDS(bind_id(run->task_id), bind_integer(kept)), NULL);
}

bool task_run_expired(struct command *command, const struct scheduled_task *task, struct instant slot)
{
	struct task_run *run = run_new(command, task, slot);
	run->outcome = TASK_RUN_OUTCOME_EXPIRED;
	return run_keep(command, run);
}

/* ---- a failure ---- */

/* "rules/mail.lua:12: smtp down" in its two halves; what has no place is all message. Where a command or a mail of the rule
 * was refused the cause tells only the rule, "rules/mail.lua:12: rule 'Remind'": then *message stays. */
static void failure_split(const char *cause, struct text *place, struct text *message)
{
	struct text all = text_of(cause), told = all, head, rest, line;
	int64_t number;
	text_split(all, ':', &head, &rest);
	text_split(rest, ':', &line, &rest);
	if (text_to_int64(line, &number) && rest.length >= 2) {
		*place = text_slice(all, 0, head.length + 1 + line.length);
		told = text_slice(rest, 1, rest.length);
	}
	if (!text_starts(told, "rule '"))
		*message = told;
}

static void failure_tell(struct command *command, struct task_run *run, const struct problem *problem)
{
	bool skipped = problem->code == PROBLEM_REJECTED;
	run->outcome = skipped ? TASK_RUN_OUTCOME_SKIPPED : TASK_RUN_OUTCOME_FAILED;
	run->errors = !skipped;
	struct text message = text_of(problem->message);
	if (problem->code == PROBLEM_NO_HANDLER)
		message = text_of(problem_info(problem->code)->name);
	else if (!skipped && problem->cause)
		failure_split(problem->cause, &run->error_place, &message);
	run->error = text_front(message, (size_t)task_run_record.fields[TASK_RUN_FIELD_ERROR].max);
	log_write(skipped ? LOG_INFO : LOG_WARNING, "task.run", "tenant=%lld task=%lld: %s%s%s", (long long)command->tenant->id,
	          (long long)run->task_id, problem->message, problem->cause ? ": " : "", problem->cause ? problem->cause : "");
}

/* ---- the run ---- */

struct attempt {
	const struct scheduled_task *task;
	struct occurrence occurrence;
};

static bool attempt_perform(struct command *command, void *context)
{
	struct attempt *attempt = context;
	return event_pre(command, &attempt->occurrence) &&
	       task_rule_run(command, attempt->task->handler, &attempt->occurrence);
}

static struct occurrence occurrence_of_task(const struct scheduled_task *task, struct instant slot)
{
	struct occurrence occurrence = occurrence_of(EVENT_TASK_RUN, NULL, NULL, task->id, 0);
	occurrence.details.name = task->name;
	occurrence.details.slot = slot;
	return occurrence;
}

/* A live tenant's clock went on while the rule ran; a test tenant's stands. */
static struct instant ended_at(const struct command *command, int64_t begun_us)
{
	int64_t took_us = command->tenant->mode == TENANT_MODE_LIVE ? clock_monotonic_us() - begun_us : 0;
	return (struct instant){ command->now.us + took_us };
}

static bool announce(struct command *command, const struct task_run *run, struct occurrence *occurrence)
{
	struct event_details *details = &occurrence->details;
	details->has_missed = false;
	details->started_at = run->started_at;
	details->ended_at = run->ended_at;
	details->errors = run->errors;
	details->has_errors = true;
	return event_post(command, occurrence);
}

bool task_run_slot(struct command *command, const struct scheduled_task *task, struct instant slot, int64_t missed,
                   struct task_run **made)
{
	struct task_run *run = *made = run_new(command, task, slot);
	struct attempt attempt = { .task = task, .occurrence = occurrence_of_task(task, slot) };
	struct problems problems;
	int64_t begun_us = clock_monotonic_us();
	bool done;
	attempt.occurrence.details.missed = run->missed = missed;
	attempt.occurrence.details.has_missed = true;
	problems_init(&problems, command->arena);
	if (!command_attempt(command, attempt_perform, &attempt, &problems, &done))
		return false;
	if (!done)
		failure_tell(command, run, problems.first);
	run->ended_at = ended_at(command, begun_us);
	run->bundle = command->tenant->bundle;
	if (!run_keep(command, run) || run->outcome == TASK_RUN_OUTCOME_SKIPPED)
		return !store_failed(command->store);
	struct occurrence over = occurrence_of_task(task, slot);
	return announce(command, run, &over);
}
