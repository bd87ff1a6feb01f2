/* rule_trace.c: the read set, the write set and the trace of one run. */
#include "rule_trace.h"

#include "base/metric.h"
#include "value/json.h"

#include <string.h>

_Static_assert(sizeof(struct exact_money) <= RULE_READ_VALUE_BYTES, "the largest plain value");
_Static_assert(sizeof(struct text) <= RULE_READ_VALUE_BYTES && sizeof(struct uuid) <= RULE_READ_VALUE_BYTES, "or these");

struct rule_trace *rule_trace_begin(const struct rule_call *call, const struct rule *rule, const struct rule_bundle *bundle)
{
	struct run {
		struct rule_trace trace;
		struct exact_money amount;
		struct rule_reads reads;
	} *run = arena_new(call->arena, struct run);
	run->reads.arena = call->arena;
	run->reads.amount = &run->amount;
	run->trace = (struct rule_trace){
		.rule = rule->name, .file = rule->file, .bundle = rule_bundle_name(bundle), .line = rule->line,
		.moment = rule->moment, .reads = &run->reads,
	};
	return &run->trace;
}

/* ------------------------------------------------------------------------------------------------ reads */

/* NULL when it is only counted: with `bytes` of text at least it would be beyond the limit. */
static struct rule_read *read_add(struct rule_reads *reads, size_t bytes)
{
	reads->bytes_least += RULE_READ_BYTES_LEAST + bytes;
	if (reads->left_out || reads->bytes_least > RULE_TRACE_BYTES_MAX) {
		reads->left_out++;
		return NULL;
	}
	size_t number = reads->count++;
	if (number < RULE_READS_AT_FIRST)
		return &reads->at_first[number];
	number = (number - RULE_READS_AT_FIRST) % RULE_READS_BLOCK;
	if (number == 0) {
		struct rule_read_block *block = arena_new(reads->arena, struct rule_read_block);
		if (reads->last)
			reads->last->next = block;
		else
			reads->first = block;
		reads->last = block;
	}
	return &reads->last->reads[number];
}

/* Copied: a record that the host loaded lives no longer than the call. */
static void text_keep(struct rule_reads *reads, struct rule_read *read, struct text text)
{
	text = text_copy(reads->arena, text);
	memcpy(read->value, &text, sizeof text);
}

static bool is_text(enum record_kind kind)
{
	return kind == KIND_TEXT || kind == KIND_JSON;
}

/* What is at `at` and there. Sizes that the compiler knows: most reads are of a number, a date or an amount. */
static void bytes_keep(struct rule_reads *reads, struct rule_read *read, enum record_kind kind, const void *at)
{
	switch (kind) {
	case KIND_ID:
	case KIND_INTEGER:
		memcpy(read->value, at, sizeof(int64_t));
		break;
	case KIND_EXACT:
		memcpy(read->value, at, sizeof(struct exact_money));
		break;
	case KIND_TEXT:
	case KIND_JSON:
		text_keep(reads, read, *(const struct text *)at);
		break;
	case KIND_RECORD:
		break; /* of a part only whether it is there */
	default:
		memcpy(read->value, at, record_kind_size(kind));
	}
}

static size_t text_bytes(const struct record_field *of, const void *value)
{
	return is_text(of->kind) ? ((const struct text *)record_field_const_at(of, value))->length : 0;
}

void rule_trace_field(struct rule_reads *reads, struct text path, const struct record *record, const void *value, int field,
                      bool present)
{
	const struct record_field *of = &record->fields[field];
	struct rule_read *read = read_add(reads, text_bytes(of, value));
	if (!read)
		return;
	read->path = path;
	read->record = record;
	read->field = field;
	if (of->kind == KIND_RELATION) {
		present = record_has(record, value, of->by);
		of = &record->fields[of->by];
	}
	read->present = present;
	if (of->kind == KIND_LIST)
		memcpy(read->value, &((const struct record_list *)record_field_const_at(of, value))->count, sizeof(size_t));
	else if (present)
		bytes_keep(reads, read, of->kind, record_field_const_at(of, value));
}

void rule_trace_read(struct rule_reads *reads, const char *name, struct text json)
{
	struct rule_read *read = read_add(reads, json.length);
	if (!read)
		return;
	read->path = text_of(name);
	text_keep(reads, read, json);
}

/* ------------------------------------------------------------------------------------------------ writes */

static struct rule_write *write_find(struct rule_reads *reads, struct text name)
{
	for (struct rule_write *write = reads->first_write; write; write = write->next)
		if (text_equals(write->name, name))
			return write;
	return NULL;
}

void rule_trace_write(struct rule_reads *reads, struct text name, struct text json, bool again)
{
	struct rule_write *write = again ? write_find(reads, name) : NULL;
	if (!write) {
		write = arena_new(reads->arena, struct rule_write);
		write->name = text_copy(reads->arena, name);
		if (reads->last_write)
			reads->last_write->next = write;
		else
			reads->first_write = write;
		reads->last_write = write;
		reads->write_count++;
	}
	write->json = text_copy(reads->arena, json);
}

/* ------------------------------------------------------------------------------------------------ the end of a run */

void rule_trace_end(struct rule_state *state, int outcome, struct text result)
{
	struct rule_call *call = state->call;
	struct rule_trace *trace = state->trace;
	trace->fuel = state->fuel_used;
	trace->result = result;
	trace->outcome = (unsigned)outcome;
	metric_add_at(METRIC_RULE_RUNS_TOTAL, trace->moment - RULE_PRE, (size_t)outcome, 1);
	metric_add_at(METRIC_RULE_FUEL_TOTAL, trace->moment - RULE_PRE, 0, trace->fuel);
	if (call->last_trace)
		call->last_trace->next = trace;
	else
		call->traces = trace;
	call->last_trace = trace;
}

/* ------------------------------------------------------------------------------------------------ as JSON */

/* Members up to the limit; what comes after the first that does not fit is counted. */
struct members {
	struct text_builder out;
	struct json_writer writer;
	size_t left_out, limit_bytes;
};

static void members_begin(struct members *members, struct arena *arena, size_t limit_bytes)
{
	*members = (struct members){ .limit_bytes = limit_bytes };
	builder_init(&members->out, arena, 0);
	json_writer_init(&members->writer, &members->out);
	json_begin_object(&members->writer);
}

static void member_add(struct members *members, struct text name, struct text json)
{
	if (members->left_out || members->out.length + name.length + json.length > members->limit_bytes) {
		members->left_out++;
		return;
	}
	json_name_text(&members->writer, name);
	json_raw(&members->writer, json);
}

static struct text members_end(struct members *members, size_t left_out)
{
	if (members->left_out + left_out > 0) {
		json_name(&members->writer, "...");
		json_integer(&members->writer, (int64_t)(members->left_out + left_out));
	}
	json_end_object(&members->writer);
	return builder_text(&members->out);
}

/* Lists are noted as their count, relations as the id, parts as whether they are there. */
static struct text read_json(const struct rule_read *read, struct arena *scratch)
{
	const struct record_field *of = &read->record->fields[read->field];
	struct text_builder out;
	struct json_writer writer;
	size_t count;
	memcpy(&count, read->value, sizeof count);
	builder_init(&out, scratch, 0);
	json_writer_init(&writer, &out);
	if (of->kind == KIND_LIST)
		json_integer(&writer, (int64_t)count);
	else if (!read->present)
		json_null(&writer);
	else if (of->flags & FIELD_UNTOLD)
		json_c(&writer, RULE_TRACE_UNTOLD);
	else if (of->kind == KIND_RECORD)
		json_boolean(&writer, true);
	else
		json_field_at(&writer, of->kind == KIND_RELATION ? &read->record->fields[of->by] : of, read->value);
	return builder_text(&out);
}

static void read_write(struct members *members, const struct rule_read *read, struct arena *scratch)
{
	struct text json;
	if (!read->record) {
		memcpy(&json, read->value, sizeof json);
		member_add(members, read->path, json);
		return;
	}
	struct text name = TEXT_JOIN(scratch, read->path, TEXT("."), text_of(read->record->fields[read->field].name));
	member_add(members, name, read_json(read, scratch));
}

/* The n-th read; `block` holds it when it does not lie beside the trace, and moves on with n. */
static const struct rule_read *read_at(const struct rule_reads *reads, size_t n, const struct rule_read_block **block)
{
	if (n < RULE_READS_AT_FIRST)
		return &reads->at_first[n];
	n = (n - RULE_READS_AT_FIRST) % RULE_READS_BLOCK;
	if (n == 0)
		*block = *block ? (*block)->next : reads->first;
	return &(*block)->reads[n];
}

struct text rule_trace_reads(const struct rule_trace *trace, struct arena *arena)
{
	const struct rule_reads *reads = trace->reads;
	const struct rule_read_block *block = NULL;
	struct members members;
	members_begin(&members, arena, RULE_TRACE_BYTES_MAX + 1);
	for (size_t i = 0; i < reads->count; i++)
		read_write(&members, read_at(reads, i, &block), arena);
	return members_end(&members, reads->left_out);
}

struct text rule_trace_writes(const struct rule_trace *trace, struct arena *arena)
{
	if (!trace->reads->first_write)
		return TEXT_NONE;
	struct members members;
	members_begin(&members, arena, RULE_TRACE_BYTES_MAX);
	for (const struct rule_write *write = trace->reads->first_write; write; write = write->next)
		member_add(&members, write->name, write->json);
	return members_end(&members, 0);
}

struct text rule_trace_result(const struct rule_trace *trace, struct arena *arena)
{
	if (trace->outcome == TRACE_OK && trace->amount)
		return rule_exact_text(arena, *trace->amount);
	if (trace->outcome == TRACE_OK && trace->result_record)
		return json_record_text(arena, trace->result_record, trace->result_value);
	return trace->result;
}
