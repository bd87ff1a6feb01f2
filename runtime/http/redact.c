/* redact.c: a body without what must not even be hashed: card numbers, card codes, passwords. */
#include "request.h"

#include "base/log.h"

#include <string.h>
#include <strings.h>

static const char *const secret_names[] = { "cvv", "passwd", NULL };

static bool is_name_byte(char byte)
{
	return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* A secret's whole name begins here. */
static size_t name_at(const char *bytes, size_t length, size_t at)
{
	if (at > 0 && is_name_byte(bytes[at - 1]))
		return 0;
	for (size_t i = 0; secret_names[i]; i++) {
		size_t name = strlen(secret_names[i]);
		if (length - at > name && strncasecmp(bytes + at, secret_names[i], name) == 0 &&
		    !is_name_byte(bytes[at + name]))
			return name;
	}
	return 0;
}

static bool section_begins(const char *bytes, size_t length, size_t at)
{
	return length - at >= strlen("<![CDATA[") && memcmp(bytes + at, "<![CDATA[", strlen("<![CDATA[")) == 0;
}

static size_t passed_over(const char *bytes, size_t length, size_t at, const char *set)
{
	while (at < length && bytes[at] && strchr(set, bytes[at]))
		at++;
	return at;
}

/* `"cvv": "123"` or `"cvv": 123`; `at` is the quote after the name. */
static void json_value_blank(char *bytes, size_t length, size_t at)
{
	at = passed_over(bytes, length, at + 1, ": \t\r\n");
	bool quoted = at < length && bytes[at] == '"';
	at += quoted;
	while (at < length && bytes[at] != '"' && (quoted || (bytes[at] != ',' && bytes[at] != '}'))) {
		bool escape = bytes[at] == '\\' && at + 1 < length;
		bytes[at++] = '*';
		if (escape)
			bytes[at++] = '*';
	}
}

/* `<cvv>123</cvv>`, with attributes and CDATA; `at` is the byte after the name. */
static void xml_value_blank(char *bytes, size_t length, size_t at)
{
	at = passed_over(bytes, length, at, "> \t\r\n");
	while (at < length && (bytes[at] != '<' || section_begins(bytes, length, at)))
		bytes[at++] = '*';
}

struct text http_body_redacted(struct arena *arena, struct text body)
{
	struct text redacted = redact_cards(arena, body.data ? body : TEXT(""));
	char *copy = arena_alloc(arena, redacted.length + 1);
	memcpy(copy, redacted.data, redacted.length);
	copy[redacted.length] = '\0';
	for (size_t at = 0; at < redacted.length; at++) {
		size_t name = name_at(copy, redacted.length, at);
		if (name > 0 && copy[at + name] == '"')
			json_value_blank(copy, redacted.length, at + name);
		else if (name > 0)
			xml_value_blank(copy, redacted.length, at + name);
	}
	return (struct text){ copy, redacted.length };
}
