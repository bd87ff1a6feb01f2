/* verify_check.h: what the build makes of schema/invariants.lua, and what a procedure is given. Private to verify/. */
#ifndef MOONBILL_VERIFY_VERIFY_CHECK_H
#define MOONBILL_VERIFY_VERIFY_CHECK_H

#include "store/key_set.h"
#include "verify.h"

struct verify_chunk;

enum invariant_scope { INVARIANT_ACCOUNT, INVARIANT_TENANT, INVARIANT_STORE };

/* Cuts a table into chunks by the first column of its key. */
struct verify_walk {
	const char *name; /* of the record; NULL ends the table */
	enum statement end; /* the key after so many rows */
};
extern const struct verify_walk verify_walks[];

struct invariant {
	int number;
	enum invariant_scope scope;
	const char *name; /* NULL ends the table */
	const char *object; /* the record it was made for, or NULL */
	const char *states;
	const struct verify_walk *walk; /* NULL: the whole store at once */
	enum statement statement;
	bool (*procedure)(struct verify_chunk *chunk); /* NULL: the statement gives what is wrong */
	bool numbers; /* does not hold where fixture.set has moved a counter */
	bool content; /* about what people wrote into a text, not about how rows fit together */
};
extern const struct invariant invariants[];

/* What procedures remember from one chunk to the next. */
struct verify_memory {
	char audit_digest[64];
	size_t audit_digest_length;
	int64_t audit_id;
	int64_t invoice_number; /* of the last one that was a number; 0: none yet */
	bool fixtures;          /* the tenant's counters were moved by hand */
	struct key_set keys;
};

struct verify_chunk {
	struct store_transaction *transaction;
	const struct invariant *invariant;
	int64_t from, to; /* to = INT64_MAX: the last */
	struct verify *verify;
	struct verify_memory *memory;
};

/* The statement's rows, whatever its parameters. */
bool verify_each(struct verify_chunk *chunk, bool (*row)(void *context, const struct store_row *row));
void verify_found(struct verify_chunk *chunk, struct text kind, int64_t id, struct text expected, struct text found);

bool verify_audit_chain(struct verify_chunk *chunk);
bool verify_invoice_numbers(struct verify_chunk *chunk);
bool verify_line_decision(struct verify_chunk *chunk);
bool verify_usage_quantity(struct verify_chunk *chunk);
bool verify_decimal_sum(struct verify_chunk *chunk);
bool verify_component_balance(struct verify_chunk *chunk);
bool verify_secrets(struct verify_chunk *chunk);
bool verify_keys_once(struct verify_chunk *chunk);
bool verify_integrity(struct verify_chunk *chunk);

#endif
