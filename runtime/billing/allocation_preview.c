/* allocation_preview.c: what allocations would cost: they are made, and undone. */
#include "allocation_work.h"

#include "account.h"
#include "component_line.h"
#include "coupon_lines.h"
#include "invoice_tax_lines.h"
#include "subscription.h"

#include "value/record.h"

struct preview {
	const struct allocation_preview *input;
	struct allocating work;
	struct allocations_previewed *shown;
	bool made; /* all went well; undone on purpose */
};

/* ------------------------------------------------------------------------------------------------ when */

static bool check_within(struct command *command, const struct subscription *subscription, struct instant at,
                         const char *pointer)
{
	struct arena *arena = command->arena;
	struct instant from = subscription->assessed_from, until = subscription->assessed_until;
	if (until.us == 0)
		return problem(command->problems, PROBLEM_WRONG_STATE, pointer, "subscription %lld is not charged for a period yet",
		               (long long)subscription->id);
	return (at.us >= from.us && at.us < until.us) ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, instant_text(arena, at), NULL,
	                     "the present period is from %.*s to %.*s", TEXT_ARG(instant_text(arena, from)),
	                     TEXT_ARG(instant_text(arena, until)));
}

/* Of a day its first instant that is within the period. */
static struct instant instant_of_day(struct command *command, const struct account *account,
                                     const struct subscription *subscription, struct date date)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct instant at = timezone_start_of_date(zone, date), from = subscription->assessed_from;
	bool begins_then = from.us > at.us && date_compare(timezone_date(zone, from), date) == 0;
	return begins_then ? from : at;
}

static bool find_moment(struct command *command, const struct allocation_preview *input, struct instant *at)
{
	struct subscription *subscription = subscription_need(command, input->subscription_id, "/subscription_id");
	struct account *account = subscription ? account_need(command, subscription->account_id, "") : NULL;
	*at = command->now;
	if (!account)
		return false;
	if (input->effective_at.us && date_present(input->effective_date))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/effective_date", "a moment is a day or an instant");
	if (input->effective_at.us)
		return check_within(command, subscription, *at = input->effective_at, "/effective_at");
	if (!date_present(input->effective_date))
		return true;
	*at = instant_of_day(command, account, subscription, input->effective_date);
	return check_within(command, subscription, *at, "/effective_date");
}

/* ------------------------------------------------------------------------------------------------ what is shown */

/* Of the lines from number `first` on. */
static bool add_up(struct command *command, const struct invoice_calculation *calculation, size_t first, struct money *sum)
{
	for (size_t i = first; i < calculation->lines.count; i++)
		if (!money_add(*sum, calculation->lines.items[i].amount, sum))
			return problem(command->problems, PROBLEM_OVERFLOW, "/allocations", "the sum of discounts and taxes is too large");
	return true;
}

/* Discounts and taxes, as if all of it were invoiced at once. */
static bool find_rest(struct preview *preview)
{
	struct allocating *work = &preview->work;
	struct command *command = work->command;
	struct allocations_previewed *shown = preview->shown;
	struct invoice_calculation calculation = { .total = money_zero(work->account->currency) };
	size_t own, discounted;
	for (size_t i = 0; i < work->count; i++) {
		if (!work->items[i].charge)
			continue;
		struct invoice_line *line = list_add(command->arena, &calculation.lines, struct invoice_line);
		if (!component_charge_line(command, work->account, work->subscription, work->items[i].charge, line))
			return false;
		line->position = (int64_t)calculation.lines.count;
	}
	own = calculation.lines.count;
	shown->discount = shown->tax = money_zero(work->account->currency);
	if (!coupon_lines_add(&work->amount, 0, &calculation) || !add_up(command, &calculation, own, &shown->discount))
		return false;
	discounted = calculation.lines.count;
	return invoice_tax_lines_add(command, work->account, 0, &calculation) &&
	       add_up(command, &calculation, discounted, &shown->tax) &&
	       money_add(shown->subtotal, shown->discount, &shown->total) && money_add(shown->total, shown->tax, &shown->total);
}

static void show_items(struct preview *preview)
{
	struct arena *arena = preview->work.command->arena;
	for (size_t i = 0; i < preview->work.count; i++) {
		const struct allocating_item *item = &preview->work.items[i];
		struct allocation *allocation = list_add(arena, &preview->shown->allocations, struct allocation);
		*allocation = *item->allocation;
		allocation->id = allocation->charge_id = 0;
		if (!item->charge)
			continue;
		struct component_charge *charge = list_add(arena, &preview->shown->charges, struct component_charge);
		*charge = *item->charge;
		charge->status = COMPONENT_CHARGE_STATUS_WAITING;
		charge->id = charge->allocation_id = charge->invoice_id = 0;
		charge->has_line_position = false;
	}
}

static bool show(struct preview *preview)
{
	const struct allocating *work = &preview->work;
	preview->shown = arena_new(work->command->arena, struct allocations_previewed);
	*preview->shown = (struct allocations_previewed){
		.subscription_id = work->subscription->id,
		.currency = work->account->currency,
		.subtotal = work->total,
		.direction = (enum allocations_previewed_direction)work->direction,
		.accrue_charge = work->accrue,
	};
	if (work->charged) {
		preview->shown->starts_at = work->time.cycle_start;
		preview->shown->ends_at = work->time.end;
	}
	const struct allocation *first = work->items[0].allocation;
	if (work->direction == DIRECTION_UPGRADE)
		preview->shown->scheme = (enum allocations_previewed_scheme)first->upgrade_charge;
	if (work->direction == DIRECTION_DOWNGRADE)
		preview->shown->scheme = (enum allocations_previewed_scheme)first->downgrade_credit;
	show_items(preview);
	return find_rest(preview);
}

/* ------------------------------------------------------------------------------------------------ the command */

static bool make(struct command *command, struct preview *preview)
{
	const struct allocation_preview *input = preview->input;
	struct allocation_create *create = arena_new(command->arena, struct allocation_create);
	struct instant at;
	*create = (struct allocation_create){
		.subscription_id = input->subscription_id,
		.upgrade_charge = (enum allocation_create_upgrade_charge)input->upgrade_charge,
		.downgrade_credit = (enum allocation_create_downgrade_credit)input->downgrade_credit,
		.has_accrue_charge = input->has_accrue_charge,
		.accrue_charge = input->accrue_charge,
	};
	create->allocations.items = input->allocations.items;
	create->allocations.count = create->allocations.capacity = input->allocations.count;
	return find_moment(command, input, &at) && allocations_make(command, create, at, &preview->work) && show(preview);
}

/* Makes them and fails, so that all of it is undone; what is shown stays in the arena. */
static bool preview_part(struct command *command, void *context)
{
	struct preview *preview = context;
	preview->made = make(command, preview);
	return false;
}

bool allocation_preview_perform(struct command *command, const void *data, void **output)
{
	struct preview preview = { .input = data };
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	if (!command_attempt(command, preview_part, &preview, &problems, &done))
		return false;
	if (!preview.made) {
		problems_copy(command->problems, &problems);
		return false;
	}
	command_object(command, "subscription", preview.input->subscription_id, preview.shown->allocations.items[0].account_id);
	*output = preview.shown;
	return true;
}
