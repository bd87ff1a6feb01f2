/* invoice_preview.h: invoices that would be, of which nothing stays.
 *
 * Of a day and of the next one the account's planned work is done in order, each piece at its own instant as the clock will
 * do it, and undone; so dates, rules that ask for today, credits and drafts are those of then.
 */
#ifndef MOONBILL_BILLING_INVOICE_PREVIEW_H
#define MOONBILL_BILLING_INVOICE_PREVIEW_H

#include "event/command.h"

/* invoice.preview  invoice_preview -> invoice; no output: there would be none */
extern const struct command_type invoice_preview_commands[];

#endif
