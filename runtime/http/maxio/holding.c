/* holding.c: components of subscriptions: what each has, at which price point, and whether its events are billed. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/component_period.h"
#include "billing/product.h"
#include "billing/subscription.h"
#include "billing/subscription_component.h"

#include <stdlib.h>

/* ---- shown ---- */

static void place_show(const struct component *component, const struct product_family *family,
                       struct maxio_subscription_component *shown)
{
	shown->component_id = component->id;
	shown->has_component_id = true;
	shown->component_handle = component->handle;
	if (!family)
		return;
	shown->product_family_id = family->id;
	shown->has_product_family_id = true;
	shown->product_family_handle = family->handle;
}

static void price_show(struct command *command, const struct component *component, const struct price_point *point,
                       struct maxio_subscription_component *shown)
{
	shown->price_point_id = point->id;
	shown->has_price_point_id = true;
	shown->price_point_handle = maxio_price_point_handle(command->arena, point);
	shown->price_point_type = maxio_price_point_type(component, point);
	shown->price_point_name = point->name;
	if (component->kind != COMPONENT_KIND_ON_OFF)
		shown->pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)point->price->scheme);
}

/* Of prepaid ones the balance is what is left of what was bought. */
static void quantities_show(struct arena *arena, const struct component *component, const struct subscription_component *had,
                            struct maxio_subscription_component *shown)
{
	bool switched = component->kind == COMPONENT_KIND_ON_OFF, event = component->kind == COMPONENT_KIND_EVENT;
	bool on = decimal_sign(had->quantity) > 0;
	shown->has_enabled = true;
	shown->enabled = switched ? on : event ? had->active : true;
	shown->unit_balance = decimal_canonical_text(arena, had->unit_balance);
	shown->allocated_quantity = maxio_quantity(arena, had->quantity, component->fractional);
}

bool maxio_holding_show(struct command *command, const struct subscription *subscription,
                        const struct subscription_component *had, struct maxio_subscription_component *shown)
{
	struct arena *arena = command->arena;
	const struct component *component = component_need(command, had->component_id, "");
	const struct price_point *point = component ? price_point_need(command, had->price_point_id, "") : NULL;
	const struct product_family *family = NULL;
	if (!point || (component->product_family_id &&
	               !(family = product_family_need(command, component->product_family_id, ""))))
		return false;
	bool used = component->kind == COMPONENT_KIND_METERED || component->kind == COMPONENT_KIND_EVENT;
	*shown = (struct maxio_subscription_component){
		.id = had->id, .has_id = true, .name = component->name, .unit_name = component->unit_name,
		.kind = maxio_word(WORD_COMPONENT_KIND, (int)component->kind), .currency = text_of(subscription->currency->code),
		.subscription_id = had->subscription_id, .has_subscription_id = true,
		.recurring = component->recurring && !used, .has_recurring = true,
		.upgrade_charge = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)component->upgrade_charge),
		.downgrade_credit = maxio_word(WORD_COMPONENT_UPGRADE_CHARGE, (int)component->downgrade_credit),
		.archived_at = maxio_time(arena, command->zone, component->archived_at),
		.created_at = maxio_time(arena, command->zone, had->created_at),
		.updated_at = maxio_time(arena, command->zone, had->updated_at),
		.use_site_exchange_rate = true, .has_use_site_exchange_rate = true, .description = component->description,
		.allow_fractional_quantities = component->fractional, .has_allow_fractional_quantities = true,
		.has_display_on_hosted_page = true,
	};
	place_show(component, family, shown);
	price_show(command, component, point, shown);
	quantities_show(arena, component, had, shown);
	return true;
}

/* ---- filters ---- */

struct wanted {
	struct maxio_page page;
	bool paged, in_use, with_history, with_owner, by_updated, ascending, own_prices, own_prices_wanted;
	struct maxio_ids families, subscriptions;
	struct text currencies, states;
	struct maxio_span updated, owner;
};

static bool wanted_read(struct command *command, struct http_exchange *exchange, struct wanted *wanted)
{
	static const char *const dates[] = { "updated_at", NULL }, *const sorts[] = { "id", "updated_at", NULL },
	                  *const not_null[] = { "not_null", NULL };
	struct text sort, field, points, include = maxio_values(exchange, "include");
	bool set;
	wanted->with_owner = maxio_holds_word(include, TEXT("subscription"));
	wanted->with_history = maxio_holds_word(include, TEXT("historic_usages"));
	wanted->currencies = maxio_values(exchange, "filter[currencies]");
	wanted->states = maxio_values(exchange, "filter[subscription][states]");
	if (!maxio_word_of(exchange, "sort", sorts, &sort) || !maxio_word_of(exchange, "date_field", dates, &field) ||
	    !maxio_word_of(exchange, "filter[subscription][date_field]", dates, &field) ||
	    !maxio_word_of(exchange, "price_point_ids", not_null, &points) || !maxio_direction(exchange, &wanted->ascending))
		return false;
	wanted->by_updated = text_is(sort, "updated_at");
	return maxio_page(exchange, 20, &wanted->page) && maxio_flag(exchange, "in_use", &set, &wanted->in_use) &&
	       maxio_flag(exchange, "filter[use_site_exchange_rate]", &wanted->own_prices_wanted, &wanted->own_prices) &&
	       maxio_ids(exchange, "product_family_ids", &wanted->families) &&
	       maxio_ids(exchange, "subscription_ids", &wanted->subscriptions) &&
	       maxio_span(command, exchange, "", "", &wanted->updated) &&
	       maxio_span(command, exchange, "filter[subscription][", "]", &wanted->owner);
}

static bool is_used(const struct subscription_component *had)
{
	return decimal_sign(had->quantity) > 0 || decimal_sign(had->unit_balance) > 0;
}

static bool fits(struct command *command, const struct wanted *wanted, const struct subscription *subscription,
                 const struct subscription_component *had, bool *fits_all)
{
	const struct component *component = component_need(command, had->component_id, "");
	const struct price_point *point = component ? price_point_need(command, had->price_point_id, "") : NULL;
	if (!point)
		return false;
	bool site_rate = point->currency_prices.count == 0;
	*fits_all = (!wanted->in_use || is_used(had)) &&
	            maxio_id_among(&wanted->families, component->product_family_id) &&
	            (wanted->currencies.length == 0 || maxio_holds_word(wanted->currencies, text_of(subscription->currency->code))) &&
	            (!wanted->own_prices_wanted || wanted->own_prices == site_rate) && maxio_within(had->updated_at, &wanted->updated);
	return true;
}

static bool owner_fits(struct command *command, const struct wanted *wanted, const struct subscription *subscription, bool *fits_all)
{
	struct text state;
	*fits_all = maxio_id_among(&wanted->subscriptions, subscription->id) && maxio_within(subscription->updated_at, &wanted->owner);
	if (!*fits_all || wanted->states.length == 0)
		return true;
	if (!maxio_subscription_state(command, subscription, &state))
		return false;
	*fits_all = maxio_holds_word(wanted->states, state);
	return true;
}

/* ---- lists ---- */

struct found {
	struct subscription_component had;
	struct subscription *subscription;
};
struct found_list {
	struct found *items;
	size_t count, capacity;
};

static bool find_of(struct command *command, const struct wanted *wanted, struct subscription *subscription, struct found_list *found)
{
	struct subscription_component_list all = { 0 };
	bool keep;
	if (!subscription_components(command, subscription, &all))
		return false;
	for (size_t i = 0; i < all.count; i++) {
		if (!fits(command, wanted, subscription, &all.items[i], &keep))
			return false;
		if (keep)
			*list_add(command->arena, found, struct found) = (struct found){ all.items[i], subscription };
	}
	return true;
}

static int64_t compare_found(const void *left, const void *right, bool by_updated)
{
	const struct subscription_component *a = &((const struct found *)left)->had, *b = &((const struct found *)right)->had;
	int64_t difference = by_updated ? a->updated_at.us - b->updated_at.us : 0;
	return difference ? difference : a->id - b->id;
}

static int by_id(const void *left, const void *right)
{
	int64_t difference = compare_found(left, right, false);
	return (difference > 0) - (difference < 0);
}

static int by_updated(const void *left, const void *right)
{
	int64_t difference = compare_found(left, right, true);
	return (difference > 0) - (difference < 0);
}

/* By id or time, newest first unless told otherwise; equal times by id. */
static void put_in_order(const struct wanted *wanted, struct found_list *found)
{
	if (found->count == 0)
		return;
	qsort(found->items, found->count, sizeof *found->items, wanted->by_updated ? by_updated : by_id);
	for (size_t i = 0; !wanted->ascending && i < found->count / 2; i++) {
		struct found one = found->items[i];
		found->items[i] = found->items[found->count - 1 - i];
		found->items[found->count - 1 - i] = one;
	}
}

/* Past periods of what is used, newest first. */
static bool history_show(struct command *command, const struct found *one, struct maxio_subscription_component *shown)
{
	struct component_period_list periods = { 0 };
	if (!component_period_page(command, &one->had, 0, OBJECT_PAGE_DEFAULT, &periods))
		return false;
	for (size_t i = 0; i < periods.count; i++) {
		const struct component_period *period = &periods.items[i];
		if (period->ends_at.us == 0)
			continue;
		struct maxio_historic_usage *usage = list_add(command->arena, &shown->historic_usages, struct maxio_historic_usage);
		usage->total_usage_quantity = decimal_canonical_text(command->arena, period->quantity);
		usage->billing_period_starts_at = maxio_time(command->arena, command->zone, period->starts_at);
		usage->billing_period_ends_at = maxio_time(command->arena, command->zone, period->ends_at);
	}
	return true;
}

static bool found_show(struct command *command, const struct wanted *wanted, const struct found *one,
                       struct maxio_subscription_component *shown)
{
	if (!maxio_holding_show(command, one->subscription, &one->had, shown))
		return false;
	if (wanted->with_owner) {
		shown->subscription = arena_new(command->arena, struct maxio_component_owner);
		shown->subscription->updated_at = maxio_time(command->arena, command->zone, one->subscription->updated_at);
		if (!maxio_subscription_state(command, one->subscription, &shown->subscription->state))
			return false;
	}
	return !wanted->with_history || history_show(command, one, shown);
}

static bool found_reply(struct command *command, struct http_exchange *exchange, const struct wanted *wanted,
                        struct found_list *found, struct maxio_list *list)
{
	put_in_order(wanted, found);
	for (size_t i = 0; i < found->count; i++) {
		struct maxio_subscription_component shown;
		if (wanted->paged && !maxio_on_page(&wanted->page, (int64_t)i))
			continue;
		if (!found_show(command, wanted, &found->items[i], &shown))
			return false;
		maxio_list_add(list, &maxio_subscription_component_record, &shown);
	}
	maxio_list_end(exchange, list, 200);
	return true;
}

static bool holdings_read(struct command *command, struct http_exchange *exchange)
{
	struct wanted *wanted = arena_new(exchange->arena, struct wanted);
	struct found_list found = { 0 };
	struct subscription *subscription;
	struct maxio_list list;
	if (!wanted_read(command, exchange, wanted) || !maxio_subscription_addressed(command, exchange, &subscription) ||
	    !find_of(command, wanted, subscription, &found))
		return false;
	maxio_list_begin(exchange, &list, NULL, "component");
	return found_reply(command, exchange, wanted, &found, &list);
}

/* Of subscriptions that are named, or of all in the order of their changes, which no index knows. */
static bool find_by_owner(struct command *command, const struct wanted *wanted, struct found_list *found)
{
	struct object_filter filter = { .max = OBJECT_PAGE_MAX };
	struct subscription_list subscriptions = { 0 };
	bool keep;
	do {
		subscriptions = (struct subscription_list){ 0 };
		if (!subscription_page(command, &filter, &subscriptions))
			return false;
		for (size_t i = 0; i < subscriptions.count; i++) {
			filter.before_id = subscriptions.items[i].id;
			if (!owner_fits(command, wanted, &subscriptions.items[i], &keep) ||
			    (keep && !find_of(command, wanted, &subscriptions.items[i], found)))
				return false;
		}
	} while (subscriptions.count == OBJECT_PAGE_MAX);
	return true;
}

static bool find_of_named(struct command *command, const struct wanted *wanted, struct found_list *found)
{
	for (size_t i = 0; i < wanted->subscriptions.count; i++) {
		struct maxio_ids before = wanted->subscriptions;
		struct subscription *subscription;
		bool keep;
		before.count = i;
		if (i > 0 && maxio_id_among(&before, wanted->subscriptions.items[i]))
			continue;
		if (!subscription_find(command, wanted->subscriptions.items[i], &subscription))
			return false;
		if (subscription && (!owner_fits(command, wanted, subscription, &keep) ||
		                     (keep && !find_of(command, wanted, subscription, found))))
			return false;
	}
	return true;
}

static bool row_fits(struct command *command, const struct wanted *wanted, struct found *one, bool *keep)
{
	if (!subscription_find(command, one->had.subscription_id, &one->subscription))
		return false;
	*keep = one->subscription != NULL;
	return (!*keep || owner_fits(command, wanted, one->subscription, keep)) &&
	       (!*keep || fits(command, wanted, one->subscription, &one->had, keep));
}

/* In the order of their ids, as far as the page. */
static bool page_by_id(struct command *command, const struct wanted *wanted, struct maxio_list *list)
{
	struct subscription_component_list rows;
	int64_t at = wanted->ascending ? 0 : INT64_MAX, place = 0, end = wanted->page.page * wanted->page.per_page;
	do {
		rows = (struct subscription_component_list){ 0 };
		if (!store_all(command->store,
		               wanted->ascending ? STATEMENT_SUBSCRIPTION_COMPONENT_AFTER : STATEMENT_SUBSCRIPTION_COMPONENT_BEFORE,
		               BINDS(bind_integer(at), bind_integer(OBJECT_PAGE_MAX)), &subscription_component_record, LIST(&rows)))
			return false;
		for (size_t i = 0; i < rows.count && place < end; i++) {
			struct found one = { .had = rows.items[i] };
			struct maxio_subscription_component shown;
			bool keep;
			at = one.had.id;
			if (!row_fits(command, wanted, &one, &keep))
				return false;
			if (!keep || !maxio_on_page(&wanted->page, place++))
				continue;
			if (!found_show(command, wanted, &one, &shown))
				return false;
			maxio_list_add(list, &maxio_subscription_component_record, &shown);
		}
	} while (rows.count == OBJECT_PAGE_MAX && place < end);
	return true;
}

static bool site_holdings_read(struct command *command, struct http_exchange *exchange)
{
	struct wanted *wanted = arena_new(exchange->arena, struct wanted);
	struct found_list found = { 0 };
	struct maxio_list list;
	wanted->paged = true;
	if (!wanted_read(command, exchange, wanted))
		return false;
	maxio_list_begin(exchange, &list, "subscriptions_components", NULL);
	if (!wanted->by_updated && wanted->subscriptions.count == 0) {
		if (!page_by_id(command, wanted, &list))
			return false;
		maxio_list_end(exchange, &list, 200);
		return true;
	}
	bool done = wanted->subscriptions.count ? find_of_named(command, wanted, &found) : find_by_owner(command, wanted, &found);
	return done && found_reply(command, exchange, wanted, &found, &list);
}

/* ---- one ---- */

/* One that the subscription never had is shown with nothing of it, at its default price. */
static bool holding_or_none(struct command *command, const struct subscription *subscription, const struct component *component,
                            struct subscription_component *had)
{
	struct subscription_component *found;
	if (!subscription_component_of(command, subscription, component->id, &found))
		return false;
	*had = found ? *found : (struct subscription_component){
		.subscription_id = subscription->id, .account_id = subscription->account_id, .component_id = component->id,
		.price_point_id = component->price_point_id, .quantity = decimal_from_int64(0), .unit_balance = decimal_from_int64(0),
		.created_at = component->created_at, .updated_at = component->updated_at,
	};
	return true;
}

static bool holding_read(struct command *command, struct http_exchange *exchange)
{
	struct subscription *subscription;
	struct component *component;
	struct subscription_component had;
	struct maxio_subscription_component shown;
	if (!maxio_subscription_addressed(command, exchange, &subscription) ||
	    !maxio_component_of(command, maxio_segment(exchange, 3), "", &component) ||
	    !holding_or_none(command, subscription, component, &had) ||
	    !maxio_holding_show(command, subscription, &had, &shown))
		return false;
	if (!had.id)
		shown.has_id = false;
	maxio_reply(exchange, 200, "component", &maxio_subscription_component_record, &shown);
	return true;
}

/* ---- price points of many ---- */

struct moving {
	struct maxio_move_input asked;
	struct subscription_component_reprice input;
};

static bool move_ask(struct command *command, struct http_exchange *exchange, struct moving *moving, size_t i)
{
	const struct maxio_move_component *asked = &moving->asked.components.items[i];
	struct price_point_choice *choice = list_add(exchange->arena, &moving->input.components, struct price_point_choice);
	const char *component_at = text_format(exchange->arena, "/components/%zu/component_id", i).data;
	const char *point_at = text_format(exchange->arena, "/components/%zu/price_point", i).data;
	struct component *component;
	struct price_point *point;
	if (!maxio_component_of(command, asked->component_id, component_at, &component))
		return false;
	choice->component_id = component->id;
	if (text_is(asked->price_point, "_default")) {
		choice->price_point = asked->price_point;
		return true;
	}
	if (!maxio_price_point_of(command, component, asked->price_point, point_at, &point))
		return false;
	choice->price_point_id = point->id;
	return true;
}

static bool moving_resolve(struct command *command, struct http_exchange *exchange)
{
	struct moving *moving = exchange->work;
	struct subscription *subscription;
	bool good = maxio_subscription_addressed(command, exchange, &subscription);
	if (!good)
		return false;
	moving->input.subscription_id = subscription->id;
	for (size_t i = 0; i < moving->asked.components.count; i++)
		good &= move_ask(command, exchange, moving, i);
	return good;
}

static struct text id_of(struct arena *arena, int64_t id)
{
	return text_from_int64(arena, id);
}

/* The same list back, with ids for handles. */
static void moving_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct moving *moving = exchange->work;
	struct subscription_components_shown *all = output;
	struct text_builder out;
	struct json_writer json;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&json, &out);
	json_begin_object(&json);
	json_name(&json, "components");
	json_begin_array(&json);
	for (size_t i = 0; i < moving->input.components.count; i++)
		for (size_t k = 0; k < all->items.count; k++) {
			const struct subscription_component *had = &all->items.items[k];
			if (had->component_id != moving->input.components.items[i].component_id)
				continue;
			json_begin_object(&json);
			json_name(&json, "component_id");
			json_raw(&json, id_of(command->arena, had->component_id));
			json_name(&json, "price_point");
			json_raw(&json, id_of(command->arena, had->price_point_id));
			json_end_object(&json);
		}
	json_end_array(&json);
	json_end_object(&json);
	http_reply_json(exchange, 200, builder_text(&out));
}

static bool moving_submit(struct http_exchange *exchange)
{
	struct moving *moving = exchange->work;
	return http_submit(exchange, exchange->entry->command, &moving->input, moving_encode);
}

static bool price_points_move(struct http_exchange *exchange)
{
	struct moving *moving = arena_new(exchange->arena, struct moving);
	exchange->work = moving;
	return maxio_body(exchange, NULL, &maxio_move_input_record, &moving->asked) &&
	       maxio_resolve(exchange, moving_resolve, moving_submit);
}

static void reset_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct subscription_components_shown *all = output;
	struct subscription *subscription;
	struct maxio_subscription shown;
	if (subscription_find(command, all->subscription_id, &subscription) && subscription &&
	    maxio_subscription_show(command, subscription, &shown))
		maxio_reply(exchange, exchange->reply.status, "subscription", &maxio_subscription_record, &shown);
}

static bool price_points_reset(struct http_exchange *exchange)
{
	struct subscription_component_reset_prices *input = arena_new(exchange->arena, struct subscription_component_reset_prices);
	input->subscription_id = exchange->id;
	return http_submit(exchange, exchange->entry->command, input, reset_encode);
}

/* ---- what counts events ---- */

struct activating {
	struct maxio_activation_input asked;
	struct subscription_component_activate input;
};

static bool activating_resolve(struct command *command, struct http_exchange *exchange)
{
	struct activating *activating = exchange->work;
	struct subscription *subscription;
	struct component *component;
	struct price_point *point;
	if (!maxio_subscription_of(command, maxio_segment(exchange, 2), false, &subscription) ||
	    !maxio_component_of(command, maxio_segment(exchange, 4), "", &component))
		return false;
	activating->input.subscription_id = subscription->id;
	activating->input.component_id = component->id;
	if (activating->asked.custom_price)
		return maxio_custom_price_ask(exchange, activating->asked.custom_price, component, &activating->input.custom_price);
	if (activating->asked.price_point_id.length == 0)
		return true;
	if (!maxio_price_point_of(command, component, activating->asked.price_point_id, "/price_point_id", &point))
		return false;
	activating->input.price_point_id = point->id;
	return true;
}

static void nothing_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	(void)output;
	exchange->reply = (struct http_reply){ .status = 200, .body = TEXT("") };
}

static bool activating_submit(struct http_exchange *exchange)
{
	struct activating *activating = exchange->work;
	return http_submit(exchange, exchange->entry->command, &activating->input, nothing_encode);
}

static bool activate(struct http_exchange *exchange)
{
	struct activating *activating = arena_new(exchange->arena, struct activating);
	exchange->work = activating;
	return maxio_body(exchange, NULL, &maxio_activation_input_record, &activating->asked) &&
	       maxio_resolve(exchange, activating_resolve, activating_submit);
}

#define LIST_PARAMETERS                                                                                                  \
	"date_field direction filter[currencies] filter[use_site_exchange_rate] start_date end_date start_datetime "     \
	"end_datetime price_point_ids product_family_ids sort include"
#define EVENT_PATH "/event_based_billing/subscriptions/{id}/components/{key}"

const struct http_route maxio_holding_routes[] = {
	{ .method = "GET", .path = "/subscriptions/{id}/components.json", .scope = "read", .vendors = true, .answer = "component",
	  .parameters = LIST_PARAMETERS " in_use", .handle = http_read, .read = holdings_read, .cost = 1, .bare_list = true,
	  .output = &maxio_subscription_component_record, .doc = "Components of a subscription." },
	{ .method = "GET", .path = "/subscriptions/{id}/components/{key}.json", .scope = "read", .vendors = true, .answer = "component",
	  .handle = http_read, .read = holding_read, .output = &maxio_subscription_component_record,
	  .doc = "A component of a subscription." },
	{ .method = "GET", .path = "/subscriptions_components.json", .scope = "read", .vendors = true, .answer_list = "subscriptions_components", .handle = http_read,
	  .parameters = LIST_PARAMETERS " page per_page subscription_ids filter[subscription][states] "
	                "filter[subscription][date_field] filter[subscription][start_date] filter[subscription][end_date] "
	                "filter[subscription][start_datetime] filter[subscription][end_datetime]",
	  .read = site_holdings_read, .cost = 10, .output = &maxio_subscription_component_record,
	  .doc = "Components of all subscriptions." },
	{ .method = "POST", .path = "/subscriptions/{id}/price_points.json", .command = "subscription_component.reprice",
	  .vendors = true, .handle = price_points_move, .input = &maxio_move_input_record, .open_output = true,
	  .doc = "Other price points for components, all or none." },
	{ .method = "POST", .path = "/subscriptions/{id}/price_points/reset.json", .vendors = true, .answer = "subscription", .status = 201,
	  .command = "subscription_component.reset_prices", .handle = price_points_reset, .no_body = true,
	  .output = &maxio_subscription_record, .doc = "All components have their default price points again." },
	{ .method = "POST", .path = EVENT_PATH "/activate.json", .command = "subscription_component.activate", .vendors = true,
	  .handle = activate, .input = &maxio_activation_input_record, .doc = "What its events come to is billed." },
	{ .method = "POST", .path = EVENT_PATH "/deactivate.json", .command = "subscription_component.deactivate", .vendors = true,
	  .handle = activate, .no_body = true, .doc = "What its events come to is not billed." },
	{ .path = NULL },
};
