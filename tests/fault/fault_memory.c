/* fault_memory.c: counts the allocations of one source and lets one of them, or all from it on, find no memory. */
#include "fault_memory.h"

#include "base/arena.h"
#include "store/piece_cache.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <lua.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

/* ---- the counter ---- */

static atomic_int armed; /* enum fault_memory_source */
static atomic_long left; /* the one that makes it 0 fails */
static atomic_bool for_good, met;

static bool must_fail(enum fault_memory_source source)
{
	if (atomic_load_explicit(&armed, memory_order_relaxed) != (int)source)
		return false;
	if (atomic_load(&met))
		return atomic_load(&for_good);
	if (atomic_fetch_sub(&left, 1) != 1)
		return false;
	atomic_store(&met, true);
	return true;
}

/* ---- SQLite ---- */

static sqlite3_mem_methods plain_memory;

static void *sqlite_alloc(int size)
{
	return must_fail(FAULT_MEMORY_SQLITE) ? NULL : plain_memory.xMalloc(size);
}

static void *sqlite_realloc(void *old, int size)
{
	return must_fail(FAULT_MEMORY_SQLITE) ? NULL : plain_memory.xRealloc(old, size);
}

static void sqlite_memory_install(void)
{
	piece_cache_install(); /* below the counter: a piece that is kept can be refused as well */
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain_memory) != SQLITE_OK)
		abort();
	sqlite3_mem_methods counted = plain_memory;
	counted.xMalloc = sqlite_alloc;
	counted.xRealloc = sqlite_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &counted) != SQLITE_OK)
		abort();
}

/* ---- Lua ---- */

lua_State *__real_lua_newstate(lua_Alloc allocate, void *context);
lua_State *__wrap_lua_newstate(lua_Alloc allocate, void *context);

static lua_Alloc rule_allocate; /* the product has one */

/* More than any block holds, so that the product's allocator refuses it as it would refuse the last one. */
static void *lua_allocate(void *context, void *block, size_t old_size, size_t new_size)
{
	bool grows = new_size > (block ? old_size : 0);
	return rule_allocate(context, block, old_size, grows && must_fail(FAULT_MEMORY_LUA) ? SIZE_MAX / 4 : new_size);
}

lua_State *__wrap_lua_newstate(lua_Alloc allocate, void *context)
{
	rule_allocate = allocate;
	return __real_lua_newstate(lua_allocate, context);
}

/* ---- libraries: malloc itself ---- */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t count, size_t size);
void *REAL(realloc)(void *old, size_t size);

enum { RANGES_MOST = 64 };

static struct {
	uintptr_t start, end;
} ranges[RANGES_MOST]; /* the code of the libraries that are counted; complete before anything is armed */
static size_t range_count;
static int (*stack_bounds)(pthread_t thread, pthread_attr_t *attributes); /* libc's */

/* The program's own calls are FAULT_MEMORY_OURS, SQLite has its own counter, GLib cannot be told. */
static bool is_counted(const char *path)
{
	static const char *const others[] = { "libsqlite3", "libglib", "libasan", "libubsan", "libtsan", "ld-linux",
		                              "linux-vdso" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strstr(path, others[i]))
			return false;
	return path[0] != '\0';
}

static int ranges_add(struct dl_phdr_info *object, size_t size, void *context)
{
	(void)size;
	(void)context;
	for (size_t i = 0; i < object->dlpi_phnum && is_counted(object->dlpi_name) && range_count < RANGES_MOST; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
			continue;
		ranges[range_count].start = object->dlpi_addr + part->p_vaddr;
		ranges[range_count++].end = object->dlpi_addr + part->p_vaddr + part->p_memsz;
	}
	return 0;
}

/* Sanitizers allocate before they can watch anything. */
#define UNWATCHED __attribute__((no_sanitize("thread", "address", "undefined")))

static thread_local bool unfailing;

UNWATCHED static void stack_bounds_find(void)
{
	void *found = dlsym(RTLD_NEXT, "pthread_getattr_np");
	memcpy(&stack_bounds, &found, sizeof found);
}

/* A sanitizer asks for it when a thread begins, and ends the process when there is no memory for that. */
UNWATCHED int pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
	if (!stack_bounds)
		stack_bounds_find();
	unfailing = true;
	int error = stack_bounds(thread, attributes);
	unfailing = false;
	return error;
}

UNWATCHED static bool library_must_fail(const void *caller)
{
	if (atomic_load_explicit(&armed, memory_order_relaxed) != FAULT_MEMORY_LIBRARIES || unfailing)
		return false;
	for (size_t i = 0; i < range_count; i++)
		if ((uintptr_t)caller >= ranges[i].start && (uintptr_t)caller < ranges[i].end)
			return must_fail(FAULT_MEMORY_LIBRARIES);
	return false;
}

static void *no_memory(void)
{
	errno = ENOMEM;
	return NULL;
}

UNWATCHED void *malloc(size_t size)
{
	return library_must_fail(__builtin_return_address(0)) ? no_memory() : REAL(malloc)(size);
}

UNWATCHED void *calloc(size_t count, size_t size)
{
	return library_must_fail(__builtin_return_address(0)) ? no_memory() : REAL(calloc)(count, size);
}

UNWATCHED void *realloc(void *old, size_t size)
{
	return library_must_fail(__builtin_return_address(0)) ? no_memory() : REAL(realloc)(old, size);
}

/* ---- arming ---- */

void fault_memory_install(void)
{
	if (range_count)
		return;
	sqlite_memory_install();
	dl_iterate_phdr(ranges_add, NULL);
}

static long ours_before; /* the failing allocation's number, where ours are armed */

void fault_memory_arm(enum fault_memory_source source, long nth, bool sticky)
{
	fault_memory_disarm();
	atomic_store(&for_good, sticky);
	atomic_store(&left, nth);
	if (source == FAULT_MEMORY_OURS) {
		ours_before = memory_allocations() + nth;
		memory_fail_after(nth, sticky);
	}
	atomic_store(&armed, (int)source);
}

bool fault_memory_disarm(void)
{
	bool ours = atomic_exchange(&armed, FAULT_MEMORY_NONE) == FAULT_MEMORY_OURS;
	bool was_met = atomic_exchange(&met, false) || (ours && memory_allocations() >= ours_before);
	memory_fail_after(0, false);
	return was_met;
}
