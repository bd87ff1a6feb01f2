/* known.h: one of each kind behind a counter, and an address for every route that finds something.
 *
 *     counter_open(&counter);
 *     furnish(&counter);
 *     FOR_ROUTES(route) ... target_of(&counter, route)
 */
#ifndef MOONBILL_TESTS_HTTP_KNOWN_H
#define MOONBILL_TESTS_HTTP_KNOWN_H

#include "counter.h"

#include "http/exchange.h"

#define BRANCH "2" /* the tenants of a counter are one */
#define CARD "'card':{'number':'4111111111111111','cvv':'737','expiry':'2014-01-31'}"
#define APS_UUID "c6888c42-ef88-4d5c-a853-d0a233565eb0"
#define LINES "'lines':[{'price_code':'MNTHLY','quantity':'1'}]"
#define BUNDLE                                                                                                              \
	"{'files':{'bundle.json':'{\\'name\\':\\'b\\'}','rules/a.lua':"                                                     \
	"'rule \\'no bobs\\' { pre = \\'account.create\\', run = function (account, ctx) if account.name == \\'Bob\\' "     \
	"then ctx:reject(\\'no_bobs\\', \\'Bobs are not served.\\') end end }\\n"                                             \
	"rule \\'later\\' { post = \\'custom_field.create\\', run = function (field, ctx) "                                    \
	"ctx:command(\\'tag_definition.create\\', { name = \\'LATER\\' }) end }\\n"                                          \
	"rule \\'nightly\\' { task = true, run = function (ctx) end }\\n'}}"

/* One of each kind: what every route with an {id} finds is in `known` below. */
__attribute__((unused)) static void furnish(struct counter *counter)
{
	counter_expect(counter, "POST", "/v1/customers", "{'name':'John','external_key':'J1'}", 201);
	counter_expect(counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-20','create_invoice':true," LINES "}", 201);
	counter_expect(counter, "POST", "/v1/payments",
	               "{'account_id':1,'amount':'100','currency':'USD','auto_pay':1," CARD "}", 201);
	counter_command(counter, "plan.create",
	                "{'code':'METERED','charges':[{'price_code':'GB','kind':'usage','unit':'GB',"
	                "'tiers':[{'units_from':'1','units_to':'99999','price':'1.00'}]}]}");
	counter_expect(counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'METERED','start_date':'2011-09-01',"
	               "'lines':[{'price_code':'GB','quantity':'1'}]}", 201);
	counter_expect(counter, "POST", "/v1/usage", "{'order_id':382,'price_code':'GB','quantity':'2'}", 201);
	counter_expect(counter, "PUT", "/v1/bundle", BUNDLE, 200);
	counter_expect(counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'10','currency':'USD','billing_period':'monthly'}", 201);
	counter_expect(counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van'}", 201);
	counter_expect(counter, "POST", "/v1/invoices/2397/credit_notes", "{'items':[{'position':1,'amount':'1.00'}]}", 201);
	counter_expect(counter, "POST", "/v1/blocking_states", "{'account_id':1,'service':'desk','state':'open'}", 201);
	counter_expect(counter, "POST", "/v1/webhook_endpoints",
	               "{'url':'https://hooks.example/','events':'tenant_config.delete'}", 201);
	counter_expect(counter, "POST", "/v1/components",
	               "{'handle':'seats','name':'Seats','kind':'quantity','price':{'scheme':'per_unit','unit_price':'1'}}", 201);
	counter_expect(counter, "POST", "/v1/subscriptions/3/components", "{'component_id':1}", 201);
	counter_expect(counter, "POST", "/v1/metrics", "{'stream':'" APS_UUID "','analysis':'count'}", 201);
	counter_expect(counter, "POST", "/v1/subscriptions/3/allocations", "{'allocations':[{'component_id':1,'quantity':'2'}]}", 201);
	counter_expect(counter, "POST", "/v1/components",
	               "{'handle':'calls','name':'Calls','kind':'metered','price':{'scheme':'per_unit','unit_price':'1'}}", 201);
	counter_expect(counter, "POST", "/v1/component_usage", "{'subscription_id':3,'component':'calls','quantity':'5'}", 201);
	counter_expect(counter, "POST", "/v1/metrics", "{'stream':'bytes','analysis':'count','group_by':[{'property':'region'}]}", 201);
	counter_expect(counter, "POST", "/v1/components",
	               "{'handle':'bytes','name':'Bytes','kind':'event','metric_id':2,'price':{'scheme':'per_unit','unit_price':'1'},"
	               "'segments':[{'value_1':'eu','price':{'scheme':'per_unit','unit_price':'2'}}]}", 201);
	counter_expect(counter, "POST", "/v1/coupons", "{'code':'TEN','percent':'10','duration':'forever'}", 201);
	counter_expect(counter, "POST", "/v1/coupon_redemptions", "{'coupon':'TEN','account_id':1}", 201);
	counter_expect(counter, "POST", "/v1/commitments", "{'subscription_id':3,'amount':'5'}", 201);
	counter_expect(counter, "POST", "/v1/progressive_billings", "{'subscription_id':3,'thresholds':[{'amount':'5000'}]}", 201);
	counter_expect(counter, "POST", "/v1/wallets", "{'account_id':1,'granted':'5'}", 201);
	counter_expect(counter, "POST", "/v1/tasks", "{'name':'nightly','period':'P1D','next_run_at':'2030-01-01T03:00:00Z'}", 201);
	counter_expect(counter, "POST", "/v1/tasks/1/run", "{}", 201);
	counter_expect(counter, "POST", "/v1/holidays", "{'name':'May Day','start_date':'2030-05-01'}", 201);
	counter_expect(counter, "POST", "/v1/tag_definitions", "{'name':'VIP'}", 201);
	counter_expect(counter, "POST", "/v1/tag_definitions", "{'name':'NEW'}", 201);
	counter_expect(counter, "POST", "/v1/tags", "{'name':'NEW','object_type':'account','object_id':1}", 201);
	counter_expect(counter, "POST", "/v1/custom_fields",
	               "{'name':'region','value':'eu','object_type':'account','object_id':1}", 201);
	counter_expect(counter, "PUT", "/v1/tenant_config", "{'key':'region','value':'eu'}", 200);
	counter_expect(counter, "POST", "/v1/accounts/1/termination_requests", "{'termination_date':'2030-01-01'}", 201);
	counter_expect(counter, "POST", "/v1/plans",
	               "{'code':'TERM','charges':[{'price_code':'FEE','kind':'recurring','amount':'1'}],'terms':{}}", 201);
	counter_expect(counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'TERM','lines':[{'price_code':'FEE','quantity':'1'}]}", 201);
	counter_expect(counter, "POST", "/v1/subscriptions/4/renew", "{}", 200);
	counter_expect(counter, "PUT", "/v1/aps_types", "{'document':{'id':'http://vendor.example/vps/1.0'}}", 200);
	counter_expect(counter, "POST", "/v1/aps_resources", "{'type':'http://vendor.example/vps/1.0','key':'r1','account_id':1}", 201);
	counter_expect(counter, "POST", "/v1/event_subscriptions",
	               "{'resource_id':1,'uuid':'" APS_UUID "','event':'http://parallels.com/aps/events/pa/subscription/renewed',"
	               "'source_type':'http://parallels.com/aps/types/pa/subscription/1.0','handler':'onRenew'}", 201);
	counter_expect(counter, "POST", "/v1/branches", "{'name':'try'}", 201);
	counter_expect(counter, "POST", "/v1/keys", "{'name':'second'}", 201); /* the first does not revoke itself */
}

static const struct {
	const char *path, *id;
} known[] = {
	{ "/v1/subscriptions/{id}/term", "4" }, /* a route of its own comes before those that begin like it */
	{ "/v1/accounts/", "1" },  { "/v1/customers/", "366" }, { "/v1/orders/", "381" },  { "/v1/invoices/", "2396" },
	{ "/v1/payments/", "213" }, { "/v1/plans/", "1" },      { "/v1/subscriptions/", "3" }, { "/v1/usage/", "1" },
	{ "/v1/jobs/", "1" },      { "/v1/events/", "1" },      { "/v1/credits/", "1" },  { "/v1/deliveries/", "1" },
	{ "/v1/rule_runs/", "1" }, { "/v1/audit/", "1" },       { "/v1/keys/", "2" },     { "/rest/customer/", "366" },
	{ "/rest/order/", "381" }, { "/rest/payment/", "213" }, { "/rest/credit/", "1" },  { "/rest/invoice/", "2396" }, { "/rest/plan/", "1" },
	{ "/v1/catalog/versions/", "1" }, { "/v1/catalog/plans/", "1" }, { "/v1/subscription_bundles/", "1" },
	{ "/v1/blocking_states/", "1" },     { "/v1/credit_notes/", "1" }, { "/v1/webhook_endpoints/", "1" },
	{ "/v1/tasks/", "1" },     { "/v1/task_runs/", "1" },   { "/v1/holidays/", "1" },
	{ "/v1/causes/", "1" },  { "/v1/components/", "1" }, { "/v1/price_points/", "1" }, { "/v1/price_segments/", "1" }, { "/v1/subscription_components/", "1" }, { "/v1/component_usage/", "1" },
	{ "/v1/commitments/", "1" }, { "/v1/progressive_billings/", "1" }, { "/v1/wallets/", "1" },   { "/v1/wallet_transactions/", "1" },
	{ "/v1/streams/", "1" }, { "/v1/metrics/", "1" }, { "/v1/coupons/", "1" },   { "/v1/coupon_redemptions/", "1" },
	{ "/v1/allocations/", "1" }, { "/v1/component_charges/", "1" },
	{ "/v1/tag_definitions/", "100" }, { "/v1/tags/", "1" }, { "/v1/custom_fields/", "1" }, { "/v1/tenant_config/", "1" },
	{ "/v1/termination_requests/", "1" }, { "/v1/branches/", BRANCH },
	{ "/v1/renewal_orders/", "1" },
	{ "/v1/aps_types/", "1" }, { "/v1/aps_resources/", "1" }, { "/v1/event_subscriptions/", "1" }, { "/aps/2/resources/", "r1" },
};

static const struct {
	const char *path, *query; /* of reads that need one */
} asked[] = {
	{ "/rest/customer", "customerId=366" },   { "/rest/order", "orderNumber=1036" },
	{ "/rest/invoice", "invoiceNumber=1019" }, { "/rest/plan", "contractCode=SEATS" },
	{ "/v1/rule_runs", "limit=2" },
};

static const char *const missing[] = { "/rest/refund/{id}" }; /* there is no command that makes one */

/* An address of the route that is there; NULL: nobody has said of which. */
__attribute__((unused)) static const char *target_of(struct counter *counter, const struct http_route *route)
{
	const char *brace = strchr(route->path, '{');
	for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
		if (strcmp(route->path, asked[i].path) == 0)
			return text_format(&counter->arena, "%s?%s", route->path, asked[i].query).data;
	if (!brace)
		return route->path;
	struct text head = { route->path, (size_t)(brace - route->path) };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_is(head, known[i].path) || strcmp(route->path, known[i].path) == 0)
			return counter_path(counter, text_of(route->path), known[i].id);
	return NULL;
}

__attribute__((unused)) static bool is_missing(const struct http_route *route)
{
	for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
		if (strcmp(route->path, missing[i]) == 0)
			return true;
	return false;
}

__attribute__((unused)) static const struct http_route *next_route(const struct http_route *const **table, const struct http_route *route)
{
	if (!route)
		route = **table;
	else
		route++;
	while (!route->path || route->vendors) { /* of a vendor's wire: tests/http/test_maxio.c, tests/compat/maxio */
		if (route->path) {
			route++;
			continue;
		}
		if (!*++*table)
			return NULL;
		route = **table;
	}
	return route;
}

#define FOR_ROUTES(route)                                                                            \
	for (const struct http_route *const *table_ = http_route_tables, *route = next_route(&table_, NULL); route; \
	     route = next_route(&table_, route))

#endif
