/* fault_sweep.h: one kind of fault at point after point of the walk, once and sticky.
 *
 *     struct sweep sweep = { .name = "write", .arm = arm_write, .calm = calm_write };
 *     sweep_run(walk, &sweep, 48);   // every 48th point from a random one on; with FAULT_ALL=1 every point
 *
 * Point n is the nth call of its kind in each step; a sweep ends behind the last point that any step has. What failed is
 * printed as a line of tests/fault/points: points listed there are tried first. FAULT_POINT="NAME N once" tries that one
 * alone. FAULT_PART=k/n takes every nth of the points, for n processes side by side.
 */
#ifndef MOONBILL_TESTS_FAULT_SWEEP_H
#define MOONBILL_TESTS_FAULT_SWEEP_H

#include "fault_walk.h"

enum { SWEEP_FAILED_MOST = 20 }; /* points after which a sweep goes no further */

struct sweep {
	const char *name;
	walk_arm *arm;     /* with the sweep as its context */
	walk_calm *calm;
	const void *fault; /* of whom gave arm */
	long nth;
	bool sticky;
	long points, failed;
};

/* Set by sweep_part. */
struct sweep_points {
	long next, stride;
};

static bool sweep_is_whole(void)
{
	return getenv("FAULT_ALL") != NULL;
}

static struct sweep_points sweep_points(uint64_t *state, long stride)
{
	const char *part = getenv("FAULT_PART");
	long mine = 1, parts = 1;
	if (!sweep_is_whole())
		return (struct sweep_points){ check_between(state, 1, stride), stride };
	if (part && (sscanf(part, "%ld/%ld", &mine, &parts) != 2 || mine < 1 || mine > parts))
		CHECK_FAIL("FAULT_PART is '%s', not k/n", part);
	return (struct sweep_points){ mine, parts };
}

/* False when no step has so many. */
static bool sweep_point(struct walk *walk, struct sweep *sweep)
{
	long before = walk->tally->hit;
	check_note("%s %ld %s", sweep->name, sweep->nth, sweep->sticky ? "sticky" : "once");
	sweep->points++;
	if (walk_faulty(walk, sweep->arm, sweep->calm, sweep))
		return walk->tally->hit > before;
	printf("# failed point: %s\n", check_note_text);
	return ++sweep->failed < SWEEP_FAILED_MOST;
}

static void sweep_kind(struct walk *walk, struct sweep *sweep, struct sweep_points points)
{
	long begun = sweep->points, hit = walk->tally->hit;
	for (sweep->nth = points.next; sweep_point(walk, sweep); sweep->nth += points.stride)
		;
	printf("# %s, %s: %ld walks, %ld faults met, the last point is %ld\n", sweep->name,
	       sweep->sticky ? "sticky" : "once", sweep->points - begun, walk->tally->hit - hit, sweep->nth - points.stride);
}

/* A line "NAME N once" or "NAME N sticky"; false when it is of another sweep. */
static bool sweep_point_parse(struct sweep *sweep, const char *line)
{
	char name[40], kind[10];
	if (sscanf(line, "%39s %ld %9s", name, &sweep->nth, kind) != 3 || strcmp(name, sweep->name) != 0)
		return false;
	sweep->sticky = strcmp(kind, "sticky") == 0;
	return true;
}

static void sweep_known(struct walk *walk, struct sweep *sweep)
{
	char line[120];
	FILE *file = fopen(SOURCE_DIR "/tests/fault/points", "r");
	CHECK(file != NULL);
	while (fgets(line, sizeof line, file))
		if (sweep_point_parse(sweep, line))
			sweep_point(walk, sweep);
	fclose(file);
}

__attribute__((unused)) static void sweep_run(struct walk *walk, struct sweep *sweep, long stride)
{
	const char *only = getenv("FAULT_POINT");
	uint64_t state = check_seed();
	if (only) {
		if (sweep_point_parse(sweep, only))
			sweep_point(walk, sweep);
		CHECK_EQ_INT(sweep->failed, 0);
		return;
	}
	if (sweep_is_whole())
		alarm(0);
	sweep_known(walk, sweep);
	struct sweep_points points = { 1, 1 };
	for (int sticky = 0; sticky < 2; sticky++) {
		sweep->sticky = sticky == 1;
		points = sweep_points(&state, stride);
		sweep_kind(walk, sweep, points);
	}
	const struct walk_tally *tally = walk->tally;
	printf("# %s: %ld points, %ld faults met, %ld answered with an error first, %ld restarts\n", sweep->name,
	       sweep->points, tally->hit, tally->failed, tally->restarted);
	/* A part behind the first has no point of a call that no step makes twice. */
	CHECK(tally->hit > 0 || (sweep_is_whole() && points.next > 1));
	CHECK_EQ_INT(sweep->failed, 0);
}

/* Each of these is done to a walk, under a fault at point `nth`, and must be noticed: so the sweep can fail. */
__attribute__((unused)) static void sweep_controls(struct walk *walk, struct sweep *sweep, long nth)
{
	static const enum walk_plant plants[] = { WALK_BLAME, WALK_EARLY, WALK_LOST_ROW };
	sweep->nth = nth;
	CHECK(walk_faulty(walk, sweep->arm, sweep->calm, sweep));
	CHECK(walk->tally->failed > 0); /* a fault that nobody feels could hide nothing */
	for (size_t i = 0; i < sizeof plants / sizeof *plants; i++) {
		walk->plant = plants[i];
		check_note("plant %d", (int)plants[i]);
		CHECK(!walk_faulty(walk, sweep->arm, sweep->calm, sweep));
	}
	walk->plant = WALK_NOTHING;
}

#endif
