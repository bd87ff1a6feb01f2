/* usage.c: what was used, under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/invoice.h"
#include "billing/subscription_advance.h"
#include "billing/unit_usage.h"
#include "billing/usage.h"

V1_GET(usage)

static bool usage_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	struct usage_filter filter = {
		.object = v1_filter(page),
		.price_code = http_parameter(&exchange->target, "price_code"),
		.external_key = http_parameter(&exchange->target, "external_key"),
	};
	return http_parameter_id(exchange, "subscription_id", &filter.subscription_id) &&
	       http_parameter_id(exchange, "order_id", &filter.order_id) &&
	       (!exchange->id || account_need(command, exchange->id, "")) &&
	       usage_page(command, &filter, (struct usage_list *)(void *)rows);
}

static const struct http_list usages = { &usage_record, "id", USAGE_FIELD_STATUS, usage_rows };

/* ------------------------------------------------------------------------------------------------ units of catalog plans */

/* One to a plan of the catalog. Of another there is nothing to read here: a read is never refused for a state. */
static bool metered_subscription(struct command *command, const struct http_exchange *exchange,
                                 struct subscription **subscription, struct account **account)
{
	if (!subscription_find(command, exchange->id, subscription))
		return false;
	if (*subscription && !(*subscription)->catalog_plan_id)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "", TEXT_NONE,
		                     "Ask /v1/usage?subscription_id=ID for its usage by price codes.",
		                     "subscription %lld was made by an order: it uses no units", (long long)exchange->id);
	return subscription_need_direct(command, exchange->id, subscription, account);
}

static bool unit_usage_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	struct subscription *subscription;
	struct account *account;
	if (!metered_subscription(command, exchange, &subscription, &account))
		return false;
	struct unit_usage_filter filter = {
		.object = v1_filter(page),
		.subscription_id = subscription->id,
		.unit = http_parameter(&exchange->target, "unit"),
		.tracking_id = http_parameter(&exchange->target, "tracking_id"),
	};
	filter.object.account_id = account->id;
	return unit_usage_page(command, &filter, (struct unit_usage_rows *)(void *)rows);
}

static const struct http_list unit_usages = { &unit_usage_record, "id", UNIT_USAGE_FIELD_STATUS, unit_usage_rows };

static bool windows_get(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct account *account;
	struct unit_usage_windows *shown = arena_new(command->arena, struct unit_usage_windows);
	return metered_subscription(command, exchange, &subscription, &account) &&
	       unit_usage_windows_read(command, account, subscription, shown) &&
	       http_reply_found(exchange, &unit_usage_windows_record, shown);
}

static bool billed_get(struct command *command, struct http_exchange *exchange)
{
	struct invoice *invoice;
	struct unit_usage_list *shown = arena_new(command->arena, struct unit_usage_list);
	struct unit_usage_rows rows = { 0 };
	if (!invoice_find(command, exchange->id, &invoice))
		return false;
	if (!invoice)
		return record_missing(&invoice_record, exchange->id, command->problems, "");
	if (!unit_usage_of_invoice(command, invoice, &rows))
		return false;
	shown->items.items = rows.items;
	shown->items.count = shown->items.capacity = rows.count;
	return http_reply_found(exchange, &unit_usage_list_record, shown);
}

const struct http_route v1_usage_routes[] = {
	{ .method = "GET", .path = "/v1/usage", .scope = "read",
	  .parameters = "limit cursor account_id subscription_id order_id price_code external_key status",
	  .handle = http_read, .read = http_list_read, .list = &usages,
	  .doc = "Usage, newest first, or the one of an external key." },
	{ .method = "POST", .path = "/v1/usage", .command = "usage.record", .handle = http_write, .status = 201,
	  .location = "/v1/usage/",
	  .doc = "Records usage; a repeat under its external key answers with what is there." },
	{ .method = "POST", .path = "/v1/usage/batch", .command = "usage.record_batch", .handle = http_write,
	  .status = 201, .cost = 20, .doc = "Records up to 1,000, all or none." },
	{ .method = "GET", .path = "/v1/usage/{id}", .scope = "read", .handle = http_read, .read = usage_get,
	  .output = &usage_record, .doc = "One usage." },
	{ .method = "GET", .path = "/v1/accounts/{id}/usage", .scope = "read",
	  .parameters = "limit cursor subscription_id order_id price_code external_key status", .handle = http_read,
	  .read = http_list_read, .list = &usages, .doc = "Usage of an account, newest first." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}/usage", .scope = "read",
	  .parameters = "limit cursor unit tracking_id status", .handle = http_read, .read = http_list_read,
	  .list = &unit_usages, .doc = "What a subscription to a catalog plan used, newest first." },
	{ .method = "POST", .path = "/v1/subscriptions/{id}/usage", .command = "usage.record_units",
	  .id_field = "subscription_id",
	  .handle = http_write, .status = 201, .cost = 20,
	  .doc = "Records such usage, up to 1,000 records, all or none; a tracking id is used once." },
	{ .method = "POST", .path = "/v1/subscriptions/{id}/usage/remove", .command = "usage.remove", .id_field = "subscription_id",
	  .handle = http_write, .doc = "Takes such usage out again; what was billed of it is given back by the next run." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}/usage/windows", .scope = "read", .handle = http_read,
	  .read = windows_get, .output = &unit_usage_windows_record,
	  .doc = "Its usage by windows, with totals and what they come to by what is recorded now." },
	{ .method = "GET", .path = "/v1/invoices/{id}/usage", .scope = "read", .handle = http_read, .read = billed_get,
	  .output = &unit_usage_list_record, .doc = "The records of such usage that an invoice bills." },
	{ .path = NULL },
};
