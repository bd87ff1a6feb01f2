/* test_memory.c: every allocation of SQLite fails once, or from then on, at every step of the walk. */
#include "fault_walk.h"

#include <stdatomic.h>

/* ---- SQLite's allocations under a counter ---- */

static sqlite3_mem_methods plain_memory;
static atomic_long sqlite_left; /* the one that makes it 0 fails */
static atomic_bool sqlite_sticky, sqlite_met;

static bool sqlite_must_fail(void)
{
	if (atomic_load(&sqlite_met))
		return atomic_load(&sqlite_sticky);
	if (atomic_load(&sqlite_left) <= 0 || atomic_fetch_sub(&sqlite_left, 1) != 1)
		return false;
	atomic_store(&sqlite_met, true);
	return true;
}

static void *sqlite_alloc(int size)
{
	return sqlite_must_fail() ? NULL : plain_memory.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
	return sqlite_must_fail() ? NULL : plain_memory.xRealloc(old, size);
}

static void sqlite_memory_install(void)
{
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory), SQLITE_OK);
	sqlite3_mem_methods counted = plain_memory;
	counted.xMalloc = sqlite_alloc;
	counted.xRealloc = sqlite_realloc;
	CHECK_EQ_INT(sqlite3_config(SQLITE_CONFIG_MALLOC, &counted), SQLITE_OK);
}

/* ---- the fault of a step ---- */

struct memory_fault {
	long nth;
	bool sticky;
};

static void arm_memory(void *context, int step)
{
	const struct memory_fault *fault = context;
	if (step == WALK_STEPS)
		return; /* closing needs no memory of which anybody hears */
	atomic_store(&sqlite_met, false);
	atomic_store(&sqlite_sticky, fault->sticky);
	atomic_store(&sqlite_left, fault->nth);
}

static bool calm_memory(void *context)
{
	(void)context;
	bool met = atomic_load(&sqlite_met);
	atomic_store(&sqlite_left, 0);
	atomic_store(&sqlite_met, false);
	return met;
}

static void sweep(bool sticky, long stride)
{
	struct walk walk;
	uint64_t state = check_seed();
	log_set_level(LOG_OFF);
	sqlite_memory_install();
	fault_vfs_install();
	walk_make(&walk);
	struct points points = points_begin(&state, stride);
	struct memory_fault fault = { .sticky = sticky };
	for (long before = -1; before != walk.hit; points.next += points.stride) {
		before = walk.hit;
		fault.nth = points.next;
		check_note("allocation %ld of each step", fault.nth);
		walk_faulty(&walk, arm_memory, calm_memory, &fault);
	}
	printf("# %ld met, %ld answered with an error first, %ld restarts, %ld allocations a step at most\n", walk.hit,
	       walk.failed, walk.restarted, fault.nth - points.stride);
	CHECK(walk.failed > 0);
	walk_remove(&walk);
}

TEST(an_allocation_of_sqlite_that_fails)
{
	sweep(false, 1500);
}

TEST(no_more_memory_for_sqlite)
{
	sweep(true, 1500);
}

CHECK_MAIN
