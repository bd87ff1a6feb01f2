/* page.h: how lists are asked for.
 *
 * Rows come in the order of their ids, so that the last id of a page is the cursor of the next one and rows
 * made in the meantime only follow at the end.
 */
#ifndef MOONBILL_BILLING_PAGE_H
#define MOONBILL_BILLING_PAGE_H

#include <stddef.h>
#include <stdint.h>

enum { PAGE_LIMIT_DEFAULT = 50, PAGE_LIMIT_MAX = 500 };

struct page_query {
	int64_t after_id; /* 0: from the first */
	size_t limit;     /* 0 = PAGE_LIMIT_DEFAULT; never more than PAGE_LIMIT_MAX rows are given */
};

static inline int64_t page_limit(struct page_query page)
{
	if (page.limit == 0)
		return PAGE_LIMIT_DEFAULT;
	return page.limit > PAGE_LIMIT_MAX ? PAGE_LIMIT_MAX : (int64_t)page.limit;
}

#endif
