/* catalog_version.h: versions of the catalog as rows: what a bundle brings, what the API adds.
 *
 * The versions of the bundle in force are the catalog. A version is named by the digest of its content: one that a
 * bundle brings again stays the row it was, and so do its plans; one that it leaves out, or brings changed, is no part of
 * the catalog any more, but its plans remain for the subscriptions that have them. A bundle without versions leaves the
 * catalog as it is.
 */
#ifndef MOONBILL_BILLING_CATALOG_VERSION_H
#define MOONBILL_BILLING_CATALOG_VERSION_H

#include "event/command.h"
#include "page.h"

extern const struct command_type catalog_version_commands[]; /* catalog.add_plan */

/* Makes these (checked: catalog_version_check.h) the catalog. */
bool catalog_versions_put(struct command *command, const struct catalog_version_input *versions, size_t count,
                          struct text bundle);

/* Makes one more, beside those there are; it takes the place of one that is in force from the same instant on. */
bool catalog_version_add(struct command *command, const struct catalog_version_input *version);

struct catalog_version_list {
	struct catalog_version *items;
	size_t count, capacity;
};
bool catalog_version_page(struct command *command, struct page_query page, struct catalog_version_list *versions);
/* Plans of a version, overridden ones apart; of one product only, or of all (TEXT_NONE). */
struct catalog_plan_list;
bool catalog_plans_of_version(struct command *command, int64_t version_id, struct catalog_plan_list *plans);
/* As a catalog file would give it. */
void catalog_plan_as_input(const struct catalog_plan *plan, struct catalog_plan_input *input);
bool catalog_plan_page(struct command *command, int64_t version_id, struct text product, struct page_query page,
                       struct catalog_plan_list *plans);

#endif
