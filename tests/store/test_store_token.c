/* test_store_token.c: uniqueness tokens: taken once, given back by a rollback, over after their window, there after a restart. */
#include "store_site.h"

#include "base/id.h"
#include "store/token_set.h"

#define DAY_US (INT64_C(86400) * US_PER_S)
#define WINDOW_US (31 * DAY_US)

enum { TOKENS_MOST = 4000 };

struct taking {
	struct instant now;
	int64_t first_id;
	struct store_token tokens[TOKENS_MOST];
	size_t count;
	bool fails;
};

static void token_make(struct store_token *token, const char *tenant, int64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)number);
	struct digest_short digest = digest_short_two(text_of(tenant), text_of(text));
	memcpy(token->hash, digest.bytes, sizeof token->hash);
}

static bool take(struct store_transaction *transaction, void *context)
{
	struct taking *taking = context;
	return store_tokens_take(transaction, taking->now, WINDOW_US, taking->first_id, taking->tokens, taking->count) &&
	       !taking->fails;
}

/* Tokens from..to of a tenant at a time; how many were new. */
static size_t taken_new(struct site *site, int64_t tenant, struct taking *taking, int64_t from, int64_t to)
{
	size_t count = 0;
	taking->count = (size_t)(to - from);
	for (size_t i = 0; i < taking->count; i++) {
		token_make(&taking->tokens[i], tenant == 1 ? "a" : "b", from + (int64_t)i);
		taking->tokens[i].offset = (uint32_t)i;
	}
	struct store_job job = { .tenant_id = tenant, .body = take, .context = taking, .arena = &site->arena,
		                 .problems = &site->problems };
	enum store_outcome outcome = store_run(site->store, &job);
	CHECK_EQ_INT(outcome, taking->fails ? STORE_ROLLED_BACK : STORE_COMMITTED);
	for (size_t i = 0; i < taking->count; i++)
		count += !taking->tokens[i].taken;
	return count;
}

TEST_ON_BOTH(a_token_is_taken_once)
{
	static struct taking taking;
	taking = (struct taking){ .now = { 100 * DAY_US }, .first_id = 1 };
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 1000), 1000);
	CHECK_EQ_INT(taken_new(site, 1, &taking, 500, 1500), 500);
	CHECK_EQ_INT(taken_new(site, 2, &taking, 0, 10), 10);
	taking.fails = true;
	CHECK_EQ_INT(taken_new(site, 1, &taking, 1500, 4000), 2500);
	taking.fails = false;
	CHECK_EQ_INT(taken_new(site, 1, &taking, 1500, 4000), 2500); /* what was undone left none */
}

TEST_ON_BOTH(a_token_is_over_when_its_window_is)
{
	static struct taking taking;
	taking = (struct taking){ .now = { 100 * DAY_US }, .first_id = 1 };
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 10), 10);
	taking.now.us += WINDOW_US - 60 * US_PER_S;
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 10), 0);
	CHECK_EQ_INT(taken_new(site, 1, &taking, 10, 20), 10);
	taking.now.us += 60 * US_PER_S;
	taking.fails = true;
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 20), 10);
	taking.fails = false;
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 20), 10); /* those were forgotten, the others not */
	CHECK_EQ_INT(taken_new(site, 1, &taking, 0, 20), 0);
}

struct finding {
	struct instant now;
	uint8_t hash[STORE_TOKEN_BYTES];
	int64_t id;
};

static bool find(struct store_transaction *transaction, void *context)
{
	struct finding *finding = context;
	return store_token_find(transaction, finding->now, finding->hash, &finding->id);
}

TEST_ON_BOTH(a_token_is_found_by_its_minute_also_where_a_clock_went_back)
{
	enum { ROWS = 40, EACH = 3 };
	static struct taking taking;
	struct store_token token;
	taking = (struct taking){ .now = { 100 * DAY_US } };
	for (int i = 0; i < ROWS; i++) {
		taking.now.us = 100 * DAY_US + (i < 30 ? i : i - 20) / 2 * 60 * US_PER_S;
		taking.first_id = 1000 + 10 * i;
		CHECK_EQ_INT(taken_new(site, 1, &taking, i * EACH, (i + 1) * EACH), EACH);
	}
	for (int i = 0; i < ROWS * EACH; i++) {
		struct finding finding = { .now = taking.now };
		token_make(&token, "a", i);
		memcpy(finding.hash, token.hash, sizeof finding.hash);
		struct store_job job = { .tenant_id = 1, .body = find, .context = &finding, .arena = &site->arena, .problems = &site->problems };
		CHECK_EQ_INT(store_run(site->store, &job), STORE_COMMITTED);
		CHECK_EQ_INT(finding.id, 1000 + 10 * (i / EACH) + i % EACH);
	}
}

TEST(tokens_are_there_after_a_restart_and_tell_their_event)
{
	static struct taking taking;
	struct site site;
	struct store_token token;
	site_open(&site, IN_A_FILE);
	taking = (struct taking){ .now = { 100 * DAY_US }, .first_id = 5000 };
	CHECK_EQ_INT(taken_new(&site, 1, &taking, 0, 3000), 3000);
	taking.first_id = 8000;
	CHECK_EQ_INT(taken_new(&site, 1, &taking, 2990, 3010), 10);
	site_stop(&site);
	site_start(&site, NULL);
	CHECK_EQ_INT(taken_new(&site, 1, &taking, 0, 3010), 0);
	struct finding finding = { .now = taking.now };
	static const struct { int64_t number, id; } wanted[] = { { 7, 5007 }, { 2999, 7999 }, { 3005, 8015 }, { 9999, 0 } };
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		token_make(&token, "a", wanted[i].number);
		memcpy(finding.hash, token.hash, sizeof finding.hash);
		CHECK(store_read(site.store, 1, &site.arena, &site.problems, find, &finding));
		CHECK_EQ_INT(finding.id, wanted[i].id);
	}
	site_close(&site);
}

/* ---- the set alone ---- */

TEST(the_set_is_what_a_plain_list_would_be)
{
	enum { HASHES = 20000, STEPS = 200000 };
	static struct token_set set;
	static uint32_t known[HASHES];
	uint64_t seed = 7;
	for (int step = 0; step < STEPS; step++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		size_t number = (size_t)(seed >> 33) % HASHES;
		/* alike in what chooses the place, so that many collide */
		struct token_slot hash = { .high = number % 50, .low = (uint32_t)(number * 256), .until = (uint32_t)(seed >> 60) };
		CHECK_EQ_INT(token_set_find(&set, hash), known[number]);
		CHECK(token_set_put(&set, hash));
		known[number] = hash.until;
	}
	size_t count = 0;
	for (size_t i = 0; i < HASHES; i++)
		count += known[i] != 0;
	CHECK_EQ_INT(token_set_count(&set), count);
	token_set_finish(&set);
}

CHECK_MAIN
