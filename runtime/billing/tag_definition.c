/* tag_definition.c: which tags there are: those of the system, and those that the tenant defines. */
#include "tag_definition.h"

#include "marked_object.h"
#include "name.h"
#include "tag.h"
#include "tag_control.h"

enum { DEFINITIONS_MAX = 1000, OWN_ID_FIRST = 100 };

_Static_assert((int)CONTROL_COUNT <= (int)OWN_ID_FIRST, "ids of the system come before those of tenants");

/* ------------------------------------------------------------------------------------------------ reading */

bool tag_definition_find(struct command *command, int64_t id, struct tag_definition **definition)
{
	if (id <= CONTROL_NONE || id >= CONTROL_COUNT)
		return store_find(command->store, &tag_definition_record, id, (void **)definition);
	*definition = arena_new(command->arena, struct tag_definition);
	**definition = control_definition(command->arena, (enum control)id);
	return true;
}

bool tag_definition_by_name(struct command *command, struct text name, struct tag_definition **definition)
{
	enum control control = control_find(name);
	if (control)
		return tag_definition_find(command, control, definition);
	return store_one(command->store, STATEMENT_TAG_DEFINITION_BY_NAME, BINDS(bind_text(name)), &tag_definition_record,
	                 (void **)definition);
}

bool tag_definition_page(struct command *command, struct page_query page, struct tag_definition_list *definitions)
{
	size_t room = (size_t)page_limit(page);
	for (int64_t id = page.after_id + 1; id < CONTROL_COUNT && definitions->count < room; id++)
		*list_add(command->arena, definitions, struct tag_definition) = control_definition(command->arena, (enum control)id);
	return definitions->count >= room ||
	       store_all(command->store, STATEMENT_TAG_DEFINITION_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer((int64_t)(room - definitions->count))),
	                 &tag_definition_record, LIST(definitions));
}

static bool definitions_all(struct command *command, struct tag_definition_list *definitions)
{
	for (int control = CONTROL_NONE + 1; control < CONTROL_COUNT; control++)
		*list_add(command->arena, definitions, struct tag_definition) =
		        control_definition(command->arena, (enum control)control);
	return store_all(command->store, STATEMENT_TAG_DEFINITION_PAGE, BINDS(bind_integer(0), bind_integer(DEFINITIONS_MAX)),
	                 &tag_definition_record, LIST(definitions));
}

struct nearby {
	struct arena *arena;
	const struct tag_definition_list *definitions;
};

static const char *name_candidate(const void *context, size_t i)
{
	const struct nearby *nearby = context;
	return i < nearby->definitions->count ? text_c(nearby->arena, nearby->definitions->items[i].name) : NULL;
}

struct tag_definition *tag_definition_need(struct command *command, struct text name)
{
	struct tag_definition *definition;
	struct tag_definition_list all = { 0 };
	const struct nearby nearby = { command->arena, &all };
	if (!tag_definition_by_name(command, name, &definition) || definition || !definitions_all(command, &all))
		return definition;
	problem_value(command->problems, PROBLEM_UNKNOWN_TAG, "/name", name, NULL, "there is no tag '%.*s'%s", TEXT_ARG(name),
	              text_did_you_mean(command->arena, name, name_candidate, &nearby));
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ what they fit */

static bool next_word(struct text *rest, struct text *word)
{
	bool more = text_present(*rest);
	*word = TEXT_NONE;
	while (more && word->length == 0)
		more = text_split(*rest, ' ', word, rest);
	if (!more)
		*rest = TEXT_NONE;
	return word->length > 0;
}

static enum tag_object_type type_find(struct text word)
{
	for (int type = TAG_OBJECT_TYPE_ACCOUNT; type <= TAG_OBJECT_TYPE_PAYMENT; type++)
		if (text_is(word, marked_object_word((enum tag_object_type)type)))
			return (enum tag_object_type)type;
	return TAG_OBJECT_TYPE_NONE;
}

bool tag_definition_fits(const struct tag_definition *definition, enum tag_object_type type)
{
	struct text rest = definition->object_types, word;
	while (next_word(&rest, &word))
		if (type_find(word) == type)
			return true;
	return false;
}

static const char *type_candidate(const void *context, size_t i)
{
	(void)context;
	return i < TAG_OBJECT_TYPE_PAYMENT ? marked_object_word((enum tag_object_type)(i + 1)) : NULL;
}

static bool types_check(struct command *command, struct text types)
{
	struct text rest = types, word;
	bool good = true, any = false;
	while (next_word(&rest, &word)) {
		any = true;
		if (!type_find(word))
			good = problem_value(command->problems, PROBLEM_UNKNOWN_CHOICE, "/object_types", word,
			                     "Use words of: account bundle subscription invoice payment, with blanks between them.",
			                     "'%.*s' is nothing that tags are set on%s", TEXT_ARG(word),
			                     text_did_you_mean(command->arena, word, type_candidate, NULL));
	}
	return good && (any || problem(command->problems, PROBLEM_TOO_SHORT, "/object_types", "nothing is named that it may be set on"));
}

/* ------------------------------------------------------------------------------------------------ commands */

static bool name_check(struct command *command, struct text name)
{
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] == ' ')
			return problem_value(command->problems, PROBLEM_INVALID_VALUE, "/name", name, "Write it without blanks, as in GOOD_CUSTOMER.",
			                     "the name of a tag has no blanks");
	return name_is_one_line(name, command->problems);
}

static bool may_be_made(struct command *command, struct text name)
{
	struct tag_definition *same;
	struct tag_definition_list all = { 0 };
	if (!tag_definition_by_name(command, name, &same))
		return false;
	if (same)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/name", name, NULL, "the tag '%.*s' exists already%s",
		                     TEXT_ARG(same->name), same->control ? ": it is one of the system" : "");
	return definitions_all(command, &all) &&
	       (all.count < DEFINITIONS_MAX ||
	        problem(command->problems, PROBLEM_TOO_MANY, "", "a tenant has at most %d tags", DEFINITIONS_MAX));
}

static int64_t own_id(struct command *command)
{
	int64_t id = store_new_id(command->store, "tag_definition");
	if (id == 0 || id >= OWN_ID_FIRST)
		return id;
	return store_set_next_id(command->store, "tag_definition", OWN_ID_FIRST)
	               ? store_new_id(command->store, "tag_definition")
	               : 0;
}

static bool create_perform(struct command *command, const void *data, void **output)
{
	const struct tag_definition_create *input = data;
	struct tag_definition *definition = arena_new(command->arena, struct tag_definition);
	*definition = (struct tag_definition){
		.uuid = uuid_time_ordered(),
		.name = input->name,
		.description = input->description,
		.object_types = text_present(input->object_types) ? input->object_types
		                                                  : TEXT("account bundle subscription invoice payment"),
		.created_at = command->now,
	};
	if (!name_check(command, input->name) || !types_check(command, definition->object_types) ||
	    !may_be_made(command, input->name))
		return false;
	definition->id = own_id(command);
	command_object(command, "tag_definition", definition->id, 0);
	*output = definition;
	return definition->id && store_insert(command->store, &tag_definition_record, definition);
}

static struct tag_definition *definition_meant(struct command *command, const struct tag_definition_delete *input)
{
	struct tag_definition *definition = NULL;
	if ((input->id != 0) == text_present(input->name)) {
		problem(command->problems, PROBLEM_INVALID_COMBINATION, "/id", "either id or name tells which tag is meant");
		return NULL;
	}
	if (!input->id)
		return tag_definition_need(command, input->name);
	if (tag_definition_find(command, input->id, &definition) && !definition)
		record_missing(&tag_definition_record, input->id, command->problems, "/id");
	return definition;
}

static bool may_be_deleted(struct command *command, const struct tag_definition *definition, const char *pointer)
{
	const struct marked_filter filter = { .name = definition->name, .max = 1 };
	struct tag_list set = { 0 };
	if (definition->control)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, pointer, definition->name,
		                     "Take the tag off the object that has it instead.",
		                     "the tag %.*s is one of the system: it cannot be deleted", TEXT_ARG(definition->name));
	if (!tag_page(command, &filter, &set))
		return false;
	return set.count == 0 ||
	       problem_value(command->problems, PROBLEM_IN_USE, pointer, definition->name, "Take it off first: GET /v1/tags?name= tells where it is.",
	                     "the tag '%.*s' is set on %s %lld", TEXT_ARG(definition->name),
	                     marked_object_word(set.items[0].object_type), (long long)set.items[0].object_id);
}

static bool delete_perform(struct command *command, const void *data, void **output)
{
	const struct tag_definition_delete *input = data;
	struct tag_definition *definition = definition_meant(command, input);
	if (!definition || !may_be_deleted(command, definition, input->id ? "/id" : "/name"))
		return false;
	command_object(command, "tag_definition", definition->id, 0);
	*output = definition;
	return store_execute(command->store, STATEMENT_TAG_DEFINITION_REMOVE, BINDS(bind_id(definition->id)), NULL);
}

const struct command_type tag_definition_commands[] = {
	{ .name = "tag_definition.create", .scope = "write", .input = &tag_definition_create_record,
	  .output = &tag_definition_record, .perform = create_perform, .doc = "Defines a tag." },
	{ .name = "tag_definition.delete", .scope = "write", .input = &tag_definition_delete_record,
	  .output = &tag_definition_record, .perform = delete_perform, .doc = "Takes away a tag that is set nowhere." },
	{ .name = NULL },
};
