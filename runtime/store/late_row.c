/* late_row.c: keeps new rows in the transaction, changes them there, and writes them. */
#include "store/sqlite.h"

static bool keys_equal(const struct record *record, const void *a, const void *b)
{
	for (size_t i = 0; i < record->table->key_count; i++) {
		const struct record_field *field = &record->fields[record->table->key[i]];
		const int64_t *id_a = record_field_const_at(field, a), *id_b = record_field_const_at(field, b);
		if (*id_a != *id_b)
			return false;
	}
	return true;
}

bool late_row_keep(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct late_rows *late = &transaction->late;
	if (!record->table->late || transaction->read_only || transaction->failed || late->count == LATE_ROWS_MOST)
		return false;
	void *copy = record_copy(record, value, transaction->arena);
	if (arena_exhausted(transaction->arena))
		return false;
	late->rows[late->count].record = record;
	late->rows[late->count++].value = copy;
	late->tables |= record->table->late;
	return true;
}

bool late_row_change(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct late_rows *late = &transaction->late;
	if (!(late->tables & record->table->late) || transaction->failed)
		return false;
	for (size_t i = 0; i < late->count; i++) {
		if (late->rows[i].record != record || !keys_equal(record, late->rows[i].value, value))
			continue;
		void *copy = record_copy(record, value, transaction->arena);
		if (arena_exhausted(transaction->arena))
			return false;
		late->rows[i].value = copy;
		return true;
	}
	return false;
}

bool late_rows_write(struct store_transaction *transaction)
{
	struct late_rows *late = &transaction->late;
	const size_t count = late->count;
	late_rows_forget(transaction); /* their own statements name their tables */
	for (size_t i = 0; i < count; i++)
		if (!row_insert(transaction, late->rows[i].record, late->rows[i].value))
			return false;
	return !transaction->failed;
}

void late_rows_forget(struct store_transaction *transaction)
{
	transaction->late.count = 0;
	transaction->late.tables = 0;
}
