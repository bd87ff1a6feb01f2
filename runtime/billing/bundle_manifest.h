/* bundle_manifest.h: bundle.json: {"name": "daddyhost", "rules": ["rules/gold.lua"], "settings": {...}}.
 *
 * `rules` are the files that are run in this order and declare rules; other files of rules/ are there for
 * require. Without `rules` every file of rules/ is run, in the order of their names.
 */
#ifndef MOONBILL_BILLING_BUNDLE_MANIFEST_H
#define MOONBILL_BILLING_BUNDLE_MANIFEST_H

#include "bundle_archive.h"

struct bundle_manifest {
	struct text name;
	struct text *rules;
	size_t rule_count;
	const struct json *settings; /* NULL without */
	struct text text;            /* canonical JSON with name, rules, settings: the column */
};

bool bundle_manifest_read(const struct bundle_archive *archive, struct arena *arena, struct problems *problems,
                          struct bundle_manifest *manifest);

#endif
