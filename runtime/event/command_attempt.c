/* command_attempt.c: a part of a perform that may fail without the whole: undone alone, with all it collected. */
#include "engine_state.h"

/* Charges of the part that was undone: nobody is asked for them. */
static void charges_drop_after(struct command *command, struct charge_run *last)
{
	struct command_state *state = command->state;
	for (struct charge_run *run = last ? last->next : state->charges; run; run = run->next) {
		if (run->flying)
			flight_end(command->engine, &run->flight);
		run->flying = false;
		if (run->charge.card)
			secrets_wipe(&card_input_record, run->charge.card);
	}
	state->last_charge = last;
	if (last)
		last->next = NULL;
	else
		state->charges = NULL;
}

/* Where a rule refused it, what was asked and which rules ran stays told; what was announced has not happened. */
static void trace_undo(struct command_state *state, size_t first)
{
	size_t kept = first;
	for (size_t i = first; i < state->trace.count; i++) {
		const struct trace_entry *entry = &state->trace.items[i];
		if (entry->kind == TRACE_PRE || entry->kind == TRACE_RULE)
			state->trace.items[kept++] = *entry;
	}
	state->trace.count = state->refused_event ? kept : first;
	state->refused_event = state->refused_rule = NULL;
}

bool command_attempt(struct command *command, bool (*part)(struct command *command, void *context), void *context,
                     struct problems *problems, bool *done)
{
	struct command_state *state = command->state;
	struct charge_run *last_charge = state->last_charge;
	const struct job *running = state->job;
	const int64_t cause_id = command->cause_id;
	struct problems *outer = command->problems;
	const struct problems *told = store_problems(command->store);
	const size_t told_before = told->count;
	size_t trace_count = state->trace.count, happened_count = state->happened.count;
	if (!store_savepoint(command->store))
		return false;
	command->problems = problems;
	state->refused_event = state->refused_rule = NULL;
	*done = part(command, context) && !store_failed(command->store);
	command->problems = outer;
	if (*done)
		return store_release(command->store);
	if (problems->count == 0 && told_before == 0)
		problems_copy(problems, told); /* the store's own word */
	if (problems->count == 0)
		problem(problems, PROBLEM_INTERNAL, "", "a part of a command failed and did not say why");
	trace_undo(state, trace_count);
	state->happened.count = happened_count;
	state->job = running; /* its row is there again */
	command->cause_id = cause_id;
	charges_drop_after(command, last_charge);
	return store_rollback_to(command->store);
}
