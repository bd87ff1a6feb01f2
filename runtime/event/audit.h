/* audit.h: the chain of a tenant's audit rows.
 *
 * Each row carries the digest SHA-256(digest of the row before, zero byte, canonical row) in hex; before the first row
 * stands the empty text. The canonical row is its JSON without the digest, so a row that was changed, taken out or put
 * in shows at the next digest. Who keeps the last digest elsewhere can prove that nothing was rewritten since.
 */
#ifndef MOONBILL_EVENT_AUDIT_H
#define MOONBILL_EVENT_AUDIT_H

#include "base/arena.h"
#include "base/text.h"
#include "records.gen.h"

/* The digest that belongs on `row`, whatever stands there. */
struct text audit_digest(struct arena *arena, struct text previous, const struct audit *row);

#endif
