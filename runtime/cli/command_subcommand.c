/* command_subcommand.c: moonbill do, commands list, commands show: every command of the engine, from its own tables. */
#include "billing/billing.h"
#include "event/command.h"
#include "event/engine.h"
#include "file.h"
#include "operation.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

/* ------------------------------------------------------------------------------------------------ what there is */

/* The tables follow from no store: an empty one in memory will do. */
static struct engine *tables_open(struct cli *cli)
{
	const struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs };
	struct engine *engine = engine_open(TEXT(":memory:"), &options, &cli->problems);
	if (!engine)
		output_problems(cli);
	return engine;
}

static const char *command_candidate(const void *engine, size_t i)
{
	const struct command_type *type = engine_command_at(engine, i);
	return type ? type->name : NULL;
}

static const struct command_type *type_need(struct cli *cli, const struct engine *engine, struct text name)
{
	const struct command_type *type = engine_command(engine, name);
	if (!type)
		problem_value(&cli->problems, PROBLEM_UNKNOWN_COMMAND, "", name, "List them with: moonbill commands list",
		              "there is no command '%.*s'%s", TEXT_ARG(name),
		              text_did_you_mean(&cli->arena, name, command_candidate, engine));
	return type;
}

/* ------------------------------------------------------------------------------------------------ listing */

static const char *const list_members[] = { "name", "scope", "doc", NULL };

/* Those whose names begin so; how many. */
static size_t list_write(const struct engine *engine, const char *prefix, struct json_writer *writer)
{
	const struct command_type *type;
	size_t count = 0;
	for (size_t i = 0; (type = engine_command_at(engine, i)) != NULL; i++) {
		if (!text_starts(text_of(type->name), prefix))
			continue;
		const char *const values[] = { type->name, type->scope, type->doc };
		count++;
		json_begin_object(writer);
		for (size_t m = 0; list_members[m]; m++) {
			json_name(writer, list_members[m]);
			json_c(writer, values[m]);
		}
		json_end_object(writer);
	}
	return count;
}

/* Beginnings: what stands before the point. */
struct beginnings {
	const struct engine *engine;
	struct arena *arena;
};

static const char *beginning_candidate(const void *context, size_t i)
{
	const struct beginnings *beginnings = context;
	struct text noun, verb;
	const struct command_type *type = engine_command_at(beginnings->engine, i);
	if (!type)
		return NULL;
	text_split(text_of(type->name), '.', &noun, &verb);
	return text_c(beginnings->arena, noun);
}

static void list_refuse(struct cli *cli, const struct engine *engine, struct text prefix)
{
	const struct beginnings beginnings = { engine, &cli->arena };
	problem_value(&cli->problems, PROBLEM_UNKNOWN_COMMAND, "", prefix, "List all with: moonbill commands list",
	              "no command begins with '%.*s'%s", TEXT_ARG(prefix),
	              text_did_you_mean(&cli->arena, prefix, beginning_candidate, &beginnings));
	output_problems(cli);
}

static enum cli_exit list_run(struct cli *cli)
{
	const struct text prefix = text_of(cli->argument_count ? cli->arguments[0] : "");
	struct engine *engine = tables_open(cli);
	struct text_builder out;
	struct json_writer writer;
	if (!engine)
		return CLI_FAILED;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "items");
	json_begin_array(&writer);
	size_t count = list_write(engine, text_c(&cli->arena, prefix), &writer);
	json_end_array(&writer);
	json_end_object(&writer);
	if (count)
		output_list(cli, builder_text(&out), list_members);
	else
		list_refuse(cli, engine, prefix);
	engine_close(engine);
	return count ? CLI_DONE : CLI_FAILED;
}

/* ------------------------------------------------------------------------------------------------ showing */

enum { SHOWN_RECORDS_MAX = 40 };

struct showing {
	struct arena *arena;
	const struct record *records[SHOWN_RECORDS_MAX]; /* to be shown after the first */
	size_t count;
};

static const char *const kind_words[] = {
	[KIND_ID] = "id",           [KIND_UUID] = "uuid",       [KIND_TEXT] = "text",
	[KIND_JSON] = "object",     [KIND_INTEGER] = "integer", [KIND_DECIMAL] = "decimal",
	[KIND_MONEY] = "money",     [KIND_EXACT] = "exact",     [KIND_CURRENCY] = "currency",
	[KIND_DATE] = "date",       [KIND_INSTANT] = "instant", [KIND_DURATION] = "duration",
	[KIND_BOOLEAN] = "boolean",
};

static void note_record(struct showing *showing, const struct record *record)
{
	for (size_t i = 0; i < showing->count; i++)
		if (showing->records[i] == record)
			return;
	if (showing->count < SHOWN_RECORDS_MAX)
		showing->records[showing->count++] = record;
}

static struct text words_of(struct arena *arena, const struct record_field *field)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 1; field->words[i]; i++)
		builder_format(&out, "%s%s", i > 1 ? "|" : "", field->words[i]);
	return builder_text(&out);
}

/* "text", "list of order_line", "draft|active" */
static struct text kind_of(struct showing *showing, const struct record_field *field)
{
	if (field->kind == KIND_CHOICE)
		return words_of(showing->arena, field);
	if (field->kind == KIND_RECORD || field->kind == KIND_LIST) {
		note_record(showing, field->of);
		return text_format(showing->arena, "%s%s", field->kind == KIND_LIST ? "list of " : "", field->of->name);
	}
	return text_of(kind_words[field->kind]);
}

static void fields_print(struct showing *showing, const struct record *record)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record_field *field = &record->fields[i];
		if (field->kind == KIND_RELATION)
			continue;
		struct text kind = kind_of(showing, field);
		const char *mark = field->flags & FIELD_REQUIRED ? "*" : " ";
		printf("  %s %-22s %-12.*s  %s\n", mark, field->name, TEXT_ARG(kind), field->doc);
	}
}

static void type_print(struct cli *cli, const struct command_type *type)
{
	struct showing showing = { .arena = &cli->arena };
	printf("%s (scope %s): %s\n\nInput (* is required):\n", type->name, type->scope, type->doc);
	fields_print(&showing, type->input);
	if (type->input->field_count == 0)
		printf("  nothing\n");
	for (size_t i = 0; i < showing.count; i++) {
		printf("\n%s: %s\n", showing.records[i]->name, showing.records[i]->doc);
		fields_print(&showing, showing.records[i]);
	}
	printf("\nOutput: %s\n", type->output ? type->output->name : "nothing");
}

static struct text type_json(struct cli *cli, const struct command_type *type)
{
	const char *const values[][2] = { { "name", type->name },
		                          { "scope", type->scope },
		                          { "doc", type->doc },
		                          { "input", type->input->name },
		                          { "output", type->output ? type->output->name : NULL } };
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		json_name(&writer, values[i][0]);
		if (values[i][1])
			json_c(&writer, values[i][1]);
		else
			json_null(&writer);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static enum cli_exit show_run(struct cli *cli)
{
	struct engine *engine = tables_open(cli);
	if (!engine)
		return CLI_FAILED;
	const struct command_type *type = type_need(cli, engine, text_of(cli->arguments[0]));
	if (!type)
		output_problems(cli);
	else if (cli->json)
		output_object(cli, type_json(cli, type));
	else
		type_print(cli, type);
	engine_close(engine);
	return type ? CLI_DONE : CLI_FAILED;
}

/* ------------------------------------------------------------------------------------------------ the input */

static bool is_json(struct cli *cli, struct text text)
{
	struct problems problems;
	problems_init(&problems, &cli->arena);
	return json_parse(text, &cli->arena, &problems) != NULL;
}

/* Numbers, truth and what has parts are written as they are in JSON; everything else is a text there. What does not fit
 * becomes a text too, so that the command says what is wrong with it. */
static void value_write(struct cli *cli, struct json_writer *writer, const struct record_field *field, struct text value)
{
	bool plain = field && (field->kind == KIND_ID || field->kind == KIND_INTEGER || field->kind == KIND_BOOLEAN ||
	                       field->kind == KIND_RECORD || field->kind == KIND_LIST || field->kind == KIND_JSON);
	if (plain && is_json(cli, value))
		json_raw(writer, value);
	else
		json_string(writer, value);
}

/* {"name":"VIP","object_id":1} of name=VIP object_id=1 */
static bool fields_read(struct cli *cli, const struct command_type *type, struct text *input)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (int i = 1; i < cli->argument_count; i++) {
		struct text name, value;
		if (!text_split(text_of(cli->arguments[i]), '=', &name, &value))
			return problem_value(&cli->problems, PROBLEM_BAD_REQUEST, "", text_of(cli->arguments[i]),
			                     "Write FIELD=VALUE, one JSON object, @FILE or -.", "'%s' is no field with a value",
			                     cli->arguments[i]);
		int field = record_field_find(type->input, name);
		json_name(&writer, text_c(&cli->arena, name));
		value_write(cli, &writer, field < 0 ? NULL : &type->input->fields[field], value);
	}
	json_end_object(&writer);
	*input = builder_text(&out);
	return true;
}

static bool input_read(struct cli *cli, const struct command_type *type, struct text *input)
{
	const char *first = cli->argument_count > 1 ? cli->arguments[1] : "{}";
	bool whole = first[0] == '{' || first[0] == '@' || strcmp(first, "-") == 0;
	if (!whole)
		return fields_read(cli, type, input);
	if (cli->argument_count > 2)
		return problem(&cli->problems, PROBLEM_BAD_REQUEST, "", "'%s' comes beside an input that is whole", cli->arguments[2]);
	*input = text_of(first);
	if (first[0] == '@' && !file_read(first + 1, OPERATION_BYTES_MAX, &cli->arena, &cli->problems, input))
		return false;
	if (first[0] == '-' && !file_read_input(OPERATION_BYTES_MAX, &cli->arena, &cli->problems, input))
		return false;
	return json_parse_limited(*input, INT32_MAX, &cli->arena, &cli->problems) != NULL;
}

static enum cli_exit ask(struct cli *cli, struct text request)
{
	struct session session;
	struct text output;
	if (!session_open(&session, cli))
		return CLI_FAILED;
	bool good = session_ask(&session, request, &output);
	if (good && cli_value(cli, "--dry-run"))
		output_dry_run(cli, output);
	else if (good)
		output_object(cli, output);
	session_close(&session);
	return good ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit do_run(struct cli *cli)
{
	struct engine *engine = tables_open(cli);
	struct text input;
	if (!engine)
		return CLI_FAILED;
	const struct command_type *type = type_need(cli, engine, text_of(cli->arguments[0]));
	bool good = type && input_read(cli, type, &input);
	engine_close(engine);
	if (!good) {
		output_problems(cli);
		return CLI_FAILED;
	}
	return ask(cli, session_command(cli, type->name, input));
}

/* ------------------------------------------------------------------------------------------------ rows */

static const struct cli_option do_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--dry-run", NULL, "Show what it would answer and which events would happen; nothing of it stays." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand commands_list_subcommand = {
	.name = "commands list", .arguments = "[PREFIX]", .arguments_max = 1,
	.doc = "Lists the commands that 'moonbill do' does, all or those that begin like this.",
	.example = "  moonbill commands list\n  moonbill commands list tag\n",
	.run = list_run,
};

const struct cli_subcommand commands_show_subcommand = {
	.name = "commands show", .arguments = "COMMAND", .arguments_min = 1, .arguments_max = 1,
	.doc = "Shows a command with every field of its input.",
	.example = "  moonbill commands show task.create\n",
	.run = show_run,
};

const struct cli_subcommand do_subcommand = {
	.name = "do", .arguments = "COMMAND [FIELD=VALUE... | JSON | @FILE | -]", .arguments_min = 1,
	.arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Does a command, with its input as fields, as JSON, from a file or from standard input.",
	.example = "  moonbill do tag.create name=AUTO_PAY_OFF object_type=account object_id=1 --tenant hosting\n"
	           "  moonbill do task.create '{\"name\": \"NotificationHandler\", \"period\": \"P1D\"}'\n"
	           "  moonbill do order.place @order.json --dry-run --json\n",
	.options = do_options, .run = do_run,
};
