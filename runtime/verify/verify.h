/* verify.h: checks every invariant of schema/invariants.lua over a store, also over one that is being written to.
 *
 * Each chunk of a walk (some accounts, some journal rows) is read in a snapshot of its own, so that no read keeps the
 * log from being copied for long: chunks are made to last about CHUNK_TARGET_MS, the least is one key. Nothing is
 * repaired and nothing is written. Memory does not grow with the store but for the idempotency keys (24 to 48 bytes
 * each).
 */
#ifndef MOONBILL_VERIFY_VERIFY_H
#define MOONBILL_VERIFY_VERIFY_H

#include "store/store.h"

/* One row that breaks an invariant; texts live during the call. */
struct violation {
	int number;              /* of the subject in schema/invariants.lua */
	const char *name, *states;
	int64_t tenant_id;       /* 0: of the store */
	struct text tenant;      /* its name */
	struct text kind;        /* the record */
	int64_t id;
	struct text expected, found;
};

struct verify_totals {
	int64_t tenants, chunks, checks, violations;
	int64_t of_content; /* of the violations those by what people wrote: a copy of such rows is as good as they are */
	int64_t longest_read_us;
};

struct verify_options {
	struct text tenant; /* only this one's rows, by name; TEXT_NONE: all, and the store's own */
	void (*found)(void *context, const struct violation *violation);
	/* After each chunk: of which tenant, which walk ("account"), and from which key the next one begins. */
	void (*progress)(void *context, struct text tenant, const char *walk, int64_t next);
	void *context;
};

/* False with problems when it could not look at everything. */
bool verify_run(struct store *store, const struct verify_options *options, struct problems *problems,
                struct verify_totals *totals);

#endif
