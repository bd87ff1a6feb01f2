/* xml.h: small XML documents in and out.
 *
 * Reading is by expat: any DOCTYPE is refused (so no entities), depth at most 32, at most 10,000 elements,
 * UTF-8 only. The result is an immutable tree in the arena; names keep their prefixes, comments and
 * processing instructions are skipped. Writing is our own and escapes everything; what XML cannot say (control
 * bytes, bytes that are not UTF-8) becomes U+FFFD.
 */
#ifndef MOONBILL_VALUE_XML_H
#define MOONBILL_VALUE_XML_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum { XML_DEPTH_MAX = 32, XML_ELEMENTS_MAX = 10000 };

struct xml_attribute {
	struct text name, value;
	const struct xml_attribute *next;
};

struct xml {
	struct text name;
	struct text text; /* character data directly inside, trimmed; "" when there is none */
	const struct xml_attribute *attributes;
	const struct xml *first, *next; /* child elements in order; sibling */
	long line;
};

/* NULL and one problem (with line and column) when it is not such a document. */
const struct xml *xml_parse(struct text source, struct arena *arena, struct problems *problems);
/* Same with a limit of its own on elements (files of operators). */
const struct xml *xml_parse_limited(struct text source, size_t elements_max, struct arena *arena, struct problems *problems);
const struct xml *xml_child(const struct xml *element, const char *name); /* first of that name or NULL */
struct text xml_child_text(const struct xml *element, const char *name);  /* TEXT_NONE when absent */
struct text xml_attribute(const struct xml *element, const char *name);   /* TEXT_NONE when absent */

struct xml_writer {
	struct text_builder *out;
	struct text open[40];
	unsigned depth;
	bool tag_open; /* "<name" written, ">" not yet: attributes may follow */
};
void xml_writer_init(struct xml_writer *writer, struct text_builder *out); /* writes the declaration */
void xml_open(struct xml_writer *writer, const char *name);
void xml_put_attribute(struct xml_writer *writer, const char *name, struct text value);
void xml_put_text(struct xml_writer *writer, struct text text);
void xml_close(struct xml_writer *writer); /* an element without content becomes <name/> */
/* <name>text</name>; nothing when the text is absent. */
void xml_element(struct xml_writer *writer, const char *name, struct text text);

#endif
