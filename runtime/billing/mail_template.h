/* mail_template.h: what mails are written by: templates/mail/NAME.txt of the bundle, and NAME.html beside it.
 *
 * The text begins with a line "Subject: ..." and an empty one. Both are templates (value/template.h) for the members of the
 * message: ctx:send("mail", { template = "thanks", paid = invoice.total }) has {{paid}}. In the HTML values are escaped.
 */
#ifndef MOONBILL_BILLING_MAIL_TEMPLATE_H
#define MOONBILL_BILLING_MAIL_TEMPLATE_H

#include "bundle_archive.h"
#include "event/command.h"

/* Those of the archive; every problem found, at its file. */
bool mail_templates_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems);
/* Keeps them under the digest, unless they are kept already. */
bool mail_templates_keep(struct command *command, const struct bundle_archive *archive);
/* Does the bundle in force have templates/mail/NAME.txt? False only when the store fails. */
bool mail_template_exists(struct command *command, struct text name, bool *exists);
/* Subject, text and, if there is a template of it, HTML of mail->template of the active bundle with what `values` hold; a
 * subject or HTML that is there stays. Problems at /template. */
bool mail_template_write(struct command *command, const struct json *values, struct mail *mail, struct problems *problems);

#endif
