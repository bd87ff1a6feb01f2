/* check_report.c: the checks of a bundle's folder, run and told. */
#include "check_report.h"

#include "author_tools.h"
#include "coverage_report.h"
#include "file.h"

#include <stdio.h>

struct text archive_line(const void *context, struct text file, int64_t number)
{
	const struct bundle_archive *archive = context;
	const struct bundle_file *found = archive->files ? bundle_archive_file(archive, file) : NULL;
	struct text line, rest = found ? found->content : TEXT_NONE;
	for (int64_t at = 1; rest.length; at++) {
		text_split(rest, '\n', &line, &rest);
		if (at == number)
			return text_trim(line);
	}
	return TEXT_NONE;
}

static void rule_print(const struct bundle_content *content, const struct rule_check *check)
{
	struct text file, number;
	int64_t at;
	if (!check->place || !text_split(text_of(check->place), ':', &file, &number) || !text_to_int64(number, &at))
		return;
	struct text line = archive_line(&content->archive, file, at);
	printf("  %s: rule '%s'\n", check->place, check->rule ? check->rule : "");
	if (text_present(line))
		printf("    %lld | %.*s\n", (long long)at, TEXT_ARG(line));
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

static void check_write(struct json_writer *writer, const struct rule_check *check)
{
	json_begin_object(writer);
	json_name(writer, "check");
	json_c(writer, check->name);
	json_name(writer, "file");
	json_c(writer, check->file);
	json_name(writer, "line");
	json_integer(writer, check->line);
	json_name(writer, "passed");
	json_boolean(writer, check->passed);
	if (check->broken) {
		json_name(writer, "problem");
		json_c(writer, check->broken);
	}
	if (check->place) {
		json_name(writer, "rule");
		json_c(writer, check->rule);
		json_name(writer, "decided_at");
		json_c(writer, check->place);
	}
	json_name(writer, "differences");
	json_begin_array(writer);
	for (size_t i = 0; i < check->differences.count; i++) {
		const struct rule_difference *difference = &check->differences.items[i];
		json_begin_object(writer);
		json_name(writer, "path");
		json_c(writer, difference->path);
		json_name(writer, "wanted");
		json_c(writer, difference->wanted);
		json_name(writer, "got");
		json_c(writer, difference->got);
		json_end_object(writer);
	}
	json_end_array(writer);
	json_end_object(writer);
}

/* What of the rules the checks have run; nothing when there are none. */
static bool coverage_tell(struct cli *cli, const struct bundle_content *content, struct test_report *report)
{
	struct author_coverage coverage;
	struct author_file *files;
	size_t count = author_files(content, &cli->arena, &files);
	if (!author_cover(files, count, content->manifest.rules, content->manifest.rule_count, content->manifest.settings, &cli->arena,
	                  &cli->problems, &coverage))
		return false;
	if (report->writer)
		coverage_write(&coverage, report->writer);
	else
		coverage_print(&coverage);
	const char *path = cli_value(cli, "--lcov");
	return !path || file_replace(path, coverage_lcov(&coverage, &cli->arena), &cli->arena, &cli->problems);
}

bool check_report_run(struct cli *cli, const char *folder, struct test_report *report)
{
	struct text archive;
	struct bundle_content content;
	struct rule_check_list list;
	if (!file_bundle_pack(folder, &cli->arena, &cli->problems, &archive) ||
	    !bundle_read(archive, NULL, &cli->arena, &cli->problems, &content))
		return false;
	bool good = bundle_checks_run(&content, &cli->arena, &cli->problems, &list);
	for (size_t i = 0; i < list.count; i++)
		if (report->writer)
			check_write(report->writer, &list.items[i]);
		else
			check_print(&content, &list.items[i]);
	report->passed += list.count - list.failed;
	report->failed += list.failed;
	if (good && list.count > 0)
		good = coverage_tell(cli, &content, report);
	rule_bundle_release(content.rules);
	return good;
}
