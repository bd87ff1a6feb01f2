/* invoice_usage.c: the lines of usage charges, in arrears: one for all that was used of a charge. */
#include "invoice_work.h"

#include "billable.h"
#include "charge_amount.h"

static void decision_records(struct json_writer *writer, const struct invoice_usage *usage)
{
	json_name(writer, "records");
	json_integer(writer, usage->record_count);
	json_name(writer, "first_id");
	json_integer(writer, usage->first_id);
	json_name(writer, "last_id");
	json_integer(writer, usage->last_id);
}

static bool add_usage_line(struct invoice_work *work, const struct invoice_usage *usage)
{
	const struct charge *charge = usage->charge;
	struct exact_money whole;
	if (!charge_amount(charge, usage->quantity, work->at->basis->tier_mode, work->account->currency, &whole) || !billable_exact(whole))
		return work_overflow(work);
	struct invoice_line *line = work_add_line(work, INVOICE_LINE_KIND_USAGE, charge->price_code,
	                                          text_present(charge->name) ? charge->name : charge->price_code);
	line->quantity = usage->quantity;
	line->has_unit_price = charge->has_amount;
	line->unit_price = charge->amount;
	line->period_start = usage->period.start;
	line->period_end = usage->period.end;
	line->exact = whole;
	struct text_builder out;
	struct json_writer memory, *writer = decision_begin(work, &out, &memory);
	decision_price(work, writer, charge, usage->quantity, whole);
	decision_period(work, writer, "used", usage->period);
	decision_records(writer, usage);
	line->decision = decision_end(work, writer);
	return work_round_line(work, line);
}

bool work_add_usages(struct invoice_work *work)
{
	for (size_t i = 0; i < work->at->basis->usage_count; i++)
		if (!add_usage_line(work, &work->at->basis->usages[i]))
			return false;
	return true;
}
