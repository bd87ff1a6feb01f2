/* rate.h: how many requests an address, a key or a tenant may send: token buckets in a table of fixed size.
 *
 *     int64_t wait_us = rate_take(table, RATE_ADDRESS, ip_client(&address), 1);
 *     if (wait_us) ... 429, Retry-After
 *
 * A bucket is one number: the moment at which it will be full again (GCRA). A request moves that moment by its cost
 * and is refused when it would come to lie further away than the burst; so the wait that is told is exact, and a
 * bucket that nobody uses needs no room. Buckets lie in sets of four under striped locks: a look-up is a hash, an
 * uncontended mutex and four compares, and allocates nothing. When a set is full the bucket that is nearest to
 * full makes room, which forgives its owner the least.
 */
#ifndef MOONBILL_HTTP_RATE_H
#define MOONBILL_HTTP_RATE_H

#include <stdint.h>

enum rate_kind {
	RATE_ADDRESS,   /* requests of a client's address, before anything is known of it */
	RATE_KEY,       /* requests with a key */
	RATE_TENANT,    /* requests of all keys of a tenant */
	RATE_EXPENSIVE, /* tokens for a tenant's dear requests: http_route.cost */
	RATE_KINDS
};

struct rate_limits {
	int64_t per_s[RATE_KINDS]; /* 0: no limit; at most 1,000,000 */
	int64_t burst_s;           /* a bucket holds what comes in this time */
};

struct rate_table;
/* NULL when memory runs out. */
struct rate_table *rate_table_new(const struct rate_limits *limits);
void rate_table_free(struct rate_table *table); /* accepts NULL */

/* 0: taken. Otherwise nothing is taken, and so many microseconds later it would be. Costs more than the bucket holds
 * count as all of it. Thread-safe. */
int64_t rate_take(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost);
/* Takes afterwards, whatever is there: for what a request turned out to be. */
void rate_charge(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost);
/* Gives back what was taken for a request that was not done after all. */
void rate_give(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost);
int64_t rate_per_s(const struct rate_table *table, enum rate_kind kind);

/* The same at a given monotonic time: tests. */
int64_t rate_take_at(struct rate_table *table, enum rate_kind kind, uint64_t subject, int64_t cost, int64_t now_us);

#endif
