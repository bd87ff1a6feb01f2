/* config_secrets.c: the file of keys: read, and that nobody else can. */
#include "config_secrets.h"

#include "file.h"

#include <sys/prctl.h>
#include <sys/stat.h>

static bool is_private(const char *path, struct problems *problems)
{
	struct stat status;
	return stat(path, &status) != 0 || (status.st_mode & S_IRWXO) == 0 ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE, "Take that from them: chmod 600 FILE.",
	                     "secrets_key_file: everybody may read %s", path);
}

/* With keys in its memory the process writes no core, and nobody but root looks into it. A sanitizer looks into its own. */
static void process_hide(void)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

bool config_secrets(const struct config *config, struct arena *arena, struct problems *problems, struct seal_keys *keys)
{
	const char *path = text_c(arena, config->secrets_key_file);
	struct text source;
	*keys = (struct seal_keys){ .count = 0 };
	if (text_is(config->secrets_key_file, "none"))
		return true;
	process_hide();
	if (!file_read(path, SEAL_FILE_BYTES_MAX, arena, problems, &source) || !is_private(path, problems))
		return false;
	bool good = seal_keys_read(source, path, keys, problems);
	text_wipe(source);
	return good;
}
