/* marked_object.h: what may carry tags and custom fields: an account, or something of one. */
#ifndef MOONBILL_BILLING_MARKED_OBJECT_H
#define MOONBILL_BILLING_MARKED_OBJECT_H

#include "event/command.h"

struct marked_object {
	enum tag_object_type type; /* custom_field.object_type has the same words */
	int64_t id, account_id;
	struct uuid uuid;
};

/* "invoice" */
const char *marked_object_word(enum tag_object_type type);
/* The object; PROBLEM_NOT_FOUND at /object_id when the tenant has none. */
bool marked_object_need(struct command *command, enum tag_object_type type, int64_t id, struct marked_object *object);

/* Which rows a page holds, in the order of their ids: of an object, else of this name, else of an account, else all. */
struct marked_filter {
	struct marked_object object; /* its type and id; type NONE: of any */
	struct text name;
	int64_t account_id;
	int64_t after_id, max;
};
/* The statements of a record that pages its rows; `named` 0: not by name. */
struct marked_pages {
	const struct record *record;
	enum statement all, of_account, of_object, named;
};
bool marked_page(struct command *command, const struct marked_pages *pages, const struct marked_filter *filter,
                 struct record_list *rows);

#endif
