/* counter.h: an engine with a test tenant behind an application; requests are put on the counter as text.
 *
 *     struct counter counter;
 *     counter_open(&counter);
 *     counter_send(&counter, "POST", "/v1/accounts", "{'name':'Ann'}");           // ' stands for " in bodies
 *     CHECK_EQ_INT(counter.reply.status, 201);
 *     CHECK_EQ_TEXT(counter_json(&counter, "currency"), "USD");
 *     counter_close(&counter);
 *
 * The clock stands at 2011-09-06T15:00:00Z and the numbers of the walk (customer 366, order 381 ...) are set. Plans:
 * WHITE-LBL-A (MNTHLY 150.00, TAX 10 % mandatory), WHITE-LBL-B (MNTHLY 310.00), SEATS (three tiers).
 */
#ifndef MOONBILL_TESTS_HTTP_COUNTER_H
#define MOONBILL_TESTS_HTTP_COUNTER_H

#include "check.h"

#include "billing/billing.h"
#include "billing/mail.h"
#include "event/command.h"
#include "http/application.h"
#include "value/xml.h"

enum { COUNTER_ARENA_BYTES = 512 * 1024 * 1024, COUNTER_HEADERS_MAX = 16 };

struct counter {
	struct arena arena;
	struct problems problems;
	struct engine *engine;
	struct http_application *application;
	int64_t tenant_id;
	const char *key;              /* sent as Bearer; NULL: no header */
	struct http_field headers[COUNTER_HEADERS_MAX]; /* of the next request, besides */
	size_t header_count;
	struct http_reply reply;      /* of the last one */
};

__attribute__((unused)) static const char *counter_quoted(struct counter *counter, const char *source)
{
	char *copy = arena_alloc(&counter->arena, strlen(source) + 1);
	for (size_t i = 0; source[i]; i++)
		copy[i] = source[i] == '\'' ? '"' : source[i];
	return copy;
}

/* A path of the table with `id` for {id}, and 1 for what else has a number there. */
__attribute__((unused)) static const char *counter_path(struct counter *counter, struct text path, const char *id)
{
	struct text_builder out;
	struct text head, tail = path, name;
	builder_init(&out, &counter->arena, 0);
	while (text_split(tail, '{', &head, &tail)) {
		builder_add(&out, head);
		text_split(tail, '}', &name, &tail);
		bool word = text_is(name, "word");
		builder_c(&out, text_is(name, "id") || text_is(name, "key") ? id : word ? "c6888c42-ef88-4d5c-a853-d0a233565eb0" : "1");
	}
	builder_add(&out, head);
	return builder_text(&out).data;
}

/* Runs a command past HTTP; its output. */
__attribute__((unused)) static void *counter_command(struct counter *counter, const char *name, const char *source)
{
	const struct command_type *type = engine_command(counter->engine, text_of(name));
	void *input = arena_alloc(&counter->arena, type->input->size);
	const struct json *json = json_parse(text_of(counter_quoted(counter, source)), &counter->arena,
	                                     &counter->problems);
	bool good = json && json_decode(json, type->input, input, "", &counter->arena, &counter->problems);
	struct command_request request = {
		.tenant_id = counter->tenant_id, .type = type, .input = input, .origin = { .actor = TEXT("operator") },
		.arena = &counter->arena, .problems = &counter->problems,
	};
	if (!good || !command_run(counter->engine, &request))
		CHECK_FAIL("%s failed: %s", name, counter->problems.first ? counter->problems.first->message : "?");
	return request.output;
}

__attribute__((unused)) static const char *counter_key(struct counter *counter, const char *scopes)
{
	const char *input = text_format(&counter->arena, "{'name':'%s','scopes':'%s'}", scopes, scopes).data;
	const struct key_created *key = counter_command(counter, "key.create", input);
	return text_c(&counter->arena, key->api_key);
}

__attribute__((unused)) static const struct tenant_created *counter_tenant(struct counter *counter, const char *name)
{
	int64_t before = counter->tenant_id;
	counter->tenant_id = 0;
	const char *input = text_format(&counter->arena, "{'name':'%s','test':true,'at':'2011-09-06T15:00:00Z'}",
	                                name).data;
	const struct tenant_created *tenant = counter_command(counter, "tenant.create", input);
	counter->tenant_id = before;
	return tenant;
}

__attribute__((unused)) static void counter_furnish(struct counter *counter)
{
	counter_command(counter, "fixture.set",
	                "{'sequences':[{'name':'customer_id','next':366},{'name':'order_id','next':381},"
	                "{'name':'order_number','next':1036},{'name':'invoice_id','next':2396},"
	                "{'name':'invoice_number','next':1019},{'name':'payment_id','next':213},"
	                "{'name':'invoice_payment_id','next':171},{'name':'payment_attempt_id','next':192}]}");
	counter_command(counter, "plan.create",
	                "{'code':'WHITE-LBL-A','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'150.00',"
	                "'prorated':true},{'price_code':'TAX','kind':'percent','percent':'10',"
	                "'targets':[{'price_code':'MNTHLY'}],'mandatory':true,'tax':true}]}");
	counter_command(counter, "plan.create",
	                "{'code':'WHITE-LBL-B','charges':[{'price_code':'MNTHLY','kind':'recurring','amount':'310.00',"
	                "'prorated':true}]}");
	counter_command(counter, "plan.create",
	                "{'code':'SEATS','charges':[{'price_code':'YR-RECUR','kind':'recurring','unit':'Seats','tiers':["
	                "{'units_from':'1','units_to':'10','price':'150.95'},"
	                "{'units_from':'11','units_to':'50','price':'120.95'},"
	                "{'units_from':'51','units_to':'99999','price':'90.95'}]}]}");
}

/* What the options leave out is as in every test. */
__attribute__((unused)) static void counter_open_with(struct counter *counter, const char *url, struct engine_options options)
{
	*counter = (struct counter){ 0 };
	CHECK(arena_init(&counter->arena, COUNTER_ARENA_BYTES));
	problems_init(&counter->problems, &counter->arena);
	options.commands = billing_commands;
	options.jobs = billing_jobs;
	options.gateway_deadline_ms = 1500;
	options.private_deliveries = true;
	options.messages = billing_messages;
	options.channels = options.mail ? billing_channels : NULL;
	counter->engine = engine_open(text_of(url), &options, &counter->problems);
	CHECK(counter->engine != NULL);
	const struct tenant_created *tenant = counter_tenant(counter, "acme");
	counter->tenant_id = tenant->id;
	counter->key = text_c(&counter->arena, tenant->api_key);
	counter_furnish(counter);
	counter->application = http_application_new(counter->engine, 0);
	CHECK(counter->application != NULL);
}

/* With mail, which goes nowhere when it is NULL. */
__attribute__((unused)) static void counter_open_mail(struct counter *counter, const char *url, bool threads,
                                                      const struct mail_options *mail)
{
	counter_open_with(counter, url, (struct engine_options){ .threads = threads, .mail = mail });
}

__attribute__((unused)) static void counter_open_at(struct counter *counter, const char *url, bool threads)
{
	counter_open_with(counter, url, (struct engine_options){ .threads = threads });
}

__attribute__((unused)) static void counter_open(struct counter *counter)
{
	counter_open_at(counter, ":memory:", false);
}

__attribute__((unused)) static void counter_close(struct counter *counter)
{
	http_application_free(counter->application);
	engine_close(counter->engine);
	arena_finish(&counter->arena);
}

/* For the next request only. */
__attribute__((unused)) static void counter_header(struct counter *counter, const char *name, const char *value)
{
	CHECK(counter->header_count < COUNTER_HEADERS_MAX - 1);
	counter->headers[counter->header_count++] = (struct http_field){ text_of(name), text_of(value) };
}

__attribute__((unused)) static void counter_send_text(struct counter *counter, const char *method, const char *target,
                                                      struct text body)
{
	if (counter->key)
		counter_header(counter, "Authorization", text_format(&counter->arena, "Bearer %s", counter->key).data);
	struct http_request request = {
		.arena = &counter->arena, .method = text_of(method), .target = text_of(target), .body = body,
		.headers = counter->headers, .header_count = counter->header_count, .remote = TEXT("192.0.2.1"),
	};
	http_handle_wait(counter->application, &request, &counter->reply);
	counter->header_count = 0;
}

/* `body` NULL: none. */
__attribute__((unused)) static void counter_send(struct counter *counter, const char *method, const char *target,
                                                 const char *body)
{
	counter_send_text(counter, method, target, body ? text_of(counter_quoted(counter, body)) : TEXT_NONE);
}

/* The same; it must answer this status. */
__attribute__((unused)) static void counter_expect(struct counter *counter, const char *method, const char *target,
                                                   const char *body, int status)
{
	counter_send(counter, method, target, body);
	if (counter->reply.status != status)
		CHECK_FAIL("%s %s\n#   expected: %d\n#   found:    %d %.*s", method, target, status,
		           counter->reply.status, TEXT_ARG(counter->reply.body));
}

/* ---- looking at the reply ---- */

/* TEXT_NONE when it is not there. */
__attribute__((unused)) static struct text counter_reply_header(const struct counter *counter, const char *name)
{
	return http_header(counter->reply.headers, counter->reply.header_count, name, NULL);
}

/* "items.0.id": the text or number at that place, "true", "false" or "null"; TEXT_NONE when there is none. */
__attribute__((unused)) static struct text counter_json(struct counter *counter, const char *path)
{
	static const char *const words[] = { "null", "false", "true" };
	const struct json *json = json_parse(counter->reply.body, &counter->arena, &counter->problems);
	if (!json)
		CHECK_FAIL("not JSON: %.*s", TEXT_ARG(counter->reply.body));
	struct text rest = text_of(path), step;
	bool more = rest.length > 0;
	while (json && more) {
		int64_t number;
		more = text_split(rest, '.', &step, &rest);
		json = json->type == JSON_ARRAY && text_to_int64(step, &number)
		               ? json_item(json, (size_t)number)
		               : json->type == JSON_OBJECT ? json_member(json, text_c(&counter->arena, step)) : NULL;
	}
	if (!json)
		return TEXT_NONE;
	return json->type <= JSON_TRUE ? text_of(words[json->type]) : json->type >= JSON_ARRAY ? TEXT("(more)")
	       : json->text;
}

__attribute__((unused)) static int64_t counter_json_count(struct counter *counter, const char *name)
{
	const struct json *json = json_parse(counter->reply.body, &counter->arena, &counter->problems);
	const struct json *list = json ? json_member(json, name) : NULL;
	return list ? (int64_t)list->count : -1;
}

/* "subscriptionOrder/invoices/invoice/@id", the first of each name; TEXT_NONE when there is none. */
__attribute__((unused)) static struct text counter_xml(struct counter *counter, const char *path)
{
	const struct xml *xml = xml_parse(counter->reply.body, &counter->arena, &counter->problems);
	if (!xml)
		CHECK_FAIL("not XML: %.*s", TEXT_ARG(counter->reply.body));
	struct text rest = text_of(path), step;
	bool more = text_split(rest, '/', &step, &rest);
	if (!text_equals(step, xml->name))
		return TEXT_NONE;
	while (xml && more) {
		more = text_split(rest, '/', &step, &rest);
		if (step.data[0] == '@')
			return xml_attribute(xml, text_c(&counter->arena, text_slice(step, 1, step.length)));
		xml = xml_child(xml, text_c(&counter->arena, step));
	}
	return xml ? xml->text : TEXT_NONE;
}

/* How many children the root has. */
__attribute__((unused)) static int counter_xml_count(struct counter *counter)
{
	const struct xml *xml = xml_parse(counter->reply.body, &counter->arena, &counter->problems);
	int count = 0;
	for (const struct xml *child = xml ? xml->first : NULL; child; child = child->next)
		count++;
	return count;
}

__attribute__((unused)) static bool counter_body_has(const struct counter *counter, const char *words)
{
	return counter->reply.body.length &&
	       memmem(counter->reply.body.data, counter->reply.body.length, words, strlen(words)) != NULL;
}

#endif
