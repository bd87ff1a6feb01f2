/* console_subcommand.c: moonbill console: where a sandbox begins, and what lies behind it. */
#include "console_subcommand.h"

#include "billing/billing.h"
#include "demo.h"
#include "file.h"
#include "operation.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>
#include <unistd.h>

static const char bundle_tenant[] = "sandbox";

/* ---- of a tenant: a copy of its store, whoever owns that ---- */

static bool image_of_store(struct cli *cli, struct store_image *image)
{
	const struct store_options options = { .read_only = true, .readers = 1, .read_limit_ms = -1 };
	struct store *store = store_open(cli->config.db, &options, &cli->problems);
	bool good = store && store_image_take(store, &cli->arena, &cli->problems, image);
	if (store)
		store_close(store);
	return good;
}

/* ---- of a bundle: a tenant made for it ---- */

static struct text request_of(struct arena *arena, const char *command, struct text input)
{
	return text_format(arena, "{\"command\":\"%s\",\"tenant\":\"%s\",\"input\":%.*s}", command, bundle_tenant, TEXT_ARG(input));
}

static bool asked(struct cli *cli, struct engine *engine, const char *command, struct text input)
{
	struct text answer = operation_answer(engine, request_of(&cli->arena, command, input), NULL, &cli->arena);
	const struct json *document = json_parse_limited(answer, INT32_MAX, &cli->arena, &cli->problems);
	const struct json *problems = document ? json_member(document, "problems") : NULL;
	if (problems)
		output_problem_document(cli, problems, json_tree_text(&cli->arena, problems));
	return document && !problems;
}

/* demo.json: what the tenant starts from; without one its clock stands at the beginning of this month. */
static const struct json *start_read(struct cli *cli, const char *folder)
{
	struct text source;
	const char *path = text_format(&cli->arena, "%s/demo.json", folder).data;
	if (access(path, R_OK) != 0)
		return json_parse(TEXT("{}"), &cli->arena, &cli->problems);
	return file_read(path, FILE_CONFIG_BYTES_MAX, &cli->arena, &cli->problems, &source)
	               ? json_parse(source, &cli->arena, &cli->problems) : NULL;
}

static struct text tenant_input(struct cli *cli, const struct json *start)
{
	static const char *const members[] = { "time_zone", "currency", "settings", NULL };
	struct text_builder out;
	struct json_writer writer;
	struct text clock = json_text(json_member(start, "clock"));
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_c(&writer, bundle_tenant);
	json_name(&writer, "test");
	json_boolean(&writer, true);
	json_name(&writer, "demo");
	json_c(&writer, bundle_tenant);
	json_name(&writer, "at");
	json_string(&writer, text_present(clock) ? clock : TEXT("2026-01-01T00:00:00Z"));
	for (size_t i = 0; members[i]; i++) {
		const struct json *member = json_member(start, members[i]);
		if (!member || strcmp(members[i], "settings") == 0)
			continue;
		json_name(&writer, members[i]);
		json_tree(&writer, member);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static bool tenant_make(struct cli *cli, struct engine *engine, const char *folder)
{
	struct text archive;
	const struct json *start = start_read(cli, folder);
	if (!start || !file_bundle_pack(folder, &cli->arena, &cli->problems, &archive))
		return false;
	const struct demo demo = { .start = start };
	const struct json *settings = json_member(start, "settings");
	return asked(cli, engine, "tenant.create", tenant_input(cli, start)) &&
	       asked(cli, engine, "bundle.deploy", text_format(&cli->arena, "{\"archive\":%.*s}", TEXT_ARG(archive))) &&
	       (!settings || asked(cli, engine, "tenant.configure",
	                           text_format(&cli->arena, "{\"settings\":%.*s}",
	                                       TEXT_ARG(json_tree_text(&cli->arena, settings))))) &&
	       asked(cli, engine, "fixture.set", demo_fixture(&demo, &cli->arena));
}

bool console_image_of_bundle(struct cli *cli, const char *folder, struct store_image *image)
{
	const struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs };
	struct engine *engine = engine_open(TEXT(":memory:"), &options, &cli->problems);
	bool good = engine && tenant_make(cli, engine, folder) &&
	            store_image_take(engine_store(engine), &cli->arena, &cli->problems, image);
	engine_close(engine);
	return good;
}

/* ---- what lies behind ---- */

/* In a process of its own the store's owner does it, be that us. */
static bool commit(void *context, const char *command, struct text input, struct text *output)
{
	struct cli *cli = context;
	struct session session;
	if (!session_open(&session, cli))
		return false;
	bool good = session_ask(&session, session_command(cli, command, input), output);
	if (good)
		*output = text_copy(&cli->arena, *output);
	session_close(&session);
	return good;
}

static bool bundle_read(void *context, const char *folder, struct arena *arena, struct problems *problems, struct text *archive)
{
	(void)context;
	return file_bundle_pack(folder, arena, problems, archive);
}

struct console_options console_options_of(struct cli *cli, const char *folder, const struct store_image *image)
{
	const char *tenant = cli_value(cli, "--tenant");
	return (struct console_options){
		.image = image,
		.tenant = folder ? text_of(bundle_tenant) : text_of(tenant),
		.arguments = folder ? folder : tenant ? text_format(&cli->arena, "--tenant %s", tenant).data : "",
		.folder = folder,
		.json = cli->json,
		.commit = folder ? NULL : commit,
		.bundle_read = bundle_read,
		.context = cli,
	};
}

static enum cli_exit console_start(struct cli *cli)
{
	const char *folder = cli->argument_count ? cli->arguments[0] : NULL;
	struct store_image image = { NULL, 0 };
	if (folder && cli_value(cli, "--tenant"))
		return cli_usage_error(cli->subcommand, "name a bundle or a tenant, not both");
	bool good = folder ? console_image_of_bundle(cli, folder, &image) : image_of_store(cli, &image);
	if (good) {
		struct console_options options = console_options_of(cli, folder, &image);
		good = console_run(&options, &cli->problems);
	}
	store_image_free(&image);
	if (cli->problems.first)
		output_problems(cli);
	return good ? CLI_DONE : CLI_FAILED;
}

/* ------------------------------------------------------------------------------------------------ rows */

static const struct cli_option console_command_options[] = {
	{ "--tenant", "NAME", "Whose copy; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand console_subcommand = {
	.name = "console", .arguments = "[BUNDLE]", .arguments_max = 1,
	.doc = "Lua over the real core, in a copy in memory: of a tenant of the store, or of one made for a bundle's folder.",
	.example = "  moonbill console examples/telescope\n  moonbill console --tenant hosting\n"
	           "  echo 'invoice { status = \"open\" }' | moonbill console --tenant hosting --json\n",
	.options = console_command_options, .run = console_start,
};
