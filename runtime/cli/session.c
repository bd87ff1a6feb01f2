/* session.c: one operation after another on the store, whoever owns it. */
#include "session.h"

#include "billing/billing.h"
#include "billing/mail.h"
#include "config_secrets.h"
#include "control.h"
#include "event/engine.h"
#include "operation.h"
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Another subcommand holds the lock for a moment; a server holds it for long and listens. */
enum { LOCK_TRIES = 50, LOCK_WAIT_US = 100000, CLOCK_MOVE_MS = 10000 };

static bool store_try(struct session *session)
{
	struct cli *cli = session->cli;
	struct engine_options options = {
		.lock = true,
		.gateway_deadline_ms = cli->config.gateway_deadline_ms,
		.clock_move_ms = CLOCK_MOVE_MS, /* then session_ask_on tells how far it is, and goes on */
		.private_deliveries = text_is(cli->config.private_deliveries, "tenant"),
		.commands = billing_commands,
		.jobs = billing_jobs,
		.secrets = session->secrets.count ? &session->secrets : NULL,
		.messages = billing_messages, /* mail waits for the server: its password is none of ours */
	};
	problems_init(&cli->problems, &cli->arena);
	session->engine = engine_open(cli->config.db, &options, &cli->problems);
	return session->engine != NULL;
}

/* A name with a typo must not leave an empty store behind that answers "there are no tenants". */
static bool store_may_open(struct cli *cli)
{
	const char *path = control_store_path(&cli->arena, cli->config.db);
	if (cli->subcommand->makes_store || !path || access(path, F_OK) == 0 || errno != ENOENT)
		return true;
	return problem_value(&cli->problems, PROBLEM_NOT_FOUND, "", cli->config.db,
	                     "Name it by --db or MOONBILL_DB, or make it: moonbill tenant create NAME.",
	                     "there is no store %s", path);
}

bool session_open(struct session *session, struct cli *cli)
{
	*session = (struct session){ .cli = cli, .socket_path = control_path(&cli->arena, cli->config.db) };
	if (!store_may_open(cli) || !config_secrets(&cli->config, &cli->arena, &cli->problems, &session->secrets)) {
		output_problems(cli);
		return false;
	}
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (store_try(session))
			return true;
		if (!cli->problems.first || cli->problems.first->code != PROBLEM_LOCKED || !text_present(session->socket_path))
			break;
		if (control_answers(session->socket_path, &cli->arena)) {
			problems_init(&cli->problems, &cli->arena);
			return true;
		}
		clock_sleep_us(LOCK_WAIT_US);
	}
	output_problems(cli);
	return false;
}

void session_close(struct session *session)
{
	if (session->engine)
		engine_close(session->engine);
	session->engine = NULL;
	seal_keys_wipe(&session->secrets);
}

/* What has come as far as a value and goes on when it is asked again; its message. */
static const struct json *goes_on(const struct json *document)
{
	const struct json *errors = json_member(document, "errors"), *first = errors ? errors->first : NULL;
	const struct json *code = first ? json_member(first, "code") : NULL;
	return code && text_is(json_text(code), problem_info(PROBLEM_BUSY)->name) && json_member(first, "value")
	               ? json_member(first, "message") : NULL;
}

/* *progress: NULL, or the message of an answer that is no end; where `progress` is NULL it is a problem. */
static bool ask(struct session *session, struct text request, struct text *output, const struct json **progress)
{
	struct cli *cli = session->cli;
	struct text line;
	if (progress)
		*progress = NULL;
	if (session->engine)
		line = operation_answer(session->engine, request, NULL, &cli->arena);
	else if (!control_ask(session->socket_path, request, &cli->arena, &cli->problems, &line)) {
		output_problems(cli);
		return false;
	}
	const struct json *answer = json_parse_limited(line, INT32_MAX, &cli->arena, &cli->problems);
	const struct json *document = answer ? json_member(answer, "problems") : NULL;
	/* The answer is {"output":X} or {"problems":X}: X as it stands. */
	size_t head = strlen(document ? "{\"problems\":" : "{\"output\":");
	if (!answer || line.length <= head) {
		output_problems(cli);
		return false;
	}
	*output = text_slice(line, head, line.length - 1);
	if (progress)
		*progress = document ? goes_on(document) : NULL;
	if (document && (!progress || !*progress))
		output_problem_document(cli, document, *output);
	return !document;
}

bool session_ask(struct session *session, struct text request, struct text *output)
{
	return ask(session, request, output, NULL);
}

bool session_ask_on(struct session *session, struct text request, struct text *output)
{
	const struct json *progress;
	bool good;
	do {
		good = ask(session, request, output, &progress);
		if (!good && progress)
			fprintf(stderr, "%s: %.*s\n", session->cli->subcommand->name, TEXT_ARG(json_text(progress)));
	} while (!good && progress);
	return good;
}

/* ---- requests ---- */

void session_tenant_write(struct json_writer *writer, const struct cli *cli)
{
	const char *const options[] = { "--tenant", "--key" };
	for (size_t i = 0; i < 2; i++) {
		const char *value = cli_value(cli, options[i]);
		if (!value)
			continue;
		json_name(writer, options[i] + 2);
		json_c(writer, value);
	}
}

struct text session_command(const struct cli *cli, const char *name, struct text input)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "command");
	json_c(&writer, name);
	session_tenant_write(&writer, cli);
	json_name(&writer, "input");
	json_raw(&writer, input);
	if (cli_value(cli, "--dry-run")) {
		json_name(&writer, "dry_run");
		json_boolean(&writer, true);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

struct text session_request(const struct cli *cli, const char *member, const char *value)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, member);
	if (value)
		json_c(&writer, value);
	else
		json_null(&writer);
	session_tenant_write(&writer, cli);
	json_end_object(&writer);
	return builder_text(&out);
}

static enum cli_exit ask_and_print(struct cli *cli, struct text request, const char *const *members)
{
	struct session session;
	struct text output;
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = session_ask_on(&session, request, &output);
	if (good && members)
		output_list(cli, output, members);
	else if (good)
		output_object(cli, output);
	session_close(&session);
	return good ? CLI_DONE : CLI_FAILED;
}

struct text session_page_request(const struct cli *cli, const char *list, const char *of, int64_t after, int64_t limit)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "list");
	json_c(&writer, list);
	session_tenant_write(&writer, cli);
	if (after >= 0) {
		json_name(&writer, "after");
		json_integer(&writer, after);
	}
	json_name(&writer, "limit");
	json_integer(&writer, limit);
	if (of) {
		json_name(&writer, "of");
		json_c(&writer, of);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

enum cli_exit session_once(struct cli *cli, struct text request)
{
	return ask_and_print(cli, request, NULL);
}

enum cli_exit session_list(struct cli *cli, struct text request, const char *const *members)
{
	return ask_and_print(cli, request, members);
}
