/* credit_note.c: reading notes that take back a part of an invoice, and the lines by which they do. */
#include "credit_note.h"

static bool load_lines(struct command *command, struct credit_note *note)
{
	return !note || store_all(command->store, STATEMENT_CREDIT_NOTE_LINE_OF_NOTE,
	                          BINDS(bind_id(note->account_id), bind_id(note->id)), &credit_note_line_record,
	                          LIST(&note->lines));
}

bool credit_note_find(struct command *command, int64_t id, struct credit_note **note)
{
	return store_find(command->store, &credit_note_record, id, (void **)note) && load_lines(command, *note);
}

bool credit_note_by_number(struct command *command, struct text number, struct credit_note **note)
{
	return store_one(command->store, STATEMENT_CREDIT_NOTE_BY_NUMBER, BINDS(bind_text(number)), &credit_note_record,
	                 (void **)note) &&
	       load_lines(command, *note);
}

bool credit_note_page(struct command *command, const struct object_filter *filter, struct credit_note_list *notes)
{
	return store_all(command->store, STATEMENT_CREDIT_NOTE_PAGE,
	                 BINDS(bind_id(filter->account_id), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &credit_note_record, LIST(notes));
}

bool credit_notes_of_invoice(struct command *command, int64_t account_id, int64_t invoice_id,
                             struct credit_note_list *notes)
{
	return store_all(command->store, STATEMENT_CREDIT_NOTE_OF_INVOICE, BINDS(bind_id(account_id), bind_id(invoice_id)),
	                 &credit_note_record, LIST(notes));
}

bool credit_note_adjustment(struct command *command, const struct credit_note *note, const struct invoice_line *of,
                            int64_t minor, struct invoice_line *adjustment)
{
	*adjustment = (struct invoice_line){
		.kind = INVOICE_LINE_KIND_ITEM_ADJUSTMENT,
		.plan = of->plan,
		.phase = of->phase,
		.subscription_id = of->subscription_id,
		.catalog_plan_id = of->catalog_plan_id,
		.order_id = of->order_id,
		.description = text_format(command->arena, "Credit note %.*s", TEXT_ARG(note->number)),
		.quantity = decimal_from_int64(1),
		.linked_invoice_id = note->invoice_id,
		.linked_position = of->position,
		.has_linked_position = true,
		.period_start = note->note_date,
		.period_end = note->note_date,
		.amount = money_of(minor, note->currency),
		.decision = text_format(command->arena, "{\"by\":\"credit note %lld\"}", (long long)note->id),
	};
	return exact_money_from_money(adjustment->amount, &adjustment->exact);
}
