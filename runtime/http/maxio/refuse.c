/* refuse.c: problems as Maxio's errors: one of five shapes by what was called, and its sentences (spec maxio.md 3.7).
 *
 *     1  {"errors": ["Name: cannot be blank."]}
 *     2  {"errors": [{"kind": "allocation", "component_id": 7, "on": "quantity", "message": "..."}]}   previews of allocations
 *     3  {"errors": [{"kind": "base", "on": "base", "message": "..."}]}                                lots of a prepaid component
 *     4  {"errors": [{"component_id": 7, "price_point": 9, "message": "..."}]}                         price points of many
 *     5  {"errors": {"segments": {"0": ["..."]}}}                                                      segments, by their places
 */
#include "maxio.h"

#include <string.h>

/* ---- sentences ---- */

/* Whole sentences of Maxio's own, by code and the last name of the pointer; the first that fits. NULL: any name. */
static const struct {
	enum problem_code code;
	const char *field, *sentence;
} sentences[] = {
	{ PROBLEM_IDEMPOTENCY_IN_USE, NULL, "DuplicatePrevention::DuplicateSubmissionError" },
	{ PROBLEM_IDEMPOTENCY_MISMATCH, NULL, "DuplicatePrevention::DuplicateSubmissionError" },
	{ PROBLEM_PAYMENT_DECLINED, NULL, "Your card could not be processed: The card was declined." },
	{ PROBLEM_MISSING_FIELD, "allocations", "One or more allocation changes are required." },
	{ PROBLEM_TOO_FEW, "allocations", "One or more allocation changes are required." },
	{ PROBLEM_MISSING_FIELD, "expires_at", "A valid expires_at date must be provided." },
	{ PROBLEM_BAD_INSTANT, "expires_at", "A valid expires_at date must be provided." },
	{ PROBLEM_NOT_FOUND, "price_point_id", "Price point: could not be found." },
	{ PROBLEM_INVALID_VALUE, "price_point", "Price Point does not belong to Component" },
	{ PROBLEM_NOT_FOUND, "price_point", "Price Point does not belong to Component" },
	{ PROBLEM_WRONG_STATE, "base", "Allocations can only be updated for quantity and on/off components." },
	{ PROBLEM_UNKNOWN_CHOICE, "credit_scheme", "Credit scheme must be one of credit, refund or none." },
};

/* What a field is called; others by their own names: "first_name" is "First name". */
static const struct {
	const char *field, *name;
} names[] = {
	{ "email", "Email address" },    { "handle", "API Handle" },         { "plan", "API Handle" },
	{ "external_key", "Reference" }, { "card", "Payment profile" },      { "full_number", "Credit card number" },
	{ "tiers", "Prices" },           { "price_point_id", "Price point" }, { "scheme", "Pricing scheme" },
	{ "price", "Pricing scheme" },     { "metric_id", "Event based billing metric" },   { "product_family_id", "Product family" },
};

/* What is said of a field; others by the problem's own message. */
static const struct {
	enum problem_code code;
	const char *text;
} messages[] = {
	{ PROBLEM_MISSING_FIELD, "cannot be blank." },
	{ PROBLEM_TOO_SHORT, "cannot be blank." },
	{ PROBLEM_DUPLICATE, "must be unique - that value has been taken." },
	{ PROBLEM_NOT_FOUND, "could not be found." },
};

static bool is_index(struct text part)
{
	int64_t number;
	return text_to_int64(part, &number);
}

/* "/allocations/0/quantity" -> "quantity"; "" of the document as a whole. */
static struct text last_name(const char *pointer)
{
	struct text rest = text_of(pointer && pointer[0] ? pointer + 1 : ""), part, name = TEXT("");
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, '/', &part, &rest);
		if (!is_index(part))
			name = part;
	}
	return name;
}

/* The first letter large, and blanks between words. */
static struct text sentence_case(struct arena *arena, struct text text)
{
	char *copy = (char *)(uintptr_t)text_copy(arena, text).data;
	for (size_t i = 0; i < text.length; i++)
		if (copy[i] == '_')
			copy[i] = ' ';
	if (text.length && copy[0] >= 'a' && copy[0] <= 'z')
		copy[0] = (char)(copy[0] - 'a' + 'A');
	return (struct text){ copy, text.length };
}

static struct text field_name(struct arena *arena, struct text field)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_is(field, names[i].field))
			return text_of(names[i].name);
	return sentence_case(arena, field);
}

static struct text with_stop(struct arena *arena, struct text text)
{
	bool stopped = text.length && strchr(".:!", text.data[text.length - 1]);
	return stopped ? text : text_format(arena, "%.*s.", TEXT_ARG(text));
}

static struct text whole_sentence(struct arena *arena, const char *message)
{
	struct text text = text_of(message), large = sentence_case(arena, text_slice(text, 0, text.length ? 1 : 0));
	return with_stop(arena, text_format(arena, "%.*s%.*s", TEXT_ARG(large), TEXT_ARG(text_slice(text, 1, text.length))));
}

static struct text sentence_of(struct arena *arena, const struct problem *problem)
{
	struct text field = last_name(problem->pointer);
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		if (problem->code == sentences[i].code && (!sentences[i].field || text_is(field, sentences[i].field)))
			return text_of(sentences[i].sentence);
	if (problem->code == PROBLEM_INVALID_VALUE && text_is(field, "page"))
		return text_of(problem->message);
	if (problem->code == PROBLEM_OUT_OF_RANGE && text_is(field, "expires_at"))
		return text_format(arena, "Expires at: %s", problem->message); /* Maxio's, which ends without a stop */
	for (size_t i = 0; field.length && i < sizeof messages / sizeof *messages; i++)
		if (problem->code == messages[i].code)
			return text_format(arena, "%.*s: %s", TEXT_ARG(field_name(arena, field)), messages[i].text);
	if (!field.length || problem->code == PROBLEM_REJECTED)
		return whole_sentence(arena, problem->message);
	return text_format(arena, "%.*s: %.*s", TEXT_ARG(field_name(arena, field)),
	                   TEXT_ARG(with_stop(arena, text_of(problem->message))));
}

/* ---- status ---- */

/* What the address names is missing: 404. What the body names is a field that is wrong. */
static bool is_addressed(const struct http_exchange *exchange, const struct problem *problem)
{
	static const char *const addressed[] = { "id", "subscription_id", "component_id", "product_family_id", "allocation_id", "account_id", NULL };
	const char *pointer = problem->pointer ? problem->pointer : "";
	if (!pointer[0])
		return true;
	if (!exchange->entry || !strchr(exchange->entry->route->path, '{'))
		return false;
	for (size_t i = 0; addressed[i]; i++)
		if (strcmp(pointer + 1, addressed[i]) == 0)
			return true;
	return false;
}

static int status_of(const struct http_exchange *exchange, const struct problem *problem)
{
	int status = problem_info(problem->code)->status;
	if (problem->code == PROBLEM_IDEMPOTENCY_IN_USE || problem->code == PROBLEM_IDEMPOTENCY_MISMATCH)
		return 409;
	if (problem->code == PROBLEM_NOT_FOUND)
		return is_addressed(exchange, problem) ? 404 : 422;
	return status == 409 || status == 410 ? 422 : status;
}

/* ---- shapes ---- */

enum shape { SHAPE_SENTENCES, SHAPE_ALLOCATIONS, SHAPE_LOT, SHAPE_PRICE_POINTS, SHAPE_SEGMENTS };

static const struct {
	const char *path, *method; /* NULL: any */
	enum shape shape;
} shapes[] = {
	{ "/subscriptions/{id}/allocations/preview.json", NULL, SHAPE_ALLOCATIONS },
	{ "/subscriptions/{id}/components/{key}/allocations/{line}.json", NULL, SHAPE_LOT },
	{ "/subscriptions/{id}/price_points.json", NULL, SHAPE_PRICE_POINTS },
	{ "/components/{key}/price_points/{word}/segments/bulk.json", NULL, SHAPE_SEGMENTS },
};

static enum shape shape_of(const struct http_exchange *exchange, int status)
{
	const struct http_route *route = exchange->entry ? exchange->entry->route : NULL;
	for (size_t i = 0; route && status == 422 && i < sizeof shapes / sizeof *shapes; i++)
		if (strcmp(route->path, shapes[i].path) == 0)
			return shapes[i].shape;
	return SHAPE_SENTENCES;
}

/* Which item of the body's list a problem is of; NULL when it is of none. */
static const struct json *item_of(const struct http_exchange *exchange, const char *list, const struct problem *problem)
{
	struct text rest = text_of(problem->pointer && problem->pointer[0] ? problem->pointer + 1 : ""), part;
	int64_t index = -1;
	struct problems none;
	if (!text_split(rest, '/', &part, &rest) || !text_is(part, list))
		return NULL;
	text_split(rest, '/', &part, &rest);
	if (!text_to_int64(part, &index) || index < 0)
		return NULL;
	problems_init(&none, exchange->arena);
	const struct json *root = json_parse(exchange->request->body, exchange->arena, &none);
	const struct json *items = root ? json_member(root, list) : NULL;
	return items ? json_item(items, (size_t)index) : NULL;
}

static void member_as_sent(struct json_writer *json, const struct json *item, const char *name)
{
	const struct json *member = item && item->type == JSON_OBJECT ? json_member(item, name) : NULL;
	json_name(json, name);
	if (member && member->type == JSON_NUMBER)
		json_raw(json, member->text);
	else
		json_string(json, member ? json_text(member) : TEXT_NONE);
}

static void allocation_write(struct json_writer *json, const struct http_exchange *exchange, const struct problem *problem)
{
	const struct json *item = item_of(exchange, "allocations", problem);
	json_name(json, "kind");
	json_c(json, item ? "allocation" : "base");
	if (item)
		member_as_sent(json, item, "component_id");
	json_name(json, "on");
	json_c(json, text_is(last_name(problem->pointer), "quantity") ? "quantity" : "base");
}

static void error_write(struct json_writer *json, const struct http_exchange *exchange, enum shape shape,
                        const struct problem *problem)
{
	struct text sentence = sentence_of(exchange->arena, problem);
	if (shape == SHAPE_SENTENCES) {
		json_string(json, sentence);
		return;
	}
	json_begin_object(json);
	if (shape == SHAPE_ALLOCATIONS) {
		allocation_write(json, exchange, problem);
	} else if (shape == SHAPE_LOT) {
		json_name(json, "kind");
		json_c(json, "base");
		json_name(json, "on");
		json_c(json, "base");
	} else {
		const struct json *item = item_of(exchange, "components", problem);
		member_as_sent(json, item, "component_id");
		member_as_sent(json, item, "price_point");
	}
	json_name(json, "message");
	json_string(json, sentence);
	json_end_object(json);
}

/* Of "/segments/3/prices" 3; 0 of what is of none. */
static int64_t place_of(const struct problem *problem)
{
	struct text rest = text_of(problem->pointer && problem->pointer[0] ? problem->pointer + 1 : ""), part;
	int64_t place = 0;
	if (text_split(rest, '/', &part, &rest))
		text_split(rest, '/', &part, &rest);
	return text_to_int64(part, &place) && place >= 0 ? place : 0;
}

static bool is_first_of_place(const struct http_exchange *exchange, const struct problem *problem)
{
	for (const struct problem *before = exchange->problems.first; before != problem; before = before->next)
		if (place_of(before) == place_of(problem))
			return false;
	return true;
}

static void segments_write(struct json_writer *json, const struct http_exchange *exchange)
{
	json_begin_object(json);
	json_name(json, "segments");
	json_begin_object(json);
	for (const struct problem *problem = exchange->problems.first; problem; problem = problem->next) {
		if (!is_first_of_place(exchange, problem))
			continue;
		json_name_text(json, text_from_int64(exchange->arena, place_of(problem)));
		json_begin_array(json);
		for (const struct problem *same = problem; same; same = same->next)
			if (place_of(same) == place_of(problem))
				json_string(json, sentence_of(exchange->arena, same));
		json_end_array(json);
	}
	json_end_object(json);
	json_end_object(json);
}

void maxio_refuse(struct http_exchange *exchange)
{
	int status = status_of(exchange, exchange->problems.first);
	enum shape shape = shape_of(exchange, status);
	struct text_builder out;
	struct json_writer json;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&json, &out);
	json_begin_object(&json);
	json_name(&json, "errors");
	if (shape == SHAPE_SEGMENTS) {
		segments_write(&json, exchange);
	} else {
		json_begin_array(&json);
		for (const struct problem *problem = exchange->problems.first; problem; problem = problem->next)
			error_write(&json, exchange, shape, problem);
		json_end_array(&json);
	}
	json_end_object(&json);
	http_reply_json(exchange, status, builder_text(&out));
}
