/* component_usage_record.h: what is used of metered and prepaid components is recorded.
 *
 *     usage --component_usage.create pre--> a row, the running total of its period (component_period.h), and of a prepaid component
 *       the lots that held it (prepaid_lot.h) --component_usage.create post--> the assessment bills it (component_usage.h)
 *
 * It is of the words "usage" in this code the one for components of subscriptions: usage.h is about price codes of orders,
 * unit_usage.h about units of catalog plans. Usage counts in the period that has not been assessed, also when it was used before
 * it. Terms: maxio.md 4.11, 4.12, 7.9; docs/components.md.
 */
#ifndef MOONBILL_BILLING_COMPONENT_USAGE_RECORD_H
#define MOONBILL_BILLING_COMPONENT_USAGE_RECORD_H

#include "component_period.h"

/* component_usage.create        component_usage_create -> component_usage
 * component_usage.create_batch  component_usage_batch  -> component_usage_created */
extern const struct command_type component_usage_commands[];

/* ---- reading ---- */
struct component_usage_rows {
	struct component_usage *items;
	size_t count, capacity;
};
struct component_usage_filter {
	int64_t before_id;                /* below it; 0: from the newest */
	int64_t since_id, max_id;         /* both included; 0: any */
	struct instant since, until;      /* used then or later, and before; none: any */
	int64_t offset, most;             /* rows to skip after that; at most so many */
};
/* Newest first. */
bool component_usage_page(struct command *command, const struct subscription_component *had,
                          const struct component_usage_filter *filter, struct component_usage_rows *rows);

#endif
