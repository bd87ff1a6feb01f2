/* bundle_history.h: which bundle was in force when, and the way back.
 *
 *     deploy A -> deploy B -> deploy C -> rollback (B) -> rollback (A) -> deploy C
 *
 * Every change of the bundle in force is a row (record bundle_activation), written in its transaction. A rollback comes to the bundle that
 * the one in force had replaced when it was deployed; what it finds is checked anew, as a deploy is: the program may be another one.
 */
#ifndef MOONBILL_BILLING_BUNDLE_HISTORY_H
#define MOONBILL_BILLING_BUNDLE_HISTORY_H

#include "bundle.h"

struct bundle_activation_list {
	struct bundle_activation *items;
	size_t count, capacity;
};
/* In the order of their ids: the last one is the one in force. */
bool bundle_activation_page(struct command *command, struct page_query page, struct bundle_activation_list *activations);
/* Notes that `bundle` is in force from now on in place of `previous`; nothing when it is the same. */
bool bundle_activation_note(struct command *command, const struct bundle *bundle, struct text previous,
                            enum bundle_activation_kind kind);
/* The bundle that a rollback comes to: of this digest or its beginning, else the one that was replaced. NULL with a problem. */
struct bundle *bundle_rollback_target(struct command *command, struct text digest);

#endif
