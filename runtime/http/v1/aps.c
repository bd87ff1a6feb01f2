/* aps.c: applications as APS has them, under /v1: types, resources, event subscriptions. */
#include "v1.h"

#include "event/aps.h"

/* By what each page goes on from: its last id. */
static bool page_rows(struct command *command, enum statement statement, const struct record *record,
                      const struct http_page *page, struct record_list *rows)
{
	return store_all(command->store, statement, BINDS(bind_integer(page->after), bind_integer(page->rows)), record, rows);
}

static bool type_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                      struct record_list *rows)
{
	(void)exchange;
	return page_rows(command, STATEMENT_APS_TYPE_PAGE, &aps_type_record, page, rows);
}

static bool resource_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                          struct record_list *rows)
{
	(void)exchange;
	if (!page->account_id)
		return page_rows(command, STATEMENT_APS_RESOURCE_PAGE, &aps_resource_record, page, rows);
	return store_all(command->store, STATEMENT_APS_RESOURCE_PAGE_OF_ACCOUNT,
	                 BINDS(bind_integer(page->after), bind_integer(page->rows), bind_id(page->account_id)),
	                 &aps_resource_record, rows);
}

static bool subscription_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                              struct record_list *rows)
{
	(void)exchange;
	return page_rows(command, STATEMENT_EVENT_SUBSCRIPTION_PAGE, &event_subscription_record, page, rows);
}

static const struct http_list type_list = { &aps_type_record, "id", 0, type_rows };
static const struct http_list resource_list = { &aps_resource_record, "id", 0, resource_rows };
static const struct http_list subscription_list = { &event_subscription_record, "id", 0, subscription_rows };

const struct http_route v1_aps_routes[] = {
	{ .method = "GET", .path = "/v1/aps_types", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &type_list, .doc = "Types of APS applications, in the order of their ids." },
	{ .method = "GET", .path = "/v1/aps_types/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &aps_type_record, .doc = "A type of an APS application." },
	{ .method = "PUT", .path = "/v1/aps_types", .command = "aps_type.put", .handle = http_write,
	  .doc = "Makes an APS type or replaces its declaration; its resources hear what it declares." },
	{ .method = "DELETE", .path = "/v1/aps_types/{id}", .command = "aps_type.delete", .id_field = "id", .handle = http_write,
	  .doc = "Removes an APS type without resources." },
	{ .method = "GET", .path = "/v1/aps_resources", .scope = "read", .parameters = "limit cursor account_id",
	  .handle = http_read, .read = http_list_read, .list = &resource_list,
	  .doc = "Resources of APS applications, in the order of their ids." },
	{ .method = "GET", .path = "/v1/aps_resources/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &aps_resource_record, .doc = "A resource of an APS application." },
	{ .method = "POST", .path = "/v1/aps_resources", .command = "aps_resource.create", .handle = http_write, .status = 201,
	  .location = "/v1/aps_resources/", .doc = "Makes a resource of an APS application." },
	{ .method = "PATCH", .path = "/v1/aps_resources/{id}", .command = "aps_resource.update", .id_field = "id",
	  .handle = http_write, .doc = "Changes where a resource's notifications go, and its links." },
	{ .method = "DELETE", .path = "/v1/aps_resources/{id}", .command = "aps_resource.delete", .id_field = "id",
	  .handle = http_write, .doc = "Removes a resource with its event subscriptions." },
	{ .method = "GET", .path = "/v1/event_subscriptions", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &subscription_list,
	  .doc = "What resources of APS applications hear, in the order of their ids." },
	{ .method = "GET", .path = "/v1/event_subscriptions/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &event_subscription_record, .doc = "What a resource of an APS application hears." },
	{ .method = "POST", .path = "/v1/event_subscriptions", .command = "event_subscription.create", .handle = http_write,
	  .status = 201, .location = "/v1/event_subscriptions/",
	  .doc = "Lets a resource hear of an event; what is there already is answered." },
	{ .method = "DELETE", .path = "/v1/event_subscriptions/{id}", .command = "event_subscription.delete", .id_field = "id",
	  .handle = http_write, .doc = "Ends an event subscription." },
	{ .path = NULL },
};
