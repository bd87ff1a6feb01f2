/* query.c: what a call's query says: format, paging, windows of time, who and what is meant. */
#include "blu.h"

#include "billing/customer.h"

/* ---- begin and end ---- */

struct blu_work *blu_work(struct http_exchange *exchange)
{
	if (!exchange->work) {
		struct blu_work *work = arena_new(exchange->arena, struct blu_work);
		work->json = text_is(http_parameter(&exchange->target, "format"), "json");
		exchange->work = work;
	}
	return exchange->work;
}

bool blu_begin(struct http_exchange *exchange)
{
	struct text format = http_parameter(&exchange->target, "format");
	blu_work(exchange);
	if (!text_present(format) || text_is(format, "xml") || text_is(format, "json"))
		return true;
	return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, "/format", text_slice(format, 0, 60),
	                     "Use format=xml or format=json.", "there is no format '%.*s'",
	                     TEXT_ARG(text_slice(format, 0, 60)));
}

bool blu_read(struct http_exchange *exchange)
{
	return blu_begin(exchange) && http_read(exchange);
}

void blu_answer(struct http_exchange *exchange, struct blu_writer *writer)
{
	*writer = (struct blu_writer){ .json = blu_work(exchange)->json };
	builder_init(&writer->out, exchange->arena, 0);
	if (writer->json)
		json_writer_init(&writer->js, &writer->out);
	else
		xml_writer_init(&writer->xml, &writer->out);
}

void blu_answered(struct http_exchange *exchange, struct blu_writer *writer, int status)
{
	exchange->reply.status = status;
	exchange->reply.content_type = writer->json ? TEXT("application/json") : TEXT("text/xml");
	exchange->reply.body = builder_text(&writer->out);
}

/* ---- who and what ---- */

bool blu_missing(struct http_exchange *exchange, const char *what, const char *parameter)
{
	struct text value = exchange->id ? text_from_int64(exchange->arena, exchange->id)
	                                 : http_parameter(&exchange->target, parameter);
	const char *pointer = exchange->id ? "/id" : text_format(exchange->arena, "/%s", parameter).data;
	if (!text_present(value))
		return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, pointer, TEXT_NONE,
		                     text_format(exchange->arena, "Put the id into the path, or give %s.",
		                                 parameter).data,
		                     "the request does not say which %s is meant", what);
	return problem_value(&exchange->problems, PROBLEM_NOT_FOUND, pointer, text_slice(value, 0, 100), NULL,
	                     "%s '%.*s' does not exist", what, TEXT_ARG(text_slice(value, 0, 100)));
}

bool blu_customer_named(struct http_exchange *exchange, int64_t *customer_id, struct text *customer_key)
{
	*customer_key = http_parameter(&exchange->target, "extCustomerRef");
	return http_parameter_id(exchange, "customerId", customer_id);
}

bool blu_customer_id(struct command *command, int64_t account_id, int64_t *customer_id)
{
	struct customer *customer;
	*customer_id = 0;
	if (!customer_by_account(command, account_id, &customer))
		return false;
	if (customer)
		*customer_id = customer->id;
	return true;
}

/* ---- lists ---- */

bool blu_status(struct http_exchange *exchange, enum word_kind words, int *status)
{
	struct text word = http_parameter(&exchange->target, "status");
	*status = 0;
	if (!text_present(word))
		return true;
	*status = word_find(WORD_SYSTEM_BLUBILLING, words, word);
	if (*status)
		return true;
	struct text known = word_list_text(exchange->arena, WORD_SYSTEM_BLUBILLING, words);
	return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, "/status", text_slice(word, 0, 60),
	                     text_format(exchange->arena, "Use one of: %.*s.", TEXT_ARG(known)).data,
	                     "there is no status '%.*s'", TEXT_ARG(text_slice(word, 0, 60)));
}

static bool digits(struct text text, size_t from, size_t to, int *number)
{
	int64_t value;
	struct text part = text_slice(text, from, to);
	if (part.length != to - from || part.data[0] == '-' || !text_to_int64(part, &value))
		return false;
	*number = (int)value;
	return true;
}

bool blu_instant(struct command *command, struct http_exchange *exchange, const char *name, bool end,
                 struct instant *instant)
{
	struct text text = http_parameter(&exchange->target, name);
	struct date date;
	int year, month, day, hour, minute;
	*instant = INSTANT_NONE;
	if (!text_present(text))
		return true;
	if (text.length != 12 || !digits(text, 0, 4, &year) || !digits(text, 4, 6, &month) ||
	    !digits(text, 6, 8, &day) ||
	    !digits(text, 8, 10, &hour) || !digits(text, 10, 12, &minute) || !date_make(year, month, day, &date) ||
	    hour > 23 || minute > 59)
		return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER,
		                     text_format(exchange->arena, "/%s", name).data,
		                     text_slice(text, 0, 60), "Write it as YYYYMMDDHHmm, for example 201109060000.",
		                     "%s is '%.*s', which is no minute", name, TEXT_ARG(text_slice(text, 0, 60)));
	*instant = timezone_instant(command->zone, date, (int64_t)(hour * 60 + minute + end) * 60 * US_PER_S);
	return true;
}

static bool filter_customer(struct command *command, struct http_exchange *exchange, struct object_filter *filter)
{
	int64_t customer_id;
	struct text customer_key;
	struct account *account;
	if (!blu_customer_named(exchange, &customer_id, &customer_key))
		return false;
	if (!customer_id && !text_present(customer_key))
		return true;
	if (!customer_account(command, 0, customer_id, customer_key, &account, NULL))
		return false;
	filter->account_id = account->id;
	return true;
}

bool blu_filter(struct command *command, struct http_exchange *exchange, enum word_kind words,
                struct object_filter *filter)
{
	return http_parameter_integer(exchange, "offset", 0, INT32_MAX, 0, &filter->offset) &&
	       http_parameter_integer(exchange, "max", 1, BLU_PAGE_MAX, BLU_PAGE_MAX, &filter->max) &&
	       blu_status(exchange, words, &filter->status) &&
	       blu_instant(command, exchange, "createStartTime", false, &filter->created_from) &&
	       blu_instant(command, exchange, "createEndTime", true, &filter->created_until) &&
	       blu_instant(command, exchange, "updateStartTime", false, &filter->updated_from) &&
	       blu_instant(command, exchange, "updateEndTime", true, &filter->updated_until) &&
	       filter_customer(command, exchange, filter);
}
