/* object_filter.c: pages of orders, invoices, payments ..., newest first. */
#include "object_filter.h"

int64_t object_page_rows(const struct object_filter *filter)
{
	if (filter->max <= 0)
		return OBJECT_PAGE_DEFAULT;
	return filter->max < OBJECT_PAGE_MAX ? filter->max : OBJECT_PAGE_MAX;
}

static struct store_bind bind_status(const struct record *record, int status)
{
	int field = record_field_find(record, TEXT("status"));
	return status ? bind_c(record->fields[field].words[status]) : bind_null();
}

bool object_page(struct command *command, enum statement of_tenant, enum statement of_account,
                 const struct object_filter *filter, const struct record *record, struct record_list *rows)
{
	return store_all(command->store, filter->account_id ? of_account : of_tenant,
	                 BINDS(bind_id(filter->account_id), bind_status(record, filter->status),
	                       bind_instant(filter->created_from), bind_instant(filter->created_until),
	                       bind_instant(filter->updated_from), bind_instant(filter->updated_until),
	                       bind_id(filter->before_id), bind_integer(filter->offset > 0 ? filter->offset : 0),
	                       bind_integer(object_page_rows(filter))),
	                 record, rows);
}
