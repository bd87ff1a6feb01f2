/* code_list.h: codes that a statement lists, to name the nearest of them to one that is unknown. */
#ifndef MOONBILL_BILLING_CODE_LIST_H
#define MOONBILL_BILLING_CODE_LIST_H

#include "event/command.h"

struct code_list {
	struct arena *arena;
	struct { const char **items; size_t count, capacity; } codes;
};
/* For store_each: keeps the first column of each row. */
bool code_list_row(void *context, const struct store_row *row);
/* " (did you mean 'x'?)" or "". */
const char *code_list_nearest(const struct code_list *list, struct text code);

#endif
