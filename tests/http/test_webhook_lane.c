/* test_webhook_lane.c: what stands in the way of messages stands in the way of no others: dead hosts, names that nobody resolves,
 * endpoints that are removed, lanes that take all room, clocks that are moved. */
#include "sender.h"

#include <dlfcn.h>
#include <netdb.h>

/* ---- a resolver that does not answer for names with "tarpit" in them ---- */

static atomic_bool resolver_answers;
static atomic_int resolver_asked;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (!name || !strstr(name, "tarpit"))
		return real(name, service, hints, found);
	resolver_asked++;
	while (!resolver_answers)
		usleep(10000);
	resolver_asked--;
	return EAI_AGAIN;
}

TEST(a_name_that_no_resolver_answers_delays_no_other)
{
	struct house house;
	house_open(&house, true);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints", "{'url':'https://tarpit.example/','events':'account.create'}", 201);
	endpoint_make(&house, "/ok", ",'events':'account.*'");
	account_make(&house, "Ann");
	deliveries_wait_done(&house, 1);
	/* The other's try has ended in failure, though the resolver is still asked. */
	for (int tries = 0, i = 0; tries == 0 && i < 3000; i++) {
		counter_expect(&house.counter, "GET", "/v1/deliveries?status=pending", NULL, 200);
		tries = text_is(counter_json(&house.counter, "items.0.attempts"), "1");
		usleep(20000);
	}
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.attempts"), "1");
	CHECK(resolver_asked > 0);
	counter_expect(&house.counter, "PATCH", "/v1/accounts/1", "{'name':'Anna'}", 200);
	deliveries_wait_done(&house, 2);
	house_close(&house);
	resolver_answers = true;
	while (resolver_asked > 0)
		usleep(1000);
}

/* ---- endpoints that change ---- */

static void accounts_make(struct house *house, int count)
{
	for (int i = 0; i < count; i++)
		account_make(house, "Ann");
}

static void endpoint_patch(struct house *house, int64_t id, const char *change)
{
	counter_expect(&house->counter, "PATCH",
	               text_format(&house->counter.arena, "/v1/webhook_endpoints/%lld", (long long)id).data, change, 200);
}

static void pending_wait_none(struct house *house)
{
	for (int i = 0; i < 3000 && deliveries_count(house, "pending") > 0; i++)
		usleep(20000);
	CHECK_EQ_INT(deliveries_count(house, "pending"), 0);
}

enum { UNDER_WAY_FIRST = 8 };

/* Eight are under way, as many were read and wait for them. */
TEST(nothing_is_begun_any_more_once_an_endpoint_is_removed)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	accounts_make(&house, 40);
	CHECK_EQ_INT(receiver_wait(&house.receiver, UNDER_WAY_FIRST), UNDER_WAY_FIRST);
	counter_expect(&house.counter, "DELETE", "/v1/webhook_endpoints/1", NULL, 200);
	house.receiver.released = true;
	pending_wait_none(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), UNDER_WAY_FIRST);
	CHECK_EQ_INT(deliveries_count(&house, "dead"), 40 - UNDER_WAY_FIRST);
	house_close(&house);
}

TEST(what_was_read_for_an_endpoint_goes_to_its_new_url)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	accounts_make(&house, 40);
	CHECK_EQ_INT(receiver_wait(&house.receiver, UNDER_WAY_FIRST), UNDER_WAY_FIRST);
	endpoint_patch(&house, 1, text_format(&house.counter.arena, "{'url':'%s'}", house_url(&house, "/ok")).data);
	house.receiver.released = true;
	deliveries_wait_done(&house, 40);
	for (int i = 0; i < 40; i++)
		CHECK_EQ_TEXT(text_of(house.receiver.items[i].path), i < UNDER_WAY_FIRST ? "/held" : "/ok");
	house_close(&house);
}

/* Its circuit is open, and most of what waits is due later. */
TEST(what_waits_for_an_endpoint_that_fails_dies_at_once_when_it_is_removed)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/500", ",'events':'account.create'");
	accounts_make(&house, 150);
	CHECK(receiver_wait(&house.receiver, 20) >= 20);
	counter_expect(&house.counter, "DELETE", "/v1/webhook_endpoints/1", NULL, 200);
	pending_wait_none(&house);
	CHECK_EQ_INT(deliveries_count(&house, "dead"), 150);
	house_close(&house);
}

/* ---- signed when it is sent ---- */

/* Eight are under way while the endpoint hangs; as many were read before it did, and are sent when it is well. */
TEST(what_waited_for_an_endpoint_that_hung_is_signed_when_it_is_sent)
{
	struct house house;
	int64_t second;
	house_open(&house, true);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	accounts_make(&house, 40);
	CHECK_EQ_INT(receiver_wait(&house.receiver, UNDER_WAY_FIRST), UNDER_WAY_FIRST);
	usleep(2100000);
	const int64_t released_s = clock_wall().us / US_PER_S;
	house.receiver.released = true;
	deliveries_wait_done(&house, 40);
	for (int i = UNDER_WAY_FIRST; i < 40; i++) {
		CHECK(text_to_int64(receiver_header(&house.receiver, i, "webhook-timestamp"), &second));
		check_note("message %d is of %lld, it was sent at %lld or later", i, (long long)second, (long long)released_s);
		CHECK(second >= released_s);
	}
	house_close(&house);
}

/* What was under way has the old secret's signature, what came later only the new one's. */
static void signed_from(struct house *house, int count, struct text old, struct text fresh)
{
	CHECK_EQ_INT(receiver_count(&house->receiver), count);
	for (int i = 0; i < count; i++) {
		CHECK(signature_holds(house, i, old) == (i < UNDER_WAY_FIRST));
		CHECK(signature_holds(house, i, fresh) == (i >= UNDER_WAY_FIRST));
	}
}

/* Before the answer of the rotation is there the old secret may sign, afterwards never. */
TEST(what_was_read_before_a_rotation_without_overlap_is_signed_with_the_new_secret)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	struct text old = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	accounts_make(&house, 40);
	CHECK_EQ_INT(receiver_wait(&house.receiver, UNDER_WAY_FIRST), UNDER_WAY_FIRST);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/rotate_secret", "{'overlap_hours':0}", 201);
	struct text fresh = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	house.receiver.released = true;
	deliveries_wait_done(&house, 40);
	signed_from(&house, 40, old, fresh);
	house_close(&house);
}

static void *drain_main(void *context)
{
	struct house *house = context;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	CHECK(engine_drain(house->counter.engine, house->counter.tenant_id, &problems));
	arena_finish(&arena);
	return NULL;
}

/* Whoever moves a test tenant's clock sends on a thread of his own. */
TEST(a_rotation_while_a_clock_sends_holds_for_what_follows_it)
{
	struct house house;
	pthread_t thread;
	house_open(&house, false);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	struct text old = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	accounts_make(&house, 40);
	CHECK(pthread_create(&thread, NULL, drain_main, &house) == 0);
	CHECK_EQ_INT(receiver_wait(&house.receiver, UNDER_WAY_FIRST), UNDER_WAY_FIRST);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/rotate_secret", "{'overlap_hours':0}", 201);
	struct text fresh = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	house.receiver.released = true;
	CHECK(pthread_join(thread, NULL) == 0);
	signed_from(&house, 40, old, fresh);
	house_close(&house);
}

/* ---- lanes that take all room ---- */

static int place_of(struct house *house, const char *path)
{
	int place = 0;
	while (strcmp(house->receiver.items[place].path, path) != 0)
		place++;
	return place;
}

TEST(lanes_take_turns_where_there_is_room_for_few)
{
	enum { MANY = 150 };
	struct house house;
	house_open_with(&house, (struct engine_options){ .threads = true, .deliveries_in_flight = 2 });
	endpoint_make(&house, "/ok", ",'events':'account.update'"); /* the first lane */
	account_make(&house, "Ann");
	counter_expect(&house.counter, "PATCH", "/v1/accounts/1", "{'name':'Anna'}", 200);
	deliveries_wait_done(&house, 1);
	endpoint_make(&house, "/held", ",'events':'account.create'");
	accounts_make(&house, MANY);
	CHECK_EQ_INT(receiver_wait(&house.receiver, 2), 2); /* the first, and one that takes all room of a tenant */
	endpoint_patch(&house, 1, text_format(&house.counter.arena, "{'url':'%s'}", house_url(&house, "/200")).data);
	counter_expect(&house.counter, "PATCH", "/v1/accounts/1", "{'name':'Anne'}", 200);
	house.receiver.released = true;
	CHECK_EQ_INT(receiver_wait(&house.receiver, MANY + 2), MANY + 2);
	check_note("place %d of %d", place_of(&house, "/200"), MANY + 2);
	CHECK(place_of(&house, "/200") < MANY / 2);
	house_close(&house);
}

/* As another tenant, from now on. */
static void house_enter(struct house *house, const struct tenant_created *tenant)
{
	house->counter.tenant_id = tenant->id;
	house->counter.key = text_c(&house->counter.arena, tenant->api_key);
	counter_expect(&house->counter, "PATCH", "/v1/settings", "{'deliveries':{'plain_http':true,'private_addresses':true}}", 200);
}

TEST(a_tenant_whose_endpoints_take_all_their_room_delays_no_other)
{
	struct house house;
	house_open_with(&house, (struct engine_options){ .threads = true, .deliveries_in_flight = 8 });
	for (int i = 0; i < 4; i++)
		endpoint_make(&house, "/held", ",'events':'account.create'");
	accounts_make(&house, 20);
	CHECK_EQ_INT(receiver_wait(&house.receiver, 4), 4);
	usleep(100000);
	CHECK_EQ_INT(receiver_count(&house.receiver), 4); /* half of eight */
	house_enter(&house, counter_tenant(&house.counter, "other"));
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	accounts_make(&house, 3);
	deliveries_wait_done(&house, 3); /* while those of the first are held */
	CHECK(!house.receiver.released && receiver_count(&house.receiver) == 4 + 3);
	house.receiver.released = true;
	house_close(&house);
}

/* ---- clocks ---- */

/* Each of twelve would be tried ten times, twenty seconds each. */
TEST(a_clock_gives_a_receiver_that_hangs_up_and_what_waits_is_sent_when_it_stands)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/500", ",'events':'account.create'");
	accounts_make(&house, 12);
	CHECK(receiver_wait(&house.receiver, 12) >= 12);
	endpoint_patch(&house, 1, text_format(&house.counter.arena, "{'url':'%s'}", house_url(&house, "/held")).data);
	clock_to(&house, "2011-09-30T00:00:00Z");
	CHECK_EQ_INT(deliveries_count(&house, "pending"), 12);
	house.receiver.released = true;
	deliveries_wait_done(&house, 12);
	house_close(&house);
}

CHECK_MAIN
