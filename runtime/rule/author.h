/* author.h: what helps who writes a bundle, beside its checks (rule_check.h): lint, annotations for editors, coverage.
 *
 * The tools are written in Lua (scripts/author/tools/) and run in a state of their own with Lua's own library: for the command
 * line, never in a server. What they know of records, events and policies is made from the descriptors; of the library, from
 * tools/library.lua, which a test holds against what rules find.
 */
#ifndef MOONBILL_RULE_AUTHOR_H
#define MOONBILL_RULE_AUTHOR_H

#include "rule.h"
#include "rule_check.h"

/* What the layers above have: ends with a NULL name. */
struct author_command {
	const char *name, *doc;
	const struct record *input;
};
struct author_host {
	const struct author_command *commands;
	const char *const *channels; /* of ctx:send; ends with NULL */
};

struct author_finding {
	const char *file;
	int line;
	bool is_error;          /* it would fail when the line runs; else a warning */
	const char *message;
	const char *value, *remedy; /* NULL: none */
};
struct author_findings {
	struct author_finding *items;
	size_t count, capacity, errors;
};

struct author_file {
	struct text name, source;
	bool declares;          /* bundle.json lists it, or all files of rules/ are */
};

/* What is wrong with files that load, in the order of files and lines; files that are no Lua are passed over. False with a problem when
 * the tool itself fails. */
bool author_lint(const struct author_file *files, size_t count, const struct author_host *host, struct arena *arena,
                 struct problems *problems, struct author_findings *findings);
/* All that rules can use as a file of LuaLS annotations; TEXT_NONE with a problem when the tool itself fails. */
struct text author_annotations(const struct author_host *host, struct arena *arena, struct problems *problems);

/* ---- coverage ---- */
struct author_branch {
	int line;
	const char *kind;       /* "if", "else", "and" ... */
	unsigned taken;
};
struct author_line {
	int line;
	unsigned count;
};
struct author_coverage_file {
	const char *name;
	struct { struct author_line *items; size_t count, capacity; } lines; /* in their order, each once */
	struct { struct author_branch *items; size_t count, capacity; } branches;
};
struct author_coverage {
	struct author_coverage_file *items;
	size_t count, capacity;
};

/* Runs the checks once more over rules that count themselves; what comes of the checks is left to rule_checks_run over the rules as
 * they are. `entries` as for rule_bundle_load; check files are among `files`, and are not counted. */
bool author_cover(const struct author_file *files, size_t count, const struct text *entries, size_t entry_count,
                  const struct json *settings, struct arena *arena, struct problems *problems, struct author_coverage *coverage);

#endif
