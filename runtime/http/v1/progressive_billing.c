/* progressive_billing.c: thresholds of usage of subscriptions under /v1. */
#include "v1.h"

#include "billing/progressive_billing.h"

V1_NEWEST(progressive_billing)

static bool billing_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	(void)exchange;
	return progressive_billing_newest(command, page, rows);
}

static bool usage_get(struct command *command, struct http_exchange *exchange)
{
	const struct progressive_billing *billing = progressive_billing_need(command, exchange->id, "");
	struct progressive_usage *usage = arena_new(command->arena, struct progressive_usage);
	return billing && progressive_usage_read(command, billing, usage) &&
	       http_reply_found(exchange, &progressive_usage_record, usage);
}

static const struct http_list billings = { &progressive_billing_record, "id", PROGRESSIVE_BILLING_FIELD_STATUS, billing_rows };

const struct http_route v1_progressive_billing_routes[] = {
	{ .method = "GET", .path = "/v1/progressive_billings", .scope = "read", .parameters = "limit cursor status",
	  .handle = http_read, .read = http_list_read, .list = &billings,
	  .doc = "Thresholds of usage of subscriptions, newest first." },
	{ .method = "POST", .path = "/v1/progressive_billings", .command = "progressive_billing.create", .handle = http_write,
	  .status = 201, .location = "/v1/progressive_billings/",
	  .doc = "Sets at which sums of usage a subscription is invoiced within its periods." },
	{ .method = "GET", .path = "/v1/progressive_billings/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &progressive_billing_record, .doc = "Thresholds of a subscription, and which were reached." },
	{ .method = "GET", .path = "/v1/progressive_billings/{id}/usage", .scope = "read", .handle = http_read, .read = usage_get,
	  .output = &progressive_usage_record, .doc = "What its running periods have used, and how far the next threshold is." },
	{ .method = "PATCH", .path = "/v1/progressive_billings/{id}", .command = "progressive_billing.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes the thresholds; what was reached stays reached." },
	V1_ACT("/v1/progressive_billings/{id}/end", "progressive_billing.end",
	       "Ends invoices within periods; what they charged is still credited at the end of the period."),
	{ .path = NULL },
};
