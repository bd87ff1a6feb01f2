/* component_assess.h: what a subscription's components put on the invoice of a run.
 *
 *     assessed_from         assessed_until
 *          |--- charged in advance ---|--- next period ---
 *          used from here on          at this moment, or when billing stops before it: the next assessment (assess_at)
 *
 * At an assessment, on one invoice with the plan: what is had is charged for the period that begins; what was used in the one that
 * ended is charged in arrears (component_usage.h); charges that waited become lines. Where billing stops within a period what is
 * charged of the rest is given back. A subscription that begins with a trial is assessed when its prices begin.
 *
 * Nothing is read of subscriptions that have no components, nor of those whose assessment lies ahead.
 */
#ifndef MOONBILL_BILLING_COMPONENT_ASSESS_H
#define MOONBILL_BILLING_COMPONENT_ASSESS_H

#include "component_sum.h"
#include "component_usage.h"
#include "invoice.h"

struct component_assessment;

/* Does a run on `today` have to wait for a later moment of that day? */
bool component_assess_waits(const struct command *command, const struct account *account,
                            const struct subscription *subscription, struct date today);
/* Appends the lines that are due now; *assessment is for component_assess_settle; writes nothing. `most`: lines; *cut: there are
 * more. */
bool component_assess(const struct component_billing *billing, size_t most, struct invoice_line_list *lines,
                      struct component_assessment **assessment, bool *cut);
/* Appends what was used so far in the period that runs, of events with all of today, without the least that it costs; nothing where an assessment is due. */
bool component_assess_running(const struct component_billing *billing, struct invoice_line_list *lines);
/* Was what was used in a period billed, if only as nothing? */
bool component_assess_closes(const struct component_assessment *assessment);
/* When the next one is, by what is known now; none: nothing of it recurs. */
struct instant component_assess_next(const struct component_assessment *assessment);
/* After the run has written its invoice (NULL: nothing was due): rows and marks. `subscription` is the one that was assessed. */
bool component_assess_settle(struct component_assessment *assessment, struct subscription *subscription,
                             const struct invoice *invoice);
/* A subscription that is charged for its plan already gets its first component: the present period is charged as far as that goes. */
bool component_assess_begin(struct command *command, struct subscription *subscription);

#endif
