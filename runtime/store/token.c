/* token.c: uniqueness tokens of events, so that an event that is sent again counts once.
 *
 * The set in memory tells whether a token is used; those that are new are appended as one row, in the transaction of their
 * events, and leave with it when it is rolled back. What is over is taken out as new ones come: two rows for each.
 */
#include "store/sqlite.h"

#include <string.h>

enum { TOKEN_BYTES = TOKEN_HASH_BYTES + 4, TOKEN_ROWS_OVER = 2, MINUTE_US = 60 * US_PER_S };

static uint32_t minute_of(int64_t us)
{
	int64_t minute = (us + MINUTE_US - 1) / MINUTE_US;
	return minute < 1 ? 1 : minute > UINT32_MAX ? UINT32_MAX : (uint32_t)minute;
}

/* ---- what is over ---- */

struct tokens_over {
	struct store_transaction *transaction;
	int64_t now_us, last_row;
	bool failed;
};

/* A token that was used anew since then is in a later row, and stays. */
static bool tokens_forget(struct store_transaction *transaction, struct text hashes, uint32_t until)
{
	struct writer_cache *cache = &transaction->store->cache;
	for (size_t at = 0; at + TOKEN_BYTES <= hashes.length; at += TOKEN_BYTES) {
		struct token_slot hash = token_slot_of((const uint8_t *)hashes.data + at);
		uint32_t known = token_set_find(&cache->tokens, hash);
		if (known != 0 && known <= until && !cache_token_put(cache, hash))
			return transaction_out_of_memory(transaction);
	}
	return true;
}

static bool tokens_over_take(void *context, const struct store_row *row)
{
	struct tokens_over *over = context;
	int64_t until = store_row_integer(row, 1);
	if (until * MINUTE_US > over->now_us)
		return false;
	over->last_row = store_row_integer(row, 0);
	over->failed = !tokens_forget(over->transaction, store_row_text(row, 2), (uint32_t)until);
	return !over->failed;
}

static bool tokens_expire(struct store_transaction *transaction, struct instant now)
{
	struct tokens_over over = { .transaction = transaction, .now_us = now.us };
	return store_each(transaction, STATEMENT_STREAM_TOKEN_OLDEST, BINDS(bind_integer(TOKEN_ROWS_OVER)), tokens_over_take,
	                  &over) &&
	       !over.failed &&
	       (!over.last_row ||
	        store_execute(transaction, STATEMENT_STREAM_TOKEN_FORGET, BINDS(bind_integer(over.last_row)), NULL));
}

/* ---- taking ---- */

static bool token_take(struct store_transaction *transaction, struct store_token *token, struct instant now, uint32_t until)
{
	struct writer_cache *cache = &transaction->store->cache;
	struct token_slot hash = token_slot_of(token->hash);
	token->taken = (int64_t)token_set_find(&cache->tokens, hash) * MINUTE_US > now.us;
	if (token->taken)
		return true;
	hash.until = until;
	return cache_token_put(cache, hash) || transaction_out_of_memory(transaction);
}

static bool tokens_append(struct store_transaction *transaction, const struct store_token *tokens, size_t count, uint32_t until,
                          int64_t first_id)
{
	char *bytes = arena_try(transaction->arena, count * TOKEN_BYTES + 1);
	size_t length = 0;
	if (!bytes)
		return transaction_out_of_memory(transaction);
	for (size_t i = 0; i < count; i++) {
		if (tokens[i].taken)
			continue;
		memcpy(bytes + length, tokens[i].hash, TOKEN_HASH_BYTES);
		memcpy(bytes + length + TOKEN_HASH_BYTES, &tokens[i].offset, 4);
		length += TOKEN_BYTES;
	}
	if (length == 0)
		return true;
	int64_t id = store_new_id(transaction, "stream_token");
	return id && store_execute(transaction, STATEMENT_STREAM_TOKEN_INSERT,
	                           BINDS(bind_integer(id), bind_integer(until), bind_integer(first_id), bind_blob(bytes, length)),
	                           NULL);
}

bool store_tokens_take(struct store_transaction *transaction, struct instant now, int64_t window_us, int64_t first_id,
                       struct store_token *tokens, size_t count)
{
	if (transaction->read_only)
		BUG("a read takes no tokens");
	if (transaction->failed || count == 0)
		return !transaction->failed;
	uint32_t until = minute_of(now.us + window_us);
	for (size_t i = 0; i < count; i++)
		token_set_prefetch(&transaction->store->cache.tokens, token_slot_of(tokens[i].hash));
	for (size_t i = 0; i < count; i++)
		if (!token_take(transaction, &tokens[i], now, until))
			return false;
	return tokens_append(transaction, tokens, count, until, first_id) && tokens_expire(transaction, now);
}

/* ---- finding ---- */

struct token_search {
	const uint8_t *hash;
	int64_t now_us, found;
	uint32_t until; /* in rows of this minute alone; 0: of any */
};

static int64_t row_search(const uint8_t *hash, int64_t first_id, struct text hashes, int64_t found)
{
	uint64_t wanted, begin;
	memcpy(&wanted, hash, sizeof wanted);
	for (size_t at = 0; at + TOKEN_BYTES <= hashes.length; at += TOKEN_BYTES) {
		uint32_t offset;
		memcpy(&begin, hashes.data + at, sizeof begin);
		if (begin != wanted || memcmp(hashes.data + at, hash, TOKEN_HASH_BYTES) != 0)
			continue;
		memcpy(&offset, hashes.data + at + TOKEN_HASH_BYTES, sizeof offset);
		found = first_id + offset;
	}
	return found;
}

static bool token_search_row(void *context, const struct store_row *row)
{
	struct token_search *search = context;
	if (store_row_integer(row, 0) * MINUTE_US > search->now_us)
		search->found = row_search(search->hash, store_row_integer(row, 1), store_row_text(row, 2), search->found);
	return true;
}

static bool token_search_minute(void *context, const struct store_row *row)
{
	struct token_search *search = context;
	if (store_row_integer(row, 1) != search->until)
		return false;
	search->found = row_search(search->hash, store_row_integer(row, 2), store_row_text(row, 3), search->found);
	return true;
}

struct token_place {
	int64_t id, until;
};

static bool token_place_take(void *context, const struct store_row *row)
{
	struct token_place *place = context;
	*place = (struct token_place){ store_row_integer(row, 0), store_row_integer(row, 1) };
	return false;
}

/* The first row of that minute or a later one. Rows come in the order of their minutes, but where a clock went back. */
static bool token_minute_find(struct store_transaction *transaction, uint32_t until, int64_t *id)
{
	int64_t low = 0, high = 0;
	bool found;
	if (!store_integer(transaction, STATEMENT_STREAM_TOKEN_NEWEST, NO_BINDS, &high, &found))
		return false;
	while (low < high) {
		struct token_place place = { 0 };
		int64_t middle = low + (high - low) / 2;
		if (!store_each(transaction, STATEMENT_STREAM_TOKEN_FROM, BINDS(bind_integer(middle)), token_place_take, &place))
			return false;
		if (place.until < until)
			low = place.id + 1;
		else
			high = middle;
	}
	*id = low;
	return true;
}

bool store_token_find(struct store_transaction *transaction, struct instant now, const uint8_t hash[TOKEN_HASH_BYTES], int64_t *id)
{
	struct token_search search = { .hash = hash, .now_us = now.us };
	int64_t from = 0;
	*id = 0;
	if (!transaction->read_only)
		search.until = token_set_find(&transaction->store->cache.tokens, token_slot_of(hash));
	if (!transaction->read_only && (int64_t)search.until * MINUTE_US <= now.us)
		return true;
	if (search.until && (!token_minute_find(transaction, search.until, &from) ||
	                     !store_each(transaction, STATEMENT_STREAM_TOKEN_FROM, BINDS(bind_integer(from)), token_search_minute, &search)))
		return false;
	bool good = search.found || store_each(transaction, STATEMENT_STREAM_TOKEN_ALL, NO_BINDS, token_search_row, &search);
	*id = search.found;
	return good;
}

/* ---- at open ---- */

/* So far ahead the memory of a hash is asked for: what a processor waits for most here. */
enum { LOAD_AHEAD = 12 };

static bool token_row_load(void *context, const struct store_row *row)
{
	struct store_transaction *transaction = context;
	struct token_set *set = &transaction->store->cache.tokens;
	struct text hashes = store_row_text(row, 1);
	const uint8_t *bytes = (const uint8_t *)hashes.data;
	uint32_t until = (uint32_t)store_row_integer(row, 0);
	for (size_t at = 0; at + TOKEN_BYTES <= hashes.length; at += TOKEN_BYTES) {
		struct token_slot hash = token_slot_of(bytes + at);
		if (at + (LOAD_AHEAD + 1) * TOKEN_BYTES <= hashes.length)
			token_set_prefetch(set, token_slot_of(bytes + at + LOAD_AHEAD * TOKEN_BYTES));
		hash.until = until;
		if (!token_set_put(set, hash))
			return transaction_out_of_memory(transaction);
	}
	return true;
}

bool tokens_load(struct store *store, struct problems *problems)
{
	struct store_transaction transaction = { .store = store, .connection = &store->writer, .global = true,
		                                 .arena = problems->arena, .problems = problems };
	int64_t count = 0;
	if (!store_integer(&transaction, STATEMENT_STREAM_TOKEN_COUNT, NO_BINDS, &count, NULL))
		return false;
	if (!token_set_reserve(&store->cache.tokens, (size_t)count))
		return transaction_out_of_memory(&transaction);
	return transaction_each(&transaction, STATEMENT_STREAM_TOKEN_LOAD, NO_BINDS, token_row_load, &transaction) &&
	       !transaction.failed;
}
