/* killbill_import.h: a bundle made of Kill Bill's own files: catalogs (one a version) and an overdue configuration, in XML.
 *
 * What a catalog says becomes catalog/killbill.json. A construct that Moonbill has no equal for is a problem with file,
 * line and element; display names are passed over, for products and plans have one word of their own each. The overdue
 * configuration is checked and kept as JSON, word for word. Pure.
 *
 * What is made knows where in the XML each part of it comes from, so that problems of the bundle's checks tell that place as well.
 */
#ifndef MOONBILL_BILLING_KILLBILL_IMPORT_H
#define MOONBILL_BILLING_KILLBILL_IMPORT_H

#include "base/problem.h"
#include "value/xml.h"

struct killbill_file {
	const char *name; /* for problems */
	struct text content;
};

/* Bytes of a file that was made, and the element that they come from. */
struct killbill_place {
	size_t from, to;
	const char *file;
	const struct xml *element;
};
struct killbill_places {
	struct killbill_place *items; /* by from; of two that begin together the outer first */
	size_t count, capacity;
	size_t *open;                 /* numbers of those that have not ended */
	size_t open_count, open_capacity;
};

struct killbill_bundle {
	struct text manifest; /* bundle.json */
	struct text catalog;  /* catalog/killbill.json; none without a catalog */
	struct text overdue;  /* overdue.json; none without an overdue configuration */
	size_t versions, plans, overdue_states;
	struct killbill_places catalog_places, overdue_places;
};

/* Every problem found, of all files. */
bool killbill_import(const struct killbill_file *files, size_t count, struct arena *arena, struct problems *problems,
                     struct killbill_bundle *made);
/* Problems that checking the bundle found in the files that were made tell file, line and element of the XML instead. */
void killbill_problems_place(const struct killbill_bundle *made, struct arena *arena, struct problems *problems);

#endif
