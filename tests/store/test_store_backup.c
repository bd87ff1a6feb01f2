/* test_store_backup.c: a copy of a store holds what was committed before it, is one sound file, and disturbs nobody. */
#include "store_site.h"

#include <pthread.h>
#include <stdatomic.h>

enum { PAGE_BYTES = 4096, TENANT = 1 };

struct place {
	struct site site;
	char copy[112];
	struct store_backup made;
};

static void place_open(struct place *place)
{
	site_open(&place->site, IN_A_FILE);
	snprintf(place->copy, sizeof place->copy, "%s/copy.db", place->site.directory);
}

static bool backup(struct place *place)
{
	return store_backup(place->site.store, place->copy, NULL, &place->made, &place->site.problems);
}

static void add(struct place *place)
{
	int64_t id;
	site_must_run(&place->site, TENANT, add_account, &id);
}

static int64_t accounts_in(struct place *place, const char *path)
{
	const struct store_options options = { .read_only = true };
	int64_t count = 0;
	struct store *store = store_open(text_of(path), &options, &place->site.problems);
	CHECK(store != NULL);
	CHECK(store_read(store, TENANT, &place->site.arena, &place->site.problems, count_accounts, &count));
	store_close(store);
	return count;
}

static bool exists(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0;
}

TEST(a_copy_has_what_was_committed_before_it_and_nothing_later)
{
	struct place place;
	place_open(&place);
	add(&place);
	add(&place);
	CHECK(backup(&place));
	add(&place);
	CHECK_EQ_INT(accounts_in(&place, place.copy), 2);
	CHECK_EQ_INT(accounts_in(&place, place.site.path), 3);
	site_close(&place.site);
}

TEST(a_copy_is_one_file_of_its_owner_alone)
{
	struct place place;
	struct stat status;
	char log[128];
	place_open(&place);
	CHECK(backup(&place));
	CHECK(stat(place.copy, &status) == 0 && (status.st_mode & 0777) == 0600);
	CHECK_EQ_INT(place.made.bytes, status.st_size);
	snprintf(log, sizeof log, "%s-wal", place.copy);
	CHECK(!exists(log));
	site_close(&place.site);
}

TEST(a_copy_can_be_opened_as_a_store_and_written_to)
{
	struct place place;
	place_open(&place);
	add(&place);
	CHECK(backup(&place));
	site_stop(&place.site);
	place.site.url = text_of(place.copy);
	site_start(&place.site, NULL);
	add(&place);
	site_close(&place.site);
}

TEST(a_file_that_is_there_is_neither_replaced_nor_removed)
{
	struct place place;
	char byte = 0;
	place_open(&place);
	int file = open(place.copy, O_RDWR | O_CREAT, 0600);
	CHECK(write(file, "x", 1) == 1);
	CHECK(!backup(&place));
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_IO_FAILED);
	CHECK(pread(file, &byte, 1, 0) == 1 && byte == 'x');
	close(file);
	site_close(&place.site);
}

TEST(once_backups_are_ended_none_is_made_and_nothing_is_left)
{
	struct place place;
	place_open(&place);
	store_backups_end(place.site.store);
	CHECK(!backup(&place));
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_BUSY);
	CHECK(!exists(place.copy));
	site_close(&place.site);
}

static bool gone_at_once(void *asked)
{
	++*(int *)asked;
	return true;
}

TEST(a_copy_that_nobody_waits_for_is_given_up)
{
	struct place place;
	int asked = 0;
	const struct store_backup_asker asker = { gone_at_once, &asked };
	place_open(&place);
	CHECK(!store_backup(place.site.store, place.copy, &asker, &place.made, &place.site.problems));
	CHECK_EQ_INT(site_last_problem(&place.site), PROBLEM_BUSY);
	CHECK_EQ_INT(asked, 1);
	CHECK(!exists(place.copy));
	site_close(&place.site);
}

TEST(a_store_in_memory_has_nothing_to_copy)
{
	struct site site;
	struct store_backup made;
	site_open(&site, IN_MEMORY);
	CHECK(!store_backup(site.store, "/nowhere", NULL, &made, &site.problems));
	CHECK_EQ_INT(site_last_problem(&site), PROBLEM_INVALID_VALUE);
	site_close(&site);
}

/* ---- damage ---- */

static void copy_bytes(const char *from, const char *to, long damaged_page)
{
	char page[PAGE_BYTES];
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	CHECK(in && out);
	for (long number = 0; fread(page, 1, sizeof page, in) == sizeof page; number++) {
		if (number == damaged_page)
			memset(page, 0xa5, sizeof page);
		CHECK(fwrite(page, 1, sizeof page, out) == sizeof page);
	}
	CHECK(fclose(in) == 0 && fclose(out) == 0);
}

static bool is_sound(struct place *place, const char *path)
{
	const struct store_options options = { .read_only = true };
	struct store *store = store_open(text_of(path), &options, &place->site.problems);
	bool sound = store && store_is_sound(store, &place->site.problems);
	if (store)
		store_close(store);
	return sound;
}

TEST(a_page_of_garbage_is_noticed_wherever_it_is)
{
	struct place place;
	char damaged[128];
	place_open(&place);
	for (int i = 0; i < 50; i++)
		add(&place);
	CHECK(backup(&place));
	snprintf(damaged, sizeof damaged, "%s/damaged.db", place.site.directory);
	copy_bytes(place.copy, damaged, -1);
	CHECK(is_sound(&place, damaged));
	CHECK(place.made.bytes > 20 * PAGE_BYTES);
	for (long page = 0; page < place.made.bytes / PAGE_BYTES; page++) {
		check_note("page %ld", page + 1);
		copy_bytes(place.copy, damaged, page);
		CHECK(!is_sound(&place, damaged));
	}
	site_close(&place.site);
}

/* ---- under load ---- */

struct writer {
	struct place *place;
	atomic_int committed;
	atomic_bool ends;
};

static void *write_on(void *context)
{
	struct writer *writer = context;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	while (!atomic_load(&writer->ends)) {
		int64_t id;
		struct store_job job = { .tenant_id = TENANT, .body = add_account, .context = &id,
		                         .arena = &arena, .problems = &problems };
		CHECK_EQ_INT(store_run(writer->place->site.store, &job), STORE_COMMITTED);
		atomic_store(&writer->committed, (int)id);
	}
	arena_finish(&arena);
	return NULL;
}

TEST(copies_made_while_others_write_miss_nothing_that_was_answered)
{
	struct place place;
	pthread_t thread;
	place_open(&place);
	struct writer writer = { .place = &place };
	CHECK(pthread_create(&thread, NULL, write_on, &writer) == 0);
	for (int round = 0; round < 20; round++) {
		int before = atomic_load(&writer.committed);
		CHECK(backup(&place));
		int after = atomic_load(&writer.committed);
		int64_t have = accounts_in(&place, place.copy);
		check_note("round %d: %d before, %lld in the copy, %d after", round, before, (long long)have, after);
		CHECK(have >= before && have <= after + 1);
		CHECK(is_sound(&place, place.copy));
		CHECK(unlink(place.copy) == 0);
	}
	atomic_store(&writer.ends, true);
	pthread_join(thread, NULL);
	site_close(&place.site);
}

CHECK_MAIN
