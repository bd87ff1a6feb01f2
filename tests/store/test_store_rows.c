/* test_store_rows.c: rows that the writer keeps decoded: answered without a read, exact under changes and rollbacks; and
 * rollbacks of more pages than are kept in memory. */
#include "store_site.h"

#include "store/statement.h"

#include <sqlite3.h>

static bool plan_insert(struct store_transaction *transaction, void *context)
{
	struct plan plan = { 0 };
	uint64_t state = 7;
	fill_record(&plan_record, &plan, store_arena(transaction), &state, true);
	plan.id = *(const int64_t *)context;
	plan.code = text_format(store_arena(transaction), "plan-%lld", (long long)plan.id);
	plan.name = TEXT("first");
	return store_insert(transaction, &plan_record, &plan);
}

struct look {
	int64_t id;
	struct text by_id, by_code;
};

static bool plan_look(struct store_transaction *transaction, void *context)
{
	struct look *look = context;
	struct plan *found = NULL, *coded = NULL;
	struct text code = text_format(store_arena(transaction), "plan-%lld", (long long)look->id);
	CHECK(store_find(transaction, &plan_record, look->id, (void **)&found));
	CHECK(store_one(transaction, STATEMENT_PLAN_BY_CODE, BINDS(bind_text(code)), &plan_record, (void **)&coded));
	look->by_id = found ? found->name : TEXT_NONE;
	look->by_code = coded ? coded->name : TEXT_NONE;
	/* What a caller does to its copy is nobody else's. */
	if (found)
		found->name = TEXT("scribbled");
	return true;
}

static void check_name(struct site *site, int64_t tenant_id, int64_t id, const char *name)
{
	for (int times = 0; times < 2; times++) { /* from the row, then from what is kept */
		struct look look = { .id = id };
		site_must_run(site, tenant_id, plan_look, &look);
		CHECK_EQ_TEXT(look.by_id, name);
		CHECK_EQ_TEXT(look.by_code, name);
	}
}

struct rename {
	int64_t id;
	const char *name;
	bool undone_step, undone;
};

static bool plan_rename(struct store_transaction *transaction, void *context)
{
	const struct rename *rename = context;
	struct plan *plan = NULL;
	if (rename->undone_step)
		CHECK(store_savepoint(transaction));
	CHECK(store_find(transaction, &plan_record, rename->id, (void **)&plan));
	plan->name = text_of(rename->name);
	CHECK(store_update(transaction, &plan_record, plan));
	struct look look = { .id = rename->id };
	plan_look(transaction, &look);
	CHECK_EQ_TEXT(look.by_id, rename->name);
	CHECK_EQ_TEXT(look.by_code, rename->name);
	if (rename->undone_step)
		CHECK(store_rollback_to(transaction));
	if (rename->undone)
		problem(store_problems(transaction), PROBLEM_INTERNAL, "", "wanted by the test");
	return !rename->undone;
}

TEST_ON_BOTH(a_kept_row_follows_every_change_and_no_rollback)
{
	int64_t id = 3;
	site_must_run(site, 1, plan_insert, &id);
	check_name(site, 1, id, "first");
	site_must_run(site, 1, plan_rename, &(struct rename){ id, "second", false, false });
	check_name(site, 1, id, "second");
	site_must_run(site, 1, plan_rename, &(struct rename){ id, "third", true, false });
	check_name(site, 1, id, "second");
	CHECK_EQ_INT(site_run(site, 1, plan_rename, &(struct rename){ id, "fourth", false, true }), STORE_ROLLED_BACK);
	check_name(site, 1, id, "second");
}

TEST_ON_BOTH(a_row_that_is_kept_is_of_one_tenant)
{
	int64_t id = 3;
	site_must_run(site, 1, plan_insert, &id);
	site_must_run(site, 2, plan_insert, &id);
	site_must_run(site, 2, plan_rename, &(struct rename){ id, "of the second", false, false });
	check_name(site, 1, id, "first");
	check_name(site, 2, id, "of the second");
	struct look none = { .id = id };
	site_must_run(site, 3, plan_look, &none);
	CHECK(!text_present(none.by_id) && !text_present(none.by_code));
}

TEST_ON_BOTH(more_rows_than_are_kept_are_read)
{
	enum { PLANS = 300 }; /* ROW_CACHE_SLOTS is 256 */
	for (int64_t id = 1; id <= PLANS; id++)
		site_must_run(site, 1, plan_insert, &id);
	site_must_run(site, 1, plan_rename, &(struct rename){ PLANS, "last", false, false });
	for (int64_t id = 1; id < PLANS; id++)
		check_name(site, 1, id, "first");
	check_name(site, 1, PLANS, "last");
}

/* Control: without it the tests above would also pass with nothing kept. */
TEST(a_kept_row_is_not_read_again)
{
	struct site site;
	sqlite3 *other = NULL;
	int64_t id = 3;
	site_open(&site, IN_A_FILE);
	site_must_run(&site, 1, plan_insert, &id);
	check_name(&site, 1, id, "first");
	CHECK_EQ_INT(sqlite3_open(site.path, &other), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(other, "UPDATE plan SET name = 'behind its back'", NULL, NULL, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_close(other), SQLITE_OK);
	check_name(&site, 1, id, "first");
	site_must_run(&site, 1, plan_insert, &(int64_t){ 4 });
	check_name(&site, 1, id, "behind its back");
	site_close(&site);
}

/* ---- a savepoint whose old pages do not fit into memory ---- */

enum { WIDE_ROWS = 600 }; /* a page each at least: far more than the 127 KiB that are kept in memory */

static bool wide_insert(struct store_transaction *transaction, void *context)
{
	(void)context;
	char notes[4000];
	memset(notes, 'x', sizeof notes);
	for (int64_t id = 1; id <= WIDE_ROWS; id++) {
		struct account account = { .id = id, .uuid = uuid_time_ordered(), .name = TEXT("before"),
			                   .currency = currency_find(TEXT("EUR")), .time_zone = TEXT("UTC"),
			                   .status = ACCOUNT_STATUS_ACTIVE, .notes = { notes, sizeof notes },
			                   .created_at = { 1 }, .updated_at = { 1 } };
		if (!store_insert(transaction, &account_record, &account))
			return false;
	}
	return true;
}

static bool wide_change(struct store_transaction *transaction, void *context)
{
	const bool *step = context;
	if (*step)
		CHECK(store_savepoint(transaction));
	for (int64_t id = 1; id <= WIDE_ROWS; id++) {
		struct account *account = NULL;
		CHECK(store_find(transaction, &account_record, id, (void **)&account));
		account->name = TEXT("after");
		CHECK(store_update(transaction, &account_record, account));
	}
	if (*step)
		return store_rollback_to(transaction);
	problem(store_problems(transaction), PROBLEM_INTERNAL, "", "wanted by the test");
	return false;
}

static bool wide_count(struct store_transaction *transaction, void *context)
{
	int *unchanged = context;
	for (int64_t id = 1; id <= WIDE_ROWS; id++) {
		struct account *account = NULL;
		CHECK(store_find(transaction, &account_record, id, (void **)&account));
		*unchanged += account && text_is(account->name, "before");
	}
	return true;
}

TEST_ON_BOTH(a_savepoint_that_changed_more_than_is_kept_in_memory_is_undone)
{
	site_must_run(site, 1, wide_insert, NULL);
	for (int step = 0; step < 2; step++) {
		int unchanged = 0;
		bool inside = step == 1;
		CHECK_EQ_INT(site_run(site, 1, wide_change, &inside), inside ? STORE_COMMITTED : STORE_ROLLED_BACK);
		site_must_run(site, 1, wide_count, &unchanged);
		CHECK_EQ_INT(unchanged, WIDE_ROWS);
	}
}

/* ---- what the build says of statements ---- */

/* By the text of the statements, not by what their generator made of it. */
static bool writes_table(const char *sql, const char *table)
{
	static const char *const forms[] = { "INSERT INTO %s ", "INSERT INTO \"%s\" ", "UPDATE %s ", "UPDATE \"%s\" ",
		                             "DELETE FROM %s ", "DELETE FROM \"%s\" " };
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		char form[100];
		const char *place = strstr(forms[i], "%s");
		snprintf(form, sizeof form, "%.*s%s%s", (int)(place - forms[i]), forms[i], table, place + 2);
		if (strstr(sql, form))
			return true;
	}
	return false;
}

TEST(every_statement_that_changes_a_kept_kind_says_so)
{
	int changing = 0;
	for (int row = 1; row < STATEMENT_COUNT; row++) {
		if (!statement_infos[row].row_cached)
			continue;
		for (int number = 1; number < STATEMENT_COUNT; number++) {
			const struct statement_info *info = &statement_infos[number];
			check_note("%s", info->name);
			if (writes_table(info->sql, statement_infos[row].row->table->name)) {
				CHECK(info->changes_cached);
				changing++;
			}
		}
	}
	CHECK(changing >= 4); /* insert and update of two kinds at least */
}

CHECK_MAIN
