/* fault_walk.h: from sign-up to cancellation through the HTTP handler, with something that fails at each step.
 *
 *     struct walk walk;
 *     walk_make(&walk);                       // furnishes a store once and takes a walk without faults: what is right
 *     walk_faulty(&walk, arm, calm, context); // on a copy of that store; `arm` may set a fault for each step
 *     walk_remove(&walk);
 *
 * A step under a fault answers as it should, or that the machine could not (503, 507 and their like, never 500 and
 * never a 4xx that blames the client). It is then repeated with the same idempotency key, after a restart where the
 * store closed itself, until it answers byte by byte as the walk without faults did. So do all later steps, and at the
 * end the file is whole, `verify` finds nothing and nothing is leaked.
 *
 * Each walk is a process of its own: nothing that an earlier one loaded, cached or left behind helps it, and a crash or
 * a leak is that of one point. What it counts lies in memory that the processes share.
 */
#ifndef MOONBILL_TESTS_FAULT_WALK_H
#define MOONBILL_TESTS_FAULT_WALK_H

#include "http/counter.h"

#include "base/log.h"
#include "fault/fault_vfs.h"
#include "verify/verify.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum {
	WALK_REQUEST_ARENA_BYTES = 16 * 1024 * 1024,
	WALK_REPEATS_MOST = 4,
	WALK_ANSWER_BYTES_MOST = 64 * 1024,
	};

struct walk_request {
	const char *method, *target, *body; /* ' stands for " in bodies */
	int status;
};

#define WALK_CARD(number) "'card':{'number':'" number "','cvv':'737','expiry':'2014-01-31'}"
#define WALK_LINES "'lines':[{'price_code':'MNTHLY','quantity':'1'}]"
#define WALK_ORDER(account)                                                                           \
	"{'account_id':" account ",'plan':'WHITE-LBL-A','status':'active','start_date':'2011-09-20',"  \
	"'create_invoice':true," WALK_LINES "}"
#define WALK_PAYMENT(account, amount, card)                                                           \
	"{'account_id':" account ",'amount':'" amount "','currency':'USD','auto_pay':1," WALK_CARD(card) "}"
#define WALK_BUNDLE                                                                                   \
	"{'files':{'bundle.json':'{\\'name\\':\\'b\\'}','rules/a.lua':'"                               \
	"rule \\'thank\\' { post = \\'invoice.settle\\', run = function (invoice, ctx) "               \
	"ctx:send(\\'mail\\', { to = invoice.account.email, subject = \\'Thanks\\', body = \\'Paid.\\' }) end }\\n"       \
	"rule \\'three ends it\\' { policy = \\'retry\\', run = function (failure, ctx) "              \
	"if failure.attempts >= 3 then return { give_up = true, cancel_invoice = true, suspend_orders = true } end "  \
	"return { retry_on = failure.today + 1 } end }\\n'}}"

/* A rule that reads settings of its own: what it is told must not depend on the memory there is. */
#define WALK_SECOND_BUNDLE                                                                            \
	"{'files':{'bundle.json':'{\\'name\\':\\'c\\',\\'settings\\':{\\'rules\\':{\\'most\\':9}}}','rules/a.lua':'" \
	"rule \\'few\\' { pre = \\'order.create\\', run = function (order, ctx) "                         \
	"local own = ctx.settings.rules "                                                             \
	"if not own or own.most ~= 9 then ctx:reject(\\'no_settings\\', \\'the rule does not see its settings\\') end end }\\n'}}"

static const struct walk_request walk_requests[] = {
	{ "POST", "/v1/accounts", "{'name':'Ann','email':'ann@example.com','external_key':'ann'}", 201 },
	{ "POST", "/v1/orders", WALK_ORDER("1"), 201 },
	{ "POST", "/v1/payments", WALK_PAYMENT("1", "9.99", "4111111111111111"), 201 },
	{ "POST", "/v1/payments", WALK_PAYMENT("1", "50.51", "4111111111111111"), 201 },
	{ "GET", "/v1/invoices/2396", NULL, 200 },
	{ "POST", "/v1/accounts", "{'name':'Bob','external_key':'bob'}", 201 },
	{ "POST", "/v1/orders", WALK_ORDER("2"), 201 },
	{ "POST", "/v1/payments", WALK_PAYMENT("2", "60.50", "4000000000000002"), 201 },
	{ "POST", "/v1/payments", WALK_PAYMENT("2", "60.50", "4000000000000002"), 201 },
	{ "POST", "/v1/payments", WALK_PAYMENT("2", "60.50", "4000000000000002"), 201 },
	{ "POST", "/v1/accounts", "{'name':'Cid','external_key':'cid'}", 201 },
	{ "POST", "/v1/orders", WALK_ORDER("3"), 201 },
	{ "POST", "/v1/invoices/2398/cancel", "{}", 200 },
	{ "PATCH", "/v1/orders/383", "{'status':'suspended'}", 200 },
	{ "POST", "/v1/orders/381/change", "{'change_date':'2011-10-01','order':{'plan':'WHITE-LBL-B',"
	                                   "'start_date':'2011-10-01'," WALK_LINES "}}", 201 },
	{ "PUT", "/v1/clock", "{'now':'2011-10-02T00:00:00Z'}", 200 },
	{ "GET", "/v1/invoices", NULL, 200 },
	{ "GET", "/v1/payments/213", NULL, 200 },
	{ "GET", "/v1/orders", NULL, 200 },
	{ "GET", "/rest/invoice/2396", NULL, 200 },
	{ "PUT", "/v1/bundle", WALK_SECOND_BUNDLE, 200 },
	{ "POST", "/v1/orders", WALK_ORDER("1"), 201 },
	{ "POST", "/rest/customers?format=xml", "<customer><name>Dee</name><extCustomerRef>DEE</extCustomerRef>"
	                                        "<billingContact><firstName>Dee</firstName></billingContact></customer>", 201 },
	{ "GET", "/v1/rule_runs?limit=5", NULL, 200 },
};
enum { WALK_STEPS = sizeof walk_requests / sizeof *walk_requests };

/* What a walk must notice, done to it on purpose. */
enum walk_plant {
	WALK_NOTHING,
	WALK_BLAME,       /* an answer for which memory or disk did not suffice is given as the client's fault */
	WALK_EARLY,       /* and is given as if all had been done */
	WALK_LOST_ROW,    /* a row is not there at the end */
	WALK_LEAK,        /* a block is never freed; noticed under the address sanitizer */
};

struct walk_tally {
	long walks, hit, failed, restarted; /* hit: steps that met their fault; failed: did not answer right at once */
	char right[WALK_STEPS][WALK_ANSWER_BYTES_MOST]; /* what each step answers */
};

struct walk {
	char directory[64], pattern[96], path[96]; /* the furnished store, and the copy walked on */
	int64_t tenant_id;
	char key[128];
	struct arena arena;
	struct problems problems;
	struct engine *engine;
	struct http_application *application;
	int status;               /* of the last reply */
	char *body;               /* of the last reply; freed by the next */
	int tries[WALK_STEPS];    /* idempotency keys used up: a refusal is kept under its key */
	bool parted;              /* a payment stayed unknown: this walk goes another way than the right one */
	bool after_crash;         /* it begins with what a process left that ended in the midst of a walk */
	bool rules_refuse;        /* a rule that used up its own memory may refuse a step */
	enum walk_plant plant;
	bool restarted;
	struct walk_tally *tally; /* shared with the processes of the walks */
};

/* Sets the fault of a step, or of the closing (step = WALK_STEPS) or the opening (step = -1). */
typedef void walk_arm(void *context, int step);

/* Takes it away again; true when it was met. */
typedef bool walk_calm(void *context);

static void walk_copy(const char *from, const char *to)
{
	char bytes[65536];
	int source = open(from, O_RDONLY), target = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ssize_t count;
	CHECK(source >= 0 && target >= 0);
	while ((count = read(source, bytes, sizeof bytes)) > 0)
		CHECK(write(target, bytes, (size_t)count) == count);
	close(source);
	close(target);
}

/* The caller's own memory for opening; not under a fault. */
static void walk_prepare(struct walk *walk)
{
	CHECK(arena_init(&walk->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&walk->problems, &walk->arena);
}

static bool walk_open_prepared(struct walk *walk)
{
	struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs, .messages = billing_messages,
		                          .gateway_deadline_ms = 1500 };
	walk->engine = engine_open(text_of(walk->path), &options, &walk->problems);
	walk->application = walk->engine ? http_application_new(walk->engine, 0) : NULL;
	return walk->application != NULL;
}

static bool walk_open(struct walk *walk)
{
	walk_prepare(walk);
	return walk_open_prepared(walk);
}

static void walk_close(struct walk *walk)
{
	http_application_free(walk->application);
	if (walk->engine)
		engine_close(walk->engine);
	arena_finish(&walk->arena);
	walk->application = NULL;
	walk->engine = NULL;
}

static char *walk_quoted(const char *source, size_t *length)
{
	char *copy = strdup(source ? source : "");
	*length = strlen(copy);
	for (size_t i = 0; i < *length; i++)
		copy[i] = copy[i] == '\'' ? '"' : copy[i];
	return copy;
}

/* They are made of time and chance, or counted by the test gateway, which begins anew with the process; everything else
 * of an answer is the same in each walk. */
static void walk_blank(char *body)
{
	static const char *const names[] = { "\"uuid\":\"", "\"transaction_id\":\"", "\"approval_code\":\"",
		                              "\"correlation_id\":\"" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (char *at = strstr(body, names[i]); at; at = strstr(at, names[i])) {
			at += strlen(names[i]);
			memset(at, '0', strcspn(at, "\""));
		}
}

static void walk_spoil(struct walk *walk, int step)
{
	if (walk->status < 500)
		return;
	if (walk->plant == WALK_BLAME)
		walk->status = 422;
	if (walk->plant != WALK_EARLY)
		return;
	walk->plant = WALK_NOTHING; /* once: of a walk that is all lies nothing would be missing */
	free(walk->body);
	walk->status = walk_requests[step].status;
	CHECK((walk->body = strdup(walk->tally->right[step])) != NULL);
}

/* The only allocations of ours between arm and calm are the product's. */
static bool walk_send(struct walk *walk, int step, walk_arm *arm, walk_calm *calm, void *context)
{
	const struct walk_request *asked = &walk_requests[step];
	struct arena arena;
	char authorization[160], key[32];
	size_t length;
	char *body = walk_quoted(asked->body, &length);
	struct http_reply reply;
	snprintf(authorization, sizeof authorization, "Bearer %s", walk->key);
	snprintf(key, sizeof key, "step-%d.%d", step, walk->tries[step]);
	struct http_field headers[] = { { TEXT("Authorization"), text_of(authorization) },
		                        { TEXT("Idempotency-Key"), text_of(key) } };
	CHECK(arena_init(&arena, WALK_REQUEST_ARENA_BYTES));
	struct http_request request = {
		.arena = &arena, .method = text_of(asked->method), .target = text_of(asked->target),
		.body = { body, length }, .headers = headers, .header_count = asked->body ? 2 : 1,
		.remote = TEXT("192.0.2.1"),
	};
	if (!asked->body)
		request.body = TEXT_NONE;
	if (arm)
		arm(context, step);
	http_handle_wait(walk->application, &request, &reply);
	bool met = calm && calm(context);
	free(walk->body);
	walk->status = reply.status;
	CHECK((walk->body = strndup(reply.body.data ? reply.body.data : "", reply.body.length)) != NULL);
	walk_blank(walk->body);
	arena_finish(&arena);
	free(body);
	walk_spoil(walk, step);
	return met;
}

static void walk_restart(struct walk *walk)
{
	walk->restarted = true;
	walk->tally->restarted++;
	walk_close(walk);
	if (!walk_open(walk))
		CHECK_FAIL("no restart: %s", walk->problems.first ? walk->problems.first->message : "?");
}

/* A process that ends between a charge and what came of it leaves the payment unknown, and the test gateway has
 * forgotten it as well. Such a walk goes on; its later answers depend on it. */
static bool walk_parts(struct walk *walk, int step)
{
	bool pays = walk->restarted && strcmp(walk_requests[step].target, "/v1/payments") == 0;
	walk->parted = walk->parted || (pays && walk->status == 201 && strstr(walk->body, "\"status\":\"unknown\""));
	return walk->parted;
}

static bool walk_is_right(struct walk *walk, int step)
{
	if (walk->parted || walk_parts(walk, step))
		return walk->status < 500;
	return walk->status == walk_requests[step].status && strcmp(walk->body, walk->tally->right[step]) == 0;
}

/* 500 is an error of ours, 501 an answer without a fault. What the gateway did not say in time is 502 or 504. */
static bool walk_machine_could_not(const struct walk *walk)
{
	bool says_so = strstr(walk->body, "urn:moonbill:problem:") != NULL || strstr(walk->body, "<errors>") != NULL;
	return walk->status > 501 && walk->status < 600 && says_so;
}

static bool walk_rule_could_not(const struct walk *walk)
{
	return walk->rules_refuse && walk->status >= 400 && walk->status < 500 &&
	       strstr(walk->body, "used up its memory") != NULL;
}

/* The process lives and its charge was not completed: it is asked after when the clock has moved. */
static void walk_hour_passes(struct walk *walk)
{
	struct instant later;
	CHECK(instant_parse(TEXT("2011-09-06T16:00:00Z"), &later));
	CHECK(engine_advance_clock(walk->engine, walk->tenant_id, later, &walk->problems));
	walk->parted = true;
}

static void walk_repeat(struct walk *walk, int step)
{
	for (int i = 0; i < WALK_REPEATS_MOST && !walk_is_right(walk, step); i++) {
		if (!store_is_open(engine_store(walk->engine)))
			walk_restart(walk);
		if (walk->status == 409)
			walk_hour_passes(walk);
		walk_send(walk, step, NULL, NULL, NULL);
	}
	if (!walk_is_right(walk, step))
		CHECK_FAIL("%s %s, repeated\n#   expected: %d %s\n#   found:    %d %s", walk_requests[step].method,
		           walk_requests[step].target, walk_requests[step].status, walk->tally->right[step], walk->status,
		           walk->body);
}

static void walk_step(struct walk *walk, int step, walk_arm *arm, walk_calm *calm, void *context)
{
	const struct walk_request *asked = &walk_requests[step];
	bool met = walk_send(walk, step, arm, calm, context);
	walk->tally->hit += met;
	/* The fault of an earlier step may have met the writer after its answer, in a checkpoint. */
	met = met || !store_is_open(engine_store(walk->engine));
	bool right = walk_is_right(walk, step);
	/* Work that was due is done later where it could not be done now; so is a rule that may fail alone. */
	walk->parted = walk->parted || (met && (walk->rules_refuse || strcmp(asked->target, "/v1/clock") == 0));
	if (right)
		return;
	bool rule = walk_rule_could_not(walk);
	if (!met || !(walk_machine_could_not(walk) || rule))
		CHECK_FAIL("%s %s, a fault %s\n#   expected: %d %s\n#   found:    %d %s", asked->method, asked->target,
		           met ? "met" : "not met", asked->status, walk->tally->right[step], walk->status, walk->body);
	walk->tally->failed++;
	walk->tries[step] += rule;
	walk->status = 0; /* whatever it was: it is no answer yet */
	walk_repeat(walk, step);
}

/* ---- what must be true of the file ---- */

static const struct {
	const char *what, *sql; /* counts what breaks it */
} walk_laws[] = {
	{ "the file is whole", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'" },
	{ "no row hangs in the air", "SELECT count(*) FROM pragma_foreign_key_check" },
	{ "an invoice is the sum of its lines",
	  "SELECT count(*) FROM invoice i WHERE total <> (SELECT coalesce(sum(amount), 0) FROM invoice_line l "
	  "WHERE l.tenant_id = i.tenant_id AND l.invoice_id = i.id)" },
	{ "what is open is the total less what was paid",
	  "SELECT count(*) FROM invoice i WHERE status NOT IN ('cancelled', 'written_off') AND balance <> total "
	  "- (SELECT coalesce(sum(amount), 0) FROM invoice_payment p WHERE p.tenant_id = i.tenant_id AND p.invoice_id = i.id) "
	  "- (SELECT coalesce(sum(amount), 0) FROM credit_use c WHERE c.tenant_id = i.tenant_id AND c.invoice_id = i.id)" },
	{ "a payment is allocated or not, to the cent",
	  "SELECT count(*) FROM payment p WHERE CASE status WHEN 'succeeded' THEN amount - unallocated ELSE 0 END <> "
	  "(SELECT coalesce(sum(amount), 0) FROM invoice_payment x WHERE x.tenant_id = p.tenant_id AND x.payment_id = p.id)" },
	{ "every charge has an outcome", "SELECT count(*) FROM payment_attempt WHERE status = 'sent'" },
	{ "serials have no gap", "SELECT count(*) FROM (SELECT max(serial) - count(*) AS gap FROM journal GROUP BY tenant_id) "
	                         "WHERE gap <> 0" },
};

static int64_t walk_integer(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t value = -1;
	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return value;
}

/* NULL when every law holds; otherwise the law that does not. */
static const char *walk_broken_law(const char *path)
{
	sqlite3 *handle = NULL;
	const char *broken = sqlite3_open(path, &handle) == SQLITE_OK ? NULL : "the file opens";
	for (size_t i = 0; i < sizeof walk_laws / sizeof *walk_laws && !broken; i++)
		if (walk_integer(handle, walk_laws[i].sql) != 0)
			broken = walk_laws[i].what;
	sqlite3_close(handle);
	return broken;
}

/* ---- the walk ---- */

static void walk_fresh_copy(struct walk *walk)
{
	static const char *const ends[] = { "-wal", "-shm", "-journal" };
	char name[128];
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(name, sizeof name, "%s%s", walk->path, ends[i]);
		unlink(name);
	}
	walk_copy(walk->pattern, walk->path);
}

static void walk_violation(void *context, const struct violation *violation)
{
	(void)context;
	CHECK_FAIL("%s: %s %.*s %lld: expected %.*s, found %.*s", violation->name, violation->states,
	           TEXT_ARG(violation->kind), (long long)violation->id, TEXT_ARG(violation->expected),
	           TEXT_ARG(violation->found));
}

static void walk_verified(void *context, struct text tenant, const char *name, int64_t next)
{
	(void)context, (void)tenant, (void)name, (void)next;
}

static void walk_verify(struct walk *walk)
{
	struct verify_options options = { .found = walk_violation, .progress = walk_verified };
	struct verify_totals totals;
	CHECK(verify_run(engine_store(walk->engine), &options, &walk->problems, &totals));
	CHECK(totals.checks > 0);
}

static void walk_lose_row(const struct walk *walk)
{
	sqlite3 *handle = NULL;
	CHECK(sqlite3_open(walk->path, &handle) == SQLITE_OK);
	CHECK(sqlite3_exec(handle, "DELETE FROM journal WHERE serial = 3", NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(handle);
}

/* Closing may fail under a fault; what counts is that the next opening finds everything. */
static void walk_end(struct walk *walk, walk_arm *arm, walk_calm *calm, void *context)
{
	arm(context, WALK_STEPS);
	walk_close(walk);
	walk->tally->hit += calm(context);
	if (walk->plant == WALK_LOST_ROW)
		walk_lose_row(walk);
	if (!walk_open(walk))
		CHECK_FAIL("not opened after the end: %s", walk->problems.first ? walk->problems.first->message : "?");
	struct instant later;
	CHECK(instant_parse(TEXT("2011-11-01T00:00:00Z"), &later));
	CHECK(engine_advance_clock(walk->engine, walk->tenant_id, later, &walk->problems));
	walk_verify(walk);
	walk_close(walk);
	const char *broken = walk_broken_law(walk->path);
	if (broken)
		CHECK_FAIL("not true at the end: %s", broken);
}

static void walk_take(struct walk *walk, walk_arm *arm, walk_calm *calm, void *context)
{
	walk_prepare(walk);
	arm(context, -1);
	bool opened = walk_open_prepared(walk);
	bool met = calm(context);
	walk->tally->hit += met;
	if (!opened) {
		CHECK(met);
		walk_restart(walk);
	}
	for (int step = 0; step < WALK_STEPS; step++)
		walk_step(walk, step, arm, calm, context);
	walk_end(walk, arm, calm, context);
	free(walk->body);
	if (walk->plant == WALK_LEAK)
		*(void *volatile *)&walk->body = malloc(32);
	walk->body = NULL;
}

/* True when `run` came to its end, and with nothing leaked where the sanitizer looks. */
static bool walk_in_process(struct walk *walk, void (*run)(struct walk *walk, void *context), void *context)
{
	int status = 0;
	fflush(stdout);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		alarm(CHECK_TIME_LIMIT_S);
		if (walk->plant != WALK_NOTHING && (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
			_exit(2);
		struct walk own = *walk;
		run(&own, context);
		exit(0); /* not _exit: the leak checker runs at exit */
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("# ended by signal %d (%s)\n#   at: %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)),
		       check_note_text);
	else if (WEXITSTATUS(status) != 0)
		printf("#   ended with %d at: %s\n", WEXITSTATUS(status), check_note_text);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct walk_fault {
	walk_arm *arm;
	walk_calm *calm;
	void *context;
};

static void walk_take_faulty(struct walk *walk, void *context)
{
	const struct walk_fault *fault = context;
	walk_take(walk, fault->arm, fault->calm, fault->context);
}

/* Without closing anything: the log stays, to be recovered by the next opening. */
static void walk_crash(struct walk *walk, void *context)
{
	enum { STEPS_BEFORE = 5 };
	(void)context;
	CHECK(walk_open(walk));
	for (int step = 0; step < STEPS_BEFORE; step++)
		walk_send(walk, step, NULL, NULL, NULL);
	_exit(walk->status == 200 ? 0 : 1);
}

/* False, with what was found printed, when something was not as it should be. */
__attribute__((unused)) static bool walk_faulty(struct walk *walk, walk_arm *arm, walk_calm *calm, void *context)
{
	walk_fresh_copy(walk);
	walk->tally->walks++;
	CHECK(!walk->after_crash || walk_in_process(walk, walk_crash, NULL));
	return walk_in_process(walk, walk_take_faulty, &(struct walk_fault){ arm, calm, context });
}

static void walk_furnish(struct walk *walk, void *context)
{
	struct counter counter;
	struct walk *outside = context;
	counter_open_at(&counter, walk->pattern, false);
	counter_expect(&counter, "PUT", "/v1/bundle", WALK_BUNDLE, 200);
	outside->tenant_id = counter.tenant_id;
	snprintf(outside->key, sizeof outside->key, "%s", counter.key);
	counter_close(&counter);
}

static void walk_learn(struct walk *walk, void *context)
{
	(void)context;
	CHECK(walk_open(walk));
	for (int step = 0; step < WALK_STEPS; step++) {
		walk_send(walk, step, NULL, NULL, NULL);
		if (walk->status != walk_requests[step].status)
			CHECK_FAIL("%s %s: %d %s", walk_requests[step].method, walk_requests[step].target, walk->status, walk->body);
		CHECK(snprintf(walk->tally->right[step], WALK_ANSWER_BYTES_MOST, "%s", walk->body) < WALK_ANSWER_BYTES_MOST);
	}
	walk_close(walk);
	free(walk->body);
	walk->body = NULL;
}

static void *walk_shared(size_t bytes)
{
	void *found = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(found != MAP_FAILED);
	return found;
}

/* In memory that a process forked by it can write to. */
__attribute__((unused)) static struct walk *walk_make(void)
{
	struct walk *walk = walk_shared(sizeof *walk);
	*walk = (struct walk){ .tally = walk_shared(sizeof *walk->tally) };
	snprintf(walk->directory, sizeof walk->directory, "/tmp/moonbill-fault-XXXXXX");
	CHECK(mkdtemp(walk->directory) != NULL);
	snprintf(walk->pattern, sizeof walk->pattern, "%s/pattern.db", walk->directory);
	snprintf(walk->path, sizeof walk->path, "%s/walk.db", walk->directory);
	CHECK(walk_in_process(walk, walk_furnish, walk));
	walk_fresh_copy(walk);
	CHECK(walk_in_process(walk, walk_learn, NULL));
	return walk;
}

__attribute__((unused)) static void walk_remove(struct walk *walk)
{
	walk_fresh_copy(walk);
	unlink(walk->path);
	unlink(walk->pattern);
	CHECK(rmdir(walk->directory) == 0);
	munmap(walk->tally, sizeof *walk->tally);
	munmap(walk, sizeof *walk);
}

#endif
