/* test_policy_library.c: the shipped policies that decide when something ends or renews itself, chosen by a tenant's settings. */
#include "term_shop.h"

#define CATALOG \
	"{'versions':[{'effective_at':'2011-01-01T00:00:00Z','name':'v','products':[{'name':'bus','category':'base'}," \
	"{'name':'car','category':'base'}]," \
	"'plans':[{'code':'bus','product':'bus','phases':[{'kind':'evergreen','duration_unit':'unlimited','billing_period':'monthly'," \
	"'recurring':[{'currency':'USD','amount':'30.00'}]}]},{'code':'car','product':'car','phases':[{'kind':'evergreen'," \
	"'duration_unit':'unlimited','billing_period':'monthly','recurring':[{'currency':'USD','amount':'60.00'}]}]}]}]}"

static void desk_deploy_rules(struct desk *desk, const char *rules)
{
	void *output;
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), TEXT("{\"name\":\"shop\",\"rules\":[\"rules/shop.lua\"]}") },
		{ TEXT("catalog/shop.json"), desk_json(desk, CATALOG) },
		{ TEXT("rules/shop.lua"), text_of(rules) },
	};
	struct text archive = bundle_archive_text(&desk->arena, files, 3);
	if (!desk_try_text(desk, "bundle.deploy", text_format(&desk->arena, "{\"archive\":%.*s}", TEXT_ARG(archive)), &output)) {
		desk_show(desk);
		CHECK_FAIL("the bundle was refused");
	}
}

/* Account 1 subscribes to the bus on 6 September 2011 at 15:00, charged to 1 October. */
static void bus_open(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	desk_deploy_catalog(desk, CATALOG);
	desk_do(desk, "account.create", "{'name':'Ann','currency':'USD','time_zone':'UTC','bill_cycle_day':1}");
	desk_do(desk, "subscription.subscribe", "{'account_id':1,'plan':'bus'}");
}

static void bus_ends(const char *settings, const char *at)
{
	struct desk desk;
	bus_open(&desk, settings);
	desk_do(&desk, "subscription.cancel", "{'id':1}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "billed_until"), at);
	desk_close(&desk);
}

TEST(a_setting_chooses_when_a_cancellation_takes_effect)
{
	bus_ends("", "2011-10-01T00:00:00Z"); /* the catalog says nothing: at the end of the term */
	bus_ends("'policies':{'cancel':'cancel/immediate'}", "2011-09-06T15:00:00Z");
	bus_ends("'policies':{'cancel':'cancel/notice_period'}", "2011-10-06T00:00:00Z");
	bus_ends("'policies':{'cancel':'cancel/notice_period'},'cancel':{'notice_days':10}", "2011-10-01T00:00:00Z");
}

TEST(the_days_of_notice_after_what_is_charged_for_are_charged)
{
	struct desk desk;
	bus_open(&desk, "'policies':{'cancel':'cancel/notice_period'}");
	desk_do(&desk, "subscription.cancel", "{'id':1}");
	shop_advance(&desk, "2011-11-02T00:00:00Z");
	CHECK_EQ_TEXT(money_amount_text(&desk.arena, shop_invoice(&desk, 2)->total), "4.84"); /* five days of 31 */
	desk_close(&desk);
}

TEST(a_setting_chooses_when_a_change_takes_effect)
{
	struct desk desk;
	bus_open(&desk, "'policies':{'change':'change/immediate'}");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'car'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan"), "car");
	desk_close(&desk);
	bus_open(&desk, "'policies':{'change':'change/end_of_term'}");
	desk_do(&desk, "subscription.change_plan", "{'id':1,'plan':'car'}");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan"), "bus");
	shop_advance(&desk, "2011-10-01T00:00:01Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "plan"), "car");
	desk_close(&desk);
}

TEST(what_a_rule_says_beside_the_words_is_told_with_the_remedy)
{
	struct desk desk;
	bus_open(&desk, "");
	desk_deploy_rules(&desk, "rule 'late' { policy = 'cancel', run = function () return 'tomorrow' end }");
	CHECK_REFUSED(&desk, "subscription.cancel", "{'id':1}", PROBLEM_UNKNOWN_CHOICE, "/entitlement_policy");
	CHECK_EQ_C(desk.problems.first->remedy, "Use immediate, end_of_term, start_of_term, illegal, or of a rule a date as 2030-06-11.");
	desk_close(&desk);
}

/* ---- renewals ---- */

/* A month of a plan that renews itself two days before its end, from 6 September to 6 October 2011. */
static void term_begin(struct desk *desk, const char *settings)
{
	shop_open_empty(desk, settings, false);
	term_furnish(desk, "UTC", "", GRACE_HOLD "," RENEWS_BEFORE);
	term_order(desk, "2011-09-06", "2011-10-06");
}

TEST(what_would_renew_itself_lapses_where_the_policy_says_so)
{
	struct desk desk;
	term_begin(&desk, "'policies':{'renewal':'renewal/lapse'}");
	shop_advance(&desk, "2011-10-04T00:00:00Z");
	CHECK_EQ_TEXT(desk_events(&desk), "pre subscription.update, post subscription.update");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "auto_renew", "end_date"), "false 2011-10-06");
	shop_advance(&desk, "2011-10-06T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "graced "));
	desk_do(&desk, "subscription.renew", "{'id':1}"); /* who asks is renewed */
	CHECK(text_starts(term_of(&desk), "active 2011-10-06T00:00:00Z 2011-11-06T00:00:00Z"));
	desk_close(&desk);
}

TEST(a_rule_says_for_how_long_a_term_goes_on)
{
	struct desk desk;
	term_begin(&desk, "");
	desk_deploy_rules(&desk, "rule 'longer' { policy = 'renewal', run = function (asked)\n"
	                         "  return { period = asked.period * 3 }\n"
	                         "end }");
	shop_advance(&desk, "2011-10-06T00:00:00Z");
	CHECK(text_starts(term_of(&desk), "active 2011-10-06T00:00:00Z 2012-01-06T00:00:00Z"));
	desk_close(&desk);
}

/* Of a plan without terms, renewed a period before its end. */
static void host_order(struct desk *desk)
{
	desk_do(desk, "plan.create",
	        "{'code':'HOST','charges':[{'price_code':'FEE','kind':'recurring','amount':'100.00','prorated':true}],"
	        "'renewing':'without_payment'}");
	desk_do(desk, "order.place", "{'account_id':1,'status':'active','lines':[{'plan':'HOST','quantity':'1'}],"
	                             "'end_date':'2011-10-06','auto_renew':true}");
}

static void host_goes_on_until(const char *policy, const char *shown)
{
	struct desk desk;
	char settings[200];
	snprintf(settings, sizeof settings, "'billing':{'anniversary':true},'policies':{'renewal':'%s'}", policy);
	shop_open_with(&desk, settings);
	host_order(&desk);
	shop_advance(&desk, "2011-10-05T00:00:00Z");
	CHECK_EQ_TEXT(SHOP_SHOW(&desk, &subscription_record, "auto_renew", "end_date"), shown);
	desk_close(&desk);
}

TEST(plans_without_terms_ask_as_well)
{
	host_goes_on_until("renewal/usual", "true 2011-11-06");
	host_goes_on_until("renewal/at_least_a_month", "true 2011-11-06");
	host_goes_on_until("renewal/lapse", "false 2011-10-06");
}

CHECK_MAIN
