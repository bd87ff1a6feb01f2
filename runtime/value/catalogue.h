/* catalogue.h: the event catalogue and the kinds of policies, as tables.
 *
 * schema/events.lua and policies.lua are their source; events.gen.h holds the enums. An event is named by its core name
 * ("invoice.create") or by what another system calls it ("InvoicePreCreated", "INVOICE_CREATION"); an alias
 * belongs to one side of its event, and sometimes to several events:
 *
 *     enum event_side_kind side;
 *     for (enum event event = event_find(name, &side); event; event = event_find_next(name, event, &side))
 */
#ifndef MOONBILL_VALUE_CATALOGUE_H
#define MOONBILL_VALUE_CATALOGUE_H

#include "base/text.h"
#include "events.gen.h"
#include "record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- events ---- */
enum event_side_kind { EVENT_SIDE_ANY, EVENT_SIDE_PRE, EVENT_SIDE_POST, EVENT_SIDE_SIGNAL };

struct event_alias {
	enum event_system system;
	const char *name;
	const char *condition; /* "actionType=REQUESTED"; NULL when the name alone decides */
};

struct event_side {
	bool exists;
	const struct event_alias *aliases;
	size_t alias_count;
	bool subject_all;            /* writable holds "<subject>.*" */
	const char *const *writable; /* entries as written, NULL-terminated */
	field_mask subject_writable; /* a bit a field number of the subject */
	field_mask details_writable; /* of the record event_details */
	const char *const *payload;  /* NULL-terminated */
	const char *origin, *note;
};

struct event_info {
	const char *name;             /* "invoice.create" */
	const char *object_type;      /* "INVOICE" */
	const struct record *subject; /* NULL when the noun has no record */
	const char *waits;            /* why it never happens in this version; NULL: it does */
	struct event_side pre, post, signal;
};

/* BUG for EVENT_NONE and numbers beyond. */
const struct event_info *event_info(enum event event);
/* A side that the event lacks has exists = false. Not for EVENT_SIDE_ANY. */
const struct event_side *event_side(enum event event, enum event_side_kind side);
const char *event_side_name(enum event_side_kind side);      /* "pre" */
const char *event_system_name(enum event_system system);     /* "killbill" */
/* The first event of this core name or alias, EVENT_NONE when there is none. *side: 0 for a core name, else the
 * side that the alias means. An alias under a condition is found by its bare name and as "NAME[condition]". */
enum event event_find(struct text name_or_alias, enum event_side_kind *side);
/* The next event of the same name. */
enum event event_find_next(struct text name_or_alias, enum event after, enum event_side_kind *side);
/* For text_nearest: every core name, then every alias. The context is not used. */
const char *event_name_candidate(const void *context, size_t i);

/* ---- policies ---- */
enum policy_result { POLICY_RESULT_EXACT = 1, POLICY_RESULT_MONEY, POLICY_RESULT_RECORD, POLICY_RESULT_TEXT };

struct policy_info {
	const char *name;                   /* "proration" */
	const struct record *input;         /* NULL while nothing asks */
	enum policy_result result;
	const struct record *result_record; /* of POLICY_RESULT_RECORD */
	const char *default_choice;         /* "proration/inclusive_days"; NULL when none is shipped */
	const char *doc;
};

/* BUG for POLICY_NONE and numbers beyond. */
const struct policy_info *policy_info(enum policy policy);
enum policy policy_find(struct text name); /* POLICY_NONE when there is none */
const char *policy_name_candidate(const void *context, size_t i);

/* The tables of events.gen.c; use the functions above. */
extern const struct event_info event_infos[EVENT_COUNT];
extern const struct policy_info policy_infos[POLICY_COUNT];

#endif
