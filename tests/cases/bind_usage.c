/* bind_usage.c: what usage costs and when it is billed, for cases; sections, events and records are Lua tables.
 *
 * A section is { kind = "consumable" | "capacity", tier_rule =, billing_period =, tiers = { tier ... } } with tiers
 * { { unit =, size =, max_blocks =, price = } ... } or { price =, limits = { [unit] = max } }; a max that is absent or below
 * zero is no limit. */
#include "bind.h"

#include "billing/usage_rate.h"
#include "billing/usage_window.h"

/* ------------------------------------------------------------------------------------------------ tables */

static struct decimal top_decimal(lua_State *L, const char *name)
{
	struct decimal decimal;
	if (!decimal_parse(case_text(L, -1), &decimal))
		luaL_error(L, "%s: '%s' is not a number", name, lua_tostring(L, -1));
	return decimal;
}

static bool field_decimal(lua_State *L, int table, const char *name, struct decimal *decimal)
{
	*decimal = (struct decimal){ 0, 0 };
	lua_getfield(L, table, name);
	bool present = !lua_isnil(L, -1);
	if (present)
		*decimal = top_decimal(L, name);
	lua_pop(L, 1);
	return present;
}

/* Pushes a table; an empty one when it is absent. */
static int push_field(lua_State *L, int table, const char *name)
{
	lua_getfield(L, table, name);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		lua_newtable(L);
	}
	luaL_checktype(L, -1, LUA_TTABLE);
	return lua_gettop(L);
}

static bool limit_present(bool present, struct decimal max)
{
	return present && decimal_sign(max) >= 0;
}

/* ------------------------------------------------------------------------------------------------ sections */

static void read_price(lua_State *L, struct arena *arena, int table, const struct currency *currency,
                       struct price **prices, size_t *count)
{
	struct price *price = arena_new(arena, struct price);
	price->currency = currency;
	*prices = price;
	*count = field_decimal(L, table, "price", &price->amount) ? 1 : 0;
}

static void read_block(lua_State *L, struct arena *arena, const struct currency *currency, struct usage_tier *tier)
{
	int table = lua_gettop(L);
	struct usage_block *block = list_add(arena, &tier->blocks, struct usage_block);
	block->unit = case_field_text(L, table, "unit");
	field_decimal(L, table, "size", &block->size);
	block->has_max_blocks = limit_present(field_decimal(L, table, "max_blocks", &block->max_blocks), block->max_blocks);
	read_price(L, arena, table, currency, &block->prices.items, &block->prices.count);
}

static void read_limits(lua_State *L, struct arena *arena, int table, struct usage_tier *tier)
{
	int limits = push_field(L, table, "limits");
	for (lua_pushnil(L); lua_next(L, limits); lua_pop(L, 1)) {
		struct usage_limit *limit = list_add(arena, &tier->limits, struct usage_limit);
		limit->max = top_decimal(L, "limits");
		limit->has_max = limit_present(true, limit->max);
		limit->unit = text_copy(arena, case_text(L, -2));
	}
	lua_pop(L, 1);
}

static void read_tier(lua_State *L, struct arena *arena, const struct currency *currency, struct usage_section *section)
{
	int table = lua_gettop(L);
	struct usage_tier *tier = list_add(arena, &section->tiers, struct usage_tier);
	*tier = (struct usage_tier){ .blocks = { 0 } };
	for (lua_Integer i = 1; lua_rawgeti(L, table, i) == LUA_TTABLE; i++) {
		read_block(L, arena, currency, tier);
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	read_limits(L, arena, table, tier);
	read_price(L, arena, table, currency, &tier->prices.items, &tier->prices.count);
}

static struct usage_section *read_section(lua_State *L, struct arena *arena, int table, const struct currency *currency)
{
	struct usage_section *section = arena_new(arena, struct usage_section);
	bool capacity = text_is(case_field_text(L, table, "kind"), "capacity");
	section->name = TEXT("section");
	section->kind = capacity ? USAGE_SECTION_KIND_CAPACITY : USAGE_SECTION_KIND_CONSUMABLE;
	section->tier_rule = text_is(case_field_text(L, table, "tier_rule"), "top_tier")
	                             ? USAGE_SECTION_TIER_RULE_TOP_TIER
	                             : USAGE_SECTION_TIER_RULE_ALL_TIERS;
	int tiers = push_field(L, table, "tiers");
	for (lua_Integer i = 1; lua_rawgeti(L, tiers, i) == LUA_TTABLE; i++) {
		read_tier(L, arena, currency, section);
		lua_pop(L, 1);
	}
	lua_pop(L, 2);
	return section;
}

/* ------------------------------------------------------------------------------------------------ rating */

static void read_quantities(lua_State *L, struct arena *arena, int table, const struct usage_section *section,
                            struct usage_quantity_list *quantities)
{
	int units = push_field(L, table, "quantities");
	for (lua_pushnil(L); lua_next(L, units); lua_pop(L, 1))
		usage_quantity_count(arena, section, text_copy(arena, case_text(L, -2)), top_decimal(L, "quantities"),
		                     quantities);
	lua_pop(L, 1);
}

static void read_billed_line(lua_State *L, struct arena *arena, struct usage_billed *billed)
{
	int table = lua_gettop(L);
	struct usage_rate_line *line = list_add(arena, &billed->lines, struct usage_rate_line);
	*line = (struct usage_rate_line){ .unit = case_field_text(L, table, "unit") };
	line->tier = case_field_integer(L, table, "tier", 0);
	field_decimal(L, table, "blocks", &line->quantity);
	field_decimal(L, table, "price", &line->price);
	field_decimal(L, table, "amount", &line->amount);
}

static void read_billed(lua_State *L, struct arena *arena, int table, struct usage_billed *billed)
{
	*billed = (struct usage_billed){ .any = false };
	int given = push_field(L, table, "billed");
	billed->any = field_decimal(L, given, "total", &billed->total);
	int lines = push_field(L, given, "lines");
	for (lua_Integer i = 1; lua_rawgeti(L, lines, i) == LUA_TTABLE; i++) {
		read_billed_line(L, arena, billed);
		lua_pop(L, 1);
	}
	lua_pop(L, 3);
}

static void push_decimal(lua_State *L, struct arena *arena, struct decimal decimal, const char *name)
{
	case_push_text(L, decimal_text(arena, decimal));
	lua_setfield(L, -2, name);
}

static void push_line(lua_State *L, struct arena *arena, const struct usage_rate_line *line)
{
	lua_newtable(L);
	case_push_text(L, line->unit);
	lua_setfield(L, -2, "unit");
	lua_pushinteger(L, line->tier);
	lua_setfield(L, -2, "tier");
	push_decimal(L, arena, line->quantity, "quantity");
	push_decimal(L, arena, line->price, "price");
	push_decimal(L, arena, line->amount, "amount");
}

static void push_rating(lua_State *L, struct arena *arena, const struct usage_rating *rating,
                        const struct usage_rated_item_list *items)
{
	struct decimal total = { 0, 0 };
	for (size_t i = 0; i < items->count; i++)
		if (!decimal_add(total, items->items[i].amount, &total))
			luaL_error(L, "the items do not fit");
	lua_newtable(L);
	push_decimal(L, arena, total, "total");
	push_decimal(L, arena, rating->due, "due");
	push_decimal(L, arena, rating->whole, "whole");
	lua_pushinteger(L, rating->tier);
	lua_setfield(L, -2, "tier");
	lua_pushboolean(L, rating->beyond);
	lua_setfield(L, -2, "beyond");
	lua_pushinteger(L, (lua_Integer)items->count);
	lua_setfield(L, -2, "items");
	lua_newtable(L);
	for (size_t i = 0; i < rating->lines.count; i++) {
		push_line(L, arena, &rating->lines.items[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_setfield(L, -2, "lines");
}

/* rate(section with currency =, quantities = { [unit] = n }, billed = { total =, lines = }, detail =)
 * -> { total =, due =, whole =, tier =, beyond =, items = count, lines = }; quantities are the peaks of a capacity section */
static int usage_rate_section(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	struct arena *arena = case_arena(L);
	const struct currency *currency = currency_find(case_field_text(L, 1, "currency"));
	if (!currency)
		return luaL_error(L, "no such currency");
	struct usage_section *section = read_section(L, arena, 1, currency);
	struct usage_quantity_list quantities = { 0 };
	struct usage_billed billed;
	struct usage_rating rating;
	struct usage_rated_item_list items;
	read_quantities(L, arena, 1, section, &quantities);
	read_billed(L, arena, 1, &billed);
	if (!usage_rate(arena, section, currency, &quantities, &billed, &rating))
		return case_refuse(L, "a number does not fit");
	usage_rating_items(arena, section, &rating, &billed,
	                   case_field_boolean(L, 1, "detail") ? USAGE_SHAPE_DETAIL : USAGE_SHAPE_AGGREGATE, &items);
	push_rating(L, arena, &rating, &items);
	return 1;
}

/* ------------------------------------------------------------------------------------------------ windows */

static struct instant read_moment(lua_State *L, struct text text, const struct timezone_rules *zone)
{
	struct instant at;
	struct date date;
	if (date_parse(text, &date))
		return timezone_start_of_date(zone, date);
	if (!instant_parse(text, &at))
		luaL_error(L, "'%s' is neither a date nor an instant", text.data);
	return at;
}

static enum billing_transition transition_of(lua_State *L, struct text name)
{
	static const char *const names[] = { "CREATE", "PHASE", "CHANGE", "MIGRATE", "BILL_CYCLE_DAY",
		                             "QUANTITY", "CANCEL", "BLOCK", "UNBLOCK" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (text_is(name, names[i]))
			return (enum billing_transition)i;
	luaL_error(L, "'%s' is not a transition", text_present(name) ? name.data : "none");
	return BILLING_TRANSITION_CREATE;
}

/* The stretch of a section and its events; the event that closes it brings no section. */
static struct usage_stretch read_stretch(lua_State *L, struct arena *arena, struct usage_section *section,
                                         const struct timezone_rules *zone)
{
	struct usage_stretch stretch = { .section = section->name, .closed = case_field_boolean(L, 1, "closed") };
	if (!billing_period_parse(case_field_text(L, 1, "billing_period"), &stretch.period))
		luaL_error(L, "no such billing period");
	int events = push_field(L, 1, "events");
	stretch.count = (size_t)luaL_len(L, events);
	stretch.events = arena_new_many(arena, const struct billing_event *, stretch.count);
	for (size_t i = 0; i < stretch.count; i++) {
		lua_rawgeti(L, events, (lua_Integer)i + 1);
		int table = lua_gettop(L);
		struct billing_event *event = arena_new(arena, struct billing_event);
		event->at = read_moment(L, case_field_text(L, table, "at"), zone);
		event->date = timezone_date(zone, event->at);
		event->transition = transition_of(L, case_field_text(L, table, "transition"));
		event->bill_cycle_day = (int)case_field_integer(L, table, "bcd", 0);
		event->usages = section;
		event->usage_count = stretch.closed && i + 1 == stretch.count ? 0 : 1;
		stretch.events[i] = event;
		lua_pop(L, 1);
	}
	lua_pop(L, 1);
	return stretch;
}

static const struct timezone_rules *read_zone(lua_State *L)
{
	struct text name = case_field_text(L, 1, "timezone");
	const struct timezone_rules *zone = text_present(name) ? timezone_find(name) : timezone_utc();
	if (!zone)
		luaL_error(L, "no such time zone");
	return zone;
}

static struct date read_date(lua_State *L, const char *name, const struct timezone_rules *zone)
{
	struct text text = case_field_text(L, 1, name);
	return text_present(text) ? timezone_date(zone, read_moment(L, text, zone)) : DATE_NONE;
}

/* boundaries{ billing_period =, timezone =, events = { { at =, transition =, bcd = } ... }, closed =, target =, since = }
 * -> { { at = date, event = its number } ... } */
static int usage_boundaries_of(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	struct arena *arena = case_arena(L);
	const struct timezone_rules *zone = read_zone(L);
	struct usage_stretch stretch = read_stretch(L, arena, read_section(L, arena, 1, NULL), zone);
	struct usage_boundary_list boundaries;
	usage_boundaries(arena, &stretch, read_date(L, "target", zone), read_date(L, "since", zone),
	                 &boundaries);
	lua_newtable(L);
	for (size_t i = 0; i < boundaries.count; i++) {
		lua_newtable(L);
		case_push_date(L, arena, boundaries.items[i].date);
		lua_setfield(L, -2, "at");
		lua_pushinteger(L, (lua_Integer)boundaries.items[i].event + 1);
		lua_setfield(L, -2, "event");
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* Records are { { at, unit, quantity } ... }. */
static void count_records(lua_State *L, struct arena *arena, const struct usage_window *window,
                          const struct timezone_rules *zone, struct usage_quantity_list *quantities)
{
	int records = push_field(L, 1, "records");
	for (lua_Integer i = 1; lua_rawgeti(L, records, i) == LUA_TTABLE; i++) {
		lua_rawgeti(L, -1, 1);
		struct instant at = read_moment(L, case_text(L, -1), zone);
		lua_rawgeti(L, -2, 2);
		struct text unit = text_copy(arena, case_text(L, -1));
		lua_rawgeti(L, -3, 3);
		if (usage_window_holds(window, at))
			usage_quantity_count(arena, window->section, unit, top_decimal(L, "records"), quantities);
		lua_pop(L, 4);
	}
	lua_pop(L, 2);
}

static void push_window(lua_State *L, struct arena *arena, const struct usage_window *window,
                        const struct usage_quantity_list *quantities)
{
	lua_newtable(L);
	case_push_date(L, arena, window->period.start);
	lua_setfield(L, -2, "start");
	case_push_date(L, arena, window->period.end);
	lua_setfield(L, -2, "end");
	lua_newtable(L);
	for (size_t i = 0; i < quantities->count; i++) {
		case_push_text(L, quantities->items[i].unit);
		case_push_text(L, decimal_text(arena, quantities->items[i].quantity));
		lua_rawset(L, -3);
	}
	lua_setfield(L, -2, "units");
}

/* windows{ as of boundaries, with records = and the section's kind = } -> { { start =, end =, units = { [unit] = n } } ... } */
static int usage_windows_of(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	struct arena *arena = case_arena(L);
	const struct timezone_rules *zone = read_zone(L);
	struct usage_stretch stretch = read_stretch(L, arena, read_section(L, arena, 1, NULL), zone);
	struct usage_window_list windows;
	usage_windows(arena, &stretch, read_date(L, "target", zone), read_date(L, "since", zone), zone,
	              &windows);
	lua_newtable(L);
	for (size_t i = 0; i < windows.count; i++) {
		struct usage_quantity_list quantities = { 0 };
		count_records(L, arena, &windows.items[i], zone, &quantities);
		push_window(L, arena, &windows.items[i], &quantities);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

int bind_usage_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "rate", usage_rate_section },
		{ "boundaries", usage_boundaries_of },
		{ "windows", usage_windows_of },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
