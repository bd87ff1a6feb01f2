/* family.c: product families and their products. */
#include "maxio.h"

#include "billing/product.h"

/* ---- intervals ---- */

/* A billing period as a number of days or months. */
static const struct {
	enum listed_product_billing_period period;
	int64_t interval;
	enum maxio_product_input_interval_unit unit;
} intervals[] = {
	{ LISTED_PRODUCT_BILLING_PERIOD_DAILY, 1, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_WEEKLY, 7, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_BIWEEKLY, 14, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_THIRTY_DAYS, 30, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_THIRTY_ONE_DAYS, 31, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_SIXTY_DAYS, 60, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_NINETY_DAYS, 90, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_DAY },
	{ LISTED_PRODUCT_BILLING_PERIOD_MONTHLY, 1, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_BIMESTRIAL, 2, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_QUARTERLY, 3, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_TRIANNUAL, 4, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_BIANNUAL, 6, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_ANNUAL, 12, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_SESQUIENNIAL, 18, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_BIENNIAL, 24, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
	{ LISTED_PRODUCT_BILLING_PERIOD_TRIENNIAL, 36, MAXIO_PRODUCT_INPUT_INTERVAL_UNIT_MONTH },
};

static struct text unit_word(enum maxio_product_input_interval_unit unit)
{
	return text_of(maxio_product_input_record.fields[MAXIO_PRODUCT_INPUT_FIELD_INTERVAL_UNIT].words[unit]);
}

static bool period_find(struct http_exchange *exchange, const struct maxio_product_input *asked,
                        enum listed_product_create_billing_period *period)
{
	for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
		if (intervals[i].interval == asked->interval && intervals[i].unit == asked->interval_unit) {
			*period = (enum listed_product_create_billing_period)intervals[i].period;
			return true;
		}
	return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/interval",
	               "must be 1, 2, 3, 4, 6, 12, 18, 24 or 36 months, or 1, 7, 14, 30, 31, 60 or 90 days");
}

/* ---- shown ---- */

bool maxio_family_show(struct command *command, const struct product_family *family, struct maxio_product_family *shown)
{
	*shown = (struct maxio_product_family){
		.id = family->id, .has_id = true, .name = family->name, .handle = family->handle, .description = family->description,
		.created_at = maxio_time(command->arena, command->zone, family->created_at),
		.updated_at = maxio_time(command->arena, command->zone, family->updated_at),
	};
	return true;
}

static void trial_show(const struct listed_product *product, struct maxio_product *shown)
{
	shown->has_trial_interval = product->has_trial_duration;
	shown->trial_interval = product->trial_duration;
	shown->has_trial_price_in_cents = product->has_trial_duration;
	if (product->trial_unit)
		shown->trial_interval_unit = product->trial_unit == LISTED_PRODUCT_TRIAL_UNIT_MONTHS ? TEXT("month") : TEXT("day");
}

bool maxio_product_show(struct command *command, const struct listed_product *product, struct maxio_product *shown)
{
	struct product_family *family = product_family_need(command, product->product_family_id, "");
	struct maxio_product_family *family_shown = arena_new(command->arena, struct maxio_product_family);
	*shown = (struct maxio_product){
		.id = product->id, .has_id = true, .name = product->name, .handle = product->plan, .description = product->description,
		.has_request_credit_card = true, .request_credit_card = product->needs_card,
		.has_require_credit_card = true, .require_credit_card = product->needs_card,
		.created_at = maxio_time(command->arena, command->zone, product->created_at),
		.updated_at = maxio_time(command->arena, command->zone, product->updated_at),
		.has_price_in_cents = true, .price_in_cents = product->amount.minor, .has_version_number = true, .version_number = 1,
		.has_taxable = true, .taxable = false, .product_family = family_shown,
	};
	for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++)
		if (intervals[i].period == product->billing_period) {
			shown->has_interval = true;
			shown->interval = intervals[i].interval;
			shown->interval_unit = unit_word(intervals[i].unit);
		}
	trial_show(product, shown);
	return family && maxio_family_show(command, family, family_shown);
}

/* ---- families ---- */

static void family_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_product_family shown;
	if (maxio_family_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "product_family", &maxio_product_family_record, &shown);
}

static bool family_create(struct http_exchange *exchange)
{
	struct maxio_family_input asked = { 0 };
	if (!maxio_body(exchange, "product_family", &maxio_family_input_record, &asked))
		return false;
	struct product_family_create *input = arena_new(exchange->arena, struct product_family_create);
	*input = (struct product_family_create){ .name = asked.name, .handle = asked.handle, .description = asked.description };
	return http_submit(exchange, exchange->entry->command, input, family_encode);
}

static bool family_read(struct command *command, struct http_exchange *exchange)
{
	struct product_family *family;
	struct maxio_product_family shown;
	if (!maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family) || !maxio_family_show(command, family, &shown))
		return false;
	maxio_reply(exchange, 200, "product_family", &maxio_product_family_record, &shown);
	return true;
}

static bool families_read(struct command *command, struct http_exchange *exchange)
{
	struct product_family_list families = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	if (!maxio_page(exchange, 20, &page) ||
	    !product_family_page(command, (struct page_query){ .limit = PAGE_LIMIT_MAX }, &families))
		return false;
	maxio_list_begin(exchange, &list, NULL, "product_family");
	for (size_t i = 0; i < families.count; i++) {
		struct maxio_product_family shown;
		if (!maxio_on_page(&page, (int64_t)i))
			continue;
		if (!maxio_family_show(command, &families.items[i], &shown))
			return false;
		maxio_list_add(&list, &maxio_product_family_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

/* ---- products ---- */

static void product_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_product shown;
	if (maxio_product_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "product", &maxio_product_record, &shown);
}

static bool find_family(struct command *command, struct http_exchange *exchange)
{
	struct product_family *family;
	if (!maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family))
		return false;
	exchange->id = family->id;
	return true;
}

/* Money that the catalog's plans do not have: better refused than forgotten. */
static bool product_check(struct http_exchange *exchange, const struct maxio_product_input *asked)
{
	if (asked->trial_price_in_cents > 0)
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/trial_price_in_cents", "trials are free");
	if (asked->initial_charge_in_cents > 0)
		return problem(&exchange->problems, PROBLEM_INVALID_VALUE, "/initial_charge_in_cents",
		               "products have no initial charge; use a component that is charged once");
	return true;
}

static bool product_submit(struct http_exchange *exchange)
{
	const struct maxio_product_input *asked = exchange->work;
	struct listed_product_create *input = arena_new(exchange->arena, struct listed_product_create);
	*input = (struct listed_product_create){
		.product_family_id = exchange->id, .plan = asked->handle, .name = asked->name, .description = asked->description,
		.amount = { asked->price_in_cents, 2 }, .convention = TEXT("maxio"),
		.has_needs_card = asked->has_require_credit_card, .needs_card = asked->require_credit_card,
	};
	if (asked->has_trial_interval && asked->trial_interval > 0) {
		input->has_trial_duration = true;
		input->trial_duration = asked->trial_interval;
		input->trial_unit = asked->trial_interval_unit == MAXIO_PRODUCT_INPUT_TRIAL_INTERVAL_UNIT_MONTH
		                            ? LISTED_PRODUCT_CREATE_TRIAL_UNIT_MONTHS
		                            : LISTED_PRODUCT_CREATE_TRIAL_UNIT_DAYS;
	}
	return product_check(exchange, asked) && period_find(exchange, asked, &input->billing_period) &&
	       http_submit(exchange, exchange->entry->command, input, product_encode);
}

static bool product_create(struct http_exchange *exchange)
{
	struct maxio_product_input *asked = arena_new(exchange->arena, struct maxio_product_input);
	exchange->work = asked;
	return maxio_body(exchange, "product", &maxio_product_input_record, asked) &&
	       maxio_resolve(exchange, find_family, product_submit);
}

static bool product_show_reply(struct command *command, struct http_exchange *exchange, const struct listed_product *product)
{
	struct maxio_product shown;
	if (!product)
		return problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "the product does not exist");
	if (!maxio_product_show(command, product, &shown))
		return false;
	maxio_reply(exchange, 200, "product", &maxio_product_record, &shown);
	return true;
}

static bool product_read(struct command *command, struct http_exchange *exchange)
{
	const struct listed_product *product = listed_product_need(command, exchange->id, "");
	return product && product_show_reply(command, exchange, product);
}

static bool product_by_handle_read(struct command *command, struct http_exchange *exchange)
{
	struct listed_product *product;
	return listed_product_by_plan(command, maxio_segment(exchange, 2), &product) &&
	       product_show_reply(command, exchange, product);
}

static bool products_of(struct command *command, struct http_exchange *exchange, int64_t family_id)
{
	struct listed_product_list products = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	if (!maxio_page(exchange, 20, &page) ||
	    !listed_product_page(command, family_id, (struct page_query){ .limit = PAGE_LIMIT_MAX }, &products))
		return false;
	maxio_list_begin(exchange, &list, NULL, "product");
	for (size_t i = 0; i < products.count; i++) {
		struct maxio_product shown;
		if (!maxio_on_page(&page, (int64_t)i))
			continue;
		if (!maxio_product_show(command, &products.items[i], &shown))
			return false;
		maxio_list_add(&list, &maxio_product_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

static bool products_read(struct command *command, struct http_exchange *exchange)
{
	return products_of(command, exchange, 0);
}

static bool family_products_read(struct command *command, struct http_exchange *exchange)
{
	struct product_family *family;
	return maxio_family_of(command, exchange, maxio_segment(exchange, 1), &family) &&
	       products_of(command, exchange, family->id);
}

const struct http_route maxio_family_routes[] = {
	{ .method = "POST", .path = "/product_families.json", .command = "product_family.create", .status = 201, .vendors = true, .wrapper = "product_family", .answer = "product_family",
	  .handle = family_create, .input = &maxio_family_input_record, .output = &maxio_product_family_record,
	  .doc = "Makes a product family." },
	{ .method = "GET", .path = "/product_families.json", .scope = "read", .parameters = "page per_page", .vendors = true, .answer = "product_family",
	  .handle = http_read, .read = families_read, .cost = 1, .output = &maxio_product_family_record, .bare_list = true,
	  .doc = "Product families." },
	{ .method = "GET", .path = "/product_families/{key}.json", .scope = "read", .vendors = true, .answer = "product_family", .handle = http_read,
	  .read = family_read, .output = &maxio_product_family_record, .doc = "A product family." },
	{ .method = "POST", .path = "/product_families/{key}/products.json", .command = "listed_product.create", .status = 201,
	  .vendors = true, .wrapper = "product", .answer = "product", .handle = product_create, .input = &maxio_product_input_record, .output = &maxio_product_record,
	  .doc = "Makes a product of a family: a plan of the catalog." },
	{ .method = "GET", .path = "/product_families/{key}/products.json", .scope = "read", .parameters = "page per_page",
	  .vendors = true, .answer = "product", .handle = http_read, .read = family_products_read, .cost = 1, .output = &maxio_product_record,
	  .bare_list = true, .doc = "Products of a family." },
	{ .method = "GET", .path = "/products.json", .scope = "read", .parameters = "page per_page", .vendors = true, .answer = "product",
	  .handle = http_read, .read = products_read, .cost = 1, .output = &maxio_product_record, .bare_list = true,
	  .doc = "Products." },
	{ .method = "GET", .path = "/products/{id}.json", .scope = "read", .vendors = true, .answer = "product", .handle = http_read,
	  .read = product_read, .output = &maxio_product_record, .doc = "A product." },
	{ .method = "GET", .path = "/products/handle/{key}.json", .scope = "read", .vendors = true, .answer = "product", .handle = http_read,
	  .read = product_by_handle_read, .output = &maxio_product_record, .doc = "A product by its handle." },
	{ .path = NULL },
};
