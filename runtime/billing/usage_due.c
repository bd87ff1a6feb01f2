/* usage_due.c: the windows of a subscription's usage that a run looks at. */
#include "usage_due.h"

#include "billable.h"

/* ------------------------------------------------------------------------------------------------ the subject */

static bool has_section(const struct usage_subject *subject, struct text name)
{
	for (size_t i = 0; i < subject->sections.count; i++)
		if (text_equals(subject->sections.items[i].section, name))
			return true;
	return false;
}

bool usage_subject_read(struct command *command, const struct account *account, const struct subscription *subscription,
                        const struct billing_event_list *events, struct date target, struct usage_subject *subject)
{
	*subject = (struct usage_subject){ .command = command, .account = account, .subscription = subscription,
		                           .zone = command_zone(command, account), .target = target };
	usage_stretches(command->arena, events, subscription->id, target, &subject->stretches);
	if (subject->stretches.count == 0)
		return true;
	if (!store_all(command->store, STATEMENT_USAGE_PROGRESS_OF_SUBSCRIPTION,
	               BINDS(bind_id(account->id), bind_id(subscription->id)), &usage_progress_record,
	               LIST(&subject->sections)))
		return false;
	for (size_t i = 0; i < subject->stretches.count; i++) {
		struct text name = subject->stretches.items[i].section;
		if (!has_section(subject, name))
			*list_add(command->arena, &subject->sections, struct usage_progress) = (struct usage_progress){
				.account_id = account->id, .subscription_id = subscription->id, .section = name,
			};
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ new windows */

static struct usage_due *add_due(struct arena *arena, struct usage_due_list *dues, struct usage_window window)
{
	struct usage_due *due = list_add(arena, dues, struct usage_due);
	*due = (struct usage_due){ .window = window };
	return due;
}

static void add_new(const struct usage_subject *subject, const struct usage_progress *section,
                    struct usage_due_list *dues)
{
	struct arena *arena = subject->command->arena;
	for (size_t i = 0; i < subject->stretches.count; i++) {
		struct usage_window_list windows;
		if (!text_equals(subject->stretches.items[i].section, section->section))
			continue;
		usage_windows(arena, &subject->stretches.items[i], subject->target, section->billed_through,
		              subject->zone, &windows);
		for (size_t j = 0; j < windows.count; j++)
			add_due(arena, dues, windows.items[j]);
	}
}

struct date usage_due_through(const struct usage_subject *subject, const struct usage_progress *section)
{
	struct usage_due_list dues = { 0 };
	struct date through = section->billed_through;
	add_new(subject, section, &dues);
	for (size_t i = 0; i < dues.count; i++)
		through = date_max(through, dues.items[i].window.period.end);
	return through;
}

/* ------------------------------------------------------------------------------------------------ late windows */

struct changed_record {
	struct text unit;
	struct instant at;
};
struct changed_list {
	struct arena *arena;
	struct changed_record *items;
	size_t count, capacity;
};

static bool take_changed(void *context, const struct store_row *row)
{
	struct changed_list *changed = context;
	*list_add(changed->arena, changed, struct changed_record) = (struct changed_record){
		text_copy(changed->arena, store_row_text(row, 0)), { store_row_integer(row, 1) },
	};
	return true;
}

/* Of the days that are billed; on the last of them a section may have ended within the day. */
static bool read_changed(const struct usage_subject *subject, const struct usage_progress *section,
                         struct changed_list *changed)
{
	struct command *command = subject->command;
	*changed = (struct changed_list){ .arena = command->arena };
	if (!date_present(section->billed_through))
		return true;
	struct instant until = timezone_start_of_date(subject->zone, date_add_days(section->billed_through, 1));
	return store_each(command->store, STATEMENT_UNIT_USAGE_CHANGED,
	                  BINDS(bind_id(subject->account->id), bind_id(subject->subscription->id),
	                        bind_integer(section->revision), bind_instant(until)),
	                  take_changed, changed);
}

/* The stretch of the section that holds most of what begins on that day: the last one that began until then, or else the
 * first. */
static const struct usage_stretch *stretch_at(const struct usage_subject *subject, struct text section, struct date date)
{
	const struct usage_stretch *found = NULL;
	for (size_t i = 0; i < subject->stretches.count; i++) {
		const struct usage_stretch *stretch = &subject->stretches.items[i];
		if (text_equals(stretch->section, section) &&
		    (!found || date_compare(stretch->events[0]->date, date) <= 0))
			found = stretch;
	}
	return found;
}

/* The window of a line that billed the moment. */
static bool billed_window(const struct usage_subject *subject, const struct usage_progress *section,
                          const struct usage_line_list *lines, struct instant at, struct usage_window *window)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct period period = { lines->items[i].period_start, lines->items[i].period_end };
		const struct usage_stretch *stretch = stretch_at(subject, section->section, period.start);
		if (!stretch)
			return false;
		*window = usage_window_make(stretch, period, subject->zone);
		if (usage_window_holds(window, at))
			return true;
	}
	return false;
}

/* A window of the timeline that runs went through without a line. */
static bool passed_window(const struct usage_subject *subject, const struct usage_progress *section, struct instant at,
                          struct usage_window *window)
{
	struct date through = date_min(section->billed_through, subject->target);
	for (size_t i = 0; i < subject->stretches.count; i++) {
		struct usage_window_list windows;
		if (!text_equals(subject->stretches.items[i].section, section->section))
			continue;
		usage_windows(subject->command->arena, &subject->stretches.items[i], through, DATE_NONE, subject->zone,
		              &windows);
		for (size_t j = 0; j < windows.count; j++) {
			*window = windows.items[j];
			if (usage_window_holds(window, at))
				return true;
		}
	}
	return false;
}

/* How many windows end from this one on until the section's last billed one. */
static int64_t windows_back(const struct usage_subject *subject, const struct usage_progress *section,
                            struct date end)
{
	int64_t back = 0;
	for (size_t i = 0; i < subject->stretches.count; i++) {
		struct usage_boundary_list boundaries;
		if (!text_equals(subject->stretches.items[i].section, section->section))
			continue;
		usage_boundaries(subject->command->arena, &subject->stretches.items[i], section->billed_through, end,
		                 &boundaries);
		back += (int64_t)boundaries.count;
	}
	return back > 0 ? back : 1;
}

static bool is_there(const struct usage_due_list *dues, struct instant at)
{
	for (size_t i = 0; i < dues->count; i++)
		if (usage_window_holds(&dues->items[i].window, at))
			return true;
	return false;
}

/* A record that no window holds is passed over: it shows as unbilled. */
static void add_late(const struct usage_subject *subject, const struct usage_progress *section,
                     const struct changed_list *changed, const struct usage_line_list *lines,
                     struct usage_due_list *dues)
{
	for (size_t i = 0; i < changed->count; i++) {
		struct usage_window window;
		struct instant at = changed->items[i].at;
		if (is_there(dues, at) || (!billed_window(subject, section, lines, at, &window) &&
		                           !passed_window(subject, section, at, &window)))
			continue;
		if (!usage_section_has_unit(window.section, changed->items[i].unit))
			continue;
		struct usage_due *due = add_due(subject->command->arena, dues, window);
		due->late = true;
		due->windows_back = windows_back(subject, section, window.period.end);
	}
}

/* ------------------------------------------------------------------------------------------------ what was billed */

/* The line of a section that ended within a day ends on that day: it is asked for from the day before. */
static struct date earliest(const struct usage_subject *subject, const struct usage_progress *section,
                            const struct changed_list *changed)
{
	struct date from = section->billed_through;
	for (size_t i = 0; i < changed->count; i++)
		from = date_min(from, date_add_days(timezone_date(subject->zone, changed->items[i].at), -1));
	return from;
}

/* Those that end after the day; of none all. */
static bool read_lines(const struct usage_subject *subject, const struct usage_progress *section, struct date after,
                       struct usage_line_list *lines)
{
	struct command *command = subject->command;
	*lines = (struct usage_line_list){ 0 };
	return store_all(command->store, STATEMENT_USAGE_LINE_OF_SECTION,
	                 BINDS(bind_id(subject->account->id), bind_id(subject->subscription->id),
	                       bind_text(section->section), bind_date(command->arena, after)),
	                 &invoice_line_record, LIST(lines));
}

/* Each line belongs to the window in which it begins. */
static bool take_lines(struct arena *arena, const struct usage_line_list *lines, struct usage_due *due)
{
	for (size_t i = 0; i < lines->count; i++)
		if (period_contains(due->window.period, lines->items[i].period_start))
			*list_add(arena, &due->lines, struct invoice_line) = lines->items[i];
	return usage_decisions_billed(arena, &due->lines, &due->billed);
}

static void sort_by_start(struct usage_due_list *dues)
{
	for (size_t i = 1; i < dues->count; i++) {
		struct usage_due due = dues->items[i];
		size_t at = i;
		for (; at > 0 && date_compare(dues->items[at - 1].window.period.start, due.window.period.start) > 0; at--)
			dues->items[at] = dues->items[at - 1];
		dues->items[at] = due;
	}
}

static bool too_large(const struct usage_subject *subject)
{
	return problem(subject->command->problems, PROBLEM_OVERFLOW, "",
	               "the usage of subscription %lld is too large to be rated", (long long)subject->subscription->id);
}

bool usage_due_windows(const struct usage_subject *subject, const struct usage_progress *section,
                       struct usage_due_list *dues)
{
	struct arena *arena = subject->command->arena;
	struct changed_list changed;
	struct usage_line_list lines;
	*dues = (struct usage_due_list){ 0 };
	add_new(subject, section, dues);
	if (!read_changed(subject, section, &changed))
		return false;
	if (dues->count == 0 && changed.count == 0)
		return true;
	if (!read_lines(subject, section, earliest(subject, section, &changed), &lines))
		return false;
	add_late(subject, section, &changed, &lines, dues);
	for (size_t i = 0; i < dues->count; i++)
		if (!take_lines(arena, &lines, &dues->items[i]))
			return too_large(subject);
	sort_by_start(dues);
	return true;
}

/* ------------------------------------------------------------------------------------------------ rating */

struct counting {
	struct arena *arena;
	struct usage_due *due;
	bool overflow;
};

static bool count_row(void *context, const struct store_row *row)
{
	struct counting *counting = context;
	struct text unit = store_row_text(row, 0);
	struct decimal quantity;
	if (!decimal_parse(store_row_text(row, 1), &quantity))
		BUG("a record of unit usage has no quantity");
	if (!usage_section_has_unit(counting->due->window.section, unit))
		return true;
	counting->overflow = !usage_quantity_count(counting->arena, counting->due->window.section, unit, quantity,
	                                           &counting->due->quantities);
	return !counting->overflow;
}

bool usage_due_rate(const struct usage_subject *subject, struct usage_due *due)
{
	struct command *command = subject->command;
	struct counting counting = { command->arena, due, false };
	if (!store_each(command->store, STATEMENT_UNIT_USAGE_IN_WINDOW,
	                BINDS(bind_id(subject->account->id), bind_id(subject->subscription->id),
	                      bind_instant(due->window.from), bind_instant(due->window.until)),
	                count_row, &counting))
		return false;
	bool rated = !counting.overflow && usage_rate(command->arena, due->window.section, subject->account->currency,
	                                              &due->quantities, &due->billed, &due->rating);
	due->too_large = !rated || !billable_price(due->rating.due, decimal_from_int64(1), subject->account->currency);
	return true;
}
