/* bind.h: the product's functions as Lua functions, for the case runner.
 *
 * Each bind_*.c is one module: a table of functions over values that travel as text (decimals, dates, instants),
 * integers and booleans. A function that cannot do what it is asked returns nil and a sentence; a wrong call raises.
 * An arena belongs to one call: it is a userdata on the Lua stack, so that an error that jumps does not leak it.
 */
#ifndef MOONBILL_TESTS_CASES_BIND_H
#define MOONBILL_TESTS_CASES_BIND_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/problem.h"
#include "base/text.h"
#include "events.gen.h"
#include "value/calendar.h"
#include "value/currency.h"
#include "value/decimal.h"
#include "value/json.h"
#include "value/timezone.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdint.h>

/* An arena that ends with the call. */
struct arena *case_arena(lua_State *L);

struct text case_text(lua_State *L, int argument);                 /* a string or a number */
struct text case_text_or_none(lua_State *L, int argument);         /* TEXT_NONE for nil or absent */
struct date case_date(lua_State *L, int argument);
struct date case_date_or_none(lua_State *L, int argument);
struct instant case_instant(lua_State *L, int argument);
const struct timezone_rules *case_zone(lua_State *L, int argument); /* UTC when absent */
const struct currency *case_currency(lua_State *L, int argument);
struct fraction case_fraction(lua_State *L, int argument);         /* "a/b" or a decimal */
enum billing_period case_period(lua_State *L, int argument);

/* Members of the table at `table`; a text lasts as long as the table holds it. */
struct text case_field_text(lua_State *L, int table, const char *name);       /* TEXT_NONE when absent */
int64_t case_field_integer(lua_State *L, int table, const char *name, int64_t otherwise);
bool case_field_boolean(lua_State *L, int table, const char *name);           /* false when absent */

void case_push_text(lua_State *L, struct text text);               /* nil for none */
void case_push_date(lua_State *L, struct arena *arena, struct date date); /* nil for none */
/* nil and the sentence; for `return`. */
int case_refuse(lua_State *L, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* nil and the problems as one text. */
int case_refuse_problems(lua_State *L, const struct problems *problems);
struct rule_result;
/* Asks a shipped policy as the core does; raises what goes wrong. */
void case_decide(lua_State *L, struct arena *arena, enum policy policy, struct text choice, void *input,
                 struct rule_result *result);
/* A JSON tree as Lua values: see bind_document.c. */
void case_push_json(lua_State *L, const struct json *json);

int bind_document_open(lua_State *L);
int bind_value_open(lua_State *L);
int bind_calendar_open(lua_State *L);
int bind_catalog_open(lua_State *L);
int bind_policy_open(lua_State *L);
int bind_price_open(lua_State *L);
int bind_cycle_open(lua_State *L);
int bind_amount_open(lua_State *L);
int bind_catalogue_open(lua_State *L);
int bind_engine_open(lua_State *L);
int bind_receiver_open(lua_State *L);
/* engine.lose; bind_lose.c */
int bind_lose(lua_State *L);
int bind_invoice_open(lua_State *L);
int bind_system_open(lua_State *L);
int bind_usage_open(lua_State *L);
int bind_timeline_open(lua_State *L);
int bind_wallet_open(lua_State *L);

#endif
