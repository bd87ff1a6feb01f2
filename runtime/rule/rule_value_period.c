/* rule_value_period.c: the types period and duration as rules see them. */
#include "rule_value.h"

/* ---- period: half-open, from `first` up to but without `finish` ---- */

/* "2011-09-20..2011-10-20"; the end may be missing. */
static bool period_parse(struct text text, struct period *period)
{
	struct text start, end;
	*period = (struct period){ DATE_NONE, DATE_NONE };
	if (!text_split(text, '.', &start, &end) || !text_starts(end, ".") || !date_parse(start, &period->start))
		return false;
	end = text_slice(end, 1, end.length);
	return end.length == 0 || date_parse(end, &period->end);
}

/* period(start, finish), period(start) for an open one, period "2011-09-20..2011-10-20". */
static int period_make(lua_State *lua)
{
	struct period period = { DATE_NONE, DATE_NONE };
	rule_charge(lua, RULE_FUEL_VALUE);
	if (lua_type(lua, 1) == LUA_TSTRING) {
		if (!period_parse(text_argument(lua, 1, "period"), &period))
			return rule_error(lua, "period: %s is not a period (write period \"2011-09-20..2011-10-20\")",
			                  rule_value_text(lua, 1));
	} else {
		period.start = *(struct date *)value_argument(lua, 1, RULE_KIND_DATE, "period");
		if (!lua_isnoneornil(lua, 2))
			period.end = *(struct date *)value_argument(lua, 2, RULE_KIND_DATE, "period");
	}
	if (date_present(period.end) && date_compare(period.end, period.start) < 0)
		return rule_error(lua, "period: it would finish before it starts");
	rule_push_period(lua, period);
	return 1;
}

static bool period_is_empty(struct period period)
{
	return date_present(period.end) && date_compare(period.start, period.end) == 0;
}

static void period_push_first(lua_State *lua, const void *value)
{
	rule_push_date(lua, ((const struct period *)value)->start);
}

static void period_push_finish(lua_State *lua, const void *value)
{
	rule_push_date(lua, ((const struct period *)value)->end);
}

/* nil when the period is open or empty: it has no last day. */
static void period_push_last(lua_State *lua, const void *value)
{
	struct period period = *(const struct period *)value;
	bool has_last = date_present(period.end) && !period_is_empty(period);
	rule_push_date(lua, has_last ? date_add_days(period.end, -1) : DATE_NONE);
}

static void period_push_days(lua_State *lua, const void *value)
{
	struct period period = *(const struct period *)value;
	if (date_present(period.end))
		lua_pushinteger(lua, period_days(period));
	else
		lua_pushnil(lua);
}

static int period_contains_method(lua_State *lua)
{
	struct period period = *(struct period *)value_argument(lua, 1, RULE_KIND_PERIOD, "contains");
	struct date date = *(struct date *)value_argument(lua, 2, RULE_KIND_DATE, "contains");
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, period_contains(period, date));
	return 1;
}

static int period_intersect_method(lua_State *lua)
{
	struct period a = *(struct period *)value_argument(lua, 1, RULE_KIND_PERIOD, "intersect");
	struct period b = *(struct period *)value_argument(lua, 2, RULE_KIND_PERIOD, "intersect");
	rule_charge(lua, RULE_FUEL_VALUE);
	rule_push_period(lua, period_intersect(a, b));
	return 1;
}

static int period_is_empty_method(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, period_is_empty(*(struct period *)value_argument(lua, 1, RULE_KIND_PERIOD, "is_empty")));
	return 1;
}

static int period_equal(lua_State *lua)
{
	struct period a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, rule_to_period(lua, 1, &a) && rule_to_period(lua, 2, &b) &&
	                             a.start.day == b.start.day && a.end.day == b.end.day);
	return 1;
}

static int period_refuse_order(lua_State *lua)
{
	return operands_refuse(lua, "compare", "and", ": compare their .first, .finish or .days");
}

static struct text period_text(struct arena *arena, const void *value)
{
	const struct period *period = value;
	struct text end = date_present(period->end) ? date_text(arena, period->end) : TEXT("");
	return text_format(arena, "%.*s..%.*s", TEXT_ARG(date_text(arena, period->start)), TEXT_ARG(end));
}

const struct value_type value_type_period = {
	.kind = RULE_KIND_PERIOD,
	.name = "period",
	.make = period_make,
	.fields =
	        (const struct value_field[]){
	                { "first", period_push_first },
	                { "last", period_push_last },
	                { "finish", period_push_finish },
	                { "days", period_push_days },
	                { NULL, NULL },
	        },
	.methods =
	        (const luaL_Reg[]){
	                { "contains", period_contains_method },
	                { "intersect", period_intersect_method },
	                { "is_empty", period_is_empty_method },
	                { NULL, NULL },
	        },
	.operators =
	        (const luaL_Reg[]){
	                { "__eq", period_equal },
	                { "__lt", period_refuse_order },
	                { "__le", period_refuse_order },
	                { NULL, NULL },
	        },
	.text = period_text,
};

/* ---- duration ---- */

/* In a record a duration of nothing is absent; computed by a rule it is a value. */
static int duration_push(lua_State *lua, struct duration duration)
{
	*(struct duration *)rule_userdata_new(lua, RULE_KIND_DURATION, sizeof duration) = duration;
	return 1;
}

static int duration_make(lua_State *lua)
{
	struct duration duration;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (!duration_parse(text_argument(lua, 1, "duration"), &duration))
		return rule_error(lua, "duration: %s is not a duration (write \"P1M\", \"P14D\" or \"PT6H\")",
		                  rule_value_text(lua, 1));
	return duration_push(lua, duration);
}

static void duration_push_months(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, ((const struct duration *)value)->months);
}

static void duration_push_days(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, ((const struct duration *)value)->days);
}

static void duration_push_seconds(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, ((const struct duration *)value)->us / US_PER_S);
}

static int duration_multiply(lua_State *lua)
{
	struct duration duration, product;
	rule_charge(lua, RULE_FUEL_VALUE);
	int at = rule_kind_at(lua, 1) == RULE_KIND_DURATION ? 1 : 2;
	if (!lua_isinteger(lua, 3 - at) || !rule_to_duration(lua, at, &duration))
		return operands_refuse(lua, "multiply", "and", ": a duration multiplies by an integer");
	int64_t factor = lua_tointeger(lua, 3 - at);
	if (__builtin_mul_overflow(duration.months, factor, &product.months) ||
	    __builtin_mul_overflow(duration.days, factor, &product.days) ||
	    __builtin_mul_overflow(duration.us, factor, &product.us))
		return operands_refuse(lua, "multiply", "and", ": the result is too long");
	return duration_push(lua, product);
}

static bool duration_has_one_sign(struct duration duration)
{
	bool forward = duration.months > 0 || duration.days > 0 || duration.us > 0;
	bool back = duration.months < 0 || duration.days < 0 || duration.us < 0;
	return !(forward && back);
}

static int duration_add(lua_State *lua)
{
	struct duration a, b, sum;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (rule_kind_at(lua, 2) != RULE_KIND_NONE && rule_kind_at(lua, 2) != RULE_KIND_DURATION) {
		/* duration + date and duration + instant belong to those types */
		if (luaL_getmetafield(lua, 2, "__add") == LUA_TFUNCTION) {
			lua_insert(lua, 1);
			lua_call(lua, 2, 1);
			return 1;
		}
	}
	if (!rule_to_duration(lua, 1, &a) || !rule_to_duration(lua, 2, &b))
		return operands_refuse(lua, "add", "and", ": a duration adds to a date, an instant or a duration");
	if (__builtin_add_overflow(a.months, b.months, &sum.months) ||
	    __builtin_add_overflow(a.days, b.days, &sum.days) || __builtin_add_overflow(a.us, b.us, &sum.us))
		return operands_refuse(lua, "add", "and", ": the result is too long");
	if (!duration_has_one_sign(sum))
		return operands_refuse(lua, "add", "and", ": the parts of the result would have different signs");
	return duration_push(lua, sum);
}

static int duration_equal(lua_State *lua)
{
	struct duration a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, rule_to_duration(lua, 1, &a) && rule_to_duration(lua, 2, &b) && a.months == b.months &&
	                             a.days == b.days && a.us == b.us);
	return 1;
}

static int duration_refuse_order(lua_State *lua)
{
	return operands_refuse(lua, "compare", "and",
	                       ": a month has no fixed length; compare the dates that they lead to");
}

static struct text duration_value_text(struct arena *arena, const void *value)
{
	return duration_text(arena, *(const struct duration *)value);
}

const struct value_type value_type_duration = {
	.kind = RULE_KIND_DURATION,
	.name = "duration",
	.make = duration_make,
	.fields =
	        (const struct value_field[]){
	                { "months", duration_push_months },
	                { "days", duration_push_days },
	                { "seconds", duration_push_seconds },
	                { NULL, NULL },
	        },
	.methods = (const luaL_Reg[]){ { NULL, NULL } },
	.operators =
	        (const luaL_Reg[]){
	                { "__add", duration_add },
	                { "__mul", duration_multiply },
	                { "__eq", duration_equal },
	                { "__lt", duration_refuse_order },
	                { "__le", duration_refuse_order },
	                { NULL, NULL },
	        },
	.text = duration_value_text,
};
