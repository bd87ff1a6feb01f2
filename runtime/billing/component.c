/* component.c: components are made, described and archived. */
#include "component.h"

#include "event_stream.h"
#include "price_segment.h"
#include "product.h"

#include "value/record.h"

bool component_page(struct command *command, const struct object_filter *filter, struct component_list *components)
{
	const char *status = component_record.fields[COMPONENT_FIELD_STATUS].words[filter->status];
	return store_all(command->store, STATEMENT_COMPONENT_PAGE,
	                 BINDS(filter->status ? bind_c(status) : bind_null(), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &component_record, LIST(components));
}

bool component_by_handle(struct command *command, struct text handle, struct component **component)
{
	return store_one(command->store, STATEMENT_COMPONENT_BY_HANDLE, BINDS(bind_text(handle)), &component_record,
	                 (void **)component);
}

struct component *component_need(struct command *command, int64_t id, const char *pointer)
{
	void *component;
	if (!store_find(command->store, &component_record, id, &component))
		return NULL;
	if (!component)
		record_missing(&component_record, id, command->problems, pointer);
	return component;
}

bool handle_check(struct text handle, const char *pointer, struct problems *problems)
{
	for (size_t i = 0; i < handle.length; i++) {
		char c = handle.data[i];
		bool named = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!named && (i == 0 || !strchr(".:-_", c)))
			return problem_value(problems, PROBLEM_BAD_TEXT, pointer, handle,
			                     "Begin with a lower case letter or digit; go on with those and . : - _",
			                     "'%.*s' is no handle", TEXT_ARG(handle));
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ component.create */

static bool check_free_handle(struct command *command, struct text handle)
{
	struct component *other;
	if (!component_by_handle(command, handle, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", handle, NULL,
	                               "component %lld has the handle '%.*s' already", (long long)other->id, TEXT_ARG(handle));
}

static struct component *component_of(struct command *command, const struct component_create *input)
{
	struct component *component = arena_new(command->arena, struct component);
	bool switched = input->kind == COMPONENT_CREATE_KIND_ON_OFF;
	*component = (struct component){
		.uuid = uuid_present(input->uuid) ? input->uuid : uuid_time_ordered(),
		.handle = input->handle, .name = input->name, .description = input->description,
		.unit_name = text_present(input->unit_name) ? input->unit_name : switched ? TEXT("on/off") : TEXT("unit"),
		.kind = (enum component_kind)input->kind,
		.fractional = input->has_fractional && input->fractional, .metric_id = input->metric_id,
		.recurring = !input->has_recurring || input->recurring,
		.upgrade_charge = (enum component_upgrade_charge)input->upgrade_charge,
		.downgrade_credit = (enum component_downgrade_credit)input->downgrade_credit,
		.taxable = !input->has_taxable || input->taxable, .tax_code = input->tax_code,
		.product_family_id = input->product_family_id, .custom = input->custom,
		.status = COMPONENT_STATUS_ACTIVE,
		.created_at = command->now, .updated_at = command->now,
	};
	return component;
}

static bool check_kind(struct command *command, const struct component *component)
{
	if (component->kind == COMPONENT_KIND_ON_OFF && component->fractional)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/fractional", "on and off have no fractions");
	return component->recurring || component->kind == COMPONENT_KIND_QUANTITY ||
	       problem(command->problems, PROBLEM_INVALID_COMBINATION, "/recurring",
	               "only components of kind 'quantity' can be charged once");
}

static bool check_metric(struct command *command, const struct component *component)
{
	if (!component->metric_id)
		return true;
	if (component->kind != COMPONENT_KIND_EVENT)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/metric_id",
		               "only components of kind 'event' have a metric");
	const struct billing_metric *metric = billing_metric_need(command, component->metric_id, "/metric_id");
	return metric && (metric->status == BILLING_METRIC_STATUS_ACTIVE ||
	                  problem_value(command->problems, PROBLEM_WRONG_STATE, "/metric_id", metric->handle, NULL,
	                                "metric '%.*s' is archived", TEXT_ARG(metric->handle)));
}

static bool component_create_perform(struct command *command, const void *data, void **output)
{
	const struct component_create *input = data;
	struct component *component = component_of(command, input);
	struct price_point *original = arena_new(command->arena, struct price_point);
	if (!handle_check(component->handle, "/handle", command->problems) || !check_kind(command, component) ||
	    !check_metric(command, component) || !check_free_handle(command, component->handle) ||
	    (component->product_family_id && !product_family_need(command, component->product_family_id, "/product_family_id")))
		return false;
	component->id = store_new_id(command->store, "component");
	if (!component->id)
		return false;
	*original = (struct price_point){ .handle = TEXT("original"), .name = TEXT("Original"), PRICE_POINT_TERMS_OF(input) };
	*LIST(&original->currency_prices) = *(const struct record_list *)(const void *)&input->currency_prices;
	const struct price_segment_wishes segments = { input->segments.items, input->segments.count };
	if (!price_point_make(command, component, original, &segments, ""))
		return false;
	component->price_point_id = original->id;
	if (!store_insert(command->store, &component_record, component))
		return false;
	command_object(command, "component", component->id, 0);
	*output = component;
	return true;
}

/* ------------------------------------------------------------------------------------------------ .update, .archive */

static bool save(struct command *command, struct component *component, void **output)
{
	component->updated_at = command->now;
	command_object(command, "component", component->id, 0);
	*output = component;
	return store_update(command->store, &component_record, component);
}

static bool check_default(struct command *command, const struct component *component, int64_t price_point_id)
{
	struct price_point *point = price_point_need(command, price_point_id, "/price_point_id");
	if (!point)
		return false;
	if (point->component_id != component->id)
		return problem(command->problems, PROBLEM_INVALID_VALUE, "/price_point_id",
		               "price point %lld is of component %lld", (long long)point->id, (long long)point->component_id);
	if (point->subscription_id)
		return problem(command->problems, PROBLEM_INVALID_VALUE, "/price_point_id", "price point %lld is of subscription %lld alone",
		               (long long)point->id, (long long)point->subscription_id);
	return point->status == PRICE_POINT_STATUS_ACTIVE ||
	       problem(command->problems, PROBLEM_WRONG_STATE, "/price_point_id", "price point %lld is archived",
	               (long long)point->id);
}

static bool check_handle(struct command *command, const struct component *component, struct text handle)
{
	return !text_present(handle) || text_equals(handle, component->handle) ||
	       (handle_check(handle, "/handle", command->problems) && check_free_handle(command, handle));
}

static bool component_update_perform(struct command *command, const void *data, void **output)
{
	const struct component_update *input = data;
	struct component *component = component_need(command, input->id, "/id");
	if (!component || (input->price_point_id && !check_default(command, component, input->price_point_id)) ||
	    !check_handle(command, component, input->handle))
		return false;
	if (text_present(input->handle))
		component->handle = input->handle;
	if (text_present(input->custom))
		component->custom = input->custom;
	if (text_present(input->name))
		component->name = input->name;
	if (text_present(input->unit_name))
		component->unit_name = input->unit_name;
	if (text_present(input->description))
		component->description = input->description;
	if (input->upgrade_charge)
		component->upgrade_charge = (enum component_upgrade_charge)input->upgrade_charge;
	if (input->downgrade_credit)
		component->downgrade_credit = (enum component_downgrade_credit)input->downgrade_credit;
	if (input->has_taxable)
		component->taxable = input->taxable;
	if (text_present(input->tax_code))
		component->tax_code = input->tax_code;
	if (input->price_point_id)
		component->price_point_id = input->price_point_id;
	return save(command, component, output);
}

static bool component_archive_perform(struct command *command, const void *data, void **output)
{
	const struct component_archive *input = data;
	struct component *component = component_need(command, input->id, "/id");
	if (!component)
		return false;
	if (component->status == COMPONENT_STATUS_ARCHIVED)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", component->handle, NULL,
		                     "component '%.*s' is archived already", TEXT_ARG(component->handle));
	component->status = COMPONENT_STATUS_ARCHIVED;
	component->archived_at = command->now;
	return save(command, component, output);
}

const struct command_type component_commands[] = {
	{ .name = "component.create", .scope = "write", .input = &component_create_record, .output = &component_record,
	  .perform = component_create_perform, .doc = "Makes a component, and the price point that is its default." },
	{ .name = "component.update", .scope = "write", .input = &component_update_record, .output = &component_record,
	  .perform = component_update_perform,
	  .doc = "Changes what a component is called, or its default price point; absent fields stay." },
	{ .name = "component.archive", .scope = "write", .input = &component_archive_record, .output = &component_record,
	  .perform = component_archive_perform, .doc = "Lets nobody have a component anew." },
	{ .name = NULL },
};
