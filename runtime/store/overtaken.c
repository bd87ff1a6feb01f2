/* overtaken.c: notes of the rows that commands of pre rules changed, by record and key. */
#include "store/sqlite.h"

#include <search.h>

enum { KEYS_MOST = 4, BY_MOST_BYTES = 200 };

struct overtaken_row {
	const struct record *record;
	int64_t key[KEYS_MOST];
	int level;         /* what lies outside of it has not read the row since */
	int written_level; /* of who wrote it last */
	const void *before, *after; /* the row around what was done at that level; NULL: not known, or written by nobody inside */
	char by[BY_MOST_BYTES];
};

static struct overtaken_row row_of(const struct record *record, const void *value)
{
	struct overtaken_row row = { .record = record };
	if (record->table->key_count > KEYS_MOST)
		BUG("%s has a key of %zu columns", record->name, record->table->key_count);
	for (size_t i = 0; i < record->table->key_count; i++)
		row.key[i] = *(const int64_t *)record_field_const_at(&record->fields[record->table->key[i]], value);
	return row;
}

static int row_compare(const void *a, const void *b)
{
	const struct overtaken_row *left = a, *right = b;
	if (left->record != right->record)
		return (uintptr_t)left->record < (uintptr_t)right->record ? -1 : 1;
	for (size_t i = 0; i < KEYS_MOST; i++)
		if (left->key[i] != right->key[i])
			return left->key[i] < right->key[i] ? -1 : 1;
	return 0;
}

static struct overtaken_row *row_noted(const struct overtaken_rows *rows, const struct overtaken_row *row)
{
	struct overtaken_row *const *found = tfind(row, &rows->tree, row_compare);
	return found ? *found : NULL;
}

/* The row's note, made where there is none; NULL when memory runs out. */
static struct overtaken_row *row_note(struct overtaken_rows *rows, const struct overtaken_row *row)
{
	struct overtaken_row *noted = row_noted(rows, row);
	if (noted)
		return noted;
	if (!rows->has_arena)
		rows->has_arena = arena_init(&rows->arena, ARENA_LIMIT_DEFAULT_BYTES);
	if (!rows->has_arena)
		return NULL;
	noted = arena_alloc(&rows->arena, sizeof *noted);
	*noted = *row;
	return tsearch(noted, &rows->tree, row_compare) ? noted : NULL;
}

void overtaken_read(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct overtaken_rows *rows = &transaction->overtaken;
	if (!rows->tree)
		return;
	const struct overtaken_row row = row_of(record, value);
	struct overtaken_row *noted = row_noted(rows, &row);
	if (noted && noted->level > rows->level)
		noted->level = rows->level;
}

static bool refuse(struct store_transaction *transaction, const struct overtaken_row *noted)
{
	transaction->failed = true;
	return problem(transaction->problems, PROBLEM_RULE_OVERTAKES, "", "%s changed %s %lld while this command was changing it",
	               noted->by, noted->record->name, (long long)noted->key[noted->record->table->key_count - 1]);
}

/* Would the row get a value back that it had before the rule's command? Whoever read the row since may still write what
 * was read before. */
static bool takes_back(const struct overtaken_row *noted, const void *value)
{
	const struct record *record = noted->record;
	for (size_t i = 0; noted->before && i < record->table->column_count; i++) {
		int number = record->table->columns[i];
		if (!record_field_same(record, noted->before, noted->after, number) &&
		    record_field_same(record, noted->before, value, number))
			return true;
	}
	return false;
}

/* The row as it is before the first write of a level. */
static bool read_before(struct store_transaction *transaction, struct overtaken_row *noted)
{
	struct overtaken_rows *rows = &transaction->overtaken;
	void *found = NULL;
	if (noted->before || !noted->record->table->find)
		return true;
	if (!store_find(transaction, noted->record, noted->key[noted->record->table->key_count - 1], &found))
		return false;
	noted->before = found ? record_copy(noted->record, found, &rows->arena) : NULL;
	return true;
}

static bool write_inside(struct store_transaction *transaction, const struct overtaken_row *row, const void *value)
{
	struct overtaken_rows *rows = &transaction->overtaken;
	struct overtaken_row *noted = row_note(rows, row);
	if (!noted)
		return transaction_out_of_memory(transaction);
	if (!read_before(transaction, noted))
		return false;
	if (noted->before)
		noted->after = record_copy(noted->record, value, &rows->arena);
	noted->level = noted->written_level = rows->level;
	snprintf(noted->by, sizeof noted->by, "%s", rows->by);
	return !arena_exhausted(&rows->arena) || transaction_out_of_memory(transaction);
}

bool overtaken_write(struct store_transaction *transaction, const struct record *record, const void *value)
{
	struct overtaken_rows *rows = &transaction->overtaken;
	if ((!rows->tree && rows->level == 0) || transaction->failed)
		return !transaction->failed;
	const struct overtaken_row row = row_of(record, value);
	struct overtaken_row *noted = row_noted(rows, &row);
	if (noted && noted->written_level > rows->level) {
		if (noted->level > rows->level || takes_back(noted, value))
			return refuse(transaction, noted);
		noted->before = NULL;
		noted->written_level = rows->level;
	}
	return rows->level == 0 || write_inside(transaction, &row, value);
}

bool overtaken_explains(const struct store_transaction *transaction)
{
	const struct overtaken_row *const *first = transaction->overtaken.tree;
	return first && !problem(transaction->problems, PROBLEM_RULE_OVERTAKES, "",
	                         "%s changed something while this command was changing it", (*first)->by);
}

/* The nodes are the arena's. */
static void keep_node(void *node)
{
	(void)node;
}

void overtaken_forget(struct store_transaction *transaction)
{
	struct overtaken_rows *rows = &transaction->overtaken;
	tdestroy(rows->tree, keep_node);
	rows->tree = NULL;
	if (rows->has_arena)
		arena_finish(&rows->arena);
	rows->has_arena = false;
}

struct store_overtake store_overtake_begin(struct store_transaction *transaction, const char *by)
{
	const struct store_overtake outer = { transaction->overtaken.by };
	transaction->overtaken.level++;
	transaction->overtaken.by = by;
	return outer;
}

bool store_overtaking(const struct store_transaction *transaction)
{
	return transaction->overtaken.level > 0;
}

void store_overtake_end(struct store_transaction *transaction, struct store_overtake outer)
{
	transaction->overtaken.level--;
	transaction->overtaken.by = outer.by;
}
