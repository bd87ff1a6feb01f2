/* line_rounding.c: how lines of an invoice became cents, as they keep it, and which of them did so together. */
#include "line_rounding.h"

#include "invoice_tax.h"

/* ------------------------------------------------------------------------------------------------ what a line keeps */

static const struct json *parse(struct arena *arena, struct text text)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *json = text_present(text) ? json_parse(text, arena, &ignored) : NULL;
	return json && json->type == JSON_OBJECT ? json : NULL;
}

static bool read_decision(struct arena *arena, const struct json *kept, struct rounding_decision *decision)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *rounding = kept ? json_member(kept, "rounding") : NULL;
	const struct json *json = rounding ? parse(arena, json_text(json_member(rounding, "result"))) : NULL;
	*decision = (struct rounding_decision){ .has_step = false };
	return json && json_decode(json, &rounding_decision_record, decision, "", arena, &ignored);
}

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

static struct text key_of(struct arena *arena, const struct invoice_line *line, const struct json *kept,
                          const struct line_rounding *rounding)
{
	const char *source = line->order_id ? "order" : "direct", *mode = rounding_name(invoice_rounding_mode(&rounding->decision));
	struct text together = json_text(json_member(kept, "together"));
	if (rounding->is_coupon)
		return text_format(arena, "coupon %.*s", TEXT_ARG(together));
	if (json_member(kept, "back")) /* with what of its line's tax went back before */
		return TEXT_NONE;
	if (rounding->place == ROUNDING_DECISION_PLACE_INVOICE)
		return text_format(arena, "%s %s", source, mode);
	if (rounding->place != ROUNDING_DECISION_PLACE_RATE || !is_percentage(line))
		return TEXT_NONE;
	struct text percent = json_text(json_member(kept, "percent")), name = json_text(json_member(kept, "name"));
	return text_format(arena, "%s %s %.*s %s %s %.*s", source, mode, TEXT_ARG(percent), json_member(kept, "compound") ? "compound" : "",
	                   json_member(kept, "included") ? "included" : "", TEXT_ARG(name));
}

/* The line of a tax within its price is of nothing; the tax is what was rounded. */
static void take_included(const struct json *kept, struct line_rounding *rounding)
{
	struct text included = json_text(json_member(kept, "included")), exact = json_text(json_member(kept, "exact"));
	const struct currency *currency = rounding->amount.currency;
	if (!text_present(included))
		return;
	if (!text_present(exact) || !fraction_parse(exact, &rounding->exact.amount) ||
	    !money_parse(included, currency, &rounding->amount))
		rounding->exact.currency = NULL;
}

void line_roundings_add(struct arena *arena, struct line_roundings *roundings, const struct invoice_line *line,
                        const struct json *kept)
{
	struct line_rounding *rounding = list_add(arena, roundings, struct line_rounding);
	*rounding = (struct line_rounding){ .exact = line->exact, .amount = line->amount };
	rounding->known = read_decision(arena, kept, &rounding->decision);
	if (!rounding->known)
		return;
	const struct json *after = json_member(kept, "after");
	if (after && !text_to_int64(after->text, &rounding->after))
		rounding->after = 0;
	rounding->is_coupon = json_member(kept, "together");
	rounding->place = place_of(line, &rounding->decision);
	rounding->key = key_of(arena, line, kept, rounding);
	take_included(kept, rounding);
}

/* ------------------------------------------------------------------------------------------------ together */

static bool is_with(const struct line_rounding *rounding, const struct line_rounding *first)
{
	return rounding->exact.currency && text_present(rounding->key) && text_equals(rounding->key, first->key);
}

static bool sum_before(const struct line_roundings *roundings, size_t first, struct rounded_sum *before)
{
	const struct line_rounding *of = &roundings->items[first];
	before->amount = money_zero(of->amount.currency);
	if (!exact_money_from_money(before->amount, &before->exact))
		return false;
	for (size_t i = 0; i < first && !of->is_coupon; i++)
		if (is_with(&roundings->items[i], of) &&
		    (!exact_money_add(before->exact, roundings->items[i].exact, &before->exact) ||
		     !money_add(before->amount, roundings->items[i].amount, &before->amount)))
			return false;
	return true;
}

bool line_roundings_round(struct arena *arena, struct line_roundings *roundings, size_t first)
{
	const struct line_rounding of = roundings->items[first];
	struct invoice_line *lines = arena_new_many(arena, struct invoice_line, roundings->count + 1);
	struct invoice_line **group = arena_new_many(arena, struct invoice_line *, roundings->count + 1);
	struct rounded_sum before;
	size_t members = 0;
	for (size_t i = first; i < roundings->count; i++) {
		if (!is_with(&roundings->items[i], &of) || roundings->items[i].after != of.after)
			continue;
		lines[i].exact = roundings->items[i].exact;
		group[members++] = &lines[i];
	}
	if (!sum_before(roundings, first, &before) ||
	    !invoice_round_after(arena, &before, group, members, invoice_rounding_mode(&of.decision)))
		return false;
	for (size_t i = first; i < roundings->count; i++)
		if (money_present(lines[i].amount))
			roundings->items[i].amount = lines[i].amount;
	return true;
}

static bool is_first(const struct line_roundings *roundings, size_t at)
{
	const struct line_rounding *rounding = &roundings->items[at];
	if (!is_with(rounding, rounding))
		return false;
	for (size_t i = 0; i < at; i++)
		if (is_with(&roundings->items[i], rounding) && roundings->items[i].after == rounding->after)
			return false;
	return true;
}

bool line_roundings_again(struct arena *arena, struct line_roundings *roundings)
{
	for (size_t i = 0; i < roundings->count; i++)
		if (is_first(roundings, i) && !line_roundings_round(arena, roundings, i))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ what comes later */

/* The decision with what it keeps of that: members it has already go. */
static struct text decision_after(struct arena *arena, const struct json *kept, int64_t after, struct text included)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (const struct json *member = kept->first; member; member = member->next) {
		json_name_text(&writer, member->name);
		if (text_is(member->name, "included"))
			json_string(&writer, included);
		else
			json_tree(&writer, member);
	}
	json_name(&writer, "after");
	json_integer(&writer, after);
	json_end_object(&writer);
	return builder_text(&out);
}

static void set_line(struct arena *arena, const struct json *kept, const struct line_rounding *rounding, struct invoice_line *line)
{
	struct text name = json_text(json_member(kept, "name")), amount = money_amount_text(arena, rounding->amount);
	struct decimal percent;
	line->decision = decision_after(arena, kept, rounding->after, amount);
	if (!json_member(kept, "included"))
		line->amount = rounding->amount;
	else if (decimal_parse(json_text(json_member(kept, "percent")), &percent))
		line->description = invoice_tax_included_text(arena, name, percent, rounding->amount);
}

static bool some_together(const struct line_roundings *roundings)
{
	for (size_t i = 0; i < roundings->count; i++)
		if (text_present(roundings->items[i].key))
			return true;
	return false;
}

/* The first line with the key of line `at`. */
static size_t first_of_key(const struct line_roundings *all, size_t at)
{
	size_t i = 0;
	while (i < at && !is_with(&all->items[i], &all->items[at]))
		i++;
	return i;
}

/* Those from line `first` on come later; `first` lines are there. */
static bool round_later(struct arena *arena, struct line_roundings *all, size_t first)
{
	for (size_t i = first; i < all->count; i++)
		if (text_present(all->items[i].key) && first_of_key(all, i) < first)
			all->items[i].after = (int64_t)first;
	for (size_t i = first; i < all->count; i++)
		if (all->items[i].after && !all->items[i].is_coupon && is_first(all, i) && !line_roundings_round(arena, all, i))
			return false;
	return true;
}

bool lines_round_after(struct arena *arena, const struct invoice_line *there, size_t there_count, struct invoice_line *lines,
                       size_t count)
{
	struct line_roundings all = { 0 }, later = { 0 };
	const struct json **kept = arena_new_many(arena, const struct json *, count + 1);
	for (size_t i = 0; i < count; i++) {
		kept[i] = parse(arena, lines[i].decision);
		line_roundings_add(arena, &later, &lines[i], kept[i]);
	}
	if (there_count == 0 || !some_together(&later))
		return true;
	for (size_t i = 0; i < there_count; i++)
		line_roundings_add(arena, &all, &there[i], parse(arena, there[i].decision));
	for (size_t i = 0; i < count; i++)
		*list_add(arena, &all, struct line_rounding) = later.items[i];
	if (!round_later(arena, &all, there_count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (all.items[there_count + i].after)
			set_line(arena, kept[i], &all.items[there_count + i], &lines[i]);
	return true;
}
