/* form.c: a body, XML or JSON, by a table of its elements into a command's input; every problem found. */
#include "blu.h"

#include <assert.h>
#include <string.h>

/* ---- JSON as a tree of elements ---- */

static struct xml *tree_of(struct arena *arena, const struct json *json, struct text name);

/* {"id": 2396} is <invoice id="2396"/>, as in our answers. */
static bool is_attribute(const struct json *member)
{
	return (text_is(member->name, "id") || text_is(member->name, "type")) && text_present(json_text(member));
}

/* Items of "orderLineItems" are "orderLineItem"; of "list", what the table says: they have no name yet. */
static struct text item_name(struct text list)
{
	if (text_is(list, "list"))
		return TEXT("");
	bool plural = list.length > 1 && list.data[list.length - 1] == 's';
	return plural ? text_slice(list, 0, list.length - 1) : list;
}

static void attribute_add(struct arena *arena, struct xml *element, const struct json *member)
{
	struct xml_attribute *attribute = arena_new(arena, struct xml_attribute);
	*attribute = (struct xml_attribute){ member->name, json_text(member), element->attributes };
	element->attributes = attribute;
}

static void children_add(struct arena *arena, struct xml *element, const struct json *json)
{
	const struct xml **link = &element->first;
	for (const struct json *member = json->first; member; member = member->next) {
		if (member->type == JSON_NULL)
			continue;
		if (json->type == JSON_OBJECT && is_attribute(member)) {
			attribute_add(arena, element, member);
			continue;
		}
		struct text name = json->type == JSON_ARRAY ? item_name(element->name) : member->name;
		struct xml *child = tree_of(arena, member, name);
		*link = child;
		link = &child->next;
	}
}

/* Depth is bounded by json_parse. */
static struct xml *tree_of(struct arena *arena, const struct json *json, struct text name)
{
	struct xml *element = arena_new(arena, struct xml);
	element->name = name;
	element->text = TEXT("");
	if (json->type == JSON_OBJECT || json->type == JSON_ARRAY)
		children_add(arena, element, json);
	else if (json->type == JSON_TRUE || json->type == JSON_FALSE)
		element->text = json->type == JSON_TRUE ? TEXT("true") : TEXT("false");
	else if (json->type == JSON_STRING || json->type == JSON_NUMBER)
		element->text = text_trim(json->text);
	return element;
}

/* ---- the body ---- */

static bool body_is_json(const struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	struct text type = http_header(request->headers, request->header_count, "Content-Type", NULL);
	if (text_present(type))
		return http_type_is(type, "application/json");
	return text_starts(text_trim(request->body), "{");
}

static bool wrong_root(struct http_exchange *exchange, const char *root, struct text found)
{
	problem_value(&exchange->problems, PROBLEM_MALFORMED, "", text_slice(found, 0, 60), NULL,
	              "the document's root is '%.*s', it must be '%s'", TEXT_ARG(text_slice(found, 0, 60)), root);
	return false;
}

static const struct xml *json_body(struct http_exchange *exchange, const char *root)
{
	const struct json *json = json_parse(exchange->request->body, exchange->arena, &exchange->problems);
	if (!json)
		return NULL;
	const struct json *member = json->type == JSON_OBJECT && json->count == 1 ? json->first : NULL;
	if (!member) {
		problem(&exchange->problems, PROBLEM_MALFORMED, "", "the document must be an object with one member, '%s'", root);
		return NULL;
	}
	if (!text_is(member->name, root)) {
		wrong_root(exchange, root, member->name);
		return NULL;
	}
	return tree_of(exchange->arena, member, member->name);
}

const struct xml *blu_body(struct http_exchange *exchange, const char *root)
{
	if (text_trim(exchange->request->body).length == 0) {
		problem(&exchange->problems, PROBLEM_MALFORMED, "", "the body is empty; it must be a '%s'", root);
		return NULL;
	}
	if (body_is_json(exchange))
		return json_body(exchange, root);
	const struct xml *xml = xml_parse(exchange->request->body, exchange->arena, &exchange->problems);
	if (xml && !text_is(xml->name, root)) {
		wrong_root(exchange, root, xml->name);
		return NULL;
	}
	return xml;
}

/* ---- decoding ---- */

struct site {
	struct http_exchange *exchange;
	const struct record *record;
	void *value;
	const char *pointer; /* of the record */
	struct site *outer;
};

static bool decode_elements(struct site *site, const struct blu_element *elements, const struct xml *node);

struct element_names {
	const struct blu_element *elements;
};

static const char *element_candidate(const void *context, size_t i)
{
	const struct element_names *names = context;
	return names->elements[i].name;
}

static bool unknown_element(struct site *site, const struct blu_element *elements, const struct xml *parent,
                            const struct xml *node)
{
	struct arena *arena = site->exchange->arena;
	struct element_names names = { elements };
	struct text name = text_slice(node->name, 0, 60);
	return problem(&site->exchange->problems, PROBLEM_UNKNOWN_FIELD,
	               text_format(arena, "%s/%.*s", site->pointer, TEXT_ARG(name)).data,
	               "%.*s has no element '%.*s'%s", TEXT_ARG(parent->name), TEXT_ARG(name),
	               text_did_you_mean(arena, node->name, element_candidate, &names));
}

static bool check_attributes(struct site *site, const struct blu_element *element, const struct xml *node)
{
	for (const struct xml_attribute *attribute = node->attributes; attribute; attribute = attribute->next) {
		if (text_starts(attribute->name, "xml") ||
		    (element->attribute && text_is(attribute->name, element->attribute)))
			continue;
		struct text name = text_slice(attribute->name, 0, 60);
		return problem(&site->exchange->problems, PROBLEM_UNKNOWN_FIELD,
		               text_format(site->exchange->arena, "%s/%.*s", site->pointer, TEXT_ARG(name)).data,
		               "%.*s has no attribute '%.*s'", TEXT_ARG(node->name), TEXT_ARG(name));
	}
	return true;
}

static const char *field_pointer(const struct site *site, int field)
{
	return text_format(site->exchange->arena, "%s/%s", site->pointer, site->record->fields[field].name).data;
}

/* ---- one element ---- */

static bool decode_text(const struct site *site, int field, struct text text)
{
	return record_field_parse(site->record, site->value, field, text, field_pointer(site, field),
	                          site->exchange->arena, &site->exchange->problems);
}

/* The core's word for the wire's, as far as this field knows it. */
static bool decode_word(const struct site *site, const struct blu_element *element, struct text text)
{
	struct arena *arena = site->exchange->arena;
	int state = word_find(WORD_SYSTEM_BLUBILLING, element->words, text);
	const char *core = state ? element->states->fields[element->states_field].words[state] : NULL;
	const char *const *words = site->record->fields[element->field].words;
	for (int i = 1; core && words[i]; i++)
		if (strcmp(words[i], core) == 0)
			return decode_text(site, element->field, text_of(core));
	struct text known = word_list_text(arena, WORD_SYSTEM_BLUBILLING, element->words);
	const char *remedy = core ? "Choose another status for this call."
	                          : text_format(arena, "Use one of: %.*s.", TEXT_ARG(known)).data;
	return problem_value(&site->exchange->problems, PROBLEM_UNKNOWN_CHOICE, field_pointer(site, element->field),
	                     text_slice(text, 0, 60), remedy,
	                     core ? "%s cannot be '%.*s' here" : "%s has no value '%.*s'", element->name,
	                     TEXT_ARG(text_slice(text, 0, 60)));
}

static bool decode_last_day(const struct site *site, const struct blu_element *element, struct text text)
{
	if (!decode_text(site, element->field, text))
		return false;
	struct date *date = record_field_at(&site->record->fields[element->field], site->value);
	*date = date_add_days(*date, 1);
	return date_present(*date) || problem_value(&site->exchange->problems, PROBLEM_OUT_OF_RANGE,
	                                            field_pointer(site, element->field), text, NULL, "%s is too late",
	                                            element->name);
}

static bool decode_scalar(const struct site *site, const struct blu_element *element, struct text text)
{
	if (!text_present(text) || text.length == 0)
		return true; /* <state/> says nothing */
	switch (element->kind) {
	case BLU_WORD:
		return decode_word(site, element, text);
	case BLU_LAST_DAY:
		return decode_last_day(site, element, text);
	default:
		return decode_text(site, element->field, text);
	}
}

/* "<customer>Bob</customer>", where elements are expected. */
static bool check_no_text(const struct site *site, const struct xml *node)
{
	struct text shown = text_slice(node->text, 0, 60);
	return node->text.length == 0 ||
	       problem_value(&site->exchange->problems, PROBLEM_WRONG_TYPE, site->pointer, shown, NULL,
	                     "%.*s has the text '%.*s' among its elements", TEXT_ARG(node->name), TEXT_ARG(shown));
}

static bool decode_record(struct site *site, const struct blu_element *element, const struct xml *node)
{
	const struct record_field *field = &site->record->fields[element->field];
	void *nested = arena_alloc(site->exchange->arena, field->of->size);
	memcpy(record_field_at(field, site->value), &nested, sizeof nested);
	struct site inner = { site->exchange, field->of, nested, field_pointer(site, element->field), site };
	return decode_elements(&inner, element->elements, node);
}

static bool decode_list(struct site *site, const struct blu_element *element, const struct xml *node)
{
	const struct record_field *field = &site->record->fields[element->field];
	struct blu_element item = { .name = element->item, .attribute = element->attribute };
	struct blu_element items[] = { item, { .name = NULL } };
	bool good = check_no_text(site, node);
	size_t i = 0;
	for (const struct xml *child = node->first; child; child = child->next) {
		if (child->name.length > 0 && !text_is(child->name, element->item)) {
			good = unknown_element(site, items, node, child);
			continue;
		}
		void *at = record_list_add(site->record, site->value, element->field, site->exchange->arena);
		const char *list = field_pointer(site, element->field);
		const char *pointer = text_format(site->exchange->arena, "%s/%zu", list, i++).data;
		struct site inner = { site->exchange, field->of, at, pointer, site };
		good &= check_attributes(site, &item, child) && decode_elements(&inner, element->elements, child);
		if (element->attribute) /* <invoice id="2396"/>: the item's first field */
			good &= decode_text(&inner, 0, xml_attribute(child, element->attribute));
	}
	return good;
}

static bool decode_element(struct site *site, const struct blu_element *element, const struct xml *node)
{
	struct site *at = element->outer ? site->outer : site;
	assert(at); /* no element of a root is of the record around it */
	if (element->kind == BLU_DROPPED)
		return true;
	if (element->kind == BLU_LIST)
		return decode_list(at, element, node);
	if (!check_attributes(at, element, node))
		return false;
	if (element->kind == BLU_RECORD)
		return decode_record(at, element, node);
	if (element->kind == BLU_INSIDE)
		return decode_elements(at, element->elements, node);
	if (node->first)
		return unknown_element(at, &(struct blu_element){ .name = NULL }, node, node->first);
	return decode_scalar(at, element, element->attribute ? xml_attribute(node, element->attribute) : node->text);
}

/* ---- all elements of a node ---- */

static bool element_required(const struct site *site, const struct blu_element *element)
{
	bool scalar = element->kind != BLU_INSIDE && element->kind != BLU_DROPPED && !element->outer;
	return element->required || (scalar && site->record->fields[element->field].flags & FIELD_REQUIRED);
}

/* Absence does not show in every value (a quantity of 0), so it is noted here. */
static bool check_missing(const struct site *site, const struct blu_element *elements, const struct xml *node,
                          uint64_t seen)
{
	bool good = true;
	for (size_t i = 0; elements && elements[i].name; i++) {
		if ((seen >> i & 1) || !element_required(site, &elements[i]))
			continue;
		int field = elements[i].field;
		if (elements[i].kind == BLU_FIELD && site->record->fields[field].kind == KIND_ID &&
		    *(const int64_t *)record_field_const_at(&site->record->fields[field], site->value))
			continue; /* preset from the address */
		good = problem(&site->exchange->problems, PROBLEM_MISSING_FIELD, field_pointer(site, field),
		               "%.*s has no %s", TEXT_ARG(node->name), elements[i].name);
	}
	return good;
}

static bool is_empty(const struct blu_element *element, const struct xml *node)
{
	struct text text = element->attribute ? xml_attribute(node, element->attribute) : node->text;
	return (element->kind == BLU_FIELD || element->kind == BLU_WORD || element->kind == BLU_LAST_DAY) &&
	       text.length == 0;
}

/* Under this name, or another of the same field. */
static bool is_seen(const struct blu_element *elements, size_t which, uint64_t seen)
{
	const struct blu_element *one = &elements[which];
	bool scalar = one->kind == BLU_FIELD || one->kind == BLU_WORD || one->kind == BLU_LAST_DAY;
	for (size_t i = 0; elements[i].name; i++)
		if ((seen >> i & 1) && (i == which || (scalar && elements[i].kind == one->kind &&
		                                       elements[i].field == one->field &&
		                                       elements[i].outer == one->outer)))
			return true;
	return false;
}

static bool decode_elements(struct site *site, const struct blu_element *elements, const struct xml *node)
{
	uint64_t seen = 0;
	bool good = check_no_text(site, node);
	for (const struct xml *child = node->first; child; child = child->next) {
		size_t i = 0;
		while (elements && elements[i].name && !text_is(child->name, elements[i].name))
			i++;
		if (!elements || !elements[i].name) {
			good = unknown_element(site, elements ? elements : &(struct blu_element){ .name = NULL }, node,
			                       child);
			continue;
		}
		if (is_seen(elements, i, seen)) {
			good = problem(&site->exchange->problems, PROBLEM_INVALID_COMBINATION,
			               text_format(site->exchange->arena, "%s/%s", site->pointer,
			                           elements[i].name).data,
			               "%.*s has more than one %s", TEXT_ARG(node->name), elements[i].name);
			continue;
		}
		if (!is_empty(&elements[i], child))
			seen |= UINT64_C(1) << i;
		good &= decode_element(site, &elements[i], child);
	}
	return check_missing(site, elements, node, seen) && good;
}

/* ---- whole forms ---- */

static bool pointer_known(const struct problems *problems, const char *pointer)
{
	for (const struct problem *other = problems->first; other; other = other->next)
		if (other->pointer && strcmp(other->pointer, pointer) == 0)
			return true;
	return false;
}

/* What the record demands beyond single fields; a field is complained about once. */
static bool check_record(struct http_exchange *exchange, const struct record *record, const void *input)
{
	struct problems more, one;
	problems_init(&more, exchange->arena);
	if (record_check(record, input, "", &more))
		return true;
	for (struct problem *next = more.first; next; next = next->next) {
		if (pointer_known(&exchange->problems, next->pointer))
			continue;
		struct problem copy = *next;
		copy.next = NULL;
		one = (struct problems){ exchange->arena, &copy, &copy, 1 };
		problems_copy(&exchange->problems, &one);
	}
	return false;
}

bool blu_form_decode(struct http_exchange *exchange, const struct blu_form *form, const struct xml *root, void *input)
{
	struct site site = { exchange, form->record, input, "", NULL };
	blu_work(exchange)->form = form;
	bool good = decode_elements(&site, form->elements, root);
	return check_record(exchange, form->record, input) && good;
}

bool blu_form_read(struct http_exchange *exchange, const struct blu_form *form, void *input)
{
	const struct xml *root = blu_body(exchange, form->root);
	return root && blu_form_decode(exchange, form, root, input);
}
