/* test_store_late.c: new rows that wait for the changes that follow: seen by everyone who looks, exact under rollbacks, and
 * written once. */
#include "store_site.h"

#include "store/sqlite.h"

static struct order *order_made(struct store_transaction *transaction, int64_t id, const char *number)
{
	uint64_t state = (uint64_t)id;
	struct order *order = arena_new(store_arena(transaction), struct order);
	fill_record(&order_record, order, store_arena(transaction), &state, false);
	order->account_id = 7;
	order->id = id;
	order->number = text_copy(store_arena(transaction), text_of(number));
	return order;
}

static struct text number_of(struct store_transaction *transaction, int64_t id)
{
	struct order *found = NULL;
	CHECK(store_find(transaction, &order_record, id, (void **)&found));
	return found ? found->number : TEXT("none");
}

static bool renumber(struct store_transaction *transaction, struct order *order, const char *number)
{
	order->number = text_of(number);
	return store_update(transaction, &order_record, order);
}

/* ---- what a statement sees ---- */

static bool insert_and_look(struct store_transaction *transaction, void *context)
{
	(void)context;
	struct order *order = order_made(transaction, 1, "first");
	CHECK(store_insert(transaction, &order_record, order));
	order->number = TEXT("scribbled"); /* what waits is a copy */
	CHECK_EQ_TEXT(number_of(transaction, 1), "first");
	CHECK(renumber(transaction, order, "second")); /* written by now */
	CHECK_EQ_TEXT(number_of(transaction, 1), "second");
	return true;
}

static bool insert_and_change(struct store_transaction *transaction, void *context)
{
	struct order *order = order_made(transaction, 2, "third"), *other = order_made(transaction, 3, "other");
	CHECK(store_insert(transaction, &order_record, order) && store_insert(transaction, &order_record, other));
	int64_t before = sqlite3_total_changes64(transaction->connection->handle);
	CHECK(renumber(transaction, order, "fourth"));
	CHECK_EQ_INT(sqlite3_total_changes64(transaction->connection->handle), before);
	*(int64_t *)context = before;
	return true;
}

static bool look_at_all(struct store_transaction *transaction, void *context)
{
	(void)context;
	CHECK_EQ_TEXT(number_of(transaction, 1), "second");
	CHECK_EQ_TEXT(number_of(transaction, 2), "fourth");
	CHECK_EQ_TEXT(number_of(transaction, 3), "other");
	return true;
}

TEST_ON_BOTH(a_row_that_waits_is_seen_by_who_looks_and_is_written_once)
{
	int64_t before = 0;
	site_must_run(site, 1, insert_and_look, NULL);
	site_must_run(site, 1, insert_and_change, &before);
	CHECK_EQ_INT(sqlite3_total_changes64(site->store->writer.handle), before + 2);
	CHECK(site_read(site, 1, look_at_all, NULL));
}

/* ---- some columns ---- */

static struct subscription *subscription_made(struct store_transaction *transaction)
{
	uint64_t state = 11;
	struct subscription *subscription = arena_new(store_arena(transaction), struct subscription);
	fill_record(&subscription_record, subscription, store_arena(transaction), &state, false);
	subscription->account_id = 7;
	subscription->id = 1;
	subscription->plan = TEXT("as it was");
	return subscription;
}

static bool mark_change(struct store_transaction *transaction, struct subscription *subscription, int32_t day)
{
	struct arena *arena = store_arena(transaction);
	subscription->charged_through = subscription->next_bill_date = (struct date){ day };
	subscription->derive_from = DATE_NONE;
	return store_change(transaction, STATEMENT_SUBSCRIPTION_SET_CHARGED,
	                    BINDS(bind_id(7), bind_id(1), bind_date(arena, subscription->charged_through),
	                          bind_date(arena, subscription->next_bill_date), bind_null(), bind_instant(subscription->assess_at),
	                          bind_instant(subscription->updated_at)),
	                    &subscription_record, subscription);
}

static bool change_what_waits(struct store_transaction *transaction, void *context)
{
	struct subscription *subscription = subscription_made(transaction);
	CHECK(store_insert(transaction, &subscription_record, subscription));
	int64_t before = sqlite3_total_changes64(transaction->connection->handle);
	CHECK(mark_change(transaction, subscription, 730000));
	CHECK_EQ_INT(sqlite3_total_changes64(transaction->connection->handle), before);
	*(int64_t *)context = before;
	return true;
}

static bool change_what_is_written(struct store_transaction *transaction, void *context)
{
	(void)context;
	struct subscription *subscription = subscription_made(transaction);
	subscription->plan = TEXT("not a column of the statement");
	return mark_change(transaction, subscription, 730100);
}

static bool look_at_marks(struct store_transaction *transaction, void *context)
{
	struct subscription *found = NULL;
	CHECK(store_find(transaction, &subscription_record, 1, (void **)&found) && found);
	CHECK_EQ_INT(found->charged_through.day, *(int32_t *)context);
	CHECK_EQ_INT(found->next_bill_date.day, *(int32_t *)context);
	CHECK_EQ_TEXT(found->plan, "as it was");
	return true;
}

TEST_ON_BOTH(some_columns_change_alone_and_with_all_where_the_row_still_waits)
{
	int64_t before = 0;
	site_must_run(site, 1, change_what_waits, &before);
	CHECK_EQ_INT(sqlite3_total_changes64(site->store->writer.handle), before + 1);
	CHECK(site_read(site, 1, look_at_marks, &(int32_t){ 730000 }));
	site_must_run(site, 1, change_what_is_written, NULL);
	CHECK(site_read(site, 1, look_at_marks, &(int32_t){ 730100 }));
}

/* ---- rollbacks ---- */

static bool insert_around_savepoints(struct store_transaction *transaction, void *context)
{
	(void)context;
	struct order *kept = order_made(transaction, 1, "kept");
	CHECK(store_insert(transaction, &order_record, kept));
	CHECK(store_savepoint(transaction));
	CHECK(renumber(transaction, kept, "undone"));
	CHECK(store_insert(transaction, &order_record, order_made(transaction, 2, "undone as well")));
	CHECK(store_rollback_to(transaction));
	CHECK_EQ_TEXT(number_of(transaction, 1), "kept");
	CHECK_EQ_TEXT(number_of(transaction, 2), "none");
	CHECK(store_savepoint(transaction));
	CHECK(store_insert(transaction, &order_record, order_made(transaction, 3, "released")));
	CHECK(store_release(transaction));
	return true;
}

static bool insert_and_fail(struct store_transaction *transaction, void *context)
{
	(void)context;
	CHECK(store_insert(transaction, &order_record, order_made(transaction, 4, "lost")));
	return problem(store_problems(transaction), PROBLEM_INTERNAL, "", "wanted by the test");
}

static bool look_after_rollbacks(struct store_transaction *transaction, void *context)
{
	(void)context;
	CHECK_EQ_TEXT(number_of(transaction, 1), "kept");
	CHECK_EQ_TEXT(number_of(transaction, 2), "none");
	CHECK_EQ_TEXT(number_of(transaction, 3), "released");
	CHECK_EQ_TEXT(number_of(transaction, 4), "none");
	return true;
}

TEST_ON_BOTH(a_rollback_forgets_what_waits_since_its_savepoint_and_nothing_else)
{
	site_must_run(site, 1, insert_around_savepoints, NULL);
	CHECK_EQ_INT(site_run(site, 1, insert_and_fail, NULL), STORE_ROLLED_BACK);
	CHECK(site_read(site, 1, look_after_rollbacks, NULL));
}

/* ---- failures, many rows, several tenants ---- */

static bool insert_the_same_number(struct store_transaction *transaction, void *context)
{
	(void)context;
	CHECK(store_insert(transaction, &order_record, order_made(transaction, 1, "same")));
	store_insert(transaction, &order_record, order_made(transaction, 2, "same"));
	return true;
}

TEST_ON_BOTH(what_its_table_refuses_undoes_the_job)
{
	CHECK_EQ_INT(site_run(site, 1, insert_the_same_number, NULL), STORE_ROLLED_BACK);
	CHECK_EQ_INT(site_last_problem(site), PROBLEM_DUPLICATE);
}

enum { MANY = 3 * LATE_ROWS_MOST + 1 };

static bool insert_many(struct store_transaction *transaction, void *context)
{
	(void)context;
	for (int64_t id = 1; id <= MANY; id++)
		CHECK(store_insert(transaction, &order_record,
		                   order_made(transaction, id, text_format(store_arena(transaction), "%lld", (long long)id).data)));
	return true;
}

static bool look_at_many(struct store_transaction *transaction, void *context)
{
	(void)context;
	for (int64_t id = 1; id <= MANY; id++)
		CHECK_EQ_TEXT(number_of(transaction, id), text_from_int64(store_arena(transaction), id).data);
	return true;
}

static bool insert_for_two_tenants(struct store_transaction *transaction, void *context)
{
	(void)context;
	for (int64_t tenant_id = 8; tenant_id <= 9; tenant_id++) {
		store_set_tenant(transaction, tenant_id);
		CHECK(store_insert(transaction, &order_record, order_made(transaction, tenant_id, "of a tenant")));
	}
	return true;
}

static bool look_at_own(struct store_transaction *transaction, void *context)
{
	const int64_t *other = context;
	CHECK_EQ_TEXT(number_of(transaction, store_tenant(transaction)), "of a tenant");
	CHECK_EQ_TEXT(number_of(transaction, *other), "none");
	return true;
}

TEST_ON_BOTH(more_than_can_wait_and_rows_of_two_tenants)
{
	site_must_run(site, 1, insert_many, NULL);
	CHECK(site_read(site, 1, look_at_many, NULL));
	site_must_run(site, 0, insert_for_two_tenants, NULL);
	CHECK(site_read(site, 8, look_at_own, &(int64_t){ 9 }));
	CHECK(site_read(site, 9, look_at_own, &(int64_t){ 8 }));
}

/* The order is a word of SQL and its name stands in others: the statements that must know it do, and others do not. */
TEST(statements_know_the_tables_they_name)
{
	unsigned order = order_record.table->late, subscription = subscription_record.table->late;
	CHECK(order && subscription && order != subscription);
	CHECK_EQ_INT(statement_infos[STATEMENT_ORDER_FIND].late, order);
	CHECK_EQ_INT(statement_infos[STATEMENT_ORDER_UPDATE].late, order);
	CHECK_EQ_INT(statement_infos[STATEMENT_SUBSCRIPTION_WITH_USAGE].late, subscription);
	CHECK_EQ_INT(statement_infos[STATEMENT_SUBSCRIPTION_OF_ORDER].late, subscription);
	CHECK_EQ_INT(statement_infos[STATEMENT_INVOICE_LINE_INSERT].late, 0);
	CHECK_EQ_INT(statement_infos[STATEMENT_ACCOUNT_PAGE].late, 0);
}

CHECK_MAIN
