/* sign_up.c: customer, account, payment method, subscription and components in one command. */
#include "sign_up.h"

#include "account.h"
#include "catalog_plan.h"
#include "customer.h"
#include "payment_method.h"
#include "product.h"
#include "subscription_bundle.h"

bool subscription_by_reference(struct command *command, struct text reference, struct subscription **subscription)
{
	return store_one(command->store, STATEMENT_SUBSCRIPTION_BY_REFERENCE, BINDS(bind_text(reference)), &subscription_record,
	                 (void **)subscription);
}

/* ------------------------------------------------------------------------------------------------ who */

static bool customer_made(struct command *command, const struct subscription_sign_up *input, struct customer **customer)
{
	if (input->customer)
		return command_perform(command, "customer.create", input->customer, (void **)customer);
	bool found = input->customer_id ? customer_find(command, input->customer_id, customer)
	                                : customer_by_key(command, input->customer_key, customer);
	if (!found || *customer)
		return found;
	return problem(command->problems, PROBLEM_NOT_FOUND, input->customer_id ? "/customer_id" : "/customer_key",
	               "the customer does not exist");
}

static bool check_who(struct command *command, const struct subscription_sign_up *input)
{
	int named = (input->customer != NULL) + (input->customer_id != 0) + text_present(input->customer_key);
	return named == 1 || problem(command->problems, named ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, "/customer",
	                             "a customer is named by one of customer_id, customer_key and customer");
}

/* ------------------------------------------------------------------------------------------------ how it pays */

static bool keep_method(struct command *command, const struct subscription_sign_up *input, int64_t account_id)
{
	const struct payment_token *given = input->payment;
	struct payment_method *kept;
	if (!given)
		return true;
	const struct payment_method_create method = {
		.account_id = account_id, .token = given->token, .brand = given->brand, .last_four = given->last_four,
		.expiry = given->expiry,
	};
	return command_perform(command, "payment_method.create", &method, (void **)&kept);
}

static bool pay_otherwise(struct command *command, const struct subscription_sign_up *input, int64_t account_id)
{
	struct account *account = account_need(command, account_id, "/customer_id");
	if (!account || !input->has_pays_otherwise || !input->pays_otherwise)
		return account != NULL;
	account->manual_pay = account->has_manual_pay = true;
	return account_save(command, account);
}

static bool check_means(struct command *command, const struct subscription_sign_up *input, int64_t account_id)
{
	struct listed_product *product;
	struct account *account = account_need(command, account_id, "/customer_id");
	if (!account || !listed_product_by_plan(command, input->plan, &product))
		return false;
	return !product || !product->needs_card || account->payment_method_id ||
	       problem(command->problems, PROBLEM_MISSING_FIELD, "/card", "the plan is sold to those who have a way to pay");
}

/* ------------------------------------------------------------------------------------------------ what it subscribes to */

static bool check_reference(struct command *command, struct text reference)
{
	struct subscription *other = NULL;
	if (!text_present(reference) || reference.length == 0)
		return true;
	if (!subscription_by_reference(command, reference, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/reference", reference, NULL,
	                               "subscription %lld has this reference already", (long long)other->id);
}

/* Does a cycle of the plan that begins at `from` end at `to`? */
static bool is_cycle(struct command *command, const struct subscription_sign_up *input, bool *is)
{
	struct catalog_plan *plan;
	*is = false;
	if (!catalog_plan_by_code(command, input->plan, command->now, &plan) || !plan)
		return command->problems->count == 0;
	const struct phase *last = &plan->phases.items[plan->phases.count - 1];
	if (plan->phases.count != 1 || !last->billing_period)
		return true;
	struct date from = timezone_date(command->zone, input->previous_billing_at),
	            to = timezone_date(command->zone, input->next_billing_at);
	int64_t from_us = timezone_time_of_day_us(command->zone, input->previous_billing_at),
	        to_us = timezone_time_of_day_us(command->zone, input->next_billing_at);
	struct date end = billing_period_advance((enum billing_period)last->billing_period, from, 1, 0);
	*is = from_us == to_us && date_compare(end, to) == 0;
	return true;
}

static bool check_moments(struct command *command, const struct subscription_sign_up *input)
{
	struct instant previous = input->previous_billing_at, next = input->next_billing_at;
	if (previous.us && !next.us)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/next_billing_at", "it goes with previous_billing_at");
	if (next.us && next.us <= command->now.us)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/next_billing_at", "must be in the future");
	return !previous.us || previous.us <= command->now.us ||
	       problem(command->problems, PROBLEM_OUT_OF_RANGE, "/previous_billing_at", "must be in the past");
}

static bool fill_moments(struct command *command, const struct subscription_sign_up *input,
                         struct subscription_subscribe *subscribe)
{
	bool cycle = false;
	subscribe->start_at = input->start_at;
	if (!input->next_billing_at.us)
		return true;
	if (input->previous_billing_at.us && !is_cycle(command, input, &cycle))
		return false;
	subscribe->start_at = input->previous_billing_at;
	if (cycle)
		subscribe->charged_until = input->next_billing_at;
	else
		subscribe->billing_at = input->next_billing_at;
	return true;
}

static bool subscribe(struct command *command, const struct subscription_sign_up *input, int64_t account_id, void **output)
{
	struct subscription_subscribe subscribe = {
		.account_id = account_id, .plan = input->plan, .bundle_key = input->reference, .coupon = input->coupon,
	};
	if (subscribe.bundle_key.length == 0)
		subscribe.bundle_key = TEXT_NONE;
	*LIST(&subscribe.components) = *(const struct record_list *)(const void *)&input->components;
	return fill_moments(command, input, &subscribe) &&
	       command_perform(command, "subscription.subscribe", &subscribe, output);
}

static bool sign_up_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_sign_up *input = data;
	struct customer *customer;
	if (!check_who(command, input) || !check_reference(command, input->reference) || !check_moments(command, input) ||
	    !customer_made(command, input, &customer) || !keep_method(command, input, customer->account_id) ||
	    !pay_otherwise(command, input, customer->account_id) || !check_means(command, input, customer->account_id) ||
	    !subscribe(command, input, customer->account_id, output))
		return false;
	const struct subscription *made = *output;
	command_object(command, "subscription", made->id, made->account_id);
	return true;
}

const struct command_type sign_up_commands[] = {
	{ .name = "subscription.sign_up", .scope = "payments", .input = &subscription_sign_up_record,
	  .output = &subscription_record, .perform = sign_up_perform,
	  .doc = "Makes customer, account and payment method where they are new, and subscribes to a plan with components." },
	{ .name = NULL },
};
