/* delivery.c: rows of messages to the outside. Only charges (channel "gateway") act; what rules send waits as pending.
 */
#include "engine_state.h"

#include "base/log.h"

static struct text charge_body(struct arena *arena, const struct gateway_charge *charge)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "gateway");
	json_c(&writer, charge->gateway->name);
	json_name(&writer, "idempotency_key");
	json_string(&writer, charge->idempotency_key);
	json_name(&writer, "attempt_id");
	json_integer(&writer, charge->attempt_id);
	json_name(&writer, "payment_id");
	json_integer(&writer, charge->payment_id);
	json_end_object(&writer);
	return builder_text(&out);
}

bool delivery_insert_charge(struct command *command, const struct gateway_charge *charge, int64_t *delivery_id)
{
	struct delivery delivery = {
		.channel = TEXT("gateway"),
		.account_id = charge->account_id,
		.object_id = charge->attempt_id,
		.request_key = command->state->request_key,
		.body = charge_body(command->arena, charge),
		.status = DELIVERY_STATUS_SENT,
		.attempts = 1,
		.due_at = command->now,
		.created_at = command->now,
	};
	*delivery_id = delivery.id = store_new_id(command->store, "delivery");
	return delivery.id && store_insert(command->store, &delivery_record, &delivery);
}

static bool delivery_load(struct command *command, int64_t delivery_id, struct delivery **delivery)
{
	return store_find(command->store, &delivery_record, delivery_id, (void **)delivery) &&
	       (*delivery || record_missing(&delivery_record, delivery_id, command->problems, ""));
}

static const char unknown_error[] = "the gateway's answer is unknown";

bool delivery_is_unknown(const struct delivery *delivery)
{
	return text_is(delivery->last_error, unknown_error);
}

/* After 5 minutes, an hour, and on five days; then a person decides. */
static void delivery_ask_later(struct command *command, struct delivery *delivery)
{
	static const int64_t delays_s[] = { 300, 3600, 86400, 86400, 86400, 86400, 86400 };
	const int64_t count = (int64_t)(sizeof delays_s / sizeof delays_s[0]);
	int64_t asked = delivery_is_unknown(delivery) ? delivery->attempts - 1 : 0;
	delivery->last_error = text_of(unknown_error);
	delivery->attempts = asked + 2;
	if (asked >= count) {
		delivery->status = DELIVERY_STATUS_DEAD;
		return;
	}
	delivery->due_at = (struct instant){ command->now.us + delays_s[asked] * US_PER_S };
	work_due(command, delivery->due_at);
}

bool delivery_answered(struct command *command, int64_t delivery_id, bool unknown)
{
	struct delivery *delivery;
	if (!delivery_load(command, delivery_id, &delivery))
		return false;
	if (unknown)
		delivery_ask_later(command, delivery);
	else
		delivery->status = DELIVERY_STATUS_DONE;
	return store_update(command->store, &delivery_record, delivery);
}

void delivery_failed(struct command *command, int64_t delivery_id)
{
	struct delivery *delivery;
	if (!delivery_load(command, delivery_id, &delivery))
		return;
	struct text error = redact_cards(command->arena, text_of(command->problems->first->message));
	delivery->last_error = text_front(error, (size_t)delivery_record.fields[DELIVERY_FIELD_LAST_ERROR].max);
	bool waits = command_lacks_bundle(command);
	struct instant repeat_at =
	        waits ? command_bundle_wait(command->now) : job_repeat_at(command->now, delivery->attempts);
	if (!waits)
		delivery->attempts++;
	if (repeat_at.us) {
		delivery->due_at = repeat_at;
		work_due(command, repeat_at);
	} else {
		delivery->status = DELIVERY_STATUS_DEAD;
	}
	store_update(command->store, &delivery_record, delivery);
}

struct sent_read {
	int64_t delivery_id;
	struct delivery *delivery;
};

static bool sent_read(struct store_transaction *transaction, void *context)
{
	struct sent_read *read = context;
	return store_find(transaction, &delivery_record, read->delivery_id, (void **)&read->delivery);
}

bool delivery_is_sent(struct engine *engine, int64_t tenant_id, int64_t delivery_id, struct arena *arena,
                      struct problems *problems, struct delivery **delivery)
{
	struct sent_read read = { .delivery_id = delivery_id };
	bool good = store_read(engine->store, tenant_id, arena, problems, sent_read, &read);
	*delivery = read.delivery;
	return good && read.delivery && read.delivery->status == DELIVERY_STATUS_SENT;
}
