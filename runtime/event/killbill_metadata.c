/* killbill_metadata.c: the metaData of a push notification: JSON of a record of schema/killbill.lua.
 *
 * Where its members stand in our payload is a table; the rest is of the record's kinds. Source: killbill.md a.3.
 */
#include "engine_state.h"
#include "webhook_state.h"

#include "value/words.h"

enum { MEMBERS_MAX = 9, MILLISECOND_DIGITS = 3 };

/* ------------------------------------------------------------------------------------------------ sources */

struct source {
	struct command *view;
	const struct journal *row;
	const struct json *payload;
	struct arena *arena;
};

static const struct json *payload_at(const struct source *source, const char *path)
{
	struct text head, rest = text_of(path);
	const struct json *found = source->payload;
	bool more = true;
	while (more && found && found->type == JSON_OBJECT) {
		more = text_split(rest, '.', &head, &rest);
		found = json_member(found, text_c(source->arena, head));
	}
	return found;
}

static struct text payload_text(const struct source *source, const char *path)
{
	const struct json *found = payload_at(source, path);
	if (found && (found->type == JSON_TRUE || found->type == JSON_FALSE))
		return found->type == JSON_TRUE ? TEXT("true") : TEXT("false");
	return found && found->type == JSON_OBJECT ? json_tree_text(source->arena, found) : json_text(found);
}

/* Kill Bill's word for our own one. */
static struct text word_in_killbill(enum word_kind kind, const struct record_field *field, struct text ours)
{
	const char *theirs = NULL;
	for (int i = 1; field->words[i]; i++)
		if (text_is(ours, field->words[i]))
			theirs = word_of(WORD_SYSTEM_KILLBILL, kind, i);
	return theirs ? text_of(theirs) : TEXT_NONE;
}

static struct text effective_at(const struct source *source)
{
	return instant_text(source->arena, source->row->effective_at);
}

static struct text blocking_level(const struct source *source)
{
	return word_in_killbill(WORD_BLOCKING_STATE_LEVEL, &blocking_state_record.fields[BLOCKING_STATE_FIELD_LEVEL],
	                        payload_text(source, "blocking_state.level"));
}

/* Of what the subscription's own words leave open: it takes effect. */
static struct text action_type(const struct source *source)
{
	struct text action = payload_text(source, "action");
	return text_present(action) ? action : TEXT("effective");
}

static struct text always_attempt(const struct source *source)
{
	(void)source;
	return TEXT("attempt");
}

/* The payload names it by its id. */
static struct text payment_uuid(const struct source *source)
{
	struct payment *payment = NULL;
	int64_t id;
	if (!text_to_int64(payload_text(source, "payment_id"), &id) ||
	    !store_find(source->view->store, &payment_record, id, (void **)&payment) || !payment)
		return TEXT_NONE;
	return uuid_text(source->arena, payment->uuid);
}

static struct text attempt_status(const struct source *source)
{
	const struct json *attempts = payload_at(source, "payment.attempts");
	const struct text id = payload_text(source, "attempt_id");
	for (const struct json *attempt = attempts ? attempts->first : NULL; attempt; attempt = attempt->next)
		if (text_equals(json_text(json_member(attempt, "id")), id))
			return word_in_killbill(WORD_PAYMENT_ATTEMPT_STATUS, &payment_attempt_record.fields[PAYMENT_ATTEMPT_FIELD_STATUS],
			                        json_text(json_member(attempt, "status")));
	return TEXT_NONE;
}

/* ------------------------------------------------------------------------------------------------ members */

struct member {
	const char *path; /* in the payload: "action", "payment.currency" */
	struct text (*compute)(const struct source *source);
};

static const struct metadata {
	const char *alias; /* the name, or its beginning when it ends in _ */
	const struct record *record;
	struct member members[MEMBERS_MAX]; /* of the record's fields, in their order; none: we have none */
} metadata_table[] = {
	{ "SUBSCRIPTION_", &killbill_subscription_record, { { NULL, action_type }, { "bundle_key", NULL }, { "undo", NULL } } },
	{ "BLOCKING_STATE",
	  &killbill_blocking_state_record,
	  { { "object_uuid", NULL }, { "blocking_state.service", NULL }, { "blocking_state.state", NULL }, { NULL, blocking_level },
	    { NULL, effective_at }, { "to_blocked_billing", NULL }, { "to_unblocked_billing", NULL },
	    { "to_blocked_entitlement", NULL }, { "to_unblocked_entitlement", NULL } } },
	{ "INVOICE_NOTIFICATION", &killbill_invoice_notification_record,
	  { { "effective_date", NULL }, { "amount", NULL }, { "currency", NULL } } },
	{ "INVOICE_PAYMENT_",
	  &killbill_invoice_payment_record,
	  { { NULL, payment_uuid }, { NULL, NULL }, { NULL, always_attempt }, { NULL, effective_at }, { "amount", NULL },
	    { "currency", NULL }, { NULL, NULL }, { NULL, NULL }, { "currency", NULL } } },
	{ "PAYMENT_",
	  &killbill_payment_record,
	  { { "payment.uuid", NULL }, { "amount", NULL }, { "currency", NULL }, { NULL, attempt_status },
	    { "transaction_type", NULL }, { NULL, effective_at } } },
	{ "TAG_", &killbill_tag_record, { { "tag.name", NULL } } },
	{ "TENANT_CONFIG_", &killbill_tenant_config_record, { { "tenant_config.key", NULL } } },
	{ "BROADCAST_SERVICE", &killbill_broadcast_record,
	  { { "broadcast.service", NULL }, { "broadcast.command", NULL }, { "broadcast.payload", NULL } } },
	{ NULL, NULL, { { NULL, NULL } } },
};

static const struct metadata *metadata_find(const char *alias)
{
	for (const struct metadata *metadata = metadata_table; metadata->alias; metadata++) {
		size_t length = strlen(metadata->alias);
		bool begins = metadata->alias[length - 1] == '_';
		if (begins ? strncmp(alias, metadata->alias, length) == 0 : strcmp(alias, metadata->alias) == 0)
			return metadata;
	}
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ the wire */

static struct text with_letters(struct arena *arena, struct text text, char from, char to, int shift)
{
	char *copy = arena_alloc(arena, text.length + 1);
	for (size_t i = 0; i < text.length; i++)
		copy[i] = (char)(text.data[i] >= from && text.data[i] <= to ? text.data[i] + shift : text.data[i]);
	return (struct text){ copy, text.length };
}

static struct text capitals(struct arena *arena, struct text text)
{
	return with_letters(arena, text, 'a', 'z', 'A' - 'a');
}

/* "action_type" is actionType. */
static const char *camel_case(struct arena *arena, const char *name)
{
	char *copy = arena_alloc(arena, strlen(name) + 1), *to = copy;
	for (const char *from = name; *from; from++)
		*to++ = *from != '_' ? *from : (char)(*++from + ('A' - 'a'));
	*to = '\0';
	return copy;
}

/* "2026-02-01" and "2026-02-01T00:00:00Z" are 2026-02-01T00:00:00.000Z. */
static struct text with_milliseconds(struct arena *arena, struct text text)
{
	struct text whole = text_slice(text, 0, text.length && text.data[text.length - 1] == 'Z' ? text.length - 1 : text.length);
	struct text seconds, fraction = TEXT_NONE;
	char digits[MILLISECOND_DIGITS + 1] = "000";
	if (!text_split(whole, 'T', &seconds, &fraction))
		return text_format(arena, "%.*sT00:00:00.000Z", TEXT_ARG(whole));
	if (text_split(whole, '.', &seconds, &fraction))
		for (size_t i = 0; i < MILLISECOND_DIGITS && i < fraction.length; i++)
			digits[i] = fraction.data[i];
	return text_format(arena, "%.*s.%sZ", TEXT_ARG(seconds), digits);
}

static void member_write(struct json_writer *writer, const struct record_field *field, struct text text, struct arena *arena)
{
	json_name_plain(writer, camel_case(arena, field->name));
	if (field->kind == KIND_BOOLEAN)
		json_boolean(writer, text_is(text, "true"));
	else if (!text_present(text))
		json_null(writer);
	else if (field->kind == KIND_MONEY)
		json_raw(writer, text); /* digits of the currency's scale */
	else if (field->kind == KIND_INSTANT)
		json_plain(writer, with_milliseconds(arena, text));
	else
		json_string(writer, field->kind == KIND_CHOICE ? capitals(arena, text) : text);
}

struct text killbill_metadata(struct command *view, const struct journal *row, const char *alias, const struct json *payload,
                              struct arena *arena)
{
	const struct source source = { view, row, payload, arena };
	const struct metadata *metadata = metadata_find(alias);
	struct text_builder out;
	struct json_writer writer;
	if (!metadata)
		return TEXT_NONE;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (size_t i = 0; i < metadata->record->field_count; i++) {
		const struct member *member = &metadata->members[i];
		struct text text = member->compute ? member->compute(&source)
		                   : member->path  ? payload_text(&source, member->path)
		                                   : TEXT_NONE;
		member_write(&writer, &metadata->record->fields[i], text, arena);
	}
	json_end_object(&writer);
	return builder_text(&out);
}
