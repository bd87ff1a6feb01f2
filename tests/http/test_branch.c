/* test_branch.c: branches over HTTP: whose they are, who may make and drop them, what their keys open, a clock that goes back. */
#include "counter.h"

#define MARCH "{'now':'2012-03-01T00:00:00Z'}"

/* {"id":2,... "api_key":"..." */
static struct text member(struct counter *counter, const char *name)
{
	const struct json *body = json_parse(counter->reply.body, &counter->arena, &counter->problems);
	CHECK(body != NULL);
	return text_copy(&counter->arena, json_member(body, name)->type == JSON_STRING ? json_text(json_member(body, name))
	                                                                              : json_member(body, name)->text);
}

static const char *path_of(struct counter *counter, struct text id)
{
	return text_format(&counter->arena, "/v1/branches/%.*s", TEXT_ARG(id)).data;
}

TEST(a_branch_is_made_seen_and_dropped)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/branches", "{'name':'try','at':'2011-08-01T00:00:00Z'}", 201);
	struct text id = member(&counter, "id"), key = member(&counter, "api_key");
	CHECK_EQ_TEXT(member(&counter, "clock"), "2011-08-01T00:00:00Z");
	CHECK_EQ_TEXT(counter_reply_header(&counter, "Location"), path_of(&counter, id));
	counter_expect(&counter, "GET", "/v1/branches", NULL, 200);
	CHECK(counter_body_has(&counter, "\"name\":\"try\""));
	counter_expect(&counter, "GET", path_of(&counter, id), NULL, 200);
	CHECK_EQ_TEXT(member(&counter, "branch_of"), "acme");
	const char *own = counter.key;
	counter.key = text_c(&counter.arena, key);
	counter_expect(&counter, "GET", "/v1/plans", NULL, 200);
	CHECK(counter_body_has(&counter, "WHITE-LBL-A"));
	counter_expect(&counter, "PUT", "/v1/clock", MARCH, 200);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-12-01T00:00:00Z'}", 200);
	/* What it tells of its clock is seen at once, and not kept. */
	counter.key = own;
	counter_expect(&counter, "GET", path_of(&counter, id), NULL, 200);
	CHECK_EQ_TEXT(member(&counter, "clock"), "2011-12-01T00:00:00Z");
	counter_expect(&counter, "DELETE", path_of(&counter, id), NULL, 204);
	counter_expect(&counter, "DELETE", path_of(&counter, id), NULL, 404);
	counter_expect(&counter, "GET", path_of(&counter, id), NULL, 404);
	counter.key = text_c(&counter.arena, key);
	counter_expect(&counter, "GET", "/v1/plans", NULL, 401);
	counter_close(&counter);
}

TEST(a_dry_run_makes_no_branch_and_says_whether_it_could)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "POST", "/v1/branches", "{'name':'try'}", 200);
	counter_header(&counter, "Dry-Run", "true");
	counter_expect(&counter, "POST", "/v1/branches", "{'name':'acme'}", 409);
	counter_expect(&counter, "GET", "/v1/branches", NULL, 200);
	CHECK(!counter_body_has(&counter, "try"));
	counter_expect(&counter, "POST", "/v1/branches", "{'name':'try'}", 201);
	counter_expect(&counter, "POST", "/v1/branches", "{'name':'try'}", 409);
	CHECK(counter_body_has(&counter, "/name"));
	counter_expect(&counter, "POST", "/v1/branches", "{'nam':'x'}", 422);
	counter_close(&counter);
}

TEST(a_branch_is_its_tenants_alone_and_asks_for_an_admin)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/branches", "{}", 201);
	const char *mine = path_of(&counter, member(&counter, "id")), *reader = counter_key(&counter, "read write payments deploy");
	const char *stranger = text_c(&counter.arena, counter_tenant(&counter, "other")->api_key);
	counter.key = reader;
	counter_expect(&counter, "POST", "/v1/branches", "{}", 403);
	counter_expect(&counter, "DELETE", mine, NULL, 403);
	counter_expect(&counter, "GET", mine, NULL, 200);
	counter.key = stranger;
	counter_expect(&counter, "GET", mine, NULL, 404);
	counter_expect(&counter, "DELETE", mine, NULL, 404);
	counter_expect(&counter, "DELETE", "/v1/branches/1", NULL, 404);
	counter_expect(&counter, "GET", "/v1/branches", NULL, 200);
	CHECK(!counter_body_has(&counter, "acme"));
	counter_close(&counter);
}

CHECK_MAIN
