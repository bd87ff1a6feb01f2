/* payment_complete.c: what the gateway answered: the payment succeeds and is given to invoices, or fails. */
#include "payment.h"

#include "account.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "payment_commands.h"
#include "payment_method.h"
#include "value/words.h"

/* One answer of a gateway. */
struct completing {
	struct command *command;
	const struct gateway_outcome *outcome;
	struct account *account;
	struct payment *payment;
	struct payment_attempt *attempt;
	struct invoice **invoices; /* what it is meant for, in order */
	size_t invoice_count;
};

/* ------------------------------------------------------------------------------------------------ loading */

static struct payment_attempt *attempt_of(struct payment *payment, int64_t id)
{
	for (size_t i = 0; i < payment->attempts.count; i++)
		if (payment->attempts.items[i].id == id)
			return &payment->attempts.items[i];
	return NULL;
}

static bool load_targets(struct completing *work)
{
	const struct payment *payment = work->payment;
	size_t count = payment->targets.count;
	work->invoices = arena_new_many(work->command->arena, struct invoice *, count);
	for (size_t i = 0; i < count; i++) {
		struct invoice *invoice = invoice_need(work->command, payment->targets.items[i].invoice_id, "");
		if (!invoice)
			return false;
		work->invoices[work->invoice_count++] = invoice;
	}
	return true;
}

static bool load_oldest(struct completing *work)
{
	struct invoice_list open = { 0 };
	if (!invoices_open(work->command, work->payment->account_id, &open))
		return false;
	work->invoices = arena_new_many(work->command->arena, struct invoice *, open.count + 1);
	for (size_t i = 0; i < open.count; i++)
		work->invoices[work->invoice_count++] = &open.items[i];
	return true;
}

static bool load(struct completing *work)
{
	struct command *command = work->command;
	struct payment_attempt *found = NULL;
	int64_t id = work->outcome->attempt_id;
	if (!store_find(command->store, &payment_attempt_record, id, (void **)&found))
		return false;
	if (!found)
		return record_missing(&payment_attempt_record, id, command->problems, "/attempt_id");
	if (found->status != PAYMENT_ATTEMPT_STATUS_SENT && found->status != PAYMENT_ATTEMPT_STATUS_UNKNOWN)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/attempt_id",
		               "payment attempt %lld is %s already", (long long)id,
		               payment_attempt_record.fields[PAYMENT_ATTEMPT_FIELD_STATUS].words[found->status]);
	if (!payment_find(command, found->payment_id, &work->payment))
		return false;
	if (!work->payment || !(work->attempt = attempt_of(work->payment, id)))
		BUG("payment attempt %lld has no payment", (long long)id);
	work->account = account_need(command, work->payment->account_id, "/account_id");
	if (!work->account)
		return false;
	return work->payment->targets.count ? load_targets(work) : load_oldest(work);
}

/* ------------------------------------------------------------------------------------------------ the attempt */

static bool save_attempt(struct completing *work)
{
	_Static_assert((int)GATEWAY_OUTCOME_STATUS_APPROVED + 1 == (int)PAYMENT_ATTEMPT_STATUS_APPROVED,
	               "sent comes first");
	_Static_assert((int)GATEWAY_OUTCOME_STATUS_UNKNOWN + 1 == (int)PAYMENT_ATTEMPT_STATUS_UNKNOWN,
	               "sent comes first");
	const struct gateway_outcome *outcome = work->outcome;
	struct payment_attempt *attempt = work->attempt;
	attempt->status = (enum payment_attempt_status)(outcome->status + 1);
	attempt->transaction_id = outcome->transaction_id;
	attempt->approval_code = outcome->approval_code;
	attempt->avs_code = outcome->avs_code;
	attempt->cvv_code = outcome->cvv_code;
	attempt->status_code = outcome->status_code;
	attempt->message = outcome->message;
	attempt->completed_at = work->command->now;
	return store_update(work->command->store, &payment_attempt_record, attempt);
}

static struct occurrence payment_occurrence(const struct completing *work, enum event event)
{
	struct payment *payment = work->payment;
	struct occurrence occurrence = occurrence_of(event, &payment_record, payment, payment->id, payment->account_id);
	occurrence.details.attempt_id = work->attempt->id;
	occurrence.details.transaction_id = work->attempt->transaction_id;
	occurrence.details.transaction_type =
	        text_of(word_of(WORD_SYSTEM_KILLBILL, WORD_PAYMENT_TYPE, (int)payment->type));
	occurrence.details.currency = payment->currency;
	occurrence.details.amount = payment->amount;
	occurrence.details.status = text_of(payment_record.fields[PAYMENT_FIELD_STATUS].words[payment->status]);
	occurrence.details.effective_date = payment->effective_date;
	return occurrence;
}

/* ------------------------------------------------------------------------------------------------ yes */

static bool keep_method(struct completing *work)
{
	struct payment *payment = work->payment;
	struct payment_method *method;
	if (!payment->has_auto_pay || payment->payment_method_id || !text_present(work->outcome->token))
		return true;
	if (!payment_method_keep(work->command, payment->account_id, work->attempt->gateway, work->outcome,
	                         payment->auto_pay, &method))
		return false;
	payment->payment_method_id = method->id;
	return true;
}

static bool succeed(struct completing *work)
{
	struct command *command = work->command;
	struct payment *payment = work->payment;
	struct money *amounts = arena_new_many(command->arena, struct money, work->invoice_count + 1);
	payment->status = PAYMENT_STATUS_SUCCEEDED;
	payment->unallocated = payment_allocate(payment->amount, work->invoices, work->invoice_count, amounts);
	if (!keep_method(work) || !payment_save(command, payment))
		return false;
	struct occurrence succeeded = payment_occurrence(work, EVENT_PAYMENT_SUCCEED);
	return event_post(command, &succeeded) &&
	       payment_apply(command, payment, work->attempt->id, work->invoices, amounts, work->invoice_count);
}

/* ------------------------------------------------------------------------------------------------ no */

static struct text failure_text(const struct completing *work)
{
	if (text_present(work->outcome->message))
		return work->outcome->message;
	return work->outcome->status == GATEWAY_OUTCOME_STATUS_DECLINED ? TEXT("declined")
	                                                                : TEXT("the gateway gave no answer");
}

/* Counts the failure where the card was declined; an outage of the gateway is not the payer's. */
static bool fail_invoice(struct completing *work, struct invoice *invoice)
{
	struct command *command = work->command;
	if (work->outcome->status == GATEWAY_OUTCOME_STATUS_DECLINED && invoice->status == INVOICE_STATUS_OPEN) {
		invoice->failed_attempts++;
		if (!invoice_save(command, invoice))
			return false;
	}
	struct occurrence failed =
	        occurrence_of(EVENT_INVOICE_PAYMENT_FAIL, &invoice_record, invoice, invoice->id, invoice->account_id);
	failed.details.payment_id = work->payment->id;
	failed.details.attempt_id = work->attempt->id;
	failed.details.currency = work->payment->currency;
	failed.details.amount = work->payment->amount;
	failed.details.effective_date = work->payment->effective_date;
	failed.details.failure = failure_text(work);
	return event_post(command, &failed);
}

/* Without targets it was meant for the invoices that it would have reached. */
static void drop_unreached(struct completing *work)
{
	struct money *amounts = arena_new_many(work->command->arena, struct money, work->invoice_count + 1);
	if (work->payment->targets.count)
		return;
	payment_allocate(work->payment->amount, work->invoices, work->invoice_count, amounts);
	while (work->invoice_count > 0 && amounts[work->invoice_count - 1].minor == 0)
		work->invoice_count--;
}

static bool fail(struct completing *work)
{
	struct command *command = work->command;
	struct payment *payment = work->payment;
	drop_unreached(work);
	payment->status = PAYMENT_STATUS_FAILED;
	if (!payment_save(command, payment))
		return false;
	struct occurrence failed = payment_occurrence(work, EVENT_PAYMENT_FAIL);
	failed.details.failure = failure_text(work);
	failed.details.has_attempt = work->invoice_count > 0;
	failed.details.attempt = work->invoice_count ? work->invoices[0]->failed_attempts + 1 : 0;
	failed.details.has_retryable = true;
	failed.details.retryable = payment->by_billing_run;
	if (!event_post(command, &failed))
		return false;
	for (size_t i = 0; i < work->invoice_count; i++)
		if (!fail_invoice(work, work->invoices[i]))
			return false;
	for (size_t i = 0; i < work->invoice_count; i++)
		if (!payment_after_failure(command, work->account, payment, work->attempt, work->invoices[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ nobody knows */

static bool stay_unknown(struct completing *work)
{
	work->payment->status = PAYMENT_STATUS_UNKNOWN;
	struct occurrence unknown = payment_occurrence(work, EVENT_PAYMENT_UNKNOWN);
	return payment_save(work->command, work->payment) && event_post(work->command, &unknown);
}

/* ------------------------------------------------------------------------------------------------ the command */

bool payment_complete_perform(struct command *command, const void *input, void **output)
{
	struct completing work = { .command = command, .outcome = input };
	if (!load(&work) || !save_attempt(&work))
		return false;
	command_object(command, "payment", work.payment->id, work.payment->account_id);
	*output = work.payment;
	switch (work.outcome->status) {
	case GATEWAY_OUTCOME_STATUS_APPROVED:
		return succeed(&work);
	case GATEWAY_OUTCOME_STATUS_DECLINED:
	case GATEWAY_OUTCOME_STATUS_FAILED:
		return fail(&work);
	default:
		return stay_unknown(&work);
	}
}
