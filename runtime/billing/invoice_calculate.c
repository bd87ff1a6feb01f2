/* invoice_calculate.c: the lines of an invoice from charges, quantities and parts of cycles. */
#include "invoice_calculate.h"

#include "catalog.h"
#include "charge_amount.h"
#include "event/dispatch.h"

/* The work on one invoice. */
struct work {
	struct command *command;
	const struct account *account;
	struct invoice_calculation *out;
	struct rounding_decision rounding;
	struct text rounding_decision; /* JSON */
	/* of the basis at hand */
	const struct invoice_basis *basis;
	size_t first_line;               /* its lines begin here */
	struct exact_money discountable; /* sum of its one-time and recurring lines */
	struct exact_money discounts;    /* sum of its discounts, as a positive amount */
};

static bool overflow(struct work *work)
{
	return problem(work->command->problems, PROBLEM_OVERFLOW, "", "an amount of plan %.*s is too large",
	               TEXT_ARG(work->basis ? work->basis->plan->code : TEXT_NONE));
}

static bool exact_zero(const struct currency *currency, struct exact_money *zero)
{
	return exact_money_from_money(money_zero(currency), zero);
}

static bool rounds_at_once(const struct work *work)
{
	return work->rounding.place != ROUNDING_DECISION_PLACE_INVOICE;
}

/* ------------------------------------------------------------------------------------------------ decisions */

/* {"rounding": {...}} is the last member of each line's decision. */
static struct json_writer *begin_decision(struct work *work, struct text_builder *out, struct json_writer *writer)
{
	builder_init(out, work->command->arena, 0);
	json_writer_init(writer, out);
	json_begin_object(writer);
	return writer;
}

static struct text end_decision(struct work *work, struct json_writer *writer)
{
	json_name(writer, "rounding");
	json_raw(writer, work->rounding_decision);
	json_end_object(writer);
	return builder_text(writer->out);
}

static void put_fraction(struct work *work, struct json_writer *writer, const char *name, struct fraction fraction)
{
	json_name(writer, name);
	json_string(writer, fraction_text(work->command->arena, fraction));
}

static void put_decimal(struct work *work, struct json_writer *writer, const char *name, struct decimal decimal)
{
	json_name(writer, name);
	json_string(writer, decimal_canonical_text(work->command->arena, decimal));
}

static void put_period(struct work *work, struct json_writer *writer, const char *name, struct period period)
{
	json_name(writer, name);
	json_begin_array(writer);
	json_string(writer, date_text(work->command->arena, period.start));
	json_string(writer, date_text(work->command->arena, period.end));
	json_end_array(writer);
}

static void put_policy(struct work *work, struct json_writer *writer, const char *name, const struct rule_result *result)
{
	json_name(writer, name);
	json_raw(writer, policy_decision_text(work->command, result));
}

/* Asks a policy that answers with an exact amount of the invoice's currency. */
static bool decide_exact(struct work *work, enum policy policy, const void *input, struct rule_result *result)
{
	const struct plan *plan = work->basis->plan;
	if (!policy_decide(work->command, policy, input, plan->policies.items, plan->policies.count, true, result))
		return false;
	if (result->exact.currency == work->account->currency)
		return true;
	return problem(work->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy %s must answer in %s",
	               policy_info(policy)->name, work->account->currency->code);
}

/* ------------------------------------------------------------------------------------------------ lines */

static struct invoice_line *add_line(struct work *work, enum invoice_line_kind kind, struct text price_code,
                                     struct text description)
{
	struct invoice_line *line = list_add(work->command->arena, &work->out->lines, struct invoice_line);
	line->account_id = work->account->id;
	line->position = (int64_t)work->out->lines.count;
	line->kind = kind;
	line->price_code = price_code;
	line->plan = work->basis->plan->code;
	line->subscription_id = work->basis->subscription_id;
	line->order_id = work->basis->order_id;
	line->description = description;
	line->quantity = decimal_from_int64(1);
	line->currency = work->account->currency;
	return line;
}

static bool round_line(struct work *work, struct invoice_line *line)
{
	return !rounds_at_once(work) || exact_money_round(line->exact, invoice_rounding_mode(&work->rounding), &line->amount) ||
	       overflow(work);
}

/* What discounts and percentages are taken of: cents, unless the invoice is rounded as a whole. */
static bool line_value(const struct work *work, const struct invoice_line *line, struct exact_money *value)
{
	*value = line->exact;
	return !rounds_at_once(work) || exact_money_from_money(line->amount, value);
}

static bool is_discountable(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_ONE_TIME || line->kind == INVOICE_LINE_KIND_RECURRING;
}

static bool add_value(struct work *work, const struct invoice_line *line, struct exact_money *sum)
{
	struct exact_money value;
	return (line_value(work, line, &value) && exact_money_add(*sum, value, sum)) || overflow(work);
}

/* ------------------------------------------------------------------------------------------------ one-time, recurring */

static bool prorate(struct work *work, const struct charge *charge, const struct billing_part *part,
                    struct exact_money whole, struct rule_result *result)
{
	struct proration_change change = {
		.currency = work->account->currency,
		.price = whole,
		.plan = work->basis->plan->code,
		.price_code = charge->price_code,
		.reason = billing_part_reason(part),
		.period_start = part->cycle.start,
		.period_end = part->cycle.end,
		.service_start = part->service.start,
		.service_end = part->service.end,
		.days_left = period_days(part->service),
		.days_in_period = period_days(part->cycle),
	};
	return decide_exact(work, POLICY_PRORATION, &change, result);
}

static void put_price(struct work *work, struct json_writer *writer, const struct charge *charge, struct decimal quantity,
                      struct exact_money whole)
{
	put_decimal(work, writer, "quantity", quantity);
	if (charge->has_amount)
		put_decimal(work, writer, "unit_price", charge->amount);
	else
		json_name(writer, "tiers"), json_c(writer, charge->tier_mode == CHARGE_TIER_MODE_GRADUATED ? "graduated" : "volume");
	put_fraction(work, writer, "whole", whole.amount);
}

/* `part` NULL: a one-time charge. */
static bool add_charge_line(struct work *work, const struct charge *charge, struct decimal quantity,
                            const struct billing_part *part)
{
	struct exact_money whole;
	if (!charge_amount(charge, quantity, work->basis->tier_mode, work->account->currency, &whole))
		return overflow(work);
	struct invoice_line *line = add_line(work, part ? INVOICE_LINE_KIND_RECURRING : INVOICE_LINE_KIND_ONE_TIME,
	                                     charge->price_code, text_present(charge->name) ? charge->name : charge->price_code);
	line->quantity = quantity;
	line->has_unit_price = charge->has_amount;
	line->unit_price = charge->amount;
	line->exact = whole;
	struct text_builder out;
	struct json_writer memory, *writer = begin_decision(work, &out, &memory);
	put_price(work, writer, charge, quantity, whole);
	if (part) {
		line->period_start = part->service.start;
		line->period_end = part->service.end;
		put_period(work, writer, "cycle", part->cycle);
		put_period(work, writer, "served", part->service);
	}
	if (part && charge->has_prorated && charge->prorated && !billing_part_is_whole(part)) {
		struct rule_result result;
		if (!prorate(work, charge, part, whole, &result))
			return false;
		line->exact = result.exact;
		put_policy(work, writer, "proration", &result);
	}
	line->decision = end_decision(work, writer);
	return round_line(work, line) && add_value(work, line, &work->discountable);
}

static bool add_charge_lines(struct work *work, const struct charge *charge, const struct subscription_charge *in_force)
{
	const struct invoice_basis *basis = work->basis;
	if (charge->kind == CHARGE_KIND_ONE_TIME)
		return (in_force->has_billed_once && in_force->billed_once) ||
		       add_charge_line(work, charge, in_force->quantity, NULL);
	if (charge->kind != CHARGE_KIND_RECURRING)
		return true;
	for (size_t i = 0; i < basis->part_count; i++)
		if (!add_charge_line(work, charge, in_force->quantity, &basis->parts[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ discounts */

static struct text discount_text(struct work *work, const struct order_discount *discount)
{
	if (text_present(discount->text) && discount->text.length > 0)
		return discount->text;
	struct text percent = decimal_canonical_text(work->command->arena, discount->percent);
	return text_format(work->command->arena, "Discount %.*s %%", TEXT_ARG(percent));
}

/* Not less than nothing and not more than what earlier discounts have left. */
static bool clamp_discount(struct work *work, struct exact_money *amount)
{
	struct fraction left;
	int order;
	if (fraction_sign(amount->amount) < 0)
		return exact_zero(amount->currency, amount);
	if (!fraction_subtract(work->discountable.amount, work->discounts.amount, &left) ||
	    !fraction_compare(amount->amount, left, &order))
		return overflow(work);
	if (order > 0)
		amount->amount = left;
	return true;
}

static bool add_discount(struct work *work, const struct order_discount *discount)
{
	struct discount_request request = {
		.currency = work->account->currency, .amount = work->discountable, .percent = discount->percent,
	};
	struct rule_result result;
	if (!decide_exact(work, POLICY_DISCOUNT, &request, &result) || !clamp_discount(work, &result.exact))
		return false;
	struct fraction minus_one = { -1, 1 };
	struct invoice_line *line = add_line(work, INVOICE_LINE_KIND_DISCOUNT, TEXT_NONE, discount_text(work, discount));
	if (!exact_money_multiply(result.exact, minus_one, &line->exact))
		return overflow(work);
	struct text_builder out;
	struct json_writer memory, *writer = begin_decision(work, &out, &memory);
	put_decimal(work, writer, "percent", discount->percent);
	put_fraction(work, writer, "of", work->discountable.amount);
	put_policy(work, writer, "discount", &result);
	line->decision = end_decision(work, writer);
	struct exact_money value;
	if (!round_line(work, line))
		return false;
	return (line_value(work, line, &value) && exact_money_multiply(value, minus_one, &value) &&
	        exact_money_add(work->discounts, value, &work->discounts)) ||
	       overflow(work);
}

static bool add_discounts(struct work *work)
{
	if (fraction_sign(work->discountable.amount) <= 0)
		return true;
	for (size_t i = 0; i < work->basis->discount_count; i++) {
		const struct order_discount *discount = &work->basis->discounts[i];
		if (discount->has_percent && decimal_sign(discount->percent) > 0 && !add_discount(work, discount))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ percentages */

/* The share of the basis' discounts that falls on `of`, a part of the discountable sum. */
static bool take_discounts_off(struct work *work, struct exact_money of, struct exact_money *amount)
{
	struct fraction share;
	struct exact_money off;
	struct fraction minus_one = { -1, 1 };
	if (fraction_sign(work->discounts.amount) == 0 || fraction_sign(of.amount) == 0)
		return true;
	return (fraction_divide(of.amount, work->discountable.amount, &share) &&
	        exact_money_multiply(work->discounts, share, &off) && exact_money_multiply(off, minus_one, &off) &&
	        exact_money_add(*amount, off, amount)) ||
	       overflow(work);
}

/* What the percentage is taken of; *found = false when none of its targets is on this invoice. */
static bool percentage_base(struct work *work, const struct charge *percentage, struct exact_money *amount, bool *found)
{
	struct exact_money discountable;
	*found = false;
	if (!exact_zero(work->account->currency, amount) || !exact_zero(work->account->currency, &discountable))
		return overflow(work);
	for (size_t i = work->first_line; i < work->out->lines.count; i++) {
		const struct invoice_line *line = &work->out->lines.items[i];
		const struct charge *charge = text_present(line->price_code) ? plan_charge(work->basis->plan, line->price_code) : NULL;
		if (!charge || charge->kind == CHARGE_KIND_PERCENT || !charge_has_target(percentage, charge))
			continue;
		*found = true;
		if (!add_value(work, line, amount) || (is_discountable(line) && !add_value(work, line, &discountable)))
			return false;
	}
	return take_discounts_off(work, discountable, amount);
}

static bool ask_tax(struct work *work, const struct charge *percentage, struct exact_money base, struct rule_result *result)
{
	const struct address *address = work->account->address;
	struct tax_request request = {
		.currency = work->account->currency,
		.amount = base,
		.percent = percentage->percent,
		.plan = work->basis->plan->code,
		.price_code = percentage->price_code,
		.country_code = address ? address->country_code : TEXT_NONE,
		.state = address ? address->state : TEXT_NONE,
	};
	return decide_exact(work, POLICY_TAX, &request, result);
}

static bool add_percentage(struct work *work, const struct charge *percentage)
{
	struct exact_money base;
	struct rule_result result;
	bool found;
	if (!percentage_base(work, percentage, &base, &found))
		return false;
	if (!found)
		return true;
	if (!ask_tax(work, percentage, base, &result))
		return false;
	bool tax = percentage->has_tax && percentage->tax;
	struct invoice_line *line = add_line(work, tax ? INVOICE_LINE_KIND_TAX : INVOICE_LINE_KIND_PERCENT, percentage->price_code,
	                                     text_present(percentage->name) ? percentage->name : percentage->price_code);
	line->exact = result.exact;
	struct text_builder out;
	struct json_writer memory, *writer = begin_decision(work, &out, &memory);
	put_decimal(work, writer, "percent", percentage->percent);
	put_fraction(work, writer, "of", base.amount);
	put_policy(work, writer, "tax", &result);
	line->decision = end_decision(work, writer);
	const struct billing_part *parts = work->basis->parts;
	line->period_start = parts[0].service.start;
	line->period_end = parts[work->basis->part_count - 1].service.end;
	return work->rounding.place != ROUNDING_DECISION_PLACE_LINE || round_line(work, line);
}

/* ------------------------------------------------------------------------------------------------ the whole */

static bool calculate_basis(struct work *work, const struct invoice_basis *basis)
{
	work->basis = basis;
	work->first_line = work->out->lines.count;
	if (!exact_zero(work->account->currency, &work->discountable) || !exact_zero(work->account->currency, &work->discounts))
		return overflow(work);
	if (basis->part_count == 0)
		return true;
	for (size_t i = 0; i < basis->charge_count; i++) {
		const struct charge *charge = plan_charge(basis->plan, basis->charges[i].price_code);
		/* A charge that a later catalog took away is billed no more. */
		if (charge && charge->kind != CHARGE_KIND_PERCENT && !add_charge_lines(work, charge, &basis->charges[i]))
			return false;
	}
	if (!add_discounts(work))
		return false;
	for (size_t i = 0; i < basis->charge_count; i++) {
		const struct charge *charge = plan_charge(basis->plan, basis->charges[i].price_code);
		if (charge && charge->kind == CHARGE_KIND_PERCENT && !add_percentage(work, charge))
			return false;
	}
	return true;
}

/* The plan of all bases, NULL when they differ. */
static const struct plan *common_plan(const struct invoice_basis *bases, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!text_equals(bases[i].plan->code, bases[0].plan->code))
			return NULL;
	return count ? bases[0].plan : NULL;
}

static bool decide_rounding(struct work *work, const struct invoice_basis *bases, size_t basis_count)
{
	const struct plan *plan = common_plan(bases, basis_count);
	struct rounding_request request = {
		.currency = work->account->currency, .account_id = work->account->id, .plan = plan ? plan->code : TEXT_NONE,
	};
	struct rule_result result;
	if (!policy_decide(work->command, POLICY_ROUNDING, &request, plan ? plan->policies.items : NULL,
	                   plan ? plan->policies.count : 0, true, &result))
		return false;
	work->rounding = *(const struct rounding_decision *)result.record;
	work->rounding_decision = policy_decision_text(work->command, &result);
	work->out->rounding = text_format(work->command->arena, "%s per %s", rounding_name(invoice_rounding_mode(&work->rounding)),
	                                  rounding_decision_record.fields[ROUNDING_DECISION_FIELD_PLACE].words[work->rounding.place]);
	return true;
}

/* The percentage charge of a line, or NULL: bases are searched because lines of several plans stand side by side. */
static const struct charge *percentage_of(const struct invoice_line *line, const struct invoice_basis *bases, size_t count)
{
	if (line->kind != INVOICE_LINE_KIND_TAX && line->kind != INVOICE_LINE_KIND_PERCENT)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (text_equals(bases[i].plan->code, line->plan))
			return plan_charge(bases[i].plan, line->price_code);
	return NULL;
}

/* Rounds the percentages of each rate as one sum. */
static bool round_rates(struct work *work, const struct invoice_basis *bases, size_t basis_count)
{
	size_t count = work->out->lines.count;
	struct invoice_line **group = arena_new_many(work->command->arena, struct invoice_line *, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct invoice_line *first = &work->out->lines.items[i];
		const struct charge *percentage = percentage_of(first, bases, basis_count);
		size_t members = 0;
		if (!percentage || money_present(first->amount))
			continue;
		for (size_t j = i; j < count; j++) {
			struct invoice_line *line = &work->out->lines.items[j];
			const struct charge *other = percentage_of(line, bases, basis_count);
			if (other && !money_present(line->amount) && decimal_compare(other->percent, percentage->percent) == 0)
				group[members++] = line;
		}
		if (!invoice_round_together(work->command->arena, group, members, invoice_rounding_mode(&work->rounding)))
			return overflow(work);
	}
	return true;
}

static bool round_whole(struct work *work)
{
	size_t count = work->out->lines.count;
	struct invoice_line **all = arena_new_many(work->command->arena, struct invoice_line *, count + 1);
	for (size_t i = 0; i < count; i++)
		all[i] = &work->out->lines.items[i];
	return invoice_round_together(work->command->arena, all, count, invoice_rounding_mode(&work->rounding)) || overflow(work);
}

static bool sum_lines(struct work *work)
{
	struct money total = money_zero(work->account->currency);
	for (size_t i = 0; i < work->out->lines.count; i++)
		if (!money_add(total, work->out->lines.items[i].amount, &total))
			return overflow(work);
	work->out->total = total;
	return true;
}

bool invoice_calculate(struct command *command, const struct account *account, const struct invoice_basis *bases,
                       size_t basis_count, struct invoice_calculation *calculation)
{
	*calculation = (struct invoice_calculation){ .total = money_zero(account->currency) };
	struct work work = { .command = command, .account = account, .out = calculation };
	if (!decide_rounding(&work, bases, basis_count))
		return false;
	for (size_t i = 0; i < basis_count; i++)
		if (!calculate_basis(&work, &bases[i]))
			return false;
	if (work.rounding.place == ROUNDING_DECISION_PLACE_RATE && !round_rates(&work, bases, basis_count))
		return false;
	if (work.rounding.place == ROUNDING_DECISION_PLACE_INVOICE && !round_whole(&work))
		return false;
	return sum_lines(&work);
}
