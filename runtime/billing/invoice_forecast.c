/* invoice_forecast.c: the calculation that an order was priced by, for the invoice of the same command. */
#include "invoice_forecast.h"

#include "value/record.h"

static bool same_period(struct period a, struct period b)
{
	return date_compare(a.start, b.start) == 0 && date_compare(a.end, b.end) == 0;
}

static bool same_records(const struct record *record, const void *a, size_t a_count, const void *b, size_t b_count)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!record_same(record, (const char *)a + i * record->size, (const char *)b + i * record->size))
			return false;
	return true;
}

static bool same_parts(const struct invoice_basis *a, const struct invoice_basis *b)
{
	if (a->part_count != b->part_count)
		return false;
	for (size_t i = 0; i < a->part_count; i++)
		if (!same_period(a->parts[i].cycle, b->parts[i].cycle) || !same_period(a->parts[i].service, b->parts[i].service))
			return false;
	return true;
}

/* But for the subscription, which no amount depends on. */
static bool same_basis(const struct invoice_basis *a, const struct invoice_basis *b)
{
	return a->plan->id == b->plan->id && a->order_id == b->order_id && a->tier_mode == b->tier_mode &&
	       a->usage_count == 0 && b->usage_count == 0 && same_parts(a, b) &&
	       same_records(&subscription_charge_record, a->charges, a->charge_count, b->charges, b->charge_count) &&
	       same_records(&order_discount_record, a->discounts, a->discount_count, b->discounts, b->discount_count);
}

void invoice_forecast_keep(const struct account *account, const struct invoice_basis *bases, size_t count,
                           const struct coupon_uses *coupons, const struct invoice_calculation *calculation,
                           struct invoice_forecast *forecast)
{
	*forecast = (struct invoice_forecast){ 0 };
	if (count != 1 || coupons->count > 0)
		return;
	*forecast = (struct invoice_forecast){ account, bases[0], *calculation };
}

bool invoice_forecast_take(const struct command *command, struct invoice_forecast *forecast, const struct account *account,
                           const struct invoice_basis *bases, size_t count, const struct coupon_uses *coupons,
                           struct invoice_calculation *calculation)
{
	if (!forecast || forecast->account != account || !command_is_alone(command) || count != 1 || coupons->count > 0 ||
	    !same_basis(&forecast->basis, &bases[0]))
		return false;
	*calculation = forecast->calculation;
	for (size_t i = 0; i < calculation->lines.count; i++)
		calculation->lines.items[i].subscription_id = bases[0].subscription_id;
	forecast->account = NULL; /* the lines are the invoice's now */
	return true;
}
