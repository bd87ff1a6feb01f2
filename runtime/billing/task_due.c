/* task_due.c: the tenant's job that finds due tasks, gives each its next slot and leaves a job for the slot it was. */
#include "holiday.h"
#include "task.h"

#include "value/json.h"

enum {
	TASKS_READ_MAX = 200,      /* of one wake; the job comes again at once for more */
	SLOTS_QUEUED_MAX = 500,
	SLOTS_COUNTED_MAX = 10000, /* more of a short period are counted by division, days of rest or not */
};

static const char DUE[] = "task.due", RUN[] = "task.run";

/* ---- schedules ---- */

bool task_schedule(struct command *command, struct schedule *schedule)
{
	struct holiday_list holidays = { 0 };
	if (!holidays_all(command, &holidays))
		return false;
	*schedule = (struct schedule){ .zone = command->zone, .holidays = holidays.items, .holiday_count = holidays.count };
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

static bool replan(struct command *command, struct schedule *schedule, struct scheduled_task *task)
{
	if (task->status != SCHEDULED_TASK_STATUS_ACTIVE || !task->skip_holidays || task->slot_at.us == 0)
		return true;
	task_schedule_set(schedule, task);
	struct instant run_at = schedule_run_at(schedule, task->slot_at);
	if (run_at.us == task->next_run_at.us)
		return true;
	task->next_run_at = run_at;
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

/* Slots up to now whose runs would have been at instants of their own: the last of them stands for all. */
static void slots_coalesce(const struct schedule *schedule, struct instant now, struct slot *slot)
{
	const struct duration *period = &schedule->period;
	bool exact = period->months == 0 && period->days == 0;
	int64_t behind = exact ? (now.us - slot->at.us) / period->us : 0;
	if (exact && (behind > SLOTS_COUNTED_MAX || (!schedule->skip_weekend && !schedule->skip_holidays))) {
		slot->missed = behind;
		slot->at.us += behind * period->us;
		return;
	}
	struct instant run_at = schedule_run_at(schedule, slot->at);
	for (;;) {
		struct instant next = schedule_next_slot(schedule, slot->at);
		struct instant next_run_at = next.us ? schedule_run_at(schedule, next) : INSTANT_NONE;
		if (next.us == 0 || next_run_at.us > now.us)
			return;
		slot->missed += next_run_at.us != run_at.us;
		slot->at = next;
		run_at = next_run_at;
	}
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
		if (task->catch_up == SCHEDULED_TASK_CATCH_UP_COALESCE)
			slots_coalesce(schedule, now, &slot);
		task->slot_at = schedule_next_slot(schedule, slot.at);
		task->next_run_at = task->slot_at.us ? schedule_run_at(schedule, task->slot_at) : INSTANT_NONE;
		if (task->slot_at.us == 0)
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

/* NULL: none of them is due any more. */
static struct scheduled_task *first_due(const struct scheduled_task_list *tasks, struct instant now)
{
	struct scheduled_task *first = NULL;
	for (size_t i = 0; i < tasks->count; i++) {
		struct scheduled_task *task = &tasks->items[i];
		bool due = task->status == SCHEDULED_TASK_STATUS_ACTIVE && task->next_run_at.us && task->next_run_at.us <= now.us;
		if (due && (!first || task->next_run_at.us < first->next_run_at.us))
			first = task; /* of several at one instant the first: they came in the order of their names */
	}
	return first;
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
	for (int i = 0; i < SLOTS_QUEUED_MAX && (task = first_due(&tasks, command->now)); i++)
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
