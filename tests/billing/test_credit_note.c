/* test_credit_note.c: notes that take back a part of an invoice: amounts, discounts, taxes, the closing note, what becomes of it;
 * notes and credits that are withdrawn. */
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

/* Ten fees of 0.33, with a tax of 0.0231 each that was rounded up: one note of eight of them takes 0.18, 0.02 or 0.03 of each. */
TEST(notes_of_one_line_each_come_to_the_tax_of_one_note_of_all_of_them)
{
	struct arena arena;
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice invoice = { .currency = usd };
	struct note_sums before = note_sums_none(usd);
	int64_t taxes = 0;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (int64_t i = 0; i < 20; i++) {
		bool tax = i >= 10;
		*list_add(&arena, &invoice.lines, struct invoice_line) = (struct invoice_line){
			.position = i + 1, .kind = tax ? INVOICE_LINE_KIND_TAX : INVOICE_LINE_KIND_RECURRING, .currency = usd,
			.amount = money_of(tax ? 3 : 33, usd), .exact = { { tax ? 231 : 3300, 10000 }, usd },
			.has_linked_position = tax, .linked_position = tax ? i - 9 : 0,
		};
	}
	for (int64_t i = 1; i <= 8; i++) {
		struct note_draft draft;
		CHECK(note_draft_begin(&arena, &invoice, NULL, 0, &draft));
		draft.before = before;
		CHECK(exact_money_from_money(money_of(33, usd), &note_draft_line(&draft, i)->exact));
		CHECK(note_draft_finish(&arena, ROUNDING_HALF_UP, &draft));
		taxes += draft.tax.minor;
		CHECK(exact_money_add(before.taxes.exact, draft.took.taxes.exact, &before.taxes.exact));
		CHECK(money_add(before.taxes.amount, draft.took.taxes.amount, &before.taxes.amount));
	}
	CHECK_EQ_INT(taxes, 18); /* each by itself: 16 */
	arena_finish(&arena);
}

/* Two fees with two discounts each; an adjustment by hand took all that is left of the first with its discounts. Whatever is asked
 * of both, the first one's cents and its discounts' are nothing together. */
TEST(a_line_of_which_nothing_is_left_with_its_discounts_gives_back_nothing_with_them)
{
	static const int64_t amounts[] = { 796, 4590, -262, -1515, -121, -694 };
	const struct currency *usd = currency_find(TEXT("USD"));
	const struct invoice_line taken = { .linked_position = 1, .amount = money_of(-413, usd) };
	struct invoice invoice = { .currency = usd };
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (int64_t i = 0; i < 6; i++)
		*list_add(&arena, &invoice.lines, struct invoice_line) = (struct invoice_line){
			.position = i + 1, .kind = i < 2 ? INVOICE_LINE_KIND_RECURRING : INVOICE_LINE_KIND_DISCOUNT, .currency = usd,
			.amount = money_of(amounts[i], usd), .has_linked_position = i >= 2, .linked_position = i < 2 ? 0 : i % 2 + 1,
		};
	for (int64_t mills = 1; mills < 3830; mills++) {
		struct arena_mark mark = arena_mark(&arena);
		struct note_draft draft;
		CHECK(note_draft_begin(&arena, &invoice, &taken, 1, &draft));
		draft.items[0].exact = draft.items[1].exact = (struct exact_money){ { 0, 1 }, usd };
		CHECK(fraction_make(mills, 1000, &draft.items[0].exact.amount));
		CHECK(fraction_make(mills * 7, 1000, &draft.items[1].exact.amount));
		CHECK(note_draft_finish(&arena, ROUNDING_HALF_UP, &draft));
		int64_t net = draft.items[0].credited.minor + draft.items[2].credited.minor + draft.items[4].credited.minor;
		if (net > 0 || draft.items[0].credited.minor < 0)
			CHECK_FAIL("%lld mills: %lld", (long long)mills, (long long)net);
		CHECK_EQ_INT(draft.sub_total.minor - net,
		             draft.items[1].credited.minor + draft.items[3].credited.minor + draft.items[5].credited.minor);
		arena_rewind(&arena, mark);
	}
	arena_finish(&arena);
}

enum { MANY = 20 };

/* Fees of uneven cents, each with a discount of 13 % and a tax of 7.7 % on the rest. */
static struct invoice invoice_of_many(struct arena *arena)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice invoice = { .currency = usd };
	for (int64_t i = 0; i < 3 * MANY; i++) {
		int64_t fee = 1793 + 97 * (i % MANY), off = fee * 13 / 100;
		bool charges = i < MANY, discounts = !charges && i < 2 * MANY;
		struct invoice_line *line = list_add(arena, &invoice.lines, struct invoice_line);
		*line = (struct invoice_line){
			.position = i + 1, .currency = usd, .has_linked_position = !charges, .linked_position = charges ? 0 : i % MANY + 1,
			.kind = charges ? INVOICE_LINE_KIND_RECURRING : discounts ? INVOICE_LINE_KIND_DISCOUNT : INVOICE_LINE_KIND_TAX,
			.amount = money_of(charges ? fee : discounts ? -off : ((fee - off) * 77 + 500) / 1000, usd),
		};
		CHECK(exact_money_from_money(line->amount, &line->exact));
		CHECK(charges || discounts || fraction_make((fee - off) * 77, 100000, &line->exact.amount));
	}
	return invoice;
}

/* What is divided by is another number of cents each time: exact sums of many lines and notes fit nevertheless. */
TEST(many_notes_of_many_discounted_lines_are_not_too_large)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = invoice_of_many(&arena);
	struct note_sums before = note_sums_none(invoice.currency);
	struct invoice_line taken[12 * 3 * MANY];
	size_t count = 0;
	for (int64_t i = 1; i <= 12; i++) {
		struct note_draft draft;
		CHECK(note_draft_begin(&arena, &invoice, taken, count, &draft));
		draft.before = before;
		for (size_t j = 0; j < MANY; j++)
			CHECK(exact_money_from_money(money_of(i == 12 ? draft.items[j].left.minor : 7 + 3 * i + (int64_t)j, invoice.currency),
			                             &draft.items[j].exact));
		CHECK(note_draft_finish(&arena, ROUNDING_HALF_UP, &draft));
		CHECK(exact_money_add(before.lines.exact, draft.took.lines.exact, &before.lines.exact));
		CHECK(exact_money_add(before.taxes.exact, draft.took.taxes.exact, &before.taxes.exact));
		CHECK(money_add(before.lines.amount, draft.took.lines.amount, &before.lines.amount));
		CHECK(money_add(before.taxes.amount, draft.took.taxes.amount, &before.taxes.amount));
		for (size_t j = 0; j < draft.count; j++)
			taken[count++] = (struct invoice_line){ .linked_position = (int64_t)j + 1,
				                                .amount = money_of(-draft.items[j].credited.minor, invoice.currency) };
	}
	int64_t total = 0;
	for (size_t i = 0; i < invoice.lines.count; i++)
		total += invoice.lines.items[i].amount.minor;
	CHECK_EQ_INT(before.lines.amount.minor + before.taxes.amount.minor, total);
	arena_finish(&arena);
}

/* Fees of 19.99, 68.33 and 200.33, 10.00 off, and 20 % on what is left of each. */
static struct invoice discounted_invoice(struct arena *arena)
{
	static const struct { enum invoice_line_kind kind; int64_t minor, of; } lines[] = {
		{ INVOICE_LINE_KIND_RECURRING, 1999, 0 }, { INVOICE_LINE_KIND_ONE_TIME, 6833, 0 },
		{ INVOICE_LINE_KIND_RECURRING, 20033, 0 }, { INVOICE_LINE_KIND_DISCOUNT, -1000, 0 },
		{ INVOICE_LINE_KIND_TAX, 386, 1 }, { INVOICE_LINE_KIND_TAX, 1319, 2 }, { INVOICE_LINE_KIND_TAX, 3868, 3 },
	};
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice invoice = { .currency = usd };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct invoice_line *line = list_add(arena, &invoice.lines, struct invoice_line);
		line->position = (int64_t)i + 1;
		line->currency = usd;
		line->kind = lines[i].kind;
		line->amount = money_of(lines[i].minor, usd);
		line->has_linked_position = lines[i].of > 0;
		line->linked_position = lines[i].of;
		CHECK(exact_money_from_money(line->amount, &line->exact));
	}
	return invoice;
}

TEST(a_credited_line_takes_its_share_of_the_discounts)
{
	static const int64_t discounts[] = { 69, 237, 694 }, totals[] = { 2316, 7915, 23207 };
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = discounted_invoice(&arena);
	for (size_t i = 0; i < 3; i++) {
		struct note_draft draft = credit_line(&arena, &invoice, NULL, 0, (int64_t)i + 1, invoice.lines.items[i].amount.minor);
		CHECK_EQ_INT(draft.discount.minor, discounts[i]);
		CHECK_EQ_INT(draft.total.minor, totals[i]);
		CHECK(!draft.rest);
	}
	arena_finish(&arena);
}

/* Random parts of lines, then the rest of them: the notes add up to the invoice, its discount and its taxes. */
TEST(notes_of_parts_add_up_to_the_discounted_invoice)
{
	uint64_t state = check_seed();
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (int round = 0; round < 50; round++) {
		struct invoice invoice = discounted_invoice(&arena);
		struct invoice_line taken[64];
		size_t count = 0;
		int64_t total = 0, discount = 0;
		for (int note = 0; note < 4; note++) {
			struct note_draft draft;
			CHECK(note_draft_begin(&arena, &invoice, taken, count, &draft));
			for (size_t i = 0; i < 3; i++) {
				int64_t left = draft.items[i].left.minor, part = note < 3 ? check_between(&state, 0, left) : left;
				CHECK(exact_money_from_money(money_of(part, invoice.currency), &draft.items[i].exact));
			}
			CHECK(note_draft_finish(&arena, ROUNDING_HALF_UP, &draft));
			total += draft.total.minor;
			discount += draft.discount.minor;
			for (size_t i = 0; i < draft.count; i++)
				taken[count++] = (struct invoice_line){ .linked_position = (int64_t)i + 1,
					                                .amount = money_of(-draft.items[i].credited.minor, invoice.currency) };
		}
		CHECK_EQ_INT(total, 33438);
		CHECK_EQ_INT(discount, 1000);
	}
	arena_finish(&arena);
}

TEST(a_discount_that_names_its_line_lies_on_it_alone)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	struct invoice invoice = discounted_invoice(&arena);
	invoice.lines.items[3].has_linked_position = true;
	invoice.lines.items[3].linked_position = 2;
	CHECK_EQ_INT(credit_line(&arena, &invoice, NULL, 0, 1, 1999).discount.minor, 0);
	CHECK_EQ_INT(credit_line(&arena, &invoice, NULL, 0, 2, 6833).discount.minor, 1000);
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

TEST(a_note_on_a_discounted_order_shows_what_its_lines_bore)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]"); /* 55.00 - 5.50 + 4.95 */
	struct credit_note *note = credit(&desk, 2396, "'items':[{'position':1,'amount':'10.00'}]");
	CHECK_EQ_INT(note->discount.minor, 100);
	CHECK_EQ_INT(note->sub_total.minor, 900);
	CHECK_EQ_INT(note->total.minor, 990);
	CHECK_EQ_INT(note->lines.count, 3);
	CHECK(note->lines.items[1].discount && note->lines.items[1].amount.minor == -100);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':2}]}")->code,
	             PROBLEM_WRONG_STATE);
	credit(&desk, 2396, "'items':[{'position':1}]");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 0.00 0.00");
	desk_close(&desk);
}

TEST(the_tax_of_an_order_follows_the_lines_that_it_was_taken_of)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'TWO','charges':[{'price_code':'A','kind':'recurring','amount':'100'},{'price_code':'B','kind':'recurring',"
	        "'amount':'60'},{'price_code':'C','kind':'recurring','amount':'40'},{'price_code':'VAT','kind':'percent','percent':'20',"
	        "'tax':true,'mandatory':true,'targets':[{'price_code':'A'},{'price_code':'B'}]}]}");
	desk_do(&desk, "order.place",
	        "{'account_id':1,'plan':'TWO','start_date':'2011-09-01','status':'active','create_invoice':true,'discounts':[{'percent':'10'}],"
	        "'lines':[{'price_code':'A','quantity':'1'},{'price_code':'B','quantity':'1'},{'price_code':'C','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 100.00; B 60.00; C 40.00; Discount 10 % -20.00; VAT 28.80");
	const struct credit_note *note = credit(&desk, 2396, "'items':[{'position':2,'amount':'30'}]");
	CHECK_EQ_INT(note->sub_total.minor, 2700);
	CHECK_EQ_INT(note->tax.minor, 540);
	note = credit(&desk, 2396, "'items':[{'position':3}]"); /* C bears none */
	CHECK_EQ_INT(note->total.minor, 3600);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':5}]}")->code, PROBLEM_WRONG_STATE);
	note = credit(&desk, 2396, "'items':[{'position':1},{'position':2}]"); /* the rest */
	CHECK_EQ_INT(note->tax.minor, 2340);
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ what is told */

static bool tells_balance(struct desk *desk, const char *command, const char *input)
{
	desk_events(desk);
	desk_do(desk, command, input);
	return strstr(desk_events(desk).data, "signal invoice.balance_change") != NULL;
}

/* Kill Bill's INVOICE_ADJUSTMENT: a write-off, credits and credit notes, but no payment, nor the credit that a new invoice uses. */
TEST(an_invoice_that_owes_another_sum_and_was_not_paid_says_so)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	const char *named = text_format(&desk.arena, "{'id':%lld}", (long long)id).data;
	CHECK(tells_balance(&desk, "credit_note.create",
	                    text_format(&desk.arena, "{'invoice_id':%lld,'items':[{'position':1,'amount':'5'}]}", (long long)id).data));
	CHECK(tells_balance(&desk, "credit.create", "{'account_id':1,'amount':'2','currency':'USD'}"));
	CHECK(!tells_balance(&desk, "payment.create", "{'account_id':1,'amount':'3','currency':'USD'," CARD "}"));
	CHECK(tells_balance(&desk, "invoice.write_off", named));
	CHECK(!tells_balance(&desk, "credit.create", "{'account_id':1,'amount':'2','currency':'USD'}"));
	CHECK(!tells_balance(&desk, "invoice.charge", "{'account_id':1,'amount':'10','description':'setup'}")); /* 2.00 are used at once */
	desk_close(&desk);
}

/* 10^13 dollars are what a line may bill; more would leave sums of several without room. */
TEST(no_charge_or_credit_by_hand_is_larger_than_a_line_may_be)
{
	struct desk desk;
	first_invoice(&desk);
	CHECK_REFUSED(&desk, "invoice.charge", "{'account_id':1,'amount':'10000000000000.01','description':'typo'}", PROBLEM_OUT_OF_RANGE,
	              "/amount");
	CHECK_EQ_TEXT(desk.problems.first->value, "10000000000000.01");
	CHECK_REFUSED(&desk, "credit.create", "{'account_id':1,'amount':'10000000000000.01'}", PROBLEM_OUT_OF_RANGE, "/amount");
	desk_do(&desk, "invoice.charge", "{'account_id':1,'amount':'10000000000000','description':'much'}");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ void */

TEST(a_void_note_is_owed_again_and_keeps_its_number)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	credit(&desk, id, "'items':[{'position':1,'amount':'60.50'}]");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 0.00 0.00");
	desk_events(&desk);
	struct credit_note *note = desk_do(&desk, "credit_note.void", "{'id':1,'reason':'a mistake'}");
	CHECK_EQ_TEXT(desk_events(&desk),
	              "pre credit_invoice.cancel, post credit_invoice.cancel, pre invoice.update, post invoice.update, "
	              "signal invoice.balance_change");
	CHECK_EQ_INT(note->status, CREDIT_NOTE_STATUS_VOID);
	CHECK_EQ_TEXT(note->number, "CN-1");
	CHECK_EQ_INT(note->total.minor, 6050);
	CHECK_EQ_TEXT(note->void_reason, "a mistake");
	CHECK_EQ_INT(note->lines.items[0].reversal_position, 3);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 60.50");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':2}")->code, PROBLEM_NOT_FOUND);
	CHECK_EQ_TEXT(credit(&desk, id, "'items':[{'position':1}]")->number, "CN-2");
	desk_close(&desk);
}

TEST(the_credit_of_a_void_note_is_taken_back)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	shop_pay(&desk, "40.00", "'targets':[{'invoice_id':2396}]");
	struct credit_note *note = credit(&desk, id, "'items':[{'position':1,'amount':'50.50'}]");
	CHECK_EQ_INT(note->offset.minor, 2050);
	CHECK_EQ_INT(note->credit.minor, 3000);
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 30.00 30.00");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 30.00 0.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 20.50");
	desk_close(&desk);
}

TEST(a_note_whose_credit_was_used_stays)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	shop_pay(&desk, "60.50", "'targets':[{'invoice_id':2396}]");
	credit(&desk, id, "'items':[{'position':1,'amount':'50.50'}]");
	shop_order(&desk, "'create_invoice':true"); /* uses it */
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->remedy),
	              "Cancel the invoices that used it first, or charge the amount by hand.");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 10.00 0.00; 1020 open 60.50 10.00");
	desk_close(&desk);
}

TEST(other_credits_pay_what_a_void_note_leaves_open)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	credit(&desk, id, "'items':[{'position':1}]");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'20'}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 60.50 40.50; 1020 settled -20.00 0.00");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ credits withdrawn */

TEST(what_is_left_of_a_credit_can_be_withdrawn)
{
	struct desk desk;
	int64_t id = first_invoice(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'100'}"); /* 60.50 are used at once */
	struct credit *credit = desk_do(&desk, "credit.withdraw", "{'id':1}");
	CHECK_EQ_INT(credit->remaining.minor, 0);
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00; 1020 settled -60.50 0.00");
	CHECK_EQ_INT(desk_refused(&desk, "credit.withdraw", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(desk_refused(&desk, "credit.withdraw", "{'id':9}")->code, PROBLEM_NOT_FOUND);
	desk_do(&desk, "credit_note.create",
	        text_format(&desk.arena, "{'invoice_id':%lld,'items':[{'position':1}]}", (long long)id).data);
	CHECK_EQ_INT(desk_refused(&desk, "credit.withdraw", "{'id':2}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->remedy), "Void the credit note.");
	shop_pay(&desk, "5.00", "'auto_pay':1"); /* nothing is owed */
	CHECK_EQ_INT(desk_refused(&desk, "credit.withdraw", "{'id':3}")->code, PROBLEM_WRONG_STATE);
	desk_close(&desk);
}

CHECK_MAIN
