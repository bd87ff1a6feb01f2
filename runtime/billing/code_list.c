/* code_list.c: codes that a statement lists, to name the nearest of them to one that is unknown. */
#include "code_list.h"

bool code_list_row(void *context, const struct store_row *row)
{
	struct code_list *list = context;
	*list_add(list->arena, &list->codes, const char *) = text_c(list->arena, store_row_text(row, 0));
	return true;
}

static const char *candidate(const void *context, size_t i)
{
	const struct code_list *list = context;
	return i < list->codes.count ? list->codes.items[i] : NULL;
}

const char *code_list_nearest(const struct code_list *list, struct text code)
{
	return text_did_you_mean(list->arena, code, candidate, list);
}
