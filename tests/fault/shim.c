/* shim.c: put before the C library of a running program (LD_PRELOAD), fails its file system and moves its clock on demand.
 *
 * The program is the one that ships. FAULT_SHIM names a file of struct shim, which the test changes while the program
 * runs. What is not named there passes through.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum shim_call { SHIM_SYNC, SHIM_WRITE, SHIM_TRUNCATE, SHIM_MAIL_SYNC, SHIM_CALLS };

/* tests/fault/serve knows this layout: seven 32-bit integers a call, then the clock. */
struct shim {
	struct {
		atomic_int error;   /* errno of the failure; 0: none */
		atomic_int passing; /* calls that still pass */
		atomic_int once;    /* 1: only the first that does not pass */
		atomic_int silent;  /* 1: the failure is not told: the call says that it was done */
		atomic_int seen, failed, reserved;
	} calls[SHIM_CALLS];
	atomic_int clock_s; /* added to the wall clock */
};

static struct shim none, *shim = &none;

__attribute__((constructor)) static void shim_open(void)
{
	const char *path = getenv("FAULT_SHIM");
	int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *mapped = file >= 0 ? mmap(NULL, sizeof *shim, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
	if (mapped != MAP_FAILED)
		shim = mapped;
	if (file >= 0)
		close(file);
}

/* 0: the call passes; otherwise it is not done, and *result is what it answers. */
static int fails(enum shim_call call, ssize_t done, ssize_t *result)
{
	int error = atomic_load(&shim->calls[call].error);
	atomic_fetch_add(&shim->calls[call].seen, 1);
	if (error == 0 || atomic_fetch_sub(&shim->calls[call].passing, 1) > 0)
		return 0;
	if (atomic_load(&shim->calls[call].once))
		atomic_store(&shim->calls[call].error, 0);
	atomic_fetch_add(&shim->calls[call].failed, 1);
	*result = atomic_load(&shim->calls[call].silent) ? done : -1;
	errno = error;
	return 1;
}

/* A temporary file of SQLite, a savepoint's old pages: a write of it that fails undoes a batch and ends nothing. */
static int has_no_name(int file)
{
	struct stat about;
	return fstat(file, &about) == 0 && about.st_nlink == 0;
}

/* The store's file or its log; a mail in its folder, or the folder; others are left alone. */
static enum shim_call sync_of(int file)
{
	static const struct {
		const char *ending;
		enum shim_call call;
	} kinds[] = { { ".db", SHIM_SYNC }, { ".db-wal", SHIM_SYNC }, { ".part", SHIM_MAIL_SYNC }, { ".db-mail", SHIM_MAIL_SYNC } };
	char link[64], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	ssize_t length = readlink(link, path, sizeof path - 1);
	path[length < 0 ? 0 : length] = '\0';
	const char *ending = strrchr(path, '.');
	for (size_t i = 0; ending && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(ending, kinds[i].ending) == 0)
			return kinds[i].call;
	return SHIM_CALLS;
}

static int sync_fails(int file, int *result)
{
	ssize_t answer = 0;
	enum shim_call call = sync_of(file);
	int failed = call != SHIM_CALLS && fails(call, 0, &answer);
	*result = (int)answer;
	return failed;
}

static int write_fails(int file, size_t count, ssize_t *result)
{
	return !has_no_name(file) && fails(SHIM_WRITE, (ssize_t)count, result);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int file)
{
	int result;
	return sync_fails(file, &result) ? result : REAL(fsync)(file);
}

int fdatasync(int file)
{
	int result;
	return sync_fails(file, &result) ? result : REAL(fdatasync)(file);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset)
{
	ssize_t result;
	return write_fails(file, count, &result) ? result : REAL(pwrite)(file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t offset)
{
	ssize_t result;
	return write_fails(file, count, &result) ? result : REAL(pwrite64)(file, bytes, count, offset);
}

int ftruncate(int file, off_t size)
{
	ssize_t result;
	return fails(SHIM_TRUNCATE, 0, &result) ? (int)result : REAL(ftruncate)(file, size);
}

int ftruncate64(int file, off64_t size)
{
	ssize_t result;
	return fails(SHIM_TRUNCATE, 0, &result) ? (int)result : REAL(ftruncate64)(file, size);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = REAL(clock_gettime)(clock, now);
	if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
		now->tv_sec += atomic_load(&shim->clock_s);
	return result;
}
