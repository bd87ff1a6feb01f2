/* blocking_state.h: what services say they hold back of an account, a bundle or a subscription; see blocking.h.
 *
 * A state is set for a moment, past or future, and stays; the next one of the same service and object takes its place.
 * Pause and resume of a bundle are states of the service "entitlement".
 */
#ifndef MOONBILL_BILLING_BLOCKING_STATE_H
#define MOONBILL_BILLING_BLOCKING_STATE_H

#include "blocking.h"
#include "event/job.h"
#include "page.h"

struct blocking_state_list {
	struct blocking_state *items;
	size_t count, capacity;
};

/* blocking_state.set          blocking_state_set         -> blocking_state
 * subscription_bundle.pause   subscription_bundle_pause  -> blocking_state
 * subscription_bundle.resume  subscription_bundle_pause  -> blocking_state */
extern const struct command_type blocking_state_commands[];
/* blocking_state.begin: says that a state which lay ahead is there */
extern const struct job_kind blocking_state_jobs[];

bool blocking_state_find(struct command *command, int64_t id, struct blocking_state **state);
/* Of the account, in the order of their ids. */
bool blocking_state_page(struct command *command, int64_t account_id, struct page_query page,
                         struct blocking_state_list *states);
/* Those of the subscription, its bundle and its account, by effective_at, then id. */
bool blocking_states_of(struct command *command, const struct subscription *subscription,
                        struct blocking_state_list *states);
/* Is a change of the subscription held back now? Then false, with the problem at `pointer`. */
bool blocking_allows_change(struct command *command, const struct subscription *subscription, const char *pointer);

#endif
