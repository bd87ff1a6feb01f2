/* bundle_subcommand.c: moonbill deploy, moonbill check. */
#include "billing/bundle.h"

#include "file.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

static const struct cli_option deploy_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--key", "KEY", "An API key of the tenant, in place of its name." },
	{ NULL, NULL, NULL },
};

static enum cli_exit deploy_run(struct cli *cli)
{
	struct text archive;
	if (cli_value(cli, "--tenant") && cli_value(cli, "--key"))
		return cli_usage_error(cli->subcommand, "name the tenant by --tenant or by --key, not both");
	if (!file_bundle_pack(cli->arguments[0], &cli->arena, &cli->problems, &archive)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	struct text_builder out;
	builder_init(&out, &cli->arena, 0);
	builder_c(&out, "{\"archive\":");
	builder_add(&out, archive);
	builder_c(&out, "}");
	return session_once(cli, session_command(cli, "bundle.deploy", builder_text(&out)));
}

/* ---- check ---- */

static struct text check_report(struct arena *arena, const struct bundle_content *content)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_string(&writer, content->manifest.name);
	json_name(&writer, "digest");
	json_string(&writer, content->archive.digest_text);
	json_name(&writer, "files");
	json_integer(&writer, (int64_t)content->archive.count);
	json_name(&writer, "rules");
	json_integer(&writer, (int64_t)rule_bundle_count(content->rules));
	json_name(&writer, "plans");
	json_integer(&writer, (int64_t)content->plans.count);
	json_name(&writer, "problems");
	json_integer(&writer, 0);
	json_end_object(&writer);
	return builder_text(&out);
}

static enum cli_exit check_run(struct cli *cli)
{
	struct text archive;
	struct bundle_content content;
	if (!file_bundle_pack(cli->arguments[0], &cli->arena, &cli->problems, &archive) ||
	    !bundle_check(archive, NULL, &cli->arena, &cli->problems, &content)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	output_object(cli, check_report(&cli->arena, &content));
	rule_bundle_release(content.rules);
	return CLI_DONE;
}

const struct cli_subcommand deploy_subcommand = {
	.name = "deploy", .arguments = "DIR", .arguments_min = 1, .arguments_max = 1,
	.doc = "Checks the bundle in a folder and puts it in force for a tenant.",
	.example = "  moonbill deploy examples/daddyhost --tenant hosting\n",
	.options = deploy_options, .run = deploy_run,
};

const struct cli_subcommand check_subcommand = {
	.name = "check", .arguments = "DIR", .arguments_min = 1, .arguments_max = 1,
	.doc = "Checks the bundle in a folder: manifest, rules, catalog; touches no store.",
	.example = "  moonbill check examples/daddyhost\n",
	.run = check_run,
};
