/* test_xml.c: XML in and out, behind its fences. */
#include "value/xml.h"

#include "check.h"

static struct arena arena;
static struct problems problems;

static void start(void)
{
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
}

static const struct xml *parse(const char *source)
{
	problems_init(&problems, &arena);
	return xml_parse(text_of(source), &arena, &problems);
}

static void check_refused(struct text source, enum problem_code code, const char *message)
{
	check_note("%.*s", source.length < 200 ? (int)source.length : 200, source.data);
	problems_init(&problems, &arena);
	CHECK(xml_parse(source, &arena, &problems) == NULL);
	CHECK_EQ_INT(problems.count, 1);
	CHECK_EQ_C(problem_info(problems.first->code)->name, problem_info(code)->name);
	CHECK(strstr(problems.first->message, message) != NULL);
}

static void refused(const char *source, enum problem_code code, const char *message)
{
	check_refused(text_of(source), code, message);
}

/* ---- reading ---- */

TEST(elements_attributes_and_text_are_read)
{
	start();
	const struct xml *root = parse("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	                               "<order id='7' kind=\"a&amp;b\">\n  <plan> Gold &lt;1&gt; </plan><!-- c --><?pi x?>\n"
	                               "  <plan>Second</plan><empty/><data><![CDATA[<raw>]]></data>\n</order>\n");
	CHECK(root != NULL);
	CHECK_EQ_TEXT(root->name, "order");
	CHECK_EQ_TEXT(root->text, "");
	CHECK_EQ_TEXT(xml_attribute(root, "id"), "7");
	CHECK_EQ_TEXT(xml_attribute(root, "kind"), "a&b");
	CHECK(!text_present(xml_attribute(root, "none")));
	CHECK_EQ_TEXT(root->attributes->name, "id");
	CHECK_EQ_TEXT(xml_child_text(root, "plan"), "Gold <1>");
	CHECK_EQ_TEXT(root->first->next->text, "Second");
	CHECK_EQ_TEXT(xml_child_text(root, "empty"), "");
	CHECK_EQ_TEXT(xml_child_text(root, "data"), "<raw>");
	CHECK(!text_present(xml_child_text(root, "none")));
	CHECK_EQ_INT(xml_child(root, "plan")->line, 3);
	CHECK(xml_child(root, "PLAN") == NULL);
	arena_finish(&arena);
}

TEST(text_around_children_is_joined)
{
	start();
	CHECK_EQ_TEXT(parse("<a>one <b>inner</b> two &#xe4;\n</a>")->text, "one  two \xc3\xa4");
	arena_finish(&arena);
}

TEST(a_missing_element_has_no_children_and_no_text)
{
	CHECK(xml_child(NULL, "a") == NULL);
	CHECK(!text_present(xml_child_text(NULL, "a")));
	CHECK(!text_present(xml_attribute(NULL, "a")));
}

TEST(any_doctype_is_refused)
{
	start();
	refused("<!DOCTYPE a><a/>", PROBLEM_MALFORMED, "a DOCTYPE is not allowed");
	refused("<!DOCTYPE a [<!ENTITY x \"1\">]><a>&x;</a>", PROBLEM_MALFORMED, "a DOCTYPE is not allowed");
	refused("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", PROBLEM_MALFORMED, "a DOCTYPE is not allowed");
	refused("<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY c \"&b;&b;\">]><l>&c;</l>", PROBLEM_MALFORMED,
	        "a DOCTYPE is not allowed");
	arena_finish(&arena);
}

TEST(what_is_not_xml_is_refused_with_line_and_column)
{
	start();
	refused("", PROBLEM_MALFORMED, "line 1, column 1: no element found");
	refused("text", PROBLEM_MALFORMED, "line 1, column 1: ");
	refused("<a>\n<b></a>", PROBLEM_MALFORMED, "line 2, column 6: mismatched tag");
	refused("<a>&unknown;</a>", PROBLEM_MALFORMED, "undefined entity");
	refused("<a/><b/>", PROBLEM_MALFORMED, "junk after document element");
	refused("<a b=1/>", PROBLEM_MALFORMED, "line 1");
	refused("<a b='1' b='2'/>", PROBLEM_MALFORMED, "duplicate attribute");
	refused("<a>", PROBLEM_MALFORMED, "no element found");
	refused("<a>\x01</a>", PROBLEM_MALFORMED, "line 1, column 4: ");
	refused("<a>&#0;</a>", PROBLEM_MALFORMED, "line 1");
	check_refused(TEXT_NONE, PROBLEM_MALFORMED, "no element found");
	check_refused(TEXT("<a>\0</a>"), PROBLEM_MALFORMED, "line 1");
	arena_finish(&arena);
}

TEST(only_utf8_is_read)
{
	start();
	refused("<a>\xff</a>", PROBLEM_MALFORMED, "line 1, column 4: ");
	refused("<?xml version='1.0' encoding='ISO-8859-1'?><a/>", PROBLEM_MALFORMED, "the encoding is ISO-8859-1; only UTF-8 is read");
	refused("<?xml version='1.0' encoding='UTF-16'?><a/>", PROBLEM_MALFORMED, "the encoding is UTF-16");
	check_refused(TEXT("\xff\xfe<\0a\0/\0>\0"), PROBLEM_MALFORMED, "line 1");
	CHECK(parse("<?xml version='1.0' encoding='US-ASCII'?><a/>") != NULL);
	CHECK(parse("\xef\xbb\xbf<a/>") != NULL);
	arena_finish(&arena);
}

static struct text nested(unsigned depth)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	for (unsigned i = 0; i < depth; i++)
		builder_c(&out, "<a>");
	for (unsigned i = 0; i < depth; i++)
		builder_c(&out, "</a>");
	return builder_text(&out);
}

TEST(nesting_ends_at_32)
{
	start();
	CHECK(xml_parse(nested(32), &arena, &problems) != NULL);
	check_refused(nested(33), PROBLEM_TOO_DEEP, "line 1, column 97: elements nest deeper than 32");
	check_refused(nested(50000), PROBLEM_TOO_DEEP, "elements nest deeper than 32");
	arena_finish(&arena);
}

static struct text siblings(unsigned count)
{
	struct text_builder out;
	builder_init(&out, &arena, 0);
	builder_c(&out, "<a>");
	for (unsigned i = 0; i < count; i++)
		builder_c(&out, "<b/>");
	builder_c(&out, "</a>");
	return builder_text(&out);
}

TEST(a_document_has_at_most_10000_elements)
{
	start();
	CHECK(xml_parse(siblings(9999), &arena, &problems) != NULL);
	check_refused(siblings(10000), PROBLEM_TOO_MANY, "more than 10000 elements");
	arena_finish(&arena);
}

TEST(a_document_beyond_the_arena_is_a_problem_and_not_a_crash)
{
	struct arena small;
	start();
	CHECK(arena_init(&small, 128 * 1024));
	CHECK(xml_parse(siblings(9000), &small, &problems) == NULL);
	CHECK_EQ_INT(problems.count, 1);
	CHECK_EQ_INT(problems.first->code, PROBLEM_OUT_OF_MEMORY);
	arena_finish(&small);
	arena_finish(&arena);
}

TEST(attributes_beyond_the_arena_are_a_problem)
{
	struct text_builder out;
	struct arena small;
	start();
	builder_init(&out, &arena, 0);
	builder_c(&out, "<a");
	for (int i = 0; i < 5000; i++)
		builder_format(&out, " x%d='1'", i);
	builder_c(&out, "/>");
	CHECK(arena_init(&small, 64 * 1024));
	CHECK(xml_parse(builder_text(&out), &small, &problems) == NULL);
	CHECK_EQ_INT(problems.first->code, PROBLEM_OUT_OF_MEMORY);
	CHECK(small.reserve_used_bytes < 1024);
	arena_finish(&small);
	arena_finish(&arena);
}

TEST(an_allocation_that_fails_is_a_problem_and_not_a_crash)
{
	start();
	for (long nth = 1; nth < 40; nth++) {
		check_note("allocation %ld", nth);
		problems_init(&problems, &arena);
		memory_fail_after(nth, true);
		const struct xml *root = xml_parse(TEXT("<order id='7'><plan>Gold</plan></order>"), &arena, &problems);
		memory_fail_after(0, false);
		CHECK((root != NULL) == (problems.count == 0));
		if (!root)
			CHECK_EQ_INT(problems.first->code, PROBLEM_OUT_OF_MEMORY);
	}
	arena_finish(&arena);
}

/* ---- writing ---- */

static struct text_builder out;
static struct xml_writer writer;

static void start_writer(void)
{
	start();
	builder_init(&out, &arena, 0);
	xml_writer_init(&writer, &out);
}

TEST(what_is_written_is_escaped_and_closed)
{
	start_writer();
	xml_open(&writer, "order");
	xml_put_attribute(&writer, "note", TEXT("a\"b<c>&'\n"));
	xml_element(&writer, "plan", TEXT("x < y & \"z\"\r"));
	xml_element(&writer, "absent", TEXT_NONE);
	xml_element(&writer, "empty", TEXT(""));
	xml_open(&writer, "list");
	xml_close(&writer);
	xml_close(&writer);
	CHECK_EQ_TEXT(builder_text(&out), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
	                                  "<order note=\"a&quot;b&lt;c&gt;&amp;&#39;&#10;\">"
	                                  "<plan>x &lt; y &amp; &quot;z&quot;&#13;</plan><empty/><list/></order>");
	arena_finish(&arena);
}

TEST(what_xml_cannot_say_becomes_a_replacement_character)
{
	start_writer();
	xml_element(&writer, "a", TEXT("x\x01\0\xff\xc3\xa4\xf0\x9f\x98\x80"));
	const struct xml *root = xml_parse(builder_text(&out), &arena, &problems);
	CHECK(root != NULL);
	CHECK_EQ_TEXT(root->text, "x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xc3\xa4\xf0\x9f\x98\x80");
	arena_finish(&arena);
	start_writer();
	xml_element(&writer, "a", TEXT("\xef\xbf\xbf"));
	CHECK(xml_parse(builder_text(&out), &arena, &problems) != NULL);
	arena_finish(&arena);
}

TEST(any_bytes_written_are_read_again)
{
	uint64_t random = check_seed();
	for (int round = 0; round < 2000; round++) {
		char bytes[30];
		size_t length = (size_t)check_between(&random, 0, sizeof bytes);
		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)check_between(&random, 0, 255);
		start_writer();
		xml_open(&writer, "a");
		xml_put_attribute(&writer, "b", (struct text){ bytes, length });
		xml_put_text(&writer, (struct text){ bytes, length });
		xml_close(&writer);
		const struct xml *root = xml_parse(builder_text(&out), &arena, &problems);
		CHECK(root != NULL);
		CHECK(text_equals(text_trim(xml_attribute(root, "b")), root->text));
		arena_finish(&arena);
	}
}

TEST(writing_out_of_order_is_a_bug)
{
	start_writer();
	CHECK_ABORTS(xml_close(&writer));
	CHECK_ABORTS(xml_put_attribute(&writer, "a", TEXT("b")));
	CHECK_ABORTS(for (;;) xml_open(&writer, "a"));
	arena_finish(&arena);
}

CHECK_MAIN
