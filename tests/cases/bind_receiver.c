/* bind_receiver.c: a server for callbacks: receiver.open() -> { url, answer(status ...), answer_at(path, status ...), bodies(),
 * heads() }; each request on a connection of its own. A status of -1 closes the connection without a word, one of -2 keeps it
 * open until the other side gives up. */
#include "bind.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVER_TYPE "receiver"

enum { BODIES_MAX = 200, ANSWERS_MAX = 50, REQUEST_BYTES_MAX = 65536 };

/* What is answered in order; the last one repeats. */
struct script {
	char path[200]; /* "": where no other is */
	int answers[ANSWERS_MAX], count;
};

enum { SCRIPTS_MAX = 10 };

struct receiver {
	int listener, port;
	pthread_t thread;
	pthread_mutex_t lock;
	struct script scripts[SCRIPTS_MAX]; /* under lock; the first is that of all paths */
	int script_count;
	char *bodies[BODIES_MAX], *heads[BODIES_MAX]; /* under lock */
	int count;
};

/* The body of a whole request; NULL when there is none. */
static char *request_read(int socket, char *text)
{
	size_t have = 0;
	for (;;) {
		ssize_t got = recv(socket, text + have, REQUEST_BYTES_MAX - 1 - have, 0);
		if (got <= 0)
			return NULL;
		have += (size_t)got;
		text[have] = '\0';
		char *end = strstr(text, "\r\n\r\n");
		const char *length = end ? strcasestr(text, "content-length:") : NULL;
		if (end && have >= (size_t)(end + 4 - text) + (length ? strtoul(length + 15, NULL, 10) : 0))
			return end + 4;
	}
}

/* Under lock: the next answer to "POST /path HTTP/1.1...". */
static int script_next(struct receiver *receiver, const char *text)
{
	struct script *script = &receiver->scripts[0];
	char path[200] = "";
	if (sscanf(text, "%*s %199s", path) == 1)
		for (int i = 1; i < receiver->script_count; i++)
			if (strcmp(receiver->scripts[i].path, path) == 0)
				script = &receiver->scripts[i];
	int status = script->answers[0];
	if (script->count > 1)
		memmove(script->answers, script->answers + 1, (size_t)--script->count * sizeof *script->answers);
	return status;
}

static void request_answer(struct receiver *receiver, int socket, char *text)
{
	char answer[100];
	const char *body = request_read(socket, text);
	if (!body)
		return;
	pthread_mutex_lock(&receiver->lock);
	int status = script_next(receiver, text);
	if (receiver->count < BODIES_MAX) {
		receiver->heads[receiver->count] = strndup(text, (size_t)(body - text));
		receiver->bodies[receiver->count++] = strdup(body);
	}
	pthread_mutex_unlock(&receiver->lock);
	while (status == -2 && recv(socket, text, REQUEST_BYTES_MAX, 0) > 0)
		;
	if (status < 0)
		return;
	int length = snprintf(answer, sizeof answer, "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
	                      status);
	if (send(socket, answer, (size_t)length, MSG_NOSIGNAL) < 0)
		return;
	shutdown(socket, SHUT_WR);
}

static void *receiver_main(void *context)
{
	struct receiver *receiver = context;
	char *text = malloc(REQUEST_BYTES_MAX);
	int socket;
	while (text && (socket = accept(receiver->listener, NULL, NULL)) >= 0) {
		request_answer(receiver, socket, text);
		close(socket);
	}
	free(text);
	return NULL;
}

static struct receiver *receiver_of(lua_State *L)
{
	return luaL_checkudata(L, 1, RECEIVER_TYPE);
}

static int receiver_open(lua_State *L)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	struct receiver *receiver = lua_newuserdatauv(L, sizeof *receiver, 0);
	memset(receiver, 0, sizeof *receiver);
	receiver->scripts[0].answers[0] = 200;
	receiver->scripts[0].count = receiver->script_count = 1;
	receiver->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(receiver->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(receiver->listener, 64) != 0 ||
	    getsockname(receiver->listener, (struct sockaddr *)&address, &length) != 0)
		return luaL_error(L, "no port for a receiver");
	receiver->port = ntohs(address.sin_port);
	pthread_mutex_init(&receiver->lock, NULL);
	if (pthread_create(&receiver->thread, NULL, receiver_main, receiver) != 0)
		return luaL_error(L, "no thread for a receiver");
	luaL_setmetatable(L, RECEIVER_TYPE);
	return 1;
}

static int receiver_url(lua_State *L)
{
	lua_pushfstring(L, "http://127.0.0.1:%d/callback", receiver_of(L)->port);
	return 1;
}

/* The statuses from argument `first` on. */
static struct script script_read(lua_State *L, int first)
{
	struct script script = { .count = lua_gettop(L) - first + 1 };
	luaL_argcheck(L, script.count >= 1 && script.count <= ANSWERS_MAX, first, "one answer or several");
	for (int i = 0; i < script.count; i++)
		script.answers[i] = (int)luaL_checkinteger(L, first + i);
	return script;
}

static int receiver_answer(lua_State *L)
{
	struct receiver *receiver = receiver_of(L);
	const struct script script = script_read(L, 2);
	pthread_mutex_lock(&receiver->lock);
	receiver->scripts[0] = script;
	pthread_mutex_unlock(&receiver->lock);
	return 0;
}

/* A path's later script takes the place of its earlier one. */
static int receiver_answer_at(lua_State *L)
{
	struct receiver *receiver = receiver_of(L);
	struct script script = script_read(L, 3);
	int at = 1;
	snprintf(script.path, sizeof script.path, "%s", luaL_checkstring(L, 2));
	pthread_mutex_lock(&receiver->lock);
	while (at < receiver->script_count && strcmp(receiver->scripts[at].path, script.path) != 0)
		at++;
	bool room = at < SCRIPTS_MAX;
	if (room)
		receiver->scripts[at] = script;
	if (room && at == receiver->script_count)
		receiver->script_count++;
	pthread_mutex_unlock(&receiver->lock);
	return room ? 0 : luaL_error(L, "too many paths have answers of their own");
}

static int push_texts(lua_State *L, struct receiver *receiver, char *const *texts)
{
	lua_newtable(L);
	pthread_mutex_lock(&receiver->lock);
	for (int i = 0; i < receiver->count; i++) {
		lua_pushstring(L, texts[i]);
		lua_rawseti(L, -2, i + 1);
	}
	pthread_mutex_unlock(&receiver->lock);
	return 1;
}

static int receiver_bodies(lua_State *L)
{
	struct receiver *receiver = receiver_of(L);
	return push_texts(L, receiver, receiver->bodies);
}

/* Request line and header, as they came. */
static int receiver_heads(lua_State *L)
{
	struct receiver *receiver = receiver_of(L);
	return push_texts(L, receiver, receiver->heads);
}

static int receiver_close(lua_State *L)
{
	struct receiver *receiver = receiver_of(L);
	if (receiver->listener < 0)
		return 0;
	shutdown(receiver->listener, SHUT_RDWR);
	pthread_join(receiver->thread, NULL);
	close(receiver->listener);
	receiver->listener = -1;
	for (int i = 0; i < receiver->count; i++) {
		free(receiver->bodies[i]);
		free(receiver->heads[i]);
	}
	pthread_mutex_destroy(&receiver->lock);
	return 0;
}

int bind_receiver_open(lua_State *L)
{
	static const luaL_Reg methods[] = {
		{ "url", receiver_url }, { "answer", receiver_answer }, { "answer_at", receiver_answer_at }, { "bodies", receiver_bodies },
		{ "heads", receiver_heads }, { "close", receiver_close }, { NULL, NULL },
	};
	static const luaL_Reg functions[] = { { "open", receiver_open }, { NULL, NULL } };
	luaL_newmetatable(L, RECEIVER_TYPE);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, receiver_close);
	lua_setfield(L, -2, "__gc");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	return 1;
}
