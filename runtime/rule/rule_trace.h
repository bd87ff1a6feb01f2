/* rule_trace.h: what one run read, in order of first read, and what it assigned. Private to runtime/rule.
 *
 * While a rule runs a read is kept as its bytes: the field and a copy of its value, for a pre rule may assign it afterwards.
 * It becomes JSON when somebody asks (rule_trace_reads), which is when the row of the run is written. A field that the
 * rule assigned before reading it is no read: its value is not an input. Both sets are cut at RULE_TRACE_BYTES_MAX; "..."
 * then counts what is left out.
 */
#ifndef MOONBILL_RULE_RULE_TRACE_H
#define MOONBILL_RULE_RULE_TRACE_H

#include "rule_lua.h"

enum {
	RULE_TRACE_BYTES_MAX = 60000,
	RULE_READ_BYTES_LEAST = 8,   /* of a read as JSON, without its text: "event.id":1, takes more */
	RULE_READ_VALUE_BYTES = 48,  /* the largest value: struct exact_money */
	RULE_READS_AT_FIRST = 8,     /* read by most rules: these lie beside the trace */
	RULE_READS_BLOCK = 16,
};

struct rule_read {
	struct text path;            /* of the record: "subject.lines[2]"; without a record the whole name */
	const struct record *record; /* NULL: the value is a text of JSON */
	int field;
	bool present;
	_Alignas(16) char value[RULE_READ_VALUE_BYTES]; /* list: its count; relation: the id; part: nothing */
};

struct rule_read_block {
	struct rule_read_block *next;
	struct rule_read reads[RULE_READS_BLOCK];
};

/* What stands for a value that is FIELD_UNTOLD. */
#define RULE_TRACE_UNTOLD "(not kept)"

struct rule_write {
	struct text name, json;
	struct rule_write *next;
};

/* `bytes_least` is a lower bound of what the reads take as JSON: beyond RULE_TRACE_BYTES_MAX none of them would be kept,
 * so they are only counted. */
struct rule_reads {
	struct arena *arena;
	struct exact_money *amount; /* room for the result */
	size_t count, left_out, bytes_least;
	struct rule_read_block *first, *last;
	struct rule_write *first_write, *last_write;
	size_t write_count;
	struct rule_read at_first[RULE_READS_AT_FIRST];
};

/* The trace of a run that begins, with its reads; rule_trace_end appends it to the call. */
struct rule_trace *rule_trace_begin(const struct rule_call *call, const struct rule *rule, const struct rule_bundle *bundle);
/* The caller sees to it that a field, or a name, comes once. `path` lives as long as the call's arena; `present` is what
 * record_has says. */
void rule_trace_field(struct rule_reads *reads, struct text path, const struct record *record, const void *value, int field,
                      bool present);
/* `name` is static, `json` is copied. */
void rule_trace_read(struct rule_reads *reads, const char *name, struct text json);
/* `again`: the name may have been written before; its value is replaced. */
void rule_trace_write(struct rule_reads *reads, struct text name, struct text json, bool again);
/* What the run came to; `result` may be none. */
void rule_trace_end(struct rule_state *state, int outcome, struct text result);

#endif
