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
	const unsigned char *lines; /* what stands on them (rule_scan.h), from 1; NULL: they cannot be told apart */
};

/* A rule and where it comes from: the ordinal-th declaration of a file. */
struct bundle_rule {
	struct rule rule;
	struct text name, stem; /* of the rule; of its file, without .lua */
	const struct bundle_file *file;
	int ordinal;
	struct bundle_rule *next;
	struct bundle_rule *next_of_policy;
};

enum { EVENT_WORDS = (EVENT_COUNT + 63) / 64 };

struct rule_bundle {
	atomic_size_t references;
	uint64_t serial; /* of this process's bundles, from 1: unlike an address it never comes again */
	struct arena arena;
	struct digest digest;
	const char *name;
	struct bundle_file *files;
	size_t file_count;
	struct bundle_rule *first, *last; /* in the bundle's order */
	const struct bundle_rule **rules; /* the same by index, set when the load ends */
	size_t rule_count;
	int64_t load_fuel; /* that is left for running its files */
	uint32_t *counts;  /* of sources that count themselves, by number; NULL: they do not */
	size_t count_count;
	struct bundle_rule *policies[POLICY_COUNT]; /* the first of each policy */
	uint64_t listens[RULE_TASK + 1][EVENT_WORDS]; /* by moment; a bit an event */
};

/* rule_bundle_load for the self-test of images, which every other load comes after. */
struct rule_bundle *bundle_load(const struct rule_file *files, size_t file_count, const struct text *entries,
                                size_t entry_count, struct digest digest, struct problems *problems);
/* The same of sources that count what of them is run (author_cover.c), which are longer than their authors wrote them. `counts` lives
 * as long as the bundle. */
struct rule_bundle *bundle_load_counted(const struct rule_file *files, size_t file_count, const struct text *entries,
                                        size_t entry_count, uint32_t *counts, size_t count_count, struct problems *problems);
const struct bundle_file *bundle_file_find(const struct rule_bundle *bundle, struct text name);
/* The entry behind a rule that rule_bundle_at or rule_bundle_find gave. */
const struct bundle_rule *bundle_rule_of(const struct rule *rule);

#endif
