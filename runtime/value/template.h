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

#include "json.h"
#include "record.h"

enum {
	TEMPLATE_DEPTH_MAX = 16,
	TEMPLATE_OUTPUT_BYTES_MAX = 16 * 1024 * 1024,
	TEMPLATE_STEPS_MAX = 2000000, /* pieces and items written: lists within lists have no end otherwise */
	TEMPLATE_JSON_STEPS_MAX = 200000, /* the same, and names looked at: it is written in a transaction */
};

struct template;

/* Reads a template for records of this kind (NULL: for JSON); NULL and every problem found, with `file` and line in the message.
 * It points into the source and lives in the arena. */
const struct template *template_read(struct text source, const char *file, const struct record *record, const char *pointer,
                                     struct arena *arena, struct problems *problems);

enum template_escape {
	TEMPLATE_ESCAPE_NONE, /* plain text */
	TEMPLATE_ESCAPE_HTML, /* for text and quoted attributes of HTML */
};
/* False with PROBLEM_TOO_LONG, with PROBLEM_TEMPLATE_FAILED for lists within lists that have no end, or when memory is out. */
bool template_write(const struct template *template, const void *value, enum template_escape escape, struct arena *arena,
                    struct problems *problems, struct text *out);
/* The same of a template for JSON. What a name stands for is found in the innermost object that has it; {{.}} is the item
 * itself. A name outside of all sections that there is nothing for is PROBLEM_TEMPLATE_FAILED, with the nearest one: within a
 * section it leaves nothing behind, as an absent field does. */
bool template_write_json(const struct template *template, const struct json *value, enum template_escape escape,
                         struct arena *arena, struct problems *problems, struct text *out);

#endif
