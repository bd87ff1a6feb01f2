/* transaction.c: statements and savepoints inside the body of a job or a read. */
#include "store/sqlite.h"

#include <assert.h>

int64_t store_tenant(const struct store_transaction *transaction)
{
	return transaction->tenant_id;
}

struct arena *store_arena(const struct store_transaction *transaction)
{
	return transaction->arena;
}

struct problems *store_problems(const struct store_transaction *transaction)
{
	return transaction->problems;
}

bool store_failed(const struct store_transaction *transaction)
{
	return transaction->failed;
}

void store_set_tenant(struct store_transaction *transaction, int64_t tenant_id)
{
	if (!transaction->global)
		BUG("a transaction of tenant %lld cannot change to another", (long long)transaction->tenant_id);
	late_rows_write(transaction); /* they are the other one's; a failure stays */
	transaction->tenant_id = tenant_id;
}

void store_cut_log(struct store_transaction *transaction)
{
	transaction->store->upkeep.cut_wanted = true;
}

/* ---- failing ---- */

bool transaction_fail(struct store_transaction *transaction, int result, const char *doing)
{
	sqlite3 *handle = transaction->connection->handle;
	transaction->failed = true;
	/* After some errors SQLite rolls back by itself, the savepoints and earlier jobs of the batch included. */
	if (sqlite3_get_autocommit(handle)) {
		transaction->broken = true;
		transaction->broken_by = problem_code_of(result);
	}
	if ((result & 0xff) == SQLITE_CONSTRAINT && overtaken_explains(transaction))
		return false;
	return problem_told(transaction->problems, handle, result, doing);
}

bool transaction_out_of_memory(struct store_transaction *transaction)
{
	transaction->failed = true;
	return problem(transaction->problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out in a transaction");
}

bool transaction_end(struct store_transaction *transaction, bool answer)
{
	if (!answer || transaction->failed)
		return false;
	return !arena_exhausted(transaction->arena) || transaction_out_of_memory(transaction);
}

void transaction_check(const struct store_transaction *transaction, enum statement number)
{
	const struct statement_info *info = &statement_infos[number];
	if (!info->global && transaction->tenant_id == 0)
		BUG("statement %s needs a tenant", info->name);
}

/* ---- running statements ---- */

sqlite3_stmt *transaction_take(struct store_transaction *transaction, enum statement number, int *first)
{
	const struct statement_info *info = &statement_infos[number];
	if (transaction->failed)
		return NULL;
	if ((info->late & transaction->late.tables) && !late_rows_write(transaction))
		return NULL;
	if (arena_exhausted(transaction->arena)) {
		transaction_out_of_memory(transaction);
		return NULL;
	}
	int result = SQLITE_OK;
	sqlite3_stmt *statement = connection_take(transaction->connection, number, &result);
	if (!statement) {
		transaction_fail(transaction, result, info->name);
		return NULL;
	}
	if (transaction->read_only && !sqlite3_stmt_readonly(statement))
		BUG("statement %s writes, but the transaction only reads", info->name);
	if (info->changes_cached)
		row_cache_suspend(&transaction->store->rows);
	*first = 1;
	if (!info->global)
		sqlite3_bind_int64(statement, (*first)++, transaction->tenant_id);
	return statement;
}

bool transaction_give(struct store_transaction *transaction, enum statement number, sqlite3_stmt *statement, int result)
{
	if (result != SQLITE_ROW && result != SQLITE_DONE)
		transaction_fail(transaction, result, statement_infos[number].name);
	connection_give(transaction->connection, number, statement);
	return !transaction->failed;
}

static int statement_bind_one(sqlite3_stmt *statement, int index, const struct store_bind *bind)
{
	switch (bind->type) {
	case BIND_NULL:
		return sqlite3_bind_null(statement, index);
	case BIND_INTEGER:
		return sqlite3_bind_int64(statement, index, bind->integer);
	case BIND_TEXT:
		return sqlite3_bind_text64(statement, index, bind->bytes.data, bind->bytes.length, SQLITE_STATIC,
		                           SQLITE_UTF8);
	case BIND_BLOB:
		return sqlite3_bind_blob64(statement, index, bind->bytes.data, bind->bytes.length, SQLITE_STATIC);
	}
	BUG("a bind of unknown type %d", (int)bind->type);
}

/* The statement with all its parameters, NULL after a failure. */
static sqlite3_stmt *statement_start(struct store_transaction *transaction, enum statement number,
                                     const struct store_bind *binds, size_t bind_count)
{
	const struct statement_info *info = &statement_infos[number];
	if ((size_t)info->parameters != bind_count + !info->global)
		BUG("statement %s takes %d values, not %zu", info->name, info->parameters - !info->global, bind_count);
	int first = 0, result = SQLITE_OK;
	sqlite3_stmt *statement = transaction_take(transaction, number, &first);
	if (!statement)
		return NULL;
	for (size_t i = 0; i < bind_count && result == SQLITE_OK; i++)
		result = statement_bind_one(statement, first + (int)i, &binds[i]);
	if (result != SQLITE_OK) {
		transaction_give(transaction, number, statement, result);
		return NULL;
	}
	return statement;
}

bool transaction_execute(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                         size_t bind_count, int64_t *changed)
{
	if (changed)
		*changed = 0;
	sqlite3_stmt *statement = statement_start(transaction, number, binds, bind_count);
	if (!statement)
		return false;
	bool writes = !sqlite3_stmt_readonly(statement);
	int result;
	do
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW);
	if (changed && writes && result == SQLITE_DONE)
		*changed = sqlite3_changes64(transaction->connection->handle);
	return transaction_give(transaction, number, statement, result);
}

bool transaction_each(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                      size_t bind_count, bool (*row)(void *context, const struct store_row *row), void *context)
{
	sqlite3_stmt *statement = statement_start(transaction, number, binds, bind_count);
	if (!statement)
		return false;
	const struct store_row current = { statement };
	int result;
	do
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW && row(context, &current) && !transaction->failed);
	return transaction_give(transaction, number, statement, result);
}

bool store_execute(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                   size_t bind_count, int64_t *changed)
{
	transaction_check(transaction, number);
	return transaction_execute(transaction, number, binds, bind_count, changed);
}

bool store_each(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                size_t bind_count, bool (*row)(void *context, const struct store_row *row), void *context)
{
	transaction_check(transaction, number);
	return transaction_each(transaction, number, binds, bind_count, row, context);
}

struct first_integer {
	int64_t value;
	bool found;
};

static bool first_integer_take(void *context, const struct store_row *row)
{
	struct first_integer *first = context;
	*first = (struct first_integer){ store_row_integer(row, 0), true };
	return false;
}

bool store_integer(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                   size_t bind_count, int64_t *value, bool *found)
{
	struct first_integer first = { 0, false };
	bool good = store_each(transaction, number, binds, bind_count, first_integer_take, &first);
	*value = first.value;
	if (found)
		*found = good && first.found;
	return good;
}

struct first_date {
	struct date date;
	bool readable;
};

static bool first_date_take(void *context, const struct store_row *row)
{
	struct first_date *first = context;
	first->readable = store_row_null(row, 0) || date_parse(store_row_text(row, 0), &first->date);
	return false;
}

bool store_date(struct store_transaction *transaction, enum statement number, const struct store_bind *binds,
                size_t bind_count, struct date *date)
{
	struct first_date first = { DATE_NONE, true };
	bool good = store_each(transaction, number, binds, bind_count, first_date_take, &first);
	*date = first.date;
	if (!good || first.readable)
		return good;
	transaction->failed = true;
	return problem_damaged(transaction->problems, statement_infos[number].name, "date");
}

int64_t store_row_integer(const struct store_row *row, int column)
{
	return sqlite3_column_int64(row->statement, column);
}

struct text store_row_text(const struct store_row *row, int column)
{
	/* As a blob, texts as well: their end need not be marked, for which SQLite might need memory and have none. The
	 * pointer first: asking for the bytes after it is the order that SQLite allows. */
	const void *data = sqlite3_column_blob(row->statement, column);
	size_t length = (size_t)sqlite3_column_bytes(row->statement, column);
	if (!data && length == 0 && !store_row_null(row, column))
		data = "";
	return (struct text){ data, data ? length : 0 };
}

bool store_row_null(const struct store_row *row, int column)
{
	return sqlite3_column_type(row->statement, column) == SQLITE_NULL;
}

/* ---- savepoints ---- */

static bool step_control(struct store_transaction *transaction, enum control control, const char *doing)
{
	int result = connection_control(transaction->connection, control);
	return result == SQLITE_OK || transaction_fail(transaction, result, doing);
}

bool store_savepoint(struct store_transaction *transaction)
{
	if (transaction->read_only)
		BUG("a read has no savepoints");
	if (transaction->depth >= SAVEPOINTS_MOST)
		BUG("savepoints are nested deeper than %d", SAVEPOINTS_MOST);
	if (transaction->failed || !late_rows_write(transaction) ||
	    !step_control(transaction, CONTROL_STEP_SAVEPOINT, "opening a savepoint"))
		return false;
	transaction->marks[transaction->depth++] = cache_mark(&transaction->store->cache);
	return true;
}

bool store_release(struct store_transaction *transaction)
{
	if (transaction->depth == 0)
		BUG("there is no savepoint to release");
	if (transaction->failed || !step_control(transaction, CONTROL_STEP_RELEASE, "releasing a savepoint"))
		return false;
	transaction->depth--;
	return true;
}

bool store_rollback_to(struct store_transaction *transaction)
{
	if (transaction->depth == 0)
		BUG("there is no savepoint to roll back to");
	late_rows_forget(transaction);
	cache_undo(&transaction->store->cache, transaction->marks[--transaction->depth]);
	if (transaction->broken)
		return false;
	if (!step_control(transaction, CONTROL_STEP_ROLLBACK, "rolling back to a savepoint") ||
	    !step_control(transaction, CONTROL_STEP_RELEASE, "rolling back to a savepoint")) {
		transaction->broken = true;
		return false;
	}
	transaction->failed = false;
	return true;
}
