/* invoice_park.c: what a run leaves out because its amount is too large to be billed. */
#include "invoice_park.h"

#include "base/log.h"
#include "base/metric.h"

void invoice_park(struct command *command, int64_t subscription_id, struct text what, struct date start)
{
	struct text day = date_text(command->arena, start);
	struct text message = text_format(command->arena, "%.*s of subscription %lld from %.*s is too large to be billed: it is left out",
	                                  TEXT_ARG(what), (long long)subscription_id, TEXT_ARG(day));
	command_remark(command, PROBLEM_OVERFLOW, message);
	if (command->dry_run)
		return;
	metric_add(METRIC_LINES_PARKED_TOTAL, 1);
	log_fields(LOG_WARNING, "invoice.park",
	           LOG_FIELDS(LOG_ID("tenant", command->tenant->id), LOG_ID("subscription", subscription_id), { .name = "message", .text = message }));
}
