/* subscription_component_change.c: components are added to subscriptions, priced anew, and made to count or not. */
#include "subscription_component.h"

#include "account.h"
#include "subscription.h"
#include "subscription_advance.h"

#include "event/dispatch.h"
#include "value/record.h"

/* One that components can be changed of. */
static bool find(struct command *command, int64_t id, struct subscription **subscription)
{
	struct account *account;
	if (!subscription_need_direct_at(command, id, "/subscription_id", subscription, &account))
		return false;
	command_object(command, "subscription", id, account->id);
	return !subscription_is_final((*subscription)->status) ||
	       problem(command->problems, PROBLEM_WRONG_STATE, "/subscription_id", "subscription %lld is %s", (long long)id,
	               subscription_status_word((*subscription)->status));
}

static bool add_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_component_add *input = data;
	const struct price_wish wish = PRICE_WISH_OF(input, "");
	struct subscription *subscription;
	struct subscription_component *had;
	struct price_point *point;
	if (!find(command, input->subscription_id, &subscription))
		return false;
	struct component *component = component_named(command, input->component_id, input->component, "");
	if (!component || !subscription_component_of(command, subscription, component->id, &had))
		return false;
	if (had)
		return problem_value(command->problems, PROBLEM_DUPLICATE, input->component_id ? "/component_id" : "/component",
		                     component->handle, NULL, "subscription %lld has the component '%.*s' already",
		                     (long long)subscription->id, TEXT_ARG(component->handle));
	if (!price_wish_find(command, subscription, component, &wish, 0, &point) ||
	    !subscription_component_make(command, subscription, component, point, "/component_id", &had))
		return false;
	command_object(command, "subscription_component", had->id, had->account_id);
	*output = had;
	return true;
}

/* ------------------------------------------------------------------------------------------------ prices */

static struct occurrence occurrence_for(enum event event, struct subscription_component *had)
{
	return occurrence_of(event, &subscription_component_record, had, had->id, had->account_id);
}

/* component.price_point_change around the row. */
static bool set_point(struct command *command, struct subscription_component *had, int64_t price_point_id)
{
	struct occurrence changed = occurrence_for(EVENT_COMPONENT_PRICE_POINT_CHANGE, had);
	changed.details.old_price_point_id = had->price_point_id;
	if (had->price_point_id == price_point_id)
		return true;
	had->price_point_id = price_point_id;
	return event_pre(command, &changed) && subscription_component_save(command, had) && event_post(command, &changed);
}

static bool default_point(struct command *command, const struct component *component, struct price_point **point)
{
	return (*point = price_point_need(command, component->price_point_id, "")) != NULL;
}

static bool reprice_one(struct command *command, struct subscription *subscription, const struct price_point_choice *choice,
                        const char *pointer)
{
	bool reset = text_equals(choice->price_point, TEXT("_default"));
	const struct price_wish wish = { choice->price_point_id, choice->price_point, NULL, pointer };
	struct subscription_component *had;
	struct price_point *point;
	struct component *component = component_named(command, choice->component_id, choice->component, pointer);
	if (!component || !subscription_component_of(command, subscription, component->id, &had))
		return false;
	if (!had && !subscription_component_make(command, subscription, component, NULL, pointer, &had))
		return false;
	if (!(reset ? default_point(command, component, &point)
	            : price_wish_find(command, subscription, component, &wish, had->price_point_id, &point)))
		return false;
	if (!point)
		return problem(command->problems, PROBLEM_MISSING_FIELD,
		               text_format(command->arena, "%s/price_point", pointer).data, "a price point is to be named");
	return set_point(command, had, point->id);
}

static bool answer(struct command *command, const struct subscription *subscription, void **output)
{
	struct subscription_components_shown *shown = arena_new(command->arena, struct subscription_components_shown);
	shown->subscription_id = subscription->id;
	*output = shown;
	return subscription_components(command, subscription, (struct subscription_component_list *)(void *)&shown->items);
}

static bool reprice_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_component_reprice *input = data;
	struct subscription *subscription;
	if (!find(command, input->subscription_id, &subscription))
		return false;
	for (size_t i = 0; i < input->components.count; i++)
		if (!reprice_one(command, subscription, &input->components.items[i],
		                 text_format(command->arena, "/components/%zu", i).data))
			return false;
	return answer(command, subscription, output);
}

static bool reset_prices_perform(struct command *command, const void *data, void **output)
{
	const struct subscription_component_reset_prices *input = data;
	struct subscription *subscription;
	struct subscription_component_list had;
	if (!find(command, input->subscription_id, &subscription) || !subscription_components(command, subscription, &had))
		return false;
	for (size_t i = 0; i < had.count; i++) {
		struct component *component = component_need(command, had.items[i].component_id, "");
		if (!component || !set_point(command, &had.items[i], component->price_point_id))
			return false;
	}
	return answer(command, subscription, output);
}

/* ------------------------------------------------------------------------------------------------ what events count */

static bool set_active(struct command *command, const struct subscription_component_activate *input, bool active, void **output)
{
	const struct price_wish wish = PRICE_WISH_OF(input, "");
	struct subscription *subscription;
	struct subscription_component *had;
	struct price_point *point;
	if (!find(command, input->subscription_id, &subscription))
		return false;
	struct component *component = component_named(command, input->component_id, input->component, "");
	if (!component)
		return false;
	if (component->kind != COMPONENT_KIND_EVENT)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, input->component_id ? "/component_id" : "/component",
		                     component->handle, NULL, "component '%.*s' is not of kind 'event'", TEXT_ARG(component->handle));
	if (!subscription_component_of(command, subscription, component->id, &had) ||
	    !price_wish_find(command, subscription, component, &wish, had ? had->price_point_id : 0, &point) ||
	    (!had && !subscription_component_make(command, subscription, component, point, "/component_id", &had)))
		return false;
	command_object(command, "subscription_component", had->id, had->account_id);
	*output = had;
	if (point && !set_point(command, had, point->id))
		return false;
	if (had->active == active)
		return true;
	had->active = active;
	struct occurrence switched = occurrence_for(active ? EVENT_COMPONENT_ACTIVATE : EVENT_COMPONENT_DEACTIVATE, had);
	return subscription_component_save(command, had) && event_post(command, &switched);
}

static bool activate_perform(struct command *command, const void *data, void **output)
{
	return set_active(command, data, true, output);
}

static bool deactivate_perform(struct command *command, const void *data, void **output)
{
	return set_active(command, data, false, output);
}

const struct command_type subscription_component_commands[] = {
	{ .name = "subscription_component.add", .scope = "write", .input = &subscription_component_add_record,
	  .output = &subscription_component_record, .perform = add_perform,
	  .doc = "A subscription has a component from now on, and nothing of it yet." },
	{ .name = "subscription_component.reprice", .scope = "write", .input = &subscription_component_reprice_record,
	  .output = &subscription_components_shown_record, .perform = reprice_perform,
	  .doc = "Gives components of a subscription other price points, all or none; what is charged up to the next assessment stays." },
	{ .name = "subscription_component.reset_prices", .scope = "write",
	  .input = &subscription_component_reset_prices_record, .output = &subscription_components_shown_record,
	  .perform = reset_prices_perform, .doc = "Gives all components of a subscription their default price points." },
	{ .name = "subscription_component.activate", .scope = "write", .input = &subscription_component_activate_record,
	  .output = &subscription_component_record, .perform = activate_perform,
	  .doc = "What the events of a component come to is billed from now on." },
	{ .name = "subscription_component.deactivate", .scope = "write", .input = &subscription_component_activate_record,
	  .output = &subscription_component_record, .perform = deactivate_perform,
	  .doc = "What the events of a component come to is billed no more." },
	{ .name = NULL },
};
