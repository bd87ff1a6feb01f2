/* unit_usage.h: quantities of units that subscriptions to catalog plans use, as they are reported.
 *
 *     unbilled --invoice run--> billed --usage.remove--> removing --invoice run--> removed
 *         |        usage_late policy: kept                  invoice.cancel: unbilled again
 *         '--usage.remove--> removed
 *
 * A delivery is a batch under a tracking id, which is used once a subscription. What falls into no window of a usage
 * section (a time before the start, a paused stretch) stays unbilled and shows so; usage_arrear.h bills the rest.
 */
#ifndef MOONBILL_BILLING_UNIT_USAGE_H
#define MOONBILL_BILLING_UNIT_USAGE_H

#include "event/command.h"
#include "object_filter.h"

/* usage.record_units  unit_usage_batch  -> unit_usage_list; raises metering_event.ingest, once
 * usage.remove        unit_usage_remove -> unit_usage_list */
extern const struct command_type unit_usage_commands[];

/* ---- reading ---- */
struct unit_usage_rows {
	struct unit_usage *items;
	size_t count, capacity;
};
struct unit_usage_filter {
	struct object_filter object;    /* of the account */
	int64_t subscription_id;
	struct text unit, tracking_id;  /* none: any */
};
/* Newest first. */
bool unit_usage_page(struct command *command, const struct unit_usage_filter *filter, struct unit_usage_rows *rows);
/* What an invoice bills, in the order of ids. */
bool unit_usage_of_invoice(struct command *command, const struct invoice *invoice, struct unit_usage_rows *rows);
/* The running window of each section and up to UNIT_USAGE_WINDOWS_SHOWN before it, by what is recorded now. */
enum { UNIT_USAGE_WINDOWS_SHOWN = 12 };
bool unit_usage_windows_read(struct command *command, const struct account *account,
                             const struct subscription *subscription, struct unit_usage_windows *shown);

#endif
