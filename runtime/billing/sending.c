/* sending.c: invoices and credit notes go to their accounts by mail, each by itself. */
#include "sending.h"

#include "account.h"
#include "credit_note.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "mail.h"
#include "mail_template.h"

/* What both nouns have: how one of them is shown, marked and told of. */
struct letter {
	enum event event;
	const struct record *record;
	void *row;
	int64_t id, account_id;
	struct text number;
	const char *template;  /* of the bundle, where it has one; and what its document is of */
	struct text subject, body;
	const char *hindrance; /* why it cannot be sent now; NULL: it can */
	struct instant *sent_at;
};

struct letter_list {
	struct letter *items;
	size_t count, capacity;
};

/* ------------------------------------------------------------------------------------------------ letters */

static struct text date_or_none(struct command *command, struct date date)
{
	return date_present(date) ? date_text(command->arena, date) : TEXT("now");
}

static void add_invoice(struct command *command, struct letter_list *letters, struct invoice *invoice)
{
	bool owed = invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED;
	struct text total = money_text(command->arena, invoice->total), balance = money_text(command->arena, invoice->balance),
	            due = date_or_none(command, invoice->due_date);
	*list_add(command->arena, letters, struct letter) = (struct letter){
		.event = EVENT_INVOICE_SEND,
		.record = &invoice_record,
		.row = invoice,
		.id = invoice->id,
		.account_id = invoice->account_id,
		.number = invoice->number,
		.template = "invoice",
		.subject = text_format(command->arena, "Invoice %.*s", TEXT_ARG(invoice->number)),
		.body = text_format(command->arena, "Invoice %.*s comes to %.*s. To be paid: %.*s, due %.*s.",
		                    TEXT_ARG(invoice->number), TEXT_ARG(total), TEXT_ARG(balance), TEXT_ARG(due)),
		.hindrance = owed ? NULL : invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status],
		.sent_at = &invoice->sent_at,
	};
}

static void add_note(struct command *command, struct letter_list *letters, struct credit_note *note)
{
	struct text total = money_text(command->arena, note->total);
	*list_add(command->arena, letters, struct letter) = (struct letter){
		.event = EVENT_CREDIT_INVOICE_SEND,
		.record = &credit_note_record,
		.row = note,
		.id = note->id,
		.account_id = note->account_id,
		.number = note->number,
		.template = "credit_note",
		.subject = text_format(command->arena, "Credit note %.*s", TEXT_ARG(note->number)),
		.body = text_format(command->arena, "Credit note %.*s gives back %.*s.", TEXT_ARG(note->number), TEXT_ARG(total)),
		.hindrance = note->status == CREDIT_NOTE_STATUS_VOID ? "void" : NULL,
		.sent_at = &note->sent_at,
	};
}

static bool is_among(const struct letter_list *letters, int64_t id)
{
	for (size_t i = 0; i < letters->count; i++)
		if (letters->items[i].id == id)
			return true;
	return false;
}

/* ------------------------------------------------------------------------------------------------ which */

static bool not_there(struct command *command, const char *pointer, const char *noun, const struct reference *reference)
{
	struct text name = reference->id ? text_from_int64(command->arena, reference->id) : reference->number;
	return problem_value(command->problems, PROBLEM_NOT_FOUND, pointer, name, NULL, "%s %.*s does not exist", noun,
	                     TEXT_ARG(name));
}

static bool check_reference(struct command *command, const char *pointer, const struct reference *reference)
{
	return (reference->id != 0) != text_present(reference->number) ||
	       problem(command->problems, reference->id ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, pointer,
	               "name it by its id or its number");
}

static bool find_invoice(struct command *command, struct letter_list *letters, const char *pointer,
                         const struct reference *reference)
{
	struct invoice *invoice;
	if (!check_reference(command, pointer, reference) ||
	    !(reference->id ? invoice_find(command, reference->id, &invoice)
	                    : invoice_by_number(command, reference->number, &invoice)))
		return false;
	if (!invoice)
		return not_there(command, pointer, "invoice", reference);
	if (!is_among(letters, invoice->id))
		add_invoice(command, letters, invoice);
	return true;
}

static bool find_note(struct command *command, struct letter_list *letters, const char *pointer,
                      const struct reference *reference)
{
	struct credit_note *note;
	if (!check_reference(command, pointer, reference) ||
	    !(reference->id ? credit_note_find(command, reference->id, &note)
	                    : credit_note_by_number(command, reference->number, &note)))
		return false;
	if (!note)
		return not_there(command, pointer, "credit note", reference);
	if (!is_among(letters, note->id))
		add_note(command, letters, note);
	return true;
}

typedef bool finder(struct command *command, struct letter_list *letters, const char *pointer,
                    const struct reference *reference);

/* The one of `id`, or those of the list. */
static bool find_all(struct command *command, finder *find, int64_t id, const char *list_name,
                     const struct reference *references, size_t count, struct letter_list *letters)
{
	struct reference one = { .id = id };
	if ((id != 0) == (count > 0))
		return problem(command->problems, id ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, "/id",
		               "name what to send by id, or several by %s", list_name);
	if (id)
		return find(command, letters, "/id", &one);
	for (size_t i = 0; i < count; i++)
		if (!find(command, letters, text_format(command->arena, "/%s/%zu", list_name, i).data, &references[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ one */

static void named_text(struct json_writer *writer, const char *name, struct text text)
{
	if (!text_present(text))
		return;
	json_name(writer, name);
	json_string(writer, text);
}

/* Subject and body stand in place of what the template writes, which is told of the row and its account. */
static struct text message_text(struct command *command, const struct letter *letter, const struct account *account,
                                const struct event_details *details, bool by_template)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	named_text(&writer, "to", details->recipient);
	named_text(&writer, "subject", details->subject);
	named_text(&writer, "body", details->body);
	if (by_template) {
		named_text(&writer, "template", text_of(letter->template));
		json_name(&writer, letter->template);
		json_raw(&writer, json_record_text(command->arena, letter->record, letter->row));
		json_name(&writer, "account");
		json_raw(&writer, json_record_text(command->arena, &account_record, account));
	}
	json_name(&writer, "attachments");
	json_begin_array(&writer);
	json_begin_object(&writer);
	json_name(&writer, letter->template);
	json_integer(&writer, letter->id);
	json_end_object(&writer);
	json_end_array(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

/* What a rule gave as template_data is laid over what the template is told. */
static bool with_template_data(struct command *command, struct text *message, struct text data)
{
	if (!text_present(data))
		return true;
	const struct json *under = json_parse(*message, command->arena, command->problems);
	const struct json *over = json_parse(data, command->arena, command->problems);
	if (!under || !over)
		return false;
	*message = settings_merge(command->arena, under, over);
	return true;
}

static bool post_mail(struct command *command, const struct letter *letter, const struct account *account,
                      const struct event_details *details, int64_t *delivery_id)
{
	bool by_template = !text_present(details->body);
	struct text message = message_text(command, letter, account, details, by_template);
	return (!by_template || with_template_data(command, &message, details->template_data)) &&
	       mail_send(command, message, letter->account_id, letter->id, delivery_id);
}

static bool check_sendable(struct command *command, const struct letter *letter)
{
	return !letter->hindrance || problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", letter->number, NULL,
	                                           "%.*s is %s and is not sent", TEXT_ARG(letter->subject), letter->hindrance);
}

static bool check_recipient(struct command *command, const struct account *account, struct text recipient)
{
	return text_present(recipient) ||
	       problem_value(command->problems, PROBLEM_MISSING_FIELD, "/email", TEXT_NONE, "Give the account an e-mail address.",
	                     "account %lld has no e-mail address", (long long)account->id);
}

struct posting {
	const struct letter *letter;
	struct text subject, body; /* of the batch; none: the letter's own */
	int64_t delivery_id;       /* out */
};

static bool post_one(struct command *command, void *context)
{
	struct posting *posting = context;
	const struct letter *letter = posting->letter;
	struct account *account = account_need(command, letter->account_id, "/account_id");
	if (!account || !check_sendable(command, letter))
		return false;
	struct occurrence sending = occurrence_of(letter->event, letter->record, letter->row, letter->id, letter->account_id);
	bool by_template;
	if (!mail_template_exists(command, text_of(letter->template), &by_template))
		return false;
	sending.details.recipient = account->email;
	sending.details.subject = text_present(posting->subject) || by_template ? posting->subject : letter->subject;
	sending.details.body = text_present(posting->body) || by_template ? posting->body : letter->body;
	if (!event_pre(command, &sending) || !check_recipient(command, account, sending.details.recipient))
		return false;
	*letter->sent_at = command->now;
	if (!post_mail(command, letter, account, &sending.details, &posting->delivery_id) ||
	    !store_update(command->store, letter->record, letter->row))
		return false;
	sending.details.message_id = posting->delivery_id;
	return event_post(command, &sending);
}

/* ------------------------------------------------------------------------------------------------ all of them */

static bool send_all(struct command *command, const struct letter_list *letters, struct text subject, struct text body,
                     struct sent_batch *batch)
{
	for (size_t i = 0; i < letters->count; i++) {
		struct posting posting = { .letter = &letters->items[i], .subject = subject, .body = body };
		struct problems problems;
		struct sent_item *item = list_add(command->arena, &batch->items, struct sent_item);
		problems_init(&problems, command->arena);
		item->id = posting.letter->id;
		item->number = posting.letter->number;
		if (!command_attempt(command, post_one, &posting, &problems, &item->sent))
			return false;
		item->delivery_id = posting.delivery_id;
		batch->sent += item->sent;
		batch->held_back += !item->sent;
		if (item->sent)
			continue;
		item->delivery_id = 0;
		item->code = text_front(problem_code_text(problems.first), 60);
		item->message = text_front(text_of(problems.first->message), 1000);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ invoice.send */

static struct text ids_text(struct command *command, const struct letter_list *letters)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	for (size_t i = 0; i < letters->count; i++)
		json_integer(&writer, letters->items[i].id);
	json_end_array(&writer);
	return builder_text(&out);
}

/* Those that rules have left, or named instead. */
static bool read_ids(struct command *command, struct text ids, struct letter_list *letters)
{
	const struct json *list = json_parse(ids, command->arena, command->problems);
	if (!list)
		return false;
	if (list->type != JSON_ARRAY)
		return problem(command->problems, PROBLEM_WRONG_TYPE, "/invoice_ids", "a rule made invoice_ids no list");
	*letters = (struct letter_list){ 0 };
	for (const struct json *item = list->first; item; item = item->next) {
		struct reference reference = { 0 };
		if (item->type != JSON_NUMBER || !text_to_int64(json_text(item), &reference.id) || reference.id <= 0)
			return problem(command->problems, PROBLEM_WRONG_TYPE, "/invoice_ids", "invoice_ids is a list of ids");
		if (!find_invoice(command, letters, "/invoice_ids", &reference))
			return false;
	}
	return true;
}

static bool invoice_send_perform(struct command *command, const void *data, void **output)
{
	const struct invoice_send *input = data;
	struct letter_list letters = { 0 };
	struct sent_batch *batch = arena_new(command->arena, struct sent_batch);
	if (!find_all(command, find_invoice, input->id, "invoices", input->invoices.items, input->invoices.count, &letters))
		return false;
	struct occurrence sending = occurrence_of(EVENT_INVOICE_SEND_BATCH, NULL, NULL, 0, 0);
	struct text before = sending.details.invoice_ids = ids_text(command, &letters);
	sending.details.subject = input->subject;
	sending.details.body = input->body;
	if (!event_pre(command, &sending))
		return false;
	if (!text_equals(before, sending.details.invoice_ids) && !read_ids(command, sending.details.invoice_ids, &letters))
		return false;
	if (letters.count == 1)
		command_object(command, "invoice", letters.items[0].id, letters.items[0].account_id);
	*output = batch;
	return send_all(command, &letters, sending.details.subject, sending.details.body, batch);
}

/* ------------------------------------------------------------------------------------------------ credit_note.send */

static bool credit_note_send_perform(struct command *command, const void *data, void **output)
{
	const struct credit_note_send *input = data;
	struct letter_list letters = { 0 };
	struct sent_batch *batch = arena_new(command->arena, struct sent_batch);
	if (!find_all(command, find_note, input->id, "credit_notes", input->credit_notes.items, input->credit_notes.count,
	              &letters))
		return false;
	if (letters.count == 1)
		command_object(command, "credit_note", letters.items[0].id, letters.items[0].account_id);
	*output = batch;
	return send_all(command, &letters, input->subject, input->body, batch);
}

const struct command_type sending_commands[] = {
	{ .name = "invoice.send",
	  .scope = "write",
	  .input = &invoice_send_record,
	  .output = &sent_batch_record,
	  .perform = invoice_send_perform,
	  .doc = "Sends invoices to their accounts by mail; one that a rule holds back stays unsent alone." },
	{ .name = "credit_note.send",
	  .scope = "write",
	  .input = &credit_note_send_record,
	  .output = &sent_batch_record,
	  .perform = credit_note_send_perform,
	  .doc = "Sends credit notes to their accounts by mail; one that a rule holds back stays unsent alone." },
	{ .name = NULL },
};
