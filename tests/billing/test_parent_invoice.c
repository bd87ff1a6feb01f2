/* test_parent_invoice.c: what children owe is on an invoice of their parent, whatever becomes of it until the parent pays. */
#include "shop.h"

#include "billing/parent_invoice.h"

/* Account 1 is the parent, 2 and 3 are its children; it is 3 in the afternoon of 6 September. */
static void family_open(struct desk *desk)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "account.create", "{'name':'Mum'}");
	desk_do(desk, "account.create", "{'name':'Tim'}");
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "account.update", "{'id':2,'parent_id':1,'parent_pays':true}");
	desk_do(desk, "account.update", "{'id':3,'parent_id':1,'parent_pays':true}");
}

static void charge(struct desk *desk, int account, const char *amount)
{
	desk_do(desk, "invoice.charge",
	        text_format(&desk->arena, "{'account_id':%d,'amount':'%s','description':'toys'}", account, amount).data);
}

static void adjust(struct desk *desk, int invoice, int position, const char *amount)
{
	desk_do(desk, "invoice.adjust",
	        text_format(&desk->arena, "{'id':%d,'position':%d,'amount':'%s'}", invoice, position, amount).data);
}

static void next_day(struct desk *desk)
{
	shop_advance(desk, "2011-09-07T06:00:00Z");
}

struct family {
	struct desk *desk;
	struct text text;
};

/* Of every invoice: account, status, balance, and its lines; "1 draft 0.00: 7.00 -2.00". */
static bool tell_family(struct command *command, void *context)
{
	struct family *family = context;
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	struct text_builder out;
	CHECK(invoice_page(command, &all, &invoices));
	builder_init(&out, &family->desk->arena, 0);
	for (size_t i = invoices.count; i-- > 0;) {
		struct invoice *invoice = &invoices.items[i];
		CHECK(invoice_load_lines(command, invoice));
		builder_format(&out, "%s%lld %s %.*s:", out.length ? "; " : "", (long long)invoice->account_id,
		               invoice_record.fields[INVOICE_FIELD_STATUS].words[invoice->status],
		               TEXT_ARG(money_amount_text(command->arena, invoice->balance)));
		for (size_t j = 0; j < invoice->lines.count; j++)
			builder_format(&out, " %.*s", TEXT_ARG(money_amount_text(command->arena, invoice->lines.items[j].amount)));
	}
	family->text = builder_text(&out);
	return true;
}

static struct text told(struct desk *desk)
{
	struct family family = { .desk = desk };
	desk_read(desk, tell_family, &family);
	return family.text;
}

/* ---- gathering ---- */

/* What gathers for the children has no line of it. */
TEST(a_draft_of_the_children_does_not_make_runs_look_back_at_the_subscriptions_of_the_parent)
{
	struct desk desk;
	family_open(&desk);
	desk_do(&desk, "catalog.add_plan", "{'code':'gold','product':'car','amount':'10','billing_period':'monthly'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold'}");
	charge(&desk, 2, "7");
	desk_do(&desk, "subscription.change_quantity", "{'id':1,'quantity':2}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "derive_from"), "-");
	desk_close(&desk);
}

TEST(a_child_has_one_line_that_grows_on_the_draft_of_its_parent)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	charge(&desk, 2, "5");
	CHECK_EQ_TEXT(told(&desk), "2 open 7.00: 7.00; 1 draft 0.00: 12.00 3.00; 3 open 3.00: 3.00; 2 open 5.00: 5.00");
	next_day(&desk);
	CHECK_EQ_TEXT(told(&desk), "2 open 7.00: 7.00; 1 open 15.00: 12.00 3.00; 3 open 3.00: 3.00; 2 open 5.00: 5.00");
	charge(&desk, 2, "1");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "account_id", "status", "total", "parent_invoice_id"),
	              "2 open 7.00 2; 1 open 15.00 -; 3 open 3.00 2; 2 open 5.00 2; 2 open 1.00 6; 1 draft 1.00 -");
	desk_close(&desk);
}

TEST(when_the_parent_has_paid_its_children_owe_nothing)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'9'}");
	CHECK_EQ_TEXT(told(&desk), "2 open 7.00: 7.00; 1 open 1.00: 7.00 3.00; 3 open 3.00: 3.00; 1 settled 0.00: -9.00");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'1'}");
	CHECK_EQ_TEXT(told(&desk),
	              "2 settled 0.00: 7.00; 1 settled 0.00: 7.00 3.00; 3 settled 0.00: 3.00; 1 settled 0.00: -9.00; 1 settled 0.00: -1.00");
	desk_close(&desk);
}

TEST(an_account_with_children_has_no_parent)
{
	struct desk desk;
	family_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Grandma'}");
	CHECK_EQ_INT(desk_refused(&desk, "account.update", "{'id':1,'parent_id':4}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(desk_refused(&desk, "account.update", "{'id':4,'parent_id':2}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_INT(desk_refused(&desk, "account.update", "{'id':4,'parent_id':4}")->code, PROBLEM_NOT_FOUND);
	desk_close(&desk);
}

/* ---- before the draft is committed ---- */

TEST(what_is_taken_off_a_childs_invoice_is_taken_off_the_draft)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 2, "5");
	charge(&desk, 2, "4");
	charge(&desk, 2, "2");
	charge(&desk, 3, "3");
	adjust(&desk, 1, 1, "1");
	desk_do(&desk, "invoice.cancel", "{'id':3}");
	desk_do(&desk, "invoice.write_off", "{'id':4}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':5,'items':[{'position':1,'amount':'0.50'}]}");
	CHECK_EQ_TEXT(told(&desk), "2 open 6.00: 7.00 -1.00; 1 draft 0.00: 7.50 3.00; 2 cancelled 0.00: 5.00; "
	                           "2 written_off 0.00: 4.00; 2 open 1.50: 2.00 -0.50; 3 open 3.00: 3.00");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	desk_do(&desk, "credit.create", "{'account_id':3,'amount':'2'}"); /* the child's own credit pays first */
	next_day(&desk);
	CHECK_EQ_TEXT(told(&desk), "2 open 6.00: 7.00 -1.00; 1 open 9.00: 8.00 1.00; 2 cancelled 0.00: 5.00; "
	                           "2 written_off 0.00: 4.00; 2 open 2.00: 2.00 -0.50 0.50; 3 open 1.00: 3.00; "
	                           "3 settled 0.00: -2.00");
	desk_close(&desk);
}

TEST(a_draft_of_which_nothing_is_left_asks_for_nothing)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	next_day(&desk);
	CHECK_EQ_TEXT(told(&desk), "2 cancelled 0.00: 7.00; 1 settled 0.00: 0.00");
	desk_close(&desk);
}

/* ---- after it was committed ---- */

TEST(what_is_taken_off_a_childs_invoice_later_adjusts_the_parents)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	next_day(&desk);
	desk_events(&desk);
	adjust(&desk, 1, 1, "2");
	CHECK_EQ_TEXT(desk_events(&desk), "pre invoice.adjust, pre invoice.adjust, post invoice.adjust, post invoice.adjust");
	CHECK_EQ_TEXT(told(&desk), "2 open 5.00: 7.00 -2.00; 1 open 8.00: 7.00 3.00 -2.00; 3 open 3.00: 3.00");
	desk_do(&desk, "credit_note.create", "{'invoice_id':3,'items':[{'position':1}]}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(told(&desk),
	              "2 open 5.00: 7.00 -2.00; 1 open 8.00: 7.00 3.00 -2.00 -3.00 3.00; 3 open 3.00: 3.00 -3.00 3.00");
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	desk_do(&desk, "invoice.write_off", "{'id':3}");
	CHECK_EQ_TEXT(told(&desk), "2 cancelled 0.00: 7.00 -2.00; 1 settled 0.00: 7.00 3.00 -2.00 -3.00 3.00 -5.00 -3.00; "
	                           "3 written_off 0.00: 3.00 -3.00 3.00");
	desk_close(&desk);
}

TEST(what_the_parent_paid_too_much_is_its_credit_before_and_the_childs_after)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'8'}"); /* 2.00 are open */
	adjust(&desk, 1, 1, "6");                                        /* 4.00 too much; both children are paid */
	CHECK_EQ_TEXT(told(&desk), "2 settled 0.00: 7.00 -6.00; 1 settled 0.00: 7.00 3.00 -6.00; 3 settled 0.00: 3.00; "
	                           "1 settled 0.00: -8.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &credit_record, "account_id", "amount", "remaining"),
	              "1 8.00 0.00; 2 1.00 0.00; 3 3.00 0.00; 1 4.00 4.00");
	adjust(&desk, 3, 1, "2");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &credit_record, "account_id", "amount", "remaining"),
	              "1 8.00 0.00; 2 1.00 0.00; 3 3.00 0.00; 1 4.00 4.00; 3 2.00 2.00");
	desk_close(&desk);
}

TEST(what_is_owed_again_after_the_parent_has_paid_is_gathered_anew)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	desk_do(&desk, "credit_note.create", "{'invoice_id':1,'items':[{'position':1,'amount':'2'}]}");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'5'}");
	desk_do(&desk, "credit_note.void", "{'id':1}");
	CHECK_EQ_TEXT(told(&desk), "2 open 2.00: 7.00 -2.00 2.00; 1 settled 0.00: 5.00; 1 settled 0.00: -5.00; 1 draft 0.00: 2.00");
	desk_close(&desk);
}

TEST(a_line_that_was_adjusted_by_hand_gives_back_no_more_than_is_left)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	adjust(&desk, 2, 1, "5"); /* the parent's draft */
	adjust(&desk, 1, 1, "6");
	CHECK_EQ_TEXT(told(&desk), "2 open 1.00: 7.00 -6.00; 1 draft 0.00: 5.00 3.00 -5.00; 3 open 3.00: 3.00");
	next_day(&desk);
	adjust(&desk, 2, 2, "3");
	CHECK_EQ_TEXT(told(&desk), "2 written_off 0.00: 7.00 -6.00; 1 settled 0.00: 5.00 3.00 -5.00 -3.00; 3 written_off 0.00: 3.00");
	desk_close(&desk);
}

/* ---- the parent's invoice is withdrawn or given up ---- */

TEST(a_withdrawn_invoice_of_the_parent_leaves_the_debt_to_the_children)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	desk_do(&desk, "invoice.cancel", "{'id':2}");
	CHECK_EQ_TEXT(told(&desk), "2 open 7.00: 7.00; 1 cancelled 0.00: 7.00");
	adjust(&desk, 1, 1, "1");
	CHECK_EQ_TEXT(told(&desk), "2 open 6.00: 7.00 -1.00; 1 cancelled 0.00: 7.00");
	charge(&desk, 2, "4");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'4'}");
	CHECK_EQ_INT(desk_refused(&desk, "invoice.cancel", "{'id':4}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->remedy), "Give the parent a credit instead.");
	desk_close(&desk);
}

TEST(a_note_that_settled_the_parents_invoice_is_not_withdrawn_once_it_has_paid_for_children)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'5'}");
	desk_do(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':1,'amount':'2'}]}");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.void", "{'id':1}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->remedy), "Charge the parent by hand instead.");
	desk_close(&desk);
}

TEST(what_is_given_up_of_the_parents_invoice_is_given_up_of_the_childrens)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 3, "3");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'8'}");
	desk_do(&desk, "invoice.write_off", "{'id':2}");
	CHECK_EQ_TEXT(told(&desk), "2 settled 0.00: 7.00; 1 written_off 0.00: 7.00 3.00; 3 written_off 0.00: 3.00; 1 settled 0.00: -8.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &credit_record, "account_id", "amount", "remaining"),
	              "1 8.00 0.00; 2 7.00 0.00; 3 1.00 0.00");
	desk_close(&desk);
}

/* ---- what nobody paid ---- */

TEST(of_a_line_that_was_adjusted_by_hand_the_children_get_what_was_paid)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	charge(&desk, 2, "5");
	charge(&desk, 3, "3");
	next_day(&desk);
	adjust(&desk, 2, 1, "4"); /* 8.00 of 12.00 are left for the first child */
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'11'}");
	CHECK_EQ_TEXT(told(&desk), "2 settled 0.00: 7.00; 1 settled 0.00: 12.00 3.00 -4.00; 2 written_off 0.00: 5.00; 3 settled 0.00: 3.00; "
	                           "1 settled 0.00: -11.00");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &credit_record, "account_id", "amount", "remaining"),
	              "1 11.00 0.00; 2 7.00 0.00; 2 1.00 0.00; 3 3.00 0.00");
	desk_close(&desk);
}

TEST(what_the_parent_paid_for_children_is_not_taken_back_from_it)
{
	struct desk desk;
	family_open(&desk);
	charge(&desk, 2, "7");
	next_day(&desk);
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'7'}");
	CHECK_EQ_INT(desk_refused(&desk, "invoice.adjust", "{'id':2,'position':1,'amount':'6'}")->code, PROBLEM_WRONG_STATE);
	CHECK_EQ_TEXT(text_of(desk.problems.first->remedy), "Adjust the child's invoice.");
	CHECK_EQ_INT(desk_refused(&desk, "credit_note.create", "{'invoice_id':2,'items':[{'position':1,'amount':'2'}]}")->code,
	             PROBLEM_WRONG_STATE);
	adjust(&desk, 1, 1, "6");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &credit_record, "account_id", "amount", "remaining"), "1 7.00 0.00; 2 7.00 0.00; 2 6.00 6.00");
	desk_close(&desk);
}

/* ---- random families ---- */

enum { FAMILIES = 20, STEPS = 40 };

/* The sum of its lines for children, or -1 where somebody adjusted them by hand. */
static int64_t summed_up(const struct invoice *invoice)
{
	int64_t sum = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		if (!invoice->lines.items[i].child_account_id)
			return -1;
		sum += invoice->lines.items[i].amount.minor;
	}
	return sum;
}

static bool sums_agree(struct command *command, void *context)
{
	struct object_filter all = { .max = OBJECT_PAGE_MAX };
	struct invoice_list invoices = { 0 };
	(void)context;
	CHECK(invoice_page(command, &all, &invoices));
	for (size_t i = 0; i < invoices.count; i++) {
		struct invoice *parents = &invoices.items[i];
		int64_t gathered = 0;
		if (parents->account_id != 1 ||
		    (parents->status != INVOICE_STATUS_DRAFT && parents->status != INVOICE_STATUS_OPEN))
			continue;
		CHECK(invoice_load_lines(command, parents));
		for (size_t j = 0; j < invoices.count; j++)
			if (invoices.items[j].parent_invoice_id == parents->id) {
				gathered += invoices.items[j].gathered.minor;
				CHECK_EQ_INT(invoices.items[j].balance.minor, invoices.items[j].gathered.minor);
			}
		if (summed_up(parents) >= 0)
			CHECK_EQ_INT(summed_up(parents), gathered);
	}
	return true;
}

/* Something that may happen to a child's invoice, or that the parent pays; refusals are part of life. */
static void random_step(struct desk *desk, uint64_t *state, int64_t invoices)
{
	static const struct { const char *command, *id, *rest; } on_invoice[] = {
		{ "invoice.adjust", "id", ",'position':1,'amount':'1'" },
		{ "invoice.cancel", "id", "" },
		{ "invoice.write_off", "id", "" },
		{ "credit_note.create", "invoice_id", ",'items':[{'position':1,'amount':'2'}]" },
		{ "credit_note.void", "id", "" },
	};
	int64_t which = check_between(state, 1, invoices), what = check_between(state, 0, 7);
	const char *command = what == 5 ? "credit.create" : "invoice.charge";
	struct text input;
	void *output;
	if (what < 5) {
		command = on_invoice[what].command;
		int64_t id = what == 4 ? (which + 2) / 3 : which;
		input = text_format(&desk->arena, "{'%s':%lld%s}", on_invoice[what].id, (long long)id, on_invoice[what].rest);
	} else if (what == 5) {
		input = text_format(&desk->arena, "{'account_id':%lld,'amount':'2'}", (long long)(which % 3 + 1));
	} else {
		input = text_format(&desk->arena, "{'account_id':%lld,'amount':'%lld','description':'toys'}",
		                    (long long)(which % 2 + 2), (long long)check_between(state, 1, 9));
	}
	problems_init(&desk->problems, &desk->arena);
	desk_try_text(desk, command, desk_json(desk, input.data), &output);
}

TEST(whatever_becomes_of_children_the_parents_invoices_say_what_they_owe)
{
	uint64_t state = check_seed();
	for (int family = 0; family < FAMILIES; family++) {
		struct desk desk;
		family_open(&desk);
		charge(&desk, 2, "9");
		charge(&desk, 3, "9");
		for (int step = 0; step < STEPS; step++) {
			random_step(&desk, &state, 3 + step / 2);
			desk_read(&desk, sums_agree, NULL);
			if (step == STEPS / 2)
				next_day(&desk);
		}
		desk_close(&desk);
	}
}

CHECK_MAIN
