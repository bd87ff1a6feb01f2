/* currency.c: what price points cost in other currencies. A price in a currency is shown under an id of its own: that of the bracket,
 * and the place of the currency among all that the price point ever said. */
#include "maxio.h"

#include "billing/component.h"

enum { PLACES = 100, PRICES_MAX = 200 };

/* ---- shown ---- */

static void bracket_show(struct arena *arena, const struct maxio_price *bracket, const struct currency *currency, size_t place,
                         struct maxio_currency_price *shown)
{
	*shown = (struct maxio_currency_price){
		.id = bracket->id * PLACES + (int64_t)place + 1, .has_id = true, .currency = text_of(currency->code),
		.price = bracket->unit_price, .formatted_price = text_format(arena, "%s %.*s", currency->code, TEXT_ARG(bracket->unit_price)),
		.price_id = bracket->id, .has_price_id = true, .price_point_id = bracket->price_point_id, .has_price_point_id = true,
	};
}

void maxio_currency_prices_show(struct arena *arena, const struct price_point *point, struct maxio_currency_price_list *list)
{
	for (size_t i = 0; i < point->currency_prices.count; i++) {
		const struct currency_price *price = &point->currency_prices.items[i];
		struct maxio_price_list brackets = { 0 };
		if (price->replaced_at.us)
			continue;
		maxio_prices_show(arena, point, price->price, false, &brackets);
		maxio_prices_show(arena, point, price->overage_price, true, &brackets);
		for (size_t k = 0; k < brackets.count; k++)
			bracket_show(arena, &brackets.items[k], price->currency, i, list_add(arena, list, struct maxio_currency_price));
	}
}

/* ---- asked for ---- */

/* What is said of one currency, in the making. */
struct said {
	struct price_point_add_currency input;
	bool given[PRICES_MAX]; /* of its brackets, those of overage behind the others */
	size_t place;           /* among what the price point says */
};

struct saying {
	struct maxio_currency_prices_input asked;
	struct maxio_currency_changes_input changes;
	struct price_point *point;
	struct { struct said *items; size_t count, capacity; } said;
};

static struct price_terms *terms_copy(struct arena *arena, const struct price_terms *terms)
{
	struct price_terms *copy;
	if (!terms)
		return NULL;
	copy = arena_new(arena, struct price_terms);
	*copy = *terms;
	copy->tiers.items = NULL;
	copy->tiers.count = copy->tiers.capacity = 0;
	for (size_t i = 0; i < terms->tiers.count; i++)
		*list_add(arena, &copy->tiers, struct price_tier) = terms->tiers.items[i];
	return copy;
}

static size_t brackets_of(const struct price_terms *terms)
{
	return !terms ? 0 : terms->tiers.count ? terms->tiers.count : 1;
}

static void bracket_set(struct price_terms *terms, size_t place, struct decimal price)
{
	struct price_tier *tier = terms->tiers.count ? &terms->tiers.items[place] : NULL;
	if (!tier) {
		terms->unit_price = price;
		terms->has_unit_price = true;
	} else if (tier->has_unit_price) {
		tier->unit_price = price;
	} else {
		tier->flat_price = price;
		tier->has_flat_price = true;
	}
}

static struct said *said_of(struct http_exchange *exchange, struct saying *saying, const struct currency *currency)
{
	for (size_t i = 0; i < saying->said.count; i++)
		if (saying->said.items[i].input.currency == currency)
			return &saying->said.items[i];
	struct said *said = list_add(exchange->arena, &saying->said, struct said);
	*said = (struct said){ .input = { .id = saying->point->id, .currency = currency,
		                          .price = terms_copy(exchange->arena, saying->point->price),
		                          .overage_price = terms_copy(exchange->arena, saying->point->overage_price) } };
	return said;
}

/* False: the price point has no bracket of this id. */
static bool bracket_say(struct said *said, const struct price_point *point, int64_t price_id, struct decimal price)
{
	struct maxio_price_place place = maxio_price_place(price_id);
	struct price_terms *terms = place.overage ? said->input.overage_price : said->input.price;
	size_t own = brackets_of(said->input.price), at = place.place + (place.overage ? own : 0);
	if (place.price_point_id != point->id || place.place >= brackets_of(terms) || at >= PRICES_MAX)
		return false;
	bracket_set(terms, place.place, price);
	said->given[at] = true;
	return true;
}

static bool price_ask(struct http_exchange *exchange, struct saying *saying, size_t i)
{
	const struct maxio_currency_price_input *asked = &saying->asked.currency_prices.items[i];
	const struct currency *currency = currency_find(asked->currency);
	const char *at = text_format(exchange->arena, "/currency_prices/%zu/%s", i, currency ? "price_id" : "currency").data;
	if (!currency)
		return problem_value(&exchange->problems, PROBLEM_INVALID_VALUE, at, asked->currency, NULL, "is not a currency");
	return bracket_say(said_of(exchange, saying, currency), saying->point, asked->price_id, asked->price) ||
	       problem(&exchange->problems, PROBLEM_NOT_FOUND, at, "there is no such price");
}

/* A currency mirrors all brackets of the first one. */
static bool all_given(struct http_exchange *exchange, const struct said *said)
{
	size_t count = brackets_of(said->input.price) + brackets_of(said->input.overage_price);
	for (size_t i = 0; i < count && i < PRICES_MAX; i++)
		if (!said->given[i])
			return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/currency_prices",
			               "each currency needs a price for every bracket");
	return true;
}

/* What is changed of a currency: all else stays as it was said last. */
static bool change_ask(struct http_exchange *exchange, struct saying *saying, size_t i)
{
	const struct maxio_currency_change_input *asked = &saying->changes.currency_prices.items[i];
	const struct price_point *point = saying->point;
	const char *at = text_format(exchange->arena, "/currency_prices/%zu/id", i).data;
	int64_t place = asked->id % PLACES - 1;
	if (place < 0 || (size_t)place >= point->currency_prices.count || point->currency_prices.items[place].replaced_at.us)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, at, "there is no such price");
	const struct currency_price *before = &point->currency_prices.items[place];
	size_t known = saying->said.count;
	struct said *said = said_of(exchange, saying, before->currency);
	if (saying->said.count > known) {
		said->input.price = terms_copy(exchange->arena, before->price);
		said->input.overage_price = terms_copy(exchange->arena, before->overage_price);
	}
	return bracket_say(said, point, asked->id / PLACES, asked->price) ||
	       problem(&exchange->problems, PROBLEM_NOT_FOUND, at, "there is no such price");
}

static bool saying_resolve(struct command *command, struct http_exchange *exchange)
{
	struct saying *saying = exchange->work;
	struct component *component;
	int64_t id;
	if (text_is(exchange->target.segments[0], "price_points")) {
		if (!text_to_int64(maxio_segment(exchange, 1), &id) || !(saying->point = price_point_need(command, id, "")))
			return false;
	} else if (!maxio_component_of(command, maxio_segment(exchange, 1), "", &component) ||
	           !maxio_price_point_of(command, component, maxio_segment(exchange, 3), "", &saying->point)) {
		return false;
	}
	for (size_t i = 0; i < saying->asked.currency_prices.count; i++)
		if (!price_ask(exchange, saying, i))
			return false;
	for (size_t i = 0; i < saying->said.count; i++)
		if (!all_given(exchange, &saying->said.items[i]))
			return false;
	for (size_t i = 0; i < saying->changes.currency_prices.count; i++)
		if (!change_ask(exchange, saying, i))
			return false;
	return true;
}

/* ---- done ---- */

static bool saying_perform(struct command *command, const void *data, void **output)
{
	const struct saying *saying = data;
	for (size_t i = 0; i < saying->said.count; i++)
		if (!command_perform(command, "price_point.add_currency", &saying->said.items[i].input, output))
			return false;
	command_object(command, "price_point", saying->point->id, 0);
	return true;
}

static const struct command_type saying_type = {
	.name = "price_point.add_currency", .scope = "write", .output = &price_point_record, .perform = saying_perform,
	.doc = "Says what a price point costs in other currencies.",
};

static bool is_said(const struct saying *saying, struct text code)
{
	for (size_t i = 0; i < saying->said.count; i++)
		if (text_is(code, saying->said.items[i].input.currency->code))
			return true;
	return false;
}

static void saying_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct saying *saying = exchange->work;
	struct maxio_currency_price_list prices = { 0 };
	struct maxio_list list;
	maxio_currency_prices_show(command->arena, output, &prices);
	maxio_list_begin(exchange, &list, "currency_prices", NULL);
	for (size_t i = 0; i < prices.count; i++)
		if (is_said(saying, prices.items[i].currency))
			maxio_list_add(&list, &maxio_currency_price_record, &prices.items[i]);
	maxio_list_end(exchange, &list, exchange->reply.status);
}

static bool saying_submit(struct http_exchange *exchange)
{
	return http_submit(exchange, &saying_type, exchange->work, saying_encode);
}

static bool prices_create(struct http_exchange *exchange)
{
	struct saying *saying = arena_new(exchange->arena, struct saying);
	exchange->work = saying;
	return maxio_body(exchange, NULL, &maxio_currency_prices_input_record, &saying->asked) &&
	       maxio_resolve(exchange, saying_resolve, saying_submit);
}

static bool prices_change(struct http_exchange *exchange)
{
	struct saying *saying = arena_new(exchange->arena, struct saying);
	exchange->work = saying;
	return maxio_body(exchange, NULL, &maxio_currency_changes_input_record, &saying->changes) &&
	       maxio_resolve(exchange, saying_resolve, saying_submit);
}

#define ROUTES(place)                                                                                                    \
	{ .method = "POST", .path = place "/currency_prices.json", .command = "price_point.add_currency", .status = 201, \
	  .vendors = true, .answer_list = "currency_prices", .handle = prices_create,                                    \
	  .input = &maxio_currency_prices_input_record, .output = &maxio_currency_price_record,                          \
	  .doc = "Says what a price point costs in other currencies." },                                                 \
	{ .method = "PUT", .path = place "/currency_prices.json", .command = "price_point.add_currency", .vendors = true, \
	  .answer_list = "currency_prices", .handle = prices_change, .input = &maxio_currency_changes_input_record,      \
	  .output = &maxio_currency_price_record,                                                                        \
	  .doc = "Changes what a price point costs in other currencies, from now on." }

const struct http_route maxio_currency_routes[] = {
	ROUTES("/price_points/{id}"),
	ROUTES("/components/{key}/price_points/{word}"),
	{ .path = NULL },
};
