/* write.c: a request as a command: input decoded, submitted, answered when it is committed. */
#include "exchange.h"

#include <stdlib.h>
#include <string.h>

/* ---- input ---- */

const struct json *http_body_json(struct http_exchange *exchange)
{
	struct text body = exchange->request->body.length ? exchange->request->body : TEXT("{}");
	return json_parse(body, exchange->arena, &exchange->problems);
}

/* What the path names cannot be named otherwise in the body. */
static bool id_preset(struct http_exchange *exchange, const struct record *record, void *input, const struct json *json)
{
	const char *name = exchange->entry->route->id_field;
	if (!name)
		return true;
	int field = record_field_find(record, text_of(name));
	if (field < 0 || record->fields[field].kind != KIND_ID)
		BUG("%s has no id field %s", record->name, name);
	if (json->type == JSON_OBJECT && json_member(json, name))
		return problem_value(&exchange->problems, PROBLEM_READ_ONLY_FIELD,
		                     text_format(exchange->arena, "/%s", name).data, TEXT_NONE, "Leave the field out.",
		                     "%s comes from the path", name);
	*(int64_t *)record_field_at(&record->fields[field], input) = exchange->id;
	return true;
}

bool http_write(struct http_exchange *exchange)
{
	const struct command_type *type = exchange->entry->command;
	void *input = arena_alloc(exchange->arena, type->input->size);
	const struct json *json = http_body_json(exchange);
	return json && id_preset(exchange, type->input, input, json) &&
	       json_decode(json, type->input, input, "", exchange->arena, &exchange->problems) &&
	       http_submit(exchange, type, input, NULL);
}

/* ---- idempotency ---- */

static int field_compare(const void *a, const void *b)
{
	return text_compare(((const struct http_field *)a)->name, ((const struct http_field *)b)->name);
}

static void part_add(struct text_builder *out, struct text part)
{
	builder_format(out, "%zu:", part.length);
	builder_add(out, part);
}

/* Of everything that makes it this request: method, path, sorted query, tenant and the redacted body. */
struct digest http_fingerprint(const struct http_exchange *exchange)
{
	const struct http_target *target = &exchange->target;
	struct http_field *sorted = arena_new_many(exchange->arena, struct http_field, target->parameter_count + 1);
	memcpy(sorted, target->parameters, target->parameter_count * sizeof *sorted);
	qsort(sorted, target->parameter_count, sizeof *sorted, field_compare);
	struct text_builder out;
	builder_init(&out, exchange->arena, 0);
	part_add(&out, exchange->request->method);
	part_add(&out, target->path);
	for (size_t i = 0; i < target->parameter_count; i++) {
		part_add(&out, sorted[i].name);
		part_add(&out, sorted[i].value);
	}
	builder_int64(&out, exchange->identity.tenant_id);
	return digest_sha256_two(builder_text(&out), http_body_redacted(exchange->arena, exchange->request->body));
}

/* ---- answer ---- */

/* 0 when the output is nothing, or nothing with an id. */
static int64_t output_id(const struct record *record, const void *output)
{
	int field = record && output ? record_field_find(record, TEXT("id")) : -1;
	return field >= 0 ? *(const int64_t *)record_field_const_at(&record->fields[field], output) : 0;
}

/* In the command's transaction, or after its rollback with command == NULL. */
static void write_encode(struct command *command, struct command_request *request)
{
	struct http_exchange *exchange = request->context;
	const struct http_route *route = exchange->entry->route;
	const struct record *record = request->type->output;
	exchange->reply = (struct http_reply){ .status = route->status ? route->status : 200 };
	if (!command) {
		http_reply_problems(exchange);
	} else {
		exchange->write.made_id = output_id(record, request->output);
		if (exchange->write.encode)
			exchange->write.encode(command, exchange, request->output);
		else if (record && request->output)
			http_reply_record(exchange, exchange->reply.status, record, request->output);
		else
			exchange->reply = (struct http_reply){ .status = 204, .body = TEXT("") };
		http_write_tag(command, exchange);
	}
	request->reply_status = exchange->reply.status;
	request->reply_content_type = exchange->reply.content_type;
	request->reply_body = exchange->reply.body;
}

/* What would have been answered, and the events that would have happened. */
static void dry_run_wrap(struct http_exchange *exchange, const struct command_request *request)
{
	const struct dry_run shown =
	        command_dry_run(request, request->reply_body.length ? request->reply_body : TEXT("null"));
	http_reply_record(exchange, 200, &dry_run_record, &shown);
}

/* Of a stored answer only its body is left: {"id":12,... */
static int64_t replayed_id(struct text body)
{
	struct text digits = TEXT_NONE, rest;
	int64_t id;
	if (text_starts(body, "{\"id\":"))
		text_split(text_slice(body, 6, body.length), ',', &digits, &rest);
	return text_present(digits) && text_to_int64(digits, &id) ? id : 0;
}

static void write_headers(struct http_exchange *exchange, const struct command_request *request)
{
	const char *location = exchange->entry->route->location;
	int64_t id = request->replayed ? replayed_id(request->reply_body) : exchange->write.made_id;
	if (request->replayed)
		http_reply_header(&exchange->reply, "Idempotency-Replayed", TEXT("true"));
	if (exchange->write.dry_run)
		http_reply_header(&exchange->reply, "Dry-Run", TEXT("true"));
	else if (location && id && exchange->reply.status == 201)
		http_reply_header(&exchange->reply, "Location",
		                  text_format(exchange->arena, "%s%lld", location, (long long)id));
}

static void write_done(struct command_request *request)
{
	struct http_exchange *exchange = request->context;
	exchange->reply.status = request->reply_status;
	exchange->reply.content_type = request->reply_content_type;
	exchange->reply.body = request->reply_body;
	if (request->replayed && exchange->write.once) {
		problem(&exchange->problems, PROBLEM_IDEMPOTENCY_IN_USE, "", "this was sent before");
		http_reply_problems(exchange);
	}
	if (exchange->write.dry_run && request->succeeded && exchange->dialect != &blu_dialect)
		dry_run_wrap(exchange, request);
	write_headers(exchange, request);
	http_finish(exchange);
}

static bool write_permit(struct command *view, struct command_request *request)
{
	return http_condition_permits(view, request->context);
}

/* A request id that is a UUID is the token that its events carry. */
struct origin http_origin(const struct http_exchange *exchange)
{
	struct origin origin = { .actor = text_of(exchange->identity.actor), .remote = exchange->request->remote,
		                 .request_id = exchange->request_id };
	const struct http_request *request = exchange->request;
	uuid_parse(http_header(request->headers, request->header_count, "X-Request-Id", NULL), &origin.user_token);
	return origin;
}

static struct command_request *request_make(struct http_exchange *exchange, const struct command_type *type, const void *input)
{
	struct command_request *request = &exchange->write.request;
	*request = (struct command_request){
		.tenant_id = exchange->identity.tenant_id,
		.type = type,
		.input = input,
		.origin = http_origin(exchange),
		.dry_run = exchange->write.dry_run,
		.idempotency_key = exchange->write.key,
		.arena = exchange->arena,
		.problems = &exchange->problems,
		.permit = exchange->conditional ? write_permit : NULL,
		.encode = write_encode,
		.context = exchange,
		.done = write_done,
	};
	if (text_present(exchange->write.key))
		request->fingerprint = http_fingerprint(exchange);
	return request;
}

bool http_replay(struct http_exchange *exchange, const struct command_type *type, const void *input)
{
	struct command_request *request = request_make(exchange, type, input);
	request->dry_run = request->looks_up_key = true;
	request->permit = NULL;
	exchange->write.encode = NULL;
	if (command_run(exchange->application->engine, request) && !request->replayed)
		return false;
	write_done(request);
	return true;
}

bool http_submit(struct http_exchange *exchange, const struct command_type *type, const void *input,
                 void (*encode)(struct command *command, struct http_exchange *exchange, void *output))
{
	struct command_request *request = request_make(exchange, type, input);
	exchange->write.encode = encode;
	if (exchange->wait) {
		command_run(exchange->application->engine, request);
		write_done(request);
	} else {
		command_submit(exchange->application->engine, request);
	}
	return true;
}

bool http_submit_and_wait(struct http_exchange *exchange, const struct command_type *type, const void *input,
                          void (*encode)(struct command *command, struct http_exchange *exchange, void *output))
{
	struct command_request *request = request_make(exchange, type, input);
	exchange->write.encode = encode;
	if (command_run(exchange->application->engine, request) && !request->replayed && !exchange->write.dry_run)
		return true;
	write_done(request);
	return false;
}
