/* subscription_advance.h: what a subscription becomes as time goes by and its timeline changes.
 *
 *     a command sets or undoes rows -> subscription_touch -> columns, signals, job, account's invoice
 *     the job subscription.advance  -> the same at the next moment at which something happens of its own accord,
 *     the job account.bill_changed     but the invoice, which is one for all that happens at that moment
 *
 * Columns that follow from the timeline (plan, phase, quantity, status, ends ...) are set here and nowhere else. What
 * happened is announced once: by the command that set it for now or the past, else by the job at its instant.
 */
#ifndef MOONBILL_BILLING_SUBSCRIPTION_ADVANCE_H
#define MOONBILL_BILLING_SUBSCRIPTION_ADVANCE_H

#include "event/job.h"
#include "subscription.h"

/* subscription.advance, account.bill_changed */
extern const struct job_kind subscription_jobs[];

/* What a command set. */
struct subscription_touch {
	struct instant from;     /* the earliest moment from which the timeline is other than before */
	struct instant at;       /* what was set for this moment is announced if it is not ahead; none: nothing was */
	struct instant entitled; /* the same of the begin or end of service */
	/* The pointer at which what costs more than a line can bill (billable.h) is refused; NULL: nothing new is charged. */
	const char *amounts_at;
	const char *date_at;     /* the pointer at which a moment too far back (reach.h) is refused; NULL: /effective_date */
};
/* After a change of its rows: columns, signals and job of the subscription and, of a base plan, of the add-ons of its
 * bundle; sets the account's bill cycle day when it has none and the subscription follows it. Saves. */
bool subscription_touch(struct command *command, struct account *account, struct subscription *subscription,
                        const struct subscription_touch *touch);
/* The same for every subscription of a bundle, or of the account (bundle NULL), that has not ended. */
bool subscriptions_touch(struct command *command, struct account *account, const struct subscription_bundle *bundle,
                         const struct subscription_touch *touch);
/* Invoices what is due of a change that counts from `from` on. What lies ahead waits: the job of its moment does it. */
bool subscription_bill(struct command *command, struct account *account, struct instant from);
/* The end of a command on a subscription: the same, and it answers with the subscription as it then is. */
bool subscription_finish(struct command *command, struct account *account, const struct subscription *subscription,
                         struct instant from, void **output);

/* The subscription that was subscribed to directly, with its account; or false with a problem at "/id". */
bool subscription_need_direct(struct command *command, int64_t id, struct subscription **subscription,
                              struct account **account);
/* The same with the problem at `pointer`. */
bool subscription_need_direct_at(struct command *command, int64_t id, const char *pointer,
                                 struct subscription **subscription, struct account **account);

#endif
