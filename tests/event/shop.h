/* shop.h: an engine with a tiny table of commands of its own over accounts and payments, for the tests of this folder.
 *
 *     struct shop shop;
 *     shop_open(&shop, ":memory:", (struct engine_options){ .threads = false });
 *     shop_rules(&shop, "rule 'no' { pre = 'account.create', run = function (account, ctx) ctx:reject('no', 'No.') end }");
 *     CHECK(!account_open(&shop, "Ann"));
 *     shop_close(&shop);
 *
 * account.open raises account.create, takes a number of the series "account" and an id, and inserts the row; a name
 * that begins with "late" fails after all of that. account.rename raises account.update. pay charges the test gateway.
 */
#ifndef MOONBILL_TESTS_EVENT_SHOP_H
#define MOONBILL_TESTS_EVENT_SHOP_H

#include "check.h"

#include "event/command.h"
#include "event/dispatch.h"
#include "event/job.h"

#include <dirent.h>
#include <pthread.h>

enum { SHOP_TRACE_MAX = 4000, SHOP_NOW_S = 1315321200 /* 2011-09-06T15:00:00Z */ };

struct shop {
	struct arena arena;
	struct problems problems;
	struct engine *engine;
	int64_t tenant_id;
	pthread_mutex_t lock;
	char trace[SHOP_TRACE_MAX]; /* "pre account.create, done account.open, ..." */
};

/* ---------------------------------------------------------------------------------------------- commands */

static bool shop_tenant_create(struct command *command, const void *data, void **output)
{
	const struct tenant_create *input = data;
	struct tenant *tenant = arena_new(command->arena, struct tenant);
	*tenant = (struct tenant){
		.uuid = uuid_time_ordered(), .name = input->name, .mode = input->test ? TENANT_MODE_TEST : TENANT_MODE_LIVE,
		.clock = input->at, .time_zone = TEXT("UTC"), .currency = currency_find(TEXT("USD")),
		.settings = input->settings, .created_at = command->now,
	};
	tenant->id = store_new_id(command->store, "tenant");
	if (!store_insert(command->store, &tenant_record, tenant))
		return false;
	store_set_tenant(command->store, tenant->id);
	command->tenant = tenant;
	*output = tenant;
	return true;
}

static bool shop_account_open(struct command *command, const void *data, void **output)
{
	const struct account_create *input = data;
	struct account *account = arena_new(command->arena, struct account);
	*account = (struct account){
		.uuid = uuid_time_ordered(), .name = input->name, .notes = input->notes,
		.currency = currency_find(TEXT("USD")), .time_zone = TEXT("UTC"), .status = ACCOUNT_STATUS_ACTIVE,
		.created_at = command->now, .updated_at = command->now,
	};
	account->id = store_new_id(command->store, "account");
	struct occurrence created = occurrence_of(EVENT_ACCOUNT_CREATE, &account_record, account, account->id, account->id);
	if (!event_pre(command, &created))
		return false;
	int64_t number;
	if (!store_next_number(command->store, "account", &number))
		return false;
	account->external_key = text_from_int64(command->arena, number);
	command_object(command, "account", account->id, account->id);
	if (!store_insert(command->store, &account_record, account))
		return false;
	*output = account;
	if (!event_post(command, &created))
		return false;
	if (text_starts(input->name, "late"))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/name", "too late for %.*s", TEXT_ARG(input->name));
	return true;
}

static bool shop_account_rename(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	struct account *account;
	if (!store_find(command->store, &account_record, input->id, (void **)&account))
		return false;
	if (!account)
		return problem(command->problems, PROBLEM_NOT_FOUND, "/id", "account %lld does not exist", (long long)input->id);
	struct occurrence updated = occurrence_of(EVENT_ACCOUNT_UPDATE, &account_record, account, account->id, account->id);
	updated.details.changed = TEXT("name");
	if (!event_pre(command, &updated))
		return false;
	account->name = input->name;
	*output = account;
	return store_update(command->store, &account_record, account) && event_post(command, &updated);
}

/* Opens two accounts as commands inside this one. */
static bool shop_account_pair(struct command *command, const void *data, void **output)
{
	return command_perform(command, "account.open", data, NULL) && command_perform(command, "account.open", data, output);
}

/* notes: "KIND SECONDS": a job of this kind for the account, so many seconds from now. */
static bool shop_job_plan(struct command *command, const void *data, void **output)
{
	const struct account_update *input = data;
	struct text kind, seconds;
	int64_t s = 0;
	(void)output;
	text_split(input->notes, ' ', &kind, &seconds);
	text_to_int64(seconds, &s);
	return job_move(command, text_c(command->arena, kind), input->id, input->id,
	                (struct instant){ command->now.us + s * US_PER_S });
}

/* What a rule may not ask for itself. */
static bool shop_cause_close(struct command *command, const void *data, void **output)
{
	return command_perform(command, "cause.withdraw", data, output);
}

struct shop_bundle {
	struct text digest, manifest, files;
};

static bool shop_bundle_put(struct command *command, const void *data, void **output)
{
	const struct shop_bundle *input = data;
	struct bundle bundle = {
		.digest = input->digest, .name = TEXT("shop"), .manifest = input->manifest, .files = input->files,
		.created_at = command->now,
	};
	(void)output;
	bundle.id = store_new_id(command->store, "bundle");
	command->tenant->bundle = input->digest;
	return store_insert(command->store, &bundle_record, &bundle) &&
	       store_update(command->store, &tenant_record, command->tenant) && jobs_begin_anew(command);
}

/* ---- paying: design 14.3 in small ---- */

static bool shop_pay(struct command *command, const void *data, void **output)
{
	const struct payment_create *input = data;
	struct payment *payment = arena_new(command->arena, struct payment);
	const struct currency *currency = currency_find(TEXT("USD"));
	*payment = (struct payment){
		.uuid = uuid_time_ordered(), .account_id = input->account_id, .type = PAYMENT_TYPE_PAYMENT,
		.status = PAYMENT_STATUS_PENDING, .currency = currency, .amount = money_of(6050, currency),
		.unallocated = money_of(0, currency), .effective_date = command->today, .method = PAYMENT_METHOD_CREDIT_CARD,
		.created_at = command->now, .updated_at = command->now,
	};
	payment->id = store_new_id(command->store, "payment");
	struct payment_attempt attempt = {
		.account_id = input->account_id, .payment_id = payment->id, .gateway = TEXT("test"),
		.status = PAYMENT_ATTEMPT_STATUS_SENT, .currency = currency, .amount = payment->amount, .sent_at = command->now,
	};
	attempt.id = store_new_id(command->store, "payment_attempt");
	struct occurrence created = occurrence_of(EVENT_PAYMENT_CREATE, &payment_record, payment, payment->id, input->account_id);
	if (!event_pre(command, &created) || !store_insert(command->store, &payment_record, payment) ||
	    !store_insert(command->store, &payment_attempt_record, &attempt) || !event_post(command, &created))
		return false;
	const struct gateway_charge charge = {
		.tenant_id = command->tenant->id, .account_id = input->account_id, .attempt_id = attempt.id,
		.payment_id = payment->id, .gateway = engine_gateway(command->engine, TEXT("test")),
		.idempotency_key = text_format(command->arena, "%lld-%lld", (long long)command->tenant->id, (long long)attempt.id),
		.amount = payment->amount, .card = input->card, .token = input->card ? TEXT_NONE : TEXT("test_approved_1"),
	};
	command_charge_after_commit(command, &charge);
	command_object(command, "payment", payment->id, input->account_id);
	*output = payment;
	return true;
}

/* payment.complete fails that many times. Read and written on the writer's thread once the test has begun. */
static int shop_complete_failures;

static bool shop_complete(struct command *command, const void *data, void **output)
{
	const struct gateway_outcome *input = data;
	struct payment_attempt *attempt;
	struct payment *payment;
	if (!store_find(command->store, &payment_attempt_record, input->attempt_id, (void **)&attempt) || !attempt ||
	    !store_find(command->store, &payment_record, attempt->payment_id, (void **)&payment) || !payment)
		return false;
	if (attempt->status != PAYMENT_ATTEMPT_STATUS_SENT && attempt->status != PAYMENT_ATTEMPT_STATUS_UNKNOWN)
		return problem(command->problems, PROBLEM_WRONG_STATE, "", "attempt %lld has its answer", (long long)attempt->id);
	if (shop_complete_failures > 0) {
		shop_complete_failures--;
		problem(command->problems, PROBLEM_WRONG_STATE, "", "not this time");
		problem_last(command->problems)->cause = "shop.lua:7: not now";
		return false;
	}
	attempt->status = (enum payment_attempt_status)(input->status + 1); /* approved.. after sent */
	attempt->transaction_id = input->transaction_id;
	attempt->completed_at = command->now;
	bool approved = input->status == GATEWAY_OUTCOME_STATUS_APPROVED;
	payment->status = approved                                            ? PAYMENT_STATUS_SUCCEEDED
	                  : input->status == GATEWAY_OUTCOME_STATUS_UNKNOWN ? PAYMENT_STATUS_UNKNOWN
	                                                                      : PAYMENT_STATUS_FAILED;
	payment->method_text = text_format(command->arena, "%.*s: %.*s", TEXT_ARG(input->brand), TEXT_ARG(input->last_four));
	struct occurrence ended = occurrence_of(approved ? EVENT_PAYMENT_SUCCEED : EVENT_PAYMENT_FAIL, &payment_record, payment,
	                                        payment->id, payment->account_id);
	*output = payment;
	return store_update(command->store, &payment_attempt_record, attempt) &&
	       store_update(command->store, &payment_record, payment) && event_post(command, &ended);
}

static const struct command_type shop_command_table[] = {
	{ .name = "tenant.create", .scope = "admin", .input = &tenant_create_record, .output = &tenant_record, .global = true,
	  .perform = shop_tenant_create },
	{ .name = "account.open", .scope = "write", .input = &account_create_record, .output = &account_record,
	  .perform = shop_account_open },
	{ .name = "account.pair", .scope = "write", .input = &account_create_record, .output = &account_record,
	  .perform = shop_account_pair },
	{ .name = "account.rename", .scope = "write", .input = &account_update_record, .output = &account_record,
	  .perform = shop_account_rename },
	{ .name = "job.plan", .scope = "write", .input = &account_update_record, .perform = shop_job_plan },
	{ .name = "cause.close", .scope = "write", .input = &cause_withdraw_record, .output = &cause_withdrawn_record,
	  .perform = shop_cause_close },
	{ .name = "bundle.put", .scope = "deploy", .without_rules = true, .perform = shop_bundle_put },
	{ .name = "pay", .scope = "payments", .input = &payment_create_record, .output = &payment_record, .perform = shop_pay },
	{ .name = "payment.complete", .scope = "payments", .input = &gateway_outcome_record, .output = &payment_record,
	  .perform = shop_complete },
	{ .name = NULL },
};
static const struct command_type *const shop_commands[] = { shop_command_table, job_commands, withdraw_commands, NULL };

/* ---- jobs ---- */

/* Adds its instant to the account's notes. */
static bool shop_job_note(struct command *command, const struct job *job)
{
	struct account *account;
	if (!store_find(command->store, &account_record, job->object_id, (void **)&account) || !account)
		return false;
	account->notes = text_format(command->arena, "%.*s%s@%lld", TEXT_ARG(account->notes), account->notes.length ? " " : "",
	                             (long long)(command->now.us / US_PER_S - SHOP_NOW_S));
	return store_update(command->store, &account_record, account);
}

/* As above, and plans its successor ten seconds later. */
static bool shop_job_tick(struct command *command, const struct job *job)
{
	return shop_job_note(command, job) && job_move(command, "tick", job->account_id, job->object_id,
	                                               (struct instant){ command->now.us + 10 * US_PER_S });
}

static bool shop_job_fail(struct command *command, const struct job *job)
{
	return shop_job_note(command, job) && problem(command->problems, PROBLEM_WRONG_STATE, "", "this job always fails");
}

/* Until the arena of its command is exhausted. */
static bool shop_job_hungry(struct command *command, const struct job *job)
{
	while (!arena_exhausted(command->arena))
		arena_alloc(command->arena, 1024 * 1024);
	return shop_job_note(command, job);
}

static bool shop_job_pay(struct command *command, const struct job *job)
{
	struct payment_create input = { .account_id = job->account_id };
	return command_perform(command, "pay", &input, NULL);
}

static bool shop_job_open(struct command *command, const struct job *job)
{
	const struct account_create input = { .name = TEXT("Eve") };
	(void)job;
	return command_perform(command, "account.open", &input, NULL);
}

static const struct job_kind shop_job_table[] = {
	{ "note", shop_job_note, "" }, { "tick", shop_job_tick, "" },     { "fail", shop_job_fail, "" }, { "open", shop_job_open, "" },
	{ "pay", shop_job_pay, "" },   { "hungry", shop_job_hungry, "" }, { NULL, NULL, NULL },
};
static const struct job_kind *const shop_jobs[] = { shop_job_table, NULL };

/* ---------------------------------------------------------------------------------------------- opening */

static void shop_trace(void *context, const struct trace_entry *entry)
{
	static const char *const kinds[] = { [TRACE_PRE] = "pre", [TRACE_POST] = "post", [TRACE_SIGNAL] = "signal",
		                             [TRACE_RULE] = "rule", [TRACE_COMMAND_DONE] = "done",
		                             [TRACE_COMMAND_REJECTED] = "rejected" };
	struct shop *shop = context;
	pthread_mutex_lock(&shop->lock);
	size_t length = strlen(shop->trace);
	snprintf(shop->trace + length, sizeof shop->trace - length, "%s%s %s%s%s", length ? ", " : "", kinds[entry->kind],
	         entry->name, entry->code ? " " : "", entry->code ? entry->code : "");
	pthread_mutex_unlock(&shop->lock);
}

__attribute__((unused)) static struct text shop_trace_take(struct shop *shop)
{
	pthread_mutex_lock(&shop->lock);
	struct text trace = text_copy(&shop->arena, text_of(shop->trace));
	shop->trace[0] = '\0';
	pthread_mutex_unlock(&shop->lock);
	return trace;
}

__attribute__((unused)) static void shop_show(const struct problems *problems)
{
	for (const struct problem *problem = problems->first; problem; problem = problem->next)
		printf("#   %s: %s%s%s\n", problem_info(problem->code)->name, problem->message, problem->cause ? " | " : "",
		       problem->cause ? problem->cause : "");
}

/* One request, run to its end on this thread; problems stay in shop->problems. */
static struct command_request shop_request(struct shop *shop, const char *command, const void *input)
{
	problems_init(&shop->problems, &shop->arena);
	return (struct command_request){
		.tenant_id = shop->tenant_id, .type = engine_command(shop->engine, text_of(command)), .input = input,
		.origin = { .actor = TEXT("key:test") }, .arena = &shop->arena, .problems = &shop->problems,
	};
}

static void *shop_try(struct shop *shop, const char *command, const void *input)
{
	struct command_request request = shop_request(shop, command, input);
	return command_run(shop->engine, &request) ? (request.output ? request.output : shop) : NULL;
}

static void *shop_do(struct shop *shop, const char *command, const void *input)
{
	void *output = shop_try(shop, command, input);
	if (!output) {
		shop_show(&shop->problems);
		CHECK_FAIL("%s failed", command);
	}
	return output;
}

__attribute__((unused)) static struct account *account_open(struct shop *shop, const char *name)
{
	const struct account_create input = { .name = text_of(name) };
	return shop_try(shop, "account.open", &input);
}

static void shop_attach(struct shop *shop, const char *store, struct engine_options options)
{
	options.commands = shop_commands;
	options.jobs = shop_jobs;
	options.trace = shop_trace;
	options.trace_context = shop;
	problems_init(&shop->problems, &shop->arena);
	shop->engine = engine_open(text_of(store), &options, &shop->problems);
	if (!shop->engine) {
		shop_show(&shop->problems);
		CHECK_FAIL("the engine does not open");
	}
}

static int64_t shop_tenant(struct shop *shop, const char *name, bool test, const char *settings)
{
	const struct tenant_create input = {
		.name = text_of(name), .test = test, .has_test = true,
		.at = test ? (struct instant){ (int64_t)SHOP_NOW_S * US_PER_S } : INSTANT_NONE, .settings = text_of(settings),
	};
	shop->tenant_id = 0;
	const struct tenant *tenant = shop_do(shop, "tenant.create", &input);
	return shop->tenant_id = tenant->id;
}

/* With a test tenant whose clock says SHOP_NOW_S. */
__attribute__((unused)) static void shop_open(struct shop *shop, const char *store, struct engine_options options)
{
	memset(shop, 0, sizeof *shop);
	CHECK(arena_init(&shop->arena, (size_t)1 << 30));
	pthread_mutex_init(&shop->lock, NULL);
	shop_attach(shop, store, options);
	shop_tenant(shop, "shop", true, NULL);
	shop_trace_take(shop);
}

__attribute__((unused)) static void shop_close(struct shop *shop)
{
	engine_close(shop->engine);
	pthread_mutex_destroy(&shop->lock);
	arena_finish(&shop->arena);
}

/* A store in a folder of its own, removed by scratch_remove. */
struct scratch {
	char directory[40], store[60];
};

__attribute__((unused)) static struct scratch scratch_make(void)
{
	struct scratch scratch = { "/tmp/moonbill-event-XXXXXX", "" };
	CHECK(mkdtemp(scratch.directory) != NULL);
	snprintf(scratch.store, sizeof scratch.store, "%s/store.db", scratch.directory);
	return scratch;
}

__attribute__((unused)) static void scratch_remove(const struct scratch *scratch)
{
	DIR *directory = opendir(scratch->directory);
	const struct dirent *entry;
	char path[400];
	while (directory && (entry = readdir(directory))) {
		snprintf(path, sizeof path, "%s/%s", scratch->directory, entry->d_name);
		unlink(path);
	}
	closedir(directory);
	rmdir(scratch->directory);
}

/* Deploys one file of rules; ' stands for ". */
__attribute__((unused)) static void shop_rules(struct shop *shop, const char *rules)
{
	char *source = arena_alloc(&shop->arena, strlen(rules) + 1);
	for (size_t i = 0; rules[i]; i++)
		source[i] = rules[i] == '\'' ? '"' : rules[i];
	struct digest digest = digest_sha256(text_of(source));
	struct text_builder files;
	struct json_writer writer;
	builder_init(&files, &shop->arena, 0);
	json_writer_init(&writer, &files);
	json_begin_object(&writer);
	json_name(&writer, "rules/shop.lua");
	json_c(&writer, source);
	json_end_object(&writer);
	const struct shop_bundle input = {
		.digest = text_hex(&shop->arena, digest.bytes, sizeof digest.bytes),
		.manifest = TEXT("{\"name\":\"shop\",\"rules\":[\"rules/shop.lua\"],\"settings\":{\"billing\":{\"day\":5,\"hour\":2}}}"),
		.files = builder_text(&files),
	};
	shop_do(shop, "bundle.put", &input);
	/* A bundle that does not load is found by the first command that uses it. */
	const struct account_update nothing = { .id = 1, .notes = TEXT("note 999999999") };
	shop_do(shop, "job.plan", &nothing);
	shop_trace_take(shop);
}

/* ---------------------------------------------------------------------------------------------- looking */

struct shop_look {
	const struct record *record;
	int64_t id;
	void *found;
};

static bool shop_look(struct command *command, void *context)
{
	struct shop_look *look = context;
	return store_find(command->store, look->record, look->id, &look->found);
}

/* NULL when there is none. */
static void *shop_row(struct shop *shop, const struct record *record, int64_t id)
{
	struct shop_look look = { record, id, NULL };
	struct problems problems;
	problems_init(&problems, &shop->arena);
	if (!command_read(shop->engine, shop->tenant_id, &shop->arena, &problems, shop_look, &look)) {
		shop_show(&problems);
		CHECK_FAIL("a read of %s failed", record->name);
	}
	return look.found;
}

/* How many rows there are with the ids 1, 2, 3 ... without a gap. */
__attribute__((unused)) static int64_t shop_count(struct shop *shop, const struct record *record)
{
	int64_t count = 0;
	while (shop_row(shop, record, count + 1))
		count++;
	return count;
}

__attribute__((unused)) static const struct audit *shop_last_audit(struct shop *shop)
{
	int64_t count = shop_count(shop, &audit_record);
	return count ? shop_row(shop, &audit_record, count) : NULL;
}

static bool shop_jobs_read(struct store_transaction *transaction, void *context)
{
	return store_all(transaction, STATEMENT_JOB_DUE, BINDS(bind_integer(INT64_MAX), bind_integer(1000)), &job_record,
	                 context);
}

struct shop_job_list {
	struct job *items;
	size_t count, capacity;
};

/* Every job that is not dead, but the one that shop_rules plans. */
__attribute__((unused)) static struct shop_job_list shop_job_rows(struct shop *shop)
{
	struct shop_job_list all = { NULL, 0, 0 }, kept = { NULL, 0, 0 };
	struct problems problems;
	problems_init(&problems, &shop->arena);
	CHECK(store_read(engine_store(shop->engine), shop->tenant_id, &shop->arena, &problems, shop_jobs_read, &all));
	for (size_t i = 0; i < all.count; i++)
		if (all.items[i].due_at.us < (int64_t)2000000000 * US_PER_S)
			*list_add(&shop->arena, &kept, struct job) = all.items[i];
	return kept;
}

static bool shop_dead_read(struct store_transaction *transaction, void *context)
{
	return store_all(transaction, STATEMENT_JOB_PAGE,
	                 BINDS(bind_integer(0), bind_c("dead"), bind_null(), bind_integer(1000)), &job_record, context);
}

__attribute__((unused)) static struct shop_job_list shop_dead_rows(struct shop *shop)
{
	struct shop_job_list dead = { NULL, 0, 0 };
	struct problems problems;
	problems_init(&problems, &shop->arena);
	CHECK(store_read(engine_store(shop->engine), shop->tenant_id, &shop->arena, &problems, shop_dead_read, &dead));
	return dead;
}

static bool shop_number_peek(struct command *command, void *context)
{
	*(int64_t *)context = store_peek_number(command->store, "account");
	return true;
}

/* The next number of the series that account.open takes from. */
__attribute__((unused)) static int64_t shop_next_number(struct shop *shop)
{
	int64_t next = 0;
	struct problems problems;
	problems_init(&problems, &shop->arena);
	CHECK(command_read(shop->engine, shop->tenant_id, &shop->arena, &problems, shop_number_peek, &next));
	return next;
}

#endif
