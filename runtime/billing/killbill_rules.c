/* killbill_rules.c: the rules of a Kill Bill catalog. */
#include "killbill_read.h"
#include "records.gen.h"

enum { PHASE = CATALOG_RULE_FIELD_PHASE, CATEGORY = CATALOG_RULE_FIELD_FROM_CATEGORY };

/* How an element of a case is called here. */
static const struct {
	const char *theirs, *ours;
	enum { FIELD_NAME, FIELD_WORD, FIELD_PERIOD } kind;
	int field; /* of catalog_rule, whose words are meant */
} conditions[] = {
	{ "phaseType", "phase", FIELD_WORD, PHASE },
	{ "product", "from_product", FIELD_NAME, 0 },
	{ "productCategory", "from_category", FIELD_WORD, CATEGORY },
	{ "billingPeriod", "from_period", FIELD_PERIOD, 0 },
	{ "priceList", "from_price_list", FIELD_NAME, 0 },
	{ "fromProduct", "from_product", FIELD_NAME, 0 },
	{ "fromProductCategory", "from_category", FIELD_WORD, CATEGORY },
	{ "fromBillingPeriod", "from_period", FIELD_PERIOD, 0 },
	{ "fromPriceList", "from_price_list", FIELD_NAME, 0 },
	{ "toProduct", "to_product", FIELD_NAME, 0 },
	{ "toProductCategory", "to_category", FIELD_WORD, CATEGORY },
	{ "toBillingPeriod", "to_period", FIELD_PERIOD, 0 },
	{ "toPriceList", "to_price_list", FIELD_NAME, 0 },
};
enum { CONDITIONS = sizeof conditions / sizeof conditions[0] };

static const char *const policy_words[] = { "", "immediate", "end_of_term", "start_of_term", "illegal", NULL };
static const char *const alignment_words[] = { "",       "start_of_bundle", "start_of_subscription", "change_of_plan", "account",
	                                       "bundle", "subscription",    NULL };

/* The lists: their element, that of a case, what it may say, and where the result stands (words NULL: a name). */
static const struct list {
	const char *list, *one, *ours, *result, *children;
	const char *const *words;
} lists[] = {
	{ "changePolicy", "changePolicyCase", "change_policy", "policy",
	  "phaseType fromProduct fromProductCategory fromBillingPeriod fromPriceList toProduct toProductCategory toBillingPeriod "
	  "toPriceList policy", policy_words },
	{ "changeAlignment", "changeAlignmentCase", "change_alignment", "alignment",
	  "phaseType fromProduct fromProductCategory fromBillingPeriod fromPriceList toProduct toProductCategory toBillingPeriod "
	  "toPriceList alignment", alignment_words },
	{ "cancelPolicy", "cancelPolicyCase", "cancel_policy", "policy",
	  "phaseType product productCategory billingPeriod priceList policy", policy_words },
	{ "createAlignment", "createAlignmentCase", "create_alignment", "alignment",
	  "product productCategory billingPeriod priceList alignment", alignment_words },
	{ "billingAlignment", "billingAlignmentCase", "billing_alignment", "alignment",
	  "phaseType product productCategory billingPeriod priceList alignment", alignment_words },
	{ "priceList", "priceListCase", "price_list", "toPriceList",
	  "fromProduct fromProductCategory fromBillingPeriod fromPriceList toPriceList", NULL },
};
enum { LISTS = sizeof lists / sizeof lists[0] };

static void period_write(struct killbill_reading *reading, const char *member, const struct xml *element)
{
	if (text_is(element->text, "NO_BILLING_PERIOD"))
		killbill_text(reading, member, element, TEXT("none"));
	else
		killbill_word(reading, member, element, element->text, phase_record.fields[PHASE_FIELD_BILLING_PERIOD].words);
}

static void condition_write(struct killbill_reading *reading, const struct xml *element)
{
	for (size_t i = 0; i < CONDITIONS; i++) {
		if (!text_is(element->name, conditions[i].theirs))
			continue;
		if (conditions[i].kind == FIELD_PERIOD)
			period_write(reading, conditions[i].ours, element);
		else if (conditions[i].kind == FIELD_WORD)
			killbill_word(reading, conditions[i].ours, element, element->text,
			              catalog_rule_record.fields[conditions[i].field].words);
		else
			killbill_text(reading, conditions[i].ours, element, element->text);
	}
}

static void case_write(struct killbill_reading *reading, const struct list *list, const struct xml *one)
{
	const struct xml *result = killbill_child(reading, one, list->result);
	killbill_children(reading, one, list->children);
	killbill_begin(reading, one);
	for (const struct xml *element = one->first; element; element = element->next)
		if (element != result && element->text.length)
			condition_write(reading, element);
	if (result && list->words)
		killbill_word(reading, "result", result, result->text, list->words);
	else if (result)
		killbill_text(reading, "result", result, result->text);
	killbill_end(reading);
}

void killbill_rules(struct killbill_reading *reading, const struct xml *rules)
{
	killbill_children(reading, rules,
	                  "changePolicy changeAlignment cancelPolicy createAlignment billingAlignment priceList");
	json_name(reading->out, "rules");
	killbill_begin(reading, rules);
	for (size_t i = 0; i < LISTS; i++) {
		const struct xml *list = xml_child(rules, lists[i].list);
		if (!list)
			continue;
		killbill_children(reading, list, lists[i].one);
		json_name(reading->out, lists[i].ours);
		json_begin_array(reading->out);
		for (const struct xml *one = list->first; one; one = one->next)
			case_write(reading, &lists[i], one);
		json_end_array(reading->out);
	}
	killbill_end(reading);
}
