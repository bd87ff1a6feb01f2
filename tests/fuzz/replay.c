/* replay.c: runs a fuzz target over its corpus without libFuzzer: every input in a child, a crash or hang fails it.
 *
 * Usage: fuzz_NAME [FILE or FOLDER...], by default tests/fuzz/corpus/NAME. A child goes on until an input kills it;
 * the next one takes over behind that input, so that a corpus costs one process as long as all is well. Built with
 * FUZZ_MUST_FAIL (the planted bug) an input passes when it does kill: the control that this can tell.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { INPUTS_MAX = 10000, INPUT_TIME_LIMIT_S = 20 };

#ifdef FUZZ_MUST_FAIL
static const bool must_fail = true;
#else
static const bool must_fail = false;
#endif

struct inputs {
	char *paths[INPUTS_MAX];
	size_t count;
};

/* ---- what there is ---- */

static void input_add(struct inputs *inputs, const char *folder, const char *name)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);
	FUZZ_CHECK(path != NULL && inputs->count < INPUTS_MAX);
	snprintf(path, size, "%s%s%s", folder, folder[0] ? "/" : "", name);
	inputs->paths[inputs->count++] = path;
}

static void folder_add(struct inputs *inputs, const char *path)
{
	DIR *folder = opendir(path);
	if (!folder) {
		input_add(inputs, "", path);
		return;
	}
	for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		if (entry->d_name[0] != '.')
			input_add(inputs, path, entry->d_name);
	closedir(folder);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* ---- running ---- */

/* A block of exactly its size, so that a byte read behind it is an error. */
static void input_run(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat about;
	FUZZ_CHECK(file != NULL && fstat(fileno(file), &about) == 0);
	size_t size = (size_t)about.st_size;
	uint8_t *data = malloc(size ? size : 1);
	FUZZ_CHECK(data != NULL && fread(data, 1, size, file) == size);
	fclose(file);
	alarm(INPUT_TIME_LIMIT_S);
	LLVMFuzzerTestOneInput(data, size);
	alarm(0);
	free(data);
}

/* From input `at` on; how it ended. `*reached` is shared with the child. */
static int child_run(const struct inputs *inputs, size_t at, size_t *reached)
{
	fflush(stdout);
	*reached = at;
	pid_t child = fork();
	FUZZ_CHECK(child >= 0);
	if (child == 0) {
		for (; *reached < inputs->count; ++*reached)
			input_run(inputs->paths[*reached]);
		exit(0); /* not _exit: the leak checker runs at exit */
	}
	int status = 0;
	waitpid(child, &status, 0);
	return status;
}

static void tell(bool good, const char *path, const char *why)
{
	printf("%s - %s%s\n", good ? "ok" : "not ok", path, good ? "" : why);
}

int main(int argc, char **argv)
{
	struct inputs inputs = { .count = 0 };
	for (int i = 1; i < argc; i++)
		folder_add(&inputs, argv[i]);
	if (argc < 2)
		folder_add(&inputs, FUZZ_CORPUS);
	qsort(inputs.paths, inputs.count, sizeof *inputs.paths, by_path);
	size_t *reached = mmap(NULL, sizeof *reached, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	FUZZ_CHECK(reached != MAP_FAILED);
	size_t failed = 0;
	for (size_t at = 0; at < inputs.count;) {
		int status = child_run(&inputs, at, reached);
		for (; at < *reached; at++, failed += must_fail)
			tell(!must_fail, inputs.paths[at], ": did not fail");
		bool killed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		if (!killed)
			break;
		bool at_end = at == inputs.count; /* every input passed, something leaked */
		failed += at_end || !must_fail;
		tell(must_fail && !at_end, at_end ? "after the last input" : inputs.paths[at],
		     ": ended by a signal or a sanitizer");
		at++;
	}
	for (size_t i = 0; i < inputs.count; i++)
		free(inputs.paths[i]);
	size_t passed = inputs.count > failed ? inputs.count - failed : 0;
	printf("%zu passed, %zu failed\n", passed, failed + (inputs.count == 0));
	return failed > 0 || inputs.count == 0;
}
