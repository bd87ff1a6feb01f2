/* rule_value_instant.c: the type instant as rules see it. */
#include "rule_value.h"

#include "value/timezone.h"

/* 0001-01-01T00:00:00Z up to, not including, 10000-01-01T00:00:00Z. */
static const int64_t INSTANT_US_MIN = -62135596800 * US_PER_S;
static const int64_t INSTANT_US_END = 253402300800 * US_PER_S;

static int instant_make(lua_State *lua)
{
	struct instant instant;
	rule_charge(lua, RULE_FUEL_VALUE);
	struct text text = text_argument(lua, 1, "instant");
	if (!instant_parse(text, &instant))
		return rule_error(lua, "instant: %s %s (write instant \"2011-09-06T15:00:00Z\")", rule_value_text(lua, 1),
		                  instant_refusal(text));
	rule_push_instant(lua, instant);
	return 1;
}

/* ---- operators ---- */

/* The exact length that argument `by` stands for: integer seconds, or a duration of hours, minutes and seconds. */
static int64_t instant_step_us(lua_State *lua, int by, const char *verb)
{
	struct duration duration;
	int64_t us;
	if (rule_to_duration(lua, by, &duration)) {
		if (duration.months != 0 || duration.days != 0)
			return operands_refuse(lua, verb, "and",
			                       ": months and days move a date, not an instant"
			                       " (write duration \"PT24H\", or go through :date(zone))");
		return duration.us;
	}
	whole_float_refuse(lua, by, "an instant moves by whole seconds");
	if (!lua_isinteger(lua, by))
		return operands_refuse(lua, verb, "and", ": an instant moves by an integer (seconds) or a duration");
	if (__builtin_mul_overflow((int64_t)lua_tointeger(lua, by), (int64_t)US_PER_S, &us))
		return operands_refuse(lua, verb, "and", ": the result leaves the years 0001 to 9999");
	return us;
}

static int instant_push_moved(lua_State *lua, bool overflow, int64_t us, const char *verb)
{
	if (overflow || us < INSTANT_US_MIN || us >= INSTANT_US_END || us == INSTANT_NONE.us)
		return operands_refuse(lua, verb, "and", ": the result leaves the years 0001 to 9999");
	rule_push_instant(lua, (struct instant){ us });
	return 1;
}

static int instant_add(lua_State *lua)
{
	struct instant instant;
	int64_t us;
	rule_charge(lua, RULE_FUEL_VALUE);
	int at = rule_kind_at(lua, 1) == RULE_KIND_INSTANT ? 1 : 2;
	if (!rule_to_instant(lua, at, &instant))
		return operands_refuse(lua, "add", "and", "");
	bool overflow = __builtin_add_overflow(instant.us, instant_step_us(lua, 3 - at, "add"), &us);
	return instant_push_moved(lua, overflow, us, "add");
}

/* instant - instant is whole seconds, cut toward zero. */
static int instant_subtract(lua_State *lua)
{
	struct instant a, b;
	int64_t us;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (!rule_to_instant(lua, 1, &a))
		return operands_refuse(lua, "subtract", "and", ": an instant can be taken from an instant only");
	if (rule_to_instant(lua, 2, &b)) {
		lua_pushinteger(lua, (a.us - b.us) / US_PER_S);
		return 1;
	}
	bool overflow = __builtin_sub_overflow(a.us, instant_step_us(lua, 2, "subtract"), &us);
	return instant_push_moved(lua, overflow, us, "subtract");
}

static int instants_compare(lua_State *lua)
{
	struct instant a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (!rule_to_instant(lua, 1, &a) || !rule_to_instant(lua, 2, &b))
		return operands_refuse(lua, "compare", "and", ": an instant compares to an instant; see :date(zone)");
	return (a.us > b.us) - (a.us < b.us);
}

static int instant_less(lua_State *lua)
{
	lua_pushboolean(lua, instants_compare(lua) < 0);
	return 1;
}

static int instant_less_or_equal(lua_State *lua)
{
	lua_pushboolean(lua, instants_compare(lua) <= 0);
	return 1;
}

static int instant_equal(lua_State *lua)
{
	struct instant a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, rule_to_instant(lua, 1, &a) && rule_to_instant(lua, 2, &b) && a.us == b.us);
	return 1;
}

/* ---- methods ---- */

static int instant_date(lua_State *lua)
{
	struct instant instant = *(struct instant *)value_argument(lua, 1, RULE_KIND_INSTANT, "date");
	rule_charge(lua, 2 * RULE_FUEL_EXACT);
	rule_push_date(lua, timezone_date(zone_argument(lua, 2, "date"), instant));
	return 1;
}

/* Whole seconds since local midnight of :date(zone). */
static int instant_second_of_day(lua_State *lua)
{
	struct instant instant = *(struct instant *)value_argument(lua, 1, RULE_KIND_INSTANT, "second_of_day");
	rule_charge(lua, 2 * RULE_FUEL_EXACT);
	lua_pushinteger(lua, timezone_time_of_day_us(zone_argument(lua, 2, "second_of_day"), instant) / US_PER_S);
	return 1;
}

static struct text instant_value_text(struct arena *arena, const void *value)
{
	return instant_text(arena, *(const struct instant *)value);
}

const struct value_type value_type_instant = {
	.kind = RULE_KIND_INSTANT,
	.name = "instant",
	.make = instant_make,
	.fields = (const struct value_field[]){ { NULL, NULL } },
	.methods =
	        (const luaL_Reg[]){
	                { "date", instant_date },
	                { "second_of_day", instant_second_of_day },
	                { NULL, NULL },
	        },
	.operators =
	        (const luaL_Reg[]){
	                { "__add", instant_add },
	                { "__sub", instant_subtract },
	                { "__eq", instant_equal },
	                { "__lt", instant_less },
	                { "__le", instant_less_or_equal },
	                { NULL, NULL },
	        },
	.text = instant_value_text,
};
