/* command_work.c: for how long a command holds the writer with what is of its tenant's making; told to the store.
 *
 * Fuel bounds a run and is the same each time, but what is told is time: there is work that fuel does not see (rule_price.h).
 */
#include "engine_state.h"

enum {
	WORK_FREE_US = 100, /* a thousand records of usage with a rule for each are many items, not a heavy rule */
	WORK_TOLD_US = 500, /* less is not worth asking the kernel for */
};

void command_work_begin(struct command *command)
{
	struct command_state *state = command->state;
	if (!state)
		return;
	if (state->work_thread_us == 0)
		state->work_thread_us = clock_thread_us();
	state->work_begun_us = clock_monotonic_us();
}

void command_work_end(struct command *command, int64_t most_us)
{
	struct command_state *state = command->state;
	if (!state)
		return;
	int64_t took_us = clock_monotonic_us() - state->work_begun_us;
	if (took_us > WORK_FREE_US)
		state->work_us += took_us < most_us ? took_us : most_us;
}

/* On a busy machine the clock goes on while the thread does not: nobody owes that. */
void command_work_charge(struct command *command)
{
	const struct command_state *state = command->state;
	if (!state || state->work_us < WORK_TOLD_US)
		return;
	int64_t thread_us = clock_thread_us() - state->work_thread_us;
	store_charge(command->store, state->work_us < thread_us ? state->work_us : thread_us);
}
