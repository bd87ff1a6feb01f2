/* test_store_parts.c: the parts of the store that need no database: set of keys, queue, cache with its undo log. */
#include "check.h"

#include "store/job_queue.h"
#include "store/key_set.h"
#include "store/writer_cache.h"

/* ---- set of keys ---- */

/* Few different values of the low half, so that many share a place. */
static struct key_hash crowded_hash(uint64_t i)
{
	return (struct key_hash){ .high = i, .low = i % 37 };
}

TEST(a_set_of_keys_agrees_with_a_list_while_keys_come_and_go)
{
	enum { KEYS = 500, STEPS = 60000 };
	struct key_set set = { 0 };
	int64_t rows[KEYS] = { 0 };
	uint64_t state = check_seed();
	size_t count = 0;
	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)check_between(&state, 0, KEYS - 1);
		if (rows[i]) {
			CHECK_EQ_INT(key_set_find(&set, crowded_hash(i)), rows[i]);
			key_set_remove(&set, crowded_hash(i));
			rows[i] = 0;
			count--;
		} else {
			CHECK_EQ_INT(key_set_find(&set, crowded_hash(i)), 0);
			rows[i] = step + 1;
			CHECK(key_set_add(&set, crowded_hash(i), rows[i]));
			count++;
		}
		CHECK_EQ_INT(set.count, count);
	}
	for (size_t i = 0; i < KEYS; i++)
		CHECK_EQ_INT(key_set_find(&set, crowded_hash(i)), rows[i]);
	key_set_finish(&set);
}

TEST(a_set_of_keys_grows_and_stays_as_it_was_when_memory_ends)
{
	struct key_set set = { 0 };
	key_set_remove(&set, crowded_hash(1));
	CHECK_EQ_INT(key_set_find(&set, crowded_hash(1)), 0);
	int64_t row = 1;
	for (; row <= 100000; row++) {
		struct key_hash hash = { (uint64_t)row, (uint64_t)row * 0x9e3779b97f4a7c15u };
		memory_fail_after(1, true);
		bool room = key_set_add(&set, hash, row);
		memory_fail_after(0, false);
		if (!room)
			CHECK(key_set_add(&set, hash, row));
	}
	for (int64_t i = 1; i < row; i++)
		CHECK_EQ_INT(key_set_find(&set, (struct key_hash){ (uint64_t)i, (uint64_t)i * 0x9e3779b97f4a7c15u }), i);
	key_set_finish(&set);
}

/* ---- queue ---- */

TEST(a_queue_gives_each_tenant_its_turn_and_keeps_the_order_within_one)
{
	enum { JOBS = 3000, TENANTS = 1500 }; /* more tenants than buckets */
	static struct store_job jobs[JOBS];
	static struct job_queue queue;
	static int64_t taken_of[TENANTS], position_of[JOBS];
	uint64_t state = check_seed();
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].tenant_id = check_between(&state, 0, TENANTS - 1);
		position_of[i] = taken_of[jobs[i].tenant_id]++;
		CHECK(!job_queue_add(&queue, &jobs[i], 0));
	}
	memset(taken_of, 0, sizeof taken_of);
	int64_t round = 0;
	for (size_t i = 0; i < JOBS; i++) {
		struct store_job *job = job_queue_take(&queue, 0);
		CHECK(job != NULL);
		int64_t position = taken_of[job->tenant_id]++;
		CHECK_EQ_INT(position, position_of[job - jobs]);
		CHECK(position >= round); /* nobody is served again before all had a turn */
		round = position;
	}
	CHECK(job_queue_take(&queue, 0) == NULL);
	CHECK_EQ_INT(queue.count, 0);
}

TEST(who_has_had_no_turn_in_a_batch_can_still_be_taken_into_it)
{
	static struct store_job many[3], one, late;
	static struct job_queue queue;
	job_queue_begin_batch(&queue);
	one.tenant_id = 2;
	late.tenant_id = 3;
	for (int i = 0; i < 3; i++) {
		many[i].tenant_id = 1;
		CHECK(!job_queue_add(&queue, &many[i], 0));
	}
	CHECK(!job_queue_add(&queue, &one, 0));
	CHECK(job_queue_take(&queue, 0) == &many[0]);
	CHECK(job_queue_take_newcomer(&queue, 0) == &one);
	CHECK(job_queue_take_newcomer(&queue, 0) == NULL);
	CHECK(!job_queue_add(&queue, &late, 0));
	CHECK(job_queue_take_newcomer(&queue, 0) == &late);
	CHECK(job_queue_take_newcomer(&queue, 0) == NULL);
	job_queue_begin_batch(&queue);
	CHECK(job_queue_take_newcomer(&queue, 0) == &many[1]);
	CHECK(job_queue_take_newcomer(&queue, 0) == NULL);
	CHECK(job_queue_take(&queue, 0) == &many[2]);
}

TEST(a_queue_is_right_while_jobs_come_and_go)
{
	enum { JOBS = 64, STEPS = 100000 };
	static struct store_job jobs[JOBS];
	static struct job_queue queue;
	bool queued[JOBS] = { false };
	uint64_t state = check_seed();
	size_t count = 0;
	for (int step = 0; step < STEPS; step++) {
		size_t i = (size_t)check_between(&state, 0, JOBS - 1);
		if (!queued[i] && check_random(&state) % 2) {
			jobs[i].tenant_id = check_between(&state, 1, 5) * 4096;
			CHECK(!job_queue_add(&queue, &jobs[i], 0));
			queued[i] = true;
			count++;
		} else if (count > 0) {
			struct store_job *job = job_queue_take(&queue, 0);
			CHECK(job != NULL && queued[job - jobs]);
			queued[job - jobs] = false;
			count--;
		}
		CHECK_EQ_INT(queue.count, count);
	}
}

/* ---- cache ---- */

TEST(what_a_cache_undoes_is_as_it_was)
{
	struct writer_cache cache = { 0 };
	struct counter *counter = cache_counter_add(&cache, COUNTER_OF_IDS, 1, TEXT("invoice"), 5);
	CHECK(cache_counter_set(&cache, counter, 6));
	size_t mark = cache_mark(&cache);
	CHECK(cache_counter_set(&cache, counter, 7));
	CHECK(cache_key_add(&cache, (struct key_hash){ 1, 2 }, 9));
	CHECK(cache_counter_set(&cache, counter, 8));
	cache_undo(&cache, mark);
	CHECK_EQ_INT(counter->next, 6);
	CHECK_EQ_INT(key_set_find(&cache.keys, (struct key_hash){ 1, 2 }), 0);
	counter->stored = 6; /* written, then the batch fails */
	cache_undo_batch(&cache);
	CHECK_EQ_INT(counter->next, 5);
	CHECK_EQ_INT(counter->stored, 5);
	CHECK(cache_counter_set(&cache, counter, 6));
	cache_keep(&cache);
	cache_undo_batch(&cache);
	CHECK_EQ_INT(counter->next, 6);
	cache_finish(&cache);
}

TEST(a_cache_tells_tenants_uses_and_names_apart)
{
	struct writer_cache cache = { 0 };
	for (int64_t tenant_id = 0; tenant_id < 1000; tenant_id++) {
		CHECK(cache_counter_add(&cache, COUNTER_OF_IDS, tenant_id, TEXT("a"), tenant_id * 10));
		CHECK(cache_counter_add(&cache, COUNTER_OF_NUMBERS, tenant_id, TEXT("a"), tenant_id * 10 + 1));
		CHECK(cache_counter_add(&cache, COUNTER_OF_IDS, tenant_id, TEXT("ab"), tenant_id * 10 + 2));
	}
	for (int64_t tenant_id = 0; tenant_id < 1000; tenant_id++) {
		CHECK_EQ_INT(cache_counter(&cache, COUNTER_OF_IDS, tenant_id, TEXT("a"))->next, tenant_id * 10);
		CHECK_EQ_INT(cache_counter(&cache, COUNTER_OF_NUMBERS, tenant_id, TEXT("a"))->next, tenant_id * 10 + 1);
		CHECK_EQ_INT(cache_counter(&cache, COUNTER_OF_IDS, tenant_id, TEXT("ab"))->next, tenant_id * 10 + 2);
		CHECK(cache_counter(&cache, COUNTER_OF_NUMBERS, tenant_id, TEXT("ab")) == NULL);
	}
	cache_finish(&cache);
}

CHECK_MAIN
