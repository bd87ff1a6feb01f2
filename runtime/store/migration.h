/* migration.h: brings a file's tables to the version of this program, step by step.
 *
 * A step is one transaction with its row in the table `migration`, so a process may be killed at any
 * statement and the next one goes on. Each row keeps the SHA-256 of the step's text: a step that was changed
 * after it ran, or one that this program does not know, is refused.
 */
#ifndef MOONBILL_STORE_MIGRATION_H
#define MOONBILL_STORE_MIGRATION_H

#include "base/problem.h"
#include "statement.gen.h"

#include <sqlite3.h>
#include <stdbool.h>

struct migration {
	int number;                     /* from 1 without gaps */
	const char *const *statements;  /* ends with NULL */
};
extern const struct migration migrations[]; /* migrations.gen.c; ends with number 0 */

/* What the planner is told of the size of tables, so that plans do not follow the data. Not a step: written again
 * whenever it differs from what the file was told last. Ends with NULL. */
extern const char *const statistics[];

/* Which statement needs which index; the tests hold the plans to it. Ends with NULL. */
struct index_use {
	const char *index;
	enum statement statement;
};
extern const struct index_use index_uses[];

/* Checks what ran, runs what is missing, renews the statistics. */
bool migration_run(sqlite3 *handle, struct problems *problems);
/* For a file that is empty and will be filled in one go: all steps without their indexes, and those indexes. In between they
 * are missing, and plans are not told of sizes. */
bool migration_tables(sqlite3 *handle, struct problems *problems);
bool migration_indexes(sqlite3 *handle, struct problems *problems);
/* Checks only: false with a problem unless the file is exactly at this program's version. */
bool migration_check(sqlite3 *handle, struct problems *problems);

#endif
