/* job_debt.c: tenants whose jobs hold the writer for long owe the others time. */
#include "store/job_debt.h"

/* The monotonic time until which it owes; 0: it owes nothing. */
static int64_t owes_until(const struct job_debts *debts, int64_t tenant_id)
{
	for (size_t i = 0; i < debts->count; i++)
		if (debts->debtors[i].tenant_id == tenant_id)
			return debts->debtors[i].until_us;
	return 0;
}

/* Those who have repaid, and the old debt of the one who is about to have a new one. */
static void debtors_drop(struct job_debts *debts, int64_t tenant_id, int64_t now_us)
{
	size_t kept = 0;
	for (size_t i = 0; i < debts->count; i++)
		if (debts->debtors[i].until_us > now_us && debts->debtors[i].tenant_id != tenant_id)
			debts->debtors[kept++] = debts->debtors[i];
	debts->count = kept;
}

static size_t debtor_place(struct job_debts *debts)
{
	size_t first = 0;
	if (debts->count < DEBTORS_MOST)
		return debts->count++;
	for (size_t i = 1; i < debts->count; i++)
		if (debts->debtors[i].until_us < debts->debtors[first].until_us)
			first = i;
	return first;
}

void debt_note(struct job_debts *debts, int64_t tenant_id, int64_t now_us)
{
	if (tenant_id == 0 || owes_until(debts, tenant_id) > now_us)
		return;
	if (debts->seen[0].tenant_id != tenant_id)
		debts->seen[1] = debts->seen[0];
	debts->seen[0].tenant_id = tenant_id;
	debts->seen[0].at_us = now_us;
}

/* From now on, not behind an older debt: that was held against nobody, or it would not have run. */
void debt_charge(struct job_debts *debts, int64_t tenant_id, int64_t took_us, int64_t now_us)
{
	if (took_us <= DEBT_FREE_US || tenant_id == 0)
		return;
	int64_t before_us = owes_until(debts, tenant_id);
	debtors_drop(debts, tenant_id, now_us);
	size_t place = debtor_place(debts);
	int64_t until_us = now_us + (took_us - DEBT_FREE_US) * DEBT_FACTOR * (int64_t)debts->count;
	debts->debtors[place].tenant_id = tenant_id;
	debts->debtors[place].until_us = until_us > before_us ? until_us : before_us;
}

bool debt_others_seen(const struct job_debts *debts, int64_t tenant_id, int64_t within_us, int64_t now_us)
{
	for (size_t i = 0; i < 2; i++)
		if (debts->seen[i].tenant_id != 0 && debts->seen[i].tenant_id != tenant_id &&
		    now_us - debts->seen[i].at_us < within_us)
			return true;
	return false;
}

bool debt_holds(const struct job_debts *debts, int64_t tenant_id, int64_t now_us)
{
	if (debts->count == 0 || debts->forgiven || owes_until(debts, tenant_id) <= now_us)
		return false;
	return debt_others_seen(debts, tenant_id, DEBT_SEEN_US, now_us);
}
