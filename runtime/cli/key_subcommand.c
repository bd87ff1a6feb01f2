/* key_subcommand.c: moonbill key create, key list, key rotate, key revoke. */
#include "session.h"
#include "subcommands.h"

static const struct cli_option create_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--scopes", "WORDS", "Of read write payments deploy admin; the first four when absent." },
	{ "--expires", "INSTANT", "From then on it opens nothing; 2027-01-01T00:00:00Z." },
	{ NULL, NULL, NULL },
};

static const struct cli_option tenant_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

static enum cli_exit create_run(struct cli *cli)
{
	const char *scopes = cli_value(cli, "--scopes"), *expires = cli_value(cli, "--expires");
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
	if (expires) {
		json_name(&writer, "expires_at");
		json_c(&writer, expires);
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "key.create", builder_text(&out)));
}

/* "id" for a number, else "name". */
static void which_write(struct json_writer *writer, const struct cli *cli)
{
	struct text which = text_of(cli->arguments[0]);
	int64_t id;
	if (text_to_int64(which, &id)) {
		json_name(writer, "id");
		json_integer(writer, id);
	} else {
		json_name(writer, "name");
		json_string(writer, which);
	}
}

static enum cli_exit revoke_run(struct cli *cli)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	which_write(&writer, cli);
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "key.revoke", builder_text(&out)));
}

static enum cli_exit rotate_run(struct cli *cli)
{
	const char *grace = cli_value(cli, "--grace");
	int64_t grace_seconds = 0;
	struct text_builder out;
	struct json_writer writer;
	if (grace && !text_to_int64(text_of(grace), &grace_seconds))
		return cli_usage_error(cli->subcommand, "--grace takes a number of seconds, not '%s'", grace);
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	which_write(&writer, cli);
	if (grace) {
		json_name(&writer, "grace_seconds");
		json_integer(&writer, grace_seconds);
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "key.rotate", builder_text(&out)));
}

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id",         "key_id",     "name",         "scopes", "created_at",
	                                       "expires_at", "revoked_at", "last_used_at", NULL };
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

static const struct cli_option rotate_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--grace", "SECONDS", "How long the old key still opens: 0 to 30 days; a day when absent." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand key_rotate_subcommand = {
	.name = "key rotate", .arguments = "ID|NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Makes a key of the same name and scopes and prints its text; the old one ends after a time of grace.",
	.example = "  moonbill key rotate ci --tenant acme --grace 3600\n",
	.options = rotate_options, .run = rotate_run,
};

const struct cli_subcommand key_revoke_subcommand = {
	.name = "key revoke", .arguments = "ID|NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Ends an API key at once, for a running server too.",
	.example = "  moonbill key revoke ci --tenant acme\n",
	.options = tenant_options, .run = revoke_run,
};
