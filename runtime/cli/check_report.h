/* check_report.h: the checks of a bundle's folder, run and told; for moonbill test. */
#ifndef MOONBILL_CLI_CHECK_REPORT_H
#define MOONBILL_CLI_CHECK_REPORT_H

#include "cli.h"

struct check_count {
	size_t passed, failed;
};

/* Reads the bundle, runs its checks and prints a line each, with what is different below. Adds to *count. False with problems
 * when the bundle is not in order. */
bool check_report_run(struct cli *cli, const char *folder, struct check_count *count);

/* ---- for all that tells of the files of a bundle ---- */
struct bundle_archive;
/* For output_problems_of: `context` is the archive. A line without blanks around it; TEXT_NONE when there is none. */
struct text archive_line(const void *context, struct text file, int64_t number);

#endif
