/* test_clock.c: test tenants' clocks: order of due work, heartbeats, what cannot be moved. */
#include "shop.h"

static void job_plan(struct shop *shop, int64_t account_id, const char *kind, int64_t seconds)
{
	const struct account_update input = {
		.id = account_id, .notes = text_format(&shop->arena, "%s %lld", kind, (long long)seconds),
	};
	shop_do(shop, "job.plan", &input);
}

static struct instant after(int64_t seconds)
{
	return (struct instant){ (SHOP_NOW_S + seconds) * US_PER_S };
}

TEST(due_work_runs_in_order_each_at_its_instant_after_a_heartbeat)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	CHECK(account_open(&shop, "Bob"));
	job_plan(&shop, 2, "note", 30);
	job_plan(&shop, 1, "note", 20);
	job_plan(&shop, 1, "tick", 30);
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(35), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, done note, "
	                                      "signal clock.heartbeat, done clock.advance, done note, done tick, "
	                                      "signal clock.heartbeat, done clock.advance");
	const struct account *ann = shop_row(&shop, &account_record, 1), *bob = shop_row(&shop, &account_record, 2);
	CHECK_EQ_TEXT(ann->notes, "@20 @30");
	CHECK_EQ_TEXT(bob->notes, "@30");

	const struct journal *beat = shop_row(&shop, &journal_record, 4);
	CHECK_EQ_TEXT(beat->event, "clock.heartbeat");
	CHECK_EQ_INT(beat->phase, JOURNAL_PHASE_SIGNAL);
	CHECK_EQ_TEXT(beat->payload, "{\"at\":\"2011-09-06T15:00:30Z\",\"previous_at\":\"2011-09-06T15:00:20Z\",\"due_tasks\":2}");
	const struct journal *last = shop_row(&shop, &journal_record, 5);
	CHECK_EQ_TEXT(last->payload, "{\"at\":\"2011-09-06T15:00:35Z\",\"previous_at\":\"2011-09-06T15:00:30Z\",\"due_tasks\":0}");
	CHECK(shop_row(&shop, &journal_record, 6) == NULL);
	shop_close(&shop);
}

TEST(work_due_at_the_very_end_gets_one_heartbeat)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "note", 10);
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(10), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, done note");
	shop_close(&shop);
}

/* ---- trying it ---- */

static struct command_request rehearsal_of(struct shop *shop, const struct instant *until)
{
	problems_init(&shop->problems, &shop->arena);
	return (struct command_request){
		.tenant_id = shop->tenant_id, .type = &clock_rehearsal, .input = until, .dry_run = true,
		.arena = &shop->arena, .problems = &shop->problems,
	};
}

/* The job that fails at 25 is put off to 26 and then to 36: heartbeats at 25, 26, 30 and 35. */
TEST(a_clock_that_is_tried_does_as_the_move_and_keeps_nothing)
{
	struct shop shop;
	const struct instant until = after(35);
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "fail", 25);
	job_plan(&shop, 1, "note", 30);
	shop_trace_take(&shop);
	struct command_request request = rehearsal_of(&shop, &until);
	CHECK(command_run(shop.engine, &request));
	CHECK_EQ_INT(request.trace_count, 4);
	for (size_t i = 0; i < request.trace_count; i++)
		CHECK_EQ_TEXT(text_of(request.trace[i].name), "clock.heartbeat");
	CHECK_EQ_TEXT(shop_trace_take(&shop), "");
	const struct account *ann = shop_row(&shop, &account_record, 1);
	CHECK(!text_present(ann->notes));
	const struct job *fails = shop_row(&shop, &job_record, 1);
	CHECK_EQ_INT(fails->attempts, 0);

	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, until, &shop.problems));
	const char *trace = text_c(&shop.arena, shop_trace_take(&shop));
	int beats = 0;
	for (const char *at = trace; (at = strstr(at, "signal clock.heartbeat")); at++)
		beats++;
	CHECK_EQ_INT(beats, 4);
	ann = shop_row(&shop, &account_record, 1);
	CHECK_EQ_TEXT(ann->notes, "@30");
	shop_close(&shop);
}

TEST(trying_a_clock_spends_the_fuel_of_one_command)
{
	struct shop shop;
	const struct instant until = after(1000);
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'burns' { post = 'clock.heartbeat', run = function (beat, ctx) for i = 1, 2000000 do local x = i end end }");
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "tick", 5);
	struct command_request request = rehearsal_of(&shop, &until);
	CHECK(!command_run(shop.engine, &request));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_FUEL);
	CHECK_EQ_TEXT(text_of(shop.problems.first->pointer), "/now");
	shop_close(&shop);
}

TEST(a_rule_hears_the_heartbeat_and_its_commands_run_at_that_instant)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'beat' { post = 'HeartBeatEvent', run = function (event, ctx)\n"
	                  "  ctx:command('account.open', { name = 'beat ' .. tostring(event.due_tasks) })\nend }\n");
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(10), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, rule beat, done clock.advance, pre account.create, "
	                                      "post account.create, done account.open");
	const struct account *account = shop_row(&shop, &account_record, 1);
	CHECK_EQ_TEXT(account->name, "beat 0");
	CHECK_EQ_INT(account->created_at.us, after(10).us);
	shop_close(&shop);
}

TEST(a_rule_of_an_event_without_a_subject_is_filtered_by_its_details)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'idle' { post = 'clock.heartbeat', when = { due_tasks = 0 }, run = function () end }\n"
	                  "rule 'busy' { post = 'clock.heartbeat', when = { due_tasks = 2 }, run = function () end }\n");
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(10), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, rule idle, done clock.advance");
	shop_close(&shop);
}

TEST(the_clock_of_a_live_tenant_cannot_be_moved)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_tenant(&shop, "live", false, NULL);
	CHECK(!engine_advance_clock(shop.engine, shop.tenant_id, after(1000), &shop.problems));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	shop_close(&shop);
}

static bool now_read(struct command *command, void *context)
{
	*(int64_t *)context = command->now.us;
	return true;
}

static int64_t now_of(struct shop *shop)
{
	int64_t now = 0;
	CHECK(command_read(shop->engine, shop->tenant_id, &shop->arena, &shop->problems, now_read, &now));
	return now;
}

TEST(the_clock_goes_back_only_while_nothing_has_happened)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(-500), &shop.problems));
	CHECK_EQ_INT(now_of(&shop), after(-500).us);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 0);
	CHECK(account_open(&shop, "Ann"));
	CHECK(!engine_advance_clock(shop.engine, shop.tenant_id, after(-600), &shop.problems));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_C(shop.problems.first->remedy, "Give a later instant, or set the clock of a branch.");
	CHECK_EQ_INT(now_of(&shop), after(-500).us);
	shop_close(&shop);
}

TEST(a_clock_that_stays_beats_once_and_runs_what_is_due)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "note", 0);
	shop_trace_take(&shop);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(0), &shop.problems));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "signal clock.heartbeat, done clock.advance, done note");
	shop_close(&shop);
}

static int heartbeats(struct shop *shop)
{
	const struct journal *row;
	int count = 0;
	for (int64_t serial = 1; (row = shop_row(shop, &journal_record, serial)); serial++)
		count += text_is(row->event, "clock.heartbeat");
	return count;
}

TEST(a_jump_that_is_stopped_and_repeated_beats_once)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false, .clock_move_ms = 1 });
	for (int i = 1; i <= 200; i++) { /* with their commits these take longer than a millisecond */
		CHECK(account_open(&shop, "Ann"));
		job_plan(&shop, i, "note", 5);
	}
	const struct clock_target jump = { .until = after(100), .jump = true };
	CHECK(!engine_advance_clock_to(shop.engine, shop.tenant_id, &jump, &shop.problems));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_BUSY);
	CHECK_EQ_INT(heartbeats(&shop), 1);
	int repeats = 0;
	do { /* a slow machine stops it more than once: each time some of what is due is done */
		problems_init(&shop.problems, &shop.arena);
	} while (!engine_advance_clock_to(shop.engine, shop.tenant_id, &jump, &shop.problems) && ++repeats < 200);
	CHECK(repeats < 200);
	CHECK_EQ_INT(heartbeats(&shop), 1);
	shop_close(&shop);
}

TEST(tenants_have_clocks_of_their_own)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	int64_t first = shop.tenant_id;
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "note", 10);
	shop_tenant(&shop, "second", true, NULL);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(100), &shop.problems));
	shop.tenant_id = first;
	CHECK_EQ_INT(now_of(&shop), after(0).us);
	const struct account *ann = shop_row(&shop, &account_record, 1);
	CHECK(!text_present(ann->notes));
	shop_close(&shop);
}

/* ---- with threads ---- */

struct mover {
	struct shop *shop;
	struct arena arena;
	struct problems problems;
	bool moved;
};

static void *mover_main(void *context)
{
	struct mover *mover = context;
	mover->moved = engine_advance_clock(mover->shop->engine, mover->shop->tenant_id, after(1000), &mover->problems);
	return NULL;
}

TEST(order_is_kept_beside_the_scheduler_and_one_move_at_a_time_is_let_through)
{
	struct shop shop;
	struct mover movers[4];
	pthread_t threads[4];
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "tick", 5);
	for (int i = 0; i < 4; i++) {
		movers[i] = (struct mover){ .shop = &shop };
		CHECK(arena_init(&movers[i].arena, ARENA_LIMIT_DEFAULT_BYTES));
		problems_init(&movers[i].problems, &movers[i].arena);
		pthread_create(&threads[i], NULL, mover_main, &movers[i]);
	}
	int moved = 0;
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		moved += movers[i].moved;
		CHECK(movers[i].moved || movers[i].problems.first->code == PROBLEM_CONFLICT);
		arena_finish(&movers[i].arena);
	}
	CHECK(moved >= 1);
	const struct account *ann = shop_row(&shop, &account_record, 1);
	char expected[2000] = "";
	for (int s = 5; s <= 1000; s += 10)
		snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s@%d", s > 5 ? " " : "", s);
	CHECK_EQ_TEXT(ann->notes, expected);
	shop_close(&shop);
}

TEST(a_move_ends_where_it_has_come_to_when_the_engine_is_about_to_be_closed)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "note", 10);
	engine_clocks_stop(shop.engine);
	CHECK(!engine_advance_clock(shop.engine, shop.tenant_id, after(100), &shop.problems));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_BUSY);
	CHECK_EQ_INT(now_of(&shop), after(0).us);
	shop_close(&shop);
}

TEST(a_move_that_takes_too_long_stays_where_it_has_come_to_and_goes_on_when_it_is_repeated)
{
	struct shop shop;
	char expected[2000] = "";
	int stops = 0;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false, .clock_move_ms = 1 });
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, 1, "tick", 5); /* and again each ten seconds */
	for (int s = 5; s <= 1000; s += 10)
		snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s@%d", s > 5 ? " " : "", s);
	for (int64_t reached = after(0).us; !engine_advance_clock(shop.engine, shop.tenant_id, after(1001), &shop.problems); stops++) {
		const struct problem *problem = shop.problems.first;
		struct instant now = { now_of(&shop) };
		CHECK_EQ_INT(problem->code, PROBLEM_BUSY);
		CHECK_EQ_TEXT(problem->value, text_c(&shop.arena, instant_text(&shop.arena, now)));
		CHECK(now.us > reached);
		reached = now.us;
		problems_init(&shop.problems, &shop.arena);
	}
	CHECK(stops > 0); /* two hundred commits take longer than a millisecond */
	CHECK_EQ_INT(now_of(&shop), after(1001).us);
	const struct account *ann = shop_row(&shop, &account_record, 1);
	CHECK_EQ_TEXT(ann->notes, expected);
	shop_close(&shop);
}

CHECK_MAIN
