/* test_command.c: requests: all or nothing, audit rows, idempotency keys, dry runs, settings, many at once. */
#include "shop.h"

/* ---- all or nothing ---- */

TEST(a_command_leaves_its_rows_one_journal_row_and_one_audit_row)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct account *account = account_open(&shop, "Ann");
	CHECK(account != NULL);
	CHECK_EQ_INT(account->id, 1);
	CHECK_EQ_TEXT(account->external_key, "1");
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);

	const struct journal *journal = shop_row(&shop, &journal_record, 1);
	CHECK_EQ_TEXT(journal->event, "account.create");
	CHECK_EQ_INT(journal->phase, JOURNAL_PHASE_POST);
	CHECK_EQ_TEXT(journal->object_type, "ACCOUNT");
	CHECK_EQ_INT(journal->object_id, 1);
	CHECK_EQ_TEXT(journal->actor, "key:test");
	CHECK_EQ_INT(journal->occurred_at.us, (int64_t)SHOP_NOW_S * US_PER_S);
	CHECK(text_starts(journal->payload, "{\"account\":{\"id\":1,"));
	CHECK(shop_row(&shop, &journal_record, 2) == NULL);

	const struct audit *audit = shop_last_audit(&shop);
	CHECK_EQ_INT(audit->id, 2); /* 1: tenant.create */
	CHECK_EQ_TEXT(audit->command, "account.open");
	CHECK_EQ_INT(audit->outcome, AUDIT_OUTCOME_DONE);
	CHECK_EQ_TEXT(audit->object_type, "account");
	CHECK_EQ_INT(audit->object_id, 1);
	CHECK(uuid_present(audit->correlation_id));
	CHECK(memcmp(&audit->correlation_id, &journal->correlation_id, sizeof audit->correlation_id) == 0);
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, post account.create, done account.open");
	shop_close(&shop);
}

TEST(a_rejected_command_leaves_one_audit_row_and_burns_no_number)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK(account_open(&shop, "Ann"));
	int64_t audits = shop_count(&shop, &audit_record);
	shop_trace_take(&shop);

	CHECK(!account_open(&shop, "late Bob"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 1);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits + 1);
	const struct audit *audit = shop_last_audit(&shop);
	CHECK_EQ_INT(audit->outcome, AUDIT_OUTCOME_REJECTED);
	CHECK_EQ_TEXT(audit->code, "wrong_state");
	CHECK_EQ_TEXT(audit->message, "too late for late Bob");
	CHECK_EQ_INT(audit->object_id, 0);
	/* The trace tells what was tried before it says that it was for nothing. */
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, post account.create, rejected account.open wrong_state");

	const struct account *next = account_open(&shop, "Cid");
	CHECK_EQ_INT(next->id, 2);
	CHECK_EQ_TEXT(next->external_key, "2");
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 2);
	shop_close(&shop);
}

TEST(a_command_inside_another_is_of_the_same_transaction_and_correlation)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	int64_t audits = shop_count(&shop, &audit_record);
	const struct account_create input = { .name = TEXT("twin") };
	shop_do(&shop, "account.pair", &input);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits + 1);
	const struct journal *first = shop_row(&shop, &journal_record, 1), *second = shop_row(&shop, &journal_record, 2);
	CHECK(memcmp(&first->correlation_id, &second->correlation_id, sizeof first->correlation_id) == 0);
	CHECK(memcmp(&first->event_id, &second->event_id, sizeof first->event_id) < 0);
	CHECK_EQ_INT(shop_last_audit(&shop)->object_id, 1);

	const struct account_create late = { .name = TEXT("late twin") };
	CHECK(!shop_try(&shop, "account.pair", &late));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	shop_close(&shop);
}

TEST(an_unknown_tenant_is_a_problem)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop.tenant_id = 99;
	CHECK(!account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_NOT_FOUND);
	shop_close(&shop);
}

TEST(a_tenant_that_is_created_has_its_audit_row)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct audit *audit = shop_row(&shop, &audit_record, 1);
	CHECK_EQ_TEXT(audit->command, "tenant.create");
	CHECK_EQ_INT(audit->at.us, (int64_t)SHOP_NOW_S * US_PER_S);
	shop_close(&shop);
}

/* ---- dry runs ---- */

static void name_encode(struct command *command, struct command_request *request)
{
	const struct account *account = request->output;
	request->reply_status = command ? 201 : request->reply_status;
	request->reply_content_type = TEXT("text/plain");
	request->reply_body = command ? text_format(request->arena, "account %lld is %.*s", (long long)account->id, TEXT_ARG(account->name))
	                              : text_of(request->problems->first->message);
}

TEST(a_dry_run_answers_in_full_and_keeps_nothing)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	int64_t audits = shop_count(&shop, &audit_record);
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request request = shop_request(&shop, "account.open", &input);
	request.dry_run = true;
	request.encode = name_encode;
	CHECK(command_run(shop.engine, &request));
	CHECK_EQ_INT(request.reply_status, 201);
	CHECK_EQ_TEXT(request.reply_body, "account 1 is Ann");
	CHECK_EQ_INT(request.outcome, STORE_ROLLED_BACK);
	CHECK_EQ_INT(request.trace_count, 2);
	CHECK_EQ_INT(request.trace[1].kind, TRACE_POST);
	CHECK(text_starts(request.trace[1].payload, "{\"account\":{"));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 0);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 0);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits);
	CHECK_EQ_TEXT(shop_trace_take(&shop), "");

	const struct account_create late = { .name = TEXT("late Bob") };
	request = shop_request(&shop, "account.open", &late);
	request.dry_run = true;
	request.encode = name_encode;
	CHECK(!command_run(shop.engine, &request));
	CHECK_EQ_INT(request.reply_status, 409);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits);
	shop_close(&shop);
}

/* ---- idempotency ---- */

static struct command_request keyed_request(struct shop *shop, const struct account_create *input, const char *key,
                                            const char *content)
{
	struct command_request request = shop_request(shop, "account.open", input);
	request.idempotency_key = text_of(key);
	request.fingerprint = digest_sha256(text_of(content));
	request.encode = name_encode;
	return request;
}

TEST(a_repeated_key_is_answered_byte_by_byte_and_does_nothing)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request first = keyed_request(&shop, &input, "k1", "Ann");
	CHECK(command_run(shop.engine, &first));
	CHECK(!first.replayed);
	int64_t audits = shop_count(&shop, &audit_record);
	shop_trace_take(&shop);

	struct command_request second = keyed_request(&shop, &input, "k1", "Ann");
	CHECK(command_run(shop.engine, &second));
	CHECK(second.replayed);
	CHECK_EQ_INT(second.reply_status, first.reply_status);
	CHECK_EQ_TEXT(second.reply_body, first.reply_body.data);
	CHECK_EQ_TEXT(second.reply_content_type, "text/plain");
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits);
	CHECK_EQ_TEXT(shop_trace_take(&shop), "");
	shop_close(&shop);
}

TEST(a_refusal_by_state_is_stored_under_its_key)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct account_create input = { .name = TEXT("late Ann") };
	struct command_request first = keyed_request(&shop, &input, "k1", "late"), second = first;
	CHECK(!command_run(shop.engine, &first));
	CHECK_EQ_INT(first.reply_status, 409);
	int64_t audits = shop_count(&shop, &audit_record);
	second = keyed_request(&shop, &input, "k1", "late");
	CHECK(!command_run(shop.engine, &second));
	CHECK(second.replayed);
	CHECK_EQ_INT(second.reply_status, 409);
	CHECK_EQ_TEXT(second.reply_body, "too late for late Ann");
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits);
	shop_close(&shop);
}

TEST(a_key_with_another_payload_is_refused)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request first = keyed_request(&shop, &input, "k1", "Ann");
	CHECK(command_run(shop.engine, &first));
	struct command_request second = keyed_request(&shop, &input, "k1", "Bob");
	CHECK(!command_run(shop.engine, &second));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_IDEMPOTENCY_MISMATCH);
	CHECK_EQ_INT(second.reply_status, 422);
	/* The stored answer is still the first one's. */
	struct command_request third = keyed_request(&shop, &input, "k1", "Ann");
	CHECK(command_run(shop.engine, &third));
	CHECK_EQ_TEXT(third.reply_body, "account 1 is Ann");
	shop_close(&shop);
}

TEST(a_dry_run_does_not_take_its_key)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request dry = keyed_request(&shop, &input, "k1", "Ann");
	dry.dry_run = true;
	CHECK(command_run(shop.engine, &dry));
	struct command_request real = keyed_request(&shop, &input, "k1", "Ann");
	CHECK(command_run(shop.engine, &real));
	CHECK(!real.replayed);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	shop_close(&shop);
}

/* ---- many at once ---- */

enum { SUBMITTERS = 32, COMMANDS_EACH = 20, DUPLICATES = 50 };

struct submitter {
	struct shop *shop;
	pthread_t thread;
	const char *key; /* NULL: none */
	struct arena arena;
	int commands, failed, replayed;
	struct text reply; /* the last one */
};

static void submit_one(struct submitter *submitter, const struct account_create *input)
{
	struct problems problems;
	problems_init(&problems, &submitter->arena);
	struct command_request request = {
		.tenant_id = submitter->shop->tenant_id, .type = engine_command(submitter->shop->engine, TEXT("account.open")),
		.input = input, .origin = { .actor = TEXT("key:many") }, .arena = &submitter->arena, .problems = &problems,
		.encode = name_encode, .idempotency_key = text_of(submitter->key), .fingerprint = digest_sha256(TEXT("same")),
	};
	submitter->failed += !command_run(submitter->shop->engine, &request);
	submitter->replayed += request.replayed;
	submitter->reply = request.reply_body;
}

static void *submitter_main(void *context)
{
	struct submitter *submitter = context;
	for (int i = 0; i < submitter->commands; i++) {
		/* Every third one fails after it has taken a number and a serial. */
		const struct account_create input = { .name = i % 3 == 2 ? TEXT("late") : TEXT("Ann") };
		submit_one(submitter, &input);
	}
	return NULL;
}

static void submitters_run(struct shop *shop, struct submitter *submitters, int count, int commands, const char *key)
{
	for (int i = 0; i < count; i++) {
		submitters[i] = (struct submitter){ .shop = shop, .commands = commands, .key = key };
		CHECK(arena_init(&submitters[i].arena, ARENA_LIMIT_DEFAULT_BYTES));
		CHECK(pthread_create(&submitters[i].thread, NULL, submitter_main, &submitters[i]) == 0);
	}
	for (int i = 0; i < count; i++)
		pthread_join(submitters[i].thread, NULL);
}

TEST(serials_and_numbers_have_no_gaps_under_32_submitters)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	struct submitter submitters[SUBMITTERS];
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = true });
	submitters_run(&shop, submitters, SUBMITTERS, COMMANDS_EACH, NULL);
	int64_t failed = 0;
	for (int i = 0; i < SUBMITTERS; i++) {
		failed += submitters[i].failed;
		arena_finish(&submitters[i].arena);
	}
	int64_t good = SUBMITTERS * COMMANDS_EACH - failed;
	CHECK_EQ_INT(failed, SUBMITTERS * (COMMANDS_EACH / 3));
	CHECK_EQ_INT(shop_count(&shop, &journal_record), good);
	CHECK_EQ_INT(shop_count(&shop, &account_record), good);
	CHECK_EQ_INT(shop_next_number(&shop), good + 1);
	CHECK_EQ_INT(shop_count(&shop, &audit_record), 1 + SUBMITTERS * COMMANDS_EACH);
	for (int64_t i = 1; i <= good; i++) {
		const struct account *account = shop_row(&shop, &account_record, i);
		CHECK_EQ_TEXT(account->external_key, text_from_int64(&shop.arena, i).data);
	}
	shop_close(&shop);
	scratch_remove(&scratch);
}

TEST(fifty_duplicates_of_a_key_at_once_have_one_effect_and_equal_answers)
{
	struct shop shop;
	struct submitter submitters[DUPLICATES];
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	submitters_run(&shop, submitters, DUPLICATES, 1, "the key");
	int replayed = 0;
	for (int i = 0; i < DUPLICATES; i++) {
		CHECK_EQ_INT(submitters[i].failed, 0);
		CHECK_EQ_TEXT(submitters[i].reply, "account 1 is Ann");
		replayed += submitters[i].replayed;
		arena_finish(&submitters[i].arena);
	}
	CHECK_EQ_INT(replayed, DUPLICATES - 1);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 1);
	shop_close(&shop);
}

/* ---- submitted, not waited for ---- */

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int done;
};

static void mailbox_done(struct command_request *request)
{
	struct mailbox *mailbox = request->context;
	pthread_mutex_lock(&mailbox->lock);
	mailbox->done++;
	pthread_cond_signal(&mailbox->changed);
	pthread_mutex_unlock(&mailbox->lock);
}

TEST(a_submitted_command_is_done_once)
{
	struct shop shop;
	struct mailbox mailbox = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = true });
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request request = shop_request(&shop, "account.open", &input);
	request.done = mailbox_done;
	request.context = &mailbox;
	command_submit(shop.engine, &request);
	pthread_mutex_lock(&mailbox.lock);
	while (!mailbox.done)
		pthread_cond_wait(&mailbox.changed, &mailbox.lock);
	pthread_mutex_unlock(&mailbox.lock);
	CHECK(request.succeeded);
	CHECK_EQ_INT(request.outcome, STORE_COMMITTED);
	shop_close(&shop);
	CHECK_EQ_INT(mailbox.done, 1);
}

/* ---- memory ---- */

/* As account_open, with an arena of its own: one that ran out stays so. */
static bool account_open_alone(struct shop *shop, struct text key)
{
	const struct account_create input = { .name = TEXT("Ann") };
	struct arena arena;
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		return false;
	struct problems problems;
	problems_init(&problems, &arena);
	struct command_request request = {
		.tenant_id = shop->tenant_id, .type = engine_command(shop->engine, TEXT("account.open")), .input = &input,
		.arena = &arena, .problems = &problems, .encode = name_encode, .idempotency_key = key,
	};
	bool done = command_run(shop->engine, &request);
	if (!done)
		CHECK(problems.first != NULL);
	arena_finish(&arena);
	return done;
}

TEST(a_command_that_runs_out_of_memory_leaves_nothing)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'pre' { pre = 'account.create', run = function (account, ctx) account.notes = 'x' end }\n"
	                  "rule 'post' { post = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:send('mail', { id = account.id })\n"
	                  "  ctx:command('account.rename', { id = account.id, name = 'Bob' })\nend }\n");
	int64_t opened = 0, failed = 0;
	for (long nth = 1; nth <= 60; nth++) {
		check_note("allocation %ld fails", nth);
		memory_fail_after(nth, false);
		bool done = account_open_alone(&shop, TEXT_NONE);
		memory_fail_after(0, false);
		opened += done;
		failed += !done;
		CHECK_EQ_INT(shop_count(&shop, &account_record), opened);
		CHECK_EQ_INT(shop_count(&shop, &journal_record), opened);
		CHECK_EQ_INT(shop_next_number(&shop), opened + 1);
	}
	CHECK(failed > 0);
	CHECK(opened > 0);
	CHECK(account_open_alone(&shop, TEXT_NONE));
	shop_close(&shop);
}

/* ---- settings ---- */

struct settings_seen {
	char day[10], hour[10], zone[10];
	int64_t day_number, absent_number;
	bool flag, absent_flag;
};

static bool settings_read(struct command *command, void *context)
{
	struct settings_seen *seen = context;
	snprintf(seen->day, sizeof seen->day, "%.*s", TEXT_ARG(command_setting(command, "billing.day")));
	snprintf(seen->hour, sizeof seen->hour, "%.*s", TEXT_ARG(command_setting(command, "billing.hour")));
	seen->day_number = command_setting_integer(command, "billing.day", 9);
	seen->absent_number = command_setting_integer(command, "billing.nothing", 9);
	seen->flag = command_setting_boolean(command, "billing.anniversary", false);
	seen->absent_flag = command_setting_boolean(command, "billing.day.deeper", true);
	return true;
}

TEST(settings_of_the_tenant_lie_over_those_of_its_bundle)
{
	struct shop shop;
	struct settings_seen seen;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_tenant(&shop, "second", true, "{\"billing\":{\"day\":28,\"anniversary\":true}}");
	shop_rules(&shop, "-- none\n");
	CHECK(command_read(shop.engine, shop.tenant_id, &shop.arena, &shop.problems, settings_read, &seen));
	CHECK_EQ_C(seen.day, "28");
	CHECK_EQ_C(seen.hour, "2");
	CHECK_EQ_INT(seen.day_number, 28);
	CHECK_EQ_INT(seen.absent_number, 9);
	CHECK(seen.flag);
	CHECK(seen.absent_flag);
	shop_close(&shop);
}

CHECK_MAIN
