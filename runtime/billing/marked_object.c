/* marked_object.c: what may carry tags and custom fields: an account, or something of one. */
#include "marked_object.h"

static const struct record *const marked_records[] = {
	[TAG_OBJECT_TYPE_ACCOUNT] = &account_record,
	[TAG_OBJECT_TYPE_BUNDLE] = &subscription_bundle_record,
	[TAG_OBJECT_TYPE_SUBSCRIPTION] = &subscription_record,
	[TAG_OBJECT_TYPE_INVOICE] = &invoice_record,
	[TAG_OBJECT_TYPE_PAYMENT] = &payment_record,
};

const char *marked_object_word(enum tag_object_type type)
{
	return tag_record.fields[TAG_FIELD_OBJECT_TYPE].words[type];
}

bool marked_object_need(struct command *command, enum tag_object_type type, int64_t id, struct marked_object *object)
{
	_Static_assert((int)TAG_OBJECT_TYPE_PAYMENT == (int)CUSTOM_FIELD_OBJECT_TYPE_PAYMENT, "they carry both");
	const struct record *record = marked_records[type];
	void *row;
	if (!store_find(command->store, record, id, &row))
		return false;
	if (!row)
		return record_missing(record, id, command->problems, "/object_id");
	int account = record_field_find(record, TEXT("account_id")), uuid = record_field_find(record, TEXT("uuid"));
	*object = (struct marked_object){
		.type = type,
		.id = id,
		.account_id = account < 0 ? id : *(const int64_t *)record_field_const_at(&record->fields[account], row),
		.uuid = *(const struct uuid *)record_field_const_at(&record->fields[uuid], row),
	};
	return true;
}

bool marked_page(struct command *command, const struct marked_pages *pages, const struct marked_filter *filter,
                 struct record_list *rows)
{
	const struct store_bind after = bind_integer(filter->after_id), max = bind_integer(filter->max);
	if (filter->object.type)
		return store_all(command->store, pages->of_object,
		                 BINDS(after, max, bind_c(marked_object_word(filter->object.type)), bind_id(filter->object.id)),
		                 pages->record, rows);
	if (text_present(filter->name) && pages->named)
		return store_all(command->store, pages->named, BINDS(after, max, bind_text(filter->name)), pages->record, rows);
	if (filter->account_id)
		return store_all(command->store, pages->of_account, BINDS(after, max, bind_id(filter->account_id)), pages->record,
		                 rows);
	return store_all(command->store, pages->all, BINDS(after, max), pages->record, rows);
}
