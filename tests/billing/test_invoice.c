/* test_invoice.c: invoices: rounding that adds up, discounts, what rules may change, cancelling, credits, explanations. */
#include "shop.h"

/* ---- rounding, pure ---- */

static struct invoice_line *exact_line(struct arena *arena, const char *fraction)
{
	struct invoice_line *line = arena_new(arena, struct invoice_line);
	line->exact.currency = currency_find(TEXT("USD"));
	CHECK(fraction_parse(text_of(fraction), &line->exact.amount));
	return line;
}

/* The amounts, in cents. */
static struct text rounded(struct arena *arena, const char *const *fractions, enum rounding mode)
{
	struct invoice_line *lines[10] = { NULL };
	size_t count = 0;
	while (fractions[count]) {
		lines[count] = exact_line(arena, fractions[count]);
		count++;
	}
	CHECK(invoice_round_together(arena, lines, count, mode));
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < count; i++)
		builder_format(&out, "%s%lld", i ? " " : "", (long long)lines[i]->amount.minor);
	return builder_text(&out);
}

#define ROUNDED(mode, ...) rounded(&arena, (const char *const[]){ __VA_ARGS__, NULL }, (mode))

TEST(lines_rounded_together_add_up_to_their_rounded_sum)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "1/3", "1/3", "1/3"), "34 33 33");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "1/200", "1/200"), "1 0");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "0.011", "0.018", "0.014"), "1 2 1"); /* 0.043 */
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "10.005", "-1.005"), "1001 -101");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_UP, "0.011", "0.011"), "2 1");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_EVEN, "1/200"), "0");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "1/200"), "1");
	CHECK_EQ_TEXT(ROUNDED(ROUNDING_HALF_UP, "-1/200"), "-1");
	arena_finish(&arena);
}

TEST(no_line_rounded_together_is_a_whole_cent_off_its_exact_amount)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	uint64_t state = check_seed();
	for (int round = 0; round < 3000; round++) {
		struct invoice_line *lines[8] = { NULL };
		size_t count = (size_t)check_between(&state, 1, 8);
		struct exact_money sum;
		struct money total, expected;
		enum rounding mode = (enum rounding)check_between(&state, ROUNDING_HALF_UP, ROUNDING_FLOOR);
		CHECK(exact_money_from_money(money_zero(currency_find(TEXT("USD"))), &sum));
		for (size_t i = 0; i < count; i++) {
			lines[i] = exact_line(&arena, "0");
			CHECK(fraction_make(check_between(&state, -100000, 100000), check_between(&state, 1, 997), &lines[i]->exact.amount));
			CHECK(exact_money_add(sum, lines[i]->exact, &sum));
		}
		CHECK(exact_money_round(sum, mode, &expected));
		CHECK(invoice_round_together(&arena, lines, count, mode));
		total = money_zero(expected.currency);
		for (size_t i = 0; i < count; i++) {
			struct money floor, ceiling;
			check_note("round %d, line %zu", round, i);
			CHECK(exact_money_round(lines[i]->exact, ROUNDING_FLOOR, &floor));
			CHECK(exact_money_round(lines[i]->exact, ROUNDING_CEILING, &ceiling));
			CHECK(count == 1 || lines[i]->amount.minor == floor.minor || lines[i]->amount.minor == floor.minor + 1);
			total.minor += lines[i]->amount.minor;
		}
		CHECK_EQ_INT(total.minor, expected.minor);
	}
	arena_finish(&arena);
}

/* Money holds no more than some 9.2e18 cents, and a fraction no more than 38 digits. */
TEST(lines_that_do_not_fit_together_are_refused_and_not_wrapped)
{
	static const char *const fractions[][2] = {
		{ "90000000000000000.005", "90000000000000000.005" },                 /* the sum of the cents */
		{ "1000000000000000000000000.5", "1" },                              /* one alone */
		{ "1/99999999999999999989", "1/99999999999999999971" },              /* the exact sum */
	};
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
		struct invoice_line *lines[] = { exact_line(&arena, fractions[i][0]), exact_line(&arena, fractions[i][1]) };
		check_note("%s and %s", fractions[i][0], fractions[i][1]);
		CHECK(!invoice_round_together(&arena, lines, 2, ROUNDING_HALF_UP));
	}
	arena_finish(&arena);
}

TEST(no_lines_and_one_line_are_rounded_as_they_are)
{
	struct arena arena;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(invoice_round_together(&arena, NULL, 0, ROUNDING_HALF_UP));
	struct invoice_line *line = exact_line(&arena, "1000000000000000000000000.5");
	CHECK(!invoice_round_together(&arena, &line, 1, ROUNDING_HALF_UP));
	arena_finish(&arena);
}

/* ---- rounding places ---- */

#define PERCENT_OF(code, target, more) "{'price_code':'" code "','kind':'percent','percent':'7.5','targets':[{'price_code':'" target "'}]" more "}"
#define THREE_PERCENTS(more) PERCENT_OF("TA", "A", more) "," PERCENT_OF("TB", "B", more) "," PERCENT_OF("TC", "C", more)

/* Three charges of 9.985, each with 7.5 % of it on top, rounded as a rule answers. */
static void deploy_answer(struct desk *desk, const char *answer, bool taxes)
{
	shop_open_empty(desk, "", false);
	shop_deploy(desk, text_format(&desk->arena, "rule 'cents' { policy = 'rounding', run = function () return { %s } end }",
	                              answer).data);
	shop_furnish(desk);
	desk_do(desk, "plan.create",
	        text_format(&desk->arena,
	                    "{'code':'T','charges':[{'price_code':'A','kind':'recurring','amount':'9.985'},"
	                    "{'price_code':'B','kind':'recurring','amount':'9.985'},"
	                    "{'price_code':'C','kind':'recurring','amount':'9.985'},%s]}",
	                    taxes ? THREE_PERCENTS(",'tax':true") : THREE_PERCENTS("")).data);
	desk_do(desk, "order.place", "{'account_id':1,'start_date':'2011-09-01','create_invoice':true,"
	                             "'lines':[{'plan':'T','quantity':'1'}]}");
}

static void deploy_rounding(struct desk *desk, const char *mode, const char *place)
{
	char answer[80];
	snprintf(answer, sizeof answer, "mode = '%s', place = '%s'", mode, place);
	deploy_answer(desk, answer, false);
}

TEST(rounding_by_line_rounds_each)
{
	struct desk desk;
	deploy_rounding(&desk, "half_up", "line");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.99; B 9.99; C 9.99; TA 0.75; TB 0.75; TC 0.75");
	desk_close(&desk);
}

TEST(rounding_by_rate_rounds_the_tax_of_a_rate_once)
{
	struct desk desk;
	deploy_rounding(&desk, "half_up", "rate");
	/* three times 0.74925 are 2.24775 */
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.99; B 9.99; C 9.99; TA 0.75; TB 0.75; TC 0.75");
	CHECK_EQ_TEXT(shop_invoice(&desk, 2396)->rounding, "half_up per rate");
	desk_close(&desk);
	deploy_rounding(&desk, "down", "rate");
	/* three times 0.7485 are 2.2455 */
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.98; B 9.98; C 9.98; TA 0.75; TB 0.75; TC 0.74");
	desk_close(&desk);
}

TEST(rounding_by_invoice_rounds_the_total_once_and_the_lines_add_up)
{
	struct desk desk;
	deploy_rounding(&desk, "half_up", "invoice");
	/* 29.955 and 2.246625 are 32.201625 */
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.99; B 9.98; C 9.98; TA 0.75; TB 0.75; TC 0.75");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 32.20 32.20");
	CHECK_EQ_TEXT(shop_invoice(&desk, 2396)->rounding, "half_up per invoice");
	desk_close(&desk);
}

TEST(taxes_of_orders_become_cents_in_a_place_of_their_own)
{
	struct desk desk;
	/* three times 0.7485 are 2.2455 */
	deploy_answer(&desk, "mode = 'down', place = 'line', tax_place = 'invoice'", true);
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.98; B 9.98; C 9.98; TA 0.75; TB 0.75; TC 0.74");
	CHECK_EQ_TEXT(shop_invoice(&desk, 2396)->rounding, "down per line, taxes per invoice");
	desk_close(&desk);
	/* 29.955 are 29.95 */
	deploy_answer(&desk, "mode = 'down', place = 'invoice', tax_place = 'line'", true);
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.99; B 9.98; C 9.98; TA 0.74; TB 0.74; TC 0.74");
	desk_close(&desk);
	/* what is no tax has the place of the lines */
	deploy_answer(&desk, "mode = 'down', place = 'line', tax_place = 'invoice'", false);
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "A 9.98; B 9.98; C 9.98; TA 0.74; TB 0.74; TC 0.74");
	desk_close(&desk);
}

TEST(a_rule_of_seconds_is_told_those_of_an_orders_part_by_the_accounts_clock)
{
	struct desk desk; /* 12 days of 31 in October, one of them with 25 hours: 1040400 of 2682000 seconds of 165.00 */
	shop_open_with(&desk, "'policies':{'proration':'proration/seconds'}");
	desk_do(&desk, "account.create", "{'name':'Ann','time_zone':'Europe/Paris'}");
	desk_do(&desk, "order.place", "{'account_id':2,'plan':'H1','start_date':'2011-10-20','create_invoice':true,'status':'active',"
	                              "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 64.01");
	desk_close(&desk);
}

/* ---- discounts ---- */

TEST(a_discount_is_a_line_of_its_own_before_percentages)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10','text':'welcome'},{'percent':'2.5'}]");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; welcome -5.50; Discount 2.5 % -1.38; TAX 4.81");
	desk_close(&desk);
}

TEST(a_discount_of_everything_leaves_a_settled_invoice_of_nothing)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'60'},{'percent':'60'}]");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 55.00; Discount 60 % -33.00; Discount 60 % -22.00; TAX 0.00");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 0.00 0.00");
	desk_close(&desk);
}

/* What an order of 60.50 with a discount becomes when a rule decides what is taken off. */
static void discount_by_rule(struct desk *desk, const char *answer, const char *lines)
{
	shop_open(desk);
	shop_deploy(desk, text_format(&desk->arena,
	                              "rule 'off' { policy = 'discount', run = function (request) return %s end }", answer).data);
	shop_order(desk, "'create_invoice':true,'discounts':[{'percent':'10'}]");
	CHECK_EQ_TEXT(shop_lines(desk, 2396), lines);
	desk_close(desk);
}

TEST(a_discount_by_a_rule_takes_off_nothing_at_least_and_what_is_left_at_most)
{
	struct desk desk;
	discount_by_rule(&desk, "request.amount:percent('50')", "MNTHLY 60.50; Discount 10 % -30.25");
	discount_by_rule(&desk, "money('-5.00', 'USD')", "MNTHLY 60.50; Discount 10 % 0.00");
	discount_by_rule(&desk, "money('60.51', 'USD')", "MNTHLY 60.50; Discount 10 % -60.50");
}

TEST(a_discount_in_another_currency_is_refused)
{
	struct desk desk;
	void *order;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'off' { policy = 'discount', run = function () return money('1.00', 'EUR') end }");
	CHECK(!desk_try_text(&desk, "order.place",
	                     shop_order_text(&desk, "H1", "'create_invoice':true,'discounts':[{'percent':'10'}]"), &order));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_RULE_FAILED);
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	desk_close(&desk);
}

TEST(a_discount_of_no_percent_or_of_nothing_is_no_line)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create", "{'code':'FREE','charges':[{'price_code':'A','kind':'recurring','amount':'0.00'}]}");
	shop_order(&desk, "'create_invoice':true,'discounts':[{'percent':'0'}]");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.50");
	desk_do(&desk, "order.place", "{'account_id':1,'start_date':'2011-09-20','create_invoice':true,"
	                              "'lines':[{'plan':'FREE','quantity':'1'}],'discounts':[{'percent':'10'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "A 0.00");
	desk_close(&desk);
}

TEST(a_discount_waits_for_the_first_invoice_and_is_gone_after_it)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'discounts':[{'percent':'10'}]");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.50; MNTHLY 165.00; Discount 10 % -22.55");
	CHECK_EQ_TEXT(shop_lines(&desk, 2397), "MNTHLY 165.00");
	desk_close(&desk);
}

/* ---- rules ---- */

TEST(a_rule_may_add_a_line_and_change_one_before_the_invoice_is_made)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'round it' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  invoice.lines[1].amount = money('60.00', 'USD')\n"
	                   "  invoice.lines:add { description = 'handling', amount = money('1.50', 'USD') }\n"
	                   "  invoice.notes = 'thank you'\nend }");
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "MNTHLY 60.00; handling 1.50");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 open 61.50 61.50");
	const struct invoice *invoice = shop_invoice(&desk, 2396);
	CHECK_EQ_TEXT(invoice->notes, "thank you");
	CHECK_EQ_INT(invoice->lines.items[1].kind, INVOICE_LINE_KIND_ADJUSTMENT);
	CHECK_EQ_TEXT(invoice->lines.items[0].decision, "{\"by\":\"a rule before invoice.create\"}");
	desk_close(&desk);
}

TEST(a_line_that_a_rule_takes_away_leaves_the_others_as_they_were)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'no setup' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  invoice.lines:remove(1)\nend }");
	desk_do(&desk, "plan.create",
	        "{'code':'Z','charges':[{'price_code':'A','kind':'recurring','amount':'7'},"
	        "{'price_code':'B','kind':'recurring','amount':'9'},"
	        "{'price_code':'C','kind':'recurring','amount':'5','standard_quantity':'0','mandatory':true}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'Z','create_invoice':true,"
	                              "'lines':[{'price_code':'A','quantity':'1'},{'price_code':'B','quantity':'1'}]}");
	CHECK_EQ_TEXT(shop_lines(&desk, 2396), "B 9.00; C 0.00");
	const struct invoice *invoice = shop_invoice(&desk, 2396);
	CHECK_EQ_INT(invoice->lines.items[0].position, 1);
	CHECK(text_starts(invoice->lines.items[0].decision, "{\"quantity\":"));
	CHECK_EQ_TEXT(decimal_canonical_text(&desk.arena, invoice->lines.items[1].quantity), "0");
	desk_close(&desk);
}

TEST(a_rule_cannot_bring_an_invoice_below_nothing)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'gift' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  invoice.lines:add { description = 'gift', amount = money('-60.51', 'USD') }\nend }");
	void *order;
	CHECK(!desk_try_text(&desk, "order.place", shop_order_text(&desk, "H1", "'create_invoice':true"), &order));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_OUT_OF_RANGE);
	desk_close(&desk);
}

TEST(an_invoice_number_is_what_the_policy_writes_and_never_twice_the_same)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'numbers' { policy = 'invoice_number', run = function (request)\n"
	                   "  if request.counter > 1020 then return 'RE-1019' end\n"
	                   "  return 'RE-' .. tostring(request.counter)\nend }");
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(shop_invoices(&desk), "RE-1019 open 60.50 60.50; RE-1020 open 60.50 60.50");
	void *order;
	CHECK(!desk_try_text(&desk, "order.place", shop_order_text(&desk, "H1", "'create_invoice':true"), &order));
	CHECK_EQ_INT(desk.problems.first->code, PROBLEM_DUPLICATE);
	CHECK(strstr(desk.problems.first->message, "rule 'numbers' (rules/") != NULL);
	desk_close(&desk);
}

TEST(an_invoice_number_has_the_prefix_and_digits_of_the_settings)
{
	struct desk desk;
	shop_open_with(&desk, "'invoice_number':{'prefix':'INV-','digits':6}");
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(shop_invoices(&desk), "INV-001019 open 60.50 60.50");
	desk_close(&desk);
}

TEST(a_line_tells_how_its_amount_was_made)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	const struct invoice *invoice = shop_invoice(&desk, 2396);
	struct problems problems;
	problems_init(&problems, &desk.arena);
	const struct json *monthly = json_parse(invoice->lines.items[0].decision, &desk.arena, &problems);
	const struct json *tax = json_parse(invoice->lines.items[1].decision, &desk.arena, &problems);
	CHECK(monthly && tax);
	CHECK_EQ_TEXT(json_text(json_member(monthly, "whole")), "150");
	CHECK_EQ_TEXT(json_text(json_item(json_member(monthly, "served"), 0)), "2011-09-20");
	CHECK_EQ_TEXT(json_text(json_member(json_member(monthly, "proration"), "rule")), "proration/inclusive_days");
	CHECK_EQ_TEXT(json_text(json_member(json_member(monthly, "rounding"), "rule")), "rounding/half_up");
	CHECK_EQ_TEXT(json_text(json_member(tax, "of")), "55");
	CHECK_EQ_TEXT(json_text(json_member(json_member(tax, "tax"), "rule")), "tax/percent");
	CHECK_EQ_TEXT(fraction_text(&desk.arena, invoice->lines.items[0].exact.amount), "55");
	desk_close(&desk);
}

TEST(amounts_too_large_are_refused_and_not_wrapped)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'BIG','charges':[{'price_code':'A','kind':'recurring','amount':'99999999999999.99','prorated':true}]}");
	CHECK_EQ_INT(desk_refused(&desk, "order.quote", "{'plan':'BIG','quantity':'1000000000'}")->code, PROBLEM_OVERFLOW);
	CHECK_EQ_INT(desk_refused(&desk, "order.place",
	                          "{'account_id':1,'plan':'BIG','start_date':'2011-09-20','create_invoice':true,"
	                          "'lines':[{'price_code':'A','quantity':'999999999.999999'}]}")->code,
	             PROBLEM_OUT_OF_RANGE);
	CHECK_EQ_TEXT(shop_orders(&desk), "");
	desk_close(&desk);
}

/* ---- cancelling ---- */

TEST(a_cancelled_invoice_owes_nothing_and_may_suspend_its_orders)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	desk.event_count = 0;
	desk_do(&desk, "invoice.cancel", "{'id':2396}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre invoice.cancel, post invoice.cancel");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active; 382 1037 active");
	desk_do(&desk, "invoice.cancel", "{'id':2397,'suspend_orders':true}");
	CHECK_EQ_TEXT(desk_events(&desk), "pre invoice.cancel, pre subscription.status_change, post subscription.status_change, "
	                                  "post invoice.cancel");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active; 382 1037 suspended");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 cancelled 60.50 0.00; 1020 cancelled 60.50 0.00");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':2396}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':1}", PROBLEM_NOT_FOUND, "/id");
	desk_close(&desk);
}

TEST(an_invoice_that_something_was_paid_of_is_not_cancelled)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "9.99", "");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':2396}", PROBLEM_WRONG_STATE, "/id");
	shop_pay(&desk, "50.51", "");
	CHECK_REFUSED(&desk, "invoice.cancel", "{'id':2396,'suspend_orders':true}", PROBLEM_WRONG_STATE, "/id");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1019 settled 60.50 0.00");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 active");
	desk_close(&desk);
}

TEST(a_rule_may_have_the_orders_suspended_too)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'always' { pre = 'invoice.cancel', run = function (invoice, ctx)\n"
	                   "  ctx.event.suspend_orders = true\nend }");
	desk_do(&desk, "invoice.cancel", "{'id':2396}");
	CHECK_EQ_TEXT(shop_orders(&desk), "381 1036 suspended");
	desk_close(&desk);
}

/* ---- reading ---- */

static bool invoices_are_found(struct command *command, void *context)
{
	struct invoice *invoice;
	struct invoice_list list = { 0 };
	(void)context;
	CHECK(invoice_by_number(command, TEXT("1019"), &invoice) && invoice && invoice->id == 2396 && invoice->lines.count == 1);
	CHECK(invoice_find(command, 1019, &invoice) && !invoice);
	CHECK(invoices_of_order(command, 1, 381, &list) && list.count == 2);
	CHECK_EQ_INT(list.items[0].id, 2396);
	CHECK_EQ_INT(list.items[1].id, 2398);
	list = (struct invoice_list){ 0 };
	CHECK(invoices_open(command, 1, &list) && list.count == 3);
	struct object_filter filter = { .status = INVOICE_STATUS_OPEN, .account_id = 1, .max = 1 };
	list = (struct invoice_list){ 0 };
	CHECK(invoice_page(command, &filter, &list) && list.count == 1 && list.items[0].id == 2398);
	struct order *order;
	struct date next;
	CHECK(order_find(command, 381, &order) && order && order_next_bill_date(command, order, &next));
	CHECK_EQ_TEXT(date_text(command->arena, next), "2011-11-01");
	return true;
}

TEST(an_invoice_is_found_by_id_number_and_order)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(shop_lines(&desk, 2398), "MNTHLY 165.00; MNTHLY 165.00");
	desk_read(&desk, invoices_are_found, NULL);
	desk_close(&desk);
}

CHECK_MAIN
