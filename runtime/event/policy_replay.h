/* policy_replay.h: a policy's decision made once more from what was kept of it.
 *
 * policy_decision_text keeps the rule with its file, line and bundle, what it read, and what it answered. A rule sees
 * nothing but what it reads, so the same rule told the same answers the same; where it does not, either the text was
 * changed since or the rules were.
 */
#ifndef MOONBILL_EVENT_POLICY_REPLAY_H
#define MOONBILL_EVENT_POLICY_REPLAY_H

#include "command.h"

struct policy_replay {
	bool made;                /* false: `why` says what is missing */
	bool same;                /* made, with the result that was kept */
	bool by_another;          /* by the shipped rule of this version: the one it was made with is gone */
	const char *why;          /* not made, or not the same; else NULL */
	struct text result;       /* the answer now, as it is kept */
	struct exact_money exact; /* of policies that answer with an exact amount */
	const void *record;       /* of those that fill a record */
};

/* `decision` is the kept object; `currency` that of its amounts. False, with problems, only when the store fails or memory
 * runs out: a decision that cannot be made again is no problem of the command. */
bool policy_replay(struct command *command, enum policy policy, const struct json *decision,
                   const struct currency *currency, struct policy_replay *replay);

#endif
