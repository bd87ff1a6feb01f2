/* plan.c: plans as BluBilling's contract offerings. */
#include "blu.h"

#include "billing/catalog.h"

static const char *pricing_type(const struct charge *charge)
{
	if (charge->kind == CHARGE_KIND_PERCENT)
		return "PercentPricing";
	return charge->tiers.count ? "TieredPricing" : "FlatPricing";
}

static void tiers_write(struct blu_writer *writer, const struct plan *plan, const struct charge *charge)
{
	if (charge->tiers.count == 0)
		return;
	blu_open_list(writer, "pricingTiers");
	for (size_t i = 0; i < charge->tiers.count; i++) {
		const struct charge_tier *tier = &charge->tiers.items[i];
		blu_open(writer, "pricingTier");
		blu_decimal(writer, "unitsFrom", tier->units_from, 2);
		if (tier->has_units_to)
			blu_decimal(writer, "unitsTo", tier->units_to, 2);
		blu_decimal(writer, "price", tier->price, 2);
		if (tier->has_flat)
			blu_decimal(writer, "flatPrice", tier->flat, 2);
		blu_boolean(writer, "isOverage", false);
		blu_currency(writer, plan->currency);
		blu_close(writer);
	}
	blu_close(writer);
}

static void charge_write(struct blu_writer *writer, const struct plan *plan, const struct charge *charge,
                         size_t position)
{
	blu_open(writer, "contractCharge");
	blu_text(writer, "priceCode", charge->price_code);
	blu_integer(writer, "position", (int64_t)position);
	blu_text(writer, "name", charge->name);
	blu_c(writer, "chargeType", word_of(WORD_SYSTEM_BLUBILLING, WORD_CHARGE_KIND, (int)charge->kind));
	blu_c(writer, "pricingType", pricing_type(charge));
	blu_boolean(writer, "isProrated", charge->has_prorated && charge->prorated);
	blu_boolean(writer, "isPrepaid", charge->kind != CHARGE_KIND_USAGE);
	blu_boolean(writer, "isTax", charge->has_tax && charge->tax);
	blu_boolean(writer, "isMandatory", charge->has_mandatory && charge->mandatory);
	blu_boolean(writer, "isPenalty", false);
	blu_boolean(writer, "isSeparateInvoice", false);
	blu_text(writer, "unitOfMeasure", charge->unit);
	if (charge->has_standard_quantity)
		blu_decimal(writer, "standardQuantity", charge->standard_quantity, 1);
	if (charge->has_max_quantity)
		blu_decimal(writer, "maxQuantity", charge->max_quantity, 1);
	blu_text(writer, "taxCodes", charge->tax_codes);
	blu_text(writer, "accountingCode", charge->accounting_code);
	if (charge->has_amount)
		blu_decimal(writer, "price", charge->amount, 2);
	if (charge->has_percent)
		blu_decimal(writer, "percent", charge->percent, 0);
	tiers_write(writer, plan, charge);
	blu_close(writer);
}

static void plan_write(struct blu_writer *writer, const struct plan *plan, bool with_charges)
{
	blu_open(writer, "contractOffering");
	blu_id(writer, plan->id);
	blu_text(writer, "contractCode", plan->code);
	blu_text(writer, "name", plan->name);
	blu_currency(writer, plan->currency);
	blu_text(writer, "billingPeriod",
	         blu_camel(writer->out.arena,
	                   plan_record.fields[PLAN_FIELD_BILLING_PERIOD].words[plan->billing_period]));
	blu_boolean(writer, "isActive", plan->active);
	if (with_charges) {
		blu_open_list(writer, "contractCharges");
		for (size_t i = 0; i < plan->charges.count; i++)
			charge_write(writer, plan, &plan->charges.items[i], i + 1);
		blu_close(writer);
	}
	blu_close(writer);
}

/* ---- calls ---- */

bool blu_plan_read(struct command *command, struct http_exchange *exchange)
{
	struct text code = http_parameter(&exchange->target, "contractCode");
	struct plan *plan = NULL;
	struct blu_writer writer;
	bool excluded;
	if (!http_parameter_boolean(exchange, "excludeCharges", false, &excluded))
		return false;
	if (exchange->id ? !plan_find(command, exchange->id, &plan) : text_present(code) &&
	    !plan_by_code(command, code, &plan))
		return false;
	if (!plan)
		return blu_missing(exchange, "plan", "contractCode");
	blu_answer(exchange, &writer);
	plan_write(&writer, plan, !excluded);
	blu_answered(exchange, &writer, 200);
	return true;
}

/* Plans are few: the ones before the offset are read and passed over. */
static bool plans_from(struct command *command, const struct object_filter *filter, struct plan_list *plans)
{
	struct page_query page = { .limit = PAGE_LIMIT_MAX };
	int64_t passed = 0;
	for (;;) {
		struct plan_list more = { 0 };
		if (!plan_page(command, page, &more))
			return false;
		for (size_t i = 0; i < more.count && (int64_t)plans->count < filter->max; i++)
			if (passed++ >= filter->offset)
				*list_add(command->arena, plans, struct plan) = more.items[i];
		if (more.count < PAGE_LIMIT_MAX || (int64_t)plans->count == filter->max)
			return true;
		page.after_id = more.items[more.count - 1].id;
	}
}

bool blu_plans_read(struct command *command, struct http_exchange *exchange)
{
	struct object_filter filter = { 0 };
	struct plan_list plans = { 0 };
	struct blu_writer writer;
	bool excluded;
	if (!http_parameter_integer(exchange, "offset", 0, INT32_MAX, 0, &filter.offset) ||
	    !http_parameter_integer(exchange, "max", 1, BLU_PAGE_MAX, BLU_PAGE_MAX, &filter.max) ||
	    !http_parameter_boolean(exchange, "excludeCharges", false, &excluded) ||
	    !plans_from(command, &filter, &plans))
		return false;
	blu_answer(exchange, &writer);
	blu_open_list(&writer, "list");
	for (size_t i = 0; i < plans.count; i++)
		plan_write(&writer, &plans.items[i], !excluded);
	blu_close(&writer);
	blu_answered(exchange, &writer, 200);
	return true;
}
