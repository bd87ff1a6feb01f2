/* invoice_run.h: invoices of subscriptions that were subscribed to directly.
 *
 * timeline.h tells the billing events of each, propose.h what they come to until a target date, repair.h what of that is
 * new; here it becomes lines of one invoice of the account, beside what its orders owe (billing_run.h).
 *
 * Steady state does not depend on history: while subscription.derive_from is none or ahead, all that is due of days before
 * charged_through is on lines, and of the rest only what is proposed from there on is looked at. When all of it begins there
 * no line is read; when something reaches back (an end that was charged up to was taken back) lines are read and merged. A
 * change sets derive_from to the earliest day it touches; lines from that day on are then read and merged, once. What waits
 * on a draft is not charged yet: derive_from stays at it, so that later runs see its lines.
 *
 * A run takes what makes an invoice of some INVOICE_RUN_LINES_MAX lines and tells that there is `more`: subscriptions after
 * those it has looked at, and of one that alone has more than that, later days. Who runs goes on after `done_through`, with
 * the next invoice. Only what a change makes of one subscription is never divided.
 */
#ifndef MOONBILL_BILLING_INVOICE_RUN_H
#define MOONBILL_BILLING_INVOICE_RUN_H

#include "account_holdings.h"
#include "billing_event.h"
#include "billing_trial.h"
#include "component_assess.h"
#include "invoice.h"
#include "invoice_park.h"
#include "progressive_billing.h"
#include "subscription.h"

/* Of the command at hand: nothing was invoiced of them before. */
struct made_subscriptions {
	const int64_t *ids;
	size_t count;
};
/* invoice.run */
extern const struct command_type invoice_run_commands[];

/* After a change of the account's subscriptions, in the same command: bills what is due today and moves the account's
 * next bill date. The caller has set derive_from (invoice_run_derive_from) of what it changed, and saved it. */
bool account_bill_changed(struct command *command, struct account *account);
/* The same in a command that makes subscriptions: that one of these cannot be billed is a problem of it. */
bool account_bill_made(struct command *command, struct account *account, const struct made_subscriptions *made);
/* What was invoiced of the subscription from `date` on is to be looked at again by the next run; the earliest date asked
 * for counts. The caller saves the subscription. */
void invoice_run_derive_from(struct subscription *subscription, struct date date);
/* The first day on which one of the account's subscriptions has something new; none: nothing recurs, or invoicing is off
 * and that counts. */
bool invoice_run_next_date(struct command *command, const struct account *account, bool even_off, struct date *next);

/* ---- a run in four steps: read, collect, invoice_create when there are lines, finish ---- */
struct invoice_run_part {
	struct subscription *subscription;
	struct billing_event_list events;
	struct date target;      /* not before that of earlier runs, when it is merged */
	bool merged, has_usage;
	bool cut;                /* the target is an earlier day than the run's: more than one invoice takes */
	bool left_out;           /* by billing_trial.h: nothing of it is known */
	struct component_assessment *assessment; /* NULL: it has no components */
	struct usage_closed_list closed;   /* windows of usage that it bills */
	struct progressive_run progressive; /* what it takes off for invoices within periods */
	struct date first;       /* of what is new */
	struct date parked_from; /* of what is too large to be billed, the earliest; none: nothing is */
	struct date through;     /* first day after what is due of recurring and fixed prices */
	struct date used_through; /* the same of usage that is new */
	struct date next;
};
enum { INVOICE_RUN_LINES_MAX = 1000, INVOICE_RUN_SUBSCRIPTIONS_MAX = 1000 }; /* taxes and discounts are not counted */
struct invoice_run {
	const struct account *account;
	struct date target;
	int64_t after; /* subscriptions up to this id were looked at by a run before; 0: none were */
	struct made_subscriptions made;
	int smaller;   /* how often it was tried and was too much for the machine: it takes a quarter each time */
	bool even_off; /* by a caller who asked: account.invoicing "off" does not count */
	struct account_holdings holdings; /* the caller's, if it knows them */
	struct subscription_list subscriptions; /* all it looked at */
	struct { struct invoice_run_part *items; size_t count, capacity; } parts;
	struct parked_list parked; /* not among the lines */
	bool has_draft; /* the account has an invoice of a run that waits */
	bool some;      /* of many: it has read those that have something due, and maybe not all of them */
	bool unread;    /* there are more than it has read */
	bool more;      /* it was not all; a run after done_through goes on */
	int64_t done_through;
};
/* Finds the subscriptions to look at; none when invoicing is off. */
bool invoice_run_read(struct command *command, struct invoice_run *run);
/* Appends the lines that are due to `calculation` and sums it up; writes nothing, and may be done again. */
bool invoice_run_collect(struct command *command, struct invoice_run *run, const struct left_out *left_out,
                         struct invoice_calculation *calculation);
/* The period that lines are for. */
struct period invoice_lines_period(const struct invoice_line_list *lines, struct date otherwise);
/* Moves the marks of the subscriptions; `invoice` NULL: nothing was due. */
bool invoice_run_finish(struct command *command, struct invoice_run *run, const struct invoice *invoice);
/* What invoice_run_next_date would tell after a run of all that finished, when nothing else has changed anything since. */
struct date invoice_run_next_date_of(const struct invoice_run *run);
/* The earliest moment of that day for which all wait that have something new then; none: one of them waits for none. */
struct instant invoice_run_moment_of(const struct command *command, const struct invoice_run *run, struct date date);
/* The same from the rows of an account. */
bool invoice_run_moment(struct command *command, const struct account *account, struct date date, struct instant *moment);
/* All three, for what was subscribed to directly. */
bool invoice_run_bill(struct command *command, const struct account *account, struct date target, bool even_off,
                      struct invoice **invoice);
/* May invoices be made for that day? Else a problem at /target_date. */
bool invoice_run_check_target(struct command *command, const struct account *account, struct date target);
/* Asks for payment of what an invoice owes when the account pays by itself. */
bool invoice_collect_payment(struct command *command, const struct account *account, const struct invoice *invoice);

#endif
