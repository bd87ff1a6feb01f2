/* console_help.c: what there is: nouns, commands with their fields, records, events, policies. */
#include "console_state.h"

#include "event/dispatch.h"
#include "value/catalogue.h"

#include <string.h>

/* ------------------------------------------------------------------------------------------------ commands */

static struct text noun_of(const char *command)
{
	struct text noun, verb;
	text_split(text_of(command), '.', &noun, &verb);
	return noun;
}

/* Commands of a noun; 0: it has none. */
static size_t commands_tell(struct console *console, struct text noun)
{
	static const char *const heads[] = { "command", "" };
	const struct command_type *type;
	size_t count = 0, rows = 0;
	while (engine_command_at(console->sandbox.engine, count))
		count++;
	struct text *cells = arena_new_many(&console->arena, struct text, 2 * count + 1);
	for (size_t i = 0; (type = engine_command_at(console->sandbox.engine, i)); i++) {
		if (!text_equals(noun_of(type->name), noun))
			continue;
		cells[2 * rows] = text_of(type->name);
		cells[2 * rows++ + 1] = text_of(type->doc);
	}
	struct printer printer = console_printer(console);
	if (rows)
		print_table(&printer, heads, cells, 2, rows);
	return rows;
}

enum { PARTS_MAX = 40 };

struct parts {
	const struct record *items[PARTS_MAX];
	size_t count;
};

static void parts_note(struct parts *parts, const struct record *record)
{
	for (size_t i = 0; i < record->field_count; i++) {
		const struct record *of = record->fields[i].of;
		bool part = record->fields[i].kind == KIND_RECORD || record->fields[i].kind == KIND_LIST, known = false;
		for (size_t k = 0; k < parts->count; k++)
			known = known || parts->items[k] == of;
		if (part && !known && parts->count < PARTS_MAX)
			parts->items[parts->count++] = of;
	}
}

static void input_tell(struct console *console, const struct record *input)
{
	struct printer printer = console_printer(console);
	struct parts parts = { .count = 0 };
	if (input->field_count == 0)
		fputs("  it takes nothing\n", console->out);
	else
		print_fields(&printer, input, true);
	parts_note(&parts, input);
	for (size_t i = 0; i < parts.count; i++) {
		fprintf(console->out, "\n%s: %s\n", parts.items[i]->name, parts.items[i]->doc);
		print_fields(&printer, parts.items[i], true);
		parts_note(&parts, parts.items[i]);
	}
}

static void command_tell(struct console *console, const struct command_type *type)
{
	fprintf(console->out, "%s { ... }: %s\n\n", type->name, type->doc);
	input_tell(console, type->input);
	if (type->output)
		fprintf(console->out, "\ngives: %s\n", type->output->name);
}

/* ------------------------------------------------------------------------------------------------ records, events, policies */

static void record_tell(struct console *console, const struct record *record)
{
	struct printer printer = console_printer(console);
	fprintf(console->out, "%s: %s\n\n", record->name, record->doc);
	print_fields(&printer, record, false);
}

static void event_tell(const struct console *console, enum event event)
{
	const struct event_info *info = event_info(event);
	fprintf(console->out, "%s%s%s%s%s\n", info->name, info->pre.exists ? "  pre" : "", info->post.exists ? "  post" : "",
	        info->signal.exists ? "  signal" : "", info->waits ? "  (does not happen in this version)" : "");
	if (info->subject)
		fprintf(console->out, "its rules are given: %s (\\d %s)\n", info->subject->name, info->subject->name);
}

static void policy_tell(struct console *console, enum policy policy)
{
	const struct policy_info *info = policy_info(policy);
	struct printer printer = console_printer(console);
	fprintf(console->out, "policy %s: %s\n", info->name, info->doc);
	if (info->input) {
		fputc('\n', console->out);
		print_fields(&printer, info->input, false);
	}
	if (info->default_choice)
		fprintf(console->out, "\nshipped: %s\n", info->default_choice);
}

static const char *anything_candidate(const void *context, size_t i)
{
	const struct console *console = context;
	const char *command = engine_command_candidate(console->sandbox.engine, i);
	if (command)
		return command;
	size_t commands = 0, records = 0;
	while (engine_command_at(console->sandbox.engine, commands))
		commands++;
	while (records_all[records])
		records++;
	i -= commands;
	if (i < records)
		return records_all[i]->name;
	i -= records;
	if (i < EVENT_COUNT - 1)
		return event_info((enum event)(i + 1))->name;
	return policy_name_candidate(NULL, i - (EVENT_COUNT - 1));
}

/* Whatever goes by that name: a command, an event, a record, a policy. */
static bool anything_tell(struct console *console, struct text name, bool commands_of_noun)
{
	enum event_side_kind side;
	const struct command_type *type = engine_command(console->sandbox.engine, name);
	enum event event = event_find(name, &side);
	const struct record *record = record_by_name(name);
	enum policy policy = policy_find(name);
	if (type)
		command_tell(console, type);
	if (event != EVENT_NONE)
		event_tell(console, event);
	bool listed = commands_of_noun && commands_tell(console, name) > 0;
	if (record && !(listed && commands_of_noun))
		record_tell(console, record);
	if (policy != POLICY_NONE)
		policy_tell(console, policy);
	return type || event != EVENT_NONE || record || listed || policy != POLICY_NONE;
}

static void unknown(struct console *console, struct text name)
{
	console_error(console, "there is no command, record, event or policy '%.*s'%s", TEXT_ARG(name),
	              text_did_you_mean(&console->arena, name, anything_candidate, console));
}

/* ------------------------------------------------------------------------------------------------ \d and \? */

/* Nouns, a few a line. */
static void nouns_tell(struct console *console)
{
	size_t used = 0;
	const char *name;
	for (size_t i = 0; (name = rule_console_name_at(console->lua, i)) && strcmp(name, "now") != 0; i++) {
		size_t length = strlen(name) + 2;
		if (used + length > PRINT_WIDTH_DEFAULT) {
			fputc('\n', console->out);
			used = 0;
		}
		fprintf(console->out, "%s%s", used ? "  " : "", name);
		used += length;
	}
	fputs("\n\\d NAME tells the fields of one, \\? NAME its commands\n", console->out);
}

void console_describe(struct console *console, struct text argument)
{
	if (argument.length == 0)
		nouns_tell(console);
	else if (!anything_tell(console, argument, !record_by_name(argument)))
		unknown(console, argument);
}

void console_help(struct console *console, struct text argument)
{
	if (!anything_tell(console, argument, true))
		unknown(console, argument);
}
