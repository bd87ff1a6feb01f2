/* explain_step.c: the steps of an explanation, and decisions of policies made once more as such. */
#include "explain_work.h"

#include <stdarg.h>

struct explanation_step *explain_step(struct explain_work *work, const char *name, const char *format, ...)
{
	struct explanation_step *step = list_add(work->command->arena, &work->out->steps, struct explanation_step);
	va_list arguments;
	va_start(arguments, format);
	step->text = text_vformat(work->command->arena, format, arguments);
	va_end(arguments);
	step->step = text_of(name);
	step->currency = work->line->currency;
	step->value = work->exact;
	step->same = true;
	return step;
}

struct explanation_step *explain_last(struct explain_work *work)
{
	return &work->out->steps.items[work->out->steps.count - 1];
}

void explain_differs(struct explain_work *work, struct explanation_step *step, const char *note)
{
	step->same = false;
	step->note = text_copy(work->command->arena, text_of(note));
	work->out->same = false;
}

bool explain_exact_is(struct text kept, struct exact_money exact)
{
	struct fraction amount;
	int order;
	return text_present(kept) && fraction_parse(kept, &amount) && fraction_compare(amount, exact.amount, &order) &&
	       order == 0;
}

struct text explain_exact_text(struct explain_work *work, struct exact_money exact)
{
	struct explanation_step step = { .currency = exact.currency, .value = exact };
	return record_field_text(&explanation_step_record, &step, EXPLANATION_STEP_FIELD_VALUE, work->command->arena);
}

struct text explain_money_text(struct explain_work *work, struct money amount)
{
	return money_amount_text(work->command->arena, amount);
}

const struct json *explain_member(const struct explain_work *work, const char *name)
{
	return json_member(work->decision, name);
}

bool explain_read_integer(const struct json *decision, const char *read, int64_t *number)
{
	const struct json *reads = decision ? json_member(decision, "reads") : NULL;
	const struct json *value = reads ? json_member(reads, read) : NULL;
	return value && value->type == JSON_NUMBER && text_to_int64(value->text, number);
}

/* ------------------------------------------------------------------------------------------------ policies */

static void tell_rule(struct explain_work *work, const struct json *decision, struct explanation_step *step)
{
	const struct json *reads = json_member(decision, "reads");
	step->rule = json_text(json_member(decision, "rule"));
	step->file = json_text(json_member(decision, "file"));
	step->has_line = text_to_int64(json_text(json_member(decision, "line")), &step->line);
	step->bundle = json_text(json_member(decision, "bundle"));
	step->result = json_text(json_member(decision, "result"));
	if (reads)
		step->inputs = json_tree_text(work->command->arena, reads);
}

static void tell_replay(struct explain_work *work, const struct policy_replay *replay, struct explanation_step *step)
{
	if (replay->made)
		step->replayed = replay->result;
	if (!replay->same)
		explain_differs(work, step, replay->why);
	else if (replay->by_another)
		step->note = TEXT("Decided again by the rule of this version of the program: the one it was made with is gone.");
}

bool explain_policy(struct explain_work *work, const char *name, enum policy policy, const struct json *decision,
                    struct text text, struct policy_replay *replay)
{
	if (!policy_replay(work->command, policy, decision, work->line->currency, replay))
		return false;
	struct explanation_step *step = explain_step(work, name, "%.*s", TEXT_ARG(text));
	tell_rule(work, decision, step);
	tell_replay(work, replay, step);
	return true;
}
