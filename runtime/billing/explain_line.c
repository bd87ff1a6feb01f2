/* explain_line.c: one line: what it is, its steps in order, and whether they lead to its amount. */
#include "explain_work.h"

#include "catalog_plan.h"
#include "convention.h"

/* ------------------------------------------------------------------------------------------------ what it is */

static bool tell_version(struct command *command, int64_t catalog_plan_id, struct explanation_line *out)
{
	struct catalog_plan *plan = NULL;
	struct catalog_version *version = NULL;
	if (!catalog_plan_id)
		return true;
	if (!catalog_plan_find(command, catalog_plan_id, &plan) ||
	    (plan && !catalog_version_find(command, plan->version_id, &version)))
		return false;
	if (version) {
		out->catalog_version = version->name;
		out->catalog_effective_at = version->effective_at;
	}
	return true;
}

static bool tell_line(struct command *command, const struct invoice_line *line, struct explanation_line *out)
{
	*out = (struct explanation_line){
		.position = line->position,
		.kind = text_of(invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[line->kind]),
		.description = line->description,
		.plan = line->plan,
		.price_code = line->price_code,
		.phase = line->phase,
		.usage_section = line->usage_section,
		.subscription_id = line->subscription_id,
		.period_start = line->period_start,
		.period_end = line->period_end,
		.quantity = line->quantity,
		.has_unit_price = line->has_unit_price,
		.unit_price = line->unit_price,
		.has_rate = line->has_rate,
		.rate = line->rate,
		.linked_invoice_id = line->linked_invoice_id,
		.has_linked_position = line->has_linked_position,
		.linked_position = line->linked_position,
		.currency = line->currency,
		.exact = line->exact,
		.amount = line->amount,
		.same = true,
	};
	return tell_version(command, line->catalog_plan_id, out);
}

static bool is_counted(const struct invoice_line *line)
{
	return line->catalog_plan_id &&
	       (line->kind == INVOICE_LINE_KIND_RECURRING || line->kind == INVOICE_LINE_KIND_FIXED ||
	        line->kind == INVOICE_LINE_KIND_USAGE || line->kind == INVOICE_LINE_KIND_REPAIR ||
	        line->kind == INVOICE_LINE_KIND_COMPONENT || line->kind == INVOICE_LINE_KIND_ALLOCATION);
}

/* Where cycles begin and what a part of one costs, by the convention that the line keeps. */
static void tell_convention(struct explain_work *work)
{
	const struct invoice_line *line = work->line;
	struct convention_choice choice = convention_choice_kept(line->convention, (enum convention_by)line->convention_by);
	if (!is_counted(line))
		return;
	work->out->convention = text_of(choice.convention->name);
	work->out->convention_by = (enum explanation_line_convention_by)choice.by;
	work->out->counted = text_format(work->command->arena, "%s %s", choice.convention->cycles, choice.convention->doc);
}

static bool read_period(const struct json *dates, struct period *period)
{
	return dates && date_parse(json_text(json_item(dates, 0)), &period->start) &&
	       date_parse(json_text(json_item(dates, 1)), &period->end);
}

/* As the proration counted them, which may be otherwise than the calendar does. */
static void tell_days(struct explain_work *work)
{
	struct explanation_line *out = work->out;
	const struct json *proration = explain_member(work, "proration");
	const struct json *cycle = explain_member(work, "cycle");
	struct period served = { out->period_start, out->period_end }, whole;
	out->has_days = explain_read_integer(proration, "subject.days_left", &out->days);
	out->has_days_in_period = explain_read_integer(proration, "subject.days_in_period", &out->days_in_period) ||
	                          explain_read_integer(proration, "subject.days_billed", &out->days_in_period);
	if (!out->has_days && date_present(served.start) && date_present(served.end)) {
		out->days = period_days(served);
		out->has_days = true;
	}
	if (!out->has_days_in_period && read_period(cycle ? cycle : explain_member(work, "period"), &whole)) {
		out->days_in_period = period_days(whole);
		out->has_days_in_period = true;
	}
}

/* ------------------------------------------------------------------------------------------------ its steps */

/* By hand, or the sum of a child's invoice. */
static bool may_be_given(enum invoice_line_kind kind)
{
	return kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT || kind == INVOICE_LINE_KIND_EXTERNAL_CHARGE ||
	       kind == INVOICE_LINE_KIND_CREDIT || kind == INVOICE_LINE_KIND_ADJUSTMENT ||
	       kind == INVOICE_LINE_KIND_PARENT_SUMMARY;
}

/* Lines that were not calculated here; of others that nothing was kept of. */
static bool explain_given(struct explain_work *work, struct text by)
{
	work->exact = work->line->exact;
	if (text_present(by) && !text_is(by, "hand")) {
		explain_step(work, "given", "The amount is of %.*s, which added the line or changed what was calculated.",
		             TEXT_ARG(by));
		return true;
	}
	struct explanation_step *step = explain_step(work, "given", "Given as an amount, not calculated.");
	if (!text_present(by) && !may_be_given(work->line->kind))
		explain_differs(work, step, "nothing was kept of how it was calculated");
	return true;
}

static bool explain_exact(struct explain_work *work)
{
	struct text by = json_text(explain_member(work, "by"));
	if (text_present(by) || !work->decision->first)
		return explain_given(work, by);
	if (work->line->kind == INVOICE_LINE_KIND_REPAIR)
		return explain_repair(work);
	if (explain_member(work, "progressive"))
		return explain_progressive(work);
	if (work->line->component_id)
		return explain_component(work);
	if (explain_member(work, "usage"))
		return explain_usage(work);
	if (explain_member(work, "commitment"))
		return explain_commitment(work);
	if (explain_member(work, "whole"))
		return explain_price(work);
	if (explain_member(work, "back"))
		return explain_tax_back(work);
	if (explain_member(work, "of") || explain_member(work, "base") || explain_member(work, "given_back"))
		return explain_percentage(work);
	return work->line->has_rate ? explain_rate(work) : explain_given(work, TEXT_NONE);
}

static bool was_told(const struct explain_work *work, struct text rule)
{
	for (size_t i = 0; i < work->out->steps.count; i++)
		if (text_equals(work->out->steps.items[i].rule, rule))
			return true;
	return false;
}

/* Decisions beside those that the amount is made of: tax rates, coupons. Rounding comes last. */
static bool explain_others(struct explain_work *work)
{
	for (const struct json *member = work->decision->first; member; member = member->next) {
		struct text rule = member->type == JSON_OBJECT ? json_text(json_member(member, "rule")) : TEXT_NONE;
		enum policy policy = policy_find(member->name);
		struct policy_replay replay;
		if (!text_present(rule) || policy == POLICY_NONE || policy == POLICY_ROUNDING || was_told(work, rule))
			continue;
		struct text sentence = text_format(work->command->arena, "The policy %.*s was asked.", TEXT_ARG(member->name));
		if (!explain_policy(work, text_c(work->command->arena, member->name), policy, member, sentence, &replay))
			return false;
	}
	return true;
}

/* The steps lead to what the line keeps. */
static void check_exact(struct explain_work *work)
{
	int order;
	if (fraction_compare(work->exact.amount, work->line->exact.amount, &order) && order == 0)
		return;
	struct text found = explain_exact_text(work, work->exact);
	struct explanation_step *step = explain_step(work, "exact", "The line keeps %.*s before rounding.",
	                                             TEXT_ARG(explain_exact_text(work, work->line->exact)));
	explain_differs(work, step,
	                text_format(work->command->arena, "The steps come to %.*s.", TEXT_ARG(found)).data);
	work->exact = work->line->exact;
}

static void check_amount(struct explain_work *work)
{
	struct exact_money given;
	int order;
	const struct invoice_line *line = work->line;
	bool same = money_present(work->amount)
	                    ? money_compare(work->amount, line->amount) == 0
	                    : exact_money_from_money(line->amount, &given) &&
	                              fraction_compare(given.amount, work->exact.amount, &order) && order == 0;
	if (same)
		return;
	struct text found = money_present(work->amount) ? explain_money_text(work, work->amount)
	                                                : explain_exact_text(work, work->exact);
	explain_differs(work, explain_last(work),
	                text_format(work->command->arena, "It comes to %.*s; the line says %.*s.", TEXT_ARG(found),
	                            TEXT_ARG(explain_money_text(work, line->amount))).data);
}

const struct json *explain_decision(struct command *command, const struct invoice_line *line)
{
	static const struct json none = { .type = JSON_OBJECT };
	struct problems ignored;
	problems_init(&ignored, command->arena);
	const struct json *decision =
	        text_present(line->decision) ? json_parse(line->decision, command->arena, &ignored) : NULL;
	return decision && decision->type == JSON_OBJECT ? decision : &none;
}

bool explain_line(struct command *command, const struct invoice *invoice, const struct invoice_line *line,
                  struct explain_together *together, struct explanation_line *out)
{
	struct explain_work work = {
		.command = command, .invoice = invoice, .line = line, .decision = explain_decision(command, line),
		.together = together, .out = out,
	};
	if (!tell_line(command, line, out))
		return false;
	tell_days(&work);
	tell_convention(&work);
	if (!exact_money_from_money(money_zero(line->currency), &work.exact) || !explain_exact(&work) ||
	    !explain_others(&work))
		return false;
	if (invoice_line_returns(line) && !explain_repair_limit(&work))
		return false;
	check_exact(&work);
	if (!explain_round(&work))
		return false;
	check_amount(&work);
	return true;
}
