/* openapi.c: the document: what it is, each route as an operation, and the parts that operations share. */
#include "openapi.h"

#include "exchange.h"

#include <string.h>

/* ---- operations: what they are called, and who may ---- */

static bool is_blu(const struct http_entry *entry)
{
	return entry->segment_count > 0 && text_is(entry->segments[0], "rest");
}

static bool takes_body(const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	if (route->killbill || route->no_body)
		return false;
	return is_blu(entry) ? route->form != NULL : http_entry_input(entry) || route->open_input;
}

static bool is_write(const struct http_entry *entry)
{
	return entry->command || takes_body(entry);
}

/* "POST /v1/orders/{id}/change" -> post_v1_orders_id_change. */
static const char *operation_id(struct openapi *api, const struct http_entry *entry)
{
	struct text_builder out;
	builder_init(&out, api->arena, 0);
	for (const char *at = entry->route->method; *at; at++)
		builder_byte(&out, (char)(*at | 0x20));
	for (size_t i = 0; i < entry->segment_count; i++) {
		struct text segment = entry->segments[i];
		bool variable = segment.data[0] == '{';
		builder_byte(&out, '_');
		for (size_t k = variable; k < segment.length - variable; k++)
			builder_byte(&out, segment.data[k] == '.' ? '_' : segment.data[k]);
	}
	if (entry->segment_count == 0)
		builder_c(&out, "_root");
	return builder_text(&out).data;
}

static void tags_write(struct openapi *api, const struct http_entry *entry)
{
	bool versioned = entry->segment_count > 1 && text_is(entry->segments[0], "v1");
	struct text tag = versioned ? entry->segments[1] : is_blu(entry) ? TEXT("BluBilling") : TEXT("server");
	json_name(&api->json, "tags");
	json_begin_array(&api->json);
	json_string(&api->json, tag);
	json_end_array(&api->json);
}

static void security_write(struct openapi *api, const struct http_entry *entry)
{
	static const char *const schemes[] = { "bearer", "basic" };
	json_name(&api->json, "security");
	json_begin_array(&api->json);
	for (size_t i = 0; entry->scope && i < 2; i++) {
		json_begin_object(&api->json);
		json_name(&api->json, schemes[i]);
		json_begin_array(&api->json);
		json_string(&api->json, api_scopes_text(api->arena, entry->scope));
		json_end_array(&api->json);
		json_end_object(&api->json);
	}
	json_end_array(&api->json);
}

/* ---- parameters ---- */

/* What may stand in a path; each is a shared parameter. */
static const struct {
	const char *written, *name;
} placeholders[] = { { "{id}", "id" }, { "{line}", "line" }, { "{key}", "key" }, { "{word}", "word" } };

/* A filter of a list is a field of its items; what another read asks for, one of its answer. */
static void filter_write(struct openapi *api, const struct http_route *route, struct text name)
{
	const struct record *record = route->list ? route->list->record : route->output;
	if (route->asked && record_field_find(route->asked, name) >= 0)
		record = route->asked;
	int field = record ? record_field_find(record, name) : -1;
	if (field < 0)
		BUG("nothing says what the parameter %.*s is", TEXT_ARG(name));
	const struct record_field *of = &record->fields[field];
	if (of->doc[0])
		openapi_member(api, "description", of->doc);
	json_name(&api->json, "schema");
	json_begin_object(&api->json);
	openapi_value(api, of, OPENAPI_ANSWER, false);
	json_end_object(&api->json);
}

static void parameter_write(struct openapi *api, const struct http_entry *entry, struct text name)
{
	static const char *const shared[] = { "limit", "cursor", "after", "cb", NULL };
	json_begin_object(&api->json);
	for (size_t i = 0; shared[i]; i++) {
		if (!is_blu(entry) && text_is(name, shared[i])) {
			openapi_ref(api, "parameters", shared[i], "");
			json_end_object(&api->json);
			return;
		}
	}
	json_name(&api->json, "name");
	json_string(&api->json, name);
	openapi_member(api, "in", "query");
	if (!is_blu(entry) || !blu_describe_parameter(api, name))
		filter_write(api, entry->route, name);
	json_end_object(&api->json);
}

static void parameter_shared(struct openapi *api, const char *name)
{
	json_begin_object(&api->json);
	openapi_ref(api, "parameters", name, "");
	json_end_object(&api->json);
}

static void parameters_write(struct openapi *api, const struct http_entry *entry)
{
	const char *words = entry->route->parameters;
	struct text rest = text_of(words ? words : ""), one;
	bool more = rest.length > 0;
	json_name(&api->json, "parameters");
	json_begin_array(&api->json);
	for (size_t i = 0; i < sizeof placeholders / sizeof *placeholders; i++)
		if (strstr(entry->route->path, placeholders[i].written))
			parameter_shared(api, placeholders[i].name);
	while (more) {
		more = text_split(rest, ' ', &one, &rest);
		parameter_write(api, entry, one);
	}
	if (is_write(entry) && entry->route->killbill)
		parameter_shared(api, "X-Killbill-CreatedBy");
	if (is_write(entry) && !entry->route->shown_once)
		parameter_shared(api, "Idempotency-Key");
	if (is_write(entry))
		parameter_shared(api, "Dry-Run");
	parameter_shared(api, "If-Match");
	parameter_shared(api, "If-None-Match");
	parameter_shared(api, "X-Request-Id");
	json_end_array(&api->json);
}

/* ---- bodies ---- */

static void media_open(struct openapi *api, const char *type)
{
	json_name(&api->json, type);
	json_begin_object(&api->json);
	json_name(&api->json, "schema");
	json_begin_object(&api->json);
}

static void media_close(struct openapi *api)
{
	json_end_object(&api->json);
	json_end_object(&api->json);
}

static void content_open(struct openapi *api)
{
	json_name(&api->json, "content");
	json_begin_object(&api->json);
}

static bool record_demands(const struct record *record, const char *from_path)
{
	for (size_t i = 0; record && i < record->field_count; i++)
		if ((record->fields[i].flags & FIELD_REQUIRED) &&
		    !(from_path && strcmp(record->fields[i].name, from_path) == 0))
			return true;
	return false;
}

static void body_write(struct openapi *api, const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	const struct record *input = http_entry_input(entry);
	if (!takes_body(entry))
		return;
	json_name(&api->json, "requestBody");
	json_begin_object(&api->json);
	json_name(&api->json, "required");
	json_boolean(&api->json, route->form || record_demands(input, route->id_field));
	content_open(api);
	media_open(api, "application/json");
	if (route->form)
		blu_describe_body(api, route->form, false);
	else if (input)
		openapi_record_ref(api, input, OPENAPI_INPUT);
	else
		openapi_member(api, "type", "object");
	media_close(api);
	if (route->form) {
		media_open(api, "text/xml");
		blu_describe_body(api, route->form, true);
		media_close(api);
	}
	json_end_object(&api->json);
	json_end_object(&api->json);
}

/* ---- answers ---- */

enum situation {
	ALWAYS = 1 << 0,
	WITH_KEY = 1 << 1,
	WRITES = 1 << 2,
	WITH_BODY = 1 << 3,
	PAYS = 1 << 4,
	FIELDS = 1 << 5, /* problems of fields are 422 here; BluBilling's wire has 400 for them */
};

/* What may go wrong, by what a request is. schema/errors.lua says which code has which status. */
static const struct {
	int status;
	unsigned when;
	const char *doc;
} refusals[] = {
	{ 400, ALWAYS, "The request is not valid." },
	{ 401, WITH_KEY, "There is no key in force." },
	{ 403, WITH_KEY, "The key has not the scope." },
	{ 404, WITH_KEY, "What is addressed or named does not exist." },
	{ 409, WRITES, "Its state does not allow this, or the key of idempotency is in use." },
	{ 412, ALWAYS, "It is not, or is, what If-Match or If-None-Match name." },
	{ 413, WITH_BODY, "The body is too large." },
	{ 414, ALWAYS, "The address is too long." },
	{ 415, WITH_BODY, "The body is of another type." },
	{ 422, FIELDS, "Fields are not valid, or a rule rejected it." },
	{ 429, ALWAYS, "Too many requests." },
	{ 431, ALWAYS, "The header is too large." },
	{ 500, ALWAYS, "The server made an error." },
	{ 502, PAYS, "The gateway failed; the payment is settled by asking it." },
	{ 503, ALWAYS, "The server is busy, or its store failed." },
	{ 504, PAYS, "It took too long." },
	{ 507, WRITES, "The store is full." },
};

static unsigned situations_of(const struct http_entry *entry)
{
	unsigned all = ALWAYS;
	if (entry->scope)
		all |= WITH_KEY;
	if (is_write(entry))
		all |= WRITES;
	if (takes_body(entry))
		all |= WITH_BODY;
	if (entry->command && strcmp(entry->command->scope, "payments") == 0)
		all |= PAYS;
	if (!is_blu(entry) && entry->scope)
		all |= FIELDS;
	return all;
}

static void status_open(struct openapi *api, int status, const char *doc)
{
	json_name(&api->json, text_format(api->arena, "%d", status).data);
	json_begin_object(&api->json);
	openapi_member(api, "description", doc);
}

static void header_refer(struct openapi *api, const char *name)
{
	json_name(&api->json, name);
	json_begin_object(&api->json);
	openapi_ref(api, "headers", name, "");
	json_end_object(&api->json);
}

static void headers_write(struct openapi *api, const struct http_entry *entry, int status)
{
	json_name(&api->json, "headers");
	json_begin_object(&api->json);
	header_refer(api, "X-Request-Id");
	if (status == 200 || status == 304)
		header_refer(api, "ETag");
	if (is_write(entry) && !entry->route->shown_once)
		header_refer(api, "Idempotency-Replayed");
	if (is_write(entry))
		header_refer(api, "Dry-Run");
	if (entry->route->location && status == 201)
		header_refer(api, "Location");
	json_end_object(&api->json);
}

/* The schema of a page of a list. */
static void page_write(struct openapi *api, const struct http_list *list)
{
	openapi_member(api, "type", "object");
	json_name(&api->json, "required");
	json_raw(&api->json, TEXT("[\"items\",\"next\"]"));
	json_name(&api->json, "properties");
	json_begin_object(&api->json);
	json_name(&api->json, "items");
	json_begin_object(&api->json);
	openapi_member(api, "type", "array");
	openapi_member_integer(api, "maxItems", HTTP_LIST_MAX);
	json_name(&api->json, "items");
	json_begin_object(&api->json);
	openapi_record_ref(api, list->record, OPENAPI_ANSWER);
	json_end_object(&api->json);
	json_end_object(&api->json);
	json_name(&api->json, "next");
	json_raw(&api->json, TEXT("{\"type\":[\"string\",\"null\"],\"description\":\"The cursor of the next page.\"}"));
	json_end_object(&api->json);
}

static void array_write(struct openapi *api, const struct record *record)
{
	openapi_member(api, "type", "array");
	json_name(&api->json, "items");
	json_begin_object(&api->json);
	openapi_record_ref(api, record, OPENAPI_ANSWER);
	json_end_object(&api->json);
}

/* `dry`: the answer may be a dry run's instead of the record, or is only that. */
static void record_answer_write(struct openapi *api, const struct record *record, bool dry)
{
	if (!record || !dry) {
		openapi_record_ref(api, record ? record : &dry_run_record, OPENAPI_ANSWER);
		return;
	}
	json_name(&api->json, "anyOf");
	json_begin_array(&api->json);
	json_begin_object(&api->json);
	openapi_record_ref(api, record, OPENAPI_ANSWER);
	json_end_object(&api->json);
	json_begin_object(&api->json);
	openapi_record_ref(api, &dry_run_record, OPENAPI_ANSWER);
	json_end_object(&api->json);
	json_end_array(&api->json);
}

static void answer_content_write(struct openapi *api, const struct http_entry *entry, bool dry)
{
	const struct http_route *route = entry->route;
	content_open(api);
	media_open(api, route->media ? route->media : "application/json");
	if (route->media)
		openapi_member(api, "type", "string");
	else if (route->open_output)
		openapi_member(api, "type", "object");
	else if (route->root)
		blu_describe_answer(api, route->root, false);
	else if (route->list)
		page_write(api, route->list);
	else if (route->bare_list)
		array_write(api, route->output);
	else
		record_answer_write(api, http_entry_output(entry), dry);
	media_close(api);
	if (route->root) {
		media_open(api, "text/xml");
		blu_describe_answer(api, route->root, true);
		media_close(api);
	}
	json_end_object(&api->json);
}

static bool answers_with_something(const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	return route->status != 204 &&
	       (route->media || route->open_output || route->root || route->list || http_entry_output(entry));
}

/* 200 of a dry run, 201 or 200 of what was done, 204 of what leaves nothing to show. */
static void successes_write(struct openapi *api, const struct http_entry *entry)
{
	const struct http_route *route = entry->route;
	bool dry = is_write(entry) && !is_blu(entry), something = answers_with_something(entry);
	int status = route->status ? route->status : 200;
	if (something) {
		status_open(api, status, route->doc);
		headers_write(api, entry, status);
		answer_content_write(api, entry, dry && status == 200);
		json_end_object(&api->json);
	}
	if (dry && (status != 200 || !something)) {
		status_open(api, 200, dry_run_record.doc);
		headers_write(api, entry, 200);
		content_open(api);
		media_open(api, "application/json");
		record_answer_write(api, NULL, true);
		media_close(api);
		json_end_object(&api->json);
		json_end_object(&api->json);
	}
	if (strcmp(route->method, "GET") == 0) {
		status_open(api, 304, "It is what If-None-Match names.");
		headers_write(api, entry, 304);
		json_end_object(&api->json);
	}
	if (!something || route->may_be_nothing) {
		status_open(api, 204, "Done; there is nothing to show.");
		headers_write(api, entry, 204);
		json_end_object(&api->json);
	}
}

/* "#/components/responses/404", or "blubilling.404". */
static void answers_write(struct openapi *api, const struct http_entry *entry)
{
	unsigned situations = situations_of(entry);
	json_name(&api->json, "responses");
	json_begin_object(&api->json);
	successes_write(api, entry);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		if (!(refusals[i].when & situations))
			continue;
		const char *status = text_format(api->arena, "%d", refusals[i].status).data;
		json_name(&api->json, status);
		json_begin_object(&api->json);
		openapi_ref(api, "responses", is_blu(entry) ? "blubilling." : "", status);
		json_end_object(&api->json);
	}
	json_end_object(&api->json);
}

static void refusal_write(struct openapi *api, int status, const char *doc, bool blu)
{
	json_name(&api->json, text_format(api->arena, "%s%d", blu ? "blubilling." : "", status).data);
	json_begin_object(&api->json);
	openapi_member(api, "description", doc);
	json_name(&api->json, "headers");
	json_begin_object(&api->json);
	header_refer(api, "X-Request-Id");
	if (status == 401)
		header_refer(api, "WWW-Authenticate");
	if (status == 429 || status == 503)
		header_refer(api, "Retry-After");
	json_end_object(&api->json);
	content_open(api);
	media_open(api, blu ? "application/json" : "application/problem+json");
	if (blu)
		blu_describe_answer(api, "errors", false);
	else
		openapi_ref(api, "schemas", "problem", "");
	media_close(api);
	if (blu) {
		media_open(api, "text/xml");
		blu_describe_answer(api, "errors", true);
		media_close(api);
	}
	json_end_object(&api->json);
	json_end_object(&api->json);
}

/* ---- paths ---- */

static void operation_write(struct openapi *api, const struct http_entry *entry)
{
	char method[16] = "";
	for (size_t i = 0; entry->route->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)(entry->route->method[i] | 0x20);
	json_name(&api->json, method);
	json_begin_object(&api->json);
	openapi_member(api, "operationId", operation_id(api, entry));
	openapi_member(api, "summary", entry->route->doc);
	tags_write(api, entry);
	security_write(api, entry);
	parameters_write(api, entry);
	body_write(api, entry);
	answers_write(api, entry);
	json_end_object(&api->json);
}

/* Rows of a path stand together. */
static void paths_write(struct openapi *api)
{
	const char *path = NULL;
	json_name(&api->json, "paths");
	json_begin_object(&api->json);
	for (size_t i = 0; i < api->router->count && !arena_exhausted(api->arena); i++) {
		const struct http_entry *entry = &api->router->entries[i];
		if (entry->route->vendors)
			continue;
		bool another = !path || strcmp(path, entry->route->path) != 0;
		if (another && path)
			json_end_object(&api->json);
		path = entry->route->path;
		if (another) {
			json_name(&api->json, path);
			json_begin_object(&api->json);
		}
		operation_write(api, entry);
	}
	if (path)
		json_end_object(&api->json);
	json_end_object(&api->json);
}

/* ---- shared parts ---- */

static void shared_parameters_write(struct openapi *api)
{
	static const char rest[] =
	        "\"cursor\":{\"name\":\"cursor\",\"in\":\"query\",\"description\":\"The `next` of the page before.\","
	        "\"schema\":{\"type\":\"string\",\"maxLength\":60}},"
	        "\"after\":{\"name\":\"after\",\"in\":\"query\",\"description\":\"The last id or serial that was seen.\","
	        "\"schema\":{\"type\":\"integer\",\"minimum\":0}},"
	        "\"cb\":{\"name\":\"cb\",\"in\":\"query\",\"description\":\"The URL of the callback.\","
	        "\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2000}},"
	        "\"X-Killbill-CreatedBy\":{\"name\":\"X-Killbill-CreatedBy\",\"in\":\"header\",\"required\":true,"
	        "\"description\":\"Who asks for it.\",\"schema\":{\"type\":\"string\",\"minLength\":1}},"
	        "\"id\":{\"name\":\"id\",\"in\":\"path\",\"required\":true,\"schema\":{\"$ref\":\"#/components/schemas/id\"}},"
	        "\"line\":{\"name\":\"line\",\"in\":\"path\",\"required\":true,\"description\":\"Position of a line, from 1.\","
	        "\"schema\":{\"type\":\"integer\",\"minimum\":1}},"
	        "\"key\":{\"name\":\"key\",\"in\":\"path\",\"required\":true,\"description\":\"The id of a resource of APS.\","
	        "\"schema\":{\"type\":\"string\",\"minLength\":1}},"
	        "\"word\":{\"name\":\"word\",\"in\":\"path\",\"required\":true,\"description\":\"A UUID.\","
	        "\"schema\":{\"type\":\"string\",\"minLength\":1}},"
	        "\"Idempotency-Key\":{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":"
	        "\"The same request with the same key is done once and answered the same.\","
	        "\"schema\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":255,\"pattern\":\"^[ -~]*$\"}},"
	        "\"Dry-Run\":{\"name\":\"Dry-Run\",\"in\":\"header\",\"description\":"
	        "\"true: everything runs and nothing is kept.\",\"schema\":{\"type\":\"string\",\"enum\":[\"true\",\"false\"]}},"
	        "\"If-Match\":{\"name\":\"If-Match\",\"in\":\"header\",\"description\":"
	        "\"Only if what is addressed has one of these tags.\",\"schema\":{\"type\":\"string\"}},"
	        "\"If-None-Match\":{\"name\":\"If-None-Match\",\"in\":\"header\",\"description\":"
	        "\"Only if what is addressed has none of these tags.\",\"schema\":{\"type\":\"string\"}},"
	        "\"X-Request-Id\":{\"name\":\"X-Request-Id\",\"in\":\"header\",\"description\":"
	        "\"Names the request in logs and in the answer; one is made when it is absent.\","
	        "\"schema\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z0-9._-]{1,64}$\"}}";
	json_name(&api->json, "parameters");
	json_raw(&api->json, text_format(api->arena,
	                                 "{\"limit\":{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\","
	                                 "\"minimum\":1,\"maximum\":%d,\"default\":%d}},%s}",
	                                 HTTP_LIST_MAX, HTTP_LIST_DEFAULT, rest));
}

static void shared_responses_write(struct openapi *api)
{
	json_name(&api->json, "responses");
	json_begin_object(&api->json);
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		refusal_write(api, refusals[i].status, refusals[i].doc, false);
		if (refusals[i].when != FIELDS)
			refusal_write(api, refusals[i].status, refusals[i].doc, true);
	}
	json_end_object(&api->json);
}

static void shared_headers_write(struct openapi *api)
{
	static const struct {
		const char *name, *doc;
	} headers[] = {
		{ "X-Request-Id", "The request's name in logs." },
		{ "Idempotency-Replayed", "true: this is the answer that the key got the first time." },
		{ "Dry-Run", "true: nothing was kept." },
		{ "ETag", "Of what a GET answers; for If-Match and If-None-Match." },
		{ "Location", "The address of what was made." },
		{ "WWW-Authenticate", "How to send a key." },
		{ "Retry-After", "Seconds to wait." },
	};
	json_name(&api->json, "headers");
	json_begin_object(&api->json);
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
		json_name(&api->json, headers[i].name);
		json_begin_object(&api->json);
		openapi_member(api, "description", headers[i].doc);
		json_name(&api->json, "schema");
		json_raw(&api->json, TEXT("{\"type\":\"string\"}"));
		json_end_object(&api->json);
	}
	json_end_object(&api->json);
}

/* As json_problems_text writes it. */
static void problem_schema_write(struct openapi *api)
{
	json_name(&api->json, "problem_code");
	json_begin_object(&api->json);
	openapi_member(api, "type", "string");
	json_name(&api->json, "enum");
	json_begin_array(&api->json);
	for (enum problem_code code = PROBLEM_NONE + 1; code < PROBLEM_CODE_COUNT; code++)
		json_c(&api->json, problem_info(code)->name);
	json_end_array(&api->json);
	json_end_object(&api->json);
	json_name(&api->json, "problem");
	json_raw(&api->json,
	         TEXT("{\"type\":\"object\",\"description\":\"RFC 9457; errors lists all that was found.\","
	              "\"required\":[\"type\",\"title\",\"status\",\"detail\",\"errors\"],\"properties\":{"
	              "\"type\":{\"type\":\"string\",\"pattern\":\"^urn:moonbill:problem:[a-z_]+$\"},"
	              "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\",\"minimum\":400,\"maximum\":599},"
	              "\"detail\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"minItems\":1,\"items\":{"
	              "\"type\":\"object\",\"required\":[\"pointer\",\"code\",\"message\",\"remedy\"],\"properties\":{"
	              "\"pointer\":{\"type\":\"string\",\"description\":\"Into the document sent.\"},"
	              "\"code\":{\"$ref\":\"#/components/schemas/problem_code\"},"
	              "\"detail_code\":{\"type\":\"string\",\"description\":\"A rule's own.\"},"
	              "\"message\":{\"type\":\"string\"},\"value\":{\"type\":\"string\"},\"remedy\":{\"type\":\"string\"},"
	              "\"cause\":{\"type\":\"string\",\"description\":\"File and line of a rule.\"}}}}}}"));
}

static void components_write(struct openapi *api)
{
	json_name(&api->json, "components");
	json_begin_object(&api->json);
	json_name(&api->json, "securitySchemes");
	json_raw(&api->json, TEXT("{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},\"basic\":{\"type\":\"http\","
	                          "\"scheme\":\"basic\",\"description\":\"The key as user name, any password.\"}}"));
	shared_parameters_write(api);
	shared_headers_write(api);
	shared_responses_write(api);
	json_name(&api->json, "schemas");
	json_begin_object(&api->json);
	problem_schema_write(api);
	blu_describe_forms(api);
	openapi_schemas(api);
	json_end_object(&api->json);
	json_end_object(&api->json);
}

struct text openapi_text(const struct http_router *router, struct arena *arena)
{
	struct openapi *api = arena_new(arena, struct openapi);
	api->arena = arena;
	api->router = router;
	builder_init(&api->out, arena, 0);
	json_writer_init(&api->json, &api->out);
	json_begin_object(&api->json);
	openapi_member(api, "openapi", "3.1.0");
	json_name(&api->json, "info");
	json_raw(&api->json, TEXT("{\"title\":\"Moonbill\",\"version\":\"1\",\"license\":{\"name\":\"Apache-2.0\","
	                          "\"identifier\":\"Apache-2.0\"}}"));
	json_name(&api->json, "servers");
	json_raw(&api->json, TEXT("[{\"url\":\"/\"}]"));
	paths_write(api);
	components_write(api);
	json_end_object(&api->json);
	return builder_text(&api->out);
}
