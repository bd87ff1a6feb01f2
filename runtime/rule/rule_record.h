/* rule_record.h: records as rules see them. Private to runtime/rule.
 *
 * A record is a userdata over its descriptor: a field is read by name and becomes a typed Lua value, is noted in the
 * trace at its first read, and may be assigned where the event lets it. There is one proxy for one record, so that
 * == compares records. A proxy does not hold the address of what lies inside another record or a list, it finds it anew
 * each time: lists move when they grow, and their items when one is removed.
 */
#ifndef MOONBILL_RULE_RULE_RECORD_H
#define MOONBILL_RULE_RULE_RECORD_H

#include "rule_lua.h"

struct rule_list;

struct rule_record {
	const struct record *record;
	struct text path;           /* as traces say it; made at the first read */
	const char *root;           /* "subject", "event", "invoice"; NULL for parts and items */
	int64_t root_id;            /* of a row that ctx:each gave: "invoice#12"; else 0 */
	void *value;                /* of a root or relation; else NULL */
	struct rule_record *parent; /* of parts and relations */
	int parent_field;
	struct rule_list *list;     /* of items */
	size_t index;               /* from 0 */
	unsigned generation;        /* of the list when the proxy was made */
	field_mask writable, reads, writes; /* a bit a field number */
};

struct rule_list {
	struct rule_record *parent;
	int field;
	bool writable;
	unsigned generation; /* grows when places of items change */
};

MAY_JUMP void rule_record_open(lua_State *lua);

/* Pushes the proxy of a root; the same value gives the same proxy. */
MAY_JUMP void rule_record_push(lua_State *lua, const struct record *record, void *value, const char *root, int64_t root_id,
                               field_mask writable);
/* The same for the first argument of a rule, whose proxy is there already; once a call. */
MAY_JUMP void rule_subject_push(lua_State *lua, const struct record *record, void *value, const char *root, field_mask writable);
/* `writable` in a pre rule, nothing in all others, whatever the caller gave. */
field_mask rule_writable_in(lua_State *lua, field_mask writable);
/* The struct behind a proxy; raises when it is gone (removed from its list, cleared). */
MAY_JUMP void *rule_record_value(lua_State *lua, const struct rule_record *proxy);
/* The list behind a list proxy. */
MAY_JUMP struct record_list rule_list_value(lua_State *lua, const struct rule_list *list);
const struct record *rule_list_of(const struct rule_list *list);

/* Pushes a plain table with all visible fields, relations left out; all of it counts as read. */
MAY_JUMP void rule_record_copy_push(lua_State *lua, struct rule_record *proxy);
/* "subject.lines[2].quantity"; field -1 = the record itself. In the scratch arena. */
struct text rule_record_path(lua_State *lua, const struct rule_record *proxy, int field);
/* Notes every visible field as read, with those of its parts and lists (before a record is copied or sent). */
MAY_JUMP void rule_record_read_all(lua_State *lua, struct rule_record *proxy);
/* What a record or list is, for messages; in the scratch arena. */
const char *rule_record_describe(lua_State *lua, int index);

/* ---- fields that rules can see: neither hidden nor secret ---- */
int rule_field_find(const struct record *record, struct text name);
const char *rule_field_nearest(const struct record *record, struct text name, struct arena *arena);
bool rule_field_visible(const struct record_field *field);

/* ---- rule_assign.c ---- */
/* proxy.field = the value at `index`, with all checks. */
MAY_JUMP void rule_field_assign(lua_State *lua, struct rule_record *proxy, int field, int index);
/* Fills a zeroed `value` from the table at `index`; `restricted`: only fields that rules may write. */
MAY_JUMP void rule_record_decode(lua_State *lua, int index, const struct record *record, void *value, bool restricted);
/* list:add{...}: the table at `index` becomes its last item. */
MAY_JUMP void rule_list_append(lua_State *lua, struct rule_list *list, int index);
MAY_JUMP void rule_list_remove(lua_State *lua, struct rule_list *list, lua_Integer place);
/* Raises unless the list may be changed. */
MAY_JUMP void rule_list_check_writable(lua_State *lua, const struct rule_list *list);

#endif
