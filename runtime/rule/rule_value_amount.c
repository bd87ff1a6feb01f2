/* rule_value_amount.c: arithmetic, comparison and shares that money and exact have in common. */
#include "rule_value.h"

bool amount_at(lua_State *lua, int index, struct exact_money *amount)
{
	struct money money;
	if (rule_to_exact(lua, index, amount))
		return true;
	if (!rule_to_money(lua, index, &money))
		return false;
	if (!exact_money_from_money(money, amount))
		return rule_error(lua, "%s cannot be made exact", rule_value_text(lua, index));
	return true;
}

static struct exact_money amount_argument(lua_State *lua, int index, const char *function)
{
	struct exact_money amount;
	if (!amount_at(lua, index, &amount))
		rule_error(lua, "%s takes money or an exact amount, not %s%s", function, rule_value_text(lua, index),
		           index == 1 ? " (write amount:method(...) with a colon)" : "");
	return amount;
}

static int too_large(lua_State *lua, const char *verb)
{
	return operands_refuse(lua, verb, "and", ": the result is larger than money can be");
}

static int too_exact(lua_State *lua, const char *verb)
{
	return operands_refuse(lua, verb, "and", ": the exact result needs more than 128 bits; use :round first");
}

static bool currencies_equal(const struct currency *a, const struct currency *b)
{
	return money_same_currency(money_zero(a), money_zero(b));
}

/* ---- + and - ---- */

static int amount_combine(lua_State *lua, bool subtract)
{
	const char *verb = subtract ? "subtract" : "add";
	struct money a, b, total;
	if (rule_to_money(lua, 1, &a) && rule_to_money(lua, 2, &b) && money_same_currency(a, b)) {
		rule_charge(lua, RULE_FUEL_VALUE);
		if (!(subtract ? money_subtract(a, b, &total) : money_add(a, b, &total)))
			return too_large(lua, verb);
		rule_push_money(lua, total);
		return 1;
	}
	rule_charge(lua, 3 * RULE_FUEL_EXACT);
	struct exact_money x, y, sum;
	if (!amount_at(lua, 1, &x) || !amount_at(lua, 2, &y))
		return operands_refuse(lua, verb, "and", ": money adds to money only, as in money \"5.00 USD\"");
	if (!currencies_equal(x.currency, y.currency))
		return operands_refuse(lua, verb, "and", ": the currencies differ");
	sum.currency = x.currency;
	if (!(subtract ? fraction_subtract(x.amount, y.amount, &sum.amount)
	               : fraction_add(x.amount, y.amount, &sum.amount)))
		return too_exact(lua, verb);
	rule_push_exact(lua, sum);
	return 1;
}

static int amount_add(lua_State *lua)
{
	return amount_combine(lua, false);
}

static int amount_subtract(lua_State *lua)
{
	return amount_combine(lua, true);
}

/* ---- * ---- */

static int money_multiply_integer(lua_State *lua, struct money money, lua_Integer factor)
{
	int64_t minor;
	if (__builtin_mul_overflow(money.minor, (int64_t)factor, &minor))
		return too_large(lua, "multiply");
	rule_push_money(lua, money_of(minor, money.currency));
	return 1;
}

/* Integers keep money money; with a decimal, and for exact amounts, the result is exact. */
int amount_multiply(lua_State *lua)
{
	static const char lead[] = "multiply money by integers or decimals, not by floats";
	struct exact_money amount, product;
	struct decimal factor;
	struct fraction share;
	struct money money;
	float_refuse(lua, 1, lead);
	float_refuse(lua, 2, lead);
	int at = rule_kind_at(lua, 1) == RULE_KIND_MONEY || rule_kind_at(lua, 1) == RULE_KIND_EXACT ? 1 : 2;
	if (!number_at(lua, 3 - at, &factor) || !amount_at(lua, at, &amount))
		return operands_refuse(lua, "multiply", "and", ": multiply money by integers or decimals");
	rule_charge(lua, 2 * RULE_FUEL_EXACT);
	if (lua_isinteger(lua, 3 - at) && rule_to_money(lua, at, &money))
		return money_multiply_integer(lua, money, lua_tointeger(lua, 3 - at));
	if (!fraction_from_decimal(factor, &share) || !exact_money_multiply(amount, share, &product))
		return too_exact(lua, "multiply");
	rule_push_exact(lua, product);
	return 1;
}

static int amount_divide(lua_State *lua)
{
	return operands_refuse(lua, "divide", "by",
	                       ": use :portion(1, 3) for an exact share or :allocate{1, 1, 1} for parts that add up");
}

static int amount_refuse_operator(lua_State *lua)
{
	return operands_refuse(lua, "combine", "and", " in this way: money knows +, - and *");
}

/* ---- comparison ---- */

static int amounts_compare(lua_State *lua)
{
	struct money a, b;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (rule_to_money(lua, 1, &a) && rule_to_money(lua, 2, &b) && money_same_currency(a, b))
		return money_compare(a, b);
	rule_charge(lua, RULE_FUEL_EXACT);
	struct exact_money x, y;
	int order = 0;
	if (!amount_at(lua, 1, &x) || !amount_at(lua, 2, &y))
		return operands_refuse(lua, "compare", "and",
		                       ": money compares to money only; see :is_zero(), :is_negative(),"
		                       " :is_positive()");
	if (!currencies_equal(x.currency, y.currency))
		return operands_refuse(lua, "compare", "and", ": the currencies differ");
	if (!fraction_compare(x.amount, y.amount, &order))
		return too_exact(lua, "compare");
	return order;
}

static int amount_less(lua_State *lua)
{
	lua_pushboolean(lua, amounts_compare(lua) < 0);
	return 1;
}

static int amount_less_or_equal(lua_State *lua)
{
	lua_pushboolean(lua, amounts_compare(lua) <= 0);
	return 1;
}

/* Amounts of two currencies are different, not an error; fractions are in lowest terms. */
static int amount_equal(lua_State *lua)
{
	struct exact_money a, b;
	rule_charge(lua, RULE_FUEL_EXACT);
	lua_pushboolean(lua, amount_at(lua, 1, &a) && amount_at(lua, 2, &b) &&
	                             currencies_equal(a.currency, b.currency) &&
	                             a.amount.numerator == b.amount.numerator &&
	                             a.amount.denominator == b.amount.denominator);
	return 1;
}

/* ---- methods ---- */

static int amount_share(lua_State *lua, struct exact_money amount, struct fraction share, const char *function)
{
	struct exact_money product;
	rule_charge(lua, 2 * RULE_FUEL_EXACT);
	if (!exact_money_multiply(amount, share, &product))
		return rule_error(lua, "%s of %s: the exact result needs more than 128 bits; use :round first",
		                  function, rule_value_text(lua, 1));
	rule_push_exact(lua, product);
	return 1;
}

int amount_portion(lua_State *lua)
{
	struct exact_money amount = amount_argument(lua, 1, "portion");
	return amount_share(lua, amount, portion_arguments(lua, 2), "portion");
}

int amount_percent(lua_State *lua)
{
	struct exact_money amount = amount_argument(lua, 1, "percent");
	return amount_share(lua, amount, percent_argument(lua, 2), "percent");
}

int amount_negate(lua_State *lua)
{
	struct exact_money amount = amount_argument(lua, 1, "negate");
	struct money money;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (rule_to_money(lua, 1, &money)) {
		if (!money_negate(money, &money))
			return rule_error(lua, "negate %s: the result is larger than money can be",
			                  rule_value_text(lua, 1));
		rule_push_money(lua, money);
		return 1;
	}
	if (!fraction_subtract((struct fraction){ 0, 1 }, amount.amount, &amount.amount))
		return rule_error(lua, "negate %s: the result needs more than 128 bits", rule_value_text(lua, 1));
	rule_push_exact(lua, amount);
	return 1;
}

static int amount_sign(lua_State *lua, const char *function)
{
	rule_charge(lua, RULE_FUEL_EXACT);
	return fraction_sign(amount_argument(lua, 1, function).amount);
}

int amount_abs(lua_State *lua)
{
	if (amount_sign(lua, "abs") < 0)
		return amount_negate(lua);
	lua_settop(lua, 1);
	return 1;
}

int amount_is_zero(lua_State *lua)
{
	lua_pushboolean(lua, amount_sign(lua, "is_zero") == 0);
	return 1;
}

int amount_is_negative(lua_State *lua)
{
	lua_pushboolean(lua, amount_sign(lua, "is_negative") < 0);
	return 1;
}

int amount_is_positive(lua_State *lua)
{
	lua_pushboolean(lua, amount_sign(lua, "is_positive") > 0);
	return 1;
}

int amount_min(lua_State *lua)
{
	lua_settop(lua, 2);
	lua_pushvalue(lua, amounts_compare(lua) <= 0 ? 1 : 2);
	return 1;
}

int amount_max(lua_State *lua)
{
	lua_settop(lua, 2);
	lua_pushvalue(lua, amounts_compare(lua) >= 0 ? 1 : 2);
	return 1;
}

const luaL_Reg amount_operators[] = {
	{ "__add", amount_add },
	{ "__sub", amount_subtract },
	{ "__mul", amount_multiply },
	{ "__div", amount_divide },
	{ "__idiv", amount_divide },
	{ "__mod", amount_refuse_operator },
	{ "__pow", amount_refuse_operator },
	{ "__unm", amount_negate },
	{ "__eq", amount_equal },
	{ "__lt", amount_less },
	{ "__le", amount_less_or_equal },
	{ NULL, NULL },
};
