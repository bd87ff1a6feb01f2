/* rule_value.h: what the files of the seven value types share: how a type is described, and operands.
 *
 * Private to rule_value*.c. Values are immutable userdata; a type is one `struct value_type`: its fields, methods
 * and operators are tables, so that an unknown name can be answered with the nearest one. No floats come in
 * anywhere: each place that takes a number says what to write instead.
 */
#ifndef MOONBILL_RULE_VALUE_H
#define MOONBILL_RULE_VALUE_H

#include "rule_lua.h"

enum {
	VALUE_PARTS_MAX = 1000, /* weights of :allocate */
};

struct value_field {
	const char *name;
	MAY_JUMP void (*push)(lua_State *lua, const void *value);
};

struct value_type {
	enum rule_kind kind;
	const char *name;                 /* as messages say it, and the name of the constructor */
	lua_CFunction make;               /* NULL: comes from arithmetic only */
	const struct value_field *fields; /* end with a NULL name, as the others */
	const luaL_Reg *methods;
	const luaL_Reg *operators;        /* beside those that every type has: index, newindex, tostring, concat */
	struct text (*text)(struct arena *arena, const void *value);
};

extern const struct value_type value_type_money, value_type_exact, value_type_decimal, value_type_date,
        value_type_period, value_type_duration, value_type_instant;

/* ---- arguments ---- */
/* The value of that kind at `index`; else an error that names `function` and what it got. */
MAY_JUMP void *value_argument(lua_State *lua, int index, enum rule_kind kind, const char *function);
/* A whole number in [low, high]; floats are refused. */
MAY_JUMP int64_t integer_argument(lua_State *lua, int index, int64_t low, int64_t high, const char *function);
MAY_JUMP struct text text_argument(lua_State *lua, int index, const char *function);
/* An integer, a decimal, or (when `texts`) a text that reads as a decimal. */
MAY_JUMP struct decimal decimal_argument(lua_State *lua, int index, bool texts, const char *function);
/* The name of a rounding mode; absent = half_up. */
MAY_JUMP enum rounding rounding_argument(lua_State *lua, int index, const char *function);
MAY_JUMP const struct timezone_rules *zone_argument(lua_State *lua, int index, const char *function);

/* Integer or decimal, without conversion. False for all else. */
bool number_at(lua_State *lua, int index, struct decimal *number);
/* Raises when the value at `index` is a float: `lead`, then what to write instead of this float. */
MAY_JUMP void float_refuse(lua_State *lua, int index, const char *lead);
/* The same for floats that are whole numbers, which mostly come out of "/", where other floats get another answer. */
MAY_JUMP void whole_float_refuse(lua_State *lua, int index, const char *lead);
/* "cannot add 5.00 USD and 3": the verb and joint of a binary operator on arguments 1 and 2, then `remedy`. */
MAY_JUMP int operands_refuse(lua_State *lua, const char *verb, const char *joint, const char *remedy)
        __attribute__((noreturn));

/* a / b of two integers or decimals at `index` and `index + 1`. */
MAY_JUMP struct fraction portion_arguments(lua_State *lua, int index);
/* The percentage at `index` as a fraction of one. */
MAY_JUMP struct fraction percent_argument(lua_State *lua, int index);

/* ---- rule_value_amount.c: what money and exact have in common ---- */
/* Money or exact at `index`, as exact; false for all else. */
MAY_JUMP bool amount_at(lua_State *lua, int index, struct exact_money *amount);
/* +, -, *, unary minus, comparison; / and the like refuse. The operators of both types. */
extern const luaL_Reg amount_operators[];
/* The methods of both types; `self` may be either. */
int amount_portion(lua_State *lua);
int amount_percent(lua_State *lua);
int amount_negate(lua_State *lua);
int amount_abs(lua_State *lua);
int amount_is_zero(lua_State *lua);
int amount_is_negative(lua_State *lua);
int amount_is_positive(lua_State *lua);
int amount_min(lua_State *lua);
int amount_max(lua_State *lua);
/* amount * decimal, as exact. */
int amount_multiply(lua_State *lua);

#endif
