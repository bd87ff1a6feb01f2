/* price_point.c: prices of components are made, named and archived. */
#include "component.h"

#include "price_terms.h"

#include "value/record.h"

struct price_point *price_point_need(struct command *command, int64_t id, const char *pointer)
{
	void *point;
	if (!store_find(command->store, &price_point_record, id, &point))
		return NULL;
	if (!point)
		record_missing(&price_point_record, id, command->problems, pointer);
	return point;
}

bool price_points_of_component(struct command *command, int64_t component_id, struct price_point_list *points)
{
	return store_all(command->store, STATEMENT_PRICE_POINT_OF_COMPONENT, BINDS(bind_integer(component_id)),
	                 &price_point_record, LIST(points));
}

/* ------------------------------------------------------------------------------------------------ making */

static bool check_scheme(struct command *command, const struct component *component, const struct price_terms *terms)
{
	bool by_events = terms->scheme != PRICE_TERMS_SCHEME_POLICY && price_scheme_counts_events(terms->scheme);
	if (component->kind == COMPONENT_KIND_ON_OFF && terms->scheme != PRICE_TERMS_SCHEME_PER_UNIT)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/price/scheme",
		               "a component that is on or off has one price: scheme 'per_unit'");
	return !by_events || component->kind == COMPONENT_KIND_EVENT ||
	       problem(command->problems, PROBLEM_INVALID_COMBINATION, "/price/scheme",
	               "only components of kind 'event' are priced by their events");
}

static bool check_free_handle(struct command *command, const struct component *component, struct text handle)
{
	struct price_point_list points = { 0 };
	if (!price_points_of_component(command, component->id, &points))
		return false;
	for (size_t i = 0; i < points.count; i++)
		if (text_equals(points.items[i].handle, handle))
			return problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", handle, NULL,
			                     "price point %lld of the component has the handle '%.*s' already",
			                     (long long)points.items[i].id, TEXT_ARG(handle));
	return true;
}

bool price_point_make(struct command *command, const struct component *component, struct price_point *point)
{
	if (!check_scheme(command, component, point->price) || !price_terms_check(command, point->price, "/price"))
		return false;
	point->id = store_new_id(command->store, "price_point");
	point->component_id = component->id;
	if (!uuid_present(point->uuid))
		point->uuid = uuid_time_ordered();
	if (!point->currency)
		point->currency = command->tenant->currency;
	point->status = PRICE_POINT_STATUS_ACTIVE;
	point->created_at = point->updated_at = command->now;
	return point->id && store_insert(command->store, &price_point_record, point);
}

static bool price_point_create_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_create *input = data;
	struct component *component = component_need(command, input->component_id, "/component_id");
	if (!component || !handle_check(input->handle, "/handle", command->problems) ||
	    !check_free_handle(command, component, input->handle))
		return false;
	struct price_point *point = arena_new(command->arena, struct price_point);
	*point = (struct price_point){
		.uuid = input->uuid, .handle = input->handle, .name = text_present(input->name) ? input->name : input->handle,
		.currency = input->currency, .price = input->price,
	};
	if (!price_point_make(command, component, point))
		return false;
	command_object(command, "price_point", point->id, 0);
	*output = point;
	return true;
}

/* ------------------------------------------------------------------------------------------------ naming, archiving */

static bool save(struct command *command, struct price_point *point, void **output)
{
	point->updated_at = command->now;
	command_object(command, "price_point", point->id, 0);
	*output = point;
	return store_update(command->store, &price_point_record, point);
}

static bool price_point_update_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_update *input = data;
	struct price_point *point = price_point_need(command, input->id, "/id");
	if (!point)
		return false;
	point->name = input->name;
	return save(command, point, output);
}

static bool move(struct command *command, int64_t id, enum price_point_status status, void **output)
{
	struct price_point *point = price_point_need(command, id, "/id");
	if (!point)
		return false;
	if (point->status == status)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", point->handle, NULL, "price point '%.*s' is %s already",
		                     TEXT_ARG(point->handle), price_point_record.fields[PRICE_POINT_FIELD_STATUS].words[status]);
	point->status = status;
	point->archived_at = status == PRICE_POINT_STATUS_ARCHIVED ? command->now : (struct instant){ 0 };
	return save(command, point, output);
}

static bool price_point_archive_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_archive *input = data;
	struct price_point *point = price_point_need(command, input->id, "/id");
	struct component *component = point ? component_need(command, point->component_id, "/id") : NULL;
	if (!component)
		return false;
	if (component->price_point_id == point->id)
		return problem_value(command->problems, PROBLEM_IN_USE, "/id", point->handle, "Make another price point the default first.",
		                     "price point '%.*s' is the default of its component", TEXT_ARG(point->handle));
	return move(command, input->id, PRICE_POINT_STATUS_ARCHIVED, output);
}

static bool price_point_unarchive_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_archive *input = data;
	return move(command, input->id, PRICE_POINT_STATUS_ACTIVE, output);
}

const struct command_type price_point_commands[] = {
	{ .name = "price_point.create", .scope = "write", .input = &price_point_create_record, .output = &price_point_record,
	  .perform = price_point_create_perform, .doc = "Makes another price of a component." },
	{ .name = "price_point.update", .scope = "write", .input = &price_point_update_record, .output = &price_point_record,
	  .perform = price_point_update_perform, .doc = "Names a price point anew; what it says never changes." },
	{ .name = "price_point.archive", .scope = "write", .input = &price_point_archive_record, .output = &price_point_record,
	  .perform = price_point_archive_perform, .doc = "Lets nobody have a price point anew; the default one stays." },
	{ .name = "price_point.unarchive", .scope = "write", .input = &price_point_archive_record,
	  .output = &price_point_record, .perform = price_point_unarchive_perform, .doc = "Lets it be had again." },
	{ .name = "price_point.quote", .scope = "read", .input = &price_point_quote_record, .output = &price_quote_record,
	  .perform = price_point_quote_perform, .doc = "What a quantity costs at a price point; nothing is kept." },
	{ .name = NULL },
};
