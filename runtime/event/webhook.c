/* webhook.c: the profiles of webhooks as channels: body and headers of a message, and what an answer means. */
#include "webhook.h"

#include "base/signature.h"
#include "engine_state.h"
#include "secret_seal.h"
#include "webhook_state.h"

#include <curl/curl.h>

/* ---- what an answer means ---- */

static enum delivery_verdict any_success(int status)
{
	return status >= 200 && status < 300 ? DELIVERY_DONE : DELIVERY_FAILED;
}

static enum delivery_verdict success_or_again(int status)
{
	return status == 200 || status == 204 ? DELIVERY_DONE : status == 202 ? DELIVERY_AGAIN : DELIVERY_FAILED;
}

/* ---- bodies ---- */

static void member_uuid(struct json_writer *writer, const char *name, struct uuid uuid, struct arena *arena)
{
	if (!uuid_present(uuid))
		return;
	json_name_plain(writer, name);
	json_plain(writer, uuid_text(arena, uuid));
}

static void member_id(struct json_writer *writer, const char *name, int64_t id)
{
	if (!id)
		return;
	json_name_plain(writer, name);
	json_integer(writer, id);
}

/* type, timestamp and data are those of Standard Webhooks; the rest is the envelope of our own journal. */
static struct text event_body(struct command *view, const struct journal *row, const char *alias, struct arena *arena)
{
	struct text_builder out;
	struct json_writer writer;
	(void)view;
	(void)alias;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name_plain(&writer, "type");
	json_plain(&writer, row->event);
	json_name_plain(&writer, "timestamp");
	json_plain(&writer, instant_text(arena, row->occurred_at));
	member_uuid(&writer, "id", row->event_id, arena);
	member_id(&writer, "serial", row->serial);
	json_name_plain(&writer, "object_type");
	json_string(&writer, row->object_type);
	member_id(&writer, "object_id", row->object_id);
	member_id(&writer, "account_id", row->account_id);
	json_name_plain(&writer, "effective_at");
	json_plain(&writer, instant_text(arena, row->effective_at.us ? row->effective_at : row->occurred_at));
	member_uuid(&writer, "user_token", row->user_token, arena);
	member_uuid(&writer, "correlation_id", row->correlation_id, arena);
	member_uuid(&writer, "causation_id", row->causation_id, arena);
	json_name_plain(&writer, "data");
	json_raw(&writer, row->payload);
	json_end_object(&writer);
	return builder_text(&out);
}

/* ---- profiles ---- */

static const struct webhook_profile profiles[WEBHOOK_ENDPOINT_PROFILE_COUNT] = {
	[WEBHOOK_ENDPOINT_PROFILE_WEBHOOK] = {
		.name = "webhook", .content_type = "application/json", .signs = true, .verdict = any_success, .body = event_body,
	},
	[WEBHOOK_ENDPOINT_PROFILE_KILLBILL] = {
		.name = "killbill", .speaks = true, .system = EVENT_SYSTEM_KILLBILL,
		.content_type = "application/json; charset=UTF-8", .user_agent = "KillBill/1.0", .timeout_ms = 15000, .verdict = any_success,
		.body = killbill_push_body,
	},
	[WEBHOOK_ENDPOINT_PROFILE_APS] = {
		.name = "aps", .speaks = true, .addressed = true, .system = EVENT_SYSTEM_APS, .content_type = "application/json",
		.timeout_ms = 15000, .verdict = success_or_again,
	},
};

const struct webhook_profile *webhook_profile(enum webhook_endpoint_profile profile)
{
	if (profile <= WEBHOOK_ENDPOINT_PROFILE_NONE || profile >= WEBHOOK_ENDPOINT_PROFILE_COUNT)
		BUG("profile %d of a webhook endpoint is none", (int)profile);
	return &profiles[profile];
}

static const struct webhook_profile *profile_of_channel(struct text channel)
{
	for (int i = WEBHOOK_ENDPOINT_PROFILE_NONE + 1; i < WEBHOOK_ENDPOINT_PROFILE_COUNT; i++)
		if (text_is(channel, profiles[i].name))
			return &profiles[i];
	BUG("channel %.*s has no profile", TEXT_ARG(channel));
}

/* Names that Kill Bill got later are Kill Bill's. */
static bool speaks_of(const struct webhook_profile *profile, enum event_system system)
{
	return system == profile->system ||
	       (system == EVENT_SYSTEM_KILLBILL_LATER && profile->system == EVENT_SYSTEM_KILLBILL);
}

const char *webhook_alias(enum event event, const struct webhook_profile *profile)
{
	const struct event_info *info = event_info(event);
	const struct event_side *sides[] = { &info->post, &info->signal };
	for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
		for (size_t j = 0; j < sides[i]->alias_count; j++)
			if (speaks_of(profile, sides[i]->aliases[j].system))
				return sides[i]->aliases[j].name;
	return NULL;
}

/* ---- one message ---- */

enum { HEADERS_MAX = 12 };

struct secret_list {
	struct webhook_secret *items;
	size_t count, capacity;
};

struct message {
	const struct webhook_profile *profile;
	struct text id;
	struct text headers[HEADERS_MAX];
	size_t header_count;
	const struct secret_list *secrets; /* of the endpoint, sealed as its rows are; NULL where nothing signs */
	const struct seal_keys *keys;
	struct curl_slist *list; /* of the headers, once it is sent */
};

static void header_add(struct message *message, struct text line)
{
	if (message->header_count == HEADERS_MAX)
		BUG("a message has more than %d headers", HEADERS_MAX);
	message->headers[message->header_count++] = line;
}

/* ---- signed: when it is sent ---- */

/* Once for all messages that are read together. What is rotated meanwhile is read again before more is sent. */
static bool secrets_read(struct command *view, struct message *message, struct transfer *transfer)
{
	if (!*transfer->shared) {
		struct secret_list *secrets = arena_new(transfer->arena, struct secret_list);
		*secrets = (struct secret_list){ NULL, 0, 0 };
		if (!store_all(view->store, STATEMENT_WEBHOOK_SECRETS_LIVE,
		               BINDS(bind_id(transfer->delivery->endpoint_id), bind_instant(clock_wall())), &webhook_secret_record,
		               LIST(secrets)))
			return false;
		*transfer->shared = secrets;
	}
	message->secrets = *transfer->shared;
	message->keys = view->engine->options.secrets;
	return true;
}

static bool secret_lives(const struct webhook_secret *secret, struct instant now)
{
	return !secret->expires_at.us || secret->expires_at.us > now.us;
}

/* Each secret that lives signs, the newest first: who still has the old one finds its signature among them. A key that is
 * missing may come back while the message is tried. */
static bool signatures_write(const struct message *message, struct transfer *transfer, struct instant now, struct text timestamp,
                             struct text *signatures)
{
	const struct text parts[] = { message->id, TEXT("."), timestamp, TEXT("."), transfer->body };
	struct arena *arena = transfer->arena;
	struct text_builder out;
	struct problems problems;
	problems_init(&problems, arena);
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < message->secrets->count; i++) {
		const struct webhook_secret *secret = &message->secrets->items[i];
		struct digest digest;
		if (!secret_lives(secret, now))
			continue;
		if (!webhook_secret_sign(message->keys, transfer->tenant_id, secret, parts, sizeof parts / sizeof *parts, arena, &problems,
		                         &digest)) {
			transfer_end(transfer, DELIVERY_FAILED, "it cannot be signed: %s", problems.first->message);
			return false;
		}
		builder_c(&out, out.length ? " v1," : "v1,");
		builder_add(&out, base64_text(arena, digest.bytes, sizeof digest.bytes));
	}
	*signatures = builder_text(&out);
	return true;
}

static bool message_sign(struct message *message, struct transfer *transfer)
{
	struct arena *arena = transfer->arena;
	const struct instant now = clock_wall();
	struct text timestamp = text_from_int64(arena, now.us / US_PER_S), signatures;
	if (!message->profile->signs)
		return true;
	if (!signatures_write(message, transfer, now, timestamp, &signatures))
		return false;
	header_add(message, text_format(arena, "webhook-id: %.*s", TEXT_ARG(message->id)));
	header_add(message, text_format(arena, "webhook-timestamp: %.*s", TEXT_ARG(timestamp)));
	header_add(message, text_format(arena, "webhook-signature: %.*s", TEXT_ARG(signatures)));
	return true;
}

/* ---- read ---- */

/* The event's id, the same for each try; of a message without an event its own. */
static struct text message_id(const struct transfer *transfer, const struct journal *row)
{
	return row ? uuid_text(transfer->arena, row->event_id)
	           : text_format(transfer->arena, "delivery_%lld_%lld", (long long)transfer->tenant_id,
	                         (long long)transfer->delivery->id);
}

static bool message_headers(struct command *view, struct message *message, const struct journal *row, struct transfer *transfer)
{
	struct arena *arena = transfer->arena;
	header_add(message, text_format(arena, "Content-Type: %s", message->profile->content_type));
	if (message->profile->user_agent)
		header_add(message, text_format(arena, "User-Agent: %s", message->profile->user_agent));
	header_add(message, TEXT("Expect:")); /* a body is small: no question before it */
	if (!message->profile->signs)
		return true;
	header_add(message, text_format(arena, "moonbill-attempt: %d", transfer->attempt));
	if (row) {
		header_add(message, text_format(arena, "moonbill-event: %.*s", TEXT_ARG(row->event)));
		header_add(message, text_format(arena, "moonbill-serial: %lld", (long long)row->serial));
	}
	message->id = message_id(transfer, row);
	return secrets_read(view, message, transfer);
}

static bool message_body(struct command *view, const struct message *message, const struct journal *row,
                         struct transfer *transfer)
{
	enum event_side_kind side;
	if (!row || message->profile->addressed) {
		transfer->body = transfer->delivery->body;
		return true;
	}
	enum event event = event_find(row->event, &side);
	const char *alias = event && message->profile->speaks ? webhook_alias(event, message->profile) : NULL;
	transfer->body = message->profile->body(view, row, alias, transfer->arena);
	return !store_failed(view->store);
}

/* ---- the channel ---- */

/* The row is there, and this try can be made. */
static bool endpoint_ready(struct command *view, struct transfer *transfer, struct webhook_endpoint **endpoint)
{
	if (!store_find(view->store, &webhook_endpoint_record, transfer->delivery->endpoint_id, (void **)endpoint))
		return false;
	if (!*endpoint)
		transfer_end(transfer, DELIVERY_DEAD, "the endpoint was removed");
	else if ((*endpoint)->status != WEBHOOK_ENDPOINT_STATUS_ACTIVE)
		transfer_end(transfer, DELIVERY_WAITS, "the endpoint is not active");
	return transfer->outcome.verdict == DELIVERY_VERDICT_NONE;
}

/* What is addressed goes below the endpoint's URL, which may end with a slash. */
static struct text url_of(const struct webhook_endpoint *endpoint, const struct transfer *transfer)
{
	struct text url = endpoint->url, path = transfer->delivery->path;
	if (!text_present(path))
		return text_copy(transfer->arena, url);
	while (url.length && url.data[url.length - 1] == '/')
		url.length--;
	return text_format(transfer->arena, "%.*s%.*s", TEXT_ARG(url), TEXT_ARG(path));
}

static void message_prepare(struct command *view, struct transfer *transfer)
{
	struct message *message = arena_new(transfer->arena, struct message);
	struct webhook_endpoint *endpoint;
	struct journal *row = NULL;
	if (!endpoint_ready(view, transfer, &endpoint) ||
	    (transfer->delivery->serial && !store_find(view->store, &journal_record, transfer->delivery->serial, (void **)&row)))
		return;
	message->profile = profile_of_channel(transfer->delivery->channel);
	transfer->state = message;
	transfer->url = url_of(endpoint, transfer);
	transfer->timeout_ms = message->profile->timeout_ms;
	struct problems problems;
	problems_init(&problems, transfer->arena);
	if (!webhook_url_check(transfer->url, transfer->plain, transfer->addresses, &problems))
		transfer_end(transfer, DELIVERY_FAILED, "%s", problems.first->message);
	else if (message_body(view, message, row, transfer))
		message_headers(view, message, row, transfer);
}

static bool headers_set(struct message *message, struct arena *arena)
{
	for (size_t i = 0; i < message->header_count; i++) {
		struct curl_slist *longer = curl_slist_append(message->list, text_c(arena, message->headers[i]));
		if (!longer)
			return false;
		message->list = longer;
	}
	return !arena_exhausted(arena);
}

static void message_start(struct transfer *transfer, void *curl)
{
	struct message *message = transfer->state;
	if (!message_sign(message, transfer))
		return;
	if (!headers_set(message, transfer->arena)) {
		transfer_end(transfer, DELIVERY_FAILED, "memory ran out before it was sent");
		return;
	}
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, message->list);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, transfer->body.data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)transfer->body.length);
}

static void message_release(struct transfer *transfer)
{
	struct message *message = transfer->state;
	if (message)
		curl_slist_free_all(message->list);
}

static void message_judge(struct transfer *transfer)
{
	const struct message *message = transfer->state;
	struct delivery_outcome *outcome = &transfer->outcome;
	const int status = outcome->status;
	if (transfer->curl_code != CURLE_OK) {
		transfer_end(transfer, DELIVERY_FAILED, "%s", transfer_failure(transfer));
		return;
	}
	outcome->endpoint_gone = message->profile->signs && status == 410;
	enum delivery_verdict verdict = outcome->endpoint_gone ? DELIVERY_DEAD : message->profile->verdict(status);
	if (verdict == DELIVERY_DONE)
		outcome->verdict = verdict;
	else if (outcome->endpoint_gone)
		transfer_end(transfer, verdict, "it answered 410: the endpoint is gone, and is disabled");
	else if (status >= 300 && status < 400)
		transfer_end(transfer, verdict, "it answered %d: redirects are not followed, name the URL that they lead to", status);
	else
		transfer_end(transfer, verdict, "it answered %d", status);
}

#define WEBHOOK_CHANNEL(channel_name, tries_again, jitter, text) \
	{ .name = channel_name, .retries = tries_again, .jitter_percent = jitter, .protocols = "https,http", \
	  .prepare = message_prepare, .start = message_start, .judge = message_judge, .release = message_release, .doc = text }

const struct delivery_channel webhook_channels[] = {
	WEBHOOK_CHANNEL("webhook", "5s,5m,30m,2h,5h,10h,14h,20h,24h", 20, "Signed as Standard Webhooks has it."),
	WEBHOOK_CHANNEL("killbill", "15m,30m,2h,12h,1d", 0, "The push notifications of Kill Bill."),
	WEBHOOK_CHANNEL("aps", "1m,2m,4m,8m,16m,32m,1h,1h,1h", 20, "Notifications as APS has them: 202 is sent again."),
	{ .name = NULL },
};
