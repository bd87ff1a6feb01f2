/* test_credit_note.c: notes that take back a part of an invoice: amounts, taxes, the closing note, what becomes of it. */
#include "shop.h"

#include "billing/credit_note.h"
#include "billing/credit_note_amount.h"
#include "billing/credit_note_draft.h"
#include "billing/invoice_tax.h"

/* ------------------------------------------------------------------------------------------------ the draft (pure) */

/* Two fees of 68.33, each with a tax of 20 %; together they are taxed 27.33. */
static struct invoice taxed_invoice(struct arena *arena)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice invoice = { .currency = usd };
	for (size_t i = 0; i < 4; i++) {
		struct invoice_line *line = list_add(arena, &invoice.lines, struct invoice_line);
		bool tax = i >= 2;
		line->position = (int64_t)i + 1;
		line->currency = usd;
		line->kind = tax ? INVOICE_LINE_KIND_TAX : INVOICE_LINE_KIND_RECURRING;
		line->amount = money_of(tax ? (i == 2 ? 1367 : 1366) : 6833, usd);
		line->exact = (struct exact_money){ { tax ? 13666 : 6833, tax ? 1000 : 100 }, usd };
		CHECK(fraction_make(line->exact.amount.numerator, line->exact.amount.denominator, &line->exact.amount));
		line->has_linked_position = tax;
		line->linked_position = tax ? (int64_t)i - 1 : 0;
	}
	return invoice;
}

static struct note_draft credit_line(struct arena *arena, const struct invoice *invoice, const struct invoice_line *taken,
                                     size_t taken_count, int64_t position, int64_t minor)
{
	struct note_draft draft;
	CHECK(note_draft_begin(arena, invoice, taken, taken_count, &draft));
	struct note_line *line = note_draft_line(&draft, position);
	CHECK(exact_money_from_money(money_of(minor, invoice->currency), &line->exact));
	CHECK(note_draft_finish(arena, ROUNDING_HALF_UP, &draft));
	return draft;
}

TEST(the_note_that_takes_back_the_last_line_takes_what_is_left_of_the_taxes)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = taxed_invoice(&arena);
	struct note_draft first = credit_line(&arena, &invoice, NULL, 0, 1, 6833);
	CHECK_EQ_INT(first.sub_total.minor, 6833);
	CHECK_EQ_INT(first.tax.minor, 1367);
	CHECK_EQ_INT(first.total.minor, 8200);
	struct invoice_line taken[2] = {
		{ .linked_position = 1, .amount = money_of(-6833, invoice.currency) },
		{ .linked_position = 3, .amount = money_of(-1367, invoice.currency) },
	};
	struct note_draft second = credit_line(&arena, &invoice, taken, 2, 2, 6833);
	CHECK_EQ_INT(second.tax.minor, 1366);
	CHECK_EQ_INT(second.total.minor, 8199);
	arena_finish(&arena);
}

TEST(a_part_of_a_line_takes_its_part_of_the_tax)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = taxed_invoice(&arena);
	struct note_draft draft = credit_line(&arena, &invoice, NULL, 0, 2, 1000);
	CHECK_EQ_INT(draft.sub_total.minor, 1000);
	CHECK_EQ_INT(draft.tax.minor, 200);
	arena_finish(&arena);
}

/* What the cases of peers hold the formula to, the command does. */
TEST(a_draft_comes_to_what_the_formula_says)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = taxed_invoice(&arena);
	for (int64_t minor = 1; minor < 6833; minor += 97) {
		struct note_draft draft;
		struct credit_note_amounts amounts;
		struct exact_money whole = { { 6833, 100 }, invoice.currency }, none = { { 0, 1 }, invoice.currency };
		struct exact_money third = { { minor, 300 }, invoice.currency };
		CHECK(fraction_make(minor, 300, &third.amount));
		CHECK(note_draft_begin(&arena, &invoice, NULL, 0, &draft));
		draft.items[0].exact = draft.items[1].exact = third;
		CHECK(note_draft_finish(&arena, ROUNDING_HALF_UP, &draft));
		struct credit_note_item item = { third, whole, none, { 1, 5 } };
		struct credit_note_item items[2] = { item, item };
		CHECK(credit_note_amounts_of(items, 2, invoice.currency, ROUNDING_HALF_UP, &amounts));
		CHECK_EQ_INT(draft.sub_total.minor, amounts.sub_total.minor);
		CHECK_EQ_INT(draft.tax.minor, amounts.tax.minor);
		CHECK_EQ_INT(draft.total.minor, amounts.total.minor);
	}
	arena_finish(&arena);
}

/* ------------------------------------------------------------------------------------------------ the command */

static struct credit_note *credit(struct desk *desk, int64_t invoice_id, const char *members)
{
	return desk_do(desk, "credit_note.create",
	               text_format(&desk->arena, "{'invoice_id':%lld,%s}", (long long)invoice_id, members).data);
}

static int64_t first_invoice(struct desk *desk)
{
	shop_open(desk);
	shop_order(desk, "'create_invoice':true");
	return 2396; /* 60.50 for the rest of September */
}

TEST(a_note_takes_off_what_is_owed)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	struct credit_note *note = credit(&desk, id, "'items':[{'position':1,'amount':'10.50'}],'reason':'unsatisfactory'");
	CHECK_EQ_TEXT(note->number, "CN-1");
	CHECK_EQ_INT(note->total.minor, 1050);
	CHECK_EQ_INT(note->offset.minor, 1050);
	CHECK_EQ_INT(note->credit.minor + note->refund.minor, 0);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 50.00 50.00");
	desk_close(&desk);
}

TEST(what_was_paid_becomes_a_credit)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	shop_pay(&desk, "60.50", "'auto_pay':1");
	struct credit_note *note = credit(&desk, id, "'items':[{'position':1,'amount':'10.50'}]");
	CHECK_EQ_INT(note->offset.minor, 0);
	CHECK_EQ_INT(note->credit.minor, 1050);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 50.00 0.00");
	desk_close(&desk);
}

TEST(notes_of_an_invoice_never_take_more_than_it)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	credit(&desk, id, "'items':[{'position':1,'amount':'60.00'}]");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create",
	                          "{'invoice_id':2396,'items':[{'position':1,'amount':'0.51'}]}")->code,
	             PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->pointer), "/items/0/amount");
	struct credit_note *last = credit(&desk, id, "'items':[{'position':1}]");
	CHECK_EQ_INT(last->total.minor, 50);
	CHECK_EQ_TEXT(last->number, "CN-2");
	desk_close(&desk);
}

TEST(unused_time_is_what_the_proration_policy_says)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	struct credit_note *note = credit(&desk, id, "'unused_from':'2011-09-30'");
	CHECK_EQ_INT(note->reason, CREDIT_NOTE_REASON_UNUSED_TIME);
	CHECK_EQ_INT(note->total.minor, 550); /* the last of 11 days */
	desk_close(&desk);
}

TEST(a_refund_is_what_was_paid_for_the_unused_time)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'policies':{'credit_note':'credit_note/refund'}}}");
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "60.50", "'auto_pay':1");
	struct credit_note *note = credit(&desk, 2396, "'unused_from':'2011-09-30'");
	CHECK_EQ_INT(note->refund.minor, 550);
	CHECK_EQ_INT(note->credit.minor, 0);
	desk_close(&desk);
}

TEST(a_note_tells_which_field_is_wrong)
{
	struct desk desk;
	first_invoice(&desk);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':9,'items':[{'position':1}]}")->code,
	             PROBLEM_NOT_FOUND);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':7}]}")->code,
	             PROBLEM_NOT_FOUND);
	CHECK_EQ_TEXT(text_of(desk.problems.first->pointer), "/items/0/position");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396}")->code, PROBLEM_MISSING_FIELD);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create",
	                          "{'invoice_id':2396,'items':[{'position':1},{'position':1}]}")->code,
	             PROBLEM_DUPLICATE);
	desk_close(&desk);
}

CHECK_MAIN
