/* console_state.h: what the files of the console share. Private to runtime/console. */
#ifndef MOONBILL_CONSOLE_CONSOLE_STATE_H
#define MOONBILL_CONSOLE_CONSOLE_STATE_H

#include "console.h"
#include "console_print.h"
#include "rule/rule_console.h"
#include "sandbox.h"

#define CONSOLE_ARENA_BYTES ((size_t)512 * 1024 * 1024)

/* What was typed, and what was said to it. */
struct exchange {
	struct text input, output;
	bool failed;
};

struct console {
	const struct console_options *options;
	struct sandbox sandbox;
	struct rule_console *lua;
	struct rule_console_host host;
	struct arena arena;         /* of one input */
	struct arena kept;          /* of the whole session: exchanges */
	struct { struct exchange *items; size_t count, capacity; } exchanges;
	struct text_builder input;  /* so far, of a statement that is not complete; in `kept` */
	FILE *out;                  /* of this input: results */
	FILE *err;                  /* of this input: what is wrong with it */
	bool interactive, json, tracing, ended;
	bool failed;                /* this input */
	bool telling;               /* results and errors come in the order in which they were said: one of both streams */
	int64_t fuel;
	size_t commands_before;     /* this input */
};

/* The process's: set by SIGINT, cleared with each input. */
const atomic_bool *console_interrupted(void);

/* ---- console.c ---- */
bool console_begin(struct console *console, const struct console_options *options, struct problems *problems);
void console_end(struct console *console);
/* One line that was typed. What it says lies in the last exchange when it returns true; false: the statement goes on. */
bool console_take(struct console *console, struct text line);
/* Forgets a statement that is not complete. */
void console_forget(struct console *console);
/* At the end of the input: one that is not complete is run, and says so. */
bool console_finish(struct console *console);
/* "hosting 2011-09-06> ", or of a statement that goes on "...> " */
struct text console_prompt(struct console *console);
struct printer console_printer(struct console *console);

/* ---- console_problem.c ---- */
/* "error: MESSAGE" and what comes with it; the input has failed. */
void console_problems(struct console *console, const struct problems *problems);
void console_error(struct console *console, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Message, place, rule's source line, remedy: lines without the last line feed. */
struct text console_problem_text(struct console *console, struct arena *arena, const struct problems *problems);

/* ---- console_command.c: \commands ---- */
void console_command(struct console *console, struct text line);
const char *console_command_name_at(size_t i); /* without the backslash; NULL at the end */
const char *console_command_doc_at(size_t i);

/* ---- console_events.c ---- */
/* What happened in this input: how much, or each when it is traced. */
void console_events_tell(struct console *console);
void console_events(struct console *console, struct text argument);

/* ---- console_rules.c ---- */
void console_rules(struct console *console, struct text argument);
void console_chain(struct console *console, struct text argument);
/* The line of a file of the active bundle; none when there is none. */
struct text console_source_line(struct console *console, struct arena *arena, struct text file, int64_t line);

/* ---- console_help.c ---- */
void console_help(struct console *console, struct text argument);
void console_describe(struct console *console, struct text argument);

/* ---- console_why.c ---- */
void console_why(struct console *console, struct text argument);

/* ---- console_clock.c ---- */
void console_at(struct console *console, struct text argument);
void console_next(struct console *console, struct text argument);
/* An instant, or a date in the tenant's zone; false after an error. */
bool console_instant(struct console *console, struct text argument, struct instant *instant);

/* ---- session.c ---- */
void console_save(struct console *console, struct text path);

#endif
