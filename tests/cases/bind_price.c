/* bind_price.c: what stands around the price of a quantity, for cases. Numbers travel as text. */
#include "bind.h"

#include "billing/price_bound.h"

static struct exact_money check_exact(lua_State *L, int argument, const struct currency *currency)
{
	return (struct exact_money){ case_fraction(L, argument), currency };
}

/* units(quantity, size, mode) -> decimal */
static int price_of_units(lua_State *L)
{
	struct decimal quantity, size, units;
	enum rounding mode;
	if (!decimal_parse(case_text(L, 1), &quantity) || !decimal_parse(case_text(L, 2), &size) ||
	    !rounding_parse(case_text(L, 3), &mode))
		return luaL_error(L, "units: a number or mode is none");
	if (!price_units(quantity, size, mode, &units))
		return luaL_error(L, "units: the quotient does not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, decimal_text(arena, units));
	return 1;
}

static int bounded(lua_State *L, bool (*function)(struct exact_money, struct exact_money, struct exact_money, struct exact_money *))
{
	const struct currency *currency = case_currency(L, 1);
	struct exact_money answer;
	if (!function(check_exact(L, 2, currency), check_exact(L, 3, currency), check_exact(L, 4, currency), &answer))
		return luaL_error(L, "a sum does not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, fraction_text(arena, answer.amount));
	return 1;
}

/* top_up(currency, least, billed before, line) -> fraction */
static int price_of_top_up(lua_State *L)
{
	return bounded(L, price_top_up);
}

/* over(currency, most, billed before, line) -> fraction */
static int price_of_over(lua_State *L)
{
	return bounded(L, price_over_maximum);
}

int bind_price_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "units", price_of_units },
		{ "top_up", price_of_top_up },
		{ "over", price_of_over },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
