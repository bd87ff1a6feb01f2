/* rate.c: how many requests an address, a key or a tenant may send: token buckets in a table of fixed size. */
#include "rate.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

enum { SETS = 4096, SET_BUCKETS = 4, LOCKS = 64, NS_PER_US = 1000, PER_S_MAX = 1000000 };
static const int64_t ns_per_s = 1000000000;

struct bucket {
	uint64_t name;      /* of kind and subject, mixed */
	int64_t full_at_ns; /* monotonic; in the past: full, and the place is free */
};

/* Each on cache lines of its own: threads of different sets do not meet. */
union lock {
	pthread_mutex_t mutex;
	char room[2 * 64];
};

struct rate_table {
	union lock locks[LOCKS];
	struct bucket sets[SETS][SET_BUCKETS];
	int64_t token_ns[RATE_KINDS]; /* in which one comes; 0: no limit */
	int64_t per_s[RATE_KINDS];
	int64_t burst_ns;
	uint64_t secret; /* so that nobody can choose addresses that meet in one set */
};

struct rate_table *rate_table_new(const struct rate_limits *limits)
{
	struct rate_table *table = memory_alloc(sizeof *table);
	if (!table)
		return NULL;
	memset(table, 0, sizeof *table);
	for (int kind = 0; kind < RATE_KINDS; kind++) {
		assert(limits->per_s[kind] >= 0 && limits->per_s[kind] <= PER_S_MAX);
		table->per_s[kind] = limits->per_s[kind];
		table->token_ns[kind] = limits->per_s[kind] ? ns_per_s / limits->per_s[kind] : 0;
	}
	assert(limits->burst_s > 0);
	table->burst_ns = limits->burst_s * ns_per_s;
	random_bytes(&table->secret, sizeof table->secret);
	for (int i = 0; i < LOCKS; i++)
		pthread_mutex_init(&table->locks[i].mutex, NULL);
	return table;
}

void rate_table_free(struct rate_table *table)
{
	for (int i = 0; table && i < LOCKS; i++)
		pthread_mutex_destroy(&table->locks[i].mutex);
	memory_free(table);
}

int64_t rate_per_s(const struct rate_table *table, enum rate_kind kind)
{
	return table->per_s[kind];
}

/* The finish of MurmurHash3: every bit of the result hangs on every bit of the input. */
static uint64_t mix(uint64_t value)
{
	value = (value ^ value >> 33) * 0xff51afd7ed558ccdu;
	value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53u;
	return value ^ value >> 33;
}

/* The subject's bucket, else the one of its set that makes room for it. */
static struct bucket *bucket_of(struct bucket *set, uint64_t name)
{
	struct bucket *room = set;
	for (int i = 0; i < SET_BUCKETS; i++) {
		if (set[i].name == name)
			return &set[i];
		if (set[i].full_at_ns < room->full_at_ns)
			room = &set[i];
	}
	*room = (struct bucket){ .name = name };
	return room;
}

/* How far beyond the burst the bucket would be; taken when it is not, or when it has to be. A cost below 0 is given. */
static int64_t take(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost, int64_t now_us,
                    bool always)
{
	int64_t now_ns = now_us * NS_PER_US, cost_ns = table->token_ns[kind] * cost;
	if (cost_ns == 0)
		return 0;
	if (cost_ns > table->burst_ns)
		cost_ns = table->burst_ns;
	if (cost_ns < -table->burst_ns)
		cost_ns = -table->burst_ns;
	uint64_t name = mix(mix(subject ^ table->secret) + kind);
	pthread_mutex_t *mutex = &table->locks[name % LOCKS].mutex;
	pthread_mutex_lock(mutex);
	struct bucket *bucket = bucket_of(table->sets[name % SETS], name);
	int64_t full_at_ns = (bucket->full_at_ns > now_ns ? bucket->full_at_ns : now_ns) + cost_ns;
	int64_t beyond_ns = full_at_ns - now_ns - table->burst_ns;
	if (beyond_ns <= 0 || always)
		bucket->full_at_ns = full_at_ns;
	pthread_mutex_unlock(mutex);
	return beyond_ns > 0 ? (beyond_ns + NS_PER_US - 1) / NS_PER_US : 0;
}

int64_t rate_take_at(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost, int64_t now_us)
{
	return take(table, kind, subject, cost, now_us, false);
}

int64_t rate_take(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost)
{
	return take(table, kind, subject, cost, clock_monotonic_us(), false);
}

void rate_give(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost)
{
	take(table, kind, subject, -cost, clock_monotonic_us(), true);
}

void rate_charge(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost)
{
	take(table, kind, subject, cost, clock_monotonic_us(), true);
}
