/* explain_round.c: exact amounts made cents once more, each by itself or together with others of the invoice. */
#include "explain_work.h"

/* The rounding that a line keeps; false when it keeps none. */
static bool read_rounding(struct command *command, const struct json *line, struct rounding_decision *decision)
{
	struct problems ignored;
	problems_init(&ignored, command->arena);
	*decision = (struct rounding_decision){ .has_step = false };
	const struct json *rounding = json_member(line, "rounding");
	struct text result = rounding ? json_text(json_member(rounding, "result")) : TEXT_NONE;
	const struct json *json = text_present(result) ? json_parse(result, command->arena, &ignored) : NULL;
	return json && json_decode(json, &rounding_decision_record, decision, "", command->arena, &ignored);
}

bool explain_rounding_kept(const struct explain_work *work, struct rounding_decision *decision)
{
	return read_rounding(work->command, work->decision, decision);
}

/* ------------------------------------------------------------------------------------------------ groups */

/* What is subscribed to directly is rounded line by line, but for its taxes; so is what coupons take off. */
static enum rounding_decision_place place_of(const struct invoice_line *line, const struct rounding_decision *decision)
{
	if ((line->catalog_plan_id && line->kind != INVOICE_LINE_KIND_TAX) || line->coupon_redemption_id)
		return ROUNDING_DECISION_PLACE_LINE;
	return invoice_rounding_place(decision, line->kind);
}

static bool is_percentage(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_TAX || line->kind == INVOICE_LINE_KIND_PERCENT;
}

/* Lines of one key are rounded together; none: the line is rounded by itself. */
static struct text group_key(struct arena *arena, const struct invoice_line *line, const struct json *kept,
                             const struct rounding_decision *decision)
{
	enum rounding_decision_place place = place_of(line, decision);
	const char *source = line->order_id ? "order" : "direct";
	struct text together = json_text(json_member(kept, "together"));
	if (text_present(together))
		return text_format(arena, "coupon %.*s", TEXT_ARG(together));
	if (place == ROUNDING_DECISION_PLACE_INVOICE)
		return text_format(arena, "%s %s", source, rounding_name(invoice_rounding_mode(decision)));
	if (place != ROUNDING_DECISION_PLACE_RATE || !is_percentage(line))
		return TEXT_NONE;
	struct text percent = json_text(json_member(kept, "percent")), name = json_text(json_member(kept, "name"));
	return text_format(arena, "%s %s %.*s %s %.*s", source, rounding_name(invoice_rounding_mode(decision)), TEXT_ARG(percent),
	                   json_member(kept, "compound") ? "compound" : "", TEXT_ARG(name));
}

/* A rule took its exact amount away, or it is within another price. */
static bool hides_exact(const struct invoice_line *line, const struct json *kept)
{
	return (json_member(kept, "by") && line->kind != INVOICE_LINE_KIND_ADJUSTMENT) || json_member(kept, "included");
}

static void gather(const struct explain_work *work)
{
	struct explain_together *together = work->together;
	struct arena *arena = work->command->arena;
	size_t count = work->invoice->lines.count;
	together->lines = arena_new_many(arena, struct invoice_line, count + 1);
	together->keys = arena_new_many(arena, struct text, count + 1);
	together->modes = arena_new_many(arena, enum rounding, count + 1);
	for (size_t i = 0; i < count; i++) {
		const struct invoice_line *line = &work->invoice->lines.items[i];
		const struct json *kept = explain_decision(work->command, line);
		struct rounding_decision decision;
		together->lines[i] = *line;
		together->hides_exact = together->hides_exact || hides_exact(line, kept);
		if (!read_rounding(work->command, kept, &decision))
			continue;
		together->keys[i] = group_key(arena, line, kept, &decision);
		together->modes[i] = invoice_rounding_mode(&decision);
	}
}

/* The group that begins with line `first`; its members are marked. */
static bool round_group(const struct explain_work *work, size_t first, bool *done)
{
	const struct explain_together *together = work->together;
	struct arena *arena = work->command->arena;
	size_t count = work->invoice->lines.count, members = 0;
	struct invoice_line **group = arena_new_many(arena, struct invoice_line *, count + 1);
	for (size_t i = first; i < count; i++)
		if (text_present(together->keys[i]) && text_equals(together->keys[i], together->keys[first])) {
			group[members++] = &together->lines[i];
			done[i] = true;
		}
	return invoice_round_together(arena, group, members, together->modes[first]);
}

static bool round_together(const struct explain_work *work)
{
	size_t count = work->invoice->lines.count;
	bool *done = arena_new_many(work->command->arena, bool, count + 1);
	gather(work);
	for (size_t i = 0; i < count; i++)
		if (text_present(work->together->keys[i]) && !done[i] && !round_group(work, i, done))
			return false;
	return true;
}

/* Without the exact amount of one of a group nobody can say who got the cents that were left over: either share of them
 * is in order. */
static bool is_either_cent(const struct explain_work *work)
{
	struct money floor;
	return exact_money_round(work->exact, ROUNDING_FLOOR, &floor) &&
	       (work->line->amount.minor == floor.minor || work->line->amount.minor == floor.minor + 1);
}

/* All lines of the invoice as they are rounded; NULL when an amount is too large, which each line then tells. */
static const struct invoice_line *lines_rounded(const struct explain_work *work)
{
	if (!work->together->lines && !round_together(work))
		work->together->lines = NULL;
	return work->together->lines;
}

static bool amount_together(struct explain_work *work)
{
	const struct invoice_line *lines = lines_rounded(work);
	if (!lines)
		return false;
	work->amount = lines[work->line - work->invoice->lines.items].amount;
	if (work->together->hides_exact && is_either_cent(work)) {
		work->amount = work->line->amount;
		explain_last(work)->note = TEXT("The exact amount of a line that it was rounded together with is not known any more.");
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the amount */

static void tell_amount(struct explain_work *work, const struct rounding_decision *decision)
{
	const char *const *places = rounding_decision_record.fields[ROUNDING_DECISION_FIELD_PLACE].words;
	struct text exact = explain_exact_text(work, work->exact), amount = explain_money_text(work, work->amount);
	explain_last(work)->text = text_format(work->command->arena, "%.*s becomes %.*s, %s per %s", TEXT_ARG(exact),
	                                       TEXT_ARG(amount), rounding_name(invoice_rounding_mode(decision)),
	                                       places[place_of(work->line, decision)]);
}

static void make_amount(struct explain_work *work, const struct rounding_decision *decision)
{
	bool alone = !text_present(group_key(work->command->arena, work->line, work->decision, decision));
	if (alone ? invoice_round_exact(decision, work->exact, &work->amount) : amount_together(work))
		tell_amount(work, decision);
	else
		explain_differs(work, explain_last(work), "the amount is too large to be rounded");
}

bool explain_round(struct explain_work *work)
{
	const struct json *rounding = explain_member(work, "rounding");
	struct rounding_decision kept;
	struct policy_replay replay;
	if (!rounding)
		return true;
	if (!explain_policy(work, "rounding", POLICY_ROUNDING, rounding, TEXT("How it becomes cents."), &replay))
		return false;
	if (replay.made)
		make_amount(work, replay.record);
	else if (explain_rounding_kept(work, &kept))
		make_amount(work, &kept);
	return true;
}
