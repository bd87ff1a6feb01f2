/* bundle.h: what a tenant has deployed: rules, catalog, templates, checks.
 *
 * Command bundle.deploy: reads the archive, checks all of it, keeps it under its digest, makes or changes the
 * plans of its catalog, makes its versions the catalog (catalog_version.h) and activates it, in one transaction. The same content deployed again is only
 * activated. Command bundle.rollback puts one in force again that was before, by the same way (bundle_history.h). Commands that are under way keep the bundle they began with.
 *
 * Every problem is reported at once: file and JSON pointer or line ("/files/catalog~1plans.json/charges/0/...").
 */
#ifndef MOONBILL_BILLING_BUNDLE_H
#define MOONBILL_BILLING_BUNDLE_H

#include "bundle_archive.h"
#include "bundle_manifest.h"
#include "event/command.h"
#include "page.h"
#include "rule/rule_check.h"

extern const struct command_type bundle_commands[];

/* A bundle that has been read and found in order. */
struct bundle_content {
	struct bundle_archive archive;
	struct bundle_manifest manifest;
	struct { struct plan_create *items; size_t count, capacity; } plans;
	struct { const char **items; size_t count, capacity; } plan_pointers; /* one a plan */
	struct { struct catalog_version_input *items; size_t count, capacity; } versions;
	struct { const char **items; size_t count, capacity; } version_pointers;
	struct rule_bundle *rules;     /* the caller releases it */
};

/* How many plans, flat ones and those of all versions. */
size_t bundle_plan_count(const struct bundle_content *content);

/* Manifest, rules, catalog and sizes of an archive; all problems found. With `currency` (the tenant's;
 * NULL when there is no tenant) for plans that name none. False: content->rules is NULL. */
bool bundle_read(struct text archive, const struct currency *currency, struct arena *arena, struct problems *problems,
                 struct bundle_content *content);
/* Runs the files of checks/ on a bundle that was read (rule_check.h). False with problems when a file fails; a check that
 * fails is told in the list. */
bool bundle_checks_run(const struct bundle_content *content, struct arena *arena, struct problems *problems,
                       struct rule_check_list *list);
/* A problem for each that failed. */
void bundle_checks_tell(const struct rule_check_list *list, struct arena *arena, struct problems *problems);
/* Both: what must hold before a bundle may be activated. A check that fails is a problem. */
bool bundle_check(struct text archive, const struct currency *currency, struct arena *arena, struct problems *problems,
                  struct bundle_content *content);

struct bundle_list {
	struct bundle *items; /* files and manifest are none */
	size_t count, capacity;
};
bool bundle_page(struct command *command, struct page_query page, struct bundle_list *bundles);
/* NULL when there is none; with files and manifest. */
bool bundle_by_digest(struct command *command, struct text digest, struct bundle **bundle);

#endif
