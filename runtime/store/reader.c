/* reader.c: reads on the calling thread, each in one snapshot on a pooled connection. */
#include "store/sqlite.h"

#include <assert.h>

bool readers_open(struct store *store, int count, struct problems *problems)
{
	for (int i = 0; i < count; i++) {
		struct connection *connection = memory_alloc(sizeof *connection);
		if (!connection)
			return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out opening the store");
		if (!connection_open(connection, store->path, CONNECTION_READER, problems)) {
			memory_free(connection);
			return false;
		}
		connection->next = store->readers_idle;
		store->readers_idle = connection;
	}
	return true;
}

void readers_close(struct store *store)
{
	pthread_mutex_lock(&store->readers_lock);
	while (store->readers_out > 0)
		pthread_cond_wait(&store->reader_free, &store->readers_lock);
	struct connection *next = store->readers_idle;
	store->readers_idle = NULL;
	pthread_mutex_unlock(&store->readers_lock);
	while (next) {
		struct connection *connection = next;
		next = connection->next;
		connection_close(connection);
		memory_free(connection);
	}
}

/* The one used last: its pages are the warmest. */
static struct connection *reader_take(struct store *store)
{
	pthread_mutex_lock(&store->readers_lock);
	while (!store->readers_idle)
		pthread_cond_wait(&store->reader_free, &store->readers_lock);
	struct connection *connection = store->readers_idle;
	store->readers_idle = connection->next;
	store->readers_out++;
	pthread_mutex_unlock(&store->readers_lock);
	return connection;
}

static void reader_give(struct store *store, struct connection *connection)
{
	pthread_mutex_lock(&store->readers_lock);
	connection->next = store->readers_idle;
	store->readers_idle = connection;
	store->readers_out--;
	pthread_cond_broadcast(&store->reader_free); /* readers_close waits on it as well */
	pthread_mutex_unlock(&store->readers_lock);
}

struct read {
	bool (*body)(struct store_transaction *transaction, void *context);
	void *context;
	bool good;
};

static bool read_run(struct store_transaction *transaction, const struct read *read)
{
	transaction->read_only = true;
	return transaction_end(transaction, read->body(transaction, read->context));
}

static bool read_on_connection(struct store *store, struct store_transaction *transaction, const struct read *read)
{
	struct connection *connection = transaction->connection;
	int result = connection_control(connection, CONTROL_BEGIN_READ);
	if (result != SQLITE_OK)
		return transaction_fail(transaction, result, "beginning a read");
	connection->deadline_us = store->read_limit_us > 0 ? clock_monotonic_us() + store->read_limit_us : 0;
	bool good = read_run(transaction, read);
	connection->deadline_us = 0;
	connection_control(connection, CONTROL_ROLLBACK);
	return good;
}

/* A store in memory has one connection, and that is the writer's. */
static bool read_as_job(struct store_transaction *transaction, void *context)
{
	struct read *read = context;
	read->good = read_run(transaction, read);
	return read->good;
}

static bool read_in_memory(struct store *store, int64_t tenant_id, struct arena *arena, struct problems *problems,
                           struct read *read)
{
	struct store_job job = { .tenant_id = tenant_id, .dry_run = true, .body = read_as_job, .context = read,
	                         .arena = arena, .problems = problems };
	return store_run(store, &job) == STORE_ROLLED_BACK && read->good;
}

bool store_read(struct store *store, int64_t tenant_id, struct arena *arena, struct problems *problems,
                bool (*body)(struct store_transaction *transaction, void *context), void *context)
{
	struct read read = { body, context, false };
	if (!atomic_load(&store->open))
		return problem(problems, PROBLEM_STORE_FAILED, "", "the store is closed");
	if (!store->path)
		return read_in_memory(store, tenant_id, arena, problems, &read);
	struct store_transaction transaction = {
		.store = store, .connection = reader_take(store), .tenant_id = tenant_id, .global = tenant_id == 0,
		.arena = arena, .problems = problems,
	};
	bool good = read_on_connection(store, &transaction, &read);
	reader_give(store, transaction.connection);
	return good;
}

bool store_is_sound(struct store *store, struct problems *problems)
{
	if (!store->read_only)
		BUG("a store that is written to is checked when it is opened");
	struct connection *connection = reader_take(store);
	bool sound = file_quick_check(connection->handle, problems);
	reader_give(store, connection);
	return sound;
}
