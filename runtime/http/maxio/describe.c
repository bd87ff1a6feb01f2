/* describe.c: Maxio's wire as it is spoken here, as OpenAPI 3.1: rows of routes and records of schema/maxio.lua, no more.
 *
 * What is asked for is read leniently, and so it is described: members that nobody knows may be there, null is absent, and numbers
 * may be strings. What is shown has each of its members, with null for what is absent.
 */
#include "maxio.h"

#include "http/openapi.h"

#include <string.h>

struct describing {
	struct json_writer json;
	struct text_builder out;
	struct arena *arena;
	bool wanted[OPENAPI_SIDES][OPENAPI_RECORDS_MAX], written[OPENAPI_SIDES][OPENAPI_RECORDS_MAX];
};

static void open_named(struct describing *api, const char *name)
{
	json_name(&api->json, name);
	json_begin_object(&api->json);
}

static void close(struct describing *api)
{
	json_end_object(&api->json);
}

static void member(struct describing *api, const char *name, const char *text)
{
	json_name(&api->json, name);
	json_c(&api->json, text);
}

static void raw(struct describing *api, const char *name, const char *json)
{
	json_name(&api->json, name);
	json_raw(&api->json, text_of(json));
}

/* ---- records ---- */

static const char *const suffixes[] = { "", ".input" };

static void record_refer(struct describing *api, const struct record *record, enum openapi_side side)
{
	size_t i = 0;
	while (records_all[i] && records_all[i] != record)
		i++;
	if (!records_all[i] || i >= OPENAPI_RECORDS_MAX)
		BUG("%s is no record", record->name);
	api->wanted[side][i] = true;
	member(api, "$ref", text_format(api->arena, "#/components/schemas/%s%s", record->name, suffixes[side]).data);
}

/* A number of an input may be a string of it. */
static const char *type_of(const struct record_field *field, enum openapi_side side)
{
	bool input = side == OPENAPI_INPUT;
	switch (field->kind) {
	case KIND_INTEGER:
		return input ? "[\"integer\",\"string\",\"null\"]" : "[\"integer\",\"null\"]";
	case KIND_BOOLEAN:
		return input ? "[\"boolean\",\"string\",\"null\"]" : "[\"boolean\",\"null\"]";
	case KIND_DECIMAL:
		return "[\"number\",\"string\",\"null\"]";
	case KIND_TEXT:
		return input ? "[\"string\",\"number\",\"boolean\",\"null\"]" : "[\"string\",\"null\"]";
	default:
		return "[\"string\",\"null\"]";
	}
}

static void field_write(struct describing *api, const struct record_field *field, enum openapi_side side)
{
	size_t length = strlen(field->name);
	if (field->name[length - 1] == '_')
		length--; /* a word of C */
	json_name_text(&api->json, (struct text){ field->name, length });
	json_begin_object(&api->json);
	if (field->kind == KIND_LIST) {
		raw(api, "type", side == OPENAPI_INPUT ? "[\"array\",\"null\"]" : "\"array\"");
		open_named(api, "items");
		record_refer(api, field->of, side);
		close(api);
	} else if (field->kind == KIND_RECORD) {
		json_name(&api->json, "anyOf");
		json_begin_array(&api->json);
		json_begin_object(&api->json);
		record_refer(api, field->of, side);
		close(api);
		json_raw(&api->json, TEXT("{\"type\":\"null\"}"));
		json_end_array(&api->json);
	} else if (field->kind != KIND_JSON) {
		raw(api, "type", type_of(field, side));
	}
	if (field->doc[0])
		member(api, "description", field->doc);
	close(api);
}

static void record_write(struct describing *api, const struct record *record, enum openapi_side side)
{
	open_named(api, text_format(api->arena, "%s%s", record->name, suffixes[side]).data);
	member(api, "type", "object");
	member(api, "description", record->doc);
	json_name(&api->json, "required");
	json_begin_array(&api->json);
	for (size_t i = 0; side == OPENAPI_INPUT && i < record->field_count; i++)
		if (record->fields[i].flags & FIELD_REQUIRED)
			json_c(&api->json, record->fields[i].name);
	json_end_array(&api->json);
	open_named(api, "properties");
	for (size_t i = 0; i < record->field_count; i++)
		field_write(api, &record->fields[i], side);
	close(api);
	close(api);
}

/* Until writing one wants no other. */
static void records_write(struct describing *api)
{
	for (bool more = true; more && !arena_exhausted(api->arena);) {
		more = false;
		for (size_t i = 0; records_all[i]; i++)
			for (enum openapi_side side = OPENAPI_ANSWER; side < OPENAPI_SIDES; side++)
				if (api->wanted[side][i] && !api->written[side][i]) {
					api->written[side][i] = more = true;
					record_write(api, records_all[i], side);
				}
	}
}

/* ---- operations ---- */

/* {"wrapper": schema}, or the schema alone. Opens the inside of it; the caller closes by wrapped_close. */
static void wrapped_open(struct describing *api, const char *wrapper)
{
	if (!wrapper)
		return;
	member(api, "type", "object");
	json_name(&api->json, "required");
	json_begin_array(&api->json);
	json_c(&api->json, wrapper);
	json_end_array(&api->json);
	open_named(api, "properties");
	open_named(api, wrapper);
}

static void wrapped_close(struct describing *api, const char *wrapper)
{
	if (!wrapper)
		return;
	close(api);
	close(api);
}

static void content_write(struct describing *api, const struct http_route *route, const struct record *record, enum openapi_side side)
{
	const char *outer = side == OPENAPI_INPUT ? route->wrapper : route->answer_list ? route->answer_list : NULL;
	const char *inner = side == OPENAPI_INPUT ? NULL : route->answer;
	bool list = side == OPENAPI_ANSWER && (route->answer_list || route->bare_list);
	open_named(api, "content");
	open_named(api, "application/json");
	open_named(api, "schema");
	wrapped_open(api, outer);
	if (list) {
		member(api, "type", "array");
		open_named(api, "items");
	}
	wrapped_open(api, inner);
	if (record)
		record_refer(api, record, side);
	else
		raw(api, "type", side == OPENAPI_INPUT ? "[\"object\",\"array\"]" : "\"object\"");
	wrapped_close(api, inner);
	if (list)
		close(api);
	wrapped_close(api, outer);
	close(api);
	close(api);
	close(api);
}

/* A name of the path that comes twice is told apart by its number. */
static const char *documented(struct describing *api, const struct http_entry *entry, bool write_parameters)
{
	struct text_builder path;
	builder_init(&path, api->arena, 0);
	for (size_t i = 0, place = 0; i < entry->segment_count; i++) {
		struct text segment = entry->segments[i], name, rest;
		builder_byte(&path, '/');
		if (segment.data[0] != '{' || !text_split(segment, '}', &name, &rest)) {
			builder_add(&path, segment);
			continue;
		}
		name = text_format(api->arena, "%.*s_%zu", TEXT_ARG(text_slice(name, 1, name.length)), ++place);
		builder_add(&path, text_format(api->arena, "{%.*s}%.*s", TEXT_ARG(name), TEXT_ARG(rest)));
		if (write_parameters)
			json_raw(&api->json, text_format(api->arena, "{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,"
			                                             "\"schema\":{\"type\":\"string\"}}", TEXT_ARG(name)));
	}
	return builder_text(&path).data;
}

static void parameters_write(struct describing *api, const struct http_entry *entry)
{
	struct text rest = text_of(entry->route->parameters ? entry->route->parameters : ""), one;
	bool more = rest.length > 0;
	json_name(&api->json, "parameters");
	json_begin_array(&api->json);
	documented(api, entry, true);
	while (more) {
		more = text_split(rest, ' ', &one, &rest);
		json_raw(&api->json, text_format(api->arena, "{\"name\":\"%.*s\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}}", TEXT_ARG(one)));
	}
	json_end_array(&api->json);
}

static void answers_write(struct describing *api, const struct http_entry *entry)
{
	static const int refusals[] = { 400, 401, 403, 404, 409, 413, 415, 422, 429, 503 };
	const struct http_route *route = entry->route;
	open_named(api, "responses");
	open_named(api, text_format(api->arena, "%d", route->status ? route->status : 200).data);
	member(api, "description", route->doc);
	if (route->output || route->open_output)
		content_write(api, route, route->output, OPENAPI_ANSWER);
	close(api);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		raw(api, text_format(api->arena, "%d", refusals[i]).data, "{\"$ref\":\"#/components/responses/refused\"}");
	close(api);
}

static void operation_write(struct describing *api, const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	char method[16] = "";
	for (size_t i = 0; route->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)(route->method[i] | 0x20);
	open_named(api, method);
	member(api, "summary", route->doc);
	member(api, "x-moonbill-scope", api_scopes_text(api->arena, entry->scope).data);
	if (entry->command)
		member(api, "x-moonbill-command", entry->command->name);
	parameters_write(api, entry);
	if (!route->no_body && (route->input || route->open_input)) {
		open_named(api, "requestBody");
		content_write(api, route, route->input, OPENAPI_INPUT);
		close(api);
	}
	answers_write(api, entry);
	close(api);
}

static void paths_write(struct describing *api, const struct http_router *router)
{
	const char *path = NULL;
	open_named(api, "paths");
	for (size_t i = 0; i < router->count && !arena_exhausted(api->arena); i++) {
		const struct http_entry *entry = &router->entries[i];
		if (!entry->route->vendors)
			continue;
		bool another = !path || strcmp(path, entry->route->path) != 0;
		if (another && path)
			close(api);
		path = entry->route->path;
		if (another)
			open_named(api, documented(api, entry, false));
		operation_write(api, entry);
	}
	if (path)
		close(api);
	close(api);
}

/* The shapes of refuse.c: lists of sentences or of objects with a message, or sentences by places. */
static const char refused_json[] =
        "{\"description\":\"Refused.\",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"errors\"],"
        "\"properties\":{\"errors\":{\"anyOf\":[{\"type\":\"object\",\"required\":[\"segments\"],\"properties\":{\"segments\":{}}},{\"type\":\"array\",\"minItems\":1,\"items\":{\"anyOf\":[{\"type\":\"string\",\"minLength\":1},"
        "{\"type\":\"object\",\"required\":[\"message\"],\"properties\":{\"message\":{\"type\":\"string\",\"minLength\":1},"
        "\"kind\":{\"type\":\"string\"},\"on\":{\"type\":\"string\"},\"component_id\":{},\"price_point\":{}}}]}}]}}}}}}";

struct text maxio_describe(const struct http_router *router, struct arena *arena)
{
	struct describing *api = arena_new(arena, struct describing);
	api->arena = arena;
	builder_init(&api->out, arena, 0);
	json_writer_init(&api->json, &api->out);
	json_begin_object(&api->json);
	member(api, "openapi", "3.1.0");
	raw(api, "info", "{\"title\":\"Moonbill: Maxio's wire\",\"version\":\"1\"}");
	raw(api, "servers", "[{\"url\":\"/\"}]");
	raw(api, "security", "[{\"basic\":[]}]");
	paths_write(api, router);
	open_named(api, "components");
	raw(api, "securitySchemes", "{\"basic\":{\"type\":\"http\",\"scheme\":\"basic\",\"description\":\"The key as user name, x as password.\"}}");
	open_named(api, "responses");
	raw(api, "refused", refused_json);
	close(api);
	open_named(api, "schemas");
	records_write(api);
	close(api);
	close(api);
	close(api);
	return builder_text(&api->out);
}
