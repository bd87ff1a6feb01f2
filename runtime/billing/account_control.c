/* account_control.c: what follows when an account is invoiced or pays by itself again. */
#include "account_control.h"

#include "account.h"
#include "invoice_run.h"
#include "subscription_advance.h"
#include "subscription_bundle.h"
#include "tag_control.h"

bool account_pays_by_itself(const struct account *account)
{
	return (!account->has_pay_automatically || account->pay_automatically) && !account->manual_pay;
}

static bool is_invoiced(const struct account *account)
{
	return account->invoicing != ACCOUNT_INVOICING_OFF;
}

static bool collect_open(struct command *command, const struct account *account)
{
	struct invoice_list open = { 0 };
	if (!invoices_open(command, account->id, &open))
		return false;
	for (size_t i = 0; i < open.count; i++)
		if (!invoice_collect_payment(command, account, &open.items[i]))
			return false;
	return true;
}

bool account_controls_changed(struct command *command, const struct account *before, struct account *account)
{
	bool pays_again = account_pays_by_itself(account) && !account_pays_by_itself(before);
	bool other = is_invoiced(account) != is_invoiced(before);
	return account_tags_follow(command, before, account) && (!other || account_bill_changed(command, account)) &&
	       (!pays_again || collect_open(command, account));
}

static bool subscription_set_invoicing_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_set_invoicing *input = data;
	struct subscription *subscription;
	struct account *account;
	if (!subscription_need_direct(command, input->id, &subscription, &account))
		return false;
	const struct subscription before = *subscription;
	subscription->has_invoicing_off = true;
	subscription->invoicing_off = input->invoicing_off;
	subscription->next_bill_date = DATE_NONE;
	command_object(command, "subscription", subscription->id, account->id);
	if (!subscription_save(command, subscription) || !subscription_tags_follow(command, &before, subscription) ||
	    !account_bill_changed(command, account) ||
	    !subscription_find(command, input->id, &subscription))
		return false;
	*output = subscription;
	return true;
}

/* Each subscription keeps it, so that a run need not read bundles. */
static bool set_members(struct command *command, const struct subscription_bundle *bundle)
{
	struct subscription_list members = { 0 };
	if (!subscription_bundle_members(command, bundle, &members))
		return false;
	for (size_t i = 0; i < members.count; i++) {
		struct subscription *member = &members.items[i];
		member->has_bundle_invoicing_off = true;
		member->bundle_invoicing_off = bundle->invoicing_off;
		member->next_bill_date = DATE_NONE;
		if (!subscription_save(command, member))
			return false;
	}
	return true;
}

static bool bundle_set_invoicing_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_bundle_set_invoicing *input = data;
	struct subscription_bundle *bundle = subscription_bundle_need(command, input->id, "/id");
	struct account *account = bundle ? account_need(command, bundle->account_id, "/id") : NULL;
	if (!account)
		return false;
	const struct subscription_bundle before = *bundle;
	bundle->has_invoicing_off = true;
	bundle->invoicing_off = input->invoicing_off;
	bundle->updated_at = command->now;
	command_object(command, "subscription_bundle", bundle->id, account->id);
	*output = bundle;
	return store_update(command->store, &subscription_bundle_record, bundle) && set_members(command, bundle) &&
	       bundle_tags_follow(command, &before, bundle) && account_bill_changed(command, account);
}

const struct command_type account_control_commands[] = {
	{
		.name = "subscription.set_invoicing",
		.scope = "write",
		.input = &subscription_set_invoicing_record,
		.output = &subscription_record,
		.perform = subscription_set_invoicing_perform,
		.doc = "Stops invoicing a subscription, or goes on with it: what was left out is invoiced then.",
	},
	{
		.name = "subscription_bundle.set_invoicing",
		.scope = "write",
		.input = &subscription_bundle_set_invoicing_record,
		.output = &subscription_bundle_record,
		.perform = bundle_set_invoicing_perform,
		.doc = "Stops invoicing a bundle, or goes on with it: what was left out is invoiced then.",
	},
	{ 0 },
};
