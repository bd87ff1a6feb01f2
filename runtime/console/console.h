/* console.h: the interactive console: Lua over the real core, in a sandbox (docs/console.md).
 *
 *     input line --> \command, or a part of a statement --> run in the sandbox --> what it says --> transcript
 *
 * Everything happens in a copy in memory (sandbox.h); the store that it was taken from changes by \commit alone, through
 * `commit`. One console a process: interruption is a signal's.
 */
#ifndef MOONBILL_CONSOLE_CONSOLE_H
#define MOONBILL_CONSOLE_CONSOLE_H

#include "base/problem.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdio.h>

struct console_options {
	const struct store_image *image; /* what the sandbox begins with */
	struct text tenant;              /* whose it is; none: there is one */
	const char *arguments;           /* behind "moonbill console", for \save */
	const char *folder;              /* of the bundle that \reload reads; NULL: it must be named */
	bool json;
	/* Does a command for good on the tenant behind the sandbox; NULL: there is none. What is wrong it has told when it
	 * returns false. */
	bool (*commit)(void *context, const char *command, struct text input, struct text *output);
	/* Reads the folder of a bundle. */
	bool (*bundle_read)(void *context, const char *folder, struct arena *arena, struct problems *problems, struct text *archive);
	void *context;
};

/* Reads statements from standard input until its end: with prompts, history and completion at a terminal; without, and until the
 * first that fails, from a pipe. False when one failed there, or with problems when the sandbox could not be opened. */
bool console_run(const struct console_options *options, struct problems *problems);

/* The arguments that a session was saved with: "examples/telescope". False: its first line is not a session's. */
bool session_arguments(struct text session, struct text *arguments);
/* Types a session's inputs into a fresh console, and compares what it says. What differs is told to `report` under this name.
 * *inputs: how many there were. False with problems when the sandbox could not be opened. */
bool session_replay(const struct console_options *options, struct text session, const char *name, FILE *report,
                    struct problems *problems, bool *same, size_t *inputs);
/* The same, with what it says now in place of what it said. */
bool session_again(const struct console_options *options, struct text session, struct arena *arena, struct problems *problems,
                   struct text *anew);

#endif
