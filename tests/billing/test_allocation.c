/* test_allocation.c: what changes of components cost, to the cent, and the invoices that it comes to. Figures: maxio.md 7.2 to 7.7. */
#include "shop.h"
#include "billing/wallet.h"

#include "billing/explain.h"
#include "billing/subscription_component.h"

#define PER_UNIT(amount) "'price':{'scheme':'per_unit','unit_price':'" amount "'}"
#define BRACKETS "'tiers':[{'ends_at':'10','unit_price':'2'},{'unit_price':'1'}]"
#define CATALOG                                                                                                              \
	"{'versions':[{'effective_at':'2000-01-01T00:00:00Z','name':'v','products':[{'name':'car','category':'standalone'}]," \
	"'plans':[{'code':'base','product':'car','billing_mode':'in_advance','phases':[{'kind':'evergreen','duration_unit':'unlimited'," \
	"'billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]},"                                     \
	"{'code':'tried','product':'car','billing_mode':'in_advance','phases':[{'kind':'trial','duration_unit':'days','duration':14}," \
	"{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'20'}]}]}]}]}"

enum { SEATS = 1, API = 2, TIERED = 3, VOLUME = 4, STAIRS = 5, DISK = 6, SETUP = 7 };

static void open_at(struct desk *desk, const char *at, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	shop_advance(desk, at);
	desk_do(desk, "account.create", "{'name':'Ann'}");
	desk_do(desk, "component.create", "{'handle':'seats','name':'Seats','unit_name':'seat','kind':'quantity'," PER_UNIT("10") "}");
	desk_do(desk, "component.create", "{'handle':'api','name':'API','kind':'on_off'," PER_UNIT("5") "}");
	desk_do(desk, "component.create", "{'handle':'tiered','name':'T','kind':'quantity','price':{'scheme':'tiered'," BRACKETS "}}");
	desk_do(desk, "component.create", "{'handle':'volume','name':'V','kind':'quantity','price':{'scheme':'volume'," BRACKETS "}}");
	desk_do(desk, "component.create",
	        "{'handle':'stairs','name':'S','kind':'quantity','price':{'scheme':'stairstep','tiers':[{'ends_at':'10','unit_price':'10'},"
	        "{'ends_at':'20','unit_price':'20'},{'unit_price':'35'}]}}");
	desk_do(desk, "component.create",
	        "{'handle':'disk','name':'Disk','kind':'quantity','fractional':true," PER_UNIT("2.50") "}");
	desk_do(desk, "component.create",
	        "{'handle':'setup','name':'Setup','kind':'quantity','recurring':false," PER_UNIT("30") "}");
	desk_do(desk, "price_point.create", "{'component_id':1,'handle':'cheap'," PER_UNIT("8") "}");
}

#define MAXIO "'billing':{'convention':'maxio'}"

/* Subscribed on 1 April 2024 with these components; the clock stands on 8 April, 09:00. */
static void open_in_april(struct desk *desk, const char *components, const char *settings)
{
	open_at(desk, "2024-04-01T00:00:00Z", settings);
	desk_do(desk, "subscription.subscribe",
	        text_format(&desk->arena, "{'account_id':1,'plan':'base','components':[%s]}", components).data);
	shop_advance(desk, "2024-04-08T09:00:00Z");
}

static const struct allocations_made *allocate(struct desk *desk, const char *items, const char *more)
{
	return desk_do(desk, "allocation.create",
	               text_format(&desk->arena, "{'subscription_id':1,'allocations':[%s]%s%s}", items, more[0] ? "," : "", more).data);
}

/* "3771; -4525": what it costs, in cents */
static struct text cents(struct desk *desk, const struct allocations_made *made)
{
	struct text_builder out;
	builder_init(&out, &desk->arena, 0);
	for (size_t i = 0; i < made->charges.count; i++)
		builder_format(&out, "%s%lld", i ? "; " : "", (long long)made->charges.items[i].amount.minor);
	return builder_text(&out);
}

static bool quantity_body(struct command *command, void *context)
{
	struct shop_one *one = context;
	struct subscription *subscription;
	struct subscription_component *had;
	CHECK(subscription_find(command, 1, &subscription));
	CHECK(subscription_component_of(command, subscription, one->id, &had) && had);
	one->found = had;
	return true;
}

static const struct subscription_component *had_of(struct desk *desk, int64_t component_id)
{
	struct shop_one one = { .id = component_id };
	desk_read(desk, quantity_body, &one);
	return one.found;
}

static struct text quantity_of(struct desk *desk, int64_t component_id)
{
	return decimal_canonical_text(&desk->arena, had_of(desk, component_id)->quantity);
}

static bool explain_body(struct command *command, void *context)
{
	struct shop_one *one = context;
	struct explanation *explanation;
	CHECK(explain_invoice(command, one->id, EXPLAIN_ALL, &explanation) && explanation);
	for (size_t i = 0; i < explanation->explained.count; i++) {
		const struct explanation_line *line = &explanation->explained.items[i];
		if (!line->same)
			check_note("invoice %lld, %.*s: %.*s", (long long)one->id, TEXT_ARG(line->description),
			           TEXT_ARG(line->steps.items[line->steps.count - 1].text));
		CHECK(line->same);
		CHECK(line->steps.count > 1);
	}
	return true;
}

/* Its lines, every one of which can be explained. */
static struct text lines_of(struct desk *desk, int64_t invoice_id)
{
	struct shop_one one = { .id = invoice_id };
	desk_read(desk, explain_body, &one);
	return shop_lines(desk, invoice_id);
}

/* ------------------------------------------------------------------------------------------------ the arithmetic */

TEST(the_part_for_the_time_that_is_left_is_charged_to_the_second)
{
	static const struct { const char *had, *items, *cents; } changes[] = {
		{ "{'component':'seats','quantity':'5'}", "{'component':'seats','quantity':'10'}", "3771" },
		{ "{'component':'seats','quantity':'10'}", "{'component':'seats','quantity':'4'}", "-4525" },
		{ "", "{'component':'seats','quantity':'4'}", "3017" },
		{ "{'component':'seats','quantity':'4'}", "{'component':'seats','quantity':'6'},{'component':'api','quantity':'1'}", "1508; 377" },
		{ "{'component':'seats','quantity':'5'}", "{'component':'seats','quantity':'4'}", "-754" },
		{ "{'component':'seats','quantity':'53','price_point':'cheap'}", "{'component':'seats','quantity':'57'}", "2413" },
	};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct desk desk;
		open_in_april(&desk, changes[i].had, MAXIO ",'components':{'downgrade_credit':'prorated'}");
		check_note("%s", changes[i].items);
		CHECK_EQ_TEXT(cents(&desk, allocate(&desk, changes[i].items, "")), changes[i].cents);
		desk_close(&desk);
	}
}

TEST(the_vendors_own_preview_comes_out_to_the_cent)
{
	struct desk desk;
	open_at(&desk, "2016-12-07T20:29:07Z", MAXIO);
	desk_do(&desk, "component.create", "{'handle':'up','name':'Up','kind':'quantity'," PER_UNIT("11") "}");
	desk_do(&desk, "component.create", "{'handle':'down','name':'Down','kind':'quantity'," PER_UNIT("20.25") "}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'down','quantity':'1'}]}");
	shop_advance(&desk, "2016-12-13T18:59:38Z");
	const struct allocations_previewed *shown =
	        desk_do(&desk, "allocation.preview",
	                "{'subscription_id':1,'allocations':[{'component':'up','quantity':'10'},{'component':'down','quantity':'0'}]}");
	CHECK_EQ_INT(shown->charges.items[0].amount.minor, 8893);
	CHECK_EQ_INT(shown->charges.items[1].amount.minor, -1637);
	CHECK_EQ_INT(shown->total.minor, 7256);
	CHECK_EQ_INT(shown->direction, ALLOCATIONS_PREVIEWED_DIRECTION_UPGRADE);
	CHECK_EQ_INT(shown->scheme, ALLOCATIONS_PREVIEWED_SCHEME_PRORATED);
	CHECK_EQ_TEXT(instant_text(&desk.arena, shown->starts_at), "2016-12-07T20:29:07Z");
	CHECK_EQ_TEXT(instant_text(&desk.arena, shown->ends_at), "2017-01-07T20:29:07Z");
	CHECK_EQ_TEXT(shown->charges.items[0].description, "Up: 0 to 10 units");
	CHECK_EQ_TEXT(quantity_of(&desk, 9), "1"); /* nothing stays */
	desk_close(&desk);
}

TEST(a_preview_is_of_a_moment_within_the_period)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	const struct allocations_previewed *shown = desk_do(
	        &desk, "allocation.preview",
	        "{'subscription_id':1,'allocations':[{'component':'seats','quantity':'10'}],'effective_date':'2024-04-16'}");
	CHECK_EQ_INT(shown->total.minor, 2500);
	CHECK_REFUSED(&desk, "allocation.preview",
	              "{'subscription_id':1,'allocations':[{'component':'seats','quantity':'10'}],'effective_date':'2024-05-01'}",
	              PROBLEM_OUT_OF_RANGE, "/effective_date");
	CHECK_REFUSED(&desk, "allocation.preview",
	              "{'subscription_id':1,'allocations':[{'component':'seats','quantity':'10'}],'effective_at':'2024-03-31T23:59:59Z'}",
	              PROBLEM_OUT_OF_RANGE, "/effective_at");
	desk_close(&desk);
}

TEST(a_preview_is_what_the_allocation_then_is)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO ",'tax':{'percent':'10'}");
	static const char items[] = "{'subscription_id':1,'accrue_charge':false,'allocations':[{'component':'seats','quantity':'10'},"
	                            "{'component':'tiered','quantity':'11'}]}";
	const struct allocations_previewed *shown = desk_do(&desk, "allocation.preview", items);
	const struct allocations_made *made = desk_do(&desk, "allocation.create", items);
	CHECK_EQ_INT(shown->subtotal.minor, made->total.minor);
	CHECK_EQ_INT(shown->total.minor, shop_invoice(&desk, made->invoice_id)->total.minor);
	CHECK_EQ_TEXT(lines_of(&desk, made->invoice_id), "Seats: 5 to 10 seats 37.71; T: 0 to 11 units 15.84; Tax 10 % 3.77; Tax 10 % 1.58");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ direction and scheme */

TEST(the_total_cost_tells_up_from_down)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'volume','quantity':'10'}", MAXIO ",'components':{'downgrade_credit':'full','upgrade_charge':'full'}");
	const struct allocations_made *made = allocate(&desk, "{'component':'volume','quantity':'11'}", "");
	CHECK_EQ_INT(made->direction, ALLOCATIONS_MADE_DIRECTION_DOWNGRADE); /* 20 becomes 11 */
	CHECK_EQ_TEXT(cents(&desk, made), "-900");
	desk_close(&desk);
}

TEST(schemes_price_what_they_say)
{
	static const struct { const char *component, *quantity, *cents; } prices[] = {
		{ "tiered", "10", "2000" }, { "tiered", "11", "2100" }, { "tiered", "20", "3000" },
		{ "volume", "10", "2000" }, { "volume", "11", "1100" }, { "volume", "20", "2000" },
		{ "stairs", "1", "1000" },  { "stairs", "10", "1000" }, { "stairs", "11", "2000" }, { "stairs", "21", "3500" },
		{ "disk", "10.5", "2625" }, { "seats", "3", "3000" },
	};
	for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
		struct desk desk;
		open_in_april(&desk, "", MAXIO);
		struct text item = text_format(&desk.arena, "{'component':'%s','quantity':'%s'}", prices[i].component, prices[i].quantity);
		CHECK_EQ_TEXT(cents(&desk, allocate(&desk, item.data, "'upgrade_charge':'full'")), prices[i].cents);
		desk_close(&desk);
	}
}

TEST(the_nearest_that_says_a_scheme_decides)
{
	struct desk desk;
	open_in_april(&desk, "", MAXIO);
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'1'}", "")), "754"); /* tenant: prorated */
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'2'}", "'upgrade_charge':'full'")), "1000");
	desk_do(&desk, "component.update", "{'id':1,'upgrade_charge':'nothing'}");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'3'}", "'upgrade_charge':'full'")), "");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'4','upgrade_charge':'prorated'}", "'upgrade_charge':'full'")),
	              "754");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'1'}", "")), ""); /* tenant: nothing */
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'0'}", "'downgrade_credit':'prorated'")), "-754");
	desk_close(&desk);
}

TEST(of_several_changes_their_net_decides_unless_their_schemes_differ)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	const struct allocations_made *made = allocate(&desk, "{'component':'seats','quantity':'4'},{'component':'disk','quantity':'8'}", "");
	CHECK_EQ_TEXT(cents(&desk, made), "-754; 1508"); /* up by 10.00: both by the part */
	CHECK_EQ_INT(made->direction, ALLOCATIONS_MADE_DIRECTION_UPGRADE);
	made = allocate(&desk, "{'component':'seats','quantity':'3'},{'component':'disk','quantity':'16','upgrade_charge':'full'}", "");
	CHECK_EQ_TEXT(cents(&desk, made), "2000"); /* each by itself: down is nothing, up is all of it */
	CHECK_EQ_INT(made->direction, ALLOCATIONS_MADE_DIRECTION_NONE);
	CHECK_EQ_INT(made->allocations.items[0].direction, ALLOCATION_DIRECTION_DOWNGRADE);
	CHECK_EQ_INT(made->allocations.items[1].direction, ALLOCATION_DIRECTION_UPGRADE);
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ waiting or at once */

TEST(what_waits_comes_with_the_next_assessment)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'},{'component':'api','enabled':true}", MAXIO);
	CHECK_EQ_TEXT(lines_of(&desk, 1), "base 20.00; Seats 50.00; API 5.00");
	allocate(&desk, "{'component':'seats','quantity':'10','memo':'grows'}", "");
	CHECK_EQ_TEXT(quantity_of(&desk, SEATS), "10");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 75.00 75.00");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Seats: 5 to 10 seats 37.71; Seats 100.00; API 5.00");
	const struct invoice_line *line = &shop_invoice(&desk, 2)->lines.items[1];
	CHECK_EQ_TEXT(decimal_text(&desk.arena, line->quantity), "3.770833");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, line->unit_price), "10");
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_start), "2024-04-08");
	CHECK_EQ_TEXT(date_text(&desk.arena, line->period_end), "2024-05-01");
	shop_advance(&desk, "2024-06-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 3), "base 20.00; Seats 100.00; API 5.00"); /* once */
	desk_close(&desk);
}

TEST(at_once_several_changes_are_one_invoice)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'4'}", MAXIO);
	const struct allocations_made *made =
	        allocate(&desk, "{'component':'seats','quantity':'6'},{'component':'api','quantity':'1'}", "'accrue_charge':false");
	CHECK_EQ_INT(made->total.minor, 1885);
	CHECK_EQ_TEXT(lines_of(&desk, made->invoice_id), "Seats: 4 to 6 seats 15.08; API: on 3.77");
	CHECK_EQ_INT(made->charges.items[1].line_position, 2);
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 3), "base 20.00; Seats 60.00; API 5.00");
	desk_close(&desk);
}

TEST(what_is_given_back_at_once_is_a_credit)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'10'}", MAXIO);
	desk_do(&desk, "payment.create",
	        "{'account_id':1,'amount':'120','currency':'USD','card':{'number':'4111111111111111','expiry':'2030-01-31'}}");
	allocate(&desk, "{'component':'seats','quantity':'4'}", "'accrue_charge':false,'downgrade_credit':'prorated'");
	CHECK_EQ_TEXT(shop_credits(&desk), "repair 45.25 45.25");
	desk_close(&desk);
}

static void pay_by(struct desk *desk, const char *answers)
{
	shop_gateway(desk, "{'respond':'approved'}");
	desk_do(desk, "payment.create", "{'account_id':1,'amount':'70','currency':'USD','auto_pay':1," CARD "}");
	shop_gateway(desk, answers);
}

TEST(what_cannot_be_paid_at_once_waits_after_all)
{
	struct desk desk;
	open_at(&desk, "2011-10-01T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'5'}]}");
	pay_by(&desk, "{'respond':'declined'}");
	shop_advance(&desk, "2011-10-16T12:00:00Z");
	const struct allocations_made *made = allocate(&desk, "{'component':'seats','quantity':'7'}", "'accrue_charge':false");
	shop_advance(&desk, "2011-10-16T12:00:01Z");
	CHECK_EQ_INT(shop_invoice(&desk, made->invoice_id)->status, INVOICE_STATUS_CANCELLED);
	CHECK_EQ_TEXT(quantity_of(&desk, SEATS), "7");
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 3), "base 20.00; Seats: 5 to 7 seats 10.00; Seats 70.00");
	desk_close(&desk);
}

TEST(what_a_credit_pays_in_part_and_the_card_does_not_waits_after_all)
{
	struct desk desk;
	open_at(&desk, "2011-10-01T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'5'}]}");
	pay_by(&desk, "{'respond':'declined'}");
	desk_do(&desk, "credit.create", "{'account_id':1,'amount':'3.00'}");
	desk_do(&desk, "wallet.create", "{'account_id':1,'granted':'2'}");
	shop_advance(&desk, "2011-10-16T12:00:00Z");
	const struct allocations_made *made = allocate(&desk, "{'component':'seats','quantity':'7'}", "'accrue_charge':false");
	shop_advance(&desk, "2011-10-16T12:00:01Z");
	CHECK_EQ_INT(shop_invoice(&desk, made->invoice_id)->status, INVOICE_STATUS_CANCELLED);
	CHECK_EQ_TEXT(shop_credits(&desk), "goodwill 3.00 0.00; repair 3.00 3.00");
	const struct wallet *wallet = desk_do(&desk, "wallet.update", "{'id':1,'name':'Prepaid'}");
	CHECK_EQ_INT(wallet->balance.minor, 200);
	shop_advance(&desk, "2011-11-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 4), "base 20.00; Seats: 5 to 7 seats 10.00; Seats 70.00");
	desk_close(&desk);
}

TEST(with_dunning_what_is_not_paid_stays_owed)
{
	struct desk desk;
	open_at(&desk, "2011-10-01T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'5'}]}");
	pay_by(&desk, "{'respond':'declined'}");
	shop_advance(&desk, "2011-10-16T12:00:00Z");
	const struct allocations_made *made =
	        allocate(&desk, "{'component':'seats','quantity':'7'}", "'accrue_charge':false,'initiate_dunning':true");
	shop_advance(&desk, "2011-10-16T12:00:01Z");
	CHECK_EQ_INT(shop_invoice(&desk, made->invoice_id)->status, INVOICE_STATUS_OPEN);
	CHECK_EQ_INT(shop_invoice(&desk, made->invoice_id)->failed_attempts, 1);
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ what can be had */

TEST(a_change_is_refused_where_it_stands_and_with_it_all)
{
	static const struct { const char *items, *pointer; enum problem_code code; } wrong[] = {
		{ "{'component':'seats','quantity':'6'},{'component':'api','quantity':'2'}", "/allocations/1/quantity", PROBLEM_OUT_OF_RANGE },
		{ "{'component':'seats','quantity':'6'},{'component_id':1,'quantity':'7'}", "/allocations/1", PROBLEM_DUPLICATE },
		{ "{'component':'seats','quantity':'6.5'}", "/allocations/0/quantity", PROBLEM_BAD_INTEGER },
		{ "{'component':'seats','quantity':'6','previous_quantity':'4'}", "/allocations/0/previous_quantity", PROBLEM_CONFLICT },
		{ "{'component':'seats','quantity':'6','price_point':'dear'}", "/allocations/0/price_point", PROBLEM_NOT_FOUND },
		{ "{'component':'calls','quantity':'6'}", "/allocations/0", PROBLEM_WRONG_STATE },
	};
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	desk_do(&desk, "component.create", "{'handle':'calls','name':'Calls','kind':'metered'," PER_UNIT("1") "}");
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		check_note("%s", wrong[i].items);
		CHECK_REFUSED(&desk, "allocation.create",
		              text_format(&desk.arena, "{'subscription_id':1,'allocations':[%s]}", wrong[i].items).data, wrong[i].code,
		              wrong[i].pointer);
	}
	CHECK_EQ_TEXT(quantity_of(&desk, SEATS), "5");
	allocate(&desk, "{'component':'seats','quantity':'6','previous_quantity':'5.0'}", "");
	desk_close(&desk);
}

TEST(changes_are_kept_as_a_chain)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'api'}", MAXIO);
	const struct allocations_made *on = allocate(&desk, "{'component':'api','quantity':'1','memo':'on'}", "");
	const struct allocation *first = &on->allocations.items[0];
	CHECK_EQ_TEXT(decimal_text(&desk.arena, first->previous_quantity), "0");
	CHECK_EQ_TEXT(first->memo, "on");
	CHECK_EQ_INT(first->charge_id, on->charges.items[0].id);
	const struct allocations_made *off = allocate(&desk, "{'component':'api','quantity':'0'}", "");
	CHECK_EQ_TEXT(decimal_text(&desk.arena, off->allocations.items[0].previous_quantity), "1");
	CHECK_EQ_INT(off->charges.count, 0);
	desk_close(&desk);
}

TEST(another_price_point_prices_all_of_it_anew)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO ",'components':{'downgrade_credit':'full'}");
	const struct allocations_made *made = allocate(&desk, "{'component':'seats','quantity':'5','price_point':'cheap'}", "");
	CHECK_EQ_TEXT(cents(&desk, made), "-1000");
	CHECK_EQ_INT(made->allocations.items[0].previous_price_point_id, 1);
	CHECK_EQ_INT(made->allocations.items[0].price_point_id, 8);
	made = allocate(&desk, "{'component':'seats','quantity':'5','custom_price':{" PER_UNIT("9") "}}", "'upgrade_charge':'full'");
	CHECK_EQ_TEXT(cents(&desk, made), "500");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Seats: 5 to 5 seats -10.00; Seats: 5 to 5 seats 5.00; Seats 45.00");
	desk_close(&desk);
}

TEST(what_is_charged_once_is_had_no_more_afterwards)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'setup','quantity':'1'}", MAXIO);
	CHECK_EQ_TEXT(lines_of(&desk, 1), "base 20.00; Setup 30.00");
	CHECK_EQ_TEXT(quantity_of(&desk, SETUP), "0");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'setup','quantity':'2'}", "")), "6000");
	CHECK_EQ_TEXT(quantity_of(&desk, SETUP), "0");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Setup: 0 to 2 units 60.00");
	desk_close(&desk);
}

TEST(in_a_trial_nothing_is_charged)
{
	struct desk desk;
	open_at(&desk, "2024-04-01T10:30:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'tried','components':[{'component':'seats','quantity':'5'}]}");
	shop_advance(&desk, "2024-04-08T09:00:00Z");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'6'}", "'accrue_charge':false")), "");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_advance(&desk, "2024-04-15T10:29:59Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "");
	shop_advance(&desk, "2024-04-15T10:30:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 1), "tried 20.00; Seats 60.00");
	desk_close(&desk);
}

TEST(a_rule_chooses_the_scheme_or_rejects)
{
	struct desk desk;
	open_at(&desk, "2024-04-01T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	shop_deploy(&desk, "rule \"all of it\" { pre = \"allocation.create\", run = function (allocation, ctx)\n"
	                   "if allocation.memo == \"no\" then ctx:reject(\"no\", \"Not this one.\") end\n"
	                   "allocation.upgrade_charge = \"full\" allocation.memo = \"ruled\" end }");
	shop_advance(&desk, "2024-04-08T09:00:00Z");
	const struct allocations_made *made = allocate(&desk, "{'component':'seats','quantity':'1'}", "");
	CHECK_EQ_TEXT(cents(&desk, made), "1000");
	CHECK_EQ_TEXT(made->allocations.items[0].memo, "ruled");
	CHECK_REFUSED(&desk, "allocation.create",
	              "{'subscription_id':1,'allocations':[{'component':'seats','quantity':'2','memo':'no'}]}", PROBLEM_REJECTED, "");
	CHECK_EQ_TEXT(quantity_of(&desk, SEATS), "1");
	desk_close(&desk);
}

/* ------------------------------------------------------------------------------------------------ over time */

TEST(a_period_ends_at_its_second)
{
	struct desk desk;
	open_at(&desk, "2016-12-07T20:29:07Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'1'}]}");
	shop_advance(&desk, "2017-01-07T20:29:06Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 30.00 30.00");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'1000'}", "")), ""); /* a second of a month: nothing */
	shop_advance(&desk, "2017-01-07T20:29:07Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Seats 10000.00");
	desk_close(&desk);
}

TEST(months_end_where_they_ended_before)
{
	static const char *const ends[] = { "2023-11-30", "2023-12-30", "2024-01-30", "2024-02-29", "2024-03-29" };
	struct desk desk;
	open_at(&desk, "2023-10-31T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'1'}]}");
	shop_advance(&desk, "2024-03-28T00:00:00Z");
	for (int64_t id = 1; id <= 5; id++)
		CHECK_EQ_TEXT(date_text(&desk.arena, shop_invoice(&desk, id)->lines.items[1].period_end), ends[id - 1]);
	desk_close(&desk);
}

TEST(one_move_of_the_clock_is_as_many_small_ones)
{
	struct text shown[2];
	struct desk desk[2];
	for (int i = 0; i < 2; i++) {
		open_in_april(&desk[i], "{'component':'seats','quantity':'5'}", MAXIO);
		allocate(&desk[i], "{'component':'tiered','quantity':'12'}", "");
		for (int day = 9; i == 1 && day <= 30; day++)
			shop_advance(&desk[i], text_format(&desk[i].arena, "2024-04-%02dT07:00:00Z", day).data);
		shop_advance(&desk[i], "2031-07-31T00:00:00Z");
		shown[i] = shop_invoices(&desk[i]);
	}
	CHECK(text_equals(shown[0], shown[1]));
	CHECK_EQ_TEXT(lines_of(&desk[0], 88), "base 20.00; Seats 50.00; T 22.00");
	desk_close(&desk[0]);
	desk_close(&desk[1]);
}

TEST(a_run_by_hand_adds_nothing)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	allocate(&desk, "{'component':'seats','quantity':'6'}", "");
	CHECK(!desk_do(&desk, "invoice.run", "{'account_id':1}"));
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 70.00 70.00");
	desk_close(&desk);
}

TEST(what_was_charged_beyond_the_end_is_given_back)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	allocate(&desk, "{'component':'seats','quantity':'10'}", "");
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'immediate','billing_policy':'immediate'}");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "Unused time of base -10.00; Unused time of Seats -50.00; Seats: 5 to 10 seats 37.71");
	shop_advance(&desk, "2024-07-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 70.00 47.71; 2 settled -22.29 0.00");
	CHECK_REFUSED(&desk, "allocation.create", "{'subscription_id':1,'allocations':[{'component':'seats','quantity':'1'}]}",
	              PROBLEM_WRONG_STATE, "/subscription_id");
	desk_close(&desk);
}

TEST(an_end_at_the_end_of_what_is_charged_gives_nothing_back)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	desk_do(&desk, "subscription.cancel", "{'id':1,'entitlement_policy':'end_of_term','billing_policy':'end_of_term'}");
	allocate(&desk, "{'component':'seats','quantity':'10'}", "");
	shop_advance(&desk, "2024-07-01T00:00:00Z");
	CHECK_EQ_TEXT(shop_invoices(&desk), "1 open 70.00 70.00; 2 open 37.71 37.71");
	desk_close(&desk);
}

TEST(a_cancelled_invoice_leaves_its_components_due)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5'}", MAXIO);
	desk_do(&desk, "invoice.cancel", "{'id':1}");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; base 20.00; Seats 50.00; Seats 50.00");
	desk_close(&desk);
}

TEST(components_of_a_running_subscription_are_charged_from_their_first_allocation)
{
	struct desk desk;
	open_at(&desk, "2024-04-01T00:00:00Z", MAXIO);
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base'}");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'1'}", "")), "1000"); /* in the same second */
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'tiered','quantity':'10'}", "")), "1000");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Seats: 0 to 1 seats 10.00; T: 0 to 10 units 10.00; Seats 10.00; T 20.00");
	desk_close(&desk);
}

TEST(a_bundle_that_goes_to_another_account_takes_its_components_along)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'5','custom_price':{" PER_UNIT("6") "}}", MAXIO);
	desk_do(&desk, "account.create", "{'name':'Bob'}");
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	desk_do(&desk, "subscription_bundle.transfer", "{'id':1,'account_id':2,'billing_policy':'immediate'}");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "Unused time of base -10.00; Unused time of Seats -15.00");
	CHECK_EQ_TEXT(lines_of(&desk, 3), "base 20.00; Seats 30.00");
	desk_close(&desk);
}

TEST(a_pause_charges_nothing_of_components_either)
{
	struct desk desk;
	open_in_april(&desk, "{'component':'seats','quantity':'6'}", MAXIO);
	shop_advance(&desk, "2024-04-16T00:00:00Z");
	desk_do(&desk, "subscription_bundle.pause", "{'id':1}");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "Unused time of base -10.00; Unused time of Seats -30.00");
	shop_advance(&desk, "2024-05-16T12:00:00Z");
	desk_do(&desk, "subscription_bundle.resume", "{'id':1}");
	CHECK_EQ_TEXT(lines_of(&desk, 3), "base 10.00; Seats 30.00");
	shop_advance(&desk, "2024-06-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 4), "base 20.00; Seats 60.00");
	desk_close(&desk);
}

TEST(where_days_are_counted_a_day_is_charged_whole)
{
	struct desk desk;
	open_at(&desk, "2024-04-01T00:00:00Z", "'billing':{'convention':'killbill'}");
	desk_do(&desk, "account.update", "{'id':1,'bill_cycle_day':1}");
	desk_do(&desk, "subscription.subscribe", "{'account_id':1,'plan':'base','components':[{'component':'seats','quantity':'1'}]}");
	shop_advance(&desk, "2024-04-16T18:00:00Z");
	CHECK_EQ_TEXT(cents(&desk, allocate(&desk, "{'component':'seats','quantity':'2'}", "")), "500");
	shop_advance(&desk, "2024-05-01T00:00:00Z");
	CHECK_EQ_TEXT(lines_of(&desk, 2), "base 20.00; Seats: 1 to 2 seats 5.00; Seats 20.00");
	desk_close(&desk);
}

CHECK_MAIN
