/* xml_write.c: XML out: closes what it opened and escapes everything. */
#include "xml.h"

#include "base/problem.h"

void xml_writer_init(struct xml_writer *writer, struct text_builder *out)
{
	*writer = (struct xml_writer){ .out = out };
	builder_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
}

static void tag_finish(struct xml_writer *writer)
{
	if (writer->tag_open)
		builder_byte(writer->out, '>');
	writer->tag_open = false;
}

void xml_open(struct xml_writer *writer, const char *name)
{
	if (writer->depth == sizeof writer->open / sizeof writer->open[0])
		BUG("XML nested deeper than %u", writer->depth);
	tag_finish(writer);
	builder_byte(writer->out, '<');
	builder_c(writer->out, name);
	writer->open[writer->depth++] = text_of(name);
	writer->tag_open = true;
}

/* What stands for a byte that cannot be written as it is; NULL when it can. Line ends and tabs would be
 * changed by a reader where they are, other control bytes do not exist in XML 1.0. */
static const char *escape_of(unsigned char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\r':
		return "&#13;";
	case '\n':
		return "&#10;";
	case '\t':
		return "&#9;";
	default:
		return byte < 0x20 ? "\xef\xbf\xbd" : NULL;
	}
}

/* How many bytes the valid character at the start has; 0 when it is no UTF-8, or U+FFFE or U+FFFF, which
 * XML lacks. */
static size_t character_length(struct text text)
{
	bool lacking = text_starts(text, "\xef\xbf\xbe") || text_starts(text, "\xef\xbf\xbf");
	return lacking ? 0 : text_utf8_length(text);
}

static void escape_write(struct text_builder *out, struct text text)
{
	size_t from = 0;
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		size_t length = byte < 0x80 ? 1 : character_length(text_slice(text, i, text.length));
		const char *escape = length ? escape_of(byte) : "\xef\xbf\xbd";
		if (!escape) {
			i += length - 1;
			continue;
		}
		builder_add(out, text_slice(text, from, i));
		builder_c(out, escape);
		from = i + 1;
	}
	builder_add(out, text_slice(text, from, text.length));
}

void xml_put_attribute(struct xml_writer *writer, const char *name, struct text value)
{
	if (!writer->tag_open)
		BUG("attribute %s outside a tag", name);
	builder_byte(writer->out, ' ');
	builder_c(writer->out, name);
	builder_c(writer->out, "=\"");
	escape_write(writer->out, value);
	builder_byte(writer->out, '"');
}

void xml_put_text(struct xml_writer *writer, struct text text)
{
	if (text.length == 0)
		return;
	tag_finish(writer);
	escape_write(writer->out, text);
}

void xml_close(struct xml_writer *writer)
{
	if (writer->depth == 0)
		BUG("nothing to close");
	struct text name = writer->open[--writer->depth];
	if (writer->tag_open) {
		builder_c(writer->out, "/>");
		writer->tag_open = false;
		return;
	}
	builder_c(writer->out, "</");
	builder_add(writer->out, name);
	builder_byte(writer->out, '>');
}

void xml_element(struct xml_writer *writer, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	xml_open(writer, name);
	xml_put_text(writer, text);
	xml_close(writer);
}
