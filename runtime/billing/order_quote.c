/* order_quote.c: what an order would be invoiced, by the same calculation, with nothing kept. */
#include "account.h"
#include "billing_span.h"
#include "catalog.h"
#include "coupon_use.h"
#include "event/dispatch.h"
#include "invoice_calculate.h"
#include "order_check.h"
#include "order_commands.h"
#include "subscription.h"

/* One quote in the making. */
struct quoting {
	struct command *command;
	const struct order_quote *input;
	struct account *account;
	struct order *order;
	struct order_plans plans;
	struct { struct invoice_basis *items; size_t count, capacity; } bases;
};

/* Without an account: one of the tenant's zone in the plan's currency. */
static struct account *quote_account(struct command *command, const struct order_quote *input, const struct plan *plan)
{
	if (input->account_id)
		return account_need(command, input->account_id, "/account_id");
	struct account *account = arena_new(command->arena, struct account);
	account->currency = plan->currency;
	account->time_zone = command->tenant->time_zone;
	account->status = ACCOUNT_STATUS_ACTIVE;
	return account;
}

static struct order *quote_order(struct command *command, const struct order_quote *input,
                                 const struct account *account)
{
	struct order *order = arena_new(command->arena, struct order);
	order->account_id = account->id;
	order->plan = input->plan;
	order->currency = account->currency;
	order->status = ORDER_STATUS_DRAFT;
	order->start_date = date_present(input->start_date) ? input->start_date : command_today(command, account);
	order->lines.items = input->lines.items;
	order->lines.count = order->lines.capacity = input->lines.count;
	order->discounts.items = input->discounts.items;
	order->discounts.count = order->discounts.capacity = input->discounts.count;
	return order;
}

/* ------------------------------------------------------------------------------------------------ what is charged for
 */

static bool add_basis(struct quoting *quoting, const struct plan *plan, const struct subscription_charges *charges)
{
	struct arena *arena = quoting->command->arena;
	const struct order *order = quoting->order;
	const struct subscription begun = { .start_date = order->start_date, .charged_through = order->start_date };
	struct billing_spans spans;
	if (!billing_spans_of(quoting->command, quoting->account, plan, &begun, &spans))
		return false;
	struct period cycle = billing_cycle_containing(billing_spans_grid(&spans, order->start_date), order->start_date);
	struct billing_part *part = arena_new(arena, struct billing_part);
	if (!date_present(cycle.end))
		return problem_value(quoting->command->problems, PROBLEM_OUT_OF_RANGE, "/start_date",
		                     date_text(arena, order->start_date), NULL,
		                     "the billing cycle ends after the last day of the calendar");
	part->cycle = part->service = cycle;
	if (date_present(quoting->input->start_date))
		part->service.start = order->start_date;
	*list_add(arena, &quoting->bases, struct invoice_basis) = (struct invoice_basis){
		.plan = plan,
		.charges = charges->items,
		.charge_count = charges->count,
		.discounts = order->discounts.items,
		.discount_count = order->discounts.count,
		.tier_mode = (enum charge_tier_mode)quoting->input->tier_mode,
		.parts = part,
		.part_count = 1,
	};
	return true;
}

static bool add_whole_plan(struct quoting *quoting, const struct plan *plan, const struct decimal *quantity)
{
	struct subscription_charges charges = { 0 };
	subscription_charges_whole(quoting->command->arena, plan, quantity, &charges);
	return add_basis(quoting, plan, &charges);
}

static bool add_bases(struct quoting *quoting)
{
	_Static_assert((int)ORDER_QUOTE_TIER_MODE_GRADUATED == (int)CHARGE_TIER_MODE_GRADUATED, "the same numbers");
	const struct order *order = quoting->order;
	if (order->lines.count == 0)
		return add_whole_plan(quoting, quoting->plans.plan,
		                      quoting->input->has_quantity ? &quoting->input->quantity : NULL);
	if (quoting->plans.has_main_lines) {
		struct subscription_charges charges = { 0 };
		subscription_charges_of_lines(quoting->command->arena, quoting->plans.plan, order->lines.items,
		                              order->lines.count, &charges);
		if (!add_basis(quoting, quoting->plans.plan, &charges))
			return false;
	}
	for (size_t i = 0; i < order->lines.count; i++)
		if (quoting->plans.line_plans[i] &&
		    !add_whole_plan(quoting, quoting->plans.line_plans[i], &order->lines.items[i].quantity))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the answer */

static struct quote *make_quote(struct quoting *quoting, const struct invoice_calculation *calculation)
{
	struct quote *quote = arena_new(quoting->command->arena, struct quote);
	quote->currency = quoting->account->currency;
	quote->total = calculation->total;
	for (size_t i = 0; i < quoting->bases.count; i++) {
		struct period cycle = quoting->bases.items[i].parts->cycle;
		quote->billing_start = i ? date_min(quote->billing_start, cycle.start) : cycle.start;
		quote->billing_end = date_max(quote->billing_end, cycle.end);
	}
	for (size_t i = 0; i < calculation->lines.count; i++) {
		const struct invoice_line *from = &calculation->lines.items[i];
		struct quote_line *line = list_add(quoting->command->arena, &quote->lines, struct quote_line);
		line->price_code = text_present(from->price_code) ? from->price_code : TEXT("");
		line->description = from->description;
		line->currency = from->currency;
		line->period_start = from->period_start;
		line->period_end = from->period_end;
		line->amount = from->amount;
	}
	return quote;
}

static bool check_order(struct quoting *quoting)
{
	if (quoting->order->lines.count > 0)
		return order_check(quoting->command, quoting->account, quoting->order, &quoting->plans);
	quoting->plans.plan = plan_need(quoting->command, quoting->order->plan, "/plan");
	return quoting->plans.plan && order_check_terms(quoting->command, quoting->account, quoting->order);
}

/* The invoice that it would be, and its total. */
static bool price(struct quoting *quoting, struct invoice_calculation *calculation)
{
	struct command *command = quoting->command;
	struct coupon_uses coupons = { 0 };
	quoting->bases.count = 0;
	if (!add_bases(quoting) ||
	    !coupon_uses_of(command, quoting->account, quoting->order->start_date, &coupons) ||
	    !coupon_uses_add_order(command, quoting->account, quoting->order, NULL, quoting->input->coupon, &coupons) ||
	    !invoice_calculate(command, quoting->account, quoting->bases.items, quoting->bases.count, &coupons, calculation))
		return false;
	quoting->order->total = calculation->total;
	return true;
}

/* Rules see what it comes to and may change what that follows from. */
static bool calculate(struct quoting *quoting, struct invoice_calculation *calculation)
{
	struct occurrence calculate = occurrence_of(EVENT_ORDER_CALCULATE, &order_record, quoting->order, 0,
	                                            quoting->account->id);
	if (!check_order(quoting) || !price(quoting, calculation) || !event_pre(quoting->command, &calculate))
		return false;
	return !event_is_awaited(quoting->command, EVENT_ORDER_CALCULATE) ||
	       (check_order(quoting) && price(quoting, calculation));
}

bool order_quote_perform(struct command *command, const void *input, void **output)
{
	struct quoting quoting = { .command = command,
		                   .input = record_copy(&order_quote_record, input, command->arena) };
	struct plan *plan = plan_need(command, quoting.input->plan, "/plan");
	struct invoice_calculation calculation;
	if (!plan)
		return false;
	quoting.account = quote_account(command, quoting.input, plan);
	if (!quoting.account)
		return false;
	if (plan->currency != quoting.account->currency)
		return problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "/plan",
		               "the plan is priced in %s, the account pays in %s", plan->currency->code,
		               quoting.account->currency->code);
	quoting.order = quote_order(command, quoting.input, quoting.account);
	if (!calculate(&quoting, &calculation))
		return false;
	*output = make_quote(&quoting, &calculation);
	return true;
}
