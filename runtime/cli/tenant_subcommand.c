/* tenant_subcommand.c: moonbill tenant create, tenant list. */
#include "demo.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

static const struct cli_option create_options[] = {
	{ "--test", NULL, "A test tenant: its clock stands still until it is moved." },
	{ "--at", "INSTANT", "A test tenant's first now, e.g. 2011-09-06T15:00:00Z." },
	{ "--demo", "NAME", "A test tenant with the bundle and the numbers of examples/NAME." },
	{ "--time-zone", "ZONE", "IANA name or offset; UTC when absent." },
	{ "--currency", "CODE", "ISO 4217; USD when absent." },
	{ NULL, NULL, NULL },
};

static void member_write(struct json_writer *writer, const char *name, const char *value, const struct demo *demo,
                         const char *demo_member)
{
	const struct json *start = demo && demo->start ? json_member(demo->start, demo_member) : NULL;
	if (!value && !start)
		return;
	json_name(writer, name);
	if (value)
		json_c(writer, value);
	else
		json_string(writer, json_text(start));
}

static struct text create_input(const struct cli *cli, const struct demo *demo)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_c(&writer, cli->arguments[0]);
	if (demo || cli_value(cli, "--test")) {
		json_name(&writer, "test");
		json_boolean(&writer, true);
	}
	if (demo) {
		json_name(&writer, "demo");
		json_string(&writer, demo->name);
	}
	member_write(&writer, "at", cli_value(cli, "--at"), demo, "clock");
	member_write(&writer, "time_zone", cli_value(cli, "--time-zone"), demo, "time_zone");
	member_write(&writer, "currency", cli_value(cli, "--currency"), demo, "currency");
	json_end_object(&writer);
	return builder_text(&out);
}

/* {"command": NAME, "tenant": the new one, "input": ...} */
static struct text tenant_command(const struct cli *cli, const char *name, const char *member, struct text value)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "command");
	json_c(&writer, name);
	json_name(&writer, "tenant");
	json_c(&writer, cli->arguments[0]);
	json_name(&writer, "input");
	if (member) {
		json_begin_object(&writer);
		json_name(&writer, member);
		json_raw(&writer, value);
		json_end_object(&writer);
	} else {
		json_raw(&writer, value);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static bool demo_fill(struct session *session, const struct demo *demo)
{
	const struct cli *cli = session->cli;
	const struct json *settings = json_member(demo->start, "settings");
	struct text ignored;
	return session_ask(session, tenant_command(cli, "bundle.deploy", "archive", demo->archive), &ignored) &&
	       (!settings || session_ask(session, tenant_command(cli, "tenant.configure", "settings",
	                                                 json_tree_text(cli->problems.arena, settings)),
	                                 &ignored)) &&
	       session_ask(session, tenant_command(cli, "fixture.set", NULL, demo_fixture(demo, cli->problems.arena)), &ignored);
}

static enum cli_exit create_run(struct cli *cli)
{
	const char *demo_name = cli_value(cli, "--demo");
	struct demo demo = { 0 };
	struct session session;
	struct text output;
	if (cli_value(cli, "--at") && !cli_value(cli, "--test") && !demo_name)
		return cli_usage_error(cli->subcommand, "--at is for test tenants: add --test");
	if (demo_name && !demo_load(text_of(demo_name), &cli->arena, &cli->problems, &demo)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = session_ask(&session, session_command(cli, "tenant.create", create_input(cli, demo_name ? &demo : NULL)), &output);
	good = good && (!demo_name || demo_fill(&session, &demo));
	if (good)
		output_object(cli, output);
	session_close(&session);
	return good ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id", "name", "mode", "currency", "time_zone", "created_at", NULL };
	return session_list(cli, session_request(cli, "list", "tenants"), members);
}

const struct cli_subcommand tenant_create_subcommand = {
	.name = "tenant create", .arguments = "NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Makes a tenant and prints its first API key, which is shown this once.",
	.example = "  moonbill tenant create acme --time-zone Europe/Paris --currency EUR\n"
	           "  moonbill tenant create hosting --demo daddyhost --json\n",
	.options = create_options, .makes_store = true, .run = create_run,
};

const struct cli_subcommand tenant_list_subcommand = {
	.name = "tenant list", .arguments = "",
	.doc = "Lists the tenants of the store.",
	.example = "  moonbill tenant list --db /var/lib/moonbill/moonbill.db\n",
	.run = list_run,
};
