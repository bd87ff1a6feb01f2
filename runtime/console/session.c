/* session.c: what was typed and said, as a file; and the same typed again, compared.
 *
 *     # moonbill console examples/telescope
 *     > account.create { name = "Ann" }
 *     account 1
 *       ...
 *     > x = function ()
 *     + return 1
 *     + end
 *
 * An input begins with "> ", its further lines with "+ "; a line that was said and begins with >, + or | has a | before it. Lines that
 * begin with # before the first input are comments. UUIDs are drawn anew each time: one is as good as another; so is the digest of a bundle.
 */
#include "console_state.h"

#include <errno.h>
#include <string.h>

static const char lead[] = "# moonbill console ";

/* ------------------------------------------------------------------------------------------------ writing */

static void lines_add(struct text_builder *out, struct text text, const char *first, const char *others, bool said)
{
	struct text line, rest = text;
	for (bool begin = true, more = text.length > 0; more; begin = false) {
		more = text_split(rest, '\n', &line, &rest);
		if (!more && said && line.length == 0)
			break;
		bool marked = said && line.length && strchr(">+|", line.data[0]);
		builder_format(out, "%s%s%.*s\n", begin ? first : others, marked ? "|" : "", TEXT_ARG(line));
	}
}

static void exchange_add(struct text_builder *out, const struct exchange *exchange)
{
	lines_add(out, exchange->input, "> ", "+ ", false);
	lines_add(out, exchange->output, "", "", true);
}

static struct text session_text(struct console *console, struct arena *arena, struct text head)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_add(&out, head);
	for (size_t i = 0; i < console->exchanges.count; i++)
		exchange_add(&out, &console->exchanges.items[i]);
	return builder_text(&out);
}

void console_save(struct console *console, struct text path)
{
	struct text head = text_format(&console->arena, "%s%s\n", lead, console->options->arguments);
	struct text text = session_text(console, &console->arena, head);
	if (path.length == 0) {
		console_error(console, "\\save FILE: which file?");
		return;
	}
	FILE *file = fopen(text_c(&console->arena, path), "wx");
	bool good = file && fwrite(text.data, 1, text.length, file) == text.length;
	good = file && fclose(file) == 0 && good;
	if (good)
		fprintf(console->out, "%zu inputs are in %.*s; moonbill test %.*s types them again\n", console->exchanges.count,
		        TEXT_ARG(path), TEXT_ARG(path));
	else
		console_error(console, "%.*s cannot be written: %s", TEXT_ARG(path), strerror(errno));
}

/* ------------------------------------------------------------------------------------------------ reading */

bool session_arguments(struct text session, struct text *arguments)
{
	struct text line, rest;
	text_split(session, '\n', &line, &rest);
	*arguments = TEXT("");
	if (!text_starts(line, lead) && !text_is(line, "# moonbill console"))
		return false;
	if (line.length > sizeof lead - 1)
		*arguments = text_trim(text_slice(line, sizeof lead - 1, line.length));
	return true;
}

struct reading {
	struct text rest;
	int line; /* of what comes next, from 1 */
};

static bool line_next(struct reading *reading, struct text *line)
{
	if (reading->rest.length == 0)
		return false;
	text_split(reading->rest, '\n', line, &reading->rest);
	reading->line++;
	return true;
}

static bool next_starts(const struct reading *reading, const char *mark)
{
	return text_starts(reading->rest, mark);
}

/* What stands before the first input. */
static struct text head_read(struct reading *reading)
{
	struct text whole = reading->rest, line;
	while (reading->rest.length && !next_starts(reading, ">"))
		line_next(reading, &line);
	return text_slice(whole, 0, whole.length - reading->rest.length);
}

struct expected {
	struct text input, output;
	int line;
};

static struct text without_mark(struct text line, size_t mark)
{
	return text_slice(line, line.length < mark ? line.length : mark, line.length);
}

static bool exchange_read(struct reading *reading, struct arena *arena, struct expected *expected)
{
	struct text_builder input, output;
	struct text line;
	builder_init(&input, arena, 0);
	builder_init(&output, arena, 0);
	if (!next_starts(reading, ">") || !line_next(reading, &line))
		return false;
	expected->line = reading->line;
	builder_add(&input, without_mark(line, 2));
	while (next_starts(reading, "+") && line_next(reading, &line))
		builder_format(&input, "\n%.*s", TEXT_ARG(without_mark(line, 2)));
	while (reading->rest.length && !next_starts(reading, ">") && line_next(reading, &line))
		builder_format(&output, "%.*s\n", TEXT_ARG(without_mark(line, text_starts(line, "|"))));
	expected->input = builder_text(&input);
	expected->output = builder_text(&output);
	return true;
}

/* ------------------------------------------------------------------------------------------------ comparing */

static const char bundle_lead[] = "of bundle ";
enum { UUID_LENGTH = 36, BUNDLE_LENGTH = sizeof bundle_lead - 1 + 12 };

static bool is_uuid(const char *at)
{
	for (int i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool hex = (at[i] >= '0' && at[i] <= '9') || (at[i] >= 'a' && at[i] <= 'f');
		if (dash ? at[i] != '-' : !hex)
			return false;
	}
	return true;
}

/* "of bundle 2d2472609a8a": whatever changes in a bundle changes its name. */
static bool is_bundle(struct text at)
{
	for (size_t i = sizeof bundle_lead - 1; i < BUNDLE_LENGTH; i++)
		if (i >= at.length || !strchr("0123456789abcdef", at.data[i]))
			return false;
	return text_starts(at, bundle_lead);
}

/* How many bytes here are as good as others. */
static size_t like_others(struct text a, struct text b)
{
	if (a.length >= UUID_LENGTH && is_uuid(a.data) && is_uuid(b.data))
		return UUID_LENGTH;
	return is_bundle(a) && is_bundle(b) ? BUNDLE_LENGTH : 0;
}

static bool same_text(struct text a, struct text b)
{
	size_t i = 0;
	if (a.length != b.length)
		return false;
	while (i < a.length) {
		size_t alike = like_others(text_slice(a, i, a.length), text_slice(b, i, b.length));
		if (!alike && a.data[i] != b.data[i])
			return false;
		i += alike ? alike : 1;
	}
	return true;
}

static void side_tell(FILE *report, char mark, struct text text)
{
	struct text line, rest = text;
	while (rest.length) {
		text_split(rest, '\n', &line, &rest);
		fprintf(report, "  %c %.*s\n", mark, TEXT_ARG(line));
	}
}

/* Types one input; what was said, all of it one text. */
static struct text type_input(struct console *console, struct text input)
{
	struct text line, rest = input;
	size_t before = console->exchanges.count;
	for (bool more = true; more;) {
		more = text_split(rest, '\n', &line, &rest);
		console_take(console, line);
	}
	console_finish(console);
	struct text_builder said;
	builder_init(&said, &console->kept, 0);
	for (size_t i = before; i < console->exchanges.count; i++)
		builder_add(&said, console->exchanges.items[i].output);
	return builder_text(&said);
}

bool session_replay(const struct console_options *options, struct text session, const char *name, FILE *report,
                    struct problems *problems, bool *same, size_t *inputs)
{
	struct console console;
	struct reading reading = { .rest = session };
	struct expected expected;
	bool good = console_begin(&console, options, problems);
	*same = true;
	*inputs = 0;
	head_read(&reading);
	while (good && !console.ended && exchange_read(&reading, &console.kept, &expected)) {
		struct text said = type_input(&console, expected.input);
		(*inputs)++;
		if (same_text(said, expected.output))
			continue;
		*same = false;
		fprintf(report, "%s:%d: > %.*s\n", name, expected.line, TEXT_ARG(expected.input));
		side_tell(report, '-', expected.output);
		side_tell(report, '+', said);
	}
	console_end(&console);
	return good;
}

bool session_again(const struct console_options *options, struct text session, struct arena *arena, struct problems *problems,
                   struct text *anew)
{
	struct console console;
	struct reading reading = { .rest = session };
	struct expected expected;
	bool good = console_begin(&console, options, problems);
	struct text head = text_copy(arena, head_read(&reading));
	while (good && !console.ended && exchange_read(&reading, &console.kept, &expected))
		type_input(&console, expected.input);
	if (good)
		*anew = session_text(&console, arena, head);
	if (good && same_text(*anew, session))
		*anew = text_copy(arena, session); /* other UUIDs are no news */
	console_end(&console);
	return good;
}
