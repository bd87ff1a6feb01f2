/* rule_fixture.h: an order, a bundle of one file, and calls of its rules. For tests/rules. */
#ifndef MOONBILL_TESTS_RULE_FIXTURE_H
#define MOONBILL_TESTS_RULE_FIXTURE_H

#include "check.h"
#include "records.gen.h"
#include "rule/rule.h"
#include "value/json.h"

#define UNUSED __attribute__((unused))

/* Debian's Lua raises errors by a longjmp that the thread sanitizer does not see: each leaks a frame of its shadow stack,
 * which holds 65,536. It also slows a call down until the limit of wall time comes before that of fuel. */
#ifdef __SANITIZE_THREAD__
static UNUSED const bool thread_sanitizer = true;
#else
static UNUSED const bool thread_sanitizer = false;
#endif

/* Bits of the fields that a pre rule may assign in tests. */
#define BIT(field) (UINT64_C(1) << (field))
static const uint64_t order_writable = BIT(ORDER_FIELD_PLAN) | BIT(ORDER_FIELD_START_DATE) | BIT(ORDER_FIELD_END_DATE) | BIT(ORDER_FIELD_AUTO_RENEW) |
                                       BIT(ORDER_FIELD_LINES) | BIT(ORDER_FIELD_DISCOUNTS) | BIT(ORDER_FIELD_CUSTOM) | BIT(ORDER_FIELD_EXTERNAL_KEY);

struct fixture {
	struct arena arena;
	struct problems problems;
	struct rule_bundle *bundle;
	struct rule_call call;
	struct rule_host host;
	struct order order;
	struct account account;
	struct payment_method card;
	struct event_details details;
	int accounts_loaded;
};

static struct text text_from(const char *terminated)
{
	return text_of(terminated);
}

static void *fixture_load(void *context, const struct record *record, int64_t id)
{
	struct fixture *fixture = context;
	if (record == &account_record && id == fixture->account.id) {
		fixture->accounts_loaded++;
		return &fixture->account;
	}
	return record == &payment_method_record && id == fixture->card.id ? &fixture->card : NULL;
}

static struct date day_of(const char *text)
{
	struct date date;
	CHECK(date_parse(text_from(text), &date));
	return date;
}

static struct instant instant_of(const char *text)
{
	struct instant instant;
	CHECK(instant_parse(text_from(text), &instant));
	return instant;
}

static struct decimal decimal_of(const char *text)
{
	struct decimal decimal;
	CHECK(decimal_parse(text_from(text), &decimal));
	return decimal;
}

static void order_fill(struct fixture *fixture)
{
	struct order *order = &fixture->order;
	order->id = 381;
	order->number = TEXT("1036");
	order->account_id = 366;
	order->status = ORDER_STATUS_DRAFT;
	order->plan = TEXT("gold");
	order->currency = currency_find(TEXT("USD"));
	order->start_date = day_of("2011-09-20");
	order->auto_renew = true;
	struct order_line *line = list_add(&fixture->arena, &order->lines, struct order_line);
	line->price_code = TEXT("MNTHLY");
	line->quantity = decimal_of("2");
	line = list_add(&fixture->arena, &order->lines, struct order_line);
	line->price_code = TEXT("SETUP");
	line->quantity = decimal_of("1");
	order->custom = TEXT("{\"color\":\"red\",\"sizes\":[1,2.5,3],\"deep\":{\"a\":true}}");
	fixture->account.id = 366;
	fixture->account.email = TEXT("john@example.com");
	fixture->account.currency = order->currency;
}

static void fixture_open(struct fixture *fixture)
{
	memset(fixture, 0, sizeof *fixture);
	CHECK(arena_init(&fixture->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&fixture->problems, &fixture->arena);
	order_fill(fixture);
	fixture->host = (struct rule_host){ .context = fixture, .load = fixture_load };
}

static UNUSED void fixture_close(struct fixture *fixture)
{
	rule_bundle_release(fixture->bundle);
	arena_finish(&fixture->arena);
}

/* Loads a bundle of the given files; all of them whose name begins with "rules/" declare rules. */
static UNUSED struct rule_bundle *files_load(struct fixture *fixture, const struct rule_file *files, size_t count)
{
	struct text *entries = arena_new_many(&fixture->arena, struct text, count + 1);
	size_t entry_count = 0;
	for (size_t i = 0; i < count; i++)
		if (text_starts(files[i].name, "rules/"))
			entries[entry_count++] = files[i].name;
	return rule_bundle_load(files, count, entries, entry_count, digest_sha256(files[0].source), &fixture->problems);
}

static struct rule_bundle *source_load(struct fixture *fixture, const char *source)
{
	struct rule_file file = { TEXT("rules/test.lua"), text_from(source) };
	return rule_bundle_load(&file, 1, &file.name, 1, digest_sha256(file.source), &fixture->problems);
}

static const char *first_cause(const struct fixture *fixture)
{
	const struct problem *first = fixture->problems.first;
	return !first ? "" : first->cause ? first->cause : first->message;
}

static struct rule_call call_of(struct fixture *fixture)
{
	return (struct rule_call){
		.bundle = fixture->bundle,
		.arena = &fixture->arena,
		.problems = &fixture->problems,
		.now = instant_of("2011-09-06T15:00:00Z"),
		.today = day_of("2011-09-06"),
		.seed = { { 1 } },
		.settings = TEXT("{\"limit\":3,\"names\":[\"a\",\"b\"],\"retry\":{\"max_attempts\":3}}"),
		.event = EVENT_ORDER_CREATE,
		.record = &order_record,
		.subject = &fixture->order,
		.details_record = &event_details_record,
		.details = &fixture->details,
		.host = &fixture->host,
	};
}

/* Loads `source` and runs its first rule. Opens the fixture; the caller closes it. */
static enum rule_outcome source_run(struct fixture *fixture, const char *source)
{
	if (!fixture->arena.blocks && !fixture->arena.reserve)
		fixture_open(fixture);
	rule_bundle_release(fixture->bundle);
	fixture->bundle = source_load(fixture, source);
	if (!fixture->bundle)
		CHECK_FAIL("did not load: %s", first_cause(fixture));
	const struct rule *rule = rule_bundle_at(fixture->bundle, 0);
	fixture->call = call_of(fixture);
	if (rule->moment == RULE_PRE)
		fixture->call.subject_writable = order_writable, fixture->call.details_writable = BIT(EVENT_DETAILS_FIELD_CREATE_INVOICE);
	if (rule->moment == RULE_TASK)
		fixture->call.record = NULL, fixture->call.subject = NULL;
	return rule_run(&fixture->call, rule);
}

/* Runs `body` as the run of a pre, post or task rule: function (order, ctx). */
static UNUSED enum rule_outcome body_run(struct fixture *fixture, const char *moment, const char *body)
{
	struct fixture *of = fixture;
	if (!of->arena.blocks && !of->arena.reserve)
		fixture_open(of);
	bool task = strcmp(moment, "task") == 0;
	struct text source = text_format(&of->arena, "rule \"test\" { %s = %s, run = function (%s)\n%s\nend }", moment,
	                                 task ? "true" : "\"order.create\"", task ? "ctx" : "order, ctx", body);
	return source_run(of, source.data);
}

/* The body must end well; `log` of what went wrong otherwise. */
#define CHECK_RUNS(fixture, moment, body)                                                            \
	do {                                                                                         \
		if (body_run((fixture), (moment), (body)) != RULE_OK)                                \
			CHECK_FAIL("failed: %s", first_cause(fixture));                              \
	} while (0)

static UNUSED bool contains(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

#define CHECK_CONTAINS(text, part)                                                                   \
	do {                                                                                         \
		const char *check_text = (text);                                                     \
		if (!contains(check_text, (part)))                                                   \
			CHECK_FAIL("not in the text: %s\n#   text: %s", (part), check_text);         \
	} while (0)

/* A fresh fixture whose pre rule fails with a message that holds `part`. */
static UNUSED void fails_with(const char *file, int line, const char *moment, const char *body, const char *part)
{
	struct fixture fixture = { .accounts_loaded = 0 };
	enum rule_outcome outcome = body_run(&fixture, moment, body);
	if (outcome != RULE_FAILED)
		check_fail(file, line, "did not fail: %s", body);
	if (!contains(first_cause(&fixture), part))
		check_fail(file, line, "%s\n#   expected: %s\n#   found:    %s", body, part, first_cause(&fixture));
	fixture_close(&fixture);
}
#define CHECK_FAILS(moment, body, part) fails_with(__FILE__, __LINE__, (moment), (body), (part))

#endif
