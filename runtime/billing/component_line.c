/* component_line.c: lines of components, and the charges that wait to become lines. */
#include "component_line.h"

#include "account.h"

/* Of what a line keeps: the places that a rate has. */
enum { RATE_PLACES = 12 };

static void set_rate(struct exact_money rate, struct invoice_line *line)
{
	line->has_rate = rate.currency && fraction_decimal(rate.amount, RATE_PLACES, &line->rate);
}

static void set_convention(const struct billing_event *event, struct invoice_line *line)
{
	const struct convention_choice counts = event->counts;
	if (!counts.convention || counts.by == CONVENTION_BY_DEFAULT)
		return;
	line->convention = text_of(counts.convention->name);
	line->convention_by = (enum invoice_line_convention_by)counts.by;
}

void component_line(const struct component_billing *billing, const struct component_time *time,
                    const struct component_said *said, const struct component_sum *sum, struct invoice_line *line)
{
	const struct timezone_rules *zone = command_zone(billing->command, billing->account);
	*line = (struct invoice_line){
		.account_id = billing->account->id,
		.currency = billing->account->currency,
		.kind = said->kind,
		.subscription_id = billing->subscription->id,
		.catalog_plan_id = time->event->catalog_plan_id,
		.plan = time->event->plan,
		.phase = time->event->phase,
		.component_id = said->component->id,
		.price_point_id = said->price_point_id,
		.description = said->description,
		.quantity = said->quantity,
		.has_unit_price = said->has_unit_price,
		.unit_price = said->unit_price,
		.period_start = timezone_date(zone, time->start),
		.period_end = timezone_date(zone, time->end),
		.exact = sum->exact,
		.amount = sum->amount,
		.decision = said->decision,
	};
	set_convention(time->event, line);
	set_rate(sum->rate, line);
}

bool component_charge_line(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct component_charge *charge, struct invoice_line *line)
{
	static const enum invoice_line_kind kinds[] = {
		[COMPONENT_CHARGE_KIND_COMPONENT] = INVOICE_LINE_KIND_COMPONENT,
		[COMPONENT_CHARGE_KIND_COMPONENT_USAGE] = INVOICE_LINE_KIND_COMPONENT_USAGE,
		[COMPONENT_CHARGE_KIND_ALLOCATION] = INVOICE_LINE_KIND_ALLOCATION,
	};
	const struct timezone_rules *zone = command_zone(command, account);
	*line = (struct invoice_line){
		.account_id = account->id,
		.currency = charge->currency,
		.kind = kinds[charge->kind],
		.subscription_id = subscription->id,
		.catalog_plan_id = subscription->catalog_plan_id,
		.plan = subscription->plan,
		.component_id = charge->component_id,
		.price_point_id = charge->price_point_id,
		.component_charge_id = charge->id,
		.description = charge->description,
		.quantity = charge->quantity,
		.has_unit_price = charge->has_unit_price,
		.unit_price = charge->unit_price,
		.period_start = timezone_date(zone, charge->starts_at),
		.period_end = timezone_date(zone, charge->ends_at),
		.exact = charge->exact,
		.amount = charge->amount,
		.decision = charge->decision,
	};
	set_rate(charge->rate, line);
	return true;
}

bool component_charge_of_line(struct command *command, const struct invoice_line *line, struct component_charge *charge)
{
	static const enum component_charge_kind kinds[] = {
		[INVOICE_LINE_KIND_COMPONENT] = COMPONENT_CHARGE_KIND_COMPONENT,
		[INVOICE_LINE_KIND_COMPONENT_USAGE] = COMPONENT_CHARGE_KIND_COMPONENT_USAGE,
		[INVOICE_LINE_KIND_ALLOCATION] = COMPONENT_CHARGE_KIND_ALLOCATION,
	};
	struct account *account = account_need(command, line->account_id, "");
	if (!account)
		return false;
	const struct timezone_rules *zone = command_zone(command, account);
	*charge = (struct component_charge){
		.account_id = line->account_id,
		.subscription_id = line->subscription_id,
		.component_id = line->component_id,
		.price_point_id = line->price_point_id,
		.kind = kinds[line->kind],
		.status = COMPONENT_CHARGE_STATUS_WAITING,
		.description = line->description,
		.quantity = line->quantity,
		.has_unit_price = line->has_unit_price,
		.unit_price = line->unit_price,
		.starts_at = timezone_start_of_date(zone, line->period_start),
		.ends_at = timezone_start_of_date(zone, line->period_end),
		.currency = line->currency,
		.exact = line->exact,
		.amount = line->amount,
		.decision = line->decision,
		.created_at = command->now,
		.updated_at = command->now,
	};
	return !line->has_rate || exact_money_from_decimal(line->rate, line->currency, &charge->rate);
}

bool component_charge_settle(struct command *command, struct component_charge *charge, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->component_charge_id != charge->id)
			continue;
		charge->line_position = line->position;
		charge->has_line_position = true;
	}
	charge->status = COMPONENT_CHARGE_STATUS_INVOICED;
	charge->invoice_id = invoice->id;
	charge->updated_at = command->now;
	return store_update(command->store, &component_charge_record, charge);
}
