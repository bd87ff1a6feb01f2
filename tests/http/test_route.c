/* test_route.c: which requests there are, who may make them, and what all replies share. */
#include "counter.h"

#include "http/route.h"

TEST(every_route_is_documented_and_needs_a_key_but_those_for_everyone)
{
	static const char open_paths[] = "/ /healthz /readyz /openapi.json /openapi/maxio.json";
	struct counter counter;
	counter_open(&counter);
	counter.key = NULL;
	counter_expect(&counter, "GET", "/", NULL, 200);
	const struct json *routes = json_member(json_parse(counter.reply.body, &counter.arena, &counter.problems),
	                                        "routes");
	CHECK(routes->count > 70);
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		check_note("%.*s", TEXT_ARG(json_text(json_member(route, "path"))));
		CHECK(json_text(json_member(route, "doc")).length > 5);
		if (!json_member(route, "scope"))
			CHECK(http_words_hold(open_paths, json_text(json_member(route, "path"))));
	}
	counter_close(&counter);
}

TEST(without_a_key_every_route_answers_401_and_without_its_scope_403)
{
	struct counter counter;
	counter_open(&counter);
	const char *whole = counter.key;
	const char *no_read = counter_key(&counter, "deploy"), *no_deploy =
	        counter_key(&counter, "read write payments");
	counter_expect(&counter, "GET", "/", NULL, 200);
	const struct json *routes = json_member(json_parse(counter.reply.body, &counter.arena, &counter.problems),
	                                        "routes");
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		const char *method = text_c(&counter.arena, json_text(json_member(route, "method")));
		const char *path = counter_path(&counter, json_text(json_member(route, "path")), "1");
		struct text scope = json_text(json_member(route, "scope"));
		if (!text_present(scope))
			continue;
		check_note("%s %s", method, path);
		counter.key = NULL;
		counter_expect(&counter, method, path, NULL, 401);
		CHECK_EQ_TEXT(counter_reply_header(&counter, "WWW-Authenticate"), "Bearer realm=\"moonbill\"");
		counter.key = text_is(scope, "deploy") ? no_deploy : no_read;
		counter_expect(&counter, method, path, NULL, 403);
		CHECK(counter_body_has(&counter, "Use a key with the scope "));
	}
	counter.key = whole;
	counter_close(&counter);
}

/* Without the id, which the message repeats. */
static const char *without_digits(struct counter *counter, struct text text)
{
	char *to = arena_alloc(&counter->arena, text.length + 1);
	size_t length = 0;
	for (size_t i = 0; i < text.length; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			to[length++] = text.data[i];
	to[length] = '\0';
	return to;
}

static const char *answer_for_id(struct counter *counter, const struct json *route, const char *id)
{
	const char *method = text_c(&counter->arena, json_text(json_member(route, "method")));
	const char *target = counter_path(counter, json_text(json_member(route, "path")), id);
	check_note("%s %s", method, target);
	counter_send(counter, method, target, strcmp(method, "GET") == 0 ? NULL : "{}");
	return text_format(&counter->arena, "%d %s", counter->reply.status,
	                   without_digits(counter, counter->reply.body)).data;
}

TEST(on_every_route_an_id_of_another_tenant_is_answered_like_one_that_never_was)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "POST", "/v1/customers", "{'name':'Ann'}", 201);
	counter_expect(&counter, "GET", "/", NULL, 200);
	const struct json *routes = json_member(json_parse(counter.reply.body, &counter.arena, &counter.problems),
	                                        "routes");
	counter.key = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	size_t tried = 0;
	for (size_t i = 0; i < routes->count; i++) {
		const struct json *route = json_item(routes, i);
		struct text path = json_text(json_member(route, "path"));
		if (!text_present(path) || !memchr(path.data, '{', path.length) || text_starts(path, "/v1/keys/") ||
		    text_starts(path, "/v1/audit/") || text_starts(path, "/v1/tag_definitions/"))
			continue; /* key 1 and row 1 are the tenant's own: test_v1.c; tags 1 to 9 are everybody's */
		static const char *const foreign[] = { "1", "366", "381", "2396" }; /* where sequences begin */
		const char *never = answer_for_id(&counter, route, "900719925474");
		for (size_t j = 0; j < 4; j++)
			CHECK_EQ_TEXT(text_of(answer_for_id(&counter, route, foreign[j])), never);
		tried++;
	}
	CHECK(tried > 20);
	counter_close(&counter);
}

TEST(keys_come_as_bearer_or_as_the_user_name_of_basic)
{
	struct counter counter;
	counter_open(&counter);
	const char *key = counter.key;
	counter.key = NULL;
	counter_header(&counter, "Authorization", text_format(&counter.arena, "bearer  %s", key).data);
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);

	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct text plain = text_format(&counter.arena, "%s:ignored", key);
	struct text_builder out;
	builder_init(&out, &counter.arena, 0);
	builder_c(&out, "Basic ");
	for (size_t i = 0; i < plain.length; i += 3) {
		unsigned bytes = (unsigned)(unsigned char)plain.data[i] << 16;
		for (size_t j = 1; j < 3 && i + j < plain.length; j++)
			bytes |= (unsigned)(unsigned char)plain.data[i + j] << (16 - 8 * j);
		for (size_t j = 0; j < 4; j++)
			builder_byte(&out, i + j > plain.length ? '=' : digits[bytes >> (18 - 6 * j) & 63]);
	}
	counter_header(&counter, "Authorization", builder_text(&out).data);
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 200);

	static const char *const wrong[] = { "Basic", "Basic ", "Basic !!!!", "Bearer", "Bearer x", "Digest abc", "",
		                             "Bearer mb_test_AAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		check_note("%s", wrong[i]);
		counter_header(&counter, "Authorization", wrong[i]);
		counter_expect(&counter, "GET", "/v1/tenant", NULL, 401);
	}
	char *other = strdup(key);
	other[30] = other[30] == 'a' ? 'b' : 'a';
	counter.key = other;
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 401);
	free(other);
	counter_close(&counter);
}

TEST(two_authorization_headers_are_refused)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Authorization", text_format(&counter.arena, "Bearer %s", counter.key).data);
	counter_expect(&counter, "GET", "/v1/tenant", NULL, 401);
	counter_close(&counter);
}

TEST(unknown_methods_are_405_with_the_ones_that_are_allowed)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "BREW", "/v1/orders", NULL, 405);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Allow"), "GET, HEAD, POST");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "method_not_allowed");
	counter_expect(&counter, "PUT", "/v1/orders/1", NULL, 405);
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Allow"), "DELETE, GET, HEAD, PATCH");
	counter_expect(&counter, "get", "/v1/orders", NULL, 405);
	counter_expect(&counter, "HEAD", "/v1/orders", NULL, 200);
	counter_close(&counter);
}

TEST(paths_that_are_none_are_404)
{
	struct counter counter;
	counter_open(&counter);
	static const char *const paths[] = { "/v1", "/v1/", "/v1/orders/", "/v1/orders/x", "/v1/orders/0",
	                                     "/v1/orders/-1",
		                             "/v1/orders/01", "/v1/orders/9223372036854775808", "/v1%2forders",
		                             "/V1/orders", "/v1/orders/1/change/2", "//", "/rest_v2/orders" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		check_note("%s", paths[i]);
		counter_expect(&counter, "GET", paths[i], NULL, 404);
		CHECK_EQ_TEXT(counter.reply.content_type, "application/problem+json");
	}
	counter_close(&counter);
}

TEST(literal_segments_win_over_ids_and_both_roots_of_blubilling_are_one)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/orders/quote", "{'plan':'WHITE-LBL-A'}", 200);
	counter_expect(&counter, "GET", "/rest/plans", NULL, 200);
	struct text first = counter.reply.body;
	counter_expect(&counter, "GET", "/rest_v1/plans", NULL, 200);
	CHECK(text_equals(first, counter.reply.body));
	counter_expect(&counter, "GET", "/v1/rest/plans", NULL, 404);
	counter_close(&counter);
}

TEST(every_reply_has_the_headers_of_safety_and_the_request_id)
{
	struct counter counter;
	counter_open(&counter);
	static const char *const targets[] = { "/healthz", "/v1/tenant", "/v1/nothing", "/rest/plans", "/rest/plan/9" };
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		check_note("%s", targets[i]);
		counter_header(&counter, "X-Request-Id", "abc-123_x.y");
		counter_send(&counter, "GET", targets[i], NULL);
		CHECK_EQ_TEXT(counter_reply_header(&counter, "X-Request-Id"), "abc-123_x.y");
		CHECK_EQ_TEXT(counter_reply_header(&counter, "X-Content-Type-Options"), "nosniff");
		CHECK_EQ_TEXT(counter_reply_header(&counter, "Cache-Control"), "no-store");
		CHECK(!text_present(counter_reply_header(&counter, "Server")));
	}
	static const char *const odd[] = { "", "a b", "a\r\nX: y", "<script>" };
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		counter_header(&counter, "X-Request-Id", odd[i]);
		counter_send(&counter, "GET", "/healthz", NULL);
		CHECK_EQ_INT(counter_reply_header(&counter, "X-Request-Id").length, 36);
	}
	counter_close(&counter);
}

TEST(bodies_of_foreign_types_are_415)
{
	struct counter counter;
	counter_open(&counter);
	static const struct {
		const char *header, *value;
		int v1, blu;
	} types[] = {
		{ "Content-Type", "application/json", 422, 400 },
		{ "Content-Type", "Application/JSON; charset=utf-8", 422, 400 },
		{ "Content-Type", "text/xml", 415, 400 },
		{ "Content-Type", "application/xml", 415, 400 },
		{ "Content-Type", "application/x-www-form-urlencoded", 415, 415 },
		{ "Content-Type", "application/jsonp", 415, 415 },
		{ "Content-Encoding", "gzip", 415, 415 },
		{ "Content-Encoding", "identity", 422, 400 },
	};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		check_note("%s", types[i].value);
		counter_header(&counter, types[i].header, types[i].value);
		counter_expect(&counter, "POST", "/v1/accounts", "{}", types[i].v1);
		counter_header(&counter, types[i].header, types[i].value);
		counter_expect(&counter, "POST", "/rest/customers", "{}", types[i].blu);
	}
	counter_close(&counter);
}

TEST(a_body_over_the_limit_is_413_and_a_bundle_may_be_larger)
{
	struct counter counter;
	counter_open(&counter);
	char *body = malloc(HTTP_BODY_BYTES_MAX + 2);
	memset(body, ' ', HTTP_BODY_BYTES_MAX + 1);
	memcpy(body, "{}", 2);
	counter_send_text(&counter, "POST", "/v1/accounts", (struct text){ body, HTTP_BODY_BYTES_MAX });
	CHECK_EQ_INT(counter.reply.status, 422);
	counter_send_text(&counter, "POST", "/v1/accounts", (struct text){ body, HTTP_BODY_BYTES_MAX + 1 });
	CHECK_EQ_INT(counter.reply.status, 413);
	counter_send_text(&counter, "POST", "/rest/customers", (struct text){ body, HTTP_BODY_BYTES_MAX + 1 });
	CHECK_EQ_INT(counter.reply.status, 413);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), "payload_too_large");
	counter_send_text(&counter, "PUT", "/v1/bundle", (struct text){ body, HTTP_BODY_BYTES_MAX + 1 });
	CHECK_EQ_INT(counter.reply.status, 422);
	counter_header(&counter, "Content-Length", "99999999");
	counter_expect(&counter, "POST", "/v1/accounts", NULL, 413);
	free(body);
	counter_close(&counter);
}

TEST(unknown_parameters_are_named_with_the_nearest)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "GET", "/v1/orders?limt=3&status=active", NULL, 400);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.pointer"), "/limt");
	CHECK(counter_body_has(&counter, "did you mean 'limit'?"));
	counter_expect(&counter, "DELETE", "/rest/invoice?invoiceNumber=1&suspendOrder=true", NULL, 400);
	CHECK(counter_body_has(&counter, "suspendOrders"));
	counter_expect(&counter, "GET", "/v1/tenant?x=1", NULL, 400);
	CHECK(counter_body_has(&counter, "Leave the query out."));
	counter_close(&counter);
}

TEST(a_key_in_the_address_is_not_one)
{
	struct counter counter;
	counter_open(&counter);
	const char *target = text_format(&counter.arena, "/v1/tenant?api_key=%s", counter.key).data;
	counter.key = NULL;
	counter_expect(&counter, "GET", target, NULL, 401);
	counter_close(&counter);
}

TEST(health_says_so_without_a_key)
{
	struct counter counter;
	counter_open(&counter);
	counter.key = NULL;
	counter_expect(&counter, "GET", "/healthz", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.body, "{\"status\":\"ok\"}");
	counter_close(&counter);
}

CHECK_MAIN
