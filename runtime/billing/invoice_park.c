/* invoice_park.c: what a run leaves out because its amount is too large to be billed. */
#include "invoice_park.h"

#include "base/log.h"
#include "base/metric.h"

static void tell(struct command *command, int64_t subscription_id, struct text message)
{
	command_remark(command, PROBLEM_OVERFLOW, message);
	if (command->dry_run)
		return;
	metric_add(METRIC_LINES_PARKED_TOTAL, 1);
	log_fields(LOG_WARNING, "invoice.park",
	           LOG_FIELDS(LOG_ID("tenant", command->tenant->id), LOG_ID("subscription", subscription_id), { .name = "message", .text = message }));
}

void invoice_park(struct command *command, int64_t subscription_id, struct text what, struct date start)
{
	struct text day = date_text(command->arena, start);
	tell(command, subscription_id,
	     text_format(command->arena, "%.*s of subscription %lld from %.*s is too large to be billed: it is left out",
	                 TEXT_ARG(what), (long long)subscription_id, TEXT_ARG(day)));
}

void invoice_park_subscription(struct command *command, int64_t subscription_id, const struct problem *why)
{
	tell(command, subscription_id,
	     text_format(command->arena, "subscription %lld cannot be billed and is left out: %s%s%s", (long long)subscription_id,
	                 why->message, why->cause ? ": " : "", why->cause ? why->cause : ""));
}
