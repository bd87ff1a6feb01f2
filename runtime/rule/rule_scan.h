/* rule_scan.h: what a source may not hold although the compiler would take it (anchors: wrong code of Lua 5.4.4 for
 * bit operators and `_ENV`, `<close>`, integers that silently become floats). Pure. Private to runtime/rule.
 */
#ifndef MOONBILL_RULE_RULE_SCAN_H
#define MOONBILL_RULE_RULE_SCAN_H

#include "base/text.h"

#include <stdbool.h>

/* The first thing refused: its line and why. */
struct scan_refusal {
	int line;
	struct text token;
	const char *reason; /* a sentence with the remedy */
};

/* What stands on a line, for rule_straight.c. */
enum {
	SCAN_FUNCTION = 1,  /* one `function` */
	SCAN_FUNCTIONS = 2, /* more */
	SCAN_LOOP = 4,      /* for, while, repeat, goto, require */
};

/* Reads tokens as the compiler does, skipping comments and strings; what is not Lua at all is left to the compiler.
 * `lines` is NULL, or zeroed and holds rule_scan_lines(source) bytes; [1] is of the first line. */
bool rule_scan(struct text source, unsigned char *lines, struct scan_refusal *refusal);
size_t rule_scan_lines(struct text source);

#endif
