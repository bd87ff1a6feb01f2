/* component_line.h: lines of components, and the charges that wait to become lines. */
#ifndef MOONBILL_BILLING_COMPONENT_LINE_H
#define MOONBILL_BILLING_COMPONENT_LINE_H

#include "component_sum.h"
#include "invoice.h"

/* What is on a line: a component for a stretch of time. */
struct component_said {
	enum invoice_line_kind kind;
	const struct component *component;
	int64_t price_point_id;
	struct text description;
	struct decimal quantity;
	bool has_unit_price;
	struct decimal unit_price;
	struct text decision;
};
void component_line(const struct component_billing *billing, const struct component_time *time,
                    const struct component_said *said, const struct component_sum *sum, struct invoice_line *line);

/* The line that a charge becomes. */
bool component_charge_line(struct command *command, const struct account *account, const struct subscription *subscription,
                           const struct component_charge *charge, struct invoice_line *line);
/* The charge that a line is, of which there is none; without id. */
bool component_charge_of_line(struct command *command, const struct invoice_line *line, struct component_charge *charge);
/* The charge is on this invoice, which has its line. */
bool component_charge_settle(struct command *command, struct component_charge *charge, const struct invoice *invoice);

#endif
