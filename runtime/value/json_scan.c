/* json_scan.c: the words of JSON (RFC 8259), checked strictly. */
#include "json_scan.h"

#include <string.h>

enum {
	NUMBER_BYTES_MAX = 100,
	/* of those before the point, the exponent applied: a little above 10^308 doubles end */
	NUMBER_DIGITS_MAX = 308,
};

/* ---- problems ---- */

bool json_scan_problem(struct json_scanner *scanner, enum problem_code code, size_t offset, const char *format, ...)
{
	size_t line = 1, column = 1;
	for (size_t i = 0; i < offset; i++) {
		unsigned char byte = (unsigned char)scanner->source.data[i];
		if (byte == '\n') {
			line++;
			column = 1;
		} else if ((byte & 0xc0) != 0x80) {
			column++;
		}
	}
	va_list arguments;
	va_start(arguments, format);
	struct text what = text_vformat(scanner->problems->arena, format, arguments);
	va_end(arguments);
	return problem(scanner->problems, code, "", "line %zu, column %zu: %.*s", line, column, TEXT_ARG(what));
}

bool json_scan_unexpected(struct json_scanner *scanner, const char *expected)
{
	int next = json_scan_peek(scanner);
	if (next < 0)
		return json_scan_problem(scanner, PROBLEM_MALFORMED, scanner->at, "expected %s, found the end",
		                         expected);
	if (next > 0x20 && next < 0x7f)
		return json_scan_problem(scanner, PROBLEM_MALFORMED, scanner->at, "expected %s, found '%c'", expected,
		                         next);
	return json_scan_problem(scanner, PROBLEM_MALFORMED, scanner->at, "expected %s, found byte 0x%02x", expected,
	                         (unsigned)next);
}

/* ---- bytes ---- */

static int byte_at(const struct json_scanner *scanner, size_t offset)
{
	return offset < scanner->source.length ? (unsigned char)scanner->source.data[offset] : -1;
}

int json_scan_peek(struct json_scanner *scanner)
{
	for (;; scanner->at++) {
		int byte = byte_at(scanner, scanner->at);
		if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t')
			return byte;
	}
}

bool json_scan_take(struct json_scanner *scanner, char byte)
{
	if (json_scan_peek(scanner) != (unsigned char)byte)
		return false;
	scanner->at++;
	return true;
}

bool json_scan_word(struct json_scanner *scanner, const char *word)
{
	if (!text_starts(text_slice(scanner->source, scanner->at, scanner->source.length), word))
		return json_scan_unexpected(scanner, "a value");
	scanner->at += strlen(word);
	return true;
}

/* ---- strings ---- */

static size_t utf8_put(char *out, unsigned code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

static int hex_digit(int byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	if (byte >= 'a' && byte <= 'f')
		return byte - 'a' + 10;
	if (byte >= 'A' && byte <= 'F')
		return byte - 'A' + 10;
	return -1;
}

/* The four digits of \uXXXX; the scanner stands at its backslash. */
static bool scan_unit(struct json_scanner *scanner, unsigned *unit)
{
	*unit = 0;
	if (byte_at(scanner, scanner->at) != '\\' || byte_at(scanner, scanner->at + 1) != 'u')
		return false;
	for (size_t i = 2; i < 6; i++) {
		int digit = hex_digit(byte_at(scanner, scanner->at + i));
		if (digit < 0)
			return false;
		*unit = *unit << 4 | (unsigned)digit;
	}
	scanner->at += 6;
	return true;
}

static bool scan_unicode(struct json_scanner *scanner, char *out, size_t *length)
{
	size_t start = scanner->at;
	unsigned code, low;
	if (!scan_unit(scanner, &code))
		return json_scan_problem(scanner, PROBLEM_MALFORMED, start, "\\u needs four hex digits");
	if (code == 0)
		return json_scan_problem(scanner, PROBLEM_BAD_TEXT, start, "\\u0000 is not allowed");
	if (code >= 0xd800 && code <= 0xdfff) {
		if (code > 0xdbff || !scan_unit(scanner, &low) || low < 0xdc00 || low > 0xdfff)
			return json_scan_problem(scanner, PROBLEM_BAD_TEXT, start, "half of a surrogate pair");
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*length += utf8_put(out + *length, code);
	return true;
}

/* The scanner stands at a backslash. */
static bool scan_escape(struct json_scanner *scanner, char *out, size_t *length)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	int name = byte_at(scanner, scanner->at + 1);
	if (name == 'u')
		return scan_unicode(scanner, out, length);
	const char *found = name > 0 ? strchr(names, name) : NULL;
	if (!found)
		return json_scan_problem(scanner, PROBLEM_MALFORMED, scanner->at, "unknown escape in a string");
	out[(*length)++] = bytes[found - names];
	scanner->at += 2;
	return true;
}

static bool scan_run(struct json_scanner *scanner, char *out, size_t *length)
{
	size_t start = scanner->at;
	for (int byte; (byte = byte_at(scanner, scanner->at)) != '"' && byte != '\\'; scanner->at++) {
		if (byte < 0)
			return json_scan_problem(scanner, PROBLEM_MALFORMED, scanner->at, "the string has no end");
		if (byte < 0x20)
			return json_scan_problem(scanner, PROBLEM_BAD_TEXT, scanner->at,
			                         "control byte 0x%02x in a string", (unsigned)byte);
	}
	struct text run = text_slice(scanner->source, start, scanner->at);
	if (!text_utf8_valid(run))
		return json_scan_problem(scanner, PROBLEM_BAD_TEXT, start, "the string is not UTF-8");
	memcpy(out + *length, run.data, run.length);
	*length += run.length;
	return true;
}

bool json_scan_string(struct json_scanner *scanner, struct text *text)
{
	char *out = scanner->copy + ++scanner->at;
	size_t length = 0;
	for (;;) {
		if (!scan_run(scanner, out, &length))
			return false;
		if (byte_at(scanner, scanner->at) == '"')
			break;
		if (!scan_escape(scanner, out, &length))
			return false;
	}
	scanner->at++;
	out[length] = '\0';
	*text = (struct text){ out, length };
	return true;
}

/* ---- numbers ---- */

static size_t scan_digits(struct json_scanner *scanner)
{
	size_t start = scanner->at;
	while (byte_at(scanner, scanner->at) >= '0' && byte_at(scanner, scanner->at) <= '9')
		scanner->at++;
	return scanner->at - start;
}

/* Reads [eE][+-]digits when it is there; *exponent saturates far beyond what is allowed. */
static bool scan_exponent(struct json_scanner *scanner, int64_t *exponent)
{
	int byte = byte_at(scanner, scanner->at);
	*exponent = 0;
	if (byte != 'e' && byte != 'E')
		return true;
	bool negative = byte_at(scanner, ++scanner->at) == '-';
	if (negative || byte_at(scanner, scanner->at) == '+')
		scanner->at++;
	size_t start = scanner->at, count = scan_digits(scanner);
	if (count == 0)
		return false;
	for (size_t i = start; i < scanner->at && *exponent < 100000; i++)
		*exponent = *exponent * 10 + (scanner->source.data[i] - '0');
	if (negative)
		*exponent = -*exponent;
	return true;
}

static bool not_a_number(struct json_scanner *scanner, size_t start)
{
	return json_scan_problem(scanner, PROBLEM_MALFORMED, start, "a number is written like -12, 0.5 or 1e3");
}

bool json_scan_number(struct json_scanner *scanner, struct text *text)
{
	size_t start = scanner->at;
	int64_t exponent;
	scanner->at += byte_at(scanner, scanner->at) == '-';
	bool zero_first = byte_at(scanner, scanner->at) == '0';
	size_t digits = scan_digits(scanner);
	if (digits == 0 || (zero_first && digits > 1))
		return not_a_number(scanner, start);
	if (byte_at(scanner, scanner->at) == '.') {
		scanner->at++;
		if (scan_digits(scanner) == 0)
			return not_a_number(scanner, start);
	}
	if (!scan_exponent(scanner, &exponent))
		return not_a_number(scanner, start);
	*text = text_slice(scanner->source, start, scanner->at);
	if (text->length > NUMBER_BYTES_MAX || (int64_t)digits + exponent > NUMBER_DIGITS_MAX)
		return json_scan_problem(scanner, PROBLEM_OUT_OF_RANGE, start, "the number is too large or too long");
	memcpy(scanner->copy + start, text->data, text->length);
	text->data = scanner->copy + start;
	return true;
}
