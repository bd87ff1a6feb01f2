/* test_job.c: due work: planned, moved, repeated, run once, by the drain and by the scheduler. */
#include "shop.h"

static void job_plan(struct shop *shop, const char *kind, int64_t seconds)
{
	const struct account_update input = { .id = 1, .notes = text_format(&shop->arena, "%s %lld", kind, (long long)seconds) };
	shop_do(shop, "job.plan", &input);
}

static const char *notes_of(struct shop *shop)
{
	const struct account *account = shop_row(shop, &account_record, 1);
	return text_present(account->notes) ? account->notes.data : "";
}

static struct instant after(int64_t seconds)
{
	return (struct instant){ (SHOP_NOW_S + seconds) * US_PER_S };
}

static void shop_with_account(struct shop *shop)
{
	shop_open(shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(shop, "Ann"));
	shop_trace_take(shop);
}

TEST(a_job_runs_when_it_is_due_and_leaves_with_its_effect)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "note", 0);
	job_plan(&shop, "tick", 5);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 2);
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_C(notes_of(&shop), "@0");
	CHECK_EQ_INT(shop_job_rows(&shop).count, 1);
	CHECK_EQ_TEXT(shop_last_audit(&shop)->command, "note");
	CHECK_EQ_TEXT(shop_last_audit(&shop)->actor, "job:note");
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_C(notes_of(&shop), "@0");
	shop_close(&shop);
}

TEST(a_job_of_an_object_is_moved_not_doubled)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "note", 100);
	job_plan(&shop, "note", 50);
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_INT(jobs.items[0].due_at.us, after(50).us);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(200), &shop.problems));
	CHECK_EQ_C(notes_of(&shop), "@50");
	shop_close(&shop);
}

TEST(a_job_may_plan_its_successor)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "tick", 5);
	int64_t id = shop_job_rows(&shop).items[0].id;
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(30), &shop.problems));
	CHECK_EQ_C(notes_of(&shop), "@5 @15 @25");
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_INT(jobs.items[0].id, id); /* the row of the one that ran */
	CHECK_EQ_INT(jobs.items[0].due_at.us, after(35).us);
	CHECK_EQ_INT(jobs.items[0].depth, 0);
	shop_close(&shop);
}

TEST(a_failing_job_leaves_no_effect_and_is_repeated_five_times)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "fail", 0);
	int64_t id = shop_job_rows(&shop).items[0].id;
	static const int64_t due_s[] = { 1, 11, 71, 671, 4271 };
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	for (int i = 0; i < 5; i++) {
		const struct job *job = shop_row(&shop, &job_record, id);
		CHECK_EQ_INT(job->attempts, i + 1);
		CHECK_EQ_INT(job->status, JOB_STATUS_DUE);
		CHECK_EQ_INT(job->due_at.us, after(due_s[i]).us);
		CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(due_s[i]), &shop.problems));
	}
	const struct job *dead = shop_row(&shop, &job_record, id);
	CHECK_EQ_INT(dead->status, JOB_STATUS_DEAD);
	CHECK_EQ_TEXT(dead->last_error, "this job always fails");
	CHECK_EQ_C(notes_of(&shop), "");
	CHECK_EQ_INT(shop_last_audit(&shop)->outcome, AUDIT_OUTCOME_REJECTED);
	shop_close(&shop);
}

TEST(a_job_that_runs_out_of_memory_is_put_off_too)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "hungry", 0);
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_INT(jobs.items[0].attempts, 1);
	CHECK_EQ_INT(jobs.items[0].due_at.us, after(1).us);
	CHECK_EQ_TEXT(jobs.items[0].last_error, "memory ran out while a command was performed");
	CHECK_EQ_INT(shop_last_audit(&shop)->outcome, AUDIT_OUTCOME_FAILED);
	CHECK_EQ_C(notes_of(&shop), "");
	shop_close(&shop);
}

/* ---- bundles that do not load ---- */

static void break_bundle(struct shop *shop)
{
	struct shop_bundle broken = {
		.digest = text_hex(&shop->arena, digest_sha256(TEXT("x")).bytes, 32),
		.manifest = TEXT("{\"name\":\"x\"}"), .files = TEXT("{\"rules/a.lua\":\"rule 'x' {\"}"),
	};
	shop_do(shop, "bundle.put", &broken);
}

TEST(a_job_whose_bundle_does_not_load_waits_for_a_better_one)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "note", 10);
	job_plan(&shop, "tick", 0);
	break_bundle(&shop);
	/* The clock itself is moved by a command, so it stands; due work of a standing clock is what is drained. */
	problems_init(&shop.problems, &shop.arena);
	CHECK(!engine_advance_clock(shop.engine, shop.tenant_id, after(20), &shop.problems));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_LOAD);
	CHECK_EQ_C(shop.problems.first->remedy, "The active bundle does not load: deploy one that does.");
	problems_init(&shop.problems, &shop.arena);
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 2);
	CHECK_EQ_INT(jobs.items[1].attempts, 0);
	CHECK_EQ_INT(jobs.items[1].status, JOB_STATUS_DUE);
	CHECK_EQ_INT(jobs.items[1].due_at.us, after(600).us);
	shop_rules(&shop, "-- nothing");
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(600), &shop.problems));
	CHECK_EQ_C(notes_of(&shop), "@600");
	shop_close(&shop);
}

/* ---- dead work ---- */

static const struct problem *retry_refused(struct shop *shop, int64_t id)
{
	const struct job_retry input = { .id = id };
	struct command_request request = shop_request(shop, "job.retry", &input);
	CHECK(!command_run(shop->engine, &request));
	return shop->problems.first;
}

TEST(dead_work_is_begun_anew_by_hand)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "fail", 0);
	const int64_t id = shop_job_rows(&shop).items[0].id;
	CHECK_EQ_INT(retry_refused(&shop, id)->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(retry_refused(&shop, 99)->code, PROBLEM_NOT_FOUND);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(5000), &shop.problems));
	CHECK_EQ_INT(((const struct job *)shop_row(&shop, &job_record, id))->status, JOB_STATUS_DEAD);

	const struct job_retry input = { .id = id };
	shop_do(&shop, "job.retry", &input);
	const struct job *again = shop_row(&shop, &job_record, id);
	CHECK_EQ_INT(again->status, JOB_STATUS_DUE);
	CHECK_EQ_INT(again->attempts, 0);
	CHECK_EQ_INT(again->due_at.us, after(5000).us);
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	again = shop_row(&shop, &job_record, id);
	CHECK_EQ_INT(again->attempts, 1);
	shop_close(&shop);
}

TEST(dead_work_of_an_object_is_not_doubled)
{
	struct shop shop;
	shop_with_account(&shop);
	job_plan(&shop, "fail", 0);
	const int64_t id = shop_job_rows(&shop).items[0].id;
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(5000), &shop.problems));
	job_plan(&shop, "fail", 100);
	CHECK_EQ_INT(retry_refused(&shop, id)->code, PROBLEM_CONFLICT);
	shop_close(&shop);
}

#define REFUSES_EVE "rule 'bad' { pre = 'account.create', when = { name = 'Eve' }, run = function () error 'no' end }"

static bool read_jobs(struct store_transaction *transaction, void *context)
{
	return store_all(transaction, STATEMENT_JOB_PAGE,
	                 BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(1000)), &job_record, context);
}

static size_t jobs_that_are(struct shop *shop, const char *kind, enum job_status status)
{
	struct shop_job_list jobs = { NULL, 0, 0 };
	size_t count = 0;
	CHECK(store_read(engine_store(shop->engine), shop->tenant_id, &shop->arena, &shop->problems, read_jobs, &jobs));
	for (size_t i = 0; i < jobs.count; i++)
		count += text_is(jobs.items[i].kind, kind) && jobs.items[i].status == status;
	return count;
}

TEST(work_that_died_of_a_rule_is_begun_anew_by_another_bundle)
{
	struct shop shop;
	shop_with_account(&shop);
	shop_rules(&shop, REFUSES_EVE);
	job_plan(&shop, "open", 0);
	job_plan(&shop, "fail", 0);
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(5000), &shop.problems));
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DEAD), 1);
	shop_rules(&shop, "-- nothing");
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DUE), 1);
	CHECK_EQ_INT(jobs_that_are(&shop, "fail", JOB_STATUS_DEAD), 1); /* no rule would help it */
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DUE), 0);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	shop_close(&shop);
}

TEST(work_of_an_object_that_died_of_a_rule_is_begun_anew_once)
{
	struct shop shop;
	shop_with_account(&shop);
	shop_rules(&shop, REFUSES_EVE);
	for (int i = 1; i <= 2; i++) {
		job_plan(&shop, "open", 0);
		CHECK(engine_advance_clock(shop.engine, shop.tenant_id, after(5000 * i), &shop.problems));
	}
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DEAD), 2);
	shop_rules(&shop, REFUSES_EVE "\n-- again");
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DUE), 1);
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DEAD), 1);
	shop_rules(&shop, "-- nothing");
	CHECK_EQ_INT(jobs_that_are(&shop, "open", JOB_STATUS_DUE), 1); /* the other waits beside it */
	shop_close(&shop);
}

/* ---- the scheduler ---- */

static bool eventually(struct shop *shop, int64_t accounts)
{
	for (int i = 0; i < 500; i++) {
		if (shop_count(shop, &account_record) >= accounts)
			return true;
		clock_sleep_us(10 * US_PER_MS);
	}
	return false;
}

TEST(the_scheduler_runs_queued_commands_at_once_and_once)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	shop_rules(&shop, "rule 'friend' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                  "  ctx:command('account.open', { name = 'friend' })\nend }\n");
	for (int i = 0; i < 20; i++)
		CHECK(account_open(&shop, "Ann"));
	CHECK(eventually(&shop, 40));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 40);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	shop_close(&shop);
}

TEST(the_scheduler_starts_due_work_of_live_tenants_by_the_wall_clock)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	shop_tenant(&shop, "live", false, NULL);
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, "note", 0);
	job_plan(&shop, "tick", 1);
	for (int i = 0; i < 500 && !strchr(notes_of(&shop), ' '); i++)
		clock_sleep_us(10 * US_PER_MS);
	CHECK(strchr(notes_of(&shop), ' ') != NULL); /* the note and the first tick */
	shop_close(&shop);
}

TEST(the_scheduler_finds_what_an_earlier_process_left)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	shop_rules(&shop, "rule 'friend' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                  "  ctx:command('account.open', { name = 'friend' })\nend }\n");
	CHECK(account_open(&shop, "Ann"));
	engine_close(shop.engine);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = true, .lock = true });
	CHECK(eventually(&shop, 2));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	shop_close(&shop);
	scratch_remove(&scratch);
}

TEST(work_that_is_due_does_not_hide_what_comes_after_it)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	shop_tenant(&shop, "live", false, NULL);
	CHECK(account_open(&shop, "Ann"));
	job_plan(&shop, "note", 0);
	job_plan(&shop, "tick", 1);
	engine_close(shop.engine);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = true, .lock = true });
	for (int i = 0; i < 500 && !strchr(notes_of(&shop), ' '); i++)
		clock_sleep_us(10 * US_PER_MS);
	CHECK(strchr(notes_of(&shop), ' ') != NULL);
	shop_close(&shop);
	scratch_remove(&scratch);
}

static const struct text *notes_at(struct shop *shop, int64_t id)
{
	const struct account *account = shop_row(shop, &account_record, id);
	return &account->notes;
}

/* One batch: those before the one that fails are undone with it and run anew. */
TEST(a_job_that_fails_among_others_leaves_each_of_them_done_once)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	const struct account_update plans[] = { { .id = 1, .notes = TEXT("note 0") }, { .id = 2, .notes = TEXT("open 0") },
		                                { .id = 1, .notes = TEXT("fail 0") }, { .id = 2, .notes = TEXT("note 0") } };
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	CHECK(account_open(&shop, "Ann") && account_open(&shop, "Ben"));
	for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++)
		shop_do(&shop, "job.plan", &plans[i]);
	shop_trace_take(&shop);
	int64_t audits = shop_count(&shop, &audit_record);
	engine_close(shop.engine);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = true, .lock = true, .batch_us = 600 * US_PER_S });
	struct text trace = TEXT("");
	for (int i = 0; i < 500 && !strstr(trace.data, "fail wrong_state, done note"); i++) {
		clock_sleep_us(10 * US_PER_MS);
		struct text more = shop_trace_take(&shop);
		trace = text_format(&shop.arena, "%s%s%s", trace.data, trace.length && more.length ? ", " : "", more.data);
	}
	CHECK_EQ_TEXT(trace, "done note, pre account.create, post account.create, done open, rejected fail wrong_state, done note");
	CHECK_EQ_TEXT(*notes_at(&shop, 1), "@0");
	CHECK_EQ_TEXT(*notes_at(&shop, 2), "@0");
	CHECK_EQ_INT(shop_count(&shop, &account_record), 3);
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_TEXT(jobs.items[0].kind, "fail");
	CHECK_EQ_INT(jobs.items[0].attempts, 1);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits + 4);
	shop_close(&shop);
	scratch_remove(&scratch);
}

/* ---- kill -9 ---- */

/* Says through `ready` that the rule is in force, after which it may be killed at any moment. */
static void open_until_killed(const char *store, bool first, int ready)
{
	struct shop shop;
	if (first) {
		shop_open(&shop, store, (struct engine_options){ .threads = true, .lock = true });
		shop_rules(&shop, "rule 'friend' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
		                  "  ctx:command('account.open', { name = 'friend' })\nend }\n");
	} else {
		memset(&shop, 0, sizeof shop);
		CHECK(arena_init(&shop.arena, (size_t)1 << 30));
		pthread_mutex_init(&shop.lock, NULL);
		shop_attach(&shop, store, (struct engine_options){ .threads = true, .lock = true });
		shop.tenant_id = 1;
	}
	if (first) {
		CHECK(account_open(&shop, "Ann"));
		CHECK_EQ_INT(write(ready, "r", 1), 1);
	}
	for (;;) {
		CHECK(account_open(&shop, "Ann"));
		shop_trace_take(&shop);
	}
}

TEST(queued_commands_take_effect_once_whenever_the_process_is_killed)
{
	struct scratch scratch = scratch_make();
	uint64_t random = check_seed();
	int ready[2];
	CHECK_EQ_INT(pipe(ready), 0);
	for (int round = 0; round < 8; round++) {
		fflush(stdout);
		pid_t child = fork();
		if (child == 0)
			open_until_killed(scratch.store, round == 0, ready[1]);
		char byte;
		if (round == 0)
			CHECK_EQ_INT(read(ready[0], &byte, 1), 1);
		clock_sleep_us(check_between(&random, round == 0 ? 1 : 60, 400) * US_PER_MS);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	struct shop shop;
	memset(&shop, 0, sizeof shop);
	CHECK(arena_init(&shop.arena, (size_t)1 << 30));
	pthread_mutex_init(&shop.lock, NULL);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	shop.tenant_id = 1;
	CHECK(engine_drain(shop.engine, 1, &shop.problems));
	int64_t accounts = shop_count(&shop, &account_record), anns = 0;
	for (int64_t id = 1; id <= accounts; id++) {
		const struct account *account = shop_row(&shop, &account_record, id);
		anns += text_is(account->name, "Ann");
	}
	CHECK(anns > 0);
	CHECK_EQ_INT(accounts, 2 * anns);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), accounts);
	CHECK_EQ_INT(shop_next_number(&shop), accounts + 1);
	shop_close(&shop);
	scratch_remove(&scratch);
}

TEST(closing_lets_running_work_end)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	shop_rules(&shop, "rule 'friend' { post = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:command('account.open', { name = 'friend' })\nend }\n");
	for (int i = 0; i < 10; i++)
		CHECK(account_open(&shop, "Ann"));
	shop_close(&shop);
}

CHECK_MAIN
