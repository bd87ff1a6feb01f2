/* console_print.h: values as a person reads them: a record as a block, records of a kind as a table, or all of it as JSON.
 *
 *     invoice 3                              id  status   total
 *       number    1021                        3  open     19.99 USD
 *       total     19.99 USD                   4  settled   5.00 USD
 *
 * What comes out of the store is shown with its control characters written out, so that no text can play with a terminal.
 */
#ifndef MOONBILL_CONSOLE_CONSOLE_PRINT_H
#define MOONBILL_CONSOLE_CONSOLE_PRINT_H

#include "rule/rule_console.h"
#include "value/record.h"

#include <stdio.h>

enum { PRINT_ROWS_MAX = 200, PRINT_WIDTH_DEFAULT = 110, PRINT_TEXT_MAX = 200, PRINT_CELL_MAX = 40 };

struct printer {
	FILE *out;
	struct arena *arena;
	bool json;
	size_t width; /* of a line, in characters */
	bool (*is_gone)(void *context, const void *value);
	void *context;
};

void print_value(const struct printer *printer, const struct rule_console_value *value);
void print_record(const struct printer *printer, const struct record *record, const void *value);
void print_rows(const struct printer *printer, const struct record *record, const void *const *rows, size_t count);
/* Fields of a record or an input: name, kind, * where it is required, what it is for. */
void print_fields(const struct printer *printer, const struct record *record, bool input);

/* A table of texts, its columns as wide as they must be. `cells` has a row after the other. */
void print_table(const struct printer *printer, const char *const *heads, const struct text *cells, size_t columns, size_t rows);

/* "list of order_line", "draft|active" */
struct text print_kind(struct arena *arena, const struct record_field *field);
/* Controls written out, cut to `most` characters. */
struct text print_safe(struct arena *arena, struct text text, size_t most);
/* A text of lines, and a line feed; controls but those of lines and tabs written out. */
void print_lines(FILE *out, struct text text);
/* All but the last four digits of what may be a card's number are hidden. */
struct text print_masked(struct arena *arena, struct text text);
/* The text of a field as it is shown: money with its currency; none where it is absent or has parts. */
struct text print_field(struct arena *arena, const struct record *record, const void *value, int field, size_t most);

#endif
