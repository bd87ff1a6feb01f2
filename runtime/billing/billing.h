/* billing.h: every command and every kind of job of this folder: what engine_open is given.
 *
 *     struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs };
 */
#ifndef MOONBILL_BILLING_BILLING_H
#define MOONBILL_BILLING_BILLING_H

#include "event/command.h"
#include "event/job.h"

/* Tables that end with a NULL name; the list ends with NULL. */
extern const struct command_type *const billing_commands[];
extern const struct job_kind *const billing_jobs[];

#endif
