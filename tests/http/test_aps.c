/* test_aps.c: applications of APS: who hears of a renewal, what is sent, and what becomes of answers. */
#include "sender.h"

#include "event/aps.h"

#define RENEWED "http://parallels.com/aps/events/pa/subscription/renewed"
#define SUBSCRIPTION_TYPE "http://parallels.com/aps/types/pa/subscription/1.0"
#define WISH "'event':'" RENEWED "','source':{'type':'" SUBSCRIPTION_TYPE "'},'relation':''"
#define HEARS(handler) "{" WISH ",'handler':'" handler "'}"
#define AT "/aps/2/resources/r1/aps/subscriptions"

static struct counter *counter_of(struct house *house)
{
	return &house->counter;
}

/* Two accounts; account 1 has an ordered subscription until 2011-10-01. */
static void sell(struct house *house)
{
	counter_expect(counter_of(house), "POST", "/v1/plans",
	               "{'code':'VPS','charges':[{'price_code':'R','kind':'recurring','amount':'10.00'}]}", 201);
	account_make(house, "Ann");
	account_make(house, "Bob");
	counter_expect(counter_of(house), "POST", "/v1/orders",
	               "{'account_id':1,'plan':'VPS','start_date':'2011-09-01','end_date':'2011-10-01',"
	               "'lines':[{'price_code':'R','quantity':'1'}]}", 201);
}

static struct text uuid_of(struct house *house, const char *path)
{
	counter_expect(counter_of(house), "GET", path, NULL, 200);
	return text_copy(&house->counter.arena, counter_json(counter_of(house), "uuid"));
}

static void resource_make(struct house *house, const char *key, int account, const char *more)
{
	counter_expect(counter_of(house), "POST", "/aps/2/resources",
	               text_format(&house->counter.arena, "{'aps':{'type':'http://vendor.example/vps/1.0','id':'%s'},'account_id':%d%s}",
	                           key, account, more).data, 201);
}

static void renew(struct house *house, const char *period)
{
	counter_expect(counter_of(house), "POST", "/v1/subscriptions/1/renew",
	               text_format(&house->counter.arena, "{'period':'%s','create_invoice':false}", period).data, 200);
	house_drain(house);
}

/* How many came there; what is parallel comes in any order. */
static int count_at(struct house *house, const char *path)
{
	int count = 0;
	for (int i = 0; i < receiver_count(&house->receiver); i++)
		count += strcmp(house->receiver.items[i].path, path) == 0;
	return count;
}

/* How many have this in their bodies. */
static int count_with(struct house *house, const char *part)
{
	int count = 0;
	for (int i = 0; i < receiver_count(&house->receiver); i++)
		count += strstr(house->receiver.items[i].body, part) != NULL;
	return count;
}

static void aps_open(struct house *house, const char *path)
{
	house_open(house, false);
	endpoint_make(house, path, ",'profile':'aps'");
	sell(house);
	resource_make(house, "r1", 1, "");
}

TEST(a_renewal_is_told_field_by_field_to_the_handler_of_the_resource)
{
	struct house house;
	aps_open(&house, "/ok/");
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	struct text subscription = text_copy(&house.counter.arena, counter_json(&house.counter, "id"));
	struct text source = uuid_of(&house, "/v1/subscriptions/1");
	renew(&house, "P2M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	CHECK_EQ_C(house.receiver.items[0].path, "/ok/events/r1/onRenew");
	struct text wanted = text_format(
	        &house.counter.arena,
	        "{\"event\":\"" RENEWED "\",\"serial\":\"1\",\"time\":\"2011-09-06T15:00:00Z\",\"subscription\":\"%.*s\","
	        "\"source\":{\"id\":\"%.*s\",\"type\":\"" SUBSCRIPTION_TYPE "\"},"
	        "\"parameters\":{\"startDate\":\"2011-09-01T00:00:00Z\",\"expirationDate\":\"2011-10-01T00:00:00Z\","
	        "\"currentPeriod\":{\"period\":1,\"periodType\":\"month\"},\"newPeriod\":{\"period\":2,\"periodType\":\"month\"}}}",
	        TEXT_ARG(subscription), TEXT_ARG(source));
	CHECK_EQ_C(house.receiver.items[0].body, wanted.data);
	house_close(&house);
}

TEST(a_serial_is_one_for_all_who_are_told_and_grows_by_one_with_each_event)
{
	struct house house;
	aps_open(&house, "/ok");
	counter_expect(&house.counter, "POST", AT, HEARS("one"), 201);
	counter_expect(&house.counter, "POST", AT, HEARS("two"), 201);
	renew(&house, "P1M");
	account_make(&house, "Tim"); /* the journal counts it, APS does not */
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	CHECK_EQ_INT(count_with(&house, "\"serial\":\"1\","), 2);
	CHECK_EQ_INT(count_with(&house, "\"serial\":\"2\","), 2);
	house_close(&house);
}

TEST(the_body_is_that_of_the_event_however_late_it_is_sent)
{
	struct house house;
	aps_open(&house, "/500");
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	renew(&house, "P2M");
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'aps':{'period_type':'Month(s)'}}", 200);
	renew(&house, "P1Y");
	clock_to(&house, "2011-09-06T15:01:00Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	CHECK_EQ_INT(count_with(&house, "\"newPeriod\":{\"period\":2,\"periodType\":\"month\"}"), 2);
	CHECK_EQ_INT(count_with(&house, "\"newPeriod\":{\"period\":1,\"periodType\":\"Year(s)\"}"), 2);
	CHECK_EQ_INT(count_with(&house, house.receiver.items[0].body), 2);
	house_close(&house);
}

TEST(ten_failures_end_a_notification_and_it_stays_a_dead_letter)
{
	struct house house;
	aps_open(&house, "/500");
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	renew(&house, "P1M");
	clock_to(&house, "2011-09-07T15:00:00Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 10);
	CHECK_EQ_INT(deliveries_count(&house, "dead"), 1);
	counter_expect(&house.counter, "POST", "/v1/deliveries/1/retry", "{}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 11);
	CHECK(strcmp(house.receiver.items[0].body, house.receiver.items[10].body) == 0);
	house_close(&house);
}

TEST(a_replay_sends_each_notification_of_then_and_makes_no_new_one)
{
	struct house house;
	aps_open(&house, "/ok");
	renew(&house, "P1M"); /* before anybody listens */
	counter_expect(&house.counter, "POST", AT, HEARS("one"), 201);
	counter_expect(&house.counter, "POST", AT, HEARS("two"), 201);
	renew(&house, "P1M");
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':1}", 200);
	clock_to(&house, "2011-09-06T15:00:01Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	CHECK_EQ_INT(count_with(&house, house.receiver.items[0].body), 2);
	CHECK_EQ_INT(count_with(&house, house.receiver.items[1].body), 2);
	house_close(&house);
}

/* ---- who hears ---- */

TEST(a_resource_hears_of_its_owners_subscriptions_and_of_what_it_is_linked_to)
{
	struct house house;
	aps_open(&house, "/ok");
	struct text source = uuid_of(&house, "/v1/subscriptions/1"), owner = uuid_of(&house, "/v1/accounts/1");
	struct arena *arena = &house.counter.arena;
	resource_make(&house, "stranger", 2, "");
	resource_make(&house, "linked", 2, text_format(arena, ",'linked':[{'key':'%.*s'}]", TEXT_ARG(source)).data);
	resource_make(&house, "near", 2, text_format(arena, ",'linked':[{'key':'%.*s'}]", TEXT_ARG(owner)).data);
	static const char *const all[] = { "r1", "stranger", "linked", "near" };
	for (size_t i = 0; i < 4; i++)
		counter_expect(&house.counter, "POST", text_format(arena, "/aps/2/resources/%s/aps/subscriptions", all[i]).data,
		               HEARS("onRenew"), 201);
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 3);
	CHECK_EQ_INT(count_at(&house, "/ok/events/r1/onRenew"), 1);
	CHECK_EQ_INT(count_at(&house, "/ok/events/linked/onRenew"), 1);
	CHECK_EQ_INT(count_at(&house, "/ok/events/near/onRenew"), 1);
	house_close(&house);
}

TEST(a_source_by_its_id_is_that_one_alone)
{
	struct house house;
	aps_open(&house, "/ok");
	struct text source = uuid_of(&house, "/v1/subscriptions/1");
	struct arena *arena = &house.counter.arena;
	counter_expect(&house.counter, "POST", AT,
	               text_format(arena, "{'event':'" RENEWED "','source':{'id':'%.*s'},'handler':'this'}", TEXT_ARG(source)).data, 201);
	counter_expect(&house.counter, "POST", AT,
	               "{'event':'" RENEWED "','source':{'id':'127db8b0-f5bf-4799-a645-6b8f89365318'},'handler':'other'}", 201);
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	CHECK_EQ_C(house.receiver.items[0].path, "/ok/events/r1/this");
	house_close(&house);
}

TEST(the_same_event_subscription_again_is_the_one_that_is_there)
{
	struct house house;
	aps_open(&house, "/ok");
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	struct text first = text_copy(&house.counter.arena, counter_json(&house.counter, "id"));
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	CHECK_EQ_TEXT(counter_json(&house.counter, "id"), text_c(&house.counter.arena, first));
	counter_expect(&house.counter, "GET", AT, NULL, 200);
	CHECK(strstr(house.counter.reply.body.data, "},{\"id\"") == NULL);
	const char *one = text_format(&house.counter.arena, AT "/%.*s", TEXT_ARG(first)).data;
	counter_expect(&house.counter, "DELETE", one, NULL, 200);
	counter_expect(&house.counter, "DELETE", one, NULL, 404);
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 0);
	house_close(&house);
}

/* One handler may be asked for by the type of sources and by one of them: each of the two is told, by its own id. */
TEST(a_handler_asked_for_by_type_and_by_id_is_told_of_both)
{
	struct house house;
	aps_open(&house, "/ok");
	struct text source = uuid_of(&house, "/v1/subscriptions/1");
	struct arena *arena = &house.counter.arena;
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	struct text of_type = text_copy(arena, counter_json(&house.counter, "id"));
	counter_expect(&house.counter, "POST", AT,
	               text_format(arena, "{'event':'" RENEWED "','source':{'id':'%.*s'},'handler':'onRenew'}", TEXT_ARG(source)).data, 201);
	struct text of_id = text_copy(arena, counter_json(&house.counter, "id"));
	renew(&house, "P1M");
	CHECK_EQ_INT(count_at(&house, "/ok/events/r1/onRenew"), 2);
	CHECK_EQ_INT(count_with(&house, "\"serial\":\"1\","), 2);
	CHECK_EQ_INT(count_with(&house, text_c(arena, of_type)), 1);
	CHECK_EQ_INT(count_with(&house, text_c(arena, of_id)), 1);
	house_close(&house);
}

/* ---- many ---- */

static void subscribe_many(struct house *house, const char *resource, int count)
{
	for (int i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(&house->counter.arena);
		counter_expect(&house->counter, "POST",
		               text_format(&house->counter.arena, "/aps/2/resources/%s/aps/subscriptions", resource).data,
		               text_format(&house->counter.arena, "{" WISH ",'handler':'h%d'}", i).data, 201);
		arena_rewind(&house->counter.arena, mark);
	}
}

/* Half of them by a link to the subscription, half by its owner: each stream ends inside a part. */
TEST(however_many_hear_it_a_renewal_is_told_to_each_once_in_parts_and_to_nobody_who_came_later)
{
	struct house house;
	enum { EACH = 3, ALL = 2 * EACH * APS_SUBSCRIPTIONS_MAX };
	_Static_assert((int)ALL > (int)APS_HEAR_ROWS, "the last ones are a job's");
	aps_open(&house, "/ok");
	struct arena *arena = &house.counter.arena;
	const char *linked = text_format(arena, ",'linked':[{'key':'%.*s'},{'key':'%.*s'}]", TEXT_ARG(uuid_of(&house, "/v1/subscriptions/1")),
	                                 TEXT_ARG(uuid_of(&house, "/v1/accounts/1"))).data;
	for (int i = 0; i < EACH; i++) {
		resource_make(&house, text_format(arena, "own%d", i).data, 1, "");
		resource_make(&house, text_format(arena, "far%d", i).data, 2, linked);
		subscribe_many(&house, text_format(arena, "own%d", i).data, APS_SUBSCRIPTIONS_MAX);
		subscribe_many(&house, text_format(arena, "far%d", i).data, APS_SUBSCRIPTIONS_MAX);
	}
	counter_expect(&house.counter, "POST", "/v1/subscriptions/1/renew", "{'period':'P1M','create_invoice':false}", 200);
	subscribe_many(&house, "r1", 1); /* too late for this one */
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'aps':{'period_type':'Month(s)'}}", 200);
	clock_to(&house, "2011-09-06T15:00:01Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), ALL);
	CHECK_EQ_INT(count_with(&house, "\"serial\":\"1\","), ALL);
	CHECK_EQ_INT(count_with(&house, "\"periodType\":\"month\""), ALL);
	for (int i = 0; i < EACH; i++) {
		CHECK_EQ_INT(count_at(&house, text_format(arena, "/ok/events/own%d/h%d", i, 7 * i).data), 1);
		CHECK_EQ_INT(count_at(&house, text_format(arena, "/ok/events/far%d/h%d", i, 99 - i).data), 1);
	}
	house_close(&house);
}

TEST(a_resource_that_waited_for_its_application_hears_once_there_is_one)
{
	struct house house;
	house_open(&house, false);
	sell(&house);
	resource_make(&house, "r1", 1, "");
	counter_expect(&house.counter, "POST", AT, HEARS("onRenew"), 201);
	endpoint_make(&house, "/ok", ",'profile':'killbill'");
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver) - count_at(&house, "/ok"), 0);
	endpoint_make(&house, "/ok", ",'profile':'aps'");
	renew(&house, "P1M");
	CHECK_EQ_INT(count_at(&house, "/ok/events/r1/onRenew"), 1);
	house_close(&house);
}

TEST(where_there_are_several_applications_a_resource_says_which_is_its_own)
{
	struct house house;
	aps_open(&house, "/ok");
	const int64_t second = endpoint_make(&house, "/second", ",'profile':'aps'");
	counter_expect(&house.counter, "POST", "/aps/2/resources", "{'aps':{'type':'http://vendor.example/vps/1.0'},'account_id':1}", 400);
	CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.code"), "missing_field");
	CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.pointer"), "/endpoint_id");
	counter_expect(&house.counter, "PUT", "/v1/aps_types",
	               text_format(&house.counter.arena, "{'document':{'id':'http://vendor.example/vps/1.0'},'endpoint_id':%lld}",
	                           (long long)second).data, 200);
	resource_make(&house, "r2", 1, "");
	counter_expect(&house.counter, "GET", "/aps/2/resources/r2", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "endpoint_id"), text_format(&house.counter.arena, "%lld", (long long)second).data);
	house_close(&house);
}

/* ---- declared ---- */

#define NOTIFICATION "'parameters':{'notification':{'type':'http://aps-standard.org/types/core/resource/1.0#Notification'," \
	"'required':true,'kind':'body'}}"
#define DECLARES(verb) "{'id':'http://vendor.example/vps/1.0','apsVersion':'2.0','operations':{'start':{'verb':'PUT','path':'/start'}," \
	"'hear':{'verb':'" verb "','path':'/hear','eventSubscription':{'event':'" RENEWED "','source':{'type':'" SUBSCRIPTION_TYPE \
	"'}}," NOTIFICATION "}}}"

TEST(what_a_type_declares_every_resource_of_it_hears)
{
	struct house house;
	aps_open(&house, "/ok");
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200); /* of r1, which was there */
	resource_make(&house, "r2", 1, "");
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 2);
	CHECK_EQ_INT(count_at(&house, "/ok/events/r1/hear"), 1);
	CHECK_EQ_INT(count_at(&house, "/ok/events/r2/hear"), 1);
	counter_expect(&house.counter, "GET", "/v1/event_subscriptions", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&house.counter, "items"), 2);
	counter_expect(&house.counter, "DELETE", "/v1/event_subscriptions/1", NULL, 409);
	counter_expect(&house.counter, "PUT", "/aps/2/types", "{'id':'http://vendor.example/vps/1.0'}", 200);
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), 2);
	counter_expect(&house.counter, "DELETE", "/v1/aps_types/1", NULL, 409);
	counter_expect(&house.counter, "DELETE", "/aps/2/resources/r1", NULL, 200);
	counter_expect(&house.counter, "DELETE", "/aps/2/resources/r2", NULL, 200);
	counter_expect(&house.counter, "DELETE", "/v1/aps_types/1", NULL, 200);
	house_close(&house);
}

static struct text hearing_id(struct house *house, const char *at)
{
	counter_expect(&house->counter, "GET", at, NULL, 200);
	return text_copy(&house->counter.arena, counter_json(&house->counter, "0.id"));
}

TEST(a_type_put_again_keeps_the_ids_of_what_it_declares_and_what_was_asked_for)
{
	struct house house;
	aps_open(&house, "/ok");
	struct arena *arena = &house.counter.arena;
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200);
	struct text id = hearing_id(&house, AT);
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200);
	CHECK_EQ_TEXT(hearing_id(&house, AT), text_c(arena, id));
	counter_expect(&house.counter, "POST", AT, HEARS("hear"), 201); /* asks for the one that is declared */
	CHECK_EQ_TEXT(counter_json(&house.counter, "id"), text_c(arena, id));
	counter_expect(&house.counter, "PUT", "/aps/2/types", "{'id':'http://vendor.example/vps/1.0'}", 200);
	CHECK_EQ_TEXT(hearing_id(&house, AT), text_c(arena, id));
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200);
	const char *one = text_format(arena, AT "/%.*s", TEXT_ARG(id)).data;
	counter_expect(&house.counter, "DELETE", one, NULL, 200); /* asked for no more, but declared */
	CHECK_EQ_TEXT(hearing_id(&house, AT), text_c(arena, id));
	counter_expect(&house.counter, "DELETE", one, NULL, 409);
	counter_expect(&house.counter, "PUT", "/aps/2/types", "{'id':'http://vendor.example/vps/1.0'}", 200);
	counter_expect(&house.counter, "DELETE", one, NULL, 404);
	house_close(&house);
}

TEST(of_a_type_with_many_resources_all_follow_a_declaration_part_by_part)
{
	struct house house;
	enum { MANY = 2 * APS_FOLLOW_RESOURCES + 3 };
	aps_open(&house, "/ok");
	for (int i = 2; i <= MANY; i++)
		resource_make(&house, text_format(&house.counter.arena, "r%d", i).data, 1, "");
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200);
	clock_to(&house, "2011-09-06T15:00:01Z");
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), MANY);
	counter_expect(&house.counter, "PUT", "/aps/2/types", "{'id':'http://vendor.example/vps/1.0'}", 200);
	counter_expect(&house.counter, "PUT", "/aps/2/types", DECLARES("POST"), 200); /* before the others have followed the first */
	counter_expect(&house.counter, "PUT", "/aps/2/types", "{'id':'http://vendor.example/vps/1.0'}", 200);
	clock_to(&house, "2011-09-06T15:00:02Z");
	renew(&house, "P1M");
	CHECK_EQ_INT(receiver_count(&house.receiver), MANY);
	house_close(&house);
}

/* ---- what is refused ---- */

TEST(what_is_wrong_is_told_with_its_place_and_the_nearest_name)
{
	static const struct {
		const char *method, *path, *body;
		int status;
		const char *code, *pointer;
	} cases[] = {
		{ "POST", AT, "{'event':'" RENEWED "x','source':{'type':'" SUBSCRIPTION_TYPE "'},'handler':'h'}", 400, "unknown_event", "/event" },
		{ "POST", AT, "{'event':'" RENEWED "','source':{},'handler':'h'}", 400, "invalid_combination", "/source" },
		{ "POST", AT, "{'event':'" RENEWED "','source':{'type':'http://x'},'handler':'h'}", 400, "invalid_value", "/source/type" },
		{ "POST", AT, "{'event':'" RENEWED "','source':{'id':'7'},'handler':'h'}", 400, "bad_uuid", "/source/id" },
		{ "POST", AT, "{" WISH ",'handler':'../up'}", 400, "invalid_value", "/handler" },
		{ "POST", AT, "{" WISH ",'handler':'a?b'}", 400, "invalid_value", "/handler" },
		{ "POST", AT, "{" WISH "}", 400, "missing_field", "/handler" },
		{ "POST", "/aps/2/resources/r9/aps/subscriptions", HEARS("h"), 404, "not_found", "" },
		{ "POST", "/aps/2/resources", "{'aps':{'type':'t','id':'r1'},'account_id':1}", 409, "duplicate", "/aps/id" },
		{ "POST", "/aps/2/resources", "{'aps':{'type':'t','id':'a/b'},'account_id':1}", 400, "invalid_value", "/aps/id" },
		{ "POST", "/aps/2/resources", "{'aps':{'type':'t'},'account_id':9}", 404, "not_found", "/account_id" },
		{ "POST", "/aps/2/resources", "{'aps':{'type':'t'},'account_id':1,'endpoint_id':9}", 404, "not_found", "/endpoint_id" },
		{ "PUT", "/aps/2/types", DECLARES("GET"), 400, "invalid_value", "/operations/hear/verb" },
		{ "POST", "/aps/2/resources", "{'account_id':1}", 400, "missing_field", "/aps" },
		{ "POST", "/aps/2/resources", "{'aps':{'type':''},'account_id':1}", 400, "too_short", "/aps/type" },
		{ "DELETE", "/aps/2/resources/r9", NULL, 404, "not_found", "" },
		{ "DELETE", AT "/c6888c42-ef88-4d5c-a853-d0a233565eb0", NULL, 404, "not_found", "" },
		{ "PUT", "/aps/2/types", "{'name':'no id'}", 400, "missing_field", "/id" },
	};
	struct house house;
	aps_open(&house, "/ok");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		counter_expect(&house.counter, cases[i].method, cases[i].path, cases[i].body, cases[i].status);
		CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.code"), cases[i].code);
		CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.pointer"), cases[i].pointer);
		CHECK_EQ_TEXT(counter_json(&house.counter, "status"), text_format(&house.counter.arena, "%d", cases[i].status).data);
	}
	counter_expect(&house.counter, "POST", AT, cases[0].body, 400);
	CHECK(strstr(house.counter.reply.body.data, "did you mean '" RENEWED "'") != NULL);
	house_close(&house);
}

CHECK_MAIN
