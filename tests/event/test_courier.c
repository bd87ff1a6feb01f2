/* test_courier.c: what the courier keeps in memory about where messages go. */
#include "check.h"

#include "event/courier_state.h"

static struct courier *courier_make(void)
{
	struct courier *courier = calloc(1, sizeof *courier);
	CHECK(courier != NULL);
	return courier;
}

static void courier_unmake(struct courier *courier)
{
	lanes_free(courier);
	free(courier);
}

/* Endpoints come and go, and so do tenants: whoever makes many must not fill the memory of all. */
TEST(lanes_that_have_nothing_to_send_are_let_go_when_they_are_many)
{
	enum { ENDPOINTS = 10 * LANES_KEPT, WAITING = 7 };
	static const struct delivery_channel channel = { .name = "webhook" };
	struct courier *courier = courier_make();
	struct lane *waiting = lane_find(courier, 1, &channel, WAITING);
	lane_wake(courier, waiting, INSTANT_NONE);
	courier->turn = waiting->sender;
	waiting->sender->turn = waiting;
	for (int64_t endpoint = 100; endpoint < 100 + ENDPOINTS; endpoint++) {
		lane_find(courier, 1, &channel, endpoint)->empty = true;
		lanes_sweep(courier);
		CHECK(courier->lane_count <= LANES_KEPT + 10);
	}
	CHECK(lane_find(courier, 1, &channel, WAITING) == waiting && waiting->wakes);
	courier_unmake(courier);
}

/* What waits for later, what failed and what has never been read is known of. */
TEST(lanes_that_know_something_are_kept)
{
	static const struct delivery_channel channel = { .name = "webhook" };
	struct courier *courier = courier_make();
	struct lane *later = lane_find(courier, 1, &channel, 1), *failed = lane_find(courier, 1, &channel, 2),
	            *fresh = lane_find(courier, 2, &channel, 1);
	later->wakes_us = INT64_MAX;
	later->empty = failed->empty = true;
	failed->failures = 1;
	for (int64_t endpoint = 100; endpoint < 100 + 3 * LANES_KEPT; endpoint++)
		lane_find(courier, 1, &channel, endpoint)->empty = true;
	lanes_sweep(courier);
	CHECK_EQ_INT(courier->lane_count, 3);
	CHECK(lane_find(courier, 1, &channel, 1) == later && lane_find(courier, 1, &channel, 2) == failed &&
	      lane_find(courier, 2, &channel, 1) == fresh);
	courier_unmake(courier);
}

static void lane_learns(struct courier *courier, struct lane *lane, enum delivery_verdict verdict, int64_t begun_us)
{
	const struct run run = { .lane = lane, .begun_us = begun_us, .transfer = { .outcome = { .verdict = verdict } } };
	lane_learn(courier, &run);
}

/* Mail to addresses that do not exist says nothing of the server that says so. */
TEST(messages_that_are_refused_for_good_open_no_circuit)
{
	static const struct delivery_channel channel = { .name = "mail" };
	struct courier *courier = courier_make();
	struct lane *lane = lane_find(courier, 1, &channel, 0);
	for (int i = 0; i < 2 * DELIVERY_CIRCUIT_FAILURES; i++)
		lane_learns(courier, lane, DELIVERY_DEAD, INT64_MAX);
	CHECK(lane->failures == 0 && lane->window == LANE_WINDOW_FIRST && lane->not_before_us == 0);
	for (int i = 0; i < DELIVERY_CIRCUIT_FAILURES; i++)
		lane_learns(courier, lane, DELIVERY_FAILED, INT64_MAX);
	CHECK(lane->not_before_us > 0);
	courier_unmake(courier);
}

/* Sixty-four that time out together are one piece of news, and so are those that follow them from before. */
TEST(a_burst_of_failures_is_one_step_of_window_and_pause)
{
	enum { BURST = 64 };
	static const struct delivery_channel channel = { .name = "webhook" };
	struct courier *courier = courier_make();
	struct lane *lane = lane_find(courier, 1, &channel, 7);
	int64_t begun_us = clock_monotonic_us();
	lane->window = BURST;
	for (int i = 0; i < BURST; i++)
		lane_learns(courier, lane, DELIVERY_FAILED, begun_us);
	CHECK_EQ_INT(lane->window, BURST / 2);
	CHECK_EQ_INT(lane->failures, BURST);
	CHECK_EQ_INT(lane->pause_us, CIRCUIT_PROBE_FIRST_US);
	lane_learns(courier, lane, DELIVERY_FAILED, INT64_MAX); /* a probe, begun afterwards */
	CHECK_EQ_INT(lane->pause_us, 2 * CIRCUIT_PROBE_FIRST_US);
	lane_learns(courier, lane, DELIVERY_DONE, INT64_MAX);
	CHECK(lane->pause_us == 0 && lane->failures == 0);
	courier_unmake(courier);
}

/* ---- shares ---- */

/* Lanes of a tenant take what they may, in turns, as many as `wanted` each; how many the tenant has then. */
static size_t tenant_fills(struct courier *courier, int64_t tenant_id, int64_t lanes, size_t wanted)
{
	static const struct delivery_channel channel = { .name = "webhook" };
	bool more = true;
	while (more) {
		more = false;
		for (int64_t endpoint = 1; endpoint <= lanes; endpoint++) {
			struct lane *lane = lane_find(courier, tenant_id, &channel, endpoint);
			if (lane->flying == wanted || !lane_has_room(courier, lane))
				continue;
			lane->flying++;
			lane->sender->flying++;
			courier->in_flight++;
			more = true;
		}
	}
	return sender_find(courier, tenant_id)->flying;
}

static struct courier *courier_sharing(size_t all, size_t tenant)
{
	struct courier *courier = courier_make();
	courier->in_flight_most = all;
	courier->tenant_flight_most = tenant;
	return courier;
}

/* Eighteen endpoints that answer slowly would have sixty-four each. */
TEST(a_tenant_whose_endpoints_are_slow_leaves_as_much_room_as_it_takes)
{
	struct courier *courier = courier_sharing(1000, 500);
	size_t first = tenant_fills(courier, 1, 18, 64), second = tenant_fills(courier, 2, 18, 64);
	check_note("one has %zu, the next %zu", first, second);
	CHECK(first > 480 && first <= 500 && second > 190 && second < 230);
	CHECK_EQ_INT(tenant_fills(courier, 3, 1, 64), 64); /* who comes later has its window at once */
	courier_unmake(courier);
}

TEST(one_endpoint_alone_has_its_whole_window_and_one_that_comes_later_begins_at_once)
{
	struct courier *courier = courier_sharing(1000, 500);
	CHECK_EQ_INT(tenant_fills(courier, 1, 1, 256), 256);
	CHECK(tenant_fills(courier, 1, 100, 256) <= 500);
	size_t before = courier->in_flight;
	CHECK(tenant_fills(courier, 1, 101, 1) > 0 && courier->in_flight == before + 1);
	courier_unmake(courier);
}

/* Each takes what it may before the next one comes. */
TEST(a_hundred_tenants_take_what_they_may_and_the_next_still_begins_at_once)
{
	struct courier *courier = courier_sharing(1000, 500);
	for (int64_t tenant = 1; tenant <= 100; tenant++) {
		check_note("tenant %lld, %zu are under way", (long long)tenant, courier->in_flight);
		CHECK(tenant_fills(courier, tenant, 18, 64) > 0);
	}
	CHECK(tenant_fills(courier, 101, 1, 1) == 1 && courier->in_flight <= 1000);
	courier_unmake(courier);
}

TEST(small_rooms_are_shared_too)
{
	for (size_t all = 1; all <= 40; all++)
		for (size_t part = 1; part < all || part == 1; part++) {
			struct courier *courier = courier_sharing(all, part);
			size_t alone = tenant_fills(courier, 1, 50, 64);
			check_note("%zu of %zu for a tenant, which has %zu", part, all, alone);
			CHECK(alone <= part && alone + 1 >= part && alone > 0);
			CHECK(all == 1 || tenant_fills(courier, 2, 1, 1) == 1);
			courier_unmake(courier);
		}
}

TEST(a_clocks_walk_has_all_room)
{
	struct courier *courier = courier_sharing(100, 100);
	CHECK_EQ_INT(tenant_fills(courier, 1, 100, 64), 100);
	courier_unmake(courier);
}

/* ---- what is written back at once ---- */

static void run_end(struct courier *courier, struct lane *lane, struct batch *batch, enum delivery_verdict verdict)
{
	static const struct delivery mail = { .id = 1, .body = { NULL, 1024 * 1024 } };
	struct run *run = memory_alloc(sizeof *run);
	CHECK(run != NULL);
	*run = (struct run){ .lane = lane, .batch = batch, .transfer = { .delivery = &mail, .outcome = { .verdict = verdict } } };
	batch->open++;
	lane->open_ids[lane->open++] = mail.id;
	settle_add(courier, run);
}

static size_t settles_count(const struct courier *courier)
{
	size_t count = 0;
	for (const struct settle *settle = courier->settles; settle; settle = settle->next, count++)
		CHECK(settle->body_bytes <= SETTLE_BYTES_MAX + (1 << 20));
	return count;
}

/* A command reads the rows of those that failed again, and its arena has an end. */
TEST(outcomes_of_large_messages_that_failed_are_written_back_in_parts)
{
	enum { MESSAGES = 90 };
	static const struct delivery_channel channel = { .name = "mail" };
	struct courier *courier = courier_make();
	struct lane *lane = lane_find(courier, 1, &channel, 0);
	struct batch *batch = calloc(1, sizeof *batch);
	CHECK(lane && batch && arena_init(&batch->arena, ARENA_LIMIT_DEFAULT_BYTES));
	for (int i = 0; i < MESSAGES; i++)
		run_end(courier, lane, batch, DELIVERY_DONE);
	CHECK_EQ_INT(settles_count(courier), 1);
	for (int i = 0; i < MESSAGES; i++)
		run_end(courier, lane, batch, DELIVERY_FAILED);
	CHECK_EQ_INT(settles_count(courier), MESSAGES / (SETTLE_BYTES_MAX / (1 << 20) + 1));
	settles_free(courier);
	courier_unmake(courier);
}

CHECK_MAIN
