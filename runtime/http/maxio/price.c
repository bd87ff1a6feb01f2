/* price.c: brackets of Maxio as the terms of our price points, and back. */
#include "maxio.h"

enum { PRICE_IDS = 1000, OVERAGE_FROM = 500 }; /* a price is shown under an id of its own: its price point's and its place */

/* ---- asked for ---- */

static const struct maxio_price_input *only_price(const struct maxio_prices *prices)
{
	return prices->count > 0 ? &prices->items[0] : NULL;
}

static bool per_unit(struct http_exchange *exchange, const struct maxio_prices *prices, const char *pointer,
                     struct price_terms *terms)
{
	const struct maxio_price_input *price = only_price(prices);
	terms->has_unit_price = prices->has_unit_price || price;
	terms->unit_price = prices->has_unit_price ? prices->unit_price : price ? price->unit_price : terms->unit_price;
	return terms->has_unit_price || problem(&exchange->problems, PROBLEM_MISSING_FIELD, pointer, "a price is needed");
}

/* The first bracket counts from where it starts; where the others do follows from those before them. */
static void tier_add(struct http_exchange *exchange, struct price_terms *terms, const struct maxio_price_input *price)
{
	struct price_tier *tier = list_add(exchange->arena, &terms->tiers, struct price_tier);
	*tier = (struct price_tier){
		.starts_at = price->starting_quantity, .has_starts_at = price->has_starting_quantity,
		.ends_at = price->ending_quantity, .has_ends_at = price->has_ending_quantity,
		.unit_price = price->unit_price, .has_unit_price = true,
	};
}

struct price_terms *maxio_terms(struct http_exchange *exchange, const struct maxio_prices *prices, const char *pointer)
{
	struct price_terms *terms = arena_new(exchange->arena, struct price_terms);
	/* the words are those of our own schemes, in their order */
	terms->scheme = prices->scheme ? (enum price_terms_scheme)prices->scheme : PRICE_TERMS_SCHEME_PER_UNIT;
	if (terms->scheme == PRICE_TERMS_SCHEME_PER_UNIT)
		return per_unit(exchange, prices, pointer, terms) ? terms : NULL;
	for (size_t i = 0; i < prices->count; i++)
		tier_add(exchange, terms, &prices->items[i]);
	if (prices->fractional)
		terms->tier_lookup = PRICE_TERMS_TIER_LOOKUP_FLOOR; /* 10.5 is still of the bracket that ends at 10 */
	if (prices->count > 0)
		return terms;
	problem(&exchange->problems, PROBLEM_MISSING_FIELD, pointer, "brackets are needed");
	return NULL;
}

/* ---- shown ---- */

static struct text formatted(struct arena *arena, const struct currency *currency, struct decimal price)
{
	struct text text = decimal_canonical_text(arena, price), whole, places;
	if (!text_split(text, '.', &whole, &places))
		places = TEXT("");
	const char *zeros = places.length == 0 ? "00" : places.length == 1 ? "0" : "";
	bool dollars = text_is(text_of(currency->code), "USD");
	return text_format(arena, "%s%.*s.%.*s%s", dollars ? "$" : "", TEXT_ARG(whole), TEXT_ARG(places), zeros);
}

static struct text number_text(struct arena *arena, bool present, struct decimal number)
{
	return present ? decimal_canonical_text(arena, number) : TEXT_NONE;
}

struct shown_price {
	struct decimal starts_at, ends_at, price;
	bool has_ends_at;
};

static void price_add(struct arena *arena, const struct price_point *point, struct maxio_price_list *list, int64_t place,
                      const struct shown_price *price)
{
	struct maxio_price *shown = list_add(arena, list, struct maxio_price);
	*shown = (struct maxio_price){
		.id = point->id * PRICE_IDS + place, .has_id = true,
		.component_id = point->component_id, .has_component_id = true,
		.starting_quantity = decimal_canonical_text(arena, price->starts_at),
		.ending_quantity = number_text(arena, price->has_ends_at, price->ends_at),
		.unit_price = maxio_decimal(arena, price->price),
		.price_point_id = point->id, .has_price_point_id = true,
		.formatted_unit_price = formatted(arena, point->currency, price->price),
	};
}

struct maxio_price_place maxio_price_place(int64_t price_id)
{
	int64_t place = price_id % PRICE_IDS;
	bool overage = place >= OVERAGE_FROM;
	return (struct maxio_price_place){ price_id / PRICE_IDS, (size_t)(overage ? place - OVERAGE_FROM : place - 1), overage };
}

static struct decimal after(struct decimal quantity)
{
	struct decimal next;
	return decimal_add(quantity, decimal_from_int64(1), &next) ? next : quantity;
}

void maxio_prices_show(struct arena *arena, const struct price_point *point, const struct price_terms *terms, bool overage,
                       struct maxio_price_list *list)
{
	int64_t place = overage ? OVERAGE_FROM : 1;
	struct shown_price price = { .starts_at = decimal_from_int64(1), .price = decimal_from_int64(0) };
	if (!terms)
		return;
	if (terms->tiers.count == 0) {
		price.price = terms->unit_price;
		price_add(arena, point, list, place, &price);
	}
	for (size_t i = 0; i < terms->tiers.count; i++) {
		const struct price_tier *tier = &terms->tiers.items[i];
		if (tier->has_starts_at)
			price.starts_at = tier->starts_at;
		price.ends_at = tier->ends_at;
		price.has_ends_at = tier->has_ends_at;
		price.price = tier->has_unit_price ? tier->unit_price : tier->flat_price;
		price_add(arena, point, list, place + (int64_t)i, &price);
		price.starts_at = after(tier->ends_at);
	}
}
