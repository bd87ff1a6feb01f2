/* order_place.c: an order is checked, shown to rules, numbered and stored; then processed unless it is a draft. */
#include "order.h"

#include "coupon.h"
#include "customer.h"
#include "event/dispatch.h"
#include "order_change.h"
#include "order_commands.h"
#include "order_price.h"

static enum order_status status_for(enum order_place_status asked, struct date start, struct date today)
{
	switch (asked) {
	case ORDER_PLACE_STATUS_DRAFT:
		return ORDER_STATUS_DRAFT;
	case ORDER_PLACE_STATUS_PROVISIONING:
		return ORDER_STATUS_PROVISIONING;
	case ORDER_PLACE_STATUS_ACTIVE:
		return ORDER_STATUS_ACTIVE;
	default:
		return date_compare(start, today) > 0 ? ORDER_STATUS_PROVISIONING : ORDER_STATUS_ACTIVE;
	}
}

static struct order *new_order(struct command *command, const struct order_place *input, const struct account *account,
                               const struct customer *customer)
{
	struct order *order = arena_new(command->arena, struct order);
	struct date today = command_today(command, account);
	order->id = store_new_id(command->store, "order");
	order->uuid = uuid_time_ordered();
	order->account_id = account->id;
	order->customer_id = customer ? customer->id : 0;
	order->external_key = input->external_key;
	order->description = input->description;
	order->plan = input->plan;
	order->currency = account->currency;
	order->start_date = date_present(input->start_date) ? input->start_date : today;
	order->end_date = input->end_date;
	order->auto_renew = input->has_auto_renew && input->auto_renew;
	order->status = status_for(input->status, order->start_date, today);
	order->lines.items = input->lines.items;
	order->lines.count = order->lines.capacity = input->lines.count;
	order->discounts.items = input->discounts.items;
	order->discounts.count = order->discounts.capacity = input->discounts.count;
	order->custom = input->custom;
	order->new_customer = input->new_customer;
	order->created_at = order->updated_at = command->now;
	return order;
}

static bool take_number(struct command *command, struct order *order)
{
	int64_t number;
	if (!store_next_number(command->store, "order_number", &number))
		return false;
	order->number = text_from_int64(command->arena, number);
	return true;
}

static bool redeem(struct command *command, struct account *account, const struct order_place *input,
                   const struct order *order)
{
	struct coupon_redemption *redemption;
	return !text_present(input->coupon) ||
	       coupon_redeem_for(command, account, (struct coupon_target){ .order = order }, input->coupon, order->start_date,
	                         "/coupon", &redemption);
}

/* Of a customer who is to be made the account that there will be, under an id that is taken for it now, or was for the draft
 * that it replaces. */
static bool find_account(struct command *command, const struct order_place *input, const struct order *replaced,
                         struct account **account, struct customer **customer)
{
	if (!input->new_customer)
		return customer_account(command, input->account_id, input->customer_id, input->customer_key, account, customer);
	if (input->account_id || input->customer_id || text_present(input->customer_key) || input->new_customer->account_id)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/new_customer",
		               "an order is of a new customer or of one that is there, not of both");
	if (text_present(input->coupon))
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/coupon", input->coupon,
		                     "Redeem it for the account once the order is processed.",
		                     "a coupon is redeemed for an account that is there");
	int64_t id = replaced ? replaced->account_id : store_new_id(command->store, "account");
	*account = customer_account_ahead(command, input->new_customer, id);
	return id != 0;
}

static void look_at_plan(const struct plan *plan, bool *terms, bool *others)
{
	*terms = *terms || plan->terms;
	*others = *others || (!plan->terms && plan->renewing);
}

/* Service terms say by themselves whether and when they are renewed: who does not object leaves it to them. */
static bool is_left_to_terms(const struct order *order, const struct order_plans *plans)
{
	bool terms = false, others = false;
	if (plans->has_main_lines)
		look_at_plan(plans->plan, &terms, &others);
	for (size_t i = 0; i < order->lines.count; i++)
		if (plans->line_plans[i])
			look_at_plan(plans->line_plans[i], &terms, &others);
	return terms && !others;
}

/* Rules see what it comes to and may change what that follows from. */
static bool calculate(struct command *command, const struct order_pricing *pricing, struct order_plans *plans)
{
	struct order *order = pricing->order;
	struct occurrence calculation =
	        occurrence_of(EVENT_ORDER_CALCULATE, &order_record, order, order->id, order->account_id);
	if (!order_check(command, pricing->account, order, plans) || !order_price(command, pricing) ||
	    !event_pre(command, &calculation))
		return false;
	return !event_is_awaited(command, EVENT_ORDER_CALCULATE) ||
	       (order_check(command, pricing->account, order, plans) && order_price(command, pricing));
}

/* The order as rules leave it, without number and row. */
static bool prepare(struct command *command, const struct order_place *input, const struct order_pricing *pricing,
                    struct order_plans *plans, struct occurrence *creation)
{
	struct account *account = pricing->account;
	struct order *order = pricing->order;
	if (order->id == 0 || !order_check(command, account, order, plans))
		return false;
	if (!input->has_auto_renew)
		order->auto_renew = is_left_to_terms(order, plans);
	if (!event_pre(command, creation) || !calculate(command, pricing, plans))
		return false;
	order->status = status_for(input->status, order->start_date, command_today(command, account));
	struct occurrence validation = occurrence_of(EVENT_ORDER_VALIDATE, &order_record, order, order->id, account->id);
	return event_pre(command, &validation);
}

static bool announce(struct command *command, const struct order_pricing *pricing, struct occurrence *creation)
{
	struct order *order = pricing->order;
	struct occurrence calculated =
	        occurrence_of(EVENT_ORDER_CALCULATE, &order_record, order, order->id, order->account_id);
	return event_post(command, &calculated) && event_post(command, creation) &&
	       (!pricing->replaced || order_announce_upgrade(command, order, pricing->plans));
}

static bool store(struct command *command, const struct order_place *input, const struct order_pricing *pricing,
                  struct occurrence *creation)
{
	struct order *order = pricing->order;
	return take_number(command, order) && store_insert(command->store, &order_record, order) &&
	       redeem(command, pricing->account, input, order) && announce(command, pricing, creation);
}

bool order_place(struct command *command, const struct order_placing *placing, struct order **placed)
{
	/* A copy of its own: rules may change it and positions are filled in. */
	const struct order_place *input = record_copy(&order_place_record, placing->input, command->arena);
	struct account *account = NULL;
	struct customer *customer = NULL;
	struct order_plans plans;
	struct invoice_forecast forecast = { 0 };
	if (!find_account(command, input, placing->supersedes, &account, &customer))
		return false;
	struct order *order = new_order(command, input, account, customer);
	order->supersedes_id = placing->supersedes ? placing->supersedes->id : 0;
	order->change_date = placing->change_date;
	struct order_pricing pricing = { account, order, &plans, placing->supersedes, input->coupon, &forecast };
	struct occurrence creation = occurrence_of(EVENT_ORDER_CREATE, &order_record, order, order->id, account->id);
	if (!prepare(command, input, &pricing, &plans, &creation) || !store(command, input, &pricing, &creation))
		return false;
	command_object(command, "order", order->id, account->id);
	*placed = order;
	const struct order_processing processing = { account, order, input->has_create_invoice && input->create_invoice,
	                                            &forecast };
	return order->status == ORDER_STATUS_DRAFT || order_process(command, &processing);
}

bool order_place_perform(struct command *command, const void *input, void **output)
{
	struct order_placing placing = { .input = input };
	return order_place(command, &placing, (struct order **)output);
}
