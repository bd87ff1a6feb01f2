/* health.c: how a store is: open, busy, how large, and how much room its disk has left. */
#include "store/sqlite.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { PATH_BYTES_MAX = 4096 };

/* By its name: closing a descriptor of the file would drop SQLite's locks. */
static int64_t size_of(const char *path, const char *suffix)
{
	char name[PATH_BYTES_MAX];
	struct stat status;
	int length = snprintf(name, sizeof name, "%s%s", path, suffix);
	if (length < 0 || length >= (int)sizeof name || stat(name, &status) != 0)
		return 0;
	return status.st_size;
}

int64_t disk_free_bytes(const char *path)
{
	struct statvfs disk;
	if (statvfs(path, &disk) != 0)
		return -1;
	return (int64_t)(disk.f_bavail * disk.f_frsize);
}

struct store_health store_health(const struct store *store)
{
	int64_t since_us = atomic_load_explicit(&store->busy_since_us, memory_order_relaxed);
	struct store_health health = {
		.open = store_is_open(store),
		.busy_us = since_us ? clock_monotonic_us() - since_us : 0,
		.queue_length = store_queue_length(store),
		.free_bytes = -1,
	};
	if (store->path) {
		health.file_bytes = size_of(store->path, "");
		health.log_bytes = size_of(store->path, "-wal");
		health.free_bytes = disk_free_bytes(store->path);
	}
	return health;
}

const char *store_library_version(void)
{
	return sqlite3_libversion();
}
