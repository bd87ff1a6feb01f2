/* component_used.c: what assessments ask of metered and prepaid components: periods, price points, lots that are bought anew. */
#include "component_period.h"
#include "component_usage.h"
#include "prepaid_lot.h"

#include "account.h"
#include "subscription.h"

#include "value/json.h"
#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ what is billed */

/* It was used before the subscription was assessed at all: in a trial. */
static bool is_first(const struct component_span *span)
{
	return span->subscription->assessed_from.us == 0 && span->from.us <= span->subscription->started_at.us;
}

static bool holds(const struct component_span *span, const struct component_period *period)
{
	return period->since.us >= span->from.us && (span->ends || period->since.us < span->until.us);
}

/* The part for a price point; one that was not named is the subscription's, and so the same as if it had been. */
static struct component_used *used_at(struct command *command, const struct component_span *span, int64_t price_point_id,
                                      bool overage, struct component_used_list *used)
{
	int64_t id = price_point_id ? price_point_id : span->point->id;
	for (size_t i = 0; i < used->count; i++)
		if (used->items[i].price_point_id == id)
			return &used->items[i];
	struct component_used *part = list_add(command->arena, used, struct component_used);
	*part = (struct component_used){ .price_point_id = id, .overage = overage, .quantity = decimal_from_int64(0) };
	if (overage)
		part->note = TEXT("overage");
	return part;
}

static struct text detail_of(struct command *command, const struct component_period *period)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "component_period_id");
	json_integer(&writer, period->id);
	json_name(&writer, "usage_count");
	json_integer(&writer, period->usage_count);
	json_end_object(&writer);
	return builder_text(&out);
}

static void add_period(struct command *command, const struct component_span *span, const struct component_period *period,
                       bool overage, struct component_used_list *used)
{
	for (size_t i = 0; i < period->rates.count; i++) {
		const struct component_rate *rate = &period->rates.items[i];
		struct decimal quantity = overage ? rate->overage_quantity : rate->quantity;
		if (decimal_sign(quantity) == 0)
			continue;
		struct component_used *part = used_at(command, span, rate->price_point_id, overage, used);
		part->quantity = quantity_plus(part->quantity, quantity);
		part->detail = detail_of(command, period);
	}
}

static bool collect(struct command *command, const struct component_span *span, bool overage, struct component_used_list *used)
{
	struct component_period_list open;
	if (!component_periods_open(command, span->had, &open))
		return false;
	for (size_t i = 0; i < open.count; i++)
		if (holds(span, &open.items[i]))
			add_period(command, span, &open.items[i], overage, used);
	return true;
}

/* ------------------------------------------------------------------------------------------------ metered */

/* A price that asks for something where nothing was used. */
static bool asks_for_nothing(const struct price_terms *terms)
{
	return terms && ((terms->has_minimum && decimal_sign(terms->minimum) > 0) || (terms->has_flat_at_zero && terms->flat_at_zero));
}

static bool metered_used(struct command *command, const struct component_span *span, struct component_used_list *used)
{
	if (!collect(command, span, false, used))
		return false;
	if (!is_first(span) && asks_for_nothing(price_point_terms(span->point, span->account->currency, false)))
		used_at(command, span, 0, false, used);
	return true;
}

static struct period_assessed assessed_of(const struct component_span *span, const struct invoice *invoice)
{
	return (struct period_assessed){ .from = span->from, .until = span->until, .all = span->ends,
		                         .invoice_id = invoice ? invoice->id : 0 };
}

static bool metered_settle(struct command *command, const struct component_span *span, const struct invoice *invoice)
{
	return component_periods_close(command, span->had, assessed_of(span, invoice));
}

const struct component_usage_source component_metered_source = { .used = metered_used, .settle = metered_settle };

/* ------------------------------------------------------------------------------------------------ prepaid */

static bool prepaid_used(struct command *command, const struct component_span *span, struct component_used_list *used)
{
	return collect(command, span, true, used);
}

static bool read_lots(struct command *command, const struct component_span *span, struct instant at, struct prepaid_lots *lots)
{
	struct subscription_component *had;
	return subscription_component_of(command, span->subscription, span->component->id, &had) && had &&
	       prepaid_lots_read(command, had, at, lots);
}

/* Since the last assessment that is written; a run that catches up buys the same for each period. */
static bool prepaid_bought(struct command *command, const struct component_span *span, struct component_used_list *bought)
{
	struct prepaid_lots lots;
	struct allocation_list renewed;
	if (!read_lots(command, span, span->from, &lots) ||
	    !prepaid_lots_renewed(command, &lots, span->subscription->assessed_from, span->from, &renewed))
		return false;
	for (size_t i = 0; i < renewed.count; i++)
		*list_add(command->arena, bought, struct component_used) = (struct component_used){
			.price_point_id = renewed.items[i].price_point_id, .quantity = renewed.items[i].quantity,
		};
	return true;
}

/* The line that charges for the lot; each line is of one lot. 0: it costs nothing. */
static int64_t line_of(struct command *command, const struct component_span *span, const struct invoice *invoice,
                       const struct allocation *lot, int64_t after)
{
	const struct date date = timezone_date(command_zone(command, span->account), span->until);
	for (size_t i = 0; invoice && i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->position > after && line->kind == INVOICE_LINE_KIND_COMPONENT &&
		    line->subscription_id == lot->subscription_id && line->component_id == lot->component_id &&
		    line->price_point_id == lot->price_point_id && decimal_compare(line->quantity, lot->quantity) == 0 &&
		    date_compare(line->period_start, date) == 0)
			return line->position;
	}
	return 0;
}

static bool renew(struct command *command, const struct component_span *span, const struct invoice *invoice,
                  const struct allocation *old, struct subscription_component *had, int64_t *position)
{
	struct allocation *lot = arena_new(command->arena, struct allocation);
	const struct price_point *point = price_point_need(command, old->price_point_id, "");
	*lot = (struct allocation){
		.id = store_new_id(command->store, "allocation"), .account_id = old->account_id,
		.subscription_id = old->subscription_id, .component_id = old->component_id, .quantity = old->quantity,
		.previous_quantity = had->quantity, .price_point_id = old->price_point_id,
		.previous_price_point_id = old->price_point_id, .memo = old->memo, .at = span->until,
		.upgrade_charge = old->upgrade_charge, .downgrade_credit = old->downgrade_credit, .accrue_charge = true,
		.initiate_dunning = old->initiate_dunning, .created_at = command->now,
	};
	int64_t found = line_of(command, span, invoice, lot, *position);
	if (found) {
		lot->invoice_id = invoice->id;
		lot->line_position = *position = found;
		lot->has_line_position = true;
	}
	return point && lot->id && prepaid_lot_open(command, span->account, had, point, lot) &&
	       store_insert(command->store, &allocation_record, lot);
}

static bool renew_all(struct command *command, const struct component_span *span, const struct invoice *invoice,
                      const struct allocation_list *renewed, struct subscription_component *had)
{
	int64_t position = 0;
	for (size_t i = 0; i < renewed->count; i++)
		if (!renew(command, span, invoice, &renewed->items[i], had, &position))
			return false;
	return true;
}

/* Lots survive a pause: only what has ended for good lets them lapse. */
static bool prepaid_settle(struct command *command, const struct component_span *span, const struct invoice *invoice)
{
	struct prepaid_lots lots;
	struct allocation_list renewed = { 0 };
	bool final = subscription_is_final(span->subscription->status);
	struct lots_assessed assessed = { .from = is_first(span) || (span->ends && !final) ? INSTANT_NONE : span->from,
		                          .until = span->until, .ends = span->ends && final };
	if (!component_periods_close(command, span->had, assessed_of(span, invoice)) ||
	    !read_lots(command, span, span->until, &lots) ||
	    (!span->ends && !is_first(span) && !prepaid_lots_renewed(command, &lots, span->from, span->until, &renewed)))
		return false;
	assessed.used_on = decimal_sign(lots.had->unit_balance) > 0;
	return prepaid_lots_assess(command, &lots, assessed) && prepaid_lots_save(command, &lots) &&
	       renew_all(command, span, invoice, &renewed, lots.had) && subscription_component_save(command, lots.had);
}

const struct component_usage_source component_prepaid_source = {
	.used = prepaid_used, .bought = prepaid_bought, .settle = prepaid_settle,
};
