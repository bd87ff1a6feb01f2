/* route.c: the rows of all tables in one sorted array; the row of a request. */
#include "route.h"

#include "exchange.h"

#include "base/metric.h"

#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

static int entry_compare(const void *a, const void *b)
{
	const struct http_entry *left = a, *right = b;
	int order = strcmp(left->route->path, right->route->path); /* '{' comes after every letter */
	return order ? order : strcmp(left->route->method, right->route->method);
}

static size_t routes_count(const struct http_route *const *tables)
{
	size_t count = 0;
	for (; *tables; tables++)
		for (const struct http_route *route = *tables; route->path; route++)
			count++;
	return count;
}

/* "/" has none. */
static void entry_split(struct http_entry *entry)
{
	struct text rest = text_of(entry->route->path + 1);
	bool more = rest.length > 0;
	while (more) {
		if (entry->segment_count == ROUTE_SEGMENTS_MAX)
			BUG("%s has more than %d segments", entry->route->path, ROUTE_SEGMENTS_MAX);
		more = text_split(rest, '/', &entry->segments[entry->segment_count++], &rest);
	}
}

static struct http_entry entry_of(const struct http_route *route, const struct engine *engine)
{
	struct http_entry entry = { .route = route };
	entry_split(&entry);
	if (route->command) {
		entry.command = engine_command(engine, text_of(route->command));
		if (!entry.command)
			BUG("%s %s names the command %s, which does not exist", route->method, route->path,
			    route->command);
	} else if (!route->scope) {
		BUG("%s %s has neither command nor scope", route->method, route->path);
	}
	const char *scope = route->scope ? route->scope : entry.command->scope;
	entry.scope = api_scope_of(scope);
	if (!entry.scope && scope[0])
		BUG("%s %s has the unknown scope %s", route->method, route->path, scope);
	return entry;
}

/* How many segments, and the second one's length and last byte; of one that stands for any, how many alone. */
static uint16_t mark_of(const struct text *segments, size_t count)
{
	struct text second = count > 1 && segments[1].length && segments[1].data[0] != '{' ? segments[1] : TEXT("");
	unsigned last = second.length ? (unsigned char)second.data[second.length - 1] : 0;
	return (uint16_t)(last << 8 | (unsigned)(second.length & 15) << 4 | (unsigned)(count & 15));
}

static void entry_mark(struct http_router *router, size_t i)
{
	const struct http_entry *entry = &router->entries[i];
	router->marks[i] = mark_of(entry->segments, entry->segment_count);
}

/* Is `under` this path, or does it go on from it? */
static bool path_begins(const char *under, const char *path)
{
	size_t length = strlen(path);
	return strncmp(under, path, length) == 0 && (under[length] == '/' || !under[length]);
}

/* The longest wins: the path itself before what it goes on from. */
static const struct http_entry *resource_of(const struct http_router *router, const struct http_entry *entry)
{
	const struct http_entry *best = NULL;
	for (size_t i = 0; i < router->count; i++) {
		const struct http_route *read = router->entries[i].route;
		const char *path = entry->route->path;
		bool object = read->path[strlen(read->path) - 1] == '}';
		if (read->read && path_begins(path, read->path) && (object || strcmp(path, read->path) == 0) &&
		    (!best || strlen(read->path) > strlen(best->route->path)))
			best = &router->entries[i];
	}
	return best;
}

bool http_router_init(struct http_router *router, const struct http_route *const *tables, const struct engine *engine)
{
	router->count = 0;
	router->entries = memory_alloc((routes_count(tables) + 1) * sizeof *router->entries);
	router->marks = memory_alloc((routes_count(tables) + 1) * sizeof *router->marks);
	if (!router->entries || !router->marks)
		return false;
	for (; *tables; tables++)
		for (const struct http_route *route = *tables; route->path; route++)
			router->entries[router->count++] = entry_of(route, engine);
	if (router->count >= metric_dimensions[METRIC_DIMENSION_ROUTE].most)
		BUG("the dimension `route` of schema/metrics.lua is too small for %zu routes", router->count);
	qsort(router->entries, router->count, sizeof *router->entries, entry_compare);
	for (size_t i = 0; i < router->count; i++) {
		router->entries[i].resource = resource_of(router, &router->entries[i]);
		entry_mark(router, i);
	}
	return true;
}

void http_router_finish(struct http_router *router)
{
	memory_free(router->entries);
	memory_free(router->marks);
	*router = (struct http_router){ 0 };
}

/* ---- what a row speaks of ---- */

const struct record *http_entry_input(const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	if (route->input || route->open_input || !entry->command)
		return route->input;
	return entry->command->input;
}

const struct record *http_entry_output(const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	if (route->output || route->root)
		return route->output;
	if (route->list)
		return route->list->record;
	return entry->command ? entry->command->output : NULL;
}

/* ---- finding ---- */

static bool is_id(struct text segment, int64_t *id)
{
	return segment.length > 0 && segment.data[0] >= '1' && segment.data[0] <= '9' && text_to_int64(segment, id);
}

/* Both spellings of BluBilling's root mean the same. */
static struct text first_segment(struct text segment)
{
	return text_is(segment, "rest_v1") ? TEXT("rest") : segment;
}

static bool has_json(struct text segment)
{
	return segment.length > 5 && memcmp(segment.data + segment.length - 5, ".json", 5) == 0;
}

static bool segment_matches(struct text part, struct text segment, int64_t *number)
{
	if (part.data[0] != '{')
		return text_equals(part, segment);
	if (has_json(part)) {
		if (!has_json(segment))
			return false;
		part.length -= 5;
		segment.length -= 5;
	}
	return text_is(part, "{key}") || text_is(part, "{word}") ? segment.length > 0 : is_id(segment, number);
}

static bool path_matches(const struct http_entry *entry, const struct http_target *target, int64_t *id)
{
	int64_t other;
	*id = 0;
	if (entry->segment_count != target->segment_count)
		return false;
	for (size_t i = 0; i < target->segment_count; i++) {
		struct text part = entry->segments[i], segment = target->segments[i];
		if (i == 0)
			segment = first_segment(segment);
		if (!segment_matches(part, segment, text_starts(part, "{id}") ? id : &other))
			return false;
	}
	return true;
}

static void allow_add(struct text_builder *allowed, const char *method)
{
	if (allowed->length)
		builder_c(allowed, ", ");
	builder_c(allowed, method);
	if (strcmp(method, "GET") == 0)
		builder_c(allowed, ", HEAD");
}

const struct http_entry *http_router_find(const struct http_router *router, struct text method,
                                          const struct http_target *target, struct arena *arena, int64_t *id,
                                          struct text *allowed)
{
	struct text_builder methods;
	builder_init(&methods, arena, 0);
	const char *path = NULL; /* the first that matches; its rows stand together */
	uint16_t mark = mark_of(target->segments, target->segment_count), any = (uint16_t)(target->segment_count & 15);
	if (text_is(method, "HEAD"))
		method = TEXT("GET");
	for (size_t i = 0; i < router->count; i++) {
		const struct http_entry *entry = &router->entries[i];
		const struct http_route *route = entry->route;
		if ((router->marks[i] != mark && router->marks[i] != any) || (path ? strcmp(route->path, path) != 0 : !path_matches(entry, target, id)))
			continue;
		path = route->path;
		if (text_is(method, route->method))
			return entry;
		allow_add(&methods, route->method);
	}
	*allowed = builder_text(&methods);
	return NULL;
}

bool http_words_hold(const char *words, struct text word)
{
	struct text rest = text_of(words), one;
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, ' ', &one, &rest);
		if (text_equals(one, word))
			return true;
	}
	return false;
}
