/* refuse.c: problems as BluBilling's errors: their status, and the wire's name of the field. */
#include "blu.h"

#include <assert.h>
#include <string.h>

/* Fields that no form names: of addresses and of commands' own. */
static const struct {
	const char *field, *wire;
} other_names[] = {
	{ "customer_key", "extCustomerRef" }, { "customer_id", "customerId" }, { "account_id", "extCustomerRef" },
	{ "external_key", "extCustomerRef" }, { "old_order_id", "oldOrder" },  { "plan", "contractCode" },
	{ "lines", "orderLineItems" },        { "status", "orderStatus" },     { "auto_renew", "isAutoRenew" },
	{ "payment_method_id", "tokenPaymentMethod" },
};

/* "price_code" -> "priceCode"; what is camel case already stays. */
static struct text camel_case(struct arena *arena, struct text name)
{
	char *to = arena_alloc(arena, name.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < name.length; i++) {
		bool joint = name.data[i] == '_' && i + 1 < name.length;
		char byte = name.data[joint ? ++i : i];
		to[length++] = joint && byte >= 'a' && byte <= 'z' ? (char)(byte - 'a' + 'A') : byte;
	}
	return (struct text){ to, length };
}

static bool is_index(struct text part)
{
	int64_t number;
	return text_to_int64(part, &number);
}

/* Elements inside a record's may belong to the record around it: a login inside a contact. */
static const struct blu_element *outer_element_of(const struct blu_element *elements, const struct record *record,
                                                  struct text part)
{
	for (; elements && elements->name; elements++)
		if (elements->outer && text_is(part, record->fields[elements->field].name))
			return elements;
	return NULL;
}

/* The element whose field is called so; *inside = where the parts after it are looked up. */
static const struct blu_element *element_of(const struct blu_element *elements, const struct record *record,
                                            struct text part, const struct blu_element **inside,
                                            const struct record **of)
{
	for (const struct blu_element *element = elements; element && element->name; element++) {
		if (element->kind == BLU_INSIDE) {
			const struct blu_element *found = element_of(element->elements, record, part, inside, of);
			if (found)
				return found;
		}
		if (element->kind == BLU_RECORD) {
			const struct blu_element *found = outer_element_of(element->elements, record, part);
			if (found)
				return found;
		}
		if (element->kind == BLU_INSIDE || element->kind == BLU_DROPPED || element->outer ||
		    !text_is(part, record->fields[element->field].name))
			continue;
		*inside = element->elements;
		*of = record->fields[element->field].of;
		return element;
	}
	return NULL;
}

static struct text name_without_form(struct arena *arena, struct text part)
{
	for (size_t i = 0; i < sizeof other_names / sizeof *other_names; i++)
		if (text_is(part, other_names[i].field))
			return text_of(other_names[i].wire);
	return camel_case(arena, part);
}

/* The last name of a pointer as it is on the wire: "/lines/0/price_code" -> "priceCode". */
static struct text wire_name(struct arena *arena, const struct blu_form *form, const char *pointer)
{
	const struct blu_element *elements = form ? form->elements : NULL;
	const struct record *record = form ? form->record : NULL;
	struct text rest = text_of(pointer && pointer[0] ? pointer + 1 : ""), part, name = TEXT_NONE;
	bool more = rest.length > 0;
	while (more) {
		more = text_split(rest, '/', &part, &rest);
		if (is_index(part))
			continue;
		const struct blu_element *inside = NULL;
		const struct record *of = NULL;
		const struct blu_element *element = record ? element_of(elements, record, part, &inside, &of) : NULL;
		name = element ? text_of(element->name) : name_without_form(arena, part);
		elements = inside;
		record = of;
	}
	return name;
}

/* The wire knows 400, and 404 when what is addressed is missing; what is about the transport keeps its own. */
static int wire_status(const struct problem *problem)
{
	int status = problem_info(problem->code)->status;
	const char *pointer = problem->pointer ? problem->pointer : "";
	if (problem->code == PROBLEM_IDEMPOTENCY_IN_USE || status >= 500)
		return status;
	switch (status) {
	case 401:
	case 403:
	case 405:
	case 411:
	case 412:
	case 413:
	case 414:
	case 415:
	case 429:
	case 431:
		return status;
	case 404:
		/* something inside the body is not addressed */
		return strchr(pointer[0] ? pointer + 1 : "", '/') ? 400 : 404;
	default:
		return 400;
	}
}

/* Which item of a list, from 1; 0: none. The outermost, as lists have no lists inside. */
static int64_t item_position(const char *pointer)
{
	struct text rest = text_of(pointer && pointer[0] ? pointer + 1 : ""), part;
	bool more = rest.length > 0;
	int64_t index;
	while (more) {
		more = text_split(rest, '/', &part, &rest);
		if (text_to_int64(part, &index))
			return index + 1;
	}
	return 0;
}

/* What is unknown, and what the query has, stands there as the client wrote it; a customer may be named by the address
 * as well as by the body. */
static struct text field_name(const struct http_exchange *exchange, const struct blu_form *form,
                              const struct problem *problem)
{
	const char *pointer = problem->pointer, *last = pointer ? strrchr(pointer, '/') : NULL;
	if (last && (problem->code == PROBLEM_UNKNOWN_FIELD || problem->code == PROBLEM_BAD_PARAMETER))
		return text_of(last + 1);
	bool by_address = text_present(http_parameter(&exchange->target, "customerId"));
	if (by_address && pointer && strcmp(pointer, "/customer_id") == 0)
		return TEXT("customerId");
	return wire_name(exchange->arena, form, pointer);
}

static void error_write(struct blu_writer *writer, const struct http_exchange *exchange, const struct blu_form *form,
                        const struct problem *problem)
{
	const struct problem_info *info = problem_info(problem->code);
	blu_open(writer, "error");
	blu_text(writer, "code", text_present(problem->detail_code) ? problem->detail_code : text_of(info->name));
	blu_text(writer, "field", field_name(exchange, form, problem));
	if (item_position(problem->pointer))
		blu_integer(writer, "position", item_position(problem->pointer));
	blu_text(writer, "value", problem->value);
	blu_c(writer, "message", problem->message);
	blu_c(writer, "remedy", problem->remedy ? problem->remedy : info->remedy);
	blu_close(writer);
}

static void blu_refuse(struct http_exchange *exchange)
{
	const struct blu_work *work = blu_work(exchange);
	const struct problem *first = exchange->problems.first;
	struct blu_writer writer;
	assert(first);
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "errors");
	for (const struct problem *problem = first; problem; problem = problem->next)
		error_write(&writer, exchange, work->form, problem);
	blu_close(&writer);
	blu_answered(exchange, &writer, wire_status(first));
}

static bool blu_accept(struct http_exchange *exchange, struct text type)
{
	static const char *const types[] = { "text/xml", "application/xml", "application/json", NULL };
	for (size_t i = 0; types[i]; i++)
		if (!text_present(type) || http_type_is(type, types[i]))
			return true;
	return problem_value(&exchange->problems, PROBLEM_UNSUPPORTED_MEDIA, "", type,
	                     "Send Content-Type: text/xml or application/json.",
	                     "bodies of the type '%.*s' are not read", TEXT_ARG(text_slice(type, 0, 100)));
}

static const char *const blu_roots[] = { "rest", "rest_v1", NULL };
const struct http_dialect blu_dialect = {
	.roots = blu_roots, .accept = blu_accept, .refuse = blu_refuse,
	.out_of_memory_type = "text/xml",
	.out_of_memory = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><errors><error><code>out_of_memory</code>"
	                 "<message>memory ran out</message></error></errors>",
};
