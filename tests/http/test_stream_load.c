/* test_stream_load.c: many requests with events at once: groups, and what is refused when too many wait. */
#include "stream_counter.h"

#include "billing/event_intake.h"

#include <pthread.h>
#include <semaphore.h>

enum { REQUESTS_MOST = 260 };

struct sent {
	struct counter *counter;
	struct arena arena;
	struct http_request request;
	struct http_field headers[2];
	sem_t *answered;
	int status;
	bool told_when;
	char body[400];
};

static void answer_take(void *context, struct http_request *request, const struct http_reply *reply)
{
	struct sent *sent = context;
	size_t length = reply->body.length < sizeof sent->body - 1 ? reply->body.length : sizeof sent->body - 1;
	(void)request;
	sent->status = reply->status;
	sent->told_when = text_is(http_header(reply->headers, reply->header_count, "Retry-After", NULL), "1");
	memcpy(sent->body, reply->body.data, length);
	sem_post(sent->answered);
}

static void send_later(struct counter *counter, struct sent *sent, sem_t *answered, struct text body)
{
	*sent = (struct sent){ .counter = counter, .answered = answered };
	CHECK(arena_init(&sent->arena, ARENA_LIMIT_DEFAULT_BYTES));
	sent->headers[0] = (struct http_field){ TEXT("Authorization"), text_format(&sent->arena, "Bearer %s", counter->key) };
	sent->request = (struct http_request){
		.arena = &sent->arena, .method = TEXT("POST"), .target = TEXT(EVENTS), .body = body,
		.headers = sent->headers, .header_count = 1, .remote = TEXT("192.0.2.1"),
	};
	http_handle(counter->application, &sent->request, answer_take, sent);
}

static void wait_for(sem_t *answered, int count)
{
	while (count > 0)
		if (sem_wait(answered) == 0)
			count--;
}

/* ---- the writer stands still for as long as the test wants ---- */

struct hold {
	struct store_job job;
	sem_t held, go, done;
};

static bool hold_body(struct store_transaction *transaction, void *context)
{
	struct hold *hold = context;
	(void)transaction;
	sem_post(&hold->held);
	while (sem_wait(&hold->go) != 0)
		;
	return true;
}

static void hold_done(void *context, enum store_outcome outcome)
{
	(void)outcome;
	sem_post(&((struct hold *)context)->done);
}

static void writer_hold(struct counter *counter, struct hold *hold)
{
	sem_init(&hold->held, 0, 0);
	sem_init(&hold->go, 0, 0);
	sem_init(&hold->done, 0, 0);
	hold->job = (struct store_job){ .tenant_id = counter->tenant_id, .body = hold_body, .done = hold_done, .context = hold,
		                        .arena = &counter->arena, .problems = &counter->problems };
	store_submit(engine_store(counter->engine), &hold->job);
	wait_for(&hold->held, 1);
}

static void writer_release(struct hold *hold)
{
	sem_post(&hold->go);
	wait_for(&hold->done, 1);
}

/* ---- ---- */

TEST(what_comes_while_the_writer_is_busy_is_written_together)
{
	static struct sent sent[64];
	struct counter counter;
	struct hold hold;
	sem_t answered;
	counter_open_at(&counter, ":memory:", true);
	stream_furnish(&counter);
	sem_init(&answered, 0, 0);
	writer_hold(&counter, &hold);
	for (int i = 0; i < 64; i++)
		send_later(&counter, &sent[i], &answered, TEXT("{\"moonbill\":{\"subscription_id\":1},\"bytes\":3}"));
	CHECK(store_queue_length(engine_store(counter.engine)) < 8); /* one job for all of them, beside what is due of itself */
	writer_release(&hold);
	wait_for(&answered, 64);
	for (int i = 0; i < 64; i++) {
		CHECK_EQ_INT(sent[i].status, 201);
		arena_finish(&sent[i].arena);
	}
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "192");
	counter_close(&counter);
}

TEST(one_of_a_group_that_is_refused_leaves_the_others)
{
	static struct sent sent[3];
	struct counter counter;
	struct hold hold;
	sem_t answered;
	counter_open_at(&counter, ":memory:", true);
	stream_furnish(&counter);
	sem_init(&answered, 0, 0);
	writer_hold(&counter, &hold);
	send_later(&counter, &sent[0], &answered, TEXT("{\"moonbill\":{\"subscription_id\":1},\"bytes\":3}"));
	sent[1] = (struct sent){ .counter = &counter, .answered = &answered };
	CHECK(arena_init(&sent[1].arena, ARENA_LIMIT_DEFAULT_BYTES));
	sent[1].headers[0] = (struct http_field){ TEXT("Authorization"), text_format(&sent[1].arena, "Bearer %s", counter.key) };
	sent[1].request = (struct http_request){
		.arena = &sent[1].arena, .method = TEXT("POST"), .target = TEXT("/v1/streams/none/events"), .body = TEXT("{}"),
		.headers = sent[1].headers, .header_count = 1, .remote = TEXT("192.0.2.1"),
	};
	http_handle(counter.application, &sent[1].request, answer_take, &sent[1]);
	send_later(&counter, &sent[2], &answered, TEXT("{\"moonbill\":{\"subscription_id\":1},\"bytes\":4}"));
	writer_release(&hold);
	wait_for(&answered, 3);
	CHECK_EQ_INT(sent[0].status, 201);
	CHECK_EQ_INT(sent[1].status, 404);
	CHECK_EQ_INT(sent[2].status, 201);
	CHECK_EQ_TEXT(quantity_of(&counter, "2"), "7");
	for (int i = 0; i < 3; i++)
		arena_finish(&sent[i].arena);
	counter_close(&counter);
}

TEST(too_many_that_wait_are_refused_and_those_that_were_taken_stay)
{
	static struct sent sent[REQUESTS_MOST];
	struct counter counter;
	struct hold hold;
	struct text_builder out;
	sem_t answered;
	int taken = 0, refused = 0;
	counter_open_at(&counter, ":memory:", true);
	stream_furnish(&counter);
	sem_init(&answered, 0, 0);
	builder_init(&out, &counter.arena, 0);
	for (int i = 0; i < 1000; i++)
		builder_c(&out, i ? ",{\"moonbill\":{\"subscription_id\":1}}" : "[{\"moonbill\":{\"subscription_id\":1}}");
	builder_c(&out, "]");
	writer_hold(&counter, &hold);
	for (int i = 0; i < REQUESTS_MOST; i++)
		send_later(&counter, &sent[i], &answered, builder_text(&out));
	writer_release(&hold);
	wait_for(&answered, REQUESTS_MOST);
	for (int i = 0; i < REQUESTS_MOST; i++) {
		taken += sent[i].status == 201;
		refused += sent[i].status == 429 && sent[i].told_when;
		arena_finish(&sent[i].arena);
	}
	CHECK_EQ_INT(taken, EVENTS_QUEUED_MOST / 1000);
	CHECK_EQ_INT(refused, REQUESTS_MOST - taken);
	CHECK_EQ_TEXT(quantity_of(&counter, "1"), text_format(&counter.arena, "%d", EVENTS_QUEUED_MOST).data);
	counter_send_text(&counter, "POST", EVENTS, TEXT("{}")); /* there is room again */
	CHECK_EQ_INT(counter.reply.status, 201);
	counter_close(&counter);
}

CHECK_MAIN
