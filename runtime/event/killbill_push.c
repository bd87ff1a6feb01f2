/* killbill_push.c: the body of a push notification: eventType, accountId, objectType, objectId, metaData, in this order.
 *
 * Ids are UUIDs, or null of what has none; metaData is JSON as a text within JSON. Source: killbill.md a.4.
 */
#include "engine_state.h"
#include "webhook_state.h"

/* What was known when it happened: of what is blocked, else of the subject. An event that names no object has none. */
static struct text object_uuid(const struct json *payload, const struct journal *row, struct arena *arena)
{
	enum event_side_kind side;
	enum event event = event_find(row->event, &side);
	const struct record *subject = event ? event_info(event)->subject : NULL;
	if (!payload || !row->object_id)
		return TEXT_NONE;
	struct text blocked = json_text(json_member(payload, "object_uuid"));
	const struct json *whole = subject ? json_member(payload, text_c(arena, text_of(subject->name))) : NULL;
	return text_present(blocked) || !whole ? blocked : json_text(json_member(whole, "uuid"));
}

static struct text account_uuid(struct command *view, int64_t account_id, struct arena *arena)
{
	struct account *account = NULL;
	if (!account_id || !store_find(view->store, &account_record, account_id, (void **)&account) || !account)
		return TEXT_NONE;
	return uuid_text(arena, account->uuid);
}

struct text killbill_push_body(struct command *view, const struct journal *row, const char *alias, struct arena *arena)
{
	struct problems ignored;
	struct text_builder out;
	struct json_writer writer;
	problems_init(&ignored, arena);
	const struct json *payload = json_parse(row->payload, arena, &ignored);
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name_plain(&writer, "eventType");
	json_string(&writer, alias ? text_of(alias) : row->event);
	json_name_plain(&writer, "accountId");
	json_string(&writer, account_uuid(view, row->account_id, arena));
	json_name_plain(&writer, "objectType");
	json_string(&writer, row->object_type);
	json_name_plain(&writer, "objectId");
	json_string(&writer, object_uuid(payload, row, arena));
	json_name_plain(&writer, "metaData");
	json_string(&writer, alias ? killbill_metadata(view, row, alias, payload, arena) : TEXT_NONE);
	json_end_object(&writer);
	return builder_text(&out);
}
