/* author_tools.c: all that can be said of a bundle's folder without a store. */
#include "author_tools.h"

#include "billing/billing.h"
#include "billing/mail.h"
#include "event/engine.h"
#include "file.h"
#include "output.h"
#include "subcommands.h"

#include <stdio.h>

/* ---- what the layers above rules have ---- */

static const char *const *channels_of(struct arena *arena)
{
	size_t count = 0;
	while (billing_messages[count].channel)
		count++;
	const char **names = arena_new_many(arena, const char *, count + 1);
	for (size_t i = 0; i < count; i++)
		names[i] = billing_messages[i].channel;
	return names;
}

/* The tables follow from no store: an empty one in memory will do. */
bool author_host_make(struct cli *cli, struct author_host *host)
{
	const struct engine_options options = { .commands = billing_commands, .jobs = billing_jobs };
	struct engine *engine = engine_open(TEXT(":memory:"), &options, &cli->problems);
	const struct command_type *type;
	size_t count = 0;
	if (!engine)
		return false;
	while (engine_command_at(engine, count))
		count++;
	struct author_command *commands = arena_new_many(&cli->arena, struct author_command, count + 1);
	for (size_t i = 0; (type = engine_command_at(engine, i)) != NULL; i++)
		commands[i] = (struct author_command){ text_c(&cli->arena, text_of(type->name)), text_c(&cli->arena, text_of(type->doc)),
			                               type->input };
	engine_close(engine);
	*host = (struct author_host){ commands, channels_of(&cli->arena) };
	return true;
}

struct text author_annotations_text(struct cli *cli)
{
	struct author_host host;
	return author_host_make(cli, &host) ? author_annotations(&host, &cli->arena, &cli->problems) : TEXT_NONE;
}

/* ---- the files of a bundle ---- */

static bool is_listed(const struct bundle_manifest *manifest, struct text name)
{
	for (size_t i = 0; i < manifest->rule_count; i++)
		if (text_equals(manifest->rules[i], name))
			return true;
	return false;
}

size_t author_files(const struct bundle_content *content, struct arena *arena, struct author_file **files)
{
	size_t count = 0;
	*files = arena_new_many(arena, struct author_file, content->archive.count + 1);
	for (size_t i = 0; i < content->archive.count; i++) {
		const struct bundle_file *file = &content->archive.files[i];
		if (text_starts(file->name, "rules/") || text_starts(file->name, "checks/"))
			(*files)[count++] = (struct author_file){ file->name, file->content, is_listed(&content->manifest, file->name) };
	}
	return count;
}

/* ---- checking ---- */

static void finding_tell(struct cli *cli, const struct author_finding *finding)
{
	problem_value(&cli->problems, PROBLEM_RULE_LOAD, bundle_archive_pointer(&cli->arena, text_of(finding->file)),
	              finding->value ? text_of(finding->value) : TEXT_NONE, finding->remedy, "%s", finding->message);
	struct problem *last = problem_last(&cli->problems);
	if (last)
		last->cause = text_format(&cli->arena, "%s:%d: %s", finding->file, finding->line, finding->message).data;
}

/* Loading a file ends at the first line that fails: what the lint says of the same line is said already. */
static bool is_told(struct cli *cli, size_t problems_of_loading, const struct author_finding *finding)
{
	const char *place = text_format(&cli->arena, "%s:%d:", finding->file, finding->line).data;
	const struct problem *problem = cli->problems.first;
	for (size_t i = 0; i < problems_of_loading; i++, problem = problem->next)
		if (problem->cause && strncmp(problem->cause, place, strlen(place)) == 0)
			return true;
	return false;
}

static bool lint(struct cli *cli, const struct bundle_content *content, struct author_findings *findings)
{
	struct author_host host;
	struct author_file *files;
	*findings = (struct author_findings){ NULL, 0, 0, 0 };
	size_t count = author_files(content, &cli->arena, &files), before = cli->problems.count;
	if (!author_host_make(cli, &host) || !author_lint(files, count, &host, &cli->arena, &cli->problems, findings))
		return false;
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].is_error && !is_told(cli, before, &findings->items[i]))
			finding_tell(cli, &findings->items[i]);
	return findings->errors == 0;
}

static bool checks_tell(struct cli *cli, const struct bundle_content *content, struct rule_check_list *list)
{
	bool good = bundle_checks_run(content, &cli->arena, &cli->problems, list);
	bundle_checks_tell(list, &cli->arena, &cli->problems);
	return good && list->failed == 0;
}

bool author_check(struct cli *cli, const char *folder, struct bundle_content *content, struct checked *checked)
{
	struct text archive;
	*content = (struct bundle_content){ 0 };
	*checked = (struct checked){ .checks = { NULL, 0, 0, 0 } };
	if (!file_bundle_pack(folder, &cli->arena, &cli->problems, &archive))
		return false;
	bool read = bundle_read(archive, NULL, &cli->arena, &cli->problems, content);
	bool good = lint(cli, content, &checked->findings) && read;
	if (read)
		good = checks_tell(cli, content, &checked->checks) && good;
	if (!good && read)
		rule_bundle_release(content->rules);
	return good;
}

/* ---- moonbill annotations ---- */

static enum cli_exit annotations_run(struct cli *cli)
{
	struct text text = author_annotations_text(cli);
	if (!text_present(text)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	printf("%.*s\n", TEXT_ARG(text));
	return CLI_DONE;
}

const struct cli_subcommand annotations_subcommand = {
	.name = "annotations", .arguments = "",
	.doc = "Prints what rules can use as annotations of the Lua language server: records, events, values, commands.",
	.example = "  moonbill annotations > my-hosting/annotations/moonbill.lua\n",
	.run = annotations_run,
};
