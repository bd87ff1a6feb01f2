/* push.c: Kill Bill's calls about its one callback: /1.0/kb/tenants/registerNotificationCallback.
 *
 * X-Killbill-ApiKey is the public part of one of our keys, X-Killbill-ApiSecret the whole key (access.c); a write says in
 * X-Killbill-CreatedBy who asks for it.
 */
#include "killbill.h"

#include "event/tenant_config.h"
#include "http/exchange.h"

static const char config_key[] = "PUSH_NOTIFICATION_CB";

static bool creator_check(struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	struct text creator = http_header(request->headers, request->header_count, "X-Killbill-CreatedBy", NULL);
	return (text_present(creator) && text_trim(creator).length > 0) ||
	       problem_value(&exchange->problems, PROBLEM_BAD_REQUEST, "", TEXT_NONE, "Send X-Killbill-CreatedBy: who asks for it.",
	                     "the header X-Killbill-CreatedBy is missing");
}

static void callback_reply(struct http_exchange *exchange, int status, struct text url)
{
	struct killbill_tenant_key shown = { .key = text_of(config_key) };
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	if (text_present(url))
		json_string(&writer, url);
	json_end_array(&writer);
	shown.values = builder_text(&out);
	http_reply_record(exchange, status, &killbill_tenant_key_record, &shown);
}

static void register_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct tenant_config *config = output;
	(void)command;
	callback_reply(exchange, 201, config->value);
}

static bool callback_register(struct http_exchange *exchange)
{
	struct push_register *input = arena_new(exchange->arena, struct push_register);
	struct text url = http_parameter(&exchange->target, "cb");
	if (!creator_check(exchange))
		return false;
	if (!text_present(url))
		return problem(&exchange->problems, PROBLEM_BAD_PARAMETER, "/cb", "the parameter cb, a URL, is missing");
	input->url = url;
	return record_check(&push_register_record, input, "", &exchange->problems) &&
	       http_submit(exchange, exchange->entry->command, input, register_encode);
}

static void unregister_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	(void)output;
	exchange->reply = (struct http_reply){ .status = 204, .body = TEXT("") };
}

static bool callback_unregister(struct http_exchange *exchange)
{
	struct push_unregister *input = arena_new(exchange->arena, struct push_unregister);
	input->url = http_parameter(&exchange->target, "cb");
	return creator_check(exchange) && http_submit(exchange, exchange->entry->command, input, unregister_encode);
}

static bool callback_get(struct command *command, struct http_exchange *exchange)
{
	struct tenant_config *config;
	if (!tenant_config_by_key(command, text_of(config_key), &config))
		return false;
	callback_reply(exchange, 200, config ? config->value : TEXT_NONE);
	return true;
}

#define CALLBACK "/1.0/kb/tenants/registerNotificationCallback"

const struct http_route killbill_routes[] = {
	{ .method = "POST", .path = CALLBACK, .parameters = "cb", .command = "push.register", .handle = callback_register,
	  .status = 201, .output = &killbill_tenant_key_record, .killbill = true,
	  .doc = "Kill Bill: registers the callback of push notifications in place of the one before." },
	{ .method = "GET", .path = CALLBACK, .scope = "read", .handle = http_read, .read = callback_get,
	  .output = &killbill_tenant_key_record, .killbill = true, .doc = "Kill Bill: the callback." },
	{ .method = "DELETE", .path = CALLBACK, .parameters = "cb", .command = "push.unregister", .handle = callback_unregister,
	  .status = 204, .killbill = true, .doc = "Kill Bill: removes the callback." },
	{ .path = NULL },
};
