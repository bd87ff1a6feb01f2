/* test_webhook_order.c: messages that wait behind others: what they cost who looks for what is due, and how they go on. */
#include "sender.h"

#include "event/engine_state.h"
#include "event/webhook.h"
#include "store/statement.h"

#include <sqlite3.h>

static int64_t serial_of(struct house *house, int n)
{
	int64_t serial;
	CHECK(text_to_int64(receiver_header(&house->receiver, n, "moonbill-serial"), &serial));
	return serial;
}

static void rename_often(struct house *house, int times)
{
	for (int i = 0; i < times; i++) {
		struct arena_mark mark = arena_mark(&house->counter.arena);
		counter_expect(&house->counter, "PATCH", "/v1/accounts/1",
		               text_format(&house->counter.arena, "{'name':'Ann %d'}", i % 2).data, 200);
		arena_rewind(&house->counter.arena, mark);
	}
}

/* ---- the store beneath ---- */

/* In memory there is one connection. */
static sqlite3 *connection;

static int connection_keep(sqlite3 *handle, const char **message, const struct sqlite3_api_routines *api)
{
	(void)message;
	(void)api;
	connection = handle;
	return SQLITE_OK;
}

static void watched_house_open(struct house *house)
{
	CHECK_EQ_INT(sqlite3_auto_extension((void (*)(void))connection_keep), SQLITE_OK);
	house_open(house, false);
}

static void ordered_house_open(struct house *house, const char *path)
{
	watched_house_open(house);
	endpoint_make(house, path, ",'events':'account.*','ordering':'ordered'");
	account_make(house, "Ann");
}

static int count_of(struct house *house, const char *condition)
{
	sqlite3_stmt *statement;
	const char *sql = text_format(&house->counter.arena, "SELECT count(*) FROM delivery WHERE %s", condition).data;
	CHECK_EQ_INT(sqlite3_prepare_v2(connection, sql, -1, &statement, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_step(statement), SQLITE_ROW);
	int count = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return count;
}

static bool tenant_row(void *context, const struct store_row *row)
{
	(void)row;
	++*(int *)context;
	return true;
}

static bool tenants_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_TENANTS, NO_BINDS, tenant_row, context);
}

/* Of SQLite's machine: one at least for each row that it looks at. */
struct looks {
	int64_t runs, steps;
};

static struct looks looks_so_far(enum statement number)
{
	struct looks looks = { 0 };
	for (sqlite3_stmt *statement = NULL; (statement = sqlite3_next_stmt(connection, statement));)
		if (strcmp(sqlite3_sql(statement), statement_infos[number].sql) == 0) {
			looks.runs += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 0);
			looks.steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
		}
	return looks;
}

static struct looks looks_since(enum statement number, struct looks before)
{
	struct looks now = looks_so_far(number);
	return (struct looks){ now.runs - before.runs, now.steps - before.steps };
}

/* ---- what looking costs ---- */

enum { ASKED = 2 };
static const enum statement asked[ASKED] = { STATEMENT_DELIVERY_NEXT_PENDING, STATEMENT_DELIVERY_TENANTS };

/* What a move of the clock asks, and what the courier asks first when it begins. */
static void looks_of_move(struct house *house, const char *at, struct looks looks[ASKED])
{
	struct looks before[ASKED];
	int tenants = 0;
	for (int i = 0; i < ASKED; i++)
		before[i] = looks_so_far(asked[i]);
	clock_to(house, at);
	CHECK(store_read(engine_store(house->counter.engine), 0, &house->counter.arena, &house->counter.problems, tenants_read,
	                 &tenants));
	CHECK_EQ_INT(tenants, 1);
	for (int i = 0; i < ASKED; i++)
		looks[i] = looks_since(asked[i], before[i]);
}

/* Of these some wait behind one that failed, some for the next try, some for an endpoint that is paused. */
static void waiting_add(struct house *house, int times)
{
	rename_often(house, times);
	house_drain(house);
}

TEST(looking_for_what_is_due_costs_the_same_however_many_wait)
{
	struct house house;
	struct looks few[ASKED], many[ASKED];
	watched_house_open(&house);
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'deliveries':{'webhook_retries':'30d'}}", 200);
	endpoint_make(&house, "/500", ",'events':'account.*','ordering':'ordered'");
	endpoint_make(&house, "/500", ",'events':'account.*'");
	const int64_t paused = endpoint_make(&house, "/ok", ",'events':'account.*'");
	counter_expect(&house.counter, "PATCH", text_format(&house.counter.arena, "/v1/webhook_endpoints/%lld", (long long)paused).data,
	               "{'status':'paused'}", 200);
	account_make(&house, "Ann");
	waiting_add(&house, 5);
	looks_of_move(&house, "2011-09-06T15:00:01Z", few);
	waiting_add(&house, 300);
	CHECK(count_of(&house, "status = 'pending'") > 900);
	looks_of_move(&house, "2011-09-06T15:00:02Z", many);
	for (int i = 0; i < ASKED; i++) {
		check_note("%s", statement_infos[asked[i]].name);
		CHECK(few[i].runs > 0);
		CHECK_EQ_INT(many[i].runs, few[i].runs);
		CHECK_EQ_INT(many[i].steps, few[i].steps);
	}
	check_note("%s", "");
	house_close(&house);
}

/* Each is found once when its turn has come, not again and again before it. */
TEST(what_waits_behind_others_is_read_once_to_be_sent)
{
	enum { FEW = 10, MANY = 100 };
	const enum statement in_order = STATEMENT_DELIVERY_DUE_IN_ORDER;
	struct house house;
	ordered_house_open(&house, "/ok");
	struct looks before = looks_so_far(in_order);
	rename_often(&house, FEW);
	house_drain(&house);
	struct looks few = looks_since(in_order, before), between = looks_so_far(in_order);
	rename_often(&house, MANY);
	house_drain(&house);
	struct looks many = looks_since(in_order, between);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1 + FEW + MANY);
	CHECK(few.steps > 0 && many.steps <= few.steps * (MANY / FEW));
	house_close(&house);
}

/* ---- how they go on ---- */

TEST(what_waits_behind_another_has_no_instant_until_that_one_has_ended)
{
	struct house house;
	ordered_house_open(&house, "/flaky");
	house.receiver.failures = 1;
	rename_often(&house, 2);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 2);
	counter_expect(&house.counter, "GET", "/v1/deliveries/2", NULL, 200);
	CHECK(strstr(house.counter.reply.body.data, "due_at") == NULL);
	house_drain(&house);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 2);
	clock_to(&house, "2011-09-06T15:00:10Z");
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL OR status <> 'done'"), 0);
	CHECK(serial_of(&house, 3) > serial_of(&house, 2) && serial_of(&house, 2) > serial_of(&house, 1));
	house_close(&house);
}

TEST(one_that_dies_lets_the_next_go)
{
	struct house house;
	ordered_house_open(&house, "/500");
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'deliveries':{'webhook_retries':''}}", 200);
	rename_often(&house, 3);
	house_drain(&house);
	CHECK_EQ_INT(count_of(&house, "status = 'dead'"), 4);
	house_close(&house);
}

TEST(an_endpoint_that_is_parallel_from_now_on_lets_all_go)
{
	struct house house;
	ordered_house_open(&house, "/500");
	rename_often(&house, 3);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 1);
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'ordering':'parallel'}", 200);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 0);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	house_close(&house);
}

TEST(what_waits_behind_others_of_an_endpoint_that_is_removed_dies_too)
{
	struct house house;
	ordered_house_open(&house, "/500");
	rename_often(&house, 3);
	house_drain(&house);
	counter_expect(&house.counter, "DELETE", "/v1/webhook_endpoints/1", NULL, 200);
	house_drain(&house);
	CHECK_EQ_INT(count_of(&house, "status = 'dead'"), 4);
	house_close(&house);
}

/* A long backlog: no transaction touches more of it than its part. */
TEST(a_backlog_is_put_in_line_part_by_part)
{
	enum { ALL = 2 * WEBHOOK_ORDER_ROWS + 5 };
	struct house house;
	watched_house_open(&house);
	endpoint_make(&house, "/ok", ",'events':'account.*'");
	account_make(&house, "Ann");
	rename_often(&house, ALL - 1);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 0);
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'ordering':'ordered'}", 200);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), WEBHOOK_ORDER_ROWS - 1);
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'status':'paused'}", 200);
	house_drain(&house);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), ALL - 1);
	counter_expect(&house.counter, "PATCH", "/v1/webhook_endpoints/1", "{'status':'active'}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), ALL);
	for (int i = 1; i < ALL; i++)
		CHECK(serial_of(&house, i) > serial_of(&house, i - 1));
	house_close(&house);
}

TEST(a_backlog_of_an_endpoint_that_is_removed_is_let_go_part_by_part)
{
	enum { ALL = 2 * WEBHOOK_ORDER_ROWS + 5 };
	struct house house;
	ordered_house_open(&house, "/500");
	rename_often(&house, ALL - 1);
	counter_expect(&house.counter, "DELETE", "/v1/webhook_endpoints/1", NULL, 200);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), ALL - 1 - WEBHOOK_ORDER_ROWS);
	house_drain(&house);
	CHECK_EQ_INT(count_of(&house, "status = 'dead'"), ALL);
	house_close(&house);
}

/* An application is told of one event twice: neither of the two waits for the other. */
TEST(what_came_with_one_event_goes_on_together)
{
	static const char wish[] = "{'event':'http://parallels.com/aps/events/pa/subscription/renewed',"
	                           "'source':{'type':'http://parallels.com/aps/types/pa/subscription/1.0'},'handler':'%s'}";
	struct house house;
	watched_house_open(&house);
	struct arena *arena = &house.counter.arena;
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'deliveries':{'aps_retries':'1m'}}", 200);
	endpoint_make(&house, "/flaky", ",'profile':'aps','ordering':'ordered'");
	account_make(&house, "Ann");
	counter_expect(&house.counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-01','end_date':'2011-10-01',"
	               "'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
	counter_expect(&house.counter, "POST", "/aps/2/resources", "{'aps':{'type':'t','id':'r1'},'account_id':1}", 201);
	house.receiver.failures = 3;
	for (int i = 1; i <= 2; i++) {
		counter_expect(&house.counter, "POST", "/aps/2/resources/r1/aps/subscriptions",
		               text_format(arena, wish, i == 1 ? "one" : "two").data, 201);
		counter_expect(&house.counter, "POST", "/v1/subscriptions/1/renew", "{'period':'P1M','create_invoice':false}", 200);
		house_drain(&house);
	}
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 2);
	clock_to(&house, "2011-09-06T15:01:00Z"); /* the first dies; of the two behind it one fails */
	CHECK_EQ_INT(receiver_count(&house.receiver), 4);
	CHECK_EQ_INT(count_of(&house, "status = 'done'"), 1);
	CHECK_EQ_INT(count_of(&house, "due_at IS NULL"), 0);
	house_close(&house);
}

TEST(a_replay_and_a_retry_keep_the_order)
{
	struct house house;
	ordered_house_open(&house, "/ok");
	rename_often(&house, 3);
	house_drain(&house);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':1}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 8);
	for (int i = 0; i < 4; i++)
		CHECK_EQ_INT(serial_of(&house, 4 + i), serial_of(&house, i));
	counter_expect(&house.counter, "POST", "/v1/deliveries/4/retry", "{}", 200);
	counter_expect(&house.counter, "POST", "/v1/deliveries/2/retry", "{}", 200);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 10);
	CHECK_EQ_INT(serial_of(&house, 8), serial_of(&house, 1));
	CHECK_EQ_INT(serial_of(&house, 9), serial_of(&house, 3));
	CHECK_EQ_INT(count_of(&house, "status <> 'done'"), 0);
	house_close(&house);
}

static bool due_read(struct store_transaction *transaction, void *context)
{
	return store_each(transaction, STATEMENT_DELIVERY_DUE_IN_ORDER,
	                  BINDS(bind_integer(1), bind_integer(INT64_MAX), bind_integer(10)), tenant_row, context);
}

static int due_in_order(struct house *house)
{
	int due = 0;
	CHECK(store_read(engine_store(house->counter.engine), 1, &house->counter.arena, &house->counter.problems, due_read, &due));
	return due;
}

/* What comes between the request and its job would be sent before the older ones that the job brings back. */
TEST(what_comes_while_a_replay_is_under_way_waits_for_it)
{
	struct house house;
	ordered_house_open(&house, "/ok");
	house_drain(&house);
	counter_expect(&house.counter, "POST", "/v1/webhook_endpoints/1/replay", "{'from_serial':1}", 200);
	rename_often(&house, 1);
	CHECK_EQ_INT(count_of(&house, "status = 'pending'"), 1);
	CHECK_EQ_INT(due_in_order(&house), 0);
	house_drain(&house);
	CHECK_EQ_INT(receiver_count(&house.receiver), 3);
	CHECK_EQ_INT(serial_of(&house, 1), serial_of(&house, 0));
	CHECK(serial_of(&house, 2) > serial_of(&house, 1));
	CHECK_EQ_INT(count_of(&house, "status <> 'done'"), 0);
	house_close(&house);
}

CHECK_MAIN
