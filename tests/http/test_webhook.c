/* test_webhook.c: events by HTTP: what is sent, signed, tried again, put in order, begun anew; where nothing is sent to. */
#include "sender.h"

#include "base/address.h"
#include "base/seal.h"

#include <sys/socket.h>

/* ---- what is sent ---- */

TEST(an_event_arrives_signed_with_its_id_serial_and_attempt)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	struct text secret = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	account_make(&house, "Ann");
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	CHECK(signature_holds(&house, 0, secret));
	CHECK(!signature_holds(&house, 0, TEXT("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
	CHECK_EQ_TEXT(receiver_header(&house.receiver, 0, "moonbill-event"), "account.create");
	CHECK_EQ_TEXT(receiver_header(&house.receiver, 0, "moonbill-attempt"), "1");
	CHECK_EQ_TEXT(receiver_header(&house.receiver, 0, "content-type"), "application/json");
	CHECK(strncmp(body_of(&house, 0), "{\"type\":\"account.create\",\"timestamp\":\"2011-09-06T15:00:00Z\",", 60) == 0);
	CHECK(strstr(body_of(&house, 0), "\"data\":{\"account\":{\"id\":") != NULL);
	counter_expect(&house.counter, "GET", "/v1/deliveries?status=done", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.answer_status"), "200");
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.attempts"), "1");
	house_close(&house);
}

/* What is kept of a secret, as any reader of the file sees it. */
static bool secret_read(struct command *view, void *context)
{
	struct webhook_secret *secret = NULL;
	CHECK(store_find(view->store, &webhook_secret_record, 1, (void **)&secret) && secret);
	*(struct text *)context = text_copy(view->arena, secret->secret);
	return true;
}

static struct text secret_kept(struct house *house)
{
	struct counter *counter = &house->counter;
	struct text kept = TEXT_NONE;
	CHECK(command_read(counter->engine, counter->tenant_id, &counter->arena, &counter->problems, secret_read, &kept));
	return kept;
}

TEST(a_sealed_secret_signs_while_its_key_is_there)
{
	struct house house;
	struct seal_keys keys;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	CHECK(seal_keys_read(seal_key_new(&arena), "k", &keys, &problems));
	house_open_with(&house, (struct engine_options){ .secrets = &keys });
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	struct text secret = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	CHECK(text_starts(secret, "whsec_"));
	CHECK_EQ_TEXT(seal_key_id(secret_kept(&house)), keys.items[0].id);
	account_make(&house, "Ann");
	house_drain(&house);
	CHECK(signature_holds(&house, 0, secret));
	keys.count = 0;
	account_make(&house, "Bob");
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	counter_expect(&house.counter, "GET", "/v1/deliveries?status=pending", NULL, 200);
	CHECK(text_starts(counter_json(&house.counter, "items.0.last_error"), "it cannot be signed: a secret is sealed with the key "));
	keys.count = 1;
	clock_to(&house, "2011-09-06T16:00:00Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 2);
	CHECK(signature_holds(&house, 1, secret));
	house_close(&house);
	arena_finish(&arena);
}

TEST(old_and_new_secret_sign_until_the_old_one_expires)
{
	struct house house;
	house_open(&house, false);
	int64_t id = endpoint_make(&house, "/ok", "");
	struct arena *arena = &house.counter.arena;
	struct text old = text_copy(arena, counter_json(&house.counter, "secret"));
	const char *rotate = text_format(arena, "/v1/webhook_endpoints/%lld/rotate_secret", (long long)id).data;
	counter_expect(&house.counter, "POST", rotate, "{}", 201);
	struct text fresh = text_copy(arena, counter_json(&house.counter, "secret"));
	CHECK(!text_equals(old, fresh));
	account_make(&house, "Ann");
	house_drain(&house);
	CHECK(signature_holds(&house, 0, old) && signature_holds(&house, 0, fresh));
	counter_expect(&house.counter, "POST", rotate, "{'overlap_hours':0}", 201);
	struct text last = text_copy(arena, counter_json(&house.counter, "secret"));
	account_make(&house, "Bob");
	house_drain(&house);
	int n = receiver_count(&house.receiver) - 1;
	CHECK(signature_holds(&house, n, last) && !signature_holds(&house, n, old) && !signature_holds(&house, n, fresh));
	counter_expect(&house.counter, "GET", text_format(arena, "/v1/webhook_endpoints/%lld", (long long)id).data, NULL, 200);
	CHECK(strstr(house.counter.reply.body.data, "whsec_") == NULL);
	house_close(&house);
}

TEST(an_endpoint_gets_what_its_events_name_and_nothing_else)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", ",'events':'payment.* ACCOUNT_CREATION'");
	account_make(&house, "Ann");
	counter_expect(&house.counter, "PATCH", "/v1/accounts/1", "{'name':'Anna'}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints",
	               text_format(&house.counter.arena, "{'url':'%s','events':'acount.create'}", house_url(&house, "/ok")).data, 422);
	CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.pointer"), "/events");
	CHECK(strstr(house.counter.reply.body.data, "did you mean 'account.create'") != NULL);
	house_close(&house);
}

/* ---- tried again ---- */

TEST(a_failed_message_is_tried_again_when_the_tenants_clock_says_so_and_dies_at_last)
{
	struct house house;
	house_open(&house, false);
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'deliveries':{'webhook_retries':'1m,1h'}}", 200);
	endpoint_make(&house, "/500", ",'events':'account.create'");
	account_make(&house, "Ann");
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	clock_to(&house, "2011-09-06T15:00:59Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	clock_to(&house, "2011-09-06T15:01:00Z");
	CHECK_EQ_TEXT(receiver_header(&house.receiver, 1, "moonbill-attempt"), "2");
	clock_to(&house, "2011-09-06T18:00:00Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 3);
	CHECK(strcmp(body_of(&house, 0), body_of(&house, 2)) == 0);
	counter_expect(&house.counter, "GET", "/v1/deliveries?status=dead", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.last_error"), "it answered 500");
	struct text id = text_copy(&house.counter.arena, counter_json(&house.counter, "items.0.id"));
	counter_expect(&house.counter, "GET", text_format(&house.counter.arena, "/v1/deliveries/%.*s/attempts", TEXT_ARG(id)).data,
	               NULL, 200);
	CHECK_EQ_INT(counter_json_count(&house.counter, "items"), 3);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.2.at"), "2011-09-06T16:01:00Z");
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.2.answer"), "OK");
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1",
	               text_format(&house.counter.arena, "{'url':'%s'}", house_url(&house, "/ok")).data, 200);
	counter_expect(&house.counter, "POST", text_format(&house.counter.arena, "/v1/deliveries/%.*s/retry", TEXT_ARG(id)).data, "{}",
	               200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	counter_expect(&house.counter, "GET", text_format(&house.counter.arena, "/v1/deliveries/%.*s", TEXT_ARG(id)).data, NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "status"), "done");
	house_close(&house);
}

/* What the only delivery that failed says. */
static void fails_with(const char *path, const char *error)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, path, "");
	account_make(&house, "Ann");
	house_drain(&house);
	counter_expect(&house.counter, "GET", "/v1/deliveries", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.last_error"), error);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.status"), "pending");
	house_close(&house);
}

TEST(a_callback_that_redirects_for_ever_is_not_followed)
{
	fails_with("/loop", "it answered 302: redirects are not followed, name the URL that they lead to");
}

TEST(a_callback_that_answers_without_end_is_cut_off)
{
	fails_with("/endless", "the answer was longer than 64 KiB, and was not read to its end");
}

TEST(a_callback_that_hangs_is_given_up_after_twenty_seconds)
{
	fails_with("/hang", "no answer came in time");
}

TEST(an_endpoint_that_answers_410_is_disabled_and_hears_nothing_more)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/410", "");
	account_make(&house, "Ann");
	house_drain(&house);
	counter_expect(&house.counter, "GET", "/v1/webhook_endpoints/1", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "status"), "disabled");
	account_make(&house, "Bob");
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	/* Active again it gets what it missed by a replay. */
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1",
	               text_format(&house.counter.arena, "{'url':'%s','status':'active'}", house_url(&house, "/ok")).data, 200);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':1}", 200);
	house_drain(&house);
	CHECK(receiver_count(&house.receiver) >= 3);
	house_close(&house);
}

TEST(a_replay_sends_the_same_id_once_more)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	account_make(&house, "Ann");
	house_drain(&house);
	account_make(&house, "Bob"); /* the second to arrive */
	house_drain(&house);
	struct arena *arena = &house.counter.arena;
	struct text serial = text_copy(arena, receiver_header(&house.receiver, 1, "moonbill-serial"));
	struct text id = text_copy(arena, receiver_header(&house.receiver, 1, "webhook-id"));
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay",
	               text_format(arena, "{'from_serial':%.*s}", TEXT_ARG(serial)).data, 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 3);
	CHECK(text_equals(receiver_header(&house.receiver, 2, "webhook-id"), id));
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':1000000}", 422);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':3,'to_serial':2}", 422);
	CHECK(counter_body_has(&house.counter, "to_serial 2 is before from_serial 3"));
	house_close(&house);
}

TEST(tries_of_a_message_raise_no_heartbeats_that_would_be_messages)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/500", "");
	account_make(&house, "Ann");
	counter_expect(&house.counter, "GET", "/v1/clock", NULL, 200);
	counter_expect(&house.counter, "PUT", "/v1/clock", "{'now':'2011-09-30T00:00:00Z'}", 200);
	counter_expect(&house.counter, "GET", "/v1/events?event=clock.heartbeat", NULL, 200);
	const char *body = house.counter.reply.body.data, *first = strstr(body, "\"clock.heartbeat\"");
	CHECK(first != NULL);
	CHECK(strstr(first + 1, "\"clock.heartbeat\"") == NULL);
	house_close(&house);
}

TEST(a_paused_endpoint_gets_what_waited_once_it_is_active)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", "");
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'status':'paused'}", 200);
	account_make(&house, "Ann");
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 0);
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'status':'active'}", 200);
	house_drain(&house);
	CHECK(receiver_count(&house.receiver) >= 1);
	house_close(&house);
}

TEST(what_waits_for_an_endpoint_that_is_removed_dies)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", "");
	account_make(&house, "Ann");
	counter_expect(&house.counter, "DELETE", "/v1/webhook_endpoints/1", NULL, 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 0);
	counter_expect(&house.counter, "GET", "/v1/deliveries?status=dead", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.last_error"), "the endpoint was removed");
	house_close(&house);
}

TEST(a_message_can_be_sent_to_try_an_endpoint)
{
	struct house house;
	house_open(&house, false);
	endpoint_make(&house, "/ok", "");
	struct text secret = text_copy(&house.counter.arena, counter_json(&house.counter, "secret"));
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/test", "{}", 201);
	house_drain(&house);
	CHECK(strncmp(body_of(&house, 0), "{\"type\":\"webhook.test\"", 22) == 0);
	CHECK(signature_holds(&house, 0, secret));
	house_close(&house);
}

/* ---- by the engine's own thread ---- */

TEST(the_thread_sends_what_commits_wrote)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	for (int i = 0; i < 50; i++)
		account_make(&house, "Ann");
	CHECK_EQ_INT(receiver_wait(&house.receiver, 50), 50);
	deliveries_wait_done(&house, 50);
	CHECK_EQ_INT(receiver_count(&house.receiver), 50);
	house_close(&house);
}

TEST(a_dead_endpoint_delays_no_other)
{
	struct house house;
	house_open(&house, true);
	endpoint_make(&house, "/hang", ",'events':'account.create'");
	endpoint_make(&house, "/ok", ",'events':'account.create'");
	for (int i = 0; i < 60; i++)
		account_make(&house, "Ann");
	deliveries_wait_done(&house, 60);
	house_close(&house);
}

static int64_t serial_of(struct house *house, int n)
{
	int64_t serial;
	CHECK(text_to_int64(receiver_header(&house->receiver, n, "moonbill-serial"), &serial));
	return serial;
}

/* Updates of one account. */
static void updates_send(struct house *house, const char *path, const char *ordering)
{
	endpoint_make(house, path, text_format(&house->counter.arena, ",'events':'account.update','ordering':'%s'", ordering).data);
	account_make(house, "Ann");
	for (int i = 0; i < 30; i++)
		counter_expect(&house->counter, "PATCH", "/v1/accounts/1", text_format(&house->counter.arena, "{'name':'Ann %d'}", i).data,
		               200);
}

TEST(an_ordered_endpoint_gets_those_of_an_account_one_after_the_other)
{
	struct house house;
	house_open(&house, true);
	updates_send(&house, "/slow", "ordered");
	deliveries_wait_done(&house, 30);
	CHECK_EQ_INT(receiver_count(&house.receiver), 30);
	for (int i = 1; i < 30; i++)
		CHECK(serial_of(&house, i) > serial_of(&house, i - 1));
	CHECK_EQ_INT(house.receiver.busy_most, 1);
	house_close(&house);
}

TEST(what_stands_behind_a_message_that_failed_waits_for_it_also_when_the_clock_is_moved)
{
	struct house house;
	house_open(&house, false);
	house.receiver.failures = 1;
	endpoint_make(&house, "/flaky", ",'events':'account.*','ordering':'ordered'");
	account_make(&house, "Ann");
	counter_expect(&house.counter, "PATCH", "/v1/accounts/1", "{'name':'Anna'}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	clock_to(&house, "2011-09-06T15:00:10Z");
	CHECK_EQ_INT(receiver_count(&house.receiver), 3);
	CHECK(serial_of(&house, 0) == serial_of(&house, 1) && serial_of(&house, 2) > serial_of(&house, 1));
	house_close(&house);
}

TEST(a_parallel_endpoint_gets_them_at_once)
{
	struct house house;
	house_open(&house, true);
	updates_send(&house, "/held", "parallel");
	CHECK(receiver_wait(&house.receiver, 2) > 1); /* none has had an answer */
	house.receiver.released = true;
	deliveries_wait_done(&house, 30);
	house_close(&house);
}

/* ---- where nothing is sent to ---- */

TEST(addresses_that_are_not_public_are_told_from_those_that_are)
{
	static const struct {
		const char *address;
		enum address_kind kind;
	} cases[] = {
		{ "8.8.8.8", ADDRESS_KIND_GLOBAL },          { "1.1.1.1", ADDRESS_KIND_GLOBAL },
		{ "172.15.255.255", ADDRESS_KIND_GLOBAL },   { "172.32.0.0", ADDRESS_KIND_GLOBAL },
		{ "100.63.255.255", ADDRESS_KIND_GLOBAL },   { "223.255.255.255", ADDRESS_KIND_GLOBAL },
		{ "2606:4700::1111", ADDRESS_KIND_GLOBAL },  { "64:ff9b::808:808", ADDRESS_KIND_GLOBAL },
		{ "127.0.0.1", ADDRESS_KIND_PRIVATE },       { "127.255.255.254", ADDRESS_KIND_PRIVATE },
		{ "10.0.0.1", ADDRESS_KIND_PRIVATE },        { "172.16.0.1", ADDRESS_KIND_PRIVATE },
		{ "172.31.255.255", ADDRESS_KIND_PRIVATE },  { "192.168.1.1", ADDRESS_KIND_PRIVATE },
		{ "100.64.0.1", ADDRESS_KIND_PRIVATE },      { "198.19.0.1", ADDRESS_KIND_PRIVATE },
		{ "::1", ADDRESS_KIND_PRIVATE },             { "fd00::1", ADDRESS_KIND_PRIVATE },
		{ "::ffff:127.0.0.1", ADDRESS_KIND_PRIVATE }, { "::ffff:10.1.2.3", ADDRESS_KIND_PRIVATE },
		{ "64:ff9b::7f00:1", ADDRESS_KIND_PRIVATE }, { "2002:7f00:1::", ADDRESS_KIND_PRIVATE },
		{ "0.0.0.0", ADDRESS_KIND_NOWHERE },         { "169.254.169.254", ADDRESS_KIND_NOWHERE },
		{ "::ffff:169.254.169.254", ADDRESS_KIND_NOWHERE }, { "224.0.0.1", ADDRESS_KIND_NOWHERE },
		{ "255.255.255.255", ADDRESS_KIND_NOWHERE }, { "192.0.2.1", ADDRESS_KIND_NOWHERE },
		{ "240.0.0.1", ADDRESS_KIND_NOWHERE },       { "::", ADDRESS_KIND_NOWHERE },
		{ "fe80::1", ADDRESS_KIND_NOWHERE },         { "ff02::1", ADDRESS_KIND_NOWHERE },
		{ "2001:db8::1", ADDRESS_KIND_NOWHERE },     { "2001::1", ADDRESS_KIND_NOWHERE },
		{ "fd00:ec2::254", ADDRESS_KIND_PRIVATE },   { "::7f00:1", ADDRESS_KIND_NOWHERE },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (address_kind_of_text(cases[i].address) != cases[i].kind)
			CHECK_FAIL("%s is of kind %d", cases[i].address, (int)address_kind_of_text(cases[i].address));
}

TEST(a_url_that_can_never_be_reached_is_refused_when_it_is_given)
{
	static const struct {
		const char *url, *part;
	} cases[] = {
		{ "https:///hooks", "no host" },                     { "https://example.com:80/", "port 80" },
		{ "https://a..example.com/", "no name" },            { "https://.example.com/", "no name" },
		{ "https://0x7f.1/", "not a public one" },           { "ftp://example.com/", "not of https" },
		{ "https://a b.example.com/", "blanks" },            { "https://user@example.com/", "user's name" },
	};
	struct counter counter;
	counter_open(&counter);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		counter_expect(&counter, "POST", "/v1/webhook_endpoints", text_format(&counter.arena, "{'url':'%s'}", cases[i].url).data, 422);
		if (!strstr(counter.reply.body.data, cases[i].part))
			CHECK_FAIL("%s: %.*s", cases[i].url, TEXT_ARG(counter.reply.body));
	}
	counter_expect(&counter, "POST", "/v1/webhook_endpoints", "{'url':'https://hooks.example.com./x'}", 201);
	counter_close(&counter);
}

TEST(a_beginning_that_no_event_has_is_told_with_the_nearest)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/webhook_endpoints", "{'url':'https://example.com/x','events':'invoices.*'}", 422);
	CHECK(strstr(counter.reply.body.data, "there is no event 'invoices.*' (did you mean 'invoice.*'?)") != NULL);
	counter_close(&counter);
}

CHECK_MAIN
