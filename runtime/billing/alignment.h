/* alignment.h: the phases of a plan laid end to end in time. Pure.
 *
 *     anchor                                         (start of the bundle or subscription, or the change itself)
 *     | trial ------------ | discount ------ | evergreen - - -
 *              ^ the moment asked about: trial is current, discount is next
 *
 * A phase ends at the local time of day at which it began: 30 days are 30 days of the account's calendar, whatever its
 * clocks do. Source: killbill.md b.1.
 */
#ifndef MOONBILL_BILLING_ALIGNMENT_H
#define MOONBILL_BILLING_ALIGNMENT_H

#include "base/clock.h"
#include "records.gen.h"
#include "value/timezone.h"

#include <stdbool.h>
#include <stddef.h>

enum { ALIGNMENT_PHASES_MAX = 4 }; /* of a plan */

struct laid_phase {
	const struct phase *phase;
	struct instant start, end; /* [start, end); end none: unlimited */
};
struct laid_phases {
	struct laid_phase items[ALIGNMENT_PHASES_MAX];
	size_t count;
};

/* What a creation or change says about where phases stand. */
struct alignment {
	enum subscription_event_alignment from;          /* none: start_of_bundle */
	struct instant bundle_start, subscription_start; /* before transfers */
	struct instant at;                               /* of the creation or change */
	enum phase_kind asked;                           /* phase to begin with; none: by alignment */
	/* Of a change: the phase that the subscription was created in, if it skipped some. A plan that has one of that kind
	 * begins with it, unless it is laid from the change itself: what was used up is not granted again. */
	enum phase_kind created_in;
};

/* The same local time of day, `length` later. */
struct instant alignment_add(const struct timezone_rules *zone, struct instant from, struct duration length);
/* All phases from the one it begins with, from the anchor on; those that are over at `at` too. False when the plan has no
 * phase of the kind asked for. */
bool alignment_lay(const struct timezone_rules *zone, const struct catalog_plan *plan, const struct alignment *alignment,
                   struct laid_phases *laid);
/* The phase that covers `at`, or NULL when it lies before the first; the last one also covers what comes after it. */
const struct laid_phase *alignment_current(const struct laid_phases *laid, struct instant at);
/* The one after it, or NULL. */
const struct laid_phase *alignment_next(const struct laid_phases *laid, struct instant at);

#endif
