/* late_row.h: new rows that wait for the changes that follow them at once, and are written one time.
 *
 * An order is stored, gets its subscriptions, and is stored again; a subscription is stored, charged for, and stored
 * again. Rows of records that are `late` (schema/records.lua) wait in the transaction until somebody could tell: a
 * statement that names their table runs, a savepoint is opened, the body ends, or there are many. An update before that
 * changes what waits. So whatever a statement sees is what it would have seen, a savepoint that is rolled back finds only
 * rows of its own waiting, and those are forgotten.
 *
 * What waits is copied into the transaction's arena.
 */
#ifndef MOONBILL_STORE_LATE_ROW_H
#define MOONBILL_STORE_LATE_ROW_H

#include "store/store.h"

enum { LATE_ROWS_MOST = 16 };

struct late_rows {
	struct {
		const struct record *record;
		void *value;
	} rows[LATE_ROWS_MOST];
	size_t count;
	unsigned tables; /* bits of record_table.late: of whom rows wait */
};

/* A new row waits; false when it is to be written at once. */
bool late_row_keep(struct store_transaction *transaction, const struct record *record, const void *value);
/* Whether the row with this key waits; then it has these values. */
bool late_row_change(struct store_transaction *transaction, const struct record *record, const void *value);
/* Writes all that wait; false after a failure. */
bool late_rows_write(struct store_transaction *transaction);
/* What they were written after is rolled back. */
void late_rows_forget(struct store_transaction *transaction);

#endif
