/* component_assess_work.h: one assessment in the making. Private to the files component_assess*.c. */
#ifndef MOONBILL_BILLING_COMPONENT_ASSESS_WORK_H
#define MOONBILL_BILLING_COMPONENT_ASSESS_WORK_H

#include "component_assess.h"

struct assessed_component {
	struct subscription_component *had;
	const struct component *component;
	const struct price_point *point;
	struct exact_money rate; /* charged_rate from then on */
	bool once;               /* it was charged, and is had no more */
};
/* What is settled of one component when the lines are written. */
struct assessed_span {
	struct component_span span;
	const struct component_usage_source *source;
};
struct component_assessment {
	struct component_billing billing;
	struct instant now;
	struct invoice_line_list *lines;
	size_t first_line, most;
	bool loaded, waited;
	bool running;   /* the period goes on: a least that it costs is not due yet */
	struct { struct assessed_component *items; size_t count, capacity; } components;
	struct { struct assessed_span *items; size_t count, capacity; } spans; /* in the order in which they were asked */
	struct component_charge_list waiting;
	struct instant from, until, at; /* the marks of the subscription from then on */
	bool cut;
};

/* ---- what it comes to: each appends lines ---- */
/* What is had, for a period that begins. */
bool assess_in_advance(struct component_assessment *assessment, const struct component_time *time);
/* What is charged of the time in [from, until) is given back. */
bool assess_unused(struct component_assessment *assessment, struct instant from, struct instant until);
/* What was used in [from, until). */
bool assess_used(struct component_assessment *assessment, struct instant from, struct instant until, bool ends);
/* Charges that waited, once. */
bool assess_waiting(struct component_assessment *assessment);

#endif
