/* version.c: what was committed, as numbers: so that an answer made of a snapshot can be kept until it is out of date.
 *
 * A sequence lock for each tenant, written by the writer's thread alone: odd from before a COMMIT until it is known to
 * be done. Tenants share slots; that only makes an answer out of date sooner.
 */
#include "store/sqlite.h"

static atomic_uint_fast64_t *slot_of(struct store *store, int64_t tenant_id)
{
	return &store->versions[(uint64_t)tenant_id % STORE_VERSIONS];
}

/* Several jobs of a batch may have the same slot. */
static void slot_begin(atomic_uint_fast64_t *slot)
{
	atomic_store(slot, atomic_load(slot) | 1);
}

static void slot_end(atomic_uint_fast64_t *slot)
{
	atomic_store(slot, atomic_load(slot) + (atomic_load(slot) & 1));
}

/* A global job may act on any tenant. */
static void versions_change(struct store *store, const struct store_job *first,
                            void (*change)(atomic_uint_fast64_t *slot))
{
	for (const struct store_job *job = first; job; job = job->queued.next)
		if (!job->dry_run)
			change(job->tenant_id ? slot_of(store, job->tenant_id) : &store->version_of_all);
}

void versions_begin(struct store *store, const struct store_job *first)
{
	versions_change(store, first, slot_begin);
}

void versions_end(struct store *store, const struct store_job *first)
{
	versions_change(store, first, slot_end);
}

/* Both only grow, so their sum is the same only when both are. */
uint64_t store_version(struct store *store, int64_t tenant_id)
{
	uint64_t all = atomic_load(&store->version_of_all), own = atomic_load(slot_of(store, tenant_id));
	bool changing = ((all | own) & 1) != 0;
	return changing || !atomic_load(&store->open) ? STORE_VERSION_NONE : all + own + 2;
}
