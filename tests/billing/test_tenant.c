/* test_tenant.c: tenants, their settings, their API keys, their fixtures. */
#include "desk.h"

#include "billing/tenant_setting.h"

/* ---- made ---- */

TEST(a_tenant_is_made_with_a_key_that_opens_everything)
{
	struct desk desk;
	struct api_key_identity who;
	desk_open_store(&desk, ":memory:");
	const struct tenant_created *tenant =
	        desk_do(&desk, "tenant.create", "{'name':'acme','time_zone':'Europe/Paris','currency':'EUR'}");
	CHECK_EQ_INT(tenant->id, 1);
	CHECK_EQ_INT(tenant->mode, TENANT_CREATED_MODE_LIVE);
	CHECK_EQ_C(tenant->currency->code, "EUR");
	CHECK(text_starts(tenant->api_key, "mb_live_"));
	struct api_key_cache *keys = api_key_cache_new(desk.engine);
	CHECK(api_key_verify(keys, tenant->api_key, &who));
	CHECK_EQ_INT(who.tenant_id, 1);
	CHECK_EQ_INT(who.scopes, API_SCOPE_ALL);
	CHECK_EQ_C(who.actor, "key:first");
	CHECK(!who.test);
	api_key_cache_free(keys);
	desk_close(&desk);
}

TEST(a_test_tenant_has_a_clock_of_its_own)
{
	struct desk desk;
	desk_open_store(&desk, ":memory:");
	const struct tenant_created *tenant =
	        desk_do(&desk, "tenant.create", "{'name':'trial','test':true,'at':'2011-09-06T15:00:00Z'}");
	CHECK_EQ_TEXT(instant_text(&desk.arena, tenant->clock), "2011-09-06T15:00:00Z");
	CHECK(instant_text(&desk.arena, tenant->created_at).length == 20);
	CHECK(text_starts(tenant->api_key, "mb_test_"));
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'live','at':'2011-09-06T15:00:00Z'}", PROBLEM_INVALID_COMBINATION, "/at");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'live','demo':'daddyhost'}", PROBLEM_INVALID_COMBINATION, "/demo");
	desk_close(&desk);
}

TEST(a_tenant_with_a_taken_name_or_unknown_zone_is_refused_and_burns_no_id)
{
	struct desk desk;
	desk_open_store(&desk, ":memory:");
	desk_do(&desk, "tenant.create", "{'name':'acme'}");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'acme'}", PROBLEM_DUPLICATE, "/name");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':' b'}", PROBLEM_BAD_TEXT, "/name");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'b','time_zone':'Mars'}", PROBLEM_BAD_TIMEZONE, "/time_zone");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'b','settings':{'billing':{'day':32}}}", PROBLEM_OUT_OF_RANGE,
	              "/settings/billing/day");
	const struct tenant_created *next = desk_do(&desk, "tenant.create", "{'name':'b'}");
	CHECK_EQ_INT(next->id, 2);
	desk_close(&desk);
}

/* ---- rotation ---- */

static bool opens(struct api_key_cache *keys, struct text key)
{
	struct api_key_identity who;
	return api_key_verify(keys, key, &who);
}

TEST(a_rotated_key_opens_until_its_grace_has_passed)
{
	struct desk desk;
	desk_open(&desk);
	struct api_key_cache *keys = api_key_cache_new(desk.engine);
	const struct key_created *old = desk_do(&desk, "key.create", "{'name':'ci','scopes':'read deploy'}");
	const struct key_rotated *next = desk_do(&desk, "key.rotate", "{'name':'ci','grace_seconds':1}");
	CHECK_EQ_TEXT(next->name, "ci");
	CHECK_EQ_TEXT(next->scopes, "read deploy");
	CHECK_EQ_INT(next->old_id, old->id);
	CHECK(!text_equals(next->api_key, old->api_key));
	CHECK(opens(keys, old->api_key) && opens(keys, next->api_key));
	clock_sleep_us(1100 * US_PER_MS);
	CHECK(!opens(keys, old->api_key)); /* though it was read a second ago */
	CHECK(opens(keys, next->api_key));
	api_key_cache_free(keys);
	desk_close(&desk);
}

TEST(without_grace_a_rotated_key_ends_at_once)
{
	struct desk desk;
	desk_open(&desk);
	struct api_key_cache *keys = api_key_cache_new(desk.engine);
	const struct key_created *old = desk_do(&desk, "key.create", "{'name':'ci'}");
	desk_do(&desk, "key.rotate", "{'name':'ci','grace_seconds':0}");
	CHECK(!opens(keys, old->api_key));
	api_key_cache_free(keys);
	desk_close(&desk);
}

TEST(during_the_grace_the_name_means_the_new_key_when_it_is_rotated_again)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "key.create", "{'name':'ci'}");
	const struct key_rotated *second = desk_do(&desk, "key.rotate", "{'name':'ci'}");
	CHECK_REFUSED(&desk, "key.revoke", "{'name':'ci'}", PROBLEM_INVALID_COMBINATION, "/name");
	const struct key_rotated *third = desk_do(&desk, "key.rotate", "{'name':'ci'}");
	CHECK_EQ_INT(third->old_id, second->id);
	desk_close(&desk);
}

TEST(a_rotation_does_not_prolong_a_key)
{
	struct desk desk;
	desk_open(&desk);
	struct instant soon = { clock_wall().us + 60 * (int64_t)US_PER_S };
	const char *input = text_format(&desk.arena, "{'name':'ci','expires_at':'%s'}", instant_text(&desk.arena, soon).data).data;
	desk_do(&desk, "key.create", input);
	const struct key_rotated *next = desk_do(&desk, "key.rotate", "{'name':'ci','grace_seconds':3600}");
	CHECK(next->old_expires_at.us <= soon.us);
	desk_close(&desk);
}

TEST(what_cannot_be_rotated_or_made_is_refused)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "key.create", "{'name':'ci'}");
	CHECK_REFUSED(&desk, "key.rotate", "{'name':'other'}", PROBLEM_NOT_FOUND, "/name");
	CHECK_REFUSED(&desk, "key.rotate", "{}", PROBLEM_INVALID_COMBINATION, "");
	CHECK_REFUSED(&desk, "key.rotate", "{'name':'ci','grace_seconds':2592001}", PROBLEM_OUT_OF_RANGE, "/grace_seconds");
	CHECK_REFUSED(&desk, "key.create", "{'name':'x','expires_at':'2011-09-06T15:00:00Z'}", PROBLEM_OUT_OF_RANGE, "/expires_at");
	desk_do(&desk, "key.revoke", "{'name':'ci'}");
	CHECK_REFUSED(&desk, "key.rotate", "{'name':'ci'}", PROBLEM_NOT_FOUND, "/name");
	desk_close(&desk);
}

TEST(names_of_tenants_and_keys_are_of_one_line)
{
	struct desk desk;
	desk_open(&desk);
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'a\\nb'}", PROBLEM_BAD_TEXT, "/name");
	CHECK_REFUSED(&desk, "tenant.create", "{'name':'a\\tb'}", PROBLEM_BAD_TEXT, "/name");
	CHECK_REFUSED(&desk, "key.create", "{'name':'a\\rb'}", PROBLEM_BAD_TEXT, "/name");
	desk_close(&desk);
}

/* ---- settings ---- */

static bool billing_day_is(struct command *command, void *context)
{
	CHECK_EQ_INT(command_setting_integer(command, "billing.day", 1), *(const int64_t *)context);
	return true;
}

TEST(settings_are_laid_over_those_that_are_there)
{
	struct desk desk;
	int64_t day = 15;
	desk_open(&desk);
	desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'day':15,'hour':3}}}");
	const struct tenant *tenant = desk_do(&desk, "tenant.configure", "{'settings':{'billing':{'hour':null},'rules':{'x':[1]}}}");
	CHECK_EQ_TEXT(tenant->settings, "{\"billing\":{\"day\":15},\"rules\":{\"x\":[1]}}");
	desk_read(&desk, billing_day_is, &day);
	tenant = desk_do(&desk, "tenant.configure", "{'settings':{'policies':{'tax':'tax/percent'}},'replace':true}");
	CHECK_EQ_TEXT(tenant->settings, "{\"policies\":{\"tax\":\"tax/percent\"}}");
	desk_close(&desk);
}

TEST(settings_that_do_not_exist_are_told_with_the_nearest)
{
	struct desk desk;
	desk_open(&desk);
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'biling':{}}}", PROBLEM_UNKNOWN_FIELD, "/settings/biling");
	CHECK(strstr(desk.problems.first->message, "did you mean 'billing'") != NULL);
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'billing':{'hours':1,'day':'x','anniversary':1}}}",
	              PROBLEM_UNKNOWN_FIELD, "/settings/billing/hours");
	CHECK(strstr(desk.problems.first->message, "did you mean 'hour'") != NULL);
	CHECK_EQ_INT(desk.problems.count, 3);
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'policies':{'tax':'tax/flat'}}}", PROBLEM_UNKNOWN_POLICY,
	              "/settings/policies/tax");
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'retry':{'on_exhausted':'suspend_orders'}}}", PROBLEM_UNKNOWN_CHOICE,
	              "/settings/retry/on_exhausted");
	CHECK(strstr(desk.problems.first->message, "did you mean 'suspend_order'") != NULL);
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'retry':{'max_attempts':0}}}", PROBLEM_OUT_OF_RANGE,
	              "/settings/retry/max_attempts");
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':{'payments':{'gateway':'stripe'}}}", PROBLEM_UNKNOWN_CHOICE,
	              "/settings/payments/gateway");
	CHECK_REFUSED(&desk, "tenant.configure", "{'settings':[]}", PROBLEM_WRONG_TYPE, "/settings");
	desk_close(&desk);
}

static const char *settings_page(void)
{
	static char page[64 * 1024];
	FILE *file = fopen(SOURCE_DIR "/docs/settings.md", "r");
	CHECK(file != NULL);
	page[fread(page, 1, sizeof page - 1, file)] = '\0';
	fclose(file);
	return page;
}

TEST(every_setting_is_documented_with_its_default)
{
	const char *page = settings_page();
	for (const struct tenant_setting *setting = tenant_settings; setting->path; setting++) {
		char row[200];
		snprintf(row, sizeof row, "| `%s` | ", setting->path);
		const char *found = strstr(page, row);
		if (!found)
			CHECK_FAIL("docs/settings.md has no row for %s", setting->path);
		snprintf(row, sizeof row, "| `%s` |", setting->otherwise);
		const char *end = strchr(found, '\n');
		const char *otherwise = strstr(found, row);
		if (!otherwise || otherwise > end)
			CHECK_FAIL("docs/settings.md has another default for %s than %s", setting->path, setting->otherwise);
	}
}

/* ---- keys ---- */

TEST(a_key_has_the_scopes_it_was_given)
{
	struct desk desk;
	struct api_key_identity who;
	desk_open(&desk);
	struct api_key_cache *keys = api_key_cache_new(desk.engine);
	const struct key_created *key = desk_do(&desk, "key.create", "{'name':'ci','scopes':'deploy read'}");
	CHECK_EQ_TEXT(key->scopes, "read deploy");
	CHECK(api_key_verify(keys, key->api_key, &who));
	CHECK_EQ_INT(who.scopes, API_SCOPE_READ | API_SCOPE_DEPLOY);
	CHECK_EQ_C(who.name, "ci");
	CHECK(who.test);
	key = desk_do(&desk, "key.create", "{'name':'app'}");
	CHECK_EQ_TEXT(key->scopes, "read write payments deploy");
	CHECK_REFUSED(&desk, "key.create", "{'name':'x','scopes':'raed'}", PROBLEM_UNKNOWN_CHOICE, "/scopes");
	CHECK_REFUSED(&desk, "key.create", "{'name':'x','scopes':' '}", PROBLEM_MISSING_FIELD, "/scopes");
	api_key_cache_free(keys);
	desk_close(&desk);
}

TEST(a_revoked_or_altered_key_opens_nothing)
{
	struct desk desk;
	struct api_key_identity who;
	desk_open(&desk);
	struct api_key_cache *keys = api_key_cache_new(desk.engine);
	const struct key_created *key = desk_do(&desk, "key.create", "{'name':'ci'}");
	desk_do(&desk, "key.revoke", "{'name':'ci'}");
	CHECK(!api_key_verify(keys, key->api_key, &who));
	CHECK_REFUSED(&desk, "key.revoke", "{'name':'ci'}", PROBLEM_NOT_FOUND, "/name");
	CHECK_REFUSED(&desk, "key.revoke", "{'id':2}", PROBLEM_WRONG_STATE, "/id");
	CHECK_REFUSED(&desk, "key.revoke", "{'id':2,'name':'ci'}", PROBLEM_INVALID_COMBINATION, "");
	CHECK_REFUSED(&desk, "key.revoke", "{'id':77}", PROBLEM_NOT_FOUND, "/id");

	struct text altered = text_copy(&desk.arena, desk.api_key);
	char *last = arena_alloc(&desk.arena, altered.length + 1);
	memcpy(last, altered.data, altered.length);
	last[20] = last[20] == 'a' ? 'b' : 'a';
	CHECK(!api_key_verify(keys, (struct text){ last, altered.length }, &who));
	CHECK(!api_key_verify(keys, TEXT(""), &who));
	CHECK(!api_key_verify(keys, TEXT("mb_live_nothing"), &who));
	CHECK(api_key_verify(keys, desk.api_key, &who));
	CHECK(api_key_verify(keys, desk.api_key, &who)); /* from the cache */
	api_key_cache_free(keys);
	desk_close(&desk);
}

static bool keys_show_no_secret(struct command *command, void *context)
{
	struct api_key_list keys = { 0 };
	(void)context;
	CHECK(api_key_page(command, (struct page_query){ 0 }, &keys));
	CHECK_EQ_INT(keys.count, 2);
	struct text json = json_record_text(command->arena, &api_key_record, &keys.items[1]);
	CHECK(strstr(json.data, "secret") == NULL);
	CHECK_EQ_TEXT(keys.items[1].name, "ci");
	return true;
}

TEST(keys_are_listed_without_their_secrets)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "key.create", "{'name':'ci'}");
	desk_read(&desk, keys_show_no_secret, NULL);
	desk_close(&desk);
}

/* ---- fixtures ---- */

TEST(ids_and_numbers_of_a_test_tenant_begin_where_they_are_told)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "fixture.set", "{'sequences':[{'name':'account_id','next':366},{'name':'order_number','next':1036}]}");
	const struct account *account = desk_do(&desk, "account.create", "{'name':'Ann'}");
	CHECK_EQ_INT(account->id, 366);
	CHECK_REFUSED(&desk, "fixture.set", "{'sequences':[{'name':'acount_id','next':1}]}", PROBLEM_INVALID_VALUE, "/sequences/0");
	desk_close(&desk);
}

static bool account_is_suspended(struct command *command, void *context)
{
	struct account *account;
	(void)context;
	CHECK(account_find(command, 1, &account));
	CHECK_EQ_INT(account->status, ACCOUNT_STATUS_SUSPENDED);
	CHECK(!text_present(account->email));
	CHECK_EQ_TEXT(account->name, "Ann");
	return true;
}

TEST(states_are_forced_field_by_field)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "account.create", "{'name':'Ann','email':'a@example.com'}");
	desk_do(&desk, "fixture.set",
	        "{'states':[{'object':'account','id':1,'values':{'status':'suspended','email':null,'business':true}}]}");
	desk_read(&desk, account_is_suspended, NULL);
	CHECK_REFUSED(&desk, "fixture.set", "{'states':[{'object':'account','id':1,'values':{'id':2}}]}", PROBLEM_READ_ONLY_FIELD,
	              "/states/0/values/id");
	CHECK_REFUSED(&desk, "fixture.set", "{'states':[{'object':'account','id':5,'values':{}}]}", PROBLEM_NOT_FOUND, "/states/0/id");
	CHECK_REFUSED(&desk, "fixture.set", "{'states':[{'object':'tenant','id':1,'values':{}}]}", PROBLEM_INVALID_VALUE,
	              "/states/0/object");
	desk_close(&desk);
}

static struct text gateway_says(struct desk *desk, const char *key)
{
	const struct gateway *gateway = engine_gateway(desk->engine, TEXT("test"));
	struct gateway_charge charge = { .tenant_id = desk->tenant_id, .gateway = gateway, .idempotency_key = text_of(key),
		                         .amount = money_of(100, currency_find(TEXT("USD"))), .token = TEXT("tok") };
	struct gateway_outcome outcome = { 0 };
	gateway->charge(gateway->context, &charge, clock_monotonic_us() + US_PER_S, &desk->arena, &outcome);
	return record_field_text(&gateway_outcome_record, &outcome, GATEWAY_OUTCOME_FIELD_STATUS, &desk->arena);
}

TEST(the_test_gateway_answers_as_it_is_told_and_then_repeats_the_last)
{
	struct desk desk;
	desk_open(&desk);
	desk_do(&desk, "fixture.set", "{'gateway':[{'respond':'declined'},{'respond':'approved','transaction_id':'2162704713'}]}");
	CHECK_EQ_TEXT(gateway_says(&desk, "1"), "declined");
	CHECK_EQ_TEXT(gateway_says(&desk, "2"), "approved");
	CHECK_EQ_TEXT(gateway_says(&desk, "3"), "approved");
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(desk.engine), desk.tenant_id), 3);
	desk_close(&desk);
}

TEST(a_live_tenant_has_no_fixtures)
{
	struct desk desk;
	desk_open(&desk);
	const struct tenant_created *live = desk_do(&desk, "tenant.create", "{'name':'live'}");
	desk.tenant_id = live->id;
	CHECK_REFUSED(&desk, "fixture.set", "{'sequences':[{'name':'account_id','next':366}]}", PROBLEM_FORBIDDEN, "");
	desk_close(&desk);
}

CHECK_MAIN
