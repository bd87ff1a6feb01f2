/* log.c: one line of JSON for one fact, without card numbers. */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

/* ---- card numbers ---- */

enum { CARD_DIGITS_MIN = 13, CARD_DIGITS_MAX = 19 };

/* What the first four digits of a card can be, and how many digits it then has. */
static const struct {
	int low, high, digits_min, digits_max;
} card_ranges[] = {
	{ 2221, 2720, 16, 16 }, /* Mastercard */
	{ 3000, 3099, 14, 19 }, /* Diners */
	{ 3400, 3499, 15, 15 }, /* American Express */
	{ 3528, 3589, 16, 19 }, /* JCB */
	{ 3600, 3699, 14, 19 }, /* Diners */
	{ 3700, 3799, 15, 15 }, /* American Express */
	{ 3800, 3999, 14, 19 }, /* Diners */
	{ 4000, 4999, 13, 19 }, /* Visa */
	{ 5000, 5099, 13, 19 }, /* Maestro */
	{ 5100, 5599, 16, 16 }, /* Mastercard */
	{ 5600, 6999, 13, 19 }, /* Maestro, Discover, UnionPay */
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool luhn_holds(const char *digits, int count)
{
	int sum = 0;
	for (int i = 0; i < count; i++) {
		int digit = digits[count - 1 - i] - '0';
		if (i % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

static bool is_card(const char *digits, int count)
{
	int first = (digits[0] - '0') * 1000 + (digits[1] - '0') * 100 + (digits[2] - '0') * 10 + (digits[3] - '0');
	for (size_t i = 0; i < sizeof card_ranges / sizeof *card_ranges; i++)
		if (first >= card_ranges[i].low && first <= card_ranges[i].high)
			return count >= card_ranges[i].digits_min && count <= card_ranges[i].digits_max &&
			       luhn_holds(digits, count);
	return false;
}

/* The length in bytes of the longest card number that begins at `from`, 0 when there is none. A number begins
 * and ends with a whole group of digits; groups are parted by one blank or dash. */
static size_t card_length(struct text text, size_t from)
{
	char digits[CARD_DIGITS_MAX];
	size_t found = 0;
	int count = 0;
	if (from > 0 && is_digit(text.data[from - 1]))
		return 0;
	for (size_t i = from; i < text.length; i++) {
		char byte = text.data[i];
		bool joins = i > from && i + 1 < text.length && (byte == ' ' || byte == '-') &&
		             is_digit(text.data[i - 1]) && is_digit(text.data[i + 1]);
		if (joins)
			continue;
		if (!is_digit(byte) || count == CARD_DIGITS_MAX)
			break;
		digits[count++] = byte;
		bool group_ends = i + 1 == text.length || !is_digit(text.data[i + 1]);
		if (group_ends && count >= CARD_DIGITS_MIN && is_card(digits, count))
			found = i + 1 - from;
	}
	return found;
}

/* Writes `text` without card numbers to `to`, which has room for text.length bytes; how many were written. */
static size_t redact_into(char *to, struct text text)
{
	static const char mark[] = "[card]";
	size_t written = 0;
	for (size_t i = 0; i < text.length;) {
		size_t card = is_digit(text.data[i]) ? card_length(text, i) : 0;
		if (card) {
			memcpy(to + written, mark, sizeof mark - 1);
			written += sizeof mark - 1;
			i += card;
		} else {
			to[written++] = text.data[i++];
		}
	}
	return written;
}

bool text_has_card_number(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (is_digit(text.data[i]) && card_length(text, i))
			return true;
	return false;
}

struct text redact_cards(struct arena *arena, struct text text)
{
	if (!text_has_card_number(text))
		return text;
	char *copy = arena_try(arena, text.length + 1);
	if (!copy) {
		arena->exhausted = true;
		return TEXT("[card]");
	}
	size_t length = redact_into(copy, text);
	copy[length] = '\0';
	return (struct text){ copy, length };
}

/* ---- lines ---- */

enum { MESSAGE_MAX_BYTES = 4000, LINE_MAX_BYTES = 6 * MESSAGE_MAX_BYTES + 512 };

static atomic_int level_least = LOG_INFO; /* process-wide: there is one standard error */

static const char *const level_names[] = { "debug", "info", "warning", "error" };

void log_set_level(enum log_level level)
{
	atomic_store(&level_least, (int)level);
}

struct line {
	char bytes[LINE_MAX_BYTES];
	size_t length;
};

static void line_byte(struct line *line, char byte)
{
	if (line->length < sizeof line->bytes)
		line->bytes[line->length++] = byte;
}

static void line_put(struct line *line, const char *terminated)
{
	while (*terminated)
		line_byte(line, *terminated++);
}

/* As the inside of a JSON string; bytes that are not UTF-8 become '?'. */
static void line_put_escaped(struct line *line, struct text text)
{
	bool valid = text_utf8_valid(text);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		char escaped[8] = { (char)byte, '\0' };
		if (byte == '"' || byte == '\\')
			snprintf(escaped, sizeof escaped, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			snprintf(escaped, sizeof escaped, "\\u%04x", byte);
		else if (byte >= 0x80 && !valid)
			escaped[0] = '?';
		line_put(line, escaped);
	}
}

/* Formats, redacts and shortens. A message that was cut first loses the digits at its end: they may be the
 * beginning of a card number that no longer shows as one. */
__attribute__((format(printf, 2, 0)))
static struct text message_make(char *to, const char *format, va_list arguments)
{
	char raw[MESSAGE_MAX_BYTES + 2]; /* one byte more than is shown tells whether a character was cut */
	int wanted = vsnprintf(raw, sizeof raw, format, arguments);
	struct text message = { raw, wanted < 0 ? 0 : (size_t)wanted };
	if (message.length > MESSAGE_MAX_BYTES) {
		message.length = MESSAGE_MAX_BYTES + 1;
		message = text_front(message, MESSAGE_MAX_BYTES);
		while (message.length && (is_digit(raw[message.length - 1]) || raw[message.length - 1] == ' ' ||
		                          raw[message.length - 1] == '-'))
			message.length--;
	}
	return (struct text){ to, redact_into(to, message) };
}

static void time_put(struct line *line)
{
	char room[64];
	int64_t us = clock_wall().us;
	time_t seconds = (time_t)(us / US_PER_S);
	struct tm parts;
	gmtime_r(&seconds, &parts);
	size_t length = strftime(room, sizeof room, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(room + length, sizeof room - length, ".%06dZ", (int)(us % US_PER_S));
	line_put(line, room);
}

__attribute__((format(printf, 3, 0)))
static void line_write(enum log_level level, const char *event, const char *format, va_list arguments)
{
	char redacted[MESSAGE_MAX_BYTES];
	struct line line = { .length = 0 };
	struct text message = message_make(redacted, format, arguments);
	line_put(&line, "{\"at\":\"");
	time_put(&line);
	line_put(&line, "\",\"level\":\"");
	line_put(&line, level_names[level]);
	line_put(&line, "\",\"event\":\"");
	line_put_escaped(&line, text_slice(text_of(event), 0, 64));
	line_put(&line, "\",\"message\":\"");
	line_put_escaped(&line, message);
	line_put(&line, "\"}\n");
	ssize_t written = write(STDERR_FILENO, line.bytes, line.length);
	(void)written; /* there is nowhere to say that the log cannot be written */
}

/* A line that is not wanted costs this test alone: its room is not even cleared. */
void log_write(enum log_level level, const char *event, const char *format, ...)
{
	if ((int)level < atomic_load(&level_least) || level >= LOG_OFF)
		return;
	va_list arguments;
	va_start(arguments, format);
	line_write(level, event, format, arguments);
	va_end(arguments);
}
