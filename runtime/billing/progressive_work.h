/* progressive_work.h: what subscriptions use in their running periods. Private to the files progressive_*.c. */
#ifndef MOONBILL_BILLING_PROGRESSIVE_WORK_H
#define MOONBILL_BILLING_PROGRESSIVE_WORK_H

#include "item_amount.h"
#include "progressive.h"
#include "progressive_billing.h"

#define PROGRESSIVE_LOOK "progressive_billing.look"

/* One usage section, or one component: `line` is what its period's invoice would charge now. */
struct progressive_measure {
	struct invoice_line line;
	size_t line_count;      /* the component's lines that it sums up; of a section 1 */
	struct money invoiced;  /* of it, within the period */
};
struct progressive_measures {
	struct progressive_measure *items;
	size_t count, capacity;
	struct money usage, invoiced; /* of all */
};
/* `amount` is of the account; `open_from` none: nothing was invoiced within a period that runs. */
bool progressive_measure(struct item_amount *amount, const struct subscription *subscription, struct date open_from,
                         struct progressive_measures *measures);

/* Charges of invoices within periods that are not credited, each with what credit notes have left of it: none without. */
struct progressive_line {
	struct invoice_line line;
	struct text invoice_number;
	struct money left;
};
struct progressive_lines {
	struct progressive_line *items;
	size_t count, capacity;
};
bool progressive_lines_open(struct command *command, const struct subscription *subscription, struct date open_from,
                            struct progressive_lines *open);

/* Those in force today: its own, or its plan's. The arrays are in the command's arena. */
bool progressive_thresholds(struct command *command, const struct progressive_billing *billing,
                            const struct subscription *subscription, struct usage_thresholds *thresholds);
bool progressive_billing_save(struct command *command, struct progressive_billing *billing);
bool progressive_look_job(struct command *command, const struct job *job); /* progressive_invoice.c */

#endif
