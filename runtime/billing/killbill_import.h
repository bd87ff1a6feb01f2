/* killbill_import.h: a bundle made of Kill Bill's own files: catalogs (one a version) and an overdue configuration, in XML.
 *
 * What a catalog says becomes catalog/killbill.json. A construct that Moonbill has no equal for is a problem with file,
 * line and element; display names are passed over, for products and plans have one word of their own each. The overdue
 * configuration is checked and kept as JSON, word for word. Pure.
 */
#ifndef MOONBILL_BILLING_KILLBILL_IMPORT_H
#define MOONBILL_BILLING_KILLBILL_IMPORT_H

#include "base/problem.h"

struct killbill_file {
	const char *name; /* for problems */
	struct text content;
};

struct killbill_bundle {
	struct text manifest; /* bundle.json */
	struct text catalog;  /* catalog/killbill.json; none without a catalog */
	struct text overdue;  /* overdue.json; none without an overdue configuration */
	size_t versions, plans, overdue_states;
};

/* Every problem found, of all files. */
bool killbill_import(const struct killbill_file *files, size_t count, struct arena *arena, struct problems *problems,
                     struct killbill_bundle *made);

#endif
