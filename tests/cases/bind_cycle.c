/* bind_cycle.c: cycles by the anchors of conventions, parts of periods and their shares, for cases. */
#include "bind.h"

#include "billing/convention.h"
#include "billing/proration.h"
#include "rule/rule.h"

/* ------------------------------------------------------------------------------------------------ cycles */

/* The first four arguments of all functions here: anchor, billing period, bill cycle day (0: none is asked for), start. */
static struct billing_grid check_grid(lua_State *L)
{
	enum convention_anchor anchor;
	if (!convention_anchor_parse(case_text(L, 1), &anchor))
		luaL_error(L, "'%s' is not an anchor", lua_tostring(L, 1));
	struct convention_cycles cycles = { anchor, (int)luaL_checkinteger(L, 3), case_date(L, 4) };
	return convention_grid(&cycles, case_period(L, 2));
}

static int push_period(lua_State *L, struct period period)
{
	struct arena *arena = case_arena(L);
	case_push_date(L, arena, period.start);
	case_push_date(L, arena, period.end);
	return 2;
}

/* containing(grid ..., date) -> start, end */
static int cycle_containing(lua_State *L)
{
	struct billing_grid grid = check_grid(L);
	return push_period(L, billing_cycle_containing(&grid, case_date(L, 5)));
}

/* elapsed(grid ..., on) -> cycles begun since the start */
static int cycle_elapsed(lua_State *L)
{
	struct billing_grid grid = check_grid(L);
	lua_pushinteger(L, billing_cycles_elapsed(&grid, case_date(L, 4), case_date(L, 5)));
	return 1;
}

/* after(grid ..., count, from) -> date */
static int cycle_after(lua_State *L)
{
	struct billing_grid grid = check_grid(L);
	struct date date = billing_cycle_after(&grid, (int32_t)luaL_checkinteger(L, 5), case_date(L, 6));
	struct arena *arena = case_arena(L);
	case_push_date(L, arena, date);
	return 1;
}

/* billed(grid ..., on, whether it begins, started) -> start, end */
static int cycle_billed(lua_State *L)
{
	struct billing_grid grid = check_grid(L);
	return push_period(L, billing_cycle_billed(&grid, case_date(L, 5), lua_toboolean(L, 6), case_date(L, 7)));
}

/* at(date, instant, zone) -> the instant of that date at the time of day of the other */
static int cycle_at(lua_State *L)
{
	const struct timezone_rules *zone = case_zone(L, 3);
	int64_t time_us = timezone_time_of_day_us(zone, case_instant(L, 2));
	struct instant at = timezone_instant(zone, case_date(L, 1), time_us);
	struct arena *arena = case_arena(L);
	case_push_text(L, instant_text(arena, at));
	return 1;
}

/* last_second(date, zone) -> the instant one second before its end */
static int cycle_last_second(lua_State *L)
{
	struct instant end = timezone_start_of_date(case_zone(L, 2), date_add_days(case_date(L, 1), 1));
	struct arena *arena = case_arena(L);
	case_push_text(L, instant_text(arena, (struct instant){ end.us - 1000000 }));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ days and shares */

/* days_begun(from, to, zone), dates_touched(from, to, zone) */
static int cycle_days_begun(lua_State *L)
{
	lua_pushinteger(L, timezone_days_begun(case_zone(L, 3), case_instant(L, 1), case_instant(L, 2)));
	return 1;
}

static int cycle_dates_touched(lua_State *L)
{
	lua_pushinteger(L, timezone_dates_touched(case_zone(L, 3), case_instant(L, 1), case_instant(L, 2)));
	return 1;
}

/* A moment given as an instant or as a date, which begins at midnight. */
static struct instant member_instant(lua_State *L, int table, const char *name, const struct timezone_rules *zone)
{
	struct instant instant;
	struct date date;
	lua_getfield(L, table, name);
	struct text text = case_text(L, -1);
	lua_pop(L, 1); /* the table keeps it */
	if (instant_parse(text, &instant))
		return instant;
	if (!date_parse(text, &date))
		luaL_error(L, "'%s' of a part is no date or instant", name);
	return timezone_start_of_date(zone, date);
}

static bool member_exact(lua_State *L, int table, const char *name, const struct currency *currency,
                         struct exact_money *amount)
{
	lua_getfield(L, table, name);
	bool there = !lua_isnil(L, -1);
	*amount = (struct exact_money){ .currency = there ? currency : NULL };
	if (there)
		amount->amount = case_fraction(L, -1);
	lua_pop(L, 1);
	return there;
}

static struct proration_change check_change(lua_State *L, const struct currency *currency, bool credit)
{
	const struct timezone_rules *zone = case_zone(L, 4);
	struct instant start = member_instant(L, 3, "start", zone), end = member_instant(L, 3, "finish", zone);
	struct instant from = member_instant(L, 3, "from", zone), to = member_instant(L, 3, "to", zone);
	struct exact_money price;
	if (!member_exact(L, 3, "price", currency, &price))
		luaL_error(L, "a part has no price");
	struct proration_change change = proration_change_of(
	        price, credit ? PRORATION_CHANGE_REASON_CREDIT : PRORATION_CHANGE_REASON_CHANGE,
	        (struct period){ timezone_date(zone, start), timezone_date(zone, end) },
	        (struct period){ timezone_date(zone, from), timezone_date(zone, to) });
	proration_change_time(&change, start, end, from, to);
	return change;
}

/* prorate(choice, currency, { price, start, finish, from, to, credit, paid, credited }, zone) -> fraction
 * Moments are half-open. */
static int cycle_prorate(lua_State *L)
{
	const struct currency *currency = case_currency(L, 2);
	lua_getfield(L, 3, "credit");
	bool credit = lua_toboolean(L, -1);
	lua_pop(L, 1);
	lua_settop(L, 4);
	struct proration_change change = check_change(L, currency, credit);
	member_exact(L, 3, "paid", currency, &change.paid);
	member_exact(L, 3, "credited", currency, &change.credited);
	struct arena *arena = case_arena(L);
	struct rule_result result = { .rule = NULL };
	case_decide(L, arena, POLICY_PRORATION, case_text(L, 1), &change, &result);
	case_push_text(L, fraction_text(arena, result.exact.amount));
	return 1;
}

int bind_cycle_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "containing", cycle_containing },
		{ "elapsed", cycle_elapsed },
		{ "after", cycle_after },
		{ "billed", cycle_billed },
		{ "at", cycle_at },
		{ "last_second", cycle_last_second },
		{ "days_begun", cycle_days_begun },
		{ "dates_touched", cycle_dates_touched },
		{ "prorate", cycle_prorate },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
