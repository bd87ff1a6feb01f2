/* lot.c: what was bought ahead of a prepaid component gets another end, or is taken back. */
#include "maxio.h"

#include "billing/prepaid_lot.h"
#include "billing/subscription.h"

struct lot_call {
	struct maxio_expiry_input expiry;
	struct maxio_delete_input deletion;
	struct allocation_change_expiration change;
	struct allocation_delete delete;
};

/* The command says the same, in words of its own. */
static bool expiry_check(struct command *command, struct http_exchange *exchange, const struct allocation *lot, struct instant expires_at)
{
	const struct subscription *subscription = subscription_need(command, lot->subscription_id, "");
	if (!subscription)
		return false;
	return expires_at.us == 0 || expires_at.us >= subscription->assessed_from.us ||
	       problem(&exchange->problems, PROBLEM_OUT_OF_RANGE, "/expires_at", "must be greater than or equal to %.*s",
	               TEXT_ARG(date_text(exchange->arena, timezone_date(command->zone, subscription->assessed_from))));
}

static bool lot_resolve(struct command *command, struct http_exchange *exchange)
{
	struct lot_call *call = exchange->work;
	struct subscription_component *had;
	struct allocation *lot = NULL;
	int64_t id;
	if (!maxio_held(command, exchange, &had) || !text_to_int64(maxio_segment(exchange, 5), &id) ||
	    !store_find(command->store, &allocation_record, id, (void **)&lot))
		return false;
	if (!lot || !had || lot->subscription_id != had->subscription_id || lot->component_id != had->component_id)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "allocation %lld does not exist", (long long)id);
	call->change.id = call->delete.id = lot->id;
	return maxio_instant(exchange, command->zone, call->expiry.expires_at, 0, "/expires_at", &call->change.expires_at) &&
	       expiry_check(command, exchange, lot, call->change.expires_at);
}

static void nothing_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	(void)output;
	exchange->reply = (struct http_reply){ .status = exchange->reply.status, .body = TEXT("") };
}

static bool expiry_submit(struct http_exchange *exchange)
{
	struct lot_call *call = exchange->work;
	if (call->change.expires_at.us == 0)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/expires_at", "a date is needed");
	return http_submit(exchange, exchange->entry->command, &call->change, nothing_encode);
}

static bool expiry_put(struct http_exchange *exchange)
{
	struct lot_call *call = arena_new(exchange->arena, struct lot_call);
	exchange->work = call;
	return maxio_body(exchange, "allocation", &maxio_expiry_input_record, &call->expiry) &&
	       maxio_resolve(exchange, lot_resolve, expiry_submit);
}

static bool delete_submit(struct http_exchange *exchange)
{
	struct lot_call *call = exchange->work;
	return http_submit(exchange, exchange->entry->command, &call->delete, nothing_encode);
}

static bool lot_delete(struct http_exchange *exchange)
{
	struct lot_call *call = arena_new(exchange->arena, struct lot_call);
	exchange->work = call;
	if (!maxio_body(exchange, NULL, &maxio_delete_input_record, &call->deletion))
		return false;
	struct text scheme = call->deletion.credit_scheme;
	if (text_present(scheme) && scheme.length) {
		int word = word_find(WORD_SYSTEM_MAXIO, WORD_ALLOCATION_DELETE_CREDIT_SCHEME, scheme);
		if (!word)
			return problem_value(&exchange->problems, PROBLEM_UNKNOWN_CHOICE, "/credit_scheme", scheme, NULL, "is unknown");
		call->delete.credit_scheme = (enum allocation_delete_credit_scheme)word;
	}
	return maxio_resolve(exchange, lot_resolve, delete_submit);
}

#define LOT_PATH "/subscriptions/{id}/components/{key}/allocations/{line}.json"

const struct http_route maxio_lot_routes[] = {
	{ .method = "PUT", .path = LOT_PATH, .command = "allocation.change_expiration", .status = 204,
	  .vendors = true, .wrapper = "allocation", .handle = expiry_put, .input = &maxio_expiry_input_record,
	  .doc = "Gives what was bought ahead another end." },
	{ .method = "DELETE", .path = LOT_PATH, .command = "allocation.delete", .scope = "write", .vendors = true,
	  .handle = lot_delete, .input = &maxio_delete_input_record, .doc = "Takes back what was bought ahead." },
	{ .path = NULL },
};
