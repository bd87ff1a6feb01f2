/* check.h: unit tests that speak TAP, one process for each test.
 *
 *     #include "check.h"
 *
 *     TEST(an_empty_text_is_not_an_absent_text)
 *     {
 *             CHECK(text_present(TEXT("")));
 *             CHECK_EQ_INT(TEXT("USD").length, 3);
 *             CHECK_EQ_TEXT(text_trim(TEXT(" a ")), "a");
 *     }
 *     CHECK_MAIN
 *
 * A test ends at its first failed check, which prints both sides; a crash or a hang fails that test only.
 * Arguments of the program choose tests by a part of their name. CHECK_SEED=n chooses the seed of the
 * random tests; seeds that once failed stand in tests/failed.seeds ("TEST SEED  # what it found") and run first.
 * Include it once a program.
 */
#ifndef MOONBILL_TESTS_CHECK_H
#define MOONBILL_TESTS_CHECK_H

#include "base/text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* How many times fewer rounds a long test makes: the thread sanitizer slows it down so much. */
#ifdef __SANITIZE_THREAD__
enum { CHECK_SLOWNESS = 10 };
#else
enum { CHECK_SLOWNESS = 1 };
#endif
enum { CHECK_TIME_LIMIT_S = CHECK_SLOWNESS > 1 ? 600 : 120 };

struct check_test {
	const char *name;
	void (*run)(void);
	struct check_test *next;
};

static struct check_test *check_first, **check_end = &check_first;
static char check_note_text[300], check_seed_text[24];

__attribute__((unused)) static void check_register(struct check_test *test)
{
	*check_end = test;
	check_end = &test->next;
}

#define TEST(fact)                                                                                   \
	static void fact(void);                                                                      \
	__attribute__((constructor)) static void check_register_##fact(void)                         \
	{                                                                                            \
		static struct check_test test = { #fact, fact, NULL };                               \
		check_register(&test);                                                               \
	}                                                                                            \
	static void fact(void)

/* What a loop is at, printed if a check fails. */
__attribute__((format(printf, 1, 2), unused)) static void check_note(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(check_note_text, sizeof check_note_text, format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 3, 4), noreturn, unused)) static void check_fail(const char *file, int line,
                                                                                const char *format, ...)
{
	printf("# %s:%d: ", file, line);
	va_list arguments;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	if (check_note_text[0])
		printf("#   at: %s\n", check_note_text);
	if (check_seed_text[0])
		printf("#   seed: %s\n", check_seed_text);
	fflush(stdout);
	_exit(1);
}

/* Nothing there that it could prove: counted as skipped, not as passed, and told why. */
enum { CHECK_SKIPPED = 77 };
#define CHECK_SKIP(reason) (printf("# SKIP %s\n", (reason)), fflush(stdout), _exit(CHECK_SKIPPED))
#define CHECK_FAIL(...) check_fail(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(condition) ((condition) ? (void)0 : CHECK_FAIL("not true: %s", #condition))
#define CHECK_EQ_INT(actual, expected)                                                               \
	check_eq_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))
#define CHECK_EQ_TEXT(actual, expected) check_eq_text(__FILE__, __LINE__, #actual, (actual), text_of(expected))
#define CHECK_EQ_C(actual, expected)                                                                 \
	check_eq_text(__FILE__, __LINE__, #actual, text_of(actual), text_of(expected))
/* The statement ends the process by SIGABRT, as BUG() and assert do. */
#define CHECK_ABORTS(statement)                                                                      \
	do {                                                                                         \
		fflush(stdout);                                                                      \
		pid_t check_child = fork();                                                          \
		if (check_child == 0) {                                                              \
			if (freopen("/dev/null", "w", stderr) == NULL)                               \
				_exit(1);                                                            \
			statement;                                                                   \
			_exit(0);                                                                    \
		}                                                                                    \
		int check_status = 0;                                                                \
		waitpid(check_child, &check_status, 0);                                              \
		if (!WIFSIGNALED(check_status) || WTERMSIG(check_status) != SIGABRT)                 \
			CHECK_FAIL("did not abort: %s", #statement);                                 \
	} while (0)

__attribute__((unused)) static void check_eq_int(const char *file, int line, const char *what, long long actual,
                                                 long long expected)
{
	if (actual != expected)
		check_fail(file, line, "%s\n#   expected: %lld\n#   found:    %lld", what, expected, actual);
}

__attribute__((unused)) static void check_eq_text(const char *file, int line, const char *what, struct text actual,
                                                  struct text expected)
{
	if (text_present(actual) != text_present(expected) || !text_equals(actual, expected))
		check_fail(file, line, "%s\n#   expected: %s%.*s\n#   found:    %s%.*s", what,
		           text_present(expected) ? "" : "(none)", TEXT_ARG(expected),
		           text_present(actual) ? "" : "(none)", TEXT_ARG(actual));
}

/* The seed of this run, printed; give it to check_random. */
__attribute__((unused)) static uint64_t check_seed(void)
{
	const char *chosen = getenv("CHECK_SEED");
	uint64_t seed = chosen ? strtoull(chosen, NULL, 10) : 20110906;
	snprintf(check_seed_text, sizeof check_seed_text, "%llu", (unsigned long long)seed);
	printf("# seed %s\n", check_seed_text);
	fflush(stdout); /* a crash must not take it along */
	return seed;
}

/* SplitMix64. */
__attribute__((unused)) static uint64_t check_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* Uniform enough in [low, high]. */
__attribute__((unused)) static int64_t check_between(uint64_t *state, int64_t low, int64_t high)
{
	uint64_t width = (uint64_t)high - (uint64_t)low + 1;
	return (int64_t)((uint64_t)low + (width ? check_random(state) % width : check_random(state)));
}

static bool check_chosen(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

static bool check_was_skipped; /* of the last test */

/* seed: or NULL for the one of the environment. */
static bool check_run(const struct check_test *test, const char *seed)
{
	fflush(stdout);
	pid_t child = fork();
	if (child < 0)
		return false;
	if (child == 0) {
		alarm(CHECK_TIME_LIMIT_S);
		if (seed)
			setenv("CHECK_SEED", seed, 1);
		test->run();
		exit(0); /* not _exit: the leak checker runs at exit */
	}
	int status = 0;
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		printf("# %s: ended by signal %d (%s)\n", test->name, WTERMSIG(status), strsignal(WTERMSIG(status)));
	check_was_skipped = WIFEXITED(status) && WEXITSTATUS(status) == CHECK_SKIPPED;
	return check_was_skipped || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Every seed that once failed. */
static bool check_run_failed_seeds(const struct check_test *test)
{
	bool passed = true;
#ifdef SOURCE_DIR
	char line[300], name[200], seed[24];
	FILE *list = fopen(SOURCE_DIR "/tests/failed.seeds", "r");
	while (list && fgets(line, sizeof line, list))
		if (sscanf(line, "%199s %23[0-9]", name, seed) == 2 && strcmp(name, test->name) == 0)
			passed = check_run(test, seed) && passed;
	if (list)
		fclose(list);
#else
	(void)test;
#endif
	return passed;
}

__attribute__((unused)) static int check_main(int argc, char **argv)
{
	int total = 0, number = 0, failed = 0, skipped = 0;
	for (struct check_test *test = check_first; test; test = test->next)
		total += check_chosen(test->name, argc, argv);
	printf("1..%d\n", total);
	for (struct check_test *test = check_first; test; test = test->next) {
		if (!check_chosen(test->name, argc, argv))
			continue;
		bool passed = check_run_failed_seeds(test);
		passed = check_run(test, NULL) && passed;
		bool skips = passed && check_was_skipped;
		failed += !passed;
		skipped += skips;
		printf("%s %d - %s%s\n", passed ? "ok" : "not ok", ++number, test->name, skips ? " # SKIP" : "");
	}
	printf("%d passed, %d failed", total - failed - skipped, failed);
	if (skipped)
		printf(", %d skipped", skipped);
	printf("\n");
	return failed || total == 0;
}

#define CHECK_MAIN                                                                                   \
	int main(int argc, char **argv)                                                              \
	{                                                                                            \
		return check_main(argc, argv);                                                       \
	}

#endif
