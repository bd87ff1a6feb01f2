/* bind_value.c: decimals, fractions, money and currencies for cases. Numbers travel as text. */
#include "bind.h"

#include "value/money.h"

static enum rounding check_mode(lua_State *L, int argument)
{
	enum rounding mode;
	if (!rounding_parse(case_text(L, argument), &mode))
		luaL_error(L, "'%s' is not a rounding mode", lua_tostring(L, argument));
	return mode;
}

static int push_fraction(lua_State *L, bool good, struct fraction fraction)
{
	if (!good)
		return case_refuse(L, "the result does not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, fraction_text(arena, fraction));
	return 1;
}

/* add(a, b), subtract(a, b), multiply(a, b), divide(a, b) -> fraction */
static int value_add(lua_State *L)
{
	struct fraction result = { 0, 0 };
	return push_fraction(L, fraction_add(case_fraction(L, 1), case_fraction(L, 2), &result), result);
}

static int value_subtract(lua_State *L)
{
	struct fraction result = { 0, 0 };
	return push_fraction(L, fraction_subtract(case_fraction(L, 1), case_fraction(L, 2), &result), result);
}

static int value_multiply(lua_State *L)
{
	struct fraction result = { 0, 0 };
	return push_fraction(L, fraction_multiply(case_fraction(L, 1), case_fraction(L, 2), &result), result);
}

static int value_divide(lua_State *L)
{
	struct fraction result = { 0, 0 };
	return push_fraction(L, fraction_divide(case_fraction(L, 1), case_fraction(L, 2), &result), result);
}

/* compare(a, b) -> -1, 0, 1; nil when one is no number */
static int value_compare(lua_State *L)
{
	struct fraction a, b;
	int order;
	if (!fraction_parse(case_text(L, 1), &a) || !fraction_parse(case_text(L, 2), &b))
		return case_refuse(L, "not a number");
	if (!fraction_compare(a, b, &order))
		return case_refuse(L, "the numbers cannot be compared");
	lua_pushinteger(L, order);
	return 1;
}

/* round(number, scale, mode) -> decimal; a scale below 0 rounds to tens, hundreds ... */
static int value_round(lua_State *L)
{
	struct fraction fraction = case_fraction(L, 1);
	lua_Integer scale = luaL_checkinteger(L, 2);
	enum rounding mode = check_mode(L, 3);
	if (scale > DECIMAL_SCALE_MAX || scale < -DECIMAL_SCALE_MAX)
		return case_refuse(L, "a scale of %lld is not possible", (long long)scale);
	struct fraction unit = { decimal_power_of_ten(scale < 0 ? (int)-scale : 0), 1 };
	struct decimal rounded, whole_unit = { unit.numerator, 0 };
	if (!fraction_divide(fraction, unit, &fraction) ||
	    !fraction_round(fraction, scale < 0 ? 0 : (int)scale, mode, &rounded) ||
	    !decimal_multiply(rounded, whole_unit, &rounded))
		return case_refuse(L, "the result does not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, decimal_text(arena, rounded));
	return 1;
}

/* round_exact(number, currency, mode) -> amount, minor units: as the core makes cents of an exact amount */
static int value_round_exact(lua_State *L)
{
	struct exact_money exact = { .amount = case_fraction(L, 1), .currency = case_currency(L, 2) };
	struct money money;
	if (!exact_money_round(exact, check_mode(L, 3), &money))
		return case_refuse(L, "the amount does not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, money_amount_text(arena, money));
	lua_pushinteger(L, money.minor);
	return 2;
}

/* money(amount, currency) -> minor units; nil when the amount has more decimals than the currency */
static int value_money(lua_State *L)
{
	struct money money;
	if (!money_parse(case_text(L, 1), case_currency(L, 2), &money))
		return case_refuse(L, "'%s' is not an amount of %s", lua_tostring(L, 1), lua_tostring(L, 2));
	lua_pushinteger(L, money.minor);
	return 1;
}

/* amount(minor units, currency) -> "60.50" */
static int value_amount(lua_State *L)
{
	struct money money = money_of(luaL_checkinteger(L, 1), case_currency(L, 2));
	struct arena *arena = case_arena(L);
	case_push_text(L, money_amount_text(arena, money));
	return 1;
}

/* exponent(currency) -> digits after the point; nil for an unknown code */
static int value_exponent(lua_State *L)
{
	const struct currency *currency = currency_find(case_text(L, 1));
	if (!currency)
		return case_refuse(L, "'%s' is not a currency", lua_tostring(L, 1));
	lua_pushinteger(L, currency->exponent);
	return 1;
}

/* allocate(minor units, { weight ... }) -> { minor units ... } */
static int value_allocate(lua_State *L)
{
	int64_t whole = luaL_checkinteger(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	size_t count = (size_t)luaL_len(L, 2);
	struct arena *arena = case_arena(L);
	int64_t *weights = arena_new_many(arena, int64_t, count + 1);
	struct money *pieces = arena_new_many(arena, struct money, count + 1);
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, 2, (lua_Integer)i + 1);
		weights[i] = luaL_checkinteger(L, -1);
		lua_pop(L, 1);
	}
	if (!money_allocate(money_of(whole, currency_find(TEXT("USD"))), weights, count, pieces))
		return case_refuse(L, "the amount cannot be split by these weights");
	lua_createtable(L, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		lua_pushinteger(L, pieces[i].minor);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

int bind_value_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "add", value_add },           { "subtract", value_subtract },       { "multiply", value_multiply },
		{ "divide", value_divide },     { "compare", value_compare },         { "round", value_round },
		{ "money", value_money },       { "round_exact", value_round_exact }, { "amount", value_amount },
		{ "exponent", value_exponent }, { "allocate", value_allocate },       { NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
