/* usage_arrear.c: what invoice runs ask of usage: items for what is due, marks of what was billed. */
#include "usage_arrear.h"

#include "catalog_plan.h"
#include "event/dispatch.h"
#include "usage_due.h"
#include "usage_return.h"

/* ------------------------------------------------------------------------------------------------ late */

/* What the policy says of the difference; *policy is its decision for the line. */
static bool decide_late(const struct usage_subject *subject, const struct usage_due *due, bool *bill,
                        struct text *policy)
{
	struct command *command = subject->command;
	const struct currency *currency = subject->account->currency;
	struct usage_late_request request = {
		.account_id = subject->account->id,
		.subscription_id = subject->subscription->id,
		.plan = due->window.event->plan,
		.section = due->window.section->name,
		.period_start = due->window.period.start,
		.period_end = due->window.period.end,
		.windows_back = due->windows_back,
		.currency = currency,
	};
	struct catalog_plan *plan = NULL;
	struct rule_result result;
	if (!exact_money_from_decimal(due->billed.total, currency, &request.billed) ||
	    !exact_money_from_decimal(due->rating.due, currency, &request.difference) ||
	    !catalog_plan_find(command, due->window.event->catalog_plan_id, &plan) ||
	    !policy_decide(command, POLICY_USAGE_LATE, &request, plan ? plan->policies.items : NULL,
	                   plan ? plan->policies.count : 0, true, &result))
		return false;
	const struct usage_late_decision *decision = result.record;
	*bill = decision->action == USAGE_LATE_DECISION_ACTION_BILL;
	*policy = policy_decision_text(command, &result);
	return true;
}

/* ------------------------------------------------------------------------------------------------ items */

/* A sum of one unit is the quantity of its item, blocks that of an item of one tier; several units have none in common. */
static struct decimal item_quantity(const struct usage_due *due, const struct usage_rate_line *line)
{
	if (line)
		return line->quantity;
	return due->quantities.count == 1 ? due->quantities.items[0].quantity : decimal_from_int64(1);
}

static bool add_item(const struct usage_subject *subject, const struct usage_due *due,
                     const struct usage_rated_item *rated, struct text policy, struct usage_proposal *proposal)
{
	const struct billing_event *event = due->window.event;
	const struct currency *currency = subject->account->currency;
	struct billing_item item = {
		.kind = INVOICE_LINE_KIND_USAGE,
		.subscription_id = subject->subscription->id,
		.catalog_plan_id = event->catalog_plan_id,
		.plan = event->plan,
		.phase = event->phase,
		.usage_section = due->window.section->name,
		.start = due->window.period.start,
		.end = due->window.period.end,
		.quantity = item_quantity(due, rated->line),
		.has_unit_price = rated->line != NULL,
		.unit_price = rated->line ? rated->line->price : decimal_from_int64(0),
		.rate = rated->line ? rated->line->price : rated->amount,
		.whole = due->window.period,
		.decision = usage_decision(subject->command->arena, due, rated->line, currency, policy),
	};
	if (!exact_money_from_decimal(rated->amount, currency, &item.exact))
		return problem(subject->command->problems, PROBLEM_OVERFLOW, "",
		               "the usage of subscription %lld is too large to be billed",
		               (long long)subject->subscription->id);
	if (fraction_sign(item.exact.amount) < 0)
		return usage_return(subject->command, due, &item, &proposal->items, &proposal->charged);
	*list_add(subject->command->arena, &proposal->items, struct billing_item) = item;
	return true;
}

static bool add_items(const struct usage_subject *subject, const struct usage_due *due, struct text policy,
                      struct usage_proposal *proposal)
{
	struct usage_rated_item_list rated;
	bool detail = command_setting_boolean(subject->command, "usage.detail", false);
	usage_rating_items(subject->command->arena, due->window.section, &due->rating, &due->billed,
	                   detail ? USAGE_SHAPE_DETAIL : USAGE_SHAPE_AGGREGATE, &rated);
	for (size_t i = 0; i < rated.count; i++)
		if (!add_item(subject, due, &rated.items[i], policy, proposal))
			return false;
	return true;
}

static bool propose_window(const struct usage_subject *subject, struct usage_due *due, struct usage_proposal *proposal)
{
	struct text policy = TEXT_NONE;
	bool bill = true;
	if (!usage_due_rate(subject, due))
		return false;
	if (due->too_large) {
		*list_add(subject->command->arena, proposal->parked, struct parked) =
		        (struct parked){ subject->subscription->id, due->window.section->name, due->window.period.start };
		return true;
	}
	*list_add(subject->command->arena, &proposal->closed, struct usage_closed) =
	        (struct usage_closed){ due->window.section->name, due->window.period };
	bool zero = decimal_sign(due->rating.due) == 0;
	bool changed = due->late || due->billed.any;
	if (zero && (changed || !command_setting_boolean(subject->command, "usage.zero_items", true)))
		return true;
	if (changed && !decide_late(subject, due, &bill, &policy))
		return false;
	return !bill || add_items(subject, due, policy, proposal);
}

bool usage_propose(struct command *command, const struct account *account, const struct subscription *subscription,
                   const struct billing_event_list *events, struct date target, struct usage_proposal *proposal)
{
	struct usage_subject subject;
	if (!usage_subject_read(command, account, subscription, events, target, &subject))
		return false;
	for (size_t i = 0; i < subject.sections.count; i++) {
		struct usage_due_list dues;
		if (!usage_due_windows(&subject, &subject.sections.items[i], &dues))
			return false;
		for (size_t j = 0; j < dues.count; j++)
			if (!propose_window(&subject, &dues.items[j], proposal))
				return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ what runs */

static const struct usage_progress *progress_of(const struct usage_subject *subject, struct text section)
{
	for (size_t i = 0; i < subject->sections.count; i++)
		if (text_equals(subject->sections.items[i].section, section))
			return &subject->sections.items[i];
	return NULL;
}

static bool propose_running(const struct usage_subject *subject, const struct usage_window *window, struct usage_proposal *proposal)
{
	struct usage_due due = { .window = *window };
	if (!usage_due_rate(subject, &due))
		return false;
	if (due.too_large || decimal_sign(due.rating.due) <= 0)
		return true;
	const struct usage_rated_item whole = { .amount = due.rating.due };
	return add_item(subject, &due, &whole, TEXT_NONE, proposal);
}

bool usage_propose_running(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct billing_event_list *events, struct billing_item_list *items)
{
	struct usage_subject subject;
	struct usage_proposal proposal = { 0 };
	struct date today = command_today(command, account);
	*items = (struct billing_item_list){ 0 };
	if (!usage_subject_read(command, account, subscription, events, (struct date){ DATE_DAY_MAX }, &subject))
		return false;
	for (size_t i = 0; i < subject.stretches.count; i++) {
		const struct usage_stretch *stretch = &subject.stretches.items[i];
		const struct usage_progress *progress = progress_of(&subject, stretch->section);
		struct usage_window window;
		if (progress && usage_window_running(stretch, today, progress->billed_through, subject.zone, &window) &&
		    !propose_running(&subject, &window, &proposal))
			return false;
	}
	*items = proposal.items;
	return true;
}

/* ------------------------------------------------------------------------------------------------ marks */

static bool mark_unit(const struct usage_subject *subject, const struct usage_due *due, struct text unit,
                      const char *status, const struct invoice_line *line)
{
	struct command *command = subject->command;
	return store_execute(command->store, STATEMENT_UNIT_USAGE_MARK,
	                     BINDS(bind_id(subject->account->id), bind_id(subject->subscription->id), bind_text(unit),
	                           bind_instant(due->window.from), bind_instant(due->window.until), bind_c(status),
	                           bind_id(line ? line->invoice_id : 0), bind_id(line ? line->position : 0),
	                           bind_instant(command->now)),
	                     NULL);
}

/* All units of the section; `line` NULL: kept. */
static bool mark_window(const struct usage_subject *subject, const struct usage_due *due,
                        const struct invoice_line *line)
{
	struct usage_units units;
	const char *status = unit_usage_record.fields[UNIT_USAGE_FIELD_STATUS]
	                             .words[line ? UNIT_USAGE_STATUS_BILLED : UNIT_USAGE_STATUS_KEPT];
	usage_section_units(subject->command->arena, due->window.section, &units);
	for (size_t i = 0; i < units.count; i++)
		if (!mark_unit(subject, due, units.items[i], status, line))
			return false;
	return true;
}

static const struct invoice_line *line_of(const struct usage_subject *subject, const struct usage_due *due,
                                          const struct usage_line_list *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct invoice_line *line = &lines->items[i];
		if (line->subscription_id == subject->subscription->id &&
		    text_equals(line->usage_section, due->window.section->name) &&
		    date_compare(line->period_start, due->window.period.start) == 0 &&
		    date_compare(line->period_end, due->window.period.end) == 0)
			return line;
	}
	return NULL;
}

/* On the invoice's line of the window; late records that changed nothing belong to the line that billed it; what else is
 * not billed was decided so. */
static bool settle_window(const struct usage_subject *subject, struct usage_due *due,
                          const struct usage_line_list *lines)
{
	const struct invoice_line *line = line_of(subject, due, lines);
	if (line)
		return mark_window(subject, due, line);
	if (!usage_due_rate(subject, due))
		return false;
	if (due->too_large) /* stays unbilled */
		return true;
	bool same = due->lines.count > 0 && decimal_sign(due->rating.due) == 0;
	return mark_window(subject, due, same ? &due->lines.items[0] : NULL);
}

/* Writes how far a section is. */
static bool save_progress(struct command *command, struct usage_progress progress)
{
	if (progress.id)
		return store_update(command->store, &usage_progress_record, &progress);
	progress.id = store_new_id(command->store, "usage_progress");
	return progress.id != 0 && store_insert(command->store, &usage_progress_record, &progress);
}

static bool settle_section(const struct usage_subject *subject, const struct usage_progress *section, int64_t revision,
                           const struct usage_line_list *lines)
{
	struct usage_due_list dues;
	if (!usage_due_windows(subject, section, &dues))
		return false;
	for (size_t i = 0; i < dues.count; i++)
		if (!settle_window(subject, &dues.items[i], lines))
			return false;
	struct usage_progress progress = *section;
	progress.billed_through = usage_due_through(subject, section);
	progress.revision = revision;
	bool same = date_compare(progress.billed_through, section->billed_through) == 0 &&
	            progress.revision == section->revision;
	return same || save_progress(subject->command, progress);
}

static bool read_invoice_lines(struct command *command, const struct invoice *invoice, struct usage_line_list *lines)
{
	*lines = (struct usage_line_list){ 0 };
	return !invoice || store_all(command->store, STATEMENT_USAGE_LINE_OF_INVOICE,
	                             BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &invoice_line_record,
	                             LIST(lines));
}

bool usage_settle(struct command *command, const struct account *account, const struct subscription *subscription,
                  const struct billing_event_list *events, struct date target, const struct invoice *invoice)
{
	struct usage_subject subject;
	struct usage_line_list lines;
	int64_t revision = 0;
	if (!usage_subject_read(command, account, subscription, events, target, &subject))
		return false;
	if (subject.sections.count == 0)
		return true;
	if (!store_integer(command->store, STATEMENT_UNIT_USAGE_LAST_REVISION,
	                   BINDS(bind_id(account->id), bind_id(subscription->id)), &revision, NULL) ||
	    !read_invoice_lines(command, invoice, &lines))
		return false;
	for (size_t i = 0; i < subject.sections.count; i++)
		if (!settle_section(&subject, &subject.sections.items[i], revision, &lines))
			return false;
	return store_execute(command->store, STATEMENT_UNIT_USAGE_FORGET,
	                     BINDS(bind_id(account->id), bind_id(subscription->id), bind_instant(command->now)), NULL);
}

/* ------------------------------------------------------------------------------------------------ the way back */

/* The section is billed through the line's begin again, or less. */
static bool go_back(struct command *command, const struct invoice_line *line)
{
	struct usage_subject subject = { .command = command };
	if (!store_all(command->store, STATEMENT_USAGE_PROGRESS_OF_SUBSCRIPTION,
	               BINDS(bind_id(line->account_id), bind_id(line->subscription_id)), &usage_progress_record,
	               LIST(&subject.sections)))
		return false;
	const struct usage_progress *progress = progress_of(&subject, line->usage_section);
	if (!progress)
		return true;
	struct usage_progress back = *progress;
	back.billed_through = date_min(progress->billed_through, line->period_start);
	return save_progress(command, back);
}

bool usage_unsettle(struct command *command, const struct invoice *invoice)
{
	struct usage_line_list lines;
	if (!read_invoice_lines(command, invoice, &lines))
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (!go_back(command, &lines.items[i]))
			return false;
	return lines.count == 0 || store_execute(command->store, STATEMENT_UNIT_USAGE_FREE,
	                                         BINDS(bind_id(invoice->account_id), bind_id(invoice->id),
	                                               bind_instant(command->now)),
	                                         NULL);
}

/* ------------------------------------------------------------------------------------------------ what waits */

struct waiting_ids {
	struct arena *arena;
	struct usage_subscriptions *subscriptions;
};

static bool waiting_row(void *context, const struct store_row *row)
{
	struct waiting_ids *ids = context;
	*list_add(ids->arena, ids->subscriptions, int64_t) = store_row_integer(row, 0);
	return true;
}

bool usage_waiting(struct command *command, int64_t account_id, struct usage_subscriptions *subscriptions)
{
	struct waiting_ids ids = { command->arena, subscriptions };
	*subscriptions = (struct usage_subscriptions){ 0 };
	return store_each(command->store, STATEMENT_UNIT_USAGE_WAITING, BINDS(bind_id(account_id)), waiting_row, &ids);
}
