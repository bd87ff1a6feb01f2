/* invoice_adjust_tax.c: the taxes and percentages that go with days of a line which are adjusted by hand. */
#include "invoice_adjust_tax.h"

#include "convention_choice.h"
#include "credit_note_draft.h"

static bool too_large(struct command *command, const struct invoice *invoice)
{
	return problem(command->problems, PROBLEM_OVERFLOW, "", "a tax of invoice %.*s is too large to be adjusted",
	               TEXT_ARG(invoice->number));
}

/* As notes of the account are rounded. */
static bool decide_rounding(struct command *command, const struct account *account, enum rounding *mode)
{
	const struct rounding_request request = { .currency = account->currency, .account_id = account->id };
	struct convention_choice counts;
	struct policy_choices choices;
	struct rule_result result;
	if (!convention_of_line(command, account, NULL, &counts))
		return false;
	convention_policies(command, NULL, 0, counts, &choices);
	if (!policy_decide_among(command, POLICY_ROUNDING, &request, &choices, true, &result))
		return false;
	*mode = invoice_rounding_mode(result.record);
	return true;
}

/* What is taken of the line, before its discounts. */
static bool take(struct note_line *item, struct money amount)
{
	struct exact_money whole, net, taken;
	struct money left;
	struct fraction share;
	return money_subtract(item->line->amount, item->discounts, &left) && exact_money_from_money(item->line->amount, &whole) &&
	       exact_money_from_money(left, &net) && exact_money_from_money(amount, &taken) &&
	       fraction_divide(taken.amount, net.amount, &share) && exact_money_multiply(whole, share, &item->exact) &&
	       exact_money_near(item->exact, &item->exact);
}

/* What goes of a line that follows others. */
static struct money part_of(const struct note_line *follower, const struct invoice_line *line, bool all)
{
	bool alone = !follower->targets && follower->line->linked_position == line->position;
	return all && alone ? follower->left : follower->credited;
}

bool invoice_adjust_taxes(struct command *command, const struct account *account, const struct invoice *invoice,
                          const struct invoice_line *line, struct money amount, struct money left,
                          const struct note_taken *taken, struct adjusted_taxes *taxes)
{
	struct note_draft draft;
	enum rounding mode;
	bool all = money_compare(amount, left) == 0;
	if (!decide_rounding(command, account, &mode))
		return false;
	if (!note_draft_begin(command->arena, invoice, taken->lines.items, taken->lines.count, &draft) ||
	    !take(note_draft_line(&draft, line->position), amount) || !note_draft_finish(command->arena, mode, &draft))
		return too_large(command, invoice);
	for (size_t i = 0; i < draft.count; i++) {
		const struct note_line *item = &draft.items[i];
		struct money part = part_of(item, line, all);
		if ((item->tax || item->percentage) && part.minor > 0)
			*list_add(command->arena, taxes, struct adjusted_tax) = (struct adjusted_tax){ item->line, part };
	}
	return true;
}
