/* test_document.c: invoices as HTML and PDF: by the shipped template, by a bundle's own, and what a template may not do. */
#include "counter.h"

#include "billing/pdf.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORDER                                                                                                \
	"{'account_id':1,'plan':'WHITE-LBL-A','status':'active','start_date':'2011-09-20','create_invoice':true,"  \
	"'lines':[{'price_code':'MNTHLY','quantity':'1'}]}"

static void open_with_invoice(struct counter *counter)
{
	counter_open(counter);
	counter_expect(counter, "POST", "/v1/accounts", "{'name':'Ann <b>& Söhne</b>'}", 201);
	counter_expect(counter, "POST", "/v1/orders", ORDER, 201);
}

/* The newest invoice, or what is below it. */
static void get_newest(struct counter *counter, const char *below)
{
	counter_expect(counter, "GET", "/v1/invoices", NULL, 200);
	struct text id = counter_json(counter, "items.0.id");
	counter_send(counter, "GET", text_format(&counter->arena, "/v1/invoices/%.*s%s", TEXT_ARG(id), below).data, NULL);
}

TEST(an_invoice_is_written_by_the_shipped_template)
{
	struct counter counter;
	open_with_invoice(&counter);
	get_newest(&counter, "/document");
	CHECK_EQ_INT(counter.reply.status, 200);
	CHECK_EQ_TEXT(counter.reply.content_type, "text/html; charset=utf-8");
	CHECK(counter_body_has(&counter, "<strong>Ann &lt;b&gt;&amp; Söhne&lt;/b&gt;</strong>"));
	CHECK(counter_body_has(&counter, "<td class=\"number\">60.50 USD</td>"));
	CHECK(!counter_body_has(&counter, "{{"));
	CHECK(!counter_body_has(&counter, "<b>"));
	counter_expect(&counter, "GET", "/v1/invoices/77/document", NULL, 404);
	counter_close(&counter);
}

#define BUNDLE(template)                                                                                     \
	"{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','templates/invoice.html':'" template "'}}"

TEST(a_bundles_template_takes_its_place)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle", BUNDLE("<p>{{invoice.number}}:{{#invoice.lines}} {{amount}}{{/invoice.lines}}</p>"), 200);
	get_newest(&counter, "/document");
	CHECK_EQ_INT(counter.reply.status, 200);
	CHECK_EQ_TEXT(counter.reply.body, "<p>1019: 55.00 5.50</p>");
	counter_expect(&counter, "PUT", "/v1/bundle", "{'files':{'bundle.json':'{\\\"name\\\":\\\"u\\\"}'}}", 200);
	get_newest(&counter, "/document");
	CHECK_EQ_INT(counter.reply.status, 200);
	CHECK(counter_body_has(&counter, "<h1>Invoice</h1>"));
	counter_close(&counter);
}

/* A trial, a month, and half of it given back; the plan has a name, the phases have words. */
TEST(lines_of_a_catalog_plan_tell_its_name_quantity_and_price)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','name':'A large van','product':'van','amount':'30.00','currency':'USD',"
	               "'billing_period':'monthly','trial_unit':'days','trial_duration':10}", 201);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van','quantity':3}", 201);
	counter_expect(&counter, "PUT", "/v1/clock", "{'now':'2011-09-26T15:00:00Z'}", 200);
	get_newest(&counter, "");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.description"), "A large van");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.quantity"), "3");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.unit_price"), "30");
	get_newest(&counter, "/document");
	CHECK(counter_body_has(&counter, "<td>A large van<div class=\"period\">"));
	CHECK(counter_body_has(&counter, "<td class=\"number\">3</td>\n<td class=\"number\">30.00</td>"));
	counter_expect(&counter, "POST", "/v1/subscriptions/1/cancel", "{'entitlement_policy':'immediate','billing_policy':'immediate'}", 200);
	get_newest(&counter, "");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.description"), "Unused time of A large van");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.unit_price"), "30");
	get_newest(&counter, "/lines/1/explain");
	CHECK_EQ_TEXT(counter_json(&counter, "same"), "true");
	get_newest(&counter, "/document");
	CHECK(counter_body_has(&counter, "Total</td><td class=\"number\">-60.00"));
	CHECK(counter_body_has(&counter, "Credited to your account</td><td class=\"number\">60.00"));
	CHECK(counter_body_has(&counter, "To pay</td><td class=\"number\">0.00"));
	counter_close(&counter);
}

TEST(a_rule_before_the_invoice_writes_its_own_descriptions)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle",
	               "{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','rules/names.lua':'rule \\\"names\\\" { pre = \\\"invoice.create\\\", "
	               "run = function (invoice) for _, line in ipairs(invoice.lines) do line.description = "
	               "line.quantity .. \\\" x \\\" .. line.plan .. \\\" at \\\" .. line.unit_price end end }'}}", 200);
	counter_expect(&counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&counter, "POST", "/v1/catalog/plans",
	               "{'code':'van','product':'van','amount':'30.00','currency':'USD','billing_period':'monthly'}", 201);
	counter_expect(&counter, "POST", "/v1/subscriptions", "{'account_id':1,'plan':'van'}", 201);
	get_newest(&counter, "");
	CHECK_EQ_TEXT(counter_json(&counter, "lines.0.description"), "1 x van at 30.00");
	get_newest(&counter, "/lines/1/explain");
	CHECK_EQ_TEXT(counter_json(&counter, "same"), "true");
	counter_close(&counter);
}

/* Takes 3.00 of the first line of the newest invoice back. */
static void open_with_credit_note(struct counter *counter)
{
	open_with_invoice(counter);
	counter_expect(counter, "GET", "/v1/invoices", NULL, 200);
	struct text id = counter_json(counter, "items.0.id");
	counter_expect(counter, "POST", text_format(&counter->arena, "/v1/invoices/%.*s/credit_notes", TEXT_ARG(id)).data,
	               "{'items':[{'position':1,'amount':'3'}],'description':'Sorry & thanks'}", 201);
}

TEST(a_credit_note_is_written_by_the_shipped_template_and_by_a_bundles_own)
{
	struct counter counter;
	open_with_credit_note(&counter);
	counter_expect(&counter, "GET", "/v1/credit_notes/1/document", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.content_type, "text/html; charset=utf-8");
	CHECK(counter_body_has(&counter, "<h1>Credit note</h1>"));
	CHECK(counter_body_has(&counter, "<dt>Of invoice</dt><dd>1019</dd>"));
	CHECK(counter_body_has(&counter, "<td class=\"number\">3.30 USD</td>"));
	CHECK(counter_body_has(&counter, "Sorry &amp; thanks"));
	CHECK(!counter_body_has(&counter, "{{"));
	counter_expect(&counter, "GET", "/v1/credit_notes/77/document", NULL, 404);
	counter_expect(&counter, "PUT", "/v1/bundle",
	               "{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}',"
	               "'templates/credit_note.html':'<p>{{credit_note.number}} of {{invoice.number}}</p>'}}", 200);
	counter_expect(&counter, "GET", "/v1/credit_notes/1/document", NULL, 200);
	CHECK_EQ_TEXT(counter.reply.body, "<p>CN-1 of 1019</p>");
	counter_expect(&counter, "PUT", "/v1/bundle",
	               "{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','templates/credit_note.html':'{{credit_note.numbr}}'}}", 422);
	counter_close(&counter);
}

TEST(a_template_whose_name_is_nearly_that_of_a_document_is_not_deployed)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle", "{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','templates/invoic.html':'<p>'}}", 422);
	CHECK(counter_body_has(&counter, "did you mean 'templates/invoice.html'?"));
	CHECK(counter_body_has(&counter, "/files/templates~1invoic.html"));
	counter_expect(&counter, "PUT", "/v1/bundle", "{'files':{'bundle.json':'{\\\"name\\\":\\\"t\\\"}','templates/terms.html':'<p>'}}", 200);
	counter_close(&counter);
}

TEST(the_period_of_an_invoice_ends_where_its_lines_end)
{
	struct counter counter;
	open_with_invoice(&counter);
	get_newest(&counter, "/document");
	CHECK(counter_body_has(&counter, "<dt>Period</dt><dd>2011-09-01 up to 2011-10-01</dd>"));
	CHECK(counter_body_has(&counter, " up to 2011-10-01</div>"));
	counter_close(&counter);
}

TEST(a_template_with_an_unknown_name_is_not_deployed)
{
	struct counter counter;
	open_with_invoice(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle", BUNDLE("<p>{{invoice.numbr}}</p>"), 422);
	CHECK(counter_body_has(&counter, "templates/invoice.html:1: invoice_document has no field 'invoice.numbr'"));
	CHECK(counter_body_has(&counter, "/files/templates~1invoice.html"));
	counter_close(&counter);
}

TEST(without_weasyprint_a_pdf_is_refused_with_the_remedy)
{
	struct arena arena;
	struct problems problems;
	struct text pdf;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	signal(SIGPIPE, SIG_IGN); /* as the server does: /bin/false may have ended before it is written to */
	CHECK(!pdf_make("/nonexistent/python3", TEXT("<p>x"), NULL, &arena, &problems, &pdf));
	CHECK_EQ_C(problem_info(problems.first->code)->name, "not_implemented");
	CHECK(strstr(problems.first->remedy, "weasyprint") != NULL);
	problems_init(&problems, &arena);
	CHECK(!pdf_make("/bin/false", TEXT("<p>x"), NULL, &arena, &problems, &pdf));
	CHECK_EQ_C(problem_info(problems.first->code)->name, "template_failed");
	arena_finish(&arena);
}

/* A program in the interpreter's place. */
static const char *program_put(const char *path, const char *script)
{
	FILE *file = fopen(path, "w");
	CHECK(file != NULL && fputs(script, file) >= 0 && fclose(file) == 0 && chmod(path, 0700) == 0);
	return path;
}

/* Sleeping is having no processor, whatever the machine does meanwhile. */
TEST(a_document_that_the_machine_had_no_time_for_is_no_fault_of_its_template)
{
	struct arena arena;
	struct problems problems;
	struct text pdf;
	char directory[] = "/tmp/moonbill-pdf-XXXXXX", path[64];
	CHECK(mkdtemp(directory) && arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	snprintf(path, sizeof path, "%s/python3", directory);
	signal(SIGPIPE, SIG_IGN);
	const struct pdf_order order = { .html = TEXT("<p>x"), .deadline_ms = 300,
		                         .python = program_put(path, "#!/bin/sh\nexec sleep 60\n") };
	problems_init(&problems, &arena);
	CHECK(!pdf_make_order(&order, &arena, &problems, &pdf));
	CHECK_EQ_C(problem_info(problems.first->code)->name, "timeout");
	unlink(path);
	rmdir(directory);
	arena_finish(&arena);
}

TEST(an_invoice_is_written_as_pdf)
{
	struct counter counter;
	open_with_invoice(&counter);
	get_newest(&counter, "/document.pdf");
	if (counter.reply.status == 501) { /* the README says what must be installed for it */
		printf("# SKIP WeasyPrint is not installed\n");
		CHECK(counter_body_has(&counter, "weasyprint"));
	} else {
		CHECK_EQ_INT(counter.reply.status, 200);
		CHECK_EQ_TEXT(counter.reply.content_type, "application/pdf");
		CHECK(text_starts(counter.reply.body, "%PDF-"));
		struct text once = counter.reply.body, again = TEXT_NONE;
		get_newest(&counter, "/document");
		usleep(1100000); /* nothing in it tells the second it was made in */
		CHECK(pdf_make(PDF_PYTHON, counter.reply.body, NULL, &counter.arena, &counter.problems, &again));
		CHECK(text_equals(once, again));
	}
	counter_expect(&counter, "GET", "/v1/invoices/77/document.pdf", NULL, 404);
	counter_close(&counter);
}

/* What the process reads of a file would show: the image is of the size of the page, or is not there at all. */
TEST(a_document_as_pdf_fetches_nothing)
{
	struct arena arena;
	struct problems problems;
	struct text with, without;
	char path[] = "/tmp/moonbill-document-XXXXXX";
	static const char image[] = "<svg xmlns='http://www.w3.org/2000/svg' width='400' height='400'><rect width='400' height='400'/></svg>";
	int file = mkstemp(path);
	CHECK(file >= 0 && write(file, image, sizeof image - 1) == (ssize_t)sizeof image - 1);
	close(file);
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	struct text html = text_format(&arena, "<p>x<img src=\"file://%s\">", path);
	if (pdf_make(PDF_PYTHON, html, NULL, &arena, &problems, &with)) {
		CHECK(pdf_make(PDF_PYTHON, TEXT("<p>x"), NULL, &arena, &problems, &without));
		CHECK(with.length < without.length + 200);
		html = text_format(&arena, "<p>x<img src=\"data:image/svg+xml,%s\">", image);
		CHECK(pdf_make(PDF_PYTHON, html, NULL, &arena, &problems, &with));
		CHECK(with.length > without.length);
	} else {
		CHECK_EQ_C(problem_info(problems.first->code)->name, "not_implemented");
	}
	unlink(path);
	arena_finish(&arena);
}

CHECK_MAIN
