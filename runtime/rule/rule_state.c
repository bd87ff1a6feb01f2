/* rule_state.c: lua_States inside one block of memory each: made once a thread, then restored from an image.
 *
 * Everything of a lua_State lies in memory that its allocator gave; its only pointers to the outside are static C data
 * and functions. So the first bytes of a block, copied when the library stands in it, put back at the same address
 * are a new state. What must hold, and does: no call is under way, the collector is stopped, there are no finalizers, frees
 * are ignored, and the state finds the call's data through the block (allocator) and the extra space (everything else).
 */
#include "rule_state.h"

#include "rule_library.h"

#include <pthread.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

/* ------------------------------------------------------------------------------------------------ blocks */

enum { SCRATCH_BYTES_MAX = 16 * 1024 * 1024 };

struct rule_memory {
	size_t size_bytes;
	struct arena scratch;
	struct rule_state *state; /* of the call that uses the block */
	char *image;              /* the first image_bytes of `bytes` with the library open; NULL until the first call */
	size_t image_bytes;
	lua_State *image_lua;
	_Alignas(16) char bytes[];
};

/* The block of the last call on this thread, kept for the next one; NULL while a call uses it. A cache: pages that were
 * touched once stay mapped, which is what a call of ten microseconds mostly costs otherwise. */
static _Thread_local struct rule_memory *memory_kept;
static pthread_key_t memory_key;
static pthread_once_t memory_once = PTHREAD_ONCE_INIT;

static void memory_destroy(void *block)
{
	struct rule_memory *memory = block;
	if (!memory)
		return;
	arena_finish(&memory->scratch);
	memory_free(memory->image);
	memory_free(memory);
}

static void memory_key_create(void)
{
	if (pthread_key_create(&memory_key, memory_destroy) != 0)
		BUG("no thread key is left");
}

static struct rule_memory *memory_take(size_t size_bytes)
{
	struct rule_memory *memory = memory_kept;
	if (memory && memory->size_bytes == size_bytes) {
		memory_kept = NULL;
		pthread_setspecific(memory_key, NULL);
		return memory;
	}
	memory = memory_alloc(sizeof *memory + size_bytes);
	if (!memory)
		return NULL;
	memset(memory, 0, sizeof *memory);
	memory->size_bytes = size_bytes;
	if (arena_init(&memory->scratch, SCRATCH_BYTES_MAX))
		return memory;
	memory_free(memory);
	return NULL;
}

static void memory_give_back(struct rule_memory *memory)
{
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
	if (memory->size_bytes > RULE_MEMORY_BYTES_DEFAULT) {
		memory_destroy(memory);
		return;
	}
	arena_reset(&memory->scratch);
	memory_destroy(memory_kept);
	memory_kept = memory;
	pthread_setspecific(memory_key, memory);
}

/* ------------------------------------------------------------------------------------------------ allocator */

static size_t size_aligned(size_t size)
{
	return (size + 15) & ~(size_t)15;
}

static void *memory_spent(struct rule_state *state)
{
	if (!state->doom) {
		state->doom = RULE_DOOM_MEMORY;
		if (state->lua)
			rule_place_of(state->lua, state->doom_place, sizeof state->doom_place);
	}
	return NULL;
}

static void *memory_bump(struct rule_state *state, size_t size)
{
	size_t wanted = size_aligned(size);
	if (size > state->memory->size_bytes || wanted > (size_t)(state->memory_end - state->memory_next))
		return memory_spent(state);
	char *block = state->memory_next;
	state->memory_next += wanted;
	ASAN_UNPOISON_MEMORY_REGION(block, size);
	return block;
}

/* Grows or shrinks the newest block where it lies. */
static bool memory_resize_last(struct rule_state *state, char *block, size_t old_size, size_t new_size)
{
	if (block + size_aligned(old_size) != state->memory_next)
		return false;
	if (new_size > (size_t)(state->memory_end - block))
		return false;
	ASAN_POISON_MEMORY_REGION(block, size_aligned(old_size));
	ASAN_UNPOISON_MEMORY_REGION(block, new_size);
	state->memory_next = block + size_aligned(new_size);
	return true;
}

/* lua_Alloc. Lua gives the type of a new object as the old size; shrinking must not fail. */
static void *rule_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
	struct rule_state *state = ((struct rule_memory *)context)->state;
	if (block == NULL) {
		bool long_text = old_size == LUA_TSTRING && new_size > RULE_TEXT_BYTES_MAX + 64;
		return state->doom || long_text ? memory_spent(state) : memory_bump(state, new_size);
	}
	if (new_size == 0) {
		memory_resize_last(state, block, old_size, 0);
		return NULL;
	}
	if (memory_resize_last(state, block, old_size, new_size) || new_size <= old_size)
		return block;
	void *grown = state->doom ? memory_spent(state) : memory_bump(state, new_size);
	if (grown)
		memcpy(grown, block, old_size);
	return grown;
}

/* ------------------------------------------------------------------------------------------------ states */

static int state_panic(lua_State *lua)
{
	BUG("a rule state raised outside a protected call: %s",
	    lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "?");
}

static int state_open(lua_State *lua)
{
	rule_library_open(lua);
	return 0;
}

/* The extra space of a lua_State leads to the data of the call. */
static void state_attach(struct rule_state *state, lua_State *lua)
{
	memcpy(lua_getextraspace(lua), &state, sizeof state);
	state->lua = lua;
}

static bool state_make(struct rule_state *state)
{
	ASAN_POISON_MEMORY_REGION(state->memory->bytes, state->memory->size_bytes);
	lua_State *lua = lua_newstate(rule_allocate, state->memory);
	if (!lua)
		return false;
	state_attach(state, lua);
	lua_atpanic(lua, state_panic);
	lua_gc(lua, LUA_GCSTOP);
	return rule_protected(state, state_open, NULL);
}

/* Without memory for the image the next call makes its state anew: slower, not wrong. */
static void image_take(struct rule_state *state)
{
	struct rule_memory *memory = state->memory;
	memory->image_bytes = (size_t)(state->memory_next - memory->bytes);
	memory->image = memory_alloc(memory->image_bytes);
	memory->image_lua = state->lua;
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, memory->image_bytes);
	if (memory->image)
		memcpy(memory->image, memory->bytes, memory->image_bytes);
}

static void image_restore(struct rule_state *state)
{
	struct rule_memory *memory = state->memory;
	ASAN_POISON_MEMORY_REGION(memory->bytes, memory->size_bytes);
	ASAN_UNPOISON_MEMORY_REGION(memory->bytes, memory->image_bytes);
	memcpy(memory->bytes, memory->image, memory->image_bytes);
	state->memory_next = memory->bytes + memory->image_bytes;
	state_attach(state, memory->image_lua);
}

bool rule_state_begin(struct rule_state *state, size_t memory_bytes, int64_t fuel_limit)
{
	pthread_once(&memory_once, memory_key_create);
	state->memory = memory_take(size_aligned(memory_bytes));
	if (!state->memory)
		return false;
	state->memory->state = state;
	state->results_before_bytes = state->results->used_bytes;
	state->arena = &state->memory->scratch;
	state->memory_next = state->memory->bytes;
	state->memory_end = state->memory->bytes + state->memory->size_bytes;
	state->fuel_limit = INT64_MAX;
	if (state->memory->image) {
		image_restore(state);
	} else if (state_make(state)) {
		image_take(state);
	} else {
		rule_state_end(state);
		return false;
	}
	state->fuel_limit = fuel_limit;
	rule_fuel_start(state);
	return true;
}

void rule_state_end(struct rule_state *state)
{
	state->lua = NULL;
	if (state->memory) {
		state->memory->state = NULL;
		memory_give_back(state->memory);
	}
	state->memory = NULL;
}

/* ------------------------------------------------------------------------------------------------ protected calls */

/* The only message handler there is: an error raised inside the count hook runs it with hooks off, so it must be C. */
static int state_note_error(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	rule_place_of(lua, state->error_place, sizeof state->error_place);
	return 1;
}

bool rule_protected(struct rule_state *state, lua_CFunction function, void *argument)
{
	lua_State *lua = state->lua;
	int base = lua_gettop(lua);
	state->error_place[0] = '\0';
	lua_pushcfunction(lua, state_note_error);
	lua_pushcfunction(lua, function);
	lua_pushlightuserdata(lua, argument);
	bool done = lua_pcall(lua, 1, 0, base + 1) == LUA_OK && !state->doom;
	if (done)
		lua_settop(lua, base);
	return done; /* a failed state is only asked for its failure */
}

/* The raw member `name` of the error table on the top. */
static struct text error_member(struct rule_state *state, const char *name)
{
	lua_State *lua = state->lua;
	struct text found = TEXT_NONE;
	if (lua_checkstack(lua, 4) && !state->doom) {
		lua_pushstring(lua, name);
		lua_rawget(lua, -2);
		size_t length;
		const char *data = lua_type(lua, -1) == LUA_TSTRING ? lua_tolstring(lua, -1, &length) : NULL;
		if (data)
			found = text_copy(state->results, (struct text){ data, length });
		lua_pop(lua, 1);
	}
	return found;
}

static const char *doom_text(struct rule_state *state)
{
	const char *place = state->doom_place, *colon = place[0] ? ": " : "";
	if (state->doom == RULE_DOOM_FUEL)
		return text_format(state->results, "%s%sthe rule used up its fuel of %lld units", place, colon,
		                   (long long)state->fuel_limit).data;
	if (state->doom == RULE_DOOM_TIME)
		return text_format(state->results, "%s%sthe rule took more than %d ms, although it had fuel left", place, colon,
		                   RULE_TIME_LIMIT_MS).data;
	if (state->doom == RULE_DOOM_RESULTS)
		return text_format(state->results, "%s%sthe rule read, assigned or queued more than %d MiB", place, colon,
		                   RULE_RESULTS_BYTES_MAX / 1024 / 1024).data;
	if (state->doom == RULE_DOOM_MEMORY)
		return text_format(state->results, "%s%sthe rule used up its memory of %zu KiB, or made a text longer than %d KiB",
		                   place, colon, state->memory->size_bytes / 1024, RULE_TEXT_BYTES_MAX / 1024).data;
	return text_format(state->results, "%s%s%.*s", place, colon, TEXT_ARG(state->reject_message)).data;
}

struct table_error {
	struct text code, message;
};

static int error_members_read(lua_State *lua)
{
	struct rule_state *state = rule_state_of(lua);
	struct table_error *error = lua_touserdata(lua, 1);
	error->code = error_member(state, "code");
	error->message = error_member(state, "message");
	return 0;
}

/* An error value that is a table: its raw `code` and `message`. Nothing is allocated outside the protected call, where
 * running out of memory would be a panic. */
static const char *table_error_text(struct rule_state *state)
{
	lua_State *lua = state->lua;
	struct table_error error = { TEXT_NONE, TEXT_NONE };
	lua_pushcfunction(lua, error_members_read);
	lua_insert(lua, -2);
	lua_pushlightuserdata(lua, &error);
	lua_insert(lua, -2);
	lua_pcall(lua, 2, 0, 0);
	const char *place = state->error_place, *colon = place[0] ? ": " : "";
	if (!text_present(error.message) && !text_present(error.code))
		return text_format(state->results, "%s%serror of type table", place, colon).data;
	return text_format(state->results, "%s%s%.*s%s%.*s", place, colon, TEXT_ARG(error.code),
	                   text_present(error.code) && text_present(error.message) ? ": " : "", TEXT_ARG(error.message)).data;
}

const char *rule_failure_text(struct rule_state *state)
{
	lua_State *lua = state->lua;
	if (state->doom)
		return doom_text(state);
	int type = lua_type(lua, -1);
	if (type == LUA_TSTRING) {
		size_t length;
		const char *data = lua_tolstring(lua, -1, &length);
		return text_copy(state->results, (struct text){ data, length < 2000 ? length : 2000 }).data;
	}
	if (type == LUA_TTABLE)
		return table_error_text(state);
	return text_format(state->results, "%s%serror of type %s", state->error_place, state->error_place[0] ? ": " : "",
	                   lua_typename(lua, type)).data;
}
