/* subscription_component.c: which components a subscription has, and at what price. */
#include "subscription_component.h"

#include "component_assess.h"
#include "prepaid_lot.h"
#include "price_segment.h"
#include "subscription.h"
#include "subscription_event.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ reading */

bool subscription_components(struct command *command, const struct subscription *subscription,
                             struct subscription_component_list *had)
{
	*had = (struct subscription_component_list){ 0 };
	return !subscription->components ||
	       store_all(command->store, STATEMENT_SUBSCRIPTION_COMPONENT_OF,
	                 BINDS(bind_id(subscription->account_id), bind_id(subscription->id)), &subscription_component_record,
	                 LIST(had));
}

bool subscription_component_of(struct command *command, const struct subscription *subscription, int64_t component_id,
                               struct subscription_component **had)
{
	*had = NULL;
	return !subscription->components ||
	       store_one(command->store, STATEMENT_SUBSCRIPTION_COMPONENT_ONE,
	                 BINDS(bind_id(subscription->account_id), bind_id(subscription->id), bind_id(component_id)),
	                 &subscription_component_record, (void **)had);
}

bool allocation_page(struct command *command, const struct subscription_component *had, int64_t before_id, int64_t most,
                     struct allocation_list *allocations)
{
	*allocations = (struct allocation_list){ 0 };
	return store_all(command->store, STATEMENT_ALLOCATION_PAGE,
	                 BINDS(bind_id(had->account_id), bind_id(had->subscription_id), bind_id(had->component_id),
	                       bind_id(before_id), bind_integer(most)),
	                 &allocation_record, LIST(allocations));
}

bool component_charge_page(struct command *command, const struct subscription *subscription, int status, int64_t before_id,
                           int64_t most, struct component_charge_list *charges)
{
	const char *word = component_charge_record.fields[COMPONENT_CHARGE_FIELD_STATUS].words[status];
	*charges = (struct component_charge_list){ 0 };
	return store_all(command->store, STATEMENT_COMPONENT_CHARGE_PAGE,
	                 BINDS(bind_id(subscription->account_id), bind_id(subscription->id), status ? bind_c(word) : bind_null(),
	                       bind_id(before_id), bind_integer(most)),
	                 &component_charge_record, LIST(charges));
}

/* ------------------------------------------------------------------------------------------------ what inputs name */

static const char *at(struct command *command, const char *pointer, const char *name)
{
	return text_format(command->arena, "%s/%s", pointer, name).data;
}

struct component *component_named(struct command *command, int64_t id, struct text handle, const char *pointer)
{
	struct component *component = NULL;
	if (!id == !text_present(handle)) {
		problem(command->problems, id ? PROBLEM_INVALID_COMBINATION : PROBLEM_MISSING_FIELD, at(command, pointer, "component_id"),
		        "a component is named by component_id or by component, its handle");
		return NULL;
	}
	if (id)
		return component_need(command, id, at(command, pointer, "component_id"));
	if (component_by_handle(command, handle, &component) && !component)
		problem_value(command->problems, PROBLEM_UNKNOWN_COMPONENT, at(command, pointer, "component"), handle, NULL,
		              "there is no component '%.*s'", TEXT_ARG(handle));
	return component;
}

int64_t price_point_version(const struct price_point *point, const struct currency *currency)
{
	const struct currency_price *price =
	        currency_price_holding(point->currency_prices.items, point->currency_prices.count, currency);
	return point->currency == currency || !price ? -1 : price - point->currency_prices.items;
}

struct price_terms *price_point_terms_of(const struct price_point *point, const struct currency *currency, bool overage,
                                         int64_t version)
{
	if (point->currency == currency)
		return overage ? point->overage_price : point->price;
	if (version < 0 || (size_t)version >= point->currency_prices.count)
		return NULL;
	const struct currency_price *price = &point->currency_prices.items[version];
	return price->currency != currency ? NULL : overage ? price->overage_price : price->price;
}

struct price_terms *price_point_terms(const struct price_point *point, const struct currency *currency, bool overage)
{
	return price_point_terms_of(point, currency, overage, price_point_version(point, currency));
}

static bool find_named(struct command *command, const struct component *component, const struct price_wish *wish,
                       const char *pointer, struct price_point **point)
{
	if (wish->id)
		return (*point = price_point_need(command, wish->id, pointer)) != NULL;
	if (!price_point_by_handle(command, component->id, wish->handle, point))
		return false;
	return *point || problem_value(command->problems, PROBLEM_NOT_FOUND, pointer, wish->handle, NULL,
	                               "component '%.*s' has no price point '%.*s'", TEXT_ARG(component->handle),
	                               TEXT_ARG(wish->handle));
}

/* May this subscription have it? */
static bool check_point(struct command *command, const struct subscription *subscription, const struct component *component,
                        const struct price_point *point, int64_t present, const char *pointer)
{
	if (point->component_id != component->id)
		return problem(command->problems, PROBLEM_INVALID_VALUE, pointer, "price point %lld is of component %lld",
		               (long long)point->id, (long long)point->component_id);
	if (point->subscription_id && point->subscription_id != subscription->id)
		return problem(command->problems, PROBLEM_INVALID_VALUE, pointer, "price point %lld is of another subscription alone",
		               (long long)point->id);
	if (point->status == PRICE_POINT_STATUS_ARCHIVED && point->id != present)
		return problem(command->problems, PROBLEM_WRONG_STATE, pointer, "price point %lld is archived", (long long)point->id);
	return price_point_terms(point, subscription->currency, false) ||
	       problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, pointer, point->handle,
	                     "Say with price_point.add_currency what it costs in that currency.",
	                     "price point '%.*s' has no price in %s", TEXT_ARG(point->handle), subscription->currency->code);
}

static bool make_custom(struct command *command, const struct subscription *subscription, const struct component *component,
                        const struct price_wish *wish, struct price_point **made)
{
	const struct custom_price *custom = wish->custom;
	struct price_point *point = arena_new(command->arena, struct price_point);
	struct uuid uuid = uuid_time_ordered();
	*point = (struct price_point){
		.uuid = uuid, .handle = TEXT_JOIN(command->arena, TEXT("custom:"), uuid_text(command->arena, uuid)),
		.name = text_present(custom->name) ? custom->name : TEXT("Custom"), .currency = subscription->currency,
		.subscription_id = subscription->id, PRICE_POINT_PRICES_OF(custom),
	};
	*made = point;
	const struct price_segment_wishes segments = { custom->segments.items, custom->segments.count };
	return price_point_make(command, component, point, &segments, at(command, wish->pointer, "custom_price"));
}

bool price_wish_find(struct command *command, const struct subscription *subscription, const struct component *component,
                     const struct price_wish *wish, int64_t present, struct price_point **point)
{
	int said = (wish->id != 0) + text_present(wish->handle) + (wish->custom != NULL);
	*point = NULL;
	if (said == 0)
		return true;
	if (said > 1)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, wish->pointer,
		               "a price is named by one of price_point_id, price_point and custom_price");
	if (wish->custom)
		return make_custom(command, subscription, component, wish, point);
	const char *pointer = at(command, wish->pointer, wish->id ? "price_point_id" : "price_point");
	return find_named(command, component, wish, pointer, point) &&
	       check_point(command, subscription, component, *point, present, pointer);
}

bool component_quantity_check(struct command *command, const struct component *component, struct decimal quantity,
                              const char *pointer)
{
	struct text given = decimal_text(command->arena, quantity);
	if (!component->fractional && !decimal_is_whole(quantity))
		return problem_value(command->problems, PROBLEM_BAD_INTEGER, pointer, given, NULL, "component '%.*s' has no fractions",
		                     TEXT_ARG(component->handle));
	return component->kind != COMPONENT_KIND_ON_OFF || decimal_compare(quantity, decimal_from_int64(1)) <= 0 ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, given, "Send 1 for on, 0 for off.",
	                     "component '%.*s' is on or off", TEXT_ARG(component->handle));
}

/* ------------------------------------------------------------------------------------------------ for other performs */

bool subscription_component_save(struct command *command, struct subscription_component *had)
{
	had->updated_at = command->now;
	return store_update(command->store, &subscription_component_record, had);
}

static bool mark(struct command *command, struct subscription *subscription)
{
	if (subscription->components)
		return true;
	subscription->components = subscription->has_components = true;
	return component_assess_begin(command, subscription) && subscription_save_assessed(command, subscription);
}

static bool check_default(struct command *command, const struct subscription *subscription,
                          const struct component *component, const char *pointer, struct price_point **point)
{
	*point = price_point_need(command, component->price_point_id, pointer);
	return *point && check_point(command, subscription, component, *point, component->price_point_id, pointer);
}

bool subscription_component_make(struct command *command, struct subscription *subscription, const struct component *component,
                                 const struct price_point *point, const char *pointer,
                                 struct subscription_component **made)
{
	struct price_point *original;
	if (component->status == COMPONENT_STATUS_ARCHIVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, component->handle, NULL,
		                     "component '%.*s' is archived", TEXT_ARG(component->handle));
	if (!point && !check_default(command, subscription, component, pointer, &original))
		return false;
	struct subscription_component *had = arena_new(command->arena, struct subscription_component);
	*had = (struct subscription_component){
		.id = store_new_id(command->store, "subscription_component"),
		.account_id = subscription->account_id,
		.subscription_id = subscription->id,
		.component_id = component->id,
		.price_point_id = point ? point->id : original->id,
		.quantity = decimal_from_int64(0),
		.unit_balance = decimal_from_int64(0),
		.active = component->kind != COMPONENT_KIND_EVENT,
		.currency = subscription->currency,
		.created_at = command->now,
		.updated_at = command->now,
	};
	*made = had;
	return had->id && store_insert(command->store, &subscription_component_record, had) && mark(command, subscription);
}

/* ------------------------------------------------------------------------------------------------ from the start */

/* A lot that the first invoice charges for. */
static bool begin_lot(struct command *command, const struct subscription_component *had, struct decimal quantity)
{
	struct allocation_item item = { .component_id = had->component_id, .quantity = quantity };
	struct allocation_create input = { .subscription_id = had->subscription_id, .has_accrue_charge = true, .accrue_charge = true };
	input.allocations.items = &item;
	input.allocations.count = input.allocations.capacity = 1;
	return command_perform(command, "allocation.create", &input, NULL);
}

static bool begin_quantity(struct command *command, const struct component *component, const struct component_choice *choice,
                           const char *pointer, struct subscription_component *had)
{
	bool switched = component->kind == COMPONENT_KIND_ON_OFF, of_events = component->kind == COMPONENT_KIND_EVENT;
	bool lots = component->kind == COMPONENT_KIND_PREPAID;
	bool counted = switched || lots || component->kind == COMPONENT_KIND_QUANTITY;
	bool enabled = choice->has_enabled && choice->enabled;
	if (choice->has_enabled && !switched && !of_events)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, at(command, pointer, "enabled"),
		               "only what is on or off, or made of events, is enabled");
	if (choice->has_quantity && (!counted || (switched && choice->has_enabled)))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, at(command, pointer, "quantity"),
		               "component '%.*s' begins without a quantity", TEXT_ARG(component->handle));
	had->active = of_events ? enabled : true;
	had->quantity = choice->has_quantity && !lots ? choice->quantity : decimal_from_int64(switched && enabled);
	return component_quantity_check(command, component, choice->has_quantity ? choice->quantity : had->quantity,
	                                at(command, pointer, "quantity")) &&
	       subscription_component_save(command, had) &&
	       (!lots || !choice->has_quantity || decimal_sign(choice->quantity) == 0 || begin_lot(command, had, choice->quantity));
}

static bool begin_one(struct command *command, struct subscription *subscription, const struct component_choice *choice,
                      const char *pointer)
{
	const struct price_wish wish = PRICE_WISH_OF(choice, pointer);
	struct subscription_component *had;
	struct price_point *point;
	struct component *component = component_named(command, choice->component_id, choice->component, pointer);
	if (!component || !subscription_component_of(command, subscription, component->id, &had))
		return false;
	if (had)
		return problem(command->problems, PROBLEM_DUPLICATE, at(command, pointer, "component_id"),
		               "component '%.*s' is named twice", TEXT_ARG(component->handle));
	return price_wish_find(command, subscription, component, &wish, 0, &point) &&
	       subscription_component_make(command, subscription, component, point, at(command, pointer, "component_id"), &had) &&
	       begin_quantity(command, component, choice, pointer, had);
}

bool subscription_components_begin(struct command *command, struct subscription *subscription,
                                   const struct component_choices *choices, const char *pointer)
{
	for (size_t i = 0; i < choices->count; i++)
		if (!begin_one(command, subscription, &choices->items[i],
		               text_format(command->arena, "%s/%zu", pointer, i).data))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ going on */

/* A price that it alone could have is the other's from then on. */
static bool hand_over(struct command *command, const struct subscription *to, int64_t price_point_id)
{
	struct price_point *point = price_point_need(command, price_point_id, "");
	if (!point)
		return false;
	if (!point->subscription_id)
		return true;
	point->subscription_id = to->id;
	point->updated_at = command->now;
	return store_update(command->store, &price_point_record, point);
}

bool subscription_components_go_on(struct command *command, const struct subscription *from, struct subscription *to)
{
	struct subscription_component_list had;
	if (!subscription_components(command, from, &had))
		return false;
	for (size_t i = 0; i < had.count; i++) {
		struct subscription_component next = had.items[i];
		next.id = store_new_id(command->store, "subscription_component");
		next.account_id = to->account_id;
		next.subscription_id = to->id;
		next.currency = to->currency;
		next.unit_balance = decimal_from_int64(0);
		if (!prepaid_lots_go_on(command, &had.items[i], &next))
			return false;
		next.charged_rate = (struct exact_money){ 0 };
		next.created_at = next.updated_at = command->now;
		if (!next.id || !hand_over(command, to, next.price_point_id) ||
		    !store_insert(command->store, &subscription_component_record, &next))
			return false;
	}
	return had.count == 0 || mark(command, to);
}
