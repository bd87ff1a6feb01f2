/* model_host.c: a Moonbill without threads, in memory, behind standard input: what simulate.py drives.
 *
 *     tenant.create {"name":"model","test":true}      a command past HTTP, as the operator; the first line makes the tenant
 *     POST /v1/orders {"account_id":1, ...}           a request with the tenant's key
 *     gateway.resolve {"key":K,"respond":"approved"}  what the test gateway tells from now on about a charge
 *
 * Each line is answered by "STATUS BYTES", a line feed, that many bytes, and a line feed. Commands answer 200 or 400.
 */
#include "billing/billing.h"
#include "event/command.h"
#include "http/application.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_ARENA_BYTES = 256 * 1024 * 1024, HOST_DEADLINE_MS = 1 };

struct host {
	struct arena arena; /* of one line */
	struct problems problems;
	struct engine *engine;
	struct http_application *application;
	int64_t tenant_id;
	char authorization[160];
};

static _Noreturn void host_fail(const char *message)
{
	fprintf(stderr, "model_host: %s\n", message);
	exit(1);
}

static void host_answer(int status, struct text body)
{
	printf("%d %zu\n", status, body.length);
	fwrite(body.data, 1, body.length, stdout);
	printf("\n");
	fflush(stdout);
}

static bool command_try(struct host *host, const struct command_type *type, struct text body, void **output)
{
	void *input = arena_alloc(&host->arena, type->input->size);
	const struct json *json = json_parse(body, &host->arena, &host->problems);
	if (!json || !json_decode(json, type->input, input, "", &host->arena, &host->problems))
		return false;
	struct command_request request = {
		.tenant_id = host->tenant_id, .type = type, .input = input, .origin = { .actor = TEXT("operator") },
		.arena = &host->arena, .problems = &host->problems,
	};
	bool done = command_run(host->engine, &request);
	*output = request.output;
	return done;
}

static void host_command(struct host *host, const char *name, struct text body)
{
	const struct command_type *type = engine_command(host->engine, text_of(name));
	if (!type)
		host_fail("no such command");
	problems_init(&host->problems, &host->arena);
	void *output = NULL;
	if (!command_try(host, type, body, &output)) {
		host_answer(400, json_problems_text(&host->arena, &host->problems));
		return;
	}
	if (type->output == &tenant_created_record) {
		const struct tenant_created *tenant = output;
		host->tenant_id = tenant->id;
		snprintf(host->authorization, sizeof host->authorization, "Bearer %.*s", TEXT_ARG(tenant->api_key));
	}
	host_answer(200, type->output ? json_record_text(&host->arena, type->output, output) : TEXT("{}"));
}

static void host_resolve(struct host *host, struct text body)
{
	problems_init(&host->problems, &host->arena);
	const struct json *json = json_parse(body, &host->arena, &host->problems);
	if (!json)
		host_fail("no JSON to resolve a charge by");
	const struct gateway_test_answer answer = { .respond = json_text(json_member(json, "respond")) };
	gateway_test_resolve(engine_gateway_test(host->engine), host->tenant_id, json_text(json_member(json, "key")),
	                     &answer);
	host_answer(200, TEXT("{}"));
}

static void host_request(struct host *host, const char *method, const char *target, struct text body)
{
	const struct http_field authorization = { TEXT("Authorization"), text_of(host->authorization) };
	struct http_request request = {
		.arena = &host->arena, .method = text_of(method), .target = text_of(target), .body = body,
		.headers = &authorization, .header_count = 1, .remote = TEXT("192.0.2.1"),
	};
	struct http_reply reply;
	http_handle_wait(host->application, &request, &reply);
	host_answer(reply.status, reply.body);
}

/* Cuts the next word off, at a blank. */
static char *word_next(char **rest)
{
	char *word = *rest;
	char *blank = strchr(word, ' ');
	if (blank)
		*blank = '\0';
	*rest = blank ? blank + 1 : word + strlen(word);
	return word;
}

static void host_line(struct host *host, char *line)
{
	char *rest = line;
	const char *first = word_next(&rest);
	if (strcmp(first, "gateway.resolve") == 0) {
		host_resolve(host, text_of(rest));
		return;
	}
	if (strchr(first, '.')) {
		host_command(host, first, text_of(rest));
		return;
	}
	const char *target = word_next(&rest);
	host_request(host, first, target, rest[0] ? text_of(rest) : TEXT_NONE);
}

static void host_open(struct host *host)
{
	if (!arena_init(&host->arena, HOST_ARENA_BYTES))
		host_fail("out of memory");
	problems_init(&host->problems, &host->arena);
	struct engine_options options = {
		.commands = billing_commands, .jobs = billing_jobs, .gateway_deadline_ms = HOST_DEADLINE_MS,
	};
	host->engine = engine_open(TEXT(":memory:"), &options, &host->problems);
	if (!host->engine)
		host_fail("the store cannot be opened");
	host->application = http_application_new(host->engine, 0);
	if (!host->application)
		host_fail("out of memory");
}

int main(void)
{
	struct host host = { 0 };
	host_open(&host);
	char *line = NULL;
	size_t capacity = 0;
	ssize_t length;
	while ((length = getline(&line, &capacity, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		host_line(&host, line);
		arena_reset(&host.arena);
	}
	free(line);
	http_application_free(host.application);
	engine_close(host.engine);
	arena_finish(&host.arena);
	return 0;
}
