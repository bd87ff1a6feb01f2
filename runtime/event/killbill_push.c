/* killbill_push.c: the body of a push notification: eventType, accountId, objectType, objectId, metaData, in this order.
 *
 * Ids are UUIDs, or null of what has none; metaData is JSON as a text within JSON. What its members are called and where in
 * our payload they stand is a table; source: shared spec killbill.md a.3.
 */
#include "engine_state.h"
#include "webhook_state.h"

enum { MEMBERS_MAX = 9 };

enum metadata_kind { METADATA_TEXT, METADATA_CAPITALS, METADATA_NUMBER, METADATA_BOOLEAN };

struct metadata {
	const char *alias; /* the name, or its beginning when it ends in _ */
	struct {
		const char *name;
		const char *path; /* "action", "payment.currency"; NULL: we have none */
		enum metadata_kind kind;
	} members[MEMBERS_MAX];
};

static const struct metadata metadata_table[] = {
	{ "SUBSCRIPTION_", { { "actionType", "action", METADATA_CAPITALS },
	                     { "bundleExternalKey", "bundle_key", METADATA_TEXT },
	                     { "subscriptionChangeUndo", "undo", METADATA_BOOLEAN } } },
	{ "BLOCKING_STATE", { { "blockableId", "blocking_state.blockable_uuid", METADATA_TEXT },
	                      { "service", "blocking_state.service", METADATA_TEXT },
	                      { "stateName", "blocking_state.state", METADATA_TEXT },
	                      { "blockingType", "blocking_state.level", METADATA_CAPITALS },
	                      { "effectiveDate", "blocking_state.effective_at", METADATA_TEXT },
	                      { "transitionedToBlockedBilling", "to_blocked_billing", METADATA_BOOLEAN },
	                      { "transitionedToUnblockedBilling", "to_unblocked_billing", METADATA_BOOLEAN },
	                      { "transitionedToBlockedEntitlement", "to_blocked_entitlement", METADATA_BOOLEAN },
	                      { "transitionedToUnblockedEntitlement", "to_unblocked_entitlement", METADATA_BOOLEAN } } },
	{ "INVOICE_NOTIFICATION", { { "targetDate", "effective_date", METADATA_TEXT },
	                            { "amountOwed", "amount", METADATA_NUMBER },
	                            { "currency", "currency", METADATA_TEXT } } },
	{ "INVOICE_PAYMENT_", { { "paymentId", "payment.uuid", METADATA_TEXT },
	                        { "paymentAttemptId", NULL, METADATA_TEXT },
	                        { "invoicePaymentType", "kind", METADATA_CAPITALS },
	                        { "paymentDate", "payment.created_at", METADATA_TEXT },
	                        { "amount", "amount", METADATA_NUMBER },
	                        { "currency", "currency", METADATA_TEXT },
	                        { "linkedInvoicePaymentId", NULL, METADATA_TEXT },
	                        { "paymentCookieId", NULL, METADATA_TEXT },
	                        { "processedCurrency", "currency", METADATA_TEXT } } },
	{ "PAYMENT_", { { "paymentTransactionId", "transaction_id", METADATA_TEXT },
	                { "amount", "amount", METADATA_NUMBER },
	                { "currency", "currency", METADATA_TEXT },
	                { "status", "status", METADATA_CAPITALS },
	                { "transactionType", "transaction_type", METADATA_CAPITALS },
	                { "effectiveDate", "effective_date", METADATA_TEXT } } },
	{ "TAG_", { { "tagDefinitionName", "name", METADATA_TEXT } } },
	{ "TENANT_CONFIG_", { { "key", "name", METADATA_TEXT } } },
	{ "BROADCAST_SERVICE", { { "service", "name", METADATA_TEXT },
	                         { "commandType", "kind", METADATA_TEXT },
	                         { "eventJson", "body", METADATA_TEXT } } },
	{ NULL, { { NULL, NULL, METADATA_TEXT } } },
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

static const struct json *payload_at(const struct json *payload, const char *path, struct arena *arena)
{
	struct text head, rest = text_of(path);
	bool more = path != NULL;
	while (more && payload && payload->type == JSON_OBJECT) {
		more = text_split(rest, '.', &head, &rest);
		payload = json_member(payload, text_c(arena, head));
	}
	return path ? payload : NULL;
}

static struct text capitals(struct arena *arena, struct text text)
{
	char *copy = arena_alloc(arena, text.length + 1);
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		copy[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
	}
	return (struct text){ copy, text.length };
}

static void member_write(struct json_writer *writer, const struct json *value, enum metadata_kind kind, struct arena *arena)
{
	struct text text = json_text(value);
	if (kind == METADATA_BOOLEAN)
		json_boolean(writer, value && value->type == JSON_TRUE);
	else if (!text_present(text))
		json_null(writer);
	else if (kind == METADATA_NUMBER)
		json_raw(writer, text); /* money is a text of digits */
	else
		json_string(writer, kind == METADATA_CAPITALS ? capitals(arena, text) : text);
}

static struct text metadata_text(const struct metadata *metadata, const struct json *payload, struct arena *arena)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (size_t i = 0; i < MEMBERS_MAX && metadata->members[i].name; i++) {
		json_name_plain(&writer, metadata->members[i].name);
		member_write(&writer, payload_at(payload, metadata->members[i].path, arena), metadata->members[i].kind, arena);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* What was known of the subject when it happened; its account may have been read since. */
static struct text object_uuid(const struct json *payload, enum event event, struct arena *arena)
{
	const struct record *subject = event ? event_info(event)->subject : NULL;
	return subject ? json_text(payload_at(payload, text_format(arena, "%s.uuid", subject->name).data, arena)) : TEXT_NONE;
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
	enum event_side_kind side;
	problems_init(&ignored, arena);
	const struct json *payload = json_parse(row->payload, arena, &ignored);
	const struct metadata *metadata = alias ? metadata_find(alias) : NULL;
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
	json_string(&writer, object_uuid(payload, event_find(row->event, &side), arena));
	json_name_plain(&writer, "metaData");
	json_string(&writer, metadata ? metadata_text(metadata, payload, arena) : TEXT_NONE);
	json_end_object(&writer);
	return builder_text(&out);
}
