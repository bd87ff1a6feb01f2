/* mail.h: mail: what rules send by ctx:send("mail", {...}), and how it leaves the house. Users' side: docs/mail.md.
 *
 *     ctx:send / mail_send -> mail_accept (addresses, template, sizes) -> a delivery row that holds the mail (record mail)
 *         -> the courier: mail_compose (MIME) -> SMTP by libcurl, or a file of the spool folder
 *
 * What was written is kept in the row, so each try sends the same; documents of invoices are written when it is sent. A mail
 * arrives at least once: tries of one have the same Message-ID, and the same name in the folder, which so has each once.
 *
 * Nothing of a tenant reaches the envelope or a header but addresses of the syntax that mail_address_parse allows and
 * texts without control characters.
 */
#ifndef MOONBILL_BILLING_MAIL_H
#define MOONBILL_BILLING_MAIL_H

#include "event/channel.h"

enum {
	MAIL_RECIPIENTS_MAX = 50,                 /* to, cc and bcc */
	MAIL_ATTACHMENTS_BYTES_MAX = 8 * 1024 * 1024,
	MAIL_TIMEOUT_MS = 60000,                  /* of a whole attempt */
};

extern const struct message_type billing_messages[];          /* engine_options.messages */
extern const struct delivery_channel *const billing_channels[]; /* engine_options.channels */

/* A mail of the core's own, in a perform: `message` is an object as rules give it to ctx:send. */
bool mail_send(struct command *command, struct text message, int64_t account_id, int64_t object_id, int64_t *delivery_id);

/* "ann@example.com" or "Ann <ann@example.com>": the address in ASCII, its domain by name. False: it is none. */
bool mail_address_parse(struct text text, struct arena *arena, struct mail_address *address);
/* On one line: control characters become blanks. */
struct text mail_line(struct arena *arena, struct text text);

#endif
