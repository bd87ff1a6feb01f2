/* bench_engine.h: an engine over a store of a benchmark's own: opened, told what to do by JSON, closed. Whatever goes wrong
 * ends the program. */
#ifndef MOONBILL_TESTS_BENCH_ENGINE_H
#define MOONBILL_TESTS_BENCH_ENGINE_H

#include "bench.h"

#include "billing/billing.h"
#include "event/engine.h"
#include "value/json.h"

struct bench {
	struct arena arena;
	struct problems problems;
	struct engine *engine;
	int64_t tenant_id;
};

/* With the lock of the store, and billing's jobs; commands too where `options` names none. */
static UNUSED void bench_open(struct bench *bench, const char *path, struct engine_options options, size_t arena_bytes)
{
	bench->tenant_id = 0;
	if (!arena_init(&bench->arena, arena_bytes))
		bench_fail("no memory");
	problems_init(&bench->problems, &bench->arena);
	options.lock = true;
	options.jobs = billing_jobs;
	if (!options.commands)
		options.commands = billing_commands;
	bench->engine = engine_open(text_of(path), &options, &bench->problems);
	if (!bench->engine)
		bench_fail("%s", bench->problems.first->message);
}

static UNUSED void bench_close(struct bench *bench)
{
	engine_close(bench->engine);
	arena_finish(&bench->arena);
}

/* `input`: of the command's record. */
static UNUSED void *command_input(struct bench *bench, const char *name, const void *input)
{
	struct command_request request = {
		.tenant_id = bench->tenant_id, .type = engine_command(bench->engine, text_of(name)), .input = input,
		.origin = { .actor = TEXT("operator") }, .arena = &bench->arena, .problems = &bench->problems,
	};
	if (!request.type)
		bench_fail("there is no command %s", name);
	if (!command_run(bench->engine, &request))
		bench_fail("%s: %s", name, bench->problems.first ? bench->problems.first->message : "failed");
	return request.output;
}

static UNUSED void *command_do(struct bench *bench, const char *name, const char *source)
{
	const struct command_type *type = engine_command(bench->engine, text_of(name));
	if (!type)
		bench_fail("there is no command %s", name);
	const struct json *json = json_parse(text_of(source), &bench->arena, &bench->problems);
	void *input = arena_alloc(&bench->arena, type->input->size);
	if (!json || !json_decode(json, type->input, input, "", &bench->arena, &bench->problems))
		bench_fail("%s: %s", name, bench->problems.first->message);
	return command_input(bench, name, input);
}

#endif
