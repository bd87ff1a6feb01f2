/* task.h: scheduled tasks: work that task rules of the bundle do at the slots of a fixed grid.
 *
 * One job a tenant, "task.due", wakes at the first next_run_at. In the order of next_run_at and name it gives each due
 * task its next slot and adds a job "task.run" for the slot that is left, so schedules go on whatever becomes of runs.
 * Each run is a command of its own: it has the fuel of one, its effects come with its task_run row or not at all, and
 * one that fails is kept there, not repeated. A task does not overlap itself: runs of a tenant follow each other, and
 * work that goes on after a run asks for task.hold.
 *
 * After an outage a task runs once for all slots missed (coalesce) or once for each, oldest first (each); on a day of
 * rest it waits for the next working day's first instant. Source: atomia-aps-blubilling.md A.4.
 */
#ifndef MOONBILL_BILLING_TASK_H
#define MOONBILL_BILLING_TASK_H

#include "event/command.h"
#include "event/job.h"
#include "page.h"
#include "schedule.h"

/* task.create   task_create -> scheduled_task   PROBLEM_NO_HANDLER when the bundle in force has no such task rule
 * task.update   task_update -> scheduled_task
 * task.delete   task_delete -> scheduled_task, as it was; its runs stay
 * task.run      task_run_now -> task_run           now, by hand: the schedule stays; also of a paused or finished task
 * task.hold     task_hold -> scheduled_task     what a run began goes on: no slot is run until then */
extern const struct command_type task_commands[];
extern const struct job_kind task_jobs[];

struct scheduled_task_list {
	struct scheduled_task *items;
	size_t count, capacity;
};
struct task_run_list {
	struct task_run *items;
	size_t count, capacity;
};
bool scheduled_task_find(struct command *command, int64_t id, struct scheduled_task **task);
bool scheduled_task_page(struct command *command, struct page_query page, struct scheduled_task_list *tasks);
bool task_run_find(struct command *command, int64_t id, struct task_run **run);
/* Newest first, with ids below before_id (0: from the newest); of one task, or of all when task_id is 0. */
bool task_run_page(struct command *command, int64_t task_id, int64_t before_id, size_t limit, struct task_run_list *runs);

/* ---- among these files ---- */

/* A task's grid over the tenant's zone and holidays. */
bool task_schedule(struct command *command, struct schedule *schedule);
void task_schedule_set(struct schedule *schedule, const struct scheduled_task *task);
/* The tenant's job moves to the first next_run_at, or leaves. */
bool tasks_wake(struct command *command);
/* Holidays changed: tasks that heed them get their next_run_at anew. */
bool tasks_replan(struct command *command);
/* The handler runs for a slot; *run is kept, whatever became of it. False only when the store fails. */
bool task_run_slot(struct command *command, const struct scheduled_task *task, struct instant slot, int64_t missed,
                   struct task_run **run);
/* A row for a slot that is not run. */
bool task_run_expired(struct command *command, const struct scheduled_task *task, struct instant slot);
/* The tenant's rows were copied from another tenant: the job that wakes its tasks is to be of it. */
bool tasks_moved(struct command *command, int64_t from_tenant_id);
bool task_due_job(struct command *command, const struct job *job);
bool task_run_job(struct command *command, const struct job *job);

#endif
