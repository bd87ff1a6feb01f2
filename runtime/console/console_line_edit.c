/* console_line_edit.c: lines by libedit: keys of Emacs, history, and Tab, which completes or lists. */
#ifdef MOONBILL_LIBEDIT
#include "console_complete.h"
#include "console_line.h"

#include <histedit.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_LINES = 1000, PATH_BYTES = 4096, LISTED_MAX = 40, LISTED_DOC = 60, CARD_DIGITS = 12 };

struct console_line {
	struct console *console;
	EditLine *edit;
	History *history;
	char path[PATH_BYTES];  /* "": history is not kept */
	struct arena arena;     /* of one completion, and the prompt */
	const char *prompt;
	bool interrupted;
	locale_t locale, locale_before;
	struct completions completions;
};

/* ------------------------------------------------------------------------------------------------ keys */

static struct console_line *reader_of(EditLine *edit)
{
	void *reader = NULL;
	el_get(edit, EL_CLIENTDATA, &reader);
	return reader;
}

static char *prompt_of(EditLine *edit)
{
	return (char *)(uintptr_t)reader_of(edit)->prompt;
}

/* Ctrl-C while a line is edited. */
static unsigned char key_interrupt(EditLine *edit, int key)
{
	(void)key;
	reader_of(edit)->interrupted = true;
	return CC_NEWLINE;
}

static void list(struct console_line *reader)
{
	static const char *const heads[] = { "", "", "" };
	const struct completions *completions = &reader->completions;
	size_t shown = completions->count < LISTED_MAX ? completions->count : LISTED_MAX;
	struct text *cells = arena_new_many(&reader->arena, struct text, 3 * shown + 1);
	struct printer printer = { .out = stdout, .arena = &reader->arena, .width = PRINT_WIDTH_DEFAULT };
	for (size_t i = 0; i < shown; i++) {
		cells[3 * i] = completions->items[i].name;
		cells[3 * i + 1] = print_safe(&reader->arena, completions->items[i].kind, PRINT_CELL_MAX);
		cells[3 * i + 2] = print_safe(&reader->arena, completions->items[i].doc, LISTED_DOC);
	}
	print_table(&printer, heads, cells, 3, shown);
	if (completions->count > shown)
		printf("(%zu more)\n", completions->count - shown);
	fflush(stdout);
}

/* As far as it is clear; then what there is. */
static unsigned char key_complete(EditLine *edit, int key)
{
	struct console_line *reader = reader_of(edit);
	struct completions *completions = &reader->completions;
	const LineInfo *line = el_line(edit);
	struct text_builder before;
	(void)key;
	arena_reset(&reader->arena);
	builder_init(&before, &reader->arena, 0);
	if (reader->console->input.length)
		builder_format(&before, "%.*s\n", (int)reader->console->input.length, reader->console->input.data);
	builder_add(&before, (struct text){ line->buffer, (size_t)(line->cursor - line->buffer) });
	console_complete(reader->console, builder_text(&before), &reader->arena, completions);
	struct text common = completions_common(completions);
	if (completions->count == 0)
		return CC_ERROR;
	if (common.length > completions->typed || completions->count == 1) {
		const char *behind = completions->count == 1 && completions->behind ? completions->behind : "";
		struct text rest = text_format(&reader->arena, "%.*s%s", (int)(common.length - completions->typed),
		                               common.data + completions->typed, behind);
		return rest.length && el_insertstr(edit, rest.data) == 0 ? CC_REFRESH : CC_ERROR;
	}
	putchar('\n');
	list(reader);
	return CC_REDISPLAY;
}

/* ------------------------------------------------------------------------------------------------ history */

/* With those above it. */
static bool folder_make(char *path)
{
	struct stat status;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

static void path_set(struct console_line *reader)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char folder[PATH_BYTES - 64];
	int length;
	reader->path[0] = '\0';
	if (state && state[0])
		length = snprintf(folder, sizeof folder, "%s/moonbill", state);
	else if (home && home[0])
		length = snprintf(folder, sizeof folder, "%s/.local/state/moonbill", home);
	else
		return;
	if (length < (int)sizeof folder && folder_make(folder))
		snprintf(reader->path, sizeof reader->path, "%s/console_history", folder);
}

static void history_open(struct console_line *reader)
{
	HistEvent event;
	reader->history = history_init();
	if (!reader->history)
		return;
	path_set(reader);
	history(reader->history, &event, H_SETSIZE, HISTORY_LINES);
	history(reader->history, &event, H_SETUNIQUE, 1);
	if (reader->path[0])
		history(reader->history, &event, H_LOAD, reader->path);
	el_set(reader->edit, EL_HIST, history, reader->history);
}

static void history_close(struct console_line *reader)
{
	HistEvent event;
	if (!reader->history)
		return;
	mode_t before = umask(0077);
	if (reader->path[0])
		history(reader->history, &event, H_SAVE, reader->path);
	umask(before);
	history_end(reader->history);
}

/* A card's number is written nowhere. */
static bool has_card(struct text line)
{
	size_t digits = 0;
	for (size_t i = 0; i < line.length && digits < CARD_DIGITS; i++) {
		char byte = line.data[i];
		if (byte >= '0' && byte <= '9')
			digits++;
		else if (byte != ' ' && byte != '-')
			digits = 0;
	}
	return digits >= CARD_DIGITS;
}

static void history_add(struct console_line *reader, const char *line, struct text text)
{
	HistEvent event;
	if (reader->history && text_trim(text).length && !has_card(text))
		history(reader->history, &event, H_ENTER, line);
}

/* ------------------------------------------------------------------------------------------------ reading */

/* libedit takes bytes for characters in any other locale. This thread's alone: the program goes by none. */
static void locale_set(struct console_line *reader)
{
	reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	reader->locale_before = uselocale(reader->locale); /* none: only asked for */
}

static void locale_end(struct console_line *reader)
{
	uselocale(reader->locale_before);
	if (reader->locale)
		freelocale(reader->locale);
}

static void edit_set(struct console_line *reader)
{
	el_set(reader->edit, EL_CLIENTDATA, reader);
	el_set(reader->edit, EL_PROMPT, prompt_of);
	el_set(reader->edit, EL_EDITOR, "emacs");
	el_set(reader->edit, EL_ADDFN, "moonbill-complete", "completes a name, or lists them", key_complete);
	el_set(reader->edit, EL_BIND, "^I", "moonbill-complete", NULL);
	/* Ctrl-C is a key while a line is edited: a signal would end the read and leave the line as it was. */
	el_set(reader->edit, EL_ADDFN, "moonbill-interrupt", "gives the line up", key_interrupt);
	el_set(reader->edit, EL_BIND, "^C", "moonbill-interrupt", NULL);
	el_set(reader->edit, EL_SETTY, "-d", "-isig", NULL);
}

struct console_line *console_line_open(struct console *console)
{
	struct console_line *reader = memory_alloc(sizeof *reader);
	if (reader)
		locale_set(reader);
	EditLine *edit = reader ? el_init("moonbill", stdin, stdout, stderr) : NULL;
	if (!edit || !arena_init(&reader->arena, ARENA_LIMIT_DEFAULT_BYTES))
		BUG("no memory for a line");
	reader->console = console;
	reader->edit = edit;
	reader->history = NULL;
	reader->interrupted = false;
	reader->prompt = "";
	edit_set(reader);
	history_open(reader);
	return reader;
}

void console_line_close(struct console_line *reader)
{
	history_close(reader);
	el_end(reader->edit);
	locale_end(reader);
	arena_finish(&reader->arena);
	memory_free(reader);
}

enum console_line_outcome console_line_read(struct console_line *reader, struct text prompt, struct text *line)
{
	int count = 0;
	reader->interrupted = false;
	reader->prompt = prompt.data;
	const char *read = el_gets(reader->edit, &count);
	if (reader->interrupted) {
		fputs("^C\n", stdout);
		return CONSOLE_LINE_INTERRUPTED;
	}
	if (!read || count <= 0)
		return CONSOLE_LINE_END;
	*line = (struct text){ read, (size_t)count - (read[count - 1] == '\n') };
	history_add(reader, read, *line);
	return CONSOLE_LINE_READ;
}
#else
typedef int console_line_edit_is_not_built; /* ISO C has no empty file */
#endif
