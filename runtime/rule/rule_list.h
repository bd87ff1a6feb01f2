/* rule_list.h: list fields as rules see them: #, [i], ipairs, pairs, :add, :remove. Private to runtime/rule. */
#ifndef MOONBILL_RULE_RULE_LIST_H
#define MOONBILL_RULE_RULE_LIST_H

#include "rule_record.h"

MAY_JUMP void rule_list_open(lua_State *lua);
/* Pushes the proxy of item `index` (from 0, in range) of the list proxy at stack place `list`. */
MAY_JUMP void rule_list_item_push(lua_State *lua, int list, size_t index);
/* Forgets the proxies of items: their places have changed. */
MAY_JUMP void rule_list_items_forget(lua_State *lua, struct rule_list *list);
/* Pushes a new proxy of an item (rule_record.c). */
MAY_JUMP void rule_item_push(lua_State *lua, struct rule_list *list, size_t index);

#endif
