/* bind_calendar.c: dates, periods, stubs, bill cycle days and zones for cases. Dates and instants travel as text. */
#include "bind.h"

#include "value/bill_cycle_day.h"

#include <stdlib.h>

static int push_share(lua_State *L, bool good, struct fraction share)
{
	if (!good)
		return case_refuse(L, "the period leaves the calendar");
	struct arena *arena = case_arena(L);
	case_push_text(L, fraction_text(arena, share));
	return 1;
}

static int push_date(lua_State *L, struct date date)
{
	struct arena *arena = case_arena(L);
	case_push_date(L, arena, date);
	return 1;
}

/* days_between(from, to) -> to - from */
static int calendar_days_between(lua_State *L)
{
	lua_pushinteger(L, date_days_between(case_date(L, 1), case_date(L, 2)));
	return 1;
}

/* add_seconds(instant, seconds) */
static int calendar_add_seconds(lua_State *L)
{
	struct instant sum = { case_instant(L, 1).us + luaL_checkinteger(L, 2) * US_PER_S };
	case_push_text(L, instant_text(case_arena(L), sum));
	return 1;
}

/* add_days(date, days) */
static int calendar_add_days(lua_State *L)
{
	return push_date(L, date_add_days(case_date(L, 1), (int32_t)luaL_checkinteger(L, 2)));
}

/* with_day(date, day): the same month, the day or the month's last */
static int calendar_with_day(lua_State *L)
{
	return push_date(L, date_with_day(case_date(L, 1), (int)luaL_checkinteger(L, 2)));
}

/* advance(period, date, n, anchor day): n whole periods in one go */
static int calendar_advance(lua_State *L)
{
	return push_date(L, billing_period_advance(case_period(L, 1), case_date(L, 2), (int32_t)luaL_checkinteger(L, 3),
	                                           (int)luaL_optinteger(L, 4, 0)));
}

/* whole_between(period, from, to) */
static int calendar_whole_between(lua_State *L)
{
	lua_pushinteger(L, billing_period_whole_between(case_period(L, 1), case_date(L, 2), case_date(L, 3)));
	return 1;
}

/* containing(period, anchor, anchor day, date) -> start, end */
static int calendar_containing(lua_State *L)
{
	struct period period = billing_period_containing(case_period(L, 1), case_date(L, 2), (int)luaL_checkinteger(L, 3),
	                                                 case_date(L, 4));
	struct arena *arena = case_arena(L);
	case_push_date(L, arena, period.start);
	case_push_date(L, arena, period.end);
	return 2;
}

/* days_between_fixed_month(start, end, fixed days) */
static int calendar_days_between_fixed_month(lua_State *L)
{
	lua_pushinteger(L, days_between_fixed_month(case_date(L, 1), case_date(L, 2), (int)luaL_checkinteger(L, 3)));
	return 1;
}

/* stub_before(period, start, first cycle date, fixed days) -> share */
static int calendar_stub_before(lua_State *L)
{
	struct fraction share = { 0, 0 };
	return push_share(L, stub_before_first_cycle(case_period(L, 1), case_date(L, 2), case_date(L, 3),
	                                             (int)luaL_checkinteger(L, 4), &share), share);
}

/* stub_after(period, last cycle date, end, fixed days) -> share */
static int calendar_stub_after(lua_State *L)
{
	struct fraction share = { 0, 0 };
	return push_share(L, stub_after_last_cycle(case_period(L, 1), case_date(L, 2), case_date(L, 3),
	                                           (int)luaL_checkinteger(L, 4), &share), share);
}

/* bcd_first_paid(instant, zone) -> day */
static int calendar_bcd_first_paid(lua_State *L)
{
	lua_pushinteger(L, bill_cycle_day_from_first_paid_charge(case_instant(L, 1), case_zone(L, 2)));
	return 1;
}

/* bcd_same_month(date, day, period) */
static int calendar_bcd_same_month(lua_State *L)
{
	return push_date(L, bill_cycle_day_align_same_month(case_date(L, 1), (int)luaL_checkinteger(L, 2), case_period(L, 3)));
}

/* bcd_next(previous or nil, current, day, period) */
static int calendar_bcd_next(lua_State *L)
{
	return push_date(L, bill_cycle_day_align_next(case_date_or_none(L, 1), case_date(L, 2), (int)luaL_checkinteger(L, 3),
	                                              case_period(L, 4)));
}

/* bcd_effective(today, subscription start, day, requested or nil) -> date, whether at once */
static int calendar_bcd_effective(lua_State *L)
{
	bool immediately = false;
	struct date date = bill_cycle_day_effective_date(case_date(L, 1), case_date(L, 2), (int)luaL_checkinteger(L, 3),
	                                                 case_date_or_none(L, 4), &immediately);
	push_date(L, date);
	lua_pushboolean(L, immediately);
	return 2;
}

/* local_date(instant, zone) */
static int calendar_local_date(lua_State *L)
{
	return push_date(L, timezone_date(case_zone(L, 2), case_instant(L, 1)));
}

/* offset_at(instant, zone) -> "-07:00" */
static int calendar_offset_at(lua_State *L)
{
	struct instant instant = case_instant(L, 1);
	const struct timezone_rules *zone = case_zone(L, 2), *utc = timezone_utc();
	int64_t minutes = date_days_between(timezone_date(utc, instant), timezone_date(zone, instant)) * 1440 +
	                  (timezone_time_of_day_us(zone, instant) - timezone_time_of_day_us(utc, instant)) / 60000000;
	struct text text = text_format(case_arena(L), "%c%02d:%02d", minutes < 0 ? '-' : '+', (int)llabs(minutes) / 60,
	                               (int)llabs(minutes) % 60);
	case_push_text(L, text);
	return 1;
}

/* start_of_date(date, zone) -> instant */
static int calendar_start_of_date(lua_State *L)
{
	struct instant start = timezone_start_of_date(case_zone(L, 2), case_date(L, 1));
	struct arena *arena = case_arena(L);
	case_push_text(L, instant_text(arena, start));
	return 1;
}

/* compare_instants(a, b) -> -1, 0, 1; nil when one is none */
static int calendar_compare_instants(lua_State *L)
{
	struct instant a, b;
	if (!instant_parse(case_text(L, 1), &a) || !instant_parse(case_text(L, 2), &b))
		return case_refuse(L, "not an instant");
	lua_pushinteger(L, (a.us > b.us) - (a.us < b.us));
	return 1;
}

int bind_calendar_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "days_between", calendar_days_between },
		{ "add_days", calendar_add_days },
		{ "add_seconds", calendar_add_seconds },
		{ "with_day", calendar_with_day },
		{ "advance", calendar_advance },
		{ "whole_between", calendar_whole_between },
		{ "containing", calendar_containing },
		{ "days_between_fixed_month", calendar_days_between_fixed_month },
		{ "stub_before", calendar_stub_before },
		{ "stub_after", calendar_stub_after },
		{ "bcd_first_paid", calendar_bcd_first_paid },
		{ "bcd_same_month", calendar_bcd_same_month },
		{ "bcd_next", calendar_bcd_next },
		{ "bcd_effective", calendar_bcd_effective },
		{ "local_date", calendar_local_date },
		{ "offset_at", calendar_offset_at },
		{ "start_of_date", calendar_start_of_date },
		{ "compare_instants", calendar_compare_instants },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
