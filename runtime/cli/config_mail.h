/* config_mail.h: what the configuration says of mail, as the engine is told it. */
#ifndef MOONBILL_CLI_CONFIG_MAIL_H
#define MOONBILL_CLI_CONFIG_MAIL_H

#include "config.h"
#include "event/channel.h"

/* *sends false: mail waits. Texts are of the arena. False with a problem, which never shows the password. */
bool config_mail(const struct config *config, struct arena *arena, struct problems *problems, struct mail_options *mail, bool *sends);

#endif
