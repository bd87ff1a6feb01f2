/* test_explain_credit.c: credit notes and credits of changed orders explained and worked out again; what was changed since is found. */
#include "shop.h"

#include "billing/explain_work.h"

/* ---- asking ---- */

struct asked {
	struct desk *desk;
	bool credit; /* else the credit note */
	void (*change_note)(struct desk *desk, struct credit_note *note);
	void (*change_credit)(struct desk *desk, struct credit *credit);
	struct credit_explanation *explanation;
};

static bool explain_first(struct command *command, void *context)
{
	struct asked *asked = context;
	struct credit_note *note = NULL;
	struct credit *credit = NULL;
	if (asked->credit) {
		CHECK(credit_find(command, 1, &credit) && credit);
		if (asked->change_credit)
			asked->change_credit(asked->desk, credit);
		return explain_account_credit(command, credit, &asked->explanation);
	}
	CHECK(credit_note_find(command, 1, &note) && note);
	if (asked->change_note)
		asked->change_note(asked->desk, note);
	return explain_note(command, note, &asked->explanation);
}

static void steps_write(struct desk *desk, const struct explanation_step *steps, size_t count, struct text_builder *out)
{
	for (size_t i = 0; i < count; i++) {
		struct text value = record_field_text(&explanation_step_record, &steps[i], EXPLANATION_STEP_FIELD_VALUE, &desk->arena);
		builder_format(out, "%s%.*s %.*s%s", i ? ", " : "", TEXT_ARG(steps[i].step), TEXT_ARG(value),
		               steps[i].same ? "" : " (not the same)");
	}
}

/* "tax: tax 1.2, rounding 1.2 = 1.20; ...; rounding 9, sum 9, credit_note 9" */
static struct text told(struct desk *desk, const struct credit_explanation *explanation)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < explanation->explained.count; i++) {
		const struct explanation_line *line = &explanation->explained.items[i];
		builder_format(&out, "%.*s: ", TEXT_ARG(line->kind));
		steps_write(desk, line->steps.items, line->steps.count, &out);
		builder_format(&out, " = %.*s; ", TEXT_ARG(money_amount_text(&desk->arena, line->amount)));
	}
	steps_write(desk, explanation->steps.items, explanation->steps.count, &out);
	return builder_text(&out);
}

static struct text explained(struct desk *desk, bool credit)
{
	struct asked asked = { .desk = desk, .credit = credit };
	desk_read(desk, explain_first, &asked);
	struct text text = told(desk, asked.explanation);
	if (!asked.explanation->same)
		CHECK_FAIL("it does not come to the same: %.*s\n%.*s", TEXT_ARG(text),
		           TEXT_ARG(json_record_text(&desk->arena, &credit_explanation_record, asked.explanation)));
	return text;
}

/* ---- credit notes ---- */

TEST(a_note_is_told_by_what_was_asked_its_discounts_the_rounding_and_the_settlement)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1,'amount':'10.05'}]}");
	CHECK_EQ_TEXT(explained(&desk, false), "recurring: left 55, given 10.05, rounding 10.05 = 10.05; "
	                                       "discount: discount -1.005, rounding -1 = -1.00; tax: tax 0.9045, rounding 0.9 = 0.90; "
	                                       "rounding 9.95, sum 9.95, credit_note 9.95");
	desk_close(&desk);
}

TEST(unused_time_is_prorated_again)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'unused_from':'2011-09-27'}"); /* 4 of 11 days */
	CHECK_EQ_TEXT(explained(&desk, false),
	              "recurring: left 60.5, proration 22.000000022, rounding 22 = 22.00; rounding 22, sum 22, credit_note 22");
	desk_close(&desk);
}

TEST(a_closing_note_takes_what_is_left_and_a_void_one_says_so)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1}]}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(explained(&desk, false),
	              "recurring: left 55, given 55, rounding 55 = 55.00; discount: discount -5.5, rounding -5.5 = -5.50; "
	              "tax: tax 4.95, rounding 4.95 = 4.95; rounding 54.45, sum 54.45, credit_note 54.45, void 54.45");
	desk_close(&desk);
}

static void no_change(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	(void)note;
}

static void change_total(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->total.minor++;
}

static void change_amount(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->lines.items[1].amount.minor++;
}

static void change_exact(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->lines.items[1].exact.amount.numerator--;
}

static void change_left(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->lines.items[0].left.minor = 500;
}

static void change_settlement(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->refund.minor += 10;
}

static struct text replaced(struct desk *desk, struct text text, const char *from, const char *to)
{
	const char *source = text_c(&desk->arena, text), *found = strstr(source, from);
	CHECK(found != NULL);
	return text_format(&desk->arena, "%.*s%s%s", (int)(found - source), source, to, found + strlen(from));
}

static void change_mode(struct desk *desk, struct credit_note *note)
{
	note->decision = replaced(desk, note->decision, "half_up", "half_down");
}

static void change_rest(struct desk *desk, struct credit_note *note)
{
	note->decision = replaced(desk, note->decision, "\"rest\":false", "\"rest\":true");
}

static void change_total_told(struct desk *desk, struct credit_note *note)
{
	note->decision = replaced(desk, note->decision, "\"result\":", "\"result\":\"{}\",\"was\":");
}

static void forget_decision(struct desk *desk, struct credit_note *note)
{
	(void)desk;
	note->decision = TEXT_NONE;
}

TEST(whatever_is_changed_of_a_note_is_found_out)
{
	static void (*const changes[])(struct desk *desk, struct credit_note *note) = {
		no_change,   change_total, change_amount,     change_exact,    change_left, change_settlement,
		change_mode, change_rest,  change_total_told, forget_decision,
	};
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2396,'items':[{'position':1,'amount':'10.00'}]}");
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct asked asked = { .desk = &desk, .change_note = changes[i] };
		check_note("change %zu", i);
		desk_read(&desk, explain_first, &asked);
		CHECK_EQ_INT(asked.explanation->same, changes[i] == no_change);
	}
	desk_close(&desk);
}

/* ---- credits ---- */

static void changed_order(struct desk *desk)
{
	shop_open(desk);
	shop_order_plan(desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'}]"); /* 55.00 - 5.50 + 4.95 */
	desk_do(desk, "order.change",
	        "{'old_order_id':381,'change_date':'2011-09-25','order':{'plan':'H1',"
	        "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}}");
}

TEST(the_credit_of_a_changed_order_is_told_line_by_line)
{
	struct desk desk;
	changed_order(&desk);
	CHECK_EQ_TEXT(explained(&desk, true),
	              "recurring: charged 55, proration 30 = 30.00; discount: charged -5.5, share -3 = -3.00; "
	              "tax: charged 4.95, share 2.7 = 2.70; sum 29.7, rounding 29.7");
	desk_close(&desk);
}

TEST(another_credit_says_where_it_came_from)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "70.00", "'auto_pay':1");
	CHECK_EQ_TEXT(explained(&desk, true), "payment 9.5");
	desk_close(&desk);
}

static void change_credit_amount(struct desk *desk, struct credit *credit)
{
	(void)desk;
	credit->amount.minor++;
}

static void change_share(struct desk *desk, struct credit *credit)
{
	credit->decision = replaced(desk, credit->decision, "\"credit\":\"-3\"", "\"credit\":\"-2\"");
}

static void change_of(struct desk *desk, struct credit *credit)
{
	credit->decision = replaced(desk, credit->decision, "\"of\":[1]", "\"of\":[]");
}

static void change_line(struct desk *desk, struct credit *credit)
{
	credit->decision = replaced(desk, credit->decision, "\"position\":1", "\"position\":9");
}

static void forget_lines(struct desk *desk, struct credit *credit)
{
	(void)desk;
	credit->decision = TEXT("{\"too_long\":1048577}");
}

TEST(whatever_is_changed_of_such_a_credit_is_found_out)
{
	static void (*const changes[])(struct desk *desk, struct credit *credit) = {
		change_credit_amount, change_share, change_of, change_line, forget_lines,
	};
	struct desk desk;
	changed_order(&desk);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct asked asked = { .desk = &desk, .credit = true, .change_credit = changes[i] };
		check_note("change %zu", i);
		desk_read(&desk, explain_first, &asked);
		CHECK(!asked.explanation->same);
	}
	desk_close(&desk);
}

CHECK_MAIN
