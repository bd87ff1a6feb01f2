/* test_process.c: what the kernel says of this process is what the process knows of itself. */
#include "base/clock.h"
#include "base/process.h"

#include "check.h"

#include <pthread.h>
#include <unistd.h>

TEST(a_process_began_a_short_while_ago)
{
	int64_t age_us = clock_wall().us - process_usage().started_at_us;
	CHECK(age_us > -2 * (int64_t)US_PER_S && age_us < 3600 * (int64_t)US_PER_S); /* the kernel tells whole seconds of the boot */
}

TEST(an_open_file_is_a_descriptor_more)
{
	int64_t before = process_usage().descriptors;
	int copy = dup(0);
	CHECK(copy >= 0);
	CHECK_EQ_INT(process_usage().descriptors, before + 1);
	CHECK(close(copy) == 0);
	CHECK_EQ_INT(process_usage().descriptors, before);
	CHECK(process_usage().descriptors_max > before);
}

static void *waits(void *lock)
{
	pthread_mutex_lock(lock);
	pthread_mutex_unlock(lock);
	return NULL;
}

TEST(a_thread_is_a_thread_more)
{
	pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	pthread_t first, second;
	pthread_mutex_lock(&lock);
	CHECK(pthread_create(&first, NULL, waits, &lock) == 0); /* with it the thread sanitizer begins one of its own */
	int64_t before = process_usage().threads;
	CHECK(pthread_create(&second, NULL, waits, &lock) == 0);
	CHECK_EQ_INT(process_usage().threads, before + 1);
	pthread_mutex_unlock(&lock);
	CHECK(pthread_join(first, NULL) == 0);
	CHECK(pthread_join(second, NULL) == 0);
}

TEST(memory_that_is_used_is_resident)
{
	size_t size = 32 * 1024 * 1024;
	int64_t before = process_usage().resident_bytes;
	char *block = malloc(size);
	CHECK(block != NULL);
	for (size_t at = 0; at < size; at += 4096)
		((volatile char *)block)[at] = 1;
	const struct process_usage usage = process_usage();
	CHECK(usage.resident_bytes >= before + (int64_t)size / 2);
	CHECK(usage.virtual_bytes >= usage.resident_bytes && usage.cpu_us > 0);
	free(block);
}

CHECK_MAIN
