/* test_cache.c: answers that are kept are those that a read would give: whatever is written, whoever asks, and while
 * others write. */
#include "known.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static struct http_cache_count count_of(const struct counter *counter)
{
	return http_cache_count(counter->application->cache);
}

static int64_t hits_of_get(struct counter *counter, const char *target)
{
	int64_t before = count_of(counter).hits;
	counter_expect(counter, "GET", target, NULL, 200);
	return count_of(counter).hits - before;
}

/* ---- one by one ---- */

TEST(an_answer_is_kept_until_its_tenant_commits)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 0);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 1);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1?"), 0); /* another address */
	counter_expect(&counter, "HEAD", "/v1/accounts/1", NULL, 200);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'name':'Bea'}", 200);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 0);
	CHECK_EQ_TEXT(counter_json(&counter, "name"), "Bea");
	counter_header(&counter, "Dry-Run", "true"); /* nothing of it is kept, so the answer may be */
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'name':'Cleo'}", 200);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 1);
	counter_expect(&counter, "PATCH", "/v1/accounts/1", "{'name':''}", 422);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'John','external_key':'J1'}", 409);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/audit?command=customer.create"), 0);
	CHECK_EQ_TEXT(counter_json(&counter, "items.1.outcome"), "rejected"); /* what failed is in the audit */
	counter_close(&counter);
}

TEST(the_wall_clock_is_not_kept)
{
	struct counter counter;
	counter_open(&counter);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/clock"), 0);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/clock"), 0);
	counter_close(&counter);
}

TEST(an_answer_is_its_tenants_alone_and_for_those_who_may_read_it)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	const char *first = counter.key, *second = text_c(&counter.arena, counter_tenant(&counter, "two")->api_key);
	const char *payer = counter_key(&counter, "payments");
	for (int i = 0; i < 2; i++) {
		counter.key = first;
		counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 200);
		counter.key = second;
		counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 404);
		counter.key = payer;
		counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 403);
		counter.key = NULL;
		counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 401);
	}
	counter_close(&counter);
}

TEST(one_tenants_write_leaves_anothers_answers)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	struct store *store = engine_store(counter.engine);
	const struct tenant_created *other = counter_tenant(&counter, "two");
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 0);
	uint64_t first = store_version(store, counter.tenant_id), second = store_version(store, other->id);
	const char *key = counter.key;
	counter.key = text_c(&counter.arena, other->api_key);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	CHECK(store_version(store, counter.tenant_id) == first);
	CHECK(store_version(store, other->id) > second);
	counter.key = key;
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 1);
	counter_tenant(&counter, "three"); /* a command of no tenant may change any */
	CHECK(store_version(store, counter.tenant_id) > first);
	CHECK_EQ_INT(hits_of_get(&counter, "/v1/accounts/1"), 0);
	counter_close(&counter);
}

TEST(what_is_kept_has_a_bound)
{
	enum { ADDRESSES = 30000, BYTES_MAX = 16 * 1024 * 1024, ANSWERS_MAX = 4096 };
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	struct http_exchange exchange = { .arena = &counter.arena, .identity = { .tenant_id = counter.tenant_id } };
	struct http_cache *cache = counter.application->cache;
	uint64_t version = store_version(engine_store(counter.engine), counter.tenant_id);
	static char body[8000];
	memset(body, 'x', sizeof body);
	for (int i = 0; i < ADDRESSES; i++) {
		struct http_request request = { .target = text_format(&counter.arena, "/v1/orders?after=%d", i) };
		exchange.request = &request;
		exchange.tag = TEXT("\"t\"");
		exchange.reply = (struct http_reply){ .status = 200, .content_type = TEXT("a/b"), .body = { body, sizeof body } };
		http_cache_keep(cache, &exchange, version);
		CHECK(http_cache_find(cache, &exchange, version)); /* what was just kept is there */
		struct http_cache_count count = http_cache_count(cache);
		CHECK(count.bytes <= BYTES_MAX && count.answers <= ANSWERS_MAX);
	}
	http_cache_clear(cache);
	CHECK_EQ_INT(http_cache_count(cache).bytes, 0);
	CHECK_EQ_INT(http_cache_count(cache).answers, 0);
	counter_close(&counter);
}

/* ---- kept is read, after random writes ---- */

static const struct {
	const char *method, *target, *body;
} writes[] = {
	{ "PATCH", "/v1/accounts/1", "{'name':'N%d'}" },
	{ "PUT", "/v1/accounts/1/address", "{'address':{'city':'C%d'}}" },
	{ "POST", "/v1/accounts", "{'name':'N%d'}" },
	{ "POST", "/v1/customers", "{'name':'N%d'}" },
	{ "PATCH", "/v1/customers/366", "{'roles':'r%d'}" },
	{ "PATCH", "/v1/orders/381", "{'status':'suspended'}" },
	{ "PATCH", "/v1/orders/381", "{'status':'active'}" },
	{ "POST", "/v1/orders", "{'account_id':1,'plan':'WHITE-LBL-B','create_invoice':true," LINES "}" },
	{ "POST", "/v1/usage", "{'order_id':382,'price_code':'GB','quantity':'%d'}" },
	{ "POST", "/v1/invoices/2396/cancel", "{}" },
	{ "POST", "/v1/payments", "{'account_id':1,'amount':'%d','currency':'USD'," CARD "}" },
	{ "PATCH", "/v1/settings", "{'billing':{'due_days':%d}}" },
	{ "POST", "/v1/accounts", "{'name':'Bob'}" }, /* a rule rejects it */
	{ "PATCH", "/v1/accounts/1", "{'nmae':'%d'}" },
	{ "DELETE", "/v1/orders/381", NULL },
	{ "POST", "/v1/accounts/1/bill", "{}" },
};

/* It was too slow for it: a gateway's answer, a document as PDF, a turn in the queue. Says nothing of answers that are kept. */
static bool is_of_the_machine(const struct http_reply *reply)
{
	return reply->status == 503 || reply->status == 504;
}

static void write_something(struct counter *counter, uint64_t *random, int step)
{
	size_t i = (size_t)check_between(random, 0, (int64_t)(sizeof writes / sizeof *writes) - 1);
	const char *mark = writes[i].body ? strstr(writes[i].body, "%d") : NULL, *body = writes[i].body;
	if (mark)
		body = text_format(&counter->arena, "%.*s%d%s", (int)(mark - body), body, step % 25 + 1, mark + 2).data;
	if (check_between(random, 0, 9) == 0)
		counter_header(counter, "Dry-Run", "true");
	counter_send(counter, writes[i].method, writes[i].target, body);
	if (counter->reply.status >= 500 && !is_of_the_machine(&counter->reply))
		CHECK_FAIL("%s %s: %d", writes[i].method, writes[i].target, counter->reply.status);
}

static struct http_reply get(struct counter *counter, const char *target)
{
	counter_send(counter, "GET", target, NULL);
	return counter->reply;
}

static void check_same(const struct http_reply *kept, const struct http_reply *read)
{
	CHECK_EQ_INT(kept->status, read->status);
	CHECK(text_equals(kept->content_type, read->content_type));
	CHECK(text_equals(kept->body, read->body));
	CHECK(text_equals(http_header(kept->headers, kept->header_count, "ETag", NULL),
	                  http_header(read->headers, read->header_count, "ETag", NULL)));
}

TEST(kept_answers_are_what_a_read_gives_after_random_writes)
{
	enum { STEPS = 60, EACH = 6 };
	uint64_t random = check_seed();
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	for (int step = 0; step < STEPS; step++) {
		write_something(&counter, &random, step);
		FOR_ROUTES(route) {
			const char *target = route->read ? target_of(&counter, route) : NULL;
			if (!target || check_between(&random, 1, EACH) > 1)
				continue;
			check_note("step %d, GET %s", step, target);
			struct http_reply first = get(&counter, target), second = get(&counter, target);
			http_cache_clear(counter.application->cache);
			struct http_reply read = get(&counter, target);
			if (is_of_the_machine(&first) || is_of_the_machine(&second) || is_of_the_machine(&read))
				continue;
			check_same(&first, &read);
			check_same(&second, &read);
		}
	}
	CHECK(count_of(&counter).hits > STEPS);
	counter_close(&counter);
}

/* ---- readers beside writers ---- */

enum { WRITERS = 2, READERS = 3, TURNS = 250, CONTROL_KEEPS = 8 };

struct race {
	struct counter counter;
	bool forgetful; /* the control: readers that look again only at every eighth answer */
	atomic_int acknowledged[WRITERS], seen[WRITERS];
	atomic_int writing;
	atomic_int broken;
	atomic_long answers;
};

struct racer {
	struct race *race;
	int number;
};

static int number_in(struct text body)
{
	const char *name = body.length ? memmem(body.data, body.length, "\"name\":\"N", 9) : NULL;
	int number = -1;
	return name && sscanf(name + 9, "%d", &number) == 1 ? number : -1;
}

static int ask(struct race *race, struct arena *arena, const char *method, int account, struct text body,
               struct http_reply *reply)
{
	struct http_field header = { TEXT("Authorization"), text_format(arena, "Bearer %s", race->counter.key) };
	struct http_request request = {
		.arena = arena, .method = text_of(method), .target = text_format(arena, "/v1/accounts/%d", account),
		.headers = &header, .header_count = 1, .body = body,
	};
	http_handle_wait(race->counter.application, &request, reply);
	return reply->status;
}

/* As often as the machine has no time for it. */
static int ask_until_answered(struct race *race, struct arena *arena, const char *method, int account, struct text body,
                              struct http_reply *reply)
{
	while (ask(race, arena, method, account, body, reply), is_of_the_machine(reply))
		usleep(10000);
	return reply->status;
}

/* Each writer has an account of its own and gives it ascending names. */
static void *race_write(void *context)
{
	struct racer *racer = context;
	struct race *race = racer->race;
	struct arena arena;
	struct http_reply reply;
	CHECK(arena_init(&arena, COUNTER_ARENA_BYTES));
	for (int turn = 1; turn <= TURNS; turn++) {
		struct text body = text_format(&arena, "{\"name\":\"N%d\"}", turn);
		CHECK_EQ_INT(ask_until_answered(race, &arena, "PATCH", racer->number + 1, body, &reply), 200);
		atomic_store(&race->acknowledged[racer->number], turn);
		arena_reset(&arena);
	}
	atomic_fetch_sub(&race->writing, 1);
	arena_finish(&arena);
	return NULL;
}

static void raise_to(atomic_int *highest, int value)
{
	int before = atomic_load(highest);
	while (before < value && !atomic_compare_exchange_weak(highest, &before, value))
		;
}

/* What anyone has been told before a read begins, the read must know. */
static void *race_read(void *context)
{
	struct racer *racer = context;
	struct race *race = racer->race;
	struct arena arena;
	struct http_reply reply;
	int kept[WRITERS] = { 0 };
	CHECK(arena_init(&arena, COUNTER_ARENA_BYTES));
	for (int i = 0; atomic_load(&race->writing) > 0; i++) {
		int account = i % WRITERS;
		int acknowledged = atomic_load(&race->acknowledged[account]), seen = atomic_load(&race->seen[account]);
		if (!race->forgetful || i / WRITERS % CONTROL_KEEPS == 0) {
			CHECK_EQ_INT(ask_until_answered(race, &arena, "GET", account + 1, TEXT_NONE, &reply), 200);
			kept[account] = number_in(reply.body);
		}
		if (kept[account] < acknowledged || kept[account] < seen)
			atomic_fetch_add(&race->broken, 1);
		raise_to(&race->seen[account], kept[account]);
		atomic_fetch_add(&race->answers, 1);
		arena_reset(&arena);
	}
	arena_finish(&arena);
	return NULL;
}

static void race_run(struct race *race)
{
	pthread_t threads[WRITERS + READERS];
	struct racer racers[WRITERS + READERS];
	atomic_store(&race->writing, WRITERS);
	for (int i = 0; i < WRITERS + READERS; i++) {
		racers[i] = (struct racer){ race, i < WRITERS ? i : 0 };
		pthread_create(&threads[i], NULL, i < WRITERS ? race_write : race_read, &racers[i]);
	}
	for (int i = 0; i < WRITERS + READERS; i++)
		pthread_join(threads[i], NULL);
}

static void race_over(const char *url, bool forgetful)
{
	static struct race race;
	memset(&race, 0, sizeof race);
	race.forgetful = forgetful;
	counter_open_at(&race.counter, url, true);
	for (int i = 0; i < WRITERS; i++)
		counter_expect(&race.counter, "POST", "/v1/accounts", "{'name':'N0'}", 201);
	race_run(&race);
	printf("# %ld answers, %lld of them kept ones, %d too old\n", atomic_load(&race.answers),
	       (long long)count_of(&race.counter).hits, atomic_load(&race.broken));
	if (forgetful)
		CHECK(atomic_load(&race.broken) > 0);
	else
		CHECK_EQ_INT(atomic_load(&race.broken), 0);
	counter_close(&race.counter);
}

static void race_in_a_file(bool forgetful)
{
	char directory[] = "/tmp/moonbill-cache-XXXXXX", path[64];
	CHECK(mkdtemp(directory) != NULL);
	snprintf(path, sizeof path, "%s/store.db", directory);
	race_over(path, forgetful);
	static const char *const parts[] = { "", "-wal", "-shm", ".lock" };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		snprintf(path, sizeof path, "%s/store.db%s", directory, parts[i]);
		unlink(path);
	}
	rmdir(directory);
}

TEST(who_reads_beside_writers_sees_every_acknowledged_write_and_never_goes_back)
{
	race_in_a_file(false);
}

TEST(the_same_in_memory_where_reads_are_jobs_of_the_writer)
{
	race_over(":memory:", false);
}

TEST(control_readers_that_keep_an_answer_for_too_long_are_noticed)
{
	race_in_a_file(true);
}

CHECK_MAIN
