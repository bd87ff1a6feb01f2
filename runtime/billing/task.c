/* task.c: scheduled tasks: made, changed, held, run by hand. */
#include "task.h"

#include "code_list.h"
#include "event/dispatch.h"

enum { PERIOD_LEAST_US = US_PER_S };

/* ---- reading ---- */

bool scheduled_task_find(struct command *command, int64_t id, struct scheduled_task **task)
{
	return store_find(command->store, &scheduled_task_record, id, (void **)task);
}

bool scheduled_task_page(struct command *command, struct page_query page, struct scheduled_task_list *tasks)
{
	return store_all(command->store, STATEMENT_SCHEDULED_TASK_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &scheduled_task_record,
	                 LIST(tasks));
}

static bool task_by_name(struct command *command, struct text name, struct scheduled_task **task)
{
	return store_one(command->store, STATEMENT_SCHEDULED_TASK_BY_NAME, BINDS(bind_text(name)), &scheduled_task_record,
	                 (void **)task);
}

static struct scheduled_task *task_need(struct command *command, int64_t id)
{
	struct scheduled_task *task;
	if (!scheduled_task_find(command, id, &task))
		return NULL;
	if (!task)
		record_missing(&scheduled_task_record, id, command->problems, "/id");
	else
		command_object(command, "scheduled_task", task->id, 0);
	return task;
}

/* ---- lengths of time ---- */

/* A length as it was given: as a duration, as ticks, or not at all (*present false). */
struct length {
	struct duration given;
	bool has_ticks;
	int64_t ticks;
	const char *pointer, *ticks_pointer;
};

static bool length_read(struct command *command, const struct length *length, struct duration *duration, bool *present)
{
	*present = duration_present(length->given) || length->has_ticks;
	*duration = length->given;
	if (!length->has_ticks)
		return true;
	if (duration_present(length->given))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, length->ticks_pointer,
		               "give the length as a duration or in ticks, not both");
	if (length->ticks % TICKS_PER_US != 0)
		return problem_value(command->problems, PROBLEM_BAD_PERIOD, length->ticks_pointer,
		                     text_format(command->arena, "%lld", (long long)length->ticks),
		                     "Give a multiple of ten ticks.", "a tick is 100 ns, and time is kept in microseconds");
	*duration = (struct duration){ 0, 0, length->ticks / TICKS_PER_US };
	return true;
}

/* Those that were given; the new grid goes through the next slot. */
static bool lengths_take(struct command *command, struct scheduled_task *task, const struct length *period,
                         const struct length *expiry)
{
	struct duration duration;
	bool present;
	if (!length_read(command, period, &duration, &present))
		return false;
	if (present) {
		task->period = duration;
		task->anchor_at = task->slot_at;
	}
	if (!length_read(command, expiry, &duration, &present))
		return false;
	if (present)
		task->expires_after = duration;
	return true;
}

#define LENGTH_OF(input, member) \
	&(const struct length) { (input)->member, (input)->has_##member##_ticks, (input)->member##_ticks, "/" #member, \
		                 "/" #member "_ticks" }
/* Of an input of either command. */
#define LENGTHS_TAKE(command, task, input) \
	lengths_take(command, task, LENGTH_OF(input, period), LENGTH_OF(input, expires_after))

static bool is_exact(struct duration duration)
{
	return duration_present(duration) && duration.months == 0 && duration.days == 0;
}

static bool is_negative(struct duration duration)
{
	return duration.months < 0 || duration.days < 0 || duration.us < 0;
}

static bool period_check(struct command *command, const struct scheduled_task *task, const char *pointer)
{
	if (task->run_once)
		return !duration_present(task->period) ||
		       problem(command->problems, PROBLEM_INVALID_COMBINATION, "/run_once", "what runs once has no period");
	if (!duration_present(task->period) || is_negative(task->period))
		return problem_value(command->problems, PROBLEM_BAD_PERIOD, pointer, duration_text(command->arena, task->period),
		                     "Give a period such as PT1H or P1D, or run_once.",
		                     "a task that recurs needs a period that is longer than nothing");
	return !is_exact(task->period) || task->period.us >= PERIOD_LEAST_US ||
	       problem_value(command->problems, PROBLEM_BAD_PERIOD, pointer, duration_text(command->arena, task->period),
	                     "Give PT1S or more.", "a period is at least a second");
}

static bool expiry_check(struct command *command, const struct scheduled_task *task, const struct schedule *schedule)
{
	if (!duration_present(task->expires_after))
		return true;
	if (!is_exact(task->expires_after) || is_negative(task->expires_after))
		return problem_value(command->problems, PROBLEM_BAD_DURATION, "/expires_after",
		                     duration_text(command->arena, task->expires_after), "Give hours: PT48H.",
		                     "a task expires after exact time, which days and months are not");
	struct instant until = INSTANT_NONE; /* beyond the calendar it has not passed either */
	if (task->anchor_at.us)
		until = instant_after(schedule_run_at(schedule, task->slot_at), task->expires_after.us);
	return !task->run_once || until.us == 0 || until.us >= command->now.us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/next_run_at",
	                     instant_text(command->arena, task->slot_at), "Give a later next_run_at, or a longer expires_after.",
	                     "task '%.*s' would have expired at %s already", TEXT_ARG(task->name),
	                     instant_text(command->arena, until).data);
}

/* ---- what commands share ---- */

static bool name_check(struct command *command, const struct scheduled_task *task)
{
	struct scheduled_task *other;
	return task_by_name(command, task->name, &other) &&
	       (!other || other->id == task->id ||
	        problem_value(command->problems, PROBLEM_DUPLICATE, "/name", task->name, NULL, "task %lld is called '%.*s' already",
	                      (long long)other->id, TEXT_ARG(task->name)));
}

static void ticks_set(struct scheduled_task *task)
{
	task->has_period_ticks = is_exact(task->period);
	task->period_ticks = task->has_period_ticks ? task->period.us * TICKS_PER_US : 0;
	task->has_expires_after_ticks = duration_present(task->expires_after);
	task->expires_after_ticks = task->expires_after.us * TICKS_PER_US;
}

static void grid_begin(struct scheduled_task *task, struct instant slot)
{
	task->anchor_at = task->slot_at = slot;
	task->outcome = SCHEDULED_TASK_OUTCOME_NONE;
}

/* Checks the whole, and says when it runs next. */
static bool plan(struct command *command, struct scheduled_task *task, const char *period_pointer)
{
	struct schedule schedule;
	if (!task_schedule(command, &schedule))
		return false;
	task_schedule_set(&schedule, task);
	if (!name_check(command, task) || !task_rule_check(command, task->handler, "/handler") ||
	    !period_check(command, task, period_pointer) || !expiry_check(command, task, &schedule))
		return false;
	ticks_set(task);
	if (task->status != SCHEDULED_TASK_STATUS_ACTIVE || task->anchor_at.us == 0)
		return true;
	if (task->slot_at.us == task->anchor_at.us) /* a new grid, of which another slot may come first */
		task->slot_at = schedule_first_run(&schedule, (struct instant){ task->anchor_at.us - 1 }).slot;
	task->next_run_at = schedule_run_at(&schedule, task->slot_at);
	return true;
}

/* ---- task.create ---- */

static struct scheduled_task *task_of(struct command *command, const struct task_create *input)
{
	struct scheduled_task *task = arena_new(command->arena, struct scheduled_task);
	*task = (struct scheduled_task){
		.name = input->name,
		.handler = text_present(input->handler) ? input->handler : input->name,
		.status = SCHEDULED_TASK_STATUS_ACTIVE,
		.run_once = input->run_once,
		.skip_weekend = input->skip_weekend,
		.skip_holidays = input->skip_holidays,
		.catch_up = input->catch_up == TASK_CREATE_CATCH_UP_EACH ? SCHEDULED_TASK_CATCH_UP_EACH
		                                                          : SCHEDULED_TASK_CATCH_UP_COALESCE,
		.next_run_at = command->now,
		.created_at = command->now,
		.updated_at = command->now,
	};
	if (input->next_run_at.us)
		grid_begin(task, input->next_run_at);
	return task;
}

static const char *period_pointer(bool in_ticks)
{
	return in_ticks ? "/period_ticks" : "/period";
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct task_create *input = data;
	struct scheduled_task *task = task_of(command, input);
	if (!LENGTHS_TAKE(command, task, input) ||
	    !plan(command, task, period_pointer(input->has_period_ticks)))
		return false;
	task->id = store_new_id(command->store, "scheduled_task");
	command_object(command, "scheduled_task", task->id, 0);
	*output = task;
	return task->id && store_insert(command->store, &scheduled_task_record, task) && tasks_wake(command);
}

/* ---- task.update ---- */

static void words_update(struct scheduled_task *task, const struct task_update *input)
{
	if (text_present(input->name))
		task->name = input->name;
	if (text_present(input->handler))
		task->handler = input->handler;
	if (input->has_skip_weekend)
		task->skip_weekend = input->skip_weekend;
	if (input->has_skip_holidays)
		task->skip_holidays = input->skip_holidays;
	if (input->catch_up)
		task->catch_up = input->catch_up == TASK_UPDATE_CATCH_UP_EACH ? SCHEDULED_TASK_CATCH_UP_EACH
		                                                             : SCHEDULED_TASK_CATCH_UP_COALESCE;
}

/* With slots that come after now, none of which was missed; of an exact grid those before them are left behind. */
static void grid_go_on(struct scheduled_task *task, const struct schedule *schedule, struct instant now)
{
	struct instant since = task->slot_at.us > now.us ? (struct instant){ task->slot_at.us - 1 } : now;
	task->slot_at = schedule_first_run(schedule, since).slot;
	if (is_exact(task->period) && task->slot_at.us)
		task->anchor_at = schedule_next_slot(schedule, since);
}

/* What is paused misses nothing: it goes on with the next slot; so does what is told to rest on other days. */
static bool resume(struct command *command, struct scheduled_task *task)
{
	struct schedule schedule;
	if (!task_schedule(command, &schedule))
		return false;
	task_schedule_set(&schedule, task);
	if (task->anchor_at.us && !task->run_once)
		grid_go_on(task, &schedule, command->now);
	return task->slot_at.us || task->anchor_at.us == 0 ||
	       problem(command->problems, PROBLEM_WRONG_STATE, "/status", "no slot of task '%.*s' is left before the year 10000",
	               TEXT_ARG(task->name));
}

static bool status_update(struct command *command, struct scheduled_task *task, const struct task_update *input)
{
	bool was_finished = task->status == SCHEDULED_TASK_STATUS_FINISHED;
	if (was_finished && input->next_run_at.us == 0)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", TEXT_NONE,
		                     "Give next_run_at to let it run again.", "task '%.*s' %s", TEXT_ARG(task->name),
		                     task->outcome == SCHEDULED_TASK_OUTCOME_EXPIRED ? "has expired"
		                     : task->run_once                                ? "has run, and runs once"
		                                                                     : "has no slot left before the year 10000");
	bool was_paused = task->status == SCHEDULED_TASK_STATUS_PAUSED;
	if (input->status || was_finished)
		task->status = input->status == TASK_UPDATE_STATUS_PAUSED ? SCHEDULED_TASK_STATUS_PAUSED
		                                                          : SCHEDULED_TASK_STATUS_ACTIVE;
	if (input->next_run_at.us)
		grid_begin(task, input->next_run_at);
	else if (task->status == SCHEDULED_TASK_STATUS_ACTIVE && (was_paused || input->has_skip_weekend || input->has_skip_holidays))
		return resume(command, task);
	return true;
}

static bool update_perform(struct command *command, const void *data, void **output)
{
	const struct task_update *input = data;
	struct scheduled_task *task = task_need(command, input->id);
	*output = task;
	if (!task)
		return false;
	words_update(task, input);
	task->updated_at = command->now;
	return status_update(command, task, input) && LENGTHS_TAKE(command, task, input) &&
	       plan(command, task, period_pointer(input->has_period_ticks)) &&
	       store_update(command->store, &scheduled_task_record, task) && tasks_wake(command);
}

/* ---- task.delete, task.run, task.hold ---- */

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct task_delete *input = data;
	struct scheduled_task *task = task_need(command, input->id);
	*output = task;
	return task && store_execute(command->store, STATEMENT_SCHEDULED_TASK_REMOVE, BINDS(bind_id(task->id)), NULL) &&
	       tasks_wake(command);
}

static bool name_unknown(struct command *command, struct text name)
{
	struct code_list names = { .arena = command->arena };
	return store_each(command->store, STATEMENT_SCHEDULED_TASK_NAMES, NO_BINDS, code_list_row, &names) &&
	       problem_value(command->problems, PROBLEM_NOT_FOUND, "/name", name, NULL, "there is no task '%.*s'%s",
	                     TEXT_ARG(name), code_list_nearest(&names, name));
}

static bool task_which(struct command *command, int64_t id, struct text name, struct scheduled_task **task)
{
	if ((id != 0) == text_present(name))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id", "either id or name tells which task");
	if (id)
		return (*task = task_need(command, id)) != NULL;
	if (!task_by_name(command, name, task))
		return false;
	if (!*task)
		return name_unknown(command, name);
	command_object(command, "scheduled_task", (*task)->id, 0);
	return true;
}

static bool run_perform(struct command *command, const void *data, void **output)
{
	const struct task_run_now *input = data;
	struct scheduled_task *task = NULL;
	return task_which(command, input->id, input->name, &task) && task_rule_check(command, task->handler, "/id") &&
	       task_run_slot(command, task, command->now, 0, (struct task_run **)output);
}

static bool hold_perform(struct command *command, const void *data, void **output)
{
	const struct task_hold *input = data;
	struct scheduled_task *task = NULL;
	if (!task_which(command, input->id, input->name, &task))
		return false;
	if (duration_present(input->length) == (input->until_at.us != 0))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/length", "either length or until_at tells how long");
	if (duration_present(input->length) && (!is_exact(input->length) || is_negative(input->length)))
		return problem_value(command->problems, PROBLEM_BAD_DURATION, "/length",
		                     duration_text(command->arena, input->length), "Give hours, minutes and seconds: PT90M.",
		                     "a task is held for exact time");
	task->held_until = input->until_at.us ? input->until_at : instant_after(command->now, input->length.us);
	if (task->held_until.us == 0)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/length", duration_text(command->arena, input->length),
		                     "Pause the task instead.", "the task would be held beyond the year 9999");
	task->updated_at = command->now;
	*output = task;
	return store_update(command->store, &scheduled_task_record, task);
}

const struct command_type task_commands[] = {
	{ .name = "task.create", .scope = "write", .input = &task_create_record, .output = &scheduled_task_record,
	  .perform = create_perform, .doc = "Schedules a task rule of the bundle." },
	{ .name = "task.update", .scope = "write", .input = &task_update_record, .output = &scheduled_task_record,
	  .perform = update_perform, .doc = "Changes a task, pauses it or lets it go on." },
	{ .name = "task.delete", .scope = "write", .input = &task_delete_record, .output = &scheduled_task_record,
	  .perform = delete_perform, .doc = "Takes a task away; what it did stays." },
	{ .name = "task.run", .scope = "write", .input = &task_run_now_record, .output = &task_run_record, .perform = run_perform,
	  .doc = "Runs a task now, beside its schedule." },
	{ .name = "task.hold", .scope = "write", .input = &task_hold_record, .output = &scheduled_task_record,
	  .perform = hold_perform, .doc = "Keeps the next slot of a task waiting while work that it began goes on." },
	{ .name = NULL },
};

const struct job_kind task_jobs[] = {
	{ "task.due", task_due_job, "Scheduled tasks whose slot has come get their runs." },
	{ "task.run", task_run_job, "A task's rule runs for a slot." },
	{ NULL, NULL, NULL },
};
