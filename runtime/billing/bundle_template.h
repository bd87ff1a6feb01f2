/* bundle_template.h: templates of a bundle in rows of their own: a bundle with a large catalog is not read for one of them. */
#ifndef MOONBILL_BILLING_BUNDLE_TEMPLATE_H
#define MOONBILL_BILLING_BUNDLE_TEMPLATE_H

#include "bundle_archive.h"
#include "event/command.h"

/* *found NULL: the bundle of this digest has none of that name ("templates/invoice.html"). */
bool bundle_template_find(struct command *command, struct text digest, struct text name, struct bundle_template **found);
/* Unless it is kept already. */
bool bundle_template_keep(struct command *command, struct text digest, const struct bundle_file *file);

#endif
