/* order_check.c: what must hold of an order before it is stored. */
#include "order_check.h"

#include "catalog.h"
#include "charge_amount.h"
#include "reach.h"

/* How far from today an order may start or end. */
enum { ORDER_DAYS_MAX = 36525 };

static const char *line_pointer(struct command *command, size_t i, const char *field)
{
	return text_format(command->arena, "/lines/%zu/%s", i, field).data;
}

static struct plan *check_plan(struct command *command, const struct account *account, struct text code,
                               const char *pointer)
{
	struct plan *plan = plan_need(command, code, pointer);
	if (!plan)
		return NULL;
	if (!plan->active) {
		problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, code, "Order a plan that is active.",
		              "plan %.*s can no longer be ordered", TEXT_ARG(code));
		return NULL;
	}
	if (plan->currency != account->currency) {
		problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, pointer, code, NULL,
		              "plan %.*s is priced in %s, the account pays in %s", TEXT_ARG(code), plan->currency->code,
		              account->currency->code);
		return NULL;
	}
	return plan;
}

/* Of a price code, or of a whole plan. */
static bool check_amounts(struct command *command, const struct order_line *line, size_t i, const struct plan *plan,
                          const struct charge *only)
{
	for (size_t c = 0; c < plan->charges.count; c++) {
		const struct charge *charge = &plan->charges.items[c];
		bool meant = only ? charge == only : charge->kind != CHARGE_KIND_USAGE;
		if (!meant || charge->kind == CHARGE_KIND_PERCENT || charge_is_billable(charge, line->quantity, plan->currency))
			continue;
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, line_pointer(command, i, "quantity"),
		                     decimal_text(command->arena, line->quantity), "Order less, or several lines.",
		                     "that many of %.*s are more than a line can bill", TEXT_ARG(charge->price_code));
	}
	return true;
}

static bool check_charge_line(struct command *command, const struct order_line *line, size_t i, const struct plan *plan)
{
	if (!plan)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/plan",
		               "the order names no plan that has price code %.*s", TEXT_ARG(line->price_code));
	const struct charge *charge = plan_charge_need(plan, line->price_code, line_pointer(command, i, "price_code"),
	                                               command->arena, command->problems);
	if (!charge)
		return false;
	if (!charge->has_max_quantity || decimal_compare(line->quantity, charge->max_quantity) <= 0)
		return check_amounts(command, line, i, plan, charge);
	struct text max = decimal_canonical_text(command->arena, charge->max_quantity);
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, line_pointer(command, i, "quantity"),
	                     decimal_text(command->arena, line->quantity), NULL, "at most %.*s of %.*s can be ordered",
	                     TEXT_ARG(max), TEXT_ARG(line->price_code));
}

static bool check_line(struct command *command, const struct account *account, struct order *order, size_t i,
                       struct order_plans *plans)
{
	struct order_line *line = &order->lines.items[i];
	bool own_plan = text_present(line->plan), priced = text_present(line->price_code);
	if (!line->has_position) {
		line->has_position = true;
		line->position = (int64_t)i + 1;
	}
	if (own_plan == priced)
		return problem(command->problems, priced ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD,
		               line_pointer(command, i, "price_code"),
		               "a line names either a price code or a plan of its own");
	/* An absent quantity is zero. */
	if (decimal_sign(line->quantity) <= 0)
		return problem(command->problems, PROBLEM_MISSING_FIELD, line_pointer(command, i, "quantity"),
		               "quantity must be given and above zero");
	if (priced) {
		plans->has_main_lines = true;
		return check_charge_line(command, line, i, plans->plan);
	}
	plans->line_plans[i] = check_plan(command, account, line->plan, line_pointer(command, i, "plan"));
	return plans->line_plans[i] && check_amounts(command, line, i, plans->line_plans[i], NULL);
}

static bool check_dates(struct command *command, const struct account *account, const struct order *order)
{
	struct date today = command_today(command, account);
	int32_t away = date_days_between(today, order->start_date);
	if (away > ORDER_DAYS_MAX || away < -ORDER_DAYS_MAX)
		return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/start_date",
		                     date_text(command->arena, order->start_date), NULL,
		                     "an order starts within %d days of today", ORDER_DAYS_MAX);
	if (date_present(order->end_date) && date_compare(order->end_date, order->start_date) <= 0)
		return problem_value(command->problems, PROBLEM_BAD_PERIOD, "/end_date",
		                     date_text(command->arena, order->end_date), NULL,
		                     "the order would end before it starts");
	return true;
}

static bool check_discounts(struct command *command, const struct order *order)
{
	for (size_t i = 0; i < order->discounts.count; i++) {
		const struct order_discount *discount = &order->discounts.items[i];
		const char *pointer = text_format(command->arena, "/discounts/%zu/percent", i).data;
		if (!discount->has_percent)
			return problem(command->problems, PROBLEM_MISSING_FIELD, pointer,
			               "a discount needs a percentage");
		if (decimal_sign(discount->percent) < 0 ||
		    decimal_compare(discount->percent, decimal_from_int64(100)) > 0)
			return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer,
			                     decimal_text(command->arena, discount->percent), NULL,
			                     "a discount is 0 to 100 percent");
	}
	return true;
}

static int64_t periods_since(const struct plan *plan, struct date start, struct date today)
{
	return plan ? billing_period_whole_between((enum billing_period)plan->billing_period, start, today) : 0;
}

static bool check_reach(struct command *command, const struct account *account, const struct order *order,
                        const struct order_plans *plans)
{
	struct date today = command_today(command, account);
	int64_t most = periods_since(plans->plan, order->start_date, today);
	for (size_t i = 0; i < order->lines.count; i++) {
		int64_t periods = periods_since(plans->line_plans[i], order->start_date, today);
		most = periods > most ? periods : most;
	}
	return reach_allows(command, order->start_date, today, most, "/start_date");
}

bool order_check_terms(struct command *command, const struct account *account, const struct order *order)
{
	return check_dates(command, account, order) && check_discounts(command, order);
}

bool order_check(struct command *command, const struct account *account, struct order *order, struct order_plans *plans)
{
	*plans = (struct order_plans){ .line_plans =
		                               arena_new_many(command->arena, struct plan *, order->lines.count + 1) };
	if (account->status == ACCOUNT_STATUS_TERMINATED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/account_id", "account %lld is terminated",
		               (long long)account->id);
	if (order->lines.count == 0)
		return problem(command->problems, PROBLEM_TOO_FEW, "/lines", "an order has at least one line");
	if (text_present(order->plan)) {
		plans->plan = check_plan(command, account, order->plan, "/plan");
		if (!plans->plan)
			return false;
	}
	for (size_t i = 0; i < order->lines.count; i++)
		if (!check_line(command, account, order, i, plans))
			return false;
	return order_check_terms(command, account, order) && check_reach(command, account, order, plans);
}
