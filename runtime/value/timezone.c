/* timezone.c: local dates and instants over GLib's GTimeZone. */
#include "value/timezone.h"

#include "base/civil.h"
#include "base/arena.h"

#include <glib.h>
#include <pthread.h>

struct timezone_rules {
	GTimeZone *zone;
	uint64_t name_hash;
	char name[64];
	struct timezone_rules *next;
};

/* ---- finding ---- */

/* Process-wide so that pointers can be compared and live for ever; only names that exist get in, so it is
 * bounded by the tz database and the offsets. Entries never change once they are linked. */
static struct {
	pthread_mutex_t lock;
	struct timezone_rules *buckets[256];
} known = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Always there, without memory: what has no zone of its own has this one. GLib is not asked about it. */
static struct timezone_rules utc = { .name = "UTC" };

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool is_offset(struct text name)
{
	return name.length == 6 && (name.data[0] == '+' || name.data[0] == '-') && is_digit(name.data[1]) &&
	       is_digit(name.data[2]) && name.data[3] == ':' && is_digit(name.data[4]) && is_digit(name.data[5]);
}

static bool is_letter(char byte)
{
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* GLib also takes POSIX rules such as "UTC+3" (three hours WEST), which no one means. Names of the database
 * that look like them are these; all others with a digit or sign have a folder. */
static bool is_posix_rule(struct text name)
{
	static const char *const names[] = { "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT", "GMT0", "GMT+0", "GMT-0" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_is(name, names[i]))
			return false;
	for (size_t i = 0; i < name.length; i++)
		if (name.data[i] == '/')
			return false;
	for (size_t i = 0; i < name.length; i++)
		if (is_digit(name.data[i]) || name.data[i] == '+')
			return true;
	return false;
}

/* The shape of a name in the tz database. GLib would open any path below its folder; zones begin with a
 * capital, other files there do not or have a point. */
static bool is_database_name(struct text name)
{
	if (name.length == 0 || name.data[0] < 'A' || name.data[0] > 'Z')
		return false;
	for (size_t i = 0; i < name.length; i++) {
		char byte = name.data[i];
		if (!is_letter(byte) && !is_digit(byte) && (byte == '\0' || !strchr("/_+-", byte)))
			return false;
		if (byte == '/' && name.data[i - 1] == '/') /* another name of the same file */
			return false;
	}
	return !is_posix_rule(name);
}

/* GLib ends the process where it finds no memory, so there must be more than any zone takes. */
static bool memory_suffices(void)
{
	enum { ZONE_BYTES_MOST = 256 * 1024 };
	void *probe = memory_alloc(ZONE_BYTES_MOST);
	memory_free(probe);
	return probe != NULL;
}

static struct timezone_rules *rules_load(struct text name, uint64_t hash)
{
	struct timezone_rules *rules = memory_suffices() ? memory_alloc(sizeof *rules) : NULL;
	if (!rules)
		return NULL;
	*rules = (struct timezone_rules){ .name_hash = hash };
	memcpy(rules->name, name.data, name.length);
	rules->zone = g_time_zone_new_identifier(rules->name);
	if (rules->zone)
		return rules;
	memory_free(rules);
	return NULL;
}

static bool is_name(struct text name)
{
	return name.length < sizeof((struct timezone_rules *)NULL)->name && (is_offset(name) || is_database_name(name));
}

const struct timezone_rules *timezone_find(struct text name)
{
	if (text_is(name, utc.name))
		return &utc;
	uint64_t hash = text_hash(name);
	struct timezone_rules **bucket = &known.buckets[hash % 256];
	pthread_mutex_lock(&known.lock);
	struct timezone_rules *rules = *bucket;
	while (rules && (rules->name_hash != hash || !text_is(name, rules->name)))
		rules = rules->next;
	if (!rules && is_name(name)) { /* what is known has been looked at */
		rules = rules_load(name, hash);
		if (rules) {
			rules->next = *bucket;
			*bucket = rules;
		}
	}
	pthread_mutex_unlock(&known.lock);
	return rules;
}

const struct timezone_rules *timezone_utc(void)
{
	return &utc;
}

/* ---- from instants ---- */

static const int64_t S_PER_DAY = 86400;

static int64_t floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t offset_s(const struct timezone_rules *rules, int64_t unix_s)
{
	if (!rules->zone)
		return 0;
	return g_time_zone_get_offset(rules->zone,
	                              g_time_zone_find_interval(rules->zone, G_TIME_TYPE_UNIVERSAL, unix_s));
}

static int64_t local_us(const struct timezone_rules *rules, struct instant instant)
{
	return instant.us + offset_s(rules, floor_divide(instant.us, US_PER_S)) * US_PER_S;
}

struct date timezone_date(const struct timezone_rules *zone, struct instant instant)
{
	if (instant.us == 0)
		return DATE_NONE;
	int64_t day = floor_divide(local_us(zone, instant), S_PER_DAY * US_PER_S) + CIVIL_DAY_UNIX_EPOCH;
	return day >= 1 && day <= DATE_DAY_MAX ? (struct date){ (int32_t)day } : DATE_NONE;
}

int64_t timezone_time_of_day_us(const struct timezone_rules *zone, struct instant instant)
{
	int64_t local = local_us(zone, instant), day_us = S_PER_DAY * US_PER_S;
	return local - floor_divide(local, day_us) * day_us;
}

/* ---- to instants ---- */

/* Offsets lie between -15:56 (Manila, before 1844) and +15:13 (Metlakatla, before 1867); one jump at most
 * falls into the window. */
enum { WINDOW_S = 17 * 3600 };

/* The first second from which the offset is that of `high`, in (low, high]. */
static int64_t jump_between(const struct timezone_rules *rules, int64_t low, int64_t high)
{
	int64_t after = offset_s(rules, high);
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (offset_s(rules, middle) == after)
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* A local time read with the offset before the jump of that day, if there is one, and with that after it:
 * the first reading that the zone agrees with; none of them does in a gap. */
static int64_t unix_s_of_local(const struct timezone_rules *rules, int64_t local_s)
{
	int64_t before = local_s - offset_s(rules, local_s - WINDOW_S);
	int64_t after = local_s - offset_s(rules, local_s + WINDOW_S);
	if (before + offset_s(rules, before) == local_s)
		return before;
	if (after + offset_s(rules, after) == local_s)
		return after;
	return jump_between(rules, local_s - WINDOW_S, local_s + WINDOW_S);
}

struct instant timezone_start_of_date(const struct timezone_rules *zone, struct date date)
{
	return timezone_instant(zone, date, 0);
}

struct instant timezone_instant(const struct timezone_rules *zone, struct date date, int64_t time_of_day_us)
{
	if (!date_present(date))
		return INSTANT_NONE;
	int64_t local_s = (int64_t)(date.day - CIVIL_DAY_UNIX_EPOCH) * S_PER_DAY + time_of_day_us / US_PER_S;
	int64_t unix_s = unix_s_of_local(zone, local_s);
	bool in_gap = unix_s + offset_s(zone, unix_s) != local_s;
	return (struct instant){ unix_s * US_PER_S + (in_gap ? 0 : time_of_day_us % US_PER_S) };
}

/* ---- counting days between instants ---- */

int32_t timezone_dates_touched(const struct timezone_rules *zone, struct instant from, struct instant to)
{
	if (to.us < from.us)
		return 0;
	return date_days_between(timezone_date(zone, from), timezone_date(zone, to)) + 1;
}

int32_t timezone_days_begun(const struct timezone_rules *zone, struct instant from, struct instant to)
{
	const int64_t day_us = S_PER_DAY * US_PER_S;
	if (to.us < from.us)
		return 0;
	int64_t whole_days = date_days_between(timezone_date(zone, from), timezone_date(zone, to));
	int64_t end_us = timezone_time_of_day_us(zone, to);
	if (end_us == 0)
		end_us = US_PER_S;
	int64_t elapsed_us = whole_days * day_us + end_us - timezone_time_of_day_us(zone, from);
	return (int32_t)((elapsed_us + day_us - 1) / day_us);
}
