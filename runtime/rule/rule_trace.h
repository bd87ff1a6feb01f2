/* rule_trace.h: what one run read, in order of first read, and what it assigned. Private to runtime/rule.
 *
 * Values are kept as JSON, as the fields are encoded elsewhere. A field that the rule assigned before reading it is no
 * read: its value is not an input. Both sets are cut at RULE_TRACE_BYTES_MAX; "..." then counts what is left out.
 */
#ifndef MOONBILL_RULE_RULE_TRACE_H
#define MOONBILL_RULE_RULE_TRACE_H

#include "rule_lua.h"

enum { RULE_TRACE_BYTES_MAX = 60000 };

struct rule_write {
	struct text name, json;
	struct rule_write *next;
};

struct rule_reads {
	struct arena *arena;
	struct text_builder json; /* members so far, without braces */
	size_t count, left_out;
	struct rule_write *first_write, *last_write;
	size_t write_count;
};

void rule_trace_begin(struct rule_reads *reads, struct arena *arena);
/* `name` is the path, `json` its value. The caller sees to it that a name comes once. */
void rule_trace_read(struct rule_reads *reads, struct text name, struct text json);
/* `again`: the name may have been written before; its value is replaced. */
void rule_trace_write(struct rule_reads *reads, struct text name, struct text json, bool again);
/* Appends the trace of a finished run to the call. `result` may be none. */
struct rule_trace *rule_trace_end(struct rule_state *state, int outcome, struct text result);

#endif
