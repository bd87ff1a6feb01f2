/* log.h: one line of JSON for one fact, to standard error.
 *
 *     log_write(LOG_INFO, "server.start", "address=%s", address);
 *
 * Values are redacted: runs of 13 to 19 digits that pass the Luhn check with a card prefix become
 * "[card]". Thread-safe; a line is written by one write(2). The level is the process's: there is one
 * standard error.
 */
#ifndef MOONBILL_BASE_LOG_H
#define MOONBILL_BASE_LOG_H

#include "arena.h"
#include "text.h"

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF };

void log_set_level(enum log_level level);
/* `format` gives the message; `event` is a stable dotted name. */
void log_write(enum log_level level, const char *event, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Replaces card numbers by "[card]" in a copy in the arena; the text itself when there is none. */
struct text redact_cards(struct arena *arena, struct text text);
bool text_has_card_number(struct text text);

#endif
