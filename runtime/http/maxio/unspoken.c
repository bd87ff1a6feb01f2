/* unspoken.c: members of Maxio's requests that mean money or dates, and that nothing here does: refused, each with a sentence.
 *
 * Every other member that no record has says nothing that could be done wrong, and is passed over: pages that are shown to
 * buyers, words of bookkeeping, who sold it. Of a refused one what asks for nothing is passed over too: null, "", 0, false, [].
 */
#include "maxio.h"

#define NO_SCHEDULE "is not spoken here: components are billed with their subscription"
#define NO_INTERVAL "is not spoken here: components are billed with their subscription, at no interval of their own"
#define NO_TAX_INCLUDED "is not spoken here: whether prices include taxes is a setting of the site"
#define NO_LIST_PRICE "is not spoken here: there are no list prices"
#define NO_IMPORT "is not spoken here: dates of what was sold elsewhere are previous_billing_at and next_billing_at"
#define NO_CUSTOM_PRODUCT "is not spoken here: a product has one price; make another product"
#define NO_PRICE_CHANGE "is not changed: what a price point says stays; make another one, and let it be the default"
#define NO_CALENDAR "is not spoken here: a period begins at the moment of signing up, or at next_billing_at"
#define NO_GROUP "is not spoken here: there are no groups of subscriptions"
#define NO_ENDING "is not spoken here: cancel the subscription when it is to end"

static const struct unspoken {
	const struct record *record;
	const char *member, *harmless; /* a word that asks for nothing either, or NULL */
	const char *sentence;
} unspoken[] = {
	{ &maxio_allocation_input_record, "billing_schedule", NULL, NO_SCHEDULE },
	{ &maxio_usage_input_record, "billing_schedule", NULL, NO_SCHEDULE },
	{ &maxio_activation_input_record, "billing_schedule", NULL, NO_SCHEDULE },
	{ &maxio_price_point_input_record, "interval", NULL, NO_INTERVAL },
	{ &maxio_price_point_input_record, "tax_included", NULL, NO_TAX_INCLUDED },
	{ &maxio_price_point_input_record, "list_price_point_id", NULL, NO_LIST_PRICE },
	{ &maxio_price_point_input_record, "use_default_list_price", NULL, NO_LIST_PRICE },
	{ &maxio_component_input_record, "interval", NULL, NO_INTERVAL },
	{ &maxio_component_input_record, "tax_included", NULL, NO_TAX_INCLUDED },
	{ &maxio_component_change_record, "interval", NULL, NO_INTERVAL },
	{ &maxio_component_change_record, "pricing_scheme", NULL, NO_PRICE_CHANGE },
	{ &maxio_component_change_record, "prices", NULL, NO_PRICE_CHANGE },
	{ &maxio_component_change_record, "unit_price", NULL, NO_PRICE_CHANGE },
	{ &maxio_component_change_record, "recurring", NULL, "is not changed: make another component" },
	{ &maxio_component_change_record, "allow_fractional_quantities", NULL, "is not changed: make another component" },
	{ &maxio_component_change_record, "event_based_billing_metric_id", NULL, "is not changed: make another component" },
	{ &maxio_product_input_record, "expiration_interval", NULL, NO_ENDING },
	{ &maxio_product_input_record, "tax_code", NULL, "is not spoken here: taxes of products are rules of the site" },
	{ &maxio_customer_input_record, "tax_exempt", NULL, "is not spoken here: whom taxes spare is a rule of the site" },
	{ &maxio_customer_input_record, "vat_number", NULL, "is not spoken here: whom taxes spare is a rule of the site" },
	{ &maxio_customer_input_record, "parent_id", NULL, NO_GROUP },
	{ &maxio_subscription_input_record, "product_price_point_id", NULL, NO_CUSTOM_PRODUCT },
	{ &maxio_subscription_input_record, "product_price_point_handle", NULL, NO_CUSTOM_PRODUCT },
	{ &maxio_subscription_input_record, "custom_price", NULL, NO_CUSTOM_PRODUCT },
	{ &maxio_subscription_input_record, "net_terms", NULL, "is not spoken here: when invoices are due is a setting of the site" },
	{ &maxio_subscription_input_record, "bank_account_attributes", NULL, "is not spoken here: cards are charged" },
	{ &maxio_subscription_input_record, "calendar_billing", NULL, NO_CALENDAR },
	{ &maxio_subscription_input_record, "calendar_billing_first_charge", NULL, NO_CALENDAR },
	{ &maxio_subscription_input_record, "snap_day", NULL, NO_CALENDAR },
	{ &maxio_subscription_input_record, "group", NULL, NO_GROUP },
	{ &maxio_subscription_input_record, "ref", NULL, "is not spoken here: there are no referral codes" },
	{ &maxio_subscription_input_record, "expires_at", NULL, NO_ENDING },
	{ &maxio_subscription_input_record, "offer_id", NULL, "is not spoken here: there are no offers" },
	{ &maxio_subscription_input_record, "prepaid_configuration", NULL, "is not spoken here: prepaid money is kept in wallets" },
	{ &maxio_subscription_input_record, "canceled_at", NULL, NO_IMPORT },
	{ &maxio_subscription_input_record, "activated_at", NULL, NO_IMPORT },
	{ &maxio_subscription_input_record, "defer_signup", NULL, "is not spoken here: initial_billing_at tells when it begins" },
	{ &maxio_subscription_input_record, "next_product_id", NULL, "is not spoken here: change the plan when it is to change" },
	{ &maxio_subscription_input_record, "product_change_delayed", NULL, "is not spoken here: change the plan when it is to change" },
	{ &maxio_subscription_input_record, "dunning_communication_delay_enabled", NULL, "is not spoken here: messages go as they come" },
};

static bool asks_for_nothing(const struct json *json, const char *harmless)
{
	switch (json->type) {
	case JSON_NULL:
	case JSON_FALSE:
		return true;
	case JSON_ARRAY:
	case JSON_OBJECT:
		return json->count == 0;
	case JSON_STRING:
	case JSON_NUMBER:
		return text_trim(json->text).length == 0 || text_is(json->text, "false") || text_is(json->text, "0") ||
		       (harmless && text_is(json->text, harmless));
	default:
		return false;
	}
}

static bool member_check(struct http_exchange *exchange, const struct json *member, const struct record *record, const char *pointer)
{
	for (size_t i = 0; i < sizeof unspoken / sizeof *unspoken; i++)
		if (unspoken[i].record == record && text_is(member->name, unspoken[i].member) &&
		    !asks_for_nothing(member, unspoken[i].harmless))
			return problem(&exchange->problems, PROBLEM_INVALID_VALUE, pointer, "%s", unspoken[i].sentence);
	return true;
}

static const struct record *record_of(const struct record *record, struct text name)
{
	for (size_t i = 0; i < record->field_count; i++)
		if (text_is(name, record->fields[i].name))
			return record->fields[i].of;
	return NULL;
}

static bool items_check(struct http_exchange *exchange, const struct json *list, const struct record *record, const char *pointer)
{
	bool good = true;
	size_t i = 0;
	for (const struct json *item = list->first; item; item = item->next, i++)
		good &= maxio_spoken(exchange, item, record, text_format(exchange->arena, "%s/%zu", pointer, i).data);
	return good;
}

/* Depth is bounded by json_parse. */
bool maxio_spoken(struct http_exchange *exchange, const struct json *json, const struct record *record, const char *pointer)
{
	bool good = true;
	if (json->type != JSON_OBJECT)
		return true;
	for (const struct json *member = json->first; member; member = member->next) {
		const struct record *inner = record_of(record, member->name);
		const char *at = text_format(exchange->arena, "%s/%.*s", pointer, TEXT_ARG(text_slice(member->name, 0, 100))).data;
		good &= member_check(exchange, member, record, at);
		if (inner && member->type == JSON_OBJECT)
			good &= maxio_spoken(exchange, member, inner, at);
		else if (inner && member->type == JSON_ARRAY)
			good &= items_check(exchange, member, inner, at);
	}
	return good;
}
