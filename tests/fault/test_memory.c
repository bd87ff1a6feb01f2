/* test_memory.c: every allocation fails once, or from then on, at every step of the walk: ours, SQLite's, Lua's, those of
 * the other libraries. */
#include "fault_memory.h"
#include "fault_sweep.h"

#include "http/house.h"

static void arm_memory(void *context, int step)
{
	const struct sweep *sweep = context;
	const enum fault_memory_source *source = sweep->fault;
	/* Closing needs no memory of which anybody hears. At the opening Lua compiles what is shipped, which fits. */
	if (step != WALK_STEPS && (step != -1 || *source != FAULT_MEMORY_LUA))
		fault_memory_arm(*source, sweep->nth, sweep->sticky);
}

static bool calm_memory(void *context)
{
	(void)context;
	return fault_memory_disarm();
}

static struct walk *begin(void)
{
	log_set_level(LOG_OFF);
	fault_memory_install();
	fault_vfs_install();
	return walk_make();
}

static void sweep_memory(const char *name, enum fault_memory_source source, long stride)
{
	struct walk *walk = begin();
	struct sweep sweep = { .name = name, .arm = arm_memory, .calm = calm_memory, .fault = &source };
	walk->rules_refuse = source == FAULT_MEMORY_LUA;
	sweep_run(walk, &sweep, stride);
	walk_remove(walk);
}

TEST(an_allocation_of_ours_that_fails)
{
	sweep_memory("ours", FAULT_MEMORY_OURS, 12);
}

TEST(an_allocation_of_sqlite_that_fails)
{
	sweep_memory("sqlite", FAULT_MEMORY_SQLITE, 1500);
}

TEST(an_allocation_of_lua_that_fails)
{
	sweep_memory("lua", FAULT_MEMORY_LUA, 400);
}

TEST(an_allocation_of_a_library_that_fails)
{
	sweep_memory("libraries", FAULT_MEMORY_LIBRARIES, 1);
}

/* ---- on a socket: libmicrohttpd and what we have around it ---- */

struct visit {
	enum fault_memory_source source;
	long nth;
	bool sticky;
	bool *met; /* shared */
};

/* What a client gets whose connection or request found no memory: the right answer, that there is none, or an end. */
static int visit_send(struct house *house, const char *headers)
{
	struct answer answer;
	int client = dial(house->port);
	const struct timeval patience = { .tv_sec = 5 };
	CHECK(client >= 0 && setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
	errno = 0;
	bool heard = say(client, request_text(house, "POST", "/v1/accounts", headers, "{\"name\":\"Ann\"}")) &&
	             hear(client, &answer);
	CHECK(heard || errno != EAGAIN);
	close(client);
	return heard ? answer.status : 0;
}

static void visit_run(struct walk *walk, void *context)
{
	const struct visit *visit = context;
	struct house house;
	(void)walk;
	house_open_with(&house, (struct http_options){ 0 });
	fault_memory_arm(visit->source, visit->nth, visit->sticky);
	int status = visit_send(&house, "Idempotency-Key: k\r\n");
	*visit->met = fault_memory_disarm();
	if (status != 201 && status != 503 && status != 0)
		CHECK_FAIL("answered %d", status);
	CHECK(*visit->met || status == 201);
	CHECK_EQ_INT(visit_send(&house, "Idempotency-Key: k\r\n"), 201);
	counter_expect(&house.counter, "GET", "/v1/accounts", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&house.counter, "items"), 1);
	house_close(&house);
}

static void sweep_visits(const char *name, enum fault_memory_source source, long stride)
{
	log_set_level(LOG_OFF);
	fault_memory_install();
	struct walk walk = { .plant = WALK_NOTHING };
	struct visit visit = { .source = source, .met = walk_shared(sizeof *visit.met) };
	uint64_t state = check_seed();
	for (int sticky = 0; sticky < 2; sticky++) {
		struct sweep_points points = sweep_points(&state, stride);
		visit.sticky = sticky == 1;
		*visit.met = true;
		for (visit.nth = points.next; *visit.met; visit.nth += points.stride) {
			check_note("%s on a socket, allocation %ld %s", name, visit.nth, sticky ? "sticky" : "once");
			*visit.met = false;
			CHECK(walk_in_process(&walk, visit_run, &visit));
		}
		printf("# %s on a socket, %s: the last point is %ld\n", name, sticky ? "sticky" : "once", visit.nth - 2 * points.stride);
	}
}

TEST(a_connection_for_which_a_library_finds_no_memory)
{
	sweep_visits("libraries", FAULT_MEMORY_LIBRARIES, 3);
}

TEST(a_connection_for_which_we_find_no_memory)
{
	sweep_visits("ours", FAULT_MEMORY_OURS, 4);
}

TEST(a_sweep_of_memory_notices_blame_early_answers_lost_rows_and_leaks)
{
	enum fault_memory_source source = FAULT_MEMORY_OURS;
	struct walk *walk = begin();
	struct sweep sweep = { .name = "ours", .arm = arm_memory, .calm = calm_memory, .fault = &source };
	sweep_controls(walk, &sweep, 3);
#ifdef __SANITIZE_ADDRESS__
	walk->plant = WALK_LEAK;
	CHECK(!walk_faulty(walk, arm_memory, calm_memory, &sweep));
#endif
	walk_remove(walk);
}

CHECK_MAIN
