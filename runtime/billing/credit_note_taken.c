/* credit_note_taken.c: what repairs, adjustments, changes of orders and earlier notes have taken back of an invoice. */
#include "credit_note_taken.h"

#include "credit.h"
#include "credit_note.h"
#include "line_price.h"
#include "tax_charged.h"

#include "value/json.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ taxes of repairs */

/* The line of the invoice that the repair at that place takes from; 0: it is not there. */
static int64_t repaired_position(const struct note_taken *taken, int64_t invoice_id, int64_t position)
{
	for (size_t i = 0; i < taken->lines.count; i++) {
		const struct invoice_line *line = &taken->lines.items[i];
		if (line->invoice_id == invoice_id && line->position == position)
			return line->linked_position;
	}
	return 0;
}

static bool read_repaired_taxes(struct command *command, const struct invoice *invoice, struct note_taken *taken)
{
	struct invoice_line_list taxes = { 0 };
	if (!store_all(command->store, STATEMENT_INVOICE_LINE_TAX_RETURNED,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &invoice_line_record, LIST(&taxes)))
		return false;
	for (size_t i = 0; i < taxes.count; i++) {
		const struct invoice_line *tax = &taxes.items[i];
		int64_t taxed = repaired_position(taken, tax->invoice_id, tax->linked_position);
		const struct invoice_line *of = taxed ? charged_tax_of(command->arena, invoice, taxed, tax) : NULL;
		if (of)
			*list_add(command->arena, &taken->lines, struct invoice_line) =
			        (struct invoice_line){ .kind = INVOICE_LINE_KIND_TAX, .linked_position = of->position, .amount = tax->amount };
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ changes of orders */

static bool read_integer(const struct json *entry, const char *name, int64_t *number)
{
	const struct json *member = json_member(entry, name);
	return member && member->type == JSON_NUMBER && text_to_int64(member->text, number);
}

/* What the change gave back of a line. */
static void take_credit(struct command *command, const struct invoice *invoice, int64_t position, struct text credit,
                        struct note_taken *taken)
{
	struct exact_money exact = { .currency = invoice->currency };
	struct money amount;
	if (!fraction_parse(credit, &exact.amount) || !exact_money_round(exact, ROUNDING_HALF_UP, &amount))
		return;
	*list_add(command->arena, &taken->lines, struct invoice_line) =
	        (struct invoice_line){ .kind = INVOICE_LINE_KIND_CREDIT, .linked_position = position,
		                       .amount = money_of(-amount.minor, invoice->currency) };
	if (!exact_money_from_money(amount, &exact))
		return;
	*list_add(command->arena, &taken->unused, struct credit_note_line) =
	        (struct credit_note_line){ .invoice_position = position, .exact = exact, .amount = amount };
}

/* The credit's decision, as order_change_credit.c keeps it: in full, or in short by invoice. */
static void take_decision(struct command *command, const struct invoice *invoice, const struct json *decision,
                          struct note_taken *taken)
{
	const struct json *lines = json_member(decision, "lines"), *invoices = json_member(decision, "invoices");
	int64_t invoice_id, position;
	for (const struct json *entry = lines ? lines->first : NULL; entry; entry = entry->next)
		if (read_integer(entry, "invoice_id", &invoice_id) && invoice_id == invoice->id &&
		    read_integer(entry, "position", &position) && json_member(entry, "credit"))
			take_credit(command, invoice, position, json_text(json_member(entry, "credit")), taken);
	for (const struct json *entry = invoices ? invoices->first : NULL; entry; entry = entry->next) {
		const struct json *credits = json_member(entry, "credits");
		if (!read_integer(entry, "invoice_id", &invoice_id) || invoice_id != invoice->id)
			continue;
		for (const struct json *pair = credits ? credits->first : NULL; pair; pair = pair->next)
			if (pair->first && text_to_int64(pair->first->text, &position))
				take_credit(command, invoice, position, json_text(json_item(pair, 1)), taken);
	}
}

static bool read_changes_of(struct command *command, const struct invoice *invoice, int64_t order_id, struct note_taken *taken)
{
	struct credit_list credits = { 0 };
	if (!store_all(command->store, STATEMENT_CREDIT_OF_ORDER_CHANGE, BINDS(bind_id(invoice->account_id), bind_id(order_id)),
	               &credit_record, LIST(&credits)))
		return false;
	for (size_t i = 0; i < credits.count; i++) {
		struct problems ignored;
		problems_init(&ignored, command->arena);
		const struct json *decision = json_parse(credits.items[i].decision, command->arena, &ignored);
		if (decision)
			take_decision(command, invoice, decision, taken);
	}
	return true;
}

static bool read_order_changes(struct command *command, const struct invoice *invoice, struct note_taken *taken)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		int64_t order_id = invoice->lines.items[i].order_id;
		bool read = order_id == 0;
		for (size_t j = 0; j < i; j++)
			read = read || invoice->lines.items[j].order_id == order_id;
		if (!read && !read_changes_of(command, invoice, order_id, taken))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ notes */

/* Days of which the note gave back less than a cent: it has no line of them, and they were in its sum. */
static void add_less_than_cents(struct command *command, const struct credit_note *note, const struct json *decision,
                                struct note_taken *taken)
{
	const struct json *left = decision ? json_member(decision, "left") : NULL;
	for (const struct json *entry = left ? left->first : NULL; entry; entry = entry->next) {
		struct credit_note_line line = { .amount = money_zero(note->currency), .exact = { .currency = note->currency } };
		if (entry->first && text_to_int64(entry->first->text, &line.invoice_position) &&
		    fraction_parse(json_text(json_item(entry, 2)), &line.exact.amount))
			*list_add(command->arena, &taken->unused, struct credit_note_line) = line;
	}
}

static bool add_note(struct command *command, const struct credit_note *note, struct note_taken *taken)
{
	struct problems ignored;
	problems_init(&ignored, command->arena);
	const struct json *decision = text_present(note->decision) ? json_parse(note->decision, command->arena, &ignored) : NULL;
	add_less_than_cents(command, note, decision, taken);
	return money_add(taken->refunds, note->refund, &taken->refunds) &&
	       note_sums_add_kept(&taken->before, decision ? json_member(decision, "took") : NULL);
}

static bool sum_notes(struct command *command, const struct invoice *invoice, struct note_taken *taken)
{
	struct credit_note_list notes = { 0 };
	taken->refunds = money_zero(invoice->currency);
	taken->before = note_sums_none(invoice->currency);
	if (!credit_notes_of_invoice(command, invoice->account_id, invoice->id, &notes))
		return false;
	for (size_t i = 0; i < notes.count; i++)
		if (notes.items[i].status == CREDIT_NOTE_STATUS_ISSUED && !add_note(command, &notes.items[i], taken))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "what notes of invoice %.*s take back is too large",
			               TEXT_ARG(invoice->number));
	return true;
}

bool note_taken_read(struct command *command, const struct invoice *invoice, struct note_taken *taken)
{
	const struct store_bind of_invoice[] = { bind_id(invoice->account_id), bind_id(invoice->id) };
	*taken = (struct note_taken){ .lines = { 0 } };
	return store_all(command->store, STATEMENT_INVOICE_LINE_TAKEN, of_invoice, 2, &invoice_line_record, LIST(&taken->lines)) &&
	       store_all(command->store, STATEMENT_CREDIT_NOTE_LINE_OF_UNUSED_TIME, of_invoice, 2, &credit_note_line_record,
	                 LIST(&taken->unused)) &&
	       read_repaired_taxes(command, invoice, taken) && read_order_changes(command, invoice, taken) &&
	       sum_notes(command, invoice, taken);
}

/* ------------------------------------------------------------------------------------------------ days */

/* Repairs, and what was adjusted by hand; those of notes are told by the notes. */
static bool is_of_days(const struct invoice_line *taking, const struct invoice_line *line)
{
	if (taking->linked_position != line->position)
		return false;
	return taking->kind == INVOICE_LINE_KIND_REPAIR ||
	       (taking->kind == INVOICE_LINE_KIND_ITEM_ADJUSTMENT && date_compare(taking->period_start, taking->period_end) < 0 &&
	        text_is(taking->decision, INVOICE_LINE_BY_HAND));
}

/* Where some of a line's days are unused. */
struct unused_days {
	struct arena *arena;
	const struct invoice_line *line;
	struct period days;
	const struct timezone_rules *zone; /* NULL: days are counted */
};

static int64_t clip(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* A repair keeps its own moments; what was adjusted by hand has those of the line. */
static struct span_moments moments_of(const struct unused_days *unused, const struct invoice_line *repair)
{
	const struct period days = { repair->period_start, repair->period_end };
	bool keeps = line_moments(unused->arena, repair).start.us != 0;
	return line_part_moments(unused->arena, keeps ? repair : unused->line, days, unused->zone);
}

/* Which part of the repair lies within. */
static bool share_of(const struct unused_days *unused, const struct invoice_line *repair, struct fraction *share)
{
	const struct period days = { repair->period_start, repair->period_end };
	int64_t all = period_days(days), within = period_days(period_intersect(days, unused->days));
	if (unused->zone) {
		struct span_moments part = moments_of(unused, repair);
		struct span_moments span = line_part_moments(unused->arena, unused->line, unused->days, unused->zone);
		all = part.to.us - part.from.us;
		within = clip(span.to.us, part.from.us, part.to.us) - clip(span.from.us, part.from.us, part.to.us);
	}
	return fraction_make(within > 0 ? within : 0, all > 0 ? all : 1, share);
}

static bool add_repair(const struct unused_days *unused, const struct invoice_line *repair, struct exact_money *given)
{
	struct exact_money part;
	struct fraction share;
	return exact_money_from_money(money_of(-repair->amount.minor, repair->currency), &part) && share_of(unused, repair, &share) &&
	       exact_money_multiply(part, share, &part) && exact_money_near(part, &part) && exact_money_add(*given, part, given);
}

bool note_taken_of_days(struct arena *arena, const struct note_taken *taken, const struct invoice_line *line, struct period days,
                        const struct timezone_rules *zone, struct exact_money *given)
{
	const struct unused_days unused = { arena, line, days, zone };
	if (!exact_money_from_money(money_zero(line->currency), given))
		return false;
	for (size_t i = 0; i < taken->lines.count; i++) {
		const struct invoice_line *repair = &taken->lines.items[i];
		if (is_of_days(repair, line) && !add_repair(&unused, repair, given))
			return false;
	}
	for (size_t i = 0; i < taken->unused.count; i++)
		if (taken->unused.items[i].invoice_position == line->position &&
		    !exact_money_add(*given, taken->unused.items[i].exact, given))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ lines */

/* A coupon's discount is linked to its charge, and takes nothing back of it. */
bool note_taken_left(const struct note_taken *taken, const struct invoice_line *line, struct money *left)
{
	int sign = money_sign(line->amount);
	*left = line->amount;
	for (size_t i = 0; i < taken->lines.count; i++) {
		const struct invoice_line *taking = &taken->lines.items[i];
		if (taking->linked_position == line->position && !taking->coupon_redemption_id &&
		    !money_add(*left, taking->amount, left))
			return false;
	}
	if (money_sign(*left) != sign)
		*left = money_zero(line->currency);
	return true;
}
