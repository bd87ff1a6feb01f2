/* rule_value_money.c: the types money and exact as rules see them. */
#include "rule_value.h"

/* ---- making money ---- */

static const struct currency *currency_argument(lua_State *lua, struct text code)
{
	const struct currency *currency = currency_find(code);
	if (currency == NULL)
		rule_error(lua, "money: unknown currency \"%.*s\" (ISO 4217 codes in upper case)", TEXT_ARG(code));
	return currency;
}

static int money_make_from_text(lua_State *lua, struct text amount, const struct currency *currency)
{
	struct money money;
	struct decimal decimal;
	if (money_parse(amount, currency, &money)) {
		rule_push_money(lua, money);
		return 1;
	}
	if (!decimal_parse(amount, &decimal))
		return rule_error(lua, "money: \"%.*s\" is not an amount (write money \"19.99 USD\")",
		                  TEXT_ARG(amount));
	if (decimal_canonical(decimal).scale > currency->exponent)
		return rule_error(lua, "money: %.*s has too many decimals: %s has %d", TEXT_ARG(amount), currency->code,
		                  currency->exponent);
	return rule_error(lua, "money: %.*s %s is larger than money can be", TEXT_ARG(amount), currency->code);
}

/* money "19.99 USD", money("19.99", "USD"), money(20, "USD"), money(decimal, "USD"). */
static int money_make(lua_State *lua)
{
	struct text amount, code;
	rule_charge(lua, RULE_FUEL_VALUE);
	if (lua_isnoneornil(lua, 2)) {
		struct text whole = lua_type(lua, 1) == LUA_TSTRING ? text_argument(lua, 1, "money") : TEXT_NONE;
		if (!text_present(whole) || !text_split(whole, ' ', &amount, &code))
			return rule_error(lua,
			                  "money takes an amount and a currency, as in money \"19.99 USD\", not %s",
			                  rule_value_text(lua, 1));
		return money_make_from_text(lua, amount, currency_argument(lua, code));
	}
	code = text_argument(lua, 2, "money");
	float_refuse(lua, 1, "money takes text, integers or decimals, not floats");
	struct decimal decimal = decimal_argument(lua, 1, true, "money");
	return money_make_from_text(lua, decimal_canonical_text(rule_state_of(lua)->arena, decimal),
	                            currency_argument(lua, code));
}

/* ---- fields ---- */

static void money_push_amount(lua_State *lua, const void *value)
{
	rule_push_decimal(lua, money_decimal(*(const struct money *)value));
}

static void money_push_currency(lua_State *lua, const void *value)
{
	lua_pushstring(lua, ((const struct money *)value)->currency->code);
}

static void money_push_minor(lua_State *lua, const void *value)
{
	lua_pushinteger(lua, ((const struct money *)value)->minor);
}

/* ---- methods ---- */

/* The weights of the list at index 2, in the command's arena: an error may jump away from here. */
static int64_t *weights_argument(lua_State *lua, size_t *count)
{
	if (!lua_istable(lua, 2))
		rule_error(lua, "allocate takes a list of weights, as in :allocate{3, 3, 4}, not %s",
		           rule_value_text(lua, 2));
	*count = lua_rawlen(lua, 2);
	if (*count == 0 || *count > VALUE_PARTS_MAX)
		rule_error(lua, "allocate takes 1 to %d weights, not %zu", VALUE_PARTS_MAX, *count);
	rule_charge(lua, (int64_t)*count * 2 * RULE_FUEL_VALUE);
	int64_t *weights = arena_new_many(rule_state_of(lua)->arena, int64_t, *count), sum = 0;
	for (size_t i = 0; i < *count; i++) {
		lua_rawgeti(lua, 2, (lua_Integer)i + 1);
		weights[i] = integer_argument(lua, -1, 0, INT64_MAX, "a weight of allocate");
		if (__builtin_add_overflow(sum, weights[i], &sum))
			rule_error(lua, "allocate: the sum of the weights is too large");
		lua_pop(lua, 1);
	}
	if (sum == 0)
		rule_error(lua, "allocate: all weights are 0, so there is nobody to give %s to",
		           rule_value_text(lua, 1));
	return weights;
}

static int money_allocate_method(lua_State *lua)
{
	struct money whole = *(struct money *)value_argument(lua, 1, RULE_KIND_MONEY, "allocate");
	struct arena *arena = rule_state_of(lua)->arena;
	struct arena_mark mark = arena_mark(arena);
	size_t count;
	int64_t *weights = weights_argument(lua, &count);
	struct money *pieces = arena_new_many(arena, struct money, count);
	if (!money_allocate(whole, weights, count, pieces))
		return rule_error(lua, "allocate: %s cannot be split by these weights: they are too large",
		                  rule_value_text(lua, 1));
	lua_createtable(lua, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		rule_push_money(lua, pieces[i]);
		lua_rawseti(lua, -2, (lua_Integer)i + 1);
	}
	arena_rewind(arena, mark);
	return 1;
}

/* So that a rule need not ask whether an amount is money or exact already. */
static int money_round_method(lua_State *lua)
{
	rule_charge(lua, RULE_FUEL_VALUE);
	value_argument(lua, 1, RULE_KIND_MONEY, "round");
	rounding_argument(lua, 2, "round");
	lua_settop(lua, 1);
	return 1;
}

static int amount_exact(lua_State *lua)
{
	struct exact_money amount;
	rule_charge(lua, RULE_FUEL_EXACT);
	if (!amount_at(lua, 1, &amount))
		return rule_error(lua, "exact takes money or an exact amount, not %s", rule_value_text(lua, 1));
	rule_push_exact(lua, amount);
	return 1;
}

static struct text money_value_text(struct arena *arena, const void *value)
{
	return money_text(arena, *(const struct money *)value);
}

const struct value_type value_type_money = {
	.kind = RULE_KIND_MONEY,
	.name = "money",
	.make = money_make,
	.fields =
	        (const struct value_field[]){
	                { "amount", money_push_amount },
	                { "currency", money_push_currency },
	                { "minor", money_push_minor },
	                { NULL, NULL },
	        },
	.methods =
	        (const luaL_Reg[]){
	                { "portion", amount_portion },
	                { "percent", amount_percent },
	                { "allocate", money_allocate_method },
	                { "negate", amount_negate },
	                { "abs", amount_abs },
	                { "min", amount_min },
	                { "max", amount_max },
	                { "is_zero", amount_is_zero },
	                { "is_negative", amount_is_negative },
	                { "is_positive", amount_is_positive },
	                { "round", money_round_method },
	                { "exact", amount_exact },
	                { NULL, NULL },
	        },
	.operators = amount_operators,
	.text = money_value_text,
};

/* ---- exact ---- */

static void exact_push_currency(lua_State *lua, const void *value)
{
	lua_pushstring(lua, ((const struct exact_money *)value)->currency->code);
}

static int exact_round(lua_State *lua)
{
	struct exact_money *exact = value_argument(lua, 1, RULE_KIND_EXACT, "round");
	struct money money;
	rule_charge(lua, RULE_FUEL_EXACT);
	if (!exact_money_round(*exact, rounding_argument(lua, 2, "round"), &money))
		return rule_error(lua, "round: %s is larger than money can be", rule_value_text(lua, 1));
	rule_push_money(lua, money);
	return 1;
}

/* exact:round_to(scale, mode): the amount as a decimal, for unit prices finer than the currency. */
static int exact_round_to(lua_State *lua)
{
	struct exact_money *exact = value_argument(lua, 1, RULE_KIND_EXACT, "round_to");
	int scale = (int)integer_argument(lua, 2, 0, DECIMAL_SCALE_MAX, "round_to");
	struct decimal decimal;
	rule_charge(lua, 3 * RULE_FUEL_EXACT);
	if (!fraction_round(exact->amount, scale, rounding_argument(lua, 3, "round_to"), &decimal))
		return rule_error(lua, "round_to: %s does not fit with %d decimals", rule_value_text(lua, 1), scale);
	rule_push_decimal(lua, decimal);
	return 1;
}

/* Decimals that the denominator needs: it ends only when its primes are 2 and 5. -1: it does not end. */
static int fraction_decimals(int128 denominator)
{
	int twos = 0, fives = 0;
	for (; denominator % 2 == 0; twos++)
		denominator /= 2;
	for (; denominator % 5 == 0; fives++)
		denominator /= 5;
	return denominator == 1 ? (twos > fives ? twos : fives) : -1;
}

/* "13.375 USD" when the decimal ends, with at least the currency's decimals; else "40/3 USD". */
struct text rule_exact_text(struct arena *arena, struct exact_money exact)
{
	int scale = fraction_decimals(exact.amount.denominator);
	if (scale >= 0 && scale < exact.currency->exponent)
		scale = exact.currency->exponent;
	struct decimal decimal;
	struct text amount;
	if (scale >= 0 && scale <= DECIMAL_SCALE_MAX && fraction_round(exact.amount, scale, ROUNDING_DOWN, &decimal))
		amount = decimal_text(arena, decimal);
	else
		amount = fraction_text(arena, exact.amount);
	return TEXT_JOIN(arena, amount, TEXT(" "), text_of(exact.currency->code));
}

static struct text exact_value_text(struct arena *arena, const void *value)
{
	return rule_exact_text(arena, *(const struct exact_money *)value);
}

const struct value_type value_type_exact = {
	.kind = RULE_KIND_EXACT,
	.name = "exact",
	.fields =
	        (const struct value_field[]){
	                { "currency", exact_push_currency },
	                { NULL, NULL },
	        },
	.methods =
	        (const luaL_Reg[]){
	                { "portion", amount_portion },
	                { "percent", amount_percent },
	                { "negate", amount_negate },
	                { "abs", amount_abs },
	                { "min", amount_min },
	                { "max", amount_max },
	                { "is_zero", amount_is_zero },
	                { "is_negative", amount_is_negative },
	                { "is_positive", amount_is_positive },
	                { "round", exact_round },
	                { "round_to", exact_round_to },
	                { "exact", amount_exact },
	                { NULL, NULL },
	        },
	.operators = amount_operators,
	.text = exact_value_text,
};
