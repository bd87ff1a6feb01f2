/* bundle_check.c: all that must hold before a bundle may be activated, every problem found at once. */
#include "bundle.h"

#include "catalog_check.h"
#include "tenant_setting.h"

enum { CATALOG_ITEMS_MAX = 100000 };

struct check {
	struct bundle_content *content;
	const struct currency *currency;
	struct arena *arena;
	struct problems *problems;
};

/* ---- catalog ---- */

static bool plan_read(struct check *check, const struct json *item, const char *pointer)
{
	struct bundle_content *content = check->content;
	struct plan_create *plan = list_add(check->arena, &content->plans, struct plan_create);
	*list_add(check->arena, &content->plan_pointers, const char *) = pointer;
	if (!json_decode(item, &plan_create_record, plan, pointer, check->arena, check->problems))
		return false;
	if (!plan->currency)
		plan->currency = check->currency;
	return catalog_check(plan, pointer, check->arena, check->problems);
}

struct plan_code {
	struct text code;
	size_t index;
};

static int by_code(const void *a, const void *b)
{
	const struct plan_code *left = a, *right = b;
	int order = text_compare(left->code, right->code);
	return order ? order : (left->index > right->index) - (left->index < right->index);
}

static bool plan_codes_check(const struct check *check)
{
	const struct bundle_content *content = check->content;
	struct plan_code *codes = arena_new_many(check->arena, struct plan_code, content->plans.count + 1);
	for (size_t i = 0; i < content->plans.count; i++)
		codes[i] = (struct plan_code){ content->plans.items[i].code, i };
	qsort(codes, content->plans.count, sizeof *codes, by_code);
	bool good = true;
	for (size_t i = 1; i < content->plans.count; i++) {
		if (!text_present(codes[i].code) || !text_equals(codes[i - 1].code, codes[i].code))
			continue;
		const char *pointer = content->plan_pointers.items[codes[i].index];
		good = problem_value(check->problems, PROBLEM_DUPLICATE,
		                     text_format(check->arena, "%s/code", pointer).data, codes[i].code, NULL,
		                     "plan '%.*s' is in the catalog already, at %s", TEXT_ARG(codes[i].code),
		                     content->plan_pointers.items[codes[i - 1].index]);
	}
	return good;
}

static const struct json *file_parse(const struct check *check, const struct bundle_file *file, const char *pointer)
{
	const struct problem *before = check->problems->last;
	const struct json *document =
	        json_parse_limited(file->content, CATALOG_ITEMS_MAX, check->arena, check->problems);
	if (!document && check->problems->last && check->problems->last != before)
		check->problems->last->pointer = pointer;
	return document;
}

static bool catalog_file_read(struct check *check, const struct bundle_file *file)
{
	const char *pointer = bundle_archive_pointer(check->arena, file->name);
	const struct json *document = file_parse(check, file, pointer);
	if (!document)
		return false;
	const struct json *plans = document->type == JSON_OBJECT ? json_member(document, "plans") : NULL;
	if (!plans || plans->type != JSON_ARRAY || document->count != 1)
		return problem(check->problems, PROBLEM_CATALOG_INVALID, pointer,
		               "a catalog file is one object {\"plans\": [...]}");
	bool good = true;
	size_t i = 0;
	for (const struct json *item = plans->first; item; item = item->next, i++)
		good &= plan_read(check, item, text_format(check->arena, "%s/plans/%zu", pointer, i).data);
	return good;
}

static bool catalog_read(struct check *check)
{
	bool good = true;
	const struct bundle_archive *archive = &check->content->archive;
	for (size_t i = 0; i < archive->count; i++)
		if (text_starts(archive->files[i].name, "catalog/"))
			good &= catalog_file_read(check, &archive->files[i]);
	return plan_codes_check(check) && good;
}

/* ---- rules ---- */

static struct rule_bundle *rules_load(const struct check *check, bool with_checks)
{
	const struct bundle_content *content = check->content;
	struct rule_file *files = arena_new_many(check->arena, struct rule_file, content->archive.count + 1);
	size_t count = 0;
	for (size_t i = 0; i < content->archive.count; i++) {
		const struct bundle_file *file = &content->archive.files[i];
		if (text_starts(file->name, "rules/") || (with_checks && text_starts(file->name, "checks/")))
			files[count++] = (struct rule_file){ file->name, file->content };
	}
	return rule_bundle_load(files, count, content->manifest.rules, content->manifest.rule_count,
	                        content->archive.digest, check->problems);
}

static bool has_checks(const struct bundle_archive *archive)
{
	for (size_t i = 0; i < archive->count; i++)
		if (text_starts(archive->files[i].name, "checks/"))
			return true;
	return false;
}

/* Check files are compiled beside the rules, but are no part of what runs. */
static bool rules_read(struct check *check)
{
	struct bundle_content *content = check->content;
	content->rules = rules_load(check, false);
	if (!content->rules || !has_checks(&content->archive))
		return content->rules != NULL;
	struct rule_bundle *with_checks = rules_load(check, true);
	rule_bundle_release(with_checks);
	return with_checks != NULL;
}

/* ---- what refers to rules ---- */

static bool plan_policies_check(const struct check *check, const struct plan_create *plan, const char *pointer)
{
	bool good = true;
	for (size_t i = 0; i < plan->policies.count; i++) {
		const struct policy_choice *choice = &plan->policies.items[i];
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

static bool references_check(const struct check *check)
{
	const struct bundle_content *content = check->content;
	const char *pointer = bundle_archive_pointer(check->arena, TEXT("bundle.json"));
	bool good =
	        tenant_setting_check_policies(content->manifest.settings, content->rules,
	                                      text_format(check->arena, "%s/settings", pointer).data, check->problems);
	for (size_t i = 0; i < content->plans.count; i++)
		good &= plan_policies_check(check, &content->plans.items[i], content->plan_pointers.items[i]);
	return good;
}

bool bundle_check(struct text archive, const struct currency *currency, struct arena *arena, struct problems *problems,
                  struct bundle_content *content)
{
	*content = (struct bundle_content){ 0 };
	struct check check = { content, currency, arena, problems };
	if (!bundle_archive_parse(archive, arena, problems, &content->archive))
		return false;
	bool manifest_read = bundle_manifest_read(&content->archive, arena, problems, &content->manifest);
	bool good = catalog_read(&check) && manifest_read;
	good = rules_read(&check) && good;
	if (content->rules)
		good = references_check(&check) && good;
	if (!good) {
		rule_bundle_release(content->rules);
		content->rules = NULL;
	}
	return good;
}
