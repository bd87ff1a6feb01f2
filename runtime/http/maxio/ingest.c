/* ingest.c: events of streams, one by one and in bulk: what comes to events.chargify.com, and to /{site}/events on any host. */
#include "maxio.h"

#include "billing/event_intake.h"

static void taken_encode(struct http_exchange *exchange, const struct events_taken *taken)
{
	(void)taken;
	exchange->reply = (struct http_reply){ .status = 201, .body = TEXT("") };
}

static bool take(struct http_exchange *exchange, bool bulk)
{
	const struct event_spelling spelling = { .reserved = "chargify", .bulk = bulk, .zone = timezone_utc() };
	return http_events_take(exchange, maxio_segment(exchange, 2), &spelling, taken_encode);
}

static bool event_take(struct http_exchange *exchange)
{
	return take(exchange, false);
}

static bool events_take(struct http_exchange *exchange)
{
	return take(exchange, true);
}

const struct http_route maxio_ingest_routes[] = {
	{ .method = "POST", .path = "/{key}/events/{word}.json", .scope = "write", .parameters = "store_uid", .status = 201,
	  .vendors = true, .handle = event_take, .open_input = true, .doc = "Takes an event of a stream." },
	{ .method = "POST", .path = "/{key}/events/{word}/bulk.json", .scope = "write", .parameters = "store_uid", .status = 201,
	  .vendors = true, .handle = events_take, .open_input = true,
	  .doc = "Takes up to 1,000 events of a stream, all or none." },
	{ .path = NULL },
};
