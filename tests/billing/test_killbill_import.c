/* test_killbill_import.c: Kill Bill's catalogs and overdue configurations as bundles. The files are in killbill/. */
#include "desk.h"

#include "billing/killbill_import.h"

#include <stdio.h>

struct importing {
	struct arena arena;
	struct problems problems;
	struct killbill_bundle made;
};

static struct text file_text(struct arena *arena, const char *name)
{
	const char *path = text_format(arena, "%s/tests/billing/killbill/%s", SOURCE_DIR, name).data;
	FILE *file = fopen(path, "rb");
	CHECK(file != NULL);
	char *bytes = arena_alloc(arena, 64 * 1024);
	size_t length = fread(bytes, 1, 64 * 1024, file);
	fclose(file);
	return (struct text){ bytes, length };
}

/* The text with the first `old` replaced. */
static struct text replaced(struct arena *arena, struct text text, const char *old, const char *new)
{
	const char *copy = text_c(arena, text), *at = strstr(copy, old);
	CHECK(at != NULL);
	return text_format(arena, "%.*s%s%s", (int)(at - copy), copy, new, at + strlen(old));
}

static void import_begin(struct importing *importing)
{
	CHECK(arena_init(&importing->arena, 32 * 1024 * 1024));
	problems_init(&importing->problems, &importing->arena);
}

static bool import_texts(struct importing *importing, struct text first, struct text second)
{
	struct killbill_file files[] = { { "one.xml", first }, { "two.xml", second } };
	return killbill_import(files, text_present(second) ? 2 : 1, &importing->arena, &importing->problems, &importing->made);
}

TEST(an_imported_catalog_is_a_bundle_that_deploys)
{
	struct importing importing;
	struct bundle_content content;
	import_begin(&importing);
	struct text catalog = file_text(&importing.arena, "catalog.xml");
	CHECK(import_texts(&importing, catalog, file_text(&importing.arena, "overdue.xml")));
	CHECK_EQ_INT(importing.made.versions, 1);
	CHECK_EQ_INT(importing.made.plans, 3);
	CHECK_EQ_INT(importing.made.overdue_states, 2);
	CHECK_EQ_TEXT(importing.made.manifest, "{\"name\":\"Hosting\"}");
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), importing.made.manifest }, { TEXT("catalog/killbill.json"), importing.made.catalog },
	};
	struct text archive = bundle_archive_text(&importing.arena, files, 2);
	CHECK(bundle_check(archive, NULL, &importing.arena, &importing.problems, &content));
	const struct catalog_version_input *version = &content.versions.items[0];
	CHECK_EQ_INT(version->plans.count, 3);
	const struct phase *phases = version->plans.items[0].phases.items;
	CHECK_EQ_INT(phases[0].fixed.count, 2); /* an empty price is 0 in each currency */
	CHECK_EQ_INT(phases[2].usages.items[0].tiers.items[0].blocks.items[0].has_max_blocks, 1);
	CHECK_EQ_INT(phases[2].usages.items[0].tiers.items[1].blocks.items[0].has_max_blocks, 0); /* -1 */
	CHECK_EQ_INT(version->plans.items[1].phases.items[0].billing_period, PHASE_BILLING_PERIOD_NONE);
	CHECK_EQ_INT(version->plans.items[1].billing_mode, CATALOG_PLAN_INPUT_BILLING_MODE_IN_ARREAR);
	CHECK_EQ_TEXT(version->rules->change_policy.items[1].to_period, "none");
	rule_bundle_release(content.rules);
	arena_finish(&importing.arena);
}

TEST(catalogs_become_versions_in_the_order_of_their_dates)
{
	struct importing importing;
	import_begin(&importing);
	struct text later = file_text(&importing.arena, "catalog.xml");
	struct text earlier = replaced(&importing.arena, later, "2021-03-01", "2020-03-01");
	CHECK(import_texts(&importing, later, earlier));
	const char *json = text_c(&importing.arena, importing.made.catalog);
	CHECK_EQ_INT(importing.made.versions, 2);
	CHECK(strstr(json, "2020-03-01T") < strstr(json, "2021-03-01T00:00:00Z\",\"name"));
	arena_finish(&importing.arena);
}

TEST(what_has_no_equal_is_told_with_file_line_and_element)
{
	static const char *const changes[][3] = {
		{ "<currency>EUR", "<currency>BTC", "one.xml:6: <currency> is 'BTC', which is no currency of ISO 4217" },
		{ "CHANGE_OF_PLAN", "CHANGE_OF_PRICELIST", "one.xml:24: <alignment> says 'CHANGE_OF_PRICELIST', which Moonbill has no equal for" },
		{ "<max>10<", "<max>ten<", "one.xml:63: <max> is 'ten', which is no number" },
		{ "billingMode=\"IN_ARREAR\"", "billingMode=\"IN_ADVANCE\"", "one.xml:60: <usage> is not IN_ARREAR; what is paid for in advance is a recurring price" },
		{ "<units>", "<unit/><units>", "one.xml:7: <unit> has no equal in Moonbill, in <catalog>" },
		{ "<effectiveDate>2021", "<effectiveDate>x2021", "one.xml:3: <effectiveDate> is 'x2021-03-01T00:00:00+00:00', which is not an instant; write it as in 2013-02-08T00:00:00+00:00" },
		{ "<finalPhase type=\"EVERGREEN\">", "<finalPhase type=\"ENDLESS\">", "one.xml:50: <finalPhase> says 'ENDLESS', which Moonbill has no equal for" },
		{ "<billingPeriod>MONTHLY<", "<billingPeriod>MONTHLLY<",
		  "one.xml:45: <billingPeriod> says 'MONTHLLY', which Moonbill has no equal for (did you mean MONTHLY?)" },
		{ "<plan name=", "<plan nmae=", "one.xml:34: <plan> has no name" },
	};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct importing importing;
		import_begin(&importing);
		struct text catalog = replaced(&importing.arena, file_text(&importing.arena, "catalog.xml"), changes[i][0], changes[i][1]);
		CHECK(!import_texts(&importing, catalog, TEXT_NONE));
		CHECK_EQ_C(importing.problems.first->message, changes[i][2]);
		arena_finish(&importing.arena);
	}
}

/* What only the bundle's checks can see, at the innermost element that says it. */
TEST(what_the_checks_of_the_bundle_find_is_told_with_file_line_and_element_too)
{
	static const char *const changes[][3] = {
		{ "<product>Server</product>", "<product>Nothing</product>",
		  "one.xml:36: <product> the version has no product 'Nothing'" },
		{ "<addonProduct>Backup", "<addonProduct>Nothing", "one.xml:12: <addonProduct> the version has no product 'Nothing'" },
		{ "<number>30<", "<number>0<", "one.xml:39: <number> a phase lasts at least one of its unit" },
		{ "<toPriceList>DEFAULT<", "<toPriceList>Winter<",
		  "one.xml:31: <toPriceList> the version has no price list 'Winter'" },
	};
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct importing importing;
		struct bundle_content content;
		import_begin(&importing);
		struct text catalog = replaced(&importing.arena, file_text(&importing.arena, "catalog.xml"), changes[i][0], changes[i][1]);
		CHECK(import_texts(&importing, catalog, TEXT_NONE));
		struct bundle_file files[] = {
			{ TEXT("bundle.json"), importing.made.manifest }, { TEXT("catalog/killbill.json"), importing.made.catalog },
		};
		CHECK(!bundle_check(bundle_archive_text(&importing.arena, files, 2), NULL, &importing.arena, &importing.problems, &content));
		killbill_problems_place(&importing.made, &importing.arena, &importing.problems);
		CHECK_EQ_C(importing.problems.first->message, changes[i][2]);
		CHECK_EQ_C(importing.problems.first->pointer, "");
		arena_finish(&importing.arena);
	}
}

TEST(two_versions_of_one_instant_are_told_by_the_files_of_both)
{
	struct importing importing;
	struct bundle_content content;
	import_begin(&importing);
	struct text catalog = file_text(&importing.arena, "catalog.xml");
	CHECK(import_texts(&importing, catalog, catalog));
	struct bundle_file files[] = {
		{ TEXT("bundle.json"), importing.made.manifest }, { TEXT("catalog/killbill.json"), importing.made.catalog },
	};
	CHECK(!bundle_check(bundle_archive_text(&importing.arena, files, 2), NULL, &importing.arena, &importing.problems, &content));
	killbill_problems_place(&importing.made, &importing.arena, &importing.problems);
	CHECK_EQ_C(importing.problems.first->message,
	           "two.xml:3: <effectiveDate> a version is in force from then on already, at one.xml:2");
	arena_finish(&importing.arena);
}

TEST(an_overdue_configuration_is_checked_and_kept_as_json)
{
	struct importing importing;
	import_begin(&importing);
	struct text overdue = file_text(&importing.arena, "overdue.xml");
	CHECK(import_texts(&importing, overdue, TEXT_NONE));
	CHECK(!text_present(importing.made.catalog));
	CHECK(strstr(importing.made.overdue.data, "\"cancel\":\"end_of_term\"") != NULL);
	CHECK(!import_texts(&importing, replaced(&importing.arena, overdue, "<blockChanges>true", "<blockChanges>yes"), TEXT_NONE));
	CHECK_EQ_C(importing.problems.first->message, "one.xml:7: <blockChanges> is 'yes'; it must be true or false");
	CHECK(!import_texts(&importing, overdue, overdue));
	arena_finish(&importing.arena);
}

static bool check_overdue(struct importing *importing, struct text overdue)
{
	struct bundle_content content;
	struct bundle_file files[] = { { TEXT("bundle.json"), TEXT("{\"name\":\"b\"}") }, { TEXT("overdue.json"), overdue } };
	problems_init(&importing->problems, &importing->arena);
	bool good = bundle_check(bundle_archive_text(&importing->arena, files, 2), NULL, &importing->arena, &importing->problems,
	                         &content);
	rule_bundle_release(content.rules);
	return good;
}

TEST(an_overdue_configuration_is_a_file_of_a_bundle_and_checked_there)
{
	struct importing importing;
	import_begin(&importing);
	CHECK(import_texts(&importing, file_text(&importing.arena, "overdue.xml"), TEXT_NONE));
	struct text overdue = importing.made.overdue;
	CHECK(check_overdue(&importing, overdue));
	CHECK(!check_overdue(&importing, replaced(&importing.arena, overdue, "WARNING", "BLOCKED")));
	CHECK_EQ_C(importing.problems.first->pointer, "/files/overdue.json/states/1/name");
	CHECK(!check_overdue(&importing, replaced(&importing.arena, overdue, "block_changes", "blocks_changes")));
	CHECK_EQ_C(importing.problems.first->pointer, "/files/overdue.json/states/0/blocks_changes");
	CHECK(!check_overdue(&importing, TEXT("{}")));
	arena_finish(&importing.arena);
}

TEST(a_file_of_something_else_is_refused)
{
	struct importing importing;
	import_begin(&importing);
	CHECK(!import_texts(&importing, TEXT("<invoice/>"), TEXT_NONE));
	CHECK_EQ_C(importing.problems.first->message, "one.xml:1: <invoice> is neither a catalog nor an overdueConfig");
	CHECK(!import_texts(&importing, TEXT("<catalog>"), TEXT_NONE));
	arena_finish(&importing.arena);
}

CHECK_MAIN
