/* line_price.c: what a recurring line of an invoice is a part of: the price of a whole period, and that period. */
#include "line_price.h"

#include "proration.h"

#include "value/json.h"

static const struct json *decision_of(struct arena *arena, const struct invoice_line *line)
{
	struct problems ignored;
	problems_init(&ignored, arena);
	return text_present(line->decision) ? json_parse(line->decision, arena, &ignored) : NULL;
}

static bool read_period(const struct json *decision, const char *name, struct period *period)
{
	const struct json *dates = decision ? json_member(decision, name) : NULL;
	struct period found;
	if (!dates || !date_parse(json_text(json_item(dates, 0)), &found.start) ||
	    !date_parse(json_text(json_item(dates, 1)), &found.end))
		return false;
	*period = found;
	return true;
}

/* Lines of orders keep "cycle", those of catalog plans "period". */
static struct period whole_of(const struct json *decision, const struct invoice_line *line)
{
	struct period whole = { line->period_start, line->period_end };
	if (!read_period(decision, "cycle", &whole))
		read_period(decision, "period", &whole);
	return whole;
}

struct period line_whole(struct arena *arena, const struct invoice_line *line)
{
	return whole_of(decision_of(arena, line), line);
}

static void read_moments(const struct json *decision, const char *name, struct instant *start, struct instant *end)
{
	const struct json *moments = decision ? json_member(decision, name) : NULL;
	if (moments && instant_parse(json_text(json_item(moments, 0)), start))
		instant_parse(json_text(json_item(moments, 1)), end);
}

struct billing_moments line_moments(struct arena *arena, const struct invoice_line *line)
{
	const struct json *decision = decision_of(arena, line);
	struct billing_moments moments = { .start = INSTANT_NONE };
	read_moments(decision, "moments", &moments.start, &moments.end);
	read_moments(decision, "period_moments", &moments.whole_start, &moments.whole_end);
	return moments;
}

struct span_moments line_part_moments(struct arena *arena, const struct invoice_line *line, struct period part,
                                      const struct timezone_rules *zone)
{
	struct billing_moments own = line_moments(arena, line);
	bool begins = own.start.us != 0 && date_compare(part.start, line->period_start) <= 0;
	bool ends = own.end.us != 0 && date_compare(part.end, line->period_end) >= 0;
	return (struct span_moments){
		.from = begins ? own.start : timezone_start_of_date(zone, part.start),
		.to = ends ? own.end : timezone_start_of_date(zone, part.end),
	};
}

/* "whole" of an order's line, the rate of a catalog plan's; else the line is its own price. */
static bool price_of(const struct json *decision, const struct invoice_line *line, struct period *whole,
                     struct exact_money *price)
{
	price->currency = line->currency;
	*whole = whole_of(decision, line);
	if (decision && fraction_parse(json_text(json_member(decision, "whole")), &price->amount))
		return true;
	if (line->has_rate && decision && json_member(decision, "period"))
		return exact_money_from_decimal(line->rate, line->currency, price);
	*whole = (struct period){ line->period_start, line->period_end };
	return exact_money_from_money(line->amount, price);
}

bool line_price_change(struct arena *arena, const struct invoice_line *line, struct period unused,
                       struct proration_change *change)
{
	const struct period billed = { line->period_start, line->period_end };
	struct exact_money price, paid;
	struct period whole;
	if (!price_of(decision_of(arena, line), line, &whole, &price) || !exact_money_from_money(line->amount, &paid))
		return false;
	*change = proration_change_of(price, PRORATION_CHANGE_REASON_CREDIT, whole, period_intersect(billed, unused));
	proration_change_billed(change, paid, billed);
	change->plan = line->plan;
	change->price_code = text_present(line->price_code) ? line->price_code : line->phase;
	return true;
}
