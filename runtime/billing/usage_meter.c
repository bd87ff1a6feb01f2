/* usage_meter.c: which subscription a usage item means, by the names it gives and the moment it occurred. */
#include "usage_meter.h"

#include "account.h"
#include "catalog.h"
#include "customer.h"
#include "order.h"

static bool same_text(struct text a, struct text b)
{
	return text_present(a) == text_present(b) && (!text_present(a) || text_equals(a, b));
}

static bool names_same(const struct usage_record *a, const struct usage_record *b)
{
	return a->account_id == b->account_id && a->customer_id == b->customer_id && a->order_id == b->order_id &&
	       a->subscription_id == b->subscription_id && same_text(a->customer_key, b->customer_key) &&
	       same_text(a->order_number, b->order_number) && text_equals(a->price_code, b->price_code);
}

/* ------------------------------------------------------------------------------------------------ what is named */

static bool find_subscription(struct command *command, struct usage_site *site)
{
	int64_t id = site->input->subscription_id;
	struct subscription *subscription = NULL;
	if (!id)
		return true;
	if (!subscription_find(command, id, &subscription))
		return false;
	site->subscription = subscription;
	return subscription || record_missing(&subscription_record, id, command->problems, "/subscription_id");
}

static bool find_order(struct command *command, struct usage_site *site)
{
	struct text number = site->input->order_number;
	struct order *by_number = NULL;
	if (site->input->order_id) {
		site->order = order_need(command, site->input->order_id, "/order_id");
		if (!site->order)
			return false;
	}
	if (!text_present(number))
		return true;
	if (!order_by_number(command, number, &by_number))
		return false;
	if (!by_number)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/order_number", number, NULL,
		                     "order %.*s does not exist", TEXT_ARG(number));
	if (site->order && site->order->id != by_number->id)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/order_number", number, NULL,
		                     "order_id and order_number mean different orders");
	site->order = by_number;
	return true;
}

static bool find_account(struct command *command, struct usage_site *site)
{
	const struct usage_record *input = site->input;
	struct account *account = NULL;
	bool named = input->account_id || input->customer_id || text_present(input->customer_key);
	if (!named && site->subscription)
		account = account_need(command, site->subscription->account_id, "/subscription_id");
	else if (!named && site->order)
		account = account_need(command, site->order->account_id, "/order_id");
	else if (!customer_account(command, input->account_id, input->customer_id, input->customer_key, &account, NULL))
		return false;
	site->account = account;
	return account != NULL;
}

static bool check_together(struct command *command, const struct usage_site *site)
{
	const struct order *order = site->order;
	const struct subscription *subscription = site->subscription;
	if (order && order->account_id != site->account->id)
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION,
		                     site->input->order_id ? "/order_id" : "/order_number", order->number, NULL,
		                     "order %.*s is of another account", TEXT_ARG(order->number));
	if (subscription && (subscription->account_id != site->account->id ||
	                     (order && subscription->order_id != order->id)))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/subscription_id",
		               "subscription %lld is of another account or order", (long long)subscription->id);
	return true;
}

/* ------------------------------------------------------------------------------------------------ its meters */

/* Plans read so far: the subscriptions of an account mostly share a few. */
struct plans {
	struct plan **items;
	size_t count, capacity;
};

static bool plan_once(struct command *command, struct plans *plans, int64_t id, const struct plan **plan)
{
	struct plan *found = NULL;
	*plan = NULL;
	for (size_t i = 0; i < plans->count; i++) {
		if (plans->items[i]->id == id) {
			*plan = plans->items[i];
			return true;
		}
	}
	if (!plan_find(command, id, &found))
		return false;
	if (found)
		*list_add(command->arena, plans, struct plan *) = found;
	*plan = found;
	return true;
}

static bool add_meters(struct command *command, struct usage_site *site, struct plans *plans,
                       const struct subscription *subscriptions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct plan *plan;
		if (!plan_once(command, plans, subscriptions[i].plan_id, &plan))
			return false;
		const struct charge *charge = plan ? plan_charge(plan, site->input->price_code) : NULL;
		if (charge)
			*list_add(command->arena, &site->meters, struct usage_meter) =
			        (struct usage_meter){ subscriptions[i], charge->kind };
	}
	return true;
}

/* All subscriptions of the account, page by page. */
static bool account_meters(struct command *command, struct usage_site *site, struct plans *plans)
{
	struct object_filter filter = { .account_id = site->account->id, .max = OBJECT_PAGE_MAX };
	for (;;) {
		struct subscription_list page = { 0 };
		if (!subscription_page(command, &filter, &page) ||
		    !add_meters(command, site, plans, page.items, page.count))
			return false;
		if (page.count < OBJECT_PAGE_MAX)
			return true;
		filter.before_id = page.items[page.count - 1].id;
	}
}

static bool find_meters(struct command *command, struct usage_site *site)
{
	struct plans plans = { 0 };
	struct subscription_list list = { 0 };
	if (site->subscription)
		return add_meters(command, site, &plans, site->subscription, 1);
	if (!site->order)
		return account_meters(command, site, &plans);
	return subscriptions_of_order(command, site->account->id, site->order->id, &list) &&
	       add_meters(command, site, &plans, list.items, list.count);
}

bool usage_site_find(struct command *command, const struct usage_record *input, const struct usage_site *before,
                     struct usage_site *site)
{
	if (before && before->account && names_same(before->input, input)) {
		*site = *before;
		return true;
	}
	struct usage_site found = { .input = input };
	*site = (struct usage_site){ .input = input };
	if (!find_subscription(command, &found) || !find_order(command, &found) || !find_account(command, &found) ||
	    !check_together(command, &found) || !find_meters(command, &found))
		return false;
	*site = found;
	return true;
}

/* ------------------------------------------------------------------------------------------------ what was served */

static bool serves(const struct command *command, const struct account *account,
                   const struct subscription *subscription, struct instant at)
{
	const struct timezone_rules *zone = command_zone(command, account);
	if (at.us < timezone_start_of_date(zone, subscription->start_date).us)
		return false;
	if (subscription->served_until.us)
		return at.us < subscription->served_until.us;
	/* With service terms it goes on in the days of grace. */
	return !date_present(subscription->end_date) || subscription->expires_at.us ||
	       at.us < timezone_start_of_date(zone, subscription->end_date).us;
}

static const struct subscription *refuse_code(struct command *command, const struct usage_site *site)
{
	struct text code = site->input->price_code;
	if (site->meters.count > 0)
		problem_value(command->problems, PROBLEM_INVALID_VALUE, "/price_code", code, NULL,
		              "price code %.*s is not billed by usage", TEXT_ARG(code));
	else
		problem_value(command->problems, PROBLEM_UNKNOWN_CHARGE, "/price_code", code,
		              "Use a usage charge of an order's plan.", "no subscription of the %s has price code %.*s",
		              site->order ? "order" : "account", TEXT_ARG(code));
	return NULL;
}

static const struct subscription *refuse_unserved(struct command *command, const struct subscription *subscription,
                                                  struct instant at)
{
	problem_value(command->problems, PROBLEM_WRONG_STATE, "/occurred_at", instant_text(command->arena, at),
	              "Record what was used while the subscription was served.",
	              "subscription %lld is %s and was not served then", (long long)subscription->id,
	              subscription_status_word(subscription->status));
	return NULL;
}

static const struct subscription *refuse_several(struct command *command, const struct usage_site *site,
                                                 const struct subscription *one, const struct subscription *other)
{
	struct text code = site->input->price_code;
	problem_value(command->problems, PROBLEM_INVALID_COMBINATION, site->order ? "/subscription_id" : "/order_id",
	              code, site->order ? "Name the subscription." : "Name the order.",
	              "subscriptions %lld and %lld both have price code %.*s", (long long)one->id, (long long)other->id,
	              TEXT_ARG(code));
	return NULL;
}

const struct subscription *usage_site_choose(struct command *command, const struct usage_site *site, struct instant at)
{
	const struct subscription *chosen = NULL, *unserved = NULL;
	for (size_t i = 0; i < site->meters.count; i++) {
		const struct usage_meter *meter = &site->meters.items[i];
		if (meter->kind != CHARGE_KIND_USAGE)
			continue;
		if (!serves(command, site->account, &meter->subscription, at))
			unserved = &meter->subscription;
		else if (chosen)
			return refuse_several(command, site, chosen, &meter->subscription);
		else
			chosen = &meter->subscription;
	}
	if (chosen)
		return chosen;
	return unserved ? refuse_unserved(command, unserved, at) : refuse_code(command, site);
}
