/* problem.c: collects errors as values; aborts on errors of the programmer. */
#include "base/problem.h"

#include "base/log.h"

enum { VALUE_SHOWN_BYTES = 100 };

/* errors.gen.c */
extern const struct problem_info problem_infos[PROBLEM_CODE_COUNT];

const struct problem_info *problem_info(enum problem_code code)
{
	if ((unsigned)code >= PROBLEM_CODE_COUNT)
		BUG("problem code %d", (int)code);
	return &problem_infos[code];
}

void problems_init(struct problems *problems, struct arena *arena)
{
	*problems = (struct problems){ .arena = arena };
}

/* NULL when there are enough already. */
static struct problem *problem_add(struct problems *problems)
{
	if (problems->count++ >= PROBLEMS_MAX)
		return NULL;
	struct problem *added = arena_new(problems->arena, struct problem);
	if (problems->last)
		problems->last->next = added;
	else
		problems->first = added;
	return problems->last = added;
}

/* Without card numbers. */
static struct text value_shown(struct arena *arena, struct text value)
{
	value = redact_cards(arena, value);
	struct text shown = text_front(value, VALUE_SHOWN_BYTES);
	return shown.length == value.length ? text_copy(arena, value) : text_format(arena, "%.*s...", TEXT_ARG(shown));
}

__attribute__((format(printf, 6, 0)))
static bool problem_vadd(struct problems *problems, enum problem_code code, const char *pointer, struct text value,
                         const char *remedy, const char *format, va_list arguments)
{
	struct problem *added = problem_add(problems);
	if (!added)
		return false;
	struct arena *arena = problems->arena;
	added->code = code;
	added->message = redact_cards(arena, text_vformat(arena, format, arguments)).data;
	added->remedy = remedy ? text_c(arena, text_of(remedy)) : NULL;
	added->pointer = text_c(arena, text_of(pointer ? pointer : ""));
	added->value = value_shown(arena, value);
	return false;
}

bool (problem)(struct problems *problems, enum problem_code code, const char *pointer, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	problem_vadd(problems, code, pointer, TEXT_NONE, NULL, format, arguments);
	va_end(arguments);
	return false;
}

bool (problem_value)(struct problems *problems, enum problem_code code, const char *pointer, struct text value,
                   const char *remedy, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	problem_vadd(problems, code, pointer, value, remedy, format, arguments);
	va_end(arguments);
	return false;
}

bool (problem_out_of_memory)(struct problems *problems, const char *doing)
{
	problems_init(problems, problems->arena);
	return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out while %s", doing);
}

struct problem *problem_last(struct problems *problems)
{
	return problems->count <= PROBLEMS_MAX ? problems->last : NULL;
}

struct text problem_code_text(const struct problem *problem)
{
	return text_present(problem->detail_code) ? problem->detail_code : text_of(problem_info(problem->code)->name);
}

static const char *copied(struct arena *arena, const char *terminated)
{
	return text_c(arena, text_of(terminated));
}

void problems_copy(struct problems *to, const struct problems *from)
{
	size_t not_kept = from->count;
	for (const struct problem *each = from->first; each; each = each->next) {
		not_kept--;
		struct problem *added = problem_add(to);
		if (!added)
			continue;
		added->code = each->code;
		added->detail_code = text_copy(to->arena, each->detail_code);
		added->message = copied(to->arena, each->message);
		added->remedy = copied(to->arena, each->remedy);
		added->pointer = copied(to->arena, each->pointer);
		added->value = text_copy(to->arena, each->value);
		added->cause = copied(to->arena, each->cause);
	}
	to->count += not_kept;
}

void bug_(const char *file, int line, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "BUG %s:%d: ", file, line);
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	abort();
}
