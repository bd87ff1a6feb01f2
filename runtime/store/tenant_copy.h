/* tenant_copy.h: one tenant's rows, copied out of a store into a file, from a file into a store, and removed.
 *
 *     store_export   a snapshot of the store -> FILE, itself a store at the same version with this one tenant
 *     store_import   FILE -> rows under a new tenant id, in pieces; who asked then makes the row of the tenant
 *     store_sweep    rows of a tenant that has no row any more, removed by the writer between its batches
 *
 *     partial_tenant:   (none) --store_import--> comes --partial_tenant_end, with the tenant's row--> (none)
 *                                                  \--failure, or a process that is killed--> goes --swept--> (none)
 *                       a tenant that is dropped ---------------------------------------------> goes
 *
 * A tenant without a row of `tenant` is nobody's: no request, job or message finds it, and verify knows it by its row of
 * partial_tenant. So pieces need no common transaction, and the writer serves others between them.
 *
 * What belongs to a tenant is told by schema/: copied_tables is generated.
 */
#ifndef MOONBILL_STORE_TENANT_COPY_H
#define MOONBILL_STORE_TENANT_COPY_H

#include "store/store.h"

struct copied_table {
	const char *name; /* NULL ends the list */
	int columns;      /* beside tenant_id */
	/* ?1 is the tenant. NULL: its rows do not go along. */
	const char *export_sql;                     /* from "origin" */
	const char *read_sql, *write_sql;           /* the values of the one are those of the other from ?2 on; NULL of the tenant's own row */
	const char *copy_sql;                       /* to the tenant ?2 of the same store */
	/* At most ?2 rows; of a table with a last_sql, which lies by its id, the rows of ids above ?2 up to ?3. */
	const char *remove_sql, *last_sql;
};
extern const struct copied_table copied_tables[]; /* copies.gen.c */

/* What a file of a tenant is for. */
enum store_export_purpose {
	STORE_EXPORT_TO_KEEP, /* a store, synced */
	STORE_EXPORT_TO_READ, /* once, by store_import: without indexes, not synced */
};

/* Copies the tenant, as it is in a snapshot, to a file that must not be there. API keys and idempotency keys stay. Removed when
 * it failed, also because nobody waits (`asker` may be NULL) or the store's copies end (store_backups_end). PROBLEM_NOT_FOUND:
 * there is no such tenant. On the calling thread, while others write. */
bool store_export(struct store *store, int64_t tenant_id, const char *path, enum store_export_purpose purpose,
                  const struct store_backup_asker *asker, struct store_backup *made, struct problems *problems);
bool store_is_in_memory(const struct store *store);
/* A path beside the store's file for one to read, of this process: what is left of them by another one is removed at open. */
const char *store_export_path(struct store *store, struct arena *arena);

/* Are the tables of the file exactly those of this program? `from` is open for reading only. */
bool store_has_our_tables(struct store *from, struct problems *problems);

struct store_import {
	int64_t tenant_id;     /* the new one */
	int64_t rows, pieces, longest_us; /* the longest piece: for so long the writer did nothing else */
};
/* Copies the rows of `from_id` in `from`, a file that is open for reading only, under a new tenant id into the store, which
 * has then a tenant that comes. A store in memory is copied from itself (`from` is the store), in one transaction. False with a problem: what was copied goes. Blocks; never on the writer's thread. */
bool store_import(struct store *store, struct store *from, int64_t from_id, const struct store_backup_asker *asker,
                  struct store_import *import, struct problems *problems);
/* What was copied is not wanted after all. Never on the writer's thread. */
void store_import_abandon(struct store *store, int64_t tenant_id);

/* The rows of tenants that go (statement partial_tenant_goes) are removed once this has committed. In a job's body. */
void store_sweep(struct store_transaction *transaction);
/* Waits until the rows of this tenant are gone, or nobody waits for it. False: they are not, or not yet. Never on the writer's
 * thread. */
bool store_sweep_wait(struct store *store, int64_t tenant_id, const struct store_backup_asker *asker, struct problems *problems);

#endif
