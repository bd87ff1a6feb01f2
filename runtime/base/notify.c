/* notify.c: tells who started the process how it is. */
#include "base/notify.h"

#include "base/text.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A path, or "@name" of the abstract space, which begins with a zero byte in its place. */
static bool address_of(const char *name, struct sockaddr_un *address, socklen_t *length)
{
	size_t size = strlen(name);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (size < 2 || (name[0] != '/' && name[0] != '@') || size >= sizeof address->sun_path)
		return false;
	memcpy(address->sun_path, name, size);
	if (name[0] == '@')
		address->sun_path[0] = '\0';
	*length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
	return true;
}

bool notify_send(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t length;
	if (!name)
		return true;
	int descriptor = address_of(name, &address, &length) ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (descriptor < 0)
		return false;
	ssize_t sent = sendto(descriptor, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
	close(descriptor);
	return sent == (ssize_t)strlen(state);
}

int64_t notify_watchdog_us(void)
{
	const char *text = getenv("WATCHDOG_USEC"), *whom = getenv("WATCHDOG_PID");
	int64_t us, pid;
	if (!text || !text_to_int64(text_of(text), &us) || us <= 0)
		return 0;
	if (whom && (!text_to_int64(text_of(whom), &pid) || pid != getpid()))
		return 0;
	return us / 2;
}
