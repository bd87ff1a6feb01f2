/* mail_compose.h: a mail as bytes: MIME by GMime, which folds lines and encodes what is not ASCII.
 *
 * Texts are quoted-printable and attachments base64, so no line of a tenant's stands in it as it is and none is longer than
 * 76 bytes; boundaries hold "=_", which neither encoding can write. The same mail gives the same bytes.
 */
#ifndef MOONBILL_BILLING_MAIL_COMPOSE_H
#define MOONBILL_BILLING_MAIL_COMPOSE_H

#include "base/clock.h"
#include "records.gen.h"

struct mail_draft {
	const struct mail *mail; /* attachments have name, type and content; `from` and `subject` are there */
	struct instant date;
	struct text message_id;  /* without <>: digits and points, @, a domain; terminated */
	bool shows_bcc;          /* in a header: for a file that another program sends */
};

/* In the arena; TEXT_NONE when memory ran out. */
struct text mail_compose(const struct mail_draft *draft, struct arena *arena);

#endif
