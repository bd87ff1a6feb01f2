/* json_scan.h: the words of JSON (RFC 8259), checked strictly. Private to value/.
 *
 * A scanner walks over a source and answers one word at a time. Strings are decoded into `copy`, a buffer of
 * the source's length: a decoded string is never longer than its source and lies at the same offset, where
 * the byte behind it (a quote in the source) holds its terminator.
 */
#ifndef MOONBILL_VALUE_JSON_SCAN_H
#define MOONBILL_VALUE_JSON_SCAN_H

#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct json_scanner {
	struct text source;
	char *copy;
	size_t at; /* of the next byte */
	struct problems *problems;
};

/* The next byte that is not a blank, not consumed; -1 at the end. */
int json_scan_peek(struct json_scanner *scanner);
/* Consumes `byte` when it comes next. */
bool json_scan_take(struct json_scanner *scanner, char byte);
/* A literal such as "true". */
bool json_scan_word(struct json_scanner *scanner, const char *word);
/* The scanner stands at the opening quote. */
bool json_scan_string(struct json_scanner *scanner, struct text *text);
/* The source text of a number, terminated only by its length. */
bool json_scan_number(struct json_scanner *scanner, struct text *text);
/* One problem that names line and column of `offset`; returns false. */
bool json_scan_problem(struct json_scanner *scanner, enum problem_code code, size_t offset, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
/* Says what was found at the next byte: "expected ',' or '}', found 'x'". */
bool json_scan_unexpected(struct json_scanner *scanner, const char *expected);

#endif
