/* text.h: slices of bytes and a builder for them.
 *
 * A struct text does not own its bytes and is not terminated; its length decides. `data == NULL` means
 * "no text" (an absent field), which differs from the empty text. Bytes are UTF-8 unless a caller says
 * otherwise; text_utf8_valid tells. Comparison is by bytes, so the absent text equals the empty one there.
 */
#ifndef MOONBILL_BASE_TEXT_H
#define MOONBILL_BASE_TEXT_H

#include "arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	const char *data;
	size_t length;
};

#define TEXT_NONE ((struct text){ NULL, 0 })
/* A literal as text: TEXT("USD"). */
#define TEXT(literal) ((struct text){ (literal), sizeof(literal) - 1 })
/* For printf-like functions: "%.*s", TEXT_ARG(name). */
#define TEXT_ARG(text) (int)(text).length, ((text).data ? (text).data : "")

static inline bool text_present(struct text text)
{
	return text.data != NULL;
}

struct text text_of(const char *terminated); /* NULL gives TEXT_NONE */
bool text_equals(struct text a, struct text b);
bool text_is(struct text a, const char *terminated);
bool text_starts(struct text text, const char *prefix);
int text_compare(struct text a, struct text b);
uint64_t text_hash(struct text text); /* FNV-1a 64; not for secrets */
/* Splits at the first `separator`: *head before it, *rest after. False (head = all) when there is none. */
bool text_split(struct text text, char separator, struct text *head, struct text *rest);
struct text text_trim(struct text text);
struct text text_slice(struct text text, size_t from, size_t to);
bool text_utf8_valid(struct text text);
/* How many bytes the UTF-8 character at the start has; 0 when it is not valid, or there is none. */
size_t text_utf8_length(struct text text);
/* At most `most` bytes of the front, cut between two characters. */
struct text text_front(struct text text, size_t most);
/* Whole decimal int64, optional leading '-'; nothing else around it. */
bool text_to_int64(struct text text, int64_t *value);

/* Copies into the arena; the copy is terminated as well, so data works as a C string. A long text that does
 * not fit becomes "" and leaves the arena exhausted. */
struct text text_copy(struct arena *arena, struct text text);
const char *text_c(struct arena *arena, struct text text);
struct text text_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text text_vformat(struct arena *arena, const char *format, va_list arguments)
        __attribute__((format(printf, 2, 0)));
/* One after the other: for what is made with each command, where printf would be felt. */
#define TEXT_JOIN(arena, ...)                                                                          \
	text_join((arena), (const struct text[]){ __VA_ARGS__ },                                       \
	          sizeof((const struct text[]){ __VA_ARGS__ }) / sizeof(struct text))
struct text text_join(struct arena *arena, const struct text *parts, size_t count);
struct text text_from_int64(struct arena *arena, int64_t value);
enum { INT64_ROOM = 20 };
/* Writes the digits of a number to INT64_ROOM bytes; what is behind the last. */
char *int64_put(char *to, int64_t value);
struct text text_hex(struct arena *arena, const void *bytes, size_t length);

/* The candidate nearest to `word` by edit distance, letters of either case the same, or NULL when none is near enough to suggest.
 * `next(context, i)` gives the i-th candidate, NULL ends the list. */
const char *text_nearest(struct text word, const char *(*next)(const void *context, size_t i), const void *context);
/* " (did you mean 'amount'?)" or "", in the arena: for the end of a message. */
const char *text_did_you_mean(struct arena *arena, struct text word,
                              const char *(*next)(const void *context, size_t i), const void *context);

/* Grows in an arena. With what would go beyond the limit, or out of memory (the arena is then exhausted as well), `failed` is
 * set; that and further bytes are dropped. */
struct text_builder {
	struct arena *arena;
	char *data;
	size_t length, capacity, limit;
	bool failed;
};

/* limit 0 = bounded by the arena alone. */
void builder_init(struct text_builder *builder, struct arena *arena, size_t limit);
/* Where `most` bytes and the terminator can be written, NULL when there is no room for them; builder_close says where they
 * ended, and only that is held against the limit. For what is written often and is not long: one test of the room for all of it. */
char *builder_open_grown_(struct text_builder *builder, size_t most);
static inline char *builder_open(struct text_builder *builder, size_t most)
{
	bool fits = most < builder->capacity - builder->length && !builder->failed && !builder->limit;
	return fits ? builder->data + builder->length : builder_open_grown_(builder, most);
}
static inline void builder_close(struct text_builder *builder, char *end)
{
	size_t length = (size_t)(end - builder->data);
	if (builder->limit && length > builder->limit)
		builder->failed = true;
	else
		builder->length = length;
	builder->data[builder->length] = '\0';
}
static inline void builder_byte(struct text_builder *builder, char byte)
{
	char *to = builder_open(builder, 1);
	if (!to)
		return;
	*to++ = byte;
	builder_close(builder, to);
}
void builder_add(struct text_builder *builder, struct text text);
void builder_c(struct text_builder *builder, const char *terminated);
void builder_int64(struct text_builder *builder, int64_t value);
void builder_format(struct text_builder *builder, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text builder_text(const struct text_builder *builder); /* also terminated; never TEXT_NONE */

#endif
