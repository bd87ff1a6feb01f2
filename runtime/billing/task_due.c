/* task_due.c: the tenant's job that finds due tasks, gives each its next slot and leaves a job for the slot it was. */
#include "holiday.h"
#include "task.h"

#include "value/json.h"

enum {
	TASKS_READ_MAX = 200, /* of one wake; the job comes again at once for more */
	SLOTS_QUEUED_MAX = 500,
};

static const char DUE[] = "task.due", RUN[] = "task.run";

/* ---- schedules ---- */

bool task_schedule(struct command *command, struct schedule *schedule)
{
	struct holiday_list holidays = { 0 };
	if (!holidays_all(command, &holidays))
		return false;
	struct holiday_calendar *calendar = arena_new(command->arena, struct holiday_calendar);
	holiday_calendar_build(command->arena, holidays.items, holidays.count, calendar);
	*schedule = (struct schedule){ .zone = command->zone, .holidays = calendar };
	return true;
}

void task_schedule_set(struct schedule *schedule, const struct scheduled_task *task)
{
	schedule->anchor = task->anchor_at;
	schedule->period = task->run_once ? (struct duration){ 0, 0, 0 } : task->period;
	schedule->skip_weekend = task->skip_weekend;
	schedule->skip_holidays = task->skip_holidays;
}

bool tasks_wake(struct command *command)
{
	struct instant next;
	bool found;
	if (!store_integer(command->store, STATEMENT_SCHEDULED_TASK_NEXT, NO_BINDS, &next.us, &found))
		return false;
	return found ? job_move(command, DUE, 0, command->tenant->id, next) : job_remove(command, DUE, command->tenant->id);
}

bool tasks_moved(struct command *command, int64_t from_tenant_id)
{
	return job_remove(command, DUE, from_tenant_id) && tasks_wake(command);
}

static bool replan(struct command *command, struct schedule *schedule, struct scheduled_task *task)
{
	if (task->status != SCHEDULED_TASK_STATUS_ACTIVE || !task->skip_holidays || task->slot_at.us == 0)
		return true;
	task_schedule_set(schedule, task);
	struct schedule_run run = { task->slot_at, schedule_run_at(schedule, task->slot_at) };
	struct schedule_run other = schedule_first_run(schedule, command->now);
	if (run.at.us == task->next_run_at.us && (other.at.us == 0 || run.at.us <= other.at.us))
		return true;
	/* A later slot may come first now. Of an exact grid what lies before both has been run, and is left behind. */
	if (other.at.us && other.at.us < run.at.us && run.at.us > command->now.us) {
		if (task->period.months == 0 && task->period.days == 0)
			task->anchor_at = other.slot.us < run.slot.us ? other.slot : run.slot;
		run = other;
	}
	task->slot_at = run.slot;
	task->next_run_at = run.at;
	return store_update(command->store, &scheduled_task_record, task);
}

bool tasks_replan(struct command *command)
{
	struct schedule schedule;
	struct scheduled_task_list tasks;
	struct page_query page = { .after_id = 0, .limit = PAGE_LIMIT_MAX };
	if (!task_schedule(command, &schedule))
		return false;
	do {
		tasks = (struct scheduled_task_list){ NULL, 0, 0 };
		if (!scheduled_task_page(command, page, &tasks))
			return false;
		for (size_t i = 0; i < tasks.count; i++)
			if (!replan(command, &schedule, &tasks.items[i]))
				return false;
		page.after_id = tasks.count ? tasks.items[tasks.count - 1].id : 0;
	} while (tasks.count == PAGE_LIMIT_MAX);
	return tasks_wake(command);
}

/* ---- slots ---- */

struct slot {
	struct instant at;
	int64_t missed;
	bool expired;
};

static struct text slot_payload(struct arena *arena, const struct slot *slot)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "slot");
	json_string(&writer, instant_text(arena, slot->at));
	json_name(&writer, "missed");
	json_integer(&writer, slot->missed);
	json_name(&writer, "expired");
	json_boolean(&writer, slot->expired);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool slot_read(struct command *command, struct text payload, struct slot *slot)
{
	const struct json *json = json_parse(payload, command->arena, command->problems);
	*slot = (struct slot){ .at = INSTANT_NONE };
	if (!json)
		return false;
	const struct json *expired = json_member(json, "expired");
	slot->expired = expired && expired->type == JSON_TRUE;
	return (instant_parse(json_text(json_member(json, "slot")), &slot->at) &&
	        text_to_int64(json_text(json_member(json, "missed")), &slot->missed)) ||
	       problem(command->problems, PROBLEM_INVALID_VALUE, "", "a job of %s has no slot", RUN);
}

static bool has_expired(const struct schedule *schedule, const struct scheduled_task *task, struct instant slot,
                        struct instant now)
{
	return duration_present(task->expires_after) &&
	       now.us - schedule_run_at(schedule, slot).us > task->expires_after.us;
}

static void finish(struct scheduled_task *task, bool expired)
{
	task->status = SCHEDULED_TASK_STATUS_FINISHED;
	task->outcome = expired ? SCHEDULED_TASK_OUTCOME_EXPIRED : SCHEDULED_TASK_OUTCOME_DONE;
	task->slot_at = task->next_run_at = INSTANT_NONE;
}

/* The slot that is due now, and the task on its way to the one after it. */
static struct slot slot_take(const struct schedule *schedule, struct scheduled_task *task, struct instant now)
{
	struct slot slot = { .at = task->slot_at };
	if (task->run_once) {
		slot.expired = has_expired(schedule, task, slot.at, now);
		finish(task, slot.expired);
	} else {
		struct schedule_run run = { slot.at, schedule_run_at(schedule, slot.at) };
		if (task->catch_up == SCHEDULED_TASK_CATCH_UP_COALESCE)
			run = schedule_catch_up(schedule, run, now, &slot.missed);
		slot.at = run.slot;
		run = schedule_run_after(schedule, run);
		task->slot_at = run.slot;
		task->next_run_at = run.at;
		if (run.slot.us == 0)
			finish(task, false);
	}
	if (!slot.expired)
		task->last_run_at = now;
	task->missed = slot.missed;
	return slot;
}

/* ---- the wake ---- */

static bool put_off(struct command *command, struct scheduled_task *task, struct instant until)
{
	task->next_run_at = until;
	return store_update(command->store, &scheduled_task_record, task);
}

static bool fall_due(struct command *command, struct schedule *schedule, struct scheduled_task *task)
{
	struct instant until;
	if (task->held_until.us > command->now.us)
		return put_off(command, task, task->held_until);
	if (task->anchor_at.us == 0)
		task->anchor_at = task->slot_at = command->now;
	task_schedule_set(schedule, task);
	if (schedule_rests(schedule, command->now, &until))
		return put_off(command, task, until);
	struct slot slot = slot_take(schedule, task, command->now);
	return store_update(command->store, &scheduled_task_record, task) &&
	       job_add(command, RUN, 0, task->id, command->now, slot_payload(command->arena, &slot));
}

/* By when they are to be run, then by name. */
static int task_compare(const struct scheduled_task *a, const struct scheduled_task *b)
{
	if (a->next_run_at.us != b->next_run_at.us)
		return a->next_run_at.us < b->next_run_at.us ? -1 : 1;
	return text_compare(a->name, b->name);
}

/* NULL: none of them is due any more, or what is not read may come before it, beyond `last`. */
static struct scheduled_task *first_due(const struct scheduled_task_list *tasks, struct instant now,
                                        const struct scheduled_task *last)
{
	struct scheduled_task *first = NULL;
	for (size_t i = 0; i < tasks->count; i++) {
		struct scheduled_task *task = &tasks->items[i];
		bool due = task->status == SCHEDULED_TASK_STATUS_ACTIVE && task->next_run_at.us && task->next_run_at.us <= now.us;
		if (due && (!first || task_compare(task, first) < 0))
			first = task;
	}
	return first && last && task_compare(first, last) > 0 ? NULL : first;
}

bool task_due_job(struct command *command, const struct job *job)
{
	struct schedule schedule;
	struct scheduled_task_list tasks = { 0 };
	struct scheduled_task *task;
	(void)job;
	if (!task_schedule(command, &schedule) ||
	    !store_all(command->store, STATEMENT_SCHEDULED_TASK_DUE,
	               BINDS(bind_instant(command->now), bind_integer(TASKS_READ_MAX)), &scheduled_task_record, LIST(&tasks)))
		return false;
	const bool more = tasks.count == TASKS_READ_MAX;
	const struct scheduled_task last = more ? tasks.items[tasks.count - 1] : (struct scheduled_task){ 0 };
	for (int i = 0; i < SLOTS_QUEUED_MAX && (task = first_due(&tasks, command->now, more ? &last : NULL)); i++)
		if (!fall_due(command, &schedule, task))
			return false;
	return tasks_wake(command);
}

bool task_run_job(struct command *command, const struct job *job)
{
	struct scheduled_task *task;
	struct task_run *run;
	struct slot slot;
	if (!scheduled_task_find(command, job->object_id, &task) || !slot_read(command, job->payload, &slot))
		return false;
	if (!task)
		return true; /* deleted in the meantime */
	command_object(command, "scheduled_task", task->id, 0);
	return slot.expired ? task_run_expired(command, task, slot.at)
	                    : task_run_slot(command, task, slot.at, slot.missed, &run);
}
