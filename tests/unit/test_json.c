/* test_json.c: JSON in and out, behind its fences. */
#include "value/json.h"

#include "check.h"
#include "sample_record.h"

static struct arena arena;
static struct problems problems;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
}

static const struct json *parse(const char *source)
{
	problems_init(&problems, &arena);
	return json_parse(text_of(source), &arena, &problems);
}

static void check_refused(struct text source, enum problem_code code, const char *message)
{
	check_note("%.*s", source.length < 200 ? (int)source.length : 200, source.data);
	problems_init(&problems, &arena);
	CHECK(json_parse(source, &arena, &problems) == NULL);
	CHECK_EQ_INT(problems.count, 1);
	CHECK_EQ_C(problem_info(problems.first->code)->name, problem_info(code)->name);
	if (message)
		CHECK_EQ_C(problems.first->message, message);
	CHECK(strstr(problems.first->message, "line ") != NULL);
}

static void refused(const char *source, enum problem_code code, const char *message)
{
	check_refused(text_of(source), code, message);
}

/* ---- reading ---- */

TEST(every_type_of_value_is_read_in_order)
{
	start();
	const struct json *json = parse(" {\"a\":[1,-2.50,\"x\",true,false,null], \"b\" : {} }\r\n\t");
	CHECK(json != NULL);
	CHECK_EQ_INT(json->type, JSON_OBJECT);
	CHECK_EQ_INT(json->count, 2);
	const struct json *list = json_member(json, "a");
	CHECK_EQ_INT(list->count, 6);
	CHECK_EQ_TEXT(json_text(json_item(list, 0)), "1");
	CHECK_EQ_TEXT(json_text(json_item(list, 1)), "-2.50");
	CHECK_EQ_TEXT(json_text(json_item(list, 2)), "x");
	CHECK_EQ_INT(json_item(list, 3)->type, JSON_TRUE);
	CHECK_EQ_INT(json_item(list, 4)->type, JSON_FALSE);
	CHECK_EQ_INT(json_item(list, 5)->type, JSON_NULL);
	CHECK(json_item(list, 6) == NULL);
	CHECK(!text_present(json_text(json_item(list, 5))));
	CHECK_EQ_INT(json_member(json, "b")->count, 0);
	arena_finish(&arena);
}

TEST(any_value_may_be_the_whole_document)
{
	start();
	CHECK_EQ_TEXT(json_text(parse("\"x\"")), "x");
	CHECK_EQ_TEXT(json_text(parse("0")), "0");
	CHECK_EQ_INT(parse("null")->type, JSON_NULL);
	arena_finish(&arena);
}

TEST(numbers_keep_their_source_text)
{
	static const char *const sources[] = { "9007199254740993", "0.30000000000000004", "123456789012345678", "5000000000000001",
		                               "3000000000", "1e3", "-0", "1E-400", "0.10", "1e307" };
	start();
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		const struct json *json = parse(sources[i]);
		CHECK(json != NULL);
		CHECK_EQ_TEXT(json_text(json), sources[i]);
		CHECK_EQ_TEXT(json_tree_text(&arena, json), sources[i]);
	}
	arena_finish(&arena);
}

TEST(a_number_that_a_double_cannot_hold_is_refused)
{
	start();
	refused("1e400", PROBLEM_OUT_OF_RANGE, "line 1, column 1: the number is too large or too long");
	refused("-1e309", PROBLEM_OUT_OF_RANGE, NULL);
	refused("1e99999999999999999999", PROBLEM_OUT_OF_RANGE, NULL);
	refused("11111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
	        PROBLEM_OUT_OF_RANGE, NULL);
	arena_finish(&arena);
}

TEST(what_is_not_rfc_8259_is_refused)
{
	static const char *const sources[] = {
		"", "   ", "0x10", "true1", "[1,2] junk", "01", "1.", ".5", "+1", "1e", "1e+", "-", "--1", "- 1", "{\"x\":1} trailing", "0123",
		"[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "{\"a\" 1}", "{\"a\":}", "[", "{", "\"a", "nul", "True", "NaN",
		"Infinity", "// c\n1", "/* c */ 1", "[1]]", "{\"a\":1}}", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\\", "{1:2}", ",", "1,2", "\v1",
	};
	start();
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
		refused(sources[i], PROBLEM_MALFORMED, NULL);
	arena_finish(&arena);
}

TEST(the_problem_names_line_and_column)
{
	start();
	refused("{\n  \"a\": 1,\n  \"b\": x\n}", PROBLEM_MALFORMED, "line 3, column 8: expected a value, found 'x'");
	refused("[\"\xc3\xa4\", ?]", PROBLEM_MALFORMED, "line 1, column 7: expected a value, found '?'");
	refused("[1", PROBLEM_MALFORMED, "line 1, column 3: expected ',' or ']', found the end");
	refused("[1] 2", PROBLEM_MALFORMED, "line 1, column 5: expected nothing after the document, found '2'");
	arena_finish(&arena);
}

TEST(strings_are_decoded)
{
	start();
	CHECK_EQ_TEXT(json_text(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")), "\"\\/\b\f\n\r\t");
	CHECK_EQ_TEXT(json_text(parse("\"a\\u0041\\u00e4\\u20AC\\ud83d\\ude00z\"")), "aA\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z");
	CHECK_EQ_TEXT(json_text(parse("\"\xc3\xa4\xf0\x9f\x98\x80\"")), "\xc3\xa4\xf0\x9f\x98\x80");
	CHECK_EQ_TEXT(json_text(parse("\"\"")), "");
	CHECK_EQ_INT(json_text(parse("\"abc\"")).data[3], 0);
	arena_finish(&arena);
}

TEST(bytes_that_are_not_text_are_refused)
{
	start();
	refused("\"a\\u0000b\"", PROBLEM_BAD_TEXT, "line 1, column 3: \\u0000 is not allowed");
	refused("\"a\tb\"", PROBLEM_BAD_TEXT, "line 1, column 3: control byte 0x09 in a string");
	refused("\"a\nb\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\xff\xfe\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\xc0\xaf\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\xed\xa0\x80\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\\ud800\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\\ud800\\u0041\"", PROBLEM_BAD_TEXT, NULL);
	refused("\"\\udc00\"", PROBLEM_BAD_TEXT, NULL);
	refused("{\"\xff\":1}", PROBLEM_BAD_TEXT, NULL);
	refused("\xef\xbb\xbf{}", PROBLEM_MALFORMED, "line 1, column 1: a byte order mark is not allowed");
	check_refused(TEXT("\"a\0b\""), PROBLEM_BAD_TEXT, NULL);
	check_refused(TEXT("1\0"), PROBLEM_MALFORMED, NULL);
	check_refused(TEXT("\0"), PROBLEM_MALFORMED, NULL);
	check_refused(TEXT_NONE, PROBLEM_MALFORMED, NULL);
	arena_finish(&arena);
}

TEST(names_are_unique_and_told_apart_by_case)
{
	start();
	refused("{\"a\":1,\n\"a\":2}", PROBLEM_MALFORMED, "line 2, column 5: member 'a' is given twice");
	refused("{\"a\":1,\"\\u0061\":2}", PROBLEM_MALFORMED, NULL);
	const struct json *json = parse("{\"Amount\":1,\"amount\":2}");
	CHECK_EQ_TEXT(json_text(json_member(json, "amount")), "2");
	CHECK(json_member(json, "AMOUNT") == NULL);
	arena_finish(&arena);
}

static struct text nested(unsigned depth, char open, char close)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	for (unsigned i = 0; i < depth; i++) {
		builder_byte(&out, open);
		if (open == '{')
			builder_c(&out, "\"a\":");
	}
	builder_c(&out, "1");
	for (unsigned i = 0; i < depth; i++)
		builder_byte(&out, close);
	return builder_text(&out);
}

TEST(nesting_ends_at_32)
{
	start();
	CHECK(json_parse(nested(32, '[', ']'), &arena, &problems) != NULL);
	CHECK(json_parse(nested(32, '{', '}'), &arena, &problems) != NULL);
	check_refused(nested(33, '[', ']'), PROBLEM_TOO_DEEP, "line 1, column 33: arrays and objects nest deeper than 32");
	check_refused(nested(33, '{', '}'), PROBLEM_TOO_DEEP, NULL);
	check_refused(nested(100000, '[', ']'), PROBLEM_TOO_DEEP, NULL);
	arena_finish(&arena);
}

static struct text members(unsigned count, unsigned repeated)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	builder_byte(&out, '{');
	for (unsigned i = 0; i < count; i++)
		builder_format(&out, "%s\"m%u\":%u", i ? "," : "", i == count - 1 && repeated ? repeated : i, i);
	builder_byte(&out, '}');
	return builder_text(&out);
}

TEST(an_object_has_at_most_1000_members_all_different)
{
	start();
	const struct json *json = json_parse(members(1000, 0), &arena, &problems);
	CHECK(json != NULL);
	CHECK_EQ_INT(json->count, 1000);
	check_refused(members(1001, 0), PROBLEM_TOO_MANY, NULL);
	check_refused(members(1000, 500), PROBLEM_MALFORMED, NULL);
	check_refused(members(50000, 0), PROBLEM_TOO_MANY, NULL);
	arena_finish(&arena);
}

static struct text items(unsigned count)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	builder_byte(&out, '[');
	for (unsigned i = 0; i < count; i++)
		builder_c(&out, i ? ",0" : "0");
	builder_byte(&out, ']');
	return builder_text(&out);
}

TEST(an_array_has_at_most_10000_items_or_the_limit_given)
{
	start();
	CHECK(json_parse(items(10000), &arena, &problems) != NULL);
	check_refused(items(10001), PROBLEM_TOO_MANY, NULL);
	CHECK(json_parse_limited(items(10001), 20000, &arena, &problems) != NULL);
	CHECK(json_parse_limited(items(3), 2, &arena, &problems) == NULL);
	arena_finish(&arena);
}

TEST(a_document_beyond_the_arena_is_a_problem_and_not_a_crash)
{
	struct arena small;
	start();
	CHECK(arena_init(&small, 128 * 1024));
	CHECK(json_parse(items(9000), &small, &problems) == NULL);
	CHECK_EQ_INT(problems.count, 1);
	CHECK_EQ_INT(problems.first->code, PROBLEM_OUT_OF_MEMORY);
	arena_finish(&small);
	arena_finish(&arena);
}

TEST(an_allocation_that_fails_is_a_problem_and_not_a_crash)
{
	static const char source[] = "{\"name\":\"x\",\"total\":1,\"parts\":[{\"name\":\"ab\"}]}";
	for (long nth = 1; nth < 12; nth++) {
		struct sample value = { 0 };
		start();
		memory_fail_after(nth, true);
		const struct json *json = json_parse(TEXT(source), &arena, &problems);
		bool decoded = json && json_decode(json, &sample_record, &value, "", &arena, &problems);
		memory_fail_after(0, false);
		CHECK(decoded == (problems.count == 0));
		arena_finish(&arena);
	}
}

TEST(the_tree_does_not_point_into_its_source)
{
	char source[] = "{\"name\":[\"value\",12]}";
	start();
	const struct json *json = json_parse(text_of(source), &arena, &problems);
	memset(source, '#', sizeof source - 1);
	CHECK_EQ_TEXT(json_tree_text(&arena, json), "{\"name\":[\"value\",12]}");
	arena_finish(&arena);
}

TEST(random_bytes_are_read_or_refused_with_one_problem)
{
	static const char alphabet[] = "{}[]\",:0123456789.eE+-truefalsn\\u \n\t\xc3\xa4\xff";
	uint64_t random = check_seed();
	start();
	for (int round = 0; round < 20000; round++) {
		char source[40];
		size_t length = (size_t)check_between(&random, 0, sizeof source);
		for (size_t i = 0; i < length; i++)
			source[i] = alphabet[check_between(&random, 0, sizeof alphabet - 1)];
		arena_reset(&arena);
		problems_init(&problems, &arena);
		const struct json *json = json_parse((struct text){ source, length }, &arena, &problems);
		CHECK((json != NULL) == (problems.count == 0));
		if (json) {
			struct text once = json_tree_text(&arena, json);
			const struct json *again = json_parse(once, &arena, &problems);
			CHECK(again != NULL);
			CHECK(text_equals(json_tree_text(&arena, again), once));
		}
	}
	arena_finish(&arena);
}

/* ---- writing ---- */

TEST(the_writer_places_commas_and_escapes)
{
	struct text_builder out;
	struct json_writer writer;
	start();
	builder_init(&out, &arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "a\"b");
	json_string(&writer, TEXT("q\"\\\n\r\t\x01\x1f/\xc3\xa4"));
	json_name(&writer, "list");
	json_begin_array(&writer);
	json_integer(&writer, 9007199254740993);
	json_boolean(&writer, true);
	json_null(&writer);
	json_string(&writer, TEXT_NONE);
	json_begin_object(&writer);
	json_end_object(&writer);
	json_end_array(&writer);
	json_name(&writer, "raw");
	json_raw(&writer, TEXT("[1]"));
	json_end_object(&writer);
	CHECK_EQ_TEXT(builder_text(&out), "{\"a\\\"b\":\"q\\\"\\\\\\n\\r\\t\\u0001\\u001f/\xc3\xa4\","
	                                  "\"list\":[9007199254740993,true,null,null,{}],\"raw\":[1]}");
	arena_finish(&arena);
}

TEST(what_is_known_to_be_plain_is_written_like_everything_else)
{
	struct text_builder out;
	struct json_writer writer;
	start();
	builder_init(&out, &arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	json_plain(&writer, TEXT("2011-09-20"));
	json_begin_object(&writer);
	json_name_plain(&writer, "a");
	json_plain(&writer, TEXT(""));
	json_name_plain(&writer, "b");
	json_integer(&writer, 1);
	json_end_object(&writer);
	json_plain(&writer, TEXT("x"));
	json_end_array(&writer);
	CHECK_EQ_TEXT(builder_text(&out), "[\"2011-09-20\",{\"a\":\"\",\"b\":1},\"x\"]");
	arena_finish(&arena);
}

/* Byte by byte, by another way than the writer's eight at a time. DEL is written as it is. */
static struct text escaped(char byte)
{
	unsigned char code = (unsigned char)byte;
	if (byte == '"' || byte == '\\')
		return text_format(&arena, "\"xxxxxxxxx\\%cyyyyyyyyy\"", byte);
	static const char *const shorts[] = { ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r" };
	if (code < 0x20 && code < sizeof shorts / sizeof *shorts && shorts[code])
		return text_format(&arena, "\"xxxxxxxxx%syyyyyyyyy\"", shorts[code]);
	if (code < 0x20)
		return text_format(&arena, "\"xxxxxxxxx\\u%04xyyyyyyyyy\"", code);
	if (code >= 0x80)
		return text_format(&arena, "\"xxxxxxxxx\xef\xbf\xbdyyyyyyyyy\"");
	return text_format(&arena, "\"xxxxxxxxx%cyyyyyyyyy\"", byte);
}

/* The byte with `before` others in front and `behind` behind. */
static void check_escaped(char byte, size_t before, size_t behind)
{
	enum { MOST = 9 };
	char source[2 * MOST + 1];
	struct text_builder out;
	struct json_writer writer;
	memset(source, 'x', before);
	source[before] = byte;
	memset(source + before + 1, 'y', behind);
	builder_init(&out, &arena, 0);
	json_writer_init(&writer, &out);
	json_string(&writer, (struct text){ source, before + 1 + behind });
	struct text all = escaped(byte), found = builder_text(&out);
	struct text middle = text_slice(all, 1 + MOST, all.length - 1 - MOST);
	struct text expected = text_format(&arena, "\"%.*s%.*s%.*s\"", (int)before, "xxxxxxxxx", TEXT_ARG(middle), (int)behind,
	                                   "yyyyyyyyy");
	check_note("byte %d behind %zu and before %zu", (unsigned char)byte, before, behind);
	CHECK_EQ_TEXT(found, text_c(&arena, expected));
}

TEST(every_byte_is_escaped_wherever_it_stands)
{
	start();
	for (int byte = 0; byte < 256; byte++)
		for (size_t before = 0; before <= 9; before++)
			for (size_t behind = 0; behind <= 9; behind++)
				check_escaped((char)byte, before, behind);
	arena_finish(&arena);
}

TEST(integers_are_written_exactly)
{
	static const int64_t values[] = { 5000000000000001, -1, 0, INT64_MAX, INT64_MIN, 9007199254740993 };
	start();
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		struct text_builder out;
		struct json_writer writer;
		builder_init(&out, &arena, 0);
		json_writer_init(&writer, &out);
		json_integer(&writer, values[i]);
		int64_t again;
		CHECK(text_to_int64(builder_text(&out), &again));
		CHECK_EQ_INT(again, values[i]);
	}
	arena_finish(&arena);
}

TEST(bytes_that_are_not_utf8_leave_as_replacement_characters)
{
	struct text_builder out;
	struct json_writer writer;
	start();
	builder_init(&out, &arena, 0);
	json_writer_init(&writer, &out);
	json_string(&writer, TEXT("a\xff\xc3\xa4\xc3"));
	CHECK_EQ_TEXT(builder_text(&out), "\"a\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\"");
	arena_finish(&arena);
}

TEST(writing_out_of_order_is_a_bug)
{
	struct text_builder out;
	struct json_writer writer;
	start();
	builder_init(&out, &arena, 0);
	json_writer_init(&writer, &out);
	CHECK_ABORTS(json_end_object(&writer));
	CHECK_ABORTS((json_begin_object(&writer), json_name(&writer, "a"), json_name(&writer, "b")));
	CHECK_ABORTS(for (;;) json_begin_array(&writer));
	arena_finish(&arena);
}

/* ---- decoding ---- */

static struct sample sample;

static bool decode(const char *source)
{
	const struct json *json = parse(source);
	CHECK(json != NULL);
	sample = (struct sample){ 0 };
	return json_decode(json, &sample_record, &sample, "", &arena, &problems);
}

/* The problems as "pointer code; ..." in order. */
static struct text problem_list(void)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	for (const struct problem *each = problems.first; each; each = each->next)
		builder_format(&out, "%s%s %s", each == problems.first ? "" : "; ", each->pointer, problem_info(each->code)->name);
	return builder_text(&out);
}

static const char whole[] =
        "{\"id\":7,\"uuid\":\"0190a8c2-7b3e-7c1a-9f00-0123456789ab\",\"name\":\"Gold\",\"custom\":{\"b\":[1.50],\"a\":null},"
        "\"day\":0,\"total\":-3,\"quantity\":\"1.50\",\"amount\":\"60.50\",\"share\":\"121/3\",\"currency\":\"USD\","
        "\"start_date\":\"2011-09-06\",\"created_at\":\"2011-09-06T15:00:00Z\",\"term\":\"P1M\",\"active\":false,"
        "\"state\":\"closed\",\"part\":{\"name\":\"ab\"},\"parts\":[{\"name\":\"cd\",\"count\":2},{\"name\":\"ef\"}],"
        "\"owner_id\":9}";

TEST(a_record_of_every_kind_is_decoded_and_encoded_to_the_same)
{
	start();
	CHECK(decode(whole));
	CHECK_EQ_INT(problems.count, 0);
	CHECK_EQ_INT(sample.amount.minor, 6050);
	CHECK_EQ_INT(sample.has_day, true);
	CHECK_EQ_INT(sample.has_active, true);
	CHECK_EQ_INT(sample.active, false);
	CHECK_EQ_INT(sample.state, SAMPLE_STATE_CLOSED);
	CHECK_EQ_INT(sample.parts.count, 2);
	CHECK_EQ_INT(sample.parts.items[0].count, 2);
	CHECK(!sample.parts.items[1].has_count);
	CHECK_EQ_TEXT(json_record_text(&arena, &sample_record, &sample), whole);
	arena_finish(&arena);
}

TEST(hidden_and_secret_fields_are_never_written)
{
	start();
	CHECK(decode("{\"name\":\"x\",\"total\":1,\"part\":{\"name\":\"ab\",\"secret\":\"s3cr3t\"}}"));
	sample.digest = TEXT("abc");
	CHECK_EQ_TEXT(sample.part->secret, "s3cr3t");
	CHECK_EQ_TEXT(json_record_text(&arena, &sample_record, &sample), "{\"name\":\"x\",\"total\":1,\"part\":{\"name\":\"ab\"}}");
	arena_finish(&arena);
}

TEST(null_is_absent)
{
	start();
	CHECK(decode("{\"name\":\"x\",\"total\":1,\"day\":null,\"part\":null,\"parts\":null,\"currency\":null,\"active\":null}"));
	CHECK(!sample.has_day);
	CHECK(sample.part == NULL);
	CHECK(!decode("{\"name\":null,\"total\":null}"));
	CHECK_EQ_TEXT(problem_list(), "/name missing_field; /total missing_field");
	CHECK_EQ_C(problems.first->message, "name is missing: Shown to people.");
	arena_finish(&arena);
}

TEST(every_problem_is_reported_at_its_pointer)
{
	start();
	CHECK(!decode("{\"nmae\":\"x\",\"day\":32,\"quantity\":\"1.2345\",\"state\":\"opne\",\"currency\":\"US\",\"amount\":\"1.2.3\","
	              "\"start_date\":\"2011-02-30\",\"created_at\":\"now\",\"term\":\"1M\",\"uuid\":\"7\",\"active\":1,"
	              "\"part\":[],\"parts\":[{\"name\":\"a\"},{\"count\":0,\"a/b~c\":1},3]}"));
	CHECK_EQ_TEXT(problem_list(),
	              "/currency unknown_currency; /nmae unknown_field; /day out_of_range; /quantity too_many_decimals; "
	              "/state unknown_choice; /amount bad_decimal; /start_date bad_date; /created_at bad_instant; "
	              "/term bad_duration; /uuid bad_uuid; /active wrong_type; /part wrong_type; /parts/0/name too_short; "
	              "/parts/1/count out_of_range; /parts/1/a~1b~0c unknown_field; /parts/1/name missing_field; "
	              "/parts/2 wrong_type; /name missing_field; /total missing_field");
	arena_finish(&arena);
}

TEST(a_problem_shows_the_value_and_the_nearest_name)
{
	start();
	CHECK(!decode("{\"nmae\":1,\"name\":\"x\",\"total\":1,\"state\":\"opne\",\"day\":99}"));
	const struct problem *unknown = problems.first, *choice = unknown->next, *range = choice->next;
	CHECK_EQ_C(unknown->message, "sample has no field 'nmae' (did you mean 'name'?)");
	CHECK_EQ_C(choice->message, "state cannot be 'opne' (did you mean 'open'?)");
	CHECK_EQ_TEXT(choice->value, "opne");
	CHECK_EQ_C(choice->remedy, "Use one of: open, closed.");
	CHECK_EQ_C(range->message, "day is '99'; it must be from 0 to 31");
	CHECK_EQ_TEXT(range->value, "99");
	arena_finish(&arena);
}

TEST(the_value_of_a_secret_is_shown_nowhere)
{
	static const char *const sources[] = { "\"abc\"", "\"abcdefghijk\"", "12345", "[\"abc\"]", "\"\\u0001abcd\"" };
	start();
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct text source = text_format(&arena, "{\"name\":\"x\",\"total\":1,\"part\":{\"name\":\"ab\",\"secret\":%s}}", sources[i]);
		CHECK(!decode(source.data));
		CHECK_EQ_INT(problems.count, 1);
		CHECK_EQ_C(problems.first->pointer, "/part/secret");
		struct text document = json_problems_text(&arena, &problems);
		CHECK(strstr(document.data, "abc") == NULL);
		CHECK(strstr(document.data, "12345") == NULL);
		CHECK(strstr(document.data, "\"value\"") == NULL);
	}
	arena_finish(&arena);
}

TEST(hidden_fields_and_relations_cannot_be_given)
{
	start();
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"digest\":\"y\",\"owner\":{}}"));
	CHECK_EQ_TEXT(problem_list(), "/digest unknown_field; /owner unknown_field");
	arena_finish(&arena);
}

TEST(whole_numbers_to_2_to_the_53_are_taken_as_numbers_and_larger_ones_as_strings)
{
	start();
	CHECK(decode("{\"name\":\"x\",\"total\":9007199254740992}"));
	CHECK(decode("{\"name\":\"x\",\"total\":\"9223372036854775807\"}"));
	CHECK_EQ_INT(sample.total, INT64_MAX);
	CHECK_EQ_TEXT(json_record_text(&arena, &sample_record, &sample), "{\"name\":\"x\",\"total\":\"9223372036854775807\"}");
	CHECK(!decode("{\"name\":\"x\",\"total\":9007199254740993}"));
	CHECK_EQ_TEXT(problem_list(), "/total out_of_range");
	CHECK_EQ_C(problems.first->remedy, "Write it as a string: \"9007199254740993\".");
	CHECK(!decode("{\"name\":\"x\",\"total\":\"9223372036854775808\"}"));
	CHECK(!decode("{\"name\":\"x\",\"total\":1.0}"));
	CHECK(!decode("{\"name\":\"x\",\"total\":1e3}"));
	CHECK_EQ_TEXT(problem_list(), "/total bad_integer");
	arena_finish(&arena);
}

TEST(money_is_never_a_number_and_a_decimal_number_is_whole)
{
	start();
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"currency\":\"USD\",\"amount\":60,\"quantity\":1.5,\"share\":3}"));
	CHECK_EQ_TEXT(problem_list(), "/amount wrong_type; /quantity bad_decimal; /share wrong_type");
	CHECK_EQ_C(problems.first->message, "amount must be a string such as \"60.50\", it is a number");
	CHECK_EQ_C(problems.first->next->remedy, "Write it as a string: \"1.5\".");
	CHECK(decode("{\"name\":\"x\",\"total\":1,\"quantity\":2}"));
	CHECK_EQ_TEXT(record_field_text(&sample_record, &sample, SAMPLE_QUANTITY, &arena), "2");
	arena_finish(&arena);
}

TEST(the_currency_may_come_after_the_amount_and_its_decimals_decide)
{
	start();
	CHECK(decode("{\"amount\":\"60\",\"name\":\"x\",\"total\":1,\"currency\":\"JPY\"}"));
	CHECK_EQ_INT(sample.amount.minor, 60);
	CHECK(!decode("{\"amount\":\"60.5\",\"name\":\"x\",\"total\":1,\"currency\":\"JPY\"}"));
	CHECK_EQ_TEXT(problem_list(), "/amount too_many_decimals");
	CHECK(!decode("{\"amount\":\"60.5\",\"name\":\"x\",\"total\":1}"));
	CHECK_EQ_TEXT(problem_list(), "/amount invalid_combination");
	CHECK(!decode("{\"amount\":\"60.5\",\"name\":\"x\",\"total\":1,\"currency\":\"usd\"}"));
	CHECK_EQ_TEXT(problem_list(), "/currency unknown_currency");
	CHECK(!decode("{\"amount\":\"1000.01\",\"name\":\"x\",\"total\":1,\"currency\":\"USD\"}"));
	CHECK_EQ_TEXT(problem_list(), "/amount out_of_range");
	arena_finish(&arena);
}

TEST(what_the_caller_has_set_before_counts_as_given)
{
	start();
	const struct json *json = parse("{\"amount\":\"1.50\",\"total\":1}");
	sample = (struct sample){ .name = TEXT("preset"), .currency = currency_find(TEXT("EUR")) };
	CHECK(json_decode(json, &sample_record, &sample, "", &arena, &problems));
	CHECK_EQ_INT(sample.amount.minor, 150);
	CHECK_EQ_C(sample.amount.currency->code, "EUR");
	arena_finish(&arena);
}

TEST(ids_are_positive_and_below_2_to_the_53)
{
	start();
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"id\":0}"));
	CHECK_EQ_TEXT(problem_list(), "/id out_of_range");
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"id\":-1}"));
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"id\":\"9007199254740992\"}"));
	CHECK(decode("{\"name\":\"x\",\"total\":1,\"id\":\"9007199254740991\"}"));
	arena_finish(&arena);
}

TEST(lists_and_texts_have_limits)
{
	start();
	CHECK(!decode("{\"name\":\"123456789012345678901\",\"total\":1,"
	              "\"parts\":[{\"name\":\"ab\"},{\"name\":\"ab\"},{\"name\":\"ab\"},{\"name\":\"ab\"}],\"custom\":"
	              "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\"}"));
	CHECK_EQ_TEXT(problem_list(), "/name too_long; /parts too_many; /custom too_long");
	CHECK(!decode("{\"name\":\"a\\u0001\",\"total\":1}"));
	CHECK_EQ_TEXT(problem_list(), "/name bad_text");
	CHECK(decode("{\"name\":\"a\\n\\tb\",\"total\":1}"));
	arena_finish(&arena);
}

TEST(a_field_of_kind_json_is_shallow_enough_to_be_read_again_inside_others)
{
	start();
	CHECK(decode("{\"name\":\"x\",\"total\":1,\"custom\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"));
	CHECK_EQ_TEXT(sample.custom, "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]");
	CHECK(!decode("{\"name\":\"x\",\"total\":1,\"custom\":[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]}"));
	CHECK_EQ_TEXT(problem_list(), "/custom too_deep");
	problems_init(&problems, &arena);
	CHECK(!record_field_parse(&sample_record, &sample, SAMPLE_CUSTOM, TEXT("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"), "/custom",
	                          &arena, &problems));
	CHECK_EQ_TEXT(problem_list(), "/custom too_deep");
	CHECK(!text_present(sample.custom));
	arena_finish(&arena);
}

TEST(a_list_that_is_too_long_takes_no_room)
{
	struct text_builder out;
	start();
	builder_init(&out, &arena, 0);
	builder_c(&out, "{\"name\":\"x\",\"total\":1,\"parts\":[{}");
	for (int i = 1; i < JSON_ITEMS_MAX; i++)
		builder_c(&out, ",{}");
	builder_c(&out, "]}");
	const struct json *json = parse(builder_text(&out).data);
	struct sample decoded = { 0 };
	size_t used_bytes = arena.used_bytes;
	CHECK(!json_decode(json, &sample_record, &decoded, "", &arena, &problems));
	CHECK_EQ_TEXT(problem_list(), "/parts too_many");
	CHECK(arena.used_bytes - used_bytes < 4096);
	arena_finish(&arena);
}

TEST(only_an_object_is_a_record_and_the_pointer_given_comes_first)
{
	start();
	const struct json *json = parse("[1]");
	CHECK(!json_decode(json, &sample_record, &sample, "/items/3", &arena, &problems));
	CHECK_EQ_TEXT(problem_list(), "/items/3 wrong_type");
	json = parse("{\"day\":77}");
	CHECK(!json_decode(json, &sample_record, &(struct sample){ 0 }, "/items/3", &arena, &problems));
	CHECK_EQ_TEXT(problem_list(), "/items/3/day out_of_range; /items/3/name missing_field; /items/3/total missing_field");
	arena_finish(&arena);
}

/* ---- problems ---- */

TEST(problems_are_written_as_rfc_9457)
{
	start();
	problem_value(&problems, PROBLEM_OUT_OF_RANGE, "/day", TEXT("99"), "Give a day.", "day is %d", 99);
	problem(&problems, PROBLEM_REJECTED, "", "needs a card");
	problem_last(&problems)->detail_code = TEXT("card_required");
	problem_last(&problems)->cause = "gold.lua:12: rejected";
	CHECK_EQ_TEXT(json_problems_text(&arena, &problems),
	              "{\"type\":\"urn:moonbill:problem:out_of_range\",\"title\":\"The value is out of range\",\"status\":422,"
	              "\"detail\":\"2 problems; the first: day is 99\",\"errors\":["
	              "{\"pointer\":\"/day\",\"code\":\"out_of_range\",\"message\":\"day is 99\",\"value\":\"99\",\"remedy\":\"Give a day.\"},"
	              "{\"pointer\":\"\",\"code\":\"rejected\",\"detail_code\":\"card_required\",\"message\":\"needs a card\","
	              "\"remedy\":\"Read the rule's message.\",\"cause\":\"gold.lua:12: rejected\"}]}");
	arena_finish(&arena);
}

TEST(more_problems_than_are_kept_are_counted)
{
	struct text_builder out;
	start();
	builder_init(&out, &arena, 0);
	builder_c(&out, "{\"name\":\"x\",\"total\":1");
	for (int i = 0; i < 150; i++)
		builder_format(&out, ",\"unknown%d\":1", i);
	builder_byte(&out, '}');
	CHECK(!decode(builder_text(&out).data));
	CHECK_EQ_INT(problems.count, 150);
	struct text document = json_problems_text(&arena, &problems);
	CHECK(strstr(document.data, "150 problems") != NULL);
	const struct json *json = json_parse(document, &arena, &problems);
	CHECK_EQ_INT(json_member(json, "errors")->count, PROBLEMS_MAX);
	arena_finish(&arena);
}

CHECK_MAIN
