/* payment.c: money an account pays: reading, the commands and the job. */
#include "payment.h"

#include "payment_commands.h"

bool payment_load(struct command *command, struct payment *payment)
{
	return store_all(command->store, STATEMENT_INVOICE_PAYMENT_OF_PAYMENT,
	                 BINDS(bind_id(payment->account_id), bind_id(payment->id)), &invoice_payment_record,
	                 LIST(&payment->allocations)) &&
	       store_all(command->store, STATEMENT_PAYMENT_ATTEMPT_OF_PAYMENT,
	                 BINDS(bind_id(payment->account_id), bind_id(payment->id)), &payment_attempt_record,
	                 LIST(&payment->attempts));
}

bool payment_find(struct command *command, int64_t id, struct payment **payment)
{
	if (!store_find(command->store, &payment_record, id, (void **)payment))
		return false;
	return !*payment || payment_load(command, *payment);
}

bool payment_page(struct command *command, const struct object_filter *filter, struct payment_list *payments)
{
	return object_page(command, STATEMENT_PAYMENT_PAGE, STATEMENT_PAYMENT_PAGE_OF_ACCOUNT, filter, &payment_record,
	                   LIST(payments));
}

bool invoice_payments_of(struct command *command, int64_t account_id, int64_t invoice_id,
                         struct invoice_payment_list *allocations)
{
	return store_all(command->store, STATEMENT_INVOICE_PAYMENT_OF_INVOICE,
	                 BINDS(bind_id(account_id), bind_id(invoice_id)), &invoice_payment_record, LIST(allocations));
}

bool payment_save(struct command *command, struct payment *payment)
{
	payment->updated_at = command->now;
	return store_update(command->store, &payment_record, payment);
}

struct text payment_attempt_key(const struct command *command, int64_t attempt_id)
{
	struct text tenant = uuid_text(command->arena, command->tenant->uuid);
	return text_format(command->arena, "%.*s/%lld", TEXT_ARG(tenant), (long long)attempt_id);
}

static bool payment_reload(struct command *command, int64_t payment_id, void **output)
{
	return payment_find(command, payment_id, (struct payment **)output);
}

const struct command_type payment_commands[] = {
	{
		.name = "payment.create",
		.scope = "payments",
		.input = &payment_create_record,
		.output = &payment_record,
		.perform = payment_create_perform,
		.reload = payment_reload,
		.doc = "Charges a card or stored method; the answer waits for the gateway.",
	},
	{
		.name = "payment.complete",
		.scope = "admin", /* no key for payments and no rule says what a gateway answered */
		.input = &gateway_outcome_record,
		.output = &payment_record,
		.perform = payment_complete_perform,
		.doc = "What the gateway answered: the payment succeeds and is given to invoices, or fails.",
	},
	{ 0 },
};

const struct job_kind payment_jobs[] = {
	{ "payment.follow", payment_follow_job, "What follows from a declined payment, when it failed at first." },
	{ "payment.collect", payment_collect_job, "Charges the account's automatic method for what an invoice owes." },
	{ 0 },
};
