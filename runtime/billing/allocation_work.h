/* allocation_work.h: one request of allocations in the making. Private to the files allocation*.c. */
#ifndef MOONBILL_BILLING_ALLOCATION_WORK_H
#define MOONBILL_BILLING_ALLOCATION_WORK_H

#include "allocation.h"
#include "component_sum.h"
#include "timeline.h"

/* The numbers of the words of allocation_schemes. */
enum change_scheme { SCHEME_UNSAID, SCHEME_FULL, SCHEME_PRORATED, SCHEME_NOTHING };
enum change_direction { DIRECTION_NONE, DIRECTION_UPGRADE, DIRECTION_DOWNGRADE };

/* One change. */
struct allocating_item {
	const struct allocation_item *input;
	const char *pointer;                 /* "/allocations/0" */
	struct component *component;
	struct subscription_component *had;
	const struct price_point *before, *after;
	struct allocation *allocation;
	struct component_cost cost_before, cost_after;
	struct exact_money difference;       /* of a whole period */
	enum change_direction direction; /* its own */
	enum change_scheme scheme;       /* that decided; unsaid: nothing is charged yet, or it costs the same */
	struct component_sum sum;
	struct component_charge *charge;     /* NULL: it costs nothing */
};
struct allocating {
	struct command *command;
	const struct allocation_create *input;
	struct subscription *subscription;
	struct account *account;
	struct timeline timeline;
	struct item_amount amount;
	struct component_billing billing;
	struct instant at;
	bool charged;                        /* the subscription is charged for the period that holds `at` */
	struct component_time time;          /* charged: from `at` to where it is charged */
	bool accrue;                         /* what the request, or else the tenant, says */
	struct allocating_item *items;
	size_t count;
	bool fine_grained;
	enum change_direction direction; /* of all together; none: fine-grained, or nothing */
	struct money total;
	struct invoice *invoice;             /* NULL: nothing was invoiced at once */
};

/* Is it a lot of a prepaid component? */
static inline bool allocating_lot(const struct allocating_item *item)
{
	return item->component->kind == COMPONENT_KIND_PREPAID;
}

/* All of allocation.create, as if it were made at `at`. */
bool allocations_make(struct command *command, const struct allocation_create *input, struct instant at,
                      struct allocating *work);

/* ---- its steps ---- */
/* Costs before and after, directions, sums and charges; writes nothing. */
bool allocations_price(struct allocating *work);
/* Puts charges that do not wait on an invoice, with their taxes, and asks for its payment. */
bool allocations_invoice(struct allocating *work);
bool allocation_preview_perform(struct command *command, const void *input, void **output);

#endif
