/* fuzz_calendar.c: time: lines of a date, a duration, an instant, a billing period and a zone, in any order. */
#include "fuzz.h"

#include "base/clock.h"
#include "value/calendar.h"
#include "value/timezone.h"

struct moment {
	struct date date, until;
	struct duration duration;
	struct instant instant;
	enum billing_period period;
	const struct timezone_rules *zone;
};

/* ---- reading ---- */

static void line_read(struct fuzz *fuzz, struct moment *moment, struct text line)
{
	struct date date;
	struct duration duration, same;
	struct instant instant, again;
	enum billing_period period;
	if (date_parse(line, &date)) {
		FUZZ_CHECK(date.day >= 1 && date.day <= DATE_DAY_MAX);
		FUZZ_CHECK(text_equals(date_text(&fuzz->arena, date), line));
		moment->until = moment->date;
		moment->date = date;
	}
	if (duration_parse(line, &duration)) {
		FUZZ_CHECK(duration_parse(duration_text(&fuzz->arena, duration), &same));
		FUZZ_CHECK(same.months == duration.months && same.days == duration.days && same.us == duration.us);
		moment->duration = duration;
	}
	if (instant_parse(line, &instant)) {
		FUZZ_CHECK(instant_parse(instant_text(&fuzz->arena, instant), &again) && again.us == instant.us);
		moment->instant = instant;
	}
	if (billing_period_parse(line, &period))
		moment->period = period;
	if (timezone_find(line))
		moment->zone = timezone_find(line);
}

/* ---- using ---- */

static void date_use(const struct moment *moment)
{
	struct date date = moment->date;
	int day = date_day_of_month(date), last = date_last_day_of_month(date), weekday = date_weekday(date);
	FUZZ_CHECK(day >= 1 && day <= last && last >= 28 && last <= 31 && weekday >= 1 && weekday <= 7);
	struct date later = date_add_months_anchored(date, moment->duration.months, 31);
	FUZZ_CHECK(!date_present(later) || date_day_of_month(later) == date_last_day_of_month(later));
	later = date_add_days(date, moment->duration.days);
	FUZZ_CHECK(!date_present(later) || date_days_between(date, later) == moment->duration.days);
	if (moment->duration.us == 0)
		later = date_add_duration(date, moment->duration);
	FUZZ_CHECK(later.day >= 0 && later.day <= DATE_DAY_MAX);
}

static void period_use(const struct moment *moment)
{
	if (moment->period == BILLING_PERIOD_NONE || !date_present(moment->until))
		return;
	struct date from = date_min(moment->date, moment->until), to = date_max(moment->date, moment->until);
	struct period period = billing_period_containing(moment->period, from, 0, to);
	FUZZ_CHECK(!date_present(period.start) || date_compare(period.start, to) <= 0);
	FUZZ_CHECK(!date_present(period.end) || date_compare(period.end, to) > 0);
	int32_t count = billing_period_whole_between(moment->period, from, to);
	FUZZ_CHECK(count >= 0);
	struct date reached = billing_period_advance(moment->period, from, count, 0);
	FUZZ_CHECK(date_present(reached) && date_compare(reached, to) <= 0);
	struct fraction share;
	if (stub_before_first_cycle(moment->period, from, to, 0, &share))
		FUZZ_CHECK(fraction_sign(share) >= 0);
	if (stub_after_last_cycle(moment->period, from, to, 30, &share))
		FUZZ_CHECK(share.denominator > 0);
}

static void zone_use(const struct moment *moment)
{
	const struct timezone_rules *zone = moment->zone ? moment->zone : timezone_utc();
	struct date local = timezone_date(zone, moment->instant);
	int64_t of_day = timezone_time_of_day_us(zone, moment->instant);
	FUZZ_CHECK(of_day >= 0 && of_day < INT64_C(86400) * US_PER_S);
	if (!date_present(local))
		return;
	struct instant start = timezone_start_of_date(zone, local);
	FUZZ_CHECK(start.us <= moment->instant.us);
	FUZZ_CHECK(start.us == 0 || timezone_date(zone, start).day == local.day); /* 0 is no instant */
}

static void times(struct fuzz *fuzz)
{
	struct moment moment = { .period = BILLING_PERIOD_NONE };
	struct text rest = fuzz->input, line;
	bool more = rest.length > 0;
	for (int lines = 0; more && lines < 8; lines++) {
		more = text_split(rest, '\n', &line, &rest);
		line_read(fuzz, &moment, line);
	}
	if (date_present(moment.date)) {
		date_use(&moment);
		period_use(&moment);
	}
	if (moment.instant.us)
		zone_use(&moment);
}

FUZZ_TARGET(times)
