/* rule_lua.h: what the files of this folder share: the state behind a lua_State, fuel, errors, typed values.
 *
 * Private to runtime/rule. A function marked MAY_JUMP can leave by longjmp (a Lua error): its callers hold
 * nothing that needs freeing; everything they have is in the state's memory or in the command's arena.
 *
 * One `struct rule_state` stands behind each lua_State, found through lua_getextraspace. All memory of the
 * lua_State comes from one fixed block by bumping a pointer; nothing is freed singly and the collector is
 * stopped, so there are no finalizers and a state ends by being forgotten.
 *
 * Doom. The first time a call runs out of fuel or memory, or rejects, `doom` is set and never cleared: the
 * count hook is re-armed to fire at every instruction and our pcall raises again, so no Lua code can catch it.
 */
#ifndef MOONBILL_RULE_RULE_LUA_H
#define MOONBILL_RULE_RULE_LUA_H

#include "rule.h"
#include "rule_price.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdatomic.h>

/* May leave by longjmp. */
#define MAY_JUMP

enum {
	RULE_JSON_DEPTH_MAX = 16,     /* tables turned into JSON and back */
	RULE_PLACE_BYTES = 96,        /* "rules/gold.lua:12" */
	RULE_RESULTS_BYTES_MAX = 32 * 1024 * 1024, /* of one run in the command's arena: rows, assignments, effects */
	RULE_TIME_LIMIT_MS = 500,     /* of a processor, for one call; 5,000,000 units take some 25 to 80 ms */
};

/* Every full userdata of a state is one of ours and says which in its head. */
enum rule_kind {
	RULE_KIND_NONE,
	RULE_KIND_MONEY,     /* struct money */
	RULE_KIND_EXACT,     /* struct exact_money */
	RULE_KIND_DECIMAL,   /* struct decimal */
	RULE_KIND_DATE,      /* struct date */
	RULE_KIND_PERIOD,    /* struct period */
	RULE_KIND_DURATION,  /* struct duration */
	RULE_KIND_INSTANT,   /* struct instant */
	RULE_KIND_RECORD,    /* struct rule_record (rule_record.c) */
	RULE_KIND_LIST,      /* struct rule_list (rule_record.c) */
	RULE_KIND_CONTEXT,   /* ctx (rule_context.c) */
	RULE_KIND_COUNT,
};

/* TIME is a backstop behind the fuel, for work of C code that fuel underrates; not reproducible, and reported so. */
enum rule_doom { RULE_ALIVE, RULE_DOOM_FUEL, RULE_DOOM_MEMORY, RULE_DOOM_RESULTS, RULE_DOOM_TIME, RULE_DOOM_REJECTED,
	RULE_DOOM_INTERRUPTED };

struct rule_image;
struct rule_memory;
struct rule_reads;
struct rule_record;

struct rule_state {
	lua_State *lua;
	struct arena *arena;            /* scratch: emptied by the count hook, so nothing in it outlives the C function that
	                                 * put it there or a call back into Lua */
	struct arena *results;          /* of the command or load: effects, traces, results */
	size_t results_bytes_most;      /* its use must stay below */
	struct problems *problems;
	const struct rule_bundle *bundle;
	/* memory: [memory_next, memory_end) is free */
	struct rule_memory *memory;
	char *memory_next, *memory_end;
	/* fuel in units; `fuel_used` grows by whole steps of the hook, by what C functions charge, and by the objects that are made */
	int64_t fuel_used, fuel_limit;
	int64_t grown_bytes;            /* by tables and buffers: not a part of `fuel_used`, which is the same each time */
	int64_t deadline_us;            /* monotonic, before which the limit cannot be reached; 0 until the hook first fires */
	int64_t thread_begun_us;        /* clock_thread_us at that moment */
	int64_t time_limit_us;          /* of a processor; 0: RULE_TIME_LIMIT_MS */
	const atomic_bool *interrupted; /* by who waits for it (a console); NULL: nobody does */
	enum rule_doom doom;
	char doom_place[RULE_PLACE_BYTES]; /* file:line of the doom, "" when unknown */
	char error_place[RULE_PLACE_BYTES]; /* file:line of the last error seen by the message handler */
	struct text reject_code, reject_message;
	/* while a bundle's file runs: what `rule` does; see rule_declare.h */
	struct rule_loading *loading;
	/* one call: NULL and 0 while loading */
	struct rule_call *call;
	const struct rule *rule;
	enum rule_moment moment;
	struct rule_trace *trace;       /* of this run */
	struct rule_reads *reads;       /* its read and write set (rule_trace.h) */
	struct rule_record *subject;    /* the proxy in RULE_SLOT_SUBJECT */
	struct rule_image *image;       /* the state was restored from; NULL: it was made for this call (rule_image.h) */
	uint64_t random;                /* state of ctx:random, once it is seeded */
	bool random_seeded;
	int64_t ids_made;               /* by ctx:id */
	size_t effect_count, effect_bytes; /* queued by this run */
};

static inline struct rule_state *rule_state_of(lua_State *lua)
{
	return *(struct rule_state **)lua_getextraspace(lua);
}

/* ---- rule_fuel.c ---- */
/* Ends the call: for what there is no fuel, or no room for results. */
MAY_JUMP void rule_charge_refuse(lua_State *lua);
/* Takes `units` (>= 0) of fuel; ends the call when there is not enough. Whoever fills the command's arena charges for it, so
 * this is the place to see that it does not overflow. */
MAY_JUMP static inline void rule_charge(lua_State *lua, int64_t units)
{
	struct rule_state *state = rule_state_of(lua);
	if (units > state->fuel_limit - state->fuel_used || state->results->exhausted ||
	    state->results->used_bytes > state->results_bytes_most)
		rule_charge_refuse(lua);
	state->fuel_used += units;
}
/* The same for `bytes` of bulk work: bytes / RULE_FUEL_BYTES. */
MAY_JUMP void rule_charge_bytes(lua_State *lua, size_t bytes);
/* For reading a value or a number out of a text of `bytes`. */
MAY_JUMP void rule_charge_parse(lua_State *lua, size_t bytes);
/* For the text of the number at `index`, which has `digits` behind its point at most; nothing when it is no number. */
MAY_JUMP void rule_charge_number_text(lua_State *lua, int index, int digits);
/* What the run takes from what all rules of its command have: its fuel and what its tables grew by, or its time when the fuel did not
 * see what took so long. */
int64_t rule_fuel_of_command(const struct rule_state *state);
/* Ends the call for good; no pcall catches it. */
MAY_JUMP _Noreturn void rule_doom(lua_State *lua, enum rule_doom doom);

/* ---- errors ---- */
/* Raises "file:line: message", the line being the one of Lua code that called the running C function. The format is
 * vsnprintf's, the whole at most 1000 bytes. Written `return rule_error(...)`. */
MAY_JUMP int rule_error(lua_State *lua, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
/* What a value is, for messages: "nil", "integer", "float", "text", "money", "order record", "list of order_line records" ...
 * In the scratch arena, or static. */
const char *rule_type_name(lua_State *lua, int index);
/* A value for messages: quoted and shortened text, "60.50 USD", "a table". In the scratch arena. */
const char *rule_value_text(lua_State *lua, int index);

/* ---- userdata ---- */
/* Pushes a new userdata of `kind` with that kind's metatable; returns its payload, zeroed and aligned to 16 (Lua alone
 * promises 8, too little for a 128-bit integer). */
MAY_JUMP void *rule_userdata_new(lua_State *lua, enum rule_kind kind, size_t size);
/* The payload when the value is a userdata of that kind, else NULL. Never jumps. */
void *rule_userdata_at(lua_State *lua, int index, enum rule_kind kind);
enum rule_kind rule_kind_at(lua_State *lua, int index); /* RULE_KIND_NONE for all that is not ours */
/* Makes the metatable of a kind: functions are set as by luaL_setfuncs, __metatable = false, __name = `name`. Leaves the
 * metatable on the stack, so that an __index table can be added; pop it afterwards. */
MAY_JUMP void rule_metatable_new(lua_State *lua, enum rule_kind kind, const char *name, const luaL_Reg *functions);

/* ---- rule_value*.c: money, exact, decimal, date, period, duration, instant ---- */
/* Installs the metatables and puts the constructors money, decimal, date, period, duration and instant into the
 * environment table on the top of the stack, which stays there. */
MAY_JUMP void rule_values_open(lua_State *lua);
/* Absent values push nil. */
MAY_JUMP void rule_push_money(lua_State *lua, struct money money);
MAY_JUMP void rule_push_exact(lua_State *lua, struct exact_money exact);
MAY_JUMP void rule_push_decimal(lua_State *lua, struct decimal decimal);
MAY_JUMP void rule_push_date(lua_State *lua, struct date date);
MAY_JUMP void rule_push_period(lua_State *lua, struct period period);
MAY_JUMP void rule_push_duration(lua_State *lua, struct duration duration);
MAY_JUMP void rule_push_instant(lua_State *lua, struct instant instant);
/* True when the value is exactly of that type; no conversion, no jump. */
bool rule_to_money(lua_State *lua, int index, struct money *money);
bool rule_to_exact(lua_State *lua, int index, struct exact_money *exact);
bool rule_to_decimal(lua_State *lua, int index, struct decimal *decimal);
bool rule_to_date(lua_State *lua, int index, struct date *date);
bool rule_to_period(lua_State *lua, int index, struct period *period);
bool rule_to_duration(lua_State *lua, int index, struct duration *duration);
bool rule_to_instant(lua_State *lua, int index, struct instant *instant);
/* The text of one of the seven types ("60.50 USD", "1/3 USD", "2011-09-20", "2011-09-20..2011-10-20", "P1M"), as tostring gives it;
 * false for anything else. */
bool rule_value_to_text(lua_State *lua, int index, struct arena *arena, struct text *text);

/* The text of an amount, as tostring gives it: "60.50 USD", "1/3 USD". */
struct text rule_exact_text(struct arena *arena, struct exact_money exact);

/* ---- rule_pattern.c: a matcher with a budget ---- */
/* Puts find, match, gmatch, gsub and split into the string table on the top of the stack, which stays there.
 * find(s, pattern, init, plain) as in Lua; split(s, separator) gives a table of pieces around a plain text. Every
 * step is charged a unit; gsub takes a text, a table or a function. */
MAY_JUMP void rule_pattern_open(lua_State *lua);

#endif
