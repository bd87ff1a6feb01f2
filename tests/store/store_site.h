/* store_site.h: a store for one test, in a directory of its own or in memory, and rows to put into it. */
#ifndef MOONBILL_TESTS_STORE_SITE_H
#define MOONBILL_TESTS_STORE_SITE_H

#include "check.h"

#include "records.gen.h"
#include "store/store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

struct site {
	char directory[64], path[96]; /* "" in memory */
	struct text url;
	struct store *store;
	struct arena arena;
	struct problems problems;
};

enum backend { IN_A_FILE, IN_MEMORY };

/* Defines the tests `fact`_in_a_file and `fact`_in_memory over one body. */
#define TEST_ON_BOTH(fact)                                                                           \
	static void fact(struct site *site);                                                         \
	TEST(fact##_in_a_file)                                                                       \
	{                                                                                            \
		struct site site;                                                                    \
		site_open(&site, IN_A_FILE);                                                         \
		fact(&site);                                                                         \
		site_close(&site);                                                                   \
	}                                                                                            \
	TEST(fact##_in_memory)                                                                       \
	{                                                                                            \
		struct site site;                                                                    \
		site_open(&site, IN_MEMORY);                                                         \
		fact(&site);                                                                         \
		site_close(&site);                                                                   \
	}                                                                                            \
	static void fact(struct site *site)

__attribute__((unused)) static void site_show_problems(const struct site *site)
{
	for (const struct problem *next = site->problems.first; next; next = next->next)
		printf("# %s: %s (%s)\n", problem_info(next->code)->name, next->message, next->cause ? next->cause : "");
}

__attribute__((unused)) static void site_start(struct site *site, const struct store_options *options)
{
	site->store = store_open(site->url, options, &site->problems);
	if (!site->store)
		site_show_problems(site);
	CHECK(site->store != NULL);
}

/* A directory and an arena; no store yet. */
__attribute__((unused)) static void site_make(struct site *site, enum backend backend)
{
	*site = (struct site){ 0 };
	CHECK(arena_init(&site->arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&site->problems, &site->arena);
	site->url = TEXT(":memory:");
	if (backend == IN_MEMORY)
		return;
	snprintf(site->directory, sizeof site->directory, "/tmp/moonbill-store-XXXXXX");
	CHECK(mkdtemp(site->directory) != NULL);
	snprintf(site->path, sizeof site->path, "%s/store.db", site->directory);
	site->url = text_of(site->path);
}

__attribute__((unused)) static void site_open(struct site *site, enum backend backend)
{
	site_make(site, backend);
	site_start(site, NULL);
}

__attribute__((unused)) static void site_stop(struct site *site)
{
	if (site->store)
		store_close(site->store);
	site->store = NULL;
}

/* Ends the process' share of it and removes the directory. */
__attribute__((unused)) static void site_close(struct site *site)
{
	site_stop(site);
	arena_finish(&site->arena);
	if (!site->directory[0])
		return;
	DIR *directory = opendir(site->directory);
	for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(site->directory);
}

/* ---- jobs and reads of one step; their problems are the site's ---- */

typedef bool step_body(struct store_transaction *transaction, void *context);

__attribute__((unused)) static enum store_outcome site_run(struct site *site, int64_t tenant_id, step_body *body, void *context)
{
	struct store_job job = { .tenant_id = tenant_id, .body = body, .context = context,
	                         .arena = &site->arena, .problems = &site->problems };
	return store_run(site->store, &job);
}

__attribute__((unused)) static void site_must_run(struct site *site, int64_t tenant_id, step_body *body, void *context)
{
	enum store_outcome outcome = site_run(site, tenant_id, body, context);
	if (outcome != STORE_COMMITTED)
		site_show_problems(site);
	CHECK_EQ_INT(outcome, STORE_COMMITTED);
}

__attribute__((unused)) static bool site_read(struct site *site, int64_t tenant_id, step_body *body, void *context)
{
	return store_read(site->store, tenant_id, &site->arena, &site->problems, body, context);
}

__attribute__((unused)) static enum problem_code site_last_problem(struct site *site)
{
	struct problem *last = problem_last(&site->problems);
	return last ? last->code : PROBLEM_NONE;
}

/* ---- records filled with something, whatever their fields are ---- */

static void fill_record(const struct record *record, void *value, struct arena *arena, uint64_t *state, bool all);

static void fill_amount(const struct record *record, void *value, const struct record_field *field, uint64_t *state)
{
	const struct currency **currency = record_field_at(&record->fields[record->currency_field], value);
	*currency = currency_find(TEXT("EUR"));
	if (field->kind == KIND_MONEY) {
		*(struct money *)record_field_at(field, value) = money_of(check_between(state, -99999, 99999), *currency);
		return;
	}
	struct exact_money *exact = record_field_at(field, value);
	exact->currency = *currency;
	CHECK(fraction_make(check_between(state, -999, 999), check_between(state, 1, 99), &exact->amount));
}

static void fill_parts(const struct record_field *field, void *at, struct arena *arena, uint64_t *state, bool all)
{
	if (field->kind == KIND_RECORD) {
		*(void **)at = arena_alloc(arena, field->of->size);
		fill_record(field->of, *(void **)at, arena, state, all);
		return;
	}
	struct record_list *list = at;
	int64_t count = field->max < 2 ? field->max : 2;
	for (int64_t i = 0; i < count; i++)
		fill_record(field->of, record_list_grow_(arena, &list->items, &list->count, &list->capacity, field->of->size),
		            arena, state, all);
}

static void fill_field(const struct record *record, void *value, int number, struct arena *arena, uint64_t *state, bool all)
{
	const struct record_field *field = &record->fields[number];
	void *at = record_field_at(field, value);
	int64_t most = field->max < 5000 ? field->max : 5000;
	switch (field->kind) {
	case KIND_ID:
		*(int64_t *)at = check_between(state, 1, 1000000);
		break;
	case KIND_INTEGER:
		*(int64_t *)at = check_between(state, field->min > -5000 ? field->min : -5000, most);
		break;
	case KIND_UUID:
		*(struct uuid *)at = uuid_time_ordered();
		break;
	case KIND_TEXT:
		*(struct text *)at = text_slice(text_format(arena, "%016llx%016llx", (unsigned long long)check_random(state),
		                                            (unsigned long long)check_random(state)), 0, (size_t)(most < 32 ? most : 32));
		break;
	case KIND_JSON:
		*(struct text *)at = TEXT("{\"a\":[1,\"b\"]}");
		break;
	case KIND_DECIMAL:
		*(struct decimal *)at = (struct decimal){ check_between(state, field->min > 0 ? field->min : 0, most), 0 };
		break;
	case KIND_MONEY:
	case KIND_EXACT:
		fill_amount(record, value, field, state);
		break;
	case KIND_CURRENCY:
		*(const struct currency **)at = currency_find(TEXT("EUR"));
		break;
	case KIND_DATE:
		((struct date *)at)->day = (int32_t)check_between(state, 1, DATE_DAY_MAX);
		break;
	case KIND_INSTANT:
		((struct instant *)at)->us = check_between(state, 1, INT64_C(4102444800000000));
		break;
	case KIND_DURATION:
		*(struct duration *)at = (struct duration){ .months = 1, .days = 2 };
		break;
	case KIND_BOOLEAN:
		*(bool *)at = check_between(state, 0, 1);
		break;
	case KIND_CHOICE:
		*(unsigned *)at = 1;
		break;
	case KIND_RECORD:
	case KIND_LIST:
		fill_parts(field, at, arena, state, all);
		break;
	case KIND_RELATION:
		return;
	}
	if (field->presence_offset)
		record_set_present(record, value, number, true);
}

/* Required fields only, or all; of a stored record those with a column. */
static void fill_record(const struct record *record, void *value, struct arena *arena, uint64_t *state, bool all)
{
	for (size_t i = 0; i < record->field_count; i++) {
		unsigned flags = record->fields[i].flags;
		/* What is not written to JSON does not come back from a part. */
		bool kept = record->table ? flags & FIELD_COLUMN : !(flags & (FIELD_SECRET | FIELD_HIDDEN));
		if (kept && (all || (flags & FIELD_REQUIRED)))
			fill_field(record, value, (int)i, arena, state, all);
	}
}

/* An account that can be inserted. */
__attribute__((unused)) static struct account *account_made(struct arena *arena, int64_t id, const char *name)
{
	uint64_t state = (uint64_t)id;
	struct account *account = arena_new(arena, struct account);
	fill_record(&account_record, account, arena, &state, false);
	account->id = id;
	account->name = text_copy(arena, text_of(name));
	return account;
}

/* Inserts an account with the next id; *context = that id. */
__attribute__((unused)) static bool add_account(struct store_transaction *transaction, void *context)
{
	int64_t id = store_new_id(transaction, "account");
	*(int64_t *)context = id;
	return id && store_insert(transaction, &account_record, account_made(store_arena(transaction), id, "Daddy"));
}

static bool count_row(void *context, const struct store_row *row)
{
	(void)row;
	++*(int64_t *)context;
	return true;
}

/* *context = how many accounts the tenant has. */
__attribute__((unused)) static bool count_accounts(struct store_transaction *transaction, void *context)
{
	*(int64_t *)context = 0;
	return store_each(transaction, STATEMENT_ACCOUNT_PAGE, BINDS(bind_integer(0), bind_integer(1000000)), count_row, context);
}

#endif
