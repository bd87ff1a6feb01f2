/* secrets_subcommand.c: moonbill secrets key, secrets seal. */
#include "config_secrets.h"
#include "file.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <unistd.h>

/* ---- a new key ---- */

static bool keys_there(struct cli *cli, const char *path, struct text *there)
{
	struct seal_keys keys = { .count = 0 };
	*there = TEXT("");
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	bool good = file_read(path, SEAL_FILE_BYTES_MAX, &cli->arena, &cli->problems, there) &&
	            (text_trim(*there).length == 0 || seal_keys_read(*there, path, &keys, &cli->problems));
	seal_keys_wipe(&keys);
	return good;
}

static enum cli_exit key_run(struct cli *cli)
{
	const char *path = cli->arguments[0];
	struct seal_keys keys;
	struct text there, line = seal_key_new(&cli->arena);
	struct text content = keys_there(cli, path, &there)
	                              ? text_format(&cli->arena, "%.*s\n%.*s", TEXT_ARG(line), TEXT_ARG(there))
	                              : TEXT_NONE;
	bool good = text_present(content) && seal_keys_read(content, path, &keys, &cli->problems) &&
	            file_replace(path, content, &cli->arena, &cli->problems);
	text_wipe(line);
	text_wipe(there);
	text_wipe(content);
	if (!good) {
		output_problems(cli);
		return CLI_FAILED;
	}
	output_object(cli, text_format(&cli->arena, "{\"key_id\":\"%s\",\"keys\":%zu}", keys.items[0].id, keys.count));
	seal_keys_wipe(&keys);
	return CLI_DONE;
}

/* ---- sealed with it ---- */

/* The id of the first key of the configuration; NULL with a problem. */
static const char *key_configured(struct cli *cli)
{
	struct seal_keys keys;
	bool good = config_secrets(&cli->config, &cli->arena, &cli->problems, &keys);
	if (good && keys.count == 0)
		good = problem_value(&cli->problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE,
		                     "Make one with moonbill secrets key FILE, and name it in the configuration.",
		                     "secrets_key_file names no file: there is nothing to seal with");
	const char *id = good ? text_c(&cli->arena, text_of(keys.items[0].id)) : NULL;
	seal_keys_wipe(&keys);
	return id;
}

struct counts {
	int64_t secrets, sealed;
};

static bool tenant_seal(struct session *session, struct text tenant, const char *key_id, struct counts *counts)
{
	struct cli *cli = session->cli;
	struct text output;
	struct text_builder out;
	struct json_writer writer;
	int64_t secrets = 0, sealed = 0;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "command");
	json_c(&writer, "secrets.seal");
	json_name(&writer, "tenant");
	json_string(&writer, tenant);
	json_name(&writer, "input");
	json_raw(&writer, text_format(&cli->arena, "{\"key_id\":\"%s\"}", key_id));
	json_end_object(&writer);
	if (!session_ask(session, builder_text(&out), &output))
		return false;
	const struct json *answer = json_parse(output, &cli->arena, &cli->problems);
	text_to_int64(json_text(json_member(answer, "secrets")), &secrets);
	text_to_int64(json_text(json_member(answer, "sealed")), &sealed);
	counts->secrets += secrets;
	counts->sealed += sealed;
	return true;
}

static bool tenants_seal(struct session *session, const char *key_id, struct counts *counts)
{
	struct cli *cli = session->cli;
	struct text output;
	if (!session_ask(session, TEXT("{\"list\":\"tenants\"}"), &output))
		return false;
	const struct json *items = json_member(json_parse_limited(output, INT32_MAX, &cli->arena, &cli->problems), "items");
	for (const struct json *item = items->first; item; item = item->next) {
		struct arena_mark mark = arena_mark(&cli->arena);
		if (!tenant_seal(session, json_text(json_member(item, "name")), key_id, counts))
			return false;
		arena_rewind(&cli->arena, mark);
	}
	return true;
}

static enum cli_exit seal_run(struct cli *cli)
{
	struct session session;
	struct counts counts = { 0, 0 };
	const char *key_id = key_configured(cli);
	if (!key_id) {
		output_problems(cli);
		return CLI_FAILED;
	}
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = tenants_seal(&session, key_id, &counts);
	session_close(&session);
	if (good)
		output_object(cli, text_format(&cli->arena, "{\"key_id\":\"%s\",\"secrets\":%lld,\"sealed\":%lld}", key_id,
		                               (long long)counts.secrets, (long long)counts.sealed));
	return good ? CLI_DONE : CLI_FAILED;
}

const struct cli_subcommand secrets_key_subcommand = {
	.name = "secrets key", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1,
	.doc = "Makes a key to seal the store's secrets with, as the first of a file of keys; those that are there stay, to read what they sealed.",
	.example = "  moonbill secrets key /etc/moonbill/secrets.key\n",
	.run = key_run,
};

const struct cli_subcommand secrets_seal_subcommand = {
	.name = "secrets seal", .arguments = "",
	.doc = "Seals all secrets of the store with the first key of secrets_key_file: once it is set, and after a new key.",
	.example = "  moonbill secrets key /etc/moonbill/secrets.key && systemctl restart moonbill && moonbill secrets seal\n",
	.run = seal_run,
};
