/* usage.c: what was used, under /v1. */
#include "v1.h"

#include "billing/account.h"
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
	{ .path = NULL },
};
