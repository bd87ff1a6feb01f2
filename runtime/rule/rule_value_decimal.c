/* rule_value_decimal.c: the type decimal as rules see it. */
#include "rule_value.h"

/* decimal "0.1", decimal(5). */
static int decimal_make(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	float_refuse(lua, 1, "decimal takes text, because a float is not exact");
	rule_push_decimal(lua, decimal_argument(lua, 1, true, "decimal"));
	return 1;
}

/* ---- operators ---- */

typedef bool decimal_operation(struct decimal a, struct decimal b, struct decimal *result);

static void decimal_operands(lua_State *lua, const char *verb, struct decimal *a, struct decimal *b)
{
	static const char lead[] = "a decimal goes with integers and decimals, not with floats";
	rule_charge(lua, RULE_FUEL_VALUE);
	float_refuse(lua, 1, lead);
	float_refuse(lua, 2, lead);
	if (!number_at(lua, 1, a) || !number_at(lua, 2, b))
		operands_refuse(lua, verb, "and", ": a decimal goes with integers and decimals");
}

static int decimal_combine(lua_State *lua, const char *verb, decimal_operation *operation)
{
	struct decimal a, b, result;
	decimal_operands(lua, verb, &a, &b);
	if (!operation(a, b, &result))
		return operands_refuse(lua, verb, "and", ": the result needs more than 38 digits; use :round first");
	rule_push_decimal(lua, result);
	return 1;
}

static int decimal_operator_add(lua_State *lua)
{
	return decimal_combine(lua, "add", decimal_add);
}

static int decimal_operator_subtract(lua_State *lua)
{
	return decimal_combine(lua, "subtract", decimal_subtract);
}

static int decimal_operator_multiply(lua_State *lua)
{
	struct exact_money amount;
	if (amount_at(lua, 1, &amount) || amount_at(lua, 2, &amount))
		return amount_multiply(lua);
	return decimal_combine(lua, "multiply", decimal_multiply);
}

static int decimal_operator_divide(lua_State *lua)
{
	return operands_refuse(lua, "divide", "by", ": use :divide(by, decimals, mode), which says how it rounds");
}

static int decimal_operator_refuse(lua_State *lua)
{
	return operands_refuse(lua, "combine", "and", " in this way: a decimal knows +, - and *");
}

static int decimals_compare(lua_State *lua)
{
	struct decimal a, b;
	decimal_operands(lua, "compare", &a, &b);
	return decimal_compare(a, b);
}

static int decimal_less(lua_State *lua)
{
	lua_pushboolean(lua, decimals_compare(lua) < 0);
	return 1;
}

static int decimal_less_or_equal(lua_State *lua)
{
	lua_pushboolean(lua, decimals_compare(lua) <= 0);
	return 1;
}

/* Lua calls this for two userdata only: decimal "5" == 5 is false whatever we do, hence :equals. */
static int decimal_operator_equal(lua_State *lua)
{
	struct decimal a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	lua_pushboolean(lua, rule_to_decimal(lua, 1, &a) && rule_to_decimal(lua, 2, &b) && decimal_compare(a, b) == 0);
	return 1;
}

/* ---- methods ---- */

static struct decimal self_argument(lua_State *lua, const char *function)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	return *(struct decimal *)value_argument(lua, 1, RULE_KIND_DECIMAL, function);
}

static int decimal_equals(lua_State *lua)
{
	struct decimal a = self_argument(lua, "equals"), b = decimal_argument(lua, 2, false, "equals");
	lua_pushboolean(lua, decimal_compare(a, b) == 0);
	return 1;
}

/* decimal:round(decimals, mode) */
static int decimal_round_method(lua_State *lua)
{
	struct decimal decimal = self_argument(lua, "round"), rounded;
	int scale = (int)integer_argument(lua, 2, 0, DECIMAL_SCALE_MAX, "round");
	rule_charge(lua, RULE_FUEL_EXACT);
	if (!decimal_round(decimal, scale, rounding_argument(lua, 3, "round"), &rounded))
		return rule_error(lua, "round: %s does not fit with %d decimals", rule_value_text(lua, 1), scale);
	rule_push_decimal(lua, rounded);
	return 1;
}

/* decimal:divide(by, decimals, mode): the one division, which has to say how it rounds. */
static int decimal_divide(lua_State *lua)
{
	struct decimal whole = self_argument(lua, "divide"), by = decimal_argument(lua, 2, false, "divide"), quotient;
	int scale = (int)integer_argument(lua, 3, 0, DECIMAL_SCALE_MAX, "divide");
	enum rounding mode = rounding_argument(lua, 4, "divide");
	struct fraction a, b, exact;
	rule_charge(lua, 4 * RULE_FUEL_EXACT);
	if (decimal_sign(by) == 0)
		return rule_error(lua, "divide: cannot divide %s by 0", rule_value_text(lua, 1));
	if (!fraction_from_decimal(whole, &a) || !fraction_from_decimal(by, &b) || !fraction_divide(a, b, &exact) ||
	    !fraction_round(exact, scale, mode, &quotient))
		return operands_refuse(lua, "divide", "by", ": the result does not fit");
	rule_push_decimal(lua, quotient);
	return 1;
}

static int decimal_negate(lua_State *lua)
{
	struct decimal zero = { 0, 0 }, negated;
	if (!decimal_subtract(zero, self_argument(lua, "negate"), &negated))
		return rule_error(lua, "negate: %s is too large", rule_value_text(lua, 1));
	rule_push_decimal(lua, negated);
	return 1;
}

static int decimal_abs(lua_State *lua)
{
	if (decimal_sign(self_argument(lua, "abs")) < 0)
		return decimal_negate(lua);
	lua_settop(lua, 1);
	return 1;
}

static int decimal_is_zero(lua_State *lua)
{
	lua_pushboolean(lua, decimal_sign(self_argument(lua, "is_zero")) == 0);
	return 1;
}

static int decimal_is_negative(lua_State *lua)
{
	lua_pushboolean(lua, decimal_sign(self_argument(lua, "is_negative")) < 0);
	return 1;
}

static int decimal_is_positive(lua_State *lua)
{
	lua_pushboolean(lua, decimal_sign(self_argument(lua, "is_positive")) > 0);
	return 1;
}

static int decimal_is_whole_method(lua_State *lua)
{
	lua_pushboolean(lua, decimal_is_whole(self_argument(lua, "is_whole")));
	return 1;
}

static int decimal_to_integer(lua_State *lua)
{
	int64_t value;
	if (!decimal_to_int64(self_argument(lua, "to_integer"), &value))
		return rule_error(lua, "to_integer: %s is not a whole number that fits; use :round(0, mode) first",
		                  rule_value_text(lua, 1));
	lua_pushinteger(lua, value);
	return 1;
}

/* The result is a decimal, also where the argument was an integer. */
static int decimal_extreme(lua_State *lua, const char *function, int sign)
{
	struct decimal a = self_argument(lua, function), b = decimal_argument(lua, 2, false, function);
	rule_push_decimal(lua, decimal_compare(a, b) * sign >= 0 ? a : b);
	return 1;
}

static int decimal_min(lua_State *lua)
{
	return decimal_extreme(lua, "min", -1);
}

static int decimal_max(lua_State *lua)
{
	return decimal_extreme(lua, "max", 1);
}

static struct text decimal_value_text(struct arena *arena, const void *value)
{
	return decimal_text(arena, *(const struct decimal *)value);
}

const struct value_type value_type_decimal = {
	.kind = RULE_KIND_DECIMAL,
	.name = "decimal",
	.make = decimal_make,
	.fields = (const struct value_field[]){ { NULL, NULL } },
	.methods =
	        (const luaL_Reg[]){
	                { "round", decimal_round_method },
	                { "divide", decimal_divide },
	                { "equals", decimal_equals },
	                { "negate", decimal_negate },
	                { "abs", decimal_abs },
	                { "min", decimal_min },
	                { "max", decimal_max },
	                { "is_zero", decimal_is_zero },
	                { "is_negative", decimal_is_negative },
	                { "is_positive", decimal_is_positive },
	                { "is_whole", decimal_is_whole_method },
	                { "to_integer", decimal_to_integer },
	                { NULL, NULL },
	        },
	.operators =
	        (const luaL_Reg[]){
	                { "__add", decimal_operator_add },
	                { "__sub", decimal_operator_subtract },
	                { "__mul", decimal_operator_multiply },
	                { "__div", decimal_operator_divide },
	                { "__idiv", decimal_operator_divide },
	                { "__mod", decimal_operator_refuse },
	                { "__pow", decimal_operator_refuse },
	                { "__unm", decimal_negate },
	                { "__eq", decimal_operator_equal },
	                { "__lt", decimal_less },
	                { "__le", decimal_less_or_equal },
	                { NULL, NULL },
	        },
	.text = decimal_value_text,
};
