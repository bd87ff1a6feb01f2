/* journal.c: what happened, appended with a gapless serial; the payload is the subject and the event's details. */
#include "engine_state.h"

#include <string.h>

enum { PAYLOAD_BYTES_MAX = 1024 * 1024 };

/* ---- payload ---- */

static void details_write(struct json_writer *writer, const struct occurrence *occurrence)
{
	static const struct event_details none;
	const struct record *record = &event_details_record;
	/* Nothing in it is required: what is zero is absent, and many events carry nothing at all. */
	if (memcmp(&occurrence->details, &none, sizeof none) == 0)
		return;
	for (int i = 0; i < (int)record->field_count; i++) {
		/* Of many details an event has few: that is asked first. */
		if (!record_field_has(&record->fields[i], &occurrence->details))
			continue;
		if (occurrence->record && strcmp(record->fields[i].name, occurrence->record->name) == 0)
			continue;
		json_name_of(writer, &record->fields[i]);
		json_field(writer, record, &occurrence->details, i);
	}
}

/* Without its lists: for a subject that is too large to be journalled whole. */
static void subject_write_short(struct json_writer *writer, const struct record *record, const void *subject)
{
	json_begin_object(writer);
	for (int i = 0; i < (int)record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		if (field->kind == KIND_LIST || field->kind == KIND_RELATION || field->kind == KIND_JSON ||
		    (field->flags & (FIELD_HIDDEN | FIELD_SECRET)) || !record_has(record, subject, i))
			continue;
		json_name_of(writer, field);
		json_field(writer, record, subject, i);
	}
	json_end_object(writer);
}

static struct text payload_write(struct arena *arena, const struct occurrence *occurrence, bool whole)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	if (occurrence->record) {
		json_name_plain(&writer, occurrence->record->name);
		if (whole)
			json_record(&writer, occurrence->record, occurrence->subject);
		else
			subject_write_short(&writer, occurrence->record, occurrence->subject);
	}
	details_write(&writer, occurrence);
	json_end_object(&writer);
	return builder_text(&out);
}

struct text occurrence_payload(struct arena *arena, const struct occurrence *occurrence)
{
	struct text payload = payload_write(arena, occurrence, true);
	return payload.length <= PAYLOAD_BYTES_MAX ? payload : payload_write(arena, occurrence, false);
}

/* ---- rows ---- */

static struct text actor_of(const struct command *command)
{
	struct text actor = text_present(command->origin.actor) ? command->origin.actor : TEXT("operator");
	return text_front(actor, (size_t)journal_record.fields[JOURNAL_FIELD_ACTOR].max);
}

/* The one whose rules run, also in the command that activates another. */
static struct text bundle_of(const struct command *command)
{
	if (!command->bundle)
		return TEXT_NONE;
	struct digest digest = rule_bundle_digest(command->bundle);
	return text_hex(command->arena, digest.bytes, sizeof digest.bytes);
}

bool journal_append(struct command *command, const struct occurrence *occurrence, bool signal, struct text payload,
                    int64_t *serial)
{
	const struct event_info *info = event_info(occurrence->event);
	struct journal row = {
		.event_id = occurrence->id,
		.event = text_of(info->name),
		.phase = signal ? JOURNAL_PHASE_SIGNAL : JOURNAL_PHASE_POST,
		.object_type = text_of(occurrence->object_type ? occurrence->object_type : info->object_type),
		.object_id = occurrence->object_id,
		.account_id = occurrence->account_id,
		.occurred_at = command->now,
		.effective_at = occurrence->effective_at,
		.actor = actor_of(command),
		.user_token = command->origin.user_token,
		.correlation_id = command->correlation_id,
		.causation_id = command->causation_id,
		.depth = command->depth,
		.payload = payload,
		.bundle = bundle_of(command),
	};
	if (!store_next_number(command->store, "serial", serial))
		return false;
	row.serial = *serial;
	*list_add(command->arena, &command->state->happened, enum event) = occurrence->event;
	return store_insert(command->store, &journal_record, &row);
}

/* ---- back from a row ---- */

static bool details_read(struct command *command, const struct json *payload, const char *subject,
                         struct event_details *details)
{
	struct json rest = { .type = JSON_OBJECT };
	struct json *last = NULL;
	for (const struct json *member = payload->first; member; member = member->next) {
		if (subject && text_is(member->name, subject))
			continue;
		struct json *copy = arena_new(command->arena, struct json);
		*copy = *member;
		copy->next = NULL;
		if (last)
			last->next = copy;
		else
			rest.first = copy;
		last = copy;
		rest.count++;
	}
	return json_decode(&rest, &event_details_record, details, "", command->arena, command->problems);
}

bool occurrence_from_journal(struct command *command, const struct journal *row, struct occurrence *occurrence)
{
	enum event_side_kind side;
	const enum event event = event_find(row->event, &side);
	if (event == EVENT_NONE)
		return problem(command->problems, PROBLEM_UNKNOWN_EVENT, "", "event %.*s is no longer known",
		               TEXT_ARG(row->event));
	const struct record *record = event_info(event)->subject;
	const struct json *payload = json_parse(row->payload, command->arena, command->problems);
	const struct json *subject = payload && record ? json_member(payload, record->name) : NULL;
	*occurrence = (struct occurrence){
		.event = event,
		.record = subject ? record : NULL,
		.object_id = row->object_id,
		.account_id = row->account_id,
		.effective_at = row->effective_at,
		.id = row->event_id,
	};
	if (!payload)
		return false;
	if (subject) {
		occurrence->subject = arena_alloc(command->arena, record->size);
		if (!json_decode(subject, record, occurrence->subject, "", command->arena, command->problems))
			return false;
	}
	return details_read(command, payload, record ? record->name : NULL, &occurrence->details);
}
