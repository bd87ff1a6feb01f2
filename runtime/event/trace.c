/* trace.c: what happened inside a command, in order, for tests and the console; kept until its end is known. */
#include "engine_state.h"

static struct trace_entry *trace_add(struct command *command)
{
	return list_add(command->arena, &command->state->trace, struct trace_entry);
}

void trace_event(struct command *command, int kind, const struct occurrence *occurrence, struct text payload)
{
	if (!command->state->wants_payload)
		return;
	struct trace_entry *entry = trace_add(command);
	entry->kind = (unsigned)kind;
	entry->name = event_info(occurrence->event)->name;
	entry->object_id = occurrence->object_id;
	entry->payload = text_present(payload) ? payload : occurrence_payload(command->arena, occurrence);
}

/* Names are copied: the bundle may be gone when the trace is read. */
void trace_rule(struct command *command, const char *name, int64_t object_id, const char *code)
{
	if (!command->state->wants_payload)
		return;
	struct trace_entry *entry = trace_add(command);
	entry->kind = TRACE_RULE;
	entry->name = text_c(command->arena, text_of(name));
	entry->object_id = object_id;
	entry->code = code;
}

void trace_flush(struct command_request_state *state, bool done)
{
	struct command_request *request = state->request;
	const struct engine_options *options = &state->engine->options;
	const struct command_type *type = state->command.type ? state->command.type : request->type;
	request->trace = state->run.trace.items;
	request->trace_count = state->run.trace.count;
	if (!options->trace || request->dry_run || state->nothing_done || !type)
		return;
	for (size_t i = 0; i < state->run.trace.count; i++)
		options->trace(options->trace_context, &state->run.trace.items[i]);
	struct trace_entry end = {
		.kind = done ? TRACE_COMMAND_DONE : TRACE_COMMAND_REJECTED,
		.name = type->name,
		.object_id = state->run.object_id,
	};
	if (!done && request->problems->first)
		end.code = text_c(request->arena, problem_code_text(request->problems->first));
	options->trace(options->trace_context, &end);
}

struct dry_run command_dry_run(const struct command_request *request, struct text result)
{
	static const enum dry_run_event_kind kinds[] = {
		[TRACE_PRE] = DRY_RUN_EVENT_KIND_PRE,
		[TRACE_POST] = DRY_RUN_EVENT_KIND_POST,
		[TRACE_SIGNAL] = DRY_RUN_EVENT_KIND_SIGNAL,
		[TRACE_RULE] = DRY_RUN_EVENT_KIND_RULE,
		[TRACE_COMMAND_DONE] = DRY_RUN_EVENT_KIND_DONE,
		[TRACE_COMMAND_REJECTED] = DRY_RUN_EVENT_KIND_REJECTED,
	};
	struct dry_run shown = { .dry_run = true, .status = request->reply_status ? request->reply_status : 200,
		                 .result = result };
	for (size_t i = 0; i < request->trace_count; i++) {
		const struct trace_entry *entry = &request->trace[i];
		*list_add(request->arena, &shown.events, struct dry_run_event) = (struct dry_run_event){
			kinds[entry->kind], text_of(entry->name), entry->object_id, text_of(entry->code)
		};
	}
	return shown;
}
