/* fault_vfs.h: a file system under SQLite that fails, lies and loses power when it is told to.
 *
 *     fault_vfs_install();                           // before anything opens a store: it becomes SQLite's default
 *     fault_arm(FAULT_WRITE, FAULT_FULL, 3, false);  // the third write from now is cut short and says "full"
 *     ...
 *     CHECK(fault_hits() > 0);
 *     fault_disarm();
 *
 * It stands over SQLite's own file system, so the product needs no hook. Its state is shared with processes forked
 * after the install: a parent may arm the faults of its child.
 *
 * Power cut: fault_cut_power(n, seed) keeps the old and the new bytes of every write that no sync has followed. At the
 * nth write, sync or truncate from now all of them are undone, a random part of them is done again, whole or by sectors
 * of 512 bytes, and the process ends with FAULT_POWER_STATUS. Names of files are taken to be durable at once.
 */
#ifndef MOONBILL_TESTS_FAULT_VFS_H
#define MOONBILL_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_call {
	FAULT_OPEN,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_TRUNCATE,
	FAULT_SYNC,
	FAULT_SIZE,
	FAULT_LOCK,
	FAULT_SHM,
	FAULT_DELETE,
	FAULT_ACCESS,
	FAULT_CALLS
};

enum fault_mode {
	FAULT_ERROR, /* nothing is done */
	FAULT_SHORT, /* writes: half is done */
	FAULT_FULL,  /* writes: half is done and the disk is said to be full */
	FAULT_QUOTA, /* writes: half is done and the quota is said to be spent: an error of which the file tells EDQUOT */
};

enum { FAULT_POWER_STATUS = 77 };

extern const char *const fault_call_names[FAULT_CALLS];

void fault_vfs_install(void);
/* nth: 1 = the next call of this kind. Sticky: every later one of it as well. Earlier faults are forgotten. */
void fault_arm(enum fault_call call, enum fault_mode mode, long nth, bool sticky);
void fault_disarm(void);
long fault_hits(void); /* since fault_arm */
void fault_cut_power(long nth, uint64_t seed);
/* No folder takes temporary files: none is named, none opens. */
void fault_hide_temporary(bool hidden);
/* "NORMAL" or "OFF" for every connection opened from now on, whatever it sets itself; NULL: what it sets. */
void fault_force_synchronous(const char *level);

#endif
