/* order.c: orders and subscriptions under /v1. */
#include "v1.h"

#include "billing/account.h"
#include "billing/order.h"
#include "billing/subscription.h"

V1_GET(order)
V1_GET(subscription)
V1_NEWEST(order)
V1_NEWEST(subscription)

static bool order_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	struct text number = http_parameter(&exchange->target, "number");
	struct order *order;
	if (exchange->id && !account_need(command, exchange->id, ""))
		return false;
	if (!text_present(number))
		return order_newest(command, page, rows);
	return order_by_number(command, number, &order) && v1_one(rows, order);
}

static bool subscription_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                              struct record_list *rows)
{
	return (!exchange->id || account_need(command, exchange->id, "")) && subscription_newest(command, page, rows);
}

static const struct http_list orders = { &order_record, "id", ORDER_FIELD_STATUS, order_rows };
static const struct http_list subscriptions = { &subscription_record, "id", SUBSCRIPTION_FIELD_STATUS,
                                                subscription_rows };

const struct http_route v1_order_routes[] = {
	{ .method = "GET", .path = "/v1/orders", .scope = "read", .parameters = "limit cursor account_id status number",
	  .handle = http_read, .read = http_list_read, .list = &orders,
	  .doc = "Orders, newest first, or the one of a number." },
	{ .method = "POST", .path = "/v1/orders", .command = "order.place", .handle = http_write, .status = 201,
	  .location = "/v1/orders/", .doc = "Places an order and, unless it is a draft, processes it." },
	{ .method = "POST", .path = "/v1/orders/quote", .command = "order.quote", .handle = http_write,
	  .doc = "What an order would be invoiced, with nothing kept." },
	{ .method = "GET", .path = "/v1/orders/{id}", .scope = "read", .handle = http_read, .read = order_get,
	  .output = &order_record, .doc = "An order." },
	{ .method = "PATCH", .path = "/v1/orders/{id}", .command = "order.update", .id_field = "id",
	  .handle = http_write, .doc = "Gives an order a new status or end date." },
	{ .method = "DELETE", .path = "/v1/orders/{id}", .command = "order.delete", .id_field = "id",
	  .handle = http_write, .doc = "Deletes an order without invoices." },
	{ .method = "POST", .path = "/v1/orders/{id}/change", .command = "order.change", .id_field = "old_order_id",
	  .handle = http_write, .status = 201, .location = "/v1/orders/",
	  .doc = "Ends an order and places the one after it." },
	{ .method = "GET", .path = "/v1/accounts/{id}/orders", .scope = "read", .parameters = "limit cursor status",
	  .handle = http_read, .read = http_list_read, .list = &orders, .doc = "Orders of an account, newest first." },
	{ .method = "GET", .path = "/v1/subscriptions", .scope = "read", .parameters = "limit cursor account_id status",
	  .handle = http_read, .read = http_list_read, .list = &subscriptions, .doc = "Subscriptions, newest first." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}", .scope = "read", .handle = http_read,
	  .read = subscription_get, .output = &subscription_record, .doc = "A subscription." },
	{ .method = "GET", .path = "/v1/accounts/{id}/subscriptions", .scope = "read",
	  .parameters = "limit cursor status", .handle = http_read, .read = http_list_read, .list = &subscriptions,
	  .doc = "Subscriptions of an account, newest first." },
	{ .path = NULL },
};
