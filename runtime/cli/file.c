/* file.c: whole files and the folders of bundles, read with limits. */
#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_DEPTH_MAX = 2 };

static bool io_failed(struct problems *problems, const char *path)
{
	return problem(problems, PROBLEM_IO_FAILED, "", "%s: %s", path, strerror(errno));
}

static bool descriptor_read(int descriptor, char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		ssize_t got = read(descriptor, bytes + at, size - at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

bool file_read(const char *path, size_t bytes_max, struct arena *arena, struct problems *problems, struct text *content)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for its writer */
	struct stat status;
	if (descriptor < 0)
		return io_failed(problems, path);
	bool good = fstat(descriptor, &status) == 0;
	if (!good) {
		io_failed(problems, path);
	} else if (!S_ISREG(status.st_mode)) {
		good = problem(problems, PROBLEM_IO_FAILED, "", "%s: not a file", path);
	} else if ((size_t)status.st_size > bytes_max) {
		good = problem(problems, PROBLEM_PAYLOAD_TOO_LARGE, "", "%s: has %lld bytes, at most %zu are read", path,
		               (long long)status.st_size, bytes_max);
	} else {
		size_t size = (size_t)status.st_size;
		char *bytes = arena_try(arena, size + 1);
		good = bytes && descriptor_read(descriptor, bytes, size);
		if (!good) {
			problem(problems, PROBLEM_IO_FAILED, "", "%s: cannot be read whole", path);
		} else {
			bytes[size] = '\0';
			*content = (struct text){ bytes, size };
		}
	}
	close(descriptor);
	return good;
}

bool file_read_input(size_t bytes_max, struct arena *arena, struct problems *problems, struct text *content)
{
	char block[16 * 1024];
	struct text_builder out;
	ssize_t got;
	builder_init(&out, arena, 0);
	while ((got = read(STDIN_FILENO, block, sizeof block)) > 0 || (got < 0 && errno == EINTR)) {
		if (got > 0)
			builder_add(&out, (struct text){ block, (size_t)got });
		if (out.length > bytes_max)
			return problem(problems, PROBLEM_PAYLOAD_TOO_LARGE, "", "standard input has more than %zu bytes", bytes_max);
	}
	*content = builder_text(&out);
	return got == 0 || io_failed(problems, "standard input");
}

/* ---- a bundle's folder ---- */

/* ---- written ---- */

static bool descriptor_write(int file, struct text content)
{
	for (size_t done = 0; done < content.length;) {
		ssize_t count = write(file, content.data + done, content.length - done);
		if (count < 0 && errno != EINTR)
			return false;
		done += count > 0 ? (size_t)count : 0;
	}
	return fsync(file) == 0;
}

bool file_write(const char *path, struct text content, struct problems *problems)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (file < 0)
		return io_failed(problems, path);
	bool good = descriptor_write(file, content) || io_failed(problems, path);
	return close(file) == 0 && good;
}

/* The rename lasts only once its folder is on disk. */
static bool folder_sync(const char *path, struct arena *arena, struct problems *problems)
{
	const char *slash = strrchr(path, '/');
	const char *folder = !slash ? "." : slash == path ? "/" : text_c(arena, (struct text){ path, (size_t)(slash - path) });
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = descriptor >= 0 && fsync(descriptor) == 0;
	if (!good)
		io_failed(problems, folder);
	if (descriptor >= 0)
		close(descriptor);
	return good;
}

/* A new file has its mode from mkostemp: 0600. */
static bool owner_keep(int file, const char *path, struct problems *problems)
{
	struct stat before, now;
	if (stat(path, &before) != 0)
		return errno == ENOENT || io_failed(problems, path);
	if (fstat(file, &now) != 0)
		return io_failed(problems, path);
	bool same = before.st_uid == now.st_uid && before.st_gid == now.st_gid;
	if (!same && fchown(file, before.st_uid, before.st_gid) != 0)
		return problem_value(problems, PROBLEM_IO_FAILED, "", TEXT_NONE, "Run this as its owner, or as root.",
		                     "%s: is somebody else's, and would not be any more: %s", path, strerror(errno));
	return fchmod(file, before.st_mode & 07777) == 0 || io_failed(problems, path);
}

static bool replace_by(const char *beside, int file, const char *path, struct text content, struct problems *problems)
{
	bool good = owner_keep(file, path, problems) && (descriptor_write(file, content) || io_failed(problems, beside));
	good = (close(file) == 0 || !good || io_failed(problems, beside)) && good;
	good = good && (rename(beside, path) == 0 || io_failed(problems, path));
	if (!good)
		unlink(beside);
	return good;
}

bool file_replace(const char *path, struct text content, struct arena *arena, struct problems *problems)
{
	char *real = realpath(path, NULL); /* what a link leads to is replaced, not the link */
	const char *place = real ? text_c(arena, text_of(real)) : path;
	free(real);
	char *beside = (char *)(uintptr_t)text_format(arena, "%s.XXXXXX", place).data; /* our own copy */
	int file = mkostemp(beside, O_CLOEXEC);
	if (file < 0)
		return io_failed(problems, place);
	return replace_by(beside, file, place, content, problems) && folder_sync(place, arena, problems);
}

bool file_folder_make(const char *path, struct problems *problems)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST || io_failed(problems, path);
}

/* ---- packed ---- */

struct packing {
	const char *folder;
	struct arena *arena;
	struct problems *problems;
	struct { struct bundle_file *items; size_t count, capacity; } files;
};

static bool file_add(struct packing *packing, const char *name)
{
	if (packing->files.count == BUNDLE_FILES_MAX)
		return problem(packing->problems, PROBLEM_TOO_MANY, "", "%s: a bundle has at most %d files", packing->folder,
		               BUNDLE_FILES_MAX);
	const char *path = text_format(packing->arena, "%s/%s", packing->folder, name).data;
	struct text content;
	if (!file_read(path, BUNDLE_CATALOG_BYTES_MAX, packing->arena, packing->problems, &content))
		return false;
	if (!text_utf8_valid(content))
		return problem(packing->problems, PROBLEM_BAD_TEXT, "", "%s: is not UTF-8 text", path);
	struct bundle_file *file = list_add(packing->arena, &packing->files, struct bundle_file);
	*file = (struct bundle_file){ text_of(name), content };
	return true;
}

static bool file_add_optional(struct packing *packing, const char *name)
{
	struct stat status;
	const char *path = text_format(packing->arena, "%s/%s", packing->folder, name).data;
	if (stat(path, &status) != 0)
		return errno == ENOENT || io_failed(packing->problems, path);
	return file_add(packing, name);
}

static bool is_passed_over(const char *name)
{
	return name[0] == '.' || name[strlen(name) - 1] == '~';
}

static bool folder_add(struct packing *packing, const char *name, int depth)
{
	const char *path = text_format(packing->arena, "%s/%s", packing->folder, name).data;
	DIR *directory = opendir(path);
	if (!directory)
		return errno == ENOENT || io_failed(packing->problems, path);
	bool good = true;
	for (struct dirent *entry; good && (entry = readdir(directory));) {
		struct stat status;
		if (is_passed_over(entry->d_name))
			continue;
		const char *inside = text_format(packing->arena, "%s/%s", name, entry->d_name).data;
		if (fstatat(dirfd(directory), entry->d_name, &status, 0) != 0)
			good = io_failed(packing->problems, inside);
		else if (!S_ISDIR(status.st_mode))
			good = file_add(packing, inside);
		else if (depth < FOLDER_DEPTH_MAX)
			good = folder_add(packing, inside, depth + 1);
		else
			good = problem(packing->problems, PROBLEM_TOO_DEEP, "", "%s: folders of a bundle are at most %d deep", inside,
			               FOLDER_DEPTH_MAX);
	}
	closedir(directory);
	return good;
}

bool file_bundle_pack(const char *folder, struct arena *arena, struct problems *problems, struct text *archive)
{
	static const char *const folders[] = { "rules", "catalog", "templates", "checks", NULL };
	struct packing packing = { .folder = folder, .arena = arena, .problems = problems };
	bool good = file_add(&packing, "bundle.json") && file_add_optional(&packing, "overdue.json");
	for (size_t i = 0; good && folders[i]; i++)
		good = folder_add(&packing, folders[i], 1);
	if (good)
		*archive = bundle_archive_text(arena, packing.files.items, packing.files.count);
	return good;
}
