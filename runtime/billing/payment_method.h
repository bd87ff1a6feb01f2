/* payment_method.h: how an account pays: a gateway's token and what may be shown of the card. */
#ifndef MOONBILL_BILLING_PAYMENT_METHOD_H
#define MOONBILL_BILLING_PAYMENT_METHOD_H

#include "event/command.h"

/* payment_method.create (payment_method_create -> payment_method) */
extern const struct command_type payment_method_commands[];

struct payment_method_list {
	struct payment_method *items;
	size_t count, capacity;
};
/* *method = NULL when there is none. */
bool payment_method_find(struct command *command, int64_t id, struct payment_method **method);
bool payment_methods_of_account(struct command *command, int64_t account_id, struct payment_method_list *methods);
/* "Visa: 1111" */
struct text payment_method_text(struct arena *arena, struct text brand, struct text last_four);
/* Keeps the card of an approved charge (outcome: token, brand, last four, expiry) with this preference and points the
 * account at its lowest one. The same card (token; or brand, last four and expiry) is kept once; an older method of
 * this preference loses it. */
bool payment_method_keep(struct command *command, int64_t account_id, struct text gateway,
                         const struct gateway_outcome *outcome, int64_t auto_pay, struct payment_method **method);

#endif
