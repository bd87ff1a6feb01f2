/* console_line.c: plain lines, without libedit. */
#ifndef MOONBILL_LIBEDIT
#include "console_line.h"
#include "console_state.h"

#include <errno.h>
#include <stdlib.h>

struct console_line {
	char *line;
	size_t size;
};

struct console_line *console_line_open(struct console *console)
{
	(void)console;
	struct console_line *reader = memory_alloc(sizeof *reader);
	if (!reader)
		BUG("no memory for a line");
	*reader = (struct console_line){ NULL, 0 };
	return reader;
}

void console_line_close(struct console_line *reader)
{
	free(reader->line);
	memory_free(reader);
}

enum console_line_outcome console_line_read(struct console_line *reader, struct text prompt, struct text *line)
{
	printf("%.*s", TEXT_ARG(prompt));
	fflush(stdout);
	ssize_t length = getline(&reader->line, &reader->size, stdin);
	if (length < 0 && errno == EINTR) {
		clearerr(stdin);
		putchar('\n');
		return CONSOLE_LINE_INTERRUPTED;
	}
	if (length < 0)
		return CONSOLE_LINE_END;
	*line = (struct text){ reader->line, (size_t)length - (length > 0 && reader->line[length - 1] == '\n') };
	return CONSOLE_LINE_READ;
}
#else
typedef int console_line_is_edited; /* ISO C has no empty file */
#endif
