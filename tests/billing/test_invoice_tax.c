/* test_invoice_tax.c: the tax lines of plans that are subscribed to directly: where they become cents, what is included, what the
 * invoice says of it. */
#include "shop.h"

#include "billing/catalog_plan.h"
#include "billing/explain.h"
#include "billing/invoice_tax.h"
#include "billing/invoice_tax_lines.h"

/* ---- two lines of a plan, taxed ---- */

struct taxed {
	const char *amounts[3]; /* of the lines, ends with NULL */
	struct invoice_calculation calculation;
};

static void add(struct command *command, const struct account *account, const struct catalog_plan *plan, const char *amount,
                struct invoice_calculation *calculation)
{
	struct invoice_line *line = list_add(command->arena, &calculation->lines, struct invoice_line);
	*line = (struct invoice_line){ .position = (int64_t)calculation->lines.count, .kind = INVOICE_LINE_KIND_RECURRING,
		                       .plan = plan->code, .catalog_plan_id = plan->id, .currency = account->currency,
		                       .convention = command_setting(command, "billing.convention"),
		                       .convention_by = INVOICE_LINE_CONVENTION_BY_TENANT };
	CHECK(money_parse(text_of(amount), account->currency, &line->amount));
}

static bool tax(struct command *command, void *context)
{
	struct taxed *taxed = context;
	struct account account = { .id = 1, .currency = currency_find(TEXT("USD")) };
	struct catalog_plan *plan;
	CHECK(catalog_plan_by_code(command, TEXT("gold"), command->now, &plan) && plan);
	taxed->calculation = (struct invoice_calculation){ .rounding = TEXT_NONE };
	for (size_t i = 0; taxed->amounts[i]; i++)
		add(command, &account, plan, taxed->amounts[i], &taxed->calculation);
	return invoice_tax_lines_add(command, &account, 0, &taxed->calculation);
}

/* "VAT 20 % 13.67 of line 1; ..." */
static struct text tax_text(struct desk *desk, const char *settings, struct taxed *taxed)
{
	struct text_builder out;
	shop_open_empty(desk, settings, false);
	desk_do(desk, "catalog.add_plan", "{'code':'gold','product':'gold','amount':'68.33','billing_period':'monthly'}");
	desk_read(desk, tax, taxed);
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < taxed->calculation.lines.count; i++) {
		const struct invoice_line *line = &taxed->calculation.lines.items[i];
		if (line->kind != INVOICE_LINE_KIND_TAX)
			continue;
		struct text amount = money_amount_text(&desk->arena, line->amount);
		builder_format(&out, "%s%.*s: %.*s of line %lld", out.length ? "; " : "", TEXT_ARG(line->description),
		               TEXT_ARG(amount), (long long)line->linked_position);
	}
	return builder_text(&out);
}

TEST(without_a_tax_in_the_settings_there_is_none)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "68.33", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "", &taxed), "");
	desk_close(&desk);
}

TEST(each_line_bears_the_tax_of_the_settings)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "68.33", "68.33", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "'tax':{'percent':'20','name':'VAT'}", &taxed),
	              "VAT 20 %: 13.67 of line 1; VAT 20 %: 13.67 of line 2");
	CHECK_EQ_TEXT(taxed.calculation.rounding, "half_up per line");
	desk_close(&desk);
}

TEST(taxes_rounded_as_a_sum_are_a_cent_less)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "68.33", "68.33", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "'tax':{'percent':'20','name':'VAT'},'billing':{'convention':'lago'}", &taxed),
	              "VAT 20 %: 13.67 of line 1; VAT 20 %: 13.66 of line 2");
	CHECK_EQ_TEXT(taxed.calculation.rounding, "half_up per line, taxes per invoice");
	desk_close(&desk);
}

TEST(a_repair_is_taxed_below_zero)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "-34.17", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "'tax':{'percent':'20','name':'VAT'}", &taxed), "VAT 20 %: -6.83 of line 1");
	desk_close(&desk);
}

TEST(a_tax_that_is_included_adds_nothing_and_tells_its_amount)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "120.00", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "'tax':{'percent':'20','name':'VAT','inclusive':true}", &taxed),
	              "VAT 20 %, 20.00 USD included: 0.00 of line 1");
	desk_close(&desk);
}

TEST(a_line_of_nothing_bears_no_tax)
{
	struct desk desk;
	struct taxed taxed = { .amounts = { "0.00", "68.33", NULL } };
	CHECK_EQ_TEXT(tax_text(&desk, "'tax':{'percent':'20','name':'VAT'}", &taxed), "VAT 20 %: 13.67 of line 2");
	desk_close(&desk);
}

/* ---- through the commands ---- */

/* A plan of 68.33 a month from 6 September 2011; the account is billed on the 1st. */
static struct text subscribed(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_do(desk, "catalog.add_plan", "{'code':'gold','product':'gold','amount':'68.33','billing_period':'monthly'}");
	const struct account *account = desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':%lld,'plan':'gold'}", (long long)account->id).data);
	return shop_invoices(desk);
}

TEST(what_a_run_bills_is_taxed)
{
	struct desk desk; /* 25/30 of 68.33 is 56.94, 10 % of that 5.69 */
	CHECK_EQ_TEXT(subscribed(&desk, "'tax':{'percent':'10'}"), "1 open 62.63 62.63");
	desk_close(&desk);
}

static void taxes_of_then_are_given_back(const char *percent_now)
{
	struct desk desk; /* 15 of 25 days of 56.94 are 34.16, 10 % of that 3.42 */
	CHECK_EQ_TEXT(subscribed(&desk, "'tax':{'percent':'10'}"), "1 open 62.63 62.63");
	desk_do(&desk, "tenant.configure", text_format(&desk.arena, "{'settings':{'tax':{'percent':%s}}}", percent_now).data);
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 62.63 25.05; 2 settled -37.58 0.00");
	desk_close(&desk);
}

TEST(a_repair_gives_back_the_taxes_that_were_charged_whatever_is_in_force)
{
	taxes_of_then_are_given_back("'10'");
	taxes_of_then_are_given_back("'20'");
	taxes_of_then_are_given_back("null");
}

TEST(a_convention_says_where_cycles_begin)
{
	struct desk desk; /* from the 6th on the 6th: a whole month */
	CHECK_EQ_TEXT(subscribed(&desk, "'billing':{'convention':'stripe'},'tax':{'percent':'10'}"), "1 open 75.16 75.16");
	desk_close(&desk);
}

TEST(a_tax_goes_with_the_line_that_a_rule_takes_away_and_the_others_stay_on_theirs)
{
	struct desk desk;
	shop_open_empty(&desk, "'tax':{'percent':'10'}", false);
	shop_deploy(&desk, "rule \"one is enough\" { pre = \"invoice.create\", run = function (invoice)\n"
	                   "  if invoice.lines[1].plan == \"gold\" then invoice.lines:remove(1) end\nend }");
	desk_do(&desk, "catalog.add_plan", "{'code':'gold','product':'gold','amount':'68.33','billing_period':'monthly'}");
	desk_do(&desk, "catalog.add_plan", "{'code':'tin','product':'tin','amount':'20.00','billing_period':'monthly'}");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1,'external_key':'ann'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'off'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold','start_date':'2011-10-01'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'tin','start_date':'2011-10-01'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	shop_advance(&desk, "2011-10-01T12:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 22.00 22.00");
	CHECK_EQ_TEXT(shop_lines(&desk, 1), "tin 20.00; Tax 10 % 2.00");
	CHECK_EQ_INT(shop_invoice(&desk, 1)->lines.items[1].linked_position, 1);
	desk_close(&desk);
}

/* ---- drafts that are added to ---- */

static bool explain_body(struct command *command, void *context)
{
	struct shop_one *one = context;
	return explain_invoice(command, one->id, EXPLAIN_ALL, (struct explanation **)&one->found);
}

/* What lines keep leads to their amounts once more. */
static void check_explained(struct desk *desk, int64_t invoice_id)
{
	struct shop_one one = { .id = invoice_id };
	desk_read(desk, explain_body, &one);
	const struct explanation *explanation = one.found;
	CHECK(explanation != NULL);
	if (!explanation->same)
		CHECK_FAIL("it does not come to the same: %.*s", TEXT_ARG(json_record_text(&desk->arena, &explanation_record, explanation)));
}

enum { ADDITIONS = 4 };

/* Four lines of 0.05, one after the other. */
static struct text draft_added_to(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_do(desk, "catalog.add_plan", "{'code':'tiny','product':'tiny','amount':'0.05','billing_period':'monthly'}");
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':6}");
	desk_do(desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	for (int i = 0; i < ADDITIONS; i++)
		desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'tiny'}");
	check_explained(desk, 1);
	return shop_lines(desk, 1);
}

TEST(a_draft_that_is_added_to_bears_the_taxes_of_all_its_lines_at_once)
{
	static const char *const policies[] = { "half_up_per_invoice", "half_up_per_rate", "tax_once" };
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
		struct desk desk;
		char settings[120];
		snprintf(settings, sizeof settings, "'tax':{'percent':'10'},'policies':{'rounding':'rounding/%s'}", policies[i]);
		CHECK_EQ_TEXT(draft_added_to(&desk, settings), "tiny 0.05; Tax 10 % 0.01; tiny 0.05; Tax 10 % 0.00; tiny 0.05; Tax 10 % 0.01; "
		                                           "tiny 0.05; Tax 10 % 0.00");
		desk_close(&desk);
	}
}

TEST(lines_that_are_rounded_one_by_one_stay_so_on_a_draft_that_is_added_to)
{
	struct desk desk;
	CHECK_EQ_TEXT(draft_added_to(&desk, "'tax':{'percent':'10'}"),
	              "tiny 0.05; Tax 10 % 0.01; tiny 0.05; Tax 10 % 0.01; tiny 0.05; Tax 10 % 0.01; tiny 0.05; Tax 10 % 0.01");
	desk_close(&desk);
}

TEST(a_tax_within_the_price_tells_its_part_of_what_the_draft_has_in_it)
{
	struct desk desk; /* 0.05 x 10 / 110 is 0.00454...: of four 0.018, so 0.02 */
	CHECK_EQ_TEXT(draft_added_to(&desk, "'tax':{'percent':'10','inclusive':true},'policies':{'rounding':'rounding/tax_once'}"),
	              "tiny 0.05; Tax 10 %, 0.00 USD included 0.00; tiny 0.05; Tax 10 %, 0.01 USD included 0.00; "
	              "tiny 0.05; Tax 10 %, 0.00 USD included 0.00; tiny 0.05; Tax 10 %, 0.01 USD included 0.00");
	desk_close(&desk);
}

TEST(what_a_rule_adds_to_an_invoice_is_rounded_with_what_it_has)
{
	struct desk desk;
	shop_open_empty(&desk, "'tax':{'percent':'10'},'policies':{'rounding':'rounding/tax_once'}", false);
	shop_deploy(&desk, "rule 'one invoice' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  ctx.event.append_to_unsent = true\nend }");
	desk_do(&desk, "catalog.add_plan", "{'code':'tiny','product':'tiny','amount':'0.05','billing_period':'monthly'}");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':6}");
	for (int i = 0; i < ADDITIONS; i++)
		desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'tiny'}");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 0.22 0.22");
	check_explained(&desk, 1);
	desk_close(&desk);
}

/* ---- what goes back ---- */

enum { OCTOBER_DAYS = 31 };

/* What lines of the kinds came to on invoices 2 to `last`, which give back; each is explained. */
struct given_back {
	int64_t lines, taxes;
};

static struct given_back given_back(struct desk *desk, int64_t last)
{
	struct given_back sum = { 0, 0 };
	for (int64_t id = 2; id <= last; id++) {
		const struct invoice *invoice = shop_invoice(desk, id);
		for (size_t i = 0; i < invoice->lines.count; i++)
			*(invoice->lines.items[i].kind == INVOICE_LINE_KIND_TAX ? &sum.taxes : &sum.lines) += invoice->lines.items[i].amount.minor;
		check_explained(desk, id);
	}
	return sum;
}

/* October of a plan, invoice 1. */
static void charge_october(struct desk *desk, const char *amount, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_do(desk, "catalog.add_plan",
	        text_format(&desk->arena, "{'code':'tiny','product':'tiny','amount':'%s','billing_period':'monthly'}", amount).data);
	desk_do(desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	shop_advance(desk, "2011-10-31T15:00:00Z");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'tiny','start_date':'2011-10-01'}");
	check_explained(desk, 1);
}

static void give_back_from(struct desk *desk, int day)
{
	desk_do(desk, "blocking_state.set",
	        text_format(&desk->arena, "{'account_id':1,'service':'f','state':'B','block_billing':true,'effective_date':'2011-10-%02d'}",
	                    day).data);
}

TEST(of_many_small_repairs_the_taxes_are_right_after_each_and_in_the_end_those_that_were_charged)
{
	static const char *const settings[] = {
		"'tax':{'percent':'5'}", "'tax':{'percent':'5'},'policies':{'rounding':'rounding/half_up_per_invoice'}",
		"'tax':{'percent':'5'},'policies':{'rounding':'rounding/half_up_per_rate'}",
	};
	for (size_t s = 0; s < sizeof settings / sizeof *settings; s++) {
		struct desk desk;
		charge_october(&desk, "3.10", settings[s]);
		CHECK_EQ_TEXT(shop_lines(&desk, 1), "tiny 3.10; Tax 5 % 0.16");
		for (int day = OCTOBER_DAYS, invoice = 2; day > 0; day--, invoice++) {
			give_back_from(&desk, day);
			struct given_back sum = given_back(&desk, invoice);
			bool last = day == 1;
			CHECK_EQ_INT(sum.lines, -10 * (invoice - 1));
			CHECK_EQ_INT(sum.taxes, last ? -16 : -((-sum.lines * 5 + 50) / 100)); /* half up, away from nothing */
		}
		desk_close(&desk);
	}
}

TEST(a_tax_of_nothing_gives_nothing_back_of_it)
{
	struct desk desk; /* 5 % of 0.09 are 0.0045, so nothing: parts of it bear nothing either */
	charge_october(&desk, "0.09", "'tax':{'percent':'5'}");
	CHECK_EQ_TEXT(shop_lines(&desk, 1), "tiny 0.09; Tax 5 % 0.00");
	give_back_from(&desk, 16);
	give_back_from(&desk, 1);
	struct given_back sum = given_back(&desk, 3);
	CHECK_EQ_INT(sum.lines, -9);
	CHECK_EQ_INT(sum.taxes, 0);
	desk_close(&desk);
}

TEST(the_last_of_a_line_takes_the_rest_of_a_tax_that_a_rule_decided)
{
	struct desk desk;
	shop_open_empty(&desk, "'tax':{'percent':'5'}", false);
	shop_deploy(&desk, "rule 'more' { pre = 'invoice.create', run = function (invoice)\n"
	                   "  if invoice.lines[1].kind == 'recurring' then invoice.lines[2].amount = money('1.00', 'USD') end\nend }");
	desk_do(&desk, "catalog.add_plan", "{'code':'tiny','product':'tiny','amount':'3.10','billing_period':'monthly'}");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	shop_advance(&desk, "2011-10-31T15:00:00Z");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'tiny','start_date':'2011-10-01'}");
	CHECK_EQ_TEXT(shop_lines(&desk, 1), "tiny 3.10; Tax 5 % 1.00");
	give_back_from(&desk, 12); /* 20 of 31 days */
	CHECK_EQ_INT(given_back(&desk, 2).taxes, -65);
	give_back_from(&desk, 1);
	CHECK_EQ_INT(given_back(&desk, 3).taxes, -100);
	desk_close(&desk);
}

TEST(a_tax_within_the_price_goes_back_with_its_parts)
{
	struct desk desk; /* 3.10 has 0.147... of 5 % in it */
	charge_october(&desk, "3.10", "'tax':{'percent':'5','inclusive':true}");
	CHECK_EQ_TEXT(shop_lines(&desk, 1), "tiny 3.10; Tax 5 %, 0.15 USD included 0.00");
	give_back_from(&desk, 22);
	give_back_from(&desk, 1);
	CHECK_EQ_TEXT(shop_lines(&desk, 2), "Unused time of tiny -1.00; Tax 5 %, -0.05 USD included 0.00");
	CHECK_EQ_TEXT(shop_lines(&desk, 3), "Unused time of tiny -2.10; Tax 5 %, -0.10 USD included 0.00");
	CHECK_EQ_INT(given_back(&desk, 3).taxes, 0);
	desk_close(&desk);
}

/* ---- bases ---- */

TEST(inclusive_rates_share_what_is_within_the_price)
{
	struct tax_rate ten = { .name = TEXT("A"), .percent = { 10, 0 }, .has_inclusive = true, .inclusive = true };
	struct tax_rate five = { .name = TEXT("B"), .percent = { 5, 0 }, .has_inclusive = true, .inclusive = true };
	struct exact_money price = { { 115, 1 }, currency_find(TEXT("USD")) };
	struct invoice_tax taxes[] = { { .rate = &ten, .base = price, .exact = { { 10, 1 }, price.currency } },
		                       { .rate = &five, .base = price } };
	struct tax_request request;
	CHECK(invoice_tax_ask(taxes, 0, 1, 2, &request));
	CHECK(decimal_compare(request.inclusive_percent, decimal_from_int64(15)) == 0);
	CHECK_EQ_INT((int64_t)request.before.amount.numerator, 10);
	CHECK(!invoice_tax_same_rate(&ten, &five));
}

TEST(the_effective_rate_of_nothing_is_weighed_by_number)
{
	const struct currency *usd = currency_find(TEXT("USD"));
	struct invoice_taxed_line lines[] = { { { { 0, 1 }, usd }, { 10, 1 } }, { { { 0, 1 }, usd }, { 22, 1 } } };
	struct fraction percent;
	CHECK(invoice_tax_effective_percent(lines, 2, &percent));
	CHECK_EQ_INT((int64_t)percent.numerator, 16);
	lines[0].net.amount.numerator = 1000;
	lines[1].net.amount.numerator = 2000;
	CHECK(invoice_tax_effective_percent(lines, 2, &percent));
	CHECK_EQ_INT((int64_t)percent.numerator, 18);
}

CHECK_MAIN
