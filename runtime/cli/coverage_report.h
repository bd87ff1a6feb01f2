/* coverage_report.h: what of a bundle's rules its checks have run, for people and as lcov has it. */
#ifndef MOONBILL_CLI_COVERAGE_REPORT_H
#define MOONBILL_CLI_COVERAGE_REPORT_H

#include "rule/author.h"

/* A line a file, with the lines and branches that nothing has run. */
void coverage_print(const struct author_coverage *coverage);
/* An object a file: {"covered": FILE, "lines": [{"line": 3, "count": 2}], "branches": [{"line", "kind", "taken"}]}. */
void coverage_write(const struct author_coverage *coverage, struct json_writer *writer);
/* The tracefile of lcov: DA a line, BRDA a branch. */
struct text coverage_lcov(const struct author_coverage *coverage, struct arena *arena);

#endif
