/* path.c: what the address of a call names, and its page. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/product.h"

#include <string.h>

struct text maxio_segment(const struct http_exchange *exchange, size_t i)
{
	struct text segment = exchange->target.segments[i];
	bool json = segment.length > 5 && memcmp(segment.data + segment.length - 5, ".json", 5) == 0;
	return json ? text_slice(segment, 0, segment.length - 5) : segment;
}

/* Of a size that is too large the largest; of a page that is none, a sentence. */
bool maxio_page(struct http_exchange *exchange, int64_t per_page, struct maxio_page *page)
{
	struct text number = http_parameter(&exchange->target, "page"), size = http_parameter(&exchange->target, "per_page");
	*page = (struct maxio_page){ 1, per_page };
	if (text_present(number) && number.length && (!text_to_int64(number, &page->page) || page->page < 1))
		return problem_value(&exchange->problems, PROBLEM_INVALID_VALUE, "/page", text_slice(number, 0, 20), NULL,
		                     "invalid page: %.*s", TEXT_ARG(text_slice(number, 0, 20)));
	if (text_present(size) && size.length && (!text_to_int64(size, &page->per_page) || page->per_page < 1))
		page->per_page = per_page;
	if (page->per_page > HTTP_LIST_MAX)
		page->per_page = HTTP_LIST_MAX;
	if (page->page > MAXIO_PAGE_MAX)
		page->page = MAXIO_PAGE_MAX;
	return true;
}

bool maxio_on_page(const struct maxio_page *page, int64_t place)
{
	return place / page->per_page == page->page - 1;
}

static bool missing(struct problems *problems, const char *what, struct text name, const char *pointer)
{
	return problem_value(problems, PROBLEM_NOT_FOUND, pointer, text_slice(name, 0, 100), NULL, "%s '%.*s' does not exist", what,
	                     TEXT_ARG(text_slice(name, 0, 100)));
}

bool maxio_family_of(struct command *command, struct http_exchange *exchange, struct text name,
                     struct product_family **family)
{
	int64_t id;
	struct text handle;
	maxio_name(name, &id, &handle);
	if (id)
		return (*family = product_family_need(command, id, "")) != NULL;
	return product_family_by_handle(command, handle, family) &&
	       (*family || missing(&exchange->problems, "product family", name, ""));
}

bool maxio_component_of(struct command *command, struct text name, const char *pointer, struct component **component)
{
	int64_t id;
	struct text handle;
	maxio_name(name, &id, &handle);
	if (id)
		return (*component = component_need(command, id, pointer)) != NULL;
	return component_by_handle(command, handle, component) &&
	       (*component || missing(command->problems, "component", name, pointer));
}

/* The handle that is shown of the first one tells its UUID. */
static bool is_named(struct arena *arena, const struct price_point *point, struct text handle)
{
	return text_equals(point->handle, handle) || text_equals(maxio_price_point_handle(arena, point), handle);
}

/* By its id one is found too that a subscription has for itself; whether it may be had is for the command to tell. */
bool maxio_price_point_of(struct command *command, const struct component *component, struct text name, const char *pointer,
                          struct price_point **point)
{
	struct price_point_list points = { 0 };
	int64_t id;
	struct text handle;
	maxio_name(name, &id, &handle);
	if (id && !store_find(command->store, &price_point_record, id, (void **)point))
		return false;
	if (id)
		return (*point && (*point)->component_id == component->id) || missing(command->problems, "price point", name, pointer);
	if (!price_points_of_component(command, component->id, &points))
		return false;
	for (size_t i = 0; i < points.count; i++) {
		*point = &points.items[i];
		if (is_named(command->arena, *point, handle))
			return true;
	}
	return missing(command->problems, "price point", name, pointer);
}

bool maxio_resolve(struct http_exchange *exchange,
                   bool (*resolve)(struct command *command, struct http_exchange *exchange),
                   bool (*submit)(struct http_exchange *exchange))
{
	return http_read_body(exchange, resolve) && submit(exchange);
}

/* The one made with its component is called as Maxio calls it. */
struct text maxio_price_point_handle(struct arena *arena, const struct price_point *point)
{
	if (!text_is(point->handle, "original"))
		return point->handle;
	return text_format(arena, "uuid:%.*s", TEXT_ARG(uuid_text(arena, point->uuid)));
}
