/* desk.h: a store in memory with one tenant, and commands put on the desk as JSON. For the tests of this folder.
 *
 *     struct desk desk;
 *     desk_open(&desk);
 *     struct account *account = desk_do(&desk, "account.create", "{'name':'Ann'}");      // ' stands for "
 *     CHECK_EQ_INT(desk_refused(&desk, "account.update", "{'id':9}")->code, PROBLEM_NOT_FOUND);
 *     desk_close(&desk);
 */
#ifndef MOONBILL_TESTS_BILLING_DESK_H
#define MOONBILL_TESTS_BILLING_DESK_H

#include "check.h"

#include "billing/account.h"
#include "billing/api_key.h"
#include "billing/bundle.h"
#include "billing/bundle_archive.h"
#include "billing/catalog.h"
#include "billing/customer.h"
#include "billing/fixture.h"
#include "billing/tenant.h"
#include "event/job.h"

enum { DESK_ARENA_BYTES = 256 * 1024 * 1024, DESK_EVENTS_MAX = 400 };

struct desk {
	struct arena arena;
	struct problems problems;
	struct engine *engine;
	int64_t tenant_id;
	struct text api_key; /* the tenant's first */
	const char *events[DESK_EVENTS_MAX]; /* "pre account.create", of the commands since desk_forget */
	size_t event_count;
};

static const struct command_type *const desk_commands[] = { tenant_commands,  api_key_commands, bundle_commands,
	                                                    fixture_commands, catalog_commands, account_commands,
	                                                    customer_commands, NULL };
static const struct job_kind *const desk_jobs[] = { NULL };

static void desk_trace(void *context, const struct trace_entry *entry)
{
	struct desk *desk = context;
	const char *side = entry->kind == TRACE_PRE      ? "pre"
	                   : entry->kind == TRACE_POST   ? "post"
	                   : entry->kind == TRACE_SIGNAL ? "signal"
	                                                 : NULL;
	bool beats = strcmp(entry->name, "clock.heartbeat") == 0; /* of every move of the clock */
	if (side && !beats && desk->event_count < DESK_EVENTS_MAX)
		desk->events[desk->event_count++] = text_format(&desk->arena, "%s %s", side, entry->name).data;
}

/* Every event since the last call, joined by ", ". */
__attribute__((unused)) static struct text desk_events(struct desk *desk)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < desk->event_count; i++) {
		builder_c(&out, i ? ", " : "");
		builder_c(&out, desk->events[i]);
	}
	desk->event_count = 0;
	return builder_text(&out);
}

static struct text desk_json(struct desk *desk, const char *source)
{
	char *copy = arena_alloc(&desk->arena, strlen(source) + 1);
	for (size_t i = 0; source[i]; i++)
		copy[i] = source[i] == '\'' ? '"' : source[i];
	return text_of(copy);
}

static void desk_show(const struct desk *desk)
{
	for (const struct problem *problem = desk->problems.first; problem; problem = problem->next)
		printf("#   %s at '%s': %s%s%s\n", problem_info(problem->code)->name, problem->pointer, problem->message,
		       problem->cause ? " | " : "", problem->cause ? problem->cause : "");
}

static bool desk_try_text(struct desk *desk, const char *name, struct text input_text, void **output)
{
	const struct command_type *type = engine_command(desk->engine, text_of(name));
	if (!type)
		CHECK_FAIL("there is no command %s", name);
	void *input = arena_alloc(&desk->arena, type->input->size);
	problems_init(&desk->problems, &desk->arena);
	const struct json *json = json_parse(input_text, &desk->arena, &desk->problems);
	if (!json || !json_decode(json, type->input, input, "", &desk->arena, &desk->problems))
		return false;
	struct command_request request = {
		.tenant_id = desk->tenant_id,
		.type = type,
		.input = input,
		.origin = { .actor = TEXT("operator") },
		.arena = &desk->arena,
		.problems = &desk->problems,
	};
	bool done = command_run(desk->engine, &request);
	*output = request.output;
	return done;
}

/* The command's output; it must succeed. */
__attribute__((unused)) static void *desk_do(struct desk *desk, const char *name, const char *input)
{
	void *output = NULL;
	if (!desk_try_text(desk, name, desk_json(desk, input), &output)) {
		desk_show(desk);
		CHECK_FAIL("%s was refused: %s", name, input);
	}
	return output;
}

/* The first problem; the command must fail. */
__attribute__((unused)) static const struct problem *desk_refused(struct desk *desk, const char *name, const char *input)
{
	void *output = NULL;
	if (desk_try_text(desk, name, desk_json(desk, input), &output))
		CHECK_FAIL("%s was not refused: %s", name, input);
	CHECK(desk->problems.first != NULL);
	return desk->problems.first;
}

/* A bundle of one catalog, as JSON with ' for ". */
__attribute__((unused)) static void desk_deploy_catalog(struct desk *desk, const char *catalog)
{
	struct bundle_file files[] = { { TEXT("bundle.json"), TEXT("{\"name\":\"catalog\"}") },
		                       { TEXT("catalog/catalog.json"), desk_json(desk, catalog) } };
	struct text archive = bundle_archive_text(&desk->arena, files, 2);
	void *output;
	if (!desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
}

#define CHECK_REFUSED(desk, command_name, input, expected_code, expected_pointer)                            \
	do {                                                                                         \
		const struct problem *refused_ = desk_refused((desk), (command_name), (input));              \
		CHECK_EQ_C(problem_info(refused_->code)->name, problem_info(expected_code)->name);   \
		CHECK_EQ_C(refused_->pointer, (expected_pointer));                                   \
	} while (0)

/* A read with the tenant's context; body must succeed. */
__attribute__((unused)) static void desk_read(struct desk *desk, bool (*body)(struct command *command, void *context),
                                              void *context)
{
	problems_init(&desk->problems, &desk->arena);
	if (!command_read(desk->engine, desk->tenant_id, &desk->arena, &desk->problems, body, context)) {
		desk_show(desk);
		CHECK_FAIL("a read failed");
	}
}

/* What a body writes into the builder that is its context. */
__attribute__((unused)) static struct text desk_told(struct desk *desk, bool (*body)(struct command *command, void *context))
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	desk_read(desk, body, &out);
	return builder_text(&out);
}

static void desk_open_store(struct desk *desk, const char *url)
{
	*desk = (struct desk){ 0 };
	CHECK(arena_init(&desk->arena, DESK_ARENA_BYTES));
	problems_init(&desk->problems, &desk->arena);
	struct engine_options options = {
		.lock = true, .commands = desk_commands, .jobs = desk_jobs, .trace = desk_trace, .trace_context = desk,
	};
	desk->engine = engine_open(text_of(url), &options, &desk->problems);
	if (!desk->engine) {
		desk_show(desk);
		CHECK_FAIL("the store cannot be opened");
	}
}

__attribute__((unused)) static void desk_open_at(struct desk *desk, const char *url)
{
	desk_open_store(desk, url);
	const struct tenant_created *tenant =
	        desk_do(desk, "tenant.create", "{'name':'acme','test':true,'at':'2011-09-06T15:00:00Z'}");
	desk->tenant_id = tenant->id;
	desk->api_key = tenant->api_key;
	desk->event_count = 0;
}

__attribute__((unused)) static void desk_open(struct desk *desk)
{
	desk_open_at(desk, ":memory:");
}

__attribute__((unused)) static void desk_close(struct desk *desk)
{
	engine_close(desk->engine);
	arena_finish(&desk->arena);
}

#endif
