/* overtaken.h: rows that a pre rule's command changed while the command around it may hold them as they were before.
 *
 * A rule's command runs in the middle of another one, which may have read a row and be about to write all of it: what the
 * rule changed would be gone, and the journal would tell of both. So rows changed at an inner level are noted, and an outer
 * level that writes one is refused with PROBLEM_RULE_OVERTAKES when it has not read it since, or would give one of its
 * columns back what the rule changed. Notes are kept until the transaction ends, those of rolled back savepoints too: whoever
 * tries again writes the same rows.
 *
 * The writer's thread only. Costs a look at an empty tree where no rule commanded anything.
 */
#ifndef MOONBILL_STORE_OVERTAKEN_H
#define MOONBILL_STORE_OVERTAKEN_H

#include "value/record.h"

struct overtaken_rows {
	int level;      /* 0: the command itself; more: commands of pre rules within it */
	const char *by; /* the command of the rule, as store_overtake_begin was told; NULL at level 0 */
	void *tree;     /* of tsearch; NULL: nothing is noted */
	struct arena arena; /* of the notes; made with the first */
	bool has_arena;
};

struct store_transaction;
/* A row was read: this level knows it as it is. */
void overtaken_read(struct store_transaction *transaction, const struct record *record, const void *value);
/* A row is to be written: false, and the transaction has failed, when this level holds it as it was. */
bool overtaken_write(struct store_transaction *transaction, const struct record *record, const void *value);
/* What a table refuses after a rule's command: a problem that says so. False when nothing is noted. */
bool overtaken_explains(const struct store_transaction *transaction);
void overtaken_forget(struct store_transaction *transaction);

#endif
