/* object_filter.h: which orders, invoices, payments ... a page holds: newest first, by offset or after the last id
 * seen. */
#ifndef MOONBILL_BILLING_OBJECT_FILTER_H
#define MOONBILL_BILLING_OBJECT_FILTER_H

#include "event/command.h"

enum { OBJECT_PAGE_MAX = 1000, OBJECT_PAGE_DEFAULT = 100 };

/* All zero: the newest OBJECT_PAGE_DEFAULT of the tenant. */
struct object_filter {
	int64_t account_id;                        /* 0: of every account */
	int status;                                /* the record's own enum; 0: any */
	struct instant created_from, created_until; /* half-open; none: unbounded */
	struct instant updated_from, updated_until; /* credits: not used, nor is status */
	int64_t before_id;                         /* keyset: only ids below this one; 0: from the newest */
	int64_t offset;                            /* rows to skip after that */
	int64_t max;                               /* 0: OBJECT_PAGE_DEFAULT; more than OBJECT_PAGE_MAX is cut */
};

/* Runs a page statement with the parameters $2 account, $3 status, $4 and $5 created, $6 and $7 updated, $8 before,
 * $9 offset, $10 max into a list of records. `of_account` is the statement used when the filter names an account: it
 * walks the account's rows instead of the tenant's. */
bool object_page(struct command *command, enum statement of_tenant, enum statement of_account,
                 const struct object_filter *filter, const struct record *record, struct record_list *rows);
/* filter->max within its limits. */
int64_t object_page_rows(const struct object_filter *filter);

#endif
