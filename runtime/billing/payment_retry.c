/* payment_retry.c: what follows from a payment that failed, and charging an account by itself. */
#include "payment.h"

#include "account.h"
#include "account_control.h"
#include "allocation.h"
#include "billing_run.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "payment_commands.h"

/* ------------------------------------------------------------------------------------------------ after a failure */

static bool decide(struct command *command, const struct account *account, const struct payment *payment,
                   const struct payment_attempt *attempt, const struct invoice *invoice,
                   struct retry_decision *decision)
{
	struct retry_failure failure = {
		.account_id = payment->account_id,
		.invoice_id = invoice->id,
		.payment_id = payment->id,
		.attempts = invoice->failed_attempts,
		.automatic = payment->by_billing_run,
		.currency = payment->currency,
		.amount = payment->amount,
		.status_code = attempt->status_code,
		.message = attempt->message,
		.today = command_today(command, account),
		.due_date = invoice->due_date,
	};
	struct rule_result result;
	if (!policy_decide(command, POLICY_RETRY, &failure, NULL, 0, false, &result))
		return false;
	*decision = *(const struct retry_decision *)result.record;
	return true;
}

/* Not today again: the same answer would follow at once, for ever. */
static bool retry_on(struct command *command, const struct account *account, const struct invoice *invoice,
                     struct date date)
{
	struct date tomorrow = date_add_days(command_today(command, account), 1);
	struct instant at = billing_run_instant(command, account, date_max(date, tomorrow));
	return payment_collect_at(command, account, invoice->id, at);
}

/* An invoice that is partly paid cannot be cancelled; its orders still can be suspended. */
static bool give_up(struct command *command, struct invoice *invoice, const struct retry_decision *decision)
{
	bool suspend = decision->has_suspend_orders && decision->suspend_orders;
	bool cancel = decision->has_cancel_invoice && decision->cancel_invoice;
	int64_t suspended;
	if (cancel && money_compare(invoice->balance, invoice->total) == 0)
		return invoice_cancel_open(command, invoice, suspend, TEXT("payment failed"));
	return !suspend || invoice_suspend_orders(command, invoice, TEXT("payment failed"), &suspended);
}

/* What follows for one invoice from one attempt. */
struct consequence {
	const struct account *account;
	const struct payment *payment;
	const struct payment_attempt *attempt;
	struct invoice *invoice;
};

static bool follow(struct command *command, void *context)
{
	const struct consequence *what = context;
	const struct payment *payment = what->payment;
	struct invoice *invoice = what->invoice;
	struct retry_decision decision = { 0 };
	bool waits = false;
	if (invoice->status != INVOICE_STATUS_OPEN)
		return true;
	if (payment->by_billing_run && (!allocation_payment_failed(command, invoice, &waits) || waits))
		return waits;
	if (what->attempt->status != PAYMENT_ATTEMPT_STATUS_DECLINED)
		return !payment->by_billing_run ||
		       retry_on(command, what->account, invoice, command_today(command, what->account));
	if (!decide(command, what->account, payment, what->attempt, invoice, &decision) ||
	    !give_up(command, invoice, &decision))
		return false;
	bool again = payment->by_billing_run && invoice->status == INVOICE_STATUS_OPEN &&
	             date_present(decision.retry_on) && !(decision.has_give_up && decision.give_up);
	return !again || retry_on(command, what->account, invoice, decision.retry_on);
}

/* The gateway's answer is kept whatever rules say to what follows from it: that is tried again by a job, and at last
 * dead. */
bool payment_after_failure(struct command *command, const struct account *account, const struct payment *payment,
                           const struct payment_attempt *attempt, struct invoice *invoice)
{
	struct consequence what = { account, payment, attempt, invoice };
	struct problems problems;
	bool done;
	problems_init(&problems, command->arena);
	if (!command_attempt(command, follow, &what, &problems, &done))
		return false;
	struct instant soon = { command->now.us + US_PER_S };
	struct text payload = text_format(command->arena, "{\"attempt_id\":%lld}", (long long)attempt->id);
	return done || job_add(command, "payment.follow", account->id, invoice->id, soon, payload);
}

bool payment_follow_job(struct command *command, const struct job *job)
{
	struct consequence what = { .account = account_need(command, job->account_id, "/account_id") };
	struct payment_attempt *attempt = NULL;
	struct payment *payment = NULL;
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	int64_t id = 0;
	if (!what.account || !payload || !text_to_int64(json_text(json_member(payload, "attempt_id")), &id) ||
	    !store_find(command->store, &payment_attempt_record, id, (void **)&attempt) || !attempt ||
	    !payment_find(command, attempt->payment_id, &payment) || !payment ||
	    !invoice_find(command, job->object_id, &what.invoice) || !what.invoice)
		return false;
	what.payment = payment;
	what.attempt = attempt;
	return follow(command, &what);
}

/* ------------------------------------------------------------------------------------------------ charging by itself
 */

bool payment_collect_at(struct command *command, const struct account *account, int64_t invoice_id, struct instant at)
{
	return job_move(command, "payment.collect", account->id, invoice_id, at);
}

/* Is a payment of it under way, or one of which the outcome is not known? Then money may already be on its way. */
static bool is_being_paid(struct command *command, const struct invoice *invoice, bool *paying)
{
	struct payment_list unfinished = { 0 };
	*paying = false;
	if (!store_all(command->store, STATEMENT_PAYMENT_UNFINISHED, BINDS(bind_id(invoice->account_id)),
	               &payment_record, LIST(&unfinished)))
		return false;
	for (size_t i = 0; i < unfinished.count; i++) {
		const struct payment *payment = &unfinished.items[i];
		*paying |= payment->targets.count == 0;
		for (size_t j = 0; j < payment->targets.count; j++)
			*paying |= payment->targets.items[j].invoice_id == invoice->id;
	}
	return true;
}

static bool collect(struct command *command, const struct account *account, const struct invoice *invoice)
{
	struct payment_target target = { .invoice_id = invoice->id };
	struct payment_create input = {
		.account_id = account->id,
		.amount = money_decimal(invoice->balance),
		.currency = invoice->currency,
		.targets = { &target, 1, 1 },
		.payment_method_id = account->payment_method_id,
	};
	const struct payment_create *kept = record_copy(&payment_create_record, &input, command->arena);
	struct payment *payment;
	return payment_create(command, kept, true, &payment);
}

bool payment_collect_job(struct command *command, const struct job *job)
{
	struct invoice *invoice = NULL;
	struct account *account = account_need(command, job->account_id, "/account_id");
	bool paying;
	if (!account || !invoice_find(command, job->object_id, &invoice))
		return false;
	if (!invoice || invoice->status != INVOICE_STATUS_OPEN || !account->payment_method_id || !account_pays_by_itself(account))
		return true;
	if (!is_being_paid(command, invoice, &paying))
		return false;
	return paying ? retry_on(command, account, invoice, command_today(command, account))
	              : collect(command, account, invoice);
}
