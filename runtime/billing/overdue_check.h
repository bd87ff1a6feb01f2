/* overdue_check.h: overdue.json of a bundle, checked: what it says is kept with the bundle, and nothing follows it yet. Pure. */
#ifndef MOONBILL_BILLING_OVERDUE_CHECK_H
#define MOONBILL_BILLING_OVERDUE_CHECK_H

#include "bundle_archive.h"

#define OVERDUE_FILE "overdue.json"

/* True when the bundle has none. */
bool overdue_check(const struct bundle_archive *archive, struct arena *arena, struct problems *problems);

#endif
