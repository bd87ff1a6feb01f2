/* idempotency.c: keys of requests, so that a request that is repeated has one effect.
 *
 * The set in memory tells whether a key is there and in which row; the row and its answer are appended in the
 * transaction of the effect and leave with it when it is rolled back.
 */
#include "store/sqlite.h"

#include "base/id.h"

#include <assert.h>

static struct key_hash key_hash_of(int64_t tenant_id, struct text key)
{
	struct text scope = { (const char *)&tenant_id, sizeof tenant_id };
	struct digest digest = digest_sha256_two(scope, key);
	struct key_hash hash;
	memcpy(&hash.high, digest.bytes, sizeof hash.high);
	memcpy(&hash.low, digest.bytes + sizeof hash.high, sizeof hash.low);
	return hash;
}

/* ---- looking up ---- */

struct key_look {
	struct store_transaction *transaction;
	struct idempotency *idempotency;
	bool found;
};

static bool key_row_take(void *context, const struct store_row *row)
{
	struct key_look *look = context;
	struct idempotency *idempotency = look->idempotency;
	struct arena *arena = look->transaction->arena;
	struct text fingerprint = store_row_text(row, 1);
	look->found = text_equals(store_row_text(row, 0), idempotency->key) &&
	              fingerprint.length == sizeof idempotency->fingerprint.bytes;
	if (!look->found)
		return false;
	if (memcmp(fingerprint.data, idempotency->fingerprint.bytes, fingerprint.length) != 0) {
		idempotency->state = IDEMPOTENCY_MISMATCH;
	} else if (store_row_null(row, 2)) {
		idempotency->state = IDEMPOTENCY_RUNNING;
	} else {
		idempotency->state = IDEMPOTENCY_FINISHED;
		idempotency->status = (int)store_row_integer(row, 2);
		idempotency->content_type = text_copy(arena, store_row_text(row, 3));
		idempotency->body = text_copy(arena, store_row_text(row, 4));
	}
	return false;
}

static bool key_look_up(struct store_transaction *transaction, struct idempotency *idempotency)
{
	struct key_look look = { transaction, idempotency, false };
	if (!transaction_each(transaction, STATEMENT_IDEMPOTENCY_READ, BINDS(bind_integer(idempotency->row)),
	                      key_row_take, &look))
		return false;
	if (look.found)
		return true;
	transaction->failed = true;
	return problem(transaction->problems, PROBLEM_STORE_FAILED, "", "the row of an idempotency key is damaged");
}

/* ---- inserting ---- */

static bool key_insert(struct store_transaction *transaction, struct idempotency *idempotency, struct key_hash hash)
{
	struct writer_cache *cache = &transaction->store->cache;
	int64_t row = cache->last_key_row + 1;
	const struct digest *fingerprint = &idempotency->fingerprint;
	if (!transaction_execute(transaction, STATEMENT_IDEMPOTENCY_INSERT,
	                         BINDS(bind_integer(row), bind_integer(clock_wall().us), bind_blob(&hash, sizeof hash),
	                               bind_blob(fingerprint->bytes, sizeof fingerprint->bytes),
	                               bind_text(idempotency->key)),
	                         NULL))
		return false;
	if (!cache_key_add(cache, hash, row))
		return transaction_out_of_memory(transaction);
	cache->last_key_row = row;
	idempotency->row = row;
	return true;
}

bool store_idempotency_begin(struct store_transaction *transaction, struct idempotency *idempotency)
{
	if (transaction->read_only)
		BUG("a read begins no idempotent request");
	if (transaction->failed)
		return false;
	struct key_hash hash = key_hash_of(transaction->tenant_id, idempotency->key);
	idempotency->row = key_set_find(&transaction->store->cache.keys, hash);
	if (idempotency->row)
		return key_look_up(transaction, idempotency);
	idempotency->state = IDEMPOTENCY_NEW;
	return key_insert(transaction, idempotency, hash);
}

bool store_idempotency_finish(struct store_transaction *transaction, struct idempotency *idempotency)
{
	if (transaction->failed)
		return false;
	struct key_hash hash = key_hash_of(transaction->tenant_id, idempotency->key);
	idempotency->row = key_set_find(&transaction->store->cache.keys, hash);
	if (!idempotency->row && !key_insert(transaction, idempotency, hash))
		return false;
	return transaction_execute(transaction, STATEMENT_IDEMPOTENCY_ANSWER_INSERT,
	                           BINDS(bind_integer(idempotency->row), bind_integer(idempotency->status),
	                                 bind_text(idempotency->content_type), bind_text(idempotency->body)),
	                           NULL);
}

/* ---- the window ---- */

/* Columns of idempotency_load and idempotency_oldest: id, created_at, hash. */
static struct key_hash row_hash(const struct store_row *row)
{
	struct key_hash hash = { 0, 0 };
	struct text bytes = store_row_text(row, 2);
	if (bytes.length == sizeof hash)
		memcpy(&hash, bytes.data, sizeof hash);
	return hash;
}

static bool key_load(void *context, const struct store_row *row)
{
	struct store_transaction *transaction = context;
	struct writer_cache *cache = &transaction->store->cache;
	struct key_hash hash = row_hash(row);
	int64_t id = store_row_integer(row, 0);
	cache->last_key_row = id;
	if (key_set_find(&cache->keys, hash) || key_set_add(&cache->keys, hash, id))
		return true;
	return transaction_out_of_memory(transaction);
}

static struct store_transaction own_transaction(struct store *store, struct problems *problems)
{
	return (struct store_transaction){ .store = store, .connection = &store->writer, .global = true,
	                                   .arena = problems->arena, .problems = problems };
}

bool idempotency_load(struct store *store, struct problems *problems)
{
	struct store_transaction transaction = own_transaction(store, problems);
	return transaction_each(&transaction, STATEMENT_IDEMPOTENCY_LOAD, NO_BINDS, key_load, &transaction);
}

static bool key_expire(void *context, const struct store_row *row)
{
	struct key_expiry *expiry = context;
	if (store_row_integer(row, 1) >= expiry->before_us || expiry->count == KEYS_EXPIRED_MOST)
		return false;
	expiry->last_row = store_row_integer(row, 0);
	expiry->hashes[expiry->count++] = row_hash(row);
	return true;
}

bool idempotency_expire(struct store *store, struct key_expiry *expiry, struct problems *problems)
{
	struct store_transaction transaction = own_transaction(store, problems);
	expiry->count = 0;
	expiry->before_us = clock_wall().us - store->key_window_us;
	if (!transaction_each(&transaction, STATEMENT_IDEMPOTENCY_OLDEST, BINDS(bind_integer(KEYS_EXPIRED_MOST)),
	                      key_expire, expiry))
		return false;
	if (expiry->count == 0)
		return true;
	const struct store_bind last_row = bind_integer(expiry->last_row);
	return transaction_execute(&transaction, STATEMENT_IDEMPOTENCY_FORGET, &last_row, 1, NULL) &&
	       transaction_execute(&transaction, STATEMENT_IDEMPOTENCY_ANSWER_FORGET, &last_row, 1, NULL);
}

void idempotency_forget(struct store *store, const struct key_expiry *expiry)
{
	for (size_t i = 0; i < expiry->count; i++)
		key_set_remove(&store->cache.keys, expiry->hashes[i]);
}
