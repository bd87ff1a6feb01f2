/* mail_message.c: what a rule sends as mail, made whole: addresses, subject, texts, attachments; or what is wrong with it. */
#include "mail.h"

#include "invoice.h"
#include "mail_template.h"
#include "value/json.h"

#include <inttypes.h>
#include <string.h>

static const char ADDRESS_REMEDY[] = "Write it as name@example.com or Ann <name@example.com>, in ASCII.";

struct reading {
	struct command *command;
	struct problems *problems;
	const struct json *message;
	struct mail *mail;
};

/* ---- addresses ---- */

static bool address_read(const struct reading *reading, const struct json *json, const char *pointer, struct mail_address *address)
{
	struct text text = json && json->type == JSON_STRING ? json->text : TEXT_NONE;
	return mail_address_parse(text, reading->command->arena, address) ||
	       problem_value(reading->problems, PROBLEM_INVALID_VALUE, pointer, text, ADDRESS_REMEDY,
	                     "'%.*s' is no address to send mail to", TEXT_ARG(text));
}

static bool address_add(const struct reading *reading, int field, const struct json *json, const char *pointer)
{
	struct mail_address address;
	if (!address_read(reading, json, pointer, &address))
		return false;
	*(struct mail_address *)record_list_add(&mail_record, reading->mail, field, reading->command->arena) = address;
	return true;
}

/* One text, or a list of them. */
static bool addresses_read(const struct reading *reading, int field)
{
	struct arena *arena = reading->command->arena;
	const char *name = mail_record.fields[field].name;
	const struct json *json = json_member(reading->message, name);
	const char *pointer = text_format(arena, "/%s", name).data;
	if (!json || json->type == JSON_NULL)
		return true;
	if (json->type != JSON_ARRAY)
		return address_add(reading, field, json, pointer);
	bool good = true;
	size_t i = 0;
	for (const struct json *item = json->first; item && i < MAIL_RECIPIENTS_MAX + 1; item = item->next, i++)
		good &= address_add(reading, field, item, text_format(arena, "%s/%zu", pointer, i).data);
	return good;
}

static bool sender_read(const struct reading *reading, const char *name, const char *setting, struct mail_address **sender)
{
	struct arena *arena = reading->command->arena;
	const struct json *json = json_member(reading->message, name);
	struct text set = command_setting(reading->command, setting);
	const struct json by_setting = { .type = JSON_STRING, .text = set };
	if (!json && text_present(set) && set.length > 0)
		json = &by_setting;
	if (!json)
		return true;
	*sender = arena_new(arena, struct mail_address);
	return address_read(reading, json, text_format(arena, "/%s", name).data, *sender);
}

/* ---- texts ---- */

static bool text_read(const struct reading *reading, const char *name, struct text *text)
{
	const struct json *json = json_member(reading->message, name);
	if (!json || json->type == JSON_NULL)
		return true;
	*text = json->text;
	return json->type == JSON_STRING ||
	       problem(reading->problems, PROBLEM_WRONG_TYPE, text_format(reading->command->arena, "/%s", name).data,
	               "%s of a mail is a text", name);
}

static const char *const members[] = {
	"to", "cc", "bcc", "from", "reply_to", "subject", "body", "html", "template", "attachments", NULL,
};

static const char *member_candidate(const void *context, size_t i)
{
	(void)context;
	return members[i];
}

/* Whatever a template writes may stand beside them; without one it would be lost. */
static bool members_check(const struct reading *reading)
{
	struct arena *arena = reading->command->arena;
	bool good = true;
	for (const struct json *member = reading->message->first; member; member = member->next) {
		bool known = false;
		for (size_t i = 0; members[i]; i++)
			known = known || text_is(member->name, members[i]);
		if (!known)
			good = problem_value(reading->problems, PROBLEM_UNKNOWN_FIELD, text_format(arena, "/%.*s", TEXT_ARG(member->name)).data,
			                     member->name, "Correct the name, or name the template that it is for.",
			                     "a mail without a template has no '%.*s'%s", TEXT_ARG(member->name),
			                     text_did_you_mean(arena, member->name, member_candidate, NULL));
	}
	return good;
}

static bool texts_read(const struct reading *reading)
{
	struct mail *mail = reading->mail;
	return text_read(reading, "subject", &mail->subject) && text_read(reading, "body", &mail->body) &&
	       text_read(reading, "html", &mail->html) && text_read(reading, "template", &mail->template);
}

/* ---- attachments ---- */

static bool is_media_type(struct text type)
{
	size_t slashes = 0;
	for (size_t i = 0; i < type.length; i++) {
		char c = type.data[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		bool edge = i == 0 || i + 1 == type.length || type.data[i - 1] == '/';
		slashes += c == '/';
		if (!letter && (edge || c == '\0' || !strchr("/.+-_", c)))
			return false;
	}
	return slashes == 1;
}

/* Only its last part: who saves it shall not be led anywhere. */
static struct text file_name(struct arena *arena, struct text name)
{
	struct text line = mail_line(arena, name);
	size_t from = line.length;
	while (from > 0 && line.data[from - 1] != '/' && line.data[from - 1] != '\\')
		from--;
	return text_slice(line, from, line.length);
}

static bool file_read(const struct reading *reading, const struct json *json, const char *pointer, struct mail_attachment *attachment)
{
	const struct json *content = json_member(json, "content");
	attachment->name = file_name(reading->command->arena, json_text(json_member(json, "name")));
	attachment->type = json_member(json, "type") ? json_text(json_member(json, "type")) : TEXT("text/plain");
	attachment->content = json_text(content);
	if (attachment->name.length == 0 || !content || content->type != JSON_STRING)
		return problem_value(reading->problems, PROBLEM_MISSING_FIELD, pointer, TEXT_NONE,
		                     "Write { invoice = invoice.id }, or { name = \"list.csv\", type = \"text/csv\", content = text }.",
		                     "an attachment is an invoice or a credit note, or has a name and a content");
	return is_media_type(attachment->type) ||
	       problem_value(reading->problems, PROBLEM_INVALID_VALUE, text_format(reading->command->arena, "%s/type", pointer).data,
	                     attachment->type, "Write a media type such as text/csv.", "'%.*s' is no media type", TEXT_ARG(attachment->type));
}

static const char *const formats[] = { "html", "pdf", NULL };

static const char *word_candidate(const void *context, size_t i)
{
	return ((const char *const *)context)[i];
}

static bool format_read(const struct reading *reading, const struct json *json, const char *pointer, struct mail_attachment *attachment)
{
	struct text word = json ? json_text(json) : TEXT("html");
	attachment->format = text_is(word, "pdf") ? MAIL_ATTACHMENT_FORMAT_PDF : MAIL_ATTACHMENT_FORMAT_HTML;
	return text_is(word, "html") || text_is(word, "pdf") ||
	       problem_value(reading->problems, PROBLEM_UNKNOWN_CHOICE, text_format(reading->command->arena, "%s/format", pointer).data,
	                     word, "Write \"html\" or \"pdf\".", "a document has no format '%.*s'%s", TEXT_ARG(word),
	                     text_did_you_mean(reading->command->arena, word, word_candidate, formats));
}

/* What has a document. */
static const struct document_noun {
	const char *member, *noun;
	const struct record *record;
} document_nouns[] = {
	{ "invoice", "invoice", &invoice_record },
	{ "credit_note", "credit note", &credit_note_record },
};
enum { DOCUMENT_NOUNS = sizeof document_nouns / sizeof *document_nouns };

static bool document_find(const struct reading *reading, const struct document_noun *noun, struct text id, const char *pointer,
                          int64_t *found)
{
	void *row = NULL;
	if (!text_to_int64(id, found) || *found <= 0)
		return problem_value(reading->problems, PROBLEM_INVALID_VALUE, pointer, id, "Give its id: invoice.id, credit_note.id.",
		                     "'%.*s' is not the id of %s %s", TEXT_ARG(id), noun == document_nouns ? "an" : "a", noun->noun);
	if (!store_find(reading->command->store, noun->record, *found, &row))
		return false;
	return row || problem_value(reading->problems, PROBLEM_NOT_FOUND, pointer, id, NULL, "%s %" PRId64 " does not exist", noun->noun,
	                            *found);
}

static const char *const document_members[] = { "invoice", "credit_note", "format", NULL };
static const char *const file_members[] = { "name", "type", "content", NULL };

static bool attachment_members_check(const struct reading *reading, const struct json *json, const char *pointer, const char *const *known)
{
	struct arena *arena = reading->command->arena;
	for (const struct json *member = json->type == JSON_OBJECT ? json->first : NULL; member; member = member->next) {
		size_t i = 0;
		while (known[i] && !text_is(member->name, known[i]))
			i++;
		if (!known[i])
			return problem_value(reading->problems, PROBLEM_UNKNOWN_FIELD,
			                     text_format(arena, "%s/%.*s", pointer, TEXT_ARG(member->name)).data, member->name,
			                     "Write { invoice = invoice.id, format = \"pdf\" }, or { name = \"list.csv\", type = \"text/csv\", content = text }.",
			                     "an attachment of this kind has no '%.*s'%s", TEXT_ARG(member->name),
			                     text_did_you_mean(arena, member->name, word_candidate, known));
	}
	return true;
}

static bool attachment_read(const struct reading *reading, const struct json *json, const char *pointer)
{
	struct mail_attachment *attachment =
	        record_list_add(&mail_record, reading->mail, MAIL_FIELD_ATTACHMENTS, reading->command->arena);
	const struct document_noun *noun = document_nouns;
	while (noun < document_nouns + DOCUMENT_NOUNS && !(json->type == JSON_OBJECT && json_member(json, noun->member)))
		noun++;
	bool is_document = noun < document_nouns + DOCUMENT_NOUNS;
	if (!attachment_members_check(reading, json, pointer, is_document ? document_members : file_members))
		return false;
	if (!is_document)
		return file_read(reading, json, pointer, attachment);
	int64_t *id = noun == document_nouns ? &attachment->invoice_id : &attachment->credit_note_id;
	return format_read(reading, json_member(json, "format"), pointer, attachment) &&
	       document_find(reading, noun, json_text(json_member(json, noun->member)),
	                     text_format(reading->command->arena, "%s/%s", pointer, noun->member).data, id);
}

static bool attachments_read(const struct reading *reading)
{
	const struct json *json = json_member(reading->message, "attachments");
	size_t i = 0;
	bool good = true;
	if (!json || json->type == JSON_NULL)
		return true;
	if (json->type != JSON_ARRAY)
		return problem_value(reading->problems, PROBLEM_WRONG_TYPE, "/attachments", TEXT_NONE,
		                     "Write { { invoice = invoice.id } }.", "attachments of a mail are a list");
	if (json->count > (size_t)mail_record.fields[MAIL_FIELD_ATTACHMENTS].max)
		return problem(reading->problems, PROBLEM_TOO_MANY, "/attachments", "a mail has at most %" PRId64 " attachments",
		               mail_record.fields[MAIL_FIELD_ATTACHMENTS].max);
	for (const struct json *item = json->first; item; item = item->next, i++)
		good &= attachment_read(reading, item, text_format(reading->command->arena, "/attachments/%zu", i).data);
	return good;
}

/* ---- the whole ---- */

static bool recipients_check(const struct mail *mail, struct problems *problems)
{
	size_t count = mail->to.count + mail->cc.count + mail->bcc.count;
	if (count == 0)
		return problem_value(problems, PROBLEM_MISSING_FIELD, "/to", TEXT_NONE,
		                     "Send it only where there is an address: if account.email then ... end.", "the mail goes to nobody");
	return count <= MAIL_RECIPIENTS_MAX ||
	       problem(problems, PROBLEM_TOO_MANY, "/to", "a mail goes to at most %d addresses, not to %zu", MAIL_RECIPIENTS_MAX, count);
}

/* Written, on one line where that is a must, and within its limits. */
static bool mail_finish(struct command *command, const struct json *values, struct mail *mail, struct problems *problems)
{
	if (text_present(mail->template) && !mail_template_write(command, values, mail, problems))
		return false;
	if (text_present(mail->subject))
		mail->subject = text_front(mail_line(command->arena, mail->subject), (size_t)mail_record.fields[MAIL_FIELD_SUBJECT].max);
	return recipients_check(mail, problems) && record_check(&mail_record, mail, "", problems);
}

static bool body_write(struct command *command, const struct mail *mail, struct delivery *delivery, struct problems *problems)
{
	size_t most = (size_t)delivery_record.fields[DELIVERY_FIELD_BODY].max;
	delivery->body = json_record_text(command->arena, &mail_record, mail);
	return delivery->body.length <= most ||
	       problem(problems, PROBLEM_TOO_LONG, "", "the mail has %zu bytes, more than %zu", delivery->body.length, most);
}

static bool mail_accept(struct command *command, struct delivery *delivery, struct problems *problems)
{
	struct mail mail = { 0 };
	struct reading reading = { command, problems, json_parse(delivery->body, command->arena, problems), &mail };
	if (!reading.message)
		return false;
	bool good = addresses_read(&reading, MAIL_FIELD_TO);
	good &= addresses_read(&reading, MAIL_FIELD_CC);
	good &= addresses_read(&reading, MAIL_FIELD_BCC);
	good &= sender_read(&reading, "from", "mail.from", &mail.from);
	good &= sender_read(&reading, "reply_to", "mail.reply_to", &mail.reply_to);
	good &= attachments_read(&reading);
	good &= texts_read(&reading);
	return good && (text_present(mail.template) || members_check(&reading)) &&
	       mail_finish(command, reading.message, &mail, problems) && body_write(command, &mail, delivery, problems);
}

const struct message_type billing_messages[] = {
	{ "mail", mail_accept },
	{ NULL, NULL },
};

bool mail_send(struct command *command, struct text message, int64_t account_id, int64_t object_id, int64_t *delivery_id)
{
	struct delivery delivery = {
		.channel = TEXT("mail"), .account_id = account_id, .object_id = object_id, .body = message, .due_at = command->now,
	};
	if (!mail_accept(command, &delivery, command->problems) || !delivery_add(command, &delivery))
		return false;
	*delivery_id = delivery.id;
	return true;
}
