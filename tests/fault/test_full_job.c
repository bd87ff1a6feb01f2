/* test_full_job.c: due work that met a full disk is done soon after there is room, not a minute later. */
#include "fault_vfs.h"

#include "event/shop.h"

#include "base/log.h"

enum { SOON_US = 20 * US_PER_S }; /* the scheduler looks at everything once a minute */

static void note_plan(struct shop *shop)
{
	const struct account_update input = { .id = 1, .notes = TEXT("note 0") };
	shop_do(shop, "job.plan", &input);
}

static bool is_noted(struct shop *shop)
{
	const struct account *account = shop_row(shop, &account_record, 1);
	return text_present(account->notes);
}

static void wait_until(struct shop *shop, bool (*true_now)(struct shop *shop))
{
	int64_t until_us = clock_monotonic_us() + SOON_US;
	while (!true_now(shop) && clock_monotonic_us() < until_us)
		clock_sleep_us(10 * US_PER_MS);
	CHECK(true_now(shop));
}

static bool is_hit(struct shop *shop)
{
	(void)shop;
	return fault_hits() > 0;
}

TEST(due_work_that_met_a_full_disk_is_done_soon)
{
	struct shop shop;
	struct scratch scratch = scratch_make();
	log_set_level(LOG_OFF);
	fault_vfs_install();
	shop_open(&shop, scratch.store, (struct engine_options){ .threads = false, .lock = true });
	shop_tenant(&shop, "live", false, NULL);
	CHECK(account_open(&shop, "Ann"));
	note_plan(&shop);
	engine_close(shop.engine);
	fault_arm(FAULT_WRITE, FAULT_FULL, 1, true);
	shop_attach(&shop, scratch.store, (struct engine_options){ .threads = true, .lock = true });
	wait_until(&shop, is_hit);
	CHECK(!is_noted(&shop));
	fault_disarm();
	wait_until(&shop, is_noted);
	shop_close(&shop);
	scratch_remove(&scratch);
}

CHECK_MAIN
