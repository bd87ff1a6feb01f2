/* owner_lock.c: one process owns a store.
 *
 * The lock is on a file of its own: closing a second descriptor of the database itself would drop the locks
 * that SQLite holds on it. The file stays; removing it would let two processes lock two files of one name.
 */
#include "store/owner_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

/* The process that wrote the lock file, for the message only; 0 when it cannot be told. */
static long long owner_read(int descriptor)
{
	char digits[24] = "";
	ssize_t length = pread(descriptor, digits, sizeof digits - 1, 0);
	int64_t owner = 0;
	if (length > 0)
		text_to_int64(text_trim((struct text){ digits, (size_t)length }), &owner);
	return owner;
}

static void owner_write(int descriptor)
{
	char digits[24];
	int length = snprintf(digits, sizeof digits, "%lld\n", (long long)getpid());
	/* A message without the number is still right, so a full disk does not matter here. */
	if (ftruncate(descriptor, 0) == 0 && pwrite(descriptor, digits, (size_t)length, 0) < 0)
		return;
}

bool owner_lock_take(const char *path, struct problems *problems, int *descriptor)
{
	const char *name = text_c(problems->arena, text_format(problems->arena, "%s.lock", path));
	int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0)
		return problem(problems, PROBLEM_IO_FAILED, "", "%s cannot be opened: %s", name, strerror(errno));
	if (flock(file, LOCK_EX | LOCK_NB) != 0) {
		bool held = errno == EWOULDBLOCK;
		if (held)
			problem(problems, PROBLEM_LOCKED, "", "the store %s is in use by process %lld", path,
			        owner_read(file));
		else
			problem(problems, PROBLEM_IO_FAILED, "", "%s cannot be locked: %s", name, strerror(errno));
		close(file);
		return false;
	}
	owner_write(file);
	*descriptor = file;
	return true;
}

void owner_lock_release(int descriptor)
{
	close(descriptor);
}
