/* bench_ingest.c: events of streams beside their floor; tests/bench/ingest runs it and prints the table.
 *
 *     bench_ingest floor FILE [--events 200000] [--bulk 1000] [--subscriptions 100] [--ordered 1] [--waiting 0]
 *     bench_ingest core FILE  ... the same through our intake, in this process
 *     bench_ingest bodies - ...     makes the bodies that the others make, and nothing more
 *     bench_ingest tokens FILE [--events 1000000]    taken in jobs of 1,000, and how long a restart takes with them
 *     bench_ingest send --port P --key K [--connections 1] [--seconds 3] [--bulk 1000] [--subscriptions 100] [--ordered 1]
 *
 * The floor is a straight line: our scanner (json_parse) over the same bodies, a set of tokens in memory, and the same rows of
 * stream_event and stream_token into SQLite with the store's settings, a commit for each body. With --waiting N each of N threads
 * scans one event and waits for its commit, which takes all that wait. Nothing is judged, checked or added up there.
 */
#include "bench_sqlite.h"

#include "base/id.h"
#include "billing/billing.h"
#include "billing/event_intake.h"
#include "billing/tenant.h"
#include "event/command.h"
#include "store/token_set.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAITING_MOST = 256, CONNECTIONS_MOST = 256, ROOM = 512 * 1024 };

struct options {
	const char *mode, *file, *key;
	int64_t events, bulk, subscriptions, waiting, connections, seconds;
	bool ordered;
	int port;
};

/* ---- bodies: an event of some 190 bytes with a token of 32 letters ---- */

static uint64_t scattered(uint64_t number)
{
	number = (number ^ number >> 31) * 0x9e3779b97f4a7c15u;
	return (number ^ number >> 29) * 0xbf58476d1ce4e5b9u;
}

static size_t event_put(char *to, size_t room, const struct options *options, int64_t number)
{
	uint64_t high = options->ordered ? (uint64_t)number >> 12 : scattered((uint64_t)number), low = options->ordered ? (uint64_t)number : scattered(high + 1);
	int length = snprintf(to, room,
	                      "{\"moonbill\":{\"subscription_id\":%lld,\"uniqueness_token\":\"%016llx%016llx\"},"
	                      "\"bytes\":%lld,\"region\":\"eu-west-1\",\"path\":\"/v1/objects/%lld\",\"status\":200}",
	                      (long long)(1 + (int64_t)(scattered((uint64_t)number) % (uint64_t)options->subscriptions)),
	                      (unsigned long long)high, (unsigned long long)low, (long long)(number % 10000), (long long)number);
	return (size_t)length;
}

/* From `first` on, as many as the option says; one alone is no array. */
static struct text body_put(char *room, const struct options *options, int64_t first)
{
	size_t length = 0;
	if (options->bulk == 1)
		return (struct text){ room, event_put(room, ROOM, options, first) };
	for (int64_t i = 0; i < options->bulk; i++) {
		room[length++] = i ? ',' : '[';
		length += event_put(room + length, ROOM - length, options, first + i);
	}
	room[length++] = ']';
	return (struct text){ room, length };
}

/* ---- the floor ---- */

struct floor {
	const struct options *options;
	sqlite3 *handle;
	sqlite3_stmt *insert, *tokens, *begin, *commit;
	struct token_set set;
	int64_t next_id, commits;
	char *blob;
};

static void floor_open(struct floor *floor, const struct options *options)
{
	*floor = (struct floor){ .options = options, .next_id = 1 };
	sqlite_configure();
	sqlite_check(NULL, sqlite3_open(options->file, &floor->handle), "opening the floor's file");
	sqlite_run(floor->handle, "PRAGMA journal_mode = WAL");
	sqlite_run(floor->handle, "PRAGMA synchronous = FULL");
	sqlite_run(floor->handle, "PRAGMA wal_autocheckpoint = 16384");
	sqlite_run(floor->handle, "PRAGMA cache_size = -65536");
	sqlite_run(floor->handle,
	           "CREATE TABLE stream_event (tenant_id INTEGER NOT NULL, stream_id INTEGER NOT NULL, id INTEGER NOT NULL, "
	           "subscription_id INTEGER, occurred_at INTEGER NOT NULL, created_at INTEGER NOT NULL, previous_id INTEGER NOT NULL, "
	           "verdict INTEGER NOT NULL, token TEXT, properties TEXT, PRIMARY KEY (tenant_id, stream_id, id)) STRICT, WITHOUT ROWID");
	sqlite_run(floor->handle, "CREATE TABLE stream_token (tenant_id INTEGER NOT NULL, id INTEGER NOT NULL, until INTEGER NOT NULL, "
	                          "first_id INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (tenant_id, id)) STRICT, WITHOUT ROWID");
	floor->insert = sqlite_prepare(floor->handle, "INSERT INTO stream_event VALUES (?,?,?,?,?,?,?,?,?,?)");
	floor->tokens = sqlite_prepare(floor->handle, "INSERT INTO stream_token VALUES (?,?,?,?,?)");
	floor->begin = sqlite_prepare(floor->handle, "BEGIN IMMEDIATE");
	floor->commit = sqlite_prepare(floor->handle, "COMMIT");
	floor->blob = malloc((size_t)EVENTS_AT_ONCE_MAX * 16);
}

static void step(struct floor *floor, sqlite3_stmt *statement)
{
	sqlite_check(floor->handle, sqlite3_step(statement), "a step of the floor");
	sqlite3_reset(statement);
}

static bool floor_token(struct floor *floor, struct text token, uint8_t hash[TOKEN_HASH_BYTES])
{
	struct digest_short digest = digest_short_two(TEXT("bench"), token);
	memcpy(hash, digest.bytes, TOKEN_HASH_BYTES);
	struct token_slot slot = token_slot_of(hash);
	if (token_set_find(&floor->set, slot))
		return false;
	slot.until = 1;
	return token_set_put(&floor->set, slot);
}

static void floor_insert(struct floor *floor, const struct json *event, struct text source, struct text token)
{
	const struct json *reserved = json_member(event, "moonbill");
	int64_t subscription_id = 0, now = floor->next_id, id = floor->next_id++;
	text_to_int64(json_text(json_member(reserved, "subscription_id")), &subscription_id);
	int64_t numbers[] = { 1, 1, id, subscription_id, now, now, id - 1, 1 };
	for (int i = 0; i < 8; i++)
		sqlite3_bind_int64(floor->insert, i + 1, numbers[i]);
	sqlite3_bind_text64(floor->insert, 9, token.data, token.length, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_text64(floor->insert, 10, source.data, source.length, SQLITE_STATIC, SQLITE_UTF8);
	step(floor, floor->insert);
}

static void floor_take(struct floor *floor, const struct json *json, struct text body)
{
	int64_t first_id = floor->next_id;
	size_t length = 0;
	const struct json *event = json->type == JSON_ARRAY ? json->first : json;
	for (; event; event = event->next) {
		struct text token = json_text(json_member(json_member(event, "moonbill"), "uniqueness_token"));
		uint8_t *hash = (uint8_t *)floor->blob + length;
		if (!floor_token(floor, token, hash))
			continue;
		uint32_t offset = (uint32_t)(floor->next_id - first_id);
		memcpy(hash + TOKEN_HASH_BYTES, &offset, sizeof offset);
		length += 16;
		size_t end = event->next ? event->next->offset - 1 : body.length - (json->type == JSON_ARRAY);
		floor_insert(floor, event, text_slice(body, event->offset, end), token);
	}
	int64_t numbers[] = { 1, first_id, 1, first_id };
	for (int i = 0; i < 4; i++)
		sqlite3_bind_int64(floor->tokens, i + 1, numbers[i]);
	sqlite3_bind_blob64(floor->tokens, 5, floor->blob, length, SQLITE_STATIC);
	step(floor, floor->tokens);
}

static void line_print(const struct options *options, int64_t events, double cpu_ns, int64_t took_us, int64_t commits)
{
	printf("events=%lld cpu_ns=%.0f rate=%.0f per_commit=%.2f mode=%s\n", (long long)events, cpu_ns / (double)events,
	       (double)events * 1e6 / (double)took_us, (double)events / (double)commits, options->mode);
}

/* What a body costs to make is taken off. */
static double making_ns(const struct options *options, char *room)
{
	double begun = bench_process_cpu_ns();
	for (int64_t first = 0; first < options->events; first += options->bulk)
		body_put(room, options, first);
	return bench_process_cpu_ns() - begun;
}

/* As often as the others make them: once to know what that costs, once to send. */
static void bodies_line(const struct options *options)
{
	char *room = malloc(ROOM);
	if (!room)
		bench_fail("memory ran out");
	line_print(options, options->events, making_ns(options, room) + making_ns(options, room), 1, 1);
}

static void floor_line(const struct options *options)
{
	struct floor floor;
	struct arena arena;
	struct problems problems;
	char *room = malloc(ROOM);
	floor_open(&floor, options);
	if (!room || !arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		bench_fail("memory ran out");
	double made = making_ns(options, room), begun = bench_process_cpu_ns();
	int64_t since_us = clock_monotonic_us();
	for (int64_t first = 0; first < options->events; first += options->bulk) {
		struct text body = body_put(room, options, first);
		problems_init(&problems, &arena);
		const struct json *json = json_parse(body, &arena, &problems);
		step(&floor, floor.begin);
		floor_take(&floor, json, body);
		step(&floor, floor.commit);
		floor.commits++;
		arena_reset(&arena);
	}
	line_print(options, options->events, bench_process_cpu_ns() - begun - made, clock_monotonic_us() - since_us, floor.commits);
}

/* ---- one event at a time, many wait ---- */

struct waiter {
	struct crowd *crowd;
	const struct json *json;
	struct text body;
	struct waiter *next;
	bool committed;
	int64_t first;
};

struct crowd {
	struct floor floor;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	struct waiter *queued;
	int64_t left, running;
};

static void *waiter_run(void *context)
{
	struct waiter *waiter = context;
	struct crowd *crowd = waiter->crowd;
	const struct options *options = crowd->floor.options;
	struct arena arena;
	struct problems problems;
	char *room = malloc(ROOM);
	if (!room || !arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		bench_fail("memory ran out");
	for (int64_t number = waiter->first; number < options->events; number += options->waiting) {
		problems_init(&problems, &arena);
		waiter->body = body_put(room, options, number);
		waiter->json = json_parse(waiter->body, &arena, &problems);
		pthread_mutex_lock(&crowd->lock);
		waiter->committed = false;
		waiter->next = crowd->queued;
		crowd->queued = waiter;
		pthread_cond_signal(&crowd->work);
		while (!waiter->committed)
			pthread_cond_wait(&crowd->done, &crowd->lock);
		pthread_mutex_unlock(&crowd->lock);
		arena_reset(&arena);
	}
	pthread_mutex_lock(&crowd->lock);
	crowd->running--;
	pthread_cond_signal(&crowd->work);
	pthread_mutex_unlock(&crowd->lock);
	return NULL;
}

static void crowd_write(struct crowd *crowd)
{
	struct waiter *taken = crowd->queued;
	crowd->queued = NULL;
	pthread_mutex_unlock(&crowd->lock);
	step(&crowd->floor, crowd->floor.begin);
	for (struct waiter *waiter = taken; waiter; waiter = waiter->next)
		floor_take(&crowd->floor, waiter->json, waiter->body);
	step(&crowd->floor, crowd->floor.commit);
	crowd->floor.commits++;
	pthread_mutex_lock(&crowd->lock);
	for (struct waiter *waiter = taken; waiter; waiter = waiter->next)
		waiter->committed = true;
	pthread_cond_broadcast(&crowd->done);
}

static void floor_crowd(const struct options *options)
{
	static struct crowd crowd;
	static struct waiter waiters[WAITING_MOST];
	pthread_t threads[WAITING_MOST];
	floor_open(&crowd.floor, options);
	pthread_mutex_init(&crowd.lock, NULL);
	pthread_cond_init(&crowd.work, NULL);
	pthread_cond_init(&crowd.done, NULL);
	crowd.running = options->waiting;
	double begun = bench_process_cpu_ns();
	int64_t since_us = clock_monotonic_us();
	for (int64_t i = 0; i < options->waiting; i++) {
		waiters[i] = (struct waiter){ .crowd = &crowd, .first = i };
		pthread_create(&threads[i], NULL, waiter_run, &waiters[i]);
	}
	pthread_mutex_lock(&crowd.lock);
	while (crowd.running > 0 || crowd.queued) {
		if (crowd.queued)
			crowd_write(&crowd);
		else
			pthread_cond_wait(&crowd.work, &crowd.lock);
	}
	pthread_mutex_unlock(&crowd.lock);
	line_print(options, options->events, bench_process_cpu_ns() - begun, clock_monotonic_us() - since_us, crowd.floor.commits);
}

/* ---- the core in this process ---- */

struct core {
	struct engine *engine;
	struct arena arena;
	struct problems problems;
	int64_t tenant_id;
};

static void *core_do(struct core *core, const char *name, const char *input_text)
{
	const struct command_type *type = engine_command(core->engine, text_of(name));
	void *input = arena_alloc(&core->arena, type->input->size);
	problems_init(&core->problems, &core->arena);
	const struct json *json = json_parse(text_of(input_text), &core->arena, &core->problems);
	struct command_request request = { .tenant_id = core->tenant_id, .type = type, .input = input,
		                           .origin = { .actor = TEXT("operator") }, .arena = &core->arena,
		                           .problems = &core->problems };
	if (!json || !json_decode(json, type->input, input, "", &core->arena, &core->problems) ||
	    !command_run(core->engine, &request))
		bench_fail("%s: %s", name, core->problems.first ? core->problems.first->message : "?");
	return request.output;
}

static void core_open(struct core *core, const struct options *options)
{
	struct engine_options engine = { .lock = true, .commands = billing_commands, .jobs = billing_jobs };
	if (!arena_init(&core->arena, (size_t)1 << 32))
		bench_fail("memory ran out");
	problems_init(&core->problems, &core->arena);
	core->engine = engine_open(text_of(options->file), &engine, &core->problems);
	if (!core->engine)
		bench_fail("the store cannot be opened");
	core->tenant_id = ((struct tenant_created *)core_do(core, "tenant.create", "{\"name\":\"bench\",\"test\":true}"))->id;
	core_do(core, "account.create", "{\"name\":\"Ann\"}");
	core_do(core, "catalog.add_plan",
	        "{\"code\":\"van\",\"product\":\"van\",\"amount\":\"10\",\"currency\":\"USD\",\"billing_period\":\"monthly\"}");
	for (int64_t i = 0; i < options->subscriptions; i++)
		core_do(core, "subscription.subscribe", "{\"account_id\":1,\"plan\":\"van\"}");
	core_do(core, "billing_metric.create", "{\"stream\":\"calls\",\"analysis\":\"sum\",\"property\":\"bytes\"}");
}

static void core_line(const struct options *options)
{
	static struct core core;
	struct arena arena;
	struct problems problems;
	char *room = malloc(ROOM);
	const struct event_spelling spelling = { .reserved = "moonbill", .strict = true, .either = true };
	core_open(&core, options);
	struct event_intake *intake = event_intake_new(core.engine);
	if (!room || !intake || !arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		bench_fail("memory ran out");
	double made = making_ns(options, room), begun = bench_process_cpu_ns();
	int64_t since_us = clock_monotonic_us(), commits = 0;
	for (int64_t first = 0; first < options->events; first += options->bulk, commits++) {
		struct text body = body_put(room, options, first);
		struct event_inputs events;
		problems_init(&problems, &arena);
		struct event_request request = { .tenant_id = core.tenant_id, .stream = TEXT("calls"), .events = &events,
			                         .arena = &arena, .problems = &problems };
		if (!event_inputs_read(body, &spelling, &arena, &problems, &events))
			bench_fail("%s", problems.first->message);
		event_inputs_hash(&events, core.tenant_id, request.stream);
		event_intake_run(intake, &request);
		if (!request.succeeded || request.taken.kept != options->bulk || request.taken.no_subscription)
			bench_fail("events were not kept: %s", problems.first ? problems.first->message : "?");
		arena_reset(&arena);
	}
	line_print(options, options->events, bench_process_cpu_ns() - begun - made, clock_monotonic_us() - since_us, commits);
	event_intake_free(intake);
	engine_close(core.engine);
}

/* ---- tokens alone, and a restart ---- */

struct taking {
	struct store_token tokens[EVENTS_AT_ONCE_MAX];
	int64_t first;
};

static bool take(struct store_transaction *transaction, void *context)
{
	struct taking *taking = context;
	return store_tokens_take(transaction, (struct instant){ US_PER_S }, INT64_C(31) * 86400 * US_PER_S, taking->first, taking->tokens,
	                         EVENTS_AT_ONCE_MAX);
}

static void tokens_line(const struct options *options)
{
	static struct taking taking;
	struct arena arena;
	struct problems problems;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		bench_fail("memory ran out");
	problems_init(&problems, &arena);
	struct store *store = store_open(text_of(options->file), NULL, &problems);
	double begun = bench_process_cpu_ns();
	for (int64_t first = 0; first < options->events; first += EVENTS_AT_ONCE_MAX) {
		taking.first = first + 1;
		for (int64_t i = 0; i < EVENTS_AT_ONCE_MAX; i++) {
			uint64_t number = (uint64_t)(first + i), hash[2] = { scattered(number), scattered(number + 1) };
			memcpy(taking.tokens[i].hash, hash, sizeof taking.tokens[i].hash);
			taking.tokens[i].offset = (uint32_t)i;
		}
		struct store_job job = { .tenant_id = 1, .body = take, .context = &taking, .arena = &arena, .problems = &problems };
		if (store_run(store, &job) != STORE_COMMITTED)
			bench_fail("tokens were not taken");
		arena_reset(&arena);
	}
	double taken_ns = bench_process_cpu_ns() - begun;
	store_close(store);
	int64_t since_us = clock_monotonic_us();
	store = store_open(text_of(options->file), NULL, &problems);
	double restart_s = (double)(clock_monotonic_us() - since_us) / 1e6;
	printf("tokens=%lld cpu_ns=%.0f restart_s=%.3f restart_s_a_million=%.3f\n", (long long)options->events,
	       taken_ns / (double)options->events, restart_s, restart_s * 1e6 / (double)options->events);
	store_close(store);
}

/* ---- over HTTP ---- */

struct sender {
	const struct options *options;
	int number;
	int64_t until_us, events, errors;
	struct histogram histogram;
};

static int sender_connect(const struct options *options)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)options->port),
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int descriptor = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
		bench_fail("nothing listens on port %d", options->port);
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return descriptor;
}

static void send_all(int descriptor, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL);
		if (sent <= 0)
			bench_fail("the server is gone");
		bytes += sent;
		length -= (size_t)sent;
	}
}

static int answer_read(int descriptor)
{
	char answer[8192];
	size_t length = 0;
	for (;;) {
		ssize_t more = recv(descriptor, answer + length, sizeof answer - 1 - length, 0);
		if (more <= 0)
			bench_fail("the server is gone");
		length += (size_t)more;
		answer[length] = '\0';
		const char *end = strstr(answer, "\r\n\r\n"), *told = strcasestr(answer, "content-length: ");
		if (end && told && (size_t)(end + 4 - answer) + strtoul(told + 16, NULL, 10) <= length)
			return (int)strtol(answer + 9, NULL, 10);
	}
}

static void *sender_run(void *context)
{
	struct sender *sender = context;
	const struct options *options = sender->options;
	int descriptor = sender_connect(options);
	char *room = malloc(ROOM), head[512];
	int64_t next = ((int64_t)sender->number << 32) + clock_wall().us % 1000000 * 4000;
	while (room && clock_monotonic_us() < sender->until_us) {
		struct text body = body_put(room, options, next);
		next += options->bulk;
		int length = snprintf(head, sizeof head,
		                      "POST /v1/streams/calls/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
		                      "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		                      options->key, body.length);
		int64_t since_us = clock_monotonic_us();
		send_all(descriptor, head, (size_t)length);
		send_all(descriptor, body.data, body.length);
		int status = answer_read(descriptor);
		sender->errors += status != 201;
		sender->events += status == 201 ? options->bulk : 0;
		histogram_add(&sender->histogram, clock_monotonic_us() - since_us);
	}
	close(descriptor);
	return NULL;
}

static void send_line(const struct options *options)
{
	static struct sender senders[CONNECTIONS_MOST];
	pthread_t threads[CONNECTIONS_MOST];
	int64_t events = 0, errors = 0, since_us = clock_monotonic_us();
	for (int i = 0; i < options->connections; i++) {
		senders[i] = (struct sender){ .options = options, .number = i + 1, .until_us = since_us + options->seconds * US_PER_S };
		pthread_create(&threads[i], NULL, sender_run, &senders[i]);
	}
	for (int i = 0; i < options->connections; i++) {
		pthread_join(threads[i], NULL);
		events += senders[i].events;
		errors += senders[i].errors;
	}
	printf("events=%lld errors=%lld rate=%.0f\n", (long long)events, (long long)errors,
	       (double)events * 1e6 / (double)(clock_monotonic_us() - since_us));
}

int main(int argc, char **argv)
{
	struct options options = {
		.mode = argc > 1 ? argv[1] : "",
		.file = argc > 2 ? argv[2] : "",
		.key = bench_option(argc, argv, "--key"),
		.events = bench_number(argc, argv, "--events", 200000, 1, 100000000),
		.bulk = bench_number(argc, argv, "--bulk", 1000, 1, 1000),
		.subscriptions = bench_number(argc, argv, "--subscriptions", 100, 1, 100000),
		.waiting = bench_number(argc, argv, "--waiting", 0, 0, WAITING_MOST),
		.connections = bench_number(argc, argv, "--connections", 1, 1, CONNECTIONS_MOST),
		.seconds = bench_number(argc, argv, "--seconds", 3, 1, 600),
		.ordered = bench_number(argc, argv, "--ordered", 1, 0, 1) == 1,
		.port = (int)bench_number(argc, argv, "--port", 8080, 1, 65535),
	};
	if (strcmp(options.mode, "bodies") == 0)
		bodies_line(&options);
	else if (strcmp(options.mode, "floor") == 0 && options.waiting)
		floor_crowd(&options);
	else if (strcmp(options.mode, "floor") == 0)
		floor_line(&options);
	else if (strcmp(options.mode, "core") == 0)
		core_line(&options);
	else if (strcmp(options.mode, "tokens") == 0)
		tokens_line(&options);
	else if (strcmp(options.mode, "send") == 0 && options.key)
		send_line(&options);
	else
		bench_fail("floor FILE, core FILE, tokens FILE or send --key KEY");
	return 0;
}
