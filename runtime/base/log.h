/* log.h: one line for one fact, to standard error or a file: JSON, or text for people.
 *
 *     log_write(LOG_INFO, "server.start", "address=%s", address);
 *     log_fields(LOG_INFO, "http.request", LOG_FIELDS({ "method", TEXT("GET") }, LOG_INTEGER("status", 200)));
 *
 * Values are redacted: runs of 13 to 19 digits that pass the Luhn check with a card prefix become "[card]". Whatever a
 * value holds, it stays inside its line and its quotes. Thread-safe; a line is written by one write(2). What cannot be
 * written is counted; a line that a full disk cut is ended by the next one. Level, format and place are the process's:
 * there is one log.
 */
#ifndef MOONBILL_BASE_LOG_H
#define MOONBILL_BASE_LOG_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF };
enum log_format { LOG_JSON, LOG_TEXT };

void log_set_level(enum log_level level);
void log_set_format(enum log_format format);
/* From now on lines are appended to this file, made with mode 0600; called again, to what has the name by then. False,
 * with errno, when it cannot be opened: lines go where they went. One thread. */
bool log_open(const char *path);

/* `format` gives the message; `event` is a stable dotted name. */
void log_write(enum log_level level, const char *event, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* A field is left out when it has neither text nor integer. */
struct log_field {
	const char *name;
	struct text text;
	bool has_integer;
	int64_t integer;
};
#define LOG_INTEGER(name, value) { (name), TEXT_NONE, true, (value) }
/* Left out when it is 0: nothing has that id. */
#define LOG_ID(name, value) { (name), TEXT_NONE, (value) != 0, (value) }
#define LOG_FIELDS(...)                                                                              \
	((const struct log_field[]){ __VA_ARGS__ }),                                                 \
	        (sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
/* Would a line of this level be written? For what is dear to put together. */
bool log_wants(enum log_level level);
void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t count);

/* Every line that this thread writes until log_context_clear names these; either may be none. */
enum { LOG_CONTEXT_BYTES_MAX = 64 };
void log_context_set(struct text request_id, struct text correlation_id);
void log_context_clear(void);

/* Replaces card numbers by "[card]" in a copy in the arena; the text itself when there is none. */
struct text redact_cards(struct arena *arena, struct text text);
bool text_has_card_number(struct text text);

#endif
