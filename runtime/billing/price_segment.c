/* price_segment.c: prices of events by the values of their properties: which fits, making and archiving them. */
#include "price_segment.h"

#include "event_stream.h"
#include "price_terms.h"

#include "value/json.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ reading */

struct price_segment *price_segment_need(struct command *command, int64_t id, const char *pointer)
{
	void *segment;
	if (!store_find(command->store, &price_segment_record, id, &segment))
		return NULL;
	if (!segment)
		record_missing(&price_segment_record, id, command->problems, pointer);
	return segment;
}

bool price_segments_active(struct command *command, const struct price_point *point, struct price_segment_list *segments)
{
	*segments = (struct price_segment_list){ 0 };
	return !point->has_segment_count || point->segment_count == 0 ||
	       store_all(command->store, STATEMENT_PRICE_SEGMENT_ACTIVE, BINDS(bind_integer(point->id)), &price_segment_record,
	                 LIST(segments));
}

bool price_segments_of(struct command *command, int64_t price_point_id, struct price_segment_list *segments)
{
	*segments = (struct price_segment_list){ 0 };
	return store_all(command->store, STATEMENT_PRICE_SEGMENT_OF_PRICE_POINT, BINDS(bind_integer(price_point_id)),
	                 &price_segment_record, LIST(segments));
}

struct segment_values segment_values_read(struct text json, struct arena *arena)
{
	struct segment_values values = { { TEXT_NONE, TEXT_NONE, TEXT_NONE, TEXT_NONE } };
	struct problems ignored;
	size_t at = 0;
	problems_init(&ignored, arena);
	const struct json *array = text_present(json) && json.length ? json_parse(json, arena, &ignored) : NULL;
	for (const struct json *value = array ? array->first : NULL; value && at < SEGMENT_VALUES_MAX; value = value->next)
		values.at[at++] = json_text(value);
	return values;
}

bool segment_values_none(const struct segment_values *values)
{
	for (size_t i = 0; i < SEGMENT_VALUES_MAX; i++)
		if (text_present(values->at[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ which fits */

/* How well: a bit for each value that is said, above them how many; 0: it does not fit, or says nothing. */
static unsigned fit(const struct segment_values *said, const struct segment_values *values)
{
	unsigned which = 0, number = 0;
	for (size_t i = 0; i < SEGMENT_VALUES_MAX; i++) {
		which <<= 1;
		if (!text_present(said->at[i]))
			continue;
		if (!text_present(values->at[i]) || !text_equals(said->at[i], values->at[i]))
			return 0;
		which |= 1;
		number++;
	}
	return number << SEGMENT_VALUES_MAX | which;
}

const struct price_segment *price_segment_fitting(const struct price_segment_list *segments, const struct segment_values *values)
{
	const struct price_segment *best = NULL;
	unsigned best_fit = 0;
	for (size_t i = 0; i < segments->count; i++) {
		const struct segment_values said = SEGMENT_VALUES_OF(&segments->items[i]);
		unsigned fits = fit(&said, values);
		if (fits <= best_fit)
			continue;
		best = &segments->items[i];
		best_fit = fits;
	}
	return best;
}

size_t price_cell_fitting(const struct price_terms *terms, const struct segment_values *values)
{
	size_t best = 0;
	unsigned best_fit = 0;
	for (size_t i = 0; i < terms->cells.count; i++) {
		const struct segment_values said = SEGMENT_VALUES_OF(&terms->cells.items[i]);
		unsigned fits = fit(&said, values);
		if (fits <= best_fit)
			continue;
		best = i + 1;
		best_fit = fits;
	}
	return best;
}

struct price_terms *price_segment_terms(const struct price_segment *segment, const struct currency *currency)
{
	if (segment->currency == currency)
		return segment->price;
	const struct currency_price *price =
	        currency_price_holding(segment->currency_prices.items, segment->currency_prices.count, currency);
	return price ? price->price : NULL;
}

/* ------------------------------------------------------------------------------------------------ checks */

static const char *value_place(struct command *command, const char *pointer, size_t value)
{
	return text_format(command->arena, "%s/value_%zu", pointer, value + 1).data;
}

static const struct billing_metric *metric_of(struct command *command, const struct component *component, const char *pointer)
{
	if (component->metric_id)
		return billing_metric_need(command, component->metric_id, pointer);
	problem_value(command->problems, PROBLEM_INVALID_COMBINATION, pointer, component->handle,
	              "Make the component with a metric_id whose metric has group_by.",
	              "component '%.*s' has no metric whose properties could have values", TEXT_ARG(component->handle));
	return NULL;
}

/* Something is said, and only of properties that the metric is told apart by. */
static bool check_values(struct command *command, const struct billing_metric *metric, const struct segment_values *values,
                         const char *pointer)
{
	if (segment_values_none(values))
		return problem(command->problems, PROBLEM_MISSING_FIELD, value_place(command, pointer, 0),
		               "no value is said: what fits no values costs the price's own unit price");
	for (size_t i = metric->group_by.count; i < SEGMENT_VALUES_MAX; i++)
		if (text_present(values->at[i]))
			return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, value_place(command, pointer, i), values->at[i],
			                     "Name the property in the metric's group_by.",
			                     "metric '%.*s' is told apart by %zu properties", TEXT_ARG(metric->handle),
			                     metric->group_by.count);
	return true;
}

static bool same_values(const struct segment_values *a, const struct segment_values *b)
{
	for (size_t i = 0; i < SEGMENT_VALUES_MAX; i++)
		if (text_present(a->at[i]) != text_present(b->at[i]) || !text_equals(a->at[i], b->at[i]))
			return false;
	return true;
}

static bool said_twice(struct command *command, const struct segment_values *values, const char *pointer)
{
	struct text first = TEXT_NONE;
	for (size_t i = 0; i < SEGMENT_VALUES_MAX && !text_present(first); i++)
		first = values->at[i];
	return problem_value(command->problems, PROBLEM_DUPLICATE, pointer, first, "Say each combination of values once.",
	                     "there is a price for these values already");
}

bool price_cells_check(struct command *command, const struct component *component, const struct price_terms *terms,
                       const char *pointer)
{
	const struct billing_metric *metric = metric_of(command, component, pointer);
	for (size_t i = 0; metric && i < terms->cells.count; i++) {
		const struct segment_values values = SEGMENT_VALUES_OF(&terms->cells.items[i]);
		const char *at = text_format(command->arena, "%s/cells/%zu", pointer, i).data;
		if (!check_values(command, metric, &values, at))
			return false;
		for (size_t j = 0; j < i; j++) {
			const struct segment_values other = SEGMENT_VALUES_OF(&terms->cells.items[j]);
			if (same_values(&values, &other))
				return said_twice(command, &values, at);
		}
	}
	return metric != NULL;
}

/* ------------------------------------------------------------------------------------------------ making */

/* A segment in the making: of which price point, and what is there beside it. */
struct making {
	struct command *command;
	const struct component *component;
	const struct price_point *point;
	const struct billing_metric *metric;
	struct price_segment_list active;
};

static bool check_free(struct making *making, const struct segment_values *values, const char *pointer)
{
	for (size_t i = 0; i < making->active.count; i++) {
		const struct segment_values other = SEGMENT_VALUES_OF(&making->active.items[i]);
		if (same_values(values, &other))
			return said_twice(making->command, values, pointer);
	}
	return true;
}

static bool check_price(struct making *making, const struct price_terms *terms, const char *pointer)
{
	struct command *command = making->command;
	const char *at = text_format(command->arena, "%s/price", pointer).data;
	if (terms->scheme == PRICE_TERMS_SCHEME_MATRIX)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, text_format(command->arena, "%s/scheme", at).data,
		               "a price by values has no matrix of its own");
	return component_terms_check(command, making->component, terms, at);
}

/* In each currency that the price point has a price in: else a subscription of that currency could not be billed. */
static bool check_currencies(struct making *making, const struct price_segment *segment, const char *pointer)
{
	struct command *command = making->command;
	for (size_t i = 0; i < segment->currency_prices.count; i++)
		if (!check_price(making, segment->currency_prices.items[i].price,
		                 text_format(command->arena, "%s/currency_prices/%zu", pointer, i).data))
			return false;
	for (size_t i = 0; i < making->point->currency_prices.count; i++) {
		const struct currency *currency = making->point->currency_prices.items[i].currency;
		if (!price_segment_terms(segment, currency))
			return problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH,
			                     text_format(command->arena, "%s/currency_prices", pointer).data, text_of(currency->code),
			                     "Say in currency_prices what it costs in that currency.",
			                     "the price point has a price in %s, and this segment has none", currency->code);
	}
	return true;
}

static bool make_one(struct making *making, const struct price_segment_wish *wish, const char *pointer)
{
	struct command *command = making->command;
	const struct segment_values values = SEGMENT_VALUES_OF(wish);
	if (!check_values(command, making->metric, &values, pointer) || !check_free(making, &values, pointer) ||
	    !check_price(making, wish->price, pointer))
		return false;
	struct price_segment *segment = list_add(command->arena, &making->active, struct price_segment);
	*segment = (struct price_segment){
		.id = store_new_id(command->store, "price_segment"), .uuid = uuid_time_ordered(), .price_point_id = making->point->id,
		.value_1 = wish->value_1, .value_2 = wish->value_2, .value_3 = wish->value_3, .value_4 = wish->value_4,
		.currency = making->point->currency, .price = wish->price, .status = PRICE_SEGMENT_STATUS_ACTIVE,
		.created_at = command->now, .updated_at = command->now,
	};
	*LIST(&segment->currency_prices) = *(const struct record_list *)(const void *)&wish->currency_prices;
	return check_currencies(making, segment, pointer) && segment->id &&
	       store_insert(command->store, &price_segment_record, segment);
}

bool price_segments_make(struct command *command, const struct component *component, struct price_point *point,
                         const struct price_segment_wishes *wishes, const char *pointer, struct price_segment_list *made)
{
	struct making making = { .command = command, .component = component, .point = point };
	*made = (struct price_segment_list){ 0 };
	if (wishes->count == 0)
		return true;
	if (point->price->scheme == PRICE_TERMS_SCHEME_MATRIX)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, pointer,
		               "a price of scheme 'matrix' tells values apart already");
	making.metric = metric_of(command, component, pointer);
	if (!making.metric || !price_segments_active(command, point, &making.active))
		return false;
	size_t before = making.active.count;
	if (before + wishes->count > PRICE_SEGMENTS_MAX)
		return problem(command->problems, PROBLEM_TOO_MANY, pointer, "a price point has %d prices by values at most",
		               PRICE_SEGMENTS_MAX);
	for (size_t i = 0; i < wishes->count; i++)
		if (!make_one(&making, &wishes->items[i], text_format(command->arena, "%s/%zu", pointer, i).data))
			return false;
	point->has_segment_count = true;
	point->segment_count = (int64_t)making.active.count;
	for (size_t i = before; i < making.active.count; i++)
		*list_add(command->arena, made, struct price_segment) = making.active.items[i];
	return true;
}

static bool save_point(struct command *command, struct price_point *point)
{
	point->updated_at = command->now;
	return store_update(command->store, &price_point_record, point);
}

static bool price_segment_create_perform(struct command *command, const void *data, void **output)
{
	const struct price_segment_create *input = data;
	const struct price_segment_wishes wishes = { input->segments.items, input->segments.count };
	struct price_segments_shown *shown = arena_new(command->arena, struct price_segments_shown);
	struct price_segment_list made;
	struct price_point *point = price_point_need(command, input->price_point_id, "/price_point_id");
	struct component *component = point ? component_need(command, point->component_id, "/price_point_id") : NULL;
	if (!component || !price_segments_make(command, component, point, &wishes, "/segments", &made) ||
	    !save_point(command, point))
		return false;
	shown->price_point_id = point->id;
	*LIST(&shown->items) = *(const struct record_list *)(const void *)&made;
	command_object(command, "price_point", point->id, 0);
	*output = shown;
	return true;
}

static bool price_segment_archive_perform(struct command *command, const void *data, void **output)
{
	const struct price_segment_archive *input = data;
	struct price_segment *segment = price_segment_need(command, input->id, "/id");
	struct price_point *point = segment ? price_point_need(command, segment->price_point_id, "/id") : NULL;
	if (!point)
		return false;
	if (segment->status == PRICE_SEGMENT_STATUS_ARCHIVED)
		return problem(command->problems, PROBLEM_WRONG_STATE, "/id", "price segment %lld is archived already",
		               (long long)segment->id);
	segment->status = PRICE_SEGMENT_STATUS_ARCHIVED;
	segment->archived_at = segment->updated_at = command->now;
	point->segment_count--;
	command_object(command, "price_segment", segment->id, 0);
	*output = segment;
	return store_update(command->store, &price_segment_record, segment) && save_point(command, point);
}

const struct command_type price_segment_commands[] = {
	{ .name = "price_segment.create", .scope = "write", .input = &price_segment_create_record,
	  .output = &price_segments_shown_record, .perform = price_segment_create_perform,
	  .doc = "Makes prices of a price point by values of events' properties, all or none." },
	{ .name = "price_segment.archive", .scope = "write", .input = &price_segment_archive_record,
	  .output = &price_segment_record, .perform = price_segment_archive_perform,
	  .doc = "From the next assessment on these values cost what others say, or the price point's own price." },
	{ .name = NULL },
};
