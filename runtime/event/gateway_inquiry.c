/* gateway_inquiry.c: charges whose answer nobody waits for any more: a lost process sent them, their answer could not
 * be stored, or it was unknown. The gateway is asked by our key; they are never sent again.
 */
#include "engine_state.h"

#include "base/log.h"

enum { INQUIRIES_AT_ONCE = 50 };

/* ---- one ---- */

struct sent_charge {
	struct text gateway, key;
	int64_t attempt_id, payment_id;
};

static bool charge_read(struct arena *arena, struct problems *problems, const struct delivery *delivery,
                        struct sent_charge *charge)
{
	const struct json *body = json_parse(delivery->body, arena, problems);
	if (!body)
		return false;
	charge->gateway = json_text(json_member(body, "gateway"));
	charge->key = json_text(json_member(body, "idempotency_key"));
	return (text_to_int64(json_text(json_member(body, "attempt_id")), &charge->attempt_id) &&
	        text_to_int64(json_text(json_member(body, "payment_id")), &charge->payment_id)) ||
	       problem(problems, PROBLEM_INTERNAL, "", "delivery %lld names no attempt", (long long)delivery->id);
}

/* Nothing new about a payment that is known to be unknown: only the next question is planned. */
static bool still_unknown_perform(struct command *command, const void *input, void **output)
{
	(void)command;
	(void)input;
	(void)output;
	return true;
}

static const struct command_type still_unknown_type = {
	.name = "gateway.inquire", .scope = "admin", .without_rules = true, .perform = still_unknown_perform,
	.doc = "Asks a gateway again what became of a charge.",
};

static bool still_unknown(const struct completion *completion)
{
	struct command_request request = {
		.tenant_id = completion->tenant_id,
		.type = &still_unknown_type,
		.origin = { .actor = text_format(completion->arena, "gateway:%s", completion->gateway) },
		.arena = completion->arena,
		.problems = completion->problems,
	};
	const struct command_launch launch = { .delivery_id = completion->delivery_id, .unknown = true };
	return command_launch_wait(completion->engine, &request, &launch);
}

static bool inquire(struct engine *engine, int64_t tenant_id, const struct delivery *delivery, struct arena *arena,
                    struct problems *problems)
{
	struct sent_charge charge;
	if (!charge_read(arena, problems, delivery, &charge))
		return false;
	struct gateway_outcome *outcome = arena_new(arena, struct gateway_outcome);
	const struct gateway *gateway = engine_gateway(engine, charge.gateway);
	if (gateway)
		gateway->inquire(gateway->context, tenant_id, charge.key, arena, outcome);
	outcome_settle(outcome, charge.attempt_id, arena);
	struct completion completion = {
		.engine = engine, .tenant_id = tenant_id, .delivery_id = delivery->id,
		.gateway = gateway ? gateway->name : "none", .outcome = outcome, .arena = arena, .problems = problems,
	};
	if (delivery_is_unknown(delivery) && outcome->status == GATEWAY_OUTCOME_STATUS_UNKNOWN)
		return still_unknown(&completion);
	return completion_run(&completion);
}

/* At open everything that was sent is asked about at once; only what is known to be unknown waits for its day. */
static bool inquiry_is_due(const struct delivery *delivery, struct instant until)
{
	return until.us != INT64_MAX || !delivery_is_unknown(delivery);
}

/* An answer that is refused puts its question off. Where the machine lacks memory or disk that is not stored either: the
 * question is still due, and asking at once again would go on without end. */
static bool inquiry_failed(int64_t tenant_id, int64_t delivery_id, const struct problems *own, struct problems *problems)
{
	log_write(LOG_ERROR, "gateway.inquire", "tenant=%lld delivery=%lld: %s", (long long)tenant_id, (long long)delivery_id,
	          own->first ? own->first->message : "failed");
	if (!own->first || problem_info(own->first->code)->status < 503)
		return true;
	problems_copy(problems, own);
	return false;
}

/* *asked = false when another thread has it, or its answer has come in the meantime. False: see inquiry_failed. */
static bool inquire_once(struct engine *engine, int64_t tenant_id, int64_t delivery_id, struct instant until,
                         struct problems *outer, bool *asked)
{
	struct flight flight = { .tenant_id = tenant_id, .delivery_id = delivery_id };
	struct arena arena;
	bool good = true;
	*asked = false;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return problem(outer, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before a gateway was asked");
	if (flight_begin(engine, &flight)) {
		struct problems problems;
		struct delivery *delivery;
		problems_init(&problems, &arena);
		*asked = delivery_is_sent(engine, tenant_id, delivery_id, &arena, &problems, &delivery) &&
		         delivery->due_at.us <= until.us && inquiry_is_due(delivery, until);
		if (*asked && !inquire(engine, tenant_id, delivery, &arena, &problems))
			good = inquiry_failed(tenant_id, delivery_id, &problems, outer);
		flight_end(engine, &flight);
	}
	arena_finish(&arena);
	return good;
}

/* ---- those that are due ---- */

struct sent_list {
	struct delivery *items;
	size_t count, capacity;
};

struct sent_read {
	struct instant until;
	struct sent_list list;
};

static bool sent_read(struct store_transaction *transaction, void *context)
{
	struct sent_read *read = context;
	return store_all(transaction, STATEMENT_DELIVERY_SENT_DUE,
	                 BINDS(bind_instant(read->until), bind_integer(INQUIRIES_AT_ONCE)), &delivery_record,
	                 LIST(&read->list));
}

bool gateway_inquire_due(struct engine *engine, int64_t tenant_id, struct instant until, struct problems *problems,
                         bool *any)
{
	struct arena arena;
	struct sent_read read = { .until = until };
	struct problems own;
	*any = false;
	if (!engine_command(engine, TEXT("payment.complete")))
		return true;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out before a gateway was asked");
	problems_init(&own, &arena);
	bool good = store_read(engine->store, tenant_id, &arena, &own, sent_read, &read);
	for (size_t i = 0; i < read.list.count && good; i++) {
		bool asked;
		good = inquire_once(engine, tenant_id, read.list.items[i].id, until, &own, &asked);
		*any = *any || asked;
	}
	if (!good)
		problems_copy(problems, &own);
	arena_finish(&arena);
	return good;
}

/* ---- at open ---- */

struct recovery {
	struct work work;
	struct engine *engine;
	int64_t tenant_id;
};

static void recovery_run(struct work *work)
{
	struct recovery *recovery = (struct recovery *)(void *)work;
	struct arena arena;
	const struct instant whenever = { INT64_MAX };
	if (arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES)) {
		struct problems problems;
		bool any = true;
		problems_init(&problems, &arena);
		if (!gateway_inquire_due(recovery->engine, recovery->tenant_id, whenever, &problems, &any))
			log_write(LOG_ERROR, "gateway.recover", "tenant=%lld: the store cannot be read",
			          (long long)recovery->tenant_id);
		arena_finish(&arena);
	}
	memory_free(recovery);
}

static bool recovery_add(void *context, const struct store_row *row)
{
	struct engine *engine = context;
	struct recovery *recovery = memory_alloc(sizeof *recovery);
	if (!recovery)
		return false;
	*recovery = (struct recovery){
		.work = { .run = recovery_run }, .engine = engine, .tenant_id = store_row_integer(row, 0),
	};
	worker_pool_add(engine->workers, &recovery->work);
	return true;
}

static bool recovery_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_SENT_BY_TENANT, NO_BINDS, recovery_add, context);
}

bool gateway_recover(struct engine *engine, struct problems *problems)
{
	bool good = store_read(engine->store, 0, problems->arena, problems, recovery_read, engine);
	while (!worker_pool_has_threads(engine->workers) && worker_pool_run(engine->workers))
		;
	return good;
}

/* ---- the answer to a key that a lost process began ---- */

static bool output_reload(struct command *command, struct command_request *request, int64_t payment_id)
{
	const struct record *output = request->type->output;
	if (request->type->reload)
		return request->type->reload(command, payment_id, &request->output);
	if (!output || !output->table || !output->table->find)
		return true;
	return store_find(command->store, output, payment_id, &request->output);
}

bool gateway_answer_lost(struct command_request_state *state, bool *found)
{
	struct command_request *request = state->request;
	struct command *command = &state->command;
	struct delivery *delivery;
	struct sent_charge charge;
	*found = false;
	if (!store_one(command->store, STATEMENT_DELIVERY_BY_REQUEST_KEY, BINDS(bind_text(request->idempotency_key)),
	               &delivery_record, (void **)&delivery))
		return false;
	if (!delivery || (delivery->status != DELIVERY_STATUS_DONE && !delivery_is_unknown(delivery)))
		return true;
	if (!charge_read(command->arena, command->problems, delivery, &charge) ||
	    !output_reload(command, request, charge.payment_id))
		return false;
	if (!request->output)
		return true;
	request->reply_status = 200;
	if (request->encode)
		request->encode(command, request);
	state->nothing_done = true;
	*found = true;
	return command_key_finish(state, command->store);
}
