/* verify_file.h: what verify finds in a file, beside its owner or after it, and violations that are planted there. */
#ifndef MOONBILL_TESTS_VERIFY_VERIFY_FILE_H
#define MOONBILL_TESTS_VERIFY_VERIFY_FILE_H

#include "check.h"

#include "verify/verify_check.h"

#include <sqlite3.h>

/* ---- a folder with the file of a shop and a copy of it ---- */

struct folder {
	char path[40], original[60], copy[60];
};

static void folder_open(struct folder *folder)
{
	snprintf(folder->path, sizeof folder->path, "/tmp/moonbill-verify-XXXXXX");
	CHECK(mkdtemp(folder->path) != NULL);
	snprintf(folder->original, sizeof folder->original, "%s/shop.db", folder->path);
	snprintf(folder->copy, sizeof folder->copy, "%s/copy.db", folder->path);
}

static void folder_close(struct folder *folder)
{
	char command[60];
	snprintf(command, sizeof command, "rm -r %s", folder->path);
	CHECK_EQ_INT(system(command), 0);
}

/* ---- verify ---- */

struct plant {
	const char *invariant, *object; /* object: where the invariant is made for each record */
	const char *sql;
};

struct outcome {
	const struct plant *plant; /* what is looked for, or NULL */
	bool hit;
	int64_t count;
	char first[300];
};

static void take_violation(void *context, const struct violation *violation)
{
	struct outcome *outcome = context;
	if (outcome->count++ == 0)
		snprintf(outcome->first, sizeof outcome->first, "%s: %.*s %lld, expected %.*s, found %.*s", violation->name,
		         TEXT_ARG(violation->kind), (long long)violation->id, TEXT_ARG(violation->expected), TEXT_ARG(violation->found));
	const struct plant *plant = outcome->plant;
	if (plant && strcmp(violation->name, plant->invariant) == 0 && (!plant->object || text_is(violation->kind, plant->object)))
		outcome->hit = true;
}

static void ignore_progress(void *context, struct text tenant, const char *walk, int64_t next)
{
	(void)context;
	(void)tenant;
	(void)walk;
	(void)next;
}

static struct outcome verify_file(const char *path, const struct plant *plant)
{
	struct arena arena;
	struct problems problems;
	struct verify_totals totals;
	struct outcome outcome = { .plant = plant };
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	const struct verify_options options = { .found = take_violation, .progress = ignore_progress, .context = &outcome };
	struct store *store = store_open(text_of(path), &(struct store_options){ .read_only = true, .readers = 1 }, &problems);
	CHECK(store != NULL);
	bool whole = verify_run(store, &options, &problems, &totals);
	CHECK(whole || (plant && !plant->sql)); /* a damaged page may end it, after it was told */
	CHECK_EQ_INT(totals.violations, outcome.count);
	store_close(store);
	arena_finish(&arena);
	return outcome;
}

/* SQL of another connection. */
static void plant_into(const char *path, const char *sql)
{
	sqlite3 *handle;
	char *message = NULL;
	CHECK_EQ_INT(sqlite3_open(path, &handle), SQLITE_OK);
	int64_t before = sqlite3_total_changes64(handle);
	if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
		CHECK_FAIL("%s: %s", sql, message);
	check_note("%s changes nothing", sql);
	CHECK(sqlite3_total_changes64(handle) > before);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
}

#endif
