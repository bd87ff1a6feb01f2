/* template.h: text with places for a record's fields: the part of Mustache that has no code and no unescaped values.
 *
 *     {{number}}  {{account.name}}         a field, escaped; nothing when it is absent
 *     {{#lines}} ... {{/lines}}            once for each item, or once when a field is there (a boolean: when true)
 *     {{^lines}} ... {{/lines}}            once when there is none
 *     {{! a remark }}
 *
 * A name is looked for in the innermost section's record, then in those around it. All names are checked against the
 * record when a template is read, so what is deployed has no name that does not exist. A line that holds one section tag
 * or remark and blanks alone leaves no line behind.
 *
 * Source of the notation: the Mustache manual, https://mustache.github.io/mustache.5.html
 */
#ifndef MOONBILL_VALUE_TEMPLATE_H
#define MOONBILL_VALUE_TEMPLATE_H

#include "record.h"

enum {
	TEMPLATE_DEPTH_MAX = 16,
	TEMPLATE_OUTPUT_BYTES_MAX = 16 * 1024 * 1024,
};

struct template;

/* Reads a template for records of this kind; NULL and every problem found, with `file` and line in the message.
 * It points into the source and lives in the arena. */
const struct template *template_read(struct text source, const char *file, const struct record *record, const char *pointer,
                                     struct arena *arena, struct problems *problems);

enum template_escape {
	TEMPLATE_ESCAPE_NONE, /* plain text */
	TEMPLATE_ESCAPE_HTML, /* for text and quoted attributes of HTML */
};
/* False with PROBLEM_TOO_LONG or when memory is out: nothing else goes wrong. */
bool template_write(const struct template *template, const void *value, enum template_escape escape, struct arena *arena,
                    struct problems *problems, struct text *out);

#endif
