/* test_request.c: targets, headers, redaction: requests as values. */
#include "counter.h"

static struct arena arena;
static struct problems problems;
static struct http_target target;

static bool parse(const char *text)
{
	if (!arena.reserve)
		CHECK(arena_init(&arena, 64 * 1024 * 1024));
	problems_init(&problems, &arena);
	return http_target_parse(text_of(text), &arena, &problems, &target);
}

TEST(a_path_is_split_before_it_is_decoded)
{
	CHECK(parse("/v1/a%2fb/c%20d"));
	CHECK_EQ_INT(target.segment_count, 3);
	CHECK_EQ_TEXT(target.segments[1], "a/b");
	CHECK_EQ_TEXT(target.segments[2], "c d");
	CHECK_EQ_TEXT(target.path, "/v1/a%2fb/c%20d");
}

TEST(a_target_with_scheme_and_host_is_its_path)
{
	CHECK(parse("http://host:80/v1/plans?limit=2"));
	CHECK_EQ_INT(target.segment_count, 2);
	CHECK_EQ_TEXT(target.path, "/v1/plans");
	CHECK_EQ_TEXT(http_parameter(&target, "limit"), "2");
	CHECK(parse("HTTPS://host"));
	CHECK_EQ_INT(target.segment_count, 0);
}

TEST(the_root_has_no_segments_and_a_last_slash_makes_an_empty_one)
{
	CHECK(parse("/"));
	CHECK_EQ_INT(target.segment_count, 0);
	CHECK(parse("/v1/"));
	CHECK_EQ_INT(target.segment_count, 2);
	CHECK_EQ_TEXT(target.segments[1], "");
}

TEST(a_query_gives_decoded_pairs)
{
	CHECK(parse("/x?a=1&b=two+words&c=%26%3d&d&&e="));
	CHECK_EQ_INT(target.parameter_count, 5);
	CHECK_EQ_TEXT(http_parameter(&target, "a"), "1");
	CHECK_EQ_TEXT(http_parameter(&target, "b"), "two words");
	CHECK_EQ_TEXT(http_parameter(&target, "c"), "&=");
	CHECK_EQ_TEXT(http_parameter(&target, "d"), "");
	CHECK_EQ_TEXT(http_parameter(&target, "e"), "");
	CHECK(!text_present(http_parameter(&target, "f")));
}

TEST(targets_that_no_resource_has_are_refused)
{
	static const struct {
		const char *target;
		enum problem_code code;
	} bad[] = {
		{ "v1/orders", PROBLEM_BAD_REQUEST },       { "", PROBLEM_BAD_REQUEST },
		{ "/a%00b", PROBLEM_BAD_REQUEST },          { "/a%0ab", PROBLEM_BAD_REQUEST },
		{ "/a%4", PROBLEM_BAD_REQUEST },            { "/a%", PROBLEM_BAD_REQUEST },
		{ "/a%zz", PROBLEM_BAD_REQUEST },           { "/%ff", PROBLEM_BAD_REQUEST },
		{ "/x?a=%00", PROBLEM_BAD_REQUEST },        { "/x?a=1&a=2", PROBLEM_BAD_PARAMETER },
		{ "/x#y", PROBLEM_BAD_REQUEST },            { "/1/2/3/4/5/6/7/8/9/10/11/12/13", PROBLEM_NOT_FOUND },
		{ "ftp://host/v1", PROBLEM_BAD_REQUEST },   { "*", PROBLEM_BAD_REQUEST },
		{ "http:/v1", PROBLEM_BAD_REQUEST },        { "http://host#y", PROBLEM_BAD_REQUEST },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i].target);
		CHECK(!parse(bad[i].target));
		CHECK_EQ_INT(problems.first->code, bad[i].code);
	}
}

static const char *long_target(const char *begin, size_t bytes)
{
	char *text = arena_alloc(&arena, bytes + 64);
	size_t length = (size_t)snprintf(text, 64, "%s", begin);
	memset(text + length, 'a', bytes);
	text[length + bytes] = '\0';
	return text;
}

TEST(paths_and_queries_have_limits)
{
	CHECK(parse("/"));
	CHECK(parse(long_target("/", HTTP_PATH_BYTES_MAX - 1)));
	CHECK(!parse(long_target("/", HTTP_PATH_BYTES_MAX)));
	CHECK_EQ_INT(problems.first->code, PROBLEM_URI_TOO_LONG);
	CHECK(parse(long_target("/x?a=", HTTP_QUERY_BYTES_MAX - 2)));
	CHECK(!parse(long_target("/x?a=", HTTP_QUERY_BYTES_MAX - 1)));
	CHECK_EQ_INT(problems.first->code, PROBLEM_URI_TOO_LONG);

	struct text_builder many;
	builder_init(&many, &arena, 0);
	builder_c(&many, "/x?");
	for (int i = 0; i <= HTTP_PARAMETERS_MAX; i++)
		builder_format(&many, "p%d=1&", i);
	CHECK(!parse(builder_text(&many).data));
	CHECK_EQ_INT(problems.first->code, PROBLEM_BAD_PARAMETER);
}

TEST(targets_of_random_bytes_never_break_the_parser)
{
	uint64_t random = check_seed();
	static const char likely[] = "/?&=%%%+a01fF#\x7f\xc3\xa9";
	for (int round = 0; round < 20000; round++) {
		char text[40];
		size_t length = (size_t)check_between(&random, 0, (int)sizeof text - 1);
		for (size_t i = 0; i < length; i++)
			text[i] = check_between(&random, 0, 9) ? likely[check_between(&random, 0,
			                                                              (int)sizeof likely - 2)]
			                                        : (char)check_between(&random, 1, 255);
		text[length] = '\0';
		bool good = parse(text);
		CHECK(good == (problems.count == 0));
		if (round % 1000 == 0)
			arena_reset(&arena);
	}
}

TEST(headers_are_found_whatever_the_case_of_their_names)
{
	const struct http_field headers[] = { { TEXT("Content-LENGTH"), TEXT("3") }, { TEXT("x"), TEXT_NONE },
		                              { TEXT("content-length"), TEXT("4") } };
	size_t count;
	CHECK_EQ_TEXT(http_header(headers, 3, "Content-Length", &count), "3");
	CHECK_EQ_INT(count, 2);
	CHECK_EQ_TEXT(http_header(headers, 3, "X", NULL), "");
	CHECK(!text_present(http_header(headers, 3, "Host", &count)));
	CHECK_EQ_INT(count, 0);
}

static void check_redacted(const char *body, const char *expected)
{
	parse("/");
	CHECK_EQ_TEXT(http_body_redacted(&arena, text_of(body)), expected);
}

TEST(what_must_not_be_hashed_is_blanked_out)
{
	check_redacted("{\"number\":\"4111111111111111\",\"cvv\":\"123\"}", "{\"number\":\"[card]\",\"cvv\":\"***\"}");
	check_redacted("{\"cvv\" : 123, \"a\":1}", "{\"cvv\" : ***, \"a\":1}");
	check_redacted("<cvv>123</cvv><passwd>se&lt;cret</passwd><a>1</a>",
	               "<cvv>***</cvv><passwd>**********</passwd><a>1</a>");
	check_redacted("{\"passwd\":\"a\\\"b\",\"x\":1}", "{\"passwd\":\"****\",\"x\":1}");
	check_redacted("{\"passwd\":\"a,b}c\",\"x\":1}", "{\"passwd\":\"*****\",\"x\":1}");
	check_redacted("{\"passwd\":\"\",\"x\":1}", "{\"passwd\":\"\",\"x\":1}");
	check_redacted("<cvv><![CDATA[12]]></cvv><a>1</a>", "<cvv>**************</cvv><a>1</a>");
	check_redacted("{\"cvvs\":\"123\",\"acvv\":\"9\"}", "{\"cvvs\":\"123\",\"acvv\":\"9\"}");
	check_redacted("", "");
	check_redacted("cvv", "cvv");
	check_redacted("\"cvv\"", "\"cvv\"");
}

CHECK_MAIN
