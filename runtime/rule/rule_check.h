/* rule_check.h: the checks of a bundle: what its rules do with what they are given.
 *
 *     check "eleven are too many" {
 *       on = "order.create",                          -- an event, a policy, or the name of a task rule
 *       given = { plan = "gold", lines = { { price_code = "M", quantity = 11 } } },
 *       expect = { rejected = "too_many" },
 *     }
 *
 * A check file is run like a rule file, in a state of its own with the same library; each `check` is read into structs, and
 * then the bundle's rules run with them as they would in a command. No store is touched, time stands where `at` says, and
 * what is random comes from the check's place: the same files give the same outcomes. docs/rules.md tells authors what there is.
 */
#ifndef MOONBILL_RULE_RULE_CHECK_H
#define MOONBILL_RULE_RULE_CHECK_H

#include "rule.h"
#include "value/json.h"

enum {
	RULE_CHECK_FUEL = 20000000, /* of all checks of a bundle together: a deploy waits for them */
	RULE_CHECKS_MAX = 10000,
	RULE_CHECK_DIFFERENCES_MAX = 10, /* that are told of one */
};

/* Something that came out otherwise: "lines[1].quantity"; both sides as they are written in JSON. */
struct rule_difference {
	const char *path, *wanted, *got;
};

/* One check and how it came out. */
struct rule_check {
	const char *name, *file;
	int line;
	bool passed;
	const char *broken;          /* it could not be run at all: why; NULL */
	struct { struct rule_difference *items; size_t count, capacity; } differences;
	const char *rule, *place;    /* the rule that decided or failed, and its "file:line"; NULL when none ran */
};

struct rule_check_list {
	struct rule_check *items;
	size_t count, capacity;
	size_t failed;
};

/* Runs the checks of all files of the bundle whose names begin with "checks/", in the order of the files. `settings` is what
 * rules see as ctx.settings (NULL: nothing), under what a check says itself. Everything lies in `arena`. False with problems
 * (PROBLEM_RULE_LOAD) when a file fails; the checks before that are in the list all the same. */
bool rule_checks_run(const struct rule_bundle *bundle, const struct json *settings, struct arena *arena,
                     struct problems *problems, struct rule_check_list *list);

#endif
