/* subscription_commands.c: the commands of subscriptions and their bundles. */
#include "subscription_commands.h"

#include "account_day.h"

#define COMMAND(command_name, input_record, output_record, function, sentence)                                       \
	{                                                                                                            \
		.name = command_name, .scope = "write", .input = &input_record##_record,                             \
		.output = &output_record##_record, .perform = function##_perform, .doc = sentence                    \
	}

const struct command_type subscription_commands[] = {
	COMMAND("subscription.subscribe", subscription_subscribe, subscription, subscription_subscribe,
	        "Subscribes to a plan of the catalog, in a bundle that is there or a new one."),
	COMMAND("subscription_bundle.create", subscription_bundle_create, subscription_bundle, subscription_bundle_create,
	        "Makes a bundle with its subscriptions, all or none."),
	COMMAND("subscription.change_plan", subscription_change_plan, subscription, subscription_change_plan,
	        "Goes on with another plan, now, at the end of what is charged, or on a day."),
	COMMAND("subscription.undo_change", subscription_undo_change, subscription, subscription_undo_change,
	        "Takes back a change of plan that lies ahead."),
	COMMAND("subscription.cancel", subscription_cancel, subscription, subscription_cancel,
	        "Ends service and billing, each at its moment, with the add-ons of a base plan."),
	COMMAND("subscription.uncancel", subscription_uncancel, subscription, subscription_uncancel,
	        "Takes back a cancellation that lies ahead."),
	COMMAND("subscription.change_quantity", subscription_change_quantity, subscription, subscription_change_quantity,
	        "Multiplies fixed and recurring prices by another quantity from a moment on."),
	COMMAND("subscription.change_bill_cycle_day", subscription_change_bill_cycle_day, subscription,
	        subscription_change_bill_cycle_day, "Gives a subscription a bill cycle day of its own from its next date on."),
	COMMAND("account.change_bill_cycle_day", account_change_bill_cycle_day, account, account_change_bill_cycle_day,
	        "Gives an account, and the subscriptions that follow it, another bill cycle day."),
	COMMAND("subscription.migrate", subscription_migrate, subscription, subscription_migrate,
	        "Prices a subscription by another catalog version from a moment on."),
	COMMAND("subscription_bundle.transfer", subscription_bundle_transfer, subscription_bundle,
	        subscription_bundle_transfer, "Ends a bundle and goes on with it at another account, in the phases it is in."),
	{ .name = NULL },
};
