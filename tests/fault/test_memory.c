/* test_memory.c: every allocation fails once, or from then on, at every step of the walk: ours, SQLite's, Lua's, those of
 * the other libraries. */
#include "fault_memory.h"
#include "fault_sweep.h"

static void arm_memory(void *context, int step)
{
	const struct sweep *sweep = context;
	const enum fault_memory_source *source = sweep->fault;
	/* Closing needs no memory of which anybody hears. At the opening Lua compiles what is shipped, which fits. */
	if (step != WALK_STEPS && (step != -1 || *source != FAULT_MEMORY_LUA))
		fault_memory_arm(*source, sweep->nth, sweep->sticky);
}

static bool calm_memory(void *context)
{
	(void)context;
	return fault_memory_disarm();
}

static struct walk *begin(void)
{
	log_set_level(LOG_OFF);
	fault_memory_install();
	fault_vfs_install();
	return walk_make();
}

static void sweep_memory(const char *name, enum fault_memory_source source, long stride)
{
	struct walk *walk = begin();
	struct sweep sweep = { .name = name, .arm = arm_memory, .calm = calm_memory, .fault = &source };
	walk->rules_refuse = source == FAULT_MEMORY_LUA;
	sweep_run(walk, &sweep, stride);
	walk_remove(walk);
}

TEST(an_allocation_of_ours_that_fails)
{
	sweep_memory("ours", FAULT_MEMORY_OURS, 12);
}

TEST(an_allocation_of_sqlite_that_fails)
{
	sweep_memory("sqlite", FAULT_MEMORY_SQLITE, 1500);
}

TEST(an_allocation_of_lua_that_fails)
{
	sweep_memory("lua", FAULT_MEMORY_LUA, 400);
}

TEST(an_allocation_of_a_library_that_fails)
{
	sweep_memory("libraries", FAULT_MEMORY_LIBRARIES, 5);
}

TEST(a_sweep_of_memory_notices_blame_early_answers_lost_rows_and_leaks)
{
	enum fault_memory_source source = FAULT_MEMORY_OURS;
	struct walk *walk = begin();
	struct sweep sweep = { .name = "ours", .arm = arm_memory, .calm = calm_memory, .fault = &source };
	sweep_controls(walk, &sweep, 3);
#ifdef __SANITIZE_ADDRESS__
	walk->plant = WALK_LEAK;
	CHECK(!walk_faulty(walk, arm_memory, calm_memory, &sweep));
#endif
	walk_remove(walk);
}

CHECK_MAIN
