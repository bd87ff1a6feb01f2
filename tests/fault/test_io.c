/* test_io.c: every call to the file system fails once, or from then on, at every step of the walk. */
#include "fault_sweep.h"

struct io_fault {
	enum fault_call call;
	enum fault_mode mode;
};

static void arm_io(void *context, int step)
{
	const struct sweep *sweep = context;
	const struct io_fault *fault = sweep->fault;
	(void)step;
	fault_arm(fault->call, fault->mode, sweep->nth, sweep->sticky);
}

static bool calm_io(void *context)
{
	(void)context;
	bool met = fault_hits() > 0;
	fault_disarm();
	return met;
}

static void sweep_call(enum fault_call call, enum fault_mode mode, long stride)
{
	static const char *const ends[] = { [FAULT_ERROR] = "", [FAULT_SHORT] = "-short", [FAULT_FULL] = "-full",
		                             [FAULT_QUOTA] = "-quota" };
	char name[40];
	log_set_level(LOG_OFF);
	fault_vfs_install();
	struct walk *walk = walk_make();
	snprintf(name, sizeof name, "%s%s", fault_call_names[call], ends[mode]);
	struct sweep sweep = { .name = name, .arm = arm_io, .calm = calm_io, .fault = &(struct io_fault){ call, mode } };
	sweep_run(walk, &sweep, stride);
	walk_remove(walk);
}

TEST(a_read_that_fails)
{
	sweep_call(FAULT_READ, FAULT_ERROR, 20);
}

TEST(a_write_that_fails)
{
	sweep_call(FAULT_WRITE, FAULT_ERROR, 9);
}

TEST(a_write_that_is_cut_short)
{
	sweep_call(FAULT_WRITE, FAULT_SHORT, 12);
}

TEST(a_write_that_finds_the_disk_full)
{
	sweep_call(FAULT_WRITE, FAULT_FULL, 12);
}

TEST(a_write_that_finds_the_quota_spent)
{
	sweep_call(FAULT_WRITE, FAULT_QUOTA, 12);
}

TEST(a_sync_that_fails)
{
	sweep_call(FAULT_SYNC, FAULT_ERROR, 2);
}

TEST(a_truncation_that_fails)
{
	sweep_call(FAULT_TRUNCATE, FAULT_ERROR, 1);
}

TEST(a_file_that_does_not_open)
{
	sweep_call(FAULT_OPEN, FAULT_ERROR, 3);
}

TEST(a_lock_that_fails)
{
	sweep_call(FAULT_LOCK, FAULT_ERROR, 2);
}

TEST(an_index_of_the_log_that_fails)
{
	sweep_call(FAULT_SHM, FAULT_ERROR, 9);
}

TEST(a_size_that_is_not_told)
{
	sweep_call(FAULT_SIZE, FAULT_ERROR, 5);
}

TEST(a_file_that_is_not_deleted)
{
	sweep_call(FAULT_DELETE, FAULT_ERROR, 1);
}

TEST(a_file_that_is_not_looked_up)
{
	sweep_call(FAULT_ACCESS, FAULT_ERROR, 3);
}

static void arm_opening(void *context, int step)
{
	const struct sweep *sweep = context;
	const struct io_fault *fault = sweep->fault;
	fault_arm(fault->call, fault->mode, step == -1 ? sweep->nth : 0, sweep->sticky);
}

/* The second fault: after a crash, in what brings the store back. */
TEST(a_fault_while_a_crash_is_recovered_from)
{
	static const struct {
		enum fault_call call;
		const char *name;
		long stride;
	} calls[] = {
		{ FAULT_READ, "recovery-read", 40 }, { FAULT_OPEN, "recovery-open", 5 }, { FAULT_LOCK, "recovery-lock", 4 },
		{ FAULT_SHM, "recovery-shm", 6 }, { FAULT_SIZE, "recovery-size", 4 }, { FAULT_ACCESS, "recovery-access", 4 },
	};
	log_set_level(LOG_OFF);
	fault_vfs_install();
	struct walk *walk = walk_make();
	walk->after_crash = true;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		struct sweep sweep = { .name = calls[i].name, .arm = arm_opening, .calm = calm_io,
			               .fault = &(struct io_fault){ calls[i].call, FAULT_ERROR } };
		sweep_run(walk, &sweep, calls[i].stride);
	}
	walk_remove(walk);
}

TEST(a_sweep_of_the_file_system_notices_blame_early_answers_and_lost_rows)
{
	log_set_level(LOG_OFF);
	fault_vfs_install();
	struct walk *walk = walk_make();
	struct sweep sweep = { .name = "write", .arm = arm_io, .calm = calm_io,
		               .fault = &(struct io_fault){ FAULT_WRITE, FAULT_ERROR } };
	sweep_controls(walk, &sweep, 1);
	walk_remove(walk);
}

CHECK_MAIN
