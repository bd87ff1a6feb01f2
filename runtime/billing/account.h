/* account.h: one customer of the tenant as the party that owes money.
 *
 * Commands: account.create, account.update, account.address_update, each with its event before and after.
 * Currency and time zone are the tenant's unless given, and stay.
 */
#ifndef MOONBILL_BILLING_ACCOUNT_H
#define MOONBILL_BILLING_ACCOUNT_H

#include "event/command.h"
#include "page.h"

extern const struct command_type account_commands[];

/* *account = NULL when there is none. */
bool account_find(struct command *command, int64_t id, struct account **account);
bool account_by_key(struct command *command, struct text external_key, struct account **account);
/* The account, or NULL and PROBLEM_NOT_FOUND at `pointer`. */
struct account *account_need(struct command *command, int64_t id, const char *pointer);
struct account_list {
	struct account *items;
	size_t count, capacity;
};
bool account_page(struct command *command, struct page_query page, struct account_list *accounts);

/* An account as account.create would make it, without an id; nothing is stored. */
struct account *account_make(struct command *command, const struct account_create *input);
/* The act of account.create, with an id that was taken before; 0: a new one. */
bool account_create_as(struct command *command, const struct account_create *input, int64_t id, struct account **account);
/* Writes the row with updated_at = now; no event. For what billing itself keeps there (payment_method_id,
 * bill_cycle_day). */
bool account_save(struct command *command, struct account *account);
/* From now on its invoices look for coupons. */
bool account_mark_discounted(struct command *command, struct account *account);
/* From now on they look for wallets. */
bool account_mark_prepaying(struct command *command, struct account *account);
/* The same of next_bill_date alone, which changes with each billing run. */
bool account_save_next_bill_date(struct command *command, struct account *account, struct date date);

#endif
