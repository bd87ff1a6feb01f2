/* test_store_version.c: when an answer made of a snapshot may be given again: versions of what is committed. */
#include "store_site.h"

#include "store/sqlite.h"

enum { OTHER = 2 };

static uint64_t version_of(const struct site *site, int64_t tenant_id)
{
	return store_version(site->store, tenant_id);
}

/* What readers are told between the beginning of a COMMIT and its end, on the writer's thread. */
struct during {
	struct store *store;
	int commits;
	uint64_t own, other;
	bool fail;
};

static int commit_begins(void *context)
{
	struct during *during = context;
	during->commits++;
	during->own = store_version(during->store, 1);
	during->other = store_version(during->store, OTHER);
	return during->fail; /* COMMIT becomes an error that nobody expects */
}

TEST_ON_BOTH(while_a_commit_is_under_way_its_tenant_has_no_version)
{
	struct during during = { .store = site->store };
	uint64_t own = version_of(site, 1), other = version_of(site, OTHER);
	int64_t id;
	CHECK(own != STORE_VERSION_NONE && other != STORE_VERSION_NONE);
	sqlite3_commit_hook(site->store->writer.handle, commit_begins, &during);
	site_must_run(site, 1, add_account, &id);
	CHECK_EQ_INT(during.commits, 1);
	CHECK_EQ_INT(during.own, STORE_VERSION_NONE);
	CHECK(during.other == other);
	CHECK(version_of(site, 1) > own);
	CHECK(version_of(site, OTHER) == other);
}

static bool add_to_other(struct store_transaction *transaction, void *context)
{
	store_set_tenant(transaction, OTHER);
	return add_account(transaction, context);
}

TEST_ON_BOTH(a_job_of_no_tenant_is_one_of_all)
{
	struct during during = { .store = site->store };
	uint64_t own = version_of(site, 1), other = version_of(site, OTHER);
	int64_t id;
	sqlite3_commit_hook(site->store->writer.handle, commit_begins, &during);
	site_must_run(site, 0, add_to_other, &id);
	CHECK(during.commits == 1 && during.own == STORE_VERSION_NONE && during.other == STORE_VERSION_NONE);
	CHECK(version_of(site, 1) > own && version_of(site, OTHER) > other);
}

TEST_ON_BOTH(what_keeps_nothing_changes_no_version)
{
	uint64_t own = version_of(site, 1);
	int64_t id;
	struct store_job job = { .tenant_id = 1, .dry_run = true, .body = add_account, .context = &id,
	                         .arena = &site->arena, .problems = &site->problems };
	CHECK_EQ_INT(store_run(site->store, &job), STORE_ROLLED_BACK);
	CHECK(site_read(site, 1, count_accounts, &id));
	CHECK(version_of(site, 1) == own);
}

TEST(after_a_commit_of_unknown_outcome_there_are_no_versions)
{
	struct site site;
	struct during during = { .fail = true };
	int64_t id;
	site_open(&site, IN_A_FILE);
	during.store = site.store;
	sqlite3_commit_hook(site.store->writer.handle, commit_begins, &during);
	CHECK_EQ_INT(site_run(&site, 1, add_account, &id), STORE_UNKNOWN);
	CHECK_EQ_INT(version_of(&site, 1), STORE_VERSION_NONE);
	CHECK_EQ_INT(version_of(&site, OTHER), STORE_VERSION_NONE);
	site_close(&site);
}

CHECK_MAIN
