/* problem.h: an error as a value.
 *
 * A function that can fail takes a `struct problems *` and returns bool. What it adds says what happened
 * (code, message with the field's name and value), where (JSON pointer), and what to do (remedy). A
 * decoder adds as many as it finds; a command stops at its first. Codes, their HTTP status and default
 * remedy are rows of schema/errors.lua; errors.gen.h holds the enum.
 *
 *     return problem(problems, PROBLEM_NOT_FOUND, "/invoice_id", "invoice %lld does not exist", id);
 *
 * Programmer errors are BUG(): they print place and message and abort.
 */
#ifndef MOONBILL_BASE_PROBLEM_H
#define MOONBILL_BASE_PROBLEM_H

#include "arena.h"
#include "errors.gen.h"
#include "text.h"

struct problem {
	enum problem_code code;
	struct text detail_code; /* a rule's own reject code ("card_required"); else none */
	const char *message;
	const char *remedy;      /* NULL: the default of the code */
	const char *pointer;     /* JSON pointer to the field, "" for the whole document */
	struct text value;       /* the offending value, redacted and shortened; none when there is none */
	const char *cause;       /* what lies below, e.g. "gold.lua:12: attempt to ..."; NULL */
	struct problem *next;
};

struct problems {
	struct arena *arena;
	struct problem *first, *last;
	size_t count;
};

enum { PROBLEMS_MAX = 100 }; /* further ones are counted, not kept */

struct problem_info {
	const char *name;   /* "not_found" */
	int status;         /* HTTP */
	const char *title;  /* one line */
	const char *remedy; /* default */
};
const struct problem_info *problem_info(enum problem_code code);

void problems_init(struct problems *problems, struct arena *arena);
/* Always returns false, so that `return problem(...)` reads well. */
bool problem(struct problems *problems, enum problem_code code, const char *pointer, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* The rule's own code, or the problem's name. */
struct text problem_code_text(const struct problem *problem);
/* The last one added, to fill in value, remedy or cause. NULL when there is none or it was not kept. */
struct problem *problem_last(struct problems *problems);
/* The same as problem() with the value and a remedy of its own (either may be absent). */
bool problem_value(struct problems *problems, enum problem_code code, const char *pointer, struct text value,
                   const char *remedy, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Memory that ran out explains whatever else was found: it becomes the only problem. False. */
bool problem_out_of_memory(struct problems *problems, const char *doing);
/* Copies all of `from` (of another arena) behind those of `to`. */
void problems_copy(struct problems *to, const struct problems *from);

/* Analyzers look into one file at a time: they are told what these return. */
#if defined(__clang_analyzer__) || defined(MOONBILL_ANALYZE)
static inline bool problem_told_(bool told)
{
	(void)told;
	return false;
}
#define problem(...) problem_told_(problem(__VA_ARGS__))
#define problem_value(...) problem_told_(problem_value(__VA_ARGS__))
#define problem_out_of_memory(...) problem_told_(problem_out_of_memory(__VA_ARGS__))
#endif

/* The programmer is wrong. */
#define BUG(...) bug_(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
