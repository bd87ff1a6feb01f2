/* sending.h: invoices and credit notes go to their accounts by mail.
 *
 *     invoice.send       invoice_send     -> sent_batch   invoice.send_batch pre once, then invoice.send pre, post each
 *     credit_note.send   credit_note_send -> sent_batch   credit_invoice.send pre, post each
 *
 * Each goes by itself: one that a rule rejects, or that cannot be sent, is held back alone, and the answer says why. What is
 * sent is a delivery of the channel "mail" with the invoice attached, and sent_at. A rejected batch sends nothing. To send
 * again is allowed. Source: atomia-aps-blubilling.md A.3.3.
 */
#ifndef MOONBILL_BILLING_SENDING_H
#define MOONBILL_BILLING_SENDING_H

#include "event/command.h"

extern const struct command_type sending_commands[];

#endif
