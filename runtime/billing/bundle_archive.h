/* bundle_archive.h: a bundle as one JSON document: {"files": {"bundle.json": "...", "rules/gold.lua": "..."}}.
 *
 * The canonical form has the names sorted by bytes and no blanks; its SHA-256 is the bundle's digest, so the
 * same files give the same digest whoever packs them. Pure: reading a folder is the command line's.
 */
#ifndef MOONBILL_BILLING_BUNDLE_ARCHIVE_H
#define MOONBILL_BILLING_BUNDLE_ARCHIVE_H

#include "base/id.h"
#include "value/json.h"

enum {
	BUNDLE_FILES_MAX = 1000,
	BUNDLE_NAME_BYTES_MAX = 200,
	BUNDLE_CATALOG_BYTES_MAX = 32 * 1024 * 1024, /* all of catalog/ */
	BUNDLE_OTHER_BYTES_MAX = 1024 * 1024,        /* all of templates/, bundle.json and overdue.json; Lua has rule.h's limits */
	BUNDLE_ARCHIVE_BYTES_MAX = 33 * 1024 * 1024,
};

struct bundle_file {
	struct text name, content;
};

struct bundle_archive {
	struct bundle_file *files; /* sorted by name */
	size_t count;
	struct digest digest;
	struct text digest_text;   /* hex */
	struct text files_text;    /* canonical JSON of the files object: the column */
};

/* Names are bundle.json, overdue.json, rules/NAME.lua, catalog/NAME.json, templates/NAME, checks/NAME.lua, with at most one
 * more folder between; anything else, a name twice or a size over its limit is a problem at its pointer. */
bool bundle_archive_parse(struct text archive, struct arena *arena, struct problems *problems,
                          struct bundle_archive *parsed);
/* The other way: sorts `files` and writes the canonical document. */
struct text bundle_archive_text(struct arena *arena, struct bundle_file *files, size_t count);
/* NULL when there is none. */
const struct bundle_file *bundle_archive_file(const struct bundle_archive *archive, struct text name);
/* "/files/catalog~1plans.json" */
const char *bundle_archive_pointer(struct arena *arena, struct text name);
/* Is it a file of a bundle by its name? */
bool bundle_archive_name_valid(struct text name);

#endif
