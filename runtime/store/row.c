/* row.c: records into rows and rows into records, by the record's descriptor.
 *
 * How a kind lies in its column: ids, integers, booleans as integers; instants as microseconds; money as minor
 * units of the record's currency; a UUID as 16 bytes; everything else as text, decimals and fractions canonical,
 * parts and lists as JSON. An absent field is NULL.
 */
#include "store/sqlite.h"

#include "value/json.h"

#include <assert.h>

/* ---- record to parameters ---- */

static const struct currency *record_currency(const struct record *record, const void *value)
{
	if (record->currency_field < 0)
		return NULL;
	const struct record_field *field = &record->fields[record->currency_field];
	return *(const struct currency *const *)record_field_const_at(field, value);
}

static void check_currency(const struct record *record, const void *value, const struct record_field *field,
                           const struct currency *currency)
{
	const struct currency *expected = record_currency(record, value);
	if (expected != currency)
		BUG("%s.%s is in %s, its record in %s", record->name, field->name, currency->code,
		    expected ? expected->code : "no currency");
}

static int bind_slice(sqlite3_stmt *statement, int index, struct text text)
{
	return sqlite3_bind_text64(statement, index, text.data, text.length, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_json(sqlite3_stmt *statement, int index, const struct record *record, const void *value, int number,
                     struct arena *arena)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_field(&writer, record, value, number);
	return out.failed ? SQLITE_NOMEM : bind_slice(statement, index, builder_text(&out));
}

static int bind_money(sqlite3_stmt *statement, int index, const struct record *record, const void *value,
                      const struct record_field *field)
{
	const struct money *money = record_field_const_at(field, value);
	check_currency(record, value, field, money->currency);
	return sqlite3_bind_int64(statement, index, money->minor);
}

static int bind_exact(sqlite3_stmt *statement, int index, const struct record *record, const void *value,
                      const struct record_field *field, struct arena *arena)
{
	const struct exact_money *exact = record_field_const_at(field, value);
	check_currency(record, value, field, exact->currency);
	return bind_slice(statement, index, fraction_text(arena, exact->amount));
}

/* The field must be present. */
static int bind_present(sqlite3_stmt *statement, int index, const struct record *record, const void *value, int number,
                        struct arena *arena)
{
	const struct record_field *field = &record->fields[number];
	const void *at = record_field_const_at(field, value);
	switch (field->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		return sqlite3_bind_int64(statement, index, *(const int64_t *)at);
	case KIND_UUID:
		return sqlite3_bind_blob(statement, index, ((const struct uuid *)at)->bytes, 16, SQLITE_STATIC);
	case KIND_TEXT:
	case KIND_JSON:
		return bind_slice(statement, index, *(const struct text *)at);
	case KIND_DECIMAL:
		return bind_slice(statement, index, decimal_canonical_text(arena, *(const struct decimal *)at));
	case KIND_MONEY:
		return bind_money(statement, index, record, value, field);
	case KIND_EXACT:
		return bind_exact(statement, index, record, value, field, arena);
	case KIND_CURRENCY:
		return bind_slice(statement, index, text_of((*(const struct currency *const *)at)->code));
	case KIND_DATE:
		return bind_slice(statement, index, date_text(arena, *(const struct date *)at));
	case KIND_INSTANT:
		return sqlite3_bind_int64(statement, index, ((const struct instant *)at)->us);
	case KIND_DURATION:
		return bind_slice(statement, index, duration_text(arena, *(const struct duration *)at));
	case KIND_BOOLEAN:
		return sqlite3_bind_int(statement, index, *(const bool *)at);
	case KIND_CHOICE:
		return bind_slice(statement, index, text_of(field->words[*(const unsigned *)at]));
	case KIND_RECORD:
	case KIND_LIST:
		return bind_json(statement, index, record, value, number, arena);
	case KIND_RELATION:
		break;
	}
	BUG("%s.%s has no column", record->name, field->name);
}

static int bind_record(sqlite3_stmt *statement, int first, const struct record *record, const void *value,
                       struct arena *arena)
{
	int result = SQLITE_OK;
	for (size_t i = 0; i < record->table->column_count && result == SQLITE_OK; i++) {
		int number = record->table->columns[i], index = first + (int)i;
		if (record_field_has(&record->fields[number], value))
			result = bind_present(statement, index, record, value, number, arena);
		else if (record->fields[number].kind == KIND_LIST && (record->fields[number].flags & FIELD_REQUIRED))
			result = bind_slice(statement, index, TEXT("[]"));
		else
			result = sqlite3_bind_null(statement, index);
	}
	return result;
}

/* What a derived statement came to. */
struct written {
	int64_t changed; /* rows */
	bool may_be_taken, taken; /* in: not to be unique is no failure; out: it was not */
};

/* Runs a derived statement whose parameters are all columns. */
static bool record_write(struct store_transaction *transaction, int number, const struct record *record,
                         const void *value, struct written *written)
{
	int first = 0;
	transaction_check(transaction, (enum statement)number);
	sqlite3_stmt *statement = transaction_take(transaction, (enum statement)number, &first);
	if (!statement)
		return false;
	/* Texts made for the parameters live until the statement has run. */
	struct arena_mark mark = arena_mark(transaction->arena);
	int result = bind_record(statement, first, record, value, transaction->arena);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	written->changed = result == SQLITE_DONE ? sqlite3_changes64(transaction->connection->handle) : 0;
	written->taken = written->may_be_taken && result == SQLITE_CONSTRAINT_UNIQUE;
	connection_give(transaction->connection, (enum statement)number, statement);
	bool good = result == SQLITE_DONE || written->taken;
	if (good)
		arena_rewind(transaction->arena, mark);
	else
		transaction_fail(transaction, result, statement_infos[number].name);
	return good;
}

bool row_insert(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct written written = { 0 };
	return record_write(transaction, record->table->insert, record, value, &written);
}

bool store_insert(struct store_transaction *transaction, const struct record *record, const void *value)
{
	transaction_check(transaction, (enum statement)record->table->insert);
	return late_row_keep(transaction, record, value) || row_insert(transaction, record, value);
}

bool store_insert_untaken(struct store_transaction *transaction, const struct record *record, const void *value, bool *taken)
{
	struct written written = { .may_be_taken = true };
	if (record->table->late)
		BUG("a row of %s waits before it is inserted", record->name);
	bool good = record_write(transaction, record->table->insert, record, value, &written);
	*taken = written.taken;
	return good;
}

bool store_update(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct written written = { 0 };
	if (!overtaken_write(transaction, record, value))
		return false;
	if (late_row_change(transaction, record, value))
		return true;
	if (!record_write(transaction, record->table->update, record, value, &written))
		return false;
	if (written.changed != 1)
		BUG("%s has no row of this key to update", record->name);
	return true;
}

bool store_change(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                  size_t bind_count, const struct record *record, const void *value)
{
	int64_t changed = 0;
	if (!overtaken_write(transaction, record, value))
		return false;
	if (late_row_change(transaction, record, value))
		return true;
	if (!store_execute(transaction, number, binds, bind_count, &changed))
		return false;
	if (changed != 1)
		BUG("%s has no row of this key to change", record->name);
	return true;
}

/* ---- row to record ---- */

struct row_reader {
	sqlite3_stmt *statement;
	const struct record *record;
	struct arena *arena;
	struct problems *problems;
};

/* Columns are taken as values: each look at one by its number would be checked and locked anew. SQLite calls them
 * unprotected, since another thread could step the statement; a connection is one thread's at a time. As store_row_text. */
static struct text value_text(sqlite3_value *stored)
{
	const void *data = sqlite3_value_blob(stored);
	size_t length = (size_t)sqlite3_value_bytes(stored);
	if (!data && length == 0)
		data = "";
	return (struct text){ data, data ? length : 0 };
}

static bool read_json(const struct row_reader *reader, const struct record_field *field, struct text text, void *at)
{
	bool long_list = field->kind == KIND_LIST && field->max > JSON_ITEMS_MAX;
	size_t items_max = long_list ? (size_t)field->max : JSON_ITEMS_MAX;
	const struct json *json = json_parse_limited(text, items_max, reader->arena, reader->problems);
	if (!json)
		return false;
	if (field->kind == KIND_RECORD) {
		void *part = arena_alloc(reader->arena, field->of->size);
		*(void **)at = part;
		return json_decode(json, field->of, part, "", reader->arena, reader->problems);
	}
	struct record_list *list = at;
	list->items = arena_alloc_many(reader->arena, json->count ? json->count : 1, field->of->size);
	list->count = list->capacity = json->count;
	char *item = list->items;
	bool good = json->type == JSON_ARRAY;
	for (const struct json *next = json->first; next && good; next = next->next, item += field->of->size)
		good = json_decode(next, field->of, item, "", reader->arena, reader->problems);
	return good;
}

static bool read_choice(const struct record_field *field, struct text word, unsigned *choice)
{
	for (unsigned i = 1; field->words[i]; i++)
		if (text_is(word, field->words[i])) {
			*choice = i;
			return true;
		}
	return false;
}

/* All kinds but those that need the record's currency. */
static bool read_column(const struct row_reader *reader, sqlite3_value *stored, int type, const struct record_field *field,
                        void *at)
{
	/* An integer made a text would need memory, and be 0 where there is none. */
	struct text text = type == SQLITE_INTEGER ? TEXT_NONE : value_text(stored);
	switch (field->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		*(int64_t *)at = sqlite3_value_int64(stored);
		return true;
	case KIND_UUID:
		if (text.length != 16)
			return false;
		memcpy(((struct uuid *)at)->bytes, text.data, 16);
		return true;
	case KIND_TEXT:
	case KIND_JSON:
		*(struct text *)at = text_copy(reader->arena, text);
		return true;
	case KIND_DECIMAL:
		return decimal_parse(text, at);
	case KIND_CURRENCY:
		*(const struct currency **)at = currency_find(text);
		return *(const struct currency **)at != NULL;
	case KIND_DATE:
		return date_parse(text, at);
	case KIND_INSTANT:
		((struct instant *)at)->us = sqlite3_value_int64(stored);
		return true;
	case KIND_DURATION:
		return duration_parse(text, at);
	case KIND_BOOLEAN:
		*(bool *)at = sqlite3_value_int(stored) != 0;
		return true;
	case KIND_CHOICE:
		return read_choice(field, text, at);
	case KIND_RECORD:
	case KIND_LIST:
		return read_json(reader, field, text, at);
	case KIND_MONEY:
	case KIND_EXACT:
	case KIND_RELATION:
		break;
	}
	BUG("%s.%s has no column of its own", reader->record->name, field->name);
}

static bool read_amount(sqlite3_value *stored, const struct record_field *field, const struct currency *currency, void *at)
{
	if (!currency)
		return false;
	if (field->kind == KIND_MONEY) {
		*(struct money *)at = money_of(sqlite3_value_int64(stored), currency);
		return true;
	}
	struct exact_money *exact = at;
	exact->currency = currency;
	return fraction_parse(value_text(stored), &exact->amount);
}

static bool field_is_amount(const struct record_field *field)
{
	return field->kind == KIND_MONEY || field->kind == KIND_EXACT;
}

static bool read_problem(const struct row_reader *reader, const struct record_field *field)
{
	return problem_damaged(reader->problems, reader->record->name, field->name);
}

/* All columns but those that are amounts: the currency must be there first. Rows have up to fifty columns, so that a look
 * at each counts. */
static bool read_columns(const struct row_reader *reader, void *value)
{
	const struct record_table *table = reader->record->table;
	for (size_t i = 0; i < table->column_count; i++) {
		const struct record_field *field = &reader->record->fields[table->columns[i]];
		if (field_is_amount(field))
			continue;
		sqlite3_value *stored = sqlite3_column_value(reader->statement, (int)i);
		int type = sqlite3_value_type(stored);
		if (type == SQLITE_NULL)
			continue;
		if (!read_column(reader, stored, type, field, record_field_at(field, value)))
			return read_problem(reader, field);
		if (field->presence_offset)
			*(bool *)((char *)value + field->presence_offset) = true;
	}
	return true;
}

static bool read_amounts(const struct row_reader *reader, void *value)
{
	const struct record_table *table = reader->record->table;
	const struct currency *currency = record_currency(reader->record, value);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct record_field *field = &reader->record->fields[table->columns[i]];
		if (!field_is_amount(field))
			continue;
		sqlite3_value *stored = sqlite3_column_value(reader->statement, (int)i);
		if (sqlite3_value_type(stored) != SQLITE_NULL &&
		    !read_amount(stored, field, currency, record_field_at(field, value)))
			return read_problem(reader, field);
	}
	return true;
}

/* One row into zeroed memory. */
static bool row_read(struct store_transaction *transaction, const struct record *record, sqlite3_stmt *statement,
                     void *value)
{
	const struct row_reader reader = { statement, record, transaction->arena, transaction->problems };
	if ((size_t)sqlite3_column_count(statement) != record->table->column_count)
		BUG("a row of %d columns is read as %s", sqlite3_column_count(statement), record->name);
	bool amounts = record->currency_field >= 0;
	if (!read_columns(&reader, value) || (amounts && !read_amounts(&reader, value)))
		transaction->failed = true;
	else if (arena_exhausted(transaction->arena))
		transaction_out_of_memory(transaction);
	else
		overtaken_read(transaction, record, value);
	return !transaction->failed;
}

/* ---- rows ---- */

static void check_row(enum statement number, const struct record *record)
{
	const struct statement_info *info = &statement_infos[number];
	if (info->row && info->row != record)
		BUG("statement %s gives rows of %s, not of %s", info->name, info->row->name, record->name);
}

struct row_target {
	struct store_transaction *transaction;
	const struct record *record;
	struct record_list *list; /* NULL: one row only */
	void *found;
};

static bool row_take(void *context, const struct store_row *row)
{
	struct row_target *target = context;
	struct store_transaction *transaction = target->transaction;
	if (!target->list) {
		target->found = arena_alloc(transaction->arena, target->record->size);
		row_read(transaction, target->record, row->statement, target->found);
		return false;
	}
	struct record_list *list = target->list;
	void *item = record_list_grow_(transaction->arena, &list->items, &list->count, &list->capacity,
	                               target->record->size);
	return row_read(transaction, target->record, row->statement, item);
}

static bool one_read(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                     size_t bind_count, const struct record *record, void **found)
{
	struct row_target target = { transaction, record, NULL, NULL };
	bool good = store_each(transaction, number, binds, bind_count, row_take, &target);
	*found = good ? target.found : NULL;
	return good;
}

/* As one_read, from the rows that are kept where it can be. Only the writer sees them, so that they are of its snapshot. */
static bool one_read_cached(struct store_transaction *transaction, enum statement number, const struct store_bind *key,
                            const struct record *record, void **found)
{
	struct row_cache *cache = &transaction->store->rows;
	int64_t tenant_id = statement_infos[number].global ? 0 : transaction->tenant_id;
	const void *kept;
	if (!row_cache_find(cache, number, tenant_id, key, &kept) || transaction->failed) {
		size_t before = transaction->arena->used_bytes;
		bool good = one_read(transaction, number, key, 1, record, found);
		if (good)
			row_cache_keep(cache, number, tenant_id, key, record, *found, transaction->arena->used_bytes - before);
		return good;
	}
	*found = kept ? record_copy(record, kept, transaction->arena) : NULL;
	return !arena_exhausted(transaction->arena) || transaction_out_of_memory(transaction);
}

bool store_one(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
               size_t bind_count, const struct record *record, void **found)
{
	check_row(number, record);
	transaction_check(transaction, number);
	if (statement_infos[number].row_cached && bind_count == 1 &&
	    transaction->connection == &transaction->store->writer)
		return one_read_cached(transaction, number, binds, record, found);
	return one_read(transaction, number, binds, bind_count, record, found);
}

bool store_all(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
               size_t bind_count, const struct record *record, struct record_list *rows)
{
	struct row_target target = { transaction, record, rows, NULL };
	check_row(number, record);
	return store_each(transaction, number, binds, bind_count, row_take, &target);
}

bool store_find(struct store_transaction *transaction, const struct record *record, int64_t id, void **found)
{
	int find = record->table ? record->table->find : STATEMENT_NONE;
	if (find == STATEMENT_NONE)
		BUG("%s is not found by one id", record->name);
	return store_one(transaction, (enum statement)find, BINDS(bind_id(id)), record, found);
}
