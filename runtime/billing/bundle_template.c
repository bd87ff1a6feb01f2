/* bundle_template.c: templates of a bundle in rows of their own. */
#include "bundle_template.h"

bool bundle_template_find(struct command *command, struct text digest, struct text name, struct bundle_template **found)
{
	return store_one(command->store, STATEMENT_BUNDLE_TEMPLATE_BY_NAME, BINDS(bind_text(digest), bind_text(name)),
	                 &bundle_template_record, (void **)found);
}

bool bundle_template_keep(struct command *command, struct text digest, const struct bundle_file *file)
{
	struct bundle_template *kept = NULL;
	if (!bundle_template_find(command, digest, file->name, &kept))
		return false;
	if (kept)
		return true;
	struct bundle_template made = { .id = store_new_id(command->store, "bundle_template"),
		                        .bundle = digest, .name = file->name, .content = file->content };
	return made.id && store_insert(command->store, &bundle_template_record, &made);
}
