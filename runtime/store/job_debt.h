/* job_debt.h: tenants whose jobs hold the writer for long owe the others time.
 *
 * Turns alone do not help against a job of 25 ms: whoever comes waits for all of it, every time. So what a job's rules take
 * beyond a free amount is a debt, repaid by waiting DEBT_FACTOR times as long; several debtors share that part of the
 * writer. A debtor is held only while somebody else is there: alone it runs at once. The caller locks.
 */
#ifndef MOONBILL_STORE_JOB_DEBT_H
#define MOONBILL_STORE_JOB_DEBT_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DEBT_FREE_US = 1 * US_PER_MS,  /* of one job: honest rules take microseconds */
	DEBT_FACTOR = 200,             /* half a percent of the writer for all debtors: less than the 99th percentile shows */
	DEBT_SEEN_US = 5 * US_PER_S,   /* for so long after its last job a tenant counts as there */
	DEBTORS_MOST = 64,             /* known at once; the one that has waited most gives way to another */
};

struct job_debts {
	struct { int64_t tenant_id, until_us; } debtors[DEBTORS_MOST];
	size_t count;
	struct { int64_t tenant_id, at_us; } seen[2]; /* the last two tenants that came and owed nothing, the later first */
	bool forgiven; /* nobody is held; for controls of tests */
};

/* A job of this tenant has come. Tenant 0 is nobody: jobs of the machine hold no one up. */
void debt_note(struct job_debts *debts, int64_t tenant_id, int64_t now_us);
/* Its rules have taken so long. */
void debt_charge(struct job_debts *debts, int64_t tenant_id, int64_t took_us, int64_t now_us);
/* Has another tenant that owed nothing come within this time? */
bool debt_others_seen(const struct job_debts *debts, int64_t tenant_id, int64_t within_us, int64_t now_us);
/* Must it wait? */
bool debt_holds(const struct job_debts *debts, int64_t tenant_id, int64_t now_us);

#endif
