/* component_usage.h: what assessments ask of the kinds of components that are used: metered, prepaid, event.
 *
 *     an assessment at T  --used(from, T)-->    what of [from, T) is billed, each part a line in arrears
 *                         --bought(T)-->        what is bought anew with the period that begins, each a line in advance
 *                         --settle(from, T)-->  after the lines are written: balances begin anew, rows are marked
 *
 * used and bought write nothing and may be asked again (previews, trials that are too large); settle is called once, also where
 * there was no line. A run that catches up asks of several periods before it settles the first: answers go by [from, until), not
 * by a balance. Each kind answers in a file of its own; a kind without a source has nothing in arrears.
 */
#ifndef MOONBILL_BILLING_COMPONENT_USAGE_H
#define MOONBILL_BILLING_COMPONENT_USAGE_H

#include "invoice.h"
#include "price_segment.h"
#include "subscription_component.h"
#include "value/json.h"

/* What one line is for. */
struct component_used {
	int64_t price_point_id;          /* 0: the one that the subscription has of the component */
	const struct price_segment *segment; /* whose price is in place of the price point's; NULL: none */
	struct segment_values values;    /* of the properties that its events are told apart by */
	bool overage;                    /* priced by overage_price */
	struct decimal quantity;
	bool has_whole_quantity;
	struct decimal whole_quantity;   /* price_request's */
	struct price_event *events; /* of prices that count them one by one */
	size_t event_count;
	int64_t all_events;              /* how many events there were, also where they are not told one by one */
	bool has_events_price;
	struct decimal events_price;     /* what they say they cost together */
	bool shown_free;                 /* its line is there though it costs nothing: nobody says what it costs */
	struct text note;                /* goes behind the component's name on the invoice; none */
	struct text detail;              /* JSON, kept in the line's decision as "used"; none */
};
struct component_used_list {
	struct component_used *items;
	size_t count, capacity;
};

/* Whose usage, and of when: [from, until). */
struct component_span {
	const struct account *account;
	const struct subscription *subscription;
	const struct subscription_component *had;
	const struct component *component;
	const struct price_point *point; /* that the subscription has of it */
	struct instant from, until;
	bool ends;                       /* billing of the subscription ends at `until` */
};
struct component_usage_source {
	bool (*used)(struct command *command, const struct component_span *span, struct component_used_list *used);
	bool (*bought)(struct command *command, const struct component_span *span, struct component_used_list *bought);
	/* `invoice`: that the lines are on; NULL: there were none. */
	bool (*settle)(struct command *command, const struct component_span *span, const struct invoice *invoice);
};
extern const struct component_usage_source component_metered_source, component_prepaid_source, event_usage_source;
/* The events of a line that were priced one by one, read again as they were when it was made. `detail` is the used detail that the
 * line keeps; of the span the subscription is read. *found false: they cannot be told from it. */
bool event_usage_replay(struct command *command, const struct component_span *span, const struct json *detail,
                        const struct price_terms *terms, struct component_used *used, bool *found);
/* NULL: nothing of the kind is billed in arrears. Any member may be NULL. */
const struct component_usage_source *component_usage_source(enum component_kind kind);

#endif
