/* verify_sum.c: quantities that are the sums of others: what is used of components, and lots. */
#include "verify_check.h"

#include "value/decimal.h"

static struct decimal number(const struct store_row *row, int column)
{
	struct decimal decimal;
	return !store_row_null(row, column) && decimal_parse(store_row_text(row, column), &decimal) ? decimal : decimal_from_int64(0);
}

/* ---- sums ---- */

/* Rows: kind, id, what is added, what is taken off, what the object says; those of an object together. */
struct sum {
	struct verify_chunk *chunk;
	struct text kind;
	int64_t id;
	struct decimal sum, found;
};

static void sum_end(const struct sum *sum)
{
	struct arena *arena = store_arena(sum->chunk->transaction);
	if (sum->id && decimal_compare(sum->sum, sum->found) != 0)
		verify_found(sum->chunk, sum->kind, sum->id, decimal_canonical_text(arena, sum->sum),
		             decimal_canonical_text(arena, sum->found));
}

static bool sum_row(void *context, const struct store_row *row)
{
	struct sum *sum = context;
	int64_t id = store_row_integer(row, 1);
	if (id != sum->id) {
		sum_end(sum);
		*sum = (struct sum){ .chunk = sum->chunk, .id = id, .sum = decimal_from_int64(0), .found = number(row, 4) };
		sum->kind = text_copy(store_arena(sum->chunk->transaction), store_row_text(row, 0));
	}
	return decimal_add(sum->sum, number(row, 2), &sum->sum) && decimal_subtract(sum->sum, number(row, 3), &sum->sum);
}

bool verify_decimal_sum(struct verify_chunk *chunk)
{
	struct sum sum = { .chunk = chunk };
	if (!store_each(chunk->transaction, chunk->invariant->statement, BINDS(bind_integer(chunk->from), bind_integer(chunk->to)),
	                sum_row, &sum))
		return false;
	sum_end(&sum);
	return true;
}

/* ---- balances ---- */

/* Rows: period, its quantity, its count, usage, quantity, balance before, balance after; those of a period in the order of their ids. */
struct balance {
	struct verify_chunk *chunk;
	int64_t period_id, count, counted;
	struct decimal quantity, balance;
};

static void balance_end(const struct balance *balance)
{
	struct arena *arena = store_arena(balance->chunk->transaction);
	if (balance->period_id && (decimal_compare(balance->balance, balance->quantity) != 0 || balance->count != balance->counted))
		verify_found(balance->chunk, TEXT("component_period"), balance->period_id,
		             text_format(arena, "%.*s of %lld", TEXT_ARG(decimal_canonical_text(arena, balance->balance)),
		                         (long long)balance->counted),
		             text_format(arena, "%.*s of %lld", TEXT_ARG(decimal_canonical_text(arena, balance->quantity)),
		                         (long long)balance->count));
}

static bool balance_row(void *context, const struct store_row *row)
{
	struct balance *balance = context;
	struct arena *arena = store_arena(balance->chunk->transaction);
	if (store_row_integer(row, 0) != balance->period_id) {
		balance_end(balance);
		*balance = (struct balance){ .chunk = balance->chunk, .period_id = store_row_integer(row, 0),
			                     .count = store_row_integer(row, 2), .quantity = number(row, 1),
			                     .balance = decimal_from_int64(0) };
	}
	if (decimal_compare(number(row, 5), balance->balance) != 0)
		verify_found(balance->chunk, TEXT("component_usage"), store_row_integer(row, 3),
		             decimal_canonical_text(arena, balance->balance), decimal_canonical_text(arena, number(row, 5)));
	if (!decimal_add(balance->balance, number(row, 4), &balance->balance))
		return false;
	if (decimal_sign(balance->balance) < 0)
		balance->balance = decimal_from_int64(0);
	if (decimal_compare(number(row, 6), balance->balance) != 0)
		verify_found(balance->chunk, TEXT("component_usage"), store_row_integer(row, 3),
		             decimal_canonical_text(arena, balance->balance), decimal_canonical_text(arena, number(row, 6)));
	balance->counted++;
	return true;
}

bool verify_component_balance(struct verify_chunk *chunk)
{
	struct balance balance = { .chunk = chunk };
	if (!store_each(chunk->transaction, chunk->invariant->statement, BINDS(bind_integer(chunk->from), bind_integer(chunk->to)),
	                balance_row, &balance))
		return false;
	balance_end(&balance);
	return true;
}
