/* payment_allocate.c: money that came in goes to invoices, in order; what is left becomes a credit. */
#include "payment.h"

#include "credit.h"
#include "event/dispatch.h"
#include "invoice.h"

#include <assert.h>

struct money payment_allocate(struct money amount, struct invoice *const *invoices, size_t count, struct money *amounts)
{
	for (size_t i = 0; i < count; i++) {
		bool takes = invoices[i]->status == INVOICE_STATUS_OPEN && invoices[i]->currency == amount.currency;
		amounts[i] = takes ? money_min(amount, invoices[i]->balance) : money_zero(amount.currency);
		amount.minor -= amounts[i].minor;
	}
	assert(amount.minor >= 0);
	return amount;
}

static bool allocate_to(struct command *command, struct payment *payment, int64_t attempt_id, struct invoice *invoice,
                        struct money amount)
{
	if (!invoice_reduce(command, invoice, amount))
		return false;
	struct invoice_payment *part = list_add(command->arena, &payment->allocations, struct invoice_payment);
	part->id = store_new_id(command->store, "invoice_payment");
	part->account_id = payment->account_id;
	part->payment_id = payment->id;
	part->invoice_id = invoice->id;
	part->currency = payment->currency;
	part->amount = amount;
	part->balance = invoice->balance;
	part->created_at = command->now;
	struct occurrence applied = occurrence_of(EVENT_INVOICE_PAYMENT_SUCCEED, &invoice_record, invoice, invoice->id,
	                                          invoice->account_id);
	applied.details.payment_id = payment->id;
	applied.details.attempt_id = attempt_id;
	applied.details.currency = amount.currency;
	applied.details.amount = amount;
	applied.details.effective_date = payment->effective_date;
	return part->id != 0 && store_insert(command->store, &invoice_payment_record, part) &&
	       event_post(command, &applied) && invoice_announce_reduced(command, invoice, payment);
}

bool payment_apply(struct command *command, struct payment *payment, int64_t attempt_id,
                   struct invoice *const *invoices, const struct money *amounts, size_t count)
{
	int64_t allocated = 0;
	for (size_t i = 0; i < count; i++) {
		allocated += amounts[i].minor;
		if (amounts[i].minor > 0 && !allocate_to(command, payment, attempt_id, invoices[i], amounts[i]))
			return false;
	}
	assert(allocated + payment->unallocated.minor == payment->amount.minor);
	if (payment->unallocated.minor == 0)
		return true;
	struct credit template = {
		.account_id = payment->account_id, .currency = payment->currency, .amount = payment->unallocated,
		.reason = CREDIT_REASON_OVERPAYMENT, .payment_id = payment->id,
	};
	struct credit *credit;
	return credit_create(command, &template, &credit);
}
