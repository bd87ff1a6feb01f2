/* task_subcommand.c: moonbill tasks list, tasks run. */
#include "session.h"
#include "subcommands.h"

static const struct cli_option tenant_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id",     "name",        "handler",     "status", "period",
		                               "run_once", "next_run_at", "last_run_at", "missed", NULL };
	return session_list(cli, session_request(cli, "list", "tasks"), members);
}

static enum cli_exit run_run(struct cli *cli)
{
	struct text_builder out;
	struct json_writer writer;
	struct text which = text_of(cli->arguments[0]);
	int64_t id;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	if (text_to_int64(which, &id)) {
		json_name(&writer, "id");
		json_integer(&writer, id);
	} else {
		json_name(&writer, "name");
		json_string(&writer, which);
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "task.run", builder_text(&out)));
}

const struct cli_subcommand tasks_list_subcommand = {
	.name = "tasks list", .arguments = "",
	.doc = "Lists a tenant's scheduled tasks.",
	.example = "  moonbill tasks list --tenant hosting\n",
	.options = tenant_options, .run = list_run,
};

const struct cli_subcommand tasks_run_subcommand = {
	.name = "tasks run", .arguments = "NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Runs a scheduled task now, by its name or id, beside its schedule.",
	.example = "  moonbill tasks run NotificationHandler --tenant hosting\n",
	.options = tenant_options, .run = run_run,
};
