/* custom_field.h: texts of a name on objects. */
#ifndef MOONBILL_BILLING_CUSTOM_FIELD_H
#define MOONBILL_BILLING_CUSTOM_FIELD_H

#include "marked_object.h"

/* custom_field.create   custom_field_create -> custom_field   a name stands on an object once
 * custom_field.update   custom_field_update -> custom_field
 * custom_field.delete   custom_field_delete -> custom_field, as it was */
extern const struct command_type custom_field_commands[];

struct custom_field_list {
	struct custom_field *items;
	size_t count, capacity;
};
bool custom_field_page(struct command *command, const struct marked_filter *filter, struct custom_field_list *fields);

#endif
