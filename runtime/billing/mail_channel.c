/* mail_channel.c: the channel "mail": its row as bytes, to a server by SMTP or into the folder.
 *
 *     prepare (the courier, in its read: nothing that takes time) -> make: the row, documents as HTML -> make again where one goes
 *     as PDF -> the bytes, and the file where it goes into the folder -> start (SMTP)
 */
#include "document.h"
#include "invoice.h"
#include "mail.h"
#include "mail_compose.h"
#include "mail_folder.h"
#include "pdf.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

/* One attempt. */
struct mail_flight {
	struct engine *engine;
	const struct mail_options *options;
	struct text tenant_name;        /* on one line */
	bool to_folder;
	struct text sender;             /* of the envelope: who gets what comes back */
	struct mail *mail;
	struct mail_draft draft;
	struct curl_slist *recipients;  /* once it is sent */
	struct text left;               /* of the bytes: not yet given to libcurl */
	bool asked_for_recipient;       /* the server has taken the sender */
};

/* ---- the row as bytes ---- */

static bool mail_load(struct transfer *transfer, struct mail **mail)
{
	struct problems problems;
	problems_init(&problems, transfer->arena);
	*mail = arena_new(transfer->arena, struct mail);
	const struct json *json = json_parse(transfer->delivery->body, transfer->arena, &problems);
	if (json && json_decode(json, &mail_record, *mail, "", transfer->arena, &problems) && (*mail)->to.count + (*mail)->cc.count + (*mail)->bcc.count > 0)
		return true;
	transfer_end(transfer, DELIVERY_DEAD, "it is no mail: %s", problems.first ? problems.first->message : "it goes to nobody");
	return false;
}

/* Who sends: the mail's own word where tenants may say so, else the process; then the mail's is where answers go. */
static void sender_set(const struct mail_flight *flight, struct mail *mail, struct arena *arena)
{
	struct mail_address *named = mail->from;
	if (named && flight->options->tenants_send)
		return;
	mail->from = arena_new(arena, struct mail_address);
	mail->from->address = text_of(flight->options->from);
	mail->from->name = named && text_present(named->name) ? named->name : flight->tenant_name;
	if (named && !mail->reply_to)
		mail->reply_to = named;
}

static bool is_pdf(const struct mail_attachment *attachment)
{
	return attachment->format == MAIL_ATTACHMENT_FORMAT_PDF;
}

static int64_t document_id(const struct mail_attachment *attachment)
{
	return attachment->credit_note_id ? attachment->credit_note_id : attachment->invoice_id;
}

static const char *document_noun(const struct mail_attachment *attachment)
{
	return attachment->credit_note_id ? "credit note" : "invoice";
}

/* What a mail's documents are written with. */
struct documents {
	const struct mail *mail;
	const struct document **items; /* one an attachment */
	size_t at;                     /* where it ended */
};

static bool document_load(struct command *view, struct documents *documents, size_t i)
{
	const struct mail_attachment *attachment = &documents->mail->attachments.items[i];
	enum document_of of = attachment->credit_note_id ? DOCUMENT_OF_CREDIT_NOTE : DOCUMENT_OF_INVOICE;
	documents->at = i;
	return !document_id(attachment) || (document_read(view, of, document_id(attachment), &documents->items[i]) && documents->items[i]);
}

static bool documents_load(struct command *view, void *context)
{
	struct documents *documents = context;
	for (size_t i = 0; i < documents->mail->attachments.count; i++)
		if (!document_load(view, documents, i))
			return false;
	return true;
}

/* Of what is gone, or whose document cannot be written, there is nothing to send: that is the tenant's to see. */
static bool document_fails(struct transfer *transfer, const struct mail_attachment *attachment, const struct problems *problems)
{
	const char *noun = document_noun(attachment);
	transfer_end(transfer, DELIVERY_FAILED, "the document of %s %lld cannot be written: %s%s", noun, (long long)document_id(attachment),
	             problems->first ? problems->first->message : "there is no such ", problems->first ? "" : noun);
	return false;
}

static bool document_attach(struct transfer *transfer, const struct documents *documents, size_t i)
{
	struct mail_attachment *attachment = &documents->mail->attachments.items[i];
	struct problems problems;
	problems_init(&problems, transfer->arena);
	if (!document_id(attachment))
		return true;
	if (!document_write(documents->items[i], transfer->arena, &problems, &attachment->content))
		return document_fails(transfer, attachment, &problems);
	attachment->type = is_pdf(attachment) ? TEXT("application/pdf") : TEXT("text/html");
	attachment->name = TEXT_JOIN(transfer->arena, document_name(documents->items[i], transfer->arena), TEXT("."),
	                             is_pdf(attachment) ? TEXT("pdf") : TEXT("html"));
	if (is_pdf(attachment))
		transfer->work = TRANSFER_WORK_LONG;
	return true;
}

static bool has_documents(const struct mail *mail)
{
	bool any = false;
	for (size_t i = 0; i < mail->attachments.count; i++)
		any = any || document_id(&mail->attachments.items[i]);
	return any;
}

/* The snapshot ends before the first is written. */
static bool attachments_load(struct transfer *transfer, const struct mail_flight *flight, const atomic_bool *stops)
{
	const size_t count = flight->mail->attachments.count;
	struct documents documents = { .mail = flight->mail };
	struct problems problems;
	problems_init(&problems, transfer->arena);
	if (!has_documents(flight->mail))
		return true;
	documents.items = arena_new_many(transfer->arena, const struct document *, count);
	if (!command_read(flight->engine, transfer->tenant_id, transfer->arena, &problems, documents_load, &documents))
		return document_fails(transfer, &flight->mail->attachments.items[documents.at], &problems);
	for (size_t i = 0; i < count && !atomic_load(stops); i++)
		if (!document_attach(transfer, &documents, i))
			return false;
	if (atomic_load(stops))
		transfer_end(transfer, DELIVERY_FAILED, "its documents were given up: the process ends");
	return !atomic_load(stops);
}

static bool attachments_fit(struct transfer *transfer, const struct mail *mail)
{
	size_t bytes = 0;
	for (size_t i = 0; i < mail->attachments.count; i++)
		bytes += mail->attachments.items[i].content.length;
	if (bytes > MAIL_ATTACHMENTS_BYTES_MAX)
		transfer_end(transfer, DELIVERY_DEAD, "its attachments have %zu bytes, more than %d", bytes, MAIL_ATTACHMENTS_BYTES_MAX);
	return bytes <= MAIL_ATTACHMENTS_BYTES_MAX;
}

/* Each try of a mail has the same; a demo's tenants are not those of another store, which the instant tells. */
static struct text message_id(const struct transfer *transfer, const struct mail *mail)
{
	struct text local, domain;
	text_split(mail->from->address, '@', &local, &domain);
	return text_format(transfer->arena, "%lld.%lld.%lld@%.*s", (long long)transfer->tenant_id, (long long)transfer->delivery->id,
	                   (long long)transfer->delivery->created_at.us, TEXT_ARG(domain));
}

static void folder_put(struct transfer *transfer, const struct mail_flight *flight)
{
	const char *folder = flight->options->folder;
	transfer->met = true;
	if (mail_folder_put(folder, transfer->tenant_id, transfer->delivery->id, transfer->body, transfer->arena))
		transfer->outcome.verdict = DELIVERY_DONE;
	else
		transfer_end(transfer, DELIVERY_FAILED, "it cannot be written into %s: %s", folder, strerror(errno));
}

static bool memory_lasts(struct transfer *transfer, bool lasted)
{
	if (lasted && !arena_exhausted(transfer->arena))
		return true;
	transfer_end(transfer, DELIVERY_FAILED, "memory ran out before it was sent");
	return false;
}

/* All of it is there. */
static void body_make(struct transfer *transfer, struct mail_flight *flight)
{
	if (!attachments_fit(transfer, flight->mail))
		return;
	transfer->body = flight->left = mail_compose(&flight->draft, transfer->arena);
	if (memory_lasts(transfer, text_present(transfer->body)) && flight->to_folder)
		folder_put(transfer, flight);
}

/* The template may be mended and the program installed while `retries` last. */
static bool document_make(struct transfer *transfer, const struct mail_options *options, const atomic_bool *stops,
                          struct mail_attachment *attachment)
{
	struct problems problems;
	problems_init(&problems, transfer->arena);
	if (pdf_make(options->pdf_python ? options->pdf_python : PDF_PYTHON, attachment->content, stops, transfer->arena, &problems,
	             &attachment->content))
		return true;
	const struct problem *why = problems.first;
	transfer_end(transfer, DELIVERY_FAILED, "the document of %s %lld: %s%s%s", document_noun(attachment),
	             (long long)document_id(attachment), why->message,
	             why->remedy ? ". " : "", why->remedy ? why->remedy : "");
	return false;
}

static bool pdfs_make(struct transfer *transfer, const struct mail_flight *flight, const atomic_bool *stops)
{
	struct mail *mail = flight->mail;
	for (size_t i = 0; i < mail->attachments.count; i++)
		if (is_pdf(&mail->attachments.items[i]) && !document_make(transfer, flight->options, stops, &mail->attachments.items[i]))
			return false;
	return true;
}

static bool mail_read(struct transfer *transfer, struct mail_flight *flight, const atomic_bool *stops)
{
	struct mail *mail;
	if (!mail_load(transfer, &mail))
		return false;
	sender_set(flight, mail, transfer->arena);
	flight->mail = mail;
	flight->draft = (struct mail_draft){ .mail = mail, .date = transfer->delivery->created_at, .message_id = message_id(transfer, mail),
		                             .shows_bcc = flight->to_folder };
	return attachments_load(transfer, flight, stops);
}

/* First all but what goes as PDF; where something does, that the second time. */
static void mail_make(struct transfer *transfer, const atomic_bool *stops)
{
	struct mail_flight *flight = transfer->state;
	bool good = flight->mail ? pdfs_make(transfer, flight, stops) : mail_read(transfer, flight, stops);
	if (good && memory_lasts(transfer, true) && !transfer->work)
		body_make(transfer, flight);
}

static bool goes_to_folder(const struct command *view, const struct mail_options *options)
{
	return !options->url || (view->tenant->mode == TENANT_MODE_TEST && !options->tests_send);
}

static void mail_prepare(struct command *view, struct transfer *transfer)
{
	const struct mail_options *options = engine_mail(view->engine);
	struct mail_flight *flight = arena_new(transfer->arena, struct mail_flight);
	*flight = (struct mail_flight){
		.engine = view->engine,
		.options = options,
		.tenant_name = mail_line(transfer->arena, view->tenant->name),
		.to_folder = goes_to_folder(view, options),
		.sender = text_of(options->from),
	};
	transfer->state = flight;
	transfer->work = TRANSFER_WORK_SHORT;
	transfer->timeout_ms = options->timeout_ms ? options->timeout_ms : MAIL_TIMEOUT_MS;
	transfer->addresses = ADDRESS_PRIVATE_TOO; /* the server is the operator's choice, not the tenant's */
	transfer->url = flight->to_folder ? TEXT_NONE : text_of(options->url);
}

/* ---- sent ---- */

/* Of the commands that libcurl sends: which one a server refuses, its code alone does not tell. */
static int command_sent(CURL *curl, curl_infotype type, char *bytes, size_t length, void *context)
{
	struct mail_flight *flight = context;
	(void)curl;
	if (type == CURLINFO_HEADER_OUT && length >= 4 && memcmp(bytes, "RCPT", 4) == 0)
		flight->asked_for_recipient = true;
	return 0;
}

static size_t bytes_give(char *room, size_t size, size_t count, void *context)
{
	struct mail_flight *flight = context;
	size_t length = size * count < flight->left.length ? size * count : flight->left.length;
	memcpy(room, flight->left.data, length);
	flight->left = text_slice(flight->left, length, flight->left.length);
	return length;
}

static bool recipients_add(struct mail_flight *flight, struct record_list *list, struct arena *arena)
{
	const struct mail_address *addresses = list->items;
	for (size_t i = 0; i < list->count; i++) {
		struct curl_slist *longer = curl_slist_append(flight->recipients, text_c(arena, addresses[i].address));
		if (!longer)
			return false;
		flight->recipients = longer;
	}
	return true;
}

static bool recipients_set(struct mail_flight *flight, struct arena *arena)
{
	struct mail mail = *flight->mail;
	return recipients_add(flight, LIST(&mail.to), arena) && recipients_add(flight, LIST(&mail.cc), arena) &&
	       recipients_add(flight, LIST(&mail.bcc), arena);
}

static void server_options(const struct mail_options *options, CURL *curl)
{
	curl_easy_setopt(curl, CURLOPT_USE_SSL, options->plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	if (options->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, options->ca_file);
	if (options->user)
		curl_easy_setopt(curl, CURLOPT_USERNAME, options->user);
	if (options->password)
		curl_easy_setopt(curl, CURLOPT_PASSWORD, options->password);
}

static void mail_start(struct transfer *transfer, void *curl)
{
	struct mail_flight *flight = transfer->state;
	if (!recipients_set(flight, transfer->arena)) {
		transfer_end(transfer, DELIVERY_FAILED, "memory ran out before it was sent");
		return;
	}
	server_options(flight->options, curl);
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, text_c(transfer->arena, flight->sender));
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, flight->recipients);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, bytes_give);
	curl_easy_setopt(curl, CURLOPT_READDATA, flight);
	curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body.length);
	curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, command_sent);
	curl_easy_setopt(curl, CURLOPT_DEBUGDATA, flight);
	curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L); /* without it nothing is told */
}

static void mail_release(struct transfer *transfer)
{
	struct mail_flight *flight = transfer->state;
	curl_slist_free_all(flight->recipients);
}

/* A server that refuses this mail for good answers 5xx to its addresses or its bytes; one that refuses us, our password,
 * our TLS or our sender may be mended, and the mail waits for that. */
static bool refused_for_good(const struct transfer *transfer)
{
	enum { LOGIN_OR_TLS_WANTED = 530 };
	const struct mail_flight *flight = transfer->state;
	bool of_this_mail = flight->asked_for_recipient && (transfer->curl_code == CURLE_SEND_ERROR || flight->left.length == 0);
	return transfer->outcome.status >= 500 && transfer->outcome.status != LOGIN_OR_TLS_WANTED && of_this_mail;
}

static void mail_judge(struct transfer *transfer)
{
	struct delivery_outcome *outcome = &transfer->outcome;
	if (transfer->curl_code == CURLE_OK) {
		outcome->verdict = DELIVERY_DONE;
		return;
	}
	transfer_end(transfer, refused_for_good(transfer) ? DELIVERY_DEAD : DELIVERY_FAILED, "%s%s%.*s", transfer_failure(transfer),
	             text_present(outcome->answer) ? ": " : "", TEXT_ARG(text_trim(outcome->answer)));
}

static const struct delivery_channel mail_channels[] = {
	{ .name = "mail", .retries = "1m,5m,30m,2h,5h,10h,24h", .jitter_percent = 20, .protocols = "smtp,smtps",
	  .keeps_replies = true, .prepare = mail_prepare, .make = mail_make, .start = mail_start, .judge = mail_judge, .release = mail_release,
	  .doc = "Mail, by SMTP or into a folder." },
	{ .name = NULL },
};

const struct delivery_channel *const billing_channels[] = { mail_channels, NULL };
