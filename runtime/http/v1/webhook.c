/* webhook.c: where events go, under /v1: endpoints, their secrets, tries and replays; messages begun anew. */
#include "v1.h"

#include "event/webhook.h"

static bool endpoint_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	(void)exchange;
	return store_all(command->store, STATEMENT_WEBHOOK_ENDPOINT_PAGE, BINDS(bind_integer(page->after), bind_integer(page->rows)),
	                 &webhook_endpoint_record, rows);
}

/* As many as a channel tries: never more than a page. */
static bool attempt_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                         struct record_list *rows)
{
	struct delivery *delivery;
	(void)page;
	if (!store_find(command->store, &delivery_record, exchange->id, (void **)&delivery))
		return false;
	if (!delivery)
		return record_missing(&delivery_record, exchange->id, &exchange->problems, "");
	return store_all(command->store, STATEMENT_DELIVERY_ATTEMPTS, BINDS(bind_id(exchange->id)), &delivery_attempt_record, rows);
}

static const struct http_list endpoint_list = { &webhook_endpoint_record, "id", 0, endpoint_rows };
static const struct http_list attempt_list = { &delivery_attempt_record, "delivery_id", 0, attempt_rows };

const struct http_route v1_webhook_routes[] = {
	{ .method = "GET", .path = "/v1/webhook_endpoints", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &endpoint_list, .doc = "Where events go, in the order of their ids." },
	{ .method = "GET", .path = "/v1/webhook_endpoints/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &webhook_endpoint_record, .doc = "Where events go." },
	{ .method = "POST", .path = "/v1/webhook_endpoints", .command = "webhook_endpoint.create", .handle = http_write,
	  .status = 201, .location = "/v1/webhook_endpoints/", .shown_once = true,
	  .doc = "Makes an endpoint that events go to; its secret is shown this once." },
	{ .method = "PATCH", .path = "/v1/webhook_endpoints/{id}", .command = "webhook_endpoint.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes an endpoint; what is absent stays." },
	{ .method = "DELETE", .path = "/v1/webhook_endpoints/{id}", .command = "webhook_endpoint.delete", .id_field = "id",
	  .handle = http_write, .doc = "Removes an endpoint; what waits for it dies." },
	{ .method = "POST", .path = "/v1/webhook_endpoints/{id}/rotate_secret", .command = "webhook_endpoint.rotate_secret",
	  .id_field = "id", .handle = http_write, .status = 201, .shown_once = true,
	  .doc = "Makes a new secret; the old ones sign beside it for a time." },
	{ .method = "POST", .path = "/v1/webhook_endpoints/{id}/test", .command = "webhook_endpoint.test", .id_field = "id",
	  .handle = http_write, .status = 201, .location = "/v1/deliveries/", .doc = "Sends a message of its own to an endpoint." },
	{ .method = "POST", .path = "/v1/webhook_endpoints/{id}/replay", .command = "webhook_endpoint.replay", .id_field = "id",
	  .handle = http_write, .doc = "Sends what an endpoint hears of past events once more." },
	{ .method = "POST", .path = "/v1/deliveries/{id}/retry", .command = "delivery.retry", .id_field = "id", .handle = http_write,
	  .doc = "Begins a message anew, at once." },
	{ .method = "POST", .path = "/v1/deliveries/{id}/withdraw", .command = "delivery.withdraw", .id_field = "id", .handle = http_write,
	  .doc = "Takes back a message that waits; what is under way may still arrive." },
	{ .method = "GET", .path = "/v1/deliveries/{id}/attempts", .scope = "read", .handle = http_read, .read = http_list_read,
	  .list = &attempt_list, .doc = "The tries of a message that failed." },
	{ .path = NULL },
};
