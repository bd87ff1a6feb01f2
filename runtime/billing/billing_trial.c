/* billing_trial.c: an invoice of what can be billed, without the subscriptions whose amounts do not fit. */
#include "billing_trial.h"

#include <stdlib.h>
#include <string.h>

static int compare_ids(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

bool is_left_out(const struct left_out *left_out, int64_t subscription_id)
{
	if (!left_out)
		return false;
	if (left_out->all_but && (subscription_id < left_out->first || subscription_id > left_out->last))
		return true;
	return left_out->count > 0 &&
	       bsearch(&subscription_id, left_out->items, left_out->count, sizeof subscription_id, compare_ids);
}

/* ------------------------------------------------------------------------------------------------ one calculation */

/* *why, in the command's memory: why it does not fit; without a problem: it does. False: it failed for another reason. */
static bool attempt(struct command *command, const struct billing_trial *trial, const struct left_out *left_out,
                    struct problems *why)
{
	struct problems *outer = command->problems;
	problems_init(why, command->arena);
	command->problems = why;
	bool made = trial->calculate(command, trial->context, left_out);
	command->problems = outer;
	bool overflow = !made && why->first && why->first->code == PROBLEM_OVERFLOW && !store_failed(command->store);
	if (!made && !overflow)
		problems_copy(outer, why);
	if (made)
		problems_init(why, command->arena);
	return made || overflow;
}

/* ------------------------------------------------------------------------------------------------ the search */

/* Where the calculation fails, and why. What is known of failures outlives their memory in an arena of its own. */
struct searching {
	struct command *command;
	struct billing_trial *trial;
	int64_t *ids; /* the candidates, ascending */
	bool beside;  /* what older ones, as far as they fit, do not leave room for; else what fails alone */
	struct arena *kept;
	struct problems why; /* of the calculation that failed last */
};

/* Nothing of it stays but `why`. */
static bool fits(struct searching *searching, const struct left_out *left_out, bool *fit)
{
	struct arena *arena = searching->command->arena;
	struct arena_mark mark = arena_mark(arena);
	struct problems why;
	if (!attempt(searching->command, searching->trial, left_out, &why))
		return false;
	*fit = why.count == 0;
	if (!*fit) {
		arena_reset(searching->kept);
		problems_init(&searching->why, searching->kept);
		problems_copy(&searching->why, &why);
	}
	arena_rewind(arena, mark);
	return true;
}

static void leave_out(struct searching *searching, int64_t subscription_id)
{
	struct left_out *left_out = &searching->trial->left_out;
	struct problem **reasons = searching->trial->reasons;
	struct problems reason;
	size_t at = left_out->count;
	for (; at > 0 && left_out->items[at - 1] > subscription_id; at--) {
		left_out->items[at] = left_out->items[at - 1];
		reasons[at] = reasons[at - 1];
	}
	problems_init(&reason, searching->command->arena);
	problems_copy(&reason, &searching->why);
	left_out->items[at] = subscription_id;
	reasons[at] = reason.first;
	left_out->count++;
}

/* Candidates from `from` on to before `to` do not fit: at least one of them is left out. */
static bool search(struct searching *searching, size_t from, size_t to)
{
	if (to - from == 1) {
		leave_out(searching, searching->ids[from]);
		return true;
	}
	const size_t halves[] = { from, from + (to - from) / 2, to };
	for (int i = 0; i < 2; i++) {
		struct left_out others = { .all_but = true };
		bool fit;
		if (searching->beside)
			others = searching->trial->left_out;
		others.all_but = true;
		others.first = searching->ids[searching->beside ? 0 : halves[i]];
		others.last = searching->ids[halves[i + 1] - 1];
		if (!fits(searching, &others, &fit) || (!fit && !search(searching, halves[i], halves[i + 1])))
			return false;
	}
	return true;
}

static bool search_all(struct searching *searching)
{
	size_t count = searching->trial->count;
	bool fit;
	if (!search(searching, 0, count) || !fits(searching, &searching->trial->left_out, &fit))
		return false;
	searching->beside = true;
	return fit || search(searching, 0, count);
}

/* With `why` it fails with all of them. */
static bool search_with(struct searching *searching)
{
	struct command *command = searching->command;
	struct billing_trial *trial = searching->trial;
	size_t count = trial->count;
	searching->ids = arena_new_many(command->arena, int64_t, count + 1);
	memcpy(searching->ids, trial->candidates, count * sizeof *searching->ids);
	qsort(searching->ids, count, sizeof *searching->ids, compare_ids);
	trial->left_out.items = arena_new_many(command->arena, int64_t, count + 1);
	trial->reasons = arena_new_many(command->arena, struct problem *, count + 1);
	return search_all(searching);
}

/* ------------------------------------------------------------------------------------------------ all of it */

/* All of them failed, with what is in memory since the mark. */
static bool leave_out_what_fails(struct command *command, struct billing_trial *trial, struct arena_mark mark,
                                 const struct problems *why)
{
	struct arena kept;
	struct searching searching = { .command = command, .trial = trial, .kept = &kept };
	if (!arena_init(&kept, ARENA_LIMIT_DEFAULT_BYTES))
		return problem_out_of_memory(command->problems, "an account was billed");
	problems_init(&searching.why, &kept);
	problems_copy(&searching.why, why);
	arena_rewind(command->arena, mark);
	bool searched = search_with(&searching);
	arena_finish(&kept);
	return searched;
}

bool billing_trial_run(struct command *command, struct billing_trial *trial)
{
	struct arena_mark mark = arena_mark(command->arena);
	struct problems why;
	trial->left_out = (struct left_out){ .items = NULL };
	if (!attempt(command, trial, NULL, &why))
		return false;
	if (why.count == 0)
		return true;
	if (trial->count == 0) {
		problems_copy(command->problems, &why);
		return false;
	}
	return leave_out_what_fails(command, trial, mark, &why) &&
	       trial->calculate(command, trial->context, &trial->left_out);
}
