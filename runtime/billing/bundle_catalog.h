/* bundle_catalog.h: catalog files of a bundle: {"plans": [...], "versions": [...]}, either or both.
 *
 * `plans` are the flat plans that orders sell (plan_create), `versions` the catalog that is subscribed to
 * (catalog_version_input). Files may each bring some; together their codes and effective instants are unique.
 */
#ifndef MOONBILL_BILLING_BUNDLE_CATALOG_H
#define MOONBILL_BILLING_BUNDLE_CATALOG_H

#include "bundle.h"

enum { BUNDLE_CATALOG_ITEMS_MAX = 100000 };

/* Fills plans and versions of `content` from the files of its archive; every problem found. */
bool bundle_catalog_read(struct bundle_content *content, const struct currency *currency, struct arena *arena,
                         struct problems *problems);

#endif
