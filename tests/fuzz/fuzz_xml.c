/* fuzz_xml.c: the XML reader: what it takes, it writes and reads again as the same; what it refuses, it explains. */
#include "fuzz.h"

#include "value/xml.h"

static void element_write(struct fuzz *fuzz, struct xml_writer *writer, const struct xml *element)
{
	xml_open(writer, text_c(&fuzz->arena, element->name));
	for (const struct xml_attribute *at = element->attributes; at; at = at->next)
		xml_put_attribute(writer, text_c(&fuzz->arena, at->name), at->value);
	xml_put_text(writer, element->text);
	for (const struct xml *child = element->first; child; child = child->next)
		element_write(fuzz, writer, child);
	xml_close(writer);
}

static struct text document_text(struct fuzz *fuzz, const struct xml *root)
{
	struct text_builder out;
	struct xml_writer writer;
	builder_init(&out, &fuzz->arena, 0);
	xml_writer_init(&writer, &out);
	element_write(fuzz, &writer, root);
	return builder_text(&out);
}

static void parse(struct fuzz *fuzz)
{
	const struct xml *root = xml_parse(fuzz->input, &fuzz->arena, &fuzz->problems);
	if (!root) {
		FUZZ_CHECK(fuzz->problems.count == 1);
		return;
	}
	FUZZ_CHECK(fuzz->problems.count == 0);
	struct text once = document_text(fuzz, root);
	root = xml_parse(once, &fuzz->arena, &fuzz->problems);
	FUZZ_CHECK(root != NULL);
	FUZZ_CHECK(text_equals(document_text(fuzz, root), once));
}

FUZZ_TARGET(parse)
