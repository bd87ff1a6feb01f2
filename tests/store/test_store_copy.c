/* test_store_copy.c: one tenant's rows are copied whole, are nobody's until they are all there, and go when they are not wanted. */
#include "store_site.h"

#include "store/tenant_copy.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

enum { TENANT = 1, OTHER = 2, MANY = 20000, WAIT_TRIES = 1000, WAIT_US = 10000 };

struct place {
	struct site site;
	char file[112];
	struct store_backup made;
	struct store_import import;
};

static bool add_tenant(struct store_transaction *transaction, void *context)
{
	struct tenant tenant = { .uuid = uuid_time_ordered(), .name = text_of(context), .mode = TENANT_MODE_TEST,
		                 .time_zone = TEXT("UTC"), .currency = currency_find(TEXT("EUR")), .created_at = clock_wall() };
	tenant.id = store_new_id(transaction, "tenant");
	return store_insert(transaction, &tenant_record, &tenant);
}

static bool add_key(struct store_transaction *transaction, void *context)
{
	struct api_key key = { .name = TEXT("k"), .key_id = TEXT("12345678"), .secret_digest = TEXT("d"), .scopes = TEXT("read"),
		               .created_at = clock_wall() };
	(void)context;
	key.id = store_new_id(transaction, "api_key");
	struct idempotency idempotency = { .key = TEXT("once") };
	return store_insert(transaction, &api_key_record, &key) && store_idempotency_begin(transaction, &idempotency);
}

static void place_open(struct place *place)
{
	int64_t id;
	*place = (struct place){ 0 };
	site_open(&place->site, IN_A_FILE);
	snprintf(place->file, sizeof place->file, "%s/one.db", place->site.directory);
	site_must_run(&place->site, 0, add_tenant, (void *)(uintptr_t)"one");
	site_must_run(&place->site, 0, add_tenant, (void *)(uintptr_t)"two");
	for (int i = 0; i < 3; i++)
		site_must_run(&place->site, TENANT, add_account, &id);
	site_must_run(&place->site, OTHER, add_account, &id);
	site_must_run(&place->site, TENANT, add_key, NULL);
}

static bool export(struct place *place, int64_t tenant_id)
{
	return store_export(place->site.store, tenant_id, place->file, STORE_EXPORT_TO_KEEP, NULL, &place->made, &place->site.problems);
}

static struct store *file_open(struct place *place)
{
	struct store *file = store_open(text_of(place->file), &(struct store_options){ .read_only = true, .readers = 1 }, &place->site.problems);
	CHECK(file != NULL);
	return file;
}

static bool import(struct place *place)
{
	struct store *file = file_open(place);
	bool good = store_has_our_tables(file, &place->site.problems) &&
	            store_import(place->site.store, file, TENANT, NULL, &place->import, &place->site.problems);
	store_close(file);
	return good;
}

/* The first column of the first row, of a file that nobody writes to at the moment. */
static int64_t ask(const char *path, const char *sql)
{
	sqlite3 *handle = NULL;
	sqlite3_stmt *statement = NULL;
	CHECK(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW);
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(handle);
	return value;
}

static void change(const char *path, const char *sql)
{
	sqlite3 *handle = NULL;
	CHECK(sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	CHECK(sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK);
	sqlite3_close(handle);
}

static int64_t accounts_of(struct place *place, int64_t tenant_id)
{
	int64_t count = 0;
	CHECK(site_read(&place->site, tenant_id, count_accounts, &count));
	return count;
}

/* ---- which tables ---- */

static const struct copied_table *copied(const char *name)
{
	const struct copied_table *table = copied_tables;
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

TEST(every_table_with_a_tenant_is_copied_and_removed_with_all_its_columns)
{
	struct place place;
	sqlite3 *handle = NULL;
	sqlite3_stmt *rows = NULL;
	int tables = 0;
	place_open(&place);
	CHECK(sqlite3_open_v2(place.site.path, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK);
	CHECK(sqlite3_prepare_v2(handle,
	                         "SELECT t.name, count(*) FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' "
	                         "GROUP BY t.name HAVING sum(c.name = 'tenant_id') = 1", -1, &rows, NULL) == SQLITE_OK);
	for (; sqlite3_step(rows) == SQLITE_ROW; tables++) {
		const char *name = (const char *)sqlite3_column_text(rows, 0);
		const struct copied_table *table = copied(name);
		if (!table)
			printf("# %s\n", name);
		CHECK(table != NULL);
		CHECK_EQ_INT(table->columns + 1, sqlite3_column_int(rows, 1));
		CHECK(table->remove_sql != NULL);
		CHECK(table->read_sql != NULL || strcmp(name, "api_key") == 0 || strncmp(name, "idempotency", 11) == 0 ||
		      strcmp(name, "stream_token") == 0);
	}
	CHECK(tables > 40);
	sqlite3_finalize(rows);
	sqlite3_close(handle);
	site_close(&place.site);
}

/* ---- out ---- */

TEST(a_file_has_one_tenant_without_its_keys)
{
	struct place place;
	struct stat status;
	place_open(&place);
	CHECK(export(&place, TENANT));
	CHECK(stat(place.file, &status) == 0 && (status.st_mode & 0777) == 0600 && status.st_size == place.made.bytes);
	CHECK_EQ_INT(ask(place.file, "SELECT count(*) FROM tenant WHERE name = 'one'"), 1);
	CHECK_EQ_INT(ask(place.file, "SELECT count(*) FROM tenant"), 1);
	CHECK_EQ_INT(ask(place.file, "SELECT count(*) FROM account WHERE tenant_id = 1"), 3);
	CHECK_EQ_INT(ask(place.file, "SELECT count(*) FROM account"), 3);
	CHECK_EQ_INT(ask(place.file, "SELECT (SELECT count(*) FROM api_key) + (SELECT count(*) FROM idempotency)"), 0);
	CHECK(ask(place.file, "SELECT count(*) FROM sqlite_schema WHERE type = 'index'") > 50);
	/* Nothing that is there is written over, and of nobody nothing is made. */
	CHECK(!export(&place, TENANT));
	CHECK_EQ_INT(ask(place.file, "SELECT count(*) FROM account"), 3);
	unlink(place.file);
	CHECK(!export(&place, 77));
	CHECK(stat(place.file, &status) != 0);
	site_close(&place.site);
}

static bool is_gone(void *context)
{
	(void)context;
	return true;
}

TEST(a_file_that_nobody_waits_for_is_removed)
{
	const struct store_backup_asker asker = { is_gone, NULL };
	struct place place;
	struct stat status;
	int64_t id;
	place_open(&place);
	for (int i = 0; i < 2000; i++)
		site_must_run(&place.site, TENANT, add_account, &id);
	CHECK(!store_export(place.site.store, TENANT, place.file, STORE_EXPORT_TO_KEEP, &asker, &place.made, &place.site.problems));
	CHECK(stat(place.file, &status) != 0);
	site_close(&place.site);
}

/* ---- in ---- */

static bool end(struct store_transaction *transaction, void *context)
{
	return store_execute(transaction, STATEMENT_PARTIAL_TENANT_END, BINDS(bind_id(*(int64_t *)context)), NULL);
}

TEST(rows_come_under_a_new_tenant_and_leave_the_others_alone)
{
	struct place place;
	place_open(&place);
	CHECK(export(&place, TENANT));
	CHECK(import(&place));
	CHECK_EQ_INT(place.import.tenant_id, 3);
	CHECK_EQ_INT(accounts_of(&place, 3), 3);
	CHECK_EQ_INT(accounts_of(&place, TENANT), 3);
	CHECK_EQ_INT(accounts_of(&place, OTHER), 1);
	site_must_run(&place.site, 0, end, &place.import.tenant_id);
	/* Ids go on after those of the copy. */
	int64_t id = 0;
	site_must_run(&place.site, 3, add_account, &id);
	CHECK_EQ_INT(accounts_of(&place, 3), 4);
	site_close(&place.site);
}

static bool is_partial(struct store_transaction *transaction, void *context)
{
	int64_t ignored;
	bool *found = context;
	return store_integer(transaction, STATEMENT_PARTIAL_TENANT_ANY, NO_BINDS, &ignored, found);
}

static void sweep_wait(struct place *place)
{
	bool partial = true;
	for (int i = 0; i < WAIT_TRIES && partial; i++) {
		CHECK(site_read(&place->site, 0, is_partial, &partial));
		if (partial)
			clock_sleep_us(WAIT_US);
	}
	CHECK(!partial);
}

TEST(what_is_not_wanted_after_all_goes_to_its_last_row)
{
	struct place place;
	place_open(&place);
	CHECK(export(&place, TENANT));
	CHECK(import(&place));
	store_import_abandon(place.site.store, place.import.tenant_id);
	CHECK(store_sweep_wait(place.site.store, place.import.tenant_id, NULL, &place.site.problems));
	for (const struct copied_table *table = copied_tables; table->name; table++) {
		const char *sql = text_format(&place.site.arena, "SELECT count(*) FROM \"%s\" WHERE %s = 3", table->name,
		                              strcmp(table->name, "tenant") == 0 ? "id" : "tenant_id").data;
		CHECK_EQ_INT(ask(place.site.path, sql), 0);
	}
	CHECK_EQ_INT(accounts_of(&place, TENANT), 3);
	site_close(&place.site);
}

/* As after a kill: rows of a tenant that comes, and a file that was to be read once. */
TEST(what_a_lost_process_left_goes_at_the_next_start)
{
	struct place place;
	struct stat status;
	place_open(&place);
	const char *once = store_export_path(place.site.store, &place.site.arena);
	CHECK(store_export(place.site.store, TENANT, once, STORE_EXPORT_TO_READ, NULL, &place.made, &place.site.problems));
	CHECK(export(&place, TENANT));
	CHECK(import(&place));
	site_stop(&place.site);
	CHECK(stat(once, &status) == 0);
	site_start(&place.site, NULL);
	CHECK(stat(once, &status) != 0);
	sweep_wait(&place);
	CHECK_EQ_INT(accounts_of(&place, 3), 0);
	CHECK_EQ_INT(accounts_of(&place, TENANT), 3);
	CHECK_EQ_INT(ask(place.site.path, "SELECT count(*) FROM counter WHERE tenant_id = 3"), 0);
	site_close(&place.site);
}

TEST(keys_of_requests_go_with_their_tenant_and_no_others)
{
	struct place place;
	place_open(&place);
	site_must_run(&place.site, OTHER, add_key, NULL);
	store_import_abandon(place.site.store, OTHER); /* as if it had been dropped */
	CHECK(store_sweep_wait(place.site.store, OTHER, NULL, &place.site.problems));
	CHECK_EQ_INT(ask(place.site.path, "SELECT count(*) FROM idempotency"), 1);
	CHECK_EQ_INT(ask(place.site.path, "SELECT count(*) FROM idempotency WHERE tenant_id = 1"), 1);
	CHECK_EQ_INT(accounts_of(&place, OTHER), 0);
	site_close(&place.site);
}

/* ---- files that are no good ---- */

TEST(a_file_whose_tables_were_changed_is_refused)
{
	struct place place;
	place_open(&place);
	CHECK(export(&place, TENANT));
	change(place.file, "CREATE TRIGGER t AFTER INSERT ON account BEGIN DELETE FROM account; END");
	CHECK(!import(&place));
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_INVALID_VALUE);
	CHECK_EQ_INT(place.import.tenant_id, 0);
	site_close(&place.site);
}

TEST(a_file_of_another_version_is_refused)
{
	struct place place;
	place_open(&place);
	CHECK(export(&place, TENANT));
	change(place.file, "UPDATE migration SET checksum = 'x' WHERE number = 1");
	CHECK(store_open(text_of(place.file), &(struct store_options){ .read_only = true, .readers = 1 }, &place.site.problems) == NULL);
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_UNSUPPORTED_VERSION);
	site_close(&place.site);
}

TEST(a_row_that_no_store_takes_ends_the_copy_and_nothing_stays)
{
	struct place place;
	place_open(&place);
	CHECK(export(&place, TENANT));
	change(place.file, "PRAGMA ignore_check_constraints = ON; UPDATE account SET id = -1 WHERE id = 2");
	CHECK(!import(&place));
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_INVALID_VALUE);
	sweep_wait(&place);
	CHECK_EQ_INT(accounts_of(&place, 3), 0);
	site_close(&place.site);
}

/* ---- beside others ---- */

struct other {
	struct place *place;
	pthread_t thread;
	atomic_bool ends;
	int64_t done, longest_us;
};

static void *other_run(void *context)
{
	struct other *other = context;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	while (!atomic_load(&other->ends)) {
		int64_t id, begun_us = clock_monotonic_us();
		struct store_job job = { .tenant_id = OTHER, .body = add_account, .context = &id, .arena = &arena, .problems = &problems };
		CHECK(store_run(other->place->site.store, &job) == STORE_COMMITTED);
		int64_t took_us = clock_monotonic_us() - begun_us;
		other->longest_us = took_us > other->longest_us ? took_us : other->longest_us;
		other->done++;
	}
	arena_finish(&arena);
	return NULL;
}

static bool add_many(struct store_transaction *transaction, void *context)
{
	int64_t id;
	(void)context;
	for (int i = 0; i < MANY / 20; i++)
		if (!add_account(transaction, &id))
			return false;
	return true;
}

TEST(while_many_rows_come_and_go_another_tenant_is_served)
{
	struct place place;
	place_open(&place);
	for (int i = 0; i < 20; i++)
		site_must_run(&place.site, TENANT, add_many, NULL);
	CHECK(export(&place, TENANT));
	struct other other = { .place = &place };
	CHECK(pthread_create(&other.thread, NULL, other_run, &other) == 0);
	CHECK(import(&place));
	int64_t served = other.done;
	store_import_abandon(place.site.store, place.import.tenant_id);
	CHECK(store_sweep_wait(place.site.store, place.import.tenant_id, NULL, &place.site.problems));
	atomic_store(&other.ends, true);
	pthread_join(other.thread, NULL);
	printf("# %d rows in %d pieces, the longest %d ms; %d and %d jobs of another tenant meanwhile, the longest %d ms\n",
	       (int)place.import.rows, (int)place.import.pieces, (int)(place.import.longest_us / 1000), (int)served,
	       (int)(other.done - served), (int)(other.longest_us / 1000));
	CHECK(place.import.rows > MANY);
	CHECK(place.import.pieces > 3 && served > place.import.pieces / 4 && other.done > served);
	site_close(&place.site);
}

CHECK_MAIN
