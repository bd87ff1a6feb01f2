/* payment_commands.h: the acts of the commands and jobs of payments, for the tables in payment.c. */
#ifndef MOONBILL_BILLING_PAYMENT_COMMANDS_H
#define MOONBILL_BILLING_PAYMENT_COMMANDS_H

#include "event/command.h"
#include "event/job.h"

bool payment_create_perform(struct command *command, const void *input, void **output);
bool payment_complete_perform(struct command *command, const void *input, void **output);
bool payment_collect_job(struct command *command, const struct job *job);
bool payment_follow_job(struct command *command, const struct job *job);

#endif
