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

void invoice_park(struct command *command, const struct parked_list *parked)
{
	for (size_t i = 0; i < parked->count; i++) {
		const struct parked *one = &parked->items[i];
		struct text day = date_text(command->arena, one->start);
		tell(command, one->subscription_id,
		     text_format(command->arena, "%.*s of subscription %lld from %.*s is too large to be billed: it is left out",
		                 TEXT_ARG(one->what), (long long)one->subscription_id, TEXT_ARG(day)));
	}
}

void invoice_park_subscriptions(struct command *command, const struct billing_trial *trial)
{
	for (size_t i = 0; i < trial->left_out.count; i++) {
		int64_t id = trial->left_out.items[i];
		const struct problem *why = trial->reasons[i];
		tell(command, id,
		     text_format(command->arena, "subscription %lld cannot be billed and is left out: %s%s%s", (long long)id,
		                 why->message, why->cause ? ": " : "", why->cause ? why->cause : ""));
	}
}
