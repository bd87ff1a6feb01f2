/* timezone.h: from instants to local dates and back (GLib's GTimeZone over the system's tz database).
 *
 * A zone is an IANA name ("Europe/Paris"), "UTC" or an offset ("+03:00"). Zones are cached for the
 * process; the pointers never die. Thread-safe.
 */
#ifndef MOONBILL_VALUE_TIMEZONE_H
#define MOONBILL_VALUE_TIMEZONE_H

#include "base/clock.h"
#include "calendar.h"

struct timezone_rules; /* named so: `struct timezone` belongs to POSIX */

/* NULL when the name is unknown, or when there was no memory to load it (memory_failures tells). */
const struct timezone_rules *timezone_find(struct text name);
const struct timezone_rules *timezone_utc(void);

struct date timezone_date(const struct timezone_rules *zone, struct instant instant);
/* Microseconds since local midnight of timezone_date. */
int64_t timezone_time_of_day_us(const struct timezone_rules *zone, struct instant instant);
/* The instant of local midnight; when a jump skips it, the first instant of that date. */
struct instant timezone_start_of_date(const struct timezone_rules *zone, struct date date);
/* Of a local time of day; in a gap the instant after it, when it happens twice the first. */
struct instant timezone_instant(const struct timezone_rules *zone, struct date date, int64_t time_of_day_us);

/* Local dates that [from, to] touches, both of its ends included; 0 when `to` lies before `from`. */
int32_t timezone_dates_touched(const struct timezone_rules *zone, struct instant from, struct instant to);
/* Days begun between two moments on the local clock, as Lago counts them: elapsed time without what a change of clocks
 * adds, rounded up; a midnight that is reached begins its day. */
int32_t timezone_days_begun(const struct timezone_rules *zone, struct instant from, struct instant to);

#endif
