/* log.c: one line for one fact, without card numbers and without bytes that a line cannot hold. */
#include "base/log.h"

#include "base/clock.h"
#include "base/metric.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
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

/* Shortens and redacts into `to`, of text.length bytes at most `most`. What was cut loses the digits at its end: they
 * may be the beginning of a card number that no longer shows as one. */
static struct text text_made(char *to, struct text text, size_t most)
{
	if (text.length > most) {
		text = text_front(text, most);
		while (text.length && (is_digit(text.data[text.length - 1]) || text.data[text.length - 1] == ' ' ||
		                       text.data[text.length - 1] == '-'))
			text.length--;
	}
	return (struct text){ to, redact_into(to, text) };
}

/* ---- where lines go ---- */

enum { MESSAGE_MAX_BYTES = 4000, FIELD_MAX_BYTES = 300, FIELDS_MAX = 16,
       LINE_MAX_BYTES = 6 * MESSAGE_MAX_BYTES + 6 * FIELDS_MAX * FIELD_MAX_BYTES + 1024 };

/* Process-wide: there is one log. */
static atomic_int level_least = LOG_INFO;
static atomic_int format_now = LOG_JSON;
static atomic_int descriptor = STDERR_FILENO;
static atomic_bool torn; /* the last line has no end: its disk was full in the middle of it */

/* Of the request that this thread works for; see log_context_set. */
static _Thread_local char context_request[LOG_CONTEXT_BYTES_MAX + 1], context_correlation[LOG_CONTEXT_BYTES_MAX + 1];

static const char *const level_names[] = { "debug", "info", "warning", "error" };

void log_set_level(enum log_level level)
{
	atomic_store(&level_least, (int)level);
}

void log_set_format(enum log_format format)
{
	atomic_store(&format_now, (int)format);
}

bool log_open(const char *path)
{
	/* O_NONBLOCK: a FIFO neither waits for its reader here nor holds up who writes a line. */
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	int before = atomic_load(&descriptor);
	if (file < 0)
		return false;
	atomic_store(&torn, false);
	if (before == STDERR_FILENO) {
		atomic_store(&descriptor, file);
		return true;
	}
	/* The number stays, so that no thread writes to a closed one. */
	bool replaced = dup3(file, before, O_CLOEXEC) >= 0;
	close(file);
	return replaced;
}

/* As it is: most are never written, and what is written is redacted then. */
static void context_put(char *room, struct text text)
{
	struct text kept = text;
	if (text.length > LOG_CONTEXT_BYTES_MAX)
		kept = text_made(room, text, LOG_CONTEXT_BYTES_MAX);
	else if (text.length)
		memcpy(room, text.data, text.length);
	room[kept.length] = '\0';
}

void log_context_set(struct text request_id, struct text correlation_id)
{
	context_put(context_request, request_id);
	context_put(context_correlation, correlation_id);
}

void log_context_clear(void)
{
	context_request[0] = context_correlation[0] = '\0';
}

/* ---- lines ---- */

struct line {
	char bytes[LINE_MAX_BYTES];
	size_t length;
	bool json;
	bool mends; /* begins by ending a torn one, so that no fact is lost with it */
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

/* As the inside of a JSON string; bytes that are not UTF-8 become '?'. In lines for people too: nothing that came from
 * outside begins a line of its own or moves a cursor. */
static void line_put_escaped(struct line *line, struct text text)
{
	bool valid = text_utf8_valid(text);
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		bool c1 = valid && byte == 0xc2 && i + 1 < text.length && (unsigned char)text.data[i + 1] < 0xa0;
		char escaped[8] = { (char)byte, '\0' };
		if (byte == '"' || byte == '\\')
			snprintf(escaped, sizeof escaped, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			snprintf(escaped, sizeof escaped, "\\u%04x", byte);
		else if (c1) /* U+0080 to U+009F: terminals obey them */
			snprintf(escaped, sizeof escaped, "\\u%04x", (unsigned char)text.data[++i]);
		else if (byte >= 0x80 && !valid)
			escaped[0] = '?';
		line_put(line, escaped);
	}
}

/* ,"name": or a blank and name=. */
static void name_put(struct line *line, const char *name)
{
	line_put(line, line->json ? ",\"" : " ");
	line_put(line, name);
	line_put(line, line->json ? "\":" : "=");
}

static void text_put(struct line *line, const char *name, struct text text)
{
	name_put(line, name);
	line_byte(line, '"');
	line_put_escaped(line, text);
	line_byte(line, '"');
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

static void context_name(struct line *line, const char *name, const char *value)
{
	char redacted[LOG_CONTEXT_BYTES_MAX];
	if (value[0])
		text_put(line, name, text_made(redacted, text_of(value), LOG_CONTEXT_BYTES_MAX));
}

/* Time, level, event, and whose request it is. */
static void line_begin(struct line *line, enum log_level level, const char *event)
{
	line->length = 0;
	line->json = atomic_load(&format_now) == LOG_JSON;
	line->mends = atomic_exchange(&torn, false);
	if (line->mends)
		line_byte(line, '\n');
	line_put(line, line->json ? "{\"at\":\"" : "");
	time_put(line);
	line_put(line, line->json ? "\",\"level\":\"" : " ");
	line_put(line, level_names[level]);
	line_put(line, line->json ? "\",\"event\":\"" : " ");
	line_put_escaped(line, text_slice(text_of(event), 0, 64));
	line_put(line, line->json ? "\"" : "");
	context_name(line, "request_id", context_request);
	context_name(line, "correlation_id", context_correlation);
}

static void line_end(struct line *line)
{
	line_put(line, line->json ? "}\n" : "\n");
	ssize_t written = write(atomic_load(&descriptor), line->bytes, line->length);
	if (written == (ssize_t)line->length)
		return;
	metric_add(METRIC_LOG_LINES_LOST_TOTAL, 1); /* nowhere else could it be said */
	if (written > 0 ? line->bytes[written - 1] != '\n' : line->mends)
		atomic_store(&torn, true);
}

__attribute__((format(printf, 2, 0)))
static struct text message_make(char *to, const char *format, va_list arguments)
{
	char raw[MESSAGE_MAX_BYTES + 2]; /* one byte more than is shown tells whether a character was cut */
	int wanted = vsnprintf(raw, sizeof raw, format, arguments);
	size_t length = wanted < 0 ? 0 : (size_t)wanted;
	return text_made(to, (struct text){ raw, length < sizeof raw - 1 ? length : sizeof raw - 1 }, MESSAGE_MAX_BYTES);
}

__attribute__((format(printf, 3, 0)))
static void line_write(enum log_level level, const char *event, const char *format, va_list arguments)
{
	char redacted[MESSAGE_MAX_BYTES];
	struct line line;
	struct text message = message_make(redacted, format, arguments);
	line_begin(&line, level, event);
	text_put(&line, "message", message);
	line_end(&line);
}

bool log_wants(enum log_level level)
{
	return (int)level >= atomic_load(&level_least) && level < LOG_OFF;
}

/* A line that is not wanted costs this test alone: its room is not even cleared. */
void log_write(enum log_level level, const char *event, const char *format, ...)
{
	if (!log_wants(level))
		return;
	va_list arguments;
	va_start(arguments, format);
	line_write(level, event, format, arguments);
	va_end(arguments);
}

static void fields_write(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	char redacted[FIELD_MAX_BYTES], number[24];
	struct line line;
	line_begin(&line, level, event);
	for (size_t i = 0; i < count && i < FIELDS_MAX; i++) {
		if (text_present(fields[i].text)) {
			text_put(&line, fields[i].name, text_made(redacted, fields[i].text, FIELD_MAX_BYTES));
		} else if (fields[i].has_integer) {
			snprintf(number, sizeof number, "%lld", (long long)fields[i].integer);
			name_put(&line, fields[i].name);
			line_put(&line, number);
		}
	}
	line_end(&line);
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	if (log_wants(level))
		fields_write(level, event, fields, count);
}
