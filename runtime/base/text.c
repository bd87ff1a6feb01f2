/* text.c: slices of bytes and a builder for them. */
#include "base/text.h"

#include <limits.h>
#include <string.h>

struct text text_of(const char *terminated)
{
	return terminated ? (struct text){ terminated, strlen(terminated) } : TEXT_NONE;
}

bool text_equals(struct text a, struct text b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

bool text_is(struct text text, const char *terminated)
{
	return text_equals(text, text_of(terminated));
}

bool text_starts(struct text text, const char *prefix)
{
	size_t length = strlen(prefix);
	return text.length >= length && (length == 0 || memcmp(text.data, prefix, length) == 0);
}

int text_compare(struct text a, struct text b)
{
	size_t common = a.length < b.length ? a.length : b.length;
	int order = common ? memcmp(a.data, b.data, common) : 0;
	if (order != 0)
		return order < 0 ? -1 : 1;
	return (a.length > b.length) - (a.length < b.length);
}

uint64_t text_hash(struct text text)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.data[i]) * 1099511628211u;
	return hash;
}

bool text_split(struct text text, char separator, struct text *head, struct text *rest)
{
	const char *found = text.length ? memchr(text.data, separator, text.length) : NULL;
	if (!found) {
		*head = text;
		*rest = TEXT_NONE;
		return false;
	}
	size_t at = (size_t)(found - text.data);
	*rest = (struct text){ found + 1, text.length - at - 1 };
	*head = (struct text){ text.data, at };
	return true;
}

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct text text_trim(struct text text)
{
	while (text.length && is_blank(text.data[0])) {
		text.data++;
		text.length--;
	}
	while (text.length && is_blank(text.data[text.length - 1]))
		text.length--;
	return text;
}

struct text text_slice(struct text text, size_t from, size_t to)
{
	if (!text.data)
		return text;
	if (to > text.length)
		to = text.length;
	if (from > to)
		from = to;
	return (struct text){ text.data + from, to - from };
}

size_t text_utf8_length(struct text text)
{
	const unsigned char *at = (const unsigned char *)text.data;
	unsigned char low = 0x80, high = 0xbf; /* range of the second byte */
	size_t length;
	if (text.length == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf) {
		length = 2;
	} else if (at[0] >= 0xe0 && at[0] <= 0xef) {
		length = 3;
		low = at[0] == 0xe0 ? 0xa0 : 0x80;  /* no overlong form */
		high = at[0] == 0xed ? 0x9f : 0xbf; /* no surrogate */
	} else if (at[0] >= 0xf0 && at[0] <= 0xf4) {
		length = 4;
		low = at[0] == 0xf0 ? 0x90 : 0x80;
		high = at[0] == 0xf4 ? 0x8f : 0xbf; /* not beyond U+10FFFF */
	} else {
		return 0;
	}
	if (text.length < length || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return length;
}

/* Most text is ASCII: eight bytes at a time while it is. */
static struct text ascii_skip(struct text text)
{
	uint64_t eight;
	for (; text.length >= sizeof eight; text.data += sizeof eight, text.length -= sizeof eight) {
		memcpy(&eight, text.data, sizeof eight);
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return text;
}

bool text_utf8_valid(struct text text)
{
	text = ascii_skip(text);
	while (text.length) {
		size_t length = text_utf8_length(text);
		if (length == 0)
			return false;
		text.data += length;
		text.length -= length;
	}
	return true;
}

struct text text_front(struct text text, size_t most)
{
	size_t cut = most;
	if (text.length <= most)
		return text;
	while (cut > 0 && most - cut < 3 && ((unsigned char)text.data[cut] & 0xc0) == 0x80)
		cut--;
	return text_slice(text, 0, cut);
}

bool text_to_int64(struct text text, int64_t *value)
{
	size_t i = text.length && text.data[0] == '-';
	bool negative = i == 1;
	int64_t read = 0;
	if (i == text.length)
		return false;
	for (; i < text.length; i++) {
		int digit = text.data[i] - '0';
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(read, 10, &read) ||
		    __builtin_add_overflow(read, negative ? -digit : digit, &read))
			return false;
	}
	*value = read;
	return true;
}

/* ---- copies in an arena ---- */

/* NULL, with the arena exhausted, when a long text does not fit. */
static char *room_for(struct arena *arena, size_t length)
{
	enum { SMALL_BYTES = 4096 };
	if (length < SMALL_BYTES)
		return arena_alloc(arena, length + 1);
	char *room = length < SIZE_MAX ? arena_try(arena, length + 1) : NULL;
	if (!room)
		arena->exhausted = true;
	return room;
}

struct text text_copy(struct arena *arena, struct text text)
{
	if (!text.data)
		return text;
	char *copy = room_for(arena, text.length);
	if (!copy)
		return TEXT("");
	memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	return (struct text){ copy, text.length };
}

struct text text_join(struct arena *arena, const struct text *parts, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++)
		length += parts[i].length;
	char *room = room_for(arena, length), *at = room;
	if (!room)
		return TEXT("");
	for (size_t i = 0; i < count; at += parts[i++].length)
		if (parts[i].length)
			memcpy(at, parts[i].data, parts[i].length);
	*at = '\0';
	return (struct text){ room, length };
}

const char *text_c(struct arena *arena, struct text text)
{
	return text_copy(arena, text).data;
}

struct text text_vformat(struct arena *arena, const char *format, va_list arguments)
{
	char small[256];
	va_list again;
	va_copy(again, arguments);
	int length = vsnprintf(small, sizeof small, format, arguments);
	struct text formatted = TEXT("");
	if (length >= 0 && (size_t)length < sizeof small) {
		formatted = text_copy(arena, (struct text){ small, (size_t)length });
	} else if (length >= 0) {
		char *room = room_for(arena, (size_t)length);
		if (room) {
			vsnprintf(room, (size_t)length + 1, format, again);
			formatted = (struct text){ room, (size_t)length };
		}
	}
	va_end(again);
	return formatted;
}

struct text text_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	struct text formatted = text_vformat(arena, format, arguments);
	va_end(arguments);
	return formatted;
}

/* Every id, count and serial that leaves passes here, so it is no printf. */
char *int64_put(char *to, int64_t value)
{
	char digits[INT64_ROOM], *end = digits + sizeof digits, *first = end;
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	do {
		*--first = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	if (value < 0)
		*to++ = '-';
	while (first < end)
		*to++ = *first++;
	return to;
}

struct text text_from_int64(struct arena *arena, int64_t value)
{
	char digits[INT64_ROOM];
	return text_copy(arena, (struct text){ digits, (size_t)(int64_put(digits, value) - digits) });
}

struct text text_hex(struct arena *arena, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = bytes;
	char *hex = length < SIZE_MAX / 2 ? room_for(arena, length * 2) : NULL;
	if (!hex)
		return TEXT("");
	for (size_t i = 0; i < length; i++) {
		hex[2 * i] = digits[from[i] >> 4];
		hex[2 * i + 1] = digits[from[i] & 15];
	}
	hex[length * 2] = '\0';
	return (struct text){ hex, length * 2 };
}

/* ---- did you mean ---- */

enum { WORD_MAX = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;
	return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
	char lower_a = a >= 'A' && a <= 'Z' ? (char)(a + 32) : a, lower_b = b >= 'A' && b <= 'Z' ? (char)(b + 32) : b;
	return lower_a == lower_b;
}

/* Edit distance in which two neighbours that changed places count once, and letters of the other case not at all. */
static size_t edit_distance(struct text a, struct text b)
{
	size_t rows[3][WORD_MAX + 1]; /* of prefixes of a: before last, last, this one */
	size_t *before = rows[0], *last = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b.length; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= a.length; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.length; j++) {
			bool same = same_letter(a.data[i - 1], b.data[j - 1]);
			row[j] = smallest(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
			if (i > 1 && j > 1 && same_letter(a.data[i - 1], b.data[j - 2]) &&
			    same_letter(a.data[i - 2], b.data[j - 1]) && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		size_t *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b.length];
}

const char *text_nearest(struct text word, const char *(*next)(const void *context, size_t i), const void *context)
{
	const char *nearest = NULL, *candidate;
	size_t least = word.length < 3 ? 1 : word.length < 9 ? 2 : 3;
	if (word.length == 0 || word.length > WORD_MAX)
		return NULL;
	for (size_t i = 0; (candidate = next(context, i)) != NULL; i++) {
		struct text text = text_of(candidate);
		if (text.length > WORD_MAX)
			continue;
		size_t distance = edit_distance(word, text);
		/* a word of which every letter had to change is no suggestion */
		if (distance >= text.length || distance >= word.length)
			continue;
		if (distance < least || (distance == least && !nearest)) {
			least = distance;
			nearest = candidate;
		}
	}
	return nearest;
}

const char *text_did_you_mean(struct arena *arena, struct text word,
                              const char *(*next)(const void *context, size_t i), const void *context)
{
	const char *nearest = text_nearest(word, next, context);
	return nearest ? text_format(arena, " (did you mean '%s'?)", nearest).data : "";
}

/* ---- the builder ---- */

enum { BUILDER_FIRST_BYTES = 256 };

void builder_init(struct text_builder *builder, struct arena *arena, size_t limit)
{
	*builder = (struct text_builder){ .arena = arena, .limit = limit };
}

/* Grows, or fails. */
static bool builder_grow(struct text_builder *builder, size_t more)
{
	size_t needed;
	if (builder->failed)
		return false;
	if (__builtin_add_overflow(builder->length, more, &needed) || needed == SIZE_MAX) {
		builder->failed = true;
		return false;
	}
	if (needed < builder->capacity)
		return true;
	size_t capacity = builder->capacity < BUILDER_FIRST_BYTES ? BUILDER_FIRST_BYTES : builder->capacity;
	while (capacity <= needed)
		capacity = capacity > SIZE_MAX / 2 ? needed + 1 : capacity * 2;
	char *grown = arena_grow(builder->arena, builder->data, builder->capacity, capacity);
	if (!grown) {
		builder->failed = builder->arena->exhausted = true;
		return false;
	}
	builder->data = grown;
	builder->capacity = capacity;
	return true;
}

/* Of a long text, before room is made for it. */
static bool is_within_limit(struct text_builder *builder, size_t more)
{
	if (builder->limit && more > builder->limit - builder->length)
		builder->failed = true;
	return !builder->failed;
}

/* What an item may be longer than it is (a number's room, commas, quotes). */
enum { ROOM_BEYOND_LIMIT = 1024 };

char *builder_open_grown_(struct text_builder *builder, size_t most)
{
	if (most > ROOM_BEYOND_LIMIT && !is_within_limit(builder, most - ROOM_BEYOND_LIMIT))
		return NULL;
	return builder_grow(builder, most) ? builder->data + builder->length : NULL;
}

void builder_add(struct text_builder *builder, struct text text)
{
	char *to = text.length && is_within_limit(builder, text.length) ? builder_open(builder, text.length) : NULL;
	if (!to)
		return;
	memcpy(to, text.data, text.length);
	builder_close(builder, to + text.length);
}

void builder_c(struct text_builder *builder, const char *terminated)
{
	builder_add(builder, text_of(terminated));
}

void builder_int64(struct text_builder *builder, int64_t value)
{
	char *to = builder_open(builder, INT64_ROOM);
	if (to)
		builder_close(builder, int64_put(to, value));
}

void builder_format(struct text_builder *builder, const char *format, ...)
{
	char small[128];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(small, sizeof small, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	if ((size_t)length < sizeof small) {
		builder_add(builder, (struct text){ small, (size_t)length });
		return;
	}
	char *to = is_within_limit(builder, (size_t)length) ? builder_open(builder, (size_t)length) : NULL;
	if (!to)
		return;
	va_start(arguments, format);
	vsnprintf(to, (size_t)length + 1, format, arguments);
	va_end(arguments);
	builder_close(builder, to + length);
}

struct text builder_text(const struct text_builder *builder)
{
	return builder->data ? (struct text){ builder->data, builder->length } : TEXT("");
}
