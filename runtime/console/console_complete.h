/* console_complete.h: what a half line may go on with: names that there are, with their kinds.
 *
 *     order.pl|              verbs of order
 *     order.place { pla|     fields of its input; { lines = { { qu| } } } those of a line
 *     invoice[1].lines[1].a| fields of what that is
 *     account { status = "|  words of a choice
 *     \ch|                   \commands, and what they take
 *
 * Nothing runs: types come from the tables of records and commands, and from what variables hold.
 */
#ifndef MOONBILL_CONSOLE_CONSOLE_COMPLETE_H
#define MOONBILL_CONSOLE_CONSOLE_COMPLETE_H

#include "console_state.h"

enum { COMPLETIONS_MAX = 200 };

struct completion {
	struct text name, kind, doc;
};

struct completions {
	size_t typed;       /* bytes before the cursor that stand for the beginning of a name */
	const char *behind; /* what is written behind a name that is the only one */
	struct completion items[COMPLETIONS_MAX];
	size_t count;
};

/* `before`: the statement so far, with the line up to the cursor. Texts lie in the arena. */
void console_complete(struct console *console, struct text before, struct arena *arena, struct completions *completions);
/* How far all of them are the same. */
struct text completions_common(const struct completions *completions);

#endif
