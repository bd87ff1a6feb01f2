/* usage.c: what is used of metered and prepaid components. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/component_usage_record.h"
#include "billing/subscription.h"

/* ---- shown ---- */

static bool usage_show(struct command *command, const struct component_usage *usage, struct maxio_usage *shown)
{
	const struct component *component = component_need(command, usage->component_id, "");
	if (!component)
		return false;
	*shown = (struct maxio_usage){
		.id = usage->id, .has_id = true, .memo = usage->memo,
		.created_at = maxio_time(command->arena, command->zone, usage->created_at),
		.price_point_id = usage->price_point_id, .has_price_point_id = true,
		.quantity = maxio_quantity(command->arena, usage->quantity, component->fractional),
		.overage_quantity = decimal_canonical_text(command->arena, usage->overage_quantity),
		.component_id = component->id, .has_component_id = true, .component_handle = component->handle,
		.subscription_id = usage->subscription_id, .has_subscription_id = true,
	};
	return true;
}

/* ---- recording ---- */

struct using {
	struct maxio_usage_input asked;
	struct component_usage_create input;
};

/* Where a component counts whole units, what is beyond the point does not count there. */
static bool quantity_ask(const struct component *component, struct decimal quantity, struct decimal *counted)
{
	*counted = quantity;
	return component->fractional || decimal_round(quantity, 0, ROUNDING_DOWN, counted);
}

static bool using_resolve(struct command *command, struct http_exchange *exchange)
{
	struct using *using = exchange->work;
	struct subscription *subscription;
	struct component *component;
	struct price_point *point;
	if (!maxio_subscription_of(command, maxio_segment(exchange, 1), true, &subscription) ||
	    !maxio_component_of(command, maxio_segment(exchange, 3), "", &component) ||
	    !quantity_ask(component, using->asked.quantity, &using->input.quantity))
		return false;
	using->input.subscription_id = subscription->id;
	using->input.component_id = component->id;
	using->input.memo = using->asked.memo.length ? using->asked.memo : TEXT_NONE;
	if (using->asked.custom_price)
		return maxio_custom_price_ask(exchange, using->asked.custom_price, component, &using->input.custom_price);
	if (using->asked.price_point_id.length == 0)
		return true;
	if (!maxio_price_point_of(command, component, using->asked.price_point_id, "/price_point_id", &point))
		return false;
	using->input.price_point_id = point->id;
	return true;
}

static void usage_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	struct maxio_usage shown;
	if (usage_show(command, output, &shown))
		maxio_reply(exchange, exchange->reply.status, "usage", &maxio_usage_record, &shown);
}

static bool using_submit(struct http_exchange *exchange)
{
	struct using *using = exchange->work;
	return http_submit(exchange, exchange->entry->command, &using->input, usage_encode);
}

static bool usage_create(struct http_exchange *exchange)
{
	struct using *using = arena_new(exchange->arena, struct using);
	exchange->work = using;
	return maxio_body(exchange, "usage", &maxio_usage_input_record, &using->asked) &&
	       maxio_resolve(exchange, using_resolve, using_submit);
}

/* ---- reading ---- */

/* Both dates mean midnight of the site. */
static bool date_asked(struct command *command, struct http_exchange *exchange, const char *name, struct instant *instant)
{
	struct text day = http_parameter(&exchange->target, name);
	struct date date;
	if (!text_present(day) || day.length == 0)
		return true;
	if (!date_parse(text_slice(day, 0, 10), &date))
		return problem_value(&exchange->problems, PROBLEM_BAD_DATE, text_format(exchange->arena, "/%s", name).data, day, NULL,
		                     "is not a date");
	*instant = timezone_start_of_date(command->zone, date);
	return true;
}

static bool id_asked(struct http_exchange *exchange, const char *name, int64_t *id)
{
	struct text text = http_parameter(&exchange->target, name);
	return !text_present(text) || text.length == 0 || text_to_int64(text, id) ||
	       problem_value(&exchange->problems, PROBLEM_INVALID_VALUE, text_format(exchange->arena, "/%s", name).data,
	                     text_slice(text, 0, 40), NULL, "is not an id");
}

static bool usages_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct component *component;
	struct subscription_component *had;
	struct component_usage_filter filter = { 0 };
	struct component_usage_rows rows = { 0 };
	struct maxio_page page;
	struct maxio_list list;
	if (!maxio_page(exchange, 20, &page) || !id_asked(exchange, "since_id", &filter.since_id) ||
	    !id_asked(exchange, "max_id", &filter.max_id) || !date_asked(command, exchange, "since_date", &filter.since) ||
	    !date_asked(command, exchange, "until_date", &filter.until) ||
	    !maxio_subscription_of(command, maxio_segment(exchange, 1), true, &subscription) ||
	    !maxio_component_of(command, maxio_segment(exchange, 3), "", &component) ||
	    !subscription_component_of(command, subscription, component->id, &had))
		return false;
	filter.offset = (page.page - 1) * page.per_page;
	filter.most = page.per_page;
	if (had && !component_usage_page(command, had, &filter, &rows))
		return false;
	maxio_list_begin(exchange, &list, NULL, "usage");
	for (size_t i = 0; i < rows.count; i++) {
		struct maxio_usage shown;
		if (!usage_show(command, &rows.items[i], &shown))
			return false;
		maxio_list_add(&list, &maxio_usage_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

#define USAGES_PATH "/subscriptions/{key}/components/{word}/usages.json"

const struct http_route maxio_usage_routes[] = {
	{ .method = "POST", .path = USAGES_PATH, .command = "component_usage.create", .vendors = true, .wrapper = "usage", .answer = "usage", .handle = usage_create,
	  .input = &maxio_usage_input_record, .output = &maxio_usage_record, .doc = "Records usage of a component." },
	{ .method = "GET", .path = USAGES_PATH, .scope = "read", .parameters = "since_id max_id since_date until_date page per_page",
	  .vendors = true, .answer = "usage", .handle = http_read, .read = usages_read, .cost = 1, .output = &maxio_usage_record, .bare_list = true,
	  .doc = "Usage of a component, newest first." },
	{ .path = NULL },
};
