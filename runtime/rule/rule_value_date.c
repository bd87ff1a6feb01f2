/* rule_value_date.c: the type date as rules see it. */
#include "rule_value.h"

#include "value/timezone.h"

enum { DATE_DAYS_MOVED_MAX = 4000000, DATE_MONTHS_MOVED_MAX = 200000 }; /* beyond any two dates there are */

/* date "2011-09-20", date(2011, 9, 20). */
static int date_make_function(lua_State *lua)
{
	struct date date;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (lua_gettop(lua) >= 2) {
		int year = (int)integer_argument(lua, 1, 1, 9999, "date (year)");
		int month = (int)integer_argument(lua, 2, 1, 12, "date (month)");
		int day = (int)integer_argument(lua, 3, 1, 31, "date (day)");
		if (!date_make(year, month, day, &date))
			return rule_error(lua, "date: %04d-%02d has no day %d", year, month, day);
	} else if (!date_parse(text_argument(lua, 1, "date"), &date)) {
		return rule_error(lua, "date: %s is not a date that exists (write date \"2011-09-20\")",
		                  rule_value_text(lua, 1));
	}
	rule_push_date(lua, date);
	return 1;
}

/* Pushes the result of moving the date at `index`. */
static int date_moved(lua_State *lua, int index, struct date date)
{
	if (!date_present(date))
		return rule_error(lua, "moving %s leaves the years 0001 to 9999", rule_value_text(lua, index));
	rule_push_date(lua, date);
	return 1;
}

/* ---- operators ---- */

static int date_move(lua_State *lua, int at, int by, int sign)
{
	struct date date = *(struct date *)value_argument(lua, at, RULE_KIND_DATE, "date + and -");
	struct duration duration;
	if (rule_to_duration(lua, by, &duration)) {
		if (duration.us != 0)
			return operands_refuse(lua, sign > 0 ? "add" : "subtract", "and",
			                       ": a date moves by months and days; hours need an instant");
		if (duration.months < -DATE_MONTHS_MOVED_MAX || duration.months > DATE_MONTHS_MOVED_MAX ||
		    duration.days < -DATE_DAYS_MOVED_MAX || duration.days > DATE_DAYS_MOVED_MAX)
			return date_moved(lua, at, DATE_NONE);
		duration.months *= sign;
		duration.days *= sign;
		return date_moved(lua, at, date_add_duration(date, duration));
	}
	whole_float_refuse(lua, by, "a date moves by whole days");
	if (!lua_isinteger(lua, by))
		return operands_refuse(lua, sign > 0 ? "add" : "subtract", "and",
		                       ": a date moves by an integer (days) or a duration, as in duration \"P1M\"");
	int64_t days = integer_argument(lua, by, -DATE_DAYS_MOVED_MAX, DATE_DAYS_MOVED_MAX, "date + and -");
	return date_moved(lua, at, date_add_days(date, (int32_t)days * sign));
}

static int date_operator_add(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	int at = rule_kind_at(lua, 1) == RULE_KIND_DATE ? 1 : 2;
	return date_move(lua, at, 3 - at, 1);
}

/* date - date is a number of days. */
static int date_operator_subtract(lua_State *lua)
{
	struct date a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (!rule_to_date(lua, 1, &a))
		return operands_refuse(lua, "subtract", "and", ": a date can be taken from a date only");
	if (!rule_to_date(lua, 2, &b))
		return date_move(lua, 1, 2, -1);
	lua_pushinteger(lua, date_days_between(b, a));
	return 1;
}

static int dates_compare(lua_State *lua)
{
	struct date a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (!rule_to_date(lua, 1, &a) || !rule_to_date(lua, 2, &b))
		return operands_refuse(lua, "compare", "and", ": write date \"2011-09-20\" for a date");
	return date_compare(a, b);
}

static int date_less(lua_State *lua)
{
	lua_pushboolean(lua, dates_compare(lua) < 0);
	return 1;
}

static int date_less_or_equal(lua_State *lua)
{
	lua_pushboolean(lua, dates_compare(lua) <= 0);
	return 1;
}

static int date_equal(lua_State *lua)
{
	struct date a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, rule_to_date(lua, 1, &a) && rule_to_date(lua, 2, &b) && date_compare(a, b) == 0);
	return 1;
}

/* ---- fields ---- */

static void date_push_year(lua_State *lua, const void *value)
{
	int year, month, day;
	date_parts(*(const struct date *)value, &year, &month, &day);
	lua_pushinteger(lua, year);
}

static void date_push_month(lua_State *lua, const void *value)
{
	int year, month, day;
	date_parts(*(const struct date *)value, &year, &month, &day);
	lua_pushinteger(lua, month);
}

static void date_push_day(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, date_day_of_month(*(const struct date *)value));
}

static void date_push_weekday(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, date_weekday(*(const struct date *)value));
}

/* ---- methods ---- */

static struct date self_argument(lua_State *lua, const char *function)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	return *(struct date *)value_argument(lua, 1, RULE_KIND_DATE, function);
}

static int date_add_days_method(lua_State *lua)
{
	struct date date = self_argument(lua, "add_days");
	int64_t days = integer_argument(lua, 2, -DATE_DAYS_MOVED_MAX, DATE_DAYS_MOVED_MAX, "add_days");
	return date_moved(lua, 1, date_add_days(date, (int32_t)days));
}

/* date:add_months(n, anchor_day): the anchor is the day to come back to after a short month. */
static int date_add_months_method(lua_State *lua)
{
	struct date date = self_argument(lua, "add_months");
	int64_t months = integer_argument(lua, 2, -DATE_MONTHS_MOVED_MAX, DATE_MONTHS_MOVED_MAX, "add_months");
	int64_t anchor = lua_isnoneornil(lua, 3) ? 0 : integer_argument(lua, 3, 1, 31, "add_months (anchor day)");
	return date_moved(lua, 1, date_add_months_anchored(date, (int32_t)months, (int)anchor));
}

static int date_with_day_method(lua_State *lua)
{
	struct date date = self_argument(lua, "with_day");
	return date_moved(lua, 1, date_with_day(date, (int)integer_argument(lua, 2, 1, 31, "with_day")));
}

static int date_last_day_method(lua_State *lua)
{
	lua_pushinteger(lua, date_last_day_of_month(self_argument(lua, "last_day_of_month")));
	return 1;
}

/* date:starts_at(zone): the instant of local midnight. */
static int date_starts_at(lua_State *lua)
{
	struct date date = self_argument(lua, "starts_at");
	rule_charge(lua, 4 * RULE_FUEL_EXACT);
	rule_push_instant(lua, timezone_start_of_date(zone_argument(lua, 2, "starts_at"), date));
	return 1;
}

static int date_extreme(lua_State *lua, int sign)
{
	lua_settop(lua, 2);
	lua_pushvalue(lua, dates_compare(lua) * sign >= 0 ? 1 : 2);
	return 1;
}

static int date_min_method(lua_State *lua)
{
	return date_extreme(lua, -1);
}

static int date_max_method(lua_State *lua)
{
	return date_extreme(lua, 1);
}

static struct text date_value_text(struct arena *arena, const void *value)
{
	return date_text(arena, *(const struct date *)value);
}

const struct value_type value_type_date = {
	.kind = RULE_KIND_DATE,
	.name = "date",
	.make = date_make_function,
	.fields =
	        (const struct value_field[]){
	                { "year", date_push_year },
	                { "month", date_push_month },
	                { "day", date_push_day },
	                { "weekday", date_push_weekday },
	                { NULL, NULL },
	        },
	.methods =
	        (const luaL_Reg[]){
	                { "add_days", date_add_days_method },
	                { "add_months", date_add_months_method },
	                { "with_day", date_with_day_method },
	                { "last_day_of_month", date_last_day_method },
	                { "starts_at", date_starts_at },
	                { "min", date_min_method },
	                { "max", date_max_method },
	                { NULL, NULL },
	        },
	.operators =
	        (const luaL_Reg[]){
	                { "__add", date_operator_add },
	                { "__sub", date_operator_subtract },
	                { "__eq", date_equal },
	                { "__lt", date_less },
	                { "__le", date_less_or_equal },
	                { NULL, NULL },
	        },
	.text = date_value_text,
};
