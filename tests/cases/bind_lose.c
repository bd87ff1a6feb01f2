/* bind_lose.c: engine.lose(file, tenant, command, input, where): a process of its own performs a command and is lost: "before_commit"
 * within its transaction, "after_commit" when it has answered. Nobody else may have the store open. -> true | nil, message */
#include "bind.h"

#include "billing/billing.h"
#include "billing/mail.h"
#include "event/command.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOST = 7, FAILED = 8 }; /* what the process ends with */

static void lose_here(struct command *command, struct command_request *request)
{
	(void)request;
	_exit(command ? LOST : FAILED);
}

/* In the process that is to be lost. */
static void perform_and_go(struct text url, int64_t tenant_id, struct text name, struct text input, bool before)
{
	struct arena arena;
	struct problems problems;
	struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs, .messages = billing_messages,
		                          .private_deliveries = true };
	if (!arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES))
		_exit(FAILED);
	problems_init(&problems, &arena);
	struct engine *engine = engine_open(url, &options, &problems);
	const struct command_type *type = engine ? engine_command(engine, name) : NULL;
	const struct json *json = type ? json_parse(input, &arena, &problems) : NULL;
	void *value = json ? arena_alloc(&arena, type->input->size) : NULL;
	if (!json || !json_decode(json, type->input, value, "", &arena, &problems))
		_exit(FAILED);
	struct command_request request = {
		.tenant_id = tenant_id, .type = type, .input = value, .origin = { .actor = TEXT("operator") },
		.arena = &arena, .problems = &problems, .encode = before ? lose_here : NULL,
	};
	_exit(command_run(engine, &request) && !before ? LOST : FAILED);
}

int bind_lose(lua_State *L)
{
	struct text url = case_text(L, 1), name = case_text(L, 3), input = case_text(L, 4);
	int64_t tenant_id = luaL_checkinteger(L, 2);
	bool before = strcmp(luaL_checkstring(L, 5), "before_commit") == 0;
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		perform_and_go(url, tenant_id, name, input, before);
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == LOST) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushnil(L);
	lua_pushfstring(L, "the process that was to be lost ended with %d", WEXITSTATUS(status));
	return 2;
}
