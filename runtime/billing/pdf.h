/* pdf.h: HTML as PDF, by WeasyPrint in a process of its own.
 *
 * The process gets the HTML on its standard input and answers on its standard output. It may fetch nothing, neither files
 * nor from a network, but what is within the HTML as data: URLs; it has a bound on memory, time and output. WeasyPrint is
 * optional: without it the answer is PROBLEM_NOT_IMPLEMENTED with the remedy. A template that it cannot make into pages is
 * PROBLEM_TEMPLATE_FAILED; one that it has not made in time, while it had little of a processor, is PROBLEM_TIMEOUT.
 */
#ifndef MOONBILL_BILLING_PDF_H
#define MOONBILL_BILLING_PDF_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdint.h>

/* The interpreter that has the module weasyprint; Debian's. */
#define PDF_PYTHON "/usr/bin/python3"

enum {
	PDF_DEADLINE_MS = 30000,
	PDF_OUTPUT_BYTES_MAX = 32 * 1024 * 1024,
};

/* Waits for the process: on a thread that may wait. Once *stops is set (may be NULL) the process is killed and the answer is
 * PROBLEM_BUSY. */
bool pdf_make(const char *python, struct text html, const atomic_bool *stops, struct arena *arena, struct problems *problems,
              struct text *pdf);
/* The same with a deadline of one's own. */
struct pdf_order {
	const char *python;
	struct text html;
	const atomic_bool *stops; /* may be NULL */
	int64_t deadline_ms;
};
bool pdf_make_order(const struct pdf_order *order, struct arena *arena, struct problems *problems, struct text *pdf);

#endif
