/* test_policy_checks.c: the checks of the shipped policies (policies/checks/), and that none of the library is without one. */
#include "policies.gen.h"
#include "rule/rule_check.h"
#include "rule_fixture.h"

static const char *const checked_kinds[] = { "cancel", "change", "invoice_number", "proration", "renewal", "rounding" };

static struct text file_text(struct arena *arena, const char *name)
{
	char *bytes = arena_alloc(arena, RULE_FILE_BYTES_MAX);
	FILE *file = fopen(text_format(arena, SOURCE_DIR "/policies/checks/%s.lua", name).data, "rb");
	if (!file)
		CHECK_FAIL("policies/checks/%s.lua cannot be read", name);
	size_t length = fread(bytes, 1, RULE_FILE_BYTES_MAX, file);
	fclose(file);
	return (struct text){ bytes, length };
}

static bool is_of_kind(const char *path, const char *kind)
{
	size_t length = strlen(kind);
	return strncmp(path, kind, length) == 0 && path[length] == '/';
}

/* The shipped policies of one kind with its checks, as a bundle of their own. */
static void kind_check(const char *kind)
{
	struct fixture fixture;
	struct rule_file files[64];
	struct rule_check_list list = { 0 };
	size_t count = 0;
	fixture_open(&fixture);
	for (size_t i = 0; i < shipped_policy_count && count < 60; i++)
		if (is_of_kind(shipped_policies[i].path, kind))
			files[count++] = (struct rule_file){ text_format(&fixture.arena, "rules/%s", shipped_policies[i].path + strlen(kind) + 1),
				                             { shipped_policies[i].source, shipped_policies[i].length } };
	size_t policies = count;
	files[count++] = (struct rule_file){ text_format(&fixture.arena, "checks/%s.lua", kind), file_text(&fixture.arena, kind) };
	fixture.bundle = files_load(&fixture, files, count);
	if (!fixture.bundle || !rule_checks_run(fixture.bundle, NULL, &fixture.arena, &fixture.problems, &list))
		CHECK_FAIL("%s: %s", kind, first_cause(&fixture));
	CHECK_EQ_INT((int64_t)rule_bundle_count(fixture.bundle), (int64_t)policies);
	for (size_t i = 0; i < list.count; i++) {
		const struct rule_check *check = &list.items[i];
		if (!check->passed)
			CHECK_FAIL("%s:%d: %s: %s", check->file, check->line, check->name,
			           check->broken ? check->broken : text_format(&fixture.arena, "wanted %s, got %s", check->differences.items[0].wanted,
			                                                       check->differences.items[0].got).data);
	}
	for (size_t i = 0; i < policies; i++) {
		const struct rule *rule = rule_bundle_at(fixture.bundle, i);
		bool found = false;
		for (size_t each = 0; each < list.count; each++)
			found = found || (list.items[each].rule && strcmp(list.items[each].rule, rule->name) == 0);
		if (!found)
			CHECK_FAIL("%s has no check in policies/checks/%s.lua", rule->name, kind);
	}
	fixture_close(&fixture);
}

TEST(every_policy_of_the_library_has_a_check_and_they_pass)
{
	for (size_t i = 0; i < sizeof checked_kinds / sizeof *checked_kinds; i++)
		kind_check(checked_kinds[i]);
}

CHECK_MAIN
