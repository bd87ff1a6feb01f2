/* branch.h: copies of a tenant: in the same store with a clock of its own, into a file, and out of one.
 *
 *     branch_make     snapshot -> file beside the store -> rows under a new id, in pieces -> the row of the branch
 *     tenant_export   snapshot -> FILE
 *     tenant_import   FILE -> rows under a new id, in pieces -> the row of the tenant
 *     branch.drop     the row of the branch goes at once, its other rows between the writer's batches
 *
 * Until its row is there a copy is nobody's (store/tenant_copy.h); so a process that is killed leaves none, and readers see
 * none by halves. The copy has everything but API keys, of which it gets one of its own, and idempotency keys. Its audit is the
 * tenant's, and goes on from there with a row of its own: digests do not cover the id of the tenant.
 *
 * A branch (tenant.branch_of) is a test tenant that acts on nothing outside: what waits or would be sent is withdrawn, payments
 * go to the test gateway, its webhooks have secrets of their own. Its clock goes both ways: going back moves the clock alone.
 *
 * All of these block; never on the writer's thread.
 */
#ifndef MOONBILL_BILLING_BRANCH_H
#define MOONBILL_BILLING_BRANCH_H

#include "event/command.h"
#include "tenant.h"

enum { BRANCHES_MAX = 20 }; /* of one tenant at a time */

struct branch_order {
	struct text name;       /* none: made from the tenant's */
	struct instant at;      /* none: the tenant's now */
	struct origin origin;
	const struct store_backup_asker *asker; /* may be NULL */
};
/* branch->clock tells how far the clock came on the way to `at`: a move may be stopped (engine_advance_clock). */
bool branch_make(struct engine *engine, int64_t tenant_id, const struct branch_order *order, struct arena *arena,
                 struct problems *problems, struct tenant_created **branch);

/* Whether it would be made, to be run dry. The input is the struct branch_make. */
extern const struct command_type branch_rehearsal;

/* The file must not be there. Told in the tenant's audit. */
bool tenant_export(struct engine *engine, int64_t tenant_id, const char *path, const struct branch_order *order,
                   struct arena *arena, struct problems *problems, struct store_backup *made);

struct import_order {
	const char *path;
	struct text name;  /* none: the one in the file */
	bool takes_over;   /* it goes on where the original stopped: bills, sends and charges. Else it is a branch */
	struct origin origin;
	const struct store_backup_asker *asker; /* may be NULL */
};
bool tenant_import(struct engine *engine, const struct import_order *order, struct arena *arena, struct problems *problems,
                   struct tenant_created **tenant);

/* Of the command's tenant, after an id. */
bool branch_page(struct command *command, int64_t after_id, int64_t limit, struct tenant_list *branches);
/* *branch = NULL when it is none of the command's tenant. */
bool branch_find(struct command *command, int64_t id, struct tenant **branch);

extern const struct command_type branch_commands[];

#endif
