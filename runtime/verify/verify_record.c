/* verify_record.c: invariants about single rows that SQL alone does not see: chains, numbers, keys, secrets, tables. */
#include "verify_check.h"

#include "base/log.h"
#include "event/audit.h"
#include "value/json.h"

/* ---- the chain of audit rows ---- */

static void audit_row(struct verify_chunk *chunk, const struct audit *row)
{
	struct verify_memory *memory = chunk->memory;
	struct arena *arena = store_arena(chunk->transaction);
	struct text before = { memory->audit_digest, memory->audit_digest_length };
	struct text expected = audit_digest(arena, before, row);
	if (!text_equals(expected, row->digest))
		verify_found(chunk, TEXT("audit"), row->id, expected, row->digest);
	if (row->id != memory->audit_id + 1 && !memory->fixtures)
		verify_found(chunk, TEXT("audit"), row->id, text_from_int64(arena, memory->audit_id + 1),
		             text_from_int64(arena, row->id));
	/* Goes on from what stands there, so that one changed row is told once. */
	memory->audit_id = row->id;
	memory->audit_digest_length = row->digest.length < sizeof memory->audit_digest ? row->digest.length
	                                                                                : sizeof memory->audit_digest;
	memcpy(memory->audit_digest, row->digest.data, memory->audit_digest_length);
	if (text_is(row->command, "fixture.set"))
		memory->fixtures = true;
}

bool verify_audit_chain(struct verify_chunk *chunk)
{
	struct { struct audit *items; size_t count, capacity; } rows = { 0 };
	if (!store_all(chunk->transaction, chunk->invariant->statement,
	               BINDS(bind_integer(chunk->from), bind_integer(chunk->to)), &audit_record, LIST(&rows)))
		return false;
	for (size_t i = 0; i < rows.count; i++)
		audit_row(chunk, &rows.items[i]);
	return true;
}

/* ---- numbers of invoices ---- */

/* A number that a policy made of something else than digits is taken for the one whose turn it is. */
static bool invoice_number_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	struct verify_memory *memory = chunk->memory;
	struct arena *arena = store_arena(chunk->transaction);
	struct arena_mark mark = arena_mark(arena);
	struct problems ignored;
	int64_t number;
	problems_init(&ignored, arena);
	const struct json *payload = json_parse_limited(store_row_text(row, 1), INT32_MAX, arena, &ignored);
	const struct json *invoice = payload ? json_member(payload, "invoice") : NULL;
	if (invoice) {
		int64_t turn = memory->invoice_number + 1;
		if (!text_to_int64(json_text(json_member(invoice, "number")), &number))
			number = turn;
		if (number != turn)
			verify_found(chunk, TEXT("journal"), store_row_integer(row, 0),
			             text_format(arena, "invoice number %lld", (long long)turn), text_from_int64(arena, number));
		memory->invoice_number = number;
	}
	arena_rewind(arena, mark);
	return true;
}

bool verify_invoice_numbers(struct verify_chunk *chunk)
{
	int64_t next = 0, last = 0;
	if (!verify_each(chunk, invoice_number_row))
		return false;
	last = chunk->memory->invoice_number;
	if (chunk->to != INT64_MAX || last == 0)
		return true;
	if (!store_integer(chunk->transaction, STATEMENT_COUNTER_READ, BINDS(bind_c("invoice_number")), &next, NULL))
		return false;
	if (next != last + 1)
		verify_found(chunk, TEXT("invoice"), 0, text_from_int64(store_arena(chunk->transaction), next - 1),
		             text_from_int64(store_arena(chunk->transaction), last));
	return true;
}

/* ---- secrets ---- */

static bool is_letter(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* The end of the word that begins at `from`; with dashes, as a UUID has them. */
static size_t word_end(struct text text, size_t from, bool dashes)
{
	size_t end = from;
	while (end < text.length &&
	       (is_letter(text.data[end]) || is_digit(text.data[end]) || (dashes && text.data[end] == '-')))
		end++;
	return end;
}

/* A part of a decimal (before or after its point) or of a fraction: "0.4111111111111111", "4111111111111111/2592000". What a slash
 * and two or four digits follow may be a card with its expiry. */
static bool is_of_number(struct text text, size_t from, size_t end)
{
	size_t below = end + 1 < text.length && text.data[end] == '/' ? word_end(text, end + 1, false) - end - 1 : 0;
	bool follows = from >= 2 && is_digit(text.data[from - 2]) && (text.data[from - 1] == '.' || text.data[from - 1] == '/');
	bool goes_on = end + 1 < text.length && text.data[end] == '.' && is_digit(text.data[end + 1]);
	return is_digit(text.data[from]) && (follows || goes_on || (below > 0 && below != 2 && below != 4));
}

/* UUIDs, digests, tokens and exact amounts may hold any digits: they and all words with a letter are taken out. */
static struct text without_names(struct arena *arena, struct text text)
{
	enum { UUID_BYTES = 36 };
	char *copy = arena_alloc(arena, text.length + 1);
	for (size_t i = 0; i < text.length;) {
		size_t end = word_end(text, i, true);
		bool opaque = end - i == UUID_BYTES;
		if (!opaque)
			end = word_end(text, i, false);
		for (size_t j = i; j < end && !opaque; j++)
			opaque = is_letter(text.data[j]);
		opaque = opaque || (end > i && is_of_number(text, i, end));
		if (end == i)
			end = i + 1;
		if (opaque)
			memset(copy + i, '.', end - i);
		else
			memcpy(copy + i, text.data + i, end - i);
		i = end;
	}
	return (struct text){ copy, text.length };
}

static bool secrets_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	struct arena *arena = store_arena(chunk->transaction);
	struct arena_mark mark = arena_mark(arena);
	struct text text = without_names(arena, store_row_text(row, 2));
	if (!text_equals(redact_cards(arena, text), text))
		verify_found(chunk, store_row_text(row, 0), store_row_integer(row, 1), TEXT("no card number"), TEXT("one"));
	arena_rewind(arena, mark);
	return true;
}

bool verify_secrets(struct verify_chunk *chunk)
{
	return verify_each(chunk, secrets_row);
}

/* ---- idempotency keys ---- */

static bool key_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	struct arena *arena = store_arena(chunk->transaction);
	int64_t id = store_row_integer(row, 0);
	struct digest digest = digest_sha256_two(text_from_int64(arena, store_row_integer(row, 1)), store_row_text(row, 2));
	struct key_hash hash;
	memcpy(&hash, digest.bytes, sizeof hash);
	int64_t other = key_set_find(&chunk->memory->keys, hash);
	if (other != 0)
		verify_found(chunk, TEXT("idempotency"), id, TEXT("once"), text_format(arena, "also %lld", (long long)other));
	else if (id != 0 && !key_set_add(&chunk->memory->keys, hash, id))
		return problem(store_problems(chunk->transaction), PROBLEM_OUT_OF_MEMORY, "", "memory ran out");
	return true;
}

bool verify_keys_once(struct verify_chunk *chunk)
{
	return verify_each(chunk, key_row);
}

/* ---- tables ---- */

static bool integrity_row(void *context, const struct store_row *row)
{
	struct verify_chunk *chunk = context;
	if (!text_is(store_row_text(row, 0), "ok"))
		verify_found(chunk, text_of(chunk->invariant->object), 0, TEXT("ok"), store_row_text(row, 0));
	return true;
}

bool verify_integrity(struct verify_chunk *chunk)
{
	return verify_each(chunk, integrity_row);
}
