/* number.c: ids and gapless numbers of a tenant.
 *
 * The next value lies in the writer's cache; it is written to its row once a batch, so a restart goes on exactly
 * where the last commit ended. A read on a connection of its own looks into the rows.
 */
#include "store/sqlite.h"

#include <assert.h>
#include <string.h>

static const int64_t ID_MOST = ((int64_t)1 << 53) - 1;
enum { COUNTER_NAME_MOST_BYTES = 100 };

static const struct counter_statements {
	enum statement read, write;
} counter_statements[] = {
	[COUNTER_OF_IDS] = { STATEMENT_ID_BLOCK_READ, STATEMENT_ID_BLOCK_WRITE },
	[COUNTER_OF_NUMBERS] = { STATEMENT_COUNTER_READ, STATEMENT_COUNTER_WRITE },
};

static bool next_take(void *context, const struct store_row *row)
{
	*(int64_t *)context = store_row_integer(row, 0);
	return false;
}

/* What the row says; 1 when there is none. */
static bool counter_read_row(struct store_transaction *transaction, enum counter_use use, struct text name,
                             int64_t *next)
{
	*next = 1;
	return transaction_each(transaction, counter_statements[use].read, BINDS(bind_text(name)), next_take, next);
}

/* The counter in the cache, NULL after a failure. */
static struct counter *counter_get(struct store_transaction *transaction, enum counter_use use, const char *kind)
{
	struct text name = text_of(kind);
	struct writer_cache *cache = &transaction->store->cache;
	if (name.length == 0 || name.length > COUNTER_NAME_MOST_BYTES)
		BUG("'%s' is no name of a series", kind);
	if (transaction->failed)
		return NULL;
	struct counter *counter = cache_counter(cache, use, transaction->tenant_id, name);
	int64_t stored = 0;
	if (counter || !counter_read_row(transaction, use, name, &stored))
		return counter;
	counter = cache_counter_add(cache, use, transaction->tenant_id, name, stored);
	if (!counter)
		transaction_out_of_memory(transaction);
	return counter;
}

static bool counter_set(struct store_transaction *transaction, struct counter *counter, int64_t next)
{
	return cache_counter_set(&transaction->store->cache, counter, next) || transaction_out_of_memory(transaction);
}

static void check_writes(const struct store_transaction *transaction)
{
	if (transaction->read_only)
		BUG("a read takes no id or number");
}

/* The next `count` values, taken: the first; 0 after a failure. */
static int64_t counter_take(struct store_transaction *transaction, enum counter_use use, const char *name, int64_t count)
{
	check_writes(transaction);
	struct counter *counter = counter_get(transaction, use, name);
	if (!counter)
		return 0;
	int64_t value = counter->next;
	if (count > ID_MOST + 1 - value) {
		transaction->failed = true;
		problem(transaction->problems, PROBLEM_OVERFLOW, "", "there are no more values of %s below 2^53", name);
		return 0;
	}
	return counter_set(transaction, counter, value + count) ? value : 0;
}

static int64_t counter_peek(struct store_transaction *transaction, enum counter_use use, const char *name)
{
	int64_t next = 0;
	/* A read of a store in memory runs among the writer's jobs: their rows are there, but not yet the counters'. */
	if (transaction->connection != &transaction->store->writer)
		return counter_read_row(transaction, use, text_of(name), &next) ? next : 0;
	struct counter *counter = counter_get(transaction, use, name);
	return counter ? counter->next : 0;
}

static bool counter_put(struct store_transaction *transaction, enum counter_use use, const char *name, int64_t next)
{
	check_writes(transaction);
	struct counter *counter = counter_get(transaction, use, name);
	if (!counter)
		return false;
	if (next < 1 || next > ID_MOST) {
		transaction->failed = true;
		return problem(transaction->problems, PROBLEM_OUT_OF_RANGE, "",
		               "%s cannot go on at %lld, only at 1 to 2^53 - 1", name, (long long)next);
	}
	counter->noted = 0; /* whose rows come before it is not known */
	return counter_set(transaction, counter, next);
}

/* ---- notes ---- */

static struct counter *counter_of_series(struct store_transaction *transaction, const char *series)
{
	return cache_counter(&transaction->store->cache, COUNTER_OF_NUMBERS, transaction->tenant_id, text_of(series));
}

void store_note_number(struct store_transaction *transaction, const char *series, int64_t number, struct text note)
{
	_Static_assert((int)NUMBER_NOTE_BYTES == (int)COUNTER_NOTE_BYTES, "the room of a note");
	struct counter *counter = counter_of_series(transaction, series);
	check_writes(transaction);
	if (!counter || counter->next != number + 1 || note.length > NUMBER_NOTE_BYTES)
		BUG("number %lld of %s was not the last one taken, or its note is too long", (long long)number, series);
	counter->noted = number;
	counter->note_length = note.length;
	memcpy(counter->note, note.data, note.length);
}

struct text store_noted_number(struct store_transaction *transaction, const char *series, int64_t number)
{
	struct counter *counter = counter_of_series(transaction, series);
	bool known = counter && number > 0 && counter->noted == number;
	return known ? text_copy(transaction->arena, (struct text){ counter->note, counter->note_length }) : TEXT_NONE;
}

/* ---- of the store ---- */

int64_t store_new_id(struct store_transaction *transaction, const char *kind)
{
	return counter_take(transaction, COUNTER_OF_IDS, kind, 1);
}

int64_t store_new_ids(struct store_transaction *transaction, const char *kind, int64_t count)
{
	return counter_take(transaction, COUNTER_OF_IDS, kind, count);
}

bool store_next_number(struct store_transaction *transaction, const char *series, int64_t *number)
{
	*number = counter_take(transaction, COUNTER_OF_NUMBERS, series, 1);
	return *number != 0;
}

int64_t store_peek_id(struct store_transaction *transaction, const char *kind)
{
	return counter_peek(transaction, COUNTER_OF_IDS, kind);
}

int64_t store_peek_number(struct store_transaction *transaction, const char *series)
{
	return counter_peek(transaction, COUNTER_OF_NUMBERS, series);
}

bool store_set_next_id(struct store_transaction *transaction, const char *kind, int64_t next)
{
	return counter_put(transaction, COUNTER_OF_IDS, kind, next);
}

bool store_set_next_number(struct store_transaction *transaction, const char *series, int64_t next)
{
	return counter_put(transaction, COUNTER_OF_NUMBERS, series, next);
}

bool numbers_write(struct store_transaction *transaction)
{
	struct writer_cache *cache = &transaction->store->cache;
	for (size_t i = 0; i < cache->log_count; i++) {
		struct counter *counter = cache->log[i].counter;
		if (!counter || counter->next == counter->stored)
			continue;
		transaction->tenant_id = counter->tenant_id;
		struct text name = { counter->name, counter->name_length };
		if (!transaction_execute(transaction, counter_statements[counter->use].write,
		                         BINDS(bind_text(name), bind_integer(counter->next)), NULL))
			return false;
		counter->stored = counter->next;
	}
	return true;
}
