/* sandbox.h: a store of its own in memory, a tenant of it with a clock that goes both ways, and the way back.
 *
 *     open -- command, clock --> changed -- mark --> marked -- command, clock --> ... -- rollback --> as it was when marked
 *
 * Nothing in it is ever written to a file or sent anywhere. What was asked for by commands is kept, so that it can be done
 * again on the tenant behind it. Records that were read are looked at again when something has changed: what a variable holds is
 * how it is now. One thread; the store's own thread performs and reads while that one waits.
 */
#ifndef MOONBILL_CONSOLE_SANDBOX_H
#define MOONBILL_CONSOLE_SANDBOX_H

#include "event/command.h"

#include <stdatomic.h>

enum { SANDBOX_MARKS_MAX = 16, SANDBOX_REFRESHED_MAX = 10000, SANDBOX_NAME_BYTES_MAX = 100 };
#define SANDBOX_ARENA_BYTES ((size_t)1024 * 1024 * 1024)

/* A command that was done, for doing it again. */
struct sandbox_command {
	const struct command_type *type;
	struct text input, output; /* JSON; output none: it has none */
};

/* One line of the trace. */
struct sandbox_event {
	int kind; /* as in struct trace_entry */
	const char *name;
	int64_t object_id;
	const char *code;
};

struct sandbox_mark {
	struct store_image image;
	size_t commands;
};

struct sandbox_row;

struct sandbox {
	struct engine *engine;
	int64_t tenant_id;
	struct text tenant;  /* its name */
	bool live;           /* the tenant behind it goes by the wall clock */
	struct arena arena;  /* what was read and kept, until the sandbox ends */
	struct problems problems; /* of the last thing that failed */
	struct instant now;
	struct date today;
	struct text settings;
	struct sandbox_mark marks[SANDBOX_MARKS_MAX]; /* [0]: how it began */
	size_t mark_count;
	struct { struct sandbox_command *items; size_t count, capacity; } commands;
	struct { struct sandbox_event *items; size_t count, capacity; } events; /* since sandbox_events_clear */
	struct sandbox_row *rows; /* that were read */
	size_t row_count;
	bool changed;        /* since they were last looked at */
};

/* Over a copy of the image. False with problems (of `problems`) when there is no such tenant in it. */
bool sandbox_open(struct sandbox *sandbox, const struct store_image *image, struct text tenant, struct problems *problems);
void sandbox_close(struct sandbox *sandbox); /* also of one that could not be opened */

/* Does a command of the engine's tables; its output, NULL without one, is a row that is kept. */
bool sandbox_command(struct sandbox *sandbox, const struct command_type *type, struct text input, void **output);
/* The row of a stored record; NULL when there is none, or it cannot be read. */
void *sandbox_load(struct sandbox *sandbox, const struct record *record, int64_t id);
bool sandbox_each(struct sandbox *sandbox, const struct record *record, const struct rule_when *filters, size_t filter_count,
                  int64_t after_id, size_t limit, struct record_list *rows);
bool sandbox_is_gone(const struct sandbox *sandbox, const void *value);
/* Brings what was read up to what is; true when anything may have changed since the last time. */
bool sandbox_refresh(struct sandbox *sandbox);
/* A read of one's own, with the context of a command; its rows lie in the sandbox's arena. */
bool sandbox_read(struct sandbox *sandbox, bool (*body)(struct command *command, void *context), void *context);

/* Moves the clock: later runs what is due on the way, until *interrupted; earlier only sets it. */
bool sandbox_clock(struct sandbox *sandbox, struct instant until, const atomic_bool *interrupted);
/* The next job that waits, of this kind where one is named; *job NULL: none does. */
bool sandbox_next(struct sandbox *sandbox, struct text kind, struct job **job);

/* From here on a rollback comes back to this point. False when there are too many. */
bool sandbox_mark(struct sandbox *sandbox);
/* Back to the last mark, which goes unless it is the beginning. */
bool sandbox_rollback(struct sandbox *sandbox);
void sandbox_events_clear(struct sandbox *sandbox);

#endif
