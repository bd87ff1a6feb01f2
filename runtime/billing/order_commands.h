/* order_commands.h: the acts of the commands on orders, for the table in order.c. */
#ifndef MOONBILL_BILLING_ORDER_COMMANDS_H
#define MOONBILL_BILLING_ORDER_COMMANDS_H

#include "event/command.h"

bool order_place_perform(struct command *command, const void *input, void **output);
bool order_process_perform(struct command *command, const void *input, void **output);
bool order_quote_perform(struct command *command, const void *input, void **output);
bool order_update_perform(struct command *command, const void *input, void **output);
bool order_change_perform(struct command *command, const void *input, void **output);
bool order_delete_perform(struct command *command, const void *input, void **output);

#endif
