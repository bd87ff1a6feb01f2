/* check_report.c: the checks of a bundle's folder, run and told. */
#include "check_report.h"

#include "billing/bundle.h"
#include "file.h"

#include <stdio.h>

struct text source_line(const struct bundle_archive *archive, const char *place)
{
	struct text name, number, rest, line;
	int64_t wanted;
	if (!text_split(text_of(place), ':', &name, &rest))
		return TEXT_NONE;
	text_split(rest, ':', &number, &rest);
	const struct bundle_file *file = bundle_archive_file(archive, name);
	if (!file || !text_to_int64(number, &wanted))
		return TEXT_NONE;
	rest = file->content;
	for (int64_t at = 1; text_split(rest, '\n', &line, &rest); at++)
		if (at == wanted)
			return text_trim(line);
	return TEXT_NONE;
}

static void rule_print(const struct bundle_content *content, const struct rule_check *check)
{
	if (!check->place)
		return;
	struct text line = source_line(&content->archive, check->place);
	printf("  %s: rule '%s'\n", check->place, check->rule ? check->rule : "");
	if (text_present(line))
		printf("    %s | %.*s\n", strrchr(check->place, ':') + 1, TEXT_ARG(line));
}

static void check_print(const struct bundle_content *content, const struct rule_check *check)
{
	printf("%s - %s:%d %s\n", check->passed ? "ok" : "not ok", check->file, check->line, check->name);
	if (check->passed)
		return;
	if (check->broken)
		printf("  %s\n", check->broken);
	for (size_t i = 0; i < check->differences.count; i++)
		printf("  %s: wanted %s, got %s\n", check->differences.items[i].path, check->differences.items[i].wanted,
		       check->differences.items[i].got);
	rule_print(content, check);
}

bool check_report_run(struct cli *cli, const char *folder, struct check_count *count)
{
	struct text archive;
	struct bundle_content content;
	struct rule_check_list list;
	if (!file_bundle_pack(folder, &cli->arena, &cli->problems, &archive) ||
	    !bundle_read(archive, NULL, &cli->arena, &cli->problems, &content))
		return false;
	bool good = bundle_checks_run(&content, &cli->arena, &cli->problems, &list);
	for (size_t i = 0; i < list.count; i++)
		check_print(&content, &list.items[i]);
	count->passed += list.count - list.failed;
	count->failed += list.failed;
	rule_bundle_release(content.rules);
	return good;
}
