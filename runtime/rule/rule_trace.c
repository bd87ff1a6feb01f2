/* rule_trace.c: the read set, the write set and the trace of one run. */
#include "rule_trace.h"

#include "base/metric.h"
#include "value/json.h"

void rule_trace_begin(struct rule_reads *reads, struct arena *arena)
{
	*reads = (struct rule_reads){ .arena = arena };
	builder_init(&reads->json, arena, 0);
}

static void member_add(struct text_builder *out, size_t before, struct text name, struct text json)
{
	struct json_writer writer;
	builder_c(out, before ? "," : "");
	json_writer_init(&writer, out);
	json_string(&writer, name);
	builder_byte(out, ':');
	builder_add(out, json);
}

void rule_trace_read(struct rule_reads *reads, struct text name, struct text json)
{
	if (reads->left_out || reads->json.length + name.length + json.length > RULE_TRACE_BYTES_MAX)
		reads->left_out++;
	else
		member_add(&reads->json, reads->count++, name, json);
}

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

static void left_out_add(struct text_builder *out, size_t before, size_t left_out)
{
	if (left_out)
		builder_format(out, "%s\"...\":%zu", before ? "," : "", left_out);
}

static struct text reads_text(const struct rule_reads *reads)
{
	struct text_builder out;
	builder_init(&out, reads->arena, 0);
	builder_byte(&out, '{');
	builder_add(&out, builder_text(&reads->json));
	left_out_add(&out, reads->count, reads->left_out);
	builder_byte(&out, '}');
	return builder_text(&out);
}

static struct text writes_text(const struct rule_reads *reads)
{
	if (!reads->first_write)
		return TEXT_NONE;
	struct text_builder out;
	size_t count = 0, left_out = 0;
	builder_init(&out, reads->arena, 0);
	builder_byte(&out, '{');
	for (const struct rule_write *write = reads->first_write; write; write = write->next) {
		if (left_out || out.length + write->name.length + write->json.length > RULE_TRACE_BYTES_MAX)
			left_out++;
		else
			member_add(&out, count++, write->name, write->json);
	}
	left_out_add(&out, count, left_out);
	builder_byte(&out, '}');
	return builder_text(&out);
}

struct rule_trace *rule_trace_end(struct rule_state *state, int outcome, struct text result)
{
	struct rule_call *call = state->call;
	struct rule_trace *trace = arena_new(call->arena, struct rule_trace);
	trace->rule = text_c(call->arena, text_of(state->rule->name));
	trace->file = text_c(call->arena, text_of(state->rule->file));
	trace->bundle = text_c(call->arena, text_of(rule_bundle_name(state->bundle)));
	trace->line = state->rule->line;
	trace->moment = state->moment;
	trace->fuel = state->fuel_used;
	trace->reads = reads_text(state->reads);
	trace->writes = writes_text(state->reads);
	trace->result = result;
	trace->outcome = (unsigned)outcome;
	metric_add_at(METRIC_RULE_RUNS_TOTAL, (size_t)(state->moment - RULE_PRE), (size_t)outcome, 1);
	metric_add_at(METRIC_RULE_FUEL_TOTAL, (size_t)(state->moment - RULE_PRE), 0, trace->fuel);
	if (call->last_trace)
		call->last_trace->next = trace;
	else
		call->traces = trace;
	call->last_trace = trace;
	return trace;
}
