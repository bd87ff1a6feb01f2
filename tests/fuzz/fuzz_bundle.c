/* fuzz_bundle.c: bundles as a client sends them: archive, manifest, catalog and rules, all that a deploy checks. */
#include "fuzz.h"

#include "billing/bundle.h"
#include "rule/rule.h"

static void archive_use(struct fuzz *fuzz, const struct bundle_archive *archive)
{
	struct bundle_archive again;
	struct problems none;
	problems_init(&none, &fuzz->arena);
	struct text text = bundle_archive_text(&fuzz->arena, archive->files, archive->count);
	FUZZ_CHECK(bundle_archive_parse(text, &fuzz->arena, &none, &again));
	FUZZ_CHECK(again.count == archive->count && text_equals(again.digest_text, archive->digest_text));
	for (size_t i = 0; i < archive->count; i++)
		FUZZ_CHECK(bundle_archive_name_valid(archive->files[i].name));
}

static void check(struct fuzz *fuzz)
{
	struct bundle_archive archive;
	struct problems none;
	problems_init(&none, &fuzz->arena);
	if (bundle_archive_parse(fuzz->input, &fuzz->arena, &none, &archive))
		archive_use(fuzz, &archive);
	struct bundle_content content = { .rules = NULL };
	bool good = bundle_check(fuzz->input, currency_find(TEXT("USD")), &fuzz->arena, &fuzz->problems, &content);
	FUZZ_CHECK(good == (content.rules != NULL) && good == (fuzz->problems.count == 0));
	rule_bundle_release(content.rules);
}

FUZZ_TARGET(check)
