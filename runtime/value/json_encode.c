/* json_encode.c: records and problems as JSON. */
#include "json.h"
#include "record_field.h"

#include <string.h>

static void list_write(struct json_writer *writer, const struct record_field *field, const void *value)
{
	struct record_list list = field_list(field, value);
	json_begin_array(writer);
	for (size_t i = 0; i < list.count; i++)
		json_record(writer, field->of, field_list_item(field, &list, i));
	json_end_array(writer);
}

static void integer_write(struct json_writer *writer, const struct record_field *of, const void *at)
{
	int64_t integer = *(const int64_t *)at;
	char room[FIELD_TEXT_ROOM];
	if (integer > -EXACT_INTEGER_MAX && integer < EXACT_INTEGER_MAX)
		json_integer(writer, integer);
	else
		json_string(writer, field_text(of, at, writer->out->arena, room));
}

static void part_write(struct json_writer *writer, const struct record_field *of, const void *at)
{
	const void *part;
	memcpy(&part, at, sizeof part);
	json_record(writer, of->of, part);
}

/* Digits and signs, made where they belong. */
static void short_write(struct json_writer *writer, const struct record_field *of, const void *at)
{
	char *room = json_plain_open(writer, FIELD_TEXT_ROOM);
	if (!room)
		return;
	struct text text = field_text(of, at, writer->out->arena, room);
	json_plain_close(writer, room + text.length);
}

void json_field_at(struct json_writer *writer, const struct record_field *field, const void *at)
{
	switch (field->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		integer_write(writer, field, at);
		return;
	case KIND_BOOLEAN:
		json_boolean(writer, *(const bool *)at);
		return;
	case KIND_JSON:
		json_raw(writer, *(const struct text *)at);
		return;
	case KIND_RECORD:
		part_write(writer, field, at);
		return;
	case KIND_TEXT:
		json_string(writer, *(const struct text *)at);
		return;
	case KIND_EXACT:
	case KIND_CHOICE:
	case KIND_CURRENCY:
	case KIND_DURATION: /* words of the schema, digits and signs of any number */
		json_plain(writer, field_text(field, at, writer->out->arena, NULL));
		return;
	default:
		short_write(writer, field, at);
	}
}

void json_field(struct json_writer *writer, const struct record *record, const void *value, int field)
{
	const struct record_field *of = &record->fields[field];
	if (of->kind == KIND_LIST)
		list_write(writer, of, value);
	else if (record_field_has(of, value))
		json_field_at(writer, of, record_field_const_at(of, value));
	else
		json_null(writer);
}

/* A required list is written even when it is empty: what was written can be decoded. */
static bool field_written(const struct record_field *of, const void *value)
{
	if ((of->flags & (FIELD_HIDDEN | FIELD_SECRET)) || of->kind == KIND_RELATION)
		return false;
	return record_field_has(of, value) || (of->kind == KIND_LIST && (of->flags & FIELD_REQUIRED));
}

void json_record(struct json_writer *writer, const struct record *record, const void *value)
{
	json_begin_object(writer);
	for (size_t field = 0; field < record->field_count; field++) {
		const struct record_field *of = &record->fields[field];
		if (!field_written(of, value))
			continue;
		json_name_of(writer, of);
		if (of->kind == KIND_LIST)
			list_write(writer, of, value);
		else
			json_field_at(writer, of, record_field_const_at(of, value));
	}
	json_end_object(writer);
}

struct text json_record_text(struct arena *arena, const struct record *record, const void *value)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_record(&writer, record, value);
	return builder_text(&out);
}

/* ---- problems ---- */

static void member_write(struct json_writer *writer, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	json_name(writer, name);
	json_string(writer, text);
}

static void problem_write(struct json_writer *writer, const struct problem *problem)
{
	const struct problem_info *info = problem_info(problem->code);
	json_begin_object(writer);
	member_write(writer, "pointer", text_of(problem->pointer ? problem->pointer : ""));
	member_write(writer, "code", text_of(info->name));
	member_write(writer, "detail_code", problem->detail_code);
	member_write(writer, "message", text_of(problem->message));
	member_write(writer, "value", problem->value);
	member_write(writer, "remedy", text_of(problem->remedy ? problem->remedy : info->remedy));
	member_write(writer, "cause", text_of(problem->cause));
	json_end_object(writer);
}

static struct text detail_text(struct arena *arena, const struct problems *problems)
{
	if (!problems->first)
		return TEXT_NONE;
	if (problems->count == 1)
		return text_of(problems->first->message);
	return text_format(arena, "%zu problems; the first: %s", problems->count, problems->first->message);
}

static const struct problem_info *first_info(const struct problems *problems)
{
	return problem_info(problems->first ? problems->first->code : PROBLEM_INTERNAL);
}

struct text json_problems_text(struct arena *arena, const struct problems *problems)
{
	return json_problems_text_as(arena, problems, first_info(problems)->status);
}

struct text json_problems_text_as(struct arena *arena, const struct problems *problems, int status)
{
	const struct problem_info *info = first_info(problems);
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	member_write(&writer, "type", text_format(arena, "urn:moonbill:problem:%s", info->name));
	member_write(&writer, "title", text_of(info->title));
	json_name(&writer, "status");
	json_integer(&writer, status);
	member_write(&writer, "detail", detail_text(arena, problems));
	json_name(&writer, "errors");
	json_begin_array(&writer);
	for (const struct problem *problem = problems->first; problem; problem = problem->next)
		problem_write(&writer, problem);
	json_end_array(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}
