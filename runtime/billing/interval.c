/* interval.c: what of one stretch of a recurring price a run bills, and in which pieces. */
#include "interval.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ cycle dates */

static struct period cycle_of(const struct interval *interval, struct date date)
{
	return billing_cycle_containing(&interval->grid, date);
}

static void find_first_cycle(struct interval *interval)
{
	struct convention_cycles cycles = interval->terms.cycles;
	if (!date_present(cycles.from))
		cycles.from = interval->terms.start;
	interval->grid = convention_grid(&cycles, interval->terms.period);
	interval->first_cycle = billing_cycle_next_start(&interval->grid, interval->terms.start);
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
	return date_min(cycle_of(interval, terms->target).end, terms->end);
}

static struct date arrear_end(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	if (date_present(terms->end) && date_compare(terms->end, terms->target) == 0)
		return terms->end;
	if (date_compare(terms->target, interval->first_cycle) < 0)
		return DATE_NONE;
	return ended_by(terms->end, terms->target) ? terms->end : cycle_of(interval, terms->target).start;
}

static struct date greedy_end(const struct interval *interval)
{
	const struct interval_terms *terms = &interval->terms;
	struct date end = interval->first_cycle;
	if (date_compare(terms->target, end) > 0)
		end = billing_cycle_next_start(&interval->grid, terms->target);
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
		struct period last = cycle_of(interval, interval->effective_end);
		interval->last_cycle = last.start;
		interval->next_cycle = last.end;
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

/* Does each stretch count anew? Then a stub is part of the plain period beside it. */
static bool counts_anew(const struct interval *interval)
{
	return interval->terms.cycles.anchor == CONVENTION_ANCHOR_BILL_CYCLE_DAY;
}

static void add_stub_before(struct arena *arena, const struct interval *interval, struct date end, struct date from,
                            struct interval_parts *parts)
{
	const struct interval_terms *terms = &interval->terms;
	struct period whole = { billing_period_advance(terms->period, end, -1, 0), end };
	if (!counts_anew(interval))
		whole = cycle_of(interval, terms->start);
	add_part(arena, parts, from, (struct period){ terms->start, end }, whole);
}

static void add_stub_after(struct arena *arena, const struct interval *interval, struct date from,
                           struct interval_parts *parts)
{
	struct date last = interval->last_cycle, end = interval->effective_end;
	if (!date_present(last) || date_compare(end, last) <= 0)
		return;
	struct period whole = { last, interval->next_cycle };
	if (counts_anew(interval))
		whole.end = billing_period_advance(interval->terms.period, last, 1, 0);
	add_part(arena, parts, from, (struct period){ last, end }, whole);
}

/* Begins where `from` lies, however many periods went before. */
static void add_whole_periods(struct arena *arena, const struct interval *interval, struct date from,
                              struct interval_parts *parts)
{
	struct date start = interval->first_cycle;
	if (date_present(from) && date_compare(from, start) > 0)
		start = cycle_of(interval, from).start;
	while (date_compare(start, interval->last_cycle) < 0) {
		struct period whole = cycle_of(interval, start);
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
	if (!interval_has_something(interval))
		return;
	if (ended_by(terms->end, interval->first_cycle)) {
		add_stub_before(arena, interval, terms->end, from, parts);
		return;
	}
	add_stub_before(arena, interval, interval->first_cycle, from, parts);
	add_whole_periods(arena, interval, from, parts);
	add_stub_after(arena, interval, from, parts);
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
	/* A month of 28 days has no 31st: what lies there is free, not given back. */
	if (*days < 0)
		*days = 0;
	return *days_of_whole > 0;
}
