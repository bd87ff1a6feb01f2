/* stream.c: streams of events, metrics over them, events and what they come to, under /v1. */
#include "v1.h"

#include "billing/event_show.h"
#include "billing/subscription.h"

enum { STREAM_SEGMENT = 2 }; /* of /v1/streams/{word}/events */

/* ------------------------------------------------------------------------------------------------ streams and metrics */

static bool stream_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct text handle = http_parameter(&exchange->target, "handle");
	struct object_filter filter = v1_filter(page);
	struct event_stream *stream;
	if (!text_present(handle))
		return event_stream_page(command, &filter, (struct event_stream_list *)(void *)rows);
	return event_stream_by_handle(command, handle, &stream) && v1_one(rows, stream);
}

static bool metric_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                        struct record_list *rows)
{
	struct text handle = http_parameter(&exchange->target, "handle");
	struct object_filter filter = v1_filter(page);
	struct billing_metric *metric;
	if (!text_present(handle))
		return billing_metric_page(command, &filter, (struct billing_metric_list *)(void *)rows);
	return billing_metric_by_handle(command, handle, &metric) && v1_one(rows, metric);
}

static const struct http_list streams = { &event_stream_record, "id", EVENT_STREAM_FIELD_STATUS, stream_rows };
static const struct http_list metrics = { &billing_metric_record, "id", BILLING_METRIC_FIELD_STATUS, metric_rows };

/* ------------------------------------------------------------------------------------------------ events */

static bool event_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                       struct record_list *rows)
{
	struct text handle = exchange->target.segments[STREAM_SEGMENT];
	struct event_stream *stream;
	if (!event_stream_by_handle(command, handle, &stream))
		return false;
	if (!stream)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "", text_front(handle, 100),
		                     "GET /v1/streams lists what there is.", "there is no stream '%.*s'",
		                     TEXT_ARG(text_front(handle, 100)));
	return stream_event_page(command, stream, page->after, page->rows, (struct stream_event_list *)(void *)rows);
}

static const struct http_list events = { &stream_event_record, "id", 0, event_rows };

static bool events_post(struct http_exchange *exchange)
{
	const struct http_request *request = exchange->request;
	struct text type = http_header(request->headers, request->header_count, "Content-Type", NULL);
	bool batch = http_type_is(type, "application/cloudevents-batch+json");
	const struct event_spelling spelling = {
		.reserved = "moonbill",
		.strict = true,
		.either = !batch && !http_type_is(type, "application/cloudevents+json"),
		.bulk = batch,
		.cloudevents = batch || http_type_is(type, "application/cloudevents+json"),
	};
	return http_events_take(exchange, exchange->target.segments[STREAM_SEGMENT], &spelling, NULL);
}

/* ------------------------------------------------------------------------------------------------ usage */

static bool instant_parameter(struct http_exchange *exchange, struct problems *problems, const char *name, struct instant *instant)
{
	struct text asked = http_parameter(&exchange->target, name);
	*instant = INSTANT_NONE;
	return !text_present(asked) || instant_parse(asked, instant) ||
	       problem_value(problems, PROBLEM_BAD_PARAMETER, text_format(exchange->arena, "/%s", name).data, text_front(asked, 100),
	                     "Write it as in 2011-09-06T15:00:00Z.", "'%.*s' is no instant", TEXT_ARG(text_front(asked, 100)));
}

static bool event_usage_get(struct command *command, struct http_exchange *exchange)
{
	struct event_usage_shown shown = { .metric = http_parameter(&exchange->target, "metric") };
	struct subscription *subscription;
	if (!instant_parameter(exchange, command->problems, "from", &shown.from) ||
	    !instant_parameter(exchange, command->problems, "to", &shown.to) ||
	    !subscription_find(command, exchange->id, &subscription))
		return false;
	if (!subscription)
		return record_missing(&subscription_record, exchange->id, command->problems, "");
	if (!metric_usage_show(command, subscription->id, shown.metric, shown.from, shown.to,
	                       (struct metric_usage_list *)(void *)&shown.items))
		return false;
	http_reply_record(exchange, 200, &event_usage_shown_record, &shown);
	return true;
}

const struct http_route v1_stream_routes[] = {
	{ .method = "GET", .path = "/v1/streams", .scope = "read", .parameters = "limit cursor status handle", .handle = http_read,
	  .read = http_list_read, .list = &streams, .doc = "Streams of events, newest first, or the one of a handle." },
	{ .method = "POST", .path = "/v1/streams", .command = "event_stream.create", .handle = http_write, .status = 201,
	  .location = "/v1/streams/", .doc = "Makes a stream that events can be sent to." },
	{ .method = "GET", .path = "/v1/streams/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &event_stream_record, .doc = "A stream." },
	{ .method = "PATCH", .path = "/v1/streams/{id}", .command = "event_stream.update", .id_field = "id", .handle = http_write,
	  .doc = "Names a stream anew; its handle stays." },
	V1_ACT("/v1/streams/{id}/archive", "event_stream.archive", "Lets a stream take no more events; what it has taken stays."),
	{ .method = "GET", .path = "/v1/metrics", .scope = "read", .parameters = "limit cursor status handle", .handle = http_read,
	  .read = http_list_read, .list = &metrics, .doc = "Metrics over streams, newest first, or the one of a handle." },
	{ .method = "POST", .path = "/v1/metrics", .command = "billing_metric.create", .handle = http_write, .status = 201,
	  .location = "/v1/metrics/", .doc = "Makes a metric, and its stream where there is none." },
	{ .method = "GET", .path = "/v1/metrics/{id}", .scope = "read", .handle = http_read, .read = v1_row_get,
	  .output = &billing_metric_record, .doc = "A metric." },
	V1_ACT("/v1/metrics/{id}/archive", "billing_metric.archive", "Lets no component name a metric anew."),
	{ .method = "GET", .path = "/v1/streams/{word}/events", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &events,
	  .doc = "The last events of the stream with this handle, newest first: what became of each, and what it is to each metric." },
	{ .method = "POST", .path = "/v1/streams/{word}/events", .scope = "write", .handle = events_post, .status = 201,
	  .open_input = true, .output = &events_taken_record,
	  .also_accepts = "application/cloudevents+json application/cloudevents-batch+json",
	  .doc = "Takes an event or an array of up to 1,000, all or none; they are on the disk when it answers." },
	{ .method = "GET", .path = "/v1/subscriptions/{id}/event_usage", .scope = "read", .parameters = "metric from to",
	  .handle = http_read, .read = event_usage_get, .output = &event_usage_shown_record, .ticks = true,
	  .doc = "What its events come to by each metric since it was billed last, or in [from, to)." },
	{ .path = NULL },
};
