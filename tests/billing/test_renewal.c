/* test_renewal.c: no renewal is lost and none comes twice: every zone's days, leap years, DST, 2038, 2100, jumps of the clock. */
#include "shop.h"

#include "value/timezone.h"

enum { ZONES = CHECK_SLOWNESS > 1 ? 8 : 40, DAYS = 45, RENEWALS_MAX = DAYS + 8 };

/* Zones whose clocks are changed at midnight, by half an hour, in the south, by other rules, or never. */
static const char *const zones[] = {
	"UTC", "Europe/Paris", "America/New_York", "America/Havana", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Beirut",
	"Pacific/Chatham", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Athens", "Europe/Chisinau", "Europe/Kyiv",
	"Europe/Moscow", "Atlantic/Azores", "Africa/Casablanca", "Africa/El_Aaiun", "America/Chicago", "America/Denver",
	"America/Phoenix", "America/Los_Angeles", "America/Anchorage", "America/Adak", "America/St_Johns", "America/Halifax",
	"America/Santiago", "America/Asuncion", "America/Sao_Paulo", "America/Nuuk", "America/Miquelon", "Asia/Jerusalem",
	"Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Australia/Adelaide", "Australia/Sydney",
	"Pacific/Auckland", "Pacific/Kiritimati",
};

struct renewal {
	struct date start, end;
	struct instant at;
};

/* One invoice a day, each made at the first instant of its day in the zone; the first one with the order. NULL, or what is
 * wrong. */
static const char *days_are_wrong(const struct renewal *renewals, size_t count, const struct timezone_rules *zone,
                                  struct instant now)
{
	if (count == 0)
		return "there is none";
	for (size_t i = 0; i < count; i++) {
		const struct renewal *each = &renewals[i];
		if (i && each->start.day < renewals[i - 1].end.day)
			return "a day is charged twice";
		if (i && each->start.day > renewals[i - 1].end.day)
			return "a day is missing";
		if (each->end.day != each->start.day + 1)
			return "an invoice is not of one day";
		if (i && each->at.us != timezone_start_of_date(zone, each->start).us)
			return "a day was not charged at its start";
	}
	return renewals[count - 1].start.day == timezone_date(zone, now).day ? NULL : "the last day is missing";
}

struct renewal_read {
	int64_t account_id;
	struct renewal renewals[RENEWALS_MAX];
	size_t count;
};

static bool renewals_body(struct command *command, void *context)
{
	struct renewal_read *read = context;
	struct object_filter filter = { .account_id = read->account_id, .max = OBJECT_PAGE_MAX };
	struct invoice_list rows = { 0 };
	CHECK(invoice_page(command, &filter, &rows));
	CHECK(rows.count <= RENEWALS_MAX);
	for (size_t i = rows.count; i-- > 0;)
		read->renewals[read->count++] = (struct renewal){ rows.items[i].billing_start, rows.items[i].billing_end,
			                                          rows.items[i].created_at };
	return true;
}

static void open_at(struct desk *desk, const char *start)
{
	shop_open_empty(desk, "", false);
	desk_do(desk, "plan.create", "{'code':'DAY','billing_period':'daily','charges':[{'price_code':'D','kind':'recurring',"
	                             "'amount':'1.00'}]}");
	shop_advance(desk, start);
	struct instant now;
	CHECK(instant_parse(text_of(start), &now));
	for (int i = 0; i < ZONES; i++) {
		struct date today = timezone_date(timezone_find(text_of(zones[i])), now);
		desk_do(desk, "account.create", text_format(&desk->arena, "{'name':'A','time_zone':'%s'}", zones[i]).data);
		desk_do(desk, "order.place",
		        text_format(&desk->arena, "{'account_id':%d,'plan':'DAY','start_date':'%.*s','create_invoice':true,"
		                                  "'lines':[{'price_code':'D','quantity':'1'}]}",
		                    i + 1, TEXT_ARG(date_text(&desk->arena, today))).data);
	}
}

/* Mostly hours, some minutes, now and then days; often to an instant beside an hour. */
static int64_t jump_us(uint64_t *state)
{
	static const int64_t beside[] = { -1, 0, 1, 60000000 };
	const int64_t minute = 60 * (int64_t)US_PER_S, hour = 60 * minute;
	switch (check_between(state, 0, 3)) {
	case 0: return check_between(state, 1, 4 * 24) * hour;
	case 1: return check_between(state, 1, 90) * minute;
	default: return check_between(state, 1, 26) * hour + beside[check_between(state, 0, 3)];
	}
}

static struct instant live(struct desk *desk, const char *start, uint64_t *state)
{
	struct instant now;
	CHECK(instant_parse(text_of(start), &now));
	int64_t end = now.us + (int64_t)DAYS * 86400 * US_PER_S;
	while (now.us < end) {
		now.us += jump_us(state);
		shop_advance(desk, instant_text(&desk->arena, now).data);
	}
	return now;
}

static void every_day_is_charged_once(const char *start)
{
	struct desk desk;
	uint64_t state = check_seed();
	open_at(&desk, start);
	struct instant now = live(&desk, start, &state);
	for (int i = 0; i < ZONES; i++) {
		struct renewal_read read = { .account_id = i + 1 };
		desk_read(&desk, renewals_body, &read);
		const char *wrong = days_are_wrong(read.renewals, read.count, timezone_find(text_of(zones[i])), now);
		if (wrong)
			CHECK_FAIL("%s from %s: %s", zones[i], start, wrong);
	}
	desk_close(&desk);
}

TEST(no_renewal_is_lost_or_doubled_over_a_leap_day_and_the_change_to_summer_time)
{
	every_day_is_charged_once("2024-02-20T10:30:00Z");
}

TEST(no_renewal_is_lost_or_doubled_over_the_change_to_winter_time)
{
	every_day_is_charged_once("2024-09-25T10:30:00Z");
}

TEST(no_renewal_is_lost_or_doubled_when_32_bits_of_seconds_end)
{
	every_day_is_charged_once("2038-01-05T10:30:00Z");
}

TEST(no_renewal_is_lost_or_doubled_in_the_february_of_2100_that_has_no_leap_day)
{
	every_day_is_charged_once("2100-02-15T10:30:00Z");
}

TEST(a_lost_a_doubled_and_a_late_renewal_are_told)
{
	const struct timezone_rules *zone = timezone_find(TEXT("Europe/Paris"));
	struct date first = { 739000 };
	struct renewal good[4], bad[4];
	for (int i = 0; i < 4; i++) {
		good[i] = (struct renewal){ { first.day + i }, { first.day + i + 1 }, INSTANT_NONE };
		good[i].at = timezone_start_of_date(zone, good[i].start);
	}
	struct instant now = { good[3].at.us + US_PER_S };
	CHECK(days_are_wrong(good, 4, zone, now) == NULL);
	CHECK_EQ_C(days_are_wrong(good, 3, zone, now), "the last day is missing");
	memcpy(bad, good, sizeof bad);
	bad[1] = good[2];
	CHECK_EQ_C(days_are_wrong(bad, 4, zone, now), "a day is missing");
	memcpy(bad, good, sizeof bad);
	bad[2] = good[1];
	CHECK_EQ_C(days_are_wrong(bad, 4, zone, now), "a day is charged twice");
	memcpy(bad, good, sizeof bad);
	bad[2].at.us += (int64_t)3600 * US_PER_S;
	CHECK_EQ_C(days_are_wrong(bad, 4, zone, now), "a day was not charged at its start");
}

CHECK_MAIN
