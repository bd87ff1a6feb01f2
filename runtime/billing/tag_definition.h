/* tag_definition.h: which tags there are: those of the system (tag_control.h), and those that the tenant defines. */
#ifndef MOONBILL_BILLING_TAG_DEFINITION_H
#define MOONBILL_BILLING_TAG_DEFINITION_H

#include "event/command.h"
#include "page.h"

/* tag_definition.create   tag_definition_create -> tag_definition
 * tag_definition.delete   tag_definition_delete -> tag_definition, as it was; refused while the tag is set somewhere */
extern const struct command_type tag_definition_commands[];

struct tag_definition_list {
	struct tag_definition *items;
	size_t count, capacity;
};
/* *definition = NULL when there is none. By name letters of either case are the same. */
bool tag_definition_find(struct command *command, int64_t id, struct tag_definition **definition);
bool tag_definition_by_name(struct command *command, struct text name, struct tag_definition **definition);
/* In the order of their ids: those of the system come first. */
bool tag_definition_page(struct command *command, struct page_query page, struct tag_definition_list *definitions);
/* The definition, or NULL and PROBLEM_UNKNOWN_TAG at /name with the nearest spelling. */
struct tag_definition *tag_definition_need(struct command *command, struct text name);
/* May it be set on objects of this type? */
bool tag_definition_fits(const struct tag_definition *definition, enum tag_object_type type);

#endif
