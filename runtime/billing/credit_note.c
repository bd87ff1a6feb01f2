/* credit_note.c: reading notes that take back a part of an invoice. */
#include "credit_note.h"

bool credit_note_find(struct command *command, int64_t id, struct credit_note **note)
{
	return store_find(command->store, &credit_note_record, id, (void **)note) &&
	       (!*note || store_all(command->store, STATEMENT_CREDIT_NOTE_LINE_OF_NOTE,
	                            BINDS(bind_id((*note)->account_id), bind_id(id)), &credit_note_line_record,
	                            LIST(&(*note)->lines)));
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
