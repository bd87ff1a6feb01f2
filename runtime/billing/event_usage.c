/* event_usage.c: what assessments ask of components of kind event: what their events come to by the metric, each segment a line at
 * the price that fits it. */
#include "component_usage.h"

#include "metric_quantity.h"
#include "price_terms.h"

#include "account.h"

struct price_event_list {
	struct price_event *items;
	size_t count, capacity;
};

/* Each is a line; an invoice of more is not made in one piece of work. */
enum { SEGMENTS_MAX = 5000 };

/* "eu, large" of ["eu","large"]; what is absent is a line. */
static struct text segment_note(struct command *command, struct text values)
{
	struct text_builder out;
	const struct json *json = text_present(values) && values.length ? json_parse(values, command->arena, command->problems) : NULL;
	if (!json)
		return TEXT_NONE;
	builder_init(&out, command->arena, 0);
	for (const struct json *value = json->first; value; value = value->next) {
		builder_c(&out, value == json->first ? "" : ", ");
		builder_add(&out, text_present(json_text(value)) ? json_text(value) : TEXT("-"));
	}
	return builder_text(&out);
}

/* What the line's decision keeps, so that it can be told where its quantity is from. */
static struct text detail_of(struct command *command, const struct component_span *span, const struct billing_metric *metric,
                             const struct metric_segment *segment)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "metric");
	json_string(&writer, metric->handle);
	json_name(&writer, "from");
	json_string(&writer, instant_text(command->arena, span->from));
	json_name(&writer, "to");
	json_string(&writer, instant_text(command->arena, span->until));
	json_name(&writer, "event_count");
	json_integer(&writer, segment->event_count);
	json_name(&writer, "billed_at");
	json_string(&writer, instant_text(command->arena, command->now));
	if (segment->values.length) {
		json_name(&writer, "segment");
		json_raw(&writer, segment->values);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

/* ------------------------------------------------------------------------------------------------ events one by one */

/* tiered_by_time: what the period began with was there for all of it. */
static void add_carried(struct command *command, const struct metric_segment *segment, struct price_event_list *events)
{
	if (decimal_sign(segment->carried) != 0)
		*list_add(command->arena, events, struct price_event) = (struct price_event){
			.quantity = segment->carried, .has_prorated = true, .prorated = segment->carried };
}

enum { PRORATED_SCALE = 18 };

/* value x the part of the period that is left. */
static bool prorate(const struct component_span *span, const struct metric_event *event, struct decimal *prorated)
{
	struct fraction value, part;
	return fraction_from_decimal(event->value, &value) &&
	       fraction_make(span->until.us - event->at_us, span->until.us - span->from.us, &part) &&
	       fraction_multiply(value, part, &value) && fraction_round(value, PRORATED_SCALE, ROUNDING_HALF_UP, prorated);
}

static bool add_events(struct command *command, const struct component_span *span, const struct price_terms *terms,
                       const struct metric_segment *segment, struct component_used *used)
{
	struct price_event_list events = { 0 };
	bool by_time = terms->scheme == PRICE_TERMS_SCHEME_TIERED_BY_TIME;
	if (by_time)
		add_carried(command, segment, &events);
	for (size_t i = 0; i < segment->events.count; i++) {
		const struct metric_event *event = &segment->events.items[i];
		struct price_event *told = list_add(command->arena, &events, struct price_event);
		*told = (struct price_event){ .quantity = event->value, .has_prorated = by_time };
		if (by_time && !prorate(span, event, &told->prorated))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "an event is too large to compute with");
	}
	used->events = events.items;
	used->event_count = events.count;
	return true;
}

/* ------------------------------------------------------------------------------------------------ at which price */

/* What a component's events are billed by. */
struct event_prices {
	const struct component_span *span;
	const struct billing_metric *metric;
	struct price_terms *own;            /* of the price point */
	struct price_segment_list segments;
};

static struct price_terms *terms_of(const struct event_prices *prices, const struct price_segment *segment)
{
	return segment ? price_segment_terms(segment, prices->span->account->currency) : prices->own;
}

/* Does some price of it ask for each event? */
static bool need_events(const struct event_prices *prices)
{
	bool need = prices->own && price_terms_need_events(prices->own);
	for (size_t i = 0; i < prices->segments.count && !need; i++) {
		const struct price_terms *terms = terms_of(prices, &prices->segments.items[i]);
		need = terms && price_terms_need_events(terms);
	}
	return need;
}

/* No cell of a matrix fits, and it says nothing of the others. */
static bool is_unpriced(const struct price_terms *terms, const struct segment_values *values)
{
	return terms->scheme == PRICE_TERMS_SCHEME_MATRIX && !terms->has_unit_price && price_cell_fitting(terms, values) == 0;
}

static struct text note_of(struct command *command, const struct metric_segment *segment, bool unpriced)
{
	struct text note = segment_note(command, segment->values);
	if (!unpriced)
		return note;
	return text_present(note) ? TEXT_JOIN(command->arena, note, TEXT(" (no price)")) : TEXT("no price");
}

static bool add_segment(struct command *command, const struct event_prices *prices, const struct metric_segment *segment,
                        struct component_used_list *all)
{
	struct component_used used = {
		.quantity = segment->quantity, .all_events = segment->event_count,
		.values = segment_values_read(segment->values, command->arena),
		.detail = detail_of(command, prices->span, prices->metric, segment),
		.has_events_price = text_present(prices->metric->price_property), .events_price = segment->priced,
	};
	used.segment = price_segment_fitting(&prices->segments, &used.values);
	const struct price_terms *terms = terms_of(prices, used.segment);
	used.shown_free = terms && segment->event_count > 0 && is_unpriced(terms, &used.values);
	used.note = note_of(command, segment, used.shown_free);
	if (terms && price_terms_need_events(terms) && !add_events(command, prices->span, terms, segment, &used))
		return false;
	*list_add(command->arena, all, struct component_used) = used;
	return true;
}

static bool read_prices(struct command *command, const struct component_span *span, struct event_prices *prices)
{
	*prices = (struct event_prices){ .span = span, .own = price_point_terms(span->point, span->account->currency, false) };
	prices->metric = billing_metric_need(command, span->component->metric_id, "");
	return prices->metric && price_segments_active(command, span->point, &prices->segments);
}

/* A component that is told apart by nothing has its line also when nothing came; whether that is shown is the invoice's. */
static bool event_used(struct command *command, const struct component_span *span, struct component_used_list *used)
{
	struct metric_quantity quantity;
	struct event_prices prices;
	if (!span->had->active || !span->component->metric_id || span->from.us >= span->until.us)
		return true;
	if (!read_prices(command, span, &prices))
		return false;
	bool (*read)(struct command *, const struct billing_metric *, int64_t, struct instant, struct instant,
	             struct metric_quantity *) = need_events(&prices) ? metric_quantity_by_events : metric_quantity;
	if (!read(command, prices.metric, span->subscription->id, span->from, span->until, &quantity))
		return false;
	if (quantity.count > SEGMENTS_MAX)
		return problem(command->problems, PROBLEM_OVERFLOW, "", "metric '%.*s' has %zu segments in its period, at most %d are billed",
		               TEXT_ARG(prices.metric->handle), quantity.count, SEGMENTS_MAX);
	for (size_t i = 0; i < quantity.count; i++)
		if (!add_segment(command, &prices, &quantity.items[i], used))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ read again */

static const struct metric_segment *segment_of(struct command *command, const struct metric_quantity *quantity, const struct json *values)
{
	struct text kept = values ? json_tree_text(command->arena, values) : TEXT("");
	for (size_t i = 0; i < quantity->count; i++)
		if (text_equals(quantity->items[i].values, kept))
			return &quantity->items[i];
	return NULL;
}

bool event_usage_replay(struct command *command, const struct component_span *span, const struct json *detail,
                        const struct price_terms *terms, struct component_used *used, bool *found)
{
	struct metric_quantity quantity;
	struct instant billed_at;
	struct component_span then = *span;
	struct billing_metric *metric = NULL;
	*used = (struct component_used){ .events = NULL };
	*found = false;
	if (!detail || !instant_parse(json_text(json_member(detail, "from")), &then.from) ||
	    !instant_parse(json_text(json_member(detail, "to")), &then.until) ||
	    !instant_parse(json_text(json_member(detail, "billed_at")), &billed_at))
		return true;
	if (!billing_metric_by_handle(command, json_text(json_member(detail, "metric")), &metric))
		return false;
	if (!metric)
		return true;
	if (!metric_quantity_replay(command, metric, span->subscription->id, then.from, then.until, billed_at, &quantity))
		return false;
	const struct metric_segment *segment = segment_of(command, &quantity, json_member(detail, "segment"));
	*found = segment != NULL;
	if (!segment)
		return true;
	used->quantity = segment->quantity;
	used->all_events = segment->event_count;
	return add_events(command, &then, terms, segment, used);
}

/* ------------------------------------------------------------------------------------------------ billed */

/* Also of what is not active: what was not billed in its period is not billed later. */
static bool event_settle(struct command *command, const struct component_span *span, const struct invoice *invoice)
{
	(void)invoice;
	if (!span->component->metric_id)
		return true;
	const struct billing_metric *metric = billing_metric_need(command, span->component->metric_id, "");
	return metric && metric_close(command, metric, span->subscription->id, span->until);
}

const struct component_usage_source event_usage_source = { .used = event_used, .settle = event_settle };
