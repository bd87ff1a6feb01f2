/* key_subcommand.c: moonbill key create, key list, key revoke. */
#include "session.h"
#include "subcommands.h"

static const struct cli_option create_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--scopes", "WORDS", "Of read write payments deploy admin; the first four when absent." },
	{ NULL, NULL, NULL },
};

static const struct cli_option tenant_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

static enum cli_exit create_run(struct cli *cli)
{
	const char *scopes = cli_value(cli, "--scopes");
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_c(&writer, cli->arguments[0]);
	if (scopes) {
		json_name(&writer, "scopes");
		json_c(&writer, scopes);
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "key.create", builder_text(&out)));
}

static enum cli_exit revoke_run(struct cli *cli)
{
	struct text which = text_of(cli->arguments[0]);
	int64_t id;
	struct text_builder out;
	struct json_writer writer;
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
	return session_once(cli, session_command(cli, "key.revoke", builder_text(&out)));
}

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id", "key_id", "name", "scopes", "created_at", "revoked_at", NULL };
	return session_list(cli, session_request(cli, "list", "keys"), members);
}

const struct cli_subcommand key_create_subcommand = {
	.name = "key create", .arguments = "NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Makes an API key and prints its text, which is shown this once.",
	.example = "  moonbill key create ci --tenant acme --scopes \"read deploy\"\n",
	.options = create_options, .run = create_run,
};

const struct cli_subcommand key_list_subcommand = {
	.name = "key list", .arguments = "",
	.doc = "Lists the API keys of a tenant, revoked ones too.",
	.example = "  moonbill key list --tenant acme\n",
	.options = tenant_options, .run = list_run,
};

const struct cli_subcommand key_revoke_subcommand = {
	.name = "key revoke", .arguments = "ID|NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Ends an API key; a server may honour it for 5 more seconds.",
	.example = "  moonbill key revoke ci --tenant acme\n",
	.options = tenant_options, .run = revoke_run,
};
