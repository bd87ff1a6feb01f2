/* config_secrets.c: the file of keys: read, and that nobody else can. */
#include "config_secrets.h"

#include "file.h"

#include <sys/stat.h>

static bool is_private(const char *path, struct problems *problems)
{
	struct stat status;
	return stat(path, &status) != 0 || (status.st_mode & S_IRWXO) == 0 ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE, "Take that from them: chmod 600 FILE.",
	                     "secrets_key_file: everybody may read %s", path);
}

bool config_secrets(const struct config *config, struct arena *arena, struct problems *problems, struct seal_keys *keys)
{
	const char *path = text_c(arena, config->secrets_key_file);
	struct text source;
	*keys = (struct seal_keys){ .count = 0 };
	if (text_is(config->secrets_key_file, "none"))
		return true;
	if (!file_read(path, SEAL_FILE_BYTES_MAX, arena, problems, &source) || !is_private(path, problems))
		return false;
	bool good = seal_keys_read(source, path, keys, problems);
	bytes_wipe((void *)(uintptr_t)source.data, source.length);
	return good;
}
