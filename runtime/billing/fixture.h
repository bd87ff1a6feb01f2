/* fixture.h: the past of a test tenant, set by hand.
 *
 * Command fixture.set (scope admin; PROBLEM_FORBIDDEN for a live tenant): what ids and numbers begin with,
 * values forced upon rows, invoices of before, and the script of the test gateway. For the case runner and for demo tenants.
 *
 * Sequence names: "<record>_id" is the id of that record's next row; "order_number", "invoice_number", "serial"
 * and any other name are series of store_next_number.
 */
#ifndef MOONBILL_BILLING_FIXTURE_H
#define MOONBILL_BILLING_FIXTURE_H

#include "event/command.h"

extern const struct command_type fixture_commands[];

/* What is given next under this name. */
int64_t fixture_sequence_next(struct command *command, struct text name);

/* An invoice as it is given, without events (fixture_invoice.c). */
bool fixture_invoice_add(struct command *command, const struct fixture_invoice *given, const char *pointer);

#endif
