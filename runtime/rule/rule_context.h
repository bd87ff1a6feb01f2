/* rule_context.h: ctx, the second argument of every rule. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_CONTEXT_H
#define MOONBILL_RULE_RULE_CONTEXT_H

#include "rule_lua.h"

/* Makes the metatable of ctx, in a state of its own for each call: it holds what ctx was asked for. */
MAY_JUMP void rule_context_open(lua_State *lua);
MAY_JUMP void rule_context_push(lua_State *lua);

/* The names of its members, for checks of what is told about them; NULL ends them. */
const char *rule_context_member(size_t i);

#endif
