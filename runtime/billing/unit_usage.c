/* unit_usage.c: reading what was reported: pages, the records of an invoice, windows with their totals. */
#include "unit_usage.h"

#include "timeline.h"
#include "usage_due.h"

bool unit_usage_page(struct command *command, const struct unit_usage_filter *filter, struct unit_usage_rows *rows)
{
	const struct object_filter *object = &filter->object;
	const char *status =
	        object->status ? unit_usage_record.fields[UNIT_USAGE_FIELD_STATUS].words[object->status] : NULL;
	return store_all(command->store, STATEMENT_UNIT_USAGE_PAGE,
	                 BINDS(bind_id(object->account_id), bind_c(status), bind_instant(object->created_from),
	                       bind_instant(object->created_until), bind_instant(object->updated_from),
	                       bind_instant(object->updated_until), bind_id(object->before_id),
	                       bind_integer(object->offset > 0 ? object->offset : 0),
	                       bind_integer(object_page_rows(object)), bind_id(filter->subscription_id),
	                       bind_text(filter->unit), bind_text(filter->tracking_id)),
	                 &unit_usage_record, LIST(rows));
}

bool unit_usage_of_invoice(struct command *command, const struct invoice *invoice, struct unit_usage_rows *rows)
{
	return store_all(command->store, STATEMENT_UNIT_USAGE_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &unit_usage_record, LIST(rows));
}

/* ------------------------------------------------------------------------------------------------ windows */

static bool show_window(const struct usage_subject *subject, const struct usage_progress *section,
                        const struct usage_window *window, struct unit_usage_windows *shown)
{
	struct arena *arena = subject->command->arena;
	struct usage_due due = { .window = *window };
	if (!usage_due_rate(subject, &due))
		return false;
	if (due.too_large)
		return problem(subject->command->problems, PROBLEM_OVERFLOW, "", "the usage is too large to be rated");
	struct unit_usage_window *row = list_add(arena, &shown->items, struct unit_usage_window);
	*row = (struct unit_usage_window){
		.section = section->section,
		.kind = window->section->kind == USAGE_SECTION_KIND_CAPACITY ? UNIT_USAGE_WINDOW_KIND_CAPACITY
		                                                             : UNIT_USAGE_WINDOW_KIND_CONSUMABLE,
		.period_start = window->period.start,
		.period_end = window->period.end,
		.billed = date_compare(window->period.end, section->billed_through) <= 0,
		.currency = subject->account->currency,
	};
	for (size_t i = 0; i < due.quantities.count; i++)
		*list_add(arena, &row->units, struct unit_usage_total) = (struct unit_usage_total){
			due.quantities.items[i].unit, due.quantities.items[i].quantity,
			due.quantities.items[i].record_count,
		};
	return exact_money_from_decimal(due.rating.whole, row->currency, &row->amount) ||
	       problem(subject->command->problems, PROBLEM_OVERFLOW, "", "the usage is too large to be rated");
}

/* The last ones of a stretch. */
static bool show_stretch(const struct usage_subject *subject, const struct usage_stretch *stretch,
                         const struct usage_progress *section, struct unit_usage_windows *shown)
{
	struct usage_window_list windows;
	usage_windows(subject->command->arena, stretch, subject->target, DATE_NONE, subject->zone, &windows);
	size_t most = UNIT_USAGE_WINDOWS_SHOWN + 1;
	for (size_t i = windows.count > most ? windows.count - most : 0; i < windows.count; i++)
		if (!show_window(subject, section, &windows.items[i], shown))
			return false;
	return true;
}

static bool show_section(const struct usage_subject *subject, const struct usage_progress *section,
                         struct unit_usage_windows *shown)
{
	for (size_t i = 0; i < subject->stretches.count; i++)
		if (text_equals(subject->stretches.items[i].section, section->section) &&
		    !show_stretch(subject, &subject->stretches.items[i], section, shown))
			return false;
	return true;
}

bool unit_usage_windows_read(struct command *command, const struct account *account,
                             const struct subscription *subscription, struct unit_usage_windows *shown)
{
	struct billing_event_list events = { 0 };
	struct usage_subject subject;
	struct date today = command_today(command, account);
	*shown = (struct unit_usage_windows){ .subscription_id = subscription->id };
	if (!timeline_billing_events(command, account, subscription, DATE_NONE, &events))
		return false;
	struct date running = usage_next_date(command->arena, &events, subscription->id, today);
	if (!usage_subject_read(command, account, subscription, &events, date_max(running, today), &subject))
		return false;
	for (size_t i = 0; i < subject.sections.count; i++)
		if (!show_section(&subject, &subject.sections.items[i], shown))
			return false;
	return true;
}
