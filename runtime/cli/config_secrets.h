/* config_secrets.h: the keys that the store's secrets are sealed with, from the file that the configuration names. */
#ifndef MOONBILL_CLI_CONFIG_SECRETS_H
#define MOONBILL_CLI_CONFIG_SECRETS_H

#include "base/seal.h"
#include "config.h"

/* No keys without a file. False with a problem when it cannot be read, holds no keys, or others may read it. */
bool config_secrets(const struct config *config, struct arena *arena, struct problems *problems, struct seal_keys *keys);

#endif
