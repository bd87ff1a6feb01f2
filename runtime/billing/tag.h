/* tag.h: tags set on objects. */
#ifndef MOONBILL_BILLING_TAG_H
#define MOONBILL_BILLING_TAG_H

#include "marked_object.h"

/* tag.create   tag_create -> tag   one of the system turns its switch (tag_control.h)
 * tag.delete   tag_delete -> tag, as it was */
extern const struct command_type tag_commands[];

struct tag_list {
	struct tag *items;
	size_t count, capacity;
};
bool tag_page(struct command *command, const struct marked_filter *filter, struct tag_list *tags);
/* *tag = NULL when the object has none of this name. */
bool tag_of(struct command *command, const struct marked_object *object, struct text name, struct tag **tag);

/* The rows with their events. `tag` may be NULL. An object that has the tag, or lacks it, already is left as it is. */
bool tag_set(struct command *command, const struct marked_object *object, struct text name, struct tag **tag);
bool tag_unset(struct command *command, const struct marked_object *object, struct text name);

#endif
