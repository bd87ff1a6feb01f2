/* event_input.c: bodies of events into checked events; CloudEvents among them. */
#include "event_input.h"

#include "base/id.h"
#include "value/timezone.h"

#include <string.h>

struct event_reader {
	struct text body;
	const struct event_spelling *spelling;
	struct arena *arena;
	struct problems *problems;
	const char *base;  /* pointer of the event: "" or "/3" */
	bool failed;
};

/* ------------------------------------------------------------------------------------------------ members */

static const char *pointer_of(const struct event_reader *reader, const char *object, const char *member)
{
	return text_format(reader->arena, "%s%s%s%s%s", reader->base, object ? "/" : "", object ? object : "", member ? "/" : "",
	                   member ? member : "")
	        .data;
}

static void refuse(struct event_reader *reader, enum problem_code code, const char *object, const char *member, struct text value,
                   const char *remedy, const char *message)
{
	reader->failed = true;
	problem_value(reader->problems, code, pointer_of(reader, object, member), text_front(value, 100), remedy, "%s", message);
}

static const struct json *present(const struct json *object, const char *name)
{
	const struct json *found = json_member(object, name);
	return found && found->type != JSON_NULL ? found : NULL;
}

/* A string, or a number as it is written; none when absent. */
static struct text text_member(struct event_reader *reader, const struct json *object, const char *of, const char *name, size_t most)
{
	const struct json *found = present(object, name);
	struct text text = json_text(found);
	if (!found)
		return TEXT_NONE;
	if (!text_present(text) || text.length == 0 || text.length > most) {
		refuse(reader, text.length > most ? PROBLEM_TOO_LONG : PROBLEM_WRONG_TYPE, of, name, text,
		       text_format(reader->arena, "Give a text of 1 to %zu bytes, or leave it out.", most).data,
		       text_format(reader->arena, "%s is no text of 1 to %zu bytes", name, most).data);
		return TEXT_NONE;
	}
	return text;
}

static int64_t id_member(struct event_reader *reader, const struct json *object, const char *of, const char *name)
{
	const struct json *found = present(object, name);
	int64_t id = 0;
	if (found && (!text_to_int64(json_text(found), &id) || id <= 0 || id > ((int64_t)1 << 53) - 1)) {
		refuse(reader, PROBLEM_BAD_INTEGER, of, name, json_text(found), "Give an id, a whole number from 1.",
		       text_format(reader->arena, "%s is no id", name).data);
		return 0;
	}
	return id;
}

static bool boolean_member(struct event_reader *reader, const struct json *object, const char *of, const char *name)
{
	const struct json *found = present(object, name);
	if (found && found->type != JSON_TRUE && found->type != JSON_FALSE)
		refuse(reader, PROBLEM_WRONG_TYPE, of, name, json_text(found), "Give true or false.",
		       text_format(reader->arena, "%s is neither true nor false", name).data);
	return found && found->type == JSON_TRUE;
}

/* "2021-05-05T16:00:00" in a zone that is known otherwise. */
static bool local_parse(const struct timezone_rules *zone, struct arena *arena, struct text text, struct instant *instant)
{
	struct instant as_utc;
	if (!zone || !instant_parse(text_format(arena, "%.*sZ", TEXT_ARG(text)), &as_utc))
		return false;
	struct date date;
	if (!date_parse(text_slice(text, 0, 10), &date))
		return false;
	int64_t day_us = (int64_t)(date.day - timezone_date(timezone_utc(), (struct instant){ 1 }).day) * 86400 * US_PER_S;
	*instant = timezone_instant(zone, date, as_utc.us - day_us);
	return true;
}

static struct instant instant_member(struct event_reader *reader, const struct json *object, const char *of, const char *name)
{
	const struct json *found = present(object, name);
	struct instant instant = INSTANT_NONE;
	if (found && (found->type != JSON_STRING ||
	              (!instant_parse(found->text, &instant) &&
	               !local_parse(reader->spelling->zone, reader->arena, found->text, &instant))))
		refuse(reader, PROBLEM_BAD_INSTANT, of, name, json_text(found), NULL,
		       text_format(reader->arena, "%s is no instant", name).data);
	else if (found && (instant.us < EVENT_EARLIEST_US || instant.us >= EVENT_LATEST_US))
		refuse(reader, PROBLEM_OUT_OF_RANGE, of, name, json_text(found), "Name the moment at which it happened.",
		       text_format(reader->arena, "%s is before the year 2000 or after 2199", name).data);
	return instant;
}

/* ------------------------------------------------------------------------------------------------ the reserved member */

static const char *const reserved_names[] = {
	"subscription_id", "subscription_reference", "timestamp", "uniqueness_token", "corrects_id", "corrects_token", "takes_back",
	"id", "created_at", NULL,
};

static const char *reserved_name_at(const void *context, size_t i)
{
	(void)context;
	return reserved_names[i];
}

static void check_reserved_names(struct event_reader *reader, const struct json *reserved, const char *of)
{
	for (const struct json *member = reserved->first; member; member = member->next) {
		size_t i = 0;
		while (reserved_names[i] && !text_is(member->name, reserved_names[i]))
			i++;
		if (reserved_names[i])
			continue;
		struct text shown = text_front(member->name, 60);
		refuse(reader, PROBLEM_UNKNOWN_FIELD, of, text_c(reader->arena, shown), TEXT_NONE, NULL,
		       text_format(reader->arena, "there is no member '%.*s' here%s", TEXT_ARG(shown),
		                   text_did_you_mean(reader->arena, shown, reserved_name_at, NULL))
		               .data);
	}
}

static void reserved_read(struct event_reader *reader, const struct json *object, struct event_input *event)
{
	const char *name = reader->spelling->reserved;
	const struct json *reserved = present(object, name);
	if (!reserved)
		return;
	if (reserved->type != JSON_OBJECT) {
		refuse(reader, PROBLEM_WRONG_TYPE, name, NULL, json_text(reserved), "Send an object, or leave it out.",
		       text_format(reader->arena, "%s is no object", name).data);
		return;
	}
	if (reader->spelling->strict)
		check_reserved_names(reader, reserved, name);
	event->subscription_id = id_member(reader, reserved, name, "subscription_id");
	event->subscription_reference = text_member(reader, reserved, name, "subscription_reference", 255);
	event->occurred_at = instant_member(reader, reserved, name, "timestamp");
	event->token = text_member(reader, reserved, name, "uniqueness_token", EVENT_TOKEN_BYTES_MAX);
	event->corrects_id = id_member(reader, reserved, name, "corrects_id");
	event->corrects_token = text_member(reader, reserved, name, "corrects_token", EVENT_TOKEN_BYTES_MAX);
	event->takes_back = boolean_member(reader, reserved, name, "takes_back");
	if (event->corrects_id && text_present(event->corrects_token))
		refuse(reader, PROBLEM_INVALID_COMBINATION, name, "corrects_id", TEXT_NONE, "Give the id or the token.",
		       "the event that is corrected is named twice");
	if (event->takes_back && !event->corrects_id && !text_present(event->corrects_token))
		refuse(reader, PROBLEM_MISSING_FIELD, name, "corrects_id", TEXT_NONE, "Give corrects_id or corrects_token.",
		       "it is not told which event is taken back");
}

/* ------------------------------------------------------------------------------------------------ CloudEvents */

/* What is kept of one: the members of its data, and under the reserved name what it says of itself. */
static struct text cloudevent_source(const struct event_reader *reader, const struct json *object, const struct json *data)
{
	static const char *const kept[] = { "id", "source", "type", "subject", NULL };
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, reader->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (const struct json *member = data ? data->first : NULL; member; member = member->next) {
		if (text_is(member->name, reader->spelling->reserved))
			continue;
		json_name_text(&writer, member->name);
		json_tree(&writer, member);
	}
	json_name(&writer, reader->spelling->reserved);
	json_begin_object(&writer);
	for (size_t i = 0; kept[i]; i++)
		if (present(object, kept[i])) {
			json_name(&writer, kept[i]);
			json_string(&writer, json_text(present(object, kept[i])));
		}
	json_end_object(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

/* Two of one source and id are the same event (CloudEvents 1.0, 3.1); long ones are told by their digest. */
static struct text cloudevent_token(const struct event_reader *reader, struct text source, struct text id)
{
	struct text token = text_format(reader->arena, "%.*s %.*s", TEXT_ARG(source), TEXT_ARG(id));
	if (token.length <= EVENT_TOKEN_BYTES_MAX)
		return token;
	struct digest digest = digest_sha256_two(source, id);
	return text_hex(reader->arena, digest.bytes, sizeof digest.bytes);
}

static void cloudevent_read(struct event_reader *reader, const struct json *object, struct event_input *event)
{
	static const char *const required[] = { "id", "source", "specversion", "type", NULL };
	const struct json *data = present(object, "data");
	for (size_t i = 0; required[i]; i++) {
		if (!present(object, required[i]))
			refuse(reader, PROBLEM_MISSING_FIELD, required[i], NULL, TEXT_NONE, NULL,
			       text_format(reader->arena, "a CloudEvent has a member %s", required[i]).data);
		else
			text_member(reader, object, NULL, required[i], 2000);
	}
	if (present(object, "data_base64") || (data && data->type != JSON_OBJECT))
		refuse(reader, PROBLEM_WRONG_TYPE, data ? "data" : "data_base64", NULL, TEXT_NONE, "Send an object as data.",
		       "the data of an event is a JSON object here");
	if (reader->failed)
		return;
	reserved_read(reader, data, event);
	struct text subject = text_member(reader, object, NULL, "subject", 255);
	if (!event->occurred_at.us)
		event->occurred_at = instant_member(reader, object, NULL, "time");
	if (!text_present(event->token))
		event->token = cloudevent_token(reader, json_text(json_member(object, "source")), json_text(json_member(object, "id")));
	if (!event->subscription_id && !text_present(event->subscription_reference))
		event->subscription_reference = subject;
	event->source = cloudevent_source(reader, object, data);
	if (!reader->failed)
		event->properties = json_parse(event->source, reader->arena, reader->problems);
	reader->failed |= event->properties == NULL;
}

/* ------------------------------------------------------------------------------------------------ events */

static void event_read(struct event_reader *reader, const struct json *object, struct text source, struct event_input *event)
{
	if (object->type != JSON_OBJECT) {
		refuse(reader, PROBLEM_WRONG_TYPE, NULL, NULL, json_text(object), "Send an object.", "an event is a JSON object");
		return;
	}
	event->properties = object;
	event->source = source;
	if (reader->spelling->cloudevents)
		cloudevent_read(reader, object, event);
	else
		reserved_read(reader, object, event);
	if (event->source.length > EVENT_BYTES_MAX)
		refuse(reader, PROBLEM_TOO_LONG, NULL, NULL, TEXT_NONE, "Send less with an event.",
		       text_format(reader->arena, "the event has %zu bytes, at most %d are kept", event->source.length, EVENT_BYTES_MAX)
		               .data);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Of an item of an array that is sound: from its first byte to before the comma or bracket that follows it. */
static struct text item_source(struct text body, const struct json *item)
{
	size_t end = item->next ? item->next->offset : body.length;
	while (is_blank(body.data[end - 1]))
		end--;
	end--;
	while (is_blank(body.data[end - 1]))
		end--;
	return text_slice(body, item->offset, end);
}

static bool items_read(struct event_reader *reader, const struct json *array, struct event_inputs *events)
{
	size_t i = 0;
	if (array->count > EVENTS_AT_ONCE_MAX)
		return problem(reader->problems, PROBLEM_TOO_MANY, "", "%zu events were sent at once, at most %d are taken; none was kept",
		               array->count, EVENTS_AT_ONCE_MAX);
	events->items = arena_new_many(reader->arena, struct event_input, array->count + 1);
	events->count = events->capacity = array->count;
	for (const struct json *item = array->first; item; item = item->next, i++) {
		reader->base = text_format(reader->arena, "/%zu", i).data;
		event_read(reader, item, item_source(reader->body, item), &events->items[i]);
	}
	return !reader->failed;
}

bool event_inputs_read(struct text body, const struct event_spelling *spelling, struct arena *arena, struct problems *problems,
                       struct event_inputs *events)
{
	struct event_reader reader = { .body = body, .spelling = spelling, .arena = arena, .problems = problems, .base = "" };
	const struct json *json = json_parse_limited(body, JSON_ITEMS_MAX, arena, problems);
	*events = (struct event_inputs){ 0 };
	if (!json)
		return false;
	bool bulk = spelling->bulk || (spelling->either && json->type == JSON_ARRAY);
	if (bulk && json->type != JSON_ARRAY)
		return problem_value(problems, PROBLEM_WRONG_TYPE, "", TEXT_NONE, "Send an array of events.", "the body is no array");
	if (bulk)
		return items_read(&reader, json, events);
	events->items = arena_new(arena, struct event_input);
	events->count = events->capacity = 1;
	event_read(&reader, json, text_trim(body), &events->items[0]);
	return !reader.failed;
}

static void token_hash(struct text scope, struct text token, uint8_t hash[STORE_TOKEN_BYTES])
{
	struct digest_short digest = digest_short_two(scope, token);
	memcpy(hash, digest.bytes, STORE_TOKEN_BYTES);
}

void event_inputs_hash(struct event_inputs *events, int64_t tenant_id, struct text stream)
{
	char bytes[sizeof tenant_id + 100];
	size_t length = stream.length < 100 ? stream.length : 100; /* no handle is longer */
	memcpy(bytes, &tenant_id, sizeof tenant_id);
	memcpy(bytes + sizeof tenant_id, stream.data ? stream.data : "", length);
	struct text scope = { bytes, sizeof tenant_id + length };
	for (size_t i = 0; i < events->count; i++) {
		struct event_input *event = &events->items[i];
		if (text_present(event->token))
			token_hash(scope, event->token, event->token_hash);
		if (text_present(event->corrects_token))
			token_hash(scope, event->corrects_token, event->corrects_hash);
	}
}
