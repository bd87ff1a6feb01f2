/* statement.h: what the build knows of each statement (statement.gen.c, from schema/statements.sql). */
#ifndef MOONBILL_STORE_STATEMENT_H
#define MOONBILL_STORE_STATEMENT_H

#include "statement.gen.h"
#include "value/record.h"

#include <stdbool.h>

struct statement_info {
	const char *name;         /* "invoice_by_number" */
	const char *sql;          /* parameters as ?1, ?2, ... */
	int parameters;           /* the tenant included */
	bool global;              /* not scoped to a tenant: ?1 is the caller's first */
	bool row_cached;          /* its row is of a record that is kept (row_cache.h) */
	bool changes_cached;      /* it may change such a row */
	unsigned late;            /* bits of the tables it names whose rows may wait (late_row.h) */
	const struct record *row; /* what a row is, when it is a whole record; else NULL */
};
extern const struct statement_info statement_infos[STATEMENT_COUNT];

#endif
