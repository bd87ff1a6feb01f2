/* test_store.c: the contract of store.h, on every backend. */
#include "store_site.h"

#include <pthread.h>
#include <semaphore.h>

/* ---- commit and roll back ---- */

static bool find_account(struct store_transaction *transaction, void *context)
{
	struct account **account = context;
	void *found = NULL;
	bool good = store_find(transaction, &account_record, (*account)->id, &found);
	*account = found;
	return good;
}

/* The tenant's account of this id, NULL when there is none. */
static struct account *account_in(struct site *site, int64_t tenant_id, int64_t id)
{
	struct account wanted = { .id = id }, *account = &wanted;
	CHECK(site_read(site, tenant_id, find_account, &account));
	return account;
}

static bool add_account_and_fail(struct store_transaction *transaction, void *context)
{
	add_account(transaction, context);
	int64_t number = 0;
	CHECK(store_next_number(transaction, "invoice_number", &number));
	return problem(store_problems(transaction), PROBLEM_REJECTED, "", "the body says no");
}

TEST_ON_BOTH(a_committed_row_is_found)
{
	int64_t id = 0;
	site_must_run(site, 1, add_account, &id);
	CHECK_EQ_INT(id, 1);
	CHECK_EQ_TEXT(account_in(site, 1, id)->name, "Daddy");
	CHECK(account_in(site, 1, id + 1) == NULL);
}

TEST_ON_BOTH(a_job_that_returns_false_leaves_nothing_and_burns_nothing)
{
	int64_t rejected = 0, id = 0;
	CHECK_EQ_INT(site_run(site, 1, add_account_and_fail, &rejected), STORE_ROLLED_BACK);
	CHECK_EQ_INT(site_last_problem(site), PROBLEM_REJECTED);
	CHECK_EQ_INT(rejected, 1);
	CHECK(account_in(site, 1, 1) == NULL);
	site_must_run(site, 1, add_account, &id);
	CHECK_EQ_INT(id, 1);
}

static bool take_both(struct store_transaction *transaction, void *context)
{
	int64_t *taken = context;
	taken[0] = store_new_id(transaction, "invoice");
	return store_next_number(transaction, "invoice_number", &taken[1]);
}

TEST_ON_BOTH(a_dry_run_gives_the_ids_it_would_have_given_and_keeps_none)
{
	int64_t taken[2];
	struct store_job job = { .tenant_id = 1, .dry_run = true, .body = take_both, .context = taken,
	                         .arena = &site->arena, .problems = &site->problems };
	for (int i = 0; i < 3; i++) {
		CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
		CHECK_EQ_INT(taken[0], 1);
		CHECK_EQ_INT(taken[1], 1);
	}
	CHECK_EQ_INT(site->problems.count, 0);
	site_must_run(site, 1, take_both, taken);
	CHECK_EQ_INT(taken[0], 1);
	site_must_run(site, 1, take_both, taken);
	CHECK_EQ_INT(taken[0], 2);
	CHECK_EQ_INT(taken[1], 2);
}

static void add_account_after(struct store_transaction *transaction, void *context)
{
	CHECK(!store_failed(transaction));
	add_account(transaction, context);
}

TEST_ON_BOTH(what_after_rollback_writes_is_kept)
{
	int64_t id = 0;
	struct store_job job = { .tenant_id = 1, .body = add_account_and_fail, .after_rollback = add_account_after,
	                         .context = &id, .arena = &site->arena, .problems = &site->problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	CHECK_EQ_INT(id, 1);
	CHECK(account_in(site, 1, 1) != NULL);
	job.dry_run = true;
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	CHECK(account_in(site, 1, 2) == NULL);
}

static bool update_account(struct store_transaction *transaction, void *context)
{
	struct account *account = context;
	return store_update(transaction, &account_record, account);
}

TEST_ON_BOTH(an_update_replaces_all_columns)
{
	int64_t id = 0;
	site_must_run(site, 1, add_account, &id);
	struct account *account = account_in(site, 1, id);
	account->name = TEXT("Momma");
	account->email = TEXT("momma@example.org");
	site_must_run(site, 1, update_account, account);
	struct account *found = account_in(site, 1, id);
	CHECK_EQ_TEXT(record_changed(&account_record, account, found, &site->arena), "");
	found->email = TEXT_NONE;
	site_must_run(site, 1, update_account, found);
	CHECK(!text_present(account_in(site, 1, id)->email));
}

static bool update_missing(struct store_transaction *transaction, void *context)
{
	(void)context;
	return store_update(transaction, &account_record, account_made(store_arena(transaction), 7, "nobody"));
}

TEST(updating_a_row_that_is_missing_is_a_bug)
{
	CHECK_ABORTS({
		struct site site;
		site_open(&site, IN_MEMORY);
		site_run(&site, 1, update_missing, NULL);
	});
}

static bool add_same_account_twice(struct store_transaction *transaction, void *context)
{
	(void)context;
	struct account *account = account_made(store_arena(transaction), 5, "twin");
	CHECK(store_insert(transaction, &account_record, account));
	CHECK(!store_insert(transaction, &account_record, account));
	CHECK(store_failed(transaction));
	account->id = 6;
	CHECK(!store_insert(transaction, &account_record, account)); /* sticky */
	return true;
}

static bool add_unless_taken(struct store_transaction *transaction, void *context)
{
	bool *taken = context;
	struct account *account = account_made(store_arena(transaction), 5, "twin");
	account->external_key = TEXT("twin");
	CHECK(store_insert_untaken(transaction, &account_record, account, &taken[0]));
	account->id = 6;
	CHECK(store_insert_untaken(transaction, &account_record, account, &taken[1]));
	CHECK(!store_failed(transaction));
	account->external_key = TEXT("another");
	CHECK(store_insert_untaken(transaction, &account_record, account, &taken[2]));
	return true;
}

TEST_ON_BOTH(a_row_whose_unique_field_is_taken_is_told_and_the_job_goes_on)
{
	bool taken[3] = { true, false, true };
	site_must_run(site, 1, add_unless_taken, taken);
	CHECK(!taken[0] && taken[1] && !taken[2]);
	CHECK(account_in(site, 1, 5) != NULL);
	CHECK_EQ_TEXT(account_in(site, 1, 6)->external_key, "another");
}

static bool add_same_id_unless_taken(struct store_transaction *transaction, void *context)
{
	(void)context;
	bool taken;
	struct account *account = account_made(store_arena(transaction), 5, "twin");
	account->external_key = TEXT("twin");
	CHECK(store_insert_untaken(transaction, &account_record, account, &taken));
	account->external_key = TEXT("another");
	CHECK(!store_insert_untaken(transaction, &account_record, account, &taken));
	CHECK(!taken);
	return true;
}

TEST_ON_BOTH(a_row_whose_key_is_there_is_a_failure_and_not_taken)
{
	CHECK_EQ_INT(site_run(site, 1, add_same_id_unless_taken, NULL), STORE_ROLLED_BACK);
}

TEST_ON_BOTH(a_failed_statement_rolls_the_job_back_even_if_the_body_says_true)
{
	CHECK_EQ_INT(site_run(site, 1, add_same_account_twice, NULL), STORE_ROLLED_BACK);
	CHECK_EQ_INT(site_last_problem(site), PROBLEM_DUPLICATE);
	CHECK(account_in(site, 1, 5) == NULL);
}

static bool add_account_and_cut(struct store_transaction *transaction, void *context)
{
	(void)context;
	store_cut_log(transaction);
	return store_insert(transaction, &account_record, account_made(store_arena(transaction), 7, "cut"));
}

/* At most a minute: a reader may need the log for a moment. */
TEST(a_log_that_is_to_be_cut_holds_nothing_soon)
{
	struct site site;
	struct stat status = { .st_size = 1 };
	site_open(&site, IN_A_FILE);
	CHECK_EQ_INT(site_run(&site, 1, add_account_and_cut, NULL), STORE_COMMITTED);
	const char *log = text_format(&site.arena, "%s-wal", site.path).data;
	for (int i = 0; i < 6000 && status.st_size; i++) {
		usleep(10000);
		CHECK_EQ_INT(stat(log, &status), 0);
	}
	CHECK_EQ_INT(status.st_size, 0);
	CHECK(account_in(&site, 1, 7) != NULL);
	site_close(&site);
}

/* It goes to clients: names of statements, tables and columns are the log's. */
TEST_ON_BOTH(the_problem_of_a_broken_constraint_names_nothing_of_the_store)
{
	CHECK_EQ_INT(site_run(site, 1, add_same_account_twice, NULL), STORE_ROLLED_BACK);
	const struct problem *problem = problem_last(&site->problems);
	CHECK_EQ_C(problem->message, "there is one with the same values already");
	CHECK(problem->cause == NULL);
}

static bool exhaust_arena(struct store_transaction *transaction, void *context)
{
	(void)context;
	arena_alloc(store_arena(transaction), ARENA_LIMIT_DEFAULT_BYTES);
	int64_t id = 0;
	return add_account(transaction, &id);
}

TEST_ON_BOTH(an_exhausted_arena_ends_the_transaction)
{
	struct arena arena;
	struct problems problems;
	arena_init(&arena, 1024 * 1024);
	problems_init(&problems, &arena);
	struct store_job job = { .tenant_id = 1, .body = exhaust_arena, .arena = &arena, .problems = &problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	CHECK_EQ_INT(problems.last->code, PROBLEM_OUT_OF_MEMORY);
	arena_finish(&arena);
}

static bool exhaust_at_the_end(struct store_transaction *transaction, void *context)
{
	int64_t id = 0;
	if (!context && !add_account(transaction, &id))
		return false;
	arena_alloc(store_arena(transaction), ARENA_LIMIT_DEFAULT_BYTES);
	return true;
}

TEST_ON_BOTH(an_arena_exhausted_after_the_last_statement_counts_too)
{
	int64_t count = 0;
	struct arena arena;
	struct problems problems;
	arena_init(&arena, 1024 * 1024);
	problems_init(&problems, &arena);
	struct store_job job = { .tenant_id = 1, .body = exhaust_at_the_end, .arena = &arena, .problems = &problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	CHECK_EQ_INT(problems.last->code, PROBLEM_OUT_OF_MEMORY);
	arena_reset(&arena);
	problems_init(&problems, &arena);
	CHECK(!store_read(site->store, 1, &arena, &problems, exhaust_at_the_end, &count));
	CHECK_EQ_INT(problems.last->code, PROBLEM_OUT_OF_MEMORY);
	arena_finish(&arena);
	CHECK(site_read(site, 1, count_accounts, &count));
	CHECK_EQ_INT(count, 0);
}

/* ---- savepoints ---- */

static bool nest(struct store_transaction *transaction, void *context)
{
	int64_t *ids = context;
	add_account(transaction, &ids[0]);
	CHECK(store_savepoint(transaction));
	add_account(transaction, &ids[1]);
	CHECK(store_savepoint(transaction));
	add_account(transaction, &ids[2]);
	CHECK(store_release(transaction));
	CHECK(store_rollback_to(transaction));
	add_account(transaction, &ids[3]);
	CHECK(store_savepoint(transaction));
	CHECK(!store_insert(transaction, &account_record, account_made(store_arena(transaction), ids[0], "twin")));
	CHECK(!store_release(transaction));
	CHECK(store_rollback_to(transaction));
	CHECK(!store_failed(transaction));
	return add_account(transaction, &ids[4]);
}

TEST_ON_BOTH(a_savepoint_gives_back_rows_ids_and_the_failure)
{
	int64_t ids[5], count = 0;
	site_must_run(site, 1, nest, ids);
	CHECK_EQ_INT(ids[2], 3);
	CHECK_EQ_INT(ids[3], 2);
	CHECK_EQ_INT(ids[4], 3);
	CHECK(site_read(site, 1, count_accounts, &count));
	CHECK_EQ_INT(count, 3);
}

/* ---- ids and numbers ---- */

static bool set_and_take(struct store_transaction *transaction, void *context)
{
	int64_t *taken = context;
	CHECK_EQ_INT(store_peek_id(transaction, "invoice"), 1);
	CHECK(store_set_next_id(transaction, "invoice", 27));
	CHECK(store_set_next_number(transaction, "invoice_number", 1000));
	CHECK_EQ_INT(store_peek_id(transaction, "invoice"), 27);
	CHECK_EQ_INT(store_peek_number(transaction, "invoice_number"), 1000);
	return take_both(transaction, taken);
}

static bool peek_both(struct store_transaction *transaction, void *context)
{
	int64_t *next = context;
	next[0] = store_peek_id(transaction, "invoice");
	next[1] = store_peek_number(transaction, "invoice_number");
	return true;
}

TEST_ON_BOTH(ids_and_numbers_are_counted_by_tenant_and_name)
{
	int64_t taken[2], next[2];
	site_must_run(site, 1, set_and_take, taken);
	CHECK_EQ_INT(taken[0], 27);
	CHECK_EQ_INT(taken[1], 1000);
	site_must_run(site, 2, take_both, taken);
	CHECK_EQ_INT(taken[0], 1);
	CHECK(site_read(site, 1, peek_both, next));
	CHECK_EQ_INT(next[0], 28);
	CHECK_EQ_INT(next[1], 1001);
	CHECK(site_read(site, 3, peek_both, next));
	CHECK_EQ_INT(next[0], 1);
}

static bool take_last_id(struct store_transaction *transaction, void *context)
{
	(void)context;
	CHECK(store_set_next_id(transaction, "invoice", (INT64_C(1) << 53) - 1));
	CHECK_EQ_INT(store_new_id(transaction, "invoice"), (INT64_C(1) << 53) - 1);
	CHECK_EQ_INT(store_new_id(transaction, "invoice"), 0);
	return true;
}

TEST_ON_BOTH(ids_end_below_2_to_the_53)
{
	CHECK_EQ_INT(site_run(site, 1, take_last_id, NULL), STORE_ROLLED_BACK);
	CHECK_EQ_INT(site_last_problem(site), PROBLEM_OVERFLOW);
}

TEST(ids_and_numbers_go_on_without_a_gap_after_a_restart)
{
	struct site site;
	int64_t taken[2];
	site_open(&site, IN_A_FILE);
	for (int64_t round = 1; round <= 5; round++) {
		site_must_run(&site, 1, take_both, taken);
		CHECK_EQ_INT(taken[0], round);
		CHECK_EQ_INT(taken[1], round);
		CHECK_EQ_INT(site_run(&site, 1, add_account_and_fail, &taken[0]), STORE_ROLLED_BACK);
		site_stop(&site);
		site_start(&site, NULL);
	}
	site_close(&site);
}

/* Takes the next number of a chain and notes `note` with it; tells what was noted with the one before. */
struct chaining {
	const char *note;
	bool fails;
	char before[16]; /* out; "" when it is not known */
};

static bool chain_on(struct store_transaction *transaction, void *context)
{
	struct chaining *chaining = context;
	int64_t number;
	CHECK(store_next_number(transaction, "chain", &number));
	struct text before = store_noted_number(transaction, "chain", number - 1);
	snprintf(chaining->before, sizeof chaining->before, "%.*s", TEXT_ARG(before));
	store_note_number(transaction, "chain", number, text_of(chaining->note));
	return !chaining->fails || problem(store_problems(transaction), PROBLEM_REJECTED, "", "no");
}

static const char *chained(struct site *site, int64_t tenant_id, const char *note, bool fails)
{
	static struct chaining chaining;
	chaining = (struct chaining){ .note = note, .fails = fails };
	CHECK_EQ_INT(site_run(site, tenant_id, chain_on, &chaining), fails ? STORE_ROLLED_BACK : STORE_COMMITTED);
	return chaining.before;
}

TEST_ON_BOTH(the_note_of_a_number_is_of_the_one_that_stayed)
{
	CHECK_EQ_C(chained(site, 1, "a", false), "");
	CHECK_EQ_C(chained(site, 1, "b", false), "a");
	CHECK_EQ_C(chained(site, 2, "x", false), "");
	CHECK_EQ_C(chained(site, 1, "gone", true), "b");
	CHECK_EQ_C(chained(site, 1, "c", false), ""); /* not "gone", and "b" is forgotten */
	CHECK_EQ_C(chained(site, 1, "d", false), "c");
	CHECK_EQ_C(chained(site, 2, "y", false), "x");
}

static bool set_chain(struct store_transaction *transaction, void *context)
{
	return store_set_next_number(transaction, "chain", *(const int64_t *)context);
}

TEST_ON_BOTH(a_series_that_is_set_forgets_its_note)
{
	int64_t next = 2;
	chained(site, 1, "a", false);
	site_must_run(site, 1, set_chain, &next);
	CHECK_EQ_C(chained(site, 1, "b", false), "");
}

TEST(what_a_number_was_noted_with_is_not_known_after_a_restart)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	chained(&site, 1, "a", false);
	site_stop(&site);
	site_start(&site, NULL);
	CHECK_EQ_C(chained(&site, 1, "b", false), "");
	site_close(&site);
}

/* ---- tenants ---- */

static bool add_tenant_then_account(struct store_transaction *transaction, void *context)
{
	struct arena *arena = store_arena(transaction);
	uint64_t state = 1;
	struct tenant *tenant = arena_new(arena, struct tenant);
	fill_record(&tenant_record, tenant, arena, &state, false);
	tenant->id = store_new_id(transaction, "tenant");
	tenant->name = text_format(arena, "tenant %lld", (long long)tenant->id);
	if (!store_insert(transaction, &tenant_record, tenant))
		return false;
	store_set_tenant(transaction, tenant->id);
	int64_t id = 0;
	*(int64_t *)context = tenant->id;
	return add_account(transaction, &id) && id == 1;
}

TEST_ON_BOTH(a_global_job_acts_on_the_tenant_it_made)
{
	int64_t tenant_id = 0, count = 0;
	for (int64_t i = 1; i <= 3; i++) {
		site_must_run(site, 0, add_tenant_then_account, &tenant_id);
		CHECK_EQ_INT(tenant_id, i);
		CHECK(site_read(site, tenant_id, count_accounts, &count));
		CHECK_EQ_INT(count, 1);
	}
}

static bool change_tenant(struct store_transaction *transaction, void *context)
{
	store_set_tenant(transaction, 2);
	return context == NULL;
}

TEST(a_job_of_a_tenant_cannot_change_to_another)
{
	CHECK_ABORTS({
		struct site site;
		site_open(&site, IN_MEMORY);
		site_run(&site, 1, change_tenant, NULL);
	});
}

TEST(a_statement_of_a_tenant_does_not_run_without_one)
{
	CHECK_ABORTS({
		struct site site;
		int64_t count = 0;
		site_open(&site, IN_MEMORY);
		site_run(&site, 0, count_accounts, &count);
	});
}

TEST_ON_BOTH(a_tenant_never_sees_the_rows_of_another)
{
	int64_t id = 0, count = 0;
	site_must_run(site, 1, add_account, &id);
	CHECK(account_in(site, 2, id) == NULL);
	CHECK(site_read(site, 2, count_accounts, &count));
	CHECK_EQ_INT(count, 0);
}

/* ---- rows of other shapes ---- */

static bool names_take(void *context, const struct store_row *row)
{
	struct text_builder *names = context;
	CHECK(!store_row_null(row, 0));
	builder_int64(names, store_row_integer(row, 0));
	builder_byte(names, ' ');
	return names->length < 6;
}

static bool read_rows(struct store_transaction *transaction, void *context)
{
	struct text_builder names;
	struct { struct account *items; size_t count, capacity; } accounts = { 0 };
	const struct store_bind all[] = { bind_integer(0), bind_integer(100) };
	builder_init(&names, store_arena(transaction), 0);
	CHECK(store_each(transaction, STATEMENT_ACCOUNT_PAGE, all, 2, names_take, &names));
	CHECK_EQ_TEXT(builder_text(&names), "1 2 3 ");
	CHECK(store_all(transaction, STATEMENT_ACCOUNT_PAGE, all, 2, &account_record, LIST(&accounts)));
	CHECK_EQ_INT(accounts.count, 5);
	CHECK_EQ_INT(accounts.items[4].id, 5);
	int64_t first = 0;
	bool found = false;
	CHECK(store_integer(transaction, STATEMENT_ACCOUNT_PAGE, BINDS(bind_integer(3), bind_integer(1)), &first, &found));
	CHECK(found);
	CHECK_EQ_INT(first, 4);
	CHECK(store_integer(transaction, STATEMENT_ACCOUNT_PAGE, BINDS(bind_integer(5), bind_integer(1)), &first, &found));
	CHECK(!found);
	return context == NULL;
}

TEST_ON_BOTH(rows_come_one_by_one_as_a_list_or_as_a_number)
{
	int64_t id = 0;
	for (int i = 0; i < 5; i++)
		site_must_run(site, 1, add_account, &id);
	CHECK(site_read(site, 1, read_rows, NULL));
	site_must_run(site, 1, read_rows, NULL);
}

struct nested_rows {
	struct store_transaction *transaction;
	int64_t pairs;
};

static bool nested_inner(void *context, const struct store_row *row)
{
	(void)row;
	++((struct nested_rows *)context)->pairs;
	return true;
}

static bool nested_outer(void *context, const struct store_row *row)
{
	struct nested_rows *nested = context;
	return store_each(nested->transaction, STATEMENT_ACCOUNT_PAGE,
	                  BINDS(bind_integer(store_row_integer(row, 0)), bind_integer(100)), nested_inner, nested);
}

static bool nested_read(struct store_transaction *transaction, void *context)
{
	struct nested_rows nested = { transaction, 0 };
	bool good = store_each(transaction, STATEMENT_ACCOUNT_PAGE, BINDS(bind_integer(0), bind_integer(100)), nested_outer, &nested);
	*(int64_t *)context = nested.pairs;
	return good;
}

TEST_ON_BOTH(a_statement_may_run_inside_its_own_rows)
{
	int64_t id = 0, pairs = 0;
	for (int i = 0; i < 4; i++)
		site_must_run(site, 1, add_account, &id);
	CHECK(site_read(site, 1, nested_read, &pairs));
	CHECK_EQ_INT(pairs, 6);
}

/* ---- reads ---- */

static bool write_in_read(struct store_transaction *transaction, void *context)
{
	(void)context;
	return store_insert(transaction, &account_record, account_made(store_arena(transaction), 1, "nobody"));
}

TEST(a_read_cannot_write)
{
	for (int backend = IN_A_FILE; backend <= IN_MEMORY; backend++) {
		struct site site;
		site_make(&site, (enum backend)backend);
		CHECK_ABORTS({
			site_start(&site, NULL);
			site_read(&site, 1, write_in_read, NULL);
		});
		site_close(&site);
	}
}

struct two_counts {
	struct site *site;
	int64_t before, after;
};

static bool count_around_a_commit(struct store_transaction *transaction, void *context)
{
	struct two_counts *counts = context;
	int64_t id = 0;
	struct arena arena;
	struct problems problems;
	CHECK(count_accounts(transaction, &counts->before));
	arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	problems_init(&problems, &arena);
	struct store_job job = { .tenant_id = 1, .body = add_account, .context = &id, .arena = &arena, .problems = &problems };
	CHECK_EQ_INT(store_run(counts->site->store, &job), STORE_COMMITTED);
	arena_finish(&arena);
	return count_accounts(transaction, &counts->after);
}

TEST(a_read_sees_one_snapshot_while_others_commit)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	struct two_counts counts = { &site, -1, -1 };
	for (int64_t i = 0; i < 3; i++) {
		CHECK(site_read(&site, 1, count_around_a_commit, &counts));
		CHECK_EQ_INT(counts.before, i);
		CHECK_EQ_INT(counts.after, i);
	}
	site_close(&site);
}

static bool read_for_ever(struct store_transaction *transaction, void *context)
{
	int64_t count = 0;
	(void)context;
	while (count_accounts(transaction, &count))
		;
	return false;
}

TEST(a_read_that_takes_too_long_is_ended)
{
	struct site site;
	int64_t id = 0;
	const struct store_options options = { .read_limit_ms = 50 };
	site_make(&site, IN_A_FILE);
	site_start(&site, &options);
	for (int i = 0; i < 300; i++)
		site_must_run(&site, 1, add_account, &id);
	CHECK(!site_read(&site, 1, read_for_ever, NULL));
	CHECK_EQ_INT(site_last_problem(&site), PROBLEM_TIMEOUT);
	CHECK_EQ_C(site.problems.first->message, "it read more than may be read at once, and was ended");
	CHECK(site.problems.first->cause == NULL); /* which statement it was is in the log */
	site_close(&site);
}

static bool fail_read(struct store_transaction *transaction, void *context)
{
	(void)context;
	return problem(store_problems(transaction), PROBLEM_NOT_FOUND, "", "nothing there");
}

TEST_ON_BOTH(a_read_returns_what_its_body_returns)
{
	int64_t count = 0;
	CHECK(!site_read(site, 1, fail_read, NULL));
	CHECK_EQ_INT(site_last_problem(site), PROBLEM_NOT_FOUND);
	CHECK(site_read(site, 1, count_accounts, &count));
}

TEST(a_file_that_is_no_store_is_told_as_such_and_left_as_it_was)
{
	static const char letter[] = "Dear Ann, this is a letter and no store. It is longer than the head of a database, as SQLite takes "
	                             "what is shorter for an empty one.";
	struct site site;
	char kept[sizeof letter + 1] = "";
	site_make(&site, IN_A_FILE);
	FILE *file = fopen(site.path, "w");
	CHECK(file && fputs(letter, file) >= 0 && fclose(file) == 0);
	CHECK(!store_open(site.url, NULL, &site.problems));
	CHECK_EQ_INT(site.problems.first->code, PROBLEM_INVALID_VALUE);
	CHECK(strstr(site.problems.first->message, "is no store") != NULL);
	CHECK(strstr(site.problems.first->remedy, "Name the file of a store") != NULL);
	file = fopen(site.path, "r");
	CHECK(file && fread(kept, 1, sizeof kept, file) == sizeof letter - 1 && fclose(file) == 0);
	CHECK_EQ_TEXT(text_of(kept), letter);
	site_close(&site);
}

TEST(a_store_opened_for_reading_refuses_jobs)
{
	struct site site;
	int64_t id = 0;
	const struct store_options reading = { .read_only = true };
	site_open(&site, IN_A_FILE);
	site_must_run(&site, 1, add_account, &id);
	struct store *writing = site.store;
	site_start(&site, &reading); /* beside the one that writes */
	CHECK(account_in(&site, 1, 1) != NULL);
	CHECK_EQ_INT(site_run(&site, 1, add_account, &id), STORE_REFUSED);
	site_stop(&site);
	store_close(writing);
	site_start(&site, &reading); /* alone */
	CHECK(account_in(&site, 1, 1) != NULL);
	site_close(&site);
}

/* ---- idempotency ---- */

struct request {
	struct idempotency idempotency;
	bool finish, fail;
};

static struct request request_made(const char *key, const char *body, bool finish, bool fail)
{
	struct idempotency idempotency = { .key = text_of(key), .fingerprint = digest_sha256(text_of(body)) };
	return (struct request){ idempotency, finish, fail };
}

static bool answer(struct store_transaction *transaction, struct request *request, int status)
{
	request->idempotency.status = status;
	request->idempotency.content_type = TEXT("application/json");
	request->idempotency.body = TEXT("{\"id\":1}");
	return store_idempotency_finish(transaction, &request->idempotency);
}

static bool serve(struct store_transaction *transaction, void *context)
{
	struct request *request = context;
	if (!store_idempotency_begin(transaction, &request->idempotency))
		return false;
	if (request->fail)
		return problem(store_problems(transaction), PROBLEM_REJECTED, "", "rejected");
	if (request->finish && request->idempotency.state == IDEMPOTENCY_NEW)
		return answer(transaction, request, 201);
	return true;
}

static void answer_rejection(struct store_transaction *transaction, void *context)
{
	answer(transaction, context, 422);
}

static bool finish_later(struct store_transaction *transaction, void *context)
{
	return answer(transaction, context, 202);
}

static enum idempotency_state state_of(struct site *site, int64_t tenant_id, const char *key, const char *body)
{
	struct request again = request_made(key, body, false, false);
	struct store_job job = { .tenant_id = tenant_id, .dry_run = true, .body = serve, .context = &again,
	                         .arena = &site->arena, .problems = &site->problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	if (again.idempotency.state == IDEMPOTENCY_FINISHED)
		CHECK_EQ_TEXT(again.idempotency.body, "{\"id\":1}");
	return again.idempotency.state;
}

static void requests_serve(struct site *site)
{
	struct request done = request_made("done", "a", true, false);
	site_must_run(site, 1, serve, &done);
	CHECK_EQ_INT(done.idempotency.state, IDEMPOTENCY_NEW);
	struct request waiting = request_made("waiting", "a", false, false);
	site_must_run(site, 1, serve, &waiting);
	struct request later = request_made("later", "a", false, false);
	site_must_run(site, 1, serve, &later);
	site_must_run(site, 1, finish_later, &later);
	struct request failed = request_made("failed", "a", true, true);
	CHECK_EQ_INT(site_run(site, 1, serve, &failed), STORE_ROLLED_BACK);
	struct request rejected = request_made("rejected", "a", true, true);
	struct store_job job = { .tenant_id = 1, .body = serve, .after_rollback = answer_rejection, .context = &rejected,
	                         .arena = &site->arena, .problems = &site->problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
}

static void requests_check(struct site *site)
{
	CHECK_EQ_INT(state_of(site, 1, "done", "a"), IDEMPOTENCY_FINISHED);
	CHECK_EQ_INT(state_of(site, 1, "done", "b"), IDEMPOTENCY_MISMATCH);
	CHECK_EQ_INT(state_of(site, 1, "waiting", "a"), IDEMPOTENCY_RUNNING);
	CHECK_EQ_INT(state_of(site, 1, "later", "a"), IDEMPOTENCY_FINISHED);
	CHECK_EQ_INT(state_of(site, 1, "failed", "a"), IDEMPOTENCY_NEW);
	CHECK_EQ_INT(state_of(site, 1, "rejected", "a"), IDEMPOTENCY_FINISHED);
	CHECK_EQ_INT(state_of(site, 2, "done", "a"), IDEMPOTENCY_NEW);
	CHECK_EQ_INT(state_of(site, 1, "fresh", "a"), IDEMPOTENCY_NEW);
}

TEST_ON_BOTH(a_key_is_new_running_finished_or_of_another_request)
{
	requests_serve(site);
	requests_check(site);
}

TEST(keys_and_answers_outlive_a_restart)
{
	struct site site;
	site_open(&site, IN_A_FILE);
	requests_serve(&site);
	site_stop(&site);
	site_start(&site, NULL);
	requests_check(&site);
	site_close(&site);
}

static bool begin_in_savepoint(struct store_transaction *transaction, void *context)
{
	struct request *request = context;
	CHECK(store_savepoint(transaction));
	CHECK(store_idempotency_begin(transaction, &request->idempotency));
	CHECK(answer(transaction, request, 200));
	CHECK(store_rollback_to(transaction));
	CHECK(store_idempotency_begin(transaction, &request->idempotency));
	CHECK_EQ_INT(request->idempotency.state, IDEMPOTENCY_NEW);
	return true;
}

TEST_ON_BOTH(a_key_leaves_with_its_savepoint)
{
	struct request request = request_made("key", "a", false, false);
	site_must_run(site, 1, begin_in_savepoint, &request);
	CHECK_EQ_INT(state_of(site, 1, "key", "a"), IDEMPOTENCY_RUNNING);
}

/* ---- many at once ---- */

enum { THREADS = 64, JOBS_EACH = 20 };

struct crowd {
	struct site *site;
	int index;
	int committed, rejected;
};

static bool add_account_or_refuse(struct store_transaction *transaction, void *context)
{
	int64_t id = 0;
	return add_account(transaction, &id) && !*(bool *)context;
}

static void *crowd_main(void *context)
{
	struct crowd *crowd = context;
	struct arena arena;
	struct problems problems;
	arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES);
	for (int i = 0; i < JOBS_EACH; i++) {
		bool refuse = (crowd->index + i) % 5 == 0;
		int64_t tenant_id = 1 + crowd->index % 4, count = 0;
		arena_reset(&arena);
		problems_init(&problems, &arena);
		struct store_job job = { .tenant_id = tenant_id, .body = add_account_or_refuse, .context = &refuse,
		                         .arena = &arena, .problems = &problems };
		enum store_outcome outcome = store_run(crowd->site->store, &job);
		crowd->committed += outcome == STORE_COMMITTED;
		crowd->rejected += outcome == STORE_ROLLED_BACK;
		CHECK(store_read(crowd->site->store, tenant_id, &arena, &problems, count_accounts, &count));
	}
	arena_finish(&arena);
	return NULL;
}

static bool ids_are_dense(struct store_transaction *transaction, void *context)
{
	int64_t count = 0;
	CHECK(count_accounts(transaction, &count));
	CHECK_EQ_INT(store_peek_id(transaction, "account"), count + 1);
	*(int64_t *)context += count;
	return true;
}

TEST_ON_BOTH(sixty_four_threads_write_and_read_at_once)
{
	pthread_t threads[THREADS];
	struct crowd crowds[THREADS];
	int64_t committed = 0, rejected = 0, found = 0;
	for (int i = 0; i < THREADS; i++) {
		crowds[i] = (struct crowd){ .site = site, .index = i };
		CHECK(pthread_create(&threads[i], NULL, crowd_main, &crowds[i]) == 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		committed += crowds[i].committed;
		rejected += crowds[i].rejected;
	}
	CHECK_EQ_INT(committed + rejected, THREADS * JOBS_EACH);
	CHECK_EQ_INT(rejected, THREADS * JOBS_EACH / 5);
	for (int64_t tenant_id = 1; tenant_id <= 4; tenant_id++)
		CHECK(site_read(site, tenant_id, ids_are_dense, &found));
	CHECK_EQ_INT(found, committed);
	CHECK_EQ_INT(store_queue_length(site->store), 0);
}

/* ---- turns and answers ---- */

/* Holds the writer while others are queued. */
struct gate {
	struct store_job job;
	sem_t go, done;
};

static bool gate_wait(struct store_transaction *transaction, void *context)
{
	(void)transaction;
	sem_wait(&((struct gate *)context)->go);
	return true;
}

static void gate_done(void *context, enum store_outcome outcome)
{
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
	sem_post(&((struct gate *)context)->done);
}

static void gate_close(struct gate *gate, struct site *site)
{
	gate->job = (struct store_job){ .tenant_id = 99, .body = gate_wait, .done = gate_done, .context = gate,
	                                .arena = &site->arena, .problems = &site->problems };
	sem_init(&gate->go, 0, 0);
	sem_init(&gate->done, 0, 0);
	store_submit(site->store, &gate->job);
}

static void gate_open(struct gate *gate)
{
	sem_post(&gate->go);
	sem_wait(&gate->done);
}

struct turn {
	struct store_job job;
	struct turns *turns;
};

struct turns {
	int64_t order[400];
	size_t count, answered;
	sem_t all;
};

static bool turn_take(struct store_transaction *transaction, void *context)
{
	struct turns *turns = ((struct turn *)context)->turns;
	turns->order[turns->count++] = store_tenant(transaction);
	return true;
}

static void turn_done(void *context, enum store_outcome outcome)
{
	struct turns *turns = ((struct turn *)context)->turns;
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
	turns->answered++;
	sem_post(&turns->all);
}

static void turn_queue(struct site *site, struct turns *turns, struct turn *turn, int64_t tenant_id)
{
	turn->turns = turns;
	turn->job = (struct store_job){ .tenant_id = tenant_id, .body = turn_take, .done = turn_done, .context = turn,
	                                .arena = &site->arena, .problems = &site->problems };
	store_submit(site->store, &turn->job);
}

TEST_ON_BOTH(a_tenant_with_many_jobs_delays_another_by_one_job_only)
{
	static struct turn turns[330];
	struct turns order = { .count = 0 };
	struct gate gate;
	sem_init(&order.all, 0, 0);
	gate_close(&gate, site);
	for (size_t i = 0; i < 300; i++)
		turn_queue(site, &order, &turns[i], 1);
	for (size_t i = 300; i < 320; i++)
		turn_queue(site, &order, &turns[i], 2);
	for (size_t i = 320; i < 330; i++)
		turn_queue(site, &order, &turns[i], 3);
	CHECK(store_queue_length(site->store) >= 330);
	gate_open(&gate);
	for (size_t i = 0; i < 330; i++)
		sem_wait(&order.all);
	for (size_t i = 0; i < 30; i++)
		CHECK_EQ_INT(order.order[i], (int64_t)i % 3 + 1);
	for (size_t i = 30; i < 50; i++)
		CHECK_EQ_INT(order.order[i], (int64_t)i % 2 + 1);
	for (size_t i = 50; i < 330; i++)
		CHECK_EQ_INT(order.order[i], 1);
}

struct seen {
	struct site *site;
	struct arena arena;
	struct problems problems;
	struct store_job job;
	int64_t id, visible;
	sem_t answered;
};

static bool seen_body(struct store_transaction *transaction, void *context)
{
	return add_account(transaction, &((struct seen *)context)->id);
}

static void seen_done(void *context, enum store_outcome outcome)
{
	struct seen *seen = context;
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
	CHECK(store_read(seen->site->store, 1, &seen->arena, &seen->problems, count_accounts, &seen->visible));
	sem_post(&seen->answered);
}

TEST(a_job_is_answered_when_others_can_see_it)
{
	enum { JOBS = 20 };
	static struct seen seen[JOBS];
	struct site site;
	struct gate gate;
	site_open(&site, IN_A_FILE);
	gate_close(&gate, &site);
	for (size_t i = 0; i < JOBS; i++) {
		struct seen *one = &seen[i];
		*one = (struct seen){ .site = &site };
		CHECK(arena_init(&one->arena, ARENA_LIMIT_DEFAULT_BYTES));
		problems_init(&one->problems, &one->arena);
		sem_init(&one->answered, 0, 0);
		one->job = (struct store_job){ .tenant_id = 1, .body = seen_body, .done = seen_done, .context = one,
		                               .arena = &one->arena, .problems = &one->problems };
		store_submit(site.store, &one->job);
	}
	gate_open(&gate);
	for (size_t i = 0; i < JOBS; i++) {
		sem_wait(&seen[i].answered);
		CHECK(seen[i].visible >= seen[i].id);
		arena_finish(&seen[i].arena);
	}
	site_close(&site);
}

static void refused_done(void *context, enum store_outcome outcome)
{
	*(enum store_outcome *)context = outcome;
}

static bool do_nothing(struct store_transaction *transaction, void *context)
{
	(void)transaction;
	(void)context;
	return true;
}

TEST(a_full_queue_refuses_at_once)
{
	enum { LANE = 8192 };
	static struct turn turns[LANE];
	static struct turns order;
	struct site site;
	struct gate gate;
	enum store_outcome outcome = STORE_COMMITTED;
	site_open(&site, IN_MEMORY);
	sem_init(&order.all, 0, 0);
	gate_close(&gate, &site);
	for (size_t i = 0; i < LANE; i++) {
		turns[i].turns = &order;
		turns[i].job = (struct store_job){ .tenant_id = 1, .body = do_nothing, .done = turn_done, .context = &turns[i],
		                                   .arena = &site.arena, .problems = &site.problems };
		store_submit(site.store, &turns[i].job);
	}
	struct store_job one_more = { .tenant_id = 1, .body = do_nothing, .done = refused_done, .context = &outcome,
	                              .arena = &site.arena, .problems = &site.problems };
	store_submit(site.store, &one_more);
	CHECK_EQ_INT(outcome, STORE_REFUSED);
	CHECK_EQ_INT(site_last_problem(&site), PROBLEM_BUSY);
	gate_open(&gate);
	site_close(&site);
	CHECK_EQ_INT(order.answered, LANE);
}

struct chain {
	struct site *site;
	struct store_job job;
	int left;
	sem_t ended;
};

static void chain_done(void *context, enum store_outcome outcome)
{
	struct chain *chain = context;
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
	if (--chain->left > 0)
		store_submit(chain->site->store, &chain->job);
	else
		sem_post(&chain->ended);
}

TEST_ON_BOTH(done_may_submit_the_next_job)
{
	struct chain chain = { .site = site, .left = 10 };
	sem_init(&chain.ended, 0, 0);
	chain.job = (struct store_job){ .tenant_id = 1, .body = do_nothing, .done = chain_done, .context = &chain,
	                                .arena = &site->arena, .problems = &site->problems };
	store_submit(site->store, &chain.job);
	sem_wait(&chain.ended);
}

TEST(closing_finishes_what_is_queued)
{
	static struct turn turns[50];
	struct turns order = { .count = 0 };
	struct site site;
	site_open(&site, IN_A_FILE);
	sem_init(&order.all, 0, 0);
	for (size_t i = 0; i < 50; i++)
		turn_queue(&site, &order, &turns[i], (int64_t)i + 1);
	site_stop(&site);
	CHECK_EQ_INT(order.answered, 50);
	site_close(&site);
}

CHECK_MAIN
