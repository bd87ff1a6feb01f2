/* termination_request.h: a wish that an account end on a day.
 *
 *     pending --due: account_end--> done
 *     pending --termination_request.withdraw--> withdrawn
 *
 * With the option immediate everything ends when it is due. With end_of_subscription nothing is renewed from then on, each
 * subscription ends with what it is charged for, and the account with the last of them. An account has one pending request
 * at most; account.terminate carries it out early. Source: atomia-aps-blubilling.md A.2.
 */
#ifndef MOONBILL_BILLING_TERMINATION_REQUEST_H
#define MOONBILL_BILLING_TERMINATION_REQUEST_H

#include "event/job.h"
#include "object_filter.h"

/* termination_request.create    termination_request_create   -> termination_request
 * termination_request.withdraw  termination_request_withdraw -> termination_request */
extern const struct command_type termination_request_commands[];
/* account.terminate: a request is due */
extern const struct job_kind termination_request_jobs[];

struct termination_request_list {
	struct termination_request *items;
	size_t count, capacity;
};
/* *request = NULL when there is none. */
bool termination_request_find(struct command *command, int64_t id, struct termination_request **request);
/* Newest first. Of the filter account_id, status, before_id and max count. */
bool termination_request_page(struct command *command, const struct object_filter *filter,
                              struct termination_request_list *requests);
bool termination_request_pending(struct command *command, int64_t account_id, struct termination_request **request);
/* The one that was carried out last. */
bool termination_request_last_done(struct command *command, int64_t account_id, struct termination_request **request);

/* ---- for account_termination.c ---- */
/* Its account has ended. */
bool termination_request_done(struct command *command, const struct account *account,
                              struct termination_request *request);

#endif
