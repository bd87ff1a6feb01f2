/* holiday.c: days on which tasks with skip_holidays rest: made, changed, taken away. */
#include "holiday.h"

#include "task.h"

enum { HOLIDAYS_MAX = 1000, HOLIDAY_DAYS_MAX = 366 };

/* ---- reading ---- */

bool holiday_find(struct command *command, int64_t id, struct holiday **holiday)
{
	return store_find(command->store, &holiday_record, id, (void **)holiday);
}

bool holidays_all(struct command *command, struct holiday_list *holidays)
{
	return store_all(command->store, STATEMENT_HOLIDAY_ALL, NO_BINDS, &holiday_record, LIST(holidays));
}

bool holiday_page(struct command *command, struct page_query page, struct holiday_list *holidays)
{
	return store_all(command->store, STATEMENT_HOLIDAY_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &holiday_record,
	                 LIST(holidays));
}

/* None where the calendar ends before it, or rest goes on for longer than schedules wait. */
static struct date working_day_from(const struct schedule *schedule, struct date date, int step)
{
	struct date found = schedule_working_day(schedule, date, step);
	return found.day != date.day && schedule_is_working_day(schedule, found) ? found : DATE_NONE;
}

bool working_day_show(struct command *command, struct date date, struct working_day *shown)
{
	struct holiday_list holidays = { 0 };
	if (!holidays_all(command, &holidays))
		return false;
	struct holiday_calendar calendar;
	const struct schedule schedule = { .zone = command->zone, .skip_weekend = true, .skip_holidays = true, .holidays = &calendar };
	holiday_calendar_build(command->arena, holidays.items, holidays.count, &calendar);
	*shown = (struct working_day){
		.date = date,
		.working = schedule_is_working_day(&schedule, date),
		.next = working_day_from(&schedule, date, 1),
		.previous = working_day_from(&schedule, date, -1),
	};
	return true;
}

/* ---- commands ---- */

static bool days_check(struct command *command, const struct holiday *holiday)
{
	int32_t days = date_days_between(holiday->start_date, holiday->end_date);
	if (days < 0)
		return problem_value(command->problems, PROBLEM_BAD_PERIOD, "/end_date", date_text(command->arena, holiday->end_date), NULL,
		                     "holiday '%.*s' ends on %s, before it starts on %s", TEXT_ARG(holiday->name),
		                     date_text(command->arena, holiday->end_date).data,
		                     date_text(command->arena, holiday->start_date).data);
	return days < HOLIDAY_DAYS_MAX ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/end_date", date_text(command->arena, holiday->end_date),
	                     "Give the days as several holidays.", "a holiday has at most %d days", HOLIDAY_DAYS_MAX);
}

static bool others_check(struct command *command, const struct holiday *holiday)
{
	struct holiday_list others = { 0 };
	if (!holidays_all(command, &others))
		return false;
	if (others.count >= HOLIDAYS_MAX && holiday->id == 0)
		return problem(command->problems, PROBLEM_TOO_MANY, "", "a tenant has at most %d holidays", HOLIDAYS_MAX);
	for (size_t i = 0; i < others.count; i++) {
		const struct holiday *other = &others.items[i];
		if (other->id != holiday->id && holidays_meet(holiday, other))
			return problem_value(command->problems, PROBLEM_DUPLICATE, "/start_date",
			                     date_text(command->arena, holiday->start_date),
			                     "Change one of them so that no day is in both.",
			                     "holiday '%.*s' overlaps '%.*s' (%s to %s%s)", TEXT_ARG(holiday->name),
			                     TEXT_ARG(other->name), date_text(command->arena, other->start_date).data,
			                     date_text(command->arena, other->end_date).data, other->recurring ? ", every year" : "");
	}
	return true;
}

static struct holiday *holiday_need(struct command *command, int64_t id)
{
	struct holiday *holiday;
	if (holiday_find(command, id, &holiday) && !holiday)
		record_missing(&holiday_record, id, command->problems, "/id");
	return store_failed(command->store) ? NULL : holiday;
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct holiday_create *input = data;
	struct holiday *holiday = arena_new(command->arena, struct holiday);
	*holiday = (struct holiday){
		.name = input->name,
		.start_date = input->start_date,
		.end_date = date_present(input->end_date) ? input->end_date : input->start_date,
		.recurring = input->recurring,
		.created_at = command->now,
	};
	if (!days_check(command, holiday) || !others_check(command, holiday))
		return false;
	holiday->id = store_new_id(command->store, "holiday");
	command_object(command, "holiday", holiday->id, 0);
	*output = holiday;
	return holiday->id && store_insert(command->store, &holiday_record, holiday) && tasks_replan(command);
}

static bool update_perform(struct command *command, const void *data, void **output)
{
	const struct holiday_update *input = data;
	struct holiday *holiday = holiday_need(command, input->id);
	if (!holiday)
		return false;
	if (text_present(input->name))
		holiday->name = input->name;
	if (date_present(input->start_date))
		holiday->start_date = input->start_date;
	if (date_present(input->end_date))
		holiday->end_date = input->end_date;
	if (input->has_recurring)
		holiday->recurring = input->recurring;
	command_object(command, "holiday", holiday->id, 0);
	*output = holiday;
	return days_check(command, holiday) && others_check(command, holiday) &&
	       store_update(command->store, &holiday_record, holiday) && tasks_replan(command);
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct holiday_delete *input = data;
	struct holiday *holiday = holiday_need(command, input->id);
	*output = holiday;
	if (!holiday)
		return false;
	command_object(command, "holiday", holiday->id, 0);
	return store_execute(command->store, STATEMENT_HOLIDAY_REMOVE, BINDS(bind_id(holiday->id)), NULL) &&
	       tasks_replan(command);
}

const struct command_type holiday_commands[] = {
	{ .name = "holiday.create", .scope = "write", .input = &holiday_create_record, .output = &holiday_record,
	  .perform = create_perform, .doc = "Names days on which tasks rest." },
	{ .name = "holiday.update", .scope = "write", .input = &holiday_update_record, .output = &holiday_record,
	  .perform = update_perform, .doc = "Changes a holiday." },
	{ .name = "holiday.delete", .scope = "write", .input = &holiday_delete_record, .output = &holiday_record,
	  .perform = delete_perform, .doc = "Takes a holiday away." },
	{ .name = NULL },
};
