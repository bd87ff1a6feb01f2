/* test_check.c: of the tests themselves: a seed of tests/failed.seeds runs, and before the others. */
#include "check.h"

#define MARK BINARY_DIR "/listed_seed_ran"

TEST(a_seed_that_failed_runs_first)
{
	if (check_seed() == 42) {
		FILE *mark = fopen(MARK, "w");
		CHECK(mark);
		CHECK(fclose(mark) == 0);
		return;
	}
	CHECK(remove(MARK) == 0);
}

CHECK_MAIN
