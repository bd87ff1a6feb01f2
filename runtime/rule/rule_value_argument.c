/* rule_value_argument.c: how the functions of the value types take their arguments, and what they say of wrong ones. */
#include "rule_value.h"

#include "value/timezone.h"

#include <string.h>

void *value_argument(lua_State *lua, int index, enum rule_kind kind, const char *function)
{
	static const char *const names[RULE_KIND_COUNT] = {
		[RULE_KIND_MONEY] = "money",       [RULE_KIND_EXACT] = "an exact amount",
		[RULE_KIND_DECIMAL] = "a decimal", [RULE_KIND_DATE] = "a date",
		[RULE_KIND_PERIOD] = "a period",   [RULE_KIND_DURATION] = "a duration",
		[RULE_KIND_INSTANT] = "an instant",
	};
	void *value = rule_userdata_at(lua, index, kind);
	if (value == NULL)
		rule_error(lua, "%s takes %s, not %s%s", function, names[kind], rule_value_text(lua, index),
		           index == 1 ? " (write value:method(...) with a colon)" : "");
	return value;
}

static bool is_float(lua_State *lua, int index)
{
	return lua_type(lua, index) == LUA_TNUMBER && !lua_isinteger(lua, index);
}

void whole_float_refuse(lua_State *lua, int index, const char *lead)
{
	int is_whole;
	if (!is_float(lua, index))
		return;
	lua_Integer whole = lua_tointegerx(lua, index, &is_whole);
	if (is_whole)
		rule_error(lua, "%s: write %lld or divide with \"//\", which gives an integer, instead of %lld.0", lead,
		           (long long)whole, (long long)whole);
}

void float_refuse(lua_State *lua, int index, const char *lead)
{
	if (!is_float(lua, index))
		return;
	whole_float_refuse(lua, index, lead);
	char example[40];
	snprintf(example, sizeof example, "%.14g", lua_tonumber(lua, index));
	if (example[strspn(example, "-.0123456789")] != '\0')
		rule_error(lua, "%s: use decimal \"0.1\"", lead);
	rule_error(lua, "%s: use decimal \"%s\"", lead, example);
}

int64_t integer_argument(lua_State *lua, int index, int64_t low, int64_t high, const char *function)
{
	if (!lua_isinteger(lua, index)) {
		char lead[100];
		snprintf(lead, sizeof lead, "%s takes an integer, not a float", function);
		whole_float_refuse(lua, index, lead);
		rule_error(lua, "%s takes an integer, not %s", function, rule_value_text(lua, index));
	}
	int64_t value = lua_tointeger(lua, index);
	if (value < low || value > high)
		return rule_error(lua, "%s takes an integer from %lld to %lld, not %lld", function, (long long)low,
		                  (long long)high, (long long)value);
	return value;
}

struct text text_argument(lua_State *lua, int index, const char *function)
{
	if (lua_type(lua, index) != LUA_TSTRING)
		rule_error(lua, "%s takes a text, not %s", function, rule_value_text(lua, index));
	struct text text;
	text.data = lua_tolstring(lua, index, &text.length);
	rule_charge_parse(lua, text.length);
	return text;
}

bool number_at(lua_State *lua, int index, struct decimal *number)
{
	if (!lua_isinteger(lua, index))
		return rule_to_decimal(lua, index, number);
	*number = decimal_from_int64(lua_tointeger(lua, index));
	return true;
}

struct decimal decimal_argument(lua_State *lua, int index, bool texts, const char *function)
{
	struct decimal decimal;
	if (number_at(lua, index, &decimal))
		return decimal;
	char lead[100];
	snprintf(lead, sizeof lead, "%s takes integers or decimals, not floats", function);
	float_refuse(lua, index, lead);
	if (lua_type(lua, index) == LUA_TSTRING) {
		struct text text;
		text.data = lua_tolstring(lua, index, &text.length);
		rule_charge_parse(lua, text.length);
		if (!texts)
			rule_error(lua, "%s takes integers or decimals, not text: use decimal %s", function,
			           rule_value_text(lua, index));
		if (decimal_parse(text, &decimal))
			return decimal;
		rule_error(lua, "%s: %s is not a decimal number such as \"7.25\"", function,
		           rule_value_text(lua, index));
	}
	rule_error(lua, "%s takes integers or decimals, not %s", function, rule_value_text(lua, index));
}

static const char *rounding_next(const void *context, size_t i)
{
	(void)context;
	return i < ROUNDING_FLOOR ? rounding_name((enum rounding)(i + 1)) : NULL;
}

enum rounding rounding_argument(lua_State *lua, int index, const char *function)
{
	enum rounding mode = ROUNDING_HALF_UP;
	if (lua_isnoneornil(lua, index))
		return mode;
	struct text name = text_argument(lua, index, function);
	if (!rounding_parse(name, &mode))
		rule_error(lua,
		           "%s: unknown rounding %s%s; there are half_up, half_even, half_down, up, down, ceiling"
		           " and floor",
		           function, rule_value_text(lua, index),
		           text_did_you_mean(rule_state_of(lua)->arena, name, rounding_next, NULL));
	return mode;
}

const struct timezone_rules *zone_argument(lua_State *lua, int index, const char *function)
{
	struct text name = text_argument(lua, index, function);
	const struct timezone_rules *zone = timezone_find(name);
	if (zone == NULL)
		rule_error(lua, "%s: unknown time zone %s (write \"Europe/Paris\", \"UTC\" or \"+03:00\")", function,
		           rule_value_text(lua, index));
	return zone;
}

int operands_refuse(lua_State *lua, const char *verb, const char *joint, const char *remedy)
{
	rule_error(lua, "cannot %s %s %s %s%s", verb, rule_value_text(lua, 1), joint, rule_value_text(lua, 2),
	           remedy);
}

/* Days over days, mostly. */
static bool integers_share(lua_State *lua, int index, struct fraction *share)
{
	return lua_isinteger(lua, index) && lua_isinteger(lua, index + 1) &&
	       fraction_make(lua_tointeger(lua, index), lua_tointeger(lua, index + 1), share);
}

struct fraction portion_arguments(lua_State *lua, int index)
{
	struct fraction numerator, denominator, share;
	if (integers_share(lua, index, &share))
		return share;
	struct decimal part = decimal_argument(lua, index, false, "portion");
	struct decimal whole = decimal_argument(lua, index + 1, false, "portion");
	if (decimal_sign(whole) == 0)
		rule_error(lua, "portion(%s, 0): the whole is 0, so there is no share of it",
		           rule_value_text(lua, index));
	if (!fraction_from_decimal(part, &numerator) || !fraction_from_decimal(whole, &denominator) ||
	    !fraction_divide(numerator, denominator, &share))
		rule_error(lua, "portion(%s, %s): the share needs more than 128 bits", rule_value_text(lua, index),
		           rule_value_text(lua, index + 1));
	return share;
}

struct fraction percent_argument(lua_State *lua, int index)
{
	rule_charge(lua, 2 * RULE_FUEL_EXACT);
	struct decimal percent = decimal_argument(lua, index, true, "percent");
	struct fraction hundredths, share;
	if (!fraction_from_decimal(percent, &hundredths) ||
	    !fraction_divide(hundredths, (struct fraction){ 100, 1 }, &share))
		rule_error(lua, "percent(%s): the share needs more than 128 bits", rule_value_text(lua, index));
	return share;
}
