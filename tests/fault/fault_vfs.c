/* fault_vfs.c: passes every call to SQLite's own file system, but for those that shall fail or be lost. */
#include "fault_vfs.h"

#include "fault_power.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

const char *const fault_call_names[FAULT_CALLS] = { "open", "read", "write", "truncate", "sync",
	                                            "size", "lock", "shm", "delete", "access" };

/* Shared with forked processes. */
struct faults {
	atomic_int call, mode;
	atomic_long left; /* calls until the fault; 0: none is armed or it was met */
	atomic_bool sticky, met;
	atomic_long hits;
	atomic_bool temporary_hidden;
};

struct fault_file {
	sqlite3_file base;
	struct power_file *power; /* NULL: not a file whose bytes we keep */
	sqlite3_file *real;       /* lies behind this struct */
};

static struct faults *faults;
static sqlite3_vfs *real_vfs;
static char forced_level[16];
static _Thread_local bool forcing;

/* ---- what fails ---- */

void fault_arm(enum fault_call call, enum fault_mode mode, long nth, bool sticky)
{
	fault_disarm();
	atomic_store(&faults->call, (int)call);
	atomic_store(&faults->mode, (int)mode);
	atomic_store(&faults->sticky, sticky);
	atomic_store(&faults->hits, 0);
	atomic_store(&faults->left, nth);
}

void fault_disarm(void)
{
	atomic_store(&faults->left, 0);
	atomic_store(&faults->met, false);
}

long fault_hits(void)
{
	return atomic_load(&faults->hits);
}

void fault_hide_temporary(bool hidden)
{
	atomic_store(&faults->temporary_hidden, hidden);
}

static bool fails(enum fault_call call)
{
	if (atomic_load(&faults->call) != (int)call)
		return false;
	bool now = atomic_load(&faults->met) && atomic_load(&faults->sticky);
	if (!now && atomic_load(&faults->left) > 0 && atomic_fetch_sub(&faults->left, 1) == 1) {
		atomic_store(&faults->met, true);
		now = true;
	}
	if (now)
		atomic_fetch_add(&faults->hits, 1);
	return now;
}

/* ---- methods of a file ---- */

static struct fault_file *of(sqlite3_file *file)
{
	return (struct fault_file *)file;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return of(file)->real;
}

static int file_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	if (fails(FAULT_READ))
		return SQLITE_IOERR_READ;
	return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int write_noted(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	power_enter();
	power_note_write(of(file)->power, bytes, (size_t)count, offset);
	int result = real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
	power_leave();
	return result;
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	if (!fails(FAULT_WRITE))
		return write_noted(file, bytes, count, offset);
	int mode = atomic_load(&faults->mode);
	if (mode != FAULT_ERROR)
		write_noted(file, bytes, count / 2, offset);
	return mode == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (fails(FAULT_TRUNCATE))
		return SQLITE_IOERR_TRUNCATE;
	power_enter();
	power_note_truncate(of(file)->power, size);
	int result = real_of(file)->pMethods->xTruncate(real_of(file), size);
	power_leave();
	return result;
}

/* The machine does not lose power here: what a sync keeps is noted, and waiting for the disk would prove nothing. */
static int file_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	if (fails(FAULT_SYNC))
		return SQLITE_IOERR_FSYNC;
	power_enter();
	power_note_sync(of(file)->power);
	power_leave();
	return SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	if (fails(FAULT_SIZE))
		return SQLITE_IOERR_FSTAT;
	return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
	if (fails(FAULT_LOCK))
		return SQLITE_IOERR_LOCK;
	return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int file_check_lock(sqlite3_file *file, int *locked)
{
	if (fails(FAULT_LOCK))
		return SQLITE_IOERR_CHECKRESERVEDLOCK;
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), locked);
}

static int temporary_unnamed(char **name)
{
	*name = sqlite3_malloc(1);
	if (*name)
		(*name)[0] = '\0';
	return SQLITE_OK;
}

/* A pragma that sets `synchronous` is swallowed where another level is forced. */
static int file_control(sqlite3_file *file, int operation, void *argument)
{
	char **pragma = argument;
	if (operation == SQLITE_FCNTL_TEMPFILENAME && atomic_load(&faults->temporary_hidden))
		return temporary_unnamed(argument);
	if (operation == SQLITE_FCNTL_PRAGMA && forced_level[0] && !forcing && pragma[2] &&
	    strcasecmp(pragma[1], "synchronous") == 0)
		return SQLITE_OK;
	if (operation == SQLITE_FCNTL_LAST_ERRNO && atomic_load(&faults->mode) == FAULT_QUOTA) {
		*(int *)argument = EDQUOT;
		return SQLITE_OK;
	}
	return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int file_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int file_shm_map(sqlite3_file *file, int page, int bytes, int extend, void volatile **at)
{
	if (fails(FAULT_SHM))
		return SQLITE_IOERR_SHMMAP;
	return real_of(file)->pMethods->xShmMap(real_of(file), page, bytes, extend, at);
}

static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	if ((flags & SQLITE_SHM_LOCK) && fails(FAULT_SHM))
		return SQLITE_IOERR_SHMLOCK;
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 2,
	.xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate, .xSync = file_sync,
	.xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock, .xCheckReservedLock = file_check_lock,
	.xFileControl = file_control, .xSectorSize = file_sector, .xDeviceCharacteristics = file_characteristics,
	.xShmMap = file_shm_map, .xShmLock = file_shm_lock, .xShmBarrier = file_shm_barrier,
	.xShmUnmap = file_shm_unmap,
};

/* ---- methods of the file system ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
	(void)vfs;
	of(file)->base.pMethods = NULL;
	if (fails(FAULT_OPEN))
		return SQLITE_CANTOPEN;
	if (!name && atomic_load(&faults->temporary_hidden))
		return SQLITE_IOERR_GETTEMPPATH;
	of(file)->real = (sqlite3_file *)(void *)(of(file) + 1);
	of(file)->power = power_file(name);
	int result = real_vfs->xOpen(real_vfs, name, of(file)->real, flags, flags_out);
	if (result == SQLITE_OK)
		of(file)->base.pMethods = &file_methods;
	return result;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
	(void)vfs;
	if (fails(FAULT_DELETE))
		return SQLITE_IOERR_DELETE;
	struct power_file *file = power_file(name);
	power_enter();
	power_note_sync(file);
	int result = real_vfs->xDelete(real_vfs, name, sync_directory);
	power_leave();
	return result;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer)
{
	(void)vfs;
	if (fails(FAULT_ACCESS))
		return SQLITE_IOERR_ACCESS;
	return real_vfs->xAccess(real_vfs, name, flags, answer);
}

/* ---- the level of syncing ---- */

static int force_level(sqlite3 *handle, char **message, const struct sqlite3_api_routines *api)
{
	char pragma[64];
	(void)message;
	(void)api;
	if (!forced_level[0])
		return SQLITE_OK;
	sqlite3_snprintf(sizeof pragma, pragma, "PRAGMA synchronous = %s", forced_level);
	forcing = true;
	int result = sqlite3_exec(handle, pragma, NULL, NULL, NULL);
	forcing = false;
	return result;
}

void fault_force_synchronous(const char *level)
{
	sqlite3_snprintf(sizeof forced_level, forced_level, "%s", level ? level : "");
}

void fault_cut_power(long nth, uint64_t seed)
{
	power_watch(nth, seed);
}

void fault_vfs_install(void)
{
	static sqlite3_vfs vfs;
	if (faults)
		return;
	faults = mmap(NULL, sizeof *faults, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	real_vfs = sqlite3_vfs_find(NULL);
	if (faults == MAP_FAILED || !real_vfs)
		abort();
	vfs = *real_vfs;
	vfs.zName = "fault";
	vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	vfs.xAccess = vfs_access;
	if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK ||
	    sqlite3_auto_extension((void (*)(void))force_level) != SQLITE_OK)
		abort();
}
