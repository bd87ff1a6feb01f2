/* rule_context.h: ctx, the second argument of every rule. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_CONTEXT_H
#define MOONBILL_RULE_RULE_CONTEXT_H

#include "rule_lua.h"

/* Makes the metatable of ctx and pushes ctx. */
MAY_JUMP void rule_context_push(lua_State *lua);
/* Sets what ctx:random and ctx:id draw from: the event's seed and the rule's name. */
void rule_context_seed(struct rule_state *state);

#endif
