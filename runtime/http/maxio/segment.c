/* segment.c: prices of events by the values of their properties. A segment never changes here: another price takes its place under
 * another id. */
#include "maxio.h"

#include "billing/component.h"
#include "billing/price_segment.h"

enum { SEGMENTS_PER_PAGE = 30 };
static const int64_t SEGMENT_PRICE_IDS = 1000000000000; /* beyond those of price points */

/* ---- shown ---- */

static bool segment_show(struct command *command, const struct price_segment *segment, struct maxio_segment *shown)
{
	const struct price_point *point = price_point_need(command, segment->price_point_id, "");
	const struct component *component = point ? component_need(command, point->component_id, "") : NULL;
	struct maxio_price_list prices = { 0 };
	if (!component)
		return false;
	*shown = (struct maxio_segment){
		.id = segment->id, .has_id = true, .component_id = component->id, .has_component_id = true,
		.price_point_id = point->id, .has_price_point_id = true,
		.event_based_billing_metric_id = component->metric_id, .has_event_based_billing_metric_id = component->metric_id != 0,
		.pricing_scheme = maxio_word(WORD_PRICE_TERMS_SCHEME, (int)segment->price->scheme),
		.segment_property_1_value = segment->value_1, .segment_property_2_value = segment->value_2,
		.segment_property_3_value = segment->value_3, .segment_property_4_value = segment->value_4,
		.created_at = maxio_time(command->arena, command->zone, segment->created_at),
		.updated_at = maxio_time(command->arena, command->zone, segment->updated_at),
	};
	maxio_prices_show(command->arena, point, segment->price, false, &prices);
	for (size_t i = 0; i < prices.count; i++) {
		prices.items[i].segment_id = segment->id;
		prices.items[i].has_segment_id = true;
		prices.items[i].id = SEGMENT_PRICE_IDS + segment->id * 1000 + (int64_t)i + 1;
	}
	*LIST(&shown->prices) = *(const struct record_list *)(const void *)&prices;
	return true;
}

/* ---- what the path names, and what is asked for ---- */

struct segmenting {
	struct maxio_segments_input asked;
	struct component *component;
	struct price_point *point;
	struct price_segment *before; /* whose place it takes, or that goes; NULL: none */
	struct price_segment_create input;
	bool one;
};

static bool point_find(struct command *command, struct http_exchange *exchange)
{
	struct segmenting *segmenting = exchange->work;
	return maxio_component_of(command, maxio_segment(exchange, 1), "", &segmenting->component) &&
	       maxio_price_point_of(command, segmenting->component, maxio_segment(exchange, 3), "", &segmenting->point);
}

static bool segment_find(struct command *command, struct http_exchange *exchange)
{
	struct segmenting *segmenting = exchange->work;
	int64_t id;
	if (!point_find(command, exchange) || !text_to_int64(maxio_segment(exchange, 5), &id) ||
	    !(segmenting->before = price_segment_need(command, id, "")))
		return false;
	return (segmenting->before->price_point_id == segmenting->point->id && segmenting->before->status == PRICE_SEGMENT_STATUS_ACTIVE) ||
	       problem(&exchange->problems, PROBLEM_NOT_FOUND, "", "segment %lld does not exist", (long long)id);
}

static struct text said(struct text value)
{
	return value.length ? value : TEXT_NONE;
}

static bool wish_ask(struct http_exchange *exchange, struct segmenting *segmenting, size_t i)
{
	const struct maxio_segment_input *asked = &segmenting->asked.segments.items[i];
	const struct price_segment *before = segmenting->before;
	struct price_segment_wish *wish = list_add(exchange->arena, &segmenting->input.segments, struct price_segment_wish);
	const struct maxio_prices prices = { .scheme = (int)asked->pricing_scheme, .items = asked->prices.items, .count = asked->prices.count };
	*wish = (struct price_segment_wish){
		.value_1 = before ? before->value_1 : said(asked->segment_property_1_value),
		.value_2 = before ? before->value_2 : said(asked->segment_property_2_value),
		.value_3 = before ? before->value_3 : said(asked->segment_property_3_value),
		.value_4 = before ? before->value_4 : said(asked->segment_property_4_value),
		.price = maxio_terms(exchange, &prices, text_format(exchange->arena, "/segments/%zu/prices", i).data),
	};
	return wish->price != NULL;
}

/* ---- made ---- */

static bool segmenting_perform(struct command *command, const void *data, void **output)
{
	const struct segmenting *segmenting = data;
	void *gone;
	if (segmenting->before &&
	    !command_perform(command, "price_segment.archive", &(struct price_segment_archive){ segmenting->before->id }, &gone))
		return false;
	if (!command_perform(command, "price_segment.create", &segmenting->input, output))
		return false;
	command_object(command, "price_point", segmenting->point->id, 0);
	return true;
}

static const struct command_type segmenting_type = {
	.name = "price_segment.create", .scope = "write", .output = &price_segments_shown_record, .perform = segmenting_perform,
	.doc = "Prices by values of properties.",
};

static void made_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	const struct segmenting *segmenting = exchange->work;
	const struct price_segments_shown *made = output;
	struct maxio_list list;
	struct maxio_segment shown;
	maxio_list_begin(exchange, &list, "segments", NULL);
	for (size_t i = 0; i < made->items.count; i++) {
		if (!segment_show(command, &made->items.items[i], &shown))
			return;
		maxio_list_add(&list, &maxio_segment_record, &shown);
	}
	if (segmenting->one && made->items.count > 0)
		maxio_reply(exchange, exchange->reply.status, "segment", &maxio_segment_record, &shown);
	else
		maxio_list_end(exchange, &list, exchange->reply.status);
}

static bool segmenting_submit(struct http_exchange *exchange)
{
	struct segmenting *segmenting = exchange->work;
	segmenting->input.price_point_id = segmenting->point->id;
	for (size_t i = 0; i < segmenting->asked.segments.count; i++)
		if (!wish_ask(exchange, segmenting, i))
			return false;
	return http_submit(exchange, &segmenting_type, segmenting, made_encode);
}

static struct segmenting *segmenting_new(struct http_exchange *exchange)
{
	return exchange->work = arena_new(exchange->arena, struct segmenting);
}

static bool one_body(struct http_exchange *exchange, struct segmenting *segmenting)
{
	struct maxio_segment_input *asked = list_add(exchange->arena, &segmenting->asked.segments, struct maxio_segment_input);
	segmenting->one = true;
	return maxio_body(exchange, "segment", &maxio_segment_input_record, asked);
}

static bool segment_create(struct http_exchange *exchange)
{
	return one_body(exchange, segmenting_new(exchange)) && maxio_resolve(exchange, point_find, segmenting_submit);
}

static bool segment_replace(struct http_exchange *exchange)
{
	return one_body(exchange, segmenting_new(exchange)) && maxio_resolve(exchange, segment_find, segmenting_submit);
}

static bool segments_create(struct http_exchange *exchange)
{
	struct segmenting *segmenting = segmenting_new(exchange);
	return maxio_body(exchange, NULL, &maxio_segments_input_record, &segmenting->asked) &&
	       maxio_resolve(exchange, point_find, segmenting_submit);
}

/* ---- taken away ---- */

static void gone_encode(struct command *command, struct http_exchange *exchange, void *output)
{
	(void)command;
	(void)output;
	exchange->reply = (struct http_reply){ .status = 204, .body = TEXT("") };
}

static bool archive_submit(struct http_exchange *exchange)
{
	const struct segmenting *segmenting = exchange->work;
	struct price_segment_archive *input = arena_new(exchange->arena, struct price_segment_archive);
	input->id = segmenting->before->id;
	return http_submit(exchange, exchange->entry->command, input, gone_encode);
}

static bool segment_delete(struct http_exchange *exchange)
{
	segmenting_new(exchange);
	return maxio_resolve(exchange, segment_find, archive_submit);
}

/* ---- listed ---- */

static bool value_fits(struct http_exchange *exchange, int number, struct text value)
{
	struct text wanted = http_parameter(&exchange->target,
	                                    text_format(exchange->arena, "filter[segment_property_%d_value]", number).data);
	return !text_present(wanted) || wanted.length == 0 || text_equals(wanted, value);
}

static bool segments_read(struct command *command, struct http_exchange *exchange)
{
	struct segmenting *segmenting = segmenting_new(exchange);
	struct price_segment_list segments = { 0 };
	struct maxio_list list;
	struct maxio_page page;
	int64_t place = 0;
	if (!maxio_page(exchange, SEGMENTS_PER_PAGE, &page) || !point_find(command, exchange) ||
	    !price_segments_active(command, segmenting->point, &segments))
		return false;
	maxio_list_begin(exchange, &list, "segments", NULL);
	for (size_t i = 0; i < segments.count; i++) {
		const struct price_segment *one = &segments.items[i];
		struct maxio_segment shown;
		bool fits = value_fits(exchange, 1, one->value_1) && value_fits(exchange, 2, one->value_2) &&
		            value_fits(exchange, 3, one->value_3) && value_fits(exchange, 4, one->value_4);
		if (!fits || !maxio_on_page(&page, place++))
			continue;
		if (!segment_show(command, one, &shown))
			return false;
		maxio_list_add(&list, &maxio_segment_record, &shown);
	}
	maxio_list_end(exchange, &list, 200);
	return true;
}

#define SEGMENTS_PATH "/components/{key}/price_points/{word}/segments"

const struct http_route maxio_segment_routes[] = {
	{ .method = "GET", .path = SEGMENTS_PATH ".json", .scope = "read", .vendors = true, .answer_list = "segments", .handle = http_read,
	  .parameters = "page per_page filter[segment_property_1_value] filter[segment_property_2_value] "
	                "filter[segment_property_3_value] filter[segment_property_4_value]",
	  .read = segments_read, .cost = 1, .output = &maxio_segment_record, .doc = "Prices by values of properties, oldest first." },
	{ .method = "POST", .path = SEGMENTS_PATH ".json", .command = "price_segment.create", .status = 201, .vendors = true,
	  .wrapper = "segment", .answer = "segment", .handle = segment_create, .input = &maxio_segment_input_record,
	  .output = &maxio_segment_record, .doc = "Makes a price by values of properties." },
	{ .method = "POST", .path = SEGMENTS_PATH "/bulk.json", .command = "price_segment.create", .status = 201, .vendors = true,
	  .answer_list = "segments", .handle = segments_create, .input = &maxio_segments_input_record,
	  .output = &maxio_segment_record, .doc = "Makes prices by values of properties, all or none." },
	{ .method = "PUT", .path = SEGMENTS_PATH "/{line}.json", .command = "price_segment.create", .vendors = true, .wrapper = "segment",
	  .answer = "segment", .handle = segment_replace, .input = &maxio_segment_input_record, .output = &maxio_segment_record,
	  .doc = "Puts another price in the place of one." },
	{ .method = "DELETE", .path = SEGMENTS_PATH "/{line}.json", .command = "price_segment.archive", .status = 204, .vendors = true,
	  .handle = segment_delete, .no_body = true, .doc = "The next assessment knows it no more." },
	{ .path = NULL },
};
