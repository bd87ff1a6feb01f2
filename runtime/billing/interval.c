/* interval.c: what of one stretch of a recurring price a run bills, and in which pieces. */
#include "interval.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ cycle dates */

static struct date cycle_after(const struct interval *interval, struct date cycle, int32_t periods)
{
	return billing_period_advance(interval->terms.period, cycle, periods, interval->anchor_day);
}

/* The last cycle date on or before `date`, which is not before the first. */
static struct date cycle_at(const struct interval *interval, struct date date)
{
	return billing_period_containing(interval->terms.period, interval->first_cycle, interval->anchor_day, date).start;
}

/* The month of the start holds one cycle date; when it has passed the next one is a period later. */
static void find_first_cycle(struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	bool by_month = billing_period_length(terms->period).months > 0;
	int own_day = date_day_of_month(terms->start);
	interval->anchor_day = by_month ? (terms->bill_cycle_day ? terms->bill_cycle_day : own_day) : 0;
	struct date cycle = by_month ? date_with_day(terms->start, interval->anchor_day) : terms->start;
	if (date_compare(cycle, terms->start) < 0)
		cycle = cycle_after(interval, cycle, 1);
	interval->first_cycle = cycle;
}

/* ------------------------------------------------------------------------------------------------ how far */

static bool ended_by(struct date end, struct date date)
{
	return date_present(end) && date_compare(end, date) <= 0;
}

static struct date advance_end(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	if (ended_by(terms->end, terms->target))
		return terms->end;
	if (date_compare(terms->target, interval->first_cycle) < 0)
		return interval->first_cycle;
	return date_min(cycle_after(interval, cycle_at(interval, terms->target), 1), terms->end);
}

static struct date arrear_end(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	if (date_present(terms->end) && date_compare(terms->end, terms->target) == 0)
		return terms->end;
	if (date_compare(terms->target, interval->first_cycle) < 0)
		return DATE_NONE;
	return ended_by(terms->end, terms->target) ? terms->end : cycle_at(interval, terms->target);
}

static struct date greedy_end(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	struct date end = interval->first_cycle;
	if (date_compare(terms->target, end) > 0) {
		end = cycle_at(interval, terms->target);
		if (date_compare(end, terms->target) < 0)
			end = cycle_after(interval, end, 1);
	}
	return date_min(end, terms->end);
}

static struct date effective_end(const struct interval *interval)
{
	if (date_compare(interval->terms.target, interval->terms.start) < 0)
		return DATE_NONE;
	switch (interval->terms.mode) {
	case INTERVAL_IN_ARREAR: return arrear_end(interval);
	case INTERVAL_IN_ARREAR_GREEDY: return greedy_end(interval);
	case INTERVAL_IN_ADVANCE: break;
	}
	return advance_end(interval);
}

bool interval_make(const struct interval_terms *terms, struct interval *interval)
{
	*interval = (struct interval){ .terms = *terms };
	if (date_present(terms->end) && date_compare(terms->end, terms->start) < 0)
		return false;
	find_first_cycle(interval);
	if (!date_present(interval->first_cycle))
		return false;
	interval->effective_end = effective_end(interval);
	interval->next_cycle = interval->first_cycle;
	if (date_present(interval->effective_end) &&
	    date_compare(interval->effective_end, interval->first_cycle) >= 0) {
		interval->last_cycle = cycle_at(interval, interval->effective_end);
		interval->next_cycle = cycle_after(interval, interval->last_cycle, 1);
	}
	return true;
}

bool interval_has_something(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	return date_present(interval->effective_end) &&
	       (!date_present(terms->end) || date_compare(terms->end, terms->start) > 0);
}

/* ------------------------------------------------------------------------------------------------ pieces */

static void add_part(struct arena *arena, struct interval_parts *parts, struct date from, struct period service,
                     struct period whole)
{
	if (date_compare(service.start, service.end) >= 0 ||
	    (date_present(from) && date_compare(service.end, from) <= 0))
		return;
	*list_add(arena, parts, struct interval_part) = (struct interval_part){ service, whole };
}

/* A stub before a cycle date is part of the period that ends where it does. */
static void add_stub_before(struct arena *arena, const struct interval *interval, struct date end, struct date from,
                            struct interval_parts *parts)
{
	struct period whole = { billing_period_advance(interval->terms.period, end, -1, 0), end };
	add_part(arena, parts, from, (struct period){ interval->terms.start, end }, whole);
}

/* Begins where `from` lies, however many periods went before. */
static void add_whole_periods(struct arena *arena, const struct interval *interval, struct date from,
                              struct interval_parts *parts)
{
	struct date start = interval->first_cycle;
	if (date_present(from) && date_compare(from, start) > 0)
		start = cycle_at(interval, from);
	while (date_compare(start, interval->last_cycle) < 0) {
		struct period whole = { start, cycle_after(interval, start, 1) };
		if (!date_present(whole.end))
			return;
		add_part(arena, parts, from, whole, whole);
		start = whole.end;
	}
}

void interval_parts(struct arena *arena, const struct interval *interval, struct date from,
                    struct interval_parts *parts)
{
	const struct interval_terms *terms = &interval->terms;
	struct date last = interval->last_cycle, end = interval->effective_end;
	if (!interval_has_something(interval))
		return;
	if (ended_by(terms->end, interval->first_cycle)) {
		add_stub_before(arena, interval, terms->end, from, parts);
		return;
	}
	add_stub_before(arena, interval, interval->first_cycle, from, parts);
	add_whole_periods(arena, interval, from, parts);
	if (date_present(last) && date_compare(end, last) > 0) {
		struct period whole = { last, billing_period_advance(terms->period, last, 1, 0) };
		add_part(arena, parts, from, (struct period){ last, end }, whole);
	}
}

bool interval_days(const struct interval_part *part, int fixed_days, int32_t *days, int32_t *days_of_whole)
{
	bool is_whole = date_compare(part->service.start, part->whole.start) == 0 &&
	                date_compare(part->service.end, part->whole.end) == 0;
	if (!date_present(part->whole.start) || !date_present(part->whole.end))
		return false;
	*days_of_whole = fixed_days && !is_whole ? fixed_days : period_days(part->whole);
	*days = is_whole ? *days_of_whole
	                 : days_between_fixed_month(part->service.start, part->service.end, fixed_days);
	return *days_of_whole > 0;
}
