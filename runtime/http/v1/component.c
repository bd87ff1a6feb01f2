/* component.c: components and their price points under /v1. */
#include "v1.h"

#include "billing/price_segment.h"

static bool component_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                           struct record_list *rows)
{
	struct text handle = http_parameter(&exchange->target, "handle");
	struct object_filter filter = v1_filter(page);
	struct component *component;
	if (!text_present(handle))
		return component_page(command, &filter, (struct component_list *)(void *)rows);
	return component_by_handle(command, handle, &component) && v1_one(rows, component);
}

/* All of them: a component has few. */
static bool price_point_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                             struct record_list *rows)
{
	struct price_point_list all = { 0 };
	if (!component_need(command, exchange->id, "") || !price_points_of_component(command, exchange->id, &all))
		return false;
	size_t first = 0;
	while (first < all.count && all.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ all.items + first, all.count - first, all.count - first };
	return true;
}

static const struct http_list components = { &component_record, "id", COMPONENT_FIELD_STATUS, component_rows };
static const struct http_list price_points = { &price_point_record, "id", 0, price_point_rows };

/* All of them, archived ones too. */
static bool price_segment_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                               struct record_list *rows)
{
	struct price_segment_list all = { 0 };
	if (!price_point_need(command, exchange->id, "") || !price_segments_of(command, exchange->id, &all))
		return false;
	size_t first = 0;
	while (first < all.count && all.items[first].id <= page->after)
		first++;
	*rows = (struct record_list){ all.items + first, all.count - first, all.count - first };
	return true;
}

static const struct http_list price_segments = { &price_segment_record, "id", 0, price_segment_rows };

const struct http_route v1_component_routes[] = {
	{ .method = "GET", .path = "/v1/components", .scope = "read", .parameters = "limit cursor status handle",
	  .handle = http_read, .read = http_list_read, .list = &components,
	  .doc = "Components, newest first, or the one of a handle." },
	{ .method = "POST", .path = "/v1/components", .command = "component.create", .handle = http_write, .status = 201,
	  .location = "/v1/components/", .doc = "Makes a component, and the price point that is its default." },
	{ .method = "GET", .path = "/v1/components/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &component_record, .doc = "A component." },
	{ .method = "PATCH", .path = "/v1/components/{id}", .command = "component.update", .id_field = "id", .handle = http_write,
	  .doc = "Changes what a component is called, or its default price point; absent fields stay." },
	V1_ACT("/v1/components/{id}/archive", "component.archive", "Lets nobody have a component anew."),
	{ .method = "GET", .path = "/v1/components/{id}/price_points", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &price_points, .doc = "Prices of a component, oldest first." },
	{ .method = "POST", .path = "/v1/components/{id}/price_points", .command = "price_point.create", .id_field = "component_id",
	  .handle = http_write, .status = 201, .location = "/v1/price_points/", .doc = "Makes another price of a component." },
	{ .method = "GET", .path = "/v1/price_points/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &price_point_record, .doc = "A price of a component." },
	{ .method = "PATCH", .path = "/v1/price_points/{id}", .command = "price_point.update", .id_field = "id",
	  .handle = http_write, .doc = "Names a price point anew; what it says never changes." },
	{ .method = "POST", .path = "/v1/price_points/{id}/currency_prices", .command = "price_point.add_currency",
	  .id_field = "id", .handle = http_write, .doc = "Says what it costs in another currency; said before, it holds no more from now on." },
	V1_ACT("/v1/price_points/{id}/archive", "price_point.archive", "Lets nobody have a price point anew; the default one stays."),
	V1_ACT("/v1/price_points/{id}/unarchive", "price_point.unarchive", "Lets it be had again."),
	{ .method = "GET", .path = "/v1/price_points/{id}/segments", .scope = "read", .parameters = "limit cursor",
	  .handle = http_read, .read = http_list_read, .list = &price_segments,
	  .doc = "What a price point says of events with certain values, oldest first." },
	{ .method = "POST", .path = "/v1/price_points/{id}/segments", .command = "price_segment.create",
	  .id_field = "price_point_id", .handle = http_write, .status = 201,
	  .doc = "Makes prices by values of events' properties, all or none." },
	{ .method = "GET", .path = "/v1/price_segments/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &price_segment_record, .doc = "A price by values of events' properties." },
	V1_ACT("/v1/price_segments/{id}/archive", "price_segment.archive", "The next assessment knows it no more."),
	V1_ACT("/v1/price_points/{id}/quote", "price_point.quote", "What a quantity costs at a price point; nothing is kept."),
	{ .path = NULL },
};
