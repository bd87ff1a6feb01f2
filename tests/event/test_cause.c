/* test_cause.c: how much may follow from one command: chains of rules are bounded in depth and amount, and can be withdrawn. */
#include "shop.h"

static void shop_with(struct shop *shop, const char *rules, const char *settings)
{
	shop_open(shop, ":memory:", (struct engine_options){ .threads = false });
	shop_tenant(shop, "bounded", true, settings);
	shop_rules(shop, rules);
}

/* A circle that grows: each account opens `width` more, each with a mail. */
static const char fan[] = "rule 'fan' { post = 'account.create', run = function (account, ctx)\n"
                          "  for i = 1, 20 do ctx:command('account.open', { name = 'more' }) end\n"
                          "  for i = 1, 20 do ctx:send('mail', { n = i }) end\nend }\n";

static const struct cause *cause_of(struct shop *shop, int64_t id)
{
	return shop_row(shop, &cause_record, id);
}

TEST(what_follows_from_one_command_is_bounded)
{
	struct shop shop;
	shop_with(&shop, fan, "{\"effects\":{\"per_cause\":1000}}");
	CHECK(account_open(&shop, "Ann"));
	CHECK_EQ_INT(cause_of(&shop, 1)->effects, 40);
	CHECK_EQ_TEXT(cause_of(&shop, 1)->event, "account.create");
	CHECK_EQ_TEXT(cause_of(&shop, 1)->rule, "fan");
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	/* 25 runs of 40 fit: the root's, 20 of the second generation, 4 of the third. */
	CHECK_EQ_INT(cause_of(&shop, 1)->effects, 1000);
	CHECK_EQ_INT(shop_count(&shop, &cause_record), 1);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1 + 500);
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 500);
	shop_close(&shop);
}

TEST(a_rule_that_asks_for_more_says_how_it_came_to_that_and_what_to_do)
{
	struct shop shop;
	shop_with(&shop, fan, "{\"effects\":{\"per_cause\":100}}");
	CHECK(account_open(&shop, "Ann"));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	struct shop_job_list jobs = shop_dead_rows(&shop);
	CHECK_EQ_INT(jobs.count, 19 + 20); /* runs of the second generation but the first, and of what that one began */
	const struct job *dead = &jobs.items[0];
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	CHECK_EQ_TEXT(dead->kind, "rule.post");
	CHECK_EQ_INT(dead->status, JOB_STATUS_DEAD); /* at once: time does not mend it */
	CHECK_EQ_INT(dead->attempts, 1);
	CHECK(dead->rule_fault);
	CHECK_EQ_INT(dead->cause_id, 1);
	CHECK(strstr(dead->last_error.data, "rule 'fan' asks for more than the 100 commands and messages that may follow from one "
	                                    "cause (account.create 'fan' -> account.create 'fan'): break the circle, or raise the "
	                                    "setting effects.per_cause") != NULL);
	/* The run is kept with its failure. */
	const struct rule_run *run = shop_row(&shop, &rule_run_record, shop_count(&shop, &rule_run_record));
	CHECK_EQ_INT(run->outcome, RULE_RUN_OUTCOME_FAILED);
	CHECK(strstr(run->result.data, "effects.per_cause") != NULL);
	shop_close(&shop);
}

TEST(each_command_from_outside_begins_a_cause_of_its_own)
{
	struct shop shop;
	shop_with(&shop,
	          "rule 'friend' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	          "  for i = 1, 9 do ctx:command('account.open', { name = 'friend' }) end\nend }\n"
	          "rule 'greet' { post = 'account.create', run = function (account, ctx) ctx:send('mail', { n = 1 }) end }\n",
	          "{\"effects\":{\"per_cause\":20}}");
	for (int i = 0; i < 5; i++)
		CHECK(account_open(&shop, "Ann"));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &cause_record), 5);
	for (int i = 1; i <= 5; i++)
		CHECK_EQ_INT(cause_of(&shop, i)->effects, 9 + 10); /* its commands, their mails, and its own mail after them */
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	shop_close(&shop);
}

TEST(messages_alone_begin_no_cause)
{
	struct shop shop;
	shop_with(&shop, "rule 'greet' { post = 'account.create', run = function (account, ctx)\n"
	                 "  for i = 1, 5 do ctx:send('mail', { n = i }) end end }\n",
	          "{\"effects\":{\"per_cause\":1}}");
	CHECK(account_open(&shop, "Ann"));
	CHECK_EQ_INT(shop_count(&shop, &delivery_record), 5);
	CHECK_EQ_INT(shop_count(&shop, &cause_record), 0);
	shop_close(&shop);
}

TEST(a_cause_that_a_failed_rule_began_is_undone_with_it)
{
	struct shop shop;
	shop_with(&shop, "rule 'breaks' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                 "  ctx:command('account.open', { name = 'first' })\n"
	                 "  ctx:command('account.open', { name = 5, nmae = 'x' })\nend }\n"
	                 "rule 'works' { post = 'account.create', when = { name = 'Ann' }, run = function (account, ctx)\n"
	                 "  ctx:command('account.open', { name = 'second' })\nend }\n",
	          "{}");
	CHECK(account_open(&shop, "Ann"));
	struct shop_job_list jobs = shop_job_rows(&shop);
	CHECK_EQ_INT(jobs.count, 2);
	for (size_t i = 0; i < jobs.count; i++) {
		const bool repeat = text_is(jobs.items[i].kind, "rule.post");
		const struct cause *cause = repeat ? NULL : cause_of(&shop, jobs.items[i].cause_id);
		CHECK_EQ_INT(jobs.items[i].cause_id == 0, repeat);
		CHECK(repeat || (cause && text_is(cause->rule, "works") && cause->effects == 1));
	}
	CHECK_EQ_INT(shop_count(&shop, &cause_record), 1);
	shop_close(&shop);
}

TEST(the_depth_of_a_chain_is_a_setting)
{
	struct shop shop;
	shop_with(&shop, "rule 'again' { post = 'account.create', run = function (account, ctx)\n"
	                 "  ctx:command('account.open', { name = 'again' })\nend }\n",
	          "{\"effects\":{\"depth\":3}}");
	CHECK(account_open(&shop, "Ann"));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 4);
	struct shop_job_list jobs = shop_dead_rows(&shop);
	CHECK_EQ_INT(jobs.count, 1);
	CHECK(strstr(jobs.items[0].last_error.data,
	             "rule 'again' asks for account.open at depth 4, at most 3 are allowed (setting effects.depth): account.create "
	             "'again' -> account.create 'again' -> account.create 'again' -> account.create 'again'") != NULL);
	shop_close(&shop);
}

/* ---- withdrawn ---- */

static const struct cause_withdrawn *cause_withdraw(struct shop *shop, int64_t id)
{
	const struct cause_withdraw input = { .id = id };
	return shop_do(shop, "cause.withdraw", &input);
}

TEST(what_waits_of_a_cause_is_withdrawn_and_nothing_more_follows)
{
	struct shop shop;
	shop_with(&shop, fan, "{}");
	CHECK(account_open(&shop, "Ann"));
	const struct job kept = shop_job_rows(&shop).items[0];
	const struct cause_withdrawn *withdrawn = cause_withdraw(&shop, 1);
	CHECK_EQ_INT(withdrawn->jobs, 20);
	CHECK_EQ_INT(withdrawn->deliveries, 20);
	CHECK(!withdrawn->more);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 0);
	CHECK(shop_row(&shop, &job_record, kept.id) == NULL);
	const struct delivery *mail = shop_row(&shop, &delivery_record, 1);
	CHECK_EQ_INT(mail->status, DELIVERY_STATUS_WITHDRAWN);
	CHECK(mail->ended_at.us > 0);
	CHECK_EQ_INT(cause_of(&shop, 1)->status, CAUSE_STATUS_WITHDRAWN);
	CHECK_EQ_TEXT(shop_last_audit(&shop)->command, "cause.withdraw");
	/* Withdrawn once more: there is nothing left. */
	withdrawn = cause_withdraw(&shop, 1);
	CHECK_EQ_INT(withdrawn->jobs + withdrawn->deliveries, 0);
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 1);
	/* Another command is another cause. */
	CHECK(account_open(&shop, "Bob"));
	CHECK_EQ_INT(cause_of(&shop, 2)->effects, 40);
	shop_close(&shop);
}

TEST(a_command_that_is_under_way_when_its_cause_is_withdrawn_queues_nothing_more)
{
	struct shop shop;
	shop_with(&shop, "rule 'stop' { pre = 'account.create', when = { name = 'more' }, run = function (account, ctx)\n"
	                 "  ctx:command('cause.close', { id = 1 })\nend }\n"
	                 "rule 'fan' { post = 'account.create', run = function (account, ctx)\n"
	                 "  for i = 1, 20 do ctx:command('account.open', { name = 'more' }) end\nend }\n",
	          "{}");
	CHECK(account_open(&shop, "Ann"));
	CHECK(engine_drain(shop.engine, shop.tenant_id, &shop.problems));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 2); /* the first of the twenty took out the others */
	const struct job *dead = &shop_dead_rows(&shop).items[0];
	CHECK(strstr(dead->last_error.data, "cause 1 was withdrawn: rule 'fan' asks for nothing more") != NULL);
	shop_close(&shop);
}

TEST(one_command_and_one_message_are_withdrawn_by_id)
{
	struct shop shop;
	shop_with(&shop, fan, "{}");
	CHECK(account_open(&shop, "Ann"));
	const struct job_withdraw job = { .id = shop_job_rows(&shop).items[0].id };
	const struct job *taken = shop_do(&shop, "job.withdraw", &job);
	CHECK_EQ_TEXT(taken->kind, "command");
	CHECK_EQ_INT(shop_job_rows(&shop).count, 19);
	CHECK(!shop_try(&shop, "job.withdraw", &job));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_NOT_FOUND);

	const struct delivery_withdraw message = { .id = 3 };
	shop_do(&shop, "delivery.withdraw", &message);
	CHECK_EQ_INT(((const struct delivery *)shop_row(&shop, &delivery_record, 3))->status, DELIVERY_STATUS_WITHDRAWN);
	CHECK(!shop_try(&shop, "delivery.withdraw", &message));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	shop_close(&shop);
}

TEST(work_that_no_rule_queued_is_not_withdrawn)
{
	struct shop shop;
	shop_with(&shop, "-- none", "{}");
	CHECK(account_open(&shop, "Ann"));
	const struct account_update plan = { .id = 1, .notes = TEXT("note 100") };
	shop_do(&shop, "job.plan", &plan);
	const struct job_withdraw job = { .id = shop_job_rows(&shop).items[0].id };
	CHECK(!shop_try(&shop, "job.withdraw", &job));
	CHECK_EQ_INT(shop.problems.first->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(shop_job_rows(&shop).count, 1);
	shop_close(&shop);
}

/* ---- pre rules: at once, in one transaction ---- */

static const char amplify[] = "rule 'amp' { pre = 'account.create', run = function (account, ctx)\n"
                              "  local next = { Ann = 'Bob', Bob = 'Cid' }\n"
                              "  if next[account.name] then\n"
                              "    for i = 1, 100 do ctx:command('account.open', { name = next[account.name] }) end\n"
                              "  end\nend }\n";

TEST(commands_of_pre_rules_are_at_most_a_thousand_in_one_command)
{
	struct shop shop;
	shop_with(&shop, amplify, "{}");
	CHECK(!account_open(&shop, "Ann"));
	const struct problem *problem = shop.problems.first;
	CHECK_EQ_INT(problem->code, PROBLEM_RULE_AMOUNT);
	CHECK_EQ_INT(problem_info(problem->code)->status, 422);
	CHECK_EQ_C(problem->message, "rule 'amp' asks for account.open after 1000 commands of pre rules; one command may have at most "
	                             "1000 of them");
	CHECK(strstr(problem->cause, "shop.lua:1: rule 'amp'") != NULL);
	CHECK_EQ_INT(shop_count(&shop, &account_record), 0);
	CHECK_EQ_INT(shop_count(&shop, &journal_record), 0);
	CHECK_EQ_INT(shop_last_audit(&shop)->outcome, AUDIT_OUTCOME_FAILED);
	CHECK(account_open(&shop, "Bob")); /* a hundred are well */
	CHECK_EQ_INT(shop_count(&shop, &account_record), 101);
	shop_close(&shop);
}

TEST(commands_of_pre_rules_that_need_too_much_memory_are_refused_by_that_name)
{
	struct shop shop;
	struct arena small;
	struct problems problems;
	CHECK(arena_init(&small, 1024 * 1024));
	problems_init(&problems, &small);
	shop_with(&shop, amplify, "{}");
	const struct account_create input = { .name = TEXT("Ann") };
	struct command_request request = shop_request(&shop, "account.open", &input);
	request.arena = &small;
	request.problems = &problems;
	CHECK(!command_run(shop.engine, &request));
	CHECK_EQ_INT(problems.first->code, PROBLEM_RULE_AMOUNT);
	CHECK(strstr(problems.first->message, "commands of pre rules have taken three quarters of the 1 MiB that one command may use"));
	CHECK_EQ_INT(shop_count(&shop, &account_record), 0);
	shop_close(&shop);
	arena_finish(&small);
}

CHECK_MAIN
