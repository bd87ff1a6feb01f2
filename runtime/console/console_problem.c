/* console_problem.c: what is wrong, with the line of the rule that it comes from. */
#include "console_state.h"

#include <stdarg.h>
#include <string.h>

void console_error(struct console *console, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct text text = text_vformat(&console->arena, format, arguments);
	va_end(arguments);
	fputs("error: ", console->err);
	print_lines(console->err, text);
	console->failed = true;
}

/* "rules/gold.lua:12: message" */
static bool cause_place(struct text cause, struct text *file, int64_t *line)
{
	struct text rest, number;
	return text_split(cause, ':', file, &rest) && text_split(rest, ':', &number, &rest) && text_to_int64(number, line) &&
	       file->length > 4 && text_is(text_slice(*file, file->length - 4, file->length), ".lua");
}

static bool says(struct text text, struct text what)
{
	return what.length && text.length >= what.length && memmem(text.data, text.length, what.data, what.length);
}

static void cause_add(struct console *console, struct arena *arena, struct text_builder *out, const struct problem *problem)
{
	struct text cause = text_of(problem->cause), file;
	int64_t line;
	if (!text_present(cause))
		return;
	builder_format(out, "\n  %.*s", TEXT_ARG(cause));
	if (!cause_place(cause, &file, &line))
		return;
	struct text source = console_source_line(console, arena, file, line);
	if (text_present(source))
		builder_format(out, "\n    %lld | %.*s", (long long)line, TEXT_ARG(source));
}

/* Where in the input, unless it is the whole or the message names the field. */
static void pointer_add(struct text_builder *out, const struct problem *problem)
{
	const char *last = problem->pointer ? strrchr(problem->pointer, '/') : NULL;
	if (last && (last != problem->pointer || !says(text_of(problem->message), text_of(last + 1))))
		builder_format(out, "\n  at %s", problem->pointer);
}

static void remedy_add(struct text_builder *out, const struct problem *problem)
{
	const char *remedy = problem->remedy ? problem->remedy : problem_info(problem->code)->remedy;
	if (remedy && remedy[0])
		builder_format(out, "\n  %s", remedy);
}

struct text console_problem_text(struct console *console, struct arena *arena, const struct problems *problems)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (const struct problem *problem = problems->first; problem; problem = problem->next) {
		struct text code = problem->detail_code;
		builder_format(&out, "%s%s", problem == problems->first ? "" : "\n", problem->message);
		if (text_present(code))
			builder_format(&out, " (%.*s)", TEXT_ARG(code));
		pointer_add(&out, problem);
		cause_add(console, arena, &out, problem);
		remedy_add(&out, problem);
	}
	return out.length ? builder_text(&out) : TEXT("it could not be done");
}

void console_problems(struct console *console, const struct problems *problems)
{
	struct text text = console_problem_text(console, &console->arena, problems);
	console_error(console, "%.*s", TEXT_ARG(text));
}
