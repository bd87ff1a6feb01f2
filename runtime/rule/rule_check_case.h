/* rule_check_case.h: a check as it was read, before it is run. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_CHECK_CASE_H
#define MOONBILL_RULE_RULE_CHECK_CASE_H

#include "records.gen.h"
#include "rule_bundle.h"
#include "rule_check.h"

/* A record that rules can come to: by a relation of what is given, or by ctx:each. */
struct case_row {
	const struct record *record;
	int64_t id;
	void *value;
	struct case_row *next;
};

struct check_case {
	const char *name, *file;
	int line;
	const char *broken;          /* why it cannot be run; NULL */
	enum event event;            /* one of these three */
	enum event_side_kind side;   /* EVENT_SIDE_ANY: both */
	enum policy policy;
	const struct rule *task;
	const struct rule *only;     /* the rule that `rule` names; NULL: all that listen */
	const struct record *record; /* of what is given; NULL for tasks */
	void *subject;
	struct event_details details;
	struct instant at;
	struct case_row *rows;
	int64_t last_id;
	struct text settings;        /* JSON object; none */
	struct text expect;          /* JSON object; that of a policy is {"answer": ...} or {"failed": ...} */
	struct check_case *next;
};

/* Reads the checks of one file into a chain; false with a problem when the file itself fails. */
bool check_file_read(const struct rule_bundle *bundle, const struct bundle_file *file, int64_t *fuel, struct arena *arena,
                     struct problems *problems, struct check_case **first);
/* Runs one; takes from *fuel. */
void check_case_run(const struct rule_bundle *bundle, struct check_case *given, const struct json *settings, int64_t *fuel,
                    struct arena *arena, struct rule_check *check);

/* Adds what `got` lacks of `wanted` (rule_check_compare.c). */
void check_compare(const struct json *wanted, const struct json *got, struct arena *arena, struct rule_check *check);
void check_differs(struct arena *arena, struct rule_check *check, const char *path, const struct json *wanted,
                   const struct json *got);
/* A record as rules see it: amounts with their currency, relations left out. */
void check_record_write(struct json_writer *writer, struct arena *arena, const struct record *record, const void *value);

#endif
