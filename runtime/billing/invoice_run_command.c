/* invoice_run_command.c: invoices on demand. */
#include "invoice_run.h"

#include "account.h"
#include "billing_run.h"
#include "propose.h"

bool invoice_run_check_target(struct command *command, const struct account *account, struct date target)
{
	struct date today = command_today(command, account);
	if (proposal_target_in_bounds(today, target))
		return true;
	return problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/target_date", date_text(command->arena, target), NULL,
	                     "invoices are made for at most %d months ahead", PROPOSAL_MONTHS_AHEAD_MAX);
}

static bool invoice_run_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_run_input *input = data;
	struct account *account = account_need(command, input->account_id, "/account_id");
	struct invoice *invoice;
	if (!account)
		return false;
	struct date target = date_present(input->target_date) ? input->target_date : command_today(command, account);
	if (!invoice_run_check_target(command, account, target) || !invoice_run_bill(command, account, target, true, &invoice))
		return false;
	if (invoice)
		command_object(command, "invoice", invoice->id, account->id);
	else
		command_object(command, "account", account->id, account->id);
	*output = invoice;
	return billing_run_schedule(command, account->id);
}

const struct command_type invoice_run_commands[] = {
	{
		.name = "invoice.run",
		.scope = "write",
		.input = &invoice_run_input_record,
		.output = &invoice_record,
		.perform = invoice_run_perform,
		.doc = "Invoices what is due for direct subscriptions on a day, also one that lies ahead; answers with the "
		       "invoice, or nothing.",
	},
	{ 0 },
};
