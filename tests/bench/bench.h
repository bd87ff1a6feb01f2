/* bench.h: what the benchmark programs share: time, medians, a histogram of latencies, arguments.
 *
 * Figures of a machine that does other work as well move by half between runs. So whatever is compared is measured in
 * turn in the same run, medians of several rounds are printed, and instructions (bench_rule under valgrind) are
 * counted where a path is bound by the processor: those do not move.
 */
#ifndef MOONBILL_TESTS_BENCH_H
#define MOONBILL_TESTS_BENCH_H

#include "base/clock.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNUSED __attribute__((unused))

__attribute__((format(printf, 1, 2), noreturn)) static UNUSED void bench_fail(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	fprintf(stderr, "bench: ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
	va_end(arguments);
	exit(1);
}

/* Of this thread's processor, so that waiting does not count. */
static UNUSED double bench_cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Of all threads. */
static UNUSED double bench_process_cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static UNUSED int bench_compare(const void *a, const void *b)
{
	const double *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* Sorts the values. */
static UNUSED double bench_median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, bench_compare);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* "--name value" of the command line; NULL when it is not there. */
static UNUSED const char *bench_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return NULL;
}

static UNUSED int64_t bench_number(int argc, char **argv, const char *name, int64_t otherwise, int64_t min, int64_t max)
{
	const char *value = bench_option(argc, argv, name);
	int64_t number = otherwise;
	if (value && (!text_to_int64(text_of(value), &number) || number < min || number > max))
		bench_fail("%s needs a number from %lld to %lld, not %s", name, (long long)min, (long long)max, value);
	return number;
}

/* ---- latencies: buckets of an eighth of a power of two, so a percentile is true to 12 % whatever its size ---- */

enum { HISTOGRAM_PARTS = 8, HISTOGRAM_BUCKETS = 40 * HISTOGRAM_PARTS };

struct histogram {
	int64_t counts[HISTOGRAM_BUCKETS], count, max_us;
};

static UNUSED void histogram_add(struct histogram *histogram, int64_t us)
{
	uint64_t value = us > 0 ? (uint64_t)us : 0;
	size_t bucket = (size_t)value;
	if (value >= HISTOGRAM_PARTS) {
		int power = 63 - __builtin_clzll(value); /* at least 3: the parts of a power are its next three bits */
		bucket = (size_t)(power - 2) * HISTOGRAM_PARTS + (size_t)(value >> (power - 3) & (HISTOGRAM_PARTS - 1));
	}
	histogram->counts[bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1]++;
	histogram->count++;
	if (us > histogram->max_us)
		histogram->max_us = us;
}

/* The middle of the bucket below which `part` of all lie. */
static UNUSED int64_t histogram_at(const struct histogram *histogram, double part)
{
	int64_t wanted = (int64_t)(part * (double)histogram->count), seen = 0;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen <= wanted)
			continue;
		if (i < HISTOGRAM_PARTS)
			return (int64_t)i;
		int power = (int)(i / HISTOGRAM_PARTS) + 2;
		int64_t low = (int64_t)(HISTOGRAM_PARTS + i % HISTOGRAM_PARTS) << (power - 3), width = INT64_C(1) << (power - 3);
		return low + width / 2 < histogram->max_us ? low + width / 2 : histogram->max_us;
	}
	return histogram->max_us;
}

#endif
