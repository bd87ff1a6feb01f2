/* bind_timeline.c: phases laid in time and blocked stretches, for cases.
 *
 * A phase is { kind =, unit =, count = }, a stretch { start =, end = }, a state { at =, service =, object =, level =, change =,
 * entitlement =, billing = }, an event { at =, price =, period =, transition = }; instants are text, an end that is absent
 * is open. */
#include "bind.h"

#include "billing/alignment.h"
#include "billing/blocking.h"

/* ------------------------------------------------------------------------------------------------ tables */

static struct instant field_instant(lua_State *L, int table, const char *name)
{
	lua_getfield(L, table, name);
	struct instant instant = lua_isnil(L, -1) ? INSTANT_NONE : case_instant(L, -1);
	lua_pop(L, 1);
	return instant;
}

/* A word of a field of kind choice; 0 when it is absent. */
static int field_word(lua_State *L, int table, const char *name, const struct record *record,
                      int field)
{
	struct text word = case_field_text(L, table, name);
	const char *const *words = record->fields[field].words;
	if (!text_present(word))
		return 0;
	for (int i = 1; words[i]; i++)
		if (text_is(word, words[i]))
			return i;
	return luaL_error(L, "%s: '%s' is not a word of %s", name, word.data, record->name);
}

static void push_instant(lua_State *L, struct arena *arena, struct instant instant)
{
	case_push_text(L, instant.us ? instant_text(arena, instant) : TEXT_NONE);
}

static void set_instant(lua_State *L, struct arena *arena, const char *name, struct instant instant)
{
	push_instant(L, arena, instant);
	lua_setfield(L, -2, name);
}

/* ------------------------------------------------------------------------------------------------ alignment */

static void read_plan(lua_State *L, struct arena *arena, int phases, struct catalog_plan *plan)
{
	*plan = (struct catalog_plan){ .code = TEXT("plan") };
	for (lua_Integer i = 1; lua_rawgeti(L, phases, i) == LUA_TTABLE; i++) {
		int table = lua_gettop(L);
		struct phase *phase = list_add(arena, &plan->phases, struct phase);
		*phase = (struct phase){ .duration = case_field_integer(L, table, "count", 0) };
		phase->has_duration = phase->duration > 0;
		phase->kind = (enum phase_kind)field_word(L, table, "kind", &phase_record, PHASE_FIELD_KIND);
		phase->duration_unit = (enum phase_duration_unit)field_word(L, table, "unit", &phase_record,
		                                                            PHASE_FIELD_DURATION_UNIT);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

static void push_phase(lua_State *L, struct arena *arena, const struct laid_phase *laid)
{
	if (!laid) {
		lua_pushnil(L);
		return;
	}
	lua_newtable(L);
	lua_pushstring(L, phase_record.fields[PHASE_FIELD_KIND].words[laid->phase->kind]);
	lua_setfield(L, -2, "phase");
	set_instant(L, arena, "at", laid->start);
}

/* align(phases, { from =, bundle_start =, subscription_start =, at =, as_of =, asked =, created_in =, zone = })
 * -> the current phase and the next, each { phase =, at = } or nil */
static int timeline_align(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct catalog_plan plan;
	struct laid_phases laid;
	read_plan(L, arena, 1, &plan);
	const struct timezone_rules *zone = timezone_utc();
	struct text name = case_field_text(L, 2, "zone");
	if (text_present(name) && !(zone = timezone_find(name)))
		return luaL_error(L, "'%s' is not a time zone", name.data);
	struct alignment alignment = {
		.from = (enum subscription_event_alignment)field_word(L, 2, "from", &subscription_event_record,
		                                                      SUBSCRIPTION_EVENT_FIELD_ALIGNMENT),
		.bundle_start = field_instant(L, 2, "bundle_start"),
		.subscription_start = field_instant(L, 2, "subscription_start"),
		.at = field_instant(L, 2, "at"),
		.asked = (enum phase_kind)field_word(L, 2, "asked", &phase_record, PHASE_FIELD_KIND),
		.created_in = (enum phase_kind)field_word(L, 2, "created_in", &phase_record, PHASE_FIELD_KIND),
	};
	if (!alignment_lay(zone, &plan, &alignment, &laid))
		return case_refuse(L, "the plan has no such phase");
	struct instant as_of = field_instant(L, 2, "as_of");
	push_phase(L, arena, alignment_current(&laid, as_of.us ? as_of : alignment.at));
	push_phase(L, arena, alignment_next(&laid, as_of.us ? as_of : alignment.at));
	return 2;
}

/* add(instant, months, days, zone): the same local time of day, so much later */
static int timeline_add(lua_State *L)
{
	struct duration length = { (int32_t)luaL_checkinteger(L, 2), (int32_t)luaL_checkinteger(L, 3), 0 };
	struct instant sum = alignment_add(case_zone(L, 4), case_instant(L, 1), length);
	push_instant(L, case_arena(L), sum);
	return 1;
}

/* later(instant, seconds) */
static int timeline_later(lua_State *L)
{
	struct instant instant = case_instant(L, 1);
	instant.us += luaL_checkinteger(L, 2) * US_PER_S;
	push_instant(L, case_arena(L), instant);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ stretches */

static struct blocked_stretch read_stretch(lua_State *L, int table)
{
	luaL_checktype(L, table, LUA_TTABLE);
	return (struct blocked_stretch){ field_instant(L, table, "start"), field_instant(L, table, "end") };
}

static void push_stretch(lua_State *L, struct arena *arena, struct blocked_stretch stretch)
{
	lua_newtable(L);
	set_instant(L, arena, "start", stretch.start);
	set_instant(L, arena, "end", stretch.end);
}

static void read_stretches(lua_State *L, struct arena *arena, int list, struct blocked_stretches *stretches)
{
	for (lua_Integer i = 1; lua_rawgeti(L, list, i) == LUA_TTABLE; i++) {
		*list_add(arena, stretches, struct blocked_stretch) = read_stretch(L, lua_gettop(L));
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* disjoint(a, b) */
static int timeline_disjoint(lua_State *L)
{
	lua_pushboolean(L, blocked_stretch_is_disjoint(read_stretch(L, 1), read_stretch(L, 2)));
	return 1;
}

/* merge(a, b) */
static int timeline_merge(lua_State *L)
{
	push_stretch(L, case_arena(L), blocked_stretch_merge(read_stretch(L, 1), read_stretch(L, 2)));
	return 1;
}

/* compare(a, b) -> -1, 0, 1 */
static int timeline_compare(lua_State *L)
{
	lua_pushinteger(L, blocked_stretch_compare(read_stretch(L, 1), read_stretch(L, 2)));
	return 1;
}

struct states { struct blocking_state *items; size_t count, capacity; };

static void read_states(lua_State *L, struct arena *arena, int list, struct states *states)
{
	for (lua_Integer i = 1; lua_rawgeti(L, list, i) == LUA_TTABLE; i++) {
		int table = lua_gettop(L);
		struct blocking_state *state = list_add(arena, states, struct blocking_state);
		*state = (struct blocking_state){
			.id = i,
			.object_id = case_field_integer(L, table, "object", 0),
			.level = (enum blocking_state_level)field_word(L, table, "level", &blocking_state_record,
			                                               BLOCKING_STATE_FIELD_LEVEL),
			.service = case_field_text(L, table, "service"),
			.effective_at = field_instant(L, table, "at"),
			.block_change = case_field_boolean(L, table, "change"),
			.block_entitlement = case_field_boolean(L, table, "entitlement"),
			.block_billing = case_field_boolean(L, table, "billing"),
		};
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
}

/* stretches(states) */
static int timeline_stretches(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct states states = { 0 };
	struct blocked_stretches stretches = { 0 };
	read_states(L, arena, 1, &states);
	blocked_stretches_of(arena, states.items, states.count, &stretches);
	lua_newtable(L);
	for (size_t i = 0; i < stretches.count; i++) {
		push_stretch(L, arena, stretches.items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* blocked(states, at) -> { change =, entitlement =, billing = } */
static int timeline_blocked(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct states states = { 0 };
	read_states(L, arena, 1, &states);
	struct blocked_kinds kinds = blocked_kinds_at(states.items, states.count, case_instant(L, 2));
	lua_newtable(L);
	lua_pushboolean(L, kinds.change);
	lua_setfield(L, -2, "change");
	lua_pushboolean(L, kinds.entitlement);
	lua_setfield(L, -2, "entitlement");
	lua_pushboolean(L, kinds.billing);
	lua_setfield(L, -2, "billing");
	return 1;
}

/* ------------------------------------------------------------------------------------------------ events */

static const char *const TRANSITIONS[] = { "create", "phase", "change", "migrate", "bill_cycle_day", "quantity", "cancel",
	                                   "block", "unblock", NULL };

static void read_events(lua_State *L, struct arena *arena, int list, struct billing_event_list *events)
{
	for (lua_Integer i = 1; lua_rawgeti(L, list, i) == LUA_TTABLE; i++) {
		int table = lua_gettop(L);
		struct billing_event *event = list_add(arena, events, struct billing_event);
		struct text price = case_field_text(L, table, "price"), period = case_field_text(L, table, "period");
		*event = (struct billing_event){ .at = field_instant(L, table, "at"), .period = BILLING_PERIOD_MONTHLY };
		event->date = timezone_date(timezone_utc(), event->at);
		event->has_recurring = decimal_parse(price, &event->recurring);
		if (text_present(period) && !billing_period_parse(period, &event->period))
			luaL_error(L, "'%s' is not a billing period", period.data);
		lua_getfield(L, table, "transition");
		event->transition = (enum billing_transition)luaL_checkoption(L, -1, "create", TRANSITIONS);
		lua_pop(L, 2);
	}
	lua_pop(L, 1);
}

static void push_event(lua_State *L, struct arena *arena, const struct billing_event *event)
{
	lua_newtable(L);
	set_instant(L, arena, "at", event->at);
	lua_pushstring(L, TRANSITIONS[event->transition]);
	lua_setfield(L, -2, "transition");
	case_push_text(L, event->has_recurring ? decimal_text(arena, event->recurring) : TEXT_NONE);
	lua_setfield(L, -2, "price");
	lua_pushstring(L, billing_period_name(event->period));
	lua_setfield(L, -2, "period");
}

static int push_events(lua_State *L, struct arena *arena, const struct billing_event_list *events)
{
	lua_newtable(L);
	for (size_t i = 0; i < events->count; i++) {
		push_event(L, arena, &events->items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* removed(stretches, events): those that fall into a stretch */
static int timeline_removed(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct blocked_stretches stretches = { 0 };
	struct billing_event_list events = { 0 }, removed = { 0 };
	read_stretches(L, arena, 1, &stretches);
	read_events(L, arena, 2, &events);
	for (size_t i = 0; i < events.count; i++)
		if (blocked_event_is_removed(&stretches, &events.items[i]))
			*list_add(arena, &removed, struct billing_event) = events.items[i];
	return push_events(L, arena, &removed);
}

/* created(stretches, events): the stops and restarts */
static int timeline_created(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct blocked_stretches stretches = { 0 };
	struct billing_event_list events = { 0 }, created = { 0 };
	read_stretches(L, arena, 1, &stretches);
	read_events(L, arena, 2, &events);
	blocked_events_create(arena, &stretches, events.items, events.count, &created);
	return push_events(L, arena, &created);
}

/* apply(stretches, events): what remains with the stops and restarts */
static int timeline_apply(lua_State *L)
{
	struct arena *arena = case_arena(L);
	struct blocked_stretches stretches = { 0 };
	struct billing_event_list events = { 0 };
	read_stretches(L, arena, 1, &stretches);
	read_events(L, arena, 2, &events);
	blocked_events_apply(arena, timezone_utc(), &stretches, &events);
	return push_events(L, arena, &events);
}

int bind_timeline_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "align", timeline_align },       { "add", timeline_add },
		{ "later", timeline_later },       { "disjoint", timeline_disjoint },
		{ "merge", timeline_merge },       { "compare", timeline_compare },
		{ "stretches", timeline_stretches }, { "blocked", timeline_blocked },
		{ "removed", timeline_removed },   { "created", timeline_created },
		{ "apply", timeline_apply },       { NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
