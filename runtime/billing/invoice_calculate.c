/* invoice_calculate.c: the lines of an invoice from charges, quantities and parts of cycles, and where they become
 * cents. */
#include "invoice_calculate.h"

#include "billable.h"
#include "catalog.h"
#include "coupon_lines.h"
#include "coupon_use.h"
#include "invoice_work.h"

/* The lines of the basis at hand, but for its percentages. */
static bool add_lines(struct invoice_work *work)
{
	const struct invoice_basis *basis = work->at->basis;
	work->at->first_line = work->out->lines.count;
	if (!work_zero(work->account->currency, &work->at->discountable) ||
	    !work_zero(work->account->currency, &work->at->discounts))
		return work_overflow(work);
	bool added = (basis->part_count == 0 || work_add_charges(work)) && work_add_usages(work) && work_add_discounts(work);
	work->at->end_line = work->out->lines.count;
	return added;
}

static bool each_basis(struct invoice_work *work, bool (*add)(struct invoice_work *))
{
	for (size_t i = 0; i < work->basis_count; i++) {
		work->at = &work->bases[i];
		if (!add(work))
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

static bool decide_rounding(struct invoice_work *work, const struct invoice_basis *bases, size_t basis_count)
{
	const struct plan *plan = common_plan(bases, basis_count);
	struct rounding_request request = {
		.currency = work->account->currency,
		.account_id = work->account->id,
		.plan = plan ? plan->code : TEXT_NONE,
	};
	struct rule_result result;
	if (!policy_decide(work->command, POLICY_ROUNDING, &request, plan ? plan->policies.items : NULL,
	                   plan ? plan->policies.count : 0, true, &result))
		return false;
	work->rounding = *(const struct rounding_decision *)result.record;
	work->rounding_decision = policy_decision_text(work->command, &result);
	work->out->rounding = invoice_rounding_text(work->command->arena, &work->rounding);
	return true;
}

/* The percentage charge of a line, or NULL: bases are searched because lines of several plans stand side by side. */
static const struct charge *percentage_of(const struct invoice_line *line, const struct invoice_basis *bases,
                                          size_t count)
{
	if (line->kind != INVOICE_LINE_KIND_TAX && line->kind != INVOICE_LINE_KIND_PERCENT)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (text_equals(bases[i].plan->code, line->plan))
			return plan_charge(bases[i].plan, line->price_code);
	return NULL;
}

/* Is it still exact, and rounded in that place? */
static bool is_rounded_by(const struct invoice_work *work, const struct invoice_line *line,
                          enum rounding_decision_place place)
{
	return !money_present(line->amount) && invoice_rounding_place(&work->rounding, line->kind) == place;
}

/* Rounds the percentages of each rate as one sum. */
static bool round_rates(struct invoice_work *work, const struct invoice_basis *bases, size_t basis_count)
{
	size_t count = work->out->lines.count;
	struct invoice_line **group = arena_new_many(work->command->arena, struct invoice_line *, count + 1);
	for (size_t i = 0; i < count; i++) {
		struct invoice_line *first = &work->out->lines.items[i];
		size_t members = 0;
		if (!is_rounded_by(work, first, ROUNDING_DECISION_PLACE_RATE))
			continue;
		const struct charge *percentage = percentage_of(first, bases, basis_count);
		if (!percentage)
			continue;
		for (size_t j = i; j < count; j++) {
			struct invoice_line *line = &work->out->lines.items[j];
			const struct charge *other = percentage_of(line, bases, basis_count);
			if (other && is_rounded_by(work, line, ROUNDING_DECISION_PLACE_RATE) &&
			    decimal_compare(other->percent, percentage->percent) == 0)
				group[members++] = line;
		}
		if (!invoice_round_together(work->command->arena, group, members,
		                            invoice_rounding_mode(&work->rounding)))
			return work_overflow(work);
	}
	return true;
}

static bool round_whole(struct invoice_work *work)
{
	size_t count = 0;
	struct invoice_line **all = arena_new_many(work->command->arena, struct invoice_line *, work->out->lines.count + 1);
	for (size_t i = 0; i < work->out->lines.count; i++)
		if (is_rounded_by(work, &work->out->lines.items[i], ROUNDING_DECISION_PLACE_INVOICE))
			all[count++] = &work->out->lines.items[i];
	return invoice_round_together(work->command->arena, all, count, invoice_rounding_mode(&work->rounding)) ||
	       work_overflow(work);
}

/* Coupons are taken of cents: lines that would be rounded as a whole become cents before, as one sum of their own. */
static bool add_coupons(struct invoice_work *work, struct coupon_uses *coupons)
{
	struct invoice_line_list *lines = &work->out->lines;
	size_t count = lines->count;
	work->first_coupon = work->end_coupon = count;
	if (!coupons || coupons->count == 0)
		return true;
	if (!round_whole(work) || !coupon_lines_of_orders(work, coupons))
		return false;
	work->end_coupon = lines->count;
	bool as_before = lines->count == count && work->rounding.place == ROUNDING_DECISION_PLACE_INVOICE;
	for (size_t i = 0; i < count && as_before; i++)
		lines->items[i].amount = (struct money){ 0, NULL };
	return true;
}

static bool line_overflow(const struct invoice_work *work, const struct invoice_line *line)
{
	return problem(work->command->problems, PROBLEM_OVERFLOW, "", "%.*s of plan %.*s is too large to be billed",
	               TEXT_ARG(line->description), TEXT_ARG(line->plan));
}

static bool sum_lines(struct invoice_work *work)
{
	struct money total = money_zero(work->account->currency);
	for (size_t i = 0; i < work->out->lines.count; i++)
		if (!billable_money(work->out->lines.items[i].amount) || !money_add(total, work->out->lines.items[i].amount, &total))
			return line_overflow(work, &work->out->lines.items[i]);
	work->out->total = total;
	return true;
}

bool invoice_line_charges(const struct invoice_line *line)
{
	switch (line->kind) {
	case INVOICE_LINE_KIND_ITEM_ADJUSTMENT:
	case INVOICE_LINE_KIND_REPAIR:
	case INVOICE_LINE_KIND_CREDIT:
	case INVOICE_LINE_KIND_DISCOUNT: return false;
	default: return line->amount.minor > 0;
	}
}

enum invoice_line_kind invoice_line_sold_as(const struct invoice_line *line)
{
	if (line->kind != INVOICE_LINE_KIND_PROGRESSIVE)
		return line->kind;
	return line->component_id ? INVOICE_LINE_KIND_COMPONENT_USAGE : INVOICE_LINE_KIND_USAGE;
}

bool invoice_line_returns(const struct invoice_line *line)
{
	return line->linked_invoice_id && (line->kind == INVOICE_LINE_KIND_REPAIR || line->kind == INVOICE_LINE_KIND_USAGE ||
	                                   line->kind == INVOICE_LINE_KIND_PROGRESSIVE);
}

bool invoice_calculate(struct command *command, const struct account *account, const struct invoice_basis *bases,
                       size_t basis_count, struct coupon_uses *coupons, struct invoice_calculation *calculation)
{
	*calculation = (struct invoice_calculation){ .total = money_zero(account->currency) };
	struct invoice_work work = { .command = command, .account = account, .out = calculation, .basis_count = basis_count };
	work.bases = arena_new_many(command->arena, struct basis_lines, basis_count + 1);
	for (size_t i = 0; i < basis_count; i++)
		work.bases[i].basis = &bases[i];
	if (!decide_rounding(&work, bases, basis_count) || !each_basis(&work, add_lines) || !add_coupons(&work, coupons) ||
	    !each_basis(&work, work_add_percentages))
		return false;
	return round_rates(&work, bases, basis_count) && round_whole(&work) && sum_lines(&work);
}
