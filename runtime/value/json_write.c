/* json_write.c: JSON out: places commas, escapes strings, prints integers exactly. */
#include "json.h"

#include "record_field.h"

#include <string.h>

void json_writer_init(struct json_writer *writer, struct text_builder *out)
{
	*writer = (struct json_writer){ .out = out };
}

/* ---- structure ---- */

/* Whether a comma goes before what comes next, a name or a value. */
static bool comma_due(struct json_writer *writer, bool name)
{
	bool comma = !writer->after_name && writer->comma[writer->depth];
	writer->after_name = name;
	writer->comma[writer->depth] = true;
	return comma;
}

/* Room for a name or a value of `most` bytes behind the comma that is due, if one is: one test of the room for all of it.
 * NULL when there is none. */
static char *item_open(struct json_writer *writer, size_t most, bool name)
{
	char *to = builder_open(writer->out, most + 1);
	if (comma_due(writer, name) && to)
		*to++ = ',';
	return to;
}

static void container_begin(struct json_writer *writer, char bracket)
{
	char *to = item_open(writer, 1, false);
	if (to) {
		*to++ = bracket;
		builder_close(writer->out, to);
	}
	if (++writer->depth == sizeof writer->comma / sizeof writer->comma[0])
		BUG("JSON nested deeper than %u", writer->depth - 1);
	writer->comma[writer->depth] = false;
}

static void container_end(struct json_writer *writer, char bracket)
{
	if (writer->depth == 0 || writer->after_name)
		BUG("'%c' closes nothing", bracket);
	writer->depth--;
	builder_byte(writer->out, bracket);
}

void json_begin_object(struct json_writer *writer)
{
	container_begin(writer, '{');
}

void json_end_object(struct json_writer *writer)
{
	container_end(writer, '}');
}

void json_begin_array(struct json_writer *writer)
{
	container_begin(writer, '[');
}

void json_end_array(struct json_writer *writer)
{
	container_end(writer, ']');
}

/* ---- strings ---- */

static void control_write(struct text_builder *out, char byte)
{
	switch (byte) {
	case '\n':
		builder_c(out, "\\n");
		break;
	case '\r':
		builder_c(out, "\\r");
		break;
	case '\t':
		builder_c(out, "\\t");
		break;
	default:
		builder_format(out, "\\u%04x", (unsigned)(unsigned char)byte);
	}
}

/* Whether any of eight bytes is a control, above ASCII, a quote, a backslash or DEL: the high bit of a byte is set when it is
 * below a space, or equal to one of the others (a XOR makes that byte 0, and 0 less 1 borrows). A borrow can also come
 * from the byte below; that only sends plain text the slow way. */
static bool any_special(uint64_t eight)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
	uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\', delete = eight ^ ones * 0x7f;
	uint64_t below = (eight - ones * 0x20) | (quote - ones) | (backslash - ones) | (delete - ones);
	return ((below & ~eight) | eight) & highs;
}

static bool is_special(char byte)
{
	return byte < 0x20 || byte >= 0x7f || byte == '"' || byte == '\\';
}

/* Bytes from the start that stand for themselves in JSON and are ASCII: nearly always all. The last eight are looked at
 * together, some of them a second time. */
static size_t plain_length(struct text text)
{
	size_t i = 0;
	uint64_t eight;
	if (text.length >= sizeof eight) {
		size_t last = text.length - sizeof eight;
		for (;;) {
			memcpy(&eight, text.data + i, sizeof eight);
			if (any_special(eight))
				break;
			if (i == last)
				return text.length;
			i = i + sizeof eight < last ? i + sizeof eight : last;
		}
	}
	while (i < text.length && !is_special(text.data[i]))
		i++;
	return i;
}

static char *bytes_put(char *to, struct text text)
{
	memcpy(to, text.data, text.length);
	return to + text.length;
}

/* What stands for itself, in quotes. */
static void plain_write(struct json_writer *writer, struct text text, bool name)
{
	char *to = item_open(writer, text.length + 3, name);
	if (!to)
		return;
	*to++ = '"';
	if (text.length)
		to = bytes_put(to, text);
	*to++ = '"';
	if (name)
		*to++ = ':';
	builder_close(writer->out, to);
}

/* One byte that does not stand for itself. */
static void special_write(struct text_builder *out, unsigned char byte)
{
	if (byte == '"')
		builder_add(out, TEXT("\\\""));
	else if (byte == '\\')
		builder_add(out, TEXT("\\\\"));
	else if (byte < 0x20)
		control_write(out, (char)byte);
	else
		builder_c(out, "\xef\xbf\xbd");
}

/* Bytes that are not UTF-8 (a gateway's message) become U+FFFD, so that the whole stays JSON. */
static void special_string_write(struct text_builder *out, struct text text, size_t plain)
{
	size_t from = 0;
	bool valid = text_utf8_valid(text);
	builder_byte(out, '"');
	for (size_t i = plain; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		size_t length = valid || byte < 0x80 ? 1 : text_utf8_length(text_slice(text, i, text.length));
		if (byte >= 0x20 && byte != '"' && byte != '\\' && length > 0) {
			i += length - 1;
			continue;
		}
		builder_add(out, text_slice(text, from, i));
		from = i + 1;
		special_write(out, byte);
	}
	builder_add(out, text_slice(text, from, text.length));
	builder_byte(out, '"');
}

static void string_write(struct json_writer *writer, struct text text, bool name)
{
	size_t plain = plain_length(text);
	if (plain == text.length) {
		plain_write(writer, text, name);
		return;
	}
	if (comma_due(writer, name))
		builder_byte(writer->out, ',');
	special_string_write(writer->out, text, plain);
	if (name)
		builder_byte(writer->out, ':');
}

static void check_name_due(const struct json_writer *writer)
{
	if (writer->after_name)
		BUG("two names in a row");
}

void json_name_text(struct json_writer *writer, struct text name)
{
	check_name_due(writer);
	string_write(writer, name, true);
}

void json_name_plain(struct json_writer *writer, const char *name)
{
	check_name_due(writer);
	plain_write(writer, text_of(name), true);
}

void json_name_of(struct json_writer *writer, const struct record_field *field)
{
	check_name_due(writer);
	char *to = item_open(writer, field->key.length, true);
	if (to)
		builder_close(writer->out, bytes_put(to, field->key));
}

void json_plain(struct json_writer *writer, struct text text)
{
	plain_write(writer, text, false);
}

char *json_plain_open(struct json_writer *writer, size_t most)
{
	char *to = item_open(writer, most + 2, false);
	if (to)
		*to++ = '"';
	return to;
}

void json_plain_close(struct json_writer *writer, char *end)
{
	*end++ = '"';
	builder_close(writer->out, end);
}

void json_name(struct json_writer *writer, const char *name)
{
	json_name_text(writer, text_of(name));
}

void json_string(struct json_writer *writer, struct text text)
{
	if (!text_present(text)) {
		json_null(writer);
		return;
	}
	string_write(writer, text, false);
}

void json_c(struct json_writer *writer, const char *terminated)
{
	json_string(writer, text_of(terminated));
}

/* ---- other values ---- */

void json_raw(struct json_writer *writer, struct text json)
{
	if (!text_present(json))
		json = TEXT("null");
	char *to = item_open(writer, json.length, false);
	if (to)
		builder_close(writer->out, bytes_put(to, json));
}

void json_integer(struct json_writer *writer, int64_t value)
{
	char *to = item_open(writer, INT64_ROOM, false);
	if (to)
		builder_close(writer->out, int64_put(to, value));
}

void json_boolean(struct json_writer *writer, bool value)
{
	json_raw(writer, value ? TEXT("true") : TEXT("false"));
}

void json_null(struct json_writer *writer)
{
	json_raw(writer, TEXT("null"));
}

/* ---- trees ---- */

void json_tree(struct json_writer *writer, const struct json *json)
{
	switch (json->type) {
	case JSON_NULL:
		json_null(writer);
		return;
	case JSON_FALSE:
	case JSON_TRUE:
		json_boolean(writer, json->type == JSON_TRUE);
		return;
	case JSON_NUMBER:
		json_raw(writer, json->text);
		return;
	case JSON_STRING:
		json_string(writer, json->text);
		return;
	case JSON_ARRAY:
		json_begin_array(writer);
		for (const struct json *item = json->first; item; item = item->next)
			json_tree(writer, item);
		json_end_array(writer);
		return;
	case JSON_OBJECT:
		json_begin_object(writer);
		for (const struct json *member = json->first; member; member = member->next) {
			json_name_text(writer, member->name);
			json_tree(writer, member);
		}
		json_end_object(writer);
		return;
	}
	BUG("type %d", (int)json->type);
}

struct text json_tree_text(struct arena *arena, const struct json *json)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_tree(&writer, json);
	return builder_text(&out);
}
