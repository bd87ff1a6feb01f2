/* bind_wallet.c: prepaid money, thresholds of usage and sums weighted by time, for cases. Cents are integers, numbers text. */
#include "bind.h"

#include "billing/progressive.h"
#include "billing/wallet_burn.h"
#include "value/weighted_sum.h"

static struct decimal check_decimal(lua_State *L, int argument)
{
	struct decimal decimal;
	if (!decimal_parse(case_text(L, argument), &decimal))
		luaL_error(L, "'%s' is not a decimal", lua_tostring(L, argument));
	return decimal;
}

static int64_t *check_integers(lua_State *L, int argument, struct arena *arena, size_t *count)
{
	luaL_checktype(L, argument, LUA_TTABLE);
	*count = (size_t)luaL_len(L, argument);
	int64_t *integers = arena_new_many(arena, int64_t, *count + 1);
	for (size_t i = 0; i < *count; i++) {
		lua_rawgeti(L, argument, (lua_Integer)i + 1);
		integers[i] = luaL_checkinteger(L, -1);
		lua_pop(L, 1);
	}
	return integers;
}

static void push_integers(lua_State *L, const int64_t *integers, size_t count)
{
	lua_createtable(L, (int)count, 0);
	for (size_t i = 0; i < count; i++) {
		lua_pushinteger(L, integers[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}

/* ------------------------------------------------------------------------------------------------ grants */

static struct burn_grant *check_grants(lua_State *L, struct arena *arena, size_t *count)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	*count = (size_t)luaL_len(L, 1);
	struct burn_grant *grants = arena_new_many(arena, struct burn_grant, *count + 1);
	for (size_t i = 0; i < *count; i++) {
		lua_rawgeti(L, 1, (lua_Integer)i + 1);
		int table = lua_gettop(L);
		grants[i] = (struct burn_grant){
			.id = (int64_t)i + 1,
			.priority = case_field_integer(L, table, "priority", WALLET_PRIORITY_DEFAULT),
			.purchased = case_field_boolean(L, table, "purchased"),
			.left_minor = case_field_integer(L, table, "amount_minor", 0),
		};
		struct text expires_at = case_field_text(L, table, "expires_at");
		if (expires_at.length && !instant_parse(expires_at, &grants[i].expires_at))
			luaL_error(L, "the expiry of a grant is no instant");
		lua_pop(L, 1);
	}
	burn_sort(grants, *count);
	return grants;
}

/* burn({ { amount_minor, priority, expires_at, purchased } ... }, { cents ... }) -> for each debit the cents of its grants, in the
 * order they were taken; what is left of each grant */
static int wallet_burn(lua_State *L)
{
	size_t count, debit_count, part_count;
	struct arena *arena = case_arena(L);
	struct burn_grant *grants = check_grants(L, arena, &count);
	int64_t *debits = check_integers(L, 2, arena, &debit_count);
	struct burn_part *parts = arena_new_many(arena, struct burn_part, count + 1);
	int64_t *amounts = arena_new_many(arena, int64_t, count + 1);
	lua_createtable(L, (int)debit_count, 0);
	for (size_t i = 0; i < debit_count; i++) {
		burn_take(grants, count, debits[i], parts, &part_count);
		for (size_t j = 0; j < part_count; j++)
			amounts[j] = parts[j].amount_minor;
		push_integers(L, amounts, part_count);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	for (size_t i = 0; i < count; i++)
		amounts[grants[i].id - 1] = grants[i].left_minor;
	push_integers(L, amounts, count);
	return 2;
}

/* ------------------------------------------------------------------------------------------------ several wallets */

/* cascade({ { balance_minor, absorbs } ... }, { cents ... }) -> cents of each wallet */
static int wallet_cascade(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	size_t count = (size_t)luaL_len(L, 1), charge_count;
	struct arena *arena = case_arena(L);
	struct cascade_wallet *wallets = arena_new_many(arena, struct cascade_wallet, count + 1);
	for (size_t i = 0; i < count; i++) {
		lua_rawgeti(L, 1, (lua_Integer)i + 1);
		wallets[i] = (struct cascade_wallet){
			.balance_minor = case_field_integer(L, lua_gettop(L), "balance_minor", 0),
			.absorbs = case_field_boolean(L, lua_gettop(L), "absorbs"),
		};
		lua_pop(L, 1);
	}
	int64_t *charges = check_integers(L, 2, arena, &charge_count);
	int64_t *taken = arena_new_many(arena, int64_t, count + 1);
	for (size_t i = 0; i < charge_count; i++)
		cascade_take(wallets, count, NULL, charges[i]);
	for (size_t i = 0; i < count; i++)
		taken[i] = wallets[i].taken_minor;
	push_integers(L, taken, count);
	return 1;
}

/* units(asked, scale) -> decimal */
static int wallet_units_cut(lua_State *L)
{
	struct decimal units;
	if (!wallet_units(check_decimal(L, 1), (int)luaL_checkinteger(L, 2), &units))
		return case_refuse(L, "the units do not fit");
	struct arena *arena = case_arena(L);
	case_push_text(L, decimal_text(arena, units));
	return 1;
}

/* money(units, rate, currency) -> cents */
static int wallet_money_of(lua_State *L)
{
	struct money amount;
	if (!wallet_money(check_decimal(L, 1), check_decimal(L, 2), case_currency(L, 3), &amount))
		return case_refuse(L, "the amount does not fit");
	lua_pushinteger(L, amount.minor);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ thresholds */

/* progressive({ fixed cents ... }, step, { usage of each event in cents ... }) -> { due after each event: 0 is none }, billed in all */
static int wallet_progressive(lua_State *L)
{
	size_t use_count;
	struct arena *arena = case_arena(L);
	struct usage_thresholds thresholds = { .step_minor = luaL_checkinteger(L, 2) };
	thresholds.fixed_minor = check_integers(L, 1, arena, &thresholds.fixed_count);
	int64_t *used = check_integers(L, 3, arena, &use_count), *due = arena_new_many(arena, int64_t, use_count + 1);
	struct progressive_state state = { 0 };
	for (size_t i = 0; i < use_count; i++)
		if (!progressive_use(&thresholds, &state, state.period_minor + used[i], &due[i]))
			return case_refuse(L, "the usage does not fit");
	push_integers(L, due, use_count);
	lua_pushinteger(L, state.billed_minor);
	return 2;
}

/* progressive_credit(charges in cents, billed in cents) -> cents */
static int wallet_progressive_credit(lua_State *L)
{
	lua_pushinteger(L, progressive_credit(luaL_checkinteger(L, 1), luaL_checkinteger(L, 2)));
	return 1;
}

/* ------------------------------------------------------------------------------------------------ weighted by time */

static int64_t check_moment(lua_State *L, int table, const char *name)
{
	struct instant instant;
	struct date date;
	struct text text = case_field_text(L, table, name);
	if (date_parse(text, &date))
		return timezone_start_of_date(timezone_utc(), date).us;
	if (!instant_parse(text, &instant))
		luaL_error(L, "'%s' is no date or instant", name);
	return instant.us;
}

/* weighted(start, finish, opening, { { at, delta } ... }, scale or nil) -> fraction, or decimal rounded up; sum in full
 * Moments are dates or instants, the period is half-open. */
static int wallet_weighted(lua_State *L)
{
	lua_settop(L, 5);
	luaL_checktype(L, 4, LUA_TTABLE);
	struct weighted_sum sum;
	lua_createtable(L, 0, 2);
	lua_pushvalue(L, 1);
	lua_setfield(L, 6, "start");
	lua_pushvalue(L, 2);
	lua_setfield(L, 6, "finish");
	bool good = weighted_sum_begin(&sum, check_moment(L, 6, "start"), check_moment(L, 6, "finish")) &&
	            weighted_sum_add(&sum, sum.start, check_decimal(L, 3));
	for (lua_Integer i = 1; good && i <= luaL_len(L, 4); i++) {
		lua_rawgeti(L, 4, i);
		lua_getfield(L, -1, "delta");
		good = weighted_sum_add(&sum, check_moment(L, lua_gettop(L) - 1, "at"), check_decimal(L, -1));
		lua_pop(L, 2);
	}
	struct arena *arena = case_arena(L);
	struct fraction value;
	struct decimal rounded;
	if (!good || !weighted_sum_value(&sum, &value))
		return case_refuse(L, "the sum does not fit");
	if (lua_isnil(L, 5))
		case_push_text(L, fraction_text(arena, value));
	else if (weighted_sum_prorated(&sum, (int)luaL_checkinteger(L, 5), &rounded))
		case_push_text(L, decimal_text(arena, rounded));
	else
		return case_refuse(L, "the sum does not fit");
	case_push_text(L, decimal_text(arena, sum.full));
	return 2;
}

int bind_wallet_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "burn", wallet_burn },
		{ "cascade", wallet_cascade },
		{ "units", wallet_units_cut },
		{ "money", wallet_money_of },
		{ "progressive", wallet_progressive },
		{ "progressive_credit", wallet_progressive_credit },
		{ "weighted", wallet_weighted },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
