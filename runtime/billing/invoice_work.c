/* invoice_work.c: one invoice in calculation: its lines, their values and decisions. */
#include "invoice_work.h"

bool work_overflow(struct invoice_work *work)
{
	return problem(work->command->problems, PROBLEM_OVERFLOW, "",
	               "an amount of plan %.*s is too large, or too fine, to be exact",
	               TEXT_ARG(work->at ? work->at->basis->plan->code : TEXT_NONE));
}

bool work_zero(const struct currency *currency, struct exact_money *zero)
{
	return exact_money_from_money(money_zero(currency), zero);
}

static bool rounds_at_once(const struct invoice_work *work, const struct invoice_line *line)
{
	return invoice_rounding_place(&work->rounding, line->kind) != ROUNDING_DECISION_PLACE_INVOICE;
}

/* ------------------------------------------------------------------------------------------------ decisions */

struct json_writer *decision_begin(struct invoice_work *work, struct text_builder *out, struct json_writer *writer)
{
	builder_init(out, work->command->arena, 0);
	json_writer_init(writer, out);
	json_begin_object(writer);
	return writer;
}

struct text decision_end(struct invoice_work *work, struct json_writer *writer)
{
	json_name(writer, "rounding");
	json_raw(writer, work->rounding_decision);
	json_end_object(writer);
	return builder_text(writer->out);
}

void decision_fraction(struct invoice_work *work, struct json_writer *writer, const char *name,
                       struct fraction fraction)
{
	json_name(writer, name);
	json_string(writer, fraction_text(work->command->arena, fraction));
}

void decision_decimal(struct invoice_work *work, struct json_writer *writer, const char *name, struct decimal decimal)
{
	json_name(writer, name);
	json_string(writer, decimal_canonical_text(work->command->arena, decimal));
}

void decision_period(struct invoice_work *work, struct json_writer *writer, const char *name, struct period period)
{
	json_name(writer, name);
	json_begin_array(writer);
	json_string(writer, date_text(work->command->arena, period.start));
	json_string(writer, date_text(work->command->arena, period.end));
	json_end_array(writer);
}

/* All of them: a later catalog may have others. */
static void decision_tiers(struct json_writer *writer, const struct charge *charge, enum charge_tier_mode mode)
{
	json_name(writer, "tiers");
	json_c(writer, mode == CHARGE_TIER_MODE_GRADUATED ? "graduated" : "volume");
	json_name(writer, "brackets");
	json_begin_array(writer);
	for (size_t i = 0; i < charge->tiers.count; i++)
		json_record(writer, &charge_tier_record, &charge->tiers.items[i]);
	json_end_array(writer);
}

void decision_price(struct invoice_work *work, struct json_writer *writer, const struct charge *charge,
                    struct decimal quantity, struct exact_money whole)
{
	enum charge_tier_mode mode = work->at->basis->tier_mode ? work->at->basis->tier_mode : charge->tier_mode;
	decision_decimal(work, writer, "quantity", quantity);
	if (charge->has_amount)
		decision_decimal(work, writer, "unit_price", charge->amount);
	else
		decision_tiers(writer, charge, mode);
	decision_fraction(work, writer, "whole", whole.amount);
}

void decision_policy(struct invoice_work *work, struct json_writer *writer, const char *name,
                     const struct rule_result *result)
{
	json_name(writer, name);
	json_raw(writer, policy_decision_text(work->command, result));
}

bool work_decide(struct invoice_work *work, enum policy policy, const void *input, struct rule_result *result)
{
	const struct plan *plan = work->at->basis->plan;
	if (!policy_decide(work->command, policy, input, plan->policies.items, plan->policies.count, true, result))
		return false;
	if (result->exact.currency == work->account->currency)
		return true;
	return problem(work->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy %s must answer in %s",
	               policy_info(policy)->name, work->account->currency->code);
}

/* ------------------------------------------------------------------------------------------------ lines */

struct invoice_line *work_add_line(struct invoice_work *work, enum invoice_line_kind kind, struct text price_code,
                                   struct text description)
{
	struct invoice_line *line = list_add(work->command->arena, &work->out->lines, struct invoice_line);
	line->account_id = work->account->id;
	line->position = (int64_t)work->out->lines.count;
	line->kind = kind;
	line->price_code = price_code;
	line->plan = work->at->basis->plan->code;
	line->subscription_id = work->at->basis->subscription_id;
	line->order_id = work->at->basis->order_id;
	line->description = description;
	line->quantity = decimal_from_int64(1);
	line->currency = work->account->currency;
	return line;
}

bool work_round_line(struct invoice_work *work, struct invoice_line *line)
{
	return !rounds_at_once(work, line) ||
	       invoice_round_exact(&work->rounding, line->exact, &line->amount) ||
	       work_overflow(work);
}

bool work_line_value(const struct invoice_line *line, struct exact_money *value)
{
	*value = line->exact;
	return !money_present(line->amount) || exact_money_from_money(line->amount, value);
}

bool line_is_discountable(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_ONE_TIME || line->kind == INVOICE_LINE_KIND_RECURRING;
}

bool work_add_value(struct invoice_work *work, const struct invoice_line *line, struct exact_money *sum)
{
	struct exact_money value;
	return (work_line_value(line, &value) && exact_money_add(*sum, value, sum)) || work_overflow(work);
}
