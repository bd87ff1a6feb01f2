/* rule_bundle.h: inside a bundle: compiled files and the rules they declare. Private to runtime/rule.
 *
 * A bundle is written by rule_bundle_load alone, on one thread; afterwards nothing in it changes but the count of
 * references, so threads read it without a lock.
 */
#ifndef MOONBILL_RULE_RULE_BUNDLE_H
#define MOONBILL_RULE_RULE_BUNDLE_H

#include "rule.h"

#include <stdatomic.h>

struct bundle_file {
	const char *name;
	struct text bytecode; /* made by lua_dump in this process; TEXT_NONE when it did not compile */
};

/* A rule and where it comes from: the ordinal-th declaration of a file. */
struct bundle_rule {
	struct rule rule;
	const struct bundle_file *file;
	int ordinal;
	struct bundle_rule *next;
};

enum { EVENT_WORDS = (EVENT_COUNT + 63) / 64 };

struct rule_bundle {
	atomic_size_t references;
	struct arena arena;
	struct digest digest;
	const char *name;
	struct bundle_file *files;
	size_t file_count;
	struct bundle_rule *first, *last; /* in the bundle's order */
	const struct bundle_rule **rules; /* the same by index, set when the load ends */
	size_t rule_count;
	uint64_t listens[RULE_TASK + 1][EVENT_WORDS]; /* by moment; a bit an event */
};

const struct bundle_file *bundle_file_find(const struct rule_bundle *bundle, struct text name);
/* The entry behind a rule that rule_bundle_at or rule_bundle_find gave. */
const struct bundle_rule *bundle_rule_of(const struct rule *rule);

#endif
