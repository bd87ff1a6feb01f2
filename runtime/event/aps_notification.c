/* aps_notification.c: the body of a notification, field by field.
 *
 * Instants are whole seconds in UTC. What has no value has no member. Source: atomia-aps-blubilling.md B.2.
 */
#include "aps_state.h"

/* ---- periods ---- */

enum { UNIT_HOUR, UNIT_DAY, UNIT_MONTH, UNIT_YEAR };

/* Both spellings: that of the notification's examples, and that of the billing API and of consumers in the field. */
static const char *const unit_words[2][4] = {
	{ "hour", "day", "month", "year" },
	{ "Hour(s)", "Day(s)", "Month(s)", "Year(s)" },
};

/* A period here has one unit; twelve months are a year. */
static int64_t period_count(struct duration period, int *unit)
{
	const int64_t hour_us = INT64_C(3600) * US_PER_S;
	*unit = period.months ? (period.months % 12 == 0 ? UNIT_YEAR : UNIT_MONTH) : period.days ? UNIT_DAY : UNIT_HOUR;
	return period.months ? (*unit == UNIT_YEAR ? period.months / 12 : period.months)
	       : period.days ? period.days
	                     : period.us / hour_us;
}

static void member_period(struct json_writer *writer, const char *name, struct duration period, bool plural)
{
	int unit;
	json_name_plain(writer, name);
	json_begin_object(writer);
	json_name_plain(writer, "period");
	json_integer(writer, period_count(period, &unit));
	json_name_plain(writer, "periodType");
	json_c(writer, unit_words[plural][unit]);
	json_end_object(writer);
}

/* ---- instants ---- */

static void member_instant(struct json_writer *writer, const char *name, struct instant instant, struct arena *arena)
{
	struct instant second = { instant.us - ((instant.us % US_PER_S) + US_PER_S) % US_PER_S };
	if (!instant.us)
		return;
	json_name_plain(writer, name);
	json_plain(writer, instant_text(arena, second));
}

/* To the second where service terms say so, else the first instant of the owner's day. */
static struct instant instant_or_day(struct command *command, const struct account *account, struct instant instant,
                                     struct date date)
{
	if (instant.us || !date_present(date))
		return instant;
	return timezone_start_of_date(command_zone(command, account), date);
}

/* ---- the body ---- */

static void parameters_write(struct command *command, struct json_writer *writer, const struct aps_told *told)
{
	const struct event_details *details = &told->occurrence->details;
	const struct account *account = told->account;
	bool plural = text_is(command_setting(command, "aps.period_type"), unit_words[1][UNIT_MONTH]);
	json_name_plain(writer, "parameters");
	json_begin_object(writer);
	member_instant(writer, "startDate", instant_or_day(command, account, details->starts_at, details->start_date), command->arena);
	member_instant(writer, "expirationDate",
	               instant_or_day(command, account, details->expires_at, details->expiration_date), command->arena);
	member_period(writer, "currentPeriod", details->current_period, plural);
	member_period(writer, "newPeriod", details->new_period, plural);
	member_instant(writer, "shutdownDate", details->shutdown_at, command->arena);
	member_instant(writer, "terminateDate", details->terminate_at, command->arena);
	json_end_object(writer);
}

static void source_write(struct json_writer *writer, const struct aps_told *told)
{
	json_name_plain(writer, "source");
	json_begin_object(writer);
	json_name_plain(writer, "id");
	json_plain(writer, told->source);
	json_name_plain(writer, "type");
	json_c(writer, APS_SUBSCRIPTION_TYPE);
	json_end_object(writer);
}

struct aps_notification aps_notification(struct command *command, const struct aps_told *told, int64_t serial)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name_plain(&writer, "event");
	json_c(&writer, told->event);
	json_name_plain(&writer, "serial");
	json_plain(&writer, text_from_int64(command->arena, serial));
	member_instant(&writer, "time", command->now, command->arena);
	json_name_plain(&writer, "subscription");
	json_plain(&writer, TEXT(""));
	const size_t split = builder_text(&out).length - 1; /* between the quotes */
	source_write(&writer, told);
	parameters_write(command, &writer, told);
	json_end_object(&writer);
	struct text whole = builder_text(&out);
	return (struct aps_notification){ text_slice(whole, 0, split), text_slice(whole, split, whole.length) };
}
