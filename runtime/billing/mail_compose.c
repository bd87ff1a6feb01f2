/* mail_compose.c: a mail as bytes, by GMime. */
#include "mail_compose.h"

#include <gmime/gmime.h>
#include <pthread.h>

static void gmime_prepare(void)
{
	g_mime_init();
}

/* Each object has one owner: what is added to another is let go here. */
static void object_add(GMimeMultipart *multipart, GMimeObject *object)
{
	g_mime_multipart_add(multipart, object);
	g_object_unref(object);
}

static GMimeStream *stream_of(struct text text)
{
	return g_mime_stream_mem_new_with_buffer(text.data ? text.data : "", text.length);
}

static GMimeObject *part_of(const char *type, const char *subtype, struct text content, GMimeContentEncoding encoding)
{
	GMimePart *part = g_mime_part_new_with_type(type, subtype);
	GMimeStream *stream = stream_of(content);
	GMimeDataWrapper *wrapper = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, wrapper);
	g_mime_part_set_content_encoding(part, encoding);
	g_object_unref(wrapper);
	g_object_unref(stream);
	return GMIME_OBJECT(part);
}

/* Line ends as one byte: the encoder makes two of them. */
static struct text lines_of(struct arena *arena, struct text text)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] != '\r' || i + 1 == text.length || text.data[i + 1] != '\n')
			builder_byte(&out, text.data[i]);
	return builder_text(&out);
}

static GMimeObject *text_part(struct arena *arena, const char *subtype, struct text text)
{
	GMimeObject *part = part_of("text", subtype, lines_of(arena, text), GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
	g_mime_object_set_content_type_parameter(part, "charset", "utf-8");
	return part;
}

static GMimeMultipart *multipart_of(const struct mail_draft *draft, struct arena *arena, const char *subtype)
{
	GMimeMultipart *multipart = g_mime_multipart_new_with_subtype(subtype);
	struct text number, domain; /* a boundary has at most 70 bytes */
	text_split(draft->message_id, '@', &number, &domain);
	g_mime_multipart_set_boundary(multipart, text_format(arena, "=_%s_%.*s", subtype, TEXT_ARG(number)).data);
	return multipart;
}

/* Text alone, or the same in two ways. */
static GMimeObject *words_of(const struct mail_draft *draft, struct arena *arena)
{
	const struct mail *mail = draft->mail;
	GMimeObject *text = text_part(arena, "plain", mail->body);
	if (!text_present(mail->html))
		return text;
	GMimeMultipart *both = multipart_of(draft, arena, "alternative");
	object_add(both, text);
	object_add(both, text_part(arena, "html", mail->html));
	return GMIME_OBJECT(both);
}

/* Lines that any server passes on as they are (RFC 5321, 4.5.3.1.6). */
static bool is_seven_bit(struct text text)
{
	enum { LINE_BYTES_MAX = 998 };
	size_t line = 0;
	for (size_t i = 0; i < text.length; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		line = byte == '\n' ? 0 : line + 1;
		if (byte == 0 || byte >= 0x80 || line > LINE_BYTES_MAX)
			return false;
	}
	return true;
}

/* A message within a message may not be encoded (RFC 2046, 5.2.1): where it would have to be, it goes as plain bytes. */
static GMimeObject *message_within(struct arena *arena, struct text subtype, struct text content)
{
	if (!is_seven_bit(content))
		return part_of("application", "octet-stream", content, GMIME_CONTENT_ENCODING_BASE64);
	return part_of("message", text_c(arena, subtype), lines_of(arena, content), GMIME_CONTENT_ENCODING_7BIT);
}

static GMimeObject *attachment_of(struct arena *arena, const struct mail_attachment *attachment)
{
	struct text type, subtype;
	text_split(attachment->type, '/', &type, &subtype);
	GMimeObject *part = text_is(type, "message")
	                            ? message_within(arena, subtype, attachment->content)
	                            : part_of(text_c(arena, type), text_c(arena, subtype), attachment->content, GMIME_CONTENT_ENCODING_BASE64);
	if (text_is(type, "text"))
		g_mime_object_set_content_type_parameter(part, "charset", "utf-8");
	g_mime_part_set_filename(GMIME_PART(part), text_c(arena, attachment->name));
	return part;
}

static GMimeObject *body_of(const struct mail_draft *draft, struct arena *arena)
{
	const struct mail *mail = draft->mail;
	GMimeObject *words = words_of(draft, arena);
	if (mail->attachments.count == 0)
		return words;
	GMimeMultipart *all = multipart_of(draft, arena, "mixed");
	object_add(all, words);
	for (size_t i = 0; i < mail->attachments.count; i++)
		object_add(all, attachment_of(arena, &mail->attachments.items[i]));
	return GMIME_OBJECT(all);
}

static void address_add(GMimeMessage *message, GMimeAddressType type, const struct mail_address *address, struct arena *arena)
{
	g_mime_message_add_mailbox(message, type, text_present(address->name) ? text_c(arena, address->name) : NULL,
	                           text_c(arena, address->address));
}

static void addresses_add(GMimeMessage *message, const struct mail_draft *draft, struct arena *arena)
{
	const struct mail *mail = draft->mail;
	address_add(message, GMIME_ADDRESS_TYPE_FROM, mail->from, arena);
	if (mail->reply_to)
		address_add(message, GMIME_ADDRESS_TYPE_REPLY_TO, mail->reply_to, arena);
	for (size_t i = 0; i < mail->to.count; i++)
		address_add(message, GMIME_ADDRESS_TYPE_TO, &mail->to.items[i], arena);
	for (size_t i = 0; i < mail->cc.count; i++)
		address_add(message, GMIME_ADDRESS_TYPE_CC, &mail->cc.items[i], arena);
	for (size_t i = 0; draft->shows_bcc && i < mail->bcc.count; i++)
		address_add(message, GMIME_ADDRESS_TYPE_BCC, &mail->bcc.items[i], arena);
}

static GMimeMessage *message_of(const struct mail_draft *draft, struct arena *arena)
{
	GMimeMessage *message = g_mime_message_new(TRUE);
	GDateTime *date = g_date_time_new_from_unix_utc(draft->date.us / US_PER_S);
	GMimeObject *body = body_of(draft, arena);
	addresses_add(message, draft, arena);
	g_mime_message_set_subject(message, text_c(arena, draft->mail->subject), "utf-8");
	g_mime_message_set_date(message, date);
	g_mime_message_set_message_id(message, draft->message_id.data);
	g_mime_object_append_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated", NULL); /* RFC 3834: no answer of a holiday */
	g_mime_message_set_mime_part(message, body);
	g_object_unref(body);
	g_date_time_unref(date);
	return message;
}

struct text mail_compose(const struct mail_draft *draft, struct arena *arena)
{
	static pthread_once_t prepared = PTHREAD_ONCE_INIT;
	pthread_once(&prepared, gmime_prepare);
	GMimeMessage *message = message_of(draft, arena);
	GMimeFormatOptions *format = g_mime_format_options_new();
	GMimeStream *stream = g_mime_stream_mem_new();
	g_mime_format_options_set_newline_format(format, GMIME_NEWLINE_FORMAT_DOS);
	g_mime_object_write_to_stream(GMIME_OBJECT(message), format, stream);
	const GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	struct text composed = { arena_try(arena, bytes->len), bytes->len };
	if (composed.data)
		memcpy((char *)(uintptr_t)composed.data, bytes->data, bytes->len);
	g_object_unref(stream);
	g_mime_format_options_free(format);
	g_object_unref(message);
	return composed.data ? composed : TEXT_NONE;
}
