/* written_off.h: what goes back of invoices that were given up.
 *
 * What a repair gives back of an invoice that was written off was paid for as far as the invoice was. Of what nobody paid it is no
 * money of the account's: it lowers what was given up. So that both invoices say so, it is a credit of the one that gives back,
 * used at once for the one that was given up.
 */
#ifndef MOONBILL_BILLING_WRITTEN_OFF_H
#define MOONBILL_BILLING_WRITTEN_OFF_H

#include "invoice.h"

/* Of an invoice that has just become open: *returned = what its repairs give back of amounts that were given up, at least 0. Its
 * balance is total + *returned, if that is above zero. */
bool written_off_return(struct command *command, struct invoice *invoice, struct money *returned);

#endif
