/* events.c: bodies of events into the intake, and what its requests are answered. */
#include "exchange.h"

struct events_exchange {
	struct http_exchange *exchange;
	struct event_request request;
	struct event_inputs events;
	void (*encode)(struct http_exchange *exchange, const struct events_taken *taken);
};

static void events_encode(struct event_request *request)
{
	struct events_exchange *work = request->context;
	struct http_exchange *exchange = work->exchange;
	const struct http_route *route = exchange->entry->route;
	exchange->reply = (struct http_reply){ .status = route->status ? route->status : 200 };
	if (request->problems->count)
		http_reply_problems(exchange);
	else if (work->encode)
		work->encode(exchange, &request->taken);
	else
		http_reply_record(exchange, exchange->reply.status, &events_taken_record, &request->taken);
	request->reply_status = exchange->reply.status;
	request->reply_content_type = exchange->reply.content_type;
	request->reply_body = exchange->reply.body;
}

static void events_done(struct event_request *request)
{
	struct events_exchange *work = request->context;
	struct http_exchange *exchange = work->exchange;
	exchange->reply.status = request->reply_status;
	exchange->reply.content_type = request->reply_content_type;
	exchange->reply.body = request->reply_body;
	if (request->replayed)
		http_reply_header(&exchange->reply, "Idempotency-Replayed", TEXT("true"));
	else if (request->dry_run)
		http_reply_header(&exchange->reply, "Dry-Run", TEXT("true"));
	http_finish(exchange);
}

static struct events_exchange *work_make(struct http_exchange *exchange, struct text stream)
{
	struct events_exchange *work = arena_new(exchange->arena, struct events_exchange);
	work->exchange = exchange;
	work->request = (struct event_request){
		.tenant_id = exchange->identity.tenant_id,
		.stream = stream,
		.events = &work->events,
		.bytes = exchange->request->body.length,
		.dry_run = exchange->write.dry_run,
		.idempotency_key = exchange->write.key,
		.arena = exchange->arena,
		.problems = &exchange->problems,
		.encode = events_encode,
		.done = events_done,
		.context = work,
	};
	if (text_present(exchange->write.key))
		work->request.fingerprint = http_fingerprint(exchange);
	return work;
}

bool http_events_take(struct http_exchange *exchange, struct text stream, const struct event_spelling *spelling,
                      void (*encode)(struct http_exchange *exchange, const struct events_taken *taken))
{
	struct events_exchange *work = work_make(exchange, stream);
	struct event_intake *intake = exchange->application->intake;
	work->encode = encode;
	if (!event_inputs_read(exchange->request->body, spelling, exchange->arena, &exchange->problems, &work->events))
		return false;
	event_inputs_hash(&work->events, exchange->identity.tenant_id, stream);
	if (exchange->wait) {
		event_intake_run(intake, &work->request);
		events_done(&work->request);
		return true;
	}
	if (event_intake_submit(intake, &work->request))
		return true;
	if (exchange->problems.first->code == PROBLEM_TOO_MANY_REQUESTS)
		http_reply_header(&exchange->reply, "Retry-After", TEXT("1"));
	return false;
}
