/* cost.c: how the amount of a component's line came about, out of the decision that the line keeps: which units were of which
 * bracket, at which price. */
#include "maxio.h"

#include "billing/component.h"

/* The first member of this name, wherever it is: decisions of rules are within those of the line. */
static const struct json *member_within(const struct json *json, const char *name)
{
	const struct json *found = json && json->type == JSON_OBJECT ? json_member(json, name) : NULL;
	for (const struct json *member = json ? json->first : NULL; member && !found; member = member->next)
		if (member->type == JSON_OBJECT)
			found = member_within(member, name);
	return found;
}

static struct text decimal_member(struct arena *arena, const struct json *part, const char *name)
{
	const struct json *member = json_member(part, name);
	struct decimal decimal;
	struct text text = json_text(member), whole;
	if (!text_present(text))
		return TEXT("0.0");
	text_split(text, ' ', &whole, &text); /* "20.00 USD" */
	return decimal_parse(whole, &decimal) ? maxio_decimal(arena, decimal) : whole;
}

static void tier_show(struct arena *arena, const struct json *part, const struct maxio_price_list *brackets,
                      struct maxio_cost_tier *shown)
{
	int64_t tier = 0;
	const struct json *number = json_member(part, "tier");
	*shown = (struct maxio_cost_tier){
		.quantity = decimal_member(arena, part, "quantity"), .unit_price = decimal_member(arena, part, "unit_price"),
		.amount = decimal_member(arena, part, "amount"),
	};
	if (!number && brackets->count == 1)
		shown->starting_quantity = brackets->items[0].starting_quantity;
	if (number && text_to_int64(json_text(number), &tier) && tier >= 1 && (size_t)tier <= brackets->count) {
		shown->starting_quantity = brackets->items[tier - 1].starting_quantity;
		shown->ending_quantity = brackets->items[tier - 1].ending_quantity;
	}
}

bool maxio_cost_show(struct command *command, const struct invoice_line *line, const struct price_point *point,
                     struct maxio_cost_data **shown)
{
	struct arena *arena = command->arena;
	struct problems ignored;
	struct maxio_price_list brackets = { 0 };
	problems_init(&ignored, arena);
	const struct json *decision = text_present(line->decision) ? json_parse(line->decision, arena, &ignored) : NULL;
	const struct json *parts = member_within(member_within(decision, "component"), "parts");
	*shown = NULL;
	if (!parts || parts->type != JSON_ARRAY || line->kind == INVOICE_LINE_KIND_ALLOCATION)
		return true;
	maxio_prices_show(arena, point, point->price, false, &brackets);
	*shown = arena_new(arena, struct maxio_cost_data);
	struct maxio_cost_rate *rate = list_add(arena, &(*shown)->rates, struct maxio_cost_rate);
	*rate = (struct maxio_cost_rate){
		.price_point_id = point->id, .has_price_point_id = true, .component_price_point_id = point->id,
		.has_component_price_point_id = true, .quantity = maxio_decimal(arena, line->quantity),
		.amount = maxio_amount(arena, line->amount), .pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)point->price->scheme),
	};
	for (const struct json *part = parts->first; part; part = part->next)
		if (part->type == JSON_OBJECT)
			tier_show(arena, part, &brackets, list_add(arena, &rate->tiers, struct maxio_cost_tier));
	return true;
}
