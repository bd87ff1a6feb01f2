/* explain_note.c: a credit note made once more from what it keeps and the lines that it takes from. */
#include "explain_work.h"

#include "credit_note.h"
#include "credit_note_draft.h"

/* A note being explained. */
struct noting {
	struct command *command;
	const struct credit_note *note;
	struct invoice invoice;      /* as it was before the note */
	const struct json *decision; /* of the note */
	struct note_draft draft;
	struct credit_explanation *out;
};

static const struct json *read_decision(struct command *command, struct text text)
{
	struct invoice_line line = { .decision = text };
	return explain_decision(command, &line);
}

static bool took_the_rest(const struct noting *noting)
{
	const struct json *rest = json_member(noting->decision, "rest");
	return rest && rest->type == JSON_TRUE;
}

/* ------------------------------------------------------------------------------------------------ the draft again */

static void cut_invoice(struct noting *noting)
{
	int64_t first = INT64_MAX;
	for (size_t i = 0; i < noting->note->lines.count; i++)
		if (noting->note->lines.items[i].adjustment_position < first)
			first = noting->note->lines.items[i].adjustment_position;
	size_t count = 0;
	while (count < noting->invoice.lines.count && noting->invoice.lines.items[count].position < first)
		count++;
	noting->invoice.lines.count = count;
}

static const struct credit_note_line *line_of(const struct noting *noting, int64_t invoice_position)
{
	for (size_t i = 0; i < noting->note->lines.count; i++)
		if (noting->note->lines.items[i].invoice_position == invoice_position)
			return &noting->note->lines.items[i];
	return NULL;
}

/* What was left of each line then. Of a line that a closing note did not take from, nothing was. */
static bool begin_draft(struct noting *noting)
{
	if (!note_draft_begin(noting->command->arena, &noting->invoice, NULL, 0, &noting->draft) ||
	    !note_sums_add_kept(&noting->draft.before, json_member(noting->decision, "before")))
		return false;
	note_left_read(&noting->draft, json_member(noting->decision, "left"));
	for (size_t i = 0; i < noting->draft.count; i++) {
		struct note_line *item = &noting->draft.items[i];
		const struct credit_note_line *kept = line_of(noting, item->line->position);
		if (kept)
			item->left = kept->left;
		else if (took_the_rest(noting))
			item->left = money_zero(noting->note->currency);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ its lines */

/* What the steps of one line need; `line` stands in for a line of an invoice. */
static struct explain_work work_of(struct noting *noting, const struct credit_note_line *kept, struct invoice_line *line,
                                   struct explanation_line *out)
{
	*line = (struct invoice_line){ .currency = noting->note->currency, .exact = kept->exact, .amount = kept->amount };
	return (struct explain_work){
		.command = noting->command, .invoice = &noting->invoice, .line = line, .out = out, .exact = kept->exact,
		.decision = read_decision(noting->command, kept->decision),
	};
}

static void tell_line(struct noting *noting, const struct credit_note_line *kept, const struct note_line *item,
                      struct explanation_line *out)
{
	*out = (struct explanation_line){
		.position = kept->position,
		.kind = text_of(invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[item->line->kind]),
		.description = kept->description,
		.plan = item->line->plan,
		.phase = item->line->phase,
		.subscription_id = item->line->subscription_id,
		.quantity = decimal_from_int64(1),
		.linked_invoice_id = noting->note->invoice_id,
		.linked_position = kept->invoice_position,
		.has_linked_position = true,
		.currency = noting->note->currency,
		.exact = kept->exact,
		.amount = kept->amount,
		.same = true,
	};
}

/* Repairs and earlier notes gave back some of the days, adjustments some of the line. */
static void explain_rest_of_days(struct explain_work *work, const struct credit_note_line *kept, struct note_line *item)
{
	struct exact_money unused;
	int order;
	item->given_back = kept->given_back;
	if (!kept->given_back.currency || !exact_money_near(work->exact, &unused) || !note_line_take_unused(item, work->exact))
		return;
	work->exact = item->exact;
	if (fraction_sign(kept->given_back.amount) > 0)
		explain_step(work, "given_back", "Of these days %.*s were given back before.",
		             TEXT_ARG(explain_exact_text(work, kept->given_back)));
	else if (fraction_compare(unused.amount, item->exact.amount, &order) && order != 0)
		explain_step(work, "limit", "Never more than was left.");
}

/* A line that was named, or whose unused days were taken back. */
static bool explain_taken(struct explain_work *work, const struct credit_note_line *kept, struct note_line *item)
{
	struct policy_replay replay;
	struct exact_money asked = work->exact;
	if (!exact_money_from_money(kept->left, &work->exact))
		return false;
	explain_step(work, "left", "Line %lld of the invoice is %.*s; this was left of it.", (long long)kept->invoice_position,
	             TEXT_ARG(explain_money_text(work, item->line->amount)));
	if (work->decision->first) {
		if (!explain_policy(work, "proration", POLICY_PRORATION, work->decision, TEXT("The days that were not used."),
		                    &replay))
			return false;
		work->exact = replay.made ? replay.exact : asked;
		explain_last(work)->value = work->exact;
		if (replay.made)
			explain_rest_of_days(work, kept, item);
	} else {
		work->exact = asked;
		explain_step(work, "given", "So much of it was to be taken back.");
	}
	item->exact = work->exact;
	return true;
}

static bool explain_taken_lines(struct noting *noting)
{
	for (size_t i = 0; i < noting->note->lines.count; i++) {
		const struct credit_note_line *kept = &noting->note->lines.items[i];
		struct note_line *item = note_draft_line(&noting->draft, kept->invoice_position);
		if (!item)
			BUG("a credit note takes from a line that its invoice had not");
		struct invoice_line line;
		struct explanation_line *out = list_add(noting->command->arena, &noting->out->explained, struct explanation_line);
		tell_line(noting, kept, item, out);
		struct explain_work work = work_of(noting, kept, &line, out);
		if (!note_line_follows(item) && !explain_taken(&work, kept, item))
			return false;
	}
	return true;
}

static void explain_follower(struct explain_work *work, const struct noting *noting, const struct note_line *item)
{
	const char *name = item->tax ? "tax" : item->percentage ? "percentage" : "discount";
	if (noting->draft.rest)
		explain_step(work, name, "Nothing is left of any line: all that was left of it.");
	else
		explain_step(work, name, "Its part that lies on what is taken of %s.", item->tax ? "its line" : "its lines");
}

/* What a line comes to now is what it says. */
static void check_line(struct explain_work *work, const struct credit_note_line *kept, const struct note_line *item)
{
	int order;
	if (!fraction_compare(item->exact.amount, kept->exact.amount, &order) || order != 0)
		explain_differs(work, explain_last(work),
		                text_format(work->command->arena, "The note keeps %.*s.",
		                            TEXT_ARG(explain_exact_text(work, kept->exact))).data);
	if (!exact_money_from_money(item->credited, &work->exact))
		return;
	struct explanation_step *step = explain_step(work, "rounding", "%.*s, rounded together with the other lines and those of earlier notes",
	                                             TEXT_ARG(explain_exact_text(work, item->exact)));
	if (money_compare(item->credited, kept->amount) != 0)
		explain_differs(work, step,
		                text_format(work->command->arena, "The note says %.*s.",
		                            TEXT_ARG(explain_money_text(work, kept->amount))).data);
}

static void explain_cents(struct noting *noting)
{
	for (size_t i = 0; i < noting->note->lines.count; i++) {
		const struct credit_note_line *kept = &noting->note->lines.items[i];
		const struct note_line *item = note_draft_line(&noting->draft, kept->invoice_position);
		struct invoice_line line;
		struct explanation_line *out = &noting->out->explained.items[i];
		struct explain_work work = work_of(noting, kept, &line, out);
		work.exact = item->exact;
		if (note_line_follows(item))
			explain_follower(&work, noting, item);
		check_line(&work, kept, item);
		noting->out->same = noting->out->same && out->same;
	}
}

/* ------------------------------------------------------------------------------------------------ the whole */

static bool replay_rounding(struct explain_work *work, enum rounding *mode)
{
	const struct json *rounding = explain_member(work, "rounding");
	struct rounding_decision decision;
	struct policy_replay replay;
	*mode = ROUNDING_HALF_UP;
	if (explain_rounding_kept(work, &decision))
		*mode = invoice_rounding_mode(&decision);
	if (!rounding) {
		explain_differs(work, explain_step(work, "rounding", "How it was rounded was not kept."), "half_up is taken");
		return true;
	}
	return explain_policy(work, "rounding", POLICY_ROUNDING, rounding,
	                      TEXT("Lines are rounded together with their discounts, taxes by themselves."), &replay);
}

static void explain_sums(struct explain_work *work, const struct noting *noting)
{
	const struct credit_note *note = noting->note;
	const struct note_draft *draft = &noting->draft;
	struct explanation_step *step =
	        explain_step(work, "sum", "%.*s, which have discounts of %.*s taken off, and taxes of %.*s",
	                     TEXT_ARG(explain_money_text(work, draft->sub_total)),
	                     TEXT_ARG(explain_money_text(work, draft->discount)), TEXT_ARG(explain_money_text(work, draft->tax)));
	if (money_compare(draft->sub_total, note->sub_total) != 0 || money_compare(draft->discount, note->discount) != 0 ||
	    money_compare(draft->tax, note->tax) != 0 || money_compare(draft->total, note->total) != 0)
		explain_differs(work, step,
		                text_format(work->command->arena, "The note says %.*s, %.*s and %.*s.",
		                            TEXT_ARG(explain_money_text(work, note->sub_total)),
		                            TEXT_ARG(explain_money_text(work, note->discount)),
		                            TEXT_ARG(explain_money_text(work, note->tax))).data);
	if (draft->rest != took_the_rest(noting))
		explain_differs(work, step, "whether it takes all that was left comes out otherwise");
}

static bool explain_settlement(struct explain_work *work, const struct noting *noting)
{
	const struct credit_note *note = noting->note;
	const struct json *settlement = explain_member(work, "credit_note");
	struct policy_replay replay;
	if (!settlement)
		return true;
	struct text text = text_format(work->command->arena, "%.*s off what was owed, %.*s to be paid back, %.*s kept for invoices",
	                               TEXT_ARG(explain_money_text(work, note->offset)),
	                               TEXT_ARG(explain_money_text(work, note->refund)),
	                               TEXT_ARG(explain_money_text(work, note->credit)));
	if (!explain_policy(work, "credit_note", POLICY_CREDIT_NOTE, settlement, text, &replay))
		return false;
	if (note->offset.minor + note->refund.minor + note->credit.minor != note->total.minor)
		explain_differs(work, explain_last(work), "the parts are not the total");
	return true;
}

static bool explain_whole(struct noting *noting)
{
	const struct credit_note *note = noting->note;
	struct explanation_line whole = { .same = true };
	struct invoice_line line = { .currency = note->currency, .amount = note->total };
	struct explain_work work = { .command = noting->command, .invoice = &noting->invoice, .line = &line, .out = &whole,
		                     .decision = noting->decision };
	enum rounding mode;
	if (!exact_money_from_money(note->total, &work.exact) || !replay_rounding(&work, &mode) ||
	    !note_draft_finish(noting->command->arena, mode, &noting->draft))
		return false;
	explain_cents(noting);
	explain_sums(&work, noting);
	if (!explain_settlement(&work, noting))
		return false;
	if (note->status == CREDIT_NOTE_STATUS_VOID)
		explain_step(&work, "void", "Withdrawn: lines of the invoice charge all of it again.");
	noting->out->steps.items = whole.steps.items;
	noting->out->steps.count = whole.steps.count;
	noting->out->same = noting->out->same && whole.same;
	return true;
}

bool explain_note(struct command *command, struct credit_note *note, struct credit_explanation **explanation)
{
	struct noting noting = { .command = command, .note = note };
	struct invoice *invoice = NULL;
	*explanation = NULL;
	if (!note)
		return true;
	if (!invoice_find(command, note->invoice_id, &invoice) || !invoice)
		return !store_failed(command->store);
	noting.invoice = *invoice;
	noting.decision = read_decision(command, note->decision);
	noting.out = *explanation = arena_new(command->arena, struct credit_explanation);
	*noting.out = (struct credit_explanation){
		.object = CREDIT_EXPLANATION_OBJECT_CREDIT_NOTE,
		.id = note->id,
		.number = note->number,
		.status = text_of(credit_note_record.fields[CREDIT_NOTE_FIELD_STATUS].words[note->status]),
		.reason = text_of(credit_note_record.fields[CREDIT_NOTE_FIELD_REASON].words[note->reason]),
		.invoice_id = note->invoice_id,
		.currency = note->currency,
		.amount = note->total,
		.same = true,
	};
	cut_invoice(&noting);
	return (begin_draft(&noting) && explain_taken_lines(&noting) && explain_whole(&noting)) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "credit note %.*s cannot be worked out again",
	               TEXT_ARG(note->number));
}

bool explain_credit_note(struct command *command, int64_t id, struct credit_explanation **explanation)
{
	struct credit_note *note = NULL;
	return credit_note_find(command, id, &note) && explain_note(command, note, explanation);
}

bool explain_credit_note_called(struct command *command, struct text number, struct credit_explanation **explanation)
{
	struct credit_note *note = NULL;
	return credit_note_by_number(command, number, &note) && explain_note(command, note, explanation);
}
