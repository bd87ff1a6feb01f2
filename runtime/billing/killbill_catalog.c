/* killbill_catalog.c: a Kill Bill catalog as a version: currencies, units, products, price lists. */
#include "killbill_read.h"
#include "records.gen.h"
#include "value/currency.h"

#include "base/clock.h"

static void currencies_read(struct killbill_reading *reading, const struct xml *catalog)
{
	reading->currencies = killbill_child(reading, catalog, "currencies");
	for (const struct xml *currency = reading->currencies ? reading->currencies->first : NULL; currency;
	     currency = currency->next)
		if (!currency_find(currency->text))
			killbill_problem(reading, currency, "is '%.*s', which is no currency of ISO 4217", TEXT_ARG(currency->text));
}

static void add_ons_write(struct killbill_reading *reading, const char *member, const struct xml *names)
{
	if (!names || !names->first)
		return;
	killbill_children(reading, names, "addonProduct");
	json_name(reading->out, member);
	json_begin_array(reading->out);
	for (const struct xml *name = names->first; name; name = name->next) {
		killbill_begin(reading, name);
		killbill_text(reading, "name", name, name->text);
		killbill_end(reading);
	}
	json_end_array(reading->out);
}

static void product_write(struct killbill_reading *reading, const struct xml *product)
{
	const struct xml *category = killbill_child(reading, product, "category"), *limits = xml_child(product, "limits");
	killbill_children(reading, product, "category included available limits");
	if (limits && limits->first)
		killbill_problem(reading, limits, "of a product has no equal in Moonbill: put limits into a usage section");
	killbill_begin(reading, product);
	killbill_name(reading, "name", product);
	if (category)
		killbill_word(reading, "category", category, category->text, product_record.fields[PRODUCT_FIELD_CATEGORY].words);
	add_ons_write(reading, "included", xml_child(product, "included"));
	add_ons_write(reading, "available", xml_child(product, "available"));
	killbill_end(reading);
}

static void products_write(struct killbill_reading *reading, const struct xml *catalog)
{
	const struct xml *products = killbill_child(reading, catalog, "products");
	json_name(reading->out, "products");
	json_begin_array(reading->out);
	if (products)
		killbill_children(reading, products, "product");
	for (const struct xml *product = products ? products->first : NULL; product; product = product->next)
		product_write(reading, product);
	json_end_array(reading->out);
}

/* ---- price lists ---- */

static void price_list_write(struct killbill_reading *reading, const struct xml *list)
{
	const struct xml *plans = xml_child(list, "plans");
	killbill_children(reading, list, "plans");
	killbill_begin(reading, list);
	killbill_text(reading, "name", list, xml_attribute(list, "name"));
	json_name(reading->out, "plans");
	json_begin_array(reading->out);
	for (const struct xml *plan = plans ? plans->first : NULL; plan; plan = plan->next) {
		killbill_begin(reading, plan);
		killbill_text(reading, "code", plan, plan->text);
		killbill_end(reading);
	}
	json_end_array(reading->out);
	killbill_end(reading);
}

static void price_lists_write(struct killbill_reading *reading, const struct xml *catalog)
{
	const struct xml *lists = killbill_child(reading, catalog, "priceLists");
	if (!lists)
		return;
	killbill_children(reading, lists, "defaultPriceList childPriceList");
	json_name(reading->out, "price_lists");
	json_begin_array(reading->out);
	for (const struct xml *list = lists->first; list; list = list->next)
		price_list_write(reading, list);
	json_end_array(reading->out);
}

/* ---- the catalog ---- */

static void effective_write(struct killbill_reading *reading, const struct xml *catalog)
{
	const struct xml *date = killbill_child(reading, catalog, "effectiveDate");
	struct instant at;
	if (!date)
		return;
	if (!instant_parse(date->text, &at))
		killbill_problem(reading, date, "is '%.*s', which %s; write it as in 2013-02-08T00:00:00+00:00",
		                 TEXT_ARG(date->text), instant_refusal(date->text));
	else
		killbill_text(reading, "effective_at", date, instant_text(reading->arena, at));
}

void killbill_catalog(struct killbill_reading *reading, const struct xml *catalog)
{
	const struct xml *name = killbill_child(reading, catalog, "catalogName"), *plans, *rules;
	killbill_children(reading, catalog,
	                  "effectiveDate catalogName recurringBillingMode currencies units products rules plans priceLists");
	currencies_read(reading, catalog);
	reading->billing_mode = xml_child_text(catalog, "recurringBillingMode");
	killbill_begin(reading, catalog);
	effective_write(reading, catalog);
	killbill_text(reading, "name", name, name ? name->text : TEXT_NONE);
	products_write(reading, catalog);
	plans = killbill_child(reading, catalog, "plans");
	if (plans)
		killbill_plans(reading, plans);
	price_lists_write(reading, catalog);
	rules = xml_child(catalog, "rules");
	if (rules && rules->first)
		killbill_rules(reading, rules);
	killbill_end(reading);
}
