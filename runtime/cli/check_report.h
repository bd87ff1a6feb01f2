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
/* Line `line` of a file of the archive, without blanks around it; TEXT_NONE when there is none. "place" is "file:line". */
struct bundle_archive;
struct text source_line(const struct bundle_archive *archive, const char *place);

#endif
