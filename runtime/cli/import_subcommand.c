/* import_subcommand.c: moonbill import killbill-catalog. */
#include "billing/bundle.h"
#include "billing/killbill_import.h"

#include "file.h"
#include "output.h"
#include "subcommands.h"

enum { IMPORT_BYTES_MAX = 256 * 1024 * 1024 };

static bool files_read(struct cli *cli, struct killbill_file *files)
{
	bool good = true;
	for (int i = 0; i < cli->argument_count; i++) {
		files[i].name = cli->arguments[i];
		good &= file_read(files[i].name, IMPORT_BYTES_MAX, &cli->arena, &cli->problems, &files[i].content);
	}
	return good;
}

/* What the import made must be what deploying it would take. */
static bool made_check(struct cli *cli, const struct killbill_bundle *made)
{
	struct bundle_content content;
	struct bundle_file files[3] = { { TEXT("bundle.json"), made->manifest } };
	size_t count = 1;
	if (text_present(made->catalog))
		files[count++] = (struct bundle_file){ TEXT("catalog/killbill.json"), made->catalog };
	if (text_present(made->overdue))
		files[count++] = (struct bundle_file){ TEXT("overdue.json"), made->overdue };
	struct text archive = bundle_archive_text(&cli->arena, files, count);
	if (!bundle_check(archive, NULL, &cli->arena, &cli->problems, &content)) {
		killbill_problems_place(made, &cli->arena, &cli->problems);
		return false;
	}
	rule_bundle_release(content.rules);
	return true;
}

static bool made_write(struct cli *cli, const char *folder, const struct killbill_bundle *made)
{
	return file_folder_make(folder, &cli->problems) &&
	       file_write(text_format(&cli->arena, "%s/bundle.json", folder).data, made->manifest, &cli->problems) &&
	       (!text_present(made->catalog) ||
	        (file_folder_make(text_format(&cli->arena, "%s/catalog", folder).data, &cli->problems) &&
	         file_write(text_format(&cli->arena, "%s/catalog/killbill.json", folder).data, made->catalog, &cli->problems))) &&
	       (!text_present(made->overdue) ||
	        file_write(text_format(&cli->arena, "%s/overdue.json", folder).data, made->overdue, &cli->problems));
}

static struct text report(struct arena *arena, const char *folder, const struct killbill_bundle *made)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "folder");
	json_c(&writer, folder);
	json_name(&writer, "versions");
	json_integer(&writer, (int64_t)made->versions);
	json_name(&writer, "plans");
	json_integer(&writer, (int64_t)made->plans);
	if (text_present(made->overdue)) {
		json_name(&writer, "overdue_states");
		json_integer(&writer, (int64_t)made->overdue_states);
		json_name(&writer, "note");
		json_c(&writer, "overdue.json is checked and kept with the bundle; nothing follows it in this version");
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static enum cli_exit import_run(struct cli *cli)
{
	struct killbill_file files[CLI_ARGUMENTS_MAX];
	struct killbill_bundle made;
	const char *folder = cli_value(cli, "--out") ? cli_value(cli, "--out") : "killbill";
	if (!files_read(cli, files) ||
	    !killbill_import(files, (size_t)cli->argument_count, &cli->arena, &cli->problems, &made) ||
	    !made_check(cli, &made) || !made_write(cli, folder, &made)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	output_object(cli, report(&cli->arena, folder, &made));
	return CLI_DONE;
}

static const struct cli_option import_options[] = {
	{ "--out", "DIR", "Folder of the bundle that is written; killbill when absent. Nothing in it is overwritten." },
	{ NULL, NULL, NULL },
};

const struct cli_subcommand import_subcommand = {
	.name = "import killbill-catalog", .arguments = "FILE...", .arguments_min = 1, .arguments_max = CLI_ARGUMENTS_MAX,
	.doc = "Makes a bundle of Kill Bill's XML catalogs, one a version, and its overdue configuration; touches no store.",
	.example = "  moonbill import killbill-catalog catalog-v1.xml catalog-v2.xml overdue.xml --out shop\n",
	.options = import_options, .run = import_run,
};
