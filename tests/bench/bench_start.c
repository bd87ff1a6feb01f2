/* bench_start.c: how long a server needs from its start to its first answer.
 *
 *     bench_start --port P [--times 10] [--path /healthz] [--fresh STORE] -- COMMAND ARGUMENT...
 *
 * Takes STORE (and its -wal and -shm) away, starts the command, asks 127.0.0.1:P until the path answers 200, ends it with SIGTERM and waits for it; again and again.
 * Prints the median, the shortest and the longest in milliseconds. Only processes started here are ended.
 */
#include "bench.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMES_MAX = 1000, ASK_EVERY_US = 100, WAIT_MOST_US = 20 * US_PER_S };

/* True when the path answers 200 on a new connection. */
static bool answers(int port, const char *path)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	char request[300], answer[32];
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
	int connected = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t got = -1;
	if (connect(connected, (struct sockaddr *)&address, sizeof address) == 0 &&
	    send(connected, request, (size_t)length, MSG_NOSIGNAL) == length)
		got = recv(connected, answer, sizeof answer, MSG_WAITALL);
	close(connected);
	return got >= 12 && strncmp(answer + 8, " 200", 4) == 0;
}

static pid_t command_start(char **command)
{
	pid_t child = fork();
	if (child < 0)
		bench_fail("no process");
	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	return child;
}

static void store_remove(const char *store)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	char path[4096];
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		snprintf(path, sizeof path, "%s%s", store, ends[i]);
		unlink(path);
	}
}

static double start_once(char **command, int port, const char *path)
{
	int64_t begun = clock_monotonic_us(), until = begun + WAIT_MOST_US;
	pid_t child = command_start(command);
	int status;
	while (!answers(port, path)) {
		if (waitpid(child, &status, WNOHANG) == child)
			bench_fail("%s ended before it answered", command[0]);
		if (clock_monotonic_us() > until) {
			kill(child, SIGKILL);
			bench_fail("%s did not answer", command[0]);
		}
		clock_sleep_us(ASK_EVERY_US);
	}
	double ms = (double)(clock_monotonic_us() - begun) / US_PER_MS;
	kill(child, SIGTERM);
	waitpid(child, &status, 0);
	return ms;
}

int main(int argc, char **argv)
{
	static double times[TIMES_MAX];
	const char *path = bench_option(argc, argv, "--path"), *fresh = bench_option(argc, argv, "--fresh");
	int port = (int)bench_number(argc, argv, "--port", 8080, 1, 65535);
	size_t count = (size_t)bench_number(argc, argv, "--times", 10, 1, TIMES_MAX);
	char **command = argv;
	while (*command && strcmp(*command, "--") != 0)
		command++;
	if (!command[0] || !command[1])
		bench_fail("a command is needed behind --");
	for (size_t i = 0; i < count; i++) {
		if (fresh)
			store_remove(fresh);
		times[i] = start_once(command + 1, port, path ? path : "/healthz");
	}
	double median = bench_median(times, count);
	printf("times=%zu median_ms=%.2f min_ms=%.2f max_ms=%.2f\n", count, median, times[0], times[count - 1]);
	return 0;
}
