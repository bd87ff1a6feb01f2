/* test_owasp.c: the OWASP API Security Top 10 (2023), a test each, over every route of the table.
 *
 * What needs sockets is in tests/hostile (slow clients, p99 of other tenants); each answer is held to its closed schema by
 * tests/api/run; the parts of a risk whose nouns do not exist yet are told as skipped.
 */
#include "counter.h"
#include "receiver.h"

#include "base/log.h"
#include "event/gateway.h"
#include "http/route.h"
#include "verify/verify.h"

#include <sys/stat.h>
#include <time.h>

#define MARK "Quetzalcoatlus"
#define CARD "'card':{'number':'4111111111111111','expiry':'2034-01-31'}"

/* ---- the table ---- */

static const struct json *routes_of(struct counter *counter)
{
	counter_expect(counter, "GET", "/", NULL, 200);
	return json_member(json_parse(counter->reply.body, &counter->arena, &counter->problems), "routes");
}

static const char *member(struct counter *counter, const struct json *route, const char *name)
{
	struct text text = json_text(json_member(route, name));
	return text_present(text) ? text_c(&counter->arena, text) : NULL;
}

static const char *path_with(struct counter *counter, const char *path, long long id)
{
	return counter_path(counter, text_of(path), text_from_int64(&counter->arena, id).data);
}

/* ---- two shops ---- */

/* Orders, invoices, payments, usage; every text that can be given has the mark. */
static void shop_furnish(struct counter *counter)
{
	counter_expect(counter, "PATCH", "/v1/settings", "{'invoice_number':{'prefix':'" MARK "'}}", 200);
	counter_expect(counter, "POST", "/v1/plans",
	               "{'code':'" MARK "','charges':[{'price_code':'M','kind':'recurring','amount':'30.00'},"
	               "{'price_code':'GB','kind':'usage','amount':'1'}]}", 201);
	counter_expect(counter, "POST", "/v1/customers", "{'name':'" MARK "','external_key':'" MARK "'}", 201);
	counter_expect(counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'" MARK "','create_invoice':true,'lines':[{'price_code':'M','quantity':'1'},"
	               "{'price_code':'GB','quantity':'1'}]}", 201);
	counter_expect(counter, "POST", "/v1/payments", "{'account_id':1,'amount':'40','currency':'USD','auto_pay':1," CARD "}",
	               201);
	counter_expect(counter, "POST", "/v1/usage", "{'account_id':1,'price_code':'GB','quantity':'3','memo':'" MARK "'}", 201);
	counter_expect(counter, "PUT", "/v1/bundle", "{'files':{'bundle.json':'{\\'name\\':\\'" MARK "\\'}'}}", 200);
}

/* What every list of the key's tenant shows. */
static struct text shop_shown(struct counter *counter)
{
	const struct json *routes = routes_of(counter);
	struct text_builder out;
	builder_init(&out, &counter->arena, 0);
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		const char *path = member(counter, route, "path"), *method = member(counter, route, "method");
		if (strcmp(method, "GET") != 0 || strncmp(path, "/v1/", 4) != 0)
			continue;
		counter_send(counter, "GET", path_with(counter, path, 1), NULL);
		builder_add(&out, counter->reply.body);
	}
	return builder_text(&out);
}

/* A body that a route takes up to the look-up of what it names. */
static const char *body_for(const char *method, const char *path)
{
	static const struct {
		const char *method, *path, *body;
	} bodies[] = {
		{ "PUT", "/v1/accounts/{id}/address", "{'address':{'city':'x'}}" },
		{ "POST", "/v1/accounts/{id}/charges", "{'amount':'1','description':'x'}" },
		{ "POST", "/v1/accounts/{id}/credits", "{'amount':'1'}" },
		{ "POST", "/v1/invoices/{id}/adjust", "{'position':1}" },
		{ "POST", "/v1/wallets/{id}/top_up", "{'credits':'1'}" },
		{ "POST", "/v1/wallets/{id}/void", "{'credits':'1'}" },
		{ "POST", "/v1/subscriptions/{id}/invoicing", "{'invoicing_off':true}" },
		{ "POST", "/v1/subscription_bundles/{id}/invoicing", "{'invoicing_off':true}" },
		{ "POST", "/v1/accounts/{id}/bill_cycle_day", "{'bill_cycle_day':1}" },
		{ "POST", "/v1/subscriptions/{id}/bill_cycle_day", "{'bill_cycle_day':1}" },
		{ "POST", "/v1/subscriptions/{id}/quantity", "{'quantity':1}" },
		{ "POST", "/v1/subscriptions/{id}/status", "{'status':'active'}" },
		{ "POST", "/v1/subscriptions/{id}/provisioning", "{'status':'failed'}" },
		{ "POST", "/v1/accounts/{id}/payment_methods", "{'token':'t'}" },
		{ "POST", "/v1/subscription_bundles/{id}/transfer", "{'account_id':1}" },
		{ "POST", "/v1/subscriptions/{id}/usage", "{'records':[{'unit':'u','quantity':'1'}]}" },
		{ "POST", "/v1/subscriptions/{id}/usage/remove", "{'tracking_id':'t'}" },
		{ "POST", "/v1/customers/{id}/status", "{'status':'suspended'}" },
		{ "POST", "/v1/components/{id}/price_points", "{'handle':'h','price':{'scheme':'per_unit','unit_price':'1'}}" },
		{ "PATCH", "/v1/price_points/{id}", "{'name':'x'}" },
		{ "PATCH", "/v1/streams/{id}", "{'name':'x'}" },
		{ "POST", "/v1/subscriptions/{id}/allocations", "{'allocations':[{'component_id':1,'quantity':'2'}]}" },
		{ "POST", "/v1/subscriptions/{id}/allocations/preview", "{'allocations':[{'component_id':1,'quantity':'2'}]}" },
		{ "POST", "/v1/price_points/{id}/segments",
		  "{'segments':[{'value_1':'x','price':{'scheme':'per_unit','unit_price':'1'}}]}" },
		{ "POST", "/v1/price_points/{id}/currency_prices",
		  "{'currency':'EUR','price':{'scheme':'per_unit','unit_price':'1'}}" },
		{ "POST", "/v1/subscriptions/{id}/components/reprice", "{'components':[{'component_id':1,'price_point_id':1}]}" },
		{ "PATCH", "/v1/allocations/{id}", "{'expires_at':'2030-01-01T00:00:00Z'}" },
		{ "PATCH", "/v1/orders/{id}", "{'status':'suspended'}" },
		{ "PATCH", "/v1/custom_fields/{id}", "{'value':'x'}" },
		{ "POST", "/v1/orders/{id}/change",
		  "{'order':{'plan':'WHITE-LBL-B','lines':[{'price_code':'MNTHLY','quantity':'1'}]}}" },
		{ "PUT", "/rest/order/{id}", "{'subscriptionOrder':{'orderStatus':'Suspended'}}" },
	};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		if (strcmp(method, bodies[i].method) == 0 && strcmp(path, bodies[i].path) == 0)
			return bodies[i].body;
	return strcmp(method, "GET") == 0 || strncmp(path, "/rest", 5) == 0 ? NULL : "{}";
}

static int foreign_routes_ask(struct counter *counter, long long id)
{
	const struct json *routes = routes_of(counter);
	int asked = 0;
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		const char *path = member(counter, route, "path"), *method = member(counter, route, "method");
		if (!strstr(path, "{id}") || strstr(path, "/events/") || strstr(path, "/tag_definitions/") ||
		    strstr(path, "/audit/")) /* both tenants count from 1: test_v1.c; the first tags are everybody's */
			continue;
		const char *target = path_with(counter, path, id);
		if (strcmp(path, "/rest/order/{id}") == 0 && strcmp(method, "POST") == 0)
			target = text_format(&counter->arena, "%s?action=suspend", target).data;
		check_note("%s %s", method, target);
		const char *body = body_for(method, path);
		if (body && strncmp(path, "/rest", 5) == 0)
			counter_header(counter, "Content-Type", "application/json");
		counter_expect(counter, method, target, body, 404);
		CHECK(!counter_body_has(counter, MARK));
		asked++;
	}
	return asked;
}

/* Ids inside bodies and queries. */
static void foreign_references_ask(struct counter *counter)
{
	static const struct {
		const char *target, *body;
	} writes[] = {
		{ "/v1/customers", "{'name':'x','account_id':1}" },
		{ "/v1/orders", "{'account_id':1,'plan':'WHITE-LBL-B','lines':[{'price_code':'MNTHLY','quantity':'1'}]}" },
		{ "/v1/orders", "{'customer_key':'" MARK "','plan':'WHITE-LBL-B','lines':[{'price_code':'MNTHLY','quantity':'1'}]}" },
		{ "/v1/orders/quote", "{'account_id':1,'plan':'WHITE-LBL-B'}" },
		{ "/v1/payments", "{'account_id':1,'amount':'1','currency':'USD'," CARD "}" },
		{ "/v1/wallets", "{'account_id':1}" },
		{ "/v1/progressive_billings", "{'subscription_id':1,'thresholds':[{'amount':'1'}]}" },
		{ "/v1/usage", "{'account_id':1,'price_code':'GB','quantity':'1'}" },
		{ "/v1/usage", "{'order_id':1,'price_code':'GB','quantity':'1'}" },
		{ "/v1/component_usage", "{'subscription_id':1,'component_id':1,'quantity':'1'}" },
		{ "/v1/component_usage/batch", "{'items':[{'subscription_id':1,'component_id':1,'quantity':'1'}]}" },
		{ "/v1/usage/batch", "{'items':[{'subscription_id':1,'price_code':'GB','quantity':'1'}]}" },
	};
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
		check_note("%s", writes[i].body);
		counter_expect(counter, "POST", writes[i].target, writes[i].body, 404);
	}
	static const char *const lists[] = { "orders?account_id=1", "invoices?account_id=1", "payments?account_id=1", "usage?account_id=1",
		                             "subscriptions?account_id=1", "credits?account_id=1", "accounts?external_key=" MARK,
		                             "customers?external_key=" MARK, "plans?code=" MARK, "invoices?number=" MARK "1" };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		check_note("%s", lists[i]);
		counter_expect(counter, "GET", text_format(&counter->arena, "/v1/%s", lists[i]).data, NULL, 200);
		CHECK_EQ_INT(counter_json_count(counter, "items"), 0);
	}
}

TEST(api1_object_authorisation_every_route_with_a_foreign_id_is_404_and_changes_nothing)
{
	struct counter counter;
	counter_open(&counter);
	const char *own = counter.key, *other = text_c(&counter.arena, counter_tenant(&counter, MARK)->api_key);
	counter.key = other;
	shop_furnish(&counter); /* its ids begin at 1; those of the one who asks at 366 and above, but for plans */
	struct text before = shop_shown(&counter);
	CHECK(memmem(before.data, before.length, MARK, strlen(MARK)) != NULL);
	counter.key = own;
	/* plans 1 to 3 are one's own; the other's first id beyond them does not exist here either */
	CHECK(foreign_routes_ask(&counter, 4) > 25);
	foreign_references_ask(&counter);
	counter.key = other;
	CHECK(text_equals(shop_shown(&counter), before));
	/* negative control: the owner is let through */
	counter_expect(&counter, "GET", "/v1/accounts/1", NULL, 200);
	counter_expect(&counter, "PATCH", "/v1/orders/1", "{'status':'suspended'}", 200);
	CHECK(!text_equals(shop_shown(&counter), before));
	counter_close(&counter);
}

/* ---- API2 ---- */

static int64_t cpu_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int cost_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
	return (left > right) - (left < right);
}

enum { GUESSES = 4000 };

static int64_t guess_cost_ns(struct counter *counter, const char *key)
{
	struct arena_mark mark = arena_mark(&counter->arena);
	counter->key = key;
	int64_t begin = cpu_ns();
	counter_send(counter, "GET", "/v1/tenant", NULL);
	int64_t cost = cpu_ns() - begin;
	CHECK_EQ_INT(counter->reply.status, 401);
	arena_rewind(&counter->arena, mark);
	return cost;
}

/* Processor time, in turns, medians: the machine may be busy. */
static void check_equal_cost(struct counter *counter, const char *unknown_id, const char *wrong_secret)
{
	static int64_t costs[2][GUESSES];
	for (int i = 0; i < GUESSES; i++) {
		costs[0][i] = guess_cost_ns(counter, unknown_id);
		costs[1][i] = guess_cost_ns(counter, wrong_secret);
	}
	for (int side = 0; side < 2; side++)
		qsort(costs[side], GUESSES, sizeof costs[side][0], cost_compare);
	int64_t a = costs[0][GUESSES / 2], b = costs[1][GUESSES / 2];
	printf("# an unknown key costs %lld ns, a wrong secret %lld ns\n", (long long)a, (long long)b);
	CHECK(a < b * 2 && b < a * 2);
}

static int guess_from(struct counter *counter, const char *address, const char *key)
{
	struct http_field header = { TEXT("Authorization"), text_format(&counter->arena, "Bearer %s", key) };
	struct http_request request = { .arena = &counter->arena, .method = TEXT("GET"), .target = TEXT("/v1/tenant"),
		                        .headers = &header, .header_count = 1, .remote = text_of(address) };
	CHECK(ip_parse(text_of(address), &request.address));
	http_handle_wait(counter->application, &request, &counter->reply);
	return counter->reply.status;
}

TEST(api2_authentication_only_a_whole_key_in_force_opens_and_guesses_are_few)
{
	struct counter counter;
	counter_open(&counter);
	const char *whole = counter.key, *revoked = counter_key(&counter, "read");
	size_t length = strlen(whole);
	counter.key = revoked;
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);
	counter_command(&counter, "key.revoke", "{'name':'read'}");
	char *wrong = (char *)(uintptr_t)text_c(&counter.arena, text_of(whole));
	char *unknown = (char *)(uintptr_t)text_c(&counter.arena, text_of(whole));
	wrong[length - 1] = wrong[length - 1] == '0' ? '1' : '0';
	char *id = strchr(unknown, '_') + 1;
	id = strchr(id, '_') ? strchr(id, '_') + 1 : id;
	id[0] = id[0] == 'a' ? 'b' : 'a';
	const char *longer = text_format(&counter.arena, "%s0", whole).data;
	const char *bad[] = { "", " ", "x", revoked, wrong, unknown, longer, text_format(&counter.arena, "%.*s", (int)length - 1, whole).data,
		              text_format(&counter.arena, "%.20s", whole).data, "null", "undefined", "Bearer" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("key %zu", i);
		counter.key = bad[i];
		counter_expect(&counter, "GET", "/v1/tenant", NULL, 401);
		CHECK_EQ_TEXT(counter_reply_header(&counter, "WWW-Authenticate"), "Bearer realm=\"moonbill\"");
		CHECK(!counter_body_has(&counter, "secret") && (strlen(bad[i]) < 20 || !counter_body_has(&counter, bad[i])));
	}
	check_equal_cost(&counter, unknown, wrong);
	counter.key = whole;
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);
	/* 100 of one address in a minute: throttled, while another address goes on */
	struct http_limits limits = { .rates = { .per_s = { [RATE_ADDRESS] = 500 }, .burst_s = 60 } };
	CHECK(http_application_limit(counter.application, &limits));
	counter.key = wrong;
	int tries = 0;
	while (guess_from(&counter, "192.0.2.7", wrong) == 401 && tries < 1000)
		tries++;
	printf("# %d wrong keys at once before 429\n", tries);
	CHECK_EQ_INT(counter.reply.status, 429);
	CHECK(text_present(counter_reply_header(&counter, "Retry-After")));
	CHECK_EQ_INT(guess_from(&counter, "192.0.2.8", whole), 200);
	counter_close(&counter);
}

/* ---- API3 ---- */

/* Every field of the answer that the input has not, and what every attacker tries first. */
static int unknown_properties_try(struct counter *counter, const char *method, const char *target, const struct record *input,
                                  const struct record *output, const char *from_path)
{
	static const char *const others[] = { "tenant_id", "balance", "is_admin", "scopes", "__proto__" };
	int tried = 0;
	size_t fields = output ? output->field_count : 0, count = fields + sizeof others / sizeof *others;
	for (size_t i = 0; i < count; i++) {
		const char *name = i < fields ? output->fields[i].name : others[i - fields];
		bool in_input = record_field_find(input, text_of(name)) >= 0;
		if (in_input && !(from_path && strcmp(name, from_path) == 0))
			continue;
		check_note("%s %s: %s", method, target, name);
		counter_send(counter, method, target, text_format(&counter->arena, "{'%s':1}", name).data);
		CHECK_EQ_INT(counter->reply.status, 422);
		struct text pointer = text_format(&counter->arena, "\"pointer\":\"/%s\",\"code\":\"", name);
		CHECK(counter_body_has(counter, text_format(&counter->arena, "%.*sunknown_field", TEXT_ARG(pointer)).data) ||
		      counter_body_has(counter, text_format(&counter->arena, "%.*sread_only_field", TEXT_ARG(pointer)).data));
		tried++;
	}
	return tried;
}

TEST(api3_property_authorisation_what_a_body_may_not_set_is_refused_not_ignored)
{
	struct counter counter;
	counter_open(&counter);
	const struct json *routes = routes_of(&counter);
	int tried = 0;
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		const char *path = member(&counter, route, "path"), *input = member(&counter, route, "input"),
		           *output = member(&counter, route, "output");
		if (!input || strncmp(path, "/v1/", 4) != 0 || strcmp(path, "/v1/bundle") == 0)
			continue;
		const char *from_path = !strstr(path, "{id}") ? NULL : strstr(path, "/change") ? "old_order_id"
		                        : strstr(path, "/bill") ? "account_id" : "id";
		tried += unknown_properties_try(&counter, member(&counter, route, "method"), path_with(&counter, path, 999999),
		                                record_by_name(text_of(input)), output ? record_by_name(text_of(output)) : NULL,
		                                from_path);
	}
	printf("# %d properties\n", tried);
	CHECK(tried > 200);
	counter_expect(&counter, "GET", "/v1/accounts", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0); /* nothing was made on the way */
	/* hidden fields are in no answer */
	shop_furnish(&counter);
	struct text shown = shop_shown(&counter);
	static const char *const hidden[] = { "secret_digest", "\"token\"", "4111111111111111" };
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		CHECK(!memmem(shown.data, shown.length, hidden[i], strlen(hidden[i])));
	counter_close(&counter);
}

/* ---- API4 ---- */

static struct text repeated(struct counter *counter, const char *head, const char *part, size_t times, const char *tail)
{
	struct text_builder out;
	builder_init(&out, &counter->arena, 0);
	builder_c(&out, head);
	for (size_t i = 0; i < times; i++)
		builder_c(&out, part);
	builder_c(&out, tail);
	return builder_text(&out);
}

TEST(api4_resources_what_is_too_much_is_refused_before_it_costs)
{
	struct counter counter;
	counter_open(&counter);
	const struct {
		const char *name, *target;
		struct text body;
		int status;
	} much[] = {
		{ "10 MiB", "/v1/accounts", repeated(&counter, "{\"name\":\"", "aaaaaaaaaa", 1024 * 1024, "\"}"), 413 },
		{ "a list of a million", "/v1/accounts", repeated(&counter, "{\"custom\":[1", ",1", 1000000, "]}"), 413 },
		{ "a list within the body's limit", "/v1/usage/batch", repeated(&counter, "{\"items\":[1", ",1", 400000, "]}"), 422 },
		{ "depth 100,000", "/v1/accounts", repeated(&counter, "{\"custom\":", "[", 100000, ""), 422 },
		{ "10,000 usages", "/v1/usage/batch",
		  repeated(&counter, "{\"items\":[{}", ",{\"price_code\":\"GB\",\"quantity\":\"1\"}", 10000, "]}"), 422 },
		{ "2,000 members", "/v1/accounts", repeated(&counter, "{\"a\":1", ",\"a\":1", 2000, "}"), 422 },
	};
	for (size_t i = 0; i < sizeof much / sizeof *much; i++) {
		struct arena_mark mark = arena_mark(&counter.arena);
		check_note("%s", much[i].name);
		int64_t begin = cpu_ns();
		counter_send_text(&counter, "POST", much[i].target, much[i].body);
		int64_t took_ms = (cpu_ns() - begin) / 1000000;
		printf("# %s: %d after %lld ms\n", much[i].name, counter.reply.status, (long long)took_ms);
		CHECK_EQ_INT(counter.reply.status, much[i].status);
		CHECK(took_ms < 2000);
		arena_rewind(&counter.arena, mark);
	}
	static const char *const queries[] = { "limit=1000000000", "limit=0", "limit=-1", "limit=201", "max=1000000000" };
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
		counter_expect(&counter, "GET", text_format(&counter.arena, "/v1/accounts?%s", queries[i]).data, NULL, 400);
	/* a filter is a text, not a pattern */
	counter_expect(&counter, "GET", "/rest/customers?search=%25%25%25%25%25%25_%2a%28a%2b%29%2b%24", NULL, 200);
	counter_close(&counter);
}

/* ---- API5 ---- */

TEST(api5_functions_every_route_opens_to_its_scope_and_to_no_other)
{
	static const char *const scopes[] = { "read", "write", "payments", "deploy", "admin" };
	struct counter counter;
	const char *keys[5];
	counter_open(&counter);
	const char *whole = counter.key;
	for (size_t i = 0; i < 5; i++)
		keys[i] = counter_key(&counter, scopes[i]);
	const struct json *routes = routes_of(&counter);
	int refused = 0, let = 0;
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		const char *path = member(&counter, route, "path"), *method = member(&counter, route, "method"),
		           *scope = member(&counter, route, "scope");
		for (size_t k = 0; scope && k < 5; k++) {
			check_note("%s %s with %s", method, path, scopes[k]);
			counter.key = keys[k];
			counter_header(&counter, "Dry-Run", "true");
			counter_send(&counter, method, path_with(&counter, path, 999999), "{'nothing':1}");
			bool may = strcmp(scopes[k], scope) == 0 || strcmp(scopes[k], "admin") == 0;
			CHECK_EQ_INT(counter.reply.status == 403, !may);
			*(may ? &let : &refused) += 1;
		}
	}
	printf("# %d let through, %d refused\n", let, refused);
	CHECK(let > 100 && refused > 200);
	/* what operators do has no address here */
	static const char *const inner[] = { "/metrics", "/v1/tenants", "/v1/fixture", "/v1/commands", "/admin", "/console" };
	counter.key = whole;
	for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
		counter_expect(&counter, "GET", inner[i], NULL, 404);
	counter_close(&counter);
}

/* ---- API6 ---- */

static void print_violation(void *context, const struct violation *violation)
{
	(void)context;
	printf("# %s: %.*s %lld\n", violation->name, TEXT_ARG(violation->kind), (long long)violation->id);
}

static void no_progress(void *context, struct text tenant, const char *walk, int64_t next)
{
	(void)context, (void)tenant, (void)walk, (void)next;
}

TEST(api6_flows_what_is_done_over_and_over_or_below_nothing_breaks_no_invariant)
{
	char folder[] = "/tmp/owasp-XXXXXX", path[60], remove[80];
	struct counter counter;
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/store.db", folder);
	counter_open_at(&counter, path, false);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'Ann'}", 201);
	static const char *const below[] = { "{'account_id':1,'amount':'-5','currency':'USD'," CARD "}",
		                             "{'account_id':1,'amount':'0','currency':'USD'," CARD "}",
		                             "{'account_id':1,'amount':'1e9','currency':'USD'," CARD "}",
		                             "{'account_id':1,'amount':'99999999999999999999','currency':'USD'," CARD "}" };
	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		counter_expect(&counter, "POST", "/v1/payments", below[i], 422);
	static const char *const quantities[] = { "-1", "0", "1000000001", "0.0000001" };
	for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
		counter_expect(&counter, "POST", "/v1/orders",
		               text_format(&counter.arena, "{'account_id':1,'plan':'WHITE-LBL-A','lines':[{'price_code':'MNTHLY',"
		                           "'quantity':'%s'}]}", quantities[i]).data, 422);
	int64_t order = 0, invoice = 0;
	for (int round = 0; round < 10; round++) { /* pay, change for a credit, cancel: the credit may not grow */
		check_note("round %d", round);
		counter_expect(&counter, "POST", "/v1/orders",
		               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-06','create_invoice':true,"
		               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
		CHECK(text_to_int64(counter_json(&counter, "id"), &order));
		counter_expect(&counter, "GET", "/v1/invoices?limit=1", NULL, 200);
		CHECK(text_to_int64(counter_json(&counter, "items.0.id"), &invoice));
		const char *change = text_format(&counter.arena, "/v1/orders/%lld/change", (long long)order).data;
		const char *cancel = text_format(&counter.arena, "/v1/invoices/%lld/cancel", (long long)invoice).data;
		static const char next[] = "{'order':{'plan':'WHITE-LBL-B','start_date':'2011-09-07','lines':[{'price_code':'MNTHLY',"
		                           "'quantity':'1'}]}}";
		if (round % 2)
			counter_expect(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'500','currency':'USD'," CARD "}", 201);
		counter_expect(&counter, "POST", change, next, 201);
		counter_expect(&counter, "POST", change, next, 409); /* once */
		counter_send(&counter, "POST", cancel, "{}");
		counter_send(&counter, "POST", cancel, "{}");
		CHECK_EQ_INT(counter.reply.status, 409);
	}
	counter_expect(&counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'30.00','currency':'USD','billing_period':'monthly'}", 201);
	counter_expect(&counter, "POST", "/v1/coupons", "{'code':'ONE','percent':'100','max_per_account':1}", 201);
	for (int round = 0; round < 5; round++) { /* once is once, however often it is taken away and redeemed */
		counter_expect(&counter, "POST", "/v1/coupon_redemptions", "{'coupon':'ONE','account_id':1}", round ? 409 : 201);
		counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van'}", 201);
		counter_send(&counter, "POST", "/v1/coupon_redemptions/1/remove", "{}");
	}
	counter_header(&counter, "Idempotency-Key", "once");
	counter_expect(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'7','currency':'USD'," CARD "}", 201);
	struct text first = counter.reply.body;
	counter_header(&counter, "Idempotency-Key", "once");
	counter_expect(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'7','currency':'USD'," CARD "}", 201);
	CHECK(text_equals(first, counter.reply.body));
	struct verify_options options = { .found = print_violation, .progress = no_progress };
	struct verify_totals totals;
	struct store *store = store_open(text_of(path), &(struct store_options){ .read_only = true, .readers = 1 }, &counter.problems);
	CHECK(store && verify_run(store, &options, &counter.problems, &totals));
	CHECK_EQ_INT(totals.violations, 0);
	store_close(store);
	counter_close(&counter);
	snprintf(remove, sizeof remove, "rm -rf %s", folder);
	CHECK_EQ_INT(system(remove), 0);
	printf("# refunds do not exist yet\n");
}

/* ---- API7 ---- */

/* Each with the port of a server on loopback; what is not refused at once is so when it is connected to. */
static const char *const private_urls[] = {
	"http://127.0.0.1:%d/", "http://127.1:%d/", "http://127.0.1:%d/", "http://0x7f.1:%d/", "http://0x7f000001:%d/",
	"http://0177.0.0.1:%d/", "http://2130706433:%d/", "http://127.0.0.1.:%d/", "http://127.255.255.254:%d/", "http://127.000.000.001:%d/",
	"http://localhost:%d/", "http://LOCALHOST:%d/", "http://localhost.:%d/", "http://ip6-localhost:%d/", "http://[::1]:%d/",
	"http://[0:0:0:0:0:0:0:1]:%d/", "http://[::ffff:127.0.0.1]:%d/", "http://[::ffff:7f00:1]:%d/", "http://[::127.0.0.1]:%d/",
	"http://[64:ff9b::7f00:1]:%d/", "http://[2002:7f00:1::]:%d/", "http://0.0.0.0:%d/", "http://0:%d/", "http://[::]:%d/",
	"http://user@127.0.0.1:%d/", "http://example.com@127.0.0.1:%d/", "http://example.com%%00@127.0.0.1:%d/",
	"http://127.0.0.1:%d#@example.com/", "http://127.0.0.1:%d?@example.com/", "http://127.0.0.1:%d\\\\@example.com/",
	"http://10.0.0.1:%d/", "http://172.16.0.1:%d/", "http://192.168.0.1:%d/", "http://100.64.0.1:%d/", "http://198.18.0.1:%d/",
	"http://169.254.169.254:%d/latest/meta-data/", "http://[fe80::1]:%d/", "http://[fe80::1%%25lo]:%d/", "http://[fd00:ec2::254]:%d/",
	"http://[fc00::1]:%d/", "http://224.0.0.1:%d/", "http://239.255.255.250:%d/", "http://255.255.255.255:%d/", "http://240.0.0.1:%d/",
	"http://192.0.2.1:%d/", "http://198.51.100.1:%d/", "http://203.0.113.1:%d/", "http://[ff02::1]:%d/", "http://[2001:db8::1]:%d/",
	"http://[2001::1]:%d/", "ftp://127.0.0.1:%d/", "gopher://127.0.0.1:%d/", "file:///etc/passwd?%d", "dict://127.0.0.1:%d/",
	"ldap://127.0.0.1:%d/", "smtp://127.0.0.1:%d/", "telnet://127.0.0.1:%d/", "http://127.0.0.1:22/%d", "http:127.0.0.1:%d/", "//127.0.0.1:%d/",
};

TEST(api7_server_side_requests)
{
	struct counter counter;
	struct receiver receiver;
	const size_t count = sizeof private_urls / sizeof private_urls[0];
	size_t refused = 0;
	receiver_open(&receiver);
	counter_open(&counter);
	counter_expect(&counter, "PATCH", "/v1/settings", "{'deliveries':{'plain_http':true,'webhook_retries':''}}", 200);
	for (size_t i = 0; i < count; i++) {
		char url[200];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(url, sizeof url, private_urls[i], receiver.port);
#pragma GCC diagnostic pop
		counter_send(&counter, "POST", "/v1/webhook_endpoints", text_format(&counter.arena, "{'url':'%s'}", url).data);
		CHECK(counter.reply.status == 201 || counter.reply.status == 422);
		refused += counter.reply.status == 422;
	}
	printf("# of %zu addresses %zu are refused by their text, the rest when they are connected to\n", count, refused);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	CHECK(engine_drain(counter.engine, counter.tenant_id, &counter.problems));
	counter_expect(&counter, "GET", "/v1/deliveries?status=done", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	counter_expect(&counter, "GET", "/v1/deliveries?status=dead", NULL, 200);
	CHECK(counter_json_count(&counter, "items") >= 3);
	CHECK(strstr(counter.reply.body.data, "its address is not a public one") != NULL);
	CHECK_EQ_INT(receiver.links, 0);
	/* The control: the same server, and leave to go there. */
	counter_expect(&counter, "PATCH", "/v1/settings", "{'deliveries':{'private_addresses':true}}", 200);
	for (int id = 1; id <= 3; id++)
		counter_expect(&counter, "POST", text_format(&counter.arena, "/v1/deliveries/%d/retry", id).data, "{}", 200);
	CHECK(engine_drain(counter.engine, counter.tenant_id, &counter.problems));
	CHECK(receiver.links >= 1);
	counter_close(&counter);
	receiver_close(&receiver);
}

/* ---- API8 ---- */

TEST(api8_configuration_nothing_is_open_told_or_kept_that_need_not_be)
{
	struct counter counter;
	counter_open(&counter);
	const char *whole = counter.key;
	static const char *const defaults[] = { "admin", "moonbill", "test", "changeme", "mb_test_0", "root" };
	for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
		counter.key = defaults[i];
		counter_expect(&counter, "GET", "/v1/tenant", NULL, 401);
	}
	counter.key = whole;
	static const char *const targets[] = { "/", "/healthz", "/openapi.json", "/v1/tenant", "/v1/nothing", "/rest/plans", "/%zz" };
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		check_note("%s", targets[i]);
		counter_header(&counter, "Origin", "https://evil.example");
		counter_header(&counter, "Access-Control-Request-Method", "POST");
		counter_send(&counter, "GET", targets[i], NULL);
		CHECK_EQ_TEXT(counter_reply_header(&counter, "X-Content-Type-Options"), "nosniff");
		CHECK(text_present(counter_reply_header(&counter, "Cache-Control")));
		CHECK_EQ_TEXT(counter_reply_header(&counter, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
		CHECK(!text_present(counter_reply_header(&counter, "Access-Control-Allow-Origin")));
		CHECK(!text_present(counter_reply_header(&counter, "Server")));
		CHECK(!counter_body_has(&counter, "sqlite") && !counter_body_has(&counter, "microhttpd"));
	}
	static const char *const methods[] = { "TRACE", "OPTIONS", "CONNECT", "PROPFIND", "TRACK", "get" };
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		check_note("%s", methods[i]);
		counter_expect(&counter, methods[i], "/v1/tenant", NULL, 405);
		CHECK(!text_present(counter_reply_header(&counter, "Access-Control-Allow-Origin")));
		CHECK(!counter_body_has(&counter, whole));
	}
	counter_close(&counter);
}

TEST(api8_configuration_a_store_is_for_its_owner_alone)
{
	char folder[] = "/tmp/owasp-XXXXXX", path[60], remove[80];
	struct counter counter;
	struct stat file;
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/store.db", folder);
	counter_open_at(&counter, path, false);
	CHECK_EQ_INT(stat(path, &file), 0);
	CHECK_EQ_INT(file.st_mode & 0077, 0);
	counter_close(&counter);
	snprintf(remove, sizeof remove, "rm -rf %s", folder);
	CHECK_EQ_INT(system(remove), 0);
	printf("# synchronous is FULL: fault_power; there is no key file and no PostgreSQL yet\n");
}

/* ---- API9 ---- */

/* Does the document have this operation? */
static bool described(struct counter *counter, const struct json *document, const struct json *route)
{
	const char *path = member(counter, route, "path");
	char method[16] = "";
	const char *upper = member(counter, route, "method");
	for (size_t i = 0; upper[i] && i < sizeof method - 1; i++)
		method[i] = (char)(upper[i] | 0x20);
	const struct json *item = json_member(json_member(document, "paths"), path);
	return item && json_member(item, method);
}

static size_t operations_count(const struct json *document)
{
	size_t count = 0;
	for (const struct json *item = json_member(document, "paths")->first; item; item = item->next)
		count += item->count;
	return count;
}

/* "`GET /v1/things`", "`/v1/things?...`": what a page of the documentation speaks of. */
static int documented_paths_check(struct counter *counter, const char *page, const struct json *document)
{
	static char text[200 * 1024];
	FILE *file = fopen(page, "r");
	CHECK(file != NULL);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	int checked = 0;
	for (const char *at = text; (at = strstr(at, "/v1/")) != NULL; at += 4) {
		size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz_/{}0123456789");
		struct text_builder path;
		builder_init(&path, &counter->arena, 0);
		for (size_t i = 0; i < length; i++) {
			bool digit = at[i] >= '0' && at[i] <= '9' && i > 3;
			if (!digit)
				builder_byte(&path, at[i]);
			else if (at[i - 1] == '/')
				builder_c(&path, "{id}");
		}
		const char *name = builder_text(&path).data;
		if (name[strlen(name) - 1] == '/')
			continue;
		check_note("%s: %s", page, name);
		CHECK(json_member(json_member(document, "paths"), name) != NULL);
		checked++;
	}
	return checked;
}

TEST(api9_inventory_table_description_and_documentation_are_one)
{
	struct counter counter;
	counter_open(&counter);
	const struct json *routes = routes_of(&counter);
	counter_expect(&counter, "GET", "/openapi.json", NULL, 200);
	const struct json *document = json_parse(counter.reply.body, &counter.arena, &counter.problems);
	for (size_t i = 0; i < routes->count; i++) {
		check_note("%s %s", member(&counter, json_item(routes, i), "method"), member(&counter, json_item(routes, i), "path"));
		CHECK(described(&counter, document, json_item(routes, i)));
	}
	CHECK_EQ_INT(operations_count(document), routes->count);
	CHECK(documented_paths_check(&counter, SOURCE_DIR "/docs/http.md", document) > 5);
	CHECK(documented_paths_check(&counter, SOURCE_DIR "/README.md", document) > 5);
	counter_close(&counter);
	printf("# there is one version; none is old\n");
}

/* ---- API10 ---- */

static char lie_text[10 * 1024 * 1024];

struct lie {
	const char *name;
	enum gateway_outcome_status status;
	struct text transaction, message;
	int64_t delay_us;
};

static void lie_tell(void *context, const struct gateway_charge *charge, int64_t deadline_us, struct arena *arena,
                     struct gateway_outcome *outcome)
{
	const struct lie *lie = context;
	(void)charge, (void)deadline_us, (void)arena;
	if (lie->delay_us)
		clock_sleep_us(lie->delay_us);
	*outcome = (struct gateway_outcome){ .attempt_id = 999999, .status = lie->status, .transaction_id = lie->transaction,
		                             .message = lie->message };
}

static void lie_inquire(void *context, int64_t tenant_id, struct text key, struct arena *arena, struct gateway_outcome *outcome)
{
	(void)tenant_id, (void)key;
	lie_tell(context, NULL, 0, arena, outcome);
}

TEST(api10_consumption_a_gateway_that_lies_makes_no_payment_and_no_mess)
{
	memset(lie_text, 'x', sizeof lie_text);
	struct lie lies[] = {
		{ .name = "nothing" },
		{ .name = "no status there is", .status = (enum gateway_outcome_status)77 },
		{ .name = "a page of HTML", .status = GATEWAY_OUTCOME_STATUS_NONE, .message = TEXT("<html>200 OK</html>") },
		{ .name = "10 MiB", .status = GATEWAY_OUTCOME_STATUS_DECLINED, .message = { lie_text, sizeof lie_text } },
		{ .name = "bytes", .status = GATEWAY_OUTCOME_STATUS_DECLINED, .transaction = TEXT("\xff\xfe\x01") },
	};
	struct counter counter;
	log_set_level(LOG_OFF);
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'Ann'}", 201);
	struct gateway *gateway = (struct gateway *)(uintptr_t)engine_gateway(counter.engine, TEXT("test"));
	struct gateway honest = *gateway;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		check_note("%s", lies[i].name);
		*gateway = (struct gateway){ .name = "test", .charge = lie_tell, .inquire = lie_inquire, .context = &lies[i] };
		counter_send(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'5','currency':'USD'," CARD "}");
		int status = counter.reply.status;
		printf("# %s: %d %.*s\n", lies[i].name, status, TEXT_ARG(counter_json(&counter, "status")));
		CHECK(status == 201 || status == 502);
		CHECK(counter.reply.body.length < 10000);
		counter_expect(&counter, "GET", "/v1/payments?limit=1&status=succeeded", NULL, 200);
		CHECK_EQ_INT(counter_json_count(&counter, "items"), 0);
	}
	*gateway = honest;
	counter_expect(&counter, "POST", "/v1/payments", "{'account_id':1,'amount':'5','currency':'USD'," CARD "}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "status"), "succeeded");
	struct text attempt = counter_json(&counter, "attempts.0.id");
	/* the same success once more changes nothing */
	const struct command_type *type = engine_command(counter.engine, TEXT("payment.complete"));
	struct gateway_outcome again = { .status = GATEWAY_OUTCOME_STATUS_APPROVED };
	CHECK(text_to_int64(attempt, &again.attempt_id));
	struct command_request request = { .tenant_id = counter.tenant_id, .type = type, .input = &again,
		                           .origin = { .actor = TEXT("operator") }, .arena = &counter.arena,
		                           .problems = &counter.problems };
	command_run(counter.engine, &request);
	counter_expect(&counter, "GET", "/v1/credits", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "items.0.amount"), "5.00");
	CHECK_EQ_INT(counter_json_count(&counter, "items"), 1);
	counter_close(&counter);
	printf("# an answer names no amount or currency that could be wrong; slow drip: event_gateway's deadline\n");
}

CHECK_MAIN
