/* check_report.h: the checks of a bundle's folder, run and told; for moonbill test. */
#ifndef MOONBILL_CLI_CHECK_REPORT_H
#define MOONBILL_CLI_CHECK_REPORT_H

#include "cli.h"
#include "value/json.h"

/* What a moonbill test tells. */
struct test_report {
	size_t passed, failed;
	struct json_writer *writer; /* an object a check, a file that is covered, a session; NULL: lines for people */
};

/* Reads the bundle, runs its checks and prints a line each, with what is different below. Adds to the report. False with problems
 * when the bundle is not in order. */
bool check_report_run(struct cli *cli, const char *folder, struct test_report *report);

/* ---- for all that tells of the files of a bundle ---- */
struct bundle_archive;
/* For output_problems_of: `context` is the archive. A line without blanks around it; TEXT_NONE when there is none. */
struct text archive_line(const void *context, struct text file, int64_t number);

#endif
