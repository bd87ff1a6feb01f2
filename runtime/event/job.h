/* job.h: due work as rows. A job runs as a command of its own at its instant (tenant's clock) and leaves the
 * table in the transaction of its effect, so it takes effect exactly once. A failing job is tried again
 * (1 s, 10 s, 1 min, 10 min, 1 h), then it is dead: kept, listed, begun anew by job.retry, and by another bundle when it
 * died of a rule. While the active bundle does not load nothing is counted: work waits ten minutes at a time.
 *
 * While it runs it is no future job any more, so a perform may plan its own successor by job_move, which then has the
 * row and the id of the one that runs. What is planned for later begins
 * at depth 0; what is due now keeps depth and cause of the command that queued it, which bounds circles of rules (cause.c).
 *
 * Engine's own kinds: "command" (queued by a rule), "rule.post" (a post rule to repeat). Billing's are in the
 * table it opens the engine with (account.bill, order.activate, order.complete, payment.retry ...).
 */
#ifndef MOONBILL_EVENT_JOB_H
#define MOONBILL_EVENT_JOB_H

#include "command.h"

struct job_kind {
	const char *name; /* NULL ends a table */
	bool (*perform)(struct command *command, const struct job *job);
	const char *doc;
};

/* job.retry  job_retry -> job */
extern const struct command_type job_commands[];
/* job.withdraw       job_withdraw -> job
 * delivery.withdraw  delivery_withdraw -> delivery
 * cause.withdraw     cause_withdraw -> cause_withdrawn */
extern const struct command_type withdraw_commands[];

/* Adds a row of `kind` for the object, due at an instant; payload may be none. */
bool job_add(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at,
             struct text payload);
/* The one future job of this kind for the object: moves it, or adds it. A dead one is none of these. */
bool job_move(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at);
/* The same; one that is added has this payload, one that is moved keeps its own. */
bool job_move_with(struct command *command, const char *kind, int64_t account_id, int64_t object_id, struct instant due_at,
                   struct text payload);
/* A copy of the context of work that is no command (command_of_transaction) by which it may plan jobs; when it has, engine_wake is
 * due once its transaction is committed. */
struct command *job_context(const struct command *view);
bool job_remove(struct command *command, const char *kind, int64_t object_id);
/* The rules are others from this command on: what died of one is due now, unless its object has such work already. */
bool jobs_begin_anew(struct command *command);

#endif
