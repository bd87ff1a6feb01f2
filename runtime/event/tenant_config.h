/* tenant_config.h: keys of a tenant's configuration for plugins and other systems, and what every node is told.
 *
 * PUSH_NOTIFICATION_CB is Kill Bill's callback of push notifications: a webhook endpoint of that profile, whose URL is the
 * value. Setting the key registers it, push.register sets the key. Every other key may have several values, as in Kill
 * Bill's store of tenant keys, each a row.
 */
#ifndef MOONBILL_EVENT_TENANT_CONFIG_H
#define MOONBILL_EVENT_TENANT_CONFIG_H

#include "command.h"

/* tenant_config.set      tenant_config_set -> tenant_config      the one value of a key
 * tenant_config.add      tenant_config_add -> tenant_config      a further one
 * tenant_config.delete   tenant_config_delete -> tenant_config, as it was; of a key the first of its values
 * node.broadcast         node_broadcast -> broadcast             its event alone */
extern const struct command_type tenant_config_commands[];

enum { TENANT_CONFIG_MAX = 200 }; /* values of a tenant */

struct tenant_config_list {
	struct tenant_config *items;
	size_t count, capacity;
};
/* In the order of their ids, at most `max` after that one; with their values. */
bool tenant_config_page(struct command *command, int64_t after_id, int64_t max, struct tenant_config_list *configs);
/* The same of one key. */
bool tenant_config_of_key(struct command *command, struct text key, int64_t after_id, int64_t max,
                          struct tenant_config_list *configs);
/* *config = NULL when there is none; with its value. By its key the first one. */
bool tenant_config_find(struct command *command, int64_t id, struct tenant_config **config);
bool tenant_config_by_key(struct command *command, struct text key, struct tenant_config **config);

#endif
