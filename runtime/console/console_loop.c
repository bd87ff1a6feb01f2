/* console_loop.c: lines from a terminal or a pipe, and what is said to them. */
#include "console_line.h"
#include "console_state.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------------------------ interruption */

static void interrupt(int number)
{
	(void)number;
	atomic_store((atomic_bool *)(uintptr_t)console_interrupted(), true);
}

/* Without SA_RESTART: a line that is being read ends as well. */
static void interruption_begin(struct sigaction *before)
{
	struct sigaction action = { .sa_handler = interrupt };
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, before);
}

/* ------------------------------------------------------------------------------------------------ what is said */

static void last_tell(const struct console *console)
{
	const struct exchange *exchange = &console->exchanges.items[console->exchanges.count - 1];
	size_t error = exchange->output.length;
	/* An error is the end of what is said, and begins a line. */
	for (size_t i = 0; exchange->failed && i < exchange->output.length; i++)
		if ((i == 0 || exchange->output.data[i - 1] == '\n') &&
		    text_starts(text_slice(exchange->output, i, exchange->output.length), "error: ")) {
			error = i;
			break;
		}
	fwrite(exchange->output.data, 1, error, stdout);
	fflush(stdout);
	fwrite(exchange->output.data + error, 1, exchange->output.length - error, stderr);
}

/* ------------------------------------------------------------------------------------------------ pipes */

static bool pipe_run(struct console *console)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	bool good = true;
	while (good && !console->ended && (length = getline(&line, &size, stdin)) >= 0) {
		if (length > 0 && line[length - 1] == '\n')
			length--;
		if (console_take(console, (struct text){ line, (size_t)length })) {
			last_tell(console);
			good = !console->failed;
		}
	}
	free(line);
	if (good && !console->ended && console_finish(console)) {
		last_tell(console);
		good = !console->failed;
	}
	return good && fflush(stdout) == 0;
}

/* ------------------------------------------------------------------------------------------------ a terminal */

static void greet(const struct console *console)
{
	printf("moonbill console: a sandbox in memory of tenant %.*s. \\? helps, \\q ends it.\n", TEXT_ARG(console->sandbox.tenant));
}

static void terminal_run(struct console *console)
{
	struct console_line *reader = console_line_open(console);
	struct text line;
	greet(console);
	while (!console->ended) {
		enum console_line_outcome outcome = console_line_read(reader, console_prompt(console), &line);
		if (outcome == CONSOLE_LINE_END)
			break;
		if (outcome == CONSOLE_LINE_INTERRUPTED)
			console_forget(console);
		else if (console_take(console, line))
			last_tell(console);
	}
	console_line_close(reader);
	if (!console->ended)
		putchar('\n');
}

bool console_run(const struct console_options *options, struct problems *problems)
{
	struct console console;
	struct sigaction before;
	bool opened = console_begin(&console, options, problems), good = opened;
	interruption_begin(&before);
	console.interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	if (opened && console.interactive)
		terminal_run(&console);
	else if (opened)
		good = pipe_run(&console);
	sigaction(SIGINT, &before, NULL);
	console_end(&console);
	return good;
}
