/* rule_scan.c: a token scan that refuses what this Lua compiles wrongly or rules must not use. */
#include "rule_scan.h"

#include <stdint.h>

/* How much of `<close>` the last tokens were; blanks and comments may stand between. */
enum attribute { ATTRIBUTE_NONE, ATTRIBUTE_OPEN, ATTRIBUTE_CLOSE };

struct scan {
	struct text source;
	size_t at;
	int line;
	enum attribute attribute;
	unsigned char *lines; /* may be NULL */
	struct scan_refusal *refusal;
};

/* ------------------------------------------------------------------------------------------------ characters */

static int byte_at(const struct scan *scan, size_t offset)
{
	size_t at = scan->at + offset;
	return at < scan->source.length ? (unsigned char)scan->source.data[at] : -1;
}

static bool is_digit(int byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_line_end(int byte)
{
	return byte == '\n' || byte == '\r';
}

static bool is_blank(int byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool is_name_byte(int byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || is_digit(byte);
}

static void advance(struct scan *scan, size_t count)
{
	for (; count > 0 && scan->at < scan->source.length; count--)
		if (scan->source.data[scan->at++] == '\n')
			scan->line++;
}

static bool refuse(struct scan *scan, size_t from, size_t to, const char *reason)
{
	*scan->refusal = (struct scan_refusal){ scan->line, text_slice(scan->source, from, to), reason };
	return false;
}

/* ------------------------------------------------------------------------------------------------ strings, comments */

/* At '[': the count of '=' when it opens a long bracket, else -1. */
static int long_bracket_level(const struct scan *scan)
{
	size_t offset = 1;
	while (byte_at(scan, offset) == '=')
		offset++;
	return byte_at(scan, offset) == '[' ? (int)offset - 1 : -1;
}

static void skip_long_bracket(struct scan *scan, int level)
{
	advance(scan, (size_t)level + 2);
	for (; byte_at(scan, 0) >= 0; advance(scan, 1)) {
		if (byte_at(scan, 0) != ']')
			continue;
		size_t offset = 1;
		while (byte_at(scan, offset) == '=')
			offset++;
		if (offset == (size_t)level + 1 && byte_at(scan, offset) == ']') {
			advance(scan, offset + 1);
			return;
		}
	}
}

static void skip_comment(struct scan *scan)
{
	advance(scan, 2);
	int level = byte_at(scan, 0) == '[' ? long_bracket_level(scan) : -1;
	if (level >= 0) {
		skip_long_bracket(scan, level);
		return;
	}
	while (byte_at(scan, 0) >= 0 && !is_line_end(byte_at(scan, 0)))
		advance(scan, 1);
}

/* At a backslash, which hides the byte behind it; a line end of two bytes counts as one, and \z takes all blanks. */
static void skip_escape(struct scan *scan)
{
	int hidden = byte_at(scan, 1), next = byte_at(scan, 2);
	bool ends_line_by_two = is_line_end(hidden) && is_line_end(next) && hidden != next;
	advance(scan, ends_line_by_two ? 3 : 2);
	while (hidden == 'z' && is_blank(byte_at(scan, 0)))
		advance(scan, 1);
}

static void skip_string(struct scan *scan)
{
	int quote = byte_at(scan, 0);
	advance(scan, 1);
	while (byte_at(scan, 0) >= 0 && byte_at(scan, 0) != quote && !is_line_end(byte_at(scan, 0))) {
		if (byte_at(scan, 0) == '\\')
			skip_escape(scan);
		else
			advance(scan, 1);
	}
	advance(scan, 1);
}

/* ------------------------------------------------------------------------------------------------ tokens */

/* As Lua reads it: a sign follows e in a decimal number and p in a hexadecimal one. */
static bool scan_number(struct scan *scan)
{
	size_t from = scan->at;
	bool is_whole = true;
	int exponent_letter = byte_at(scan, 0) == '0' && (byte_at(scan, 1) | 32) == 'x' ? 'p' : 'e';
	while (is_name_byte(byte_at(scan, 0)) || byte_at(scan, 0) == '.') {
		int byte = byte_at(scan, 0), next = byte_at(scan, 1);
		is_whole = is_whole && is_digit(byte);
		bool exponent = (byte | 32) == exponent_letter;
		advance(scan, exponent && (next == '+' || next == '-') ? 2 : 1);
	}
	int64_t value;
	if (is_whole && !text_to_int64(text_slice(scan->source, from, scan->at), &value))
		return refuse(scan, from, scan->at,
		              "it does not fit an integer and would become a float; write it as text, or as a decimal");
	return true;
}

static void name_mark(struct scan *scan, struct text name)
{
	unsigned char *line = &scan->lines[scan->line];
	if (text_is(name, "function"))
		*line |= *line & SCAN_FUNCTION ? SCAN_FUNCTIONS : SCAN_FUNCTION;
	else if (text_is(name, "for") || text_is(name, "while") || text_is(name, "repeat") || text_is(name, "goto") ||
	         text_is(name, "require"))
		*line |= SCAN_LOOP;
}

static bool scan_name(struct scan *scan)
{
	size_t from = scan->at;
	while (is_name_byte(byte_at(scan, 0)))
		advance(scan, 1);
	struct text name = text_slice(scan->source, from, scan->at);
	if (text_is(name, "_ENV"))
		return refuse(scan, from, scan->at, "rules have no environment of their own; use local variables");
	if (scan->lines)
		name_mark(scan, name);
	if (scan->attribute == ATTRIBUTE_OPEN && text_is(name, "close"))
		scan->attribute = ATTRIBUTE_CLOSE;
	else
		scan->attribute = ATTRIBUTE_NONE;
	return true;
}

static bool scan_operator(struct scan *scan)
{
	int byte = byte_at(scan, 0), next = byte_at(scan, 1);
	size_t length = 1;
	if (next == '=' && (byte == '~' || byte == '<' || byte == '>' || byte == '='))
		length = 2;
	else if (byte == '&' || byte == '|' || byte == '~')
		return refuse(scan, scan->at, scan->at + 1, "bit operators are not available in rules");
	else if ((byte == '<' || byte == '>') && next == byte)
		return refuse(scan, scan->at, scan->at + 2, "bit operators are not available in rules");
	else if (byte == '>' && scan->attribute == ATTRIBUTE_CLOSE)
		return refuse(scan, scan->at, scan->at + 1, "<close> is not available in rules");
	else if (byte == '\0')
		return refuse(scan, scan->at, scan->at, "there is a zero byte; a rule file is text");
	scan->attribute = byte == '<' && length == 1 ? ATTRIBUTE_OPEN : ATTRIBUTE_NONE;
	advance(scan, length);
	return true;
}

static bool scan_token(struct scan *scan)
{
	int byte = byte_at(scan, 0), next = byte_at(scan, 1);
	if (is_blank(byte))
		return advance(scan, 1), true;
	if (byte == '-' && next == '-')
		return skip_comment(scan), true;
	if (byte == '"' || byte == '\'')
		return skip_string(scan), true;
	if (byte == '[' && long_bracket_level(scan) >= 0)
		return skip_long_bracket(scan, long_bracket_level(scan)), true;
	if (is_digit(byte) || (byte == '.' && is_digit(next)))
		return scan_number(scan);
	if (is_name_byte(byte))
		return scan_name(scan);
	return scan_operator(scan);
}

size_t rule_scan_lines(struct text source)
{
	size_t lines = 2;
	for (size_t i = 0; i < source.length; i++)
		lines += source.data[i] == '\n';
	return lines;
}

bool rule_scan(struct text source, unsigned char *lines, struct scan_refusal *refusal)
{
	struct scan scan = { .source = source, .line = 1, .lines = lines, .refusal = refusal };
	if (source.length > 0 && source.data[0] == '\x1b')
		return refuse(&scan, 0, 0, "this is bytecode; a rule file is text");
	while (scan.at < source.length)
		if (!scan_token(&scan))
			return false;
	return true;
}
