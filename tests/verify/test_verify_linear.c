/* test_verify_linear.c: the work of verify grows as the rows do, counted in steps of SQLite's machine. */
#include "billing/shop.h"

#include "verify/verify.h"

#include <sqlite3.h>
#include <stdatomic.h>

enum { CUSTOMERS = 15, TIMES = 4 };
static const double LINEAR_MOST = TIMES * 1.25; /* trees become a level deeper, and some rows are of the tenant */

struct sizes {
	char folder[40], path[60];
	int64_t rows, verify_steps, square_steps;
};

/* ---- steps ---- */

static atomic_llong steps;

static int steps_add(unsigned event, void *context, void *statement, void *nanoseconds)
{
	(void)event;
	(void)context;
	(void)nanoseconds;
	atomic_fetch_add(&steps, sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, true));
	return 0;
}

static int connection_watch(sqlite3 *handle, const char **message, const struct sqlite3_api_routines *api)
{
	(void)message;
	(void)api;
	return sqlite3_trace_v2(handle, SQLITE_TRACE_PROFILE, steps_add, NULL);
}

/* ---- shops of two sizes ---- */

static void shop_fill(struct desk *desk, int customers)
{
	shop_plans(desk);
	for (int i = 1; i <= customers; i++) {
		desk_do(desk, "account.create", "{'name':'Ann'}");
		desk_do(desk, "order.place", text_format(&desk->arena, "{'account_id':%d,'plan':'H6','create_invoice':true,"
		                                                       "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", i).data);
		desk_do(desk, "payment.create", text_format(&desk->arena, "{'account_id':%d,'amount':'200.00','currency':'USD'," CARD "}",
		                                            i).data);
	}
}

static void ignore_violation(void *context, const struct violation *violation)
{
	(void)context;
	(void)violation;
}

static void ignore_progress(void *context, struct text tenant, const char *walk, int64_t next)
{
	(void)context;
	(void)tenant;
	(void)walk;
	(void)next;
}

static void verify_file(const char *path)
{
	struct arena arena;
	struct problems problems;
	struct verify_totals totals;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	const struct verify_options options = { .found = ignore_violation, .progress = ignore_progress };
	struct store *store = store_open(text_of(path), &(struct store_options){ .read_only = true, .readers = 1 }, &problems);
	CHECK(store != NULL);
	CHECK(verify_run(store, &options, &problems, &totals));
	CHECK_EQ_INT(totals.violations, 0);
	store_close(store);
	arena_finish(&arena);
}

static int64_t count(const char *path, const char *sql)
{
	sqlite3 *handle;
	sqlite3_stmt *statement;
	CHECK_EQ_INT(sqlite3_open(path, &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(statement), SQLITE_ROW);
	int64_t value = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	return value;
}

static void measure(struct sizes *sizes, int customers)
{
	struct desk desk;
	char remove[60];
	snprintf(sizes->folder, sizeof sizes->folder, "/tmp/moonbill-linear-XXXXXX");
	CHECK(mkdtemp(sizes->folder) != NULL);
	snprintf(sizes->path, sizeof sizes->path, "%s/shop.db", sizes->folder);
	shop_open_at(&desk, sizes->path, "", false);
	shop_fill(&desk, customers);
	desk_close(&desk);
	sizes->rows = count(sizes->path, "SELECT (SELECT count(*) FROM journal) + (SELECT count(*) FROM invoice_line)");
	CHECK_EQ_INT(sqlite3_auto_extension((void (*)(void))connection_watch), SQLITE_OK);
	steps = 0;
	verify_file(sizes->path);
	sizes->verify_steps = atomic_exchange(&steps, 0);
	count(sizes->path, "SELECT count(*) FROM journal a JOIN journal b ON a.payload < b.payload");
	sizes->square_steps = atomic_exchange(&steps, 0);
	sqlite3_reset_auto_extension();
	snprintf(remove, sizeof remove, "rm -r %s", sizes->folder);
	CHECK_EQ_INT(system(remove), 0);
}

TEST(verify_of_four_times_the_rows_takes_four_times_the_steps)
{
	struct sizes small = { .rows = 0 }, large = { .rows = 0 };
	measure(&small, CUSTOMERS);
	measure(&large, CUSTOMERS * TIMES);
	printf("# rows %lld and %lld, steps %lld and %lld, of a square join %lld and %lld\n", (long long)small.rows,
	       (long long)large.rows, (long long)small.verify_steps, (long long)large.verify_steps,
	       (long long)small.square_steps, (long long)large.square_steps);
	CHECK(small.verify_steps > small.rows);
	CHECK((double)large.verify_steps <= LINEAR_MOST * (double)small.verify_steps);
	/* The control: what compares each row with each other is told apart. */
	CHECK((double)large.square_steps > 2 * LINEAR_MOST * (double)small.square_steps);
}

CHECK_MAIN
