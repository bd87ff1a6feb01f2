/* test_store_statements.c: every statement of the program against the tables it was written for, and every stored
 * record through its row and back. */
#include "store_site.h"

#include "store/migration.h"
#include "store/statement.h"

#include <sqlite3.h>

/* The tables as a new store has them, on a connection of the test's own. */
static sqlite3 *tables_open(struct site *site)
{
	sqlite3 *handle = NULL;
	site_open(site, IN_A_FILE);
	site_stop(site);
	CHECK_EQ_INT(sqlite3_open(site->path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL), SQLITE_OK);
	return handle;
}

static void tables_close(struct site *site, sqlite3 *handle)
{
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	site_close(site);
}

TEST(every_statement_compiles_and_takes_the_parameters_it_says)
{
	struct site site;
	sqlite3 *handle = tables_open(&site);
	int failed = 0;
	for (int number = STATEMENT_NONE + 1; number < STATEMENT_COUNT; number++) {
		const struct statement_info *info = &statement_infos[number];
		sqlite3_stmt *statement = NULL;
		int result = sqlite3_prepare_v2(handle, info->sql, -1, &statement, NULL);
		if (result != SQLITE_OK)
			printf("# %s: %s\n", info->name, sqlite3_errmsg(handle));
		failed += result != SQLITE_OK;
		failed += result == SQLITE_OK && sqlite3_bind_parameter_count(statement) != info->parameters;
		if (info->row)
			CHECK_EQ_INT(sqlite3_column_count(statement), info->row->table->column_count);
		sqlite3_finalize(statement);
	}
	CHECK_EQ_INT(failed, 0);
	tables_close(&site, handle);
}

/* ---- tenants ---- */

TEST(every_statement_of_a_tenant_names_it_as_the_first_parameter)
{
	for (int number = STATEMENT_NONE + 1; number < STATEMENT_COUNT; number++) {
		const struct statement_info *info = &statement_infos[number];
		check_note("%s", info->name);
		if (!info->global)
			CHECK(strstr(info->sql, "tenant_id = ?1") ||
			      (strstr(info->sql, "(tenant_id, ") && (strstr(info->sql, "VALUES (?1") || strstr(info->sql, "SELECT ?1"))));
	}
}

/* Each search must go in by the tenant: that proves it for joins and parts of a statement as well. Without a tenant are
 * the table of tenants itself and the store's own rows, which are found by a number that the store chose. */
static bool step_is_of_one_tenant(const struct statement_info *info, const char *step)
{
	char name[64] = "";
	if (sscanf(step, "SCAN %63s", name) == 1) {
		char defined[80];
		snprintf(defined, sizeof defined, "%s AS (", name);
		/* A virtual table is a function here, of a value in a row that was found. */
		return name[0] == '(' || strstr(step, "CONSTANT ROW") || strstr(step, "VIRTUAL TABLE") || strstr(info->sql, defined);
	}
	return strncmp(step, "SEARCH ", 7) != 0 || strstr(step, "(tenant_id=?") || strstr(step, "PRIMARY KEY (id=?)") ||
	       strncmp(info->name, "idempotency_", 12) == 0;
}

static int plan_check(sqlite3 *handle, const struct statement_info *info, struct arena *arena)
{
	sqlite3_stmt *plan = NULL;
	const char *explain = text_c(arena, text_format(arena, "EXPLAIN QUERY PLAN %s", info->sql));
	int failed = 0;
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, explain, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *step = (const char *)sqlite3_column_text(plan, 3);
		if (step_is_of_one_tenant(info, step))
			continue;
		printf("# %s: %s\n", info->name, step);
		failed++;
	}
	sqlite3_finalize(plan);
	return failed;
}

TEST(every_statement_of_a_tenant_searches_within_it)
{
	struct site site;
	sqlite3 *handle = tables_open(&site);
	int failed = 0;
	for (int number = STATEMENT_NONE + 1; number < STATEMENT_COUNT; number++)
		if (!statement_infos[number].global)
			failed += plan_check(handle, &statement_infos[number], &site.arena);
	CHECK_EQ_INT(failed, 0);
	tables_close(&site, handle);
}

static bool plan_mentions(sqlite3 *handle, const struct statement_info *info, const char *index, struct arena *arena)
{
	sqlite3_stmt *plan = NULL;
	const char *explain = text_c(arena, text_format(arena, "EXPLAIN QUERY PLAN %s", info->sql));
	const char *wanted = text_c(arena, text_format(arena, "INDEX %s ", index));
	bool found = false;
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, explain, -1, &plan, NULL), SQLITE_OK);
	while (sqlite3_step(plan) == SQLITE_ROW)
		found |= strstr(text_c(arena, text_format(arena, "%s ", (const char *)sqlite3_column_text(plan, 3))), wanted) != NULL;
	sqlite3_finalize(plan);
	return found;
}

TEST(every_index_is_used_by_the_statements_it_was_made_for)
{
	struct site site;
	sqlite3 *handle = tables_open(&site);
	int failed = 0;
	for (const struct index_use *use = index_uses; use->index; use++) {
		const struct statement_info *info = &statement_infos[use->statement];
		if (plan_mentions(handle, info, use->index, &site.arena))
			continue;
		printf("# %s does not use %s\n", info->name, use->index);
		failed++;
	}
	CHECK_EQ_INT(failed, 0);
	tables_close(&site, handle);
}

TEST(every_table_of_a_tenant_begins_its_keys_and_indexes_with_it)
{
	struct site site;
	sqlite3 *handle = tables_open(&site);
	sqlite3_stmt *columns = NULL;
	CHECK_EQ_INT(sqlite3_prepare_v2(handle,
	                                "SELECT m.name, l.name, i.name FROM sqlite_schema m JOIN pragma_index_list(m.name) l"
	                                "  JOIN pragma_index_info(l.name) i ON i.seqno = 0 WHERE m.type = 'table'"
	                                "   AND m.name NOT IN ('tenant', 'migration', 'idempotency', 'idempotency_answer')"
	                                "   AND m.name NOT LIKE 'sqlite_%'",
	                                -1, &columns, NULL),
	             SQLITE_OK);
	int seen = 0;
	while (sqlite3_step(columns) == SQLITE_ROW) {
		check_note("%s of %s", (const char *)sqlite3_column_text(columns, 1), (const char *)sqlite3_column_text(columns, 0));
		if (strcmp((const char *)sqlite3_column_text(columns, 1), "api_key_public_part") != 0)
			CHECK_EQ_C((const char *)sqlite3_column_text(columns, 2), "tenant_id");
		seen++;
	}
	CHECK(seen > 20);
	sqlite3_finalize(columns);
	tables_close(&site, handle);
}

/* ---- records ---- */

struct round_trip {
	const struct record *record;
	void *before, *after;
	bool inserts;
};

/* By its id alone: also rows that lie with their account. */
static bool found_by_id(const struct record *record)
{
	const struct record_table *table = record->table;
	return table->key_count == 1 || strcmp(record->fields[table->key[table->key_count - 1]].name, "id") == 0;
}

static bool record_goes_and_comes(struct store_transaction *transaction, void *context)
{
	struct round_trip *trip = context;
	const struct record_table *table = trip->record->table;
	CHECK(trip->inserts ? store_insert(transaction, trip->record, trip->before)
	                    : store_update(transaction, trip->record, trip->before));
	trip->after = NULL;
	if (!found_by_id(trip->record))
		return true;
	int64_t id = *(const int64_t *)record_field_const_at(&trip->record->fields[table->key[table->key_count - 1]], trip->before);
	return store_find(transaction, trip->record, id, &trip->after);
}

static void trip_check(struct site *site, struct round_trip *trip)
{
	bool global = !text_starts(text_of(strstr(statement_infos[trip->record->table->insert].sql, "(")), "(tenant_id");
	site_must_run(site, global ? 0 : 7, record_goes_and_comes, trip);
	if (!found_by_id(trip->record))
		return;
	CHECK(trip->after != NULL);
	CHECK_EQ_TEXT(record_changed(trip->record, trip->before, trip->after, &site->arena), "");
}

static void copy_key(const struct record *record, const void *from, void *to)
{
	for (size_t i = 0; i < record->table->key_count; i++) {
		const struct record_field *field = &record->fields[record->table->key[i]];
		CHECK(field->kind == KIND_ID || field->kind == KIND_INTEGER);
		*(int64_t *)record_field_at(field, to) = *(const int64_t *)record_field_const_at(field, from);
	}
}

TEST_ON_BOTH(every_stored_record_comes_back_as_it_went)
{
	uint64_t state = check_seed();
	for (size_t i = 0; records_all[i]; i++) {
		struct round_trip trip = { .record = records_all[i], .inserts = true };
		if (!trip.record->table)
			continue;
		check_note("%s with all fields", trip.record->name);
		trip.before = arena_alloc(&site->arena, trip.record->size);
		fill_record(trip.record, trip.before, &site->arena, &state, true);
		trip_check(site, &trip);
		check_note("%s with required fields only", trip.record->name);
		void *first = trip.before;
		trip.before = arena_alloc(&site->arena, trip.record->size);
		fill_record(trip.record, trip.before, &site->arena, &state, false);
		copy_key(trip.record, first, trip.before);
		trip.inserts = false;
		trip_check(site, &trip);
	}
}

CHECK_MAIN
