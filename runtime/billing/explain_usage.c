/* explain_usage.c: usage of a catalog plan rated again by the tiers and units that its line keeps. */
#include "explain_work.h"

#include "usage_rate.h"

struct rated {
	struct explain_work *work;
	struct arena *arena;
	const struct json *usage;
	struct usage_section section;
	struct usage_quantity_list quantities;
	struct usage_billed billed;
	struct usage_rating rating;
};

/* ------------------------------------------------------------------------------------------------ reading */

static bool read_decimal(const struct json *object, const char *name, struct decimal *decimal)
{
	return decimal_parse(json_text(json_member(object, name)), decimal);
}

static const struct json *first_of(const struct json *object, const char *name)
{
	const struct json *list = json_member(object, name);
	return list ? list->first : NULL;
}

static void read_units(struct rated *rated)
{
	for (const struct json *unit = first_of(rated->usage, "units"); unit; unit = unit->next) {
		struct usage_quantity *quantity = list_add(rated->arena, &rated->quantities, struct usage_quantity);
		quantity->unit = json_text(json_member(unit, "unit"));
		read_decimal(unit, "quantity", &quantity->quantity);
	}
}

static void read_block(struct rated *rated, const struct json *told, struct usage_block *block)
{
	struct price price = { .currency = rated->work->line->currency };
	block->unit = json_text(json_member(told, "unit"));
	read_decimal(told, "size", &block->size);
	block->has_max_blocks = read_decimal(told, "max_blocks", &block->max_blocks);
	if (read_decimal(told, "price", &price.amount))
		*list_add(rated->arena, &block->prices, struct price) = price;
}

static void read_limit(const struct json *told, struct usage_limit *limit)
{
	limit->unit = json_text(json_member(told, "unit"));
	limit->has_max = read_decimal(told, "max", &limit->max);
}

static void read_tier(struct rated *rated, const struct json *told, struct usage_tier *tier)
{
	struct price price = { .currency = rated->work->line->currency };
	for (const struct json *block = first_of(told, "blocks"); block; block = block->next)
		read_block(rated, block, list_add(rated->arena, &tier->blocks, struct usage_block));
	for (const struct json *limit = first_of(told, "limits"); limit; limit = limit->next)
		read_limit(limit, list_add(rated->arena, &tier->limits, struct usage_limit));
	if (read_decimal(told, "price", &price.amount))
		*list_add(rated->arena, &tier->prices, struct price) = price;
}

static void read_section(struct rated *rated)
{
	struct usage_section *section = &rated->section;
	section->name = json_text(json_member(rated->usage, "section"));
	section->kind = text_is(json_text(json_member(rated->usage, "kind")), "capacity") ? USAGE_SECTION_KIND_CAPACITY
	                                                                                : USAGE_SECTION_KIND_CONSUMABLE;
	section->tier_rule = text_is(json_text(json_member(rated->usage, "tier_rule")), "top_tier")
	                             ? USAGE_SECTION_TIER_RULE_TOP_TIER
	                             : USAGE_SECTION_TIER_RULE_ALL_TIERS;
	for (const struct json *tier = first_of(rated->usage, "tiers"); tier; tier = tier->next)
		read_tier(rated, tier, list_add(rated->arena, &section->tiers, struct usage_tier));
	rated->billed.any = read_decimal(rated->usage, "billed", &rated->billed.total);
}

/* ------------------------------------------------------------------------------------------------ telling */

static struct text units_text(struct rated *rated)
{
	struct text_builder out;
	builder_init(&out, rated->arena, 0);
	for (size_t i = 0; i < rated->quantities.count; i++) {
		struct usage_quantity *quantity = &rated->quantities.items[i];
		struct text number = decimal_canonical_text(rated->arena, quantity->quantity);
		builder_format(&out, "%s%.*s %.*s", i ? ", " : "", TEXT_ARG(number), TEXT_ARG(quantity->unit));
	}
	return rated->quantities.count ? builder_text(&out) : TEXT("nothing");
}

/* It must come to what was kept of the whole window and of what was due of it. */
static void check_kept(struct rated *rated, struct explanation_step *step)
{
	struct decimal whole, due;
	if (!read_decimal(rated->usage, "whole", &whole) || !read_decimal(rated->usage, "due", &due) ||
	    decimal_compare(whole, rated->rating.whole) != 0 || decimal_compare(due, rated->rating.due) != 0)
		explain_differs(rated->work, step, "what was kept of the window is another amount");
}

static void tell_rating(struct rated *rated)
{
	struct arena *arena = rated->arena;
	struct text whole = decimal_canonical_text(arena, rated->rating.whole);
	struct text billed = rated->billed.any
	                             ? text_format(arena, ", of which %.*s were billed before",
	                                           TEXT_ARG(decimal_canonical_text(arena, rated->billed.total)))
	                             : TEXT("");
	check_kept(rated, explain_step(rated->work, "usage", "%.*s by %zu tiers = %.*s%.*s", TEXT_ARG(units_text(rated)),
	                               rated->section.tiers.count, TEXT_ARG(whole), TEXT_ARG(billed)));
}

/* Rated again; nothing: it no longer rates. */
static struct usage_rate_line rated_line(const struct rated *rated, const struct json *told)
{
	struct decimal tier;
	for (size_t i = 0; i < rated->rating.lines.count; i++) {
		const struct usage_rate_line *line = &rated->rating.lines.items[i];
		if (read_decimal(told, "tier", &tier) && decimal_compare(tier, decimal_from_int64(line->tier)) == 0 &&
		    text_equals(line->unit, json_text(json_member(told, "unit"))))
			return *line;
	}
	return (struct usage_rate_line){ .tier = 0 };
}

/* A line of one unit and tier where the window has several. */
static bool find_detail(struct rated *rated)
{
	const struct json *told = first_of(rated->usage, "lines");
	struct decimal billed = { 0, 0 }, amount;
	if (!told || told->next)
		return false;
	const struct usage_rate_line line = rated_line(rated, told);
	bool before = read_decimal(told, "billed", &billed);
	if (!decimal_subtract(line.amount, billed, &amount) ||
	    !exact_money_from_decimal(amount, rated->work->line->currency, &rated->work->exact))
		return false;
	struct text quantity = decimal_canonical_text(rated->arena, line.quantity);
	struct text price = decimal_canonical_text(rated->arena, line.price);
	struct text off = before ? text_format(rated->arena, ", of which %.*s were billed before",
	                                       TEXT_ARG(decimal_canonical_text(rated->arena, billed)))
	                         : TEXT("");
	explain_step(rated->work, "tiers", "Tier %.*s: %.*s blocks x %.*s%.*s", TEXT_ARG(json_text(json_member(told, "tier"))),
	             TEXT_ARG(quantity), TEXT_ARG(price), TEXT_ARG(off));
	return true;
}

static bool explain_late(struct explain_work *work, const struct json *late)
{
	struct policy_replay replay;
	return explain_policy(work, "late", POLICY_USAGE_LATE, late, TEXT("The window was billed before."), &replay);
}

bool explain_usage(struct explain_work *work)
{
	struct rated rated = { .work = work, .arena = work->command->arena, .usage = explain_member(work, "usage") };
	const struct json *late = json_member(rated.usage, "late");
	struct text kept = explain_exact_text(work, work->line->exact);
	read_section(&rated);
	read_units(&rated);
	if (!usage_rate(rated.arena, &rated.section, work->line->currency, &rated.quantities, &rated.billed,
	                &rated.rating) ||
	    !exact_money_from_decimal(rated.rating.due, work->line->currency, &work->exact)) {
		explain_differs(work, explain_step(work, "usage", "Usage that cannot be rated."), "a number is too large");
		return true;
	}
	tell_rating(&rated);
	if (work->line->linked_invoice_id)
		return explain_usage_return(work) && (!late || explain_late(work, late));
	if (!explain_exact_is(kept, work->exact) && !find_detail(&rated))
		explain_differs(work, explain_last(work), "no tier of it comes to the line's amount");
	return !late || explain_late(work, late);
}
