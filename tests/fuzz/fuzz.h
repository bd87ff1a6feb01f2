/* fuzz.h: what the fuzz targets share: one input, an arena, and checks that end the process.
 *
 * A target is a file fuzz_NAME.c with one function of a struct fuzz. The build of the preset `fuzz` (clang) gives it
 * to libFuzzer; every other build links replay.c, which runs the inputs of corpus/NAME, so that what fuzzing once
 * found stays found by tests/run.
 *
 *     static void parse(struct fuzz *fuzz)
 *     {
 *             const struct json *json = json_parse(fuzz->input, &fuzz->arena, &fuzz->problems);
 *             FUZZ_CHECK(json || fuzz->problems.count > 0);
 *     }
 *     FUZZ_TARGET(parse)
 *
 * A target only keeps state between inputs where making it anew is too slow (an engine), and says so.
 */
#ifndef MOONBILL_TESTS_FUZZ_H
#define MOONBILL_TESTS_FUZZ_H

#include "base/problem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct fuzz {
	struct text input; /* not terminated: reading past it is found by the address sanitizer */
	struct arena arena;
	struct problems problems;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

__attribute__((noreturn, unused)) static void fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "ERROR: %s:%d: not true: %s\n", file, line, condition);
	abort();
}

__attribute__((unused)) static int fuzz_run(const uint8_t *data, size_t size, void (*target)(struct fuzz *fuzz))
{
	struct fuzz fuzz = { .input = { size ? (const char *)data : "", size } };
	FUZZ_CHECK(arena_init(&fuzz.arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&fuzz.problems, &fuzz.arena);
	target(&fuzz);
	arena_finish(&fuzz.arena);
	return 0;
}

#define FUZZ_TARGET(target)                                                                          \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                                 \
	{                                                                                            \
		return fuzz_run(data, size, target);                                                 \
	}

#endif
