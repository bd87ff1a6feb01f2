/* bundle_subcommand.c: moonbill deploy, moonbill check, moonbill bundle history, moonbill bundle rollback. */
#include "author_tools.h"
#include "check_report.h"

#include "file.h"
#include "output.h"
#include "session.h"
#include "subcommands.h"

#include <stdio.h>

static const struct cli_option deploy_options[] = {
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--key", "KEY", "An API key of the tenant, in place of its name." },
	{ NULL, NULL, NULL },
};

static enum cli_exit deploy_run(struct cli *cli)
{
	struct text archive;
	if (cli_value(cli, "--tenant") && cli_value(cli, "--key"))
		return cli_usage_error(cli->subcommand, "name the tenant by --tenant or by --key, not both");
	if (!file_bundle_pack(cli->arguments[0], &cli->arena, &cli->problems, &archive)) {
		output_problems(cli);
		return CLI_FAILED;
	}
	struct text_builder out;
	builder_init(&out, &cli->arena, 0);
	builder_c(&out, "{\"archive\":");
	builder_add(&out, archive);
	builder_c(&out, "}");
	return session_once(cli, session_command(cli, "bundle.deploy", builder_text(&out)));
}

/* ---- check ---- */

static bool choices_name(const struct policy_choice *choices, size_t count, const struct rule *rule)
{
	for (size_t i = 0; i < count; i++)
		if (text_is(choices[i].rule, rule->name))
			return true;
	return false;
}

static bool plan_names(const struct bundle_content *content, const struct rule *rule)
{
	for (size_t i = 0; i < content->plans.count; i++)
		if (choices_name(content->plans.items[i].policies.items, content->plans.items[i].policies.count, rule))
			return true;
	for (size_t i = 0; i < content->versions.count; i++) {
		const struct catalog_version_input *version = &content->versions.items[i];
		for (size_t k = 0; k < version->plans.count; k++)
			if (choices_name(version->plans.items[k].policies.items, version->plans.items[k].policies.count, rule))
				return true;
	}
	return false;
}

/* The shipped policy that answers before the rule is asked, by the bundle's own settings; none when it is asked. */
static struct text answers_before(const struct bundle_content *content, const struct rule *rule)
{
	const struct json *settings = content->manifest.settings;
	const struct json *policies = settings ? json_member(settings, "policies") : NULL;
	const struct json *choice = policies ? json_member(policies, policy_info(rule->policy)->name) : NULL;
	struct text name = choice ? json_text(choice) : TEXT_NONE;
	bool shipped = text_present(name) && !rule_bundle_find(content->rules, name);
	return shipped && !plan_names(content, rule) ? name : TEXT_NONE;
}

/* A rule that listens to what never happens; NULL: to nothing of that kind. */
static const char *waiting_note(const struct rule *rule, const char *place, struct arena *arena)
{
	const struct event_info *never = NULL;
	size_t waiting = 0, count = 0;
	for (; rule->events[count] != EVENT_NONE; count++) {
		const struct event_info *event = event_info(rule->events[count]);
		never = event->waits && !never ? event : never;
		waiting += event->waits != NULL;
	}
	if (!never)
		return NULL;
	if (waiting == count)
		return text_format(arena, "%s is never called: %s does not happen in this version (%s)", place, never->name, never->waits).data;
	return text_format(arena, "%s is not called for %s: that does not happen in this version (%s)", place, never->name,
	                   never->waits).data;
}

/* What is in order and yet will not do what its author expects. NULL when there is nothing to say. */
static const char *rule_note(const struct bundle_content *content, const struct rule *rule, struct arena *arena)
{
	const char *place = text_format(arena, "%s:%d: rule '%s'", rule->file, rule->line, rule->name).data;
	if (rule->moment == RULE_TASK)
		return text_format(arena, "%s runs by a schedule: make one with POST /v1/tasks, unless there is one", place).data;
	if (rule->moment == RULE_PRE || rule->moment == RULE_POST)
		return waiting_note(rule, place, arena);
	struct text before = rule->moment == RULE_POLICY ? answers_before(content, rule) : TEXT_NONE;
	if (!text_present(before))
		return NULL;
	return text_format(arena, "%s is not asked: the setting policies.%s names '%.*s'; name this rule there, or leave it out",
	                   place, policy_info(rule->policy)->name, TEXT_ARG(before)).data;
}

struct note_list {
	const char **items;
	size_t count, capacity;
};

static struct note_list notes_of(const struct bundle_content *content, struct arena *arena)
{
	struct note_list notes = { 0 };
	for (size_t i = 0; i < rule_bundle_count(content->rules); i++) {
		const char *note = rule_note(content, rule_bundle_at(content->rules, i), arena);
		if (note)
			*list_add(arena, &notes, const char *) = note;
	}
	if (bundle_archive_file(&content->archive, TEXT("overdue.json")))
		*list_add(arena, &notes, const char *) = "overdue.json is kept with the bundle; nothing follows it in this version";
	return notes;
}

static void notes_write(struct json_writer *writer, const struct bundle_content *content, struct arena *arena)
{
	struct note_list notes = notes_of(content, arena);
	json_name(writer, "notes");
	json_begin_array(writer);
	for (size_t i = 0; i < notes.count; i++)
		json_c(writer, notes.items[i]);
	json_end_array(writer);
}

static void notes_print(const struct bundle_content *content, struct arena *arena)
{
	struct note_list notes = notes_of(content, arena);
	for (size_t i = 0; i < notes.count; i++)
		printf("note           %s\n", notes.items[i]);
}

static void warnings_write(struct json_writer *writer, const struct author_findings *findings)
{
	json_name(writer, "warnings");
	json_begin_array(writer);
	for (size_t i = 0; i < findings->count; i++) {
		const struct author_finding *finding = &findings->items[i];
		json_begin_object(writer);
		json_name(writer, "file");
		json_c(writer, finding->file);
		json_name(writer, "line");
		json_integer(writer, finding->line);
		json_name(writer, "message");
		json_c(writer, finding->message);
		json_name(writer, "remedy");
		json_c(writer, finding->remedy);
		json_end_object(writer);
	}
	json_end_array(writer);
}

static void warnings_print(const struct bundle_content *content, const struct author_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct author_finding *finding = &findings->items[i];
		if (finding->is_error)
			continue;
		struct text line = archive_line(&content->archive, text_of(finding->file), finding->line);
		printf("warning        %s:%d: %s\n", finding->file, finding->line, finding->message);
		if (text_present(line))
			printf("                   %d | %.*s\n", finding->line, TEXT_ARG(line));
	}
}

static struct text check_report(struct arena *arena, const struct bundle_content *content, const struct checked *checked, bool with_notes)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "name");
	json_string(&writer, content->manifest.name);
	json_name(&writer, "digest");
	json_string(&writer, content->archive.digest_text);
	json_name(&writer, "files");
	json_integer(&writer, (int64_t)content->archive.count);
	json_name(&writer, "rules");
	json_integer(&writer, (int64_t)rule_bundle_count(content->rules));
	json_name(&writer, "plans");
	json_integer(&writer, (int64_t)bundle_plan_count(content));
	if (content->versions.count > 0) {
		json_name(&writer, "versions");
		json_integer(&writer, (int64_t)content->versions.count);
	}
	json_name(&writer, "checks");
	json_integer(&writer, (int64_t)checked->checks.count);
	json_name(&writer, "problems");
	json_integer(&writer, 0);
	if (with_notes) {
		notes_write(&writer, content, arena);
		warnings_write(&writer, &checked->findings);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static enum cli_exit check_run(struct cli *cli)
{
	struct bundle_content content;
	struct checked checked;
	if (!author_check(cli, cli->arguments[0], &content, &checked)) {
		const struct output_source source = { archive_line, &content.archive };
		output_problems_of(cli, &source);
		if (!cli->json)
			warnings_print(&content, &checked.findings);
		return CLI_FAILED;
	}
	output_object(cli, check_report(&cli->arena, &content, &checked, cli->json));
	if (!cli->json) {
		notes_print(&content, &cli->arena);
		warnings_print(&content, &checked.findings);
	}
	rule_bundle_release(content.rules);
	return CLI_DONE;
}

const struct cli_subcommand deploy_subcommand = {
	.name = "deploy", .arguments = "DIR", .arguments_min = 1, .arguments_max = 1,
	.doc = "Checks the bundle in a folder and puts it in force for a tenant.",
	.example = "  moonbill deploy examples/daddyhost --tenant hosting\n",
	.options = deploy_options, .run = deploy_run,
};

/* ---- what was in force ---- */

static const struct cli_option rollback_options[] = {
	{ "--to", "DIGEST", "The bundle, by its digest or the beginning of it; the one before when absent." },
	{ "--tenant", "NAME", "Whose; may be left out when there is one tenant." },
	{ "--key", "KEY", "An API key of the tenant, in place of its name." },
	{ NULL, NULL, NULL },
};

static enum cli_exit history_run(struct cli *cli)
{
	static const char *const members[] = { "id", "activated_at", "kind", "name", "actor", "digest", NULL };
	return session_list(cli, session_request(cli, "list", "bundle_activations"), members);
}

static enum cli_exit rollback_run(struct cli *cli)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, &cli->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	if (cli_value(cli, "--to")) {
		json_name(&writer, "to");
		json_c(&writer, cli_value(cli, "--to"));
	}
	json_end_object(&writer);
	return session_once(cli, session_command(cli, "bundle.rollback", builder_text(&out)));
}

const struct cli_subcommand bundle_history_subcommand = {
	.name = "bundle history", .arguments = "",
	.doc = "Lists which bundle came into force when; the last one is in force.",
	.example = "  moonbill bundle history --tenant hosting\n",
	.options = deploy_options, .run = history_run,
};

const struct cli_subcommand bundle_rollback_subcommand = {
	.name = "bundle rollback", .arguments = "",
	.doc = "Puts the bundle in force again that the one in force replaced, after the same checks as a deploy.",
	.example = "  moonbill bundle rollback --tenant hosting\n  moonbill bundle rollback --to 6f859b3d76 --tenant hosting\n",
	.options = rollback_options, .run = rollback_run,
};

const struct cli_subcommand check_subcommand = {
	.name = "check", .arguments = "DIR", .arguments_min = 1, .arguments_max = 1,
	.doc = "Checks the bundle in a folder: manifest, rules with their names and types, catalog, its own checks; touches no store.",
	.example = "  moonbill check examples/daddyhost\n",
	.run = check_run,
};
