/* console_command.c: \commands as a table. */
#include "console_state.h"

#include "base/log.h"

#include <string.h>

struct backslash {
	const char *name, *arguments, *doc;
	void (*run)(struct console *console, struct text argument);
};

/* ------------------------------------------------------------------------------------------------ small ones */

static void json_turn(struct console *console, struct text argument)
{
	if (argument.length && !text_is(argument, "on") && !text_is(argument, "off")) {
		console_error(console, "\\json [on|off]");
		return;
	}
	console->json = argument.length ? text_is(argument, "on") : !console->json;
	fprintf(console->out, "values are shown as %s\n", console->json ? "JSON" : "tables");
}

static void trace_turn(struct console *console, struct text argument)
{
	if (argument.length && !text_is(argument, "on") && !text_is(argument, "off")) {
		console_error(console, "\\trace [on|off]");
		return;
	}
	console->tracing = argument.length ? text_is(argument, "on") : !console->tracing;
	fprintf(console->out, "events and rules are %s\n", console->tracing ? "listed as they happen" : "counted");
}

static void fuel_set(struct console *console, struct text argument)
{
	int64_t fuel;
	if (argument.length && (!text_to_int64(argument, &fuel) || fuel < 1000 || fuel > INT64_C(1000000000000))) {
		console_error(console, "\\fuel takes a number of units from 1000 to 10^12; rules have %d", RULE_FUEL_DEFAULT);
		return;
	}
	if (argument.length)
		console->fuel = fuel;
	fprintf(console->out, "a statement has %lld units; a rule always has %d\n", (long long)console->fuel, RULE_FUEL_DEFAULT);
}

static void show(struct console *console, struct text argument)
{
	struct text noun, id;
	int64_t number;
	struct rule_console_result result;
	struct printer printer = console_printer(console);
	if (!text_split(argument, ' ', &noun, &id) || !text_to_int64(text_trim(id), &number)) {
		console_error(console, "\\show NOUN ID, as in \\show invoice 1");
		return;
	}
	rule_console_run(console->lua, text_format(&console->arena, "%.*s[%lld]", TEXT_ARG(noun), (long long)number), console->fuel,
	                 &console->arena, &result);
	if (result.outcome == RULE_CONSOLE_DONE && result.count)
		print_value(&printer, &result.values[0]);
	else
		console_error(console, "%.*s", TEXT_ARG(result.message));
}

static void quit(struct console *console, struct text argument)
{
	(void)argument;
	console->ended = true;
}

/* ------------------------------------------------------------------------------------------------ marks */

static void commands_left(const struct console *console)
{
	size_t count = console->sandbox.commands.count;
	fprintf(console->out, "%zu command%s since the beginning, at %s\n", count, count == 1 ? "" : "s",
	        instant_text(&((struct console *)(uintptr_t)console)->arena, console->sandbox.now).data);
}

/* \begin [at DATE] */
static void begin(struct console *console, struct text argument)
{
	struct instant at = INSTANT_NONE;
	struct text word, rest;
	if (text_split(argument, ' ', &word, &rest) && text_is(word, "at"))
		argument = text_trim(rest);
	if (argument.length && !console_instant(console, argument, &at))
		return;
	if (!sandbox_mark(&console->sandbox)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	fputs("\\rollback comes back to here\n", console->out);
	if (at.us)
		console_at(console, argument);
}

static void rollback(struct console *console, struct text argument)
{
	(void)argument;
	if (sandbox_rollback(&console->sandbox))
		commands_left(console);
	else
		console_problems(console, &console->sandbox.problems);
	console->ended = console->ended || !console->sandbox.engine;
}

static bool ids_differ(struct console *console, struct text sandbox, struct text live)
{
	struct problems ignored;
	problems_init(&ignored, &console->arena);
	const struct json *a = text_present(sandbox) ? json_parse_limited(sandbox, INT32_MAX, &console->arena, &ignored) : NULL;
	const struct json *b = text_present(live) ? json_parse_limited(live, INT32_MAX, &console->arena, &ignored) : NULL;
	const struct json *id = a ? json_member(a, "id") : NULL, *other = b ? json_member(b, "id") : NULL;
	return id && other && !text_equals(json_text(id), json_text(other));
}

/* Done again, one after the other; what has been done for good is not done twice. */
static void commands_commit(struct console *console)
{
	const struct console_options *options = console->options;
	size_t count = console->sandbox.commands.count, done = 0;
	bool good = true, same = true;
	while (good && same && done < count) {
		const struct sandbox_command *command = &console->sandbox.commands.items[done];
		struct text output = TEXT_NONE;
		good = options->commit(options->context, command->type->name, command->input, &output);
		same = !good || !ids_differ(console, command->output, output);
		done += good;
		fprintf(console->out, "%s %s\n", good ? "done " : "FAILED", command->type->name);
	}
	console->sandbox.commands.count = 0;
	for (size_t i = done; i < count; i++)
		console->sandbox.commands.items[console->sandbox.commands.count++] = console->sandbox.commands.items[i];
	for (size_t i = 0; i < console->sandbox.mark_count; i++)
		console->sandbox.marks[i].commands = 0;
	if (!good)
		console_error(console, "%zu of %zu commands are done for good; the rest is not", done, count);
	else if (!same)
		console_error(console, "others have written there meanwhile: its ids are not those of the sandbox\n"
		                       "  %zu of %zu commands are done for good; the rest is not", done, count);
	else
		fprintf(console->out, "%zu command%s done for good on %.*s\n", count, count == 1 ? " is" : "s are",
		        TEXT_ARG(console->sandbox.tenant));
}

static struct text input_shown(struct console *console, size_t i)
{
	struct text input = print_masked(&console->arena, console->sandbox.commands.items[i].input);
	return print_safe(&console->arena, input, PRINT_WIDTH_DEFAULT);
}

/* \commit TENANT: who names the tenant has been asked. */
static void commit(struct console *console, struct text argument)
{
	struct text tenant = console->sandbox.tenant;
	size_t count = console->sandbox.commands.count;
	if (!console->options->commit) {
		console_error(console, "there is no tenant behind this sandbox: it began with a bundle");
	} else if (count == 0) {
		fputs("there is nothing to commit: no command was done\n", console->out);
	} else if (argument.length == 0) {
		fprintf(console->out, "This does %zu command%s again, for good, on tenant %.*s (%s clock), in this order:\n", count,
		        count == 1 ? "" : "s", TEXT_ARG(tenant), console->sandbox.live ? "live" : "test");
		for (size_t i = 0; i < count; i++)
			fprintf(console->out, "  %s %.*s\n", console->sandbox.commands.items[i].type->name,
			        TEXT_ARG(input_shown(console, i)));
		fprintf(console->out, "Moves of the sandbox's clock are not among them. To do it: \\commit %.*s\n", TEXT_ARG(tenant));
	} else if (!text_equals(argument, tenant)) {
		console_error(console, "the tenant behind this sandbox is %.*s, not '%.*s'", TEXT_ARG(tenant), TEXT_ARG(argument));
	} else {
		commands_commit(console);
	}
}

/* ------------------------------------------------------------------------------------------------ \reload */

static void reload(struct console *console, struct text argument)
{
	const struct console_options *options = console->options;
	const char *folder = argument.length ? text_c(&console->arena, argument) : options->folder;
	struct problems problems;
	struct text archive;
	void *output;
	problems_init(&problems, &console->arena);
	if (!folder) {
		console_error(console, "\\reload DIR: which folder has the bundle?");
		return;
	}
	if (!options->bundle_read(options->context, folder, &console->arena, &problems, &archive)) {
		console_problems(console, &problems);
		return;
	}
	size_t before = console->sandbox.commands.count;
	struct text input = text_format(&console->arena, "{\"archive\":%.*s}", TEXT_ARG(archive));
	if (!sandbox_command(&console->sandbox, engine_command(console->sandbox.engine, TEXT("bundle.deploy")), input, &output)) {
		console_problems(console, &console->sandbox.problems);
		return;
	}
	console->sandbox.commands.count = before; /* a bundle goes live by moonbill deploy */
	fprintf(console->out, "%s is in force in this sandbox\n", folder);
}

/* ------------------------------------------------------------------------------------------------ the table */

static void help(struct console *console, struct text argument);

static const struct backslash commands[] = {
	{ "?", "[NAME]", "This; or the commands of a noun, the fields of a command, an event, a policy.", help },
	{ "d", "[NAME]", "Nouns; or the fields of a record, with their kinds.", console_describe },
	{ "show", "NOUN ID", "A record as a block, as NOUN[ID] does.", show },
	{ "events", "[COUNT | EVENT | NOUN [ID]]", "The last events of the journal.", console_events },
	{ "trace", "[on|off]", "Lists each event and rule of what is typed, in their order.", trace_turn },
	{ "rules", "[EVENT | POLICY | TEXT]", "Rules of the bundle in force, in their order.", console_rules },
	{ "chain", "POLICY [PLAN]", "Who is asked for a decision, one after the other, and why somebody is passed over.", console_chain },
	{ "why", "[VALUE]", "How an amount of an invoice, a line, a credit note or a credit came about; of the last value.", console_why },
	{ "at", "[DATE | INSTANT]", "Moves the clock; later: what is due on the way happens. Alone: what time it is.", console_at },
	{ "next", "[KIND]", "Moves the clock to the next work that waits, or the next of a kind.", console_next },
	{ "reload", "[DIR]", "Reads the bundle's folder again and puts it in force here.", reload },
	{ "begin", "[at DATE]", "Sets a mark for \\rollback.", begin },
	{ "rollback", "", "Undoes everything since the last \\begin, or since the start.", rollback },
	{ "commit", "[TENANT]", "Lists the commands that were done; with the tenant's name does them again, for good.", commit },
	{ "save", "FILE", "Writes what was typed and said as a session, for moonbill test.", console_save },
	{ "json", "[on|off]", "Shows values as JSON.", json_turn },
	{ "fuel", "[UNITS]", "What a statement may spend.", fuel_set },
	{ "q", "", "Ends the console, as the end of its input does.", quit },
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const char *console_command_name_at(size_t i)
{
	return i < COMMAND_COUNT ? commands[i].name : NULL;
}

const char *console_command_doc_at(size_t i)
{
	return commands[i].doc;
}

static void help(struct console *console, struct text argument)
{
	static const char lead[] =
	        "Type Lua. What you do happens in a copy in memory; \\rollback undoes it, and only \\commit leaves it.\n\n"
	        "  account.create { name = \"Ann\" }     a command; \\? account lists those of a noun\n"
	        "  invoice[1].total                    a record by its id\n"
	        "  invoice { status = \"open\" }         records by their fields\n"
	        "  x = _.lines                         a variable; _ is the last value\n\n"
	        "A statement may go on over lines; Ctrl-C gives it up, or stops what runs.\n\n";
	struct text *cells = arena_new_many(&console->arena, struct text, 2 * COMMAND_COUNT);
	static const char *const heads[] = { "command", "" };
	if (argument.length) {
		console_help(console, argument);
		return;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		cells[2 * i] = text_format(&console->arena, "\\%s %s", commands[i].name, commands[i].arguments);
		cells[2 * i + 1] = text_of(commands[i].doc);
	}
	fputs(lead, console->out);
	struct printer printer = console_printer(console);
	print_table(&printer, heads, cells, 2, COMMAND_COUNT);
}

static const char *command_candidate(const void *context, size_t i)
{
	(void)context;
	return console_command_name_at(i);
}

void console_command(struct console *console, struct text line)
{
	struct text name, argument;
	if (!text_split(text_slice(line, 1, line.length), ' ', &name, &argument))
		argument = TEXT("");
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (!text_is(name, commands[i].name))
			continue;
		commands[i].run(console, text_trim(argument));
		return;
	}
	console_error(console, "there is no \\%.*s%s; \\? lists what there is", TEXT_ARG(name),
	              text_did_you_mean(&console->arena, name, command_candidate, NULL));
}
