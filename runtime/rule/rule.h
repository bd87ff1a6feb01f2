/* rule.h: what the core sees of rules: bundles, calls, outcomes. No Lua types; nothing outside this folder
 * includes lua.h.
 *
 * A bundle is an immutable set of files, compiled once; threads share it by reference count. A call runs one
 * rule of a bundle in a state that is as it was when its file had been run: restored from an image (rule_image.h) inside
 * a block of memory (memory cap = that block, nothing survives a call), metered by fuel. The same event, bundle and read set
 * give the same result.
 *
 *     struct rule_call call = { .bundle = bundle, .arena = arena, ... };
 *     if (rule_run(&call, rule) == RULE_REJECTED) ...
 *
 * Errors of a rule are problems: PROBLEM_REJECTED (ctx:reject, with the rule's own code in detail_code),
 * PROBLEM_RULE_FAILED (error, spent fuel or memory; cause holds "file:line: message"). Behind the fuel stands a
 * limit of processor time (0.5 s, rule_lua.h) for work that fuel underrates. longjmp stays inside.
 */
#ifndef MOONBILL_RULE_RULE_H
#define MOONBILL_RULE_RULE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/problem.h"
#include "base/text.h"
#include "events.gen.h"
#include "value/calendar.h"
#include "value/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- limits (config.h may lower them, never the fuel) ---- */
enum {
	RULE_FILE_BYTES_MAX = 64 * 1024,
	RULE_BUNDLE_BYTES_MAX = 512 * 1024,
	RULE_FUEL_DEFAULT = 5000000,
	RULE_FUEL_OF_COMMAND = 20000000, /* of all runs in one command: it holds the writer for as long */
	RULE_MEMORY_BYTES_DEFAULT = 4 * 1024 * 1024,
	RULE_EFFECTS_MAX = 100,
	RULE_LOAD_FUEL = 5000000,        /* for running all files of a bundle, and for each compilation */
};

enum rule_moment { RULE_PRE = 1, RULE_POST, RULE_POLICY, RULE_TASK };
const char *rule_moment_name(enum rule_moment moment);

/* ---- bundles ---- */
struct rule_file {
	struct text name;   /* "rules/gold.lua": [a-z0-9_.-] segments, at most 3 deep, ends with .lua */
	struct text source;
};

struct rule_bundle;

/* One `when` filter: field of the subject and the text it must equal. */
struct rule_when {
	int field; /* number in the subject's record */
	const char *name;
	struct text equals;
};

struct rule {
	const char *name, *file;
	int line, last_line;
	enum rule_moment moment;
	const enum event *events; /* pre and post: ends with EVENT_NONE */
	enum policy policy;       /* policy */
	const struct rule_when *when;
	size_t when_count;
	const char *doc;          /* the rule's `doc`, or "" */
	size_t index;             /* in the bundle's order */
};

/* Compiles and checks: text only, 64 KiB a file, no bit operators, `_ENV`, `<close>` or integers that would become
 * floats; every problem is PROBLEM_RULE_LOAD with "file:line: message" as its cause. `entries` are run in order, each
 * in a state of its own, and declare rules; the other files are there for require. `digest` names the bundle (of its
 * archive, by the caller). NULL when anything is wrong. The bundle's memory is its own. */
struct rule_bundle *rule_bundle_load(const struct rule_file *files, size_t file_count, const struct text *entries,
                                     size_t entry_count, struct digest digest, struct problems *problems);
void rule_bundle_retain(struct rule_bundle *bundle);
void rule_bundle_release(struct rule_bundle *bundle); /* accepts NULL */
struct digest rule_bundle_digest(const struct rule_bundle *bundle);
const char *rule_bundle_name(const struct rule_bundle *bundle); /* first 12 hex digits of the digest */
size_t rule_bundle_bytes(const struct rule_bundle *bundle); /* of memory that it takes */
size_t rule_bundle_count(const struct rule_bundle *bundle);
const struct rule *rule_bundle_at(const struct rule_bundle *bundle, size_t i);
const struct rule *rule_bundle_find(const struct rule_bundle *bundle, struct text name); /* by rule name */
/* The shipped policies, compiled once for the process (policies/ is embedded by the build). NULL when there was no memory
 * for it; the engine asks for them when it is opened, so that later callers have them. */
struct rule_bundle *rule_bundle_shipped(void);
/* A policy by what a plan or tenant writes: a rule's name in `bundle`, or a shipped file ("proration/inclusive_days"). */
const struct rule *rule_policy_by_choice(const struct rule_bundle *bundle, enum policy policy, struct text choice,
                                         const struct rule_bundle **owner);
/* Whether anything listens: a bit test. */
bool rule_bundle_listens(const struct rule_bundle *bundle, enum rule_moment moment, enum event event);

/* ---- one call ---- */
/* What a rule may ask of the core while it runs; called on the calling thread, never re-enters Lua. */
struct rule_host {
	void *context;
	/* The record of a relation, or NULL when there is none or it cannot be read. Lives as long as the call. */
	void *(*load)(void *context, const struct record *record, int64_t id);
	/* ctx:each in tasks: rows of `record` whose fields equal the filters, in key order after `after_id`, at most
	 * `limit`; NULL where tasks are not run. */
	bool (*each)(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
	             int64_t after_id, size_t limit, struct record_list *rows);
};

struct rule_effect {
	enum { EFFECT_SEND = 1, EFFECT_COMMAND, EFFECT_NOTE } kind;
	struct text name; /* channel or command; none for a note */
	struct text body; /* a JSON object; the text of a note */
	struct rule_effect *next;
};

struct rule_reads;

/* What one run read and decided. Kept in invoice lines, traces and the console's \why. What it says as text is made when
 * somebody asks, by the functions below: most of a call's work would be that otherwise. Names are the bundle's, which
 * whoever holds the trace holds too; the rest lives in the call's arena. */
struct rule_trace {
	const char *rule, *file, *bundle;
	int line;
	enum rule_moment moment;
	int64_t fuel;             /* spent; memory and time are not recorded: not reproducible */
	struct rule_reads *reads; /* private to rule/ */
	const struct exact_money *amount;   /* the result of a policy, */
	const struct record *result_record; /* or of this record, */
	const void *result_value;
	struct text result;                 /* or a text; reject: the code; failure: "file:line: message" */
	enum { TRACE_OK, TRACE_REJECTED, TRACE_FAILED } outcome;
	struct rule_trace *next;
};
/* JSON object: "subject.field" -> value, in order of first read. */
struct text rule_trace_reads(const struct rule_trace *trace, struct arena *arena);
/* JSON object of assignments; none when there were none. */
struct text rule_trace_writes(const struct rule_trace *trace, struct arena *arena);
/* Policy: the result as text; reject: the code; failure: "file:line: message". */
struct text rule_trace_result(const struct rule_trace *trace, struct arena *arena);
/* Settings that are too long to be kept stand in the read set by their digest: a replay sees that they are the same. */
struct text rule_settings_digest_text(struct arena *arena, struct text settings);

struct rule_call {
	const struct rule_bundle *bundle;
	struct arena *arena;            /* the command's: results, effects and traces live there */
	struct problems *problems;
	struct instant now;
	struct date today;              /* in the tenant's or account's zone */
	struct uuid seed;               /* for ctx:random and ctx:id: the event's id, or the command's */
	struct text settings;           /* JSON object for ctx.settings; none = {} */
	const struct json *settings_tree; /* the same, parsed; NULL: it is parsed when a rule asks */
	enum event event;               /* pre and post */
	const struct record *record;    /* the subject's; NULL for tasks, and for events without a subject, whose rules are
	                                 * given the details instead */
	void *subject;                  /* assigned to in pre rules, frozen otherwise */
	const struct record *details_record; /* event_details: ctx.event */
	void *details;
	field_mask subject_writable, details_writable; /* a bit a field number; pre only */
	const struct rule_host *host;
	struct text last_choice;        /* policies: asked before the shipped default; none = that alone */
	int64_t fuel_limit;             /* of one run; 0 = RULE_FUEL_DEFAULT */
	int64_t fuel_of_all;            /* what all runs of this call may spend together; 0 = no bound but the one of each */
	size_t memory_limit_bytes;      /* 0 = RULE_MEMORY_BYTES_DEFAULT */
	/* out */
	struct rule_effect *effects, *last_effect;
	size_t effect_count;
	struct rule_trace *traces, *last_trace; /* appended to, one a run */
	int64_t fuel_used;              /* by all runs, with what their tables grew by (rule_price.h) */
};

enum rule_outcome { RULE_OK, RULE_REJECTED, RULE_FAILED };

/* Evaluated in C, before Lua is entered. `record` and `subject` are what the rule would be given first: the details for
 * an event without a subject. */
bool rule_when_holds(const struct rule *rule, const struct record *record, const void *subject, struct arena *arena);
/* Runs a pre, post or task rule. On rejection or failure the subject may be half assigned: the caller rolls back; what
 * the run had queued is taken back here. */
enum rule_outcome rule_run(struct rule_call *call, const struct rule *rule);

/* Result of a policy; which member is set follows from policy_info(policy)->result. */
struct rule_result {
	struct exact_money exact;  /* POLICY_RESULT_EXACT: a money or exact result */
	struct money money;        /* POLICY_RESULT_MONEY */
	void *record;              /* POLICY_RESULT_RECORD: of policy_info(policy)->result_record */
	struct text text;          /* POLICY_RESULT_TEXT */
	const struct rule_trace *trace; /* of the rule that decided */
	const struct rule *rule;
};
/* Decides: the choices in order (a rule's name or shipped path; none = go on; one that does not exist is
 * PROBLEM_UNKNOWN_POLICY), then the first policy rule of the bundle whose `when` holds, then the call's last choice, then
 * the shipped default of the policy. `record` and `subject` of the call are the policy's input. A policy that fails is PROBLEM_RULE_FAILED; one
 * that returns nil, or whose `when` does not hold, passes to the next; nobody left is PROBLEM_RULE_FAILED too. */
bool rule_decide(struct rule_call *call, enum policy policy, const struct text *choices, size_t choice_count,
                 struct rule_result *result);

#endif
