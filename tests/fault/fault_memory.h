/* fault_memory.h: allocations that fail, by whom they are asked for.
 *
 *     fault_memory_install();                        // before anything opens a store
 *     fault_memory_arm(FAULT_MEMORY_OURS, 3, false); // the third allocation of ours from now on finds no memory
 *     ...
 *     CHECK(fault_memory_disarm());                  // it was met
 *
 * The product has no hook but the counter of base/arena.h. SQLite's allocations are counted by its own configuration;
 * Lua's by a lua_newstate that the linker puts before the real one; those of all other libraries by a malloc of the test
 * program, which knows the caller by the object that its return address lies in.
 *
 * What Lua asks for comes from the block of the rule's call: its allocation fails as at the end of that block, which is
 * the memory a rule may have. GLib is left out, because it ends the process by itself where it finds no memory.
 */
#ifndef MOONBILL_TESTS_FAULT_MEMORY_H
#define MOONBILL_TESTS_FAULT_MEMORY_H

#include <stdbool.h>

enum fault_memory_source {
	FAULT_MEMORY_NONE,
	FAULT_MEMORY_OURS,      /* base/arena.h: arenas, memory_alloc; expat's too */
	FAULT_MEMORY_SQLITE,
	FAULT_MEMORY_LUA,
	FAULT_MEMORY_LIBRARIES, /* libmicrohttpd, libsodium, the C library */
};

void fault_memory_install(void);
/* nth: 1 = the next allocation of this source. Sticky: every later one of it as well. */
void fault_memory_arm(enum fault_memory_source source, long nth, bool sticky);
/* True when the fault was met. */
bool fault_memory_disarm(void);

#endif
