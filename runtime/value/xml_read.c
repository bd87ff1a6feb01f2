/* xml_read.c: small XML documents to an immutable tree in an arena, by expat. */
#include "xml.h"

#include "base/id.h"

#include <expat.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct open_element {
	struct xml *element, *last_child;
	struct text_builder text;
};

struct xml_reader {
	XML_Parser parser;
	struct arena *arena;
	struct problems *problems;
	struct xml *root;
	struct open_element open[XML_DEPTH_MAX];
	unsigned depth;
	size_t element_count, elements_max;
	bool failed; /* a problem was reported */
};

__attribute__((format(printf, 3, 4)))
static void reader_fail(struct xml_reader *reader, enum problem_code code, const char *format, ...)
{
	if (reader->failed)
		return;
	reader->failed = true;
	va_list arguments;
	va_start(arguments, format);
	struct text what = text_vformat(reader->problems->arena, format, arguments);
	va_end(arguments);
	problem(reader->problems, code, "", "line %lu, column %lu: %.*s",
	        (unsigned long)XML_GetCurrentLineNumber(reader->parser),
	        (unsigned long)XML_GetCurrentColumnNumber(reader->parser) + 1, TEXT_ARG(what));
	XML_StopParser(reader->parser, XML_FALSE);
}

static bool room_for_element(struct xml_reader *reader)
{
	if (reader->failed)
		return false;
	if (reader->depth == XML_DEPTH_MAX)
		reader_fail(reader, PROBLEM_TOO_DEEP, "elements nest deeper than %d", XML_DEPTH_MAX);
	else if (reader->element_count == reader->elements_max)
		reader_fail(reader, PROBLEM_TOO_MANY, "more than %zu elements", reader->elements_max);
	else if (arena_exhausted(reader->arena))
		reader_fail(reader, PROBLEM_OUT_OF_MEMORY, "the document is too large for its arena");
	return !reader->failed;
}

static const struct xml_attribute *attributes_of(struct xml_reader *reader, const XML_Char **pairs)
{
	const struct xml_attribute *first = NULL;
	size_t count = 0;
	while (pairs[count])
		count += 2;
	while (count > 0 && !arena_exhausted(reader->arena)) {
		struct xml_attribute *attribute = arena_new(reader->arena, struct xml_attribute);
		count -= 2;
		attribute->name = text_copy(reader->arena, text_of(pairs[count]));
		attribute->value = text_copy(reader->arena, text_of(pairs[count + 1]));
		attribute->next = first;
		first = attribute;
	}
	return first;
}

static void child_add(struct open_element *parent, struct xml *child)
{
	if (parent->last_child)
		parent->last_child->next = child;
	else
		parent->element->first = child;
	parent->last_child = child;
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **pairs)
{
	struct xml_reader *reader = context;
	if (!room_for_element(reader))
		return;
	struct xml *element = arena_new(reader->arena, struct xml);
	element->name = text_copy(reader->arena, text_of(name));
	element->attributes = attributes_of(reader, pairs);
	element->line = (long)XML_GetCurrentLineNumber(reader->parser);
	reader->element_count++;
	if (reader->depth > 0)
		child_add(&reader->open[reader->depth - 1], element);
	else
		reader->root = element;
	struct open_element *open = &reader->open[reader->depth++];
	*open = (struct open_element){ .element = element };
	builder_init(&open->text, reader->arena, 0);
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
	struct xml_reader *reader = context;
	(void)name; /* expat has compared it */
	if (reader->failed)
		return;
	struct open_element *open = &reader->open[--reader->depth];
	if (open->text.failed || arena_exhausted(reader->arena))
		reader_fail(reader, PROBLEM_OUT_OF_MEMORY, "the document is too large for its arena");
	open->element->text = text_trim(builder_text(&open->text));
}

static void XMLCALL on_text(void *context, const XML_Char *bytes, int length)
{
	struct xml_reader *reader = context;
	if (!reader->failed)
		builder_add(&reader->open[reader->depth - 1].text, (struct text){ bytes, (size_t)length });
}

static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal_subset)
{
	(void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
	reader_fail(context, PROBLEM_MALFORMED, "a DOCTYPE is not allowed");
}

static void XMLCALL on_declaration(void *context, const XML_Char *version, const XML_Char *encoding, int standalone)
{
	(void)version, (void)standalone;
	if (encoding && strcasecmp(encoding, "UTF-8") != 0 && strcasecmp(encoding, "US-ASCII") != 0)
		reader_fail(context, PROBLEM_MALFORMED, "the encoding is %.40s; only UTF-8 is read", encoding);
}

static void read_document(struct xml_reader *reader, struct text source)
{
	XML_SetUserData(reader->parser, reader);
	XML_SetElementHandler(reader->parser, on_start, on_end);
	XML_SetCharacterDataHandler(reader->parser, on_text);
	XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
	XML_SetXmlDeclHandler(reader->parser, on_declaration);
	if (XML_Parse(reader->parser, source.data ? source.data : "", (int)source.length, XML_TRUE) != XML_STATUS_OK) {
		enum XML_Error error = XML_GetErrorCode(reader->parser);
		reader_fail(reader, error == XML_ERROR_NO_MEMORY ? PROBLEM_OUT_OF_MEMORY : PROBLEM_MALFORMED, "%s",
		            XML_ErrorString(error));
	}
}

/* Expat would read UTF-16 whatever it is told. All of it has zero bytes, which XML in UTF-8 never has. */
static bool has_zero_byte(struct text source)
{
	return source.length && memchr(source.data, 0, source.length) != NULL;
}

/* ---- expat's memory: it keeps copies of the source, which may hold a card number, so what it frees is overwritten ---- */

enum { WIPED_HEAD_BYTES = 16 }; /* the size, and alignment */

static void *wiped_alloc(size_t size)
{
	char *block = size <= SIZE_MAX - WIPED_HEAD_BYTES ? memory_alloc(WIPED_HEAD_BYTES + size) : NULL;
	if (!block)
		return NULL;
	memcpy(block, &size, sizeof size);
	return block + WIPED_HEAD_BYTES;
}

static size_t wiped_size(const void *data)
{
	size_t size;
	memcpy(&size, (const char *)data - WIPED_HEAD_BYTES, sizeof size);
	return size;
}

static void wiped_free(void *data)
{
	if (!data)
		return;
	char *block = (char *)data - WIPED_HEAD_BYTES;
	bytes_wipe(block, WIPED_HEAD_BYTES + wiped_size(data));
	memory_free(block);
}

static void *wiped_realloc(void *old, size_t size)
{
	void *grown = wiped_alloc(size);
	if (grown && old) {
		memcpy(grown, old, size < wiped_size(old) ? size : wiped_size(old));
		wiped_free(old);
	}
	return grown;
}

const struct xml *xml_parse(struct text source, struct arena *arena, struct problems *problems)
{
	return xml_parse_limited(source, XML_ELEMENTS_MAX, arena, problems);
}

const struct xml *xml_parse_limited(struct text source, size_t elements_max, struct arena *arena, struct problems *problems)
{
	static const XML_Memory_Handling_Suite memory = { wiped_alloc, wiped_realloc, wiped_free };
	struct xml_reader reader = { .arena = arena, .problems = problems, .elements_max = elements_max };
	if (source.length > INT_MAX) {
		problem(problems, PROBLEM_PAYLOAD_TOO_LARGE, "", "the document has more than %d bytes", INT_MAX);
		return NULL;
	}
	if (has_zero_byte(source)) {
		problem(problems, PROBLEM_MALFORMED, "", "line 1, column 1: a document with zero bytes is not UTF-8");
		return NULL;
	}
	/* the encoding given here wins over the document's own, so that what is read is UTF-8 in any case */
	reader.parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
	if (!reader.parser) {
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "no memory for an XML parser");
		return NULL;
	}
	read_document(&reader, source);
	XML_ParserFree(reader.parser);
	return reader.failed ? NULL : reader.root;
}

/* ---- looking things up ---- */

const struct xml *xml_child(const struct xml *element, const char *name)
{
	if (!element)
		return NULL;
	for (const struct xml *child = element->first; child; child = child->next)
		if (text_is(child->name, name))
			return child;
	return NULL;
}

struct text xml_child_text(const struct xml *element, const char *name)
{
	const struct xml *child = xml_child(element, name);
	return child ? child->text : TEXT_NONE;
}

struct text xml_attribute(const struct xml *element, const char *name)
{
	if (!element)
		return TEXT_NONE;
	for (const struct xml_attribute *attribute = element->attributes; attribute; attribute = attribute->next)
		if (text_is(attribute->name, name))
			return attribute->value;
	return TEXT_NONE;
}
