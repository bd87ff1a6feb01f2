/* progressive_measure.c: what a subscription has used in its running periods, and what of that is invoiced already. */
#include "progressive_work.h"

#include "account.h"
#include "component_assess.h"
#include "item_line.h"
#include "subscription.h"
#include "timeline.h"

/* ------------------------------------------------------------------------------------------------ what was invoiced */

static bool add_open(struct command *command, const struct invoice_line *line, struct progressive_lines *open)
{
	struct invoice *invoice = NULL;
	struct money taken = money_zero(line->currency);
	if (!store_find(command->store, &invoice_record, line->invoice_id, (void **)&invoice) || !invoice ||
	    !store_integer(command->store, STATEMENT_PROGRESSIVE_TAKEN,
	                   BINDS(bind_id(line->account_id), bind_id(line->invoice_id), bind_integer(line->position)), &taken.minor, NULL))
		return !store_failed(command->store);
	struct progressive_line *added = list_add(command->arena, open, struct progressive_line);
	*added = (struct progressive_line){ .line = *line, .invoice_number = invoice->number };
	return money_add(line->amount, taken, &added->left) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "what was invoiced within a period is too large");
}

bool progressive_lines_open(struct command *command, const struct subscription *subscription, struct date open_from,
                            struct progressive_lines *open)
{
	struct invoice_line_list lines = { 0 };
	*open = (struct progressive_lines){ 0 };
	if (!date_present(open_from))
		return true;
	if (!store_all(command->store, STATEMENT_PROGRESSIVE_OPEN,
	               BINDS(bind_id(subscription->account_id), bind_id(subscription->id), bind_date(command->arena, open_from)),
	               &invoice_line_record, LIST(&lines)))
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (!add_open(command, &lines.items[i], open))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ what is used */

static bool is_same(const struct progressive_measure *measure, const struct invoice_line *line)
{
	return line->component_id ? measure->line.component_id == line->component_id
	                          : !measure->line.component_id && text_equals(measure->line.usage_section, line->usage_section) &&
	                                    date_compare(measure->line.period_start, line->period_start) == 0;
}

static bool too_large(struct command *command, const struct subscription *subscription)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "the usage of subscription %lld is too large to be billed",
	               (long long)subscription->id);
}

static bool add_line(struct command *command, const struct invoice_line *line, struct progressive_measures *measures)
{
	struct progressive_measure *measure = NULL;
	for (size_t i = 0; i < measures->count && !measure; i++)
		if (is_same(&measures->items[i], line))
			measure = &measures->items[i];
	if (!measure) {
		measure = list_add(command->arena, measures, struct progressive_measure);
		*measure = (struct progressive_measure){ .line = *line, .line_count = 1, .invoiced = money_zero(line->currency) };
		return money_add(measures->usage, line->amount, &measures->usage);
	}
	measure->line_count++;
	return money_add(measure->line.amount, line->amount, &measure->line.amount) &&
	       money_add(measures->usage, line->amount, &measures->usage);
}

/* A line of the period that the measure is of. */
static bool is_of(const struct progressive_measure *measure, const struct invoice_line *line)
{
	const struct period period = { measure->line.period_start, measure->line.period_end };
	return measure->line.component_id
	               ? measure->line.component_id == line->component_id && date_compare(line->period_start, period.start) >= 0
	               : !line->component_id && text_equals(measure->line.usage_section, line->usage_section) &&
	                         period_contains(period, line->period_start);
}

static bool add_invoiced(const struct progressive_lines *open, struct progressive_measures *measures)
{
	for (size_t i = 0; i < open->count; i++)
		for (size_t j = 0; j < measures->count; j++) {
			struct progressive_measure *measure = &measures->items[j];
			if (!is_of(measure, &open->items[i].line))
				continue;
			if (!money_add(measure->invoiced, open->items[i].left, &measure->invoiced) ||
			    !money_add(measures->invoiced, open->items[i].left, &measures->invoiced))
				return false;
			break;
		}
	return true;
}

/* A component's days so far are those of its whole period: its end is not today's. */
static void set_periods(const struct item_amount *amount, const struct subscription *subscription, struct invoice_line_list *lines,
                        size_t first)
{
	const struct timezone_rules *zone = command_zone(amount->command, amount->account);
	struct date tomorrow = date_add_days(command_today(amount->command, amount->account), 1);
	struct date end = subscription->assessed_until.us ? timezone_date(zone, subscription->assessed_until) : tomorrow;
	for (size_t i = first; i < lines->count; i++)
		lines->items[i].period_end = date_max(end, date_add_days(lines->items[i].period_start, 1));
}

static bool read_lines(struct item_amount *amount, const struct subscription *subscription, struct billing_event_list *events,
                       struct invoice_line_list *lines)
{
	struct command *command = amount->command;
	struct billing_item_list items = { 0 };
	const struct component_billing billing = { command, amount->account, subscription, events, amount };
	if (!timeline_billing_events(command, amount->account, subscription, DATE_NONE, events) ||
	    !usage_propose_running(command, amount->account, subscription, events, &items))
		return false;
	for (size_t i = 0; i < items.count; i++)
		if (!item_amount_round(amount, &items.items[i]))
			return false;
	if (!lines_of_items(amount, &items, NULL, lines))
		return false;
	size_t first = lines->count;
	if (!component_assess_running(&billing, lines))
		return false;
	set_periods(amount, subscription, lines, first);
	return true;
}

bool progressive_measure(struct item_amount *amount, const struct subscription *subscription, struct date open_from,
                         struct progressive_measures *measures)
{
	struct command *command = amount->command;
	struct billing_event_list *events = arena_new(command->arena, struct billing_event_list);
	struct invoice_line_list lines = { 0 };
	struct progressive_lines open;
	struct money zero = money_zero(amount->account->currency);
	*measures = (struct progressive_measures){ .usage = zero, .invoiced = zero };
	amount->events = events;
	if (!read_lines(amount, subscription, events, &lines) || !progressive_lines_open(command, subscription, open_from, &open))
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (!add_line(command, &lines.items[i], measures))
			return too_large(command, subscription);
	return add_invoiced(&open, measures) || too_large(command, subscription);
}

/* ------------------------------------------------------------------------------------------------ told */

static bool find_of_subscription(struct command *command, const struct subscription *subscription,
                                 struct progressive_billing **billing)
{
	*billing = NULL;
	return !subscription->progressive_billing_id ||
	       store_find(command->store, &progressive_billing_record, subscription->progressive_billing_id, (void **)billing);
}

bool progressive_unbilled(struct command *command, const struct account *account, const struct subscription *subscription,
                          struct invoice_line_list *lines)
{
	struct item_amount amount = item_amount_of(command, account);
	struct progressive_billing *billing;
	struct progressive_measures measures;
	if (!find_of_subscription(command, subscription, &billing) ||
	    !progressive_measure(&amount, subscription, billing ? billing->open_from : DATE_NONE, &measures))
		return false;
	for (size_t i = 0; i < measures.count; i++) {
		struct invoice_line line = measures.items[i].line;
		if (!money_subtract(line.amount, measures.items[i].invoiced, &line.amount))
			return too_large(command, subscription);
		if (line.amount.minor > 0)
			*list_add(command->arena, lines, struct invoice_line) = line;
	}
	return true;
}

static void tell_parts(struct command *command, const struct progressive_measures *measures, struct progressive_usage *usage)
{
	for (size_t i = 0; i < measures->count; i++) {
		const struct progressive_measure *measure = &measures->items[i];
		*list_add(command->arena, &usage->parts, struct progressive_part) = (struct progressive_part){
			.usage_section = measure->line.usage_section,
			.component_id = measure->line.component_id,
			.description = measure->line.description,
			.period_start = measure->line.period_start,
			.period_end = measure->line.period_end,
			.currency = measure->line.currency,
			.usage = measure->line.amount,
			.invoiced = measure->invoiced,
		};
	}
}

bool progressive_usage_read(struct command *command, const struct progressive_billing *billing, struct progressive_usage *usage)
{
	struct account *account = account_need(command, billing->account_id, "");
	struct subscription *subscription = NULL;
	struct usage_thresholds thresholds;
	struct progressive_measures measures;
	if (!account || !subscription_find(command, billing->subscription_id, &subscription) || !subscription)
		return false;
	struct item_amount amount = item_amount_of(command, account);
	if (!progressive_measure(&amount, subscription, billing->open_from, &measures) ||
	    !progressive_thresholds(command, billing, subscription, &thresholds))
		return false;
	*usage = (struct progressive_usage){
		.progressive_billing_id = billing->id, .subscription_id = subscription->id, .currency = billing->currency,
		.usage = measures.usage, .invoiced = measures.invoiced, .passed = billing->passed,
	};
	if (!money_add(billing->billed_usage, measures.usage, &usage->lifetime))
		return too_large(command, subscription);
	struct money highest = money_compare(usage->lifetime, usage->passed) > 0 ? usage->lifetime : usage->passed;
	int64_t ahead = billing->status == PROGRESSIVE_BILLING_STATUS_ACTIVE ? threshold_ahead(&thresholds, highest.minor) : 0;
	if (ahead)
		usage->ahead = money_of(ahead, billing->currency);
	tell_parts(command, &measures, usage);
	return true;
}
