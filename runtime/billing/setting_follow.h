/* setting_follow.h: what follows from a change of settings that jobs are planned by: billing.upcoming_days and
 * tasks.heartbeat_minutes. A job of its own, `tenant.settings`, plans them by what is in force once the change is committed.
 *
 * Of a live tenant tasks.heartbeat_minutes makes clock.heartbeat a signal that comes so often, by a job `clock.heartbeat` that
 * plans its successor; what an outage passed over comes once. Test tenants have theirs by the moves of their clock.
 */
#ifndef MOONBILL_BILLING_SETTING_FOLLOW_H
#define MOONBILL_BILLING_SETTING_FOLLOW_H

#include "event/job.h"

extern const struct job_kind setting_jobs[];

/* Before and after: settings that were in force or will be; either may be NULL. */
bool settings_follow(struct command *command, const struct json *before, const struct json *after);
/* A tenant is made with these (may be NULL); it has no accounts yet. */
bool settings_begin(struct command *command, const struct json *settings);

/* The rows of the command's tenant are a copy of another one's: what that one's heartbeats were planned by is planned anew. */
bool settings_moved(struct command *command, int64_t from_tenant_id);

#endif
