/* credit_note_void.c: a credit note is withdrawn: what it took back is charged again, the credit that it gave is taken back. */
#include "credit_note.h"

#include "account.h"
#include "credit.h"
#include "invoice.h"
#include "invoice_run.h"
#include "parent_invoice.h"

#include "event/dispatch.h"

/* A note about to be void. */
struct voiding {
	struct command *command;
	struct credit_note *note;
	struct invoice *invoice;
	struct account *account;
	struct credit_list credits; /* that it gave */
};

static bool refuse(const struct voiding *voiding, const char *remedy, const char *why)
{
	return problem_value(voiding->command->problems, PROBLEM_WRONG_STATE, "/id", voiding->note->number, remedy,
	                     "credit note %.*s %s", TEXT_ARG(voiding->note->number), why);
}

static bool check_states(const struct voiding *voiding)
{
	const struct invoice *invoice = voiding->invoice;
	if (voiding->note->status == CREDIT_NOTE_STATUS_VOID)
		return refuse(voiding, "Make another note if more is to be taken back.", "is void already");
	if (invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED)
		return true;
	return problem_value(voiding->command->problems, PROBLEM_WRONG_STATE, "/id", voiding->note->number,
	                     "Void notes of invoices that are open or settled.", "invoice %.*s is %s", TEXT_ARG(invoice->number),
	                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
}

static bool takes_from(const struct credit_note *note, int64_t position)
{
	for (size_t i = 0; i < note->lines.count; i++)
		if (note->lines.items[i].invoice_position == position)
			return true;
	return false;
}

/* A run gave back what the note had left: what the note took would be charged for days that are not served, or usage that is not there. */
static bool check_unrepaired(const struct voiding *voiding)
{
	struct invoice_line_list taken = { 0 };
	if (!store_all(voiding->command->store, STATEMENT_INVOICE_LINE_TAKEN,
	               BINDS(bind_id(voiding->note->account_id), bind_id(voiding->note->invoice_id)), &invoice_line_record,
	               LIST(&taken)))
		return false;
	for (size_t i = 0; i < taken.count; i++)
		if (invoice_line_returns(&taken.items[i]) && takes_from(voiding->note, taken.items[i].linked_position))
			return refuse(voiding, "Cancel the invoice that repairs it first.",
			              "takes from a line that another invoice repairs");
	return true;
}

/* A later note of unused time gave back the days before those of this one: what is charged again would lie behind them, and
 * no note or repair could tell which days are meant. */
static bool check_last(const struct voiding *voiding)
{
	const struct credit_note *note = voiding->note;
	struct { struct credit_note_line *items; size_t count, capacity; } unused = { 0 };
	if (!store_all(voiding->command->store, STATEMENT_CREDIT_NOTE_LINE_OF_UNUSED_TIME,
	               BINDS(bind_id(note->account_id), bind_id(note->invoice_id)), &credit_note_line_record, LIST(&unused)))
		return false;
	for (size_t i = 0; i < note->lines.count; i++)
		for (size_t j = 0; text_present(note->lines.items[i].decision) && j < unused.count; j++)
			if (unused.items[j].invoice_position == note->lines.items[i].invoice_position &&
			    unused.items[j].credit_note_id > note->id)
				return refuse(voiding, "Void the later one first.", "takes unused days behind those of a later note");
	return true;
}

/* The children's invoices are paid by what the parent would owe again. */
static bool check_children(const struct voiding *voiding)
{
	return money_is_zero(voiding->note->offset) ||
	       parent_check_unsettled(voiding->command, voiding->invoice, "Charge the parent by hand instead.");
}

static bool check_unspent(struct voiding *voiding)
{
	const struct credit_note *note = voiding->note;
	if (!store_all(voiding->command->store, STATEMENT_CREDIT_OF_NOTE,
	               BINDS(bind_id(note->account_id), bind_id(note->invoice_id), bind_id(note->id)), &credit_record,
	               LIST(&voiding->credits)))
		return false;
	for (size_t i = 0; i < voiding->credits.count; i++)
		if (money_compare(voiding->credits.items[i].remaining, voiding->credits.items[i].amount) != 0)
			return refuse(voiding, "Cancel the invoices that used it first, or charge the amount by hand.",
			              "gave the account a credit that was used");
	return true;
}

/* ------------------------------------------------------------------------------------------------ the act */

static const struct invoice_line *line_at(const struct invoice *invoice, int64_t position)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (invoice->lines.items[i].position == position)
			return &invoice->lines.items[i];
	BUG("a credit note takes from a line that its invoice has not");
}

/* A line of the invoice for each of the note, the other way. */
static bool reverse_lines(struct voiding *voiding)
{
	struct command *command = voiding->command;
	struct credit_note *note = voiding->note;
	struct invoice_line *reversals = arena_new_many(command->arena, struct invoice_line, note->lines.count + 1);
	for (size_t i = 0; i < note->lines.count; i++) {
		const struct credit_note_line *line = &note->lines.items[i];
		if (!credit_note_adjustment(command, note, line_at(voiding->invoice, line->invoice_position), line->amount.minor,
		                            &reversals[i]))
			return false;
		reversals[i].description = text_format(command->arena, "Credit note %.*s withdrawn", TEXT_ARG(note->number));
		const struct invoice_line *reversed = line_at(voiding->invoice, line->adjustment_position);
		bool of_days = date_compare(reversed->period_start, reversed->period_end) < 0;
		struct date today = command_today(command, voiding->account);
		reversals[i].period_start = of_days ? reversed->period_start : today;
		reversals[i].period_end = of_days ? reversed->period_end : today;
	}
	if (!invoice_append(command, voiding->invoice, reversals, note->lines.count))
		return false;
	for (size_t i = 0; i < note->lines.count; i++) {
		struct credit_note_line *line = &note->lines.items[i];
		line->reversal_position = reversals[i].position;
		line->has_reversal_position = true;
		if (!store_update(command->store, &credit_note_line_record, line))
			return false;
	}
	return true;
}

static bool withdraw_credits(struct voiding *voiding)
{
	for (size_t i = 0; i < voiding->credits.count; i++)
		if (!credit_take_away(voiding->command, &voiding->credits.items[i]))
			return false;
	return true;
}

static bool mark_void(struct voiding *voiding, struct text reason)
{
	struct credit_note *note = voiding->note;
	note->status = CREDIT_NOTE_STATUS_VOID;
	note->void_reason = reason;
	note->voided_at = voiding->command->now;
	return store_update(voiding->command->store, &credit_note_record, note);
}

/* What it took off what was owed, and what it gave wallets back, who pay it again as far as they can. */
static struct money owed_again(const struct credit_note *note)
{
	int64_t returned_minor = money_present(note->wallet_return) ? note->wallet_return.minor : 0;
	return money_of(note->offset.minor + returned_minor, note->currency);
}

static bool withdraw(struct voiding *voiding, struct text reason)
{
	struct command *command = voiding->command;
	struct credit_note *note = voiding->note;
	const struct invoice before = *voiding->invoice;
	struct occurrence cancelled =
	        occurrence_of(EVENT_CREDIT_INVOICE_CANCEL, &credit_note_record, note, note->id, note->account_id);
	cancelled.details.invoice_id = note->invoice_id;
	cancelled.details.reason = reason;
	return event_pre(command, &cancelled) && mark_void(voiding, reason) && reverse_lines(voiding) &&
	       withdraw_credits(voiding) && event_post(command, &cancelled) &&
	       invoice_owe_again(command, voiding->account, voiding->invoice, &before, owed_again(note)) &&
	       invoice_announce_balance(command, voiding->invoice, before.balance, "credit_note_void") &&
	       invoice_collect_payment(command, voiding->account, voiding->invoice);
}

bool credit_note_void_perform(struct command *command, const void *data, void **output)
{
	const struct credit_note_void *input = data;
	struct voiding voiding = { .command = command };
	if (!credit_note_find(command, input->id, &voiding.note))
		return false;
	if (!voiding.note)
		return record_missing(&credit_note_record, input->id, command->problems, "/id");
	command_object(command, "credit_note", voiding.note->id, voiding.note->account_id);
	voiding.invoice = invoice_need(command, voiding.note->invoice_id, "/id");
	voiding.account = voiding.invoice ? account_need(command, voiding.invoice->account_id, "/id") : NULL;
	*output = voiding.note;
	return voiding.account && check_states(&voiding) && check_unrepaired(&voiding) && check_last(&voiding) && check_children(&voiding) &&
	       check_unspent(&voiding) &&
	       withdraw(&voiding, input->reason);
}
