/* job_ahead.h: the planned work that decides what an account is billed, done ahead of its time in a part that is undone.
 *
 *     struct job *job;
 *     while (job_ahead_next(command, account_id, until, &job) && job)
 *         job_ahead_do(command, job);               // in a part of command_attempt that fails in the end
 */
#ifndef MOONBILL_EVENT_JOB_AHEAD_H
#define MOONBILL_EVENT_JOB_AHEAD_H

#include "job.h"

/* The first of it, with due_at, until an instant; *job = NULL: there is none. Payments are none of it: nobody asks a gateway. */
bool job_ahead_next(struct command *command, int64_t account_id, struct instant until, struct job **job);
/* Performs it at its instant, or now when that has passed; the command's clock stays there, and the caller sets it back. */
bool job_ahead_do(struct command *command, const struct job *job);
/* Moves the command's clock to an instant, unless it has passed. */
void clock_ahead(struct command *command, struct instant at);
/* The instants at which some of it is due, ascending, at most `most`. */
struct instants_ahead { struct instant *items; size_t count, capacity; };
bool jobs_ahead(struct command *command, int64_t account_id, size_t most, struct instants_ahead *instants);

#endif
