/* branch_subcommand.c: moonbill branch, branch list, branch drop, tenant export, tenant import: copies of a tenant. */
#include "billing/billing.h"
#include "billing/branch.h"
#include "billing/mail.h"
#include "control.h"
#include "copy_file.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

static const struct cli_option branch_options[] = {
	{ "--at", "INSTANT", "Its first now, before or after the tenant's; what is due on the way forward runs." },
	{ "--to", "FILE", "Into a file, which is a store of its own, instead of the same store." },
	{ "--force", NULL, "With --to: replace the file if it is there." },
	{ NULL, NULL, NULL },
};

static const struct cli_option list_options[] = {
	{ "--tenant", "NAME", "Only those of this tenant." },
	{ NULL, NULL, NULL },
};

static const struct cli_option export_options[] = {
	{ "--force", NULL, "Replace the file if it is there; until the copy is known good the old one stays." },
	{ NULL, NULL, NULL },
};

static const struct cli_option import_options[] = {
	{ "--name", "NAME", "Of the tenant here; the one in the file when absent." },
	{ "--take-over", NULL, "It bills, sends and charges from now on, where the original stopped; else it is a branch." },
	{ NULL, NULL, NULL },
};

/* ---- requests ---- */

/* {MEMBER: VALUE, OTHER: VALUE, "take_over": true} */
static struct text request_of(const struct cli *cli, const char *member, const char *value, const char *other, const char *other_value)
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
	if (other_value) {
		json_name(&writer, other);
		json_c(&writer, other_value);
	}
	if (cli_value(cli, "--take-over")) {
		json_name(&writer, "take_over");
		json_boolean(&writer, true);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* ---- tenant export ---- */

static struct text export_request(const struct cli *cli, const char *path)
{
	return request_of(cli, "export", path, "tenant", cli->arguments[0]);
}

static enum cli_exit export_run(struct cli *cli)
{
	const struct copy_file file = { .word = "export", .path = cli->arguments[1], .request = export_request };
	return copy_file_run(cli, &file);
}

/* ---- tenant import ---- */

static bool file_is_good(struct cli *cli, const char *path)
{
	struct verify_totals totals;
	if (!file_verify(cli, "import", path, &totals))
		return false;
	return totals.violations == totals.of_content ||
	       problem_value(&cli->problems, PROBLEM_VERIFY_FAILED, "", text_of(path), "Export the tenant again.",
	                     "%s breaks %" PRId64 " invariants: it is damaged", path, totals.violations - totals.of_content);
}

static enum cli_exit import_run(struct cli *cli)
{
	char path[PATH_MAX];
	const char *given = cli->arguments[0];
	bool good = realpath(given, path) || problem_value(&cli->problems, PROBLEM_IO_FAILED, "", text_of(given), NULL, "%s: %s", given,
	                                                   strerror(errno));
	if (!good || !file_is_good(cli, path)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	return session_once(cli, request_of(cli, "import", path, "name", cli_value(cli, "--name")));
}

/* ---- branch ---- */

/* The answer with the clock that another one tells. */
static struct text with_clock(const struct cli *cli, struct text branch, const char *now)
{
	struct problems ignored;
	struct text_builder out;
	struct json_writer writer;
	problems_init(&ignored, cli->problems.arena);
	const struct json *object = json_parse(branch, cli->problems.arena, &ignored);
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (const struct json *member = object ? object->first : NULL; member; member = member->next) {
		json_name(&writer, text_c(cli->problems.arena, member->name));
		if (text_is(member->name, "clock"))
			json_c(&writer, now);
		else
			json_raw(&writer, json_tree_text(cli->problems.arena, member));
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static const char *name_in(const struct cli *cli, struct text branch)
{
	struct problems ignored;
	problems_init(&ignored, cli->problems.arena);
	const struct json *object = json_parse(branch, cli->problems.arena, &ignored);
	return object ? text_c(cli->problems.arena, json_text(json_member(object, "name"))) : "";
}

/* The way to --at may be long: its progress is told. The branch is there, and its key shown, whatever becomes of that. */
static bool clock_go(struct session *session, struct text *branch)
{
	const struct cli *cli = session->cli;
	const char *at = cli_value(cli, "--at");
	struct text ignored;
	if (!at)
		return true;
	bool good = session_ask_on(session, request_of(cli, "clock", at, "tenant", name_in(cli, *branch)), &ignored);
	if (good)
		*branch = with_clock(cli, *branch, at);
	return good;
}

static enum cli_exit branch_here(struct cli *cli)
{
	const char *name = cli->argument_count > 1 ? cli->arguments[1] : NULL;
	struct session session;
	struct text branch;
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool made = session_ask(&session, request_of(cli, "branch", name, "tenant", cli->arguments[0]), &branch);
	bool good = made && clock_go(&session, &branch);
	if (made)
		output_object(cli, branch);
	session_close(&session);
	return good ? CLI_DONE : CLI_FAILED;
}

/* ---- branch --to ---- */

/* In a store of its own, which nobody else knows yet. Its copy is one file, without a log. */
static bool branch_of_export(struct session *session, const char *exported, const char *work, const char *path, struct text *answer)
{
	struct cli *cli = session->cli;
	struct session own = { .cli = cli };
	struct text name = cli->argument_count > 1 ? text_of(cli->arguments[1]) : text_of(cli->arguments[0]);
	const struct import_order order = { .path = exported, .name = name, .origin = { .actor = TEXT("operator") } };
	const struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs, .messages = billing_messages,
		                                .secrets = session->secrets.count ? &session->secrets : NULL };
	struct tenant_created *branch = NULL;
	struct store_backup made;
	own.engine = engine_open(text_of(work), &options, &cli->problems);
	bool good = own.engine && tenant_import(own.engine, &order, &cli->arena, &cli->problems, &branch), went = true;
	if (good) {
		*answer = json_record_text(&cli->arena, &tenant_created_record, branch);
		went = clock_go(&own, answer);
		good = went && store_backup(engine_store(own.engine), path, NULL, &made, &cli->problems);
	}
	if (went && !good)
		output_problems(cli);
	if (own.engine)
		engine_close(own.engine);
	return good;
}

static bool branch_file_make(struct session *session, const char *path, struct text *answer)
{
	struct cli *cli = session->cli;
	const char *exported = text_format(&cli->arena, "%s.export", path).data, *work = text_format(&cli->arena, "%s.work", path).data;
	struct text ignored;
	if (!session_ask(session, export_request(cli, exported), &ignored))
		return false;
	bool good = branch_of_export(session, exported, work, path, answer);
	unlink(exported);
	unlink(work);
	return good;
}

static enum cli_exit branch_run(struct cli *cli)
{
	const char *to = cli_value(cli, "--to"), *at = cli_value(cli, "--at");
	const struct copy_file file = { .word = "branch", .path = to, .make = branch_file_make };
	struct instant instant;
	if (at && !instant_parse(text_of(at), &instant))
		return cli_usage_error(cli->subcommand, "--at: '%s' %s", at, instant_refusal(text_of(at)));
	if (!to && cli_value(cli, "--force"))
		return cli_usage_error(cli->subcommand, "--force goes with --to");
	return to ? copy_file_run(cli, &file) : branch_here(cli);
}

/* ---- branch list, branch drop ---- */

static enum cli_exit list_run(struct cli *cli)
{
	static const char *const members[] = { "id", "name", "branch_of", "branched_at", "clock", NULL };
	return session_list(cli, session_request(cli, "list", "branches"), members);
}

static enum cli_exit drop_run(struct cli *cli)
{
	return session_once(cli, session_request(cli, "drop", cli->arguments[0]));
}

/* ---- rows ---- */

const struct cli_subcommand tenant_export_subcommand = {
	.name = "tenant export", .arguments = "TENANT FILE", .arguments_min = 2, .arguments_max = 2,
	.doc = "Copies one tenant to a file, also while it is served, and holds the copy to every invariant.",
	.example = "  moonbill tenant export acme acme.db\n",
	.options = export_options, .run = export_run,
};

const struct cli_subcommand tenant_import_subcommand = {
	.name = "tenant import", .arguments = "FILE", .arguments_min = 1, .arguments_max = 1,
	.doc = "Copies the tenant of a file into the store, as a branch or to take over, and prints its API key.",
	.example = "  moonbill tenant import acme.db --name acme-looked-at\n"
	           "  moonbill tenant import acme.db --take-over --db new.db\n",
	.options = import_options, .makes_store = true, .run = import_run,
};

const struct cli_subcommand branch_subcommand = {
	.name = "branch", .arguments = "TENANT [NAME]", .arguments_min = 1, .arguments_max = 2,
	.doc = "Copies a tenant to try something: a clock that goes both ways, and nothing is sent or charged.",
	.example = "  moonbill branch acme try-rules --at 2026-12-01T00:00:00Z\n"
	           "  moonbill deploy new-rules/ --tenant try-rules\n"
	           "  moonbill clock --tenant try-rules --set 2027-03-01T00:00:00Z\n"
	           "  moonbill branch drop try-rules\n",
	.options = branch_options, .run = branch_run,
};

const struct cli_subcommand branch_list_subcommand = {
	.name = "branch list", .arguments = "",
	.doc = "Lists the branches of the store.",
	.example = "  moonbill branch list\n",
	.options = list_options, .run = list_run,
};

const struct cli_subcommand branch_drop_subcommand = {
	.name = "branch drop", .arguments = "NAME", .arguments_min = 1, .arguments_max = 1,
	.doc = "Removes a branch and all its rows, a piece at a time.",
	.example = "  moonbill branch drop try-rules\n",
	.run = drop_run,
};
