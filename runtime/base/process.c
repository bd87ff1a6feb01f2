/* process.c: what the kernel says of this process, from /proc. */
#include "base/process.h"

#include "base/clock.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 4096, STAT_FIRST = 3 };

/* The beginning of a file of /proc, terminated; empty when it cannot be read. */
static void proc_read(const char *path, char room[FILE_BYTES_MAX])
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = file >= 0 ? read(file, room, FILE_BYTES_MAX - 1) : 0;
	room[got > 0 ? got : 0] = '\0';
	if (file >= 0)
		close(file);
}

/* The whole number at the beginning; 0 when there is none. */
static int64_t number_at(const char *line)
{
	int64_t value;
	return text_to_int64((struct text){ line, strspn(line, "-0123456789") }, &value) ? value : 0;
}

/* Fields of /proc/self/stat by their numbers in proc(5). The second is the program's name in parentheses, which may hold
 * anything, so counting begins behind the last of them. */
static int64_t stat_field(const char *stat, int number)
{
	const char *at = strrchr(stat, ')');
	for (int i = STAT_FIRST; at && i <= number; i++)
		at = strchr(at + 1, ' ');
	return at ? number_at(at + 1) : 0;
}

static int64_t descriptors_count(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int64_t count = -3; /* "." and ".." and the one that reads */
	if (!folder)
		return 0;
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* /proc/stat has a line of all interrupts before the one that we look for, tens of kilobytes on a large machine. */
static int64_t boot_us(void)
{
	static const char name[] = "btime ";
	char piece[256];
	int64_t seconds = 0;
	FILE *file = fopen("/proc/stat", "re");
	while (file && !seconds && fgets(piece, sizeof piece, file))
		if (strncmp(piece, name, strlen(name)) == 0)
			seconds = number_at(piece + strlen(name));
	if (file)
		fclose(file);
	return seconds * US_PER_S;
}

struct process_usage process_usage(void)
{
	char stat[FILE_BYTES_MAX];
	struct rlimit limit = { 0 };
	struct rusage used = { 0 };
	int64_t ticks = sysconf(_SC_CLK_TCK);
	proc_read("/proc/self/stat", stat);
	getrlimit(RLIMIT_NOFILE, &limit);
	getrusage(RUSAGE_SELF, &used);
	return (struct process_usage){
		.cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * (int64_t)US_PER_S + used.ru_utime.tv_usec +
		          used.ru_stime.tv_usec,
		.threads = stat_field(stat, 20),
		.started_at_us = boot_us() + stat_field(stat, 22) * US_PER_S / ticks,
		.virtual_bytes = stat_field(stat, 23),
		.resident_bytes = stat_field(stat, 24) * sysconf(_SC_PAGESIZE),
		.descriptors = descriptors_count(),
		.descriptors_max = limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur,
	};
}
