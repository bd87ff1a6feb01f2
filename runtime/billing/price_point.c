/* price_point.c: prices of components are made, named and archived. */
#include "component.h"

#include "event_stream.h"
#include "price_segment.h"
#include "price_terms.h"

#include "value/record.h"

struct price_point *price_point_need(struct command *command, int64_t id, const char *pointer)
{
	void *point;
	if (!store_find(command->store, &price_point_record, id, &point))
		return NULL;
	if (!point)
		record_missing(&price_point_record, id, command->problems, pointer);
	return point;
}

bool price_point_by_handle(struct command *command, int64_t component_id, struct text handle, struct price_point **point)
{
	return store_one(command->store, STATEMENT_PRICE_POINT_BY_HANDLE, BINDS(bind_integer(component_id), bind_text(handle)),
	                 &price_point_record, (void **)point);
}

bool price_points_of_component(struct command *command, int64_t component_id, struct price_point_list *points)
{
	return store_all(command->store, STATEMENT_PRICE_POINT_OF_COMPONENT, BINDS(bind_integer(component_id)),
	                 &price_point_record, LIST(points));
}

enum { CURRENCY_PRICES_MAX = 50 }; /* those that hold no more count */

/* ------------------------------------------------------------------------------------------------ making */

/* A member of what is at `pointer`. */
static const char *member(struct command *command, const char *pointer, const char *name)
{
	return text_format(command->arena, "%s/%s", pointer, name).data;
}

static bool wrong_metric(struct command *command, const struct billing_metric *metric, const char *pointer, const char *remedy)
{
	return problem_value(command->problems, PROBLEM_INVALID_COMBINATION, member(command, pointer, "scheme"), metric->handle, remedy,
	                     "a price of this scheme does not go with metric '%.*s'", TEXT_ARG(metric->handle));
}

/* What it counts must be what the metric adds up. */
static bool check_metric(struct command *command, const struct component *component, const struct price_terms *terms,
                         const char *pointer)
{
	const struct billing_metric *metric = NULL;
	if (terms->scheme == PRICE_TERMS_SCHEME_MATRIX)
		return price_cells_check(command, component, terms, pointer);
	if (price_scheme_events(terms->scheme) == PRICE_EVENTS_NONE || !component->metric_id)
		return true;
	if (!(metric = billing_metric_need(command, component->metric_id, "/metric_id")))
		return false;
	bool sums = metric->analysis == BILLING_METRIC_ANALYSIS_SUM;
	if (terms->scheme == PRICE_TERMS_SCHEME_DYNAMIC)
		return text_present(metric->price_property) ||
		       wrong_metric(command, metric, pointer, "Name in the metric's price_property what each event says it costs.");
	if (terms->scheme == PRICE_TERMS_SCHEME_TIERED_BY_TIME)
		return sums || metric->analysis == BILLING_METRIC_ANALYSIS_TIME_WEIGHTED_SUM ||
		       wrong_metric(command, metric, pointer, "Name a metric of analysis 'sum' or 'time_weighted_sum'.");
	return sums || wrong_metric(command, metric, pointer, "Name a metric of analysis 'sum': the turnover.");
}

bool component_terms_check(struct command *command, const struct component *component, const struct price_terms *terms,
                           const char *pointer)
{
	bool by_events = price_scheme_events(terms->scheme) != PRICE_EVENTS_NONE;
	if (component->kind == COMPONENT_KIND_ON_OFF && terms->scheme != PRICE_TERMS_SCHEME_PER_UNIT)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, member(command, pointer, "scheme"),
		               "a component that is on or off has one price: scheme 'per_unit'");
	if (by_events && component->kind != COMPONENT_KIND_EVENT)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, member(command, pointer, "scheme"),
		               "only components of kind 'event' are priced by their events");
	return price_terms_check(command, terms, pointer) &&
	       (component->kind != COMPONENT_KIND_EVENT || check_metric(command, component, terms, pointer));
}

/* The prices of one currency: what is bought, and beyond that of a prepaid component. */
static bool check_prices(struct command *command, const struct component *component, const struct price_terms *price,
                         const struct price_terms *overage, const char *pointer)
{
	const char *overage_at = member(command, pointer, "overage_price");
	bool prepaid = component->kind == COMPONENT_KIND_PREPAID;
	if (!component_terms_check(command, component, price, member(command, pointer, "price")))
		return false;
	if (prepaid && !overage)
		return problem(command->problems, PROBLEM_MISSING_FIELD, overage_at,
		               "what is used beyond what was bought has a price of its own");
	if (!prepaid && overage)
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, overage_at, "only prepaid components have it");
	return !overage || component_terms_check(command, component, overage, overage_at);
}

static bool check_rest(struct command *command, const struct component *component, const struct price_point *point,
                       const char *pointer)
{
	bool prepaid = component->kind == COMPONENT_KIND_PREPAID;
	bool expires = point->expires_unit == PRICE_POINT_EXPIRES_UNIT_DAY || point->expires_unit == PRICE_POINT_EXPIRES_UNIT_MONTH;
	if (!prepaid && (point->has_renew_prepaid || point->has_rollover_prepaid || point->expires_unit || point->has_expires_after))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, pointer,
		               "only prepaid components renew, roll over and expire");
	return expires == point->has_expires_after ||
	       problem(command->problems, expires ? PROBLEM_MISSING_FIELD : PROBLEM_INVALID_COMBINATION,
	               member(command, pointer, "expires_after"), "expires_after goes with expires_unit 'day' or 'month'");
}

static bool has_currency(const struct price_point *point, const struct currency *currency, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (point->currency_prices.items[i].currency == currency)
			return true;
	return point->currency == currency;
}

static bool check_free_currency(struct command *command, const struct price_point *point, size_t i, const char *pointer)
{
	const struct currency *currency = point->currency_prices.items[i].currency;
	return !has_currency(point, currency, i) ||
	       problem_value(command->problems, PROBLEM_DUPLICATE, member(command, pointer, "currency"), text_of(currency->code),
	                     NULL, "the price point says what it costs in %s already", currency->code);
}

static bool check_currencies(struct command *command, const struct component *component, const struct price_point *point,
                             const char *pointer)
{
	for (size_t i = 0; i < point->currency_prices.count; i++) {
		struct currency_price *price = &point->currency_prices.items[i];
		price->replaced_at = INSTANT_NONE;
		const char *at = text_format(command->arena, "%s/currency_prices/%zu", pointer, i).data;
		if (!check_free_currency(command, point, i, at) ||
		    !check_prices(command, component, price->price, price->overage_price, at))
			return false;
	}
	return true;
}

static bool check_free_handle(struct command *command, const struct component *component, struct text handle)
{
	struct price_point *other;
	if (!price_point_by_handle(command, component->id, handle, &other))
		return false;
	return !other || problem_value(command->problems, PROBLEM_DUPLICATE, "/handle", handle, NULL,
	                               "price point %lld of the component has the handle '%.*s' already", (long long)other->id,
	                               TEXT_ARG(handle));
}

bool price_point_make(struct command *command, const struct component *component, struct price_point *point,
                      const struct price_segment_wishes *segments, const char *pointer)
{
	struct price_segment_list made;
	if (!point->currency)
		point->currency = command->tenant->currency;
	if (!check_prices(command, component, point->price, point->overage_price, pointer) ||
	    !check_rest(command, component, point, pointer) || !check_currencies(command, component, point, pointer))
		return false;
	point->id = store_new_id(command->store, "price_point");
	point->component_id = component->id;
	if (!uuid_present(point->uuid))
		point->uuid = uuid_time_ordered();
	point->status = PRICE_POINT_STATUS_ACTIVE;
	point->created_at = point->updated_at = command->now;
	return point->id &&
	       price_segments_make(command, component, point, segments, member(command, pointer, "segments"), &made) &&
	       store_insert(command->store, &price_point_record, point);
}

static bool price_point_create_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_create *input = data;
	struct component *component = component_need(command, input->component_id, "/component_id");
	if (!component || !handle_check(input->handle, "/handle", command->problems) ||
	    !check_free_handle(command, component, input->handle))
		return false;
	struct price_point *point = arena_new(command->arena, struct price_point);
	*point = (struct price_point){
		.uuid = input->uuid, .handle = input->handle, .name = text_present(input->name) ? input->name : input->handle,
		PRICE_POINT_TERMS_OF(input),
	};
	*LIST(&point->currency_prices) = *(const struct record_list *)(const void *)&input->currency_prices;
	const struct price_segment_wishes segments = { input->segments.items, input->segments.count };
	if (!price_point_make(command, component, point, &segments, ""))
		return false;
	command_object(command, "price_point", point->id, 0);
	*output = point;
	return true;
}

/* ------------------------------------------------------------------------------------------------ naming, archiving */

static bool save(struct command *command, struct price_point *point, void **output)
{
	point->updated_at = command->now;
	command_object(command, "price_point", point->id, 0);
	*output = point;
	return store_update(command->store, &price_point_record, point);
}

static bool price_point_update_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_update *input = data;
	struct price_point *point = price_point_need(command, input->id, "/id");
	if (!point)
		return false;
	point->name = input->name;
	return save(command, point, output);
}

/* Of each currency the prices that were before are kept, so that what was billed by them can be told. */
static void replace_price(struct command *command, struct price_point *point, const struct price_point_add_currency *input)
{
	/* As it stands its list is the cache's. */
	struct { struct currency_price *items; size_t count, capacity; } prices = { 0 };
	for (size_t i = 0; i < point->currency_prices.count; i++) {
		struct currency_price *price = list_add(command->arena, &prices, struct currency_price);
		*price = point->currency_prices.items[i];
		if (price->currency == input->currency && !price->replaced_at.us)
			price->replaced_at = command->now;
	}
	*list_add(command->arena, &prices, struct currency_price) = (struct currency_price){
		.currency = input->currency, .price = input->price, .overage_price = input->overage_price };
	*LIST(&point->currency_prices) = *(const struct record_list *)(const void *)&prices;
}

static bool check_own_currency(struct command *command, const struct price_point *point, const struct currency *currency)
{
	return point->currency != currency ||
	       problem_value(command->problems, PROBLEM_DUPLICATE, "/currency", text_of(currency->code),
	                     "Make another price point, and give it to those who are to pay it.",
	                     "what price point '%.*s' says in %s, its own currency, never changes", TEXT_ARG(point->handle),
	                     currency->code);
}

/* A segment without a price in the currency could not be billed. */
static bool check_segments(struct command *command, const struct price_point *point, const struct currency *currency)
{
	struct price_segment_list segments;
	if (!price_segments_active(command, point, &segments))
		return false;
	for (size_t i = 0; i < segments.count; i++)
		if (!price_segment_terms(&segments.items[i], currency))
			return problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, "/currency", text_of(currency->code),
			                     "Archive it, and make it anew with a price in that currency.",
			                     "price segment %lld of the price point has no price in %s",
			                     (long long)segments.items[i].id, currency->code);
	return true;
}

static bool price_point_add_currency_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_add_currency *input = data;
	struct price_point *point = price_point_need(command, input->id, "/id");
	struct component *component = point ? component_need(command, point->component_id, "/id") : NULL;
	if (!component || !check_own_currency(command, point, input->currency) ||
	    !check_prices(command, component, input->price, input->overage_price, "") ||
	    !check_segments(command, point, input->currency))
		return false;
	if (point->currency_prices.count >= CURRENCY_PRICES_MAX)
		return problem_value(command->problems, PROBLEM_TOO_MANY, "/currency", text_of(input->currency->code),
		                     "Make another price point.", "the price point says so much already");
	replace_price(command, point, input);
	return save(command, point, output);
}

const struct currency_price *currency_price_holding(const struct currency_price *prices, size_t count,
                                                    const struct currency *currency)
{
	for (size_t i = 0; i < count; i++)
		if (prices[i].currency == currency && prices[i].replaced_at.us == 0)
			return &prices[i];
	return NULL;
}

static bool move(struct command *command, int64_t id, enum price_point_status status, void **output)
{
	struct price_point *point = price_point_need(command, id, "/id");
	if (!point)
		return false;
	if (point->status == status)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", point->handle, NULL, "price point '%.*s' is %s already",
		                     TEXT_ARG(point->handle), price_point_record.fields[PRICE_POINT_FIELD_STATUS].words[status]);
	point->status = status;
	point->archived_at = status == PRICE_POINT_STATUS_ARCHIVED ? command->now : (struct instant){ 0 };
	return save(command, point, output);
}

static bool price_point_archive_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_archive *input = data;
	struct price_point *point = price_point_need(command, input->id, "/id");
	struct component *component = point ? component_need(command, point->component_id, "/id") : NULL;
	if (!component)
		return false;
	if (component->price_point_id == point->id)
		return problem_value(command->problems, PROBLEM_IN_USE, "/id", point->handle, "Make another price point the default first.",
		                     "price point '%.*s' is the default of its component", TEXT_ARG(point->handle));
	return move(command, input->id, PRICE_POINT_STATUS_ARCHIVED, output);
}

static bool price_point_unarchive_perform(struct command *command, const void *data, void **output)
{
	const struct price_point_archive *input = data;
	return move(command, input->id, PRICE_POINT_STATUS_ACTIVE, output);
}

const struct command_type price_point_commands[] = {
	{ .name = "price_point.create", .scope = "write", .input = &price_point_create_record, .output = &price_point_record,
	  .perform = price_point_create_perform, .doc = "Makes another price of a component." },
	{ .name = "price_point.update", .scope = "write", .input = &price_point_update_record, .output = &price_point_record,
	  .perform = price_point_update_perform, .doc = "Names a price point anew; what it says never changes." },
	{ .name = "price_point.add_currency", .scope = "write", .input = &price_point_add_currency_record,
	  .output = &price_point_record, .perform = price_point_add_currency_perform,
	  .doc = "Says what a price point costs in another currency; said before, it holds no more from now on." },
	{ .name = "price_point.archive", .scope = "write", .input = &price_point_archive_record, .output = &price_point_record,
	  .perform = price_point_archive_perform, .doc = "Lets nobody have a price point anew; the default one stays." },
	{ .name = "price_point.unarchive", .scope = "write", .input = &price_point_archive_record,
	  .output = &price_point_record, .perform = price_point_unarchive_perform, .doc = "Lets it be had again." },
	{ .name = "price_point.quote", .scope = "read", .input = &price_point_quote_record, .output = &price_quote_record,
	  .perform = price_point_quote_perform, .doc = "What a quantity costs at a price point; nothing is kept." },
	{ .name = NULL },
};
