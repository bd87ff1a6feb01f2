/* cache.c: answers of reads, kept until the next commit of their tenant.
 *
 * An answer has the version of the store that its snapshot was taken at (store_version), and is given only while that is
 * still the version: to the same tenant, for the same address. Who asks, and whether they may, was found out before.
 * Sets of four places in shards with a lock each; what is new takes the place of what is out of date, or of the next.
 */
#include "exchange.h"

#include "base/metric.h"

#include <pthread.h>
#include <string.h>

enum {
	SHARDS = 16,
	SETS = 64,
	WAYS = 4,
	SHARD_BYTES_MAX = 1024 * 1024, /* 16 MiB in all */
	ANSWER_BYTES_MAX = 64 * 1024,
};

struct answer {
	int64_t tenant_id;
	uint64_t version;
	struct text target, content_type, body, tag; /* in `bytes` */
	size_t size;                                  /* of it all */
	char bytes[];
};

struct shard {
	pthread_mutex_t lock;
	struct answer *sets[SETS][WAYS];
	unsigned next_way;
	struct http_cache_count count;
};

struct http_cache {
	struct store *store;
	struct shard shards[SHARDS];
};

struct http_cache *http_cache_new(struct store *store)
{
	struct http_cache *cache = memory_alloc(sizeof *cache);
	if (!cache)
		return NULL;
	memset(cache, 0, sizeof *cache);
	cache->store = store;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_init(&cache->shards[i].lock, NULL);
	return cache;
}

static void place_empty(struct shard *shard, struct answer **place)
{
	if (!*place)
		return;
	shard->count.answers--;
	shard->count.bytes -= (*place)->size;
	memory_free(*place);
	*place = NULL;
}

static void shard_clear(struct shard *shard)
{
	for (size_t i = 0; i < SETS; i++)
		for (size_t j = 0; j < WAYS; j++)
			place_empty(shard, &shard->sets[i][j]);
}

void http_cache_clear(struct http_cache *cache)
{
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&cache->shards[i].lock);
		shard_clear(&cache->shards[i]);
		pthread_mutex_unlock(&cache->shards[i].lock);
	}
}

void http_cache_free(struct http_cache *cache)
{
	if (!cache)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		shard_clear(&cache->shards[i]);
		pthread_mutex_destroy(&cache->shards[i].lock);
	}
	memory_free(cache);
}

struct http_cache_count http_cache_count(struct http_cache *cache)
{
	struct http_cache_count sum = { 0 };
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&cache->shards[i].lock);
		const struct http_cache_count *count = &cache->shards[i].count;
		sum.hits += count->hits;
		sum.misses += count->misses;
		sum.answers += count->answers;
		sum.bytes += count->bytes;
		pthread_mutex_unlock(&cache->shards[i].lock);
	}
	return sum;
}

/* ---- places ---- */

/* FNV-1a. Who finds addresses that meet in one set has made their own reads slower. */
static uint64_t hash_of(int64_t tenant_id, struct text target)
{
	uint64_t hash = 14695981039346656037u ^ (uint64_t)tenant_id;
	for (size_t i = 0; i < target.length; i++)
		hash = (hash ^ (unsigned char)target.data[i]) * 1099511628211u;
	return hash ^ hash >> 29;
}

struct seat {
	struct shard *shard;
	struct answer **set;
};

static struct seat seat_of(struct http_cache *cache, const struct http_exchange *exchange)
{
	uint64_t hash = hash_of(exchange->identity.tenant_id, exchange->request->target);
	struct shard *shard = &cache->shards[hash % SHARDS];
	return (struct seat){ shard, shard->sets[hash / SHARDS % SETS] };
}

static bool is_of(const struct answer *answer, const struct http_exchange *exchange)
{
	return answer && answer->tenant_id == exchange->identity.tenant_id &&
	       text_equals(answer->target, exchange->request->target);
}

/* The old answer of the same address, or a free place, or the next one's. */
static struct answer **place_for(struct seat seat, const struct http_exchange *exchange)
{
	struct answer **free = NULL;
	for (size_t i = 0; i < WAYS; i++) {
		if (is_of(seat.set[i], exchange))
			return &seat.set[i];
		if (!seat.set[i])
			free = &seat.set[i];
	}
	return free ? free : &seat.set[seat.shard->next_way++ % WAYS];
}

/* ---- answers ---- */

static struct text put(char **at, struct text text)
{
	struct text copy = { *at, text.length };
	memcpy(*at, text.data, text.length);
	*at += text.length;
	return copy;
}

static struct answer *answer_new(const struct http_exchange *exchange, uint64_t version)
{
	const struct http_reply *reply = &exchange->reply;
	size_t length = exchange->request->target.length + reply->content_type.length + reply->body.length +
	                exchange->tag.length;
	struct answer *answer = length <= ANSWER_BYTES_MAX ? memory_alloc(sizeof *answer + length) : NULL;
	if (!answer)
		return NULL;
	char *at = answer->bytes;
	answer->tenant_id = exchange->identity.tenant_id;
	answer->version = version;
	answer->size = sizeof *answer + length;
	answer->target = put(&at, exchange->request->target);
	answer->content_type = put(&at, reply->content_type);
	answer->body = put(&at, reply->body);
	answer->tag = put(&at, exchange->tag);
	return answer;
}

static void answer_give(const struct answer *answer, struct http_exchange *exchange)
{
	struct arena *arena = exchange->arena;
	exchange->reply.status = 200;
	exchange->reply.content_type = text_copy(arena, answer->content_type);
	exchange->reply.body = text_copy(arena, answer->body);
	exchange->tag = text_copy(arena, answer->tag);
}

bool http_cache_find(struct http_cache *cache, struct http_exchange *exchange, uint64_t version)
{
	if (version == STORE_VERSION_NONE)
		return false;
	struct seat seat = seat_of(cache, exchange);
	bool found = false;
	pthread_mutex_lock(&seat.shard->lock);
	for (size_t i = 0; i < WAYS && !found; i++) {
		const struct answer *answer = seat.set[i];
		found = is_of(answer, exchange) && answer->version == version;
		if (found)
			answer_give(answer, exchange);
	}
	seat.shard->count.hits += found;
	seat.shard->count.misses += !found;
	pthread_mutex_unlock(&seat.shard->lock);
	metric_add_at(METRIC_HTTP_CACHE_LOOKUPS_TOTAL, found ? METRIC_CACHE_HIT : METRIC_CACHE_MISS, 0, 1);
	return found;
}

/* Only an answer that says it all: of a success, whole, without headers of its own. */
static bool may_be_kept(struct http_cache *cache, const struct http_exchange *exchange, uint64_t version)
{
	const struct http_reply *reply = &exchange->reply;
	return version != STORE_VERSION_NONE && store_version(cache->store, exchange->identity.tenant_id) == version &&
	       reply->status == 200 && reply->header_count == 0 && text_present(reply->body) &&
	       !arena_exhausted(exchange->arena);
}

void http_cache_keep(struct http_cache *cache, const struct http_exchange *exchange, uint64_t version)
{
	struct answer *answer = may_be_kept(cache, exchange, version) ? answer_new(exchange, version) : NULL;
	if (!answer)
		return;
	struct seat seat = seat_of(cache, exchange);
	struct shard *shard = seat.shard;
	pthread_mutex_lock(&shard->lock);
	if (shard->count.bytes + answer->size > SHARD_BYTES_MAX)
		shard_clear(shard);
	struct answer **place = place_for(seat, exchange);
	place_empty(shard, place);
	*place = answer;
	shard->count.answers++;
	shard->count.bytes += answer->size;
	pthread_mutex_unlock(&shard->lock);
}
