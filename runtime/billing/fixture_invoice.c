/* fixture_invoice.c: invoices of before, as they are given to a test tenant. */
#include "fixture.h"

#include "account.h"
#include "invoice.h"
#include "subscription.h"
#include "timeline.h"

struct adding {
	struct command *command;
	struct account *account;
	struct invoice *invoice;
	const char *pointer;
};

/* Plan, phase and rate are those that the subscription was charged by on the line's first day. */
static bool set_charge(struct adding *adding, struct invoice_line *line, const char *pointer)
{
	struct command *command = adding->command;
	struct billing_event_list events = { 0 };
	struct subscription *subscription = NULL;
	const struct billing_event *at = NULL;
	if (!subscription_find(command, line->subscription_id, &subscription))
		return false;
	if (!subscription || !subscription->catalog_plan_id || subscription->account_id != adding->account->id)
		return problem(command->problems, PROBLEM_NOT_FOUND, pointer,
		               "subscription %lld is not subscribed to directly by this account",
		               (long long)line->subscription_id);
	if (!timeline_billing_events(command, adding->account, subscription, line->period_start, &events))
		return false;
	for (size_t i = 0; i < events.count; i++)
		if (!at || date_compare(events.items[i].date, line->period_start) <= 0)
			at = &events.items[i];
	if (!at || !at->has_recurring)
		return problem(command->problems, PROBLEM_INVALID_VALUE, pointer, "nothing recurs on that day");
	line->plan = at->plan;
	line->phase = at->phase;
	line->catalog_plan_id = at->catalog_plan_id;
	line->quantity = at->quantity;
	line->has_rate = true;
	return decimal_multiply(at->recurring, at->quantity, &line->rate) ||
	       problem(command->problems, PROBLEM_OVERFLOW, pointer, "the rate is too large");
}

static bool add_line(struct adding *adding, const struct fixture_line *given, size_t i)
{
	struct command *command = adding->command;
	struct invoice *invoice = adding->invoice;
	const char *pointer = text_format(command->arena, "%s/lines/%zu", adding->pointer, i).data;
	bool adjusts = given->kind == FIXTURE_LINE_KIND_ITEM_ADJUSTMENT;
	struct invoice_line *line = list_add(command->arena, &invoice->lines, struct invoice_line);
	line->account_id = invoice->account_id;
	line->invoice_id = invoice->id;
	line->position = (int64_t)i + 1;
	line->kind = adjusts ? INVOICE_LINE_KIND_ITEM_ADJUSTMENT : INVOICE_LINE_KIND_RECURRING;
	line->description = TEXT("Given");
	line->quantity = decimal_from_int64(1);
	line->currency = invoice->currency;
	line->subscription_id = given->subscription_id;
	line->period_start = given->period_start;
	line->period_end = given->period_end;
	if (!money_from_decimal(given->amount, invoice->currency, pointer, command->problems, &line->amount) ||
	    !exact_money_from_money(line->amount, &line->exact) ||
	    !money_add(invoice->total, line->amount, &invoice->total))
		return false;
	if (!adjusts)
		return set_charge(adding, line, pointer);
	if (!given->has_takes_from || given->takes_from > (int64_t)i)
		return problem(command->problems, PROBLEM_INVALID_VALUE, pointer, "it must take from a line before it");
	line->linked_invoice_id = invoice->id;
	line->has_linked_position = true;
	line->linked_position = given->takes_from;
	line->subscription_id = invoice->lines.items[given->takes_from - 1].subscription_id;
	return true;
}

static bool insert(struct command *command, const struct invoice *invoice)
{
	bool good = store_insert(command->store, &invoice_record, invoice);
	for (size_t i = 0; i < invoice->lines.count && good; i++)
		good = store_insert(command->store, &invoice_line_record, &invoice->lines.items[i]);
	return good;
}

bool fixture_invoice_add(struct command *command, const struct fixture_invoice *given, const char *pointer)
{
	struct adding adding = { .command = command, .pointer = pointer,
		                 .account = account_need(command, given->account_id, pointer) };
	int64_t number;
	if (!adding.account || !store_next_number(command->store, "invoice_number", &number))
		return false;
	struct invoice *invoice = adding.invoice = arena_new(command->arena, struct invoice);
	invoice->id = store_new_id(command->store, "invoice");
	invoice->uuid = uuid_time_ordered();
	invoice->number = text_from_int64(command->arena, number);
	invoice->account_id = adding.account->id;
	invoice->currency = adding.account->currency;
	invoice->invoice_date = invoice->target_date = command_today(command, adding.account);
	invoice->billing_start = given->lines.items[0].period_start;
	invoice->billing_end = date_present(given->lines.items[0].period_end) ? given->lines.items[0].period_end
	                                                                      : invoice->billing_start;
	invoice->total = money_zero(invoice->currency);
	invoice->created_at = invoice->updated_at = command->now;
	for (size_t i = 0; i < given->lines.count; i++)
		if (!add_line(&adding, &given->lines.items[i], i))
			return false;
	if (invoice->total.minor < 0)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, pointer, "the lines come to less than nothing");
	invoice->balance = invoice->total;
	invoice->status = invoice->total.minor == 0 ? INVOICE_STATUS_SETTLED : INVOICE_STATUS_OPEN;
	invoice->settled_at = invoice->total.minor == 0 ? command->now : (struct instant){ 0 };
	return invoice->id != 0 && insert(command, invoice);
}
