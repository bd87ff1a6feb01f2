/* verify.c: walks over a store in chunks and asks each invariant for the rows that break it. */
#include "verify_check.h"

#include "base/log.h"
#include "records.gen.h"

enum {
	CHUNK_TARGET_US = 100 * 1000,
	CHUNK_FIRST_ROWS = 64,
	CHUNK_ROWS_MAX = 16384,
	VERIFY_ARENA_BYTES = 1024 * 1024 * 1024, /* a chunk of bundles has all their files */
};

struct verify {
	struct store *store;
	const struct verify_options *options;
	struct verify_totals *totals;
	const struct tenant *tenant; /* NULL: the store itself */
	struct arena arena;          /* rewound after each chunk */
	struct problems *problems;
	struct verify_memory memory;
};

/* ---- for procedures ---- */

bool verify_each(struct verify_chunk *chunk, bool (*row)(void *context, const struct store_row *row))
{
	const struct store_bind range[] = { bind_integer(chunk->from), bind_integer(chunk->to) };
	return store_each(chunk->transaction, chunk->invariant->statement, range, chunk->invariant->walk ? 2 : 0, row, chunk);
}

void verify_found(struct verify_chunk *chunk, struct text kind, int64_t id, struct text expected, struct text found)
{
	struct verify *verify = chunk->verify;
	const struct violation violation = {
		.number = chunk->invariant->number,
		.name = chunk->invariant->name,
		.states = chunk->invariant->states,
		.tenant_id = verify->tenant ? verify->tenant->id : 0,
		.tenant = verify->tenant ? verify->tenant->name : TEXT_NONE,
		.kind = kind,
		.id = id,
		.expected = expected,
		.found = found,
	};
	verify->totals->violations++;
	verify->totals->of_content += chunk->invariant->content;
	verify->options->found(verify->options->context, &violation);
}

/* ---- a chunk ---- */

static bool report_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	verify_found(chunk, store_row_text(row, 0), store_row_integer(row, 1), store_row_text(row, 2), store_row_text(row, 3));
	return true;
}

static bool check(struct verify_chunk *chunk)
{
	chunk->verify->totals->checks++;
	if (chunk->invariant->procedure)
		return chunk->invariant->procedure(chunk);
	return verify_each(chunk, report_row);
}

struct chunk_read {
	struct verify *verify;
	const struct verify_walk *walk;
	int64_t from, to, rows;
};

static bool chunk_end(struct store_transaction *transaction, struct chunk_read *read)
{
	bool found;
	return store_integer(transaction, read->walk->end, BINDS(bind_integer(read->from), bind_integer(read->rows)), &read->to,
	                     &found) &&
	       (found || (read->to = INT64_MAX, true));
}

static bool chunk_check(struct store_transaction *transaction, void *context)
{
	struct chunk_read *read = context;
	struct verify *verify = read->verify;
	if (!chunk_end(transaction, read))
		return false;
	for (const struct invariant *invariant = invariants; invariant->name; invariant++) {
		struct verify_chunk chunk = { transaction, invariant, read->from, read->to, verify, &verify->memory };
		if (invariant->walk != read->walk || (invariant->numbers && verify->memory.fixtures))
			continue;
		if (!check(&chunk))
			return false;
	}
	return true;
}

/* One read in its own snapshot; *took_us = how long it lasted. */
static bool read_timed(struct verify *verify, bool (*body)(struct store_transaction *transaction, void *context),
                       void *context, int64_t *took_us)
{
	struct arena_mark mark = arena_mark(&verify->arena);
	int64_t begin_us = clock_monotonic_us(), tenant_id = verify->tenant ? verify->tenant->id : 0;
	bool good = store_read(verify->store, tenant_id, &verify->arena, verify->problems, body, context);
	*took_us = clock_monotonic_us() - begin_us;
	if (*took_us > verify->totals->longest_read_us)
		verify->totals->longest_read_us = *took_us;
	verify->totals->chunks++;
	arena_rewind(&verify->arena, mark);
	return good;
}

static int64_t next_rows(int64_t rows, int64_t took_us)
{
	if (took_us > CHUNK_TARGET_US)
		return rows > 1 ? rows / 2 : 1;
	return took_us < CHUNK_TARGET_US / 2 && rows < CHUNK_ROWS_MAX ? rows * 2 : rows;
}

static bool walk_run(struct verify *verify, const struct verify_walk *walk)
{
	struct chunk_read read = { .verify = verify, .walk = walk, .from = 1, .rows = CHUNK_FIRST_ROWS };
	struct text tenant = verify->tenant ? verify->tenant->name : TEXT_NONE;
	int64_t took_us;
	do {
		if (!read_timed(verify, chunk_check, &read, &took_us))
			return false;
		read.from = read.to;
		read.rows = next_rows(read.rows, took_us);
		verify->options->progress(verify->options->context, tenant, walk->name, read.from);
	} while (read.to != INT64_MAX);
	return true;
}

/* ---- tenants, and the store itself ---- */

static bool walk_is_of_store(const struct verify_walk *walk)
{
	for (const struct invariant *invariant = invariants; invariant->name; invariant++)
		if (invariant->walk == walk)
			return invariant->scope == INVARIANT_STORE;
	return false;
}

static bool walks_run(struct verify *verify)
{
	for (const struct verify_walk *walk = verify_walks; walk->name; walk++)
		if (walk_is_of_store(walk) == !verify->tenant && !walk_run(verify, walk))
			return false;
	return true;
}

static bool tenant_run(struct verify *verify, const struct tenant *tenant)
{
	verify->tenant = tenant;
	verify->memory = (struct verify_memory){ 0 };
	verify->totals->tenants++;
	return walks_run(verify);
}

struct whole_read {
	struct verify *verify;
	const struct invariant *invariant;
};

static bool whole_check(struct store_transaction *transaction, void *context)
{
	struct whole_read *read = context;
	struct verify_chunk chunk = { transaction, read->invariant, 0, 0, read->verify, &read->verify->memory };
	return check(&chunk);
}

/* What is looked at as a whole: first, since the walks read what it is about. */
static bool whole_run(struct verify *verify)
{
	int64_t took_us;
	for (const struct invariant *invariant = invariants; invariant->name; invariant++) {
		struct whole_read read = { verify, invariant };
		if (!invariant->walk && !read_timed(verify, whole_check, &read, &took_us))
			return false;
	}
	return true;
}

static bool store_walks_run(struct verify *verify)
{
	verify->tenant = NULL;
	verify->memory = (struct verify_memory){ 0 };
	bool good = walks_run(verify);
	key_set_finish(&verify->memory.keys);
	return good;
}

struct tenant_list_read {
	struct { struct tenant *items; size_t count, capacity; } list;
};

static bool tenants_read(struct store_transaction *transaction, void *context)
{
	struct tenant_list_read *read = context;
	return store_all(transaction, STATEMENT_TENANT_LIST, NO_BINDS, &tenant_record, LIST(&read->list));
}

static bool verify_tenants(struct verify *verify)
{
	const struct text wanted = verify->options->tenant;
	struct tenant_list_read read = { 0 };
	if (!text_present(wanted) && !whole_run(verify))
		return false;
	if (!store_read(verify->store, 0, &verify->arena, verify->problems, tenants_read, &read))
		return false;
	for (size_t i = 0; i < read.list.count; i++)
		if ((!text_present(wanted) || text_equals(wanted, read.list.items[i].name)) &&
		    !tenant_run(verify, &read.list.items[i]))
			return false;
	if (text_present(wanted) && verify->totals->tenants == 0)
		return problem_value(verify->problems, PROBLEM_NOT_FOUND, "", wanted, NULL, "there is no tenant '%.*s'",
		                     TEXT_ARG(wanted));
	return text_present(wanted) || store_walks_run(verify);
}

bool verify_run(struct store *store, const struct verify_options *options, struct problems *problems,
                struct verify_totals *totals)
{
	*totals = (struct verify_totals){ 0 };
	struct verify verify = { .store = store, .options = options, .totals = totals, .problems = problems };
	if (!arena_init(&verify.arena, VERIFY_ARENA_BYTES))
		return problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out");
	bool good = verify_tenants(&verify);
	arena_finish(&verify.arena);
	return good;
}
