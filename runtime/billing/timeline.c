/* timeline.c: lays what was set for a subscription, and what follows from it, along time. */
#include "timeline.h"

#include "catalog_plan.h"

#include <assert.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ moments */

/* A point at which something changes, before it is known what is in force there. Of those at one instant the order of
 * these words counts: a plan is there before its quantity changes, and what ends there ends last. */
enum moment_kind {
	MOMENT_PLAN,    /* created, changed */
	MOMENT_VERSION, /* the same plan of another catalog version */
	MOMENT_PHASE,
	MOMENT_QUANTITY,
	MOMENT_BASE_DAY, /* the base plan's bill cycle day */
	MOMENT_DAY,
	MOMENT_END,
};

struct moment {
	enum moment_kind kind;
	struct instant at;
	size_t order;                          /* of those of one kind at one instant */
	const struct subscription_event *row;  /* NULL: it follows from others */
	const struct catalog_plan *plan;       /* plan, version */
	const struct laid_phase *phase;        /* plan, phase */
	bool expires;                          /* end */
};
struct moments { struct moment *items; size_t count, capacity; };

/* Where the laying stands. */
struct laying {
	struct arena *arena;
	const struct timeline_source *source;
	struct timeline *timeline;
	struct moments moments;
	/* in force: */
	const struct catalog_plan *plan;
	const struct laid_phase *phase;
	enum subscription_event_billing_alignment billing_alignment;
	struct convention_choice counts;
	int64_t quantity;
	int day, base_day; /* set for it, for its base plan; 0: none */
	bool ended;
};

static struct moment *add_moment(struct laying *laying, enum moment_kind kind, struct instant at)
{
	struct moment *moment = list_add(laying->arena, &laying->moments, struct moment);
	*moment = (struct moment){ .kind = kind, .at = at, .order = laying->moments.count };
	return moment;
}

static const struct timeline_plan *plan_of(const struct timeline_source *source, int64_t id)
{
	for (size_t i = 0; i < source->plan_count; i++)
		if (source->plans[i].plan->id == id)
			return &source->plans[i];
	return NULL;
}

/* NULL: the version has no plan of that code. */
static const struct timeline_plan *plan_in_version(const struct timeline_source *source, struct text code, int64_t version_id)
{
	for (size_t i = 0; i < source->plan_count; i++)
		if (source->plans[i].plan->version_id == version_id && text_equals(source->plans[i].plan->code, code))
			return &source->plans[i];
	return NULL;
}

static bool sets_phases(const struct subscription_event *row)
{
	return row->kind == SUBSCRIPTION_EVENT_KIND_CREATE || row->kind == SUBSCRIPTION_EVENT_KIND_CHANGE;
}

static bool migrates(const struct subscription_event *row)
{
	return row->kind == SUBSCRIPTION_EVENT_KIND_MIGRATE;
}

static bool sets_plan(const struct subscription_event *row)
{
	return sets_phases(row) || migrates(row);
}

/* When the next row of that sort after `i` takes over; the end of time without one. */
static int64_t taken_over_us(const struct timeline_source *source, size_t i,
                             bool (*sort)(const struct subscription_event *row))
{
	for (size_t j = i + 1; j < source->event_count; j++)
		if (sort(&source->events[j]))
			return source->events[j].at.us;
	return INT64_MAX;
}

/* Later versions take over from the row on, until another row names a plan. */
static void add_versions(struct laying *laying, size_t i, const struct timeline_plan *plan)
{
	int64_t from_us = laying->source->events[i].at.us, until_us = taken_over_us(laying->source, i, sets_plan);
	for (size_t k = 0; k < plan->later_count; k++)
		if (plan->from[k].us >= from_us && plan->from[k].us < until_us)
			add_moment(laying, MOMENT_VERSION, plan->from[k])->plan = plan->later[k];
}

/* The last row of that sort in force at an instant; NULL: none. */
static const struct subscription_event *in_force(const struct timeline_source *source, struct instant at,
                                                 bool (*sort)(const struct subscription_event *row))
{
	const struct subscription_event *found = NULL;
	for (size_t i = 0; i < source->event_count && source->events[i].at.us <= at.us; i++)
		if (sort(&source->events[i]))
			found = &source->events[i];
	return found;
}

/* From a migration on its version prices each plan, but for those set by a version that begins after both; a version
 * without the plan leaves it. */
static const struct timeline_plan *priced_from_start(const struct timeline_source *source, const struct subscription_event *row,
                                                     const struct timeline_plan *plan)
{
	const struct subscription_event *migration = in_force(source, row->at, migrates);
	const struct timeline_plan *target = migration ? plan_of(source, migration->catalog_plan_id) : NULL;
	if (!target || (plan->begins.us > migration->at.us && plan->begins.us > target->begins.us))
		return plan;
	const struct timeline_plan *priced = plan_in_version(source, plan->plan->code, target->plan->version_id);
	return priced ? priced : plan;
}

/* The plan in force when the row migrates, by its version; NULL: that has none. The row names the plan that was in force
 * when it was set: another may be now. */
static const struct timeline_plan *migrated(const struct timeline_source *source, const struct subscription_event *row)
{
	const struct subscription_event *set = in_force(source, row->at, sets_phases);
	const struct timeline_plan *plan = set ? plan_of(source, set->catalog_plan_id) : NULL;
	const struct timeline_plan *target = plan_of(source, row->catalog_plan_id);
	return plan && target ? plan_in_version(source, plan->plan->code, target->plan->version_id) : NULL;
}

static struct laid_phases *lay_phases(const struct laying *laying, const struct subscription_event *row,
                                      const struct catalog_plan *plan)
{
	const struct timeline_source *source = laying->source;
	struct laid_phases *laid = arena_new(laying->arena, struct laid_phases);
	bool created = row->kind == SUBSCRIPTION_EVENT_KIND_CREATE;
	struct alignment alignment = {
		.from = row->alignment,
		.bundle_start = source->bundle_start,
		.subscription_start = source->subscription->aligned_from,
		.at = row->at,
		.asked = (enum phase_kind)row->phase,
		.created_in = created ? PHASE_KIND_NONE : (enum phase_kind)source->events[0].phase,
	};
	if (!alignment_lay(source->zone, plan, &alignment, laid)) {
		alignment.asked = PHASE_KIND_NONE;
		alignment_lay(source->zone, plan, &alignment, laid);
	}
	return laid;
}

/* The plan with the phase that its alignment puts it in, the phases after that, and the end of a last one that ends. */
static void add_plan(struct laying *laying, size_t i, const struct timeline_plan *plan, const struct timeline_plan *priced)
{
	const struct subscription_event *row = &laying->source->events[i];
	int64_t until_us = taken_over_us(laying->source, i, sets_phases);
	struct laid_phases *laid = lay_phases(laying, row, plan->plan);
	const struct laid_phase *current = alignment_current(laid, row->at), *last = &laid->items[laid->count - 1];
	struct moment *begins = add_moment(laying, MOMENT_PLAN, row->at);
	begins->row = row;
	begins->plan = priced->plan;
	begins->phase = current ? current : &laid->items[0];
	for (const struct laid_phase *phase = begins->phase + 1; phase <= last; phase++)
		if (phase->start.us < until_us)
			add_moment(laying, MOMENT_PHASE, phase->start)->phase = phase;
	int64_t end_us = last->end.us < row->at.us ? row->at.us : last->end.us;
	if (last->end.us != 0 && end_us < until_us)
		add_moment(laying, MOMENT_END, (struct instant){ end_us })->expires = true;
}

/* What names a plan or a version of it, and the versions that take over from that. */
static void add_plan_row(struct laying *laying, size_t i)
{
	const struct subscription_event *row = &laying->source->events[i];
	const struct timeline_plan *plan = plan_of(laying->source, row->catalog_plan_id), *priced = NULL;
	if (sets_phases(row) && plan) {
		priced = priced_from_start(laying->source, row, plan);
		add_plan(laying, i, plan, priced);
	}
	if (migrates(row) && (priced = migrated(laying->source, row)) != NULL)
		add_moment(laying, MOMENT_VERSION, row->at)->plan = priced->plan;
	if (priced)
		add_versions(laying, i, priced);
}

static void add_row(struct laying *laying, size_t i)
{
	const struct subscription_event *row = &laying->source->events[i];
	if (sets_plan(row))
		add_plan_row(laying, i);
	if (row->kind == SUBSCRIPTION_EVENT_KIND_QUANTITY)
		add_moment(laying, MOMENT_QUANTITY, row->at)->row = row;
	if (row->kind == SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY)
		add_moment(laying, MOMENT_DAY, row->at)->row = row;
	if (row->kind == SUBSCRIPTION_EVENT_KIND_CANCEL) {
		add_moment(laying, MOMENT_END, row->at)->row = row;
		laying->timeline->cancelled = true;
		laying->timeline->service_ends_at = row->service_at.us ? row->service_at : row->at;
	}
}

static int compare_moments(const void *a, const void *b)
{
	const struct moment *left = a, *right = b;
	if (left->at.us != right->at.us)
		return left->at.us < right->at.us ? -1 : 1;
	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

static void collect_moments(struct laying *laying)
{
	const struct timeline_source *source = laying->source;
	for (size_t i = 0; i < source->event_count; i++)
		add_row(laying, i);
	for (size_t i = 0; i < source->base_event_count; i++)
		if (source->base_events[i].kind == SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY)
			add_moment(laying, MOMENT_BASE_DAY, source->base_events[i].at)->row = &source->base_events[i];
	if (source->base_ends_at.us != 0)
		add_moment(laying, MOMENT_END, source->base_ends_at)->expires = source->base_expires;
	if (laying->moments.count > 1)
		qsort(laying->moments.items, laying->moments.count, sizeof *laying->moments.items, compare_moments);
}

/* ------------------------------------------------------------------------------------------------ events */

static void set_prices(const struct laying *laying, const struct phase *phase, struct billing_event *event)
{
	const struct currency *currency = laying->source->currency;
	event->has_fixed = catalog_price_in(phase->fixed.items, phase->fixed.count, currency, &event->fixed);
	event->has_recurring = phase->billing_period != PHASE_BILLING_PERIOD_NONE &&
	                       catalog_price_in(phase->recurring.items, phase->recurring.count, currency,
	                                        &event->recurring);
	event->period = event->has_recurring ? (enum billing_period)phase->billing_period : BILLING_PERIOD_NONE;
	event->in_arrear = laying->plan->billing_mode == CATALOG_PLAN_BILLING_MODE_IN_ARREAR;
	const struct catalog_plan *plan = laying->plan;
	if (phase->kind != PHASE_KIND_TRIAL)
		catalog_price_in(plan->minimum_commitment.items, plan->minimum_commitment.count, currency, &event->minimum);
	event->has_thresholds = plan->usage_thresholds.count > 0;
	event->usages = phase->usages.items;
	event->usage_count = phase->usages.count;
}

/* Of the version in force; a version without this phase leaves the one that was laid. */
static const struct phase *phase_in_force(const struct laying *laying)
{
	const struct phase *phase = catalog_plan_phase(laying->plan, laying->phase->phase->kind);
	return phase ? phase : laying->phase->phase;
}

static struct billing_event *emit(struct laying *laying, enum billing_transition transition, struct instant at)
{
	struct billing_event *event = list_add(laying->arena, &laying->timeline->laid, struct billing_event);
	const struct phase *phase = phase_in_force(laying);
	*event = (struct billing_event){
		.subscription_id = laying->source->subscription->id,
		.transition = transition,
		.at = at,
		.date = timezone_date(laying->source->zone, at),
		.catalog_plan_id = laying->plan->id,
		.plan = laying->plan->code,
		.phase = catalog_phase_name(laying->arena, laying->plan, phase),
		.phase_kind = phase->kind,
		.phase_length = catalog_phase_length(phase),
		.quantity = decimal_from_int64(laying->quantity),
		.counts = laying->counts,
	};
	if (transition != BILLING_TRANSITION_CANCEL)
		set_prices(laying, phase, event);
	/* What is charged once is charged where a phase or plan begins. */
	if (transition != BILLING_TRANSITION_CREATE && transition != BILLING_TRANSITION_PHASE &&
	    transition != BILLING_TRANSITION_CHANGE)
		event->has_fixed = false;
	return event;
}

static int day_of_account(struct laying *laying)
{
	laying->timeline->follows_account = true;
	return laying->source->account_day;
}

/* 0: the subscription's own, which is known when all events are. */
static int day_in_force(struct laying *laying)
{
	if (laying->day)
		return laying->day;
	if (laying->billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_SUBSCRIPTION)
		return 0;
	if (laying->billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_BUNDLE)
		return laying->base_day ? laying->base_day : laying->source->base_day;
	return day_of_account(laying);
}

/* What the plan names counts before what account or tenant said, not before what the subscription asked for. */
static void count_by_plan(struct laying *laying)
{
	struct text name = laying->plan->convention;
	if (text_present(name) && laying->counts.by != CONVENTION_BY_SUBSCRIPTION)
		laying->counts = convention_choice_kept(name, CONVENTION_BY_PLAN);
}

static void begin_plan(struct laying *laying, const struct moment *moment)
{
	const struct subscription_event *row = moment->row;
	laying->plan = moment->plan;
	laying->phase = moment->phase;
	laying->billing_alignment = row->billing_alignment;
	laying->counts = convention_choice_kept(row->convention, (enum convention_by)row->convention_by);
	if (moment->plan->id != row->catalog_plan_id)
		count_by_plan(laying);
	if (row->has_bill_cycle_day)
		laying->day = (int)row->bill_cycle_day;
	if (row->has_quantity)
		laying->quantity = row->quantity;
}

/* What the moment makes of what is in force; false: nobody is told. */
static bool apply_moment(struct laying *laying, const struct moment *moment, enum billing_transition *transition)
{
	switch (moment->kind) {
	case MOMENT_PLAN:
		begin_plan(laying, moment);
		*transition = moment->row->kind == SUBSCRIPTION_EVENT_KIND_CREATE ? BILLING_TRANSITION_CREATE
		                                                                 : BILLING_TRANSITION_CHANGE;
		return true;
	case MOMENT_VERSION:
		laying->plan = moment->plan;
		count_by_plan(laying);
		*transition = BILLING_TRANSITION_MIGRATE;
		return true;
	case MOMENT_PHASE:
		laying->phase = moment->phase;
		*transition = BILLING_TRANSITION_PHASE;
		return true;
	case MOMENT_QUANTITY:
		laying->quantity = moment->row->quantity;
		*transition = BILLING_TRANSITION_QUANTITY;
		return true;
	case MOMENT_BASE_DAY:
		laying->base_day = (int)moment->row->bill_cycle_day;
		*transition = BILLING_TRANSITION_BILL_CYCLE_DAY;
		return laying->billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_BUNDLE && !laying->day;
	case MOMENT_DAY:
		laying->day = (int)moment->row->bill_cycle_day;
		*transition = BILLING_TRANSITION_BILL_CYCLE_DAY;
		return true;
	case MOMENT_END:
		laying->ended = true;
		laying->timeline->ends_at = moment->at;
		laying->timeline->expires = moment->expires;
		*transition = BILLING_TRANSITION_CANCEL;
		return true;
	}
	return false;
}

static void set_day(struct billing_event *event, int day)
{
	const struct convention *convention = event->counts.convention;
	bool has_own = convention && !convention_takes_day(convention);
	event->asked_day = has_own ? day : 0;
	event->bill_cycle_day = has_own && convention->anchor == CONVENTION_ANCHOR_CALENDAR && !day ? 1 : day;
}

/* A day set for the moment of the creation is the creation's: it does not stand beside it, where it would hide what is
 * charged once then. */
static bool joins_creation(const struct laying *laying, const struct moment *moment)
{
	const struct billing_event_list *laid = &laying->timeline->laid;
	return moment->kind == MOMENT_DAY && laid->count == 1 && laid->items[0].at.us == moment->at.us;
}

/* A moment before the creation (a base plan that ended, a day that was set) counts from the creation on. */
static void lay_moment(struct laying *laying, const struct moment *moment)
{
	enum billing_transition transition;
	const struct subscription_event *creation = &laying->source->events[0];
	bool begun = laying->plan != NULL;
	if (!begun && moment->kind != MOMENT_PLAN && moment->kind != MOMENT_DAY && moment->kind != MOMENT_BASE_DAY)
		return;
	bool told = apply_moment(laying, moment, &transition);
	if (!told || !laying->plan || (!begun && moment->kind != MOMENT_PLAN))
		return;
	if (joins_creation(laying, moment)) {
		set_day(&laying->timeline->laid.items[0], laying->day);
		return;
	}
	set_day(emit(laying, transition, moment->at.us < creation->at.us ? creation->at : moment->at), day_in_force(laying));
}

/* ------------------------------------------------------------------------------------------------ days */

static bool is_paid(const struct billing_event *event)
{
	return event->has_recurring && decimal_sign(event->recurring) > 0;
}

/* The first event that costs something each period; without one where its last phase begins. */
static const struct billing_event *first_paid(const struct billing_event_list *events)
{
	const struct billing_event *last = NULL;
	for (size_t i = 0; i < events->count; i++) {
		const struct billing_event *event = &events->items[i];
		if (is_paid(event))
			return event;
		if (!last || event->transition == BILLING_TRANSITION_PHASE)
			last = event;
	}
	return last;
}

static void resolve_days(struct timeline *timeline)
{
	const struct billing_event *paid = first_paid(&timeline->laid);
	timeline->own_day = paid ? date_day_of_month(paid->date) : 0;
	for (size_t i = 0; i < timeline->laid.count; i++)
		if (timeline->laid.items[i].bill_cycle_day == 0)
			timeline->laid.items[i].bill_cycle_day = timeline->own_day;
}

/* ------------------------------------------------------------------------------------------------ cycles */

/* Do the cycles of `before` go on with `event`? */
static bool goes_on(const struct billing_event *before, const struct billing_event *event)
{
	bool same_period = before->period == event->period || event->transition == BILLING_TRANSITION_CANCEL;
	return !billing_event_counts_anew(event) && before->counts.convention == event->counts.convention && same_period && before->asked_day == event->asked_day &&
	       (!convention_takes_day(event->counts.convention) || before->bill_cycle_day == event->bill_cycle_day);
}

static bool counts_seconds(const struct billing_event *event)
{
	return event->counts.convention && event->counts.convention->unit == CONVENTION_UNIT_SECOND;
}

/* What was charged until the day of the event number i; NULL: nothing was. */
static const struct billing_event *charged_before(const struct billing_event_list *laid, size_t i)
{
	size_t before = i;
	while (before > 0 && date_compare(laid->items[before - 1].date, laid->items[i].date) == 0)
		before--;
	return before > 0 && laid->items[before - 1].has_recurring ? &laid->items[before - 1] : NULL;
}

/* The time of day at which cycles counted anew from the event begin: where what was charged before ends that day, so that
 * no hour is left out. Days end at midnight, a cycle at its own hour, all else when the event happens. */
static int64_t begins_at(const struct timezone_rules *zone, const struct billing_event *before, const struct billing_event *event)
{
	if (before && !counts_seconds(before))
		return 0;
	if (before) {
		const struct convention_cycles cycles = billing_event_cycles(before);
		struct billing_grid grid = convention_grid(&cycles, before->period);
		if (date_compare(billing_cycle_containing(&grid, event->date).start, event->date) == 0)
			return before->time_of_day_us;
	}
	return timezone_time_of_day_us(zone, event->at);
}

static void count_cycles(const struct timezone_rules *zone, struct timeline *timeline)
{
	for (size_t i = 0; i < timeline->laid.count; i++) {
		struct billing_event *event = &timeline->laid.items[i];
		if (billing_event_counts_anew(event))
			continue;
		const struct billing_event *before = charged_before(&timeline->laid, i);
		bool continues = i > 0 && goes_on(&event[-1], event);
		/* Of several events of one day the last counts, also where the first of them has counted anew. */
		bool anew = before && continues && date_compare(event[-1].counted_from, event->date) == 0;
		event->counted_from = continues ? event[-1].counted_from : event->date;
		event->time_of_day_us = continues && !anew ? event[-1].time_of_day_us : begins_at(zone, before, event);
	}
}

void timeline_lay(struct arena *arena, const struct timeline_source *source, struct timeline *timeline)
{
	struct laying laying = { .arena = arena, .source = source, .timeline = timeline, .quantity = 1 };
	struct blocked_stretches stretches = { 0 };
	*timeline = (struct timeline){ .states = source->states, .state_count = source->state_count };
	if (source->event_count == 0)
		return;
	collect_moments(&laying);
	for (size_t i = 0; i < laying.moments.count && !laying.ended; i++)
		lay_moment(&laying, &laying.moments.items[i]);
	resolve_days(timeline);
	count_cycles(source->zone, timeline);
	for (size_t i = 0; i < timeline->laid.count; i++)
		*list_add(arena, &timeline->events, struct billing_event) = timeline->laid.items[i];
	blocked_stretches_of(arena, source->states, source->state_count, &stretches);
	blocked_events_apply(arena, source->zone, &stretches, &timeline->events);
}

/* ------------------------------------------------------------------------------------------------ looking things up */

const struct billing_event *billing_event_at(const struct billing_event_list *events, struct instant at)
{
	const struct billing_event *found = NULL;
	for (size_t i = 0; i < events->count && events->items[i].at.us <= at.us; i++)
		found = &events->items[i];
	return found;
}

const struct billing_event *billing_event_after(const struct billing_event_list *events, struct instant at)
{
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].at.us > at.us)
			return &events->items[i];
	return NULL;
}

struct date timeline_next_date(const struct billing_event_list *events, int64_t subscription_id, struct date after)
{
	for (size_t i = 0; i < events->count; i++)
		if (events->items[i].subscription_id == subscription_id &&
		    date_compare(events->items[i].date, after) > 0)
			return events->items[i].date;
	return DATE_NONE;
}
