/* task.c: scheduled tasks, their runs and the days on which they rest, under /v1. */
#include "v1.h"

#include "billing/holiday.h"
#include "billing/task.h"

static bool task_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                      struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	(void)exchange;
	return scheduled_task_page(command, query, (struct scheduled_task_list *)(void *)rows);
}

static bool run_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	struct scheduled_task *task;
	if (exchange->id && (!scheduled_task_find(command, exchange->id, &task) ||
	                     (!task && !record_missing(&scheduled_task_record, exchange->id, command->problems, ""))))
		return false;
	return task_run_page(command, exchange->id, page->after, (size_t)page->rows, (struct task_run_list *)(void *)rows);
}

static bool holiday_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	(void)exchange;
	return holiday_page(command, query, (struct holiday_list *)(void *)rows);
}

static bool working_day_get(struct command *command, struct http_exchange *exchange)
{
	struct working_day shown;
	struct text asked = http_parameter(&exchange->target, "date");
	struct date date = command->today;
	if (text_present(asked) && !date_parse(asked, &date))
		return problem_value(command->problems, PROBLEM_BAD_PARAMETER, "/date", asked, "Write it as YYYY-MM-DD.",
		                     "'%.*s' is no date", TEXT_ARG(asked));
	if (!working_day_show(command, date, &shown))
		return false;
	http_reply_record(exchange, 200, &working_day_record, &shown);
	return true;
}

static const struct http_list tasks = { &scheduled_task_record, "id", 0, task_rows };
static const struct http_list runs = { &task_run_record, "id", 0, run_rows };
static const struct http_list holidays = { &holiday_record, "id", 0, holiday_rows };

const struct http_route v1_task_routes[] = {
	{ .method = "POST", .path = "/v1/tasks", .command = "task.create", .handle = http_write, .status = 201,
	  .location = "/v1/tasks/", .doc = "Schedules a task rule of the bundle." },
	{ .method = "GET", .path = "/v1/tasks", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &tasks, .doc = "Scheduled tasks in the order of their ids." },
	{ .method = "GET", .path = "/v1/tasks/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &scheduled_task_record, .doc = "A scheduled task." },
	{ .method = "PATCH", .path = "/v1/tasks/{id}", .command = "task.update", .id_field = "id", .handle = http_write,
	  .doc = "Changes a task, pauses it or lets it go on." },
	{ .method = "DELETE", .path = "/v1/tasks/{id}", .command = "task.delete", .id_field = "id", .handle = http_write,
	  .doc = "Takes a task away; what it did stays." },
	{ .method = "POST", .path = "/v1/tasks/{id}/run", .command = "task.run", .id_field = "id", .handle = http_write,
	  .status = 201, .location = "/v1/task_runs/", .doc = "Runs a task now, beside its schedule." },
	{ .method = "POST", .path = "/v1/tasks/{id}/hold", .command = "task.hold", .id_field = "id", .handle = http_write,
	  .doc = "Keeps its next slot waiting while work that it began goes on." },
	{ .method = "GET", .path = "/v1/tasks/{id}/runs", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &runs, .doc = "Runs of a task, newest first." },
	{ .method = "GET", .path = "/v1/task_runs", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &runs, .doc = "Runs of all tasks, newest first." },
	{ .method = "GET", .path = "/v1/task_runs/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &task_run_record, .doc = "A run of a task." },
	{ .method = "POST", .path = "/v1/holidays", .command = "holiday.create", .handle = http_write, .status = 201,
	  .location = "/v1/holidays/", .doc = "Names days on which tasks rest." },
	{ .method = "GET", .path = "/v1/holidays", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &holidays, .doc = "Holidays in the order of their ids." },
	{ .method = "GET", .path = "/v1/holidays/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &holiday_record, .doc = "A holiday." },
	{ .method = "PATCH", .path = "/v1/holidays/{id}", .command = "holiday.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes a holiday." },
	{ .method = "DELETE", .path = "/v1/holidays/{id}", .command = "holiday.delete", .id_field = "id",
	  .handle = http_write, .doc = "Takes a holiday away." },
	{ .method = "GET", .path = "/v1/working_day", .scope = "read", .parameters = "date", .ticks = true,
	  .handle = http_read, .read = working_day_get, .output = &working_day_record,
	  .doc = "Whether a date, or today, is a working day, and the nearest ones around it." },
	{ .path = NULL },
};
