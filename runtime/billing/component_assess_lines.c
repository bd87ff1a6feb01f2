/* component_assess_lines.c: the lines of an assessment: in advance, in arrears, given back, and those that waited. */
#include "component_assess_work.h"

#include "account.h"
#include "component_line.h"
#include "invoice_run.h"
#include "subscription.h"
#include "timeline.h"

static bool is_had(const struct assessed_component *one)
{
	return one->component->kind == COMPONENT_KIND_QUANTITY || one->component->kind == COMPONENT_KIND_ON_OFF;
}

static void begin(struct arena *arena, struct text_builder *out, struct json_writer *writer)
{
	builder_init(out, arena, 0);
	json_writer_init(writer, out);
	json_begin_object(writer);
}

static void add_line(struct component_assessment *assessment, const struct component_time *time,
                     const struct component_said *said, const struct component_sum *sum)
{
	struct invoice_line *line =
	        list_add(assessment->billing.command->arena, assessment->lines, struct invoice_line);
	component_line(&assessment->billing, time, said, sum, line);
	line->position = (int64_t)assessment->lines->count;
}

/* ------------------------------------------------------------------------------------------------ what is had */

static bool has_one_price(const struct price_terms *terms)
{
	return terms->scheme == PRICE_TERMS_SCHEME_PER_UNIT && !terms->has_free_quantity && !terms->has_billing_units &&
	       !terms->has_minimum && !terms->has_maximum;
}

static struct component_said said_of(const struct component_assessment *assessment, const struct assessed_component *one,
                                     const struct component_cost *cost, const struct component_time *time,
                                     const struct component_sum *sum)
{
	struct arena *arena = assessment->billing.command->arena;
	const struct price_terms *terms = price_point_terms(one->point, assessment->billing.account->currency, false);
	struct text_builder out;
	struct json_writer writer;
	begin(arena, &out, &writer);
	component_cost_write(&writer, arena, "component", cost);
	component_sum_write(&writer, arena, time, sum);
	json_end_object(&writer);
	return (struct component_said){
		.kind = INVOICE_LINE_KIND_COMPONENT,
		.component = one->component,
		.price_point_id = one->point->id,
		.description = one->component->name,
		.quantity = cost->quantity,
		.has_unit_price = terms && has_one_price(terms),
		.unit_price = terms ? terms->unit_price : decimal_from_int64(0),
		.decision = builder_text(&out),
	};
}

static bool charge_one(struct component_assessment *assessment, struct assessed_component *one,
                       const struct component_time *time)
{
	struct component_cost cost;
	struct component_sum sum = { 0 };
	struct decimal quantity = one->once ? decimal_from_int64(0) : one->had->quantity;
	if (!component_cost(&assessment->billing, one->component, one->point, quantity, &cost))
		return false;
	sum.rate = one->rate = cost.priced.exact;
	if (!component_sum(&assessment->billing, time, one->component->recurring, &sum))
		return false;
	if (!one->component->recurring) {
		one->once = true;
		if (!exact_money_from_money(money_zero(sum.rate.currency), &one->rate))
			return false;
	}
	if (money_is_zero(sum.amount))
		return true;
	const struct component_said said = said_of(assessment, one, &cost, time, &sum);
	add_line(assessment, time, &said, &sum);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what is used */

static struct text text_with_note(struct arena *arena, const struct component *component, struct text note)
{
	return text_present(note) ? TEXT_JOIN(arena, component->name, TEXT(": "), note) : component->name;
}

/* The price point of a part: its own, or the subscription's. */
static bool find_point(struct component_assessment *assessment, const struct assessed_component *one,
                       const struct component_used *used, const struct price_point **point)
{
	*point = one->point;
	return !used->price_point_id || used->price_point_id == one->point->id ||
	       (*point = price_point_need(assessment->billing.command, used->price_point_id, "")) != NULL;
}

/* Of a period that goes on without the least that it costs: that is due when it is over. */
static struct price_terms *terms_of(struct component_assessment *assessment, const struct component_used *used,
                                    const struct price_point *point)
{
	const struct currency *currency = assessment->billing.account->currency;
	struct price_terms *terms = used->segment ? price_segment_terms(used->segment, currency)
	                                          : price_point_terms(point, currency, used->overage);
	if (!assessment->running || !terms || !terms->has_minimum)
		return terms;
	struct price_terms *so_far = arena_new(assessment->billing.command->arena, struct price_terms);
	*so_far = *terms;
	so_far->has_minimum = false;
	return so_far;
}

/* *pricing is what `cost` names. */
static bool price_used(struct component_assessment *assessment, const struct assessed_component *one,
                       const struct component_used *used, struct component_pricing *pricing, struct component_cost *cost)
{
	struct command *command = assessment->billing.command;
	*cost = (struct component_cost){ .component = one->component, .quantity = used->quantity, .overage = used->overage,
		                         .segment = used->segment, .pricing = pricing,
		                         .told_once = used->event_count > 0 || used->has_whole_quantity };
	if (!find_point(assessment, one, used, &cost->point))
		return false;
	*pricing = (struct component_pricing){
		.component = one->component, .point = cost->point, .terms = terms_of(assessment, used, cost->point),
		.currency = assessment->billing.account->currency, .quantity = used->quantity, .before = decimal_from_int64(0),
		.billed_before = decimal_from_int64(0), .has_whole_quantity = used->has_whole_quantity,
		.whole_quantity = used->whole_quantity, .events = used->events, .event_count = used->event_count,
		.all_events = used->all_events, .has_events_price = used->has_events_price, .events_price = used->events_price,
		.values = used->values,
	};
	if (!pricing->terms)
		return problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "", "price point '%.*s' has no price in %s",
		               TEXT_ARG(cost->point->handle), pricing->currency->code);
	return component_price(command, pricing, &cost->priced);
}

static struct text used_decision(const struct component_assessment *assessment, const struct component_used *used,
                                 const struct component_cost *cost, const struct component_time *time,
                                 const struct component_sum *sum)
{
	struct arena *arena = assessment->billing.command->arena;
	struct text_builder out;
	struct json_writer writer;
	begin(arena, &out, &writer);
	component_cost_write(&writer, arena, "component", cost);
	if (text_present(used->detail)) {
		json_name(&writer, "used");
		json_raw(&writer, used->detail);
	}
	component_sum_write(&writer, arena, time, sum);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool charge_used(struct component_assessment *assessment, const struct assessed_component *one,
                        const struct component_used *used, enum invoice_line_kind kind, const struct component_time *time)
{
	struct component_pricing pricing;
	struct component_cost cost;
	struct component_sum sum = { 0 };
	if (!price_used(assessment, one, used, &pricing, &cost))
		return false;
	sum.rate = cost.priced.exact;
	if (!component_sum(&assessment->billing, time, false, &sum))
		return false;
	if (money_is_zero(sum.amount) && !used->shown_free)
		return true;
	const struct component_said said = {
		.kind = kind,
		.component = one->component,
		.price_point_id = cost.point->id,
		.description = text_with_note(assessment->billing.command->arena, one->component, used->note),
		.quantity = used->quantity,
		.has_unit_price = has_one_price(pricing.terms),
		.unit_price = pricing.terms->unit_price,
		.decision = used_decision(assessment, used, &cost, time, &sum),
	};
	add_line(assessment, time, &said, &sum);
	return true;
}

static bool charge_all(struct component_assessment *assessment, const struct assessed_component *one,
                       const struct component_used_list *used, enum invoice_line_kind kind, const struct component_time *time)
{
	for (size_t i = 0; i < used->count; i++)
		if (!charge_used(assessment, one, &used->items[i], kind, time))
			return false;
	return true;
}

static struct component_span span_of(const struct component_assessment *assessment, const struct assessed_component *one,
                                     struct instant from, struct instant until, bool ends)
{
	return (struct component_span){
		.account = assessment->billing.account, .subscription = assessment->billing.subscription, .had = one->had,
		.component = one->component, .point = one->point, .from = from, .until = until, .ends = ends,
	};
}

/* A stretch as it is, which no cycle holds. */
static bool time_between(const struct component_assessment *assessment, struct instant from, struct instant until,
                         struct component_time *time)
{
	const struct timezone_rules *zone = command_zone(assessment->billing.command, assessment->billing.account);
	const struct billing_event *event = billing_event_at(assessment->billing.events, from);
	if (!event)
		event = billing_event_at(assessment->billing.events, until);
	*time = (struct component_time){
		.event = event, .cycle = { timezone_date(zone, from), timezone_date(zone, until) },
		.cycle_start = from, .cycle_end = until, .start = from, .end = until,
	};
	return event != NULL;
}

static bool used_one(struct component_assessment *assessment, const struct assessed_component *one,
                     const struct component_time *time, bool ends)
{
	struct command *command = assessment->billing.command;
	const struct component_usage_source *source = component_usage_source(one->component->kind);
	struct component_used_list used = { 0 };
	if (!source)
		return true;
	const struct component_span span = span_of(assessment, one, time->start, time->end, ends);
	*list_add(command->arena, &assessment->spans, struct assessed_span) = (struct assessed_span){ span, source };
	return !source->used || (source->used(command, &span, &used) &&
	                         charge_all(assessment, one, &used, INVOICE_LINE_KIND_COMPONENT_USAGE, time));
}

bool assess_used(struct component_assessment *assessment, struct instant from, struct instant until, bool ends)
{
	struct component_time time;
	if (!time_between(assessment, from, until, &time))
		return true;
	for (size_t i = 0; i < assessment->components.count; i++)
		if (!used_one(assessment, &assessment->components.items[i], &time, ends))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ in advance */

static bool bought_one(struct component_assessment *assessment, const struct assessed_component *one,
                       const struct component_time *time)
{
	const struct component_usage_source *source = component_usage_source(one->component->kind);
	const struct component_span span = span_of(assessment, one, time->start, time->end, false);
	struct component_used_list bought = { 0 };
	return !source || !source->bought ||
	       (source->bought(assessment->billing.command, &span, &bought) &&
	        charge_all(assessment, one, &bought, INVOICE_LINE_KIND_COMPONENT, time));
}

bool assess_in_advance(struct component_assessment *assessment, const struct component_time *time)
{
	for (size_t i = 0; i < assessment->components.count; i++) {
		struct assessed_component *one = &assessment->components.items[i];
		if (is_had(one) ? !charge_one(assessment, one, time) : !bought_one(assessment, one, time))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ given back */

static bool give_back_one(struct component_assessment *assessment, struct assessed_component *one,
                          const struct component_time *time)
{
	struct arena *arena = assessment->billing.command->arena;
	struct component_cost cost = { .component = one->component, .point = one->point, .quantity = one->had->quantity };
	struct component_sum sum = { .rate = one->rate };
	cost.priced.exact = one->rate;
	sum.rate.amount.numerator = -sum.rate.amount.numerator;
	if (!component_sum(&assessment->billing, time, true, &sum))
		return false;
	if (!exact_money_from_money(money_zero(sum.rate.currency), &one->rate))
		return false;
	if (money_is_zero(sum.amount))
		return true;
	struct component_said said = said_of(assessment, one, &cost, time, &sum);
	said.description = TEXT_JOIN(arena, TEXT("Unused time of "), one->component->name);
	said.has_unit_price = false;
	add_line(assessment, time, &said, &sum);
	return true;
}

bool assess_unused(struct component_assessment *assessment, struct instant from, struct instant until)
{
	struct component_time time;
	if (from.us >= until.us || !component_time_at(&assessment->billing, (struct instant){ from.us - 1 }, &time))
		return true;
	time.start = from;
	time.end = until;
	for (size_t i = 0; i < assessment->components.count; i++) {
		struct assessed_component *one = &assessment->components.items[i];
		if (one->rate.currency && fraction_sign(one->rate.amount) != 0 && !give_back_one(assessment, one, &time))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ what waited */

bool assess_waiting(struct component_assessment *assessment)
{
	const struct component_billing *billing = &assessment->billing;
	struct command *command = billing->command;
	if (assessment->waited)
		return true;
	assessment->waited = true;
	if (!store_all(command->store, STATEMENT_COMPONENT_CHARGE_WAITING,
	               BINDS(bind_id(billing->account->id), bind_id(billing->subscription->id)), &component_charge_record,
	               LIST(&assessment->waiting)))
		return false;
	for (size_t i = 0; i < assessment->waiting.count; i++) {
		struct invoice_line *line = list_add(command->arena, assessment->lines, struct invoice_line);
		if (!component_charge_line(command, billing->account, billing->subscription, &assessment->waiting.items[i], line))
			return false;
		line->position = (int64_t)assessment->lines->count;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ once they are written */

static bool settle_component(struct component_assessment *assessment, struct assessed_component *one)
{
	struct subscription_component *had = one->had;
	int order = 1;
	bool same = had->charged_rate.currency && one->rate.currency &&
	            fraction_compare(had->charged_rate.amount, one->rate.amount, &order) && order == 0;
	bool unsaid = !had->charged_rate.currency && !one->rate.currency;
	if (!one->once && (same || unsaid))
		return true;
	had->charged_rate = one->rate;
	if (one->once)
		had->quantity = decimal_from_int64(0);
	return subscription_component_save(assessment->billing.command, had);
}

static bool save_marks(struct component_assessment *assessment, struct subscription *subscription)
{
	if (subscription->assessed_from.us == assessment->from.us && subscription->assessed_until.us == assessment->until.us &&
	    subscription->assess_at.us == assessment->at.us)
		return true;
	subscription->assessed_from = assessment->from;
	subscription->assessed_until = assessment->until;
	subscription->assess_at = assessment->at;
	return subscription_save_assessed(assessment->billing.command, subscription);
}

bool component_assess_settle(struct component_assessment *assessment, struct subscription *subscription,
                             const struct invoice *invoice)
{
	struct command *command = assessment->billing.command;
	for (size_t i = 0; invoice && i < assessment->waiting.count; i++)
		if (!component_charge_settle(command, &assessment->waiting.items[i], invoice))
			return false;
	for (size_t i = 0; i < assessment->components.count; i++)
		if (!settle_component(assessment, &assessment->components.items[i]))
			return false;
	for (size_t i = 0; i < assessment->spans.count; i++) {
		const struct assessed_span *one = &assessment->spans.items[i];
		if (one->source->settle && !one->source->settle(command, &one->span, invoice))
			return false;
	}
	return save_marks(assessment, subscription);
}
