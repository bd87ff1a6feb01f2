/* coverage_report.c: what of a bundle's rules its checks have run. */
#include "coverage_report.h"

#include <stdio.h>

struct hits {
	size_t lines, branches;
};

static struct hits hits_of(const struct author_coverage_file *file)
{
	struct hits hits = { 0, 0 };
	for (size_t i = 0; i < file->lines.count; i++)
		hits.lines += file->lines.items[i].count > 0;
	for (size_t i = 0; i < file->branches.count; i++)
		hits.branches += file->branches.items[i].taken > 0;
	return hits;
}

static void missing_print(const struct author_coverage_file *file)
{
	const char *between = "    not run: ";
	for (size_t i = 0; i < file->lines.count; i++) {
		if (file->lines.items[i].count > 0)
			continue;
		printf("%sline %d", between, file->lines.items[i].line);
		between = ", ";
	}
	for (size_t i = 0; i < file->branches.count; i++) {
		if (file->branches.items[i].taken > 0)
			continue;
		printf("%s%s of line %d", between, file->branches.items[i].kind, file->branches.items[i].line);
		between = ", ";
	}
	if (between[0] == ',')
		putchar('\n');
}

void coverage_print(const struct author_coverage *coverage)
{
	for (size_t i = 0; i < coverage->count; i++) {
		const struct author_coverage_file *file = &coverage->items[i];
		struct hits hits = hits_of(file);
		printf("covered - %s: %zu of %zu lines, %zu of %zu branches\n", file->name, hits.lines, file->lines.count, hits.branches,
		       file->branches.count);
		missing_print(file);
	}
}

static void file_write(struct json_writer *writer, const struct author_coverage_file *file)
{
	json_begin_object(writer);
	json_name(writer, "covered");
	json_c(writer, file->name);
	json_name(writer, "lines");
	json_begin_array(writer);
	for (size_t i = 0; i < file->lines.count; i++) {
		json_begin_object(writer);
		json_name(writer, "line");
		json_integer(writer, file->lines.items[i].line);
		json_name(writer, "count");
		json_integer(writer, file->lines.items[i].count);
		json_end_object(writer);
	}
	json_end_array(writer);
	json_name(writer, "branches");
	json_begin_array(writer);
	for (size_t i = 0; i < file->branches.count; i++) {
		json_begin_object(writer);
		json_name(writer, "line");
		json_integer(writer, file->branches.items[i].line);
		json_name(writer, "kind");
		json_c(writer, file->branches.items[i].kind);
		json_name(writer, "taken");
		json_integer(writer, file->branches.items[i].taken);
		json_end_object(writer);
	}
	json_end_array(writer);
	json_end_object(writer);
}

void coverage_write(const struct author_coverage *coverage, struct json_writer *writer)
{
	for (size_t i = 0; i < coverage->count; i++)
		file_write(writer, &coverage->items[i]);
}

static void file_write_lcov(struct text_builder *out, const struct author_coverage_file *file)
{
	struct hits hits = hits_of(file);
	builder_format(out, "TN:\nSF:%s\n", file->name);
	for (size_t i = 0; i < file->branches.count; i++)
		builder_format(out, "BRDA:%d,0,%zu,%u\n", file->branches.items[i].line, i, file->branches.items[i].taken);
	builder_format(out, "BRF:%zu\nBRH:%zu\n", file->branches.count, hits.branches);
	for (size_t i = 0; i < file->lines.count; i++)
		builder_format(out, "DA:%d,%u\n", file->lines.items[i].line, file->lines.items[i].count);
	builder_format(out, "LF:%zu\nLH:%zu\nend_of_record\n", file->lines.count, hits.lines);
}

struct text coverage_lcov(const struct author_coverage *coverage, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	for (size_t i = 0; i < coverage->count; i++)
		file_write_lcov(&out, &coverage->items[i]);
	return builder_text(&out);
}
