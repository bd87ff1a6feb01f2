/* credit_note_create.c: a credit note is made: its lines, its number, what it does to the invoice and the account. */
#include "credit_note.h"

#include "account.h"
#include "catalog_plan.h"
#include "convention_choice.h"
#include "credit_note_amount.h"
#include "credit_note_draft.h"
#include "credit_note_taken.h"
#include "invoice.h"
#include "line_price.h"
#include "proration.h"
#include "parent_invoice.h"
#include "wallet.h"

#include "value/json.h"
#include "value/record.h"

/* A note in the making. */
struct noting {
	struct command *command;
	const struct credit_note_create *input;
	struct invoice *invoice;
	struct account *account;
	struct note_taken taken;
	struct note_draft draft;
	struct policy_choices choices;
	struct text rounding, settlement; /* decisions of their policies */
	bool tells_seconds; /* what they are of counts them */
};

static bool too_large(const struct noting *noting)
{
	return problem(noting->command->problems, PROBLEM_OVERFLOW, "", "an amount of invoice %.*s is too large to be credited",
	               TEXT_ARG(noting->invoice->number));
}

/* ------------------------------------------------------------------------------------------------ what is asked for */

static bool check_invoice(const struct noting *noting)
{
	const struct invoice *invoice = noting->invoice;
	if (invoice->status == INVOICE_STATUS_OPEN || invoice->status == INVOICE_STATUS_SETTLED)
		return wallet_check_no_purchase(noting->command, invoice, "/invoice_id") &&
		       parent_check_unsettled(noting->command, invoice, "Credit the child's invoice.");
	return problem_value(noting->command->problems, PROBLEM_WRONG_STATE, "/invoice_id", invoice->number,
	                     "Credit an invoice that is open or settled.", "invoice %.*s is %s", TEXT_ARG(invoice->number),
	                     invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status]);
}

static bool take_amount(struct noting *noting, const struct credit_note_take *item, struct note_line *line,
                        const char *pointer)
{
	struct command *command = noting->command;
	struct money amount = line->left;
	if (item->has_amount &&
	    !money_from_decimal(item->amount, noting->invoice->currency, pointer, command->problems, &amount))
		return false;
	if (amount.minor > 0 && money_compare(amount, line->left) <= 0)
		return exact_money_from_money(amount, &line->exact) || too_large(noting);
	return problem(command->problems, PROBLEM_OUT_OF_RANGE, pointer,
	               "between the smallest unit and %s can be credited of line %lld",
	               text_c(command->arena, money_text(command->arena, line->left)), (long long)item->position);
}

static bool ask_item(struct noting *noting, size_t i)
{
	struct command *command = noting->command;
	const struct credit_note_take *item = &noting->input->items.items[i];
	const char *position = text_format(command->arena, "/items/%zu/position", i).data;
	struct note_line *line = note_draft_line(&noting->draft, item->position);
	if (!line)
		return problem(command->problems, PROBLEM_NOT_FOUND, position, "invoice %.*s has no line %lld",
		               TEXT_ARG(noting->invoice->number), (long long)item->position);
	if (note_line_follows(line))
		return problem_value(command->problems, PROBLEM_WRONG_STATE, position, TEXT_NONE,
		                     "Name the line that it lies on: its discounts, taxes and percentages follow.",
		                     line->tax          ? "line %lld is a tax on another line"
		                     : line->percentage ? "line %lld is a percentage of other lines"
		                                        : "line %lld is a discount on other lines",
		                     (long long)item->position);
	if (line->asked)
		return problem(command->problems, PROBLEM_DUPLICATE, position, "line %lld is named twice", (long long)item->position);
	line->asked = true;
	return take_amount(noting, item, line, text_format(command->arena, "/items/%zu/amount", i).data);
}

/* ------------------------------------------------------------------------------------------------ unused time */

/* `line` NULL: of the whole note. */
static bool choices_of(struct noting *noting, const struct invoice_line *line)
{
	struct catalog_plan *plan = NULL;
	struct convention_choice counts;
	if (line && line->catalog_plan_id && !catalog_plan_find(noting->command, line->catalog_plan_id, &plan))
		return false;
	if (!convention_of_line(noting->command, noting->account, line, &counts))
		return false;
	noting->tells_seconds = counts.convention->unit == CONVENTION_UNIT_SECOND;
	convention_policies(noting->command, plan ? plan->policies.items : NULL, plan ? plan->policies.count : 0, counts,
	                    &noting->choices);
	return true;
}

/* By the moments of the line and its period, where it keeps them; else from midnight to midnight. */
static void tell_seconds(const struct noting *noting, const struct invoice_line *line, struct period unused,
                         struct proration_change *change)
{
	struct arena *arena = noting->command->arena;
	const struct timezone_rules *zone = command_zone(noting->command, noting->account);
	struct billing_moments kept = line_moments(arena, line);
	struct span_moments part = line_part_moments(arena, line, unused, zone);
	if (kept.whole_start.us != 0 && kept.whole_end.us != 0)
		proration_change_time(change, kept.whole_start, kept.whole_end, part.from, part.to);
	else
		proration_change_zone(change, zone);
}

/* The unused part of a recurring line, by the proration policy, less what was given back of it. */
static bool ask_unused(struct noting *noting, struct note_line *item)
{
	const struct invoice_line *line = item->line;
	const struct period unused = { noting->input->unused_from, line->period_end };
	const struct timezone_rules *zone = NULL;
	struct proration_change change;
	struct rule_result result;
	if (!line_price_change(noting->command->arena, line, unused, &change))
		return too_large(noting);
	if (change.days_left <= 0)
		return true;
	if (!choices_of(noting, line))
		return false;
	if (noting->tells_seconds) {
		zone = command_zone(noting->command, noting->account);
		tell_seconds(noting, line, unused, &change);
	}
	if (!note_taken_of_days(noting->command->arena, &noting->taken, line, unused, zone, &item->given_back))
		return too_large(noting);
	if (!policy_decide_among(noting->command, POLICY_PRORATION, &change, &noting->choices, true, &result))
		return false;
	item->decision = policy_decision_text(noting->command, &result);
	return note_line_take_unused(item, result.exact) || too_large(noting);
}

static bool ask_all_unused(struct noting *noting)
{
	for (size_t i = 0; i < noting->draft.count; i++) {
		struct note_line *item = &noting->draft.items[i];
		if (item->line->kind == INVOICE_LINE_KIND_RECURRING && item->left.minor > 0 &&
		    !ask_unused(noting, item))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the draft */

static bool decide_rounding(struct noting *noting, enum rounding *mode)
{
	struct rounding_request request = { .currency = noting->account->currency, .account_id = noting->account->id };
	struct rule_result result;
	if (!choices_of(noting, NULL) ||
	    !policy_decide_among(noting->command, POLICY_ROUNDING, &request, &noting->choices, true, &result))
		return false;
	*mode = invoice_rounding_mode(result.record);
	noting->rounding = policy_decision_text(noting->command, &result);
	return true;
}

static bool ask_lines(struct noting *noting)
{
	const struct credit_note_create *input = noting->input;
	bool unused = date_present(input->unused_from);
	if (unused == (input->items.count > 0))
		return problem(noting->command->problems, PROBLEM_MISSING_FIELD, "/items",
		               unused ? "either items or unused_from, not both" : "items, or unused_from, tell what is taken back");
	if (unused)
		return ask_all_unused(noting);
	for (size_t i = 0; i < input->items.count; i++)
		if (!ask_item(noting, i))
			return false;
	return true;
}

static bool make_draft(struct noting *noting)
{
	struct command *command = noting->command;
	const struct invoice_line_list *taken = &noting->taken.lines;
	enum rounding mode;
	if (!note_taken_read(command, noting->invoice, &noting->taken) || !decide_rounding(noting, &mode))
		return false;
	if (!note_draft_begin(command->arena, noting->invoice, taken->items, taken->count, &noting->draft))
		return too_large(noting);
	noting->draft.before = noting->taken.before;
	if (!ask_lines(noting))
		return false;
	if (!note_draft_finish(command->arena, mode, &noting->draft))
		return too_large(noting);
	if (noting->draft.total.minor > 0)
		return true;
	return problem(command->problems, PROBLEM_OUT_OF_RANGE, "", "nothing of invoice %.*s is left to be credited",
	               TEXT_ARG(noting->invoice->number));
}

/* ------------------------------------------------------------------------------------------------ settling */

/* Less what earlier notes pay back of it. */
static bool paid_of(struct noting *noting, struct money *paid)
{
	struct { struct invoice_payment *items; size_t count, capacity; } payments = { 0 };
	*paid = money_zero(noting->invoice->currency);
	if (!store_all(noting->command->store, STATEMENT_INVOICE_PAYMENT_OF_INVOICE,
	               BINDS(bind_id(noting->invoice->account_id), bind_id(noting->invoice->id)), &invoice_payment_record,
	               LIST(&payments)))
		return false;
	for (size_t i = 0; i < payments.count; i++)
		if (!money_add(*paid, payments.items[i].amount, paid))
			return too_large(noting);
	return money_subtract(*paid, noting->taken.refunds, paid) || too_large(noting);
}

/* Of unused time: what was paid for its lines less what was used of them, both with their taxes. */
static bool refundable_of_unused(struct noting *noting, struct money paid, struct money rest, struct money *refundable)
{
	struct credit_note_paid of = { .paid = paid };
	struct money lines = money_zero(rest.currency);
	for (size_t i = 0; i < noting->draft.count; i++) {
		const struct note_line *item = &noting->draft.items[i];
		if (item->credited.minor > 0 && (!money_add(lines, item->line->amount, &lines) ||
		                                 !money_subtract(lines, item->discounts, &lines)))
			return too_large(noting);
	}
	struct money used = money_of(lines.minor - noting->draft.total.minor, lines.currency);
	return (exact_money_from_money(lines, &of.line) && exact_money_from_money(noting->invoice->total, &of.invoice) &&
	        exact_money_from_money(used, &of.used) &&
	        credit_note_refundable(&of, rest, ROUNDING_HALF_UP, refundable)) ||
	       too_large(noting);
}

/* What is owed goes down first; of the rest the policy says what is to be paid back, at most what was paid. */
static bool settle(struct noting *noting, struct credit_note *note)
{
	struct money paid, prepaid, rest, kept, zero = money_zero(note->currency);
	struct rule_result result;
	note->offset = money_min(note->total, noting->invoice->balance);
	if (!paid_of(noting, &paid) || !wallet_paid(noting->command, noting->invoice, &prepaid) ||
	    !money_subtract(note->total, note->offset, &rest))
		return false;
	note->wallet_return = money_min(rest, prepaid);
	kept = money_of(rest.minor - note->wallet_return.minor, rest.currency);
	struct credit_note_request request = {
		.currency = note->currency,
		.account_id = note->account_id,
		.invoice_id = note->invoice_id,
		.reason = text_of(credit_note_record.fields[CREDIT_NOTE_FIELD_REASON].words[note->reason]),
		.total = note->total,
		.owed = noting->invoice->balance,
		.refundable = money_min(kept, paid),
	};
	if (note->reason == CREDIT_NOTE_REASON_UNUSED_TIME &&
	    !refundable_of_unused(noting, paid, request.refundable, &request.refundable))
		return false;
	if (!policy_decide_among(noting->command, POLICY_CREDIT_NOTE, &request, &noting->choices, true, &result))
		return false;
	const struct credit_note_decision *decision = result.record;
	noting->settlement = policy_decision_text(noting->command, &result);
	note->refund = money_present(decision->refund) && decision->refund.minor > 0 ? decision->refund : zero;
	note->refund = money_min(note->refund, request.refundable);
	note->account_credit = kept;
	return money_subtract(rest, note->refund, &note->credit);
}

/* ------------------------------------------------------------------------------------------------ rows */

static struct credit_note *new_note(struct noting *noting)
{
	struct command *command = noting->command;
	const struct credit_note_create *input = noting->input;
	struct credit_note *note = arena_new(command->arena, struct credit_note);
	note->id = store_new_id(command->store, "credit_note");
	note->uuid = uuid_time_ordered();
	note->account_id = noting->account->id;
	note->invoice_id = noting->invoice->id;
	note->currency = noting->invoice->currency;
	note->reason = input->reason ? (enum credit_note_reason)input->reason
	               : date_present(input->unused_from) ? CREDIT_NOTE_REASON_UNUSED_TIME : CREDIT_NOTE_REASON_OTHER;
	note->description = input->description;
	note->status = CREDIT_NOTE_STATUS_ISSUED;
	note->note_date = command_today(command, noting->account);
	note->discount = noting->draft.discount;
	note->sub_total = noting->draft.sub_total;
	note->tax = noting->draft.tax;
	note->total = noting->draft.total;
	note->created_at = command->now;
	return note;
}

static void add_note_line(struct noting *noting, struct credit_note *note, const struct note_line *item)
{
	struct credit_note_line *line = list_add(noting->command->arena, &note->lines, struct credit_note_line);
	*line = (struct credit_note_line){
		.account_id = note->account_id,
		.credit_note_id = note->id,
		.position = (int64_t)note->lines.count,
		.invoice_position = item->line->position,
		.tax = item->tax,
		.discount = item->discount,
		.description = item->line->description,
		.currency = note->currency,
		.exact = item->exact,
		.amount = item->credited,
		.left = item->left,
		.given_back = item->given_back,
		.decision = item->decision,
	};
}

/* Lines of the note, and adjustments of the invoice that say the same. */
static bool write_lines(struct noting *noting, struct credit_note *note)
{
	struct command *command = noting->command;
	struct invoice_line_list adjustments = { 0 };
	for (size_t i = 0; i < noting->draft.count; i++) {
		const struct note_line *item = &noting->draft.items[i];
		if (item->credited.minor == 0)
			continue;
		add_note_line(noting, note, item);
		struct invoice_line *adjustment = list_add(command->arena, &adjustments, struct invoice_line);
		if (!credit_note_adjustment(command, note, item->line, -item->credited.minor, adjustment))
			return false;
		if (text_present(item->decision)) { /* repairs leave out what was given back of their days */
			adjustment->period_start = date_max(noting->input->unused_from, item->line->period_start);
			adjustment->period_end = item->line->period_end;
		}
	}
	if (!invoice_append(command, noting->invoice, adjustments.items, adjustments.count))
		return false;
	for (size_t i = 0; i < adjustments.count; i++) {
		note->lines.items[i].adjustment_position = adjustments.items[i].position;
		if (!store_insert(command->store, &credit_note_line_record, &note->lines.items[i]))
			return false;
	}
	return true;
}

/* What explaining it needs beside its lines. */
static struct text decision_of(const struct noting *noting)
{
	struct arena *arena = noting->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "rest");
	json_boolean(&writer, noting->draft.rest);
	note_sums_write(&writer, arena, "before", &noting->draft.before);
	note_sums_write(&writer, arena, "took", &noting->draft.took);
	note_left_write(&writer, arena, &noting->draft);
	json_name(&writer, "rounding");
	json_raw(&writer, noting->rounding);
	json_name(&writer, "credit_note");
	json_raw(&writer, noting->settlement);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool take_number(struct command *command, struct credit_note *note)
{
	int64_t counter;
	if (!store_next_number(command->store, "credit_note_number", &counter))
		return false;
	note->number = text_format(command->arena, "CN-%lld", (long long)counter);
	return true;
}

static bool issue(struct noting *noting, struct credit_note *note)
{
	struct command *command = noting->command;
	struct occurrence created =
	        occurrence_of(EVENT_CREDIT_INVOICE_CREATE, &credit_note_record, note, note->id, note->account_id);
	created.details.invoice_id = note->invoice_id;
	const struct money owed = noting->invoice->balance;
	note->decision = decision_of(noting);
	return event_pre(command, &created) && take_number(command, note) &&
	       store_insert(command->store, &credit_note_record, note) && write_lines(noting, note) &&
	       invoice_give_back(command, noting->account, noting->invoice, note->total, note->id) &&
	       event_post(command, &created) && invoice_announce_balance(command, noting->invoice, owed, "credit_note");
}

static bool credit_note_create_perform(struct command *command, const void *data, void **output)
{
	struct noting noting = { .command = command, .input = data };
	noting.invoice = invoice_need(command, noting.input->invoice_id, "/invoice_id");
	noting.account = noting.invoice ? account_need(command, noting.invoice->account_id, "/invoice_id") : NULL;
	if (!noting.account || !check_invoice(&noting) || !make_draft(&noting))
		return false;
	struct credit_note *note = new_note(&noting);
	if (note->id == 0 || !settle(&noting, note))
		return false;
	command_object(command, "credit_note", note->id, note->account_id);
	*output = note;
	return issue(&noting, note);
}

const struct command_type credit_note_commands[] = {
	{
		.name = "credit_note.create",
		.scope = "write",
		.input = &credit_note_create_record,
		.output = &credit_note_record,
		.perform = credit_note_create_perform,
		.doc = "Takes back lines of an invoice, or what is not used of them; discounts and taxes follow.",
	},
	{
		.name = "credit_note.void",
		.scope = "write",
		.input = &credit_note_void_record,
		.output = &credit_note_record,
		.perform = credit_note_void_perform,
		.doc = "Withdraws a credit note: what it took back is charged again, unless its credit was used.",
	},
	{ .name = NULL },
};
