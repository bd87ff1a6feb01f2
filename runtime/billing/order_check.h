/* order_check.h: what must hold of an order before it is stored; run before and after rules may have changed it. */
#ifndef MOONBILL_BILLING_ORDER_CHECK_H
#define MOONBILL_BILLING_ORDER_CHECK_H

#include "event/command.h"

/* The plans that an order's lines name. */
struct order_plans {
	struct plan *plan;        /* order.plan; NULL when it names none */
	struct plan **line_plans; /* by line: its own plan, or NULL */
	bool has_main_lines;      /* some line is a charge of order.plan */
};

/* Plans can be ordered and are in the account's currency; each line names either a price code of the order's plan or a
 * plan of its own, with a quantity above zero and within the charge's limit; dates are in order; discounts have a
 * percentage. Gives positions to lines without one. Stops at the first problem, with its pointer. */
bool order_check(struct command *command, const struct account *account, struct order *order,
                 struct order_plans *plans);
/* The part of it that is about dates and discounts. */
bool order_check_terms(struct command *command, const struct account *account, const struct order *order);

#endif
