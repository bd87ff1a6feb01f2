/* bind_system.c: what Lua's own library lacks for cases: folders, and where standard error goes. */
#include "bind.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 4096, FOLDER_DEPTH_MAX = 8 };

/* temporary_folder() -> a new empty folder of this user alone */
static int system_temporary_folder(lua_State *L)
{
	const char *above = getenv("TMPDIR");
	char path[PATH_BYTES_MAX];
	snprintf(path, sizeof path, "%s/moonbill-cases-XXXXXX", above && above[0] ? above : "/tmp");
	if (!mkdtemp(path))
		return luaL_error(L, "no folder can be made at %s: %s", path, strerror(errno));
	lua_pushstring(L, path);
	return 1;
}

static bool is_folder(const char *path)
{
	struct stat about;
	return lstat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Calls the function at the stack's top, which stays, with each path below `folder`, contents before their folder. */
static void each_below(lua_State *L, const char *folder, int depth)
{
	DIR *directory = depth < FOLDER_DEPTH_MAX ? opendir(folder) : NULL;
	if (!directory)
		return;
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory)) {
		char path[PATH_BYTES_MAX];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (length < 0 || length >= (int)sizeof path)
			continue;
		bool below = is_folder(path);
		if (below)
			each_below(L, path, depth + 1);
		lua_pushvalue(L, -1);
		lua_pushstring(L, path);
		lua_pushboolean(L, below);
		if (lua_pcall(L, 2, 0, 0) != LUA_OK)
			lua_pop(L, 1);
	}
	closedir(directory);
}

/* each_file(folder, visit): visit(path, is_folder) */
static int system_each_file(lua_State *L)
{
	const char *folder = luaL_checkstring(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	each_below(L, folder, 0);
	return 0;
}

/* remove_folder(path) */
static int system_remove_folder(lua_State *L)
{
	const char *folder = luaL_checkstring(L, 1);
	lua_getglobal(L, "os");
	lua_getfield(L, -1, "remove");
	each_below(L, folder, 0);
	lua_pushboolean(L, rmdir(folder) == 0);
	return 1;
}

/* standard_error(path or nil) -> a number for standard_error_back, which closes the file again */
static int system_standard_error(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	fflush(stderr);
	int kept = dup(STDERR_FILENO);
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (kept < 0 || file < 0 || dup2(file, STDERR_FILENO) < 0)
		return luaL_error(L, "%s: %s", path, strerror(errno));
	close(file);
	lua_pushinteger(L, kept);
	return 1;
}

static int system_standard_error_back(lua_State *L)
{
	int kept = (int)luaL_checkinteger(L, 1);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	return 0;
}

int bind_system_open(lua_State *L)
{
	static const luaL_Reg functions[] = {
		{ "temporary_folder", system_temporary_folder },
		{ "each_file", system_each_file },
		{ "remove_folder", system_remove_folder },
		{ "standard_error", system_standard_error },
		{ "standard_error_back", system_standard_error_back },
		{ NULL, NULL },
	};
	luaL_newlib(L, functions);
	return 1;
}
