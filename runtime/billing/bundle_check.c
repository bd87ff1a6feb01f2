/* bundle_check.c: all that must hold before a bundle may be activated, every problem found at once. */
#include "bundle.h"

#include "bundle_catalog.h"
#include "document.h"
#include "mail_template.h"
#include "overdue_check.h"
#include "tenant_setting.h"

struct check {
	struct bundle_content *content;
	struct arena *arena;
	struct problems *problems;
};

/* ---- rules ---- */

static struct rule_bundle *rules_load(const struct bundle_content *content, bool with_checks, struct arena *arena,
                                      struct problems *problems)
{
	struct rule_file *files = arena_new_many(arena, struct rule_file, content->archive.count + 1);
	size_t count = 0;
	for (size_t i = 0; i < content->archive.count; i++) {
		const struct bundle_file *file = &content->archive.files[i];
		if (text_starts(file->name, "rules/") || (with_checks && text_starts(file->name, "checks/")))
			files[count++] = (struct rule_file){ file->name, file->content };
	}
	return rule_bundle_load(files, count, content->manifest.rules, content->manifest.rule_count,
	                        content->archive.digest, problems);
}

/* ---- what refers to rules ---- */

static bool choices_check(const struct check *check, const struct policy_choice *choices, size_t count, const char *pointer)
{
	bool good = true;
	for (size_t i = 0; i < count; i++) {
		const struct policy_choice *choice = &choices[i];
		enum policy policy = policy_find(choice->policy);
		const struct rule_bundle *owner;
		if (policy == POLICY_NONE || rule_policy_by_choice(check->content->rules, policy, choice->rule, &owner))
			continue;
		good = problem_value(check->problems, PROBLEM_UNKNOWN_POLICY,
		                     text_format(check->arena, "%s/policies/%zu/rule", pointer, i).data, choice->rule,
		                     "Name a rule of the bundle, or a shipped file as \"proration/inclusive_days\".",
		                     "there is no %.*s rule '%.*s'", TEXT_ARG(choice->policy), TEXT_ARG(choice->rule));
	}
	return good;
}

static bool version_policies_check(const struct check *check, const struct catalog_version_input *version, const char *pointer)
{
	bool good = true;
	for (size_t i = 0; i < version->plans.count; i++) {
		const struct catalog_plan_input *plan = &version->plans.items[i];
		if (plan->policies.count > 0)
			good &= choices_check(check, plan->policies.items, plan->policies.count,
			                      text_format(check->arena, "%s/plans/%zu", pointer, i).data);
	}
	return good;
}

static bool references_check(const struct check *check)
{
	const struct bundle_content *content = check->content;
	const char *pointer = bundle_archive_pointer(check->arena, TEXT("bundle.json"));
	bool good =
	        tenant_setting_check_policies(content->manifest.settings, content->rules,
	                                      text_format(check->arena, "%s/settings", pointer).data, check->problems);
	for (size_t i = 0; i < content->plans.count; i++)
		good &= choices_check(check, content->plans.items[i].policies.items, content->plans.items[i].policies.count,
		                      content->plan_pointers.items[i]);
	for (size_t i = 0; i < content->versions.count; i++)
		good &= version_policies_check(check, &content->versions.items[i], content->version_pointers.items[i]);
	return good;
}

bool bundle_read(struct text archive, const struct currency *currency, struct arena *arena, struct problems *problems,
                 struct bundle_content *content)
{
	*content = (struct bundle_content){ 0 };
	struct check check = { content, arena, problems };
	if (!bundle_archive_parse(archive, arena, problems, &content->archive))
		return false;
	bool manifest_read = bundle_manifest_read(&content->archive, arena, problems, &content->manifest);
	bool good = bundle_catalog_read(content, currency, arena, problems) && manifest_read;
	content->rules = rules_load(content, false, arena, problems);
	good = content->rules && good;
	good = document_templates_check(&content->archive, arena, problems) && good;
	good = mail_templates_check(&content->archive, arena, problems) && good;
	good = overdue_check(&content->archive, arena, problems) && good;
	if (content->rules)
		good = references_check(&check) && good;
	if (!good) {
		rule_bundle_release(content->rules);
		content->rules = NULL;
	}
	return good;
}

/* ---- the bundle's own checks ---- */

static bool has_checks(const struct bundle_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++)
		if (text_starts(archive->files[i].name, "checks/"))
			return true;
	return false;
}

/* Check files are loaded beside the rules, but are no part of what runs. */
bool bundle_checks_run(const struct bundle_content *content, struct arena *arena, struct problems *problems,
                       struct rule_check_list *list)
{
	*list = (struct rule_check_list){ NULL, 0, 0, 0 };
	if (!has_checks(&content->archive))
		return true;
	struct rule_bundle *with_checks = rules_load(content, true, arena, problems);
	bool good = with_checks && rule_checks_run(with_checks, content->manifest.settings, arena, problems, list);
	for (size_t i = 0; i < list->count; i++) /* the names of rules are the bundle's, which ends here */
		if (list->items[i].rule)
			list->items[i].rule = text_c(arena, text_of(list->items[i].rule));
	for (size_t i = 0; i < list->count; i++)
		list->items[i].file = text_c(arena, text_of(list->items[i].file));
	rule_bundle_release(with_checks);
	return good;
}

static void failed_check_tell(const struct rule_check *check, struct arena *arena, struct problems *problems)
{
	const struct rule_difference *first = check->differences.count ? check->differences.items : NULL;
	const char *what = check->broken ? check->broken
	                   : first ? text_format(arena, "%s is %s, wanted %s", first->path, first->got, first->wanted).data : "?";
	problem(problems, PROBLEM_CHECK_FAILED, "", "check '%s': %s", check->name, what);
	struct problem *last = problem_last(problems);
	if (last)
		last->cause = text_format(arena, "%s:%d: check '%s': %s%s%s%s", check->file, check->line, check->name, what,
		                          check->place ? " (decided at " : "", check->place ? check->place : "",
		                          check->place ? ")" : "").data;
}

void bundle_checks_tell(const struct rule_check_list *list, struct arena *arena, struct problems *problems)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->items[i].passed)
			failed_check_tell(&list->items[i], arena, problems);
}

bool bundle_check(struct text archive, const struct currency *currency, struct arena *arena, struct problems *problems,
                  struct bundle_content *content)
{
	struct rule_check_list list;
	if (!bundle_read(archive, currency, arena, problems, content))
		return false;
	bool good = bundle_checks_run(content, arena, problems, &list) && list.failed == 0;
	bundle_checks_tell(&list, arena, problems);
	if (!good) {
		rule_bundle_release(content->rules);
		content->rules = NULL;
	}
	return good;
}
