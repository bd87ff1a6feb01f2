/* words.h: what other systems call our states and kinds (schema/words.lua).
 *
 *     word_of(WORD_SYSTEM_BLUBILLING, WORD_INVOICE_STATUS, INVOICE_STATUS_OPEN)           "Outstanding"
 *     word_find(WORD_SYSTEM_BLUBILLING, WORD_INVOICE_STATUS, TEXT("Paid"))                INVOICE_STATUS_SETTLED
 *
 * A word may stand for several states (the first of the table is found) and a state may have no word in a system
 * (NULL).
 */
#ifndef MOONBILL_VALUE_WORDS_H
#define MOONBILL_VALUE_WORDS_H

#include "base/text.h"
#include "words.gen.h"

/* NULL when the system has no word for it. */
const char *word_of(enum word_system system, enum word_kind kind, int state);
/* The state, a value of the record's own enum; 0 when the word is unknown. Case counts. */
int word_find(enum word_system system, enum word_kind kind, struct text word);
/* The system's words of this kind, each once, in the table's order; NULL-terminated. */
const char *const *word_list(enum word_system system, enum word_kind kind);
/* "a, b, c", for messages. */
struct text word_list_text(struct arena *arena, enum word_system system, enum word_kind kind);

#endif
