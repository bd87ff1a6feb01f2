/* test_template.c: templates read and written: fields, sections, lines of their own, escaping, and what is refused. */
#include "value/template.h"

#include "check.h"
#include "records.gen.h"

static struct arena arena;
static struct problems problems;

static struct invoice sample(void)
{
	static bool begun;
	if (begun)
		arena_finish(&arena);
	begun = true;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	struct invoice invoice = { .number = TEXT("R-<7>"), .currency = currency_find(TEXT("USD")) };
	for (int i = 0; i < 2; i++) {
		struct invoice_line *line = list_add(&arena, &invoice.lines, struct invoice_line);
		line->description = i == 0 ? TEXT("Seats & \"more\"") : TEXT("Tax");
		line->currency = invoice.currency;
		line->amount = (struct money){ 6050 - 5000 * i, invoice.currency };
	}
	invoice.by_billing_run = true;
	return invoice;
}

static struct text written(const char *source, enum template_escape escape)
{
	struct invoice invoice = sample();
	struct text out = TEXT_NONE;
	const struct template *template =
	        template_read(text_of(source), "t.html", &invoice_record, "/files/t.html", &arena, &problems);
	CHECK(template != NULL);
	CHECK(template_write(template, &invoice, escape, &arena, &problems, &out));
	return out;
}

#define WRITES(source, expected) CHECK_EQ_TEXT(written(source, TEMPLATE_ESCAPE_HTML), expected)

TEST(fields_are_written_escaped)
{
	WRITES("Invoice {{number}} of {{ currency }}", "Invoice R-&lt;7&gt; of USD");
	WRITES("{{#lines}}{{description}};{{/lines}}", "Seats &amp; &quot;more&quot;;Tax;");
	CHECK_EQ_TEXT(written("{{number}}", TEMPLATE_ESCAPE_NONE), "R-<7>");
	WRITES("{{due_date}}.", ".");
	WRITES("", "");
}

TEST(sections_repeat_and_look_outwards)
{
	WRITES("{{#lines}}{{number}} {{amount}} {{/lines}}", "R-&lt;7&gt; 60.50 R-&lt;7&gt; 10.50 ");
	WRITES("{{#by_billing_run}}run{{/by_billing_run}}{{^by_billing_run}}no{{/by_billing_run}}", "run");
	WRITES("{{#due_date}}due{{/due_date}}{{^due_date}}now{{/due_date}}", "now");
	WRITES("{{#number}}{{#lines}}{{#due_date}}x{{/due_date}}{{^due_date}}-{{/due_date}}{{/lines}}{{/number}}", "--");
}

TEST(a_tag_alone_on_its_line_leaves_no_line)
{
	WRITES("a\n  {{#lines}}\n{{description}}\n  {{/lines}}\nb\n", "a\nSeats &amp; &quot;more&quot;\nTax\nb\n");
	WRITES("a\n{{! said once }}\nb", "a\nb");
	WRITES("a {{! within }} b", "a  b");
	WRITES("{{#lines}}\n{{/lines}}\n", "");
	WRITES("{{#by_billing_run}} yes {{/by_billing_run}}\n", " yes \n");
}

static const char *refused(const char *source)
{
	sample();
	CHECK(template_read(text_of(source), "t.html", &invoice_record, "/files/t.html", &arena, &problems) == NULL);
	CHECK_EQ_C(problems.first->pointer, "/files/t.html");
	return problems.first->message;
}

TEST(what_is_wrong_is_refused_with_its_line)
{
	CHECK_EQ_C(refused("a\n{{numbr}}"), "t.html:2: invoice has no field 'numbr' (did you mean 'number'?)");
	CHECK_EQ_C(refused("{{#lines}}\n\n{{amont}}{{/lines}}"),
	           "t.html:3: invoice_line has no field 'amont' (did you mean 'amount'?)");
	CHECK_EQ_C(refused("{{lines}}"), "t.html:1: 'lines' is no single value");
	CHECK_EQ_C(refused("\n{{#lines}}"), "t.html:2: the section 'lines' is not closed");
	CHECK_EQ_C(refused("{{/lines}}"), "t.html:1: {{/lines}} closes nothing");
	CHECK_EQ_C(refused("{{#number}}{{#lines}}{{/number}}{{/lines}}"), "t.html:1: {{/number}} stands where {{/lines}} is expected");
	CHECK_EQ_C(refused("{{{number}}}"), "t.html:1: {{{number}} is not known here");
	CHECK_EQ_C(refused("x {{number"), "t.html:1: a tag does not end");
	CHECK_EQ_C(refused("{{account.name}}"), "t.html:1: invoice has no field 'account.name'");
	CHECK_EQ_C(refused("{{}}"), "t.html:1: invoice has no field ''");
}

TEST(every_problem_is_told)
{
	refused("{{a1}}\n{{b2}}\n{{/c}}");
	CHECK_EQ_INT(problems.count, 3);
}

TEST(sections_are_nested_no_deeper_than_the_limit)
{
	char source[(TEMPLATE_DEPTH_MAX + 1) * 11 + 1];
	for (size_t i = 0; i <= TEMPLATE_DEPTH_MAX; i++)
		memcpy(source + i * 11, "{{#number}}", 12);
	CHECK(strstr(refused(source), "nested deeper than 16") != NULL);
}

/* ---- JSON ---- */

static bool json_written(const char *source, const char *values, struct text *out)
{
	sample();
	const struct json *json = json_parse(text_of(values), &arena, &problems);
	const struct template *template = template_read(text_of(source), "t.txt", NULL, "", &arena, &problems);
	CHECK(json != NULL && template != NULL);
	return template_write_json(template, json, TEMPLATE_ESCAPE_HTML, &arena, &problems, out);
}

static void json_writes(const char *source, const char *values, const char *expected)
{
	struct text out = TEXT_NONE;
	CHECK(json_written(source, values, &out));
	CHECK_EQ_TEXT(out, expected);
}

static void json_refuses(const char *source, const char *values, const char *message)
{
	struct text out;
	CHECK(!json_written(source, values, &out));
	CHECK_EQ_INT(problems.first->code, PROBLEM_TEMPLATE_FAILED);
	CHECK_EQ_C(problems.first->message, message);
}

TEST(a_template_writes_what_json_holds)
{
	json_writes("{{a}} {{b.c}} {{n}} {{t}}", "{\"a\":\"<\",\"b\":{\"c\":\"x\"},\"n\":1.50,\"t\":true}", "&lt; x 1.50 true");
	json_writes("{{#l}}{{name}}{{#n}}={{n}}{{/n}};{{/l}}{{^l}}none{{/l}}", "{\"l\":[{\"name\":\"a\",\"n\":1},{\"name\":\"b\"}]}", "a=1;b;");
	json_writes("{{#l}}{{.}}{{x}},{{/l}}{{^m}}none{{/m}}", "{\"l\":[1,2],\"x\":\"!\"}", "1!,2!,none");
	json_writes("{{b.absent}}.{{#b}}{{c}}{{gone}}{{/b}}", "{\"b\":{\"c\":1}}", ".1");
	json_writes("{{#off}}x{{/off}}{{#null}}x{{/null}}", "{\"off\":false,\"null\":null}", "");
}

TEST(what_json_has_not_is_told_with_the_nearest_name)
{
	json_refuses("a\n{{nmae}}", "{\"name\":1}", "t.txt:2: there is no 'nmae' (did you mean 'name'?)");
	json_refuses("{{l}}", "{\"l\":[1]}", "t.txt:1: this is no single value: 'l'");
}

TEST(sections_within_sections_come_to_an_end)
{
	struct text_builder list;
	struct text out;
	sample();
	builder_init(&list, &arena, 0);
	builder_c(&list, "{\"l\":[0");
	for (int i = 0; i < 999; i++)
		builder_c(&list, ",0");
	builder_c(&list, "]}");
	char *copy = strdup(builder_text(&list).data);
	CHECK(!json_written("{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}", copy, &out));
	CHECK_EQ_C(problems.first->message, "t.txt: its sections come to more than 200000 steps");
	free(copy);
}

CHECK_MAIN
