/* test_explain.c: amounts explained and done again: each kind of line, what was changed since, what cannot be done again. */
#include "shop.h"

#include "billing/convention.h"
#include "billing/explain_work.h"

/* ---- asking ---- */

struct asked {
	int64_t invoice_id, position;
	struct explanation *explanation;
};

static bool explain_body(struct command *command, void *context)
{
	struct asked *asked = context;
	return explain_invoice(command, asked->invoice_id, asked->position, &asked->explanation);
}

static const struct explanation *explain(struct desk *desk, int64_t invoice_id)
{
	struct asked asked = { .invoice_id = invoice_id, .position = EXPLAIN_ALL };
	desk_read(desk, explain_body, &asked);
	CHECK(asked.explanation != NULL);
	return asked.explanation;
}

static void steps_write(struct desk *desk, const struct explanation_line *line, struct text_builder *out)
{
	for (size_t i = 0; i < line->steps.count; i++) {
		const struct explanation_step *step = &line->steps.items[i];
		struct text value = record_field_text(&explanation_step_record, step, EXPLANATION_STEP_FIELD_VALUE, &desk->arena);
		builder_format(out, "%s%.*s %.*s%s", i ? ", " : "", TEXT_ARG(step->step), TEXT_ARG(value),
		               step->same ? "" : " (not the same)");
	}
}

/* "price 165, proration 60.5, rounding 60.5 = 60.50; ..." */
static struct text told(struct desk *desk, const struct explanation *explanation)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < explanation->explained.count; i++) {
		const struct explanation_line *line = &explanation->explained.items[i];
		builder_c(&out, i ? "; " : "");
		steps_write(desk, line, &out);
		struct text amount = money_amount_text(&desk->arena, line->amount);
		builder_format(&out, " = %.*s", TEXT_ARG(amount));
	}
	return builder_text(&out);
}

static struct text explained(struct desk *desk, int64_t invoice_id)
{
	const struct explanation *explanation = explain(desk, invoice_id);
	struct text text = told(desk, explanation);
	if (!explanation->same)
		CHECK_FAIL("it does not come to the same: %.*s\n%.*s", TEXT_ARG(text),
		           TEXT_ARG(json_record_text(&desk->arena, &explanation_record, explanation)));
	return text;
}

/* ---- orders ---- */

TEST(a_part_of_a_month_is_told_by_price_days_rule_and_rounding)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(explained(&desk, 2396), "price 165, proration 60.5, rounding 60.5 = 60.50");
	const struct explanation *explanation = explain(&desk, 2396);
	const struct explanation_line *line = &explanation->explained.items[0];
	CHECK_EQ_TEXT(line->kind, "recurring");
	CHECK_EQ_TEXT(line->plan, "H1");
	CHECK_EQ_INT(line->days, 11);
	CHECK_EQ_INT(line->days_in_period, 30);
	const struct explanation_step *proration = &line->steps.items[1];
	CHECK_EQ_TEXT(line->steps.items[0].text, "1 x 165 = 165");
	CHECK_EQ_TEXT(proration->text, "11 of 30 days");
	CHECK_EQ_TEXT(proration->rule, "proration/inclusive_days");
	CHECK_EQ_TEXT(proration->file, "proration/inclusive_days.lua");
	CHECK(proration->has_line && proration->line > 1);
	CHECK_EQ_TEXT(proration->bundle, rule_bundle_name(rule_bundle_shipped()));
	CHECK_EQ_TEXT(proration->replayed, "60.50 USD");
	CHECK_EQ_TEXT(line->steps.items[2].text, "60.5 becomes 60.50, half_up per line");
	desk_close(&desk);
}

TEST(the_total_is_told_with_what_was_paid_and_credited)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_pay(&desk, "40.00", "'targets':[{'invoice_id':2396}]");
	const struct explanation *explanation = explain(&desk, 2396);
	CHECK(explanation->same);
	CHECK_EQ_TEXT(money_text(&desk.arena, explanation->total), "60.50 USD");
	CHECK_EQ_TEXT(money_text(&desk.arena, explanation->paid), "40.00 USD");
	CHECK_EQ_TEXT(money_text(&desk.arena, explanation->balance), "20.50 USD");
	CHECK_EQ_INT(explanation->lines.count, 1);
	desk_close(&desk);
}

TEST(discounts_with_their_limits_and_the_tax_of_what_is_left)
{
	struct desk desk;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'10'},{'percent':'2.5'}]");
	CHECK_EQ_TEXT(explained(&desk, 2396),
	              "price 150, proration 55, rounding 55 = 55.00; discount 5.5, rounding -5.5 = -5.50; "
	              "discount 1.375, rounding -1.375 = -1.38; tax 4.812, rounding 4.812 = 4.81");
	shop_order_plan(&desk, "H6", "'create_invoice':true,'discounts':[{'percent':'60'},{'percent':'60'}]");
	CHECK_EQ_TEXT(explained(&desk, 2397),
	              "price 150, proration 55, rounding 55 = 55.00; discount 33, rounding -33 = -33.00; "
	              "discount 33, limit 22, rounding -22 = -22.00; tax 0, rounding 0 = 0.00");
	desk_close(&desk);
}

TEST(tiers_are_kept_with_the_line_and_counted_again)
{
	struct desk desk;
	shop_open(&desk);
	desk_do(&desk, "plan.create",
	        "{'code':'G','charges':[{'price_code':'S','kind':'recurring','tier_mode':'graduated','tiers':["
	        "{'units_from':'1','units_to':'10','price':'2','flat':'5'},{'units_from':'11','price':'1.5'}]}]}");
	desk_do(&desk, "order.place", "{'account_id':1,'plan':'G','create_invoice':true,'lines':[{'price_code':'S','quantity':'12'}]}");
	CHECK_EQ_TEXT(explained(&desk, 2396), "tiers 28, rounding 28 = 28.00");
	CHECK_EQ_TEXT(explain(&desk, 2396)->explained.items[0].steps.items[0].text, "12 units by 2 graduated tiers = 28");
	desk_close(&desk);
}

TEST(usage_is_what_was_used_at_its_price)
{
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	shop_advance(&desk, "2011-09-25T12:00:00Z");
	desk_do(&desk, "usage.record",
	        "{'account_id':1,'price_code':'BANDWIDTH','quantity':'20.55','occurred_at':'2011-09-21T08:00:00Z'}");
	shop_advance(&desk, "2011-10-01T06:00:00Z");
	CHECK_EQ_TEXT(explained(&desk, 2397), "price 165, rounding 165 = 165.00; price 2.055, rounding 2.055 = 2.06");
	desk_close(&desk);
}

TEST(cents_of_lines_that_are_rounded_together_are_shared_out_again)
{
	static const char *const places[] = { "line", "rate", "invoice" };
	static const char *const modes[] = { "half_up", "down", "half_even", "up" };
	for (size_t i = 0; i < 36; i++) {
		struct desk desk;
		const char *mode = modes[i % 4], *place = places[i / 4 % 3], *of_taxes = places[i / 12];
		shop_open_empty(&desk, "", false);
		shop_deploy(&desk, text_format(&desk.arena,
		                               "rule 'cents' { policy = 'rounding', run = function ()\n"
		                               "  return { mode = '%s', place = '%s', tax_place = '%s' } end }",
		                               mode, place, of_taxes).data);
		shop_furnish(&desk);
		desk_do(&desk, "plan.create",
		        "{'code':'T','charges':[{'price_code':'A','kind':'recurring','amount':'9.985','prorated':true},"
		        "{'price_code':'B','kind':'recurring','amount':'9.984','prorated':true},{'price_code':'C','kind':'one_time','amount':'9.985'},"
		        "{'price_code':'TA','kind':'percent','percent':'7.5','targets':[{'price_code':'A'}],'tax':true},"
		        "{'price_code':'TB','kind':'percent','percent':'7.5','targets':[{'price_code':'B'}],'tax':true},"
		        "{'price_code':'TC','kind':'percent','percent':'8','targets':[{'price_code':'C'}]}]}");
		desk_do(&desk, "order.place", "{'account_id':1,'start_date':'2011-09-14','create_invoice':true,"
		                              "'lines':[{'plan':'T','quantity':'1'}],'discounts':[{'percent':'3'}]}");
		check_note("%s per %s, taxes per %s", mode, place, of_taxes);
		explained(&desk, 2396);
		desk_close(&desk);
	}
}

/* ---- rules of the tenant ---- */

#define OWN_RULE                                                                                             \
	"rule 'half' { policy = 'proration', when = { plan = 'H1' }, run = function (change, ctx)\n"          \
	"  if ctx.settings.tax.name == 'generous' then return change.price:portion(1, 4) end\n"                             \
	"  return change.price:portion(1, 2)\nend }"

TEST(a_rule_of_a_bundle_that_is_no_more_in_force_decides_as_it_did_with_the_settings_there_were)
{
	struct desk desk;
	shop_open_with(&desk, "'tax':{'name':'generous'}");
	shop_deploy(&desk, OWN_RULE);
	shop_order(&desk, "'create_invoice':true");
	shop_deploy(&desk, "rule 'other' { policy = 'proration', run = function (change) return change.price end }");
	desk_do(&desk, "tenant.configure", "{'settings':{'tax':{'name':'strict'}}}");
	CHECK_EQ_TEXT(explained(&desk, 2396), "price 165, proration 41.25, rounding 41.25 = 41.25");
	const struct explanation_step *step = &explain(&desk, 2396)->explained.items[0].steps.items[1];
	CHECK_EQ_TEXT(step->rule, "half");
	CHECK_EQ_TEXT(step->file, "rules/test.lua");
	CHECK_EQ_INT(step->line, 1);
	desk_close(&desk);
}

TEST(a_line_that_a_rule_changed_or_added_says_so)
{
	struct desk desk;
	shop_open(&desk);
	shop_deploy(&desk, "rule 'round it' { pre = 'invoice.create', run = function (invoice, ctx)\n"
	                   "  invoice.lines[1].amount = money('60.00', 'USD')\n"
	                   "  invoice.lines:add { description = 'handling', amount = money('1.50', 'USD') }\nend }");
	shop_order(&desk, "'create_invoice':true");
	CHECK_EQ_TEXT(explained(&desk, 2396), "given 60 = 60.00; given 1.5 = 1.50");
	CHECK_EQ_TEXT(explain(&desk, 2396)->explained.items[0].steps.items[0].text,
	              "The amount is of a rule before invoice.create, which added the line or changed what was calculated.");
	desk_close(&desk);
}

/* ---- catalog plans ---- */

/* A plan of 10.00 a month, billed on the 1st, from 6 September on. */
static void subscribe(struct desk *desk, const char *settings)
{
	shop_open_with(desk, settings);
	desk_do(desk, "catalog.add_plan",
	        "{'code':'gold-monthly','product':'Gold','amount':'10.00','billing_period':'monthly','currency':'USD'}");
	desk_do(desk, "account.update", "{'id':1,'bill_cycle_day':1}");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'gold-monthly'}");
}

TEST(a_catalog_plan_is_told_with_its_version_and_a_repair_with_the_line_it_takes_from)
{
	struct desk desk;
	subscribe(&desk, "");
	CHECK_EQ_TEXT(explained(&desk, 2396), "price 10, proration 8.33333333, rounding 8.33333333 = 8.33");
	const struct explanation_line *line = &explain(&desk, 2396)->explained.items[0];
	CHECK(text_present(line->catalog_version) && line->catalog_effective_at.us != 0);
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(explained(&desk, 2397), "repair 8.33, proration -4.998, rounding -4.998 = -5.00");
	CHECK_EQ_TEXT(explain(&desk, 2397)->explained.items[0].steps.items[0].text, "Takes from line 1 of invoice 1019: 8.33");
	CHECK_EQ_TEXT(explain(&desk, 2397)->explained.items[0].steps.items[1].text, "15 of 25 days; all of them cost 8.33");
	CHECK_EQ_TEXT(money_text(&desk.arena, explain(&desk, 2397)->credit_gained), "5.00 USD");
	explained(&desk, 2396);
	desk_close(&desk);
}

TEST(a_repair_that_takes_what_an_adjustment_left_says_so)
{
	struct desk desk;
	subscribe(&desk, "");
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "invoice.adjust", "{'id':2396,'position':1,'amount':'5'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(explained(&desk, 2397), "repair 8.33, proration -4.998, limit -3.33, rounding -3.33 = -3.33");
	CHECK_EQ_TEXT(explain(&desk, 2397)->explained.items[0].steps.items[2].text,
	              "Of the line 3.33 were left: it takes them all.");
	desk_close(&desk);
}

TEST(a_repair_of_days_of_which_some_were_given_back_says_so)
{
	struct desk desk;
	subscribe(&desk, "");
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "invoice.adjust", "{'id':2396,'position':1,'amount':'3','unused_from':'2011-09-21'}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(explained(&desk, 2397), "repair 8.33, proration -4.998, given_back -1.998, rounding -1.998 = -2.00");
	desk_close(&desk);
}

TEST(a_repair_of_which_an_adjustment_left_nothing_says_so)
{
	struct desk desk;
	subscribe(&desk, "");
	shop_advance(&desk, "2011-09-16T15:00:00Z");
	desk_do(&desk, "invoice.adjust", "{'id':2396,'position':1}");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(explained(&desk, 2397), "repair 8.33, proration -4.998, limit 0, rounding 0 = 0.00");
	desk_close(&desk);
}

TEST(taxes_of_a_catalog_plan_are_told_with_who_said_that_they_lie_on_it)
{
	struct desk desk;
	subscribe(&desk, "'tax':{'percent':'7.5','name':'VAT'}");
	CHECK_EQ_TEXT(explained(&desk, 2396), "price 10, proration 8.33333333, rounding 8.33333333 = 8.33; "
	                                      "tax_rates 0, tax 0.62475, rounding 0.62475 = 0.62");
	desk_close(&desk);
	subscribe(&desk, "'tax':{'percent':'7.5','name':'VAT','inclusive':true},'policies':{'tax':'tax/inclusive'}");
	const struct explanation_line *line = &explain(&desk, 2396)->explained.items[1];
	explained(&desk, 2396);
	CHECK_EQ_TEXT(line->steps.items[2].text, "0.58 are within the price: the line adds nothing.");
	desk_close(&desk);
}

#define USAGE_PLAN                                                                                           \
	"{'versions':[{'name':'v1','effective_at':'2011-01-01T00:00:00Z','products':[{'name':'Water','category':'base'}],"  \
	"'price_lists':[{'name':'DEFAULT','plans':[{'code':'water'}]}],"                                      \
	"'plans':[{'code':'water','product':'Water','phases':[{'kind':'evergreen','duration_unit':'unlimited',"    \
	"'usages':[{'name':'litres','kind':'consumable','billing_period':'monthly','tiers':["                      \
	"{'blocks':[{'unit':'litre','size':'10','max_blocks':'3','prices':[{'currency':'USD','amount':'1.5'}]}]},"   \
	"{'blocks':[{'unit':'litre','size':'10','prices':[{'currency':'USD','amount':'1'}]}]}]}]}]}]}]}"

/* 20.00 of 31.00 are given back by hand, 11 days by invoice 3; nothing is left for the 10 days of the draft, which is number 2. */
TEST(a_repair_of_a_draft_that_came_after_that_of_a_later_invoice_is_told_what_was_left)
{
	struct desk desk;
	shop_open_empty(&desk, "", false);
	shop_advance(&desk, "2012-01-01T00:00:00Z");
	desk_do(&desk, "catalog.add_plan", "{'code':'gold','product':'car','amount':'31','billing_period':'monthly'}");
	desk_do(&desk, "account.create", "{'name':'Ann','bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'gold'}");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'on'}");
	desk_do(&desk, "invoice.adjust", "{'id':1,'position':1,'amount':'20'}");
	shop_advance(&desk, "2012-01-21T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &invoice_record, "total"), "11.00; 31.00; -11.00");
	desk_do(&desk, "account.update", "{'id':1,'invoicing':'reuse_draft'}");
	desk_do(&desk, "blocking_state.set",
	        "{'subscription_id':1,'service':'test','state':'off','block_billing':true,'effective_date':'2012-01-11'}");
	const struct explanation *draft = explain(&desk, 2);
	CHECK_EQ_INT(draft->explained.count, 2);
	CHECK(draft->same);
	desk_close(&desk);
}

TEST(usage_of_a_catalog_plan_is_rated_again_by_its_tiers)
{
	struct desk desk;
	shop_open(&desk);
	desk_deploy_catalog(&desk, USAGE_PLAN);
	desk_do(&desk, "account.update", "{'id':1,'bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'water'}");
	shop_advance(&desk, "2011-09-10T15:00:00Z");
	desk_do(&desk, "usage.record_units", "{'subscription_id':1,'records':[{'unit':'litre','quantity':'55','occurred_at':'2011-09-10T08:00:00Z'}]}");
	shop_advance(&desk, "2011-10-02T15:00:00Z");
	CHECK_EQ_TEXT(explained(&desk, 2396), "usage 7.5, rounding 7.5 = 7.50");
	CHECK_EQ_TEXT(explain(&desk, 2396)->explained.items[0].steps.items[0].text, "55 litre by 2 tiers = 7.5");
	desk_close(&desk);
}

/* ---- random lives of subscriptions ---- */

static void step_at_random(struct desk *desk, uint64_t *state, int *day)
{
	static const char *const commands[][2] = {
		{ "subscription.change_plan", "{'id':1,'plan':'silver-monthly','policy':'immediate'}" },
		{ "subscription.change_plan", "{'id':1,'plan':'gold-monthly','policy':'immediate'}" },
		{ "subscription.change_quantity", "{'id':1,'quantity':3}" },
		{ "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}" },
		{ "subscription.uncancel", "{'id':1}" },
		{ "subscription.subscribe", "{'account_id':1,'plan':'gold-monthly'}" },
		{ "subscription.subscribe", "{'account_id':1,'plan':'silver-monthly','start_date':'2011-09-03'}" },
		{ "subscription.change_bill_cycle_day", "{'id':1,'bill_cycle_day':17}" },
	};
	void *output;
	size_t number = (size_t)check_between(state, 0, 9);
	*day += (int)check_between(state, 1, 12);
	struct date first;
	CHECK(date_make(2011, 9, 6, &first));
	struct date date = date_add_days(first, *day);
	shop_advance(desk, text_format(&desk->arena, "%.*sT12:00:00Z", TEXT_ARG(date_text(&desk->arena, date))).data);
	if (number < sizeof commands / sizeof *commands)
		desk_try_text(desk, commands[number][0], desk_json(desk, commands[number][1]), &output);
}

TEST(every_line_of_random_lives_of_subscriptions_comes_to_the_same_again)
{
	uint64_t state = check_seed();
	size_t lines = 0, repairs = 0;
	for (int round = 0; round < 12; round++) {
		struct desk desk;
		int day = 0;
		char settings[120];
		snprintf(settings, sizeof settings, "'billing':{'convention':'%s'}%s", convention_names[(size_t)round % convention_count],
		         round % 2 ? ",'tax':{'percent':'7.7','name':'VAT'}" : "");
		subscribe(&desk, settings);
		desk_do(&desk, "catalog.add_plan",
		        "{'code':'silver-monthly','product':'Silver','amount':'7.77','billing_period':'monthly','currency':'USD'}");
		for (int i = 0; i < 12; i++)
			step_at_random(&desk, &state, &day);
		struct text invoices = SHOP_SHOW(&desk, &invoice_record, "id");
		struct text one;
		for (bool more = invoices.length > 0; more;) {
			int64_t id;
			more = text_split(invoices, ';', &one, &invoices);
			CHECK(text_to_int64(text_trim(one), &id));
			check_note("round %d, invoice %lld", round, (long long)id);
			repairs += strstr(text_c(&desk.arena, explained(&desk, id)), "repair") != NULL;
			lines += explain(&desk, id)->lines.count;
		}
		desk_close(&desk);
	}
	CHECK(lines > 100 && repairs > 10);
}

/* ---- what was changed since ---- */

struct changed {
	void (*change)(struct desk *desk, struct invoice_line *line);
	struct desk *desk;
	struct explanation_line out;
};

static bool changed_body(struct command *command, void *context)
{
	struct changed *changed = context;
	struct explain_together together = { .fits = false };
	struct invoice *invoice;
	CHECK(invoice_find(command, 2396, &invoice));
	changed->change(changed->desk, &invoice->lines.items[0]);
	return explain_line(command, invoice, &invoice->lines.items[0], &together, &changed->out);
}

static void no_change(struct desk *desk, struct invoice_line *line)
{
	(void)desk, (void)line;
}

static void change_amount(struct desk *desk, struct invoice_line *line)
{
	(void)desk;
	line->amount.minor++;
}

static void change_exact(struct desk *desk, struct invoice_line *line)
{
	(void)desk;
	line->exact.amount.numerator++;
}

/* In the decision, wherever it stands. */
static void replace(struct desk *desk, struct invoice_line *line, const char *from, const char *to)
{
	const char *source = text_c(&desk->arena, line->decision), *found = strstr(source, from);
	CHECK(found != NULL);
	line->decision = text_format(&desk->arena, "%.*s%s%s", (int)(found - source), source, to, found + strlen(from));
}

static void change_unit_price(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "\"unit_price\":\"165\"", "\"unit_price\":\"166\"");
}

static void change_price_told(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "\"subject.price\":\"165\"", "\"subject.price\":\"166\"");
}

static void change_date(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "\"subject.service_start\":\"2011-09-20\"", "\"subject.service_start\":\"2011-09-21\"");
}

static void change_result(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "\"result\":\"60.50 USD\"", "\"result\":\"60.60 USD\"");
}

static void change_mode(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "half_up", "half_down");
}

static void change_rule(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "proration/inclusive_days\"", "proration/gone\"");
}

static void forget_reads(struct desk *desk, struct invoice_line *line)
{
	replace(desk, line, "\"reads\":", "\"red\":");
}

static void forget_decision(struct desk *desk, struct invoice_line *line)
{
	(void)desk;
	line->decision = TEXT_NONE;
}

TEST(whatever_is_changed_of_a_line_is_found_out)
{
	static void (*const changes[])(struct desk *desk, struct invoice_line *line) = {
		change_amount, change_exact, change_unit_price, change_price_told, change_date,  change_result,
		change_mode,   change_rule,  forget_reads,      forget_decision,
	};
	struct desk desk;
	shop_open(&desk);
	shop_order(&desk, "'create_invoice':true");
	struct changed changed = { no_change, &desk, { 0 } };
	desk_read(&desk, changed_body, &changed);
	CHECK(changed.out.same);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		check_note("change %zu", i);
		changed = (struct changed){ changes[i], &desk, { 0 } };
		desk_read(&desk, changed_body, &changed);
		CHECK(!changed.out.same);
		bool noted = false;
		for (size_t j = 0; j < changed.out.steps.count; j++)
			noted |= !changed.out.steps.items[j].same && text_present(changed.out.steps.items[j].note);
		CHECK(noted);
	}
	desk_close(&desk);
}

/* As the merge splits what was billed before from what is new: 8.33 of which 5.00 are charged apart. */
static void make_rest(struct desk *desk, struct invoice_line *line)
{
	const char *rounding = strstr(text_c(&desk->arena, line->decision), "\"rounding\":");
	CHECK(rounding != NULL);
	line->decision = text_format(&desk->arena, "{\"proration\":{\"of\":\"8.33\",\"less\":\"5.00\"},%s", rounding);
	line->amount.minor = 333;
	CHECK(exact_money_from_money(line->amount, &line->exact));
}

TEST(the_rest_of_a_split_amount_is_told_as_such)
{
	struct desk desk;
	subscribe(&desk, "");
	struct changed changed = { make_rest, &desk, { 0 } };
	desk_read(&desk, changed_body, &changed);
	CHECK(changed.out.same);
	CHECK_EQ_TEXT(changed.out.steps.items[1].step, "rest");
	CHECK_EQ_TEXT(changed.out.steps.items[1].text, "8.33 less 5.00 for days that are charged apart");
	desk_close(&desk);
}

/* ---- which ---- */

static bool explain_is_refused(struct command *command, void *context)
{
	struct explanation *explanation;
	CHECK(!explain_invoice(command, 2396, *(int64_t *)context, &explanation));
	const struct problem *problem = command->problems->first;
	CHECK_EQ_C(problem_info(problem->code)->name, "not_found");
	CHECK_EQ_C(problem->message, "invoice 1019 has no line 3");
	CHECK_EQ_C(problem->remedy, "Its lines are 1 to 2.");
	return true;
}

static bool explain_by_name(struct command *command, void *context)
{
	struct explanation *explanation;
	(void)context;
	CHECK(explain_invoice_called(command, TEXT("1019"), 2, &explanation));
	CHECK(explanation->invoice_id == 2396 && explanation->explained.count == 1 && explanation->lines.count == 2);
	CHECK_EQ_INT(explanation->explained.items[0].position, 2);
	CHECK(explain_invoice_called(command, TEXT("2396"), 1, &explanation));
	CHECK_EQ_TEXT(explanation->number, "1019");
	CHECK(explain_invoice_called(command, TEXT("RE-1"), 1, &explanation) && !explanation);
	CHECK(explain_invoice(command, 99, EXPLAIN_ALL, &explanation) && !explanation);
	return true;
}

TEST(an_invoice_is_found_by_number_or_id_and_a_line_that_is_not_there_names_those_that_are)
{
	struct desk desk;
	int64_t position = 3;
	shop_open(&desk);
	shop_order_plan(&desk, "H6", "'create_invoice':true");
	desk_read(&desk, explain_by_name, NULL);
	desk_read(&desk, explain_is_refused, &position);
	desk_close(&desk);
}

CHECK_MAIN
