/* mail_folder.c: mail into a folder: written beside its name, synced, then given the name. */
#include "mail_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool bytes_write(int file, struct text bytes)
{
	while (bytes.length > 0) {
		ssize_t written = write(file, bytes.data, bytes.length);
		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0)
			bytes = text_slice(bytes, (size_t)written, bytes.length);
	}
	return true;
}

/* Also when writing has failed: errno is that of the first failure. */
static bool file_close(int file, bool written)
{
	bool good = written && fsync(file) == 0;
	int failure = errno;
	if (close(file) != 0 && good)
		return false;
	errno = failure;
	return good;
}

static int folder_open(const char *folder)
{
	int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (opened >= 0 || errno != ENOENT || (mkdir(folder, 0700) != 0 && errno != EEXIST))
		return opened;
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool file_put(int folder, const char *name, const char *beside, struct text mail)
{
	int file = openat(folder, beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	return file >= 0 && file_close(file, bytes_write(file, mail)) && renameat(folder, beside, folder, name) == 0 &&
	       fsync(folder) == 0;
}

bool mail_folder_put(const char *folder, int64_t tenant_id, int64_t delivery_id, struct text mail, struct arena *arena)
{
	struct text name = text_format(arena, "%lld-%lld.eml", (long long)tenant_id, (long long)delivery_id);
	struct text beside = text_format(arena, ".%s.part", name.data);
	int opened = folder_open(folder);
	if (opened < 0)
		return false;
	bool good = file_put(opened, name.data, beside.data, mail);
	int failure = errno;
	close(opened);
	errno = failure;
	return good;
}
