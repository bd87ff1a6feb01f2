/* test_io.c: every call to the file system fails once, or from then on, at every step of the walk. */
#include "fault_walk.h"

struct io_fault {
	enum fault_call call;
	enum fault_mode mode;
	long nth;
	bool sticky;
};

static void arm_io(void *context, int step)
{
	const struct io_fault *fault = context;
	(void)step;
	fault_arm(fault->call, fault->mode, fault->nth, fault->sticky);
}

static bool calm_io(void *context)
{
	(void)context;
	bool met = fault_hits() > 0;
	fault_disarm();
	return met;
}

/* Until no step has so many calls any more. */
static void sweep(struct walk *walk, struct io_fault fault, uint64_t *state, long stride)
{
	struct points points = points_begin(state, stride);
	long hit_before = walk->hit;
	for (long before = -1; before != walk->hit; points.next += points.stride) {
		before = walk->hit;
		fault.nth = points.next;
		check_note("%s, mode %d, call %ld of each step%s", fault_call_names[fault.call], (int)fault.mode, fault.nth,
		           fault.sticky ? ", sticky" : "");
		walk_faulty(walk, arm_io, calm_io, &fault);
	}
	printf("# %s, mode %d%s: %ld faults, %ld points a step at most\n", fault_call_names[fault.call],
	       (int)fault.mode, fault.sticky ? ", sticky" : "", walk->hit - hit_before, fault.nth - points.stride);
}

static void sweep_call(enum fault_call call, enum fault_mode mode, long stride)
{
	struct walk walk;
	uint64_t state = check_seed();
	log_set_level(LOG_OFF);
	fault_vfs_install();
	walk_make(&walk);
	for (int sticky = 0; sticky < 2; sticky++)
		sweep(&walk, (struct io_fault){ call, mode, 0, sticky == 1 }, &state, stride);
	printf("# %ld met, %ld answered with an error first, %ld restarts\n", walk.hit, walk.failed, walk.restarted);
	CHECK(walk.hit > 0);
	walk_remove(&walk);
}

TEST(a_read_that_fails)
{
	sweep_call(FAULT_READ, FAULT_ERROR, 20);
}

TEST(a_write_that_fails)
{
	sweep_call(FAULT_WRITE, FAULT_ERROR, 48);
}

TEST(a_write_that_is_cut_short)
{
	sweep_call(FAULT_WRITE, FAULT_SHORT, 72);
}

TEST(a_write_that_finds_the_disk_full)
{
	sweep_call(FAULT_WRITE, FAULT_FULL, 72);
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

CHECK_MAIN
