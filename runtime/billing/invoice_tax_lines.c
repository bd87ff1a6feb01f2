/* invoice_tax_lines.c: the tax lines of an invoice of plans that were subscribed to directly. */
#include "invoice_tax_lines.h"

#include "billable.h"
#include "catalog_plan.h"
#include "component.h"
#include "convention_choice.h"
#include "coupon_lines.h"
#include "invoice_tax.h"
#include "tax_charged.h"

#include "value/json.h"
#include "value/record.h"

/* One tax with what its line tells. */
struct tax_reason {
	struct text rates, tax; /* JSON: who said that it lies on the line, who decided the amount */
	size_t rounding;        /* number of the way it is rounded in */
};

/* One that goes back with a part of a line that was charged. */
struct tax_returned {
	size_t line, rounding;
	const struct charged_tax *charged;
	struct tax_given given;
};

/* A way of rounding; taxes of one way are rounded together, whatever plans and conventions they come from. */
struct tax_rounding {
	struct rounding_decision decision;
	struct text said; /* JSON */
};

struct taxing {
	struct command *command;
	const struct account *account;
	struct invoice_calculation *calculation;
	size_t first, count; /* what is taxed: lines number first up to count, discounts among them */
	struct { struct invoice_tax *items; size_t count, capacity; } taxes;
	struct { struct tax_reason *items; size_t count, capacity; } reasons; /* of the same number */
	int64_t catalog_plan_id; /* whose choices these are, counted by this; 0: none yet */
	struct convention_choice counts;
	struct policy_choices choices;
	bool knows_rounding; /* of these choices */
	size_t rounding;
	struct { struct tax_rounding *items; size_t count, capacity; } roundings;
	struct charged_lines charged; /* of which parts are given back */
	struct { struct tax_returned *items; size_t count, capacity; } returned;
};

static bool too_large(const struct taxing *taxing)
{
	return problem(taxing->command->problems, PROBLEM_OVERFLOW, "", "a tax of account %lld is too large, or too fine, to be exact",
	               (long long)taxing->account->id);
}

/* ------------------------------------------------------------------------------------------------ whom to ask */

static bool bundle_decides(const struct command *command)
{
	size_t count = command->bundle ? rule_bundle_count(command->bundle) : 0;
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = rule_bundle_at(command->bundle, i);
		if (rule->moment == RULE_POLICY && rule->policy == POLICY_TAX_RATES)
			return true;
	}
	return false;
}

/* Without any of these the shipped policy would be asked for each line only to say that there is no tax. */
static bool somebody_decides(const struct command *command)
{
	return text_present(command_setting(command, "tax.percent")) ||
	       text_present(command_setting(command, "policies.tax_rates")) || bundle_decides(command);
}

/* Kept: neighbours are of one plan. */
static bool choices_of(struct taxing *taxing, const struct invoice_line *line)
{
	struct catalog_plan *plan = NULL;
	struct convention_choice counts;
	if (!convention_of_line(taxing->command, taxing->account, line, &counts))
		return false;
	if (taxing->catalog_plan_id == line->catalog_plan_id && taxing->counts.convention == counts.convention &&
	    taxing->counts.by == counts.by)
		return true;
	if (!catalog_plan_find(taxing->command, line->catalog_plan_id, &plan))
		return false;
	taxing->catalog_plan_id = line->catalog_plan_id;
	taxing->counts = counts;
	taxing->knows_rounding = false;
	convention_policies(taxing->command, plan ? plan->policies.items : NULL, plan ? plan->policies.count : 0, counts,
	                    &taxing->choices);
	return true;
}

static bool ask(struct taxing *taxing, enum policy policy, const void *input, struct rule_result *result)
{
	return policy_decide_among(taxing->command, policy, input, &taxing->choices, true, result);
}

/* Nothing costs nothing more. */
static bool same_rounding(const struct rounding_decision *a, const struct rounding_decision *b)
{
	return a->mode == b->mode && a->place == b->place && a->tax_place == b->tax_place && a->has_step == b->has_step &&
	       (!a->has_step || decimal_compare(a->step, b->step) == 0);
}

static bool find_rounding(struct taxing *taxing)
{
	struct rounding_request request = { .currency = taxing->account->currency, .account_id = taxing->account->id };
	struct rule_result result;
	if (taxing->knows_rounding)
		return true;
	if (!ask(taxing, POLICY_ROUNDING, &request, &result))
		return false;
	const struct rounding_decision *decision = result.record;
	size_t number = 0;
	while (number < taxing->roundings.count && !same_rounding(&taxing->roundings.items[number].decision, decision))
		number++;
	if (number == taxing->roundings.count)
		*list_add(taxing->command->arena, &taxing->roundings, struct tax_rounding) =
		        (struct tax_rounding){ *decision, policy_decision_text(taxing->command, &result) };
	taxing->rounding = number;
	taxing->knows_rounding = true;
	return true;
}

static bool is_taxed(const struct invoice_line *line)
{
	return line->catalog_plan_id && !money_is_zero(line->amount) &&
	       (line->kind == INVOICE_LINE_KIND_FIXED || line->kind == INVOICE_LINE_KIND_RECURRING ||
	        line->kind == INVOICE_LINE_KIND_USAGE || line->kind == INVOICE_LINE_KIND_REPAIR ||
	        line->kind == INVOICE_LINE_KIND_TRUE_UP || line->kind == INVOICE_LINE_KIND_PROGRESSIVE || line->component_id);
}

/* Taxes lie on a component, or they do not. */
static bool component_is_taxed(struct taxing *taxing, const struct invoice_line *line, bool *taxed)
{
	struct component *component = line->component_id ? component_need(taxing->command, line->component_id, "") : NULL;
	*taxed = !component || component->taxable;
	return component || !line->component_id;
}

/* ------------------------------------------------------------------------------------------------ taxes of a line */

static struct tax_rates_request rates_request(const struct taxing *taxing, const struct invoice_line *line)
{
	const struct account *account = taxing->account;
	const struct address *address = account->address;
	return (struct tax_rates_request){
		.currency = account->currency,
		.account_id = account->id,
		.has_business = true,
		.business = account->business,
		.country_code = address ? address->country_code : TEXT_NONE,
		.state = address ? address->state : TEXT_NONE,
		.kind = text_of(invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[invoice_line_sold_as(line)]),
		.plan = line->plan,
		.phase = line->phase,
		.tax_percent = command_setting(taxing->command, "tax.percent"),
		.tax_name = command_setting(taxing->command, "tax.name"),
		.has_tax_inclusive = true,
		.tax_inclusive = command_setting_boolean(taxing->command, "tax.inclusive", false),
	};
}

/* The taxes from number `first` on are those of one line. */
static bool decide_amounts(struct taxing *taxing, size_t first)
{
	for (size_t i = first; i < taxing->taxes.count; i++) {
		struct tax_request request;
		struct rule_result result;
		const struct invoice_line *line = &taxing->calculation->lines.items[taxing->taxes.items[i].line];
		const struct address *address = taxing->account->address;
		if (!invoice_tax_ask(taxing->taxes.items, first, i, taxing->taxes.count, &request))
			return too_large(taxing);
		request.plan = line->plan;
		request.country_code = address ? address->country_code : TEXT_NONE;
		request.state = address ? address->state : TEXT_NONE;
		if (!ask(taxing, POLICY_TAX, &request, &result))
			return false;
		taxing->taxes.items[i].exact = result.exact;
		taxing->reasons.items[i].tax = policy_decision_text(taxing->command, &result);
	}
	return true;
}

/* Which taxes lie on a line, and what was said of it. */
struct line_rates {
	struct { struct tax_rate *items; size_t count, capacity; } rates;
	struct text said; /* JSON */
};

static bool rates_asked(struct taxing *taxing, const struct invoice_line *line, struct line_rates *found)
{
	const struct tax_rates_request request = rates_request(taxing, line);
	struct rule_result result;
	if (!ask(taxing, POLICY_TAX_RATES, &request, &result))
		return false;
	const struct tax_rates_decision *decision = result.record;
	found->rates.items = decision->rates.items;
	found->rates.count = decision->rates.count;
	found->said = policy_decision_text(taxing->command, &result);
	return true;
}

/* A price point says whether the taxes are in its price. */
static bool rates_included(struct taxing *taxing, const struct invoice_line *line, struct line_rates *found)
{
	const struct price_point *point = line->price_point_id ? price_point_need(taxing->command, line->price_point_id, "") : NULL;
	if (!point || !point->has_tax_included)
		return point || !line->price_point_id;
	struct tax_rate *rates = arena_new_many(taxing->command->arena, struct tax_rate, found->rates.count + 1);
	for (size_t i = 0; i < found->rates.count; i++) {
		rates[i] = found->rates.items[i];
		rates[i].has_inclusive = true;
		rates[i].inclusive = point->tax_included;
	}
	found->rates.items = rates;
	return true;
}

static bool tax_charge(struct taxing *taxing, size_t number)
{
	struct line_rates found = { .said = TEXT_NONE };
	struct arena *arena = taxing->command->arena;
	struct money net = taxing->calculation->lines.items[number].amount;
	struct exact_money base;
	bool discounted = taxing->account->has_discounted && taxing->account->discounted;
	const struct invoice_line *line = &taxing->calculation->lines.items[number];
	if (!rates_asked(taxing, line, &found) || !rates_included(taxing, line, &found))
		return false;
	if ((discounted && !coupon_net(&taxing->calculation->lines, taxing->first, number, &net)) || !exact_money_from_money(net, &base))
		return too_large(taxing);
	size_t first = taxing->taxes.count;
	if (found.rates.count > 0 && !find_rounding(taxing))
		return false;
	for (size_t i = 0; i < found.rates.count; i++) {
		*list_add(arena, &taxing->taxes, struct invoice_tax) =
		        (struct invoice_tax){ .line = number, .rate = &found.rates.items[i], .base = base };
		*list_add(arena, &taxing->reasons, struct tax_reason) =
		        (struct tax_reason){ .rates = found.said, .rounding = taxing->rounding };
	}
	return decide_amounts(taxing, first);
}

/* As large a part as goes back of the charge, of each tax that was charged with the line, whatever is in force by now. */
static bool tax_return(struct taxing *taxing, size_t number)
{
	const struct invoice_line *returning = &taxing->calculation->lines.items[number];
	struct charged_line *line;
	if (!charged_line_find(taxing->command, &taxing->charged, returning, &line))
		return false;
	if (!line || line->taxes.count == 0)
		return true;
	if (!money_add(line->left, returning->amount, &line->left))
		return too_large(taxing);
	if (!find_rounding(taxing))
		return false;
	for (size_t i = 0; i < line->taxes.count; i++) {
		struct tax_returned *returned = list_add(taxing->command->arena, &taxing->returned, struct tax_returned);
		*returned = (struct tax_returned){ .line = number, .rounding = taxing->rounding, .charged = &line->taxes.items[i] };
		if (!charged_tax_give(taxing->command, line, &line->taxes.items[i], returning->amount,
		                      &taxing->roundings.items[taxing->rounding].decision, &returned->given))
			return false;
	}
	return true;
}

static bool tax_line(struct taxing *taxing, size_t number)
{
	const struct invoice_line *line = &taxing->calculation->lines.items[number];
	bool taxed;
	if (!component_is_taxed(taxing, line, &taxed))
		return false;
	if (!taxed)
		return true;
	if (!choices_of(taxing, line))
		return false;
	return invoice_line_returns(line) ? tax_return(taxing, number) : tax_charge(taxing, number);
}

/* ------------------------------------------------------------------------------------------------ lines */

static bool is_included(const struct invoice_tax *tax)
{
	return tax->rate->has_inclusive && tax->rate->inclusive;
}

static bool is_plain(const struct invoice_tax *tax)
{
	return !is_included(tax) && !(tax->rate->has_compound && tax->rate->compound);
}

static struct text decision_of(struct taxing *taxing, size_t number)
{
	const struct invoice_tax *tax = &taxing->taxes.items[number];
	struct arena *arena = taxing->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_string(&writer, tax->rate->name);
	if (tax->rate->has_compound && tax->rate->compound) {
		json_name(&writer, "compound");
		json_boolean(&writer, true);
	}
	json_name(&writer, "percent");
	json_string(&writer, decimal_canonical_text(arena, tax->rate->percent));
	json_name(&writer, is_plain(tax) ? "of" : "base"); /* "of": percent of it is the amount */
	json_string(&writer, fraction_text(arena, tax->base.amount));
	if (is_included(tax)) {
		json_name(&writer, "included");
		json_string(&writer, money_amount_text(arena, tax->amount));
		json_name(&writer, "exact");
		json_string(&writer, fraction_text(arena, tax->exact.amount));
	}
	json_name(&writer, "tax_rates");
	json_raw(&writer, taxing->reasons.items[number].rates);
	json_name(&writer, "tax");
	json_raw(&writer, taxing->reasons.items[number].tax);
	json_name(&writer, "rounding");
	json_raw(&writer, taxing->roundings.items[taxing->reasons.items[number].rounding].said);
	json_end_object(&writer);
	return builder_text(&out);
}

static struct text description_of(struct arena *arena, const struct invoice_tax *tax)
{
	struct text percent = decimal_canonical_text(arena, tax->rate->percent);
	if (is_included(tax))
		return invoice_tax_included_text(arena, tax->rate->name, tax->rate->percent, tax->amount);
	return text_format(arena, "%.*s %.*s %%", TEXT_ARG(tax->rate->name), TEXT_ARG(percent));
}

/* Appends a tax line of the line; the caller says what it is. */
static struct invoice_line *new_line(struct taxing *taxing, size_t number)
{
	struct invoice_line *line = list_add(taxing->command->arena, &taxing->calculation->lines, struct invoice_line);
	const struct invoice_line *taxed = &taxing->calculation->lines.items[number];
	*line = (struct invoice_line){
		.account_id = taxing->account->id,
		.position = (int64_t)taxing->calculation->lines.count,
		.kind = INVOICE_LINE_KIND_TAX,
		.plan = taxed->plan,
		.phase = taxed->phase,
		.quantity = decimal_from_int64(1),
		.currency = taxing->account->currency,
		.has_linked_position = true,
		.linked_position = taxed->position,
		.period_start = taxed->period_start,
		.period_end = taxed->period_end,
	};
	return line;
}

/* The line of a tax within its price adds nothing. */
static bool set_amount(struct taxing *taxing, struct invoice_line *line, bool included, struct exact_money exact, struct money amount)
{
	if (!billable_money(amount))
		return too_large(taxing);
	line->exact = exact;
	line->amount = amount;
	if (!included)
		return true;
	line->amount = money_zero(line->currency);
	return exact_money_from_money(line->amount, &line->exact) || too_large(taxing);
}

static bool add_line(struct taxing *taxing, size_t number)
{
	const struct invoice_tax *tax = &taxing->taxes.items[number];
	struct invoice_line *line = new_line(taxing, tax->line);
	line->description = description_of(taxing->command->arena, tax);
	line->decision = decision_of(taxing, number);
	return set_amount(taxing, line, is_included(tax), tax->exact, tax->amount);
}

/* Which tax it is, as the charged one keeps it; nothing of that where a rule decided its amount. */
static void write_which(struct json_writer *writer, const struct json *charged)
{
	static const char *const members[] = { "name", "compound", "percent" };
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const struct json *member = json_member(charged, members[i]);
		if (!member)
			continue;
		json_name(writer, members[i]);
		json_tree(writer, member);
	}
}

static struct text decision_returned(struct taxing *taxing, const struct tax_returned *returned, bool included)
{
	struct arena *arena = taxing->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	write_which(&writer, returned->charged->decision);
	if (included) {
		json_name(&writer, "included");
		json_string(&writer, money_amount_text(arena, returned->given.amount));
		json_name(&writer, "exact");
		json_string(&writer, fraction_text(arena, returned->given.exact.amount));
	}
	tax_back_write(&writer, arena, &returned->given.back);
	json_name(&writer, "rounding");
	json_raw(&writer, taxing->roundings.items[returned->rounding].said);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool add_returned(struct taxing *taxing, const struct tax_returned *returned)
{
	const struct json *charged = returned->charged->decision;
	bool included = json_member(charged, "included");
	struct invoice_line *line = new_line(taxing, returned->line);
	struct decimal percent;
	line->description = returned->charged->line->description;
	if (included && decimal_parse(json_text(json_member(charged, "percent")), &percent))
		line->description = invoice_tax_included_text(taxing->command->arena, json_text(json_member(charged, "name")), percent,
		                                              returned->given.amount);
	line->decision = decision_returned(taxing, returned, included);
	return set_amount(taxing, line, included, returned->given.exact, returned->given.amount);
}

/* The taxes of one way, together. */
static bool round_taxes(struct taxing *taxing, size_t rounding)
{
	struct arena *arena = taxing->command->arena;
	struct invoice_tax *some = arena_new_many(arena, struct invoice_tax, taxing->taxes.count + 1);
	size_t count = 0;
	for (size_t i = 0; i < taxing->taxes.count; i++)
		if (taxing->reasons.items[i].rounding == rounding)
			some[count++] = taxing->taxes.items[i];
	if (!invoice_taxes_round(arena, some, count, &taxing->roundings.items[rounding].decision))
		return too_large(taxing);
	count = 0;
	for (size_t i = 0; i < taxing->taxes.count; i++)
		if (taxing->reasons.items[i].rounding == rounding)
			taxing->taxes.items[i] = some[count++];
	return true;
}

static bool add_lines(struct taxing *taxing)
{
	for (size_t i = 0; i < taxing->roundings.count; i++)
		if (!round_taxes(taxing, i))
			return false;
	for (size_t i = taxing->first, tax = 0, returned = 0; i < taxing->count; i++) {
		for (; tax < taxing->taxes.count && taxing->taxes.items[tax].line == i; tax++)
			if (!add_line(taxing, tax))
				return false;
		for (; returned < taxing->returned.count && taxing->returned.items[returned].line == i; returned++)
			if (!add_returned(taxing, &taxing->returned.items[returned]))
				return false;
	}
	taxing->calculation->rounding =
	        taxing->roundings.count == 1
	                ? invoice_rounding_text(taxing->command->arena, &taxing->roundings.items[0].decision)
	                : TEXT("as each line says");
	return true;
}

bool invoice_tax_lines_add(struct command *command, const struct account *account, size_t first,
                           struct invoice_calculation *calculation)
{
	size_t count = calculation->lines.count;
	struct taxing taxing = { .command = command, .account = account, .calculation = calculation, .first = first,
		                 .count = count };
	const bool asks = count > first && somebody_decides(command);
	for (size_t i = first; i < count; i++) {
		const struct invoice_line *line = &calculation->lines.items[i];
		if (is_taxed(line) && (asks || invoice_line_returns(line)) && !tax_line(&taxing, i))
			return false;
	}
	return (taxing.taxes.count == 0 && taxing.returned.count == 0) || add_lines(&taxing);
}
