/* usage_decision.c: how the amount of a usage line came about, as JSON; and what lines billed, read back from it.
 *
 *     { "section": "...", "kind": "consumable", "tier_rule": "all_tiers", "from": instant, "until": instant,
 *       "units": [{ "unit", "quantity", "records" }],
 *       "tiers": [{ "blocks": [{ "unit", "size", "max_blocks"?, "price" }] }]  or  [{ "limits": [{ "unit", "max"? }], "price" }],
 *       "lines": [{ "unit", "tier", "size", "quantity", "price", "amount", "billed"? }],
 *       "whole": "...", "billed": "..."?, "due": "...", "beyond"?: true, "unpriced"?: true, "late"?: policy decision }
 *
 * Units, tiers and what was billed are all that usage_rate needs to find `due` again. Of tiers only the used units are
 * told, so that a long price list does not make long lines.
 */
#include "usage_due.h"

#include "catalog_plan.h"
#include "invoice_calculate.h"

/* ------------------------------------------------------------------------------------------------ writing */

struct telling {
	struct arena *arena;
	struct json_writer writer;
	const struct currency *currency;
	const struct usage_due *due;
};

static void tell_text(struct telling *telling, const char *name, struct text text)
{
	json_name(&telling->writer, name);
	json_string(&telling->writer, text);
}

static void tell_decimal(struct telling *telling, const char *name, struct decimal decimal)
{
	tell_text(telling, name, decimal_canonical_text(telling->arena, decimal));
}

static void tell_integer(struct telling *telling, const char *name, int64_t number)
{
	json_name(&telling->writer, name);
	json_integer(&telling->writer, number);
}

static void tell_flag(struct telling *telling, const char *name, bool holds)
{
	if (!holds)
		return;
	json_name(&telling->writer, name);
	json_boolean(&telling->writer, true);
}

/* Nothing when the currency has no price. */
static void tell_price(struct telling *telling, const struct price *prices, size_t count)
{
	struct decimal amount;
	if (catalog_price_in(prices, count, telling->currency, &amount))
		tell_decimal(telling, "price", amount);
}

static bool is_used(const struct telling *telling, struct text unit)
{
	const struct usage_quantity_list *used = &telling->due->quantities;
	for (size_t i = 0; i < used->count; i++)
		if (text_equals(used->items[i].unit, unit))
			return true;
	return false;
}

static void tell_units(struct telling *telling)
{
	json_name(&telling->writer, "units");
	json_begin_array(&telling->writer);
	for (size_t i = 0; i < telling->due->quantities.count; i++) {
		const struct usage_quantity *quantity = &telling->due->quantities.items[i];
		json_begin_object(&telling->writer);
		tell_text(telling, "unit", quantity->unit);
		tell_decimal(telling, "quantity", quantity->quantity);
		tell_integer(telling, "records", quantity->record_count);
		json_end_object(&telling->writer);
	}
	json_end_array(&telling->writer);
}

static void tell_blocks(struct telling *telling, const struct usage_tier *tier)
{
	json_name(&telling->writer, "blocks");
	json_begin_array(&telling->writer);
	for (size_t i = 0; i < tier->blocks.count; i++) {
		const struct usage_block *block = &tier->blocks.items[i];
		if (!is_used(telling, block->unit))
			continue;
		json_begin_object(&telling->writer);
		tell_text(telling, "unit", block->unit);
		tell_decimal(telling, "size", block->size);
		if (block->has_max_blocks)
			tell_decimal(telling, "max_blocks", block->max_blocks);
		tell_price(telling, block->prices.items, block->prices.count);
		json_end_object(&telling->writer);
	}
	json_end_array(&telling->writer);
}

static void tell_limits(struct telling *telling, const struct usage_tier *tier)
{
	json_name(&telling->writer, "limits");
	json_begin_array(&telling->writer);
	for (size_t i = 0; i < tier->limits.count; i++) {
		const struct usage_limit *limit = &tier->limits.items[i];
		if (!is_used(telling, limit->unit))
			continue;
		json_begin_object(&telling->writer);
		tell_text(telling, "unit", limit->unit);
		if (limit->has_max)
			tell_decimal(telling, "max", limit->max);
		json_end_object(&telling->writer);
	}
	json_end_array(&telling->writer);
	tell_price(telling, tier->prices.items, tier->prices.count);
}

static void tell_tiers(struct telling *telling)
{
	const struct usage_section *section = telling->due->window.section;
	json_name(&telling->writer, "tiers");
	json_begin_array(&telling->writer);
	for (size_t i = 0; i < section->tiers.count; i++) {
		json_begin_object(&telling->writer);
		if (section->kind == USAGE_SECTION_KIND_CONSUMABLE)
			tell_blocks(telling, &section->tiers.items[i]);
		else
			tell_limits(telling, &section->tiers.items[i]);
		json_end_object(&telling->writer);
	}
	json_end_array(&telling->writer);
}

static void tell_line(struct telling *telling, const struct usage_rate_line *line)
{
	json_begin_object(&telling->writer);
	tell_text(telling, "unit", line->unit);
	tell_integer(telling, "tier", line->tier);
	if (decimal_sign(line->size) > 0)
		tell_decimal(telling, "size", line->size);
	tell_decimal(telling, "quantity", line->quantity);
	tell_decimal(telling, "price", line->price);
	tell_decimal(telling, "amount", line->amount);
	if (decimal_sign(line->billed) != 0)
		tell_decimal(telling, "billed", line->billed);
	json_end_object(&telling->writer);
}

static void tell_lines(struct telling *telling, const struct usage_rate_line *line)
{
	const struct usage_rate_line_list *lines = &telling->due->rating.lines;
	json_name(&telling->writer, "lines");
	json_begin_array(&telling->writer);
	for (size_t i = 0; i < lines->count; i++)
		if (!line || line == &lines->items[i])
			tell_line(telling, &lines->items[i]);
	json_end_array(&telling->writer);
}

static void tell_section(struct telling *telling)
{
	const struct usage_window *window = &telling->due->window;
	const struct usage_section *section = window->section;
	const struct record_field *kind = &usage_section_record.fields[USAGE_SECTION_FIELD_KIND];
	const struct record_field *rule = &usage_section_record.fields[USAGE_SECTION_FIELD_TIER_RULE];
	tell_text(telling, "section", section->name);
	json_name(&telling->writer, "kind");
	json_c(&telling->writer, kind->words[section->kind]);
	if (section->kind == USAGE_SECTION_KIND_CONSUMABLE) {
		bool top = section->tier_rule == USAGE_SECTION_TIER_RULE_TOP_TIER;
		json_name(&telling->writer, "tier_rule");
		json_c(&telling->writer,
		       rule->words[top ? USAGE_SECTION_TIER_RULE_TOP_TIER : USAGE_SECTION_TIER_RULE_ALL_TIERS]);
	}
	tell_text(telling, "from", instant_text(telling->arena, window->from));
	tell_text(telling, "until", instant_text(telling->arena, window->until));
}

struct text usage_decision(struct arena *arena, const struct usage_due *due, const struct usage_rate_line *line,
                           const struct currency *currency, struct text policy)
{
	struct text_builder out;
	struct telling telling = { .arena = arena, .currency = currency, .due = due };
	builder_init(&out, arena, 0);
	json_writer_init(&telling.writer, &out);
	json_begin_object(&telling.writer);
	tell_section(&telling);
	tell_units(&telling);
	tell_tiers(&telling);
	tell_lines(&telling, line);
	tell_decimal(&telling, "whole", due->rating.whole);
	if (due->billed.any)
		tell_decimal(&telling, "billed", due->billed.total);
	tell_decimal(&telling, "due", due->rating.due);
	tell_flag(&telling, "beyond", due->rating.beyond);
	tell_flag(&telling, "unpriced", due->rating.unpriced);
	if (text_present(policy)) {
		json_name(&telling.writer, "late");
		json_raw(&telling.writer, policy);
	}
	json_end_object(&telling.writer);
	return builder_text(&out);
}

/* ------------------------------------------------------------------------------------------------ reading back */

static struct usage_rate_line *billed_line(struct arena *arena, struct usage_billed *billed, struct text unit,
                                           int64_t tier)
{
	for (size_t i = 0; i < billed->lines.count; i++)
		if (billed->lines.items[i].tier == tier && text_equals(billed->lines.items[i].unit, unit))
			return &billed->lines.items[i];
	struct usage_rate_line *line = list_add(arena, &billed->lines, struct usage_rate_line);
	*line = (struct usage_rate_line){ .unit = unit, .tier = tier };
	return line;
}

static bool member_decimal(const struct json *object, const char *name, struct decimal *decimal)
{
	return decimal_parse(json_text(json_member(object, name)), decimal);
}

/* Adds one told line; false when it tells something else. `charged`: what it came to; none: what it tells. */
static bool add_told(struct arena *arena, const struct json *told, const struct decimal *charged, struct usage_billed *billed)
{
	struct decimal tier, quantity, price, amount, size = { 0, 0 };
	struct text unit = json_text(json_member(told, "unit"));
	int64_t number;
	if (!text_present(unit) || !member_decimal(told, "tier", &tier) || !decimal_to_int64(tier, &number) ||
	    !member_decimal(told, "quantity", &quantity) || !member_decimal(told, "price", &price) ||
	    !member_decimal(told, "amount", &amount))
		return false;
	struct usage_rate_line *line = billed_line(arena, billed, unit, number);
	line->price = price;
	line->size = member_decimal(told, "size", &size) ? size : line->size;
	return decimal_add(line->quantity, quantity, &line->quantity) &&
	       decimal_add(line->amount, charged ? *charged : amount, &line->amount);
}

/* The lines that go back of several others tell the same. */
static bool is_told_before(const struct usage_line_list *lines, size_t at)
{
	for (size_t i = at; i-- > 0 && lines->items[i].invoice_id == lines->items[at].invoice_id;)
		if (invoice_line_returns(&lines->items[at]) && text_equals(lines->items[i].decision, lines->items[at].decision))
			return true;
	return false;
}

/* A line of one unit and tier charged for it what it came to in cents. */
static bool add_decision(struct arena *arena, const struct invoice_line *charging, struct usage_billed *billed)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct json *json = text_present(charging->decision) ? json_parse(charging->decision, arena, &ignored) : NULL;
	const struct json *usage = json ? json_member(json, "usage") : NULL; /* what item_line.c puts it under */
	const struct json *lines = usage ? json_member(usage, "lines") : NULL;
	const struct decimal charged = money_decimal(charging->amount);
	if (!lines || lines->type != JSON_ARRAY)
		return false;
	bool alone = lines->first && !lines->first->next && !invoice_line_returns(charging);
	for (const struct json *line = lines->first; line; line = line->next)
		if (!add_told(arena, line, alone ? &charged : NULL, billed))
			return false;
	return true;
}

/* What lines tell together and what they came to differ by roundings, and by what was not left to go back: the first one has it. */
static bool settle_lines(struct usage_billed *billed)
{
	struct decimal told = { 0, 0 }, apart;
	for (size_t i = 0; i < billed->lines.count; i++)
		if (!decimal_add(told, billed->lines.items[i].amount, &told))
			return false;
	return billed->lines.count == 0 ||
	       (decimal_subtract(billed->total, told, &apart) &&
	        decimal_add(billed->lines.items[0].amount, apart, &billed->lines.items[0].amount));
}

bool usage_decisions_billed(struct arena *arena, const struct usage_line_list *lines, struct usage_billed *billed)
{
	bool told = true;
	*billed = (struct usage_billed){ .any = lines->count > 0 };
	for (size_t i = 0; i < lines->count; i++) {
		if (!decimal_add(billed->total, money_decimal(lines->items[i].amount), &billed->total))
			return false;
		told = told && (is_told_before(lines, i) || add_decision(arena, &lines->items[i], billed));
	}
	if (!told)
		billed->lines.count = 0;
	return settle_lines(billed);
}
