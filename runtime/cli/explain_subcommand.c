/* explain_subcommand.c: moonbill explain. */
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

static const struct cli_option explain_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ NULL, NULL, NULL },
};

/* ---- what a person reads ---- */

static struct text member(const struct json *object, const char *name)
{
	struct text text = json_text(json_member(object, name));
	return text_present(text) ? text : TEXT("");
}

static bool is_same(const struct json *object)
{
	const struct json *same = json_member(object, "same");
	return same && same->type == JSON_TRUE;
}

/* The value of a list's member; NULL without items. */
static const struct json *first_of(const struct json *object, const char *name)
{
	const struct json *list = json_member(object, name);
	return list ? list->first : NULL;
}

static void total_print(const struct json *explanation)
{
	printf("invoice %.*s, %.*s\n", TEXT_ARG(member(explanation, "number")), TEXT_ARG(member(explanation, "status")));
	for (const struct json *line = first_of(explanation, "lines"); line; line = line->next)
		printf("  %3.*s  %-50.*s %12.*s\n", TEXT_ARG(member(line, "position")),
		       TEXT_ARG(text_front(member(line, "description"), 50)), TEXT_ARG(member(line, "amount")));
	printf("  %-55s %12.*s %.*s\n", "total", TEXT_ARG(member(explanation, "total")),
	       TEXT_ARG(member(explanation, "currency")));
	static const char *const parts[][2] = { { "paid", "less paid" }, { "credit_used", "less credits used" },
		                                { "credit_gained", "and credits gained" }, { "balance", "balance" } };
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		printf("  %-55s %12.*s\n", parts[i][1], TEXT_ARG(member(explanation, parts[i][0])));
}

static void rule_print(const struct json *step)
{
	if (json_member(step, "rule"))
		printf("             rule %.*s (%.*s:%.*s) of bundle %.*s\n", TEXT_ARG(member(step, "rule")),
		       TEXT_ARG(member(step, "file")), TEXT_ARG(member(step, "line")), TEXT_ARG(member(step, "bundle")));
	const struct json *inputs = json_member(step, "inputs");
	for (const struct json *input = inputs ? inputs->first : NULL; input; input = input->next)
		printf("               %.*s = %.*s\n", TEXT_ARG(input->name), TEXT_ARG(json_text(input)));
	if (json_member(step, "note"))
		printf("             %s: %.*s\n", is_same(step) ? "note" : "NOT THE SAME", TEXT_ARG(member(step, "note")));
}

static void steps_print(const struct json *object)
{
	for (const struct json *step = first_of(object, "steps"); step; step = step->next) {
		printf("  %-10.*s %.*s -> %.*s\n", TEXT_ARG(member(step, "step")), TEXT_ARG(member(step, "text")),
		       TEXT_ARG(member(step, "value")));
		rule_print(step);
	}
}

static void line_print(const struct json *line)
{
	printf("\nline %.*s: %.*s, %.*s", TEXT_ARG(member(line, "position")), TEXT_ARG(member(line, "kind")),
	       TEXT_ARG(member(line, "description")));
	if (json_member(line, "plan"))
		printf(", plan %.*s", TEXT_ARG(member(line, "plan")));
	if (json_member(line, "catalog_version"))
		printf(" of catalog %.*s (%.*s)", TEXT_ARG(member(line, "catalog_version")),
		       TEXT_ARG(member(line, "catalog_effective_at")));
	if (json_member(line, "period_start"))
		printf(", from %.*s until %.*s", TEXT_ARG(member(line, "period_start")), TEXT_ARG(member(line, "period_end")));
	printf("\n");
	if (json_member(line, "convention"))
		printf("  %-10s as %.*s does, chosen by %.*s. %.*s\n", "counted", TEXT_ARG(member(line, "convention")),
		       TEXT_ARG(member(line, "convention_by")), TEXT_ARG(member(line, "counted")));
	steps_print(line);
	printf("  %-10s %.*s %.*s\n", "amount", TEXT_ARG(member(line, "amount")), TEXT_ARG(member(line, "currency")));
}

/* A credit note or a credit: what it takes of which lines, then what that comes to. */
static void credit_print(const struct json *explanation)
{
	bool note = text_is(member(explanation, "object"), "credit_note");
	for (const struct json *line = first_of(explanation, "explained"); line; line = line->next)
		line_print(line);
	printf("\n%s %.*s, %.*s\n", note ? "credit note" : "credit", TEXT_ARG(member(explanation, note ? "number" : "id")),
	       TEXT_ARG(member(explanation, note ? "status" : "reason")));
	steps_print(explanation);
	printf("  %-10s %.*s %.*s\n", "amount", TEXT_ARG(member(explanation, "amount")),
	       TEXT_ARG(member(explanation, "currency")));
}

static void invoice_print(const struct json *explanation)
{
	total_print(explanation);
	for (const struct json *line = first_of(explanation, "explained"); line; line = line->next)
		line_print(line);
}

static void explanation_print(const struct json *explanation)
{
	if (json_member(explanation, "object"))
		credit_print(explanation);
	else
		invoice_print(explanation);
	printf("\n%s\n", is_same(explanation) ? "Done again, all of it comes to the same."
	                                     : "Done again, it does NOT come to the same.");
}

/* ---- asking ---- */

static struct text request_of(const struct cli *cli, int64_t line)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, cli->problems.arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "explain");
	json_c(&writer, cli->arguments[0]);
	session_tenant_write(&writer, cli);
	if (line) {
		json_name(&writer, "line");
		json_integer(&writer, line);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* A difference is a failure: scripts hold stores to it. */
static enum cli_exit explain_print(struct cli *cli, struct text output)
{
	const struct json *explanation = json_parse_limited(output, INT32_MAX, &cli->arena, &cli->problems);
	if (!explanation)
		BUG("our own JSON cannot be read: %.*s", TEXT_ARG(output));
	if (cli->json)
		output_object(cli, output);
	else
		explanation_print(explanation);
	return is_same(explanation) ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit explain_run(struct cli *cli)
{
	struct session session;
	struct text output;
	int64_t line = 0;
	if (cli->argument_count > 1 && (!text_to_int64(text_of(cli->arguments[1]), &line) || line < 1))
		return cli_usage_error(cli->subcommand, "LINE is the number of a line, from 1");
	if (!session_open(&session, cli))
		return CLI_FAILED;
	enum cli_exit end = session_ask(&session, request_of(cli, line), &output) ? explain_print(cli, output) : CLI_FAILED;
	session_close(&session);
	return end;
}

const struct cli_subcommand explain_subcommand = {
	.name = "explain", .arguments = "INVOICE [LINE]", .arguments_min = 1, .arguments_max = 2,
	.doc = "Tells how the amounts of an invoice (its number, or its id), of a credit note (its number) or of a credit "
	       "(credit:ID) came about, and does them again: exit code 1 when one comes out otherwise.",
	.example = "  moonbill explain 1019 1 --tenant hosting\n  moonbill explain CN-1\n  moonbill explain credit:7\n",
	.options = explain_options, .run = explain_run,
};
