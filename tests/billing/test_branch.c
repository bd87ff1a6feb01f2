/* test_branch.c: a branch is the tenant it is a copy of, with a clock that goes both ways, and acts on nothing outside. */
#include "shop.h"

#include "billing/branch.h"
#include "billing/task.h"
#include "event/gateway.h"
#include "event/webhook.h"
#include "store/tenant_copy.h"

#include <unistd.h>

#define RULES                                                                                                   \
	"rule 'tell' { post = 'invoice.create', run = function (invoice, ctx) ctx:send('mail', { to = 'a@example.org', " \
	"template = 'x', now = tostring(ctx.now) }) end }\n"                                                     \
	"rule 'when' { pre = 'account.create', run = function (account, ctx) account.notes = tostring(ctx.now) end }\n"

struct branching {
	struct desk desk;
	char folder[64], path[96], file[96];
	int64_t tenant_id; /* the original */
};

static const struct origin operator = { .actor = { "operator", 8 } };

static void branching_open(struct branching *b, bool in_file)
{
	snprintf(b->folder, sizeof b->folder, "/tmp/moonbill-branch-XXXXXX");
	CHECK(mkdtemp(b->folder) != NULL);
	snprintf(b->path, sizeof b->path, "%s/store.db", b->folder);
	snprintf(b->file, sizeof b->file, "%s/one.db", b->folder);
	shop_open_at(&b->desk, in_file ? b->path : ":memory:", "", false);
	shop_furnish(&b->desk);
	b->tenant_id = b->desk.tenant_id;
}

static void branching_close(struct branching *b)
{
	char command[128];
	desk_close(&b->desk);
	snprintf(command, sizeof command, "rm -rf %s", b->folder);
	CHECK(system(command) == 0);
}

/* NULL: refused, with b->desk.problems. */
static struct tenant_created *branch_try(struct branching *b, const char *name, const char *at)
{
	struct desk *desk = &b->desk;
	struct branch_order order = { .name = text_of(name), .origin = operator };
	struct tenant_created *branch = NULL;
	if (at)
		CHECK(instant_parse(text_of(at), &order.at));
	problems_init(&desk->problems, &desk->arena);
	return branch_make(desk->engine, b->tenant_id, &order, &desk->arena, &desk->problems, &branch) ? branch : NULL;
}

static struct tenant_created *branch(struct branching *b, const char *name, const char *at)
{
	struct tenant_created *made = branch_try(b, name, at);
	if (!made)
		desk_show(&b->desk);
	CHECK(made != NULL);
	return made;
}

static void go_to(struct branching *b, int64_t tenant_id)
{
	b->desk.tenant_id = tenant_id;
}

struct counted {
	const char *status; /* of mails */
	const char *kind;   /* of jobs */
	int64_t count;
};

static bool messages_count(struct command *command, void *context)
{
	struct { struct delivery *items; size_t count, capacity; } rows = { NULL, 0, 0 };
	struct counted *counted = context;
	if (!store_all(command->store, STATEMENT_DELIVERY_PAGE, BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(1000)),
	               &delivery_record, LIST(&rows)))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		counted->count += text_is(rows.items[i].channel, "mail") &&
		                  strcmp(delivery_record.fields[DELIVERY_FIELD_STATUS].words[rows.items[i].status], counted->status) == 0;
	return true;
}

static int64_t mails(struct branching *b, const char *status)
{
	struct counted counted = { .status = status };
	desk_read(&b->desk, messages_count, &counted);
	return counted.count;
}

static bool jobs_count(struct command *command, void *context)
{
	struct { struct job *items; size_t count, capacity; } rows = { NULL, 0, 0 };
	struct counted *counted = context;
	if (!store_all(command->store, STATEMENT_JOB_PAGE, BINDS(bind_integer(0), bind_null(), bind_null(), bind_integer(1000)), &job_record,
	               LIST(&rows)))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		counted->count += text_is(rows.items[i].kind, counted->kind);
	return true;
}

static int64_t jobs(struct branching *b, const char *kind)
{
	struct counted counted = { .kind = kind };
	desk_read(&b->desk, jobs_count, &counted);
	return counted.count;
}

static bool task_runs_count(struct command *command, void *context)
{
	struct task_run_list runs = { 0 };
	bool good = task_run_page(command, 0, 0, 100, &runs);
	*(int64_t *)context = (int64_t)runs.count;
	return good;
}

static int64_t task_runs(struct branching *b)
{
	int64_t count = 0;
	desk_read(&b->desk, task_runs_count, &count);
	return count;
}

static bool now_take(struct command *command, void *context)
{
	*(struct instant *)context = command->now;
	return true;
}

static struct text clock_of(struct branching *b)
{
	struct instant now;
	desk_read(&b->desk, now_take, &now);
	return instant_text(&b->desk.arena, now);
}

#define ON_BOTH(fact)                                         \
	static void fact(struct branching *b);                \
	TEST(fact##_in_a_file)                                \
	{                                                     \
		struct branching b;                           \
		branching_open(&b, true);                     \
		fact(&b);                                     \
		branching_close(&b);                          \
	}                                                     \
	TEST(fact##_in_memory)                                \
	{                                                     \
		struct branching b;                           \
		branching_open(&b, false);                    \
		fact(&b);                                     \
		branching_close(&b);                          \
	}                                                     \
	static void fact(struct branching *b)

ON_BOTH(a_branch_has_what_its_tenant_has_and_goes_its_own_way)
{
	shop_order(&b->desk, "'create_invoice':true");
	struct text before = text_copy(&b->desk.arena, shop_invoices(&b->desk));
	struct tenant_created *made = branch(b, NULL, NULL);
	CHECK_EQ_TEXT(made->name, "acme-branch");
	CHECK_EQ_TEXT(made->branch_of, "acme");
	CHECK(text_present(made->api_key));
	go_to(b, made->id);
	CHECK_EQ_TEXT(shop_invoices(&b->desk), before.data);
	shop_advance(&b->desk, "2011-11-03T06:00:00Z");
	CHECK(shop_invoices(&b->desk).length > before.length);
	shop_deploy(&b->desk, RULES);
	go_to(b, b->tenant_id);
	CHECK_EQ_TEXT(shop_invoices(&b->desk), before.data);
	CHECK_EQ_TEXT(clock_of(b), "2011-09-06T15:00:00Z");
}

ON_BOTH(back_and_forth_comes_to_what_never_having_gone_back_comes_to)
{
	shop_order(&b->desk, "'create_invoice':true");
	struct tenant_created *straight = branch(b, "straight", NULL), *wild = branch(b, "wild", NULL);
	go_to(b, straight->id);
	shop_advance(&b->desk, "2012-01-05T06:00:00Z");
	struct text wanted = text_copy(&b->desk.arena, shop_invoices(&b->desk));
	go_to(b, wild->id);
	static const char *const ways[] = {
		"2011-10-15T00:00:00Z", "2011-09-01T00:00:00Z", "2011-11-05T00:00:00Z", "2011-11-01T00:00:00Z", "2000-01-01T00:00:00Z",
		"2012-01-05T06:00:00Z", "2011-10-02T00:00:00Z", "2012-01-05T06:00:00Z",
	};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		shop_advance(&b->desk, ways[i]);
		CHECK_EQ_TEXT(clock_of(b), ways[i]);
	}
	CHECK_EQ_TEXT(shop_invoices(&b->desk), wanted.data);
}

ON_BOTH(the_clock_of_its_tenant_still_goes_one_way)
{
	struct instant back;
	branch(b, NULL, NULL);
	shop_order(&b->desk, "'create_invoice':true");
	CHECK(instant_parse(TEXT("2011-09-01T00:00:00Z"), &back));
	problems_init(&b->desk.problems, &b->desk.arena);
	CHECK(!engine_advance_clock(b->desk.engine, b->tenant_id, back, &b->desk.problems));
	CHECK_EQ_INT(b->desk.problems.first->code, PROBLEM_WRONG_STATE);
}

ON_BOTH(rules_of_a_branch_see_its_clock)
{
	shop_deploy(&b->desk, RULES);
	struct tenant_created *made = branch(b, NULL, "2010-02-03T04:05:06Z");
	CHECK_EQ_TEXT(instant_text(&b->desk.arena, made->clock), "2010-02-03T04:05:06Z");
	go_to(b, made->id);
	struct account *early = desk_do(&b->desk, "account.create", "{'name':'Early'}");
	CHECK_EQ_TEXT(early->notes, "2010-02-03T04:05:06Z");
	shop_advance(&b->desk, "2013-01-01T00:00:00Z");
	struct account *late = desk_do(&b->desk, "account.create", "{'name':'Late'}");
	CHECK_EQ_TEXT(late->notes, "2013-01-01T00:00:00Z");
	shop_advance(&b->desk, "2012-06-01T00:00:00Z");
	struct account *again = desk_do(&b->desk, "account.update", text_format(&b->desk.arena, "{'id':%lld,'name':'Back'}", (long long)late->id).data);
	CHECK_EQ_TEXT(instant_text(&b->desk.arena, again->updated_at), "2012-06-01T00:00:00Z");
}

ON_BOTH(what_waits_and_what_a_branch_would_send_is_withdrawn)
{
	shop_deploy(&b->desk, RULES);
	shop_order(&b->desk, "'create_invoice':true");
	CHECK_EQ_INT(mails(b, "pending"), 1);
	struct tenant_created *made = branch(b, NULL, NULL);
	go_to(b, made->id);
	CHECK_EQ_INT(mails(b, "pending"), 0);
	CHECK_EQ_INT(mails(b, "withdrawn"), 1);
	shop_advance(&b->desk, "2011-10-05T06:00:00Z");
	CHECK(mails(b, "withdrawn") > 1);
	CHECK_EQ_INT(mails(b, "pending"), 0);
	CHECK_EQ_INT(desk_refused(&b->desk, "delivery.retry", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	go_to(b, b->tenant_id);
	CHECK_EQ_INT(mails(b, "pending"), 1);
}

ON_BOTH(payments_of_a_branch_are_asked_of_the_test_gateway_as_its_own)
{
	shop_order(&b->desk, "'create_invoice':true");
	struct gateway_test *test = engine_gateway_test(b->desk.engine);
	struct tenant_created *made = branch(b, NULL, NULL);
	go_to(b, made->id);
	shop_pay(&b->desk, "60.50", "'auto_pay':1");
	CHECK_EQ_INT(gateway_test_calls(test, made->id), 1);
	CHECK_EQ_INT(gateway_test_calls(test, b->tenant_id), 0);
}

ON_BOTH(a_branch_is_dropped_with_all_its_rows)
{
	shop_order(&b->desk, "'create_invoice':true");
	struct tenant_created *made = branch(b, "gone", NULL);
	CHECK_EQ_INT(desk_refused(&b->desk, "branch.drop", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(desk_refused(&b->desk, "branch.drop", "{'id':77}")->code, PROBLEM_NOT_FOUND);
	desk_do(&b->desk, "branch.drop", text_format(&b->desk.arena, "{'id':%lld}", (long long)made->id).data);
	CHECK(store_sweep_wait(engine_store(b->desk.engine), made->id, NULL, &b->desk.problems));
	struct tenant_created *next = branch(b, "gone", NULL); /* the name is free */
	CHECK(next->id != made->id);
	problems_init(&b->desk.problems, &b->desk.arena);
	CHECK(!command_read(b->desk.engine, made->id, &b->desk.arena, &b->desk.problems, now_take, &(struct instant){ 0 }));
}

ON_BOTH(a_name_that_is_taken_leaves_nothing)
{
	struct tenant_created *made = branch(b, "twin", NULL);
	CHECK(branch_try(b, "twin", NULL) == NULL);
	CHECK_EQ_INT(b->desk.problems.first->code, PROBLEM_DUPLICATE);
	CHECK(branch_try(b, " twin", NULL) == NULL);
	CHECK_EQ_INT(b->desk.problems.first->code, PROBLEM_BAD_TEXT);
	struct tenant_created *next = branch(b, NULL, NULL);
	CHECK_EQ_INT(next->id, made->id + 1);
	CHECK_EQ_TEXT(branch(b, NULL, NULL)->name, "acme-branch-2");
}

/* The job that wakes the tasks of a tenant bears its id. */
ON_BOTH(tasks_of_a_branch_wake_once_at_their_slots)
{
	shop_deploy(&b->desk, "rule 'beat' { task = true, run = function (ctx) end }");
	desk_do(&b->desk, "task.create", "{'name':'beat','period':'P1D','next_run_at':'2011-09-07T00:00:00Z'}");
	struct tenant_created *made = branch(b, NULL, NULL);
	go_to(b, made->id);
	CHECK_EQ_INT(jobs(b, "task.due"), 1);
	desk_do(&b->desk, "task.update", "{'id':1,'next_run_at':'2011-09-08T00:00:00Z'}");
	CHECK_EQ_INT(jobs(b, "task.due"), 1);
	shop_advance(&b->desk, "2011-09-09T12:00:00Z");
	CHECK_EQ_INT(task_runs(b), 2);
	go_to(b, b->tenant_id);
	CHECK_EQ_INT(jobs(b, "task.due"), 1);
	CHECK_EQ_INT(task_runs(b), 0);
}

TEST(a_tenant_has_so_many_branches_and_no_more)
{
	struct branching b;
	branching_open(&b, false);
	for (int i = 0; i < BRANCHES_MAX; i++)
		branch(&b, NULL, NULL);
	CHECK(branch_try(&b, NULL, NULL) == NULL);
	CHECK_EQ_INT(b.desk.problems.first->code, PROBLEM_TOO_MANY);
	branching_close(&b);
}

TEST(a_branch_of_a_live_tenant_is_a_test_tenant_that_stands_where_it_was_made)
{
	struct branching b;
	branching_open(&b, true);
	const struct tenant_created *live = desk_do(&b.desk, "tenant.create", "{'name':'live','settings':{'tasks':{'heartbeat_minutes':5}}}");
	b.tenant_id = live->id;
	go_to(&b, live->id);
	problems_init(&b.desk.problems, &b.desk.arena);
	CHECK(engine_drain(b.desk.engine, live->id, &b.desk.problems));
	desk_do(&b.desk, "account.create", "{'name':'Ann'}");
	CHECK_EQ_INT(jobs(&b, "clock.heartbeat"), 1);
	struct instant before = clock_wall();
	struct tenant_created *made = branch(&b, NULL, NULL);
	CHECK_EQ_INT(made->mode, TENANT_CREATED_MODE_TEST);
	CHECK(made->clock.us >= before.us && made->clock.us <= clock_wall().us);
	go_to(&b, made->id);
	CHECK_EQ_INT(jobs(&b, "clock.heartbeat"), 0);
	shop_advance(&b.desk, "2000-01-01T00:00:00Z");
	CHECK_EQ_TEXT(clock_of(&b), "2000-01-01T00:00:00Z");
	branching_close(&b);
}

/* ---- files ---- */

static bool export(struct branching *b)
{
	const struct branch_order order = { .origin = operator };
	struct store_backup made;
	problems_init(&b->desk.problems, &b->desk.arena);
	return tenant_export(b->desk.engine, b->tenant_id, b->file, &order, &b->desk.arena, &b->desk.problems, &made);
}

static struct tenant_created *import(struct branching *b, const char *name, bool takes_over)
{
	const struct import_order order = { .path = b->file, .name = text_of(name), .takes_over = takes_over, .origin = operator };
	struct tenant_created *tenant = NULL;
	problems_init(&b->desk.problems, &b->desk.arena);
	return tenant_import(b->desk.engine, &order, &b->desk.arena, &b->desk.problems, &tenant) ? tenant : NULL;
}

TEST(a_file_is_imported_as_a_branch_or_takes_over_with_what_waits)
{
	struct branching b;
	branching_open(&b, true);
	shop_deploy(&b.desk, RULES);
	shop_order(&b.desk, "'create_invoice':true");
	struct text invoices = text_copy(&b.desk.arena, shop_invoices(&b.desk));
	CHECK(export(&b));
	CHECK(import(&b, NULL, false) == NULL); /* its name is taken */
	CHECK_EQ_INT(b.desk.problems.first->code, PROBLEM_DUPLICATE);
	struct tenant_created *looked_at = import(&b, "looked at", false), *moved = import(&b, "moved", true);
	CHECK(looked_at && moved);
	CHECK_EQ_TEXT(looked_at->branch_of, "acme");
	CHECK(!text_present(moved->branch_of));
	go_to(&b, looked_at->id);
	CHECK_EQ_TEXT(shop_invoices(&b.desk), invoices.data);
	CHECK_EQ_INT(mails(&b, "withdrawn"), 1);
	go_to(&b, moved->id);
	CHECK_EQ_TEXT(shop_invoices(&b.desk), invoices.data);
	CHECK_EQ_INT(mails(&b, "pending"), 1);
	/* A branch stays one. */
	b.tenant_id = looked_at->id;
	CHECK(unlink(b.file) == 0 && export(&b));
	CHECK(import(&b, "no", true) == NULL);
	CHECK_EQ_INT(b.desk.problems.first->code, PROBLEM_WRONG_STATE);
	branching_close(&b);
}

TEST(what_is_not_the_file_of_a_tenant_is_refused)
{
	struct branching b;
	struct store_backup made;
	branching_open(&b, true);
	CHECK(import(&b, "x", false) == NULL); /* there is none */
	FILE *file = fopen(b.file, "w");
	CHECK(file && fputs("no store at all, and longer than the head of one would be, by some bytes more than a hundred, or so", file) > 0);
	fclose(file);
	CHECK(import(&b, "x", false) == NULL);
	CHECK(unlink(b.file) == 0);
	desk_do(&b.desk, "tenant.create", "{'name':'second'}");
	CHECK(store_backup(engine_store(b.desk.engine), b.file, NULL, &made, &b.desk.problems));
	CHECK(import(&b, "x", false) == NULL); /* of two */
	CHECK_EQ_INT(b.desk.problems.first->code, PROBLEM_INVALID_VALUE);
	branching_close(&b);
}

/* ---- secrets ---- */

struct secrets {
	struct text shown;
	size_t count;
};

static bool secrets_take(struct command *command, void *context)
{
	struct { struct webhook_secret *items; size_t count, capacity; } rows = { NULL, 0, 0 };
	struct secrets *secrets = context;
	if (!store_all(command->store, STATEMENT_WEBHOOK_SECRETS_ALL, NO_BINDS, &webhook_secret_record, LIST(&rows)))
		return false;
	*secrets = (struct secrets){ rows.count ? text_copy(command->arena, rows.items[0].secret) : TEXT_NONE, rows.count };
	return true;
}

TEST(webhooks_of_a_branch_have_secrets_of_their_own_and_those_of_a_move_keep_theirs)
{
	struct branching b;
	struct secrets before, branched, moved;
	branching_open(&b, true);
	desk_do(&b.desk, "webhook_endpoint.create", "{'url':'https://example.org/hook'}");
	desk_read(&b.desk, secrets_take, &before);
	CHECK_EQ_INT(before.count, 1);
	CHECK(export(&b));
	struct tenant_created *made = branch(&b, NULL, NULL), *other = import(&b, "moved", true);
	CHECK(other != NULL);
	go_to(&b, made->id);
	desk_read(&b.desk, secrets_take, &branched);
	go_to(&b, other->id);
	desk_read(&b.desk, secrets_take, &moved);
	CHECK(branched.count == 1 && !text_equals(branched.shown, before.shown));
	CHECK(moved.count == 1 && text_equals(moved.shown, before.shown));
	branching_close(&b);
}

CHECK_MAIN
