/* new_subcommand.c: moonbill new: the folder of a bundle to begin with. */
#include "author.gen.h"
#include "author_tools.h"
#include "file.h"
#include "output.h"
#include "subcommands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES_MAX_OF_BUNDLE = 60, MADE_MAX = 64 };

/* What was made, so that it can be taken away again: folders and files in the order of their making. */
struct making {
	struct cli *cli;
	const char *folder;
	const char *made[MADE_MAX];
	size_t count;
};

static struct text last_segment(const char *path)
{
	struct text whole = text_of(path);
	while (whole.length > 1 && whole.data[whole.length - 1] == '/')
		whole.length--;
	size_t from = whole.length;
	while (from > 0 && whole.data[from - 1] != '/')
		from--;
	return text_slice(whole, from, whole.length);
}

static bool name_check(struct cli *cli, struct text name)
{
	bool good = name.length > 0 && name.length <= NAME_BYTES_MAX_OF_BUNDLE;
	for (size_t i = 0; good && i < name.length; i++) {
		char byte = name.data[i];
		good = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || ((byte == '-' || byte == '_') && i > 0);
	}
	return good || problem_value(&cli->problems, PROBLEM_BAD_TEXT, "", name, "Name it as in: moonbill new my-hosting",
	                             "'%.*s' is no name for a bundle: lower case letters, digits, - and _", TEXT_ARG(name));
}

static bool is_free(struct cli *cli, const char *folder)
{
	struct stat status;
	return lstat(folder, &status) != 0 ||
	       problem_value(&cli->problems, PROBLEM_IO_FAILED, "", text_of(folder), "Choose another name.", "%s is there already", folder);
}

/* ---- files ---- */

static bool made_note(struct making *making, const char *path)
{
	if (making->count == MADE_MAX)
		BUG("a new bundle has more than %d files", MADE_MAX);
	making->made[making->count++] = path;
	return true;
}

static bool folder_need(struct making *making, const char *path)
{
	struct stat status;
	if (stat(path, &status) == 0)
		return true;
	return file_folder_make(path, &making->cli->problems) && made_note(making, path);
}

/* NAME in bundle.json becomes the bundle's. */
static struct text named(struct arena *arena, struct text content, struct text name)
{
	static const char mark[] = "\"NAME\"";
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < content.length; i++) {
		if (!text_starts(text_slice(content, i, content.length), mark)) {
			builder_byte(&out, content.data[i]);
			continue;
		}
		builder_format(&out, "\"%.*s\"", TEXT_ARG(name));
		i += sizeof mark - 2;
	}
	return builder_text(&out);
}

static bool file_make(struct making *making, const char *path, struct text content, struct text name)
{
	struct arena *arena = &making->cli->arena;
	const char *slash = strrchr(path, '/');
	if (slash && !folder_need(making, text_format(arena, "%s/%.*s", making->folder, (int)(slash - path), path).data))
		return false;
	const char *whole = text_format(arena, "%s/%s%s", making->folder, strcmp(path, "luarc.json") == 0 ? "." : "", path).data;
	return file_write(whole, named(arena, content, name), &making->cli->problems) && made_note(making, whole);
}

static bool files_make(struct making *making, struct text name)
{
	static const char root[] = "new/";
	for (size_t i = 0; i < shipped_author_file_count; i++) {
		const struct shipped_author_file *file = &shipped_author_files[i];
		if (text_starts(text_of(file->path), root) &&
		    !file_make(making, file->path + sizeof root - 1, (struct text){ file->source, file->length }, name))
			return false;
	}
	return true;
}

static void take_away(struct making *making)
{
	while (making->count > 0)
		remove(making->made[--making->count]);
	rmdir(making->folder);
}

/* It appears whole or not at all: made beside its place, then named. */
static bool bundle_make(struct cli *cli, const char *folder, struct text name)
{
	char *beside = (char *)(uintptr_t)text_format(&cli->arena, "%s.XXXXXX", folder).data; /* our own copy */
	if (!mkdtemp(beside))
		return problem(&cli->problems, PROBLEM_IO_FAILED, "", "%s cannot be made: %s", folder, strerror(errno));
	struct making making = { .cli = cli, .folder = beside };
	struct text annotations = author_annotations_text(cli);
	bool good = text_present(annotations) && files_make(&making, name) &&
	            file_make(&making, "annotations/moonbill.lua", annotations, name);
	if (good && (chmod(beside, 0755) != 0 || rename(beside, folder) != 0))
		good = problem(&cli->problems, PROBLEM_IO_FAILED, "", "%s cannot be made: %s", folder, strerror(errno));
	if (!good)
		take_away(&making);
	return good;
}

static void next_print(struct cli *cli, const char *folder, struct text name)
{
	if (cli->json) {
		struct text_builder out;
		struct json_writer writer;
		builder_init(&out, &cli->arena, 0);
		json_writer_init(&writer, &out);
		json_begin_object(&writer);
		json_name(&writer, "folder");
		json_c(&writer, folder);
		json_name(&writer, "name");
		json_string(&writer, name);
		json_end_object(&writer);
		output_object(cli, builder_text(&out));
		return;
	}
	printf("%s: a catalog, two files of rules with their checks, a session\n\n"
	       "  moonbill check %s      what is wrong with it\n"
	       "  moonbill test %s       its checks and its session\n"
	       "  moonbill console %s    try it; \\? tells what there is\n",
	       folder, folder, folder, folder);
}

static enum cli_exit new_run(struct cli *cli)
{
	struct text name = last_segment(cli->arguments[0]);
	const char *folder = text_c(&cli->arena, text_slice(text_of(cli->arguments[0]), 0,
	                                                    (size_t)(name.data + name.length - cli->arguments[0])));
	if (name_check(cli, name) && is_free(cli, folder) && bundle_make(cli, folder, name)) {
		next_print(cli, folder, name);
		return CLI_DONE;
	}
	output_problems(cli);
	return CLI_FAILED;
}

const struct cli_subcommand new_subcommand = {
	.name = "new", .arguments = "BUNDLE", .arguments_min = 1, .arguments_max = 1,
	.doc = "Makes the folder of a bundle to begin with: rules, their checks, a catalog, a session; nothing is overwritten.",
	.example = "  moonbill new my-hosting\n  moonbill test my-hosting\n",
	.run = new_run,
};
