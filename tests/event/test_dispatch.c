/* test_dispatch.c: pre and post rules, what they queue, what becomes of their failures, policies and tasks. */
#include "shop.h"

/* ---- pre ---- */

TEST(a_pre_rule_may_assign_and_is_kept_as_a_rule_run)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'greet' { pre = 'account.create', run = function (account, ctx)\n"
	                  "  account.notes = 'hello ' .. account.name\n"
	                  "  ctx:note('greeted')\n"
	                  "  ctx:note('twice')\n"
	                  "end }\n");
	CHECK(account_open(&shop, "Ann"));
	const struct account *account = shop_row(&shop, &account_record, 1);
	CHECK_EQ_TEXT(account->notes, "hello Ann");
	const struct rule_run *run = shop_row(&shop, &rule_run_record, 1);
	CHECK_EQ_TEXT(run->rule, "greet");
	CHECK_EQ_TEXT(run->event, "account.create");
	CHECK_EQ_INT(run->moment, RULE_RUN_MOMENT_PRE);
	CHECK_EQ_INT(run->outcome, RULE_RUN_OUTCOME_OK);
	CHECK_EQ_TEXT(run->result, "greeted\ntwice");
	CHECK(text_present(run->reads));
	CHECK(text_present(run->writes));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, rule greet, post account.create, done account.open");
	shop_close(&shop);
}

TEST(a_rejection_by_a_pre_rule_leaves_one_audit_row_with_its_code)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'no anns' { pre = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                  "  ctx:reject('no_anns', 'No Anns today.')\n"
	                  "end }\n");
	int64_t audits = shop_count(&shop, &audit_record);
	CHECK(!account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_REJECTED);
	CHECK_EQ_TEXT(shop.problems.first->detail_code, "no_anns");
	CHECK_EQ_INT(shop_count(&shop, &audit_record), audits + 1);
	const struct audit *audit = shop_last_audit(&shop);
	CHECK_EQ_INT(audit->outcome, AUDIT_OUTCOME_REJECTED);
	CHECK_EQ_TEXT(audit->code, "no_anns");
	CHECK_EQ_TEXT(audit->message, "No Anns today.");
	CHECK_EQ_INT(shop_count(&shop, &rule_run_record), 0);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 0);
	CHECK_EQ_INT(shop_next_number(&shop), 1);
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, rule no anns no_anns, rejected account.open no_anns");
	CHECK(account_open(&shop, "Bob"));
	shop_close(&shop);
}

TEST(a_pre_rule_that_errs_fails_the_command)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'broken' { pre = 'account.create', run = function (account, ctx)\n"
	                  "  local x = nil\n  return x.y\nend }\n");
	CHECK(!account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK(strstr(shop.problems.first->cause, "shop.lua:3") != NULL);
	CHECK_EQ_INT(shop_last_audit(&shop)->outcome, AUDIT_OUTCOME_FAILED);
	shop_close(&shop);
}

TEST(a_command_of_a_pre_rule_runs_at_once_and_its_failure_rejects_all)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'shadow' { pre = 'account.create', run = function (account, ctx)\n"
	                  "  if account.name == 'Ann' then ctx:command('account.open', { name = 'shadow' }) end\n"
	                  "  if account.name == 'Bob' then ctx:command('account.open', { name = 'late shadow' }) end\n"
	                  "end }\n");
	CHECK(account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, rule shadow, pre account.create, rule shadow, "
	                                      "post account.create, post account.create, done account.open");
	const struct journal *inner = shop_row(&shop, &journal_record, 1), *outer = shop_row(&shop, &journal_record, 2);
	CHECK_EQ_TEXT(inner->actor, "rule:shadow");
	CHECK_EQ_INT(inner->depth, 1);
	CHECK_EQ_TEXT(outer->actor, "key:test");
	CHECK_EQ_INT(outer->depth, 0);
	CHECK(memcmp(&inner->causation_id, &outer->event_id, sizeof inner->causation_id) == 0);
	/* The outermost command's own object, though the other was named first. */
	CHECK_EQ_INT(shop_last_audit(&shop)->object_id, outer->object_id);

	CHECK(!account_open(&shop, "Bob"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	shop_close(&shop);
}

TEST(commands_of_pre_rules_stop_at_depth_eight)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'again' { pre = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:command('account.open', { name = 'again' })\nend }\n");
	CHECK(!account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_DEPTH);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 0);
	shop_close(&shop);
}

/* `count` rules of this kind, each of which spends what one may, nearly. */
static const char *spenders(struct shop *shop, int count, const char *moment)
{
	struct text_builder rules;
	builder_init(&rules, &shop->arena, 0);
	for (int i = 0; i < count; i++)
		builder_format(&rules, "rule 'spends %d' { %s, run = function () for i = 1, 4800000 do end end }\n", i, moment);
	return builder_text(&rules).data;
}

/* A command holds the writer for all of its rules: together they have the fuel of four. */
TEST(the_fuel_of_all_rules_of_a_command_is_bounded)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, spenders(&shop, 4, "pre = 'account.create'"));
	CHECK(account_open(&shop, "Ann"));
	shop_rules(&shop, spenders(&shop, 5, "pre = 'account.create'"));
	CHECK(!account_open(&shop, "Bob"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK(strstr(shop.problems.first->message, "'spends 4'") != NULL);
	CHECK(strstr(shop.problems.first->cause, "used up its fuel") != NULL);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	shop_close(&shop);
}

TEST(a_rule_cannot_ask_for_what_is_not_its_own)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop,
	           "rule 'asks' { pre = 'account.create', run = function (account, ctx)\n"
	           "  if account.name == 'admin' then ctx:command('tenant.create', { name = 'mine' }) end\n"
	           "  if account.name == 'typo' then ctx:command('account.opne', {}) end\n"
	           "  if account.name == 'field' then ctx:command('account.open', { nmae = 'x' }) end\n"
	           "  if account.name == 'card' then ctx:command('pay', { account_id = 1, amount = '1', currency = 'USD',\n"
	           "    card = { number = '4111111111111111', expiry = '2030-01-31' } }) end\n"
	           "end }\n");
	CHECK(!account_open(&shop, "admin"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_FORBIDDEN);
	CHECK(!account_open(&shop, "typo"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_UNKNOWN_COMMAND);
	CHECK(strstr(shop.problems.first->message, "did you mean 'account.open'") != NULL);
	CHECK(strstr(shop.problems.first->cause, "shop.lua:1: rule 'asks'") != NULL);
	CHECK(!account_open(&shop, "field"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_UNKNOWN_FIELD);
	CHECK(!account_open(&shop, "card"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_FORBIDDEN);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 0);
	shop_close(&shop);
}

/* ---- post ---- */

TEST(a_post_rule_queues_messages_and_commands)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'thank' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                  "  ctx:send('mail', { to = account.name })\n"
	                  "  ctx:command('account.open', { name = 'friend of ' .. account.name })\nend }\n");
	CHECK(account_open(&shop, "Ann"));
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_TEXT(delivery->channel, "mail");
	CHECK_EQ_TEXT(delivery->body, "{\"to\":\"Ann\"}");
	CHECK_EQ_INT(delivery->serial, 1);
	CHECK_EQ_INT(delivery->status, DELIVERY_STATUS_PENDING);
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_TEXT(jobs.items[0].kind, "command");
	CHECK_EQ_TEXT(jobs.items[0].payload, "{\"command\":\"account.open\",\"input\":{\"name\":\"friend of Ann\"}}");
	CHECK_EQ_INT(jobs.items[0].depth, 1);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);

	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	const struct journal *first = shop_row(&shop, &journal_record, 1), *second = shop_row(&shop, &journal_record, 2);
	CHECK_EQ_TEXT(second->actor, "rule:thank");
	CHECK_EQ_INT(second->depth, 1);
	CHECK(memcmp(&first->correlation_id, &second->correlation_id, sizeof first->correlation_id) == 0);
	CHECK(memcmp(&first->event_id, &second->causation_id, sizeof first->event_id) == 0);
	CHECK_EQ_TEXT(shop_last_audit(&shop)->command, "account.open");
	CHECK_EQ_TEXT(shop_last_audit(&shop)->actor, "rule:thank");

	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2);
	shop_close(&shop);
}

TEST(queued_commands_stop_at_depth_eight)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'again' { post = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:command('account.open', { name = 'again' })\nend }\n");
	CHECK(account_open(&shop, "Ann"));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 9); /* depth 0 and 1 to 8 */
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	struct shop_job_list jobs = shop_dead_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1); /* the rule of the ninth: no time mends it */
	CHECK_EQ_TEXT(jobs.items[0].kind, "rule.post");
	CHECK(strstr(jobs.items[0].last_error.data, "depth 9") != NULL);
	shop_close(&shop);
}

TEST(a_failed_post_rule_is_undone_alone_and_repeated)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'first' { post = 'account.create', run = function (account, ctx) ctx:send('mail', { n = 1 }) end }\n"
	                  "rule 'breaks' { post = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:send('mail', { n = 2 })\n"
	                  "  local x = nil\n  return x.y\nend }\n"
	                  "rule 'third' { post = 'account.create', run = function (account, ctx) ctx:send('mail', { n = 3 }) end }\n");
	CHECK(account_open(&shop, "Ann"));
	CHECK_EQ_TEXT(shop_trace_take(&shop), "pre account.create, post account.create, rule first, rule breaks rule_failed, "
	                                      "rule third, done account.open");
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 2);
	const struct delivery *second = shop_row(&shop, &delivery_record, 2);
	CHECK_EQ_TEXT(second->body, "{\"n\":3}");
	CHECK_EQ_INT(shop_count(&shop, &rule_run_record), 3);
	const struct rule_run *failed = shop_row(&shop, &rule_run_record, 2);
	CHECK_EQ_INT(failed->outcome, RULE_RUN_OUTCOME_FAILED);
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK_EQ_TEXT(jobs.items[0].kind, "rule.post");
	CHECK_EQ_TEXT(jobs.items[0].payload, "{\"serial\":1,\"rule\":\"breaks\"}");
	CHECK_EQ_INT(jobs.items[0].attempts, 1);
	CHECK_EQ_INT(jobs.items[0].due_at.us, (int64_t)(SHOP_NOW_S + 1) * US_PER_S);
	CHECK(text_present(jobs.items[0].last_error));

	/* Not due yet. */
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_job_rows(&shop).items[0].attempts, 1);
	/* Corrected: the repeat runs the rule of that name that is in force then, and takes effect once. */
	shop_rules(&shop, "rule 'breaks' { post = 'account.create', run = function (account, ctx)\n"
	                  "  ctx:send('mail', { again = account.name, id = account.id })\nend }\n");
	CHECK(engine_advance_clock(shop.engine, shop.tenant_id, (struct instant){ (int64_t)(SHOP_NOW_S + 60) * US_PER_S }, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 3);
	const struct delivery *repeated = shop_row(&shop, &delivery_record, 3);
	CHECK_EQ_TEXT(repeated->body, "{\"again\":\"Ann\",\"id\":1}");
	CHECK_EQ_INT(repeated->serial, 1);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	shop_close(&shop);
}

TEST(a_post_rule_that_keeps_failing_is_dead_after_five_repeats)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'breaks' { post = 'account.create', run = function (account, ctx) error('always') end }\n");
	CHECK(account_open(&shop, "Ann"));
	int64_t job_id = shop_job_rows(&shop).items[0].id;
	static const int due_s[] = { 1, 11, 71, 671, 4271 };
	for (size_t i = 0; i < 5; i++) {
		CHECK_EQ_INT(shop_job_rows(&shop).items[0].due_at.us, (int64_t)(SHOP_NOW_S + due_s[i]) * US_PER_S);
		CHECK(engine_advance_clock(shop.engine, shop.tenant_id,
		                           (struct instant){ (int64_t)(SHOP_NOW_S + due_s[i]) * US_PER_S }, &shop.problems));
	}
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	const struct job *dead = shop_row(&shop, &job_record, job_id);
	CHECK_EQ_INT(dead->status, JOB_STATUS_DEAD);
	CHECK_EQ_INT(dead->attempts, 6);
	CHECK(strstr(dead->last_error.data, "always") != NULL);
	const struct audit *audit = shop_last_audit(&shop);
	CHECK_EQ_TEXT(audit->command, "rule.post");
	CHECK_EQ_INT(audit->outcome, AUDIT_OUTCOME_FAILED);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	shop_close(&shop);
}

TEST(a_post_rule_sees_a_frozen_subject)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'writes' { post = 'account.create', run = function (account, ctx) account.notes = 'x' end }\n");
	CHECK(account_open(&shop, "Ann"));
	const struct account *account = shop_row(&shop, &account_record, 1);
	CHECK(!text_present(account->notes));
	CHECK_EQ_INT(shop_job_rows(&shop).count, 1);
	shop_close(&shop);
}

TEST(details_of_an_event_are_in_its_payload_and_seen_by_rules)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'tell' { post = 'account.update', run = function (account, ctx) ctx:send('mail', { changed = ctx.event.changed }) end }\n");
	CHECK(account_open(&shop, "Ann"));
	const struct account_update input = { .id = 1, .name = TEXT("Anne") };
	shop_do(&shop, "account.rename", &input);
	const struct journal *row = shop_row(&shop, &journal_record, 2);
	CHECK(strstr(row->payload.data, "},\"changed\":\"name\"}") != NULL);
	const struct delivery *delivery = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_TEXT(delivery->body, "{\"changed\":\"name\"}");
	shop_close(&shop);
}

/* ---- policies and tasks: as commands of a table of their own ---- */

static bool ask_perform(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	struct rounding_request request = { .currency = currency_find(TEXT("USD")) };
	const struct policy_choice choices[] = { { .policy = TEXT("tax"), .rule = TEXT("nothing") },
		                                 { .policy = TEXT("rounding"), .rule = input->name } };
	struct rule_result result;
	struct account *account = arena_new(command->arena, struct account);
	if (!policy_decide(command, POLICY_ROUNDING, &request, choices, text_present(input->name) ? 2 : 1, false, &result))
		return false;
	const struct rounding_decision *decision = result.record;
	account->name = text_of(rounding_decision_record.fields[ROUNDING_DECISION_FIELD_MODE].words[decision->mode]);
	account->notes = policy_decision_text(command, &result);
	*output = account;
	return true;
}

static bool task_perform(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	(void)output;
	const struct occurrence occurrence = occurrence_of(EVENT_TASK_RUN, NULL, NULL, input->id, 0);
	return task_rule_run(command, input->name, &occurrence);
}

static const struct command_type ask = { .name = "ask", .scope = "write", .input = &account_update_record, .perform = ask_perform };
static const struct command_type task = { .name = "task", .scope = "write", .input = &account_update_record, .perform = task_perform };

static const struct account *run_type(struct shop *shop, const struct command_type *type, const char *name, bool *done)
{
	const struct account_update input = { .id = 1, .name = text_of(name) };
	struct command_request request = shop_request(shop, "ask", &input);
	request.type = type;
	*done = command_run(shop->engine, &request);
	return request.output;
}

static const char *rounding_asked(struct shop *shop, const char *choice)
{
	bool done;
	const struct account *answer = run_type(shop, &ask, choice, &done);
	if (!done) {
		shop_show(&shop->problems);
		CHECK_FAIL("the policy did not decide");
	}
	return answer->name.data;
}

TEST(a_policy_is_asked_by_choice_then_setting_then_bundle_then_shipped)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	CHECK_EQ_C(rounding_asked(&shop, NULL), "half_up");
	const char *rules = "rule 'any' { policy = 'rounding', run = function (request) return { mode = 'floor', place = 'line' } end }\n"
	                    "rule 'set' { policy = 'rounding', run = function (request) return { mode = 'ceiling', place = 'line' } end }\n"
	                    "rule 'chosen' { policy = 'rounding', run = function (request) return { mode = 'down', place = 'line' } end }\n";
	shop_rules(&shop, rules);
	CHECK_EQ_C(rounding_asked(&shop, NULL), "floor");
	CHECK_EQ_C(rounding_asked(&shop, "chosen"), "down");
	shop_tenant(&shop, "set", true, "{\"policies\":{\"rounding\":\"set\"}}");
	shop_rules(&shop, rules);
	CHECK_EQ_C(rounding_asked(&shop, NULL), "ceiling");
	CHECK_EQ_C(rounding_asked(&shop, "chosen"), "down");
	const struct rule_run *run = shop_row(&shop, &rule_run_record, 1);
	CHECK_EQ_TEXT(run->event, "rounding");
	CHECK_EQ_INT(run->moment, RULE_RUN_MOMENT_POLICY);
	bool done;
	const struct account *answer = run_type(&shop, &ask, NULL, &done);
	CHECK(text_starts(answer->notes, "{\"rule\":\"set\",\"file\":\"rules/shop.lua\",\"line\":2,"));
	run_type(&shop, &ask, "nobody", &done);
	CHECK(!done);
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_UNKNOWN_POLICY);
	shop_close(&shop);
}

/* Those that pass are paid for as well. */
TEST(the_fuel_of_all_rules_of_a_decision_is_bounded)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, spenders(&shop, 4, "policy = 'rounding'"));
	CHECK_EQ_C(rounding_asked(&shop, NULL), "half_up");
	shop_rules(&shop, spenders(&shop, 5, "policy = 'rounding'"));
	bool done;
	run_type(&shop, &ask, NULL, &done);
	CHECK(!done);
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK(strstr(shop.problems.first->cause, "used up its fuel") != NULL);
	shop_close(&shop);
}

TEST(a_task_reads_rows_and_queues)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	shop_rules(&shop, "rule 'nightly' { task = true, run = function (ctx)\n"
	                  "  for account in ctx:each('account', { name = 'Ann' }) do ctx:send('mail', { id = account.id }) end\n"
	                  "end }\n");
	CHECK(account_open(&shop, "Ann"));
	CHECK(account_open(&shop, "Bob"));
	CHECK(account_open(&shop, "Ann"));
	bool done;
	run_type(&shop, &task, "nightly", &done);
	if (!done)
		shop_show(&shop.problems);
	CHECK(done);
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 2);
	const struct delivery *second = shop_row(&shop, &delivery_record, 2);
	CHECK_EQ_TEXT(second->body, "{\"id\":3}");
	run_type(&shop, &task, "weekly", &done);
	CHECK(!done);
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_NO_HANDLER);
	shop_close(&shop);
}

/* ---- bundles ---- */

TEST(a_bundle_that_does_not_load_stops_commands_with_its_problem)
{
	struct shop shop;
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
	struct shop_bundle input = {
		.digest = text_hex(&shop.arena, digest_sha256(TEXT("x")).bytes, 32),
		.manifest = TEXT("{\"name\":\"x\"}"), .files = TEXT("{\"rules/a.lua\":\"rule 'x' {\"}"),
	};
	shop_do(&shop, "bundle.put", &input);
	CHECK(!account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_RULE_LOAD);
	shop_close(&shop);
}

TEST(bundles_beyond_the_cache_are_compiled_again)
{
	enum { TENANTS = 9, BYTES_KEPT = 64 * 1024 }; /* of some of them */
	struct shop shop;
	char text[200];
	shop_open(&shop, ":memory:", (struct engine_options){ .threads = false, .bundle_bytes_kept = BYTES_KEPT });
	int64_t tenants[TENANTS];
	for (int i = 0; i < TENANTS; i++) {
		snprintf(text, sizeof text, "tenant %d", i);
		tenants[i] = shop_tenant(&shop, text, true, NULL);
		snprintf(text, sizeof text, "rule 'n' { pre = 'account.create', run = function (account) account.notes = 'v%d' end }", i);
		shop_rules(&shop, text);
	}
	for (int i = 0; i < 4 * TENANTS; i++) { /* in turn, then of two at a time */
		int which = i < 2 * TENANTS ? i % TENANTS : i / 4 % 2 + i % 2;
		shop.tenant_id = tenants[which];
		struct account *account = account_open(&shop, "Ann");
		CHECK(account != NULL);
		snprintf(text, sizeof text, "v%d", which);
		CHECK_EQ_TEXT(account->notes, text);
	}
	shop_close(&shop);
}

CHECK_MAIN
