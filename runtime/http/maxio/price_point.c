/* price_point.c: price points of a component. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/product.h"

/* ---- asked for ---- */

bool maxio_scheme_ask(struct http_exchange *exchange, struct text word, const char *pointer, int *scheme)
{
	*scheme = 0;
	if (!text_present(word) || word.length == 0)
		return true;
	*scheme = word_find(WORD_SYSTEM_MAXIO, WORD_COMPONENT_UPGRADE_CHARGE, word);
	return *scheme || problem_value(&exchange->problems, PROBLEM_UNKNOWN_CHOICE, pointer, word, NULL,
	                                "must be one of full, prorated or none");
}

bool maxio_prepaid_ask(struct http_exchange *exchange, const struct maxio_terms_input *asked, bool prepaid, bool fractional,
                       const struct maxio_prepaid *to)
{
	if (!prepaid)
		return true;
	if (!asked->overage_pricing)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/overage_pricing", "an overage price is needed");
	const struct maxio_prices overage = {
		.scheme = (int)asked->overage_pricing->pricing_scheme, .items = asked->overage_pricing->prices.items,
		.count = asked->overage_pricing->prices.count, .fractional = fractional,
	};
	*to->overage_price = maxio_terms(exchange, &overage, "/overage_pricing/prices");
	*to->has_renew = *to->has_rollover = true;
	*to->renew = asked->renew;
	*to->rollover = asked->rollover;
	*to->expires_unit = (int)asked->expires_unit;
	*to->has_expires_after = asked->has_expires_after && asked->expires_unit != (int)MAXIO_COMPONENT_INPUT_EXPIRATION_INTERVAL_UNIT_NEVER;
	*to->expires_after = *to->has_expires_after ? asked->expires_after : 0;
	return *to->overage_price != NULL;
}

bool maxio_price_point_ask(struct http_exchange *exchange, const struct maxio_price_point_input *asked, bool prepaid,
                           bool fractional, struct price_point_create *input)
{
	const struct maxio_prices prices = {
		.scheme = (int)asked->pricing_scheme, .items = asked->prices.items, .count = asked->prices.count,
		.unit_price = asked->unit_price, .has_unit_price = asked->has_unit_price, .fractional = fractional,
	};
	struct maxio_terms_input rest = MAXIO_TERMS_OF(asked);
	if (!text_present(asked->name) || asked->name.length == 0)
		return problem(&exchange->problems, PROBLEM_MISSING_FIELD, "/name", "a name is needed");
	*input = (struct price_point_create){
		.name = asked->name, .price = maxio_terms(exchange, &prices, "/prices"),
		.handle = text_present(asked->handle) && asked->handle.length ? asked->handle
		                                                              : handle_of_name(exchange->arena, asked->name),
	};
	return input->price &&
	       maxio_prepaid_ask(exchange, &rest, prepaid, fractional, &(struct maxio_prepaid){ PREPAID_OF(input) });
}

bool maxio_custom_price_ask(struct http_exchange *exchange, const struct maxio_price_point_input *asked,
                            const struct component *component, struct custom_price **price)
{
	const struct maxio_prices prices = {
		.scheme = (int)asked->pricing_scheme, .items = asked->prices.items, .count = asked->prices.count,
		.unit_price = asked->unit_price, .has_unit_price = asked->has_unit_price, .fractional = component->fractional,
	};
	struct maxio_terms_input rest = MAXIO_TERMS_OF(asked);
	struct custom_price *input = arena_new(exchange->arena, struct custom_price);
	*input = (struct custom_price){ .name = asked->name.length ? asked->name : TEXT_NONE,
		                        .price = maxio_terms(exchange, &prices, "/custom_price/prices") };
	*price = input;
	return input->price && maxio_prepaid_ask(exchange, &rest, component->kind == COMPONENT_KIND_PREPAID, component->fractional,
	                                         &(struct maxio_prepaid){ PREPAID_OF(input) });
}

/* ---- shown ---- */

static void prepaid_show(const struct price_point *point, struct maxio_price_point *shown)
{
	if (!point->overage_price)
		return;
	shown->overage_pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)point->overage_price->scheme);
	shown->has_renew_prepaid_allocation = shown->has_rollover_prepaid_remainder = true;
	shown->renew_prepaid_allocation = point->has_renew_prepaid && point->renew_prepaid;
	shown->rollover_prepaid_remainder = point->has_rollover_prepaid && point->rollover_prepaid;
	shown->has_expiration_interval = point->has_expires_after;
	shown->expiration_interval = point->expires_after;
	if (point->expires_unit)
		shown->expiration_interval_unit =
		        text_of(price_point_record.fields[PRICE_POINT_FIELD_EXPIRES_UNIT].words[point->expires_unit]);
}

struct text maxio_price_point_type(const struct component *component, const struct price_point *point)
{
	return point->subscription_id ? TEXT("custom") : component->price_point_id == point->id ? TEXT("default") : TEXT("catalog");
}

bool maxio_price_point_show(struct command *command, const struct component *component, const struct price_point *point,
                            struct maxio_price_point *shown)
{
	struct maxio_price_list prices = { 0 }, overage = { 0 };
	struct maxio_currency_price_list currencies = { 0 };
	*shown = (struct maxio_price_point){
		.id = point->id, .has_id = true, .type = maxio_price_point_type(component, point), .has_default_ = true,
		.default_ = component->price_point_id == point->id, .name = point->name,
		.pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)point->price->scheme),
		.component_id = component->id, .has_component_id = true,
		.handle = maxio_price_point_handle(command->arena, point),
		.archived_at = maxio_time(command->arena, command->zone, point->archived_at),
		.created_at = maxio_time(command->arena, command->zone, point->created_at),
		.updated_at = maxio_time(command->arena, command->zone, point->updated_at),
		.has_use_site_exchange_rate = true, .use_site_exchange_rate = point->currency_prices.count == 0,
		.subscription_id = point->subscription_id, .has_subscription_id = point->subscription_id != 0,
		.has_tax_included = true,
	};
	maxio_prices_show(command->arena, point, point->price, false, &prices);
	maxio_prices_show(command->arena, point, point->overage_price, true, &overage);
	*LIST(&shown->prices) = *(const struct record_list *)(const void *)&prices;
	*LIST(&shown->overage_prices) = *(const struct record_list *)(const void *)&overage;
	maxio_currency_prices_show(command->arena, point, &currencies);
	*LIST(&shown->currency_prices) = *(const struct record_list *)(const void *)&currencies;
	prepaid_show(point, shown);
	return true;
}

/* ---- what the path names ---- */

struct addressed {
	struct maxio_price_point_input asked;
	struct maxio_price_points_input many;
	struct component *component;
	struct price_point *point;
};

static bool find_component(struct command *command, struct http_exchange *exchange)
{
	struct addressed *addressed = exchange->work;
	return maxio_component_of(command, maxio_segment(exchange, 1), "", &addressed->component);
}

static bool find_point(struct command *command, struct http_exchange *exchange)
{
	struct addressed *addressed = exchange->work;
	return find_component(command, exchange) &&
	       maxio_price_point_of(command, addressed->component, maxio_segment(exchange, 3), "", &addressed->point);
}

static struct addressed *addressed_new(struct http_exchange *exchange)
{
	return exchange->work = arena_new(exchange->arena, struct addressed);
}

/* ---- making one, and many ---- */

static void point_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct price_point *point = output;
	const struct component *component = component_need(command, point->component_id, "");
	struct maxio_price_point shown;
	if (component && maxio_price_point_show(command, component, point, &shown))
		maxio_reply(exchange, exchange->reply.status, "price_point", &maxio_price_point_record, &shown);
}

static bool is_prepaid(const struct addressed *addressed)
{
	return addressed->component->kind == COMPONENT_KIND_PREPAID;
}

static bool create_submit(struct http_exchange *exchange)
{
	const struct addressed *addressed = exchange->work;
	struct price_point_create *input = arena_new(exchange->arena, struct price_point_create);
	if (!maxio_price_point_ask(exchange, &addressed->asked, is_prepaid(addressed), addressed->component->fractional, input))
		return false;
	input->component_id = addressed->component->id;
	return http_submit(exchange, exchange->entry->command, input, point_encode);
}

static bool point_create(struct http_exchange *exchange)
{
	struct addressed *addressed = addressed_new(exchange);
	return maxio_body(exchange, "price_point", &maxio_price_point_input_record, &addressed->asked) &&
	       maxio_resolve(exchange, find_component, create_submit);
}

/* Price points of one component: all or none. */
struct many {
	struct price_point_create *items;
	size_t count;
	struct price_point **made;
};

static bool many_perform(struct command *command, const void *data, void **output)
{
	const struct many *many = data;
	for (size_t i = 0; i < many->count; i++)
		if (!command_perform(command, "price_point.create", &many->items[i], (void **)&many->made[i]))
			return false;
	*output = (void *)(uintptr_t)many;
	return true;
}

static const struct command_type many_type = {
	.name = "price_point.create", .scope = "write", .perform = many_perform, .doc = "Makes price points.",
};

static void many_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct many *many = output;
	struct maxio_list list;
	maxio_list_begin(exchange, &list, "price_points", NULL);
	for (size_t i = 0; i < many->count; i++) {
		const struct component *component = component_need(command, many->made[i]->component_id, "");
		struct maxio_price_point shown;
		if (component && maxio_price_point_show(command, component, many->made[i], &shown))
			maxio_list_add(&list, &maxio_price_point_record, &shown);
	}
	maxio_list_end(exchange, &list, exchange->reply.status);
}

static bool many_submit(struct http_exchange *exchange)
{
	const struct addressed *addressed = exchange->work;
	struct many *many = arena_new(exchange->arena, struct many);
	many->count = addressed->many.price_points.count;
	many->items = arena_new_many(exchange->arena, struct price_point_create, many->count + 1);
	many->made = arena_new_many(exchange->arena, struct price_point *, many->count + 1);
	for (size_t i = 0; i < many->count; i++) {
		if (!maxio_price_point_ask(exchange, &addressed->many.price_points.items[i], is_prepaid(addressed),
		                           addressed->component->fractional, &many->items[i]))
			return false;
		many->items[i].component_id = addressed->component->id;
	}
	return http_submit(exchange, &many_type, many, many_encode);
}

static bool points_create(struct http_exchange *exchange)
{
	struct addressed *addressed = addressed_new(exchange);
	return maxio_body(exchange, NULL, &maxio_price_points_input_record, &addressed->many) &&
	       maxio_resolve(exchange, find_component, many_submit);
}

/* ---- reading ---- */

static bool points_read(struct command *command, struct http_exchange *exchange)
{
	struct addressed *addressed = addressed_new(exchange);
	struct price_point_list points = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	if (!maxio_page(exchange, 20, &page) || !find_component(command, exchange) ||
	    !price_points_of_component(command, addressed->component->id, &points))
		return false;
	maxio_list_begin(exchange, &list, "price_points", NULL);
	for (size_t i = 0; i < points.count; i++) {
		struct maxio_price_point shown;
		if (maxio_on_page(&page, (int64_t)i) &&
		    maxio_price_point_show(command, addressed->component, &points.items[i], &shown))
			maxio_list_add(&list, &maxio_price_point_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

static bool point_read(struct command *command, struct http_exchange *exchange)
{
	struct addressed *addressed = addressed_new(exchange);
	struct maxio_price_point shown;
	if (!find_point(command, exchange) || !maxio_price_point_show(command, addressed->component, addressed->point, &shown))
		return false;
	maxio_reply(exchange, 200, "price_point", &maxio_price_point_record, &shown);
	return true;
}

/* ---- changing ---- */

static bool update_submit(struct http_exchange *exchange)
{
	const struct addressed *addressed = exchange->work;
	struct price_point_update *input = arena_new(exchange->arena, struct price_point_update);
	if (addressed->asked.prices.count > 0)
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/prices",
		               "what a price point says does not change: make another one, and let it be the default");
	*input = (struct price_point_update){
		.id = addressed->point->id, .name = text_present(addressed->asked.name) ? addressed->asked.name : addressed->point->name,
	};
	return http_submit(exchange, exchange->entry->command, input, point_encode);
}

static bool point_update(struct http_exchange *exchange)
{
	struct addressed *addressed = addressed_new(exchange);
	return maxio_body(exchange, "price_point", &maxio_price_point_input_record, &addressed->asked) &&
	       maxio_resolve(exchange, find_point, update_submit);
}

static bool archive_submit(struct http_exchange *exchange)
{
	struct price_point_archive *input = arena_new(exchange->arena, struct price_point_archive);
	input->id = ((const struct addressed *)exchange->work)->point->id;
	return http_submit(exchange, exchange->entry->command, input, point_encode);
}

static bool point_archive(struct http_exchange *exchange)
{
	addressed_new(exchange);
	return maxio_resolve(exchange, find_point, archive_submit);
}

static void component_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_component shown;
	if (maxio_component_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "component", &maxio_component_record, &shown);
}

static bool default_submit(struct http_exchange *exchange)
{
	const struct addressed *addressed = exchange->work;
	struct component_update *input = arena_new(exchange->arena, struct component_update);
	*input = (struct component_update){ .id = addressed->component->id, .price_point_id = addressed->point->id };
	return http_submit(exchange, exchange->entry->command, input, component_encode);
}

static bool point_default(struct http_exchange *exchange)
{
	addressed_new(exchange);
	return maxio_resolve(exchange, find_point, default_submit);
}

#define POINT_PATH "/components/{key}/price_points/{word}"

const struct http_route maxio_price_point_routes[] = {
	{ .method = "POST", .path = "/components/{key}/price_points.json", .command = "price_point.create", .status = 201,
	  .vendors = true, .wrapper = "price_point", .answer = "price_point", .handle = point_create, .input = &maxio_price_point_input_record,
	  .output = &maxio_price_point_record, .doc = "Makes a price point of a component." },
	{ .method = "POST", .path = "/components/{key}/price_points/bulk.json", .command = "price_point.create", .status = 201,
	  .vendors = true, .answer_list = "price_points", .handle = points_create, .input = &maxio_price_points_input_record,
	  .output = &maxio_price_point_record, .doc = "Makes price points of a component, all or none." },
	{ .method = "GET", .path = "/components/{key}/price_points.json", .scope = "read", .parameters = "page per_page",
	  .vendors = true, .answer_list = "price_points", .handle = http_read, .read = points_read, .cost = 1, .output = &maxio_price_point_record,
	  .doc = "Price points of a component, oldest first." },
	{ .method = "GET", .path = POINT_PATH ".json", .scope = "read", .vendors = true, .answer = "price_point", .handle = http_read,
	  .read = point_read, .output = &maxio_price_point_record, .doc = "A price point." },
	{ .method = "PUT", .path = POINT_PATH ".json", .command = "price_point.update", .vendors = true, .wrapper = "price_point", .answer = "price_point", .handle = point_update,
	  .input = &maxio_price_point_input_record, .output = &maxio_price_point_record, .doc = "Names a price point anew." },
	{ .method = "DELETE", .path = POINT_PATH ".json", .command = "price_point.archive", .vendors = true, .answer = "price_point",
	  .handle = point_archive, .output = &maxio_price_point_record, .doc = "Archives a price point." },
	{ .method = "PUT", .path = POINT_PATH "/unarchive.json", .command = "price_point.unarchive", .vendors = true, .answer = "price_point",
	  .handle = point_archive, .output = &maxio_price_point_record, .doc = "Lets it be had again." },
	{ .method = "PUT", .path = POINT_PATH "/default.json", .command = "component.update", .vendors = true, .answer = "component",
	  .handle = point_default, .output = &maxio_component_record, .doc = "Makes it the component's default." },
	{ .path = NULL },
};
