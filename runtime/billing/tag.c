/* tag.c: tags are set on objects and taken away. */
#include "tag.h"

#include "event/dispatch.h"
#include "tag_control.h"
#include "tag_definition.h"

/* ------------------------------------------------------------------------------------------------ rows */

bool tag_page(struct command *command, const struct marked_filter *filter, struct tag_list *tags)
{
	static const struct marked_pages pages = { &tag_record, STATEMENT_TAG_PAGE, STATEMENT_TAG_PAGE_OF_ACCOUNT,
		                                   STATEMENT_TAG_PAGE_OF_OBJECT, STATEMENT_TAG_PAGE_NAMED };
	return marked_page(command, &pages, filter, LIST(tags));
}

bool tag_of(struct command *command, const struct marked_object *object, struct text name, struct tag **tag)
{
	return store_one(command->store, STATEMENT_TAG_BY_NAME,
	                 BINDS(bind_c(marked_object_word(object->type)), bind_id(object->id), bind_text(name)), &tag_record,
	                 (void **)tag);
}

static struct occurrence occurrence_for(enum event event, struct tag *tag)
{
	return occurrence_of(event, &tag_record, tag, tag->id, tag->account_id);
}

bool tag_set(struct command *command, const struct marked_object *object, struct text name, struct tag **made)
{
	struct tag *tag;
	if (!tag_of(command, object, name, &tag))
		return false;
	if (made)
		*made = tag;
	if (tag)
		return true;
	tag = arena_new(command->arena, struct tag);
	*tag = (struct tag){
		.id = store_new_id(command->store, "tag"),
		.uuid = uuid_time_ordered(),
		.account_id = object->account_id,
		.object_type = object->type,
		.object_id = object->id,
		.name = name,
		.created_at = command->now,
	};
	struct occurrence created = occurrence_for(EVENT_TAG_CREATE, tag);
	command_object(command, "tag", tag->id, tag->account_id);
	if (made)
		*made = tag;
	return tag->id && event_pre(command, &created) && store_insert(command->store, &tag_record, tag) &&
	       event_post(command, &created);
}

static bool tag_remove(struct command *command, struct tag *tag)
{
	struct occurrence deleted = occurrence_for(EVENT_TAG_DELETE, tag);
	command_object(command, "tag", tag->id, tag->account_id);
	return event_pre(command, &deleted) &&
	       store_execute(command->store, STATEMENT_TAG_REMOVE, BINDS(bind_id(tag->account_id), bind_id(tag->id)), NULL) &&
	       event_post(command, &deleted);
}

bool tag_unset(struct command *command, const struct marked_object *object, struct text name)
{
	struct tag *tag;
	return tag_of(command, object, name, &tag) && (!tag || tag_remove(command, tag));
}

/* ------------------------------------------------------------------------------------------------ tag.create */

static bool may_be_set(struct command *command, const struct tag_definition *definition, const struct marked_object *object)
{
	struct tag *same;
	if (!tag_definition_fits(definition, object->type))
		return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, "/object_type",
		                     text_of(marked_object_word(object->type)),
		                     text_format(command->arena, "Set it on: %.*s.", TEXT_ARG(definition->object_types)).data,
		                     "the tag %.*s is not set on %s objects", TEXT_ARG(definition->name),
		                     marked_object_word(object->type));
	if (!tag_of(command, object, definition->name, &same))
		return false;
	return !same || problem_value(command->problems, PROBLEM_DUPLICATE, "/name", definition->name, NULL,
	                              "%s %lld has the tag '%.*s' already", marked_object_word(object->type),
	                              (long long)object->id, TEXT_ARG(definition->name));
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct tag_create *input = data;
	const struct tag_definition *definition = tag_definition_need(command, input->name);
	struct marked_object object;
	struct tag *tag = NULL;
	if (!definition || !marked_object_need(command, (enum tag_object_type)input->object_type, input->object_id, &object) ||
	    !may_be_set(command, definition, &object))
		return false;
	enum control control = control_find(definition->name);
	bool good = control && control_switches(control, object.type)
	                    ? control_switch(command, control, &object, true) && tag_of(command, &object, definition->name, &tag)
	                    : tag_set(command, &object, definition->name, &tag);
	*output = tag;
	return good;
}

/* ------------------------------------------------------------------------------------------------ tag.delete */

static bool tag_meant(struct command *command, const struct tag_delete *input, struct tag **tag)
{
	struct marked_object object;
	bool by_name = text_present(input->name) && input->object_type && input->object_id;
	bool any = text_present(input->name) || input->object_type || input->object_id;
	if (input->id ? any : !by_name)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id",
		               "either id, or name, object_type and object_id tell which tag is meant");
	if (!input->id)
		return marked_object_need(command, (enum tag_object_type)input->object_type, input->object_id, &object) &&
		       tag_of(command, &object, input->name, tag) &&
		       (*tag || problem_value(command->problems, PROBLEM_NOT_FOUND, "/name", input->name, NULL,
		                              "%s %lld has no tag '%.*s'", marked_object_word(object.type), (long long)object.id,
		                              TEXT_ARG(input->name)));
	return store_find(command->store, &tag_record, input->id, (void **)tag) &&
	       (*tag || record_missing(&tag_record, input->id, command->problems, "/id"));
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	struct tag *tag = NULL;
	if (!tag_meant(command, data, &tag))
		return false;
	const struct marked_object object = { .type = tag->object_type, .id = tag->object_id, .account_id = tag->account_id };
	enum control control = control_find(tag->name);
	*output = tag;
	return control && control_switches(control, object.type) ? control_switch(command, control, &object, false)
	                                                         : tag_remove(command, tag);
}

const struct command_type tag_commands[] = {
	{ .name = "tag.create", .scope = "write", .input = &tag_create_record, .output = &tag_record,
	  .perform = create_perform, .doc = "Sets a tag on an object; one of the system turns the switch that it stands for." },
	{ .name = "tag.delete", .scope = "write", .input = &tag_delete_record, .output = &tag_record,
	  .perform = delete_perform, .doc = "Takes a tag off an object." },
	{ .name = NULL },
};
