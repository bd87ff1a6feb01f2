/* console_line.h: one line from a terminal: with editing, history and completion where libedit was there when this was built. */
#ifndef MOONBILL_CONSOLE_CONSOLE_LINE_H
#define MOONBILL_CONSOLE_CONSOLE_LINE_H

#include "base/text.h"

struct console;
struct console_line;

enum console_line_outcome { CONSOLE_LINE_READ, CONSOLE_LINE_INTERRUPTED, CONSOLE_LINE_END };

/* History is kept in $XDG_STATE_HOME/moonbill/console_history, else under ~/.local/state. */
struct console_line *console_line_open(struct console *console);
void console_line_close(struct console_line *reader);
/* The line lives until the next one; Ctrl-C interrupts. */
enum console_line_outcome console_line_read(struct console_line *reader, struct text prompt, struct text *line);

#endif
