/* condition.c: entity tags: what a GET answered has one, and If-Match and If-None-Match are held against it (RFC 9110,
 * 8.8.3 and 13.1).
 *
 * A tag is a digest of the representation, so that no resource needs a number of its version: whatever changes what is
 * answered changes the tag. A write is held against what a GET would answer inside its own transaction.
 */
#include "exchange.h"

#include <string.h>
#include <strings.h>

static const char match_name[] = "If-Match", none_match_name[] = "If-None-Match";

/* ---- tags ---- */

/* The type is part of it: the same bytes as XML and as JSON are two representations. */
struct text http_tag_of(struct arena *arena, const struct http_reply *reply)
{
	struct digest_short digest = digest_short_two(reply->content_type, reply->body);
	struct text hex = text_hex(arena, digest.bytes, sizeof digest.bytes);
	return text_format(arena, "\"%.*s\"", TEXT_ARG(hex));
}

struct tag_reader {
	struct text rest;
	bool bad;
};

static struct text after_blanks(struct text text)
{
	size_t at = 0;
	while (at < text.length && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	return text_slice(text, at, text.length);
}

static bool is_tag_byte(char byte)
{
	unsigned char value = (unsigned char)byte;
	return value == 0x21 || (value >= 0x23 && value != 0x7f);
}

/* The tag at the beginning, with its quotes; none when there is no whole one. */
static struct text tag_quoted(struct text text)
{
	size_t end = 1;
	if (text.length < 2 || text.data[0] != '"')
		return TEXT_NONE;
	while (end < text.length && is_tag_byte(text.data[end]))
		end++;
	return end < text.length && text.data[end] == '"' ? text_slice(text, 0, end + 1) : TEXT_NONE;
}

/* The next tag of a list. False at its end, or where it is malformed. */
static bool tag_next(struct tag_reader *reader, struct text *tag, bool *weak)
{
	struct text rest = after_blanks(reader->rest);
	while (rest.length && rest.data[0] == ',') /* empty elements are to be passed over */
		rest = after_blanks(text_slice(rest, 1, rest.length));
	if (rest.length == 0)
		return false;
	*weak = text_starts(rest, "W/");
	if (*weak)
		rest = text_slice(rest, 2, rest.length);
	*tag = tag_quoted(rest);
	reader->rest = after_blanks(text_slice(rest, tag->length, rest.length));
	reader->bad = !text_present(*tag) || (reader->rest.length && reader->rest.data[0] != ',');
	return !reader->bad;
}

/* ---- one condition ---- */

enum verdict { VERDICT_ABSENT, VERDICT_MATCHES, VERDICT_DIFFERS, VERDICT_MALFORMED };

struct tally {
	size_t headers, stars, tags;
	bool bad, matches;
};

/* Weak tags equal nothing where bytes count. */
static void tally_tags(struct tally *tally, struct text value, struct text current, bool weakly)
{
	struct tag_reader reader = { .rest = value };
	struct text tag;
	bool weak;
	while (tag_next(&reader, &tag, &weak)) {
		tally->tags++;
		tally->matches |= text_present(current) && (weakly || !weak) && text_equals(tag, current);
	}
	tally->bad |= reader.bad;
}

/* `current` none: there is no representation. */
static enum verdict verdict_of(const struct http_exchange *exchange, const char *name, struct text current, bool weakly)
{
	const struct http_request *request = exchange->request;
	struct tally tally = { 0 };
	for (size_t i = 0; i < request->header_count; i++) {
		const struct http_field *header = &request->headers[i];
		if (header->name.length != strlen(name) ||
		    strncasecmp(header->name.data, name, header->name.length) != 0)
			continue;
		tally.headers++;
		if (text_is(text_trim(header->value), "*"))
			tally.stars++;
		else
			tally_tags(&tally, header->value, current, weakly);
	}
	if (tally.headers == 0)
		return VERDICT_ABSENT;
	if (tally.bad || tally.stars > 1 || (tally.stars == 1) == (tally.tags > 0))
		return VERDICT_MALFORMED;
	return tally.matches || (tally.stars && text_present(current)) ? VERDICT_MATCHES : VERDICT_DIFFERS;
}

static struct text header_value(const struct http_exchange *exchange, const char *name)
{
	return http_header(exchange->request->headers, exchange->request->header_count, name, NULL);
}

static bool condition_check(struct http_exchange *exchange, const char *name)
{
	enum verdict verdict = verdict_of(exchange, name, TEXT_NONE, false);
	exchange->conditional |= verdict != VERDICT_ABSENT;
	return verdict != VERDICT_MALFORMED ||
	       problem_value(&exchange->problems, PROBLEM_BAD_REQUEST, "",
	                     text_slice(header_value(exchange, name), 0, 100),
	                     "Send * alone, or the ETag of an answer with its quotes; several are separated by commas.",
	                     "the header %s is not a list of entity tags", name);
}

bool http_conditions_check(struct http_exchange *exchange)
{
	return condition_check(exchange, match_name) && condition_check(exchange, none_match_name);
}

/* ---- refusing ---- */

static bool refuse_absent(struct http_exchange *exchange)
{
	return problem_value(&exchange->problems, PROBLEM_PRECONDITION_FAILED, "",
	                     text_slice(header_value(exchange, match_name), 0, 100),
	                     "Leave If-Match out.", "there is nothing here yet that an If-Match could be held against");
}

static bool refuse_changed(struct http_exchange *exchange, struct text current)
{
	const char *remedy = text_format(exchange->arena, "Read it again, see whether your change still fits, and send "
	                                                  "If-Match: %.*s.", TEXT_ARG(current)).data;
	return problem_value(&exchange->problems, PROBLEM_PRECONDITION_FAILED, "",
	                     text_slice(header_value(exchange, match_name), 0, 100), remedy,
	                     "it was changed since it was read: its ETag is now %.*s", TEXT_ARG(current));
}

static bool refuse_present(struct http_exchange *exchange, struct text current)
{
	return problem_value(&exchange->problems, PROBLEM_PRECONDITION_FAILED, "",
	                     text_slice(header_value(exchange, none_match_name), 0, 100),
	                     "Read it; leave If-None-Match out to change it all the same.",
	                     "it is there already, and its ETag is %.*s", TEXT_ARG(current));
}

/* ---- reads ---- */

void http_reply_tag(struct http_exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	struct text tag = text_present(exchange->tag) ? exchange->tag : http_tag_of(exchange->arena, reply);
	http_reply_header(reply, "ETag", tag);
	if (!exchange->conditional)
		return;
	if (verdict_of(exchange, match_name, tag, false) == VERDICT_DIFFERS) {
		refuse_changed(exchange, tag);
		reply->status = 0;
	} else if (verdict_of(exchange, none_match_name, tag, true) == VERDICT_MATCHES) {
		reply->status = 304;
		reply->content_type = TEXT_NONE;
	}
}

/* ---- writes ---- */

/* What a GET of the addressed resource would answer now. False with the problems in `probe`. */
static bool probe_read(struct command *view, const struct http_exchange *exchange, struct http_exchange *probe)
{
	*probe = *exchange;
	probe->entry = exchange->entry->resource;
	probe->reply = (struct http_reply){ 0 };
	probe->work = NULL;
	problems_init(&probe->problems, exchange->arena);
	view->problems = &probe->problems;
	return probe->entry->route->read(view, probe);
}

static bool is_missing(const struct http_exchange *probe)
{
	return probe->problems.count == 1 && probe->problems.first->code == PROBLEM_NOT_FOUND;
}

/* The tag of the addressed resource; none when there is none. False when that cannot be found out, or when an id of the
 * path is of nothing, which is the answer. */
static bool current_tag(struct command *view, struct http_exchange *exchange, struct text *tag)
{
	struct http_exchange probe;
	*tag = TEXT_NONE;
	if (!exchange->entry->resource)
		return true;
	if (probe_read(view, exchange, &probe)) {
		*tag = http_tag_of(exchange->arena, &probe.reply);
		return true;
	}
	if (is_missing(&probe) && !exchange->id)
		return true;
	problems_copy(&exchange->problems, &probe.problems);
	return false;
}

bool http_condition_permits(struct command *view, struct http_exchange *exchange)
{
	struct text tag;
	if (!current_tag(view, exchange, &tag))
		return false;
	exchange->write.tag = tag;
	if (verdict_of(exchange, match_name, tag, false) == VERDICT_DIFFERS)
		return text_present(tag) ? refuse_changed(exchange, tag) : refuse_absent(exchange);
	if (verdict_of(exchange, none_match_name, tag, true) == VERDICT_MATCHES)
		return refuse_present(exchange, tag);
	exchange->write.tag = TEXT_NONE; /* it is about to change */
	return true;
}

/* Is the answer what it writes to, rather than something that it makes? */
static bool answers_with_resource(const struct http_exchange *exchange)
{
	const struct http_route *route = exchange->entry->route;
	return exchange->entry->resource && !exchange->write.dry_run && !route->location &&
	       exchange->reply.body.length > 0 && (exchange->id || strcmp(route->method, "POST") != 0);
}

void http_write_tag(struct command *command, struct http_exchange *exchange)
{
	struct http_exchange probe;
	struct command view;
	exchange->write.tag = TEXT_NONE;
	if (answers_with_resource(exchange) && command_view(command, &view) && probe_read(&view, exchange, &probe) &&
	    text_equals(probe.reply.content_type, exchange->reply.content_type) &&
	    text_equals(probe.reply.body, exchange->reply.body))
		exchange->write.tag = http_tag_of(exchange->arena, &probe.reply);
}
