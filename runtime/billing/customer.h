/* customer.h: the login and contact side of exactly one account.
 *
 * Commands: customer.create (makes the account first, through account.create, unless account_id names one
 * without a customer), customer.update, customer.status. External key and username are unique per tenant.
 */
#ifndef MOONBILL_BILLING_CUSTOMER_H
#define MOONBILL_BILLING_CUSTOMER_H

#include "event/command.h"
#include "page.h"

extern const struct command_type customer_commands[];

/* *customer = NULL when there is none. */
bool customer_find(struct command *command, int64_t id, struct customer **customer);
bool customer_by_key(struct command *command, struct text external_key, struct customer **customer);
bool customer_by_account(struct command *command, int64_t account_id, struct customer **customer);

/* The account that an input means by one of three names, with its customer (NULL when it has none); `customer`
 * itself may be NULL. Two names that mean different accounts are PROBLEM_INVALID_COMBINATION, none at all is
 * PROBLEM_MISSING_FIELD, an unknown one PROBLEM_NOT_FOUND at "/account_id", "/customer_id" or "/customer_key". */
bool customer_account(struct command *command, int64_t account_id, int64_t customer_id, struct text customer_key,
                      struct account **account, struct customer **customer);

/* The act of customer.status, also of one that was terminated: customer.status_change pre, row, its account, post. */
bool customer_set_status(struct command *command, struct customer *customer, enum customer_status status,
                         struct text reason);

/* The account that customer.create would make, with an id that was taken for it; nothing is stored. */
struct account *customer_account_ahead(struct command *command, const struct customer_create *input, int64_t account_id);
/* The act of customer.create: its account gets the id that was taken for it (0: a new one); `order_number`: of the order that
 * it came with. */
bool customer_create_as(struct command *command, const struct customer_create *input, int64_t account_id,
                        struct text order_number, struct customer **customer);

struct customer_list {
	struct customer *items;
	size_t count, capacity;
};
bool customer_page(struct command *command, struct page_query page, struct customer_list *customers);

/* In the order of their ids; every given condition must hold. Windows are half-open. */
struct customer_query {
	int64_t offset;
	size_t max;                   /* as page_query.limit */
	enum customer_status status;  /* 0: any */
	struct text search; /* a part of name, external key or username; case of ASCII letters does not count */
	struct instant created_from, created_to, updated_from, updated_to; /* none: open */
};
bool customer_search(struct command *command, const struct customer_query *query, struct customer_list *customers);

#endif
