/* test_condition.c: entity tags: every read has one, every write is held against it, and of two writers with the same
 * one exactly one wins. The tests go over the table of routes: a new route is held to it unasked. */
#include "known.h"

#include <pthread.h>

static const char *tag_of(struct counter *counter, const char *target)
{
	counter_expect(counter, "GET", target, NULL, 200);
	struct text tag = counter_reply_header(counter, "ETag");
	return text_present(tag) ? text_c(&counter->arena, tag) : NULL;
}

static void expect_with(struct counter *counter, const char *header, const char *value, const char *method,
                        const char *target, const char *body, int status)
{
	check_note("%s %s with %s: %s", method, target, header, value);
	counter_header(counter, header, value);
	counter_expect(counter, method, target, body, status);
}

/* ---- reads ---- */

static void check_read(struct counter *counter, const char *target)
{
	const char *tag = tag_of(counter, target);
	check_note("GET %s", target);
	CHECK(tag && tag[0] == '"' && strlen(tag) == 34);
	CHECK_EQ_TEXT(text_of(tag_of(counter, target)), tag);
	expect_with(counter, "If-None-Match", tag, "GET", target, NULL, 304);
	CHECK(!text_present(counter->reply.content_type));
	CHECK_EQ_TEXT(counter_reply_header(counter, "ETag"), tag);
	expect_with(counter, "If-None-Match", "\"other\"", "GET", target, NULL, 200);
	expect_with(counter, "If-Match", tag, "HEAD", target, NULL, 200);
	CHECK_EQ_TEXT(counter_reply_header(counter, "ETag"), tag);
	expect_with(counter, "If-Match", "\"other\"", "GET", target, NULL, 412);
}

TEST(every_read_of_the_table_has_an_entity_tag)
{
	struct counter counter;
	int reads = 0;
	counter_open(&counter);
	furnish(&counter);
	FOR_ROUTES(route) {
		if (!route->read || is_missing(route))
			continue;
		const char *target = target_of(&counter, route);
		if (!target)
			CHECK_FAIL("say in `known` which id GET %s finds", route->path);
		check_read(&counter, target);
		reads++;
	}
	CHECK(reads >= 50);
	check_read(&counter, "/");
	counter_close(&counter);
}

TEST(another_representation_has_another_tag)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	const char *tags[] = { tag_of(&counter, "/v1/orders/381"), tag_of(&counter, "/v1/orders/382"),
		               tag_of(&counter, "/rest/order/381"), tag_of(&counter, "/rest/order/381?format=json"),
		               tag_of(&counter, "/v1/orders") };
	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(tags[i], tags[j]) != 0);
	counter_expect(&counter, "PATCH", "/v1/orders/381", "{'status':'suspended'}", 200);
	CHECK(strcmp(tags[0], tag_of(&counter, "/v1/orders/381")) != 0);
	CHECK_EQ_TEXT(text_of(tags[1]), tag_of(&counter, "/v1/orders/382"));
	counter_close(&counter);
}

TEST(conditions_are_read_as_the_standard_says)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	const char *target = "/v1/accounts/1", *tag = tag_of(&counter, target);
	const struct {
		const char *header, *format;
		int status;
	} cases[] = {
		{ "If-None-Match", "*", 304 },                { "If-None-Match", "W/%s", 304 },
		{ "If-None-Match", "\"a\", %s", 304 },        { "If-None-Match", ",, W/\"a\" ,\t%s,", 304 },
		{ "If-None-Match", "\"a\",\"b\"", 200 },      { "If-Match", "*", 200 },
		{ "If-Match", "%s", 200 },                    { "If-Match", "W/%s", 412 },
		{ "If-Match", "\"a\", %s", 200 },             { "If-Match", "\"a\"", 412 },
		{ "If-Match", "\"\"", 412 },                  { "If-Match", "", 400 },
		{ "If-Match", ",", 400 },                     { "If-Match", "a", 400 },
		{ "If-Match", "\"a", 400 },                   { "If-Match", "\"a b\"", 400 },
		{ "If-Match", "\"a\" \"b\"", 400 },           { "If-Match", "*, %s", 400 },
		{ "If-Match", "w/%s", 400 },                  { "If-None-Match", "W/", 400 },
		{ "If-None-Match", "%s;", 400 },              { "If-None-Match", "\"a\x7f\"", 400 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *mark = strstr(cases[i].format, "%s");
		struct text head = mark ? (struct text){ cases[i].format, (size_t)(mark - cases[i].format) }
		                        : text_of(cases[i].format);
		const char *value = text_format(&counter.arena, "%.*s%s%s", TEXT_ARG(head), mark ? tag : "",
		                                mark ? mark + 2 : "").data;
		expect_with(&counter, cases[i].header, value, "GET", target, NULL, cases[i].status);
	}
	/* two headers of a name are one list */
	counter_header(&counter, "If-Match", "\"a\"");
	expect_with(&counter, "if-match", tag, "GET", target, NULL, 200);
	counter_header(&counter, "If-Match", "*");
	expect_with(&counter, "If-Match", tag, "GET", target, NULL, 400);
	counter_close(&counter);
}

/* ---- writes ---- */

static const struct {
	const char *method, *path, *body;
} bodies[] = {
	{ "PATCH", "/v1/accounts/{id}", "{'name':'Bea'}" },
	{ "PUT", "/v1/accounts/{id}/address", "{'address':{'city':'Lyon'}}" },
	{ "PATCH", "/v1/customers/{id}", "{'roles':'admin'}" },
	{ "POST", "/v1/customers/{id}/status", "{'status':'suspended'}" },
	{ "PATCH", "/v1/orders/{id}", "{'status':'suspended'}" },
	{ "POST", "/v1/orders/{id}/change", "{'order':{'plan':'WHITE-LBL-B'," LINES "}}" },
	{ "PUT", "/v1/settings", "{'billing':{'day':6}}" },
	{ "PATCH", "/v1/settings", "{'billing':{'day':7}}" },
	{ "PUT", "/v1/bundle", BUNDLE },
	{ "PUT", "/v1/clock", "{'now':'2011-09-07T15:00:00Z'}" },
	{ "POST", "/v1/accounts", "{'name':'Ann'}" },
	{ "POST", "/v1/customers", "{'name':'Ann'}" },
	{ "POST", "/v1/plans", "{'code':'X','charges':[{'price_code':'M','kind':'recurring','amount':'1'}]}" },
	{ "POST", "/v1/orders", "{'account_id':1,'plan':'WHITE-LBL-A'," LINES "}" },
	{ "POST", "/v1/payments", "{'account_id':1,'amount':'1','currency':'USD'," CARD "}" },
	{ "POST", "/v1/usage", "{'order_id':382,'price_code':'GB','quantity':'2'}" },
	{ "PUT", "/rest/order/{id}", "{'subscriptionOrder':{'orderStatus':'Suspended'}}" },
};

static const char *body_of(const struct http_route *route)
{
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
		if (strcmp(route->path, bodies[i].path) == 0 && strcmp(route->method, bodies[i].method) == 0)
			return bodies[i].body;
	return strcmp(route->method, "DELETE") == 0 ? NULL : "{}";
}

/* What a GET of the addressed object is; NULL: an object of this kind cannot be read, or is not in `known`. */
static const char *object_of(struct counter *counter, const struct http_route *route)
{
	struct http_route read = { .path = route->path };
	const char *brace = strstr(route->path, "{id}");
	if (brace)
		read.path = text_c(&counter->arena, (struct text){ route->path, (size_t)(brace + 4 - route->path) });
	return target_of(counter, &read);
}

static void check_write(struct counter *counter, const struct http_route *route, const char *target, const char *object)
{
	const char *tag = tag_of(counter, object), *body = body_of(route);
	for (int dry = 0; dry < 2; dry++) {
		if (dry)
			counter_header(counter, "Dry-Run", "true");
		expect_with(counter, "If-Match", "\"old\"", route->method, target, body, 412);
		CHECK(counter_body_has(counter, "precondition_failed"));
		CHECK_EQ_TEXT(counter_reply_header(counter, "ETag"), tag);
		CHECK(counter_body_has(counter, text_c(&counter->arena, text_slice(text_of(tag), 1, 33))));
		if (dry)
			counter_header(counter, "Dry-Run", "true");
		expect_with(counter, "If-None-Match", "*", route->method, target, body, 412);
	}
	expect_with(counter, "If-Match", "old", route->method, target, body, 400);
	CHECK_EQ_TEXT(text_of(tag_of(counter, object)), tag);
	counter_header(counter, "Dry-Run", "true");
	counter_header(counter, "If-Match", tag);
	counter_send(counter, route->method, target, body);
	CHECK(counter->reply.status != 412);
	CHECK_EQ_TEXT(text_of(tag_of(counter, object)), tag);
}

TEST(every_write_of_the_table_is_held_against_what_it_addresses)
{
	struct counter counter;
	int held = 0;
	counter_open(&counter);
	furnish(&counter);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct http_route route = { .method = bodies[i].method, .path = bodies[i].path };
		check_write(&counter, &route, target_of(&counter, &route), object_of(&counter, &route));
	}
	/* those whose body may be empty, and whatever is added to the table */
	FOR_ROUTES(route) {
		const char *target = strcmp(route->method, "GET") == 0 ? NULL : target_of(&counter, route);
		if (!target || !strstr(route->path, "{id}"))
			continue;
		check_note("%s %s", route->method, target);
		counter_header(&counter, "If-Match", "\"old\"");
		counter_send(&counter, route->method, target, body_of(route));
		if (counter.reply.status != 412 && counter.reply.status != 422 && counter.reply.status != 400)
			CHECK_FAIL("%s %s passed over an If-Match: %d %.*s", route->method, target, counter.reply.status,
			           TEXT_ARG(counter.reply.body));
		held += counter.reply.status == 412;
	}
	CHECK(held >= 12);
	counter_close(&counter);
}

TEST(a_condition_on_what_is_not_there)
{
	struct counter counter;
	counter_open(&counter);
	expect_with(&counter, "If-Match", "*", "PATCH", "/v1/accounts/1", "{'name':'x'}", 404);
	expect_with(&counter, "If-Match", "*", "PUT", "/v1/bundle", BUNDLE, 412);
	expect_with(&counter, "If-None-Match", "*", "PUT", "/v1/bundle", BUNDLE, 200);
	expect_with(&counter, "If-None-Match", "*", "PUT", "/v1/bundle", BUNDLE, 412);
	expect_with(&counter, "If-Match", "*", "PUT", "/v1/bundle", BUNDLE, 200);
	expect_with(&counter, "If-Match", "*", "POST", "/v1/orders/quote", "{'account_id':1,'plan':'WHITE-LBL-A'," LINES "}",
	            412); /* a quote is no resource */
	expect_with(&counter, "If-Match", "\"x\"", "GET", "/v1/accounts/1", NULL, 404);
	counter_close(&counter);
}

TEST(the_answer_of_a_write_has_the_tag_that_a_read_will_have)
{
	static const struct {
		const char *method, *target, *body, *object;
	} writes[] = {
		{ "PATCH", "/v1/accounts/1", "{'name':'Bea'}", "/v1/accounts/1" },
		{ "PUT", "/v1/accounts/1/address", "{'address':{'city':'Lyon'}}", "/v1/accounts/1" },
		{ "PATCH", "/v1/customers/366", "{'roles':'admin'}", "/v1/customers/366" },
		{ "PATCH", "/v1/orders/381", "{'status':'suspended'}", "/v1/orders/381" },
		{ "PUT", "/rest/order/381", "{'subscriptionOrder':{'orderStatus':'Active'}}", "/rest/order/381" },
		{ "PUT", "/v1/clock", "{'now':'2011-09-07T15:00:00Z'}", "/v1/clock" },
		{ "POST", "/v1/keys/2/revoke", "{}", "/v1/keys/2" },
	};
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
		const char *before = tag_of(&counter, writes[i].object);
		expect_with(&counter, "If-Match", before, writes[i].method, writes[i].target, writes[i].body, 200);
		const char *tag = text_c(&counter.arena, counter_reply_header(&counter, "ETag"));
		CHECK(strcmp(before, tag) != 0);
		CHECK_EQ_TEXT(text_of(tag), tag_of(&counter, writes[i].object));
		expect_with(&counter, "If-Match", before, writes[i].method, writes[i].target, writes[i].body, 412);
	}
	/* what answers with something else has none */
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	CHECK(!text_present(counter_reply_header(&counter, "ETag")));
	counter_close(&counter);
}

TEST(a_repeat_under_its_key_is_answered_as_before_whatever_its_condition)
{
	struct counter counter;
	counter_open(&counter);
	furnish(&counter);
	const char *target = "/v1/accounts/1", *tag = tag_of(&counter, target);
	for (int i = 0; i < 2; i++) {
		counter_header(&counter, "Idempotency-Key", "k1");
		expect_with(&counter, "If-Match", tag, "PATCH", target, "{'name':'Bea'}", 200);
		CHECK_EQ_INT(text_present(counter_reply_header(&counter, "Idempotency-Replayed")), i);
	}
	/* a key whose condition failed is free */
	counter_header(&counter, "Idempotency-Key", "k2");
	expect_with(&counter, "If-Match", tag, "PATCH", target, "{'name':'Cleo'}", 412);
	counter_header(&counter, "Idempotency-Key", "k2");
	expect_with(&counter, "If-Match", tag_of(&counter, target), "PATCH", target, "{'name':'Cleo'}", 200);
	CHECK_EQ_TEXT(counter_json(&counter, "name"), "Cleo");
	counter_close(&counter);
}

/* ---- two writers ---- */

enum { ROUNDS = 60, WRITERS = 2 };

struct writer {
	struct counter *counter;
	pthread_barrier_t *start;
	const char *tag; /* NULL: without a condition */
	int number, status;
};

static void *write_once(void *context)
{
	struct writer *writer = context;
	struct arena arena;
	struct http_reply reply;
	CHECK(arena_init(&arena, COUNTER_ARENA_BYTES));
	struct http_field headers[2] = {
		{ TEXT("Authorization"), text_format(&arena, "Bearer %s", writer->counter->key) },
		{ TEXT("If-Match"), text_of(writer->tag ? writer->tag : "*") },
	};
	struct http_request request = {
		.arena = &arena, .method = TEXT("PATCH"), .target = TEXT("/v1/accounts/1"),
		.headers = headers, .header_count = 2, .body = text_format(&arena, "{\"name\":\"N%d\"}", writer->number),
	};
	pthread_barrier_wait(writer->start);
	http_handle_wait(writer->counter->application, &request, &reply);
	writer->status = reply.status;
	arena_finish(&arena);
	return NULL;
}

/* How many of two writers that begin together are let through. */
static int race(struct counter *counter, const char *tag, int round)
{
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	pthread_barrier_t start;
	int won = 0;
	pthread_barrier_init(&start, NULL, WRITERS);
	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ counter, &start, tag, round * WRITERS + i, 0 };
		pthread_create(&threads[i], NULL, write_once, &writers[i]);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		CHECK(writers[i].status == 200 || writers[i].status == 412);
		won += writers[i].status == 200;
	}
	pthread_barrier_destroy(&start);
	return won;
}

TEST(of_two_writers_with_the_same_tag_exactly_one_wins)
{
	struct counter counter;
	counter_open_at(&counter, ":memory:", true);
	furnish(&counter);
	for (int round = 0; round < ROUNDS; round++) {
		check_note("round %d", round);
		CHECK_EQ_INT(race(&counter, tag_of(&counter, "/v1/accounts/1"), round), 1);
		/* the control: nothing else keeps one of them out */
		CHECK_EQ_INT(race(&counter, NULL, ROUNDS + round), WRITERS);
	}
	counter_close(&counter);
}

CHECK_MAIN
