/* custom_field.c: texts of a name on objects: made, changed, taken away. */
#include "custom_field.h"

#include "event/dispatch.h"
#include "name.h"

/* ------------------------------------------------------------------------------------------------ reading */

bool custom_field_page(struct command *command, const struct marked_filter *filter, struct custom_field_list *fields)
{
	static const struct marked_pages pages = { &custom_field_record, STATEMENT_CUSTOM_FIELD_PAGE,
		                                   STATEMENT_CUSTOM_FIELD_PAGE_OF_ACCOUNT,
		                                   STATEMENT_CUSTOM_FIELD_PAGE_OF_OBJECT, 0 };
	return marked_page(command, &pages, filter, LIST(fields));
}

static bool field_of(struct command *command, const struct marked_object *object, struct text name,
                     struct custom_field **field)
{
	return store_one(command->store, STATEMENT_CUSTOM_FIELD_BY_NAME,
	                 BINDS(bind_c(marked_object_word(object->type)), bind_id(object->id), bind_text(name)),
	                 &custom_field_record, (void **)field);
}

static bool field_find(struct command *command, int64_t id, struct custom_field **field)
{
	return store_find(command->store, &custom_field_record, id, (void **)field) &&
	       (*field || record_missing(&custom_field_record, id, command->problems, "/id"));
}

static struct occurrence occurrence_for(struct command *command, enum event event, struct custom_field *field)
{
	command_object(command, "custom_field", field->id, field->account_id);
	return occurrence_of(event, &custom_field_record, field, field->id, field->account_id);
}

/* ------------------------------------------------------------------------------------------------ commands */

static bool name_is_free(struct command *command, const struct marked_object *object, struct text name)
{
	struct custom_field *same;
	if (!field_of(command, object, name, &same))
		return false;
	return !same || problem_value(command->problems, PROBLEM_DUPLICATE, "/name", name,
	                              text_format(command->arena, "Change its value: PATCH /v1/custom_fields/%lld.",
	                                          (long long)same->id).data,
	                              "%s %lld has a custom field '%.*s' already", marked_object_word(object->type),
	                              (long long)object->id, TEXT_ARG(name));
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct custom_field_create *input = data;
	struct custom_field *field = arena_new(command->arena, struct custom_field);
	struct marked_object object;
	if (!marked_object_need(command, (enum tag_object_type)input->object_type, input->object_id, &object) ||
	    !name_is_one_line(input->name, command->problems) || !name_is_free(command, &object, input->name))
		return false;
	*field = (struct custom_field){
		.id = store_new_id(command->store, "custom_field"),
		.uuid = uuid_time_ordered(),
		.account_id = object.account_id,
		.object_type = (enum custom_field_object_type)object.type,
		.object_id = object.id,
		.name = input->name,
		.value = input->value,
		.created_at = command->now,
		.updated_at = command->now,
	};
	struct occurrence created = occurrence_for(command, EVENT_CUSTOM_FIELD_CREATE, field);
	*output = field;
	return field->id && event_pre(command, &created) &&
	       record_check(&custom_field_record, field, "", command->problems) &&
	       store_insert(command->store, &custom_field_record, field) && event_post(command, &created);
}

static bool update_perform(struct command *command, const void *data, void **output)
{
	const struct custom_field_update *input = data;
	struct custom_field *field;
	if (!field_find(command, input->id, &field))
		return false;
	field->value = input->value;
	field->updated_at = command->now;
	struct occurrence updated = occurrence_for(command, EVENT_CUSTOM_FIELD_UPDATE, field);
	*output = field;
	return event_pre(command, &updated) && record_check(&custom_field_record, field, "", command->problems) &&
	       store_update(command->store, &custom_field_record, field) && event_post(command, &updated);
}

static bool field_meant(struct command *command, const struct custom_field_delete *input, struct custom_field **field)
{
	struct marked_object object;
	bool by_name = text_present(input->name) && input->object_type && input->object_id;
	bool any = text_present(input->name) || input->object_type || input->object_id;
	if (input->id ? any : !by_name)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id",
		               "either id, or name, object_type and object_id tell which field is meant");
	if (input->id)
		return field_find(command, input->id, field);
	return marked_object_need(command, (enum tag_object_type)input->object_type, input->object_id, &object) &&
	       field_of(command, &object, input->name, field) &&
	       (*field || problem_value(command->problems, PROBLEM_NOT_FOUND, "/name", input->name, NULL,
	                                "%s %lld has no custom field '%.*s'", marked_object_word(object.type),
	                                (long long)object.id, TEXT_ARG(input->name)));
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	struct custom_field *field = NULL;
	if (!field_meant(command, data, &field))
		return false;
	struct occurrence deleted = occurrence_for(command, EVENT_CUSTOM_FIELD_DELETE, field);
	*output = field;
	return event_pre(command, &deleted) &&
	       store_execute(command->store, STATEMENT_CUSTOM_FIELD_REMOVE, BINDS(bind_id(field->account_id), bind_id(field->id)),
	                     NULL) &&
	       event_post(command, &deleted);
}

const struct command_type custom_field_commands[] = {
	{ .name = "custom_field.create", .scope = "write", .input = &custom_field_create_record,
	  .output = &custom_field_record, .perform = create_perform, .doc = "Writes a text of a new name on an object." },
	{ .name = "custom_field.update", .scope = "write", .input = &custom_field_update_record,
	  .output = &custom_field_record, .perform = update_perform, .doc = "Gives a custom field another value." },
	{ .name = "custom_field.delete", .scope = "write", .input = &custom_field_delete_record,
	  .output = &custom_field_record, .perform = delete_perform, .doc = "Takes a custom field off an object." },
	{ .name = NULL },
};
