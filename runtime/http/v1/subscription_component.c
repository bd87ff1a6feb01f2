/* subscription_component.c: what subscriptions have of components under /v1. */
#include "v1.h"

#include "billing/subscription.h"
#include "billing/subscription_component.h"

/* All that it has: few. */
static bool had_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                     struct record_list *rows)
{
	struct subscription_component_list all;
	struct subscription *subscription = subscription_need(command, exchange->id, "");
	if (!subscription || !subscription_components(command, subscription, &all))
		return false;
	size_t first = 0;
	while (first < all.count && all.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ all.items + first, all.count - first, all.count - first };
	return true;
}

static bool allocation_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	void *had;
	if (!store_find(command->store, &subscription_component_record, exchange->id, &had))
		return false;
	if (!had)
		return record_missing(&subscription_component_record, exchange->id, command->problems, "");
	return allocation_page(command, had, page->after, page->rows, (struct allocation_list *)(void *)rows);
}

static bool charge_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct subscription *subscription = subscription_need(command, exchange->id, "");
	return subscription && component_charge_page(command, subscription, page->status, page->after, page->rows,
	                                             (struct component_charge_list *)(void *)rows);
}

static const struct http_list had = { &subscription_component_record, "id", 0, had_rows };
static const struct http_list allocations = { &allocation_record, "id", 0, allocation_rows };
static const struct http_list charges = { &component_charge_record, "id", COMPONENT_CHARGE_FIELD_STATUS, charge_rows };

#define OF_SUBSCRIPTION(address, command_name, sentence)                                                              \
	{                                                                                                            \
		.method = "POST", .path = "/v1/subscriptions/{id}/" address, .command = command_name,                \
		.id_field = "subscription_id", .handle = http_write, .doc = sentence                                 \
	}

const struct http_route v1_subscription_component_routes[] = {
	{ .method = "GET", .path = "/v1/subscriptions/{id}/components", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &had, .doc = "What a subscription has of components, oldest first." },
	{ .method = "POST", .path = "/v1/subscriptions/{id}/components", .command = "subscription_component.add",
	  .id_field = "subscription_id", .handle = http_write, .status = 201, .location = "/v1/subscription_components/",
	  .doc = "A subscription has a component from now on, and nothing of it yet." },
	OF_SUBSCRIPTION("components/reprice", "subscription_component.reprice",
	                "Gives components other price points, all or none; what is charged up to the next assessment stays."),
	OF_SUBSCRIPTION("components/reset_prices", "subscription_component.reset_prices",
	                "Gives all components their default price points."),
	OF_SUBSCRIPTION("components/activate", "subscription_component.activate",
	                "What the events of a component come to is billed from now on."),
	OF_SUBSCRIPTION("components/deactivate", "subscription_component.deactivate",
	                "What the events of a component come to is billed no more."),
	{ .method = "POST", .path = "/v1/subscriptions/{id}/allocations", .command = "allocation.create",
	  .id_field = "subscription_id", .handle = http_write, .status = 201,
	  .doc = "Changes what a subscription has of components, all or none; what it costs waits or is invoiced at once." },
	OF_SUBSCRIPTION("allocations/preview", "allocation.preview",
	                "What that would do, now or at another moment of the present period; nothing of it stays."),
	{ .method = "GET", .path = "/v1/allocations/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &allocation_record, .doc = "A change of what a subscription has of a component." },
	{ .method = "GET", .path = "/v1/component_charges/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &component_charge_record, .doc = "What an allocation cost or gave back." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}/component_charges", .scope = "read",
	  .parameters = "limit cursor status", .handle = http_read, .read = http_list_read, .list = &charges,
	  .doc = "What allocations of a subscription cost or gave back, newest first." },
	{ .method = "GET", .path = "/v1/subscription_components/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &subscription_component_record, .doc = "What a subscription has of a component." },
	{ .method = "GET", .path = "/v1/subscription_components/{id}/allocations", .scope = "read",
	  .parameters = "limit cursor", .handle = http_read, .read = http_list_read, .list = &allocations,
	  .doc = "How what a subscription has of a component changed, newest first." },
	{ .path = NULL },
};
