/* describe.c: BluBilling's forms, parameters and documents as JSON schemas. */
#include "blu.h"

#include "http/openapi.h"

/* ---- parameters ---- */

#define MINUTE_SCHEMA "{\"type\":\"string\",\"pattern\":\"^[0-9]{12}$\",\"examples\":[\"201109060000\"]}"
#define TEXT_SCHEMA "{\"type\":\"string\"}"
#define BOOLEAN_SCHEMA "{\"type\":\"boolean\",\"default\":false}"
#define ID_SCHEMA "{\"$ref\":\"#/components/schemas/id\"}"

static const struct {
	const char *name, *doc, *schema;
} parameters[] = {
	{ "format", "Of the answer.", "{\"type\":\"string\",\"enum\":[\"xml\",\"json\"],\"default\":\"xml\"}" },
	{ "offset", "How many are passed over.", "{\"type\":\"integer\",\"minimum\":0,\"maximum\":2147483647,\"default\":0}" },
	{ "max", "How many are shown.", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"default\":100}" },
	{ "status", "A word of the wire.", TEXT_SCHEMA },
	{ "customerId", "Whose.", ID_SCHEMA },
	{ "extCustomerRef", "Whose, by the caller's own key.", TEXT_SCHEMA },
	{ "createStartTime", "YYYYMMDDHHmm in the tenant's zone.", MINUTE_SCHEMA },
	{ "createEndTime", "YYYYMMDDHHmm; that minute is included.", MINUTE_SCHEMA },
	{ "updateStartTime", "YYYYMMDDHHmm in the tenant's zone.", MINUTE_SCHEMA },
	{ "updateEndTime", "YYYYMMDDHHmm; that minute is included.", MINUTE_SCHEMA },
	{ "search", "A part of the name.", TEXT_SCHEMA },
	{ "action", "What is done.",
	  "{\"type\":\"string\",\"enum\":[\"create\",\"activate\",\"suspend\",\"complete\",\"cancel\"]}" },
	{ "generateInvoice", "The first period is invoiced at once.", BOOLEAN_SCHEMA },
	{ "suspendOrders", "Orders on it are suspended.", BOOLEAN_SCHEMA },
	{ "excludeCharges", "Without the charges.", BOOLEAN_SCHEMA },
	{ "orderNumber", "", TEXT_SCHEMA },
	{ "invoiceNumber", "", TEXT_SCHEMA },
	{ "contractCode", "Of a plan.", TEXT_SCHEMA },
	{ "priceCode", "Of a charge.", TEXT_SCHEMA },
	{ "extRefId", "The caller's own key of an activity.", TEXT_SCHEMA },
};

bool blu_describe_parameter(struct openapi *api, struct text name)
{
	for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
		if (!text_is(name, parameters[i].name))
			continue;
		if (parameters[i].doc[0])
			openapi_member(api, "description", parameters[i].doc);
		json_name(&api->json, "schema");
		json_raw(&api->json, text_of(parameters[i].schema));
		return true;
	}
	return false;
}

/* ---- forms ---- */

static void elements_write(struct openapi *api, const struct record *record, const struct record *outer,
                           const struct blu_element *elements, const char *attribute);

/* How XML differs: an attribute, or a list inside an element of its own. */
static void xml_hint(struct openapi *api, const char *hint)
{
	json_name(&api->json, "xml");
	json_raw(&api->json, text_format(api->arena, "{\"%s\":true}", hint));
}

static void attribute_open(struct openapi *api, const char *attribute)
{
	openapi_member(api, "type", "object");
	json_name(&api->json, "additionalProperties");
	json_boolean(&api->json, false);
	json_name(&api->json, "properties");
	json_begin_object(&api->json);
	json_name(&api->json, attribute);
	json_begin_object(&api->json);
	xml_hint(api, "attribute");
}

static void attribute_close(struct openapi *api)
{
	json_end_object(&api->json);
	json_end_object(&api->json);
}

/* The wire's words for the states that this field knows. */
static void words_write(struct openapi *api, const struct record_field *field, const struct blu_element *element)
{
	const char *const *states = element->states->fields[element->states_field].words;
	openapi_member(api, "type", "string");
	json_name(&api->json, "enum");
	json_begin_array(&api->json);
	for (int state = 1; states[state]; state++) {
		const char *word = word_of(WORD_SYSTEM_BLUBILLING, element->words, state);
		for (int i = 1; word && field->words[i]; i++)
			if (text_is(text_of(states[state]), field->words[i]))
				json_c(&api->json, word);
	}
	json_end_array(&api->json);
}

static void scalar_write(struct openapi *api, const struct record *record, const struct blu_element *element)
{
	const struct record_field *field = &record->fields[element->field];
	if (element->attribute)
		attribute_open(api, element->attribute);
	if (element->kind == BLU_WORD)
		words_write(api, field, element);
	else
		openapi_value(api, field, OPENAPI_INPUT, false);
	if (element->attribute)
		attribute_close(api);
}

static void list_write(struct openapi *api, const struct record *record, const struct blu_element *element)
{
	const struct record_field *field = &record->fields[element->field];
	openapi_member(api, "type", "array");
	openapi_member_integer(api, "maxItems", field->max);
	if (field->min > 0)
		openapi_member_integer(api, "minItems", field->min);
	xml_hint(api, "wrapped");
	json_name(&api->json, "items");
	json_begin_object(&api->json);
	json_name(&api->json, "xml");
	json_raw(&api->json, text_format(api->arena, "{\"name\":\"%s\"}", element->item));
	if (element->attribute) { /* <invoice id="2396"/>: the item's first field */
		attribute_open(api, element->attribute);
		openapi_value(api, &field->of->fields[0], OPENAPI_INPUT, false);
		attribute_close(api);
		json_name(&api->json, "required");
		json_raw(&api->json, text_format(api->arena, "[\"%s\"]", element->attribute));
	} else {
		elements_write(api, field->of, record, element->elements, NULL);
	}
	json_end_object(&api->json);
}

static void element_write(struct openapi *api, const struct record *record, const struct record *outer,
                          const struct blu_element *element)
{
	const struct record *of = element->outer ? outer : record;
	json_name(&api->json, element->name);
	json_begin_object(&api->json);
	switch (element->kind) {
	case BLU_RECORD:
		elements_write(api, of->fields[element->field].of, of, element->elements, NULL);
		break;
	case BLU_LIST:
		list_write(api, of, element);
		break;
	case BLU_INSIDE:
		elements_write(api, of, outer, element->elements, element->attribute);
		break;
	case BLU_DROPPED:
		openapi_member(api, "description", "Read and passed over.");
		break;
	default:
		scalar_write(api, of, element);
	}
	if (element->kind == BLU_LAST_DAY)
		openapi_member(api, "description", "The last day.");
	json_end_object(&api->json);
}

static bool element_needed(const struct record *record, const struct blu_element *element)
{
	bool of_record = !element->outer && element->kind != BLU_INSIDE && element->kind != BLU_DROPPED;
	return element->required || (of_record && record->fields[element->field].flags & FIELD_REQUIRED);
}

/* `attribute`: of the element that has them, a text. */
static void elements_write(struct openapi *api, const struct record *record, const struct record *outer,
                           const struct blu_element *elements, const char *attribute)
{
	openapi_member(api, "type", "object");
	json_name(&api->json, "required");
	json_begin_array(&api->json);
	if (attribute)
		json_c(&api->json, attribute);
	for (const struct blu_element *element = elements; element->name; element++)
		if (element_needed(record, element))
			json_c(&api->json, element->name);
	json_end_array(&api->json);
	json_name(&api->json, "additionalProperties");
	json_boolean(&api->json, false);
	json_name(&api->json, "properties");
	json_begin_object(&api->json);
	if (attribute) {
		json_name(&api->json, attribute);
		json_raw(&api->json, TEXT("{\"type\":\"string\",\"xml\":{\"attribute\":true}}"));
	}
	for (const struct blu_element *element = elements; element->name; element++)
		element_write(api, record, outer, element);
	json_end_object(&api->json);
}

/* ---- documents ---- */

/* A form is called as its record; two may have one root. */
static const char *form_name(struct openapi *api, const struct blu_form *form)
{
	return text_format(api->arena, "blubilling.%s", form->record->name).data;
}

static void form_want(struct openapi *api, const struct blu_form *form)
{
	for (size_t i = 0; i < api->form_count; i++)
		if (api->forms[i] == form)
			return;
	if (api->form_count == OPENAPI_FORMS_MAX)
		BUG("there are more than %d forms", OPENAPI_FORMS_MAX);
	api->forms[api->form_count++] = form;
}

void blu_describe_body(struct openapi *api, const struct blu_form *form, bool xml)
{
	form_want(api, form);
	if (xml || form->whole) {
		openapi_ref(api, "schemas", form_name(api, form), "");
		return;
	}
	openapi_member(api, "type", "object");
	json_name(&api->json, "required");
	json_raw(&api->json, text_format(api->arena, "[\"%s\"]", form->root));
	json_name(&api->json, "additionalProperties");
	json_boolean(&api->json, false);
	json_name(&api->json, "properties");
	json_begin_object(&api->json);
	json_name(&api->json, form->root);
	json_begin_object(&api->json);
	openapi_ref(api, "schemas", form_name(api, form), "");
	json_end_object(&api->json);
	json_end_object(&api->json);
}

void blu_describe_forms(struct openapi *api)
{
	for (size_t i = 0; i < api->form_count; i++) {
		const struct blu_form *form = api->forms[i];
		json_name(&api->json, form_name(api, form));
		json_begin_object(&api->json);
		json_name(&api->json, "xml");
		json_raw(&api->json, text_format(api->arena, "{\"name\":\"%s\"}", form->root));
		elements_write(api, form->record, form->record, form->elements, NULL);
		json_end_object(&api->json);
	}
}

/* Lists are arrays in JSON, everything else is an object; XML has elements in both. */
void blu_describe_answer(struct openapi *api, const char *root, bool xml)
{
	bool list = text_is(text_of(root), "list") || text_is(text_of(root), "errors");
	const char *inside = list ? "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}" : "{\"type\":\"object\"}";
	openapi_member(api, "type", "object");
	if (xml) {
		json_name(&api->json, "xml");
		json_raw(&api->json, text_format(api->arena, "{\"name\":\"%s\"}", root));
		return;
	}
	json_name(&api->json, "required");
	json_raw(&api->json, text_format(api->arena, "[\"%s\"]", root));
	json_name(&api->json, "properties");
	json_raw(&api->json, text_format(api->arena, "{\"%s\":%s}", root, inside));
}
