/* dispatch.h: pre, perform, post.
 *
 *     struct occurrence placed = occurrence_of(EVENT_ORDER_CREATE, &order_record, order, order->id, order->account_id);
 *     if (!event_pre(command, &placed)) return false;      // rules may have assigned to *order, or rejected
 *     ... write rows ...
 *     return event_post(command, &placed);                 // journal row, post rules
 *
 * event_pre runs the bundle's pre rules for the event in bundle order; a rejection or an error fails the
 * command with its problem. Commands that a pre rule asked for run right after it. event_post writes the
 * journal row with its serial and then runs each post rule in a savepoint of its own: what it sends becomes
 * delivery rows, what it commands becomes jobs, a failure is undone alone and kept as a job that repeats it
 * (1 s, 10 s, 1 min, 10 min, 1 h, then dead) by the rule of that name in the bundle in force then. With no rule
 * listening both cost a bit test (and the journal row).
 *
 * Every run is kept as a rule_run row: what it read and assigned; `result` holds its ctx:note texts, a line each
 * (its failure when it failed). A pre rule that rejects leaves only the command's audit row. A rule's commands may
 * be of the scopes read, write and payments; unknown commands and inputs that do not fit fail the rule at once.
 */
#ifndef MOONBILL_EVENT_DISPATCH_H
#define MOONBILL_EVENT_DISPATCH_H

#include "command.h"
#include "events.gen.h"

struct occurrence {
	enum event event;
	const struct record *record; /* the subject's */
	void *subject;
	struct event_details details;
	const char *object_type;     /* of an event with several; NULL: the event's */
	int64_t object_id, account_id;
	struct instant effective_at; /* none: now */
	struct uuid id; /* the event's; chosen by the first call and kept by the second */
};

struct occurrence occurrence_of(enum event event, const struct record *record, void *subject, int64_t object_id,
                                int64_t account_id);
/* Does a pre rule of the bundle in force listen to it? */
bool event_is_awaited(const struct command *command, enum event event);
bool event_pre(struct command *command, struct occurrence *occurrence);
bool event_post(struct command *command, struct occurrence *occurrence);
/* An announcement: journal row and post rules. */
bool event_signal(struct command *command, struct occurrence *occurrence);
/* Runs a task rule of the bundle; what it sends and commands is queued. The occurrence is what it runs for: its details
 * are ctx.event, its id seeds ctx:random. PROBLEM_NO_HANDLER without such a rule, with the nearest name. */
bool task_rule_run(struct command *command, struct text rule_name, const struct occurrence *occurrence);
/* PROBLEM_NO_HANDLER at the pointer unless the bundle in force has a task rule of this name. */
bool task_rule_check(struct command *command, struct text rule_name, const char *pointer);

/* Asks a policy. `choices` are the plan's (may be NULL); the tenant's setting policies.<kind> comes after them,
 * then the bundle's own policy rules, then the shipped default. The runs are kept as rule_run rows unless
 * the caller keeps `result->trace` itself (`kept` true: invoice lines) or this is a read. */
bool policy_decide(struct command *command, enum policy policy, const void *input, const struct policy_choice *choices,
                   size_t choice_count, bool kept, struct rule_result *result);
/* Whom to ask, where more than a plan has a say. */
struct policy_choices {
	const struct policy_choice *first; /* before the setting */
	size_t first_count;
	const struct policy_choice *last;  /* after the bundle's rules, before the shipped default; may be NULL */
	size_t last_count;
};
/* The same with a choice for last. */
bool policy_decide_among(struct command *command, enum policy policy, const void *input,
                         const struct policy_choices *choices, bool kept, struct rule_result *result);
/* As policy_decide, of a shipped policy that is told `things` one by one: each brings the memory and the fuel that it takes, so that
 * a command is not short of either because there are many. The caller bounds them. */
bool policy_decide_many(struct command *command, enum policy policy, const void *input, const struct policy_choice *choice,
                        size_t things, struct rule_result *result);
/* The decision as JSON for a `decision` field: rule, file, line, bundle, fuel, reads, result. */
struct text policy_decision_text(struct command *command, const struct rule_result *result);
/* Who decided, without what was read and answered: where that is long, and kept elsewhere. */
struct text policy_decision_by(struct command *command, const struct rule_result *result);

#endif
