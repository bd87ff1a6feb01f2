/* console.c: from a line that was typed to what is said to it. */
#include "console_state.h"

#include "billing/billing.h"

#include <string.h>

static atomic_bool interrupted;

const atomic_bool *console_interrupted(void)
{
	return &interrupted;
}

/* ------------------------------------------------------------------------------------------------ the host of its Lua */

static const char *host_command_at(void *context, size_t i, const struct record **input)
{
	const struct console *console = context;
	const struct command_type *type = engine_command_at(console->sandbox.engine, i);
	if (!type)
		return NULL;
	*input = type->input;
	return type->name;
}

static bool host_command(void *context, size_t i, struct text input, const struct record **record, void **value,
                         struct text *refusal)
{
	struct console *console = context;
	const struct command_type *type = engine_command_at(console->sandbox.engine, i);
	*record = type->output;
	if (type->global) {
		*refusal = text_format(&console->arena, "%s is not of one tenant: use moonbill do %s", type->name, type->name);
		return false;
	}
	if (sandbox_command(&console->sandbox, type, input, value))
		return true;
	*refusal = console_problem_text(console, &console->arena, &console->sandbox.problems);
	return false;
}

static void *host_load(void *context, const struct record *record, int64_t id)
{
	return sandbox_load(&((struct console *)context)->sandbox, record, id);
}

static bool host_each(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
                      int64_t after_id, size_t limit, struct record_list *rows)
{
	return sandbox_each(&((struct console *)context)->sandbox, record, filters, filter_count, after_id, limit, rows);
}

static bool host_is_gone(void *context, const void *value)
{
	return sandbox_is_gone(&((const struct console *)context)->sandbox, value);
}

/* What a rule author prints keeps its lines. */
static void host_print(void *context, struct text line)
{
	print_lines(((const struct console *)context)->out, line);
}

/* ------------------------------------------------------------------------------------------------ begin and end */

bool console_begin(struct console *console, const struct console_options *options, struct problems *problems)
{
	*console = (struct console){ .options = options, .json = options->json, .fuel = RULE_FUEL_DEFAULT };
	console->host = (struct rule_console_host){ .context = console, .command_at = host_command_at, .command = host_command,
		                                    .load = host_load, .each = host_each, .is_gone = host_is_gone,
		                                    .print = host_print };
	if (!arena_init(&console->arena, CONSOLE_ARENA_BYTES) || !arena_init(&console->kept, CONSOLE_ARENA_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the console");
	builder_init(&console->input, &console->kept, 0);
	if (!sandbox_open(&console->sandbox, options->image, options->tenant, problems))
		return false;
	console->lua = rule_console_open(&console->host, &interrupted);
	return console->lua || problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the console");
}

void console_end(struct console *console)
{
	rule_console_close(console->lua);
	sandbox_close(&console->sandbox);
	arena_finish(&console->arena);
	arena_finish(&console->kept);
}

struct text console_prompt(struct console *console)
{
	struct text name = text_present(console->sandbox.tenant) ? console->sandbox.tenant : TEXT("sandbox");
	if (console->input.length)
		return text_format(&console->arena, "%*s> ", (int)name.length + 11, "...");
	return text_format(&console->arena, "%.*s %.*s> ", TEXT_ARG(name),
	                   TEXT_ARG(date_text(&console->arena, console->sandbox.today)));
}

struct printer console_printer(struct console *console)
{
	return (struct printer){ .out = console->out, .arena = &console->arena, .json = console->json,
		                 .width = PRINT_WIDTH_DEFAULT, .is_gone = host_is_gone, .context = console };
}

/* ------------------------------------------------------------------------------------------------ statements */

/* What a variable holds is how it is now. */
static void refresh(struct console *console)
{
	if (sandbox_refresh(&console->sandbox))
		rule_console_refresh(console->lua);
	rule_console_set_now(console->lua, console->sandbox.now, console->sandbox.today, console->sandbox.settings);
}

static void statement_run(struct console *console, struct text source)
{
	struct rule_console_result result;
	struct printer printer = console_printer(console);
	rule_console_run(console->lua, source, console->fuel, &console->arena, &result);
	for (size_t i = 0; result.outcome == RULE_CONSOLE_DONE && i < result.count; i++)
		if (result.values[i].kind != RULE_CONSOLE_NIL || result.count > 1 || text_is(text_trim(source), "nil"))
			print_value(&printer, &result.values[i]);
	console_events_tell(console);
	if (result.outcome == RULE_CONSOLE_INCOMPLETE)
		console_error(console, "the statement is not complete: %.*s", TEXT_ARG(result.message));
	else if (result.outcome != RULE_CONSOLE_DONE)
		console_error(console, "%.*s", TEXT_ARG(result.message));
}

static bool streams_open(struct console *console, char **said, size_t *said_size, char **wrong, size_t *wrong_size)
{
	console->out = open_memstream(said, said_size);
	console->err = open_memstream(wrong, wrong_size);
	return console->out && console->err;
}

/* Results first, then what is wrong: a statement says nothing more once it has failed. */
static void exchange_keep(struct console *console, struct text input, struct text said, struct text wrong)
{
	struct exchange *exchange = list_add(&console->kept, &console->exchanges, struct exchange);
	exchange->input = text_copy(&console->kept, input);
	exchange->output = text_format(&console->kept, "%.*s%.*s", TEXT_ARG(said), TEXT_ARG(wrong));
	exchange->failed = console->failed;
}

static void input_run(struct console *console, struct text input)
{
	char *said = NULL, *wrong = NULL;
	size_t said_size = 0, wrong_size = 0;
	arena_reset(&console->arena);
	atomic_store(&interrupted, false);
	console->failed = false;
	console->commands_before = console->sandbox.commands.count;
	sandbox_events_clear(&console->sandbox);
	if (!streams_open(console, &said, &said_size, &wrong, &wrong_size))
		BUG("no memory for what the console says");
	refresh(console);
	if (text_starts(input, "\\"))
		console_command(console, input);
	else
		statement_run(console, input);
	fclose(console->out);
	fclose(console->err);
	exchange_keep(console, input, (struct text){ said, said_size }, (struct text){ wrong, wrong_size });
	free(said);
	free(wrong);
}

void console_forget(struct console *console)
{
	console->input.length = 0;
}

bool console_take(struct console *console, struct text line)
{
	struct text trimmed = text_trim(line);
	if (trimmed.length && trimmed.data[0] == '\\') {
		console_forget(console);
		input_run(console, trimmed);
		return true;
	}
	if (console->input.length)
		builder_byte(&console->input, '\n');
	else if (trimmed.length == 0 || text_starts(trimmed, "--"))
		return false;
	builder_add(&console->input, line);
	struct text input = builder_text(&console->input);
	if (rule_console_incomplete(console->lua, input))
		return false;
	input = text_copy(&console->kept, input);
	console_forget(console);
	input_run(console, input);
	return true;
}

bool console_finish(struct console *console)
{
	if (!console->input.length)
		return false;
	struct text input = text_copy(&console->kept, builder_text(&console->input));
	console_forget(console);
	input_run(console, input);
	return true;
}
